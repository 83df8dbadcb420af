//! Wire types and handlers for service points.

use super::store;
use crate::App;
use crate::features::members::Role;
use crate::features::places;
use crate::platform::clock::random;
use crate::platform::http::{Anyone, Caller, OfficerUp};
use crate::platform::problem::{AppError, AppResult};
use crate::platform::wire::{Day, Json, Path, Query};
use axum::extract::State;
use domain::ids::{PlaceId, PointId};
use domain::points::{Agreement, Hours, PARTIES_MAX, PointKind};
use domain::refusal::Refusal;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Characters of an agreement's text, at most.
const AGREEMENT_CHARS_MAX: usize = 2000;

/// A service point.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PointBody {
    /// Id.
    pub id: Uuid,
    /// Its place.
    pub place_id: String,
    /// Name.
    pub name: String,
    /// Its kind.
    pub kind: PointKind,
    /// Street and number.
    pub address: String,
    /// Latitude, millionths of a degree.
    pub lat_e6: Option<i64>,
    /// Longitude, millionths of a degree.
    pub lon_e6: Option<i64>,
    /// When it is open.
    pub hours: Hours,
    /// First day in use.
    pub valid_from: Option<Day>,
    /// First day no longer in use.
    pub valid_to: Option<Day>,
    /// What it rests on.
    pub agreement: Option<Agreement>,
}

/// Points found.
#[derive(Debug, Serialize, ToSchema)]
pub struct PointsBody {
    points: Vec<PointBody>,
}

/// Which place.
#[derive(Debug, Deserialize, IntoParams)]
pub struct PointsQuery {
    /// Points in this subtree.
    #[param(value_type = String)]
    place: PlaceId,
}

/// Service points of a place and below.
#[utoipa::path(get, path = "/api/v1/points", operation_id = "list_points", tag = "points", params(PointsQuery),
    responses((status = 200, body = PointsBody)))]
pub async fn list_points(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Query(query): Query<PointsQuery>,
) -> AppResult<Json<PointsBody>> {
    let today = app.clock.today();
    app.db
        .read(move |tx| {
            let (member, role) = (caller.member, Role::Volunteer);
            let place = places::store::need_in_scope(tx, member, role, &query.place, today)?;
            let points = store::below(tx, &place.path, -1, true)?;
            Ok(Json(PointsBody { points }))
        })
        .await
}

/// A service point as it shall be.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewPointBody {
    #[schema(value_type = String)]
    place_id: PlaceId,
    name: String,
    kind: PointKind,
    #[serde(default)]
    address: String,
    lat_e6: Option<i64>,
    lon_e6: Option<i64>,
    #[serde(default)]
    hours: Hours,
    valid_from: Option<Day>,
    valid_to: Option<Day>,
    agreement: Option<Agreement>,
}

impl NewPointBody {
    /// Tidies texts and checks limits.
    fn point(self, id: PointId) -> Result<PointBody, Refusal> {
        let wrong = |field: &str| Refusal::new("request.validation").with("field", field);
        let tidy = |text: &str, field: &str, chars_max: usize| {
            let text = vn::text::normalise(text);
            let fits = text.chars().count() <= chars_max;
            fits.then_some(text).ok_or_else(|| wrong(field))
        };
        let name = tidy(&self.name, "name", 120)?;
        if name.is_empty() {
            return Err(wrong("name"));
        }
        self.hours.check()?;
        let on_earth = match (self.lat_e6, self.lon_e6) {
            (None, None) => true,
            (Some(lat), Some(lon)) => lat.abs() <= 90_000_000 && lon.abs() <= 180_000_000,
            _ => false,
        };
        if !on_earth {
            return Err(wrong("position"));
        }
        if matches!((self.valid_from, self.valid_to), (Some(from), Some(to)) if to <= from) {
            return Err(wrong("valid_to"));
        }
        let agreement = self.agreement.map(|agreement| {
            let parties = agreement.parties.iter();
            let parties = parties.map(|party| tidy(party, "agreement", 200));
            let parties: Vec<String> = parties.collect::<Result<_, _>>()?;
            if parties.len() > PARTIES_MAX || parties.iter().any(String::is_empty) {
                return Err(wrong("agreement"));
            }
            Ok(Agreement {
                parties,
                number: tidy(&agreement.number, "agreement", 120)?,
                text: tidy(&agreement.text, "agreement", AGREEMENT_CHARS_MAX)?,
                ..agreement
            })
        });
        Ok(PointBody {
            id: id.0,
            place_id: self.place_id.to_string(),
            name,
            kind: self.kind,
            address: tidy(&self.address, "address", 300)?,
            lat_e6: self.lat_e6,
            lon_e6: self.lon_e6,
            hours: self.hours,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
            agreement: agreement.transpose()?,
        })
    }
}

/// Makes a service point under an id of the caller's, or changes it.
#[utoipa::path(put, path = "/api/v1/points/{id}", operation_id = "put_point", tag = "points",
    params(("id" = Uuid, Path)), request_body = NewPointBody, responses((status = 200, body = PointBody)))]
pub async fn put_point(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
    Json(body): Json<NewPointBody>,
) -> AppResult<Json<PointBody>> {
    let (today, secret) = (app.clock.today(), random::<32>());
    app.db
        .write(move |tx| {
            let (member, role) = (caller.member, Role::CommuneOfficer);
            places::store::need_in_scope(tx, member, role, &body.place_id, today)?;
            let id = PointId(id);
            if let Some(home) = store::home(tx, id)? {
                places::store::need_in_scope(tx, member, role, &home, today)?;
            }
            let point = body.point(id)?;
            if store::is_taken(tx, &point)? {
                return Err(AppError::problem("point.name_taken"));
            }
            store::put(tx, &point, &secret)?;
            Ok(Json(point))
        })
        .await
}
