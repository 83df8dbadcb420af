//! Wire types and handlers for slips.

use super::commands::{self, Asked};
use super::store::{self, Deed, Slip};
use crate::App;
use crate::features::facts::NameRef;
use crate::features::members::Role;
use crate::platform::db::{DbError, Tx};
use crate::platform::http::{Anyone, Caller, origin};
use crate::platform::problem::AppResult;
use crate::platform::wire::{Day, Json, Path, Query};
use axum::extract::State;
use axum::http::HeaderMap;
use domain::days::day_of;
use domain::ids::{PointId, TicketId};
use domain::procedures::{Procedures, Regulated};
use domain::refusal::Refusal;
use domain::slips::{RANKED_MIN, SlipAct, SlipStage, due_after};
use domain::thursday::{Saved, Waited, beside, regulated_min, work_minutes};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use time::{Date, Duration};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Slips that ended stay in the list for so long.
const ENDED_SHOWN: Duration = Duration::days(7);

/// A slip, as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct SlipBody {
    id: Uuid,
    /// Opens the resident's page.
    code: String,
    /// That page.
    url: String,
    point: NameRef,
    /// Street and number of the point, and its commune.
    address: String,
    /// The ticket it was made for.
    ticket: Option<Uuid>,
    /// Codes of procedures.
    procedures: Vec<String>,
    /// The portal's code of the dossier.
    dossier: Option<String>,
    /// What else to bring.
    note: String,
    made_on: Day,
    made_by: NameRef,
    stage: SlipStage,
    /// When the result can be fetched.
    due: Day,
    /// What was promised first.
    promised: Day,
    /// The day has passed and nobody has the result.
    late: bool,
    /// How often another day was named, with an apology.
    apologies: u32,
    /// How often the dossier went back.
    sent_back: u32,
    done_on: Option<Day>,
    /// Masked, and for those of the commune alone; null when none was given, or it was forgotten.
    phone: Option<String>,
}

/// A slip that was made for a ticket.
#[derive(Debug, Serialize, ToSchema)]
pub struct TicketSlipBody {
    id: Uuid,
    stage: SlipStage,
    /// When the result can be fetched.
    due: Day,
    /// The day has passed and nobody has the result.
    late: bool,
}

impl TicketSlipBody {
    /// The slips of a ticket.
    ///
    /// # Errors
    /// The storage's.
    pub fn all(tx: &Tx<'_>, ticket: TicketId, today: Date) -> Result<Vec<Self>, DbError> {
        let slips = store::of_ticket(tx, ticket, today)?.into_iter();
        let body = |slip: Slip| Self {
            id: slip.id,
            stage: slip.stands.stage,
            due: Day(slip.stands.due),
            late: slip.stands.is_late(today),
        };
        Ok(slips.map(body).collect())
    }
}

impl SlipBody {
    fn of(slip: Slip, caller: &Caller<Anyone>, home: &str, today: Date) -> Self {
        let near = caller.highest < Role::ProvinceOfficer;
        let phone = slip.phone.as_deref().filter(|_| near);
        let address = [slip.point_address.as_str(), &slip.place_name];
        let address: Vec<&str> = address
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect();
        Self {
            id: slip.id,
            url: format!("{home}/hen/{}", slip.code),
            code: slip.code,
            address: address.join(", "),
            point: NameRef {
                id: slip.point.0,
                name: slip.point_name,
            },
            ticket: slip.ticket,
            procedures: slip.procedures,
            dossier: slip.dossier,
            note: slip.note,
            made_on: Day(slip.made_on),
            made_by: NameRef {
                id: slip.made_by.0.0,
                name: slip.made_by.1,
            },
            stage: slip.stands.stage,
            due: Day(slip.stands.due),
            promised: Day(slip.stands.promised),
            late: slip.stands.is_late(today),
            apologies: slip.stands.apologies,
            sent_back: slip.stands.sent_back,
            done_on: slip.stands.done_on.map(Day),
            phone: phone
                .and_then(|raw| vn::phone::Phone::parse(raw).ok())
                .map(|phone| phone.masked()),
        }
    }
}

/// Which point.
#[derive(Debug, Deserialize, IntoParams)]
pub struct SlipsQuery {
    point: Uuid,
}

/// Slips of a point.
#[derive(Debug, Serialize, ToSchema)]
pub struct SlipsBody {
    /// The server's day.
    today: Day,
    /// The next day on which the point works.
    next_day: Day,
    /// Those awaited or sent back, and those that ended lately, by the day promised.
    slips: Vec<SlipBody>,
}

/// Slips of a point that are awaited, went back, or ended within seven days.
#[utoipa::path(get, path = "/api/v1/slips", operation_id = "list_slips", tag = "slips",
    params(SlipsQuery), responses((status = 200, body = SlipsBody)))]
