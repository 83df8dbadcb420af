//! What those who run it see: its log, its metrics, and that it cleans up behind itself.

use crate::commands::{TODAY, signed_in, visit};
use crate::harness::campaigns::{indicators, plan};
use crate::harness::client::Client;
use crate::harness::facts::assist;
use crate::harness::folder::Folder;
use crate::harness::process::{Server, causo};
use crate::harness::{NHON_PHU, deployment, fresh_database, with_app};
use causo::args;
use causo::features::members::Role;
use causo::platform::db::write_alone;
use serde_json::{Value, json};
use std::path::Path;
use time::Duration;

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

impl Client {
    /// What `/metrics` says now.
    pub fn metrics(&self) -> String {
        let reply = self.get("/metrics");
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.text()
    }

    /// One number of it: `None` while there is none.
    pub fn metric(&self, name: &str) -> Option<f64> {
        let said = self.metrics();
        let mut values = said.lines().filter_map(|line| line.strip_prefix(name));
        values.find_map(|value| value.strip_prefix(' ')?.parse().ok())
    }
}

#[test]
fn metrics_count_requests_facts_and_writes_and_name_nothing() {
    with_app(|app| {
        let user = app.officer(NHON_PHU);
        let stranger = app.stranger();
        let answered = |route: &str, method: &str, class: &str| {
            let labels = format!("{{route=\"{route}\",method=\"{method}\",status=\"{class}\"}}");
            let name = format!("causo_http_request_duration_seconds_count{labels}");
            stranger.metric(&name)
        };
        let facts =
            |outcome: &str| stranger.metric(&format!("causo_facts_total{{outcome=\"{outcome}\"}}"));
        let writes = |outcome: &str| {
            stranger.metric(&format!("causo_db_writes_total{{outcome=\"{outcome}\"}}"))
        };
        let fact = assist(NHON_PHU);
        user.counts(&[fact.clone(), assist(NHON_PHU)]);
        user.send_facts(&[
            fact.clone(),
            assist(NHON_PHU).corrects(&assist(NHON_PHU)),
            assist("63-00000"),
        ]);
        assert_eq!(
            ["counted", "duplicate", "held", "refused"].map(facts),
            [Some(2.0), Some(1.0), Some(1.0), Some(1.0)]
        );
        assert_eq!(answered("/api/v1/facts", "POST", "2xx"), Some(2.0));

        user.get(&format!("/api/v1/facts/{}", fact.id())).ok();
        user.get("/api/v1/facts/01928000-0000-7000-8000-00000000ffff")
            .refused(404, "not_found");
        assert_eq!(answered("/api/v1/facts/{id}", "GET", "2xx"), Some(1.0));
        assert_eq!(answered("/api/v1/facts/{id}", "GET", "4xx"), Some(1.0));
        user.send("SCAN", "/api/v1/facts", None)
            .refused(405, "request.method");
        assert_eq!(answered("/api/v1/facts", "other", "4xx"), Some(1.0));
        stranger.get("/wp-login.php");
        assert_eq!(answered("app", "GET", "4xx"), Some(1.0));

        let province = app.province();
        let campaign = plan(NHON_PHU, &indicators());
        assert_eq!(stranger.metric("causo_boards"), Some(0.0));
        let made = province.post("/api/v1/campaigns", &campaign).ok();
        let id = made["id"].as_str().unwrap();
        let committed = writes("committed").unwrap();
        assert_eq!(writes("refused"), Some(0.0));
        province
            .post("/api/v1/campaigns", &campaign)
            .refused(409, "campaign.code_taken");
        assert_eq!(
            (writes("refused"), writes("committed")),
            (Some(1.0), Some(committed))
        );
        let progress = format!("/api/v1/campaigns/{id}/progress?place={NHON_PHU}");
        province.get(&progress).ok();
        assert_eq!(stranger.metric("causo_boards"), Some(1.0));

        for pool in ["read", "write"] {
            for what in ["lent", "awaited"] {
                let name = format!("causo_db_connections_{what}{{pool=\"{pool}\"}}");
                assert_eq!(stranger.metric(&name), Some(0.0), "{name}");
            }
        }
        for name in [
            "process_resident_memory_bytes",
            "process_cpu_seconds_total",
            "process_open_fds",
            &format!(
                "causo_build_info{{version=\"{}\"}}",
                env!("CARGO_PKG_VERSION")
            ),
        ] {
            assert!(stranger.metric(name) > Some(0.0), "{name}");
        }
        let said = stranger.metrics();
        for secret in [
            fact.id(),
            id,
            "01928000",
            "wp-login",
            "SCAN",
            NHON_PHU,
            &user.login,
        ] {
            assert!(!said.contains(secret), "{secret}: {said}");
        }
        assert!(said.ends_with("# EOF\n"));
    });
}

#[test]
fn metrics_are_not_there_for_whoever_comes_through_a_proxy() {
    with_app(|app| {
        for (name, value) in [
            ("x-forwarded-for", "203.113.0.1"),
            ("X-Forwarded-Proto", "https"),
            ("Forwarded", "for=203.113.0.1"),
        ] {
            let outside = app.stranger().with_header(name, value).get("/metrics");
            let unknown = app.get("/api/v1/no-such-thing");
            outside.refused(404, "not_found");
            assert_eq!(outside.body, unknown.body);
        }
        assert!(app.stranger().metrics().contains("causo_build_info"));
    });
}

