//! Who is next, by rules that leave nobody waiting for ever. The app has the same in TypeScript
//! for a point without a network; both are held against `data/next.json`.
//!
//! A counter calls the priority ticket that is longest in line, but after
//! [`Setup::priority_run`] of them in a row the other that is longest in line. So whoever has
//! `ahead` others of the same kind before them is called at the latest when one counter that
//! takes them in has called `(ahead + 1) × (priority_run + 1)` times, however many priority
//! tickets are taken meanwhile: those who come later never go before them but in these turns.

use super::ticket::{Ticket, TicketStage};
use super::{Counter, Setup};
use crate::ids::TicketId;
use crate::procedures::ProcedureGroup;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// A ticket in line, as far as it matters for who is next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InLine {
    /// Which.
    pub id: TicketId,
    /// What it waits for.
    pub group: ProcedureGroup,
    /// Its place goes by this, and then by its id.
    #[serde(with = "time::serde::rfc3339")]
    pub since: OffsetDateTime,
    /// Whether it goes before others.
    pub priority: bool,
    /// Minutes that what is left of it is expected to take.
    pub minutes: u32,
}

impl InLine {
    /// A ticket, if it is in line.
    pub fn of(ticket: &Ticket, setup: &Setup) -> Option<Self> {
        (ticket.stage == TicketStage::Waiting).then(|| Self {
            id: ticket.id,
            group: ticket.errand().group,
            since: ticket.since,
            priority: ticket.priority.is_some(),
            minutes: ticket.expected_min(setup),
        })
    }

    /// Whether a counter takes it in.
    pub fn suits(&self, counter: &Counter, setup: &Setup) -> bool {
        let quickly = !counter.quick || self.minutes <= setup.quick_min;
        counter.groups.contains(&self.group) && quickly
    }
}

/// Who is next at a counter that called `run` priority tickets in a row before.
pub fn next<'l>(
    line: impl IntoIterator<Item = &'l InLine>,
    counter: &Counter,
    setup: &Setup,
    run: u32,
) -> Option<&'l InLine> {
    let (mut first, mut other): (Option<&InLine>, Option<&InLine>) = (None, None);
    for one in line {
        if one.suits(counter, setup) {
            let best = if one.priority { &mut first } else { &mut other };
            let earlier = best.is_none_or(|best| (one.since, one.id) < (best.since, best.id));
            if earlier {
                *best = Some(one);
            }
        }
    }
    match first {
        Some(_) if run < setup.priority_run => first,
        _ => other.or(first),
    }
}

/// How many priority tickets in a row a counter has called, after one more call.
pub fn run_after(run: u32, priority: bool) -> u32 {
    if priority { run + 1 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::super::tests::setup;
    use super::super::ticket::tests::OPENS;
    use super::*;
    use ProcedureGroup::{Certification, CivilStatus, Land};
    use proptest::prelude::*;
    use time::Duration;
    use uuid::Uuid;

    #[derive(Deserialize)]
    struct Case {
        name: String,
        counter: Counter,
        run: u32,
        line: Vec<InLine>,
        next: Option<TicketId>,
    }

    #[derive(Deserialize)]
    struct Vectors {
        priority_run: u32,
        quick_min: u32,
        cases: Vec<Case>,
    }

    #[test]
    fn the_vectors_that_the_app_runs_too() {
        let vectors: Vectors = serde_json::from_str(include_str!("../../data/next.json")).unwrap();
        let setup = Setup {
            priority_run: vectors.priority_run,
            quick_min: vectors.quick_min,
            ..setup()
        };
        for case in &vectors.cases {
            let found = next(&case.line, &case.counter, &setup, case.run).map(|one| one.id);
            assert_eq!(found, case.next, "{}", case.name);
        }
    }

    fn any_one(at: u128) -> impl Strategy<Value = InLine> {
        let groups = prop::sample::select(vec![CivilStatus, Certification, Land]);
        (groups, 0_i64..120, any::<bool>(), 1_u32..30).prop_map(
            move |(group, minute, priority, minutes)| InLine {
                id: TicketId(Uuid::from_u128(at)),
                group,
                since: OPENS + Duration::minutes(minute),
                priority,
                minutes,
            },
        )
    }

    fn any_line() -> impl Strategy<Value = Vec<InLine>> {
        (1_u128..30).prop_flat_map(|many| (0..many).map(any_one).collect::<Vec<_>>())
    }

    proptest! {
        /// The bound of the module's description, for each ticket at each counter that takes it
        /// in, while new priority tickets are taken before every call.
        #[test]
        fn nobody_waits_for_ever(line in any_line(), run in 0_u32..9, priority_run in 1_u32..4, at in any::<prop::sample::Index>()) {
            let setup = Setup { priority_run, ..setup() };
            let one = at.get(&line).clone();
            for counter in setup.counters.iter().filter(|counter| one.suits(counter, &setup)) {
                let before = |other: &&InLine| {
                    let earlier = (other.since, other.id) < (one.since, one.id);
                    earlier && other.priority == one.priority && other.suits(counter, &setup)
                };
                let ahead = u32::try_from(line.iter().filter(before).count()).unwrap();
                let bound = match one.priority {
                    true => 2 * (ahead + 1),
                    false => (ahead + 1) * (priority_run + 1),
                };
                let (mut line, mut run, mut calls) = (line.clone(), run, 0);
                loop {
                    // Somebody with priority comes every time, and somebody without.
                    for priority in [true, false] {
                        line.push(InLine {
                            id: TicketId(Uuid::from_u128(1000 + line.len() as u128 + u128::from(calls) * 99)),
                            group: counter.groups[0],
                            since: OPENS + Duration::minutes(200 + i64::from(calls)),
                            priority,
                            minutes: 1,
                        });
                    }
                    let first = next(&line, counter, &setup, run).unwrap().clone();
                    (run, calls) = (run_after(run, first.priority), calls + 1);
                    line.retain(|other| other.id != first.id);
                    if first.id == one.id {
                        break;
                    }
                    prop_assert!(calls < bound, "{calls} calls, bound {bound}");
                }
            }
        }

        /// Every ticket has a counter, counters call only what suits them, and none twice.
        #[test]
        fn counters_empty_the_line_between_them(line in any_line()) {
            let setup = setup();
            let (mut line, mut runs) = (line, [0_u32; 3]);
            let all = line.len();
            let mut called = std::collections::BTreeSet::new();
            while !line.is_empty() {
                let before = line.len();
                for (counter, run) in setup.counters.iter().zip(&mut runs) {
                    if let Some(first) = next(&line, counter, &setup, *run).cloned() {
                        prop_assert!(first.suits(counter, &setup));
                        *run = run_after(*run, first.priority);
                        line.retain(|other| other.id != first.id);
                        prop_assert!(called.insert(first.id));
                    }
                }
                prop_assert!(line.len() < before);
            }
            prop_assert_eq!(called.len(), all);
        }
    }
}
