//! Pages for anybody, without signing in: HTML from the server, a few kilobytes, useful without a
//! script in any browser there is. A feature writes what stands inside ([`maud`] escapes it);
//! this says how every such page looks, which language it speaks and how often it may be asked for.

use super::http::caller_address;
use super::problem::{AppResult, Language, Problem};
use crate::App;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use time::{Duration, OffsetDateTime};

/// The field of an address that names a page's language.
pub const TONGUE_FIELD: &str = "tieng";
/// Where the stylesheet of every page is; the number follows from what it says.
pub static STYLE_ADDRESS: LazyLock<String> =
    LazyLock::new(|| format!("/trang.css?v={:08x}", crc32fast::hash(STYLE.as_bytes())));
const STYLE: &str = include_str!("pages/style.css");
/// Looks are forgotten when their stretch is over; beyond this many they are gone through.
const LOOKS_KEPT: usize = 10_000;

/// A language that pages speak. Refusals and the app speak [`Language`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tongue {
    /// Vietnamese, the default.
    Vi,
    /// English.
    En,
    /// Khmer, not yet reviewed by a native reader: every page in it says so.
    Km,
}

impl Tongue {
    /// All of them, in the order they are offered.
    pub const ALL: [Self; 3] = [Self::Vi, Self::En, Self::Km];

    /// Its tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Vi => "vi",
            Self::En => "en",
            Self::Km => "km",
        }
    }

    /// What its speakers call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Vi => "Tiếng Việt",
            Self::En => "English",
            Self::Km => "ខ្មែរ",
        }
    }

    /// The language of a tag.
    pub fn tagged(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tongue| tongue.tag() == tag)
    }

    /// What the address asks for, else the first of the browser's languages that we speak.
    fn of(query: &str, headers: &HeaderMap) -> Self {
        let asked = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(name, _)| *name == TONGUE_FIELD);
        let accepted = headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_ascii_lowercase();
        let first = accepted.split([',', ';', '-']).next().unwrap_or_default();
        asked
            .and_then(|(_, tag)| Self::tagged(tag))
            .or_else(|| Self::tagged(first.trim()))
            .unwrap_or(Self::Vi)
    }
}

impl From<Tongue> for Language {
    fn from(tongue: Tongue) -> Self {
        match tongue {
            Tongue::En => Self::En,
            Tongue::Vi | Tongue::Km => Self::Vi,
        }
    }
}

/// A feature's words for its pages in every language, from `messages/<feature>.<tag>.json`.
#[derive(Debug)]
pub struct Words<W> {
    vi: W,
    en: W,
    km: Option<W>,
}

impl<W: DeserializeOwned> Words<W> {
    /// Reads the catalogues.
    ///
    /// # Panics
    /// When one is not what `W` says; a test reads them all.
    pub fn read(vi: &str, en: &str, km: Option<&str>) -> Self {
        let read = |text| serde_json::from_str(text).expect("the words are checked by a test");
        Self {
            vi: read(vi),
            en: read(en),
            km: km.map(read),
        }
    }

    /// The words in a language, and the language they are really in.
    pub fn within(&self, tongue: Tongue) -> (Tongue, &W) {
        match (tongue, &self.km) {
            (Tongue::Km, Some(km)) => (Tongue::Km, km),
            (Tongue::En, _) => (Tongue::En, &self.en),
            (Tongue::Vi | Tongue::Km, _) => (Tongue::Vi, &self.vi),
        }
    }
}

/// Who asks for a page: nobody in particular.
#[derive(Clone, Debug)]
pub struct Asker {
    /// The language to answer in.
    pub tongue: Tongue,
    /// The path asked for, for links back to it.
    pub path: String,
    /// Where the request comes from.
    pub address: Option<IpAddr>,
}

impl FromRequestParts<Arc<App>> for Asker {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        _: &Arc<App>,
    ) -> Result<Self, std::convert::Infallible> {
        Ok(Self {
            tongue: Tongue::of(parts.uri.query().unwrap_or_default(), &parts.headers),
            path: parts.uri.path().to_owned(),
            address: caller_address(parts),
        })
    }
}

