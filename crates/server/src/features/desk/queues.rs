//! Today's queues in memory, moved on by every commit, so that screens and residents' phones
//! that look again and again do not read the database.
//!
//! A queue is loaded in step with the commits, so that no step is missed and none counts twice.

use super::store::{self, Desk, Runs};
use crate::App;
use crate::platform::db::Tx;
use crate::platform::problem::{AppError, AppResult};
use domain::codes;
use domain::desk::forecast::{Outlook, open_counters, outlook};
use domain::desk::ticket::{Errand, Taken, Ticket, TicketStage};
use domain::desk::{Language, TICKET_CODE_LETTERS, TicketSource};
use domain::ids::{PointId, TicketId};
use domain::procedures::ProcedureGroup;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

/// What a commit changed at a desk.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Moved {
    /// A ticket was taken or moved on.
    Ticket {
        /// As it stands.
        ticket: Box<Ticket>,
        /// How many priority tickets in a row each counter has called.
        runs: Runs,
    },
    /// The set-up of a point's desk.
    Setup(PointId),
    /// Today's queue as it stands.
    #[serde(skip)]
    Loaded(Box<Queue>),
}

/// Today's queue of a point.
#[derive(Clone, Debug)]
pub struct Queue {
    /// The desk; its `rev` is the version of the queue, the same on every node.
    pub desk: Desk,
    /// Today.
    pub day: Date,
    /// Today's tickets.
    pub tickets: HashMap<TicketId, Ticket>,
}

impl Queue {
    /// What each ticket in line can be told.
    pub fn outlook(&self, now: OffsetDateTime) -> HashMap<TicketId, Outlook> {
        let Desk {
            setup, paces, runs, ..
        } = &self.desk;
        outlook(self.tickets.values(), setup, paces, runs, now)
    }

    /// What somebody can be told who comes now for a group; nothing when no counter at work
    /// takes it in.
    pub fn outlook_of_newcomer(
        &self,
        group: ProcedureGroup,
        now: OffsetDateTime,
    ) -> Option<Outlook> {
        let Desk {
            setup, paces, runs, ..
        } = &self.desk;
        let last = TicketId(Uuid::max());
        let comes = Ticket::new(
            Taken {
                id: last,
                point: self.desk.point,
                number: String::new(),
                code: String::new(),
                errands: vec![Errand::new(group, None)],
                priority: None,
                language: Language::Vi,
                source: TicketSource::Phone,
            },
            now,
        );
        let line = self.tickets.values().chain([&comes]);
        outlook(line, setup, paces, runs, now).remove(&last)
    }

    /// Seconds that somebody waits who comes now for whatever takes longest; where no counter at
    /// work takes that in, as long at least as somebody has waited for it.
    pub fn newcomer_s(&self, now: OffsetDateTime) -> u32 {
        let longest = |group| {
            let line = self
                .tickets
                .values()
                .filter(|one| one.stage == TicketStage::Waiting && one.errand().group == group);
            let waited_s = line.map(|one| (now - one.since).whole_seconds()).max();
            waited_s.and_then(|waited_s| u32::try_from(waited_s).ok())
        };
        let wait_s = |group| {
            let told = self.outlook_of_newcomer(group, now);
            told.map(|told| told.wait_s).or_else(|| longest(group))
        };
        let groups = self.desk.setup.groups.iter().map(|one| one.group);
        groups.filter_map(wait_s).max().unwrap_or(0)
    }

    /// How many counters called or served somebody lately.
    pub fn counters_open(&self, now: OffsetDateTime) -> usize {
        open_counters(self.tickets.values(), &self.desk.setup, now).len()
    }

    /// Tickets in line.
    pub fn waiting(&self) -> usize {
        let waits = |one: &&Ticket| one.stage == TicketStage::Waiting;
        self.tickets.values().filter(waits).count()
    }
}

/// All queues.
#[derive(Debug, Default)]
pub struct Queues(RwLock<Inner>);

#[derive(Debug, Default)]
struct Inner {
    points: HashMap<PointId, Queue>,
    /// Where the ticket with a code is.
    codes: HashMap<String, (PointId, TicketId)>,
}

impl Queues {
    /// Applies what a commit changed. Called by the writer, in order.
    pub fn apply(&self, moved: Vec<Moved>) {
        if moved.is_empty() {
            return;
        }
        let mut inner = self.0.write().unwrap_or_else(PoisonError::into_inner);
        moved.into_iter().for_each(|one| inner.apply(one));
    }

