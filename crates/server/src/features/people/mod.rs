//! People: the register of everybody in the movement, whether they may sign in or not.
//! Accounts, roles and sessions are the business of `members`.

mod api;
mod commands;
mod list;
mod page;

use crate::App;
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
}
