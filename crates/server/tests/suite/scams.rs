//! Suspected scams: from a phone or the public page to the commune's officer, to the police,
//! to a result; waves of them, and what teams are told.

use crate::harness::client::Reply;
use crate::harness::facts::{Fact, scam_report, void};
use crate::harness::people::User;
use crate::harness::{DONG_DA, NHON_PHU, TestApp, with_app};
use causo::args;
use causo::features::members::Role;
use causo::features::scams::commands::{self, New};
use domain::ids::{PlaceId, ScamReportId};
use domain::scams::{Loss, ScamChannel, ScamReport};
use serde_json::{Value, json};
use time::Duration;
use time::macros::date;
use uuid::Uuid;

const REPORTS: &str = "/api/v1/scams/reports";

fn list(user: &User) -> Value {
    let url = format!("{REPORTS}?place={NHON_PHU}&from=2024-10-01&to=2024-10-31");
    user.get(&url).ok()
}

fn act(app: &TestApp, user: &User, report: &str, what: Value) -> Reply {
    let mut body = what;
    body["id"] = json!(app.clock.new_id());
    user.post(&format!("{REPORTS}/{report}/acts"), &body)
}

/// What somebody was told, by the alphabet.
fn told(user: &User) -> Vec<String> {
    let list = user.get("/api/v1/notifications").ok();
    let list = list["notifications"].as_array().expect("a list").clone();
    let kind = |one: &Value| one["kind"].as_str().expect("a word").to_owned();
    let mut kinds: Vec<String> = list.iter().map(kind).collect();
    kinds.sort_unstable();
    kinds
}

/// A report from the public page, with a contact.
fn from_page(app: &TestApp) -> Uuid {
    let id = app.clock.new_id();
    let new = New {
        id: ScamReportId(id),
        place: PlaceId::parse(NHON_PHU).expect("a place id"),
        report: ScamReport {
            scam: "fake_app".into(),
            channel: ScamChannel::Chat,
            trace: Some("https://vneid.example/tai.apk".into()),
            loss: Loss::Yes,
            happened_on: date!(2024 - 10 - 13),
            note: None,
        },
        contact: commands::contact("Bác Tư", "0912 345 678").expect("it reads"),
    };
    let clock = app.clock.clone();
    app.write(move |tx| {
        commands::report(tx, &clock, new.clone())?;
        // The form sent again, as after a lost answer.
        commands::report(tx, &clock, new)
    })
    .expect("it is made");
    id
}

#[test]
fn a_report_goes_from_a_phone_to_the_police_and_is_closed() {
    with_app(|app| {
        let (officer, volunteer) = (app.officer(NHON_PHU), app.volunteer(NHON_PHU));
        let fact = scam_report(NHON_PHU, "fake_police");
        volunteer.counts(std::slice::from_ref(&fact));
        assert_eq!(
            volunteer.send_facts(std::slice::from_ref(&fact))[0]["outcome"],
            "duplicate"
        );
        assert_eq!(told(&officer), ["scam_reported"]);
        let found = list(&officer);
        let report = &found["reports"][0];
        assert_eq!(found["reports"].as_array().map(Vec::len), Some(1));
        assert_eq!(
            (&report["trace"], &report["stage"], &report["by"]["id"]),
            (
                &json!("0900•••56"),
                &json!("reported"),
                &json!(volunteer.id.to_string())
            )
        );
        assert_eq!(
            found["counts"],
            json!([{"scam": "fake_police", "week": "2024-10-07", "reports": 1}])
        );

        let hand_over = json!({"act": "hand_over", "handed_to": "Công an phường Nhơn Phú", "way": "letter",
            "reference": "15/TB", "note": "Kèm ảnh chụp tin nhắn"});
        act(app, &officer, fact.id(), hand_over.clone()).refused(409, "scam.not_now");
        let other = app.officer(NHON_PHU);
        act(app, &other, fact.id(), json!({"act": "take"})).ok();
        act(app, &officer, fact.id(), hand_over.clone()).refused(409, "scam.not_in_hand");
        act(app, &officer, fact.id(), json!({"act": "take"})).ok();
        act(app, &officer, fact.id(), json!({"act": "hand_over"}))
            .refused(422, "request.validation");
        let mut once = hand_over;
        once["id"] = json!(app.clock.new_id());
        let url = format!("{REPORTS}/{}/acts", fact.id());
        officer.post(&url, &once).ok();
        let page = officer.post(&url, &once).ok();
        assert_eq!(page["steps"].as_array().map(Vec::len), Some(4));
        assert_eq!(
            (
                &page["steps"][3]["handed_to"],
                &page["steps"][3]["reference"]
            ),
            (&json!("Công an phường Nhơn Phú"), &json!("15/TB"))
        );
        assert_eq!(page["trace"], "0900 123 456");
        let close = json!({"act": "close", "result": "handled", "note": "Số đã bị khóa"});
        let page = act(app, &officer, fact.id(), close.clone()).ok();
        assert_eq!(
            (&page["report"]["stage"], &page["report"]["result"]),
            (&json!("closed"), &json!("handled"))
        );
        act(app, &officer, fact.id(), close).refused(409, "scam.not_now");
        assert_eq!(told(&volunteer), ["scam_closed"]);
    });
}

