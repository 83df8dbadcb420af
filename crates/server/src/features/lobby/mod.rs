//! What residents see of a desk, without signing in: the kiosk that gives tickets, the board
//! that calls them, the page of a ticket, and taking one on one's own phone.
//!
//! `choose` asks what for, on kiosks (`kiosk`) and phones (`phone`); `ticket` is what its holder
//! follows; `board` calls, and `voice` says how aloud; `devices` pairs kiosks and boards; `store`
//! is the only SQL. Tickets themselves are [`super::desk`]'s.

mod api;
mod board;
mod choose;
mod devices;
mod hours;
mod kiosk;
mod line;
mod phone;
mod store;
mod ticket;
mod voice;
mod words;

use crate::App;
use crate::platform::pages::{Tongue, kept};
use crate::platform::problem::{AppError, AppResult};
use crate::platform::wire::Path;
use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::sync::{Arc, LazyLock};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use devices::make as make_device;
pub use store::{Device, note_seen};
pub use voice::Voice;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(api::list_desk_devices, api::make_desk_device))
        .routes(routes!(api::revoke_desk_device))
}

/// The pages, for anybody who has their addresses.
pub fn pages() -> Router<Arc<App>> {
    Router::new()
        .route("/lay-so", get(devices::ask).post(devices::pair))
        .route("/lay-so/{token}", get(kiosk::ask).post(kiosk::take))
        .route("/lay-so/{token}/{code}", get(kiosk::taken))
        .route("/bang", get(devices::ask))
        .route("/bang/{token}", get(board::show))
        .route("/phieu/{code}", get(ticket::follow).post(ticket::wish))
        .route("/xep-hang/{code}", get(phone::ask).post(phone::take))
        .route("/xep-hang/{code}/to-dan", get(phone::poster))
        .route("/hang-doi/{file}", get(file))
        .route("/giong-noi/{language}/{clip}", get(clip))
}

const STYLES: [(&str, &str); 4] = [
    ("kiosk.css", include_str!("kiosk.css")),
    ("board.css", include_str!("board.css")),
    ("ticket.css", include_str!("ticket.css")),
    ("khmer.css", include_str!("khmer.css")),
];
const SCRIPTS: [(&str, &str); 1] = [("lobby.js", include_str!("lobby.js"))];
const FONTS: [(&str, &[u8]); 2] = [
    (
        "khmer-400.woff2",
        include_bytes!("../../../fonts/noto-sans-khmer-400.woff2"),
    ),
    (
        "khmer-700.woff2",
        include_bytes!("../../../fonts/noto-sans-khmer-700.woff2"),
    ),
];

static KIOSK_STYLE: LazyLock<String> = LazyLock::new(|| address(STYLES[0]));
static BOARD_STYLE: LazyLock<String> = LazyLock::new(|| address(STYLES[1]));
static TICKET_STYLE: LazyLock<String> = LazyLock::new(|| address(STYLES[2]));
static KHMER_STYLE: LazyLock<String> = LazyLock::new(|| address(STYLES[3]));
static SCRIPT: LazyLock<String> = LazyLock::new(|| address(SCRIPTS[0]));

/// Where a text is; the number follows from what it says.
fn address((name, text): (&str, &str)) -> String {
    format!(
        "/hang-doi/{name}?v={:08x}",
        crc32fast::hash(text.as_bytes())
    )
}

async fn file(Path(name): Path<String>) -> AppResult<Response> {
    let named = |(known, _): &&(&str, _)| *known == name;
    if let Some((_, text)) = STYLES.iter().find(named) {
        return Ok(kept("text/css; charset=utf-8", text));
    }
    if let Some((_, text)) = SCRIPTS.iter().find(named) {
        return Ok(kept("text/javascript; charset=utf-8", text));
    }
    let font = FONTS.iter().find(|(known, _)| *known == name);
    let (_, bytes) = font.ok_or_else(AppError::not_found)?;
    let head = [
        (header::CONTENT_TYPE, "font/woff2"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    Ok((head, *bytes).into_response())
}

async fn clip(
    State(app): State<Arc<App>>,
    Path((language, name)): Path<(String, String)>,
) -> AppResult<Response> {
    let tongue = Tongue::tagged(&language).ok_or_else(AppError::not_found)?;
    app.voice.clip(tongue, &name)
}
