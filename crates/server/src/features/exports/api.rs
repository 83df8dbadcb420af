//! Wire types and handlers for exports.

use super::csv::Csv;
use super::lines::{self, Cell, FORM, Written};
use super::queries::{Export, Format, Question};
use super::store::Of;
use super::words::WORDS;
use super::xlsx::{SHEET_MAX, Xlsx};
use super::{XLSX, store};
use crate::App;
use crate::args;
use crate::features::members::store as members;
use crate::platform::db::Tx;
use crate::platform::http::{Caller, LeaderUp};
use crate::platform::outlet::{self, Outlet};
use crate::platform::problem::AppResult;
use crate::platform::wire::{Binary, Day, Json, Path, Query, attachment};
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use domain::days::iso;
use domain::ids::{CampaignId, MemberId, PlaceId, TeamId};
use domain::refusal::Refusal;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use time::OffsetDateTime;
use tokio::runtime::Handle;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Facts in a workbook, at most: more than anyone opens.
const XLSX_FACTS_MAX: i64 = 1_500_000;

/// Which facts.
#[derive(Debug, Deserialize, IntoParams)]
pub struct ExportQuery {
    /// The place; the campaign's if absent.
    #[param(value_type = Option<String>)]
    place: Option<PlaceId>,
    /// Code of the indicator whose number they are behind; every fact if absent, which only
    /// officers may ask for.
    indicator: Option<String>,
    /// Only this team's.
    team: Option<Uuid>,
    /// Up to this day; today if absent.
    #[param(value_type = Option<Day>)]
    on: Option<Day>,
}

impl From<ExportQuery> for Question {
    fn from(query: ExportQuery) -> Self {
        Self {
            place: query.place,
            indicator: query.indicator,
            team: query.team.map(TeamId),
            on: query.on.map(|day| day.0),
        }
    }
}

/// How large an export would be.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportSizeBody {
    /// Facts, about: corrected ones may be among them.
    facts: i64,
}

/// How large an export would be.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}/export", operation_id = "get_export_size", tag = "exports",
    params(("id" = Uuid, Path), ExportQuery), responses((status = 200, body = ExportSizeBody)))]
pub async fn get_size(
    caller: Caller<LeaderUp>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
    Query(query): Query<ExportQuery>,
) -> AppResult<Json<ExportSizeBody>> {
    let by = (caller.member, app.clock.today());
    app.db
        .read(move |tx| {
            let export = Export::open(tx, CampaignId(id), query.into(), by)?;
            let facts = export.size(tx)?;
            Ok(Json(ExportSizeBody { facts }))
        })
        .await
}

/// Facts as CSV, a line for each service of each.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}/export.csv", operation_id = "export_csv", tag = "exports",
    params(("id" = Uuid, Path), ExportQuery), responses((status = 200, content_type = "text/csv", body = String)))]
pub async fn get_csv(
    caller: Caller<LeaderUp>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
    Query(query): Query<ExportQuery>,
) -> AppResult<Response> {
    hand_out(app, caller.member, CampaignId(id), query, Format::Csv).await
}

/// Facts as a workbook, a line for each service of each.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}/export.xlsx", operation_id = "export_xlsx", tag = "exports",
    params(("id" = Uuid, Path), ExportQuery), responses((status = 200, content_type = XLSX, body = Binary)))]
pub async fn get_xlsx(
    caller: Caller<LeaderUp>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
    Query(query): Query<ExportQuery>,
) -> AppResult<Response> {
    hand_out(app, caller.member, CampaignId(id), query, Format::Xlsx).await
}

/// Who takes something out, when, and under which number it is noted.
#[derive(Clone, Copy, Debug)]
struct Taken {
    id: Uuid,
    by: MemberId,
    at: OffsetDateTime,
}

