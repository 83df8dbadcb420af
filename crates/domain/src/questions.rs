//! Dân hỏi – Phường đáp: what residents ask, what becomes of it, and the answers published
//! for everybody. Rules only: which steps a question goes through, by when, what is masked.

use crate::codes;
use crate::days::days_between;
use crate::holidays::working_days_after;
use crate::ids::{MemberId, PlaceId};
use crate::refusal::Refusal;
use crate::skills::Named;
use crate::subjects::{Pseudonymiser, SubjectKey};
use crate::vocabulary::vocabulary;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use time::Date;

/// Characters of a question, at most.
pub const QUESTION_CHARS_MAX: usize = 1000;
/// Characters of an answer, at most: a message on Zalo holds no more than 2,000.
pub const ANSWER_CHARS_MAX: usize = 1800;
/// Fewest characters that ask something.
const QUESTION_CHARS_MIN: usize = 8;
/// Characters of a reason, at most.
const NOTE_CHARS_MAX: usize = 500;
/// Working days that a level has before a late question climbs from it too.
pub const CLIMB_DAYS: u32 = 2;
/// Days after it was answered or withheld until nobody can say any more who asked.
pub const CONTACT_KEPT_DAYS: i32 = 30;
/// Days after which the question itself is forgotten; figures and published answers stay.
pub const WORDS_KEPT_DAYS: i32 = 730;

vocabulary! {
    /// How far a question has come.
    QuestionStage {
        /// A unit has it, and somebody is to write an answer.
        Open = "open",
        /// An answer waits for a second person.
        Review = "review",
        /// The asker has the answer.
        Answered = "answered",
        /// Not shown: abuse, or no question.
        Withheld = "withheld",
    }
}

vocabulary! {
    /// What moves a question on.
    QuestionAct {
        /// A resident asks.
        Ask = "ask",
        /// It goes to another unit or topic.
        Route = "route",
        /// It was late, and goes to the level above by itself.
        Climb = "climb",
        /// Somebody writes the answer.
        Draft = "draft",
        /// The second person gives it back.
        Return = "return",
        /// The second person lets it go out.
        Approve = "approve",
        /// It is published for everybody.
        Publish = "publish",
        /// It is abuse, or no question.
        Withhold = "withhold",
        /// That was wrong.
        Reopen = "reopen",
        /// Words that point at somebody are taken out.
        Mask = "mask",
        /// The asker was told by other means.
        Tell = "tell",
    }
}

impl QuestionAct {
    /// Where it leads from a stage, or from nothing; `None` when it cannot be done there.
    pub fn leads(self, from: Option<QuestionStage>) -> Option<QuestionStage> {
        use QuestionStage::{Answered, Open, Review, Withheld};
        match (self, from) {
            (Self::Ask, None) => Some(Open),
            (Self::Route | Self::Climb, Some(Open | Review)) => from,
            (Self::Draft, Some(Open | Review)) => Some(Review),
            (Self::Return, Some(Review)) => Some(Open),
            (Self::Approve, Some(Review)) => Some(Answered),
            (Self::Publish | Self::Tell, Some(Answered)) => Some(Answered),
            (Self::Withhold, Some(Open | Review)) => Some(Withheld),
            (Self::Reopen, Some(Withheld)) => Some(Open),
            (Self::Mask, Some(_)) => from,
            _ => None,
        }
    }

    /// Whether it must say something: a reason, an answer.
    pub fn needs_words(self) -> bool {
        matches!(
            self,
            Self::Route | Self::Draft | Self::Return | Self::Withhold | Self::Reopen | Self::Mask
        )
    }
}

vocabulary! {
    /// Which way a question came.
    QuestionSource {
        /// The page on the web.
        Web = "web",
        /// Asked at a counter.
        Counter = "counter",
        /// Written on paper.
        Paper = "paper",
        /// A message on Zalo.
        Zalo = "zalo",
    }
}

vocabulary! {
    /// Why a question is not shown.
    WithholdReason {
        /// Insults, threats, advertising.
        Abuse = "abuse",
        /// Nothing is asked.
        NotAQuestion = "not_a_question",
    }
}

