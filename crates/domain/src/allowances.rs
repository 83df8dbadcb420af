//! Allowances: what a policy pays the teams of a unit for a month, from who was there on
//! which days, and who would be paid twice.
//!
//! A policy is data. Da Nang's (resolution 26/2025 of the city's council, for 2026 and 2027)
//! pays a team 300.000 ₫ a month: of this 50.000 ₫ for each person and day for water and
//! petrol, the rest for telecommunication and stationery; a commune may add up to twice as
//! much; whoever has other support for the same work gets none of it.

use crate::ids::{MemberId, TeamId};
use crate::people::TeamKind;
use crate::refusal::Refusal;
use crate::targets::{Share, split};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use time::Date;

/// What is paid, and to whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Policy {
    /// Kinds of team it is for.
    pub team_kinds: Vec<TeamKind>,
    /// What a team that was at work gets for a month, in đồng.
    pub team_month_vnd: i64,
    /// Of this, for each person and day, in đồng.
    pub person_day_vnd: i64,
    /// What that is for, as the sheet says it.
    pub person_part: String,
    /// What the rest is for.
    pub team_part: String,
    /// The most a commune may add, in thousandths of `team_month_vnd`.
    pub top_up_permille_max: u32,
    /// Names of other support that excludes a person from this one.
    pub excluded_by: Vec<String>,
}

impl Policy {
    /// Refuses what could never be paid.
    ///
    /// # Errors
    /// `allowance.policy` with the reason.
    pub fn check(&self) -> Result<(), Refusal> {
        let why = if self.team_kinds.is_empty() {
            "team_kinds"
        } else if self.team_month_vnd <= 0 {
            "team_month_vnd"
        } else if !(0..=self.team_month_vnd).contains(&self.person_day_vnd) {
            "person_day_vnd"
        } else {
            return Ok(());
        };
        Err(Refusal::new("allowance.policy").with("why", why))
    }

    /// The most a commune may add for one team and month, in đồng.
    pub fn top_up_max_vnd(&self) -> i64 {
        self.team_month_vnd * i64::from(self.top_up_permille_max) / 1000
    }
}

/// Somebody was at work for a team on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Presence {
    /// For whom.
    pub team: TeamId,
    /// Who.
    pub member: MemberId,
    /// When.
    pub day: Date,
}

/// Why a person would be paid twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overlap {
    /// On how many days they were at work for each team that is paid.
    pub teams: BTreeMap<TeamId, u32>,
    /// The other support that they have for the month.
    pub support: Option<String>,
}

/// What somebody decided about a person who would be paid twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Their days count for this team alone.
    Team(TeamId),
    /// Their days count for none.
    Nobody,
}

/// What one person is paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paid {
    /// The days on which they were at work.
    pub days: Vec<Date>,
    /// Đồng.
    pub vnd: i64,
}

/// What is paid for one team.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Its people, in order of their ids.
    pub people: BTreeMap<MemberId, Paid>,
    /// The team's own part, in đồng.
    pub team_part_vnd: i64,
    /// What its commune adds, in đồng.
    pub top_up_vnd: i64,
}

impl Line {
    /// All of it, in đồng.
    pub fn total_vnd(&self) -> i64 {
        let people: i64 = self.people.values().map(|paid| paid.vnd).sum();
        people + self.team_part_vnd + self.top_up_vnd
    }
}

/// A month's list, and what has to be decided before it can be locked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    /// What each team gets that was at work.
    pub lines: BTreeMap<TeamId, Line>,
    /// Who would be paid twice and why; their days are in no line yet.
    pub overlaps: BTreeMap<MemberId, Overlap>,
    /// Who would have been, had nobody decided.
    pub settled: BTreeMap<MemberId, Overlap>,
}

