//! Wire types and handlers for a team's own page, its meetings and its tasks.

use super::keeping::{self, facts_about};
use super::store::{self, TaskLine};
use crate::App;
use crate::features::activities::store as activities;
use crate::features::attendance::store as attendance;
use crate::features::facts::NameRef;
use crate::features::facts::ledger::{self, Stored};
use crate::features::members::Role;
use crate::features::places::{self, PlaceRef};
use crate::features::teams::{TeamBody, store as teams};
use crate::platform::db::{DbError, Tx};
use crate::platform::http::{Anyone, Caller};
use crate::platform::problem::{AppError, AppResult};
use crate::platform::wire::{Day, Instant, Json, Path};
use axum::extract::State;
use domain::branch::{Minutes, TaskSource, TaskState, TaskStep, due_day};
use domain::facts::Body;
use domain::ids::{ActivityId, MemberId, PlaceId, TaskId, TeamId};
use domain::observations::{minutes_key, task_key};
use domain::people::Position;
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::Arc;
use time::{Date, Duration};
use utoipa::ToSchema;
use uuid::Uuid;

/// Meetings from so long ago, and so far ahead, stand on a team's page.
const PAST: Duration = Duration::days(180);
const AHEAD: Duration = Duration::days(62);
/// How long tasks that are over stay on phones.
const OVER: Duration = Duration::days(31);

/// Something a team, or somebody in it, is to do.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TaskBody {
    /// Id.
    id: Uuid,
    /// Whose.
    team_id: Uuid,
    /// What to do.
    title: String,
    /// What else there is to know.
    note: Option<String>,
    /// Who; the whole team if null.
    assignee: Option<NameRef>,
    /// Until when, on a working day.
    due_on: Option<Day>,
    /// What it comes from.
    source: Option<TaskSource>,
    /// How far it has come.
    state: TaskState,
    given_at: Instant,
    given_by: String,
    /// The latest step.
    changed_at: Instant,
    changed_by: String,
}

impl From<TaskLine> for TaskBody {
    fn from(line: TaskLine) -> Self {
        let (what, member) = (line.task.what, line.member.unwrap_or_default());
        Self {
            id: line.id.0,
            team_id: line.team.0,
            title: what.title,
            note: what.note,
            assignee: what.member.map(|id| NameRef {
                id: id.0,
                name: member,
            }),
            due_on: what.due_on.map(due_day).map(Day),
            source: what.source,
            state: line.task.state,
            given_at: Instant(line.task.given.0),
            given_by: line.given_by,
            changed_at: Instant(line.task.changed.0),
            changed_by: line.changed_by,
        }
    }
}

/// Tasks that phones below `path` carry: those that are not over for long, new or changed
/// since a revision.
///
/// # Errors
/// The storage's.
pub fn tasks_below(tx: &Tx<'_>, path: &str, since: i64, on: Date) -> AppResult<Vec<TaskBody>> {
    let lines = store::tasks_below(tx, path, since)?.into_iter();
    let recent = |line: &TaskLine| {
        let changed = domain::days::day_of(line.task.changed.0);
        since >= 0 || line.task.state.is_open() || changed >= on - OVER
    };
    Ok(lines.filter(recent).map(TaskBody::from).collect())
}

/// The team, if the caller may see it.
fn need_team(
    tx: &Tx<'_>,
    caller: MemberId,
    id: TeamId,
    on: Date,
) -> AppResult<(TeamBody, places::store::Place)> {
    let team = teams::find(tx, id)?.ok_or_else(AppError::not_found)?;
    let home = PlaceId::parse(&team.place_id).map_err(|_| AppError::not_found())?;
    let place = places::store::need_in_scope(tx, caller, Role::Volunteer, &home, on)?;
    Ok((team, place))
}

/// Somebody in the team.
#[derive(Debug, Serialize, ToSchema)]
pub struct BranchMember {
    id: Uuid,
    name: String,
    position: Position,
}

