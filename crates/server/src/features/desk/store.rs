//! The only SQL about desks and tickets.

mod duty;

pub use duty::{DeskPoint, able, desks_below, may_serve, may_work, movers, provinces_in_need};

use crate::args;
use crate::features::members::Role;
use crate::platform::db::{DbError, Row, Tx, json};
use domain::desk::forecast::Paces;
use domain::desk::ticket::{Deed, Errand, Ticket, TicketStage};
use domain::desk::{Setup, Wanted};
use domain::facts::Assist;
use domain::ids::{DeskDeviceId, FactId, MemberId, PlaceId, PointId, TicketId};
use domain::ratings::RatingScale;
use domain::subjects::SubjectKey;
use serde_json::Value;
use std::collections::BTreeMap;
use time::{Date, Duration, OffsetDateTime};
use uuid::Uuid;

/// How far back paces go.
const PACE_OF: Duration = Duration::days(28);

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
    /// How long things took before today.
    pub paces: Paces,
    /// The day they were taken for.
    pub paces_on: Option<Date>,
    /// Counts its changes.
    pub rev: i64,
}

const DESK: &str = "select d.point_id, s.name, p.path, d.setup, d.code, d.runs, d.rev, d.paces, d.paces_on from desk d
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
        paces: row.json(7)?,
        paces_on: row.get(8)?,
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

/// A point with a desk, for whoever chooses where they work.
#[derive(Clone, Debug)]
pub struct Workplace {
    /// The point.
    pub point: PointId,
    /// Its name.
    pub name: String,
    /// Its place.
    pub place: PlaceId,
    /// Whether they stand on its roster on the day.
    pub rostered: bool,
    /// What residents rate it on.
    pub scale: RatingScale,
    /// Whether it is outside their own places: only the roster has them there, for the day.
    pub guest: bool,
}

