//! Who is credited, once.
//!
//! A tally cell is (measure, place, team, day). A sum adds a fact to its own cell.
//! A distinct count credits each subject to exactly one cell: that of the fact
//! which completed the last condition, earliest facts first. So cells can be added
//! up at every level without counting anyone twice, whatever order facts arrive in.
//! Hours are the exception that follows the same road: the subject is a member's day,
//! and what is credited is the minutes from each coming to the next going.

use crate::attendance::{Direction, Event, pair};
use crate::ids::{FactId, MeasureId, PlaceId, TeamId};
use crate::indicators::{Contribution, GOING};
use crate::subjects::SubjectKey;
use std::collections::BTreeMap;
use time::Date;

/// Where a count is kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    /// Which measure.
    pub measure: MeasureId,
    /// The fact's own place, never an ancestor.
    pub place: PlaceId,
    /// The credited team, or [`TeamId::NONE`].
    pub team: TeamId,
    /// The civil day.
    pub day: Date,
}

/// How many, and how many of them nobody is known for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quantity {
    /// All.
    pub total: i64,
    /// Of these, anonymous.
    pub anonymous: i64,
}

impl Quantity {
    /// One known.
    pub const ONE: Quantity = Quantity {
        total: 1,
        anonymous: 0,
    };
    /// One anonymous.
    pub const ONE_ANONYMOUS: Quantity = Quantity {
        total: 1,
        anonymous: 1,
    };

    /// Times `sign`, which is 1 or -1.
    #[must_use]
    pub fn signed(self, sign: i64) -> Quantity {
        Quantity {
            total: self.total * sign,
            anonymous: self.anonymous * sign,
        }
    }

    /// Whether nothing is left.
    pub fn is_zero(self) -> bool {
        self == Quantity::default()
    }
}

impl std::ops::AddAssign for Quantity {
    fn add_assign(&mut self, other: Quantity) {
        self.total += other.total;
        self.anonymous += other.anonymous;
    }
}

/// Changes to cells, added up before they are written, in key order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deltas(pub BTreeMap<Cell, Quantity>);

impl Deltas {
    /// Adds to a cell.
    pub fn add(&mut self, cell: Cell, quantity: Quantity) {
        *self.0.entry(cell).or_default() += quantity;
    }

    /// Takes what a subject was credited with back, and credits it anew.
    pub fn shift(&mut self, from: Amounts, to: Amounts) {
        if from == to {
            return;
        }
        for (cell, quantity) in from {
            self.add(cell, quantity.signed(-1));
        }
        for (cell, quantity) in to {
            self.add(cell, quantity);
        }
    }

    /// Leaves out what came to nothing.
    pub fn settled(self) -> impl Iterator<Item = (Cell, Quantity)> {
        self.0
            .into_iter()
            .filter(|(_, quantity)| !quantity.is_zero())
    }
}

/// A live fact's claim to a subject under one condition of a measure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Which condition it fulfils.
    pub condition: u8,
    /// When it happened, Unix milliseconds.
    pub at_ms: i64,
    /// The fact.
    pub fact: FactId,
    /// Where it would be counted.
    pub place: PlaceId,
    /// For which team.
    pub team: TeamId,
    /// On which day.
    pub day: Date,
}

impl Claim {
    fn event(&self) -> Event<FactId> {
        Event {
            at_ms: self.at_ms,
            direction: match self.condition {
                GOING => Direction::Out,
                _ => Direction::In,
            },
            of: self.fact,
        }
    }

    fn rank(&self) -> (i64, FactId) {
        (self.at_ms, self.fact)
    }

    /// The cell this claim would be credited to.
    pub fn cell(&self, measure: MeasureId) -> Cell {
        Cell {
            measure,
            place: self.place.clone(),
            team: self.team,
            day: self.day,
        }
    }
}

/// The claim that is credited: for each condition the earliest, and of these the
/// latest, because only then were all conditions met. `None` while one is open.
pub fn credited(claims: &[Claim], conditions: usize) -> Option<&Claim> {
    let mut earliest: Vec<Option<&Claim>> = vec![None; conditions];
    for claim in claims {
        let slot = earliest.get_mut(usize::from(claim.condition))?;
        if slot.is_none_or(|held| claim.rank() < held.rank()) {
            *slot = Some(claim);
        }
    }
    let met: Option<Vec<&Claim>> = earliest.into_iter().collect();
    met?.into_iter().max_by_key(|claim| claim.rank())
}

/// How what several facts claim of one subject is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crediting {
    /// One, when each of so many conditions was met: see [`credited`].
    Once {
        /// How many.
        conditions: usize,
    },
    /// The minutes from coming to going: see [`pair`].
    Minutes,
}

/// How much in which cells.
pub type Amounts = Vec<(Cell, Quantity)>;

/// What a subject is credited with, and the facts that it follows from.
#[derive(Debug, Default)]
pub struct Credits {
    /// How much in which cells.
    pub cells: Amounts,
    /// The facts.
    pub facts: Vec<FactId>,
}

impl Crediting {
    /// What follows from a subject's claims, in any order.
    pub fn credits(self, measure: MeasureId, claims: &[Claim]) -> Credits {
        match self {
            Self::Once { conditions } => match credited(claims, conditions) {
                None => Credits::default(),
                Some(claim) => Credits {
                    cells: vec![(claim.cell(measure), Quantity::ONE)],
                    facts: vec![claim.fact],
                },
            },
            Self::Minutes => {
                let mut found = Credits::default();
                for stretch in pair(claims.iter().map(Claim::event).collect()) {
                    let (Some(to), Some(from)) = (
                        stretch.to,
                        claims.iter().find(|c| c.fact == stretch.from.of),
                    ) else {
                        continue;
                    };
                    let minutes = Quantity {
                        total: stretch.minutes(),
                        anonymous: 0,
                    };
                    found.cells.push((from.cell(measure), minutes));
                    found.facts.extend([from.fact, to.of]);
                }
                found
            }
        }
    }
}

