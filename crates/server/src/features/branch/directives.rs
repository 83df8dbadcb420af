//! Wire types and handlers for directives: sent to all teams below, passed on by offices
//! in between, and what came of them.

use super::store::{self, Count, Directive, Passing, ReceiptLine};
use super::telling::{self, Sent};
use crate::App;
use crate::features::members::Role;
use crate::features::places::{self, store::Place};
use crate::platform::db::Tx;
use crate::platform::http::{Caller, OfficerUp};
use crate::platform::problem::{AppError, AppResult};
use crate::platform::wire::{Day, Instant, Json, Path, Query};
use axum::extract::State;
use axum::http::StatusCode;
use domain::branch::{Ask, document_number, due_day, long_option};
use domain::days::day_of;
use domain::facts::TEXT_CHARS_MAX;
use domain::ids::{DirectiveId, MemberId, PlaceId, TeamId};
use domain::notifications::NoticeKind;
use domain::people::TeamKind;
use domain::refusal::Refusal;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;
use time::{Date, Duration, OffsetDateTime};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Directives in one list, at most.
const LISTED_MAX: i64 = 200;
/// How long directives that are over stay on phones.
const OVER: Duration = Duration::days(62);

/// An office in between that passed a directive on.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PassingBody {
    id: Uuid,
    /// Its place.
    place_name: String,
    by: String,
    /// In its own words.
    text: String,
    /// Until when there.
    due_on: Option<Day>,
    at: Instant,
}

/// What a directive says.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DirectiveText {
    id: Uuid,
    title: String,
    /// What it says; lines are kept.
    text: String,
    /// Number and sign of the document; empty for none.
    number: String,
    issued_on: Option<Day>,
    /// Until when, on a working day.
    due_on: Option<Day>,
    /// A few words are to be told.
    asks_text: bool,
    /// A number of this is to be told; empty for none.
    asks_number: String,
    /// Whose place it comes from.
    place_id: String,
    place_name: String,
    sent_at: Instant,
    sent_by: String,
    /// Taken back.
    withdrawn: bool,
}

/// What came of a directive in a team.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReceiptBody {
    team_id: Uuid,
    read_at: Option<Instant>,
    read_by: Option<String>,
    reported_at: Option<Instant>,
    reported_by: Option<String>,
    /// What was told in words.
    result_text: Option<String>,
    /// What was told as a number.
    result_number: Option<u32>,
}

impl ReceiptBody {
    fn of(line: &ReceiptLine) -> Self {
        let at = |moment: Option<(OffsetDateTime, MemberId)>| moment.map(|(at, _)| Instant(at));
        Self {
            team_id: line.team.0,
            read_at: at(line.receipt.read),
            read_by: line.read_by.clone(),
            reported_at: at(line.receipt.reported),
            reported_by: line.reported_by.clone(),
            result_text: line.receipt.text.clone(),
            result_number: line.receipt.number,
        }
    }
}

/// A directive as it reached one team.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DirectiveBody {
    #[serde(flatten)]
    text: DirectiveText,
    #[serde(flatten)]
    receipt: ReceiptBody,
    /// Offices in between, in order.
    passings: Vec<PassingBody>,
}

/// Names of places and passings, looked up once for an answer.
struct Told<'t, 'c> {
    tx: &'t Tx<'c>,
    on: Date,
    places: HashMap<PlaceId, String>,
    passings: HashMap<DirectiveId, Vec<Passing>>,
}

impl<'t, 'c> Told<'t, 'c> {
    fn new(tx: &'t Tx<'c>, on: Date) -> Self {
        Self {
            tx,
            on,
            places: HashMap::new(),
            passings: HashMap::new(),
        }
    }

    fn place(&mut self, id: &PlaceId) -> AppResult<String> {
        if !self.places.contains_key(id) {
            let place = places::store::find(self.tx, id, self.on)?;
            let name = place.map_or_else(String::new, |place| place.full_name);
            self.places.insert(id.clone(), name);
        }
        Ok(self.places.get(id).cloned().unwrap_or_default())
    }

