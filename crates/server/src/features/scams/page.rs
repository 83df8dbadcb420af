//! The public page on which residents report a suspected scam, and what they are told at once.

use super::commands::{self, New};
use crate::App;
use crate::features::places::store::{self as places, Place};
use crate::platform::pages::{Asker, Page, Tongue, Words, kept};
use crate::platform::problem::{AppError, AppResult};
use crate::platform::wire::{Day, Form, Path, Query};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use domain::days::{day_of, iso};
use domain::ids::{PlaceId, ScamReportId};
use domain::scams::{
    Loss, REPORT_DAYS_MAX, ScamChannel, ScamReport, Scams, TRACE_CHARS_MAX, Words as Three,
};
use maud::{Markup, html};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};
use time::{Date, Duration};
use uuid::Uuid;

/// Reports from one address in ten minutes, at most.
const REPORTS_MAX: u32 = 10;

/// See `messages/scams.vi.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    app: String,
    title: String,
    #[serde(rename = "where")]
    place: String,
    where_text: String,
    province: String,
    commune: String,
    next: String,
    now: String,
    call: String,
    intro: String,
    kind: String,
    channel: String,
    channels: BTreeMap<ScamChannel, String>,
    trace: String,
    trace_hint: String,
    loss: String,
    losses: BTreeMap<Loss, String>,
    happened_on: String,
    note: String,
    note_hint: String,
    contact: String,
    contact_hint: String,
    name: String,
    phone: String,
    consent: String,
    send: String,
    sent: String,
    sent_text: String,
    not_kept: String,
    rules: String,
}

static WORDS: LazyLock<Words<Said>> = LazyLock::new(|| {
    Words::read(
        include_str!("../../../messages/scams.vi.json"),
        include_str!("../../../messages/scams.en.json"),
        Some(include_str!("../../../messages/scams.km.json")),
    )
});
const STYLE: &str = include_str!("page.css");
static STYLE_ADDRESS: LazyLock<String> = LazyLock::new(|| {
    format!(
        "/bao-lua-dao.css?v={:08x}",
        crc32fast::hash(STYLE.as_bytes())
    )
});
static SCAMS: LazyLock<Scams> = LazyLock::new(Scams::bundled);

fn within(words: &Three, tongue: Tongue) -> &str {
    match tongue {
        Tongue::Vi => &words.vi,
        Tongue::En => &words.en,
        Tongue::Km => &words.km,
    }
}

/// "Năm điều không", as a list.
pub fn rules(tongue: Tongue) -> Markup {
    html! {
        ol { @for rule in &SCAMS.rules { li { (within(rule, tongue)) } } }
    }
}

/// What to do at once, and whom to call.
fn advice(said: &Said, tongue: Tongue) -> Markup {
    html! {
        h2 { (said.now) }
        ol { @for step in &SCAMS.advice { li { (within(step, tongue)) } } }
        h2 { (said.call) }
        ul {
            @for call in &SCAMS.calls {
                li {
                    (within(&call.name, tongue))
                    @if let Some(number) = &call.number { ": " a href={ "tel:" (number) } { (number) } }
                }
            }
        }
    }
}

fn answer(asker: &Asker, mark: &str, body: impl Fn(&Said, Tongue) -> Markup) -> Response {
    let (tongue, said) = WORDS.within(asker.tongue);
    let header = format!("{} · {}", said.app, said.title);
    let page = Page {
        mark,
        styles: &[&STYLE_ADDRESS],
        tongues: &Tongue::ALL,
        path: &asker.path,
        ..Page::new(tongue, &said.title, &header)
    };
    page.answer(StatusCode::OK, &body(said, tongue))
}

/// How the form's choices look.
pub async fn style() -> Response {
    kept("text/css; charset=utf-8", STYLE)
}

/// The place somebody chose.
#[derive(Debug, Deserialize)]
pub struct Chosen {
    noi: Option<String>,
}

/// Asks in which province it happened, or leads on to the place chosen.
pub async fn begin(
    asker: Asker,
    State(app): State<Arc<App>>,
    Query(chosen): Query<Chosen>,
) -> AppResult<Response> {
    if let Some(place) = chosen.noi.and_then(|raw| PlaceId::parse(&raw).ok()) {
        let to = format!("/bao-lua-dao/{place}?tieng={}", asker.tongue.tag());
        return Ok(Redirect::to(&to).into_response());
    }
    let today = app.clock.today();
    let nation = PlaceId::parse("VN").map_err(|_| AppError::not_found())?;
    let provinces = app
        .db
        .read(move |tx| Ok(places::children(tx, &nation, today)?))
        .await?;
    Ok(choose(&asker, &provinces, |said| &said.province))
}

/// Lets somebody choose one of some places, by name.
fn choose(asker: &Asker, among: &[Place], what: impl Fn(&Said) -> &str) -> Response {
    let mut among: Vec<&Place> = among.iter().collect();
    among.sort_by_cached_key(|place| vn::text::fold(&place.name));
    answer(asker, "wait", |said, tongue| {
        html! {
            h1 { (said.place) }
            p { (said.where_text) }
            form action="/bao-lua-dao" {
                input type="hidden" name="tieng" value=(tongue.tag());
                label for="noi" { (what(said)) }
                select id="noi" name="noi" {
                    @for place in &among { option value=(place.id) { (place.full_name) } }
                }
                button { (said.next) }
            }
            (advice(said, tongue))
        }
    })
}

