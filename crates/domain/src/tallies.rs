//! Who is credited, once.
//!
//! A tally cell is (measure, place, team, day). A sum adds a fact to its own cell.
//! A distinct count credits each subject to exactly one cell: that of the fact
//! which completed the last condition, earliest facts first. So cells can be added
//! up at every level without counting anyone twice, whatever order facts arrive in.

use crate::ids::{FactId, MeasureId, PlaceId, TeamId};
use crate::indicators::Contribution;
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

    /// Moves a credit from one cell to another; either may be absent.
    pub fn shift(&mut self, from: Option<Cell>, to: Option<Cell>) {
        if from == to {
            return;
        }
        if let Some(cell) = from {
            self.add(cell, Quantity::ONE.signed(-1));
        }
        if let Some(cell) = to {
            self.add(cell, Quantity::ONE);
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
    claims: BTreeMap<(MeasureId, SubjectKey), (usize, Vec<Claim>)>,
    deltas: Deltas,
}

impl Recount {
    /// Adds one fact's part in one measure with `conditions` conditions.
    pub fn add(&mut self, measure: MeasureId, conditions: usize, part: Contribution, at: &Claim) {
        match part {
            Contribution::Plain => self.deltas.add(at.cell(measure), Quantity::ONE),
            Contribution::Anonymous => self.deltas.add(at.cell(measure), Quantity::ONE_ANONYMOUS),
            Contribution::Subject { condition, key } => {
                let entry = self
                    .claims
                    .entry((measure, key))
                    // Nearly every subject has one claim, and a nation has many subjects.
                    .or_insert_with(|| (conditions, Vec::with_capacity(1)));
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
        for ((measure, _), (conditions, claims)) in &self.claims {
            self.deltas.shift(
                None,
                credited(claims, *conditions).map(|claim| claim.cell(*measure)),
            );
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
            conditions in 1_usize..3,
        ) {
            let mut held: Vec<Claim> = Vec::new();
            let mut deltas = Deltas::default();
            for (condition, at_ms, fact, place, remove) in steps {
                let condition = condition % u8::try_from(conditions).unwrap();
                let before = credited(&held, conditions).map(|c| c.cell(MEASURE));
                let id = FactId(Uuid::from_u128(fact));
                let known = held.iter().position(|c| c.fact == id && c.condition == condition);
                match (known, remove) {
                    (Some(at), true) => { held.swap_remove(at); }
                    (None, false) => held.push(claim(condition, at_ms, fact, place)),
                    _ => {} // a repeat changes nothing
                }
                deltas.shift(before, credited(&held, conditions).map(|c| c.cell(MEASURE)));
            }
            let mut recount = Recount::default();
            let key = SubjectKey([1; 16]);
            for held in &held {
                recount.add(MEASURE, conditions, Contribution::Subject { condition: held.condition, key }, held);
            }
            prop_assert_eq!(deltas.settled().collect::<BTreeMap<_, _>>(), recount.cells());
        }
    }
}
