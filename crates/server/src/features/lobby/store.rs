//! The only SQL about desk devices, and about when a point is open.

use crate::args;
use crate::platform::db::{DbError, Row, Tx};
use domain::desk::DeskDeviceKind;
use domain::ids::{DeskDeviceId, MemberId, PointId};
use domain::points::Hours;
use time::{Date, OffsetDateTime};

/// A device at which nobody is signed in.
#[derive(Clone, Debug)]
pub struct Device {
    /// Id.
    pub id: DeskDeviceId,
    /// Where it stands.
    pub point: PointId,
    /// What it is.
    pub kind: DeskDeviceKind,
    /// What the officers call it.
    pub name: String,
    /// When it last showed itself, to five minutes.
    pub seen_at: Option<OffsetDateTime>,
}

const DEVICE: &str = "id, point_id, kind, name, seen_at from desk_device";

fn read(row: &Row<'_, '_>) -> Result<Device, DbError> {
    Ok(Device {
        id: row.get(0)?,
        point: row.get(1)?,
        kind: row.get(2)?,
        name: row.get(3)?,
        seen_at: row.get(4)?,
    })
}

/// A device that was not revoked.
///
/// # Errors
/// The storage's.
pub fn find(tx: &Tx<'_>, id: DeskDeviceId) -> Result<Option<Device>, DbError> {
    let sql = format!("select {DEVICE} where id = $1 and revoked_at is null");
    tx.one(&sql, args![id], |row| read(&row))
}

/// The device whose address holds the token with this hash, unless it was revoked.
///
/// # Errors
/// The storage's.
pub fn by_token(tx: &Tx<'_>, hash: &[u8; 32]) -> Result<Option<Device>, DbError> {
    let sql = format!("select {DEVICE} where token_hash = $1 and revoked_at is null");
    tx.one(&sql, args![&hash[..]], |row| read(&row))
}

/// The device that waits to be paired by the code with this hash.
///
/// # Errors
/// The storage's.
pub fn by_pairing(
    tx: &Tx<'_>,
    hash: &[u8; 32],
    now: OffsetDateTime,
) -> Result<Option<Device>, DbError> {
    let sql = format!(
        "select {DEVICE} where pairing_hash = $1 and pairing_until > $2 and revoked_at is null"
    );
    tx.one(&sql, args![&hash[..], now], |row| read(&row))
}

/// Devices of a point, the oldest first.
///
/// # Errors
/// The storage's.
pub fn of_point(tx: &Tx<'_>, point: PointId) -> Result<Vec<Device>, DbError> {
    let sql = format!("select {DEVICE} where point_id = $1 and revoked_at is null order by at, id");
    tx.all(&sql, args![point], |row| read(&row))
}

/// Makes a device; one with its id that is there stays.
///
/// # Errors
/// The storage's.
pub fn insert(
    tx: &mut Tx<'_>,
    device: &Device,
    token_hash: &[u8; 32],
    (by, at): (MemberId, OffsetDateTime),
) -> Result<(), DbError> {
    tx.execute(
        "insert into desk_device (id, point_id, kind, name, token_hash, created_by, at)
         values ($1, $2, $3, $4, $5, $6, $7) on conflict (id) do nothing",
        args![
            device.id,
            device.point,
            device.kind,
            &device.name,
            &token_hash[..],
            by,
            at
        ],
    )?;
    Ok(())
}

/// Gives a device a new address, which ends the one it had, and a code to be paired by.
///
/// # Errors
/// The storage's.
pub fn renew(
    tx: &mut Tx<'_>,
    id: DeskDeviceId,
    token_hash: &[u8; 32],
    pairing: Option<(&[u8; 32], OffsetDateTime)>,
) -> Result<(), DbError> {
    let (hash, until) = pairing.unzip();
    tx.execute(
        "update desk_device set token_hash = $2, pairing_hash = $3, pairing_until = $4 where id = $1",
        args![id, &token_hash[..], hash.map(|hash| &hash[..]), until],
    )?;
    Ok(())
}

/// Notes that a device showed itself.
///
/// # Errors
/// The storage's.
pub fn note_seen(tx: &mut Tx<'_>, id: DeskDeviceId, now: OffsetDateTime) -> Result<(), DbError> {
    let sql = "update desk_device set seen_at = $2 where id = $1";
    tx.execute(sql, args![id, now])?;
    Ok(())
}

/// Ends a device.
///
/// # Errors
/// The storage's.
pub fn revoke(tx: &mut Tx<'_>, id: DeskDeviceId, now: OffsetDateTime) -> Result<(), DbError> {
    let sql = "update desk_device set revoked_at = $2 where id = $1 and revoked_at is null";
    tx.execute(sql, args![id, now])?;
    Ok(())
}

/// When a point takes people in.
#[derive(Clone, Debug)]
pub struct Open {
    /// By weekday.
    pub hours: Hours,
    /// First day in use.
    pub from: Option<Date>,
    /// First day no longer in use.
    pub to: Option<Date>,
}

/// When a point takes people in, if there is such a point.
///
/// # Errors
/// The storage's.
pub fn open(tx: &Tx<'_>, point: PointId) -> Result<Option<Open>, DbError> {
    let sql = "select hours, valid_from, valid_to from service_point where id = $1";
    tx.one(sql, args![point], |row| {
        Ok(Open {
            hours: row.json(0)?,
            from: row.get(1)?,
            to: row.get(2)?,
        })
    })
}
