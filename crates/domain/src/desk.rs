//! A point's desk: how it is set up, what tickets go through ([`ticket`]), who is next
//! ([`line`]), how long people will wait ([`forecast`]) and did wait ([`times`]), who could go
//! from a quiet point to a crowded one ([`moving`]), and what a desk says later that had no
//! network ([`offline`]).

pub mod forecast;
pub mod line;
pub mod moving;
pub mod offline;
pub mod ticket;
pub mod times;

use self::ticket::{Errand, Ticket};
use crate::procedures::{ProcedureGroup, Procedures};
use crate::refusal::Refusal;
use crate::vocabulary::vocabulary;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use time::Date;

/// Counters of one desk, at most.
pub const COUNTERS_MAX: usize = 40;
/// Things one ticket is for, at most.
pub const ERRANDS_MAX: usize = 8;
/// Letters of a ticket's secret code.
pub const TICKET_CODE_LETTERS: usize = 10;
/// Letters of a point's public code.
pub const POINT_CODE_LETTERS: usize = 6;

vocabulary! {
    /// Who goes before others. Said by people themselves or seen by whoever helps them; never
    /// more than the class is kept.
    PriorityClass {
        /// 60 and over.
        Elderly = "elderly",
        /// With a disability.
        Disability = "disability",
        /// With a small child.
        WithChild = "with_child",
        /// Pregnant.
        Pregnant = "pregnant",
        /// From afar: another day would cost them much.
        FromAfar = "from_afar",
        /// With merits to the revolution.
        Merit = "merit",
    }
}

vocabulary! {
    /// Languages of a desk's screens and paper.
    Language {
        /// Vietnamese.
        Vi = "vi",
        /// English.
        En = "en",
        /// Khmer.
        Km = "km",
    }
}

vocabulary! {
    /// Where a ticket was taken.
    TicketSource {
        /// At a kiosk.
        Kiosk = "kiosk",
        /// On a volunteer's phone.
        Volunteer = "volunteer",
        /// On the resident's own phone.
        Phone = "phone",
        /// At the counter itself.
        Counter = "counter",
    }
}

vocabulary! {
    /// Devices of a desk that nobody is signed in at.
    DeskDeviceKind {
        /// Gives tickets.
        Kiosk = "kiosk",
        /// Shows who is called.
        Board = "board",
    }
}

/// A counter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Counter {
    /// What it is called by, `3`; 1 to 8 letters or digits.
    pub code: String,
    /// What stands above it; empty for none.
    pub name: String,
    /// What it takes in.
    pub groups: Vec<ProcedureGroup>,
    /// Whether it takes only what is soon done.
    pub quick: bool,
}

/// A group of procedures that a desk takes in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OfferedGroup {
    /// Which.
    pub group: ProcedureGroup,
    /// What its tickets' numbers begin with, `A` to `Z`.
    pub letter: char,
    /// Minutes at the counter where a ticket names no procedure, 1 to 120.
    pub expected_min: u32,
}

/// One thing a ticket is wanted for: a procedure, or a group when that is all that is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Wanted {
    /// Left out when a procedure is named.
    pub group: Option<ProcedureGroup>,
    /// Code of a procedure in force.
    pub procedure: Option<String>,
}

/// What a ticket taken on a day is for; which of it a desk takes in is not looked at.
///
/// # Errors
/// `request.validation` with the field.
pub fn errands(wanted: &[Wanted], on: Date) -> Result<Vec<Errand>, Refusal> {
    let wrong = |field: &str| Refusal::new("request.validation").with("field", field);
    if !(1..=ERRANDS_MAX).contains(&wanted.len()) {
        return Err(wrong("wanted"));
    }
    let errand = |one: &Wanted| {
        let procedure = match &one.procedure {
            Some(code) => {
                let known = Procedures::bundled().find(code);
                let known = known.filter(|known| known.in_force(on));
                Some(known.ok_or_else(|| wrong("procedure"))?)
            }
            None => None,
        };
        let group = procedure.map(|known| known.group).or(one.group);
        let group = group.ok_or_else(|| wrong("group"))?;
        Ok(Errand::new(group, one.procedure.clone()))
    };
    wanted.iter().map(errand).collect()
}

/// How a desk is set up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Setup {
    /// Its counters, 1 to [`COUNTERS_MAX`].
    pub counters: Vec<Counter>,
    /// What it takes in, in the order in which it is shown.
    pub groups: Vec<OfferedGroup>,
    /// Who goes before others here.
    pub priority: Vec<PriorityClass>,
    /// After so many of these in a row a counter calls the one who waited longest of all
    /// others, 1 to 9.
    pub priority_run: u32,
    /// A quick counter takes tickets that are expected to take so many minutes at most, 1 to 60.
    pub quick_min: u32,
    /// A ticket is called so many times before it counts as not there, 1 to 5.
    pub calls: u32,
    /// Languages offered, Vietnamese always.
    pub languages: Vec<Language>,
    /// Whether the board speaks.
    pub voice: bool,
}

impl Setup {
    /// The counter with this code.
    pub fn counter(&self, code: &str) -> Option<&Counter> {
        self.counters.iter().find(|counter| counter.code == code)
    }

