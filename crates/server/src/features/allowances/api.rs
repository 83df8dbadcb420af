//! Wire types and handlers for allowances.

use super::commands::{self, By};
use super::file;
use super::queries::{self, AllowanceLineBody, Asked, Found, LockedBody, OverlapBody, OwnBody};
use super::store::{self, Stored};
use crate::App;
use crate::features::exports::XLSX;
use crate::features::members::TeamRef;
use crate::features::places::{self, PlaceRef};
use crate::platform::db::Tx;
use crate::platform::http::{Anyone, Caller, LeaderUp, OfficerUp, ProvinceUp};
use crate::platform::problem::{AppError, AppResult};
use crate::platform::wire::{Binary, Day, Json, Query, attachment, said};
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use domain::allowances::Policy;
use domain::ids::{MemberId, PlaceId, TeamId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A policy with where and when it holds.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PolicyBody {
    /// Made by whoever enters it.
    id: Uuid,
    /// For the teams at home here and below.
    #[schema(value_type = String)]
    place_id: PlaceId,
    /// What people call it.
    name: String,
    /// The decision it follows from.
    source: String,
    /// What it pays.
    policy: Policy,
    /// From this day.
    valid_from: Day,
    /// Up to, not including, this day; null while nobody knows.
    valid_to: Option<Day>,
}

impl From<Stored> for PolicyBody {
    fn from(stored: Stored) -> Self {
        Self {
            id: stored.id,
            place_id: stored.place,
            name: stored.name,
            source: stored.source,
            policy: stored.policy,
            valid_from: Day(stored.valid_from),
            valid_to: stored.valid_to.map(Day),
        }
    }
}

/// Policies found.
#[derive(Debug, Serialize, ToSchema)]
pub struct PoliciesBody {
    /// The latest first.
    policies: Vec<PolicyBody>,
}

/// Which place.
#[derive(Debug, Deserialize, IntoParams)]
pub struct PoliciesQuery {
    #[param(value_type = String)]
    place: PlaceId,
}

/// Policies that hold at a place in sight.
#[utoipa::path(get, path = "/api/v1/allowances/policies", operation_id = "list_policies", tag = "allowances",
    params(PoliciesQuery), responses((status = 200, body = PoliciesBody)))]
pub async fn list_policies(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Query(query): Query<PoliciesQuery>,
) -> AppResult<Json<PoliciesBody>> {
    let today = app.clock.today();
    app.db
        .read(move |tx| {
            let by = caller.member;
            let place = places::store::need_in_sight(tx, by, &query.place, today)?;
            let found = store::at(tx, &place.path)?;
            let policies = found.into_iter().map(PolicyBody::from).collect();
            Ok(Json(PoliciesBody { policies }))
        })
        .await
}

/// Enters a policy, or mends one; lists that are locked stay as they are.
#[utoipa::path(put, path = "/api/v1/allowances/policies", operation_id = "put_policy", tag = "allowances",
    request_body = PolicyBody, responses((status = 200, body = PolicyBody)))]
pub async fn put_policy(
    caller: Caller<ProvinceUp>,
    State(app): State<Arc<App>>,
    Json(body): Json<PolicyBody>,
) -> AppResult<Json<PolicyBody>> {
    let new = Stored {
        id: body.id,
        place: body.place_id,
        path: String::new(),
        name: said("name", &body.name)?,
        source: said("source", &body.source)?,
        policy: body.policy,
        valid_from: body.valid_from.0,
        valid_to: body.valid_to.map(|day| day.0),
    };
    let today = app.clock.today();
    app.db
        .write(move |tx| {
            commands::put_policy(tx, caller.member, today, &new)?;
            Ok(Json(new.into()))
        })
        .await
}

/// Which list.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
pub struct SheetQuery {
    /// The policy.
    policy: Uuid,
    /// The unit whose teams are listed.
    #[param(value_type = String)]
    #[schema(value_type = String)]
    place: PlaceId,
    /// The month's first day.
    month: Day,
}

/// A month's list.
#[derive(Debug, Serialize, ToSchema)]
pub struct SheetBody {
    place: PlaceRef,
    month: Day,
    /// Teams that were at work, by place and name; a leader's own.
    lines: Vec<AllowanceLineBody>,
    /// Teams that were not.
    silent: Vec<TeamRef>,
    /// Who would be paid twice: to be decided before the list is locked.
    overlaps: Vec<OverlapBody>,
    /// Null while it is open.
    locked: Option<LockedBody>,
    /// All of it, đồng.
    total_vnd: i64,
    /// The same in words.
    total_in_words: String,
    /// Whether the caller decides, tops up and locks.
    may_change: bool,
    /// Whether this list can be locked: of a commune, over, nothing open.
    lockable: bool,
}

