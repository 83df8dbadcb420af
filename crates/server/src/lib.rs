//! Cầu Số: one binary, `causo`. `platform` is what every feature stands on;
//! `features` are vertical slices named after the words of the field.

pub mod demo;
pub mod features;
pub mod platform;
pub mod simulate;

use axum::extract::{DefaultBodyLimit, State};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use axum::{Router, response::IntoResponse};
use domain::catalogue::Catalogue;
use domain::subjects::Pseudonymiser;
use features::changes::{CatalogueParts, Snapshots};
use features::desk::Queues;
use features::facts::measures::{Active, Counting, Measures};
use features::notifications::channels::{Adapters, Channels};
use features::progress::Boards;
use platform::clock::Clock;
use platform::db::{Databases, Db, Effect};
use platform::http;
use platform::metrics::{self, Metrics};
use platform::pages::Looks;
use platform::problem::{AppError, AppResult};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use tokio::sync::{Semaphore, watch};
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
    /// The catalogue as it is sent.
    pub catalogue_parts: CatalogueParts,
    /// What first syncs bring.
    pub snapshots: Snapshots,
    /// Measures compiled from the campaigns, replaced when they change.
    pub measures: Mutex<Arc<Measures>>,
    /// Tallies in memory.
    pub boards: Arc<Boards>,
    /// Queues of desks in memory.
    pub queues: Arc<Queues>,
    /// One for each export that may run at a time.
    pub exports: Arc<Semaphore>,
    /// One for each month that may be filled at a time.
    pub fillings: Arc<Semaphore>,
    /// How often each address looks at pages.
    pub looks: Looks,
    /// What is counted for those who run it.
    pub metrics: Arc<Metrics>,
    /// Ways to people besides the app.
    pub adapters: Adapters,
    /// What boards and kiosks say aloud.
    pub voice: features::lobby::Voice,
    /// Whether this is a demonstration.
    pub demo: bool,
    /// Whether it has been asked to end.
    ending: watch::Sender<bool>,
}

impl App {
    /// Starts on a migrated database.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn start(
        databases: &Databases,
        clock: Clock,
        secret: &[u8; 32],
        demo: bool,
        channels: Channels,
        voice: features::lobby::Voice,
    ) -> AppResult<Arc<Self>> {
        let boards = Arc::new(Boards::default());
        let metrics = Arc::new(Metrics::default());
        let queues = Arc::new(Queues::default());
        let told = (Arc::clone(&boards), Arc::clone(&queues));
        let db = Db::open(
            databases,
            Box::new(move |effects: Vec<Effect>| tell(&told.0, &told.1, effects)),
            &metrics,
        )?;
        let keys = Pseudonymiser::new(secret);
        let catalogue = Catalogue::bundled();
        Ok(Arc::new(Self {
            adapters: Adapters::new(channels, &db, &clock),
            db,
            clock,
            keys,
            catalogue_parts: CatalogueParts::new(&catalogue)?,
            catalogue,
            snapshots: Snapshots::default(),
            measures: Mutex::default(),
            boards,
            queues,
            exports: Arc::new(Semaphore::new(features::exports::AT_ONCE)),
            fillings: Arc::new(Semaphore::new(features::rosters::FILLINGS_AT_ONCE)),
            looks: Looks::default(),
            metrics,
            voice,
            demo,
            ending: watch::Sender::new(false),
        }))
    }

    /// Sends everybody to another node: `/readyz` says so, every answer closes its
    /// connection, and live screens are let go. Whoever comes all the same is served.
    pub fn begin_to_end(&self) {
        self.ending.send_replace(true);
    }

    /// Whether [`App::begin_to_end`] was called.
    pub fn is_ending(&self) -> bool {
        *self.ending.borrow()
    }

    /// Waits until [`App::begin_to_end`] is called.
    pub async fn ending(&self) {
        // It fails only without a sender, and we hold it.
        let _ = self.ending.subscribe().wait_for(|ending| *ending).await;
    }

    /// What it takes to say what facts count for in `measures`.
    pub fn counting<'m>(&'m self, measures: &'m [Active]) -> Counting<'m> {
        Counting {
            measures,
            catalogue: &self.catalogue,
            keys: &self.keys,
        }
    }
}

