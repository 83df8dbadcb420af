//! What a first sync brings, made once for everybody with the same scope.
//!
//! A snapshot stays good while registers change: the answer's cursor is the revision it
//! was made at, and the phone asks for the rest at once. So its age is bounded only to
//! keep that rest small.

use super::api::Scope;
use crate::platform::gzip::Part;
use crate::platform::problem::AppResult;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use time::Date;
use tokio::sync::OnceCell;

/// How long one is given out.
const AGE_MAX: Duration = Duration::from_secs(300);
/// What all of them may take.
const SIZE_BYTES_MAX: usize = 64 << 20;

/// Registers of a scope as of a revision.
#[derive(Debug)]
pub struct Snapshot {
    /// The revision.
    pub rev: i64,
    /// The fields `places`, `teams` and `shifts`, each after a comma.
    pub part: Part,
}

/// What a snapshot is of: the scope, and the day its names are as of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The scope.
    pub scope: Scope,
    /// The day.
    pub on: Date,
}

#[derive(Debug)]
struct Slot {
    begun_at: Instant,
    made: Arc<OnceCell<Arc<Snapshot>>>,
}

/// Those made lately.
#[derive(Debug, Default)]
pub struct Snapshots(Mutex<HashMap<Key, Slot>>);

impl Snapshots {
    /// The snapshot of a scope. Whoever asks first makes it; the others wait for that.
    ///
    /// # Errors
    /// The maker's; then the next who asks makes it.
    pub async fn of(
        &self,
        key: Key,
        make: impl AsyncFnOnce() -> AppResult<Snapshot>,
    ) -> AppResult<Arc<Snapshot>> {
        let made = self.slot(key);
        let snapshot = made
            .get_or_try_init(async || {
                Ok::<_, crate::platform::problem::AppError>(Arc::new(make().await?))
            })
            .await?;
        Ok(Arc::clone(snapshot))
    }

    fn slot(&self, key: Key) -> Arc<OnceCell<Arc<Snapshot>>> {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let size_bytes = |slot: &Slot| slot.made.get().map_or(0, |made| made.part.size_bytes());
        if !slots.contains_key(&key) {
            slots.retain(|_, slot| slot.begun_at.elapsed() < AGE_MAX);
            if slots.values().map(size_bytes).sum::<usize>() > SIZE_BYTES_MAX {
                slots.clear();
            }
        }
        let fresh = || Slot {
            begun_at: Instant::now(),
            made: Arc::default(),
        };
        let slot = slots.entry(key).or_insert_with(fresh);
        if slot.begun_at.elapsed() >= AGE_MAX {
            *slot = fresh();
        }
        Arc::clone(&slot.made)
    }
}
