//! The satisfaction index of a place in a period: with how many answers it rests on, how sure
//! it is, and nothing that would point at a person.

use super::store::{self, Asked, Line};
use crate::App;
use crate::features::members::Role;
use crate::features::places::store::{self as places, ids_of};
use crate::platform::db::Tx;
use crate::platform::http::{Caller, OfficerUp};
use crate::platform::problem::AppResult;
use crate::platform::wire::{Day, Json, Query};
use axum::extract::State;
use domain::days::days_between;
use domain::ids::{MemberId, PlaceId, PointId};
use domain::procedures::Procedures;
use domain::ratings::{Index, RatingSource, RatingStep, RatingTopic, SHOWN_FROM, Tally, hidden};
use domain::refusal::Refusal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use time::Date;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Days that are looked at together, at most.
const DAYS_MAX: i32 = 400;

/// Which ratings.
#[derive(Debug, Deserialize, IntoParams)]
pub struct RatingsQuery {
    /// Of this place and below.
    #[param(value_type = String)]
    place: PlaceId,
    /// First day.
    #[param(value_type = String)]
    from: Day,
    /// Last day, at most 400 days on.
    #[param(value_type = String)]
    to: Day,
    /// Only of this point.
    point: Option<Uuid>,
    /// Only at this counter.
    counter: Option<String>,
    /// Only about this procedure, by code.
    procedure: Option<String>,
}

impl RatingsQuery {
    /// Works out what is asked for, which only officers may.
    ///
    /// # Errors
    /// `not_found`, `request.validation` for the days, or the storage's.
    pub fn open(self, tx: &Tx<'_>, by: MemberId, today: Date) -> AppResult<(places::Place, Asked)> {
        let days = (self.from.0, self.to.0);
        if !(0..DAYS_MAX).contains(&days_between(days.0, days.1)) {
            return Err(Refusal::new("request.validation")
                .with("field", "to")
                .into());
        }
        let place = places::need_in_scope(tx, by, Role::CommuneOfficer, &self.place, today)?;
        let asked = Asked {
            path: place.path.clone(),
            days,
            point: self.point.map(PointId),
            counter: self.counter,
            procedure: self.procedure,
        };
        Ok((place, asked))
    }
}

/// About what, and whether with tickets.
#[derive(Debug, Deserialize, IntoParams)]
pub struct TopicQuery {
    /// What was asked; all in all if absent.
    topic: Option<RatingTopic>,
    /// Those without a ticket instead of those with one.
    #[serde(default)]
    without_ticket: bool,
}

/// What answers of a group come to. Nothing is said of groups that would point at a person.
#[derive(Debug, Serialize, ToSchema)]
pub struct RatingLine {
    /// Id or code of the group.
    key: String,
    /// Its name, where it has one of its own.
    name: String,
    /// Answers; null when they are too few to be shown.
    n: Option<u32>,
    /// How often each answer was given, the best first; null likewise.
    answers: Option<Vec<u32>>,
    /// The index; null likewise, and without answers.
    index: Option<Index>,
    /// Whether it may stand beside others in an order.
    ranked: bool,
}

impl RatingLine {
    fn of((key, name): (&str, &str), tally: &Tally, hidden: bool) -> Self {
        let index = tally.index().filter(|_| !hidden);
        Self {
            key: key.to_owned(),
            name: name.to_owned(),
            n: (!hidden).then(|| tally.n()),
            answers: (!hidden).then(|| RatingStep::ALL.iter().map(|of| tally.of(*of)).collect()),
            ranked: index.is_some_and(|index| index.is_ranked()),
            index,
        }
    }
}

/// The satisfaction index of a place in a period.
#[derive(Debug, Serialize, ToSchema)]
pub struct RatingResultsBody {
    /// What was asked.
    topic: RatingTopic,
    /// Answers below which nothing is compared.
    ranked_from: u32,
    /// Answers below which nothing is shown.
    shown_from: u32,
    /// All of them.
    total: RatingLine,
    /// Those without a ticket, or those with one if the others were asked for.
    apart: RatingLine,
    /// By what was asked.
    topics: Vec<RatingLine>,
    /// By unit below the place: in order those that may be compared, then the others by name.
    units: Vec<RatingLine>,
    /// By point, likewise.
    points: Vec<RatingLine>,
    /// By counter, likewise.
    counters: Vec<RatingLine>,
    /// By procedure, likewise; a rating may be about several.
    procedures: Vec<RatingLine>,
    /// By day of the week, Monday as `1` first.
    weekdays: Vec<RatingLine>,
    /// By month as `yyyy-mm`, in time.
    months: Vec<RatingLine>,
}

/// Answers by group, in the order of their keys, with names.
#[derive(Debug, Default)]
struct Groups(BTreeMap<String, (String, Tally)>);

impl Groups {
    fn add(&mut self, key: &str, name: impl FnOnce() -> String, step: RatingStep) {
        if !self.0.contains_key(key) {
            let fresh = (name(), Tally::default());
            self.0.insert(key.to_owned(), fresh);
        }
        if let Some((_, tally)) = self.0.get_mut(key) {
            tally.add(step);
        }
    }

