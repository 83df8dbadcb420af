//! Wire types and handlers for comings and goings.

use super::queries::{self, Stay, Whose};
use super::store::{self, Named, Site};
use crate::App;
use crate::features::activities::store as activities;
use crate::features::facts::NameRef;
use crate::features::members::Role;
use crate::features::places::{self, PlaceRef};
use crate::platform::clock::random;
use crate::platform::db::Tx;
use crate::platform::http::{Anyone, Caller, LeaderUp};
use crate::platform::problem::{AppError, AppResult};
use crate::platform::wire::{Day, Instant, Json, Path, Query};
use axum::extract::State;
use domain::attendance::{CODE_DIGITS, Direction, Doubt, STEP_S, Standing};
use domain::ids::{ActivityId, MemberId, PlaceId, PointId, TeamId};
use domain::people::TeamKind;
use domain::refusal::Refusal;
use domain::subjects::{SubjectKey, hex};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;
use time::Duration;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Points and activities that a phone is given to choose from, at most.
const SITES_MAX: i64 = 200;
/// Days in one question about hours, at most.
const PERIOD_DAYS_MAX: i64 = 400;
/// Stays, people or teams in one answer, at most; their number is always whole.
const LISTED_MAX: usize = 300;

/// A point or activity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SiteKind {
    /// A service point.
    Point,
    /// An activity.
    Activity,
}

/// Where somebody can come to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SiteBody {
    id: Uuid,
    kind: SiteKind,
    name: String,
    /// The place it lies in.
    place_id: String,
    /// Whether a code is shown there.
    coded: bool,
    /// Where it is, millionths of a degree north and east; null when nobody said.
    lat_e6: Option<i64>,
    lon_e6: Option<i64>,
}

impl From<Named> for SiteBody {
    fn from(named: Named) -> Self {
        let kind = match named.site {
            Site::Point(_) => SiteKind::Point,
            Site::Activity(_) => SiteKind::Activity,
        };
        Self {
            id: named.site.id(),
            kind,
            name: named.name,
            place_id: named.place.to_string(),
            coded: kind == SiteKind::Point,
            lat_e6: named.position_e6.map(|(lat, _)| lat),
            lon_e6: named.position_e6.map(|(_, lon)| lon),
        }
    }
}

/// A team and its people.
#[derive(Debug, Serialize, ToSchema)]
pub struct RollBody {
    id: Uuid,
    name: String,
    members: Vec<NameRef>,
}

/// What a phone needs to check in without a network.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckInBody {
    /// Where one can come to.
    sites: Vec<SiteBody>,
    /// Teams that the caller leads, whose people they may check in.
    teams: Vec<RollBody>,
}

/// What a phone needs to check in without a network.
#[utoipa::path(get, path = "/api/v1/check-in", operation_id = "get_check_in", tag = "attendance",
    responses((status = 200, body = CheckInBody)))]
pub async fn get_check_in(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
) -> AppResult<Json<CheckInBody>> {
    let (now, today) = (app.clock.now(), app.clock.today());
    app.db
        .read(move |tx| {
            let mut sites = store::points_for(tx, caller.member, today, SITES_MAX)?;
            let near = (now - Duration::DAY, now + Duration::DAY);
            let activities = store::activities_for(tx, caller.member, near, SITES_MAX)?;
            let coded = store::with_codes(tx, &activities)?;
            sites.extend(activities);
            let mut teams: Vec<RollBody> = Vec::new();
            for (team, team_name, member, name) in store::led_by(tx, caller.member, today)? {
                if teams.last().is_none_or(|last| last.id != team.0) {
                    teams.push(RollBody {
                        id: team.0,
                        name: team_name,
                        members: Vec::new(),
                    });
                }
                let id = member.0;
                if let Some(team) = teams.last_mut() {
                    team.members.push(NameRef { id, name });
                }
            }
            let site = |named| {
                let mut site = SiteBody::from(named);
                site.coded |= coded.contains(&site.id);
                site
            };
            let sites = sites.into_iter().map(site).collect();
            Ok(Json(CheckInBody { sites, teams }))
        })
        .await
}

/// What the codes of a point or an activity are made from.
#[derive(Debug, Serialize, ToSchema)]
pub struct PointCodeBody {
    /// Where they are shown.
    site: SiteBody,
    /// In hexadecimal digits. Codes are those of RFC 6238 with HMAC-SHA-256.
    secret: String,
    /// Seconds for which one code is shown.
    step_s: i64,
    /// Digits of a code.
    digits: usize,
}