/// Points with a desk that are in use on a day where `member` may work then, by name.
///
/// # Errors
/// The storage's.
pub fn workplaces(tx: &Tx<'_>, member: MemberId, day: Date) -> Result<Vec<Workplace>, DbError> {
    let sql = "select w.id, w.name, w.place_id, w.rostered, w.scale, not w.own from (
           select s.id, s.name, s.place_id, r.scale, exists (
             select 1 from shift h join assignment a on a.shift_id = h.id
              where h.point_id = s.id and h.day = $2 and h.cancelled_at is null and a.member_id = $1) as rostered, exists (
             select 1 from member_grant g join place h on h.id = g.place_id
              where g.member_id = $1 and substr(p.path, 1, length(h.path)) = h.path) as own
           from desk d join service_point s on s.id = d.point_id join place p on p.id = s.place_id
           left join rating_point r on r.point_id = s.id
          where (s.valid_from is null or s.valid_from <= $2) and (s.valid_to is null or $2 < s.valid_to)) w
          where w.own or w.rostered order by w.name, w.id";
    tx.all(sql, args![member, day], |row| {
        Ok(Workplace {
            point: row.get(0)?,
            name: row.get(1)?,
            place: row.get(2)?,
            rostered: row.get(3)?,
            scale: row
                .get::<Option<RatingScale>>(4)?
                .unwrap_or(RatingScale::Five),
            guest: row.get(5)?,
        })
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
        "insert into desk (point_id, setup, code, rev, runs, paces) values ($1, $2, $3, 1, '{}', '{}')
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

/// Takes the paces of the weeks before today, once a day; whether they were taken now.
///
/// # Errors
/// The storage's.
pub fn keep_pace(tx: &mut Tx<'_>, desk: &mut Desk, today: Date) -> Result<bool, DbError> {
    if desk.paces_on == Some(today) {
        return Ok(false);
    }
    let served: Vec<Vec<Errand>> = tx.all(
        "select errands from ticket where point_id = $1 and day >= $2 and day < $3 and stage = $4",
        args![desk.point, today - PACE_OF, today, TicketStage::Done],
        |row| row.json(0),
    )?;
    desk.paces = Paces::of(served.iter().flatten());
    desk.paces_on = Some(today);
    tx.execute(
        "update desk set paces = $2, paces_on = $3 where point_id = $1",
        args![desk.point, &json(&desk.paces), today],
    )?;
    Ok(true)
}

const TICKET: &str = "t.id, t.point_id, t.day, t.number, t.code, t.errands, t.priority, t.language, t.source, t.stage, t.counter,
    t.calls, t.since, t.stage_at, t.waited_s, t.arrived_at, t.called_at, t.started_at, t.finished_at, t.returned_at, t.forecast_s, t.rev, t.played_s";

/// Reads the columns of [`TICKET`] from `first` on.
fn ticket(row: &Row<'_, '_>, first: usize) -> Result<Ticket, DbError> {
    Ok(Ticket {
        id: row.get(first)?,
        point: row.get(first + 1)?,
        day: row.get(first + 2)?,
        number: row.get(first + 3)?,
        code: row.get(first + 4)?,
        errands: row.json(first + 5)?,
        priority: row.get(first + 6)?,
        language: row.get(first + 7)?,
        source: row.get(first + 8)?,
        stage: row.get(first + 9)?,
        counter: row.get(first + 10)?,
        calls: row.get(first + 11)?,
        since: row.get(first + 12)?,
        stage_at: row.get(first + 13)?,
        waited_s: row.get(first + 14)?,
        arrived_at: row.get(first + 15)?,
        called_at: row.get(first + 16)?,
        started_at: row.get(first + 17)?,
        finished_at: row.get(first + 18)?,
        returned_at: row.get(first + 19)?,
        forecast_s: row.get(first + 20)?,
        rev: row.get(first + 21)?,
        played_s: row.get(first + 22)?,
    })
}

/// The ticket, if there is one.
///
/// # Errors
/// The storage's.
pub fn find_ticket(tx: &Tx<'_>, id: TicketId) -> Result<Option<Ticket>, DbError> {
    let sql = format!("select {TICKET} from ticket t where t.id = $1");
    tx.one(&sql, args![id], |row| ticket(&row, 0))
}

/// The ticket with this secret code.
///
/// # Errors
/// The storage's.
pub fn find_ticket_by_code(tx: &Tx<'_>, code: &str) -> Result<Option<Ticket>, DbError> {
    let sql = format!("select {TICKET} from ticket t where t.code = $1");
    tx.one(&sql, args![code], |row| ticket(&row, 0))
}

/// A point's tickets of a day, in the order in which they were taken.
///
/// # Errors
/// The storage's.
pub fn of_day(tx: &Tx<'_>, point: PointId, day: Date) -> Result<Vec<Ticket>, DbError> {
    let sql = format!(
        "select {TICKET} from ticket t where t.point_id = $1 and t.day = $2 order by t.arrived_at, t.id"
    );
    tx.all(&sql, args![point, day], |row| ticket(&row, 0))
}

/// A point's tickets of a day at a stage.
///
/// # Errors
/// The storage's.
pub fn at_stage(
    tx: &Tx<'_>,
    (point, day): (PointId, Date),
    stage: TicketStage,
) -> Result<Vec<Ticket>, DbError> {
    let sql = format!(
        "select {TICKET} from ticket t where t.point_id = $1 and t.day = $2 and t.stage = $3"
    );
    tx.all(&sql, args![point, day, stage], |row| ticket(&row, 0))
}

/// A point's tickets of a day that are in line or at a counter, or were since a moment.
///
/// # Errors
/// The storage's.
pub fn in_play(
    tx: &Tx<'_>,
    (point, day): (PointId, Date),
    since: OffsetDateTime,
) -> Result<Vec<Ticket>, DbError> {
    let sql = format!(
        "select {TICKET} from ticket t where t.point_id = $1 and t.day = $2
            and (t.stage in ('waiting', 'called', 'serving') or t.stage_at >= $3)"
    );
    tx.all(&sql, args![point, day, since], |row| ticket(&row, 0))
}

/// A point's tickets of the days `from` to `to`.
///
/// # Errors
/// The storage's.
pub fn of_days(
    tx: &Tx<'_>,
    point: PointId,
    (from, to): (Date, Date),
) -> Result<Vec<Ticket>, DbError> {
    let sql = format!(
        "select {TICKET} from ticket t where t.point_id = $1 and t.day >= $2 and t.day <= $3"
    );
    tx.all(&sql, args![point, from, to], |row| ticket(&row, 0))
}

/// Where a ticket was taken.
///
/// # Errors
/// The storage's.
pub fn point_of(tx: &Tx<'_>, id: TicketId) -> Result<Option<PointId>, DbError> {
    let sql = "select point_id from ticket where id = $1";
    tx.one(sql, args![id], |row| row.get(0))
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
    /// What it is taken for.
    pub wanted: Vec<Wanted>,
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
           stage, counter, calls, since, stage_at, waited_s, arrived_at, called_at, started_at, finished_at, returned_at, forecast_s, rev, wanted, played_s)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27)",
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
            ticket.rev,
            &json(&series.wanted),
            ticket.played_s
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

/// Calls `each` for every step there is, a ticket's in order, with the ticket and what it was
/// taken for.
///
/// # Errors
/// The storage's.
pub fn each_step(
    tx: &Tx<'_>,
    mut each: impl FnMut(Ticket, Vec<Wanted>, Step),
) -> Result<(), DbError> {
    let sql = format!(
        "select {STEP}, {TICKET}, t.wanted from ticket_step s join ticket t on t.id = s.ticket_id order by s.ticket_id, s.id"
    );
    tx.each(&sql, args![], |row| {
        each(ticket(&row, 10)?, row.json(33)?, step(&row)?);
        Ok(())
    })
}

/// Calls `each` for every call there was, in order: where, to which counter, whether of a
/// priority ticket.
///
/// # Errors
/// The storage's.
pub fn each_call(tx: &Tx<'_>, mut each: impl FnMut(PointId, String, bool)) -> Result<(), DbError> {
    tx.each(
        "select t.point_id, s.counter, t.priority is not null from ticket_step s join ticket t on t.id = s.ticket_id
          where s.act = 'call' order by s.id",
        args![],
        |row| {
            each(row.get(0)?, row.get(1)?, row.get(2)?);
            Ok(())
        },
    )
}

/// Keeps that an assist was for a ticket.
///
/// # Errors
/// The storage's.
pub fn link(tx: &mut Tx<'_>, fact: FactId, ticket: TicketId) -> Result<(), DbError> {
    let sql = "insert into ticket_assist (fact_id, ticket_id) values ($1, $2)";
    tx.execute(sql, args![fact, ticket])?;
    Ok(())
}

/// Lets go of that.
///
/// # Errors
/// The storage's.
pub fn unlink(tx: &mut Tx<'_>, fact: FactId) -> Result<(), DbError> {
    let sql = "delete from ticket_assist where fact_id = $1";
    tx.execute(sql, args![fact])?;
    Ok(())
}

/// Calls `each` for every assist that was for a ticket.
///
/// # Errors
/// The storage's.
pub fn each_link(tx: &Tx<'_>, mut each: impl FnMut(FactId, TicketId)) -> Result<(), DbError> {
    tx.each(
        "select fact_id, ticket_id from ticket_assist",
        args![],
        |row| {
            each(row.get(0)?, row.get(1)?);
            Ok(())
        },
    )
}

/// An assist that was for a ticket.
#[derive(Debug)]
pub struct Linked {
    /// The fact's id.
    pub fact: FactId,
    /// When.
    pub at: OffsetDateTime,
    /// Who recorded it.
    pub by: String,
    /// What it says.
    pub assist: Assist<SubjectKey>,
}

/// The standing assists that were for a ticket, in order of time.
///
/// # Errors
/// The storage's.
pub fn assists(tx: &Tx<'_>, id: TicketId) -> Result<Vec<Linked>, DbError> {
    tx.all(
        "select f.id, f.happened_at, m.name, f.body from ticket_assist a join fact f on f.id = a.fact_id
           join member m on m.id = f.actor_id where a.ticket_id = $1 order by f.happened_at, f.id",
        args![id],
        |row| {
            Ok(Linked {
                fact: row.get(0)?,
                at: row.get(1)?,
                by: row.get(2)?,
                assist: row.json(3)?,
            })
        },
    )
}
