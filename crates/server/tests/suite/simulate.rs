//! The simulated nation: the same from the same seed on either database, and a ledger
//! that holds what its phones were told, whatever went wrong on the way.

use crate::harness::folder::Folder;
use crate::harness::process::{Server, causo};
use crate::harness::{count, deployment, fresh_database, need_balanced};
use causo::platform::db::read_alone;
use causo::simulate::play::{self, Plan};
use causo::simulate::race::{self, Race};
use causo::simulate::{Checksum, Ledger, Order, check, checksum, fill};
use domain::ids::FactId;
use std::net::SocketAddr;
use std::time::Duration;
use time::macros::date;
use uuid::Uuid;

/// A few months of one city.
fn city(facts: u32) -> Order {
    Order {
        provinces: 1,
        until: date!(2025 - 08 - 17),
        ..Order::new(facts)
    }
}

fn filled(folder: &Folder, order: &Order) -> String {
    let database = fresh_database(folder);
    fill(&deployment(&database), order).expect("it fills");
    database
}

fn sums(database: &str) -> Checksum {
    read_alone(&deployment(database).conn, checksum).expect("it adds up")
}

#[test]
fn a_filled_nation_is_whole_and_its_books_balance() {
    let folder = Folder::new();
    let database = filled(&folder, &Order::new(4_000));
    assert_eq!(count(&database, "select count(*) from fact"), 4_000);
    let communes = "select count(distinct place_id) from team";
    assert_eq!(count(&database, communes), 3_321);
    let split = "select count(*) from target t join place p on p.id = t.place_id
                  where p.level = 'province'";
    assert_eq!(count(&database, split) % 34, 0);
    // The parts of a target add up to it at each level.
    let levels = "select count(*) from (select t.indicator_id, p.level, sum(t.value) as value
                    from target t join place p on p.id = t.place_id group by 1, 2) as l
                   join target whole on whole.indicator_id = l.indicator_id and whole.place_id = 'VN'
                  where l.value <> whole.value";
    assert_eq!(count(&database, levels), 0);
    need_balanced(&database);
}

#[test]
fn what_a_phone_gets_wrong_is_in_it() {
    let folder = Folder::new();
    let database = filled(&folder, &city(8_000));
    for some in [
        "select count(*) from fact where kind = 'void.v1'",
        "select count(*) from fact where kind = 'assist.v1' and corrects is not null",
        "select count(*) from (select subject from fact_subject group by subject having count(*) > 1) as s",
        "select count(*) from fact where happened_at > received_at",
        "select count(*) from fact a join fact b on b.received_at > a.received_at and b.id < a.id",
    ] {
        assert!(count(&database, some) > 5, "{some}");
    }
    need_balanced(&database);
}

#[test]
fn one_seed_gives_one_nation_and_another_another() {
    let folders = [Folder::new(), Folder::new(), Folder::new()];
    let orders = [
        city(1_500),
        city(1_500),
        Order {
            seed: 7,
            ..city(1_500)
        },
    ];
    let [one, same, other] = [0, 1, 2].map(|n| sums(&filled(&folders[n], &orders[n])));
    assert_eq!(one, same);
    assert_ne!(one.facts, other.facts);
    assert_ne!(one.tallies, other.tallies);
}

#[test]
#[ignore = "needs scripts/with-postgres"]
fn a_file_holds_the_same_as_a_server() {
    let folder = Folder::new();
    let server = filled(&folder, &city(3_000));
    let file = folder.path("same.db");
    // Under one key the pseudonyms are the same too.
    let key = std::env::var_os("CAUSO_KEY").expect("scripts/with-postgres names it");
    std::fs::copy(key, folder.path("same.db.key")).expect("it copies");
    let fill = "simulate fill --facts 3000 --provinces 1 --until 2025-08-17";
    let words: Vec<&str> = fill.split(' ').collect();
    causo(&file, &words).fine();
    assert_eq!(sums(&file.display().to_string()), sums(&server));
}

#[test]
fn only_a_new_database_is_filled_and_only_within_bounds() {
    let folder = Folder::new();
    let database = filled(&folder, &city(10));
    let again = fill(&deployment(&database), &city(10));
    assert_eq!(again.expect_err("it is full").code(), "demo.not_empty");
    let wrong = ["simulate", "fill", "--facts", "10", "--until", "2026-02-01"];
    let empty = Folder::new();
    causo(empty.path("never.db"), &wrong).refused("simulate.bounds");
    let left = std::fs::read_dir(empty.itself()).expect("it lists");
    assert_eq!(left.count(), 0);
}