    fn text(&mut self, directive: &Directive) -> AppResult<DirectiveText> {
        Ok(DirectiveText {
            id: directive.id.0,
            title: directive.title.clone(),
            text: directive.text.clone(),
            number: directive.number.clone(),
            issued_on: directive.issued_on.map(Day),
            due_on: directive.due_on.map(Day),
            asks_text: directive.ask.text,
            asks_number: directive.ask.number.clone(),
            place_id: directive.place.to_string(),
            place_name: self.place(&directive.place)?,
            sent_at: Instant(directive.sent_at),
            sent_by: directive.sent_by.1.clone(),
            withdrawn: directive.withdrawn_at.is_some(),
        })
    }

    /// Who passed it on to a team at home at `path`.
    fn passings(&mut self, id: DirectiveId, path: &str) -> AppResult<Vec<PassingBody>> {
        if !self.passings.contains_key(&id) {
            self.passings.insert(id, store::passings(self.tx, id)?);
        }
        let all = self.passings.get(&id).cloned().unwrap_or_default();
        let mut found = Vec::new();
        for one in all.into_iter().filter(|one| path.starts_with(&one.path)) {
            found.push(PassingBody {
                id: one.id,
                place_name: self.place(&one.place)?,
                by: one.by.1,
                text: one.text,
                due_on: one.due_on.map(Day),
                at: Instant(one.at),
            });
        }
        Ok(found)
    }

    /// A directive as a team sees it: due when the strictest office says.
    fn whole(&mut self, directive: &Directive, line: &ReceiptLine) -> AppResult<DirectiveBody> {
        let mut text = self.text(directive)?;
        let passings = self.passings(directive.id, &line.path)?;
        let days = passings.iter().filter_map(|one| one.due_on);
        text.due_on = days.chain(text.due_on).min();
        Ok(DirectiveBody {
            text,
            receipt: ReceiptBody::of(line),
            passings,
        })
    }
}

/// Directives that phones below `path` carry: those that are not over for long, new or
/// changed since a revision.
///
/// # Errors
/// The storage's.
pub fn below(tx: &Tx<'_>, path: &str, since: i64, on: Date) -> AppResult<Vec<DirectiveBody>> {
    let mut told = Told::new(tx, on);
    let mut found = Vec::new();
    for (directive, line) in store::below(tx, path, since)? {
        let last = directive.due_on.unwrap_or(day_of(directive.sent_at));
        let over = directive.withdrawn_at.is_some() || last < on - OVER;
        if since >= 0 || !over {
            found.push(told.whole(&directive, &line)?);
        }
    }
    Ok(found)
}

/// Where.
#[derive(Debug, Deserialize, IntoParams)]
pub struct DirectivesQuery {
    /// Directives that reached teams there and below.
    #[param(value_type = String)]
    place: PlaceId,
}

/// A directive, and how far it has come.
#[derive(Debug, Serialize, ToSchema)]
pub struct DirectiveLine {
    #[serde(flatten)]
    text: DirectiveText,
    /// Teams it reached there.
    teams: i64,
    /// Of these, have read it.
    read: i64,
    /// Have reported.
    reported: i64,
}

/// Directives found.
#[derive(Debug, Serialize, ToSchema)]
pub struct DirectivesBody {
    /// The latest first, at most 200.
    directives: Vec<DirectiveLine>,
}

/// Directives that reached teams of a place and below, and how far they have come there.
#[utoipa::path(get, path = "/api/v1/directives", operation_id = "list_directives", tag = "branch", params(DirectivesQuery),
    responses((status = 200, body = DirectivesBody)))]
pub async fn list_directives(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Query(query): Query<DirectivesQuery>,
) -> AppResult<Json<DirectivesBody>> {
    let today = app.clock.today();
    app.db
        .read(move |tx| {
            let (member, role) = (caller.member, Role::CommuneOfficer);
            let place = places::store::need_in_scope(tx, member, role, &query.place, today)?;
            let mut told = Told::new(tx, today);
            let mut directives = Vec::new();
            for count in store::counts(tx, &place.path, LISTED_MAX)? {
                let Count {
                    directive,
                    teams,
                    read,
                    reported,
                } = count;
                directives.push(DirectiveLine {
                    text: told.text(&directive)?,
                    teams,
                    read,
                    reported,
                });
            }
            Ok(Json(DirectivesBody { directives }))
        })
        .await
}

