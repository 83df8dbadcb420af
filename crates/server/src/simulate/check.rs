//! Whether a database holds what was sent to it, and whether two hold the same.

use crate::args;
use crate::features::facts::ledger;
use crate::platform::db::{DbError, Tx, from_unix_ms, unix_ms};
use crate::platform::deployment::setting;
use crate::platform::problem::{AppError, AppResult};
use domain::facts::Body;
use domain::ids::FactId;
use domain::refusal::Refusal;
use domain::subjects::SubjectKey;
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use time::OffsetDateTime;
use uuid::Uuid;

/// A number of things and a sum that does not depend on their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// How many.
    pub count: u64,
    /// Digests added up.
    pub sum: u64,
}

impl Sum {
    fn add(&mut self, what: impl AsRef<[u8]>) {
        let digest: [u8; 32] = Sha256::digest(what).into();
        let first = digest.first_chunk().copied().map_or(0, u64::from_le_bytes);
        self.count += 1;
        self.sum = self.sum.wrapping_add(first);
    }
}

impl std::fmt::Display for Sum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} · {:016x}", self.count, self.sum)
    }
}

/// The ledger and what follows from it, in four sums: two databases that hold the same
/// give the same, whatever keeps them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checksum {
    /// Facts with all they say.
    pub facts: Sum,
    /// Which of them no longer count, and what stands instead.
    pub superseded: Sum,
    /// Whom and what they are about.
    pub links: Sum,
    /// Tallies.
    pub tallies: Sum,
}

impl std::fmt::Display for Checksum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Tổng kiểm: sự kiện {}; đã thay {}; liên kết {}; ô số liệu {}.",
            self.facts, self.superseded, self.links, self.tallies
        )
    }
}

/// Adds a database up.
///
/// # Errors
/// The storage's.
pub fn checksum(tx: &Tx<'_>) -> AppResult<Checksum> {
    let mut found = Checksum::default();
    let sql = format!("select {} from fact f", ledger::COLUMNS);
    tx.each(&sql, args![], |row| {
        let stored = ledger::read(&row)?;
        let fact = &stored.fact;
        let body: &Body = &fact.body;
        found.facts.add(format!(
            "{} {} {} {} {} {:?} {} {} {} {:?} {:?} {}",
            fact.id,
            body.kind().as_str(),
            unix_ms(fact.happened_at),
            unix_ms(stored.received_at),
            fact.place,
            fact.team,
            stored.actor,
            fact.device,
            fact.seq,
            fact.corrects,
            stored.root,
            body.stored()
        ));
        Ok::<(), DbError>(())
    })?;
    let pairs = "select fact_id, by_id from superseded";
    tx.each(pairs, args![], |row| {
        let (fact, by): (FactId, FactId) = (row.get(0)?, row.get(1)?);
        found.superseded.add(format!("{fact} {by}"));
        Ok::<(), DbError>(())
    })?;
    let links = "select subject, fact_id from fact_subject";
    tx.each(links, args![], |row| {
        let (subject, fact): (SubjectKey, FactId) = (row.get(0)?, row.get(1)?);
        found.links.add([subject.0, *fact.0.as_bytes()].concat());
        Ok::<(), DbError>(())
    })?;
    let tallies = "select measure_id, place_id, team_id, day, total, anonymous from tally";
    tx.each(tallies, args![], |row| {
        let number = |at| row.get::<i64>(at);
        let (place, team): (String, Uuid) = (row.get(1)?, row.get(2)?);
        let day: time::Date = row.get(3)?;
        let (measure, total, anonymous) = (number(0)?, number(4)?, number(5)?);
        // What came to nothing need not have a row.
        if (total, anonymous) != (0, 0) {
            found.tallies.add(format!(
                "{measure} {place} {team} {day} {total} {anonymous}"
            ));
        }
        Ok::<(), DbError>(())
    })?;
    Ok(found)
}

/// What was played: the facts that servers acknowledged, and those whose fate nobody
/// was told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Each has to be stored, once.
    pub acknowledged: HashSet<FactId>,
    /// Sent and never acknowledged: may be stored or not.
    pub unsure: HashSet<FactId>,
}

