//! Expert squads: young officials of the province's offices who go to communes and help with
//! professional matters. What a request goes through, what it may say, and which fields there
//! are. [`ranking`] says who suits a request, [`overload`] when a desk should make one.

pub mod overload;
pub mod ranking;

use crate::days::{days_between, iso};
use crate::ids::{MemberId, RequestId};
use crate::refusal::Refusal;
use crate::skills::Named;
use crate::vocabulary::vocabulary;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use time::Date;

/// Minutes of one entry of a work log, at most: what one stretch of attendance counts for.
pub const WORK_MINUTES_MAX: u32 = 720;
/// Characters of what a request is for, of work done and of a result, at most.
pub const WORDS_CHARS_MAX: usize = 1000;
/// Days that a visit may take.
pub const VISIT_DAYS_MAX: i32 = 31;
/// How far ahead help may be wished for.
const WISH_DAYS_MAX: i32 = 180;

vocabulary! {
    /// How far a request has come.
    RequestStage {
        /// The commune asked.
        Asked = "asked",
        /// The province offered it to an expert.
        Offered = "offered",
        /// The expert will come.
        Accepted = "accepted",
        /// Sent, with days and a place.
        Dispatched = "dispatched",
        /// The expert says what came of it.
        Done = "done",
        /// The commune said its word.
        Closed = "closed",
        /// The commune needs it no more.
        Cancelled = "cancelled",
        /// The province cannot help, and says why.
        Refused = "refused",
    }
}

vocabulary! {
    /// What moves a request on.
    RequestAct {
        /// The commune asks.
        Ask = "ask",
        /// The province offers it to an expert.
        Offer = "offer",
        /// The province takes the offer back, also after it was accepted.
        Withdraw = "withdraw",
        /// The expert accepts.
        Accept = "accept",
        /// The expert cannot, also after having accepted.
        Decline = "decline",
        /// The province sends the expert; once more when the days change.
        Dispatch = "dispatch",
        /// The expert says what came of it.
        Finish = "finish",
        /// The commune says its word.
        Close = "close",
        /// The commune needs it no more.
        Cancel = "cancel",
        /// The province cannot help.
        Refuse = "refuse",
    }
}

impl RequestAct {
    /// Where it leads from a stage, or from nothing; `None` when it cannot be done there.
    pub fn leads(self, from: Option<RequestStage>) -> Option<RequestStage> {
        use RequestStage::{
            Accepted, Asked, Cancelled, Closed, Dispatched, Done, Offered, Refused,
        };
        match (self, from) {
            (Self::Ask, None) => Some(Asked),
            (Self::Offer, Some(Asked)) => Some(Offered),
            (Self::Withdraw | Self::Decline, Some(Offered | Accepted)) => Some(Asked),
            (Self::Accept, Some(Offered)) => Some(Accepted),
            (Self::Dispatch, Some(Accepted | Dispatched)) => Some(Dispatched),
            (Self::Finish, Some(Dispatched)) => Some(Done),
            (Self::Close, Some(Done)) => Some(Closed),
            (Self::Cancel, Some(Asked | Offered | Accepted | Dispatched)) => Some(Cancelled),
            (Self::Refuse, Some(Asked)) => Some(Refused),
            _ => None,
        }
    }

    /// Whether it must say something: a result, a reason.
    pub fn needs_words(self) -> bool {
        matches!(
            self,
            Self::Decline | Self::Finish | Self::Cancel | Self::Refuse
        )
    }
}

/// How a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// How far it has come.
    pub stage: RequestStage,
    /// Whose it is.
    pub expert: Option<MemberId>,
    /// Days of the visit, both included.
    pub visit: Option<(Date, Date)>,
    /// The commune's word.
    pub word: Option<CommuneWord>,
}

/// Something done about a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deed {
    /// What.
    pub act: RequestAct,
    /// Whom it is offered to.
    pub expert: Option<MemberId>,
    /// Days they are sent for.
    pub visit: Option<(Date, Date)>,
    /// The commune's word.
    pub word: Option<CommuneWord>,
}

impl Deed {
    /// One that names nothing else.
    pub fn of(act: RequestAct) -> Self {
        Self {
            act,
            expert: None,
            visit: None,
            word: None,
        }
    }

