//! A thousand people at the counters of a hundred desks, and ten thousand who follow their
//! tickets, on one node: everybody at their own pace, none waiting for another.

use crate::report::{figure, row, section};
use crate::server::Server;
use crate::stage::Kind;
use crate::{Done, data, quantile, server};
use causo::features::desk::{By, Take, put_setup, take};
use causo::features::members::{NewMember, Role, create, store as members};
use causo::features::points::{PointBody, store as points};
use causo::platform::clock::{Clock, random};
use causo::platform::db::{Access, Conn, write_alone};
use causo::platform::http::{COOKIE, token_hash};
use causo::platform::problem::AppResult;
use causo::simulate::client::Client;
use domain::desk::{Counter, Language, OfferedGroup, PriorityClass, Setup, TicketSource, Wanted};
use domain::ids::{DeviceId, MemberId, PlaceId, PointId, TicketId};
use domain::points::{Hours, PointKind};
use domain::procedures::ProcedureGroup;
use std::net::SocketAddr;
use std::process::Command;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Desks, and counters of each.
const DESKS: usize = 100;
const COUNTERS: usize = 10;
/// Tickets of each that somebody follows.
const TICKETS: usize = 100;
/// How long it is measured.
const FOR: Duration = Duration::from_secs(90);
/// A counter looks at the queue again.
const LOOK: Duration = Duration::from_secs(5);
/// A counter finishes with one and calls the next.
const SERVE: Duration = Duration::from_secs(40);
/// A resident's page looks again.
const FOLLOW: Duration = Duration::from_secs(20);
/// Connections that ask.
const LANES: usize = 48;
/// Longest that nine and a half of ten desk calls may take.
const BAR_MS: f64 = 100.0;

/// Somebody at a counter.
struct Worker {
    cookie: String,
    point: PointId,
    counter: String,
    ticket: Option<String>,
    version: i64,
}

/// Prints how the desks were borne.
///
/// # Errors
/// When something cannot be run at all.
pub fn run() -> Done<()> {
    for kind in Kind::all() {
        on(&kind)?;
    }
    Ok(())
}

/// A day's busiest minutes on one kind of database.
fn on(kind: &Kind) -> Done<()> {
    let stage = kind.stage("desk")?;
    data::founded(&stage, 0)?;
    let (workers, codes) = open(&stage.address)?;
    let server = Server::start(&stage.url)?;
    let sample = data::folder()?.join("page.html");
    let mut one = Client::connect(server.address, "")?;
    one.get(&format!("/phieu/{}", codes[0]))?;
    println!("  a ticket's page: {} bytes", one.body.len());
    std::fs::write(&sample, &one.body)?;
    let mut command = Command::new(std::env::current_exe()?);
    let floor = Server::spawn(command.arg("static").arg(&stage.url).arg(&sample))?;
    section(&format!(
        "{}: {} desk workers at {DESKS} desks, {} residents following, one node, {} s, milliseconds",
        kind.name(),
        workers.len(),
        codes.len(),
        FOR.as_secs()
    ));
    let measured = play(
        server.address,
        floor.address,
        workers,
        &codes,
        one.body.len(),
    )?;
    for (what, taken, bar) in [
        ("desk: call, start, finish", &measured.acts, true),
        ("desk: look at the queue", &measured.looks, true),
        ("a resident's page", &measured.pages, false),
    ] {
        for (name, share) in [("p50", 0.50), ("p95", 0.95), ("p99", 0.99)] {
            let ms = quantile(taken, share) / 1e3;
            let floor = quantile(&measured.floor, share) / 1e3;
            let bar = (bar && name == "p95").then_some(("< 100", ms < BAR_MS));
            row(
                &format!("{what}, {name}"),
                ms,
                Some(floor),
                Some(ms / floor),
                bar,
            );
        }
    }
    println!(
        "  {} steps, {} looks, {} pages, {} static replies",
        measured.acts.len(),
        measured.looks.len(),
        measured.pages.len(),
        measured.floor.len()
    );
    let mb = server.memory_mb("VmHWM:")?;
    figure("memory at its highest, MB", mb, "", true);
    drop(server);
    println!("  {}", server::verify(&stage.url)?.trim());
    stage.remove()
}

