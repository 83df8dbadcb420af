//! Wire types and handlers for what became of a roster: who came to a shift and went, and how
//! often points had the people they need.

use super::api::need_led;
use super::commands;
use super::store::{self, Past};
use crate::App;
use crate::features::facts::NameRef;
use crate::platform::http::{Caller, LeaderUp};
use crate::platform::problem::AppResult;
use crate::platform::wire::{Day, Instant, Json, Path, Query};
use axum::extract::State;
use domain::ids::{MemberId, PlaceId, PointId, ShiftId};
use domain::refusal::Refusal;
use domain::rosters::Change;
use domain::rosters::coverage::{Week, weeks};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Days one report covers, at most: half a year and its odd days.
const DAYS_MAX: i32 = 190;

/// A coming or going.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShiftChangeBody {
    member: NameRef,
    change: Change,
    at: Instant,
    by: NameRef,
    /// Why it was taken from them, if somebody said.
    reason: Option<String>,
}

/// What became of a shift.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShiftHistoryBody {
    /// The last first.
    changes: Vec<ShiftChangeBody>,
}

/// Everybody's comings and goings at a shift.
#[utoipa::path(get, path = "/api/v1/rosters/shifts/{id}/changes", operation_id = "list_shift_changes", tag = "rosters",
    params(("id" = Uuid, Path)), responses((status = 200, body = ShiftHistoryBody)))]
pub async fn history(
    caller: Caller<LeaderUp>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
) -> AppResult<Json<ShiftHistoryBody>> {
    let today = app.clock.today();
    app.db
        .read(move |tx| {
            let shift = commands::need_led(tx, caller.member, ShiftId(id), today)?;
            let name = |(id, name): (MemberId, String)| NameRef { id: id.0, name };
            let changes = store::history(tx, shift.id)?.into_iter();
            let body = |past: Past| ShiftChangeBody {
                member: name(past.member),
                change: past.change,
                at: Instant(past.at),
                by: name(past.by),
                reason: past.reason,
            };
            Ok(Json(ShiftHistoryBody {
                changes: changes.map(body).collect(),
            }))
        })
        .await
}

/// Which days of which points.
#[derive(Debug, Deserialize, IntoParams)]
pub struct CoverageQuery {
    /// Points there and below.
    #[param(value_type = String)]
    place: PlaceId,
    /// Only this point.
    point: Option<Uuid>,
    /// First day.
    #[param(value_type = String)]
    from: Day,
    /// Last day, at most 190 days on.
    #[param(value_type = String)]
    to: Day,
}

/// A week, counted in days of points: a day is met when each of its shifts has its minimum.
#[derive(Debug, Serialize, ToSchema)]
pub struct RosterWeekBody {
    /// Its first day.
    monday: Day,
    /// Days with shifts.
    days: u32,
    /// Of these, with people enough on the roster.
    given: u32,
    /// Days that are over.
    over: u32,
    /// Of these, on which people enough came.
    came: u32,
}

/// How often points had the people they need.
#[derive(Debug, Serialize, ToSchema)]
pub struct RosterCoverageBody {
    /// Those that have shifts, in order.
    weeks: Vec<RosterWeekBody>,
}

/// How often points had the people they need, by week: on the roster, and there.
#[utoipa::path(get, path = "/api/v1/rosters/coverage", operation_id = "get_roster_coverage", tag = "rosters",
    params(CoverageQuery), responses((status = 200, body = RosterCoverageBody)))]
pub async fn coverage(
    caller: Caller<LeaderUp>,
    State(app): State<Arc<App>>,
    Query(query): Query<CoverageQuery>,
) -> AppResult<Json<RosterCoverageBody>> {
    let now = app.clock.now();
    app.db
        .read(move |tx| {
            let days = (query.from.0, query.to.0);
            if !(0..DAYS_MAX).contains(&domain::days::days_between(days.0, days.1)) {
                return Err(Refusal::new("roster.period")
                    .with("days_max", DAYS_MAX)
                    .into());
            }
            let path = need_led(tx, caller.member, &query.place, now)?;
            let manned = store::manned(tx, &path, query.point.map(PointId), days, now)?;
            let body = |week: Week| RosterWeekBody {
                monday: Day(week.monday),
                days: week.days,
                given: week.given,
                over: week.over,
                came: week.came,
            };
            Ok(Json(RosterCoverageBody {
                weeks: weeks(manned).into_iter().map(body).collect(),
            }))
        })
        .await
}
