//! Suspected scams: what residents and volunteers report, how a report goes from the commune
//! to its police, and when reports of one kind make a wave that teams should hear of.
//!
//! A report never holds who was deceived: their contact, if they gave it, is kept apart from
//! it and erased. What points at the deceiver, a number or a link, is kept as it was told.

use crate::days::{days_between, iso};
use crate::experts::names_someone;
use crate::facts::clean_option;
use crate::ids::MemberId;
use crate::refusal::Refusal;
use crate::vocabulary::vocabulary;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use time::Date;

/// Characters of the deceiver's number, link or account, at most.
pub const TRACE_CHARS_MAX: usize = 200;
/// Characters of what happened, at most.
pub const NOTE_CHARS_MAX: usize = 500;
/// Characters of whom it was handed to, of a reference and of a result in words, at most.
pub const HANDING_CHARS_MAX: usize = 200;
/// Days that lie between what happened and its report, at most.
pub const REPORT_DAYS_MAX: i32 = 365;
/// Reports of one kind in one commune that make a wave.
pub const WAVE_REPORTS: u32 = 3;
/// Within so many days, today among them.
pub const WAVE_DAYS: i32 = 7;

/// The same words in the three languages that residents are spoken to in. The Khmer has not
/// been reviewed by a native reader, and every page that shows it says so.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Words {
    /// Vietnamese.
    pub vi: String,
    /// English.
    pub en: String,
    /// Khmer.
    pub km: String,
}

/// A kind of scam.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ScamKind {
    /// Stable; never reused.
    pub code: String,
    /// What people call it.
    pub name: Words,
    /// How to tell it.
    pub sign: Words,
    /// What teams are to tell residents when there is a wave of it.
    pub alert: String,
}

/// Whom to call.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Call {
    /// Whom.
    pub name: Words,
    /// The number; none where it is on one's own card or at the commune's door.
    pub number: Option<String>,
}

/// What people are told about scams, and the kinds there are.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Scams {
    /// When the words were last compared with their sources.
    #[serde(with = "iso")]
    #[cfg_attr(feature = "schema", schema(value_type = String, format = Date))]
    pub checked_on: Date,
    /// "Năm điều không".
    pub rules: Vec<Words>,
    /// What to do at once, in this order.
    pub advice: Vec<Words>,
    /// Whom to call.
    pub calls: Vec<Call>,
    /// Kinds, in the order in which they are shown; the last is for all others.
    pub kinds: Vec<ScamKind>,
}

impl Scams {
    /// Those that come with the program.
    pub fn bundled() -> Self {
        let all: Self = serde_json::from_str(include_str!("../data/scams.json"))
            .expect("the bundled scams are checked by a test");
        let codes: BTreeSet<&str> = all.kinds.iter().map(|kind| kind.code.as_str()).collect();
        assert_eq!(codes.len(), all.kinds.len(), "codes of scams are unique");
        all
    }

    /// The kind with this code.
    pub fn find(&self, code: &str) -> Option<&ScamKind> {
        self.kinds.iter().find(|kind| kind.code == code)
    }
}

vocabulary! {
    /// How the deceiver came.
    ScamChannel {
        /// A phone call.
        Call = "call",
        /// A text message.
        Sms = "sms",
        /// Zalo, Messenger and the like.
        Chat = "chat",
        /// A page, or an advertisement.
        Web = "web",
        /// Somebody came.
        InPerson = "in_person",
        /// Anything else.
        Other = "other",
    }
}

vocabulary! {
    /// Whether money was lost.
    Loss {
        /// None.
        No = "no",
        /// Some.
        Yes = "yes",
        /// They do not know yet.
        Unknown = "unknown",
    }
}