/// Desks with tickets waiting, somebody signed in at each counter, and the tickets' codes.
fn open(address: &causo::platform::db::Address) -> Done<(Vec<Worker>, Vec<String>)> {
    let conn = Conn::open(address, Access::Write)?;
    let clock = Clock::machine(time::Duration::ZERO);
    let (mut workers, mut codes) = (Vec::new(), Vec::new());
    let place = PlaceId::parse("34-21583")?;
    for desk in 0..DESKS {
        let made = write_alone(&conn, |tx| {
            let point = PointId(clock.new_id());
            let mut seats = Vec::new();
            for counter in 0..COUNTERS {
                let id = MemberId(clock.new_id());
                let login = format!("q{desk}-{counter}");
                let member = NewMember {
                    id,
                    login: &login,
                    name: "Nguyễn Thị Ánh",
                    password_hash: "none",
                    role: if counter == 0 {
                        Role::CommuneOfficer
                    } else {
                        Role::Volunteer
                    },
                    place: &place,
                    team: None,
                    now: clock.now(),
                };
                create(tx, &member)?;
                let token = format!("{:032x}", u128::from_be_bytes(random()));
                let device = DeviceId(clock.new_id());
                members::open_session(tx, &token_hash(&token), id, device, clock.now())?;
                seats.push((id, token));
            }
            let about = PointBody {
                id: point.0,
                place_id: place.to_string(),
                name: format!("Điểm {desk}"),
                kind: PointKind::CommuneCentre,
                address: String::new(),
                lat_e6: None,
                lon_e6: None,
                hours: Hours::default(),
                valid_from: None,
                valid_to: None,
                agreement: None,
            };
            points::put(tx, &about, &random())?;
            put_setup(tx, seats[0].0, point, &setup())?;
            let mut codes = Vec::new();
            for ticket in 0..TICKETS {
                codes.push(wait(tx, &clock, point, ticket)?);
            }
            Ok((point, seats, codes))
        })?;
        let (point, seats, waiting) = made;
        codes.extend(waiting);
        for (at, (_, token)) in seats.into_iter().enumerate() {
            workers.push(Worker {
                cookie: format!("{COOKIE}={token}"),
                point,
                counter: (at + 1).to_string(),
                ticket: None,
                version: 0,
            });
        }
    }
    Ok((workers, codes))
}

fn setup() -> Setup {
    let groups = [ProcedureGroup::CivilStatus, ProcedureGroup::Certification];
    let counter = |at: usize| Counter {
        code: at.to_string(),
        name: String::new(),
        groups: groups.to_vec(),
        quick: at == COUNTERS,
    };
    let offered = |(group, letter)| OfferedGroup {
        group,
        letter,
        expected_min: 8,
    };
    Setup {
        counters: (1..=COUNTERS).map(counter).collect(),
        groups: groups.into_iter().zip(['A', 'B']).map(offered).collect(),
        priority: PriorityClass::ALL.to_vec(),
        priority_run: 2,
        quick_min: 6,
        calls: 3,
        languages: Language::ALL.to_vec(),
        voice: false,
    }
}

fn wait(
    tx: &mut causo::platform::db::Tx<'_>,
    clock: &Clock,
    point: PointId,
    at: usize,
) -> AppResult<String> {
    let procedures = ["1.001193", "2.000815", "2.000635"];
    let wanted = Wanted {
        group: None,
        procedure: Some(procedures[at % procedures.len()].to_owned()),
    };
    let ticket = Take {
        id: TicketId(clock.new_id()),
        point,
        wanted: vec![wanted],
        priority: at.is_multiple_of(6).then_some(PriorityClass::Elderly),
        language: Language::Vi,
        source: TicketSource::Kiosk,
        triage: None,
    };
    Ok(take(tx, clock, By::default(), &ticket)?.code)
}

/// How long each answer took from when it was due.
#[derive(Default)]
struct Measured {
    acts: Vec<Duration>,
    looks: Vec<Duration>,
    pages: Vec<Duration>,
    floor: Vec<Duration>,
}

/// What a lane does at a moment.
#[derive(Clone, Copy)]
enum Due {
    Look(usize),
    Serve(usize),
    Follow(usize),
}

