//! The only SQL about desks and tickets.

use crate::args;
use crate::features::members::Role;
use crate::platform::db::{DbError, Row, Tx, json};
use domain::desk::Setup;
use domain::desk::ticket::{Deed, Ticket};
use domain::ids::{DeskDeviceId, MemberId, PointId, TicketId};
use serde_json::Value;
use std::collections::BTreeMap;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

/// How many priority tickets in a row each counter has called.
pub type Runs = BTreeMap<String, u32>;

/// A desk, with the point it is at.
#[derive(Clone, Debug)]
pub struct Desk {
    /// The point.
    pub point: PointId,
    /// Its name.
    pub name: String,
    /// Path of its place.
    pub path: String,
    /// How it is set up.
    pub setup: Setup,
    /// The point's public code.
    pub code: String,
    /// Of its counters.
    pub runs: Runs,
    /// Counts its changes.
    pub rev: i64,
}

const DESK: &str = "select d.point_id, s.name, p.path, d.setup, d.code, d.runs, d.rev from desk d
    join service_point s on s.id = d.point_id join place p on p.id = s.place_id";

fn desk(row: &Row<'_, '_>) -> Result<Desk, DbError> {
    Ok(Desk {
        point: row.get(0)?,
        name: row.get(1)?,
        path: row.get(2)?,
        setup: row.json(3)?,
        code: row.get(4)?,
        runs: row.json(5)?,
        rev: row.get(6)?,
    })
}

/// A point's desk, if it has one.
///
/// # Errors
/// The storage's.
pub fn find(tx: &Tx<'_>, point: PointId) -> Result<Option<Desk>, DbError> {
    let sql = format!("{DESK} where d.point_id = $1");
    tx.one(&sql, args![point], |row| desk(&row))
}

/// The desk with this public code.
///
/// # Errors
/// The storage's.
pub fn find_by_code(tx: &Tx<'_>, code: &str) -> Result<Option<Desk>, DbError> {
    let sql = format!("{DESK} where d.code = $1");
    tx.one(&sql, args![code], |row| desk(&row))
}

/// A point's name and the path of its place, if `member` holds `least` or higher there or above.
///
/// # Errors
/// The storage's.
pub fn point_in_scope(
    tx: &Tx<'_>,
    point: PointId,
    (member, least): (MemberId, Role),
) -> Result<Option<(String, String)>, DbError> {
    let sql = format!(
        "select s.name, p.path from service_point s join place p on p.id = s.place_id
          where s.id = $1 and exists (
            select 1 from member_grant g join place h on h.id = g.place_id
             where g.member_id = $2 and g.role in ({}) and substr(p.path, 1, length(h.path)) = h.path)",
        least.and_above()
    );
    tx.one(&sql, args![point, member], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })
}

/// What to hold before anything is done at a desk, so that nobody else does meanwhile.
pub fn hold_key(point: PointId) -> [u8; 16] {
    *point.0.as_bytes()
}

/// Makes a desk or changes its set-up; the public code it has it keeps.
///
/// # Errors
/// The storage's.
pub fn put(tx: &mut Tx<'_>, point: PointId, setup: &Setup, code: &str) -> Result<(), DbError> {
    tx.execute(
        "insert into desk (point_id, setup, code, rev, runs) values ($1, $2, $3, 1, '{}')
         on conflict (point_id) do update set setup = excluded.setup, rev = desk.rev + 1",
        args![point, &json(setup), code],
    )?;
    Ok(())
}

/// Counts one more change of a desk, and keeps how many priority tickets in a row each counter
/// has called.
///
/// # Errors
/// The storage's.
pub fn turn(tx: &mut Tx<'_>, point: PointId, runs: &Runs) -> Result<i64, DbError> {
    let rev = tx.one(
        "update desk set rev = rev + 1, runs = $2 where point_id = $1 returning rev",
        args![point, &json(runs)],
        |row| row.get(0),
    )?;
    rev.ok_or(DbError::BadData {
        column: 0,
        why: "the desk is gone".to_owned(),
    })
}

const TICKET: &str = "t.id, t.point_id, t.day, t.number, t.code, t.errands, t.priority, t.language, t.source, t.stage, t.counter,
    t.calls, t.since, t.stage_at, t.waited_s, t.arrived_at, t.called_at, t.started_at, t.finished_at, t.returned_at, t.forecast_s, t.rev";