/// Tells those who keep copies in memory what a commit changed.
fn tell(boards: &Boards, queues: &Queues, effects: Vec<Effect>) {
    let (mut counted, mut moved) = (Vec::new(), Vec::new());
    for effect in effects {
        match effect {
            Effect::Desk(one) => moved.push(one),
            other => counted.push(other),
        }
    }
    if counted.iter().any(|effect| matches!(effect, Effect::Shape)) {
        queues.clear();
    }
    queues.apply(moved);
    boards.apply(counted);
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
        .merge(features::people::routes())
        .merge(features::places::routes())
        .merge(features::teams::routes())
        .merge(features::facts::routes())
        .merge(features::attendance::routes())
        .merge(features::branch::routes())
        .merge(features::changes::routes())
        .merge(features::campaigns::routes())
        .merge(features::targets::routes())
        .merge(features::progress::routes())
        .merge(features::exports::routes())
        .merge(features::allowances::routes())
        .merge(features::cards::routes())
        .merge(features::certificates::routes())
        .merge(features::points::routes())
        .merge(features::activities::routes())
        .merge(features::rosters::routes())
        .merge(features::experts::routes())
        .merge(features::desk::routes())
        .merge(features::lobby::routes())
        .merge(features::notifications::routes())
        .merge(features::scams::routes())
        .merge(features::visits::routes())
}

/// The description of the interface, as checked in under `openapi.json`.
///
/// # Panics
/// Never in practice: the description is plain data.
pub fn openapi() -> String {
    let mut description =
        serde_json::to_value(api().into_openapi()).expect("the description is plain data");
    say_what_is_always_there(&mut description);
    let mut text =
        serde_json::to_string_pretty(&description).expect("the description is plain data");
    text.push('\n');
    text
}

/// Replies name every field, null or not; requests may leave optional ones out. So a
/// schema that no request uses has all its properties required.
fn say_what_is_always_there(description: &mut Value) {
    let mut asked = BTreeSet::new();
    let operations = description["paths"]
        .as_object()
        .into_iter()
        .flat_map(|paths| paths.values());
    for operation in operations
        .filter_map(Value::as_object)
        .flat_map(|path| path.values())
    {
        collect_refs(&operation["requestBody"], description, &mut asked);
    }
    let Some(schemas) = description["components"]["schemas"].as_object_mut() else {
        return;
    };
    for (_, schema) in schemas
        .iter_mut()
        .filter(|(name, _)| !asked.contains(*name))
    {
        let mut parts = vec![schema];
        while let Some(part) = parts.pop() {
            if let Some(names) = part["properties"]
                .as_object()
                .map(|p| p.keys().cloned().collect::<Vec<_>>())
            {
                part["required"] = names.into();
            }
            parts.extend(
                part.get_mut("allOf")
                    .and_then(Value::as_array_mut)
                    .into_iter()
                    .flatten(),
            );
        }
    }
}

fn collect_refs(value: &Value, description: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            let target = fields
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(|path| path.rsplit('/').next());
            if let Some(name) = target
                && found.insert(name.to_owned())
            {
                collect_refs(
                    &description["components"]["schemas"][name],
                    description,
                    found,
                );
            }
            fields
                .values()
                .for_each(|field| collect_refs(field, description, found));
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| collect_refs(item, description, found)),
        _ => {}
    }
}

/// Whether requests may be sent here now: the process is to stay, and its database answers.
async fn ready(State(app): State<Arc<App>>) -> AppResult<&'static str> {
    if app.is_ending() {
        return Err(AppError::problem("server.draining"));
    }
    app.db
        .glance(|tx| Ok(tx.one("select 1", args![], |_| Ok(()))?))
        .await?;
    Ok("ready\n")
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
            axum::routing::any(|| async { AppError::not_found() }),
        )
        .route("/ical/{file}", get(features::activities::feed))
        .route("/trang.css", get(platform::pages::style))
        .merge(features::cards::pages())
        .merge(features::certificates::pages())
        .merge(features::scams::pages())
        .merge(features::lobby::pages())
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics::page))
        .fallback(platform::assets::serve);
    layered(routes, app)
}

/// What every request passes through on its way to a route.
pub fn layered(routes: Router<Arc<App>>, app: Arc<App>) -> Router {
    let worth_it = SizeAbove::new(1024)
        .and(NotForContentType::SSE)
        .and(NotForContentType::IMAGES)
        .and(NotForContentType::const_new(features::exports::XLSX));
    routes
        .layer(DefaultBodyLimit::max(http::BODY_BYTES_MAX))
        .layer(RequestDecompressionLayer::new())
        .layer(from_fn(http::refuse_foreign))
        .layer(from_fn(http::hear_out))
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
