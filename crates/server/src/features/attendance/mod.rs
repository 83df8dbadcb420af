//! Who is where, and was: comings and goings out of the ledger, and the codes that
//! points show.
//!
//! `keeping` is what ingesting does about an attendance fact: whether it is possible at
//! all, how far it is believed, and its row in `attendance`; `queries` reads those rows;
//! `store` is the only SQL.

mod api;
pub mod keeping;
mod queries;
pub mod store;

pub use queries::{present, stays_of, verified};

use crate::App;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(api::get_check_in))
        .routes(routes!(api::take_point_code))
        .routes(routes!(api::take_activity_code))
        .routes(routes!(api::get_attendance))
        .routes(routes!(api::get_present))
        .routes(routes!(api::get_doubtful))
        .routes(routes!(api::get_active_teams))
}
