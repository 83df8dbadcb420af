//! The only SQL about members, sessions and invitations.

use super::Role;
use crate::args;
use crate::features::places;
use crate::platform::db::{DbError, Tx, Value};
use crate::platform::problem::AppResult;
use domain::ids::{DeviceId, MemberId, PlaceId, TeamId};
use time::{Date, Duration, OffsetDateTime};

/// How long a session lasts without being used. Phones stay signed in over a
/// campaign; disabling a member ends it at once.
pub const SESSION_IDLE: Duration = Duration::days(120);

/// How long failed sign-ins are remembered after the last.
pub const FAILURES_LAST: Duration = Duration::DAY;

/// Roles, each with the path of the place it is held on.
pub type Held = Vec<(Role, String)>;

/// Who a session belongs to and each role of theirs with the path of its place; `None`
/// when it is not good any more.
///
/// # Errors
/// The storage's.
pub fn session_member(
    tx: &Tx<'_>,
    token_hash: &[u8; 32],
    now: OffsetDateTime,
) -> AppResult<Option<(MemberId, Held)>> {
    let mut found = None;
    tx.each(
        "select s.member_id, g.role, p.path from session s join member m on m.id = s.member_id and m.active
           join member_grant g on g.member_id = s.member_id join place p on p.id = g.place_id
          where s.token_hash = $1 and s.expires_at > $2",
        args![&token_hash[..], now],
        |row| {
            let (_, held) = found.get_or_insert((row.get::<MemberId>(0)?, Vec::new()));
            held.extend(Role::parse(&row.get::<String>(1)?).zip(Some(row.get(2)?)));
            Ok::<(), DbError>(())
        },
    )?;
    Ok(found)
}

/// A member as signed in.
#[derive(Debug)]
pub struct Member {
    /// Id.
    pub id: MemberId,
    /// Login name, of those who may sign in.
    pub login: Option<String>,
    /// Full name, family name first.
    pub name: String,
    /// PHC string, likewise.
    pub password_hash: Option<String>,
    /// Whether they may sign in.
    pub active: bool,
}

const MEMBER: &str = "select id, login, name, password_hash, active from member";

fn member(row: &crate::platform::db::Row<'_, '_>) -> Result<Member, DbError> {
    Ok(Member {
        id: row.get(0)?,
        login: row.get(1)?,
        name: row.get(2)?,
        password_hash: row.get(3)?,
        active: row.get(4)?,
    })
}

/// By login name, as stored (folded).
///
/// # Errors
/// The storage's.
pub fn by_login(tx: &Tx<'_>, login: &str) -> Result<Option<Member>, DbError> {
    tx.one(&format!("{MEMBER} where login = $1"), args![login], |row| {
        member(&row)
    })
}

/// By id.
///
/// # Errors
/// The storage's.
pub fn by_id(tx: &Tx<'_>, id: MemberId) -> Result<Option<Member>, DbError> {
    tx.one(&format!("{MEMBER} where id = $1"), args![id], |row| {
        member(&row)
    })
}

/// Roles of `least` or above that `by` holds over a place where a person is at home or
/// holds a role.
///
/// # Errors
/// The storage's.
pub fn roles_over(
    tx: &Tx<'_>,
    by: MemberId,
    least: Role,
    id: MemberId,
) -> Result<Vec<Role>, DbError> {
    let sql = format!(
        "select g.role from member_grant g join place s on s.id = g.place_id
          where g.member_id = $2 and g.role in ({}) and (
            exists (select 1 from member m join place p on p.id = m.place_id
                     where m.id = $1 and substr(p.path, 1, length(s.path)) = s.path)
            or exists (select 1 from member_grant o join place p on p.id = o.place_id
                        where o.member_id = $1 and substr(p.path, 1, length(s.path)) = s.path))",
        least.and_above()
    );
    read_roles(tx, &sql, args![id, by])
}

/// All roles of a member.
///
/// # Errors
/// The storage's.
pub fn roles(tx: &Tx<'_>, id: MemberId) -> Result<Vec<Role>, DbError> {
    let sql = "select role from member_grant where member_id = $1";
    read_roles(tx, sql, args![id])
}

