//! The only SQL about slips.

use crate::args;
use crate::features::members::Role;
use crate::features::places::store::NAMED;
use crate::platform::db::{DbError, Row, Tx, json};
use domain::desk::ticket::Errand;
use domain::ids::{MemberId, PointId, TicketId};
use domain::slips::{CONTACT_KEPT, SlipAct, SlipStage, Standing};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

/// A slip, as it stands.
#[derive(Clone, Debug)]
pub struct Slip {
    /// Minted by whoever makes it.
    pub id: Uuid,
    /// Opens the resident's page.
    pub code: String,
    /// Where the result is fetched.
    pub point: PointId,
    /// Its name.
    pub point_name: String,
    /// Its address.
    pub point_address: String,
    /// The commune it is in.
    pub place_name: String,
    /// The ticket it was made for.
    pub ticket: Option<Uuid>,
    /// Codes of procedures.
    pub procedures: Vec<String>,
    /// The portal's code of the dossier.
    pub dossier: Option<String>,
    /// What else to bring.
    pub note: String,
    /// When it was made.
    pub made_on: Date,
    /// By whom.
    pub made_by: (MemberId, String),
    /// How it stands.
    pub stands: Standing,
    /// Where a reminder goes, E.164.
    pub phone: Option<String>,
}

const SLIP: &str = "s.id, s.code, s.point_id, q.name, q.address, n.full_name, s.ticket_id, s.procedures, s.dossier,
    s.note, s.made_on, s.made_by, m.name, s.stage, s.due, s.promised, s.apologies, s.sent_back, s.done_on, s.phone";

/// Slips with what is said of them; `$1` is the day on which places are named.
fn slips() -> String {
    format!(
        "select {SLIP} from {NAMED} join service_point q on q.place_id = p.id join slip s on s.point_id = q.id
           join member m on m.id = s.made_by"
    )
}

fn read(row: &Row<'_, '_>) -> Result<Slip, DbError> {
    Ok(Slip {
        id: row.get(0)?,
        code: row.get(1)?,
        point: row.get(2)?,
        point_name: row.get(3)?,
        point_address: row.get(4)?,
        place_name: row.get(5)?,
        ticket: row.get(6)?,
        procedures: row.json(7)?,
        dossier: row.get(8)?,
        note: row.get(9)?,
        made_on: row.get(10)?,
        made_by: (row.get(11)?, row.get(12)?),
        stands: Standing {
            stage: row.get(13)?,
            due: row.get(14)?,
            promised: row.get(15)?,
            apologies: row.get(16)?,
            sent_back: row.get(17)?,
            done_on: row.get(18)?,
        },
        phone: row.get(19)?,
    })
}

/// Those who hold a role on the point's place or above it.
fn in_scope(least: Role) -> String {
    format!(
        "exists (select 1 from member_grant g join place h on h.id = g.place_id
                  where g.member_id = $2 and g.role in ({}) and substr(p.path, 1, length(h.path)) = h.path)",
        least.and_above()
    )
}

/// A slip that `member` may see: at their places, or one they made today while they helped elsewhere.
///
/// # Errors
/// The storage's.
pub fn find_in_scope(
    tx: &Tx<'_>,
    id: Uuid,
    member: MemberId,
    today: Date,
) -> Result<Option<Slip>, DbError> {
    let scope = in_scope(Role::Volunteer);
    let sql = format!(
        "{} where s.id = $3 and (s.made_by = $2 and s.made_on = $1 or {scope})",
        slips()
    );
    tx.one(&sql, args![today, member, id], |row| read(&row))
}

/// Whether there is a slip with this id, whoever may see it.
///
/// # Errors
/// The storage's.
pub fn is_known(tx: &Tx<'_>, id: Uuid) -> Result<bool, DbError> {
    let found = tx.one("select 1 from slip where id = $1", args![id], |row| {
        row.get::<i64>(0)
    })?;
    Ok(found.is_some())
}

/// The slip with a resident's code.
///
/// # Errors
/// The storage's.
pub fn by_code(tx: &Tx<'_>, code: &str, today: Date) -> Result<Option<Slip>, DbError> {
    let sql = format!("{} where s.code = $2", slips());
    tx.one(&sql, args![today, code], |row| read(&row))
}

