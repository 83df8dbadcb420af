//! Taking tickets and moving them on: for members at a counter, kiosks, and residents' own
//! phones. Whatever is done twice under one id is done once.

use super::queues::Moved;
use super::store::{self, Desk, Series, Step, hold_key};
use crate::features::members::Role;
use crate::platform::clock::{Clock, random};
use crate::platform::db::{Effect, Tx};
use crate::platform::problem::{AppError, AppResult};
use domain::codes;
use domain::days::day_of;
use domain::desk::forecast::{RECENT, outlook};
use domain::desk::line::{InLine, next as next_in, run_after};
use domain::desk::offline::TRIAGE_BYTES_MAX;
use domain::desk::ticket::{Deed, Taken, Ticket, TicketAct, TicketStage};
use domain::desk::{Language, PriorityClass, Setup, TicketSource, Wanted, errands};
use domain::ids::{DeskDeviceId, MemberId, PointId, TicketId};
use domain::refusal::Refusal;
use serde_json::Value;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

fn invalid(field: &str) -> AppError {
    Refusal::new("request.validation")
        .with("field", field)
        .into()
}

/// Who does something: a member, a kiosk, or a resident, who is neither.
#[derive(Clone, Copy, Debug, Default)]
pub struct By {
    /// Who is signed in.
    pub member: Option<MemberId>,
    /// The kiosk.
    pub device: Option<DeskDeviceId>,
}

/// A ticket to take.
#[derive(Clone, Debug)]
pub struct Take {
    /// Minted by whoever takes it: taken twice, it is one ticket.
    pub id: TicketId,
    /// Where.
    pub point: PointId,
    /// What for, 1 to [`domain::desk::ERRANDS_MAX`].
    pub wanted: Vec<Wanted>,
    /// Why it goes before others, one of the desk's classes.
    pub priority: Option<PriorityClass>,
    /// The holder's language.
    pub language: Language,
    /// Where it is taken.
    pub source: TicketSource,
    /// What triage asked and was answered.
    pub triage: Option<Value>,
}

/// Sets a point's desk up, or changes it.
///
/// # Errors
/// `not_found`, `request.validation`, or the storage's.
pub fn put_setup(tx: &mut Tx<'_>, by: MemberId, point: PointId, setup: &Setup) -> AppResult<Desk> {
    let there = store::point_in_scope(tx, point, (by, Role::CommuneOfficer))?;
    there.ok_or_else(AppError::not_found)?;
    setup.check()?;
    tx.hold(&[hold_key(point)])?;
    store::put(tx, point, setup, &codes::from_random(random::<6>()))?;
    tx.effects.push(Effect::Desk(Moved::Setup(point)));
    store::find(tx, point)?.ok_or_else(AppError::not_found)
}

/// Makes sure that somebody may work at a point's desk: as one of its place, or because the
/// roster has them there on `day`.
///
/// # Errors
/// `not_found`, or the storage's.
pub fn need_worker(tx: &Tx<'_>, point: PointId, by: MemberId, day: Option<Date>) -> AppResult<()> {
    let may = store::may_work(tx, point, by, day)?;
    may.then_some(()).ok_or_else(AppError::not_found)
}

/// The same for a ticket: the roster of today opens those of today.
///
/// # Errors
/// `not_found`, or the storage's.
pub fn need_worker_at(tx: &Tx<'_>, ticket: &Ticket, by: MemberId, today: Date) -> AppResult<()> {
    let day = (ticket.day == today).then_some(today);
    need_worker(tx, ticket.point, by, day)
}

