//! The only SQL about comings and goings, and about the codes of points.

use crate::args;
use crate::features::members::Role;
use crate::features::places::store::path_range;
use crate::platform::db::{self, DbError, Tx};
use crate::platform::problem::{AppError, AppResult};
use domain::attendance::{Direction, Doubt, Standing};
use domain::facts::{Attendance, Fact};
use domain::ids::{ActivityId, FactId, MemberId, PlaceId, PointId, TeamId};
use domain::people::TeamKind;
use domain::points::Hours;
use time::{Date, Duration, OffsetDateTime};
use uuid::Uuid;

/// Where somebody came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Site {
    /// A service point.
    Point(PointId),
    /// An activity.
    Activity(ActivityId),
}

impl Site {
    /// Of an attendance, which names one of both.
    pub fn of(attendance: &Attendance) -> Self {
        match (attendance.point, attendance.activity) {
            (Some(point), _) => Self::Point(point),
            (None, activity) => Self::Activity(activity.unwrap_or(ActivityId(Uuid::nil()))),
        }
    }

    /// Its id, whichever it is.
    pub fn id(self) -> Uuid {
        match self {
            Self::Point(id) => id.0,
            Self::Activity(id) => id.0,
        }
    }

    fn columns(self) -> (Option<PointId>, Option<ActivityId>) {
        match self {
            Self::Point(id) => (Some(id), None),
            Self::Activity(id) => (None, Some(id)),
        }
    }
}

/// A row of `attendance`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The fact that says it.
    pub fact: FactId,
    /// Who.
    pub member: MemberId,
    /// For which team.
    pub team: Option<TeamId>,
    /// The place that the point or activity lies in.
    pub place: PlaceId,
    /// Where.
    pub site: Site,
    /// The civil day.
    pub day: Date,
    /// When.
    pub at: OffsetDateTime,
    /// Coming or going.
    pub direction: Direction,
    /// How far it is believed.
    pub standing: Standing,
    /// What speaks against it.
    pub doubts: Vec<Doubt>,
}

const COLUMNS: &str = "a.fact_id, a.member_id, a.team_id, a.place_id, a.point_id, a.activity_id, a.day, a.at, a.direction, a.standing, a.why";

fn read(row: &db::Row<'_, '_>) -> Result<Row, DbError> {
    let team: TeamId = row.get(2)?;
    let site = match (row.get(4)?, row.get(5)?) {
        (Some(point), _) => Site::Point(point),
        (None, Some(activity)) => Site::Activity(activity),
        (None, None) => {
            let why = "neither point nor activity".to_owned();
            return Err(DbError::BadData { column: 4, why });
        }
    };
    Ok(Row {
        fact: row.get(0)?,
        member: row.get(1)?,
        team: Some(team).filter(|team| *team != TeamId::NONE),
        place: row.get(3)?,
        site,
        day: row.get(6)?,
        at: row.get(7)?,
        direction: row.get(8)?,
        standing: row.get(9)?,
        doubts: row
            .get::<String>(10)?
            .split(',')
            .filter_map(Doubt::parse)
            .collect(),
    })
}

/// Writes a row.
///
/// # Errors
/// The storage's.
pub fn insert(tx: &mut Tx<'_>, row: &Row) -> Result<(), DbError> {
    let (point, activity) = row.site.columns();
    let why: Vec<&str> = row.doubts.iter().map(|doubt| doubt.as_str()).collect();
    tx.execute(
        "insert into attendance (fact_id, member_id, team_id, place_id, point_id, activity_id, day, at, direction, standing, why)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        args![
            row.fact,
            row.member,
            row.team.unwrap_or(TeamId::NONE),
            &row.place,
            point,
            activity,
            row.day,
            row.at,
            row.direction,
            row.standing,
            &why.join(",")
        ],
    )?;
    Ok(())
}

/// Removes the row of a fact.
///
/// # Errors
/// The storage's.
pub fn delete(tx: &mut Tx<'_>, fact: FactId) -> Result<(), DbError> {
    tx.execute("delete from attendance where fact_id = $1", args![fact])?;
    Ok(())
}

/// Calls `each` for every row there is.
///
/// # Errors
/// The storage's, or `each`'s.
pub fn each(tx: &Tx<'_>, mut each: impl FnMut(Row)) -> Result<(), DbError> {
    let sql = format!("select {COLUMNS} from attendance a");
    tx.each(&sql, args![], |row| {
        each(read(&row)?);
        Ok(())
    })
}

