//! Working out progress from a board.

use super::atlas::Holder;
use super::boards::{Board, Figure};
use crate::features::campaigns::store::{Campaign, Indicator};
use crate::features::places::store::Place;
use domain::cube::{Column, Days, Node, Totals};
use domain::days::days_between;
use domain::ids::{PlaceId, TeamId};
use domain::indicators::{Definition, Denominator};
use domain::progress::{
    Pace, RECENT_DAYS, elapsed_percent, forecast, pace, percent, permille, score,
};
use domain::tallies::Quantity;
use std::collections::HashMap;
use time::{Date, Duration};

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
    pub denominator: Option<Figure>,
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

impl Period {
    /// The campaign up to the day asked for, or today, whichever lies in it.
    pub fn of(campaign: &Campaign, asked: Option<Date>, today: Date) -> Self {
        let on = asked
            .unwrap_or(today)
            .clamp(campaign.starts_on, campaign.ends_on);
        Self {
            from: campaign.starts_on,
            until: campaign.ends_on,
            on,
        }
    }
}

/// What a board holds about one place or team, found once for all indicators.
#[derive(Clone, Debug)]
pub struct Holding<'b> {
    /// Its tallies.
    pub totals: Totals<'b>,
    node: Node,
}

impl<'b> Holding<'b> {
    /// Of a place or team.
    pub fn of(board: &'b Board, (place, team): (&PlaceId, TeamId)) -> Self {
        let node = Node::of(place, team);
        let totals = board.cube.of(&node);
        Self { totals, node }
    }
}

/// What is asked about one indicator, worked out once for all places and teams.
#[derive(Debug)]
pub struct Question<'b> {
    indicator: &'b Indicator,
    /// Of places and teams that have one.
    targets: Option<&'b HashMap<Node, i64>>,
    numerator: Column,
    denominator: Option<Column>,
    /// The day asked about, or the deadline if that is earlier.
    in_time: Date,
    /// Past its deadline nothing more can be reached in time.
    open: bool,
    counted: Days,
    late: Option<Days>,
    recent: Days,
    recent_days: i32,
    running_days: i32,
    elapsed: f64,
}

impl<'b> Question<'b> {
    /// About an indicator in a period.
    pub fn new(board: &'b Board, indicator: &'b Indicator, period: Period) -> Self {
        let cube = &board.cube;
        let until = indicator.deadline.unwrap_or(period.until);
        let in_time = period.on.min(until);
        let late = indicator.deadline.filter(|deadline| period.on > *deadline);
        let recent_from = in_time - Duration::days(i64::from(RECENT_DAYS) - 1);
        let running_days = days_between(period.from, in_time) + 1;
        Self {
            indicator,
            targets: board.targets.get(&indicator.id),
            numerator: cube.column(indicator.numerator),
            denominator: indicator.denominator.map(|measure| cube.column(measure)),
            in_time,
            open: period.on <= until,
            counted: cube.days(period.from, in_time),
            late: late.map(|deadline| cube.days(deadline + Duration::DAY, period.on)),
            recent: cube.days(recent_from.max(period.from), in_time),
            recent_days: RECENT_DAYS.min(running_days),
            running_days,
            elapsed: elapsed_percent(period.from, until, period.on),
        }
    }

    /// What is tallied in minutes is shown in hours.
    fn of_unit(&self, tallied: Quantity) -> Quantity {
        let per_one = self.indicator.definition.unit().tallied_per_one();
        Quantity {
            total: tallied.total / per_one,
            anonymous: tallied.anonymous / per_one,
        }
    }

    fn target(&self, node: &Node) -> Option<i64> {
        self.targets?.get(node).copied()
    }

    /// About all indicators of a board.
    pub fn all(board: &'b Board, period: Period) -> Vec<Self> {
        let indicators = board.indicators.iter();
        indicators
            .map(|indicator| Self::new(board, indicator, period))
            .collect()
    }
}

