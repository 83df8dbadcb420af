//! Takes answers back to where questions came from, and takes in what Zalo told us. Every node
//! does; each message is taken by one of them. A message is sent outside any transaction and
//! noted afterwards: who dies between the two sends it again.

use super::commands::{self, Asking};
use super::store::{self, Contact, Question};
use super::telling;
use super::words::{Sent, sent_words};
use super::zalo;
use crate::App;
use crate::args;
use crate::features::notifications::channels::{Address, Fault, Message};
use crate::platform::blocking;
use crate::platform::clock::Clock;
use crate::platform::db::{DbError, Tx, Value};
use crate::platform::problem::{AppError, AppResult, fill};
use domain::ids::QuestionId;
use domain::notifications::NoticeChannel;
use domain::questions::{QuestionCode, QuestionSource};
use serde_json::Map;
use std::sync::Arc;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// How often we look.
const LOOK: std::time::Duration = std::time::Duration::from_secs(5);
/// How many are taken at a time.
const AT_ONCE: i64 = 20;
/// For how long: more than [`AT_ONCE`] may take.
const TAKEN_FOR: Duration = Duration::minutes(10);
/// How long we try.
const WORTH: Duration = Duration::days(1);
/// Longest pause between two tries.
const PAUSE_MAX: Duration = Duration::hours(1);

/// Takes in and sends, for as long as the server runs.
pub async fn keep(app: Arc<App>) {
    let mut looks = tokio::time::interval(LOOK);
    loop {
        looks.tick().await;
        if let Err(fault) = work(&app).await {
            tracing::error!(%fault, cause = ?fault, "questions");
        }
    }
}

/// Takes in what came and sends what is due; how many went out.
///
/// # Errors
/// The storage's.
pub async fn work(app: &Arc<App>) -> AppResult<usize> {
    take_in(app).await?;
    if let Some(zalo) = &app.zalo {
        zalo.stay_alive(app).await?;
    }
    send_due(app).await
}

fn put(
    tx: &mut Tx<'_>,
    id: Uuid,
    question: QuestionId,
    (to, text): (&Contact, &str),
    now: OffsetDateTime,
) -> Result<(), DbError> {
    let (channel, recipient) = to.parts();
    tx.execute(
        "insert into question_message (id, question_id, channel, recipient, text, state, made_at, due_at, tries)
         values ($1, $2, $3, $4, $5, 'waiting', $6, $7, 0) on conflict (id) do nothing",
        args![id, question, channel, recipient, text, now, now],
    )?;
    Ok(())
}

fn worded(text: &str, question: &Question) -> String {
    let code = QuestionCode::parse(&question.code);
    let facts: Map<String, serde_json::Value> = [
        ("unit", question.holder_name.clone()),
        (
            "code",
            code.map_or_else(String::new, |code| code.to_string()),
        ),
        ("due", vn::number::date(question.stands.due_on)),
        ("answer", question.answer.clone().unwrap_or_default()),
    ]
    .map(|(name, value)| (name.to_owned(), value.into()))
    .into_iter()
    .collect();
    fill(text, &facts)
}

/// Puts the answer of a question on its way, if its asker wished for that.
///
/// # Errors
/// The storage's.
pub fn post(tx: &mut Tx<'_>, clock: &Clock, question: &Question) -> AppResult<()> {
    let Some(to) = store::contact_of(tx, question.id)? else {
        return Ok(());
    };
    let Sent { answered, .. } = sent_words();
    let text = worded(answered, question);
    Ok(put(
        tx,
        clock.new_id(),
        question.id,
        (&to, &text),
        clock.now(),
    )?)
}

/// Notes that the asker was told by other means.
///
/// # Errors
/// The storage's.
pub fn settle(tx: &mut Tx<'_>, id: QuestionId) -> Result<(), DbError> {
    tx.execute(
        "update question_message set state = 'told' where question_id = $1 and state in ('waiting', 'window', 'failed')",
        args![id],
    )?;
    Ok(())
}

