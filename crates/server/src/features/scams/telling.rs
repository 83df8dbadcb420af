//! Who is told of reports and of waves of them.

use super::commands::told_since;
use super::store::{self, Alert, Made};
use crate::features::notifications::{Notice, notify};
use crate::features::places::{self, store::Place};
use crate::platform::clock::Clock;
use crate::platform::db::{DbError, Tx};
use domain::days::{day_of, iso};
use domain::ids::MemberId;
use domain::notifications::NoticeKind;
use domain::scams::{Scams, WAVE_DAYS, waves};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use time::Duration;

fn facts<const N: usize>(said: [(&str, String); N]) -> Map<String, Value> {
    let said = said.into_iter();
    said.map(|(name, value)| (name.to_owned(), value.into()))
        .collect()
}

fn name_of(scam: &str) -> String {
    let scams = Scams::bundled();
    scams
        .find(scam)
        .map_or_else(String::new, |kind| kind.name.vi.clone())
}

fn tell(
    tx: &mut Tx<'_>,
    clock: &Clock,
    whom: &[MemberId],
    (kind, about, facts, link): (NoticeKind, &str, &Map<String, Value>, &str),
) -> Result<(), DbError> {
    for to in whom {
        let notice = Notice {
            to: *to,
            kind,
            about,
            facts,
            link,
        };
        notify(tx, clock, &notice)?;
    }
    Ok(())
}

/// Tells officers of a new report, and that it makes a wave if it does.
///
/// # Errors
/// The storage's.
pub fn reported(tx: &mut Tx<'_>, clock: &Clock, made: &Made) -> Result<(), DbError> {
    let now = clock.now();
    let today = day_of(now);
    let Some(place) = places::store::find(tx, &made.place, today)? else {
        return Ok(());
    };
    let officers = store::officers(tx, &place.path)?;
    let said = facts([
        ("place", place.full_name.clone()),
        ("scam", name_of(&made.report.scam)),
    ]);
    let link = format!("/canh-bao/{}", made.id);
    let what = (
        NoticeKind::ScamReported,
        &*made.id.to_string(),
        &said,
        &*link,
    );
    tell(tx, clock, &officers, what)?;
    let first = today - Duration::days(i64::from(WAVE_DAYS) - 1);
    let told = store::alerts(tx, &place.path, told_since(now))?.into_iter();
    let told: BTreeSet<_> = told.map(|(alert, _)| (alert.place, alert.scam)).collect();
    let days = store::days(tx, &place.path, (first, today))?;
    let wave = waves(days, &told, today)
        .into_iter()
        .find(|wave| wave.scam == made.report.scam);
    let Some(wave) = wave else {
        return Ok(());
    };
    let said = facts([
        ("place", place.full_name),
        ("scam", name_of(&wave.scam)),
        ("reports", wave.reports.to_string()),
    ]);
    // A wave that goes on is told of once in its week.
    let monday = today - Duration::days(i64::from(today.weekday().number_days_from_monday()));
    let about = format!("{}:{}:{}", made.place, wave.scam, iso::text(monday));
    let what = (NoticeKind::ScamWave, &*about, &said, "/canh-bao");
    tell(tx, clock, &officers, what)
}

/// Tells whoever reported in the app that it is over.
///
/// # Errors
/// The storage's.
pub fn closed(tx: &mut Tx<'_>, clock: &Clock, made: &Made) -> Result<(), DbError> {
    let said = facts([("scam", name_of(&made.report.scam))]);
    let whom: Vec<MemberId> = made.by.into_iter().collect();
    let what = (
        NoticeKind::ScamClosed,
        &*made.id.to_string(),
        &said,
        "/canh-bao",
    );
    tell(tx, clock, &whom, what)
}

/// Tells the leaders of a commune's teams; how many they are.
///
/// # Errors
/// The storage's.
pub fn alert(
    tx: &mut Tx<'_>,
    clock: &Clock,
    alert: &Alert,
    place: &Place,
) -> Result<usize, DbError> {
    let leaders = store::leaders(tx, &place.path)?;
    let said = facts([
        ("place", place.full_name.clone()),
        ("scam", name_of(&alert.scam)),
        ("text", alert.text.clone()),
    ]);
    let what = (
        NoticeKind::ScamAlert,
        &*alert.id.to_string(),
        &said,
        "/canh-bao",
    );
    tell(tx, clock, &leaders, what)?;
    Ok(leaders.len())
}
