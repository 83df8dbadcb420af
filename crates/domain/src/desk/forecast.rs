//! How long people will wait: the line played ahead by the same rules that call people, with
//! the time each is likely to take.

use super::line::{InLine, next, run_after};
use super::ticket::{Errand, Ticket, TicketStage};
use super::{Counter, Setup};
use crate::ids::TicketId;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use time::{Duration, OffsetDateTime};

/// A counter that called nobody for so long is not counted on.
const IDLE: Duration = Duration::minutes(45);
/// What was served within this tells today's pace, before what weeks have told.
pub const RECENT: Duration = Duration::hours(2);
/// Served as often as this, a procedure has a pace of its own.
const SERVED_MIN: usize = 5;
/// Waits played ahead to be shorter say nothing about how long waits stretch, in seconds.
const PLAYED_MIN_S: u32 = 120;
/// Nobody is expected to be gone in less time, in seconds.
const LEFT_MIN_S: u32 = 60;

/// The middle of how long things took at a desk, in seconds, by procedure or group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Paces(BTreeMap<String, u32>);

impl Paces {
    /// Out of what was served before.
    pub fn of<'e>(errands: impl Iterator<Item = &'e Errand>) -> Self {
        let mut served: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        for errand in errands.filter(|errand| errand.done) {
            let names = [Some(errand.group.as_str()), errand.procedure.as_deref()];
            for name in names.into_iter().flatten() {
                served
                    .entry(name.to_owned())
                    .or_default()
                    .push(errand.served_s);
            }
        }
        let often = served
            .into_iter()
            .filter(|(_, all)| all.len() >= SERVED_MIN);
        Self(
            often
                .map(|(name, mut all)| (name, super::times::percentile(&mut all, 50)))
                .collect(),
        )
    }

    /// These, but today's where enough was served within [`RECENT`].
    fn today<'t>(&self, tickets: impl Iterator<Item = &'t Ticket>, now: OffsetDateTime) -> Self {
        let recent = tickets.filter(|ticket| now - ticket.stage_at < RECENT);
        let mut all = self.clone();
        all.0
            .extend(Self::of(recent.flat_map(|one| &one.errands)).0);
        all
    }

    fn errand_s(&self, errand: &Errand, setup: &Setup) -> u32 {
        let procedure = errand.procedure.as_ref().and_then(|code| self.0.get(code));
        let known = procedure.copied().or_else(|| {
            let of_group = || self.0.get(errand.group.as_str()).copied();
            errand.procedure.is_none().then(of_group).flatten()
        });
        known.unwrap_or_else(|| setup.expected_min(errand.group, errand.procedure.as_deref()) * 60)
    }

    /// Seconds that what is left of a ticket is likely to take.
    pub fn left_s(&self, ticket: &Ticket, setup: &Setup) -> u32 {
        let left = ticket.errands.iter().filter(|errand| !errand.done);
        left.map(|errand| self.errand_s(errand, setup)).sum()
    }
}

/// What a ticket in line can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// How many are called before it, by counters that take it in.
    pub ahead: u32,
    /// Seconds until it is called, as things have gone lately.
    pub wait_s: u32,
    /// The same, as the line played ahead has it.
    pub played_s: u32,
}

/// The counters that called or served somebody lately.
pub fn open_counters<'s, 't>(
    tickets: impl Iterator<Item = &'t Ticket> + Clone,
    setup: &'s Setup,
    now: OffsetDateTime,
) -> Vec<&'s Counter> {
    let at_work = |counter: &&Counter| {
        let code = Some(counter.code.as_str());
        let here = |ticket: &Ticket| {
            let mut errands = ticket.errands.iter();
            errands.any(|one| one.counter.as_deref() == code) || ticket.counter.as_deref() == code
        };
        let mut tickets = tickets.clone();
        tickets.any(|ticket| here(ticket) && now - ticket.stage_at < IDLE)
    };
    setup.counters.iter().filter(at_work).collect()
}

