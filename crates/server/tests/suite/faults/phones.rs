//! A storm of phones: they send what was not acknowledged until it is, lose
//! acknowledgements, cut batches up, mix and repeat them, and their clocks are off.

use super::report;
use crate::commands::{TODAY, signed_in, visit};
use crate::harness::client::{Client, read};
use crate::harness::facts::{Fact, news, street, void};
use crate::harness::folder::Folder;
use crate::harness::people::batch;
use crate::harness::process::Server;
use crate::harness::{count, deployment, fresh_database};
use crate::nodes::plan_now;
use causo::features::facts::{ledger, verify::verify};
use causo::features::members::Role;
use causo::platform::clock::Clock;
use causo::platform::db::read_alone;
use domain::catalogue::Catalogue;
use domain::facts::{Rules, parse};
use domain::subjects::Pseudonymiser;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Write;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock};
use std::time::{Duration, Instant};
use time::{OffsetDateTime, UtcOffset};

/// Phones that send at once.
const PHONES: usize = 4;
/// Facts a phone keeps before it waits for an acknowledgement.
const UNSENT_MAX: usize = 60;
/// Longest wait for something to happen; only a hang gets there.
const PATIENCE: Duration = Duration::from_secs(120);

/// How far the clock of a phone is off, in minutes. More than ten ahead is refused.
const CLOCKS_MIN: [i64; 7] = [0, 0, 0, 5, 180, -30 * 60, -5 * 24 * 60];

/// A database, people who may record in it, and where they find a server now.
pub struct Play {
    pub folder: Folder,
    database: Mutex<String>,
    cookies: Vec<String>,
    server: Mutex<SocketAddr>,
    office: String,
    campaign: OnceLock<String>,
}

impl Play {
    pub fn new() -> Self {
        let folder = Folder::new();
        let database = fresh_database(&folder);
        Self::on(folder, database)
    }

    /// On a database that is there already.
    pub fn on(folder: Folder, database: String) -> Self {
        let cookies = (0..PHONES).map(|_| signed_in(&database, Role::Volunteer, TODAY));
        Self {
            cookies: cookies.collect(),
            office: signed_in(&database, Role::Admin, "VN"),
            campaign: OnceLock::new(),
            folder,
            database: Mutex::new(database),
            server: Mutex::new(([127, 0, 0, 1], 1).into()),
        }
    }

    /// Where the books are.
    pub fn database(&self) -> String {
        self.database.lock().unwrap().clone()
    }

    /// The same books now lie elsewhere.
    pub fn moved_to(&self, database: &str) {
        *self.database.lock().unwrap() = database.to_owned();
    }

    /// From now on phones find this one.
    pub fn find(&self, server: Server) -> Server {
        self.turn_to(&server);
        server
    }

    /// As [`Play::find`]. The first makes a campaign, so that facts count.
    pub fn turn_to(&self, server: &Server) {
        *self.server.lock().unwrap() = server.address;
        self.campaign.get_or_init(|| {
            let made = server
                .client(&self.office)
                .post("/api/v1/campaigns", &plan_now("VN"));
            made.ok()["id"].as_str().expect("it has an id").to_owned()
        });
    }

    /// Visits as the server that phones find shows them.
    fn shown(&self) -> i64 {
        let campaign = self.campaign.get().expect("it is made");
        // To the campaign's last day: clocks were ahead, so some of it is tomorrow's.
        let path = format!("/api/v1/campaigns/{campaign}/progress?place={TODAY}&on=9999-12-31");
        let client = Client::new(*self.server.lock().unwrap()).with_cookie(&self.office);
        let progress = client.get(&path).ok();
        let mut all = progress["indicators"].as_array().expect("a list").iter();
        let visits = all
            .find(|one| one["code"] == "visits")
            .expect("it is there");
        visits["result"].as_i64().expect("a number")
    }

    /// Visits as they were counted.
    fn counted(&self) -> i64 {
        let sql = "select coalesce(cast(sum(t.total) as bigint), 0) from tally t
            join measure m on m.id = t.measure_id join indicator i on i.id = m.indicator_id
            where i.code = 'visits'";
        count(self.database(), sql)
    }

    fn client(&self, phone: usize) -> Client {
        Client::new(*self.server.lock().unwrap()).with_cookie(&self.cookies[phone])
    }
}

