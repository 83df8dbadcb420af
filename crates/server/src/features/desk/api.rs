//! Wire types and handlers for desks.

use super::commands::{self, Take};
use super::queues::{self, Queue};
use super::store::{self, Desk, Step};
use crate::App;
use crate::features::members::Role;
use crate::features::ratings::TicketRatingBody;
use crate::features::slips::TicketSlipBody;
use crate::platform::http::{Anyone, Caller, LeaderUp, OfficerUp};
use crate::platform::problem::{AppError, AppResult};
use crate::platform::wire::{Day, Instant, Json, Path, Query};
use axum::extract::State;
use domain::days::days_between;
use domain::desk::ticket::{Deed, Errand, Ticket, TicketAct, TicketStage};
use domain::desk::times::{Load, Times};
use domain::desk::{Language, PriorityClass, Setup, TicketSource, Wanted};
use domain::ids::{PointId, TicketId};
use domain::procedures::{ProcedureGroup, Procedures};
use domain::ratings::RatingScale;
use domain::refusal::Refusal;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// All groups and procedures, former ones included.
#[utoipa::path(get, path = "/api/v1/desk/procedures", operation_id = "get_procedures", tag = "desk",
    responses((status = 200, body = Procedures)))]
pub async fn get_procedures(_: Caller<Anyone>) -> Json<&'static Procedures> {
    Json(Procedures::bundled())
}

/// Where the caller may work at a desk.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorkplacesBody {
    /// By name.
    points: Vec<WorkplaceBody>,
}

/// A point that has a desk.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorkplaceBody {
    id: Uuid,
    name: String,
    place_id: String,
    /// Whether the caller stands on its roster today.
    rostered: bool,
    /// What residents rate it on.
    scale: RatingScale,
    /// Whether it is outside the caller's own places, and theirs only for today.
    guest: bool,
}

impl From<store::Workplace> for WorkplaceBody {
    fn from(found: store::Workplace) -> Self {
        Self {
            id: found.point.0,
            name: found.name,
            place_id: found.place.to_string(),
            rostered: found.rostered,
            scale: found.scale,
            guest: found.guest,
        }
    }
}

/// Points with a desk at which the caller may work.
#[utoipa::path(get, path = "/api/v1/desk/points", operation_id = "list_workplaces", tag = "desk",
    responses((status = 200, body = WorkplacesBody)))]
pub async fn list_workplaces(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
) -> AppResult<Json<WorkplacesBody>> {
    let today = app.clock.today();
    app.db
        .read(move |tx| {
            let found = store::workplaces(tx, caller.member, today)?.into_iter();
            let points = found.map(WorkplaceBody::from).collect();
            Ok(Json(WorkplacesBody { points }))
        })
        .await
}

/// A point's desk.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeskBody {
    /// The point's name.
    name: String,
    setup: Setup,
    /// What posters show: opens the page on which people take a ticket themselves.
    code: String,
    /// Whether the caller may change the set-up.
    may_change: bool,
}

/// How a point's desk is set up; `not_found` while it is not.
#[utoipa::path(get, path = "/api/v1/desk/points/{id}", operation_id = "get_desk", tag = "desk",
    params(("id" = Uuid, Path)), responses((status = 200, body = DeskBody)))]
pub async fn get_desk(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
) -> AppResult<Json<DeskBody>> {
    let today = app.clock.today();
    app.db
        .read(move |tx| {
            let (point, member) = (PointId(id), caller.member);
            commands::need_worker(tx, point, member, Some(today))?;
            let officer = (member, Role::CommuneOfficer);
            let may_change = store::point_in_scope(tx, point, officer)?.is_some();
            let desk = store::find(tx, point)?.ok_or_else(AppError::not_found)?;
            Ok(Json(body_of(desk, may_change)))
        })
        .await
}

fn body_of(desk: Desk, may_change: bool) -> DeskBody {
    DeskBody {
        name: desk.name,
        setup: desk.setup,
        code: desk.code,
        may_change,
    }
}

