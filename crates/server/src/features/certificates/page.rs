//! What anybody sees who holds a certificate's paper.

use super::store::{self, Issued};
use crate::App;
use crate::platform::pages::{Asker, Page, Words};
use crate::platform::problem::AppResult;
use crate::platform::wire::{Path, Query};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::certificates::Code;
use maud::{Markup, html};
use serde::Deserialize;
use std::sync::{Arc, LazyLock};
use time::Duration;

/// Looks a minute from one address, at most.
const PER_MINUTE_MAX: u32 = 240;

/// See `messages/certificate.vi.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    app: String,
    title: String,
    valid: Verdict,
    withdrawn: Verdict,
    unknown: Verdict,
    mistyped: Verdict,
    ask: Verdict,
    name: String,
    place: String,
    teams: String,
    period: String,
    hours: String,
    days: String,
    assists: String,
    issued: String,
    code: String,
    seal: String,
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
        include_str!("../../../messages/certificate.vi.json"),
        include_str!("../../../messages/certificate.en.json"),
        None,
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

/// Says whether the certificate with this code is a real one, and what it says.
pub async fn look(
    asker: Asker,
    State(app): State<Arc<App>>,
    Path(code): Path<String>,
) -> AppResult<Response> {
    answer(&app, &asker, &code).await
}

async fn answer(app: &App, asker: &Asker, typed: &str) -> AppResult<Response> {
    asker.need_patience(app, "certificate", PER_MINUTE_MAX, Duration::MINUTE)?;
    let typed = typed.replace(' ', "");
    let Some(code) = Code::parse(&typed) else {
        let status = StatusCode::NOT_FOUND;
        return Ok(say(asker, status, "no", |said| &said.mistyped, None));
    };
    let found = app
        .db
        .read(move |tx| Ok(store::by_code(tx, &code)?))
        .await?;
    let (ok, gone) = (StatusCode::OK, StatusCode::NOT_FOUND);
    Ok(match &found {
        None => say(asker, gone, "no", |said| &said.unknown, None),
        Some(issued) if issued.withdrawn.is_some() => {
            say(asker, ok, "no", |said| &said.withdrawn, Some(issued))
        }
        Some(issued) => say(asker, ok, "yes", |said| &said.valid, Some(issued)),
    })
}

fn say(
    asker: &Asker,
    status: StatusCode,
    mark: &str,
    verdict: impl Fn(&Said) -> &Verdict,
    issued: Option<&Issued>,
) -> Response {
    let (tongue, said) = WORDS.within(asker.tongue);
    let verdict = verdict(said);
    let title = format!("{} – {}", verdict.title, said.title);
    let header = format!("{} · {}", said.app, said.title);
    let body = html! {
        h1 { (verdict.title) }
        p { (verdict.text) }
        @match issued {
            Some(issued) => (facts(said, issued)),
            None => (form(said)),
        }
    };
    let page = Page {
        mark,
        ..Page::new(tongue, &title, &header)
    };
    page.answer(status, &body)
}

fn facts(said: &Said, issued: &Issued) -> Markup {
    let says = &issued.certificate;
    let (first, last) = (vn::number::date(says.first), vn::number::date(says.last));
    let lines = [
        (&said.name, says.name.clone()),
        (&said.place, says.place.clone()),
        (&said.teams, says.teams.join(", ")),
        (&said.period, format!("{first} – {last}")),
        (
            &said.hours,
            vn::number::decimal(says.minutes as f64 / 60.0, 1),
        ),
        (&said.days, vn::number::integer(says.days)),
        (&said.assists, vn::number::integer(says.assists)),
        (&said.issued, vn::number::date(says.issued_on)),
        (&said.code, issued.code.to_string()),
        (&said.seal, issued.seal.clone()),
    ];
    html! {
        dl {
            @for (name, value) in lines.iter().filter(|(_, value)| !value.is_empty()) {
                dt { (name) }
                dd { (value) }
            }
        }
    }
}

fn form(said: &Said) -> Markup {
    html! {
        form action="/xac-nhan" {
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
        use crate::platform::pages::Tongue;
        let title = |tongue| &WORDS.within(tongue).1.title;
        assert_ne!(title(Tongue::Vi), title(Tongue::En));
    }
}
