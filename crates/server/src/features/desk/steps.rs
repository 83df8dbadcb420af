//! What a desk did without a network, as facts that arrive later: each becomes the step of the
//! same id, decided as things stand when it arrives.

use super::commands::keep;
use super::store::{self, Desk, Series, Step, hold_key};
use crate::features::places::store::ids_of;
use crate::platform::db::Tx;
use crate::platform::problem::AppResult;
use domain::days::day_of;
use domain::desk::offline::{TicketStep, TicketTaken};
use domain::desk::ticket::Ticket;
use domain::facts::{Body, Fact};
use domain::ids::{FactId, MemberId, TicketId};
use domain::refusal::Refusal;
use time::{Duration, OffsetDateTime};

/// How long a step waits for the one before it; after that it was refused, or is lost.
const WAITS: Duration = Duration::hours(24);

/// The step a fact is.
pub fn step_of(fact: &Fact) -> Option<&TicketStep> {
    match &fact.body {
        Body::Ticket(step) => Some(step),
        _ => None,
    }
}

/// The ticket an assist says it was for.
pub fn served(fact: &Fact) -> Option<TicketId> {
    match &fact.body {
        Body::Assist(assist) => assist.ticket,
        _ => None,
    }
}

/// What to hold before deciding, so that nobody else does anything at these desks meanwhile.
///
/// # Errors
/// The storage's.
pub fn keys<'s>(
    tx: &Tx<'_>,
    steps: impl Iterator<Item = &'s TicketStep>,
) -> AppResult<Vec<[u8; 16]>> {
    let mut keys = Vec::new();
    for step in steps {
        let point = match &step.taken {
            Some(taken) => Some(taken.point),
            None => store::point_of(tx, step.ticket)?,
        };
        keys.extend(point.map(hold_key));
    }
    Ok(keys)
}

/// What a step comes to.
#[derive(Debug)]
pub struct Decided {
    desk: Desk,
    ticket: Ticket,
    step: Step,
    new: Option<Series>,
}

/// Why a step does not come to anything now.
#[derive(Debug)]
pub enum No {
    /// It needs one that has not arrived.
    Held(FactId),
    /// It cannot be done.
    Refused(Refusal),
}

/// What a step comes to as things stand, or why not.
///
/// # Errors
/// The storage's.
pub fn decide(
    tx: &mut Tx<'_>,
    actor: MemberId,
    fact: &Fact,
    said: &TicketStep,
    now: OffsetDateTime,
) -> AppResult<Result<Decided, No>> {
    let refused = |code| Ok(Err(No::Refused(Refusal::new(code))));
    let point = match &said.taken {
        Some(taken) => Some(taken.point),
        None => store::point_of(tx, said.ticket)?,
    };
    let Some(point) = point else {
        return Ok(Err(No::Held(FactId(said.ticket.0))));
    };
    tx.hold(&[hold_key(point)])?;
    let desk = store::find(tx, point)?;
    let Some(desk) = desk.filter(|desk| ids_of(&desk.path).last() == Some(&fact.place)) else {
        return refused("desk.unknown");
    };
    if store::done_before(tx, fact.id.0)?.is_some() {
        return refused("fact.conflict");
    }
    let step = Step {
        id: fact.id.0,
        ticket: said.ticket,
        deed: said.deed(fact.happened_at),
        received_at: now,
        by: Some(actor),
        device: None,
        by_fact: true,
    };
    if let Some(taken) = &said.taken {
        if store::find_ticket_by_code(tx, &taken.code)?.is_some() {
            return refused("fact.conflict");
        }
        return Ok(new(taken, fact)
            .map_err(No::Refused)
            .map(|(ticket, series)| Decided {
                desk,
                ticket,
                step,
                new: Some(series),
            }));
    }
    if let Some(before) = said.after
        && now - fact.happened_at < WAITS
        && store::done_before(tx, before.0)?.is_none()
    {
        return Ok(Err(No::Held(before)));
    }
    let Some(ticket) = store::find_ticket(tx, said.ticket)? else {
        return refused("desk.unknown");
    };
    Ok(ticket
        .after(&step.deed)
        .map_err(No::Refused)
        .map(|ticket| Decided {
            desk,
            ticket,
            step,
            new: None,
        }))
}

fn new(taken: &TicketTaken, fact: &Fact) -> Result<(Ticket, Series), Refusal> {
    let day = day_of(fact.happened_at);
    let of = taken.taken(TicketId(fact.id.0), day)?;
    let series = Series {
        letter: of.number.chars().take(1).collect(),
        serial_no: None,
        wanted: taken.wanted.clone(),
        triage: taken.triage.clone(),
    };
    Ok((Ticket::new(of, fact.happened_at), series))
}

/// Writes what a step came to.
///
/// # Errors
/// The storage's.
pub fn apply(tx: &mut Tx<'_>, decided: Decided) -> AppResult<()> {
    let Decided {
        desk,
        ticket,
        step,
        new,
    } = decided;
    keep(tx, desk, ticket, &step, new.as_ref()).map(drop)
}