    /// In the order of keys.
    fn lines(self) -> Vec<RatingLine> {
        let ns: Vec<u32> = self.0.values().map(|(_, tally)| tally.n()).collect();
        let lines = self.0.iter().zip(hidden(&ns));
        lines
            .map(|((key, (name, tally)), hidden)| RatingLine::of((key, name), tally, hidden))
            .collect()
    }

    /// Those that may be compared first, the best of them first; the others by name.
    fn compared(self) -> Vec<RatingLine> {
        let mut lines = self.lines();
        let rank = |line: &RatingLine| match line.index {
            Some(index) if line.ranked => -index.percent,
            _ => f64::INFINITY,
        };
        lines.sort_by(|a, b| {
            let by_name = || vn::text::fold(&a.name).cmp(&vn::text::fold(&b.name));
            rank(a).total_cmp(&rank(b)).then_with(by_name)
        });
        lines
    }
}

/// What is counted while ratings go by.
#[derive(Debug, Default)]
struct Sums {
    total: Tally,
    apart: Tally,
    topics: BTreeMap<RatingTopic, Tally>,
    units: Groups,
    points: Groups,
    counters: Groups,
    procedures: Groups,
    weekdays: Groups,
    months: Groups,
}

impl Sums {
    fn add(&mut self, line: &Line, topic: RatingTopic, without: bool, units: &Units) {
        let of = &line.rating;
        let step = of.answers.get(&topic).copied();
        if (of.source == RatingSource::Point) != without {
            if let Some(step) = step {
                self.apart.add(step);
            }
            return;
        }
        for (topic, step) in &of.answers {
            self.topics.entry(*topic).or_default().add(*step);
        }
        let Some(step) = step else { return };
        self.total.add(step);
        if let Some((id, name)) = units.of(&line.path) {
            self.units.add(id, || name.to_owned(), step);
        }
        let point = of.point.to_string();
        self.points.add(&point, || line.point_name.clone(), step);
        if let Some(counter) = &of.counter {
            let name = || format!("{counter} – {}", line.point_name);
            self.counters.add(&format!("{point}:{counter}"), name, step);
        }
        for code in &of.procedures {
            let known = Procedures::bundled().find(code);
            let name = || known.map_or(code, |known| &known.name).clone();
            self.procedures.add(code, name, step);
        }
        let day = domain::days::day_of(of.at);
        let weekday = day.weekday().number_from_monday().to_string();
        self.weekdays.add(&weekday, String::new, step);
        let month = format!("{}-{:02}", day.year(), u8::from(day.month()));
        self.months.add(&month, String::new, step);
    }

    fn body(self, topic: RatingTopic) -> RatingResultsBody {
        let few = |tally: &Tally| tally.n() > 0 && tally.n() < SHOWN_FROM;
        let line = |key: &str, tally: &Tally| RatingLine::of((key, ""), tally, few(tally));
        let total = line("", &self.total);
        // Of a whole that may not be shown, no part may.
        let shown = |lines: Vec<RatingLine>| match total.n {
            Some(_) => lines,
            None => Vec::new(),
        };
        let topics = self.topics.iter();
        RatingResultsBody {
            topic,
            ranked_from: domain::ratings::RANKED_FROM,
            shown_from: SHOWN_FROM,
            topics: shown(
                topics
                    .map(|(topic, tally)| line(topic.as_str(), tally))
                    .collect(),
            ),
            units: shown(self.units.compared()),
            points: shown(self.points.compared()),
            counters: shown(self.counters.compared()),
            procedures: shown(self.procedures.compared()),
            weekdays: shown(self.weekdays.lines()),
            months: shown(self.months.lines()),
            apart: line("", &self.apart),
            total,
        }
    }
}

/// Units right below a place.
struct Units {
    depth: usize,
    names: BTreeMap<PlaceId, String>,
}

impl Units {
    fn below(tx: &Tx<'_>, place: &places::Place, on: Date) -> AppResult<Self> {
        let children = places::children(tx, &place.id, on)?.into_iter();
        Ok(Self {
            depth: ids_of(&place.path).len(),
            names: children.map(|one| (one.id, one.full_name)).collect(),
        })
    }

    /// In which of them a path lies.
    fn of(&self, path: &str) -> Option<(&str, &str)> {
        let unit = ids_of(path).into_iter().nth(self.depth)?;
        let (id, name) = self.names.get_key_value(&unit)?;
        Some((id.as_str(), name))
    }
}

/// The satisfaction index of a place in a period, whole and by point, counter, procedure, day
/// of the week, month and what was asked.
#[utoipa::path(get, path = "/api/v1/ratings/results", operation_id = "get_rating_results", tag = "ratings",
    params(RatingsQuery, TopicQuery), responses((status = 200, body = RatingResultsBody)))]
pub async fn get_results(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Query(query): Query<RatingsQuery>,
    Query(about): Query<TopicQuery>,
) -> AppResult<Json<RatingResultsBody>> {
    let today = app.clock.today();
    app.db
        .read(move |tx| {
            let (place, asked) = query.open(tx, caller.member, today)?;
            let topic = about.topic.unwrap_or(RatingTopic::Overall);
            let units = Units::below(tx, &place, today)?;
            let mut sums = Sums::default();
            store::each(tx, &asked, |line| {
                sums.add(&line, topic, about.without_ticket, &units);
            })?;
            Ok(Json(sums.body(topic)))
        })
        .await
}