/// Slips made for a ticket, in the order in which they were made.
///
/// # Errors
/// The storage's.
pub fn of_ticket(tx: &Tx<'_>, ticket: TicketId, today: Date) -> Result<Vec<Slip>, DbError> {
    let sql = format!("{} where s.ticket_id = $2 order by s.id", slips());
    tx.all(&sql, args![today, ticket], |row| read(&row))
}

/// The resident's code of the slip made last for a ticket, unless it was cancelled.
///
/// # Errors
/// The storage's.
pub fn code_of_ticket(tx: &Tx<'_>, ticket: TicketId) -> Result<Option<String>, DbError> {
    tx.one(
        "select code from slip where ticket_id = $1 and stage <> $2 order by id desc limit 1",
        args![ticket, SlipStage::Cancelled],
        |row| row.get(0),
    )
}

/// Slips of a point that are awaited, or went back, and those that ended since a day; by the
/// day promised.
///
/// # Errors
/// The storage's.
pub fn of_point(
    tx: &Tx<'_>,
    point: PointId,
    (since, today): (Date, Date),
) -> Result<Vec<Slip>, DbError> {
    let sql = format!(
        "{} where s.point_id = $2 and (s.stage in ($3, $4) or s.done_on >= $5) order by s.due, s.id",
        slips()
    );
    tx.all(
        &sql,
        args![today, point, SlipStage::Open, SlipStage::SentBack, since],
        |row| read(&row),
    )
}

/// Keeps a new slip; one that was kept under its id stays as it is.
///
/// # Errors
/// The storage's.
pub fn insert(tx: &mut Tx<'_>, new: &Slip, at: OffsetDateTime) -> Result<(), DbError> {
    let consent = new.phone.as_ref().map(|_| at);
    let stands = &new.stands;
    tx.execute(
        "insert into slip (id, code, point_id, ticket_id, procedures, dossier, note, made_on, made_by, stage, due, promised,
           apologies, sent_back, done_on, phone, consent_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
        args![
            new.id,
            &new.code,
            new.point,
            new.ticket,
            &json(&new.procedures),
            new.dossier.as_ref(),
            &new.note,
            new.made_on,
            new.made_by.0,
            stands.stage,
            stands.due,
            stands.promised,
            stands.apologies,
            stands.sent_back,
            stands.done_on,
            new.phone.as_ref(),
            consent
        ],
    )?;
    Ok(())
}

/// Something done about a slip.
#[derive(Clone, Debug)]
pub struct Deed {
    /// Minted by whoever does it.
    pub id: Uuid,
    /// What.
    pub act: SlipAct,
    /// The day promised.
    pub due: Option<Date>,
    /// Why.
    pub note: String,
}

/// About which slip something was done before under this id.
///
/// # Errors
/// The storage's.
pub fn done_before(tx: &Tx<'_>, act: Uuid) -> Result<Option<Uuid>, DbError> {
    let sql = "select slip_id from slip_change where act_id = $1";
    tx.one(sql, args![act], |row| row.get(0))
}

/// Writes down what was done, and how the slip stands after it.
///
/// # Errors
/// The storage's.
pub fn write(
    tx: &mut Tx<'_>,
    slip: Uuid,
    deed: &Deed,
    stands: &Standing,
    (by, at): (MemberId, OffsetDateTime),
) -> Result<(), DbError> {
    tx.execute(
        "insert into slip_change (act_id, slip_id, act, due, note, at, by_id) values ($1, $2, $3, $4, $5, $6, $7)",
        args![deed.id, slip, deed.act, deed.due, &deed.note, at, by],
    )?;
    tx.execute(
        "update slip set stage = $2, due = $3, promised = $4, apologies = $5, sent_back = $6, done_on = $7 where id = $1",
        args![
            slip,
            stands.stage,
            stands.due,
            stands.promised,
            stands.apologies,
            stands.sent_back,
            stands.done_on
        ],
    )?;
    Ok(())
}

/// What was said last about a slip with an act of this kind.
///
/// # Errors
/// The storage's.
pub fn last_note(tx: &Tx<'_>, slip: Uuid, act: SlipAct) -> Result<Option<String>, DbError> {
    tx.one(
        "select note from slip_change where slip_id = $1 and act = $2 order by id desc limit 1",
        args![slip, act],
        |row| row.get(0),
    )
}