/// What came of a directive in a team, for those above it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResultLine {
    #[serde(flatten)]
    receipt: ReceiptBody,
    team_name: String,
    /// Where it is at home.
    place_id: String,
    place_name: String,
    /// Until when there, if it was passed on with a day.
    due_on: Option<Day>,
    /// Nothing came back, and the day is over.
    late: bool,
    /// When its leaders were last reminded.
    reminded_at: Option<Instant>,
    /// Whether anybody leads it who can sign in.
    led: bool,
}

/// A directive with what came of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct DirectivePageBody {
    #[serde(flatten)]
    text: DirectiveText,
    /// The teams in the caller's scope.
    results: Vec<ResultLine>,
    /// What they told as numbers, together.
    number_sum: u64,
    /// Silent teams that were not reminded today.
    to_remind: usize,
    /// Who passed it on.
    passings: Vec<PassingBody>,
    /// Whether the caller may take it back.
    may_withdraw: bool,
}

/// Whether something is still to come from a team.
fn is_silent(ask: &Ask, line: &ReceiptLine) -> bool {
    line.receipt.read.is_none() || (ask.is_some() && line.receipt.reported.is_none())
}

/// Whether a team may be reminded now: it is silent, and was not reminded today.
fn may_remind(ask: &Ask, line: &ReceiptLine, today: Date) -> bool {
    let today_already = line.reminded_at.is_some_and(|at| day_of(at) == today);
    line.led && is_silent(ask, line) && !today_already
}

/// The page of a directive for an officer, of whose teams it reached at least one.
fn page(
    tx: &Tx<'_>,
    caller: MemberId,
    id: DirectiveId,
    today: Date,
) -> AppResult<DirectivePageBody> {
    let directive = store::find(tx, id)?.ok_or_else(AppError::not_found)?;
    let lines = store::receipts(tx, id, caller)?;
    if lines.is_empty() {
        return Err(AppError::not_found());
    }
    let mut told = Told::new(tx, today);
    let (mut results, mut number_sum) = (Vec::with_capacity(lines.len()), 0);
    let mut passings: Vec<PassingBody> = Vec::new();
    for line in &lines {
        let whole = told.whole(&directive, line)?;
        for passing in whole.passings {
            if passings.iter().all(|known| known.id != passing.id) {
                passings.push(passing);
            }
        }
        let due_on = whole.text.due_on;
        number_sum += u64::from(line.receipt.number.unwrap_or(0));
        results.push(ResultLine {
            receipt: whole.receipt,
            team_name: line.name.clone(),
            place_id: line.place.to_string(),
            place_name: told.place(&line.place)?,
            due_on,
            late: due_on.is_some_and(|due| due.0 < today) && is_silent(&directive.ask, line),
            reminded_at: line.reminded_at.map(Instant),
            led: line.led,
        });
    }
    let role = Role::CommuneOfficer;
    let above = places::store::find_in_scope(tx, caller, role, &directive.place, today)?;
    let open = directive.withdrawn_at.is_none();
    let waiting = lines
        .iter()
        .filter(|line| open && may_remind(&directive.ask, line, today));
    Ok(DirectivePageBody {
        to_remind: waiting.count(),
        text: told.text(&directive)?,
        results,
        number_sum,
        passings,
        may_withdraw: above.is_some() && open,
    })
}

/// A directive with what came of it in the teams of the caller's scope.
#[utoipa::path(get, path = "/api/v1/directives/{id}", operation_id = "get_directive", tag = "branch",
    params(("id" = Uuid, Path)), responses((status = 200, body = DirectivePageBody)))]
pub async fn get_directive(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
) -> AppResult<Json<DirectivePageBody>> {
    let today = app.clock.today();
    app.db
        .read(move |tx| Ok(Json(page(tx, caller.member, DirectiveId(id), today)?)))
        .await
}

/// A directive to send.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewDirectiveBody {
    /// To teams at or below.
    #[schema(value_type = String)]
    pub place_id: PlaceId,
    /// Only to teams of this kind.
    pub team_kind: Option<TeamKind>,
    /// Title.
    pub title: String,
    /// What it says.
    pub text: String,
    /// Number and sign of the document, as `225-KH/TWĐTN-CTTN`; empty for none.
    #[serde(default)]
    pub number: String,
    /// The document's day.
    pub issued_on: Option<Day>,
    /// Until when.
    pub due_on: Option<Day>,
    /// A few words are to be told.
    #[serde(default)]
    pub asks_text: bool,
    /// A number of this is to be told; empty for none.
    #[serde(default)]
    pub asks_number: String,
}

