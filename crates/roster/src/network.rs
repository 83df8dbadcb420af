//! A month as a network: every unit a shift needs goes down a person's limits (clash, day,
//! week, month) to the drain, at a price that rises with every shift of the month, or
//! straight there at the price of a gap.

use super::simplex::Simplex;
use super::{Person, Problem};

/// A shift that somebody may be given beside what they hold.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    /// By position.
    pub shift: usize,
    cost: i64,
    arc: usize,
}

/// The network and the flow in it.
#[derive(Debug)]
pub struct Network {
    simplex: Simplex,
    /// Node of each shift.
    shifts: Vec<u32>,
    /// Of each person, by when they are.
    choices: Vec<Vec<Choice>>,
    /// More than any gap costs.
    ban_cost: i64,
}

impl Network {
    /// Nobody is given anything yet.
    pub fn new(problem: &Problem) -> Self {
        let missing_max = problem.shifts.iter().map(|shift| shift.missing).max();
        let mut network = Self {
            simplex: Simplex::new(),
            shifts: Vec::new(),
            choices: Vec::new(),
            ban_cost: 1 + problem.rules.gap_cost(missing_max.unwrap_or(0)),
        };
        for shift in &problem.shifts {
            network.want(problem, shift.missing);
        }
        let clash_of = clashes(problem);
        for person in &problem.people {
            network.admit(problem, person, &clash_of);
        }
        network
    }

    /// Adds a shift, all of it gaps.
    fn want(&mut self, problem: &Problem, missing: u32) {
        let last = missing.saturating_sub(1);
        let cost = |gap| problem.rules.gap_cost(gap);
        let drain = Simplex::DRAIN;
        let flow = missing - last;
        let shift = (self.simplex).add_node(drain, missing + 1, cost(last), flow);
        for gap in 0..last {
            self.simplex.add_full_arc(shift, drain, 1, cost(gap));
        }
        self.shifts.push(shift);
    }

    /// Adds a person's limits and the shifts below them.
    fn admit(&mut self, problem: &Problem, person: &Person, clash_of: &[usize]) {
        let at = |(shift, _): &(usize, i64)| {
            let span = problem.shifts[*shift].span;
            (span.week, span.day, clash_of[*shift])
        };
        let mut can: Vec<(usize, i64)> = person.can_beside(problem).collect();
        can.sort_by_key(at);
        let clashes = |can: &[(usize, i64)]| count(can.chunk_by(|one, two| at(one) == at(two)));
        let days_of = |week| <[_]>::chunk_by(week, |one, two| at(one).1 == at(two).1);
        let room_in = |day: &[(usize, i64)]| person.room_in_day(at(&day[0]).1);

        let mut choices = Vec::with_capacity(can.len());
        let month = self.month(problem, person, clashes(&can));
        for week in can.chunk_by(|one, two| at(one).0 == at(two).0) {
            let most = days_of(week).map(|day| clashes(day).min(room_in(day)));
            let room = person.room_in_week(at(&week[0]).0);
            let week_node = self.limit(month, room, most.sum());
            for day in days_of(week) {
                let day_node = self.limit(week_node, room_in(day), clashes(day));
                for clash in day.chunk_by(|one, two| at(one) == at(two)) {
                    let node = self.limit(day_node, 1, count(clash.iter()));
                    choices.extend(clash.iter().map(|&(shift, cost)| {
                        let arc = self.simplex.add_arc(self.shifts[shift], node, 1, cost);
                        Choice { shift, cost, arc }
                    }));
                }
            }
        }
        self.choices.push(choices);
    }

    /// Adds what a person's month has room for, each shift dearer than the one before.
    fn month(&mut self, problem: &Problem, person: &Person, most: u32) -> u32 {
        let cost = |shifts| problem.rules.fair_cost(person.held_in_month + shifts);
        let drain = Simplex::DRAIN;
        let month = self.simplex.add_node(drain, 1, cost(0), 0);
        for shifts in 1..person.room_in_month().min(most) {
            self.simplex.add_arc(month, drain, 1, cost(shifts));
        }
        month
    }

    /// Adds a limit, unless no more can come from below than it has room for.
    fn limit(&mut self, above: u32, room: u32, most: u32) -> u32 {
        if most <= room {
            return above;
        }
        self.simplex.add_node(above, room, 0, 0)
    }

    /// Gives the shifts out at the least cost.
    pub fn solve(&mut self) {
        self.simplex.solve();
    }

    /// What it costs as it is.
    pub fn cost(&self) -> i64 {
        self.simplex.cost()
    }

    /// What one more person at a shift costs.
    pub fn price(&self, shift: usize) -> i64 {
        self.simplex.price(self.shifts[shift])
    }

    /// What somebody may be given.
    pub fn choices(&self, person: usize) -> &[Choice] {
        &self.choices[person]
    }

    /// What is saved when a choice is taken, apart from fairness.
    pub fn worth(&self, choice: &Choice) -> i64 {
        self.price(choice.shift) - choice.cost
    }

    /// What somebody is given.
    pub fn given(&self, person: usize) -> impl Iterator<Item = Choice> {
        let choices = self.choices[person].iter().copied();
        choices.filter(|choice| self.simplex.flow(choice.arc) > 0)
    }

    /// Rules a choice out: when solved again, it is dearer than a gap.
    pub fn ban(&mut self, choice: Choice) {
        self.simplex.raise(choice.arc, self.ban_cost);
    }
}

fn count(all: impl Iterator) -> u32 {
    u32::try_from(all.count()).unwrap_or(u32::MAX)
}

/// Puts shifts that all clash with each other, whoever stands there, under one number: of a
/// day, those that are on at the moment when the first of them ends.
fn clashes(problem: &Problem) -> Vec<usize> {
    let mut order: Vec<usize> = (0..problem.shifts.len()).collect();
    order.sort_by_key(|shift| {
        let span = problem.shifts[*shift].span;
        (span.day, span.ends_min, *shift)
    });
    let mut clash_of = vec![0; order.len()];
    let (mut number, mut open) = (0, None);
    for shift in order {
        let span = problem.shifts[shift].span;
        let same = open.is_some_and(|(day, until)| day == span.day && span.starts_min < until);
        if !same {
            number += 1;
            open = Some((span.day, span.ends_min));
        }
        clash_of[shift] = number;
    }
    clash_of
}
