//! Wire types and handlers for progress.

use super::atlas::Holder;
use super::boards::{self, Board};
use super::queries::{self, Child, Period, Question, Standing};
use crate::App;
use crate::args;
use crate::features::campaigns::IndicatorBrief;
use crate::features::campaigns::store as campaigns;
use crate::features::facts::circle::Circle;
use crate::features::facts::{FactView, ledger, measures, view};
use crate::features::members::{Role, TeamRef};
use crate::features::places::store::Place;
use crate::features::places::{self, PlaceRef};
use crate::platform::http::{Anyone, Caller};
use crate::platform::problem::{AppError, AppResult};
use crate::platform::wire::{Day, Json, Path, Query};
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use domain::cube::Node;
use domain::ids::{CampaignId, PlaceId, TeamId};
use domain::observations::subjects;
use domain::progress::{Pace, elapsed_percent};
use futures_util::stream::{self, Stream};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Facts on one page.
const PAGE: usize = 50;

/// Which place and day.
#[derive(Debug, Deserialize, IntoParams)]
pub struct ProgressQuery {
    /// The place; the campaign's if absent.
    #[param(value_type = Option<String>)]
    place: Option<PlaceId>,
    /// As of the end of this day; today if absent, within the campaign.
    #[param(value_type = Option<Day>)]
    on: Option<Day>,
}

/// What a ratio was divided by.
#[derive(Debug, Serialize, ToSchema)]
pub struct DenominatorBody<'a> {
    value: i64,
    as_of: Day,
    /// Null when it is counted by ourselves.
    source: Option<&'a str>,
}

/// How an indicator stands, in short.
#[derive(Debug, Serialize, ToSchema)]
pub struct StandingBrief<'a> {
    /// Indicator code.
    code: &'a str,
    /// The count, or the rate in thousandths.
    result: Option<i64>,
    /// The number to reach, or the rate in thousandths.
    target: Option<i64>,
    /// Result in percent of the target.
    percent: Option<f64>,
    /// Time elapsed in percent.
    expected_percent: f64,
    /// How it stands against the time that has passed.
    pace: Pace,
    /// Units that reached their own minimum.
    units_met: Option<i64>,
    /// Units there are.
    units_total: Option<i64>,
}

impl<'a> StandingBrief<'a> {
    fn of(code: &'a str, standing: &Standing) -> Self {
        Self {
            code,
            result: standing.result,
            target: standing.target,
            percent: standing.percent,
            expected_percent: (standing.expected_percent * 10.0).round() / 10.0,
            pace: standing.pace,
            units_met: standing.units.map(|(met, _)| met),
            units_total: standing.units.map(|(_, all)| all),
        }
    }
}

/// An indicator and how it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct IndicatorStanding<'a> {
    #[schema(value_type = IndicatorBrief)]
    indicator: &'a RawValue,
    #[serde(flatten)]
    brief: StandingBrief<'a>,
    /// Of the count, those nobody is known for.
    anonymous: i64,
    /// Counted after the deadline, not in the result.
    late: i64,
    /// Above the line of a ratio.
    numerator: Option<i64>,
    /// Below it.
    denominator: Option<DenominatorBody<'a>>,
    /// When the target is reached at the speed of the last four weeks.
    forecast_on: Option<Day>,
}

impl<'a> IndicatorStanding<'a> {
    fn of(indicator: &'a RawValue, code: &'a str, standing: &'a Standing) -> Self {
        Self {
            indicator,
            brief: StandingBrief::of(code, standing),
            anonymous: standing.anonymous,
            late: standing.late,
            numerator: standing.numerator,
            denominator: standing.denominator.as_ref().map(|below| DenominatorBody {
                value: below.value,
                as_of: Day(below.as_of),
                source: below.source.as_deref(),
            }),
            forecast_on: standing.forecast_on.map(Day),
        }
    }
}

/// A child place or team.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChildStanding<'a> {
    place: Option<PlaceRef>,
    team: Option<TeamRef>,
    /// Attainment over expectation, averaged; lower is more stuck. Null without targets.
    score: Option<f64>,
    indicators: Vec<StandingBrief<'a>>,
}

