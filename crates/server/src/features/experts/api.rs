//! Wire types and handlers for experts and requests for them.

use super::commands;
use super::desks;
use super::report::PeriodQuery;
use super::store::{self, Asked, Change, Entry, Expert, Request};
use crate::App;
use crate::features::facts::NameRef;
use crate::features::members::Role;
use crate::features::places::{self, PlaceRef};
use crate::platform::db::Tx;
use crate::platform::http::{Anyone, Caller, LeaderUp, OfficerUp, ProvinceUp};
use crate::platform::problem::{AppError, AppResult};
use crate::platform::wire::{Day, Instant, Json, Path, Query};
use axum::extract::State;
use domain::experts::overload::{Pressure, Signal, signals};
use domain::experts::ranking::{Candidate, LOAD_DAYS, Need, rank};
use domain::experts::{CommuneWord, Deed, ExpertField, Fields, RequestAct, RequestStage, Urgency};
use domain::ids::{MemberId, PlaceId, PointId, RequestId};
use domain::refusal::Refusal;
use domain::skills::Named;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use time::{Date, Duration};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Suggestions for a request.
const SUGGESTED: usize = 8;

/// Fields that experts help in, in the order in which they are shown.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExpertFieldsBody {
    /// Those in force today.
    fields: Vec<ExpertField>,
    /// Those that ended, with what their work went to.
    former: Vec<ExpertField>,
}

/// Fields that experts help in.
#[utoipa::path(get, path = "/api/v1/experts/fields", operation_id = "get_expert_fields", tag = "experts",
    responses((status = 200, body = ExpertFieldsBody)))]
pub async fn get_fields(_: Caller<Anyone>, State(app): State<Arc<App>>) -> Json<ExpertFieldsBody> {
    let today = app.clock.today();
    let all = Fields::bundled().all().to_vec();
    let (fields, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(|one| one.in_force(today));
    let ended = |one: &ExpertField| one.valid_to.is_some_and(|to| to <= today);
    Json(ExpertFieldsBody {
        fields,
        former: rest.into_iter().filter(ended).collect(),
    })
}

/// Somebody in the register of experts.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExpertBody {
    member: NameRef,
    /// The office that lends them.
    office: String,
    /// Codes of fields.
    fields: Vec<String>,
    /// They go there and below.
    area: String,
    /// Its name with the kind.
    area_name: String,
    /// Hours a month that their office lends them.
    hours_per_month: u32,
    /// Whether they may be sent.
    active: bool,
}

impl From<Expert> for ExpertBody {
    fn from(expert: Expert) -> Self {
        Self {
            member: named(expert.member),
            office: expert.office,
            fields: expert.fields,
            area: expert.area.to_string(),
            area_name: expert.area_name,
            hours_per_month: expert.hours_per_month,
            active: expert.active,
        }
    }
}

fn named((id, name): store::Named) -> NameRef {
    NameRef { id: id.0, name }
}

/// Which experts.
#[derive(Debug, Deserialize, IntoParams)]
pub struct ExpertsQuery {
    /// Those who go to this place, or to places below it.
    #[param(value_type = String)]
    place: PlaceId,
}

/// Experts, by given name.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExpertsBody {
    experts: Vec<ExpertBody>,
}

/// The register of experts.
#[utoipa::path(get, path = "/api/v1/experts", operation_id = "list_experts", tag = "experts",
    params(ExpertsQuery), responses((status = 200, body = ExpertsBody)))]
pub async fn list_experts(
    caller: Caller<ProvinceUp>,
    State(app): State<Arc<App>>,
    Query(query): Query<ExpertsQuery>,
) -> AppResult<Json<ExpertsBody>> {
    let today = app.clock.today();
    app.db
        .read(move |tx| {
            let (member, least) = (caller.member, Role::ProvinceOfficer);
            let place = places::store::need_in_scope(tx, member, least, &query.place, today)?;
            let experts = store::experts(tx, &place.path, today)?.into_iter();
            Ok(Json(ExpertsBody {
                experts: experts.map(ExpertBody::from).collect(),
            }))
        })
        .await
}

