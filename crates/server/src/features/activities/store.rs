//! The only SQL about activities and their days.

use crate::args;
use crate::features::places::store::path_range;
use crate::platform::db::{DbError, Row, Tx, json};
use domain::activities::{ActivityKind, Change, Crew, Details, Plan};
use domain::ids::{ActivityId, CampaignId, MemberId, PlaceId, PointId, TeamId};
use domain::people::TeamKind;
use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};

/// An activity as it is kept.
#[derive(Clone, Debug)]
pub struct Activity {
    /// Id.
    pub id: ActivityId,
    /// Its kind.
    pub kind: ActivityKind,
    /// Title.
    pub title: String,
    /// Where.
    pub place: PlaceId,
    /// That place's path.
    pub path: String,
    /// At which service point.
    pub point: Option<PointId>,
    /// For which campaign.
    pub campaign: Option<CampaignId>,
    /// When.
    pub plan: Plan,
    /// The rest; its exceptions are the plan's.
    pub details: Details,
    /// Called off as a whole.
    pub cancelled_at: Option<OffsetDateTime>,
    /// Teams named.
    pub teams: Vec<TeamId>,
    /// What is different about single days.
    pub changes: Vec<Change>,
    /// Revision of the last change of any of this.
    pub rev: i64,
}

impl Activity {
    /// Who takes part.
    pub fn crew(&self) -> Crew<'_> {
        Crew {
            path: &self.path,
            kinds: &self.details.team_kinds,
            teams: &self.teams,
        }
    }
}

const SELECT: &str = "select a.id, a.kind, a.title, a.place_id, p.path, a.point_id, a.campaign_id, a.starts_at, a.duration_min,
    a.recurrence, a.on_holidays, a.details, a.cancelled_at, a.rev from activity a join place p on p.id = a.place_id";

/// Reads the columns of [`SELECT`].
fn read(row: &Row<'_, '_>) -> Result<Activity, DbError> {
    let details: Details = row.json(11)?;
    Ok(Activity {
        id: row.get(0)?,
        kind: row.get(1)?,
        title: row.get(2)?,
        place: row.get(3)?,
        path: row.get(4)?,
        point: row.get(5)?,
        campaign: row.get(6)?,
        plan: Plan {
            starts_at: row.get(7)?,
            duration_min: row.get(8)?,
            recurrence: row.get(9)?,
            on_holidays: row.get(10)?,
            except: details.except.clone(),
        },
        details,
        cancelled_at: row.get(12)?,
        teams: Vec::new(),
        changes: Vec::new(),
        rev: row.get(13)?,
    })
}

/// What a changed day says besides that it is called off.
#[derive(Serialize, Deserialize)]
struct DayDetails {
    #[serde(with = "time::serde::rfc3339::option")]
    starts_at: Option<OffsetDateTime>,
    note: String,
}

fn whole(tx: &Tx<'_>, mut activity: Activity) -> Result<Activity, DbError> {
    activity.teams = tx.all(
        "select team_id from activity_team where activity_id = $1 order by team_id",
        args![activity.id],
        |row| row.get(0),
    )?;
    activity.changes = tx.all(
        "select day, details, cancelled_at from occurrence where activity_id = $1 order by day",
        args![activity.id],
        |row| {
            let details: DayDetails = row.json(1)?;
            Ok(Change {
                day: row.get(0)?,
                starts_at: details.starts_at,
                cancelled: row.get::<Option<OffsetDateTime>>(2)?.is_some(),
                note: details.note,
            })
        },
    )?;
    Ok(activity)
}

/// The activity with this id.
///
/// # Errors
/// The storage's.
pub fn find(tx: &Tx<'_>, id: ActivityId) -> Result<Option<Activity>, DbError> {
    let found = tx.one(&format!("{SELECT} where a.id = $1"), args![id], |row| {
        read(&row)
    })?;
    found.map(|activity| whole(tx, activity)).transpose()
}

/// Activities at, above or below `path` with a revision above `since`; below at any
/// depth or only one level down.
///
/// # Errors
/// The storage's.
pub fn around(tx: &Tx<'_>, path: &str, since: i64, deep: bool) -> Result<Vec<Activity>, DbError> {
    let (from, to) = path_range(path);
    let depth = i64::try_from(path.matches('/').count()).unwrap_or(0) + 1;
    let sql = format!(
        "{SELECT} where a.rev > $3 and (substr($1, 1, length(p.path)) = p.path
            or (p.path >= $1 and p.path < $2 and ($4 or length(p.path) - length(replace(p.path, '/', '')) <= $5)))
          order by a.starts_at, a.id"
    );
    let found = tx.all(&sql, args![from, &to, since, deep, depth], |row| read(&row))?;
    found
        .into_iter()
        .map(|activity| whole(tx, activity))
        .collect()
}

