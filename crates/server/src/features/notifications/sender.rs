//! Sends what the outbox holds. Every node does; each message is taken by one of them.
//!
//! A message is sent outside any transaction and noted afterwards: who dies between the
//! two sends it again. A browser shows such a pair once (`Topic`, and the same tag), a
//! phone may get it twice.

use super::channels::{Address, Fault, Message};
use super::store::{self, Due};
use super::words;
use crate::App;
use crate::features::slips::telling;
use crate::platform::blocking;
use crate::platform::problem::{AppResult, Language};
use std::sync::Arc;
use time::{Duration, OffsetDateTime};

/// How often we look.
const LOOK: std::time::Duration = std::time::Duration::from_secs(5);
/// How many are taken at a time.
const AT_ONCE: i64 = 20;
/// For how long: more than [`AT_ONCE`] may take.
const TAKEN_FOR: Duration = Duration::minutes(5);
/// How long we try.
const WORTH: Duration = Duration::days(1);
/// Longest pause between two tries.
const PAUSE_MAX: Duration = Duration::hours(1);

/// Sends what is due, for as long as the server runs.
pub async fn keep(app: Arc<App>) {
    let mut looks = tokio::time::interval(LOOK);
    loop {
        looks.tick().await;
        if let Err(fault) = send_due(&app).await {
            tracing::error!(%fault, cause = ?fault, "the outbox");
        }
        if let Err(fault) = telling::send_due(&app).await {
            tracing::error!(%fault, cause = ?fault, "the outbox of slips");
        }
    }
}

/// Sends what is due now; how many went out.
///
/// # Errors
/// The storage's.
pub async fn send_due(app: &Arc<App>) -> AppResult<usize> {
    let mut sent = 0;
    loop {
        let now = app.clock.now();
        // Nearly always there is nothing: that takes no writer's turn.
        if !app.db.glance(move |tx| Ok(store::is_due(tx, now)?)).await? {
            return Ok(sent);
        }
        let due = app
            .db
            .write(move |tx| Ok(store::take(tx, now, now + TAKEN_FOR, AT_ONCE)?))
            .await?;
        if due.is_empty() {
            // Another node was quicker.
            return Ok(sent);
        }
        for one in due {
            sent += usize::from(send(app, one).await?);
        }
    }
}

/// Sends one and notes what became of it; whether it went out.
async fn send(app: &Arc<App>, due: Due) -> AppResult<bool> {
    let (whole, now) = (Arc::clone(app), app.clock.now());
    let (id, channel, tries, at) = (due.id, due.channel, due.tries, due.at);
    let session = due.session.clone();
    let outcome = blocking(move || {
        let adapter = whole.adapters.of(channel);
        match (adapter, message(due, now)) {
            (_, None) => Err(Fault::Gone),
            (None, _) => Err(Fault::Later("the channel is switched off".to_owned())),
            (Some(adapter), Some(message)) => adapter.send(&message),
        }
    })
    .await?;
    let next = now + pause(tries);
    let (became, sent) = match &outcome {
        Ok(()) => ("sent", true),
        Err(Fault::Gone) => ("gone", false),
        Err(Fault::Later(why)) if next >= at + WORTH => {
            tracing::warn!(channel = channel.as_str(), why, "a message was given up");
            ("given_up", false)
        }
        Err(Fault::Later(why)) => {
            tracing::info!(channel = channel.as_str(), why, tries, "a message waits");
            ("postponed", false)
        }
    };
    app.metrics.delivery(channel.as_str(), became);
    app.db
        .write(move |tx| {
            match became {
                "postponed" => store::postpone(tx, id, next)?,
                _ => store::close(tx, id)?,
            }
            if let ("gone", Some(session)) = (became, session) {
                store::unsubscribe(tx, &session)?;
            }
            Ok(sent)
        })
        .await
}

/// A minute, doubled by each try, at most an hour.
fn pause(tries: i64) -> Duration {
    let doubled = 1_i32 << tries.clamp(0, 10);
    (Duration::MINUTE * doubled).min(PAUSE_MAX)
}

/// The message in words; nothing when there is nowhere to send it.
fn message(due: Due, now: OffsetDateTime) -> Option<Message> {
    let (to, language) = match (due.session, due.browser) {
        (Some(_), None) => return None,
        (_, Some((browser, language))) => (Address::Browser(browser), language),
        (None, None) => (Address::Phone(due.phone?), String::new()),
    };
    let language = Language::named(&language);
    let (title, text) = words::said(due.kind, &due.facts, language);
    Some(Message {
        id: due.notification,
        to,
        title,
        text,
        link: due.link,
        worth_s: (due.at + WORTH - now).whole_seconds(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_an_hour() {
        let minutes: Vec<i64> = (0..8).map(|tries| pause(tries).whole_minutes()).collect();
        assert_eq!(minutes, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(pause(i64::MAX), PAUSE_MAX);
    }
}
