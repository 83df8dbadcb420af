//! Rosters: what a point needs, the shifts of a month that follow from it, and who may and
//! would best stand at them.
//!
//! A [`Rule`] says how many people a point needs when; [`slots`] makes a month of shifts out
//! of it. [`fit`] says whether and how well a person suits a shift, in the same words for a
//! suggestion and for filling a whole month ([`month`]).

pub mod coverage;
pub mod fit;
pub mod month;

use crate::days::{VIETNAM, iso};
use crate::points::{Hours, Minute, Span};
use crate::refusal::Refusal;
use crate::vocabulary::vocabulary;
use serde::{Deserialize, Serialize};
use time::{Date, Duration, OffsetDateTime};

vocabulary! {
    /// Parts of a day that people are needed or free in.
    Half {
        /// Until noon.
        Morning = "morning",
        /// Noon to six.
        Afternoon = "afternoon",
        /// From six.
        Evening = "evening",
    }
}

vocabulary! {
    /// What people do on a roster by themselves.
    Action {
        /// Signs up for a shift.
        SignUp = "sign_up",
        /// Leaves it.
        Leave = "leave",
        /// Stays, but looks for somebody to take it over.
        Offer = "offer",
        /// Looks no more.
        Keep = "keep",
        /// Takes over from somebody who looks.
        Take = "take",
    }
}

vocabulary! {
    /// How an assignment came to be.
    Source {
        /// An officer or leader gave it.
        Assigned = "assigned",
        /// They signed up themselves.
        SignedUp = "signed_up",
        /// Taken over from somebody who looked for a swap.
        TakenOver = "taken_over",
        /// Out of an automatic filling.
        Filled = "filled",
    }
}

vocabulary! {
    /// Comings and goings of an assignment.
    Change {
        /// Given by an officer or leader.
        Assigned = "assigned",
        /// Taken away by one.
        Unassigned = "unassigned",
        /// Signed up.
        SignedUp = "signed_up",
        /// Left.
        Left = "left",
        /// Looks for somebody to take over.
        Offered = "offered",
        /// Looks no more.
        Kept = "kept",
        /// Took it over.
        TakenOver = "taken_over",
        /// Given up to the one who took it over.
        HandedOver = "handed_over",
        /// Filled automatically.
        Filled = "filled",
    }
}

impl Change {
    /// Whether somebody stands at the shift after it: `None` when it leaves that as it is.
    pub fn stands(self) -> Option<bool> {
        match self {
            Self::Assigned | Self::SignedUp | Self::TakenOver | Self::Filled => Some(true),
            Self::Unassigned | Self::Left | Self::HandedOver => Some(false),
            Self::Offered | Self::Kept => None,
        }
    }
}

impl Half {
    /// From when to when.
    fn span(self) -> Span {
        let (from, to) = match self {
            Self::Morning => (Minute(0), Minute::NOON),
            Self::Afternoon => (Minute::NOON, Minute::EVENING),
            Self::Evening => (Minute::EVENING, Minute::END),
        };
        Span { from, to }
    }

    /// The one a moment lies in.
    pub fn of(at: OffsetDateTime) -> Self {
        match at.to_offset(VIETNAM).hour() {
            0..12 => Self::Morning,
            12..18 => Self::Afternoon,
            _ => Self::Evening,
        }
    }
}

/// What a rule was made from: an agreement, an order, a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Document {
    /// What it is called.
    pub title: String,
    /// Its number; empty if it has none.
    #[serde(default)]
    pub number: String,
    /// When it was signed.
    #[serde(default, with = "iso::option")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, format = Date))]
    pub signed_on: Option<Date>,
}

impl Document {
    /// Characters of a title, at most.
    pub const TITLE_CHARS_MAX: usize = 300;
    /// Characters of a number, at most.
    pub const NUMBER_CHARS_MAX: usize = 60;

    /// Whether somebody could find it again.
    ///
    /// # Errors
    /// `roster.rule` with the field `source`.
    pub fn check(&self) -> Result<(), Refusal> {
        let title = self.title.chars().count();
        let sound = !self.title.trim().is_empty()
            && title <= Self::TITLE_CHARS_MAX
            && self.number.chars().count() <= Self::NUMBER_CHARS_MAX;
        let no = || Refusal::new("roster.rule").with("field", "source");
        sound.then_some(()).ok_or_else(no)
    }
}

/// Hours before a shift at which its gap is told, where no rule says otherwise.
pub const ALERTS_H: [u32; 2] = [72, 24];

/// Which of some alerts, in hours before a shift, a gap is due for that is `left` away: the
/// latest.
pub fn alert_due(alerts_h: &[u32], left: Duration) -> Option<u32> {
    let near = |hours: &u32| left <= Duration::hours(i64::from(*hours));
    alerts_h.iter().copied().filter(near).min()
}