/// Which fact of a chain of corrections stands: the one minted last (ids are UUIDv7,
/// so the greatest), whatever order they arrive in; the original only while nobody
/// corrected it. Given as (id, is_void) of the corrections; `None` = the original stands.
pub fn standing(corrections: impl IntoIterator<Item = (FactId, bool)>) -> Option<(FactId, bool)> {
    corrections.into_iter().max_by_key(|(id, _)| *id)
}

/// Counts from nothing: feed it every live fact's contributions, in any order.
/// This is the other way to the same numbers that `causo verify` compares with.
#[derive(Debug, Default)]
pub struct Recount {
    claims: BTreeMap<(MeasureId, SubjectKey), (Crediting, Vec<Claim>)>,
    deltas: Deltas,
}

impl Recount {
    /// Adds one fact's part in one measure.
    pub fn add(
        &mut self,
        measure: MeasureId,
        crediting: Crediting,
        part: Contribution,
        at: &Claim,
    ) {
        match part {
            Contribution::Plain => self.deltas.add(at.cell(measure), Quantity::ONE),
            Contribution::Anonymous => self.deltas.add(at.cell(measure), Quantity::ONE_ANONYMOUS),
            Contribution::Subject { condition, key } => {
                let entry = self
                    .claims
                    .entry((measure, key))
                    // Nearly every subject has one claim, and a nation has many subjects.
                    .or_insert_with(|| (crediting, Vec::with_capacity(1)));
                entry.1.push(Claim {
                    condition,
                    ..at.clone()
                });
            }
        }
    }

    /// The cells that follow.
    pub fn cells(self) -> BTreeMap<Cell, Quantity> {
        self.deltas().settled().collect()
    }

    /// The same, as what it takes to get there from nothing.
    pub fn deltas(mut self) -> Deltas {
        for ((measure, _), (crediting, claims)) in &self.claims {
            let credits = crediting.credits(*measure, claims);
            self.deltas.shift(Vec::new(), credits.cells);
        }
        self.deltas
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    const MEASURE: MeasureId = MeasureId(1);

    fn claim(condition: u8, at_ms: i64, fact: u128, place: u8) -> Claim {
        Claim {
            condition,
            at_ms,
            fact: FactId(Uuid::from_u128(fact)),
            place: PlaceId::parse(&format!("p{place}")).unwrap(),
            team: TeamId::NONE,
            day: Date::from_julian_day(2_460_000 + i32::try_from(at_ms).unwrap()).unwrap(),
        }
    }

    #[test]
    fn the_earliest_fact_is_credited_and_the_credit_moves_on_when_it_is_taken_back() {
        let first = claim(0, 1, 10, 1);
        let second = claim(0, 2, 11, 2);
        assert_eq!(credited(&[second.clone(), first.clone()], 1), Some(&first));
        assert_eq!(credited(std::slice::from_ref(&second), 1), Some(&second));
    }

    #[test]
    fn a_household_counts_when_the_last_of_both_conditions_is_met() {
        let opened = claim(0, 5, 10, 1);
        let told = claim(1, 3, 11, 2);
        assert_eq!(credited(std::slice::from_ref(&opened), 2), None);
        assert_eq!(credited(&[told, opened.clone()], 2), Some(&opened));
    }

    #[test]
    fn the_latest_correction_stands_whatever_the_order() {
        let a = (FactId(Uuid::from_u128(1)), false);
        let b = (FactId(Uuid::from_u128(2)), true);
        assert_eq!(standing([a, b]), Some(b));
        assert_eq!(standing([b, a]), Some(b));
        assert_eq!(standing([]), None);
    }

    proptest! {
        /// Adding and taking back claims one by one, in any order, with repeats,
        /// leaves exactly what a recount of the remaining claims gives.
        #[test]
        fn incremental_equals_recount(
            steps in prop::collection::vec((0_u8..2, 0_i64..50, 0_u128..30, 0_u8..5, any::<bool>()), 0..120),
            crediting in prop_oneof![
                Just(Crediting::Once { conditions: 1 }),
                Just(Crediting::Once { conditions: 2 }),
                Just(Crediting::Minutes),
            ],
        ) {
            let conditions = if crediting == (Crediting::Once { conditions: 1 }) { 1 } else { 2 };
            let cells = |held: &[Claim]| crediting.credits(MEASURE, held).cells;
            let mut held: Vec<Claim> = Vec::new();
            let mut deltas = Deltas::default();
            for (condition, at_ms, fact, place, remove) in steps {
                // Under one condition a fact claims a subject once.
                let condition = condition % conditions;
                let before = cells(&held);
                let id = FactId(Uuid::from_u128(fact * 2 + u128::from(condition)));
                let known = held.iter().position(|c| c.fact == id && c.condition == condition);
                match (known, remove) {
                    (Some(at), true) => { held.swap_remove(at); }
                    (None, false) => held.push(claim(condition, at_ms, id.0.as_u128(), place)),
                    _ => {} // a repeat changes nothing
                }
                deltas.shift(before, cells(&held));
            }
            let mut recount = Recount::default();
            let key = SubjectKey([1; 16]);
            for held in &held {
                recount.add(MEASURE, crediting, Contribution::Subject { condition: held.condition, key }, held);
            }
            prop_assert_eq!(deltas.settled().collect::<BTreeMap<_, _>>(), recount.cells());
        }
    }
}
