//! Wire types and handlers for rosters.

use super::commands::{self, Generated, Wanted};
use super::filling::{self, Question, missing};
use super::store::{self, Listing, Ruling, Shift, Standing, Who};
use super::suited::{Suited, suited};
use crate::App;
use crate::features::facts::NameRef;
use crate::features::members::Role;
use crate::features::places;
use crate::platform::db::Tx;
use crate::platform::http::{Anyone, Caller, LeaderUp, OfficerUp};
use crate::platform::problem::{AppError, AppResult};
use crate::platform::wire::{Day, Instant, Json, Path, Query};
use axum::extract::State;
use domain::ids::{MemberId, PlaceId, PointId, ShiftId};
use domain::refusal::Refusal;
use domain::rosters::fit::{Availability, Reason};
use domain::rosters::{Document, Rule, Source, month_of};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use time::Date;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Days one list covers, at most.
const DAYS_MAX: i32 = 62;
/// Suggestions for a gap.
const SUGGESTED: usize = 8;

/// Which point.
#[derive(Debug, Deserialize, IntoParams)]
pub struct RulesQuery {
    /// The point.
    point: Uuid,
}

/// How many people a point needs when, and since which agreement.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleBody {
    id: Uuid,
    point: Uuid,
    rule: Rule,
    /// The agreement or order it was made from.
    source: Document,
    valid_from: Day,
    valid_to: Option<Day>,
}

impl From<Ruling> for RuleBody {
    fn from(ruling: Ruling) -> Self {
        Self {
            id: ruling.id,
            point: ruling.point.0,
            rule: ruling.rule,
            source: ruling.source,
            valid_from: Day(ruling.valid_from),
            valid_to: ruling.valid_to.map(Day),
        }
    }
}

/// The rules of a point.
#[derive(Debug, Serialize, ToSchema)]
pub struct RulesBody {
    rules: Vec<RuleBody>,
}

/// The rules of a point.
#[utoipa::path(get, path = "/api/v1/rosters/rules", operation_id = "list_staffing_rules", tag = "rosters",
    params(RulesQuery), responses((status = 200, body = RulesBody)))]
pub async fn list_rules(
    caller: Caller<LeaderUp>,
    State(app): State<Arc<App>>,
    Query(query): Query<RulesQuery>,
) -> AppResult<Json<RulesBody>> {
    app.db
        .read(move |tx| {
            let point = PointId(query.point);
            store::place_of_point(tx, point, caller.member, Role::Leader)?
                .ok_or_else(AppError::not_found)?;
            let rules = store::rules(tx, point)?.into_iter().map(RuleBody::from);
            Ok(Json(RulesBody {
                rules: rules.collect(),
            }))
        })
        .await
}

/// A rule to make, or to put in the place of its old form.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PutRuleBody {
    point: Uuid,
    rule: Rule,
    source: Document,
    valid_from: Day,
    valid_to: Option<Day>,
}

/// Makes or changes a rule. Shifts follow when they are generated.
#[utoipa::path(put, path = "/api/v1/rosters/rules/{id}", operation_id = "put_staffing_rule", tag = "rosters",
    params(("id" = Uuid, Path)), request_body = PutRuleBody, responses((status = 200, body = RuleBody)))]
pub async fn put_rule(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
    Json(body): Json<PutRuleBody>,
) -> AppResult<Json<RuleBody>> {
    let ruling = Ruling {
        id,
        point: PointId(body.point),
        rule: body.rule,
        source: Document {
            title: vn::text::normalise(&body.source.title),
            number: vn::text::normalise(&body.source.number),
            ..body.source
        },
        valid_from: body.valid_from.0,
        valid_to: body.valid_to.map(|day| day.0),
    };
    app.db
        .write(move |tx| {
            commands::put_rule(tx, caller.member, &ruling)?;
            Ok(Json(RuleBody::from(ruling)))
        })
        .await
}

/// Which month of which place.
#[derive(Debug, Deserialize, ToSchema)]
pub struct MonthBody {
    /// All points there and below.
    #[schema(value_type = String)]
    place: PlaceId,
    /// Any day of the month.
    month: Day,
}

/// What became of the shifts of a month.
#[derive(Debug, Serialize, ToSchema)]
pub struct GeneratedBody {
    /// New ones.
    made: u32,
    /// Made what the rules say now; nobody was on them.
    changed: u32,
    /// Called off, since no rule makes them; nobody was on them.
    cancelled: u32,
    /// Left as they are although the rules say otherwise: somebody is on them.
    kept: u32,
}

/// Makes the shifts of a month what the rules say.
#[utoipa::path(post, path = "/api/v1/rosters/generate", operation_id = "generate_shifts", tag = "rosters",
    request_body = MonthBody, responses((status = 200, body = GeneratedBody)))]
