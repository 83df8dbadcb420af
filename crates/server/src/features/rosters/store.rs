//! The only SQL about staffing rules, shifts, assignments and availability.

mod people;
mod watch;

pub use people::{Who, availability, candidates, put_availability};
pub use watch::{Gap, Past, gaps, history, leaders, manned, note_alert, running};

use crate::args;
use crate::features::members::Role;
use crate::features::places::store::path_range;
use crate::platform::db::{DbError, Row, Tx, json};
use domain::ids::{FactId, MemberId, PlaceId, PointId, ShiftId, TeamId};
use domain::points::Hours;
use domain::rosters::{Change, Document, Rule, Slot, Source};
use std::collections::HashMap;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

/// A service point, as far as rosters ask.
#[derive(Debug)]
pub struct Point {
    /// Id.
    pub id: PointId,
    /// When it is open.
    pub hours: Hours,
}

/// Points at or below a place; or only one of them.
///
/// # Errors
/// The storage's.
pub fn points(tx: &Tx<'_>, path: &str, only: Option<PointId>) -> Result<Vec<Point>, DbError> {
    let (from, to) = path_range(path);
    tx.all(
        "select q.id, q.hours from service_point q join place p on p.id = q.place_id
          where p.path >= $1 and p.path < $2 and (q.id = $3 or $3 is null) order by p.path, q.fold",
        args![from, &to, only],
        |row| {
            Ok(Point {
                id: row.get(0)?,
                hours: row.json(1)?,
            })
        },
    )
}

/// The place of a point that `member` holds `role` or higher on or above.
///
/// # Errors
/// The storage's.
pub fn place_of_point(
    tx: &Tx<'_>,
    id: PointId,
    member: MemberId,
    least: Role,
) -> Result<Option<PlaceId>, DbError> {
    let sql = format!(
        "select p.id from service_point q join place p on p.id = q.place_id where q.id = $1 and exists (
           select 1 from member_grant g join place s on s.id = g.place_id
            where g.member_id = $2 and g.role in ({}) and substr(p.path, 1, length(s.path)) = s.path)",
        least.and_above()
    );
    tx.one(&sql, args![id, member], |row| row.get(0))
}

/// A staffing rule with what it was made from.
#[derive(Debug)]
pub struct Ruling {
    /// Id.
    pub id: Uuid,
    /// Of which point.
    pub point: PointId,
    /// The rule.
    pub rule: Rule,
    /// The agreement or order.
    pub source: Document,
    /// First day.
    pub valid_from: Date,
    /// Last day.
    pub valid_to: Option<Date>,
}

/// The rules of a point, by their first day.
///
/// # Errors
/// The storage's.
pub fn rules(tx: &Tx<'_>, point: PointId) -> Result<Vec<Ruling>, DbError> {
    tx.all(
        "select id, point_id, definition, source, valid_from, valid_to from staffing_rule
          where point_id = $1 order by valid_from, id",
        args![point],
        |row| {
            Ok(Ruling {
                id: row.get(0)?,
                point: row.get(1)?,
                rule: row.json(2)?,
                source: row.json(3)?,
                valid_from: row.get(4)?,
                valid_to: row.get(5)?,
            })
        },
    )
}

/// Writes a rule anew or over its old form; whether it was of the same point.
///
/// # Errors
/// The storage's.
pub fn put_rule(tx: &mut Tx<'_>, ruling: &Ruling) -> Result<bool, DbError> {
    let rev = tx.next_rev()?;
    let definition = json(&ruling.rule);
    let written = tx.execute(
        "insert into staffing_rule (id, point_id, definition, source, valid_from, valid_to, rev)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (id) do update set definition = excluded.definition, source = excluded.source,
           valid_from = excluded.valid_from, valid_to = excluded.valid_to, rev = excluded.rev
          where staffing_rule.point_id = excluded.point_id",
        args![
            ruling.id,
            ruling.point,
            &definition,
            &json(&ruling.source),
            ruling.valid_from,
            ruling.valid_to,
            rev
        ],
    )?;
    Ok(written > 0)
}

