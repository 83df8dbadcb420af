//! Dân hỏi – Phường đáp: a resident asks without a name, two officers answer, late questions
//! climb, and answers spare questions.

use crate::harness::facts::{question, void};
use crate::harness::people::User;
use crate::harness::{DONG_DA, NHON_PHU, PROVINCE, QUY_NHON, TestApp, with_app};
use causo::args;
use serde_json::{Value, json};
use time::Duration;
use uuid::Uuid;

const ASK: &str = "Tôi thuê trọ ở phường, làm sao đăng ký tạm trú?";
const ANSWER: &str =
    "Mở VNeID, chọn Đăng ký tạm trú, khai địa chỉ rồi gửi. Ba ngày làm việc có kết quả.";

fn form(fields: &[(&str, &str)]) -> String {
    let field = |(name, value): &(&str, &str)| {
        let value: String = value
            .bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
                _ => format!("%{byte:02X}"),
            })
            .collect();
        format!("{name}={value}")
    };
    fields.iter().map(field).collect::<Vec<_>>().join("&")
}

/// Sends a form as a browser without scripts does; status, where it leads, and the page.
fn post(app: &TestApp, path: &str, fields: &[(&str, &str)]) -> (u16, String, String) {
    let browser = app.stranger().without_header("x-causo");
    let browser = browser.with_header("content-type", "application/x-www-form-urlencoded");
    let browser = browser.with_header("accept", "text/html");
    let reply = browser.send_bytes("POST", path, Some(form(fields).as_bytes()));
    let to = reply.header("location").unwrap_or_default().to_owned();
    (reply.status, to, reply.text())
}

/// Asks on the page; where the question's own page is.
fn asked(app: &TestApp, text: &str, phone: &str) -> String {
    let fields = [
        ("noi", NHON_PHU),
        ("cau_hoi", text),
        ("dien_thoai", phone),
        ("dong_y", "1"),
        ("van_gui", "1"),
    ];
    let (status, to, page) = post(app, "/hoi", &fields);
    assert_eq!(status, 303, "{page}");
    to
}

fn list(user: &User, place: &str, view: &str) -> Vec<Value> {
    let found = user
        .get(&format!("/api/v1/questions?place={place}&view={view}"))
        .ok();
    found["questions"].as_array().expect("a list").clone()
}

fn only(user: &User, place: &str) -> Value {
    let mut found = list(user, place, "all");
    assert_eq!(found.len(), 1);
    found.remove(0)
}

fn url(question: &Value) -> String {
    format!(
        "/api/v1/questions/{}",
        question["id"].as_str().expect("an id")
    )
}

fn act(app: &TestApp, user: &User, question: &Value, act: Value) -> crate::harness::client::Reply {
    let mut body = act;
    body["id"] = json!(app.clock.new_id());
    user.post(&format!("{}/acts", url(question)), &body)
}

fn told(user: &User) -> Vec<String> {
    let found = user.get("/api/v1/notifications").ok();
    let all = found["notifications"].as_array().expect("a list").clone();
    let kind = |one: &Value| one["kind"].as_str().expect("a word").to_owned();
    let mut kinds: Vec<String> = all.iter().map(kind).collect();
    kinds.sort_unstable();
    kinds
}

/// A question answered by two officers and published; the entry's id.
fn published(app: &TestApp, officers: [&User; 2]) -> (Value, Uuid) {
    asked(app, ASK, "");
    let question = only(officers[0], NHON_PHU);
    act(
        app,
        officers[0],
        &question,
        json!({"act": "draft", "answer": ANSWER}),
    )
    .ok();
    act(app, officers[1], &question, json!({"act": "approve"})).ok();
    let words = "Người thuê trọ đăng ký tạm trú thế nào?";
    let page = act(
        app,
        officers[1],
        &question,
        json!({"act": "publish", "note": words, "answer": ANSWER}),
    )
    .ok();
    let faq = page["question"]["faq"].as_str().expect("it is published");
    (question.clone(), faq.parse().expect("an id"))
}