/// Notes who takes what, then gives it.
async fn hand_out(
    app: Arc<App>,
    member: MemberId,
    id: CampaignId,
    query: ExportQuery,
    format: Format,
) -> AppResult<Response> {
    let slot = Arc::clone(&app.exports).try_acquire_owned();
    let slot = slot.map_err(|_| {
        Refusal::new("export.busy")
            .with("max", super::AT_ONCE)
            .with("retry_after_s", 30)
    })?;
    let taken = Taken {
        id: app.clock.new_id(),
        by: member,
        at: app.clock.now(),
    };
    let today = app.clock.today();
    let export = app
        .db
        .write(move |tx| {
            let export = Export::open(tx, id, query.into(), (member, today))?;
            let indicator = export.measure.as_ref().map(|active| &*active.code);
            let of = Of::Facts(export.campaign.id, export.team, indicator, export.period.on);
            let what = (format, &export.place.id);
            store::note(tx, (taken.id, member, taken.at), what, of)?;
            Ok(export)
        })
        .await?;
    let head = [
        (CONTENT_TYPE, media_type(format).to_owned()),
        (CONTENT_DISPOSITION, attachment(&file_name(&export, format))),
    ];
    let work = move |outlet: &mut Outlet| {
        let _slot = slot;
        match format {
            Format::Csv => give_csv(&app, &export, taken, outlet),
            Format::Xlsx => give_xlsx(&app, &export, taken, outlet),
        }
    };
    let (size, body) = outlet::pour(work).await?;
    let mut response = (head, body).into_response();
    if let Some(size) = size {
        response.headers_mut().insert(CONTENT_LENGTH, size.into());
    }
    Ok(response)
}

fn give_csv(app: &App, export: &Export, taken: Taken, outlet: &mut Outlet) -> AppResult<()> {
    let written = app.db.read_long(|tx| {
        let mut file = Csv::begin(&FORM, outlet)?;
        let written = lines::write(tx, app, export, &mut file)?;
        file.finish()?;
        Ok(written)
    })?;
    note_ended(app, taken, written)
}

fn give_xlsx(app: &App, export: &Export, taken: Taken, outlet: &mut Outlet) -> AppResult<()> {
    let written = app.db.read_long(|tx| {
        let facts = export.size(tx)?;
        if facts > XLSX_FACTS_MAX {
            let refusal = Refusal::new("export.too_long").with("facts", facts);
            return Err(refusal.with("max", XLSX_FACTS_MAX).into());
        }
        let about = About::of(tx, export, taken)?;
        let mut file = Xlsx::begin(&FORM, SHEET_MAX, outlet)?;
        let written = lines::write(tx, app, export, &mut file)?;
        file.finish(&about.rows(export, written))?;
        Ok(written)
    })?;
    note_ended(app, taken, written)
}

/// Before the last of it leaves: whoever has the whole file is noted with its number.
fn note_ended(app: &App, taken: Taken, written: Written) -> AppResult<()> {
    let noting = app
        .db
        .write(move |tx| Ok(store::note_ended(tx, taken.id, written)?));
    Handle::current().block_on(noting)?;
    let Taken { id, by, .. } = taken;
    tracing::info!(export = %id, member = %by.0, facts = written.facts, lines = written.lines, "exported");
    Ok(())
}

/// What the sheet about a file says besides what was asked for.
struct About {
    at: OffsetDateTime,
    by: String,
    team: Option<String>,
}

impl About {
    fn of(tx: &Tx<'_>, export: &Export, taken: Taken) -> AppResult<Self> {
        let by = members::by_id(tx, taken.by)?.map_or_else(String::new, |member| member.name);
        let team = match export.team {
            Some(team) => tx.one("select name from team where id = $1", args![team], |row| {
                row.get(0)
            })?,
            None => None,
        };
        let at = taken.at;
        Ok(Self { at, by, team })
    }

    fn rows<'a>(&'a self, export: &'a Export, written: Written) -> Vec<(&'a str, Cell<'a>)> {
        let words = &WORDS.about;
        let or_all = |name: Option<&'a String>| Cell::Text(name.unwrap_or(&words.all));
        let indicator = export.measure.as_ref().map(|active| &active.short_name);
        vec![
            (&words.campaign, Cell::Text(&export.campaign.name)),
            (&words.place, Cell::Text(&export.place.full_name)),
            (&words.team, or_all(self.team.as_ref())),
            (&words.indicator, or_all(indicator)),
            (&words.first_day, Cell::Day(export.period.from)),
            (&words.last_day, Cell::Day(export.period.on)),
            (&words.by, Cell::Text(&self.by)),
            (&words.at, Cell::moment(self.at)),
            (&words.facts, Cell::Number(written.facts)),
            (&words.lines, Cell::Number(written.lines)),
        ]
    }
}

fn media_type(format: Format) -> &'static str {
    match format {
        Format::Csv => "text/csv; charset=utf-8",
        Format::Xlsx => XLSX,
    }
}

fn file_name(export: &Export, format: Format) -> String {
    let (place, day) = (&export.place.full_name, iso::text(export.period.on));
    format!("{} – {place} – {day}.{}", WORDS.file, format.as_str())
}
