//! Service points: where people are helped, when they are open, and what was agreed.
//!
//! A point's `secret` is made here and never leaves by these routes.

mod api;
pub mod store;

use crate::App;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use api::PointBody;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(api::list_points))
        .routes(routes!(api::put_point))
}
