//! The traffic of a simulated nation: uploads that come when they come, whether or not
//! the servers keep up, with everything that phones do wrong on the way.

use super::check::Ledger;
use super::life::{Again, Phone};
use super::line::{self, Line, Outcome, Reply};
use super::nation::People;
use super::{addresses, need_within};
use crate::platform::problem::{AppError, AppResult};
use crate::platform::progress::Progress;
use domain::facts::{Body, Fact, Setting};
use fastrand::Rng;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use time::OffsetDateTime;

/// Phones that may be waiting for an answer at once; an upload that finds no free one
/// waits, and its wait counts.
const LANES: usize = 256;
/// First and longest pause of a phone whose upload failed.
const RETRY_MIN: Duration = Duration::from_millis(100);
const RETRY_MAX: Duration = Duration::from_secs(2);
/// People whom volunteers of several communes meet.
const TRAVELLERS: u64 = 5_000;

/// What to play.
#[derive(clap::Args, Clone, Debug)]
pub struct Plan {
    /// A server, `http://127.0.0.1:8080`; once for each.
    #[arg(long = "node", required = true)]
    pub nodes: Vec<String>,
    /// Phones that send.
    #[arg(long, default_value_t = 2000)]
    pub members: u32,
    /// Facts a second, all phones together.
    #[arg(long, default_value_t = 1000)]
    pub facts_per_s: u32,
    /// How long, in seconds.
    #[arg(long, default_value_t = 60)]
    pub for_s: u32,
    /// Facts in one upload.
    #[arg(long, default_value_t = 20)]
    pub batch: u32,
    /// Facts in all, at most.
    #[arg(long, default_value_t = 1_000_000)]
    pub count_max: u32,
    /// How long phones go on trying after the last upload was due, in seconds.
    #[arg(long, default_value_t = 60)]
    pub patience_s: u32,
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

impl Plan {
    /// So many facts a second for so long, everything else as on the command line.
    pub fn new(nodes: &[SocketAddr], facts_per_s: u32, for_s: u32) -> Self {
        Self {
            nodes: nodes.iter().map(ToString::to_string).collect(),
            members: 2000,
            facts_per_s,
            for_s,
            batch: 20,
            count_max: 1_000_000,
            patience_s: 60,
            seed: super::SEED,
            ledger_out: None,
            allow_remote: false,
        }
    }

    fn check(&self) -> AppResult<()> {
        need_within("--members", self.members.into(), (1, 100_000))?;
        need_within("--facts-per-s", self.facts_per_s.into(), (1, 20_000))?;
        need_within("--for-s", self.for_s.into(), (1, 86_400))?;
        need_within("--batch", self.batch.into(), (1, 500))?;
        need_within("--count-max", self.count_max.into(), (1, 20_000_000))?;
        need_within("--patience-s", self.patience_s.into(), (0, 3600))
    }

    /// When each upload is due after the start: independent phones, so the pauses
    /// between uploads are drawn, not even.
    fn due(&self) -> Vec<Duration> {
        let facts = u64::from(self.facts_per_s) * u64::from(self.for_s);
        let count = facts.min(self.count_max.into()) / u64::from(self.batch);
        let pause_s = f64::from(self.batch) / f64::from(self.facts_per_s);
        let mut rng = Rng::with_seed(self.seed);
        let mut at_s = 0.0;
        (0..count.max(1))
            .map(|_| {
                at_s += -pause_s * (1.0 - rng.f64()).ln();
                Duration::from_secs_f64(at_s)
            })
            .collect()
    }
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Uploads that were due.
    pub uploads: u64,
    /// Facts answered `counted`.
    pub counted: u64,
    /// Facts answered `duplicate`.
    pub duplicate: u64,
    /// Facts refused, by code.
    pub refused: HashMap<String, u64>,
    /// Requests sent again after a 503 or a broken connection.
    pub retries: u64,
    /// Uploads whose answer was thrown away and which were sent again.
    pub repeated: u64,
    /// Answers that make no sense, the first few in words.
    pub faults: Vec<String>,
    /// From the moment an upload was due until all of it was acknowledged, sorted.
    pub waits: Vec<Duration>,
    /// From the start to the last acknowledgement.
    pub lasted: Duration,
    /// Facts whose fate is known, and the others.
    pub ledger: Ledger,
}

impl Report {
    /// The wait that this share of the uploads did not exceed, in milliseconds.
    pub fn wait_ms(&self, share: f64) -> f64 {
        let last = self.waits.len().saturating_sub(1);
        let at = (last as f64 * share).round() as usize;
        self.waits.get(at).map_or(0.0, |w| w.as_secs_f64() * 1e3)
    }

