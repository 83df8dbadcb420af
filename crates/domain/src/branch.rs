//! The branch workspace: tasks, directives from above with what became of them, and the
//! minutes of meetings.
//!
//! What somebody does about any of these is a fact. How a task or a directive stands is
//! read out of all facts about it, in the order in which they happened, so that it is the
//! same in whatever order they arrive.

use crate::days::iso;
use crate::facts::{NOTE_CHARS_MAX, TEXT_CHARS_MAX, clean, clean_option};
use crate::holidays::{is_working_day, working_days_after};
use crate::ids::{ActivityId, DirectiveId, MemberId, TaskId};
use crate::refusal::Refusal;
use crate::vocabulary::vocabulary;
use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};

/// Characters of a longer text, at most: what a directive says, or a point of minutes.
pub const LONG_CHARS_MAX: usize = 4000;
/// People, points or decisions in one record of a meeting, at most, of each.
const LIST_MAX: usize = 200;

vocabulary! {
    /// How far a task has come.
    TaskState {
        /// Nobody has begun.
        Open = "open",
        /// Somebody is at it.
        Doing = "doing",
        /// It is done.
        Done = "done",
        /// It need not be done any more.
        Cancelled = "cancelled",
    }
}

impl TaskState {
    /// Whether there is still something to do.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Open | Self::Doing)
    }
}

/// What a task comes from, when nobody thought of it by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum TaskSource {
    /// What a meeting decided.
    Meeting {
        /// The meeting.
        #[cfg_attr(feature = "schema", schema(value_type = uuid::Uuid))]
        activity: ActivityId,
        /// On which of its days.
        #[serde(with = "iso")]
        #[cfg_attr(feature = "schema", schema(value_type = String, format = Date))]
        day: Date,
    },
    /// What a directive asks for.
    Directive {
        /// The directive.
        #[cfg_attr(feature = "schema", schema(value_type = uuid::Uuid))]
        directive: DirectiveId,
    },
}

/// What a leader asks somebody, or the whole team, to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Giving {
    /// What to do.
    pub title: String,
    /// What else there is to know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Who; the whole team if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<MemberId>,
    /// Until when.
    #[serde(default, with = "iso::option", skip_serializing_if = "Option::is_none")]
    pub due_on: Option<Date>,
    /// What it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<TaskSource>,
}

/// What is done about a task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
pub enum TaskStep {
    /// It is given, or given anew in other words.
    Give {
        /// Which one; made where it is given.
        task: TaskId,
        /// What to do.
        what: Giving,
    },
    /// It goes on.
    Move {
        /// Which one.
        task: TaskId,
        /// How far it has come.
        to: TaskState,
    },
}

impl TaskStep {
    /// Which task.
    pub fn task(&self) -> TaskId {
        match self {
            Self::Give { task, .. } | Self::Move { task, .. } => *task,
        }
    }

    /// Tidies texts.
    ///
    /// # Errors
    /// `fact.malformed`, `fact.text_too_long`.
    pub fn tidied(self) -> Result<Self, Refusal> {
        Ok(match self {
            Self::Give { task, what } => Self::Give {
                task,
                what: Giving {
                    title: clean("title", &what.title, TEXT_CHARS_MAX)?,
                    note: clean_option("note", what.note, NOTE_CHARS_MAX)?,
                    ..what
                },
            },
            moved => moved,
        })
    }
}

/// A step with who took it and when.
#[derive(Clone, Copy, Debug)]
pub struct Taken<'a, S> {
    /// What was done.
    pub step: &'a S,
    /// By whom.
    pub by: MemberId,
    /// When.
    pub at: OffsetDateTime,
}

/// A task as its steps leave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// What to do, in the latest words.
    pub what: Giving,
    /// When it was first given, and by whom.
    pub given: (OffsetDateTime, MemberId),
    /// How far it has come.
    pub state: TaskState,
    /// The latest step of any kind, and whose.
    pub changed: (OffsetDateTime, MemberId),
}