/// How a question stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// How far it has come.
    pub stage: QuestionStage,
    /// Code of its topic.
    pub topic: String,
    /// The unit that has it.
    pub holder: PlaceId,
    /// The day by which the asker was promised an answer.
    pub due_on: Date,
    /// When that day is over without an answer, it climbs.
    pub climb_on: Date,
    /// How often it climbed.
    pub climbs: u32,
    /// Who wrote the answer that waits or went out.
    pub writer: Option<MemberId>,
}

/// Something done about a question; what it names changes, the rest stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    /// What.
    pub act: QuestionAct,
    /// The topic it has then.
    pub topic: Option<String>,
    /// The unit that has it then.
    pub holder: Option<PlaceId>,
    /// The day it is due then.
    pub due_on: Option<Date>,
    /// The day after which it climbs then.
    pub climb_on: Option<Date>,
}

impl Deed {
    /// One that names nothing.
    pub fn of(act: QuestionAct) -> Self {
        Self {
            act,
            topic: None,
            holder: None,
            due_on: None,
            climb_on: None,
        }
    }

    /// How a question stands after `by` did it; `before` is nothing for a new one.
    ///
    /// # Errors
    /// `question.not_now` when it cannot be done then.
    pub fn after(
        &self,
        before: Option<&Standing>,
        by: Option<MemberId>,
    ) -> Result<Standing, Refusal> {
        let no = || {
            let stage = before.map_or("", |before| before.stage.as_str());
            Refusal::new("question.not_now").with("stage", stage)
        };
        let from = before.map(|before| before.stage);
        let stage = self.act.leads(from).ok_or_else(no)?;
        let kept = |new: Option<Date>, old: Option<Date>| new.or(old).ok_or_else(no);
        Ok(Standing {
            stage,
            topic: (self.topic.clone())
                .or_else(|| before.map(|before| before.topic.clone()))
                .ok_or_else(no)?,
            holder: (self.holder.clone())
                .or_else(|| before.map(|before| before.holder.clone()))
                .ok_or_else(no)?,
            due_on: kept(self.due_on, before.map(|before| before.due_on))?,
            climb_on: kept(self.climb_on, before.map(|before| before.climb_on))?,
            climbs: before.map_or(0, |before| before.climbs)
                + u32::from(self.act == QuestionAct::Climb),
            writer: match self.act {
                QuestionAct::Draft => by,
                QuestionAct::Return | QuestionAct::Withhold => None,
                _ => before.and_then(|before| before.writer),
            },
        })
    }
}

/// The day an answer is due: the topic's working days after the day it was asked.
pub fn due_on(asked_on: Date, topic: &Topic) -> Date {
    working_days_after(asked_on, topic.due_days)
}

/// When a question that has just climbed on `day` climbs again.
pub fn climbs_again_on(day: Date) -> Date {
    working_days_after(day, CLIMB_DAYS)
}

/// Days an answer was late, or an open question is by now; 0 in time.
pub fn days_late(due_on: Date, answered_or_today: Date) -> i32 {
    days_between(due_on, answered_or_today).max(0)
}

/// What a question is about, who answers how soon.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Topic {
    /// Stable; never reused.
    pub code: String,
    /// Its name.
    pub name: Named,
    /// Working days to answer.
    pub due_days: u32,
    /// Folded words that suggest it.
    #[serde(skip_serializing)]
    #[cfg_attr(feature = "schema", schema(ignore))]
    pub keywords: Vec<String>,
}

/// All topics, in the order in which they are shown; the last takes what fits no other.
#[derive(Clone, Debug)]
pub struct Topics(Vec<Topic>);

impl Topics {
    /// Those that come with the program.
    pub fn bundled() -> Self {
        let all: Vec<Topic> = serde_json::from_str(include_str!("../data/topics.json"))
            .expect("the bundled topics are checked by a test");
        Self(all)
    }

    /// All of them.
    pub fn all(&self) -> &[Topic] {
        &self.0
    }

    /// The topic with this code.
    pub fn find(&self, code: &str) -> Option<&Topic> {
        self.0.iter().find(|topic| topic.code == code)
    }

