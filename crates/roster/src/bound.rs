//! What no roster is cheaper than.
//!
//! Put a price on every place at a shift: who fills it is paid that much. Then shifts and
//! people need not know of each other. A shift takes its gaps where they are cheaper than the
//! price, everybody takes the month that is worth most to them with all the hard rules, and
//! what is paid beyond that comes back. Whatever the prices, no roster costs less than the
//! sum (a Lagrangian relaxation: Held and Karp 1970, Geoffrion 1974); at those of the network
//! it costs hardly more.

use super::network::{Choice, Network};
use super::{Person, Problem, Rules, Span};

/// The bound at the network's prices.
pub fn bound(problem: &Problem, network: &Network) -> i64 {
    let of_shift = |(at, missing): (usize, u32)| {
        let price = network.price(at);
        let gaps = (0..missing).map(|gap| problem.rules.gap_cost(gap).min(price));
        gaps.sum::<i64>()
    };
    let missing = problem.shifts.iter().map(|shift| shift.missing);
    let shifts: i64 = missing.enumerate().map(of_shift).sum();
    let people = 0..problem.people.len();
    let months = people.map(|person| best_month(problem, network, person, None));
    shifts - months.sum::<i64>()
}

/// What a person's best month is worth at the network's prices, without one of the shifts.
pub fn best_month(
    problem: &Problem,
    network: &Network,
    person: usize,
    without: Option<usize>,
) -> i64 {
    let one = &problem.people[person];
    let least = problem.rules.fair_cost(one.held_in_month);
    let choices = network.choices(person).iter();
    let choices = choices.filter(|choice| Some(choice.shift) != without);
    let worth = |choice: &Choice| (problem.shifts[choice.shift].span, network.worth(choice));
    let mut offers: Vec<(Span, i64)> = choices.map(worth).filter(|(_, w)| *w > least).collect();
    // Of shifts at the same time only the best can matter.
    offers.sort_by_key(|(span, worth)| (span.starts_min, span.ends_min, span.day, -worth));
    offers.dedup_by_key(|(span, _)| *span);
    best_of(&problem.rules, one, &offers)
}

/// What the best month out of offers is worth, which are in the order of time.
fn best_of(rules: &Rules, person: &Person, offers: &[(Span, i64)]) -> i64 {
    let none = Months::up_to(person, offers.len());
    // Months to which any later shift may be added, and those whose last one may be too close.
    let mut rested = none.clone();
    let mut recent: Vec<(Span, Months)> = Vec::new();
    rested.offer([0, 0, 0], 0);
    let (mut week, mut best) = (None, 0);
    for &(span, worth) in offers {
        if week.replace(span.week) != Some(span.week) {
            let before = std::mem::replace(&mut rested, none.clone());
            rested.join(&before, false);
        }
        recent.retain(|(last, months)| {
            let close = last.day == span.day || !last.goes_with(&span, rules.rest_min);
            if !close {
                rested.join(months, last.week == span.week);
            }
            close
        });
        let (day_max, week_max) = (person.room_in_day(span.day), person.room_in_week(span.week));
        let mut with = none.clone();
        let mut extend = |months: &Months, same_day: bool, same_week: bool| {
            for ([in_day, in_week, in_month], before) in months.all() {
                let in_day = 1 + if same_day { in_day } else { 0 };
                let in_week = 1 + if same_week { in_week } else { 0 };
                if in_day > day_max || in_week > week_max || in_month >= person.room_in_month() {
                    continue;
                }
                let fair_cost = rules.fair_cost(person.held_in_month + in_month);
                let total = before + worth - fair_cost;
                with.offer([in_day, in_week, in_month + 1], total);
                best = best.max(total);
            }
        };
        extend(&rested, false, true);
        for (last, months) in &recent {
            if last.goes_with(&span, rules.rest_min) {
                extend(months, last.day == span.day, last.week == span.week);
            }
        }
        recent.push((span, with));
    }
    best
}

/// The most that months are worth, by how many shifts they have in their last day, in their
/// last week, and altogether.
#[derive(Clone)]
struct Months {
    /// Counts, from 0.
    sizes: [usize; 3],
    worth: Vec<Option<i64>>,
}

impl Months {
    /// None yet, of those that a person can have with as many shifts at most.
    fn up_to(person: &Person, shifts: usize) -> Self {
        let most = [
            person.per_day_max,
            person.per_week_max,
            person.room_in_month(),
        ];
        let sizes = most.map(|most| 1 + shifts.min(most as usize));
        Self {
            sizes,
            worth: vec![None; sizes.iter().product()],
        }
    }

    fn offer(&mut self, [in_day, in_week, in_month]: [u32; 3], worth: i64) {
        let [_, weeks, months] = self.sizes;
        let at = (in_day as usize * weeks + in_week as usize) * months + in_month as usize;
        self.worth[at] = self.worth[at].max(Some(worth));
    }

    fn all(&self) -> impl Iterator<Item = ([u32; 3], i64)> {
        let [_, weeks, months] = self.sizes;
        let counts = move |at: usize| [at / months / weeks, at / months % weeks, at % months];
        let counts = move |at| counts(at).map(|count| u32::try_from(count).unwrap_or(u32::MAX));
        let there = self.worth.iter().enumerate();
        there.filter_map(move |(at, worth)| Some((counts(at), (*worth)?)))
    }

    /// Takes others in, whose last day is over, and perhaps their last week.
    fn join(&mut self, others: &Self, same_week: bool) {
        for ([_, in_week, in_month], worth) in others.all() {
            self.offer([0, if same_week { in_week } else { 0 }, in_month], worth);
        }
    }
}
