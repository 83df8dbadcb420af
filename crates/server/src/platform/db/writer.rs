//! The writer's thread: takes the writes that are waiting into one transaction, and
//! answers them when it is on disk.

use super::{DbError, Effect, OnCommit, Tx};
use crate::args;
use crate::platform::problem::{AppError, AppResult, Code};
use rusqlite::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tokio::sync::{mpsc, oneshot};

/// Writes taken into one transaction, at most.
const GROUP_MAX: usize = 64;

/// A write waiting for its turn. `run` says whether to keep what it did.
pub trait Job: Send {
    fn run(&mut self, tx: &mut Tx<'_>) -> Verdict;
    fn finish(self: Box<Self>, committed: Result<(), Code>);
}

pub enum Verdict {
    Keep,
    Undo,
    /// Nothing of the group can be kept.
    Abandon(Code),
}

struct Write<F, T> {
    command: Option<F>,
    outcome: Option<AppResult<T>>,
    reply: oneshot::Sender<AppResult<T>>,
}

/// A write, and where its outcome comes.
pub fn job<T: Send + 'static>(
    command: impl FnOnce(&mut Tx<'_>) -> AppResult<T> + Send + 'static,
) -> (Box<dyn Job>, oneshot::Receiver<AppResult<T>>) {
    let (reply, outcome) = oneshot::channel();
    let job = Write {
        command: Some(command),
        outcome: None,
        reply,
    };
    (Box::new(job), outcome)
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
        let outcome = catch_unwind(AssertUnwindSafe(|| command(tx)))
            .unwrap_or_else(|_| Err(AppError::panicked()));
        let verdict = match &outcome {
            Ok(_) => Verdict::Keep,
            Err(AppError::Db(fault @ (DbError::Full(_) | DbError::Corrupt(_)))) => {
                Verdict::Abandon(fault.code())
            }
            Err(_) => Verdict::Undo,
        };
        self.outcome = Some(outcome);
        verdict
    }

    fn finish(self: Box<Self>, committed: Result<(), Code>) {
        let outcome = match (self.outcome, committed) {
            (Some(Ok(value)), Ok(())) => Ok(value),
            (Some(Err(fault)), _) => Err(fault),
            (_, Err(code)) => Err(AppError::problem(code)),
            (None, Ok(())) => Err(AppError::Db(DbError::Closed)),
        };
        // Nobody listens any more when the request was given up; what was written stays.
        let _ = self.reply.send(outcome);
    }
}

/// Writes until nobody can send any more.
pub fn run(conn: &Connection, mut queue: mpsc::Receiver<Box<dyn Job>>, mut on_commit: OnCommit) {
    while let Some(first) = queue.blocking_recv() {
        let mut group = vec![first];
        while group.len() < GROUP_MAX {
            match queue.try_recv() {
                Ok(job) => group.push(job),
                Err(_) => break,
            }
        }
        let committed = commit_group(conn, &mut group);
        let committed = committed.map(&mut on_commit).map_err(|fault| {
            tracing::error!(%fault, "group of {} writes failed", group.len());
            fault.code()
        });
        for job in group {
            job.finish(committed);
        }
    }
}

fn commit_group(conn: &Connection, group: &mut [Box<dyn Job>]) -> Result<Vec<Effect>, DbError> {
    let outcome = run_group(conn, group);
    if !conn.is_autocommit() {
        // Undone, or failed; then the group's own fault is the one to tell.
        let _ = conn.execute_batch("rollback");
    }
    outcome
}

fn run_group(conn: &Connection, group: &mut [Box<dyn Job>]) -> Result<Vec<Effect>, DbError> {
    let mut tx = Tx {
        conn,
        effects: Vec::new(),
    };
    tx.execute("begin immediate", args![])?;
    // Alone it needs no savepoint: what it would undo is the whole transaction.
    let alone = group.len() == 1;
    for job in group {
        let told = tx.effects.len();
        if !alone {
            tx.execute("savepoint job", args![])?;
        }
        match job.run(&mut tx) {
            Verdict::Keep => {}
            Verdict::Undo if alone => return Ok(Vec::new()),
            Verdict::Undo => {
                tx.execute("rollback to job", args![])?;
                tx.effects.truncate(told);
            }
            Verdict::Abandon(code) => return Err(DbError::Abandoned(code)),
        }
        if !alone {
            tx.execute("release job", args![])?;
        }
    }
    tx.execute("commit", args![])?;
    Ok(tx.effects)
}
