//! Writing to PostgreSQL from many nodes, and telling every node what was counted.
//!
//! A transaction that changes what nodes keep in memory writes that down in `journal`.
//! Each node reads on from where it was, a few times a second and after each write of
//! its own, over a snapshot that says which transactions were still open: an entry is
//! taken once, whenever it becomes visible, so nothing is missed however long another
//! transaction takes.

use super::pool::Pool;
use super::postgres::Session;
use super::{Access, Address, Conn, DbError, Effect, OnCommit, Tx};
use crate::args;
use crate::features::desk::Moved;
use crate::platform::blocking;
use crate::platform::metrics::Metrics;
use crate::platform::problem::{AppError, AppResult};
use domain::ids::{IndicatorId, MeasureId, PlaceId, TeamId};
use domain::tallies::{Cell, Quantity};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};
use time::Date;
use tokio::sync::oneshot;
use tracing::Span;

/// Connections that write.
const WRITERS_MAX: usize = 8;
/// A write looks a few rows up by their keys, whatever is guessed about a table that was
/// empty when its plan was made; and a node that is gone or hangs in one holds nobody off
/// for long.
const WRITING: &str = "set enable_hashjoin = off; set enable_mergejoin = off; set enable_seqscan = off; set tcp_user_timeout = '25s'; set idle_in_transaction_session_timeout = '60s'";
/// How often a node looks for what others wrote.
const PAUSE: Duration = Duration::from_millis(200);
/// Entries are kept for an hour: a node that was cut off for longer than this starts afresh.
const CUT_OFF_MAX: Duration = Duration::from_secs(1800);

/// One change, as the journal keeps it.
#[derive(Serialize, Deserialize)]
enum Entry {
    Tally {
        measure: MeasureId,
        place: PlaceId,
        team: TeamId,
        /// Julian day.
        day: i32,
        total: i64,
        anonymous: i64,
    },
    Target {
        indicator: IndicatorId,
        place: PlaceId,
        team: TeamId,
        value: i64,
    },
    Shape,
    Desk(Moved),
}

impl Entry {
    fn of(effect: &Effect) -> Option<Self> {
        Some(match effect {
            Effect::Tally(cell, quantity) => Self::Tally {
                measure: cell.measure,
                place: cell.place.clone(),
                team: cell.team,
                day: cell.day.to_julian_day(),
                total: quantity.total,
                anonymous: quantity.anonymous,
            },
            Effect::Target {
                indicator,
                place,
                team,
                value,
            } => Self::Target {
                indicator: *indicator,
                place: place.clone(),
                team: *team,
                value: *value,
            },
            Effect::Shape => Self::Shape,
            // What one node keeps is nothing to the others.
            Effect::Loaded(_) | Effect::Desk(Moved::Loaded(_)) => return None,
            Effect::Desk(moved) => Self::Desk(moved.clone()),
        })
    }

    fn effect(self) -> Option<Effect> {
        Some(match self {
            Self::Tally {
                measure,
                place,
                team,
                day,
                total,
                anonymous,
            } => {
                let day = Date::from_julian_day(day).ok()?;
                let cell = Cell {
                    measure,
                    place,
                    team,
                    day,
                };
                Effect::Tally(cell, Quantity { total, anonymous })
            }
            Self::Target {
                indicator,
                place,
                team,
                value,
            } => Effect::Target {
                indicator,
                place,
                team,
                value,
            },
            Self::Shape => Effect::Shape,
            Self::Desk(moved) => Effect::Desk(moved),
        })
    }
}

/// Writes down what a transaction changed, for the other nodes; whether there was anything.
///
/// # Errors
/// The storage's.
pub fn note(tx: &mut Tx<'_>) -> Result<bool, DbError> {
    let entries: Vec<Entry> = tx.effects.iter().filter_map(Entry::of).collect();
    if tx.is_sqlite() || entries.is_empty() {
        return Ok(false);
    }
    let entries =
        serde_json::to_string(&entries).map_err(|fault| DbError::Other(Box::new(fault)))?;
    tx.execute(
        "insert into journal (xid, at, entries) values ((pg_current_xact_id()::text)::bigint, now(), $1)",
        args![&entries],
    )?;
    Ok(true)
}

/// The connections that write, and the thread that reads the journal.
#[derive(Clone, Debug)]
pub struct Writers {
    pool: Arc<Pool>,
    reader: mpsc::Sender<Asked>,
}

