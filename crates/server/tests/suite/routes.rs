//! Every route as every role, and the description of the interface.

use crate::harness::people::User;
use crate::harness::{NHON_PHU, TestApp, with_app};
use serde_json::{Value, json};
use std::fmt::Write;

fn described() -> Value {
    serde_json::from_str(&causo::openapi()).expect("the description is JSON")
}

/// Method, path as described, path to ask.
fn routes() -> Vec<(String, String, String)> {
    let mut routes = Vec::new();
    for (path, operations) in described()["paths"].as_object().expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            let mut asked = path.replace("{token}", "x");
            let id = if path.starts_with("/api/v1/places") {
                NHON_PHU
            } else {
                "01928000-0000-7000-8000-00000000ffff"
            };
            asked = asked.replace("{id}", id);
            let needed = operation["parameters"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|one| one["in"] == "query" && one["required"] == true);
            for (n, parameter) in needed.enumerate() {
                let value = if parameter["name"] == "place" {
                    NHON_PHU
                } else {
                    "x"
                };
                let sign = if n == 0 { '?' } else { '&' };
                write!(
                    asked,
                    "{sign}{}={value}",
                    parameter["name"].as_str().expect("a name")
                )
                .expect("memory takes it");
            }
            routes.push((method.to_uppercase(), path.clone(), asked));
        }
    }
    routes.sort();
    routes
}

/// Routes that need nobody signed in. This list may only shrink.
const OPEN: &[&str] = &[
    "GET /api/v1/invitations/{token}",
    "POST /api/v1/invitations/{token}/accept",
    "POST /api/v1/session",
];

fn roles(app: &TestApp) -> [User; 5] {
    [
        app.volunteer(NHON_PHU),
        app.leader(NHON_PHU),
        app.officer(NHON_PHU),
        app.province(),
        app.admin(),
    ]
}

#[test]
fn each_route_answers_each_role_as_reviewed() {
    with_app(|app| {
        let users = roles(app);
        let mut table = String::new();
        for (method, path, asked) in routes() {
            let body = (method != "GET" && method != "DELETE").then(|| json!({}));
            let stranger = app.stranger().send(&method, &asked, body.as_ref()).status;
            let named = format!("{method} {path}");
            if OPEN.contains(&named.as_str()) {
                assert_ne!(stranger, 401, "{named}");
            } else {
                assert_eq!(stranger, 401, "{named} answers strangers");
            }
            // Each probe on a session of its own: one of them is signing out.
            let answers = users
                .each_ref()
                .map(|user| app.again(user).send(&method, &asked, body.as_ref()).status);
            let answers = answers.map(|status| status.to_string()).join(" ");
            writeln!(table, "{named:<58} {stranger} | {answers}").expect("memory takes it");
        }
        let head = "route: stranger | volunteer, leader, commune officer, province officer, administrator\n";
        insta::assert_snapshot!("routes_by_role", format!("{head}{table}"));
    });
}

#[test]
fn every_described_route_is_there_and_says_what_it_answers() {
    with_app(|app| {
        let admin = app.admin();
        for (method, path, asked) in routes() {
            let reply = app.again(&admin).send(&method, &asked, Some(&json!({})));
            assert_ne!(reply.status, 405, "{method} {path}");
            assert_ne!(reply.status, 500, "{method} {path}: {}", reply.text());
        }
        assert_eq!(app.get("/api/openapi.json").json(), described());
    });
}

#[test]
fn the_checked_in_description_is_the_one_this_build_gives() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi.json");
    let checked_in = std::fs::read_to_string(file).expect("openapi.json is at the root");
    assert!(
        checked_in == causo::openapi(),
        "the interface changed: run `cargo run -- openapi > openapi.json`, look at the difference, and commit it"
    );
}