    /// What the words suggest, whatever marks they are typed with: the topic whose keywords
    /// say most, a keyword of three words more than one of two.
    pub fn suggest(&self, text: &str) -> Option<&Topic> {
        let said = format!(" {} ", plain_words(text).join(" "));
        let weight = |topic: &Topic| -> usize {
            let spoken = |word: &&String| said.contains(&format!(" {word} "));
            let weigh = |word: &String| word.split(' ').count().pow(2);
            topic.keywords.iter().filter(spoken).map(weigh).sum()
        };
        // Of equals the first.
        let mut best = (0, None);
        for topic in &self.0 {
            let weight = weight(topic);
            if weight > best.0 {
                best = (weight, Some(topic));
            }
        }
        best.1
    }
}

/// An answer to start from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AnswerTemplate {
    /// Stable.
    pub code: String,
    /// Code of the topic.
    pub topic: String,
    /// What it answers.
    pub title: String,
    /// Its words.
    pub text: String,
}

/// Answers to start from that come with the program; published answers are others.
pub fn templates() -> Vec<AnswerTemplate> {
    serde_json::from_str(include_str!("../data/answers.json"))
        .expect("the bundled answers are checked by a test")
}

/// What stands where something was masked.
pub const MASK: &str = "•••";
/// From so many digits on without a gap it may be a paper, a card or an account.
const DIGITS_MASKED_MIN: usize = 9;

/// Text without phone numbers, numbers of papers and accounts, however they are grouped.
pub fn masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit() || c == '+') {
        let (before, run) = rest.split_at(start);
        out.push_str(before);
        let is_part = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '.' | '-' | '+');
        let end = run.find(|c| !is_part(c)).unwrap_or(run.len());
        mask_run(&run[..end], &mut out);
        rest = &run[end..];
    }
    out.push_str(rest);
    out
}

/// Masks within a run of digits, blanks, dots, hyphens and plus signs.
fn mask_run(run: &str, out: &mut String) {
    let is_gap = |c: char| matches!(c, ' ' | '.' | '-');
    // Where each group of digits begins and ends.
    let mut groups: Vec<(usize, usize)> = Vec::new();
    for (at, c) in run.char_indices() {
        match groups.last_mut() {
            Some((_, end)) if !is_gap(c) && *end == at => *end = at + c.len_utf8(),
            _ if !is_gap(c) => groups.push((at, at + c.len_utf8())),
            _ => {}
        }
    }
    let mut done = 0;
    let mut first = 0;
    while first < groups.len() {
        let from = groups[first].0;
        // The longest first: a number said in groups goes as a whole.
        let found = (first..groups.len()).rev().find(|last| {
            let part = &run[from..groups[*last].1];
            points_at_someone(part)
        });
        match found {
            Some(last) => {
                out.push_str(&run[done..from]);
                out.push_str(MASK);
                done = groups[last].1;
                first = last + 1;
            }
            None => first += 1,
        }
    }
    out.push_str(&run[done..]);
}

fn points_at_someone(part: &str) -> bool {
    let digits = part.chars().filter(char::is_ascii_digit).count();
    let one_piece = part.chars().all(|c| c.is_ascii_digit() || c == '+');
    let like_a_phone = ["0", "84", "+84"].iter().any(|at| part.starts_with(at));
    let spaced = part.chars().all(|c| c.is_ascii_digit() || c == ' ');
    (one_piece && digits >= DIGITS_MASKED_MIN)
        || (like_a_phone && vn::phone::Phone::parse(part).is_ok())
        || (spaced && digits == 12 && part.starts_with('0'))
}

fn words(field: &str, raw: &str, min: usize, max: usize) -> Result<String, Refusal> {
    // Lines stay lines; what is between them is made tidy.
    let lines: Vec<String> = raw.lines().map(vn::text::normalise).collect();
    let text = lines.join("\n").trim().to_owned();
    if !(min..=max).contains(&text.chars().count()) {
        return Err(Refusal::new("question.length")
            .with("field", field)
            .with("chars_min", min)
            .with("chars_max", max));
    }
    Ok(text)
}

/// A question as it is kept: tidy, and with what points at people masked.
///
/// # Errors
/// `question.length`.
pub fn question_words(raw: &str) -> Result<String, Refusal> {
    words("text", raw, QUESTION_CHARS_MIN, QUESTION_CHARS_MAX).map(|text| masked(&text))
}

/// An answer, tidy. The numbers in it are ours: hotlines, fees.
///
/// # Errors
/// `question.length`.
pub fn answer_words(raw: &str) -> Result<String, Refusal> {
    words("answer", raw, QUESTION_CHARS_MIN, ANSWER_CHARS_MAX)
}

