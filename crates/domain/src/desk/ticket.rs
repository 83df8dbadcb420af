//! A ticket: what it is for, and everything it goes through, as a pure function of its steps.
//! It says nobody's name, number or age.

use super::{Language, PriorityClass, Setup, TicketSource};
use crate::days::day_of;
use crate::ids::{PointId, TicketId};
use crate::procedures::ProcedureGroup;
use crate::refusal::Refusal;
use crate::vocabulary::vocabulary;
use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};

vocabulary! {
    /// How far a ticket has come.
    TicketStage {
        /// In line.
        Waiting = "waiting",
        /// Called to a counter.
        Called = "called",
        /// At the counter.
        Serving = "serving",
        /// Sent to fetch something; the counter goes on with others.
        Held = "held",
        /// All it was for is done.
        Done = "done",
        /// Was called and did not come.
        NoShow = "no_show",
        /// Went away.
        Left = "left",
    }
}

vocabulary! {
    /// What is done about a ticket.
    TicketAct {
        /// It is taken.
        Take = "take",
        /// It is called to a counter.
        Call = "call",
        /// It is called once more.
        Recall = "recall",
        /// Its holder has come to the counter.
        Start = "start",
        /// Its holder is to fetch something.
        Hold = "hold",
        /// Its holder is back at a counter.
        Resume = "resume",
        /// It goes back in line, for another group.
        Transfer = "transfer",
        /// It was called and nobody came.
        NoShow = "no_show",
        /// Its holder came after all.
        Return = "return",
        /// What it is at the counter for is done.
        Finish = "finish",
        /// Its holder goes away.
        Leave = "leave",
        /// The result is in its holder's hands.
        Deliver = "deliver",
    }
}

/// One thing a ticket is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Errand {
    /// Which group takes it in; another after a transfer.
    pub group: ProcedureGroup,
    /// Code of the procedure, when it is known.
    pub procedure: Option<String>,
    /// The counter that served it last.
    #[serde(default)]
    pub counter: Option<String>,
    /// Seconds at a counter, without those on hold.
    #[serde(default)]
    pub served_s: u32,
    /// Whether it is done.
    #[serde(default)]
    pub done: bool,
}

impl Errand {
    /// One that nobody has begun with.
    pub fn new(group: ProcedureGroup, procedure: Option<String>) -> Self {
        Self {
            group,
            procedure,
            counter: None,
            served_s: 0,
            done: false,
        }
    }
}

/// A ticket as its steps leave it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Of the step that took it.
    pub id: TicketId,
    /// Where.
    pub point: PointId,
    /// The civil day.
    pub day: Date,
    /// What it is called by: `A012`, `A-N03`.
    pub number: String,
    /// Opens its page: ten letters that nobody guesses.
    pub code: String,
    /// What it is for, in order; never empty.
    pub errands: Vec<Errand>,
    /// Why it goes before others.
    pub priority: Option<PriorityClass>,
    /// The holder's language.
    pub language: Language,
    /// Where it was taken.
    pub source: TicketSource,
    /// How far it has come.
    pub stage: TicketStage,
    /// The counter it is at.
    pub counter: Option<String>,
    /// Times it was called since it was last in line.
    pub calls: u32,
    /// Its place in line goes by this: when it was taken, or came back after not being there.
    #[serde(with = "time::serde::timestamp::milliseconds")]
    pub since: OffsetDateTime,
    /// When its stage began, or what it is served for now.
    #[serde(with = "time::serde::timestamp::milliseconds")]
    pub stage_at: OffsetDateTime,
    /// Seconds in line.
    pub waited_s: u32,
    /// When it was taken.
    #[serde(with = "time::serde::timestamp::milliseconds")]
    pub arrived_at: OffsetDateTime,
    /// When it was first called.
    #[serde(with = "time::serde::timestamp::milliseconds::option")]
    pub called_at: Option<OffsetDateTime>,
    /// When it was first at a counter.
    #[serde(with = "time::serde::timestamp::milliseconds::option")]
    pub started_at: Option<OffsetDateTime>,
    /// When all was done.
    #[serde(with = "time::serde::timestamp::milliseconds::option")]
    pub finished_at: Option<OffsetDateTime>,
    /// When the result was in its holder's hands.
    #[serde(with = "time::serde::timestamp::milliseconds::option")]
    pub returned_at: Option<OffsetDateTime>,
    /// The wait it was told when it was taken, in seconds.
    pub forecast_s: Option<u32>,
    /// The wait that the line played ahead had then, in seconds, before it was stretched as
    /// waits had been lately.
    pub played_s: Option<u32>,
    /// The desk's count of changes after its last one.
    pub rev: i64,
}

