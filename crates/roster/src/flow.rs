//! A flow of least cost from shifts to people, mended one unit at a time.
//!
//! Every unit a shift needs goes down a person's limits (clash, day, week, month) to the
//! drain, or straight there at the price of a gap. Each unit takes the way that is shortest
//! with those before it in place; potentials keep all lengths at or above zero, so a search
//! may stop as soon as it arrives (Edmonds and Karp 1972, Tomizawa 1971).

use super::{Problem, Span};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

const NONE: u32 = u32::MAX;
const FAR: i64 = i64::MAX / 4;

/// One of a person's limits: at most `room` of what is below it.
#[derive(Clone, Debug)]
struct Limit {
    person: u32,
    /// The next wider one; none above the month's.
    above: u32,
    below: Vec<u32>,
    room: u32,
    used: u32,
    /// Of a clash: the shift they stand at, and what that costs.
    held: Option<(u32, i64)>,
}

/// Where a unit of a shift may go.
#[derive(Clone, Copy, Debug)]
struct Choice {
    limit: u32,
    cost: i64,
    banned: bool,
}

/// The state of the flow. Nodes are shifts, then limits, then the drain.
#[derive(Debug)]
pub struct Flow<'p> {
    problem: &'p Problem,
    choices: Vec<Vec<Choice>>,
    missing: Vec<u32>,
    limits: Vec<Limit>,
    /// Shifts each person held before, which fairness counts.
    before: Vec<u32>,
    /// Of each person, the limits of clashes.
    clashes: Vec<Vec<u32>>,
    months: Vec<u32>,
    potential: Vec<i64>,
    search: Search,
}

#[derive(Debug, Default)]
struct Search {
    length: Vec<i64>,
    from: Vec<u32>,
    settled: Vec<bool>,
    seen: Vec<u32>,
    /// By length; of those as far, what is nearest to the drain, for many are as far.
    heap: BinaryHeap<Reverse<(i64, u8, u32)>>,
    /// How near a node is to the drain.
    steps: Vec<u8>,
    /// Where one may go on from a node; kept so that it need not be made anew.
    ways: Vec<(u32, i64)>,
}

impl<'p> Flow<'p> {
    /// Nobody is given anything yet.
    pub fn new(problem: &'p Problem) -> Self {
        let shifts = problem.shifts.len();
        let mut flow = Self {
            problem,
            choices: vec![Vec::new(); shifts],
            missing: vec![0; shifts],
            limits: Vec::new(),
            before: Vec::new(),
            clashes: Vec::new(),
            months: Vec::new(),
            potential: Vec::new(),
            search: Search::default(),
        };
        let clash_of = clashes(problem);
        for person in 0..problem.people.len() {
            flow.admit(person, &clash_of);
        }
        let nodes = shifts + flow.limits.len() + 1;
        flow.potential = vec![0; nodes];
        let steps = (0..nodes).map(|node| flow.steps(node));
        flow.search = Search {
            steps: steps.collect(),
            length: vec![FAR; nodes],
            from: vec![NONE; nodes],
            settled: vec![false; nodes],
            ..Search::default()
        };
        flow
    }

    /// Limits from here to the drain.
    fn steps(&self, node: usize) -> u8 {
        let Some(mut limit) = node
            .checked_sub(self.choices.len())
            .and_then(|at| self.limits.get(at))
        else {
            return if node < self.choices.len() { 5 } else { 0 };
        };
        let mut steps = 1;
        while let Some(above) = self.limits.get(limit.above as usize) {
            limit = above;
            steps += 1;
        }
        steps
    }

