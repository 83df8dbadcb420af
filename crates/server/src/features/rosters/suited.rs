//! Who could fill a gap, and what speaks for them: in the same words for a suggestion and for
//! asking colleagues to take over.

use super::steps::need;
use super::store::{self, Shift, Who};
use crate::platform::db::{DbError, Tx};
use domain::ids::MemberId;
use domain::rosters::fit::{Candidate, FAIRNESS_COST, Limits, Reason, bars, price, reasons};
use domain::rosters::month_of;

/// Somebody who could stand at a shift.
#[derive(Debug)]
pub struct Suited {
    /// Who.
    pub member: MemberId,
    /// Their name.
    pub name: String,
    /// What speaks for them.
    pub reasons: Vec<Reason>,
    /// Shifts they have that month.
    pub shifts: usize,
}

/// Who of some people is free, able and rested for a shift, the best first.
///
/// # Errors
/// The storage's.
pub fn suited(tx: &Tx<'_>, who: Who<'_>, shift: &Shift) -> Result<Vec<Suited>, DbError> {
    let need = need(shift, 1);
    let mut fits: Vec<_> = store::candidates(tx, who, month_of(shift.day))?
        .into_iter()
        .filter(|(one, _)| bars(one, &need, &Limits::USUAL).is_empty())
        .map(|(mut one, name)| {
            one.holds.retain(|held| held.in_month_of(shift.day));
            (one, name)
        })
        .collect();
    let mut loads: Vec<usize> = fits.iter().map(|(one, _)| one.holds.len()).collect();
    loads.sort_unstable();
    let usual = loads.get(loads.len() / 2).copied().unwrap_or(0);
    // As the solver weighs it: distance, wishes and habit, and fairness.
    fits.sort_by_key(|(one, _)| {
        let load = i64::try_from(one.holds.len()).unwrap_or(0);
        price(one, &need) + FAIRNESS_COST * (2 * load + 1)
    });
    let suited = |(one, name): (Candidate, String)| Suited {
        reasons: reasons(&one, &need, usual),
        shifts: one.holds.len(),
        member: one.member,
        name,
    };
    Ok(fits.into_iter().map(suited).collect())
}
