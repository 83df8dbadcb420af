//! The database: SQLite for a commune or a province, PostgreSQL for more.
//!
//! Features write SQL in the dialect both share (`$1`, CTEs, `on conflict`,
//! `returning`) and see only [`Tx`], [`Value`] and [`Row`], never the driver. A
//! command is a plain synchronous function over `&mut Tx`; its caller runs it with
//! [`Db::write`], which returns only when what it wrote is on disk.
//!
//! SQLite has one writer that takes many requests into one durable transaction
//! (`writer`); PostgreSQL has many, and `journal` tells every node what they did.

mod journal;
mod pool;
mod postgres;
mod sqlite;
mod value;
mod writer;

pub use self::journal::sweep as sweep_journal;
pub use self::postgres::Put;
pub use self::sqlite::{Access, connect};
pub use self::value::{Column, Row, Value, from_unix_ms, json, unix_ms};

use self::pool::Pool;
use super::blocking;
use super::metrics::Metrics;
use super::problem::{AppError, AppResult, Code};
use crate::args;
use crate::features::desk::Moved;
use crate::features::progress::Board;
use domain::ids::{IndicatorId, PlaceId, TeamId};
use domain::tallies::{Cell, Quantity};
use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use uuid::Uuid;

/// How far a replica may be behind, seconds.
const BEHIND_S_MAX: i64 = 10;
/// By how many seconds the server asked is behind its primary: none when it is the
/// primary, unknown when nothing reaches it.
const BEHIND_S: &str = "select case when not pg_is_in_recovery() then 0
      when not exists (select 1 from pg_stat_wal_receiver) then null
      when pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() then 0
      else ceil(extract(epoch from now() - pg_last_xact_replay_timestamp()))::bigint end";

/// Reading connections.
const READERS_MAX: usize = 4;

/// What the driver said.
type Source = Box<dyn Error + Send + Sync>;

/// What the database said, sorted by what the caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// No space left.
    #[error("storage is full")]
    Full(#[source] Source),
    /// The disk said no: it fails, is read-only, or the file may not grow.
    #[error("the disk refuses")]
    Failed(#[source] Source),
    /// Locked, unreachable or interrupted for longer than we wait.
    #[error("storage is busy")]
    Busy(#[source] Source),
    /// The file is not a sound database.
    #[error("storage is damaged")]
    Corrupt(#[source] Source),
    /// A value is not what its column should hold.
    #[error("bad data in column {column}: {why}")]
    BadData {
        /// Position in the row.
        column: usize,
        /// What is wrong.
        why: String,
    },
    /// Anything else: our own mistake.
    #[error("storage failed")]
    Other(#[source] Source),
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
            Self::Failed(_) | Self::Abandoned("storage.failed") => "storage.failed",
            Self::Busy(_) | Self::Closed | Self::Abandoned(_) => "storage.busy",
            Self::Corrupt(_) | Self::BadData { .. } | Self::Other(_) => "internal",
        }
    }
}

/// Which database, as a URL names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// A file.
    Sqlite(PathBuf),
    /// A server, as `postgres://…`; it may hold a password and is never shown.
    Postgres(String),
}

impl Address {
    /// Whether this is a file.
    pub fn is_file(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }
}

/// The database, and a replica of it for those who read much and may be a little behind.
#[derive(Clone, Debug)]
pub struct Databases {
    /// Where everything is written, and nearly everything read.
    pub primary: Address,
    /// A streaming replica.
    pub replica: Option<Address>,
}

impl From<Address> for Databases {
    fn from(primary: Address) -> Self {
        let replica = None;
        Self { primary, replica }
    }
}

/// A connection.
#[derive(Debug)]
pub enum Conn {
    /// To a file.
    Sqlite(rusqlite::Connection),
    /// To a server.
    Postgres(Box<postgres::Session>),
}

impl Conn {
    /// Connects with our settings: every commit on disk before it returns, references checked.
    ///
    /// # Errors
    /// When the database is missing, unreachable or not a database.
    pub fn open(address: &Address, access: Access) -> Result<Self, DbError> {
        match address {
            Address::Sqlite(path) => sqlite::connect(path, access).map(Self::Sqlite),
            Address::Postgres(url) => {
                Ok(Self::Postgres(Box::new(postgres::Session::connect(url)?)))
            }
        }
    }

    /// Whether the database still answers on it.
    fn answers(&self) -> bool {
        match self {
            Self::Sqlite(_) => true,
            Self::Postgres(session) => session.answers(),
        }
    }

    /// Whether it has not been seen to be cut.
    fn is_open(&self) -> bool {
        match self {
            Self::Sqlite(_) => true,
            Self::Postgres(session) => session.is_open(),
        }
    }

    /// Whether this is SQLite.
    pub fn is_sqlite(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }

    /// Runs several statements without parameters.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn script(&self, sql: &str) -> Result<(), DbError> {
        match self {
            Self::Sqlite(conn) => Ok(conn.execute_batch(sql)?),
            Self::Postgres(session) => session.script(sql),
        }
    }

    /// Begins a transaction that writes, or one that reads over one snapshot.
    fn begin(&self, writes: bool) -> Result<(), DbError> {
        self.script(match (self, writes) {
            // A deferred transaction that upgrades would fail when another has written.
            (Self::Sqlite(_), true) => "begin immediate",
            (Self::Sqlite(_), false) | (Self::Postgres(_), true) => "begin",
            (Self::Postgres(_), false) => "begin isolation level repeatable read read only",
        })
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
    /// Something at a desk.
    Desk(Moved),
}

/// An open transaction.
#[derive(Debug)]
pub struct Tx<'c> {
    conn: &'c Conn,
    /// Told to [`Db`]'s listener after the commit.
    pub effects: Vec<Effect>,
}