/// Asks in which commune it happened, or what happened there.
pub async fn ask(
    asker: Asker,
    State(app): State<Arc<App>>,
    Path(place): Path<PlaceId>,
) -> AppResult<Response> {
    let today = app.clock.today();
    let (place, communes) = app
        .db
        .read(move |tx| {
            let place = places::find(tx, &place, today)?.ok_or_else(AppError::not_found)?;
            let below = match place.level.as_str() {
                "province" | "district" => places::subtree(tx, &place.path, today)?,
                "commune" => Vec::new(),
                _ => return Err(AppError::not_found()),
            };
            Ok((place, below))
        })
        .await?;
    if place.level == "commune" {
        let id = app.clock.new_id();
        return Ok(answer(&asker, "plain", |said, tongue| {
            form(said, tongue, &place, (id, today))
        }));
    }
    let communes: Vec<Place> = communes
        .into_iter()
        .filter(|place| place.level == "commune")
        .collect();
    Ok(choose(&asker, &communes, |said| &said.commune))
}

fn form(said: &Said, tongue: Tongue, place: &Place, (id, today): (Uuid, Date)) -> Markup {
    let earliest = today - Duration::days(i64::from(REPORT_DAYS_MAX));
    html! {
        h1 { (said.title) ", " (place.full_name) }
        p { (said.intro) }
        form method="post" action={ "/bao-lua-dao/" (place.id) "?tieng=" (tongue.tag()) } {
            input type="hidden" name="id" value=(id);
            fieldset {
                legend { (said.kind) }
                @for kind in &SCAMS.kinds {
                    label.choice {
                        input type="radio" name="scam" value=(kind.code) required;
                        span { (within(&kind.name, tongue)) span.hint { (within(&kind.sign, tongue)) } }
                    }
                }
            }
            fieldset {
                legend { (said.channel) }
                @for (channel, name) in &said.channels {
                    label.choice { input type="radio" name="channel" value=(channel.as_str()) required; span { (name) } }
                }
            }
            label for="trace" { (said.trace) }
            p.hint id="trace-hint" { (said.trace_hint) }
            input id="trace" name="trace" maxlength=(TRACE_CHARS_MAX) autocomplete="off" aria-describedby="trace-hint";
            fieldset {
                legend { (said.loss) }
                @for (loss, name) in &said.losses {
                    label.choice { input type="radio" name="loss" value=(loss.as_str()) required; span { (name) } }
                }
            }
            label for="happened_on" { (said.happened_on) }
            input id="happened_on" name="happened_on" type="date" required
                value=(iso::text(today)) min=(iso::text(earliest)) max=(iso::text(today));
            label for="note" { (said.note) }
            p.hint id="note-hint" { (said.note_hint) }
            textarea id="note" name="note" rows="4" maxlength="500" aria-describedby="note-hint" {}
            fieldset {
                legend { (said.contact) }
                p.hint { (said.contact_hint) }
                label for="name" { (said.name) }
                input id="name" name="name" maxlength="80" autocomplete="name";
                label for="phone" { (said.phone) }
                input id="phone" name="phone" type="tel" maxlength="20" autocomplete="tel";
                label.choice { input type="checkbox" name="consent" value="1"; span { (said.consent) } }
            }
            button { (said.send) }
        }
        (advice(said, tongue))
    }
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub struct Sent {
    id: Uuid,
    scam: String,
    channel: ScamChannel,
    #[serde(default)]
    trace: String,
    loss: Loss,
    happened_on: Day,
    #[serde(default)]
    note: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    phone: String,
    consent: Option<String>,
}

/// Takes a report, and says what to do at once. Sent again, as after a lost answer, it is
/// taken once.
pub async fn send(
    asker: Asker,
    State(app): State<Arc<App>>,
    Path(place): Path<PlaceId>,
    Form(sent): Form<Sent>,
) -> AppResult<Response> {
    let span = Duration::minutes(10);
    asker.need_patience(&app, "scam_report", REPORTS_MAX, span)?;
    let agreed = sent.consent.is_some();
    let dropped = !agreed && !sent.phone.trim().is_empty();
    let contact = match agreed {
        true => commands::contact(&sent.name, &sent.phone)?,
        false => None,
    };
    let new = New {
        id: ScamReportId(sent.id),
        place,
        report: ScamReport {
            scam: sent.scam,
            channel: sent.channel,
            trace: Some(sent.trace),
            loss: sent.loss,
            happened_on: sent.happened_on.0,
            note: Some(sent.note),
        },
        contact,
    };
    let clock = app.clock.clone();
    let place = app
        .db
        .write(move |tx| {
            let at = new.place.clone();
            commands::report(tx, &clock, new)?;
            let place = places::find(tx, &at, day_of(clock.now()))?;
            place.ok_or_else(AppError::not_found)
        })
        .await?;
    Ok(answer(&asker, "yes", |said, tongue| {
        html! {
            h1 { (said.sent) }
            p { (said.sent_text.replace("{place}", &place.full_name)) }
            @if dropped { p.hint { (said.not_kept) } }
            (advice(said, tongue))
            h2 { (said.rules) }
            (rules(tongue))
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_all_words() {
        for tongue in Tongue::ALL {
            let (really, said) = WORDS.within(tongue);
            assert_eq!(really, tongue);
            assert_eq!(said.channels.len(), ScamChannel::ALL.len());
            assert_eq!(said.losses.len(), Loss::ALL.len());
            assert!(said.sent_text.contains("{place}"));
        }
    }
}
