//! When a desk has more to do than people to do it: each pressure is measured against a
//! stated threshold. One over it is reason enough to ask for an expert.

use crate::vocabulary::vocabulary;

/// Days ahead in which gaps are looked for.
pub const DAYS_AHEAD: i64 = 7;
/// Days back over which work and attendance are looked at.
pub const DAYS_BACK: i64 = 28;
/// A third of the people needed is missing.
const GAPS_PERMILLE: i64 = 333;
/// Fewer missing than this are a bad day, not an overload.
const MISSING_MIN: u32 = 4;
/// Ten minutes for each assist, without a break: six in an hour.
const LOAD_PERMILLE: i64 = 6_000;
/// Fewer hours than this say nothing about a desk.
const MINUTES_MIN: u32 = 8 * 60;
/// Fewer than six came of ten who were needed.
const CAME_PERMILLE: i64 = 600;
/// Fewer needed than this say nothing.
const EXPECTED_MIN: u32 = 8;

vocabulary! {
    /// What weighs on a desk.
    Pressure {
        /// Shifts ahead that nobody stands at, of the people they need.
        Gaps = "gaps",
        /// Assists for each hour that volunteers were there.
        Load = "load",
        /// People who came, of those who were needed.
        Came = "came",
    }
}

/// What is known of a desk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Desk {
    /// People that shifts of the next [`DAYS_AHEAD`] need.
    pub needed: u32,
    /// Of these, missing.
    pub missing: u32,
    /// People that shifts of the last [`DAYS_BACK`] needed.
    pub expected: u32,
    /// Of these, came.
    pub came: u32,
    /// Assists at desks of its place in the same days.
    pub assists: u32,
    /// Minutes that people were there.
    pub minutes: u32,
}

/// One pressure, measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signal {
    /// Which.
    pub pressure: Pressure,
    /// What was measured, in thousandths.
    pub value_permille: i64,
    /// From where on it is too much; for [`Pressure::Came`], too little.
    pub threshold_permille: i64,
    /// Whether it is.
    pub over: bool,
}

/// What weighs on a desk, as far as it can be measured; it is overloaded when any is over.
pub fn signals(desk: &Desk) -> Vec<Signal> {
    let permille = |part: u32, whole: u32| i64::from(part) * 1000 / i64::from(whole.max(1));
    let mut found = Vec::new();
    let mut add = |pressure, value, threshold, over| {
        found.push(Signal {
            pressure,
            value_permille: value,
            threshold_permille: threshold,
            over,
        });
    };
    if desk.needed > 0 {
        let value = permille(desk.missing, desk.needed);
        let over = value >= GAPS_PERMILLE && desk.missing >= MISSING_MIN;
        add(Pressure::Gaps, value, GAPS_PERMILLE, over);
    }
    if desk.minutes >= MINUTES_MIN {
        let value = permille(desk.assists * 60, desk.minutes);
        add(Pressure::Load, value, LOAD_PERMILLE, value >= LOAD_PERMILLE);
    }
    if desk.expected >= EXPECTED_MIN {
        let value = permille(desk.came, desk.expected);
        add(Pressure::Came, value, CAME_PERMILLE, value < CAME_PERMILLE);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn over(desk: Desk) -> Vec<Pressure> {
        let found = signals(&desk).into_iter();
        found
            .filter(|one| one.over)
            .map(|one| one.pressure)
            .collect()
    }

    #[test]
    fn a_quiet_desk_is_measured_and_not_over() {
        let quiet = Desk {
            needed: 20,
            missing: 2,
            expected: 80,
            came: 60,
            assists: 90,
            minutes: 60 * 60,
        };
        assert_eq!(over(quiet), []);
        let values: Vec<i64> = signals(&quiet)
            .iter()
            .map(|one| one.value_permille)
            .collect();
        assert_eq!(values, [100, 1500, 750]);
        assert_eq!(signals(&Desk::default()), []);
    }

    #[test]
    fn each_pressure_is_over_at_its_threshold() {
        let gaps = |missing| Desk {
            needed: 12,
            missing,
            ..Desk::default()
        };
        assert_eq!(
            (over(gaps(3)), over(gaps(4))),
            (vec![], vec![Pressure::Gaps])
        );
        // Three of three are missing, but that is a bad day.
        assert_eq!(
            over(Desk {
                needed: 3,
                missing: 3,
                ..Desk::default()
            }),
            []
        );
        let load = |assists, minutes| Desk {
            assists,
            minutes,
            ..Desk::default()
        };
        assert_eq!(
            (over(load(59, 600)), over(load(60, 600))),
            (vec![], vec![Pressure::Load])
        );
        assert_eq!(over(load(60, 400)), []);
        let came = |came| Desk {
            expected: 10,
            came,
            ..Desk::default()
        };
        assert_eq!(
            (over(came(6)), over(came(5))),
            (vec![], vec![Pressure::Came])
        );
    }
}
