//! Facts: the ledger that only grows, and what is counted out of it.
//!
//! `ingest` takes a batch in; `ledger` is the only SQL about facts, subjects and
//! tallies; `measures` knows what is being counted; `circle` says who is credited;
//! `verify` counts it all again.

mod api;
pub mod circle;
pub mod ingest;
pub mod ledger;
pub mod measures;
pub mod verify;

use crate::App;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use api::{FactView, NameRef, view};

/// This feature's routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(api::post_facts))
        .routes(routes!(api::get_fact))
}
