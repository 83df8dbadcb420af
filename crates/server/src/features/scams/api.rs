//! Wire types and handlers for officers who have reports of scams in hand.

use super::commands::{self, Act, told_since};
use super::store::{self, Alert, Contact, Kept, Step};
use crate::App;
use crate::features::facts::NameRef;
use crate::features::members::Role;
use crate::features::places::{self, PlaceRef};
use crate::platform::http::{Caller, OfficerUp};
use crate::platform::problem::{AppError, AppResult};
use crate::platform::wire::{Day, Instant, Json, Path, Query};
use axum::extract::State;
use domain::ids::{PlaceId, ScamReportId};
use domain::refusal::Refusal;
use domain::scams::{
    Handing, HandingWay, Loss, ScamAct, ScamChannel, ScamDeed, ScamResult, ScamStage, Scams,
    WAVE_DAYS, masked, waves,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use time::{Date, Duration};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// The longest period of a list, days.
const PERIOD_DAYS_MAX: i64 = 366;
/// Reports in one list, at most.
const LIST_MAX: i64 = 500;

/// A report in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScamReportBody {
    id: Uuid,
    place: PlaceRef,
    /// Code of the kind; its words come with the app.
    scam: String,
    channel: ScamChannel,
    /// The deceiver's number or link, masked.
    trace: Option<String>,
    loss: Loss,
    happened_on: Day,
    made_on: Day,
    /// Who reported it in the app; null for the public page.
    by: Option<NameRef>,
    stage: ScamStage,
    /// Who has it in hand.
    officer: Option<NameRef>,
    result: Option<ScamResult>,
    /// Whether whoever reported it can be called.
    has_contact: bool,
}

impl From<Kept> for ScamReportBody {
    fn from(kept: Kept) -> Self {
        let Kept { made, stands, .. } = kept;
        let named = |(id, name): (domain::ids::MemberId, String)| NameRef { id: id.0, name };
        Self {
            id: made.id.0,
            place: kept.place.into(),
            trace: made.report.trace.as_deref().map(masked),
            scam: made.report.scam,
            channel: made.report.channel,
            loss: made.report.loss,
            happened_on: Day(made.report.happened_on),
            made_on: Day(made.made_on),
            by: made.by.zip(kept.by_name).map(named),
            stage: stands.stage,
            officer: stands.officer.zip(kept.officer_name).map(named),
            result: stands.result,
            has_contact: kept.has_contact,
        }
    }
}

/// How many reports of a kind were made in a week.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScamCountBody {
    /// Code of the kind.
    scam: String,
    /// The week's Monday.
    week: Day,
    reports: u32,
}

/// Many reports of one kind in a commune within a week, of which its teams were not told.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScamWaveBody {
    place: PlaceRef,
    /// Code of the kind.
    scam: String,
    reports: u32,
    /// What the teams could be told.
    text: String,
}

/// Teams that were told of a wave.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScamAlertBody {
    id: Uuid,
    /// Code of the kind.
    scam: String,
    text: String,
    at: Instant,
}

/// Reports of a period, and those before it that are not over.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScamReportsBody {
    place: PlaceRef,
    /// The newest first, at most 500.
    reports: Vec<ScamReportBody>,
    /// By kind and week; without duplicates and what was no scam.
    counts: Vec<ScamCountBody>,
    /// Now, the largest first.
    waves: Vec<ScamWaveBody>,
    /// Of the last seven days, the newest first.
    alerts: Vec<ScamAlertBody>,
}

/// Which reports.
#[derive(Debug, Deserialize, IntoParams)]
pub struct ScamReportsQuery {
    /// At or below this place.
    #[param(value_type = String)]
    place: PlaceId,
    /// First day.
    #[param(value_type = Day)]
    from: Day,
    /// Last day; a year after the first, at most.
    #[param(value_type = Day)]
    to: Day,
}

fn counts(days: &[(PlaceId, String, Date)]) -> Vec<ScamCountBody> {
    let mut found: BTreeMap<(Date, &str), u32> = BTreeMap::new();
    for (_, scam, day) in days {
        let monday = *day - Duration::days(i64::from(day.weekday().number_days_from_monday()));
        *found.entry((monday, scam)).or_default() += 1;
    }
    let count = |((week, scam), reports): ((Date, &str), u32)| ScamCountBody {
        scam: scam.to_owned(),
        week: Day(week),
        reports,
    };
    found.into_iter().map(count).collect()
}