/// How a task stands after its steps, in the order in which they were taken; `None` while
/// nobody gave it.
pub fn task_after(steps: &[Taken<'_, TaskStep>]) -> Option<Task> {
    let mut given: Option<(&Giving, OffsetDateTime, MemberId)> = None;
    let mut state = TaskState::Open;
    for taken in steps {
        match taken.step {
            TaskStep::Give { what, .. } => {
                let (at, by) = given.map_or((taken.at, taken.by), |(_, at, by)| (at, by));
                given = Some((what, at, by));
            }
            TaskStep::Move { to, .. } => state = *to,
        }
    }
    let (what, at, by) = given?;
    let last = steps.last()?;
    Some(Task {
        what: what.clone(),
        given: (at, by),
        state,
        changed: (last.at, last.by),
    })
}

/// The day by which something is really due: a day that offices work.
pub fn due_day(day: Date) -> Date {
    if is_working_day(day) {
        day
    } else {
        working_days_after(day, 1)
    }
}

/// Whether somebody is told today that something is due soon: it is, by the next working
/// day, and is not late yet.
pub fn is_due_soon(due_on: Date, today: Date) -> bool {
    today < due_on && due_on <= working_days_after(today, 1)
}

/// What a team's leader does about a directive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
pub enum DirectiveStep {
    /// They have read it.
    Read {
        /// Which one.
        directive: DirectiveId,
    },
    /// They tell what came of it; again puts another in its place.
    Report {
        /// Which one.
        directive: DirectiveId,
        /// In words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
        /// As a number.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        number: Option<u32>,
    },
}

impl DirectiveStep {
    /// Which directive.
    pub fn directive(&self) -> DirectiveId {
        match self {
            Self::Read { directive } | Self::Report { directive, .. } => *directive,
        }
    }

    /// Tidies texts.
    ///
    /// # Errors
    /// `fact.malformed`, `fact.text_too_long`.
    pub fn tidied(self) -> Result<Self, Refusal> {
        Ok(match self {
            Self::Report {
                directive,
                text,
                number,
            } => Self::Report {
                directive,
                text: long_option("text", text)?,
                number,
            },
            read => read,
        })
    }
}

/// What a directive asks to be told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    /// A few words.
    pub text: bool,
    /// A number, and of what; empty for none.
    pub number: String,
}

impl Ask {
    /// Whether anything is to be told at all.
    pub fn is_some(&self) -> bool {
        self.text || !self.number.is_empty()
    }

    /// Whether a report tells what was asked.
    pub fn is_met(&self, text: Option<&str>, number: Option<u32>) -> bool {
        (!self.text || text.is_some()) && (self.number.is_empty() || number.is_some())
    }
}

/// What came of a directive in a team.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// When its leader first had read it, and who that was.
    pub read: Option<(OffsetDateTime, MemberId)>,
    /// When they last reported, and who did.
    pub reported: Option<(OffsetDateTime, MemberId)>,
    /// In words.
    pub text: Option<String>,
    /// As a number.
    pub number: Option<u32>,
}

/// What came of a directive in a team, by its steps in the order in which they were taken.
pub fn receipt_after(steps: &[Taken<'_, DirectiveStep>]) -> Receipt {
    let mut receipt = Receipt::default();
    for taken in steps {
        // Who reports has read it.
        receipt.read.get_or_insert((taken.at, taken.by));
        if let DirectiveStep::Report { text, number, .. } = taken.step {
            receipt.reported = Some((taken.at, taken.by));
            receipt.text.clone_from(text);
            receipt.number = *number;
        }
    }
    receipt
}

/// Reads the number and sign of an official document (*số, ký hiệu*): `225-KH/TWĐTN-CTTN`,
/// `12/KH-UBND`. `None` when it is none.
pub fn document_number(raw: &str) -> Option<String> {
    let text = vn::text::normalise(raw);
    let text = ["Số:", "Số", "số:", "số"]
        .iter()
        .find_map(|word| text.strip_prefix(word))
        .map_or(text.as_str(), str::trim_start);
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, sign) = text.split_at(digits);
    let sound = (1..=6).contains(&number.len())
        && sign.starts_with(['-', '/'])
        && sign[1..].starts_with(char::is_alphanumeric)
        && sign.contains('/')
        && sign.chars().count() <= 40
        && sign
            .chars()
            .all(|c| c.is_alphanumeric() || "-/.&".contains(c));
    sound.then(|| text.to_owned())
}

/// Somebody who did not come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Absent {
    /// Who.
    #[cfg_attr(feature = "schema", schema(value_type = uuid::Uuid))]
    pub member: MemberId,
    /// Why; empty when nobody said.
    pub reason: String,
}

/// Something that was talked about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Point {
    /// About what.
    pub title: String,
    /// What was said; lines are kept.
    pub text: String,
}