#[test]
fn a_question_without_a_name_is_answered_by_two_and_told_where_it_came_from() {
    with_app(|app| {
        let (writer, reader) = (app.officer(NHON_PHU), app.officer(NHON_PHU));
        let page = asked(
            app,
            "Làm sao đăng ký tạm trú? Gọi tôi 0905 123 456.",
            "0905123456",
        );
        let shown = app.get(&page).text();
        for said in [
            "Gọi tôi •••.",
            "Phường Nhơn Phú",
            "15/10/2024",
            "Cư trú, tạm trú",
        ] {
            assert!(shown.contains(said), "{said}: {shown}");
        }
        assert!(!shown.contains("123 456") && !shown.contains("<script"));
        let question = only(&writer, NHON_PHU);
        assert_eq!(
            (&question["topic"], &question["told_by"]),
            (&json!("residence"), &json!("sms"))
        );
        assert_eq!(told(&writer), ["question_asked"]);

        // Asked again with the same words on the same day, it is the same question.
        assert_eq!(
            asked(
                app,
                "làm sao  đăng ký tạm trú? Gọi tôi 0905 123 456.",
                "0905 123 456"
            ),
            page
        );
        assert_eq!(only(&writer, NHON_PHU)["repeats"], 1);

        let id = app.clock.new_id();
        let draft = json!({"id": id, "act": "draft", "answer": ANSWER});
        let acts = format!("{}/acts", url(&question));
        writer.post(&acts, &draft).ok();
        // After a lost answer it is sent again.
        let seen = writer.post(&acts, &draft).ok();
        assert_eq!(seen["steps"].as_array().map(Vec::len), Some(2));
        assert_eq!(seen["second"], true);
        assert!(
            !app.get(&page).text().contains("VNeID"),
            "nobody has read it yet"
        );
        act(app, &writer, &question, json!({"act": "approve"}))
            .refused(403, "question.second_person");
        act(
            app,
            &reader,
            &question,
            json!({"act": "return", "note": "Thêm thời hạn"}),
        )
        .ok();
        assert_eq!(told(&writer), ["question_asked", "question_returned"]);
        act(app, &reader, &question, json!({"act": "approve"})).refused(409, "question.not_now");
        act(
            app,
            &writer,
            &question,
            json!({"act": "draft", "answer": ANSWER}),
        )
        .ok();
        act(app, &reader, &question, json!({"act": "approve"})).ok();
        let shown = app.get(&page).text();
        assert!(
            shown.contains(ANSWER) && shown.contains("class=\"yes\""),
            "{shown}"
        );
        assert_eq!(app.carry(), 1);
        let seen = writer.get(&url(&question)).ok();
        assert_eq!(seen["messages"][0]["state"], "sent");
        let sent = app.admin().get("/api/v1/simulated_messages").ok();
        let sent = sent["messages"][0]["text"]
            .as_str()
            .expect("a text")
            .to_owned();
        assert!(sent.contains(ANSWER), "{sent}");
    });
}

#[test]
fn where_there_is_one_officer_they_may_let_their_own_answer_go() {
    with_app(|app| {
        let (alone, above) = (app.officer(NHON_PHU), app.officer(QUY_NHON));
        asked(app, ASK, "");
        let question = only(&alone, NHON_PHU);
        act(
            app,
            &alone,
            &question,
            json!({"act": "draft", "answer": ANSWER}),
        )
        .ok();
        let seen = act(app, &alone, &question, json!({"act": "approve"})).ok();
        let by: Vec<&Value> = (seen["steps"].as_array().expect("a list").iter())
            .map(|step| &step["by"]["id"])
            .collect();
        assert_eq!(by, [&Value::Null, &json!(alone.id), &json!(alone.id)]);
        // Who is above may, too, and the unit's own rule does not change.
        asked(app, "Sổ đỏ nhà tôi sai tên thì sửa ở đâu?", "");
        let other = list(&above, QUY_NHON, "mine");
        assert_eq!(other, [] as [Value; 0], "it is with the ward");
        let other = list(&alone, NHON_PHU, "mine").remove(0);
        act(
            app,
            &above,
            &other,
            json!({"act": "draft", "answer": ANSWER}),
        )
        .ok();
        act(app, &above, &other, json!({"act": "approve"})).refused(403, "question.second_person");
        act(app, &alone, &other, json!({"act": "approve"})).ok();
    });
}

