//! The living demonstration: Bình Định's 2024 campaign "Tuổi trẻ Bình Định tiên phong
//! chuyển đổi số" as the newspapers told it, and ten months of life made up around it.
//!
//! Everything is drawn from one seed, so the same build always makes the same world.
//! The names of people are invented; figures marked as demonstration are estimates.

mod branch;
mod calendar;
mod campaign;
pub(crate) mod life;
pub mod names;
mod rosters;
pub(crate) mod visit;
mod world;

use crate::features::facts::ingest::{Ingest, Outcome, ingest};
use crate::features::facts::measures::Measures;
use crate::platform::clock::Clock;
use crate::platform::db::{read_alone, unix_ms, write_alone};
use crate::platform::deployment::{Deployment, set};
use crate::platform::migrate;
use crate::platform::problem::{AppError, AppResult};
use domain::catalogue::Catalogue;
use std::sync::{Arc, Mutex};
use time::OffsetDateTime;
use time::macros::datetime;

pub use life::{Life, Record};
pub use world::World;

/// The moment the demonstration wakes up at: a Sunday morning in October 2024.
pub const NOW: OffsetDateTime = datetime!(2024-10-13 08:00 +7);
/// Everything is drawn from this.
pub const SEED: u64 = 26_031_931;
/// Facts written in one transaction.
const BATCH: usize = 2000;

/// What `make run` prints.
pub const LOGINS: &str = "\
Bản trình diễn Bình Định 2024 (đồng hồ dừng ở mùa thu 2024). Đăng nhập thử:
  tình nguyện viên   tnv        260324
  tổ trưởng          totruong   260324
  cán bộ xã          canboxa    binhdinh-2024
  cán bộ tỉnh        canbotinh  binhdinh-2024
  quản trị           quantri    binhdinh-2024";

/// Fills a new installation. `scale` shortens the life in it, not the campaign.
///
/// # Errors
/// `demo.not_empty` where there are members already, or the storage's.
pub fn load(deployment: &Deployment, scale: f64, say: &mut dyn FnMut(&str)) -> AppResult<()> {
    let keys = deployment.keys();
    let catalogue = Catalogue::bundled();
    let mut rng = fastrand::Rng::with_seed(SEED);
    say("Dựng tổ chức, tổ đội và chỉ tiêu…");
    let world = found(deployment, &mut rng)?;
    let kept = Mutex::new(Arc::new(Measures::default()));
    let mut sent = 0_usize;
    let mut told = 0_usize;
    let mut refused = 0_usize;
    let mut life = Life::new(&world, &keys, rng, scale);
    loop {
        let batch: Vec<Record> = life.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            break;
        }
        sent += batch.len();
        write_alone(&deployment.conn, |tx| {
            // One run of the ingest for each stretch of the same sender.
            for run in batch.chunk_by(|a, b| a.actor == b.actor) {
                let Some(last) = run.last() else { continue };
                let with = Ingest {
                    catalogue: &catalogue,
                    keys: &keys,
                    kept: &kept,
                    actor: last.actor,
                    now: last.received_at,
                };
                let facts = run.iter().map(|record| Ok(record.fact.clone())).collect();
                let outcomes = ingest(tx, &with, facts)?;
                refused += outcomes
                    .iter()
                    .filter(|outcome| matches!(outcome, Outcome::Refused(_)))
                    .count();
            }
            Ok(())
        })?;
        if sent / 50_000 > told {
            told = sent / 50_000;
            say(&format!(
                "  {} lượt…",
                vn::number::integer(i64::try_from(sent).unwrap_or(i64::MAX))
            ));
        }
    }
    assert_eq!(refused, 0, "the demonstration breaks no rule of its own");
    say(&format!(
        "Đã ghi {} lượt.",
        vn::number::integer(i64::try_from(sent).unwrap_or(i64::MAX))
    ));
    Ok(())
}

/// Builds the organisation and the campaign, before anything has happened, and sets
/// the clock to [`NOW`].
///
/// # Errors
/// `demo.not_empty` where there are members already, or the storage's.
pub fn found(deployment: &Deployment, rng: &mut fastrand::Rng) -> AppResult<World> {
    if !read_alone(&deployment.conn, migrate::is_new)? {
        return Err(AppError::problem("demo.not_empty"));
    }
    let (keys, catalogue) = (deployment.keys(), Catalogue::bundled());
    let shift = NOW - Clock::machine(time::Duration::ZERO).now();
    write_alone(&deployment.conn, |tx| {
        let world = world::build(tx, rng)?;
        campaign::build(tx, &world, &catalogue, &keys)?;
        calendar::build(tx, &world)?;
        rosters::build(tx, &world)?;
        branch::build(tx, &world, &catalogue, &keys)?;
        let shift_ms = unix_ms(OffsetDateTime::UNIX_EPOCH + shift);
        set(tx, "demo_shift_ms", &shift_ms.to_string())?;
        Ok(world)
    })
}
