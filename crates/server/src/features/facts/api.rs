//! Wire types and handlers for facts.

use super::circle::Circle;
use super::ingest::{self, Credit, Ingest, Ready};
use super::ledger::{self, Stored};
use super::measures;
use crate::App;
use crate::features::members::{Role, store as members};
use crate::features::places::{self, PlaceRef};
use crate::platform::db::Tx;
use crate::platform::http::{Anyone, Caller};
use crate::platform::problem::{AppError, AppResult, Language, Problem};
use crate::platform::wire::{Instant, Json, Path};
use axum::extract::State;
use axum::http::HeaderMap;
use domain::facts::{self, Body, Fact, Refused, Rules};
use domain::ids::{FactId, MemberId};
use domain::indicators::Part;
use domain::observations::subjects;
use domain::refusal::Refusal;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::sync::Arc;
use utoipa::ToSchema;
use uuid::Uuid;

/// Facts in one batch, at most.
pub const BATCH_MAX: usize = 500;

/// Facts going up.
#[derive(Debug, Deserialize, ToSchema)]
pub struct BatchBody {
    /// At most 500. Each is read by itself, so that a bad one never blocks the rest.
    #[schema(value_type = Vec<Object>)]
    facts: Vec<Box<RawValue>>,
}

/// An indicator that a fact counts for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CountedIn {
    /// Its campaign.
    pub campaign: Uuid,
    /// Code.
    pub indicator: String,
    /// Short name.
    pub name: String,
}

impl From<ingest::Counted> for CountedIn {
    fn from(counted: ingest::Counted) -> Self {
        Self {
            campaign: counted.campaign.0,
            indicator: counted.code,
            name: counted.short_name,
        }
    }
}

/// What became of one fact.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutcomeBody {
    /// Its id; null when even that could not be read.
    id: Option<Uuid>,
    /// `counted`, `duplicate`, `held` or `refused`.
    outcome: &'static str,
    /// Indicators it counts for.
    counted_in: Vec<CountedIn>,
    /// Codes of indicators for which an earlier fact about the same person or household is credited.
    credited_before: Vec<String>,
    /// The fact it waits for.
    needs: Option<Uuid>,
    /// Why it was refused.
    problem: Option<Problem>,
}

/// What became of a batch, in its order. When this arrives, all that is counted is on disk.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutcomesBody {
    server_time: Instant,
    outcomes: Vec<OutcomeBody>,
}

/// Takes facts in.
#[utoipa::path(post, path = "/api/v1/facts", operation_id = "post_facts", tag = "facts",
    request_body = BatchBody, responses((status = 200, body = OutcomesBody)))]
pub async fn post_facts(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Json(batch): Json<BatchBody>,
) -> AppResult<Json<OutcomesBody>> {
    let now = app.clock.now();
    if batch.facts.len() > BATCH_MAX {
        return Err(Refusal::new("request.batch_too_long")
            .with("max", BATCH_MAX)
            .into());
    }
    let rules = Rules {
        catalogue: &app.catalogue,
        keys: &app.keys,
    };
    let parsed: Vec<Result<Fact, Refused>> = batch
        .facts
        .iter()
        .map(|raw| facts::parse(raw.get(), &rules))
        .collect();
    let ids: Vec<Option<FactId>> = parsed
        .iter()
        .map(|fact| match fact {
            Ok(fact) => Some(fact.id),
            Err((id, _)) => *id,
        })
        .collect();
    let ready: Vec<Result<Ready, Refused>> = parsed
        .into_iter()
        .map(|fact| fact.map(Ready::from))
        .collect();
    let language = Language::of(&headers);
    let whole = Arc::clone(&app);
    let outcomes = app
        .db
        .write(move |tx| {
            let with = Ingest {
                catalogue: &whole.catalogue,
                keys: &whole.keys,
                kept: &whole.measures,
                actor: caller.member,
                now,
                clock: &whole.clock,
            };
            ingest::ingest(tx, &with, ready)
        })
        .await?;
    let outcomes: Vec<OutcomeBody> = ids
        .into_iter()
        .zip(outcomes)
        .map(|(id, outcome)| body(id, outcome, language))
        .collect();
    for told in &outcomes {
        app.metrics.fact(told.outcome);
    }
    Ok(Json(OutcomesBody {
        server_time: Instant(now),
        outcomes,
    }))
}

fn body(id: Option<FactId>, outcome: ingest::Outcome, language: Language) -> OutcomeBody {
    let (outcome, credit, needs, problem) = match outcome {
        ingest::Outcome::Counted(credit) => ("counted", credit, None, None),
        ingest::Outcome::Duplicate(credit) => ("duplicate", credit, None, None),
        ingest::Outcome::Held { needs } => ("held", Credit::default(), Some(needs.0), None),
        ingest::Outcome::Refused(refusal) => (
            "refused",
            Credit::default(),
            None,
            Some(Problem::of(&refusal, language)),
        ),
    };
    let counted_in = credit.counted_in.into_iter().map(CountedIn::from).collect();
    OutcomeBody {
        id: id.map(|id| id.0),
        outcome,
        counted_in,
        credited_before: credit.credited_before,
        needs,
        problem,
    }
}

