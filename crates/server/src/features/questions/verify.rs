//! Playing everything done about questions again, and comparing.

use super::store::{self, Step};
use crate::platform::db::Tx;
use crate::platform::problem::AppResult;
use domain::ids::QuestionId;
use domain::questions::{QuestionAct, Standing};
use std::collections::BTreeMap;

/// Compares questions with their history; what differs is added to `differences`.
///
/// # Errors
/// The storage's.
pub fn verify(tx: &Tx<'_>, differences: &mut Vec<String>) -> AppResult<()> {
    let mut stands: BTreeMap<QuestionId, Standing> = BTreeMap::new();
    store::each_step(tx, |step| {
        let Step {
            question, deed, by, ..
        } = step;
        // Only what happens by itself and what askers do is nobody's.
        let somebody = by.is_some() || [QuestionAct::Ask, QuestionAct::Climb].contains(&deed.act);
        match deed.after(stands.get(&question), by) {
            Ok(after) if somebody => {
                stands.insert(question, after);
            }
            _ => differences.push(format!("questions: {:?} of {question} cannot be", deed.act)),
        }
    })?;
    store::each_standing(tx, |id, held| {
        let wanted = stands.remove(&id);
        if wanted.as_ref() != Some(&held) {
            differences.push(format!(
                "questions: {id}: its history gives {wanted:?}, it holds {held:?}"
            ));
        }
    })?;
    for id in stands.into_keys() {
        differences.push(format!("questions: {id} has a history and is gone"));
    }
    Ok(())
}
