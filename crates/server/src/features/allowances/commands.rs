//! What officers do about policies and lists.

use super::queries::Asked;
use super::store::{self, Stored};
use crate::features::members::Role;
use crate::features::places;
use crate::platform::db::Tx;
use crate::platform::problem::{AppError, AppResult};
use domain::ids::{MemberId, PlaceId, TeamId};
use domain::refusal::Refusal;
use time::{Date, OffsetDateTime};

/// Who does it, and when.
pub type By = (MemberId, OffsetDateTime);

fn invalid(field: &str) -> AppError {
    Refusal::new("request.validation")
        .with("field", field)
        .into()
}

/// Keeps a policy, in place of an earlier one with its id; lists that are locked stay as
/// they are.
///
/// # Errors
/// `not_found` when out of scope, `allowance.policy`, `request.validation`, or the storage's.
pub fn put_policy(tx: &mut Tx<'_>, by: MemberId, today: Date, new: &Stored) -> AppResult<()> {
    new.policy.check()?;
    if new.valid_to.is_some_and(|to| to <= new.valid_from) {
        return Err(invalid("valid_to"));
    }
    places::store::need_in_scope(tx, by, Role::ProvinceOfficer, &new.place, today)?;
    // Whoever mends a policy may do so where it was, too.
    let before = store::find(tx, new.id)?;
    if before.is_some_and(|before| before.place != new.place) {
        return Err(AppError::not_found());
    }
    store::put(tx, new)
}

/// Locks a commune's list: from now on it says what it says today. Asked again, it is
/// locked as it was.
///
/// # Errors
/// `allowance.commune_only`, `allowance.month_open`, `allowance.overlap_open`, or the storage's.
pub fn lock(tx: &mut Tx<'_>, asked: &Asked, by: By) -> AppResult<()> {
    let found = asked.sheet(tx, by.0)?;
    if found.locked.is_some() {
        return Ok(());
    }
    if asked.place.level != "commune" {
        return Err(AppError::problem("allowance.commune_only"));
    }
    if domain::days::day_of(by.1) < asked.month.next {
        return Err(AppError::problem("allowance.month_open"));
    }
    if found.open() > 0 {
        return Err(Refusal::new("allowance.overlap_open")
            .with("people", found.open())
            .into());
    }
    let content = serde_json::to_string(&found.kept)
        .map_err(|fault| AppError::Internal(fault.to_string()))?;
    let key = (asked.of.id, &asked.place.id, asked.month);
    store::lock(tx, key, &content, found.total_vnd(), by)?;
    Ok(())
}

/// Decides for which team somebody's days count who would be paid twice.
///
/// # Errors
/// `not_found` for who is not on the list or a team they were not at work for,
/// `allowance.locked`, or the storage's.
pub fn decide(
    tx: &mut Tx<'_>,
    asked: &Asked,
    (member, team, reason): (MemberId, Option<TeamId>, &str),
    by: By,
) -> AppResult<()> {
    let known = store::presences(tx, &asked.of, &asked.place.path, asked.month)?;
    let theirs = known.iter().filter(|presence| presence.member == member);
    let teams: Vec<TeamId> = theirs.map(|presence| presence.team).collect();
    if teams.is_empty() || team.is_some_and(|team| !teams.contains(&team)) {
        return Err(AppError::not_found());
    }
    // Another commune's list that is locked has counted on what was decided then.
    need_unlocked(tx, asked, &teams)?;
    let of = (asked.of.id, asked.month);
    Ok(store::decide(tx, of, member, team, reason, by)?)
}

/// Adds a commune's own part to a team's line; 0 takes it away.
///
/// # Errors
/// `not_found` for a team not on the list, `allowance.top_up`, `allowance.locked`, or the
/// storage's.
pub fn top_up(tx: &mut Tx<'_>, asked: &Asked, team: TeamId, vnd: i64, by: By) -> AppResult<()> {
    let kinds = &asked.of.policy.team_kinds;
    let teams = store::teams(tx, &asked.place.path, kinds, asked.month)?;
    if !teams.iter().any(|known| known.id == team) {
        return Err(AppError::not_found());
    }
    need_unlocked(tx, asked, &[team])?;
    let max_vnd = asked.of.policy.top_up_max_vnd();
    if !(0..=max_vnd).contains(&vnd) {
        return Err(Refusal::new("allowance.top_up")
            .with("max_vnd", vn::number::integer(max_vnd))
            .into());
    }
    Ok(store::top_up(
        tx,
        (asked.of.id, asked.month),
        team,
        vnd,
        by,
    )?)
}

fn need_unlocked(tx: &Tx<'_>, asked: &Asked, teams: &[TeamId]) -> AppResult<()> {
    match store::is_locked_for(tx, asked.of.id, asked.month, teams)? {
        true => Err(AppError::problem("allowance.locked")),
        false => Ok(()),
    }
}

/// Whether somebody's home is one of the caller's.
///
/// # Errors
/// `not_found` when it is not, or the storage's.
pub fn need_officer_of(tx: &Tx<'_>, by: MemberId, member: MemberId, today: Date) -> AppResult<()> {
    let home: Option<PlaceId> = crate::features::attendance::store::home_of(tx, member)?;
    let home = home.ok_or_else(AppError::not_found)?;
    places::store::need_in_scope(tx, by, Role::CommuneOfficer, &home, today)?;
    Ok(())
}
