//! Working out progress from a board, targets and figures.

use crate::args;
use crate::features::campaigns::store::{Campaign, Indicator};
use crate::features::places::store::Place;
use crate::features::targets::store::{self as targets, Holder};
use crate::platform::db::Tx;
use crate::platform::problem::AppResult;
use domain::cube::Cube;
use domain::days::days_between;
use domain::ids::{MeasureId, PlaceId, TeamId};
use domain::indicators::{Definition, Denominator};
use domain::progress::{
    Pace, RECENT_DAYS, elapsed_percent, forecast, pace, percent, permille, score,
};
use domain::tallies::Quantity;
use std::collections::HashMap;
use time::{Date, Duration};

/// What a ratio was divided by.
#[derive(Clone, Debug)]
pub struct Below {
    /// The number.
    pub value: i64,
    /// The day it is true for.
    pub as_of: Date,
    /// Who says so; `None` when it is a tally of ours.
    pub source: Option<String>,
}

/// One indicator of one place or team.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The count, or the rate in thousandths; `None` for a rate without a denominator.
    pub result: Option<i64>,
    /// Of the count, those nobody is known for.
    pub anonymous: i64,
    /// Counted after the deadline, not in the result.
    pub late: i64,
    /// Above the line of a ratio.
    pub numerator: Option<i64>,
    /// Below it.
    pub denominator: Option<Below>,
    /// The number or rate to reach.
    pub target: Option<i64>,
    /// Result in percent of the target.
    pub percent: Option<f64>,
    /// Time elapsed in percent.
    pub expected_percent: f64,
    /// How it stands.
    pub pace: Pace,
    /// When it is reached at the present speed.
    pub forecast_on: Option<Date>,
    /// Units that reached their own minimum, and all units.
    pub units: Option<(i64, i64)>,
}

/// Where counts come from: a board for places, a query for the teams of one place.
pub trait Counts {
    /// The sum over days.
    fn sum(&self, measure: MeasureId, from: Date, to: Date) -> Quantity;
}

/// A place on a board.
#[derive(Debug)]
pub struct OnBoard<'a> {
    /// The board.
    pub cube: &'a Cube,
    /// The place.
    pub place: &'a PlaceId,
}

impl Counts for OnBoard<'_> {
    fn sum(&self, measure: MeasureId, from: Date, to: Date) -> Quantity {
        self.cube.sum(measure, self.place, from, to)
    }
}

/// One team's days, read from the tallies.
#[derive(Debug, Default)]
pub struct TeamDays(HashMap<MeasureId, Vec<(Date, Quantity)>>);

impl Counts for TeamDays {
    fn sum(&self, measure: MeasureId, from: Date, to: Date) -> Quantity {
        let mut sum = Quantity::default();
        for (day, quantity) in self.0.get(&measure).into_iter().flatten() {
            if (from..=to).contains(day) {
                sum += *quantity;
            }
        }
        sum
    }
}

/// The days of every team of a commune.
///
/// # Errors
/// The storage's.
pub fn team_days(
    tx: &Tx<'_>,
    place: &Place,
    indicators: &[Indicator],
) -> AppResult<HashMap<TeamId, TeamDays>> {
    let mut teams: HashMap<TeamId, TeamDays> = HashMap::new();
    let (from, to) = crate::features::places::store::path_range(&place.path);
    for measure in indicators
        .iter()
        .flat_map(|i| [Some(i.numerator), i.denominator])
        .flatten()
    {
        tx.each(
            "select t.team_id, t.day, sum(t.total), sum(t.anonymous) from tally t join place p on p.id = t.place_id
              where t.measure_id = $1 and p.path >= $2 and p.path < $3 group by t.team_id, t.day",
            args![measure, from, &to],
            |row| {
                let quantity = Quantity { total: row.get(2)?, anonymous: row.get(3)? };
                let days = teams.entry(row.get(0)?).or_default().0.entry(measure).or_default();
                days.push((row.get(1)?, quantity));
                Ok::<(), crate::platform::db::DbError>(())
            },
        )?;
    }
    Ok(teams)
}

