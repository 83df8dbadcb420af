//! What changes members.

use super::{Role, store};
use crate::args;
use crate::features::notifications::{Notice, notify};
use crate::features::places;
use crate::platform::clock::Clock;
use crate::platform::db::{Insert, Tx};
use crate::platform::problem::{AppError, AppResult};
use domain::days::day_of;
use domain::ids::{MemberId, PlaceId, TeamId};
use domain::notifications::NoticeKind;
use domain::people::{Origin, Position};
use domain::refusal::Refusal;
use serde_json::Map;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use time::{Date, Duration, OffsetDateTime};
use vn::phone::Phone;

/// Failures after which a login name has to wait.
const LOGIN_FAILURES_FREE: i64 = 5;
/// Failures after which an address has to wait: many people share one behind a
/// mobile carrier, but one who tries a password on every name shows here.
const ADDRESS_FAILURES_FREE: i64 = 50;
/// Longest wait.
const WAIT_MAX: Duration = Duration::minutes(15);
/// How long an invitation holds.
pub const INVITATION_LASTS: Duration = Duration::days(7);

/// A person to take into the register.
#[derive(Debug)]
pub struct NewPerson<'a> {
    /// Fresh id.
    pub id: MemberId,
    /// Full name.
    pub name: &'a str,
    /// Where they are at home.
    pub place: &'a PlaceId,
    /// Who sends them.
    pub origin: Origin,
    /// Which school, enterprise or office that is; may be empty.
    pub organisation: &'a str,
    /// Phone number.
    pub phone: Option<&'a Phone>,
    /// Year of birth.
    pub birth_year: Option<i64>,
    /// Now.
    pub now: OffsetDateTime,
}

/// A member to make, who may sign in at once.
#[derive(Debug)]
pub struct NewMember<'a> {
    /// Fresh id.
    pub id: MemberId,
    /// Wanted login name.
    pub login: &'a str,
    /// Full name.
    pub name: &'a str,
    /// PHC string.
    pub password_hash: &'a str,
    /// First role.
    pub role: Role,
    /// On this place.
    pub place: &'a PlaceId,
    /// In this team.
    pub team: Option<TeamId>,
    /// Now.
    pub now: OffsetDateTime,
}

/// A login name as stored: folded, without spaces, 3 to 40 characters.
///
/// # Errors
/// `request.validation`.
pub fn login_name(raw: &str) -> AppResult<String> {
    let login = vn::text::fold(raw).replace(' ', "");
    let fits = (3..=40).contains(&login.len());
    let plain = login
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'+' | b'@'));
    if fits && plain {
        Ok(login)
    } else {
        Err(Refusal::new("request.validation")
            .with("field", "login")
            .into())
    }
}

/// A person's name as stored.
///
/// # Errors
/// `request.validation`.
pub fn person_name(raw: &str) -> AppResult<String> {
    let name = vn::text::normalise(raw);
    if (1..=80).contains(&name.chars().count()) {
        Ok(name)
    } else {
        Err(Refusal::new("request.validation")
            .with("field", "name")
            .into())
    }
}

/// Takes a person into the register; they cannot sign in yet.
///
/// # Errors
/// `request.validation`, or the storage's.
pub fn enrol(tx: &mut Tx<'_>, new: &NewPerson<'_>) -> AppResult<()> {
    insert(tx, new, None)
}

/// Makes a member with a first role, in a team if one is named.
///
/// # Errors
/// `auth.login_taken`, `request.validation`, or the storage's.
pub fn create(tx: &mut Tx<'_>, new: &NewMember<'_>) -> AppResult<()> {
    let login = login_name(new.login)?;
    let person = NewPerson {
        id: new.id,
        name: new.name,
        place: new.place,
        origin: Origin::Doan,
        organisation: "",
        phone: None,
        birth_year: None,
        now: new.now,
    };
    insert(tx, &person, Some((&login, new.password_hash)))?;
    grant(tx, new)?;
    if let Some(team) = new.team {
        let position = position_of(new.role);
        // Their first team: the row takes their id.
        tx.execute(
            "insert into team_member (id, team_id, member_id, position, since) values ($1, $2, $1, $3, $4)",
            args![new.id, team, position, day_of(new.now)],
        )?;
    }
    Ok(())
}