/// How many thousandths of what was played ahead people have waited lately, of those who do not
/// go first. Who comes later and goes before them, who is not there, and the way from the bench
/// to the counter are in nobody's plan, but in every day.
fn stretch_permille<'t>(tickets: impl Iterator<Item = &'t Ticket>, now: OffsetDateTime) -> u64 {
    let (mut called, mut waited_s, mut played_s) = (0, 0, 0);
    for ticket in tickets.filter(|ticket| ticket.priority.is_none()) {
        let lately = ticket.called_at.filter(|at| now - *at < RECENT);
        let played = ticket.played_s.filter(|played_s| *played_s >= PLAYED_MIN_S);
        if let (Some(at), Some(played)) = (lately, played) {
            called += 1;
            waited_s += u64::try_from((at - ticket.arrived_at).whole_seconds()).unwrap_or(0);
            played_s += u64::from(played);
        }
    }
    match called >= SERVED_MIN {
        true => (waited_s * 1000 / played_s).clamp(500, 3000),
        false => 1000,
    }
}

/// What each ticket in line can be told, out of the day's tickets (those in play, and what was
/// served within [`RECENT`]); nothing about one that no counter at work takes in.
pub fn outlook<'t>(
    tickets: impl Iterator<Item = &'t Ticket> + Clone,
    setup: &Setup,
    paces: &Paces,
    runs: &BTreeMap<String, u32>,
    now: OffsetDateTime,
) -> HashMap<TicketId, Outlook> {
    let paces = paces.today(tickets.clone(), now);
    let stretch = stretch_permille(tickets.clone(), now);
    let mut line: Vec<(InLine, u32)> = tickets
        .clone()
        .filter_map(|ticket| Some((InLine::of(ticket, setup)?, paces.left_s(ticket, setup))))
        .collect();
    let free_s = |code: &str| {
        let busy = |ticket: &&Ticket| {
            let at_it = matches!(ticket.stage, TicketStage::Called | TicketStage::Serving);
            at_it && ticket.counter.as_deref() == Some(code)
        };
        let left = |ticket: &Ticket| {
            let passed = u32::try_from((now - ticket.stage_at).whole_seconds()).unwrap_or(0);
            let passed = if ticket.stage == TicketStage::Serving {
                passed
            } else {
                0
            };
            paces
                .left_s(ticket, setup)
                .saturating_sub(passed)
                .max(LEFT_MIN_S)
        };
        tickets.clone().find(busy).map_or(0, left)
    };
    let open = open_counters(tickets.clone(), setup, now);
    // Before the first call of a day nobody knows who will sit where: all are counted on.
    let open = if open.is_empty() {
        setup.counters.iter().collect()
    } else {
        open
    };
    let mut stations: Vec<_> = open
        .into_iter()
        .map(|counter| {
            let run = runs.get(&counter.code).copied().unwrap_or(0);
            (free_s(&counter.code), run, counter)
        })
        .collect();
    let mut found = HashMap::new();
    let mut called: Vec<InLine> = Vec::new();
    while let Some(at) = (0..stations.len()).min_by_key(|at| stations[*at].0) {
        let (free_s, run, counter) = &mut stations[at];
        let first = next(line.iter().map(|(one, _)| one), counter, setup, *run);
        let Some(place) =
            first.and_then(|first| line.iter().position(|(one, _)| one.id == first.id))
        else {
            stations.swap_remove(at);
            continue;
        };
        let (one, takes_s) = line.swap_remove(place);
        let serves_both = |other: &&InLine| {
            let takes =
                |counter: &&Counter| one.suits(counter, setup) && other.suits(counter, setup);
            setup.counters.iter().any(|counter| takes(&counter))
        };
        let ahead = called.iter().filter(serves_both).count();
        let stretch = if one.priority { 1000 } else { stretch };
        let told = Outlook {
            ahead: u32::try_from(ahead).unwrap_or(u32::MAX),
            wait_s: u32::try_from(u64::from(*free_s) * stretch / 1000).unwrap_or(u32::MAX),
            played_s: *free_s,
        };
        *free_s += takes_s.max(LEFT_MIN_S);
        *run = run_after(*run, one.priority);
        found.insert(one.id, told);
        called.push(one);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::tests::setup;
    use super::super::ticket::tests::{OPENS, taken};
    use super::super::ticket::{Deed, TicketAct};
    use super::*;
    use crate::procedures::ProcedureGroup::{Certification, CivilStatus, Land};

    fn told(tickets: &[Ticket], minute: i64) -> Vec<Option<(u32, u32)>> {
        let now = OPENS + Duration::minutes(minute);
        let found = outlook(
            tickets.iter(),
            &setup(),
            &Paces::default(),
            &BTreeMap::new(),
            now,
        );
        let of = |ticket: &Ticket| {
            found
                .get(&ticket.id)
                .map(|told| (told.ahead, told.wait_s / 60))
        };
        tickets.iter().map(of).collect()
    }

    fn at_counter(ticket: &Ticket, counter: &str, minute: i64) -> Ticket {
        let at = OPENS + Duration::minutes(minute);
        let call = Deed {
            counter: Some(counter.to_owned()),
            ..Deed::of(TicketAct::Call, at)
        };
        let called = ticket.after(&call).unwrap();
        called.after(&Deed::of(TicketAct::Start, at)).unwrap()
    }

    #[test]
    fn before_the_first_call_all_counters_are_counted_on() {
        let line = [
            taken(1, &[CivilStatus], 0),
            taken(2, &[CivilStatus], 1),
            taken(3, &[Land], 2),
        ];
        assert_eq!(told(&line, 3), [Some((0, 0)), Some((1, 12)), Some((0, 0))]);
    }

    #[test]
    fn a_busy_counter_is_free_when_what_is_left_is_done_and_an_idle_one_is_not_counted_on() {
        let serving = at_counter(&taken(1, &[CivilStatus], 0), "1", 5);
        let line = [
            serving,
            taken(2, &[Certification], 6),
            taken(3, &[CivilStatus], 7),
            taken(4, &[Land], 8),
        ];
        // Counter 1 has 12 - 3 minutes to go, then 5 for the second; nobody works at land.
        assert_eq!(told(&line, 8), [None, Some((0, 9)), Some((1, 14)), None]);
    }

    #[test]
    fn what_was_served_often_has_a_pace_of_its_own() {
        let errand = |served_s| Errand {
            served_s,
            done: true,
            ..Errand::new(CivilStatus, None)
        };
        let served: Vec<Errand> = [100, 200, 300, 400, 4000].map(errand).to_vec();
        let few = Paces::of(served[..4].iter());
        let often = Paces::of(served.iter());
        let ticket = taken(1, &[CivilStatus, Land], 0);
        assert_eq!(few.left_s(&ticket, &setup()), (12 + 20) * 60);
        assert_eq!(often.left_s(&ticket, &setup()), 300 + 20 * 60);
    }

    #[test]
    fn what_people_waited_lately_stretches_what_ordinary_people_are_told() {
        let called = |minute: i64| Ticket {
            played_s: Some(300),
            ..at_counter(&taken(9, &[CivilStatus], minute), "1", minute + 10)
        };
        let mut day: Vec<Ticket> = (0..5).map(called).collect();
        let first = TicketId(uuid::Uuid::from_u128(3));
        day.push(Ticket {
            id: first,
            ..taken(1, &[CivilStatus], 14)
        });
        // Eight minutes are left at the counter; it took twice as long as played ahead.
        assert_eq!(told(&day, 14)[5], Some((0, 16)));
        day[5].priority = Some(super::super::PriorityClass::Elderly);
        assert_eq!(told(&day, 14)[5], Some((0, 8)));
        day[5].priority = None;
        day[0].played_s = None;
        assert_eq!(told(&day, 14)[5], Some((0, 8)));
    }

    #[test]
    fn a_day_that_goes_faster_than_expected_tells_shorter_waits() {
        let served = |minute: i64| {
            let at = OPENS + Duration::minutes(minute + 2);
            let serving = at_counter(&taken(1, &[CivilStatus], minute), "1", minute);
            let done = serving.after(&Deed::of(TicketAct::Finish, at));
            done.unwrap()
        };
        let mut day: Vec<Ticket> = (0..5).map(|nth| served(nth * 3)).collect();
        day.extend([16, 17].map(|minute| taken(2, &[CivilStatus], minute)));
        day[6].id = TicketId(uuid::Uuid::from_u128(3));
        assert_eq!(told(&day, 17)[6], Some((1, 2)));
        // What was long ago says nothing about now.
        day[5..].iter_mut().for_each(|one| one.stage_at += RECENT);
        assert_eq!(told(&day, 140)[6], Some((1, 12)));
    }
}
