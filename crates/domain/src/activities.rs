//! Activities: what is planned once or again and again, on which days it really takes
//! place, whom it concerns, and in what order its steps are done.
//!
//! Recurrence is RFC 5545, computed here and nowhere else: phones get the days.

use crate::days::{VIETNAM, day_of, iso};
use crate::facts::{NOTE_CHARS_MAX, TEXT_CHARS_MAX};
use crate::holidays;
use crate::ids::TeamId;
use crate::people::TeamKind;
use crate::refusal::Refusal;
use crate::vocabulary::vocabulary;
use chrono::TimeZone;
use rrule::{Frequency, RRule, Unvalidated};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use time::{Date, Duration, OffsetDateTime};

/// Days of one activity, at most: every day of a year and a few.
pub const DAYS_MAX: u16 = 400;
/// The longest one, minutes.
pub const DURATION_MIN_MAX: u32 = 24 * 60;
/// Steps of a playbook, at most.
pub const STEPS_MAX: usize = 20;
/// Hosts, partners, services, kinds of team and exceptions, at most, of each.
pub const LIST_MAX: usize = 60;
/// The longest rule, bytes.
const RULE_BYTES_MAX: usize = 300;

vocabulary! {
    /// Kinds of activity.
    ActivityKind {
        /// *Lễ ra quân*.
        Launch = "launch",
        /// *Ngày cao điểm*.
        PeakDay = "peak_day",
        /// *Chủ nhật hằng tuần*.
        Sunday = "sunday",
        /// *Ngày thứ Bảy tình nguyện*.
        Saturday = "saturday",
        /// *Trực tại điểm*.
        Desk = "desk",
        /// *Sự kiện tại doanh nghiệp*.
        Enterprise = "enterprise",
        /// *Họp, sinh hoạt*.
        Meeting = "meeting",
        /// *Tập huấn*.
        Training = "training",
        /// Anything else.
        Other = "other",
    }
}

vocabulary! {
    /// What an activity is for: teams do more than the digital.
    Category {
        /// *Chuyển đổi số*.
        Digital = "digital",
        /// *Phát triển kinh tế – xã hội*.
        Economy = "economy",
        /// *An ninh, trật tự*.
        Security = "security",
        /// *Đời sống văn hóa*.
        Culture = "culture",
        /// *Môi trường*.
        Environment = "environment",
        /// *An sinh xã hội*.
        Welfare = "welfare",
    }
}

vocabulary! {
    /// What shows that a step was done.
    Evidence {
        /// The tick is enough.
        Tick = "tick",
        /// A few words.
        Note = "note",
        /// A link to what was published.
        Url = "url",
    }
}

/// One step of a playbook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PlaybookStep {
    /// Names it in facts; never changed once it was used.
    pub code: String,
    /// What to do.
    pub title: String,
    /// What shows that it was done.
    pub evidence: Evidence,
}

/// Where, by whom and with what an activity is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Details {
    /// What for.
    pub category: Category,
    /// Where people meet, in words.
    pub venue: String,
    /// All teams of these kinds at or below the activity's place take part.
    pub team_kinds: Vec<TeamKind>,
    /// The enterprise or organisation that hosts it; empty for none.
    pub host: String,
    /// Who takes part besides.
    pub partners: Vec<String>,
    /// Codes of services offered.
    pub services: Vec<String>,
    /// What else there is to know.
    pub note: String,
    /// In this order.
    pub steps: Vec<PlaybookStep>,
    /// Days of the recurrence on which it does not take place.
    #[serde(with = "iso_days")]
    #[cfg_attr(feature = "schema", schema(value_type = Vec<String>))]
    pub except: Vec<Date>,
}

mod iso_days {
    use super::{Date, Deserialize, iso};
    use serde::{Deserializer, Serializer, de::Error as _};

