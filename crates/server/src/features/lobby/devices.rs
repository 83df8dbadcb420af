//! Devices of a desk that nobody is signed in at. Whoever has a device's address has the
//! device: of its token only the hash is kept, and a short code leads to it once.

use super::kiosk::page;
use super::store::{self, Device};
use super::words::WORDS;
use crate::App;
use crate::features::desk::store::point_in_scope;
use crate::features::members::Role;
use crate::platform::clock::random;
use crate::platform::db::Tx;
use crate::platform::http::token_hash;
use crate::platform::pages::{Asker, Page};
use crate::platform::problem::{AppError, AppResult};
use crate::platform::wire::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use domain::codes;
use domain::desk::DeskDeviceKind;
use domain::ids::{DeskDeviceId, MemberId, PointId};
use maud::html;
use serde::Deserialize;
use std::sync::Arc;
use time::{Duration, OffsetDateTime};

/// Letters of a token, of five bits each.
const TOKEN_LETTERS: usize = 26;
/// Letters of a pairing code.
const PAIRING_LETTERS: usize = 6;
/// How long a device waits to be paired.
const PAIRING_FOR: Duration = Duration::minutes(15);
/// Pairing codes tried from one address.
const TRIES_MAX: u32 = 10;
const TRIES_WITHIN: Duration = Duration::minutes(10);
/// How old what is noted of a device may be.
const SEEN_EVERY: Duration = Duration::minutes(5);

/// Where a device's pages are.
pub fn path(kind: DeskDeviceKind, token: &str) -> String {
    match kind {
        DeskDeviceKind::Kiosk => format!("/lay-so/{token}"),
        DeskDeviceKind::Board => format!("/bang/{token}"),
    }
}

/// What opens a new device, told once.
#[derive(Clone, Debug)]
pub struct Keys {
    /// In its address.
    pub token: String,
    /// Leads to the address, once.
    pub pairing: String,
    /// Until when.
    pub until: OffsetDateTime,
}

/// Makes a device, or gives one that there is new keys.
///
/// # Errors
/// `not_found`, or the storage's.
pub fn make(
    tx: &mut Tx<'_>,
    device: &Device,
    (by, now): (MemberId, OffsetDateTime),
) -> AppResult<Keys> {
    need_officer(tx, device.point, by)?;
    let keys = Keys {
        token: new_token(),
        pairing: codes::from_random(random::<PAIRING_LETTERS>()),
        until: now + PAIRING_FOR,
    };
    let hash = token_hash(&keys.token);
    store::insert(tx, device, &hash, (by, now))?;
    let there = store::find(tx, device.id)?.filter(|there| there.point == device.point);
    there.ok_or_else(AppError::not_found)?;
    let pairing = token_hash(&keys.pairing);
    store::renew(tx, device.id, &hash, Some((&pairing, keys.until)))?;
    Ok(keys)
}

/// Devices of a point, for those who may see to them.
///
/// # Errors
/// `not_found`, or the storage's.
pub fn list(tx: &Tx<'_>, point: PointId, by: MemberId) -> AppResult<Vec<Device>> {
    need_officer(tx, point, by)?;
    Ok(store::of_point(tx, point)?)
}

/// Ends a device; one that was ended before stays so.
///
/// # Errors
/// `not_found`, or the storage's.
pub fn revoke(
    tx: &mut Tx<'_>,
    id: DeskDeviceId,
    (by, now): (MemberId, OffsetDateTime),
) -> AppResult<()> {
    let device = store::find(tx, id)?.ok_or_else(AppError::not_found)?;
    need_officer(tx, device.point, by)?;
    Ok(store::revoke(tx, id, now)?)
}

fn need_officer(tx: &Tx<'_>, point: PointId, by: MemberId) -> AppResult<()> {
    let there = point_in_scope(tx, point, (by, Role::CommuneOfficer))?;
    there.map(drop).ok_or_else(AppError::not_found)
}

fn new_token() -> String {
    codes::from_random(random::<TOKEN_LETTERS>())
}

/// The device of a kind that has this token, if there is one; notes that it is there.
///
/// # Errors
/// The storage's.
pub async fn seen(app: &Arc<App>, token: &str, kind: DeskDeviceKind) -> AppResult<Option<Device>> {
    let (hash, now) = (token_hash(token), app.clock.now());
    let found = app.db.glance(move |tx| Ok(store::by_token(tx, &hash)?));
    let found = found.await?.filter(|device| device.kind == kind);
    if let Some(device) = &found
        && device.seen_at.is_none_or(|at| at + SEEN_EVERY <= now)
    {
        let id = device.id;
        app.db
            .write(move |tx| Ok(store::note_seen(tx, id, now)?))
            .await?;
    }
    Ok(found)
}

/// What a device shows whose address leads nowhere, any more.
pub fn unknown() -> Response {
    pairing(StatusCode::NOT_FOUND, false)
}

/// Asks for a pairing code.
pub async fn ask() -> Response {
    pairing(StatusCode::OK, false)
}

fn pairing(status: StatusCode, wrong: bool) -> Response {
    let (tongue, words) = WORDS.within(crate::platform::pages::Tongue::Vi);
    let body = html! {
        h1 { (words.no_device.title) }
        p { (words.no_device.text) }
        form method="post" action="/lay-so" {
            label for="ma" { (words.pair) }
            @if wrong { p.wrong role="alert" { (words.pair_wrong) } }
            input #ma name="ma" required autocomplete="off" autocapitalize="characters" maxlength="12";
            button { (words.pair_do) }
        }
    };
    let page = Page {
        mark: "wait",
        ..page(tongue, &words.no_device.title, "Cầu Số")
    };
    page.answer(status, &body)
}

/// A pairing code as it was typed.
#[derive(Debug, Deserialize)]
pub struct Typed {
    ma: String,
}

/// Leads a device to an address of its own, which nobody else has seen.
pub async fn pair(
    State(app): State<Arc<App>>,
    asker: Asker,
    Form(typed): Form<Typed>,
) -> AppResult<Response> {
    asker.need_patience(&app, "pairing", TRIES_MAX, TRIES_WITHIN)?;
    let Some(code) = codes::parse(&typed.ma, PAIRING_LETTERS) else {
        return Ok(pairing(StatusCode::NOT_FOUND, true));
    };
    let (now, token) = (app.clock.now(), new_token());
    let hash = token_hash(&token);
    let paired = app
        .db
        .write(move |tx| {
            let Some(device) = store::by_pairing(tx, &token_hash(&code), now)? else {
                return Ok(None);
            };
            store::renew(tx, device.id, &hash, None)?;
            Ok(Some(device.kind))
        })
        .await?;
    Ok(match paired {
        Some(kind) => Redirect::to(&path(kind, &token)).into_response(),
        None => pairing(StatusCode::NOT_FOUND, true),
    })
}