/// Sets a point's desk up, or changes it.
#[utoipa::path(put, path = "/api/v1/desk/points/{id}", operation_id = "put_desk", tag = "desk",
    params(("id" = Uuid, Path)), request_body = Setup, responses((status = 200, body = DeskBody)))]
pub async fn put_desk(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
    Json(setup): Json<Setup>,
) -> AppResult<Json<DeskBody>> {
    app.db
        .write(move |tx| {
            let desk = commands::put_setup(tx, caller.member, PointId(id), &setup)?;
            Ok(Json(body_of(desk, true)))
        })
        .await
}

/// A ticket as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct TicketBody {
    id: Uuid,
    point: Uuid,
    day: Day,
    /// What it is called by.
    number: String,
    /// Opens its page, `/phieu/<code>`.
    code: String,
    /// What it is for, in order.
    errands: Vec<Errand>,
    priority: Option<PriorityClass>,
    language: Language,
    source: TicketSource,
    stage: TicketStage,
    /// The counter it is at.
    counter: Option<String>,
    /// Times it was called since it was last in line.
    calls: u32,
    /// Its place in line goes by this.
    since: Instant,
    /// When its stage began.
    stage_at: Instant,
    /// Seconds in line, until it was last called.
    waited_s: u32,
    arrived_at: Instant,
    called_at: Option<Instant>,
    started_at: Option<Instant>,
    finished_at: Option<Instant>,
    returned_at: Option<Instant>,
    /// The wait it was told when it was taken, in seconds.
    forecast_s: Option<u32>,
}

impl From<&Ticket> for TicketBody {
    fn from(ticket: &Ticket) -> Self {
        Self {
            id: ticket.id.0,
            point: ticket.point.0,
            day: Day(ticket.day),
            number: ticket.number.clone(),
            code: ticket.code.clone(),
            errands: ticket.errands.clone(),
            priority: ticket.priority,
            language: ticket.language,
            source: ticket.source,
            stage: ticket.stage,
            counter: ticket.counter.clone(),
            calls: ticket.calls,
            since: Instant(ticket.since),
            stage_at: Instant(ticket.stage_at),
            waited_s: ticket.waited_s,
            arrived_at: Instant(ticket.arrived_at),
            called_at: ticket.called_at.map(Instant),
            started_at: ticket.started_at.map(Instant),
            finished_at: ticket.finished_at.map(Instant),
            returned_at: ticket.returned_at.map(Instant),
            forecast_s: ticket.forecast_s,
        }
    }
}

/// What the caller has already.
#[derive(Debug, Deserialize, IntoParams)]
pub struct QueueQuery {
    /// The version of the queue that the caller has.
    version: Option<i64>,
}

/// Today's queue of a point.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueueBody {
    /// Goes up with every change.
    version: i64,
    /// Null when nothing has changed since the caller's version.
    queue: Option<QueueNowBody>,
}

impl QueueBody {
    fn of(queue: &Queue, known: Option<i64>, now: OffsetDateTime) -> Self {
        let version = queue.desk.rev;
        let news = known != Some(version);
        Self {
            version,
            queue: news.then(|| QueueNowBody::of(queue, now)),
        }
    }
}

/// Today's queue as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueueNowBody {
    day: Day,
    setup: Setup,
    /// How many priority tickets in a row each counter has called.
    #[schema(value_type = std::collections::BTreeMap<String, u32>)]
    runs: store::Runs,
    /// Today's tickets, in the order in which they were taken.
    tickets: Vec<TicketBody>,
    /// What those in line can be told; nothing about one that no counter at work takes in.
    outlook: Vec<OutlookBody>,
}

/// What a ticket in line can be told.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutlookBody {
    ticket: Uuid,
    /// How many are called before it.
    ahead: u32,
    /// Seconds until it is called.
    wait_s: u32,
}