/// Who asks for a list, and when.
struct Asker {
    app: Arc<App>,
    by: By,
}

impl Asker {
    fn of<R>(caller: &Caller<R>, app: Arc<App>) -> Self {
        let by = (caller.member, app.clock.now());
        Self { app, by }
    }

    fn open(tx: &Tx<'_>, by: By, query: &SheetQuery) -> AppResult<Asked> {
        let today = domain::days::day_of(by.1);
        let list = (query.policy, &query.place, query.month.0);
        Asked::open(tx, (by.0, today), list)
    }

    async fn sheet(&self, query: SheetQuery) -> AppResult<(Asked, Found)> {
        let by = self.by;
        self.app
            .db
            .read(move |tx| {
                let asked = Self::open(tx, by, &query)?;
                let found = asked.sheet(tx, by.0)?;
                Ok((asked, found))
            })
            .await
    }

    /// Does something about an officer's list, and answers with what it says then.
    async fn change(
        &self,
        query: SheetQuery,
        act: impl FnOnce(&mut Tx<'_>, &Asked, By) -> AppResult<()> + Send + 'static,
    ) -> AppResult<Json<SheetBody>> {
        let by = self.by;
        let changed = self.app.db.write(move |tx| {
            let asked = Self::open(tx, by, &query)?;
            if !asked.whole {
                return Err(AppError::not_found());
            }
            act(tx, &asked, by)?;
            let found = asked.sheet(tx, by.0)?;
            Ok((asked, found))
        });
        Ok(Json(self.body(changed.await?)))
    }

    fn body(&self, (asked, found): (Asked, Found)) -> SheetBody {
        let over = domain::days::day_of(self.by.1) >= asked.month.next;
        let unlocked = found.locked.is_none();
        let (total_vnd, open) = (found.total_vnd(), found.open());
        SheetBody {
            month: Day(asked.month.first),
            lockable: asked.whole
                && asked.place.level == "commune"
                && over
                && unlocked
                && open == 0,
            may_change: asked.whole && unlocked,
            total_vnd,
            total_in_words: file::in_words(total_vnd),
            place: asked.place.into(),
            lines: found.kept.lines,
            silent: found.silent,
            overlaps: found.kept.overlaps,
            locked: found.locked,
        }
    }
}

/// A month's list: as it stands now, or as it was locked. Officers see all of it, leaders
/// their own teams.
#[utoipa::path(get, path = "/api/v1/allowances/sheet", operation_id = "get_sheet", tag = "allowances",
    params(SheetQuery), responses((status = 200, body = SheetBody)))]
pub async fn get_sheet(
    caller: Caller<LeaderUp>,
    State(app): State<Arc<App>>,
    Query(query): Query<SheetQuery>,
) -> AppResult<Json<SheetBody>> {
    let asker = Asker::of(&caller, app);
    let found = asker.sheet(query).await?;
    Ok(Json(asker.body(found)))
}

/// A month's list as CSV, to print and sign.
#[utoipa::path(get, path = "/api/v1/allowances/sheet.csv", operation_id = "get_sheet_csv", tag = "allowances",
    params(SheetQuery), responses((status = 200, body = Binary, content_type = "text/csv")))]
pub async fn get_sheet_csv(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Query(query): Query<SheetQuery>,
) -> AppResult<Response> {
    let (asked, found) = Asker::of(&caller, app).sheet(query).await?;
    let name = format!("{}.csv", file::name(&asked));
    let bytes = file::csv(&asked, &found)?;
    Ok(handed_out(&name, "text/csv; charset=utf-8", bytes))
}

/// A month's list as a workbook, to print and sign.
#[utoipa::path(get, path = "/api/v1/allowances/sheet.xlsx", operation_id = "get_sheet_xlsx", tag = "allowances",
    params(SheetQuery), responses((status = 200, body = Binary, content_type = XLSX)))]
pub async fn get_sheet_xlsx(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Query(query): Query<SheetQuery>,
) -> AppResult<Response> {
    let asker = Asker::of(&caller, app);
    let (asked, found) = asker.sheet(query).await?;
    let name = format!("{}.xlsx", file::name(&asked));
    let bytes = file::xlsx(&asked, &found, asker.by.1)?;
    Ok(handed_out(&name, XLSX, bytes))
}

fn handed_out(name: &str, media_type: &str, bytes: Vec<u8>) -> Response {
    let head = [
        (CONTENT_TYPE, media_type.to_owned()),
        (CONTENT_DISPOSITION, attachment(name)),
    ];
    (head, bytes).into_response()
}

