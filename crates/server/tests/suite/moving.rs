//! From a file to a server: everything arrives once, however often the move is killed,
//! and work goes on there.

use crate::commands::{signed_in, visit};
use crate::harness::empty_on_server;
use crate::harness::facts::{assist, void};
use crate::harness::folder::Folder;
use crate::harness::process::{Done, Server, causo, command, done};
use causo::args;
use causo::features::members::Role;
use causo::platform::db::{Access, Conn, Tx, read_alone};
use causo::platform::migrate::address_of;
use serde_json::{Value, json};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

/// A commune where the demonstration plays.
const COMMUNE: &str = "63-21553";

/// A database with something of everything: the demonstration, and what people did since.
static GROWN: LazyLock<Folder> = LazyLock::new(|| {
    let folder = Folder::new();
    let file = folder.path("causo.db");
    causo(&file, &["demo", "--scale", "0.01"]).fine();
    let cookie = signed_in(&file.display().to_string(), Role::Admin, "VN");
    let server = Server::start(&file);
    let client = server.client(&cookie);
    let met = || assist(COMMUNE).person("cccd:052191000123");
    let wrong = met();
    client.counts(&[
        met(),
        wrong.clone(),
        void(&wrong).at("2024-10-13T08:00:00+07:00"),
    ]);
    let invited =
        json!({"name": "Lê Văn Mới", "role": "volunteer", "place_id": COMMUNE, "team_id": null});
    client.post("/api/v1/invitations", &invited).ok();
    let typed =
        json!({"login": "tnv", "password": "999999", "device_id": uuid::Uuid::from_u128(1)});
    server
        .client("")
        .post("/api/v1/session", &typed)
        .refused(401, "auth.wrong");
    server.terminate();
    assert!(server.wait().success());
    folder
});

/// One move: a source of its own, an empty target, and where its key goes.
struct Move {
    folder: Folder,
    from: String,
    to: String,
}

impl Move {
    fn new() -> Self {
        let folder = Folder::new();
        let from = folder.path("causo.db").display().to_string();
        causo(GROWN.path("causo.db"), &["backup", &from]).fine();
        let to = empty_on_server();
        Self { folder, from, to }
    }

    fn with_key(&self, mut command: Command) -> Command {
        command.env("CAUSO_KEY", self.folder.path("moved.key"));
        command
    }

    fn migrate(&self) -> Command {
        let mut command = self.with_key(command("no/such.db"));
        command.args(["migrate", "--from", &self.from, "--to", &self.to]);
        command
    }

    fn at_target(&self, args: &[&str]) -> Command {
        let mut command = self.with_key(command(&self.to));
        command.args(args);
        command
    }

    fn moved(&self) -> Done {
        done(&mut self.migrate(), "")
    }

    fn serve(&self) -> Server {
        Server::from_command(&mut self.at_target(&["serve", "--listen", "127.0.0.1:0"]))
    }

    fn refused_at_target(&self, code: &str) {
        for args in [&["serve", "--listen", "127.0.0.1:0"][..], &["verify"]] {
            done(&mut self.at_target(args), "").refused(code);
        }
    }
}

