//! What "Ngày thứ Năm không hẹn không viết" saves: how long people really waited for a result,
//! beside what the regulations give, on Thursdays and on other days.

use crate::days::{day_of, days_between};
use crate::holidays::is_working_day;
use crate::procedures::{Procedures, Regulated};
use time::{Date, Duration, OffsetDateTime, Weekday};

/// Minutes of a working day.
const DAY_MIN: u32 = 8 * 60;

/// One result in somebody's hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waited {
    /// When they came.
    pub day: Date,
    /// From coming to having the result, minutes at work.
    pub actual_min: u32,
    /// What the regulations give.
    pub regulated_min: u32,
}

/// What a number of results have in common. Nothing is said of none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Saved {
    /// How many.
    pub n: i64,
    /// Median of what they really took, minutes at work.
    pub actual_min: Option<u32>,
    /// Median of what the regulations give.
    pub regulated_min: Option<u32>,
    /// Median of `1 − actual ÷ regulated`, in thousandths; negative when it took longer.
    pub saved_permille: Option<i64>,
}

/// Minutes at work between two moments: within a day as they are, beyond it by working days.
pub fn work_minutes(from: OffsetDateTime, to: OffsetDateTime) -> u32 {
    let (first, last) = (day_of(from), day_of(to));
    if first >= last {
        let minutes = (to - from).whole_minutes().max(0);
        return u32::try_from(minutes).unwrap_or(u32::MAX).min(DAY_MIN);
    }
    let days = (1..=days_between(first, last))
        .filter(|ahead| is_working_day(first + Duration::days(i64::from(*ahead))));
    u32::try_from(days.count()).map_or(u32::MAX, |days| days.max(1).saturating_mul(DAY_MIN))
}

/// What the regulations give for all of several procedures together: the longest. `None` when
/// one of them is not confirmed.
pub fn regulated_min<'a>(codes: impl IntoIterator<Item = &'a str>) -> Option<u32> {
    let mut most = None;
    for code in codes {
        let given = Procedures::bundled().find(code)?.regulated?;
        most = most.max(Some(Regulated::minutes(given)));
    }
    most
}

/// Those of Thursdays, and those of other days.
pub fn beside(all: &[Waited]) -> (Saved, Saved) {
    let is_thursday = |one: &&Waited| one.day.weekday() == Weekday::Thursday;
    let (thursdays, others): (Vec<&Waited>, Vec<&Waited>) = all.iter().partition(is_thursday);
    (saved(&thursdays), saved(&others))
}

fn saved(all: &[&Waited]) -> Saved {
    let share = |one: &&Waited| {
        let (actual, regulated) = (
            i64::from(one.actual_min),
            i64::from(one.regulated_min.max(1)),
        );
        1000 - actual * 1000 / regulated
    };
    Saved {
        n: i64::try_from(all.len()).unwrap_or(i64::MAX),
        actual_min: median(all.iter().map(|one| one.actual_min).collect()),
        regulated_min: median(all.iter().map(|one| one.regulated_min).collect()),
        saved_permille: median(all.iter().map(share).collect()),
    }
}

/// The lower one of the two in the middle.
fn median<T: Ord + Copy>(mut all: Vec<T>) -> Option<T> {
    all.sort_unstable();
    all.get(all.len().saturating_sub(1) / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::{date, datetime};

    #[test]
    fn waiting_is_counted_in_time_at_work() {
        let came = datetime!(2024-10-17 08:00 +7);
        assert_eq!(work_minutes(came, datetime!(2024-10-17 08:25 +7)), 25);
        // Over a weekend it is one working day, not three.
        let friday = datetime!(2024-10-18 15:00 +7);
        assert_eq!(work_minutes(friday, datetime!(2024-10-21 09:00 +7)), 480);
        assert_eq!(work_minutes(came, datetime!(2024-10-17 07:00 +7)), 0);
    }

    #[test]
    fn several_procedures_take_as_long_as_the_longest_and_nothing_is_guessed() {
        assert_eq!(regulated_min(["2.000815", "1.004222"]), Some(7 * 480));
        assert_eq!(regulated_min(["2.000815", "1.012812"]), None);
        assert_eq!(regulated_min([]), None);
    }

    #[test]
    fn thursdays_stand_beside_other_days_each_with_its_number() {
        let one = |day, actual_min| Waited {
            day,
            actual_min,
            regulated_min: 480,
        };
        let (thursday, monday) = (date!(2024 - 10 - 17), date!(2024 - 10 - 14));
        let all = [
            one(thursday, 24),
            one(thursday, 48),
            one(thursday, 480),
            one(monday, 960),
        ];
        let (thursdays, others) = beside(&all);
        assert_eq!((thursdays.n, thursdays.saved_permille), (3, Some(900)));
        assert_eq!((others.n, others.saved_permille), (1, Some(-1000)));
        assert_eq!(beside(&[]).0, Saved::default());
    }
}