/// Reports of suspected scams in a place, how many there are, and waves of them.
#[utoipa::path(get, path = "/api/v1/scams/reports", operation_id = "list_scam_reports", tag = "scams",
    params(ScamReportsQuery), responses((status = 200, body = ScamReportsBody)))]
pub async fn list_reports(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Query(query): Query<ScamReportsQuery>,
) -> AppResult<Json<ScamReportsBody>> {
    let now = app.clock.now();
    let period = (query.from.0, query.to.0);
    if !(0..PERIOD_DAYS_MAX).contains(&(period.1 - period.0).whole_days()) {
        return Err(Refusal::new("request.validation")
            .with("field", "to")
            .into());
    }
    app.db
        .read(move |tx| {
            let today = domain::days::day_of(now);
            let (member, least) = (caller.member, Role::CommuneOfficer);
            let place = places::store::need_in_scope(tx, member, least, &query.place, today)?;
            let reports = store::below(tx, &place.path, period, today, LIST_MAX)?;
            let days = store::days(tx, &place.path, period)?;
            let week = (today - Duration::days(i64::from(WAVE_DAYS) - 1), today);
            let alerts = store::alerts(tx, &place.path, told_since(now))?;
            let told: BTreeSet<_> = (alerts.iter())
                .map(|(alert, _)| (alert.place.clone(), alert.scam.clone()))
                .collect();
            let scams = Scams::bundled();
            let mut suggested = Vec::new();
            for wave in waves(store::days(tx, &place.path, week)?, &told, today) {
                let there = places::store::find(tx, &wave.place, today)?;
                let text = scams.find(&wave.scam).map(|kind| kind.alert.clone());
                suggested.extend(there.zip(text).map(|(there, text)| ScamWaveBody {
                    place: there.into(),
                    scam: wave.scam,
                    reports: wave.reports,
                    text,
                }));
            }
            Ok(Json(ScamReportsBody {
                place: place.into(),
                reports: reports.into_iter().map(ScamReportBody::from).collect(),
                counts: counts(&days),
                waves: suggested,
                alerts: (alerts.into_iter())
                    .map(|(alert, at)| ScamAlertBody {
                        id: alert.id,
                        scam: alert.scam,
                        text: alert.text,
                        at: Instant(at),
                    })
                    .collect(),
            }))
        })
        .await
}

/// Something that was done about a report.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScamStepBody {
    act: ScamAct,
    at: Instant,
    /// Null for the public page.
    by: Option<NameRef>,
    /// To whom in the police.
    handed_to: Option<String>,
    way: Option<HandingWay>,
    /// Under which number they have it.
    reference: Option<String>,
    result: Option<ScamResult>,
    note: String,
}

impl From<(Step, Option<String>)> for ScamStepBody {
    fn from((step, name): (Step, Option<String>)) -> Self {
        let handing = step.deed.handing;
        Self {
            act: step.deed.act,
            at: Instant(step.at),
            by: step
                .by
                .zip(name)
                .map(|(id, name)| NameRef { id: id.0, name }),
            way: handing.as_ref().map(|handing| handing.way),
            reference: handing.as_ref().map(|handing| handing.reference.clone()),
            handed_to: handing.map(|handing| handing.to),
            result: step.deed.result,
            note: step.note,
        }
    }
}

/// A report with everything that was done about it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScamReportPageBody {
    report: ScamReportBody,
    /// The deceiver's number or link, whole: text, never a link.
    trace: Option<String>,
    /// What happened.
    note: Option<String>,
    /// In order.
    steps: Vec<ScamStepBody>,
    /// Whether the caller has it in hand.
    in_hand: bool,
}

fn page(
    tx: &crate::platform::db::Tx<'_>,
    kept: Kept,
    by: domain::ids::MemberId,
) -> AppResult<ScamReportPageBody> {
    let steps = store::steps(tx, kept.made.id)?;
    Ok(ScamReportPageBody {
        trace: kept.made.report.trace.clone(),
        note: kept.made.report.note.clone(),
        in_hand: kept.stands.officer == Some(by),
        report: kept.into(),
        steps: steps.into_iter().map(ScamStepBody::from).collect(),
    })
}