/// A shift.
#[derive(Clone, Debug, PartialEq)]
pub struct Shift {
    /// Id.
    pub id: ShiftId,
    /// Where.
    pub point: PointId,
    /// Its name.
    pub point_name: String,
    /// The point's place.
    pub place: PlaceId,
    /// Its path.
    pub path: String,
    /// The day it begins on.
    pub day: Date,
    /// From.
    pub starts_at: OffsetDateTime,
    /// To.
    pub ends_at: OffsetDateTime,
    /// With fewer it is a gap.
    pub people_min: u32,
    /// With so many it is full.
    pub people_max: u32,
    /// Skills asked for, by code.
    pub skills: Vec<String>,
    /// Whether it was called off.
    pub cancelled: bool,
    /// The rule that made it.
    pub rule: Option<Uuid>,
}

impl Shift {
    /// Whether it goes on at a moment.
    pub fn is_running(&self, now: OffsetDateTime) -> bool {
        !self.cancelled && self.starts_at <= now && now < self.ends_at
    }
}

const SHIFT: &str = "s.id, s.point_id, q.name, q.place_id, p.path, s.day, s.starts_at, s.ends_at,
       s.people_min, s.people_max, s.skills, s.cancelled_at, s.rule_id";
const SHIFTS: &str =
    "shift s join service_point q on q.id = s.point_id join place p on p.id = q.place_id";

fn shift(row: &Row<'_, '_>) -> Result<Shift, DbError> {
    Ok(Shift {
        id: row.get(0)?,
        point: row.get(1)?,
        point_name: row.get(2)?,
        place: row.get(3)?,
        path: row.get(4)?,
        day: row.get(5)?,
        starts_at: row.get(6)?,
        ends_at: row.get(7)?,
        people_min: row.get(8)?,
        people_max: row.get(9)?,
        skills: row.json(10)?,
        cancelled: row.get::<Option<OffsetDateTime>>(11)?.is_some(),
        rule: row.get(12)?,
    })
}

/// One shift.
///
/// # Errors
/// The storage's.
pub fn find(tx: &Tx<'_>, id: ShiftId) -> Result<Option<Shift>, DbError> {
    let sql = format!("select {SHIFT} from {SHIFTS} where s.id = $1");
    tx.one(&sql, args![id], |row| shift(&row))
}

/// Which shifts to list.
#[derive(Clone, Copy, Debug)]
pub struct Listing<'a> {
    /// At or below this path.
    pub path: &'a str,
    /// Only of this point.
    pub point: Option<PointId>,
    /// Only where this member stands.
    pub member: Option<MemberId>,
    /// From this day.
    pub from: Date,
    /// To this day; without end if absent.
    pub to: Option<Date>,
    /// Only what changed after this revision.
    pub since: i64,
}

const LISTED: &str = "p.path >= $1 and p.path < $2 and (s.point_id = $3 or $3 is null)
    and (exists (select 1 from assignment w where w.shift_id = s.id and w.member_id = $4) or $4 is null)
    and s.day >= $5 and (s.day <= $6 or $6 is null) and s.rev > $7";

