//! The only SQL about ratings and the corrective actions that low ones open.

use crate::args;
use crate::features::members::Role;
use crate::features::places::store::{NAMED, path_range};
use crate::platform::db::{DbError, Row, Tx, json};
use domain::ids::{ActionId, MemberId, PlaceId, PointId, RatingId, TicketId};
use domain::ratings::{
    ActionAct, ActionStage, ActionStanding, Answers, CommentState, RatingScale, RatingSource,
    RatingStep, RatingTopic,
};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

/// A person's id and name.
pub type Named = (MemberId, String);

/// A point, as far as ratings need it.
#[derive(Clone, Debug)]
pub struct Point {
    /// Which.
    pub id: PointId,
    /// Its name.
    pub name: String,
    /// Where it is.
    pub place: PlaceId,
    /// The name of its place with the kind.
    pub place_name: String,
    /// The path of its place.
    pub path: String,
    /// How it asks.
    pub asks: Option<Asks>,
}

/// How a point asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asks {
    /// What its poster leads to.
    pub code: String,
    /// Which answers it offers.
    pub scale: RatingScale,
    /// Working days within which a corrective action is due.
    pub due_working_days: u32,
}

const POINT: &str = "q.id, q.name, p.id, n.full_name, p.path, r.code, r.scale, r.due_working_days";
const JOINED: &str =
    "join service_point q on q.place_id = p.id left join rating_point r on r.point_id = q.id";

fn read_point(row: &Row<'_, '_>) -> Result<Point, DbError> {
    let asks = match row.get::<Option<String>>(5)? {
        Some(code) => Some(Asks {
            code,
            scale: row.get(6)?,
            due_working_days: row.get(7)?,
        }),
        None => None,
    };
    Ok(Point {
        id: row.get(0)?,
        name: row.get(1)?,
        place: row.get(2)?,
        place_name: row.get(3)?,
        path: row.get(4)?,
        asks,
    })
}

/// The point with this id.
///
/// # Errors
/// The storage's.
pub fn point(tx: &Tx<'_>, id: PointId, on: Date) -> Result<Option<Point>, DbError> {
    let sql = format!("select {POINT} from {NAMED} {JOINED} where q.id = $2");
    tx.one(&sql, args![on, id], |row| read_point(&row))
}

/// The point whose poster has this code.
///
/// # Errors
/// The storage's.
pub fn point_by_code(tx: &Tx<'_>, code: &str, on: Date) -> Result<Option<Point>, DbError> {
    let sql = format!("select {POINT} from {NAMED} {JOINED} where r.code = $2");
    tx.one(&sql, args![on, code], |row| read_point(&row))
}

/// Says how a point asks, anew or over what it said; the code it has it keeps.
///
/// # Errors
/// The storage's.
pub fn put_asks(tx: &mut Tx<'_>, point: PointId, asks: &Asks) -> Result<(), DbError> {
    tx.execute(
        "insert into rating_point (point_id, code, scale, due_working_days) values ($1, $2, $3, $4)
         on conflict (point_id) do update set scale = excluded.scale, due_working_days = excluded.due_working_days",
        args![point, &asks.code, asks.scale, asks.due_working_days],
    )?;
    Ok(())
}

/// A rating as its taps leave it.
#[derive(Clone, Debug)]
pub struct Rating {
    /// Which.
    pub id: RatingId,
    /// Of which point.
    pub point: PointId,
    /// Which ticket, if there was one.
    pub ticket: Option<TicketId>,
    /// What keeps a browser from rating a point twice a day.
    pub visitor: Option<Vec<u8>>,
    /// Where it comes from.
    pub source: RatingSource,
    /// At which counter.
    pub counter: Option<String>,
    /// Codes of what the resident came for.
    pub procedures: Vec<String>,
    /// When the first tap came.
    pub at: OffsetDateTime,
    /// What it says.
    pub answers: Answers,
    /// In words.
    pub comment: Option<String>,
}

const RATING: &str = "r.id, r.point_id, r.ticket_id, r.visitor, r.source, r.counter, r.procedures, r.at, r.answers, r.comment";

fn read_rating(row: &Row<'_, '_>) -> Result<Rating, DbError> {
    Ok(Rating {
        id: row.get(0)?,
        point: row.get(1)?,
        ticket: row.get(2)?,
        visitor: row.get(3)?,
        source: row.get(4)?,
        counter: row.get(5)?,
        procedures: row.json(6)?,
        at: row.get(7)?,
        answers: row.json(8)?,
        comment: row.get(9)?,
    })
}

