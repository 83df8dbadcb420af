//! Wire types and handlers for allowances.

use super::queries::{self, Found, LineBody, LockedBody, OverlapBody};
use super::store::{self, Month, Stored};
use crate::App;
use crate::args;
use crate::features::members::{Role, TeamRef};
use crate::features::places::store::Place;
use crate::features::places::{self, PlaceRef};
use crate::platform::db::Tx;
use crate::platform::http::{Caller, OfficerUp, ProvinceUp};
use crate::platform::problem::{AppError, AppResult};
use crate::platform::wire::{Binary, Day, Json, Query, attachment};
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use csv::{Terminator, WriterBuilder};
use domain::allowances::Policy;
use domain::ids::{MemberId, PlaceId};
use domain::refusal::Refusal;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, LazyLock};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A policy with where and when it holds.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PolicyBody {
    /// Made by whoever enters it.
    id: Uuid,
    /// For the teams at home here and below.
    #[schema(value_type = String)]
    place_id: PlaceId,
    /// What people call it.
    name: String,
    /// The decision it follows from.
    source: String,
    /// What it pays.
    policy: Policy,
    /// From this day.
    valid_from: Day,
    /// Up to, not including, this day; null while nobody knows.
    valid_to: Option<Day>,
}

impl From<Stored> for PolicyBody {
    fn from(stored: Stored) -> Self {
        Self {
            id: stored.id,
            place_id: stored.place,
            name: stored.name,
            source: stored.source,
            policy: stored.policy,
            valid_from: Day(stored.valid_from),
            valid_to: stored.valid_to.map(Day),
        }
    }
}

/// Policies found.
#[derive(Debug, Serialize, ToSchema)]
pub struct PoliciesBody {
    /// The latest first.
    policies: Vec<PolicyBody>,
}

/// Which place.
#[derive(Debug, Deserialize, IntoParams)]
pub struct PoliciesQuery {
    #[param(value_type = String)]
    place: PlaceId,
}

fn in_scope(tx: &Tx<'_>, app: &App, by: MemberId, least: Role, id: &PlaceId) -> AppResult<Place> {
    places::store::need_in_scope(tx, by, least, id, app.clock.today())
}

/// Policies that hold at a place.
#[utoipa::path(get, path = "/api/v1/allowances/policies", operation_id = "list_policies", tag = "allowances",
    params(PoliciesQuery), responses((status = 200, body = PoliciesBody)))]
pub async fn list_policies(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Query(query): Query<PoliciesQuery>,
) -> AppResult<Json<PoliciesBody>> {
    let whole = Arc::clone(&app);
    app.db
        .read(move |tx| {
            let place = in_scope(
                tx,
                &whole,
                caller.member,
                Role::CommuneOfficer,
                &query.place,
            )?;
            let found = store::at(tx, &place.path)?;
            let policies = found.into_iter().map(PolicyBody::from).collect();
            Ok(Json(PoliciesBody { policies }))
        })
        .await
}

/// Enters a policy, or mends one; lists that are locked stay as they are.
#[utoipa::path(put, path = "/api/v1/allowances/policies", operation_id = "put_policy", tag = "allowances",
    request_body = PolicyBody, responses((status = 200, body = PolicyBody)))]
pub async fn put_policy(
    caller: Caller<ProvinceUp>,
    State(app): State<Arc<App>>,
    Json(body): Json<PolicyBody>,
) -> AppResult<Json<PolicyBody>> {
    body.policy.check()?;
    let invalid = |field: &str| Refusal::new("request.validation").with("field", field);
    let (name, source) = (text(&body.name), text(&body.source));
    if name.is_empty() {
        return Err(invalid("name").into());
    }
    if source.is_empty() {
        return Err(invalid("source").into());
    }
    if body.valid_to.is_some_and(|to| to <= body.valid_from) {
        return Err(invalid("valid_to").into());
    }
    let definition = serde_json::to_string(&body.policy)
        .map_err(|fault| AppError::Internal(fault.to_string()))?;
    let whole = Arc::clone(&app);
    app.db
        .write(move |tx| {
            let least = Role::ProvinceOfficer;
            let place = in_scope(tx, &whole, caller.member, least, &body.place_id)?;
            // Whoever mends a policy may do so where it was, too.
            if let Some(before) = store::find(tx, body.id)?
                && before.place != place.id
            {
                return Err(AppError::not_found());
            }
            let new = Stored {
                id: body.id,
                place: place.id,
                path: place.path,
                name,
                source,
                policy: body.policy,
                valid_from: body.valid_from.0,
                valid_to: body.valid_to.map(|day| day.0),
            };
            store::put(tx, &new, &definition)?;
            Ok(Json(new.into()))
        })
        .await
}