    pub fn serialize<S: Serializer>(days: &[Date], out: S) -> Result<S::Ok, S::Error> {
        out.collect_seq(days.iter().map(|day| iso::text(*day)))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(raw: D) -> Result<Vec<Date>, D::Error> {
        let days = Vec::<String>::deserialize(raw)?;
        let read = |raw: &String| iso::parse(raw);
        days.iter()
            .map(read)
            .collect::<Option<_>>()
            .ok_or_else(|| D::Error::custom("expected days as yyyy-mm-dd"))
    }
}

impl Details {
    /// Tidies texts and checks limits.
    ///
    /// # Errors
    /// `request.validation` with the field.
    pub fn tidied(mut self) -> Result<Self, Refusal> {
        let wrong = |field: &str| Refusal::new("request.validation").with("field", field);
        let tidy = |text: &str, field: &str, chars_max: usize| {
            let text = vn::text::normalise(text);
            (text.chars().count() <= chars_max)
                .then_some(text)
                .ok_or_else(|| wrong(field))
        };
        self.venue = tidy(&self.venue, "venue", TEXT_CHARS_MAX)?;
        self.host = tidy(&self.host, "host", TEXT_CHARS_MAX)?;
        self.note = tidy(&self.note, "note", NOTE_CHARS_MAX)?;
        for partner in &mut self.partners {
            *partner = tidy(partner, "partners", TEXT_CHARS_MAX)?;
        }
        self.partners.retain(|partner| !partner.is_empty());
        for (field, count) in [
            ("team_kinds", self.team_kinds.len()),
            ("partners", self.partners.len()),
            ("services", self.services.len()),
            ("except", self.except.len()),
        ] {
            if count > LIST_MAX {
                return Err(wrong(field));
            }
        }
        let mut codes = BTreeSet::new();
        for step in &mut self.steps {
            step.title = tidy(&step.title, "steps", TEXT_CHARS_MAX)?;
            if step.title.is_empty() || !is_code(&step.code) || !codes.insert(step.code.clone()) {
                return Err(wrong("steps"));
            }
        }
        if self.steps.len() > STEPS_MAX {
            return Err(wrong("steps"));
        }
        self.except.sort_unstable();
        self.except.dedup();
        Ok(self)
    }

    /// The first step before `code` that is not among those done: doing `code` now is
    /// out of turn.
    pub fn before_its_turn(&self, done: &[&str], code: &str) -> Option<&PlaybookStep> {
        self.steps
            .iter()
            .take_while(|step| step.code != code)
            .find(|step| !done.contains(&step.code.as_str()))
    }
}

/// Whether a text can name a step.
pub fn is_code(text: &str) -> bool {
    (1..=40).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// When an activity takes place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The first time.
    pub starts_at: OffsetDateTime,
    /// How long.
    pub duration_min: u32,
    /// RFC 5545 without `RRULE:`; empty for once.
    pub recurrence: String,
    /// Whether it takes place on public holidays too.
    pub on_holidays: bool,
    /// Days left out.
    pub except: Vec<Date>,
}

impl Plan {
    /// Every day that the recurrence names, holidays and exceptions among them.
    ///
    /// # Errors
    /// `activity.recurrence` with `why`: `malformed`, `frequency` (less than a day),
    /// `endless`, `first_day` (the rule does not begin on it).
    pub fn days(&self) -> Result<Vec<Date>, Refusal> {
        let first = day_of(self.starts_at);
        if self.recurrence.is_empty() {
            return Ok(vec![first]);
        }
        let wrong = |why: &str| Refusal::new("activity.recurrence").with("why", why);
        if self.recurrence.len() > RULE_BYTES_MAX {
            return Err(wrong("malformed"));
        }
        let rule: RRule<Unvalidated> = (self.recurrence.parse()).map_err(|_| wrong("malformed"))?;
        let by_clock = [
            rule.get_by_hour(),
            rule.get_by_minute(),
            rule.get_by_second(),
        ];
        let freq = rule.get_freq();
        if freq > Frequency::Daily || by_clock.iter().any(|parts| !parts.is_empty()) {
            return Err(wrong("frequency"));
        }
        match (rule.get_count(), rule.get_until()) {
            (None, None) => return Err(wrong("endless")),
            // RFC 5545 allows only one of them.
            (Some(_), Some(_)) => return Err(wrong("malformed")),
            _ => {}
        }
        let start = local(self.starts_at).ok_or_else(|| wrong("malformed"))?;
        let found = rule
            .build(start)
            .map_err(|_| wrong("malformed"))?
            .all(DAYS_MAX);
        if found.limited {
            return Err(wrong("endless"));
        }
        let days: Vec<Date> = found.dates.iter().filter_map(civil_day).collect();
        if days.first() != Some(&first) {
            return Err(wrong("first_day"));
        }
        Ok(days)
    }

    /// Days of the recurrence on which it does not take place: exceptions, and public
    /// holidays unless it goes on over them.
    ///
    /// # Errors
    /// As [`Plan::days`].
    pub fn left_out(&self) -> Result<Vec<Date>, Refusal> {
        let once = self.recurrence.is_empty();
        let out = |day: &Date| {
            // What is planned for one day is meant for that day.
            let holiday = !once && !self.on_holidays && holidays::is_public_holiday(*day);
            holiday || self.except.contains(day)
        };
        Ok(self.days()?.into_iter().filter(out).collect())
    }

