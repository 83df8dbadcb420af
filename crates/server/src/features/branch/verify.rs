//! Reading every task and receipt out of its facts again, and comparing.

use super::{keeping, store};
use crate::args;
use crate::features::facts::ledger::{self, COLUMNS, Stored};
use crate::platform::db::{DbError, Tx};
use crate::platform::problem::AppResult;
use domain::facts::{Body, Kind};
use domain::ids::{DirectiveId, TaskId, TeamId};
use std::collections::BTreeMap;

/// Compares tasks and receipts with the facts about them; what differs is added to
/// `differences`.
///
/// # Errors
/// The storage's, or when a stored fact cannot be read back.
pub fn verify(tx: &Tx<'_>, differences: &mut Vec<String>) -> AppResult<()> {
    let mut tasks: BTreeMap<TaskId, Vec<Stored>> = BTreeMap::new();
    let mut receipts: BTreeMap<(DirectiveId, TeamId), Vec<Stored>> = BTreeMap::new();
    let sql = format!("select {COLUMNS} from fact f where f.kind in ($1, $2)");
    let kinds = args![Kind::Task.as_str(), Kind::Directive.as_str()];
    tx.each(&sql, kinds, |row| {
        let stored = ledger::read(&row)?;
        let team = stored.fact.team.unwrap_or(TeamId::NONE);
        match &stored.fact.body {
            Body::Task(step) => tasks.entry(step.task()).or_default().push(stored),
            Body::Directive(step) => {
                let about = (step.directive(), team);
                receipts.entry(about).or_default().push(stored);
            }
            _ => {}
        }
        Ok::<(), DbError>(())
    })?;
    store::each_task(tx, |id, kept| {
        let told = tasks
            .remove(&id)
            .and_then(|mut facts| keeping::task(&mut facts));
        if told.as_ref() != Some(&kept) {
            differences.push(format!(
                "task {id}: its facts say {told:?}, its row {kept:?}"
            ));
        }
    })?;
    store::each_receipt(tx, |about, kept| {
        let mut facts = receipts.remove(&about).unwrap_or_default();
        let told = keeping::receipt(&mut facts);
        if told != kept {
            differences.push(format!(
                "directive {about:?}: its facts say {told:?}, its row {kept:?}"
            ));
        }
    })?;
    let lost = tasks.into_keys().map(|id| format!("task {id} has no row"));
    differences.extend(lost);
    let lost = receipts.into_keys();
    differences.extend(lost.map(|about| format!("directive {about:?} has no row")));
    Ok(())
}