/// Takes a ticket. The caller has made sure that whoever asks may.
///
/// # Errors
/// `not_found` when the point has no desk, `request.validation`, or the storage's.
pub fn take(tx: &mut Tx<'_>, clock: &Clock, by: By, take: &Take) -> AppResult<Ticket> {
    tx.hold(&[hold_key(take.point)])?;
    let mut desk = store::find(tx, take.point)?.ok_or_else(AppError::not_found)?;
    if let Some(same) = repeated(tx, take.id.0)? {
        let here = same.id == take.id && same.point == take.point;
        return here.then_some(same).ok_or_else(AppError::not_found);
    }
    let now = clock.now();
    let (setup, day) = (&desk.setup, day_of(now));
    let errands = errands(&take.wanted, day)?;
    let offered: Option<Vec<_>> = errands.iter().map(|one| setup.offered(one.group)).collect();
    let offered = offered.ok_or_else(|| invalid("group"))?;
    if !take
        .priority
        .is_none_or(|class| setup.priority.contains(&class))
    {
        return Err(invalid("priority"));
    }
    let said = take
        .triage
        .as_ref()
        .map_or(0, |said| said.to_string().len());
    if said > TRIAGE_BYTES_MAX {
        return Err(invalid("triage"));
    }
    let letter = offered[0].letter.to_string();
    let serial_no = store::next_serial(tx, (take.point, day), &letter)?;
    let taken = Taken {
        id: take.id,
        point: take.point,
        number: format!("{letter}{serial_no:03}"),
        code: codes::from_random(random::<10>()),
        errands,
        priority: take.priority,
        language: take.language,
        source: take.source,
    };
    if store::keep_pace(tx, &mut desk, day)? {
        tx.effects.push(Effect::Desk(Moved::Setup(take.point)));
    }
    let mut ticket = Ticket::new(taken, now);
    let mut in_play = store::in_play(tx, (take.point, day), now - RECENT)?;
    in_play.push(ticket.clone());
    let told = outlook(in_play.iter(), &desk.setup, &desk.paces, &desk.runs, now);
    let told = told.get(&ticket.id);
    ticket.forecast_s = told.map(|told| told.wait_s);
    ticket.played_s = told.map(|told| told.played_s);
    let series = Series {
        letter,
        serial_no: Some(serial_no),
        wanted: take.wanted.clone(),
        triage: take.triage.clone(),
    };
    let step = Step {
        id: take.id.0,
        ticket: take.id,
        deed: Deed::of(TicketAct::Take, now),
        received_at: now,
        by: by.member,
        device: by.device,
        by_fact: false,
    };
    keep(tx, desk, ticket, &step, Some(&series))
}

/// Calls whoever is next to a counter; nobody when nobody waits for it. Asked again under the
/// same id, it is the same ticket.
///
/// # Errors
/// `not_found`, `desk.counter_busy`, or the storage's.
pub fn next(
    tx: &mut Tx<'_>,
    clock: &Clock,
    by: MemberId,
    (point, counter): (PointId, &str),
    act_id: Uuid,
) -> AppResult<Option<Ticket>> {
    need_worker(tx, point, by, Some(clock.today()))?;
    tx.hold(&[hold_key(point)])?;
    let desk = store::find(tx, point)?.ok_or_else(AppError::not_found)?;
    if let Some(same) = repeated(tx, act_id)? {
        let here = same.point == point;
        return here.then_some(Some(same)).ok_or_else(AppError::not_found);
    }
    let at = desk
        .setup
        .counter(counter)
        .ok_or_else(|| invalid("counter"))?;
    let now = clock.now();
    need_free(tx, &desk, counter, now)?;
    let waiting = store::at_stage(tx, (point, day_of(now)), TicketStage::Waiting)?;
    let line: Vec<InLine> = waiting
        .iter()
        .filter_map(|ticket| InLine::of(ticket, &desk.setup))
        .collect();
    let run = desk.runs.get(counter).copied().unwrap_or(0);
    let Some(first) = next_in(&line, at, &desk.setup, run) else {
        return Ok(None);
    };
    let Some(ticket) = waiting.iter().find(|ticket| ticket.id == first.id) else {
        return Ok(None);
    };
    let deed = Deed {
        counter: Some(counter.to_owned()),
        ..Deed::of(TicketAct::Call, now)
    };
    let by = By {
        member: Some(by),
        device: None,
    };
    done(tx, desk, ticket, deed, (by, act_id)).map(Some)
}

/// Does something about a ticket under an id of the caller's. A finished errand leads to the
/// next one: at the same counter if it takes that in, in line for another's otherwise.
///
/// # Errors
/// `not_found`, `request.validation`, `desk.…`, or the storage's.
pub fn act(
    tx: &mut Tx<'_>,
    clock: &Clock,
    by: MemberId,
    id: TicketId,
    done: (Uuid, Deed),
) -> AppResult<Ticket> {
    let found = store::find_ticket(tx, id)?.ok_or_else(AppError::not_found)?;
    need_worker_at(tx, &found, by, clock.today())?;
    let by = By {
        member: Some(by),
        device: None,
    };
    move_on(tx, clock, by, &found, done)
}