    /// Acknowledged facts in each second of the whole.
    pub fn facts_per_s(&self) -> f64 {
        self.ledger.acknowledged.len() as f64 / self.lasted.as_secs_f64().max(0.001)
    }

    /// Whether every fact was acknowledged.
    pub fn is_whole(&self) -> bool {
        self.ledger.unsure.is_empty() && self.refused.is_empty() && self.faults.is_empty()
    }

    /// Refuses unless it is whole.
    ///
    /// # Errors
    /// `simulate.not_whole`.
    pub fn need_whole(&self) -> AppResult<()> {
        if self.is_whole() {
            return Ok(());
        }
        Err(AppError::problem("simulate.not_whole"))
    }

    fn add(&mut self, other: Self) {
        self.uploads += other.uploads;
        self.counted += other.counted;
        self.duplicate += other.duplicate;
        for (code, count) in other.refused {
            *self.refused.entry(code).or_default() += count;
        }
        self.retries += other.retries;
        self.repeated += other.repeated;
        self.faults.extend(other.faults);
        self.faults.truncate(5);
        self.waits.extend(other.waits);
        self.lasted = self.lasted.max(other.lasted);
        self.ledger.acknowledged.extend(other.ledger.acknowledged);
        self.ledger.unsure.extend(other.ledger.unsure);
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(
            f,
            "{} lần gửi; {} sự kiện được nhận ({} mới, {} lặp lại), {} chưa rõ; gửi lại {} lần vì lỗi, {} lần vì mất trả lời.",
            self.uploads,
            self.ledger.acknowledged.len(),
            self.counted,
            self.duplicate,
            self.ledger.unsure.len(),
            self.retries,
            self.repeated
        )?;
        for (code, count) in &self.refused {
            writeln!(f, "Từ chối {count}: {code}")?;
        }
        for fault in &self.faults {
            writeln!(f, "Lỗi: {fault}")?;
        }
        writeln!(
            f,
            "Từ lúc đến hạn gửi đến khi được nhận hết: p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms, lâu nhất {:.1} ms.",
            self.wait_ms(0.50),
            self.wait_ms(0.95),
            self.wait_ms(0.99),
            self.wait_ms(1.0)
        )?;
        write!(
            f,
            "{:.0} sự kiện/s trong {:.1} s. Tổng kiểm: {}.",
            self.facts_per_s(),
            self.lasted.as_secs_f64(),
            self.ledger.sum()
        )
    }
}

/// Plays a plan to its end.
///
/// # Errors
/// `simulate.remote`, `simulate.bounds` or `simulate.not_signed_in` before anything is
/// sent; what servers do wrong afterwards is in the report.
pub fn run(plan: &Plan) -> AppResult<Report> {
    plan.check()?;
    let nodes = addresses(&plan.nodes, plan.allow_remote)?;
    let (phones, server_time) = line::sign_in(&nodes, plan.seed, 0..plan.members as usize)?;
    let due = plan.due();
    let begun = Instant::now();
    let last = due.last().copied().unwrap_or_default();
    let stage = Stage {
        plan,
        nodes: &nodes,
        phones: &phones,
        people: People::new(plan.seed, None),
        due: &due,
        next: AtomicUsize::new(0),
        begun,
        give_up: begun + last + Duration::from_secs(plan.patience_s.into()),
        server_time,
        progress: Mutex::new(Progress::start(
            "Gửi",
            due.len() as u64 * u64::from(plan.batch),
        )),
    };
    let mut report = Report::default();
    std::thread::scope(|scope| {
        let stage = &stage;
        let lanes: Vec<_> = (0..LANES.min(due.len()))
            .map(|lane| scope.spawn(move || Lane::new(stage, lane).run()))
            .collect();
        for lane in lanes {
            match lane.join() {
                Ok(done) => report.add(done),
                Err(_) => report.faults.push("a lane panicked".to_owned()),
            }
        }
    });
    report.waits.sort_unstable();
    if let Some(path) = &plan.ledger_out {
        let io = |fault: std::io::Error| AppError::Internal(fault.to_string());
        report.ledger.write(path).map_err(io)?;
    }
    Ok(report)
}

/// What all lanes share.
struct Stage<'a> {
    plan: &'a Plan,
    nodes: &'a [SocketAddr],
    phones: &'a [Phone],
    people: People<'a>,
    due: &'a [Duration],
    next: AtomicUsize,
    begun: Instant,
    give_up: Instant,
    /// The servers' time when the play began.
    server_time: OffsetDateTime,
    progress: Mutex<Progress>,
}

