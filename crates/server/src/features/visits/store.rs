//! The only SQL about visits: the assists that stand.

use crate::args;
use crate::features::places::store::path_range;
use crate::platform::db::{DbError, Tx};
use crate::platform::problem::AppResult;
use domain::facts::Kind;
use domain::visits::Visit;
use time::Date;

/// Calls `each` for every assist that counts, at or below a path, of days from the first
/// to the last: how it went, and its place's path.
///
/// # Errors
/// The storage's.
pub fn each(
    tx: &Tx<'_>,
    below: &str,
    (first, last): (Date, Date),
    mut each: impl FnMut(Visit, &str),
) -> AppResult<()> {
    let (from, to) = path_range(below);
    tx.each(
        "select p.path, f.body from fact f join place p on p.id = f.place_id
          where p.path >= $1 and p.path < $2 and f.day >= $3 and f.day <= $4 and f.kind = $5
            and not exists (select 1 from superseded s where s.fact_id = f.id)",
        args![from, &to, first, last, Kind::Assist.as_str()],
        |row| {
            let (path, body): (String, String) = (row.get(0)?, row.get(1)?);
            let visit = serde_json::from_str(&body).map_err(|fault| DbError::BadData {
                column: 1,
                why: fault.to_string(),
            })?;
            each(visit, &path);
            Ok(())
        },
    )
}