#[test]
fn late_questions_climb_and_their_commune_goes_on_seeing_them() {
    with_app(|app| {
        let (commune, province) = (app.officer(NHON_PHU), app.province());
        asked(app, ASK, "");
        let page = asked(app, "Sổ đỏ nhà tôi sai tên thì sửa ở đâu?", "");
        // Asked on a Sunday: two working days are over on Tuesday, so it is late on Wednesday.
        app.clock.advance(Duration::days(2));
        app.chores();
        assert_eq!(list(&commune, NHON_PHU, "late").len(), 0);
        app.clock.advance(Duration::days(1));
        app.chores();
        app.chores();
        let late = list(&commune, NHON_PHU, "climbed");
        assert_eq!(late.len(), 1, "ten working days are not over");
        // No officer sits in the city, so it went past it.
        assert_eq!(
            (&late[0]["holder"], &late[0]["climbs"]),
            (&json!(PROVINCE), &json!(1))
        );
        assert_eq!(late[0]["due_on"], "2024-10-15");
        assert_eq!(told(&province), ["question_climbed"]);
        assert!(told(&commune).contains(&"question_climbed".to_owned()));
        assert_eq!(list(&province, PROVINCE, "mine").len(), 1);
        assert_eq!(list(&commune, NHON_PHU, "mine").len(), 1);
        // The commune sees it, and may not act any more.
        let seen = commune.get(&url(&late[0])).ok();
        assert_eq!(
            (&seen["acts"], seen["steps"].as_array().map(Vec::len)),
            (&json!(false), Some(2))
        );
        act(
            app,
            &commune,
            &late[0],
            json!({"act": "draft", "answer": ANSWER}),
        )
        .refused(404, "not_found");
        // Above the province nobody is: it stays there, however long it takes.
        app.clock.advance(Duration::days(30));
        app.chores();
        assert_eq!(list(&province, PROVINCE, "climbed").len(), 2);
        assert!(app.get(&page).text().contains("xin lỗi"));
        act(
            app,
            &province,
            &late[0],
            json!({"act": "draft", "answer": ANSWER}),
        )
        .ok();
        act(app, &province, &late[0], json!({"act": "approve"})).ok();
        let figures = "/api/v1/question-figures?place=63-21553&from=2024-10-01&to=2024-12-31";
        let total = commune.get(figures).ok()["total"].clone();
        let seen =
            ["asked", "answered", "on_time", "due", "climbed"].map(|name| total[name].as_i64());
        assert_eq!(seen, [Some(2), Some(1), Some(0), Some(2), Some(2)]);
        assert_eq!(total["median_hours"], 33.0 * 24.0);
    });
}

#[test]
fn a_question_goes_to_where_somebody_can_answer_it() {
    with_app(|app| {
        let (first, second, other) = (
            app.officer(NHON_PHU),
            app.officer(DONG_DA),
            app.officer(QUY_NHON),
        );
        asked(app, ASK, "0905123456");
        let question = only(&first, NHON_PHU);
        second.get(&url(&question)).refused(404, "not_found");
        let away = json!({"act": "route", "place": DONG_DA, "note": "Nhà trọ bên Đống Đa"});
        let mut silent = away.clone();
        silent["note"] = json!(" ");
        act(app, &first, &question, silent).refused(422, "request.validation");
        let nobody = json!({"act": "route", "place": "63-21910", "note": "Thử"});
        act(app, &first, &question, nobody).refused(422, "question.nobody_there");
        act(app, &first, &question, away).ok();
        assert_eq!(told(&second), ["question_asked"]);
        // How the asker is reached is for the unit that has it alone, and is noted.
        let contact = format!("{}/contact", url(&question));
        first.post(&contact, &json!({})).refused(404, "not_found");
        other.post(&contact, &json!({})).refused(404, "not_found");
        assert_eq!(
            second.post(&contact, &json!({})).ok()["phone"],
            "0905 123 456"
        );
        assert_eq!(
            app.count("select count(*) from contact_look where question_id is not null"),
            1
        );
        // On to a third, who was told by nobody before, with another topic and so another day.
        let on = json!({"act": "route", "place": QUY_NHON, "topic": "land", "note": "Việc của thành phố"});
        let seen = act(app, &second, &question, on).ok();
        assert_eq!(seen["question"]["due_on"], "2024-10-25");
        assert_eq!(seen["acts"], false);
        assert_eq!(seen["steps"].as_array().map(Vec::len), Some(3));
    });
}

