//! SQLite: one file, one writer.

use super::{DbError, Insert, Row, Value, unix_ms};
use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, ErrorCode, OpenFlags, Statement, ToSql};
use std::path::Path;
use uuid::Uuid;

/// What a connection may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Read an existing database.
    Read,
    /// Write an existing database.
    Write,
    /// Write, and make the file when it is not there.
    Create,
}

impl From<rusqlite::Error> for DbError {
    fn from(fault: rusqlite::Error) -> Self {
        let code = fault.sqlite_error_code();
        let fault = Box::new(fault);
        match code {
            Some(ErrorCode::DiskFull) => Self::Full(fault),
            Some(ErrorCode::SystemIoFailure | ErrorCode::ReadOnly) => Self::Failed(fault),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy(fault),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Corrupt(fault),
            _ => Self::Other(fault),
        }
    }
}

/// Opens a connection with our settings: WAL, every commit on disk before it
/// returns, foreign keys checked.
///
/// # Errors
/// When the file is missing, unreadable or not a database.
pub fn connect(path: &Path, access: Access) -> Result<Connection, DbError> {
    let flags = match access {
        Access::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
        Access::Write => OpenFlags::SQLITE_OPEN_READ_WRITE,
        Access::Create => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
    };
    let conn = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    conn.set_prepared_statement_cache_capacity(256);
    conn.busy_timeout(std::time::Duration::from_secs(5))?;
    if access != Access::Read {
        conn.pragma_update(None, "journal_mode", "wal")?;
        conn.pragma_update(None, "synchronous", "full")?;
        conn.pragma_update(None, "wal_autocheckpoint", 8000)?;
    }
    // Plans may not depend on bound values; or every statement that names a table with a
    // partial index is compiled again each time it is bound.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.pragma_update(None, "foreign_keys", true)?;
    // Kilobytes: subjects land anywhere in their table, so the writer wants much of it.
    let cache_kb = if access == Access::Read {
        8_000
    } else {
        32_000
    };
    conn.pragma_update(None, "cache_size", -cache_kb)?;
    conn.pragma_update(None, "temp_store", "memory")?;
    Ok(conn)
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Self::Bool(yes) => ToSqlOutput::from(*yes),
            Self::Int(n) => ToSqlOutput::from(*n),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Bytes(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
            Self::Uuid(id) => ToSqlOutput::Borrowed(ValueRef::Blob(id.as_bytes())),
            Self::Instant(at) => ToSqlOutput::from(unix_ms(*at)),
            Self::Day(day) => ToSqlOutput::from(i64::from(day.to_julian_day())),
        })
    }
}

/// The value at `column`.
pub fn raw<'r>(row: &'r rusqlite::Row<'_>, column: usize) -> Result<Value<'r>, DbError> {
    Ok(match row.get_ref(column)? {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(n) => Value::Int(n),
        ValueRef::Blob(bytes) => Value::Bytes(bytes),
        text @ ValueRef::Text(_) => {
            Value::Text(text.as_str().map_err(|fault| DbError::BadData {
                column,
                why: fault.to_string(),
            })?)
        }
        ValueRef::Real(_) => {
            return Err(DbError::BadData {
                column,
                why: "a fraction".to_owned(),
            });
        }
    })
}

/// See [`super::Tx::execute`].
pub fn execute(conn: &Connection, sql: &str, args: &[Value<'_>]) -> Result<usize, DbError> {
    let mut statement = conn.prepare_cached(sql)?;
    bind(&mut statement, args)?;
    Ok(statement.raw_execute()?)
}

/// See [`super::Tx::each`].
pub fn each<E: From<DbError>>(
    conn: &Connection,
    sql: &str,
    args: &[Value<'_>],
    mut each: impl FnMut(Row<'_, '_>) -> Result<(), E>,
) -> Result<(), E> {
    let mut statement = conn.prepare_cached(sql).map_err(DbError::from)?;
    bind(&mut statement, args)?;
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next().map_err(DbError::from)? {
        each(Row::Sqlite(row))?;
    }
    Ok(())
}

/// See [`super::Tx::one`].
pub fn one<T>(
    conn: &Connection,
    sql: &str,
    args: &[Value<'_>],
    read: impl FnOnce(Row<'_, '_>) -> Result<T, DbError>,
) -> Result<Option<T>, DbError> {
    let mut statement = conn.prepare_cached(sql)?;
    bind(&mut statement, args)?;
    let mut rows = statement.raw_query();
    match rows.next()? {
        Some(row) => read(Row::Sqlite(row)).map(Some),
        None => Ok(None),
    }
}

/// See [`super::Tx::each_of`].
pub fn each_of<E: From<DbError>>(
    conn: &Connection,
    sql: &str,
    keys: &[Value<'_>],
    mut each: impl FnMut(Row<'_, '_>) -> Result<(), E>,
) -> Result<(), E> {
    let sql = sql.replace("{keys}", "(select ? as key) as k");
    let mut statement = conn.prepare_cached(&sql).map_err(DbError::from)?;
    for key in keys {
        statement
            .raw_bind_parameter(1, key)
            .map_err(DbError::from)?;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().map_err(DbError::from)? {
            each(Row::Sqlite(row))?;
        }
    }
    Ok(())
}

/// See [`super::Tx::insert`] and [`super::Tx::insert_new`].
pub fn insert(
    conn: &Connection,
    insert: &Insert,
    rows: &[Vec<Value<'_>>],
) -> Result<Vec<Uuid>, DbError> {
    let names: Vec<&str> = insert.columns.iter().map(|(name, _)| *name).collect();
    let sql = format!(
        "insert into {} ({}) values ({}) {}",
        insert.into,
        names.join(", "),
        vec!["?"; names.len()].join(", "),
        insert.then
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let mut new = Vec::new();
    for row in rows {
        for (index, value) in (1..).zip(row) {
            statement.raw_bind_parameter(index, value)?;
        }
        if let (1, Some(Value::Uuid(id))) = (statement.raw_execute()?, row.first()) {
            new.push(*id);
        }
    }
    Ok(new)
}

fn bind(statement: &mut CachedStatement<'_>, args: &[Value<'_>]) -> Result<(), DbError> {
    for index in 1..=statement.parameter_count() {
        let value = args.get(order(statement, index)?);
        let value = value.ok_or_else(|| differ(index))?;
        statement.raw_bind_parameter(index, value)?;
    }
    Ok(())
}

/// Which argument goes to one of SQLite's positions: it names `$3` rather than
/// numbering it.
fn order(statement: &Statement<'_>, index: usize) -> Result<usize, DbError> {
    let name = statement
        .parameter_name(index)
        .and_then(|name| name.get(1..));
    let number = name.and_then(|number| number.parse::<usize>().ok());
    number
        .and_then(|number| number.checked_sub(1))
        .ok_or_else(|| differ(index))
}

fn differ(column: usize) -> DbError {
    DbError::BadData {
        column,
        why: "statement and parameters differ".to_owned(),
    }
}