/// What the register is to say of somebody.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PutExpertBody {
    office: String,
    /// Codes of fields, one to eight.
    fields: Vec<String>,
    /// They go there and below.
    #[schema(value_type = String)]
    area: PlaceId,
    /// 1 to 176.
    hours_per_month: u32,
    active: bool,
}

/// Takes somebody into the register of experts, or changes what it says.
#[utoipa::path(put, path = "/api/v1/experts/members/{id}", operation_id = "put_expert", tag = "experts",
    params(("id" = Uuid, Path)), request_body = PutExpertBody, responses((status = 204)))]
pub async fn put_expert(
    caller: Caller<ProvinceUp>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
    Json(body): Json<PutExpertBody>,
) -> AppResult<axum::http::StatusCode> {
    let clock = app.clock.clone();
    app.db
        .write(move |tx| {
            let expert = Expert {
                member: (MemberId(id), String::new()),
                office: vn::text::normalise(&body.office),
                fields: body.fields,
                area: body.area,
                area_name: String::new(),
                hours_per_month: body.hours_per_month,
                active: body.active,
            };
            commands::put_expert(tx, &clock, caller.member, &expert)?;
            Ok(axum::http::StatusCode::NO_CONTENT)
        })
        .await
}

/// A commune's request for an expert, as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExpertRequestBody {
    id: Uuid,
    place: PlaceRef,
    point: Option<NameRef>,
    /// Code of the field.
    field: String,
    /// Its name.
    field_name: Named,
    purpose: String,
    urgency: Urgency,
    /// A language that would help, by code.
    language: Option<String>,
    wish_from: Day,
    wish_to: Day,
    asked_by: NameRef,
    asked_at: Instant,
    stage: RequestStage,
    /// Whose it is.
    expert: Option<NameRef>,
    /// Days of the visit, both included.
    visit_from: Option<Day>,
    visit_to: Option<Day>,
    /// The commune's word.
    word: Option<CommuneWord>,
    /// Minutes logged.
    minutes: u32,
}

impl From<Request> for ExpertRequestBody {
    fn from(request: Request) -> Self {
        let Request { asked, stands, .. } = request;
        let fields = Fields::bundled();
        let unknown = || Named {
            vi: asked.field.clone(),
            en: asked.field.clone(),
        };
        let point = asked.point.zip(request.point_name);
        let expert = stands.expert.zip(request.expert_name);
        Self {
            id: asked.id.0,
            place: request.place.into(),
            point: point.map(|(id, name)| NameRef { id: id.0, name }),
            field_name: fields
                .find(&asked.field)
                .map_or_else(unknown, |field| field.name.clone()),
            field: asked.field,
            purpose: asked.purpose,
            urgency: asked.urgency,
            language: asked.language,
            wish_from: Day(asked.wish.0),
            wish_to: Day(asked.wish.1),
            asked_by: named(request.asked_by),
            asked_at: Instant(request.asked_at),
            stage: stands.stage,
            expert: expert.map(named),
            visit_from: stands.visit.map(|visit| Day(visit.0)),
            visit_to: stands.visit.map(|visit| Day(visit.1)),
            word: stands.word,
            minutes: request.minutes,
        }
    }
}

/// Requests, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExpertRequestsBody {
    requests: Vec<ExpertRequestBody>,
}

impl From<Vec<Request>> for ExpertRequestsBody {
    fn from(all: Vec<Request>) -> Self {
        Self {
            requests: all.into_iter().map(ExpertRequestBody::from).collect(),
        }
    }
}

/// What an expert has in hand: what their phone carries.
///
/// # Errors
/// The storage's.
pub fn in_hand(tx: &Tx<'_>, member: MemberId, today: Date) -> AppResult<Vec<ExpertRequestBody>> {
    let found = store::of_expert(tx, member, true, today)?.into_iter();
    Ok(found.map(ExpertRequestBody::from).collect())
}

/// Requests asked for in a period, and those before it that are not over yet.
#[utoipa::path(get, path = "/api/v1/experts/requests", operation_id = "list_expert_requests", tag = "experts",
    params(PeriodQuery), responses((status = 200, body = ExpertRequestsBody)))]
