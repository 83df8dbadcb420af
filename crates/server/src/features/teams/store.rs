//! The only SQL about teams, their decisions and who is in them.

use super::TeamBody;
use crate::args;
use crate::features::places::store::path_range;
use crate::platform::db::{DbError, Row, Tx};
use crate::platform::wire::Day;
use domain::ids::{MemberId, PlaceId, TeamId};
use domain::people::{Origin, Position, RevisionKind};
use domain::teams::Standing;
use std::collections::BTreeMap;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

const COLUMNS: &str = "t.id, t.name, t.kind, t.place_id, t.founded_on, t.dissolved_on";

fn team(row: &Row<'_, '_>) -> Result<TeamBody, DbError> {
    Ok(TeamBody {
        id: row.get(0)?,
        name: row.get(1)?,
        kind: row.get(2)?,
        place_id: row.get(3)?,
        founded_on: row.get::<Option<Date>>(4)?.map(Day),
        dissolved_on: row.get::<Option<Date>>(5)?.map(Day),
    })
}

/// Teams at home at or below `path`, with the registers' revision above `since`.
///
/// # Errors
/// The storage's.
pub fn below(tx: &Tx<'_>, path: &str, since: i64) -> Result<Vec<TeamBody>, DbError> {
    let (from, to) = path_range(path);
    let sql = format!(
        "select {COLUMNS} from team t join place p on p.id = t.place_id
          where p.path >= $1 and p.path < $2 and t.rev > $3 order by p.path, t.fold"
    );
    tx.all(&sql, args![from, &to, since], |row| team(&row))
}

/// Teams at home at or below `path`, each with how many people are in it on a day and who
/// leads it.
///
/// # Errors
/// The storage's.
pub fn lines(
    tx: &Tx<'_>,
    path: &str,
    on: Date,
) -> Result<Vec<(TeamBody, i64, Option<String>)>, DbError> {
    let (from, to) = path_range(path);
    let sql = format!(
        "select {COLUMNS}, coalesce(x.people, 0), x.leader from team t join place p on p.id = t.place_id
           left join (select n.team_id, count(distinct n.member_id) as people,
                             min(case when n.position = 'leader' then m.name end) as leader
                        from team_member n join member m on m.id = n.member_id
                       where n.since <= $3 and (n.until is null or n.until > $3) group by n.team_id) x on x.team_id = t.id
          where p.path >= $1 and p.path < $2 order by p.path, t.fold"
    );
    tx.all(&sql, args![from, &to, on], |row| {
        Ok((team(&row)?, row.get(6)?, row.get(7)?))
    })
}

/// A team.
///
/// # Errors
/// The storage's.
pub fn find(tx: &Tx<'_>, id: TeamId) -> Result<Option<TeamBody>, DbError> {
    let sql = format!("select {COLUMNS} from team t where t.id = $1");
    tx.one(&sql, args![id], |row| team(&row))
}

/// How a team stands: its last decision, and who is in it.
///
/// # Errors
/// The storage's.
pub fn standing(tx: &Tx<'_>, team: &TeamBody) -> Result<Standing, DbError> {
    let last = tx.one(
        "select max(decided_on) from team_revision where team_id = $1",
        args![team.id],
        |row| row.get::<Option<Date>>(0),
    )?;
    let members: Vec<(MemberId, Position)> = tx.all(
        "select member_id, position from team_member where team_id = $1 and until is null",
        args![team.id],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    Ok(Standing {
        founded_on: team.founded_on.map(|day| day.0),
        dissolved_on: team.dissolved_on.map(|day| day.0),
        last_decided_on: last.flatten(),
        members: members.into_iter().collect::<BTreeMap<_, _>>(),
    })
}

/// Somebody's time in a team.
#[derive(Debug)]
pub struct Time {
    /// Who.
    pub member: (Uuid, String),
    /// Who sends them.
    pub origin: Origin,
    /// As what.
    pub position: Position,
    /// First day.
    pub since: Date,
    /// First day no longer.
    pub until: Option<Date>,
    /// The decision that began it.
    pub began_by: Option<Uuid>,
    /// The decision that ended it.
    pub ended_by: Option<Uuid>,
}

/// Everybody's times in a team: leader, deputies, members, each by given name.
///
/// # Errors
/// The storage's.
pub fn times(tx: &Tx<'_>, team: TeamId) -> Result<Vec<Time>, DbError> {
    tx.all(
        "select m.id, m.name, m.origin, x.position, x.since, x.until, x.began_by, x.ended_by
           from team_member x join member m on m.id = x.member_id where x.team_id = $1
          order by case x.position when 'leader' then 0 when 'deputy' then 1 else 2 end, m.order_key, x.since",
        args![team],
        |row| {
            Ok(Time {
                member: (row.get(0)?, row.get(1)?),
                origin: row.get(2)?,
                position: row.get(3)?,
                since: row.get(4)?,
                until: row.get(5)?,
                began_by: row.get(6)?,
                ended_by: row.get(7)?,
            })
        },
    )
}

/// A decision about a team.
#[derive(Debug)]
pub struct Revision {
    /// Id.
    pub id: Uuid,
    /// What it did.
    pub kind: RevisionKind,
    /// Its day.
    pub decided_on: Date,
    /// Its number.
    pub decision_no: String,
    /// Who decided.
    pub issuer: String,
    /// What there is to say.
    pub note: String,
    /// When it was entered.
    pub at: OffsetDateTime,
    /// By whom.
    pub by: String,
}

/// Decisions about a team, the latest first.
///
/// # Errors
/// The storage's.
pub fn revisions(tx: &Tx<'_>, team: TeamId) -> Result<Vec<Revision>, DbError> {
    tx.all(
        "select r.id, r.kind, r.decided_on, r.decision_no, r.issuer, r.note, r.at, m.name
           from team_revision r join member m on m.id = r.by_id where r.team_id = $1 order by r.decided_on desc, r.at desc",
        args![team],
        |row| {
            Ok(Revision {
                id: row.get(0)?,
                kind: row.get(1)?,
                decided_on: row.get(2)?,
                decision_no: row.get(3)?,
                issuer: row.get(4)?,
                note: row.get(5)?,
                at: row.get(6)?,
                by: row.get(7)?,
            })
        },
    )
}

/// The team a decision is about.
///
/// # Errors
/// The storage's.
pub fn decided(tx: &Tx<'_>, revision: Uuid) -> Result<Option<Uuid>, DbError> {
    let sql = "select team_id from team_revision where id = $1";
    tx.one(sql, args![revision], |row| row.get(0))
}

/// Whether another team of the kind was founded in a place by that day.
///
/// # Errors
/// The storage's.
pub fn has_elder(tx: &Tx<'_>, team: &TeamBody, on: Date, place: &PlaceId) -> Result<bool, DbError> {
    let path = tx.one(
        "select path from place where id = $1",
        args![place],
        |row| row.get::<String>(0),
    )?;
    let path = path.unwrap_or_default();
    let (from, to) = path_range(&path);
    let found = tx.one(
        "select 1 from team o join place p on p.id = o.place_id
          where o.kind = $1 and o.id <> $2 and o.founded_on <= $3 and p.path >= $4 and p.path < $5 limit 1",
        args![team.kind, team.id, on, from, &to],
        |row| row.get::<i64>(0),
    )?;
    Ok(found.is_some())
}
