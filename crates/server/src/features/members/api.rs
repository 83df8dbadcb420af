//! Wire types and handlers for signing in, invitations and members.

use super::commands::{self, Attempt, NewInvitation, login_name};
use super::{Role, password, store};
use crate::App;
use crate::args;
use crate::features::cards;
use crate::features::places::{self, PlaceRef};
use crate::platform::blocking;
use crate::platform::clock::random;
use crate::platform::db::Tx;
use crate::platform::http::{
    Anyone, COOKIE, Caller, LeaderUp, OfficerUp, caller_address, origin, token_hash,
};
use crate::platform::problem::{AppError, AppResult};
use crate::platform::wire::{Instant, Json, Path};
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::ids::{DeviceId, MemberId, PlaceId, TeamId};
use domain::refusal::Refusal;
use domain::subjects::SubjectKey;
use qrcode::QrCode;
use qrcode::render::svg;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;
use uuid::Uuid;

/// A member, as others name them.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MemberRef {
    /// Id.
    pub id: Uuid,
    /// Login name.
    pub login: String,
    /// Full name, family name first.
    pub name: String,
}

/// A team, as others name it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TeamRef {
    /// Id.
    pub id: Uuid,
    /// Name.
    pub name: String,
}

/// A role on a place and below.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GrantBody {
    /// Which role.
    pub role: Role,
    /// On which place.
    pub place: PlaceRef,
    /// In which team.
    pub team: Option<TeamRef>,
}

/// The member who is signed in.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Me {
    /// Who.
    pub member: MemberRef,
    /// What they may do, highest first.
    pub grants: Vec<GrantBody>,
    /// The server's time, for phones whose clock is off.
    pub server_time: Instant,
    /// Whether this is a demonstration.
    pub demo: bool,
}

fn grants(tx: &Tx<'_>, id: MemberId, on: time::Date) -> AppResult<Vec<GrantBody>> {
    let found = store::grants(tx, id, on)?;
    Ok(found
        .into_iter()
        .map(|grant| GrantBody {
            role: grant.role,
            place: grant.place.into(),
            team: grant.team.map(|(id, name)| TeamRef { id: id.0, name }),
        })
        .collect())
}

/// Describes a member to themselves.
///
/// # Errors
/// `auth.required` when they are gone, or the storage's.
pub fn me(tx: &Tx<'_>, app: &App, id: MemberId) -> AppResult<Me> {
    let member = store::by_id(tx, id)?
        .filter(|m| m.active)
        .ok_or_else(|| AppError::problem("auth.required"))?;
    let now = app.clock.now();
    Ok(Me {
        member: MemberRef {
            id: member.id.0,
            login: member.login.unwrap_or_default(),
            name: member.name,
        },
        grants: grants(tx, id, domain::days::day_of(now))?,
        server_time: Instant(now),
        demo: app.demo,
    })
}

/// What signs in.
#[derive(Deserialize, ToSchema)]
pub struct SignInBody {
    login: String,
    password: String,
    device_id: Uuid,
}

/// Signs in; the session is a cookie.
#[utoipa::path(post, path = "/api/v1/session", operation_id = "sign_in", tag = "members",
    request_body = SignInBody, responses((status = 200, body = Me)))]
pub async fn sign_in(
    State(app): State<Arc<App>>,
    parts: Parts,
    Json(body): Json<SignInBody>,
) -> AppResult<Response> {
    let wrong = || AppError::problem("auth.wrong");
    let login = login_name(&body.login).map_err(|_| wrong())?;
    let by_login = Attempt::login(&login);
    let by_address = caller_address(&parts).map(Attempt::address);
    let now = app.clock.now();
    let member = app
        .db
        .write(move |tx| {
            for attempt in [Some(by_login), by_address].into_iter().flatten() {
                commands::need_unlocked(tx, attempt, now)?;
            }
            // Before the password is looked at: many tries at once are no way round the limit.
            commands::count_failure(tx, by_login, now)?;
            Ok(store::by_login(tx, &login)?)
        })
        .await?;
    let hashed = member.as_ref().and_then(|m| m.password_hash.clone());
    let typed = body.password;
    let right = blocking(move || password::verify(&typed, hashed.as_deref())).await?;
    let Some(member) = member.filter(|m| right && m.active) else {
        if let Some(by_address) = by_address {
            app.db
                .write(move |tx| commands::count_failure(tx, by_address, now))
                .await?;
        }
        return Err(wrong());
    };
    start_session(&app, &parts.headers, DeviceId(body.device_id), move |tx| {
        commands::forget_failures(tx, by_login)?;
        Ok(member.id)
    })
    .await
}

