//! Cards of volunteers: a code that a resident scans to see whether whoever wears it is a
//! volunteer, and on duty.
//!
//! `commands` makes and ends cards, `duty` says what a stranger may know, `page` tells them under
//! `/tinh-nguyen-vien`, `store` is the only SQL.

mod api;
mod commands;
pub mod duty;
mod page;
mod store;

use crate::App;
use axum::Router;
use axum::routing::get;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use api::{CardBody, own};
pub use commands::{begin, make};

/// This feature's routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(api::make_own_card))
        .routes(routes!(api::end_card))
        .routes(routes!(api::make_team_cards))
}

/// The pages on which anybody checks a card, without signing in.
pub fn pages() -> Router<Arc<App>> {
    Router::new()
        .route("/tinh-nguyen-vien", get(page::ask))
        .route("/tinh-nguyen-vien/{code}", get(page::look))
}
