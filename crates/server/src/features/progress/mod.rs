//! Progress: result, target, pace and forecast of any place on any day, live, and
//! every number opened into the facts behind it.

mod api;
pub mod atlas;
mod boards;
mod queries;

use crate::App;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use boards::{Board, Boards};
pub use queries::Period;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(api::get_progress))
        .routes(routes!(api::get_series))
        .routes(routes!(api::list_facts))
        .routes(routes!(api::live))
}