#[test]
fn abuse_is_not_shown_and_what_points_at_people_is_taken_out() {
    with_app(|app| {
        let officer = app.officer(NHON_PHU);
        let page = asked(app, "Ông Ba hàng xóm tôi đổ rác ra đường, ai xử lý?", "");
        let question = only(&officer, NHON_PHU);
        let masked = "Hàng xóm đổ rác ra đường thì ai xử lý?";
        act(
            app,
            &officer,
            &question,
            json!({"act": "mask", "note": masked}),
        )
        .ok();
        let shown = app.get(&page).text();
        assert!(shown.contains(masked) && !shown.contains("Ông Ba"));
        let seen = officer.get(&url(&question)).ok();
        assert!(
            !seen.to_string().contains("Ông Ba"),
            "it is gone everywhere"
        );
        act(
            app,
            &officer,
            &question,
            json!({"act": "withhold", "note": "Lời lẽ xúc phạm"}),
        )
        .refused(422, "request.validation");
        let abuse = json!({"act": "withhold", "reason": "abuse", "note": "Lời lẽ xúc phạm"});
        act(app, &officer, &question, abuse).ok();
        let shown = app.get(&page).text();
        assert!(
            shown.contains("không được hiển thị") && !shown.contains(masked),
            "{shown}"
        );
        act(
            app,
            &officer,
            &question,
            json!({"act": "reopen", "note": "Nhầm"}),
        )
        .ok();
        assert!(app.get(&page).text().contains(masked));
    });
}

#[test]
fn machines_and_careless_forms_ask_nothing() {
    with_app(|app| {
        let officer = app.officer(NHON_PHU);
        let base = [("noi", NHON_PHU), ("cau_hoi", ASK)];
        let with = |more: &[(&str, &str)]| post(app, "/hoi", &[&base[..], more].concat());
        assert_eq!(with(&[("trang_web", "http://x")]).1, "/hoi-dap");
        let (status, _, page) = with(&[("dien_thoai", "0905123456")]);
        assert!(status == 422 && page.contains("đồng ý"), "{page}");
        assert_eq!(with(&[("dien_thoai", "12"), ("dong_y", "1")]).0, 422);
        assert_eq!(
            post(app, "/hoi", &[("noi", NHON_PHU), ("cau_hoi", "hả")]).0,
            422
        );
        assert_eq!(post(app, "/hoi", &[("noi", "VN"), ("cau_hoi", ASK)]).0, 404);
        let foreign = app
            .stranger()
            .without_header("x-causo")
            .with_header("origin", "https://evil.example");
        let foreign = foreign.with_header("content-type", "application/x-www-form-urlencoded");
        assert_eq!(
            foreign
                .send_bytes("POST", "/hoi", Some(form(&base).as_bytes()))
                .status,
            403
        );
        assert_eq!(list(&officer, NHON_PHU, "all").len(), 0);
        let mut sent = 0;
        while with(&[("van_gui", "1")]).0 == 303 {
            sent += 1;
        }
        assert!(
            (10..20).contains(&sent),
            "an address asks only so often: {sent}"
        );
        assert_eq!(list(&officer, NHON_PHU, "all").len(), 1);
        assert_eq!(app.get("/hoi/0000000000").status, 404);
        assert_eq!(app.get("/hoi/xem?ma=thu").status, 404);
    });
}

#[test]
fn a_published_answer_is_found_without_marks_and_spares_questions() {
    with_app(|app| {
        let officers = [app.officer(NHON_PHU), app.officer(NHON_PHU)];
        let (_, faq) = published(app, [&officers[0], &officers[1]]);
        for (path, found) in [
            ("/hoi-dap?q=dang ky tam tru", true),
            ("/hoi-dap?q=ĐĂNG KÝ TẠM TRÚ", true),
            ("/hoi-dap?q=thue tro lam sao", true),
            ("/hoi-dap?q=mua bao hiem xe may", false),
            ("/hoi-dap?q=là thì mà", false),
            ("/hoi-dap", true),
            ("/hoi-dap?chu-de=residence", true),
            ("/hoi-dap?chu-de=land", false),
            ("/hoi-dap?noi=63-21553", true),
            ("/hoi-dap?noi=63-21910&q=tam tru", false),
        ] {
            assert_eq!(
                app.get(path).text().contains("Người thuê trọ"),
                found,
                "{path}"
            );
        }
        // While asking, it is shown first; nothing is sent when it helps.
        let same = "cho hỏi thuê trọ thì đăng ký tạm trú ra sao";
        let (status, _, page) = post(app, "/hoi", &[("noi", NHON_PHU), ("cau_hoi", same)]);
        assert!(status == 200 && page.contains(ANSWER), "{page}");
        let id = faq.to_string();
        for _ in 0..2 {
            let (status, _, page) = post(app, "/hoi/co-san", &[("muc", &id), ("noi", NHON_PHU)]);
            assert!(status == 200 && page.contains("Mừng"), "{page}");
        }
        // A volunteer answers with it at a door; sent twice, it is noted once.
        let volunteer = app.volunteer(NHON_PHU);
        let used = json!({"id": app.clock.new_id(), "place": NHON_PHU});
        for _ in 0..2 {
            assert_eq!(
                volunteer
                    .post(&format!("/api/v1/faq/{faq}/uses"), &used)
                    .status,
                204
            );
        }
        let elsewhere = json!({"id": app.clock.new_id(), "place": DONG_DA});
        volunteer
            .post(&format!("/api/v1/faq/{faq}/uses"), &elsewhere)
            .refused(404, "not_found");
        let figures = "/api/v1/question-figures?place=63-21553&from=2024-10-01&to=2024-10-31";
        let seen = officers[0].get(figures).ok();
        assert_eq!(
            (&seen["spared_askers"], &seen["spared_volunteers"]),
            (&json!(1), &json!(1))
        );
        assert_eq!(
            (&seen["total"]["on_time"], &seen["total"]["due"]),
            (&json!(1), &json!(1))
        );
        assert_eq!(
            list(&officers[0], NHON_PHU, "all").len(),
            1,
            "nothing was sent"
        );
    });
}

