//! Gaps that come near, who is to hear of them, and what became of shifts.

use super::{Listing, SHIFT, SHIFTS, Shift, Standing, list, shift};
use crate::args;
use crate::features::places::store::{ids_of, path_range};
use crate::platform::db::{DbError, Tx, unix_ms};
use domain::attendance::{Direction, Event, pair};
use domain::ids::{FactId, MemberId, PointId, ShiftId};
use domain::rosters::coverage::Manned;
use domain::rosters::{ALERTS_H, Change, Rule};
use std::collections::{BTreeSet, HashMap, HashSet};
use time::{Date, Duration, OffsetDateTime};

/// A shift that lacks people.
#[derive(Debug)]
pub struct Gap {
    /// Which.
    pub shift: Shift,
    /// How many it lacks.
    pub missing: u32,
    /// When its gap is told, in hours before it.
    pub alerts_h: Vec<u32>,
    /// The last of these at which it was.
    pub alerted_h: Option<u32>,
}

/// Shifts that begin within the longest alert from now on and lack people; or only one.
///
/// # Errors
/// The storage's.
pub fn gaps(tx: &Tx<'_>, only: Option<ShiftId>, now: OffsetDateTime) -> Result<Vec<Gap>, DbError> {
    let until = now + Duration::hours(Rule::ALERT_H_MAX.into());
    let days = [now, until].map(domain::days::day_of);
    let sql = format!(
        "select {SHIFT}, s.alerted_h, r.definition, (select count(*) from assignment a where a.shift_id = s.id)
           from {SHIFTS} left join staffing_rule r on r.id = s.rule_id
          where s.day >= $1 and s.day <= $2 and s.starts_at > $3 and s.starts_at <= $4 and s.cancelled_at is null
            and (s.id = $5 or $5 is null)
            and s.people_min > (select count(*) from assignment a where a.shift_id = s.id)
          order by s.starts_at, s.id"
    );
    tx.all(&sql, args![days[0], days[1], now, until, only], |row| {
        let shift = shift(&row)?;
        let there: u32 = row.get(15)?;
        let rule = row.get::<Option<String>>(14)?;
        let rule = rule.map(|_| row.json::<Rule>(14)).transpose()?;
        Ok(Gap {
            missing: shift.people_min.saturating_sub(there),
            shift,
            alerted_h: row.get(13)?,
            alerts_h: rule.map_or_else(|| ALERTS_H.to_vec(), |rule| rule.alerts_h),
        })
    })
}

/// Notes that a shift's gap was told.
///
/// # Errors
/// The storage's.
pub fn note_alert(tx: &mut Tx<'_>, id: ShiftId, alert_h: u32) -> Result<(), DbError> {
    let sql = "update shift set alerted_h = $2 where id = $1";
    tx.execute(sql, args![id, alert_h])?;
    Ok(())
}

/// The leaders and commune officers on or above a path.
///
/// # Errors
/// The storage's.
pub fn leaders(tx: &Tx<'_>, path: &str) -> Result<BTreeSet<MemberId>, DbError> {
    let mut found = BTreeSet::new();
    for place in ids_of(path) {
        let here: Vec<MemberId> = tx.all(
            "select g.member_id from member_grant g join member m on m.id = g.member_id
              where g.place_id = $1 and m.active and g.role in ('leader', 'commune_officer')",
            args![&place],
            |row| row.get(0),
        )?;
        found.extend(here);
    }
    Ok(found)
}

/// The shifts at or below a path that go on at a moment, with who stands at each.
///
/// # Errors
/// The storage's.
pub fn running(
    tx: &Tx<'_>,
    path: &str,
    now: OffsetDateTime,
) -> Result<Vec<(Shift, Vec<Standing>)>, DbError> {
    let today = domain::days::day_of(now);
    let listing = Listing {
        path,
        point: None,
        member: None,
        // What began last night goes on.
        from: today - Duration::DAY,
        to: Some(today),
        since: -1,
    };
    let mut found = list(tx, &listing)?;
    found.retain(|(shift, _)| shift.is_running(now));
    Ok(found)
}

