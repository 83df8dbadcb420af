//! Playing everything done about reports again, and comparing.

use super::keeping;
use super::store::{self, Made};
use crate::args;
use crate::features::facts::ledger::{self, COLUMNS};
use crate::platform::db::{DbError, Tx};
use crate::platform::problem::AppResult;
use domain::facts::Kind;
use domain::ids::ScamReportId;
use domain::scams::{ScamAct, ScamStanding};
use std::collections::BTreeMap;

/// Compares reports with their facts and with their history; what differs is added to
/// `differences`.
///
/// # Errors
/// The storage's, or when a stored fact cannot be read back.
pub fn verify(tx: &Tx<'_>, differences: &mut Vec<String>) -> AppResult<()> {
    let mut told: BTreeMap<ScamReportId, Made> = BTreeMap::new();
    let mut facts = Vec::new();
    let sql = format!("select {COLUMNS} from fact f where f.kind = $1");
    tx.each(&sql, args![Kind::ScamReport.as_str()], |row| {
        facts.push(ledger::read(&row)?);
        Ok::<(), DbError>(())
    })?;
    for stored in facts {
        let made = keeping::made(tx, &stored.fact, stored.actor)?;
        told.extend(made.map(|made| (made.id, made)));
    }
    let mut stands: BTreeMap<ScamReportId, ScamStanding> = BTreeMap::new();
    store::each_step(tx, |step| {
        let before = stands.get(&step.report).copied();
        let own = step.deed.act != ScamAct::Report || step.id == step.report.0;
        match step.deed.after(before, step.by) {
            Ok(after) if own => drop(stands.insert(step.report, after)),
            _ => differences.push(format!(
                "scams: {:?} of {} cannot be",
                step.deed.act, step.report
            )),
        }
    })?;
    store::each(tx, |made, held| {
        let id = made.id;
        let wanted = stands.remove(&id);
        if wanted != Some(held) {
            differences.push(format!(
                "scams: {id}: its history gives {wanted:?}, it holds {held:?}"
            ));
        }
        let fact = told.remove(&id);
        if made.by_fact && fact.as_ref() != Some(&made) || !made.by_fact && fact.is_some() {
            differences.push(format!("scams: {id} is not what its fact says"));
        }
    })?;
    let lost = told.into_keys();
    differences.extend(lost.map(|id| format!("scams: fact {id} was not kept")));
    Ok(())
}
