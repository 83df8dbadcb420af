//! A month's list, with names.

use super::store::{self, Decided, Month, Stored, Team};
use crate::features::attendance::store::leads;
use crate::features::facts::NameRef;
use crate::features::members::{Role, TeamRef};
use crate::features::places::store::{self as places, Place};
use crate::platform::db::{DbError, Tx, Value};
use crate::platform::problem::{AppError, AppResult};
use crate::platform::wire::{Day, Instant};
use domain::allowances::{self, Decision, Line, Overlap};
use domain::ids::{MemberId, PlaceId, TeamId};
use domain::refusal::Refusal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use time::{Date, Duration};
use utoipa::ToSchema;
use uuid::Uuid;

/// What one person is paid.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PaidBody {
    /// Who.
    pub member: NameRef,
    /// The days on which they were at work.
    pub days: Vec<Day>,
    /// Đồng.
    pub vnd: i64,
}

/// What one team is paid.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AllowanceLineBody {
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

/// A team that somebody was at work for.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct WorkBody {
    /// Which team.
    pub team: TeamRef,
    /// On how many days.
    pub days: u32,
}

/// What was decided about somebody who would be paid twice.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DecidedBody {
    /// The team they are paid for; null for none.
    pub team: Option<Uuid>,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Instant,
    /// By whom.
    pub by: String,
}

/// Somebody who would be paid twice.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OverlapBody {
    /// Who.
    pub member: NameRef,
    /// The teams they were at work for.
    pub teams: Vec<WorkBody>,
    /// The other support that excludes them.
    pub support: Option<String>,
    /// Null while it is open.
    pub decided: Option<DecidedBody>,
}

/// When and by whom a list was locked.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LockedBody {
    /// When.
    pub at: Instant,
    /// By whom.
    pub by: String,
}

/// What is kept of a list when it is locked.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Kept {
    /// Teams that were at work, in the order of their places and names.
    pub lines: Vec<AllowanceLineBody>,
    /// Who would be paid twice, those about whom nobody has decided yet first.
    pub overlaps: Vec<OverlapBody>,
}

/// A list without what its question said.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// What is listed.
    pub kept: Kept,
    /// Teams that were not at work.
    pub silent: Vec<TeamRef>,
    /// Since it is locked.
    pub locked: Option<LockedBody>,
}

impl Found {
    /// What all of it comes to, đồng.
    pub fn total_vnd(&self) -> i64 {
        self.kept.lines.iter().map(|line| line.total_vnd).sum()
    }

    /// How many people wait for a decision.
    pub fn open(&self) -> usize {
        let open = |overlap: &&OverlapBody| overlap.decided.is_none();
        self.kept.overlaps.iter().filter(open).count()
    }
}

/// What a list is asked for, found and allowed.
#[derive(Debug)]
pub struct Asked {
    /// The policy.
    pub of: Stored,
    /// The unit whose teams are listed.
    pub place: Place,
    /// Of which month.
    pub month: Month,
    /// Whether the caller looks after all of it; leaders see their own teams.
    pub whole: bool,
}

impl Asked {
    /// Finds what is asked for, for a leader or an officer.
    ///
    /// # Errors
    /// `not_found` when out of scope or of another time, `request.validation` for the month,
    /// or the storage's.
    pub fn open(
        tx: &Tx<'_>,
        (by, today): (MemberId, Date),
        (policy, place, month): (Uuid, &PlaceId, Date),
    ) -> AppResult<Self> {
        let officer = places::find_in_scope(tx, by, Role::CommuneOfficer, place, today)?;
        let whole = officer.is_some();
        let place = match officer {
            Some(place) => place,
            None => places::need_in_scope(tx, by, Role::Leader, place, today)?,
        };
        let of = store::find(tx, policy)?.ok_or_else(AppError::not_found)?;
        let month = self::month(month)?;
        if !place.path.starts_with(&of.path) || !of.held_in(month) {
            return Err(AppError::not_found());
        }
        Ok(Self {
            of,
            place,
            month,
            whole,
        })
    }

