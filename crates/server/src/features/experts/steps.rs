//! What experts do by themselves, as facts that may arrive late: a step is decided as things
//! stand when it arrives, an entry of a work log is kept because the work was done.

use super::store::{self, Change};
use super::telling;
use crate::platform::clock::Clock;
use crate::platform::db::Tx;
use crate::platform::problem::AppResult;
use domain::days::day_of;
use domain::experts::{Deed, ExpertStep, ExpertWork, Standing};
use domain::facts::{Body, Fact};
use domain::ids::{MemberId, RequestId};
use domain::refusal::Refusal;
use time::OffsetDateTime;

/// What to hold before deciding, so that nobody else decides about it meanwhile.
pub fn hold_key(id: RequestId) -> [u8; 16] {
    *id.0.as_bytes()
}

/// The step a fact is.
pub fn step_of(fact: &Fact) -> Option<&ExpertStep> {
    match &fact.body {
        Body::ExpertStep(step) => Some(step),
        _ => None,
    }
}

/// The entry of a work log that a fact is.
pub fn work_of(fact: &Fact) -> Option<&ExpertWork> {
    match &fact.body {
        Body::ExpertWork(work) => Some(work),
        _ => None,
    }
}

/// What a step comes to as things stand, or why it cannot be done any more.
///
/// # Errors
/// The storage's.
pub fn decide(
    tx: &Tx<'_>,
    actor: MemberId,
    fact: &Fact,
    step: &ExpertStep,
    now: OffsetDateTime,
) -> AppResult<Result<(Change, Standing), Refusal>> {
    let found = store::find(tx, step.request, day_of(now))?;
    let Some(request) = found.filter(|request| request.place.id == fact.place) else {
        return Ok(Err(Refusal::new("expert.unknown")));
    };
    if request.stands.expert != Some(actor) {
        return Ok(Err(Refusal::new("expert.not_yours")));
    }
    let deed = Deed {
        expert: Some(actor),
        ..Deed::of(step.action.act())
    };
    let change = Change {
        id: fact.id.0,
        request: step.request,
        deed,
        note: step.note.clone().unwrap_or_default(),
        at: now,
        by: actor,
        by_fact: true,
    };
    let after = deed.after(Some(request.stands));
    Ok(after.map(|stands| (change, stands)))
}

/// Writes what a step came to, and tells whom it concerns.
///
/// # Errors
/// The storage's.
pub fn apply(
    tx: &mut Tx<'_>,
    clock: &Clock,
    (change, stands): &(Change, Standing),
) -> AppResult<()> {
    store::write(tx, change, stands)?;
    telling::tell(tx, clock, change)
}

/// Why an entry of a work log cannot be: only who was sent to a request works for it. That it
/// is over meanwhile is no reason.
///
/// # Errors
/// The storage's.
pub fn refuse_work(
    tx: &Tx<'_>,
    actor: MemberId,
    fact: &Fact,
    work: &ExpertWork,
    now: OffsetDateTime,
) -> AppResult<Option<Refusal>> {
    let found = store::find(tx, work.request, day_of(now))?;
    if found.is_none_or(|request| request.place.id != fact.place) {
        return Ok(Some(Refusal::new("expert.unknown")));
    }
    let sent = store::was_with(tx, work.request, actor, true)?;
    Ok((!sent).then(|| Refusal::new("expert.not_yours")))
}
