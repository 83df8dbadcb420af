//! Wire types and handlers for officers: comments, files, how points ask, corrective actions.

use super::commands::{self, Deed};
use super::file::{self, Taken};
use super::results::RatingsQuery;
use super::store::{self, Action, Asked, Asks, Done, Line, Point};
use crate::App;
use crate::features::exports::store::Of;
use crate::features::exports::{self, Format, XLSX};
use crate::features::facts::NameRef;
use crate::features::members::{Role, store as members};
use crate::features::places;
use crate::platform::clock::random;
use crate::platform::db::Tx;
use crate::platform::http::{Caller, OfficerUp, origin};
use crate::platform::problem::{AppError, AppResult};
use crate::platform::wire::{Binary, Day, Instant, Json, Path, Query, attachment};
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::codes;
use domain::desk::POINT_CODE_LETTERS;
use domain::ids::{ActionId, MemberId, PlaceId, PointId, RatingId, TicketId};
use domain::ratings::{ActionAct, ActionStage, CommentState, RatingScale, RatingStep, RatingTopic};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Comments in one answer, at most.
const COMMENTS_MAX: usize = 200;
/// Closed actions in one answer, at most.
const CLOSED_MAX: i64 = 50;
/// What a resident said in words.
#[derive(Debug, Serialize, ToSchema)]
pub struct RatingCommentBody {
    /// Id of the rating.
    id: Uuid,
    day: Day,
    /// Name of the point.
    point: String,
    /// All in all.
    step: Option<RatingStep>,
    text: String,
    state: CommentState,
    /// Whether the caller may say who reads it.
    may_moderate: bool,
}

/// Comments, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct RatingCommentsBody {
    comments: Vec<RatingCommentBody>,
}

/// What residents said in words. Before anybody let it through, only officers of the point
/// themselves see it.
#[utoipa::path(get, path = "/api/v1/ratings/comments", operation_id = "list_rating_comments", tag = "ratings",
    params(RatingsQuery), responses((status = 200, body = RatingCommentsBody)))]
pub async fn list_comments(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Query(query): Query<RatingsQuery>,
) -> AppResult<Json<RatingCommentsBody>> {
    let today = app.clock.today();
    app.db
        .read(move |tx| {
            let (_, asked) = query.open(tx, caller.member, today)?;
            let own = store::own_paths(tx, caller.member)?;
            let mut comments = Vec::new();
            store::each(tx, &asked, |line| comments.extend(comment(line, &own)))?;
            comments.reverse();
            comments.truncate(COMMENTS_MAX);
            Ok(Json(RatingCommentsBody { comments }))
        })
        .await
}

fn comment(line: Line, own: &[String]) -> Option<RatingCommentBody> {
    let state = line.comment_state?;
    let may_moderate = own.iter().any(|own| line.path.starts_with(own));
    let text = line.rating.comment?;
    (may_moderate || state == CommentState::Shown).then(|| RatingCommentBody {
        id: line.rating.id.0,
        day: Day(domain::days::day_of(line.rating.at)),
        point: line.point_name,
        step: line.rating.answers.get(&RatingTopic::Overall).copied(),
        text,
        state,
        may_moderate,
    })
}

/// Who may read a comment.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ModerateBody {
    /// `shown` or `hidden`.
    state: CommentState,
}

/// Lets a comment through, or hides it: for officers of the point.
#[utoipa::path(put, path = "/api/v1/ratings/{id}/comment", operation_id = "moderate_rating_comment", tag = "ratings",
    params(("id" = Uuid, Path)), request_body = ModerateBody, responses((status = 204)))]
pub async fn moderate(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
    Json(body): Json<ModerateBody>,
) -> AppResult<StatusCode> {
    let clock = app.clock.clone();
    app.db
        .write(move |tx| {
            commands::moderate(tx, &clock, caller.member, RatingId(id), body.state)?;
            Ok(StatusCode::NO_CONTENT)
        })
        .await
}

/// Ratings of a place in a period as CSV, in which nobody is recognised.
#[utoipa::path(get, path = "/api/v1/ratings/export.csv", operation_id = "export_ratings_csv", tag = "ratings",
    params(RatingsQuery), responses((status = 200, body = Binary, content_type = "text/csv")))]
