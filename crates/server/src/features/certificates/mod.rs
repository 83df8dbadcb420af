//! Certificates of volunteer hours: issued to members, found by anybody who has the paper.
//!
//! `commands` issues and withdraws, `page` is what a stranger sees under `/xac-nhan`, `store`
//! is the only SQL.

mod api;
mod commands;
mod page;
mod store;

use crate::App;
use axum::Router;
use axum::routing::get;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use commands::{issue, preview};
pub use store::verify;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(api::list_certificates, api::issue_certificate))
        .routes(routes!(api::preview_certificate))
        .routes(routes!(api::get_certificate))
        .routes(routes!(api::withdraw_certificate))
}

/// The pages on which anybody checks a certificate, without signing in.
pub fn pages() -> Router<Arc<App>> {
    Router::new()
        .route("/xac-nhan", get(page::ask))
        .route("/xac-nhan/{code}", get(page::look))
}