/// Makes the list of a month. A person's day counts once for a team, however often they
/// were there; where the days come to more than the team gets, they share it by days.
///
/// # Errors
/// `allowance.top_up` when a commune adds more than it may.
pub fn sheet(
    policy: &Policy,
    presences: &[Presence],
    other_support: &BTreeMap<MemberId, BTreeSet<String>>,
    decisions: &BTreeMap<MemberId, Decision>,
    top_ups_vnd: &BTreeMap<TeamId, i64>,
) -> Result<Sheet, Refusal> {
    let days: BTreeSet<Presence> = presences.iter().copied().collect();
    let mut teams_of: BTreeMap<MemberId, BTreeMap<TeamId, u32>> = BTreeMap::new();
    for presence in &days {
        let teams = teams_of.entry(presence.member).or_default();
        *teams.entry(presence.team).or_default() += 1;
    }
    let mut sheet = Sheet::default();
    for (member, teams) in teams_of {
        let support = other_support.get(&member).into_iter().flatten();
        let excluding = support
            .filter(|code| policy.excluded_by.contains(code))
            .min();
        let overlap = Overlap {
            support: excluding.cloned(),
            teams,
        };
        if overlap.support.is_none() && overlap.teams.len() == 1 {
            continue;
        }
        let of_them = match settles(decisions.get(&member), &overlap) {
            true => &mut sheet.settled,
            false => &mut sheet.overlaps,
        };
        of_them.insert(member, overlap);
    }
    let mut counted: BTreeMap<TeamId, BTreeMap<MemberId, Vec<Date>>> = BTreeMap::new();
    for presence in &days {
        // A team whose people all wait for a decision was at work all the same.
        let people = counted.entry(presence.team).or_default();
        let elsewhere = match decisions.get(&presence.member) {
            Some(Decision::Nobody) => true,
            Some(Decision::Team(team)) => *team != presence.team,
            None => false,
        };
        if !elsewhere && !sheet.overlaps.contains_key(&presence.member) {
            people
                .entry(presence.member)
                .or_default()
                .push(presence.day);
        }
    }
    for (team, people) in counted {
        let top_up_vnd = top_ups_vnd.get(&team).copied().unwrap_or(0);
        if !(0..=policy.top_up_max_vnd()).contains(&top_up_vnd) {
            return Err(Refusal::new("allowance.top_up").with("max_vnd", policy.top_up_max_vnd()));
        }
        let line = line(policy, people, top_up_vnd)?;
        sheet.lines.insert(team, line);
    }
    Ok(sheet)
}

/// Other support can only be settled by paying nothing.
fn settles(decision: Option<&Decision>, overlap: &Overlap) -> bool {
    match decision {
        Some(Decision::Nobody) => true,
        Some(Decision::Team(team)) => overlap.support.is_none() && overlap.teams.contains_key(team),
        None => false,
    }
}

