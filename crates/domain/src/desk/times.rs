//! How long people waited and were served: counts, middles and ninetieths; nobody is named.
//! What that saves against the regulations is [`crate::thursday`]'s to say.

use super::ticket::{Errand, Ticket, TicketStage};
use crate::days::VIETNAM;
use crate::procedures::Procedures;
use serde::Serialize;
use std::collections::BTreeMap;
use time::{OffsetDateTime, Weekday};

/// A forecast is right when it is off by no more, in seconds.
const RIGHT_S: u32 = 5 * 60;

/// The value below which so many percent lie, by nearest rank; 0 of nothing.
pub fn percentile(values: &mut [u32], percent: usize) -> u32 {
    values.sort_unstable();
    let rank = (values.len() * percent).div_ceil(100).max(1);
    values.get(rank - 1).copied().unwrap_or(0)
}

/// How long something took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Spread {
    /// How often it was measured.
    pub n: usize,
    /// The middle, in seconds.
    pub median_s: u32,
    /// Nine of ten took no longer, in seconds.
    pub p90_s: u32,
}

impl Spread {
    /// Of what was measured.
    pub fn of(mut all: Vec<u32>) -> Self {
        Self {
            n: all.len(),
            median_s: percentile(&mut all, 50),
            p90_s: percentile(&mut all, 90),
        }
    }
}

/// One line of a report on times.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TimesLine {
    /// An hour `7`, a weekday `1` (Monday) to `7`, the code of a procedure or of a group where
    /// no procedure was named; empty for all.
    pub key: String,
    /// From the taking of a ticket to its first call.
    pub waited: Spread,
    /// At a counter, for one errand.
    pub served: Spread,
    /// From the taking of a ticket to the result.
    pub whole: Spread,
}

/// How right forecasts were.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ForecastCheck {
    /// Tickets that were told a wait and called.
    pub n: usize,
    /// Of these, off by five minutes at most, in thousandths.
    pub right_permille: Option<usize>,
    /// How far off, the middle one, in seconds.
    pub median_error_s: u32,
}

/// A report on times.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Times {
    /// Tickets taken.
    pub taken: usize,
    /// Of these, served to the end.
    pub done: usize,
    /// Of these, called in vain.
    pub no_show: usize,
    /// Of these, gone before they were served.
    pub left: usize,
    /// All of them.
    pub all: TimesLine,
    /// By the hour of day in which tickets were taken.
    pub hours: Vec<TimesLine>,
    /// By weekday.
    pub weekdays: Vec<TimesLine>,
    /// By procedure.
    pub procedures: Vec<TimesLine>,
    /// How right the waits were that people were told.
    pub forecast: ForecastCheck,
}

#[derive(Default)]
struct Measured {
    waited: Vec<u32>,
    served: Vec<u32>,
    whole: Vec<u32>,
}

impl Measured {
    fn add(&mut self, ticket: &Ticket, of: impl Fn(&Errand) -> bool) {
        self.waited.extend(first_wait_s(ticket));
        for errand in ticket.errands.iter().filter(|one| one.done && of(one)) {
            self.served.push(errand.served_s);
        }
        self.whole.extend(result_s(ticket));
    }

    fn line(self, key: String) -> TimesLine {
        TimesLine {
            key,
            waited: Spread::of(self.waited),
            served: Spread::of(self.served),
            whole: Spread::of(self.whole),
        }
    }
}

fn seconds(from: OffsetDateTime, to: OffsetDateTime) -> u32 {
    u32::try_from((to - from).whole_seconds()).unwrap_or(0)
}

fn first_wait_s(ticket: &Ticket) -> Option<u32> {
    Some(seconds(ticket.arrived_at, ticket.called_at?))
}

/// From the taking to the result in hand; to the end at the counter where nobody said when it
/// was handed over but it can be had at once.
fn result_s(ticket: &Ticket) -> Option<u32> {
    let at_once = |errand: &Errand| {
        let procedure = errand.procedure.as_deref();
        procedure
            .and_then(|code| Procedures::bundled().find(code))
            .is_some_and(|known| known.same_day)
    };
    let finished = ticket
        .finished_at
        .filter(|_| ticket.errands.iter().all(at_once));
    Some(seconds(ticket.arrived_at, ticket.returned_at.or(finished)?))
}

