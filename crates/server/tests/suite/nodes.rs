//! Several servers on one PostgreSQL: each counts what the others took in, once.
//! `scripts/test` runs these there and leaves them out on SQLite.

use crate::commands::{TODAY, signed_in, visit};
use crate::harness::campaigns::{indicators, plan};
use crate::harness::client::{Client, Kept};
use crate::harness::facts::{Fact, void};
use crate::harness::folder::Folder;
use crate::harness::process::{Server, causo};
use crate::harness::{count, deployment, empty_on_server, fresh_database, on_server};
use causo::features::members::Role;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

/// Two nodes, and someone who may do everything signed in on both.
pub struct Nodes {
    pub database: String,
    pub servers: [Server; 2],
    pub clients: [Client; 2],
    pub campaign: String,
}

fn nodes(folder: &Folder) -> Nodes {
    Nodes::on(fresh_database(folder))
}

/// A campaign around today, by the machine's clock: these servers run on it.
pub fn plan_now(place: &str) -> Value {
    let mut indicators = indicators();
    for indicator in &mut indicators {
        indicator["deadline"] = Value::Null;
    }
    let mut plan = plan(place, &indicators);
    let today = causo::platform::clock::Clock::machine(time::Duration::ZERO).today();
    for (end, days) in [("starts_on", -20), ("ends_on", 20)] {
        let day = today + time::Duration::days(days);
        plan[end] = Value::from(domain::days::iso::text(day));
    }
    plan
}

impl Nodes {
    /// On a database that has the territory.
    pub fn on(database: String) -> Self {
        let cookie = signed_in(&database, Role::Admin, "VN");
        let servers = [Server::start(&database), Server::start(&database)];
        let clients = [servers[0].client(&cookie), servers[1].client(&cookie)];
        let made = clients[0].post("/api/v1/campaigns", &plan_now("VN")).ok();
        Self {
            database,
            servers,
            clients,
            campaign: made["id"].as_str().expect("it has an id").to_owned(),
        }
    }

    fn result(&self, node: usize, code: &str) -> Value {
        let progress = format!("/api/v1/campaigns/{}/progress?place={TODAY}", self.campaign);
        let progress = self.clients[node].get(&progress).ok();
        let all = progress["indicators"].as_array().expect("a list");
        let of = all.iter().find(|all| all["code"] == code);
        of.expect("it is there")["result"].clone()
    }