#[test]
fn published_answers_come_down_to_phones_and_go_when_they_are_taken_back() {
    with_app(|app| {
        let officers = [app.officer(NHON_PHU), app.officer(NHON_PHU)];
        let (volunteer, far) = (app.volunteer(NHON_PHU), app.volunteer(DONG_DA));
        let (question, faq) = published(app, [&officers[0], &officers[1]]);
        let ids = |user: &User, since: &str| {
            let found = user.get(&format!("/api/v1/changes?since={since}")).ok();
            let rows = found["faq"].as_array().expect("a list").clone();
            let ids: Vec<(Value, Value)> = rows
                .iter()
                .map(|row| (row["id"].clone(), row["withdrawn"].clone()))
                .collect();
            (ids, found["cursor"].as_str().expect("a cursor").to_owned())
        };
        let (rows, cursor) = ids(&volunteer, "");
        assert_eq!(rows, [(json!(faq), json!(false))]);
        assert_eq!(ids(&far, "").0, []);
        // What was published is changed by itself; the asker's answer is not.
        let mut body = json!({"place": NHON_PHU, "topic": "residence", "question": "Thuê trọ, khai tạm trú thế nào?",
            "answer": "Khai trên VNeID.", "withdrawn": true});
        let path = format!("/api/v1/faq/{faq}");
        far.put(&path, &body).refused(403, "auth.forbidden");
        app.officer(DONG_DA)
            .put(&path, &body)
            .refused(404, "not_found");
        officers[0].put(&path, &body).ok();
        let (rows, cursor) = ids(&volunteer, &cursor);
        assert_eq!(rows, [(json!(faq), json!(true))]);
        assert!(!app.get("/hoi-dap?q=tam tru").text().contains("Mở VNeID"));
        body["withdrawn"] = json!(false);
        officers[0].put(&path, &body).ok();
        assert_eq!(ids(&volunteer, &cursor).0, [(json!(faq), json!(false))]);
        assert!(
            app.get("/hoi-dap?q=khai tam tru")
                .text()
                .contains("Khai trên VNeID.")
        );
        let again = json!({"act": "publish", "note": "Thuê trọ thì sao?", "answer": ANSWER});
        act(app, &officers[0], &question, again).refused(409, "question.published");
    });
}

