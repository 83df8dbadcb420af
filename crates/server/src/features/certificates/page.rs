//! What anybody sees who holds a certificate's paper: a few kilobytes of plain HTML, without
//! a script, for any browser there is.

use super::store::{self, Issued};
use crate::App;
use crate::platform::http::caller_address;
use crate::platform::problem::{AppResult, Language};
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::certificates::Code;
use serde::Deserialize;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::net::IpAddr;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use time::OffsetDateTime;

/// Looks a minute from one address, at most: a hall full of people behind one router, but
/// no machine that tries codes.
const PER_MINUTE_MAX: u32 = 240;

/// How often each address has looked in the running minute.
#[derive(Debug, Default)]
pub struct Lookups(Mutex<(i64, HashMap<IpAddr, u32>)>);

impl Lookups {
    /// Counts a look, and says whether there were not too many before it.
    fn allows(&self, address: IpAddr, now: OffsetDateTime) -> bool {
        let minute = now.unix_timestamp() / 60;
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.0 != minute {
            *held = (minute, HashMap::new());
        }
        let count = held.1.entry(address).or_default();
        *count += 1;
        *count <= PER_MINUTE_MAX
    }
}

/// See `messages/certificate.vi.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    app: String,
    title: String,
    valid: Verdict,
    withdrawn: Verdict,
    unknown: Verdict,
    mistyped: Verdict,
    busy: Verdict,
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

static VI: LazyLock<Words> =
    LazyLock::new(|| words(include_str!("../../../messages/certificate.vi.json")));
static EN: LazyLock<Words> =
    LazyLock::new(|| words(include_str!("../../../messages/certificate.en.json")));

fn words(text: &str) -> Words {
    serde_json::from_str(text).expect("the words are checked by a test")
}

/// How the pages look. A stylesheet of its own, for the site allows none inside a page.
pub async fn style() -> Response {
    let head = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=86400"),
    ];
    (head, include_str!("page.css")).into_response()
}

/// Asks for a code, or leads to what was typed.
pub async fn ask(State(app): State<Arc<App>>, parts: Parts) -> AppResult<Response> {
    let typed = parts.uri.query().unwrap_or_default();
    let typed = typed.split('&').find_map(|pair| pair.strip_prefix("ma="));
    match typed {
        Some(code) => answer(&app, &parts, code).await,
        None => {
            let page = Page::new(&parts);
            Ok(page.answer(StatusCode::OK, "ask", &page.words.ask, None))
        }
    }
}

/// Says whether the certificate with this code is a real one, and what it says.
pub async fn look(State(app): State<Arc<App>>, parts: Parts) -> AppResult<Response> {
    let code = parts.uri.path().rsplit('/').next().unwrap_or_default();
    answer(&app, &parts, code).await
}

async fn answer(app: &App, parts: &Parts, typed: &str) -> AppResult<Response> {
    let page = Page::new(parts);
    let now = app.clock.now();
    let address = caller_address(parts);
    if address.is_some_and(|address| !app.lookups.allows(address, now)) {
        let status = StatusCode::TOO_MANY_REQUESTS;
        let mut busy = page.answer(status, "wait", &page.words.busy, None);
        let wait = header::HeaderValue::from_static("60");
        busy.headers_mut().insert(header::RETRY_AFTER, wait);
        return Ok(busy);
    }
    // Spaces arrive as plus signs or `%20`; no code has other letters that need such care.
    let typed = typed.replace("%20", "").replace('+', "");
    let Some(code) = Code::parse(&typed) else {
        return Ok(page.answer(StatusCode::NOT_FOUND, "no", &page.words.mistyped, None));
    };
    let found = app
        .db
        .read(move |tx| Ok(store::by_code(tx, &code)?))
        .await?;
    Ok(match &found {
        None => page.answer(StatusCode::NOT_FOUND, "no", &page.words.unknown, None),
        Some(issued) if issued.withdrawn.is_some() => {
            page.answer(StatusCode::OK, "no", &page.words.withdrawn, found.as_ref())
        }
        Some(_) => page.answer(StatusCode::OK, "yes", &page.words.valid, found.as_ref()),
    })
}

