//! Wire types and handlers for certificates.

use super::commands::{self, New};
use super::store::{self, Issued};
use crate::App;
use crate::platform::clock::random;
use crate::platform::http::{Anyone, Caller, OfficerUp, origin};
use crate::platform::problem::AppResult;
use crate::platform::wire::{Day, Instant, Json, Path, Query, said};
use axum::extract::State;
use axum::http::HeaderMap;
use domain::certificates::{Certificate, Code};
use domain::ids::MemberId;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// That a certificate holds no more.
#[derive(Debug, Serialize, ToSchema)]
pub struct WithdrawnBody {
    at: Instant,
    reason: String,
}

/// A certificate that was issued.
#[derive(Debug, Serialize, ToSchema)]
pub struct CertificateBody {
    id: Uuid,
    /// Whose it is.
    member: Uuid,
    /// In groups of five.
    code: String,
    /// Where anybody can check it.
    url: String,
    /// Printed on the paper and shown to whoever checks it.
    seal: String,
    /// What it says, as things were when it was issued.
    certificate: Certificate,
    /// Null while it holds.
    withdrawn: Option<WithdrawnBody>,
    /// Whether the caller may withdraw it.
    may_withdraw: bool,
}

impl CertificateBody {
    fn of(issued: Issued, home: &str, officer: bool) -> Self {
        Self {
            id: issued.id,
            member: issued.member.0,
            url: format!("{home}/xac-nhan/{}", issued.code),
            code: issued.code.to_string(),
            seal: issued.seal,
            certificate: issued.certificate,
            may_withdraw: officer && issued.withdrawn.is_none(),
            withdrawn: issued.withdrawn.map(|withdrawn| WithdrawnBody {
                at: Instant(withdrawn.at),
                reason: withdrawn.reason,
            }),
        }
    }
}

/// Certificates found.
#[derive(Debug, Serialize, ToSchema)]
pub struct CertificatesBody {
    /// Whose they are.
    name: String,
    /// The latest first.
    certificates: Vec<CertificateBody>,
}

/// Whose certificates.
#[derive(Debug, Deserialize, IntoParams)]
pub struct CertificatesQuery {
    /// The caller's own if absent.
    member: Option<Uuid>,
}

/// One's own certificates, or for officers those of somebody they look after.
#[utoipa::path(get, path = "/api/v1/certificates", operation_id = "list_certificates", tag = "certificates",
    params(CertificatesQuery), responses((status = 200, body = CertificatesBody)))]
pub async fn list_certificates(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Query(query): Query<CertificatesQuery>,
) -> AppResult<Json<CertificatesBody>> {
    let home = origin(&headers);
    app.db
        .read(move |tx| {
            let member = query.member.map_or(caller.member, MemberId);
            commands::need_own_or_officer(tx, caller.member, member)?;
            let officer = member != caller.member;
            let found = store::of_member(tx, member)?.into_iter();
            let person = crate::features::members::store::by_id(tx, member)?;
            Ok(Json(CertificatesBody {
                name: person.map_or_else(String::new, |person| person.name),
                certificates: found
                    .map(|issued| CertificateBody::of(issued, &home, officer))
                    .collect(),
            }))
        })
        .await
}

/// Whose hours, and when.
#[derive(Debug, Deserialize, IntoParams)]
pub struct PreviewQuery {
    /// The caller's own if absent.
    member: Option<Uuid>,
    /// First day.
    #[param(value_type = Day)]
    first: Day,
    /// Last day; a year after the first, at most.
    #[param(value_type = Day)]
    last: Day,
}

/// What a certificate would say.
#[utoipa::path(get, path = "/api/v1/certificates/preview", operation_id = "preview_certificate", tag = "certificates",
    params(PreviewQuery), responses((status = 200, body = Certificate)))]
pub async fn preview_certificate(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Query(query): Query<PreviewQuery>,
) -> AppResult<Json<Certificate>> {
    let now = app.clock.now();
    app.db
        .read(move |tx| {
            let member = query.member.map_or(caller.member, MemberId);
            commands::need_own_or_officer(tx, caller.member, member)?;
            let period = (query.first.0, query.last.0);
            Ok(Json(commands::preview(tx, member, period, now)?.0))
        })
        .await
}

/// A certificate to issue.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewCertificateBody {
    /// Made by whoever asks; asked again, it is the same certificate.
    id: Uuid,
    /// Whose hours; the caller's own if absent.
    member: Option<Uuid>,
    /// First day.
    first: Day,
    /// Last day; a year after the first, at most.
    last: Day,
}

/// Issues a certificate of one's own hours, or for officers of somebody they look after.
#[utoipa::path(post, path = "/api/v1/certificates", operation_id = "issue_certificate", tag = "certificates",
    request_body = NewCertificateBody, responses((status = 200, body = CertificateBody)))]
pub async fn issue_certificate(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Json(body): Json<NewCertificateBody>,
) -> AppResult<Json<CertificateBody>> {
    let (home, now) = (origin(&headers), app.clock.now());
    let code = Code::from_random(random());
    app.db
        .write(move |tx| {
            let member = body.member.map_or(caller.member, MemberId);
            commands::need_own_or_officer(tx, caller.member, member)?;
            let new = New {
                id: body.id,
                code,
                member,
                period: (body.first.0, body.last.0),
            };
            let issued = commands::issue(tx, new, caller.member, now)?;
            let officer = member != caller.member;
            Ok(Json(CertificateBody::of(issued, &home, officer)))
        })
        .await
}

/// A certificate: one's own, or for officers one from their place.
#[utoipa::path(get, path = "/api/v1/certificates/{id}", operation_id = "get_certificate", tag = "certificates",
    params(("id" = Uuid, Path)), responses((status = 200, body = CertificateBody)))]
pub async fn get_certificate(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
) -> AppResult<Json<CertificateBody>> {
    let (home, today) = (origin(&headers), app.clock.today());
    app.db
        .read(move |tx| {
            let (issued, officer) = commands::open(tx, id, caller.member, today)?;
            Ok(Json(CertificateBody::of(issued, &home, officer)))
        })
        .await
}

/// Why a certificate holds no more.
#[derive(Debug, Deserialize, ToSchema)]
pub struct WithdrawBody {
    reason: String,
}

/// Withdraws a certificate: whoever checks it is told so.
#[utoipa::path(post, path = "/api/v1/certificates/{id}/withdraw", operation_id = "withdraw_certificate", tag = "certificates",
    params(("id" = Uuid, Path)), request_body = WithdrawBody, responses((status = 200, body = CertificateBody)))]
pub async fn withdraw_certificate(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
    Json(body): Json<WithdrawBody>,
) -> AppResult<Json<CertificateBody>> {
    let reason = said("reason", &body.reason)?;
    let (home, now) = (origin(&headers), app.clock.now());
    app.db
        .write(move |tx| {
            let issued = commands::withdraw(tx, id, &reason, (caller.member, now))?;
            Ok(Json(CertificateBody::of(issued, &home, true)))
        })
        .await
}