/// Progress of a place, its children ranked with the stuck ones first.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProgressBody<'a> {
    campaign: Uuid,
    place: PlaceRef,
    on: Day,
    /// Goes up with every change to the campaign's tallies.
    rev: u64,
    indicators: Vec<IndicatorStanding<'a>>,
    children: Vec<ChildStanding<'a>>,
}

/// Loads the campaign's board if it is not in memory.
async fn need_board(app: &Arc<App>, id: CampaignId) -> AppResult<()> {
    if app.boards.read(id, |_| ()).is_none() {
        app.db.in_step(move |tx| boards::load(tx, id)).await?;
    }
    Ok(())
}

/// Checks that the member may see the place's sums, and answers from the board.
async fn on_board<T>(
    app: &Arc<App>,
    id: CampaignId,
    caller: &Caller<Anyone>,
    place: Option<PlaceId>,
    asked: Option<Day>,
    answer: impl FnOnce(&Board, Place, Period) -> AppResult<T>,
) -> AppResult<T> {
    need_board(app, id).await?;
    let today = app.clock.today();
    let answered = app.boards.read(id, |board| {
        let period = Period::of(&board.campaign, asked.map(|day| day.0), today);
        let place = place.as_ref().unwrap_or(&board.campaign.place);
        let place = board.atlas.place(place, period.on);
        let place = place
            .filter(|place| caller.sees(&place.path))
            .ok_or_else(AppError::not_found)?;
        answer(board, place, period)
    });
    answered.ok_or_else(|| AppError::problem("storage.busy"))?
}

/// Result, target, pace and forecast of a place and its children.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}/progress", operation_id = "get_progress", tag = "progress",
    params(("id" = Uuid, Path), ProgressQuery), responses((status = 200, body = ProgressBody<'static>)))]
pub async fn get_progress(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
    Query(query): Query<ProgressQuery>,
) -> AppResult<Response> {
    on_board(
        &app,
        CampaignId(id),
        &caller,
        query.place,
        query.on,
        |board, place, period| {
            let questions = Question::all(board, period);
            let own = queries::standings(board, &questions, (&place.id, TeamId::NONE), period.on);
            let children = queries::children(board, &questions, &place, period.on);
            let codes: Vec<&str> = board
                .indicators
                .iter()
                .map(|indicator| indicator.code.as_str())
                .collect();
            let indicators = board
                .briefs
                .iter()
                .zip(codes.iter().zip(&own))
                .map(|(brief, (code, standing))| IndicatorStanding::of(brief, code, standing))
                .collect();
            let children = children
                .into_iter()
                .map(|below| child(below, &codes))
                .collect();
            // Into text while the board is at hand: nothing of it has to be copied.
            let body = ProgressBody {
                campaign: id,
                place: place.into(),
                on: Day(period.on),
                rev: board.rev,
                indicators,
                children,
            };
            Ok(Json(body).into_response())
        },
    )
    .await
}

fn child<'a>(child: Child, codes: &[&'a str]) -> ChildStanding<'a> {
    let (place, team) = match child.holder {
        Holder::Place(place) => (Some(PlaceRef::from(*place)), None),
        Holder::Team { id, name, .. } => (None, Some(TeamRef { id: id.0, name })),
    };
    let standings = codes.iter().zip(&child.standings);
    ChildStanding {
        place,
        team,
        score: child.score,
        indicators: standings
            .map(|(code, standing)| StandingBrief::of(code, standing))
            .collect(),
    }
}

/// Which line.
#[derive(Debug, Deserialize, IntoParams)]
pub struct SeriesQuery {
    /// The place; the campaign's if absent.
    #[param(value_type = Option<String>)]
    place: Option<PlaceId>,
    /// Indicator code.
    indicator: String,
    /// Up to this day; today if absent.
    #[param(value_type = Option<Day>)]
    on: Option<Day>,
}