pub async fn get_csv(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Query(query): Query<RatingsQuery>,
) -> AppResult<Response> {
    let (taken, asked, lines) = take(&app, caller.member, query, Format::Csv).await?;
    let name = format!("{}.csv", file::name(&taken, &asked));
    Ok(handed_out(
        &name,
        "text/csv; charset=utf-8",
        file::csv(&lines)?,
    ))
}

/// Ratings of a place in a period as a workbook, in which nobody is recognised.
#[utoipa::path(get, path = "/api/v1/ratings/export.xlsx", operation_id = "export_ratings_xlsx", tag = "ratings",
    params(RatingsQuery), responses((status = 200, body = Binary, content_type = XLSX)))]
pub async fn get_xlsx(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Query(query): Query<RatingsQuery>,
) -> AppResult<Response> {
    let (taken, asked, lines) = take(&app, caller.member, query, Format::Xlsx).await?;
    let name = format!("{}.xlsx", file::name(&taken, &asked));
    Ok(handed_out(&name, XLSX, file::xlsx(&taken, &asked, &lines)?))
}

/// Gathers what a file is to hold, and notes who takes it.
async fn take(
    app: &App,
    by: MemberId,
    query: RatingsQuery,
    format: Format,
) -> AppResult<(Taken, Asked, Vec<Line>)> {
    let (id, now, today) = (app.clock.new_id(), app.clock.now(), app.clock.today());
    app.db
        .write(move |tx| {
            let (place, asked) = query.open(tx, by, today)?;
            let mut lines = Vec::new();
            store::each(tx, &asked, |line| lines.push(line))?;
            let of = Of::Ratings(asked.days, lines.len());
            exports::store::note(tx, (id, by, now), (format, &place.id), of)?;
            let by = members::by_id(tx, by)?.map_or_else(String::new, |member| member.name);
            let taken = Taken {
                place: place.full_name,
                by,
                at: now,
            };
            Ok((taken, asked, lines))
        })
        .await
}

fn handed_out(name: &str, media_type: &str, bytes: Vec<u8>) -> Response {
    let head = [
        (CONTENT_TYPE, media_type.to_owned()),
        (CONTENT_DISPOSITION, attachment(name)),
    ];
    (head, bytes).into_response()
}

/// How a point asks for ratings.
#[derive(Debug, Serialize, ToSchema)]
pub struct RatingPointBody {
    point: NameRef,
    /// Name of its place with the kind.
    place: String,
    /// What its poster leads to.
    code: String,
    /// The same as an address; `-` and a counter's code may follow.
    url: String,
    scale: RatingScale,
    /// Working days within which a corrective action is due.
    due_working_days: u32,
}

fn point_body(point: Point, asks: Asks, home: &str) -> RatingPointBody {
    RatingPointBody {
        point: NameRef {
            id: point.id.0,
            name: point.name,
        },
        place: point.place_name,
        url: format!("{home}/danh-gia/diem/{}", asks.code),
        code: asks.code,
        scale: asks.scale,
        due_working_days: asks.due_working_days,
    }
}

/// How a point asks for ratings; its code is made when it is first asked for.
#[utoipa::path(get, path = "/api/v1/ratings/points/{id}", operation_id = "get_rating_point", tag = "ratings",
    params(("id" = Uuid, Path)), responses((status = 200, body = RatingPointBody)))]
pub async fn get_point(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
) -> AppResult<Json<RatingPointBody>> {
    let (home, now, code) = (
        origin(&headers),
        app.clock.now(),
        codes::from_random(random::<POINT_CODE_LETTERS>()),
    );
    app.db
        .write(move |tx| {
            let point = commands::need_point(tx, caller.member, PointId(id), now)?;
            let asks = commands::asks(tx, &point, code)?;
            Ok(Json(point_body(point, asks, &home)))
        })
        .await
}

/// How a point is to ask.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PutRatingPointBody {
    scale: RatingScale,
    /// 1 to 30.
    due_working_days: u32,
}

/// Says how a point asks for ratings. What was answered before keeps its meaning.
#[utoipa::path(put, path = "/api/v1/ratings/points/{id}", operation_id = "put_rating_point", tag = "ratings",
    params(("id" = Uuid, Path)), request_body = PutRatingPointBody, responses((status = 200, body = RatingPointBody)))]
