//! Wire types and handlers for people.

use super::commands::{self, Act, NewTerm, Told};
use super::list::{self, Filter};
use super::page;
use crate::App;
use crate::features::members::Role;
use crate::features::members::{GrantBody, TeamRef, need_over};
use crate::features::places::{self, PlaceRef};
use crate::platform::db::{DbError, Tx};
use crate::platform::http::{Anyone, Caller, LeaderUp};
use crate::platform::problem::{AppError, AppResult};
use crate::platform::wire::{Day, Instant, Json, Path, Query};
use axum::extract::State;
use axum::http::StatusCode;
use domain::ids::{MemberId, PlaceId, TeamId};
use domain::people::{Office, Origin, Position, TeamKind};
use domain::skills::Skills;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;
use time::Date;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use vn::phone::Phone;

/// Places named as on one day, each looked up once.
struct Names<'t> {
    tx: &'t Tx<'t>,
    on: Date,
    known: HashMap<PlaceId, PlaceRef>,
}

impl<'t> Names<'t> {
    fn new(tx: &'t Tx<'t>, on: Date) -> Self {
        let known = HashMap::new();
        Self { tx, on, known }
    }

    fn get(&mut self, id: &PlaceId) -> AppResult<PlaceRef> {
        if let Some(known) = self.known.get(id) {
            return Ok(known.clone());
        }
        let found = places::store::find(self.tx, id, self.on)?.ok_or_else(AppError::not_found)?;
        let named = PlaceRef::from(found);
        self.known.insert(id.clone(), named.clone());
        Ok(named)
    }
}

/// Whom to list.
#[derive(Debug, Deserialize, IntoParams)]
pub struct MembersQuery {
    /// At home, or with a role, in this subtree; in the caller's own if absent.
    #[param(value_type = Option<String>)]
    place: Option<PlaceId>,
    /// Words of the name in any order with or without tone marks, the beginning of a
    /// login, or at least three last digits of a phone number.
    #[serde(default)]
    q: String,
    /// In this team today.
    team: Option<Uuid>,
    /// Sent by these.
    origin: Option<Origin>,
    /// Holding this office today.
    office: Option<Office>,
    /// With this skill, language or course.
    skill: Option<String>,
    /// With an account or without; both if absent.
    account: Option<bool>,
    /// Still active or not; both if absent.
    active: Option<bool>,
    /// The `next` of the page before.
    after: Option<Uuid>,
    /// 1 to 100; 50 if absent.
    limit: Option<i64>,
}

/// A team somebody is in.
#[derive(Debug, Serialize, ToSchema)]
pub struct InTeam {
    /// Which.
    team: TeamRef,
    /// As what.
    position: Position,
}

/// A person in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct MemberBody {
    /// Id.
    id: Uuid,
    /// Login name; null for those who cannot sign in.
    login: Option<String>,
    /// Full name, family name first.
    name: String,
    /// `active` or `disabled`.
    status: String,
    /// Where they are at home.
    place: PlaceRef,
    /// Who sends them.
    origin: Origin,
    /// Which school, enterprise or office that is.
    organisation: String,
    grants: Vec<GrantBody>,
    /// Teams they are in today.
    teams: Vec<InTeam>,
    /// Offices they hold today.
    offices: Vec<Office>,
}

/// A page of people.
#[derive(Debug, Serialize, ToSchema)]
pub struct MembersBody {
    members: Vec<MemberBody>,
    /// For the next page; null on the last.
    next: Option<Uuid>,
}

/// Everybody at home, or with a role, where the caller leads, by given name.
#[utoipa::path(get, path = "/api/v1/members", operation_id = "list_members", tag = "people", params(MembersQuery),
    responses((status = 200, body = MembersBody)))]
