//! Wire types and handlers for places.

use super::store::{self, Place, Search};
use crate::App;
use crate::args;
use crate::features::members::Role;
use crate::platform::db::{Effect, Tx};
use crate::platform::http::{Anyone, Caller, OfficerUp, ProvinceUp};
use crate::platform::problem::{AppError, AppResult};
use crate::platform::wire::{Day, Json, Path, Query};
use axum::extract::State;
use domain::ids::PlaceId;
use domain::refusal::Refusal;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// A place as others name it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlaceRef {
    /// `VN`, `63-…`, `34-…` or a local `l-…`.
    pub id: String,
    /// Official code with its leading zeros; empty for local hamlets.
    pub code: String,
    /// `nation`, `province`, `district`, `commune` or `hamlet`.
    pub level: String,
    /// Kind of unit.
    pub kind: String,
    /// Name without the kind.
    pub name: String,
    /// Name with the kind.
    pub full_name: String,
    /// Ids from the root, each followed by `/`.
    pub path: String,
}

impl From<Place> for PlaceRef {
    fn from(place: Place) -> Self {
        Self {
            id: place.id.into(),
            code: place.code,
            level: place.level,
            kind: place.kind,
            name: place.name,
            full_name: place.full_name,
            path: place.path,
        }
    }
}

/// A place with its validity and the names above it.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlaceBody {
    /// The place.
    #[serde(flatten)]
    pub place: PlaceRef,
    /// First day in force; null = since before our records.
    pub valid_from: Option<Day>,
    /// First day no longer in force.
    pub valid_to: Option<Day>,
    /// Full names from the commune or district up to the province.
    pub parent_names: Vec<String>,
}

/// Places found, and the day the answer holds for.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlacesBody {
    /// The day asked about.
    pub on: Day,
    /// Best first.
    pub places: Vec<PlaceBody>,
}

/// What to look for.
#[derive(Debug, Deserialize, IntoParams)]
pub struct PlacesQuery {
    /// Words, with or without tone marks, or a code.
    #[serde(default)]
    q: String,
    /// Day, today if absent.
    #[param(value_type = Option<Day>)]
    on: Option<Day>,
    /// Only children of this place.
    #[param(value_type = Option<String>)]
    parent: Option<PlaceId>,
    /// Only this level.
    level: Option<String>,
    /// 1 to 500; 50 if absent.
    limit: Option<i64>,
}

/// Finds places in force on a day.
#[utoipa::path(get, path = "/api/v1/places", operation_id = "search_places", tag = "places", params(PlacesQuery),
    responses((status = 200, body = PlacesBody)))]
pub async fn search_places(
    _: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Query(query): Query<PlacesQuery>,
) -> AppResult<Json<PlacesBody>> {
    let on = query.on.map_or_else(|| app.clock.today(), |day| day.0);
    app.db
        .read(move |tx| {
            let filter = Search {
                fold: &vn::text::fold(&query.q),
                on,
                parent: query.parent.as_ref(),
                level: query.level.as_deref(),
                limit: query.limit.unwrap_or(50).clamp(1, 500),
            };
            let mut places = Vec::new();
            for place in store::search(tx, &filter)? {
                places.push(with_parents(tx, place, on)?);
            }
            Ok(Json(PlacesBody {
                on: Day(on),
                places,
            }))
        })
        .await
}

fn with_parents(tx: &Tx<'_>, place: Place, on: time::Date) -> AppResult<PlaceBody> {
    let mut parent_names = Vec::new();
    for id in store::ids_of(&place.path).iter().rev().skip(1) {
        if let Some(parent) = store::find(tx, id, on)?.filter(|parent| parent.level != "nation") {
            parent_names.push(parent.full_name);
        }
    }
    let (valid_from, valid_to) = (place.valid_from.map(Day), place.valid_to.map(Day));
    Ok(PlaceBody {
        place: place.into(),
        valid_from,
        valid_to,
        parent_names,
    })
}

/// A dated name.
#[derive(Debug, Serialize, ToSchema)]
pub struct NameBody {
    name: String,
    full_name: String,
    kind: String,
    valid_from: Option<Day>,
    valid_to: Option<Day>,
}

/// Everything about one place.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlaceDetail {
    #[serde(flatten)]
    place: PlaceBody,
    /// Names in the order of time.
    names: Vec<NameBody>,
    /// From the root down to the parent.
    ancestors: Vec<PlaceRef>,
}

/// A day.
#[derive(Debug, Deserialize, IntoParams)]
pub struct OnQuery {
    /// Day, today if absent.
    #[param(value_type = Option<Day>)]
    on: Option<Day>,
}

/// One place with its names over time.
#[utoipa::path(get, path = "/api/v1/places/{id}", operation_id = "get_place", tag = "places",
    params(("id" = String, Path), OnQuery), responses((status = 200, body = PlaceDetail)))]