pub async fn generate(
    caller: Caller<LeaderUp>,
    State(app): State<Arc<App>>,
    Json(body): Json<MonthBody>,
) -> AppResult<Json<GeneratedBody>> {
    let now = app.clock.now();
    let clock = app.clock.clone();
    app.db
        .write(move |tx| {
            let path = need_led(tx, caller.member, &body.place, now)?;
            let points = store::points(tx, &path, None)?;
            let month = month_of(body.month.0);
            let done = commands::generate(tx, &points, &path, month, now, &|| clock.new_id())?;
            let Generated {
                made,
                changed,
                cancelled,
                kept,
            } = done;
            Ok(Json(GeneratedBody {
                made,
                changed,
                cancelled,
                kept,
            }))
        })
        .await
}

/// The path of a place that the caller leads or is an officer above.
pub fn need_led(
    tx: &Tx<'_>,
    by: MemberId,
    place: &PlaceId,
    now: time::OffsetDateTime,
) -> AppResult<String> {
    let today = domain::days::day_of(now);
    let place = places::store::need_in_scope(tx, by, Role::Leader, place, today)?;
    Ok(place.path)
}

/// A service point's name.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PointRef {
    id: Uuid,
    name: String,
}

/// Somebody at a shift.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OnShift {
    member: NameRef,
    source: Source,
    /// Whether they look for somebody to take over.
    offered: bool,
}

/// A shift and who stands at it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ShiftBody {
    id: Uuid,
    point: PointRef,
    place_id: String,
    day: Day,
    starts_at: Instant,
    ends_at: Instant,
    people_min: u32,
    people_max: u32,
    /// Skills asked for, by code.
    skills: Vec<String>,
    cancelled: bool,
    /// People it still needs.
    missing: u32,
    people: Vec<OnShift>,
}

impl From<(Shift, Vec<Standing>)> for ShiftBody {
    fn from((shift, people): (Shift, Vec<Standing>)) -> Self {
        let missing = if shift.cancelled {
            0
        } else {
            missing(&shift, &people)
        };
        let person = |one: Standing| OnShift {
            member: NameRef {
                id: one.member.0,
                name: one.name,
            },
            source: one.source,
            offered: one.offered_at.is_some(),
        };
        Self {
            id: shift.id.0,
            point: PointRef {
                id: shift.point.0,
                name: shift.point_name,
            },
            place_id: shift.place.to_string(),
            day: Day(shift.day),
            starts_at: Instant(shift.starts_at),
            ends_at: Instant(shift.ends_at),
            people_min: shift.people_min,
            people_max: shift.people_max,
            skills: shift.skills,
            cancelled: shift.cancelled,
            missing,
            people: people.into_iter().map(person).collect(),
        }
    }
}

/// Shifts from a day on at or below a path that changed after a revision: what phones carry.
///
/// # Errors
/// The storage's.
pub fn shifts_below(tx: &Tx<'_>, path: &str, since: i64, from: Date) -> AppResult<Vec<ShiftBody>> {
    let listing = Listing {
        path,
        point: None,
        member: None,
        from,
        to: None,
        since,
    };
    let shifts = store::list(tx, &listing)?;
    // A phone that knows nothing yet need not hear of what was called off.
    let news = shifts
        .into_iter()
        .filter(|(shift, _)| since >= 0 || !shift.cancelled);
    Ok(news.map(ShiftBody::from).collect())
}

/// A member's shifts from a day on at points outside their places, in order.
///
/// # Errors
/// The storage's.
pub fn shifts_away(
    tx: &Tx<'_>,
    member: MemberId,
    homes: &[&str],
    from: Date,
) -> AppResult<Vec<ShiftBody>> {
    let at_home = |shift: &Shift| homes.iter().any(|home| shift.path.starts_with(home));
    let shifts = store::of_member(tx, member, from)?.into_iter();
    let away = shifts.filter(|shift| !shift.cancelled && !at_home(shift));
    away.map(|shift| {
        let people = store::people(tx, shift.id)?;
        Ok(ShiftBody::from((shift, people)))
    })
    .collect()
}

/// Which shifts.
#[derive(Debug, Deserialize, IntoParams)]
pub struct ShiftsQuery {
    /// At points there and below.
    #[param(value_type = String)]
    place: PlaceId,
    /// Only of this point.
    point: Option<Uuid>,
    /// Only where this member stands.
    member: Option<Uuid>,
    /// First day.
    #[param(value_type = String)]
    from: Day,
    /// Last day, at most 62 days on.
    #[param(value_type = String)]
    to: Day,
}

/// Shifts, by when they begin.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShiftsBody {
    shifts: Vec<ShiftBody>,
}

