//! The only SQL about tasks, directives and the meetings of a team.

use crate::args;
use crate::features::members::Role;
use crate::features::places::store::path_range;
use crate::platform::db::{DbError, Row, Tx, json};
use domain::branch::{Ask, Giving, Receipt, Task, TaskSource};
use domain::ids::{ActivityId, DirectiveId, MemberId, PlaceId, TaskId, TeamId};
use domain::people::{Position, TeamKind};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

// Tasks -----------------------------------------------------------------------

const TASK: &str = "t.title, t.note, t.member_id, t.due_on, t.source, t.state, t.given_at, t.given_by, t.changed_at, t.changed_by";

/// Reads the columns of [`TASK`] from `first` on.
fn task(row: &Row<'_, '_>, first: usize) -> Result<Task, DbError> {
    let source: Option<TaskSource> = match row.get::<Option<String>>(first + 4)? {
        Some(_) => Some(row.json(first + 4)?),
        None => None,
    };
    Ok(Task {
        what: Giving {
            title: row.get(first)?,
            note: row.get(first + 1)?,
            member: row.get(first + 2)?,
            due_on: row.get(first + 3)?,
            source,
        },
        state: row.get(first + 5)?,
        given: (row.get(first + 6)?, row.get(first + 7)?),
        changed: (row.get(first + 8)?, row.get(first + 9)?),
    })
}

/// Whose a task is: its team, and its member unless it is the whole team's.
///
/// # Errors
/// The storage's.
pub fn task_owner(tx: &Tx<'_>, id: TaskId) -> Result<Option<(TeamId, Option<MemberId>)>, DbError> {
    let sql = "select team_id, member_id from task where id = $1";
    tx.one(sql, args![id], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Writes how a task stands.
///
/// # Errors
/// The storage's.
pub fn put_task(tx: &mut Tx<'_>, id: TaskId, team: TeamId, task: &Task) -> Result<(), DbError> {
    let rev = tx.next_rev()?;
    let source = task.what.source.as_ref().map(json);
    tx.execute(
        "insert into task (id, team_id, title, note, member_id, due_on, source, state, given_at, given_by, changed_at, changed_by, rev)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         on conflict (id) do update set title = excluded.title, note = excluded.note, member_id = excluded.member_id,
           due_on = excluded.due_on, source = excluded.source, state = excluded.state, given_at = excluded.given_at,
           given_by = excluded.given_by, changed_at = excluded.changed_at, changed_by = excluded.changed_by, rev = excluded.rev",
        args![
            id,
            team,
            &task.what.title,
            task.what.note.as_deref(),
            task.what.member,
            task.what.due_on,
            source.as_ref(),
            task.state,
            task.given.0,
            task.given.1,
            task.changed.0,
            task.changed.1,
            rev
        ],
    )?;
    Ok(())
}

/// Calls `each` for every task.
///
/// # Errors
/// The storage's.
pub fn each_task(tx: &Tx<'_>, mut each: impl FnMut(TaskId, Task)) -> Result<(), DbError> {
    let sql = format!("select t.id, {TASK} from task t");
    tx.each(&sql, args![], |row| {
        each(row.get(0)?, task(&row, 1)?);
        Ok(())
    })
}

/// A task with the names that go with it.
#[derive(Debug)]
pub struct TaskLine {
    /// Id.
    pub id: TaskId,
    /// Whose.
    pub team: TeamId,
    /// The task.
    pub task: Task,
    /// Its member's name.
    pub member: Option<String>,
    /// Who gave it.
    pub given_by: String,
    /// Whose the latest step was.
    pub changed_by: String,
}

/// Tasks of teams at home at or below `path` with a revision above `since`.
///
/// # Errors
/// The storage's.
pub fn tasks_below(tx: &Tx<'_>, path: &str, since: i64) -> Result<Vec<TaskLine>, DbError> {
    let (from, to) = path_range(path);
    let sql = format!(
        "select t.id, t.team_id, m.name, g.name, c.name, {TASK} from place p join team x on x.place_id = p.id
           join task t on t.team_id = x.id left join member m on m.id = t.member_id
           join member g on g.id = t.given_by join member c on c.id = t.changed_by
          where p.path >= $1 and p.path < $2 and t.rev > $3 order by t.given_at, t.id"
    );
    tx.all(&sql, args![from, &to, since], |row| {
        Ok(TaskLine {
            id: row.get(0)?,
            team: row.get(1)?,
            member: row.get(2)?,
            given_by: row.get(3)?,
            changed_by: row.get(4)?,
            task: task(&row, 5)?,
        })
    })
}

/// Tasks that are still open and due after a day.
///
/// # Errors
/// The storage's.
#[expect(clippy::type_complexity, reason = "read once, where it is asked")]
pub fn open_tasks_due(
    tx: &Tx<'_>,
    today: Date,
) -> Result<Vec<(TaskId, TeamId, Option<MemberId>, String, Date)>, DbError> {
    // No stretch of days off is longer than a month; the exact day is the domain's business.
    let last = today + time::Duration::days(31);
    tx.all(
        "select id, team_id, member_id, title, due_on from task
          where state in ('open', 'doing') and due_on >= $1 and due_on <= $2 order by due_on, id",
        args![today - time::Duration::days(31), last],
        |row| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
            ))
        },
    )
}