/// Lets the caller's device show a point's code, and no other any more.
#[utoipa::path(post, path = "/api/v1/points/{id}/code", operation_id = "take_point_code", tag = "attendance",
    params(("id" = Uuid, Path)), responses((status = 200, body = PointCodeBody)))]
pub async fn take_point_code(
    caller: Caller<LeaderUp>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
) -> AppResult<Json<PointCodeBody>> {
    let (now, today, id) = (app.clock.now(), app.clock.today(), PointId(id));
    // Two halves of 128 bits, which is how hexadecimal digits are written here.
    let halves: [[u8; 16]; 2] = [random(), random()];
    app.db
        .write(move |tx| {
            let point = store::point(tx, id)?.ok_or_else(AppError::not_found)?;
            places::store::need_in_scope(tx, caller.member, Role::Leader, &point.place, today)?;
            store::rekey(tx, id, &halves.concat(), now)?;
            Ok(Json(code_body(tx, Site::Point(id), halves)?))
        })
        .await
}

fn code_body(tx: &Tx<'_>, site: Site, halves: [[u8; 16]; 2]) -> AppResult<PointCodeBody> {
    let site = SiteBody {
        coded: true,
        ..store::named(tx, site)?.into()
    };
    Ok(PointCodeBody {
        site,
        secret: halves.map(|half| hex(SubjectKey(half))).concat(),
        step_s: STEP_S,
        digits: CODE_DIGITS,
    })
}

/// Lets the caller's device show a code for an activity, such as a meeting, and no other any
/// more.
#[utoipa::path(post, path = "/api/v1/activities/{id}/code", operation_id = "take_activity_code", tag = "attendance",
    params(("id" = Uuid, Path)), responses((status = 200, body = PointCodeBody)))]
pub async fn take_activity_code(
    caller: Caller<LeaderUp>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
) -> AppResult<Json<PointCodeBody>> {
    let (now, today, id) = (app.clock.now(), app.clock.today(), ActivityId(id));
    let halves: [[u8; 16]; 2] = [random(), random()];
    app.db
        .write(move |tx| {
            let activity = activities::find(tx, id)?.ok_or_else(AppError::not_found)?;
            let (member, role) = (caller.member, Role::Leader);
            places::store::need_in_scope(tx, member, role, &activity.place, today)?;
            store::rekey_activity(tx, id, &halves.concat(), now)?;
            Ok(Json(code_body(tx, Site::Activity(id), halves)?))
        })
        .await
}

/// Whose hours, and when.
#[derive(Debug, Deserialize, IntoParams)]
pub struct AttendanceQuery {
    /// This member's; the caller's own without one and without a team.
    member: Option<Uuid>,
    /// Those of everybody who came for this team; with a member, that one's alone.
    team: Option<Uuid>,
    /// First day; four weeks before the last if absent.
    #[param(value_type = Option<Day>)]
    from: Option<Day>,
    /// Last day; today if absent.
    #[param(value_type = Option<Day>)]
    to: Option<Day>,
}

/// A time that somebody was somewhere.
#[derive(Debug, Serialize, ToSchema)]
pub struct StayBody {
    /// The fact that it began with, which a leader may take back.
    fact: Uuid,
    member: NameRef,
    site: SiteBody,
    day: Day,
    from: Instant,
    /// Until when; see `assumed`.
    to: Instant,
    /// Nobody said that they left: the end is that of their shift, or some hours later.
    assumed: bool,
    minutes: i64,
    #[schema(value_type = String)]
    standing: Standing,
    /// `code_wrong`, `code_time`, `outside_hours`, `two_places`, `far`.
    #[schema(value_type = Vec<String>)]
    doubts: Vec<Doubt>,
}

/// What somebody's stays add up to.
#[derive(Debug, Serialize, ToSchema)]
pub struct HoursBody {
    member: NameRef,
    /// From coming to going.
    minutes: i64,
    /// On top, of stays whose end nobody said.
    assumed_minutes: i64,
    /// Days on which they came.
    days: usize,
    /// Weeks in a row up to now.
    weeks_in_a_row: u32,
    /// Stays that are doubtful.
    doubtful: usize,
}

/// Comings and goings of a period.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttendanceBody {
    from: Day,
    to: Day,
    people: Vec<HoursBody>,
    /// Newest first, at most 300.
    stays: Vec<StayBody>,
    /// How many there are.
    stays_count: usize,
}

