//! The database: one writer that takes many requests into one durable transaction
//! (group commit), and a pool of readers.
//!
//! Features write SQL in the dialect SQLite and PostgreSQL share (`$1`, CTEs,
//! `on conflict`, `returning`) and see only [`Tx`], [`Value`] and [`Row`], never the
//! driver. A command is a plain synchronous function over `&mut Tx`; its caller
//! runs it with [`Db::write`], which returns only when what it wrote is on disk.

mod prepared;
mod writer;

pub use prepared::Prepared;

use super::problem::{AppError, AppResult, Code};
use crate::features::progress::Board;
use domain::ids::{
    CampaignId, DeviceId, FactId, IndicatorId, MeasureId, MemberId, PlaceId, TeamId,
};
use domain::subjects::SubjectKey;
use domain::tallies::{Cell, Quantity};
use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, ToSql};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use time::{Date, OffsetDateTime};
use tokio::sync::{Semaphore, mpsc};
use uuid::Uuid;

/// Requests that may wait for the writer before new ones are told to come back.
const QUEUE_MAX: usize = 1024;
/// Reading connections.
const READERS_MAX: usize = 4;

/// What the database said, sorted by what the caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// No space left, or the file may not grow.
    #[error("storage is full")]
    Full(#[source] rusqlite::Error),
    /// Locked or interrupted for longer than we wait.
    #[error("storage is busy")]
    Busy(#[source] rusqlite::Error),
    /// The file is not a sound database.
    #[error("storage is damaged")]
    Corrupt(#[source] rusqlite::Error),
    /// A value is not what its column should hold.
    #[error("bad data in column {column}: {why}")]
    BadData {
        /// Position in the row.
        column: usize,
        /// What is wrong.
        why: String,
    },
    /// Anything else: our own mistake, or the disk's.
    #[error("storage failed")]
    Other(#[source] rusqlite::Error),
    /// Another write of the same group failed, with this code, and took it along.
    #[error("a neighbouring write failed: {0}")]
    Abandoned(Code),
    /// The writer is gone.
    #[error("storage is closed")]
    Closed,
}

impl DbError {
    /// The problem it is told as.
    pub fn code(&self) -> Code {
        match self {
            Self::Full(_) | Self::Abandoned("storage.full") => "storage.full",
            Self::Busy(_) | Self::Closed | Self::Abandoned(_) => "storage.busy",
            Self::Corrupt(_) | Self::BadData { .. } | Self::Other(_) => "internal",
        }
    }
}

impl From<rusqlite::Error> for DbError {
    fn from(fault: rusqlite::Error) -> Self {
        match fault.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full(fault),
            // A write that fails for want of space below SQLite shows as an I/O error.
            Some(ErrorCode::SystemIoFailure) => Self::Full(fault),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy(fault),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Corrupt(fault),
            _ => Self::Other(fault),
        }
    }
}

/// A parameter of a statement.
#[derive(Clone, Debug)]
pub enum Value<'a> {
    /// Absent.
    Null,
    /// Whole number.
    Int(i64),
    /// Text.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
    /// An id.
    Uuid(Uuid),
    /// A moment, kept to the millisecond.
    Instant(OffsetDateTime),
    /// A civil day.
    Day(Date),
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Self::Int(n) => ToSqlOutput::from(*n),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Bytes(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
            Self::Uuid(id) => ToSqlOutput::Borrowed(ValueRef::Blob(id.as_bytes())),
            Self::Instant(at) => ToSqlOutput::from(unix_ms(*at)),
            Self::Day(day) => ToSqlOutput::from(i64::from(day.to_julian_day())),
        })
    }
}

/// Milliseconds since 1970.
pub fn unix_ms(at: OffsetDateTime) -> i64 {
    at.unix_timestamp() * 1000 + i64::from(at.millisecond())
}

/// The other way round.
pub fn from_unix_ms(ms: i64) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000).ok()
}

macro_rules! into_value {
    ($($from:ty => |$it:ident| $value:expr;)*) => {$(
        impl<'a> From<$from> for Value<'a> {
            fn from($it: $from) -> Self { $value }
        }
    )*};
}