fn wrong(field: &str) -> Refusal {
    Refusal::new("request.validation").with("field", field)
}

fn brief(raw: &str, field: &str) -> Result<String, Refusal> {
    let text = vn::text::normalise(raw);
    (text.chars().count() <= TEXT_CHARS_MAX)
        .then_some(text)
        .ok_or_else(|| wrong(field))
}

fn long(raw: String, field: &str) -> Result<String, Refusal> {
    let text = long_option(field, Some(raw)).map_err(|_| wrong(field))?;
    Ok(text.unwrap_or_default())
}

/// Sends a directive to all teams below its place and tells their leaders; again under the
/// same id changes nothing.
///
/// # Errors
/// `request.validation`, `directive.number`, `directive.no_teams`, `directive.sent`, or the
/// storage's.
pub fn send(
    tx: &mut Tx<'_>,
    id: DirectiveId,
    place: &Place,
    by: MemberId,
    body: NewDirectiveBody,
    now: OffsetDateTime,
) -> AppResult<()> {
    if let Some(sent) = store::find(tx, id)? {
        return match sent.sent_by.0 == by {
            true => Ok(()),
            false => Err(AppError::problem("directive.sent")),
        };
    }
    let today = day_of(now);
    let title = brief(&body.title, "title")?;
    if title.is_empty() {
        return Err(wrong("title").into());
    }
    let number = match body.number.trim() {
        "" => String::new(),
        raw => {
            let read = document_number(raw);
            read.ok_or_else(|| Refusal::new("directive.number").with("number", raw))?
        }
    };
    let due_on = body.due_on.map(|day| due_day(day.0));
    if due_on.is_some_and(|day| day < today) {
        return Err(wrong("due_on").into());
    }
    let directive = Directive {
        id,
        place: place.id.clone(),
        team_kind: body.team_kind,
        title,
        text: long(body.text, "text")?,
        number,
        issued_on: body.issued_on.map(|day| day.0),
        due_on,
        ask: Ask {
            text: body.asks_text,
            number: brief(&body.asks_number, "asks_number")?,
        },
        sent_at: now,
        sent_by: (by, String::new()),
        withdrawn_at: None,
    };
    let teams = store::send(tx, &directive, &place.path, today)?;
    if teams.is_empty() {
        return Err(AppError::problem("directive.no_teams"));
    }
    let about = id.to_string();
    let sent = Sent {
        id,
        about: &about,
        title: &directive.title,
        from: &place.full_name,
        due_on,
    };
    tell(tx, &teams, NoticeKind::DirectiveSent, &sent, now)
}

fn tell(
    tx: &mut Tx<'_>,
    teams: &[TeamId],
    kind: NoticeKind,
    sent: &Sent<'_>,
    now: OffsetDateTime,
) -> AppResult<()> {
    for team in teams {
        telling::directive(tx, *team, kind, sent, now)?;
    }
    Ok(())
}

/// Sends a directive, under an id of the caller's, to all teams at or below a place.
#[utoipa::path(put, path = "/api/v1/directives/{id}", operation_id = "send_directive", tag = "branch",
    params(("id" = Uuid, Path)), request_body = NewDirectiveBody, responses((status = 200, body = DirectivePageBody)))]
pub async fn send_directive(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
    Json(body): Json<NewDirectiveBody>,
) -> AppResult<Json<DirectivePageBody>> {
    let (now, id) = (app.clock.now(), DirectiveId(id));
    app.db
        .write(move |tx| {
            let (member, role, today) = (caller.member, Role::CommuneOfficer, day_of(now));
            let place = places::store::need_in_scope(tx, member, role, &body.place_id, today)?;
            send(tx, id, &place, member, body, now)?;
            Ok(Json(page(tx, member, id, today)?))
        })
        .await
}

/// Takes a directive back; what came of it stays.
#[utoipa::path(delete, path = "/api/v1/directives/{id}", operation_id = "withdraw_directive", tag = "branch",
    params(("id" = Uuid, Path)), responses((status = 204)))]