impl Ledger {
    /// Writes it, a line for each id; `?` marks the unsure.
    ///
    /// # Errors
    /// The disk's.
    pub fn write(&self, path: &Path) -> std::io::Result<()> {
        let mut file = BufWriter::new(std::fs::File::create(path)?);
        for id in &self.acknowledged {
            writeln!(file, "{id}")?;
        }
        for id in &self.unsure {
            writeln!(file, "?{id}")?;
        }
        file.flush()
    }

    /// Adds what [`Ledger::write`] wrote.
    ///
    /// # Errors
    /// `cli.file_missing`, or internal when it is something else.
    pub fn read(&mut self, path: &Path) -> AppResult<()> {
        let shown = path.display().to_string();
        let file = std::fs::File::open(path)
            .map_err(|_| Refusal::new("cli.file_missing").with("path", shown))?;
        for line in BufReader::new(file).lines() {
            let line = line.map_err(|fault| AppError::Internal(fault.to_string()))?;
            let (ids, text) = match line.strip_prefix('?') {
                Some(text) => (&mut self.unsure, text),
                None => (&mut self.acknowledged, line.as_str()),
            };
            let id =
                Uuid::parse_str(text).map_err(|fault| AppError::Internal(fault.to_string()))?;
            ids.insert(FactId(id));
        }
        Ok(())
    }

    /// The acknowledged, added up.
    pub fn sum(&self) -> Sum {
        let mut sum = Sum::default();
        for id in &self.acknowledged {
            sum.add(id.0.as_bytes());
        }
        sum
    }
}

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Facts stored since the simulation woke up.
    pub stored: Sum,
    /// Acknowledged and not stored.
    pub lost: Vec<FactId>,
    /// Stored more than once.
    pub doubled: Vec<FactId>,
    /// Stored and never sent.
    pub strange: Vec<FactId>,
}

impl Found {
    /// Whether every acknowledged fact is stored once, and nothing else.
    pub fn is_right(&self) -> bool {
        self.lost.is_empty() && self.doubled.is_empty() && self.strange.is_empty()
    }
}

impl Found {
    /// Refuses unless it is right, and names some of what is not.
    ///
    /// # Errors
    /// `simulate.differs`.
    pub fn need_right(&self) -> AppResult<()> {
        if self.is_right() {
            return Ok(());
        }
        let mut all = self.lost.iter().chain(&self.doubled).chain(&self.strange);
        let refusal = Refusal::new("simulate.differs")
            .with("lost", self.lost.len())
            .with("doubled", self.doubled.len())
            .with("strange", self.strange.len());
        let example = all.next().map(ToString::to_string);
        Err(refusal.with("example", example.unwrap_or_default()).into())
    }
}

/// Compares what was played with what the database took in since it was filled.
///
/// # Errors
/// `simulate.not_simulated`, or the storage's.
pub fn check(tx: &Tx<'_>, played: &Ledger) -> AppResult<Found> {
    let now = woken_at(tx)?.ok_or_else(|| AppError::problem("simulate.not_simulated"))?;
    let mut found = Found::default();
    let mut seen = HashSet::new();
    tx.each(
        "select id from fact where received_at >= $1",
        args![now],
        |row| {
            let id: FactId = row.get(0)?;
            found.stored.add(id.0.as_bytes());
            if !seen.insert(id) {
                found.doubled.push(id);
            }
            if !played.acknowledged.contains(&id) && !played.unsure.contains(&id) {
                found.strange.push(id);
            }
            Ok::<(), DbError>(())
        },
    )?;
    let lost = played.acknowledged.iter().filter(|id| !seen.contains(id));
    found.lost = lost.copied().collect();
    Ok(found)
}

/// When a simulated nation woke up: what was written before came from filling it.
fn woken_at(tx: &Tx<'_>) -> AppResult<Option<OffsetDateTime>> {
    let raw = setting(tx, "simulated_now_ms")?;
    Ok(raw.and_then(|raw| from_unix_ms(raw.parse().ok()?)))
}
