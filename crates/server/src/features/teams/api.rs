//! Wire types and handlers for teams.

use super::commands::{self, Paper, founded};
use super::store::{self, Time};
use crate::App;
use crate::features::members::Role;
use crate::features::places::{self, PlaceRef};
use crate::platform::db::Tx;
use crate::platform::http::{Anyone, Caller, OfficerUp};
use crate::platform::problem::{AppError, AppResult};
use crate::platform::wire::{Day, Instant, Json, Path, Query};
use axum::extract::State;
use domain::ids::{MemberId, PlaceId, TeamId};
use domain::people::{Origin, Position, RevisionKind, TeamKind};
use domain::teams::Decision;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use time::Date;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

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
    /// By decision.
    pub founded_on: Option<Day>,
    /// By decision.
    pub dissolved_on: Option<Day>,
}

/// A team in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TeamLine {
    #[serde(flatten)]
    team: TeamBody,
    /// People in it today, each once.
    people: i64,
    /// Who leads it.
    leader: Option<String>,
}

/// The paper a decision stands on.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PaperBody {
    /// Its day.
    decided_on: Day,
    /// Its number.
    decision_no: String,
    /// Who decided.
    issuer: String,
    /// What there is to say.
    #[serde(default)]
    note: String,
}

impl PaperBody {
    fn paper(self, id: Uuid) -> Paper {
        Paper {
            id,
            decision_no: self.decision_no,
            issuer: self.issuer,
            note: self.note,
        }
    }
}

/// A team to add.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewTeamBody {
    name: String,
    kind: TeamKind,
    #[schema(value_type = String)]
    place_id: PlaceId,
    /// The founding decision, if it is at hand.
    founding: Option<PaperBody>,
}

/// Teams found.
#[derive(Debug, Serialize, ToSchema)]
pub struct TeamsBody {
    teams: Vec<TeamLine>,
}

/// Which place.
#[derive(Debug, Deserialize, IntoParams)]
pub struct TeamsQuery {
    /// Teams in this subtree.
    #[param(value_type = String)]
    place: PlaceId,
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
            let lines = store::lines(tx, &place.path, today)?;
            let line = |(team, people, leader)| TeamLine {
                team,
                people,
                leader,
            };
            let teams = lines.into_iter().map(line).collect();
            Ok(Json(TeamsBody { teams }))
        })
        .await
}

/// Adds a team to a commune.
#[utoipa::path(post, path = "/api/v1/teams", operation_id = "add_team", tag = "teams", request_body = NewTeamBody,
    responses((status = 200, body = TeamBody)))]
pub async fn add_team(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Json(body): Json<NewTeamBody>,
) -> AppResult<Json<TeamBody>> {
    let clock = app.clock.clone();
    app.db
        .write(move |tx| {
            let (by, id) = (caller.member, TeamId(clock.new_id()));
            let least = Role::CommuneOfficer;
            places::store::need_in_scope(tx, by, least, &body.place_id, clock.today())?;
            let team = commands::create(tx, id, &body.name, body.kind, &body.place_id)?;
            let Some(founding) = body.founding else {
                return Ok(Json(team));
            };
            let day = founding.decided_on;
            let decision = Decision {
                kind: RevisionKind::Founding,
                on: day.0,
                members: Vec::new(),
            };
            let paper = founding.paper(clock.new_id());
            commands::decide(tx, &clock, by, id, &paper, &decision)?;
            Ok(Json(founded(team, Some(day))))
        })
        .await
}

/// Somebody in a team.
#[derive(Debug, Serialize, ToSchema)]
pub struct TeammateBody {
    /// Id.
    id: Uuid,
    /// Full name.
    name: String,
    /// Who sends them.
    origin: Origin,
    /// As what.
    position: Position,
    /// First day.
    since: Day,
}

impl From<&Time> for TeammateBody {
    fn from(time: &Time) -> Self {
        Self {
            id: time.member.0,
            name: time.member.1.clone(),
            origin: time.origin,
            position: time.position,
            since: Day(time.since),
        }
    }
}

/// A decision about a team, and what it changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct RevisionBody {
    /// Id.
    id: Uuid,
    /// What it did.
    kind: RevisionKind,
    /// Its day.
    decided_on: Day,
    /// Its number.
    decision_no: String,
    /// Who decided.
    issuer: String,
    /// What there is to say.
    note: String,
    /// When it was entered.
    at: Instant,
    /// By whom.
    by: String,
    /// Whose membership it began.
    joined: Vec<TeammateBody>,
    /// Whose it ended.
    left: Vec<TeammateBody>,
}