pub async fn list_requests(
    caller: Caller<LeaderUp>,
    State(app): State<Arc<App>>,
    Query(query): Query<PeriodQuery>,
) -> AppResult<Json<ExpertRequestsBody>> {
    let today = app.clock.today();
    app.db
        .read(move |tx| {
            let period = query.moments()?;
            let (member, least) = (caller.member, Role::Leader);
            let place = places::store::need_in_scope(tx, member, least, &query.place, today)?;
            let found = store::below(tx, &place.path, period, today)?;
            Ok(Json(found.into()))
        })
        .await
}

/// Requests that are, or were, the caller's own as an expert.
#[utoipa::path(get, path = "/api/v1/experts/requests/own", operation_id = "list_own_expert_requests", tag = "experts",
    responses((status = 200, body = ExpertRequestsBody)))]
pub async fn list_own(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
) -> AppResult<Json<ExpertRequestsBody>> {
    let today = app.clock.today();
    app.db
        .read(move |tx| {
            let found = store::of_expert(tx, caller.member, false, today)?;
            Ok(Json(found.into()))
        })
        .await
}

/// What a commune asks for.
#[derive(Debug, Deserialize, ToSchema)]
pub struct AskExpertBody {
    #[schema(value_type = String)]
    place: PlaceId,
    /// At which point.
    point: Option<Uuid>,
    /// Code of a field in force.
    field: String,
    /// What for, without numbers that point at a person.
    purpose: String,
    urgency: Urgency,
    /// A language that would help, by code.
    language: Option<String>,
    wish_from: Day,
    wish_to: Day,
}

/// Asks for an expert. The caller makes the id: asked twice, it is asked once.
#[utoipa::path(put, path = "/api/v1/experts/requests/{id}", operation_id = "ask_for_expert", tag = "experts",
    params(("id" = Uuid, Path)), request_body = AskExpertBody, responses((status = 200, body = ExpertRequestBody)))]
pub async fn ask(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
    Json(body): Json<AskExpertBody>,
) -> AppResult<Json<ExpertRequestBody>> {
    let clock = app.clock.clone();
    app.db
        .write(move |tx| {
            let asked = Asked {
                id: RequestId(id),
                place: body.place,
                point: body.point.map(PointId),
                field: body.field,
                purpose: body.purpose,
                urgency: body.urgency,
                language: body.language,
                wish: (body.wish_from.0, body.wish_to.0),
            };
            commands::ask(tx, &clock, caller.member, &asked)?;
            let made = store::find(tx, asked.id, clock.today())?;
            Ok(Json(made.ok_or_else(AppError::not_found)?.into()))
        })
        .await
}

/// Something that was done about a request.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExpertChangeBody {
    act: RequestAct,
    at: Instant,
    by: NameRef,
    /// Whose request it was, became, or was no longer.
    expert: Option<NameRef>,
    visit_from: Option<Day>,
    visit_to: Option<Day>,
    word: Option<CommuneWord>,
    /// In words: a reason, a result, where to meet.
    note: String,
}

impl From<(Change, String, Option<String>)> for ExpertChangeBody {
    fn from((change, by, expert): (Change, String, Option<String>)) -> Self {
        let Deed {
            act,
            expert: whose,
            visit,
            word,
        } = change.deed;
        Self {
            act,
            at: Instant(change.at),
            by: named((change.by, by)),
            expert: whose.zip(expert).map(named),
            visit_from: visit.map(|visit| Day(visit.0)),
            visit_to: visit.map(|visit| Day(visit.1)),
            word,
            note: change.note,
        }
    }
}

/// An entry of a work log.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExpertWorkBody {
    /// The fact's id.
    id: Uuid,
    member: NameRef,
    day: Day,
    at: Instant,
    minutes: u32,
    done: String,
    next: Option<String>,
}

impl From<Entry> for ExpertWorkBody {
    fn from(entry: Entry) -> Self {
        Self {
            id: entry.fact.0,
            member: named(entry.member),
            day: Day(entry.day),
            at: Instant(entry.at),
            minutes: entry.work.minutes,
            done: entry.work.done,
            next: entry.work.next,
        }
    }
}

/// A request with everything that was done about it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExpertRequestPageBody {
    request: ExpertRequestBody,
    /// In order.
    changes: Vec<ExpertChangeBody>,
    /// In order.
    work: Vec<ExpertWorkBody>,
    /// Whether the caller may speak for the commune.
    asks: bool,
    /// Whether the caller may assign.
    assigns: bool,
}