pub async fn list_members(
    caller: Caller<LeaderUp>,
    State(app): State<Arc<App>>,
    Query(query): Query<MembersQuery>,
) -> AppResult<Json<MembersBody>> {
    let limit = query.limit.unwrap_or(50).clamp(1, 100);
    let filter = Filter {
        caller: caller.member,
        place: query.place,
        text: query.q,
        team: query.team.map(TeamId),
        origin: query.origin,
        office: query.office,
        skill: query.skill,
        account: query.account,
        active: query.active,
        after: query.after.map(MemberId),
        on: app.clock.today(),
        limit: limit + 1,
    };
    app.db
        .read(move |tx| {
            let mut lines = list::page(tx, &filter)?;
            let limit = usize::try_from(limit).unwrap_or(0);
            let more = lines.len() > limit;
            lines.truncate(limit);
            let next = lines.last().filter(|_| more).map(|last| last.id);
            let members = with_details(tx, lines, filter.on)?;
            Ok(Json(MembersBody { members, next }))
        })
        .await
}

/// Whether a stretch of days holds this one.
fn holds(since: Date, until: Option<Date>, on: Date) -> bool {
    since <= on && until.is_none_or(|until| on < until)
}

fn with_details(tx: &Tx<'_>, lines: Vec<list::Line>, on: Date) -> AppResult<Vec<MemberBody>> {
    let ids: Vec<Uuid> = lines.iter().map(|line| line.id).collect();
    let mut names = Names::new(tx, on);
    let mut grants = grants_of(tx, &ids, &mut names)?;
    let mut teams: HashMap<Uuid, Vec<InTeam>> = HashMap::new();
    for one in page::memberships(tx, &ids)? {
        if holds(one.since, one.until, on) {
            let (id, name) = one.team;
            let (team, position) = (TeamRef { id, name }, one.position);
            let theirs = teams.entry(one.member).or_default();
            theirs.push(InTeam { team, position });
        }
    }
    let mut offices: HashMap<Uuid, Vec<Office>> = HashMap::new();
    for term in page::terms(tx, &ids)? {
        if holds(term.since, term.until, on) {
            offices.entry(term.member).or_default().push(term.office);
        }
    }
    lines
        .into_iter()
        .map(|line| {
            Ok(MemberBody {
                id: line.id,
                login: line.login,
                name: line.name,
                status: status(line.active),
                place: names.get(&line.place)?,
                origin: line.origin,
                organisation: line.organisation,
                grants: grants.remove(&line.id).unwrap_or_default(),
                teams: teams.remove(&line.id).unwrap_or_default(),
                offices: offices.remove(&line.id).unwrap_or_default(),
            })
        })
        .collect()
}

fn status(active: bool) -> String {
    let word = if active { "active" } else { "disabled" };
    word.to_owned()
}

/// Roles of these people, each with its place and team, highest first.
fn grants_of(
    tx: &Tx<'_>,
    ids: &[Uuid],
    names: &mut Names<'_>,
) -> AppResult<HashMap<Uuid, Vec<GrantBody>>> {
    let mut rows = Vec::new();
    let keys: Vec<_> = ids.iter().copied().map(Into::into).collect();
    tx.each_of(
        "select g.member_id, g.role, g.place_id, t.id, t.name
           from {keys} join member_grant g on g.member_id = k.key left join team t on t.id = g.team_id",
        &keys,
        |row| {
            let team = row.get::<Option<Uuid>>(3)?.zip(row.get::<Option<String>>(4)?);
            rows.push((row.get::<Uuid>(0)?, row.get::<String>(1)?, row.get::<PlaceId>(2)?, team));
            Ok::<(), DbError>(())
        },
    )?;
    let mut grants: HashMap<Uuid, Vec<GrantBody>> = HashMap::new();
    for (member, role, place, team) in rows {
        let Some(role) = Role::parse(&role) else {
            continue;
        };
        grants.entry(member).or_default().push(GrantBody {
            role,
            place: names.get(&place)?,
            team: team.map(|(id, name)| TeamRef { id, name }),
        });
    }
    for theirs in grants.values_mut() {
        theirs.sort_by(|a, b| {
            b.role
                .cmp(&a.role)
                .then_with(|| a.place.path.cmp(&b.place.path))
        });
    }
    Ok(grants)
}

/// A person, by name.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonRef {
    /// Id.
    id: Uuid,
    /// Full name.
    name: String,
}

/// A time in a team.
#[derive(Debug, Serialize, ToSchema)]
pub struct MembershipBody {
    /// Which.
    team: TeamRef,
    /// Its kind.
    kind: TeamKind,
    /// As what.
    position: Position,
    /// First day.
    since: Day,
    /// First day no longer; null while it lasts.
    until: Option<Day>,
}

