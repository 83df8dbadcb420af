//! Who may work at a desk, and which desks somebody looks after.

use crate::args;
use crate::features::places::store::{ids_of, path_range};
use crate::features::rosters;
use crate::platform::db::{DbError, Tx, Value};
use domain::desk::moving::CROWDED_WAITING;
use domain::desk::ticket::TicketStage;
use domain::ids::{MemberId, PlaceId, PointId, TicketId};
use std::collections::{BTreeSet, HashMap};
use time::Date;

/// Whether `member` may work at a point's desk: as one of its place, or because they stand at a
/// shift there on `day`.
///
/// # Errors
/// The storage's.
pub fn may_work(
    tx: &Tx<'_>,
    point: PointId,
    member: MemberId,
    day: Option<Date>,
) -> Result<bool, DbError> {
    let found = tx.one(
        "select 1 from service_point s join place p on p.id = s.place_id where s.id = $1 and (
            exists (select 1 from member_grant g join place h on h.id = g.place_id
                     where g.member_id = $2 and substr(p.path, 1, length(h.path)) = h.path)
            or exists (select 1 from assignment a join shift t on t.id = a.shift_id
                        where a.member_id = $2 and t.point_id = s.id and t.day = $3 and t.cancelled_at is null))",
        args![point, member, day],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// Whether a ticket is of a desk in `place` on `day` at which `member` may work then.
///
/// # Errors
/// The storage's.
pub fn may_serve(
    tx: &Tx<'_>,
    ticket: TicketId,
    member: MemberId,
    (place, day): (&PlaceId, Date),
) -> Result<bool, DbError> {
    let point: Option<PointId> = tx.one(
        "select t.point_id from ticket t join service_point s on s.id = t.point_id
          where t.id = $1 and t.day = $2 and s.place_id = $3",
        args![ticket, day, place],
        |row| row.get(0),
    )?;
    match point {
        Some(point) => may_work(tx, point, member, Some(day)),
        None => Ok(false),
    }
}

/// A point with a desk.
#[derive(Clone, Debug)]
pub struct DeskPoint {
    /// Which.
    pub point: PointId,
    /// Its name.
    pub name: String,
    /// Its place.
    pub place: PlaceId,
    /// That place's path.
    pub path: String,
    /// Where on earth, in millionths of a degree.
    pub at_e6: Option<(i32, i32)>,
}

/// The points in force with a desk at or below a path, by place and name.
///
/// # Errors
/// The storage's.
pub fn desks_below(tx: &Tx<'_>, path: &str, today: Date) -> Result<Vec<DeskPoint>, DbError> {
    let (from, to) = path_range(path);
    let e6 = |value: i64| i32::try_from(value).ok();
    tx.all(
        "select s.id, s.name, s.place_id, p.path, s.lat_e6, s.lon_e6
           from desk d join service_point s on s.id = d.point_id join place p on p.id = s.place_id
          where p.path >= $1 and p.path < $2 and (s.valid_from is null or s.valid_from <= $3)
            and (s.valid_to is null or s.valid_to > $3) order by p.path, s.fold",
        args![from, &to, today],
        |row| {
            let (lat, lon): (Option<i64>, Option<i64>) = (row.get(4)?, row.get(5)?);
            Ok(DeskPoint {
                point: row.get(0)?,
                name: row.get(1)?,
                place: row.get(2)?,
                path: row.get(3)?,
                at_e6: lat.and_then(e6).zip(lon.and_then(e6)),
            })
        },
    )
}

/// The provinces in which a desk's line is long enough for somebody to be sent there, as paths.
///
/// # Errors
/// The storage's.
pub fn provinces_in_need(tx: &Tx<'_>, today: Date) -> Result<BTreeSet<String>, DbError> {
    let paths: Vec<String> = tx.all(
        "select p.path from desk d join service_point s on s.id = d.point_id join place p on p.id = s.place_id
          where (select count(*) from ticket t where t.point_id = d.point_id and t.day = $1 and t.stage = $2) >= $3",
        args![today, TicketStage::Waiting, CROWDED_WAITING as i64],
        |row| row.get(0),
    )?;
    // Below the nation.
    let province = |path: &String| path.split_inclusive('/').take(2).collect();
    Ok(paths.iter().map(province).collect())
}

/// Names of members, and what they are able to do on a day, by code.
///
/// # Errors
/// The storage's.
pub fn able(
    tx: &Tx<'_>,
    members: &BTreeSet<MemberId>,
    on: Date,
) -> Result<HashMap<MemberId, (String, BTreeSet<String>)>, DbError> {
    let keys: Vec<Value<'_>> = members.iter().map(|member| (*member).into()).collect();
    let mut found: HashMap<MemberId, (String, BTreeSet<String>)> = HashMap::new();
    let sql =
        "select k.key, m.name, x.skill, x.since, x.until from {keys} join member m on m.id = k.key
                 left join member_skill x on x.member_id = m.id";
    tx.each_of(sql, &keys, |row| {
        let one = found.entry(row.get(0)?).or_default();
        one.0 = row.get(1)?;
        let (skill, since): (Option<String>, Option<Date>) = (row.get(2)?, row.get(3)?);
        let until: Option<Date> = row.get(4)?;
        let holds = since.is_some_and(|since| since <= on) && until.is_none_or(|until| until >= on);
        one.1.extend(skill.filter(|_| holds));
        Ok::<(), DbError>(())
    })?;
    Ok(found)
}

/// Who may move people between points of a place and below: its leaders and commune officers, or
/// those above; where there are none, as between communes, the officers of the province.
///
/// # Errors
/// The storage's.
pub fn movers(tx: &Tx<'_>, path: &str) -> Result<BTreeSet<MemberId>, DbError> {
    let near = rosters::leaders(tx, path)?;
    if !near.is_empty() {
        return Ok(near);
    }
    let mut found = BTreeSet::new();
    for place in ids_of(path) {
        let here: Vec<MemberId> = tx.all(
            "select g.member_id from member_grant g join member m on m.id = g.member_id
              where g.place_id = $1 and m.active and g.role = 'province_officer'",
            args![&place],
            |row| row.get(0),
        )?;
        found.extend(here);
    }
    Ok(found)
}