/// As [`act`], for whoever has the ticket: the caller has made sure that they may.
///
/// # Errors
/// `request.validation`, `desk.…`, or the storage's.
pub fn act_for_holder(
    tx: &mut Tx<'_>,
    clock: &Clock,
    id: TicketId,
    done: (Uuid, Deed),
) -> AppResult<Ticket> {
    let found = store::find_ticket(tx, id)?.ok_or_else(AppError::not_found)?;
    move_on(tx, clock, By::default(), &found, done)
}

fn move_on(
    tx: &mut Tx<'_>,
    clock: &Clock,
    by: By,
    found: &Ticket,
    (act_id, mut deed): (Uuid, Deed),
) -> AppResult<Ticket> {
    let (id, point) = (found.id, found.point);
    tx.hold(&[hold_key(point)])?;
    if let Some(same) = repeated(tx, act_id)? {
        let about = same.id == id;
        return about.then_some(same).ok_or_else(AppError::not_found);
    }
    let desk = store::find(tx, point)?.ok_or_else(AppError::not_found)?;
    let ticket = store::find_ticket(tx, id)?.ok_or_else(AppError::not_found)?;
    deed.at = clock.now();
    let setup = &desk.setup;
    match deed.act {
        TicketAct::Take => return Err(invalid("act")),
        TicketAct::Call | TicketAct::Resume => {
            let counter = deed.counter.as_deref().unwrap_or_default();
            setup.counter(counter).ok_or_else(|| invalid("counter"))?;
            need_free(tx, &desk, counter, deed.at)?;
        }
        TicketAct::Transfer => {
            let group = deed.group.filter(|group| setup.offered(*group).is_some());
            group.ok_or_else(|| invalid("group"))?;
        }
        TicketAct::Finish => deed.group = setup.onward(&ticket),
        TicketAct::Recall if ticket.calls >= setup.calls => {
            return Err(AppError::problem("desk.called_enough"));
        }
        TicketAct::NoShow if ticket.calls < setup.calls => {
            let refusal = Refusal::new("desk.call_again").with("calls", setup.calls);
            return Err(refusal.into());
        }
        _ => {}
    }
    done(tx, desk, &ticket, deed, (by, act_id))
}

/// The ticket that something was done about before under this id, as it stands.
fn repeated(tx: &Tx<'_>, act_id: Uuid) -> AppResult<Option<Ticket>> {
    Ok(match store::done_before(tx, act_id)? {
        Some(id) => store::find_ticket(tx, id)?,
        None => None,
    })
}

/// Makes sure that nobody is at a counter.
fn need_free(tx: &Tx<'_>, desk: &Desk, counter: &str, now: OffsetDateTime) -> AppResult<()> {
    for stage in [TicketStage::Called, TicketStage::Serving] {
        let there = store::at_stage(tx, (desk.point, day_of(now)), stage)?;
        let at_it = |ticket: &&Ticket| ticket.counter.as_deref() == Some(counter);
        if let Some(ticket) = there.iter().find(at_it) {
            let refusal = Refusal::new("desk.counter_busy").with("number", ticket.number.as_str());
            return Err(refusal.into());
        }
    }
    Ok(())
}

fn done(
    tx: &mut Tx<'_>,
    desk: Desk,
    ticket: &Ticket,
    deed: Deed,
    (by, act_id): (By, Uuid),
) -> AppResult<Ticket> {
    let after = ticket.after(&deed)?;
    let step = Step {
        id: act_id,
        ticket: ticket.id,
        received_at: deed.at,
        deed,
        by: by.member,
        device: by.device,
        by_fact: false,
    };
    keep(tx, desk, after, &step, None)
}

/// Writes a step and how its ticket stands after it; `new` for the one that took it.
///
/// # Errors
/// The storage's.
pub fn keep(
    tx: &mut Tx<'_>,
    mut desk: Desk,
    mut ticket: Ticket,
    step: &Step,
    new: Option<&Series>,
) -> AppResult<Ticket> {
    if let (TicketAct::Call, Some(counter)) = (step.deed.act, &step.deed.counter) {
        let run = desk.runs.entry(counter.clone()).or_default();
        *run = run_after(*run, ticket.priority.is_some());
    }
    ticket.rev = store::turn(tx, desk.point, &desk.runs)?;
    match new {
        Some(series) => store::insert(tx, &ticket, series)?,
        None => store::update(tx, &ticket)?,
    }
    store::add_step(tx, step)?;
    tx.effects.push(Effect::Desk(Moved::Ticket {
        ticket: Box::new(ticket.clone()),
        runs: desk.runs,
    }));
    Ok(ticket)
}
