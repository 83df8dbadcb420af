//! Public holidays of Viet Nam, and the days that offices work.
//!
//! The law and what the Government announced for a year lie in `data/holidays.json` with
//! their sources. What is not announced yet is computed from the law and marked
//! `expected`. Lunar days are a table of the years 2024 to 2035: there is no well-kept
//! library for the Vietnamese calendar, which is not always the Chinese one.

use crate::days::iso;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use time::{Date, Duration, Month, Weekday};

/// Why a day is free.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum DayOff {
    /// The law names it.
    Holiday,
    /// In place of a holiday on a weekend (*nghỉ bù*).
    Compensation,
    /// Swapped for a Saturday that is worked (*hoán đổi*); binds offices of the state.
    Swapped,
}

/// A day on which offices are closed though it may be no weekend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Holiday {
    /// Which day.
    #[serde(with = "iso")]
    #[cfg_attr(feature = "schema", schema(value_type = String, format = Date))]
    pub day: Date,
    /// What is celebrated, in Vietnamese.
    pub name: String,
    /// Why it is free.
    pub kind: DayOff,
    /// Computed from the law, not announced yet.
    pub expected: bool,
}

/// A day, or a whole month, that is remembered every year; nobody has it off for that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Commemoration {
    /// In Vietnamese.
    pub name: String,
    /// 1 to 12.
    pub month: u8,
    /// Day of the month; none for the whole month.
    pub day: Option<u8>,
    /// The year from which anniversaries are counted.
    pub founded: Option<i32>,
}

#[derive(Deserialize)]
struct Book {
    fixed: Vec<Fixed>,
    lunar: Vec<Lunar>,
    announced: Vec<Announced>,
    commemorations: Vec<Commemoration>,
}

#[derive(Deserialize)]
struct Fixed {
    name: String,
    month: u8,
    day: u8,
    #[serde(default)]
    since: i32,
    #[serde(default)]
    expected: bool,
}

#[derive(Deserialize)]
struct Lunar {
    #[serde(with = "iso")]
    tet: Date,
    #[serde(with = "iso")]
    hung_kings: Date,
}

/// The first and the last day of something.
#[derive(Clone, Copy, Deserialize)]
struct Span(#[serde(with = "iso")] Date, #[serde(with = "iso")] Date);

#[derive(Deserialize)]
struct Announced {
    year: i32,
    tet: Span,
    national_day: Span,
    swaps: Vec<Swap>,
}

#[derive(Deserialize)]
struct Swap {
    #[serde(with = "iso")]
    off: Date,
    #[serde(with = "iso")]
    worked: Date,
}

static BOOK: LazyLock<Book> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../data/holidays.json")).expect("the bundled data is sound")
});

/// All days off, and Saturdays that are worked.
struct Days {
    off: BTreeMap<Date, Holiday>,
    worked: BTreeSet<Date>,
}

static DAYS: LazyLock<Days> = LazyLock::new(|| {
    let mut days = Days {
        off: BTreeMap::new(),
        worked: BTreeSet::new(),
    };
    for lunar in &BOOK.lunar {
        days.add_year(lunar);
    }
    days
});

const NATIONAL_DAY: &str = "Quốc khánh";

impl Days {
    fn add_year(&mut self, lunar: &Lunar) {
        let year = lunar.tet.year();
        let announced = BOOK.announced.iter().find(|known| known.year == year);
        let expected = announced.is_none();
        for fixed in BOOK.fixed.iter().filter(|fixed| fixed.since <= year) {
            if let Some(day) = day_in(year, fixed.month, fixed.day) {
                self.add(day, &fixed.name, DayOff::Holiday, fixed.expected);
            }
        }
        self.add(
            lunar.hung_kings,
            "Giỗ Tổ Hùng Vương",
            DayOff::Holiday,
            false,
        );
        // Commonly the last day of the old year and the first four of the new one.
        let tet = announced.map_or_else(
            || Span(lunar.tet - Duration::DAY, lunar.tet + Duration::days(3)),
            |known| known.tet,
        );
        let national = announced.map_or_else(|| national_day(year), |known| known.national_day);
        for (span, name) in [(tet, "Tết Âm lịch"), (national, NATIONAL_DAY)] {
            for day in days(span) {
                self.add(day, name, DayOff::Holiday, expected);
            }
        }
        for swap in announced.iter().flat_map(|known| &known.swaps) {
            self.add(swap.off, "Nghỉ hoán đổi", DayOff::Swapped, false);
            self.worked.insert(swap.worked);
        }
        self.compensate(year, announced.map(|known| known.tet));
    }