/// Names looked up once for an answer.
struct Names {
    members: HashMap<MemberId, String>,
    sites: HashMap<Site, SiteBody>,
}

impl Names {
    fn of(
        tx: &Tx<'_>,
        members: impl Iterator<Item = MemberId>,
        sites: impl Iterator<Item = Site>,
    ) -> AppResult<Self> {
        let mut members: Vec<MemberId> = members.collect();
        members.sort_unstable();
        members.dedup();
        let members = store::names(tx, &members)?.into_iter().collect();
        let mut found = HashMap::new();
        for site in sites {
            if let std::collections::hash_map::Entry::Vacant(entry) = found.entry(site) {
                entry.insert(store::named(tx, site)?.into());
            }
        }
        let sites = found;
        Ok(Self { members, sites })
    }

    fn member(&self, id: MemberId) -> NameRef {
        let name = self.members.get(&id).cloned().unwrap_or_default();
        NameRef { id: id.0, name }
    }

    fn stay(&self, stay: Stay) -> AppResult<StayBody> {
        let site = self.sites.get(&stay.site).cloned();
        Ok(StayBody {
            fact: stay.fact.0,
            member: self.member(stay.member),
            site: site.ok_or_else(AppError::not_found)?,
            day: Day(stay.day),
            from: Instant(stay.from),
            to: Instant(stay.to),
            assumed: stay.assumed,
            minutes: stay.minutes,
            standing: stay.standing,
            doubts: stay.doubts,
        })
    }
}

/// When somebody was where, and the hours that follow: one's own, or for a leader those of
/// a member or a team.
#[utoipa::path(get, path = "/api/v1/attendance", operation_id = "get_attendance", tag = "attendance",
    params(AttendanceQuery), responses((status = 200, body = AttendanceBody)))]
pub async fn get_attendance(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Query(query): Query<AttendanceQuery>,
) -> AppResult<Json<AttendanceBody>> {
    let (now, today) = (app.clock.now(), app.clock.today());
    let last = query.to.map_or(today, |day| day.0);
    let first = query.from.map_or(last - Duration::days(27), |day| day.0);
    let period = (first, last);
    if !(0..=PERIOD_DAYS_MAX).contains(&(last - first).whole_days()) {
        return Err(Refusal::new("request.validation")
            .with("field", "from")
            .into());
    }
    app.db
        .read(move |tx| {
            let whose = match (query.member.map(MemberId), query.team.map(TeamId)) {
                (Some(member), None) if member != caller.member => {
                    need_above(tx, caller.member, store::home_of(tx, member)?, today)?;
                    Whose::Member(member)
                }
                (member, Some(team)) if member != Some(caller.member) => {
                    need_above(tx, caller.member, store::team_home(tx, team)?, today)?;
                    match member {
                        Some(member) => Whose::MemberFor(member, team),
                        None => Whose::Team(team),
                    }
                }
                _ => Whose::Member(caller.member),
            };
            let (people, mut stays) = queries::hours(tx, whose, period, now)?;
            let stays_count = stays.len();
            stays.truncate(LISTED_MAX);
            let names = Names::of(
                tx,
                people.iter().map(|one| one.member),
                stays.iter().map(|stay| stay.site),
            )?;
            let mut people: Vec<HoursBody> = people
                .into_iter()
                .map(|one| HoursBody {
                    member: names.member(one.member),
                    minutes: one.minutes,
                    assumed_minutes: one.assumed_minutes,
                    days: one.days,
                    weeks_in_a_row: one.weeks_in_a_row,
                    doubtful: one.doubtful,
                })
                .collect();
            people.sort_by_key(|one| std::cmp::Reverse(one.minutes));
            let stays = stays.into_iter().map(|stay| names.stay(stay));
            Ok(Json(AttendanceBody {
                from: Day(first),
                to: Day(last),
                people,
                stays: stays.collect::<AppResult<_>>()?,
                stays_count,
            }))
        })
        .await
}

fn need_above(
    tx: &Tx<'_>,
    caller: MemberId,
    home: Option<PlaceId>,
    today: time::Date,
) -> AppResult<()> {
    let home = home.ok_or_else(AppError::not_found)?;
    places::store::need_in_scope(tx, caller, Role::Leader, &home, today)?;
    Ok(())
}

/// Where.
#[derive(Debug, Deserialize, IntoParams)]
pub struct PresentQuery {
    /// In this place and below.
    #[param(value_type = String)]
    place: PlaceId,
}

/// Somebody with a shift who is not there.
#[derive(Debug, Serialize, ToSchema)]
pub struct MissingBody {
    member: NameRef,
    from: Instant,
    to: Instant,
}