#[test]
fn reports_are_for_officers_of_their_commune_and_are_not_taken_back() {
    with_app(|app| {
        let volunteer = app.volunteer(NHON_PHU);
        let fact = scam_report(NHON_PHU, "small_fee");
        volunteer.counts(std::slice::from_ref(&fact));
        let url = format!("{REPORTS}/{}", fact.id());
        app.officer(DONG_DA).get(&url).refused(404, "not_found");
        app.leader(NHON_PHU)
            .get(&url)
            .refused(403, "auth.forbidden");
        let take = json!({"act": "take"});
        act(app, &app.officer(DONG_DA), fact.id(), take.clone()).refused(404, "not_found");
        act(app, &app.province(), fact.id(), take).ok();
        volunteer.refuses(&void(&fact), "fact.correction_kind");
        volunteer.refuses(&scam_report(DONG_DA, "small_fee"), "fact.out_of_scope");
        volunteer.refuses(&scam_report(NHON_PHU, "weather"), "scam.unknown");
        let names = scam_report(NHON_PHU, "other").with("/body/note", "Bác Tư, 0912 345 678");
        volunteer.refuses(&names, "scam.personal_data");
        let late = scam_report(NHON_PHU, "other").with("/body/happened_on", "2024-10-14");
        volunteer.refuses(&late, "request.validation");
    });
}

#[test]
fn a_contact_is_seen_by_who_has_the_report_in_hand_each_look_is_noted_and_it_is_erased() {
    with_app(|app| {
        let (officer, other) = (app.officer(NHON_PHU), app.officer(NHON_PHU));
        let id = from_page(app).to_string();
        assert_eq!(told(&officer), ["scam_reported"]);
        let report = &list(&officer)["reports"][0];
        assert_eq!(
            (&report["by"], &report["has_contact"], &report["trace"]),
            (&Value::Null, &json!(true), &json!("vnei•••pk"))
        );
        let url = format!("{REPORTS}/{id}/contact");
        officer
            .post(&url, &json!({}))
            .refused(409, "scam.not_in_hand");
        act(app, &officer, &id, json!({"act": "take"})).ok();
        let contact = officer.post(&url, &json!({})).ok();
        assert_eq!(contact, json!({"name": "Bác Tư", "phone": "+84912345678"}));
        officer.post(&url, &json!({})).ok();
        other
            .post(&url, &json!({}))
            .refused(409, "scam.not_in_hand");
        assert_eq!(
            app.count("select count(*) from contact_look where scam_report_id is not null"),
            2
        );

        act(
            app,
            &officer,
            &id,
            json!({"act": "close", "result": "advised"}),
        )
        .ok();
        app.clock.advance(Duration::days(29));
        app.chores();
        assert_eq!(app.count("select count(*) from scam_contact"), 1);
        app.clock.advance(Duration::days(2));
        app.chores();
        assert_eq!(app.count("select count(*) from scam_contact"), 0);
        officer.post(&url, &json!({})).refused(404, "not_found");
    });
}

#[test]
fn three_of_a_kind_in_a_week_suggest_a_warning_which_a_person_sends_once() {
    with_app(|app| {
        let officer = app.officer(NHON_PHU);
        let team = app.team(NHON_PHU, "Tổ công nghệ số");
        let leader = app.in_team(Role::Leader, NHON_PHU, team);
        let elsewhere = app.team(DONG_DA, "Tổ công nghệ số");
        let stranger = app.in_team(Role::Leader, DONG_DA, elsewhere);
        let volunteer = app.volunteer(NHON_PHU);
        let three: Vec<Fact> = (0..3).map(|_| scam_report(NHON_PHU, "loan_app")).collect();
        volunteer.counts(&three[..2]);
        assert_eq!(list(&officer)["waves"], json!([]));
        volunteer.counts(&three[2..]);
        let wave = list(&officer)["waves"][0].clone();
        assert_eq!(
            (&wave["reports"], &wave["scam"], &wave["place"]["id"]),
            (&json!(3), &json!("loan_app"), &json!(NHON_PHU))
        );
        assert_eq!(
            told(&officer),
            [
                "scam_reported",
                "scam_reported",
                "scam_reported",
                "scam_wave"
            ]
        );
        assert_eq!(told(&leader), [] as [String; 0]);

        let alert = json!({"id": app.clock.new_id(), "place": NHON_PHU, "scam": "loan_app", "text": wave["text"]});
        app.officer(DONG_DA)
            .post("/api/v1/scams/alerts", &alert)
            .refused(404, "not_found");
        for _ in 0..2 {
            let sent = officer.post("/api/v1/scams/alerts", &alert).ok();
            assert_eq!(sent["leaders"], 1);
        }
        assert_eq!(told(&leader), ["scam_alert"]);
        assert_eq!(told(&stranger), [] as [String; 0]);
        let after = list(&officer);
        assert_eq!(after["waves"], json!([]));
        assert_eq!(after["alerts"].as_array().map(Vec::len), Some(1));
    });
}