    /// Builds a person's limits over what they can do beside what they hold.
    fn admit(&mut self, person: usize, clash_of: &[u32]) {
        let one = &self.problem.people[person];
        let rest_min = self.problem.rules.rest_min;
        let left = |max: u32, held: usize| max.saturating_sub(u32::try_from(held).unwrap_or(max));
        let of = |test: &dyn Fn(&Span) -> bool| one.holds.iter().filter(|span| test(span)).count();
        let month = self.limit(
            person,
            NONE,
            one.per_month_max.saturating_sub(one.held_in_month),
        );
        self.months.push(month);
        self.before.push(one.held_in_month);
        self.clashes.push(Vec::new());
        let (mut weeks, mut days, mut clashes) =
            (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for &(shift, cost) in &one.can {
            let span = self.problem.shifts[shift].span;
            if !one.holds.iter().all(|held| held.goes_with(&span, rest_min)) {
                continue;
            }
            let week = *weeks.entry(span.week).or_insert_with(|| {
                let held = of(&|held| held.week == span.week);
                self.limit(person, month, left(one.per_week_max, held))
            });
            let day = *days.entry(span.day).or_insert_with(|| {
                let held = of(&|held| held.day == span.day);
                self.limit(person, week, left(one.per_day_max, held))
            });
            let clash = *clashes
                .entry(clash_of[shift])
                .or_insert_with(|| self.limit(person, day, 1));
            self.choices[shift].push(Choice {
                limit: clash,
                cost,
                banned: false,
            });
        }
        self.clashes[person] = clashes.into_values().collect();
    }

    fn limit(&mut self, person: usize, above: u32, room: u32) -> u32 {
        let id = u32::try_from(self.limits.len()).unwrap_or(NONE);
        self.limits.push(Limit {
            person: u32::try_from(person).unwrap_or(NONE),
            above,
            below: Vec::new(),
            room,
            used: 0,
            held: None,
        });
        if let Some(above) = self.limits.get_mut(above as usize) {
            above.below.push(id);
        }
        id
    }

    /// Shifts a person is given, in order.
    pub fn shifts_of(&self, person: usize) -> Vec<usize> {
        let held = self.clashes[person].iter();
        let mut shifts: Vec<usize> = held
            .filter_map(|clash| self.limits[*clash as usize].held)
            .map(|(shift, _)| shift as usize)
            .collect();
        shifts.sort_unstable();
        shifts
    }

    /// People a shift is left without.
    pub fn missing(&self, shift: usize) -> u32 {
        self.missing[shift]
    }

    /// What it all costs, counted anew.
    pub fn cost(&self) -> i64 {
        let held = self.limits.iter().filter_map(|limit| limit.held);
        let given: i64 = held.map(|(_, cost)| cost).sum();
        let gaps: i64 = self
            .missing
            .iter()
            .map(|&n| (0..n).map(|k| self.gap_cost(k)).sum::<i64>())
            .sum();
        let fair = |person: usize| {
            let used = self.limits[self.months[person] as usize].used;
            (0..used).map(|k| self.fair_cost(person, k)).sum::<i64>()
        };
        given + gaps + (0..self.months.len()).map(fair).sum::<i64>()
    }

    /// What one more gap at a shift costs, after `n`.
    fn gap_cost(&self, n: u32) -> i64 {
        self.problem.rules.missing_cost * i64::from(n + 1)
    }

    /// What one more shift of a person costs, after `n` given ones.
    fn fair_cost(&self, person: usize, n: u32) -> i64 {
        self.problem.rules.fairness_cost * (2 * (i64::from(n) + i64::from(self.before[person])) + 1)
    }

    /// Finds a place for one more unit of a shift.
    pub fn serve(&mut self, shift: usize) {
        let drain = self.drain();
        self.search(self.shift_node(shift), drain);
        self.settle_potentials(drain);
        self.push_along(drain);
    }

    /// What the whole costs more when somebody loses a shift for good.
    pub fn price_of_losing(&mut self, person: usize, shift: usize) -> i64 {
        let Some((at, choice)) = self.choice(person, shift) else {
            return 0;
        };
        let target = self.limit_node(choice.limit);
        self.choices[shift][at].banned = true;
        let source = self.shift_node(shift);
        self.search(source, target);
        let length = self.search.length[target as usize];
        let price = length - self.potential[source as usize] + self.potential[target as usize]
            - choice.cost;
        self.forget();
        self.choices[shift][at].banned = false;
        price
    }

    /// Takes a shift from somebody for good, and mends the flow.
    pub fn take(&mut self, person: usize, shift: usize) {
        let Some((at, choice)) = self.choice(person, shift) else {
            return;
        };
        self.choices[shift][at].banned = true;
        self.limits[choice.limit as usize].held = None;
        // The unit is at the shift again, and its old way misses it from there on.
        let target = self.limit_node(choice.limit);
        self.search(self.shift_node(shift), target);
        self.settle_potentials(target);
        self.push_along(target);
    }

    fn choice(&self, person: usize, shift: usize) -> Option<(usize, Choice)> {
        let of = |choice: &Choice| self.limits[choice.limit as usize].person as usize == person;
        let at = self.choices[shift].iter().position(of)?;
        Some((at, self.choices[shift][at]))
    }

    fn shift_node(&self, shift: usize) -> u32 {
        u32::try_from(shift).unwrap_or(NONE)
    }

    fn limit_node(&self, limit: u32) -> u32 {
        self.shift_node(self.choices.len()) + limit
    }

    fn drain(&self) -> u32 {
        self.shift_node(self.choices.len() + self.limits.len())
    }

    /// Finds the shortest ways from `source` until `target` is reached. It always is: over
    /// the drain every unit can become a gap, and every given shift can be given up.
    fn search(&mut self, source: u32, target: u32) {
        self.search.reach(source, 0, NONE);
        while let Some(Reverse((length, _, node))) = self.search.heap.pop() {
            if std::mem::replace(&mut self.search.settled[node as usize], true) {
                continue;
            }
            if node == target {
                break;
            }
            self.look_around(node, length);
            // Nothing left is shorter: no need to settle all that are as far.
            if self.search.length[target as usize] <= length {
                break;
            }
        }
        self.search.heap.clear();
    }

    fn look_around(&mut self, node: u32, length: i64) {
        let (shifts, drain) = (self.shift_node(self.choices.len()), self.drain());
        let mut ways = std::mem::take(&mut self.search.ways);
        if node < shifts {
            self.ways_of_shift(node, shifts, drain, &mut ways);
        } else if node < drain {
            self.ways_of_limit(node - shifts, shifts, drain, &mut ways);
        } else {
            self.ways_of_drain(shifts, &mut ways);
        }
        for (to, cost) in ways.drain(..) {
            let cost = cost + self.potential[node as usize] - self.potential[to as usize];
            debug_assert!(cost >= 0, "lengths are kept at or above zero");
            self.search.reach(to, length + cost, node);
        }
        self.search.ways = ways;
    }

    /// To whoever can, or to be a gap.
    fn ways_of_shift(&self, shift: u32, shifts: u32, drain: u32, ways: &mut Vec<(u32, i64)>) {
        for choice in &self.choices[shift as usize] {
            let held = self.limits[choice.limit as usize].held;
            if !choice.banned && held.is_none_or(|(held, _)| held != shift) {
                ways.push((shifts + choice.limit, choice.cost));
            }
        }
        ways.push((drain, self.gap_cost(self.missing[shift as usize])));
    }

    /// Up while there is room; back down, or back to the shift, where something may yield.
    fn ways_of_limit(&self, limit: u32, shifts: u32, drain: u32, ways: &mut Vec<(u32, i64)>) {
        let limit = &self.limits[limit as usize];
        if limit.used < limit.room {
            ways.push(match limit.above {
                NONE => (drain, self.fair_cost(limit.person as usize, limit.used)),
                above => (shifts + above, 0),
            });
        }
        ways.extend(limit.held.map(|(shift, cost)| (shift, -cost)));
        let below = limit.below.iter();
        let used = below.filter(|below| self.limits[**below as usize].used > 0);
        ways.extend(used.map(|below| (shifts + below, 0)));
    }

    /// Whoever has a shift may lose it, and every gap may be filled.
    fn ways_of_drain(&self, shifts: u32, ways: &mut Vec<(u32, i64)>) {
        for (person, month) in self.months.iter().enumerate() {
            let used = self.limits[*month as usize].used;
            if used > 0 {
                ways.push((shifts + month, -self.fair_cost(person, used - 1)));
            }
        }
        for (shift, missing) in (0..).zip(&self.missing) {
            if *missing > 0 {
                ways.push((shift, -self.gap_cost(missing - 1)));
            }
        }
    }

    fn settle_potentials(&mut self, target: u32) {
        let reached = self.search.length[target as usize];
        for node in &self.search.seen {
            let length = self.search.length[*node as usize];
            if length < reached {
                self.potential[*node as usize] += length - reached;
            }
        }
    }

    /// Moves one unit along the way found, and forgets the search.
    fn push_along(&mut self, target: u32) {
        let (shifts, drain) = (self.shift_node(self.choices.len()), self.drain());
        let mut way = vec![target];
        while let Some(from) = way
            .last()
            .map(|node| self.search.from[*node as usize])
            .filter(|from| *from != NONE)
        {
            way.push(from);
        }
        way.reverse();
        // Units leave a clash before others enter it.
        for step in way.windows(2) {
            let (from, to) = (step[0], step[1]);
            if (shifts..drain).contains(&from) && to < shifts {
                self.limits[(from - shifts) as usize].held = None;
            }
        }
        for step in way.windows(2) {
            let (from, to) = (step[0], step[1]);
            if from < shifts && to == drain {
                self.missing[from as usize] += 1;
            } else if from == drain && to < shifts {
                self.missing[to as usize] -= 1;
            } else if from < shifts {
                let limit = to - shifts;
                let cost = self.choices[from as usize]
                    .iter()
                    .find(|choice| choice.limit == limit);
                self.limits[limit as usize].held = cost.map(|choice| (from, choice.cost));
            } else if to >= shifts {
                self.shift_use(from, to, shifts, drain);
            }
        }
        self.forget();
    }

    /// A unit up from a limit to the next wider one, or one back down.
    fn shift_use(&mut self, from: u32, to: u32, shifts: u32, drain: u32) {
        let up = to == drain
            || (from != drain && self.limits[(from - shifts) as usize].above == to - shifts);
        if up {
            self.limits[(from - shifts) as usize].used += 1;
        } else {
            self.limits[(to - shifts) as usize].used -= 1;
        }
    }

    fn forget(&mut self) {
        let Search {
            length,
            from,
            settled,
            seen,
            heap,
            ..
        } = &mut self.search;
        for node in seen.drain(..) {
            length[node as usize] = FAR;
            from[node as usize] = NONE;
            settled[node as usize] = false;
        }
        heap.clear();
    }
}

impl Search {
    fn reach(&mut self, node: u32, length: i64, from: u32) {
        let known = &mut self.length[node as usize];
        if length >= *known {
            return;
        }
        if *known == FAR {
            self.seen.push(node);
        }
        *known = length;
        self.from[node as usize] = from;
        self.heap
            .push(Reverse((length, self.steps[node as usize], node)));
    }
}

/// Puts shifts that all clash with each other, whoever stands there, under one number: of a
/// day, those that are on at the moment when the first of them ends.
fn clashes(problem: &Problem) -> Vec<u32> {
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
