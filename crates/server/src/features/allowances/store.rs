//! The only SQL about allowances.

use crate::args;
use crate::features::places::store::path_range;
use crate::platform::db::{DbError, Row, Tx};
use crate::platform::problem::{AppError, AppResult};
use domain::allowances::{Decision, Policy, Presence};
use domain::ids::{MemberId, PlaceId, TeamId};
use domain::people::TeamKind;
use std::collections::{BTreeMap, BTreeSet};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

/// A policy and where and when it holds.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Id, made by whoever entered it.
    pub id: Uuid,
    /// For teams here and below.
    pub place: PlaceId,
    /// Its place's path.
    pub path: String,
    /// What people call it.
    pub name: String,
    /// The decision it follows from.
    pub source: String,
    /// What it pays.
    pub policy: Policy,
    /// From this day.
    pub valid_from: Date,
    /// Up to, not including, this day.
    pub valid_to: Option<Date>,
}

impl Stored {
    /// Whether it held on any day of a month.
    pub fn held_in(&self, month: Month) -> bool {
        self.valid_from < month.next && self.valid_to.is_none_or(|to| to > month.first)
    }
}

const COLUMNS: &str = "a.id, a.place_id, p.path, a.name, a.source, a.definition, a.valid_from, a.valid_to from allowance_policy a join place p on p.id = a.place_id";

fn read(row: &Row<'_, '_>) -> Result<Stored, DbError> {
    let definition: String = row.get(5)?;
    let policy = serde_json::from_str(&definition).map_err(|fault| DbError::BadData {
        column: 5,
        why: fault.to_string(),
    })?;
    Ok(Stored {
        id: row.get(0)?,
        place: row.get(1)?,
        path: row.get(2)?,
        name: row.get(3)?,
        source: row.get(4)?,
        policy,
        valid_from: row.get(6)?,
        valid_to: row.get(7)?,
    })
}

/// The policy with this id.
///
/// # Errors
/// The storage's.
pub fn find(tx: &Tx<'_>, id: Uuid) -> Result<Option<Stored>, DbError> {
    let sql = format!("select {COLUMNS} where a.id = $1");
    tx.one(&sql, args![id], |row| read(&row))
}

/// Policies that hold at a place: its own and those of the places above it.
///
/// # Errors
/// The storage's.
pub fn at(tx: &Tx<'_>, path: &str) -> Result<Vec<Stored>, DbError> {
    let sql = format!(
        "select {COLUMNS} where substr($1, 1, length(p.path)) = p.path order by a.valid_from desc, a.id"
    );
    tx.all(&sql, args![path], |row| read(&row))
}

/// Keeps a policy, in place of an earlier one with its id.
///
/// # Errors
/// The storage's.
pub fn put(tx: &mut Tx<'_>, new: &Stored) -> AppResult<()> {
    let definition = serde_json::to_string(&new.policy)
        .map_err(|fault| AppError::Internal(fault.to_string()))?;
    let rev = tx.next_rev()?;
    tx.execute(
        "insert into allowance_policy (id, place_id, name, source, definition, valid_from, valid_to, rev)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (id) do update set name = excluded.name, source = excluded.source, definition = excluded.definition,
           valid_from = excluded.valid_from, valid_to = excluded.valid_to, rev = excluded.rev",
        args![new.id, &new.place, &new.name, &new.source, &definition, new.valid_from, new.valid_to, rev],
    )?;
    Ok(())
}

/// The days between the first of a month and the first of the next.
#[derive(Clone, Copy, Debug)]
pub struct Month {
    /// Its first day.
    pub first: Date,
    /// The next month's first day.
    pub next: Date,
}

/// A team of a unit.
#[derive(Clone, Debug)]
pub struct Team {
    /// Id.
    pub id: TeamId,
    /// Name.
    pub name: String,
}

fn kinds(of: &[TeamKind]) -> String {
    let words: Vec<String> = of
        .iter()
        .map(|kind| format!("'{}'", kind.as_str()))
        .collect();
    words.join(", ")
}

/// Teams of these kinds at home at or below `path` in a month, by place and name.
///
/// # Errors
/// The storage's.
pub fn teams(tx: &Tx<'_>, path: &str, of: &[TeamKind], month: Month) -> Result<Vec<Team>, DbError> {
    let (from, to) = path_range(path);
    let sql = format!(
        "select t.id, t.name from team t join place p on p.id = t.place_id
          where p.path >= $1 and p.path < $2 and t.kind in ({})
            and (t.founded_on is null or t.founded_on < $4) and (t.dissolved_on is null or t.dissolved_on > $3)
          order by p.path, t.fold",
        kinds(of)
    );
    tx.all(&sql, args![from, &to, month.first, month.next], |row| {
        Ok(Team {
            id: row.get(0)?,
            name: row.get(1)?,
        })
    })
}