/// Everything done about slips, in order: about which, what, on which day, the day promised.
///
/// # Errors
/// The storage's.
pub fn each_change(
    tx: &Tx<'_>,
    mut see: impl FnMut(Uuid, SlipAct, OffsetDateTime, Option<Date>),
) -> Result<(), DbError> {
    tx.each(
        "select slip_id, act, at, due from slip_change order by id",
        args![],
        |row| {
            see(row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
            Ok::<(), DbError>(())
        },
    )
}

/// How every slip stands.
///
/// # Errors
/// The storage's.
pub fn each_standing(tx: &Tx<'_>, mut see: impl FnMut(Uuid, Standing)) -> Result<(), DbError> {
    tx.each(
        "select id, stage, due, promised, apologies, sent_back, done_on from slip",
        args![],
        |row| {
            let stands = Standing {
                stage: row.get(1)?,
                due: row.get(2)?,
                promised: row.get(3)?,
                apologies: row.get(4)?,
                sent_back: row.get(5)?,
                done_on: row.get(6)?,
            };
            see(row.get(0)?, stands);
            Ok::<(), DbError>(())
        },
    )
}

/// How often promises were kept at a point.
#[derive(Clone, Copy, Debug, Default)]
pub struct Figures {
    /// Results handed over in the period.
    pub done: i64,
    /// Of these, by the day promised first.
    pub on_time: i64,
    /// Slips made in the period.
    pub made: i64,
    /// Of these, with a dossier that went back.
    pub sent_back: i64,
    /// Of these, with an apology.
    pub apologies: i64,
}

/// Counts at a point, both days included.
///
/// # Errors
/// The storage's.
pub fn figures(tx: &Tx<'_>, point: PointId, (from, to): (Date, Date)) -> Result<Figures, DbError> {
    let found = tx.one(
        "select count(case when done_on between $2 and $3 then 1 end),
                count(case when done_on between $2 and $3 and done_on <= promised then 1 end),
                count(case when made_on between $2 and $3 then 1 end),
                count(case when made_on between $2 and $3 and sent_back > 0 then 1 end),
                count(case when made_on between $2 and $3 and apologies > 0 then 1 end)
           from slip where point_id = $1 and stage <> $4",
        args![point, from, to, SlipStage::Cancelled],
        |row| {
            Ok(Figures {
                done: row.get(0)?,
                on_time: row.get(1)?,
                made: row.get(2)?,
                sent_back: row.get(3)?,
                apologies: row.get(4)?,
            })
        },
    )?;
    Ok(found.unwrap_or_default())
}

/// Slips whose day is at most `until`, with a phone that has not heard of that day.
///
/// # Errors
/// The storage's.
pub fn to_remind(tx: &Tx<'_>, (today, until): (Date, Date)) -> Result<Vec<Slip>, DbError> {
    let sql = format!(
        "{} where s.stage = $2 and s.due >= $1 and s.due <= $3 and s.phone is not null
            and (s.reminded_for is null or s.reminded_for <> s.due) order by s.due, s.id limit 500",
        slips()
    );
    tx.all(&sql, args![today, SlipStage::Open, until], |row| read(&row))
}

/// Notes that a phone was told of the day.
///
/// # Errors
/// The storage's.
pub fn reminded(tx: &mut Tx<'_>, slip: Uuid, of: Date) -> Result<(), DbError> {
    let sql = "update slip set reminded_for = $2 where id = $1";
    tx.execute(sql, args![slip, of])?;
    Ok(())
}

/// Puts a message to a slip's phone into the outbox.
///
/// # Errors
/// The storage's.
pub fn post(
    tx: &mut Tx<'_>,
    id: Uuid,
    slip: Uuid,
    text: &str,
    at: OffsetDateTime,
) -> Result<(), DbError> {
    tx.execute(
        "insert into slip_message (id, slip_id, text, at, due_at, tries) values ($1, $2, $3, $4, $4, 0)",
        args![id, slip, text, at],
    )?;
    Ok(())
}

/// A message of the outbox.
#[derive(Clone, Debug)]
pub struct Due {
    /// Its id.
    pub id: Uuid,
    /// To which phone; none any more when it was forgotten.
    pub phone: Option<String>,
    /// What it says.
    pub text: String,
    /// Since when it waits.
    pub at: OffsetDateTime,
    /// Tries before this one.
    pub tries: i64,
}

/// Whether a message is due.
///
/// # Errors
/// The storage's.
pub fn is_due(tx: &Tx<'_>, now: OffsetDateTime) -> Result<bool, DbError> {
    let sql = "select 1 from slip_message where due_at <= $1 limit 1";
    Ok(tx.one(sql, args![now], |row| row.get::<i64>(0))?.is_some())
}

/// Takes messages that are due, so that no other node does until then.
///
/// # Errors
/// The storage's.
pub fn take(
    tx: &mut Tx<'_>,
    now: OffsetDateTime,
    until: OffsetDateTime,
) -> Result<Vec<Due>, DbError> {
    let due = tx.all(
        "select o.id, s.phone, o.text, o.at, o.tries from slip_message o join slip s on s.id = o.slip_id
          where o.due_at <= $1 order by o.due_at, o.id limit 20",
        args![now],
        |row| {
            Ok(Due {
                id: row.get(0)?,
                phone: row.get(1)?,
                text: row.get(2)?,
                at: row.get(3)?,
                tries: row.get(4)?,
            })
        },
    )?;
    let mut taken = Vec::new();
    for one in due {
        let ours = tx.execute(
            "update slip_message set due_at = $2, tries = tries + 1 where id = $1 and tries = $3",
            args![one.id, until, one.tries],
        )?;
        if ours == 1 {
            taken.push(one);
        }
    }
    Ok(taken)
}

/// Puts a message off.
///
/// # Errors
/// The storage's.
pub fn postpone(tx: &mut Tx<'_>, id: Uuid, until: OffsetDateTime) -> Result<(), DbError> {
    let sql = "update slip_message set due_at = $2 where id = $1";
    tx.execute(sql, args![id, until])?;
    Ok(())
}

/// Ends a message: it went out, or it is given up.
///
/// # Errors
/// The storage's.
pub fn close(tx: &mut Tx<'_>, id: Uuid) -> Result<(), DbError> {
    tx.execute("delete from slip_message where id = $1", args![id])?;
    Ok(())
}

/// Forgets phones that are needed no more; of how many slips.
///
/// # Errors
/// The storage's.
pub fn forget(tx: &mut Tx<'_>, today: Date) -> Result<usize, DbError> {
    let before = today - CONTACT_KEPT;
    tx.execute(
        "update slip set phone = null where phone is not null
            and (stage = $1 or due < $2 or done_on < $2)",
        args![SlipStage::Cancelled, before],
    )
}

/// Results in people's hands at a point, by when they came: when, when they had it, and codes
/// of procedures. From tickets that were followed to the end, and from slips whose
/// ticket was not; of several slips of one ticket each is a result of its own.
///
/// # Errors
/// The storage's.
pub fn results(
    tx: &Tx<'_>,
    point: PointId,
    (from, to): (Date, Date),
) -> Result<Vec<(OffsetDateTime, OffsetDateTime, Vec<String>)>, DbError> {
    let mut found = tx.all(
        "select arrived_at, returned_at, errands from ticket
          where point_id = $1 and day between $2 and $3 and returned_at is not null",
        args![point, from, to],
        |row| {
            let errands: Vec<Errand> = row.json(2)?;
            let codes = errands
                .into_iter()
                .map(|one| one.procedure.unwrap_or_default());
            Ok((row.get(0)?, row.get(1)?, codes.collect()))
        },
    )?;
    found.extend(tx.all(
        "select coalesce(t.arrived_at, a.at), z.at, s.procedures from slip s
           join slip_change a on a.slip_id = s.id and a.act = $4
           join slip_change z on z.slip_id = s.id and z.act = $5
           left join ticket t on t.id = s.ticket_id
          where s.point_id = $1 and s.made_on between $2 and $3 and t.returned_at is null",
        args![point, from, to, SlipAct::Make, SlipAct::HandOver],
        |row| Ok((row.get(0)?, row.get(1)?, row.json(2)?)),
    )?);
    Ok(found)
}
