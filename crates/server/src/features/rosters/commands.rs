//! What changes rules, shifts and who stands at them.

use super::steps::{self, closed, deed, hold_key};
use super::store::{self, Listing, Point, Ruling, Shift, Standing};
use crate::features::members::Role;
use crate::features::places;
use crate::platform::clock::Clock;
use crate::platform::db::Tx;
use crate::platform::problem::{AppError, AppResult};
use domain::holidays::is_public_holiday;
use domain::ids::{MemberId, ShiftId};
use domain::refusal::Refusal;
use domain::rosters::{Change, Slot, slots};
use std::collections::BTreeMap;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

/// Makes or changes a rule.
///
/// # Errors
/// `roster.rule`, `not_found`, or the storage's.
pub fn put_rule(tx: &mut Tx<'_>, by: MemberId, ruling: &Ruling) -> AppResult<()> {
    ruling.rule.check()?;
    ruling.source.check()?;
    if ruling.valid_to.is_some_and(|to| to < ruling.valid_from) {
        return Err(Refusal::new("roster.rule").with("field", "valid_to").into());
    }
    store::place_of_point(tx, ruling.point, by, Role::CommuneOfficer)?
        .ok_or_else(AppError::not_found)?;
    if store::put_rule(tx, ruling)? {
        Ok(())
    } else {
        Err(AppError::not_found())
    }
}

/// What became of the shifts of a month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Generated {
    /// New ones.
    pub made: u32,
    /// Nobody was on them, and the rule says otherwise now.
    pub changed: u32,
    /// Nobody was on them, and no rule makes them any more.
    pub cancelled: u32,
    /// No rule makes them so any more, but somebody stands there.
    pub kept: u32,
}

/// Makes the shifts of a month at points below a path what their rules say: what nobody is
/// on and has not begun. Doing it twice changes nothing.
///
/// # Errors
/// The storage's.
pub fn generate(
    tx: &mut Tx<'_>,
    points: &[Point],
    path: &str,
    month: (Date, Date),
    now: OffsetDateTime,
    new_id: &dyn Fn() -> Uuid,
) -> AppResult<Generated> {
    let mut done = Generated::default();
    for point in points {
        let rulings = store::rules(tx, point.id)?;
        let mut wanted: BTreeMap<OffsetDateTime, (Slot, &Ruling)> = BTreeMap::new();
        for ruling in &rulings {
            let from = month.0.max(ruling.valid_from);
            let to = ruling.valid_to.map_or(month.1, |to| month.1.min(to));
            for slot in slots(&ruling.rule, &point.hours, (from, to), &is_public_holiday) {
                wanted.entry(slot.starts_at).or_insert((slot, ruling));
            }
        }
        wanted.retain(|starts_at, _| *starts_at > now);
        let there = store::list(
            tx,
            &Listing {
                path,
                point: Some(point.id),
                member: None,
                from: month.0,
                to: Some(month.1),
                since: -1,
            },
        )?;
        for (shift, people) in there {
            let wish = wanted.remove(&shift.starts_at);
            settle(tx, &shift, &people, wish, now, &mut done)?;
        }
        for (slot, ruling) in wanted.into_values() {
            if store::add_shift(tx, ShiftId(new_id()), &slot, ruling)? {
                done.made += 1;
            }
        }
    }
    Ok(done)
}

/// Makes one shift what its rule says now, if there is one and nobody stands there.
fn settle(
    tx: &mut Tx<'_>,
    shift: &Shift,
    people: &[Standing],
    wish: Option<(Slot, &Ruling)>,
    now: OffsetDateTime,
    done: &mut Generated,
) -> AppResult<()> {
    let same = wish.map_or(shift.cancelled, |(slot, ruling)| {
        let rule = &ruling.rule;
        !shift.cancelled
            && shift.ends_at == slot.ends_at
            && (shift.people_min, shift.people_max) == (rule.people_min, rule.people_max)
            && shift.skills == rule.skills
    });
    // What was made by hand, and what has begun, no rule touches.
    if same || shift.rule.is_none() || shift.starts_at <= now {
        return Ok(());
    }
    match wish {
        _ if !people.is_empty() => done.kept += 1,
        Some((slot, ruling)) => {
            store::change_shift(tx, shift.id, &slot, ruling)?;
            done.changed += 1;
        }
        None => {
            store::cancel_shift(tx, shift.id, now)?;
            done.cancelled += 1;
        }
    }
    Ok(())
}

/// The shift, if `by` leads or is an officer above it.
///
/// # Errors
/// `not_found`, or the storage's.
pub fn need_led(tx: &Tx<'_>, by: MemberId, id: ShiftId, today: Date) -> AppResult<Shift> {
    let shift = store::find(tx, id)?.ok_or_else(AppError::not_found)?;
    places::store::need_in_scope(tx, by, Role::Leader, &shift.place, today)?;
    Ok(shift)
}

/// Characters of a reason, at most.
const REASON_CHARS_MAX: usize = 200;

/// Whether somebody is to stand at a shift.
#[derive(Debug)]
pub enum Wanted {
    /// They get it.
    On,
    /// It is taken from them, and why, if anybody says so.
    Off(Option<String>),
}

/// Gives a shift to a member, or takes it from them; nothing changes when it is so already.
///
/// # Errors
/// `not_found`, `roster.started`, `roster.cancelled`, `roster.full`, what the hard rules say,
/// `request.validation` for the reason, or the storage's.
pub fn put_person(
    tx: &mut Tx<'_>,
    clock: &Clock,
    by: MemberId,
    (id, member): (ShiftId, MemberId),
    wanted: Wanted,
) -> AppResult<()> {
    let now = clock.now();
    let stands = matches!(wanted, Wanted::On);
    tx.hold(&[hold_key(id.0), hold_key(member.0)])?;
    let shift = need_led(tx, by, id, domain::days::day_of(now))?;
    let people = store::people(tx, id)?;
    if people.iter().any(|one| one.member == member) == stands {
        return Ok(());
    }
    if let Some(refusal) = closed(&shift, now) {
        return Err(refusal.into());
    }
    let mut deed = deed(id, member, Change::Assigned, now, by, None);
    if let Wanted::Off(reason) = wanted {
        let reason = reason.map(|reason| vn::text::normalise(&reason));
        deed.reason = reason.filter(|reason| !reason.is_empty());
        let chars = deed
            .reason
            .as_ref()
            .map_or(0, |reason| reason.chars().count());
        if chars > REASON_CHARS_MAX {
            return Err(Refusal::new("request.validation")
                .with("field", "reason")
                .into());
        }
        deed.change = Change::Unassigned;
    } else {
        if people.len() >= usize::try_from(shift.people_max).unwrap_or(usize::MAX) {
            return Err(AppError::problem("roster.full"));
        }
        if let Some(refusal) = steps::refuse_member(tx, &shift, member)? {
            return Err(refusal.into());
        }
    }
    steps::apply(tx, clock, &[deed])
}