#[test]
fn what_has_expired_is_removed_once_in_ten_minutes_and_nothing_else() {
    with_app(|app| {
        let (user, officer) = (app.with_password(NHON_PHU), app.officer(NHON_PHU));
        let invitation = json!({"name": "Trần Thị Mời", "role": "volunteer", "place_id": NHON_PHU, "team_id": null});
        let invited = officer.post("/api/v1/invitations", &invitation).ok();
        let link = format!("/api/v1/invitations/{}", invited["token"].as_str().unwrap());
        let accept = json!({"login": "nguoi.moi", "password": "135790", "device_id": uuid::Uuid::from_u128(2)});
        let taken_up = officer.post("/api/v1/invitations", &invitation).ok();
        let taken_up = format!(
            "/api/v1/invitations/{}",
            taken_up["token"].as_str().unwrap()
        );
        app.stranger()
            .post(&format!("{taken_up}/accept"), &accept)
            .ok();
        let typed =
            json!({"login": user.login, "password": "sai", "device_id": uuid::Uuid::from_u128(3)});
        app.stranger()
            .post("/api/v1/session", &typed)
            .refused(401, "auth.wrong");

        let all = [
            "invitations",
            "journal",
            "login_attempts",
            "notifications",
            "questions",
            "questions_late",
            "ratings",
            "roster_gaps",
            "scam_contacts",
            "sessions",
            "slip_contacts",
            "slip_reminders",
            "tasks",
        ];
        assert_eq!((app.chores(), app.chores()), (all.to_vec(), vec![]));
        let rows = || {
            ["session", "invitation", "login_attempt"].map(|table| {
                crate::harness::count(&app.database, &format!("select count(*) from {table}"))
            })
        };
        // A wrong password counts for the login and for the address.
        assert_eq!(rows(), [3, 2, 2]);
        app.clock.advance(Duration::hours(25));
        assert_eq!((app.chores(), app.chores()), (all.to_vec(), vec![]));
        assert_eq!(rows(), [3, 2, 0]);
        app.clock.advance(Duration::days(20));
        assert_eq!(app.chores(), all);
        app.stranger()
            .get(&link)
            .refused(410, "auth.invitation_expired");
        app.clock.advance(Duration::days(20));
        assert_eq!(app.chores(), all);
        app.stranger().get(&link).refused(404, "not_found");
        app.stranger()
            .get(&taken_up)
            .refused(410, "auth.invitation_used");
        user.get("/api/v1/session").ok();
        app.clock.advance(Duration::days(100));
        assert_eq!(app.chores(), all);
        // Only who was there since is still signed in.
        assert_eq!(rows(), [1, 1, 0]);
        app.clock.advance(Duration::minutes(9));
        assert_eq!(app.chores(), [] as [&str; 0]);
        app.clock.advance(Duration::minutes(1));
        assert_eq!(app.chores(), all);
    });
}

#[test]
fn a_server_that_starts_removes_what_has_expired() {
    let folder = Folder::new();
    let database = fresh_database(&folder);
    let cookie = signed_in(&database, Role::Volunteer, TODAY);
    signed_in(&database, Role::Volunteer, TODAY);
    let hash = causo::platform::http::token_hash(&cookie);
    write_alone(&deployment(&database).conn, |tx| {
        let long_ago = time::macros::datetime!(2024-10-13 09:00 +7);
        let sql = "update session set expires_at = $2 where token_hash = $1";
        Ok(tx.execute(sql, args![&hash[..], long_ago])?)
    })
    .unwrap();
    let server = Server::start(&database);
    let done = "causo_chores_total{chore=\"sessions\",outcome=\"done\"}";
    while server.client("").metric(done).is_none() {
        std::thread::yield_now();
    }
    assert_eq!(
        crate::harness::count(&database, "select count(*) from session"),
        1
    );
}

/// About a database that is a file: left out on PostgreSQL.
mod on_a_file {
    use super::*;
    use crate::crash::{may_not_grow, send_until};

    #[test]
    fn a_fault_of_the_writers_thread_is_logged_with_the_id_of_the_request() {
        let folder = Folder::new();
        let database = fresh_database(&folder);
        let cookie = signed_in(&database, Role::Volunteer, TODAY);
        let (server, log) = in_json(&folder, &may_not_grow(&database), &database);
        let (_, refused) = send_until(&server.client(&cookie), 503, "storage.failed");
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
            (&json!(503), &json!("storage.failed"))
        );
        causo(&database, &["verify"]).fine();
    }

    #[test]
    fn writes_that_wait_for_the_writer_are_seen_and_share_a_commit() {
        with_app(|app| {
            let users = [(); 3].map(|()| app.volunteer(NHON_PHU));
            let stranger = app.stranger();
            let name = |what: &str| format!("causo_db_connections_{what}{{pool=\"write\"}}");
            let (lent, awaited) = (name("lent"), name("awaited"));
            let commits = "causo_db_commit_writes_count";
            let before = stranger.metric(commits).unwrap();
            // Another process writes, so that nobody's turn comes.
            let other = deployment(&app.database).conn;
            other.script("begin immediate").unwrap();
            std::thread::scope(|scope| {
                let send = |user| scope.spawn(move || Client::counts(user, &[assist(NHON_PHU)]));
                send(&users[0]);
                while stranger.metric(&lent) != Some(1.0) {
                    std::thread::yield_now();
                }
                send(&users[1]);
                send(&users[2]);
                while stranger.metric(&awaited) != Some(3.0) {
                    std::thread::yield_now();
                }
                other.script("commit").unwrap();
            });
            assert_eq!(
                (stranger.metric(&lent), stranger.metric(&awaited)),
                (Some(0.0), Some(0.0))
            );
            assert_eq!(stranger.metric(commits), Some(before + 2.0));
            assert_eq!(stranger.metric("causo_journal_lag_seconds"), None);
        });
    }
}
