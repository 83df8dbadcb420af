//! What weighs on the desks of a place, measured from shifts, attendance and assists.

use crate::args;
use crate::features::facts::ledger;
use crate::features::places::store::path_range;
use crate::platform::db::{DbError, Tx, unix_ms};
use crate::platform::problem::AppResult;
use domain::attendance::{Direction, Event, pair};
use domain::days::day_of;
use domain::experts::overload::{DAYS_AHEAD, DAYS_BACK, Desk};
use domain::facts::{Body, Setting};
use domain::ids::{FactId, MemberId, PointId};
use std::collections::{BTreeMap, HashMap};
use time::{Date, Duration, OffsetDateTime};

/// Each point at or below a path by name, and what is known of its desk.
///
/// # Errors
/// The storage's.
pub fn measure(
    tx: &Tx<'_>,
    path: &str,
    now: OffsetDateTime,
) -> AppResult<Vec<(PointId, String, Desk)>> {
    let today = day_of(now);
    let yesterday = today - Duration::days(1);
    let back = (today - Duration::days(DAYS_BACK), yesterday);
    let mut desks = points(tx, path, today)?;
    ahead(tx, path, now, &mut desks)?;
    came(tx, path, back, &mut desks)?;
    // Assists do not name their desk, so all desks of a place share what was done at them.
    let (assists, minutes) = (assists(tx, path, back)?, minutes(tx, path, back)?);
    let all = desks.into_iter().map(|(id, (name, desk))| {
        let desk = Desk {
            assists,
            minutes,
            ..desk
        };
        (id, name, desk)
    });
    let mut all: Vec<_> = all.collect();
    all.sort_by_cached_key(|(id, name, _)| (vn::text::fold(name), *id));
    Ok(all)
}

type Desks = BTreeMap<PointId, (String, Desk)>;

const BELOW: &str = "join service_point q on q.id = s.point_id join place p on p.id = q.place_id
    where p.path >= $1 and p.path < $2";

fn points(tx: &Tx<'_>, path: &str, today: Date) -> Result<Desks, DbError> {
    let (from, to) = path_range(path);
    let found = tx.all(
        "select q.id, q.name from service_point q join place p on p.id = q.place_id
          where p.path >= $1 and p.path < $2 and (q.valid_from is null or q.valid_from <= $3)
            and (q.valid_to is null or q.valid_to > $3)",
        args![from, &to, today],
        |row| Ok((row.get(0)?, (row.get(1)?, Desk::default()))),
    )?;
    Ok(found.into_iter().collect())
}

/// People that shifts to come need, and how many of them are missing.
fn ahead(tx: &Tx<'_>, path: &str, now: OffsetDateTime, desks: &mut Desks) -> Result<(), DbError> {
    let (from, to) = path_range(path);
    let last = day_of(now) + Duration::days(DAYS_AHEAD);
    let sql = format!(
        "select s.point_id, s.people_min, (select count(*) from assignment a where a.shift_id = s.id)
           from shift s {BELOW} and s.cancelled_at is null and s.starts_at > $3 and s.day <= $4"
    );
    tx.each(&sql, args![from, &to, now, last], |row| {
        if let Some((_, desk)) = desks.get_mut(&row.get(0)?) {
            let (least, there): (u32, u32) = (row.get(1)?, row.get(2)?);
            desk.needed += least;
            desk.missing += least.saturating_sub(there);
        }
        Ok(())
    })
}

/// People that the days behind needed at once, and of these who came.
fn came(
    tx: &Tx<'_>,
    path: &str,
    (first, last): (Date, Date),
    desks: &mut Desks,
) -> Result<(), DbError> {
    let (from, to) = path_range(path);
    let sql = "select s.point_id, s.day, count(distinct s.member_id) from attendance s";
    let sql = format!(
        "{sql} {BELOW} and s.day >= $3 and s.day <= $4 and s.direction = $5 group by s.point_id, s.day"
    );
    let args = args![from, &to, first, last, Direction::In];
    let there: HashMap<(PointId, Date), u32> = tx
        .all(&sql, args, |row| {
            Ok(((row.get(0)?, row.get(1)?), row.get(2)?))
        })?
        .into_iter()
        .collect();
    let sql = format!(
        "select s.point_id, s.day, max(s.people_min) from shift s {BELOW}
            and s.cancelled_at is null and s.day >= $3 and s.day <= $4 group by s.point_id, s.day"
    );
    tx.each(&sql, args![from, &to, first, last], |row| {
        let (point, day, least): (PointId, Date, u32) = (row.get(0)?, row.get(1)?, row.get(2)?);
        if let Some((_, desk)) = desks.get_mut(&point) {
            let there = there.get(&(point, day)).copied().unwrap_or(0);
            desk.expected += least;
            desk.came += there.min(least);
        }
        Ok(())
    })
}

/// Assists at desks.
fn assists(tx: &Tx<'_>, path: &str, days: (Date, Date)) -> AppResult<u32> {
    let mut count = 0;
    ledger::each_standing(tx, path, days, |stored, _| {
        if let Body::Assist(assist) = &stored.fact.body
            && assist.setting == Setting::Desk
        {
            count += 1;
        }
        Ok(())
    })?;
    Ok(count)
}

/// Minutes that people were at points, from coming to going.
fn minutes(tx: &Tx<'_>, path: &str, (first, last): (Date, Date)) -> Result<u32, DbError> {
    let (from, to) = path_range(path);
    let sql = format!(
        "select s.member_id, s.day, s.at, s.direction, s.fact_id from attendance s {BELOW}
            and s.day >= $3 and s.day <= $4"
    );
    let mut days: HashMap<(MemberId, Date), Vec<Event<FactId>>> = HashMap::new();
    tx.each(&sql, args![from, &to, first, last], |row| {
        let event = Event {
            at_ms: unix_ms(row.get(2)?),
            direction: row.get(3)?,
            of: row.get(4)?,
        };
        days.entry((row.get(0)?, row.get(1)?))
            .or_default()
            .push(event);
        Ok::<(), DbError>(())
    })?;
    let stretches = days.into_values().flat_map(pair);
    let said = stretches.filter(|stretch| stretch.to.is_some());
    let minutes: i64 = said.map(|stretch| stretch.minutes()).sum();
    Ok(u32::try_from(minutes).unwrap_or(u32::MAX))
}
