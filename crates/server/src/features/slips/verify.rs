//! Playing everything done about slips again, and comparing.

use super::store;
use crate::platform::db::Tx;
use crate::platform::problem::AppResult;
use domain::days::day_of;
use domain::slips::{Deed, Standing};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Compares slips with their history; what differs is added to `differences`.
///
/// # Errors
/// The storage's.
pub fn verify(tx: &Tx<'_>, differences: &mut Vec<String>) -> AppResult<()> {
    let mut stands: BTreeMap<Uuid, Standing> = BTreeMap::new();
    store::each_change(tx, |slip, act, at, due| {
        let deed = Deed {
            act,
            on: day_of(at),
            due,
        };
        match deed.after(stands.get(&slip).copied()) {
            Ok(after) => {
                stands.insert(slip, after);
            }
            Err(_) => differences.push(format!("slips: {act:?} of {slip} cannot be")),
        }
    })?;
    store::each_standing(tx, |slip, held| {
        let wanted = stands.remove(&slip);
        if wanted != Some(held) {
            differences.push(format!(
                "slips: {slip}: its history gives {wanted:?}, it holds {held:?}"
            ));
        }
    })?;
    Ok(())
}
