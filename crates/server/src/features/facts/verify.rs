//! Counting everything again from the ledger, and comparing.

use super::ledger;
use super::measures::{self, Active, Counting};
use crate::args;
use crate::features::attendance::{keeping, store as attendance};
use crate::features::desk;
use crate::features::experts;
use crate::platform::db::{DbError, Effect, Tx};
use crate::platform::problem::AppResult;
use domain::catalogue::Catalogue;
use domain::facts::Fact;
use domain::ids::{CampaignId, FactId};
use domain::observations::subjects;
use domain::subjects::{Pseudonymiser, SubjectKey};
use domain::tallies::{Cell, Quantity, Recount, standing};
use std::collections::BTreeMap;
use time::macros::date;

/// What a recount found.
#[derive(Debug, Default)]
pub struct Findings {
    /// Facts in the ledger.
    pub facts: i64,
    /// Of these, counted.
    pub standing: i64,
    /// Tally cells compared.
    pub cells: usize,
    /// Links from a subject to a fact compared.
    pub links: i64,
    /// What differs, in words; empty when the books balance.
    pub differences: Vec<String>,
}

/// Recounts every measure and compares tallies, links and corrections with it.
///
/// # Errors
/// The storage's, or when a stored fact cannot be read back.
pub fn verify(tx: &Tx<'_>, catalogue: &Catalogue, keys: &Pseudonymiser) -> AppResult<Findings> {
    let mut found = Findings::default();
    let all = measures::load(tx)?;
    let counting = Counting {
        measures: &all,
        catalogue,
        keys,
    };
    let mut recount = Recount::default();
    let mut links = Links::default();
    let mut came = Links::default();
    let mut worked = experts::verify::Work::default();
    let mut for_tickets = desk::verify::Links::default();
    ledger::each_standing(
        tx,
        "VN/",
        (date!(0001 - 01 - 01), date!(9999 - 12 - 31)),
        |stored, path| {
            found.standing += 1;
            for subject in subjects(&stored.fact, keys) {
                links.add(&subject, stored.fact.id);
            }
            if let Some(row) = keeping::recounted(&stored.fact) {
                came.add(&digest(&row, keys), row.fact);
            }
            experts::verify::recount(&mut worked, &stored.fact, stored.actor);
            desk::verify::recount(&mut for_tickets, &stored.fact);
            count(&mut recount, &counting, &stored.fact, path);
            Ok(())
        },
    )?;
    found.facts = tx
        .one("select count(*) from fact", args![], |row| row.get(0))?
        .unwrap_or(0);
    compare_links(tx, &links, &mut found)?;
    compare_attendance(tx, &came, keys, &mut found)?;
    compare_tallies(tx, recount.cells(), &mut found)?;
    compare_corrections(tx, &mut found)?;
    crate::features::rosters::verify(tx, &mut found.differences)?;
    crate::features::certificates::verify(tx, &mut found.differences)?;
    experts::verify::verify(tx, &mut found.differences)?;
    experts::verify::compare(tx, worked, &mut found.differences)?;
    crate::features::branch::verify(tx, &mut found.differences)?;
    desk::verify::verify(tx, &mut found.differences)?;
    desk::verify::compare(tx, for_tickets, &mut found.differences)?;
    crate::features::scams::verify(tx, &mut found.differences)?;
    Ok(found)
}

fn count(recount: &mut Recount, counting: &Counting<'_>, fact: &Fact, path: &str) {
    let at = ledger::claim_of(fact);
    for (active, parts) in counting.parts(fact, path) {
        for part in parts {
            recount.add(active.id, active.rule.crediting(), part, &at);
        }
    }
}

/// A set of links, as its size and a sum that does not depend on their order.
#[derive(Debug, Default, PartialEq)]
struct Links {
    count: i64,
    sum: u128,
}

impl Links {
    fn add(&mut self, subject: &SubjectKey, fact: FactId) {
        // An odd factor, so that swapping two facts' subjects shows.
        let fact = fact.0.as_u128() | 1;
        self.count += 1;
        self.sum = self
            .sum
            .wrapping_add(u128::from_le_bytes(subject.0).wrapping_mul(fact));
    }
}

fn compare_links(tx: &Tx<'_>, wanted: &Links, found: &mut Findings) -> AppResult<()> {
    let mut held = Links::default();
    tx.each(
        "select subject, fact_id from fact_subject",
        args![],
        |row| {
            held.add(&row.get(0)?, row.get(1)?);
            Ok::<(), DbError>(())
        },
    )?;
    found.links = held.count;
    if held != *wanted {
        found.differences.push(format!(
            "links from subjects to facts: the ledger gives {wanted:?}, the table holds {held:?}"
        ));
    }
    Ok(())
}

/// Everything a row says except how far it was believed, which was decided once.
fn digest(row: &attendance::Row, keys: &Pseudonymiser) -> SubjectKey {
    let attendance::Row {
        member,
        team,
        place,
        site,
        day,
        at,
        direction,
        ..
    } = row;
    let said = format!("{member} {team:?} {place} {site:?} {day} {at} {direction:?}");
    keys.key("attendance", &[said.as_bytes()])
}

fn compare_attendance(
    tx: &Tx<'_>,
    wanted: &Links,
    keys: &Pseudonymiser,
    found: &mut Findings,
) -> AppResult<()> {
    let mut held = Links::default();
    attendance::each(tx, |row| held.add(&digest(&row, keys), row.fact))?;
    if held != *wanted {
        found.differences.push(format!(
            "comings and goings: the ledger gives {wanted:?}, the table holds {held:?}"
        ));
    }
    Ok(())
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
    let Some(first) = all.first() else {
        return Ok(());
    };
    let counting = Counting {
        measures: &all,
        catalogue,
        keys,
    };
    let mut recount = Recount::default();
    let period = (first.starts_on, first.ends_on);
    ledger::each_standing(tx, &first.path, period, |stored, path| {
        count(&mut recount, &counting, &stored.fact, path);
        Ok(())
    })?;
    ledger::add_to_tallies(tx, recount.deltas())?;
    tx.effects.push(Effect::Shape);
    Ok(())
}
