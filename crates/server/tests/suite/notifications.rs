//! What people are told in the app, and what goes out to them besides: a push service of
//! our own reads and checks every message.

use crate::harness::people::User;
use crate::harness::{NHON_PHU, TestApp, with_app};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use causo::features::notifications::{Notice, notify};
use causo::platform::clock::Clock;
use domain::ids::MemberId;
use domain::notifications::NoticeKind;
use p256::ecdh::diffie_hellman;
use p256::elliptic_curve::sec1::ToSec1Point;
use p256::{PublicKey, SecretKey};
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Salt};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde_json::{Map, Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use time::Duration;
use uuid::Uuid;

/// A browser's keys.
struct Browser {
    secret: SecretKey,
    auth: Vec<u8>,
}

impl Browser {
    fn new(number: u8) -> Self {
        Self {
            secret: SecretKey::from_slice(&[number; 32]).unwrap(),
            auth: vec![number; 16],
        }
    }

    fn public(&self) -> Vec<u8> {
        self.secret
            .public_key()
            .to_sec1_point(false)
            .as_bytes()
            .to_vec()
    }

    fn subscription(&self, endpoint: &str) -> Value {
        json!({
            "endpoint": endpoint,
            "p256dh": BASE64.encode(self.public()),
            "auth": BASE64.encode(&self.auth),
        })
    }

    /// Opens a record as RFC 8291 says a browser does.
    fn open(&self, body: &[u8]) -> Vec<u8> {
        let (salt, rest) = body.split_at(16);
        let (theirs, sealed) = rest[5..].split_at(usize::from(rest[4]));
        let other = PublicKey::from_sec1_bytes(theirs).unwrap();
        let shared = diffie_hellman(self.secret.to_nonzero_scalar(), other.as_affine());
        let info = [b"WebPush: info\0", &self.public()[..], theirs].concat();
        let shared = stretch(&self.auth, shared.raw_secret_bytes(), &info);
        let key = stretch(salt, &shared, b"Content-Encoding: aes128gcm\0");
        let nonce = stretch(salt, &shared, b"Content-Encoding: nonce\0");
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key[..16]).unwrap());
        let nonce = Nonce::try_assume_unique_for_key(&nonce[..12]).unwrap();
        let mut sealed = sealed.to_vec();
        let opened = key.open_in_place(nonce, Aad::empty(), &mut sealed).unwrap();
        let (mark, said) = opened.split_last().unwrap();
        assert_eq!(*mark, 2, "the last record");
        said.to_vec()
    }
}

fn stretch(salt: &[u8], from: &[u8], info: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    let prk = Salt::new(HKDF_SHA256, salt).extract(from);
    let infos = [info];
    let okm = prk.expand(&infos, HKDF_SHA256).unwrap();
    okm.fill(&mut out).unwrap();
    out
}

/// The example of RFC 8291: so the browser of these tests is one.
#[test]
fn our_browser_reads_the_standards_own_example() {
    let bytes = |text: &str| BASE64.decode(text).unwrap();
    let browser = Browser {
        secret: SecretKey::from_slice(&bytes("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"))
            .unwrap(),
        auth: bytes("BTBZMqHH6r4Tts7J_aSIgg"),
    };
    let body = bytes(
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN",
    );
    assert_eq!(
        browser.open(&body),
        b"When I grow up, I want to be a watermelon"
    );
}

struct Request {
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(held, _)| held == name);
        &found.expect("it is there").1
    }
}

/// Takes messages, and answers with what it is told to.
struct PushService {
    address: SocketAddr,
    taken: Arc<Mutex<Vec<Request>>>,
    status: Arc<Mutex<u16>>,
}

