//! Exports: the facts of a place, or behind a number, as a file to work on.
//!
//! `queries` says what is asked for and whether the member may have it; `lines` walks
//! the ledger and says what stands in each line; `csv` and `xlsx` (with `ooxml`) write
//! lines down, of facts or of anything else; `words` are the file's own; `store` notes who took what.

mod api;
pub mod csv;
pub mod lines;
mod ooxml;
mod queries;
pub mod store;
mod words;
pub mod xlsx;

use crate::App;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use queries::Format;

/// Exports that run at a time. Each holds a connection, and works as hard as it can.
pub const AT_ONCE: usize = 2;

/// Media type of a workbook.
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// This feature's routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(api::get_size))
        .routes(routes!(api::get_csv))
        .routes(routes!(api::get_xlsx))
}