/// Shifts in order, with who stands at each.
///
/// # Errors
/// The storage's.
pub fn list(tx: &Tx<'_>, listing: &Listing<'_>) -> Result<Vec<(Shift, Vec<Standing>)>, DbError> {
    let (from, to) = path_range(listing.path);
    let args = args![
        from,
        &to,
        listing.point,
        listing.member,
        listing.from,
        listing.to,
        listing.since
    ];
    let mut people: HashMap<ShiftId, Vec<Standing>> = HashMap::new();
    let sql = format!(
        "select a.shift_id, a.member_id, m.name, a.source, a.offered_at from assignment a
           join member m on m.id = a.member_id join shift s on s.id = a.shift_id
           join service_point q on q.id = s.point_id join place p on p.id = q.place_id
          where {LISTED} order by m.order_key, m.id"
    );
    tx.each(&sql, args, |row| {
        let stands = standing(&row)?;
        people.entry(row.get(0)?).or_default().push(stands);
        Ok::<(), DbError>(())
    })?;
    let sql = format!(
        "select {SHIFT} from {SHIFTS} where {LISTED} order by s.starts_at, p.path, q.fold, s.id"
    );
    let shifts = tx.all(&sql, args, |row| shift(&row))?;
    let with = |shift: Shift| {
        let there = people.remove(&shift.id).unwrap_or_default();
        (shift, there)
    };
    Ok(shifts.into_iter().map(with).collect())
}

/// Shifts from a day on at which a member stands, in order.
///
/// # Errors
/// The storage's.
pub fn of_member(tx: &Tx<'_>, member: MemberId, from: Date) -> Result<Vec<Shift>, DbError> {
    tx.all(
        &format!(
            "select {SHIFT} from {SHIFTS} where s.id in (select shift_id from assignment where member_id = $1) and s.day >= $2
              order by s.starts_at, s.id"
        ),
        args![member, from],
        |row| shift(&row),
    )
}

/// Shifts from a day on at which people stand who are in a team that day, in order, each
/// with their full names.
///
/// # Errors
/// The storage's.
pub fn of_team(
    tx: &Tx<'_>,
    team: TeamId,
    from: Date,
) -> Result<Vec<(Shift, Vec<String>)>, DbError> {
    const IN_TEAM: &str = "t.team_id = $1 and s.day >= $2 and t.since <= s.day and (t.until is null or t.until > s.day)";
    let mut names: HashMap<ShiftId, Vec<String>> = HashMap::new();
    let sql = format!(
        "select distinct a.shift_id, m.name, m.order_key, m.id from team_member t join assignment a on a.member_id = t.member_id
           join shift s on s.id = a.shift_id join member m on m.id = a.member_id
          where {IN_TEAM} order by m.order_key, m.id"
    );
    tx.each(&sql, args![team, from], |row| {
        names.entry(row.get(0)?).or_default().push(row.get(1)?);
        Ok::<(), DbError>(())
    })?;
    let sql = format!(
        "select {SHIFT} from {SHIFTS} where s.id in (select a.shift_id from team_member t join assignment a on a.member_id = t.member_id
            join shift s on s.id = a.shift_id where {IN_TEAM}) order by s.starts_at, s.id"
    );
    let shifts = tx.all(&sql, args![team, from], |row| shift(&row))?;
    let with = |shift: Shift| {
        let there = names.remove(&shift.id).unwrap_or_default();
        (shift, there)
    };
    Ok(shifts.into_iter().map(with).collect())
}

/// Somebody at a shift.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Who.
    pub member: MemberId,
    /// Full name.
    pub name: String,
    /// How they came to it.
    pub source: Source,
    /// Since when they look for somebody to take over.
    pub offered_at: Option<OffsetDateTime>,
}

fn standing(row: &Row<'_, '_>) -> Result<Standing, DbError> {
    Ok(Standing {
        member: row.get(1)?,
        name: row.get(2)?,
        source: row.get(3)?,
        offered_at: row.get(4)?,
    })
}

/// Who stands at a shift, those who look for a swap first, the longest before others.
///
/// # Errors
/// The storage's.
pub fn people(tx: &Tx<'_>, id: ShiftId) -> Result<Vec<Standing>, DbError> {
    tx.all(
        "select a.shift_id, a.member_id, m.name, a.source, a.offered_at from assignment a
           join member m on m.id = a.member_id where a.shift_id = $1
          order by case when a.offered_at is null then 1 else 0 end, a.offered_at, m.order_key, m.id",
        args![id],
        |row| standing(&row),
    )
}