async fn start_session(
    app: &Arc<App>,
    headers: &HeaderMap,
    device: DeviceId,
    who: impl FnOnce(&mut Tx<'_>) -> AppResult<MemberId> + Send + 'static,
) -> AppResult<Response> {
    let token = token();
    let hash = token_hash(&token);
    let now = app.clock.now();
    let whole = Arc::clone(app);
    let me = app
        .db
        .write(move |tx| {
            let member = who(tx)?;
            cards::begin(tx, member, now)?;
            store::open_session(tx, &hash, member, device, now)?;
            me(tx, &whole, member)
        })
        .await?;
    let cookie = session_cookie(&token, headers, store::SESSION_IDLE.whole_seconds());
    Ok(([(header::SET_COOKIE, cookie)], Json(me)).into_response())
}

/// 256 random bits as hexadecimal.
fn token() -> String {
    let halves: [[u8; 16]; 2] = [random(), random()];
    halves
        .iter()
        .map(|half| domain::subjects::hex(SubjectKey(*half)))
        .collect()
}

fn session_cookie(token: &str, headers: &HeaderMap, max_age_s: i64) -> String {
    // Behind a proxy that speaks TLS the cookie must never travel in the clear.
    let secure = headers
        .get("x-forwarded-proto")
        .is_some_and(|proto| proto == "https");
    let secure = if secure { "; Secure" } else { "" };
    format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={max_age_s}{secure}")
}

/// Who is signed in.
#[utoipa::path(get, path = "/api/v1/session", operation_id = "get_session", tag = "members", responses((status = 200, body = Me)))]
pub async fn get_session(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
) -> AppResult<Json<Me>> {
    let now = app.clock.now();
    let whole = Arc::clone(&app);
    app.db
        .write(move |tx| {
            store::touch_session(tx, &caller.session, now)?;
            Ok(Json(me(tx, &whole, caller.member)?))
        })
        .await
}

/// Signs out: the session ends on the server, the phone keeps what it has not sent.
#[utoipa::path(delete, path = "/api/v1/session", operation_id = "sign_out", tag = "members", responses((status = 204)))]
pub async fn sign_out(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> AppResult<Response> {
    app.db
        .write(move |tx| {
            Ok(tx.execute(
                "delete from session where token_hash = $1",
                args![&caller.session[..]],
            )?)
        })
        .await?;
    Ok((
        StatusCode::NO_CONTENT,
        [(header::SET_COOKIE, session_cookie("", &headers, 0))],
    )
        .into_response())
}

/// Whom to invite.
#[derive(Debug, Deserialize, ToSchema)]
pub struct InviteBody {
    /// Full name.
    name: String,
    /// Role to be given.
    role: Role,
    /// On this place.
    #[schema(value_type = String)]
    place_id: PlaceId,
    /// In this team.
    team_id: Option<Uuid>,
    /// Who this is, when they are in the register already; the name is then theirs.
    member_id: Option<Uuid>,
}

/// An invitation to show or send.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvitedBody {
    /// The secret part of the link.
    token: String,
    /// The link, on the address the inviter uses.
    url: String,
    /// The link as a QR picture.
    qr_svg: String,
    /// Until when.
    expires_at: Instant,
}

/// Invites a person by link or QR.
#[utoipa::path(post, path = "/api/v1/invitations", operation_id = "invite", tag = "members",
    request_body = InviteBody, responses((status = 200, body = InvitedBody)))]