    /// Gives the next working day for every holiday on a weekend. An announced Tết holds
    /// its compensation already.
    fn compensate(&mut self, year: i32, told: Option<Span>) {
        let on_weekends: Vec<Holiday> = self
            .off
            .values()
            .filter(|free| free.day.year() == year && is_weekend(free.day))
            .filter(|free| told.is_none_or(|Span(from, to)| free.day < from || free.day > to))
            .cloned()
            .collect();
        for free in on_weekends {
            let name = format!("Nghỉ bù {}", free.name);
            let day = self.next_working(free.day);
            self.add(day, &name, DayOff::Compensation, free.expected);
        }
    }

    fn add(&mut self, day: Date, name: &str, kind: DayOff, expected: bool) {
        let name = name.to_owned();
        self.off.entry(day).or_insert(Holiday {
            day,
            name,
            kind,
            expected,
        });
    }

    fn is_working(&self, day: Date) -> bool {
        let usual = !is_weekend(day) || self.worked.contains(&day);
        usual && !self.off.contains_key(&day)
    }

    fn next_working(&self, day: Date) -> Date {
        let mut next = day + Duration::DAY;
        while !self.is_working(next) {
            next += Duration::DAY;
        }
        next
    }
}

fn day_in(year: i32, month: u8, day: u8) -> Option<Date> {
    Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()
}

fn days(Span(from, to): Span) -> impl Iterator<Item = Date> {
    (from.to_julian_day()..=to.to_julian_day()).filter_map(|day| Date::from_julian_day(day).ok())
}

/// The second of September and the day beside it that makes the longer rest.
fn national_day(year: i32) -> Span {
    let day = day_in(year, 9, 2).unwrap_or(Date::MIN);
    match day.weekday() {
        Weekday::Monday | Weekday::Thursday | Weekday::Sunday => Span(day, day + Duration::DAY),
        _ => Span(day - Duration::DAY, day),
    }
}

fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// All days off from 2024 to 2035, in order.
pub fn all() -> impl Iterator<Item = &'static Holiday> {
    DAYS.off.values()
}

/// Days and months that are remembered every year, in order.
pub fn commemorations() -> &'static [Commemoration] {
    &BOOK.commemorations
}

/// Why a day is off, if it is.
pub fn holiday(day: Date) -> Option<&'static Holiday> {
    DAYS.off.get(&day)
}

/// Whether the law gives everyone this day off, as a holiday or in place of one.
pub fn is_public_holiday(day: Date) -> bool {
    holiday(day).is_some_and(|free| free.kind != DayOff::Swapped)
}

/// Whether offices of the state work: no weekend unless it was swapped, no day off.
pub fn is_working_day(day: Date) -> bool {
    DAYS.is_working(day)
}

