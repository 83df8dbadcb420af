//! Who stands at which shift of a month.
//!
//! What people can do at most in a clash of shifts, a day, a week and the month are limits
//! nested in each other, and fairness is a price that rises with every shift: without the
//! rules between two shifts (rest, clashes that are not everybody's) this is a flow of least
//! cost ([`flow`]), solved exactly. Its cost is the bound. Where the flow gives somebody two
//! shifts that do not go together, the cheaper one is taken away and the flow mended along
//! the shortest way ([`fill`]), so that what is lost against the bound is little and known.
//!
//! Nothing here draws a number or reads a clock: the same problem has the same roster.

mod flow;

use flow::Flow;

/// When a shift is, in minutes of any one clock; its day and week as any numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Begins.
    pub starts_min: i64,
    /// Ends; later than it begins.
    pub ends_min: i64,
    /// The day it counts for.
    pub day: i32,
    /// The week it counts for.
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
    let mut flow = Flow::new(problem);
    for (shift, needs) in problem.shifts.iter().enumerate() {
        for _ in 0..needs.missing {
            flow.serve(shift);
        }
    }
    let bound = flow.cost();
    // What is taken away never comes back, so this ends.
    while mend(problem, &mut flow) {}
    let given = (0..problem.people.len())
        .flat_map(|person| flow.shifts_of(person).into_iter().map(move |s| (person, s)))
        .collect();
    let missing = (0..problem.shifts.len())
        .map(|shift| (shift, flow.missing(shift)))
        .filter(|(_, missing)| *missing > 0)
        .collect();
    Roster {
        given,
        missing,
        value: flow.cost(),
        bound,
    }
}

/// Takes away what does not go together; whether there was anything, for mending for one
/// person may give another a clash.
fn mend(problem: &Problem, flow: &mut Flow<'_>) -> bool {
    let mut mended = false;
    for person in 0..problem.people.len() {
        while let Some((one, other)) = clash(problem, &flow.shifts_of(person)) {
            let dearer = flow.price_of_losing(person, one) > flow.price_of_losing(person, other);
            flow.take(person, if dearer { other } else { one });
            mended = true;
        }
    }
    mended
}

/// Two shifts that one person cannot stand at both.
fn clash(problem: &Problem, shifts: &[usize]) -> Option<(usize, usize)> {
    let span = |shift: usize| problem.shifts[shift].span;
    let mut sorted = shifts.to_vec();
    sorted.sort_by_key(|shift| (span(*shift).starts_min, *shift));
    // By their beginning, only neighbours can be too close.
    let mut pairs = sorted.windows(2).map(|pair| (pair[0], pair[1]));
    pairs.find(|(one, other)| !span(*one).goes_with(&span(*other), problem.rules.rest_min))
}