fn quick(nodes: &[SocketAddr]) -> Plan {
    Plan {
        members: 60,
        facts_per_s: 600,
        for_s: 4,
        batch: 10,
        ..Plan::new(nodes, 1, 1)
    }
}

#[test]
fn what_was_acknowledged_is_in_the_ledger_once_and_nothing_else() {
    let folder = Folder::new();
    let database = filled(&folder, &city(2_000));
    let server = Server::start(&database);
    let sent = folder.path("sent.txt");
    let plan = Plan {
        ledger_out: Some(sent.clone()),
        ..quick(&[server.address])
    };
    let report = play::run(&plan).expect("it plays");
    assert!(report.is_whole(), "{report}");
    assert_eq!(report.counted, 2_400, "{report}");
    assert!(report.repeated > 0 && report.duplicate > 0, "{report}");
    let sent = sent.to_str().expect("it is text");
    causo(&database, &["simulate", "check", "--sent", sent]).fine();
    // What was never sent shows, and so does what got lost.
    causo(&database, &["simulate", "check"]).refused("simulate.differs");
    let mut played = report.ledger.clone();
    let made_up = FactId(Uuid::from_u128(1));
    played.acknowledged.insert(made_up);
    let found = read_alone(&deployment(&database).conn, |tx| check(tx, &played));
    assert_eq!(found.expect("it reads").lost, [made_up]);
    causo(&database, &["verify"]).fine();
}

#[test]
#[ignore = "needs scripts/with-postgres"]
fn phones_follow_a_node_that_goes_away() {
    let folder = Folder::new();
    let database = filled(&folder, &city(2_000));
    let nodes = [Server::start(&database), Server::start(&database)];
    let plan = quick(&[nodes[0].address, nodes[1].address]);
    let report = std::thread::scope(|scope| {
        let played = scope.spawn(|| play::run(&plan));
        while count(&database, "select count(*) from fact") < 2_800 {
            std::thread::sleep(Duration::from_millis(20));
        }
        nodes[0].kill();
        played.join().expect("it plays").expect("it plays")
    });
    assert!(report.is_whole(), "{report}");
    assert!(report.retries > 0, "{report}");
    let found = read_alone(&deployment(&database).conn, |tx| check(tx, &report.ledger));
    found.expect("it reads").need_right().expect("it is right");
    causo(&database, &["verify"]).fine();
}

#[test]
fn a_thousand_answers_about_one_fact_say_counted_once() {
    let folder = Folder::new();
    let database = filled(&folder, &city(500));
    // A file has room for one.
    let count_of_nodes = if database.starts_with("postgres") {
        2
    } else {
        1
    };
    let nodes: Vec<Server> = (0..count_of_nodes)
        .map(|_| Server::start(&database))
        .collect();
    let race = Race {
        nodes: nodes.iter().map(|node| node.address.to_string()).collect(),
        copies: 16,
        facts: 60,
        batch: 20,
        seed: causo::simulate::SEED,
        ledger_out: None,
        allow_remote: false,
    };
    let report = race::run(&race).expect("it races");
    assert!(report.is_right(), "{report}");
    assert_eq!(report.answers.len(), 60);
    assert_eq!(count(&database, "select count(*) from fact"), 560);
    need_balanced(&database);
}

#[test]
fn it_aims_at_nobody_else() {
    let folder = Folder::new();
    let play = |node: &str, more: &[&str]| {
        let words = [&["simulate", "play", "--node", node], more].concat();
        causo(folder.path("none.db"), &words)
    };
    play("http://192.0.2.1:80", &[]).refused("simulate.remote");
    play("nowhere", &[]).refused("simulate.address");
    play("127.0.0.1:1", &["--facts-per-s", "1000000"]).refused("simulate.bounds");
    play("127.0.0.1:1", &["--members", "1"]).refused("simulate.not_signed_in");
    let database = filled(&folder, &city(10));
    let server = Server::start(&database);
    let address = format!("http://{}", server.address);
    play(&address, &["--seed", "8", "--members", "1"]).refused("simulate.not_signed_in");
    let ledger = Ledger::default();
    let other = Folder::new();
    let plain = fresh_database(&other);
    let found = read_alone(&deployment(plain).conn, |tx| check(tx, &ledger));
    let code = found.expect_err("it is not simulated").code();
    assert_eq!(code, "simulate.not_simulated");
}
