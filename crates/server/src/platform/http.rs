//! The HTTP edge: who is calling, safe headers, and words for refusals.

use super::pages;
use super::problem::{AppError, Code, Language, Unworded, worded};
use crate::App;
use crate::features::members::{self, Role};
use axum::body::Body;
use axum::extract::{ConnectInfo, FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::ids::MemberId;
use domain::refusal::Refusal;
use futures_util::StreamExt;
use sha2::{Digest, Sha256};
use std::marker::PhantomData;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;
use tracing::Instrument;

/// Largest request body, decompressed.
pub const BODY_BYTES_MAX: usize = 1 << 20;
/// The same for a spreadsheet, which may carry pictures.
pub const SHEET_BYTES_MAX: usize = 8 << 20;
/// Where spreadsheets are sent to.
const SHEETS: &str = "/api/v1/imports/";
/// How much of a body that is too large is still listened to.
const HEARD_BYTES_MAX: usize = 32 << 20;
/// The session cookie.
pub const COOKIE: &str = "causo_session";
/// Sent by our app with every unsafe request; a foreign page cannot add it.
const CSRF_HEADER: &str = "x-causo";

/// Which roles may call a handler. Named in its signature, so that a route without
/// a rule does not compile.
pub trait Rule: Send + Sync {
    /// The least role; a caller needs one at least as high, anywhere. On which place
    /// is for the query to check.
    const LEAST: Role;
}

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident => $least:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name;
        impl Rule for $name { const LEAST: Role = $least; }
    )*};
}

rules! {
    /// Everyone who is signed in.
    Anyone => Role::Volunteer;
    /// Team leaders and officers.
    LeaderUp => Role::Leader;
    /// Officers of any level.
    OfficerUp => Role::CommuneOfficer;
    /// Province officers and administrators.
    ProvinceUp => Role::ProvinceOfficer;
}

/// Proof that the caller is signed in and holds the rule's role somewhere.
#[derive(Debug)]
pub struct Caller<R> {
    /// Who.
    pub member: MemberId,
    /// The session, as stored.
    pub session: [u8; 32],
    /// Their highest role.
    pub highest: Role,
    /// Paths of the places they hold a role on.
    paths: Vec<String>,
    rule: PhantomData<R>,
}

impl<R: Rule> FromRequestParts<Arc<App>> for Caller<R> {
    type Rejection = AppError;
    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, AppError> {
        let token = cookie(&parts.headers).ok_or_else(|| AppError::problem("auth.required"))?;
        let session = token_hash(&token);
        let now = app.clock.now();
        let found = app
            .db
            .glance(move |tx| members::store::session_member(tx, &session, now))
            .await?;
        let (member, held) = found.ok_or_else(|| AppError::problem("auth.required"))?;
        let highest = held.iter().map(|(role, _)| *role).max();
        let highest = highest.ok_or_else(|| AppError::problem("auth.required"))?;
        if highest < R::LEAST {
            return Err(AppError::problem("auth.forbidden"));
        }
        Ok(Self {
            member,
            session,
            highest,
            paths: held.into_iter().map(|(_, path)| path).collect(),
            rule: PhantomData,
        })
    }
}

impl<R> Caller<R> {
    /// Whether a place lies in, or above, one of theirs: what anyone may see the sums of.
    pub fn sees(&self, path: &str) -> bool {
        let mut own = self.paths.iter();
        own.any(|own| path.starts_with(own) || own.starts_with(path))
    }

    /// Whether a place lies in one of theirs.
    pub fn holds(&self, path: &str) -> bool {
        self.paths.iter().any(|own| path.starts_with(own))
    }
}

/// What is kept of a token: its hash, so that a stolen database opens no session.
pub fn token_hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// The address under which the caller sees this server, for links.
pub fn origin(headers: &HeaderMap) -> String {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let secure = headers
        .get("x-forwarded-proto")
        .is_some_and(|proto| proto == "https");
    let scheme = if secure { "https" } else { "http" };
    format!("{scheme}://{}", host.unwrap_or("localhost"))
}

