//! Playing every coming and going again, and comparing.

use crate::args;
use crate::platform::db::{DbError, Tx};
use crate::platform::problem::AppResult;
use domain::facts::{Body, Kind};
use domain::ids::{FactId, MemberId, ShiftId};
use domain::rosters::{Action, Change};
use std::collections::{BTreeMap, HashMap};

/// Compares the assignments with their history, and the history with the facts that asked
/// for it; what differs is added to `differences`.
///
/// # Errors
/// The storage's, or when a stored fact cannot be read back.
pub fn verify(tx: &Tx<'_>, differences: &mut Vec<String>) -> AppResult<()> {
    let mut steps = steps(tx)?;
    let mut stands: BTreeMap<(ShiftId, MemberId), bool> = BTreeMap::new();
    tx.each(
        "select shift_id, member_id, change, by_id, fact_id from assignment_change order by id",
        args![],
        |row| {
            let (shift, member): (ShiftId, MemberId) = (row.get(0)?, row.get(1)?);
            let (change, by): (Change, MemberId) = (row.get(2)?, row.get(3)?);
            let before = stands.contains_key(&(shift, member));
            let possible = match change.stands() {
                Some(true) => stands.insert((shift, member), false).is_none(),
                Some(false) => stands.remove(&(shift, member)).is_some(),
                None => {
                    stands.insert((shift, member), change == Change::Offered);
                    before
                }
            };
            let fact: Option<FactId> = row.get(4)?;
            // Handing over is the other half of taking over, and of the same fact.
            let asked = match (fact, change) {
                (_, Change::HandedOver) => true,
                (Some(fact), _) => steps.remove(&fact) == Some((shift, by, change)) && by == member,
                (None, Change::Assigned | Change::Unassigned | Change::Filled) => true,
                (None, _) => false,
            };
            if !possible || !asked {
                differences.push(format!(
                    "roster: {change:?} of {member} at {shift} cannot be"
                ));
            }
            Ok::<(), DbError>(())
        },
    )?;
    for fact in steps.into_keys() {
        differences.push(format!("roster: fact {fact} changed nothing"));
    }
    tx.each(
        "select shift_id, member_id, offered_at is not null from assignment",
        args![],
        |row| {
            let (shift, member): (ShiftId, MemberId) = (row.get(0)?, row.get(1)?);
            let offered: bool = row.get(2)?;
            if stands.remove(&(shift, member)) != Some(offered) {
                differences.push(format!(
                    "roster: {member} stands at {shift} without its history"
                ));
            }
            Ok::<(), DbError>(())
        },
    )?;
    for (shift, member) in stands.into_keys() {
        differences.push(format!("roster: {member} should stand at {shift}"));
    }
    Ok(())
}

/// What each fact of a roster says was done, by whom.
fn steps(tx: &Tx<'_>) -> AppResult<HashMap<FactId, (ShiftId, MemberId, Change)>> {
    let mut steps = HashMap::new();
    tx.each(
        "select id, actor_id, body from fact where kind = $1",
        args![Kind::Roster.as_str()],
        |row| {
            let body: String = row.get(2)?;
            let body =
                Body::from_stored(Kind::Roster, &body).map_err(|fault| DbError::BadData {
                    column: 2,
                    why: fault.to_string(),
                })?;
            if let Body::Roster(step) = body {
                let change = match step.action {
                    Action::SignUp => Change::SignedUp,
                    Action::Leave => Change::Left,
                    Action::Offer => Change::Offered,
                    Action::Keep => Change::Kept,
                    Action::Take => Change::TakenOver,
                };
                steps.insert(row.get(0)?, (step.shift, row.get(1)?, change));
            }
            Ok::<(), DbError>(())
        },
    )?;
    Ok(steps)
}