fn text(raw: &str) -> String {
    let short: String = raw.chars().take(300).collect();
    vn::text::normalise(&short)
}

/// Which list.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
pub struct SheetQuery {
    /// The policy.
    policy: Uuid,
    /// The unit whose teams are listed.
    #[param(value_type = String)]
    #[schema(value_type = String)]
    place: PlaceId,
    /// The month's first day.
    month: Day,
}

/// A month's list.
#[derive(Debug, Serialize, ToSchema)]
pub struct SheetBody {
    place: PlaceRef,
    month: Day,
    /// Teams that were at work, by place and name.
    lines: Vec<LineBody>,
    /// Teams that were not.
    silent: Vec<TeamRef>,
    /// Who would be paid twice: to be decided before the list is locked.
    overlaps: Vec<OverlapBody>,
    /// Null while it is open.
    locked: Option<LockedBody>,
    /// All of it, đồng.
    total_vnd: i64,
    /// Whether this list can be locked: of a commune, over, nothing open.
    lockable: bool,
}

/// What a list is asked for, found and allowed.
struct Asked {
    of: Stored,
    place: Place,
    month: Month,
}

impl Asked {
    fn open(tx: &Tx<'_>, app: &App, by: MemberId, query: &SheetQuery) -> AppResult<Self> {
        let place = in_scope(tx, app, by, Role::CommuneOfficer, &query.place)?;
        let of = store::find(tx, query.policy)?.ok_or_else(AppError::not_found)?;
        let month = queries::month(query.month.0)?;
        let held = of.valid_from < month.next && of.valid_to.is_none_or(|to| to > month.first);
        if !place.path.starts_with(&of.path) || !held {
            return Err(AppError::not_found());
        }
        Ok(Self { of, place, month })
    }

    fn is_over(&self, app: &App) -> bool {
        app.clock.today() >= self.month.next
    }

    fn refuse_locked(&self, found: &Found) -> AppResult<()> {
        match found.locked {
            Some(_) => Err(AppError::problem("allowance.locked")),
            None => Ok(()),
        }
    }

    fn body(self, app: &App, found: Found) -> SheetBody {
        let lockable = self.place.level == "commune"
            && self.is_over(app)
            && found.locked.is_none()
            && found.overlaps.is_empty();
        SheetBody {
            month: Day(self.month.first),
            total_vnd: found.total_vnd(),
            lockable,
            place: self.place.into(),
            lines: found.lines,
            silent: found.silent,
            overlaps: found.overlaps,
            locked: found.locked,
        }
    }
}

/// A month's list: as it stands now, or as it was locked.
#[utoipa::path(get, path = "/api/v1/allowances/sheet", operation_id = "get_sheet", tag = "allowances",
    params(SheetQuery), responses((status = 200, body = SheetBody)))]
pub async fn get_sheet(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Query(query): Query<SheetQuery>,
) -> AppResult<Json<SheetBody>> {
    let whole = Arc::clone(&app);
    app.db
        .read(move |tx| {
            let asked = Asked::open(tx, &whole, caller.member, &query)?;
            let found = queries::sheet(tx, &asked.of, &asked.place, asked.month)?;
            Ok(Json(asked.body(&whole, found)))
        })
        .await
}

/// Locks a commune's list: from now on it says what it says today.
#[utoipa::path(post, path = "/api/v1/allowances/sheet/lock", operation_id = "lock_sheet", tag = "allowances",
    request_body = SheetQuery, responses((status = 200, body = SheetBody)))]
pub async fn lock_sheet(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Json(query): Json<SheetQuery>,
) -> AppResult<Json<SheetBody>> {
    let whole = Arc::clone(&app);
    app.db
        .write(move |tx| {
            let asked = Asked::open(tx, &whole, caller.member, &query)?;
            let found = queries::sheet(tx, &asked.of, &asked.place, asked.month)?;
            // Asked again, it is locked as it was.
            if found.locked.is_some() {
                return Ok(Json(asked.body(&whole, found)));
            }
            if asked.place.level != "commune" {
                return Err(AppError::problem("allowance.commune_only"));
            }
            if !asked.is_over(&whole) {
                return Err(AppError::problem("allowance.month_open"));
            }
            if !found.overlaps.is_empty() {
                let open = found.overlaps.len();
                return Err(Refusal::new("allowance.overlap_open")
                    .with("people", open)
                    .into());
            }
            let content = serde_json::to_string(&found.lines)
                .map_err(|fault| AppError::Internal(fault.to_string()))?;
            let key = (asked.of.id, &asked.place.id, asked.month);
            let by = (caller.member, whole.clock.now());
            store::lock(tx, key, &content, found.total_vnd(), by)?;
            let found = queries::sheet(tx, &asked.of, &asked.place, asked.month)?;
            Ok(Json(asked.body(&whole, found)))
        })
        .await
}