/// A term of office.
#[derive(Debug, Serialize, ToSchema)]
pub struct TermBody {
    /// Id.
    id: Uuid,
    /// Which office.
    office: Office,
    /// Where.
    place: PlaceRef,
    /// First day.
    since: Day,
    /// First day no longer; null while it lasts.
    until: Option<Day>,
    /// By which decision; may be empty.
    decision_no: String,
}

/// A skill somebody has.
#[derive(Debug, Serialize, ToSchema)]
pub struct SkillBody {
    /// Which, see `get_skills`.
    skill: String,
    /// 1 can help, 2 works alone, 3 teaches others.
    level: i64,
    /// First day.
    since: Day,
    /// First day no longer; null while it lasts.
    until: Option<Day>,
}

/// A line of the readiness list that is ticked.
#[derive(Debug, Serialize, ToSchema)]
pub struct TickBody {
    /// Which, see `get_skills`.
    item: String,
    /// When.
    done_at: Instant,
}

/// What the register says of a person.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonBody {
    /// Id.
    id: Uuid,
    /// Login name; null for those who cannot sign in.
    login: Option<String>,
    /// Full name, family name first.
    name: String,
    /// `active` or `disabled`.
    status: String,
    /// Where they are at home.
    place: PlaceRef,
    /// Who sends them.
    origin: Origin,
    /// Which school, enterprise or office that is.
    organisation: String,
    /// Phone number with its middle hidden; one's own is whole.
    phone: Option<String>,
    /// Year of birth.
    birth_year: Option<i64>,
    /// Who guides them.
    mentor: Option<PersonRef>,
    grants: Vec<GrantBody>,
    /// Teams through time, the latest first.
    teams: Vec<MembershipBody>,
    /// Offices through time, the latest first.
    offices: Vec<TermBody>,
    skills: Vec<SkillBody>,
    readiness: Vec<TickBody>,
    /// Whether the caller may change this.
    may_change: bool,
}

/// A person: of those the caller leads, or themselves.
#[utoipa::path(get, path = "/api/v1/members/{id}", operation_id = "get_member", tag = "people",
    params(("id" = Uuid, Path)), responses((status = 200, body = PersonBody)))]
pub async fn get_member(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
) -> AppResult<Json<PersonBody>> {
    let on = app.clock.today();
    app.db
        .read(move |tx| Ok(Json(person(tx, caller.member, MemberId(id), on)?)))
        .await
}

fn person(tx: &Tx<'_>, by: MemberId, id: MemberId, on: Date) -> AppResult<PersonBody> {
    let over = need_over(tx, by, Role::Leader, id);
    let may_change = over.is_ok();
    match over {
        Err(fault) if fault.code() != "auth.forbidden" && by != id => return Err(fault),
        _ => {}
    }
    let found = page::person(tx, id)?.ok_or_else(AppError::not_found)?;
    let mut names = Names::new(tx, on);
    let phone = found.phone.and_then(|raw| Phone::parse(&raw).ok());
    let show = |phone: Phone| match by == id {
        true => phone.display(),
        false => phone.masked(),
    };
    let teams = page::memberships(tx, &[id.0])?;
    let mut offices = Vec::new();
    for term in page::terms(tx, &[id.0])? {
        offices.push(TermBody {
            id: term.id,
            office: term.office,
            place: names.get(&term.place)?,
            since: Day(term.since),
            until: term.until.map(Day),
            decision_no: term.decision_no,
        });
    }
    Ok(PersonBody {
        id: id.0,
        login: found.login,
        name: found.name,
        status: status(found.active),
        place: names.get(&found.place)?,
        origin: found.origin,
        organisation: found.organisation,
        phone: phone.map(show),
        birth_year: found.birth_year,
        mentor: found.mentor.map(|(id, name)| PersonRef { id, name }),
        grants: grants_of(tx, &[id.0], &mut names)?
            .remove(&id.0)
            .unwrap_or_default(),
        teams: teams.into_iter().map(MembershipBody::from).collect(),
        offices,
        skills: page::skills(tx, id)?
            .into_iter()
            .map(|(skill, level, since, until)| SkillBody {
                skill,
                level,
                since: Day(since),
                until: until.map(Day),
            })
            .collect(),
        readiness: page::readiness(tx, id)?
            .into_iter()
            .map(|(item, at)| TickBody {
                item,
                done_at: Instant(at),
            })
            .collect(),
        may_change,
    })
}

