//! The process ends in every way it can; nothing acknowledged is lost.

use crate::commands::{TODAY, signed_in, visit};
use crate::harness::client::{Client, Kept, Reply, read};
use crate::harness::facts::Fact;
use crate::harness::folder::Folder;
use crate::harness::people::batch;
use crate::harness::process::{Server, causo};
use crate::harness::{count, deployment, fresh_database};
use causo::args;
use causo::features::members::Role;
use causo::platform::db::read_alone;
use serde_json::Value;
use std::collections::HashSet;
use std::io::Write;
use std::os::unix::net::UnixDatagram;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

const SENDERS: usize = 4;

/// A batch with repeats of the same few people, and a correction now and then.
fn some_facts(sender: usize, round: usize) -> Vec<Fact> {
    let mut facts: Vec<Fact> = (0..10)
        .map(|n| {
            visit(TODAY).person(&format!(
                "cccd:0521910{:05}",
                (sender * 31 + round * 7 + n) % 50
            ))
        })
        .collect();
    let wrong = facts[round % 10].clone();
    facts.push(wrong.clone().anew().corrects(&wrong));
    facts
}

/// Sends until the server is gone. What was sent and what was acknowledged.
fn send_until_gone(
    client: &Client,
    sender: usize,
    after_each: impl Fn(),
) -> (Vec<Fact>, HashSet<String>) {
    let (mut sent, mut acknowledged) = (Vec::new(), HashSet::new());
    for round in 0.. {
        let facts = some_facts(sender, round);
        let body = batch(&facts).to_string();
        sent.extend(facts);
        let Ok(reply) = client.try_send("POST", "/api/v1/facts", Some(body.as_bytes())) else {
            break;
        };
        assert_eq!(reply.status, 200, "{}", reply.text());
        for outcome in reply.json()["outcomes"].as_array().expect("a list") {
            assert_eq!(outcome["outcome"], "counted", "{outcome}");
            acknowledged.insert(outcome["id"].as_str().expect("an id").to_owned());
        }
        after_each();
    }
    (sent, acknowledged)
}

#[test]
fn killed_in_the_middle_of_batches_every_acknowledged_fact_is_there_once() {
    let folder = Folder::new();
    let database = fresh_database(&folder);
    let cookie = signed_in(&database, Role::Volunteer, TODAY);
    let mut rng = fastrand::Rng::with_seed(2024);
    let mut everything: Vec<Fact> = Vec::new();
    for _ in 0..4 {
        let server = Server::start(&database);
        let (kill_at, answered) = (rng.usize(3..40), AtomicUsize::new(0));
        let gathered = Mutex::new((Vec::new(), HashSet::new()));
        std::thread::scope(|scope| {
            for sender in 0..SENDERS {
                let (server, cookie, answered, gathered) = (&server, &cookie, &answered, &gathered);
                scope.spawn(move || {
                    let after_each = || {
                        if answered.fetch_add(1, Ordering::SeqCst) + 1 == kill_at {
                            server.kill();
                        }
                    };
                    let (sent, acknowledged) =
                        send_until_gone(&server.client(cookie), sender, after_each);
                    let mut all = gathered.lock().unwrap();
                    all.0.extend(sent);
                    all.1.extend(acknowledged);
                });
            }
        });
        let (sent, acknowledged) = gathered.into_inner().unwrap();
        assert!(acknowledged.len() >= kill_at, "{kill_at}");
        // Straight from the database, before anybody repairs anything by sending again.
        let stored: HashSet<String> = read_alone(&deployment(&database).conn, |tx| {
            let ids = tx.all("select id from fact", args![], |row| {
                row.get::<uuid::Uuid>(0)
            })?;
            Ok(ids.into_iter().map(|id| id.to_string()).collect())
        })
        .unwrap();
        assert!(
            acknowledged.iter().all(|id| stored.contains(id)),
            "an acknowledged fact is gone"
        );
        causo(&database, &["verify"]).fine();
        let server = Server::start(&database);
        let client = server.client(&cookie);
        for chunk in sent.chunks(400) {
            for (fact, outcome) in chunk.iter().zip(client.send_facts(chunk)) {
                let known = acknowledged.contains(fact.id());
                let wanted: &[&str] = if known {
                    &["duplicate"]
                } else {
                    &["counted", "duplicate"]
                };
                assert!(
                    outcome["outcome"]
                        .as_str()
                        .is_some_and(|got| wanted.contains(&got)),
                    "{known} {outcome}"
                );
            }
        }
        server.kill();
        everything.extend(sent);
    }
    causo(&database, &["verify"]).fine();
    assert_eq!(
        count(&database, "select count(*) from fact"),
        i64::try_from(everything.len()).unwrap()
    );
}