/// Which month.
#[derive(Debug, Deserialize, IntoParams)]
pub struct OwnQuery {
    /// Its first day.
    #[param(value_type = Day)]
    month: Day,
}

/// What the caller is paid for a month.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnListBody {
    /// Its first day.
    month: Day,
    /// A list each.
    lists: Vec<OwnBody>,
}

/// What the caller is paid for a month, and why not more.
#[utoipa::path(get, path = "/api/v1/allowances/own", operation_id = "get_own_allowances", tag = "allowances",
    params(OwnQuery), responses((status = 200, body = OwnListBody)))]
pub async fn get_own(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Query(query): Query<OwnQuery>,
) -> AppResult<Json<OwnListBody>> {
    let today = app.clock.today();
    app.db
        .read(move |tx| {
            let month = query.month;
            let lists = queries::own(tx, caller.member, month.0, today)?;
            Ok(Json(OwnListBody { month, lists }))
        })
        .await
}

/// Locks a commune's list: from now on it says what it says today.
#[utoipa::path(post, path = "/api/v1/allowances/sheet/lock", operation_id = "lock_sheet", tag = "allowances",
    request_body = SheetQuery, responses((status = 200, body = SheetBody)))]
pub async fn lock_sheet(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Json(query): Json<SheetQuery>,
) -> AppResult<Json<SheetBody>> {
    Asker::of(&caller, app).change(query, commands::lock).await
}

/// For which team somebody's days count who would be paid twice.
#[derive(Debug, Deserialize, ToSchema)]
pub struct DecisionBody {
    #[serde(flatten)]
    sheet: SheetQuery,
    member: Uuid,
    /// None: for no team.
    team: Option<Uuid>,
    /// Why.
    reason: String,
}

/// Decides about somebody who would be paid twice.
#[utoipa::path(put, path = "/api/v1/allowances/decisions", operation_id = "decide_overlap", tag = "allowances",
    request_body = DecisionBody, responses((status = 200, body = SheetBody)))]
pub async fn decide(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Json(body): Json<DecisionBody>,
) -> AppResult<Json<SheetBody>> {
    let reason = said("reason", &body.reason)?;
    let (member, team) = (MemberId(body.member), body.team.map(TeamId));
    Asker::of(&caller, app)
        .change(body.sheet, move |tx, asked, by| {
            commands::decide(tx, asked, (member, team, &reason), by)
        })
        .await
}

/// What a commune adds for a team.
#[derive(Debug, Deserialize, ToSchema)]
pub struct TopUpBody {
    #[serde(flatten)]
    sheet: SheetQuery,
    team: Uuid,
    /// Đồng; 0 takes it away.
    vnd: i64,
}

/// Adds a commune's own part to a team's line.
#[utoipa::path(put, path = "/api/v1/allowances/top_ups", operation_id = "put_top_up", tag = "allowances",
    request_body = TopUpBody, responses((status = 200, body = SheetBody)))]
pub async fn top_up(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Json(body): Json<TopUpBody>,
) -> AppResult<Json<SheetBody>> {
    Asker::of(&caller, app)
        .change(body.sheet, move |tx, asked, by| {
            commands::top_up(tx, asked, TeamId(body.team), body.vnd, by)
        })
        .await
}

/// Support that somebody has from elsewhere.
#[derive(Debug, Deserialize, ToSchema)]
pub struct OtherSupportBody {
    member: Uuid,
    /// The month's first day.
    month: Day,
    /// Which support, as policies name it.
    code: String,
    /// What is known of it.
    note: String,
    /// False takes it away again.
    has: bool,
}

/// Notes that somebody has, or does not have, support from elsewhere for a month.
#[utoipa::path(put, path = "/api/v1/allowances/other_support", operation_id = "put_other_support", tag = "allowances",
    request_body = OtherSupportBody, responses((status = 204)))]
pub async fn put_other_support(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Json(body): Json<OtherSupportBody>,
) -> AppResult<StatusCode> {
    let month = queries::month(body.month.0)?;
    let code = said("code", &body.code)?;
    let note = said("note", &body.note).unwrap_or_default();
    let by = (caller.member, app.clock.now());
    app.db
        .write(move |tx| {
            let member = MemberId(body.member);
            commands::need_officer_of(tx, by.0, member, domain::days::day_of(by.1))?;
            let note = body.has.then_some(note.as_str());
            store::put_other_support(tx, (member, month, &code), note, by)?;
            Ok(StatusCode::NO_CONTENT)
        })
        .await
}