pub async fn get_place(
    _: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Path(id): Path<PlaceId>,
    Query(query): Query<OnQuery>,
) -> AppResult<Json<PlaceDetail>> {
    let on = query.on.map_or_else(|| app.clock.today(), |day| day.0);
    app.db
        .read(move |tx| {
            let place = store::find(tx, &id, on)?.ok_or_else(AppError::not_found)?;
            let names = tx.all(
                "select name, full_name, kind, valid_from, valid_to from place_name where place_id = $1 order by position",
                args![&id],
                |row| {
                    Ok(NameBody {
                        name: row.get(0)?,
                        full_name: row.get(1)?,
                        kind: row.get(2)?,
                        valid_from: row.get::<Option<_>>(3)?.map(Day),
                        valid_to: row.get::<Option<_>>(4)?.map(Day),
                    })
                },
            )?;
            let mut ancestors = Vec::new();
            let above = store::ids_of(&place.path);
            for id in above.iter().take(above.len().saturating_sub(1)) {
                ancestors.extend(store::find(tx, id, on)?.map(PlaceRef::from));
            }
            Ok(Json(PlaceDetail { place: with_parents(tx, place, on)?, names, ancestors }))
        })
        .await
}

/// One place something became, or came from.
#[derive(Debug, Serialize, ToSchema)]
pub struct SuccessionPlace {
    place: PlaceRef,
    /// `whole`, `part`, `unchanged`, …
    manner: String,
    /// As published.
    note: String,
}

/// What became of a place.
#[derive(Debug, Serialize, ToSchema)]
pub struct SuccessionAnswer {
    /// `unchanged`, `one`, `candidates` (a person has to choose) or `none`.
    answer: String,
    places: Vec<SuccessionPlace>,
}

/// Forward and back over the reform of 1 July 2025.
#[derive(Debug, Serialize, ToSchema)]
pub struct SuccessionBody {
    successors: SuccessionAnswer,
    predecessors: SuccessionAnswer,
}

/// What a place became, and what it came from. A split place answers with candidates.
#[utoipa::path(get, path = "/api/v1/places/{id}/succession", operation_id = "get_succession", tag = "places",
    params(("id" = String, Path)), responses((status = 200, body = SuccessionBody)))]
pub async fn get_succession(
    _: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Path(id): Path<PlaceId>,
) -> AppResult<Json<SuccessionBody>> {
    let today = app.clock.today();
    app.db
        .read(move |tx| {
            store::find(tx, &id, today)?.ok_or_else(AppError::not_found)?;
            let successors = succession(tx, &id, "old_id", "new_id")?;
            let predecessors = succession(tx, &id, "new_id", "old_id")?;
            Ok(Json(SuccessionBody {
                successors,
                predecessors,
            }))
        })
        .await
}

fn succession(tx: &Tx<'_>, id: &PlaceId, from: &str, to: &str) -> AppResult<SuccessionAnswer> {
    let columns = store::COLUMNS;
    let sql = format!(
        "select {columns}, s.manner, s.note from succession s join place p on p.id = s.{to}
           join place_name n on n.place_id = p.id and n.position = 0 where s.{from} = $1 order by p.id"
    );
    let places = tx.all(&sql, args![id], |row| {
        Ok(SuccessionPlace {
            place: store::read(&row)?.into(),
            manner: row.get(9)?,
            note: row.get(10)?,
        })
    })?;
    let answer = match places.as_slice() {
        [] => "none",
        [only] if only.manner == "unchanged" => "unchanged",
        [_] => "one",
        _ => "candidates",
    };
    Ok(SuccessionAnswer {
        answer: answer.to_owned(),
        places,
    })
}

/// A hamlet to add.
#[derive(Debug, Deserialize, ToSchema)]
pub struct HamletBody {
    /// Its commune.
    #[schema(value_type = String)]
    parent_id: PlaceId,
    /// Name with its kind, for example `Thôn 1`.
    name: String,
    /// `thon`, `ban`, `lang`, `ap`, `buon`, `to_dan_pho`, `khu_pho`, `khoi_pho`.
    kind: String,
    /// First day; today if absent.
    valid_from: Option<Day>,
}

const HAMLET_KINDS: &[&str] = &[
    "thon",
    "ban",
    "lang",
    "ap",
    "buon",
    "to_dan_pho",
    "khu_pho",
    "khoi_pho",
];

/// Adds a hamlet below a commune: a self-governing group, not an administrative tier
/// (TT 9/2022/TT-BNV), so its id is local.
#[utoipa::path(post, path = "/api/v1/places", operation_id = "add_hamlet", tag = "places",
    request_body = HamletBody, responses((status = 200, body = PlaceRef)))]