/// What became of the messages of a question: channel, state, when they were made.
///
/// # Errors
/// The storage's.
pub fn messages_of(
    tx: &Tx<'_>,
    id: QuestionId,
) -> Result<Vec<(String, String, OffsetDateTime)>, DbError> {
    tx.all(
        "select channel, state, made_at from question_message where question_id = $1 order by made_at, id",
        args![id],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
}

/// Makes questions of what was written to us on Zalo.
async fn take_in(app: &Arc<App>) -> AppResult<()> {
    let Some(zalo) = &app.zalo else {
        return Ok(());
    };
    let sql = "select key, user_id, text from zalo_event where not done and text is not null order by at limit $1";
    let waiting = app
        .db
        .glance(move |tx| {
            Ok(tx.all(sql, args![AT_ONCE], |row| {
                Ok((
                    row.get::<String>(0)?,
                    row.get::<String>(1)?,
                    row.get::<String>(2)?,
                ))
            })?)
        })
        .await?;
    for (key, user, text) in waiting {
        let (whole, place) = (Arc::clone(app), zalo.place().clone());
        app.db
            .write(move |tx| {
                // Of nodes that found it one takes it in.
                let ours = tx.execute(
                    "update zalo_event set done = $2, text = null where key = $1 and not done",
                    args![&key, true],
                )?;
                if ours == 0 {
                    return Ok(());
                }
                let id = whole.keys.key("zalo_event", &[key.as_bytes()]);
                let to = Contact::Zalo(user.clone());
                let asking = Asking {
                    id: QuestionId(Uuid::from_bytes(id.0)),
                    code: None,
                    source: QuestionSource::Zalo,
                    place: &place,
                    text: &text,
                    topic: None,
                    entered_by: None,
                    contact: Some(to.clone()),
                    from: &user,
                };
                match commands::ask(tx, &whole.clock, &whole.keys, &asking) {
                    Ok(made) => {
                        let text = worded(&sent_words().received, &made);
                        let ack = Uuid::from_bytes(whole.keys.key("zalo_ack", &[key.as_bytes()]).0);
                        Ok(put(tx, ack, made.id, (&to, &text), whole.clock.now())?)
                    }
                    // "Xin chào" asks nothing.
                    Err(AppError::Refused(refusal)) if refusal.code == "question.length" => {
                        tracing::info!(code = refusal.code, "a message on Zalo is no question");
                        Ok(())
                    }
                    Err(other) => Err(other),
                }
            })
            .await?;
    }
    Ok(())
}

/// A message that is due.
#[derive(Debug)]
struct Due {
    id: Uuid,
    question: QuestionId,
    to: Contact,
    text: String,
    made_at: OffsetDateTime,
    tries: i64,
}

fn take(tx: &mut Tx<'_>, now: OffsetDateTime) -> Result<Vec<Due>, DbError> {
    let apart = if tx.is_sqlite() {
        ""
    } else {
        "for update skip locked"
    };
    let due = tx.all(
        &format!(
            "select id, question_id, channel, recipient, text, made_at, tries from question_message
              where state = 'waiting' and due_at <= $1 order by due_at, id limit $2 {apart}"
        ),
        args![now, AT_ONCE],
        |row| {
            let (kind, to): (String, String) = (row.get(2)?, row.get(3)?);
            let to = Contact::read(&kind, &to).ok_or(DbError::BadData {
                column: 2,
                why: "no way that we send by".to_owned(),
            })?;
            Ok(Due {
                id: row.get(0)?,
                question: row.get(1)?,
                to,
                text: row.get(4)?,
                made_at: row.get(5)?,
                tries: row.get(6)?,
            })
        },
    )?;
    for one in &due {
        tx.execute(
            "update question_message set due_at = $2, tries = tries + 1 where id = $1",
            args![one.id, now + TAKEN_FOR],
        )?;
    }
    Ok(due)
}

/// Sends what is due now; how many went out.
async fn send_due(app: &Arc<App>) -> AppResult<usize> {
    let mut sent = 0;
    loop {
        let now = app.clock.now();
        let sql = "select 1 from question_message where state = 'waiting' and due_at <= $1 limit 1";
        let any = move |tx: &Tx<'_>| Ok(tx.one(sql, args![now], |_| Ok(()))?.is_some());
        // Nearly always there is nothing: that takes no writer's turn.
        if !app.db.glance(any).await? {
            return Ok(sent);
        }
        let due = app.db.write(move |tx| Ok(take(tx, now)?)).await?;
        if due.is_empty() {
            return Ok(sent);
        }
        for one in due {
            let outcome = send(app, &one).await?;
            sent += usize::from(outcome.is_ok());
            note(app, one, outcome).await?;
        }
    }
}

/// Why a message did not go out.
#[derive(Debug)]
pub enum Unsent {
    /// It may go out another time.
    Later(String),
    /// Zalo takes nothing for this user until they write again.
    Window,
    /// Never by this way.
    Never(&'static str),
}

async fn send(app: &Arc<App>, due: &Due) -> AppResult<Result<(), Unsent>> {
    match &due.to {
        Contact::Zalo(user) => match &app.zalo {
            Some(zalo) => zalo.send(app, user, &due.text).await,
            None => Ok(Err(Unsent::Never("Zalo is not configured"))),
        },
        Contact::Sms(number) => {
            let message = Message {
                id: due.id,
                to: Address::Phone(number.clone()),
                title: sent_words().title.clone(),
                text: due.text.clone(),
                link: String::new(),
                worth_s: WORTH.whole_seconds(),
            };
            let whole = Arc::clone(app);
            blocking(move || match whole.adapters.of(NoticeChannel::Sms) {
                None => Err(Unsent::Never("nothing sends text messages")),
                Some(adapter) => adapter.send(&message).map_err(|fault| match fault {
                    Fault::Gone => Unsent::Never("the number is no more"),
                    Fault::Later(why) => Unsent::Later(why),
                }),
            })
            .await
        }
    }
}

async fn note(app: &Arc<App>, due: Due, outcome: Result<(), Unsent>) -> AppResult<()> {
    let (clock, channel) = (app.clock.clone(), due.to.parts().0);
    let now = clock.now();
    let next = now + pause(due.tries);
    let (state, became) = match &outcome {
        Ok(()) => ("sent", "sent"),
        Err(Unsent::Later(why)) if next < due.made_at + WORTH => {
            tracing::info!(channel, why, tries = due.tries, "an answer waits");
            ("waiting", "postponed")
        }
        Err(Unsent::Window) => ("window", "gone"),
        Err(why) => {
            tracing::warn!(channel, ?why, "an answer was given up");
            ("failed", "given_up")
        }
    };
    app.metrics.delivery(channel, became);
    app.db
        .write(move |tx| {
            tx.execute(
                "update question_message set state = $2, due_at = $3 where id = $1",
                args![due.id, state, next],
            )?;
            if matches!(state, "window" | "failed")
                && let Some(question) = store::find(tx, due.question, clock.today())?
            {
                telling::tell_unsent(tx, &clock, &question)?;
            }
            Ok(())
        })
        .await
}

/// A minute, doubled by each try, at most an hour.
fn pause(tries: i64) -> Duration {
    let doubled = 1_i32 << tries.clamp(0, 10);
    (Duration::MINUTE * doubled).min(PAUSE_MAX)
}

/// Lets what waited for a user of Zalo go out: they wrote, so we may answer.
///
/// # Errors
/// The storage's.
pub fn wake(tx: &mut Tx<'_>, user: &str, now: OffsetDateTime) -> Result<(), DbError> {
    let args: &[Value<'_>] = args![user, now];
    tx.execute(
        "update question_message set state = 'waiting', due_at = $2, made_at = $2, tries = 0
          where channel = 'zalo' and recipient = $1 and state = 'window'",
        args,
    )?;
    Ok(())
}

/// Whether a user of Zalo did something within the hours in which we may write to them.
///
/// # Errors
/// The storage's.
pub fn may_write(tx: &Tx<'_>, user: &str, now: OffsetDateTime) -> Result<bool, DbError> {
    let sql = "select acted_at from zalo_user where id = $1";
    let acted: Option<OffsetDateTime> = tx.one(sql, args![user], |row| row.get(0))?;
    Ok(acted.is_some_and(|at| now - at < zalo::WINDOW))
}
