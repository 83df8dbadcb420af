//! What those who run it watch, as Prometheus reads it from `/metrics`: counts and times
//! under words of our own, never an address, a name or an id.

use super::http;
use super::problem::{AppError, AppResult};
use crate::App;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric, text};
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};
use std::fs;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Seconds a request may take.
const DURATIONS_S: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];
/// Writes that share a commit.
const GROUPS: [f64; 7] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0];
/// What becomes of facts, and of writes. Each begins at zero: a rate cannot be told of
/// what appears only when it has happened.
const FACTS: [&str; 4] = ["counted", "duplicate", "held", "refused"];
const WRITES: [&str; 6] = [
    "committed",
    "refused",
    "storage.busy",
    "storage.failed",
    "storage.full",
    "internal",
];

type Label = [(&'static str, &'static str); 1];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: String,
    method: &'static str,
    /// Its class: `2xx`.
    status: &'static str,
}

/// Everything that is counted. Made at start, reached through [`App`].
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<Answered, Histogram>,
    facts: Family<Label, Counter>,
    writes: Family<Label, Counter>,
    chores: Family<[(&'static str, &'static str); 2], Counter>,
    deliveries: Family<[(&'static str, &'static str); 2], Counter>,
    lent: Family<Label, Gauge>,
    waiting: Family<Label, Gauge>,
    groups: Histogram,
    journal: Arc<Journal>,
    boards: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let made = Self {
            registry: Registry::default(),
            requests: Family::new_with_constructor(|| Histogram::new(DURATIONS_S)),
            facts: Family::default(),
            writes: Family::default(),
            chores: Family::default(),
            deliveries: Family::default(),
            lent: Family::default(),
            waiting: Family::default(),
            groups: Histogram::new(GROUPS),
            journal: Arc::default(),
            boards: Gauge::default(),
        };
        made.registered()
    }
}

impl Metrics {
    fn registered(mut self) -> Self {
        for outcome in FACTS {
            drop(self.facts.get_or_create(&[("outcome", outcome)]));
        }
        for outcome in WRITES {
            drop(self.writes.get_or_create(&[("outcome", outcome)]));
        }
        self.registry.register_collector(Box::new(Process));
        let own = self.registry.sub_registry_with_prefix("causo");
        own.register(
            "build",
            "The build that runs",
            Info::new([("version", env!("CARGO_PKG_VERSION"))]),
        );
        own.register_with_unit(
            "http_request_duration",
            "From a request's arrival to the head of its answer",
            Unit::Seconds,
            self.requests.clone(),
        );
        own.register(
            "facts",
            "Facts sent in, by what became of them",
            self.facts.clone(),
        );
        own.register(
            "db_writes",
            "Writes to the database, by what became of them",
            self.writes.clone(),
        );
        own.register(
            "db_connections_lent",
            "Connections at work",
            self.lent.clone(),
        );
        own.register(
            "db_connections_awaited",
            "Requests that wait for a connection",
            self.waiting.clone(),
        );
        own.register(
            "db_commit_writes",
            "Writes that shared a commit, on SQLite",
            self.groups.clone(),
        );
        own.register(
            "chores",
            "Chores of all nodes that this one did",
            self.chores.clone(),
        );
        own.register(
            "deliveries",
            "Messages besides the app, by what became of them",
            self.deliveries.clone(),
        );
        own.register("boards", "Campaigns kept in memory", self.boards.clone());
        own.register_collector(Box::new(Arc::clone(&self.journal)));
        self
    }

    /// A request was answered.
    pub fn answered(&self, route: &str, method: &'static str, status: u16, took: Duration) {
        let answered = Answered {
            route: route.to_owned(),
            method,
            status: match status {
                100..=199 => "1xx",
                200..=299 => "2xx",
                300..=399 => "3xx",
                400..=499 => "4xx",
                _ => "5xx",
            },
        };
        let of = self.requests.get_or_create_owned(&answered);
        of.observe(took.as_secs_f64());
    }

    /// A fact was `counted`, a `duplicate`, `held` or `refused`.
    pub fn fact(&self, outcome: &'static str) {
        self.facts.get_or_create(&[("outcome", outcome)]).inc();
    }

    /// A write ended.
    pub fn wrote<T>(&self, outcome: &AppResult<T>) {
        let outcome = match outcome.as_ref().map_err(AppError::code) {
            Ok(_) => "committed",
            Err(code) if WRITES.contains(&code) => code,
            Err(_) => "refused",
        };
        self.writes.get_or_create(&[("outcome", outcome)]).inc();
    }