/// A reason, tidy and masked; blank is none.
///
/// # Errors
/// `question.length`.
pub fn note_words(raw: &str) -> Result<String, Refusal> {
    words("note", raw, 0, NOTE_CHARS_MAX).map(|text| masked(&text))
}

/// Words that every second sentence has, so that they find nothing.
const EVERYWHERE: &[&str] = &[
    "a", "ai", "anh", "bac", "bi", "cac", "chi", "cho", "co", "cua", "dau", "de", "duoc", "em",
    "gi", "giup", "hoi", "khi", "khong", "la", "lam", "len", "ma", "minh", "mot", "muon", "nao",
    "nay", "neu", "nhe", "nhu", "nhung", "o", "oi", "phai", "phuong", "ra", "roi", "sao", "se",
    "thi", "thua", "toi", "trong", "va", "vao", "ve", "voi", "xa", "xin",
];

/// Folded words of a text, in order, without anything between them.
fn plain_words(text: &str) -> Vec<String> {
    let folded = vn::text::fold(text);
    let words = folded.split(|c: char| !c.is_alphanumeric());
    words
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// What a text is found by, each once: folded words that say something.
pub fn search_words(text: &str) -> BTreeSet<String> {
    let telling = |word: &String| !EVERYWHERE.contains(&word.as_str());
    plain_words(text).into_iter().filter(telling).collect()
}

/// Letters of a code.
const LETTERS: usize = 10;

/// What the asker finds their question by: ten letters, 50 bits of chance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuestionCode(String);

impl QuestionCode {
    /// A code from chance.
    pub fn from_random(bytes: [u8; LETTERS]) -> Self {
        Self(codes::from_random(bytes))
    }

    /// Reads a code as people write it.
    pub fn parse(raw: &str) -> Option<Self> {
        codes::parse(raw, LETTERS).map(Self)
    }

    /// As it is kept.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for QuestionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, last) = self.0.split_at(LETTERS / 2);
        write!(f, "{first}-{last}")
    }
}

/// A phone number to answer at (E.164), by the asker's consent; blank is none.
///
/// # Errors
/// `question.phone` when it is none, `question.consent` without consent.
pub fn phone(raw: &str, consents: bool) -> Result<Option<String>, Refusal> {
    if raw.trim().is_empty() {
        return Ok(None);
    }
    let phone = vn::phone::Phone::parse(raw).map_err(|_| Refusal::new("question.phone"))?;
    match consents {
        true => Ok(Some(phone.e164())),
        false => Err(Refusal::new("question.consent")),
    }
}

/// A question that was written down for a resident, as a phone sends it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedOnWire {
    source: QuestionSource,
    /// Minted by the device, which may have no network and gives it to the asker at once.
    code: String,
    text: String,
    #[serde(default)]
    phone: Option<String>,
    #[serde(default)]
    consents: bool,
}

impl AskedOnWire {
    /// Checks everything that needs no register.
    ///
    /// # Errors
    /// `question.length`, `question.phone`, `question.consent`, or `request.validation` with the
    /// field.
    pub fn parse(self, keys: &Pseudonymiser) -> Result<Asked, Refusal> {
        let invalid = |field| Refusal::new("request.validation").with("field", field);
        if ![QuestionSource::Counter, QuestionSource::Paper].contains(&self.source) {
            return Err(invalid("source"));
        }
        let code = QuestionCode::parse(&self.code).ok_or_else(|| invalid("code"))?;
        let text = question_words(&self.text)?;
        let phone = phone(self.phone.as_deref().unwrap_or_default(), self.consents)?;
        Ok(Asked {
            source: self.source,
            said: keys.key("asked", &[code.as_str().as_bytes(), text.as_bytes()]),
            words: Some(AskedWords { code, text, phone }),
        })
    }
}

/// A question that was written down for a resident, as a fact. The ledger forgets nothing, and
/// this has to be forgotten: it keeps that somebody asked; what they said goes to the register
/// of questions only.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Asked {
    /// At a counter or on paper.
    pub source: QuestionSource,
    /// Tells it from another question under the same id.
    pub said: SubjectKey,
    /// What goes to the register; nothing once it is read from the ledger.
    #[serde(skip)]
    pub words: Option<AskedWords>,
}

