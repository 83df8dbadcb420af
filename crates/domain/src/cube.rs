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

impl Node {
    /// The team, or the place where there is none.
    pub fn of(place: &PlaceId, team: TeamId) -> Self {
        if team == TeamId::NONE {
            Self::Place(place.clone())
        } else {
            Self::Team(team)
        }
    }
}

/// Totals of one campaign by measure, node and day.
#[derive(Debug)]
pub struct Cube {
    starts_on: Date,
    days: u16,
    /// Each known place with its ancestors inside the campaign and itself, as positions.
    places: HashMap<PlaceId, Vec<usize>>,
    nodes: HashMap<Node, usize>,
    measures: Vec<MeasureId>,
    /// By node, then by measure, each as far as something was counted.
    series: Vec<Vec<Series>>,
}

/// Running sums over the days from the first on which something was counted to the
/// last, so that the sum of any period is the difference of two of them.
#[derive(Debug, Default)]
struct Series {
    first: u16,
    sums: Vec<Sum>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    total: i32,
    anonymous: i32,
}

impl Series {
    fn add(&mut self, at: u16, quantity: Quantity) {
        if quantity.is_zero() {
            return;
        }
        if self.sums.is_empty() || at < self.first {
            let missing = usize::from(self.first.saturating_sub(at));
            let missing = if self.sums.is_empty() { 0 } else { missing };
            let none = std::iter::repeat_n(Sum::default(), missing);
            self.sums.splice(0..0, none);
            self.first = at;
        }
        let index = usize::from(at - self.first);
        if index >= self.sums.len() {
            let last = self.sums.last().copied().unwrap_or_default();
            self.sums.resize(index + 1, last);
        }
        for sum in &mut self.sums[index..] {
            sum.total += i32::try_from(quantity.total).unwrap_or(i32::MAX);
            sum.anonymous += i32::try_from(quantity.anonymous).unwrap_or(i32::MAX);
        }
    }

    /// The sum of all days before `at`.
    fn before(&self, at: u16) -> Sum {
        let days = usize::from(at.saturating_sub(self.first)).min(self.sums.len());
        let last = days.checked_sub(1).and_then(|last| self.sums.get(last));
        last.copied().unwrap_or_default()
    }

    fn over(&self, days: &Range<u16>) -> Quantity {
        let (start, end) = (self.before(days.start), self.before(days.end));
        Quantity {
            total: (end.total - start.total).into(),
            anonymous: (end.anonymous - start.anonymous).into(),
        }
    }
}

/// One node's totals.
#[derive(Clone, Copy, Debug)]
pub struct Totals<'c>(&'c [Series]);

impl Cube {
    /// An empty cube for the days `starts_on..=ends_on`.
    pub fn new(starts_on: Date, ends_on: Date) -> Self {
        let days = u16::try_from(days_between(starts_on, ends_on) + 1).unwrap_or(0);
        Self {
            starts_on,
            days,
            places: HashMap::new(),
            nodes: HashMap::new(),
            measures: Vec::new(),
            series: Vec::new(),
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

    fn position(&mut self, node: &Node) -> usize {
        let next = self.series.len();
        let position = *self.nodes.entry(node.clone()).or_insert(next);
        if position == next {
            self.series.push(Vec::new());
        }
        position
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
        let known = self.measures.iter().position(|of| *of == cell.measure);
        let measure = known.unwrap_or_else(|| {
            self.measures.push(cell.measure);
            self.measures.len() - 1
        });
        for position in chain.iter().copied().chain(team) {
            let Some(node) = self.series.get_mut(position) else {
                continue;
            };
            if node.len() <= measure {
                node.resize_with(measure + 1, Series::default);
            }
            node[measure].add(at, quantity);
        }
    }

    /// The totals of a node.
    pub fn of(&self, node: &Node) -> Totals<'_> {
        self.find(node)
            .map_or(Totals(&[]), |position| self.at(position))
    }

    /// Where a node is found from now on.
    pub fn find(&self, node: &Node) -> Option<Position> {
        self.nodes.get(node).copied().map(Position)
    }

    /// The totals of the node found there.
    pub fn at(&self, Position(position): Position) -> Totals<'_> {
        Totals(self.series.get(position).map_or(&[], Vec::as_slice))
    }

