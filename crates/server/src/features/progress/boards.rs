//! Campaigns' tallies in memory, moved on by every commit.
//!
//! A board is loaded on the writer's thread, in its place in the order of commits,
//! so that no change is missed and none is applied twice.

use crate::args;
use crate::features::facts::measures;
use crate::features::places::store::ids_of;
use crate::platform::db::{Effect, Tx};
use crate::platform::problem::AppResult;
use domain::cube::Cube;
use domain::ids::{CampaignId, MeasureId, PlaceId};
use domain::tallies::Quantity;
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use tokio::sync::watch;

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
}

#[derive(Debug)]
struct Board {
    cube: Cube,
    /// Goes up with every change.
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
            match effect {
                Effect::Tally(cell, quantity) => {
                    let Some(campaign) = inner.home.get(&cell.measure).copied() else {
                        continue;
                    };
                    match inner.boards.get_mut(&campaign) {
                        Some(board) if board.cube.knows(&cell.place) => {
                            board
                                .cube
                                .add(cell.measure, &cell.place, cell.day, quantity);
                            board.rev += 1;
                        }
                        // A place added since, by another process: load afresh.
                        Some(_) => drop(inner.boards.remove(&campaign)),
                        None => {}
                    }
                }
                Effect::Loaded(campaign, measures, cube) => {
                    let rev = inner.boards.get(&campaign).map_or(0, |board| board.rev) + 1;
                    inner
                        .home
                        .extend(measures.into_iter().map(|measure| (measure, campaign)));
                    inner.boards.insert(campaign, Board { cube: *cube, rev });
                }
                Effect::Shape => inner.boards.clear(),
            }
        }
        drop(inner);
        self.ticks.send_modify(|tick| *tick += 1);
    }

    /// Reads a campaign's board; `None` while it is not loaded.
    pub fn read<T>(&self, campaign: CampaignId, read: impl FnOnce(&Cube, u64) -> T) -> Option<T> {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        inner
            .boards
            .get(&campaign)
            .map(|board| read(&board.cube, board.rev))
    }

    /// Wakes up after every commit that changed something.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.ticks.subscribe()
    }
}

/// Loads a campaign's board inside the writer's transaction.
///
/// # Errors
/// The storage's.
pub fn load(tx: &mut Tx<'_>, campaign: CampaignId) -> AppResult<()> {
    let measures: Vec<measures::Active> = measures::load(tx)?
        .into_iter()
        .filter(|active| active.campaign == campaign)
        .collect();
    let Some(first) = measures.first() else {
        return Ok(());
    };
    let mut cube = Cube::new(first.starts_on, first.ends_on);
    let (from, to) = crate::features::places::store::path_range(&first.path);
    tx.each(
        "select path from place where path >= $1 and path < $2 order by path",
        args![from, &to],
        |row| {
            cube.learn(&ids_of(&row.get::<String>(0)?));
            Ok::<(), crate::platform::db::DbError>(())
        },
    )?;
    let ids: Vec<MeasureId> = measures.iter().map(|active| active.id).collect();
    for measure in &ids {
        tx.each(
            "select place_id, day, sum(total), sum(anonymous) from tally where measure_id = $1 group by place_id, day",
            args![*measure],
            |row| {
                let (place, day): (PlaceId, time::Date) = (row.get(0)?, row.get(1)?);
                let quantity = Quantity { total: row.get(2)?, anonymous: row.get(3)? };
                cube.add(*measure, &place, day, quantity);
                Ok::<(), crate::platform::db::DbError>(())
            },
        )?;
    }
    tx.effects
        .push(Effect::Loaded(campaign, ids, Box::new(cube)));
    Ok(())
}