/// How many people, able to do what, a point needs when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Rule {
    /// 1 for Monday to 7 for Sunday.
    pub weekdays: Vec<u8>,
    /// Parts of the day: a shift for each stretch of opening hours in one.
    #[serde(default)]
    pub halves: Vec<Half>,
    /// Or certain times: a shift for each, as far as the point is open.
    #[serde(default)]
    pub times: Vec<Span>,
    /// With fewer it is a gap.
    pub people_min: u32,
    /// With so many it is full.
    pub people_max: u32,
    /// Skills and courses that everybody there must have, by code.
    #[serde(default)]
    pub skills: Vec<String>,
    /// Whether public holidays are worked.
    #[serde(default)]
    pub on_holidays: bool,
    /// How many hours before a shift leaders and officers hear that it lacks people.
    #[serde(default = "usual_alerts")]
    pub alerts_h: Vec<u32>,
}

fn usual_alerts() -> Vec<u32> {
    ALERTS_H.to_vec()
}

impl Rule {
    /// People at one shift, at most.
    pub const PEOPLE_MAX: u32 = 200;
    /// Skills one rule may ask for.
    pub const SKILLS_MAX: usize = 12;
    /// Alerts one rule may ask for.
    pub const ALERTS_MAX: usize = 4;
    /// How long before a shift an alert may be: two weeks.
    pub const ALERT_H_MAX: u32 = 14 * 24;

    /// Whether it can ever be followed.
    ///
    /// # Errors
    /// `roster.rule` with the field to mend.
    pub fn check(&self) -> Result<(), Refusal> {
        let no = |field: &str| Err(Refusal::new("roster.rule").with("field", field));
        if self.weekdays.is_empty() || self.weekdays.iter().any(|day| !(1..=7).contains(day)) {
            return no("weekdays");
        }
        if self.halves.is_empty() == self.times.is_empty() {
            return no("halves");
        }
        if self.times.len() > 12 || self.times.iter().any(|span| span.from >= span.to) {
            return no("times");
        }
        let people = self.people_min..=Self::PEOPLE_MAX;
        if self.people_min == 0 || !people.contains(&self.people_max) {
            return no("people_min");
        }
        let is_code = |code: &String| !code.trim().is_empty() && code.len() <= 60;
        if self.skills.len() > Self::SKILLS_MAX || !self.skills.iter().all(is_code) {
            return no("skills");
        }
        let is_soon = |hours: &u32| (1..=Self::ALERT_H_MAX).contains(hours);
        if self.alerts_h.len() > Self::ALERTS_MAX || !self.alerts_h.iter().all(is_soon) {
            return no("alerts_h");
        }
        Ok(())
    }

    /// Stretches of a day it is about, open or not.
    fn spans(&self) -> Vec<Span> {
        let halves = self.halves.iter().map(|half| half.span());
        halves.chain(self.times.iter().copied()).collect()
    }
}

/// A shift as a rule makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// The civil day it begins on.
    pub day: Date,
    /// From.
    pub starts_at: OffsetDateTime,
    /// To.
    pub ends_at: OffsetDateTime,
}

/// The shifts that a rule makes of the days `from` to `to`, both included, at a point that is
/// open at `hours`, in order.
pub fn slots(
    rule: &Rule,
    hours: &Hours,
    (from, to): (Date, Date),
    holiday: &dyn Fn(Date) -> bool,
) -> Vec<Slot> {
    let days = std::iter::successors(Some(from), |day| day.next_day());
    let worked = days.take_while(|day| *day <= to).filter(|day| {
        let weekday = day.weekday().number_from_monday();
        rule.weekdays.contains(&weekday) && (rule.on_holidays || !holiday(*day))
    });
    let mut slots: Vec<Slot> = worked
        .flat_map(|day| {
            let open = hours.of(day.weekday()).iter();
            let spans = open.flat_map(|open| {
                let asked = rule.spans().into_iter();
                asked.filter_map(|span| span.within(*open))
            });
            spans.map(move |span| {
                let (starts_at, ends_at) = span.on(day);
                Slot {
                    day,
                    starts_at,
                    ends_at,
                }
            })
        })
        .collect();
    slots.sort_by_key(|slot| (slot.starts_at, slot.ends_at));
    // A point has one shift beginning at a time: the longer one.
    slots.dedup_by(|later, kept| {
        let same = later.starts_at == kept.starts_at;
        if same {
            *kept = *later;
        }
        same
    });
    slots
}

