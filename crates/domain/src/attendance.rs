//! Being there: the code that a point shows, how far a fact about somebody's coming or
//! going is believed, and the time that follows from both.
//!
//! Nobody is turned away by a doubt. What is doubtful is kept, counted and shown to the
//! leader, who can take it back.

use crate::days::day_of;
use crate::facts::Way;
use crate::points::Hours;
use crate::vocabulary::vocabulary;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::collections::BTreeSet;
use time::{Date, Duration, OffsetDateTime};

/// How long one code is shown.
pub const STEP_S: i64 = 30;
/// Digits of a code.
pub const CODE_DIGITS: usize = 6;
/// Steps by which the clocks of the point and of a phone may differ either way.
const STEPS_APART_MAX: i64 = 4;
/// Steps in which a code is recognised as one of another time.
const STEPS_KNOWN: i64 = 40;
/// How long before opening or a shift, and after, somebody may come.
const EARLY_MAX: Duration = Duration::minutes(60);
/// Arrivals at two places closer than this cannot both be true.
pub const APART_MIN: Duration = Duration::minutes(10);
/// The most that one stretch counts for.
pub const STRETCH_MAX: Duration = Duration::hours(12);
/// How long somebody is taken to have stayed who never said that they left.
pub const OPEN_MAX: Duration = Duration::hours(4);

vocabulary! {
    /// Coming or going.
    Direction {
        /// Somebody is there.
        In = "in",
        /// They leave.
        Out = "out",
    }
}

vocabulary! {
    /// How far an attendance is believed.
    Standing {
        /// The point's own code, or a leader's word.
        Verified = "verified",
        /// Nothing speaks against it.
        Plausible = "plausible",
        /// Something does: a leader looks at it.
        Doubtful = "doubtful",
    }
}

vocabulary! {
    /// What speaks against an attendance.
    Doubt {
        /// The code was never this point's.
        Code = "code_wrong",
        /// It was, at another time.
        CodeTime = "code_time",
        /// The point is closed then, and they have no shift.
        Hours = "outside_hours",
        /// They were somewhere else a moment before or after.
        TwoPlaces = "two_places",
        /// Their phone was far from the point.
        Far = "far",
    }
}

/// The step that a moment lies in.
pub fn step_of(at: OffsetDateTime) -> i64 {
    at.unix_timestamp().div_euclid(STEP_S)
}

/// The code of a step, as in RFC 6238 with HMAC-SHA-256 and six digits.
pub fn code(secret: &[u8], step: i64) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length");
    mac.update(&step.to_be_bytes());
    let digest: [u8; 32] = mac.finalize().into_bytes().into();
    let offset = usize::from(digest[31] & 0x0f);
    let word = digest[offset..offset + 4].iter();
    let number = word.fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    let short = (number & 0x7fff_ffff) % 10_u32.pow(6);
    format!("{short:0width$}", width = CODE_DIGITS)
}

/// What speaks against a code shown at a point with one of these secrets, for somebody who says
/// that it was then. Typed codes carry no step of their own, so a few are tried.
fn doubt_of_code(secrets: &[Vec<u8>], step: i64, said: &str, at: OffsetDateTime) -> Option<Doubt> {
    let then = step_of(at);
    let shown = |step| secrets.iter().any(|secret| code(secret, step) == said);
    let near = |steps: i64| (then - steps..=then + steps).any(shown);
    if near(STEPS_APART_MAX) {
        None
    } else if shown(step) || near(STEPS_KNOWN) {
        Some(Doubt::CodeTime)
    } else {
        Some(Doubt::Code)
    }
}