/// A request with everything that was done about it: for leaders and officers above its
/// place, and for those whose it is or was.
#[utoipa::path(get, path = "/api/v1/experts/requests/{id}", operation_id = "get_expert_request", tag = "experts",
    params(("id" = Uuid, Path)), responses((status = 200, body = ExpertRequestPageBody)))]
pub async fn get_request(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
) -> AppResult<Json<ExpertRequestPageBody>> {
    let today = app.clock.today();
    app.db
        .read(move |tx| {
            let id = RequestId(id);
            let over = |role| store::find_in_scope(tx, id, (caller.member, role), today);
            let found = match over(Role::Leader)? {
                None if store::was_with(tx, id, caller.member, false)? => {
                    store::find(tx, id, today)?
                }
                found => found,
            };
            let request = found.ok_or_else(AppError::not_found)?;
            let changes = store::changes(tx, id)?
                .into_iter()
                .map(ExpertChangeBody::from);
            let work = store::work_of(tx, id)?
                .into_iter()
                .map(ExpertWorkBody::from);
            Ok(Json(ExpertRequestPageBody {
                request: request.into(),
                changes: changes.collect(),
                work: work.collect(),
                asks: over(Role::CommuneOfficer)?.is_some(),
                assigns: over(Role::ProvinceOfficer)?.is_some(),
            }))
        })
        .await
}

/// Something to do about a request.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ExpertActBody {
    /// Made by the caller: sent twice, it is done once.
    id: Uuid,
    /// `offer`, `withdraw`, `dispatch`, `refuse` for the province; `close`, `cancel` for the commune.
    act: RequestAct,
    /// Whom it is offered to.
    expert: Option<Uuid>,
    /// Days they are sent for.
    visit_from: Option<Day>,
    visit_to: Option<Day>,
    /// The commune's word.
    word: Option<CommuneWord>,
    /// In words: a reason, where to meet.
    note: Option<String>,
}

/// Moves a request on.
#[utoipa::path(post, path = "/api/v1/experts/requests/{id}/acts", operation_id = "act_on_expert_request", tag = "experts",
    params(("id" = Uuid, Path)), request_body = ExpertActBody, responses((status = 200, body = ExpertRequestBody)))]
pub async fn act(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
    Json(body): Json<ExpertActBody>,
) -> AppResult<Json<ExpertRequestBody>> {
    let clock = app.clock.clone();
    app.db
        .write(move |tx| {
            let deed = Deed {
                act: body.act,
                expert: body.expert.map(MemberId),
                visit: body.visit_from.zip(body.visit_to).map(|(a, b)| (a.0, b.0)),
                word: body.word,
            };
            let what = (body.id, deed, body.note.as_deref());
            let request = commands::act(tx, &clock, caller.member, RequestId(id), what)?;
            Ok(Json(request.into()))
        })
        .await
}

/// Somebody who could be sent, and what speaks for and against it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExpertFitBody {
    member: NameRef,
    office: String,
    /// Whether it is the very field, not one that was merged with it.
    same_field: bool,
    /// The smallest place that both they and the commune lie in.
    common: String,
    /// Levels of places between it and the commune.
    steps: u32,
    /// Minutes of their month that are left.
    minutes_left: u32,
    /// Requests in hand.
    open: u32,
    /// Whether they speak the language wished for.
    speaks: Option<bool>,
    /// Days of the wish on which they are free.
    days_free: u32,
}

/// Who could be sent, the best first.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExpertFitsBody {
    fits: Vec<ExpertFitBody>,
    /// How many experts go to this place at all.
    of: usize,
}

/// Who could be sent to a request, the best first.
#[utoipa::path(get, path = "/api/v1/experts/requests/{id}/suggestions", operation_id = "suggest_experts", tag = "experts",
    params(("id" = Uuid, Path)), responses((status = 200, body = ExpertFitsBody)))]
