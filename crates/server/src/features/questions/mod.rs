//! Dân hỏi – Phường đáp: residents ask on a page, at a counter, on paper or on Zalo; the unit
//! answers by a promised day, or the question climbs; good answers are published for everybody
//! and go to every volunteer's phone.
//!
//! `commands` is what people do, `carrier` takes answers back to where questions came from,
//! `zalo` talks with Zalo, `pages` is what a stranger sees under `/hoi` and `/hoi-dap`; `store`
//! and `faq` hold the SQL.

mod api;
pub mod carrier;
mod commands;
pub mod faq;
mod figures;
pub mod keeping;
mod pages;
mod store;
mod telling;
mod verify;
mod words;
pub mod zalo;

use crate::App;
use crate::platform::clock::Clock;
use crate::platform::db::{DbError, Tx};
use crate::platform::problem::{AppError, AppResult};
use axum::Router;
use axum::routing::{get, post};
use domain::questions::{CONTACT_KEPT_DAYS, WORDS_KEPT_DAYS};
use domain::refusal::Refusal;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use commands::{Asking, Doing, act, ask, climb};
pub use faq::{FaqBody, FaqUse, note_use};
pub use store::Contact;
pub use verify::verify;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(api::get_topics))
        .routes(routes!(api::list_questions))
        .routes(routes!(api::get_question))
        .routes(routes!(api::act))
        .routes(routes!(api::show_contact))
        .routes(routes!(figures::get_figures))
        .routes(routes!(api::put_faq))
        .routes(routes!(api::note_use))
}

/// The pages on which anybody asks and reads answers, and where Zalo calls us.
pub fn pages() -> Router<Arc<App>> {
    Router::new()
        .route("/hoi", get(pages::form).post(pages::ask))
        .route("/hoi/co-san", post(pages::spared))
        .route("/hoi/{code}", get(pages::look))
        .route("/hoi-dap", get(pages::faq))
        .route(zalo::WEBHOOK, post(zalo::hear))
}

/// Has late questions climb, as a chore; of how many.
///
/// # Errors
/// The storage's.
pub fn climb_late(tx: &mut Tx<'_>, clock: &Clock) -> Result<usize, DbError> {
    climb(tx, clock).map_err(|fault| match fault {
        AppError::Db(fault) => fault,
        other => DbError::Other(other.into()),
    })
}

/// Makes sure that what is asked of an official account is asked about a place there is.
///
/// # Errors
/// `cli.zalo` where there is none, or the storage's.
pub fn need_place(tx: &Tx<'_>, account: &zalo::Config) -> AppResult<()> {
    match store::is_asked_about(tx, &account.place)? {
        true => Ok(()),
        false => Err(Refusal::new("cli.zalo")
            .with("name", "CAUSO_ZALO_PLACE")
            .into()),
    }
}

/// Forgets who asked and what, as a chore; of how many.
///
/// # Errors
/// The storage's.
pub fn forget(tx: &mut Tx<'_>, clock: &Clock) -> Result<usize, DbError> {
    let kept = (CONTACT_KEPT_DAYS.into(), WORDS_KEPT_DAYS.into());
    store::forget(tx, clock.now(), kept)
}