#[test]
fn what_was_changed_behind_its_history_shows() {
    with_app(|app| {
        let volunteer = app.volunteer(NHON_PHU);
        let fact = scam_report(NHON_PHU, "other");
        volunteer.counts(std::slice::from_ref(&fact));
        let found = |app: &TestApp| {
            app.write(|tx| {
                let mut differences = Vec::new();
                causo::features::scams::verify(tx, &mut differences)?;
                Ok(differences)
            })
            .expect("it reads")
        };
        assert_eq!(found(app), [] as [String; 0]);
        for (spoil, mend) in [
            (
                "update scam_report set stage = 'closed'",
                "update scam_report set stage = 'reported'",
            ),
            (
                "update scam_report set trace = '1'",
                "update scam_report set trace = '0900 123 456'",
            ),
        ] {
            app.write(move |tx| Ok(tx.execute(spoil, args![])?))
                .expect("it writes");
            assert_eq!(found(app).len(), 1, "{spoil}");
            app.write(move |tx| Ok(tx.execute(mend, args![])?))
                .expect("it writes");
        }
        assert_eq!(found(app), [] as [String; 0]);
    });
}

fn form(id: Uuid, more: &str) -> String {
    format!(
        "id={id}&scam=fake_app&channel=chat&trace=https%3A%2F%2Fvneid.example%2Ftai.apk&loss=yes&happened_on=2024-10-13&note={more}"
    )
}

fn send_form(app: &TestApp, form: &str) -> Reply {
    let from = app.stranger().without_header("x-causo");
    let from = from.without_header("content-type");
    let from = from.with_header("content-type", "application/x-www-form-urlencoded");
    let path = format!("/bao-lua-dao/{NHON_PHU}?tieng=vi");
    from.send_bytes("POST", &path, Some(form.as_bytes()))
}

#[test]
fn a_resident_reports_on_the_public_page_in_three_steps_and_is_told_what_to_do() {
    with_app(|app| {
        let first = app.get("/bao-lua-dao");
        assert!(first.text().contains("Tỉnh Bình Định"), "{}", first.text());
        let to = app.get(&format!("/bao-lua-dao?noi={NHON_PHU}&tieng=km"));
        let there = format!("/bao-lua-dao/{NHON_PHU}?tieng=km");
        assert_eq!((to.status, to.header("location")), (303, Some(&*there)));
        let asked = app.get(&there).text();
        assert!(asked.contains("ទូរស័ព្ទ") && asked.contains("chưa kiểm duyệt"));
        assert!(asked.len() < 20_000, "{}", asked.len());
        let province = app.get("/bao-lua-dao/63-52").text();
        assert!(province.contains("Phường Nhơn Phú"));
        assert_eq!(app.get("/bao-lua-dao/VN").status, 404);

        let officer = app.officer(NHON_PHU);
        let id = app.clock.new_id();
        let kept = form(id, "&name=B%C3%A1c+T%C6%B0&phone=0912345678&consent=1");
        for _ in 0..2 {
            let told = send_form(app, &kept);
            assert_eq!(told.status, 200, "{}", told.text());
            assert!(told.text().contains("Phường Nhơn Phú") && told.text().contains("113"));
        }
        assert_eq!(app.count("select count(*) from scam_contact"), 1);
        let unasked = form(
            app.clock.new_id(),
            "&name=B%C3%A1c+T%C6%B0&phone=0912345678",
        );
        assert!(send_form(app, &unasked).text().contains("không được lưu"));
        assert_eq!(app.count("select count(*) from scam_contact"), 1);
        assert_eq!(list(&officer)["reports"].as_array().map(Vec::len), Some(2));
        let found = send_form(app, &form(app.clock.new_id(), "S%E1%BB%91+0912345678"));
        assert_eq!(found.status, 422);
        assert_eq!(app.count("select count(*) from scam_report"), 2);
        for _ in 0..6 {
            send_form(app, &form(id, ""));
        }
        let often = send_form(app, &form(id, ""));
        assert_eq!(often.status, 429);
    });
}