/// Targets by holder and figures by place, read once for a page.
#[derive(Debug, Default)]
pub struct Given {
    targets: HashMap<(domain::ids::IndicatorId, PlaceId, TeamId), i64>,
    figures: HashMap<(PlaceId, String), Below>,
}

/// Reads what was given for a place, its children and the units below it.
///
/// # Errors
/// The storage's.
pub fn given(tx: &Tx<'_>, campaign: &Campaign, place: &Place) -> AppResult<Given> {
    let mut given = Given::default();
    let (from, to) = crate::features::places::store::path_range(&place.path);
    tx.each(
        "select t.indicator_id, t.place_id, t.team_id, t.value from indicator i
           join target t on t.indicator_id = i.id join place p on p.id = t.place_id
          where i.campaign_id = $1 and p.path >= $2 and p.path < $3",
        args![campaign.id, from, &to],
        |row| {
            given
                .targets
                .insert((row.get(0)?, row.get(1)?, row.get(2)?), row.get(3)?);
            Ok::<(), crate::platform::db::DbError>(())
        },
    )?;
    tx.each(
        "select f.place_id, f.figure, f.value, f.as_of, f.source from figure f join place p on p.id = f.place_id
          where p.path >= $1 and p.path < $2",
        args![from, &to],
        |row| {
            let below = Below { value: row.get(2)?, as_of: row.get(3)?, source: row.get(4)? };
            given.figures.insert((row.get(0)?, row.get(1)?), below);
            Ok::<(), crate::platform::db::DbError>(())
        },
    )?;
    Ok(given)
}

/// The period of a question: a campaign up to a day.
#[derive(Clone, Copy, Debug)]
pub struct Period {
    /// The campaign's first day.
    pub from: Date,
    /// The campaign's last day.
    pub until: Date,
    /// The day asked about.
    pub on: Date,
}

/// How one indicator stands for a place or team.
pub fn standing(
    indicator: &Indicator,
    counts: &dyn Counts,
    holder: (&PlaceId, TeamId),
    given: &Given,
    period: Period,
    units: Option<(i64, i64)>,
) -> Standing {
    let until = indicator.deadline.unwrap_or(period.until);
    let in_time = period.on.min(until);
    let count = counts.sum(indicator.numerator, period.from, in_time);
    let late = match indicator.deadline {
        Some(deadline) if period.on > deadline => {
            counts
                .sum(indicator.numerator, deadline + Duration::DAY, period.on)
                .total
        }
        _ => 0,
    };
    let recent_from = in_time - Duration::days(i64::from(RECENT_DAYS) - 1);
    let recent = counts
        .sum(indicator.numerator, recent_from.max(period.from), in_time)
        .total;
    let running_days = days_between(period.from, in_time) + 1;
    let elapsed = elapsed_percent(period.from, until, period.on);
    let own_target = given
        .targets
        .get(&(indicator.id, holder.0.clone(), holder.1))
        .copied();
    let base = Standing {
        result: Some(count.total),
        anonymous: count.anonymous,
        late,
        numerator: None,
        denominator: None,
        target: own_target,
        percent: None,
        expected_percent: elapsed,
        pace: Pace::NoTarget,
        forecast_on: None,
        units: None,
    };
    let recent_days = RECENT_DAYS.min(running_days);
    match &indicator.definition {
        Definition::Count { .. } => {
            let share = own_target.and_then(|target| percent(count.total, target));
            let forecast_on = own_target
                .and_then(|target| forecast(count.total, target, recent, recent_days, in_time));
            Standing {
                percent: share,
                pace: pace(share, elapsed, recent, running_days),
                forecast_on,
                ..base
            }
        }
        Definition::Ratio {
            denominator,
            target_permille,
            ..
        } => {
            let below = match denominator {
                Denominator::Measure { .. } => indicator.denominator.map(|measure| Below {
                    value: counts.sum(measure, period.from, in_time).total,
                    as_of: in_time,
                    source: None,
                }),
                Denominator::Figure { figure } => given
                    .figures
                    .get(&(holder.0.clone(), figure.clone()))
                    .cloned(),
            };
            // A share of what was done is due at once; a share of the people, over time.
            let expected = if matches!(denominator, Denominator::Measure { .. }) {
                100.0
            } else {
                elapsed
            };
            let target = own_target.unwrap_or_else(|| i64::from(*target_permille));
            let rate = below
                .as_ref()
                .and_then(|below| permille(count.total, below.value));
            // From the counts, not from the rounded rate.
            let share = below
                .as_ref()
                .filter(|below| below.value > 0)
                .and_then(|below| {
                    let wanted = below.value as f64 * target as f64 / 1000.0;
                    (wanted > 0.0).then(|| (count.total as f64 / wanted * 1000.0).round() / 10.0)
                });
            let wanted = below.as_ref().map_or(0, |below| {
                (below.value as f64 * target as f64 / 1000.0).ceil() as i64
            });
            let grows = matches!(denominator, Denominator::Figure { .. });
            let forecast_on = if grows {
                forecast(count.total, wanted, recent, recent_days, in_time)
            } else {
                None
            };
            Standing {
                result: rate,
                numerator: Some(count.total),
                denominator: below,
                target: Some(target),
                percent: share,
                expected_percent: expected,
                pace: pace(share, expected, recent, running_days),
                forecast_on,
                ..base
            }
        }
        Definition::PerUnit { minimum, .. } => {
            let target = own_target.or(if units.is_none() {
                Some(*minimum)
            } else {
                None
            });
            let share = match units {
                Some((met, all)) if all > 1 => percent(met, all),
                _ => target.and_then(|target| percent(count.total, target)),
            };
            Standing {
                target,
                percent: share,
                pace: pace(share, elapsed, recent, running_days),
                units,
                ..base
            }
        }
    }
}

