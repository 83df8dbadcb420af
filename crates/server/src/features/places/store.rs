//! The only SQL about places.

use crate::args;
use crate::features::members::Role;
use crate::platform::db::{DbError, Row, Tx};
use crate::platform::problem::{AppError, AppResult};
use domain::ids::{MemberId, PlaceId};
use time::Date;

/// A place as it was called on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its id.
    pub id: PlaceId,
    /// Official code.
    pub code: String,
    /// `nation`, `province`, `district`, `commune` or `hamlet`.
    pub level: String,
    /// Kind of unit on that day.
    pub kind: String,
    /// Name without the kind.
    pub name: String,
    /// Name with the kind.
    pub full_name: String,
    /// Ids from the root, each followed by `/`.
    pub path: String,
    /// First day in force.
    pub valid_from: Option<Date>,
    /// First day no longer in force.
    pub valid_to: Option<Date>,
}

impl Place {
    /// Whether it is in force on `day`.
    pub fn in_force(&self, day: Date) -> bool {
        in_force((self.valid_from, self.valid_to), day)
    }
}

/// Whether a day lies between the first and the first no longer, as far as there are any.
pub fn in_force((from, to): (Option<Date>, Option<Date>), day: Date) -> bool {
    from.is_none_or(|from| from <= day) && to.is_none_or(|to| day < to)
}

/// Columns of [`read`], from `place p` joined with `place_name n`.
pub const COLUMNS: &str =
    "p.id, p.code, p.level, n.kind, n.name, n.full_name, p.path, p.valid_from, p.valid_to";

/// Picks the name in force on day `$1`; the last one for a place no longer in force.
pub const NAMED: &str = "place p join place_name n on n.place_id = p.id and n.position = coalesce(
    (select max(x.position) from place_name x where x.place_id = p.id and (x.valid_from is null or x.valid_from <= $1)), 0)";

/// Reads [`COLUMNS`].
///
/// # Errors
/// When a column is not what it should be.
pub fn read(row: &Row<'_, '_>) -> Result<Place, DbError> {
    Ok(Place {
        id: row.get(0)?,
        code: row.get(1)?,
        level: row.get(2)?,
        kind: row.get(3)?,
        name: row.get(4)?,
        full_name: row.get(5)?,
        path: row.get(6)?,
        valid_from: row.get(7)?,
        valid_to: row.get(8)?,
    })
}

/// The place, named as on `on`.
///
/// # Errors
/// The storage's.
pub fn find(tx: &Tx<'_>, id: &PlaceId, on: Date) -> Result<Option<Place>, DbError> {
    let sql = format!("select {COLUMNS} from {NAMED} where p.id = $2");
    tx.one(&sql, args![on, id], |row| read(&row))
}

/// The place if `member` holds `role` or higher on it or above it.
///
/// # Errors
/// The storage's.
pub fn find_in_scope(
    tx: &Tx<'_>,
    member: MemberId,
    least: Role,
    id: &PlaceId,
    on: Date,
) -> Result<Option<Place>, DbError> {
    let sql = format!(
        "select {COLUMNS} from {NAMED} where p.id = $2 and exists (
           select 1 from member_grant g join place s on s.id = g.place_id
            where g.member_id = $3 and g.role in ({}) and substr(p.path, 1, length(s.path)) = s.path)",
        least.and_above()
    );
    tx.one(&sql, args![on, id, member], |row| read(&row))
}

/// Like [`find_in_scope`], as an answer: out of scope reads as absent.
///
/// # Errors
/// `not_found`, or the storage's.
pub fn need_in_scope(
    tx: &Tx<'_>,
    member: MemberId,
    least: Role,
    id: &PlaceId,
    on: Date,
) -> AppResult<Place> {
    find_in_scope(tx, member, least, id, on)?.ok_or_else(AppError::not_found)
}

/// The place if it lies in, or above, a place of `member`'s: what anyone may see the
/// sums of.
///
/// # Errors
/// `not_found`, or the storage's.
pub fn need_in_sight(tx: &Tx<'_>, member: MemberId, id: &PlaceId, on: Date) -> AppResult<Place> {
    let sql = format!(
        "select {COLUMNS} from {NAMED} where p.id = $2 and exists (
           select 1 from member_grant g join place s on s.id = g.place_id
            where g.member_id = $3 and (substr(p.path, 1, length(s.path)) = s.path
                                     or substr(s.path, 1, length(p.path)) = p.path))"
    );
    tx.one(&sql, args![on, id, member], |row| read(&row))?
        .ok_or_else(AppError::not_found)
}

/// Direct children in force on `on`, by code.
///
/// # Errors
/// The storage's.
pub fn children(tx: &Tx<'_>, parent: &PlaceId, on: Date) -> Result<Vec<Place>, DbError> {
    let sql = format!(
        "select {COLUMNS} from {NAMED} where p.parent_id = $2
           and (p.valid_from is null or p.valid_from <= $1) and (p.valid_to is null or p.valid_to > $1)
         order by p.code, p.id"
    );
    tx.all(&sql, args![on, parent], |row| read(&row))
}

/// The place and everything below it in force on `on`, in path order.
///
/// # Errors
/// The storage's.
pub fn subtree(tx: &Tx<'_>, path: &str, on: Date) -> Result<Vec<Place>, DbError> {
    let (from, to) = path_range(path);
    let sql = format!(
        "select {COLUMNS} from {NAMED} where p.path >= $2 and p.path < $3
           and (p.valid_from is null or p.valid_from <= $1) and (p.valid_to is null or p.valid_to > $1)
         order by p.path"
    );
    tx.all(&sql, args![on, from, &to], |row| read(&row))
}

/// The range of paths at or below `path`: from it to where its last `/` would be a `0`.
pub fn path_range(path: &str) -> (&str, String) {
    let trimmed = path.strip_suffix('/').unwrap_or(path);
    (path, format!("{trimmed}0"))
}

/// The ids a path goes through, from the root.
pub fn ids_of(path: &str) -> Vec<PlaceId> {
    path.split('/')
        .filter_map(|id| PlaceId::parse(id).ok())
        .collect()
}

/// Places with a word of their folded name that begins with `fold`, or with that code.
///
/// # Errors
/// The storage's.
pub fn search(tx: &Tx<'_>, filter: &Search<'_>) -> Result<Vec<Place>, DbError> {
    let sql = format!(
        "select {COLUMNS} from {NAMED} where (p.parent_id = $2 or $2 is null) and (p.level = $3 or $3 is null)
           and ($4 = '' or instr(' ' || n.fold, ' ' || $4) > 0 or p.code = $4)
           and (p.valid_from is null or p.valid_from <= $1) and (p.valid_to is null or p.valid_to > $1)
         order by case when n.fold = $4 then 0 when substr(n.fold, 1, length($4)) = $4 then 1 else 2 end,
                  length(p.path), p.code, p.id
         limit $5"
    );
    let args = args![
        filter.on,
        filter.parent,
        filter.level,
        filter.fold,
        filter.limit
    ];
    tx.all(&sql, args, |row| read(&row))
}

/// What [`search`] looks for.
#[derive(Debug)]
pub struct Search<'a> {
    /// Folded words, or empty.
    pub fold: &'a str,
    /// In force on this day.
    pub on: Date,
    /// Only children of this place.
    pub parent: Option<&'a PlaceId>,
    /// Only this level.
    pub level: Option<&'a str>,
    /// At most so many.
    pub limit: i64,
}
