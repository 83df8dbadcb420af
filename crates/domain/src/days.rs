//! Civil days in Viet Nam: UTC+7 all year, no daylight saving.

use time::{Date, OffsetDateTime, UtcOffset};

/// The offset of Asia/Ho_Chi_Minh.
pub const VIETNAM: UtcOffset = time::macros::offset!(+7);

/// The civil day in Viet Nam at an instant.
pub fn day_of(at: OffsetDateTime) -> Date {
    at.to_offset(VIETNAM).date()
}

/// Days from `from` to `to`; negative when `to` is earlier.
pub fn days_between(from: Date, to: Date) -> i32 {
    to.to_julian_day() - from.to_julian_day()
}

/// ISO `yyyy-mm-dd` on the wire, for required days.
pub mod iso {
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};
    use time::{Date, format_description::well_known::Iso8601};

    /// Reads `yyyy-mm-dd` and nothing else.
    pub fn parse(raw: &str) -> Option<Date> {
        (raw.len() == 10)
            .then(|| Date::parse(raw, &Iso8601::DATE).ok())
            .flatten()
    }

    /// Writes `yyyy-mm-dd`. A screen of progress holds hundreds of days, so this does
    /// without the formatting machinery.
    pub fn text(day: Date) -> String {
        let mut text = String::with_capacity(10);
        let mut write = |number: u32, digits: u32, end: &str| {
            for place in (0..digits).rev() {
                let digit = number / 10_u32.pow(place) % 10;
                text.extend(char::from_digit(digit, 10));
            }
            text.push_str(end);
        };
        write(day.year().unsigned_abs(), 4, "-");
        write(u32::from(u8::from(day.month())), 2, "-");
        write(u32::from(day.day()), 2, "");
        text
    }

    /// For `#[serde(with = "iso")]`.
    pub fn serialize<S: Serializer>(day: &Date, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(&text(*day))
    }

    /// For `#[serde(with = "iso")]`.
    pub fn deserialize<'de, D: Deserializer<'de>>(raw: D) -> Result<Date, D::Error> {
        let raw = String::deserialize(raw)?;
        parse(&raw).ok_or_else(|| D::Error::custom("expected a day as yyyy-mm-dd"))
    }

    /// The same for days that may be absent.
    pub mod option {
        use super::{Date, Deserialize, Deserializer, Serializer, parse, text};
        use serde::de::Error as _;

        /// For `#[serde(with = "iso::option")]`.
        pub fn serialize<S: Serializer>(day: &Option<Date>, out: S) -> Result<S::Ok, S::Error> {
            match day {
                Some(day) => out.serialize_str(&text(*day)),
                None => out.serialize_none(),
            }
        }

        /// For `#[serde(with = "iso::option")]`.
        pub fn deserialize<'de, D: Deserializer<'de>>(raw: D) -> Result<Option<Date>, D::Error> {
            match Option::<String>::deserialize(raw)? {
                Some(raw) => parse(&raw)
                    .map(Some)
                    .ok_or_else(|| D::Error::custom("expected a day as yyyy-mm-dd")),
                None => Ok(None),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn days_are_written_as_they_are_read() {
        for (day, text) in [
            (date!(2024 - 03 - 03), "2024-03-03"),
            (date!(2025 - 12 - 31), "2025-12-31"),
            (date!(0999 - 10 - 01), "0999-10-01"),
        ] {
            assert_eq!(iso::text(day), text);
            assert_eq!(iso::parse(text), Some(day));
        }
    }
}