/// For which team somebody's days count who would be paid twice.
#[derive(Debug, Deserialize, ToSchema)]
pub struct DecisionBody {
    #[serde(flatten)]
    sheet: SheetQuery,
    member: Uuid,
    /// None: for no team.
    team: Option<Uuid>,
    /// Why.
    reason: String,
}

/// Decides about somebody who would be paid twice.
#[utoipa::path(put, path = "/api/v1/allowances/decisions", operation_id = "decide_overlap", tag = "allowances",
    request_body = DecisionBody, responses((status = 200, body = SheetBody)))]
pub async fn decide(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Json(body): Json<DecisionBody>,
) -> AppResult<Json<SheetBody>> {
    let reason = text(&body.reason);
    if reason.is_empty() {
        return Err(Refusal::new("request.validation")
            .with("field", "reason")
            .into());
    }
    let whole = Arc::clone(&app);
    app.db
        .write(move |tx| {
            let asked = Asked::open(tx, &whole, caller.member, &body.sheet)?;
            let found = queries::sheet(tx, &asked.of, &asked.place, asked.month)?;
            asked.refuse_locked(&found)?;
            let known = store::presences(tx, &asked.of, &asked.place.path, asked.month)?;
            let theirs = |presence: &&domain::allowances::Presence| presence.member.0 == body.member;
            let mut teams: Vec<_> = known.iter().filter(theirs).map(|p| p.team).collect();
            teams.sort_unstable();
            teams.dedup();
            let fits = body.team.is_none_or(|id| teams.iter().any(|team| team.0 == id));
            if teams.is_empty() || !fits {
                return Err(AppError::not_found());
            }
            // Another commune's list that is locked has counted on what was decided then.
            if store::is_locked_for(tx, asked.of.id, asked.month, &teams)? {
                return Err(AppError::problem("allowance.locked"));
            }
            tx.execute(
                "insert into allowance_decision (policy_id, month, member_id, team_id, reason, at, by_id)
                 values ($1, $2, $3, $4, $5, $6, $7)
                 on conflict (policy_id, month, member_id) do update set team_id = excluded.team_id,
                   reason = excluded.reason, at = excluded.at, by_id = excluded.by_id",
                args![asked.of.id, asked.month.first, body.member, body.team, &reason, whole.clock.now(), caller.member],
            )?;
            let found = queries::sheet(tx, &asked.of, &asked.place, asked.month)?;
            Ok(Json(asked.body(&whole, found)))
        })
        .await
}

/// What a commune adds for a team.
#[derive(Debug, Deserialize, ToSchema)]
pub struct TopUpBody {
    #[serde(flatten)]
    sheet: SheetQuery,
    team: Uuid,
    /// Đồng; 0 takes it away.
    vnd: i64,
}

/// Adds a commune's own part to a team's line.
#[utoipa::path(put, path = "/api/v1/allowances/top_ups", operation_id = "put_top_up", tag = "allowances",
    request_body = TopUpBody, responses((status = 200, body = SheetBody)))]
pub async fn top_up(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Json(body): Json<TopUpBody>,
) -> AppResult<Json<SheetBody>> {
    let whole = Arc::clone(&app);
    app.db
        .write(move |tx| {
            let asked = Asked::open(tx, &whole, caller.member, &body.sheet)?;
            let found = queries::sheet(tx, &asked.of, &asked.place, asked.month)?;
            asked.refuse_locked(&found)?;
            let max_vnd = asked.of.policy.top_up_max_vnd();
            if !(0..=max_vnd).contains(&body.vnd) {
                return Err(Refusal::new("allowance.top_up")
                    .with("max_vnd", max_vnd)
                    .into());
            }
            let kinds = &asked.of.policy.team_kinds;
            let teams = store::teams(tx, &asked.place.path, kinds, asked.month)?;
            let team = teams.iter().find(|team| team.id.0 == body.team);
            let team = team.ok_or_else(AppError::not_found)?;
            if store::is_locked_for(tx, asked.of.id, asked.month, &[team.id])? {
                return Err(AppError::problem("allowance.locked"));
            }
            tx.execute(
                "insert into allowance_top_up (policy_id, month, team_id, vnd, at, by_id) values ($1, $2, $3, $4, $5, $6)
                 on conflict (policy_id, month, team_id) do update set vnd = excluded.vnd, at = excluded.at, by_id = excluded.by_id",
                args![asked.of.id, asked.month.first, team.id, body.vnd, whole.clock.now(), caller.member],
            )?;
            let found = queries::sheet(tx, &asked.of, &asked.place, asked.month)?;
            Ok(Json(asked.body(&whole, found)))
        })
        .await
}

