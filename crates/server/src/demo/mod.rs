//! The living demonstrations. The first is Bình Định's 2024 campaign "Tuổi trẻ Bình Định tiên phong
//! chuyển đổi số" as the newspapers told it, and ten months of life made up around it.
//!
//! Everything is drawn from one seed, so the same build always makes the same world.
//! The names of people are invented; figures marked as demonstration are estimates.

mod an_giang;
mod branch;
mod calendar;
mod campaign;
mod desk;
mod elsewhere;
mod experts;
mod hall;
pub(crate) mod life;
mod moving;
pub mod names;
mod questions;
mod ratings;
mod rosters;
mod scams;
mod slips;
mod support;
pub(crate) mod visit;
mod world;

use crate::features::facts::ingest::{Ingest, Outcome, ingest};
use crate::features::facts::measures::Measures;
use crate::platform::clock::Clock;
use crate::platform::db::{Tx, read_alone, unix_ms, write_alone};
use crate::platform::deployment::{Deployment, set};
use crate::platform::migrate;
use crate::platform::problem::{AppError, AppResult};
use domain::catalogue::Catalogue;
use domain::desk::Language;
use domain::facts::{Fact, Refused};
use domain::ids::MemberId;
use domain::subjects::Pseudonymiser;
use std::sync::{Arc, Mutex};
use time::OffsetDateTime;
use time::macros::datetime;
use uuid::Uuid;

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
Bản trình diễn (đồng hồ lùi về ngày của câu chuyện). Đăng nhập thử:
  tình nguyện viên   tnv        260324
  tổ trưởng          totruong   260324
  chuyên gia tỉnh    chuyengia  260324          (chỉ trong bản Bình Định)
  cán bộ xã          canboxa    binhdinh-2024
  cán bộ tỉnh        canbotinh  binhdinh-2024
  cán bộ Đà Nẵng     danang     binhdinh-2024   (chỉ trong bản Bình Định)
  quản trị           quantri    binhdinh-2024";

/// Which story is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Story {
    /// Bình Định's campaign of 2024, and the teams of Đà Nẵng and Bình Chánh beside it.
    #[default]
    BinhDinh,
    /// An Giang's 102 public-service centres in July 2025.
    AnGiang,
}

/// Fills a new installation. `scale` shortens the life in it, not the campaign.
///
/// # Errors
/// `demo.not_empty` where there are members already, or the storage's.
pub fn load(
    deployment: &Deployment,
    story: Story,
    scale: f64,
    say: &mut dyn FnMut(&str),
) -> AppResult<()> {
    let keys = deployment.keys();
    let mut rng = fastrand::Rng::with_seed(SEED);
    say("Dựng tổ chức, tổ đội và chỉ tiêu…");
    match story {
        Story::BinhDinh => {
            let world = found(deployment, &mut rng)?;
            write_alone(&deployment.conn, |tx| elsewhere::build(tx, scale))?;
            let came = read_alone(&deployment.conn, |tx| {
                Ok([rosters::came(tx)?, moving::came(tx)?].concat())
            })?;
            let life = Life::new(&world, &keys, rng, scale)
                .chain(came)
                .chain(support::records(&world));
            live(deployment, life, NOW, say)
        }
        Story::AnGiang => {
            let catalogue = Catalogue::bundled();
            let world = wake(deployment, an_giang::NOW, |tx| {
                an_giang::build(tx, &mut rng, &catalogue, &keys)
            })?;
            let life = an_giang::life(&world, &keys, rng, scale);
            live(deployment, life, an_giang::NOW, say)
        }
    }
}

