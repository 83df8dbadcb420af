//! What those who run it see: the log.

use crate::commands::{TODAY, signed_in, visit};
use crate::harness::folder::Folder;
use crate::harness::process::{Server, causo};
use crate::harness::{deployment, fresh_database};
use causo::features::members::Role;
use serde_json::{Value, json};
use std::path::Path;

/// The lines of a log, each an object.
fn lines(log: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(log).expect("there is a log");
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|fault| panic!("{fault}: {line}")))
        .collect()
}

/// The lines of one request.
fn of<'l>(lines: &'l [Value], id: &str) -> Vec<&'l Value> {
    lines
        .iter()
        .filter(|line| line["span"]["id"] == id)
        .collect()
}

fn in_json(folder: &Folder, before: &str, database: &str) -> (Server, std::path::PathBuf) {
    let log = folder.path("log");
    let before = format!("export CAUSO_LOG=debug CAUSO_LOG_FORMAT=json; {before}");
    let server = Server::in_shell(&before, database, &format!("2> {}", log.display()));
    (server, log)
}

#[test]
fn each_line_of_the_log_is_an_object_with_the_requests_id_and_names_nobody() {
    let folder = Folder::new();
    let database = fresh_database(&folder);
    let cookie = signed_in(&database, Role::Volunteer, TODAY);
    let (server, log) = in_json(&folder, "", &database);
    let client = server.client(&cookie);
    let met = visit(TODAY).person("cccd:052191000123");
    client
        .with_header("x-request-id", "proxy-7.a")
        .counts(std::slice::from_ref(&met));
    let fact = client.get(&format!("/api/v1/facts/{}?ten=Tran-Thi-Kin", met.id()));
    fact.ok();
    let typed = json!({"login": "tran.thi.kin", "password": "mat-khau-bi-mat", "device_id": uuid::Uuid::from_u128(1)});
    let wrong = client
        .with_header("x-request-id", "a \"b\"")
        .post("/api/v1/session", &typed);
    wrong.refused(401, "auth.wrong");
    let unknown = client.get("/api/v1/invitations/the-token-of-a-link");
    unknown.refused(404, "not_found");
    let renamed = |from, to| format!("alter table {from} rename to {to}");
    let conn = deployment(&database).conn;
    conn.script(&renamed("login_attempt", "gone")).unwrap();
    let failed = client.post("/api/v1/session", &typed);
    let problem = failed.refused(500, "internal");
    conn.script(&renamed("gone", "login_attempt")).unwrap();
    server.kill();

    let lines = lines(&log);
    let [line] = of(&lines, "proxy-7.a")[..] else {
        panic!("one line for a request that went well: {lines:?}");
    };
    assert_eq!(
        (
            &line["level"],
            &line["message"],
            &line["status"],
            &line["span"]["method"],
            &line["span"]["route"]
        ),
        (
            &json!("DEBUG"),
            &json!("answered"),
            &json!(200),
            &json!("POST"),
            &json!("/api/v1/facts")
        )
    );
    assert!(
        line["took_ms"].is_u64() && line["timestamp"].is_string(),
        "{line}"
    );
    let id =
        |reply: &crate::harness::client::Reply| reply.header("x-request-id").unwrap().to_owned();
    let line = of(&lines, &id(&fact))[0];
    assert_eq!(line["span"]["route"], "/api/v1/facts/{id}");
    let line = of(&lines, &id(&wrong))[0];
    assert_eq!(
        (&line["level"], &line["code"]),
        (&json!("DEBUG"), &json!("auth.wrong"))
    );
    assert_eq!(
        of(&lines, &id(&unknown))[0]["span"]["route"],
        "/api/v1/invitations/{token}"
    );

    // What people are shown leads to the line that says more.
    let shown = problem["facts"]["request_id"].as_str().unwrap();
    assert_eq!(shown, id(&failed));
    assert!(
        problem["next"].as_str().unwrap().contains(shown),
        "{problem}"
    );
    let [cause, answered] = of(&lines, shown)[..] else {
        panic!("a cause and an answer: {lines:?}");
    };
    assert_eq!(
        (&cause["level"], &cause["message"]),
        (&json!("ERROR"), &json!("storage"))
    );
    assert!(
        cause["cause"].as_str().unwrap().contains("login_attempt"),
        "{cause}"
    );
    assert_eq!(
        (&answered["level"], &answered["code"]),
        (&json!("ERROR"), &json!("internal"))
    );

    let said = std::fs::read_to_string(&log).unwrap();
    for secret in [
        "052191000123",
        "mat-khau",
        "kin",
        "Kin",
        "the-token",
        "a \\\"b",
        met.id(),
        &cookie,
    ] {
        assert!(!said.contains(secret), "{secret}: {said}");
    }
    causo(&database, &["verify"]).fine();
}

/// About a database that is a file: left out on PostgreSQL.
mod on_a_file {
    use super::*;
    use crate::crash::{may_not_grow, send_until_full};

    #[test]
    fn a_fault_of_the_writers_thread_is_logged_with_the_id_of_the_request() {
        let folder = Folder::new();
        let database = fresh_database(&folder);
        let cookie = signed_in(&database, Role::Volunteer, TODAY);
        let (server, log) = in_json(&folder, &may_not_grow(&database), &database);
        let (_, refused) = send_until_full(&server.client(&cookie));
        server.kill();
        let lines = lines(&log);
        let of = of(&lines, refused.header("x-request-id").unwrap());
        let said: Vec<_> = of
            .iter()
            .map(|line| line["message"].as_str().unwrap())
            .collect();
        assert_eq!(said, ["storage", "answered"], "{of:?}");
        assert_eq!(
            (&of[1]["status"], &of[1]["code"]),
            (&json!(507), &json!("storage.full"))
        );
        causo(&database, &["verify"]).fine();
    }
}