fn ticket(row: &Row<'_, '_>) -> Result<Ticket, DbError> {
    Ok(Ticket {
        id: row.get(0)?,
        point: row.get(1)?,
        day: row.get(2)?,
        number: row.get(3)?,
        code: row.get(4)?,
        errands: row.json(5)?,
        priority: row.get(6)?,
        language: row.get(7)?,
        source: row.get(8)?,
        stage: row.get(9)?,
        counter: row.get(10)?,
        calls: row.get(11)?,
        since: row.get(12)?,
        stage_at: row.get(13)?,
        waited_s: row.get(14)?,
        arrived_at: row.get(15)?,
        called_at: row.get(16)?,
        started_at: row.get(17)?,
        finished_at: row.get(18)?,
        returned_at: row.get(19)?,
        forecast_s: row.get(20)?,
        rev: row.get(21)?,
    })
}

/// The ticket, if there is one.
///
/// # Errors
/// The storage's.
pub fn find_ticket(tx: &Tx<'_>, id: TicketId) -> Result<Option<Ticket>, DbError> {
    let sql = format!("select {TICKET} from ticket t where t.id = $1");
    tx.one(&sql, args![id], |row| ticket(&row))
}

/// The ticket with this secret code.
///
/// # Errors
/// The storage's.
pub fn find_ticket_by_code(tx: &Tx<'_>, code: &str) -> Result<Option<Ticket>, DbError> {
    let sql = format!("select {TICKET} from ticket t where t.code = $1");
    tx.one(&sql, args![code], |row| ticket(&row))
}

/// A point's tickets of a day, in the order in which they were taken.
///
/// # Errors
/// The storage's.
pub fn of_day(tx: &Tx<'_>, point: PointId, day: Date) -> Result<Vec<Ticket>, DbError> {
    let sql = format!(
        "select {TICKET} from ticket t where t.point_id = $1 and t.day = $2 order by t.arrived_at, t.id"
    );
    tx.all(&sql, args![point, day], |row| ticket(&row))
}

/// A point's tickets of a day at a stage.
///
/// # Errors
/// The storage's.
pub fn at_stage(
    tx: &Tx<'_>,
    (point, day): (PointId, Date),
    stage: domain::desk::ticket::TicketStage,
) -> Result<Vec<Ticket>, DbError> {
    let sql = format!(
        "select {TICKET} from ticket t where t.point_id = $1 and t.day = $2 and t.stage = $3"
    );
    tx.all(&sql, args![point, day, stage], |row| ticket(&row))
}

/// The next number of the server's own series for a letter and day.
///
/// # Errors
/// The storage's.
pub fn next_serial(
    tx: &Tx<'_>,
    (point, day): (PointId, Date),
    letter: &str,
) -> Result<u32, DbError> {
    let last = tx.one(
        "select coalesce(max(serial_no), 0) from ticket where point_id = $1 and day = $2 and letter = $3",
        args![point, day, letter],
        |row| row.get::<u32>(0),
    )?;
    Ok(last.unwrap_or(0) + 1)
}

/// What of a new ticket is not in [`Ticket`].
#[derive(Clone, Debug)]
pub struct Series {
    /// The letter of its group.
    pub letter: String,
    /// Its number in the server's series.
    pub serial_no: Option<u32>,
    /// What triage asked and was answered.
    pub triage: Option<Value>,
}

/// Writes a new ticket.
///
/// # Errors
/// The storage's.
pub fn insert(tx: &mut Tx<'_>, ticket: &Ticket, series: &Series) -> Result<(), DbError> {
    let triage = series.triage.as_ref().map(json);
    tx.execute(
        "insert into ticket (id, point_id, day, number, letter, serial_no, code, errands, priority, language, source, triage,
           stage, counter, calls, since, stage_at, waited_s, arrived_at, called_at, started_at, finished_at, returned_at, forecast_s, rev)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)",
        args![
            ticket.id,
            ticket.point,
            ticket.day,
            &ticket.number,
            &series.letter,
            series.serial_no,
            &ticket.code,
            &json(&ticket.errands),
            ticket.priority,
            ticket.language,
            ticket.source,
            triage.as_ref(),
            ticket.stage,
            ticket.counter.as_ref(),
            ticket.calls,
            ticket.since,
            ticket.stage_at,
            ticket.waited_s,
            ticket.arrived_at,
            ticket.called_at,
            ticket.started_at,
            ticket.finished_at,
            ticket.returned_at,
            ticket.forecast_s,
            ticket.rev
        ],
    )?;
    Ok(())
}

