//! Result against target and time: percentage, pace, forecast.

use crate::days::days_between;
use serde::{Deserialize, Serialize};
use time::{Date, Duration};

/// How many days back the present speed is taken from: four weeks hold as many
/// Sundays whatever day it is.
pub const RECENT_DAYS: i32 = 28;

/// How a result stands against the time that has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Pace {
    /// Far behind, or nothing new for four weeks.
    Stuck,
    /// Behind the time elapsed.
    Behind,
    /// Within a tenth of the time elapsed.
    OnTrack,
    /// Ahead of it.
    Ahead,
    /// Reached.
    Done,
    /// No target was set here.
    NoTarget,
}

/// The share of `from..=until` that has passed at the end of `on`, in percent.
pub fn elapsed_percent(from: Date, until: Date, on: Date) -> f64 {
    let whole = f64::from(days_between(from, until) + 1);
    let passed = f64::from((days_between(from, on) + 1).max(0));
    if whole <= 0.0 {
        100.0
    } else {
        (passed / whole * 100.0).min(100.0)
    }
}

/// `result` in percent of `target`, one decimal; `None` for a target of nothing.
pub fn percent(result: i64, target: i64) -> Option<f64> {
    // Results and targets are far below 2^53.
    (target > 0).then(|| (result as f64 / target as f64 * 1000.0).round() / 10.0)
}

/// A rate in thousandths; `None` without a denominator.
pub fn permille(numerator: i64, denominator: i64) -> Option<i64> {
    (denominator > 0).then(|| (numerator as f64 / denominator as f64 * 1000.0).round() as i64)
}

/// How a result stands. `recent` is what was added in the last [`RECENT_DAYS`] days.
pub fn pace(percent: Option<f64>, expected_percent: f64, recent: i64, running_days: i32) -> Pace {
    let Some(percent) = percent else {
        return Pace::NoTarget;
    };
    if percent >= 100.0 {
        return Pace::Done;
    }
    let silent = recent <= 0 && running_days > RECENT_DAYS;
    let ratio = if expected_percent > 0.0 {
        percent / expected_percent
    } else {
        1.0
    };
    match ratio {
        _ if silent => Pace::Stuck,
        r if r < 0.6 => Pace::Stuck,
        r if r < 0.9 => Pace::Behind,
        r if r <= 1.1 => Pace::OnTrack,
        _ => Pace::Ahead,
    }
}

/// The day the target is reached at the present speed; `None` if it is reached
/// already, nothing moves, or it would take more than ten years.
pub fn forecast(result: i64, target: i64, recent: i64, recent_days: i32, on: Date) -> Option<Date> {
    let rest = target - result;
    if rest <= 0 || recent <= 0 || recent_days <= 0 {
        return None;
    }
    let days = (rest as f64 * f64::from(recent_days) / recent as f64).ceil() as i64;
    (days <= 3660)
        .then(|| on.checked_add(Duration::days(days)))
        .flatten()
}

/// Orders places: lower first, so that the stuck ones head the list. The mean over
/// indicators with a target of attainment over expectation, each at most 2.
pub fn score(parts: impl IntoIterator<Item = (Option<f64>, f64)>) -> Option<f64> {
    let mut sum = 0.0;
    let mut n = 0_u32;
    for (percent, expected) in parts {
        if let Some(percent) = percent {
            sum += if expected > 0.0 {
                (percent / expected).min(2.0)
            } else {
                1.0
            };
            n += 1;
        }
    }
    (n > 0).then(|| (sum / f64::from(n) * 1000.0).round() / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn elapsed_time_counts_both_ends() {
        assert!(
            (elapsed_percent(
                date!(2024 - 01 - 01),
                date!(2024 - 12 - 31),
                date!(2024 - 12 - 31)
            ) - 100.0)
                .abs()
                < 1e-9
        );
        assert!(
            (elapsed_percent(
                date!(2024 - 01 - 01),
                date!(2024 - 01 - 10),
                date!(2024 - 01 - 05)
            ) - 50.0)
                .abs()
                < 1e-9
        );
        assert!(
            elapsed_percent(
                date!(2024 - 01 - 01),
                date!(2024 - 01 - 10),
                date!(2023 - 12 - 31)
            )
            .abs()
                < 1e-9
        );
    }

    #[test]
    fn over_achievement_shows_above_one_hundred() {
        assert_eq!(percent(70_000, 66_000), Some(106.1));
        assert_eq!(percent(1, 0), None);
    }

    #[test]
    fn a_place_that_stands_still_is_stuck_even_when_its_share_looks_fine() {
        assert_eq!(pace(Some(60.0), 60.0, 0, 100), Pace::Stuck);
        assert_eq!(pace(Some(60.0), 60.0, 5, 100), Pace::OnTrack);
        assert_eq!(pace(Some(20.0), 60.0, 5, 100), Pace::Stuck);
        assert_eq!(pace(Some(45.0), 60.0, 5, 100), Pace::Behind);
        assert_eq!(pace(Some(100.0), 60.0, 0, 100), Pace::Done);
        assert_eq!(pace(None, 60.0, 0, 100), Pace::NoTarget);
    }

    #[test]
    fn the_forecast_follows_the_last_four_weeks() {
        assert_eq!(
            forecast(80, 100, 28, 28, date!(2024 - 10 - 01)),
            Some(date!(2024 - 10 - 21))
        );
        assert_eq!(forecast(100, 100, 28, 28, date!(2024 - 10 - 01)), None);
        assert_eq!(forecast(80, 100, 0, 28, date!(2024 - 10 - 01)), None);
    }
}