#[test]
fn asked_to_end_it_finishes_what_it_has_begun() {
    let folder = Folder::new();
    let database = fresh_database(&folder);
    let cookie = signed_in(&database, Role::Volunteer, TODAY);
    let server = Server::start(&database);
    let client = server.client(&cookie);
    let body = batch(&[visit(TODAY)]).to_string();
    let (first, second) = body.as_bytes().split_at(body.len() / 2);
    let mut stream = client
        .open("POST", "/api/v1/facts", Some(body.len()))
        .unwrap();
    stream.write_all(first).unwrap();
    // Answered only after the half-sent one was accepted.
    client.get("/api/v1/session").ok();
    server.terminate();
    while client.try_send("GET", "/healthz", None).is_ok() {
        std::thread::yield_now();
    }
    stream.write_all(second).unwrap();
    assert_eq!(
        read(stream).unwrap().ok()["outcomes"][0]["outcome"],
        "counted"
    );
    assert!(server.wait().success());
    assert_eq!(count(&database, "select count(*) from fact"), 1);
}

#[test]
fn asked_to_end_it_does_not_wait_for_open_screens() {
    let folder = Folder::new();
    let database = fresh_database(&folder);
    let cookie = signed_in(&database, Role::Admin, "VN");
    let server = Server::start(&database);
    let client = server.client(&cookie);
    let mut plan = crate::harness::campaigns::plan(TODAY, &crate::harness::campaigns::indicators());
    plan["place_id"] = Value::from("VN");
    let made = client.post("/api/v1/campaigns", &plan).ok();
    let mut events = client.events(&format!(
        "/api/v1/campaigns/{}/live",
        made["id"].as_str().unwrap()
    ));
    events.tally();
    let begun = std::time::Instant::now();
    server.terminate();
    assert!(server.wait().success());
    assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
}

#[test]
fn asked_to_end_it_sends_everybody_away_and_serves_who_comes_all_the_same() {
    let folder = Folder::new();
    let database = fresh_database(&folder);
    let cookie = signed_in(&database, Role::Admin, "VN");
    let server = Server::start_at("127.0.0.1:0", &database, &["--drain-s", "600"]);
    let client = server.client(&cookie);
    let plan = crate::harness::campaigns::plan("VN", &crate::harness::campaigns::indicators());
    let made = client.post("/api/v1/campaigns", &plan).ok();
    let live = format!("/api/v1/campaigns/{}/live", made["id"].as_str().unwrap());
    let mut screen = client.events(&live);
    screen.tally();
    let mut kept = Kept::open(server.address).unwrap();
    let mut send = || {
        let facts = batch(&[visit(TODAY)]);
        let reply = kept.post(&client, "/api/v1/facts", &facts).unwrap();
        assert_eq!(reply.ok()["outcomes"][0]["outcome"], "counted");
        reply.header("connection").map(str::to_owned)
    };
    assert_eq!((send(), send()), (None, None));
    assert_eq!(client.get("/readyz").text(), "ready\n");
    server.terminate();
    while client.get("/readyz").status == 200 {
        std::thread::yield_now();
    }
    client.get("/readyz").refused(503, "server.draining");
    assert_eq!(client.get("/healthz").text(), "ok\n");
    assert_eq!(send(), Some("close".to_owned()));
    assert!(kept.ends());
    screen.end();
    // Asked again it waits no longer.
    server.terminate();
    assert!(server.wait().success());
    assert_eq!(count(&database, "select count(*) from fact"), 3);
    causo(&database, &["verify"]).fine();
}

#[test]
fn its_supervisor_is_told_when_it_serves_and_when_it_ends() {
    let folder = Folder::new();
    let database = fresh_database(&folder);
    let (path, mut said) = (folder.path("notify"), [0; 64]);
    let told = UnixDatagram::bind(&path).unwrap();
    let mut hears = || {
        let length = told.recv(&mut said).unwrap();
        String::from_utf8_lossy(&said[..length]).into_owned()
    };
    let named = format!("export NOTIFY_SOCKET={};", path.display());
    let server = Server::in_shell(&named, &database, "");
    assert_eq!(hears(), "READY=1");
    assert_eq!(Client::new(server.address).get("/readyz").status, 200);
    server.terminate();
    assert_eq!(hears(), "STOPPING=1");
    assert!(server.wait().success());
}

