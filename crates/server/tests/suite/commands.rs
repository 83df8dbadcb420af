//! The command line: what it refuses, and copies of a running installation.

use crate::harness::facts::{Fact, assist, void};
use crate::harness::folder::Folder;
use crate::harness::people::{Post, employ};
use crate::harness::process::{Server, causo, causo_typing, command, done};
use crate::harness::{count, deployment, fresh_database, need_balanced};
use causo::features::members::Role;
use causo::platform::db::write_alone;
use serde_json::json;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// A volunteer's session in a database file.
pub fn signed_in(database: &str, role: Role, place: &str) -> String {
    let deployment = deployment(database);
    let clock = deployment.clock().expect("it has a clock");
    let post = Post {
        role,
        place: place.to_owned(),
        team: None,
    };
    let (_, _, token) = write_alone(&deployment.conn, |tx| {
        employ(tx, &clock, &post, "no password")
    })
    .expect("it is made");
    token
}

/// A visit today, by the machine's clock: these servers run on it.
pub fn visit(place: &str) -> Fact {
    let now = causo::platform::clock::Clock::machine(time::Duration::ZERO).now();
    assist(place).at(&domain::facts::rfc3339(now))
}

/// A commune that is there today.
pub const TODAY: &str = "34-21583";

#[test]
fn a_database_that_cannot_be_is_named_and_left_alone() {
    let folder = Folder::new();
    let file = folder.path("x.db");
    for url in [
        "postgress://u:bi-mat@host/db",
        "http://x",
        "sqlite:",
        "sqlite:/no/such/folder/x.db",
        "/no/such/folder/x.db",
    ] {
        let done = causo_typing(url, &["serve", "--listen", "127.0.0.1:0"], "");
        done.refused("cli.database_url");
        assert!(!done.complained.contains("bi-mat"), "{done:?}");
    }
    for command in [&["verify"][..], &["backup", "y.db"]] {
        causo(&file, command).refused("cli.file_missing");
    }
    assert!(!file.exists());
    let garbage = vec![b'x'; 20_000];
    std::fs::write(&file, &garbage).unwrap();
    for command in [
        &["serve", "--listen", "127.0.0.1:0"][..],
        &["verify"],
        &["admin", "create", "--login", "abc", "--name", "X"],
    ] {
        causo_typing(&file, command, "một mật khẩu đủ dài\n").refused("cli.database_corrupt");
    }
    assert_eq!(std::fs::read(&file).unwrap(), garbage);
}

#[test]
fn an_official_account_belongs_to_a_place_there_is() {
    let folder = Folder::new();
    let database = fresh_database(&folder);
    for place in ["63-99999", "VN", "Nhơn Phú"] {
        let account = [
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--zalo-app-id",
            "1",
            "--zalo-place",
            place,
        ];
        let secrets = [
            "CAUSO_ZALO_APP_SECRET",
            "CAUSO_ZALO_OA_SECRET",
            "CAUSO_ZALO_REFRESH_TOKEN",
        ];
        let mut command = command(&database);
        command.args(account).envs(secrets.map(|name| (name, "x")));
        let said = done(&mut command, "");
        said.refused("cli.zalo");
        assert!(said.complained.contains("CAUSO_ZALO_PLACE"), "{said:?}");
    }
}

#[test]
fn a_port_in_use_is_named() {
    let folder = Folder::new();
    let database = fresh_database(&folder);
    let server = Server::start(&database);
    let address = server.address.to_string();
    let second = causo(&database, &["serve", "--listen", &address]);
    second.refused("cli.address_in_use");
    assert!(second.complained.contains(&address), "{second:?}");
    assert!(server.is_up());
}

#[test]
fn an_administrator_is_made_with_a_long_enough_password_and_can_sign_in() {
    let folder = Folder::new();
    let database = folder.path("new.db");
    let create = |login: &str, place: &str, typed: &str| {
        causo_typing(
            &database,
            &[
                "admin",
                "create",
                "--login",
                login,
                "--name",
                "Lê Thị Quản Trị",
                "--place",
                place,
            ],
            typed,
        )
    };
    create("quantri", "VN", "ngắn\n").refused("auth.password_short");
    create("quantri", "no-such", "một mật khẩu đủ dài\n").refused("fact.place_unknown");
    create("q", "VN", "một mật khẩu đủ dài\n").refused("request.validation");
    assert!(
        create("quantri", "VN", "một mật khẩu đủ dài\n")
            .fine()
            .contains("quantri")
    );
    create("quantri", "VN", "một mật khẩu đủ dài\n").refused("auth.login_taken");
    let server = Server::start(&database);
    let body = json!({"login": "quantri", "password": "một mật khẩu đủ dài", "device_id": uuid::Uuid::from_u128(1)});
    let me = server.client("").post("/api/v1/session", &body).ok();
    assert_eq!(
        (&me["grants"][0]["role"], &me["grants"][0]["place"]["id"]),
        (&json!("admin"), &json!("VN"))
    );
    assert_eq!(me["demo"], false);
}

