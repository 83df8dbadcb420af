//! Zalo's Official Account against a simulator that speaks its contract over real HTTP: tokens
//! that end and renew once, hours in which one may write, signed calls that come twice.

use crate::harness::people::User;
use crate::harness::{NHON_PHU, START, TestApp, carry, with_zalo};
use causo::features::questions::zalo::{Config, Hosts};
use domain::ids::PlaceId;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Condvar, Mutex};
use time::Duration;

const APP_ID: &str = "1234567890123456789";
const APP_SECRET: &str = "app-secret";
const OA_SECRET: &str = "oa-secret";
const ASK: &str = "Tôi muốn hỏi làm khai sinh cho cháu ở đâu?";

/// What Zalo knows.
#[derive(Default)]
struct Knows {
    /// The refresh token that holds, and its number.
    refresh: String,
    number: u32,
    /// The access token that holds.
    access: String,
    /// Texts that went out, by user.
    sent: Vec<(String, String)>,
    /// What it answers instead of taking the next messages.
    errors: Vec<i64>,
    /// Renewals, and those refused because the token had been used.
    renewed: u32,
    refused: u32,
    /// A renewal waits until it is let go.
    holds: bool,
    waits: bool,
    /// The server is down.
    down: bool,
    /// It renews nothing, for it was asked too often.
    busy: bool,
}

/// Zalo's two servers in one.
#[derive(Clone)]
struct Zalo {
    address: SocketAddr,
    knows: Arc<(Mutex<Knows>, Condvar)>,
}

impl Zalo {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let zalo = Self {
            address: listener.local_addr().unwrap(),
            knows: Arc::default(),
        };
        zalo.with(|knows| knows.refresh = "refresh-0".to_owned());
        let served = zalo.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let each = served.clone();
                // Each by itself: one that waits must not hold up the others.
                std::thread::spawn(move || each.serve(stream.unwrap()));
            }
        });
        zalo
    }

    fn with<T>(&self, what: impl FnOnce(&mut Knows) -> T) -> T {
        let done = what(&mut self.knows.0.lock().unwrap());
        self.knows.1.notify_all();
        done
    }

    /// Waits until somebody's renewal waits here.
    fn until_renewing(&self) {
        let held = self.knows.0.lock().unwrap();
        drop(self.knows.1.wait_while(held, |knows| !knows.waits).unwrap());
    }

    fn serve(&self, stream: std::net::TcpStream) {
        let mut reader = BufReader::new(stream);
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            if line.trim().is_empty() {
                break;
            }
            lines.push(line.trim().to_owned());
        }
        let headers: HashMap<String, String> = (lines[1..].iter())
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        let length = headers
            .get("content-length")
            .map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let body = String::from_utf8(body).unwrap();
        let (status, answer) = match lines[0].split(' ').collect::<Vec<_>>()[..] {
            ["POST", "/v4/oa/access_token", _] => self.renew(&headers, &body),
            ["POST", "/v3.0/oa/message/cs", _] => self.take(&headers, &body),
            _ => (404, json!({})),
        };
        let answer = answer.to_string();
        let text = format!(
            "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{answer}",
            answer.len()
        );
        // Who gave up waiting does not hear it.
        let _ = reader.get_mut().write_all(text.as_bytes());
    }

    fn renew(&self, headers: &HashMap<String, String>, body: &str) -> (u16, Value) {
        let form: HashMap<&str, &str> = body
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .collect();
        assert_eq!(headers["content-type"], "application/x-www-form-urlencoded");
        assert_eq!(form["grant_type"], "refresh_token");
        if headers.get("secret_key").map(String::as_str) != Some(APP_SECRET)
            || form["app_id"] != APP_ID
        {
            return (
                200,
                json!({"error": -14004, "error_name": "Invalid secret key"}),
            );
        }
        let mut knows = self.knows.0.lock().unwrap();
        if knows.down {
            return (503, json!({}));
        }
        if knows.busy {
            return (
                200,
                json!({"error": -32, "message": "Your application reached limit call api"}),
            );
        }
        // One use each: whoever is refused here could only use a stale one.
        if form["refresh_token"] != knows.refresh {
            knows.refused += 1;
            return (
                200,
                json!({"error": -14014, "error_name": "Invalid refresh token"}),
            );
        }
        knows.number += 1;
        knows.renewed += 1;
        (knows.refresh, knows.access) = (
            format!("refresh-{}", knows.number),
            format!("access-{}", knows.number),
        );
        let answer = json!({"access_token": knows.access, "refresh_token": knows.refresh, "expires_in": "90000"});
        knows.waits = knows.holds;
        self.knows.1.notify_all();
        drop(self.knows.1.wait_while(knows, |knows| knows.holds).unwrap());
        (200, answer)
    }

    fn take(&self, headers: &HashMap<String, String>, body: &str) -> (u16, Value) {
        let body: Value = serde_json::from_str(body).unwrap();
        self.with(|knows| {
            if knows.down {
                return (503, json!({}));
            }
            if knows.access == "gone" {
                let said = "access_token is expired or removed";
                return (200, json!({"error": -220, "message": said}));
            }
            if headers["access_token"] != knows.access {
                return (
                    200,
                    json!({"error": -216, "message": "Access token is invalid"}),
                );
            }
            if let Some(error) = knows.errors.pop() {
                return (200, json!({"error": error, "message": "no"}));
            }
            let user = body["recipient"]["user_id"].as_str().unwrap().to_owned();
            let text = body["message"]["text"].as_str().unwrap().to_owned();
            assert!(text.chars().count() <= 2000, "Zalo takes no longer text");
            knows.sent.push((user, text));
            (
                200,
                json!({"error": 0, "message": "Success", "data": {"message_id": "x"}}),
            )
        })
    }

    fn config(&self) -> Config {
        Config {
            app_id: APP_ID.to_owned(),
            app_secret: APP_SECRET.to_owned(),
            oa_secret: OA_SECRET.to_owned(),
            refresh_token: "refresh-0".to_owned(),
            place: PlaceId::parse(NHON_PHU).unwrap(),
            at: Hosts::Loopback(format!("http://{}", self.address)),
        }
    }
}