impl PushService {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let service = Self {
            address: listener.local_addr().unwrap(),
            taken: Arc::default(),
            status: Arc::new(Mutex::new(201)),
        };
        let (taken, status) = (Arc::clone(&service.taken), Arc::clone(&service.status));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut reader = BufReader::new(stream.unwrap());
                let mut lines = Vec::new();
                loop {
                    let mut line = String::new();
                    reader.read_line(&mut line).unwrap();
                    if line.trim().is_empty() {
                        break;
                    }
                    lines.push(line.trim().to_owned());
                }
                if lines.is_empty() {
                    continue;
                }
                let headers = lines[1..].iter().filter_map(|line| line.split_once(": "));
                let headers = headers.map(|(name, value)| (name.to_lowercase(), value.to_owned()));
                let mut request = Request {
                    path: lines[0].clone(),
                    headers: headers.collect(),
                    body: Vec::new(),
                };
                request.body = vec![0; request.header("content-length").parse().unwrap()];
                reader.read_exact(&mut request.body).unwrap();
                taken.lock().unwrap().push(request);
                let answer = format!(
                    "HTTP/1.1 {} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
                    status.lock().unwrap()
                );
                reader.get_mut().write_all(answer.as_bytes()).unwrap();
            }
        });
        service
    }

    fn answers(&self, status: u16) {
        *self.status.lock().unwrap() = status;
    }

    fn taken(&self) -> Vec<Request> {
        std::mem::take(&mut self.taken.lock().unwrap())
    }

    fn endpoint(&self, name: &str) -> String {
        format!("http://{}/{name}", self.address)
    }
}

fn tell(app: &TestApp, to: &User, about: &str, name: &str) -> bool {
    let (to, about, clock) = (MemberId(to.id), about.to_owned(), app.clock.clone());
    let facts = Map::from_iter([("name".to_owned(), name.into())]);
    let told = app.write(move |tx| {
        let notice = Notice {
            to,
            kind: NoticeKind::InvitationAccepted,
            about: &about,
            facts: &facts,
            link: "/thanh-vien",
        };
        Ok(notify(tx, &clock, &notice)?)
    });
    told.expect("it is told")
}

fn subscribed(app: &TestApp, service: &PushService, number: u8) -> (User, Browser) {
    let (user, browser) = (app.leader(NHON_PHU), Browser::new(number));
    let endpoint = service.endpoint(&number.to_string());
    user.put("/api/v1/push", &browser.subscription(&endpoint))
        .ok();
    (user, browser)
}

fn titles(user: &User) -> Vec<String> {
    let page = user.get("/api/v1/notifications").ok();
    let page = page["notifications"].as_array().unwrap().clone();
    let titles = page.iter().map(|one| one["title"].as_str().unwrap());
    titles.map(str::to_owned).collect()
}

#[test]
fn who_invited_hears_that_it_was_accepted_and_reads_it() {
    with_app(|app| {
        let (leader, other) = (app.leader(NHON_PHU), app.leader(NHON_PHU));
        let invitation = json!({"name": "Trần Văn Đạt", "role": "volunteer", "place_id": NHON_PHU});
        let invited = leader.post("/api/v1/invitations", &invitation).ok();
        let path = format!(
            "/api/v1/invitations/{}/accept",
            invited["token"].as_str().unwrap()
        );
        let accept = json!({"login": "dat", "password": "260324", "device_id": Uuid::from_u128(3)});
        app.stranger().post(&path, &accept).ok();

        let page = leader.get("/api/v1/notifications").ok();
        assert_eq!(page["unread"], 1);
        let told = &page["notifications"][0];
        assert_eq!(told["title"], "Trần Văn Đạt đã vào Cầu Số");
        assert_eq!(told["link"], "/thanh-vien");
        assert_eq!(told["read_at"], Value::Null);
        let english = leader.with_header("accept-language", "en");
        let english = english.get("/api/v1/notifications").ok();
        assert_eq!(
            english["notifications"][0]["title"],
            "Trần Văn Đạt has joined Cầu Số"
        );
        let read = format!(
            "/api/v1/notifications/{}/read",
            told["id"].as_str().unwrap()
        );
        other.post(&read, &json!({})).refused(404, "not_found");
        for _ in 0..2 {
            leader.post(&read, &json!({})).ok();
            assert_eq!(leader.get("/api/v1/notifications").ok()["unread"], 0);
        }
        assert_eq!(
            other.get("/api/v1/notifications").ok()["notifications"],
            json!([])
        );
    });
}

