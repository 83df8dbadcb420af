//! Three PostgreSQL kept in step by Patroni, as the operations guide sets them up: one
//! dies, another takes over. `scripts/with-cluster` starts them.

use crate::commands::{TODAY, visit};
use crate::harness::client::{Client, Reply};
use crate::harness::deployment;
use crate::harness::facts::Fact;
use crate::harness::people::batch;
use crate::harness::process::{Server, causo};
use crate::nodes::Nodes;
use causo::args;
use causo::platform::db::{Access, Address, Conn, read_alone};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const SENDERS: usize = 6;
/// Batches that each sender gets acknowledged after the primary died.
const AFTERWARDS: usize = 20;

/// The three database machines.
struct Cluster {
    url: String,
    folder: PathBuf,
}

/// One of them.
struct Machine {
    folder: PathBuf,
}

impl Cluster {
    /// The cluster, with a database of this play's own.
    fn here(play: &str) -> Self {
        let named = |name| std::env::var(name).expect("scripts/with-cluster names it");
        let url = named("CAUSO_TEST_CLUSTER");
        let conn = Conn::open(&Address::Postgres(url.clone()), Access::Write);
        conn.and_then(|conn| conn.script(&format!("create database {play}")))
            .expect("it is made");
        let (servers, _) = url.rsplit_once('/').expect("a name");
        Self {
            url: format!("{servers}/{play}"),
            folder: named("CAUSO_TEST_CLUSTER_FOLDER").into(),
        }
    }

    fn machines(&self) -> impl Iterator<Item = Machine> {
        (1..=3).map(|n| Machine {
            folder: self.folder.join(format!("db{n}")),
        })
    }

    /// The one that Patroni says has this role.
    fn find(&self, role: &str) -> Option<Machine> {
        self.machines().find(|machine| machine.is(role))
    }

    /// Where the machine's database is reached, as the superuser.
    fn conn(&self, machine: &Machine) -> Conn {
        let url = self.url_of(machine);
        let url = url.replace("causo:change-this-too", "postgres:change-this-first");
        Conn::open(&Address::Postgres(url), Access::Read).expect("it is reached")
    }

    /// The address of one machine's database alone.
    fn url_of(&self, machine: &Machine) -> String {
        let at = self
            .machines()
            .position(|one| one.folder == machine.folder)
            .expect("one of ours");
        let (before, hosts) = self.url.split_once('@').expect("a user");
        let (hosts, name) = hosts.split_once('/').expect("a name");
        let host = hosts.split(',').nth(at).expect("three hosts");
        format!("{before}@{host}/{name}")
    }
}

impl Machine {
    fn read(&self, file: &str) -> String {
        let text = std::fs::read_to_string(self.folder.join(file)).expect("it is there");
        text.lines().next().expect("a line").to_owned()
    }

    fn is(&self, role: &str) -> bool {
        let rest = self.read("rest").parse().expect("an address");
        let asked = Client::new(rest).try_send("GET", &format!("/{role}"), None);
        asked.is_ok_and(|reply: Reply| reply.status == 200)
    }

    /// Ends everything on it at once, as when its power fails.
    fn kill(&self) {
        let postmaster = self.read("data/postmaster.pid");
        let mut all = vec![self.read("pid"), postmaster.clone()];
        for process in std::fs::read_dir("/proc").expect("it lists").flatten() {
            // Processes come and go.
            let stat = std::fs::read_to_string(process.path().join("stat")).unwrap_or_default();
            let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
            if fields.split_whitespace().nth(1) == Some(postmaster.as_str()) {
                all.push(process.file_name().to_string_lossy().into_owned());
            }
        }
        // A child may have ended meanwhile.
        let _ = Command::new("kill").arg("-9").args(&all).status();
    }
}

/// A database with the territory, and two nodes on it.
fn nodes(cluster: &Cluster) -> Nodes {
    drop(Server::start(&cluster.url));
    Nodes::on(cluster.url.clone())
}

