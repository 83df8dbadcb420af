//! Rosters: what points need, the shifts of a month, who stands at them, and how they came
//! and went.

mod alerts;
mod api;
mod commands;
mod filling;
mod moving;
mod report;
pub mod steps;
mod store;
mod suited;
mod verify;

use crate::App;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use alerts::tell_gaps;
pub use api::{ShiftBody, shifts_away, shifts_below};
pub use commands::{Wanted, generate, put_person, put_rule};
pub use filling::AT_ONCE as FILLINGS_AT_ONCE;
pub use store::{
    Ruling, Shift, Standing, leaders, of_member, of_team, points, put_availability, running,
};
pub use verify::verify;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(api::list_rules))
        .routes(routes!(api::put_rule))
        .routes(routes!(api::generate))
        .routes(routes!(api::list_shifts))
        .routes(routes!(api::put_person))
        .routes(routes!(moving::move_person))
        .routes(routes!(api::suggest))
        .routes(routes!(report::history))
        .routes(routes!(report::coverage))
        .routes(routes!(api::propose))
        .routes(routes!(api::accept))
        .routes(routes!(api::get_availability, api::put_availability))
}
