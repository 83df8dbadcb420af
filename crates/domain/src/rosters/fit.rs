//! Whether a person may stand at a shift, and how well it suits them.

use super::Half;
use crate::days::{VIETNAM, day_of};
use crate::ids::{MemberId, PointId};
use crate::refusal::Refusal;
use crate::vocabulary::vocabulary;
use serde::{Deserialize, Serialize};
use time::{Date, Duration, OffsetDateTime};

vocabulary! {
    /// Hard rules that keep somebody from a shift.
    Bar {
        /// Away, or not free in that part of that weekday.
        Unavailable = "unavailable",
        /// A skill or course is missing.
        NotQualified = "not_qualified",
        /// They stand somewhere else then.
        Busy = "busy",
        /// Too close to a shift of the day before or after.
        NoRest = "no_rest",
        /// As many shifts that day as anyone may have.
        DayFull = "day_full",
        /// As many that week as they or anyone may have.
        WeekFull = "week_full",
        /// As many that month.
        MonthFull = "month_full",
    }
}

vocabulary! {
    /// What speaks for somebody.
    Reason {
        /// Has the skills the shift asks for.
        Qualified = "qualified",
        /// At home in the point's own commune, or where it is in it.
        Near = "near",
        /// Has stood at this point before.
        Knows = "knows",
        /// Wished for that part of that weekday.
        Prefers = "prefers",
        /// Nothing the day before, that day or the day after.
        Rested = "rested",
        /// Had no more shifts this month than most.
        Fair = "fair",
    }
}

/// A part of a weekday.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Part {
    /// 1 for Monday to 7 for Sunday.
    pub weekday: u8,
    /// Morning, afternoon or evening.
    pub half: Half,
}

impl Part {
    /// The one a moment lies in.
    pub fn of(at: OffsetDateTime) -> Self {
        Self {
            weekday: at.to_offset(VIETNAM).weekday().number_from_monday(),
            half: Half::of(at),
        }
    }
}

/// Days somebody is away, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Absence {
    /// First day.
    #[serde(with = "crate::days::iso")]
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub from: Date,
    /// Last day.
    #[serde(with = "crate::days::iso")]
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub to: Date,
}

/// When somebody can and would like to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Availability {
    /// When they are free each week.
    pub free: Vec<Part>,
    /// Of these, what they wish for.
    #[serde(default)]
    pub prefers: Vec<Part>,
    /// When they are away.
    #[serde(default)]
    pub away: Vec<Absence>,
    /// Shifts they want in a week, at most.
    pub per_week_max: u32,
    /// Shifts they want in a month, at most.
    pub per_month_max: u32,
}

impl Availability {
    /// Absences one may name.
    pub const AWAY_MAX: usize = 100;

    /// Whether it can be meant so.
    ///
    /// # Errors
    /// `request.validation` with the field to mend.
    pub fn check(&self) -> Result<(), Refusal> {
        let no = |field: &str| Err(Refusal::new("request.validation").with("field", field));
        let sound = |parts: &[Part]| {
            parts.len() <= 21 && parts.iter().all(|part| (1..=7).contains(&part.weekday))
        };
        if !sound(&self.free) {
            return no("free");
        }
        if !sound(&self.prefers) || !self.prefers.iter().all(|part| self.free.contains(part)) {
            return no("prefers");
        }
        let backwards = |away: &Absence| away.from > away.to;
        if self.away.len() > Self::AWAY_MAX || self.away.iter().any(backwards) {
            return no("away");
        }
        Ok(())
    }
}

/// What nobody may exceed, whatever they wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Shifts a day.
    pub per_day_max: u32,
    /// Shifts a week.
    pub per_week_max: u32,
    /// Shifts a month.
    pub per_month_max: u32,
    /// Between the last shift of one day and the first of another.
    pub rest: Duration,
}

impl Limits {
    /// Volunteers beside work or studies: a morning and an afternoon a day, three days a
    /// week, and time to go home and sleep between days.
    pub const USUAL: Self = Self {
        per_day_max: 2,
        per_week_max: 6,
        per_month_max: 16,
        rest: Duration::hours(10),
    };
}

