//! Wire types and the handler for visits.

use super::store;
use crate::App;
use crate::features::members::Role;
use crate::features::places::store::Place;
use crate::features::places::{self, PlaceRef};
use crate::platform::blocking;
use crate::platform::db::Tx;
use crate::platform::http::{Caller, LeaderUp};
use crate::platform::problem::AppResult;
use crate::platform::wire::{Day, Json, Query};
use axum::extract::State;
use domain::catalogue::Catalogue;
use domain::ids::PlaceId;
use domain::people::Office;
use domain::refusal::Refusal;
use domain::visits::{Acceptance, COMPANIONS, VISITS_MIN};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;
use time::{Date, Duration};
use utoipa::{IntoParams, ToSchema};

/// Days in one question, at most.
const PERIOD_DAYS_MAX: i64 = 366;
/// Days that are meant when none are named.
const PERIOD_DAYS: i64 = 90;

/// Which visits.
#[derive(Debug, Deserialize, IntoParams)]
pub struct AcceptanceQuery {
    /// In this place or below.
    #[param(value_type = String)]
    place: PlaceId,
    /// From this day; 90 days back if absent.
    #[param(value_type = Option<Day>)]
    from: Option<Day>,
    /// Up to this day; today if absent.
    #[param(value_type = Option<Day>)]
    to: Option<Day>,
}

/// Visits, and at how many of them people agreed.
#[derive(Debug, Serialize, ToSchema)]
pub struct AcceptanceBody {
    #[serde(flatten)]
    counted: Acceptance,
    /// Thousandths that agreed; null for so few visits that a share says nothing.
    permille: Option<u64>,
}

impl From<Acceptance> for AcceptanceBody {
    fn from(counted: Acceptance) -> Self {
        let permille = counted.permille();
        Self { counted, permille }
    }
}

/// Visits with one kind of companion.
#[derive(Debug, Serialize, ToSchema)]
pub struct CompanionBody {
    companion: Office,
    #[serde(flatten)]
    acceptance: AcceptanceBody,
}

/// Visits in a part of the place.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlaceAcceptanceBody {
    place: PlaceRef,
    alone: AcceptanceBody,
    accompanied: AcceptanceBody,
}

/// How visits at the door went, alone and with somebody along whom people trust.
#[derive(Debug, Serialize, ToSchema)]
pub struct VisitsBody {
    place: PlaceRef,
    from: Day,
    to: Day,
    /// Below so many visits no share is said.
    visits_min: u64,
    alone: AcceptanceBody,
    accompanied: AcceptanceBody,
    companions: Vec<CompanionBody>,
    /// Parts of the place in which there were visits.
    places: Vec<PlaceAcceptanceBody>,
}

#[derive(Clone, Copy, Default)]
struct Both {
    alone: Acceptance,
    accompanied: Acceptance,
}

impl Both {
    fn add(&mut self, companion: Option<Office>, agreed: bool) {
        let counted = match companion {
            Some(_) => &mut self.accompanied,
            None => &mut self.alone,
        };
        counted.add(agreed);
    }
}

/// How visits at the door went, alone and with somebody along whom people trust.
#[utoipa::path(get, path = "/api/v1/visits/acceptance", operation_id = "get_acceptance", tag = "visits",
    params(AcceptanceQuery), responses((status = 200, body = VisitsBody)))]
pub async fn get_acceptance(
    caller: Caller<LeaderUp>,
    State(app): State<Arc<App>>,
    Query(query): Query<AcceptanceQuery>,
) -> AppResult<Json<VisitsBody>> {
    let to = query.to.map_or(app.clock.today(), |day| day.0);
    let from = query
        .from
        .map_or(to - Duration::days(PERIOD_DAYS - 1), |day| day.0);
    if !(0..PERIOD_DAYS_MAX).contains(&(to - from).whole_days()) {
        let refusal = Refusal::new("request.validation").with("field", "from");
        return Err(refusal.into());
    }
    blocking(move || {
        let read = |tx: &Tx<'_>| {
            let leader = Role::Leader;
            let place = places::store::need_in_scope(tx, caller.member, leader, &query.place, to)?;
            visits(tx, &app.catalogue, place, (from, to))
        };
        app.db.read_long(read).map(Json)
    })
    .await?
}

fn visits(
    tx: &Tx<'_>,
    catalogue: &Catalogue,
    place: Place,
    (from, to): (Date, Date),
) -> AppResult<VisitsBody> {
    let parts = places::store::children(tx, &place.id, to)?;
    let mut all = Both::default();
    let mut by_companion: HashMap<Office, Acceptance> = HashMap::new();
    let mut by_part = vec![Both::default(); parts.len()];
    store::each(tx, &place.path, (from, to), |visit, path| {
        let Some((companion, agreed)) = visit.told(catalogue) else {
            return;
        };
        all.add(companion, agreed);
        if let Some(companion) = companion {
            by_companion.entry(companion).or_default().add(agreed);
        }
        let part = parts.iter().position(|part| path.starts_with(&part.path));
        if let Some(part) = part.and_then(|part| by_part.get_mut(part)) {
            part.add(companion, agreed);
        }
    })?;
    let of = |companion: &Office| by_companion.get(companion).copied().unwrap_or_default();
    let companion = |companion: &Office| CompanionBody {
        companion: *companion,
        acceptance: of(companion).into(),
    };
    let visited = |(_, both): &(_, Both)| both.alone.visits + both.accompanied.visits > 0;
    let part = |(place, both): (Place, Both)| PlaceAcceptanceBody {
        place: place.into(),
        alone: both.alone.into(),
        accompanied: both.accompanied.into(),
    };
    let by_part = parts.into_iter().zip(by_part).filter(visited);
    Ok(VisitsBody {
        place: place.into(),
        from: Day(from),
        to: Day(to),
        visits_min: VISITS_MIN,
        alone: all.alone.into(),
        accompanied: all.accompanied.into(),
        companions: COMPANIONS.iter().map(companion).collect(),
        places: by_part.map(part).collect(),
    })
}
