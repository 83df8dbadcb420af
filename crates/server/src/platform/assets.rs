//! The web app, compiled in: precompressed files with long-lived caching for names
//! that carry a hash, and the app's page for every other address.

use super::http;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../web/dist"]
#[allow_missing = true]
struct Web;

const FIRST_QUESTION: &str = "</api/v1/changes>; rel=preload; as=fetch; crossorigin";

/// Serves a file of the app, or the app's page.
pub async fn serve(uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    let is_file = path
        .rsplit('/')
        .next()
        .is_some_and(|name| name.contains('.'));
    match file(path, &headers) {
        Some(response) => response,
        None if is_file => StatusCode::NOT_FOUND.into_response(),
        None => page(&headers),
    }
}

/// The app's page. A browser that asks here has no service worker yet; if somebody is
/// signed in, the first thing the app will ask for can travel beside its script.
fn page(headers: &HeaderMap) -> Response {
    let Some(mut response) = file("index.html", headers) else {
        return not_built();
    };
    let opened = headers.get("sec-fetch-dest") == Some(&HeaderValue::from_static("document"));
    if opened && http::cookie(headers).is_some() {
        response
            .headers_mut()
            .insert(header::LINK, HeaderValue::from_static(FIRST_QUESTION));
    }
    response
}

fn not_built() -> Response {
    (
        StatusCode::SERVICE_UNAVAILABLE,
        "The web app is not part of this build. Run `make run`.",
    )
        .into_response()
}

fn file(path: &str, headers: &HeaderMap) -> Option<Response> {
    let accepted = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let offers = [("br", ".br"), ("gzip", ".gz"), ("", "")];
    let (encoding, found) = offers
        .into_iter()
        .filter(|(name, _)| {
            name.is_empty()
                || accepted
                    .split(',')
                    .any(|offer| offer.trim().starts_with(name))
        })
        .find_map(|(name, suffix)| {
            Web::get(&format!("{path}{suffix}")).map(|found| (name, found))
        })?;
    let mut response = found.data.into_owned().into_response();
    let out = response.headers_mut();
    out.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(content_type(path)),
    );
    out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if !encoding.is_empty() {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    let lasting = path.starts_with("assets/") || path.ends_with(".woff2");
    let caching = if lasting {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    Some(response)
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