    /// How a request stands after it; `before` is nothing for a new one.
    ///
    /// # Errors
    /// `expert.not_now` when it cannot be done then.
    pub fn after(&self, before: Option<Standing>) -> Result<Standing, Refusal> {
        let stage = self.act.leads(before.map(|before| before.stage));
        let no = || match before {
            Some(before) => Refusal::new("expert.not_now").with("stage", before.stage.as_str()),
            None => Refusal::new("expert.unknown"),
        };
        let stage = stage.ok_or_else(no)?;
        let before = before.unwrap_or(Standing {
            stage,
            expert: None,
            visit: None,
            word: None,
        });
        let expert = match self.act {
            RequestAct::Offer => self.expert,
            RequestAct::Withdraw | RequestAct::Decline => None,
            _ => before.expert,
        };
        Ok(Standing {
            stage,
            expert,
            visit: self.visit.or(before.visit),
            word: self.word.or(before.word),
        })
    }
}

vocabulary! {
    /// How soon help is needed.
    Urgency {
        /// People are being sent away.
        Now = "now",
        /// Within days.
        Soon = "soon",
        /// It can be planned.
        Planned = "planned",
    }
}

vocabulary! {
    /// The commune's word on what came of it.
    CommuneWord {
        /// Solved.
        Solved = "solved",
        /// In part.
        Partly = "partly",
        /// Not solved.
        Unsolved = "unsolved",
    }
}

vocabulary! {
    /// What experts do about a request by themselves, wherever they are.
    ExpertAction {
        /// Accept the offer.
        Accept = "accept",
        /// Decline it.
        Decline = "decline",
        /// Say what came of it.
        Finish = "finish",
    }
}

impl ExpertAction {
    /// The act it is.
    pub fn act(self) -> RequestAct {
        match self {
            Self::Accept => RequestAct::Accept,
            Self::Decline => RequestAct::Decline,
            Self::Finish => RequestAct::Finish,
        }
    }
}

/// A step of an expert's own on a request: holds from when it arrives, counts for nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpertStep {
    /// Which request.
    pub request: RequestId,
    /// What they do.
    pub action: ExpertAction,
    /// Why they decline, or what came of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// An entry of a work log: time that an expert gave to a request. It counts for the request,
/// not for indicators: hours there come from attendance alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpertWork {
    /// For which request.
    pub request: RequestId,
    /// How long, 1 to [`WORK_MINUTES_MAX`].
    pub minutes: u32,
    /// What was done.
    pub done: String,
    /// What comes next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A field that experts help in. Ministries and departments merge: a field has an end, and
/// one that goes on with its work.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ExpertField {
    /// Stable; never reused.
    pub code: String,
    /// Its name.
    pub name: Named,
    /// First day, when it is known.
    #[serde(with = "iso::option")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub valid_from: Option<Date>,
    /// First day no longer.
    #[serde(with = "iso::option")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub valid_to: Option<Date>,
    /// Which field its work went to then.
    pub successor: Option<String>,
}

impl ExpertField {
    /// Whether it is one on a day.
    pub fn in_force(&self, on: Date) -> bool {
        self.valid_from.is_none_or(|from| from <= on) && self.valid_to.is_none_or(|to| on < to)
    }
}

/// All fields, in the order in which they are shown.
#[derive(Clone, Debug)]
pub struct Fields(Vec<ExpertField>);

impl Fields {
    /// Those that come with the program.
    pub fn bundled() -> Self {
        let all: Vec<ExpertField> = serde_json::from_str(include_str!("../data/fields.json"))
            .expect("the bundled fields are checked by a test");
        let codes: BTreeSet<&str> = all.iter().map(|one| one.code.as_str()).collect();
        assert_eq!(codes.len(), all.len(), "codes of fields are unique");
        Self(all)
    }

    /// All of them.
    pub fn all(&self) -> &[ExpertField] {
        &self.0
    }

    /// The field with this code.
    pub fn find(&self, code: &str) -> Option<&ExpertField> {
        self.0.iter().find(|field| field.code == code)
    }

    /// Which field a code's work lies in on a day: itself, or what it went to.
    pub fn current(&self, code: &str, on: Date) -> Option<&ExpertField> {
        let mut field = self.find(code)?;
        // Each step leads to a field that began no earlier, so there are fewer than fields.
        for _ in &self.0 {
            match (field.valid_to, &field.successor) {
                (Some(to), Some(next)) if to <= on => field = self.find(next)?,
                _ => break,
            }
        }
        Some(field)
    }
}