/// Writes how a ticket stands.
///
/// # Errors
/// The storage's.
pub fn update(tx: &mut Tx<'_>, ticket: &Ticket) -> Result<(), DbError> {
    tx.execute(
        "update ticket set errands = $2, stage = $3, counter = $4, calls = $5, since = $6, stage_at = $7, waited_s = $8,
           called_at = $9, started_at = $10, finished_at = $11, returned_at = $12, rev = $13 where id = $1",
        args![
            ticket.id,
            &json(&ticket.errands),
            ticket.stage,
            ticket.counter.as_ref(),
            ticket.calls,
            ticket.since,
            ticket.stage_at,
            ticket.waited_s,
            ticket.called_at,
            ticket.started_at,
            ticket.finished_at,
            ticket.returned_at,
            ticket.rev
        ],
    )?;
    Ok(())
}

/// Something done about a ticket, as it is kept.
#[derive(Clone, Debug)]
pub struct Step {
    /// Minted by who did it.
    pub id: Uuid,
    /// About which ticket.
    pub ticket: TicketId,
    /// What.
    pub deed: Deed,
    /// When it came to the server.
    pub received_at: OffsetDateTime,
    /// Who; nobody is signed in at a kiosk or on a resident's phone.
    pub by: Option<MemberId>,
    /// At which kiosk.
    pub device: Option<DeskDeviceId>,
    /// Whether by a fact.
    pub by_fact: bool,
}

/// Keeps a step.
///
/// # Errors
/// The storage's.
pub fn add_step(tx: &mut Tx<'_>, step: &Step) -> Result<(), DbError> {
    tx.execute(
        "insert into ticket_step (act_id, ticket_id, act, counter, group_code, at, received_at, by_id, device_id, by_fact)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        args![
            step.id,
            step.ticket,
            step.deed.act,
            step.deed.counter.as_ref(),
            step.deed.group,
            step.deed.at,
            step.received_at,
            step.by,
            step.device,
            step.by_fact
        ],
    )?;
    Ok(())
}

const STEP: &str = "s.act_id, s.ticket_id, s.act, s.counter, s.group_code, s.at, s.received_at, s.by_id, s.device_id, s.by_fact";

fn step(row: &Row<'_, '_>) -> Result<Step, DbError> {
    Ok(Step {
        id: row.get(0)?,
        ticket: row.get(1)?,
        deed: Deed {
            act: row.get(2)?,
            counter: row.get(3)?,
            group: row.get(4)?,
            at: row.get(5)?,
        },
        received_at: row.get(6)?,
        by: row.get(7)?,
        device: row.get(8)?,
        by_fact: row.get(9)?,
    })
}

/// Which ticket something was done about before, by its id.
///
/// # Errors
/// The storage's.
pub fn done_before(tx: &Tx<'_>, act: Uuid) -> Result<Option<TicketId>, DbError> {
    let sql = "select ticket_id from ticket_step where act_id = $1";
    tx.one(sql, args![act], |row| row.get(0))
}

/// Everything done about a ticket, in order, with the names of who did it.
///
/// # Errors
/// The storage's.
pub fn steps(tx: &Tx<'_>, id: TicketId) -> Result<Vec<(Step, Option<String>)>, DbError> {
    let sql = format!(
        "select {STEP}, m.name from ticket_step s left join member m on m.id = s.by_id where s.ticket_id = $1 order by s.id"
    );
    tx.all(&sql, args![id], |row| Ok((step(&row)?, row.get(10)?)))
}

/// What triage asked and was answered about a ticket.
///
/// # Errors
/// The storage's.
pub fn triage(tx: &Tx<'_>, id: TicketId) -> Result<Option<Value>, DbError> {
    let sql = "select triage from ticket where id = $1 and triage is not null";
    tx.one(sql, args![id], |row| row.json(0))
}