/// An `insert` of many rows at once. PostgreSQL takes them as one statement; to SQLite
/// a statement costs no journey, so there it runs once for each.
#[derive(Debug)]
pub struct Insert {
    /// The table.
    pub into: &'static str,
    /// Columns and their types, as `migrations` write them (`{uuid}`).
    pub columns: &'static [(&'static str, &'static str)],
    /// What to do about a row that is there already: `on conflict …`.
    pub then: &'static str,
}

impl<'c> Tx<'c> {
    fn on(conn: &'c Conn) -> Self {
        let effects = Vec::new();
        Self { conn, effects }
    }

    /// Whether this is SQLite, where no two write at once.
    pub fn is_sqlite(&self) -> bool {
        self.conn.is_sqlite()
    }

    /// Runs a statement; the number of rows it changed.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn execute(&mut self, sql: &str, args: &[Value<'_>]) -> Result<usize, DbError> {
        match self.conn {
            Conn::Sqlite(conn) => sqlite::execute(conn, sql, args),
            Conn::Postgres(session) => session.execute(sql, args),
        }
    }

    /// Inserts rows; the ids of those that were not there yet. The first column is a
    /// unique id, and conflicts over it do nothing.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn insert_new(
        &mut self,
        insert: &Insert,
        rows: &[Vec<Value<'_>>],
    ) -> Result<Vec<Uuid>, DbError> {
        match self.conn {
            _ if rows.is_empty() => Ok(Vec::new()),
            Conn::Sqlite(conn) => sqlite::insert(conn, insert, rows),
            Conn::Postgres(session) => session.insert_new(insert, rows),
        }
    }

    /// Inserts rows.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn insert(&mut self, insert: &Insert, rows: &[Vec<Value<'_>>]) -> Result<(), DbError> {
        match self.conn {
            _ if rows.is_empty() => Ok(()),
            Conn::Sqlite(conn) => sqlite::insert(conn, insert, rows).map(drop),
            Conn::Postgres(session) => session.insert(insert, rows),
        }
    }

    /// Copies rows of a SQLite file, as `fill` puts them, into a table on PostgreSQL.
    ///
    /// # Errors
    /// Whatever the database or `fill` says.
    pub fn copy_in(
        &mut self,
        table: &str,
        columns: &str,
        fill: impl FnOnce(&mut Put<'_>) -> Result<(), DbError>,
    ) -> Result<(), DbError> {
        match self.conn {
            Conn::Sqlite(_) => Err(DbError::Other("a file takes no copies".into())),
            Conn::Postgres(session) => session.copy_in(table, columns, fill),
        }
    }

    /// Runs several statements without parameters.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn script(&mut self, sql: &str) -> Result<(), DbError> {
        self.conn.script(sql)
    }

    /// Calls `each` for every row, in order.
    ///
    /// # Errors
    /// Whatever the database or `each` says.
    pub fn each<E: From<DbError>>(
        &self,
        sql: &str,
        args: &[Value<'_>],
        each: impl FnMut(Row<'_, '_>) -> Result<(), E>,
    ) -> Result<(), E> {
        match self.conn {
            Conn::Sqlite(conn) => sqlite::each(conn, sql, args, each),
            Conn::Postgres(session) => session.each(sql, args, each),
        }
    }

    /// Calls `each` for every row of a statement that joins `{keys}`, which are these as
    /// the column `k.key`. A join, because PostgreSQL then looks only into the partitions
    /// that hold them.
    ///
    /// # Errors
    /// Whatever the database or `each` says.
    pub fn each_of<E: From<DbError>>(
        &self,
        sql: &str,
        keys: &[Value<'_>],
        each: impl FnMut(Row<'_, '_>) -> Result<(), E>,
    ) -> Result<(), E> {
        match self.conn {
            _ if keys.is_empty() => Ok(()),
            Conn::Sqlite(conn) => sqlite::each_of(conn, sql, keys, each),
            Conn::Postgres(session) => session.each_of(sql, keys, each),
        }
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
        match self.conn {
            Conn::Sqlite(conn) => sqlite::one(conn, sql, args, read),
            Conn::Postgres(session) => session.one(sql, args, read),
        }
    }

    /// The next revision of the registers. Taken inside the transaction that uses
    /// it, so that the order of revisions is the order of commits: the row stays
    /// locked until then.
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

    /// Holds off every other transaction that names one of these keys until this one
    /// ends. SQLite has only one that writes, so there is nobody to hold off.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn hold(&mut self, keys: &[[u8; 16]]) -> Result<(), DbError> {
        match self.conn {
            Conn::Sqlite(_) => Ok(()),
            Conn::Postgres(session) => session.hold(keys),
        }
    }

    /// Holds off only those who [`Tx::hold`] this key.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn share(&mut self, key: [u8; 16]) -> Result<(), DbError> {
        match self.conn {
            Conn::Sqlite(_) => Ok(()),
            Conn::Postgres(session) => session.share(key),
        }
    }
}