/// What is reported. As a fact it holds where and when it was written down, too; it counts
/// for no indicator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ScamReport {
    /// Code of the kind.
    pub scam: String,
    /// How the deceiver came.
    pub channel: ScamChannel,
    /// The deceiver's number, link or account, never the resident's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
    /// Whether money was lost.
    pub loss: Loss,
    /// When it happened.
    #[serde(with = "iso")]
    #[cfg_attr(feature = "schema", schema(value_type = String, format = Date))]
    pub happened_on: Date,
    /// What happened, without names and numbers of people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl ScamReport {
    /// Tidies texts and checks limits, for a report written on a day.
    ///
    /// # Errors
    /// `scam.unknown`, `scam.personal_data`, `request.validation` or `fact.text_too_long` with
    /// the field.
    pub fn tidied(self, on: Date) -> Result<Self, Refusal> {
        if Scams::bundled().find(&self.scam).is_none() {
            return Err(Refusal::new("scam.unknown").with("scam", self.scam));
        }
        if !(0..=REPORT_DAYS_MAX).contains(&days_between(self.happened_on, on)) {
            return Err(Refusal::new("request.validation").with("field", "happened_on"));
        }
        let note = clean_option("note", self.note, NOTE_CHARS_MAX)?;
        if note.as_deref().is_some_and(names_someone) {
            return Err(Refusal::new("scam.personal_data").with("field", "note"));
        }
        Ok(Self {
            trace: clean_option("trace", self.trace, TRACE_CHARS_MAX)?,
            note,
            ..self
        })
    }
}

/// A number or a link as lists show it: enough to tell two apart, too little to call or open.
pub fn masked(trace: &str) -> String {
    let bare = trace.split_once("://").map_or(trace, |(_, rest)| rest);
    let letters: Vec<char> = bare.chars().collect();
    let (head, tail) = if letters.len() > 8 { (4, 2) } else { (2, 0) };
    let head = head.min(letters.len());
    let shown: String = letters[..head].iter().collect();
    let end: String = letters[letters.len() - tail..].iter().collect();
    format!("{shown}•••{end}")
}

/// A link that nobody opens by mistake, for those who must read the whole of it.
pub fn disarmed(trace: &str) -> String {
    trace.replace("://", "[://]").replace('.', "[.]")
}

vocabulary! {
    /// How far a report has come.
    ScamStage {
        /// It is there.
        Reported = "reported",
        /// An officer of the commune has it in hand.
        Taken = "taken",
        /// The police have it.
        Handed = "handed",
        /// It is over.
        Closed = "closed",
    }
}

vocabulary! {
    /// What moves a report on.
    ScamAct {
        /// It is made.
        Report = "report",
        /// An officer takes it in hand, also from another.
        Take = "take",
        /// It is handed to the police; once more when there is more to say.
        HandOver = "hand_over",
        /// It is over, with a result.
        Close = "close",
    }
}

impl ScamAct {
    /// Where it leads from a stage, or from nothing; `None` when it cannot be done there.
    pub fn leads(self, from: Option<ScamStage>) -> Option<ScamStage> {
        use ScamStage::{Closed, Handed, Reported, Taken};
        match (self, from) {
            (Self::Report, None) => Some(Reported),
            (Self::Take, Some(Reported | Taken)) => Some(Taken),
            (Self::HandOver, Some(Taken | Handed)) => Some(Handed),
            (Self::Close, Some(Taken | Handed)) => Some(Closed),
            _ => None,
        }
    }
}

vocabulary! {
    /// What came of a report.
    ScamResult {
        /// The police dealt with it.
        Handled = "handled",
        /// The resident was advised, and nothing more is to be done.
        Advised = "advised",
        /// It was no scam.
        Unfounded = "unfounded",
        /// It had been reported already.
        Duplicate = "duplicate",
    }
}

impl ScamResult {
    /// Whether the report still speaks of a scam of its own.
    pub fn stands(self) -> bool {
        matches!(self, Self::Handled | Self::Advised)
    }
}

vocabulary! {
    /// How a report reached the police.
    HandingWay {
        /// Somebody brought it.
        InPerson = "in_person",
        /// By telephone.
        Phone = "phone",
        /// As an official letter.
        Letter = "letter",
        /// By the police's own channel.
        Online = "online",
    }
}

/// To whom in the police a report was handed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handing {
    /// To whom.
    pub to: String,
    /// How.
    pub way: HandingWay,
    /// The number under which they have it; may be empty.
    pub reference: String,
}

/// Something done about a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScamDeed {
    /// What.
    pub act: ScamAct,
    /// To whom it was handed.
    pub handing: Option<Handing>,
    /// What came of it.
    pub result: Option<ScamResult>,
}

/// How a report stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScamStanding {
    /// How far it has come.
    pub stage: ScamStage,
    /// Which officer has it in hand.
    pub officer: Option<MemberId>,
    /// What came of it.
    pub result: Option<ScamResult>,
}

impl ScamDeed {
    /// One that says nothing else.
    pub fn of(act: ScamAct) -> Self {
        Self {
            act,
            handing: None,
            result: None,
        }
    }

