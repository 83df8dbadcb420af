//! Targets: split down the tree, overridden, locked, with a history.

mod api;
pub mod store;

use crate::App;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(api::get_targets, api::put_target))
        .routes(routes!(api::split_target))
        .routes(routes!(api::target_history))
}
