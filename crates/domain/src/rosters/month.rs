//! Filling a month at once.

use super::fit::{self, Candidate, FAIRNESS_COST, Held, Limits, MISSING_COST, Need};
use crate::days::day_of;
use roster::{Person, Problem, Roster, Rules, Shift};

/// How good a filled month is, and how good it could be at best.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quality {
    /// People still missing.
    pub missing: u32,
    /// What it costs ([`fit::price`] and fairness), gaps apart.
    pub value: i64,
    /// With as many gaps, no roster costs less.
    pub bound: i64,
    /// Most shifts that anybody has in the month.
    pub shifts_most: usize,
    /// Fewest, of those who were given any.
    pub shifts_fewest: usize,
}

impl Quality {
    /// How much more than the bound it costs, in thousandths, rounded up.
    pub fn gap_permille(&self) -> i64 {
        let over = self.value - self.bound;
        if over <= 0 {
            return 0;
        }
        (over * 1000 + self.bound.max(1) - 1) / self.bound.max(1)
    }
}

/// The question as the solver takes it: whoever may and can, at each shift.
pub fn problem(needs: &[Need], people: &[Candidate], most: &Limits) -> Problem {
    let first = needs.first().map(|need| day_of(need.at.starts_at));
    let of_month = |held: &&Held| first.is_some_and(|first| held.in_month_of(first));
    let span = |need: &Need| need.at.span();
    let person = |one: &Candidate| {
        let (per_day_max, per_week_max, per_month_max) = fit::limits(one, most);
        let can = needs.iter().enumerate();
        let can = can.filter(|(_, need)| fit::is_free(one, need) && fit::is_qualified(one, need));
        Person {
            per_day_max,
            per_week_max,
            per_month_max,
            holds: one.holds.iter().map(Held::span).collect(),
            held_in_month: u32::try_from(one.holds.iter().filter(of_month).count())
                .unwrap_or(u32::MAX),
            can: can.map(|(at, need)| (at, fit::price(one, need))).collect(),
        }
    };
    let shift = |need: &Need| Shift {
        span: span(need),
        missing: need.missing,
    };
    Problem {
        shifts: needs.iter().map(shift).collect(),
        people: people.iter().map(person).collect(),
        rules: Rules {
            rest_min: most.rest.whole_minutes(),
            missing_cost: MISSING_COST,
            fairness_cost: FAIRNESS_COST,
        },
    }
}

/// Fills the shifts of a month as far as it goes, and says how well.
pub fn fill(needs: &[Need], people: &[Candidate], most: &Limits) -> (Roster, Quality) {
    let roster = roster::fill(&problem(needs, people, most));
    let gap_cost = |n: u32| MISSING_COST * i64::from(n) * i64::from(n + 1) / 2;
    let gaps: i64 = roster.missing.iter().map(|(_, n)| gap_cost(*n)).sum();
    let mut shifts: Vec<usize> = people.iter().map(|one| one.holds.len()).collect();
    for (person, _) in &roster.given {
        shifts[*person] += 1;
    }
    let given = |at: &usize| roster.given.iter().any(|(person, _)| person == at);
    let fewest = (0..people.len()).filter(given).map(|at| shifts[at]).min();
    let quality = Quality {
        missing: roster.missing.iter().map(|(_, n)| n).sum(),
        value: roster.value - gaps,
        bound: (roster.bound - gaps).max(0),
        shifts_most: shifts.iter().copied().max().unwrap_or(0),
        shifts_fewest: fewest.unwrap_or(0),
    };
    (roster, quality)
}
