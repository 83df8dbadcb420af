//! What has to be done now and then, by one node for all: whoever writes down first that
//! it does a chore does it, and the others find that it is not due.

use super::clock::Clock;
use super::db::{DbError, Tx, sweep_journal};
use super::problem::AppResult;
use crate::App;
use crate::args;
use crate::features::branch::telling;
use crate::features::members::store as members;
use crate::features::notifications::store as notifications;
use crate::features::{desk, questions, ratings, rosters, scams, slips};
use std::sync::Arc;
use std::time::Duration;
use time::OffsetDateTime;

/// How often each is done.
const EVERY: Duration = Duration::from_secs(600);

/// Removes what nobody needs any more, or tells what has come near; of how much.
type Chore = fn(&mut Tx<'_>, &Clock) -> Result<usize, DbError>;

const CHORES: &[(&str, Chore)] = &[
    ("invitations", |tx, clock| {
        members::forget_invitations(tx, clock.now())
    }),
    ("journal", |tx, _| sweep_journal(tx)),
    ("login_attempts", |tx, clock| {
        members::forget_old_failures(tx, clock.now())
    }),
    ("notifications", |tx, clock| {
        notifications::forget(tx, clock.now())
    }),
    ("questions", questions::forget),
    ("questions_late", questions::climb_late),
    ("ratings", ratings::late),
    ("roster_gaps", rosters::tell_gaps),
    ("scam_contacts", |tx, clock| {
        scams::store::forget_contacts(tx, clock.now())
    }),
    ("sessions", |tx, clock| {
        members::forget_sessions(tx, clock.now())
    }),
    ("slip_contacts", |tx, clock| {
        slips::forget(tx, clock.today())
    }),
    ("slip_reminders", slips::telling::remind),
    ("tasks", |tx, clock| telling::tasks_due(tx, clock.now())),
];

/// Does what is due, for as long as the server runs.
pub async fn keep(app: Arc<App>) {
    // Oftener than they are due, so that none waits for twice its time.
    let mut looks = tokio::time::interval(EVERY / 4);
    loop {
        looks.tick().await;
        look(&app, EVERY).await;
        if let Err(fault) = desk::tell_crowded(&app).await {
            tracing::error!(%fault, cause = ?fault, "crowded desks were not told");
        }
    }
}

/// Does each chore that nobody has done for as long as `every`; which these were.
pub async fn look(app: &App, every: Duration) -> Vec<&'static str> {
    let mut done = Vec::new();
    for &(name, chore) in CHORES {
        let clock = app.clock.clone();
        let work = move |tx: &mut Tx<'_>| -> AppResult<Option<usize>> {
            let ours = claim(tx, name, clock.now(), every)?;
            Ok(ours.then(|| chore(tx, &clock)).transpose()?)
        };
        match app.db.write(work).await {
            Ok(Some(of)) => {
                tracing::debug!(name, of, "chore done");
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
///
/// # Errors
/// The storage's.
pub fn claim(
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