    /// How a report stands after it; `before` is nothing for a new one, `by` nobody for one
    /// from the public page.
    ///
    /// # Errors
    /// `scam.not_now` when it cannot be done then, `request.validation` with the field that it
    /// does not say.
    pub fn after(
        &self,
        before: Option<ScamStanding>,
        by: Option<MemberId>,
    ) -> Result<ScamStanding, Refusal> {
        let from = before.map(|before| before.stage);
        let stage = self.act.leads(from).ok_or_else(|| {
            let stage = from.map_or("none", ScamStage::as_str);
            Refusal::new("scam.not_now").with("stage", stage)
        })?;
        let says = match self.act {
            ScamAct::HandOver if self.handing.is_none() => Err("to"),
            ScamAct::Close if self.result.is_none() => Err("result"),
            ScamAct::Report | ScamAct::Take | ScamAct::HandOver | ScamAct::Close => Ok(()),
        };
        says.map_err(|field| Refusal::new("request.validation").with("field", field))?;
        let officer = before.and_then(|before| before.officer);
        Ok(ScamStanding {
            stage,
            officer: if self.act == ScamAct::Take {
                by
            } else {
                officer
            },
            result: self.result,
        })
    }
}

/// Many reports of one kind in one commune within days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wave<P> {
    /// The commune.
    pub place: P,
    /// Code of the kind.
    pub scam: String,
    /// How many.
    pub reports: u32,
}

/// Waves among reports that stand, each with its commune, its kind and the day it was made
/// on; the largest first. Whoever was told within the same days need not be told again.
pub fn waves<P: Ord + Clone>(
    reports: impl IntoIterator<Item = (P, String, Date)>,
    told: &BTreeSet<(P, String)>,
    today: Date,
) -> Vec<Wave<P>> {
    let mut counts: BTreeMap<(P, String), u32> = BTreeMap::new();
    for (place, scam, day) in reports {
        if is_recent(day, today) {
            *counts.entry((place, scam)).or_default() += 1;
        }
    }
    counts.retain(|key, reports| *reports >= WAVE_REPORTS && !told.contains(key));
    let wave = |((place, scam), reports)| Wave {
        place,
        scam,
        reports,
    };
    let mut all: Vec<Wave<P>> = counts.into_iter().map(wave).collect();
    all.sort_by_key(|wave| std::cmp::Reverse(wave.reports));
    all
}

