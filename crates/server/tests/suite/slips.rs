//! Reminders of the day on which a result can be fetched: made once, opened by the resident,
//! put off with an apology, sent back, counted; and phones that are told and then forgotten.

use crate::desk::Desk;
use crate::harness::facts::new_id;
use crate::harness::people::User;
use crate::harness::{AN_NHON, DAP_DA, NHON_PHU, TestApp, with_app};
use calcard::icalendar::ICalendar;
use causo::args;
use domain::ids::PlaceId;
use serde_json::{Value, json};
use time::Duration;
use uuid::Uuid;

fn point(app: &TestApp) -> Uuid {
    let (id, place) = (new_id(), PlaceId::parse(NHON_PHU).expect("a place id"));
    app.write(move |tx| {
        tx.execute(
            "insert into service_point (id, place_id, name, fold, kind, address, hours, secret, rev)
             values ($1, $2, 'Một cửa Nhơn Phú', 'mot cua nhon phu', 'one_stop', '12 Hùng Vương', '{}', $3, 1)",
            args![id, &place, &[7; 32][..]],
        )?;
        Ok(())
    })
    .expect("it is made");
    id
}

/// Permanent residence and a copy: the day of [`crate::harness::START`] is a Sunday.
fn wish(point: Uuid) -> Value {
    json!({"point": point, "ticket": null, "procedures": ["1.004222", "2.000815"], "dossier": " h08.12-241013-0007",
        "note": "Mang bản gốc <giấy> khai sinh", "due": "2024-10-22", "phone": null})
}

fn address(id: Uuid) -> String {
    format!("/api/v1/slips/{id}")
}

fn made(user: &User, body: &Value) -> Value {
    user.put(&address(new_id()), body).ok()
}

fn act(user: &User, slip: &Value, body: Value) -> crate::harness::client::Reply {
    let mut body = body;
    if body["id"].is_null() {
        body["id"] = json!(new_id());
    }
    let id = slip["id"].as_str().expect("an id");
    user.post(&format!("/api/v1/slips/{id}/acts"), &body)
}

fn page(app: &TestApp, slip: &Value) -> String {
    let reply = app.get(&format!("/hen/{}", slip["code"].as_str().expect("a code")));
    assert_eq!(reply.status, 200);
    assert!(reply.body.len() < 4096, "{}", reply.body.len());
    reply.text()
}

#[test]
fn a_slip_is_made_once_and_its_resident_opens_it_with_nothing_but_the_code() {
    with_app(|app| {
        let (user, point) = (app.volunteer(NHON_PHU), point(app));
        let due = user
            .get("/api/v1/slips/due?procedures=1.004222,2.000815")
            .ok();
        // Seven working days after a Sunday.
        assert_eq!(due, json!({"due": "2024-10-22", "working_days": 7}));
        let unsure = user.get("/api/v1/slips/due?procedures=1.012812").ok();
        assert_eq!(unsure, json!({"due": "2024-10-14", "working_days": null}));

        let id = new_id();
        let slip = user.put(&address(id), &wish(point)).ok();
        assert_eq!(slip["dossier"], "H08.12-241013-0007");
        assert_eq!(user.put(&address(id), &wish(point)).ok(), slip);
        assert_eq!(app.count("select count(*) from slip"), 1);
        let list = user.get(&format!("/api/v1/slips?point={point}")).ok();
        assert_eq!(
            (&list["slips"][0], &list["next_day"]),
            (&slip, &json!("2024-10-14"))
        );

        let text = page(app, &slip);
        for part in [
            "Phiếu nhắc hẹn cá nhân",
            "22/10/2024",
            "12 Hùng Vương",
            "Đăng ký thường trú",
            "&lt;giấy&gt;",
            "H08.12-241013-0007",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!text.contains("<script"));
        let typed = slip["code"]
            .as_str()
            .unwrap()
            .to_lowercase()
            .replace('0', "o");
        assert_eq!(app.get(&format!("/hen/{typed}?tieng=en")).status, 200);
        assert_eq!(app.get("/hen/0000000000").status, 404);

        let elsewhere = app.officer(DAP_DA);
        elsewhere.get(&address(id)).refused(404, "not_found");
        elsewhere
            .get(&format!("/api/v1/slips?point={point}"))
            .refused(404, "not_found");
        act(&elsewhere, &slip, json!({"act": "hand_over"})).refused(404, "not_found");
        elsewhere
            .put(&address(new_id()), &wish(point))
            .refused(404, "not_found");
        let twin = app.officer(AN_NHON);
        twin.put(&address(id), &wish(point))
            .refused(404, "not_found");
    });
}