/// All indicators of a place or team.
pub fn standings(
    board: &Board,
    questions: &[Question<'_>],
    holder: (&PlaceId, TeamId),
    on: Date,
) -> Vec<Standing> {
    let holding = Holding::of(board, holder);
    questions
        .iter()
        .map(|question| standing(board, question, holder, &holding, on))
        .collect()
}

/// How one indicator stands for a place or team.
pub fn standing(
    board: &Board,
    question: &Question<'_>,
    (place, team): (&PlaceId, TeamId),
    holding: &Holding<'_>,
    on: Date,
) -> Standing {
    let &Question {
        indicator,
        in_time,
        running_days,
        elapsed,
        ..
    } = question;
    let sum = |days: &Days| question.of_unit(holding.totals.sum(question.numerator, days));
    let count = sum(&question.counted);
    let late = question.late.as_ref().map_or(0, |days| sum(days).total);
    let recent = sum(&question.recent).total;
    let own_target = question.target(&holding.node);
    let forecast_of = |target: i64| {
        let days = question.recent_days;
        let open = question.open;
        open.then(|| forecast(count.total, target, recent, days, in_time))
            .flatten()
    };
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
    match &indicator.definition {
        Definition::Count { .. } => {
            let share = own_target.and_then(|target| percent(count.total, target));
            let forecast_on = own_target.and_then(forecast_of);
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
                Denominator::Measure { .. } => question.denominator.map(|measure| Figure {
                    value: holding.totals.sum(measure, &question.counted).total,
                    as_of: in_time,
                    source: None,
                }),
                Denominator::Figure { figure } if team == TeamId::NONE => {
                    let figures = board.figures.get(place);
                    figures.and_then(|figures| figures.get(figure)).cloned()
                }
                Denominator::Figure { .. } => None,
            };
            // A share of what was done is due at once; a share of the people, over time.
            let grows = matches!(denominator, Denominator::Figure { .. });
            let expected = if grows { elapsed } else { 100.0 };
            let target = own_target.unwrap_or_else(|| i64::from(*target_permille));
            let rate = below
                .as_ref()
                .and_then(|below| permille(count.total, below.value));
            // From the counts, not from the rounded rate.
            let wanted = below
                .as_ref()
                .map_or(0, |below| (below.value * target + 999) / 1000);
            let share = below
                .as_ref()
                .and_then(|below| percent(count.total * 1000, below.value * target));
            let forecast_on = grows.then(|| forecast_of(wanted)).flatten();
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
        Definition::PerUnit {
            unit_level,
            minimum,
            ..
        } => {
            let units = (team == TeamId::NONE)
                .then(|| units_met(board, question, place, unit_level, *minimum, on));
            let units = units.filter(|(_, all)| *all > 0);
            let alone = units.is_some_and(|(_, all)| all == 1);
            let target = own_target.or_else(|| alone.then_some(*minimum));
            let share = match units {
                Some((met, all)) if all > 1 => percent(met, all),
                _ => target.and_then(|target| percent(count.total, target)),
            };
            // Something that stands does not have to be built again every month.
            Standing {
                target,
                percent: share,
                pace: pace(share, elapsed, 1, running_days),
                units,
                ..base
            }
        }
    }
}

/// How many units at or below a place reach their own target, or the minimum, by
/// themselves.
fn units_met(
    board: &Board,
    question: &Question<'_>,
    place: &PlaceId,
    unit_level: &str,
    minimum: i64,
    on: Date,
) -> (i64, i64) {
    let mut met = 0;
    let mut all = 0;
    for unit in board.atlas.units(place, unit_level, on) {
        let own = question.targets.and_then(|targets| {
            let node = Node::Place(unit.id.clone());
            targets.get(&node).copied()
        });
        all += 1;
        let totals = unit.position.map(|position| board.cube.at(position));
        let held = totals.map(|totals| totals.sum(question.numerator, &question.counted));
        let held = held.map(|held| question.of_unit(held));
        if held.unwrap_or_default().total >= own.unwrap_or(minimum) {
            met += 1;
        }
    }
    (met, all)
}

/// A child place or team and how it stands.
#[derive(Debug)]
pub struct Child {
    /// Which.
    pub holder: Holder,
    /// In each indicator.
    pub standings: Vec<Standing>,
    /// Attainment over expectation, averaged over the indicators; `None` without targets.
    pub score: Option<f64>,
}

/// Children in force on the day, stuck ones first, those without any target last.
pub fn children(board: &Board, questions: &[Question<'_>], place: &Place, on: Date) -> Vec<Child> {
    let mut children: Vec<Child> = board
        .atlas
        .holders(place, on)
        .into_iter()
        .map(|holder| {
            let standings = standings(board, questions, holder.key(), on);
            let of = |standing: &Standing| (standing.percent, standing.expected_percent);
            let score = score(standings.iter().map(of));
            Child {
                holder,
                standings,
                score,
            }
        })
        .collect();
    children.sort_by(|a, b| {
        let rank = |child: &Child| child.score.unwrap_or(f64::MAX);
        rank(a)
            .total_cmp(&rank(b))
            .then_with(|| a.holder.name().cmp(b.holder.name()))
    });
    children
}