impl QueueNowBody {
    fn of(queue: &Queue, now: OffsetDateTime) -> Self {
        let outlook = queue.outlook(now).into_iter();
        let mut tickets: Vec<&Ticket> = queue.tickets.values().collect();
        tickets.sort_unstable_by_key(|ticket| (ticket.arrived_at, ticket.id));
        Self {
            day: Day(queue.day),
            setup: queue.desk.setup.clone(),
            runs: queue.desk.runs.clone(),
            tickets: tickets.into_iter().map(TicketBody::from).collect(),
            outlook: outlook
                .map(|(ticket, told)| OutlookBody {
                    ticket: ticket.0,
                    ahead: told.ahead,
                    wait_s: told.wait_s,
                })
                .collect(),
        }
    }
}

/// Today's queue of a point, or that nothing has changed.
#[utoipa::path(get, path = "/api/v1/desk/points/{id}/queue", operation_id = "get_queue", tag = "desk",
    params(("id" = Uuid, Path), QueueQuery), responses((status = 200, body = QueueBody)))]
pub async fn get_queue(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
    Query(query): Query<QueueQuery>,
) -> AppResult<Json<QueueBody>> {
    let (now, point) = (app.clock.now(), PointId(id));
    let answered = queues::read(&app, point, |queue| {
        let own = caller.holds(&queue.desk.path);
        own.then(|| QueueBody::of(queue, query.version, now))
    });
    if let Some(body) = answered.await? {
        return Ok(Json(body));
    }
    let (member, today) = (caller.member, app.clock.today());
    let may = app
        .db
        .glance(move |tx| commands::need_worker(tx, point, member, Some(today)));
    may.await?;
    let body = queues::read(&app, point, |queue| {
        QueueBody::of(queue, query.version, now)
    });
    body.await.map(Json)
}

/// A ticket to take for somebody.
#[derive(Debug, Deserialize, ToSchema)]
pub struct TakeTicketBody {
    /// Made by whoever takes it: taken twice, it is one ticket.
    id: Uuid,
    /// What for, one to eight.
    wanted: Vec<Wanted>,
    /// One of the desk's classes.
    priority: Option<PriorityClass>,
    language: Language,
    source: TicketSource,
    /// What triage asked and was answered.
    triage: Option<Value>,
}

/// Takes a ticket for somebody.
#[utoipa::path(post, path = "/api/v1/desk/points/{id}/tickets", operation_id = "take_ticket", tag = "desk",
    params(("id" = Uuid, Path)), request_body = TakeTicketBody, responses((status = 200, body = TicketBody)))]
pub async fn take_ticket(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
    Json(body): Json<TakeTicketBody>,
) -> AppResult<Json<TicketBody>> {
    let clock = app.clock.clone();
    app.db
        .write(move |tx| {
            let point = PointId(id);
            commands::need_worker(tx, point, caller.member, Some(clock.today()))?;
            let take = Take {
                id: TicketId(body.id),
                point,
                wanted: body.wanted,
                priority: body.priority,
                language: body.language,
                source: body.source,
                triage: body.triage,
            };
            let by = commands::By {
                member: Some(caller.member),
                device: None,
            };
            let ticket = commands::take(tx, &clock, by, &take)?;
            Ok(Json(TicketBody::from(&ticket)))
        })
        .await
}

/// A counter that is ready for somebody.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NextBody {
    /// Made by the counter: asked twice, it is the same ticket.
    id: Uuid,
    /// The counter's code.
    counter: String,
}

/// Who was called.
#[derive(Debug, Serialize, ToSchema)]
pub struct CalledBody {
    /// Null when nobody waits for this counter.
    ticket: Option<TicketBody>,
}

/// Calls whoever is next to a counter.
#[utoipa::path(post, path = "/api/v1/desk/points/{id}/next", operation_id = "call_next", tag = "desk",
    params(("id" = Uuid, Path)), request_body = NextBody, responses((status = 200, body = CalledBody)))]