/// A coming or going, as the history of a shift shows it.
#[derive(Debug)]
pub struct Past {
    /// Of whom.
    pub member: (MemberId, String),
    /// What.
    pub change: Change,
    /// When.
    pub at: OffsetDateTime,
    /// Who did it.
    pub by: (MemberId, String),
    /// Why, if somebody said.
    pub reason: Option<String>,
}

/// Everybody's comings and goings at a shift, the last first.
///
/// # Errors
/// The storage's.
pub fn history(tx: &Tx<'_>, id: ShiftId) -> Result<Vec<Past>, DbError> {
    tx.all(
        "select c.member_id, m.name, c.change, c.at, c.by_id, b.name, c.reason from assignment_change c
           join member m on m.id = c.member_id join member b on b.id = c.by_id
          where c.shift_id = $1 order by c.id desc",
        args![id],
        |row| {
            Ok(Past {
                member: (row.get(0)?, row.get(1)?),
                change: row.get(2)?,
                at: row.get(3)?,
                by: (row.get(4)?, row.get(5)?),
                reason: row.get(6)?,
            })
        },
    )
}

/// When somebody was at a point, Unix milliseconds.
type Stay = (MemberId, i64, i64);

/// Who was at the points at or below a path on some days. Whoever never said that they
/// left is taken to have stayed as long as attendance assumes.
fn stays(
    tx: &Tx<'_>,
    path: &str,
    (from, to): (Date, Date),
) -> Result<HashMap<(PointId, Date), Vec<Stay>>, DbError> {
    let (low, high) = path_range(path);
    let mut events: HashMap<(PointId, Date, MemberId), Vec<Event<FactId>>> = HashMap::new();
    tx.each(
        "select t.point_id, t.day, t.member_id, t.at, t.direction, t.fact_id from attendance t
           join place p on p.id = t.place_id
          where p.path >= $1 and p.path < $2 and t.day >= $3 and t.day <= $4 and t.point_id is not null",
        args![low, &high, from, to],
        |row| {
            let whose = (row.get(0)?, row.get(1)?, row.get(2)?);
            events.entry(whose).or_default().push(Event {
                at_ms: unix_ms(row.get(3)?),
                direction: row.get::<Direction>(4)?,
                of: row.get(5)?,
            });
            Ok::<(), DbError>(())
        },
    )?;
    let mut stays: HashMap<(PointId, Date), Vec<Stay>> = HashMap::new();
    for ((point, day, member), events) in events {
        let there = stays.entry((point, day)).or_default();
        there.extend(pair(events).into_iter().map(|stretch| {
            let left = stretch.to.map(|to| to.at_ms);
            let to_ms = left.unwrap_or_else(|| stretch.assumed_end_ms(None));
            (member, stretch.from.at_ms, to_ms)
        }));
    }
    Ok(stays)
}

/// The shifts of some days at or below a path, with how many were given each and came.
///
/// # Errors
/// The storage's.
pub fn manned(
    tx: &Tx<'_>,
    path: &str,
    point: Option<PointId>,
    days: (Date, Date),
    now: OffsetDateTime,
) -> Result<Vec<Manned>, DbError> {
    let stays = stays(tx, path, days)?;
    let (low, high) = path_range(path);
    let sql = format!(
        "select {SHIFT}, (select count(*) from assignment a where a.shift_id = s.id) from {SHIFTS}
          where p.path >= $1 and p.path < $2 and s.day >= $3 and s.day <= $4 and s.cancelled_at is null
            and (s.point_id = $5 or $5 is null)"
    );
    tx.all(&sql, args![low, &high, days.0, days.1, point], |row| {
        let shift = shift(&row)?;
        let (from_ms, to_ms) = (unix_ms(shift.starts_at), unix_ms(shift.ends_at));
        let there = stays.get(&(shift.point, shift.day)).into_iter().flatten();
        let met = there.filter(|(_, came_ms, left_ms)| *came_ms < to_ms && *left_ms > from_ms);
        let people: HashSet<MemberId> = met.map(|(member, ..)| *member).collect();
        let came = u32::try_from(people.len()).unwrap_or(u32::MAX);
        Ok(Manned {
            point: shift.point,
            day: shift.day,
            people_min: shift.people_min,
            given: row.get(13)?,
            came: (shift.ends_at <= now).then_some(came),
        })
    })
}
