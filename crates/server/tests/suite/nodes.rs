//! Several servers on one PostgreSQL: each counts what the others took in, once.
//! `scripts/test` runs these there and leaves them out on SQLite.

use crate::commands::{TODAY, signed_in, visit};
use crate::harness::campaigns::{indicators, plan};
use crate::harness::client::Client;
use crate::harness::facts::{Fact, void};
use crate::harness::folder::Folder;
use crate::harness::process::{Server, causo};
use crate::harness::{count, empty_on_server, fresh_database, on_server};
use causo::features::members::Role;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Two nodes, and someone who may do everything signed in on both.
struct Nodes {
    database: String,
    servers: [Server; 2],
    clients: [Client; 2],
    campaign: String,
}

fn nodes(folder: &Folder) -> Nodes {
    let database = fresh_database(folder);
    let cookie = signed_in(&database, Role::Admin, "VN");
    let servers = [Server::start(&database), Server::start(&database)];
    let clients = [servers[0].client(&cookie), servers[1].client(&cookie)];
    let made = clients[0].post("/api/v1/campaigns", &plan_now("VN")).ok();
    Nodes {
        database,
        servers,
        clients,
        campaign: made["id"].as_str().expect("it has an id").to_owned(),
    }
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
    fn result(&self, node: usize, code: &str) -> Value {
        let progress = format!("/api/v1/campaigns/{}/progress?place={TODAY}", self.campaign);
        let progress = self.clients[node].get(&progress).ok();
        let all = progress["indicators"].as_array().expect("a list");
        let of = all.iter().find(|all| all["code"] == code);
        of.expect("it is there")["result"].clone()
    }

    /// Waits until a node says so, at most two seconds.
    #[track_caller]
    fn soon(&self, node: usize, code: &str, wanted: i64) {
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
    assert_eq!(client.get("/healthz").text(), "ok\n");
    on_server(&format!("alter database {name} allow_connections true"));
    assert_eq!(client.get("/readyz").text(), "ready\n");
    client.counts(&[late]);
    nodes.soon(0, "visits", 2);
    nodes.soon(1, "visits", 2);
    causo(&nodes.database, &["verify"]).fine();
}