/// The first and the last day of the month that begins on `first`.
pub fn month_of(first: Date) -> (Date, Date) {
    let days = first.month().length(first.year());
    let last = first.replace_day(days).unwrap_or(first);
    (first.replace_day(1).unwrap_or(first), last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::{date, datetime};

    fn rule(json: &str) -> Rule {
        serde_json::from_str(json).unwrap()
    }

    /// A desk in office hours.
    fn office() -> Hours {
        let spans = r#"[{"from": "07:00", "to": "11:30"}, {"from": "13:30", "to": "17:00"}]"#;
        Hours::weekdays(&serde_json::from_str::<Vec<Span>>(spans).unwrap())
    }

    /// As the university's agreement has it: two members a day at the centre, in office hours.
    const AGREED: &str = r#"{"weekdays": [1, 2, 3, 4, 5], "halves": ["morning", "afternoon"],
        "people_min": 2, "people_max": 4, "skills": ["dvctt_basic"]}"#;

    fn independence(day: Date) -> bool {
        [date!(2024 - 09 - 02), date!(2024 - 09 - 03)].contains(&day)
    }

    #[test]
    fn two_in_office_hours_makes_a_month_without_its_holidays() {
        let rule = rule(AGREED);
        assert_eq!(rule.check(), Ok(()));
        let month = month_of(date!(2024 - 09 - 01));
        let made = slots(&rule, &office(), month, &independence);
        // 21 weekdays, two of them holidays.
        assert_eq!(made.len(), 19 * 2);
        assert_eq!(made[0].starts_at, datetime!(2024-09-04 07:00 +7));
        assert_eq!(made[1].ends_at, datetime!(2024-09-04 17:00 +7));
        let always = Rule {
            on_holidays: true,
            ..rule
        };
        assert_eq!(
            slots(&always, &office(), month, &independence).len(),
            21 * 2
        );
    }

    #[test]
    fn times_are_kept_to_opening_hours() {
        let rule = rule(
            r#"{"weekdays": [6, 1], "times": [{"from": "06:00", "to": "09:00"}, {"from": "18:00", "to": "20:00"}],
            "people_min": 1, "people_max": 1}"#,
        );
        let made = slots(
            &rule,
            &office(),
            (date!(2024 - 10 - 12), date!(2024 - 10 - 14)),
            &|_| false,
        );
        let only = [
            datetime!(2024-10-14 07:00 +7),
            datetime!(2024-10-14 09:00 +7),
        ];
        assert_eq!(
            made.iter()
                .flat_map(|slot| [slot.starts_at, slot.ends_at])
                .collect::<Vec<_>>(),
            only
        );
    }

    #[test]
    fn a_point_open_through_noon_has_a_shift_before_and_after_it() {
        let open = r#"{"sun": [{"from": "08:00", "to": "20:00"}]}"#;
        let open: Hours = serde_json::from_str(open).unwrap();
        let rule = rule(
            r#"{"weekdays": [7], "halves": ["afternoon", "morning", "evening"], "people_min": 1, "people_max": 1}"#,
        );
        let day = date!(2024 - 10 - 13);
        let made = slots(&rule, &open, (day, day), &|_| false);
        let begins: Vec<u8> = made.iter().map(|slot| slot.starts_at.hour()).collect();
        assert_eq!(begins, [8, 12, 18]);
    }

    #[test]
    fn a_gap_is_told_at_the_latest_alert_it_lies_in() {
        for (left_h, due) in [
            (100, None),
            (73, None),
            (72, Some(72)),
            (25, Some(72)),
            (24, Some(24)),
            (1, Some(24)),
        ] {
            let left = Duration::hours(left_h);
            assert_eq!(alert_due(&rule(AGREED).alerts_h, left), due, "{left_h}");
        }
        assert_eq!(alert_due(&[], Duration::HOUR), None);
    }

    #[test]
    fn rules_that_nobody_could_follow_are_refused() {
        for (change, field) in [
            (r#""weekdays": [0]"#, "weekdays"),
            (r#""weekdays": []"#, "weekdays"),
            (r#""halves": []"#, "halves"),
            (r#""people_min": 0"#, "people_min"),
            (r#""people_min": 5"#, "people_min"),
            (r#""skills": [" "]"#, "skills"),
            (r#""alerts_h": [0]"#, "alerts_h"),
            (r#""alerts_h": [337]"#, "alerts_h"),
        ] {
            let mut json: serde_json::Value = serde_json::from_str(AGREED).unwrap();
            let part: serde_json::Value = serde_json::from_str(&format!("{{{change}}}")).unwrap();
            json.as_object_mut()
                .unwrap()
                .extend(part.as_object().unwrap().clone());
            let refused = rule(&json.to_string()).check().unwrap_err();
            assert_eq!(
                (refused.code, refused.facts["field"].as_str()),
                ("roster.rule", Some(field)),
                "{change}"
            );
        }
    }
}