/// Support that somebody has from elsewhere.
#[derive(Debug, Deserialize, ToSchema)]
pub struct OtherSupportBody {
    member: Uuid,
    /// The month's first day.
    month: Day,
    /// Which support, as policies name it.
    code: String,
    /// What is known of it.
    note: String,
    /// False takes it away again.
    has: bool,
}

/// Notes that somebody has, or does not have, support from elsewhere for a month.
#[utoipa::path(put, path = "/api/v1/allowances/other_support", operation_id = "put_other_support", tag = "allowances",
    request_body = OtherSupportBody, responses((status = 204)))]
pub async fn put_other_support(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Json(body): Json<OtherSupportBody>,
) -> AppResult<StatusCode> {
    let month = queries::month(body.month.0)?;
    let code = text(&body.code);
    if code.is_empty() {
        return Err(Refusal::new("request.validation")
            .with("field", "code")
            .into());
    }
    let whole = Arc::clone(&app);
    app.db
        .write(move |tx| {
            let home: Option<PlaceId> = tx.one(
                "select place_id from member where id = $1",
                args![body.member],
                |row| row.get(0),
            )?;
            let home = home.ok_or_else(AppError::not_found)?;
            in_scope(tx, &whole, caller.member, Role::CommuneOfficer, &home)?;
            if body.has {
                tx.execute(
                    "insert into other_support (member_id, month, code, note, at, by_id) values ($1, $2, $3, $4, $5, $6)
                     on conflict (member_id, month, code) do update set note = excluded.note",
                    args![body.member, month.first, &code, &text(&body.note), whole.clock.now(), caller.member],
                )?;
            } else {
                tx.execute(
                    "delete from other_support where member_id = $1 and month = $2 and code = $3",
                    args![body.member, month.first, &code],
                )?;
            }
            Ok(StatusCode::NO_CONTENT)
        })
        .await
}

/// The words of the file; see `messages/allowances.vi.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    file: String,
    columns: [String; 7],
    top_up: String,
    total: String,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../messages/allowances.vi.json"))
        .expect("the words are checked by a test")
});

/// A month's list as a file to print and sign.
#[utoipa::path(get, path = "/api/v1/allowances/sheet.csv", operation_id = "get_sheet_csv", tag = "allowances",
    params(SheetQuery), responses((status = 200, body = Binary, content_type = "text/csv")))]
pub async fn get_sheet_csv(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Query(query): Query<SheetQuery>,
) -> AppResult<Response> {
    let whole = Arc::clone(&app);
    let (asked, found) = app
        .db
        .read(move |tx| {
            let asked = Asked::open(tx, &whole, caller.member, &query)?;
            let found = queries::sheet(tx, &asked.of, &asked.place, asked.month)?;
            Ok((asked, found))
        })
        .await?;
    let file = csv_file(&asked.of.policy, &found)
        .map_err(|fault| AppError::Internal(fault.to_string()))?;
    let month = asked.month.first;
    let (number, year) = (u8::from(month.month()), month.year());
    let place = &asked.place.full_name;
    let name = format!("{} – {place} – {year}-{number:02}.csv", WORDS.file);
    let head = [
        (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, attachment(&name)),
    ];
    Ok((head, file).into_response())
}

fn csv_file(policy: &Policy, found: &Found) -> Result<Vec<u8>, csv::Error> {
    // Excel knows by this mark that it is UTF-8.
    let mut out = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .from_writer("\u{feff}".as_bytes().to_vec());
    out.write_record(&WORDS.columns)?;
    for (line, number) in found.lines.iter().zip(1_u32..) {
        let number = number.to_string();
        let mut row = |what: &str, name: &str, days: &str, vnd: i64| {
            let vnd = vnd.to_string();
            out.write_record([&number, &line.team.name, what, name, days, &vnd, ""])
        };
        for paid in &line.people {
            let days = paid.days.to_string();
            row(&policy.person_part, &paid.member.name, &days, paid.vnd)?;
        }
        for (what, vnd) in [
            (&policy.team_part, line.team_part_vnd),
            (&WORDS.top_up, line.top_up_vnd),
        ] {
            if vnd > 0 {
                row(what, "", "", vnd)?;
            }
        }
    }
    let total = found.total_vnd().to_string();
    out.write_record([&WORDS.total, "", "", "", "", &total, ""])?;
    out.into_inner()
        .map_err(|fault| std::io::Error::other(fault.to_string()).into())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_words_of_the_file_are_there() {
        assert_eq!(super::WORDS.columns.len(), 7);
    }
}