pub async fn invite(
    caller: Caller<LeaderUp>,
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Json(body): Json<InviteBody>,
) -> AppResult<Json<InvitedBody>> {
    let token = token();
    let now = app.clock.now();
    let new = NewInvitation {
        token_hash: token_hash(&token),
        by: caller.member,
        name: body.name,
        role: body.role,
        place: body.place_id,
        team: body.team_id.map(TeamId),
        member: body.member_id.map(MemberId),
        now,
    };
    app.db
        .write(move |tx| commands::invite(tx, &new, domain::days::day_of(now)))
        .await?;
    let url = format!("{}/moi/{token}", origin(&headers));
    let picture =
        QrCode::new(url.as_bytes()).map_err(|fault| AppError::Internal(fault.to_string()))?;
    let qr_svg = picture
        .render::<svg::Color<'_>>()
        .min_dimensions(240, 240)
        .quiet_zone(true)
        .build();
    Ok(Json(InvitedBody {
        token,
        url,
        qr_svg,
        expires_at: Instant(now + commands::INVITATION_LASTS),
    }))
}

/// What an invited person sees.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvitationBody {
    name: String,
    role: Role,
    place: PlaceRef,
    team: Option<TeamRef>,
    expires_at: Instant,
    /// Fewest characters of the password to set.
    password_chars_min: usize,
}

/// Shows an open invitation to whoever holds its link.
#[utoipa::path(get, path = "/api/v1/invitations/{token}", operation_id = "get_invitation", tag = "members",
    params(("token" = String, Path)), responses((status = 200, body = InvitationBody)))]
pub async fn get_invitation(
    State(app): State<Arc<App>>,
    Path(token): Path<String>,
) -> AppResult<Json<InvitationBody>> {
    let now = app.clock.now();
    app.db
        .read(move |tx| {
            let open = commands::open_invitation(tx, &token_hash(&token), now)?;
            let place = places::store::find(tx, &open.place, domain::days::day_of(now))?
                .ok_or_else(AppError::not_found)?;
            Ok(Json(InvitationBody {
                name: open.name,
                role: open.role,
                place: place.into(),
                team: open.team.map(|(id, name)| TeamRef { id: id.0, name }),
                expires_at: Instant(open.expires_at),
                password_chars_min: open.role.password_chars_min(),
            }))
        })
        .await
}

/// What accepts an invitation.
#[derive(Deserialize, ToSchema)]
pub struct AcceptBody {
    login: String,
    password: String,
    device_id: Uuid,
}

/// Accepts an invitation: sets login name and password, and signs in.
#[utoipa::path(post, path = "/api/v1/invitations/{token}/accept", operation_id = "accept_invitation", tag = "members",
    params(("token" = String, Path)), request_body = AcceptBody, responses((status = 200, body = Me)))]
pub async fn accept_invitation(
    State(app): State<Arc<App>>,
    Path(token): Path<String>,
    headers: HeaderMap,
    Json(body): Json<AcceptBody>,
) -> AppResult<Response> {
    let (now, hash) = (app.clock.now(), token_hash(&token));
    let open = app
        .db
        .read(move |tx| commands::open_invitation(tx, &hash, now))
        .await?;
    let min = open.role.password_chars_min();
    if body.password.chars().count() < min {
        return Err(Refusal::new("auth.password_short").with("min", min).into());
    }
    let typed = body.password;
    let hashed = blocking(move || password::hash(&typed)).await??;
    let (id, clock) = (MemberId(app.clock.new_id()), app.clock.clone());
    start_session(&app, &headers, DeviceId(body.device_id), move |tx| {
        commands::accept(tx, &hash, id, &body.login, &hashed, &clock)
    })
    .await
}

/// Stops a member from signing in and ends their sessions.
#[utoipa::path(post, path = "/api/v1/members/{id}/disable", operation_id = "disable_member", tag = "members",
    params(("id" = Uuid, Path)), responses((status = 204)))]
pub async fn disable_member(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
) -> AppResult<StatusCode> {
    app.db
        .write(move |tx| commands::set_active(tx, caller.member, MemberId(id), false))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lets a member sign in again.
#[utoipa::path(post, path = "/api/v1/members/{id}/enable", operation_id = "enable_member", tag = "members",
    params(("id" = Uuid, Path)), responses((status = 204)))]
pub async fn enable_member(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
) -> AppResult<StatusCode> {
    app.db
        .write(move |tx| commands::set_active(tx, caller.member, MemberId(id), true))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
