//! Counting everything again from the ledger, and comparing.

use super::ledger::{self, Pen};
use super::measures::{self, Active};
use crate::args;
use crate::platform::db::{Effect, Tx};
use crate::platform::problem::AppResult;
use domain::catalogue::Catalogue;
use domain::ids::CampaignId;
use domain::subjects::Pseudonymiser;
use domain::tallies::{Cell, Deltas, Quantity, Recount, standing};
use std::collections::BTreeMap;

/// What a recount found.
#[derive(Debug, Default)]
pub struct Findings {
    /// Facts in the ledger.
    pub facts: i64,
    /// Of these, counted.
    pub standing: i64,
    /// Tally cells compared.
    pub cells: usize,
    /// Claims compared.
    pub claims: usize,
    /// What differs, in words; empty when the books balance.
    pub differences: Vec<String>,
}

/// Recounts every measure and compares tallies, claims and corrections with it.
///
/// # Errors
/// The storage's, or when a stored fact cannot be read back.
pub fn verify(tx: &Tx<'_>, catalogue: &Catalogue, keys: &Pseudonymiser) -> AppResult<Findings> {
    let mut found = Findings::default();
    let all = measures::load(tx)?;
    let mut recount = Recount::default();
    ledger::each_standing(tx, "VN/", |stored, path| {
        found.standing += 1;
        add(&mut recount, &stored.fact, path, &all, catalogue, keys);
        Ok(())
    })?;
    found.facts = tx
        .one("select count(*) from fact", args![], |row| row.get(0))?
        .unwrap_or(0);
    let claims = tx
        .one("select count(*) from claim", args![], |row| {
            row.get::<i64>(0)
        })?
        .unwrap_or(0);
    found.claims = recount.claims();
    if i64::try_from(found.claims).ok() != Some(claims) {
        found.differences.push(format!(
            "claims: the ledger gives {}, the table holds {claims}",
            found.claims
        ));
    }
    compare_tallies(tx, recount.cells(), &mut found)?;
    compare_corrections(tx, &mut found)?;
    Ok(found)
}

fn add(
    recount: &mut Recount,
    fact: &domain::facts::Fact,
    path: &str,
    all: &[Active],
    catalogue: &Catalogue,
    keys: &Pseudonymiser,
) {
    let at = ledger::claim_of(fact);
    for (active, parts) in measures::contributions(fact, path, all, catalogue, keys) {
        for part in parts {
            recount.add(active.id, active.rule.all_of.len(), part, &at);
        }
    }
}

fn compare_tallies(
    tx: &Tx<'_>,
    mut counted: BTreeMap<Cell, Quantity>,
    found: &mut Findings,
) -> AppResult<()> {
    tx.each(
        "select measure_id, place_id, team_id, day, total, anonymous from tally",
        args![],
        |row| {
            let cell = Cell {
                measure: row.get(0)?,
                place: row.get(1)?,
                team: row.get(2)?,
                day: row.get(3)?,
            };
            let held = Quantity {
                total: row.get(4)?,
                anonymous: row.get(5)?,
            };
            let wanted = counted.remove(&cell).unwrap_or_default();
            found.cells += 1;
            if held != wanted {
                found.differences.push(format!(
                    "{cell:?}: the ledger gives {wanted:?}, the tally holds {held:?}"
                ));
            }
            Ok::<(), crate::platform::problem::AppError>(())
        },
    )?;
    for (cell, wanted) in counted {
        found.differences.push(format!(
            "{cell:?}: the ledger gives {wanted:?}, the tally holds nothing"
        ));
    }
    Ok(())
}

fn compare_corrections(tx: &Tx<'_>, found: &mut Findings) -> AppResult<()> {
    let roots = tx.all(
        "select distinct root from fact where root is not null",
        args![],
        |row| row.get(0),
    )?;
    for root in roots {
        let chain = ledger::corrections(tx, root)?;
        let Some((winner, _)) = standing(chain.iter().copied()) else {
            continue;
        };
        for id in chain.iter().map(|(id, _)| *id).chain([root]) {
            let held = ledger::superseded_by(tx, id)?;
            let wanted = (id != winner).then_some(winner);
            if held != wanted {
                found.differences.push(format!(
                    "fact {id}: should be superseded by {wanted:?}, is by {held:?}"
                ));
            }
        }
    }
    Ok(())
}

/// Tallies a campaign from the ledger, in the transaction that made or changed it,
/// so that facts older than the campaign's rules count from the first moment.
///
/// # Errors
/// The storage's.
pub fn backfill(
    tx: &mut Tx<'_>,
    campaign: CampaignId,
    catalogue: &Catalogue,
    keys: &Pseudonymiser,
) -> AppResult<()> {
    let all: Vec<Active> = measures::load(tx)?
        .into_iter()
        .filter(|active| active.campaign == campaign)
        .collect();
    let Some(path) = all.first().map(|active| active.path.clone()) else {
        return Ok(());
    };
    let mut standing_facts = Vec::new();
    ledger::each_standing(tx, &path, |stored, path| {
        standing_facts.push((stored, path.to_owned()));
        Ok(())
    })?;
    let mut pen = Pen::new(tx)?;
    let mut deltas = Deltas::default();
    for (stored, path) in &standing_facts {
        let parts = measures::contributions(&stored.fact, path, &all, catalogue, keys);
        let counted = (&stored.fact, stored.rev);
        super::ingest::contribute(tx, &mut pen, &mut deltas, &parts, counted, true)?;
    }
    ledger::add_to_tallies(tx, deltas)?;
    tx.effects.push(Effect::Shape);
    Ok(())
}