/// The minutes of a meeting, as its leader signs them. A correction is another fact that
/// names the one before and says why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Minutes {
    /// The meeting.
    #[cfg_attr(feature = "schema", schema(value_type = uuid::Uuid))]
    pub activity: ActivityId,
    /// On which of its days.
    #[serde(with = "iso")]
    #[cfg_attr(feature = "schema", schema(value_type = String, format = Date))]
    pub day: Date,
    /// Who led it.
    pub chair: String,
    /// Who wrote it down.
    pub secretary: String,
    /// Who came.
    #[cfg_attr(feature = "schema", schema(value_type = Vec<uuid::Uuid>))]
    pub attending: Vec<MemberId>,
    /// Who did not.
    pub absent: Vec<Absent>,
    /// What was talked about.
    pub points: Vec<Point>,
    /// What was decided.
    pub decisions: Vec<String>,
    /// Why they are corrected; absent in the first ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl Minutes {
    /// Tidies texts and checks limits; a correction says why, and only a correction does.
    ///
    /// # Errors
    /// `fact.malformed`, `fact.text_too_long`, `minutes.why`.
    pub fn tidied(self, corrects: bool) -> Result<Self, Refusal> {
        for (field, count) in [
            ("attending", self.attending.len()),
            ("absent", self.absent.len()),
            ("points", self.points.len()),
            ("decisions", self.decisions.len()),
        ] {
            if count > LIST_MAX {
                return Err(Refusal::new("fact.malformed").with("why", field));
            }
        }
        let why = clean_option("why", self.why, TEXT_CHARS_MAX)?;
        if why.is_some() != corrects {
            return Err(Refusal::new("minutes.why"));
        }
        let brief = |field: &str, text: String| {
            clean_option(field, Some(text), TEXT_CHARS_MAX).map(Option::unwrap_or_default)
        };
        let absent = self.absent.into_iter().map(|one| {
            Ok(Absent {
                reason: brief("reason", one.reason)?,
                ..one
            })
        });
        let points = self.points.into_iter().map(|one| {
            Ok(Point {
                title: clean("points", &one.title, TEXT_CHARS_MAX)?,
                text: long_option("points", Some(one.text))?.unwrap_or_default(),
            })
        });
        let decisions = self.decisions.iter();
        Ok(Self {
            chair: brief("chair", self.chair)?,
            secretary: brief("secretary", self.secretary)?,
            absent: absent.collect::<Result<_, Refusal>>()?,
            points: points.collect::<Result<_, Refusal>>()?,
            decisions: decisions
                .map(|text| clean("decisions", text, NOTE_CHARS_MAX))
                .collect::<Result<_, _>>()?,
            why,
            ..self
        })
    }
}

