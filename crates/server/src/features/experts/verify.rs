//! Playing everything done about requests again, and comparing.

use super::steps;
use super::store::{self, Change};
use crate::args;
use crate::platform::db::{DbError, Tx};
use crate::platform::problem::AppResult;
use domain::experts::{RequestAct, Standing};
use domain::facts::{Body, Fact, Kind};
use domain::ids::{FactId, MemberId, RequestId};
use std::collections::{BTreeMap, HashMap};
use time::Date;
use uuid::Uuid;

/// Compares requests with their history, and the history with the facts that asked for it;
/// what differs is added to `differences`.
///
/// # Errors
/// The storage's, or when a stored fact cannot be read back.
pub fn verify(tx: &Tx<'_>, differences: &mut Vec<String>) -> AppResult<()> {
    let mut facts = facts(tx)?;
    let mut stands: BTreeMap<RequestId, Standing> = BTreeMap::new();
    store::each_change(tx, |change| {
        let Change {
            id,
            request,
            deed,
            by,
            by_fact,
            ..
        } = change;
        let own = matches!(
            deed.act,
            RequestAct::Accept | RequestAct::Decline | RequestAct::Finish
        );
        let asked = facts.remove(&id) == by_fact.then_some((request, by, deed.act));
        match deed.after(stands.get(&request).copied()) {
            Ok(after) if asked && own == by_fact => {
                stands.insert(request, after);
            }
            _ => differences.push(format!("experts: {:?} of {request} cannot be", deed.act)),
        }
    })?;
    for fact in facts.into_keys() {
        differences.push(format!("experts: fact {fact} changed nothing"));
    }
    tx.each(
        "select id, stage, expert_id, visit_from, visit_to, word from expert_request",
        args![],
        |row| {
            let id: RequestId = row.get(0)?;
            let visit: (Option<Date>, Option<Date>) = (row.get(3)?, row.get(4)?);
            let held = Standing {
                stage: row.get(1)?,
                expert: row.get(2)?,
                visit: visit.0.zip(visit.1),
                word: row.get(5)?,
            };
            let wanted = stands.remove(&id);
            if wanted != Some(held) {
                differences.push(format!(
                    "experts: {id}: its history gives {wanted:?}, it holds {held:?}"
                ));
            }
            Ok::<(), DbError>(())
        },
    )?;
    Ok(())
}

/// What each step of an expert says was done, about what and by whom.
fn facts(tx: &Tx<'_>) -> AppResult<HashMap<Uuid, (RequestId, MemberId, RequestAct)>> {
    let mut found = HashMap::new();
    tx.each(
        "select id, actor_id, body from fact where kind = $1",
        args![Kind::ExpertStep.as_str()],
        |row| {
            let body: String = row.get(2)?;
            let body =
                Body::from_stored(Kind::ExpertStep, &body).map_err(|fault| DbError::BadData {
                    column: 2,
                    why: fault.to_string(),
                })?;
            if let Body::ExpertStep(step) = body {
                let said = (step.request, row.get(1)?, step.action.act());
                found.insert(row.get(0)?, said);
            }
            Ok::<(), DbError>(())
        },
    )?;
    Ok(found)
}

/// Entries of work logs: whose, on which day, for what, how long.
pub type Work = BTreeMap<FactId, (MemberId, Date, RequestId, u32)>;

/// What a standing fact says of work done.
pub fn recount(found: &mut Work, fact: &Fact, actor: MemberId) {
    if let Some(work) = steps::work_of(fact) {
        found.insert(fact.id, (actor, fact.day(), work.request, work.minutes));
    }
}

/// Compares the entries kept with those of the ledger.
///
/// # Errors
/// The storage's.
pub fn compare(tx: &Tx<'_>, mut wanted: Work, differences: &mut Vec<String>) -> AppResult<()> {
    store::each_work(tx, |fact, member, day, request, minutes| {
        if wanted.remove(&fact) != Some((member, day, request, minutes)) {
            differences.push(format!("experts: work {fact} is not what its fact says"));
        }
    })?;
    for fact in wanted.into_keys() {
        differences.push(format!("experts: work {fact} was not kept"));
    }
    Ok(())
}