impl Times {
    /// Of tickets, whatever became of them.
    pub fn of(tickets: &[Ticket]) -> Self {
        let mut all = Measured::default();
        let mut hours: BTreeMap<u8, Measured> = BTreeMap::new();
        let mut weekdays: BTreeMap<u8, Measured> = BTreeMap::new();
        let mut procedures: BTreeMap<String, Measured> = BTreeMap::new();
        let mut errors = Vec::new();
        for ticket in tickets {
            let at = ticket.arrived_at.to_offset(VIETNAM);
            all.add(ticket, |_| true);
            hours.entry(at.hour()).or_default().add(ticket, |_| true);
            let weekday = Weekday::number_from_monday(at.weekday());
            weekdays.entry(weekday).or_default().add(ticket, |_| true);
            let mut keys: Vec<&str> = ticket.errands.iter().map(key_of).collect();
            keys.sort_unstable();
            keys.dedup();
            for key in keys {
                let of = procedures.entry(key.to_owned()).or_default();
                of.add(ticket, |errand| key_of(errand) == key);
            }
            if let (Some(told_s), Some(was_s)) = (ticket.forecast_s, first_wait_s(ticket)) {
                errors.push(told_s.abs_diff(was_s));
            }
        }
        let n = errors.len();
        let right = errors.iter().filter(|error| **error <= RIGHT_S).count();
        let count = |stage| {
            tickets
                .iter()
                .filter(|ticket| ticket.stage == stage)
                .count()
        };
        let numbered = |all: BTreeMap<u8, Measured>| {
            let lines = all.into_iter();
            lines.map(|(key, of)| of.line(key.to_string())).collect()
        };
        Self {
            taken: tickets.len(),
            done: count(TicketStage::Done),
            no_show: count(TicketStage::NoShow),
            left: count(TicketStage::Left),
            all: all.line(String::new()),
            hours: numbered(hours),
            weekdays: numbered(weekdays),
            procedures: procedures
                .into_iter()
                .map(|(key, of)| of.line(key))
                .collect(),
            forecast: ForecastCheck {
                n,
                right_permille: (n > 0).then(|| right * 1000 / n.max(1)),
                median_error_s: percentile(&mut errors, 50),
            },
        }
    }
}

fn key_of(errand: &Errand) -> &str {
    let group = errand.group.as_str();
    errand.procedure.as_deref().unwrap_or(group)
}

/// One hour of a counter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct CounterHour {
    /// The counter's code.
    pub counter: String,
    /// Of the day.
    pub hour: u8,
    /// Errands finished of tickets that it began with in this hour.
    pub served: usize,
    /// Seconds it took for them.
    pub busy_s: u32,
}

/// How many were in line at the end of an hour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Backlog {
    /// Of the day.
    pub hour: u8,
    /// Tickets taken in it.
    pub taken: usize,
    /// Not yet called at its end, nor gone.
    pub waiting: usize,
}

/// What a desk had to do on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Load {
    /// By counter and hour.
    pub counters: Vec<CounterHour>,
    /// By hour.
    pub hours: Vec<Backlog>,
    /// In line now.
    pub waiting: usize,
    /// Seconds that the one waits who waits longest now.
    pub longest_s: u32,
}