/// What is known when an attendance arrives.
#[derive(Debug)]
pub struct Circumstances<'a> {
    /// The secrets that the point's codes were made from then; none at an activity.
    pub secrets: &'a [Vec<u8>],
    /// When the point is open; one that says nothing always is.
    pub hours: &'a Hours,
    /// The member's shifts there on that day.
    pub shifts: &'a [(OffsetDateTime, OffsetDateTime)],
    /// When else they came somewhere else on that day.
    pub elsewhere: &'a [OffsetDateTime],
    /// How somebody says that they are there.
    pub way: &'a Way,
    /// Coming or going.
    pub direction: Direction,
    /// What their phone made of the distance, if it was allowed to look.
    pub near: Option<bool>,
    /// When.
    pub at: OffsetDateTime,
}

/// How far an attendance is believed, and everything that speaks against it.
pub fn judge(seen: &Circumstances<'_>) -> (Standing, Vec<Doubt>) {
    let mut doubts = Vec::new();
    if let Way::Qr { step, code } = seen.way {
        doubts.extend(doubt_of_code(seen.secrets, *step, code, seen.at));
    }
    if seen.direction == Direction::In && !is_expected(seen) {
        doubts.push(Doubt::Hours);
    }
    if seen.direction == Direction::In
        && seen
            .elsewhere
            .iter()
            .any(|other| (*other - seen.at).abs() < APART_MIN)
    {
        doubts.push(Doubt::TwoPlaces);
    }
    if seen.near == Some(false) {
        doubts.push(Doubt::Far);
    }
    let standing = match seen.way {
        _ if !doubts.is_empty() => Standing::Doubtful,
        Way::Qr { .. } | Way::ByLeader => Standing::Verified,
        Way::Own => Standing::Plausible,
    };
    (standing, doubts)
}

fn is_expected(seen: &Circumstances<'_>) -> bool {
    let day = day_of(seen.at);
    let open = seen.hours.of(day.weekday()).iter().map(|span| span.on(day));
    let mut times = open.chain(seen.shifts.iter().copied());
    *seen.hours == Hours::default()
        || times.any(|(from, to)| (from - EARLY_MAX..=to + EARLY_MAX).contains(&seen.at))
}

/// A coming or going of one member on one day, with whatever the caller knows it by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event<T> {
    /// When, Unix milliseconds.
    pub at_ms: i64,
    /// Which way.
    pub direction: Direction,
    /// What it is known by.
    pub of: T,
}

/// A time that somebody was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch<T> {
    /// How it began.
    pub from: Event<T>,
    /// How it ended; `None` while nobody said.
    pub to: Option<Event<T>>,
}

impl<T> Stretch<T> {
    /// Whole minutes from coming to going, at most [`STRETCH_MAX`]; 0 while it is open:
    /// only what somebody said counts.
    pub fn minutes(&self) -> i64 {
        let ms = self.to.as_ref().map_or(0, |to| to.at_ms - self.from.at_ms);
        (ms / 60_000).min(STRETCH_MAX.whole_minutes())
    }

    /// When an open one is taken to have ended: with the shift it began in, or after
    /// [`OPEN_MAX`], Unix milliseconds.
    pub fn assumed_end_ms(&self, shift_ends_ms: Option<i64>) -> i64 {
        let at_most = self.from.at_ms + i64::try_from(OPEN_MAX.whole_milliseconds()).unwrap_or(0);
        let ends = shift_ends_ms.filter(|ends| *ends > self.from.at_ms);
        ends.map_or(at_most, |ends| ends.min(at_most))
    }
}

/// Pairs the comings and goings of one member on one day, in any order. Who comes again
/// without having left counts from then on; who leaves without having come counts for
/// nothing.
pub fn pair<T: Copy + Ord>(mut events: Vec<Event<T>>) -> Vec<Stretch<T>> {
    events.sort_unstable_by_key(|event| (event.at_ms, event.of));
    let mut stretches: Vec<Stretch<T>> = Vec::new();
    for event in events {
        let open = stretches.last_mut().filter(|last| last.to.is_none());
        match (event.direction, open) {
            (Direction::In, _) => stretches.push(Stretch {
                from: event,
                to: None,
            }),
            (Direction::Out, Some(open)) => open.to = Some(event),
            (Direction::Out, None) => {}
        }
    }
    stretches
}