/// Shifts of some days.
#[utoipa::path(get, path = "/api/v1/rosters/shifts", operation_id = "list_shifts", tag = "rosters",
    params(ShiftsQuery), responses((status = 200, body = ShiftsBody)))]
pub async fn list_shifts(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Query(query): Query<ShiftsQuery>,
) -> AppResult<Json<ShiftsBody>> {
    let today = app.clock.today();
    app.db
        .read(move |tx| {
            let (from, to) = (query.from.0, query.to.0);
            if !(0..DAYS_MAX).contains(&domain::days::days_between(from, to)) {
                return Err(Refusal::new("roster.period")
                    .with("days_max", DAYS_MAX)
                    .into());
            }
            let least = Role::Volunteer;
            let place = &query.place;
            let place = places::store::need_in_scope(tx, caller.member, least, place, today)?;
            let listing = Listing {
                path: &place.path,
                point: query.point.map(PointId),
                member: query.member.map(MemberId),
                from,
                to: Some(to),
                since: -1,
            };
            let shifts = store::list(tx, &listing)?.into_iter();
            Ok(Json(ShiftsBody {
                shifts: shifts.map(ShiftBody::from).collect(),
            }))
        })
        .await
}

/// Whether somebody is to stand at a shift.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PutPersonBody {
    member: Uuid,
    /// True to give it to them, false to take it from them.
    stands: bool,
    /// Why it is taken from them.
    reason: Option<String>,
}

/// Gives a shift to somebody, or takes it from them.
#[utoipa::path(put, path = "/api/v1/rosters/shifts/{id}/people", operation_id = "put_on_shift", tag = "rosters",
    params(("id" = Uuid, Path)), request_body = PutPersonBody, responses((status = 200, body = ShiftBody)))]
pub async fn put_person(
    caller: Caller<LeaderUp>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
    Json(body): Json<PutPersonBody>,
) -> AppResult<Json<ShiftBody>> {
    let clock = app.clock.clone();
    app.db
        .write(move |tx| {
            let who = (ShiftId(id), MemberId(body.member));
            let wanted = if body.stands {
                Wanted::On
            } else {
                Wanted::Off(body.reason)
            };
            commands::put_person(tx, &clock, caller.member, who, wanted)?;
            let shift = store::find(tx, who.0)?.ok_or_else(AppError::not_found)?;
            let people = store::people(tx, who.0)?;
            Ok(Json(ShiftBody::from((shift, people))))
        })
        .await
}

/// Somebody who could fill a gap, and what speaks for them.
#[derive(Debug, Serialize, ToSchema)]
pub struct SuggestionBody {
    member: NameRef,
    /// The app has the words.
    reasons: Vec<Reason>,
    /// Shifts they have that month.
    shifts: usize,
}

/// Who could fill a gap, the best first.
#[derive(Debug, Serialize, ToSchema)]
pub struct SuggestionsBody {
    suggestions: Vec<SuggestionBody>,
}

/// Who could fill a gap: free, able and rested, the best first.
#[utoipa::path(get, path = "/api/v1/rosters/shifts/{id}/suggestions", operation_id = "suggest_for_shift", tag = "rosters",
    params(("id" = Uuid, Path)), responses((status = 200, body = SuggestionsBody)))]
pub async fn suggest(
    caller: Caller<LeaderUp>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
) -> AppResult<Json<SuggestionsBody>> {
    let today = app.clock.today();
    app.db
        .read(move |tx| {
            let shift = commands::need_led(tx, caller.member, ShiftId(id), today)?;
            let around = places::store::find(tx, &shift.place, today)?;
            let path = around.map_or_else(String::new, |place| place.path);
            // Neighbours may help out: everybody in the unit above who said when they are free.
            let above = path.trim_end_matches('/').rsplit_once('/');
            let above = above.map_or(path.clone(), |(above, _)| format!("{above}/"));
            let best = suited(tx, Who::Below(&above), &shift)?.into_iter();
            let suggestion = |one: Suited| SuggestionBody {
                member: NameRef {
                    id: one.member.0,
                    name: one.name,
                },
                reasons: one.reasons,
                shifts: one.shifts,
            };
            let best = best.take(SUGGESTED).map(suggestion);
            Ok(Json(SuggestionsBody {
                suggestions: best.collect(),
            }))
        })
        .await
}

/// Somebody the proposal gives a shift to.
#[derive(Debug, Serialize, ToSchema)]
pub struct GivenBody {
    shift: Uuid,
    member: NameRef,
}

