//! Ratings: what residents think of how they were served, and what is done about it.
//!
//! `commands` takes taps in and moves corrective actions on, `page` asks residents, `results`
//! counts, `file` is what leaves, `telling` whom low ratings are told to, `store` is the only SQL.

mod api;
mod commands;
mod file;
mod page;
mod results;
mod store;
mod telling;
mod verify;
mod words;

use crate::App;
use axum::Router;
use axum::routing::get;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use api::TicketRatingBody;
pub use commands::{About, Deed, act, comment, tap};
pub use store::Tap;
pub use telling::late;
pub use verify::verify;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(results::get_results))
        .routes(routes!(api::list_comments))
        .routes(routes!(api::moderate))
        .routes(routes!(api::get_csv))
        .routes(routes!(api::get_xlsx))
        .routes(routes!(api::get_point, api::put_point))
        .routes(routes!(api::list_actions))
        .routes(routes!(api::get_action))
        .routes(routes!(api::act))
}

/// The pages on which residents rate, without signing in.
pub fn pages() -> Router<Arc<App>> {
    Router::new()
        .route("/danh-gia.css", get(page::style))
        .route("/danh-gia.js", get(page::script))
        .route("/danh-gia/{code}", get(page::ask).post(page::rate))
        .route(
            "/danh-gia/diem/{code}",
            get(page::ask_at_point).post(page::rate_at_point),
        )
}