/// Text without what would point at a person: phone numbers, numbers of identity papers.
///
/// # Errors
/// `expert.personal_data` when there is one, `request.validation` with the field's name when it is
/// empty or too long.
pub fn words(field: &str, raw: &str) -> Result<String, Refusal> {
    let text = vn::text::normalise(raw);
    if !(1..=WORDS_CHARS_MAX).contains(&text.chars().count()) {
        return Err(Refusal::new("request.validation").with("field", field));
    }
    if names_someone(&text) {
        return Err(Refusal::new("expert.personal_data").with("field", field));
    }
    Ok(text)
}

/// [`words`], where nothing need be said: absent and blank are the same.
///
/// # Errors
/// As [`words`].
pub fn words_option(field: &str, raw: Option<&str>) -> Result<Option<String>, Refusal> {
    let said = raw.filter(|raw| !raw.trim().is_empty());
    said.map(|raw| words(field, raw)).transpose()
}

/// Digits that stand together, a single blank or dot between groups forgiven.
pub(crate) fn names_someone(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '.' | '+');
    text.split(|c| !is_part(c)).any(|run| {
        let plain = run.split(['.', ' ']).any(|one| {
            let digits = one.trim_start_matches('+');
            vn::citizen::IdNumber::parse(digits).is_ok()
        });
        plain || vn::phone::Phone::parse(run.trim_matches(['.', ' '])).is_ok()
    })
}

/// The middle of some numbers, between the two middle ones of an even count.
pub fn median(mut of: Vec<i32>) -> Option<f64> {
    of.sort_unstable();
    let upper = f64::from(*of.get(of.len() / 2)?);
    let lower = f64::from(of[(of.len() - 1) / 2]);
    Some((lower + upper) / 2.0)
}

/// Days that help is wished for, both included.
///
/// # Errors
/// `expert.days` when they end before they begin, are past or too far ahead.
pub fn check_wish((from, to): (Date, Date), today: Date) -> Result<(), Refusal> {
    let sound = from <= to && to >= today && days_between(today, to) <= WISH_DAYS_MAX;
    let no = || Refusal::new("expert.days").with("days_max", WISH_DAYS_MAX);
    sound.then_some(()).ok_or_else(no)
}

