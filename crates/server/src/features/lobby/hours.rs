//! When a point takes people in.

use super::store;
use super::words::{Said, Verdict, WORDS, filled};
use crate::App;
use crate::platform::pages::Tongue;
use crate::platform::problem::{AppError, AppResult};
use domain::days::{VIETNAM, day_of, days_between};
use domain::ids::PointId;
use maud::{Markup, html};
use std::sync::Arc;
use time::{Duration, OffsetDateTime};

/// People who come before a point opens find its kiosk ready.
pub const EARLY: Duration = Duration::HOUR;

/// What to say when a point takes nobody in now; `None` while it does. A point whose hours
/// nobody entered is open.
///
/// # Errors
/// `not_found`, or the storage's.
pub async fn closed(
    app: &Arc<App>,
    point: PointId,
    early: Duration,
    tongue: Tongue,
) -> AppResult<Option<Markup>> {
    let found = app.db.glance(move |tx| Ok(store::open(tx, point)?));
    let open = found.await?.ok_or_else(AppError::not_found)?;
    let now = app.clock.now();
    let (_, words) = WORDS.within(tongue);
    let today = day_of(now);
    let in_use = open.from.is_none_or(|from| from <= today) && open.to.is_none_or(|to| today < to);
    let opens = if open.hours.is_known() {
        open.hours.opens(now, early)
    } else {
        Some(now)
    };
    Ok(match opens.filter(|_| in_use) {
        Some(at) if at == now => None,
        Some(at) => Some(said(&words.closed, &when(words, at, now))),
        None => Some(said(&words.closed_long, "")),
    })
}

fn said(verdict: &Verdict, time: &str) -> Markup {
    html! { h1 { (verdict.title) } p { (filled(&verdict.text, "time", time)) } }
}

/// `07:30 thứ Hai`, `13:30 hôm nay`, with the date where it is more than six days away.
fn when(words: &Said, at: OffsetDateTime, now: OffsetDateTime) -> String {
    let at = at.to_offset(VIETNAM);
    let (today, day) = (day_of(now), at.date());
    let weekday = &words.days[usize::from(day.weekday().number_days_from_monday())];
    let day = match days_between(today, day) {
        0 => words.today.clone(),
        1..=6 => weekday.clone(),
        _ => format!("{weekday} {}", vn::number::date(day)),
    };
    let time = format!("{:02}:{:02}", at.hour(), at.minute());
    filled(&filled(&words.at, "time", time), "day", day)
}
