//! Expert squads: young officials of the province's offices who help communes out. Who they
//! are, what communes ask for, who is sent, the work log, and the commune's word.

mod api;
mod commands;
mod desks;
mod report;
pub mod steps;
pub mod store;
mod telling;
pub mod verify;

use crate::App;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use api::{ExpertRequestBody, in_hand};
pub use commands::{act, ask, put_expert};

/// This feature's routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(api::get_fields))
        .routes(routes!(api::list_experts))
        .routes(routes!(api::put_expert))
        .routes(routes!(api::list_requests))
        .routes(routes!(api::list_own))
        .routes(routes!(api::get_request, api::ask))
        .routes(routes!(api::act))
        .routes(routes!(api::suggest))
        .routes(routes!(api::list_desks))
        .routes(routes!(report::get_report))
}
