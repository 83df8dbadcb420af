//! The desk of a point: its set-up, its queue of tickets, and everything done about them.
//!
//! `commands` takes tickets and moves them on, for members, kiosks and residents alike;
//! `queues` is today's queue of each point in memory, moved on by every commit; `moving` puts
//! points side by side; `store` is the only SQL.

mod api;
mod commands;
mod moving;
mod queues;
pub mod steps;
pub mod store;
pub mod verify;

use crate::App;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use commands::{By, Take, act, act_for_holder, need_worker, next, put_setup, take};
pub use domain::desk::Wanted;
pub use moving::tell_crowded;
pub use queues::{Moved, Queue, Queues, by_code, read};

/// This feature's routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(api::get_procedures))
        .routes(routes!(api::list_workplaces))
        .routes(routes!(api::get_desk, api::put_desk))
        .routes(routes!(api::get_queue))
        .routes(routes!(api::take_ticket))
        .routes(routes!(api::call_next))
        .routes(routes!(api::get_ticket))
        .routes(routes!(api::act))
        .routes(routes!(api::get_times))
        .routes(routes!(api::get_load))
        .routes(routes!(moving::get_desks_now))
}
