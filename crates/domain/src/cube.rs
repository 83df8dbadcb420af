//! A campaign's tallies in memory, added up the tree of places and laid out by day,
//! so that progress at any level is a walk over a few small arrays.
//!
//! It is only ever a copy: built from the tally table, moved on by the same deltas
//! that were written to it.

use crate::days::days_between;
use crate::ids::{MeasureId, PlaceId};
use crate::tallies::Quantity;
use std::collections::HashMap;
use time::Date;

/// Totals of one campaign by measure, place and day.
#[derive(Debug)]
pub struct Cube {
    starts_on: Date,
    days: usize,
    /// Each known place with itself and its ancestors inside the campaign, as positions.
    places: HashMap<PlaceId, Vec<u32>>,
    series: HashMap<(MeasureId, u32), Series>,
}

#[derive(Debug, Default)]
struct Series {
    total: Vec<i32>,
    anonymous: Vec<i32>,
}

impl Cube {
    /// An empty cube for the days `starts_on..=ends_on`.
    pub fn new(starts_on: Date, ends_on: Date) -> Self {
        let days = usize::try_from(days_between(starts_on, ends_on) + 1).unwrap_or(0);
        Self {
            starts_on,
            days,
            places: HashMap::new(),
            series: HashMap::new(),
        }
    }

    /// Makes a place known by its path of ids from the root, the place itself last.
    pub fn learn(&mut self, path: &[PlaceId]) {
        let mut chain = Vec::with_capacity(path.len());
        for id in path {
            let position = match self.places.get(id) {
                Some(known) => known.last().copied(),
                None => None,
            };
            let position =
                position.unwrap_or_else(|| u32::try_from(self.places.len()).unwrap_or(u32::MAX));
            chain.push(position);
            self.places
                .entry(id.clone())
                .or_insert_with(|| chain.clone());
        }
    }

    /// Whether [`Cube::learn`] has been told of the place.
    pub fn knows(&self, place: &PlaceId) -> bool {
        self.places.contains_key(place)
    }

    /// Adds to a place and all its ancestors. Days outside the campaign are not kept.
    pub fn add(&mut self, measure: MeasureId, place: &PlaceId, day: Date, quantity: Quantity) {
        let Some(at) = usize::try_from(days_between(self.starts_on, day))
            .ok()
            .filter(|at| *at < self.days)
        else {
            return;
        };
        let Some(chain) = self.places.get(place) else {
            return;
        };
        for position in chain {
            let series = self.series.entry((measure, *position)).or_default();
            if series.total.is_empty() {
                series.total.resize(self.days, 0);
            }
            series.total[at] += i32::try_from(quantity.total).unwrap_or(i32::MAX);
            if quantity.anonymous != 0 {
                if series.anonymous.is_empty() {
                    series.anonymous.resize(self.days, 0);
                }
                series.anonymous[at] += i32::try_from(quantity.anonymous).unwrap_or(i32::MAX);
            }
        }
    }

    /// The sum over `from..=to` in the subtree of `place`.
    pub fn sum(&self, measure: MeasureId, place: &PlaceId, from: Date, to: Date) -> Quantity {
        let Some(series) = self.series(measure, place) else {
            return Quantity::default();
        };
        let range = self.range(from, to);
        let add = |days: &[i32]| {
            days.get(range.clone())
                .map_or(0, |d| d.iter().map(|n| i64::from(*n)).sum())
        };
        Quantity {
            total: add(&series.total),
            anonymous: add(&series.anonymous),
        }
    }

    /// Each day's total over `from..=to` in the subtree of `place`.
    pub fn daily(&self, measure: MeasureId, place: &PlaceId, from: Date, to: Date) -> Vec<i64> {
        let range = self.range(from, to);
        match self
            .series(measure, place)
            .and_then(|series| series.total.get(range.clone()))
        {
            Some(days) => days.iter().map(|n| i64::from(*n)).collect(),
            None => vec![0; range.len()],
        }
    }

    fn series(&self, measure: MeasureId, place: &PlaceId) -> Option<&Series> {
        let position = self.places.get(place)?.last()?;
        self.series.get(&(measure, *position))
    }

    fn range(&self, from: Date, to: Date) -> std::ops::Range<usize> {
        let clamp = |days: i32| usize::try_from(days).unwrap_or(0).min(self.days);
        let start = clamp(days_between(self.starts_on, from));
        let end = clamp(days_between(self.starts_on, to) + 1);
        start..end.max(start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    fn id(raw: &str) -> PlaceId {
        PlaceId::parse(raw).unwrap()
    }

    #[test]
    fn a_cell_counts_at_every_level_above_it_and_nowhere_else() {
        let mut cube = Cube::new(date!(2024 - 03 - 03), date!(2024 - 12 - 31));
        cube.learn(&[id("VN"), id("P"), id("A")]);
        cube.learn(&[id("VN"), id("P"), id("B")]);
        let m = MeasureId(1);
        cube.add(m, &id("A"), date!(2024 - 03 - 10), Quantity::ONE);
        cube.add(m, &id("A"), date!(2024 - 03 - 11), Quantity::ONE_ANONYMOUS);
        cube.add(
            m,
            &id("B"),
            date!(2024 - 03 - 10),
            Quantity {
                total: 5,
                anonymous: 0,
            },
        );
        let whole =
            |place: &str| cube.sum(m, &id(place), date!(2024 - 01 - 01), date!(2025 - 01 - 01));
        assert_eq!(
            whole("A"),
            Quantity {
                total: 2,
                anonymous: 1
            }
        );
        assert_eq!(whole("B").total, 5);
        assert_eq!(
            whole("P"),
            Quantity {
                total: 7,
                anonymous: 1
            }
        );
        assert_eq!(whole("VN").total, 7);
        assert_eq!(
            cube.sum(m, &id("P"), date!(2024 - 03 - 11), date!(2024 - 03 - 11))
                .total,
            1
        );
        assert_eq!(
            cube.daily(m, &id("A"), date!(2024 - 03 - 09), date!(2024 - 03 - 11)),
            [0, 1, 1]
        );
    }

    #[test]
    fn days_outside_the_campaign_are_not_kept() {
        let mut cube = Cube::new(date!(2024 - 03 - 03), date!(2024 - 03 - 05));
        cube.learn(&[id("P")]);
        cube.add(MeasureId(1), &id("P"), date!(2024 - 03 - 02), Quantity::ONE);
        cube.add(MeasureId(1), &id("P"), date!(2024 - 03 - 06), Quantity::ONE);
        assert!(
            cube.sum(
                MeasureId(1),
                &id("P"),
                date!(2024 - 01 - 01),
                date!(2024 - 12 - 31)
            )
            .is_zero()
        );
    }
}
