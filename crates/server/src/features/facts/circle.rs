//! Who is credited among the facts about the same person, household or thing.

use super::ledger::{self, Stored};
use super::measures::{Active, Counting, Parts};
use crate::platform::db::{DbError, Tx};
use domain::facts::Fact;
use domain::ids::{FactId, MeasureId};
use domain::indicators::Contribution;
use domain::observations::subjects;
use domain::subjects::SubjectKey;
use domain::tallies::{Cell, Claim, Deltas, Quantity, credited};
use std::collections::{BTreeMap, BTreeSet};

/// The other facts that count and share a subject with one fact, and what they contribute.
#[derive(Debug, Default)]
pub struct Circle<'m>(BTreeMap<FactId, (Claim, Parts<'m>)>);

/// What one fact makes of a measure.
#[derive(Debug, Default)]
pub struct Share {
    /// What it counts for itself, nobody being known.
    loose: Quantity,
    /// For each subject the cell credited without this fact, and the one with it.
    moves: Vec<(Option<Cell>, Option<Cell>)>,
    /// Whether it is this fact that is credited, rather than an earlier one about the
    /// same subject. While a condition is open nobody is, and this fact does its part.
    pub credited: bool,
    /// Whether it is one of the facts that the measure's total is made of.
    pub counted: bool,
}

impl<'m> Circle<'m> {
    /// Around a fact of the ledger.
    ///
    /// # Errors
    /// The storage's.
    pub fn around(tx: &Tx<'_>, counting: &Counting<'m>, fact: &Fact) -> Result<Self, DbError> {
        let mut circle = Self::default();
        for subject in subjects(fact, counting.keys) {
            circle.admit(counting, fact.id, ledger::about(tx, &subject)?);
        }
        Ok(circle)
    }

    /// Takes in facts, each with its place's path, except the one in the middle.
    pub fn admit(&mut self, counting: &Counting<'m>, middle: FactId, found: Vec<(Stored, String)>) {
        for (stored, path) in found {
            let fact = &stored.fact;
            if fact.id != middle {
                self.0
                    .entry(fact.id)
                    .or_insert_with(|| (ledger::claim_of(fact), counting.parts(fact, &path)));
            }
        }
    }

    /// What `fact` makes of a measure with its `parts` in it.
    pub fn share(&self, fact: &Fact, active: &Active, parts: &[Contribution]) -> Share {
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
        let conditions = active.rule.all_of.len();
        for key in keys {
            let mut claims = self.claims(active.id, key);
            let without = credited(&claims, conditions).map(|claim| claim.cell(active.id));
            claims.extend(claimed(&ledger::claim_of(fact), parts, key));
            let with = credited(&claims, conditions);
            share.credited |= with.is_none_or(|claim| claim.fact == fact.id);
            share.counted |= with.is_some_and(|claim| claim.fact == fact.id);
            let with = with.map(|claim| claim.cell(active.id));
            share.moves.push((without, with));
        }
        share
    }

    /// What the others claim of a subject under a measure.
    fn claims(&self, measure: MeasureId, key: SubjectKey) -> Vec<Claim> {
        let of_measure = |(claim, parts): &'_ (Claim, Parts<'m>)| {
            let parts = parts.iter().find(|(active, _)| active.id == measure);
            parts.map(|(_, parts)| claimed(claim, parts, key).collect::<Vec<_>>())
        };
        self.0.values().filter_map(of_measure).flatten().collect()
    }
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