/// What a ticket is taken with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Of the step that takes it.
    pub id: TicketId,
    /// Where.
    pub point: PointId,
    /// What it is called by.
    pub number: String,
    /// Its secret code.
    pub code: String,
    /// What it is for; never empty.
    pub errands: Vec<Errand>,
    /// Why it goes before others.
    pub priority: Option<PriorityClass>,
    /// The holder's language.
    pub language: Language,
    /// Where it is taken.
    pub source: TicketSource,
}

/// Something done about a ticket that there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    /// What.
    pub act: TicketAct,
    /// At which counter, for a call and a return from hold.
    pub counter: Option<String>,
    /// Which group it waits for then: after a transfer, and after one errand of several when
    /// the next is another counter's.
    pub group: Option<ProcedureGroup>,
    /// When.
    pub at: OffsetDateTime,
}

impl Deed {
    /// One that names nothing else.
    pub fn of(act: TicketAct, at: OffsetDateTime) -> Self {
        Self {
            act,
            counter: None,
            group: None,
            at,
        }
    }
}

impl Ticket {
    /// In line since it was taken at a moment.
    pub fn new(taken: Taken, at: OffsetDateTime) -> Self {
        Self {
            id: taken.id,
            point: taken.point,
            day: day_of(at),
            number: taken.number,
            code: taken.code,
            errands: taken.errands,
            priority: taken.priority,
            language: taken.language,
            source: taken.source,
            stage: TicketStage::Waiting,
            counter: None,
            calls: 0,
            since: at,
            stage_at: at,
            waited_s: 0,
            arrived_at: at,
            called_at: None,
            started_at: None,
            finished_at: None,
            returned_at: None,
            forecast_s: None,
            played_s: None,
            rev: 0,
        }
    }

    /// What it waits or is served for, or was last.
    pub fn errand(&self) -> &Errand {
        let open = self.errands.iter().find(|errand| !errand.done);
        open.unwrap_or(&self.errands[self.errands.len() - 1])
    }

    /// What comes after that.
    pub fn next_errand(&self) -> Option<&Errand> {
        self.errands.iter().filter(|errand| !errand.done).nth(1)
    }

    /// Minutes that what is left of it is expected to take.
    pub fn expected_min(&self, setup: &Setup) -> u32 {
        let left = self.errands.iter().filter(|errand| !errand.done);
        left.map(|errand| setup.expected_min(errand.group, errand.procedure.as_deref()))
            .sum()
    }

