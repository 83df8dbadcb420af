//! What must hold of every roster, and how close to the best it comes where that can be found
//! by trying everything.

use proptest::prelude::*;
use roster::{Person, Problem, Roster, Rules, Shift, Span, fill};

const RULES: Rules = Rules {
    rest_min: 11 * 60,
    missing_cost: 10_000,
    fairness_cost: 8,
};

/// A shift from one hour of a day to another.
fn span(day: i32, from_h: i64, to_h: i64) -> Span {
    let midnight = i64::from(day) * 24 * 60;
    Span {
        starts_min: midnight + from_h * 60,
        ends_min: midnight + to_h * 60,
        day,
        week: day / 7,
    }
}

fn needs(span: Span, missing: u32) -> Shift {
    Shift { span, missing }
}

fn person(can: &[(usize, i64)]) -> Person {
    Person {
        per_day_max: 2,
        per_week_max: 4,
        per_month_max: 8,
        holds: Vec::new(),
        held_in_month: 0,
        can: can.to_vec(),
    }
}

/// What a set of given shifts costs; `None` when it breaks a hard rule.
fn cost(problem: &Problem, given: &[(usize, usize)]) -> Option<i64> {
    let rules = problem.rules;
    let mut cost = 0;
    for (at, one) in problem.people.iter().enumerate() {
        let mine = given.iter().filter(|(person, _)| *person == at);
        let mut spans = one.holds.clone();
        for (_, shift) in mine {
            cost += one.can.iter().find(|(can, _)| can == shift)?.1;
            let span = problem.shifts[*shift].span;
            if !spans
                .iter()
                .all(|other| other.goes_with(&span, rules.rest_min))
            {
                return None;
            }
            spans.push(span);
        }
        let new = spans.len() > one.holds.len();
        for span in &spans {
            let same =
                |test: &dyn Fn(&Span) -> bool| spans.iter().filter(|s| test(s)).count() as u32;
            let over = same(&|s| s.day == span.day) > one.per_day_max
                || same(&|s| s.week == span.week) > one.per_week_max
                || spans.len() as u32 > one.per_month_max;
            if new && over {
                return None;
            }
        }
        let (n, before) = (spans.len() as i64, one.holds.len() as i64);
        cost += rules.fairness_cost * (n * n - before * before);
    }
    for (at, shift) in problem.shifts.iter().enumerate() {
        let there = given.iter().filter(|(_, shift)| *shift == at).count() as u32;
        let gap = i64::from(shift.missing.checked_sub(there)?);
        cost += rules.missing_cost * gap * (gap + 1) / 2;
    }
    Some(cost)
}

/// The least that any roster costs, by trying them all.
fn least(problem: &Problem) -> i64 {
    let all: Vec<(usize, usize)> = (problem.people.iter().enumerate())
        .flat_map(|(at, one)| one.can.iter().map(move |(shift, _)| (at, *shift)))
        .collect();
    assert!(all.len() <= 14, "few enough to try");
    let some = |set: u32| -> Vec<(usize, usize)> {
        let chosen = (0..all.len()).filter(|bit| set & (1 << bit) != 0);
        chosen.map(|bit| all[bit]).collect()
    };
    let costs = (0..1_u32 << all.len()).filter_map(|set| cost(problem, &some(set)));
    costs.min().expect("nobody anywhere breaks no rule")
}

fn sound(problem: &Problem) -> Roster {
    let roster = fill(problem);
    assert_eq!(
        cost(problem, &roster.given),
        Some(roster.value),
        "{roster:?}"
    );
    assert!(roster.bound <= roster.value);
    for (at, shift) in problem.shifts.iter().enumerate() {
        let there = roster
            .given
            .iter()
            .filter(|(_, shift)| *shift == at)
            .count() as u32;
        let named = roster.missing.iter().find(|(shift, _)| *shift == at);
        assert_eq!(named.map_or(0, |(_, n)| *n), shift.missing - there);
    }
    roster
}

#[test]
fn nothing_to_fill_and_nobody_to_fill_it_with_are_answered() {
    let nobody = |shifts: Vec<Shift>| Problem {
        shifts,
        people: Vec::new(),
        rules: RULES,
    };
    let nothing = sound(&nobody(Vec::new()));
    assert_eq!((nothing.value, nothing.gap_permille()), (0, 0));
    let empty = sound(&nobody(vec![needs(span(0, 7, 11), 2)]));
    assert_eq!(empty.missing, [(0, 2)]);
    assert_eq!(empty.value, 30_000);
}

#[test]
fn who_is_near_comes_first_until_others_have_had_less() {
    let shifts: Vec<Shift> = (0..4).map(|day| needs(span(day, 7, 11), 1)).collect();
    let can = |cost: i64| (0..4).map(|shift| (shift, cost)).collect::<Vec<_>>();
    let near_and_far = |cost: i64| {
        let people = vec![person(&can(0)), person(&can(cost))];
        let shifts = shifts.clone();
        let roster = sound(&Problem {
            shifts,
            people,
            rules: RULES,
        });
        roster
            .given
            .iter()
            .filter(|(person, _)| *person == 0)
            .count()
    };
    assert_eq!(
        [near_and_far(0), near_and_far(30), near_and_far(200)],
        [2, 3, 4]
    );
}

