//! Teams: who works together, and where they are at home.

use crate::App;
use crate::args;
use crate::features::members::Role;
use crate::features::places;
use crate::platform::db::{DbError, Effect, Tx};
use crate::platform::http::{Anyone, Caller, OfficerUp};
use crate::platform::problem::{AppError, AppResult};
use crate::platform::wire::{Json, Query};
use axum::extract::State;
use domain::ids::{PlaceId, TeamId};
use domain::people::TeamKind;
use domain::refusal::Refusal;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(list_teams, add_team))
}

/// A team.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TeamBody {
    /// Id.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// Its kind.
    pub kind: TeamKind,
    /// Its commune.
    pub place_id: String,
}

/// A team to add.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewTeamBody {
    name: String,
    kind: TeamKind,
    #[schema(value_type = String)]
    place_id: PlaceId,
}

/// Teams found.
#[derive(Debug, Serialize, ToSchema)]
pub struct TeamsBody {
    teams: Vec<TeamBody>,
}

/// Which place.
#[derive(Debug, Deserialize, IntoParams)]
pub struct TeamsQuery {
    /// Teams in this subtree.
    #[param(value_type = String)]
    place: PlaceId,
}

/// Teams at home at or below `path`, with the registers' revision above `since`.
///
/// # Errors
/// The storage's.
pub fn below(tx: &Tx<'_>, path: &str, since: i64) -> Result<Vec<TeamBody>, DbError> {
    let (from, to) = places::store::path_range(path);
    tx.all(
        "select t.id, t.name, t.kind, t.place_id from team t join place p on p.id = t.place_id
          where p.path >= $1 and p.path < $2 and t.rev > $3 order by p.path, t.fold",
        args![from, &to, since],
        |row| {
            Ok(TeamBody {
                id: row.get(0)?,
                name: row.get(1)?,
                kind: row.get(2)?,
                place_id: row.get(3)?,
            })
        },
    )
}

/// Teams of a place and below.
#[utoipa::path(get, path = "/api/v1/teams", operation_id = "list_teams", tag = "teams", params(TeamsQuery),
    responses((status = 200, body = TeamsBody)))]
pub async fn list_teams(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Query(query): Query<TeamsQuery>,
) -> AppResult<Json<TeamsBody>> {
    let today = app.clock.today();
    app.db
        .read(move |tx| {
            let place = places::store::need_in_scope(
                tx,
                caller.member,
                Role::Volunteer,
                &query.place,
                today,
            )?;
            Ok(Json(TeamsBody {
                teams: below(tx, &place.path, 0)?,
            }))
        })
        .await
}

/// Makes a team.
///
/// # Errors
/// `team.name_taken`, `request.validation`, or the storage's.
pub fn create(
    tx: &mut Tx<'_>,
    id: TeamId,
    name: &str,
    kind: TeamKind,
    place: &PlaceId,
) -> AppResult<TeamBody> {
    let name = vn::text::normalise(name);
    if name.is_empty() || name.chars().count() > 120 {
        return Err(Refusal::new("request.validation")
            .with("field", "name")
            .into());
    }
    let rev = tx.next_rev()?;
    let made = tx.execute(
        "insert into team (id, name, fold, kind, place_id, rev) values ($1, $2, $3, $4, $5, $6)
         on conflict (place_id, fold) do nothing",
        args![id, &name, &vn::text::fold(&name), kind, place, rev],
    )?;
    if made == 0 {
        return Err(AppError::problem("team.name_taken"));
    }
    tx.effects.push(Effect::Shape);
    Ok(TeamBody {
        id: id.0,
        name,
        kind,
        place_id: place.to_string(),
    })
}

/// Adds a team to a commune.
#[utoipa::path(post, path = "/api/v1/teams", operation_id = "add_team", tag = "teams", request_body = NewTeamBody,
    responses((status = 200, body = TeamBody)))]
pub async fn add_team(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Json(body): Json<NewTeamBody>,
) -> AppResult<Json<TeamBody>> {
    let (today, id) = (app.clock.today(), TeamId(app.clock.new_id()));
    app.db
        .write(move |tx| {
            places::store::need_in_scope(
                tx,
                caller.member,
                Role::CommuneOfficer,
                &body.place_id,
                today,
            )?;
            Ok(Json(create(tx, id, &body.name, body.kind, &body.place_id)?))
        })
        .await
}
