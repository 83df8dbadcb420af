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
    /// By node, then by measure: a handful each.
    series: Vec<Vec<Series>>,
}

type Series = (MeasureId, Vec<UpTo>);

/// One node's totals.
#[derive(Clone, Copy, Debug)]
pub struct Totals<'c> {
    cube: &'c Cube,
    series: &'c [Series],
}

/// The count up to the end of a day on which something was counted; a series holds
/// them in order.
#[derive(Clone, Copy, Debug)]
struct UpTo {
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
        for position in chain.iter().copied().chain(team) {
            let Some(node) = self.series.get_mut(position) else {
                continue;
            };
            let of = match node.iter().position(|(of, _)| *of == cell.measure) {
                Some(of) => of,
                None => {
                    node.push((cell.measure, Vec::new()));
                    node.len() - 1
                }
            };
            let series = &mut node[of].1;
            let index = series.partition_point(|day| day.at < at);
            if series.get(index).is_none_or(|day| day.at != at) {
                let before = before(series, index);
                series.insert(index, UpTo { at, ..before });
            }
            for day in &mut series[index..] {
                day.total += i32::try_from(quantity.total).unwrap_or(i32::MAX);
                day.anonymous += i32::try_from(quantity.anonymous).unwrap_or(i32::MAX);
            }
        }
    }

    /// The totals of a node.
    pub fn of(&self, node: &Node) -> Totals<'_> {
        let position = self.nodes.get(node).copied();
        let series = position.and_then(|position| self.series.get(position));
        Totals {
            cube: self,
            series: series.map_or(&[], Vec::as_slice),
        }
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

/// The count up to the day before the one at `index`.
fn before(series: &[UpTo], index: usize) -> UpTo {
    let day = index.checked_sub(1).and_then(|last| series.get(last));
    day.copied().unwrap_or(UpTo {
        at: 0,
        total: 0,
        anonymous: 0,
    })
}

impl Totals<'_> {
    /// The sum over `from..=to`.
    pub fn sum(&self, measure: MeasureId, from: Date, to: Date) -> Quantity {
        let (series, days) = self.between(measure, &self.cube.range(from, to));
        let (start, end) = (before(series, days.start), before(series, days.end));
        Quantity {
            total: (end.total - start.total).into(),
            anonymous: (end.anonymous - start.anonymous).into(),
        }
    }

    /// Each day's total over `from..=to`, days without any included.
    pub fn daily(&self, measure: MeasureId, from: Date, to: Date) -> Vec<i64> {
        let range = self.cube.range(from, to);
        let mut daily = vec![0; range.len()];
        let (series, days) = self.between(measure, &range);
        for index in days {
            let (day, last) = (series[index], before(series, index));
            daily[usize::from(day.at - range.start)] = (day.total - last.total).into();
        }
        daily
    }

    /// A measure's series, and which of its days lie in the range.
    fn between(&self, measure: MeasureId, range: &Range<u16>) -> (&[UpTo], Range<usize>) {
        let Some((_, series)) = self.series.iter().find(|(of, _)| *of == measure) else {
            return (&[], 0..0);
        };
        let start = series.partition_point(|day| day.at < range.start);
        let end = series.partition_point(|day| day.at < range.end);
        (series, start..end)
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
        let whole = |node: Node| {
            cube.of(&node)
                .sum(m, date!(2024 - 01 - 01), date!(2025 - 01 - 01))
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
                .sum(m, date!(2024 - 03 - 11), date!(2024 - 03 - 11))
                .total,
            1
        );
        assert_eq!(
            cube.of(&place("A"))
                .daily(m, date!(2024 - 03 - 09), date!(2024 - 03 - 11)),
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
            cube.of(&Node::Place(id("P")))
                .sum(MeasureId(1), date!(2024 - 01 - 01), date!(2024 - 12 - 31))
                .is_zero()
        );
    }
}