    /// A chore was `done`, or `failed`.
    pub fn chore(&self, name: &'static str, outcome: &'static str) {
        let label = [("chore", name), ("outcome", outcome)];
        self.chores.get_or_create(&label).inc();
    }

    /// A message by a channel was `sent`, `postponed`, `given_up`, or its address `gone`.
    pub fn delivery(&self, channel: &'static str, became: &'static str) {
        let label = [("channel", channel), ("outcome", became)];
        self.deliveries.get_or_create(&label).inc();
    }

    /// So many writes shared a commit.
    pub fn group(&self, writes: usize) {
        self.groups.observe(writes as f64);
    }

    /// The journal was read to its end.
    pub fn journal_read(&self) {
        let mut read_at = self.journal.read_at();
        *read_at = Some(Instant::now());
    }

    /// The connections that `read`, or that `write`.
    pub fn connections(&self, pool: &'static str) -> Connections {
        let label = [("pool", pool)];
        Connections {
            lent: self.lent.get_or_create_owned(&label),
            waiting: self.waiting.get_or_create_owned(&label),
        }
    }
}

/// How many connections of a kind are at work and waited for.
#[derive(Clone, Debug)]
pub struct Connections {
    lent: Gauge,
    waiting: Gauge,
}

impl Connections {
    /// One is at work while this lives.
    pub fn lent(&self) -> Held {
        Held::one(&self.lent)
    }

    /// Somebody waits for one while this lives.
    pub fn waiting(&self) -> Held {
        Held::one(&self.waiting)
    }
}

/// Adds one to a gauge while it lives.
#[derive(Debug)]
pub struct Held(Gauge);

impl Held {
    fn one(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// How far this node is behind the others; on SQLite there are none.
#[derive(Debug, Default)]
struct Journal(Mutex<Option<Instant>>);

impl Journal {
    fn read_at(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Collector for Journal {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let Some(read_at) = *self.read_at() else {
            return Ok(());
        };
        let lag = ConstGauge::new(read_at.elapsed().as_secs_f64());
        let help = "Since the journal of all nodes was last read to its end, on PostgreSQL.";
        let unit = Some(&Unit::Seconds);
        lag.encode(encoder.encode_descriptor("journal_lag", help, unit, lag.metric_type())?)
    }
}

/// What Linux says of this process, under the names every Prometheus knows.
#[derive(Debug)]
struct Process;

/// Of the times in `/proc`, a second.
const TICKS: f64 = 100.0;

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        if let Some(bytes) = resident_bytes() {
            let (gauge, unit) = (ConstGauge::new(bytes), Some(&Unit::Bytes));
            let help = "Memory in use.";
            let name = "process_resident_memory";
            gauge.encode(encoder.encode_descriptor(name, help, unit, gauge.metric_type())?)?;
        }
        if let Some(cpu_s) = cpu_s() {
            let (counter, unit) = (ConstCounter::new(cpu_s), Some(&Unit::Seconds));
            let (name, help) = ("process_cpu", "Processor time used.");
            counter.encode(encoder.encode_descriptor(
                name,
                help,
                unit,
                counter.metric_type(),
            )?)?;
        }
        if let Ok(open) = fs::read_dir("/proc/self/fd") {
            let open = ConstGauge::new(u64::try_from(open.count()).unwrap_or(u64::MAX));
            let (name, help) = ("process_open_fds", "Open files and connections.");
            open.encode(encoder.encode_descriptor(name, help, None, open.metric_type())?)?;
        }
        Ok(())
    }
}

fn resident_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes * 1024)
}

fn cpu_s() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name before may hold spaces; of what follows it, these are user and system time.
    let (_, after) = stat.rsplit_once(')')?;
    let mut ticks = after.split_whitespace().skip(11).map(str::parse::<f64>);
    Some((ticks.next()?.ok()? + ticks.next()?.ok()?) / TICKS)
}

/// Answers Prometheus, on this machine or a private network; to everybody else it is not there.
///
/// # Errors
/// `not_found`.
pub async fn page(State(app): State<Arc<App>>, request: Request) -> AppResult<Response> {
    if !http::is_from_within(&request) {
        return Err(AppError::not_found());
    }
    let metrics = &app.metrics;
    metrics
        .boards
        .set(i64::try_from(app.boards.loaded()).unwrap_or(i64::MAX));
    let mut said = String::new();
    text::encode(&mut said, &metrics.registry)
        .map_err(|fault| AppError::Internal(fault.to_string()))?;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, kind)], said).into_response())
}
