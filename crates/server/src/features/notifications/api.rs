//! Wire types and handlers for notifications.

use super::push::{Subscription, WebPush};
use super::{store, words};
use crate::App;
use crate::features::members::Role;
use crate::features::places;
use crate::platform::http::{Anyone, Caller, ProvinceUp};
use crate::platform::problem::{AppError, AppResult, Language};
use crate::platform::wire::{Instant, Json, Path, Query};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use domain::ids::PlaceId;
use domain::notifications::{NoticeChannel, NoticeKind};
use domain::refusal::Refusal;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Which notifications.
#[derive(Debug, Deserialize, IntoParams)]
pub struct NotificationsQuery {
    /// The `next` of the page before.
    before: Option<Uuid>,
    /// 1 to 100; 30 if absent.
    limit: Option<i64>,
}

/// A notification.
#[derive(Debug, Serialize, ToSchema)]
pub struct NotificationBody {
    /// Id.
    id: Uuid,
    /// About what.
    kind: NoticeKind,
    /// In a few words, in the reader's language.
    title: String,
    /// In a sentence or two.
    text: String,
    /// Which screen it leads to.
    link: String,
    at: Instant,
    /// Null while it is unread.
    read_at: Option<Instant>,
}

/// A page of notifications.
#[derive(Debug, Serialize, ToSchema)]
pub struct NotificationsBody {
    /// The newest first.
    notifications: Vec<NotificationBody>,
    /// Unread ones, on all pages.
    unread: i64,
    /// For the next page; null on the last.
    next: Option<Uuid>,
}

/// The caller's notifications.
#[utoipa::path(get, path = "/api/v1/notifications", operation_id = "list_notifications", tag = "notifications",
    params(NotificationsQuery), responses((status = 200, body = NotificationsBody)))]
pub async fn list_notifications(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Query(query): Query<NotificationsQuery>,
    headers: HeaderMap,
) -> AppResult<Json<NotificationsBody>> {
    let language = Language::of(&headers);
    let limit = query.limit.unwrap_or(30).clamp(1, 100);
    let before = query.before.unwrap_or(Uuid::max());
    let (mut found, unread) = app
        .db
        .read(move |tx| {
            let found = store::list(tx, caller.member, before, limit + 1)?;
            Ok((found, store::unread(tx, caller.member)?))
        })
        .await?;
    let limit = usize::try_from(limit).unwrap_or(0);
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|last| last.id);
    let worded = |one: store::Stored| {
        let (title, text) = words::said(one.kind, &one.facts, language);
        NotificationBody {
            id: one.id,
            kind: one.kind,
            title,
            text,
            link: one.link,
            at: Instant(one.at),
            read_at: one.read_at.map(Instant),
        }
    };
    Ok(Json(NotificationsBody {
        notifications: found.into_iter().map(worded).collect(),
        unread,
        next,
    }))
}

/// Marks one of the caller's notifications read.
#[utoipa::path(post, path = "/api/v1/notifications/{id}/read", operation_id = "read_notification", tag = "notifications",
    params(("id" = Uuid, Path)), responses((status = 204)))]
pub async fn read_notification(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
) -> AppResult<StatusCode> {
    let now = app.clock.now();
    app.db
        .write(move |tx| {
            if store::read(tx, caller.member, id, now)? {
                Ok(StatusCode::NO_CONTENT)
            } else {
                Err(AppError::not_found())
            }
        })
        .await
}

/// Up to where the caller has read.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ReadBody {
    /// The newest they saw: one that came meanwhile stays unread.
    through: Uuid,
}

/// Marks a notification and all before it read.
#[utoipa::path(post, path = "/api/v1/notifications/read", operation_id = "read_notifications", tag = "notifications",
    request_body = ReadBody, responses((status = 204)))]
pub async fn read_notifications(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Json(body): Json<ReadBody>,
) -> AppResult<StatusCode> {
    let now = app.clock.now();
    app.db
        .write(move |tx| {
            store::read_through(tx, caller.member, body.through, now)?;
            Ok(StatusCode::NO_CONTENT)
        })
        .await
}

/// Whether a kind comes by a channel.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub struct ChoiceBody {
    kind: NoticeKind,
    channel: NoticeChannel,
    wanted: bool,
}

/// A kind of notification.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoticeKindBody {
    kind: NoticeKind,
    /// What it is called, in the reader's language.
    label: String,
    /// By which of the channels it comes.
    wanted: Vec<NoticeChannel>,
}

/// What comes by which way.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChoicesBody {
    /// The channels of this installation.
    channels: Vec<NoticeChannel>,
    kinds: Vec<NoticeKindBody>,
    /// What browsers subscribe under; null where push is not switched on.
    push_key: Option<String>,
    /// Whether this browser takes messages.
    subscribed: bool,
}

/// The caller's choices.
#[utoipa::path(get, path = "/api/v1/notification_choices", operation_id = "get_notification_choices", tag = "notifications",
    responses((status = 200, body = ChoicesBody)))]
