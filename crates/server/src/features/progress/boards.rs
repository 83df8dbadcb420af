//! Campaigns in memory: tallies, places, targets and figures, moved on by every
//! commit, so that progress is answered without reading the database.
//!
//! A board is loaded on the writer's thread, in its place in the order of commits,
//! so that no change is missed and none is applied twice.

use super::atlas::Atlas;
use crate::args;
use crate::features::campaigns::IndicatorBrief;
use crate::features::campaigns::store::{self as campaigns, Campaign, Indicator};
use crate::features::facts::measures;
use crate::platform::db::{DbError, Effect, Tx};
use crate::platform::problem::{AppError, AppResult};
use domain::cube::{Cube, Node};
use domain::ids::{CampaignId, IndicatorId, MeasureId, PlaceId};
use domain::tallies::{Cell, Quantity};
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use time::Date;
use tokio::sync::watch;

/// Everything about one campaign that progress is made of.
#[derive(Debug)]
pub struct Board {
    /// The campaign.
    pub campaign: Campaign,
    /// Its indicators in order.
    pub indicators: Vec<Indicator>,
    /// How each is named in answers, worded once.
    pub briefs: Vec<Box<RawValue>>,
    /// Its places and teams.
    pub atlas: Atlas,
    /// Its tallies.
    pub cube: Cube,
    /// The targets of each indicator, by place and team.
    pub targets: HashMap<IndicatorId, HashMap<Node, i64>>,
    /// Figures of its places, by name.
    pub figures: HashMap<PlaceId, HashMap<String, Figure>>,
    /// Goes up with every change.
    pub rev: u64,
}

/// A dated, sourced number about a place.
#[derive(Clone, Debug)]
pub struct Figure {
    /// The number.
    pub value: i64,
    /// The day it is true for.
    pub as_of: Date,
    /// Who says so; `None` when it is a tally of ours.
    pub source: Option<String>,
}

/// All boards.
#[derive(Debug)]
pub struct Boards {
    inner: RwLock<Inner>,
    ticks: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Inner {
    boards: HashMap<CampaignId, Board>,
    home: HashMap<MeasureId, CampaignId>,
    /// The last revision given to any board. One for all, so that a board loaded
    /// afresh never comes back under a revision that a screen has seen.
    rev: u64,
}

impl Default for Boards {
    fn default() -> Self {
        Self {
            inner: RwLock::default(),
            ticks: watch::Sender::new(0),
        }
    }
}

impl Boards {
    /// Applies what a commit changed. Called by the writer, in order.
    pub fn apply(&self, effects: Vec<Effect>) {
        if effects.is_empty() {
            return;
        }
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        for effect in effects {
            inner.apply(effect);
        }
        drop(inner);
        self.ticks.send_modify(|tick| *tick += 1);
    }

    /// Reads a campaign's board; `None` while it is not loaded.
    pub fn read<T>(&self, campaign: CampaignId, read: impl FnOnce(&Board) -> T) -> Option<T> {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        inner.boards.get(&campaign).map(read)
    }

    /// How many there are.
    pub fn loaded(&self) -> usize {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        inner.boards.len()
    }

    /// Wakes up after every commit that changed something.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.ticks.subscribe()
    }
}