    /// How a group is offered, if it is.
    pub fn offered(&self, group: ProcedureGroup) -> Option<&OfferedGroup> {
        self.groups.iter().find(|offered| offered.group == group)
    }

    /// Minutes that an errand is expected to take at a counter.
    pub fn expected_min(&self, group: ProcedureGroup, procedure: Option<&str>) -> u32 {
        let procedure = procedure.and_then(|code| Procedures::bundled().find(code));
        let offered = || self.offered(group).map(|offered| offered.expected_min);
        procedure
            .map(|procedure| procedure.expected_min)
            .or_else(offered)
            .unwrap_or(10)
    }

    /// Which group a ticket waits for once what it is served for is done: none when that was
    /// all, or when the counter it is at takes the next in, too.
    pub fn onward(&self, ticket: &Ticket) -> Option<ProcedureGroup> {
        let next = ticket.next_errand()?.group;
        let here = ticket
            .counter
            .as_deref()
            .and_then(|code| self.counter(code));
        let stays = here.is_some_and(|counter| counter.groups.contains(&next));
        (!stays).then_some(next)
    }

    /// Checks limits, and that nobody could take a ticket which no counter ever calls: each
    /// group has a counter that is not quick.
    ///
    /// # Errors
    /// `request.validation` with the field.
    pub fn check(&self) -> Result<(), Refusal> {
        let wrong = |field: &str| Err(Refusal::new("request.validation").with("field", field));
        let offered: BTreeSet<_> = self.groups.iter().map(|one| one.group).collect();
        let letters: BTreeSet<_> = self.groups.iter().map(|one| one.letter).collect();
        let sound = |one: &OfferedGroup| {
            one.letter.is_ascii_uppercase() && (1..=120).contains(&one.expected_min)
        };
        let once = offered.len() == self.groups.len() && letters.len() == self.groups.len();
        if self.groups.is_empty() || !once || !self.groups.iter().all(sound) {
            return wrong("groups");
        }
        let codes: BTreeSet<_> = self.counters.iter().map(|counter| &counter.code).collect();
        let sound = |counter: &Counter| {
            let code = &counter.code;
            (1..=8).contains(&code.len())
                && code.bytes().all(|byte| byte.is_ascii_alphanumeric())
                && counter.name.chars().count() <= 60
                && !counter.groups.is_empty()
                && counter.groups.iter().all(|group| offered.contains(group))
        };
        let count = self.counters.len();
        let fits = (1..=COUNTERS_MAX).contains(&count) && codes.len() == count;
        let taken = |group| {
            let usual = |counter: &Counter| !counter.quick && counter.groups.contains(group);
            self.counters.iter().any(usual)
        };
        if !fits || !self.counters.iter().all(sound) || !offered.iter().all(taken) {
            return wrong("counters");
        }
        for (field, value, max) in [
            ("priority_run", self.priority_run, 9),
            ("quick_min", self.quick_min, 60),
            ("calls", self.calls, 5),
        ] {
            if !(1..=max).contains(&value) {
                return wrong(field);
            }
        }
        let languages: BTreeSet<_> = self.languages.iter().collect();
        if languages.len() != self.languages.len() || !languages.contains(&Language::Vi) {
            return wrong("languages");
        }
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use ProcedureGroup::{Certification, CivilStatus, Land};

    pub(crate) fn setup() -> Setup {
        let counter = |code: &str, groups: &[ProcedureGroup], quick| Counter {
            code: code.to_owned(),
            name: String::new(),
            groups: groups.to_vec(),
            quick,
        };
        let offered = |group, letter, expected_min| OfferedGroup {
            group,
            letter,
            expected_min,
        };
        Setup {
            counters: vec![
                counter("1", &[CivilStatus, Certification], false),
                counter("2", &[Certification, Land], false),
                counter("3", &[Certification], true),
            ],
            groups: vec![
                offered(CivilStatus, 'A', 12),
                offered(Certification, 'B', 5),
                offered(Land, 'D', 20),
            ],
            priority: PriorityClass::ALL.to_vec(),
            priority_run: 2,
            quick_min: 6,
            calls: 3,
            languages: vec![Language::Vi, Language::Km],
            voice: true,
        }
    }

    #[test]
    fn a_desk_that_could_leave_somebody_waiting_for_ever_is_refused() {
        setup().check().unwrap();
        type Change = fn(&mut Setup);
        let wrong: [(&str, Change); 9] = [
            ("counters", |setup| setup.counters.clear()),
            ("counters", |setup| setup.counters[1].code = "1".to_owned()),
            ("counters", |setup| {
                setup.counters[1].code = "1 b".to_owned()
            }),
            // Land has no counter left, then only a quick one.
            ("counters", |setup| setup.counters.truncate(1)),
            ("counters", |setup| setup.counters[1].quick = true),
            ("groups", |setup| setup.groups[1].letter = 'A'),
            ("groups", |setup| setup.groups[1].group = CivilStatus),
            ("priority_run", |setup| setup.priority_run = 0),
            ("languages", |setup| {
                setup.languages.retain(|one| *one != Language::Vi)
            }),
        ];
        for (field, change) in wrong {
            let mut setup = setup();
            change(&mut setup);
            let refusal = setup.check().unwrap_err();
            assert_eq!(refusal.facts["field"], field, "{setup:?}");
        }
    }
}
