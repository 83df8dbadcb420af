//! What a resident sees who scans a volunteer's card.

use super::duty::{self, Said as Found};
use crate::App;
use crate::features::scams;
use crate::platform::pages::{Asker, Page, Tongue, Words};
use crate::platform::problem::AppResult;
use crate::platform::wire::{Path, Query};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::cards::{Basis, Duty};
use domain::certificates::Code;
use maud::{Markup, html};
use serde::Deserialize;
use std::sync::{Arc, LazyLock};
use time::Duration;

/// Looks a minute from one address, at most.
const PER_MINUTE_MAX: u32 = 120;

/// See `messages/cards.vi.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    app: String,
    title: String,
    now: Verdict,
    not_now: Verdict,
    none_today: Verdict,
    ended: Verdict,
    unknown: Verdict,
    mistyped: Verdict,
    ask: Verdict,
    name: String,
    teams: String,
    basis: String,
    attendance: String,
    roster: String,
    activity: String,
    rules: String,
    report: String,
    enter: String,
    check: String,
}

/// What was found, and what to make of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Verdict {
    title: String,
    text: String,
}

static WORDS: LazyLock<Words<Said>> = LazyLock::new(|| {
    Words::read(
        include_str!("../../../messages/cards.vi.json"),
        include_str!("../../../messages/cards.en.json"),
        Some(include_str!("../../../messages/cards.km.json")),
    )
});

/// The code somebody typed.
#[derive(Debug, Deserialize)]
pub struct Typed {
    ma: Option<String>,
}

/// Asks for a code, or leads to what was typed.
pub async fn ask(
    asker: Asker,
    State(app): State<Arc<App>>,
    Query(typed): Query<Typed>,
) -> AppResult<Response> {
    match typed.ma {
        Some(code) => answer(&app, &asker, &code).await,
        None => Ok(say(&asker, StatusCode::OK, "wait", |said| &said.ask, None)),
    }
}

/// Says whether whoever wears the card with this code is on duty.
pub async fn look(
    asker: Asker,
    State(app): State<Arc<App>>,
    Path(code): Path<String>,
) -> AppResult<Response> {
    answer(&app, &asker, &code).await
}

async fn answer(app: &App, asker: &Asker, typed: &str) -> AppResult<Response> {
    asker.need_patience(app, "card", PER_MINUTE_MAX, Duration::MINUTE)?;
    let (ok, gone) = (StatusCode::OK, StatusCode::NOT_FOUND);
    let Some(code) = Code::parse(&typed.replace(' ', "")) else {
        return Ok(say(asker, gone, "no", |said| &said.mistyped, None));
    };
    let now = app.clock.now();
    let found = app.db.read(move |tx| duty::of_code(tx, &code, now)).await?;
    let found = found.as_ref();
    Ok(match found.map(|found| found.duty) {
        None => say(asker, gone, "no", |said| &said.unknown, None),
        Some(Duty::Ended) => say(asker, ok, "no", |said| &said.ended, None),
        Some(Duty::NoneToday) => say(asker, ok, "wait", |said| &said.none_today, found),
        Some(Duty::NotNow) => say(asker, ok, "wait", |said| &said.not_now, found),
        Some(Duty::Now) => say(asker, ok, "yes", |said| &said.now, found),
    })
}

fn say(
    asker: &Asker,
    status: StatusCode,
    mark: &str,
    verdict: impl Fn(&Said) -> &Verdict,
    found: Option<&Found>,
) -> Response {
    let (tongue, said) = WORDS.within(asker.tongue);
    let verdict = verdict(said);
    let title = format!("{} – {}", verdict.title, said.title);
    let header = format!("{} · {}", said.app, said.title);
    // Where their team is at home is where its officers read reports.
    let commune = found.and_then(|found| found.teams.first());
    let report = commune.map_or_else(String::new, |team| format!("/{}", team.place_id));
    let body = html! {
        h1 { (verdict.title) }
        p { (verdict.text) }
        @match found {
            Some(found) => (facts(said, found)),
            None => (form(said, tongue)),
        }
        h2 { (said.rules) }
        (scams::rules(tongue))
        a.button.quiet href={ "/bao-lua-dao" (report) "?tieng=" (tongue.tag()) } { (said.report) }
    };
    let page = Page {
        mark,
        tongues: &Tongue::ALL,
        path: &asker.path,
        ..Page::new(tongue, &title, &header)
    };
    page.answer(status, &body)
}

fn facts(said: &Said, found: &Found) -> Markup {
    let basis = found.basis.map(|basis| match basis {
        Basis::Attendance => &said.attendance,
        Basis::Roster => &said.roster,
        Basis::Activity => &said.activity,
    });
    html! {
        dl {
            dt { (said.name) }
            dd { (found.name) }
            dt { (said.teams) }
            @for team in &found.teams { dd { (team.name) ", " (team.place) } }
            @if let Some(basis) = basis {
                dt { (said.basis) }
                dd { (basis) }
            }
        }
    }
}

fn form(said: &Said, tongue: Tongue) -> Markup {
    html! {
        form action="/tinh-nguyen-vien" {
            input type="hidden" name="tieng" value=(tongue.tag());
            label for="ma" { (said.enter) }
            input id="ma" name="ma" required maxlength="40" autocomplete="off" autocapitalize="characters";
            button { (said.check) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_all_words() {
        let title = |tongue| &WORDS.within(tongue).1.title;
        assert_ne!(title(Tongue::Vi), title(Tongue::En));
        assert_ne!(title(Tongue::Vi), title(Tongue::Km));
    }
}
