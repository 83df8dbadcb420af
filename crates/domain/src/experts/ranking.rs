//! Who suits a request: first what rules somebody out, then what it costs to send them.

use super::Fields;
use crate::ids::MemberId;
use crate::rosters::fit::Absence;
use crate::vocabulary::vocabulary;
use time::Date;

/// Days over which somebody's load is looked at.
pub const LOAD_DAYS: i64 = 30;
/// What each level of places between them and the commune costs.
const STEP_COST: i64 = 300;
/// What each request they have in hand costs, beside a month that is full, which costs 1000.
const OPEN_COST: i64 = 250;
/// What speaking the wished language is worth.
const LANGUAGE_WORTH: i64 = 400;

vocabulary! {
    /// What rules somebody out.
    Bar {
        /// Helps in other fields.
        Field = "field",
        /// Goes to other places.
        Area = "area",
        /// Away on all the days.
        Away = "away",
        /// Somewhere else on all of them.
        Busy = "busy",
        /// Has given the hours of the month.
        Full = "full",
    }
}

/// Somebody who may be sent.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Who.
    pub member: MemberId,
    /// Path of the place that they set out from.
    pub path: String,
    /// Path of the area that they go to.
    pub area: String,
    /// Fields that they help in, by code.
    pub fields: Vec<String>,
    /// Languages that they speak besides Vietnamese, by code.
    pub languages: Vec<String>,
    /// Hours a month that their office lends them.
    pub hours_per_month: u32,
    /// Minutes logged in the last [`LOAD_DAYS`].
    pub minutes: u32,
    /// Requests in hand: offered, accepted or on the way.
    pub open: u32,
    /// When they are away.
    pub away: Vec<Absence>,
    /// Days on which they are sent elsewhere, both included.
    pub visits: Vec<(Date, Date)>,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Need {
    /// The field's code.
    pub field: String,
    /// Path of the commune.
    pub path: String,
    /// Language wished for, by code.
    pub language: Option<String>,
    /// Days wished for, both included.
    pub days: (Date, Date),
    /// Today: which fields are in force, and load up to when.
    pub today: Date,
}

/// What speaks for and against somebody, as people are shown it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fit {
    /// Whom it is about, by position.
    pub at: usize,
    /// Whether it is the very field, not one that its work came from or went to.
    pub same_field: bool,
    /// Path of the smallest place that both lie in.
    pub common: String,
    /// Levels between it and the commune.
    pub steps: u32,
    /// Minutes of their month that are left.
    pub minutes_left: u32,
    /// Requests in hand.
    pub open: u32,
    /// Whether they speak the language wished for; nothing when none was.
    pub speaks: Option<bool>,
    /// Days of the wish on which they are free.
    pub days_free: u32,
}

impl Fit {
    /// What sending them costs; the least is the best.
    fn cost(&self, of: &Candidate) -> i64 {
        let whole = i64::from(of.hours_per_month) * 60;
        let load = i64::from(of.minutes) * 1000 / whole.max(1);
        let speaks = if self.speaks == Some(true) {
            LANGUAGE_WORTH
        } else {
            0
        };
        i64::from(self.steps) * STEP_COST + load + i64::from(self.open) * OPEN_COST - speaks
    }
}

fn covers(area: &str, path: &str) -> bool {
    path.starts_with(area)
}

fn days((from, to): (Date, Date)) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(from), |day| day.next_day()).take_while(move |day| *day <= to)
}

/// The smallest path that both lie at or below.
pub fn common<'p>(one: &'p str, other: &str) -> &'p str {
    let mut end = 0;
    for (at, (a, b)) in one.bytes().zip(other.bytes()).enumerate() {
        if a != b {
            break;
        }
        if a == b'/' {
            end = at + 1;
        }
    }
    &one[..end]
}

/// What rules somebody out, in the order of [`Bar`].
pub fn bars(of: &Candidate, need: &Need, fields: &Fields) -> Vec<Bar> {
    let current = |code: &str| fields.current(code, need.today).map(|field| &field.code);
    let asked = current(&need.field);
    let helps = asked.is_some() && of.fields.iter().any(|field| current(field) == asked);
    let away = |day: Date| {
        of.away
            .iter()
            .any(|away| (away.from..=away.to).contains(&day))
    };
    let visits = |day: Date| {
        of.visits
            .iter()
            .any(|(from, to)| (*from..=*to).contains(&day))
    };
    let mut found = Vec::new();
    if !helps {
        found.push(Bar::Field);
    }
    if !covers(&of.area, &need.path) {
        found.push(Bar::Area);
    }
    if days(need.days).all(away) {
        found.push(Bar::Away);
    } else if days(need.days).all(|day| away(day) || visits(day)) {
        found.push(Bar::Busy);
    }
    if of.minutes >= of.hours_per_month * 60 {
        found.push(Bar::Full);
    }
    found
}