pub async fn call_next(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
    Json(body): Json<NextBody>,
) -> AppResult<Json<CalledBody>> {
    let clock = app.clock.clone();
    app.db
        .write(move |tx| {
            let at = (PointId(id), body.counter.as_str());
            let called = commands::next(tx, &clock, caller.member, at, body.id)?;
            Ok(Json(CalledBody {
                ticket: called.as_ref().map(TicketBody::from),
            }))
        })
        .await
}

/// Something to do about a ticket.
#[derive(Debug, Deserialize, ToSchema)]
pub struct TicketStepBody {
    /// Made by whoever does it: sent twice, it is done once.
    id: Uuid,
    /// Anything but taking it.
    act: TicketAct,
    /// At which counter, for a call and a return from hold.
    counter: Option<String>,
    /// Which group it waits for then, for a transfer.
    group: Option<ProcedureGroup>,
}

/// Does something about a ticket.
#[utoipa::path(post, path = "/api/v1/desk/tickets/{id}/steps", operation_id = "act_on_ticket", tag = "desk",
    params(("id" = Uuid, Path)), request_body = TicketStepBody, responses((status = 200, body = TicketBody)))]
pub async fn act(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
    Json(body): Json<TicketStepBody>,
) -> AppResult<Json<TicketBody>> {
    let clock = app.clock.clone();
    app.db
        .write(move |tx| {
            let deed = Deed {
                act: body.act,
                counter: body.counter,
                group: body.group,
                at: clock.now(),
            };
            let done = (body.id, deed);
            let ticket = commands::act(tx, &clock, caller.member, TicketId(id), done)?;
            Ok(Json(TicketBody::from(&ticket)))
        })
        .await
}

/// Something that was done about a ticket.
#[derive(Debug, Serialize, ToSchema)]
pub struct DoneStepBody {
    id: Uuid,
    act: TicketAct,
    counter: Option<String>,
    group: Option<ProcedureGroup>,
    at: Instant,
    received_at: Instant,
    /// Null where nobody is signed in: at a kiosk, on a resident's phone.
    by: Option<String>,
    /// Whether it was done without a network.
    offline: bool,
}

impl From<(Step, Option<String>)> for DoneStepBody {
    fn from((step, by): (Step, Option<String>)) -> Self {
        Self {
            id: step.id,
            act: step.deed.act,
            counter: step.deed.counter,
            group: step.deed.group,
            at: Instant(step.deed.at),
            received_at: Instant(step.received_at),
            by,
            offline: step.by_fact,
        }
    }
}

/// A ticket with everything that hangs on it.
#[derive(Debug, Serialize, ToSchema)]
pub struct WholeTicketBody {
    ticket: TicketBody,
    /// In order.
    steps: Vec<DoneStepBody>,
    /// What triage asked and was answered.
    triage: Option<Value>,
    /// Assists that say they were for it, in order of time.
    assists: Vec<TicketAssistBody>,
    /// Slips that were made for it.
    slips: Vec<TicketSlipBody>,
    /// What its holder thought of it, for officers alone: the steps name who served.
    rating: Option<TicketRatingBody>,
}

/// An assist that was for a ticket.
#[derive(Debug, Serialize, ToSchema)]
pub struct TicketAssistBody {
    /// The fact.
    id: Uuid,
    at: Instant,
    /// Who recorded it.
    by: String,
    items: Vec<TicketAssistItem>,
}

/// A service of such an assist.
#[derive(Debug, Serialize, ToSchema)]
pub struct TicketAssistItem {
    /// Code of the service.
    service: String,
    /// Code of its outcome.
    outcome: String,
}

impl From<store::Linked> for TicketAssistBody {
    fn from(linked: store::Linked) -> Self {
        let items = linked.assist.items.into_iter();
        Self {
            id: linked.fact.0,
            at: Instant(linked.at),
            by: linked.by,
            items: items
                .map(|item| TicketAssistItem {
                    service: item.service,
                    outcome: item.outcome,
                })
                .collect(),
        }
    }
}

