//! Allowances: a policy's list of a month from who was at work, who would be paid twice,
//! and the list as it was when it was locked.
//!
//! `queries` makes the list, `commands` is what officers do about it, `file` writes it
//! down, `store` is the only SQL.

mod api;
mod commands;
mod file;
mod queries;
pub mod store;

use crate::App;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(api::list_policies, api::put_policy))
        .routes(routes!(api::get_sheet))
        .routes(routes!(api::get_sheet_csv))
        .routes(routes!(api::get_sheet_xlsx))
        .routes(routes!(api::get_own))
        .routes(routes!(api::lock_sheet))
        .routes(routes!(api::decide))
        .routes(routes!(api::top_up))
        .routes(routes!(api::put_other_support))
}
