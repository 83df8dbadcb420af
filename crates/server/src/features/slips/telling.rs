//! Messages to phones that were given for a reminder: the day before, and when another day is
//! named. They hold no link and no name: a message that does is not ours.
//!
//! They do not go by the outbox of `notifications`: that one writes to members, whose row and
//! choices of channels a delivery names, and keeps what was told for the bell. A resident is no
//! member, chose this one message with this one number, and after it nothing of it may be left.

use super::store::{self, Due, Slip};
use crate::App;
use crate::features::notifications::channels::{Address, Fault, Message};
use crate::platform::blocking;
use crate::platform::clock::Clock;
use crate::platform::db::{DbError, Tx};
use crate::platform::problem::AppResult;
use domain::holidays::working_days_after;
use domain::notifications::NoticeChannel;
use std::sync::Arc;
use time::{Duration, OffsetDateTime};

/// Nobody is woken.
const HOURS: std::ops::Range<u8> = 8..20;
/// For how long others leave a message to whoever took it, and the pause between two tries.
const PAUSE: Duration = Duration::minutes(10);
/// How long we try.
const WORTH: Duration = Duration::days(1);

/// Puts reminders into the outbox for results of today and the next working day; of how many.
///
/// # Errors
/// The storage's.
pub fn remind(tx: &mut Tx<'_>, clock: &Clock) -> Result<usize, DbError> {
    let (now, today) = (clock.now(), clock.today());
    let hour = now.to_offset(time::macros::offset!(+7)).hour();
    if !HOURS.contains(&hour) {
        return Ok(0);
    }
    let slips = store::to_remind(tx, (today, working_days_after(today, 1)))?;
    for slip in &slips {
        let text = format!(
            "Nhắc hẹn: mời bà con đến {} nhận kết quả ngày {}.{}",
            slip.point_name,
            vn::number::date(slip.stands.due),
            bring(slip)
        );
        store::post(tx, clock.new_id(), slip.id, &text, now)?;
        store::reminded(tx, slip.id, slip.stands.due)?;
    }
    Ok(slips.len())
}

/// Puts an apology with the new day into the outbox, if there is a phone to send it to.
///
/// # Errors
/// The storage's.
pub fn apologise(tx: &mut Tx<'_>, clock: &Clock, slip: &Slip) -> Result<(), DbError> {
    if slip.phone.is_none() {
        return Ok(());
    }
    let text = format!(
        "{} xin lỗi vì kết quả chậm. Hẹn lại ngày {}.{}",
        slip.point_name,
        vn::number::date(slip.stands.due),
        bring(slip)
    );
    store::post(tx, clock.new_id(), slip.id, &text, clock.now())?;
    Ok(())
}

fn bring(slip: &Slip) -> String {
    let dossier = slip.dossier.as_ref();
    dossier.map_or_else(String::new, |code| format!(" Mã hồ sơ {code}."))
}

/// Sends what is due now; how many went out.
///
/// # Errors
/// The storage's.
pub async fn send_due(app: &Arc<App>) -> AppResult<usize> {
    let now = app.clock.now();
    // Nearly always there is nothing: that takes no writer's turn.
    if !app.db.glance(move |tx| Ok(store::is_due(tx, now)?)).await? {
        return Ok(0);
    }
    let due = app
        .db
        .write(move |tx| Ok(store::take(tx, now, now + PAUSE)?))
        .await?;
    let mut sent = 0;
    for one in due {
        sent += usize::from(send(app, one, now).await?);
    }
    Ok(sent)
}

/// Sends one and notes what became of it; whether it went out.
async fn send(app: &Arc<App>, due: Due, now: OffsetDateTime) -> AppResult<bool> {
    let (whole, id, at) = (Arc::clone(app), due.id, due.at);
    let outcome = blocking(move || {
        let Some(phone) = due.phone else {
            return Err(Fault::Gone);
        };
        let message = Message {
            id,
            to: Address::Phone(phone),
            title: "Cầu Số".to_owned(),
            text: due.text,
            link: String::new(),
            worth_s: (due.at + WORTH - now).whole_seconds(),
        };
        match whole.adapters.of(NoticeChannel::Sms) {
            Some(adapter) => adapter.send(&message),
            None => Err(Fault::Later("the channel is switched off".to_owned())),
        }
    })
    .await?;
    let next = now + PAUSE;
    let (became, waits) = match &outcome {
        Ok(()) => ("sent", false),
        Err(Fault::Gone) => ("gone", false),
        Err(Fault::Later(_)) if next >= at + WORTH => ("given_up", false),
        Err(Fault::Later(_)) => ("postponed", true),
    };
    app.metrics.delivery(NoticeChannel::Sms.as_str(), became);
    app.db
        .write(move |tx| {
            match waits {
                true => store::postpone(tx, id, next)?,
                false => store::close(tx, id)?,
            }
            Ok(())
        })
        .await?;
    Ok(outcome.is_ok())
}