fn line(
    policy: &Policy,
    people: BTreeMap<MemberId, Vec<Date>>,
    top_up_vnd: i64,
) -> Result<Line, Refusal> {
    let shares: Vec<Share> = people
        .values()
        .map(|days| Share {
            weight: days.len() as u64,
            locked: None,
        })
        .collect();
    let days: i64 = people.values().map(|days| days.len() as i64).sum();
    let for_people = (days * policy.person_day_vnd).min(policy.team_month_vnd);
    let parts = if shares.is_empty() {
        Vec::new()
    } else {
        split(for_people, &shares)?
    };
    let people = people.into_iter().zip(parts);
    Ok(Line {
        people: people
            .map(|((member, days), vnd)| (member, Paid { days, vnd }))
            .collect(),
        team_part_vnd: policy.team_month_vnd - for_people,
        top_up_vnd,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use time::macros::date;
    use uuid::Uuid;

    fn da_nang() -> Policy {
        Policy {
            team_kinds: vec![TeamKind::Community],
            team_month_vnd: 300_000,
            person_day_vnd: 50_000,
            person_part: "Nước uống, xăng xe".to_owned(),
            team_part: "Cước viễn thông, văn phòng phẩm".to_owned(),
            top_up_permille_max: 2000,
            excluded_by: vec!["an_ninh_co_so".to_owned()],
        }
    }

    fn team(n: u128) -> TeamId {
        TeamId(Uuid::from_u128(n))
    }

    fn member(n: u128) -> MemberId {
        MemberId(Uuid::from_u128(n))
    }

    fn paid(line: &Line, who: u128) -> (usize, i64) {
        let paid = &line.people[&member(who)];
        (paid.days.len(), paid.vnd)
    }

    fn present(of: u128, who: u128, days: std::ops::Range<i64>) -> Vec<Presence> {
        days.map(|day| Presence {
            team: team(of),
            member: member(who),
            day: date!(2026 - 11 - 01) + time::Duration::days(day),
        })
        .collect()
    }

    fn plain(presences: &[Presence]) -> Sheet {
        let none = BTreeMap::new();
        sheet(
            &da_nang(),
            presences,
            &none,
            &BTreeMap::new(),
            &BTreeMap::new(),
        )
        .unwrap()
    }

    #[test]
    fn days_are_paid_to_people_and_the_rest_to_the_team() {
        let mut presences = present(1, 1, 0..2);
        presences.extend(present(1, 2, 0..1));
        // Twice on a day is once.
        presences.extend(present(1, 2, 0..1));
        let line = &plain(&presences).lines[&team(1)];
        assert_eq!(paid(line, 1), (2, 100_000));
        assert_eq!(paid(line, 2), (1, 50_000));
        assert_eq!(line.team_part_vnd, 150_000);
        assert_eq!(line.total_vnd(), 300_000);
    }

    #[test]
    fn many_days_share_what_there_is() {
        let mut presences = present(1, 1, 0..5);
        presences.extend(present(1, 2, 0..4));
        let line = &plain(&presences).lines[&team(1)];
        assert_eq!(paid(line, 1), (5, 166_667));
        assert_eq!(paid(line, 2), (4, 133_333));
        assert_eq!(line.team_part_vnd, 0);
    }

    #[test]
    fn nobody_is_paid_for_two_teams_until_somebody_decides() {
        let mut presences = present(1, 1, 0..2);
        presences.extend(present(2, 1, 2..3));
        let open = plain(&presences);
        let why = Overlap {
            teams: [(team(1), 2), (team(2), 1)].into(),
            support: None,
        };
        assert_eq!(open.overlaps[&member(1)], why);
        assert!(open.lines.values().all(|line| line.people.is_empty()));
        let decisions = [(member(1), Decision::Team(team(2)))].into();
        let none = BTreeMap::new();
        let done = sheet(&da_nang(), &presences, &none, &decisions, &BTreeMap::new()).unwrap();
        assert!(done.overlaps.is_empty());
        assert!(done.lines[&team(1)].people.is_empty());
        assert_eq!(paid(&done.lines[&team(2)], 1), (1, 50_000));
        // Not a team of theirs: still open.
        let decisions = [(member(1), Decision::Team(team(3)))].into();
        let wrong = sheet(&da_nang(), &presences, &none, &decisions, &BTreeMap::new()).unwrap();
        assert_eq!(wrong.overlaps.len(), 1);
    }

    #[test]
    fn other_support_excludes_and_only_that_which_the_policy_names() {
        let presences = present(1, 1, 0..2);
        let with = |code: &str| {
            let support = [(member(1), [code.to_owned()].into())].into();
            let decisions = [(member(1), Decision::Team(team(1)))].into();
            sheet(
                &da_nang(),
                &presences,
                &support,
                &decisions,
                &BTreeMap::new(),
            )
            .unwrap()
        };
        let excluded = with("an_ninh_co_so");
        let why = excluded.overlaps[&member(1)].support.as_deref();
        assert_eq!(why, Some("an_ninh_co_so"));
        assert!(excluded.lines[&team(1)].people.is_empty());
        assert!(with("hoc_bong").overlaps.is_empty());
    }

    #[test]
    fn a_commune_adds_no_more_than_it_may() {
        let presences = present(1, 1, 0..2);
        let with = |vnd| {
            let none = BTreeMap::new();
            let top_ups = [(team(1), vnd)].into();
            sheet(&da_nang(), &presences, &none, &BTreeMap::new(), &top_ups)
        };
        assert_eq!(with(600_000).unwrap().lines[&team(1)].total_vnd(), 900_000);
        for wrong in [600_001, -1] {
            assert_eq!(with(wrong).unwrap_err().code, "allowance.top_up");
        }
    }

    #[test]
    fn a_policy_that_could_never_be_paid_is_refused() {
        da_nang().check().unwrap();
        for spoil in [
            (|p: &mut Policy| p.team_kinds.clear()) as fn(&mut Policy),
            |p| p.team_month_vnd = 0,
            |p| p.person_day_vnd = 300_001,
        ] {
            let mut policy = da_nang();
            spoil(&mut policy);
            assert_eq!(policy.check().unwrap_err().code, "allowance.policy");
        }
    }

    proptest! {
        #[test]
        fn every_line_comes_to_what_the_policy_pays(
            days in prop::collection::vec((0_u128..4, 0_u128..6, 0_i64..28), 1..80)
        ) {
            let presences: Vec<Presence> = days
                .iter()
                .flat_map(|(of, who, day)| present(*of, *who, *day..*day + 1))
                .collect();
            let sheet = plain(&presences);
            for line in sheet.lines.values() {
                prop_assert_eq!(line.total_vnd(), 300_000);
                let twice = line.people.keys().find(|who| sheet.overlaps.contains_key(who));
                prop_assert_eq!(twice, None);
            }
        }
    }
}
