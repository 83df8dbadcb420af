//! Filling the gaps of a month: a proposal first, then, if nothing has changed, the deed.

use super::steps::{deed, hold_key, need};
use super::store::{self, Listing, Shift, Standing, Who};
use crate::App;
use crate::platform::blocking;
use crate::platform::db::Tx;
use crate::platform::problem::{AppError, AppResult};
use domain::ids::{MemberId, ShiftId};
use domain::refusal::Refusal;
use domain::rosters::Change;
use domain::rosters::fit::{Candidate, Limits, Need};
use domain::rosters::month::{Quality, fill};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use time::{Date, OffsetDateTime};

/// Months that are filled at a time: half of a small server's cores.
pub const AT_ONCE: usize = 1;

/// Everything that filling a month depends on.
#[derive(Debug)]
pub struct Question {
    /// Shifts with a gap, in order.
    pub shifts: Vec<Shift>,
    needs: Vec<Need>,
    /// People, with their names, in order.
    pub people: Vec<(Candidate, String)>,
}

impl Question {
    /// Reads the gaps of a month below a path and who might fill them.
    ///
    /// # Errors
    /// The storage's.
    pub fn read(
        tx: &Tx<'_>,
        path: &str,
        month: (Date, Date),
        now: OffsetDateTime,
    ) -> AppResult<Self> {
        let listing = Listing {
            path,
            point: None,
            member: None,
            from: month.0,
            to: Some(month.1),
            since: -1,
        };
        let mut shifts = Vec::new();
        let mut needs = Vec::new();
        for (shift, people) in store::list(tx, &listing)? {
            let missing = missing(&shift, &people);
            if missing > 0 && !shift.cancelled && shift.starts_at > now {
                needs.push(need(&shift, missing));
                shifts.push(shift);
            }
        }
        let people = store::candidates(tx, Who::Below(path), month)?;
        Ok(Self {
            shifts,
            needs,
            people,
        })
    }

    /// A mark of all of it: the same question has the same answer.
    pub fn mark(&self) -> String {
        let mut digest = Sha256::new();
        // The names of fields and variants do no harm here, and nothing is left out.
        digest.update(format!("{:?}{:?}", self.shifts, self.needs));
        for (candidate, _) in &self.people {
            digest.update(format!("{candidate:?}"));
        }
        let digest = digest.finalize();
        digest
            .iter()
            .take(12)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// Who is to stand where, by position among people and shifts, and how good that is.
    /// It works as hard as it can for a second or two, so only [`AT_ONCE`] at a time, and on
    /// a thread that nobody else waits for.
    ///
    /// # Errors
    /// `roster.filling` while others are at it.
    pub async fn answer(self, app: &App) -> AppResult<(Self, Vec<(usize, usize)>, Quality)> {
        let turn = Arc::clone(&app.fillings).try_acquire_owned();
        let turn = turn.map_err(|_| Refusal::new("roster.filling").with("retry_after_s", 5))?;
        blocking(move || {
            let _turn = turn;
            let people: Vec<Candidate> = self.people.iter().map(|(one, _)| one.clone()).collect();
            let (roster, quality) = fill(&self.needs, &people, &Limits::USUAL);
            (self, roster.given, quality)
        })
        .await
    }
}

/// People a shift still needs.
pub fn missing(shift: &Shift, people: &[Standing]) -> u32 {
    let there = u32::try_from(people.len()).unwrap_or(u32::MAX);
    shift.people_min.saturating_sub(there)
}

/// Writes an answer to the question with this mark, unless the question is another by now.
///
/// # Errors
/// `roster.stale`, or the storage's.
pub fn accept(
    tx: &mut Tx<'_>,
    by: MemberId,
    (path, month): (&str, (Date, Date)),
    mark: &str,
    given: &[(MemberId, ShiftId)],
    now: OffsetDateTime,
) -> AppResult<()> {
    let members = given.iter().map(|(member, _)| hold_key(member.0));
    let shifts = given.iter().map(|(_, shift)| hold_key(shift.0));
    let keys: Vec<[u8; 16]> = members.chain(shifts).collect();
    tx.hold(&keys)?;
    if Question::read(tx, path, month, now)?.mark() != mark {
        return Err(AppError::problem("roster.stale"));
    }
    for (member, shift) in given {
        store::write(tx, &deed(*shift, *member, Change::Filled, now, by, None))?;
    }
    Ok(())
}
