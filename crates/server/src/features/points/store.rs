//! The only SQL about service points.

use super::PointBody;
use crate::args;
use crate::features::places::store::path_range;
use crate::platform::db::{DbError, Row, Tx, json};
use crate::platform::problem::AppResult;
use crate::platform::wire::Day;
use domain::ids::{PlaceId, PointId};

/// Reads the columns of [`below`].
fn read(row: &Row<'_, '_>) -> Result<PointBody, DbError> {
    Ok(PointBody {
        id: row.get(0)?,
        place_id: row.get(1)?,
        name: row.get(2)?,
        kind: row.get(3)?,
        address: row.get(4)?,
        lat_e6: row.get(5)?,
        lon_e6: row.get(6)?,
        hours: row.json(7)?,
        valid_from: row.get::<Option<_>>(8)?.map(Day),
        valid_to: row.get::<Option<_>>(9)?.map(Day),
        agreement: match row.get::<Option<String>>(10)? {
            Some(_) => Some(row.json(10)?),
            None => None,
        },
    })
}

/// Points at or below `path` with a revision above `since`; `deep` or only one level down.
///
/// # Errors
/// The storage's.
pub fn below(tx: &Tx<'_>, path: &str, since: i64, deep: bool) -> Result<Vec<PointBody>, DbError> {
    let (from, to) = path_range(path);
    let depth = i64::try_from(path.matches('/').count()).unwrap_or(0) + 1;
    tx.all(
        "select s.id, s.place_id, s.name, s.kind, s.address, s.lat_e6, s.lon_e6, s.hours, s.valid_from, s.valid_to, s.agreement
           from service_point s join place p on p.id = s.place_id
          where p.path >= $1 and p.path < $2 and s.rev > $3
            and ($4 or length(p.path) - length(replace(p.path, '/', '')) <= $5)
          order by p.path, s.fold",
        args![from, &to, since, deep, depth],
        |row| read(&row),
    )
}

/// Where a point is.
///
/// # Errors
/// The storage's.
pub fn home(tx: &Tx<'_>, id: PointId) -> Result<Option<PlaceId>, DbError> {
    let sql = "select place_id from service_point where id = $1";
    tx.one(sql, args![id], |row| row.get(0))
}

/// Whether another point of the place has the name.
///
/// # Errors
/// The storage's.
pub fn is_taken(tx: &Tx<'_>, point: &PointBody) -> Result<bool, DbError> {
    let fold = vn::text::fold(&point.name);
    let twin = tx.one(
        "select 1 from service_point where place_id = $1 and fold = $2 and id <> $3",
        args![&point.place_id, &fold, point.id],
        |row| row.get::<i64>(0),
    )?;
    Ok(twin.is_some())
}

/// Makes a point, or changes it; the secret it has it keeps.
///
/// # Errors
/// The storage's.
pub fn put(tx: &mut Tx<'_>, point: &PointBody, secret: &[u8; 32]) -> AppResult<()> {
    let rev = tx.next_rev()?;
    let agreement = point.agreement.as_ref().map(json);
    tx.execute(
        "insert into service_point (id, place_id, name, fold, kind, address, lat_e6, lon_e6, hours, secret, valid_from, valid_to, agreement, rev)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
         on conflict (id) do update set place_id = excluded.place_id, name = excluded.name, fold = excluded.fold,
           kind = excluded.kind, address = excluded.address, lat_e6 = excluded.lat_e6, lon_e6 = excluded.lon_e6,
           hours = excluded.hours, valid_from = excluded.valid_from, valid_to = excluded.valid_to,
           agreement = excluded.agreement, rev = excluded.rev",
        args![
            point.id,
            &point.place_id,
            &point.name,
            &vn::text::fold(&point.name),
            point.kind,
            &point.address,
            point.lat_e6,
            point.lon_e6,
            &json(&point.hours),
            &secret[..],
            point.valid_from.map(|day| day.0),
            point.valid_to.map(|day| day.0),
            agreement.as_ref(),
            rev
        ],
    )?;
    Ok(())
}