fn play(
    address: SocketAddr,
    floor: SocketAddr,
    workers: Vec<Worker>,
    codes: &[String],
    page_bytes: usize,
) -> Done<Measured> {
    let all = Mutex::new(Measured::default());
    let begun = Instant::now() + Duration::from_millis(500);
    let mut lanes: Vec<Vec<Worker>> = (0..LANES).map(|_| Vec::new()).collect();
    for (at, worker) in workers.into_iter().enumerate() {
        lanes[at % LANES].push(worker);
    }
    let failed: Result<Vec<()>, String> = std::thread::scope(|scope| {
        let lane = |(at, mut workers): (usize, Vec<Worker>)| {
            let all = &all;
            scope.spawn(move || {
                let own: Vec<&String> = codes.iter().skip(at).step_by(LANES).collect();
                let due = schedule(at, workers.len(), own.len());
                let mut took = Measured::default();
                let mut lane = Lane::connect(address, floor)?;
                for (number, (offset, due)) in due.into_iter().enumerate() {
                    let when = begun + offset;
                    std::thread::sleep(when.saturating_duration_since(Instant::now()));
                    lane.desk.cookie.clear();
                    match due {
                        Due::Follow(ticket) => {
                            lane.desk.get(&format!("/phieu/{}", own[ticket]))?;
                            took.pages.push(when.elapsed());
                        }
                        Due::Look(worker) => {
                            lane.look(&mut workers[worker])?;
                            took.looks.push(when.elapsed());
                        }
                        Due::Serve(worker) => lane.serve(&mut workers[worker], when, &mut took)?,
                    }
                    // Beside it, so that whatever else the machine does falls on both.
                    if number % 8 == 0 {
                        let asked = Instant::now();
                        lane.still.get(&format!("/api/v1/static/{page_bytes}"))?;
                        took.floor.push(asked.elapsed());
                    }
                }
                let mut all = all.lock().map_err(|_| std::io::Error::other("poisoned"))?;
                all.acts.extend(took.acts);
                all.looks.extend(took.looks);
                all.pages.extend(took.pages);
                all.floor.extend(took.floor);
                Ok(())
            })
        };
        let threads: Vec<_> = lanes.into_iter().enumerate().map(lane).collect();
        threads
            .into_iter()
            .map(|thread| {
                let ended: std::io::Result<()> =
                    thread.join().map_err(|_| "a lane panicked".to_owned())?;
                ended.map_err(|fault| fault.to_string())
            })
            .collect()
    });
    failed?;
    Ok(all.into_inner().map_err(|_| "a lane panicked")?)
}

/// Everything a lane does, spread over the time, in order.
fn schedule(lane: usize, workers: usize, tickets: usize) -> Vec<(Duration, Due)> {
    let mut rng = fastrand::Rng::with_seed(lane as u64);
    let mut due = Vec::new();
    let mut every = |pause: Duration, what: Due| {
        let mut at = pause.mul_f64(rng.f64());
        while at < FOR {
            due.push((at, what));
            at += pause;
        }
    };
    for worker in 0..workers {
        every(LOOK, Due::Look(worker));
        every(SERVE, Due::Serve(worker));
    }
    for ticket in 0..tickets {
        every(FOLLOW, Due::Follow(ticket));
    }
    due.sort_by_key(|(at, _)| *at);
    due
}

struct Lane {
    desk: Client,
    still: Client,
    clock: Clock,
}

impl Lane {
    fn connect(address: SocketAddr, floor: SocketAddr) -> std::io::Result<Self> {
        Ok(Self {
            desk: Client::connect(address, "")?,
            still: Client::connect(floor, "")?,
            clock: Clock::machine(time::Duration::ZERO),
        })
    }

    fn look(&mut self, worker: &mut Worker) -> std::io::Result<()> {
        self.desk.cookie.clone_from(&worker.cookie);
        let (point, version) = (worker.point, worker.version);
        self.desk.get(&format!(
            "/api/v1/desk/points/{point}/queue?version={version}"
        ))?;
        worker.version = self.answer()?["version"].as_i64().unwrap_or(0);
        Ok(())
    }

    /// Finishes with one and calls the next to the counter.
    fn serve(
        &mut self,
        worker: &mut Worker,
        due: Instant,
        took: &mut Measured,
    ) -> std::io::Result<()> {
        self.desk.cookie.clone_from(&worker.cookie);
        let mut since = due;
        if let Some(ticket) = worker.ticket.take() {
            for act in ["start", "finish"] {
                let step = serde_json::json!({"id": self.clock.new_id(), "act": act, "counter": null, "group": null});
                self.desk.post(
                    &format!("/api/v1/desk/tickets/{ticket}/steps"),
                    step.to_string().as_bytes(),
                )?;
                took.acts.push(since.elapsed());
                since = Instant::now();
            }
        }
        let next = serde_json::json!({"id": self.clock.new_id(), "counter": worker.counter});
        let url = format!("/api/v1/desk/points/{}/next", worker.point);
        self.desk.post(&url, next.to_string().as_bytes())?;
        took.acts.push(since.elapsed());
        worker.ticket = self.answer()?["ticket"]["id"].as_str().map(str::to_owned);
        Ok(())
    }

    fn answer(&self) -> std::io::Result<serde_json::Value> {
        serde_json::from_slice(&self.desk.body).map_err(std::io::Error::other)
    }
}