    /// How it stands after a deed.
    ///
    /// # Errors
    /// `desk.not_now` when it cannot be done at this stage, `request.validation` when the deed
    /// does not say where to.
    pub fn after(&self, deed: &Deed) -> Result<Self, Refusal> {
        use TicketAct as A;
        use TicketStage::{Called, Done, Held, Left, NoShow, Serving, Waiting};
        let stage = match (deed.act, self.stage) {
            (A::Call, Waiting) | (A::Recall, Called) => Called,
            (A::Start, Called) | (A::Resume, Held) => Serving,
            (A::Hold, Called | Serving) => Held,
            (A::Transfer, Called | Serving | Held) | (A::Return, NoShow | Left) => Waiting,
            (A::NoShow, Called) => NoShow,
            (A::Leave, Waiting | Called | Held) => Left,
            (A::Deliver, Done) if self.returned_at.is_none() => Done,
            (A::Finish, Serving) => match (self.next_errand(), deed.group) {
                (None, _) => Done,
                (Some(_), None) => Serving,
                (Some(_), Some(_)) => Waiting,
            },
            _ => {
                return Err(Refusal::new("desk.not_now")
                    .with("number", self.number.as_str())
                    .with("stage", self.stage.as_str()));
            }
        };
        let missing = |field: &str| Refusal::new("request.validation").with("field", field);
        let mut after = self.clone();
        after.settle(deed.at);
        match deed.act {
            A::Call | A::Resume => {
                let counter = deed.counter.clone().ok_or_else(|| missing("counter"))?;
                after.counter = Some(counter);
                after.calls = u32::from(deed.act == A::Call);
            }
            A::Recall => after.calls += 1,
            A::Transfer => {
                let group = deed.group.ok_or_else(|| missing("group"))?;
                after.open(|errand| errand.group = group);
            }
            A::Return => after.since = deed.at,
            A::Finish => {
                after.open(|errand| errand.done = true);
                if let Some(group) = deed.group.filter(|_| stage == Waiting) {
                    after.open(|errand| errand.group = group);
                }
            }
            A::Deliver => after.returned_at = Some(deed.at),
            A::Take | A::Start | A::Hold | A::NoShow | A::Leave => {}
        }
        if stage != self.stage || deed.act == A::Finish {
            after.stage_at = deed.at;
        }
        match stage {
            Called => {
                after.called_at.get_or_insert(deed.at);
            }
            Serving => {
                after.started_at.get_or_insert(deed.at);
                let counter = after.counter.clone();
                after.open(|errand| errand.counter = counter);
            }
            Done => {
                after.finished_at.get_or_insert(deed.at);
            }
            Waiting | Held | NoShow | Left => {}
        }
        if !matches!(stage, Called | Serving | Done) {
            after.counter = None;
        }
        after.stage = stage;
        Ok(after)
    }

    /// Adds what has passed of its stage to what it waited or was served.
    fn settle(&mut self, at: OffsetDateTime) {
        // Clocks of several devices may disagree: nothing takes less than no time.
        let passed_s = u32::try_from((at - self.stage_at).whole_seconds()).unwrap_or(0);
        match self.stage {
            TicketStage::Waiting => self.waited_s += passed_s,
            TicketStage::Serving => self.open(|errand| errand.served_s += passed_s),
            _ => {}
        }
    }