fn read_roles(tx: &Tx<'_>, sql: &str, args: &[Value<'_>]) -> Result<Vec<Role>, DbError> {
    let words = tx.all(sql, args, |row| row.get::<String>(0))?;
    Ok(words.iter().filter_map(|word| Role::parse(word)).collect())
}

/// A role on a place.
#[derive(Debug)]
pub struct Grant {
    /// Which role.
    pub role: Role,
    /// On which place and below.
    pub place: places::store::Place,
    /// In which team.
    pub team: Option<(TeamId, String)>,
}

/// A member's grants, highest first.
///
/// # Errors
/// The storage's.
pub fn grants(tx: &Tx<'_>, id: MemberId, on: Date) -> Result<Vec<Grant>, DbError> {
    let rows = tx.all(
        "select g.role, g.place_id, t.id, t.name from member_grant g left join team t on t.id = g.team_id where g.member_id = $1",
        args![id],
        |row| Ok((row.get::<String>(0)?, row.get::<PlaceId>(1)?, row.get::<Option<TeamId>>(2)?, row.get::<Option<String>>(3)?)),
    )?;
    let mut grants = Vec::new();
    for (role, place, team, team_name) in rows {
        let (Some(role), Some(place)) = (Role::parse(&role), places::store::find(tx, &place, on)?)
        else {
            continue;
        };
        grants.push(Grant {
            role,
            place,
            team: team.zip(team_name),
        });
    }
    grants.sort_by(|a, b| {
        b.role
            .cmp(&a.role)
            .then_with(|| a.place.path.cmp(&b.place.path))
    });
    Ok(grants)
}

/// Opens a session.
///
/// # Errors
/// The storage's.
pub fn open_session(
    tx: &mut Tx<'_>,
    token_hash: &[u8; 32],
    member: MemberId,
    device: DeviceId,
    now: OffsetDateTime,
) -> Result<(), DbError> {
    // One session a member and device: signing in again replaces it.
    tx.execute(
        "delete from session where member_id = $1 and device_id = $2",
        args![member, device],
    )?;
    tx.execute(
        "insert into session (token_hash, member_id, device_id, created_at, seen_at, expires_at) values ($1, $2, $3, $4, $4, $5)",
        args![&token_hash[..], member, device, now, now + SESSION_IDLE],
    )?;
    Ok(())
}

/// Moves a session's end on, at most once a day.
///
/// # Errors
/// The storage's.
pub fn touch_session(
    tx: &mut Tx<'_>,
    token_hash: &[u8; 32],
    now: OffsetDateTime,
) -> Result<(), DbError> {
    tx.execute(
        "update session set seen_at = $2, expires_at = $3 where token_hash = $1 and seen_at < $4",
        args![
            &token_hash[..],
            now,
            now + SESSION_IDLE,
            now - Duration::DAY
        ],
    )?;
    Ok(())
}

/// Failed sign-ins of a key and when the last one was.
///
/// # Errors
/// The storage's.
pub fn failures(tx: &Tx<'_>, key: &[u8]) -> Result<Option<(i64, OffsetDateTime)>, DbError> {
    tx.one(
        "select failures, last_at from login_attempt where key = $1",
        args![key],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Forgets sessions that have ended; how many.
///
/// # Errors
/// The storage's.
pub fn forget_sessions(tx: &mut Tx<'_>, now: OffsetDateTime) -> Result<usize, DbError> {
    tx.execute("delete from session where expires_at <= $1", args![now])
}

/// Forgets invitations that nobody took up; how many. For a month their links still say
/// that they have expired.
///
/// # Errors
/// The storage's.
pub fn forget_invitations(tx: &mut Tx<'_>, now: OffsetDateTime) -> Result<usize, DbError> {
    tx.execute(
        "delete from invitation where accepted_by is null and expires_at <= $1",
        args![now - Duration::days(30)],
    )
}

/// Forgets failed sign-ins of more than [`FAILURES_LAST`] ago; how many.
///
/// # Errors
/// The storage's.
pub fn forget_old_failures(tx: &mut Tx<'_>, now: OffsetDateTime) -> Result<usize, DbError> {
    tx.execute(
        "delete from login_attempt where last_at < $1",
        args![now - FAILURES_LAST],
    )
}
