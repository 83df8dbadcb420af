//! Places: official units by date, what became of them, and local hamlets.

mod api;
pub mod import;
pub mod store;

use crate::App;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use api::PlaceRef;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(api::search_places, api::add_hamlet))
        .routes(routes!(api::get_place))
        .routes(routes!(api::get_succession))
        .routes(routes!(api::list_figures, api::put_figure))
}