    /// Waits until a node says so, at most two seconds.
    #[track_caller]
    pub fn soon(&self, node: usize, code: &str, wanted: i64) {
        let begun = Instant::now();
        while self.result(node, code) != wanted {
            assert!(
                begun.elapsed() < Duration::from_secs(2),
                "{code} on node {node}: {}, not {wanted}",
                self.result(node, code)
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

#[test]
#[ignore = "needs scripts/with-postgres"]
fn what_one_node_counts_the_other_shows_within_two_seconds() {
    let nodes = nodes(&Folder::new());
    // Both have the campaign in memory before anything is counted.
    assert_eq!(nodes.result(0, "visits"), 0);
    assert_eq!(nodes.result(1, "visits"), 0);
    let live = format!("/api/v1/campaigns/{}/live", nodes.campaign);
    let mut screen = nodes.clients[1].events(&live);
    let shown = screen.tally();
    let facts: Vec<Fact> = (0..7).map(|_| visit(TODAY)).collect();
    nodes.clients[0].counts(&facts);
    assert_eq!(nodes.result(0, "visits"), 7, "its own it shows at once");
    assert!(screen.tally() > shown);
    nodes.soon(1, "visits", 7);
    let back = void(&facts[0]).at(facts[0].0["happened_at"].as_str().unwrap());
    nodes.clients[1].counts(&[back]);
    assert_eq!(nodes.result(1, "visits"), 6);
    nodes.soon(0, "visits", 6);
    causo(&nodes.database, &["verify"]).fine();
}

#[test]
#[ignore = "needs scripts/with-postgres"]
fn a_fact_raced_over_both_nodes_counts_once() {
    let nodes = nodes(&Folder::new());
    let facts: Vec<Fact> = (0..60).map(|_| visit(TODAY)).collect();
    let outcomes: Mutex<HashMap<String, Vec<String>>> = Mutex::default();
    std::thread::scope(|scope| {
        for sender in 0..16_usize {
            let (facts, outcomes, client) = (&facts, &outcomes, &nodes.clients[sender % 2]);
            scope.spawn(move || {
                // Each in an order of its own.
                let mut order: Vec<&Fact> = facts.iter().collect();
                order.rotate_left(sender * 7 % 60);
                if sender % 3 == 0 {
                    order.reverse();
                }
                for chunk in order.chunks(20) {
                    let chunk: Vec<Fact> = chunk.iter().map(|fact| Fact(fact.0.clone())).collect();
                    for (fact, outcome) in chunk.iter().zip(client.send_facts(&chunk)) {
                        let outcome = outcome["outcome"].as_str().unwrap().to_owned();
                        let mut all = outcomes.lock().unwrap();
                        all.entry(fact.id().to_owned()).or_default().push(outcome);
                    }
                }
            });
        }
    });
    for (id, all) in outcomes.into_inner().unwrap() {
        let counted = all.iter().filter(|outcome| *outcome == "counted").count();
        let again = all.iter().filter(|outcome| *outcome == "duplicate").count();
        assert_eq!((counted, again), (1, 15), "{id}: {all:?}");
    }
    assert_eq!(count(&nodes.database, "select count(*) from fact"), 60);
    nodes.soon(0, "visits", 60);
    nodes.soon(1, "visits", 60);
    causo(&nodes.database, &["verify"]).fine();
}

#[test]
#[ignore = "needs scripts/with-postgres"]
fn a_person_met_through_both_nodes_at_once_counts_once() {
    let nodes = nodes(&Folder::new());
    std::thread::scope(|scope| {
        for sender in 0..12_usize {
            let client = &nodes.clients[sender % 2];
            scope.spawn(move || {
                for round in 0..6 {
                    // Everybody meets the same ten people, in an order of their own.
                    let met: Vec<Fact> = (0..10)
                        .map(|n| (n * 3 + sender + round) % 10)
                        .map(|n| visit(TODAY).person(&format!("cccd:0521910001{n:02}")))
                        .collect();
                    client.counts(&met);
                }
            });
        }
    });
    assert_eq!(count(&nodes.database, "select count(*) from fact"), 720);
    nodes.soon(0, "payment", 10);
    nodes.soon(1, "payment", 10);
    causo(&nodes.database, &["verify"]).fine();
}

#[test]
#[ignore = "needs scripts/with-postgres"]
fn a_campaign_made_while_facts_arrive_misses_none() {
    let nodes = nodes(&Folder::new());
    std::thread::scope(|scope| {
        for sender in 0..6_usize {
            let client = &nodes.clients[sender % 2];
            scope.spawn(move || {
                for _ in 0..20 {
                    client.counts(&(0..5).map(|_| visit(TODAY)).collect::<Vec<_>>());
                }
            });
        }
        nodes.clients[1]
            .post("/api/v1/campaigns", &plan_now(TODAY))
            .ok();
    });
    nodes.soon(0, "visits", 600);
    causo(&nodes.database, &["verify"]).fine();
}

#[test]
#[ignore = "needs scripts/with-postgres"]
fn a_node_that_is_killed_takes_nothing_with_it() {
    let nodes = nodes(&Folder::new());
    let acknowledged = Mutex::new(0);
    std::thread::scope(|scope| {
        let sending = scope.spawn(|| {
            loop {
                let facts: Vec<Fact> = (0..5).map(|_| visit(TODAY)).collect();
                let body = crate::harness::people::batch(&facts).to_string();
                let body = Some(body.as_bytes());
                match nodes.clients[0].try_send("POST", "/api/v1/facts", body) {
                    Ok(_) => *acknowledged.lock().unwrap() += 5,
                    Err(_) => return,
                }
            }
        });
        while *acknowledged.lock().unwrap() < 100 {
            std::thread::yield_now();
        }
        nodes.servers[0].kill();
        sending.join().unwrap();
    });
    let acknowledged: i64 = acknowledged.into_inner().unwrap();
    let stored = count(&nodes.database, "select count(*) from fact");
    // One batch may have been kept whose answer was lost.
    assert!(
        (acknowledged..=acknowledged + 5).contains(&stored),
        "{acknowledged} {stored}"
    );
    nodes.soon(1, "visits", stored);
    causo(&nodes.database, &["verify"]).fine();
}

#[test]
#[ignore = "needs scripts/with-postgres"]
fn nodes_that_start_at_once_on_an_empty_database_both_come_up() {
    let database = empty_on_server();
    let servers = std::thread::scope(|scope| {
        let starting: Vec<_> = (0..3)
            .map(|_| scope.spawn(|| Server::start(&database)))
            .collect();
        starting
            .into_iter()
            .map(|one| one.join().unwrap())
            .collect::<Vec<_>>()
    });
    for server in &servers {
        assert_eq!(Client::new(server.address).get("/healthz").text(), "ok\n");
    }
    assert_eq!(
        count(&database, "select count(*) from place where id = 'VN'"),
        1
    );
}

#[test]
#[ignore = "needs scripts/with-postgres"]
fn a_node_whose_database_is_cut_off_says_so_and_goes_on_when_it_is_back() {
    let nodes = nodes(&Folder::new());
    let (_, name) = nodes.database.rsplit_once('/').unwrap();
    let client = &nodes.clients[0];
    client.counts(&[visit(TODAY)]);
    on_server(&format!("alter database {name} allow_connections false"));
    on_server(&format!(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"
    ));
    let late = visit(TODAY);
    // As often as a pool may still hold a connection that is gone.
    for _ in 0..10 {
        let batch = crate::harness::people::batch(&[Fact(late.0.clone())]);
        client
            .post("/api/v1/facts", &batch)
            .refused(503, "storage.busy");
    }
    client.get("/readyz").refused(503, "storage.busy");
    let failed = "causo_http_request_duration_seconds_count{route=\"/api/v1/facts\",method=\"POST\",status=\"5xx\"}";
    assert_eq!(client.metric(failed), Some(10.0));
    let typed = json!({"login": "ai.do", "password": "x", "device_id": uuid::Uuid::from_u128(1)});
    client
        .post("/api/v1/session", &typed)
        .refused(503, "storage.busy");
    let busy = "causo_db_writes_total{outcome=\"storage.busy\"}";
    assert_eq!(client.metric(busy), Some(1.0));
    // Nobody reads the journal now, so the lag only grows.
    let lag = || client.metric("causo_journal_lag_seconds").unwrap();
    let seen = lag();
    assert!(lag() > seen);
    assert_eq!(client.get("/healthz").text(), "ok\n");
    on_server(&format!("alter database {name} allow_connections true"));
    assert_eq!(client.get("/readyz").text(), "ready\n");
    client.counts(&[late]);
    nodes.soon(0, "visits", 2);
    nodes.soon(1, "visits", 2);
    causo(&nodes.database, &["verify"]).fine();
}

#[test]
#[ignore = "needs scripts/with-postgres"]
fn a_chore_is_done_by_one_node_for_all() {
    let database = fresh_database(&Folder::new());
    let journal = "insert into journal (xid, at, entries) values (1, now() - interval '61 minutes', '[]'), (1, now(), '[]')";
    deployment(&database).conn.script(journal).unwrap();
    let servers = std::thread::scope(|scope| {
        let starting = [(); 3].map(|()| scope.spawn(|| Server::start(&database)));
        starting.map(|one| one.join().unwrap())
    });
    let clients = servers.each_ref().map(|server| server.client(""));
    // Nobody else writes: six looks, one for each chore.
    let looked = "causo_db_writes_total{outcome=\"committed\"}";
    while clients.iter().any(|node| node.metric(looked) < Some(6.0)) {
        std::thread::yield_now();
    }
    for chore in [
        "invitations",
        "journal",
        "login_attempts",
        "notifications",
        "roster_gaps",
        "sessions",
    ] {
        let done = format!("causo_chores_total{{chore=\"{chore}\",outcome=\"done\"}}");
        let done = clients.iter().filter_map(|node| node.metric(&done));
        assert_eq!(done.sum::<f64>(), 1.0, "{chore}");
    }
    assert_eq!(
        count(&database, "select count(*) from journal where xid = 1"),
        1
    );
    causo(&database, &["verify"]).fine();
}

/// Sees the nodes as a proxy does: asks each a few times a second whether it is ready,
/// sends to those that are, keeps connections, and tries nothing twice.
struct Proxy<'n> {
    nodes: &'n [SocketAddr; 2],
    cookie: &'n str,
    ready: [AtomicBool; 2],
    answered: [AtomicUsize; 2],
    sent_away: AtomicUsize,
    over: AtomicBool,
}

impl Proxy<'_> {
    fn watch(&self) {
        while !self.over.load(SeqCst) {
            for (node, ready) in self.nodes.iter().zip(&self.ready) {
                let reply = Client::new(*node).try_send("GET", "/readyz", None);
                ready.store(reply.is_ok_and(|reply| reply.status == 200), SeqCst);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Sends facts until it is over; how many. Anything but an answer that counts them
    /// all is a failure.
    fn send(&self, mut turn: usize) -> i64 {
        let mut kept: [Option<Kept>; 2] = [None, None];
        let mut sent = 0;
        while !self.over.load(SeqCst) {
            turn += 1;
            let mut both = [turn % 2, (turn + 1) % 2].into_iter();
            let node = both.find(|node| self.ready[*node].load(SeqCst));
            let node = node.expect("one node is always ready");
            let client = Client::new(self.nodes[node]).with_cookie(self.cookie);
            let idle = kept[node].take().filter(Kept::is_open);
            let mut line = idle.unwrap_or_else(|| Kept::open(client.address).expect("it listens"));
            let facts: Vec<Fact> = (0..5).map(|_| visit(TODAY)).collect();
            let body = crate::harness::people::batch(&facts);
            let reply = line.post(&client, "/api/v1/facts", &body);
            let reply = reply.expect("an answer");
            for outcome in reply.ok()["outcomes"].as_array().expect("a list") {
                assert_eq!(outcome["outcome"], "counted", "{outcome}");
                sent += 1;
            }
            self.answered[node].fetch_add(1, SeqCst);
            if reply.header("connection") == Some("close") {
                self.sent_away.fetch_add(1, SeqCst);
            } else {
                kept[node] = Some(line);
            }
        }
        sent
    }

    /// Waits until a node is ready and has answered so many more.
    fn until_busy(&self, node: usize, more: usize) {
        let wanted = self.answered[node].load(SeqCst) + more;
        while !self.ready[node].load(SeqCst) || self.answered[node].load(SeqCst) < wanted {
            assert!(!self.over.load(SeqCst), "a sender failed");
            std::thread::yield_now();
        }
    }
}

#[test]
#[ignore = "needs scripts/with-postgres"]
fn nodes_restarted_in_turn_under_load_fail_not_one_request() {
    let database = fresh_database(&Folder::new());
    let cookie = signed_in(&database, Role::Volunteer, TODAY);
    let start = |address: &str| Server::start_at(address, &database, &["--drain-s", "3"]);
    // Addresses of their own, so that nothing else takes a port while its node is away.
    let mut servers = [start("127.0.0.2:0"), start("127.0.0.3:0")];
    let proxy = Proxy {
        nodes: &[servers[0].address, servers[1].address],
        cookie: &cookie,
        ready: [true, true].map(AtomicBool::new),
        answered: Default::default(),
        sent_away: AtomicUsize::new(0),
        over: AtomicBool::new(false),
    };
    let sent: i64 = std::thread::scope(|scope| {
        scope.spawn(|| proxy.watch());
        let senders: Vec<_> = (0..4)
            .map(|turn| {
                let proxy = &proxy;
                scope.spawn(move || {
                    let over = Over(&proxy.over);
                    let sent = proxy.send(turn);
                    drop(over);
                    sent
                })
            })
            .collect();
        for node in [0, 1] {
            proxy.until_busy(node, 20);
            servers[node].terminate();
            assert!(servers[node].wait().success());
            servers[node] = start(&proxy.nodes[node].to_string());
            proxy.until_busy(node, 20);
        }
        proxy.over.store(true, SeqCst);
        senders
            .into_iter()
            .map(|sender| sender.join().unwrap())
            .sum()
    });
    assert!(proxy.sent_away.load(SeqCst) > 0, "nobody was sent away");
    assert_eq!(count(&database, "select count(*) from fact"), sent);
    causo(&database, &["verify"]).fine();
}

/// Ends a play for everybody when one of its threads ends, well or not.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, SeqCst);
    }
}
