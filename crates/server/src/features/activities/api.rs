//! Wire types and handlers for activities.

use super::store::{self, Activity};
use crate::App;
use crate::features::attendance::store as attendance;
use crate::features::campaigns::store as campaigns;
use crate::features::facts::{NameRef, ledger};
use crate::features::members::Role;
use crate::features::places;
use crate::platform::db::Tx;
use crate::platform::http::{Anyone, Caller, LeaderUp};
use crate::platform::problem::{AppError, AppResult};
use crate::platform::wire::{Day, Instant, Json, Path, Query};
use axum::extract::State;
use axum::http::StatusCode;
use domain::activities::{
    ActivityKind, Change, DURATION_MIN_MAX, Details, LIST_MAX, Occurrence, Plan,
};
use domain::days::day_of;
use domain::facts::{Body, Fact, TEXT_CHARS_MAX};
use domain::ids::{ActivityId, CampaignId, MemberId, PlaceId, PointId, TeamId};
use domain::observations::steps_key;
use domain::refusal::Refusal;
use domain::subjects::SubjectKey;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use time::{Date, Duration};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Days that may be asked for at once.
const WINDOW_DAYS_MAX: i64 = 400;
/// The shortest activity, minutes.
const DURATION_MIN_MIN: u32 = 5;
/// How long days that are over stay on phones.
const OVER: Duration = Duration::days(31);

/// An activity on one day.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OccurrenceBody {
    /// The day by which it is known, even when it was moved.
    day: Day,
    starts_at: Instant,
    ends_at: Instant,
    moved: bool,
    cancelled: bool,
    /// Why it is different.
    note: String,
}

impl From<Occurrence> for OccurrenceBody {
    fn from(one: Occurrence) -> Self {
        Self {
            day: Day(one.day),
            starts_at: Instant(one.starts_at),
            ends_at: Instant(one.ends_at),
            moved: one.moved,
            cancelled: one.cancelled,
            note: one.note,
        }
    }
}

/// An activity with its days.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ActivityBody {
    /// Id.
    pub id: Uuid,
    /// Its kind.
    pub kind: ActivityKind,
    /// Title.
    pub title: String,
    /// Where.
    pub place_id: String,
    /// That place's name.
    pub place_name: String,
    /// At which service point.
    pub point_id: Option<Uuid>,
    /// For which campaign.
    pub campaign_id: Option<Uuid>,
    /// The first time.
    pub starts_at: Instant,
    /// How long.
    pub duration_min: u32,
    /// RFC 5545; empty for once.
    pub recurrence: String,
    /// Whether it takes place on public holidays too.
    pub on_holidays: bool,
    /// The rest.
    pub details: Details,
    /// Teams named.
    pub team_ids: Vec<Uuid>,
    /// Called off as a whole.
    pub cancelled: bool,
    /// Its days, in order.
    pub occurrences: Vec<OccurrenceBody>,
}

impl ActivityBody {
    /// Describes an activity with its days in a window.
    fn new(tx: &Tx<'_>, activity: Activity, (from, to): (Date, Date)) -> AppResult<Self> {
        let named_on = from.max(day_of(activity.plan.starts_at));
        let place = places::store::find(tx, &activity.place, named_on)?;
        let occurrences = activity.plan.occurrences(&activity.changes, from, to)?;
        Ok(Self {
            id: activity.id.0,
            kind: activity.kind,
            title: activity.title,
            place_id: activity.place.to_string(),
            place_name: place.map_or_else(String::new, |place| place.full_name),
            point_id: activity.point.map(|point| point.0),
            campaign_id: activity.campaign.map(|campaign| campaign.0),
            starts_at: Instant(activity.plan.starts_at),
            duration_min: activity.plan.duration_min,
            recurrence: activity.plan.recurrence,
            on_holidays: activity.plan.on_holidays,
            details: activity.details,
            team_ids: activity.teams.iter().map(|team| team.0).collect(),
            cancelled: activity.cancelled_at.is_some(),
            occurrences: occurrences.into_iter().map(Into::into).collect(),
        })
    }

    /// What phones below `path` carry: activities that are not over for long, new or
    /// changed since a revision.
    ///
    /// # Errors
    /// The storage's.
    pub fn around(
        tx: &Tx<'_>,
        path: &str,
        since: i64,
        deep: bool,
        on: Date,
    ) -> AppResult<Vec<Self>> {
        let mut found = Vec::new();
        for activity in store::around(tx, path, since, deep)? {
            let body = Self::new(tx, activity, (on - OVER, Date::MAX))?;
            // One that is on the phone must learn that nothing of it is left.
            if since >= 0 || !body.occurrences.is_empty() {
                found.push(body);
            }
        }
        Ok(found)
    }
}

