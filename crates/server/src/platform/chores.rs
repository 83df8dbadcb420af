//! What has to be done now and then, by one node for all: whoever writes down first that
//! it does a chore does it, and the others find that it is not due.

use super::db::{DbError, Tx, sweep_journal};
use super::problem::AppResult;
use crate::App;
use crate::args;
use crate::features::branch::telling;
use crate::features::members::store as members;
use crate::features::notifications::store as notifications;
use std::sync::Arc;
use std::time::Duration;
use time::OffsetDateTime;

/// How often each is done.
const EVERY: Duration = Duration::from_secs(600);

/// Removes what nobody needs any more, or tells what has become due; how many.
type Chore = fn(&mut Tx<'_>, OffsetDateTime) -> Result<usize, DbError>;

const CHORES: [(&str, Chore); 6] = [
    ("invitations", members::forget_invitations),
    ("journal", |tx, _| sweep_journal(tx)),
    ("login_attempts", members::forget_old_failures),
    ("notifications", notifications::forget),
    ("sessions", members::forget_sessions),
    ("tasks", telling::tasks_due),
];

/// Does what is due, for as long as the server runs.
pub async fn keep(app: Arc<App>) {
    // Oftener than they are due, so that none waits for twice its time.
    let mut looks = tokio::time::interval(EVERY / 4);
    loop {
        looks.tick().await;
        look(&app, EVERY).await;
    }
}

/// Does each chore that nobody has done for as long as `every`; which these were.
pub async fn look(app: &App, every: Duration) -> Vec<&'static str> {
    let mut done = Vec::new();
    for (name, chore) in CHORES {
        let now = app.clock.now();
        let work = move |tx: &mut Tx<'_>| -> AppResult<Option<usize>> {
            let ours = claim(tx, name, now, every)?;
            Ok(ours.then(|| chore(tx, now)).transpose()?)
        };
        match app.db.write(work).await {
            Ok(Some(rows)) => {
                tracing::debug!(name, rows, "chore done");
                app.metrics.chore(name, "done");
                done.push(name);
            }
            Ok(None) => {}
            Err(fault) => {
                tracing::error!(name, %fault, cause = ?fault, "chore failed");
                app.metrics.chore(name, "failed");
            }
        }
    }
    done
}

/// Whether it falls to this transaction; if that is undone, it falls to the next.
fn claim(
    tx: &mut Tx<'_>,
    name: &str,
    now: OffsetDateTime,
    every: Duration,
) -> Result<bool, DbError> {
    let claimed = tx.execute(
        "insert into chore (name, last_at) values ($1, $2)
         on conflict (name) do update set last_at = excluded.last_at where chore.last_at <= $3",
        args![name, now, now - every],
    )?;
    Ok(claimed == 1)
}