pub async fn list_slips(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Query(query): Query<SlipsQuery>,
) -> AppResult<Json<SlipsBody>> {
    let (home, today) = (origin(&headers), app.clock.today());
    app.db
        .read(move |tx| {
            let point = PointId(query.point);
            commands::need_point(tx, caller.member, Role::Volunteer, (point, today))?;
            let slips = store::of_point(tx, point, (today - ENDED_SHOWN, today))?;
            let body = |slip| SlipBody::of(slip, &caller, &home, today);
            Ok(Json(SlipsBody {
                today: Day(today),
                next_day: Day(due_after(today, 1)),
                slips: slips.into_iter().map(body).collect(),
            }))
        })
        .await
}

/// What the result is awaited of.
#[derive(Debug, Deserialize, IntoParams)]
pub struct DueQuery {
    /// Codes of procedures, separated by commas.
    procedures: String,
}

/// A day to promise.
#[derive(Debug, Serialize, ToSchema)]
pub struct DueBody {
    due: Day,
    /// Working days that the regulations give; null when they are not confirmed for one of them.
    working_days: Option<u32>,
}

/// The day by which the regulations want the result, on the working-day calendar; the next
/// working day where they are not confirmed.
#[utoipa::path(get, path = "/api/v1/slips/due", operation_id = "suggest_due", tag = "slips",
    params(DueQuery), responses((status = 200, body = DueBody)))]
pub async fn suggest_due(
    _: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Query(query): Query<DueQuery>,
) -> AppResult<Json<DueBody>> {
    let mut most = Some(0);
    for code in query.procedures.split(',') {
        let known = Procedures::bundled().find(code);
        let known =
            known.ok_or_else(|| Refusal::new("request.validation").with("field", "procedures"))?;
        let days = known.regulated.map(|given| match given {
            Regulated::Minutes(_) => 0,
            Regulated::WorkingDays(days) => days,
        });
        most = most.zip(days).map(|(most, days)| most.max(days));
    }
    let due = due_after(app.clock.today(), most.unwrap_or(1));
    Ok(Json(DueBody {
        due: Day(due),
        working_days: most,
    }))
}

/// Which point, and when.
#[derive(Debug, Deserialize, IntoParams)]
pub struct SlipFiguresQuery {
    point: Uuid,
    /// First day.
    #[param(value_type = Day)]
    from: Day,
    /// Last day.
    #[param(value_type = Day)]
    to: Day,
}

/// How promises were kept. Shares are the reader's to make, and only where the numbers are large enough.
#[derive(Debug, Serialize, ToSchema)]
pub struct SlipFiguresBody {
    /// Results handed over.
    done: i64,
    /// Of these, by the day promised first.
    on_time: i64,
    /// Slips made.
    made: i64,
    /// Of these, with a dossier that went back.
    sent_back: i64,
    /// Of these, with an apology.
    apologies: i64,
    /// Below so many nothing is ranked.
    ranked_min: i64,
}

/// Promises kept and dossiers sent back at a point.
#[utoipa::path(get, path = "/api/v1/slips/figures", operation_id = "get_slip_figures", tag = "slips",
    params(SlipFiguresQuery), responses((status = 200, body = SlipFiguresBody)))]
pub async fn get_figures(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Query(query): Query<SlipFiguresQuery>,
) -> AppResult<Json<SlipFiguresBody>> {
    let today = app.clock.today();
    app.db
        .read(move |tx| {
            let point = PointId(query.point);
            commands::need_point(tx, caller.member, Role::Volunteer, (point, today))?;
            let found = store::figures(tx, point, (query.from.0, query.to.0))?;
            Ok(Json(SlipFiguresBody {
                done: found.done,
                on_time: found.on_time,
                made: found.made,
                sent_back: found.sent_back,
                apologies: found.apologies,
                ranked_min: RANKED_MIN,
            }))
        })
        .await
}

/// What some results have in common.
#[derive(Debug, Serialize, ToSchema)]
pub struct SavedBody {
    /// How many.
    n: i64,
    /// Median of minutes at work from coming to having the result; null for none.
    actual_min: Option<u32>,
    /// Median of what the regulations give.
    regulated_min: Option<u32>,
    /// Median of what is saved of that, in thousandths; negative when it took longer.
    saved_permille: Option<i64>,
}

impl From<Saved> for SavedBody {
    fn from(saved: Saved) -> Self {
        Self {
            n: saved.n,
            actual_min: saved.actual_min,
            regulated_min: saved.regulated_min,
            saved_permille: saved.saved_permille,
        }
    }
}

