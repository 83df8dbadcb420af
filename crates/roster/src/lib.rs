//! Who stands at which shift of a month.
//!
//! What people can do at most in a clash of shifts, a day, a week and the month are limits
//! nested in each other, and fairness is a price that rises with every shift: without the
//! rules between two shifts (rest, clashes that are not everybody's) this is a flow of least
//! cost ([`network`]), solved exactly ([`simplex`]). Where it gives somebody two shifts that do
//! not go together, the one they are worth less for is ruled out for them and the flow is solved
//! on from there ([`fill`]). Its prices then say what no roster is cheaper than, rest and all
//! ([`bound`]), so that what is lost is little and known.
//!
//! Nothing here draws a number or reads a clock: the same problem has the same roster.

mod bound;
mod network;
mod simplex;

use bound::{best_month, bound};
use network::{Choice, Network};

/// When a shift is, in minutes of any one clock; its day and week as any numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Begins.
    pub starts_min: i64,
    /// Ends; later than it begins.
    pub ends_min: i64,
    /// The day it counts for.
    pub day: i32,
    /// The week that day is in.
    pub week: i32,
}

impl Span {
    /// Whether one person can stand at both: not at once, and rested between days.
    pub fn goes_with(&self, other: &Span, rest_min: i64) -> bool {
        let (first, second) = if self.starts_min <= other.starts_min {
            (self, other)
        } else {
            (other, self)
        };
        let between = second.starts_min - first.ends_min;
        between >= if first.day == second.day { 0 } else { rest_min }
    }
}

/// A shift that needs people.
#[derive(Clone, Copy, Debug)]
pub struct Shift {
    /// When.
    pub span: Span,
    /// People it still needs.
    pub missing: u32,
}

/// Somebody who can stand at shifts.
#[derive(Clone, Debug, Default)]
pub struct Person {
    /// Shifts a day, at most, with those held.
    pub per_day_max: u32,
    /// Shifts a week, at most, with those held.
    pub per_week_max: u32,
    /// Shifts in the month, at most, with those held.
    pub per_month_max: u32,
    /// What they hold already and keep, also just before and after the month.
    pub holds: Vec<Span>,
    /// How many of these are in the month.
    pub held_in_month: u32,
    /// Shifts they may be given, by position, each with what it costs (not below 0).
    pub can: Vec<(usize, i64)>,
}

impl Person {
    /// What they can do beside what they hold, of shifts that miss somebody.
    fn can_beside(&self, problem: &Problem) -> impl Iterator<Item = (usize, i64)> {
        let fits = move |(shift, _): &(usize, i64)| {
            let Shift { span, missing } = problem.shifts[*shift];
            let mut holds = self.holds.iter();
            missing > 0
                && self.room_in_day(span.day) > 0
                && self.room_in_week(span.week) > 0
                && self.room_in_month() > 0
                && holds.all(|held| held.goes_with(&span, problem.rules.rest_min))
        };
        self.can.iter().copied().filter(fits)
    }

    /// Shifts they may have more that day.
    fn room_in_day(&self, day: i32) -> u32 {
        self.per_day_max
            .saturating_sub(self.held(|held| held.day == day))
    }

    /// Shifts they may have more that week.
    fn room_in_week(&self, week: i32) -> u32 {
        self.per_week_max
            .saturating_sub(self.held(|held| held.week == week))
    }

    /// Shifts they may have more in the month.
    fn room_in_month(&self) -> u32 {
        self.per_month_max.saturating_sub(self.held_in_month)
    }

    fn held(&self, which: impl Fn(&Span) -> bool) -> u32 {
        let held = self.holds.iter().filter(|held| which(held)).count();
        u32::try_from(held).unwrap_or(u32::MAX)
    }
}

/// What to keep and what to weigh.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Minutes between a shift of one day and one of another, at least.
    pub rest_min: i64,
    /// What the first person missing at a shift costs; the second costs twice that, and so on.
    pub missing_cost: i64,
    /// What somebody's shifts cost: this times the square of their number.
    pub fairness_cost: i64,
}

impl Rules {
    /// What one more gap at a shift costs, beside others.
    fn gap_cost(&self, others: u32) -> i64 {
        self.missing_cost * (i64::from(others) + 1)
    }

    /// What one more shift of somebody costs, beside others.
    fn fair_cost(&self, others: u32) -> i64 {
        self.fairness_cost * (2 * i64::from(others) + 1)
    }
}

/// A month to fill.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Shifts.
    pub shifts: Vec<Shift>,
    /// People.
    pub people: Vec<Person>,
    /// Rules.
    pub rules: Rules,
}

/// A month filled as far as it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roster {
    /// Person and shift, by position, in the order of people.
    pub given: Vec<(usize, usize)>,
    /// Shifts that still miss people, and how many.
    pub missing: Vec<(usize, u32)>,
    /// What this roster costs.
    pub value: i64,
    /// No roster that keeps the hard rules costs less.
    pub bound: i64,
}

impl Roster {
    /// How much more than the bound it costs, in thousandths of the bound, rounded up.
    pub fn gap_permille(&self) -> i64 {
        let over = self.value - self.bound;
        if over == 0 {
            return 0;
        }
        (over * 1000 + self.bound - 1) / self.bound.max(1)
    }
}

/// Fills the shifts. Hard rules always hold; what cannot be filled is named.
pub fn fill(problem: &Problem) -> Roster {
    let mut network = Network::new(problem);
    network.solve();
    let least = bound(problem, &network);
    // What is ruled out stays so, and there is only so much: this ends.
    while part(problem, &mut network) {
        network.solve();
    }
    let people = 0..problem.people.len();
    let given_to = |person| {
        network
            .given(person)
            .map(move |choice| (person, choice.shift))
    };
    let mut given: Vec<(usize, usize)> = people.flat_map(given_to).collect();
    given.sort_unstable();
    let mut missing: Vec<u32> = problem.shifts.iter().map(|shift| shift.missing).collect();
    for (_, shift) in &given {
        missing[*shift] -= 1;
    }
    let missing = missing.into_iter().enumerate();
    Roster {
        given,
        missing: missing.filter(|(_, missing)| *missing > 0).collect(),
        value: network.cost(),
        bound: least.max(bound(problem, &network)),
    }
}

/// Rules out, of every two shifts of somebody that do not go together, the one without which
/// their month is worth more; whether there were any.
fn part(problem: &Problem, network: &mut Network) -> bool {
    let mut parted = false;
    for person in 0..problem.people.len() {
        let mut given: Vec<Choice> = network.given(person).collect();
        while let Some((one, other)) = clash(problem, &mut given) {
            let without = |lost: Choice| best_month(problem, network, person, Some(lost.shift));
            let dearer = without(one) < without(other);
            let lost = if dearer { other } else { one };
            network.ban(lost);
            given.retain(|choice| choice.shift != lost.shift);
            parted = true;
        }
    }
    parted
}

/// Two shifts that one person cannot stand at both.
fn clash(problem: &Problem, given: &mut [Choice]) -> Option<(Choice, Choice)> {
    let span = |choice: &Choice| problem.shifts[choice.shift].span;
    given.sort_by_key(|choice| (span(choice).starts_min, choice.shift));
    // By their beginning, only neighbours can be too close.
    let mut pairs = given.windows(2).map(|pair| (pair[0], pair[1]));
    pairs.find(|(one, other)| !span(one).goes_with(&span(other), problem.rules.rest_min))
}