fn sh(line: &str) -> bool {
    Command::new("sh")
        .args(["-c", line])
        .stderr(std::process::Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Sends until storage refuses, with this code; the ids that were acknowledged, and the refusal.
pub fn send_until(client: &Client, status: u16, code: &str) -> (Vec<String>, Reply) {
    let mut acknowledged = Vec::new();
    for _ in 0..2000 {
        let facts: Vec<Fact> = (0..100)
            .map(|_| visit(TODAY).with("/body/note", "ghi chú dài ".repeat(40).trim()))
            .collect();
        let reply = client.post_facts(&facts);
        if reply.status != 200 {
            let problem = reply.refused(status, code);
            assert_eq!(problem["retryable"], true);
            return (acknowledged, reply);
        }
        acknowledged.extend(facts.iter().map(|fact| fact.id().to_owned()));
    }
    panic!("the storage never refuses");
}

fn need_all(client: &Client, ids: &[String]) {
    for id in ids.iter().step_by(53) {
        assert_eq!(
            client.get(&format!("/api/v1/facts/{id}")).ok()["state"],
            "live"
        );
    }
}

struct Unmount(String);

impl Drop for Unmount {
    fn drop(&mut self) {
        sh(&format!("umount -l {}", self.0));
    }
}

/// Shell commands after which a file-backed database has room for two megabytes more.
pub fn may_not_grow(database: &str) -> String {
    // In blocks of 512 bytes; the database itself is below that already. The signal
    // that goes with the limit would end the process, so it is ignored, as services do.
    let limit = std::fs::metadata(database).unwrap().len() / 512 + 4096;
    format!("ulimit -f {limit}; trap '' XFSZ;")
}

/// About a database that is a file: left out on PostgreSQL.
mod on_a_file {
    use super::*;

    #[test]
    fn a_full_disk_is_told_nothing_is_lost_and_writing_goes_on_when_there_is_space() {
        let folder = Folder::new();
        let disk = folder.path("disk");
        std::fs::create_dir(&disk).unwrap();
        if !sh(&format!(
            "mount -t tmpfs -o size=24m tmpfs {}",
            disk.display()
        )) {
            // Only root may mount; the file-size limit below covers the rest.
            return;
        }
        let unmount = Unmount(disk.display().to_string());
        let made = fresh_database(&folder);
        let cookie = signed_in(&made, Role::Volunteer, TODAY);
        let database = disk.join("causo.db");
        for end in ["", ".key"] {
            std::fs::copy(
                format!("{}{end}", made),
                format!("{}{end}", database.display()),
            )
            .unwrap();
        }
        let ballast = disk.join("ballast");
        std::fs::write(&ballast, vec![0; 6 << 20]).unwrap();
        let server = Server::start(&database);
        let client = server.client(&cookie);
        let (acknowledged, _) = send_until(&client, 507, "storage.full");
        assert!(!acknowledged.is_empty());
        assert!(server.is_up());
        need_all(&client, &acknowledged);
        client.post_facts(&[visit(TODAY).with("/body/note", "x".repeat(400))]);
        std::fs::remove_file(&ballast).unwrap();
        client.counts(&[visit(TODAY)]);
        need_all(&client, &acknowledged);
        server.kill();
        causo(&database, &["verify"]).fine();
        assert!(
            count(&database, "select count(*) from fact")
                > i64::try_from(acknowledged.len()).unwrap()
        );
        drop(unmount);
    }

    #[test]
    fn a_file_that_may_not_grow_is_told_and_nothing_is_lost() {
        let folder = Folder::new();
        let database = fresh_database(&folder);
        let cookie = signed_in(&database, Role::Volunteer, TODAY);
        let limit = may_not_grow(&database);
        let server = Server::in_shell(&limit, &database, "");
        let client = server.client(&cookie);
        // SQLite tells no more of it than of a broken disk.
        let (acknowledged, _) = send_until(&client, 503, "storage.failed");
        assert!(server.is_up());
        need_all(&client, &acknowledged);
        server.kill();
        causo(&database, &["verify"]).fine();
        let server = Server::start(&database);
        let client = server.client(&cookie);
        need_all(&client, &acknowledged);
        client.counts(&[visit(TODAY)]);
    }
}
