//! Playing everything done about tickets again, and comparing.

use super::steps;
use super::store::{self, Runs, Step};
use crate::args;
use crate::platform::db::{DbError, Tx};
use crate::platform::problem::AppResult;
use domain::desk::errands;
use domain::desk::line::run_after;
use domain::desk::ticket::{Taken, Ticket, TicketAct};
use domain::facts::{Body, Fact, Kind};
use domain::ids::{FactId, MemberId, PointId, TicketId};
use std::collections::{BTreeMap, HashMap, HashSet};
use uuid::Uuid;

/// Compares tickets with their steps, steps with the facts that asked for them, counters'
/// turns with their calls, and numbers with one another; what differs is added to `differences`.
///
/// # Errors
/// The storage's, or when a stored fact cannot be read back.
pub fn verify(tx: &Tx<'_>, differences: &mut Vec<String>) -> AppResult<()> {
    let mut facts = facts(tx)?;
    let mut seen = HashSet::new();
    // A ticket as its row says, and as its steps have left it so far.
    let mut open: Option<(Ticket, Option<Ticket>)> = None;
    let close = |played: Option<(Ticket, Option<Ticket>)>, differences: &mut Vec<String>| {
        let Some((held, wanted)) = played else { return };
        let wanted = wanted.map(|wanted| Ticket {
            forecast_s: held.forecast_s,
            played_s: held.played_s,
            rev: held.rev,
            ..wanted
        });
        if wanted.as_ref() != Some(&held) {
            differences.push(format!(
                "desk: ticket {}: its steps give {wanted:?}, it holds {held:?}",
                held.id
            ));
        }
    };
    store::each_step(tx, |held, wanted, step| {
        let said = facts.remove(&step.id);
        let asked = said
            == step
                .by_fact
                .then_some((step.ticket, step.by, step.deed.act));
        if seen.insert(held.id) {
            close(open.take(), differences);
            let base = errands(&wanted, held.day).ok().map(|errands| Taken {
                id: held.id,
                point: held.point,
                number: held.number.clone(),
                code: held.code.clone(),
                errands,
                priority: held.priority,
                language: held.language,
                source: held.source,
            });
            let taken = step.deed.act == TicketAct::Take && step.id == held.id.0;
            let first = base.filter(|_| taken && asked);
            open = Some((held, first.map(|taken| Ticket::new(taken, step.deed.at))));
        } else if let Some((_, played)) = &mut open {
            *played = played
                .take()
                .filter(|_| asked)
                .and_then(|before| after(&before, &step));
        }
    })?;
    close(open, differences);
    for fact in facts.into_keys() {
        differences.push(format!("desk: fact {fact} changed nothing"));
    }
    let tickets = tx.one("select count(*) from ticket", args![], |row| {
        row.get::<i64>(0)
    })?;
    if tickets != i64::try_from(seen.len()).ok() {
        differences.push(format!(
            "desk: {tickets:?} tickets, {} with steps",
            seen.len()
        ));
    }
    turns(tx, differences)?;
    let twins = tx.one(
        "select count(*) from (select 1 as one from ticket where serial_no is not null
            group by point_id, day, letter, serial_no having count(*) > 1) twin",
        args![],
        |row| row.get::<i64>(0),
    )?;
    if twins != Some(0) {
        differences.push(format!("desk: {twins:?} numbers were given twice"));
    }
    Ok(())
}

fn after(before: &Ticket, step: &Step) -> Option<Ticket> {
    before.after(&step.deed).ok()
}

/// Compares how many priority tickets in a row each counter has called.
fn turns(tx: &Tx<'_>, differences: &mut Vec<String>) -> AppResult<()> {
    let mut wanted: HashMap<PointId, Runs> = HashMap::new();
    store::each_call(tx, |point, counter, priority| {
        let run = wanted.entry(point).or_default().entry(counter).or_default();
        *run = run_after(*run, priority);
    })?;
    tx.each("select point_id, runs from desk", args![], |row| {
        let (point, held): (PointId, Runs) = (row.get(0)?, row.json(1)?);
        let wanted = wanted.remove(&point).unwrap_or_default();
        if held != wanted {
            differences.push(format!(
                "desk: {point}: calls give {wanted:?}, it holds {held:?}"
            ));
        }
        Ok::<(), DbError>(())
    })?;
    Ok(())
}

/// What was done, about which ticket and by whom.
type Said = (TicketId, Option<MemberId>, TicketAct);

/// What each step without a network says.
fn facts(tx: &Tx<'_>) -> AppResult<HashMap<Uuid, Said>> {
    let mut found = HashMap::new();
    tx.each(
        "select id, actor_id, body from fact where kind = $1",
        args![Kind::Ticket.as_str()],
        |row| {
            let body: String = row.get(2)?;
            let body =
                Body::from_stored(Kind::Ticket, &body).map_err(|fault| DbError::BadData {
                    column: 2,
                    why: fault.to_string(),
                })?;
            if let Body::Ticket(step) = body {
                found.insert(row.get(0)?, (step.ticket, row.get(1)?, step.act));
            }
            Ok::<(), DbError>(())
        },
    )?;
    Ok(found)
}

/// Which ticket each assist was for that says one.
pub type Links = BTreeMap<FactId, TicketId>;

/// What a standing fact says of a ticket.
pub fn recount(found: &mut Links, fact: &Fact) {
    if let Some(ticket) = steps::served(fact) {
        found.insert(fact.id, ticket);
    }
}

/// Compares the links kept with those of the ledger.
///
/// # Errors
/// The storage's.
pub fn compare(tx: &Tx<'_>, mut wanted: Links, differences: &mut Vec<String>) -> AppResult<()> {
    store::each_link(tx, |fact, ticket| {
        if wanted.remove(&fact) != Some(ticket) {
            differences.push(format!("desk: assist {fact} was not for ticket {ticket}"));
        }
    })?;
    for fact in wanted.into_keys() {
        differences.push(format!("desk: what assist {fact} was for is not kept"));
    }
    Ok(())
}