impl Asker {
    /// Counts a look at `what`, at most `most` of them within `span` from one address: a hall
    /// full of people behind one router, but no machine that tries codes.
    ///
    /// # Errors
    /// `request.too_often` with `retry_after_s`.
    pub fn need_patience(
        &self,
        app: &App,
        what: &'static str,
        most: u32,
        span: Duration,
    ) -> AppResult<()> {
        let now = app.clock.now();
        let wait_s = self
            .address
            .and_then(|address| app.looks.count((what, address), most, span, now));
        wait_s.map_or(Ok(()), |wait_s| {
            Err(domain::refusal::Refusal::new("request.too_often")
                .with("retry_after_s", wait_s)
                .into())
        })
    }
}

/// What was looked at, and from where.
type Look = (&'static str, IpAddr);

/// How often each address has looked at what, and until when that counts.
#[derive(Debug, Default)]
pub struct Looks(Mutex<HashMap<Look, (OffsetDateTime, u32)>>);

impl Looks {
    /// Counts a look; the seconds to wait if there were `most` before it.
    fn count(&self, who: Look, most: u32, span: Duration, now: OffsetDateTime) -> Option<i64> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.len() > LOOKS_KEPT {
            held.retain(|_, (ends, _)| *ends > now);
        }
        let (ends, looks) = held.entry(who).or_insert((now + span, 0));
        if *ends <= now {
            (*ends, *looks) = (now + span, 0);
        }
        *looks = looks.saturating_add(1);
        (*looks > most).then(|| (*ends - now).whole_seconds().max(1))
    }
}

/// A page, all but what stands in it.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// The language its words are really in.
    pub tongue: Tongue,
    /// What the window is called; the heading stands in the body.
    pub title: &'a str,
    /// The line above everything.
    pub header: &'a str,
    /// How it looks: `yes`, `no`, `wait`, or a class of the feature's own stylesheet.
    pub mark: &'a str,
    /// Addresses of further stylesheets.
    pub styles: &'a [&'a str],
    /// Addresses of scripts that make it better and that it can do without.
    pub scripts: &'a [&'a str],
    /// Seconds after which a browser asks again by itself.
    pub refresh_s: Option<u32>,
    /// Where it goes then, if not here again.
    pub refresh_to: Option<&'a str>,
    /// Whether only browsers without scripts are to ask again: a script does it for others.
    pub scripted: bool,
    /// Languages to offer, at this path; none for no choice.
    pub tongues: &'a [Tongue],
    /// The path of the page.
    pub path: &'a str,
}

impl<'a> Page<'a> {
    /// A plain page that nobody else is offered.
    pub fn new(tongue: Tongue, title: &'a str, header: &'a str) -> Self {
        Self {
            tongue,
            title,
            header,
            mark: "plain",
            styles: &[],
            scripts: &[],
            refresh_s: None,
            refresh_to: None,
            scripted: false,
            tongues: &[],
            path: "",
        }
    }

    /// The whole page as HTML.
    pub fn html(&self, body: &Markup) -> Markup {
        html! {
            (DOCTYPE)
            html lang=(self.tongue.tag()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="robots" content="noindex";
                    @if self.scripted { noscript { (self.refresh()) } } @else { (self.refresh()) }
                    title { (self.title) }
                    link rel="stylesheet" href=(*STYLE_ADDRESS);
                    @for style in self.styles { link rel="stylesheet" href=(style); }
                    @for script in self.scripts { script src=(script) defer {} }
                }
                body {
                    header {
                        span { (self.header) }
                        @if !self.tongues.is_empty() { (self.choice()) }
                    }
                    main class=(self.mark) { (body) }
                    @if self.tongue == Tongue::Km {
                        footer lang="vi" { "Bản tiếng Khmer chưa kiểm duyệt. " span lang="en" { "Khmer text not yet reviewed." } }
                    }
                }
            }
        }
    }

    fn refresh(&self) -> Markup {
        let there = self.refresh_to.map(|there| format!("; url={there}"));
        html! {
            @if let Some(wait_s) = self.refresh_s {
                meta http-equiv="refresh" content={ (wait_s) (there.unwrap_or_default()) };
            }
        }
    }

    fn choice(&self) -> Markup {
        html! {
            nav class="tongues" aria-label="Ngôn ngữ / Language / ភាសា" {
                @for tongue in self.tongues {
                    @let here = (*tongue == self.tongue).then_some("true");
                    a href={ (self.path) "?" (TONGUE_FIELD) "=" (tongue.tag()) }
                      lang=(tongue.tag()) hreflang=(tongue.tag()) aria-current=[here] { (tongue.name()) }
                }
            }
        }
    }

    /// The page as an answer that nobody keeps.
    pub fn answer(&self, status: StatusCode, body: &Markup) -> Response {
        let head = [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CACHE_CONTROL, "no-store"),
            (header::VARY, "accept-language"),
        ];
        (status, head, self.html(body).into_string()).into_response()
    }
}

