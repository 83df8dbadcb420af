//! What people do on a roster by themselves, as facts that may arrive late: each is decided
//! as things stand when it arrives.

use super::alerts;
use super::store::{self, Deed, Shift, Who};
use crate::platform::clock::Clock;
use crate::platform::db::Tx;
use crate::platform::problem::AppResult;
use domain::facts::{Fact, RosterStep};
use domain::ids::{FactId, MemberId, ShiftId};
use domain::refusal::Refusal;
use domain::rosters::fit::{Bar, Held, Limits, Need, bars};
use domain::rosters::{Action, Change};
use time::OffsetDateTime;

/// What to hold before deciding, so that nobody else decides about it meanwhile: a shift, or
/// all of a member's shifts.
pub fn hold_key(id: uuid::Uuid) -> [u8; 16] {
    *id.as_bytes()
}

/// What a member's steps need held.
pub fn keys<'s>(steps: impl Iterator<Item = &'s RosterStep>, actor: MemberId) -> Vec<[u8; 16]> {
    let mut keys: Vec<_> = steps.map(|step| hold_key(step.shift.0)).collect();
    if !keys.is_empty() {
        keys.push(hold_key(actor.0));
    }
    keys
}

/// The step a fact is.
pub fn step_of(fact: &Fact) -> Option<RosterStep> {
    match fact.body {
        domain::facts::Body::Roster(step) => Some(step),
        _ => None,
    }
}

/// The need for one more person at a shift.
pub fn need(shift: &Shift, missing: u32) -> Need {
    Need {
        point: shift.point,
        path: shift.path.clone(),
        at: Held {
            starts_at: shift.starts_at,
            ends_at: shift.ends_at,
        },
        skills: shift.skills.clone(),
        missing,
    }
}

/// Why nobody can be given, or leave, a shift now.
pub fn closed(shift: &Shift, now: OffsetDateTime) -> Option<Refusal> {
    let on = |code| {
        let at = shift.starts_at.to_offset(domain::days::VIETNAM);
        let time = format!("{:02}:{:02}", at.hour(), at.minute());
        Refusal::new(code)
            .with("point", shift.point_name.as_str())
            .with("day", vn::number::date(shift.day))
            .with("time", time)
    };
    if shift.cancelled {
        return Some(on("roster.cancelled"));
    }
    (shift.starts_at <= now).then(|| on("roster.started"))
}

/// Why a member may not be given a shift, whatever they or their leader wish.
///
/// # Errors
/// The storage's.
pub fn refuse_member(tx: &Tx<'_>, shift: &Shift, member: MemberId) -> AppResult<Option<Refusal>> {
    let month = domain::rosters::month_of(shift.day);
    let found = store::candidates(tx, Who::One(member), month)?;
    let Some((candidate, _)) = found.first() else {
        return Ok(Some(Refusal::new("not_found")));
    };
    // Who comes all the same is welcome, whatever they had said of their time.
    let broken = bars(candidate, &need(shift, 1), &Limits::USUAL);
    let broken = broken.into_iter().find(|bar| *bar != Bar::Unavailable);
    Ok(broken.map(|bar| {
        Refusal::new(match bar {
            Bar::NotQualified => "roster.not_qualified",
            Bar::Busy => "roster.busy",
            Bar::NoRest => "roster.no_rest",
            _ => "roster.too_many",
        })
    }))
}

/// What a step comes to as things stand, or why it cannot be done any more.
///
/// # Errors
/// The storage's.
pub fn decide(
    tx: &Tx<'_>,
    actor: MemberId,
    fact: &Fact,
    step: RosterStep,
    now: OffsetDateTime,
) -> AppResult<Result<Vec<Deed>, Refusal>> {
    let no = |code| Ok(Err(Refusal::new(code)));
    let shift = store::find(tx, step.shift)?.filter(|shift| shift.place == fact.place);
    let Some(shift) = shift else {
        return no("roster.unknown");
    };
    if let Some(refusal) = closed(&shift, now) {
        return Ok(Err(refusal));
    }
    let people = store::people(tx, shift.id)?;
    let stands = people.iter().any(|one| one.member == actor);
    let deed = |member, change| deed(shift.id, member, change, now, actor, Some(fact.id));
    let alone = |change| Ok(Ok(vec![deed(actor, change)]));
    match step.action {
        Action::Leave | Action::Offer | Action::Keep if !stands => no("roster.not_on_it"),
        Action::Leave => alone(Change::Left),
        Action::Offer => alone(Change::Offered),
        Action::Keep => alone(Change::Kept),
        Action::SignUp | Action::Take if stands => no("roster.already"),
        Action::SignUp => {
            if people.len() >= usize::try_from(shift.people_max).unwrap_or(usize::MAX) {
                return no("roster.full");
            }
            let refusal = refuse_member(tx, &shift, actor)?;
            refusal.map_or_else(|| alone(Change::SignedUp), |refusal| Ok(Err(refusal)))
        }
        Action::Take => {
            let wanted = |member| step.from.is_none_or(|from| from == member);
            let mut offered = people.iter().filter(|one| one.offered_at.is_some());
            let Some(other) = offered.find(|one| wanted(one.member)) else {
                return no("roster.taken");
            };
            let over = vec![
                deed(other.member, Change::HandedOver),
                deed(actor, Change::TakenOver),
            ];
            let refusal = refuse_member(tx, &shift, actor)?;
            Ok(refusal.map_or(Ok(over), Err))
        }
    }
}

/// A coming or going.
pub fn deed(
    shift: ShiftId,
    member: MemberId,
    change: Change,
    at: OffsetDateTime,
    by: MemberId,
    fact: Option<FactId>,
) -> Deed {
    Deed {
        shift,
        member,
        change,
        at,
        by,
        fact,
        reason: None,
    }
}

/// Writes what somebody did, and tells who has to know at once.
///
/// # Errors
/// The storage's.
pub fn apply(tx: &mut Tx<'_>, clock: &Clock, deeds: &[Deed]) -> AppResult<()> {
    for deed in deeds {
        store::write(tx, deed)?;
        alerts::after(tx, clock, deed)?;
    }
    Ok(())
}