pub async fn get_notification_choices(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> AppResult<Json<ChoicesBody>> {
    let (language, whole) = (Language::of(&headers), Arc::clone(&app));
    app.db
        .read(move |tx| {
            let channels = whole.adapters.offered();
            let kinds = NoticeKind::ALL.iter().map(|kind| {
                let mut wanted = store::wanted(tx, caller.member, *kind)?;
                wanted.retain(|channel| channels.contains(channel));
                Ok(NoticeKindBody {
                    kind: *kind,
                    label: words::label(*kind, language),
                    wanted,
                })
            });
            let kinds = kinds.collect::<AppResult<_>>()?;
            let browsers = store::browsers(tx, caller.member)?;
            let own = |browser: &Option<Vec<u8>>| browser.as_deref() == Some(&caller.session[..]);
            Ok(Json(ChoicesBody {
                channels,
                kinds,
                push_key: whole.adapters.push.as_ref().map(WebPush::public_key),
                subscribed: browsers.iter().any(own),
            }))
        })
        .await
}

/// Chooses whether a kind comes by a channel.
#[utoipa::path(put, path = "/api/v1/notification_choices", operation_id = "put_notification_choice", tag = "notifications",
    request_body = ChoiceBody, responses((status = 204)))]
pub async fn put_notification_choice(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Json(body): Json<ChoiceBody>,
) -> AppResult<StatusCode> {
    if app.adapters.of(body.channel).is_none() {
        return Err(AppError::problem("notification.channel_off"));
    }
    app.db
        .write(move |tx| {
            store::choose(tx, caller.member, body.kind, body.channel, body.wanted)?;
            Ok(StatusCode::NO_CONTENT)
        })
        .await
}

/// A browser that will take messages, as its `PushSubscription` says.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PushBody {
    endpoint: String,
    /// Base64url.
    p256dh: String,
    /// Base64url.
    auth: String,
}

/// Has messages come to the browser the caller is signed in with, in its language.
#[utoipa::path(put, path = "/api/v1/push", operation_id = "put_push", tag = "notifications",
    request_body = PushBody, responses((status = 204)))]
pub async fn put_push(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Json(body): Json<PushBody>,
) -> AppResult<StatusCode> {
    let bytes = |text: &str| {
        BASE64
            .decode(text.trim_end_matches('='))
            .unwrap_or_default()
    };
    let subscription = Subscription {
        p256dh: bytes(&body.p256dh),
        auth: bytes(&body.auth),
        endpoint: body.endpoint,
    };
    let push = app.adapters.push.as_ref();
    let push = push.ok_or_else(|| AppError::problem("notification.channel_off"))?;
    if !push.takes(&subscription) {
        return Err(Refusal::new("request.validation")
            .with("field", "endpoint")
            .into());
    }
    let language = Language::of(&headers);
    app.db
        .write(move |tx| {
            store::subscribe(tx, &caller.session, &subscription, language.name())?;
            Ok(StatusCode::NO_CONTENT)
        })
        .await
}

/// Has no more messages come to the browser the caller is signed in with.
#[utoipa::path(delete, path = "/api/v1/push", operation_id = "delete_push", tag = "notifications",
    responses((status = 204)))]
pub async fn delete_push(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
) -> AppResult<StatusCode> {
    app.db
        .write(move |tx| {
            store::unsubscribe(tx, &caller.session)?;
            Ok(StatusCode::NO_CONTENT)
        })
        .await
}

/// What a simulated channel would have sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct SimulatedMessageBody {
    channel: NoticeChannel,
    /// E.164.
    phone: String,
    text: String,
    at: Instant,
}

/// Simulated messages.
#[derive(Debug, Serialize, ToSchema)]
pub struct SimulatedMessagesBody {
    /// The newest hundred, the newest first.
    messages: Vec<SimulatedMessageBody>,
}

/// What the simulated channels would have sent; for administrators of the whole country,
/// because messages go to anybody.
#[utoipa::path(get, path = "/api/v1/simulated_messages", operation_id = "list_simulated_messages", tag = "notifications",
    responses((status = 200, body = SimulatedMessagesBody)))]
pub async fn list_simulated_messages(
    caller: Caller<ProvinceUp>,
    State(app): State<Arc<App>>,
) -> AppResult<Json<SimulatedMessagesBody>> {
    let today = app.clock.today();
    app.db
        .read(move |tx| {
            let country =
                PlaceId::parse("VN").map_err(|fault| AppError::Internal(fault.to_string()))?;
            places::store::need_in_scope(tx, caller.member, Role::Admin, &country, today)?;
            let messages = store::simulated(tx, 100)?.into_iter();
            let messages = messages.map(|one| SimulatedMessageBody {
                channel: one.channel,
                phone: one.phone,
                text: one.text,
                at: Instant(one.at),
            });
            Ok(Json(SimulatedMessagesBody {
                messages: messages.collect(),
            }))
        })
        .await
}
