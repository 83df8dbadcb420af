//! Service points: what kind of place people are helped at, when it is open, and what
//! was agreed about it.

use crate::days::{VIETNAM, day_of, iso};
use crate::holidays::holiday;
use crate::refusal::Refusal;
use crate::vocabulary::vocabulary;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use time::{Date, Duration, OffsetDateTime, Time, Weekday};

/// Spans in which a point is open on one day, at most.
pub const SPANS_MAX: usize = 4;
/// Parties to an agreement, at most.
pub const PARTIES_MAX: usize = 8;

vocabulary! {
    /// Kinds of service point.
    PointKind {
        /// *Bộ phận Một cửa*.
        OneStop = "one_stop",
        /// *Trung tâm Phục vụ hành chính công cấp xã*.
        CommuneCentre = "commune_centre",
        /// *Chợ*.
        Market = "market",
        /// *Bệnh viện, trạm y tế*.
        Hospital = "hospital",
        /// *Trường học*.
        School = "school",
        /// *Doanh nghiệp*.
        Enterprise = "enterprise",
        /// Anything else.
        Other = "other",
    }
}

/// A time of day in Viet Nam, minutes after midnight; `07:30` on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Minute(pub u16);

impl Minute {
    /// When the morning ends.
    pub const NOON: Self = Self(12 * 60);
    /// When the evening begins.
    pub const EVENING: Self = Self(18 * 60);
    /// When the day is over.
    pub const END: Self = Self(24 * 60);

    /// Reads `hh:mm`, up to `24:00`.
    pub fn parse(raw: &str) -> Option<Self> {
        let (hours, minutes) = raw.split_once(':')?;
        let plain = |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
        if !plain(hours) || !plain(minutes) {
            return None;
        }
        let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
        let minute = Self(hours * 60 + minutes);
        (minutes < 60 && minute <= Self::END).then_some(minute)
    }

    /// That time on a day.
    pub fn on(self, day: Date) -> OffsetDateTime {
        let midnight = day.with_time(Time::MIDNIGHT).assume_offset(VIETNAM);
        midnight + Duration::minutes(self.0.into())
    }
}

impl fmt::Display for Minute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl Serialize for Minute {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Minute {
    fn deserialize<D: Deserializer<'de>>(raw: D) -> Result<Self, D::Error> {
        let raw = String::deserialize(raw)?;
        Self::parse(&raw).ok_or_else(|| serde::de::Error::custom("expected a time as hh:mm"))
    }
}

/// A stretch of one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Span {
    /// Its first minute.
    #[cfg_attr(feature = "schema", schema(value_type = String, example = "07:30"))]
    pub from: Minute,
    /// When it is over, later.
    #[cfg_attr(feature = "schema", schema(value_type = String, example = "11:30"))]
    pub to: Minute,
}

impl Span {
    /// What two of them share.
    pub fn within(self, other: Self) -> Option<Self> {
        let (from, to) = (self.from.max(other.from), self.to.min(other.to));
        (from < to).then_some(Self { from, to })
    }

    /// From when to when on a day.
    pub fn on(self, day: Date) -> (OffsetDateTime, OffsetDateTime) {
        (self.from.on(day), self.to.on(day))
    }
}

/// When a point is open, in local time; a day without spans is closed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Hours {
    /// Monday.
    pub mon: Vec<Span>,
    /// Tuesday.
    pub tue: Vec<Span>,
    /// Wednesday.
    pub wed: Vec<Span>,
    /// Thursday.
    pub thu: Vec<Span>,
    /// Friday.
    pub fri: Vec<Span>,
    /// Saturday.
    pub sat: Vec<Span>,
    /// Sunday.
    pub sun: Vec<Span>,
}

impl Hours {
    /// Its spans on a weekday, in order.
    pub fn of(&self, weekday: Weekday) -> &[Span] {
        match weekday {
            Weekday::Monday => &self.mon,
            Weekday::Tuesday => &self.tue,
            Weekday::Wednesday => &self.wed,
            Weekday::Thursday => &self.thu,
            Weekday::Friday => &self.fri,
            Weekday::Saturday => &self.sat,
            Weekday::Sunday => &self.sun,
        }
    }

    /// The same spans from Monday to Friday.
    pub fn weekdays(spans: &[Span]) -> Self {
        let day = || spans.to_vec();
        let (mon, tue, wed, thu, fri) = (day(), day(), day(), day(), day());
        Self {
            mon,
            tue,
            wed,
            thu,
            fri,
            ..Self::default()
        }
    }