/// One day of a meeting.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeetingLine {
    activity_id: Uuid,
    /// The day by which it is known, even when it was moved.
    day: Day,
    title: String,
    starts_at: Instant,
    ends_at: Instant,
    /// Where people meet.
    venue: String,
    /// What is to be talked about, in order.
    agenda: Vec<String>,
    /// Whether its minutes are signed.
    signed: bool,
}

/// A team's own page.
#[derive(Debug, Serialize, ToSchema)]
pub struct BranchBody {
    team: TeamBody,
    place: PlaceRef,
    /// Whether the caller leads it, or is an officer above it.
    may_lead: bool,
    /// Leaders first.
    members: Vec<BranchMember>,
    /// The latest first.
    meetings: Vec<MeetingLine>,
}

/// A team's own page: its people and its meetings.
#[utoipa::path(get, path = "/api/v1/teams/{id}/branch", operation_id = "get_branch", tag = "branch",
    params(("id" = Uuid, Path)), responses((status = 200, body = BranchBody)))]
pub async fn get_branch(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
) -> AppResult<Json<BranchBody>> {
    let (today, id) = (app.clock.today(), TeamId(id));
    let whole = Arc::clone(&app);
    app.db
        .read(move |tx| {
            let (team, place) = need_team(tx, caller.member, id, today)?;
            let people = store::people(tx, id, today)?.into_iter();
            Ok(Json(BranchBody {
                may_lead: attendance::leads(tx, caller.member, id)?,
                members: people
                    .map(|(id, name, position)| BranchMember {
                        id: id.0,
                        name,
                        position,
                    })
                    .collect(),
                meetings: meetings(tx, &whole, id, today)?,
                place: place.into(),
                team,
            }))
        })
        .await
}

fn meetings(tx: &Tx<'_>, app: &App, team: TeamId, today: Date) -> AppResult<Vec<MeetingLine>> {
    let mut found = Vec::new();
    for id in store::meetings(tx, team)? {
        let Some(activity) = activities::find(tx, id)? else {
            continue;
        };
        let plan = &activity.plan;
        let days = plan.occurrences(&activity.changes, today - PAST, today + AHEAD)?;
        for one in days.into_iter().filter(|one| !one.cancelled) {
            found.push(MeetingLine {
                activity_id: id.0,
                day: Day(one.day),
                title: activity.title.clone(),
                starts_at: Instant(one.starts_at),
                ends_at: Instant(one.ends_at),
                venue: activity.details.venue.clone(),
                agenda: agenda(&activity),
                signed: false,
            });
        }
    }
    let key = |line: &MeetingLine| {
        let activity = ActivityId(line.activity_id);
        minutes_key(activity, line.day.0, Some(team), &app.keys)
    };
    let keys: Vec<_> = found.iter().map(key).collect();
    let signed = ledger::about(tx, &keys)?.into_iter();
    let signed: BTreeSet<_> = signed.flat_map(|(keys, ..)| keys).collect();
    for (line, key) in found.iter_mut().zip(&keys) {
        line.signed = signed.contains(key);
    }
    found.sort_by_key(|line| std::cmp::Reverse(line.starts_at.0));
    Ok(found)
}

fn agenda(activity: &activities::Activity) -> Vec<String> {
    let steps = activity.details.steps.iter();
    steps.map(|step| step.title.clone()).collect()
}

/// Somebody who came to a meeting.
#[derive(Debug, Serialize, ToSchema)]
pub struct CameBody {
    member_id: Uuid,
    /// When first.
    at: Instant,
}

/// Minutes as they were signed.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignedBody {
    /// The fact that they are.
    fact: Uuid,
    minutes: Minutes,
    at: Instant,
    by: String,
}

/// A meeting of a team on one day.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeetingBody {
    /// Who came, as points of check-in tell it.
    came: Vec<CameBody>,
    /// Its minutes: those that hold first, then those they corrected; none while unsigned.
    minutes: Vec<SignedBody>,
}

/// A meeting of a team on one day: who came, and its minutes with all corrections.
#[utoipa::path(get, path = "/api/v1/teams/{id}/meetings/{activity}/{day}", operation_id = "get_meeting", tag = "branch",
    params(("id" = Uuid, Path), ("activity" = Uuid, Path), ("day" = Day, Path)), responses((status = 200, body = MeetingBody)))]