pub async fn put_point(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
    Json(body): Json<PutRatingPointBody>,
) -> AppResult<Json<RatingPointBody>> {
    let (home, now, code) = (
        origin(&headers),
        app.clock.now(),
        codes::from_random(random::<POINT_CODE_LETTERS>()),
    );
    app.db
        .write(move |tx| {
            let point = commands::need_point(tx, caller.member, PointId(id), now)?;
            let asks = Asks {
                scale: body.scale,
                due_working_days: body.due_working_days,
                ..commands::asks(tx, &point, code)?
            };
            commands::put_asks(tx, point.id, &asks)?;
            Ok(Json(point_body(point, asks, &home)))
        })
        .await
}

/// What is done about low ratings.
#[derive(Debug, Serialize, ToSchema)]
pub struct RatingActionBody {
    id: Uuid,
    point: NameRef,
    /// Name of its place with the kind.
    place: String,
    /// What the low answers are about.
    topic: RatingTopic,
    /// When the first came.
    opened_on: Day,
    due_on: Day,
    stage: ActionStage,
    /// Null when nobody is there to take it.
    owner: Option<NameRef>,
    /// Low answers that belong to it.
    low: u32,
    /// Whether it is open and its day is past.
    late: bool,
    /// Whether it is open and the caller's.
    mine: bool,
}

impl RatingActionBody {
    fn of(action: Action, (by, today): (MemberId, time::Date)) -> Self {
        let owner = action.stands.owner.zip(action.owner_name);
        let open = action.stands.stage.is_open();
        Self {
            id: action.id.0,
            point: NameRef {
                id: action.point.0.0,
                name: action.point.1,
            },
            place: action.place.1,
            topic: action.topic,
            opened_on: Day(action.opened_on),
            due_on: Day(action.due_on),
            stage: action.stands.stage,
            owner: owner.map(|(id, name)| NameRef { id: id.0, name }),
            low: action.low,
            late: open && action.due_on < today,
            mine: open && action.stands.owner == Some(by),
        }
    }
}

/// Corrective actions: those that are open, the first due first, then others, the last due first.
#[derive(Debug, Serialize, ToSchema)]
pub struct RatingActionsBody {
    actions: Vec<RatingActionBody>,
}

/// Which place.
#[derive(Debug, Deserialize, IntoParams)]
pub struct ActionsQuery {
    /// Of points in this subtree.
    #[param(value_type = String)]
    place: PlaceId,
}

/// Corrective actions of a place and below.
#[utoipa::path(get, path = "/api/v1/ratings/actions", operation_id = "list_rating_actions", tag = "ratings",
    params(ActionsQuery), responses((status = 200, body = RatingActionsBody)))]
pub async fn list_actions(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Query(query): Query<ActionsQuery>,
) -> AppResult<Json<RatingActionsBody>> {
    let today = app.clock.today();
    app.db
        .read(move |tx| {
            let (member, least) = (caller.member, Role::CommuneOfficer);
            let place = places::store::need_in_scope(tx, member, least, &query.place, today)?;
            let found = store::actions(tx, &place.path, CLOSED_MAX, today)?.into_iter();
            let actions = found.map(|one| RatingActionBody::of(one, (member, today)));
            Ok(Json(RatingActionsBody {
                actions: actions.collect(),
            }))
        })
        .await
}

/// Something that was done about an action.
#[derive(Debug, Serialize, ToSchema)]
pub struct RatingActionActBody {
    act: ActionAct,
    at: Instant,
    /// Null when a rating did it.
    by: Option<NameRef>,
    /// Whom it was opened for or given to.
    owner: Option<NameRef>,
    note: String,
}

impl From<(Done, Option<String>, Option<String>)> for RatingActionActBody {
    fn from((done, by, owner): (Done, Option<String>, Option<String>)) -> Self {
        let named = |(id, name): (MemberId, String)| NameRef { id: id.0, name };
        Self {
            act: done.act,
            at: Instant(done.at),
            by: done.by.zip(by).map(named),
            owner: done.owner.zip(owner).map(named),
            note: done.note,
        }
    }
}

