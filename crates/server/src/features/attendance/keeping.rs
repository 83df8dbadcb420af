//! What ingesting does about an attendance fact.

use super::store::{self, Row, Site};
use crate::platform::db::Tx;
use crate::platform::problem::AppResult;
use domain::attendance::{Circumstances, Direction, Doubt, Standing, judge};
use domain::facts::{Attendance, Body, Fact, Way};
use domain::ids::{FactId, MemberId};
use domain::refusal::Refusal;

/// The attendance that a fact says, if it does.
pub fn of(fact: &Fact) -> Option<&Attendance> {
    match &fact.body {
        Body::Attendance(attendance) => Some(attendance),
        _ => None,
    }
}

/// Why an attendance cannot be: it names what there is not, or somebody whom who sends
/// it may not speak for. Doubts are no reason.
///
/// # Errors
/// The storage's.
pub fn refuse(
    tx: &Tx<'_>,
    actor: MemberId,
    fact: &Fact,
    attendance: &Attendance,
) -> AppResult<Option<Refusal>> {
    let member = attendance.member;
    let no = |code| Ok(Some(Refusal::new(code)));
    let there = match (attendance.point, attendance.activity) {
        (Some(point), _) => store::point(tx, point)?.is_some_and(|point| {
            point.place == fact.place
                && crate::features::places::store::in_force(point.period, fact.day())
        }),
        (_, Some(activity)) => store::takes_place_at(tx, activity, &fact.place)?,
        _ => false,
    };
    if !there {
        return no("attendance.nowhere");
    }
    if let Some(team) = fact.team
        && !store::is_in_team(tx, member, team, fact.day())?
    {
        return no("attendance.other_team");
    }
    match (&attendance.way, fact.team) {
        (Way::ByLeader, Some(team)) if store::leads(tx, actor, team)? => Ok(None),
        (Way::ByLeader, _) => no("attendance.not_leader"),
        _ if member != actor => no("attendance.not_leader"),
        _ => Ok(None),
    }
}

/// Keeps the row of a fact that counts from now on, as far as it is believed now: codes,
/// opening hours and shifts may be others tomorrow.
///
/// # Errors
/// The storage's.
pub fn keep(tx: &mut Tx<'_>, fact: &Fact, attendance: &Attendance) -> AppResult<()> {
    let point = match attendance.point {
        Some(id) => store::point(tx, id)?,
        None => None,
    };
    let hours = point.as_ref().map(|point| point.hours.clone());
    let secrets = match (&attendance.way, attendance.point) {
        (Way::Qr { .. }, Some(id)) => store::secrets(tx, id, fact.happened_at)?,
        (Way::Qr { .. }, None) => match attendance.activity {
            Some(id) => store::activity_secrets(tx, id, fact.happened_at)?,
            None => Vec::new(),
        },
        _ => Vec::new(),
    };
    let shifts = match attendance.point {
        Some(id) => store::shifts(tx, attendance.member, id, fact.day())?,
        None => Vec::new(),
    };
    let elsewhere = match attendance.direction {
        Direction::In => store::arrivals_elsewhere(tx, attendance, fact)?,
        Direction::Out => Vec::new(),
    };
    let (standing, doubts) = judge(&Circumstances {
        secrets: &secrets,
        hours: &hours.unwrap_or_default(),
        shifts: &shifts,
        elsewhere: &elsewhere,
        way: &attendance.way,
        direction: attendance.direction,
        near: attendance.near,
        at: fact.happened_at,
    });
    Ok(store::insert(tx, &row(fact, attendance, standing, doubts))?)
}

fn row(fact: &Fact, attendance: &Attendance, standing: Standing, doubts: Vec<Doubt>) -> Row {
    Row {
        fact: fact.id,
        member: attendance.member,
        team: fact.team,
        place: fact.place.clone(),
        site: Site::of(attendance),
        day: fact.day(),
        at: fact.happened_at,
        direction: attendance.direction,
        standing,
        doubts,
    }
}

/// Lets the row of a fact go that no longer counts.
///
/// # Errors
/// The storage's.
pub fn drop(tx: &mut Tx<'_>, fact: FactId) -> AppResult<()> {
    Ok(store::delete(tx, fact)?)
}

/// What a standing fact's row says, apart from how far it was believed when it arrived:
/// what `causo verify` compares.
pub fn recounted(fact: &Fact) -> Option<Row> {
    of(fact).map(|attendance| row(fact, attendance, Standing::Plausible, Vec::new()))
}
