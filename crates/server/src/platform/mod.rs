//! What every feature stands on: database, time, errors, the HTTP edge.

pub mod assets;
pub mod chores;
pub mod clock;
pub mod db;
pub mod deployment;
pub mod gzip;
pub mod http;
pub mod metrics;
pub mod migrate;
pub mod moving;
pub mod outlet;
pub mod pages;
pub mod problem;
pub mod progress;
pub mod wire;

use problem::{AppError, AppResult};

/// Runs what takes long, or waits, on a thread of its own; what it logs still belongs
/// to the request.
///
/// # Errors
/// When it panics.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> AppResult<T> {
    let span = tracing::Span::current();
    tokio::task::spawn_blocking(move || span.in_scope(work))
        .await
        .map_err(|_| AppError::panicked())
}
