//! Cầu Số: one binary, `causo`. `platform` is what every feature stands on;
//! `features` are vertical slices named after the words of the field.

pub mod demo;
pub mod features;
pub mod platform;

use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use axum::{Router, response::IntoResponse};
use domain::catalogue::Catalogue;
use domain::subjects::Pseudonymiser;
use features::facts::measures::Measures;
use features::progress::Boards;
use platform::clock::Clock;
use platform::db::{Db, Effect};
use platform::http;
use std::path::Path;
use std::sync::{Arc, Mutex};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};
use tower_http::decompression::RequestDecompressionLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

/// Everything a handler may use.
#[derive(Debug)]
pub struct App {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// Pseudonyms.
    pub keys: Pseudonymiser,
    /// Services and guides.
    pub catalogue: Catalogue,
    /// Measures compiled from the campaigns, replaced when they change.
    pub measures: Mutex<Arc<Measures>>,
    /// Tallies in memory.
    pub boards: Arc<Boards>,
    /// Whether this is a demonstration.
    pub demo: bool,
}

impl App {
    /// Starts on a migrated database file.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn start(
        path: &Path,
        clock: Clock,
        secret: &[u8; 32],
        demo: bool,
    ) -> Result<Arc<Self>, platform::db::DbError> {
        let boards = Arc::new(Boards::default());
        let told = Arc::clone(&boards);
        let db = Db::open(
            path,
            Box::new(move |effects: Vec<Effect>| told.apply(effects)),
        )?;
        let keys = Pseudonymiser::new(secret);
        Ok(Arc::new(Self {
            db,
            clock,
            keys,
            catalogue: Catalogue::bundled(),
            measures: Mutex::default(),
            boards,
            demo,
        }))
    }
}

#[derive(OpenApi)]
#[openapi(info(
    title = "Cầu Số",
    description = "Facts go up, registers come down, progress is read. Every refusal is a Problem with a stable code."
))]
struct Description;

fn api() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::with_openapi(Description::openapi())
        .merge(features::members::routes())
        .merge(features::places::routes())
        .merge(features::teams::routes())
        .merge(features::facts::routes())
        .merge(features::changes::routes())
        .merge(features::campaigns::routes())
        .merge(features::targets::routes())
        .merge(features::progress::routes())
}

/// The description of the interface, as checked in under `openapi.json`.
///
/// # Panics
/// Never in practice: the description is plain data.
pub fn openapi() -> String {
    let mut text = api()
        .into_openapi()
        .to_pretty_json()
        .expect("the description is plain data");
    text.push('\n');
    text
}

/// The whole site: interface, app, health.
pub fn router(app: Arc<App>) -> Router {
    let description = openapi();
    let (api, _) = api().split_for_parts();
    let routes = api
        .route(
            "/api/openapi.json",
            get(|| async move { json_text(description) }),
        )
        .route(
            "/api/{*rest}",
            axum::routing::any(|| async { platform::problem::AppError::not_found() }),
        )
        .route("/healthz", get(|| async { "ok\n" }))
        .fallback(platform::assets::serve);
    layered(routes, app)
}

/// What every request passes through on its way to a route.
pub fn layered(routes: Router<Arc<App>>, app: Arc<App>) -> Router {
    let worth_it = SizeAbove::new(1024)
        .and(NotForContentType::SSE)
        .and(NotForContentType::IMAGES);
    routes
        .layer(DefaultBodyLimit::max(http::BODY_BYTES_MAX))
        .layer(RequestDecompressionLayer::new())
        .layer(from_fn(http::refuse_foreign))
        .layer(CatchPanicLayer::custom(http::panicked))
        .layer(from_fn_with_state(Arc::clone(&app), http::finish))
        .layer(CompressionLayer::new().compress_when(worth_it))
        .with_state(app)
}

fn json_text(text: String) -> impl IntoResponse {
    (
        [(axum::http::header::CONTENT_TYPE, "application/json")],
        text,
    )
}