/// The rating of a ticket.
///
/// # Errors
/// The storage's.
pub fn of_ticket(tx: &Tx<'_>, ticket: TicketId) -> Result<Option<Rating>, DbError> {
    let sql = format!("select {RATING} from rating r where r.ticket_id = $1");
    tx.one(&sql, args![ticket], |row| read_rating(&row))
}

/// The rating of a browser, of one point on one day.
///
/// # Errors
/// The storage's.
pub fn of_visitor(tx: &Tx<'_>, visitor: &[u8]) -> Result<Option<Rating>, DbError> {
    let sql = format!("select {RATING} from rating r where r.visitor = $1");
    tx.one(&sql, args![visitor], |row| read_rating(&row))
}

/// The rating with this id.
///
/// # Errors
/// The storage's.
pub fn find(tx: &Tx<'_>, id: RatingId) -> Result<Option<Rating>, DbError> {
    let sql = format!("select {RATING} from rating r where r.id = $1");
    tx.one(&sql, args![id], |row| read_rating(&row))
}

/// Keeps a new rating, without answers yet.
///
/// # Errors
/// The storage's.
pub fn add(tx: &mut Tx<'_>, new: &Rating, day: Date) -> Result<(), DbError> {
    tx.execute(
        "insert into rating (id, point_id, ticket_id, visitor, source, counter, procedures, at, day, answers)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        args![
            new.id,
            new.point,
            new.ticket,
            new.visitor.as_deref(),
            new.source,
            new.counter.as_ref(),
            &json(&new.procedures),
            new.at,
            day,
            &json(&new.answers)
        ],
    )?;
    Ok(())
}

/// A tap: what is asked, and the answer.
#[derive(Clone, Copy, Debug)]
pub struct Tap {
    /// Minted in the page.
    pub id: Uuid,
    /// What is asked.
    pub topic: RatingTopic,
    /// The answer.
    pub step: RatingStep,
}

/// Keeps a tap; whether it is new.
///
/// # Errors
/// The storage's.
pub fn add_tap(
    tx: &mut Tx<'_>,
    rating: RatingId,
    tap: Tap,
    at: OffsetDateTime,
) -> Result<bool, DbError> {
    let added = tx.execute(
        "insert into rating_tap (tap_id, rating_id, topic, step, at) values ($1, $2, $3, $4, $5)
         on conflict (tap_id, topic, step) do nothing",
        args![tap.id, rating, tap.topic, tap.step, at],
    )?;
    Ok(added == 1)
}

