//! Notifications: what people are told in the app, and what goes out to them besides.

mod api;
pub mod channels;
pub mod push;
pub mod sender;
pub mod store;
mod words;

use crate::App;
use crate::platform::clock::Clock;
use crate::platform::db::{DbError, Tx};
use domain::ids::MemberId;
use domain::notifications::{NoticeChannel, NoticeKind};
use serde_json::{Map, Value};
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(api::list_notifications))
        .routes(routes!(api::read_notification))
        .routes(routes!(api::read_notifications))
        .routes(routes!(
            api::get_notification_choices,
            api::put_notification_choice
        ))
        .routes(routes!(api::put_push, api::delete_push))
        .routes(routes!(api::list_simulated_messages))
}

/// What somebody is to be told. The words are the kind's own.
#[derive(Debug)]
pub struct Notice<'a> {
    /// Who.
    pub to: MemberId,
    /// About what.
    pub kind: NoticeKind,
    /// Which one of its kind: told twice, they hear of it once.
    pub about: &'a str,
    /// For its words.
    pub facts: &'a Map<String, Value>,
    /// Which screen it leads to.
    pub link: &'a str,
}

/// Tells somebody, when the transaction is committed: in the app, and by the channels
/// that they chose. `false` = they were told before.
///
/// # Errors
/// The storage's.
pub fn notify(tx: &mut Tx<'_>, clock: &Clock, notice: &Notice<'_>) -> Result<bool, DbError> {
    let (id, now) = (clock.new_id(), clock.now());
    if !store::add(tx, id, notice, now)? {
        return Ok(false);
    }
    for channel in store::wanted(tx, notice.to, notice.kind)? {
        let browsers = match channel {
            NoticeChannel::Push => store::browsers(tx, notice.to)?,
            NoticeChannel::Sms | NoticeChannel::Zalo => vec![None],
        };
        for browser in browsers {
            store::post(tx, clock.new_id(), id, channel, browser.as_deref(), now)?;
        }
    }
    Ok(true)
}