/// Adds a shift that a rule makes, unless one begins there then.
///
/// # Errors
/// The storage's.
pub fn add_shift(
    tx: &mut Tx<'_>,
    id: ShiftId,
    slot: &Slot,
    ruling: &Ruling,
) -> Result<bool, DbError> {
    let rev = tx.next_rev()?;
    let rule = &ruling.rule;
    let made = tx.execute(
        "insert into shift (id, point_id, rule_id, day, starts_at, ends_at, people_min, people_max, skills, rev)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (point_id, starts_at) do nothing",
        args![id, ruling.point, ruling.id, slot.day, slot.starts_at, slot.ends_at,
            rule.people_min, rule.people_max, &json(&rule.skills), rev],
    )?;
    Ok(made > 0)
}

/// Makes a shift what a rule says now.
///
/// # Errors
/// The storage's.
pub fn change_shift(
    tx: &mut Tx<'_>,
    id: ShiftId,
    slot: &Slot,
    ruling: &Ruling,
) -> Result<(), DbError> {
    let rev = tx.next_rev()?;
    let rule = &ruling.rule;
    tx.execute(
        "update shift set rule_id = $2, ends_at = $3, people_min = $4, people_max = $5, skills = $6,
                cancelled_at = null, rev = $7 where id = $1",
        args![id, ruling.id, slot.ends_at, rule.people_min, rule.people_max, &json(&rule.skills), rev],
    )?;
    Ok(())
}

/// Calls a shift off.
///
/// # Errors
/// The storage's.
pub fn cancel_shift(tx: &mut Tx<'_>, id: ShiftId, now: OffsetDateTime) -> Result<(), DbError> {
    let rev = tx.next_rev()?;
    tx.execute(
        "update shift set cancelled_at = $2, rev = $3 where id = $1",
        args![id, now, rev],
    )?;
    Ok(())
}

/// A coming or going.
#[derive(Clone, Debug)]
pub struct Deed {
    /// At which shift.
    pub shift: ShiftId,
    /// Of whom.
    pub member: MemberId,
    /// What.
    pub change: Change,
    /// When.
    pub at: OffsetDateTime,
    /// Who did it.
    pub by: MemberId,
    /// The fact that asked for it.
    pub fact: Option<FactId>,
    /// Why an officer or leader took it away.
    pub reason: Option<String>,
}

/// Writes a coming or going into the assignments and their history.
///
/// # Errors
/// The storage's.
pub fn write(tx: &mut Tx<'_>, deed: &Deed) -> Result<(), DbError> {
    let Deed {
        shift,
        member,
        change,
        at,
        by,
        fact,
        ref reason,
    } = *deed;
    let source = match change {
        Change::SignedUp => Source::SignedUp,
        Change::TakenOver => Source::TakenOver,
        Change::Filled => Source::Filled,
        _ => Source::Assigned,
    };
    match change.stands() {
        Some(true) => tx.execute(
            "insert into assignment (shift_id, member_id, source, at, by_id) values ($1, $2, $3, $4, $5)",
            args![shift, member, source, at, by],
        )?,
        Some(false) => tx.execute(
            "delete from assignment where shift_id = $1 and member_id = $2",
            args![shift, member],
        )?,
        None => tx.execute(
            "update assignment set offered_at = $3 where shift_id = $1 and member_id = $2",
            args![shift, member, (change == Change::Offered).then_some(at)],
        )?,
    };
    tx.execute(
        "insert into assignment_change (shift_id, member_id, change, at, by_id, fact_id, reason)
         values ($1, $2, $3, $4, $5, $6, $7)",
        args![shift, member, change, at, by, fact, reason.as_ref()],
    )?;
    let rev = tx.next_rev()?;
    tx.execute("update shift set rev = $2 where id = $1", args![shift, rev])?;
    Ok(())
}