/// Called after each commit with what it changed, before its writer is answered.
pub type OnCommit = Box<dyn FnMut(Vec<Effect>) + Send>;

/// The database.
#[derive(Clone, Debug)]
pub struct Db {
    databases: Databases,
    readers: Arc<Pool>,
    writers: Writers,
    metrics: Arc<Metrics>,
}

#[derive(Clone, Debug)]
enum Writers {
    One(writer::Writer),
    Many(journal::Writers),
}

impl Db {
    /// Connects, and starts its writers. The database must be migrated: see
    /// `platform::migrate`.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open(
        databases: &Databases,
        on_commit: OnCommit,
        metrics: &Arc<Metrics>,
    ) -> Result<Self, DbError> {
        let counted = Arc::clone(metrics);
        let address = &databases.primary;
        let writers = match address {
            Address::Sqlite(path) => {
                let conn = Conn::Sqlite(sqlite::connect(path, Access::Write)?);
                Writers::One(writer::Writer::start(conn, on_commit, counted)?)
            }
            Address::Postgres(url) => {
                Writers::Many(journal::Writers::start(url, on_commit, counted)?)
            }
        };
        let used = metrics.connections("read");
        let readers = Pool::new(address.clone(), Access::Read, "", READERS_MAX, used);
        Ok(Self {
            databases: databases.clone(),
            readers: Arc::new(readers),
            writers,
            metrics: Arc::clone(metrics),
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
        let outcome = match &self.writers {
            Writers::One(writer) => writer.write(command).await,
            Writers::Many(writers) => writers.write(command).await,
        };
        self.metrics.wrote(&outcome);
        outcome
    }

    /// Runs `command` in step with the commits that the listener is told of: what it
    /// reads is neither ahead of them nor behind.
    ///
    /// # Errors
    /// The command's own, or the storage's.
    pub async fn in_step<T: Send + 'static>(
        &self,
        command: impl FnOnce(&mut Tx<'_>) -> AppResult<T> + Send + 'static,
    ) -> AppResult<T> {
        match &self.writers {
            Writers::One(writer) => writer.write(command).await,
            Writers::Many(writers) => writers.in_step(command).await,
        }
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
        let _slot = self.readers.turn().await?;
        blocking(move || readers.lend(|conn| read_alone(conn, query))).await?
    }

    /// Runs a `query` that takes its time, over one consistent snapshot, on a connection
    /// of its own: those who read a little never wait for it. It is asked of the replica
    /// where one keeps up, so it may miss the last seconds. Blocks its thread.
    ///
    /// # Errors
    /// The query's own, or the storage's.
    pub fn read_long<T>(&self, query: impl FnOnce(&Tx<'_>) -> AppResult<T>) -> AppResult<T> {
        let conn = match self.fresh_replica() {
            Some(conn) => conn,
            None => Conn::open(&self.databases.primary, Access::Read)?,
        };
        read_alone(&conn, query)
    }

    /// A connection to the replica, if there is one and it keeps up.
    fn fresh_replica(&self) -> Option<Conn> {
        let conn = Conn::open(self.databases.replica.as_ref()?, Access::Read).and_then(|conn| {
            let behind_s = Tx::on(&conn).one(BEHIND_S, args![], |row| row.get::<Option<i64>>(0))?;
            Ok((conn, behind_s.flatten()))
        });
        match conn {
            Ok((conn, Some(behind_s))) if behind_s <= BEHIND_S_MAX => Some(conn),
            Ok((_, behind_s)) => {
                tracing::warn!(behind_s, "the replica does not keep up");
                None
            }
            Err(fault) => {
                tracing::warn!(%fault, "no replica");
                None
            }
        }
    }

    /// Runs one statement that looks a few rows up. SQLite answers it where it stands:
    /// that is cheaper than changing threads for it. Anything longer belongs in
    /// [`Db::read`].
    ///
    /// # Errors
    /// The query's own, or the storage's.
    pub async fn glance<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Tx<'_>) -> AppResult<T> + Send + 'static,
    ) -> AppResult<T> {
        match &self.writers {
            Writers::One(_) => self.readers.lend(|conn| query(&Tx::on(conn))),
            Writers::Many(_) => {
                let readers = Arc::clone(&self.readers);
                let _slot = self.readers.turn().await?;
                blocking(move || readers.lend(|conn| query(&Tx::on(conn)))).await?
            }
        }
    }
}

/// Runs one command in its own durable transaction on a connection of its own,
/// for the command line.
///
/// # Errors
/// The command's own, or the storage's.
pub fn write_alone<T>(
    conn: &Conn,
    command: impl FnOnce(&mut Tx<'_>) -> AppResult<T>,
) -> AppResult<T> {
    conn.begin(true)?;
    let mut tx = Tx::on(conn);
    let outcome = command(&mut tx).and_then(|value| {
        journal::note(&mut tx)?;
        Ok(value)
    });
    match outcome {
        Ok(value) => {
            conn.script("commit")?;
            Ok(value)
        }
        Err(fault) => {
            // The first fault is the one to tell.
            let _ = conn.script("rollback");
            Err(fault)
        }
    }
}

/// Reads over one snapshot on a connection of its own, for the command line.
///
/// # Errors
/// The query's own, or the storage's.
pub fn read_alone<T>(conn: &Conn, query: impl FnOnce(&Tx<'_>) -> AppResult<T>) -> AppResult<T> {
    conn.begin(false)?;
    let tx = Tx::on(conn);
    let outcome =
        catch_unwind(AssertUnwindSafe(|| query(&tx))).unwrap_or_else(|_| Err(AppError::panicked()));
    // PostgreSQL takes this as a rollback after a failed statement; nothing was written.
    conn.script("commit")?;
    outcome
}
