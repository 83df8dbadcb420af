//! The only SQL about certificates.

use crate::args;
use crate::features::places::store::path_range;
use crate::platform::db::{DbError, Row, Tx};
use crate::platform::problem::{AppError, AppResult};
use domain::certificates::{Certificate, Code};
use domain::ids::{MemberId, PlaceId, TeamId};
use std::collections::BTreeSet;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

/// A certificate as it was issued, and what became of it.
#[derive(Clone, Debug)]
pub struct Issued {
    /// Id, made by whoever asked for it.
    pub id: Uuid,
    /// What it is found by.
    pub code: Code,
    /// Whose it is, if they are still known.
    pub member: MemberId,
    /// Where they were at home.
    pub place: PlaceId,
    /// What it says.
    pub certificate: Certificate,
    /// What follows from that.
    pub seal: String,
    /// Who issued it.
    pub by: MemberId,
    /// Since it is withdrawn.
    pub withdrawn: Option<Withdrawn>,
}

/// That it holds no more.
#[derive(Clone, Debug)]
pub struct Withdrawn {
    /// When.
    pub at: OffsetDateTime,
    /// Why.
    pub reason: String,
}

const COLUMNS: &str =
    "id, code, member_id, place_id, content, seal, by_id, withdrawn_at, reason from certificate";

fn read(row: &Row<'_, '_>) -> Result<Issued, DbError> {
    let bad = |column, why: String| DbError::BadData { column, why };
    let code = Code::parse(&row.get::<String>(1)?).ok_or_else(|| bad(1, "no code".to_owned()))?;
    let content: String = row.get(4)?;
    let certificate = serde_json::from_str(&content).map_err(|fault| bad(4, fault.to_string()))?;
    let (at, reason): (Option<OffsetDateTime>, Option<String>) = (row.get(7)?, row.get(8)?);
    Ok(Issued {
        id: row.get(0)?,
        code,
        member: row.get(2)?,
        place: row.get(3)?,
        certificate,
        seal: row.get(5)?,
        by: row.get(6)?,
        withdrawn: at.map(|at| Withdrawn {
            at,
            reason: reason.unwrap_or_default(),
        }),
    })
}

/// Keeps a certificate; one that was kept under its id stays as it is.
///
/// # Errors
/// The storage's.
pub fn insert(tx: &mut Tx<'_>, new: &Issued, at: OffsetDateTime) -> AppResult<()> {
    let content = serde_json::to_string(&new.certificate)
        .map_err(|fault| AppError::Internal(fault.to_string()))?;
    tx.execute(
        "insert into certificate (id, code, member_id, place_id, content, seal, issued_at, by_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (id) do nothing",
        args![
            new.id,
            new.code.as_str(),
            new.member,
            &new.place,
            &content,
            &new.seal,
            at,
            new.by
        ],
    )?;
    Ok(())
}

/// The certificate with this id.
///
/// # Errors
/// The storage's.
pub fn find(tx: &Tx<'_>, id: Uuid) -> Result<Option<Issued>, DbError> {
    let sql = format!("select {COLUMNS} where id = $1");
    tx.one(&sql, args![id], |row| read(&row))
}

/// The certificate with this code.
///
/// # Errors
/// The storage's.
pub fn by_code(tx: &Tx<'_>, code: &Code) -> Result<Option<Issued>, DbError> {
    let sql = format!("select {COLUMNS} where code = $1");
    tx.one(&sql, args![code.as_str()], |row| read(&row))
}

/// Certificates of a member, the latest first.
///
/// # Errors
/// The storage's.
pub fn of_member(tx: &Tx<'_>, member: MemberId) -> Result<Vec<Issued>, DbError> {
    let sql = format!("select {COLUMNS} where member_id = $1 order by issued_at desc, id");
    tx.all(&sql, args![member], |row| read(&row))
}

/// Withdraws a certificate; one that was withdrawn before stays so for the first reason.
///
/// # Errors
/// The storage's.
pub fn withdraw(
    tx: &mut Tx<'_>,
    id: Uuid,
    reason: &str,
    (by, at): (MemberId, OffsetDateTime),
) -> Result<(), DbError> {
    tx.execute(
        "update certificate set withdrawn_at = $2, withdrawn_by = $3, reason = $4 where id = $1 and withdrawn_at is null",
        args![id, at, by, reason],
    )?;
    Ok(())
}

/// How often a member helped somebody in a period, and for which teams: what they recorded
/// and nobody took back, a correction counting for whoever recorded the first.
///
/// # Errors
/// The storage's.
pub fn assists(
    tx: &Tx<'_>,
    member: MemberId,
    (first, last): (Date, Date),
) -> Result<(i64, BTreeSet<TeamId>), DbError> {
    let (mut count, mut teams) = (0, BTreeSet::new());
    for path in paths(tx, member)? {
        let (from, to) = path_range(&path);
        tx.each(
            "select f.team_id, count(*) from place p
               join fact f on f.place_id = p.id and f.day >= $4 and f.day <= $5
               left join fact r on r.id = f.root
              where p.path >= $2 and p.path < $3 and f.kind = 'assist.v1' and coalesce(r.actor_id, f.actor_id) = $1
                and not exists (select 1 from superseded s where s.fact_id = f.id)
              group by f.team_id",
            args![member, from, &to, first, last],
            |row| {
                teams.insert(row.get(0)?);
                count += row.get::<i64>(1)?;
                Ok::<(), DbError>(())
            },
        )?;
    }
    teams.remove(&TeamId::NONE);
    Ok((count, teams))
}

/// Where a member can have recorded anything: at home, where they hold a role, and where
/// their teams are; none of them inside another.
fn paths(tx: &Tx<'_>, member: MemberId) -> Result<Vec<String>, DbError> {
    let all: Vec<String> = tx.all(
        "select p.path from member m join place p on p.id = m.place_id where m.id = $1
         union select p.path from member_grant g join place p on p.id = g.place_id where g.member_id = $1
         union select p.path from team_member x join team t on t.id = x.team_id join place p on p.id = t.place_id
                where x.member_id = $1
         order by 1",
        args![member],
        |row| row.get(0),
    )?;
    let inside = |path: &String| {
        let mut others = all.iter();
        others.any(|other| other != path && path.starts_with(other))
    };
    Ok(all.iter().filter(|path| !inside(path)).cloned().collect())
}

/// Names of teams.
///
/// # Errors
/// The storage's.
pub fn team_names(tx: &Tx<'_>, teams: &BTreeSet<TeamId>) -> Result<Vec<String>, DbError> {
    let mut names = Vec::new();
    for team in teams {
        let name = tx.one("select name from team where id = $1", args![*team], |row| {
            row.get(0)
        })?;
        names.extend(name);
    }
    names.sort();
    Ok(names)
}

/// Looks whether every certificate still says what its seal was made from.
///
/// # Errors
/// The storage's, or when one cannot be read back.
pub fn verify(tx: &Tx<'_>, differences: &mut Vec<String>) -> AppResult<()> {
    let sql = format!("select {COLUMNS}");
    tx.each(&sql, args![], |row| {
        let found = read(&row)?;
        if found.certificate.seal(&found.code) != found.seal {
            differences.push(format!("certificate {}: not what was sealed", found.id));
        }
        Ok::<(), DbError>(())
    })?;
    Ok(())
}