pub async fn add_hamlet(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Json(body): Json<HamletBody>,
) -> AppResult<Json<PlaceRef>> {
    let (today, id) = (app.clock.today(), app.clock.new_id());
    app.db
        .write(move |tx| {
            let parent = store::need_in_scope(tx, caller.member, Role::CommuneOfficer, &body.parent_id, today)?;
            if parent.level != "commune" || !HAMLET_KINDS.contains(&body.kind.as_str()) {
                return Err(AppError::problem("place.parent_level"));
            }
            let name = vn::text::normalise(&body.name);
            if name.is_empty() || name.chars().count() > 120 {
                return Err(Refusal::new("request.validation").with("field", "name").into());
            }
            let from = body.valid_from.map_or(today, |day| day.0);
            if !parent.in_force(from) {
                return Err(AppError::problem("place.period"));
            }
            let fold = vn::text::fold(&name);
            let twin = tx.one(
                "select 1 from place p join place_name n on n.place_id = p.id where p.parent_id = $1 and n.fold = $2 and (p.valid_to is null or p.valid_to > $3)",
                args![&parent.id, &fold, from],
                |row| row.get::<i64>(0),
            )?;
            if twin.is_some() {
                return Err(AppError::problem("place.name_taken"));
            }
            let hamlet = format!("l-{id}");
            let path = format!("{}{hamlet}/", parent.path);
            let rev = tx.next_rev()?;
            tx.execute(
                "insert into place (id, code, level, parent_id, path, valid_from, valid_to, local, rev) values ($1, '', 'hamlet', $2, $3, $4, $5, $6, $7)",
                args![&hamlet, &parent.id, &path, from, parent.valid_to, true, rev],
            )?;
            tx.execute(
                "insert into place_name (place_id, position, kind, name, full_name, fold, valid_from, valid_to) values ($1, 0, $2, $3, $3, $4, $5, null)",
                args![&hamlet, &body.kind, &name, &fold, from],
            )?;
            tx.effects.push(Effect::Shape);
            let id = PlaceId::parse(&hamlet).map_err(|fault| AppError::Internal(fault.to_string()))?;
            let place = store::find(tx, &id, from)?.ok_or_else(AppError::not_found)?;
            Ok(Json(place.into()))
        })
        .await
}

/// A dated, sourced number about a place.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct FigureBody {
    /// Where.
    #[schema(value_type = String)]
    place: PlaceId,
    /// `population`, `population_14`, `households`, …
    figure: String,
    /// The number.
    value: i64,
    /// The day it is true for.
    as_of: Day,
    /// Who says so.
    source: String,
}

/// Figures found.
#[derive(Debug, Serialize, ToSchema)]
pub struct FiguresBody {
    figures: Vec<FigureBody>,
}

/// Which place.
#[derive(Debug, Deserialize, IntoParams)]
pub struct FiguresQuery {
    /// The place; its children's figures come too.
    #[param(value_type = String)]
    place: PlaceId,
}

/// Figures of a place and its children.
#[utoipa::path(get, path = "/api/v1/figures", operation_id = "list_figures", tag = "places", params(FiguresQuery),
    responses((status = 200, body = FiguresBody)))]
pub async fn list_figures(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Query(query): Query<FiguresQuery>,
) -> AppResult<Json<FiguresBody>> {
    let today = app.clock.today();
    app.db
        .read(move |tx| {
            store::need_in_scope(tx, caller.member, Role::CommuneOfficer, &query.place, today)?;
            let figures = tx.all(
                "select f.place_id, f.figure, f.value, f.as_of, f.source from figure f join place p on p.id = f.place_id
                  where p.id = $1 or p.parent_id = $1 order by p.code, f.figure",
                args![&query.place],
                |row| {
                    Ok(FigureBody {
                        place: row.get(0)?,
                        figure: row.get(1)?,
                        value: row.get(2)?,
                        as_of: Day(row.get(3)?),
                        source: row.get(4)?,
                    })
                },
            )?;
            Ok(Json(FiguresBody { figures }))
        })
        .await
}

/// Enters a figure with its date and source.
#[utoipa::path(put, path = "/api/v1/figures", operation_id = "put_figure", tag = "places",
    request_body = FigureBody, responses((status = 200, body = FigureBody)))]
pub async fn put_figure(
    caller: Caller<ProvinceUp>,
    State(app): State<Arc<App>>,
    Json(body): Json<FigureBody>,
) -> AppResult<Json<FigureBody>> {
    let today = app.clock.today();
    app.db
        .write(move |tx| {
            store::need_in_scope(tx, caller.member, Role::ProvinceOfficer, &body.place, today)?;
            let named = !body.figure.is_empty() && body.figure.len() <= 40 && body.figure.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            if !named || body.value < 0 || body.source.trim().is_empty() || body.as_of.0 > today {
                return Err(AppError::problem("figure.malformed"));
            }
            tx.execute(
                "insert into figure (place_id, figure, value, as_of, source) values ($1, $2, $3, $4, $5)
                 on conflict (place_id, figure) do update set value = excluded.value, as_of = excluded.as_of, source = excluded.source",
                args![&body.place, &body.figure, body.value, body.as_of.0, &body.source],
            )?;
            tx.effects.push(Effect::Shape);
            Ok(Json(body))
        })
        .await
}
