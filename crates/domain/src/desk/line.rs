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