/// Days of a visit, both included.
///
/// # Errors
/// `expert.days` when they end before they begin, or last too long.
pub fn check_visit((from, to): (Date, Date)) -> Result<(), Refusal> {
    let sound = from <= to && days_between(from, to) < VISIT_DAYS_MAX;
    let no = || Refusal::new("expert.days").with("days_max", VISIT_DAYS_MAX);
    sound.then_some(()).ok_or_else(no)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn every_act_leads_somewhere_from_where_it_may_be_done_and_nowhere_else() {
        use RequestStage::{
            Accepted, Asked, Cancelled, Closed, Dispatched, Done, Offered, Refused,
        };
        let mut found = Vec::new();
        for act in RequestAct::ALL {
            for from in std::iter::once(None).chain(RequestStage::ALL.iter().copied().map(Some)) {
                found.extend(act.leads(from).map(|to| (*act, from, to)));
            }
        }
        let wanted = [
            (RequestAct::Ask, None, Asked),
            (RequestAct::Offer, Some(Asked), Offered),
            (RequestAct::Withdraw, Some(Offered), Asked),
            (RequestAct::Withdraw, Some(Accepted), Asked),
            (RequestAct::Accept, Some(Offered), Accepted),
            (RequestAct::Decline, Some(Offered), Asked),
            (RequestAct::Decline, Some(Accepted), Asked),
            (RequestAct::Dispatch, Some(Accepted), Dispatched),
            (RequestAct::Dispatch, Some(Dispatched), Dispatched),
            (RequestAct::Finish, Some(Dispatched), Done),
            (RequestAct::Close, Some(Done), Closed),
            (RequestAct::Cancel, Some(Asked), Cancelled),
            (RequestAct::Cancel, Some(Offered), Cancelled),
            (RequestAct::Cancel, Some(Accepted), Cancelled),
            (RequestAct::Cancel, Some(Dispatched), Cancelled),
            (RequestAct::Refuse, Some(Asked), Refused),
        ];
        assert_eq!(found, wanted);
    }

    #[test]
    fn a_request_goes_to_one_expert_then_another_and_is_closed() {
        let day = date!(2024 - 10 - 14);
        let [one, two] = [1, 2].map(|n| MemberId(uuid::Uuid::from_u128(n)));
        let offer = |expert| Deed {
            expert: Some(expert),
            ..Deed::of(RequestAct::Offer)
        };
        let deeds = [
            Deed::of(RequestAct::Ask),
            offer(one),
            Deed::of(RequestAct::Decline),
            offer(two),
            Deed::of(RequestAct::Accept),
            Deed {
                visit: Some((day, day)),
                ..Deed::of(RequestAct::Dispatch)
            },
            Deed::of(RequestAct::Finish),
            Deed {
                word: Some(CommuneWord::Solved),
                ..Deed::of(RequestAct::Close)
            },
        ];
        let mut stands: Option<Standing> = None;
        let mut whose = Vec::new();
        for deed in deeds {
            stands = Some(deed.after(stands).unwrap());
            whose.push(stands.unwrap().expert);
        }
        assert_eq!(whose[1..5], [Some(one), None, Some(two), Some(two)]);
        let closed = Standing {
            stage: RequestStage::Closed,
            expert: Some(two),
            visit: Some((day, day)),
            word: Some(CommuneWord::Solved),
        };
        assert_eq!(stands, Some(closed));
        let refused = Deed::of(RequestAct::Finish).after(stands).unwrap_err();
        assert_eq!(
            (refused.code, refused.facts["stage"].as_str()),
            ("expert.not_now", Some("closed"))
        );
        let refused = offer(one).after(None).unwrap_err();
        assert_eq!(refused.code, "expert.unknown");
    }

    #[test]
    fn fields_that_were_merged_go_on_in_another() {
        let fields = Fields::bundled();
        let (before, after) = (date!(2025 - 02 - 28), date!(2025 - 03 - 01));
        let current = |code, on| fields.current(code, on).map(|field| field.code.as_str());
        assert_eq!(current("environment", before), Some("environment"));
        assert_eq!(
            current("environment", after),
            Some("agriculture_environment")
        );
        assert_eq!(
            current("agriculture", after),
            Some("agriculture_environment")
        );
        assert_eq!(current("information", after), Some("science"));
        assert_eq!(current("culture", after), Some("culture"));
        assert_eq!(current("magic", after), None);
        for field in fields.all() {
            assert!(!field.name.vi.is_empty() && !field.name.en.is_empty());
            assert_eq!(
                field.valid_to.is_some(),
                field.successor.is_some(),
                "{}",
                field.code
            );
            let goes_on = fields.current(&field.code, date!(2030 - 01 - 01));
            assert!(goes_on.is_some_and(|next| next.in_force(date!(2030 - 01 - 01))));
        }
        let on = |day: Date| {
            fields
                .all()
                .iter()
                .filter(|field| field.in_force(day))
                .count()
        };
        assert_eq!((on(before), on(after)), (17, 12));
    }

    #[test]
    fn words_hold_no_numbers_that_point_at_a_person() {
        for said in [
            "Bà con hỏi, gọi 0905123456",
            "Liên hệ 0905 123 456 nhé",
            "0905.123.456",
            "CCCD 052191000123",
            "số +84905123456",
        ] {
            assert_eq!(
                words("purpose", said).unwrap_err().code,
                "expert.personal_data",
                "{said}"
            );
        }
        for said in [
            "120 hồ sơ đất đai từ 01/10/2024 còn 30",
            "Hồ sơ 000.12.34.H08-240101-0001 bị trả",
            "Thu 1.200.000 đồng, 15 hộ",
            "2024 1000 người",
        ] {
            assert_eq!(words("purpose", said).as_deref(), Ok(said));
        }
        assert_eq!(words("purpose", " ").unwrap_err().facts["field"], "purpose");
        assert_eq!(words_option("next", Some("  ")), Ok(None));
    }

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![9, 1, 2]), Some(2.0));
        assert_eq!(median(vec![4, 1, 9, 3]), Some(3.5));
    }

    #[test]
    fn days_are_ahead_and_in_order() {
        let today = date!(2024 - 10 - 13);
        assert!(check_wish((today, date!(2024 - 10 - 20)), today).is_ok());
        for wish in [
            (date!(2024 - 10 - 20), today),
            (date!(2024 - 10 - 01), date!(2024 - 10 - 12)),
            (today, date!(2026 - 10 - 12)),
        ] {
            assert_eq!(check_wish(wish, today).unwrap_err().code, "expert.days");
        }
        assert!(check_visit((today, today)).is_ok());
        assert!(check_visit((today, date!(2024 - 11 - 13))).is_err());
    }
}