into_value! {
    i64 => |n| Self::Int(n);
    i32 => |n| Self::Int(n.into());
    u32 => |n| Self::Int(n.into());
    bool => |b| Self::Int(b.into());
    &'a str => |text| Self::Text(text);
    &'a String => |text| Self::Text(text);
    &'a PlaceId => |id| Self::Text(id.as_str());
    &'a SubjectKey => |key| Self::Bytes(&key.0);
    &'a [u8] => |bytes| Self::Bytes(bytes);
    Uuid => |id| Self::Uuid(id);
    FactId => |id| Self::Uuid(id.0);
    MemberId => |id| Self::Uuid(id.0);
    TeamId => |id| Self::Uuid(id.0);
    DeviceId => |id| Self::Uuid(id.0);
    CampaignId => |id| Self::Uuid(id.0);
    IndicatorId => |id| Self::Uuid(id.0);
    MeasureId => |id| Self::Int(id.0);
    OffsetDateTime => |at| Self::Instant(at);
    Date => |day| Self::Day(day);
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Parameters, each turned into a [`Value`].
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => { &[$($crate::platform::db::Value::from($value)),*][..] };
}

/// One row of an answer.
#[derive(Debug)]
pub struct Row<'r, 's>(&'r rusqlite::Row<'s>);

impl Row<'_, '_> {
    /// The value at `column`.
    ///
    /// # Errors
    /// [`DbError::BadData`] when it is not a `T`.
    pub fn get<T: Column>(&self, column: usize) -> Result<T, DbError> {
        let raw = self.0.get_ref(column)?;
        T::read(raw).ok_or_else(|| DbError::BadData {
            column,
            why: format!(
                "{} is not a {}",
                raw.data_type(),
                std::any::type_name::<T>()
            ),
        })
    }
}

