//! Calendars under secret addresses: made, listed, revoked, and fetched by programs that
//! cannot sign in. Of the address only a hash is kept.

use super::calendar::{self, Contents};
use super::store::{self, Activity, Team};
use crate::App;
use crate::args;
use crate::features::members::{Role, store as members};
use crate::features::places::store as places;
use crate::features::rosters;
use crate::platform::clock::random;
use crate::platform::db::Tx;
use crate::platform::http::{Anyone, Caller, origin, token_hash};
use crate::platform::problem::{AppError, AppResult};
use crate::platform::wire::{Instant, Json, Path};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::ids::{ActivityId, MemberId, PlaceId, TeamId};
use domain::refusal::Refusal;
use domain::subjects::{SubjectKey, hex};
use qrcode::QrCode;
use qrcode::render::svg;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use time::{Date, Duration};
use utoipa::ToSchema;
use uuid::Uuid;

/// Calendars of one member, at most.
const FEEDS_MAX: i64 = 50;
/// How long shifts that are over stay in calendars.
const OVER: Duration = Duration::days(31);

/// What a calendar is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FeedKind {
    /// Everything that concerns the member, and their shifts.
    Member,
    /// What a team takes part in, and the shifts of its people.
    Team,
    /// One activity.
    Activity,
}

impl FeedKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Team => "team",
            Self::Activity => "activity",
        }
    }

    fn parse(raw: &str) -> Option<Self> {
        [Self::Member, Self::Team, Self::Activity]
            .into_iter()
            .find(|kind| kind.as_str() == raw)
    }
}

/// A calendar that can be fetched.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedBody {
    id: Uuid,
    kind: FeedKind,
    /// Of which team or activity; the member's own id for theirs.
    about_id: Uuid,
    /// What it is called in calendar programs.
    name: String,
    at: Instant,
}

/// Calendars the caller made.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedsBody {
    feeds: Vec<FeedBody>,
}

/// A calendar to make.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewFeedBody {
    kind: FeedKind,
    /// Which team or activity; not needed for one's own.
    about_id: Option<Uuid>,
}

/// A new calendar; its address is shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedMade {
    id: Uuid,
    /// Where programs fetch it.
    url: String,
    /// The address as a QR picture.
    qr_svg: String,
}

/// Calendars the caller made and has not revoked.
#[utoipa::path(get, path = "/api/v1/feeds", operation_id = "list_feeds", tag = "activities",
    responses((status = 200, body = FeedsBody)))]
pub async fn list_feeds(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
) -> AppResult<Json<FeedsBody>> {
    app.db
        .read(move |tx| {
            let rows = tx.all(
                "select id, kind, about_id, at from feed where by_id = $1 order by at, id",
                args![caller.member],
                |row| Ok((row.get(0)?, row.get::<String>(1)?, row.get(2)?, row.get(3)?)),
            )?;
            let mut feeds = Vec::new();
            for (id, kind, about_id, at) in rows {
                let Some(kind) = FeedKind::parse(&kind) else {
                    continue;
                };
                let name = name_of(tx, kind, about_id)?;
                let at = Instant(at);
                feeds.push(FeedBody {
                    id,
                    kind,
                    about_id,
                    name,
                    at,
                });
            }
            Ok(Json(FeedsBody { feeds }))
        })
        .await
}

fn name_of(tx: &Tx<'_>, kind: FeedKind, about: Uuid) -> AppResult<String> {
    let name = match kind {
        FeedKind::Member => members::by_id(tx, MemberId(about))?.map(|member| member.name),
        FeedKind::Team => store::team(tx, TeamId(about))?.map(|team| team.name),
        FeedKind::Activity => store::find(tx, ActivityId(about))?.map(|activity| activity.title),
    };
    Ok(name.unwrap_or_default())
}

/// Makes a calendar of the caller's own, of a team or of an activity in sight.
#[utoipa::path(post, path = "/api/v1/feeds", operation_id = "make_feed", tag = "activities",
    request_body = NewFeedBody, responses((status = 200, body = FeedMade)))]
pub async fn make_feed(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Json(body): Json<NewFeedBody>,
) -> AppResult<Json<FeedMade>> {
    let halves: [[u8; 16]; 2] = [random(), random()];
    let token: String = halves.iter().map(|half| hex(SubjectKey(*half))).collect();
    let url = format!("{}/ical/{token}.ics", origin(&headers));
    let picture =
        QrCode::new(url.as_bytes()).map_err(|fault| AppError::Internal(fault.to_string()))?;
    let qr_svg = picture
        .render::<svg::Color<'_>>()
        .min_dimensions(240, 240)
        .quiet_zone(true)
        .build();
    let (id, now, today) = (app.clock.new_id(), app.clock.now(), app.clock.today());
    app.db
        .write(move |tx| {
            let about = need_about(tx, &caller, &body, today)?;
            let made = tx.one(
                "select count(*) from feed where by_id = $1",
                args![caller.member],
                |row| row.get::<i64>(0),
            )?;
            if made.is_some_and(|made| made >= FEEDS_MAX) {
                return Err(Refusal::new("feed.too_many").with("max", FEEDS_MAX).into());
            }
            tx.execute(
                "insert into feed (id, token_hash, kind, about_id, by_id, at) values ($1, $2, $3, $4, $5, $6)",
                args![id, &token_hash(&token)[..], body.kind.as_str(), about, caller.member, now],
            )?;
            Ok(Json(FeedMade { id, url, qr_svg }))
        })
        .await
}