/// Everybody whom nothing rules out, the best first.
pub fn rank(candidates: &[Candidate], need: &Need, fields: &Fields) -> Vec<Fit> {
    let able = candidates.iter().enumerate();
    let able = able.filter(|(_, of)| bars(of, need, fields).is_empty());
    let fit = |(at, of): (usize, &Candidate)| {
        let common = common(&need.path, &of.path);
        let taken = |day: Date| {
            of.away
                .iter()
                .any(|away| (away.from..=away.to).contains(&day))
                || of
                    .visits
                    .iter()
                    .any(|(from, to)| (*from..=*to).contains(&day))
        };
        let free = days(need.days).filter(|day| !taken(*day)).count();
        let between = need.path[common.len()..].matches('/').count();
        Fit {
            at,
            same_field: of.fields.contains(&need.field),
            common: common.to_owned(),
            steps: u32::try_from(between).unwrap_or(u32::MAX),
            minutes_left: (of.hours_per_month * 60).saturating_sub(of.minutes),
            open: of.open,
            speaks: need
                .language
                .as_ref()
                .map(|code| of.languages.contains(code)),
            days_free: u32::try_from(free).unwrap_or(u32::MAX),
        }
    };
    let mut fits: Vec<Fit> = able.map(fit).collect();
    fits.sort_by_key(|fit| (fit.cost(&candidates[fit.at]), candidates[fit.at].member));
    fits
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;
    use uuid::Uuid;

    const COMMUNE: &str = "VN/52/549/21910/";

    fn expert(number: u128) -> Candidate {
        Candidate {
            member: MemberId(Uuid::from_u128(number)),
            path: "VN/52/".to_owned(),
            area: "VN/52/".to_owned(),
            fields: vec!["environment".to_owned()],
            languages: Vec::new(),
            hours_per_month: 16,
            minutes: 0,
            open: 0,
            away: Vec::new(),
            visits: Vec::new(),
        }
    }

    fn need() -> Need {
        Need {
            field: "environment".to_owned(),
            path: COMMUNE.to_owned(),
            language: None,
            days: (date!(2024 - 10 - 14), date!(2024 - 10 - 18)),
            today: date!(2024 - 10 - 13),
        }
    }

    fn order(candidates: &[Candidate], need: &Need) -> Vec<u128> {
        let ranked = rank(candidates, need, &Fields::bundled());
        ranked
            .iter()
            .map(|fit| candidates[fit.at].member.0.as_u128())
            .collect()
    }

    #[test]
    fn the_near_come_first_then_those_with_less_to_do() {
        let mut near = expert(1);
        near.path = "VN/52/549/".to_owned();
        let mut loaded = expert(3);
        loaded.minutes = 8 * 60;
        let mut handful = expert(4);
        handful.open = 1;
        assert_eq!(
            order(&[loaded, handful, expert(2), near.clone()], &need()),
            [1, 2, 4, 3]
        );
        let fit = &rank(&[near], &need(), &Fields::bundled())[0];
        assert_eq!(
            (fit.common.as_str(), fit.steps, fit.days_free),
            ("VN/52/549/", 1, 5)
        );
        assert_eq!(
            (fit.minutes_left, fit.speaks, fit.same_field),
            (960, None, true)
        );
    }

    #[test]
    fn a_language_outweighs_a_level_of_distance() {
        let mut near = expert(1);
        near.path = "VN/52/549/".to_owned();
        let mut speaks = expert(2);
        speaks.languages = vec!["ba_na".to_owned()];
        let mut need = need();
        need.language = Some("ba_na".to_owned());
        assert_eq!(order(&[near, speaks], &need), [2, 1]);
    }

    #[test]
    fn what_rules_somebody_out() {
        let fields = Fields::bundled();
        let days = need().days;
        let all = Absence {
            from: days.0,
            to: days.1,
        };
        let some = Absence {
            from: days.0,
            to: days.0,
        };
        let of = |change: &dyn Fn(&mut Candidate)| {
            let mut one = expert(1);
            change(&mut one);
            bars(&one, &need(), &fields)
        };
        assert_eq!(of(&|_| ()), []);
        assert_eq!(
            of(&|one| one.fields = vec!["culture".to_owned()]),
            [Bar::Field]
        );
        assert_eq!(of(&|one| one.area = "VN/52/540/".to_owned()), [Bar::Area]);
        assert_eq!(of(&|one| one.away = vec![all]), [Bar::Away]);
        assert_eq!(of(&|one| one.visits = vec![days]), [Bar::Busy]);
        assert_eq!(of(&|one| one.away = vec![some]), []);
        assert_eq!(of(&|one| one.minutes = 16 * 60), [Bar::Full]);
    }

    #[test]
    fn a_merged_field_finds_those_of_both() {
        let mut need = need();
        need.field = "agriculture_environment".to_owned();
        need.today = date!(2025 - 06 - 01);
        let mut farmer = expert(2);
        farmer.fields = vec!["agriculture".to_owned()];
        assert_eq!(order(&[expert(1), farmer.clone()], &need), [1, 2]);
        // Before the merger they were two.
        need.field = "environment".to_owned();
        need.today = date!(2024 - 10 - 13);
        assert_eq!(order(&[expert(1), farmer], &need), [1]);
        need.field = "magic".to_owned();
        assert_eq!(order(&[expert(1)], &need), [0_u128; 0]);
    }
}