#[test]
fn nobody_is_told_twice_and_pages_follow_one_another() {
    with_app(|app| {
        let user = app.leader(NHON_PHU);
        assert!(tell(app, &user, "a", "A"));
        assert!(!tell(app, &user, "a", "A"));
        assert!(tell(app, &app.leader(NHON_PHU), "a", "A"));
        for name in ["B", "C"] {
            app.clock.advance(Duration::minutes(1));
            assert!(tell(app, &user, name, name));
        }
        let first = user.get("/api/v1/notifications?limit=2").ok();
        assert_eq!(first["unread"], 3);
        assert_eq!(first["notifications"].as_array().unwrap().len(), 2);
        let next = first["next"].as_str().unwrap();
        let second = user
            .get(&format!("/api/v1/notifications?limit=2&before={next}"))
            .ok();
        assert_eq!(second["notifications"][0]["title"], "A đã vào Cầu Số");
        assert_eq!(second["next"], Value::Null);

        let newest = first["notifications"][0]["id"].clone();
        app.clock.advance(Duration::minutes(1));
        tell(app, &user, "D", "D");
        user.post("/api/v1/notifications/read", &json!({"through": newest}))
            .ok();
        assert_eq!(user.get("/api/v1/notifications").ok()["unread"], 1);
        assert_eq!(titles(&user)[0], "D đã vào Cầu Số");
        app.clock.advance(Duration::days(181));
        app.chores();
        assert_eq!(app.count("select count(*) from notification"), 0);
    });
}

#[test]
fn a_browser_gets_a_message_that_it_alone_can_read_signed_by_us() {
    with_app(|app| {
        let service = PushService::start();
        let (user, browser) = subscribed(app, &service, 1);
        let choices = user.get("/api/v1/notification_choices").ok();
        assert_eq!(choices["subscribed"], true);
        let key = choices["push_key"].as_str().unwrap();
        tell(app, &user, "a", "Lê Thị Ánh");
        app.clock.advance(Duration::hours(1));
        assert_eq!((app.send_due(), app.send_due()), (1, 0));
        let taken = service.taken();
        assert_eq!(taken.len(), 1);
        let request = &taken[0];
        assert_eq!(request.path, "POST /1 HTTP/1.1");
        assert_eq!(request.header("content-encoding"), "aes128gcm");
        assert_eq!(request.header("ttl"), (23 * 3600).to_string());

        let said: Value = serde_json::from_slice(&browser.open(&request.body)).unwrap();
        assert_eq!(said["title"], "Lê Thị Ánh đã vào Cầu Số");
        assert_eq!(said["link"], "/thanh-vien");
        assert_eq!(said["id"], request.header("topic"));
        assert!(request.header("topic").len() <= 32);

        let signed = request.header("authorization");
        let (token, named) = signed
            .strip_prefix("vapid t=")
            .and_then(|rest| rest.split_once(", k="))
            .unwrap();
        assert_eq!(named, key);
        let (text, signature) = token.rsplit_once('.').unwrap();
        let bytes = |text: &str| BASE64.decode(text).unwrap();
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, bytes(key))
            .verify(text.as_bytes(), &bytes(signature))
            .expect("it is signed");
        let claims = text.split_once('.').unwrap().1;
        let claims: Value = serde_json::from_slice(&bytes(claims)).unwrap();
        assert_eq!(claims["aud"], format!("http://{}", service.address));
        assert_eq!(claims["sub"], "mailto:it@example.vn");
        let left =
            claims["exp"].as_i64().unwrap() - Clock::machine(Duration::ZERO).now().unix_timestamp();
        assert!((0..=24 * 3600).contains(&left), "{left}");
        assert_eq!(app.count("select count(*) from delivery"), 0);
    });
}

#[test]
fn a_service_that_fails_is_asked_again_ever_more_rarely_for_a_day() {
    with_app(|app| {
        let service = PushService::start();
        let (user, browser) = subscribed(app, &service, 1);
        tell(app, &user, "a", "A");
        service.answers(503);
        let mut tries = Vec::new();
        for minute in 0..(25 * 60) {
            app.send_due();
            if !service.taken().is_empty() {
                tries.push(minute);
            }
            app.clock.advance(Duration::minutes(1));
        }
        assert_eq!(tries[..8], [0, 1, 3, 7, 15, 31, 63, 123]);
        assert!(
            tries.last().is_some_and(|last| *last < 24 * 60),
            "{tries:?}"
        );
        assert_eq!(app.count("select count(*) from delivery"), 0);
        assert_eq!(titles(&user), ["A đã vào Cầu Số"]);

        tell(app, &user, "b", "B");
        app.send_due();
        service.answers(201);
        app.clock.advance(Duration::minutes(1));
        assert_eq!(app.send_due(), 1);
        let same: Vec<String> = service
            .taken()
            .iter()
            .map(|one| {
                browser.open(&one.body);
                one.header("topic").to_owned()
            })
            .collect();
        assert_eq!(same.len(), 2);
        assert_eq!(same[0], same[1]);
    });
}