/// Activities found.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActivitiesBody {
    activities: Vec<ActivityBody>,
}

/// Where and when.
#[derive(Debug, Deserialize, IntoParams)]
pub struct ActivitiesQuery {
    /// Activities at, above and below this place.
    #[param(value_type = String)]
    place: PlaceId,
    /// First day; today if absent.
    #[param(value_type = Option<String>)]
    from: Option<Day>,
    /// Last day; four weeks on if absent.
    #[param(value_type = Option<String>)]
    to: Option<Day>,
}

/// Activities of a place, of those above it and those below it, that have days in a window.
#[utoipa::path(get, path = "/api/v1/activities", operation_id = "list_activities", tag = "activities", params(ActivitiesQuery),
    responses((status = 200, body = ActivitiesBody)))]
pub async fn list_activities(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Query(query): Query<ActivitiesQuery>,
) -> AppResult<Json<ActivitiesBody>> {
    let today = app.clock.today();
    let from = query.from.map_or(today, |day| day.0);
    let to = (query.to).map_or(from + Duration::days(28), |day| day.0);
    if !(0..=WINDOW_DAYS_MAX).contains(&(to - from).whole_days()) {
        return Err(Refusal::new("request.validation")
            .with("field", "to")
            .into());
    }
    app.db
        .read(move |tx| {
            let (member, role) = (caller.member, Role::Volunteer);
            let place = places::store::need_in_scope(tx, member, role, &query.place, today)?;
            let mut activities = Vec::new();
            for activity in store::around(tx, &place.path, -1, true)? {
                let body = ActivityBody::new(tx, activity, (from, to))?;
                if !body.occurrences.is_empty() {
                    activities.push(body);
                }
            }
            Ok(Json(ActivitiesBody { activities }))
        })
        .await
}

/// An activity as it shall be.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewActivityBody {
    /// Its kind.
    pub kind: ActivityKind,
    /// Title.
    pub title: String,
    /// Where.
    #[schema(value_type = String)]
    pub place_id: PlaceId,
    /// At which service point.
    pub point_id: Option<Uuid>,
    /// For which campaign.
    pub campaign_id: Option<Uuid>,
    /// The first time.
    pub starts_at: Instant,
    /// How long.
    pub duration_min: u32,
    /// RFC 5545 without `RRULE:`, with an end; empty for once.
    #[serde(default)]
    pub recurrence: String,
    /// Whether it takes place on public holidays too.
    #[serde(default)]
    pub on_holidays: bool,
    /// The rest.
    pub details: Details,
    /// Teams named.
    #[serde(default)]
    pub team_ids: Vec<Uuid>,
}

/// Plans an activity, or changes it.
///
/// # Errors
/// `request.validation`, `activity.period`, `activity.recurrence`, or the storage's.
pub fn plan(
    tx: &mut Tx<'_>,
    by: MemberId,
    id: ActivityId,
    place: &places::store::Place,
    body: NewActivityBody,
) -> AppResult<Activity> {
    let wrong = |field: &str| Refusal::new("request.validation").with("field", field);
    let title = vn::text::normalise(&body.title);
    if title.is_empty() || title.chars().count() > TEXT_CHARS_MAX {
        return Err(wrong("title").into());
    }
    if !(DURATION_MIN_MIN..=DURATION_MIN_MAX).contains(&body.duration_min) {
        return Err(AppError::problem("activity.period"));
    }
    let details = body.details.tidied()?;
    let plan = Plan {
        starts_at: body.starts_at.0,
        duration_min: body.duration_min,
        recurrence: body.recurrence,
        on_holidays: body.on_holidays,
        except: details.except.clone(),
    };
    plan.days()?;
    let teams: Vec<TeamId> = body.team_ids.into_iter().map(TeamId).collect();
    let point = body.point_id.map(PointId);
    if teams.len() > LIST_MAX || !store::are_known(tx, &teams, point)? {
        return Err(wrong("team_ids").into());
    }
    let campaign = body.campaign_id.map(CampaignId);
    if let Some(campaign) = campaign
        && campaigns::find(tx, campaign)?.is_none()
    {
        return Err(wrong("campaign_id").into());
    }
    let mut activity = Activity {
        id,
        kind: body.kind,
        title,
        place: place.id.clone(),
        path: place.path.clone(),
        point,
        campaign,
        plan,
        details,
        cancelled_at: None,
        teams,
        changes: Vec::new(),
        rev: 0,
    };
    activity.rev = store::put(tx, &activity, by)?;
    Ok(activity)
}