/// Takes in what happens, as if phones had sent it.
fn live(
    deployment: &Deployment,
    mut life: impl Iterator<Item = Record>,
    now: OffsetDateTime,
    say: &mut dyn FnMut(&str),
) -> AppResult<()> {
    let (keys, catalogue) = (deployment.keys(), Catalogue::bundled());
    let (kept, clock) = (Mutex::new(Arc::new(Measures::default())), Clock::still(now));
    let (mut sent, mut told, mut refused) = (0_usize, 0_usize, 0_usize);
    loop {
        let batch: Vec<Record> = life.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            break;
        }
        sent += batch.len();
        write_alone(&deployment.conn, |tx| {
            // One run of the ingest for each stretch of the same sender.
            for run in batch.chunk_by(|a, b| a.actor == b.actor) {
                let arrived = run.iter().max_by_key(|record| record.received_at);
                let Some(last) = arrived else { continue };
                let with = Ingest {
                    catalogue: &catalogue,
                    keys: &keys,
                    kept: &kept,
                    actor: last.actor,
                    now: last.received_at,
                    clock: &clock,
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
                "  {} bản ghi…",
                vn::number::integer(i64::try_from(sent).unwrap_or(i64::MAX))
            ));
        }
    }
    assert_eq!(refused, 0, "the demonstration breaks no rule of its own");
    say(&format!(
        "Đã ghi {} bản ghi.",
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
    let (keys, catalogue) = (deployment.keys(), Catalogue::bundled());
    wake(deployment, NOW, |tx| {
        let world = world::build(tx, rng)?;
        campaign::build(tx, &world, &catalogue, &keys)?;
        calendar::build(tx, &world)?;
        rosters::build(tx, &world)?;
        slips::build(tx, &world)?;
        support::build(tx, &world)?;
        experts::build(tx, &world, &catalogue, &keys)?;
        branch::build(tx, &world, &catalogue, &keys)?;
        let at_work = (rosters::DESK, world.province_officer);
        let languages = [Language::Vi, Language::En];
        desk::build(tx, &mut rng.clone(), at_work, &languages, NOW)?;
        moving::build(tx, world.province_officer)?;
        questions::build(tx, &world, (&catalogue, &keys))?;
        scams::build(tx, &world, (&catalogue, &keys))?;
        ratings::build(tx, &world)?;
        hall::build(tx, &mut rng.clone(), at_work, NOW)?;
        Ok(world)
    })
}

/// Takes in what somebody's phone says, at the moment at which it happened.
fn take(
    tx: &mut Tx<'_>,
    (catalogue, keys): (&Catalogue, &Pseudonymiser),
    actor: MemberId,
    fact: Fact,
) -> AppResult<()> {
    let now = fact.happened_at;
    let with = Ingest {
        catalogue,
        keys,
        kept: &Mutex::new(Arc::new(Measures::default())),
        actor,
        now,
        clock: &Clock::still(now),
    };
    let outcomes = ingest(tx, &with, vec![Ok::<_, Refused>(fact)])?;
    let taken = matches!(outcomes.as_slice(), [Outcome::Counted(_)]);
    assert!(taken, "the demonstration breaks no rule: {outcomes:?}");
    Ok(())
}

/// The id of a fact that is the `number`th of something that happened at `at`.
fn fact_id(at: OffsetDateTime, number: u8) -> Uuid {
    let ms = u64::try_from(unix_ms(at)).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(ms, &[number; 10]).into_uuid()
}

/// Builds a world in a new installation, whose clock then stands at `now`.
fn wake(
    deployment: &Deployment,
    now: OffsetDateTime,
    build: impl FnOnce(&mut Tx<'_>) -> AppResult<World>,
) -> AppResult<World> {
    if !read_alone(&deployment.conn, migrate::is_new)? {
        return Err(AppError::problem("demo.not_empty"));
    }
    let shift = now - Clock::machine(time::Duration::ZERO).now();
    write_alone(&deployment.conn, |tx| {
        let world = build(tx)?;
        let shift_ms = unix_ms(OffsetDateTime::UNIX_EPOCH + shift);
        set(tx, "demo_shift_ms", &shift_ms.to_string())?;
        Ok(world)
    })
}
