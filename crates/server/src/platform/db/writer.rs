//! The writer's thread: takes the writes that are waiting into one transaction, and
//! answers them when it is on disk.

use super::{Conn, DbError, Effect, OnCommit, Tx};
use crate::platform::metrics::{Connections, Metrics};
use crate::platform::problem::{AppError, AppResult, Code};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};
use tracing::Span;

/// Writes taken into one transaction, at most.
const GROUP_MAX: usize = 64;

/// Requests that may wait for the writer before new ones are told to come back.
const QUEUE_MAX: usize = 1024;

/// The writer's thread.
#[derive(Clone, Debug)]
pub struct Writer {
    jobs: mpsc::Sender<Box<dyn Job>>,
    used: Connections,
}

impl Writer {
    /// Starts it.
    pub fn start(conn: Conn, on_commit: OnCommit, metrics: Arc<Metrics>) -> Result<Self, DbError> {
        let (jobs, queue) = mpsc::channel(QUEUE_MAX);
        let used = metrics.connections("write");
        std::thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || run(&conn, queue, on_commit, &metrics))
            .map_err(|fault| DbError::Other(Box::new(fault)))?;
        Ok(Self { jobs, used })
    }

    /// See [`super::Db::write`].
    pub async fn write<T: Send + 'static>(
        &self,
        command: impl FnOnce(&mut Tx<'_>) -> AppResult<T> + Send + 'static,
    ) -> AppResult<T> {
        let (reply, outcome) = oneshot::channel();
        let waiting = self.used.waiting();
        let command = move |tx: &mut Tx<'_>| {
            drop(waiting);
            command(tx)
        };
        let job = Write {
            command: Some(command),
            outcome: None,
            reply,
            span: Span::current(),
        };
        let sent = self.jobs.send(Box::new(job)).await;
        sent.map_err(|_| DbError::Closed)?;
        outcome.await.map_err(|_| DbError::Closed)?
    }
}

/// A write waiting for its turn. `run` says whether to keep what it did.
trait Job: Send {
    fn run(&mut self, tx: &mut Tx<'_>) -> Verdict;
    fn finish(self: Box<Self>, committed: Result<(), &DbError>);
}

enum Verdict {
    Keep,
    Undo,
    /// Nothing of the group can be kept.
    Abandon(Code),
}

struct Write<F, T> {
    command: Option<F>,
    outcome: Option<AppResult<T>>,
    reply: oneshot::Sender<AppResult<T>>,
    /// The request it belongs to.
    span: Span,
}

impl<F, T> Job for Write<F, T>
where
    F: FnOnce(&mut Tx<'_>) -> AppResult<T> + Send,
    T: Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> Verdict {
        let Some(command) = self.command.take() else {
            return Verdict::Undo;
        };
        let _in_span = self.span.enter();
        let outcome = catch_unwind(AssertUnwindSafe(|| command(tx)))
            .unwrap_or_else(|_| Err(AppError::panicked()));
        let verdict = match &outcome {
            Ok(_) => Verdict::Keep,
            Err(AppError::Db(
                fault @ (DbError::Full(_) | DbError::Failed(_) | DbError::Corrupt(_)),
            )) => Verdict::Abandon(fault.code()),
            Err(_) => Verdict::Undo,
        };
        self.outcome = Some(outcome);
        verdict
    }

    fn finish(self: Box<Self>, committed: Result<(), &DbError>) {
        let _in_span = self.span.enter();
        let outcome = match (self.outcome, committed) {
            (Some(Ok(value)), Ok(())) => Ok(value),
            (Some(Err(fault)), _) => Err(fault),
            (_, Err(fault)) => {
                tracing::error!(%fault, cause = ?fault, "storage");
                Err(AppError::problem(fault.code()))
            }
            (None, Ok(())) => Err(AppError::Db(DbError::Closed)),
        };
        // Nobody listens any more when the request was given up; what was written stays.
        let _ = self.reply.send(outcome);
    }
}

/// Writes until nobody can send any more.
fn run(
    conn: &Conn,
    mut queue: mpsc::Receiver<Box<dyn Job>>,
    mut on_commit: OnCommit,
    metrics: &Metrics,
) {
    let used = metrics.connections("write");
    while let Some(first) = queue.blocking_recv() {
        let mut group = vec![first];
        while group.len() < GROUP_MAX {
            match queue.try_recv() {
                Ok(job) => group.push(job),
                Err(_) => break,
            }
        }
        let lent = used.lent();
        metrics.group(group.len());
        let committed = commit_group(conn, &mut group);
        drop(lent);
        let committed = committed.map(&mut on_commit);
        for job in group {
            job.finish(committed.as_ref().copied());
        }
    }
}

fn commit_group(conn: &Conn, group: &mut [Box<dyn Job>]) -> Result<Vec<Effect>, DbError> {
    let outcome = run_group(conn, group);
    if outcome.is_err() {
        // The group's own fault is the one to tell.
        let _ = conn.script("rollback");
    }
    outcome
}

fn run_group(conn: &Conn, group: &mut [Box<dyn Job>]) -> Result<Vec<Effect>, DbError> {
    conn.begin(true)?;
    let mut tx = Tx::on(conn);
    // Alone it needs no savepoint: what it would undo is the whole transaction.
    let alone = group.len() == 1;
    for job in group {
        let told = tx.effects.len();
        if !alone {
            tx.script("savepoint job")?;
        }
        match job.run(&mut tx) {
            Verdict::Keep => {}
            Verdict::Undo if alone => {
                tx.script("rollback")?;
                return Ok(Vec::new());
            }
            Verdict::Undo => {
                tx.script("rollback to job")?;
                tx.effects.truncate(told);
            }
            Verdict::Abandon(code) => return Err(DbError::Abandoned(code)),
        }
        if !alone {
            tx.script("release job")?;
        }
    }
    tx.script("commit")?;
    Ok(tx.effects)
}