/// A team with its people and its history.
#[derive(Debug, Serialize, ToSchema)]
pub struct TeamPageBody {
    #[serde(flatten)]
    team: TeamBody,
    /// Where it is at home.
    place: PlaceRef,
    /// Who is in it today.
    members: Vec<TeammateBody>,
    /// How many different people ever were.
    people_ever: usize,
    /// Decisions about it, the latest first.
    revisions: Vec<RevisionBody>,
    /// Places in which no other team of its kind has an earlier founding decision, the
    /// widest first.
    first_in: Vec<PlaceRef>,
    /// Whether the caller may enter decisions.
    may_decide: bool,
}

/// A team with its people and its history.
#[utoipa::path(get, path = "/api/v1/teams/{id}", operation_id = "get_team", tag = "teams",
    params(("id" = Uuid, Path)), responses((status = 200, body = TeamPageBody)))]
pub async fn get_team(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
) -> AppResult<Json<TeamPageBody>> {
    let on = app.clock.today();
    app.db
        .read(move |tx| Ok(Json(page(tx, caller.member, TeamId(id), on)?)))
        .await
}

fn page(tx: &Tx<'_>, by: MemberId, id: TeamId, on: Date) -> AppResult<TeamPageBody> {
    let team = store::find(tx, id)?.ok_or_else(AppError::not_found)?;
    let home = PlaceId::parse(&team.place_id).map_err(|_| AppError::not_found())?;
    let place = places::store::need_in_scope(tx, by, Role::Volunteer, &home, on)?;
    let may_decide =
        places::store::find_in_scope(tx, by, Role::CommuneOfficer, &home, on)?.is_some();
    let times = store::times(tx, id)?;
    let mut ever: Vec<Uuid> = times.iter().map(|time| time.member.0).collect();
    ever.sort_unstable();
    ever.dedup();
    let of = |belongs: &dyn Fn(&Time) -> bool| -> Vec<TeammateBody> {
        let some = times.iter().filter(|time| belongs(time));
        some.map(TeammateBody::from).collect()
    };
    let revisions = store::revisions(tx, id)?
        .into_iter()
        .map(|one| RevisionBody {
            joined: of(&|time| time.began_by == Some(one.id)),
            left: of(&|time| time.ended_by == Some(one.id)),
            id: one.id,
            kind: one.kind,
            decided_on: Day(one.decided_on),
            decision_no: one.decision_no,
            issuer: one.issuer,
            note: one.note,
            at: Instant(one.at),
            by: one.by,
        })
        .collect();
    Ok(TeamPageBody {
        first_in: first_in(tx, &team, &place.path, on)?,
        members: of(&|time| time.since <= on && time.until.is_none_or(|until| on < until)),
        people_ever: ever.len(),
        revisions,
        place: place.into(),
        may_decide,
        team,
    })
}

/// From the nation down: once a place has no elder team, those inside it have none either.
fn first_in(tx: &Tx<'_>, team: &TeamBody, path: &str, on: Date) -> AppResult<Vec<PlaceRef>> {
    let Some(Day(founded)) = team.founded_on else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for id in places::store::ids_of(path) {
        if !found.is_empty() || !store::has_elder(tx, team, founded, &id)? {
            found.extend(places::store::find(tx, &id, on)?.map(PlaceRef::from));
        }
    }
    Ok(found)
}

/// Somebody who is to be in a team.
#[derive(Debug, Deserialize, ToSchema)]
pub struct SeatBody {
    member_id: Uuid,
    /// As what.
    position: Position,
}

/// A decision about a team.
#[derive(Debug, Deserialize, ToSchema)]
pub struct DecisionBody {
    /// What it does.
    kind: RevisionKind,
    #[serde(flatten)]
    paper: PaperBody,
    /// Who is in the team from that day on: all of them.
    #[serde(default)]
    members: Vec<SeatBody>,
}

/// Enters a decision about a team, under an id made by who asks: founding, consolidation
/// or dissolution. Memberships end and begin in one go.
#[utoipa::path(put, path = "/api/v1/teams/{id}/decisions/{decision}", operation_id = "decide_team", tag = "teams",
    params(("id" = Uuid, Path), ("decision" = Uuid, Path)), request_body = DecisionBody,
    responses((status = 200, body = TeamPageBody)))]
pub async fn decide_team(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Path((id, paper)): Path<(Uuid, Uuid)>,
    Json(body): Json<DecisionBody>,
) -> AppResult<Json<TeamPageBody>> {
    let clock = app.clock.clone();
    let seats = body.members.into_iter();
    let decision = Decision {
        kind: body.kind,
        on: body.paper.decided_on.0,
        members: seats
            .map(|seat| (MemberId(seat.member_id), seat.position))
            .collect(),
    };
    let paper = body.paper.paper(paper);
    app.db
        .write(move |tx| {
            commands::decide(tx, &clock, caller.member, TeamId(id), &paper, &decision)?;
            Ok(Json(page(tx, caller.member, TeamId(id), clock.today())?))
        })
        .await
}
