//! What is told of people beside their names: the only SQL that reads it.

use crate::args;
use crate::platform::db::{DbError, Tx, Value};
use domain::ids::{MemberId, PlaceId};
use domain::people::{Office, Origin, Position, TeamKind};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

/// A person as stored.
#[derive(Debug)]
pub struct Person {
    /// Login name of those who may sign in.
    pub login: Option<String>,
    /// Full name.
    pub name: String,
    /// Whether they take part.
    pub active: bool,
    /// Where they are at home.
    pub place: PlaceId,
    /// Who sends them.
    pub origin: Origin,
    /// Which school, enterprise or office that is.
    pub organisation: String,
    /// E.164.
    pub phone: Option<String>,
    /// Year of birth.
    pub birth_year: Option<i64>,
    /// Their mentor, by name.
    pub mentor: Option<(Uuid, String)>,
}

/// A person of the register.
///
/// # Errors
/// The storage's.
pub fn person(tx: &Tx<'_>, id: MemberId) -> Result<Option<Person>, DbError> {
    tx.one(
        "select m.login, m.name, m.active, m.place_id, m.origin, m.organisation, m.phone, m.birth_year, t.id, t.name
           from member m left join member t on t.id = m.mentor_id where m.id = $1",
        args![id],
        |row| {
            Ok(Person {
                login: row.get(0)?,
                name: row.get(1)?,
                active: row.get(2)?,
                place: row.get(3)?,
                origin: row.get(4)?,
                organisation: row.get(5)?,
                phone: row.get(6)?,
                birth_year: row.get(7)?,
                mentor: row.get::<Option<Uuid>>(8)?.zip(row.get(9)?),
            })
        },
    )
}

/// A time in a team.
#[derive(Debug)]
pub struct Membership {
    /// Whose.
    pub member: Uuid,
    /// Of which team.
    pub team: (Uuid, String),
    /// Its kind.
    pub kind: TeamKind,
    /// As what.
    pub position: Position,
    /// First day.
    pub since: Date,
    /// First day no longer.
    pub until: Option<Date>,
}

/// Times in teams of these people, the latest first.
///
/// # Errors
/// The storage's.
pub fn memberships(tx: &Tx<'_>, people: &[Uuid]) -> Result<Vec<Membership>, DbError> {
    let mut found = Vec::new();
    tx.each_of(
        "select x.member_id, t.id, t.name, t.kind, x.position, x.since, x.until
           from {keys} join team_member x on x.member_id = k.key join team t on t.id = x.team_id
          order by x.since desc, t.fold",
        &keys(people),
        |row| {
            found.push(Membership {
                member: row.get(0)?,
                team: (row.get(1)?, row.get(2)?),
                kind: row.get(3)?,
                position: row.get(4)?,
                since: row.get(5)?,
                until: row.get(6)?,
            });
            Ok::<(), DbError>(())
        },
    )?;
    Ok(found)
}

/// A term of office.
#[derive(Debug)]
pub struct Term {
    /// Id.
    pub id: Uuid,
    /// Whose.
    pub member: Uuid,
    /// Which office.
    pub office: Office,
    /// Where.
    pub place: PlaceId,
    /// First day.
    pub since: Date,
    /// First day no longer.
    pub until: Option<Date>,
    /// By which decision.
    pub decision_no: String,
}

/// Terms of office of these people, the latest first.
///
/// # Errors
/// The storage's.
pub fn terms(tx: &Tx<'_>, people: &[Uuid]) -> Result<Vec<Term>, DbError> {
    let mut found = Vec::new();
    tx.each_of(
        "select o.id, o.member_id, o.office, o.place_id, o.since, o.until, o.decision_no
           from {keys} join office_term o on o.member_id = k.key order by o.since desc, o.id",
        &keys(people),
        |row| {
            found.push(Term {
                id: row.get(0)?,
                member: row.get(1)?,
                office: row.get(2)?,
                place: row.get(3)?,
                since: row.get(4)?,
                until: row.get(5)?,
                decision_no: row.get(6)?,
            });
            Ok::<(), DbError>(())
        },
    )?;
    Ok(found)
}

/// Skills of a person: code, level, first day, first day no longer.
///
/// # Errors
/// The storage's.
#[expect(clippy::type_complexity, reason = "one row, read once")]
pub fn skills(
    tx: &Tx<'_>,
    id: MemberId,
) -> Result<Vec<(String, i64, Date, Option<Date>)>, DbError> {
    tx.all(
        "select skill, level, since, until from member_skill where member_id = $1 order by skill",
        args![id],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
    )
}

/// What a person has ticked in the readiness list, and when.
///
/// # Errors
/// The storage's.
pub fn readiness(tx: &Tx<'_>, id: MemberId) -> Result<Vec<(String, OffsetDateTime)>, DbError> {
    tx.all(
        "select item, done_at from readiness where member_id = $1 order by item",
        args![id],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

fn keys(people: &[Uuid]) -> Vec<Value<'static>> {
    people.iter().map(|id| Value::Uuid(*id)).collect()
}
