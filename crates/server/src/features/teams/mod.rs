//! Teams: who works together, by which decision, and where they are at home.

mod api;
mod commands;
mod coverage;
pub mod store;

use crate::App;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use api::TeamBody;
pub use commands::{Paper, create, decide};
pub use store::below;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(api::list_teams, api::add_team))
        .routes(routes!(api::get_team))
        .routes(routes!(api::decide_team))
        .routes(routes!(coverage::get_coverage))
}