/// For a per-unit indicator: how many units at or below a place reach their own
/// target, or the minimum, by themselves.
pub fn units_met(
    indicator: &Indicator,
    units: &[Place],
    cube: &Cube,
    given: &Given,
    period: Period,
) -> Option<(i64, i64)> {
    let Definition::PerUnit {
        unit_level,
        minimum,
        ..
    } = &indicator.definition
    else {
        return None;
    };
    let mut met = 0;
    let mut all = 0;
    for unit in units.iter().filter(|unit| unit.level == *unit_level) {
        let wanted = given
            .targets
            .get(&(indicator.id, unit.id.clone(), TeamId::NONE))
            .copied()
            .unwrap_or(*minimum);
        let until = indicator.deadline.unwrap_or(period.until);
        let held = cube
            .sum(
                indicator.numerator,
                &unit.id,
                period.from,
                period.on.min(until),
            )
            .total;
        all += 1;
        if held >= wanted {
            met += 1;
        }
    }
    (all > 0).then_some((met, all))
}

/// Stuck first: by score, those without any target last, then by name.
pub fn order(children: &mut [(Holder, Vec<Standing>)]) {
    let key =
        |standings: &[Standing]| score(standings.iter().map(|s| (s.percent, s.expected_percent)));
    children.sort_by(|a, b| {
        let (left, right) = (key(&a.1).unwrap_or(f64::MAX), key(&b.1).unwrap_or(f64::MAX));
        left.total_cmp(&right)
            .then_with(|| name(&a.0).cmp(name(&b.0)))
    });
}

fn name(holder: &Holder) -> &str {
    match holder {
        Holder::Place(place) => &place.full_name,
        Holder::Team { name, .. } => name,
    }
}

/// The holders below a place, for ranking.
///
/// # Errors
/// The storage's.
pub fn holders(tx: &Tx<'_>, place: &Place, on: Date) -> AppResult<Vec<Holder>> {
    Ok(targets::holders(tx, place, on)?)
}