struct Page {
    language: Language,
    words: &'static Words,
}

impl Page {
    fn new(parts: &Parts) -> Self {
        let language = Language::of(&parts.headers);
        let words = match language {
            Language::Vi => &*VI,
            Language::En => &*EN,
        };
        Self { language, words }
    }

    fn answer(
        &self,
        status: StatusCode,
        mark: &str,
        verdict: &Verdict,
        issued: Option<&Issued>,
    ) -> Response {
        let head = [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CACHE_CONTROL, "no-store"),
            (header::VARY, "accept-language"),
        ];
        (status, head, self.html(mark, verdict, issued)).into_response()
    }

    fn html(&self, mark: &str, verdict: &Verdict, issued: Option<&Issued>) -> String {
        let (w, lang) = (self.words, self.language.name());
        let (app, title) = (&w.app, &w.title);
        let (said, text) = (&verdict.title, &verdict.text);
        let mut html = format!(
            "<!doctype html>\n<html lang=\"{lang}\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <meta name=\"robots\" content=\"noindex\"><title>{said} – {title}</title>\
             <link rel=\"stylesheet\" href=\"/xac-nhan.css\"></head>\n\
             <body><header>{app} · {title}</header><main class=\"{mark}\">\
             <h1>{said}</h1><p>{text}</p>\n"
        );
        match issued {
            Some(issued) => self.facts(&mut html, issued),
            None => self.form(&mut html),
        }
        html.push_str("</main></body></html>\n");
        html
    }

    fn facts(&self, html: &mut String, issued: &Issued) {
        let (w, says) = (self.words, &issued.certificate);
        let (first, last) = (vn::number::date(says.first), vn::number::date(says.last));
        let hours = vn::number::decimal(says.minutes as f64 / 60.0, 1);
        html.push_str("<dl>");
        for (name, value) in [
            (&w.name, says.name.as_str()),
            (&w.place, &says.place),
            (&w.teams, &says.teams.join(", ")),
            (&w.period, &format!("{first} – {last}")),
            (&w.hours, &hours),
            (&w.days, &vn::number::integer(says.days)),
            (&w.assists, &vn::number::integer(says.assists)),
            (&w.issued, &vn::number::date(says.issued_on)),
            (&w.code, &issued.code.to_string()),
            (&w.seal, &issued.seal),
        ] {
            if !value.is_empty() {
                let value = escaped(value);
                // Memory takes it.
                let _ = writeln!(html, "<dt>{name}</dt><dd>{value}</dd>");
            }
        }
        html.push_str("</dl>");
    }

    fn form(&self, html: &mut String) {
        let (enter, check) = (&self.words.enter, &self.words.check);
        // Memory takes it.
        let _ = write!(
            html,
            "<form action=\"/xac-nhan\"><label for=\"ma\">{enter}</label>\
             <input id=\"ma\" name=\"ma\" required maxlength=\"40\" autocomplete=\"off\" autocapitalize=\"characters\">\
             <button>{check}</button></form>"
        );
    }
}

/// Text that stays text inside HTML.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            _ => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::{Duration, macros::datetime};

    #[test]
    fn both_languages_have_all_words() {
        assert_ne!(VI.title, EN.title);
    }

    #[test]
    fn names_are_text_whatever_they_hold() {
        assert_eq!(escaped("A & <b>\"x\""), "A &amp; &lt;b&gt;&quot;x&quot;");
    }

    #[test]
    fn an_address_looks_so_often_a_minute_and_the_next_minute_again() {
        let looks = Lookups::default();
        let (one, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let now = datetime!(2024-10-13 09:00 +7);
        assert!((0..PER_MINUTE_MAX).all(|_| looks.allows(one, now)));
        assert!(!looks.allows(one, now));
        assert!(looks.allows(other, now));
        assert!(looks.allows(one, now + Duration::MINUTE));
    }
}
