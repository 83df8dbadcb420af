//! Wire types and handlers for exports.

use super::csv::Csv;
use super::lines::{self, Cell, Written};
use super::words::WORDS;
use super::xlsx::{ROWS_MAX, Xlsx};
use super::{XLSX, store};
use crate::App;
use crate::args;
use crate::features::campaigns::store::{self as campaigns, Campaign};
use crate::features::facts::ledger;
use crate::features::facts::measures::{self, Active};
use crate::features::members::{Role, store as members};
use crate::features::places;
use crate::features::places::store::Place;
use crate::features::progress::Period;
use crate::platform::db::Tx;
use crate::platform::http::{Caller, LeaderUp};
use crate::platform::outlet::{self, Outlet};
use crate::platform::problem::{AppError, AppResult};
use crate::platform::wire::{Day, Json, Path, Query};
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use domain::days::iso;
use domain::ids::{CampaignId, MemberId, PlaceId, TeamId};
use domain::indicators::Part;
use domain::refusal::Refusal;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use std::io::{self, Seek};
use std::sync::Arc;
use time::{Date, OffsetDateTime};
use tokio::runtime::Handle;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Facts in a workbook, at most: more than anyone opens, and a few gigabytes on the way.
const XLSX_FACTS_MAX: i64 = 3_000_000;

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

/// How large an export would be.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportSizeBody {
    /// Facts, about: corrected ones may be among them.
    facts: i64,
}

/// The forms of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For programs.
    Csv,
    /// For people.
    Xlsx,
}

impl Format {
    /// Name, and ending of the file's.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => XLSX,
        }
    }
}

/// What is to be exported, after the member's right to it was checked.
#[derive(Debug)]
pub struct Export {
    /// Of which campaign.
    pub campaign: Campaign,
    /// At or below which place.
    pub place: Place,
    /// By which team.
    pub team: Option<TeamId>,
    /// Counted by which measure.
    pub measure: Option<Active>,
    /// On which days.
    pub period: Period,
}

impl Export {
    /// Works out what is asked for. A number of a place opens to its leaders, all that
    /// was recorded there to its officers.
    fn open(
        tx: &Tx<'_>,
        id: CampaignId,
        query: ExportQuery,
        (member, today): (MemberId, Date),
    ) -> AppResult<Self> {
        let campaign = campaigns::find(tx, id)?.ok_or_else(AppError::not_found)?;
        let period = Period::of(&campaign, query.on.map(|day| day.0), today);
        let least = match query.indicator {
            Some(_) => Role::Leader,
            None => Role::CommuneOfficer,
        };
        let place = query.place.as_ref().unwrap_or(&campaign.place);
        let place = places::store::need_in_scope(tx, member, least, place, period.on)?;
        if !place
            .path
            .starts_with(&ledger::path_of(tx, &campaign.place)?)
        {
            return Err(AppError::not_found());
        }
        let measure = match query.indicator {
            Some(code) => {
                let found = measures::load(tx)?.into_iter().find(|active| {
                    active.campaign == id && active.code == code && active.part == Part::Numerator
                });
                Some(found.ok_or_else(AppError::not_found)?)
            }
            None => None,
        };
        Ok(Self {
            campaign,
            place,
            team: query.team.map(TeamId),
            measure,
            period,
        })
    }

    /// How many facts there are, about.
    fn size(&self, tx: &Tx<'_>) -> AppResult<i64> {
        let (below, days) = (&self.place.path, (self.period.from, self.period.on));
        Ok(match &self.measure {
            Some(active) => ledger::tally_below(tx, active.id, below, days, self.team)?,
            None => ledger::number_below(tx, below, days, self.team)?,
        })
    }
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
            let export = Export::open(tx, CampaignId(id), query, by)?;
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
    params(("id" = Uuid, Path), ExportQuery), responses((status = 200, content_type = XLSX, body = Vec<u8>)))]
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
            let export = Export::open(tx, id, query, (member, today))?;
            store::note_begun(tx, taken.id, &export, format, (member, taken.at))?;
            Ok(export)
        })
        .await?;
    let head = [
        (CONTENT_TYPE, format.media_type().to_owned()),
        (CONTENT_DISPOSITION, disposition(&export, format)),
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
        let mut file = Csv::begin(outlet)?;
        let written = lines::write(tx, app, export, &mut file)?;
        file.finish()?;
        Ok(written)
    })?;
    note_ended(app, taken, written)
}

fn give_xlsx(app: &App, export: &Export, taken: Taken, outlet: &mut Outlet) -> AppResult<()> {
    let folder = app.db.scratch_folder();
    let mut file = tempfile::tempfile_in(&folder).map_err(on_disk)?;
    let written = {
        let is_wanted = || !outlet.is_abandoned();
        let (book, about, written) = app.db.read_long(|tx| {
            let facts = export.size(tx)?;
            if facts > XLSX_FACTS_MAX {
                let refusal = Refusal::new("export.too_long").with("facts", facts);
                return Err(refusal.with("max", XLSX_FACTS_MAX).into());
            }
            let mut book = Xlsx::begin(&folder, ROWS_MAX, &is_wanted)?;
            let about = About::of(tx, export, taken)?;
            let written = lines::write(tx, app, export, &mut book)?;
            Ok((book, about, written))
        })?;
        book.finish(&about.rows(export, written), &mut file)?;
        written
    };
    note_ended(app, taken, written)?;
    outlet.begin(Some(file.stream_position().map_err(on_disk)?));
    file.rewind().map_err(on_disk)?;
    io::copy(&mut file, outlet).map_err(on_disk)?;
    Ok(())
}

fn on_disk(fault: io::Error) -> AppError {
    match fault.kind() {
        io::ErrorKind::StorageFull => AppError::problem("storage.full"),
        _ => AppError::Internal(fault.to_string()),
    }
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

/// The file's name, for old programs in plain letters and for the others as it is.
fn disposition(export: &Export, format: Format) -> String {
    let day = iso::text(export.period.on);
    let place = &export.place.full_name;
    let name = format!("{} – {place} – {day}.{}", WORDS.file, format.as_str());
    let plain: String = vn::text::fold(&format!("{} {place}", WORDS.file))
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let mut encoded = String::with_capacity(name.len() * 3);
    for byte in name.bytes() {
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'.' | b'_' => {
                encoded.push(char::from(byte));
            }
            // Memory takes it.
            _ => drop(write!(encoded, "%{byte:02X}")),
        }
    }
    format!(
        "attachment; filename=\"{plain}-{day}.{}\"; filename*=UTF-8''{encoded}",
        format.as_str()
    )
}