/// Sends a batch as a phone does: again and again until it is acknowledged.
fn send(client: &Client, facts: &[Fact]) -> Duration {
    let body = batch(facts).to_string();
    let begun = Instant::now();
    loop {
        let reply = client.try_send("POST", "/api/v1/facts", Some(body.as_bytes()));
        match reply {
            Ok(reply) if reply.status == 200 => {
                for outcome in reply.json()["outcomes"].as_array().expect("a list") {
                    let outcome = outcome["outcome"].as_str().expect("it says");
                    assert!(["counted", "duplicate"].contains(&outcome), "{outcome}");
                }
                return begun.elapsed();
            }
            Ok(reply) => assert_eq!(reply.status, 503, "{}", reply.text()),
            Err(fault) => panic!("the nodes themselves stay up: {fault}"),
        }
        assert!(
            begun.elapsed() < Duration::from_secs(120),
            "nobody took over"
        );
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
#[ignore = "needs scripts/with-cluster"]
fn when_the_primary_dies_a_replica_takes_over_and_nothing_is_lost_or_doubled() {
    let cluster = Cluster::here("failover");
    let nodes = nodes(&cluster);
    let primary = cluster.find("primary").expect("there is one");
    let (before, dead_at) = (AtomicUsize::new(0), Mutex::new(None));
    let sent: Mutex<BTreeSet<String>> = Mutex::default();
    let longest: Mutex<Duration> = Mutex::default();
    std::thread::scope(|scope| {
        for sender in 0..SENDERS {
            let (nodes, before, dead_at) = (&nodes, &before, &dead_at);
            let (sent, longest) = (&sent, &longest);
            scope.spawn(move || {
                let mut afterwards = 0;
                for round in 0.. {
                    let facts: Vec<Fact> = (0..10)
                        .map(|n| {
                            let person = (sender * 31 + round * 7 + n) % 200;
                            visit(TODAY).person(&format!("cccd:0521910{person:05}"))
                        })
                        .collect();
                    let took = send(&nodes.clients[(sender + round) % 2], &facts);
                    before.fetch_add(1, Ordering::SeqCst);
                    let ids = facts.iter().map(|fact| fact.id().to_owned());
                    sent.lock().unwrap().extend(ids);
                    let mut longest = longest.lock().unwrap();
                    *longest = took.max(*longest);
                    afterwards += usize::from(dead_at.lock().unwrap().is_some());
                    if afterwards > AFTERWARDS {
                        return;
                    }
                }
            });
        }
        while before.load(Ordering::SeqCst) < 100 {
            std::thread::yield_now();
        }
        primary.kill();
        *dead_at.lock().unwrap() = Some(Instant::now());
    });
    let new = cluster.find("primary").expect("one took over");
    assert_ne!(new.folder, primary.folder);
    let sent = sent.into_inner().unwrap();
    let stored: Vec<String> = read_alone(&deployment(&nodes.database).conn, |tx| {
        let all = tx.all("select id from fact", args![], |row| {
            row.get::<uuid::Uuid>(0)
        })?;
        Ok(all.iter().map(ToString::to_string).collect())
    })
    .expect("it reads");
    assert_eq!(stored.len(), sent.len(), "none is missing, none is double");
    assert_eq!(stored.into_iter().collect::<BTreeSet<_>>(), sent);
    let visits = i64::try_from(sent.len()).expect("it fits");
    nodes.soon(0, "visits", visits);
    nodes.soon(1, "visits", visits);
    causo(&nodes.database, &["verify"]).fine();
    println!(
        "{} facts; the longest wait for an acknowledgement was {:.1} s",
        sent.len(),
        longest.into_inner().unwrap().as_secs_f64()
    );
}

#[test]
#[ignore = "needs scripts/with-cluster"]
fn exports_are_read_from_a_replica_that_keeps_up_and_from_the_primary_otherwise() {
    let cluster = Cluster::here("exports");
    let nodes = nodes(&cluster);
    let replica = cluster.find("replica").expect("there is one");
    let reading_from = |replica: &str| {
        let mut serve = Command::new(env!("CARGO_BIN_EXE_causo"));
        serve.args([
            "--database",
            &cluster.url,
            "serve",
            "--listen",
            "127.0.0.1:0",
        ]);
        Server::from_command(serve.args(["--replica", replica]))
    };
    let cookie = nodes.clients[0].cookie.as_deref().expect("signed in");
    let export = format!(
        "/api/v1/campaigns/{}/export.csv?place={TODAY}",
        nodes.campaign
    );
    let lines = |server: &Server| {
        let reply = server.client(cookie).get(&export);
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.text().lines().count() - 1
    };
    let server = reading_from(&cluster.url_of(&replica));
    let cut_off = reading_from("postgres://causo@127.0.0.1:1/nowhere");
    nodes.clients[0].counts(&[visit(TODAY)]);
    let on_replica = cluster.conn(&replica);
    let wait_for = |wanted: usize| {
        let begun = Instant::now();
        while lines(&server) != wanted {
            assert!(begun.elapsed() < Duration::from_secs(20));
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    wait_for(1);
    on_replica
        .script("select pg_wal_replay_pause()")
        .expect("it pauses");
    nodes.clients[1].counts(&[visit(TODAY), visit(TODAY)]);
    // What was just recorded has not reached the replica: an export may miss it …
    assert_eq!((lines(&server), lines(&cut_off)), (1, 3));
    // … but no screen does.
    nodes.soon(0, "visits", 3);
    on_replica
        .script("select pg_wal_replay_resume()")
        .expect("it goes on");
    wait_for(3);
    causo(&nodes.database, &["verify"]).fine();
}