/// What the journal's reader is asked to do once it has read everything visible now;
/// it gives back how to answer, for when the copies have followed.
type Asked = Box<dyn FnOnce(&mut Tx<'_>) -> Answer + Send>;
type Answer = Box<dyn FnOnce()>;

impl Writers {
    /// Starts the journal's reader.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub fn start(url: &str, on_commit: OnCommit, metrics: Arc<Metrics>) -> Result<Self, DbError> {
        let (reader, asked) = mpsc::channel();
        let used = metrics.connections("write");
        let session = Session::connect(url)?;
        let url = url.to_owned();
        let address = Address::Postgres(url.clone());
        std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || Reader::new(url, on_commit, metrics).run(Some(session), &asked))
            .map_err(|fault| DbError::Other(Box::new(fault)))?;
        let pool = Arc::new(Pool::new(
            address,
            Access::Write,
            WRITING,
            WRITERS_MAX,
            used,
        ));
        Ok(Self { pool, reader })
    }

    /// See [`super::Db::write`]. Returns when this node's copies have followed.
    pub async fn write<T: Send + 'static>(
        &self,
        command: impl FnOnce(&mut Tx<'_>) -> AppResult<T> + Send + 'static,
    ) -> AppResult<T> {
        let _slot = self.pool.turn().await?;
        let pool = Arc::clone(&self.pool);
        let work = move || pool.lend(|conn| commit(conn, command));
        let (value, noted) = blocking(work).await??;
        if noted {
            let (done, followed) = oneshot::channel();
            let asked: Asked = Box::new(move |_| {
                Box::new(move || {
                    // The writer may have stopped waiting.
                    let _ = done.send(());
                })
            });
            let told = self.reader.send(asked);
            if told.is_ok() {
                // It is on disk whether or not the copies follow in time.
                let _ = tokio::time::timeout(Duration::from_secs(1), followed).await;
            }
        }
        Ok(value)
    }

    /// See [`super::Db::in_step`].
    pub async fn in_step<T: Send + 'static>(
        &self,
        command: impl FnOnce(&mut Tx<'_>) -> AppResult<T> + Send + 'static,
    ) -> AppResult<T> {
        let (reply, outcome) = oneshot::channel();
        let span = Span::current();
        let asked: Asked = Box::new(move |tx| {
            let _in_span = span.enter();
            let outcome = catch_unwind(AssertUnwindSafe(|| command(tx)))
                .unwrap_or_else(|_| Err(AppError::panicked()));
            Box::new(move || {
                // The asker may have stopped waiting.
                let _ = reply.send(outcome);
            })
        });
        self.reader.send(asked).map_err(|_| DbError::Closed)?;
        outcome
            .await
            .map_err(|_| AppError::problem("storage.busy"))?
    }
}

fn commit<T>(
    conn: &Conn,
    command: impl FnOnce(&mut Tx<'_>) -> AppResult<T>,
) -> AppResult<(T, bool)> {
    conn.begin(true)?;
    let mut tx = Tx::on(conn);
    let outcome = catch_unwind(AssertUnwindSafe(|| command(&mut tx)))
        .unwrap_or_else(|_| Err(AppError::panicked()))
        .and_then(|value| Ok((value, note(&mut tx)?)))
        .and_then(|done| conn.script("commit").map(|()| done).map_err(AppError::Db));
    if outcome.is_err() {
        // The first fault is the one to tell.
        let _ = conn.script("rollback");
    }
    outcome
}

/// Follows the journal.
struct Reader {
    url: String,
    on_commit: OnCommit,
    metrics: Arc<Metrics>,
    /// Every transaction below this one had ended when we last looked.
    open_from: i64,
    /// Entries taken of those that had not.
    taken: HashSet<i64>,
    looked_at: Option<Instant>,
}

impl Reader {
    fn new(url: String, on_commit: OnCommit, metrics: Arc<Metrics>) -> Self {
        Self {
            url,
            on_commit,
            metrics,
            open_from: 0,
            taken: HashSet::new(),
            looked_at: None,
        }
    }

    /// Reads until nobody can ask any more.
    fn run(mut self, mut session: Option<Session>, asked: &mpsc::Receiver<Asked>) {
        loop {
            let mut waiting: Vec<Asked> = match asked.recv_timeout(PAUSE) {
                Ok(first) => vec![first],
                Err(RecvTimeoutError::Timeout) => Vec::new(),
                Err(RecvTimeoutError::Disconnected) => return,
            };
            waiting.extend(asked.try_iter());
            let found = match session.take().filter(Session::is_open) {
                Some(session) => Ok(session),
                None => Session::connect(&self.url),
            };
            let looked = found.and_then(|found| {
                let conn = Conn::Postgres(Box::new(found));
                self.look(&conn, waiting)?;
                if let Conn::Postgres(found) = conn {
                    session = Some(*found);
                }
                Ok(())
            });
            if let Err(fault) = looked {
                tracing::error!(%fault, "the journal cannot be read");
            }
        }
    }

    fn look(&mut self, conn: &Conn, waiting: Vec<Asked>) -> Result<(), DbError> {
        conn.begin(false)?;
        let mut tx = Tx::on(conn);
        let open_from = tx
            .one(
                "select (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint",
                args![],
                |row| row.get::<i64>(0),
            )?
            .unwrap_or(self.open_from);
        if self.looked_at.is_none_or(|at| at.elapsed() > CUT_OFF_MAX) {
            // Cut off for too long, or new: nothing in memory can be trusted.
            (self.on_commit)(vec![Effect::Shape]);
            self.open_from = open_from;
            self.taken.clear();
        }
        let mut taken = HashSet::new();
        let mut effects = Vec::new();
        let first = self.looked_at.is_none();
        tx.each(
            "select id, xid, entries from journal where xid >= $1 order by id",
            args![self.open_from],
            |row| {
                let (id, xid): (i64, i64) = (row.get(0)?, row.get(1)?);
                if xid >= open_from {
                    taken.insert(id);
                }
                if !first && !self.taken.contains(&id) {
                    let entries: Vec<Entry> = serde_json::from_str(&row.get::<String>(2)?)
                        .map_err(|fault| DbError::Other(Box::new(fault)))?;
                    effects.extend(entries.into_iter().filter_map(Entry::effect));
                }
                Ok::<(), DbError>(())
            },
        )?;
        (self.on_commit)(effects);
        (self.open_from, self.taken) = (open_from, taken);
        self.looked_at = Some(Instant::now());
        self.metrics.journal_read();
        let answers: Vec<Answer> = waiting.into_iter().map(|asked| asked(&mut tx)).collect();
        conn.script("commit")?;
        (self.on_commit)(tx.effects);
        for answer in answers {
            answer();
        }
        Ok(())
    }
}

/// Removes entries that every node has taken, or will not ask for any more; how many.
///
/// # Errors
/// The storage's.
pub fn sweep(tx: &mut Tx<'_>) -> Result<usize, DbError> {
    if tx.is_sqlite() {
        return Ok(0);
    }
    tx.execute(
        "delete from journal where at < now() - interval '1 hour'",
        args![],
    )
}