/// A month filled, not written yet.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProposalBody {
    /// Names the state it was made from; give it back to accept.
    mark: String,
    given: Vec<GivenBody>,
    /// People still missing.
    missing: u32,
    /// What the soft rules cost in it: distance, wishes, fairness.
    value: i64,
    /// With as many gaps, no roster costs less.
    bound: i64,
    /// How much more than that it costs, in thousandths.
    gap_permille: i64,
    /// Most shifts anybody has in the month.
    shifts_most: usize,
    /// Fewest, of those it gives any.
    shifts_fewest: usize,
}

/// Who would stand where if the gaps of a month were filled now. Writes nothing.
#[utoipa::path(post, path = "/api/v1/rosters/fill", operation_id = "propose_filling", tag = "rosters",
    request_body = MonthBody, responses((status = 200, body = ProposalBody)))]
pub async fn propose(
    caller: Caller<LeaderUp>,
    State(app): State<Arc<App>>,
    Json(body): Json<MonthBody>,
) -> AppResult<Json<ProposalBody>> {
    let now = app.clock.now();
    let asked = app.db.read(move |tx| {
        let path = need_led(tx, caller.member, &body.place, now)?;
        let question = Question::read(tx, &path, month_of(body.month.0), now)?;
        Ok((question.mark(), question))
    });
    let (mark, question) = asked.await?;
    let (question, given, quality) = question.answer(&app).await?;
    let name = |(person, shift): (usize, usize)| GivenBody {
        shift: question.shifts[shift].id.0,
        member: NameRef {
            id: question.people[person].0.member.0,
            name: question.people[person].1.clone(),
        },
    };
    Ok(Json(ProposalBody {
        mark,
        given: given.into_iter().map(name).collect(),
        missing: quality.missing,
        value: quality.value,
        bound: quality.bound,
        gap_permille: quality.gap_permille(),
        shifts_most: quality.shifts_most,
        shifts_fewest: quality.shifts_fewest,
    }))
}

/// A proposal to write.
#[derive(Debug, Deserialize, ToSchema)]
pub struct AcceptBody {
    /// As it was asked for.
    #[serde(flatten)]
    of: MonthBody,
    /// Of the proposal.
    mark: String,
}

/// How many shifts were given.
#[derive(Debug, Serialize, ToSchema)]
pub struct FilledBody {
    given: usize,
}

/// Writes a proposal, all of it or, when anything has changed since, nothing.
#[utoipa::path(post, path = "/api/v1/rosters/fill/accept", operation_id = "accept_filling", tag = "rosters",
    request_body = AcceptBody, responses((status = 200, body = FilledBody)))]
pub async fn accept(
    caller: Caller<LeaderUp>,
    State(app): State<Arc<App>>,
    Json(body): Json<AcceptBody>,
) -> AppResult<Json<FilledBody>> {
    let now = app.clock.now();
    let month = month_of(body.of.month.0);
    let place = body.of.place;
    // Solved again, for the same question has the same answer, but before others are kept
    // waiting.
    let asked = app.db.read(move |tx| {
        let path = need_led(tx, caller.member, &place, now)?;
        let question = Question::read(tx, &path, month, now)?;
        if question.mark() != body.mark {
            return Err(AppError::problem("roster.stale"));
        }
        Ok((path, question, body.mark))
    });
    let (path, question, mark) = asked.await?;
    let (question, given, _) = question.answer(&app).await?;
    let pair = |(person, shift): (usize, usize)| {
        (question.people[person].0.member, question.shifts[shift].id)
    };
    let given: Vec<_> = given.into_iter().map(pair).collect();
    app.db
        .write(move |tx| {
            filling::accept(tx, caller.member, (&path, month), &mark, &given, now)?;
            Ok(Json(FilledBody { given: given.len() }))
        })
        .await
}

/// What somebody said of their time; nothing yet.
#[derive(Debug, Serialize, ToSchema)]
pub struct AvailabilityBody {
    availability: Option<Availability>,
}

/// One's own availability.
#[utoipa::path(get, path = "/api/v1/rosters/availability", operation_id = "get_availability", tag = "rosters",
    responses((status = 200, body = AvailabilityBody)))]
pub async fn get_availability(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
) -> AppResult<Json<AvailabilityBody>> {
    app.db
        .read(move |tx| {
            let availability = store::availability(tx, caller.member)?;
            Ok(Json(AvailabilityBody { availability }))
        })
        .await
}

/// Says when one can and would like to.
#[utoipa::path(put, path = "/api/v1/rosters/availability", operation_id = "put_availability", tag = "rosters",
    request_body = Availability, responses((status = 200, body = AvailabilityBody)))]
pub async fn put_availability(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Json(said): Json<Availability>,
) -> AppResult<Json<AvailabilityBody>> {
    said.check()?;
    app.db
        .write(move |tx| {
            store::put_availability(tx, caller.member, &said)?;
            Ok(Json(AvailabilityBody {
                availability: Some(said),
            }))
        })
        .await
}