/// A service point, as far as checking in needs it.
#[derive(Debug)]
pub struct Point {
    /// Its place.
    pub place: PlaceId,
    /// Its name.
    pub name: String,
    /// When it is open.
    pub hours: Hours,
    /// First day, and first day no longer.
    pub period: (Option<Date>, Option<Date>),
}

/// The point with this id.
///
/// # Errors
/// The storage's.
pub fn point(tx: &Tx<'_>, id: PointId) -> Result<Option<Point>, DbError> {
    tx.one(
        "select place_id, name, hours, valid_from, valid_to from service_point where id = $1",
        args![id],
        |row| {
            Ok(Point {
                place: row.get(0)?,
                name: row.get(1)?,
                // Hours that say nothing we understand doubt nobody.
                hours: row.json(2)?,
                period: (row.get(3)?, row.get(4)?),
            })
        },
    )
}

/// Whether an activity that was not called off is in a place or one above it: all teams of
/// a province go out on its Sundays, each at home.
///
/// # Errors
/// The storage's.
pub fn takes_place_at(tx: &Tx<'_>, id: ActivityId, place: &PlaceId) -> Result<bool, DbError> {
    let found = tx.one(
        "select 1 from activity c join place p on p.id = c.place_id join place h on h.id = $2
          where c.id = $1 and c.cancelled_at is null and substr(h.path, 1, length(p.path)) = p.path",
        args![id, place],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// The secrets that a point's codes were made from at a moment.
///
/// # Errors
/// The storage's.
pub fn secrets(tx: &Tx<'_>, id: PointId, at: OffsetDateTime) -> Result<Vec<Vec<u8>>, DbError> {
    tx.all(
        "select secret from service_point where id = $1
         union all select secret from point_key where point_id = $1 and until > $2",
        args![id, at],
        |row| row.get(0),
    )
}

/// Gives a point another secret; codes of the one before are good for what was recorded
/// until now.
///
/// # Errors
/// The storage's.
pub fn rekey(
    tx: &mut Tx<'_>,
    id: PointId,
    secret: &[u8],
    now: OffsetDateTime,
) -> Result<(), DbError> {
    tx.execute(
        "insert into point_key (point_id, secret, until) select id, secret, $2 from service_point where id = $1
         on conflict (point_id, until) do nothing",
        args![id, now],
    )?;
    tx.execute(
        "update service_point set secret = $2 where id = $1",
        args![id, secret],
    )?;
    Ok(())
}

/// The secrets that the codes shown at an activity were made from at a moment.
///
/// # Errors
/// The storage's.
pub fn activity_secrets(
    tx: &Tx<'_>,
    id: ActivityId,
    at: OffsetDateTime,
) -> Result<Vec<Vec<u8>>, DbError> {
    tx.all(
        "select secret from activity_key where activity_id = $1 and (until is null or until > $2)",
        args![id, at],
        |row| row.get(0),
    )
}

/// Gives an activity a secret, and another one the next time, as [`rekey`] does for a point.
///
/// # Errors
/// The storage's.
pub fn rekey_activity(
    tx: &mut Tx<'_>,
    id: ActivityId,
    secret: &[u8],
    now: OffsetDateTime,
) -> Result<(), DbError> {
    tx.execute(
        "update activity_key set until = $2 where activity_id = $1 and until is null",
        args![id, now],
    )?;
    tx.execute(
        "insert into activity_key (activity_id, secret) values ($1, $2)",
        args![id, secret],
    )?;
    Ok(())
}

/// Of some activities, those at which a code is shown.
///
/// # Errors
/// The storage's.
pub fn with_codes(tx: &Tx<'_>, near: &[Named]) -> Result<Vec<Uuid>, DbError> {
    let keys: Vec<db::Value<'_>> = near
        .iter()
        .map(|one| db::Value::from(one.site.id()))
        .collect();
    let mut found = Vec::new();
    let sql = "select a.activity_id from {keys} join activity_key a on a.activity_id = k.key where a.until is null";
    tx.each_of(sql, &keys, |row| {
        found.push(row.get(0)?);
        Ok::<(), DbError>(())
    })?;
    Ok(found)
}

/// A member's shifts at a point on a day.
///
/// # Errors
/// The storage's.
pub fn shifts(
    tx: &Tx<'_>,
    member: MemberId,
    point: PointId,
    day: Date,
) -> Result<Vec<(OffsetDateTime, OffsetDateTime)>, DbError> {
    tx.all(
        "select s.starts_at, s.ends_at from shift s join assignment a on a.shift_id = s.id
          where a.member_id = $1 and s.point_id = $2 and s.day = $3 and s.cancelled_at is null",
        args![member, point, day],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// When a member came somewhere else on the day of a fact.
///
/// # Errors
/// The storage's.
pub fn arrivals_elsewhere(
    tx: &Tx<'_>,
    attendance: &Attendance,
    fact: &Fact,
) -> Result<Vec<OffsetDateTime>, DbError> {
    let here = Site::of(attendance);
    let rows = of_member(tx, attendance.member, (fact.day(), fact.day()))?;
    let elsewhere = rows
        .iter()
        .filter(|row| row.site != here && row.direction == Direction::In && row.fact != fact.id);
    Ok(elsewhere.map(|row| row.at).collect())
}

/// Whether a member is in a team on a day: by the roll, or because their role is in it.
///
/// # Errors
/// The storage's.
pub fn is_in_team(tx: &Tx<'_>, member: MemberId, team: TeamId, day: Date) -> Result<bool, DbError> {
    let found = tx.one(
        "select 1 where exists (select 1 from member_grant where member_id = $1 and team_id = $2)
           or exists (select 1 from team_member where member_id = $1 and team_id = $2
                       and since <= $3 and (until is null or until > $3))",
        args![member, team, day],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// Whether a member leads a team, or is an officer above it.
///
/// # Errors
/// The storage's.
pub fn leads(tx: &Tx<'_>, member: MemberId, team: TeamId) -> Result<bool, DbError> {
    let sql = format!(
        "select 1 from team t join place p on p.id = t.place_id where t.id = $2 and exists (
           select 1 from member_grant g join place s on s.id = g.place_id
            where g.member_id = $1 and g.role in ({}) and substr(p.path, 1, length(s.path)) = s.path
              and (g.team_id is null or g.team_id = t.id or g.role <> 'leader'))",
        Role::Leader.and_above()
    );
    Ok(tx.one(&sql, args![member, team], |_| Ok(()))?.is_some())
}

/// What a member's comings and goings were, from the first day to the last.
///
/// # Errors
/// The storage's.
pub fn of_member(
    tx: &Tx<'_>,
    member: MemberId,
    (first, last): (Date, Date),
) -> Result<Vec<Row>, DbError> {
    let sql = format!(
        "select {COLUMNS} from attendance a
          where a.member_id = $1 and a.day >= $2 and a.day <= $3 order by a.at, a.fact_id"
    );
    tx.all(&sql, args![member, first, last], |row| read(&row))
}

/// The same of everybody who came for a team.
///
/// # Errors
/// The storage's.
pub fn of_team(
    tx: &Tx<'_>,
    team: TeamId,
    (first, last): (Date, Date),
) -> Result<Vec<Row>, DbError> {
    let sql = format!(
        "select {COLUMNS} from attendance a
          where a.team_id = $1 and a.day >= $2 and a.day <= $3 order by a.at, a.fact_id"
    );
    tx.all(&sql, args![team, first, last], |row| read(&row))
}

/// The same of everybody at or below a path on a day.
///
/// # Errors
/// The storage's.
pub fn below(tx: &Tx<'_>, path: &str, day: Date) -> Result<Vec<Row>, DbError> {
    let (from, to) = path_range(path);
    let sql = format!(
        "select {COLUMNS} from place p join attendance a on a.place_id = p.id
          where p.path >= $1 and p.path < $2 and a.day = $3 order by a.at, a.fact_id"
    );
    tx.all(&sql, args![from, &to, day], |row| read(&row))
}

/// What is doubtful of those at or below a path, newest first.
///
/// # Errors
/// The storage's.
pub fn doubtful_below(
    tx: &Tx<'_>,
    path: &str,
    (first, last): (Date, Date),
    max: i64,
) -> Result<Vec<Row>, DbError> {
    let (from, to) = path_range(path);
    let sql = format!(
        "select {COLUMNS} from place p join attendance a on a.place_id = p.id and a.day >= $3 and a.day <= $4
          where p.path >= $1 and p.path < $2 and a.standing = $5 order by a.at desc, a.fact_id limit $6"
    );
    let args = args![from, &to, first, last, Standing::Doubtful, max];
    tx.all(&sql, args, |row| read(&row))
}

/// Somebody who has a shift on a day.
#[derive(Debug)]
pub struct Due {
    /// Who.
    pub member: MemberId,
    /// At which point.
    pub point: PointId,
    /// From when.
    pub from: OffsetDateTime,
    /// Until when.
    pub to: OffsetDateTime,
}

/// Everybody's shifts at or below a path on a day.
///
/// # Errors
/// The storage's.
pub fn due_below(tx: &Tx<'_>, path: &str, day: Date) -> Result<Vec<Due>, DbError> {
    let (from, to) = path_range(path);
    tx.all(
        "select a.member_id, s.point_id, s.starts_at, s.ends_at
           from place p join service_point o on o.place_id = p.id join shift s on s.point_id = o.id
           join assignment a on a.shift_id = s.id
          where p.path >= $1 and p.path < $2 and s.day = $3 and s.cancelled_at is null
          order by s.starts_at, a.member_id",
        args![from, &to, day],
        |row| {
            Ok(Due {
                member: row.get(0)?,
                point: row.get(1)?,
                from: row.get(2)?,
                to: row.get(3)?,
            })
        },
    )
}

/// When a member's shifts end, by day and point, from the first day to the last.
///
/// # Errors
/// The storage's.
pub fn shift_ends(
    tx: &Tx<'_>,
    member: MemberId,
    (first, last): (Date, Date),
) -> Result<Vec<(Site, OffsetDateTime, OffsetDateTime)>, DbError> {
    tx.all(
        "select s.point_id, s.starts_at, s.ends_at from assignment a join shift s on s.id = a.shift_id
          where a.member_id = $1 and s.day >= $2 and s.day <= $3 and s.cancelled_at is null",
        args![member, first, last],
        |row| Ok((Site::Point(row.get(0)?), row.get(1)?, row.get(2)?)),
    )
}

/// A point or activity, to choose from.
#[derive(Debug)]
pub struct Named {
    /// Which.
    pub site: Site,
    /// Its name.
    pub name: String,
    /// Its place.
    pub place: PlaceId,
    /// Where it is on the map, millionths of a degree north and east.
    pub position_e6: Option<(i64, i64)>,
}

/// The name of a point or activity, and where it is.
///
/// # Errors
/// `not_found` when it is gone, or the storage's.
pub fn named(tx: &Tx<'_>, site: Site) -> AppResult<Named> {
    let found = match site {
        Site::Point(id) => tx.one(
            "select name, place_id from service_point where id = $1",
            args![id],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?,
        Site::Activity(id) => tx.one(
            "select title, place_id from activity where id = $1",
            args![id],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?,
    };
    let (name, place) = found.ok_or_else(AppError::not_found)?;
    Ok(Named {
        site,
        name,
        place,
        position_e6: None,
    })
}

/// Points in force at or below the places a member holds a role on, and those of their
/// shifts near a day; first where they have one today, then the nearest to their home.
///
/// # Errors
/// The storage's.
pub fn points_for(
    tx: &Tx<'_>,
    member: MemberId,
    day: Date,
    limit: i64,
) -> Result<Vec<Named>, DbError> {
    let week = day + Duration::days(7);
    tx.all(
        "select o.id, o.name, o.place_id, o.lat_e6, o.lon_e6 from service_point o join place p on p.id = o.place_id
          where (o.valid_from is null or o.valid_from <= $2) and (o.valid_to is null or o.valid_to > $2)
            and (exists (select 1 from member_grant g join place s on s.id = g.place_id
                          where g.member_id = $1 and substr(p.path, 1, length(s.path)) = s.path)
              or exists (select 1 from shift s join assignment a on a.shift_id = s.id
                          where s.point_id = o.id and a.member_id = $1 and s.day >= $2 and s.day <= $3))
          order by case when exists (select 1 from shift s join assignment a on a.shift_id = s.id
                                      where s.point_id = o.id and a.member_id = $1 and s.day = $2) then 0 else 1 end,
                   length(p.path), o.fold, o.id limit $4",
        args![member, day, week, limit],
        |row| {
            let position = row.get::<Option<i64>>(3)?.zip(row.get::<Option<i64>>(4)?);
            Ok(Named {
                site: Site::Point(row.get(0)?),
                name: row.get(1)?,
                place: row.get(2)?,
                position_e6: position,
            })
        },
    )
}

/// Activities without a point of their own in the same places or above them, which are on
/// that day or come again and again; each at the member's own place where that is smaller.
///
/// # Errors
/// The storage's.
pub fn activities_for(
    tx: &Tx<'_>,
    member: MemberId,
    (from, to): (OffsetDateTime, OffsetDateTime),
    limit: i64,
) -> Result<Vec<Named>, DbError> {
    tx.all(
        "select c.id, c.title, coalesce(
             (select s.id from member_grant g join place s on s.id = g.place_id
               where g.member_id = $1 and substr(s.path, 1, length(p.path)) = p.path
               order by length(s.path) desc limit 1), c.place_id)
           from activity c join place p on p.id = c.place_id
          where c.cancelled_at is null and c.point_id is null and c.starts_at < $3
            and (c.starts_at >= $2 or c.recurrence <> '')
            and exists (select 1 from member_grant g join place s on s.id = g.place_id
                         where g.member_id = $1 and (substr(p.path, 1, length(s.path)) = s.path
                                                  or substr(s.path, 1, length(p.path)) = p.path))
          order by c.starts_at desc, c.id limit $4",
        args![member, from, to, limit],
        |row| {
            Ok(Named {
                site: Site::Activity(row.get(0)?),
                name: row.get(1)?,
                place: row.get(2)?,
                position_e6: None,
            })
        },
    )
}

/// People of the teams that a member leads, as `(team, team's name, member, name)`.
///
/// # Errors
/// The storage's.
pub fn led_by(
    tx: &Tx<'_>,
    leader: MemberId,
    day: Date,
) -> Result<Vec<(TeamId, String, MemberId, String)>, DbError> {
    tx.all(
        "select t.id, t.name, m.id, m.name from member_grant l join team t on t.id = l.team_id
           join member m on m.active and (
             exists (select 1 from member_grant g where g.member_id = m.id and g.team_id = t.id)
             or exists (select 1 from team_member r where r.member_id = m.id and r.team_id = t.id
                         and r.since <= $2 and (r.until is null or r.until > $2)))
          where l.member_id = $1 and l.role <> 'volunteer'
          order by t.fold, t.id, m.order_key, m.id",
        args![leader, day],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
    )
}

/// The names of members.
///
/// # Errors
/// The storage's.
pub fn names(tx: &Tx<'_>, members: &[MemberId]) -> Result<Vec<(MemberId, String)>, DbError> {
    let keys: Vec<db::Value<'_>> = members.iter().map(|id| db::Value::from(*id)).collect();
    let mut found = Vec::with_capacity(keys.len());
    tx.each_of(
        "select m.id, m.name from {keys} join member m on m.id = k.key",
        &keys,
        |row| {
            found.push((row.get(0)?, row.get(1)?));
            Ok::<(), DbError>(())
        },
    )?;
    Ok(found)
}

/// A team and the place it is at home in.
#[derive(Debug)]
pub struct TeamAt {
    /// Which.
    pub id: TeamId,
    /// Its name.
    pub name: String,
    /// Path of its home.
    pub path: String,
}

/// Teams there were on a day at or below a path, of one kind or of all.
///
/// # Errors
/// The storage's.
pub fn teams_below(
    tx: &Tx<'_>,
    path: &str,
    kind: Option<TeamKind>,
    day: Date,
) -> Result<Vec<TeamAt>, DbError> {
    let (from, to) = path_range(path);
    let kind = kind.map(TeamKind::as_str);
    tx.all(
        "select t.id, t.name, p.path from place p join team t on t.place_id = p.id
          where p.path >= $1 and p.path < $2 and (t.kind = $3 or $3 is null)
            and (t.founded_on is null or t.founded_on <= $4) and (t.dissolved_on is null or t.dissolved_on > $4)
          order by p.path, t.fold, t.id",
        args![from, &to, kind, day],
        |row| {
            Ok(TeamAt {
                id: row.get(0)?,
                name: row.get(1)?,
                path: row.get(2)?,
            })
        },
    )
}

/// On which days somebody came for each team at home at or below a path, and how many did.
///
/// # Errors
/// The storage's.
pub fn team_days(
    tx: &Tx<'_>,
    path: &str,
    (first, last): (Date, Date),
) -> Result<Vec<(TeamId, Date, i64)>, DbError> {
    let (from, to) = path_range(path);
    tx.all(
        "select a.team_id, a.day, count(distinct a.member_id)
           from place p join team t on t.place_id = p.id join attendance a on a.team_id = t.id
          where p.path >= $1 and p.path < $2 and a.day >= $3 and a.day <= $4 and a.direction = 'in'
          group by a.team_id, a.day order by a.team_id, a.day",
        args![from, &to, first, last],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
}

/// Where a member is at home.
///
/// # Errors
/// The storage's.
pub fn home_of(tx: &Tx<'_>, member: MemberId) -> Result<Option<PlaceId>, DbError> {
    tx.one(
        "select place_id from member where id = $1",
        args![member],
        |row| row.get(0),
    )
}

/// Where a team is at home.
///
/// # Errors
/// The storage's.
pub fn team_home(tx: &Tx<'_>, team: TeamId) -> Result<Option<PlaceId>, DbError> {
    tx.one(
        "select place_id from team where id = $1",
        args![team],
        |row| row.get(0),
    )
}