/// A shift somebody stands at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// From.
    pub starts_at: OffsetDateTime,
    /// To.
    pub ends_at: OffsetDateTime,
}

impl Held {
    /// Whether it lies in the month of a day.
    pub fn in_month_of(&self, day: Date) -> bool {
        let own = day_of(self.starts_at);
        (own.year(), own.month()) == (day.year(), day.month())
    }

    /// As the solver counts: minutes since 1970, days and weeks of Viet Nam.
    pub fn span(&self) -> roster::Span {
        let day = day_of(self.starts_at);
        roster::Span {
            starts_min: self.starts_at.unix_timestamp().div_euclid(60),
            ends_min: self.ends_at.unix_timestamp().div_euclid(60),
            day: day.to_julian_day(),
            // Julian day 0 was a Monday.
            week: day.to_julian_day().div_euclid(7),
        }
    }
}

/// Somebody who may be asked.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Who.
    pub member: MemberId,
    /// Ids of places from the root to their home, each followed by `/`.
    pub path: String,
    /// Skills in force, by code.
    pub skills: Vec<String>,
    /// What they said of their time; nothing yet.
    pub availability: Option<Availability>,
    /// Shifts they hold in the month and around it.
    pub holds: Vec<Held>,
    /// Points they have stood at.
    pub knows: Vec<PointId>,
}

/// A shift that needs somebody.
#[derive(Clone, Debug)]
pub struct Need {
    /// Where.
    pub point: PointId,
    /// Ids of places from the root to the point's, each followed by `/`.
    pub path: String,
    /// When.
    pub at: Held,
    /// Skills asked for.
    pub skills: Vec<String>,
    /// People it still needs; [`bars`] does not look at this.
    pub missing: u32,
}

/// Whether they have what is asked for.
pub fn is_qualified(candidate: &Candidate, need: &Need) -> bool {
    let has = |skill: &String| candidate.skills.contains(skill);
    need.skills.iter().all(has)
}

/// Whether they said they can then; who said nothing is asked only where they are at home.
pub fn is_free(candidate: &Candidate, need: &Need) -> bool {
    let Some(said) = &candidate.availability else {
        return distance(&candidate.path, &need.path) == 0;
    };
    let day = day_of(need.at.starts_at);
    let away = said
        .away
        .iter()
        .any(|away| (away.from..=away.to).contains(&day));
    !away && said.free.contains(&Part::of(need.at.starts_at))
}

/// How many shifts a day, a week and a month they may have.
pub fn limits(candidate: &Candidate, limits: &Limits) -> (u32, u32, u32) {
    let said = candidate.availability.as_ref();
    let own = |said: Option<u32>, most: u32| said.map_or(most, |own| own.min(most));
    (
        limits.per_day_max,
        own(said.map(|said| said.per_week_max), limits.per_week_max),
        own(said.map(|said| said.per_month_max), limits.per_month_max),
    )
}

/// The hard rules that keep somebody from a shift; none when they may stand there.
pub fn bars(candidate: &Candidate, need: &Need, most: &Limits) -> Vec<Bar> {
    let span = need.at.span();
    let held: Vec<roster::Span> = candidate.holds.iter().map(Held::span).collect();
    let (per_day_max, per_week_max, per_month_max) = limits(candidate, most);
    let count = |test: &dyn Fn(&roster::Span) -> bool| {
        u32::try_from(held.iter().filter(|held| test(held)).count()).unwrap_or(u32::MAX)
    };
    let day = day_of(need.at.starts_at);
    let of_month = candidate
        .holds
        .iter()
        .filter(|held| held.in_month_of(day))
        .count();
    let apart = |rest_min| held.iter().all(|held| held.goes_with(&span, rest_min));
    let at_once = !apart(0);
    let tests = [
        (Bar::NotQualified, !is_qualified(candidate, need)),
        (Bar::Unavailable, !is_free(candidate, need)),
        (Bar::Busy, at_once),
        (Bar::NoRest, !at_once && !apart(most.rest.whole_minutes())),
        (
            Bar::DayFull,
            count(&|held| held.day == span.day) >= per_day_max,
        ),
        (
            Bar::WeekFull,
            count(&|held| held.week == span.week) >= per_week_max,
        ),
        (
            Bar::MonthFull,
            u32::try_from(of_month).unwrap_or(u32::MAX) >= per_month_max,
        ),
    ];
    tests
        .into_iter()
        .filter_map(|(bar, broken)| broken.then_some(bar))
        .collect()
}