/// A phone at a time, and what came of what it sent.
struct Lane<'a> {
    stage: &'a Stage<'a>,
    line: Line<'a>,
    rng: Rng,
    report: Report,
}

impl<'a> Lane<'a> {
    fn new(stage: &'a Stage<'a>, number: usize) -> Self {
        Self {
            rng: Rng::with_seed(number as u64),
            stage,
            line: Line::new(stage.nodes),
            report: Report::default(),
        }
    }

    /// Takes the next upload that is due, until there is none.
    fn run(mut self) -> Report {
        loop {
            let number = self.stage.next.fetch_add(1, Ordering::Relaxed);
            let Some(due) = self.stage.due.get(number) else {
                return self.report;
            };
            let due = self.stage.begun + *due;
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            self.upload(number, due);
        }
    }

    fn upload(&mut self, number: usize, due: Instant) {
        let stage = self.stage;
        let mut rng = stage.chance(number);
        let member = number % stage.phones.len();
        let facts = stage.facts(&mut rng, number, &stage.phones[member]);
        let cookie = line::cookie(stage.plan.seed, member);
        self.report.uploads += 1;
        let sent = facts.iter().map(|fact| fact.id);
        self.report.ledger.unsure.extend(sent);
        let mut parts = faulty(&mut rng, facts);
        let lost = rng.u32(0..100) < 2;
        // What waits for a fact of a later part is sent again after it.
        let mut held = Vec::new();
        let mut whole = true;
        let mut again = Vec::new();
        for round in 0..3 {
            for part in std::mem::take(&mut parts) {
                match self.deliver(&part, &cookie, number) {
                    Some(waiting) => held.extend(waiting),
                    None => whole = false,
                }
                if lost && round == 0 {
                    again.push(part);
                }
            }
            if held.is_empty() {
                break;
            }
            parts.push(std::mem::take(&mut held));
        }
        if whole {
            self.report.waits.push(due.elapsed());
        }
        self.report.lasted = stage.begun.elapsed();
        for part in again {
            // The phone never saw the answer.
            self.report.repeated += 1;
            self.deliver(&part, &cookie, number);
        }
        let mut progress = stage
            .progress
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        progress.advance(stage.plan.batch.into());
    }

    /// Sends facts until a server has answered for them; those it cannot take yet.
    /// `None` when nobody answered in time.
    fn deliver(&mut self, facts: &[Fact], cookie: &str, number: usize) -> Option<Vec<Fact>> {
        let body = line::body(facts);
        let mut pause = RETRY_MIN;
        for node in number.. {
            match self.line.post(node, cookie, &body, facts.len()) {
                Reply::Done(outcomes) => return Some(self.note(facts, outcomes)),
                Reply::Busy => {}
                Reply::Fault(fault) => {
                    self.report.faults.push(fault);
                    return None;
                }
            }
            if Instant::now() + pause > self.stage.give_up {
                return None;
            }
            self.report.retries += 1;
            std::thread::sleep(pause.mul_f64(0.5 + self.rng.f64()));
            pause = (pause * 2).min(RETRY_MAX);
        }
        None
    }

