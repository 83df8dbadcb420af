//! What a stranger may know of whoever wears a card: the name on it, the team, and whether
//! they are on duty. Not where, not since when, nothing of any other day.

use super::store::{self, Card, CardTeam};
use crate::features::attendance;
use crate::platform::db::Tx;
use crate::platform::problem::AppResult;
use domain::attendance::Standing;
use domain::cards::{Basis, Duty, Stint, duty};
use domain::certificates::Code;
use domain::days::day_of;
use domain::ids::MemberId;
use time::{Duration, OffsetDateTime};

/// What is said of a card.
#[derive(Debug)]
pub struct Said {
    /// The name on it.
    pub name: String,
    /// Teams and their communes; none once it holds no more.
    pub teams: Vec<CardTeam>,
    /// Whether they are on duty.
    pub duty: Duty,
    /// What says so.
    pub basis: Option<Basis>,
}

/// What is said of the card with this code; `None` when there never was one.
///
/// # Errors
/// The storage's.
pub fn of_code(tx: &Tx<'_>, code: &Code, now: OffsetDateTime) -> AppResult<Option<Said>> {
    let Some(Card {
        member,
        name,
        active,
        ended,
        ..
    }) = store::by_code(tx, code)?
    else {
        return Ok(None);
    };
    let teams = store::teams(tx, member, day_of(now))?;
    if ended || !active || teams.is_empty() {
        return Ok(Some(Said {
            name,
            teams: Vec::new(),
            duty: Duty::Ended,
            basis: None,
        }));
    }
    let (duty, basis) = duty(&stints(tx, member, &teams, now)?, now);
    Ok(Some(Said {
        name,
        teams,
        duty,
        basis,
    }))
}

/// Everything that makes a member be on duty today.
fn stints(
    tx: &Tx<'_>,
    member: MemberId,
    teams: &[CardTeam],
    now: OffsetDateTime,
) -> AppResult<Vec<Stint>> {
    let today = day_of(now);
    // What began last night goes on.
    let yesterday = today - Duration::days(1);
    let touches = |from: OffsetDateTime, to| day_of(from) <= today && today <= day_of(to);
    let shifts = attendance::store::shift_ends(tx, member, (yesterday, today))?.into_iter();
    let mut found: Vec<Stint> = shifts
        .filter(|(_, from, to)| touches(*from, *to))
        .map(|(_, from, to)| Stint {
            basis: Basis::Roster,
            from,
            to,
        })
        .collect();
    let stays = attendance::stays_of(tx, member, (yesterday, today))?.into_iter();
    let believed = stays.filter(|stay| stay.standing != Standing::Doubtful);
    found.extend(believed.map(|stay| Stint {
        basis: Basis::Attendance,
        from: stay.from,
        to: stay.to,
    }));
    for team in teams {
        for activity in store::activities(tx, team, today)? {
            let days = activity.plan.occurrences(&activity.changes, today, today)?;
            let on = days.into_iter().filter(|day| !day.cancelled);
            found.extend(on.map(|day| Stint {
                basis: Basis::Activity,
                from: day.starts_at,
                to: day.ends_at,
            }));
        }
    }
    Ok(found)
}