impl From<page::Membership> for MembershipBody {
    fn from(one: page::Membership) -> Self {
        let (id, name) = one.team;
        Self {
            team: TeamRef { id, name },
            kind: one.kind,
            position: one.position,
            since: Day(one.since),
            until: one.until.map(Day),
        }
    }
}

/// What the register is to say of a person.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ToldBody {
    /// Full name.
    name: String,
    /// Where they are at home.
    #[schema(value_type = String)]
    place_id: PlaceId,
    /// Who sends them.
    origin: Origin,
    /// Which school, enterprise or office that is.
    #[serde(default)]
    organisation: String,
    /// In any form; empty for none, absent to leave it as it is.
    phone: Option<String>,
    /// Year of birth.
    birth_year: Option<i64>,
    /// Who guides them.
    mentor_id: Option<Uuid>,
}

impl From<ToldBody> for Told {
    fn from(body: ToldBody) -> Self {
        Self {
            name: body.name,
            place: body.place_id,
            origin: body.origin,
            organisation: body.organisation,
            phone: body.phone,
            birth_year: body.birth_year,
            mentor: body.mentor_id.map(MemberId),
        }
    }
}

/// A person to take into the register.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewPersonBody {
    /// Made by who asks: sent again, it changes nothing.
    id: Uuid,
    #[serde(flatten)]
    told: ToldBody,
    /// Into this team.
    team_id: Option<Uuid>,
    /// As what; a plain member if absent.
    position: Option<Position>,
}

/// Who acts, and when.
pub fn act<R>(caller: &Caller<R>, app: &App) -> Act {
    let now = app.clock.now();
    Act {
        by: caller.member,
        now,
        today: domain::days::day_of(now),
    }
}

/// Takes a person into the register; whether they may sign in is the business of an
/// invitation.
#[utoipa::path(post, path = "/api/v1/members", operation_id = "add_member", tag = "people",
    request_body = NewPersonBody, responses((status = 200, body = PersonBody)))]
pub async fn add_member(
    caller: Caller<LeaderUp>,
    State(app): State<Arc<App>>,
    Json(body): Json<NewPersonBody>,
) -> AppResult<Json<PersonBody>> {
    let act = act(&caller, &app);
    let team = body.team_id.map(TeamId);
    let team = team.zip(Some(body.position.unwrap_or(Position::Member)));
    let (id, told) = (MemberId(body.id), Told::from(body.told));
    app.db
        .write(move |tx| {
            commands::add(tx, act, id, &told, team)?;
            Ok(Json(person(tx, act.by, id, act.today)?))
        })
        .await
}

/// Changes what the register says of a person.
#[utoipa::path(put, path = "/api/v1/members/{id}", operation_id = "change_member", tag = "people",
    params(("id" = Uuid, Path)), request_body = ToldBody, responses((status = 200, body = PersonBody)))]
pub async fn change_member(
    caller: Caller<LeaderUp>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
    Json(body): Json<ToldBody>,
) -> AppResult<Json<PersonBody>> {
    let (act, id, told) = (act(&caller, &app), MemberId(id), Told::from(body));
    app.db
        .write(move |tx| {
            commands::change(tx, act, id, &told)?;
            Ok(Json(person(tx, act.by, id, act.today)?))
        })
        .await
}

/// A whole phone number.
#[derive(Debug, Serialize, ToSchema)]
pub struct PhoneBody {
    /// As people write it.
    phone: String,
}

/// A person's whole phone number; that somebody looked at it is noted.
#[utoipa::path(post, path = "/api/v1/members/{id}/phone", operation_id = "show_phone", tag = "people",
    params(("id" = Uuid, Path)), responses((status = 200, body = PhoneBody)))]
pub async fn show_phone(
    caller: Caller<LeaderUp>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
) -> AppResult<Json<PhoneBody>> {
    let clock = app.clock.clone();
    app.db
        .write(move |tx| {
            let raw = commands::show_phone(tx, &clock, caller.member, MemberId(id))?;
            let phone = Phone::parse(&raw).map_or(raw, |phone| phone.display());
            Ok(Json(PhoneBody { phone }))
        })
        .await
}