/// Where a member was at work in a month: paths of the teams' places, with their kinds.
///
/// # Errors
/// The storage's.
pub fn workplaces(
    tx: &Tx<'_>,
    member: MemberId,
    month: Month,
) -> Result<Vec<(PlaceId, String, TeamKind)>, DbError> {
    tx.all(
        "select distinct t.place_id, p.path, t.kind from attendance a
           join team t on t.id = a.team_id join place p on p.id = t.place_id
          where a.member_id = $1 and a.day >= $2 and a.day < $3 and a.direction = 'in' and a.standing <> 'doubtful'
          order by p.path, t.kind",
        args![member, month.first, month.next],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
}

/// Days in a month on which people were at work for teams of the policy, everybody's who
/// was so at or below `path` at least once. Doubtful attendance is left out.
///
/// # Errors
/// The storage's.
pub fn presences(
    tx: &Tx<'_>,
    of: &Stored,
    path: &str,
    month: Month,
) -> Result<Vec<Presence>, DbError> {
    let ((whole, whole_to), (here, here_to)) = (path_range(&of.path), path_range(path));
    let kinds = kinds(&of.policy.team_kinds);
    let sql = format!(
        "select distinct a.team_id, a.member_id, a.day from attendance a
           join team t on t.id = a.team_id join place p on p.id = t.place_id
          where a.day >= $1 and a.day < $2 and a.direction = 'in' and a.standing <> 'doubtful'
            and p.path >= $3 and p.path < $4 and t.kind in ({kinds})
            and a.member_id in (
              select b.member_id from attendance b join team u on u.id = b.team_id join place q on q.id = u.place_id
               where b.day >= $1 and b.day < $2 and b.direction = 'in' and b.standing <> 'doubtful'
                 and q.path >= $5 and q.path < $6 and u.kind in ({kinds}))"
    );
    let args = args![month.first, month.next, whole, &whole_to, here, &here_to];
    tx.all(&sql, args, |row| {
        Ok(Presence {
            team: row.get(0)?,
            member: row.get(1)?,
            day: row.get(2)?,
        })
    })
}

/// Other support that people have for a month.
///
/// # Errors
/// The storage's.
pub fn other_support(
    tx: &Tx<'_>,
    month: Month,
) -> Result<BTreeMap<MemberId, BTreeSet<String>>, DbError> {
    let mut found: BTreeMap<MemberId, BTreeSet<String>> = BTreeMap::new();
    tx.each(
        "select member_id, code from other_support where month = $1",
        args![month.first],
        |row| {
            found.entry(row.get(0)?).or_default().insert(row.get(1)?);
            Ok::<(), DbError>(())
        },
    )?;
    Ok(found)
}

/// What was decided about somebody who would be paid twice.
#[derive(Clone, Debug)]
pub struct Decided {
    /// For which team they are paid, if any.
    pub team: Option<TeamId>,
    /// Why.
    pub reason: String,
    /// When.
    pub at: OffsetDateTime,
    /// By whom.
    pub by: String,
}

impl From<&Decided> for Decision {
    fn from(decided: &Decided) -> Self {
        decided.team.map_or(Self::Nobody, Self::Team)
    }
}

/// What was decided about people who would be paid twice.
///
/// # Errors
/// The storage's.
pub fn decisions(
    tx: &Tx<'_>,
    policy: Uuid,
    month: Month,
) -> Result<BTreeMap<MemberId, Decided>, DbError> {
    let rows = tx.all(
        "select d.member_id, d.team_id, d.reason, d.at, m.name from allowance_decision d join member m on m.id = d.by_id
          where d.policy_id = $1 and d.month = $2",
        args![policy, month.first],
        |row| {
            let decided = Decided {
                team: row.get(1)?,
                reason: row.get(2)?,
                at: row.get(3)?,
                by: row.get(4)?,
            };
            Ok((row.get(0)?, decided))
        },
    )?;
    Ok(rows.into_iter().collect())
}

/// Keeps a decision, in place of an earlier one.
///
/// # Errors
/// The storage's.
pub fn decide(
    tx: &mut Tx<'_>,
    (policy, month): (Uuid, Month),
    member: MemberId,
    team: Option<TeamId>,
    reason: &str,
    by: (MemberId, OffsetDateTime),
) -> Result<(), DbError> {
    tx.execute(
        "insert into allowance_decision (policy_id, month, member_id, team_id, reason, at, by_id)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (policy_id, month, member_id) do update set team_id = excluded.team_id,
           reason = excluded.reason, at = excluded.at, by_id = excluded.by_id",
        args![policy, month.first, member, team, reason, by.1, by.0],
    )?;
    Ok(())
}

/// Keeps what a commune adds for a team, in place of what it added before.
///
/// # Errors
/// The storage's.
pub fn top_up(
    tx: &mut Tx<'_>,
    (policy, month): (Uuid, Month),
    team: TeamId,
    vnd: i64,
    by: (MemberId, OffsetDateTime),
) -> Result<(), DbError> {
    tx.execute(
        "insert into allowance_top_up (policy_id, month, team_id, vnd, at, by_id) values ($1, $2, $3, $4, $5, $6)
         on conflict (policy_id, month, team_id) do update set vnd = excluded.vnd, at = excluded.at, by_id = excluded.by_id",
        args![policy, month.first, team, vnd, by.1, by.0],
    )?;
    Ok(())
}

/// Notes that somebody has support from elsewhere for a month; without a note that they
/// do not.
///
/// # Errors
/// The storage's.
pub fn put_other_support(
    tx: &mut Tx<'_>,
    (member, month, code): (MemberId, Month, &str),
    note: Option<&str>,
    by: (MemberId, OffsetDateTime),
) -> Result<(), DbError> {
    match note {
        Some(note) => tx.execute(
            "insert into other_support (member_id, month, code, note, at, by_id) values ($1, $2, $3, $4, $5, $6)
             on conflict (member_id, month, code) do update set note = excluded.note",
            args![member, month.first, code, note, by.1, by.0],
        )?,
        None => tx.execute(
            "delete from other_support where member_id = $1 and month = $2 and code = $3",
            args![member, month.first, code],
        )?,
    };
    Ok(())
}

/// What communes add for their teams.
///
/// # Errors
/// The storage's.
pub fn top_ups(tx: &Tx<'_>, policy: Uuid, month: Month) -> Result<BTreeMap<TeamId, i64>, DbError> {
    let rows = tx.all(
        "select team_id, vnd from allowance_top_up where policy_id = $1 and month = $2",
        args![policy, month.first],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    Ok(rows.into_iter().collect())
}

/// A locked list as it was.
#[derive(Clone, Debug)]
pub struct Locked {
    /// JSON of what was listed, see `queries::Kept`.
    pub content: String,
    /// When.
    pub at: OffsetDateTime,
    /// By whom.
    pub by: String,
}

/// The locked list of a commune's month.
///
/// # Errors
/// The storage's.
pub fn locked(
    tx: &Tx<'_>,
    policy: Uuid,
    place: &PlaceId,
    month: Month,
) -> Result<Option<Locked>, DbError> {
    tx.one(
        "select s.content, s.at, m.name from allowance_sheet s join member m on m.id = s.by_id
          where s.policy_id = $1 and s.place_id = $2 and s.month = $3",
        args![policy, place, month.first],
        |row| {
            Ok(Locked {
                content: row.get(0)?,
                at: row.get(1)?,
                by: row.get(2)?,
            })
        },
    )
}

/// Whether any commune of these teams has locked its month.
///
/// # Errors
/// The storage's.
pub fn is_locked_for(
    tx: &Tx<'_>,
    policy: Uuid,
    month: Month,
    teams: &[TeamId],
) -> Result<bool, DbError> {
    for team in teams {
        let found = tx.one(
            "select 1 from allowance_sheet s join team t on t.place_id = s.place_id
              where s.policy_id = $1 and s.month = $2 and t.id = $3",
            args![policy, month.first, *team],
            |row| row.get::<i64>(0),
        )?;
        if found.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Locks a list; `false` when it was locked before.
///
/// # Errors
/// The storage's.
pub fn lock(
    tx: &mut Tx<'_>,
    key: (Uuid, &PlaceId, Month),
    content: &str,
    total_vnd: i64,
    by: (MemberId, OffsetDateTime),
) -> Result<bool, DbError> {
    let (policy, place, month) = key;
    let made = tx.execute(
        "insert into allowance_sheet (policy_id, place_id, month, content, total_vnd, at, by_id)
         values ($1, $2, $3, $4, $5, $6, $7) on conflict (policy_id, place_id, month) do nothing",
        args![policy, place, month.first, content, total_vnd, by.1, by.0],
    )?;
    Ok(made == 1)
}
