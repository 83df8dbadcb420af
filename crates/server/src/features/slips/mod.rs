//! Personal reminders of the day on which a result can be fetched: made at the counter, opened
//! by the resident's code, put off with an apology, and counted.
//!
//! `commands` does, `page` is what the resident sees under `/hen`, `calendar` what they put into their own phone, `telling` writes to phones
//! that were given for it, `store` is the only SQL.

mod api;
mod calendar;
mod commands;
mod page;
mod store;
pub mod telling;
mod verify;

use crate::App;
use axum::Router;
use axum::routing::get;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use api::TicketSlipBody;
pub use commands::{Asked, act, make};
pub use store::{Deed, code_of_ticket, forget};
pub use verify::verify;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(api::list_slips))
        .routes(routes!(api::suggest_due))
        .routes(routes!(api::get_figures))
        .routes(routes!(api::get_thursday))
        .routes(routes!(api::get_slip, api::put_slip))
        .routes(routes!(api::act))
}

/// The pages of residents: a slip, and what to bring for procedures.
pub fn pages() -> Router<Arc<App>> {
    Router::new()
        .route("/hen/{code}", get(page::slip))
        .route("/chuan-bi/{codes}", get(page::checklist))
}