    /// When it begins on a day of the recurrence.
    pub fn starts_on(&self, day: Date) -> OffsetDateTime {
        let clock = self.starts_at.to_offset(VIETNAM).time();
        day.with_time(clock).assume_offset(VIETNAM)
    }

    /// Where its days lie, changes put in, in order of time; both days included.
    ///
    /// # Errors
    /// As [`Plan::days`].
    pub fn occurrences(
        &self,
        changes: &[Change],
        from: Date,
        to: Date,
    ) -> Result<Vec<Occurrence>, Refusal> {
        let left_out = self.left_out()?;
        let length = Duration::minutes(self.duration_min.into());
        let mut found: Vec<Occurrence> = Vec::new();
        for day in self.days()? {
            let change = changes.iter().find(|change| change.day == day);
            if left_out.contains(&day) {
                continue;
            }
            let moved_to = change.and_then(|change| change.starts_at);
            let starts_at = moved_to.unwrap_or_else(|| self.starts_on(day));
            if !(from..=to).contains(&day_of(starts_at)) {
                continue;
            }
            found.push(Occurrence {
                day,
                starts_at,
                ends_at: starts_at + length,
                moved: moved_to.is_some(),
                cancelled: change.is_some_and(|change| change.cancelled),
                note: change.map_or_else(String::new, |change| change.note.clone()),
            });
        }
        found.sort_by_key(|one| one.starts_at);
        Ok(found)
    }
}

fn local(at: OffsetDateTime) -> Option<chrono::DateTime<rrule::Tz>> {
    rrule::Tz::Asia__Ho_Chi_Minh
        .timestamp_opt(at.unix_timestamp(), 0)
        .single()
}

fn civil_day(at: &chrono::DateTime<rrule::Tz>) -> Option<Date> {
    let at = OffsetDateTime::from_unix_timestamp(at.timestamp()).ok()?;
    Some(day_of(at))
}

/// What is different about one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The day of the recurrence.
    pub day: Date,
    /// When it begins instead.
    pub starts_at: Option<OffsetDateTime>,
    /// Called off.
    pub cancelled: bool,
    /// Why.
    pub note: String,
}

/// An activity on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// The day of the recurrence, by which it is known even when it was moved.
    pub day: Date,
    /// It begins.
    pub starts_at: OffsetDateTime,
    /// It ends.
    pub ends_at: OffsetDateTime,
    /// Moved to another time.
    pub moved: bool,
    /// Called off.
    pub cancelled: bool,
    /// Why it is different.
    pub note: String,
}

/// Who takes part in an activity.
#[derive(Clone, Debug)]
pub struct Crew<'a> {
    /// Path of the activity's place.
    pub path: &'a str,
    /// All teams of these kinds there and below.
    pub kinds: &'a [TeamKind],
    /// Teams named.
    pub teams: &'a [TeamId],
}