#[test]
fn an_giang_has_a_team_at_each_of_its_102_centres() {
    let folder = Folder::new();
    let database = folder.path("an-giang.db");
    let story = ["demo", "--story", "an-giang", "--scale", "0.01"];
    causo(&database, &story).fine();
    // Figures of the article (S1-02, S1-03).
    let places = "select count(distinct place_id) from team";
    let people = "select count(distinct member_id) from team_member";
    let staffed = "select count(distinct point_id) from shift";
    let found = [places, people, staffed].map(|numbers| count(&database, numbers));
    assert_eq!(found, [102, 1353, 102]);
    need_balanced(&database);
}

#[test]
fn the_demonstration_is_made_once_and_balances() {
    let folder = Folder::new();
    let database = folder.path("demo.db");
    assert!(
        causo(&database, &["demo", "--scale", "0.01"])
            .fine()
            .contains("tnv")
    );
    assert!(causo(&database, &["verify"]).fine().contains("Sổ khớp"));
    causo(&database, &["demo", "--scale", "0.01"]).refused("demo.not_empty");
    assert_eq!(causo(&database, &["demo", "--if-new"]).fine(), "");
    let server = Server::start(&database);
    let body = json!({"login": "tnv", "password": "260324", "device_id": uuid::Uuid::from_u128(1)});
    let me = server.client("").post("/api/v1/session", &body).ok();
    assert_eq!(
        (&me["demo"], me["server_time"].as_str().map(|at| &at[..10])),
        (&json!(true), Some("2024-10-13"))
    );
}

#[test]
fn the_log_names_nobody_even_at_its_most_talkative() {
    let folder = Folder::new();
    let database = fresh_database(&folder);
    let cookie = signed_in(&database, Role::Volunteer, TODAY);
    let log = folder.path("log");
    let to_log = format!("2> {}", log.display());
    let server = Server::in_shell("export CAUSO_LOG=trace;", &database, &to_log);
    let client = server.client(&cookie);
    client.counts(&[visit(TODAY).person("cccd:052191000123")]);
    let misplaced = visit(TODAY).with("/body/beneficiary/kind", "cccd:052191000123");
    client.refuses(&misplaced, "fact.malformed");
    let typed = json!({"login": "ai-do", "password": "mat-khau-bi-mat", "device_id": "x"});
    client
        .post("/api/v1/session", &typed)
        .refused(400, "request.malformed");
    server.kill();
    let said = std::fs::read_to_string(&log).unwrap();
    assert!(said.contains("answered"), "{said}");
    for secret in ["052191000123", "mat-khau-bi-mat", &cookie] {
        assert!(!said.contains(secret), "{secret}");
    }
}

/// About a database that is a file: left out on PostgreSQL.
mod on_a_file {
    use super::*;

    #[test]
    fn a_database_damaged_inside_is_never_passed_off_as_sound() {
        let folder = Folder::new();
        let database = fresh_database(&folder);
        let mut bytes = std::fs::read(&database).unwrap();
        let middle = bytes.len() / 2;
        bytes[4096..middle].fill(0x5a);
        std::fs::write(&database, bytes).unwrap();
        let done = causo(
            &database,
            &["backup", &folder.path("copy.db").display().to_string()],
        );
        assert!(
            !done.ok && !done.complained.contains("panicked"),
            "{done:?}"
        );
        done.refused("cli.database_corrupt");
        assert!(!folder.path("copy.db").exists());
        causo(&database, &["serve", "--listen", "127.0.0.1:0"]).refused("cli.database_corrupt");
    }

    #[test]
    fn a_database_of_a_newer_build_is_not_touched() {
        let folder = Folder::new();
        let database = fresh_database(&folder);
        let conn = rusqlite::Connection::open(&database).unwrap();
        conn.execute_batch("pragma user_version = 999").unwrap();
        drop(conn);
        causo(&database, &["serve", "--listen", "127.0.0.1:0"]).refused("cli.database_newer");
        causo(&database, &["verify"]).refused("cli.database_newer");
    }

    #[test]
    fn a_database_opens_only_with_its_own_key() {
        let folder = Folder::new();
        let database = fresh_database(&folder);
        let key = folder.path("causo.db.key");
        let right = std::fs::read(&key).unwrap();
        assert_eq!(right.len(), 32);
        for wrong in [vec![7; 32], vec![7; 5], vec![]] {
            std::fs::write(&key, &wrong).unwrap();
            causo(&database, &["verify"]).refused("cli.secret_mismatch");
            assert_eq!(std::fs::read(&key).unwrap(), wrong);
        }
        std::fs::remove_file(&key).unwrap();
        causo(&database, &["serve", "--listen", "127.0.0.1:0"]).refused("cli.secret_mismatch");
        assert!(!key.exists());
        std::fs::write(&key, right).unwrap();
        causo(&database, &["verify"]).fine();
    }