/// A corrective action with everything that was done about it.
#[derive(Debug, Serialize, ToSchema)]
pub struct RatingActionPageBody {
    action: RatingActionBody,
    /// In order.
    acts: Vec<RatingActionActBody>,
    /// What those who gave the low answers said in words, as far as the caller may read it.
    comments: Vec<RatingCommentBody>,
    /// To whom it may be given.
    owners: Vec<NameRef>,
}

/// A corrective action with everything that was done about it.
#[utoipa::path(get, path = "/api/v1/ratings/actions/{id}", operation_id = "get_rating_action", tag = "ratings",
    params(("id" = Uuid, Path)), responses((status = 200, body = RatingActionPageBody)))]
pub async fn get_action(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
) -> AppResult<Json<RatingActionPageBody>> {
    let (now, today) = (app.clock.now(), app.clock.today());
    app.db
        .read(move |tx| {
            let action = commands::need_action(tx, caller.member, ActionId(id), now)?;
            let own = store::own_paths(tx, caller.member)?;
            let mut comments: Vec<_> = store::of_action(tx, action.id)?
                .into_iter()
                .filter_map(|line| comment(line, &own))
                .collect();
            comments.truncate(COMMENTS_MAX);
            let owners = store::owners(tx, &action.place.2)?.into_iter();
            let acts = store::history(tx, action.id)?.into_iter();
            Ok(Json(RatingActionPageBody {
                acts: acts.map(RatingActionActBody::from).collect(),
                comments,
                owners: owners
                    .map(|(id, name)| NameRef { id: id.0, name })
                    .collect(),
                action: RatingActionBody::of(action, (caller.member, today)),
            }))
        })
        .await
}

/// What is done about an action.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ActOnRatingsBody {
    /// Made by who does it: done twice, it is done once.
    id: Uuid,
    /// `assign`, `find_cause`, `do` or `close`.
    act: ActionAct,
    /// Whom it is given to.
    owner: Option<Uuid>,
    /// The cause, what was done, the result.
    note: Option<String>,
}

/// Does something about a corrective action.
#[utoipa::path(post, path = "/api/v1/ratings/actions/{id}/acts", operation_id = "act_on_ratings", tag = "ratings",
    params(("id" = Uuid, Path)), request_body = ActOnRatingsBody, responses((status = 200, body = RatingActionBody)))]
pub async fn act(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
    Json(body): Json<ActOnRatingsBody>,
) -> AppResult<Json<RatingActionBody>> {
    let clock = app.clock.clone();
    app.db
        .write(move |tx| {
            let deed = Deed {
                id: body.id,
                act: body.act,
                owner: body.owner.map(MemberId),
                note: body.note,
            };
            let (id, by, today) = (ActionId(id), caller.member, clock.today());
            commands::act(tx, &clock, by, id, &deed)?;
            let action = store::action(tx, id, today)?.ok_or_else(AppError::not_found)?;
            Ok(Json(RatingActionBody::of(action, (by, today))))
        })
        .await
}

/// What the holder of a ticket thought of how they were served.
#[derive(Debug, Serialize, ToSchema)]
pub struct TicketRatingBody {
    /// When.
    at: Instant,
    /// What was asked, and the answer.
    answers: Vec<TicketAnswerBody>,
}

/// An answer, and what is done about it when it was low.
#[derive(Debug, Serialize, ToSchema)]
pub struct TicketAnswerBody {
    topic: RatingTopic,
    step: RatingStep,
    /// Id of the corrective action.
    action: Option<Uuid>,
}

impl TicketRatingBody {
    /// The rating of a ticket, for officers of its point.
    ///
    /// # Errors
    /// The storage's.
    pub fn find(tx: &Tx<'_>, ticket: TicketId, officer: bool) -> AppResult<Option<Self>> {
        let found = match officer {
            true => store::of_ticket(tx, ticket)?,
            false => None,
        };
        let Some(rating) = found else { return Ok(None) };
        let mut answers = Vec::new();
        for (topic, step) in rating.answers {
            let action = store::action_of(tx, rating.id, topic)?;
            answers.push(TicketAnswerBody {
                topic,
                step,
                action: action.map(|action| action.0),
            });
        }
        let at = Instant(rating.at);
        Ok(Some(Self { at, answers }))
    }
}