/// Whether a day lies within those that make a wave.
pub fn is_recent(day: Date, today: Date) -> bool {
    (0..WAVE_DAYS).contains(&days_between(day, today))
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;
    use uuid::Uuid;

    const TODAY: Date = date!(2025 - 07 - 21);

    fn report() -> ScamReport {
        ScamReport {
            scam: "fake_police".into(),
            channel: ScamChannel::Call,
            trace: Some("0900 000 000".into()),
            loss: Loss::No,
            happened_on: TODAY,
            note: None,
        }
    }

    #[test]
    fn the_bundled_words_are_whole_in_three_languages() {
        let all = Scams::bundled();
        assert_eq!(all.rules.len(), 5);
        let kinds = all.kinds.iter().flat_map(|kind| [&kind.name, &kind.sign]);
        let calls = all.calls.iter().map(|call| &call.name);
        let said = all
            .rules
            .iter()
            .chain(&all.advice)
            .chain(kinds)
            .chain(calls);
        for words in said {
            let Words { vi, en, km } = words;
            let khmer = km.chars().any(|c| ('\u{1780}'..='\u{17ff}').contains(&c));
            assert!(!vi.is_empty() && !en.is_empty() && khmer, "{vi}");
        }
        assert!(all.kinds.iter().all(|kind| !kind.alert.is_empty()));
        assert_eq!(
            all.kinds.last().map(|kind| kind.code.as_str()),
            Some("other")
        );
    }

    #[test]
    fn a_report_names_a_kind_a_day_and_nobody() {
        assert!(report().tidied(TODAY).is_ok());
        let code = |report: ScamReport| report.tidied(TODAY).map_err(|refusal| refusal.code);
        let other = ScamReport {
            scam: "weather".into(),
            ..report()
        };
        assert_eq!(code(other), Err("scam.unknown"));
        let tomorrow = ScamReport {
            happened_on: date!(2025 - 07 - 22),
            ..report()
        };
        assert_eq!(code(tomorrow), Err("request.validation"));
        let names = ScamReport {
            note: Some("Bác Tư, số 0912 345 678".into()),
            ..report()
        };
        assert_eq!(code(names), Err("scam.personal_data"));
    }

    #[test]
    fn a_masked_number_cannot_be_called_and_a_disarmed_link_not_opened() {
        for (trace, wanted) in [
            ("0900 123 456", "0900•••56"),
            ("https://dichvucong-vn.example/tai.apk", "dich•••pk"),
            ("1900", "19•••"),
            ("x", "x•••"),
            ("", "•••"),
        ] {
            assert_eq!(masked(trace), wanted);
        }
        assert_eq!(disarmed("http://a.example"), "http[://]a[.]example");
    }

    #[test]
    fn every_act_leads_somewhere_from_where_it_may_be_done_and_nowhere_else() {
        use ScamStage::{Closed, Handed, Reported, Taken};
        let mut found = Vec::new();
        for act in ScamAct::ALL {
            for from in std::iter::once(None).chain(ScamStage::ALL.iter().copied().map(Some)) {
                found.extend(act.leads(from).map(|to| (*act, from, to)));
            }
        }
        let wanted = [
            (ScamAct::Report, None, Reported),
            (ScamAct::Take, Some(Reported), Taken),
            (ScamAct::Take, Some(Taken), Taken),
            (ScamAct::HandOver, Some(Taken), Handed),
            (ScamAct::HandOver, Some(Handed), Handed),
            (ScamAct::Close, Some(Taken), Closed),
            (ScamAct::Close, Some(Handed), Closed),
        ];
        assert_eq!(found, wanted);
    }

    #[test]
    fn a_report_is_taken_handed_over_and_closed_by_those_who_say_to_whom_and_what_came_of_it() {
        let [one, two] = [1, 2].map(|n| MemberId(Uuid::from_u128(n)));
        let made = ScamDeed::of(ScamAct::Report).after(None, None).unwrap();
        let taken = ScamDeed::of(ScamAct::Take)
            .after(Some(made), Some(one))
            .unwrap();
        let taken = ScamDeed::of(ScamAct::Take)
            .after(Some(taken), Some(two))
            .unwrap();
        assert_eq!(taken.officer, Some(two));
        let bare = ScamDeed::of(ScamAct::HandOver).after(Some(taken), Some(one));
        assert_eq!(
            bare.map_err(|refusal| refusal.code),
            Err("request.validation")
        );
        let handing = Handing {
            to: "Công an phường".into(),
            way: HandingWay::Letter,
            reference: String::new(),
        };
        let handed = ScamDeed {
            handing: Some(handing),
            ..ScamDeed::of(ScamAct::HandOver)
        };
        let handed = handed.after(Some(taken), Some(one)).unwrap();
        assert_eq!(
            (handed.stage, handed.officer),
            (ScamStage::Handed, Some(two))
        );
        let close = ScamDeed {
            result: Some(ScamResult::Handled),
            ..ScamDeed::of(ScamAct::Close)
        };
        let closed = close.after(Some(handed), Some(one)).unwrap();
        assert_eq!(
            (closed.stage, closed.result),
            (ScamStage::Closed, Some(ScamResult::Handled))
        );
        let again = close.after(Some(closed), Some(one));
        assert_eq!(again.map_err(|refusal| refusal.code), Err("scam.not_now"));
    }

    #[test]
    fn three_of_a_kind_in_a_week_in_a_commune_are_a_wave_until_teams_were_told() {
        let one = |place, scam: &str, day| (place, scam.to_owned(), day);
        let days = [date!(2025 - 07 - 15), date!(2025 - 07 - 18), TODAY];
        let mut reports: Vec<_> = days.iter().map(|day| one("A", "loan_app", *day)).collect();
        reports.push(one("B", "loan_app", TODAY));
        reports.extend(days.iter().skip(1).map(|day| one("A", "fee", *day)));
        let nobody = BTreeSet::new();
        let wave = Wave {
            place: "A",
            scam: "loan_app".to_owned(),
            reports: 3,
        };
        assert_eq!(waves(reports.clone(), &nobody, TODAY), [wave]);
        let tomorrow = date!(2025 - 07 - 22);
        assert_eq!(waves(reports.clone(), &nobody, tomorrow), []);
        let told = BTreeSet::from([("A", "loan_app".to_owned())]);
        assert_eq!(waves(reports, &told, TODAY), []);
    }
}
