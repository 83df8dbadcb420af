//! Registers coming down to the phone: exactly what lies in the member's scope, and
//! only what changed since the last time.

mod api;
mod snapshots;

use crate::App;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use api::CatalogueParts;
pub use snapshots::Snapshots;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(api::get_changes))
}
