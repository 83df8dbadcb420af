//! Suspected scams: reported by volunteers from their phones and by residents on a public
//! page, taken in hand by the commune's officer, handed to its police, closed with a result.
//!
//! `commands` is what officers and the page do, `keeping` what a fact leaves behind, `telling`
//! who hears of it, `page` what residents see under `/bao-lua-dao`, `store` the only SQL,
//! `verify` plays every step again.

mod api;
pub mod commands;
pub mod keeping;
mod page;
pub mod store;
mod telling;
mod verify;

use crate::App;
use axum::Router;
use axum::routing::get;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use page::rules;
pub use verify::verify;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(api::list_reports))
        .routes(routes!(api::get_report))
        .routes(routes!(api::act))
        .routes(routes!(api::show_contact))
        .routes(routes!(api::send_alert))
}

/// The pages on which anybody reports a suspected scam, without signing in.
pub fn pages() -> Router<Arc<App>> {
    Router::new()
        .route("/bao-lua-dao", get(page::begin))
        .route("/bao-lua-dao/{place}", get(page::ask).post(page::send))
        .route("/bao-lua-dao.css", get(page::style))
}
