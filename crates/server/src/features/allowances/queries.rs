//! A month's list, with names.

use super::store::{self, Month, Stored, Team};
use crate::features::facts::NameRef;
use crate::features::members::TeamRef;
use crate::features::places::store::Place;
use crate::platform::db::{DbError, Tx, Value};
use crate::platform::problem::{AppError, AppResult};
use crate::platform::wire::Instant;
use domain::allowances::{self, Line, Overlap};
use domain::ids::{MemberId, TeamId};
use domain::refusal::Refusal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use time::{Date, Duration};
use utoipa::ToSchema;

/// What one person is paid.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PaidBody {
    /// Who.
    pub member: NameRef,
    /// On how many days they were at work.
    pub days: u32,
    /// Đồng.
    pub vnd: i64,
}

/// What one team is paid.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct LineBody {
    /// Which team.
    pub team: TeamRef,
    /// Its people, by given name.
    pub people: Vec<PaidBody>,
    /// The team's own part, đồng.
    pub team_part_vnd: i64,
    /// What its commune adds, đồng.
    pub top_up_vnd: i64,
    /// All of it, đồng.
    pub total_vnd: i64,
}

/// Somebody who would be paid twice.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OverlapBody {
    /// Who.
    pub member: NameRef,
    /// The teams they were at work for.
    pub teams: Vec<TeamRef>,
    /// The other support that excludes them, by code.
    pub support: Option<String>,
}

/// When and by whom a list was locked.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LockedBody {
    /// When.
    pub at: Instant,
    /// By whom.
    pub by: String,
}

/// A list without what its question said.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Teams that were at work, in the order of their places and names.
    pub lines: Vec<LineBody>,
    /// Teams that were not.
    pub silent: Vec<TeamRef>,
    /// What has to be decided first.
    pub overlaps: Vec<OverlapBody>,
    /// Since it is locked.
    pub locked: Option<LockedBody>,
}

impl Found {
    /// What all of it comes to, đồng.
    pub fn total_vnd(&self) -> i64 {
        self.lines.iter().map(|line| line.total_vnd).sum()
    }
}

/// The month that begins on this day.
///
/// # Errors
/// `request.validation` for any other day of a month.
pub fn month(first: Date) -> AppResult<Month> {
    let next = (first + Duration::days(31)).replace_day(1);
    match next {
        Ok(next) if first.day() == 1 => Ok(Month { first, next }),
        _ => Err(Refusal::new("request.validation")
            .with("field", "month")
            .into()),
    }
}

/// The list of a place's teams for a month: as it was locked, or as it stands now.
///
/// # Errors
/// The storage's.
pub fn sheet(tx: &Tx<'_>, of: &Stored, place: &Place, month: Month) -> AppResult<Found> {
    let teams = store::teams(tx, &place.path, &of.policy.team_kinds, month)?;
    let locked = store::locked(tx, of.id, &place.id, month)?;
    let mut found = match locked {
        Some(locked) => Found {
            lines: serde_json::from_str(&locked.content)
                .map_err(|fault| AppError::Internal(fault.to_string()))?,
            locked: Some(LockedBody {
                at: Instant(locked.at),
                by: locked.by,
            }),
            ..Found::default()
        },
        None => computed(tx, of, &place.path, &teams, month)?,
    };
    let is_paid = |team: &Team| found.lines.iter().any(|line| line.team.id == team.id.0);
    let silent = teams.iter().filter(|team| !is_paid(team));
    found.silent = silent.map(team_ref).collect();
    Ok(found)
}

fn computed(
    tx: &Tx<'_>,
    of: &Stored,
    path: &str,
    teams: &[Team],
    month: Month,
) -> AppResult<Found> {
    let sheet = allowances::sheet(
        &of.policy,
        &store::presences(tx, of, path, month)?,
        &store::other_support(tx, month)?,
        &store::decisions(tx, of.id, month)?,
        &store::top_ups(tx, of.id, month)?,
    )?;
    let lines: Vec<(&Team, &Line)> = teams
        .iter()
        .filter_map(|team| Some((team, sheet.lines.get(&team.id)?)))
        .collect();
    let paid = lines.iter().flat_map(|(_, line)| line.people.keys());
    let people = names(tx, paid.chain(sheet.overlaps.keys()))?;
    let all = store::teams(tx, &of.path, &of.policy.team_kinds, month)?;
    let overlap = |(member, overlap): (&MemberId, &Overlap)| {
        let (of_them, support) = match overlap {
            Overlap::Teams(teams) => (Some(teams), None),
            Overlap::Support(code) => (None, Some(code.clone())),
        };
        let among = |team: &&Team| of_them.is_some_and(|theirs| theirs.contains(&team.id));
        OverlapBody {
            member: named(&people, *member),
            teams: all.iter().filter(among).map(team_ref).collect(),
            support,
        }
    };
    Ok(Found {
        lines: lines
            .into_iter()
            .map(|(team, line)| line_body(team, line, &people))
            .collect(),
        overlaps: sheet.overlaps.iter().map(overlap).collect(),
        ..Found::default()
    })
}

/// Names of people with their key of order.
type Names = BTreeMap<MemberId, (Vec<u8>, String)>;

fn names<'m>(tx: &Tx<'_>, of: impl Iterator<Item = &'m MemberId>) -> Result<Names, DbError> {
    let mut ids: Vec<MemberId> = of.copied().collect();
    ids.sort_unstable();
    ids.dedup();
    let keys: Vec<Value<'_>> = ids.into_iter().map(Value::from).collect();
    let mut found = Names::new();
    let sql = "select m.id, m.order_key, m.name from {keys} join member m on m.id = k.key";
    tx.each_of(sql, &keys, |row| {
        found.insert(row.get(0)?, (row.get(1)?, row.get(2)?));
        Ok::<(), DbError>(())
    })?;
    Ok(found)
}

fn named(people: &Names, member: MemberId) -> NameRef {
    NameRef {
        id: member.0,
        name: people
            .get(&member)
            .map(|(_, name)| name.clone())
            .unwrap_or_default(),
    }
}

fn line_body(team: &Team, line: &Line, names: &Names) -> LineBody {
    let mut people: Vec<(&MemberId, &(u32, i64))> = line.people.iter().collect();
    people.sort_by_key(|(member, _)| names.get(*member).map(|(key, _)| key));
    let paid = |(member, (days, vnd)): (&MemberId, &(u32, i64))| PaidBody {
        member: named(names, *member),
        days: *days,
        vnd: *vnd,
    };
    LineBody {
        team: team_ref(team),
        people: people.into_iter().map(paid).collect(),
        team_part_vnd: line.team_part_vnd,
        top_up_vnd: line.top_up_vnd,
        total_vnd: line.total_vnd(),
    }
}

fn team_ref(team: &Team) -> TeamRef {
    let TeamId(id) = team.id;
    TeamRef {
        id,
        name: team.name.clone(),
    }
}