#[test]
fn a_late_shift_and_an_early_one_are_not_one_persons() {
    let shifts = vec![needs(span(0, 18, 21), 1), needs(span(1, 7, 11), 1)];
    let alone = Problem {
        shifts,
        people: vec![person(&[(0, 0), (1, 5)])],
        rules: RULES,
    };
    let roster = sound(&alone);
    assert_eq!(roster.given, [(0, 0)], "the dearer one is left");
    assert_eq!(roster.missing, [(1, 1)]);
    assert_eq!(roster.bound, roster.value, "the bound knows rest");
    let mut two = alone;
    two.people.push(person(&[(1, 40)]));
    let roster = sound(&two);
    assert_eq!(roster.given, [(0, 0), (1, 1)]);
    assert_eq!(roster.bound, roster.value);
}

/// Evenings and mornings at some points for two weeks, and people who can do most of them.
fn fortnight(seed: u64, people: usize) -> Problem {
    let mut rng = fastrand::Rng::with_seed(seed);
    let hours = [(7, 11), (13, 17), (18, 21)];
    let at = |day: i32| hours.map(|(from_h, to_h)| needs(span(day, from_h, to_h), 2));
    let shifts: Vec<Shift> = (0..14)
        .flat_map(|day| [at(day), at(day)].concat())
        .collect();
    let people = (0..people).map(|_| {
        let costs = (0..shifts.len()).map(|shift| (shift, rng.i64(0..150)));
        let can: Vec<_> = costs.filter(|(_, cost)| *cost < 90).collect();
        Person {
            per_week_max: 3,
            ..person(&can)
        }
    });
    Problem {
        people: people.collect(),
        shifts,
        rules: RULES,
    }
}

#[test]
fn the_bound_knows_rest_and_the_roster_comes_close_to_it() {
    for (seed, people) in (0..).zip([25, 28, 32, 50]) {
        let mut problem = fortnight(seed, people);
        let rested = sound(&problem);
        assert!(rested.gap_permille() <= 5, "{people}: {rested:?}");
        problem.rules.rest_min = 0;
        let unrested = sound(&problem);
        assert_eq!(
            unrested.value, unrested.bound,
            "{people}: the best there is"
        );
        assert!(unrested.value <= rested.bound, "{people}");
        assert!(people > 28 || unrested.value < rested.bound, "{people}");
    }
}

#[test]
fn whom_one_shift_needs_most_is_kept_for_it() {
    let shifts = vec![needs(span(0, 7, 11), 1), needs(span(0, 8, 12), 1)];
    let people = vec![person(&[(0, 0), (1, 100)]), person(&[(0, 100)])];
    let roster = sound(&Problem {
        shifts,
        people,
        rules: RULES,
    });
    assert_eq!(roster.given, [(0, 1), (1, 0)]);
    assert_eq!(roster.gap_permille(), 0);
}

prop_compose! {
    fn any_span()(day in 0..9_i32, from_h in 6..19_i64, long_h in 2..6_i64) -> Span {
        span(day, from_h, from_h + long_h)
    }
}

prop_compose! {
    /// Few enough choices to try them all.
    fn small()(
        spans in prop::collection::vec((any_span(), 1..3_u32), 1..6),
        limits in prop::collection::vec((1..3_u32, 1..4_u32, 1..5_u32), 1..4),
        holds in prop::option::of(any_span()),
        can in prop::collection::vec((0..3_usize, 0..6_usize, 0..90_i64), 1..13),
    ) -> Problem {
        let shifts: Vec<Shift> = spans.into_iter().map(|(span, missing)| needs(span, missing)).collect();
        let mut people: Vec<Person> = limits.into_iter().map(|(day, week, month)| Person {
            per_day_max: day, per_week_max: week, per_month_max: month, holds: Vec::new(), held_in_month: 0, can: Vec::new(),
        }).collect();
        people[0].holds.extend(holds);
        people[0].held_in_month = people[0].holds.len() as u32;
        for (person, shift, cost) in can {
            let (person, shift) = (person % people.len(), shift % shifts.len());
            let can = &mut people[person].can;
            if !can.iter().any(|(known, _)| *known == shift) {
                can.push((shift, cost));
            }
        }
        Problem { shifts, people, rules: RULES }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn hard_rules_hold_and_no_roster_is_below_the_bound(problem in small()) {
        let roster = sound(&problem);
        prop_assert_eq!(&fill(&problem), &roster);
        let least = least(&problem);
        prop_assert!(roster.bound <= least, "{} <= {}", roster.bound, least);
        prop_assert!(least <= roster.value);
    }

    #[test]
    fn without_rules_between_shifts_it_is_the_best(mut problem in small()) {
        problem.rules.rest_min = i64::MIN / 4;
        for person in &mut problem.people {
            person.per_day_max = 1;
        }
        let roster = sound(&problem);
        prop_assert_eq!(roster.value, least(&problem));
        prop_assert_eq!(roster.value, roster.bound);
    }
}