/// A ticket with everything that hangs on it.
#[utoipa::path(get, path = "/api/v1/desk/tickets/{id}", operation_id = "get_ticket", tag = "desk",
    params(("id" = Uuid, Path)), responses((status = 200, body = WholeTicketBody)))]
pub async fn get_ticket(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
) -> AppResult<Json<WholeTicketBody>> {
    let today = app.clock.today();
    app.db
        .read(move |tx| {
            let id = TicketId(id);
            let ticket = store::find_ticket(tx, id)?.ok_or_else(AppError::not_found)?;
            commands::need_worker_at(tx, &ticket, caller.member, today)?;
            let officer = (caller.member, Role::CommuneOfficer);
            let officer = store::point_in_scope(tx, ticket.point, officer)?.is_some();
            let steps = store::steps(tx, id)?.into_iter();
            Ok(Json(WholeTicketBody {
                ticket: TicketBody::from(&ticket),
                steps: steps.map(DoneStepBody::from).collect(),
                triage: store::triage(tx, id)?,
                assists: store::assists(tx, id)?
                    .into_iter()
                    .map(Into::into)
                    .collect(),
                slips: TicketSlipBody::all(tx, id, today)?,
                rating: TicketRatingBody::find(tx, id, officer)?,
            }))
        })
        .await
}

/// Days one report covers, at most.
const DAYS_MAX: i32 = 100;

/// Which days.
#[derive(Debug, Deserialize, IntoParams)]
pub struct TimesQuery {
    /// First day.
    #[param(value_type = String)]
    from: Day,
    /// Last day, at most 100 days on.
    #[param(value_type = String)]
    to: Day,
}

/// How long people waited and were served on some days: counts, middles and ninetieths by
/// hour, weekday and procedure, and how right forecasts were.
#[utoipa::path(get, path = "/api/v1/desk/points/{id}/times", operation_id = "get_desk_times", tag = "desk",
    params(("id" = Uuid, Path), TimesQuery), responses((status = 200, body = Times)))]
pub async fn get_times(
    caller: Caller<LeaderUp>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
    Query(query): Query<TimesQuery>,
) -> AppResult<Json<Times>> {
    app.db
        .read(move |tx| {
            let (point, days) = (PointId(id), (query.from.0, query.to.0));
            let there = store::point_in_scope(tx, point, (caller.member, Role::Leader))?;
            there.ok_or_else(AppError::not_found)?;
            if !(0..DAYS_MAX).contains(&days_between(days.0, days.1)) {
                return Err(Refusal::new("request.validation")
                    .with("field", "to")
                    .into());
            }
            Ok(Json(Times::of(&store::of_days(tx, point, days)?)))
        })
        .await
}

/// Which day.
#[derive(Debug, Deserialize, IntoParams)]
pub struct LoadQuery {
    /// Today if absent.
    #[param(value_type = Option<String>)]
    day: Option<Day>,
}

/// What a desk had to do on a day: by counter and hour, and who was in line.
#[utoipa::path(get, path = "/api/v1/desk/points/{id}/load", operation_id = "get_desk_load", tag = "desk",
    params(("id" = Uuid, Path), LoadQuery), responses((status = 200, body = Load)))]
pub async fn get_load(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
    Query(query): Query<LoadQuery>,
) -> AppResult<Json<Load>> {
    let (now, today) = (app.clock.now(), app.clock.today());
    app.db
        .read(move |tx| {
            let (point, day) = (PointId(id), query.day.map_or(today, |day| day.0));
            let of_today = (day == today).then_some(today);
            commands::need_worker(tx, point, caller.member, of_today)?;
            Ok(Json(Load::of(&store::of_day(tx, point, day)?, now)))
        })
        .await
}