/// Steps up the tree of places from the nearer of two to where they meet: 0 when one lies in
/// the other.
pub fn distance(home: &str, point: &str) -> usize {
    let common = home
        .split('/')
        .zip(point.split('/'))
        .take_while(|(a, b)| a == b && !a.is_empty())
        .count();
    let depth = |path: &str| path.split('/').filter(|id| !id.is_empty()).count();
    depth(home).min(depth(point)) - common
}

/// What one more person missing costs beside the prices below: far more than all of them.
pub const MISSING_COST: i64 = 10_000;
/// What somebody's shifts of a month cost: this times the square of their number.
pub const FAIRNESS_COST: i64 = 8;
/// Of each step of [`distance`].
const STEP_COST: i64 = 40;
/// Of a point they have never stood at.
const NEW_COST: i64 = 15;
/// Of a time they did not wish for.
const UNWISHED_COST: i64 = 20;
/// Of asking somebody who has not said when they can.
const UNSAID_COST: i64 = 30;

fn prefers(candidate: &Candidate, need: &Need) -> bool {
    let part = Part::of(need.at.starts_at);
    let said = candidate.availability.as_ref();
    said.is_some_and(|said| said.prefers.contains(&part))
}

/// What giving somebody a shift costs, apart from fairness: distance, wishes, habit.
pub fn price(candidate: &Candidate, need: &Need) -> i64 {
    let steps = i64::try_from(distance(&candidate.path, &need.path)).unwrap_or(0);
    let wish = match &candidate.availability {
        None => UNSAID_COST,
        Some(_) if prefers(candidate, need) => 0,
        Some(_) => UNWISHED_COST,
    };
    let habit = if candidate.knows.contains(&need.point) {
        0
    } else {
        NEW_COST
    };
    steps * STEP_COST + wish + habit
}