impl Load {
    /// Of a day's tickets.
    pub fn of(tickets: &[Ticket], now: OffsetDateTime) -> Self {
        let hour = |at: OffsetDateTime| at.to_offset(VIETNAM).hour();
        let mut counters: BTreeMap<(String, u8), (usize, u32)> = BTreeMap::new();
        for ticket in tickets {
            for errand in &ticket.errands {
                if let (Some(counter), Some(at)) = (&errand.counter, ticket.started_at) {
                    let of = counters.entry((counter.clone(), hour(at))).or_default();
                    *of = (of.0 + usize::from(errand.done), of.1 + errand.served_s);
                }
            }
        }
        let gone = |ticket: &Ticket| match ticket.stage {
            TicketStage::Left if ticket.called_at.is_none() => Some(ticket.stage_at),
            _ => ticket.called_at,
        };
        let hours: std::collections::BTreeSet<u8> = tickets
            .iter()
            .map(|ticket| hour(ticket.arrived_at))
            .collect();
        let backlog = |of: u8| Backlog {
            hour: of,
            taken: tickets
                .iter()
                .filter(|one| hour(one.arrived_at) == of)
                .count(),
            waiting: tickets
                .iter()
                .filter(|one| hour(one.arrived_at) <= of)
                .filter(|one| gone(one).is_none_or(|at| hour(at) > of))
                .count(),
        };
        let waiting = || {
            tickets
                .iter()
                .filter(|one| one.stage == TicketStage::Waiting)
        };
        Self {
            counters: counters
                .into_iter()
                .map(|((counter, hour), (served, busy_s))| CounterHour {
                    counter,
                    hour,
                    served,
                    busy_s,
                })
                .collect(),
            hours: hours.into_iter().map(backlog).collect(),
            waiting: waiting().count(),
            longest_s: waiting()
                .map(|one| seconds(one.since, now))
                .max()
                .unwrap_or(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::ticket::tests::{OPENS, taken};
    use super::super::ticket::{Deed, TicketAct as A};
    use super::*;
    use crate::procedures::ProcedureGroup::CivilStatus;
    use time::Duration;

    /// Certified copies: within the working day by the regulations.
    fn served(n: u32, called: i64, end: i64) -> Ticket {
        let mut ticket = taken(n, &[CivilStatus], 0);
        ticket.errands[0].procedure = Some("2.000815".to_owned());
        ticket.forecast_s = Some(600);
        let deed = |act, minute| Deed {
            counter: Some("1".to_owned()),
            ..Deed::of(act, OPENS + Duration::minutes(minute))
        };
        let deeds = [(A::Call, called), (A::Start, called), (A::Finish, end)];
        deeds.into_iter().fold(ticket, |ticket, (act, minute)| {
            ticket.after(&deed(act, minute)).unwrap()
        })
    }

    #[test]
    fn middles_and_ninetieths_go_by_nearest_rank() {
        assert_eq!(percentile(&mut [], 50), 0);
        assert_eq!(percentile(&mut [5], 90), 5);
        let mut ten = [10, 1, 9, 2, 8, 3, 7, 4, 6, 5];
        assert_eq!((percentile(&mut ten, 50), percentile(&mut ten, 90)), (5, 9));
    }

    #[test]
    fn a_report_says_how_long_people_waited() {
        let waiting = taken(9, &[CivilStatus], 3);
        let tickets = [
            served(1, 4, 10),
            served(2, 12, 24),
            served(3, 30, 48),
            waiting,
        ];
        let times = Times::of(&tickets);
        assert_eq!((times.taken, times.done), (4, 3));
        assert_eq!(
            times.all.waited,
            Spread {
                n: 3,
                median_s: 720,
                p90_s: 1800
            }
        );
        assert_eq!(
            times.all.served,
            Spread {
                n: 3,
                median_s: 720,
                p90_s: 1080
            }
        );
        let key = |line: &TimesLine| line.key.clone();
        assert_eq!(times.weekdays.iter().map(key).collect::<Vec<_>>(), ["1"]);
        assert_eq!(
            times.procedures.iter().map(key).collect::<Vec<_>>(),
            ["2.000815", "civil_status"]
        );
        // Told ten minutes: off by 6, 2 and 20.
        assert_eq!(
            times.forecast,
            ForecastCheck {
                n: 3,
                right_permille: Some(333),
                median_error_s: 360
            }
        );
    }

    #[test]
    fn load_goes_by_the_hour() {
        let done = served(1, 4, 10);
        let load = Load::of(
            &[done, taken(2, &[CivilStatus], 3)],
            OPENS + Duration::minutes(40),
        );
        assert_eq!(
            load.counters,
            [CounterHour {
                counter: "1".to_owned(),
                hour: 7,
                served: 1,
                busy_s: 360
            }]
        );
        assert_eq!(
            load.hours,
            [Backlog {
                hour: 7,
                taken: 2,
                waiting: 1
            }]
        );
        assert_eq!((load.waiting, load.longest_s), (1, 37 * 60));
    }
}
