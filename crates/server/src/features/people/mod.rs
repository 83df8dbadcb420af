//! People: the register of everybody in the movement, whether they may sign in or not.
//! Accounts, roles and sessions are the business of `members`.

mod api;
mod commands;
mod import;
mod import_api;
mod list;
pub mod looks;
mod page;
mod sheet;

use crate::App;
use crate::platform::http::SHEET_BYTES_MAX;
use axum::extract::DefaultBodyLimit;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(api::list_members, api::add_member))
        .routes(routes!(api::get_member, api::change_member))
        .routes(routes!(api::show_phone))
        .routes(routes!(api::set_office))
        .routes(routes!(api::set_skill, api::drop_skill))
        .routes(routes!(api::get_skills))
        .routes(routes!(api::tick, api::untick))
        .merge(imports())
}

/// Routes that take files.
fn imports() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(import_api::preview_import))
        .routes(routes!(import_api::take_import))
        .layer(DefaultBodyLimit::max(SHEET_BYTES_MAX))
}
