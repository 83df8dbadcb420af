//! Playing everything done about questions again, and comparing.

use super::store::{self, Step};
use crate::args;
use crate::features::facts::ledger::{self, COLUMNS};
use crate::platform::db::{DbError, Tx};
use crate::platform::problem::AppResult;
use domain::facts::{Body, Kind};
use domain::ids::QuestionId;
use domain::questions::{QuestionAct, Standing};
use std::collections::BTreeMap;

/// Compares questions with their facts and with their history; what differs is added to `differences`.
///
/// # Errors
/// The storage's, or when a stored fact cannot be read back.
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
    verify_facts(tx, differences)
}

/// Whoever writes a question down says so in a fact, and nobody else does.
fn verify_facts(tx: &Tx<'_>, differences: &mut Vec<String>) -> AppResult<()> {
    let mut written = store::written_down(tx)?;
    let sql = format!("select {COLUMNS} from fact f where f.kind = $1");
    tx.each(&sql, args![Kind::Question.as_str()], |row| {
        let stored = ledger::read(&row)?;
        if let Body::Question(asked) = &stored.fact.body {
            let id = QuestionId(stored.fact.id.0);
            let told = (stored.fact.place.clone(), asked.source, stored.actor);
            if written.remove(&id) != Some(told) {
                differences.push(format!("questions: {id} is not what its fact says"));
            }
        }
        Ok::<(), DbError>(())
    })?;
    let untold = written.into_keys();
    differences.extend(untold.map(|id| format!("questions: {id} was written down without a fact")));
    Ok(())
}