/// What all phones together sent and heard.
#[derive(Default)]
pub struct Heard {
    pub sent: HashMap<String, Fact>,
    pub acknowledged: BTreeSet<String>,
    /// For good.
    pub refused: BTreeSet<String>,
    pub repeats: usize,
    /// Requests and facts that were refused, by code.
    pub refusals: BTreeMap<String, usize>,
    /// Requests that got no answer, without those that did not wait for it.
    pub unanswered: usize,
    pub answers: usize,
    /// Answers that contradict one another.
    pub wrong: Vec<String>,
    pub silence_max: Duration,
    last: Option<Instant>,
}

impl Heard {
    /// Refusals by the storage, by code.
    fn of_storage(&self) -> impl Iterator<Item = (&str, usize)> {
        let all = self.refusals.iter().map(|(code, n)| (code.as_str(), *n));
        all.filter(|(code, _)| code.starts_with("storage.") || *code == "internal")
    }

    /// Requests that were not answered, or that the storage refused.
    pub fn failures(&self) -> usize {
        self.unanswered + self.of_storage().map(|(_, times)| times).sum::<usize>()
    }

    /// Proves that every failure was told by this name.
    pub fn failed_only_as(&self, code: &str) {
        let told: Vec<&str> = self.of_storage().map(|(code, _)| code).collect();
        assert_eq!((told, self.unanswered), (vec![code], 0));
    }

    fn acknowledge(&mut self, id: &str, outcome: &str) {
        if self.refused.contains(id) {
            self.wrong
                .push(format!("{id}: {outcome} after it was refused"));
        }
        if !self.acknowledged.insert(id.to_owned()) && outcome == "counted" {
            self.wrong.push(format!("{id}: counted twice"));
        }
        self.repeats += usize::from(outcome == "duplicate");
        let now = Instant::now();
        let silence = now - self.last.unwrap_or(now);
        (self.last, self.silence_max) = (Some(now), self.silence_max.max(silence));
    }

    fn refuse(&mut self, id: &str, code: &str) {
        *self.refusals.entry(code.to_owned()).or_default() += 1;
        if self.acknowledged.contains(id) {
            self.wrong
                .push(format!("{id}: {code} after it was acknowledged"));
        } else {
            self.refused.insert(id.to_owned());
        }
    }
}

/// Phones at work while something goes wrong.
pub struct Storm<'p> {
    play: &'p Play,
    heard: Mutex<Heard>,
    over: AtomicBool,
}

