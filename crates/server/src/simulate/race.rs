//! The same facts sent over and over, by many at once, in every order, over several
//! nodes: each must be counted once.

use super::check::Ledger;
use super::life::Phone;
use super::line::{self, Line, Outcome, Reply};
use super::nation::People;
use super::{addresses, need_within};
use crate::platform::problem::{AppError, AppResult};
use domain::facts::{Body, Fact, Setting};
use domain::ids::FactId;
use fastrand::Rng;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use time::OffsetDateTime;

/// How often one request is tried.
const TRIES_MAX: u32 = 200;

/// What to race.
#[derive(clap::Args, Clone, Debug)]
pub struct Race {
    /// A server, `http://127.0.0.1:8080`; once for each.
    #[arg(long = "node", required = true)]
    pub nodes: Vec<String>,
    /// How many send the same facts at once.
    #[arg(long, default_value_t = 64)]
    pub copies: u32,
    /// How many facts.
    #[arg(long, default_value_t = 1000)]
    pub facts: u32,
    /// Facts in one upload.
    #[arg(long, default_value_t = 20)]
    pub batch: u32,
    /// The seed the database was filled with.
    #[arg(long, default_value_t = super::SEED)]
    pub seed: u64,
    /// Where to write the id of every acknowledged fact.
    #[arg(long)]
    pub ledger_out: Option<PathBuf>,
    /// Allows addresses of other machines.
    #[arg(long)]
    pub allow_remote: bool,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// How often each fact was answered `counted`, and `duplicate`.
    pub answers: HashMap<FactId, (u32, u32)>,
    /// Facts that were not counted exactly once, or not answered for as often as sent.
    pub wrong: Vec<FactId>,
    /// Other answers, the first few in words.
    pub faults: Vec<String>,
    /// Requests sent again after a 503 or a broken connection.
    pub retries: u64,
    /// How long it took.
    pub lasted: Duration,
}

impl Report {
    /// Whether each fact was counted once and known ever after.
    pub fn is_right(&self) -> bool {
        self.wrong.is_empty() && self.faults.is_empty()
    }

    /// Refuses unless it is right.
    ///
    /// # Errors
    /// `simulate.not_whole`.
    pub fn need_right(&self) -> AppResult<()> {
        if self.is_right() {
            return Ok(());
        }
        Err(AppError::problem("simulate.not_whole"))
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sum = |pick: fn(&(u32, u32)) -> u32| self.answers.values().map(pick).sum::<u32>();
        for fault in &self.faults {
            writeln!(f, "Lỗi: {fault}")?;
        }
        write!(
            f,
            "{} sự kiện: {} lần được tính, {} lần báo trùng, {} sự kiện sai; gửi lại {} lần vì lỗi; {:.1} s.",
            self.answers.len(),
            sum(|(counted, _)| *counted),
            sum(|(_, again)| *again),
            self.wrong.len(),
            self.retries,
            self.lasted.as_secs_f64()
        )
    }
}

/// Races to the end.
///
/// # Errors
/// `simulate.remote`, `simulate.bounds` or `simulate.not_signed_in`.
pub fn run(race: &Race) -> AppResult<Report> {
    need_within("--copies", race.copies.into(), (1, 512))?;
    need_within("--facts", race.facts.into(), (1, 100_000))?;
    need_within("--batch", race.batch.into(), (1, 500))?;
    let nodes = addresses(&race.nodes, race.allow_remote)?;
    let (phones, now) = line::sign_in(&nodes, race.seed, 0..1)?;
    let phone = phones.first().ok_or_else(AppError::not_found)?;
    let facts = facts(race, phone, now);
    let begun = Instant::now();
    let mut report = Report::default();
    std::thread::scope(|scope| {
        let send = |copy: u32| {
            let (facts, nodes) = (&facts, &nodes);
            move || copy_of(race, facts, nodes, copy)
        };
        let copies: Vec<_> = (0..race.copies)
            .map(|copy| scope.spawn(send(copy)))
            .collect();
        for copy in copies {
            match copy.join() {
                Ok(done) => report.add(done),
                Err(_) => report.faults.push("a copy panicked".to_owned()),
            }
        }
    });
    report.lasted = begun.elapsed();
    let right = (1, race.copies - 1);
    let answers = &report.answers;
    let wrong = facts.iter().map(|fact| fact.id);
    report.wrong = wrong.filter(|id| answers.get(id) != Some(&right)).collect();
    if let Some(path) = &race.ledger_out {
        let ledger = Ledger {
            acknowledged: report.answers.keys().copied().collect(),
            ..Ledger::default()
        };
        let io = |fault: std::io::Error| AppError::Internal(fault.to_string());
        ledger.write(path).map_err(io)?;
    }
    Ok(report)
}

impl Report {
    fn add(&mut self, other: Self) {
        for (id, (counted, again)) in other.answers {
            let answers = self.answers.entry(id).or_default();
            *answers = (answers.0 + counted, answers.1 + again);
        }
        self.faults.extend(other.faults);
        self.faults.truncate(5);
        self.retries += other.retries;
    }

    fn note(&mut self, facts: &[Fact], outcomes: Vec<Outcome>) {
        for (fact, Outcome { outcome, .. }) in facts.iter().zip(outcomes) {
            let answers = self.answers.entry(fact.id).or_default();
            match outcome.as_str() {
                "counted" => answers.0 += 1,
                "duplicate" => answers.1 += 1,
                other => self.faults.push(format!("{}: {other}", fact.id)),
            }
        }
    }
}

/// Visits of one volunteer.
fn facts(race: &Race, phone: &Phone, now: OffsetDateTime) -> Vec<Fact> {
    let mut rng = Rng::with_seed(race.seed ^ now.unix_timestamp_nanos() as u64);
    let people = People::new(race.seed, None);
    let visit = |seq| {
        let at = now - time::Duration::seconds(i64::from(race.facts - seq));
        let whom = rng.u64(1 << 40..);
        let identity = |realm| people.of(realm, "race", whom);
        let assist = phone.visit(&mut rng, at, seq, Setting::Door, identity);
        phone.fact(&mut rng, at, seq, Body::Assist(assist))
    };
    (0..race.facts).map(visit).collect()
}

/// One sender: every fact, in an order of its own.
fn copy_of(race: &Race, facts: &[Fact], nodes: &[SocketAddr], copy: u32) -> Report {
    let mut rng = Rng::with_seed(race.seed ^ u64::from(copy));
    let mut order: Vec<&Fact> = facts.iter().collect();
    rng.shuffle(&mut order);
    let cookie = line::cookie(race.seed, 0);
    let (mut report, mut line) = (Report::default(), Line::new(nodes));
    for (n, part) in order.chunks(race.batch as usize).enumerate() {
        let part: Vec<Fact> = part.iter().copied().cloned().collect();
        let body = line::body(&part);
        // Each upload goes to another node than the one before.
        let node = copy as usize + n;
        let answer =
            (0..TRIES_MAX).find_map(|_| match line.post(node, &cookie, &body, part.len()) {
                Reply::Busy => {
                    report.retries += 1;
                    std::thread::sleep(Duration::from_millis(rng.u64(20..200)));
                    None
                }
                answered => Some(answered),
            });
        match answer {
            Some(Reply::Done(outcomes)) => report.note(&part, outcomes),
            Some(Reply::Fault(fault)) => report.faults.push(fault),
            _ => report.faults.push("never answered".to_owned()),
        }
    }
    report
}