    /// Whether anybody said when it is open.
    pub fn is_known(&self) -> bool {
        let weekdays = std::iter::successors(Some(Weekday::Monday), |day| Some(day.next()));
        weekdays.take(7).any(|day| !self.of(day).is_empty())
    }

    /// `now` while it is open, and `early` before; else when it opens next, holidays left out;
    /// `None` when it does not within two weeks.
    pub fn opens(&self, now: OffsetDateTime, early: Duration) -> Option<OffsetDateTime> {
        let today = day_of(now);
        let days = (0..14).map(|ahead| today + Duration::days(ahead));
        let mut spans = days
            .filter(|day| holiday(*day).is_none())
            .flat_map(|day| self.of(day.weekday()).iter().map(move |span| span.on(day)));
        let (from, _) = spans.find(|(_, to)| now < *to)?;
        Some(if from - early <= now { now } else { from })
    }

    /// Checks that each day's spans are in order and do not touch.
    ///
    /// # Errors
    /// `request.validation` with the field `hours`.
    pub fn check(&self) -> Result<(), Refusal> {
        let mut weekday = Weekday::Monday;
        for _ in 0..7 {
            let spans = self.of(weekday);
            let sound = spans.iter().all(|span| span.from < span.to)
                && spans.windows(2).all(|two| two[0].to < two[1].from);
            if !sound || spans.len() > SPANS_MAX {
                return Err(Refusal::new("request.validation").with("field", "hours"));
            }
            weekday = weekday.next();
        }
        Ok(())
    }
}

/// What a point, or a duty there, rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Agreement {
    /// Who signed.
    pub parties: Vec<String>,
    /// When.
    #[serde(with = "iso")]
    #[cfg_attr(feature = "schema", schema(value_type = String, format = Date))]
    pub signed_on: Date,
    /// Its number; empty if it has none.
    pub number: String,
    /// What was agreed.
    pub text: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    fn hours(text: &str) -> Result<Hours, serde_json::Error> {
        serde_json::from_str(text)
    }

    #[test]
    fn opening_hours_are_read_and_written_by_the_clock() {
        let text = r#"{"mon":[{"from":"07:30","to":"11:30"},{"from":"13:30","to":"17:00"}]}"#;
        let open = hours(text).unwrap();
        open.check().unwrap();
        assert_eq!(open.of(Weekday::Monday)[1].from, Minute(13 * 60 + 30));
        assert!(open.of(Weekday::Sunday).is_empty());
        assert!(
            serde_json::to_string(&open)
                .unwrap()
                .starts_with(&text[..text.len() - 1])
        );
    }

    #[test]
    fn a_point_opens_after_lunch_after_the_weekend_and_after_a_holiday() {
        let spans = [("07:30", "11:30"), ("13:30", "17:00")].map(|(from, to)| Span {
            from: Minute::parse(from).unwrap(),
            to: Minute::parse(to).unwrap(),
        });
        let open = Hours::weekdays(&spans);
        assert!(open.is_known() && !Hours::default().is_known());
        let opens = |now, early| open.opens(now, Duration::minutes(early));
        let noon = datetime!(2025-08-29 12:00 +7);
        for at in [
            datetime!(2025-08-29 07:30 +7),
            datetime!(2025-08-29 16:59 +7),
        ] {
            assert_eq!(opens(at, 0), Some(at));
        }
        assert_eq!(opens(noon, 0), Some(datetime!(2025-08-29 13:30 +7)));
        assert_eq!(opens(noon, 90), Some(noon));
        // A Friday; Monday to Tuesday are the National Day's.
        let evening = datetime!(2025-08-29 17:00 +7);
        assert_eq!(opens(evening, 60), Some(datetime!(2025-09-03 07:30 +7)));
        assert_eq!(Hours::default().opens(noon, Duration::HOUR), None);
    }

    #[test]
    fn hours_that_cross_or_do_not_exist_are_refused() {
        for text in ["7:30", "24:01", "07:60", "0730", "aa:bb", "+7:30"] {
            assert_eq!(Minute::parse(text), None, "{text}");
        }
        assert_eq!(Minute::parse("24:00"), Some(Minute::END));
        for spans in [
            r#"[{"from":"11:30","to":"07:30"}]"#,
            r#"[{"from":"07:30","to":"11:30"},{"from":"11:30","to":"12:00"}]"#,
            r#"[{"from":"13:30","to":"17:00"},{"from":"07:30","to":"11:30"}]"#,
        ] {
            let open = hours(&format!(r#"{{"sun":{spans}}}"#)).unwrap();
            assert!(open.check().is_err(), "{spans}");
        }
    }
}