/// A report with everything that was done about it.
#[utoipa::path(get, path = "/api/v1/scams/reports/{id}", operation_id = "get_scam_report", tag = "scams",
    params(("id" = Uuid, Path)), responses((status = 200, body = ScamReportPageBody)))]
pub async fn get_report(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
) -> AppResult<Json<ScamReportPageBody>> {
    let today = app.clock.today();
    app.db
        .read(move |tx| {
            let found = store::find_in_scope(tx, ScamReportId(id), caller.member, today)?;
            let kept = found.ok_or_else(AppError::not_found)?;
            Ok(Json(page(tx, kept, caller.member)?))
        })
        .await
}

/// Something to do about a report.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ScamActBody {
    /// Made by the caller: sent twice, it is done once.
    id: Uuid,
    /// `take`, `hand_over` or `close`.
    act: ScamAct,
    /// To whom in the police.
    handed_to: Option<String>,
    way: Option<HandingWay>,
    /// Under which number they have it.
    reference: Option<String>,
    result: Option<ScamResult>,
    /// In words.
    note: Option<String>,
}

/// Moves a report on.
#[utoipa::path(post, path = "/api/v1/scams/reports/{id}/acts", operation_id = "act_on_scam_report", tag = "scams",
    params(("id" = Uuid, Path)), request_body = ScamActBody, responses((status = 200, body = ScamReportPageBody)))]
pub async fn act(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
    Json(body): Json<ScamActBody>,
) -> AppResult<Json<ScamReportPageBody>> {
    let clock = app.clock.clone();
    app.db
        .write(move |tx| {
            let reference = body.reference.unwrap_or_default();
            let handing = |(to, way)| Handing { to, way, reference };
            // Only what belongs to the act is kept with it.
            let (handing, result) = match body.act {
                ScamAct::HandOver => (body.handed_to.zip(body.way).map(handing), None),
                ScamAct::Close => (None, body.result),
                ScamAct::Report | ScamAct::Take => (None, None),
            };
            let act = Act {
                id: body.id,
                deed: ScamDeed {
                    act: body.act,
                    handing,
                    result,
                },
                note: body.note.unwrap_or_default(),
            };
            let kept = commands::act(tx, &clock, caller.member, ScamReportId(id), act)?;
            Ok(Json(page(tx, kept, caller.member)?))
        })
        .await
}

/// How to reach whoever reported.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScamContactBody {
    name: String,
    /// As people write it.
    phone: String,
}

/// How to reach whoever reported, for the officer who has it in hand. Each look is noted.
#[utoipa::path(post, path = "/api/v1/scams/reports/{id}/contact", operation_id = "show_scam_contact", tag = "scams",
    params(("id" = Uuid, Path)), responses((status = 200, body = ScamContactBody)))]
pub async fn show_contact(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
) -> AppResult<Json<ScamContactBody>> {
    let clock = app.clock.clone();
    app.db
        .write(move |tx| {
            let id = ScamReportId(id);
            let Contact { name, phone } = commands::look_at_contact(tx, &clock, caller.member, id)?;
            Ok(Json(ScamContactBody { name, phone }))
        })
        .await
}

/// What to tell the teams of a commune.
#[derive(Debug, Deserialize, ToSchema)]
pub struct SendScamAlertBody {
    /// Made by the caller: sent twice, they hear of it once.
    id: Uuid,
    #[schema(value_type = String)]
    place: PlaceId,
    /// Code of the kind.
    scam: String,
    text: String,
}

/// Who was told.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScamAlertSent {
    /// Leaders of teams.
    leaders: usize,
}

/// Tells the leaders of a commune's teams of a wave.
#[utoipa::path(post, path = "/api/v1/scams/alerts", operation_id = "send_scam_alert", tag = "scams",
    request_body = SendScamAlertBody, responses((status = 200, body = ScamAlertSent)))]
pub async fn send_alert(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Json(body): Json<SendScamAlertBody>,
) -> AppResult<Json<ScamAlertSent>> {
    let clock = app.clock.clone();
    app.db
        .write(move |tx| {
            let alert = Alert {
                id: body.id,
                place: body.place,
                scam: body.scam,
                text: body.text,
            };
            let leaders = commands::alert(tx, &clock, caller.member, alert)?;
            Ok(Json(ScamAlertSent { leaders }))
        })
        .await
}