pub async fn get_meeting(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Path((team, activity, day)): Path<(Uuid, Uuid, Day)>,
) -> AppResult<Json<MeetingBody>> {
    let (team, activity, today) = (TeamId(team), ActivityId(activity), app.clock.today());
    let whole = Arc::clone(&app);
    app.db
        .read(move |tx| {
            need_team(tx, caller.member, team, today)?;
            let meeting = activities::find(tx, activity)?;
            let meeting = meeting.filter(|one| one.teams.contains(&team));
            let meeting = meeting.ok_or_else(AppError::not_found)?;
            let changed = meeting.changes.iter().find(|change| change.day == day.0);
            let on = changed.and_then(|change| change.starts_at);
            let on = on.map_or(day.0, domain::days::day_of);
            let came = store::came(tx, activity, team, on)?.into_iter();
            let key = minutes_key(activity, day.0, Some(team), &whole.keys);
            Ok(Json(MeetingBody {
                came: came
                    .map(|(member, at)| CameBody {
                        member_id: member.0,
                        at: Instant(at),
                    })
                    .collect(),
                minutes: signed(tx, facts_about(tx, key)?)?,
            }))
        })
        .await
}

/// The minutes that hold, and behind them the chain they end.
fn signed(tx: &Tx<'_>, standing: Vec<Stored>) -> AppResult<Vec<SignedBody>> {
    // Two leaders may have signed at once: those signed first hold.
    let Some(holds) = standing.into_iter().min_by_key(|stored| stored.fact.id) else {
        return Ok(Vec::new());
    };
    let mut chain = ledger::chains(tx, &[holds.fact.id])?;
    chain.sort_by_key(|stored| std::cmp::Reverse(stored.fact.id));
    let mut found = Vec::with_capacity(chain.len());
    for stored in chain {
        let by = name(tx, stored.actor)?;
        if let Body::Minutes(minutes) = stored.fact.body {
            found.push(SignedBody {
                fact: stored.fact.id.0,
                minutes,
                at: Instant(stored.fact.happened_at),
                by,
            });
        }
    }
    Ok(found)
}

fn name(tx: &Tx<'_>, member: MemberId) -> Result<String, DbError> {
    let found = attendance::names(tx, &[member])?.pop();
    Ok(found.map_or_else(String::new, |(_, name)| name))
}

/// A step of a task.
#[derive(Debug, Serialize, ToSchema)]
pub struct TaskStepBody {
    at: Instant,
    by: String,
    /// Its new state; null when it was given, or given in other words.
    state: Option<TaskState>,
}

/// Everything that was done about a task.
#[derive(Debug, Serialize, ToSchema)]
pub struct TaskHistoryBody {
    /// In order.
    steps: Vec<TaskStepBody>,
}

/// Everything that was done about a task, and by whom.
#[utoipa::path(get, path = "/api/v1/tasks/{id}", operation_id = "get_task", tag = "branch",
    params(("id" = Uuid, Path)), responses((status = 200, body = TaskHistoryBody)))]
pub async fn get_task(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
) -> AppResult<Json<TaskHistoryBody>> {
    let (id, today) = (TaskId(id), app.clock.today());
    let whole = Arc::clone(&app);
    app.db
        .read(move |tx| {
            let (team, _) = store::task_owner(tx, id)?.ok_or_else(AppError::not_found)?;
            need_team(tx, caller.member, team, today)?;
            let mut facts = facts_about(tx, task_key(id, &whole.keys))?;
            let mut steps = Vec::with_capacity(facts.len());
            for taken in keeping::task_steps(&mut facts) {
                steps.push(TaskStepBody {
                    at: Instant(taken.at),
                    by: name(tx, taken.by)?,
                    state: match taken.step {
                        TaskStep::Give { .. } => None,
                        TaskStep::Move { to, .. } => Some(*to),
                    },
                });
            }
            Ok(Json(TaskHistoryBody { steps }))
        })
        .await
}
