//! What was asked for in a period, what of it was served, how fast, and in how many hours.

use super::store::{self, Request};
use crate::App;
use crate::features::members::Role;
use crate::features::places;
use crate::platform::http::{Caller, LeaderUp};
use crate::platform::problem::AppResult;
use crate::platform::wire::{Day, Json, Query};
use axum::extract::State;
use domain::days::{VIETNAM, day_of, days_between};
use domain::experts::{Fields, RequestStage, median};
use domain::ids::{PlaceId, RequestId};
use domain::refusal::Refusal;
use domain::skills::Named;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use time::{Date, OffsetDateTime, Time};
use utoipa::{IntoParams, ToSchema};

/// Days one report covers, at most.
const DAYS_MAX: i32 = 400;

/// Which requests.
#[derive(Debug, Deserialize, IntoParams)]
pub struct PeriodQuery {
    /// Of this place and below.
    #[param(value_type = String)]
    pub place: PlaceId,
    /// First day.
    #[param(value_type = String)]
    pub from: Day,
    /// Last day, at most 400 days on.
    #[param(value_type = String)]
    pub to: Day,
}

impl PeriodQuery {
    /// From the first moment of the first day to the one after the last.
    ///
    /// # Errors
    /// `expert.days` when it ends before it begins, or lasts too long.
    pub fn moments(&self) -> Result<(OffsetDateTime, OffsetDateTime), Refusal> {
        if !(0..DAYS_MAX).contains(&days_between(self.from.0, self.to.0)) {
            return Err(Refusal::new("expert.days").with("days_max", DAYS_MAX));
        }
        let midnight = |day: Date| day.with_time(Time::MIDNIGHT).assume_offset(VIETNAM);
        let after = self.to.0.next_day().unwrap_or(self.to.0);
        Ok((midnight(self.from.0), midnight(after)))
    }
}

/// What became of the requests of a field or a unit.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExpertReportLine {
    /// Code of the field, id of the unit; empty for all of them.
    key: String,
    /// In our languages.
    name: Named,
    /// Asked for in the period.
    requests: u32,
    /// Of these, served: done, whether or not the commune has said its word.
    served: u32,
    /// Of these, not over yet.
    open: u32,
    /// Days from asking to the result, the middle one of those served.
    median_days: Option<f64>,
    /// Minutes logged on the days of the period, also for requests from before it.
    minutes: u32,
}

/// Requests of a period.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExpertReportBody {
    /// All of them.
    total: ExpertReportLine,
    /// By field, the most asked for first.
    fields: Vec<ExpertReportLine>,
    /// By unit, the one that asked most first.
    units: Vec<ExpertReportLine>,
}

#[derive(Debug, Default)]
struct Sum {
    requests: u32,
    served: u32,
    open: u32,
    days: Vec<i32>,
    minutes: u32,
}

impl Sum {
    fn add(&mut self, request: &Request, done: Option<&OffsetDateTime>) {
        use RequestStage::{Accepted, Asked, Closed, Dispatched, Done, Offered};
        self.requests += 1;
        match request.stands.stage {
            Done | Closed => self.served += 1,
            Asked | Offered | Accepted | Dispatched => self.open += 1,
            _ => {}
        }
        self.days
            .extend(done.map(|done| days_between(day_of(request.asked_at), day_of(*done))));
    }

    fn line(self, key: &str, name: Named) -> ExpertReportLine {
        ExpertReportLine {
            key: key.to_owned(),
            name,
            requests: self.requests,
            served: self.served,
            open: self.open,
            median_days: median(self.days),
            minutes: self.minutes,
        }
    }
}

fn lines(sums: BTreeMap<String, Sum>, name: impl Fn(&str) -> Named) -> Vec<ExpertReportLine> {
    let lines = sums.into_iter().map(|(key, sum)| {
        let named = name(&key);
        sum.line(&key, named)
    });
    let mut lines: Vec<_> = lines.collect();
    lines.sort_by(|a, b| (b.requests, b.served, &a.key).cmp(&(a.requests, a.served, &b.key)));
    lines
}

fn alike(name: &str) -> Named {
    Named {
        vi: name.to_owned(),
        en: name.to_owned(),
    }
}

/// Requests served, how fast, and hours, by field and unit.
#[utoipa::path(get, path = "/api/v1/experts/report", operation_id = "get_expert_report", tag = "experts",
    params(PeriodQuery), responses((status = 200, body = ExpertReportBody)))]
pub async fn get_report(
    caller: Caller<LeaderUp>,
    State(app): State<Arc<App>>,
    Query(query): Query<PeriodQuery>,
) -> AppResult<Json<ExpertReportBody>> {
    let today = app.clock.today();
    app.db
        .read(move |tx| {
            let (since, until) = query.moments()?;
            let (member, least) = (caller.member, Role::Leader);
            let place = places::store::need_in_scope(tx, member, least, &query.place, today)?;
            let done = store::done_at(tx, since)?;
            let days = (query.from.0, query.to.0);
            let minutes = store::minutes_below(tx, &place.path, days)?;
            let minutes: HashMap<RequestId, u32> = minutes.into_iter().collect();
            let mut total = Sum::default();
            let (mut fields, mut units) = (BTreeMap::new(), BTreeMap::new());
            let mut names = HashMap::new();
            let all = Fields::bundled();
            for request in store::worked_on(tx, &place.path, (since, until), days, today)? {
                let asked = &request.asked;
                let field = all.current(&asked.field, today);
                let field = field.map_or(asked.field.clone(), |field| field.code.clone());
                let unit = request.place.id.to_string();
                names.insert(unit.clone(), request.place.full_name.clone());
                let (field, unit): (&mut Sum, &mut Sum) = (
                    fields.entry(field).or_default(),
                    units.entry(unit).or_default(),
                );
                for sum in [&mut total, field, unit] {
                    if (since..until).contains(&request.asked_at) {
                        sum.add(&request, done.get(&asked.id));
                    }
                    sum.minutes += minutes.get(&asked.id).copied().unwrap_or(0);
                }
            }
            let field = |code: &str| all.find(code).map_or(alike(code), |one| one.name.clone());
            let unit = |id: &str| alike(names.get(id).map_or("", String::as_str));
            Ok(Json(ExpertReportBody {
                total: total.line("", alike("")),
                fields: lines(fields, field),
                units: lines(units, unit),
            }))
        })
        .await
}