pub async fn withdraw_directive(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
) -> AppResult<StatusCode> {
    let (now, id) = (app.clock.now(), DirectiveId(id));
    app.db
        .write(move |tx| {
            let directive = store::find(tx, id)?.ok_or_else(AppError::not_found)?;
            let (member, role) = (caller.member, Role::CommuneOfficer);
            places::store::need_in_scope(tx, member, role, &directive.place, day_of(now))?;
            store::withdraw(tx, id, now)?;
            Ok(StatusCode::NO_CONTENT)
        })
        .await
}

/// A directive passed on.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewPassingBody {
    /// To the teams it reached at or below.
    #[schema(value_type = String)]
    place_id: PlaceId,
    /// In one's own words.
    text: String,
    /// Until when there; no later than the directive's own day.
    due_on: Option<Day>,
}

/// Passes a directive on to one's own teams, in one's own words and perhaps with an earlier
/// day, under an id of the caller's. What they report is reported once for all above them.
#[utoipa::path(put, path = "/api/v1/directives/{id}/passings/{passing}", operation_id = "pass_directive", tag = "branch",
    params(("id" = Uuid, Path), ("passing" = Uuid, Path)), request_body = NewPassingBody,
    responses((status = 200, body = DirectivePageBody)))]
pub async fn pass_directive(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Path((id, passing)): Path<(Uuid, Uuid)>,
    Json(body): Json<NewPassingBody>,
) -> AppResult<Json<DirectivePageBody>> {
    let (now, id) = (app.clock.now(), DirectiveId(id));
    app.db
        .write(move |tx| {
            let (member, role, today) = (caller.member, Role::CommuneOfficer, day_of(now));
            let place = places::store::need_in_scope(tx, member, role, &body.place_id, today)?;
            let directive = store::find(tx, id)?.ok_or_else(AppError::not_found)?;
            if store::teams_reached(tx, id, &place.path)?.is_empty() {
                return Err(AppError::not_found());
            }
            if directive.withdrawn_at.is_some() {
                return Err(AppError::problem("directive.withdrawn"));
            }
            let text = long(body.text, "text")?;
            if text.is_empty() {
                return Err(wrong("text").into());
            }
            let due_on = body.due_on.map(|day| due_day(day.0));
            let too_late =
                matches!((due_on, directive.due_on), (Some(own), Some(last)) if own > last);
            if too_late || due_on.is_some_and(|day| day < today) {
                return Err(wrong("due_on").into());
            }
            let passing = Passing {
                id: passing,
                directive: id,
                place: place.id,
                path: place.path,
                text,
                due_on,
                at: now,
                by: (member, String::new()),
            };
            let teams = store::pass(tx, &passing)?;
            let sent = Sent {
                id,
                about: &format!("{id}:{}", passing.id),
                title: &directive.title,
                from: &place.full_name,
                due_on: due_on.or(directive.due_on),
            };
            tell(tx, &teams, NoticeKind::DirectiveSent, &sent, now)?;
            Ok(Json(page(tx, member, id, today)?))
        })
        .await
}

/// Reminds the leaders of the caller's teams from which nothing came yet, each team once a
/// day at most.
#[utoipa::path(post, path = "/api/v1/directives/{id}/reminders", operation_id = "remind_directive", tag = "branch",
    params(("id" = Uuid, Path)), responses((status = 200, body = DirectivePageBody)))]
pub async fn remind_directive(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
) -> AppResult<Json<DirectivePageBody>> {
    let (now, id) = (app.clock.now(), DirectiveId(id));
    app.db
        .write(move |tx| {
            let (member, today) = (caller.member, day_of(now));
            let directive = store::find(tx, id)?.ok_or_else(AppError::not_found)?;
            let lines = store::receipts(tx, id, member)?;
            let from = places::store::find(tx, &directive.place, today)?;
            let from = from.map_or_else(String::new, |place| place.full_name);
            let sent = Sent {
                id,
                about: &format!("{id}:{today}"),
                title: &directive.title,
                from: &from,
                due_on: directive.due_on,
            };
            let open = directive.withdrawn_at.is_none();
            for line in lines
                .iter()
                .filter(|line| open && may_remind(&directive.ask, line, today))
            {
                store::remind(tx, id, line.team, now)?;
                telling::directive(tx, line.team, NoticeKind::DirectiveReminder, &sent, now)?;
            }
            Ok(Json(page(tx, member, id, today)?))
        })
        .await
}
