//! What every request meets: forgery refused, safe headers, sizes, languages.

use crate::harness::client::read;
use crate::harness::facts::assist;
use crate::harness::people::batch;
use crate::harness::{NHON_PHU, with_app};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use std::io::Write;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(bytes).expect("memory takes it");
    packer.finish().expect("memory takes it")
}

#[test]
fn forms_of_our_own_pages_come_through_and_those_of_foreign_ones_do_not() {
    with_app(|app| {
        // No page takes a form here: whoever comes through is told that.
        let own = format!("http://{}", app.address);
        let form = |origin: &str| {
            let who = app.stranger().without_header("x-causo");
            let who = who.with_header("origin", origin);
            who.post("/xac-nhan", &json!({})).status
        };
        assert_eq!(form(&own), 405);
        for origin in ["https://ke-xau.example", "null"] {
            assert_eq!(form(origin), 403, "{origin}");
        }
    });
}

#[test]
fn a_browser_is_told_in_a_page_and_a_program_in_json() {
    with_app(|app| {
        let browser = app.stranger().with_header("accept", "text/html,*/*;q=0.8");
        let page = browser.post("/xac-nhan", &json!({}));
        assert_eq!(
            page.header("content-type"),
            Some("text/html; charset=utf-8")
        );
        assert!(page.text().contains("request.method"), "{}", page.text());
        let reply = app.stranger().post("/xac-nhan", &json!({}));
        assert_eq!(
            reply.header("content-type"),
            Some("application/problem+json")
        );
        let api = browser.get("/api/v1/nothing");
        assert_eq!(api.header("content-type"), Some("application/problem+json"));
    });
}

#[test]
fn unsafe_requests_of_foreign_pages_are_refused() {
    with_app(|app| {
        let user = app.volunteer(NHON_PHU);
        let facts = batch(&[assist(NHON_PHU)]);
        let bare = user.without_header("x-causo");
        bare.post("/api/v1/facts", &facts)
            .refused(403, "request.csrf");
        bare.delete("/api/v1/session").refused(403, "request.csrf");
        for origin in ["https://ke-xau.example", "null", "http://127.0.0.1:1"] {
            user.with_header("origin", origin)
                .post("/api/v1/facts", &facts)
                .refused(403, "request.csrf");
        }
        bare.get("/api/v1/session").ok();
        let own = format!("http://{}", app.address);
        user.with_header("origin", &own)
            .post("/api/v1/facts", &facts)
            .ok();
    });
}

#[test]
fn every_kind_of_answer_carries_the_safe_headers() {
    with_app(|app| {
        let user = app.volunteer(NHON_PHU);
        let replies = [
            user.get("/api/v1/session"),
            app.get("/api/v1/session"),
            app.get("/api/v1/no-such-thing"),
            app.get("/healthz"),
            app.get("/"),
            app.get("/assets/no-such.js"),
            app.get("/api/openapi.json"),
            user.send("PATCH", "/api/v1/session", None),
            user.without_header("x-causo").delete("/api/v1/session"),
            user.send_bytes("POST", "/api/v1/facts", Some(b"{")),
            user.send_bytes("POST", "/api/v1/facts", Some(&vec![b' '; 2 << 20])),
            user.with_header("content-encoding", "br").send_bytes(
                "POST",
                "/api/v1/facts",
                Some(b"x"),
            ),
            user.delete("/api/v1/session"),
        ];
        for reply in replies {
            for name in [
                "content-security-policy",
                "x-content-type-options",
                "x-frame-options",
                "referrer-policy",
                "permissions-policy",
                "cross-origin-opener-policy",
                "x-request-id",
            ] {
                assert!(
                    reply.header(name).is_some(),
                    "{name} of {} {}",
                    reply.status,
                    reply.text()
                );
            }
        }
        assert_eq!(
            user.get("/api/v1/session").header("cache-control"),
            Some("no-store")
        );
    });
}