/// The lines of a slip's calendar file, unfolded.
fn calendar(app: &TestApp, slip: &Value, tongue: &str) -> Vec<String> {
    let code = slip["code"].as_str().expect("a code");
    let reply = app.get(&format!("/hen/{code}.ics?tieng={tongue}"));
    assert_eq!(reply.status, 200);
    assert_eq!(
        reply.header("content-type"),
        Some("text/calendar; charset=utf-8")
    );
    let text = reply.text();
    let too_long = text.split("\r\n").find(|line| line.len() > 75);
    assert_eq!(too_long, None, "lines are folded");
    assert!(text.ends_with("END:VCALENDAR\r\n"), "{text}");
    ICalendar::parse(&text).expect("it is a calendar");
    let unfolded = text.replace("\r\n ", "");
    unfolded
        .split_terminator("\r\n")
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_day_goes_into_the_calendar_of_the_residents_own_phone() {
    with_app(|app| {
        let (user, point) = (app.volunteer(NHON_PHU), point(app));
        let slip = made(&user, &wish(point));
        assert!(page(app, &slip).contains(".ics?tieng=vi"));
        let lines = calendar(app, &slip, "vi");
        let code = slip["code"].as_str().expect("a code");
        let uid = format!("UID:{}@causo", slip["id"].as_str().expect("an id"));
        for line in [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "METHOD:PUBLISH",
            "BEGIN:VEVENT",
            &uid,
            "DTSTAMP:20241013T020000Z",
            "DTSTART;VALUE=DATE:20241022",
            "DTEND;VALUE=DATE:20241023",
            "SEQUENCE:0",
            "SUMMARY:Hẹn nhận kết quả",
            "LOCATION:Một cửa Nhơn Phú\\, 12 Hùng Vương\\, Phường Nhơn Phú",
            "TRANSP:TRANSPARENT",
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            "TRIGGER;VALUE=DATE-TIME:20241021T080000Z",
            "END:VALARM",
            "END:VEVENT",
        ] {
            assert!(lines.iter().any(|held| held == line), "{line}: {lines:#?}");
        }
        let link = format!("/hen/{code}");
        let url = lines.iter().find(|line| line.starts_with("URL:"));
        assert!(url.is_some_and(|url| url.ends_with(&link)), "{lines:#?}");
        let said = calendar(app, &slip, "km");
        assert!(said.contains(&"SUMMARY:ណាត់ទទួលលទ្ធផល".to_owned()), "{said:#?}");
        // Another day replaces the one that the phone has.
        let later = json!({"act": "new_day", "due": "2024-10-25", "note": "Chờ xác minh"});
        act(&user, &slip, later).ok();
        let lines = calendar(app, &slip, "vi");
        for line in [uid.as_str(), "DTSTART;VALUE=DATE:20241025", "SEQUENCE:1"] {
            assert!(lines.iter().any(|held| held == line), "{line}: {lines:#?}");
        }
        act(&user, &slip, json!({"act": "hand_over"})).ok();
        assert_eq!(app.get(&format!("/hen/{code}.ics")).status, 404);
        assert!(!page(app, &slip).contains(".ics"));
        assert_eq!(app.get("/hen/0000000000.ics").status, 404);
    });
}

#[test]
fn what_cannot_be_promised_is_refused() {
    with_app(|app| {
        let (user, point) = (app.volunteer(NHON_PHU), point(app));
        let with = |field: &str, value: Value| {
            let mut body = wish(point);
            body[field] = value;
            user.put(&address(new_id()), &body)
        };
        let problem = with("due", json!("2024-10-20")).refused(422, "slip.due");
        let next = problem["next"].as_str().unwrap();
        assert!(next.ends_with("21/10/2024."), "{next}");
        with("due", json!("2024-10-11")).refused(422, "slip.due");
        with("dossier", json!("0007")).refused(422, "fact.dossier_code_malformed");
        with("procedures", json!([])).refused(422, "request.validation");
        with("procedures", json!(["9.999999"])).refused(422, "request.validation");
        with("phone", json!("12")).refused(422, "request.validation");
        with("note", json!("x".repeat(301))).refused(422, "request.validation");
        assert_eq!(app.count("select count(*) from slip"), 0);
    });
}

#[test]
fn a_late_result_is_apologised_for_and_counts_as_late_a_dossier_that_went_back_does_not() {
    with_app(|app| {
        let (user, point) = (app.volunteer(NHON_PHU), point(app));
        let late = made(&user, &wish(point));
        app.clock.advance(Duration::days(10));
        assert_eq!(
            user.get(&address(late["id"].as_str().unwrap().parse().unwrap()))
                .ok()["late"],
            true
        );
        assert!(page(app, &late).contains("Kết quả đang chậm"));
        let new_day = json!({"act": "new_day", "due": "2024-10-25"});
        act(&user, &late, new_day.clone()).refused(422, "request.validation");
        let sorry = json!({"id": new_id(), "act": "new_day", "due": "2024-10-25", "note": "Chờ xác minh chỗ ở"});
        let put_off = act(&user, &late, sorry.clone()).ok();
        assert_eq!(
            (&put_off["apologies"], &put_off["late"]),
            (&json!(1), &json!(false))
        );
        assert_eq!(act(&user, &late, sorry).ok(), put_off);
        let text = page(app, &late);
        assert!(
            text.contains("Chúng tôi xin lỗi") && text.contains("Chờ xác minh chỗ ở"),
            "{text}"
        );
        let handed = act(&user, &late, json!({"act": "hand_over"})).ok();
        assert_eq!(
            (&handed["stage"], &handed["done_on"]),
            (&json!("done"), &json!("2024-10-23"))
        );
        act(&user, &late, json!({"act": "cancel", "note": "nhầm"})).refused(409, "slip.not_now");

        let mut body = wish(point);
        body["due"] = json!("2024-10-30");
        let back = made(&user, &body);
        act(&user, &back, json!({"act": "send_back"})).refused(422, "request.validation");
        act(
            &user,
            &back,
            json!({"act": "send_back", "note": "Thiếu ý kiến của chủ hộ"}),
        )
        .ok();
        assert!(page(app, &back).contains("Thiếu ý kiến của chủ hộ"));
        act(&user, &back, json!({"act": "new_day", "due": "2024-10-31"})).ok();
        act(&user, &back, json!({"act": "hand_over"})).ok();
        assert!(page(app, &back).contains("Đã trả kết quả"));
        let figures = user
            .get(&format!(
                "/api/v1/slips/figures?point={point}&from=2024-10-01&to=2024-10-31"
            ))
            .ok();
        assert_eq!(
            figures,
            json!({"done": 2, "on_time": 1, "made": 2, "sent_back": 1, "apologies": 1, "ranked_min": 30})
        );
    });
}

#[test]
fn a_phone_that_was_given_is_told_the_day_before_and_forgotten_afterwards() {
    with_app(|app| {
        let (user, point) = (app.volunteer(NHON_PHU), point(app));
        let mut body = wish(point);
        body["phone"] = json!("0912 345 678");
        let slip = made(&user, &body);
        assert_eq!(slip["phone"], "0912 ••• 678");
        assert!(!page(app, &slip).contains("678"));
        let id = slip["id"].as_str().unwrap();
        let from_afar = app.province().get(&format!("/api/v1/slips/{id}")).ok();
        assert_eq!(from_afar["phone"], Value::Null);
        let waiting = "select count(*) from slip_message";
        app.chores();
        assert_eq!(app.count(waiting), 0);
        app.clock.advance(Duration::days(8));
        app.chores();
        app.chores();
        assert_eq!(app.count(waiting), 1);
        assert_eq!(app.send_slips(), 1);
        assert_eq!((app.count(waiting), app.send_slips()), (0, 0));
        let admin = app.admin();
        let seen = admin.get("/api/v1/simulated_messages").ok();
        let text = seen["messages"][0]["text"].as_str().unwrap();
        assert!(
            text.contains("22/10/2024") && text.contains("H08.12-241013-0007"),
            "{text}"
        );
        assert!(!text.contains("http"), "{text}");

        app.clock.advance(Duration::days(3));
        act(
            &user,
            &slip,
            json!({"act": "new_day", "due": "2024-10-28", "note": "Chờ ký"}),
        )
        .ok();
        assert_eq!(app.send_slips(), 1);
        let phones = "select count(*) from slip where phone is not null";
        app.clock.advance(Duration::days(31));
        app.chores();
        assert_eq!(app.count(phones), 1);
        app.clock.advance(Duration::days(5));
        app.chores();
        assert_eq!(app.count(phones), 0);
    });
}

#[test]
fn what_to_bring_is_a_small_page_about_nobody() {
    with_app(|app| {
        let reply = app.get("/chuan-bi/1.001193+2.000815");
        assert_eq!(reply.status, 200);
        let text = reply.text();
        for part in ["Đăng ký khai sinh", "Giấy chứng sinh", "Bản chính giấy tờ"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(reply.body.len() < 4096 && !text.contains("<script"));
        assert!(
            app.get("/chuan-bi/1.012812?tieng=en")
                .text()
                .contains("not confirmed")
        );
        assert_eq!(app.get("/chuan-bi/9.999999").status, 404);
    });
}

#[test]
fn thursdays_stand_beside_other_days_and_what_is_not_confirmed_is_left_out() {
    with_app(|app| {
        let (user, point) = (app.volunteer(NHON_PHU), point(app));
        let result = |procedure: &str, due: &str, after: Duration| {
            let mut body = wish(point);
            body["procedures"] = json!([procedure]);
            body["due"] = json!(due);
            let slip = made(&user, &body);
            app.clock.advance(after);
            act(&user, &slip, json!({"act": "hand_over"})).ok();
        };
        // Thursday, 17 October: a copy in 48 minutes of a day's 480.
        app.clock.advance(Duration::days(4));
        result("2.000815", "2024-10-17", Duration::minutes(48));
        result("1.012812", "2024-10-17", Duration::minutes(1));
        // Friday to Monday is a working day.
        app.clock.advance(Duration::days(1));
        result("2.000815", "2024-10-21", Duration::days(3));
        let url = |point| format!("/api/v1/thursday?point={point}&from=2024-10-01&to=2024-10-31");
        assert_eq!(
            user.get(&url(point)).ok(),
            json!({
                "thursdays": {"n": 1, "actual_min": 48, "regulated_min": 480, "saved_permille": 900},
                "others": {"n": 1, "actual_min": 480, "regulated_min": 480, "saved_permille": 0},
                "unconfirmed": 1, "ranked_min": 30,
            })
        );
        app.officer(DAP_DA)
            .get(&url(point))
            .refused(404, "not_found");
    });
}

#[test]
fn a_ticket_leads_to_its_slips_and_a_slip_to_its_ticket() {
    with_app(|app| {
        let desk = Desk::open(app);
        let residence = json!([{"procedure": "1.004222"}]);
        let (ticket, other) = (
            desk.take(app, residence.clone(), None),
            desk.take(app, residence, None),
        );
        let mut wish = wish(desk.point);
        wish["ticket"] = ticket["id"].clone();
        let slip = made(&desk.worker, &wish);
        assert_eq!(slip["ticket"], ticket["id"]);
        let slips = |of: &Value| {
            let id = of["id"].as_str().expect("an id");
            let whole = desk.worker.get(&format!("/api/v1/desk/tickets/{id}")).ok();
            whole["slips"].clone()
        };
        let shown =
            json!([{"id": slip["id"], "stage": "open", "due": "2024-10-22", "late": false}]);
        assert_eq!((slips(&ticket), slips(&other)), (shown, json!([])));

        // Who is in line needs no slip; who was served is led to it from their ticket's page.
        let page = |of: &Value| {
            let code = of["code"].as_str().expect("a code");
            let reply = desk.worker.get(&format!("/phieu/{code}"));
            assert!(reply.body.len() < 10_000);
            reply.text()
        };
        let there = format!("/hen/{}", slip["code"].as_str().expect("a code"));
        assert!(!page(&ticket).contains("/hen/"));
        for one in [&ticket, &other] {
            desk.next(app, "2");
            desk.done(app, one, "start");
            desk.done(app, one, "finish");
        }
        assert!(page(&ticket).contains(&there) && !page(&other).contains("/hen/"));
        act(
            &desk.worker,
            &slip,
            json!({"act": "cancel", "note": "Nhầm"}),
        )
        .ok();
        assert!(!page(&ticket).contains("/hen/"));
    });
}

#[test]
fn a_result_counts_once_and_from_when_they_came() {
    with_app(|app| {
        let desk = Desk::open(app);
        let copy = || desk.take(app, json!([{"procedure": "2.000815"}]), None);
        let (told, taken) = (copy(), copy());
        for one in [&told, &taken] {
            app.clock.advance(Duration::minutes(10));
            desk.next(app, "1");
            desk.done(app, one, "start");
            desk.done(app, one, "finish");
        }
        // One is told to come back this afternoon; the other has a slip too, and the result at once.
        let slips = [&told, &taken].map(|of| {
            let mut wish = wish(desk.point);
            wish["ticket"] = of["id"].clone();
            wish["procedures"] = json!(["2.000815"]);
            wish["due"] = json!("2024-10-13");
            made(&desk.worker, &wish)
        });
        app.clock.advance(Duration::minutes(4));
        desk.done(app, &taken, "deliver");
        for slip in &slips {
            app.clock.advance(Duration::minutes(12));
            act(&desk.worker, slip, json!({"act": "hand_over"})).ok();
        }
        let desk_url = format!(
            "/api/v1/thursday?point={}&from=2024-10-01&to=2024-10-31",
            desk.point
        );
        let others = desk.worker.get(&desk_url).ok()["others"].clone();
        // Thirty-six minutes from coming to the slip's end, and twenty-four.
        assert_eq!(
            (&others["n"], &others["actual_min"]),
            (&json!(2), &json!(24))
        );
    });
}
