//! Activities: what is planned, on which days, by whom, and what was done of it; and
//! calendars for programs outside.

mod api;
pub mod calendar;
mod feeds;
pub mod store;

use crate::App;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use api::{ActivityBody, NewActivityBody, plan};
pub use feeds::feed;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(api::list_activities))
        .routes(routes!(api::put_activity, api::cancel_activity))
        .routes(routes!(api::get_activity_day, api::put_activity_day))
        .routes(routes!(feeds::list_feeds, feeds::make_feed))
        .routes(routes!(feeds::revoke_feed))
}
