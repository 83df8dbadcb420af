//! Rosters: what points need, the shifts of a month, who stands at them, and how they came
//! and went.

mod api;
mod commands;
mod filling;
pub mod steps;
mod store;
mod verify;

use crate::App;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use api::{ShiftBody, shifts_below};
pub use commands::{generate, put_person, put_rule};
pub use store::{Ruling, Shift, of_member, of_team, points, put_availability};
pub use verify::verify;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(api::list_rules))
        .routes(routes!(api::put_rule))
        .routes(routes!(api::generate))
        .routes(routes!(api::list_shifts))
        .routes(routes!(api::put_person))
        .routes(routes!(api::suggest))
        .routes(routes!(api::propose))
        .routes(routes!(api::accept))
        .routes(routes!(api::get_availability, api::put_availability))
}
