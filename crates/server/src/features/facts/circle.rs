//! Who is credited among the facts about the same person, household or thing.

use super::ledger::{self, Stored};
use super::measures::{Active, Counting, Parts};
use crate::platform::db::{DbError, Tx};
use domain::facts::Fact;
use domain::indicators::Contribution;
use domain::observations::subjects;
use domain::subjects::SubjectKey;
use domain::tallies::{Amounts, Cell, Claim, Deltas, Quantity};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

/// The facts that count and are about some subjects, and what they contribute.
#[derive(Debug, Default)]
pub struct Circle<'m>(HashMap<SubjectKey, Vec<Rc<(Claim, Parts<'m>)>>>);

/// What one fact makes of a measure.
#[derive(Debug, Default)]
pub struct Share {
    /// What it counts for itself, nobody being known.
    loose: Quantity,
    /// For each subject what is credited without this fact, and with it.
    moves: Vec<(Amounts, Amounts)>,
    /// Whether it is this fact that is credited, rather than an earlier one about the
    /// same subject. While a condition is open nobody is, and this fact does its part.
    pub credited: bool,
    /// Whether it is one of the facts that the measure's total is made of.
    pub counted: bool,
}

impl<'m> Circle<'m> {
    /// Around some subjects.
    ///
    /// # Errors
    /// The storage's.
    pub fn around(
        tx: &Tx<'_>,
        counting: &Counting<'m>,
        subjects: &[SubjectKey],
    ) -> Result<Self, DbError> {
        let mut circle = Self::default();
        for (about, stored, path) in ledger::about(tx, subjects)? {
            let parts = counting.parts(&stored.fact, &path);
            circle.admit(&stored.fact, &about, parts);
        }
        Ok(circle)
    }

    /// Takes in a fact that counts from now on.
    pub fn admit(&mut self, fact: &Fact, subjects: &[SubjectKey], parts: Parts<'m>) {
        let known = Rc::new((ledger::claim_of(fact), parts));
        for subject in subjects {
            self.0.entry(*subject).or_default().push(Rc::clone(&known));
        }
    }

    /// What `fact` makes of a measure with its `parts` in it; all its subjects must
    /// have been asked for. Whether it is in the circle itself makes no difference.
    pub fn share(
        &self,
        fact: &Fact,
        subjects: &[SubjectKey],
        active: &Active,
        parts: &[Contribution],
    ) -> Share {
        let mut share = Share::default();
        let mut keys = BTreeSet::new();
        for part in parts {
            match part {
                Contribution::Plain => share.loose += Quantity::ONE,
                Contribution::Anonymous => share.loose += Quantity::ONE_ANONYMOUS,
                Contribution::Subject { key, .. } => {
                    keys.insert(*key);
                }
            }
        }
        share.credited = !share.loose.is_zero();
        share.counted = share.credited;
        let crediting = active.rule.crediting();
        let own = ledger::claim_of(fact);
        let mut others: Vec<&(Claim, Parts<'m>)> = subjects
            .iter()
            .filter_map(|subject| self.0.get(subject))
            .flatten()
            .map(Rc::as_ref)
            .filter(|(claim, _)| claim.fact != fact.id)
            .collect();
        // A fact about several of the subjects came several times.
        others.sort_unstable_by_key(|(claim, _)| claim.fact);
        others.dedup_by_key(|(claim, _)| claim.fact);
        for key in keys {
            let mut claims: Vec<Claim> = others
                .iter()
                .filter_map(|(claim, parts)| {
                    let of_measure = parts.iter().find(|(measure, _)| measure.id == active.id)?;
                    Some(claimed(claim, &of_measure.1, key))
                })
                .flatten()
                .collect();
            let without = crediting.credits(active.id, &claims);
            claims.extend(claimed(&own, parts, key));
            let with = crediting.credits(active.id, &claims);
            share.credited |= with.facts.is_empty() || with.facts.contains(&fact.id);
            share.counted |= with.facts.contains(&fact.id);
            share.moves.push((without.cells, with.cells));
        }
        share
    }
}

/// Of some facts of one place the ones that a measure's total is made of, all looked up
/// at once.
///
/// # Errors
/// The storage's.
pub fn counted(
    tx: &Tx<'_>,
    counting: &Counting<'_>,
    path: &str,
    facts: Vec<Stored>,
) -> Result<Vec<Stored>, DbError> {
    let mut asked = BTreeSet::new();
    let mut able = Vec::new();
    for stored in facts {
        if let Some((active, parts)) = counting.parts(&stored.fact, path).pop() {
            let about = subjects(&stored.fact, counting.keys);
            asked.extend(about.iter().copied());
            able.push((stored, about, active, parts));
        }
    }
    let asked: Vec<SubjectKey> = asked.into_iter().collect();
    let circle = Circle::around(tx, counting, &asked)?;
    able.retain(|(stored, about, active, parts)| {
        circle.share(&stored.fact, about, active, parts).counted
    });
    Ok(able.into_iter().map(|(stored, ..)| stored).collect())
}

/// A fact's claims of a subject, one for each condition it fulfils.
fn claimed<'p>(
    claim: &'p Claim,
    parts: &'p [Contribution],
    key: SubjectKey,
) -> impl Iterator<Item = Claim> + 'p {
    parts.iter().filter_map(move |part| match *part {
        Contribution::Subject { condition, key: of } if of == key => Some(Claim {
            condition,
            ..claim.clone()
        }),
        _ => None,
    })
}

impl Share {
    /// Adds the share to the tallies of a fact that counts from now on.
    pub fn give(self, own: Cell, deltas: &mut Deltas) {
        deltas.add(own, self.loose);
        for (without, with) in self.moves {
            deltas.shift(without, with);
        }
    }

    /// Takes the share of a fact that counted until now back.
    pub fn take_back(self, own: Cell, deltas: &mut Deltas) {
        deltas.add(own, self.loose.signed(-1));
        for (without, with) in self.moves {
            deltas.shift(with, without);
        }
    }
}