/// Who is to do a task and can sign in: its member, or everybody in the team.
///
/// # Errors
/// The storage's.
pub fn doers(
    tx: &Tx<'_>,
    team: TeamId,
    member: Option<MemberId>,
) -> Result<Vec<MemberId>, DbError> {
    match member {
        Some(member) => Ok(vec![member]),
        None => tx.all(
            "select distinct member_id from member_grant where team_id = $1 order by member_id",
            args![team],
            |row| row.get(0),
        ),
    }
}

// Teams -----------------------------------------------------------------------

/// Who leads a team and can sign in.
///
/// # Errors
/// The storage's.
pub fn leaders(tx: &Tx<'_>, team: TeamId) -> Result<Vec<MemberId>, DbError> {
    tx.all(
        "select g.member_id from member_grant g join member m on m.id = g.member_id
          where g.team_id = $1 and g.role = 'leader' and m.active order by g.member_id",
        args![team],
        |row| row.get(0),
    )
}

/// Who is in a team on a day, by the roll or by their role, each once: leaders first, each
/// by given name.
///
/// # Errors
/// The storage's.
pub fn people(
    tx: &Tx<'_>,
    team: TeamId,
    on: Date,
) -> Result<Vec<(MemberId, String, Position)>, DbError> {
    tx.all(
        "select m.id, m.name, coalesce((select min(case x.position when 'leader' then 0 when 'deputy' then 1 else 2 end)
                    from team_member x where x.member_id = m.id and x.team_id = $1 and x.since <= $2 and (x.until is null or x.until > $2)), 2) as rank
           from member m where m.active and (
             exists (select 1 from member_grant g where g.member_id = m.id and g.team_id = $1)
             or exists (select 1 from team_member x where x.member_id = m.id and x.team_id = $1
                         and x.since <= $2 and (x.until is null or x.until > $2)))
          order by rank, m.order_key, m.id",
        args![team, on],
        |row| {
            let position = match row.get::<i64>(2)? {
                0 => Position::Leader,
                1 => Position::Deputy,
                _ => Position::Member,
            };
            Ok((row.get(0)?, row.get(1)?, position))
        },
    )
}

/// Meetings of a team: activities of that kind that name it.
///
/// # Errors
/// The storage's.
pub fn meetings(tx: &Tx<'_>, team: TeamId) -> Result<Vec<ActivityId>, DbError> {
    tx.all(
        "select a.id from activity_team x join activity a on a.id = x.activity_id
          where x.team_id = $1 and a.kind = 'meeting' and a.cancelled_at is null order by a.starts_at desc, a.id",
        args![team],
        |row| row.get(0),
    )
}

