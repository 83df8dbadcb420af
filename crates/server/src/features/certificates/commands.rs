//! Issuing and withdrawing.

use super::store::{self, Issued};
use crate::features::attendance;
use crate::features::members::{Role, need_over, store as members};
use crate::features::places::store as places;
use crate::platform::db::Tx;
use crate::platform::problem::{AppError, AppResult};
use domain::certificates::{Certificate, Code};
use domain::days::day_of;
use domain::ids::{MemberId, PlaceId};
use domain::refusal::Refusal;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

/// The longest period that one certificate covers.
const PERIOD_DAYS_MAX: i64 = 366;

/// Refuses whoever is neither the member nor an officer above them.
///
/// # Errors
/// `not_found`, `auth.forbidden`, or the storage's.
pub fn need_own_or_officer(tx: &Tx<'_>, by: MemberId, member: MemberId) -> AppResult<()> {
    if by != member {
        need_over(tx, by, Role::CommuneOfficer, member)?;
    }
    Ok(())
}

/// What a certificate of a period would say today, and where the member is at home.
///
/// # Errors
/// `request.validation` for the period, `certificate.nothing`, `not_found`, or the storage's.
pub fn preview(
    tx: &Tx<'_>,
    member: MemberId,
    (first, last): (Date, Date),
    now: OffsetDateTime,
) -> AppResult<(Certificate, PlaceId)> {
    let today = day_of(now);
    if !(0..PERIOD_DAYS_MAX).contains(&(last - first).whole_days()) || last > today {
        return Err(Refusal::new("request.validation")
            .with("field", "first")
            .into());
    }
    let person = members::by_id(tx, member)?.ok_or_else(AppError::not_found)?;
    let home = attendance::store::home_of(tx, member)?.ok_or_else(AppError::not_found)?;
    let place = places::find(tx, &home, today)?.ok_or_else(AppError::not_found)?;
    let there = attendance::verified(tx, member, (first, last))?;
    let (assists, mut teams) = store::assists(tx, member, (first, last))?;
    if there.minutes == 0 && assists == 0 {
        return Err(AppError::problem("certificate.nothing"));
    }
    teams.extend(there.teams);
    let certificate = Certificate {
        name: person.name,
        place: place.full_name,
        teams: store::team_names(tx, &teams)?,
        first,
        last,
        minutes: there.minutes,
        days: there.days,
        assists,
        issued_on: today,
    };
    Ok((certificate, home))
}

/// A certificate to issue.
#[derive(Debug)]
pub struct New {
    /// Made by whoever asks for it.
    pub id: Uuid,
    /// From chance.
    pub code: Code,
    /// Whose hours.
    pub member: MemberId,
    /// First and last day.
    pub period: (Date, Date),
}

/// Issues a certificate; asked again with its id, the one that was issued then.
///
/// # Errors
/// As [`preview`]; `not_found` too for an id of somebody else's.
pub fn issue(tx: &mut Tx<'_>, new: New, by: MemberId, now: OffsetDateTime) -> AppResult<Issued> {
    let New {
        id, code, member, ..
    } = new;
    if store::find(tx, id)?.is_none() {
        let (certificate, place) = preview(tx, member, new.period, now)?;
        let issued = Issued {
            id,
            seal: certificate.seal(&code),
            code,
            member,
            place,
            certificate,
            by,
            withdrawn: None,
        };
        store::insert(tx, &issued, now)?;
    }
    let issued = store::find(tx, id)?.filter(|issued| issued.member == member);
    issued.ok_or_else(AppError::not_found)
}

/// The certificate, for its member and for officers of where they were at home.
///
/// # Errors
/// `not_found`, or the storage's.
pub fn open(tx: &Tx<'_>, id: Uuid, by: MemberId, today: Date) -> AppResult<(Issued, bool)> {
    let issued = store::find(tx, id)?.ok_or_else(AppError::not_found)?;
    let officer = places::find_in_scope(tx, by, Role::CommuneOfficer, &issued.place, today)?;
    match officer.is_some() || issued.member == by {
        true => Ok((issued, officer.is_some())),
        false => Err(AppError::not_found()),
    }
}

/// Withdraws a certificate, which only officers do.
///
/// # Errors
/// `not_found`, or the storage's.
pub fn withdraw(
    tx: &mut Tx<'_>,
    id: Uuid,
    reason: &str,
    by: (MemberId, OffsetDateTime),
) -> AppResult<Issued> {
    match open(tx, id, by.0, day_of(by.1))? {
        (_, true) => store::withdraw(tx, id, reason, by)?,
        (_, false) => return Err(AppError::not_found()),
    }
    store::find(tx, id)?.ok_or_else(AppError::not_found)
}
