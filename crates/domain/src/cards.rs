//! The card a volunteer wears: whether whoever wears it is on duty, for a resident who asks.

use crate::vocabulary::vocabulary;
use time::OffsetDateTime;

vocabulary! {
    /// What a resident is told who scans a card.
    Duty {
        /// On duty at this moment.
        Now = "now",
        /// On duty today, but not at this hour.
        NotNow = "not_now",
        /// Nothing today.
        NoneToday = "none_today",
        /// The card holds no more: left the team, blocked, or another card was made.
        Ended = "ended",
    }
}

vocabulary! {
    /// What says that somebody is on duty, the strongest first.
    Basis {
        /// They came and have not left.
        Attendance = "attendance",
        /// They stand at a shift.
        Roster = "roster",
        /// Their team has something planned.
        Activity = "activity",
    }
}

/// A time at which somebody is on duty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stint {
    /// What says so.
    pub basis: Basis,
    /// From.
    pub from: OffsetDateTime,
    /// Until, not included.
    pub to: OffsetDateTime,
}

impl Stint {
    fn is_on(&self, now: OffsetDateTime) -> bool {
        self.from <= now && now < self.to
    }
}

/// Whether somebody with these stints today is on duty now, and the strongest that says so.
/// Having been somewhere is no promise for the rest of the day: only shifts and plans are.
pub fn duty(today: &[Stint], now: OffsetDateTime) -> (Duty, Option<Basis>) {
    let on = today.iter().filter(|stint| stint.is_on(now));
    match on.map(|stint| stint.basis).min() {
        Some(basis) => (Duty::Now, Some(basis)),
        None if today.iter().any(|stint| stint.basis != Basis::Attendance) => (Duty::NotNow, None),
        None => (Duty::NoneToday, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::Duration;
    use time::macros::datetime;

    const NINE: OffsetDateTime = datetime!(2024-10-13 09:00 +7);

    fn stint(basis: Basis, from_h: i64, to_h: i64) -> Stint {
        Stint {
            basis,
            from: NINE + Duration::hours(from_h),
            to: NINE + Duration::hours(to_h),
        }
    }

    #[test]
    fn the_strongest_reason_is_named_and_the_end_is_not_included() {
        let all = [
            stint(Basis::Activity, -1, 3),
            stint(Basis::Roster, -2, 2),
            stint(Basis::Attendance, -1, 1),
        ];
        let at = |hours| duty(&all, NINE + Duration::hours(hours));
        assert_eq!(at(0), (Duty::Now, Some(Basis::Attendance)));
        assert_eq!(at(1), (Duty::Now, Some(Basis::Roster)));
        assert_eq!(at(2), (Duty::Now, Some(Basis::Activity)));
        assert_eq!(at(3), (Duty::NotNow, None));
        assert_eq!(at(-3), (Duty::NotNow, None));
    }

    #[test]
    fn having_been_somewhere_in_the_morning_is_nothing_planned() {
        let morning = [stint(Basis::Attendance, -2, -1)];
        assert_eq!(duty(&morning, NINE), (Duty::NoneToday, None));
        assert_eq!(duty(&[], NINE), (Duty::NoneToday, None));
    }
}
