//! Moving somebody from one shift to another while both go on: from a quiet point to a crowded
//! one, and back.

use super::alerts;
use super::api::ShiftBody;
use super::commands::need_led;
use super::steps::{self, deed, hold_key};
use super::store;
use crate::App;
use crate::platform::clock::Clock;
use crate::platform::db::Tx;
use crate::platform::http::{Caller, LeaderUp};
use crate::platform::problem::{AppError, AppResult};
use crate::platform::wire::Json;
use axum::extract::State;
use domain::days::day_of;
use domain::ids::{MemberId, ShiftId};
use domain::refusal::Refusal;
use domain::rosters::Change;
use serde::Deserialize;
use std::sync::Arc;
use utoipa::ToSchema;
use uuid::Uuid;

/// Whom to move between two shifts that go on now.
#[derive(Debug, Deserialize, ToSchema)]
pub struct MovePersonBody {
    member: Uuid,
    /// The shift they stand at.
    from: Uuid,
    /// The one they are to stand at.
    to: Uuid,
}

/// Moves somebody between two shifts that go on now, and tells them; nothing changes when it is
/// so already. The answer is the shift they were moved to.
#[utoipa::path(post, path = "/api/v1/rosters/moves", operation_id = "move_on_roster", tag = "rosters",
    request_body = MovePersonBody, responses((status = 200, body = ShiftBody)))]
pub async fn move_person(
    caller: Caller<LeaderUp>,
    State(app): State<Arc<App>>,
    Json(body): Json<MovePersonBody>,
) -> AppResult<Json<ShiftBody>> {
    let clock = app.clock.clone();
    app.db
        .write(move |tx| {
            let (from, to) = (ShiftId(body.from), ShiftId(body.to));
            move_over(tx, &clock, caller.member, MemberId(body.member), (from, to))?;
            let shift = store::find(tx, to)?.ok_or_else(AppError::not_found)?;
            let people = store::people(tx, to)?;
            Ok(Json(ShiftBody::from((shift, people))))
        })
        .await
}

/// Moves a member between two shifts that go on, both of which `by` leads.
///
/// # Errors
/// `not_found`, `request.validation` when they are one, `roster.not_running`, `roster.not_there`,
/// `roster.full`, what the hard rules say, or the storage's.
fn move_over(
    tx: &mut Tx<'_>,
    clock: &Clock,
    by: MemberId,
    member: MemberId,
    (from, to): (ShiftId, ShiftId),
) -> AppResult<()> {
    let now = clock.now();
    if from == to {
        return Err(Refusal::new("request.validation")
            .with("field", "to")
            .into());
    }
    tx.hold(&[hold_key(from.0), hold_key(to.0), hold_key(member.0)])?;
    let (from, to) = (
        need_led(tx, by, from, day_of(now))?,
        need_led(tx, by, to, day_of(now))?,
    );
    if let Some(other) = [&from, &to].into_iter().find(|one| !one.is_running(now)) {
        let refusal = Refusal::new("roster.not_running").with("point", other.point_name.as_str());
        return Err(refusal.into());
    }
    let stands = |people: &[store::Standing]| people.iter().any(|one| one.member == member);
    let people = store::people(tx, to.id)?;
    match (stands(&store::people(tx, from.id)?), stands(&people)) {
        (false, true) => return Ok(()),
        (true, false) => {}
        _ => return Err(AppError::problem("roster.not_there")),
    }
    if people.len() >= usize::try_from(to.people_max).unwrap_or(usize::MAX) {
        return Err(AppError::problem("roster.full"));
    }
    let change = |shift, change| [deed(shift, member, change, now, by, None)];
    // First away: nobody stands at two shifts at once.
    steps::apply(tx, clock, &change(from.id, Change::Unassigned))?;
    if let Some(refusal) = steps::refuse_member(tx, &to, member)? {
        return Err(refusal.into());
    }
    steps::apply(tx, clock, &change(to.id, Change::Assigned))?;
    alerts::tell_moved(tx, clock, member, (&from, &to))?;
    Ok(())
}