/// Whether what is planned is a meeting of one team, which its leader plans without asking.
fn team_of_meeting(kind: ActivityKind, details: &Details, teams: &[TeamId]) -> Option<TeamId> {
    match teams {
        [team] if kind == ActivityKind::Meeting && details.team_kinds.is_empty() => Some(*team),
        _ => None,
    }
}

/// The place, if the caller is an officer of it, or leads the team at home there whose
/// meeting it is.
fn need_planner(
    tx: &Tx<'_>,
    caller: &Caller<LeaderUp>,
    place: &PlaceId,
    meeting_of: Option<TeamId>,
    on: Date,
) -> AppResult<places::store::Place> {
    let member = caller.member;
    let leads = match meeting_of {
        Some(team) => {
            attendance::team_home(tx, team)?.as_ref() == Some(place)
                && attendance::leads(tx, member, team)?
        }
        None => false,
    };
    let role = if leads {
        Role::Leader
    } else {
        Role::CommuneOfficer
    };
    places::store::need_in_scope(tx, member, role, place, on)
}

/// The activity, if the caller may plan it.
fn need_own(tx: &Tx<'_>, caller: &Caller<LeaderUp>, id: Uuid, on: Date) -> AppResult<Activity> {
    let activity = store::find(tx, ActivityId(id))?.ok_or_else(AppError::not_found)?;
    let meeting_of = team_of_meeting(activity.kind, &activity.details, &activity.teams);
    need_planner(tx, caller, &activity.place, meeting_of, on)?;
    Ok(activity)
}

/// The activity as it is now, with all its days.
fn shown(tx: &Tx<'_>, id: ActivityId) -> AppResult<ActivityBody> {
    let activity = store::find(tx, id)?.ok_or_else(AppError::not_found)?;
    ActivityBody::new(tx, activity, (Date::MIN, Date::MAX))
}

/// Plans an activity under an id of the caller's, or changes it. Leaders plan meetings of
/// their own team.
#[utoipa::path(put, path = "/api/v1/activities/{id}", operation_id = "put_activity", tag = "activities",
    params(("id" = Uuid, Path)), request_body = NewActivityBody, responses((status = 200, body = ActivityBody)))]
pub async fn put_activity(
    caller: Caller<LeaderUp>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
    Json(body): Json<NewActivityBody>,
) -> AppResult<Json<ActivityBody>> {
    let today = app.clock.today();
    app.db
        .write(move |tx| {
            let teams: Vec<TeamId> = body.team_ids.iter().copied().map(TeamId).collect();
            let meeting_of = team_of_meeting(body.kind, &body.details, &teams);
            let place = need_planner(tx, &caller, &body.place_id, meeting_of, today)?;
            if store::find(tx, ActivityId(id))?.is_some() {
                need_own(tx, &caller, id, today)?;
            }
            let made = plan(tx, caller.member, ActivityId(id), &place, body)?;
            Ok(Json(shown(tx, made.id)?))
        })
        .await
}

/// Calls an activity off as a whole; it stays in calendars as called off.
#[utoipa::path(delete, path = "/api/v1/activities/{id}", operation_id = "cancel_activity", tag = "activities",
    params(("id" = Uuid, Path)), responses((status = 204)))]
pub async fn cancel_activity(
    caller: Caller<LeaderUp>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
) -> AppResult<StatusCode> {
    let now = app.clock.now();
    app.db
        .write(move |tx| {
            let activity = need_own(tx, &caller, id, day_of(now))?;
            store::cancel(tx, activity.id, now)?;
            Ok(StatusCode::NO_CONTENT)
        })
        .await
}

/// What shall be different about one day.
#[derive(Debug, Deserialize, ToSchema)]
pub struct DayBody {
    /// When it begins instead; absent as planned.
    starts_at: Option<Instant>,
    /// Whether it is called off.
    #[serde(default)]
    cancelled: bool,
    /// Why.
    #[serde(default)]
    note: String,
}

/// Moves one day of an activity, calls it off, or puts it back as planned.
#[utoipa::path(put, path = "/api/v1/activities/{id}/days/{day}", operation_id = "put_activity_day", tag = "activities",
    params(("id" = Uuid, Path), ("day" = Day, Path)), request_body = DayBody, responses((status = 200, body = ActivityBody)))]