/// What speaks for somebody who may have up to `usual` shifts this month without having more
/// than most, in the order in which people weigh it.
pub fn reasons(candidate: &Candidate, need: &Need, usual: usize) -> Vec<Reason> {
    let day = need.at.span().day;
    let rested = candidate
        .holds
        .iter()
        .all(|held| (held.span().day - day).abs() > 1);
    let tests = [
        (
            Reason::Qualified,
            !need.skills.is_empty() && is_qualified(candidate, need),
        ),
        (Reason::Near, distance(&candidate.path, &need.path) == 0),
        (Reason::Knows, candidate.knows.contains(&need.point)),
        (Reason::Prefers, prefers(candidate, need)),
        (Reason::Rested, rested),
        (Reason::Fair, candidate.holds.len() <= usual),
    ];
    tests
        .into_iter()
        .filter_map(|(reason, holds)| holds.then_some(reason))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::{date, datetime};
    use uuid::Uuid;

    const POINT: PointId = PointId(Uuid::from_u128(1));

    fn at(starts_at: OffsetDateTime) -> Held {
        let ends_at = starts_at + Duration::hours(4);
        Held { starts_at, ends_at }
    }

    /// A Monday morning.
    fn monday() -> Need {
        Need {
            point: POINT,
            path: "VN/52/540/553/".to_owned(),
            at: at(datetime!(2024-10-14 07:30 +7)),
            skills: vec!["dvctt_basic".to_owned()],
            missing: 1,
        }
    }

    fn neighbour() -> Candidate {
        Candidate {
            member: MemberId(Uuid::nil()),
            path: "VN/52/540/553/l-1/".to_owned(),
            skills: vec!["dvctt_basic".to_owned()],
            availability: Some(Availability {
                free: vec![Part {
                    weekday: 1,
                    half: Half::Morning,
                }],
                prefers: Vec::new(),
                away: Vec::new(),
                per_week_max: 2,
                per_month_max: 3,
            }),
            holds: Vec::new(),
            knows: Vec::new(),
        }
    }

    #[test]
    fn each_hard_rule_is_named_by_itself() {
        let need = monday();
        let barred = |change: &dyn Fn(&mut Candidate)| {
            let mut one = neighbour();
            change(&mut one);
            bars(&one, &need, &Limits::USUAL)
        };
        assert_eq!(barred(&|_| ()), []);
        assert_eq!(barred(&|one| one.availability = None), []);
        assert_eq!(barred(&|one| one.skills.clear()), [Bar::NotQualified]);
        let said = |one: &mut Candidate, change: &dyn Fn(&mut Availability)| {
            change(one.availability.as_mut().unwrap());
        };
        assert_eq!(
            barred(&|one| said(one, &|said| said.free[0].weekday = 2)),
            [Bar::Unavailable]
        );
        let away = Absence {
            from: date!(2024 - 10 - 14),
            to: date!(2024 - 10 - 14),
        };
        assert_eq!(
            barred(&|one| said(one, &|said| said.away.push(away))),
            [Bar::Unavailable]
        );
        let holding = |held: &[OffsetDateTime]| {
            barred(&|one| one.holds = held.iter().copied().map(at).collect())
        };
        assert_eq!(holding(&[datetime!(2024-10-14 10:00 +7)]), [Bar::Busy]);
        assert_eq!(holding(&[datetime!(2024-10-13 18:00 +7)]), [Bar::NoRest]);
        assert_eq!(holding(&[datetime!(2024-10-14 13:30 +7)]), []);
        let twice = [
            datetime!(2024-10-14 12:00 +7),
            datetime!(2024-10-14 16:00 +7),
        ];
        assert_eq!(holding(&twice), [Bar::DayFull, Bar::WeekFull]);
        // Sunday belongs to the week before.
        assert_eq!(
            holding(&[
                datetime!(2024-10-13 07:30 +7),
                datetime!(2024-10-16 07:30 +7)
            ]),
            []
        );
        let thrice = [
            datetime!(2024-10-01 07:30 +7),
            datetime!(2024-10-08 07:30 +7),
            datetime!(2024-10-29 07:30 +7),
        ];
        assert_eq!(holding(&thrice), [Bar::MonthFull]);
        assert_eq!(
            holding(&[thrice[0], thrice[1], datetime!(2024-09-30 07:30 +7)]),
            []
        );
    }

    #[test]
    fn distance_is_up_to_where_two_places_meet() {
        for (home, point, steps) in [
            ("VN/52/540/553/", "VN/52/540/553/", 0),
            ("VN/52/540/553/l-1/", "VN/52/540/553/", 0),
            ("VN/52/540/", "VN/52/540/553/", 0),
            ("VN/52/540/556/", "VN/52/540/553/", 1),
            ("VN/52/549/910/l-2/", "VN/52/540/553/", 2),
        ] {
            assert_eq!(distance(home, point), steps, "{home} {point}");
        }
    }

    #[test]
    fn what_speaks_for_somebody_costs_less() {
        let need = monday();
        let mut known = neighbour();
        known.knows.push(POINT);
        known.availability.as_mut().unwrap().prefers.push(Part {
            weekday: 1,
            half: Half::Morning,
        });
        let mut far = neighbour();
        far.path = "VN/52/549/910/".to_owned();
        far.holds.push(at(datetime!(2024-10-15 13:30 +7)));
        assert_eq!(price(&known, &need), 0);
        assert!(price(&neighbour(), &need) < price(&far, &need));
        assert_eq!(
            reasons(&known, &need, 0),
            [
                Reason::Qualified,
                Reason::Near,
                Reason::Knows,
                Reason::Prefers,
                Reason::Rested,
                Reason::Fair,
            ]
        );
        assert_eq!(reasons(&far, &need, 0), [Reason::Qualified]);
    }
}