/// A term of office to begin, change or end.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewTermBody {
    /// Which office.
    office: Office,
    /// Where.
    #[schema(value_type = String)]
    place_id: PlaceId,
    /// First day.
    since: Day,
    /// First day no longer; null while it lasts.
    until: Option<Day>,
    /// By which decision.
    #[serde(default)]
    decision_no: String,
}

/// Begins, changes or ends a term of office, under an id made by who asks.
#[utoipa::path(put, path = "/api/v1/members/{id}/offices/{term}", operation_id = "set_office", tag = "people",
    params(("id" = Uuid, Path), ("term" = Uuid, Path)), request_body = NewTermBody, responses((status = 204)))]
pub async fn set_office(
    caller: Caller<LeaderUp>,
    State(app): State<Arc<App>>,
    Path((id, term)): Path<(Uuid, Uuid)>,
    Json(body): Json<NewTermBody>,
) -> AppResult<StatusCode> {
    let act = act(&caller, &app);
    let term = NewTerm {
        id: term,
        office: body.office,
        place: body.place_id,
        since: body.since.0,
        until: body.until.map(|day| day.0),
        decision_no: body.decision_no,
    };
    app.db
        .write(move |tx| commands::set_office(tx, act, MemberId(id), &term))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A skill to note.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewSkillBody {
    /// 1 can help, 2 works alone, 3 teaches others.
    level: i64,
    /// First day.
    since: Day,
    /// First day no longer; null while it lasts.
    until: Option<Day>,
}

/// Notes a skill, a language or a course of a person.
#[utoipa::path(put, path = "/api/v1/members/{id}/skills/{skill}", operation_id = "set_skill", tag = "people",
    params(("id" = Uuid, Path), ("skill" = String, Path)), request_body = NewSkillBody, responses((status = 204)))]
pub async fn set_skill(
    caller: Caller<LeaderUp>,
    State(app): State<Arc<App>>,
    Path((id, skill)): Path<(Uuid, String)>,
    Json(body): Json<NewSkillBody>,
) -> AppResult<StatusCode> {
    let act = act(&caller, &app);
    let level = (body.level, body.since.0, body.until.map(|day| day.0));
    app.db
        .write(move |tx| commands::set_skill(tx, act, MemberId(id), &skill, level))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Forgets a skill that was noted by mistake.
#[utoipa::path(delete, path = "/api/v1/members/{id}/skills/{skill}", operation_id = "drop_skill", tag = "people",
    params(("id" = Uuid, Path), ("skill" = String, Path)), responses((status = 204)))]
pub async fn drop_skill(
    caller: Caller<LeaderUp>,
    State(app): State<Arc<App>>,
    Path((id, skill)): Path<(Uuid, String)>,
) -> AppResult<StatusCode> {
    let act = act(&caller, &app);
    app.db
        .write(move |tx| commands::drop_skill(tx, act, MemberId(id), &skill))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// All skills, languages and courses there are, and the readiness list.
#[utoipa::path(get, path = "/api/v1/skills", operation_id = "get_skills", tag = "people",
    responses((status = 200, body = Skills)))]
pub async fn get_skills(_: Caller<Anyone>) -> Json<Skills> {
    Json(Skills::bundled())
}

/// Ticks a line of one's own readiness list.
#[utoipa::path(put, path = "/api/v1/readiness/{item}", operation_id = "tick", tag = "people",
    params(("item" = String, Path)), responses((status = 204)))]
pub async fn tick(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Path(item): Path<String>,
) -> AppResult<StatusCode> {
    let act = act(&caller, &app);
    app.db
        .write(move |tx| commands::tick(tx, act, &item, true))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a tick of one's own readiness list away.
#[utoipa::path(delete, path = "/api/v1/readiness/{item}", operation_id = "untick", tag = "people",
    params(("item" = String, Path)), responses((status = 204)))]
pub async fn untick(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Path(item): Path<String>,
) -> AppResult<StatusCode> {
    let act = act(&caller, &app);
    app.db
        .write(move |tx| commands::tick(tx, act, &item, false))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
