//! Where a ticket stands in line, as its holder is told.

use super::words::{Said, filled};
use crate::features::desk::Queue;
use domain::desk::Setup;
use domain::desk::forecast::Outlook;
use domain::desk::line::InLine;
use domain::desk::ticket::Ticket;
use domain::procedures::ProcedureGroup;
use time::OffsetDateTime;

/// How long until somebody is called.
#[derive(Clone, Debug)]
pub struct Place {
    /// People in line before them.
    pub ahead: usize,
    /// Minutes to wait, if that can be said.
    pub wait_min: Option<u32>,
    /// Codes of the counters that may call them.
    pub counters: Vec<String>,
}

impl Place {
    /// The place of a ticket in today's queue.
    pub fn of(queue: &Queue, ticket: &Ticket, now: OffsetDateTime) -> Self {
        let setup = &queue.desk.setup;
        let group = ticket.errand().group;
        let mine = InLine::of(ticket, setup);
        let before = |one: &InLine| {
            mine.as_ref().is_some_and(|mine| {
                let place = |one: &InLine| (!one.priority, one.since, one.id);
                place(one) < place(mine) && shares(setup, one.group, group)
            })
        };
        let told = queue.outlook(now).remove(&ticket.id);
        Self {
            wait_min: wait_min(told),
            // Where no counter at work takes it in, only the order in line is known.
            ahead: told.map_or_else(
                || line(queue).filter(before).count(),
                |told| told.ahead as usize,
            ),
            counters: takers(setup, group).map(str::to_owned).collect(),
        }
    }

    /// `Trước bà con còn 3 người. Đợi khoảng 15 phút`.
    pub fn said(&self, words: &Said) -> String {
        let ahead = if self.ahead == 0 {
            words.next.clone()
        } else {
            filled(&words.ahead, "n", self.ahead)
        };
        match self.wait_min {
            Some(minutes) => format!("{ahead}. {}", filled(&words.wait, "n", minutes)),
            None => ahead,
        }
    }

    /// `Quầy 1, Quầy 2`.
    pub fn counters_said(&self, words: &Said) -> String {
        let named = self.counters.iter();
        let named: Vec<String> = named
            .map(|code| filled(&words.counter, "counter", code))
            .collect();
        named.join(", ")
    }
}

/// Minutes to wait, where there is something to wait for.
pub fn wait_min(told: Option<Outlook>) -> Option<u32> {
    let minutes = told.map(|told| told.wait_s.div_ceil(60));
    minutes.filter(|minutes| *minutes > 0)
}

fn line(queue: &Queue) -> impl Iterator<Item = InLine> {
    let tickets = queue.tickets.values();
    tickets.filter_map(|ticket| InLine::of(ticket, &queue.desk.setup))
}

/// Counters that take a group in, whatever it takes.
pub fn takers(setup: &Setup, group: ProcedureGroup) -> impl Iterator<Item = &str> {
    let usual = setup.counters.iter().filter(|counter| !counter.quick);
    let suits = usual.filter(move |counter| counter.groups.contains(&group));
    suits.map(|counter| counter.code.as_str())
}

fn shares(setup: &Setup, one: ProcedureGroup, other: ProcedureGroup) -> bool {
    takers(setup, one).any(|code| takers(setup, other).any(|same| same == code))
}