/// Reads a database as it is, without opening the installation.
fn look<T>(database: &str, read: impl FnOnce(&Tx<'_>) -> T) -> T {
    let conn = Conn::open(&address_of(database).expect("an address"), Access::Read);
    read_alone(&conn.expect("it opens"), |tx| Ok(read(tx))).expect("it reads")
}

fn number(database: &str, sql: &str) -> i64 {
    look(database, |tx| tx.one(sql, args![], |row| row.get(0)))
        .expect("it reads")
        .expect("a row")
}

/// How many rows have been moved; nothing before the move has begun and once it has ended.
pub fn how_far(database: &str) -> Option<i64> {
    let sql = "select sum(moved)::bigint from moving";
    look(database, |tx| tx.one(sql, args![], |row| row.get(0)))
        .ok()
        .flatten()
}

/// Columns with their types, as the target has them.
fn columns(to: &str) -> Vec<(String, Vec<(String, String)>)> {
    let listed = look(to, |tx| {
        tx.all(
            "select c.relname::text, a.attname::text, a.atttypid::regtype::text from pg_class c
             join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
             where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
               and not c.relispartition and c.relname <> 'journal'
             order by c.relname, a.attnum",
            args![],
            |row| {
                Ok((
                    row.get::<String>(0)?,
                    row.get::<String>(1)?,
                    row.get::<String>(2)?,
                ))
            },
        )
    });
    let mut tables: Vec<(String, Vec<(String, String)>)> = Vec::new();
    for (table, column, kind) in listed.expect("it reads") {
        match tables.last_mut().filter(|(last, _)| *last == table) {
            Some((_, columns)) => columns.push((column, kind)),
            None => tables.push((table, vec![(column, kind)])),
        }
    }
    tables
}

/// A table's rows as text, alike from both: what the move itself has no part in.
fn rows(database: &str, table: &str, columns: &[(String, String)]) -> Vec<Vec<String>> {
    let sqlite = !database.starts_with("postgres");
    let texts: Vec<String> = columns
        .iter()
        .map(|(name, kind)| {
            let text = match (kind.as_str(), sqlite) {
                ("bytea" | "uuid", true) => format!("lower(hex({name}))"),
                ("bytea", false) => format!("encode({name}, 'hex')"),
                ("uuid", false) => format!("replace({name}::text, '-', '')"),
                ("timestamp with time zone", false) => {
                    format!("(extract(epoch from {name}) * 1000)::bigint::text")
                }
                ("date", false) => format!("to_char({name}, 'J')"),
                ("boolean", false) => format!("{name}::int::text"),
                _ => format!("cast({name} as text)"),
            };
            // SQLite's hex of nothing is an empty text.
            format!("case when {name} is null then '-' else {text} end")
        })
        .collect();
    let sql = format!("select {} from {table}", texts.join(", "));
    let found = look(database, |tx| {
        tx.all(&sql, args![], |row| {
            let cells = columns.iter().enumerate().map(|(at, (_, kind))| {
                let text: String = row.get(at)?;
                Ok(match kind.as_str() {
                    "jsonb" if text != "-" => serde_json::from_str::<Value>(&text)
                        .expect("JSON")
                        .to_string(),
                    _ => text,
                })
            });
            cells.collect()
        })
    });
    let mut found: Vec<Vec<String>> = found.expect("it reads");
    found.sort();
    found
}

/// Tables that the source fills, or there would be little to compare.
const FILLED: [&str; 12] = [
    "campaign",
    "fact",
    "fact_subject",
    "figure",
    "invitation",
    "login_attempt",
    "member_grant",
    "session",
    "superseded",
    "tally",
    "target",
    "target_change",
];

/// Fails unless every table holds the same on both sides.
fn need_same(one: &Move) {
    let tables = columns(&one.to);
    let sql =
        "select count(*) from sqlite_master where type = 'table' and name not like 'sqlite_%'";
    assert_eq!(i64::try_from(tables.len()).unwrap(), number(&one.from, sql));
    for (table, columns) in &tables {
        let there = rows(&one.to, table, columns);
        let here = rows(&one.from, table, columns);
        assert!(
            !here.is_empty() || !FILLED.contains(&table.as_str()),
            "{table} is empty"
        );
        assert_eq!(there.len(), here.len(), "{table}");
        let different = there.iter().zip(&here).find(|(there, here)| there != here);
        assert_eq!(different, None, "{table}");
    }
}

#[test]
#[ignore = "needs scripts/with-postgres"]
fn everything_arrives_and_work_goes_on_there() {
    let one = Move::new();
    let before = std::fs::read(&one.from).unwrap();
    assert!(one.moved().fine().contains("causo verify"));
    assert_eq!(
        std::fs::read(&one.from).unwrap(),
        before,
        "the source is as it was"
    );
    need_same(&one);
    let counted = causo(&one.from, &["verify"]).fine().to_owned();
    assert_eq!(done(&mut one.at_target(&["verify"]), "").fine(), counted);

    let servers = [Server::start(&one.from), one.serve()];
    let typed =
        json!({"login": "tnv", "password": "260324", "device_id": uuid::Uuid::from_u128(7)});
    let signed_in = servers.each_ref().map(|server| {
        let reply = server.client("").post("/api/v1/session", &typed);
        let cookie = reply.header("set-cookie").expect("a session").to_owned();
        let cookie = cookie
            .split_once('=')
            .unwrap()
            .1
            .split_once(';')
            .unwrap()
            .0
            .to_owned();
        (reply.ok(), server.client(&cookie))
    });
    let [(me_here, _), (me_there, client)] = signed_in;
    for field in ["id", "grants", "demo"] {
        assert_eq!(me_here[field], me_there[field], "{field}");
    }
    // Numbers go on after the last one that the file gave.
    let sql = "select max(rev) from fact";
    let last = number(&one.to, sql);
    assert_eq!(last, number(&one.from, sql));
    let place = me_there["grants"][0]["place"]["id"].as_str().unwrap();
    client.counts(&[visit(place).at("2024-10-13T08:00:00+07:00")]);
    assert!(number(&one.to, sql) > last);
    for (table, column) in [("measure", "id"), ("target_change", "id")] {
        let last = number(&one.to, &format!("select max({column}) from {table}"));
        let next = format!("select nextval(pg_get_serial_sequence('{table}', '{column}'))");
        let conn = Conn::open(&address_of(&one.to).unwrap(), Access::Write).unwrap();
        let next = causo::platform::db::write_alone(&conn, |tx| {
            Ok(tx.one(&next, args![], |row| row.get::<i64>(0))?)
        });
        assert_eq!(next.unwrap(), Some(last + 1), "{table}");
    }
    done(&mut one.at_target(&["verify"]), "").fine();
    // The person met before the move is known there: the key came along.
    let seen = "select count(*) from fact_subject s where (select count(*) from fact_subject o where o.subject = s.subject) > 1";
    let met_twice = number(&one.to, seen);
    let again = assist(place).person("cccd:052191000123");
    client.counts(&[again]);
    assert!(number(&one.to, seen) > met_twice);
    servers[0].kill();
    one.moved().refused("migrate.target_not_empty");
    done(&mut one.at_target(&["verify"]), "").fine();
}

#[test]
#[ignore = "needs scripts/with-postgres"]
fn a_move_killed_again_and_again_ends_with_the_same() {
    let one = Move::new();
    let all: i64 = 35_000;
    let mut rng = fastrand::Rng::with_seed(9);
    let mut kills = 0;
    while kills < 6 {
        let kill_at = how_far(&one.to).map_or(0, |moved| moved + rng.i64(0..all / 5));
        let mut moving = one
            .migrate()
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        while how_far(&one.to).is_none_or(|moved| moved < kill_at) {
            if let Some(ended) = moving.try_wait().unwrap() {
                panic!("it ended by itself: {ended}");
            }
        }
        moving.kill().unwrap();
        moving.wait().unwrap();
        // Its last transaction may still be on its way.
        if how_far(&one.to).is_none() {
            break;
        }
        kills += 1;
        one.refused_at_target("migrate.unfinished");
    }
    assert!(kills > 3, "{kills}");
    one.moved().fine();
    need_same(&one);
    done(&mut one.at_target(&["verify"]), "").fine();
    one.serve();
}

/// A target that a move has begun to fill, and left.
fn half_moved() -> Move {
    let one = Move::new();
    let mut moving = one
        .migrate()
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    while how_far(&one.to).is_none_or(|moved| moved < 5_000) {
        assert!(moving.try_wait().unwrap().is_none());
    }
    moving.kill().unwrap();
    moving.wait().unwrap();
    one
}

#[test]
#[ignore = "needs scripts/with-postgres"]
fn a_move_goes_on_only_from_the_very_same_source() {
    let one = half_moved();
    let other = Move::new();
    let elsewhere = Move {
        folder: one.folder,
        from: other.from,
        to: one.to,
    };
    // The same installation, but written to since.
    let cookie = signed_in(&elsewhere.from, Role::Volunteer, COMMUNE);
    assert!(!cookie.is_empty());
    elsewhere.moved().refused("migrate.other_source");
    elsewhere.refused_at_target("migrate.unfinished");
    let again = Move {
        from: one.from,
        ..elsewhere
    };
    again.moved().fine();
    done(&mut again.at_target(&["verify"]), "").fine();
}

#[test]
#[ignore = "needs scripts/with-postgres"]
fn a_move_that_would_mix_things_up_is_refused() {
    let one = Move::new();
    let server = Server::start(&one.from);
    assert_eq!(server.client("").get("/readyz").text(), "ready\n");
    one.moved().refused("migrate.source_open");
    server.kill();

    std::fs::write(one.folder.path("moved.key"), [7; 32]).unwrap();
    one.moved().refused("cli.secret_mismatch");
    std::fs::remove_file(one.folder.path("moved.key")).unwrap();

    let backwards = ["migrate", "--from", &one.to, "--to", &one.from];
    done(&mut one.at_target(&backwards), "").refused("migrate.direction");

    one.serve();
    std::fs::remove_file(one.folder.path("moved.key")).unwrap();
    one.moved().refused("migrate.target_not_empty");
    causo(&one.from, &["verify"]).fine();
}