/// A refusal as a page, for those who asked for one.
pub fn refused(problem: &Problem, language: Language) -> Response {
    let tongue = Tongue::tagged(language.name()).unwrap_or(Tongue::Vi);
    let code = match tongue {
        Tongue::En => "Code",
        Tongue::Vi | Tongue::Km => "Mã",
    };
    let mark = if problem.retryable { "wait" } else { "no" };
    let page = Page {
        mark,
        ..Page::new(tongue, &problem.title, "Cầu Số")
    };
    let body = html! {
        h1 { (problem.title) }
        p { (problem.next) }
        p.code { (code) ": " (problem.code) }
    };
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    page.answer(status, &body)
}

/// Whether a browser that shows pages asked.
pub fn wants_page(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accepted| accepted.contains("text/html"))
}

/// The stylesheet of every page; the site allows none inside a page.
pub async fn style() -> Response {
    kept("text/css; charset=utf-8", STYLE)
}

/// A text that lies under an address of its own for ever: a stylesheet, a script.
pub fn kept(kind: &'static str, text: &'static str) -> Response {
    let mut response = text.into_response();
    let head = response.headers_mut();
    head.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    let lasting = HeaderValue::from_static("public, max-age=31536000, immutable");
    head.insert(header::CACHE_CONTROL, lasting);
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    fn tongue(query: &str, accepted: &'static str) -> Tongue {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(accepted));
        Tongue::of(query, &headers)
    }

    #[test]
    fn the_address_chooses_the_language_before_the_browser_does() {
        assert_eq!(tongue("", "vi-VN,vi;q=0.9,en;q=0.8"), Tongue::Vi);
        assert_eq!(tongue("", "en-US,en"), Tongue::En);
        assert_eq!(tongue("", "km;q=1"), Tongue::Km);
        assert_eq!(tongue("", "fr"), Tongue::Vi);
        assert_eq!(tongue("ma=1&tieng=km", "en"), Tongue::Km);
        assert_eq!(tongue("tieng=xx", "en"), Tongue::En);
    }

    #[test]
    fn what_people_wrote_stays_text() {
        let name = "A & <b>\"x\"";
        let html = Page::new(Tongue::Vi, name, "Cầu Số").html(&html! { p { (name) } });
        let html = html.into_string();
        assert!(
            html.contains("<p>A &amp; &lt;b&gt;&quot;x&quot;</p>"),
            "{html}"
        );
        assert!(!html.contains("<b>"));
    }

    #[test]
    fn an_address_looks_so_often_and_then_again_when_the_stretch_is_over() {
        let looks = Looks::default();
        let (one, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let now = datetime!(2024-10-13 09:00 +7);
        let count = |what, address, now| looks.count((what, address), 240, Duration::MINUTE, now);
        assert!((0..240).all(|_| count("code", one, now).is_none()));
        assert_eq!(count("code", one, now + Duration::seconds(20)), Some(40));
        assert_eq!(count("other", one, now), None);
        assert_eq!(count("code", other, now), None);
        assert_eq!(count("code", one, now + Duration::MINUTE), None);
    }
}