pub async fn put_activity_day(
    caller: Caller<LeaderUp>,
    State(app): State<Arc<App>>,
    Path((id, day)): Path<(Uuid, Day)>,
    Json(body): Json<DayBody>,
) -> AppResult<Json<ActivityBody>> {
    let now = app.clock.now();
    app.db
        .write(move |tx| {
            let activity = need_own(tx, &caller, id, day_of(now))?;
            need_day(&activity, day.0)?;
            let note = vn::text::normalise(&body.note);
            if note.chars().count() > TEXT_CHARS_MAX {
                return Err(Refusal::new("request.validation")
                    .with("field", "note")
                    .into());
            }
            let change = Change {
                day: day.0,
                starts_at: body.starts_at.map(|at| at.0),
                cancelled: body.cancelled,
                note,
            };
            store::put_day(tx, activity.id, &change, now)?;
            Ok(Json(shown(tx, activity.id)?))
        })
        .await
}

fn need_day(activity: &Activity, day: Date) -> AppResult<()> {
    let plan = &activity.plan;
    if plan.days()?.contains(&day) && !plan.left_out()?.contains(&day) {
        return Ok(());
    }
    let day = vn::number::date(day);
    Err(Refusal::new("activity.no_such_day").with("day", day).into())
}

/// A step that a team did.
#[derive(Debug, Serialize, ToSchema)]
pub struct StepDone {
    /// Its code.
    step: String,
    team: NameRef,
    at: Instant,
    note: Option<String>,
    url: Option<String>,
    /// The first step before it that this team had not done by then.
    before_its_turn: Option<String>,
}

/// What was done on one day.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActivityDayBody {
    /// Teams that take part.
    teams: u64,
    /// Steps done, by team and time.
    steps: Vec<StepDone>,
}

/// What teams in the caller's scope did on one day of an activity.
#[utoipa::path(get, path = "/api/v1/activities/{id}/days/{day}", operation_id = "get_activity_day", tag = "activities",
    params(("id" = Uuid, Path), ("day" = Day, Path)), responses((status = 200, body = ActivityDayBody)))]
pub async fn get_activity_day(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Path((id, day)): Path<(Uuid, Day)>,
) -> AppResult<Json<ActivityDayBody>> {
    let whole = Arc::clone(&app);
    let today = app.clock.today();
    app.db
        .read(move |tx| {
            let activity = store::find(tx, ActivityId(id))?.ok_or_else(AppError::not_found)?;
            places::store::need_in_sight(tx, caller.member, &activity.place, today)?;
            let mut crew = store::crew(tx, &activity)?;
            crew.retain(|team| caller.holds(&team.path));
            let teams = u64::try_from(crew.len()).unwrap_or(0);
            let steps = steps_done(tx, &whole, &activity, day.0, &crew)?;
            Ok(Json(ActivityDayBody { teams, steps }))
        })
        .await
}

fn steps_done(
    tx: &Tx<'_>,
    app: &App,
    activity: &Activity,
    day: Date,
    crew: &[store::Team],
) -> AppResult<Vec<StepDone>> {
    let key = |team: &store::Team| steps_key(activity.id, day, Some(team.id), &app.keys);
    let keys: Vec<SubjectKey> = crew.iter().map(key).collect();
    let mut facts: Vec<Fact> = ledger::about(tx, &keys)?
        .into_iter()
        .map(|(_, stored, _)| stored.fact)
        .collect();
    facts.sort_by_key(|fact| (fact.happened_at, fact.id));
    let mut found: Vec<StepDone> = Vec::new();
    for team in crew {
        let mut done: Vec<&str> = Vec::new();
        for fact in facts.iter().filter(|fact| fact.team == Some(team.id)) {
            let Body::Step(step) = &fact.body else {
                continue;
            };
            if done.contains(&step.step.as_str()) {
                continue;
            }
            let earlier = activity.details.before_its_turn(&done, &step.step);
            done.push(&step.step);
            found.push(StepDone {
                before_its_turn: earlier.map(|step| step.code.clone()),
                step: step.step.clone(),
                team: NameRef {
                    id: team.id.0,
                    name: team.name.clone(),
                },
                at: Instant(fact.happened_at),
                note: step.note.clone(),
                url: step.url.clone(),
            });
        }
    }
    Ok(found)
}