#[test]
fn volunteers_write_questions_down_once_and_askers_are_forgotten() {
    with_app(|app| {
        let (officer, volunteer) = (app.officer(NHON_PHU), app.volunteer(NHON_PHU));
        // Written down at a door without a network, two days before it arrives.
        let code = "7K2M9-QX4TB";
        let fact = question(NHON_PHU, code, ASK)
            .at("2024-10-11T16:00:00+07:00")
            .with("/body/phone", "0905 123 456")
            .with("/body/consents", true);
        let page = format!("/hoi/{code}");
        assert_eq!(app.get(&page).status, 404, "it leads nowhere yet");
        volunteer.counts(std::slice::from_ref(&fact));
        let again = volunteer.send_facts(std::slice::from_ref(&fact));
        assert_eq!(again[0]["outcome"], "duplicate");
        let found = only(&officer, NHON_PHU);
        assert_eq!(found["code"], "7K2M9QX4TB");
        // Its days begin when somebody can read it.
        assert_eq!(found["due_on"], "2024-10-15");
        assert!(app.get(&page).text().contains("tạm trú"));
        assert_eq!(told(&officer), ["question_asked"]);
        let kept = app.count("select count(*) from fact where cast(body as text) like '%905%' or cast(body as text) like '%trú%' or cast(body as text) like '%7K2%'");
        assert_eq!(kept, 0, "the ledger forgets nothing, so it is not told");
        assert_eq!(
            (&found["source"], &found["repeats"]),
            (&json!("paper"), &json!(0))
        );
        let question = found;
        act(
            app,
            &officer,
            &question,
            json!({"act": "draft", "answer": ANSWER}),
        )
        .ok();
        act(app, &officer, &question, json!({"act": "approve"})).ok();
        app.carry();
        app.clock.advance(Duration::days(31));
        app.chores();
        let held =
            "select count(*) from question where contact is not null or repeat_key is not null";
        assert_eq!(
            (
                app.count(held),
                app.count("select count(*) from question_message")
            ),
            (0, 0)
        );
        assert!(app.get(&page).text().contains(ANSWER));
        app.clock.advance(Duration::days(700));
        app.chores();
        let shown = app.get(&page).text();
        assert!(
            !shown.contains(ANSWER) && shown.contains("đã được xóa"),
            "{shown}"
        );
        assert_eq!(
            app.count("select count(*) from question_step where note <> ''"),
            0
        );
    });
}

#[test]
fn a_question_that_cannot_be_taken_down_is_refused_and_the_others_are_kept() {
    with_app(|app| {
        let (officer, volunteer) = (app.officer(NHON_PHU), app.volunteer(NHON_PHU));
        let good = question(NHON_PHU, "AAAAABBBBB", ASK);
        // Two residents ask the same on the same day: each has a page of their own.
        let same = question(NHON_PHU, "AAAAACCCCC", ASK);
        volunteer.counts(&[good.clone(), same]);
        assert_eq!(list(&officer, NHON_PHU, "all").len(), 2);
        let other = |code: &str| question(NHON_PHU, code, "Giấy hẹn mất thì nhận kết quả thế nào?");
        volunteer.refuses(&other("AAAAABBBBB"), "fact.conflict");
        let forged = other("AAAAADDDDD").with("/id", good.id());
        volunteer.refuses(&forged, "fact.conflict");
        app.volunteer(NHON_PHU).refuses(&good, "fact.conflict");
        volunteer.refuses(&question(DONG_DA, "AAAAAEEEEE", ASK), "fact.out_of_scope");
        let web = other("AAAAAEEEEE").with("/body/source", "web");
        volunteer.refuses(&web, "request.validation");
        volunteer.refuses(&other("QUỐC"), "request.validation");
        let short = question(NHON_PHU, "AAAAAEEEEE", "Alo?");
        volunteer.refuses(&short, "question.length");
        let phone = other("AAAAAEEEEE").with("/body/phone", "0905 123 456");
        volunteer.refuses(&phone, "question.consent");
        volunteer.refuses(&phone.with("/body/phone", "113"), "question.phone");
        volunteer.refuses(&void(&good), "fact.correction_kind");
        let nation = app.officer("VN");
        nation.refuses(&question("VN", "AAAAAEEEEE", ASK), "question.nobody_there");
        // One that is refused keeps nothing from those beside it.
        let batch = [other("AAAAABBBBB"), other("AAAAAEEEEE")];
        let outcomes = volunteer.send_facts(&batch);
        let outcomes: Vec<&Value> = outcomes.iter().map(|one| &one["outcome"]).collect();
        assert_eq!(outcomes, ["refused", "counted"]);
        assert_eq!(list(&officer, NHON_PHU, "all").len(), 3);
    });
}

#[test]
fn a_question_that_is_not_what_its_fact_says_shows() {
    with_app(|app| {
        let volunteer = app.volunteer(NHON_PHU);
        volunteer.counts(&[question(NHON_PHU, "AAAAABBBBB", ASK)]);
        let found = |app: &TestApp| {
            app.write(|tx| {
                let mut differences = Vec::new();
                causo::features::questions::verify(tx, &mut differences)?;
                Ok(differences)
            })
            .expect("it reads")
        };
        assert_eq!(found(app), [] as [String; 0]);
        for (spoil, mend) in [
            (
                "update question set source = 'counter'",
                "update question set source = 'paper'",
            ),
            (
                "update fact set kind = 'task.v9' where kind = 'question.v1'",
                "update fact set kind = 'question.v1' where kind = 'task.v9'",
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
