//! Wire types and handlers for desk devices.

use super::devices::{self, path};
use super::store::Device;
use crate::App;
use crate::platform::http::{Caller, OfficerUp, origin};
use crate::platform::problem::AppResult;
use crate::platform::wire::{Instant, Json, Path, said};
use axum::extract::State;
use axum::http::HeaderMap;
use domain::desk::DeskDeviceKind;
use domain::ids::{DeskDeviceId, PointId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;
use uuid::Uuid;

/// A kiosk or a board of a desk.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeskDeviceBody {
    id: Uuid,
    kind: DeskDeviceKind,
    name: String,
    /// When it last showed itself, to five minutes; null for never.
    seen_at: Option<Instant>,
}

impl From<Device> for DeskDeviceBody {
    fn from(device: Device) -> Self {
        Self {
            id: device.id.0,
            kind: device.kind,
            name: device.name,
            seen_at: device.seen_at.map(Instant),
        }
    }
}

/// Devices of a desk.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeskDevicesBody {
    /// The oldest first; those that were revoked are left out.
    devices: Vec<DeskDeviceBody>,
}

/// Devices of a desk.
#[utoipa::path(get, path = "/api/v1/desk/points/{id}/devices", operation_id = "list_desk_devices", tag = "desk",
    params(("id" = Uuid, Path)), responses((status = 200, body = DeskDevicesBody)))]
pub async fn list_desk_devices(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
) -> AppResult<Json<DeskDevicesBody>> {
    app.db
        .read(move |tx| {
            let devices = devices::list(tx, PointId(id), caller.member)?.into_iter();
            Ok(Json(DeskDevicesBody {
                devices: devices.map(DeskDeviceBody::from).collect(),
            }))
        })
        .await
}

/// A device to make, or to give a new address.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewDeskDeviceBody {
    /// Made by whoever asks; asked again, it is the same device with a new address.
    id: Uuid,
    kind: DeskDeviceKind,
    name: String,
}

/// What opens a device. Told once: the address and the code are not kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeskDeviceKeysBody {
    /// Whoever has it has the device.
    url: String,
    /// Where the code is typed.
    pairing_url: String,
    /// Typed on the device, it leads to an address that ends this one.
    pairing_code: String,
    /// Until when it can be typed.
    pairing_until: Instant,
}

/// Makes a kiosk or a board, or gives one that there is a new address, which ends the old one.
#[utoipa::path(post, path = "/api/v1/desk/points/{id}/devices", operation_id = "make_desk_device", tag = "desk",
    params(("id" = Uuid, Path)), request_body = NewDeskDeviceBody, responses((status = 200, body = DeskDeviceKeysBody)))]
pub async fn make_desk_device(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
    Json(body): Json<NewDeskDeviceBody>,
) -> AppResult<Json<DeskDeviceKeysBody>> {
    let (home, now) = (origin(&headers), app.clock.now());
    let device = Device {
        id: DeskDeviceId(body.id),
        point: PointId(id),
        kind: body.kind,
        name: said("name", &body.name)?,
        seen_at: None,
    };
    app.db
        .write(move |tx| {
            let keys = devices::make(tx, &device, (caller.member, now))?;
            Ok(Json(DeskDeviceKeysBody {
                url: format!("{home}{}", path(device.kind, &keys.token)),
                pairing_url: format!("{home}/lay-so"),
                pairing_code: keys.pairing,
                pairing_until: Instant(keys.until),
            }))
        })
        .await
}

/// What became of a device.
#[derive(Debug, Serialize, ToSchema)]
pub struct RevokedDeskDeviceBody {
    id: Uuid,
}

/// Ends a device: its address leads nowhere from now on.
#[utoipa::path(post, path = "/api/v1/desk/devices/{id}/revoke", operation_id = "revoke_desk_device", tag = "desk",
    params(("id" = Uuid, Path)), responses((status = 200, body = RevokedDeskDeviceBody)))]
pub async fn revoke_desk_device(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
) -> AppResult<Json<RevokedDeskDeviceBody>> {
    let now = app.clock.now();
    app.db
        .write(move |tx| {
            devices::revoke(tx, DeskDeviceId(id), (caller.member, now))?;
            Ok(Json(RevokedDeskDeviceBody { id }))
        })
        .await
}