/// A point or activity now.
#[derive(Debug, Serialize, ToSchema)]
pub struct PresentBody {
    site: SiteBody,
    /// How many are there.
    here_count: usize,
    /// Who, at most 300.
    here: Vec<StayBody>,
    missing: Vec<MissingBody>,
}

/// Who is where now.
#[derive(Debug, Serialize, ToSchema)]
pub struct BoardBody {
    place: PlaceRef,
    at: Instant,
    /// People who are there.
    here: usize,
    /// People with a shift who are not.
    missing: usize,
    /// Of those there, doubtful.
    doubtful: usize,
    /// Points with people missing first.
    sites: Vec<PresentBody>,
}

/// Who is where now, and who has a shift and is not there.
#[utoipa::path(get, path = "/api/v1/attendance/present", operation_id = "get_present", tag = "attendance",
    params(PresentQuery), responses((status = 200, body = BoardBody)))]
pub async fn get_present(
    caller: Caller<LeaderUp>,
    State(app): State<Arc<App>>,
    Query(query): Query<PresentQuery>,
) -> AppResult<Json<BoardBody>> {
    let (now, today) = (app.clock.now(), app.clock.today());
    app.db
        .read(move |tx| {
            let role = Role::Leader;
            let place = places::store::need_in_scope(tx, caller.member, role, &query.place, today)?;
            let found = queries::present(tx, &place.path, now)?;
            let people = found.values().flat_map(|one| {
                let here = one.here.iter().map(|stay| stay.member);
                here.chain(one.missing.iter().map(|due| due.member))
            });
            let names = Names::of(tx, people, found.keys().copied())?;
            let doubtful = |stay: &&Stay| stay.standing == Standing::Doubtful;
            let mut body = BoardBody {
                place: place.into(),
                at: Instant(now),
                here: found.values().map(|one| one.here.len()).sum(),
                missing: found.values().map(|one| one.missing.len()).sum(),
                doubtful: found
                    .values()
                    .flat_map(|one| &one.here)
                    .filter(doubtful)
                    .count(),
                sites: Vec::with_capacity(found.len()),
            };
            for (site, present) in found {
                let missing = present.missing.into_iter().map(|due| MissingBody {
                    member: names.member(due.member),
                    from: Instant(due.from),
                    to: Instant(due.to),
                });
                let site = names.sites.get(&site).cloned();
                let here_count = present.here.len();
                let here = present.here.into_iter().map(|stay| names.stay(stay));
                body.sites.push(PresentBody {
                    site: site.ok_or_else(AppError::not_found)?,
                    here_count,
                    here: here.take(LISTED_MAX).collect::<AppResult<_>>()?,
                    missing: missing.take(LISTED_MAX).collect(),
                });
            }
            body.sites.sort_by(|a, b| {
                let rank =
                    |one: &PresentBody| std::cmp::Reverse((one.missing.len(), one.here_count));
                rank(a)
                    .cmp(&rank(b))
                    .then_with(|| a.site.name.cmp(&b.site.name))
            });
            Ok(Json(body))
        })
        .await
}

/// A coming or going that something speaks against.
#[derive(Debug, Serialize, ToSchema)]
pub struct DoubtfulBody {
    /// The fact that says it, which a leader may take back.
    fact: Uuid,
    member: NameRef,
    /// For which team.
    team: Option<Uuid>,
    site: SiteBody,
    day: Day,
    at: Instant,
    #[schema(value_type = String)]
    direction: Direction,
    #[schema(value_type = Vec<String>)]
    doubts: Vec<Doubt>,
}

/// What is doubtful.
#[derive(Debug, Serialize, ToSchema)]
pub struct DoubtfulListBody {
    /// Newest first, at most 300.
    rows: Vec<DoubtfulBody>,
}

/// Comings and goings of the last four weeks that something speaks against.
#[utoipa::path(get, path = "/api/v1/attendance/doubtful", operation_id = "get_doubtful", tag = "attendance",
    params(PresentQuery), responses((status = 200, body = DoubtfulListBody)))]
