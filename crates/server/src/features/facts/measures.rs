//! The measures being tallied now, compiled from the campaigns.

use crate::args;
use crate::platform::db::Tx;
use crate::platform::problem::{AppError, AppResult};
use domain::catalogue::Catalogue;
use domain::facts::Fact;
use domain::ids::{CampaignId, IndicatorId, MeasureId};
use domain::indicators::{Contribution, Definition, Measure, Part};
use domain::observations::observe;
use domain::subjects::Pseudonymiser;
use std::sync::{Arc, Mutex, PoisonError};
use time::Date;

/// One measure with where and when it counts.
#[derive(Clone, Debug)]
pub struct Active {
    /// Key of its tallies.
    pub id: MeasureId,
    /// Numerator or denominator.
    pub part: Part,
    /// Its indicator.
    pub indicator: IndicatorId,
    /// The indicator's code.
    pub code: String,
    /// The indicator's short name.
    pub short_name: String,
    /// Its campaign.
    pub campaign: CampaignId,
    /// Subtree in which facts count.
    pub path: String,
    /// First day.
    pub starts_on: Date,
    /// Last day.
    pub ends_on: Date,
    /// What counts.
    pub rule: Measure,
}

/// All measures, at a revision of the registers.
#[derive(Debug, Default)]
pub struct Measures {
    /// The newest campaign this was compiled with, and its revision.
    pub newest: Option<(i64, CampaignId)>,
    /// In order of id.
    pub all: Vec<Active>,
}

/// A campaign's revision changes with every change to its rules. Its id goes with it:
/// a revision that was rolled back is given again.
fn newest(tx: &Tx<'_>) -> AppResult<Option<(i64, CampaignId)>> {
    Ok(tx.one(
        "select rev, id from campaign order by rev desc limit 1",
        args![],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?)
}

/// Held by whoever changes what is counted, shared by whoever counts.
const COUNTED: [u8; 16] = *b"what is counted ";

/// The measures in force, from `kept` when nothing changed since. Asked inside the
/// transaction that counts, so that a fact never misses a campaign made just before it;
/// until that transaction ends nobody changes them.
///
/// # Errors
/// The storage's.
pub fn current_shared(tx: &mut Tx<'_>, kept: &Mutex<Arc<Measures>>) -> AppResult<Arc<Measures>> {
    tx.share(COUNTED)?;
    let newest = newest(tx)?;
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    if newest != kept.newest {
        let all = load(tx)?;
        *kept = Arc::new(Measures { newest, all });
    }
    Ok(Arc::clone(&kept))
}

/// Waits for every transaction that is counting, and holds off new ones.
///
/// # Errors
/// The storage's.
pub fn hold(tx: &mut Tx<'_>) -> AppResult<()> {
    Ok(tx.hold(&[COUNTED])?)
}

/// Compiles the measures from the campaigns.
///
/// # Errors
/// The storage's, or internal when a stored rule cannot be read.
pub fn load(tx: &Tx<'_>) -> AppResult<Vec<Active>> {
    let rows = tx.all(
        "select m.id, m.part, i.id, i.code, i.short_name, c.id, p.path, c.starts_on, c.ends_on, i.definition
           from measure m join indicator i on i.id = m.indicator_id join campaign c on c.id = i.campaign_id
           join place p on p.id = c.place_id order by m.id",
        args![],
        |row| {
            let active = Active {
                id: row.get(0)?,
                part: if row.get::<String>(1)? == Part::Numerator.as_str() { Part::Numerator } else { Part::Denominator },
                indicator: row.get(2)?,
                code: row.get(3)?,
                short_name: row.get(4)?,
                campaign: row.get(5)?,
                path: row.get(6)?,
                starts_on: row.get(7)?,
                ends_on: row.get(8)?,
                rule: Measure { unit: domain::observations::Unit::Assist, count: domain::indicators::Count::Sum, all_of: Vec::new() },
            };
            Ok((active, row.get::<String>(9)?))
        },
    )?;
    let mut all = Vec::with_capacity(rows.len());
    for (active, definition) in rows {
        let definition: Definition = serde_json::from_str(&definition)
            .map_err(|fault| AppError::Internal(format!("indicator {}: {fault}", active.code)))?;
        let rule = definition
            .measures()
            .into_iter()
            .find(|(part, _)| *part == active.part)
            .map(|(_, rule)| rule.clone());
        let rule = rule.ok_or_else(|| {
            AppError::Internal(format!(
                "indicator {} has no {:?}",
                active.code, active.part
            ))
        })?;
        all.push(Active { rule, ..active });
    }
    Ok(all)
}

/// What a fact contributes, to each measure it counts for.
pub type Parts<'m> = Vec<(&'m Active, Vec<Contribution>)>;

/// What it takes to say what a fact counts for.
#[derive(Clone, Copy, Debug)]
pub struct Counting<'m> {
    /// The measures asked about.
    pub measures: &'m [Active],
    /// Services.
    pub catalogue: &'m Catalogue,
    /// Pseudonyms.
    pub keys: &'m Pseudonymiser,
}

impl<'m> Counting<'m> {
    /// What a fact at `path` contributes.
    pub fn parts(&self, fact: &Fact, path: &str) -> Parts<'m> {
        let day = fact.day();
        let mut found = Vec::new();
        let mut seen = None;
        for active in self.measures {
            let inside = (active.starts_on..=active.ends_on).contains(&day);
            if !inside || !path.starts_with(&active.path) {
                continue;
            }
            let seen = seen.get_or_insert_with(|| observe(fact, self.catalogue, self.keys));
            let parts = active.rule.contributions(seen);
            if !parts.is_empty() {
                found.push((active, parts));
            }
        }
        found
    }
}