#[test]
fn what_a_node_took_and_did_not_send_is_sent_by_another() {
    with_app(|app| {
        let service = PushService::start();
        let (user, _) = subscribed(app, &service, 1);
        tell(app, &user, "a", "A");
        let now = app.clock.now();
        let taken = app.write(move |tx| {
            let until = now + Duration::minutes(5);
            Ok(causo::features::notifications::store::take(tx, now, until, 9)?.len())
        });
        assert_eq!(taken.unwrap(), 1);
        assert_eq!(app.send_due(), 0, "somebody has it");
        app.clock.advance(Duration::minutes(5));
        assert_eq!(app.send_due(), 1);
    });
}

#[test]
fn a_browser_that_is_gone_or_signed_out_gets_nothing_more() {
    with_app(|app| {
        let service = PushService::start();
        for status in [404, 410] {
            let (user, _) = subscribed(app, &service, 1);
            service.answers(status);
            tell(app, &user, "a", "A");
            assert_eq!(app.send_due(), 0);
            assert_eq!(service.taken().len(), 1);
            assert_eq!(app.count("select count(*) from push_subscription"), 0);
            service.answers(201);
        }
        let (out, _) = subscribed(app, &service, 2);
        tell(app, &out, "b", "B");
        out.delete("/api/v1/session").ok();
        let (off, _) = subscribed(app, &service, 3);
        tell(app, &off, "c", "C");
        off.delete("/api/v1/push").ok();
        // Another person on the same browser.
        let (before, _) = subscribed(app, &service, 4);
        let (after, _) = subscribed(app, &service, 4);
        tell(app, &before, "d", "D");
        tell(app, &after, "d", "D");
        assert_eq!(app.send_due(), 1);
        assert_eq!(service.taken().len(), 1);
    });
}

#[test]
fn a_browser_cannot_name_what_we_would_not_call_or_could_not_seal_for() {
    with_app(|app| {
        let (user, browser) = (app.leader(NHON_PHU), Browser::new(1));
        let subscribe = |body: &Value| user.put("/api/v1/push", body);
        for endpoint in [
            "https://10.0.0.1/x",
            "https://169.254.169.254/latest",
            "http://push.example.vn/x",
            "ftp://push.example.vn/x",
            "",
        ] {
            subscribe(&browser.subscription(endpoint)).refused(422, "request.validation");
        }
        let mut body = browser.subscription("https://push.example.vn/x");
        subscribe(&body).ok();
        body["p256dh"] = json!(BASE64.encode([4; 65]));
        subscribe(&body).refused(422, "request.validation");
        body = browser.subscription("https://push.example.vn/x");
        body["auth"] = json!("AAAA");
        subscribe(&body).refused(422, "request.validation");
    });
}

#[test]
fn people_choose_what_comes_to_their_phone() {
    with_app(|app| {
        let (user, admin) = (app.leader(NHON_PHU), app.admin());
        let id = MemberId(user.id);
        app.write(move |tx| {
            let sql = "update member set phone = '+84912345678' where id = $1";
            Ok(tx.execute(sql, causo::args![id])?)
        })
        .unwrap();
        tell(app, &user, "a", "A");
        assert_eq!(app.send_due(), 0);
        let choose = |channel: &str, wanted: bool| {
            let body = json!({"kind": "invitation_accepted", "channel": channel, "wanted": wanted});
            user.put("/api/v1/notification_choices", &body).ok();
        };
        choose("sms", true);
        choose("push", false);
        let choices = user.get("/api/v1/notification_choices").ok();
        assert_eq!(choices["channels"], json!(["push", "sms", "zalo"]));
        assert_eq!(choices["kinds"][0]["label"], "Người bạn mời đã vào");
        assert_eq!(choices["kinds"][0]["wanted"], json!(["sms"]));
        tell(app, &user, "b", "B");
        assert_eq!(app.send_due(), 1);
        let sent = admin.get("/api/v1/simulated_messages").ok();
        let sent = &sent["messages"][0];
        assert_eq!(
            (sent["channel"].as_str(), sent["phone"].as_str()),
            (Some("sms"), Some("+84912345678"))
        );
        assert!(
            sent["text"]
                .as_str()
                .unwrap()
                .starts_with("B đã vào Cầu Số. ")
        );
        user.get("/api/v1/simulated_messages")
            .refused(403, "auth.forbidden");
        app.province()
            .get("/api/v1/simulated_messages")
            .refused(404, "not_found");
    });
}