    /// Notes what became of facts; those that wait for another.
    fn note(&mut self, facts: &[Fact], outcomes: Vec<Outcome>) -> Vec<Fact> {
        let mut held = Vec::new();
        for (fact, outcome) in facts.iter().zip(outcomes) {
            match outcome.outcome.as_str() {
                "counted" => self.report.counted += 1,
                "duplicate" => self.report.duplicate += 1,
                "held" => {
                    held.push(fact.clone());
                    continue;
                }
                _ => {
                    let code = outcome.code().to_owned();
                    *self.report.refused.entry(code).or_default() += 1;
                    self.report.ledger.unsure.remove(&fact.id);
                    continue;
                }
            }
            self.report.ledger.unsure.remove(&fact.id);
            self.report.ledger.acknowledged.insert(fact.id);
        }
        held
    }
}

impl Stage<'_> {
    /// The chance of one upload; other people and ids each time something is played.
    fn chance(&self, number: usize) -> Rng {
        let begun = self.server_time.unix_timestamp_nanos() as u64;
        Rng::with_seed(self.plan.seed ^ begun.wrapping_add((number as u64) << 32))
    }

    /// What a phone has recorded since its last upload, or days ago.
    fn facts(&self, rng: &mut Rng, number: usize, phone: &Phone) -> Vec<Fact> {
        let mut at = self.server_time + self.begun.elapsed();
        if rng.u32(0..100) < 5 {
            at -= time::Duration::minutes(rng.i64(60..28_800));
        }
        let count = self.plan.batch;
        at -= time::Duration::minutes(3 * i64::from(count));
        let first = u32::try_from(number).unwrap_or(0).wrapping_mul(count);
        let mut facts: Vec<Fact> = Vec::with_capacity(count as usize);
        for n in 0..count {
            at += time::Duration::minutes(3);
            let before = facts.last().map(|fact: &Fact| (fact.id, &fact.body));
            let again = match before {
                Some((id, Body::Assist(assist))) => {
                    Again::draw(rng).map(|again| again.body(id, assist.clone()))
                }
                _ => None,
            };
            let (body, corrects) = again.unwrap_or_else(|| {
                let body = match rng.u32(0..1000) {
                    0..5 => phone.post(rng.u32(..)),
                    _ => self.visit(rng, phone, at),
                };
                (body, None)
            });
            let mut fact = phone.fact(rng, at, first.wrapping_add(n), body);
            fact.corrects = corrects;
            facts.push(fact);
        }
        facts
    }

    /// Mostly somebody new; now and then somebody met in the months before, or by a
    /// volunteer elsewhere.
    fn visit(&self, rng: &mut Rng, phone: &Phone, at: OffsetDateTime) -> Body {
        let (group, whom) = match rng.u32(0..100) {
            0..4 => (phone.code.as_str(), rng.u64(0..1000)),
            4..8 => ("travellers", rng.u64(0..TRAVELLERS)),
            _ => (phone.code.as_str(), rng.u64(1 << 40..)),
        };
        let (setting, dossier) = if rng.u32(0..4) == 0 {
            (Setting::Desk, rng.u32(..))
        } else {
            (Setting::Door, 0)
        };
        let identity = |realm| self.people.of(realm, group, whom);
        Body::Assist(phone.visit(rng, at, dossier, setting, identity))
    }
}

/// An upload as one request; or as two, the later half first; or in no order.
fn faulty(rng: &mut Rng, mut facts: Vec<Fact>) -> Vec<Vec<Fact>> {
    match rng.u32(0..100) {
        0..5 => {
            let later = facts.split_off(facts.len() / 2);
            vec![later, facts]
        }
        5..10 => {
            rng.shuffle(&mut facts);
            vec![facts]
        }
        _ => vec![facts],
    }
}