pub async fn get_doubtful(
    caller: Caller<LeaderUp>,
    State(app): State<Arc<App>>,
    Query(query): Query<PresentQuery>,
) -> AppResult<Json<DoubtfulListBody>> {
    let today = app.clock.today();
    app.db
        .read(move |tx| {
            let (by, role) = (caller.member, Role::Leader);
            let place = places::store::need_in_scope(tx, by, role, &query.place, today)?;
            let days = (today - Duration::days(27), today);
            let rows = store::doubtful_below(tx, &place.path, days, LISTED_MAX as i64)?;
            let members = rows.iter().map(|row| row.member);
            let names = Names::of(tx, members, rows.iter().map(|row| row.site))?;
            let body = |row: store::Row| {
                let site = names.sites.get(&row.site).cloned();
                Ok(DoubtfulBody {
                    fact: row.fact.0,
                    member: names.member(row.member),
                    team: row.team.map(|team| team.0),
                    site: site.ok_or_else(AppError::not_found)?,
                    day: Day(row.day),
                    at: Instant(row.at),
                    direction: row.direction,
                    doubts: row.doubts,
                })
            };
            let rows = rows.into_iter().map(body).collect::<AppResult<_>>()?;
            Ok(Json(DoubtfulListBody { rows }))
        })
        .await
}

/// Which teams, on which day.
#[derive(Debug, Deserialize, IntoParams)]
pub struct ActiveTeamsQuery {
    /// At home in this place or below.
    #[param(value_type = String)]
    place: PlaceId,
    /// The day; the last Sunday if absent.
    #[param(value_type = Option<Day>)]
    day: Option<Day>,
    /// Only of this kind.
    kind: Option<TeamKind>,
}

/// A part of the place, and how many of its teams came.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActivePlaceBody {
    place: PlaceRef,
    active: usize,
    all: usize,
}

/// A team on that day.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActiveTeamBody {
    id: Uuid,
    name: String,
    /// Where it is at home.
    place_id: String,
    /// How many of it came; 0 for a silent one.
    people: i64,
    /// Weeks in a row on which it came on this day of the week.
    weeks_in_a_row: u32,
    /// When it last came, whatever the day of the week; null when not in a year.
    last_on: Option<Day>,
}

/// How many teams came on a day, and which did not.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActiveTeamsBody {
    place: PlaceRef,
    day: Day,
    active: usize,
    all: usize,
    /// Parts of the place that have teams.
    places: Vec<ActivePlaceBody>,
    /// Silent ones first, the longest silent before the others; at most 300.
    teams: Vec<ActiveTeamBody>,
}

/// How many teams of a place came on a day, and which did not.
#[utoipa::path(get, path = "/api/v1/attendance/teams", operation_id = "get_active_teams", tag = "attendance",
    params(ActiveTeamsQuery), responses((status = 200, body = ActiveTeamsBody)))]
pub async fn get_active_teams(
    caller: Caller<LeaderUp>,
    State(app): State<Arc<App>>,
    Query(query): Query<ActiveTeamsQuery>,
) -> AppResult<Json<ActiveTeamsBody>> {
    let today = app.clock.today();
    let since_sunday = i64::from(today.weekday().number_days_from_sunday());
    let day = query
        .day
        .map_or(today - Duration::days(since_sunday), |day| day.0);
    app.db
        .read(move |tx| {
            let role = Role::Leader;
            let place = places::store::need_in_scope(tx, caller.member, role, &query.place, day)?;
            let teams = queries::teams_on(tx, &place.path, query.kind, day)?;
            let mut parts = Vec::new();
            for part in places::store::children(tx, &place.id, day)? {
                let mut all = teams
                    .iter()
                    .filter(|one| one.team.path.starts_with(&part.path));
                let (active, silent) = all.by_ref().fold((0, 0), |(active, silent), one| {
                    if one.people > 0 {
                        (active + 1, silent)
                    } else {
                        (active, silent + 1)
                    }
                });
                if active + silent > 0 {
                    parts.push(ActivePlaceBody {
                        place: part.into(),
                        active,
                        all: active + silent,
                    });
                }
            }
            let (active, all) = (
                teams.iter().filter(|one| one.people > 0).count(),
                teams.len(),
            );
            let body = |one: queries::TeamDay| ActiveTeamBody {
                id: one.team.id.0,
                name: one.team.name,
                place_id: places::store::ids_of(&one.team.path)
                    .last()
                    .map_or_else(String::new, PlaceId::to_string),
                people: one.people,
                weeks_in_a_row: one.weeks_in_a_row,
                last_on: one.last_on.map(Day),
            };
            Ok(Json(ActiveTeamsBody {
                place: place.into(),
                day: Day(day),
                active,
                all,
                places: parts,
                teams: teams.into_iter().take(LISTED_MAX).map(body).collect(),
            }))
        })
        .await
}