impl PartialEq for Asked {
    fn eq(&self, other: &Self) -> bool {
        (self.source, self.said) == (other.source, other.said)
    }
}

/// What somebody said who had their question written down.
#[derive(Clone, Debug)]
pub struct AskedWords {
    /// What they find it by.
    pub code: QuestionCode,
    /// What they ask, masked.
    pub text: String,
    /// Where they want to be told (E.164).
    pub phone: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    fn place(id: &str) -> PlaceId {
        PlaceId::parse(id).unwrap()
    }

    fn asked() -> Deed {
        Deed {
            topic: Some("land".to_owned()),
            holder: Some(place("63-21553")),
            due_on: Some(date!(2024 - 10 - 15)),
            climb_on: Some(date!(2024 - 10 - 15)),
            ..Deed::of(QuestionAct::Ask)
        }
    }

    #[test]
    fn every_act_leads_somewhere_from_where_it_may_be_done_and_nowhere_else() {
        use QuestionStage::{Answered, Open, Review, Withheld};
        let mut found = Vec::new();
        for act in QuestionAct::ALL {
            for from in std::iter::once(None).chain(QuestionStage::ALL.iter().copied().map(Some)) {
                found.extend(act.leads(from).map(|to| (act.as_str(), from, to)));
            }
        }
        let wanted = [
            ("ask", None, Open),
            ("route", Some(Open), Open),
            ("route", Some(Review), Review),
            ("climb", Some(Open), Open),
            ("climb", Some(Review), Review),
            ("draft", Some(Open), Review),
            ("draft", Some(Review), Review),
            ("return", Some(Review), Open),
            ("approve", Some(Review), Answered),
            ("publish", Some(Answered), Answered),
            ("withhold", Some(Open), Withheld),
            ("withhold", Some(Review), Withheld),
            ("reopen", Some(Withheld), Open),
            ("mask", Some(Open), Open),
            ("mask", Some(Review), Review),
            ("mask", Some(Answered), Answered),
            ("mask", Some(Withheld), Withheld),
            ("tell", Some(Answered), Answered),
        ];
        assert_eq!(found, wanted);
    }

    #[test]
    fn a_question_climbs_keeps_its_promise_in_sight_and_is_answered() {
        let one = MemberId(uuid::Uuid::from_u128(1));
        let stands = asked().after(None, None).unwrap();
        let climb = Deed {
            holder: Some(place("63-540")),
            climb_on: Some(date!(2024 - 10 - 18)),
            ..Deed::of(QuestionAct::Climb)
        };
        let stands = climb.after(Some(&stands), None).unwrap();
        assert_eq!((stands.climbs, stands.holder.as_str()), (1, "63-540"));
        assert_eq!(stands.due_on, date!(2024 - 10 - 15));
        let stands = Deed::of(QuestionAct::Draft)
            .after(Some(&stands), Some(one))
            .unwrap();
        assert_eq!(
            (stands.stage, stands.writer),
            (QuestionStage::Review, Some(one))
        );
        let back = Deed::of(QuestionAct::Return)
            .after(Some(&stands), None)
            .unwrap();
        assert_eq!((back.stage, back.writer), (QuestionStage::Open, None));
        let done = Deed::of(QuestionAct::Approve)
            .after(Some(&stands), None)
            .unwrap();
        assert_eq!(done.stage, QuestionStage::Answered);
        let again = climb.after(Some(&done), None).unwrap_err();
        assert_eq!(
            (again.code, again.facts["stage"].as_str()),
            ("question.not_now", Some("answered"))
        );
        assert_eq!(
            climb.after(None, None).unwrap_err().code,
            "question.not_now"
        );
    }

    #[test]
    fn it_is_due_on_a_working_day() {
        let topics = Topics::bundled();
        let certification = topics.find("certification").unwrap();
        // Asked on a Friday, due on the Monday; over the first of May, on the second.
        assert_eq!(
            due_on(date!(2024 - 10 - 11), certification),
            date!(2024 - 10 - 14)
        );
        assert_eq!(
            due_on(date!(2025 - 04 - 30), certification),
            date!(2025 - 05 - 05)
        );
        assert_eq!(
            climbs_again_on(date!(2024 - 10 - 11)),
            date!(2024 - 10 - 15)
        );
        assert_eq!(days_late(date!(2024 - 10 - 14), date!(2024 - 10 - 16)), 2);
        assert_eq!(days_late(date!(2024 - 10 - 14), date!(2024 - 10 - 11)), 0);
    }