/// A longer text, each line tidied; absent and blank are the same.
///
/// # Errors
/// `fact.text_too_long`.
pub fn long_option(field: &str, raw: Option<String>) -> Result<Option<String>, Refusal> {
    let raw = raw.unwrap_or_default();
    let lines: Vec<String> = raw.lines().map(vn::text::normalise).collect();
    let text = lines.join("\n").trim_matches('\n').to_owned();
    match text.chars().count() {
        0 => Ok(None),
        chars if chars > LONG_CHARS_MAX => Err(Refusal::new("fact.text_too_long")
            .with("field", field)
            .with("chars_max", LONG_CHARS_MAX)),
        _ => Ok(Some(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::Duration;
    use time::macros::{date, datetime};
    use uuid::Uuid;

    const NOON: OffsetDateTime = datetime!(2024-10-13 12:00 +7);
    const TASK: TaskId = TaskId(Uuid::from_u128(1));
    const DIRECTIVE: DirectiveId = DirectiveId(Uuid::from_u128(2));

    fn member(n: u128) -> MemberId {
        MemberId(Uuid::from_u128(n))
    }

    fn taken<S>(step: &S, by: u128, minute: i64) -> Taken<'_, S> {
        Taken {
            step,
            by: member(by),
            at: NOON + Duration::minutes(minute),
        }
    }

    fn give(title: &str) -> TaskStep {
        TaskStep::Give {
            task: TASK,
            what: Giving {
                title: title.to_owned(),
                note: None,
                member: None,
                due_on: None,
                source: None,
            },
        }
    }

    #[test]
    fn a_task_keeps_its_first_giver_and_takes_the_latest_words_and_state() {
        let done = TaskStep::Move {
            task: TASK,
            to: TaskState::Done,
        };
        assert_eq!(task_after(&[taken(&done, 8, 0)]), None);
        let (first, second) = (give("Dán mã QR"), give("Dán mã QR ở chợ"));
        let steps = [
            taken(&first, 7, 0),
            taken(&done, 8, 5),
            taken(&second, 9, 9),
        ];
        let task = task_after(&steps).unwrap();
        assert_eq!(task.what.title, "Dán mã QR ở chợ");
        assert_eq!(task.given, (NOON, member(7)));
        assert_eq!(task.state, TaskState::Done);
        assert_eq!(task.changed, (NOON + Duration::minutes(9), member(9)));
    }

    #[test]
    fn what_is_due_on_a_day_off_is_due_on_the_next_working_day_and_told_one_before() {
        // A Saturday; then the holidays of 30 April, with a swapped Monday before them.
        assert_eq!(due_day(date!(2024 - 10 - 19)), date!(2024 - 10 - 21));
        assert_eq!(due_day(date!(2024 - 04 - 29)), date!(2024 - 05 - 02));
        let monday = date!(2024 - 10 - 21);
        for (today, soon) in [
            (date!(2024 - 10 - 17), false),
            (date!(2024 - 10 - 18), true),
            (date!(2024 - 10 - 20), true),
            (date!(2024 - 10 - 21), false),
            (date!(2024 - 10 - 22), false),
        ] {
            assert_eq!(is_due_soon(monday, today), soon, "{today}");
        }
    }

    #[test]
    fn who_reports_has_read_and_the_last_report_counts() {
        let report = |text: &str, number| DirectiveStep::Report {
            directive: DIRECTIVE,
            text: Some(text.to_owned()),
            number: Some(number),
        };
        let read = DirectiveStep::Read {
            directive: DIRECTIVE,
        };
        let (first, second) = (report("mới có 3", 3), report("đủ 12", 12));
        let steps = [
            taken(&first, 7, 0),
            taken(&read, 8, 1),
            taken(&second, 9, 2),
        ];
        let receipt = receipt_after(&steps);
        assert_eq!(receipt.read, Some((NOON, member(7))));
        assert_eq!(receipt.reported.map(|(_, by)| by), Some(member(9)));
        assert_eq!(receipt.number, Some(12));
        let ask = Ask {
            text: false,
            number: "mã QR đã dán".to_owned(),
        };
        assert!(ask.is_some() && ask.is_met(None, Some(0)) && !ask.is_met(Some("rồi"), None));
    }

    #[test]
    fn numbers_of_documents_are_those_that_offices_write() {
        for (raw, read) in [
            ("225-KH/TWĐTN-CTTN", Some("225-KH/TWĐTN-CTTN")),
            (" Số:  12/KH-UBND ", Some("12/KH-UBND")),
            ("01-KH/BCĐTW", Some("01-KH/BCĐTW")),
            ("225", None),
            ("KH/12", None),
            ("225-KH TWĐTN", None),
            ("225/", None),
            ("12-", None),
        ] {
            assert_eq!(document_number(raw).as_deref(), read, "{raw}");
        }
    }

    #[test]
    fn minutes_keep_their_lines_and_a_correction_says_why() {
        let minutes = Minutes {
            activity: ActivityId(Uuid::from_u128(3)),
            day: date!(2024 - 10 - 13),
            chair: "  Lê  Hà ".to_owned(),
            secretary: String::new(),
            attending: vec![member(7)],
            absent: vec![Absent {
                member: member(8),
                reason: "đi  học".to_owned(),
            }],
            points: vec![Point {
                title: "Đoàn phí".to_owned(),
                text: "dòng  một\ndòng hai\n".to_owned(),
            }],
            decisions: vec!["Dán mã QR ở chợ".to_owned()],
            why: None,
        };
        let tidy = minutes.clone().tidied(false).unwrap();
        assert_eq!((&*tidy.chair, &*tidy.absent[0].reason), ("Lê Hà", "đi học"));
        assert_eq!(tidy.points[0].text, "dòng một\ndòng hai");
        assert_eq!(
            minutes.clone().tidied(true).unwrap_err().code,
            "minutes.why"
        );
        let empty = Minutes {
            decisions: vec![" ".to_owned()],
            ..minutes
        };
        assert_eq!(empty.tidied(false).unwrap_err().code, "fact.malformed");
    }
}