impl Inner {
    fn apply(&mut self, effect: Effect) {
        self.rev += 1;
        let rev = self.rev;
        match effect {
            Effect::Tally(cell, quantity) => {
                let Some(campaign) = self.home.get(&cell.measure).copied() else {
                    return;
                };
                match self.boards.get_mut(&campaign) {
                    Some(board) if board.cube.knows(&cell.place) => {
                        board.cube.add(&cell, quantity);
                        board.rev = rev;
                    }
                    // A place added since, by another process: load afresh.
                    Some(_) => drop(self.boards.remove(&campaign)),
                    None => {}
                }
            }
            Effect::Target {
                indicator,
                place,
                team,
                value,
            } => {
                for board in self.boards.values_mut() {
                    if board.indicators.iter().any(|known| known.id == indicator) {
                        let node = Node::of(&place, team);
                        let of = board.targets.entry(indicator).or_default();
                        of.insert(node, value);
                        board.rev = rev;
                    }
                }
            }
            Effect::Loaded(board) => {
                let campaign = board.campaign.id;
                // Starts from the ledger's, so that it also grows over a restart.
                self.rev = rev.max(board.rev);
                let rev = self.rev;
                let measures = board
                    .indicators
                    .iter()
                    .flat_map(|i| [Some(i.numerator), i.denominator])
                    .flatten();
                self.home
                    .extend(measures.map(|measure| (measure, campaign)));
                self.boards.insert(campaign, Board { rev, ..*board });
            }
            Effect::Shape => self.boards.clear(),
            Effect::Desk(_) => {}
        }
    }
}

/// Loads a campaign's board inside the writer's transaction.
///
/// # Errors
/// `not_found`, or the storage's.
pub fn load(tx: &mut Tx<'_>, id: CampaignId) -> AppResult<()> {
    let campaign = campaigns::find(tx, id)?.ok_or_else(AppError::not_found)?;
    let indicators = campaigns::indicators(tx, id)?;
    let worded = |indicator| serde_json::value::to_raw_value(&IndicatorBrief::from(indicator));
    let briefs: Result<_, _> = indicators.iter().map(worded).collect();
    let briefs = briefs.map_err(|fault| AppError::Internal(fault.to_string()))?;
    let mut atlas = Atlas::load(tx, &campaign.place)?;
    let mut cube = Cube::new(campaign.starts_on, campaign.ends_on);
    for path in atlas.paths() {
        cube.learn(&crate::features::places::store::ids_of(path));
    }
    atlas.find_in(&cube);
    for active in measures::load(tx)?
        .iter()
        .filter(|active| active.campaign == id)
    {
        tx.each(
            "select place_id, team_id, day, total, anonymous from tally where measure_id = $1",
            args![active.id],
            |row| {
                let cell = Cell {
                    measure: active.id,
                    place: row.get(0)?,
                    team: row.get(1)?,
                    day: row.get(2)?,
                };
                cube.add(
                    &cell,
                    Quantity {
                        total: row.get(3)?,
                        anonymous: row.get(4)?,
                    },
                );
                Ok::<(), DbError>(())
            },
        )?;
    }
    let mut targets: HashMap<IndicatorId, HashMap<Node, i64>> = HashMap::new();
    tx.each(
        "select t.indicator_id, t.place_id, t.team_id, t.value from indicator i
           join target t on t.indicator_id = i.id where i.campaign_id = $1",
        args![id],
        |row| {
            let node = Node::of(&row.get(1)?, row.get(2)?);
            let of = targets.entry(row.get(0)?).or_default();
            of.insert(node, row.get(3)?);
            Ok::<(), DbError>(())
        },
    )?;
    let mut figures: HashMap<PlaceId, HashMap<String, Figure>> = HashMap::new();
    tx.each(
        "select place_id, figure, value, as_of, source from figure",
        args![],
        |row| {
            let place: PlaceId = row.get(0)?;
            if atlas.knows(&place) {
                let figure = Figure {
                    value: row.get(2)?,
                    as_of: row.get(3)?,
                    source: row.get(4)?,
                };
                let of = figures.entry(place).or_default();
                of.insert(row.get(1)?, figure);
            }
            Ok::<(), DbError>(())
        },
    )?;
    // Starts from the ledger's own count, so that a screen open over a restart sees it go up.
    let rev = tx
        .one("select coalesce(max(rev), 0) from fact", args![], |row| {
            row.get::<i64>(0)
        })?
        .unwrap_or(0);
    let rev = u64::try_from(rev).unwrap_or(0);
    let board = Board {
        campaign,
        indicators,
        briefs,
        atlas,
        cube,
        targets,
        figures,
        rev,
    };
    tx.effects.push(Effect::Loaded(Box::new(board)));
    Ok(())
}