/// The session token a request carries.
pub fn cookie(headers: &HeaderMap) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .map(|(_, value)| value.to_owned())
}

/// Refuses unsafe requests that a foreign page could have made. Forms of our own pages for
/// anybody carry no header, and nobody's session counts there.
pub async fn refuse_foreign(request: Request, next: Next) -> Response {
    let safe = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    let headers = request.headers();
    let ours = headers.contains_key(CSRF_HEADER) || !is_api(&request);
    let origin = headers
        .get(header::ORIGIN)
        .and_then(|value| value.to_str().ok());
    let host = headers
        .get(header::HOST)
        .and_then(|value| value.to_str().ok());
    let same = origin.is_none_or(|origin| origin.split_once("://").map(|(_, rest)| rest) == host);
    if safe || (ours && same) {
        next.run(request).await
    } else {
        AppError::problem("request.csrf").into_response()
    }
}

/// Takes a request's body in before anyone answers: a refusal sent while the sender
/// is still talking would be lost with the connection.
pub async fn hear_out(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let bytes_max = match parts.uri.path().starts_with(SHEETS) {
        true => SHEET_BYTES_MAX,
        false => BODY_BYTES_MAX,
    };
    let mut chunks = body.into_data_stream();
    let mut bytes = Vec::new();
    let mut heard = 0;
    while let Some(chunk) = chunks.next().await {
        let Ok(chunk) = chunk else {
            return AppError::problem("request.malformed").into_response();
        };
        heard += chunk.len();
        if heard > HEARD_BYTES_MAX {
            break;
        }
        if heard <= bytes_max {
            bytes.extend_from_slice(&chunk);
        }
    }
    if heard > bytes_max {
        return AppError::problem("request.too_large").into_response();
    }
    next.run(Request::from_parts(parts, Body::from(bytes)))
        .await
}

/// Gives a request its id, puts its refusal into words, adds the safe headers, and logs
/// how it went: never its address, query or body, which may name people.
pub async fn finish(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let language = Language::of(request.headers());
    let api = is_api(&request);
    let page = !api && pages::wants_page(request.headers());
    let id = request_id(request.headers());
    let id = id.unwrap_or_else(|| app.clock.new_id().simple().to_string());
    let (method, route) = (method(&request), route(&request));
    let begun = Instant::now();
    let span = tracing::error_span!("request", id, method, route);
    let response = next.run(request).instrument(span.clone()).await;
    let (mut response, code) = in_words(response, language, page, &id);
    let status = response.status().as_u16();
    let took = begun.elapsed();
    let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    app.metrics.answered(&route, method, status, took);
    span.in_scope(|| {
        // That a node is about to end is no fault.
        if status >= 500 && code != Some("server.draining") {
            tracing::error!(status, took_ms, code, "answered");
        } else {
            tracing::debug!(status, took_ms, code, "answered");
        }
    });
    let headers = response.headers_mut();
    for (name, value) in SAFE_HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if api && !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if app.is_ending() {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    response
}

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const REQUEST_ID_BYTES_MAX: usize = 64;

const SAFE_HEADERS: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // Without it a browser hides from us that a form is our own.
    (header::REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "geolocation=(self), microphone=(), camera=(self)",
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
];

/// Whether a request is for the interface: everything else is for people's eyes.
fn is_api(request: &Request) -> bool {
    request.uri().path().starts_with("/api/")
}

/// The id a proxy gave the request, if it is one that may stand in a log.
fn request_id(headers: &HeaderMap) -> Option<String> {
    let given = headers.get(REQUEST_ID)?.to_str().ok()?;
    let sound = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':');
    let fits = (1..=REQUEST_ID_BYTES_MAX).contains(&given.len());
    (fits && given.bytes().all(sound)).then(|| given.to_owned())
}