fn insert(tx: &mut Tx<'_>, new: &NewPerson<'_>, account: Option<(&str, &str)>) -> AppResult<()> {
    let name = person_name(new.name)?;
    let (login, password_hash) = account.unzip();
    let phone = new.phone.map(Phone::e164);
    let rev = tx.next_rev()?;
    let made = tx.execute(
        "insert into member (id, login, name, fold, order_key, password_hash, place_id, origin, organisation, phone, birth_year, active, created_at, rev)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) on conflict (login) do nothing",
        args![
            new.id,
            login,
            &name,
            &vn::text::fold(&name),
            &vn::text::person_order_key(&name)[..],
            password_hash,
            new.place,
            new.origin,
            &vn::text::normalise(new.organisation),
            phone.as_deref(),
            new.birth_year,
            true,
            new.now,
            rev
        ],
    )?;
    if made == 0 {
        return Err(AppError::problem("auth.login_taken"));
    }
    index_words(tx, new.id)
}

/// Notes anew what a person is found by.
///
/// # Errors
/// The storage's.
pub fn index_words(tx: &mut Tx<'_>, id: MemberId) -> AppResult<()> {
    tx.execute("delete from member_word where member_id = $1", args![id])?;
    let words = tx.one(
        "select fold, login, phone from member where id = $1",
        args![id],
        |row| {
            let (fold, login) = (row.get::<String>(0)?, row.get::<Option<String>>(1)?);
            let phone = row.get::<Option<String>>(2)?;
            Ok(words_of(&fold, login.as_deref(), phone.as_deref()))
        },
    )?;
    let words = words.unwrap_or_default();
    let rows: Vec<_> = words.iter().map(|word| args![word, id].to_vec()).collect();
    Ok(tx.insert(&WORDS, &rows)?)
}

/// What people are found by.
pub const WORDS: Insert = Insert {
    into: "member_word",
    columns: &[("word", "{text}"), ("member_id", "{uuid}")],
    then: "",
};

/// What a person is found by, each once: words of the folded name, the login, the digits
/// of the phone number from the last to the first.
pub fn words_of(fold: &str, login: Option<&str>, phone: Option<&str>) -> BTreeSet<String> {
    let digits = phone.map(|phone| phone.chars().rev().filter(char::is_ascii_digit).collect());
    let words = fold.split(' ').chain(login).map(str::to_owned);
    words.chain(digits).collect()
}

/// What failed sign-ins are counted under: a digest, so that no name or address is kept.
#[derive(Clone, Copy, Debug)]
pub struct Attempt {
    key: [u8; 32],
    free: i64,
}

impl Attempt {
    /// By login name.
    pub fn login(login: &str) -> Self {
        Self {
            key: Sha256::digest(format!("login:{login}")).into(),
            free: LOGIN_FAILURES_FREE,
        }
    }

    /// By network address.
    pub fn address(address: std::net::IpAddr) -> Self {
        Self {
            key: Sha256::digest(format!("address:{address}")).into(),
            free: ADDRESS_FAILURES_FREE,
        }
    }
}

/// Refuses while an attempt has to wait: after the free failures a minute, doubled by
/// each further one, at most a quarter of an hour.
///
/// # Errors
/// `auth.locked` with `retry_after_s`.
pub fn need_unlocked(tx: &mut Tx<'_>, attempt: Attempt, now: OffsetDateTime) -> AppResult<()> {
    // Many tries at once take turns.
    let turn = attempt.key.first_chunk().copied();
    tx.hold(turn.as_slice())?;
    let Some((failures, last_at)) = store::failures(tx, &attempt.key)? else {
        return Ok(());
    };
    let over = failures - attempt.free;
    if over < 0 {
        return Ok(());
    }
    let wait = (Duration::MINUTE * (1_i32 << over.min(4))).min(WAIT_MAX);
    let left = last_at + wait - now;
    if left <= Duration::ZERO {
        return Ok(());
    }
    Err(Refusal::new("auth.locked")
        .with("retry_after_s", left.whole_seconds().max(1))
        .into())
}

/// Forgets the failures of a login name that has now signed in.
///
/// # Errors
/// The storage's.
pub fn forget_failures(tx: &mut Tx<'_>, attempt: Attempt) -> AppResult<()> {
    tx.execute(
        "delete from login_attempt where key = $1",
        args![&attempt.key[..]],
    )?;
    Ok(())
}

/// Remembers a failure; a day's quiet forgets those before it.
///
/// # Errors
/// The storage's.
pub fn count_failure(tx: &mut Tx<'_>, attempt: Attempt, now: OffsetDateTime) -> AppResult<()> {
    tx.execute(
        "insert into login_attempt (key, failures, last_at) values ($1, 1, $2)
         on conflict (key) do update set last_at = excluded.last_at,
           failures = case when login_attempt.last_at < $3 then 1 else login_attempt.failures + 1 end",
        args![&attempt.key[..], now, now - store::FAILURES_LAST],
    )?;
    Ok(())
}

