//! A campaign's tallies in memory, added up the tree of places and laid out by day,
//! so that progress at any level is a walk over a few small arrays.
//!
//! It is only ever a copy: built from the tally table, moved on by the same deltas
//! that were written to it.

use crate::days::days_between;
use crate::ids::{MeasureId, PlaceId, TeamId};
use crate::tallies::{Cell, Quantity};
use std::collections::HashMap;
use std::ops::Range;
use time::Date;

/// What has a total of its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    /// A place with everything below it.
    Place(PlaceId),
    /// A team, wherever it worked.
    Team(TeamId),
}

/// Totals of one campaign by measure, node and day.
#[derive(Debug)]
pub struct Cube {
    starts_on: Date,
    days: u16,
    /// Each known place with its ancestors inside the campaign and itself, as positions.
    places: HashMap<PlaceId, Vec<u32>>,
    nodes: HashMap<Node, u32>,
    series: HashMap<(MeasureId, u32), Vec<DayTotal>>,
}

/// One day on which something was counted; a series holds them in order.
#[derive(Clone, Copy, Debug)]
struct DayTotal {
    at: u16,
    total: i32,
    anonymous: i32,
}

impl Cube {
    /// An empty cube for the days `starts_on..=ends_on`.
    pub fn new(starts_on: Date, ends_on: Date) -> Self {
        let days = u16::try_from(days_between(starts_on, ends_on) + 1).unwrap_or(0);
        Self {
            starts_on,
            days,
            places: HashMap::new(),
            nodes: HashMap::new(),
            series: HashMap::new(),
        }
    }

    /// Makes a place known by its path of ids from the root, the place itself last.
    pub fn learn(&mut self, path: &[PlaceId]) {
        let mut chain = Vec::with_capacity(path.len());
        for id in path {
            chain.push(self.position(&Node::Place(id.clone())));
            self.places
                .entry(id.clone())
                .or_insert_with(|| chain.clone());
        }
    }

    /// Whether [`Cube::learn`] has been told of the place.
    pub fn knows(&self, place: &PlaceId) -> bool {
        self.places.contains_key(place)
    }

    fn position(&mut self, node: &Node) -> u32 {
        let next = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        *self.nodes.entry(node.clone()).or_insert(next)
    }

    /// Adds to a place, all its ancestors, and the team. Days outside the campaign are
    /// not kept.
    pub fn add(&mut self, cell: &Cell, quantity: Quantity) {
        let Some(at) = u16::try_from(days_between(self.starts_on, cell.day))
            .ok()
            .filter(|at| *at < self.days)
        else {
            return;
        };
        let team = (cell.team != TeamId::NONE).then(|| self.position(&Node::Team(cell.team)));
        let Some(chain) = self.places.get(&cell.place) else {
            return;
        };
        for position in chain.iter().copied().chain(team) {
            let series = self.series.entry((cell.measure, position)).or_default();
            let index = series.partition_point(|day| day.at < at);
            if series.get(index).is_none_or(|day| day.at != at) {
                series.insert(
                    index,
                    DayTotal {
                        at,
                        total: 0,
                        anonymous: 0,
                    },
                );
            }
            let day = &mut series[index];
            day.total += i32::try_from(quantity.total).unwrap_or(i32::MAX);
            day.anonymous += i32::try_from(quantity.anonymous).unwrap_or(i32::MAX);
        }
    }

    /// The sum over `from..=to` of a node.
    pub fn sum(&self, measure: MeasureId, node: &Node, from: Date, to: Date) -> Quantity {
        let mut sum = Quantity::default();
        for day in self.between(measure, node, &self.range(from, to)) {
            sum += Quantity {
                total: day.total.into(),
                anonymous: day.anonymous.into(),
            };
        }
        sum
    }

    /// Each day's total over `from..=to` of a node, days without any included.
    pub fn daily(&self, measure: MeasureId, node: &Node, from: Date, to: Date) -> Vec<i64> {
        let range = self.range(from, to);
        let mut daily = vec![0; range.len()];
        for day in self.between(measure, node, &range) {
            daily[usize::from(day.at - range.start)] = day.total.into();
        }
        daily
    }

    fn between(&self, measure: MeasureId, node: &Node, range: &Range<u16>) -> &[DayTotal] {
        let Some(series) = self
            .nodes
            .get(node)
            .and_then(|position| self.series.get(&(measure, *position)))
        else {
            return &[];
        };
        let start = series.partition_point(|day| day.at < range.start);
        let end = series.partition_point(|day| day.at < range.end);
        &series[start..end]
    }

    fn range(&self, from: Date, to: Date) -> Range<u16> {
        let clamp = |days: i32| {
            u16::try_from(days.max(0))
                .unwrap_or(u16::MAX)
                .min(self.days)
        };
        let start = clamp(days_between(self.starts_on, from));
        let end = clamp(days_between(self.starts_on, to) + 1);
        start..end.max(start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;
    use uuid::Uuid;

    fn id(raw: &str) -> PlaceId {
        PlaceId::parse(raw).unwrap()
    }

    fn cell(place: &str, team: u128, day: Date) -> Cell {
        Cell {
            measure: MeasureId(1),
            place: id(place),
            team: TeamId(Uuid::from_u128(team)),
            day,
        }
    }

    #[test]
    fn a_cell_counts_at_every_level_above_it_for_its_team_and_nowhere_else() {
        let mut cube = Cube::new(date!(2024 - 03 - 03), date!(2024 - 12 - 31));
        cube.learn(&[id("VN"), id("P"), id("A")]);
        cube.learn(&[id("VN"), id("P"), id("B")]);
        let m = MeasureId(1);
        cube.add(
            &cell("A", 7, date!(2024 - 03 - 11)),
            Quantity::ONE_ANONYMOUS,
        );
        cube.add(&cell("A", 7, date!(2024 - 03 - 10)), Quantity::ONE);
        cube.add(
            &cell("B", 0, date!(2024 - 03 - 10)),
            Quantity {
                total: 5,
                anonymous: 0,
            },
        );
        let whole = |node: Node| cube.sum(m, &node, date!(2024 - 01 - 01), date!(2025 - 01 - 01));
        let place = |name: &str| Node::Place(id(name));
        assert_eq!(
            whole(place("A")),
            Quantity {
                total: 2,
                anonymous: 1
            }
        );
        assert_eq!(whole(place("B")).total, 5);
        assert_eq!(
            whole(place("P")),
            Quantity {
                total: 7,
                anonymous: 1
            }
        );
        assert_eq!(whole(place("VN")).total, 7);
        assert_eq!(whole(Node::Team(TeamId(Uuid::from_u128(7)))).total, 2);
        assert_eq!(
            cube.sum(m, &place("P"), date!(2024 - 03 - 11), date!(2024 - 03 - 11))
                .total,
            1
        );
        assert_eq!(
            cube.daily(m, &place("A"), date!(2024 - 03 - 09), date!(2024 - 03 - 11)),
            [0, 1, 1]
        );
    }

    #[test]
    fn days_outside_the_campaign_are_not_kept() {
        let mut cube = Cube::new(date!(2024 - 03 - 03), date!(2024 - 03 - 05));
        cube.learn(&[id("P")]);
        cube.add(&cell("P", 0, date!(2024 - 03 - 02)), Quantity::ONE);
        cube.add(&cell("P", 0, date!(2024 - 03 - 06)), Quantity::ONE);
        assert!(
            cube.sum(
                MeasureId(1),
                &Node::Place(id("P")),
                date!(2024 - 01 - 01),
                date!(2024 - 12 - 31)
            )
            .is_zero()
        );
    }
}