/// What the calendar is of, if the caller may see it.
fn need_about(
    tx: &Tx<'_>,
    caller: &Caller<Anyone>,
    body: &NewFeedBody,
    on: Date,
) -> AppResult<Uuid> {
    let about = body.about_id.unwrap_or(caller.member.0);
    match body.kind {
        FeedKind::Member => Ok(caller.member.0),
        FeedKind::Team => {
            let team = store::team(tx, TeamId(about))?.ok_or_else(AppError::not_found)?;
            let own = store::teams_of(tx, caller.member, on)?;
            let theirs = own.iter().any(|own| own.id == team.id) || caller.holds(&team.path);
            theirs.then_some(about).ok_or_else(AppError::not_found)
        }
        FeedKind::Activity => {
            let activity = store::find(tx, ActivityId(about))?.ok_or_else(AppError::not_found)?;
            places::need_in_sight(tx, caller.member, &activity.place, on)?;
            Ok(about)
        }
    }
}

/// Revokes a calendar: whoever fetches it is told that it is gone.
#[utoipa::path(delete, path = "/api/v1/feeds/{id}", operation_id = "revoke_feed", tag = "activities",
    params(("id" = Uuid, Path)), responses((status = 204)))]
pub async fn revoke_feed(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
) -> AppResult<StatusCode> {
    app.db
        .write(move |tx| {
            let sql = "delete from feed where id = $1 and by_id = $2";
            match tx.execute(sql, args![id, caller.member])? {
                0 => Err(AppError::not_found()),
                _ => Ok(StatusCode::NO_CONTENT),
            }
        })
        .await
}

/// Answers calendar programs under `/ical/{token}.ics`. Nobody signs in here: the address
/// is the secret, and it dies with the account of whoever made it.
///
/// # Errors
/// `not_found`, or the storage's.
pub async fn feed(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(file): Path<String>,
) -> AppResult<Response> {
    let token = file.strip_suffix(".ics").ok_or_else(AppError::not_found)?;
    let hash = token_hash(token);
    let (now, today, home) = (app.clock.now(), app.clock.today(), origin(&headers));
    let text = app
        .db
        .read(move |tx| {
            let found = tx.one(
                "select f.kind, f.about_id from feed f join member m on m.id = f.by_id where f.token_hash = $1 and m.active",
                args![&hash[..]],
                |row| Ok((row.get::<String>(0)?, row.get(1)?)),
            )?;
            let (kind, about) = found.ok_or_else(AppError::not_found)?;
            let kind = FeedKind::parse(&kind).ok_or_else(AppError::not_found)?;
            let place_name = |place: &PlaceId| -> AppResult<String> {
                let place = places::find(tx, place, today)?;
                Ok(place.map_or_else(String::new, |place| place.full_name))
            };
            let mut contents = Contents::default();
            for activity in activities_of(tx, kind, about, today)? {
                let place = place_name(&activity.place)?;
                contents.activities.push((activity, place));
            }
            for (shift, people) in shifts_of(tx, kind, about, today - OVER)? {
                let place = place_name(&shift.place)?;
                contents.shifts.push((shift, place, people));
            }
            Ok(calendar::write(&name_of(tx, kind, about)?, &contents, &home, now)?)
        })
        .await?;
    let kind = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (header::CACHE_CONTROL, "private, max-age=300"),
    ];
    Ok((kind, text).into_response())
}

/// Shifts of a calendar from a day on; of a team's, with who of it stands at them.
fn shifts_of(
    tx: &Tx<'_>,
    kind: FeedKind,
    about: Uuid,
    from: Date,
) -> AppResult<Vec<(rosters::Shift, Vec<String>)>> {
    Ok(match kind {
        FeedKind::Activity => Vec::new(),
        FeedKind::Team => rosters::of_team(tx, TeamId(about), from)?,
        FeedKind::Member => {
            let own = rosters::of_member(tx, MemberId(about), from)?;
            own.into_iter().map(|shift| (shift, Vec::new())).collect()
        }
    })
}

fn activities_of(tx: &Tx<'_>, kind: FeedKind, about: Uuid, on: Date) -> AppResult<Vec<Activity>> {
    let (paths, teams): (Vec<String>, Vec<Team>) = match kind {
        FeedKind::Activity => {
            return Ok(store::find(tx, ActivityId(about))?.into_iter().collect());
        }
        FeedKind::Team => {
            let team = store::team(tx, TeamId(about))?.ok_or_else(AppError::not_found)?;
            (vec![team.path.clone()], vec![team])
        }
        FeedKind::Member => {
            let member = MemberId(about);
            let grants = members::grants(tx, member, on)?;
            // An officer looks after what happens below, everybody else after their own.
            let officer = grants
                .iter()
                .find(|grant| grant.role >= Role::CommuneOfficer);
            if let Some(grant) = officer {
                return Ok(store::around(tx, &grant.place.path, -1, false)?);
            }
            let teams = store::teams_of(tx, member, on)?;
            let paths = grants.into_iter().map(|grant| grant.place.path);
            let paths = paths.chain(teams.iter().map(|team| team.path.clone()));
            (paths.collect(), teams)
        }
    };
    let mut found: Vec<Activity> = Vec::new();
    for path in &paths {
        for activity in store::around(tx, path, -1, true)? {
            let crew = activity.crew();
            let concerned = crew.is_open()
                || teams
                    .iter()
                    .any(|team| crew.has(team.id, team.kind, &team.path));
            if concerned && found.iter().all(|known| known.id != activity.id) {
                found.push(activity);
            }
        }
    }
    Ok(found)
}
