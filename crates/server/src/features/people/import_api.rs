//! Wire types and handlers for taking in a list of members.

use super::api::act;
use super::import::{self, Fate, Line, Order, Plan, listed};
use crate::App;
use crate::features::members::TeamRef;
use crate::platform::blocking;
use crate::platform::http::{Caller, LeaderUp};
use crate::platform::problem::AppResult;
use crate::platform::wire::{Binary, Json, Query};
use axum::body::Bytes;
use axum::extract::State;
use domain::ids::{PlaceId, TeamId};
use domain::member_list::{Column, Doubt, Fault};
use domain::people::{Office, Origin, Position};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// What to do with the file.
#[derive(Debug, Deserialize, IntoParams)]
pub struct ImportQuery {
    /// Where its people are at home.
    #[param(value_type = String)]
    place: PlaceId,
    /// Who sends them; the youth union if absent.
    origin: Option<Origin>,
    /// Into this team, all of them; otherwise into the one that their unit names.
    team: Option<Uuid>,
    /// What each column is about, by commas; from the headers if absent.
    columns: Option<String>,
    /// Lines, by commas, that look like somebody there already and are taken all the same.
    also: Option<String>,
}

impl ImportQuery {
    fn order(self) -> AppResult<Order> {
        let columns = self.columns.as_deref();
        Ok(Order {
            place: self.place,
            origin: self.origin.unwrap_or(Origin::Doan),
            team: self.team.map(TeamId),
            columns: match columns {
                Some(_) => Some(listed(columns, Column::parse)?),
                None => None,
            },
            also: listed(self.also.as_deref(), |word| word.parse().ok())?,
        })
    }
}

/// A column of the file.
#[derive(Debug, Serialize, ToSchema)]
pub struct ColumnBody {
    /// Its header; empty where it has none.
    title: String,
    /// What it is taken for.
    column: Column,
    /// What stands in its first rows.
    examples: Vec<String>,
}

/// What becomes of a line.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LineState {
    /// Taken in.
    New,
    /// Taken in before.
    Known,
    /// Looks like somebody there already; taken only when asked for.
    Likely,
    /// Cannot be taken.
    Faulty,
}

/// A line as it will be stored.
#[derive(Debug, Serialize, ToSchema)]
pub struct LineBody {
    /// Its number in the file.
    line: usize,
    /// Its cells as written, to give them back with what is wrong.
    cells: Vec<String>,
    /// Full name.
    name: String,
    /// Year of birth.
    birth_year: Option<i64>,
    /// Phone number as it will be shown.
    phone: Option<String>,
    /// What they will be in the team.
    position: Option<Position>,
    /// The office they will hold.
    office: Option<Office>,
    /// Their unit, as written.
    unit: String,
    /// The team it leads into.
    team: Option<TeamRef>,
    state: LineState,
    /// Who they look like.
    likely: Option<String>,
    /// What was repaired or is doubtful.
    doubts: Vec<Doubt>,
    /// Why it cannot be taken.
    fault: Option<Fault>,
}

impl From<Line> for LineBody {
    fn from(line: Line) -> Self {
        let (state, likely) = match line.fate {
            Fate::New => (LineState::New, None),
            Fate::Known => (LineState::Known, None),
            Fate::Likely(name) => (LineState::Likely, Some(name)),
            Fate::Faulty => (LineState::Faulty, None),
        };
        let row = line.row;
        Self {
            line: line.line,
            cells: line.cells,
            name: row.name,
            birth_year: row.birth_year,
            phone: row.phone.map(|phone| phone.display()),
            position: row.position,
            office: row.office,
            unit: row.unit,
            team: line.team.map(|(id, name)| TeamRef { id: id.0, name }),
            state,
            likely,
            doubts: row.doubts,
            fault: row.fault,
        }
    }
}

/// A file as it was understood.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewBody {
    columns: Vec<ColumnBody>,
    lines: Vec<LineBody>,
}

/// What an import came to.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportedBody {
    /// People taken in.
    taken: usize,
    /// Lines whose people were there already.
    known: usize,
    /// Lines left out: likely the same as somebody, or faulty.
    left_out: usize,
}

/// Shows what would be taken in from a spreadsheet: xlsx, xls, ods or csv. Nothing is kept.
#[utoipa::path(post, path = "/api/v1/imports/members/preview", operation_id = "preview_import", tag = "people",
    params(ImportQuery), request_body(content = Binary, content_type = "application/octet-stream"),
    responses((status = 200, body = PreviewBody)))]
pub async fn preview_import(
    caller: Caller<LeaderUp>,
    State(app): State<Arc<App>>,
    Query(query): Query<ImportQuery>,
    bytes: Bytes,
) -> AppResult<Json<PreviewBody>> {
    let (act, order) = (act(&caller, &app), query.order()?);
    let (order, opened) = read(order, bytes).await?;
    app.db
        .read(move |tx| {
            let Plan { layout, lines } = import::plan(tx, act, &order, (&opened.0, opened.1))?;
            let lines: Vec<LineBody> = lines.into_iter().map(LineBody::from).collect();
            let both = layout.titles.into_iter().zip(layout.columns);
            let columns = both.enumerate().map(|(at, (title, column))| {
                let examples = opened.0.iter().skip(layout.first_row);
                let examples = examples.filter_map(|row| row.get(at).map(|cell| cell.text()));
                ColumnBody {
                    title,
                    column,
                    examples: examples.filter(|text| !text.is_empty()).take(3).collect(),
                }
            });
            Ok(Json(PreviewBody {
                columns: columns.collect(),
                lines,
            }))
        })
        .await
}

/// Takes in what the preview of the same file and order showed, all of it or nothing.
/// Doing it again changes nothing.
#[utoipa::path(post, path = "/api/v1/imports/members", operation_id = "take_import", tag = "people",
    params(ImportQuery), request_body(content = Binary, content_type = "application/octet-stream"),
    responses((status = 200, body = ImportedBody)))]
pub async fn take_import(
    caller: Caller<LeaderUp>,
    State(app): State<Arc<App>>,
    Query(query): Query<ImportQuery>,
    bytes: Bytes,
) -> AppResult<Json<ImportedBody>> {
    let (act, order) = (act(&caller, &app), query.order()?);
    let (order, opened) = read(order, bytes).await?;
    app.db
        .write(move |tx| {
            let plan = import::plan(tx, act, &order, (&opened.0, opened.1))?;
            let taken = import::take(tx, act, &order, &plan)?;
            let known = plan.lines.iter().filter(|line| line.fate == Fate::Known);
            let known = known.count();
            Ok(Json(ImportedBody {
                taken,
                known,
                left_out: plan.lines.len() - taken - known,
            }))
        })
        .await
}

type Opened = (
    Vec<Vec<domain::member_list::Cell>>,
    domain::member_list::Layout,
);

async fn read(order: Order, bytes: Bytes) -> AppResult<(Order, Opened)> {
    blocking(move || {
        let opened = import::open(&bytes, &order)?;
        Ok((order, opened))
    })
    .await?
}