pub async fn suggest(
    caller: Caller<ProvinceUp>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
) -> AppResult<Json<ExpertFitsBody>> {
    let today = app.clock.today();
    app.db
        .read(move |tx| {
            let who = (caller.member, Role::ProvinceOfficer);
            let found = store::find_in_scope(tx, RequestId(id), who, today)?;
            let request = found.ok_or_else(AppError::not_found)?;
            let path = &request.place.path;
            let all = store::candidates(tx, path, today - Duration::days(LOAD_DAYS))?;
            let need = Need {
                field: request.asked.field,
                path: path.clone(),
                language: request.asked.language,
                days: request.asked.wish,
                today,
            };
            let candidates: Vec<Candidate> = all.iter().map(|(one, ..)| one.clone()).collect();
            let ranked = rank(&candidates, &need, &Fields::bundled());
            let mut fits = Vec::new();
            for fit in ranked.into_iter().take(SUGGESTED) {
                let (one, name, office) = &all[fit.at];
                let common = places::store::ids_of(&fit.common).pop();
                let common = match common {
                    Some(id) => places::store::find(tx, &id, today)?,
                    None => None,
                };
                fits.push(ExpertFitBody {
                    member: named((one.member, name.clone())),
                    office: office.clone(),
                    same_field: fit.same_field,
                    common: common.map_or_else(String::new, |place| place.full_name),
                    steps: fit.steps,
                    minutes_left: fit.minutes_left,
                    open: fit.open,
                    speaks: fit.speaks,
                    days_free: fit.days_free,
                });
            }
            Ok(Json(ExpertFitsBody {
                fits,
                of: all.len(),
            }))
        })
        .await
}

/// One pressure on a desk, measured.
#[derive(Debug, Serialize, ToSchema)]
pub struct PressureBody {
    pressure: Pressure,
    /// In thousandths.
    value_permille: i64,
    /// From where on it is too much; for who came, too little.
    threshold_permille: i64,
    over: bool,
}

impl From<Signal> for PressureBody {
    fn from(signal: Signal) -> Self {
        Self {
            pressure: signal.pressure,
            value_permille: signal.value_permille,
            threshold_permille: signal.threshold_permille,
            over: signal.over,
        }
    }
}

/// A desk and what weighs on it.
#[derive(Debug, Serialize, ToSchema)]
pub struct PressedDeskBody {
    point: NameRef,
    /// Whether any pressure is over its threshold.
    overloaded: bool,
    /// As far as they can be measured.
    signals: Vec<PressureBody>,
}

/// Desks of a place, by name.
#[derive(Debug, Serialize, ToSchema)]
pub struct PressedDesksBody {
    desks: Vec<PressedDeskBody>,
}

/// Whose desks.
#[derive(Debug, Deserialize, IntoParams)]
pub struct DesksQuery {
    /// A commune, or a hamlet.
    #[param(value_type = String)]
    place: PlaceId,
}

/// What weighs on the desks of a commune: reasons to ask for an expert.
#[utoipa::path(get, path = "/api/v1/experts/desks", operation_id = "list_pressed_desks", tag = "experts",
    params(DesksQuery), responses((status = 200, body = PressedDesksBody)))]
pub async fn list_desks(
    caller: Caller<LeaderUp>,
    State(app): State<Arc<App>>,
    Query(query): Query<DesksQuery>,
) -> AppResult<Json<PressedDesksBody>> {
    let now = app.clock.now();
    app.db
        .read(move |tx| {
            let today = domain::days::day_of(now);
            let (member, least) = (caller.member, Role::Leader);
            let place = places::store::need_in_scope(tx, member, least, &query.place, today)?;
            // It reads every assist of four weeks: too much for more than a commune.
            if !["commune", "hamlet"].contains(&place.level.as_str()) {
                return Err(Refusal::new("request.validation")
                    .with("field", "place")
                    .into());
            }
            let desks = desks::measure(tx, &place.path, now)?.into_iter();
            let desks = desks.map(|(point, name, desk)| {
                let signals: Vec<PressureBody> =
                    signals(&desk).into_iter().map(PressureBody::from).collect();
                PressedDeskBody {
                    point: NameRef { id: point.0, name },
                    overloaded: signals.iter().any(|one| one.over),
                    signals,
                }
            });
            Ok(Json(PressedDesksBody {
                desks: desks.collect(),
            }))
        })
        .await
}