/// A member's name beside a fact.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct NameRef {
    /// Id.
    pub id: Uuid,
    /// Full name.
    pub name: String,
}

/// A fact as people look at it.
#[derive(Debug, Serialize, ToSchema)]
pub struct FactView {
    /// Id.
    pub id: Uuid,
    /// Kind.
    pub kind: &'static str,
    /// When it happened.
    pub happened_at: Instant,
    /// When the server had it.
    pub received_at: Instant,
    /// Where.
    pub place: PlaceRef,
    /// Credited team.
    pub team: Option<NameRef>,
    /// Who recorded it.
    pub actor: NameRef,
    /// The fact it corrects.
    pub corrects: Option<Uuid>,
    /// `live`, `superseded` or `voided`.
    pub state: &'static str,
    /// What stands instead.
    pub superseded_by: Option<Uuid>,
    /// What it says; identities are shown as whether there is one, never as anything else.
    #[schema(value_type = Object)]
    pub body: serde_json::Value,
    /// Indicators it counts for.
    pub counted_in: Vec<CountedIn>,
}

/// Describes a stored fact.
///
/// # Errors
/// The storage's.
pub fn view(tx: &Tx<'_>, app: &App, stored: &Stored) -> AppResult<FactView> {
    let fact = &stored.fact;
    let place =
        places::store::find(tx, &fact.place, fact.day())?.ok_or_else(AppError::not_found)?;
    let path = place.path.clone();
    let actor = members::by_id(tx, stored.actor)?.map_or_else(String::new, |member| member.name);
    let team = match fact.team {
        Some(team) => tx
            .one(
                "select name from team where id = $1",
                crate::args![team],
                |row| row.get(0),
            )?
            .map(|name| NameRef { id: team.0, name }),
        None => None,
    };
    let superseded_by = ledger::superseded_by(tx, fact.id)?;
    let state = match superseded_by {
        None => "live",
        Some(by) => match ledger::find(tx, by)?.map(|by| by.fact.body) {
            Some(Body::Void(_)) => "voided",
            _ => "superseded",
        },
    };
    let mut counted_in = Vec::new();
    if state == "live" {
        let all = measures::load(tx)?;
        let counting = app.counting(&all);
        let about = subjects(fact, &app.keys);
        let circle = Circle::around(tx, &counting, &about)?;
        for (active, parts) in counting.parts(fact, &path) {
            let share = circle.share(fact, &about, active, &parts);
            if active.part == Part::Numerator && share.credited {
                counted_in.push(CountedIn::from(ingest::Counted::from(active)));
            }
        }
    }
    let body: serde_json::Value = serde_json::from_str(&fact.body.stored())
        .map_err(|fault| AppError::Internal(fault.to_string()))?;
    Ok(FactView {
        id: fact.id.0,
        kind: fact.body.kind().as_str(),
        happened_at: Instant(fact.happened_at),
        received_at: Instant(stored.received_at),
        place: place.into(),
        team,
        actor: NameRef {
            id: stored.actor.0,
            name: actor,
        },
        corrects: fact.corrects.map(|id| id.0),
        state,
        superseded_by: superseded_by.map(|id| id.0),
        body: masked(body),
        counted_in,
    })
}

/// Pseudonyms say nothing to a reader and would let two lists be joined: only
/// whether there is one is shown.
fn masked(mut body: serde_json::Value) -> serde_json::Value {
    if let Some(beneficiary) = body
        .get_mut("beneficiary")
        .and_then(serde_json::Value::as_object_mut)
    {
        for name in ["person", "household", "organisation"] {
            if beneficiary.contains_key(name) {
                beneficiary.insert(name.to_owned(), serde_json::Value::Bool(true));
            }
        }
    }
    body
}

/// One fact, for who recorded it and for leaders and officers above its place.
#[utoipa::path(get, path = "/api/v1/facts/{id}", operation_id = "get_fact", tag = "facts",
    params(("id" = Uuid, Path)), responses((status = 200, body = FactView)))]
pub async fn get_fact(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
) -> AppResult<Json<FactView>> {
    let whole = Arc::clone(&app);
    let today = app.clock.today();
    app.db
        .read(move |tx| {
            let stored = ledger::find(tx, FactId(id))?.ok_or_else(AppError::not_found)?;
            need_readable(tx, caller.member, &stored, today)?;
            Ok(Json(view(tx, &whole, &stored)?))
        })
        .await
}

fn need_readable(
    tx: &Tx<'_>,
    member: MemberId,
    stored: &Stored,
    today: time::Date,
) -> AppResult<()> {
    if stored.actor == member {
        return Ok(());
    }
    places::store::need_in_scope(tx, member, Role::Leader, &stored.fact.place, today)?;
    Ok(())
}
