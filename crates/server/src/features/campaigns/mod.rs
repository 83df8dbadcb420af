//! Campaigns with their indicators.

mod api;
pub mod store;

use crate::App;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use api::{CampaignBrief, IndicatorBrief, briefs};

/// This feature's routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(api::list_campaigns, api::create_campaign))
        .routes(routes!(api::get_campaign))
}