impl Storm<'_> {
    pub fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap()
    }

    /// Waits until a number has gone up by so many.
    fn wait(&self, more: usize, of: impl Fn(&Heard) -> usize) {
        let (begun, from) = (Instant::now(), of(&self.heard()));
        while of(&self.heard()) < from + more {
            assert!(begun.elapsed() < PATIENCE, "it does not go on");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Waits until so many more facts are acknowledged.
    pub fn acknowledged(&self, more: usize) {
        self.wait(more, |heard| heard.acknowledged.len());
    }

    /// Waits until so many more requests are answered, whatever is said of their facts.
    pub fn answered(&self, more: usize) {
        self.wait(more, |heard| heard.answers);
    }

    /// Waits until so many more requests have failed.
    pub fn failed(&self, more: usize) {
        self.wait(more, Heard::failures);
    }
}

/// One phone.
struct Phone<'s, 'p> {
    storm: &'s Storm<'p>,
    number: usize,
    rng: fastrand::Rng,
    /// Not acknowledged yet, oldest first.
    unsent: Vec<Fact>,
    /// Acknowledged; what is sent again without need, and corrected.
    kept: Vec<Fact>,
}

impl Phone<'_, '_> {
    /// Until the storm is over.
    fn work(&mut self) {
        while !self.storm.over.load(Ordering::Relaxed) {
            if self.unsent.len() < UNSENT_MAX {
                for _ in 0..self.rng.usize(1..8) {
                    let fact = self.record();
                    let id = fact.id().to_owned();
                    self.storm.heard().sent.insert(id, fact.clone());
                    self.unsent.push(fact);
                }
            }
            let facts = self.some();
            let body = batch(&facts).to_string();
            match self.rng.u8(0..8) {
                0 => self.send_unheard(&body),
                1 => drop(self.send(&body)),
                _ => {
                    let heard = self.send(&body);
                    self.hear(heard);
                }
            }
        }
    }

    /// A new fact, by a clock that may be off.
    fn record(&mut self) -> Fact {
        let off = CLOCKS_MIN[self.rng.usize(..CLOCKS_MIN.len())];
        let now = Clock::machine(time::Duration::minutes(off)).now();
        let earlier = self.rng.usize(..self.kept.len().max(1));
        let person = format!("cccd:0521910{:05}", self.rng.u8(0..40));
        let fact = match (self.rng.u8(0..12), self.kept.get(earlier)) {
            (0, Some(earlier)) => void(earlier),
            (1, Some(earlier)) => visit(TODAY).person(&person).corrects(earlier),
            (2, _) => news(TODAY, &format!("https://example.vn/{}", self.rng.u64(..))),
            (3, _) => street(TODAY, &format!("Đường {}", self.rng.u8(0..20)), "operating"),
            (4, _) => visit(TODAY).household(&format!("house:{}", self.rng.u8(0..20))),
            (5 | 6, _) => visit(TODAY),
            _ => visit(TODAY).person(&person),
        };
        fact.at(&domain::facts::rfc3339(now))
    }

    /// Some of what is to be sent, in any order, and now and then what need not be.
    fn some(&mut self) -> Vec<Fact> {
        let mut facts = self.unsent.clone();
        self.rng.shuffle(&mut facts);
        facts.truncate(self.rng.usize(1..20));
        if let (0, Some(again)) = (self.rng.u8(0..4), self.rng.choice(&self.kept)) {
            facts.push(again.clone());
        }
        if let (0, Some(twice)) = (self.rng.u8(0..6), self.rng.choice(facts.clone())) {
            facts.push(twice);
        }
        facts
    }

    fn send(&mut self, body: &str) -> Option<Value> {
        let client = self.storm.play.client(self.number);
        let Ok(reply) = client.try_send("POST", "/api/v1/facts", Some(body.as_bytes())) else {
            self.storm.heard().unanswered += 1;
            // As phones do, but sooner.
            std::thread::sleep(Duration::from_millis(5));
            return None;
        };
        let said = reply.json();
        let mut heard = self.storm.heard();
        if reply.status == 200 {
            heard.answers += 1;
            return Some(said);
        }
        let code = said["code"].as_str().unwrap_or("no code").to_owned();
        if said["retryable"] != true {
            heard.wrong.push(format!("{code} is not to be tried again"));
        }
        *heard.refusals.entry(code).or_default() += 1;
        None
    }

    /// Sends and is gone before the answer.
    fn send_unheard(&self, body: &str) {
        let client = self.storm.play.client(self.number);
        if let Ok(mut stream) = client.open("POST", "/api/v1/facts", Some(body.len())) {
            // The server may be gone too.
            let _ = stream.write_all(body.as_bytes());
            if body.len().is_multiple_of(2) {
                let _ = read(stream);
            }
        }
    }

    fn hear(&mut self, said: Option<Value>) {
        let said = said.unwrap_or_default();
        for outcome in said["outcomes"].as_array().into_iter().flatten() {
            let id = outcome["id"].as_str().expect("every fact here has an id");
            let mut heard = self.storm.heard();
            match outcome["outcome"].as_str() {
                Some(word @ ("counted" | "duplicate")) => heard.acknowledge(id, word),
                Some("held") => continue,
                _ => heard.refuse(id, outcome["problem"]["code"].as_str().unwrap_or("none")),
            }
            if let Some(at) = self.unsent.iter().position(|fact| fact.id() == id) {
                let done = self.unsent.remove(at);
                if heard.acknowledged.contains(id) {
                    self.kept.push(done);
                }
            }
        }
    }

    /// Afterwards: sends everything that is left.
    fn finish(&mut self) {
        let begun = Instant::now();
        while !self.unsent.is_empty() {
            assert!(begun.elapsed() < PATIENCE, "it cannot be sent");
            let all: Vec<Fact> = self.unsent.clone();
            let said = self.send(&batch(&all).to_string());
            self.hear(said);
        }
    }
}

/// Lets phones work while `inflict` does its worst and mends it, as often as asked for;
/// then proves that nothing is lost, doubled or made up, and reports it.
pub fn storm(fault: &str, play: &Play, inflict: impl Fn(&Storm<'_>)) -> Heard {
    let storm = Storm {
        play,
        heard: Mutex::default(),
        over: AtomicBool::new(false),
    };
    let before = stored(play);
    let seed = fault.bytes().map(u64::from).sum::<u64>();
    let kept = Mutex::new(Ok(()));
    std::thread::scope(|scope| {
        let phones: Vec<_> = (0..PHONES)
            .map(|number| {
                let mut phone = Phone {
                    storm: &storm,
                    number,
                    rng: fastrand::Rng::with_seed(seed * 100 + number as u64),
                    unsent: Vec::new(),
                    kept: Vec::new(),
                };
                scope.spawn(move || {
                    phone.work();
                    phone
                })
            })
            .collect();
        let done = Ended(&storm.over);
        storm.acknowledged(40);
        for _ in 0..super::rounds() {
            inflict(&storm);
            storm.acknowledged(40);
        }
        drop(done);
        let phones = phones
            .into_iter()
            .map(|phone| phone.join().expect("a phone"));
        let mut phones: Vec<Phone<'_, '_>> = phones.collect();
        // Straight from the database, before anybody repairs anything by sending again.
        *kept.lock().unwrap() = all_kept(play, &storm.heard());
        phones.iter_mut().for_each(Phone::finish);
    });
    let kept = kept.into_inner().unwrap();
    let heard = storm.heard.into_inner().unwrap();
    let proved = kept.and_then(|()| proof(play, &before, &heard));
    report::add(fault, &heard, &proved);
    assert!(proved.is_ok(), "{fault}: {proved:?}");
    heard
}

/// Ends the storm, also when what goes wrong is the test itself.
struct Ended<'s>(&'s AtomicBool);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Facts by id, each in one line of everything it says.
type Stored = BTreeMap<String, String>;

fn stored(play: &Play) -> Stored {
    let sql = format!("select {} from fact f", ledger::COLUMNS);
    let found = read_alone(&deployment(play.database()).conn, |tx| {
        Ok(tx.all(&sql, &[], |row| ledger::read(&row))?)
    });
    let found = found.expect("it reads").into_iter();
    let lines = found.map(|stored| (stored.fact.id.0.to_string(), line(&stored.fact)));
    lines.collect()
}

fn all_kept(play: &Play, heard: &Heard) -> Result<(), String> {
    let stored = stored(play);
    let gone = heard
        .acknowledged
        .iter()
        .find(|id| !stored.contains_key(*id));
    gone.map_or(Ok(()), |id| {
        Err(format!("{id} was acknowledged and is gone"))
    })
}

/// That every fact sent and not refused is stored as it was sent beside what was there
/// before, and nothing else; that a recount agrees, and the screens. How many facts, and
/// the checksum of both.
fn proof(play: &Play, before: &Stored, heard: &Heard) -> Result<(usize, String), String> {
    if let Some(wrong) = heard.wrong.first() {
        return Err(wrong.clone());
    }
    let deployment = deployment(play.database());
    let (catalogue, keys) = (Catalogue::bundled(), deployment.keys());
    let taken = heard.sent.iter();
    let taken = taken.filter(|(id, _)| !heard.refused.contains(*id));
    let mut sent = before.clone();
    sent.extend(taken.map(|(id, fact)| (id.clone(), as_stored(fact, &catalogue, &keys))));
    let stored = stored(play);
    let (sent_sum, stored_sum) = (checksum(&sent), checksum(&stored));
    if sent_sum != stored_sum {
        let both = sent.keys().chain(stored.keys());
        let differs = both.into_iter().find(|id| sent.get(*id) != stored.get(*id));
        let differs = differs.map(|id| (sent.get(id), stored.get(id)));
        return Err(format!("sent and stored differ: {differs:?}"));
    }
    let found = read_alone(&deployment.conn, |tx| verify(tx, &catalogue, &keys));
    let differences = found.expect("it reads").differences;
    let (shown, counted) = shown_soon(play);
    match differences.first() {
        Some(first) => Err(first.clone()),
        None if shown != counted || counted == 0 => {
            Err(format!("{counted} visits are counted, {shown} are shown"))
        }
        None => Ok((stored.len() - before.len(), stored_sum)),
    }
}

/// Visits shown and counted, once a node has had two seconds to hear of the last.
fn shown_soon(play: &Play) -> (i64, i64) {
    let (begun, counted) = (Instant::now(), play.counted());
    loop {
        let shown = play.shown();
        if shown == counted || begun.elapsed() > Duration::from_secs(2) {
            return (shown, counted);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// What the ledger should say of a fact.
fn as_stored(fact: &Fact, catalogue: &Catalogue, keys: &Pseudonymiser) -> String {
    let fact = parse(&fact.0.to_string(), &Rules { catalogue, keys }).expect("it was taken in");
    line(&fact)
}

/// All that a fact says, in one line; the same moment said in any time zone is the same.
fn line(fact: &domain::facts::Fact) -> String {
    let at = domain::facts::rfc3339(fact.happened_at.to_offset(UtcOffset::UTC));
    format!(
        "{at} {:?}",
        domain::facts::Fact {
            happened_at: OffsetDateTime::UNIX_EPOCH,
            ..fact.clone()
        }
    )
}

fn checksum(facts: &Stored) -> String {
    let mut sum = Sha256::new();
    for line in facts.values() {
        sum.update(line);
        sum.update("\n");
    }
    let sum = sum.finalize();
    sum.iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
