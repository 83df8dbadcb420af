//! How often a point had the people it needs: as the roster gave them, and as they came.

use crate::ids::PointId;
use std::collections::BTreeMap;
use time::{Date, Duration};

/// A shift with its people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manned {
    /// Where.
    pub point: PointId,
    /// The day it begins on.
    pub day: Date,
    /// With fewer it is a gap.
    pub people_min: u32,
    /// How many were given it.
    pub given: u32,
    /// How many were there; `None` while it is not over.
    pub came: Option<u32>,
}

/// A week, counted in days of points: a day is met when each of its shifts is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Week {
    /// Its first day.
    pub monday: Date,
    /// Days with shifts.
    pub days: u32,
    /// Of these, with people enough on the roster.
    pub given: u32,
    /// Days that are over.
    pub over: u32,
    /// Of these, on which people enough were there.
    pub came: u32,
}

/// The weeks that have shifts, in order.
pub fn weeks(shifts: impl IntoIterator<Item = Manned>) -> Vec<Week> {
    // By day and point: given enough, over, enough there.
    let mut days: BTreeMap<(Date, PointId), (bool, bool, bool)> = BTreeMap::new();
    for shift in shifts {
        let day = days.entry((shift.day, shift.point));
        let (given, over, came) = day.or_insert((true, true, true));
        *given &= shift.given >= shift.people_min;
        *over &= shift.came.is_some();
        *came &= shift.came.is_some_and(|came| came >= shift.people_min);
    }
    let mut weeks: BTreeMap<Date, Week> = BTreeMap::new();
    for ((day, _), (given, over, came)) in days {
        let back = day.weekday().number_days_from_monday();
        let monday = day - Duration::days(back.into());
        let week = weeks.entry(monday).or_insert(Week {
            monday,
            days: 0,
            given: 0,
            over: 0,
            came: 0,
        });
        week.days += 1;
        week.given += u32::from(given);
        week.over += u32::from(over);
        week.came += u32::from(came);
    }
    weeks.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;
    use uuid::Uuid;

    fn shift(point: u128, day: Date, given: u32, came: Option<u32>) -> Manned {
        Manned {
            point: PointId(Uuid::from_u128(point)),
            day,
            people_min: 2,
            given,
            came,
        }
    }

    #[test]
    fn a_day_is_met_when_each_of_its_shifts_is() {
        let (friday, monday) = (date!(2024 - 10 - 11), date!(2024 - 10 - 14));
        let told = weeks([
            shift(1, friday, 2, Some(2)),
            shift(1, friday, 3, Some(1)),
            shift(2, friday, 2, Some(2)),
            // Over in the morning, not yet in the afternoon.
            shift(1, monday, 1, Some(2)),
            shift(1, monday, 2, None),
        ]);
        let week = |monday, [days, given, over, came]: [u32; 4]| Week {
            monday,
            days,
            given,
            over,
            came,
        };
        let first = week(date!(2024 - 10 - 07), [2, 2, 2, 1]);
        assert_eq!(told, [first, week(monday, [1, 0, 0, 0])]);
        assert_eq!(weeks([]), []);
    }
}