/// Whether a tap arrived before, whatever it was about.
///
/// # Errors
/// The storage's.
pub fn is_known(tx: &Tx<'_>, tap: Tap) -> Result<bool, DbError> {
    let found = tx.one(
        "select 1 from rating_tap where tap_id = $1 and topic = $2 and step = $3",
        args![tap.id, tap.topic, tap.step],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// Writes what a rating says after its taps.
///
/// # Errors
/// The storage's.
pub fn put_answers(tx: &mut Tx<'_>, id: RatingId, answers: &Answers) -> Result<(), DbError> {
    tx.execute(
        "update rating set answers = $2 where id = $1",
        args![id, &json(answers)],
    )?;
    Ok(())
}

/// Writes a comment, which nobody has looked at then; `None` takes it back.
///
/// # Errors
/// The storage's.
pub fn put_comment(tx: &mut Tx<'_>, id: RatingId, said: Option<&String>) -> Result<(), DbError> {
    let state = said.map(|_| CommentState::Waiting);
    tx.execute(
        "update rating set comment = $2, comment_state = $3, comment_at = null, comment_by = null where id = $1",
        args![id, said, state],
    )?;
    Ok(())
}

/// Says who may read a comment.
///
/// # Errors
/// The storage's.
pub fn moderate(
    tx: &mut Tx<'_>,
    id: RatingId,
    state: CommentState,
    (by, at): (MemberId, OffsetDateTime),
) -> Result<(), DbError> {
    tx.execute(
        "update rating set comment_state = $2, comment_by = $3, comment_at = $4 where id = $1 and comment is not null",
        args![id, state, by, at],
    )?;
    Ok(())
}

/// Which ratings.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Of points at or below this path.
    pub path: String,
    /// First and last day.
    pub days: (Date, Date),
    /// Of this point.
    pub point: Option<PointId>,
    /// At this counter.
    pub counter: Option<String>,
    /// About this procedure.
    pub procedure: Option<String>,
}

/// A rating with where it was made.
#[derive(Debug)]
pub struct Line {
    /// What it says.
    pub rating: Rating,
    /// Name of the point.
    pub point_name: String,
    /// Path of the point's place.
    pub path: String,
    /// Who may read its comment.
    pub comment_state: Option<CommentState>,
}

/// Columns of [`read_line`] after those of [`read_rating`].
const WHERE_MADE: &str = "q.name, p.path, r.comment_state";

fn read_line(row: &Row<'_, '_>) -> Result<Line, DbError> {
    Ok(Line {
        rating: read_rating(row)?,
        point_name: row.get(10)?,
        path: row.get(11)?,
        comment_state: row.get(12)?,
    })
}

/// Calls `each` for ratings, in the order in which they were made.
///
/// # Errors
/// The storage's.
pub fn each(tx: &Tx<'_>, asked: &Asked, mut each: impl FnMut(Line)) -> Result<(), DbError> {
    let (from, to) = path_range(&asked.path);
    let sql = format!(
        "select {RATING}, {WHERE_MADE} from place p join service_point q on q.place_id = p.id join rating r on r.point_id = q.id
          where p.path >= $1 and p.path < $2 and r.day >= $3 and r.day <= $4
            and (r.point_id = $5 or $5 is null) and (r.counter = $6 or $6 is null) order by r.at, r.id"
    );
    let args = args![
        from,
        &to,
        asked.days.0,
        asked.days.1,
        asked.point,
        asked.counter.as_ref()
    ];
    tx.each(&sql, args, |row| {
        let line = read_line(&row)?;
        let about = |code: &String| line.rating.procedures.contains(code);
        if asked.procedure.as_ref().is_none_or(about) {
            each(line);
        }
        Ok::<(), DbError>(())
    })
}

/// A corrective action.
#[derive(Clone, Debug)]
pub struct Action {
    /// Which.
    pub id: ActionId,
    /// At which point.
    pub point: (PointId, String),
    /// The point's place: its id, its name with the kind, its path.
    pub place: (PlaceId, String, String),
    /// What the low answers are about.
    pub topic: RatingTopic,
    /// When the first came.
    pub opened_on: Date,
    /// Until when it is to be closed.
    pub due_on: Date,
    /// How it stands.
    pub stands: ActionStanding,
    /// Name of its owner.
    pub owner_name: Option<String>,
    /// Ratings with a low answer that belong to it.
    pub low: u32,
}

const ACTION: &str = "a.id, q.id, q.name, p.id, n.full_name, p.path, a.topic, a.opened_on, a.due_on, a.stage, a.owner_id, m.name,
    (select count(*) from rating_low l where l.action_id = a.id)";
const OF_ACTION: &str =
    "join service_point q on q.place_id = p.id join rating_action a on a.point_id = q.id
    left join member m on m.id = a.owner_id";

fn read_action(row: &Row<'_, '_>) -> Result<Action, DbError> {
    Ok(Action {
        id: row.get(0)?,
        point: (row.get(1)?, row.get(2)?),
        place: (row.get(3)?, row.get(4)?, row.get(5)?),
        topic: row.get(6)?,
        opened_on: row.get(7)?,
        due_on: row.get(8)?,
        stands: ActionStanding {
            stage: row.get(9)?,
            owner: row.get(10)?,
        },
        owner_name: row.get(11)?,
        low: row.get(12)?,
    })
}

/// The action with this id.
///
/// # Errors
/// The storage's.
pub fn action(tx: &Tx<'_>, id: ActionId, on: Date) -> Result<Option<Action>, DbError> {
    let sql = format!("select {ACTION} from {NAMED} {OF_ACTION} where a.id = $2");
    tx.one(&sql, args![on, id], |row| read_action(&row))
}

/// The action that collects low answers of a point about something now.
///
/// # Errors
/// The storage's.
pub fn open_action(
    tx: &Tx<'_>,
    point: PointId,
    topic: RatingTopic,
) -> Result<Option<ActionId>, DbError> {
    tx.one(
        "select id from rating_action where point_id = $1 and topic = $2 and stage in ('opened', 'cause_found', 'done')",
        args![point, topic],
        |row| row.get(0),
    )
}

/// Actions of points at or below a path: those that are open, the first due first, then at most `closed_max` others, the
/// last due first.
///
/// # Errors
/// The storage's.
pub fn actions(tx: &Tx<'_>, path: &str, closed_max: i64, on: Date) -> Result<Vec<Action>, DbError> {
    let (from, to) = path_range(path);
    let open = "a.stage in ('opened', 'cause_found', 'done')";
    let sql = format!(
        "select {ACTION} from {NAMED} {OF_ACTION} where p.path >= $2 and p.path < $3 and {open} order by a.due_on, a.id"
    );
    let mut found = tx.all(&sql, args![on, from, &to], |row| read_action(&row))?;
    let sql = format!(
        "select {ACTION} from {NAMED} {OF_ACTION} where p.path >= $2 and p.path < $3 and not {open}
          order by a.due_on desc, a.id limit $4"
    );
    found.extend(tx.all(&sql, args![on, from, &to, closed_max], |row| {
        read_action(&row)
    })?);
    Ok(found)
}

/// Open actions that were due before a day.
///
/// # Errors
/// The storage's.
pub fn late(tx: &Tx<'_>, today: Date) -> Result<Vec<Action>, DbError> {
    let sql = format!(
        "select {ACTION} from {NAMED} {OF_ACTION}
          where a.due_on < $1 and a.stage in ('opened', 'cause_found', 'done') order by a.due_on, a.id"
    );
    tx.all(&sql, args![today], |row| read_action(&row))
}

/// Something that was done about an action.
#[derive(Clone, Debug)]
pub struct Done {
    /// Minted by who does it.
    pub id: Uuid,
    /// About which.
    pub action: ActionId,
    /// What.
    pub act: ActionAct,
    /// Whom it is opened for or given to.
    pub owner: Option<MemberId>,
    /// In words.
    pub note: String,
    /// When.
    pub at: OffsetDateTime,
    /// By whom; nobody, when a rating did it.
    pub by: Option<MemberId>,
}

/// The same with the names of who did it and of whom it was given to.
pub type NamedDone = (Done, Option<String>, Option<String>);

/// Opens an action, before the act that does it is written.
///
/// # Errors
/// The storage's.
pub fn add_action(
    tx: &mut Tx<'_>,
    id: ActionId,
    (point, topic): (PointId, RatingTopic),
    (opened_on, due_on): (Date, Date),
) -> Result<(), DbError> {
    tx.execute(
        "insert into rating_action (id, point_id, topic, opened_on, due_on, stage) values ($1, $2, $3, $4, $5, $6)",
        args![id, point, topic, opened_on, due_on, ActionStage::Opened],
    )?;
    Ok(())
}

/// Writes what was done, and how the action stands then.
///
/// # Errors
/// The storage's.
pub fn write(tx: &mut Tx<'_>, done: &Done, stands: ActionStanding) -> Result<(), DbError> {
    tx.execute(
        "insert into rating_action_act (act_id, action_id, act, owner_id, note, at, by_id) values ($1, $2, $3, $4, $5, $6, $7)",
        args![
            done.id,
            done.action,
            done.act,
            done.owner,
            &done.note,
            done.at,
            done.by
        ],
    )?;
    tx.execute(
        "update rating_action set stage = $2, owner_id = $3 where id = $1",
        args![done.action, stands.stage, stands.owner],
    )?;
    Ok(())
}

/// About which action something was done under an id, if it was.
///
/// # Errors
/// The storage's.
pub fn done_before(tx: &Tx<'_>, act: Uuid) -> Result<Option<ActionId>, DbError> {
    let sql = "select action_id from rating_action_act where act_id = $1";
    tx.one(sql, args![act], |row| row.get(0))
}

/// What was done about an action, in order.
///
/// # Errors
/// The storage's.
pub fn history(tx: &Tx<'_>, id: ActionId) -> Result<Vec<NamedDone>, DbError> {
    tx.all(
        "select h.act_id, h.action_id, h.act, h.owner_id, h.note, h.at, h.by_id, b.name, o.name
           from rating_action_act h left join member b on b.id = h.by_id left join member o on o.id = h.owner_id
          where h.action_id = $1 order by h.id",
        args![id],
        |row| Ok((read_done(&row)?, row.get(7)?, row.get(8)?)),
    )
}

fn read_done(row: &Row<'_, '_>) -> Result<Done, DbError> {
    Ok(Done {
        id: row.get(0)?,
        action: row.get(1)?,
        act: row.get(2)?,
        owner: row.get(3)?,
        note: row.get(4)?,
        at: row.get(5)?,
        by: row.get(6)?,
    })
}

/// Calls `each` for everything that was ever done about actions, in order.
///
/// # Errors
/// The storage's.
pub fn each_done(tx: &Tx<'_>, mut each: impl FnMut(Done)) -> Result<(), DbError> {
    tx.each(
        "select act_id, action_id, act, owner_id, note, at, by_id from rating_action_act order by id",
        args![],
        |row| {
            each(read_done(&row)?);
            Ok::<(), DbError>(())
        },
    )
}

/// To which action a low answer belongs.
///
/// # Errors
/// The storage's.
pub fn action_of(
    tx: &Tx<'_>,
    rating: RatingId,
    topic: RatingTopic,
) -> Result<Option<ActionId>, DbError> {
    let sql = "select action_id from rating_low where rating_id = $1 and topic = $2";
    tx.one(sql, args![rating, topic], |row| row.get(0))
}

/// Gives a low answer to an action.
///
/// # Errors
/// The storage's.
pub fn link(
    tx: &mut Tx<'_>,
    (rating, topic): (RatingId, RatingTopic),
    action: ActionId,
) -> Result<(), DbError> {
    tx.execute(
        "insert into rating_low (rating_id, topic, action_id) values ($1, $2, $3)",
        args![rating, topic, action],
    )?;
    Ok(())
}

/// Takes an answer that is low no more from its action.
///
/// # Errors
/// The storage's.
pub fn unlink(tx: &mut Tx<'_>, rating: RatingId, topic: RatingTopic) -> Result<(), DbError> {
    tx.execute(
        "delete from rating_low where rating_id = $1 and topic = $2",
        args![rating, topic],
    )?;
    Ok(())
}

/// Ratings with a comment that belong to an action, the newest first.
///
/// # Errors
/// The storage's.
pub fn of_action(tx: &Tx<'_>, action: ActionId) -> Result<Vec<Line>, DbError> {
    let sql = format!(
        "select {RATING}, {WHERE_MADE} from rating_low l join rating r on r.id = l.rating_id
           join service_point q on q.id = r.point_id join place p on p.id = q.place_id
          where l.action_id = $1 and r.comment is not null order by r.at desc, r.id desc"
    );
    tx.all(&sql, args![action], |row| read_line(&row))
}

/// Who may own an action at a path: its commune officers, the nearest first, of these whoever
/// has fewest open ones.
///
/// # Errors
/// The storage's.
pub fn owners(tx: &Tx<'_>, path: &str) -> Result<Vec<Named>, DbError> {
    tx.all(
        "select m.id, m.name, max(length(s.path)) as near,
                (select count(*) from rating_action a where a.owner_id = m.id and a.stage in ('opened', 'cause_found', 'done')) as busy
           from member_grant g join place s on s.id = g.place_id join member m on m.id = g.member_id
          where g.role = $2 and m.active and substr($1, 1, length(s.path)) = s.path
          group by m.id, m.name order by near desc, busy, m.id",
        args![path, Role::CommuneOfficer.as_str()],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Officers of the places above a path's own: they are told what is late below them.
///
/// # Errors
/// The storage's.
pub fn above(tx: &Tx<'_>, path: &str) -> Result<Vec<MemberId>, DbError> {
    let sql = format!(
        "select distinct m.id from member_grant g join place s on s.id = g.place_id join member m on m.id = g.member_id
          where g.role in ({}) and m.active and s.path <> $1 and s.level <> 'nation'
            and substr($1, 1, length(s.path)) = s.path order by m.id",
        Role::CommuneOfficer.and_above()
    );
    tx.all(&sql, args![path], |row| row.get(0))
}

/// Paths of the places whose points are a member's own to look after: where they are commune
/// officer.
///
/// # Errors
/// The storage's.
pub fn own_paths(tx: &Tx<'_>, member: MemberId) -> Result<Vec<String>, DbError> {
    tx.all(
        "select s.path from member_grant g join place s on s.id = g.place_id where g.member_id = $1 and g.role = $2",
        args![member, Role::CommuneOfficer.as_str()],
        |row| row.get(0),
    )
}