    /// Changes what it waits or is served for.
    fn open(&mut self, change: impl FnOnce(&mut Errand)) {
        if let Some(errand) = self.errands.iter_mut().find(|errand| !errand.done) {
            change(errand);
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::super::tests::setup;
    use super::*;
    use ProcedureGroup::{Certification, CivilStatus, Land};
    use TicketAct as A;
    use TicketStage as S;
    use proptest::prelude::*;
    use time::Duration;
    use time::macros::datetime;
    use uuid::Uuid;

    pub(crate) const OPENS: OffsetDateTime = datetime!(2024-10-14 07:30 +7);

    pub(crate) fn taken(n: u32, groups: &[ProcedureGroup], minute: i64) -> Ticket {
        let taken = Taken {
            id: TicketId(Uuid::from_u128(n.into())),
            point: PointId(Uuid::nil()),
            number: format!("A{n:03}"),
            code: "0000000000".to_owned(),
            errands: groups
                .iter()
                .map(|group| Errand::new(*group, None))
                .collect(),
            priority: None,
            language: Language::Vi,
            source: TicketSource::Kiosk,
        };
        Ticket::new(taken, OPENS + Duration::minutes(minute))
    }

    fn deed(act: A, minute: i64) -> Deed {
        Deed {
            counter: matches!(act, A::Call | A::Resume).then(|| "1".to_owned()),
            group: (act == A::Transfer).then_some(Land),
            ..Deed::of(act, OPENS + Duration::minutes(minute))
        }
    }

    fn play(ticket: &Ticket, deeds: &[(A, i64)]) -> Ticket {
        let step = |ticket: Ticket, (act, minute): &(A, i64)| {
            ticket.after(&deed(*act, *minute)).expect("it can be done")
        };
        deeds.iter().fold(ticket.clone(), step)
    }

    #[test]
    fn waiting_and_serving_are_timed_apart_and_hold_is_neither() {
        let ticket = taken(1, &[CivilStatus], 0);
        let ticket = play(
            &ticket,
            &[
                (A::Call, 10),
                (A::Recall, 11),
                (A::Start, 12),
                (A::Hold, 17),
                (A::Resume, 40),
                (A::Finish, 43),
            ],
        );
        assert_eq!((ticket.stage, ticket.waited_s), (S::Done, 600));
        assert_eq!(ticket.errands[0].served_s, 8 * 60);
        assert_eq!(ticket.errands[0].counter.as_deref(), Some("1"));
        assert_eq!(ticket.called_at, Some(OPENS + Duration::minutes(10)));
        assert_eq!(ticket.finished_at, Some(OPENS + Duration::minutes(43)));
        let handed = play(&ticket, &[(A::Deliver, 50)]);
        assert_eq!(handed.returned_at, Some(OPENS + Duration::minutes(50)));
        assert!(handed.after(&deed(A::Deliver, 51)).is_err());
    }

    #[test]
    fn several_errands_are_served_one_after_another_at_one_counter_or_two() {
        let setup = setup();
        let ticket = taken(1, &[CivilStatus, Certification, Land], 0);
        let at_one = play(&ticket, &[(A::Call, 1), (A::Start, 2)]);
        assert_eq!(setup.onward(&at_one), None);
        let second = play(&at_one, &[(A::Finish, 9)]);
        assert_eq!(
            (second.stage, second.errand().group),
            (S::Serving, Certification)
        );
        // Land is another counter's: back in line, in the place it always had.
        let onward = setup.onward(&second);
        assert_eq!(onward, Some(Land));
        let finish = Deed {
            group: onward,
            ..deed(A::Finish, 12)
        };
        let third = second.after(&finish).unwrap();
        assert_eq!((third.stage, third.since), (S::Waiting, ticket.since));
        assert_eq!((third.errand().group, third.counter.as_ref()), (Land, None));
        let done = play(&third, &[(A::Call, 20), (A::Start, 21), (A::Finish, 30)]);
        let served: Vec<u32> = done.errands.iter().map(|errand| errand.served_s).collect();
        assert_eq!((done.stage, served), (S::Done, vec![420, 180, 540]));
        assert_eq!(done.waited_s, 60 + 8 * 60);
    }

    #[test]
    fn a_transfer_keeps_the_place_and_who_was_not_there_gets_a_new_one() {
        let ticket = taken(1, &[CivilStatus], 0);
        let there = play(&ticket, &[(A::Call, 5), (A::Transfer, 6)]);
        assert_eq!((there.errand().group, there.since), (Land, ticket.since));
        let back = play(&ticket, &[(A::Call, 5), (A::NoShow, 7), (A::Return, 30)]);
        assert_eq!((back.stage, back.calls), (S::Waiting, 1));
        assert_eq!(back.since, OPENS + Duration::minutes(30));
        assert_eq!(play(&back, &[(A::Call, 31)]).calls, 1);
    }

    fn any_act() -> impl Strategy<Value = A> {
        (0..A::ALL.len()).prop_map(|at| A::ALL[at])
    }

    proptest! {
        /// Whatever is done in whatever order: one who is served was called, times only grow,
        /// and what is over stays over but for the result and coming back.
        #[test]
        fn no_order_of_acts_leads_anywhere_absurd(acts in prop::collection::vec((any_act(), 0_i64..90), 0..60)) {
            let mut ticket = taken(1, &[CivilStatus, Land], 0);
            for (act, minute) in acts {
                let Ok(after) = ticket.after(&deed(act, minute)) else { continue };
                prop_assert!(after.waited_s >= ticket.waited_s);
                prop_assert!(after.called_at.is_some() || matches!(after.stage, S::Waiting | S::Left));
                let at_counter = matches!(after.stage, S::Called | S::Serving | S::Done);
                prop_assert_eq!(after.counter.is_some(), at_counter);
                prop_assert_eq!(after.stage == S::Done, after.errands.iter().all(|errand| errand.done));
                if ticket.stage == S::Done {
                    prop_assert_eq!(act, A::Deliver);
                }
                if act == A::Call {
                    prop_assert_eq!(ticket.stage, S::Waiting);
                }
                ticket = after;
            }
        }
    }
}