impl Crew<'_> {
    /// Whether a team at home at `path` takes part.
    pub fn has(&self, team: TeamId, kind: TeamKind, path: &str) -> bool {
        self.teams.contains(&team) || (self.kinds.contains(&kind) && path.starts_with(self.path))
    }

    /// Whether nobody is named, so that it is for everyone there.
    pub fn is_open(&self) -> bool {
        self.kinds.is_empty() && self.teams.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::{date, datetime};
    use uuid::Uuid;

    fn sundays() -> Plan {
        Plan {
            starts_at: datetime!(2024-03-03 07:30 +7),
            duration_min: 240,
            recurrence: "FREQ=WEEKLY;BYDAY=SU;UNTIL=20241229T165959Z".to_owned(),
            on_holidays: false,
            except: vec![date!(2024 - 03 - 10)],
        }
    }

    #[test]
    fn sundays_keep_their_hour_and_leave_out_holidays_and_exceptions() {
        let plan = sundays();
        let days = plan.days().unwrap();
        assert_eq!((days.len(), days[0]), (44, date!(2024 - 03 - 03)));
        assert_eq!(days.last(), Some(&date!(2024 - 12 - 29)));
        let found = plan
            .occurrences(&[], date!(2024 - 03 - 01), date!(2024 - 03 - 31))
            .unwrap();
        let days: Vec<Date> = found.iter().map(|one| one.day).collect();
        assert_eq!(
            days,
            [3, 17, 24, 31].map(|n| date!(2024 - 03 - 01).replace_day(n).unwrap())
        );
        assert!(
            found
                .iter()
                .all(|one| one.ends_at - one.starts_at == Duration::hours(4))
        );
        assert_eq!(found[0].starts_at.to_offset(VIETNAM).hour(), 7);
        // Every day of April, but Giỗ Tổ and the day of victory.
        let daily = Plan {
            starts_at: datetime!(2024-04-01 07:00 +7),
            recurrence: "FREQ=DAILY;COUNT=30".to_owned(),
            ..plan
        };
        let out = daily.left_out().unwrap();
        assert_eq!(out, [date!(2024 - 04 - 18), date!(2024 - 04 - 30)]);
        let through = Plan {
            on_holidays: true,
            ..daily
        };
        assert_eq!(through.left_out().unwrap(), []);
        // One day that is a holiday was chosen on purpose.
        let once = Plan {
            starts_at: datetime!(2024-09-02 07:00 +7),
            recurrence: String::new(),
            on_holidays: false,
            ..through
        };
        assert_eq!(once.left_out().unwrap(), []);
    }

    #[test]
    fn a_day_is_moved_or_called_off_and_keeps_its_name() {
        let change = |day, starts_at, cancelled| Change {
            day,
            starts_at,
            cancelled,
            note: "Bão số 6".to_owned(),
        };
        let changes = [
            change(
                date!(2024 - 10 - 13),
                Some(datetime!(2024-10-14 07:30 +7)),
                false,
            ),
            change(date!(2024 - 10 - 20), None, true),
        ];
        let found = sundays()
            .occurrences(&changes, date!(2024 - 10 - 13), date!(2024 - 10 - 20))
            .unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].day, date!(2024 - 10 - 13));
        assert!(found[0].moved && day_of(found[0].starts_at) == date!(2024 - 10 - 14));
        assert!(found[1].cancelled && found[1].note == "Bão số 6");
        // Asked for the day it was moved to.
        let monday = sundays()
            .occurrences(&changes, date!(2024 - 10 - 14), date!(2024 - 10 - 14))
            .unwrap();
        assert_eq!(monday.len(), 1);
    }

    #[test]
    fn rules_without_end_or_finer_than_a_day_are_refused() {
        for (rule, why) in [
            ("FREQ=WEEKLY;BYDAY=SU", "endless"),
            ("FREQ=DAILY;COUNT=5000", "endless"),
            ("FREQ=HOURLY;COUNT=3", "frequency"),
            ("FREQ=DAILY;BYHOUR=7,9;COUNT=3", "frequency"),
            ("FREQ=WEEKLY;BYDAY=MO;COUNT=3", "first_day"),
            ("mỗi Chủ nhật", "malformed"),
            ("FREQ=WEEKLY;COUNT=1;UNTIL=20241229T165959Z", "malformed"),
        ] {
            let plan = Plan {
                recurrence: rule.to_owned(),
                ..sundays()
            };
            let refusal = plan.days().unwrap_err();
            assert_eq!(refusal.code, "activity.recurrence");
            assert_eq!(refusal.facts["why"], why, "{rule}");
        }
    }

    #[test]
    fn teams_take_part_by_kind_below_the_place_or_by_name() {
        let (ours, other) = (TeamId(Uuid::from_u128(1)), TeamId(Uuid::from_u128(2)));
        let crew = Crew {
            path: "VN/63-52/",
            kinds: &[TeamKind::Youth],
            teams: &[other],
        };
        assert!(crew.has(ours, TeamKind::Youth, "VN/63-52/63-540/63-1/"));
        assert!(!crew.has(ours, TeamKind::Desk, "VN/63-52/63-540/63-1/"));
        assert!(!crew.has(ours, TeamKind::Youth, "VN/63-53/"));
        assert!(crew.has(other, TeamKind::Desk, "VN/63-53/"));
        assert!(!crew.is_open());
    }

    #[test]
    fn a_later_step_waits_for_those_before_it() {
        let step = |code: &str| PlaybookStep {
            code: code.to_owned(),
            title: code.to_owned(),
            evidence: Evidence::Tick,
        };
        let details = Details {
            category: Category::Digital,
            venue: String::new(),
            team_kinds: Vec::new(),
            host: String::new(),
            partners: Vec::new(),
            services: Vec::new(),
            note: String::new(),
            steps: ["parade", "leaflets", "questions", "work"]
                .map(step)
                .to_vec(),
            except: Vec::new(),
        };
        let before = |done: &[&str], code| {
            details
                .before_its_turn(done, code)
                .map(|step| step.code.as_str())
        };
        assert_eq!(before(&[], "parade"), None);
        assert_eq!(before(&["parade"], "questions"), Some("leaflets"));
        assert_eq!(before(&["parade", "leaflets", "questions"], "work"), None);
        let mut twice = details.clone();
        twice.steps.push(step("work"));
        assert!(twice.tidied().is_err());
        assert!(details.clone().tidied().is_ok());
    }
}
