//! The branch workspace: what a team has to do, what is asked of it from above, its
//! meetings and their minutes.

mod api;
mod directives;
pub mod keeping;
mod store;
pub mod telling;
mod verify;

use crate::App;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use api::{TaskBody, tasks_below};
pub use directives::{DirectiveBody, NewDirectiveBody, below as directives_below, send};
pub use verify::verify;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(api::get_branch))
        .routes(routes!(api::get_meeting))
        .routes(routes!(api::get_task))
        .routes(routes!(directives::list_directives))
        .routes(routes!(
            directives::get_directive,
            directives::send_directive,
            directives::withdraw_directive
        ))
        .routes(routes!(directives::pass_directive))
        .routes(routes!(directives::remind_directive))
}