/// Thursdays beside other days.
#[derive(Debug, Serialize, ToSchema)]
pub struct ThursdayBody {
    thursdays: SavedBody,
    others: SavedBody,
    /// Results left out, because the regulated time of a procedure is not confirmed.
    unconfirmed: i64,
    /// Below so many nothing is ranked.
    ranked_min: i64,
}

/// Waiting saved against the regulations, on Thursdays and on other days: medians, each with its number.
#[utoipa::path(get, path = "/api/v1/thursday", operation_id = "get_thursday", tag = "slips",
    params(SlipFiguresQuery), responses((status = 200, body = ThursdayBody)))]
pub async fn get_thursday(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Query(query): Query<SlipFiguresQuery>,
) -> AppResult<Json<ThursdayBody>> {
    let today = app.clock.today();
    app.db
        .read(move |tx| {
            let point = PointId(query.point);
            commands::need_point(tx, caller.member, Role::Volunteer, (point, today))?;
            let found = store::results(tx, point, (query.from.0, query.to.0))?;
            let waited: Vec<Waited> = (found.iter())
                .filter_map(|(came, had, codes)| {
                    Some(Waited {
                        day: day_of(*came),
                        actual_min: work_minutes(*came, *had),
                        regulated_min: regulated_min(codes.iter().map(String::as_str))?,
                    })
                })
                .collect();
            let (thursdays, others) = beside(&waited);
            Ok(Json(ThursdayBody {
                unconfirmed: i64::try_from(found.len() - waited.len()).unwrap_or(i64::MAX),
                thursdays: thursdays.into(),
                others: others.into(),
                ranked_min: RANKED_MIN,
            }))
        })
        .await
}

/// One slip.
#[utoipa::path(get, path = "/api/v1/slips/{id}", operation_id = "get_slip", tag = "slips",
    params(("id" = Uuid, Path)), responses((status = 200, body = SlipBody)))]
pub async fn get_slip(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
) -> AppResult<Json<SlipBody>> {
    let (home, today) = (origin(&headers), app.clock.today());
    app.db
        .read(move |tx| {
            let slip = commands::need(tx, id, caller.member, today)?;
            Ok(Json(SlipBody::of(slip, &caller, &home, today)))
        })
        .await
}

/// A slip to make.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PutSlipBody {
    point: Uuid,
    /// The ticket it is made for.
    ticket: Option<Uuid>,
    /// Codes of procedures, one to eight.
    procedures: Vec<String>,
    /// The portal's code of the dossier.
    dossier: Option<String>,
    /// What else to bring, in words that point at nobody.
    #[serde(default)]
    note: String,
    due: Day,
    /// For a reminder: only given if the person agreed to be reminded.
    phone: Option<String>,
}

/// Makes a slip; made again with the same id, it is the same slip.
#[utoipa::path(put, path = "/api/v1/slips/{id}", operation_id = "put_slip", tag = "slips",
    params(("id" = Uuid, Path)), request_body = PutSlipBody, responses((status = 200, body = SlipBody)))]
pub async fn put_slip(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
    Json(body): Json<PutSlipBody>,
) -> AppResult<Json<SlipBody>> {
    let (home, clock) = (origin(&headers), app.clock.clone());
    app.db
        .write(move |tx| {
            let asked = Asked {
                id,
                point: PointId(body.point),
                ticket: body.ticket,
                procedures: body.procedures,
                dossier: body.dossier,
                note: body.note,
                due: body.due.0,
                phone: body.phone,
            };
            let slip = commands::make(tx, &clock, caller.member, &asked)?;
            Ok(Json(SlipBody::of(slip, &caller, &home, clock.today())))
        })
        .await
}

/// Something to do about a slip.
#[derive(Debug, Deserialize, ToSchema)]
pub struct SlipActBody {
    /// Minted by whoever does it.
    id: Uuid,
    act: SlipAct,
    /// For `new_day`.
    due: Option<Day>,
    /// Why; needed for an apology, for a dossier that goes back, and to cancel.
    #[serde(default)]
    note: String,
}

/// Names another day with an apology, sends the dossier back, hands the result over, or cancels.
#[utoipa::path(post, path = "/api/v1/slips/{id}/acts", operation_id = "act_on_slip", tag = "slips",
    params(("id" = Uuid, Path)), request_body = SlipActBody, responses((status = 200, body = SlipBody)))]
pub async fn act(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
    Json(body): Json<SlipActBody>,
) -> AppResult<Json<SlipBody>> {
    let (home, clock) = (origin(&headers), app.clock.clone());
    app.db
        .write(move |tx| {
            let deed = Deed {
                id: body.id,
                act: body.act,
                due: body.due.map(|day| day.0),
                note: body.note,
            };
            let slip = commands::act(tx, &clock, caller.member, (id, &deed))?;
            Ok(Json(SlipBody::of(slip, &caller, &home, clock.today())))
        })
        .await
}