    /// The list as `by` may see it.
    ///
    /// # Errors
    /// The storage's.
    pub fn sheet(&self, tx: &Tx<'_>, by: MemberId) -> AppResult<Found> {
        let mut found = sheet(tx, &self.of, &self.place, self.month)?;
        if self.whole {
            return Ok(found);
        }
        let all = store::teams(tx, &self.place.path, &self.of.policy.team_kinds, self.month)?;
        let mut own = Vec::new();
        for team in all {
            if leads(tx, by, team.id)? {
                own.push(team.id.0);
            }
        }
        found.kept.lines.retain(|line| own.contains(&line.team.id));
        found.silent.retain(|team| own.contains(&team.id));
        let in_own = |overlap: &OverlapBody| overlap.teams.iter().any(|w| own.contains(&w.team.id));
        found.kept.overlaps.retain(in_own);
        Ok(found)
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
fn sheet(tx: &Tx<'_>, of: &Stored, place: &Place, month: Month) -> AppResult<Found> {
    let teams = store::teams(tx, &place.path, &of.policy.team_kinds, month)?;
    let mut found = match store::locked(tx, of.id, &place.id, month)? {
        Some(locked) => Found {
            kept: serde_json::from_str(&locked.content)
                .map_err(|fault| AppError::Internal(fault.to_string()))?,
            locked: Some(LockedBody {
                at: Instant(locked.at),
                by: locked.by,
            }),
            silent: Vec::new(),
        },
        None => Found {
            kept: computed(tx, of, &place.path, &teams, month)?,
            ..Found::default()
        },
    };
    let is_paid = |team: &Team| {
        let mut lines = found.kept.lines.iter();
        lines.any(|line| line.team.id == team.id.0)
    };
    let silent = teams.iter().filter(|team| !is_paid(team));
    found.silent = silent.map(team_ref).collect();
    Ok(found)
}

fn computed(tx: &Tx<'_>, of: &Stored, path: &str, teams: &[Team], month: Month) -> AppResult<Kept> {
    let decided = store::decisions(tx, of.id, month)?;
    let decisions = decided.iter().map(|(who, one)| (*who, Decision::from(one)));
    let sheet = allowances::sheet(
        &of.policy,
        &store::presences(tx, of, path, month)?,
        &store::other_support(tx, month)?,
        &decisions.collect(),
        &store::top_ups(tx, of.id, month)?,
    )?;
    let lines: Vec<(&Team, &Line)> = teams
        .iter()
        .filter_map(|team| Some((team, sheet.lines.get(&team.id)?)))
        .collect();
    let paid = lines.iter().flat_map(|(_, line)| line.people.keys());
    let twice = sheet.overlaps.keys().chain(sheet.settled.keys());
    let people = names(tx, paid.chain(twice))?;
    let all = store::teams(tx, &of.path, &of.policy.team_kinds, month)?;
    let settled = sheet.settled.iter();
    let settled = settled.map(|(who, why)| (who, why, decided.get(who)));
    let overlaps = sheet.overlaps.iter().map(|(who, why)| (who, why, None));
    Ok(Kept {
        lines: lines
            .into_iter()
            .map(|(team, line)| line_body(team, line, &people))
            .collect(),
        overlaps: overlaps
            .chain(settled)
            .map(|(who, why, decided)| overlap_body(named(&people, *who), why, decided, &all))
            .collect(),
    })
}

/// What a member is paid for a month, whoever's list it is on, and why not more.
///
/// # Errors
/// `request.validation` for the month, or the storage's.
pub fn own(tx: &Tx<'_>, member: MemberId, first: Date, today: Date) -> AppResult<Vec<OwnBody>> {
    let month = month(first)?;
    let mut lists: BTreeMap<(Uuid, PlaceId), Stored> = BTreeMap::new();
    for (place, path, kind) in store::workplaces(tx, member, month)? {
        for of in store::at(tx, &path)? {
            if of.held_in(month) && of.policy.team_kinds.contains(&kind) {
                lists.insert((of.id, place.clone()), of);
            }
        }
    }
    let mut own = Vec::new();
    for ((_, place), of) in lists {
        let place = places::find(tx, &place, today)?.ok_or_else(AppError::not_found)?;
        let found = sheet(tx, &of, &place, month)?;
        let is_locked = found.locked.is_some();
        let is_me = |who: &NameRef| who.id == member.0;
        let mut paid = Vec::new();
        for line in found.kept.lines {
            let mine = line.people.into_iter().find(|one| is_me(&one.member));
            paid.extend(mine.map(|one| OwnPaidBody {
                team: line.team,
                days: one.days,
                vnd: one.vnd,
            }));
        }
        let mut overlaps = found.kept.overlaps.into_iter();
        own.push(OwnBody {
            policy: of.name,
            source: of.source,
            place: place.full_name,
            is_locked,
            paid,
            overlap: overlaps.find(|one| is_me(&one.member)),
        });
    }
    Ok(own)
}

/// What somebody is paid for their days with one team.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnPaidBody {
    /// For which team.
    team: TeamRef,
    /// The days on which they were at work.
    days: Vec<Day>,
    /// Đồng.
    vnd: i64,
}

/// What somebody is paid on one commune's list.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnBody {
    /// What the policy is called.
    policy: String,
    /// The decision it follows from.
    source: String,
    /// Whose list it is.
    place: String,
    /// Whether it will stay so.
    is_locked: bool,
    /// Team by team.
    paid: Vec<OwnPaidBody>,
    /// When they would be paid twice.
    overlap: Option<OverlapBody>,
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

fn overlap_body(
    member: NameRef,
    why: &Overlap,
    decided: Option<&Decided>,
    all: &[Team],
) -> OverlapBody {
    let work = |team: &Team| {
        Some(WorkBody {
            team: team_ref(team),
            days: *why.teams.get(&team.id)?,
        })
    };
    OverlapBody {
        member,
        teams: all.iter().filter_map(work).collect(),
        support: why.support.clone(),
        decided: decided.map(|one| DecidedBody {
            team: one.team.map(|team| team.0),
            reason: one.reason.clone(),
            at: Instant(one.at),
            by: one.by.clone(),
        }),
    }
}

fn line_body(team: &Team, line: &Line, names: &Names) -> AllowanceLineBody {
    let mut people: Vec<_> = line.people.iter().collect();
    people.sort_by_key(|(member, _)| names.get(*member).map(|(key, _)| key));
    let paid = |(member, paid): (&MemberId, &allowances::Paid)| PaidBody {
        member: named(names, *member),
        days: paid.days.iter().copied().map(Day).collect(),
        vnd: paid.vnd,
    };
    AllowanceLineBody {
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