/// Whether an address is this machine's or of a private network.
pub fn is_near(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local(),
    }
}

/// Who is at the other end; what a proxy nearby says of it is believed.
pub fn caller_address(parts: &Parts) -> Option<IpAddr> {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>()?.0.ip();
    let forwarded = parts
        .headers
        .get("x-forwarded-for")
        .and_then(|value| value.to_str().ok());
    let nearest = forwarded
        .and_then(|list| list.rsplit(',').next())
        .and_then(|last| last.trim().parse().ok());
    Some(if is_near(peer) {
        nearest.unwrap_or(peer)
    } else {
        peer
    })
}

/// Whether a request comes from nearby, and straight: not through a proxy, behind which
/// is the world.
pub fn is_from_within(request: &Request) -> bool {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let of_a_proxy = |name: &str| {
        matches!(name, "forwarded" | "via" | "x-real-ip") || name.starts_with("x-forwarded-")
    };
    peer.is_some_and(|peer| is_near(peer.0.ip()))
        && !request
            .headers()
            .keys()
            .any(|name| of_a_proxy(name.as_str()))
}

/// The pattern that a request's address matched; all of the app's own are one.
fn route(request: &Request) -> String {
    let matched = request.extensions().get::<MatchedPath>();
    matched.map_or("app", MatchedPath::as_str).to_owned()
}

/// One of few words, whatever a stranger sends.
fn method(request: &Request) -> &'static str {
    match *request.method() {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}

/// The answer as it is sent, and the code it is refused with.
fn in_words(
    mut response: Response,
    language: Language,
    page: bool,
    id: &str,
) -> (Response, Option<Code>) {
    let refusal = match response.extensions_mut().remove::<Unworded>() {
        // The log says more under this number.
        Some(Unworded(refusal)) if refusal.code == "internal" => refusal.with("request_id", id),
        Some(Unworded(refusal)) => refusal,
        None if response.status() == StatusCode::METHOD_NOT_ALLOWED => {
            Refusal::new("request.method")
        }
        None if response.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            Refusal::new("request.unsupported_media")
        }
        None => return (response, None),
    };
    let mut said = worded(&refusal, language, page);
    for cookie in response.headers().get_all(header::SET_COOKIE) {
        said.headers_mut()
            .append(header::SET_COOKIE, cookie.clone());
    }
    (said, Some(refusal.code))
}

/// What a panic in a handler turns into; the process stays up.
pub fn panicked(_: Box<dyn std::any::Any + Send>) -> axum::http::Response<Body> {
    AppError::panicked().into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_and_private_networks_are_within_and_no_proxy() {
        let asked = |peer: &str, header: Option<&'static str>| {
            let mut request = Request::new(Body::empty());
            let peer: SocketAddr = peer.parse().unwrap();
            request.extensions_mut().insert(ConnectInfo(peer));
            if let Some(name) = header {
                let value = HeaderValue::from_static("127.0.0.1");
                request.headers_mut().insert(name, value);
            }
            is_from_within(&request)
        };
        for peer in [
            "127.0.0.1:1",
            "10.1.2.3:1",
            "172.31.0.1:1",
            "192.168.1.9:1",
            "[::1]:1",
            "[fd00::1]:1",
            "[::ffff:10.0.0.1]:1",
        ] {
            assert!(asked(peer, None), "{peer}");
            for name in ["forwarded", "via", "x-real-ip", "x-forwarded-proto"] {
                assert!(!asked(peer, Some(name)), "{peer} {name}");
            }
        }
        for peer in [
            "203.113.0.1:1",
            "172.32.0.1:1",
            "[2405:4800::1]:1",
            "[::ffff:8.8.8.8]:1",
        ] {
            assert!(!asked(peer, None), "{peer}");
        }
        assert!(!is_from_within(&Request::new(Body::empty())));
    }
}