    #[test]
    fn words_suggest_a_topic_with_or_without_marks() {
        let topics = Topics::bundled();
        let suggest = |text| topics.suggest(text).map(|topic| topic.code.as_str());
        assert_eq!(
            suggest("Tôi thuê trọ, làm sao đăng ký tạm trú?"),
            Some("residence")
        );
        assert_eq!(
            suggest("toi thue tro lam sao dang ky TAM TRU"),
            Some("residence")
        );
        assert_eq!(suggest("Sổ đỏ nhà tôi sai tên, ai sửa?"), Some("land"));
        assert_eq!(
            suggest("Xin giấy xác nhận tình trạng hôn nhân"),
            Some("civil_status")
        );
        assert_eq!(suggest("Trác tuyệt"), None, "a part of a word is no word");
        assert_eq!(suggest("Chào phường"), None);
        let codes: BTreeSet<&str> = topics
            .all()
            .iter()
            .map(|topic| topic.code.as_str())
            .collect();
        assert_eq!(codes.len(), topics.all().len());
        for topic in topics.all() {
            assert!(topic.due_days > 0 && !topic.name.vi.is_empty() && !topic.name.en.is_empty());
            for word in &topic.keywords {
                assert_eq!(&plain_words(word).join(" "), word, "keywords are folded");
            }
        }
        for template in templates() {
            assert!(topics.find(&template.topic).is_some());
            assert_eq!(answer_words(&template.text).as_ref(), Ok(&template.text));
        }
    }

    #[test]
    fn numbers_that_point_at_people_are_masked() {
        for (said, kept) in [
            ("Gọi tôi 0905123456 nhé", "Gọi tôi ••• nhé"),
            ("Gọi 0905 123 456.", "Gọi •••."),
            ("số 0905.123.456, hoặc +84 905 123 456", "số •••, hoặc •••"),
            ("CCCD 052191000123", "CCCD •••"),
            ("cccd 052 191 000 123 của tôi", "cccd ••• của tôi"),
            ("CMND 211234567", "CMND •••"),
            ("Ngày 12 0905 123 456", "Ngày 12 •••"),
            ("stk 19036677889012 vcb", "stk ••• vcb"),
        ] {
            assert_eq!(masked(said), kept);
        }
        for said in [
            "Thu 1.200.000 đồng, 15 hộ, ngày 01/10/2024",
            "Hồ sơ 000.12.34.H08-240101-0001 bị trả",
            "2024 1000 người",
            "Đền bù 100.000.000 - 250.000.000 đồng",
            "Gọi 113 hay 1022?",
            "",
        ] {
            assert_eq!(masked(said), said);
        }
    }

    #[test]
    fn words_have_a_length() {
        assert_eq!(
            question_words("  Hỏi\u{a0} gì  đây?\r\n ạ ").as_deref(),
            Ok("Hỏi gì đây?\nạ")
        );
        for bad in ["", "hả?", &"a".repeat(1001)] {
            assert_eq!(question_words(bad).unwrap_err().code, "question.length");
        }
        assert_eq!(note_words("").as_deref(), Ok(""));
    }

    #[test]
    fn a_text_is_found_by_words_that_say_something() {
        let words: Vec<String> = search_words("Làm sao để đăng ký TẠM TRÚ, tạm trú?")
            .into_iter()
            .collect();
        assert_eq!(words, ["dang", "ky", "tam", "tru"]);
        assert!(search_words("thì là mà").is_empty());
    }

    #[test]
    fn codes_are_read_as_people_write_them() {
        let code = QuestionCode::from_random([0xff, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(code.as_str().len(), 10);
        let shown = code.to_string();
        assert_eq!(QuestionCode::parse(&shown.to_lowercase()), Some(code));
        assert_eq!(
            QuestionCode::parse("oil00-00000").unwrap().as_str(),
            "0110000000"
        );
        for bad in ["", "123", "1234567890A", "12345U7890", "ế234567890"] {
            assert_eq!(QuestionCode::parse(bad), None, "{bad}");
        }
    }
}