/// Who came to an activity for a team on a day, and when first.
///
/// # Errors
/// The storage's.
pub fn came(
    tx: &Tx<'_>,
    activity: ActivityId,
    team: TeamId,
    day: Date,
) -> Result<Vec<(MemberId, OffsetDateTime)>, DbError> {
    tx.all(
        "select member_id, min(at) from attendance
          where activity_id = $1 and team_id = $2 and day = $3 and direction = 'in' group by member_id order by min(at)",
        args![activity, team, day],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

// Directives ------------------------------------------------------------------

/// A directive as it was sent.
#[derive(Clone, Debug)]
pub struct Directive {
    /// Id.
    pub id: DirectiveId,
    /// To teams at or below.
    pub place: PlaceId,
    /// Of this kind.
    pub team_kind: Option<TeamKind>,
    /// Title.
    pub title: String,
    /// What it says.
    pub text: String,
    /// Number and sign of the document.
    pub number: String,
    /// The document's day.
    pub issued_on: Option<Date>,
    /// Until when.
    pub due_on: Option<Date>,
    /// What is to be told.
    pub ask: Ask,
    /// When.
    pub sent_at: OffsetDateTime,
    /// By whom.
    pub sent_by: (MemberId, String),
    /// Taken back.
    pub withdrawn_at: Option<OffsetDateTime>,
}

const DIRECTIVE: &str = "d.id, d.place_id, d.team_kind, d.title, d.text, d.number, d.issued_on, d.due_on, d.asks_text, d.asks_number,
    d.sent_at, d.sent_by, s.name, d.withdrawn_at";
const DIRECTIVE_COLUMNS: usize = 14;

fn directive(row: &Row<'_, '_>) -> Result<Directive, DbError> {
    Ok(Directive {
        id: row.get(0)?,
        place: row.get(1)?,
        team_kind: row.get(2)?,
        title: row.get(3)?,
        text: row.get(4)?,
        number: row.get(5)?,
        issued_on: row.get(6)?,
        due_on: row.get(7)?,
        ask: Ask {
            text: row.get(8)?,
            number: row.get(9)?,
        },
        sent_at: row.get(10)?,
        sent_by: (row.get(11)?, row.get(12)?),
        withdrawn_at: row.get(13)?,
    })
}

/// The directive with this id.
///
/// # Errors
/// The storage's.
pub fn find(tx: &Tx<'_>, id: DirectiveId) -> Result<Option<Directive>, DbError> {
    let sql = format!(
        "select {DIRECTIVE} from directive d join member s on s.id = d.sent_by where d.id = $1"
    );
    tx.one(&sql, args![id], |row| directive(&row))
}

/// What a directive asks of a team, and whether it was taken back; `None` where it never
/// went.
///
/// # Errors
/// The storage's.
pub fn asked_of(
    tx: &Tx<'_>,
    id: DirectiveId,
    team: TeamId,
) -> Result<Option<(Ask, bool)>, DbError> {
    tx.one(
        "select d.asks_text, d.asks_number, d.withdrawn_at is not null from directive_team r join directive d on d.id = r.directive_id
          where r.directive_id = $1 and r.team_id = $2",
        args![id, team],
        |row| {
            let ask = Ask {
                text: row.get(0)?,
                number: row.get(1)?,
            };
            Ok((ask, row.get(2)?))
        },
    )
}

/// Sends a directive to all teams there are below its place; who they are. Nothing is
/// written where there is none.
///
/// # Errors
/// The storage's.
pub fn send(
    tx: &mut Tx<'_>,
    directive: &Directive,
    path: &str,
    today: Date,
) -> Result<Vec<TeamId>, DbError> {
    let (from, to) = path_range(path);
    let kind = directive.team_kind.map(TeamKind::as_str);
    let teams: Vec<TeamId> = tx.all(
        "select t.id from place p join team t on t.place_id = p.id
          where p.path >= $1 and p.path < $2 and (t.kind = $3 or $3 is null) and (t.dissolved_on is null or t.dissolved_on > $4)
          order by p.path, t.fold, t.id",
        args![from, &to, kind, today],
        |row| row.get(0),
    )?;
    if teams.is_empty() {
        return Ok(teams);
    }
    tx.execute(
        "insert into directive (id, place_id, team_kind, title, text, number, issued_on, due_on, asks_text, asks_number, sent_at, sent_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        args![
            directive.id,
            &directive.place,
            directive.team_kind,
            &directive.title,
            &directive.text,
            &directive.number,
            directive.issued_on,
            directive.due_on,
            directive.ask.text,
            &directive.ask.number,
            directive.sent_at,
            directive.sent_by.0
        ],
    )?;
    let rev = tx.next_rev()?;
    for team in &teams {
        tx.execute(
            "insert into directive_team (directive_id, team_id, rev) values ($1, $2, $3)",
            args![directive.id, *team, rev],
        )?;
    }
    Ok(teams)
}

/// Takes a directive back; again changes nothing.
///
/// # Errors
/// The storage's.
pub fn withdraw(tx: &mut Tx<'_>, id: DirectiveId, now: OffsetDateTime) -> Result<(), DbError> {
    let sql = "update directive set withdrawn_at = $2 where id = $1 and withdrawn_at is null";
    if tx.execute(sql, args![id, now])? == 1 {
        let rev = tx.next_rev()?;
        let sql = "update directive_team set rev = $2 where directive_id = $1";
        tx.execute(sql, args![id, rev])?;
    }
    Ok(())
}

const RECEIPT: &str = "r.read_at, r.read_by, r.reported_at, r.reported_by, r.text, r.number";

fn receipt(row: &Row<'_, '_>, first: usize) -> Result<Receipt, DbError> {
    let at_by = |column: usize| -> Result<Option<(OffsetDateTime, MemberId)>, DbError> {
        let at: Option<OffsetDateTime> = row.get(column)?;
        Ok(at.zip(row.get(column + 1)?))
    };
    Ok(Receipt {
        read: at_by(first)?,
        reported: at_by(first + 2)?,
        text: row.get(first + 4)?,
        number: row.get(first + 5)?,
    })
}

/// Writes what came of a directive in a team.
///
/// # Errors
/// The storage's.
pub fn put_receipt(
    tx: &mut Tx<'_>,
    id: DirectiveId,
    team: TeamId,
    receipt: &Receipt,
) -> Result<(), DbError> {
    let rev = tx.next_rev()?;
    tx.execute(
        "update directive_team set read_at = $3, read_by = $4, reported_at = $5, reported_by = $6, text = $7, number = $8, rev = $9
          where directive_id = $1 and team_id = $2",
        args![
            id,
            team,
            receipt.read.map(|(at, _)| at),
            receipt.read.map(|(_, by)| by),
            receipt.reported.map(|(at, _)| at),
            receipt.reported.map(|(_, by)| by),
            receipt.text.as_deref(),
            receipt.number,
            rev
        ],
    )?;
    Ok(())
}

/// Calls `each` for what came of every directive in every team.
///
/// # Errors
/// The storage's.
pub fn each_receipt(
    tx: &Tx<'_>,
    mut each: impl FnMut((DirectiveId, TeamId), Receipt),
) -> Result<(), DbError> {
    let sql = format!("select r.directive_id, r.team_id, {RECEIPT} from directive_team r");
    tx.each(&sql, args![], |row| {
        each((row.get(0)?, row.get(1)?), receipt(&row, 2)?);
        Ok(())
    })
}

/// What came of a directive in a team, with the names that go with it.
#[derive(Debug)]
pub struct ReceiptLine {
    /// Which team.
    pub team: TeamId,
    /// Its name.
    pub name: String,
    /// Its place.
    pub place: PlaceId,
    /// That place's path.
    pub path: String,
    /// When its leaders were last reminded.
    pub reminded_at: Option<OffsetDateTime>,
    /// What came of it.
    pub receipt: Receipt,
    /// Who has read it.
    pub read_by: Option<String>,
    /// Who reported.
    pub reported_by: Option<String>,
    /// Whether anybody leads the team who can sign in.
    pub led: bool,
}

const LINE: &str = "r.team_id, t.name, t.place_id, p.path, r.reminded_at, a.name, b.name,
    exists (select 1 from member_grant g where g.team_id = t.id and g.role = 'leader')";
const LINE_FROM: &str =
    "directive_team r join team t on t.id = r.team_id join place p on p.id = t.place_id
    left join member a on a.id = r.read_by left join member b on b.id = r.reported_by";

fn line(row: &Row<'_, '_>, first: usize) -> Result<ReceiptLine, DbError> {
    Ok(ReceiptLine {
        team: row.get(first)?,
        name: row.get(first + 1)?,
        place: row.get(first + 2)?,
        path: row.get(first + 3)?,
        reminded_at: row.get(first + 4)?,
        read_by: row.get(first + 5)?,
        reported_by: row.get(first + 6)?,
        led: row.get(first + 7)?,
        receipt: receipt(row, first + 8)?,
    })
}

/// What came of a directive in the teams that lie in a member's scope as an officer.
///
/// # Errors
/// The storage's.
pub fn receipts(
    tx: &Tx<'_>,
    id: DirectiveId,
    officer: MemberId,
) -> Result<Vec<ReceiptLine>, DbError> {
    let sql = format!(
        "select {LINE}, {RECEIPT} from {LINE_FROM}
          where r.directive_id = $1 and exists (
            select 1 from member_grant g join place s on s.id = g.place_id
             where g.member_id = $2 and g.role in ({}) and substr(p.path, 1, length(s.path)) = s.path)
          order by p.path, t.fold, t.id",
        Role::CommuneOfficer.and_above()
    );
    tx.all(&sql, args![id, officer], |row| line(&row, 0))
}

/// Directives with what came of them in teams at home at or below `path`, with a revision
/// above `since`.
///
/// # Errors
/// The storage's.
pub fn below(
    tx: &Tx<'_>,
    path: &str,
    since: i64,
) -> Result<Vec<(Directive, ReceiptLine)>, DbError> {
    let (from, to) = path_range(path);
    let sql = format!(
        "select {DIRECTIVE}, {LINE}, {RECEIPT} from {LINE_FROM} join directive d on d.id = r.directive_id join member s on s.id = d.sent_by
          where p.path >= $1 and p.path < $2 and r.rev > $3 order by d.sent_at, d.id, t.fold"
    );
    tx.all(&sql, args![from, &to, since], |row| {
        Ok((directive(&row)?, line(&row, DIRECTIVE_COLUMNS)?))
    })
}

/// How far a directive has come among some teams.
#[derive(Debug)]
pub struct Count {
    /// The directive.
    pub directive: Directive,
    /// How many teams.
    pub teams: i64,
    /// Have read it.
    pub read: i64,
    /// Have reported.
    pub reported: i64,
}

/// Directives that reached teams at home at or below `path`, the latest first, at most so
/// many.
///
/// # Errors
/// The storage's.
pub fn counts(tx: &Tx<'_>, path: &str, limit: i64) -> Result<Vec<Count>, DbError> {
    let (from, to) = path_range(path);
    let sql = format!(
        "select {DIRECTIVE}, x.teams, x.read, x.reported from directive d join member s on s.id = d.sent_by
           join (select r.directive_id, count(*) as teams, count(r.read_at) as read, count(r.reported_at) as reported
                   from place p join team t on t.place_id = p.id join directive_team r on r.team_id = t.id
                  where p.path >= $1 and p.path < $2 group by r.directive_id) x on x.directive_id = d.id
          order by d.sent_at desc, d.id limit $3"
    );
    tx.all(&sql, args![from, &to, limit], |row| {
        Ok(Count {
            directive: directive(&row)?,
            teams: row.get(DIRECTIVE_COLUMNS)?,
            read: row.get(DIRECTIVE_COLUMNS + 1)?,
            reported: row.get(DIRECTIVE_COLUMNS + 2)?,
        })
    })
}

/// Notes that a team was reminded.
///
/// # Errors
/// The storage's.
pub fn remind(
    tx: &mut Tx<'_>,
    id: DirectiveId,
    team: TeamId,
    now: OffsetDateTime,
) -> Result<(), DbError> {
    let sql = "update directive_team set reminded_at = $3 where directive_id = $1 and team_id = $2";
    tx.execute(sql, args![id, team, now])?;
    Ok(())
}

/// An office in between that passed a directive on.
#[derive(Clone, Debug)]
pub struct Passing {
    /// Id.
    pub id: Uuid,
    /// Which directive.
    pub directive: DirectiveId,
    /// For teams at or below.
    pub place: PlaceId,
    /// That place's path.
    pub path: String,
    /// In its own words.
    pub text: String,
    /// Until when there.
    pub due_on: Option<Date>,
    /// When.
    pub at: OffsetDateTime,
    /// By whom.
    pub by: (MemberId, String),
}

/// Who passed a directive on, in order.
///
/// # Errors
/// The storage's.
pub fn passings(tx: &Tx<'_>, id: DirectiveId) -> Result<Vec<Passing>, DbError> {
    tx.all(
        "select x.id, x.directive_id, x.place_id, p.path, x.text, x.due_on, x.at, x.by_id, m.name
           from directive_passing x join place p on p.id = x.place_id join member m on m.id = x.by_id
          where x.directive_id = $1 order by x.at, x.id",
        args![id],
        |row| {
            Ok(Passing {
                id: row.get(0)?,
                directive: row.get(1)?,
                place: row.get(2)?,
                path: row.get(3)?,
                text: row.get(4)?,
                due_on: row.get(5)?,
                at: row.get(6)?,
                by: (row.get(7)?, row.get(8)?),
            })
        },
    )
}

/// Passes a directive on; the teams it reaches there, none when it was passed on before
/// under this id.
///
/// # Errors
/// The storage's.
pub fn pass(tx: &mut Tx<'_>, passing: &Passing) -> Result<Vec<TeamId>, DbError> {
    let new = tx.execute(
        "insert into directive_passing (id, directive_id, place_id, text, due_on, at, by_id) values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (id) do nothing",
        args![
            passing.id,
            passing.directive,
            &passing.place,
            &passing.text,
            passing.due_on,
            passing.at,
            passing.by.0
        ],
    )?;
    if new == 0 {
        return Ok(Vec::new());
    }
    let rev = tx.next_rev()?;
    let teams = teams_reached(tx, passing.directive, &passing.path)?;
    for team in &teams {
        let sql = "update directive_team set rev = $3 where directive_id = $1 and team_id = $2";
        tx.execute(sql, args![passing.directive, *team, rev])?;
    }
    Ok(teams)
}

/// Teams at home at or below `path` that a directive reached.
///
/// # Errors
/// The storage's.
pub fn teams_reached(tx: &Tx<'_>, id: DirectiveId, path: &str) -> Result<Vec<TeamId>, DbError> {
    let (from, to) = path_range(path);
    tx.all(
        "select r.team_id from directive_team r join team t on t.id = r.team_id join place p on p.id = t.place_id
          where r.directive_id = $1 and p.path >= $2 and p.path < $3 order by r.team_id",
        args![id, from, &to],
        |row| row.get(0),
    )
}