#[test]
fn what_is_not_there_or_not_understood_is_a_problem_in_words() {
    with_app(|app| {
        let user = app.volunteer(NHON_PHU);
        user.get("/api/v1/no-such-thing").refused(404, "not_found");
        user.get("/api/v1/facts/not-an-id")
            .refused(404, "not_found");
        user.send("PATCH", "/api/v1/session", None)
            .refused(405, "request.method");
        user.get("/api/v1/places?on=hôm-nay")
            .refused(400, "request.malformed");
        user.send_bytes("POST", "/api/v1/facts", Some(b"not json"))
            .refused(400, "request.malformed");
        user.post("/api/v1/facts", &json!({"facts": 5}))
            .refused(400, "request.malformed");
        user.post("/api/v1/facts", &json!([]))
            .refused(400, "request.malformed");
        let plain = user.with_header("content-type", "text/plain");
        plain
            .send_bytes("POST", "/api/v1/facts", Some(b"{}"))
            .refused(415, "request.unsupported_media");
        let packed = user.with_header("content-encoding", "br");
        packed
            .send_bytes("POST", "/api/v1/facts", Some(b"{}"))
            .refused(415, "request.unsupported_media");
        let broken = user.with_header("content-encoding", "gzip");
        broken
            .send_bytes("POST", "/api/v1/facts", Some(b"not gzip"))
            .refused(400, "request.malformed");
    });
}

#[test]
fn problems_are_vietnamese_unless_english_is_asked_for() {
    with_app(|app| {
        let vi = app.get("/api/v1/session").refused(401, "auth.required");
        let en = app
            .stranger()
            .with_header("accept-language", "en-GB,vi;q=0.5");
        let en = en.get("/api/v1/session").refused(401, "auth.required");
        assert_ne!(vi["title"], en["title"]);
        assert!(en["title"].as_str().unwrap().is_ascii());
        let first = app.stranger().with_header("accept-language", "vi,en;q=0.9");
        assert_eq!(first.get("/api/v1/session").json()["title"], vi["title"]);
    });
}

#[test]
fn a_body_of_ten_megabytes_is_refused_and_the_refusal_arrives() {
    with_app(|app| {
        let user = app.volunteer(NHON_PHU);
        let huge = vec![b'x'; 10 << 20];
        user.send_bytes("POST", "/api/v1/facts", Some(&huge))
            .refused(413, "request.too_large");
        // Without saying how long it will be.
        let sender = user
            .with_header("transfer-encoding", "chunked")
            .with_header("content-type", "application/json");
        let mut stream = sender.open("POST", "/api/v1/facts", None).unwrap();
        let chunk = format!("{:x}\r\n{}\r\n", 1 << 20, "x".repeat(1 << 20));
        for _ in 0..3 {
            // The server may hang up once it has seen enough.
            if stream.write_all(chunk.as_bytes()).is_err() {
                break;
            }
        }
        let _ = stream.write_all(b"0\r\n\r\n");
        read(stream).unwrap().refused(413, "request.too_large");
        user.counts(&[assist(NHON_PHU)]);
    });
}

#[test]
fn a_packed_body_is_read_and_a_bomb_is_not_unpacked() {
    with_app(|app| {
        let user = app.volunteer(NHON_PHU);
        let packed = user.with_header("content-encoding", "gzip");
        let body = gzip(
            batch(&[assist(NHON_PHU), assist(NHON_PHU)])
                .to_string()
                .as_bytes(),
        );
        let reply = packed.send_bytes("POST", "/api/v1/facts", Some(&body)).ok();
        assert_eq!(reply["outcomes"].as_array().map(Vec::len), Some(2));
        let bomb = gzip(&vec![b' '; 200 << 20]);
        assert!(bomb.len() < 1 << 20);
        packed
            .send_bytes("POST", "/api/v1/facts", Some(&bomb))
            .refused(413, "request.too_large");
    });
}

#[test]
fn long_answers_are_packed_for_those_who_can_unpack() {
    with_app(|app| {
        let user = app.volunteer(NHON_PHU);
        let plain = user.get("/api/v1/changes");
        assert_eq!(plain.header("content-encoding"), None);
        let packed = user
            .with_header("accept-encoding", "gzip")
            .get("/api/v1/changes");
        assert_eq!(packed.header("content-encoding"), Some("gzip"));
        assert!(packed.body.len() * 3 < plain.body.len());
    });
}

#[test]
fn health_is_told_to_anyone() {
    with_app(|app| {
        assert_eq!(app.get("/healthz").text(), "ok\n");
        assert_eq!(app.get("/readyz").text(), "ready\n");
    });
}