/// A line over time, a point a week and one for the last day.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeriesBody {
    days: Vec<Day>,
    /// The count (of a ratio: above the line) up to each day.
    cumulative: Vec<i64>,
    /// Where the target asks to be on each day; empty without a target.
    expected: Vec<f64>,
}

/// The line of one indicator over time.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}/series", operation_id = "get_series", tag = "progress",
    params(("id" = Uuid, Path), SeriesQuery), responses((status = 200, body = SeriesBody)))]
pub async fn get_series(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
    Query(query): Query<SeriesQuery>,
) -> AppResult<Json<SeriesBody>> {
    on_board(
        &app,
        CampaignId(id),
        &caller,
        query.place,
        query.on,
        |board, place, period| {
            let indicator = board
                .indicators
                .iter()
                .find(|indicator| indicator.code == query.indicator);
            let indicator = indicator.ok_or_else(AppError::not_found)?;
            let holder = (&place.id, TeamId::NONE);
            let holding = queries::Holding::of(board, holder);
            let question = Question::new(board, indicator, period);
            let standing = queries::standing(board, &question, holder, &holding, period.on);
            let days = board.cube.days(period.from, period.on);
            let numerator = board.cube.column(indicator.numerator);
            let daily = holding.totals.daily(numerator, &days);
            let per_one = indicator.definition.unit().tallied_per_one();
            let until = indicator.deadline.unwrap_or(period.until);
            let goal = match (&standing.denominator, standing.target) {
                (Some(below), Some(target)) => Some(below.value as f64 * target as f64 / 1000.0),
                (None, Some(target)) if standing.numerator.is_none() => Some(target as f64),
                _ => None,
            };
            let mut body = SeriesBody {
                days: Vec::new(),
                cumulative: Vec::new(),
                expected: Vec::new(),
            };
            let mut sum = 0;
            let last = daily.len().saturating_sub(1);
            for (at, count) in daily.iter().enumerate() {
                sum += count;
                if at % 7 == 6 || at == last {
                    let day = period.from + time::Duration::days(i64::try_from(at).unwrap_or(0));
                    body.days.push(Day(day));
                    body.cumulative.push(sum / per_one);
                    if let Some(goal) = goal {
                        let share = elapsed_percent(period.from, until, day);
                        body.expected.push((goal * share / 10.0).round() / 10.0);
                    }
                }
            }
            Ok(Json(body))
        },
    )
    .await
}

/// Which facts.
#[derive(Debug, Deserialize, IntoParams)]
pub struct FactsQuery {
    /// The place; the campaign's if absent.
    #[param(value_type = Option<String>)]
    place: Option<PlaceId>,
    /// Indicator code.
    indicator: String,
    /// Only this team's.
    team: Option<Uuid>,
    /// Up to this day; today if absent.
    #[param(value_type = Option<Day>)]
    on: Option<Day>,
    /// The `next` of the page before.
    after: Option<i64>,
}

/// The facts behind a number.
#[derive(Debug, Serialize, ToSchema)]
pub struct FactsBody {
    facts: Vec<FactView>,
    /// For the next page; null on the last.
    next: Option<i64>,
    /// The number they add up to.
    total: i64,
}

/// The facts behind a number, newest first.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}/facts", operation_id = "list_counted_facts", tag = "progress",
    params(("id" = Uuid, Path), FactsQuery), responses((status = 200, body = FactsBody)))]
pub async fn list_facts(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
    Query(query): Query<FactsQuery>,
) -> AppResult<Json<FactsBody>> {
    let id = CampaignId(id);
    let code = query.indicator;
    let team = query.team.map(TeamId);
    let (place, period, measure, total) = on_board(
        &app,
        id,
        &caller,
        query.place,
        query.on,
        |board, place, period| {
            let indicator = board
                .indicators
                .iter()
                .find(|indicator| indicator.code == code);
            let indicator = indicator.ok_or_else(AppError::not_found)?;
            let measure = indicator.numerator;
            let node = team.map_or_else(|| Node::Place(place.id.clone()), Node::Team);
            let days = board.cube.days(period.from, period.on);
            let total = board
                .cube
                .of(&node)
                .sum(board.cube.column(measure), &days)
                .total;
            let total = total / indicator.definition.unit().tallied_per_one();
            Ok((place, period, measure, total))
        },
    )
    .await?;
    let whole = Arc::clone(&app);
    app.db
        .read(move |tx| {
            places::store::need_in_scope(tx, caller.member, Role::Leader, &place.id, period.on)?;
            let active = measures::load(tx)?
                .into_iter()
                .find(|active| active.id == measure);
            let active = active.ok_or_else(AppError::not_found)?;
            let (facts, next) = page(tx, &whole, &active, &place, team, period, query.after)?;
            Ok(Json(FactsBody { facts, next, total }))
        })
        .await
}

