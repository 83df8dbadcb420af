//! The only place that asks the machine for the time or for chance.

use domain::days::day_of;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use time::{Date, Duration, OffsetDateTime};
use uuid::{NoContext, Timestamp, Uuid};

/// Tells the time. A demonstration runs on a shifted clock, a test on one of its own.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    /// The machine's time plus a shift.
    Machine { shift: Duration },
    /// Stands still until it is moved, Unix milliseconds.
    Still(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's time, moved by `shift`.
    pub fn machine(shift: Duration) -> Self {
        Self(Source::Machine { shift })
    }

    /// A clock that stands at `at` until [`Clock::advance`].
    pub fn still(at: OffsetDateTime) -> Self {
        Self(Source::Still(Arc::new(AtomicI64::new(super::db::unix_ms(
            at,
        )))))
    }

    /// Moves a still clock on.
    pub fn advance(&self, by: Duration) {
        if let Source::Still(ms) = &self.0 {
            ms.fetch_add(
                i64::try_from(by.whole_milliseconds()).unwrap_or(0),
                Ordering::SeqCst,
            );
        }
    }

    /// Now.
    pub fn now(&self) -> OffsetDateTime {
        match &self.0 {
            Source::Machine { shift } => machine_now() + *shift,
            Source::Still(ms) => super::db::from_unix_ms(ms.load(Ordering::SeqCst))
                .unwrap_or(OffsetDateTime::UNIX_EPOCH),
        }
    }

    /// Today in Viet Nam.
    pub fn today(&self) -> Date {
        day_of(self.now())
    }

    /// A new id that sorts by time.
    pub fn new_id(&self) -> Uuid {
        let now = self.now();
        let seconds = u64::try_from(now.unix_timestamp()).unwrap_or(0);
        Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, now.nanosecond()))
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the place it is disallowed in favour of"
)]
fn machine_now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

/// Fresh random bytes for tokens, salts and secrets.
///
/// # Panics
/// When the operating system has none, on which nothing safe can follow.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}