/// An invitation to make.
#[derive(Debug)]
pub struct NewInvitation {
    /// Hash of the token in the link.
    pub token_hash: [u8; 32],
    /// Who invites.
    pub by: MemberId,
    /// The invited person's name.
    pub name: String,
    /// Their role.
    pub role: Role,
    /// On this place.
    pub place: PlaceId,
    /// In this team.
    pub team: Option<TeamId>,
    /// Who this is, when they are in the register already.
    pub member: Option<MemberId>,
    /// Now.
    pub now: OffsetDateTime,
}

/// Makes an invitation. People invite below their own role, inside their own place.
///
/// # Errors
/// `not_found`, `auth.forbidden`, `fact.team_unknown`, `member.has_account`, or the storage's.
pub fn invite(tx: &mut Tx<'_>, new: &NewInvitation, today: Date) -> AppResult<()> {
    let least = match new.role {
        Role::Volunteer => Role::Leader,
        Role::Leader => Role::CommuneOfficer,
        Role::CommuneOfficer => Role::ProvinceOfficer,
        Role::ProvinceOfficer | Role::Admin => Role::Admin,
    };
    places::store::need_in_sight(tx, new.by, &new.place, today)?;
    let Some(place) = places::store::find_in_scope(tx, new.by, least, &new.place, today)? else {
        return Err(AppError::problem("auth.forbidden"));
    };
    if let Some(team) = new.team {
        let home: Option<PlaceId> = tx.one(
            "select place_id from team where id = $1",
            args![team],
            |row| row.get(0),
        )?;
        if home.as_ref() != Some(&place.id) {
            return Err(Refusal::new("fact.team_unknown")
                .with("team", team.to_string())
                .into());
        }
    }
    let name = match new.member {
        Some(member) => without_account(tx, new.by, member)?,
        None => person_name(&new.name)?,
    };
    tx.execute(
        "insert into invitation (token_hash, name, member_id, role, place_id, team_id, invited_by, created_at, expires_at, accepted_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, null)",
        args![&new.token_hash[..], &name, new.member, new.role.as_str(), &new.place, new.team, new.by, new.now, new.now + INVITATION_LASTS],
    )?;
    Ok(())
}

/// The name of a person who cannot sign in yet.
fn without_account(tx: &Tx<'_>, by: MemberId, id: MemberId) -> AppResult<String> {
    need_over(tx, by, Role::Leader, id)?;
    match store::by_id(tx, id)? {
        Some(person) if person.login.is_none() => Ok(person.name),
        Some(_) => Err(AppError::problem("member.has_account")),
        None => Err(AppError::not_found()),
    }
}

/// An invitation that can still be accepted.
#[derive(Debug)]
pub struct Open {
    /// The invited person's name.
    pub name: String,
    /// Who this is, when they are in the register already.
    pub member: Option<MemberId>,
    /// Their role.
    pub role: Role,
    /// On this place.
    pub place: PlaceId,
    /// In this team.
    pub team: Option<(TeamId, String)>,
    /// Until when.
    pub expires_at: OffsetDateTime,
}

/// The open invitation of a token.
///
/// # Errors
/// `not_found`, `auth.invitation_used`, `auth.invitation_expired`, or the storage's.
pub fn open_invitation(tx: &Tx<'_>, token_hash: &[u8; 32], now: OffsetDateTime) -> AppResult<Open> {
    let row = tx.one(
        "select i.name, i.role, i.place_id, t.id, t.name, i.expires_at, i.accepted_by, i.member_id
           from invitation i left join team t on t.id = i.team_id where i.token_hash = $1",
        args![&token_hash[..]],
        |row| {
            let team = row
                .get::<Option<TeamId>>(3)?
                .zip(row.get::<Option<String>>(4)?);
            let used = row.get::<Option<MemberId>>(6)?.is_some();
            Ok((
                row.get::<String>(0)?,
                row.get::<String>(1)?,
                row.get::<PlaceId>(2)?,
                team,
                row.get::<OffsetDateTime>(5)?,
                used,
                row.get::<Option<MemberId>>(7)?,
            ))
        },
    )?;
    let (name, role, place, team, expires_at, used, member) =
        row.ok_or_else(AppError::not_found)?;
    if used {
        return Err(AppError::problem("auth.invitation_used"));
    }
    if expires_at <= now {
        return Err(AppError::problem("auth.invitation_expired"));
    }
    let role = Role::parse(&role)
        .ok_or_else(|| AppError::Internal("unknown role in invitation".to_owned()))?;
    Ok(Open {
        name,
        member,
        role,
        place,
        team,
        expires_at,
    })
}