/// Makes an activity, or changes everything about it but that it was called off.
///
/// # Errors
/// The storage's.
pub fn put(tx: &mut Tx<'_>, activity: &Activity, by: MemberId) -> Result<i64, DbError> {
    let rev = tx.next_rev()?;
    let plan = &activity.plan;
    tx.execute(
        "insert into activity (id, kind, title, place_id, point_id, campaign_id, starts_at, duration_min, recurrence, on_holidays, details, created_by, rev)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         on conflict (id) do update set kind = excluded.kind, title = excluded.title, place_id = excluded.place_id,
           point_id = excluded.point_id, campaign_id = excluded.campaign_id, starts_at = excluded.starts_at,
           duration_min = excluded.duration_min, recurrence = excluded.recurrence, on_holidays = excluded.on_holidays,
           details = excluded.details, rev = excluded.rev",
        args![
            activity.id,
            activity.kind,
            &activity.title,
            &activity.place,
            activity.point,
            activity.campaign,
            plan.starts_at,
            plan.duration_min,
            &plan.recurrence,
            plan.on_holidays,
            &json(&activity.details),
            by,
            rev
        ],
    )?;
    let old = "delete from activity_team where activity_id = $1";
    tx.execute(old, args![activity.id])?;
    for team in &activity.teams {
        tx.execute(
            "insert into activity_team (activity_id, team_id) values ($1, $2) on conflict do nothing",
            args![activity.id, *team],
        )?;
    }
    Ok(rev)
}

/// Says what is different about one day.
///
/// # Errors
/// The storage's.
pub fn put_day(
    tx: &mut Tx<'_>,
    id: ActivityId,
    change: &Change,
    now: OffsetDateTime,
) -> Result<(), DbError> {
    let rev = touch(tx, id)?;
    let details = json(&DayDetails {
        starts_at: change.starts_at,
        note: change.note.clone(),
    });
    tx.execute(
        "insert into occurrence (activity_id, day, details, cancelled_at, rev) values ($1, $2, $3, $4, $5)
         on conflict (activity_id, day) do update set details = excluded.details, cancelled_at = excluded.cancelled_at, rev = excluded.rev",
        args![id, change.day, &details, change.cancelled.then_some(now), rev],
    )?;
    Ok(())
}

/// Calls an activity off as a whole; again changes nothing.
///
/// # Errors
/// The storage's.
pub fn cancel(tx: &mut Tx<'_>, id: ActivityId, now: OffsetDateTime) -> Result<(), DbError> {
    let sql = "update activity set cancelled_at = $2 where id = $1 and cancelled_at is null";
    if tx.execute(sql, args![id, now])? == 1 {
        touch(tx, id)?;
    }
    Ok(())
}

/// A new revision for an activity, so that phones and calendars notice.
fn touch(tx: &mut Tx<'_>, id: ActivityId) -> Result<i64, DbError> {
    let rev = tx.next_rev()?;
    let sql = "update activity set rev = $2 where id = $1";
    tx.execute(sql, args![id, rev])?;
    Ok(rev)
}

/// Whether teams and a point exist.
///
/// # Errors
/// The storage's.
pub fn are_known(tx: &Tx<'_>, teams: &[TeamId], point: Option<PointId>) -> Result<bool, DbError> {
    let one = |row: Row<'_, '_>| row.get::<i64>(0);
    for team in teams {
        let sql = "select 1 from team where id = $1";
        if tx.one(sql, args![*team], one)?.is_none() {
            return Ok(false);
        }
    }
    let Some(point) = point else { return Ok(true) };
    let sql = "select 1 from service_point where id = $1";
    Ok(tx.one(sql, args![point], one)?.is_some())
}

/// A team with where it is at home.
#[derive(Clone, Debug)]
pub struct Team {
    /// Id.
    pub id: TeamId,
    /// Name.
    pub name: String,
    /// Its kind.
    pub kind: TeamKind,
    /// Path of its place.
    pub path: String,
}

fn read_team(row: &Row<'_, '_>) -> Result<Team, DbError> {
    Ok(Team {
        id: row.get(0)?,
        name: row.get(1)?,
        kind: row.get(2)?,
        path: row.get(3)?,
    })
}

/// The team with this id.
///
/// # Errors
/// The storage's.
pub fn team(tx: &Tx<'_>, id: TeamId) -> Result<Option<Team>, DbError> {
    let sql = "select t.id, t.name, t.kind, p.path from team t join place p on p.id = t.place_id where t.id = $1";
    tx.one(sql, args![id], |row| read_team(&row))
}

/// Teams of a member, by what they may record for and by membership on a day.
///
/// # Errors
/// The storage's.
pub fn teams_of(tx: &Tx<'_>, member: MemberId, on: Date) -> Result<Vec<Team>, DbError> {
    tx.all(
        "select t.id, t.name, t.kind, p.path from team t join place p on p.id = t.place_id
          where t.id in (select team_id from member_grant where member_id = $1)
             or t.id in (select team_id from team_member where member_id = $1 and since <= $2 and (until is null or until > $2))
          order by t.fold, t.id",
        args![member, on],
        |row| read_team(&row),
    )
}

/// Teams that take part in an activity.
///
/// # Errors
/// The storage's.
pub fn crew(tx: &Tx<'_>, activity: &Activity) -> Result<Vec<Team>, DbError> {
    let (from, to) = path_range(&activity.path);
    let below = tx.all(
        "select t.id, t.name, t.kind, p.path from team t join place p on p.id = t.place_id
          where p.path >= $1 and p.path < $2 or t.id in (select team_id from activity_team where activity_id = $3)
          order by t.fold, t.id",
        args![from, &to, activity.id],
        |row| read_team(&row),
    )?;
    let crew = activity.crew();
    let has = |team: &Team| crew.is_open() || crew.has(team.id, team.kind, &team.path);
    Ok(below.into_iter().filter(has).collect())
}