/// What can be read out of a column.
pub trait Column: Sized {
    /// `None` when the value is not of this type.
    fn read(raw: ValueRef<'_>) -> Option<Self>;
}

macro_rules! columns {
    ($($to:ty => |$raw:ident| $value:expr;)*) => {$(
        impl Column for $to {
            fn read($raw: ValueRef<'_>) -> Option<Self> { $value }
        }
    )*};
}

columns! {
    i64 => |raw| raw.as_i64().ok();
    u32 => |raw| raw.as_i64().ok().and_then(|n| n.try_into().ok());
    bool => |raw| raw.as_i64().ok().map(|n| n != 0);
    String => |raw| raw.as_str().ok().map(str::to_owned);
    Vec<u8> => |raw| raw.as_blob().ok().map(<[u8]>::to_vec);
    Uuid => |raw| raw.as_blob().ok().and_then(|bytes| Uuid::from_slice(bytes).ok());
    PlaceId => |raw| raw.as_str().ok().and_then(|text| PlaceId::parse(text).ok());
    SubjectKey => |raw| raw.as_blob().ok().and_then(|bytes| bytes.try_into().ok()).map(SubjectKey);
    FactId => |raw| Uuid::read(raw).map(Self);
    MemberId => |raw| Uuid::read(raw).map(Self);
    TeamId => |raw| Uuid::read(raw).map(Self);
    DeviceId => |raw| Uuid::read(raw).map(Self);
    CampaignId => |raw| Uuid::read(raw).map(Self);
    IndicatorId => |raw| Uuid::read(raw).map(Self);
    MeasureId => |raw| raw.as_i64().ok().map(Self);
    OffsetDateTime => |raw| raw.as_i64().ok().and_then(from_unix_ms);
    Date => |raw| raw.as_i64().ok().and_then(|n| i32::try_from(n).ok()).and_then(|n| Date::from_julian_day(n).ok());
}

impl<T: Column> Column for Option<T> {
    fn read(raw: ValueRef<'_>) -> Option<Self> {
        match raw {
            ValueRef::Null => Some(None),
            raw => T::read(raw).map(Some),
        }
    }
}

/// What a write changed, for those who keep copies in memory; told in order, after
/// the commit.
#[derive(Debug)]
pub enum Effect {
    /// A tally cell, and by how much.
    Tally(Cell, Quantity),
    /// A campaign as it stands at this point.
    Loaded(Box<Board>),
    /// A target was set.
    Target {
        /// Of which indicator.
        indicator: IndicatorId,
        /// For which place.
        place: PlaceId,
        /// For which team in it.
        team: TeamId,
        /// To what.
        value: i64,
    },
    /// Campaigns, places, teams or figures changed: copies are out of date.
    Shape,
}

/// An open transaction.
#[derive(Debug)]
pub struct Tx<'c> {
    conn: &'c Connection,
    /// Told to [`Db`]'s listener after the commit.
    pub effects: Vec<Effect>,
}

impl Tx<'_> {
    /// Runs a statement; the number of rows it changed.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn execute(&mut self, sql: &str, args: &[Value<'_>]) -> Result<usize, DbError> {
        let mut statement = self.conn.prepare_cached(sql)?;
        bind(&mut statement, args)?;
        Ok(statement.raw_execute()?)
    }

    /// Runs several statements without parameters.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn script(&mut self, sql: &str) -> Result<(), DbError> {
        Ok(self.conn.execute_batch(sql)?)
    }

    /// Calls `each` for every row, in order.
    ///
    /// # Errors
    /// Whatever the database or `each` says.
    pub fn each<E: From<DbError>>(
        &self,
        sql: &str,
        args: &[Value<'_>],
        mut each: impl FnMut(Row<'_, '_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut statement = self.conn.prepare_cached(sql).map_err(DbError::from)?;
        bind(&mut statement, args)?;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().map_err(DbError::from)? {
            each(Row(row))?;
        }
        Ok(())
    }

    /// All rows.
    ///
    /// # Errors
    /// Whatever the database or `read` says.
    pub fn all<T>(
        &self,
        sql: &str,
        args: &[Value<'_>],
        read: impl Fn(Row<'_, '_>) -> Result<T, DbError>,
    ) -> Result<Vec<T>, DbError> {
        let mut found = Vec::new();
        self.each(sql, args, |row| {
            found.push(read(row)?);
            Ok::<(), DbError>(())
        })?;
        Ok(found)
    }

    /// The first row, if there is one.
    ///
    /// # Errors
    /// Whatever the database or `read` says.
    pub fn one<T>(
        &self,
        sql: &str,
        args: &[Value<'_>],
        read: impl FnOnce(Row<'_, '_>) -> Result<T, DbError>,
    ) -> Result<Option<T>, DbError> {
        let mut statement = self.conn.prepare_cached(sql)?;
        bind(&mut statement, args)?;
        let mut rows = statement.raw_query();
        match rows.next()? {
            Some(row) => read(Row(row)).map(Some),
            None => Ok(None),
        }
    }

    /// The next revision of the registers. Taken inside the transaction that uses
    /// it, so that the order of revisions is the order of commits.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn next_rev(&mut self) -> Result<i64, DbError> {
        let rev = self.one(
            "update rev set value = value + 1 returning value",
            args![],
            |row| row.get(0),
        )?;
        rev.ok_or(DbError::BadData {
            column: 0,
            why: "the rev counter is missing".to_owned(),
        })
    }
}

fn bind(statement: &mut rusqlite::Statement<'_>, args: &[Value<'_>]) -> Result<(), DbError> {
    for index in 1..=statement.parameter_count() {
        let value = args.get(order(statement, index)?);
        let value = value.ok_or_else(|| differ(index))?;
        statement.raw_bind_parameter(index, value)?;
    }
    Ok(())
}

/// Which argument goes to one of SQLite's positions: it names `$3` rather than
/// numbering it.
fn order(statement: &rusqlite::Statement<'_>, index: usize) -> Result<usize, DbError> {
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

/// Called on the writer's thread after each commit, before the writers are answered.
pub type OnCommit = Box<dyn FnMut(Vec<Effect>) + Send>;

/// The database.
#[derive(Clone, Debug)]
pub struct Db {
    path: PathBuf,
    jobs: mpsc::Sender<Box<dyn writer::Job>>,
    readers: Arc<Readers>,
}

#[derive(Debug)]
struct Readers {
    idle: Mutex<Vec<Connection>>,
    slots: Semaphore,
}

impl Db {
    /// Opens the database file and starts its writer. The file must exist already
    /// and be migrated: see `platform::migrate`.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn open(path: &Path, on_commit: OnCommit) -> Result<Self, DbError> {
        let conn = connect(path, Access::Write)?;
        let (jobs, queue) = mpsc::channel(QUEUE_MAX);
        std::thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || writer::run(&conn, queue, on_commit))
            .map_err(|fault| DbError::BadData {
                column: 0,
                why: fault.to_string(),
            })?;
        let readers = Arc::new(Readers {
            idle: Mutex::new(Vec::new()),
            slots: Semaphore::new(READERS_MAX),
        });
        Ok(Self {
            path: path.to_owned(),
            jobs,
            readers,
        })
    }

    /// Runs `command` in a transaction and returns when it is durably committed.
    /// When it returns an error, nothing of it is kept.
    ///
    /// # Errors
    /// The command's own, or the storage's.
    pub async fn write<T: Send + 'static>(
        &self,
        command: impl FnOnce(&mut Tx<'_>) -> AppResult<T> + Send + 'static,
    ) -> AppResult<T> {
        let (job, outcome) = writer::job(command);
        self.jobs.send(job).await.map_err(|_| DbError::Closed)?;
        outcome.await.map_err(|_| DbError::Closed)?
    }

    /// Runs `query` on a reading connection, over one consistent snapshot.
    ///
    /// # Errors
    /// The query's own, or the storage's.
    pub async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Tx<'_>) -> AppResult<T> + Send + 'static,
    ) -> AppResult<T> {
        let readers = Arc::clone(&self.readers);
        let path = self.path.clone();
        let _slot = self
            .readers
            .slots
            .acquire()
            .await
            .map_err(|_| DbError::Closed)?;
        let work = move || readers.lend(&path, |conn| snapshot(conn, query));
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|_| AppError::panicked())?
    }

    /// Runs one statement that looks a few rows up, where it stands: that is cheaper
    /// than changing threads for it. Anything longer belongs in [`Db::read`].
    ///
    /// # Errors
    /// The query's own, or the storage's.
    pub fn glance<T>(&self, query: impl FnOnce(&Tx<'_>) -> AppResult<T>) -> AppResult<T> {
        self.readers.lend(&self.path, |conn| {
            let effects = Vec::new();
            query(&Tx { conn, effects })
        })
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Readers {
    /// Lends out an idle connection, or a new one.
    fn lend<T>(&self, path: &Path, work: impl FnOnce(&Connection) -> AppResult<T>) -> AppResult<T> {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let found = idle().pop();
        let conn = match found {
            Some(conn) => conn,
            None => connect(path, Access::Read)?,
        };
        let outcome = work(&conn);
        idle().push(conn);
        outcome
    }
}

fn snapshot<T>(conn: &Connection, query: impl FnOnce(&Tx<'_>) -> AppResult<T>) -> AppResult<T> {
    let mut tx = Tx {
        conn,
        effects: Vec::new(),
    };
    tx.execute("begin", args![])?;
    let outcome =
        catch_unwind(AssertUnwindSafe(|| query(&tx))).unwrap_or_else(|_| Err(AppError::panicked()));
    tx.execute("commit", args![])?;
    outcome
}

/// What a connection may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Read an existing file.
    Read,
    /// Write an existing file.
    Write,
    /// Write, and make the file when it is not there.
    Create,
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

/// Runs one command in its own durable transaction on a connection of its own,
/// for the command line.
///
/// # Errors
/// The command's own, or the storage's.
pub fn write_alone<T>(
    conn: &Connection,
    command: impl FnOnce(&mut Tx<'_>) -> AppResult<T>,
) -> AppResult<T> {
    conn.execute_batch("begin immediate")
        .map_err(DbError::from)?;
    let mut tx = Tx {
        conn,
        effects: Vec::new(),
    };
    match command(&mut tx) {
        Ok(value) => {
            conn.execute_batch("commit").map_err(DbError::from)?;
            Ok(value)
        }
        Err(fault) => {
            // The first fault is the one to tell.
            let _ = conn.execute_batch("rollback");
            Err(fault)
        }
    }
}

/// Reads over one snapshot on a connection of its own, for the command line.
///
/// # Errors
/// The query's own, or the storage's.
pub fn read_alone<T>(
    conn: &Connection,
    query: impl FnOnce(&Tx<'_>) -> AppResult<T>,
) -> AppResult<T> {
    snapshot(conn, query)
}