/// Walks back from the newest fact, keeps those the measure credits.
fn page(
    tx: &crate::platform::db::Tx<'_>,
    app: &App,
    active: &measures::Active,
    place: &Place,
    team: Option<TeamId>,
    period: Period,
    after: Option<i64>,
) -> AppResult<(Vec<FactView>, Option<i64>)> {
    let (from, to) = places::store::path_range(&place.path);
    let sql = format!(
        "select {}, p.path from fact f join place p on p.id = f.place_id
          where p.path >= $1 and p.path < $2 and f.day >= $3 and f.day <= $4 and f.rev < $5 and f.kind <> 'void.v1'
            and (f.team_id = $6 or $6 is null) and not exists (select 1 from superseded s where s.fact_id = f.id)
          order by f.rev desc limit 500",
        ledger::COLUMNS
    );
    let mut facts = Vec::new();
    let mut before = after.unwrap_or(i64::MAX);
    let counting = app.counting(std::slice::from_ref(active));
    // A rare indicator may need many steps; each is bounded, and the page says where it stopped.
    for _ in 0..40 {
        let args = args![from, &to, period.from, period.on, before, team];
        let rows = tx.all(&sql, args, |row| {
            Ok((ledger::read(&row)?, row.get::<String>(13)?))
        })?;
        let full = rows.len() == 500;
        for (stored, path) in rows {
            before = stored.rev;
            let parts = counting.parts(&stored.fact, &path);
            let Some((_, parts)) = parts.first() else {
                continue;
            };
            let about = subjects(&stored.fact, &app.keys);
            let circle = Circle::around(tx, &counting, &about)?;
            if circle.share(&stored.fact, &about, active, parts).counted {
                facts.push(view(tx, app, &stored)?);
                if facts.len() == PAGE {
                    return Ok((facts, Some(before)));
                }
            }
        }
        if !full {
            return Ok((facts, None));
        }
    }
    Ok((facts, Some(before)))
}

/// Says when a campaign's tallies changed, at most twice a second.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}/live", operation_id = "live", tag = "progress",
    params(("id" = Uuid, Path)), responses((status = 200, description = "Server-sent events named `tally`")))]
pub async fn live(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
) -> AppResult<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    let id = CampaignId(id);
    app.db
        .read(move |tx| {
            let campaign = campaigns::find(tx, id)?.ok_or_else(AppError::not_found)?;
            places::store::need_in_sight(tx, caller.member, &campaign.place, campaign.starts_on)
        })
        .await?;
    need_board(&app, id).await?;
    let ticks = app.boards.watch();
    let events = stream::unfold(
        (app, ticks, None),
        move |(app, mut ticks, last)| async move {
            loop {
                let rev = app.boards.read(id, |board| board.rev);
                if rev != last && rev.is_some() {
                    let data = format!("{{\"rev\":{}}}", rev.unwrap_or(0));
                    let event = Event::default().event("tally").data(data);
                    return Some((Ok(event), (app, ticks, rev)));
                }
                tokio::select! {
                    told = ticks.changed() => told.ok()?,
                    // Their browser asks again, and finds a node that stays.
                    () = app.ending() => return None,
                }
                tokio::time::sleep(Duration::from_millis(400)).await;
                ticks.borrow_and_update();
                if need_board(&app, id).await.is_err() {
                    return None;
                }
            }
        },
    );
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))))
}