    #[test]
    fn a_backup_taken_while_facts_arrive_holds_all_that_was_acknowledged_before() {
        let folder = Folder::new();
        let database = fresh_database(&folder);
        let cookie = signed_in(&database, Role::Volunteer, TODAY);
        let server = Server::start(&database);
        let (acknowledged, stop) = (Mutex::new(Vec::new()), AtomicBool::new(false));
        let copies = [folder.path("one.db"), folder.path("two.db")];
        let mut before = Vec::new();
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let client = server.client(&cookie);
                    while !stop.load(Ordering::Relaxed) {
                        let facts: Vec<Fact> = (0..20)
                            .map(|n| visit(TODAY).person(&format!("cccd:05219100{n:04}")))
                            .collect();
                        client.counts(&facts);
                        acknowledged
                            .lock()
                            .unwrap()
                            .extend(facts.iter().map(|fact| fact.id().to_owned()));
                    }
                });
            }
            for copy in &copies {
                while acknowledged.lock().unwrap().len() < before.len() + 200 {
                    std::thread::yield_now();
                }
                before = acknowledged.lock().unwrap().clone();
                causo(&database, &["backup", &copy.display().to_string()]).fine();
            }
            stop.store(true, Ordering::Relaxed);
        });
        causo(&database, &["backup", &copies[0].display().to_string()]).refused("cli.file_exists");
        causo(
            folder.path("no-such.db"),
            &["backup", &folder.path("three.db").display().to_string()],
        )
        .refused("cli.file_missing");
        // On another machine: only the copy and its key.
        let elsewhere = Folder::new();
        let restored = elsewhere.path("causo.db");
        let from = copies[1].display().to_string();
        causo(&restored, &["restore", &from]).fine();
        causo(&restored, &["restore", &from]).refused("cli.file_exists");
        causo(elsewhere.path("x.db"), &["restore", "/no/such/file.db"]).refused("cli.file_missing");
        causo(&restored, &["verify"]).fine();
        need_balanced(&restored);
        let again = Server::start(&restored);
        let held = i64::try_from(before.len()).unwrap();
        assert!(count(&restored, "select count(*) from fact") >= held);
        let client = again.client(&cookie);
        for id in before.iter().step_by(37) {
            assert_eq!(
                client.get(&format!("/api/v1/facts/{id}")).ok()["state"],
                "live"
            );
        }
        client.counts(&[visit(TODAY)]);
    }

    #[test]
    fn a_backup_is_not_restored_into_what_an_older_database_left_behind() {
        let folder = Folder::new();
        let database = fresh_database(&folder);
        let cookie = signed_in(&database, Role::Volunteer, TODAY);
        let copy = folder.path("copy.db");
        causo(&database, &["backup", &copy.display().to_string()]).fine();
        let server = Server::start(&database);
        server.client(&cookie).counts(&[visit(TODAY)]);
        server.kill();
        // Somebody takes away the database and its key, and forgets the write-ahead log.
        let log = folder.path("causo.db-wal");
        assert!(log.metadata().unwrap().len() > 0);
        std::fs::remove_file(&database).unwrap();
        std::fs::remove_file(folder.path("causo.db.key")).unwrap();
        causo(&database, &["restore", &copy.display().to_string()]).refused("cli.file_exists");
        std::fs::remove_file(&log).unwrap();
        causo(&database, &["restore", &copy.display().to_string()]).fine();
        causo(&database, &["verify"]).fine();
        assert_eq!(count(&database, "select count(*) from fact"), 0);
    }

    #[test]
    fn verify_sees_a_tally_a_link_or_a_correction_that_was_tampered_with() {
        let folder = Folder::new();
        let database = fresh_database(&folder);
        let cookie = signed_in(&database, Role::Volunteer, TODAY);
        let server = Server::start(&database);
        let first = visit(TODAY).person("cccd:052191000123");
        let second = visit(TODAY).person("cccd:052191000124");
        let back = void(&first).at(first.0["happened_at"].as_str().unwrap());
        server.client(&cookie).counts(&[first, second, back]);
        server.kill();
        causo(&database, &["verify"]).fine();
        let conn = rusqlite::Connection::open(&database).unwrap();
        for (tamper, repair) in [
            (
                "insert into tally select 1, id, zeroblob(16), 2460000, 1, 0 from place limit 1",
                "delete from tally where day = 2460000",
            ),
            (
                "insert into fact_subject select zeroblob(16), fact_id from fact_subject limit 1",
                "delete from fact_subject where subject = zeroblob(16)",
            ),
            (
                "update superseded set by_id = fact_id",
                "update superseded set by_id = (select id from fact where kind = 'void.v1')",
            ),
        ] {
            assert!(conn.execute(tamper, []).unwrap() > 0, "{tamper}");
            causo(&database, &["verify"]).refused("cli.verify_failed");
            assert!(conn.execute(repair, []).unwrap() > 0, "{repair}");
            causo(&database, &["verify"]).fine();
        }
    }
}