fn play(play: impl FnOnce(&TestApp, &Zalo)) {
    let zalo = Zalo::start();
    with_zalo(START, Some(zalo.config()), |app| play(app, &zalo));
}

fn event(app: &TestApp, name: &str, message: Value) -> Value {
    let ms = app.clock.now().unix_timestamp() * 1000;
    json!({"app_id": APP_ID, "event_name": name, "timestamp": ms.to_string(), "sender": {"id": "user-1"},
        "recipient": {"id": "oa"}, "message": message})
}

/// A user's text with this message id.
fn says(app: &TestApp, id: &str, text: &str) -> Value {
    event(app, "user_send_text", json!({"text": text, "msg_id": id}))
}

fn mac(body: &str, moment: &str, secret: &str) -> String {
    let digest = Sha256::digest(format!("{APP_ID}{body}{moment}{secret}"));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn call(app: &TestApp, body: &Value, secret: &str) -> u16 {
    let body = body.to_string();
    let moment = serde_json::from_str::<Value>(&body).unwrap()["timestamp"].clone();
    let signature = format!("mac={}", mac(&body, moment.as_str().unwrap(), secret));
    let zalo = app
        .stranger()
        .without_header("x-causo")
        .with_header("x-zevent-signature", &signature);
    zalo.send_bytes("POST", "/zalo/webhook", Some(body.as_bytes()))
        .status
}

fn hears(app: &TestApp, body: &Value) {
    assert_eq!(call(app, body, OA_SECRET), 200);
}

fn the_question(officer: &User) -> Value {
    let found = officer
        .get(&format!("/api/v1/questions?place={NHON_PHU}&view=all"))
        .ok();
    let found = found["questions"].as_array().unwrap().clone();
    assert_eq!(found.len(), 1);
    found[0].clone()
}

fn page(officer: &User) -> Value {
    let question = the_question(officer);
    officer
        .get(&format!(
            "/api/v1/questions/{}",
            question["id"].as_str().unwrap()
        ))
        .ok()
}

/// The only officer answers the only question.
fn answers(app: &TestApp, officer: &User) {
    let question = the_question(officer);
    let acts = format!(
        "/api/v1/questions/{}/acts",
        question["id"].as_str().unwrap()
    );
    for act in [
        json!({"act": "draft", "answer": "Làm tại Trung tâm, kết quả trong ngày."}),
        json!({"act": "approve"}),
    ] {
        let mut act = act;
        act["id"] = json!(app.clock.new_id());
        officer.post(&acts, &act).ok();
    }
}

#[test]
fn a_question_on_zalo_comes_in_once_and_the_answer_goes_back() {
    play(|app, zalo| {
        let officer = app.officer(NHON_PHU);
        let said = says(app, "m1", ASK);
        hears(app, &said);
        // Zalo calls again when an answer was lost, and again after we have worked on it.
        hears(app, &said);
        assert_eq!(app.carry(), 1);
        hears(app, &said);
        assert_eq!(app.carry(), 0);
        let question = the_question(&officer);
        assert_eq!(
            (&question["source"], &question["told_by"]),
            (&json!("zalo"), &json!("zalo"))
        );
        answers(app, &officer);
        assert_eq!(app.carry(), 1);
        let sent = zalo.with(|knows| knows.sent.clone());
        assert!(
            sent[0].1.contains("đã nhận câu hỏi") && sent[1].1.contains("kết quả trong ngày"),
            "{sent:?}"
        );
        assert!(sent.iter().all(|(user, _)| user == "user-1"));
        // What is no question makes none; stickers, our own messages and those who leave neither.
        hears(app, &says(app, "m2", "chào"));
        hears(
            app,
            &event(app, "user_send_sticker", json!({"msg_id": "m3"})),
        );
        hears(
            app,
            &event(app, "oa_send_text", json!({"msg_id": "m4", "text": ASK})),
        );
        hears(app, &event(app, "unfollow", Value::Null));
        assert_eq!(app.carry(), 0);
        the_question(&officer);
        assert_eq!(
            app.count("select count(*) from zalo_event where text is not null"),
            0
        );
        assert_eq!(zalo.with(|knows| knows.renewed), 1);
    });
}

#[test]
fn a_call_that_zalo_did_not_sign_is_refused() {
    play(|app, _| {
        let said = says(app, "m1", ASK);
        assert_eq!(call(app, &said, "another secret"), 401);
        let text = said.to_string();
        let moment = said["timestamp"].as_str().unwrap();
        for signature in [
            String::new(),
            "mac=".to_owned(),
            mac(&text, moment, OA_SECRET),
            format!("mac={}", mac(&text, "0", OA_SECRET)),
            format!("mac={}", mac(&text.replace("m1", "m9"), moment, OA_SECRET)),
        ] {
            let zalo = app.stranger().with_header("x-zevent-signature", &signature);
            assert_eq!(
                zalo.send_bytes("POST", "/zalo/webhook", Some(text.as_bytes()))
                    .status,
                401
            );
        }
        assert_eq!(app.stranger().post("/zalo/webhook", &json!([])).status, 401);
        // Signed long ago: taken from the wire and played again.
        app.clock.advance(Duration::hours(25));
        hears(app, &said);
        assert_eq!(app.count("select count(*) from zalo_event"), 0);
    });
    with_zalo(START, None, |app| {
        assert_eq!(call(app, &says(app, "m1", ASK), OA_SECRET), 404);
    });
}

#[test]
fn after_two_days_an_answer_waits_for_the_user_and_the_officer_is_told_to_call() {
    play(|app, zalo| {
        let officer = app.officer(NHON_PHU);
        hears(app, &says(app, "m1", ASK));
        app.carry();
        app.clock.advance(Duration::hours(49));
        answers(app, &officer);
        assert_eq!(app.carry(), 0);
        assert_eq!(page(&officer)["messages"][1]["state"], "window");
        let told = officer.get("/api/v1/notifications").ok();
        assert_eq!(told["notifications"][0]["kind"], "question_unsent");
        // They write again: now we may.
        hears(app, &says(app, "m2", "alo"));
        assert_eq!(app.carry(), 1);
        assert_eq!(page(&officer)["messages"][1]["state"], "sent");
        assert_eq!(zalo.with(|knows| knows.sent.len()), 2);
    });
}

#[test]
fn who_zalo_lets_nobody_write_to_is_told_by_other_means() {
    play(|app, zalo| {
        let officer = app.officer(NHON_PHU);
        hears(app, &says(app, "m1", ASK));
        app.carry();
        app.clock.advance(Duration::MINUTE);
        answers(app, &officer);
        // A fault of ours is none of theirs: it is tried again.
        zalo.with(|knows| knows.errors.push(-201));
        assert_eq!(app.carry(), 0);
        assert_eq!(page(&officer)["messages"][1]["state"], "waiting");
        app.clock.advance(Duration::MINUTE);
        zalo.with(|knows| knows.errors.push(-230));
        assert_eq!(app.carry(), 0);
        let seen = page(&officer);
        assert_eq!(seen["messages"][1]["state"], "window");
        let acts = format!(
            "/api/v1/questions/{}/acts",
            seen["question"]["id"].as_str().unwrap()
        );
        let told =
            json!({"id": app.clock.new_id(), "act": "tell", "note": "Đã nhắn qua tổ trưởng"});
        assert_eq!(
            officer.post(&acts, &told).ok()["messages"][1]["state"],
            "told"
        );
        hears(app, &says(app, "m2", "alo"));
        assert_eq!(app.carry(), 0, "nobody is told twice");
    });
}

#[test]
fn what_cannot_go_now_goes_later_and_tokens_renew_by_themselves() {
    play(|app, zalo| {
        let officer = app.officer(NHON_PHU);
        hears(app, &says(app, "m1", ASK));
        zalo.with(|knows| knows.down = true);
        assert_eq!(app.carry(), 0);
        assert_eq!(page(&officer)["messages"][0]["state"], "waiting");
        zalo.with(|knows| knows.down = false);
        assert_eq!(app.carry(), 0, "it waits its minute");
        app.clock.advance(Duration::MINUTE);
        assert_eq!(app.carry(), 1);
        // Zalo ends our access before its time: it is renewed, as soon as Zalo does that again,
        // and the message goes.
        zalo.with(|knows| "gone".clone_into(&mut knows.access));
        zalo.with(|knows| knows.busy = true);
        answers(app, &officer);
        assert_eq!(app.carry(), 0);
        assert_eq!(page(&officer)["messages"][1]["state"], "waiting");
        zalo.with(|knows| knows.busy = false);
        app.clock.advance(Duration::MINUTE);
        assert_eq!(app.carry(), 1);
        // After its 25 hours we know by ourselves.
        app.clock.advance(Duration::hours(26));
        hears(
            app,
            &says(app, "m2", "Cho hỏi thêm: cần mang giấy tờ gì theo?"),
        );
        assert_eq!(app.carry(), 1);
        // Nobody writes for a month: the refresh token is used before it ends.
        app.clock.advance(Duration::days(31));
        assert_eq!(app.carry(), 0);
        let (renewed, refused) = zalo.with(|knows| (knows.renewed, knows.refused));
        assert_eq!((renewed, refused), (4, 0));
        // Tokens lie in the database sealed.
        let plain = "select count(*) from zalo_token where access like '%access-%' or refresh like '%refresh-%'";
        assert_eq!(app.count(plain), 0);
    });
}

#[test]
fn a_used_refresh_token_is_refused_for_good_and_a_new_one_helps() {
    let zalo = Zalo::start();
    zalo.with(|knows| "refresh-9".clone_into(&mut knows.refresh));
    with_zalo(START, Some(zalo.config()), |app| {
        let officer = app.officer(NHON_PHU);
        hears(app, &says(app, "m1", ASK));
        assert_eq!(app.carry(), 0);
        app.clock.advance(Duration::MINUTE);
        assert_eq!(app.carry(), 0);
        assert_eq!(
            zalo.with(|knows| knows.refused),
            1,
            "it is not tried again and again"
        );
        assert_eq!(the_question(&officer)["stage"], "open", "all else works");
        let other = Config {
            refresh_token: "refresh-9".to_owned(),
            ..zalo.config()
        };
        let node = second_node(app, other);
        app.clock.advance(Duration::minutes(10));
        assert_eq!(carry(&node), 1);
    });
}

/// Another process on the same database, as far as the database can tell.
fn second_node(app: &TestApp, zalo: Config) -> Arc<causo::App> {
    let deployment = crate::harness::deployment(&app.database);
    let channels = causo::features::notifications::channels::Channels {
        push: None,
        simulated: true,
        zalo: Some(zalo),
    };
    let databases = deployment.address.clone().into();
    causo::App::start(
        &databases,
        app.clock.clone(),
        &deployment.secret,
        false,
        channels,
        causo::features::lobby::Voice::default(),
    )
    .unwrap()
}

#[test]
fn two_nodes_never_both_renew() {
    play(|app, zalo| {
        app.officer(NHON_PHU);
        let node = second_node(app, zalo.config());
        hears(app, &says(app, "m1", ASK));
        zalo.with(|knows| knows.holds = true);
        std::thread::scope(|scope| {
            let first = scope.spawn(|| app.carry());
            zalo.until_renewing();
            hears(app, &says(app, "m2", "Còn giấy kết hôn thì làm ở đâu ạ?"));
            // The old pair is used up and the new one not written: the other node waits.
            assert_eq!(carry(&node), 0);
            zalo.with(|knows| knows.holds = false);
            assert_eq!(first.join().unwrap(), 1);
        });
        app.clock.advance(Duration::MINUTE);
        assert_eq!(carry(&node), 1);
        let (renewed, refused) = zalo.with(|knows| (knows.renewed, knows.refused));
        assert_eq!((renewed, refused), (1, 0));
    });
}