    /// Forgets all of them: something may have been missed.
    pub fn clear(&self) {
        let mut inner = self.0.write().unwrap_or_else(PoisonError::into_inner);
        *inner = Inner::default();
    }

    fn read<T>(
        &self,
        point: PointId,
        today: Date,
        read: impl FnOnce(&Queue) -> T,
    ) -> Result<T, impl FnOnce(&Queue) -> T> {
        let inner = self.0.read().unwrap_or_else(PoisonError::into_inner);
        match inner.points.get(&point).filter(|queue| queue.day == today) {
            Some(queue) => Ok(read(queue)),
            None => Err(read),
        }
    }

    fn find(&self, code: &str) -> Option<(PointId, TicketId)> {
        let inner = self.0.read().unwrap_or_else(PoisonError::into_inner);
        inner.codes.get(code).copied()
    }
}

impl Inner {
    fn apply(&mut self, moved: Moved) {
        match moved {
            Moved::Ticket { ticket, runs } => {
                let Some(queue) = self.points.get_mut(&ticket.point) else {
                    return;
                };
                queue.desk.rev = queue.desk.rev.max(ticket.rev);
                queue.desk.runs = runs;
                if queue.day == ticket.day {
                    let at = (ticket.point, ticket.id);
                    self.codes.entry(ticket.code.clone()).or_insert(at);
                    queue.tickets.insert(ticket.id, *ticket);
                }
            }
            Moved::Setup(point) => self.forget(point),
            Moved::Loaded(queue) => {
                let point = queue.desk.point;
                self.forget(point);
                let codes = queue.tickets.values();
                let codes = codes.map(|ticket| (ticket.code.clone(), (point, ticket.id)));
                self.codes.extend(codes);
                self.points.insert(point, *queue);
            }
        }
    }

    fn forget(&mut self, point: PointId) {
        if let Some(queue) = self.points.remove(&point) {
            for ticket in queue.tickets.values() {
                self.codes.remove(&ticket.code);
            }
        }
    }
}

fn load(tx: &mut Tx<'_>, point: PointId, today: Date) -> AppResult<()> {
    let desk = store::find(tx, point)?.ok_or_else(AppError::not_found)?;
    let tickets = store::of_day(tx, point, today)?;
    let tickets = tickets.into_iter().map(|ticket| (ticket.id, ticket));
    let queue = Queue {
        desk,
        day: today,
        tickets: tickets.collect(),
    };
    let loaded = Moved::Loaded(Box::new(queue));
    tx.effects.push(crate::platform::db::Effect::Desk(loaded));
    Ok(())
}

/// Reads today's queue of a point, which is loaded first if need be.
///
/// # Errors
/// `not_found` when the point has no desk, or the storage's.
pub async fn read<T>(
    app: &Arc<App>,
    point: PointId,
    read: impl FnOnce(&Queue) -> T,
) -> AppResult<T> {
    let today = app.clock.today();
    let read = match app.queues.read(point, today, read) {
        Ok(found) => return Ok(found),
        Err(read) => read,
    };
    app.db.in_step(move |tx| load(tx, point, today)).await?;
    let found = app.queues.read(point, today, read);
    found.map_err(|_| AppError::problem("storage.busy"))
}

/// Reads the queue that the ticket with a secret code is in today; the ticket alone when its
/// day is over. The code is read as people write it.
///
/// # Errors
/// `not_found`, or the storage's.
pub async fn by_code<T>(
    app: &Arc<App>,
    code: &str,
    answer: impl FnOnce(Option<&Queue>, &Ticket) -> T,
) -> AppResult<T> {
    let code = codes::parse(code, TICKET_CODE_LETTERS).ok_or_else(AppError::not_found)?;
    let answer = match app.queues.find(&code) {
        Some((point, id)) => {
            let found = read(app, point, |queue| match queue.tickets.get(&id) {
                Some(ticket) => Ok(answer(Some(queue), ticket)),
                None => Err(answer),
            });
            match found.await? {
                Ok(found) => return Ok(found),
                // Of a day that is over.
                Err(answer) => answer,
            }
        }
        None => answer,
    };
    let found = app
        .db
        .glance(move |tx| Ok(store::find_ticket_by_code(tx, &code)?));
    let ticket = found.await?.ok_or_else(AppError::not_found)?;
    if ticket.day != app.clock.today() {
        return Ok(answer(None, &ticket));
    }
    read(app, ticket.point, |queue| answer(Some(queue), &ticket)).await
}