/// Turns an invitation into a member, or gives the person it is for their account;
/// who that is now.
///
/// # Errors
/// As [`open_invitation`] and [`create`].
pub fn accept(
    tx: &mut Tx<'_>,
    token_hash: &[u8; 32],
    new_id: MemberId,
    login: &str,
    password_hash: &str,
    clock: &Clock,
) -> AppResult<MemberId> {
    let now = clock.now();
    let open = open_invitation(tx, token_hash, now)?;
    let id = open.member.unwrap_or(new_id);
    let member = NewMember {
        id,
        login,
        name: &open.name,
        password_hash,
        role: open.role,
        place: &open.place,
        team: open.team.map(|(team, _)| team),
        now,
    };
    if open.member.is_some() {
        give_account(tx, &member, new_id)?;
    } else {
        create(tx, &member)?;
    }
    tx.execute(
        "update invitation set accepted_by = $2 where token_hash = $1",
        args![&token_hash[..], id],
    )?;
    let by = tx.one(
        "select invited_by from invitation where token_hash = $1",
        args![&token_hash[..]],
        |row| row.get(0),
    )?;
    if let Some(to) = by {
        let notice = Notice {
            to,
            kind: NoticeKind::InvitationAccepted,
            about: &id.to_string(),
            facts: &Map::from_iter([("name".to_owned(), open.name.into())]),
            link: "/thanh-vien",
        };
        notify(tx, clock, &notice)?;
    }
    Ok(id)
}

/// Gives a person of the register their login and their first role; `row` names their
/// membership, should there be one to make.
fn give_account(tx: &mut Tx<'_>, new: &NewMember<'_>, row: MemberId) -> AppResult<()> {
    let login = login_name(new.login)?;
    if store::by_login(tx, &login)?.is_some() {
        return Err(AppError::problem("auth.login_taken"));
    }
    let rev = tx.next_rev()?;
    let given = tx.execute(
        "update member set login = $2, password_hash = $3, active = $4, rev = $5 where id = $1 and login is null",
        args![new.id, &login, new.password_hash, true, rev],
    )?;
    if given == 0 {
        return Err(AppError::problem("auth.invitation_used"));
    }
    index_words(tx, new.id)?;
    grant(tx, new)?;
    if let Some(team) = new.team {
        tx.execute(
            "insert into team_member (id, team_id, member_id, position, since) select $1, $2, $3, $4, $5
              where not exists (select 1 from team_member where team_id = $2 and member_id = $3 and until is null)",
            args![row, team, new.id, position_of(new.role), day_of(new.now)],
        )?;
    }
    Ok(())
}

fn grant(tx: &mut Tx<'_>, new: &NewMember<'_>) -> AppResult<()> {
    tx.execute(
        "insert into member_grant (member_id, role, place_id, team_id, granted_at) values ($1, $2, $3, $4, $5)
         on conflict (member_id, role, place_id) do nothing",
        args![new.id, new.role.as_str(), new.place, new.team, new.now],
    )?;
    Ok(())
}

fn position_of(role: Role) -> Position {
    match role {
        Role::Volunteer => Position::Member,
        _ => Position::Leader,
    }
}

/// What somebody may do about a person: their own highest role over the place where the
/// person is at home or holds a role, if that is `least` or above. Nobody changes a
/// person of a higher role than their own.
///
/// # Errors
/// `not_found` when out of scope, `auth.forbidden`, or the storage's.
pub fn need_over(tx: &Tx<'_>, by: MemberId, least: Role, id: MemberId) -> AppResult<Role> {
    let own = store::roles_over(tx, by, least, id)?;
    let own = own.into_iter().max().ok_or_else(AppError::not_found)?;
    let theirs = store::roles(tx, id)?.into_iter().max();
    if theirs > Some(own) {
        return Err(AppError::problem("auth.forbidden"));
    }
    Ok(own)
}

/// Lets a member sign in, or stops them and ends their sessions. Nobody does this to
/// a member of a higher role than their own.
///
/// # Errors
/// `not_found` when out of scope, `auth.forbidden`, `member.last_admin`, or the storage's.
pub fn set_active(tx: &mut Tx<'_>, by: MemberId, id: MemberId, active: bool) -> AppResult<()> {
    need_over(tx, by, Role::CommuneOfficer, id)?;
    let theirs = store::roles(tx, id)?.into_iter().max();
    if theirs == Some(Role::Admin) && !active {
        let others = tx.one(
            "select count(*) from member m join member_grant g on g.member_id = m.id and g.role = 'admin' where m.active and m.id <> $1",
            args![id],
            |row| row.get::<i64>(0),
        )?;
        if others == Some(0) {
            return Err(AppError::problem("member.last_admin"));
        }
    }
    let rev = tx.next_rev()?;
    tx.execute(
        "update member set active = $2, rev = $3 where id = $1",
        args![id, active, rev],
    )?;
    if !active {
        tx.execute("delete from session where member_id = $1", args![id])?;
    }
    Ok(())
}