/// The `n`th working day after `day`; for 0 it is `day` itself.
pub fn working_days_after(day: Date, n: u32) -> Date {
    (0..n).fold(day, |day, _| DAYS.next_working(day))
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    /// Days off of a year as `month-day`, weekends that are no holiday left out.
    fn off(year: i32, kind: DayOff) -> Vec<String> {
        all()
            .filter(|free| free.day.year() == year && free.kind == kind)
            .map(|free| iso::text(free.day)[5..].to_owned())
            .collect()
    }

    #[test]
    fn announced_years_are_as_the_government_announced_them() {
        assert_eq!(
            off(2024, DayOff::Holiday).join(" "),
            "01-01 02-08 02-09 02-10 02-11 02-12 02-13 02-14 04-18 04-30 05-01 09-02 09-03"
        );
        assert_eq!(off(2024, DayOff::Swapped), ["04-29"]);
        assert_eq!(
            off(2025, DayOff::Holiday).join(" "),
            "01-01 01-27 01-28 01-29 01-30 01-31 04-07 04-30 05-01 09-01 09-02"
        );
        assert_eq!(
            off(2026, DayOff::Holiday).join(" "),
            "01-01 02-16 02-17 02-18 02-19 02-20 04-26 04-30 05-01 09-01 09-02 11-24"
        );
        // Giỗ Tổ fell on a Sunday.
        assert_eq!(off(2026, DayOff::Compensation), ["04-27"]);
        assert_eq!(off(2026, DayOff::Swapped), ["01-02", "08-31"]);
    }

    #[test]
    fn years_to_come_follow_the_law_and_say_that_they_are_expected() {
        // Tết 2027 is a Saturday: two days of its five fall on the weekend.
        let tet: Vec<_> = all()
            .filter(|free| free.day.year() == 2027 && free.day.month() == Month::February)
            .collect();
        assert_eq!(tet.len(), 7);
        assert!(tet.iter().all(|free| free.expected));
        assert_eq!(
            off(2027, DayOff::Compensation).join(" "),
            "02-10 02-11 05-03"
        );
        // Every year has its statutory days, and each weekend one its compensation.
        for year in 2027..=2035 {
            let in_law = off(year, DayOff::Holiday);
            assert_eq!(in_law.len(), 12, "{year}");
            let weekends = in_law
                .iter()
                .filter(|day| iso::parse(&format!("{year}-{day}")).is_some_and(is_weekend));
            assert_eq!(
                weekends.count(),
                off(year, DayOff::Compensation).len(),
                "{year}"
            );
        }
        // The new day of culture is written into no law that we know of.
        assert!(holiday(date!(2026 - 11 - 24)).is_some_and(|free| free.expected));
        assert!(!is_public_holiday(date!(2025 - 11 - 24)));
    }

    #[test]
    fn vietnamese_lunar_days_are_not_always_the_chinese_ones() {
        // China's new year of 2030 begins a day later.
        assert!(holiday(date!(2030 - 02 - 02)).is_some_and(|free| free.name == "Tết Âm lịch"));
        assert!(is_public_holiday(date!(2030 - 02 - 01)));
    }

    #[test]
    fn working_days_skip_weekends_and_holidays_and_keep_swapped_saturdays() {
        // The Saturday of 4 May 2024 was worked for Monday 29 April.
        assert!(is_working_day(date!(2024 - 05 - 04)));
        assert!(!is_working_day(date!(2024 - 04 - 29)));
        assert!(!is_public_holiday(date!(2024 - 04 - 29)));
        assert_eq!(
            working_days_after(date!(2024 - 04 - 26), 1),
            date!(2024 - 05 - 02)
        );
        assert_eq!(
            working_days_after(date!(2024 - 05 - 02), 2),
            date!(2024 - 05 - 04)
        );
        assert_eq!(
            working_days_after(date!(2024 - 02 - 07), 1),
            date!(2024 - 02 - 15)
        );
        assert_eq!(
            working_days_after(date!(2024 - 10 - 13), 0),
            date!(2024 - 10 - 13)
        );
    }

    #[test]
    fn every_commemoration_is_a_day_that_exists() {
        for one in commemorations() {
            assert!(
                day_in(2024, one.month, one.day.unwrap_or(1)).is_some(),
                "{one:?}"
            );
        }
        assert!(
            commemorations()
                .iter()
                .any(|one| (one.month, one.day) == (3, Some(26)))
        );
    }
}
