//! The only SQL about cards.

use crate::args;
use crate::features::activities::store::{self as activities, Activity};
use crate::features::places::store::NAMED;
use crate::platform::db::{DbError, Row, Tx};
use domain::activities::ActivityKind;
use domain::certificates::Code;
use domain::days::VIETNAM;
use domain::ids::{MemberId, PlaceId, TeamId};
use domain::people::TeamKind;
use time::{Date, Duration, OffsetDateTime, Time};

/// A card.
#[derive(Clone, Debug)]
pub struct Card {
    /// What is scanned.
    pub code: Code,
    /// Whose.
    pub member: MemberId,
    /// Their name.
    pub name: String,
    /// Whether they may sign in; who may not helps nobody either.
    pub active: bool,
    /// Since when it holds.
    pub issued_at: OffsetDateTime,
    /// Whether it holds no more.
    pub ended: bool,
}

const COLUMNS: &str = "c.code, c.member_id, m.name, m.active, c.issued_at, c.ended_at
    from volunteer_card c join member m on m.id = c.member_id";

fn read(row: &Row<'_, '_>) -> Result<Card, DbError> {
    let code = Code::parse(&row.get::<String>(0)?).ok_or_else(|| DbError::BadData {
        column: 0,
        why: "no code".to_owned(),
    })?;
    Ok(Card {
        code,
        member: row.get(1)?,
        name: row.get(2)?,
        active: row.get(3)?,
        issued_at: row.get(4)?,
        ended: row.get::<Option<OffsetDateTime>>(5)?.is_some(),
    })
}

/// The card with this code.
///
/// # Errors
/// The storage's.
pub fn by_code(tx: &Tx<'_>, code: &Code) -> Result<Option<Card>, DbError> {
    let sql = format!("select {COLUMNS} where c.code = $1");
    tx.one(&sql, args![code.as_str()], |row| read(&row))
}

/// The card of a member that holds.
///
/// # Errors
/// The storage's.
pub fn of_member(tx: &Tx<'_>, member: MemberId) -> Result<Option<Card>, DbError> {
    let sql = format!("select {COLUMNS} where c.member_id = $1 and c.ended_at is null");
    tx.one(&sql, args![member], |row| read(&row))
}

/// Whether a member ever had a card.
///
/// # Errors
/// The storage's.
pub fn had_one(tx: &Tx<'_>, member: MemberId) -> Result<bool, DbError> {
    let sql = "select exists (select 1 from volunteer_card where member_id = $1)";
    Ok(tx
        .one(sql, args![member], |row| row.get(0))?
        .unwrap_or(false))
}

/// Makes a card, unless the member has one.
///
/// # Errors
/// The storage's.
pub fn insert(
    tx: &mut Tx<'_>,
    code: &Code,
    member: MemberId,
    (by, at): (MemberId, OffsetDateTime),
) -> Result<(), DbError> {
    tx.execute(
        "insert into volunteer_card (code, member_id, issued_at, issued_by) values ($1, $2, $3, $4)
         on conflict (member_id) where ended_at is null do nothing",
        args![code.as_str(), member, at, by],
    )?;
    Ok(())
}

/// Ends a card; one that ended before stays so.
///
/// # Errors
/// The storage's.
pub fn end(
    tx: &mut Tx<'_>,
    code: &Code,
    (by, at): (MemberId, OffsetDateTime),
) -> Result<(), DbError> {
    tx.execute(
        "update volunteer_card set ended_at = $2, ended_by = $3 where code = $1 and ended_at is null",
        args![code.as_str(), at, by],
    )?;
    Ok(())
}

/// A team as a card names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardTeam {
    /// Id.
    pub id: TeamId,
    /// Name.
    pub name: String,
    /// Its kind.
    pub kind: TeamKind,
    /// Where it is at home.
    pub place_id: PlaceId,
    /// Its name with the kind.
    pub place: String,
    /// That place's path.
    pub path: String,
}

/// Teams that a member is in on a day: by the roll, or because their role is in it.
///
/// # Errors
/// The storage's.
pub fn teams(tx: &Tx<'_>, member: MemberId, on: Date) -> Result<Vec<CardTeam>, DbError> {
    let sql = format!(
        "select t.id, t.name, t.kind, p.id, n.full_name, p.path from {NAMED} join team t on t.place_id = p.id
          where (t.dissolved_on is null or t.dissolved_on > $1)
            and (t.id in (select team_id from member_grant where member_id = $2)
              or t.id in (select team_id from team_member where member_id = $2
                           and since <= $1 and (until is null or until > $1)))
          order by t.fold, t.id"
    );
    tx.all(&sql, args![on, member], |row| {
        Ok(CardTeam {
            id: row.get(0)?,
            name: row.get(1)?,
            kind: row.get(2)?,
            place_id: row.get(3)?,
            place: row.get(4)?,
            path: row.get(5)?,
        })
    })
}

/// Active members who are in a team on a day, in the order of people.
///
/// # Errors
/// The storage's.
pub fn people(tx: &Tx<'_>, team: TeamId, on: Date) -> Result<Vec<MemberId>, DbError> {
    tx.all(
        "select m.id from member m where m.active
            and (exists (select 1 from member_grant g where g.member_id = m.id and g.team_id = $1)
              or exists (select 1 from team_member r where r.member_id = m.id and r.team_id = $1
                          and r.since <= $2 and (r.until is null or r.until > $2)))
          order by m.order_key, m.id",
        args![team, on],
        |row| row.get(0),
    )
}

/// What a team does among residents and may do on a day: its own activities, not those for
/// everybody in a whole province, and no meetings or trainings.
///
/// # Errors
/// The storage's.
pub fn activities(tx: &Tx<'_>, team: &CardTeam, on: Date) -> Result<Vec<Activity>, DbError> {
    let begins = on.with_time(Time::MIDNIGHT).assume_offset(VIETNAM);
    let ids = tx.all(
        "select a.id from activity a join place p on p.id = a.place_id
          where a.cancelled_at is null and a.kind not in ($1, $2) and a.starts_at < $3
            and (a.starts_at >= $4 or a.recurrence <> '' or exists (select 1 from occurrence o where o.activity_id = a.id))
            and (substr($5, 1, length(p.path)) = p.path
              or exists (select 1 from activity_team t where t.activity_id = a.id and t.team_id = $6))",
        args![
            ActivityKind::Meeting,
            ActivityKind::Training,
            begins + Duration::DAY,
            begins,
            &team.path,
            team.id
        ],
        |row| row.get(0),
    )?;
    let mut found = Vec::new();
    for id in ids {
        found.extend(activities::find(tx, id)?.filter(|activity| {
            let crew = activity.crew();
            let open = crew.is_open() && activity.path == team.path;
            open || crew.has(team.id, team.kind, &team.path)
        }));
    }
    Ok(found)
}