/// How many weeks in a row, Monday to Sunday, have one of `days` in them, up to the week
/// of `today`; the present week may still be empty.
pub fn weeks_in_a_row(days: impl IntoIterator<Item = Date>, today: Date) -> u32 {
    let week = |day: Date| day.to_julian_day().div_euclid(7);
    let weeks: BTreeSet<i32> = days.into_iter().map(week).collect();
    let this = week(today);
    let last = if weeks.contains(&this) {
        this
    } else {
        this - 1
    };
    let row = (0..).take_while(|back| weeks.contains(&(last - back)));
    u32::try_from(row.count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;
    use time::macros::{date, datetime};

    const SECRET: &[u8] = b"12345678901234567890123456789012";
    const NOON: OffsetDateTime = datetime!(2024-10-13 12:00 +7);

    fn qr(code: &str, at: OffsetDateTime) -> Way {
        Way::Qr {
            step: step_of(at),
            code: code.to_owned(),
        }
    }

    fn judged(way: &Way, at: OffsetDateTime, near: Option<bool>) -> (Standing, Vec<Doubt>) {
        judge(&Circumstances {
            secrets: &[SECRET.to_vec()],
            hours: &Hours::default(),
            shifts: &[],
            elsewhere: &[],
            way,
            direction: Direction::In,
            near,
            at,
        })
    }

    #[test]
    fn codes_are_those_of_rfc_6238() {
        // Appendix B, SHA-256; there of eight digits.
        for (unix, long) in [
            (59, "46119246"),
            (1_111_111_109, "68084774"),
            (1_111_111_111, "67062674"),
            (1_234_567_890, "91819424"),
            (2_000_000_000, "90698825"),
            (20_000_000_000, "77737706"),
        ] {
            assert_eq!(code(SECRET, unix / STEP_S), long[2..]);
        }
    }

    #[test]
    fn clocks_may_differ_a_little_and_other_codes_are_doubtful() {
        for (seconds, wanted) in [
            (0, (Standing::Verified, vec![])),
            (-110, (Standing::Verified, vec![])),
            (110, (Standing::Verified, vec![])),
            (200, (Standing::Doubtful, vec![Doubt::CodeTime])),
            (-86_400, (Standing::Doubtful, vec![Doubt::CodeTime])),
        ] {
            let shown = NOON + Duration::seconds(seconds);
            let way = qr(&code(SECRET, step_of(shown)), shown);
            assert_eq!(judged(&way, NOON, None), wanted, "{seconds}");
        }
        let way = qr(&code(b"another point", step_of(NOON)), NOON);
        assert_eq!(
            judged(&way, NOON, None),
            (Standing::Doubtful, vec![Doubt::Code])
        );
    }

    #[test]
    fn a_word_of_ones_own_is_plausible_a_leaders_is_enough_and_far_is_doubtful() {
        assert_eq!(judged(&Way::Own, NOON, None).0, Standing::Plausible);
        assert_eq!(
            judged(&Way::ByLeader, NOON, Some(true)).0,
            Standing::Verified
        );
        let right = qr(&code(SECRET, step_of(NOON)), NOON);
        assert_eq!(
            judged(&right, NOON, Some(false)),
            (Standing::Doubtful, vec![Doubt::Far])
        );
    }

    #[test]
    fn outside_opening_hours_a_shift_explains_it_and_two_places_at_once_are_not_possible() {
        let spans = json!([{"from": "07:30", "to": "11:30"}, {"from": "13:30", "to": "17:00"}]);
        let hours: Hours = serde_json::from_value(json!({"mon": spans, "sun": []})).unwrap();
        let sunday = Circumstances {
            secrets: &[],
            hours: &hours,
            shifts: &[],
            elsewhere: &[],
            way: &Way::Own,
            direction: Direction::In,
            near: None,
            at: NOON,
        };
        assert_eq!(judge(&sunday).1, [Doubt::Hours]);
        let shift = [(NOON, NOON + Duration::hours(4))];
        let rostered = Circumstances {
            shifts: &shift,
            ..sunday
        };
        assert_eq!(judge(&rostered).0, Standing::Plausible);
        for (at, open) in [
            (datetime!(2024-10-14 06:35 +7), true),
            (datetime!(2024-10-14 06:25 +7), false),
            (datetime!(2024-10-14 18:05 +7), false),
        ] {
            let seen = Circumstances { at, ..sunday };
            assert_eq!(judge(&seen).1.is_empty(), open, "{at}");
        }
        let there = [NOON - Duration::minutes(9)];
        let twice = Circumstances {
            elsewhere: &there,
            ..rostered
        };
        assert_eq!(judge(&twice).1, [Doubt::TwoPlaces]);
        let leaving = Circumstances {
            direction: Direction::Out,
            ..twice
        };
        assert_eq!(judge(&leaving).0, Standing::Plausible);
    }

    fn at(minute: i64, direction: Direction, of: u32) -> Event<u32> {
        Event {
            at_ms: minute * 60_000,
            direction,
            of,
        }
    }

    #[test]
    fn comings_and_goings_make_stretches() {
        use Direction::{In, Out};
        let minutes = |events: Vec<Event<u32>>| -> Vec<i64> {
            pair(events).iter().map(Stretch::minutes).collect()
        };
        assert_eq!(minutes(vec![at(690, Out, 2), at(450, In, 1)]), [240]);
        // Who forgot to leave in the morning counts from when they came again.
        let forgot = vec![at(450, In, 1), at(810, In, 2), at(1020, Out, 3)];
        assert_eq!(minutes(forgot), [0, 210]);
        assert_eq!(minutes(vec![at(1020, Out, 3)]), [] as [i64; 0]);
        assert_eq!(minutes(vec![at(0, In, 1), at(1439, Out, 2)]), [720]);
        let open = pair(vec![at(450, In, 1)])[0];
        assert_eq!(open.assumed_end_ms(Some(690 * 60_000)), 690 * 60_000);
        assert_eq!(open.assumed_end_ms(Some(1020 * 60_000)), 690 * 60_000);
        assert_eq!(open.assumed_end_ms(None), 690 * 60_000);
    }

    #[test]
    fn weeks_in_a_row_end_with_this_one_or_the_last() {
        let today = date!(2024 - 10 - 13);
        let sundays = [date!(2024 - 10 - 6), date!(2024 - 9 - 29)];
        assert_eq!(weeks_in_a_row(sundays, today), 2);
        assert_eq!(weeks_in_a_row([today, sundays[0]], today), 2);
        assert_eq!(weeks_in_a_row([sundays[1]], today), 0);
        assert_eq!(weeks_in_a_row([], today), 0);
    }

    proptest! {
        /// Whatever is said in whatever order, time is never counted twice.
        #[test]
        fn stretches_never_overlap(
            said in prop::collection::vec((0_i64..1440, any::<bool>()), 0..40),
        ) {
            let direction = |out| if out { Direction::Out } else { Direction::In };
            let events: Vec<_> = (0..).zip(&said).map(|(of, (minute, out))| at(*minute, direction(*out), of)).collect();
            let mut reversed = events.clone();
            reversed.reverse();
            let stretches = pair(events);
            prop_assert_eq!(&stretches, &pair(reversed));
            prop_assert!(stretches.iter().all(|one| one.minutes() >= 0));
            let ended: Vec<_> = stretches.iter().filter_map(|one| Some((one.from.at_ms, one.to?.at_ms))).collect();
            prop_assert!(ended.windows(2).all(|two| two[0].1 <= two[1].0));
        }
    }
}