    /// Where a measure is found in every node's totals.
    pub fn column(&self, measure: MeasureId) -> Column {
        Column(self.measures.iter().position(|of| *of == measure))
    }

    /// The days `from..=to`, as far as they lie in the campaign.
    pub fn days(&self, from: Date, to: Date) -> Days {
        Days(self.range(from, to))
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

/// A node's place in a cube.
#[derive(Clone, Copy, Debug)]
pub struct Position(usize);

/// A measure's place in a cube.
#[derive(Clone, Copy, Debug)]
pub struct Column(Option<usize>);

/// A stretch of a cube's days.
#[derive(Clone, Debug)]
pub struct Days(Range<u16>);

impl Totals<'_> {
    /// The sum over some days.
    pub fn sum(&self, measure: Column, days: &Days) -> Quantity {
        let series = self.of(measure);
        series.map_or_else(Quantity::default, |series| series.over(&days.0))
    }

    /// Each day's total, days without any included.
    pub fn daily(&self, measure: Column, days: &Days) -> Vec<i64> {
        let series = self.of(measure);
        let daily = |at| series.map_or(0, |series| series.over(&(at..at + 1)).total);
        days.0.clone().map(daily).collect()
    }

    fn of(&self, measure: Column) -> Option<&Series> {
        self.0.get(measure.0?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
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
        let m = cube.column(m);
        let whole = |node: Node| {
            let days = cube.days(date!(2024 - 01 - 01), date!(2025 - 01 - 01));
            cube.of(&node).sum(m, &days)
        };
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
            cube.of(&place("P"))
                .sum(m, &cube.days(date!(2024 - 03 - 11), date!(2024 - 03 - 11)))
                .total,
            1
        );
        assert_eq!(
            cube.of(&place("A"))
                .daily(m, &cube.days(date!(2024 - 03 - 09), date!(2024 - 03 - 11))),
            [0, 1, 1]
        );
    }

    proptest! {
        #[test]
        fn sums_are_those_of_the_cells_in_whatever_order_they_came(
            cells in prop::collection::vec((0_i64..20, -3_i64..9, 0_i64..3), 0..60),
            (from, to) in (0_i64..22, 0_i64..22),
        ) {
            let first = date!(2024 - 03 - 03);
            let day = |at: i64| first + time::Duration::days(at);
            let mut cube = Cube::new(first, day(19));
            cube.learn(&[id("P"), id("A")]);
            for (at, total, anonymous) in &cells {
                cube.add(&cell("A", 7, day(*at)), Quantity { total: *total, anonymous: *anonymous });
            }
            for node in [Node::Place(id("P")), Node::Place(id("A")), Node::Team(TeamId(Uuid::from_u128(7)))] {
                let (totals, column) = (cube.of(&node), cube.column(MeasureId(1)));
                let days = cube.days(day(from), day(to));
                let mut wanted = Quantity::default();
                for (at, total, anonymous) in &cells {
                    if (from..=to).contains(at) {
                        wanted += Quantity { total: *total, anonymous: *anonymous };
                    }
                }
                prop_assert_eq!(totals.sum(column, &days), wanted);
                let daily = totals.daily(column, &days);
                prop_assert_eq!(daily.iter().sum::<i64>(), wanted.total);
            }
        }
    }

    #[test]
    fn days_outside_the_campaign_are_not_kept() {
        let mut cube = Cube::new(date!(2024 - 03 - 03), date!(2024 - 03 - 05));
        cube.learn(&[id("P")]);
        cube.add(&cell("P", 0, date!(2024 - 03 - 02)), Quantity::ONE);
        cube.add(&cell("P", 0, date!(2024 - 03 - 06)), Quantity::ONE);
        assert!(
            cube.of(&Node::Place(id("P")))
                .sum(
                    cube.column(MeasureId(1)),
                    &cube.days(date!(2024 - 01 - 01), date!(2024 - 12 - 31))
                )
                .is_zero()
        );
    }
}
