//! How well residents are answered: always with how many it is measured over.

use super::{faq, store};
use crate::App;
use crate::features::members::Role;
use crate::features::places;
use crate::platform::http::{Caller, OfficerUp};
use crate::platform::problem::AppResult;
use crate::platform::wire::{Day, Json, Query};
use axum::extract::State;
use domain::days::{VIETNAM, day_of, days_between};
use domain::ids::PlaceId;
use domain::questions::{QuestionStage, Topics};
use domain::refusal::Refusal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use time::{Date, OffsetDateTime, Time};
use utoipa::{IntoParams, ToSchema};

/// Longest period.
const DAYS_MAX: i32 = 400;

/// Of which place, and when.
#[derive(Debug, Deserialize, IntoParams)]
pub struct FiguresQuery {
    /// Of this place and below.
    #[param(value_type = String)]
    place: PlaceId,
    /// First day.
    #[param(value_type = String)]
    from: Day,
    /// Last day, at most 400 days on.
    #[param(value_type = String)]
    to: Day,
}

impl FiguresQuery {
    fn moments(&self) -> Result<(OffsetDateTime, OffsetDateTime), Refusal> {
        if !(0..DAYS_MAX).contains(&days_between(self.from.0, self.to.0)) {
            return Err(Refusal::new("request.validation").with("field", "to"));
        }
        let midnight = |day: Date| day.with_time(Time::MIDNIGHT).assume_offset(VIETNAM);
        let after = self.to.0.next_day().unwrap_or(self.to.0);
        Ok((midnight(self.from.0), midnight(after)))
    }
}

/// What became of the questions of a topic or a unit.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuestionFigures {
    /// Code of the topic, id of the place; empty for all of them.
    key: String,
    /// Its name.
    name: String,
    /// Asked in the period, without those that were withheld.
    asked: u32,
    /// Of these, answered.
    answered: u32,
    /// Of these, not yet.
    open: u32,
    /// Answered by the promised day.
    on_time: u32,
    /// Those whose promised day is over or that are answered: what `on_time` is a share of.
    due: u32,
    /// Climbed at least once.
    climbed: u32,
    /// Hours to the answer, the middle of all that were answered.
    median_hours: Option<f64>,
}

/// How well residents are answered.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuestionFiguresBody {
    total: QuestionFigures,
    /// In the order of topics; those that were asked about.
    topics: Vec<QuestionFigures>,
    /// By place, those with the most questions first.
    units: Vec<QuestionFigures>,
    /// Questions that need not be asked: residents who found the answer while asking.
    spared_askers: i64,
    /// Questions that volunteers answered with a published answer.
    spared_volunteers: i64,
}

#[derive(Debug, Default)]
struct Sum {
    asked: u32,
    on_time: u32,
    due: u32,
    climbed: u32,
    hours: Vec<f64>,
}

impl Sum {
    fn add(&mut self, one: &store::Counted, today: Date) {
        self.asked += 1;
        self.climbed += u32::from(one.climbs > 0);
        if let Some(at) = one.answered_at {
            self.hours
                .push((at - one.asked_at).as_seconds_f64() / 3600.0);
            self.on_time += u32::from(day_of(at) <= one.due_on);
        }
        self.due += u32::from(one.answered_at.is_some() || one.due_on < today);
    }

    fn line(mut self, key: &str, name: &str) -> QuestionFigures {
        self.hours.sort_by(f64::total_cmp);
        let answered = u32::try_from(self.hours.len()).unwrap_or(u32::MAX);
        let upper = self.hours.get(self.hours.len() / 2);
        let lower = self.hours.get(self.hours.len().saturating_sub(1) / 2);
        let median = upper.zip(lower).map(|(a, b)| (a + b) / 2.0);
        QuestionFigures {
            key: key.to_owned(),
            name: name.to_owned(),
            asked: self.asked,
            answered,
            open: self.asked - answered,
            on_time: self.on_time,
            due: self.due,
            climbed: self.climbed,
            median_hours: median.map(|hours| (hours * 10.0).round() / 10.0),
        }
    }
}

/// How well residents are answered at a place and below.
#[utoipa::path(get, path = "/api/v1/question-figures", operation_id = "get_question_figures", tag = "questions",
    params(FiguresQuery), responses((status = 200, body = QuestionFiguresBody)))]
pub async fn get_figures(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Query(query): Query<FiguresQuery>,
) -> AppResult<Json<QuestionFiguresBody>> {
    let today = app.clock.today();
    app.db
        .read(move |tx| {
            let period = query.moments()?;
            let (member, least) = (caller.member, Role::CommuneOfficer);
            let place = places::store::need_in_scope(tx, member, least, &query.place, today)?;
            let mut total = Sum::default();
            let mut topics: BTreeMap<String, Sum> = BTreeMap::new();
            let mut units: BTreeMap<(PlaceId, String), Sum> = BTreeMap::new();
            for one in store::counted(tx, &place.path, period, today)? {
                if one.stage == QuestionStage::Withheld {
                    continue;
                }
                total.add(&one, today);
                topics
                    .entry(one.topic.clone())
                    .or_default()
                    .add(&one, today);
                units.entry(one.place.clone()).or_default().add(&one, today);
            }
            let (spared_askers, spared_volunteers) = faq::uses(tx, &place.path, period)?;
            let all = Topics::bundled();
            let in_order = all.all().iter().filter_map(|topic| {
                let sum = topics.remove(&topic.code)?;
                Some(sum.line(&topic.code, &topic.name.vi))
            });
            let topics = in_order.collect();
            let mut units: Vec<QuestionFigures> = (units.into_iter())
                .map(|((id, name), sum)| sum.line(id.as_str(), &name))
                .collect();
            units.sort_by_key(|line| std::cmp::Reverse(line.asked));
            Ok(Json(QuestionFiguresBody {
                total: total.line("", ""),
                topics,
                units,
                spared_askers,
                spared_volunteers,
            }))
        })
        .await
}
