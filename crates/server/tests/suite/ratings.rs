//! Ratings: residents tap, once for each ticket; officers read the index with its n, and put
//! right what low answers say.

use crate::desk::Desk;
use crate::harness::client::{Client, Reply};
use crate::harness::people::User;
use crate::harness::{AN_NHON, DONG_DA, NHON_PHU, PROVINCE, QUY_NHON, TestApp, with_app};
use causo::args;
use domain::ids::{PlaceId, PointId};
use serde_json::{Value, json};
use time::Duration;
use uuid::Uuid;

const RATINGS: &str = "/api/v1/ratings";

/// A point, and the code of its poster.
fn point(app: &TestApp, place: &str, name: &str) -> (Uuid, String) {
    let (id, at) = (app.clock.new_id(), PlaceId::parse(place).expect("a place"));
    let name = name.to_owned();
    app.write(move |tx| {
        tx.execute(
            "insert into service_point (id, place_id, name, fold, kind, address, hours, secret, rev)
             values ($1, $2, $3, $3, 'one_stop', '', '{}', $4, 1)",
            args![PointId(id), &at, &name, &[7; 32][..]],
        )?;
        Ok(())
    })
    .expect("it is made");
    let asks = app
        .officer(place)
        .get(&format!("{RATINGS}/points/{id}"))
        .ok();
    (id, asks["code"].as_str().expect("a code").to_owned())
}

/// A resident with a phone of their own, at an address of their own.
fn resident(app: &TestApp, n: u32) -> Client {
    let browser = app.stranger().without_header("x-causo");
    browser
        .with_header("x-forwarded-for", &format!("10.{}.{}.1", n / 250, n % 250))
        .with_header("cookie", &format!("causo_danh_gia=resident{n}"))
        .with_header("accept", "text/html")
        .with_header("content-type", "application/x-www-form-urlencoded")
}

fn sends(who: &Client, path: &str, form: &str) -> Reply {
    who.send_bytes("POST", path, Some(form.as_bytes()))
}

fn tap(who: &Client, path: &str, id: Uuid, topic: &str, step: &str) -> Reply {
    sends(who, path, &format!("id={id}&topic={topic}&step={step}"))
}

/// Rates all in all from a poster.
fn rates(app: &TestApp, code: &str, n: u32, step: &str) {
    let path = format!("/danh-gia/diem/{code}");
    let reply = tap(
        &resident(app, n),
        &path,
        app.clock.new_id(),
        "overall",
        step,
    );
    assert_eq!(reply.status, 303, "{}", reply.text());
}

fn results(who: &User, more: &str) -> Value {
    let period = "from=2024-10-01&to=2024-10-31";
    who.get(&format!("{RATINGS}/results?{period}&{more}")).ok()
}

fn without(who: &User, place: &str) -> Value {
    results(who, &format!("place={place}&without_ticket=true"))
}

fn actions(who: &User, place: &str) -> Vec<Value> {
    let list = who.get(&format!("{RATINGS}/actions?place={place}")).ok();
    list["actions"].as_array().expect("a list").clone()
}

fn page(who: &User, action: &Value) -> Value {
    let id = action["id"].as_str().expect("an id");
    who.get(&format!("{RATINGS}/actions/{id}")).ok()
}

fn act(app: &TestApp, who: &User, action: &Value, mut body: Value) -> Reply {
    if body["id"].is_null() {
        body["id"] = json!(app.clock.new_id());
    }
    let id = action["id"].as_str().expect("an id");
    who.post(&format!("{RATINGS}/actions/{id}/acts"), &body)
}

fn told(who: &User) -> Vec<String> {
    let list = who.get("/api/v1/notifications").ok();
    let list = list["notifications"].as_array().expect("a list").clone();
    let kind = |one: &Value| one["kind"].as_str().expect("a word").to_owned();
    list.iter().map(kind).collect()
}

#[test]
fn a_resident_rates_from_a_poster_in_one_tap_and_may_say_more() {
    with_app(|app| {
        let officer = app.officer(NHON_PHU);
        let (_, code) = point(app, NHON_PHU, "Một cửa Nhơn Phú");
        let path = format!("/danh-gia/diem/{code}");
        let who = resident(app, 1);
        let page = who.get(&path);
        assert_eq!(page.status, 200);
        let text = page.text();
        assert!(text.contains("Rất không hài lòng") && text.contains("Một cửa Nhơn Phú"));
        assert!(text.len() < 10_000, "{} bytes", text.len());
        assert_eq!(who.get("/danh-gia/diem/KHONGCO000").status, 404);

        let first = app.clock.new_id();
        let reply = tap(&who, &path, first, "overall", "satisfied");
        assert_eq!(
            reply.header("location"),
            Some(format!("{path}?tieng=vi").as_str())
        );
        let text = who.get(&format!("{path}?tieng=vi")).text();
        assert!(text.contains("Đã ghi nhận: Hài lòng"), "{text}");
        assert!(
            text.contains("niềm nở") && text.len() < 14_000,
            "{} bytes",
            text.len()
        );
        // Sent again, as after a lost answer, it counts once.
        tap(&who, &path, first, "overall", "satisfied");
        // The finger slipped: changed within the quarter of an hour.
        app.clock.advance(Duration::minutes(14));
        tap(&who, &path, app.clock.new_id(), "overall", "very_satisfied");
        tap(&who, &path, first, "overall", "satisfied");
        tap(&who, &path, app.clock.new_id(), "attitude", "neutral");
        let said = "comment=G%E1%BB%8Di+0905123456+nh%C3%A9";
        assert_eq!(sends(&who, &path, said).status, 303);

        let found = without(&officer, NHON_PHU);
        assert_eq!(found["total"]["n"], Value::Null, "one alone is not shown");
        for n in 2..=5 {
            rates(app, &code, n, "neutral");
        }
        let found = without(&officer, NHON_PHU);
        assert_eq!(found["total"]["n"], 5);
        assert_eq!(found["total"]["answers"], json!([1, 0, 4, 0, 0]));
        assert_eq!(found["total"]["index"]["percent"], 20.0);
        assert_eq!(found["total"]["ranked"], false);
        let comments = officer.get(&format!(
            "{RATINGS}/comments?place={NHON_PHU}&from=2024-10-01&to=2024-10-31"
        ));
        assert_eq!(comments.ok()["comments"][0]["text"], "Gọi ••• nhé");

        app.clock.advance(Duration::minutes(2));
        assert_eq!(
            tap(&who, &path, app.clock.new_id(), "overall", "dissatisfied").status,
            303
        );
        assert!(who.get(&path).text().contains("Cảm ơn bác"));
        assert_eq!(
            without(&officer, NHON_PHU)["total"]["answers"],
            json!([1, 0, 4, 0, 0])
        );
        // The next day is another one.
        app.clock.advance(Duration::DAY);
        assert!(who.get(&path).text().contains("Chạm một mặt cười"));
        rates(app, &code, 1, "satisfied");
        assert_eq!(without(&officer, NHON_PHU)["total"]["n"], 6);
    });
}

#[test]
fn who_taps_too_often_from_one_address_is_asked_for_patience() {
    with_app(|app| {
        let (_, code) = point(app, NHON_PHU, "Một cửa");
        let path = format!("/danh-gia/diem/{code}");
        let one = |n: u32| {
            let browser = resident(app, n).with_header("x-forwarded-for", "203.0.113.9");
            tap(&browser, &path, app.clock.new_id(), "overall", "satisfied")
        };
        assert!((0..30).all(|n| one(n).status == 303));
        let refused = one(30);
        assert_eq!(refused.status, 429);
        assert!(refused.text().contains("request.too_often"));
        app.clock.advance(Duration::minutes(10));
        assert_eq!(one(30).status, 303);
        assert_eq!(app.count("select count(*) from rating"), 31);
        // A browser that keeps no cookies rates by single taps, each of which counts once.
        let bare = resident(app, 40).without_header("cookie");
        let id = app.clock.new_id();
        (0..2).for_each(|_| drop(tap(&bare, &path, id, "overall", "satisfied")));
        assert_eq!(app.count("select count(*) from rating"), 32);
    });
}

#[test]
fn a_point_may_ask_in_three_steps_and_old_answers_keep_their_meaning() {
    with_app(|app| {
        let officer = app.officer(NHON_PHU);
        let (id, code) = point(app, NHON_PHU, "Một cửa");
        for n in 0..5 {
            rates(app, &code, n, "very_satisfied");
        }
        let asks = format!("{RATINGS}/points/{id}");
        let three = json!({"scale": "three", "due_working_days": 3});
        let put = officer.put(&asks, &three).ok();
        assert_eq!(
            (&put["code"], &put["scale"]),
            (&json!(code), &json!("three"))
        );
        let text = resident(app, 9)
            .get(&format!("/danh-gia/diem/{code}"))
            .text();
        assert!(text.contains("Hài lòng") && !text.contains("Rất hài lòng"));
        // A page opened before still says five, and is heard.
        rates(app, &code, 6, "very_dissatisfied");
        assert_eq!(
            without(&officer, NHON_PHU)["total"]["answers"],
            json!([5, 0, 0, 0, 1])
        );
        let due = |days| json!({"scale": "five", "due_working_days": days});
        assert_eq!(
            officer
                .put(&asks, &due(0))
                .refused(422, "request.validation")["facts"]["field"],
            "due_working_days"
        );
        app.officer(DONG_DA)
            .put(&asks, &three)
            .refused(404, "not_found");
        app.leader(NHON_PHU)
            .get(&asks)
            .refused(403, "auth.forbidden");
    });
}

#[test]
fn a_low_answer_opens_one_action_that_collects_others_until_it_is_closed() {
    with_app(|app| {
        let (province, officer) = (app.province(), app.officer(NHON_PHU));
        let (_, code) = point(app, NHON_PHU, "Một cửa");
        rates(app, &code, 1, "dissatisfied");
        rates(app, &code, 2, "very_dissatisfied");
        let path = format!("/danh-gia/diem/{code}");
        tap(
            &resident(app, 2),
            &path,
            app.clock.new_id(),
            "staff",
            "dissatisfied",
        );
        let open = actions(&officer, NHON_PHU);
        assert_eq!(open.len(), 2);
        let one = open
            .iter()
            .find(|one| one["topic"] == "overall")
            .expect("one");
        assert_eq!((&one["low"], &one["stage"]), (&json!(2), &json!("opened")));
        // 13/10/2024 is a Sunday; five working days on is Friday.
        assert_eq!(one["due_on"], "2024-10-18");
        let owner = one["owner"]["id"].as_str().expect("an owner").to_owned();
        let owners = page(&officer, one)["owners"]
            .as_array()
            .expect("a list")
            .clone();
        assert!(owners.iter().any(|one| one["id"] == owner));
        assert_ne!(
            open[0]["owner"], open[1]["owner"],
            "whoever has least gets the next"
        );

        // It is given to another, once; its steps come in order.
        let give = json!({"id": app.clock.new_id(), "act": "assign", "owner": officer.id});
        act(app, &province, one, give.clone()).ok();
        act(app, &province, one, give).ok();
        let stranger = json!({"act": "assign", "owner": app.officer(DONG_DA).id});
        act(app, &province, one, stranger).refused(422, "request.validation");
        let close = json!({"act": "close", "note": "Đã xong"});
        act(app, &officer, one, close.clone()).refused(409, "rating.action_not_now");
        act(app, &officer, one, json!({"act": "find_cause"})).refused(422, "request.validation");
        act(app, &officer, one, json!({"act": "drop"})).refused(422, "request.validation");
        act(
            app,
            &officer,
            one,
            json!({"act": "find_cause", "note": "Thiếu người buổi sáng, gọi 0905123456"}),
        )
        .ok();
        act(
            app,
            &officer,
            one,
            json!({"act": "do", "note": "Thêm một bạn trực 7–9 giờ"}),
        )
        .ok();
        rates(app, &code, 3, "dissatisfied");
        assert_eq!(page(&officer, one)["action"]["low"], 3);
        act(app, &officer, one, close).ok();
        let story = page(&province, one);
        let said: Vec<&str> = story["acts"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|a| a["act"].as_str().expect("a word"))
            .collect();
        assert_eq!(said, ["open", "assign", "find_cause", "do", "close"]);
        assert_eq!(story["acts"][2]["note"], "Thiếu người buổi sáng, gọi •••");
        assert!(told(&officer).contains(&"action_given".to_owned()));

        // What comes after it was closed opens another one.
        rates(app, &code, 4, "dissatisfied");
        let overall = |who: &User| {
            actions(who, NHON_PHU)
                .into_iter()
                .filter(|one| one["topic"] == "overall")
                .count()
        };
        assert_eq!(overall(&officer), 2);
        // Nobody elsewhere sees any of it.
        assert_eq!(actions(&app.officer(AN_NHON), AN_NHON), [] as [Value; 0]);
        let id = one["id"].as_str().expect("an id");
        app.officer(DONG_DA)
            .get(&format!("{RATINGS}/actions/{id}"))
            .refused(404, "not_found");
        app.volunteer(NHON_PHU)
            .get(&format!("{RATINGS}/actions/{id}"))
            .refused(403, "auth.forbidden");
    });
}

#[test]
fn who_changes_a_low_answer_takes_it_back() {
    with_app(|app| {
        let officer = app.officer(NHON_PHU);
        let (_, code) = point(app, NHON_PHU, "Một cửa");
        rates(app, &code, 1, "dissatisfied");
        rates(app, &code, 1, "satisfied");
        let dropped = actions(&officer, NHON_PHU);
        assert_eq!(
            (&dropped[0]["stage"], &dropped[0]["low"]),
            (&json!("dropped"), &json!(0))
        );
        // One that somebody works on stays, with what is left of it.
        rates(app, &code, 2, "dissatisfied");
        let open = actions(&officer, NHON_PHU)[0].clone();
        act(
            app,
            &officer,
            &open,
            json!({"act": "find_cause", "note": "Chờ lâu"}),
        )
        .ok();
        rates(app, &code, 2, "neutral");
        let left = page(&officer, &open)["action"].clone();
        assert_eq!(
            (&left["stage"], &left["low"]),
            (&json!("cause_found"), &json!(0))
        );
    });
}

#[test]
fn what_is_late_is_told_to_its_owner_and_above_once() {
    with_app(|app| {
        let (province, officer) = (app.province(), app.officer(NHON_PHU));
        let (_, code) = point(app, NHON_PHU, "Một cửa");
        rates(app, &code, 1, "dissatisfied");
        let one = actions(&officer, NHON_PHU)[0].clone();
        act(
            app,
            &province,
            &one,
            json!({"act": "assign", "owner": officer.id}),
        )
        .ok();
        app.clock.advance(Duration::days(5));
        app.chores();
        assert!(!told(&province).contains(&"action_late".to_owned()));
        app.clock.advance(Duration::days(1));
        app.chores();
        app.clock.advance(Duration::days(1));
        app.chores();
        for who in [&province, &officer] {
            let late = told(who).into_iter().filter(|kind| kind == "action_late");
            assert_eq!(late.count(), 1);
        }
        let now = actions(&officer, NHON_PHU)[0].clone();
        assert_eq!((&now["late"], &now["mine"]), (&json!(true), &json!(true)));
    });
}

#[test]
fn units_are_compared_only_with_enough_answers_and_few_are_not_shown() {
    with_app(|app| {
        let (province, town) = (app.province(), app.officer(QUY_NHON));
        let (_, many) = point(app, NHON_PHU, "Một cửa Nhơn Phú");
        let (_, some) = point(app, DONG_DA, "Một cửa Đống Đa");
        for n in 0..30 {
            rates(
                app,
                &many,
                n,
                if n % 3 == 0 { "neutral" } else { "satisfied" },
            );
        }
        for n in 30..40 {
            rates(app, &some, n, "very_satisfied");
        }
        let found = without(&town, QUY_NHON);
        let line = |at: usize| found["units"][at].clone();
        // Better, but too few to stand above.
        assert_eq!(
            (&line(0)["key"], &line(0)["ranked"]),
            (&json!(NHON_PHU), &json!(true))
        );
        assert_eq!(
            (&line(1)["key"], &line(1)["ranked"]),
            (&json!(DONG_DA), &json!(false))
        );
        assert_eq!(
            (&line(1)["n"], &line(1)["index"]["percent"]),
            (&json!(10), &json!(100.0))
        );
        let index = &line(0)["index"];
        assert!(index["low"].as_f64() < Some(66.0) && index["high"].as_f64() > Some(67.0));
        assert_eq!(found["weekdays"].as_array().map(Vec::len), Some(1));
        assert_eq!(found["months"][0]["key"], "2024-10");
        // With a ticket there were none; these are counted apart.
        let with = results(&province, &format!("place={PROVINCE}"));
        assert_eq!(
            (&with["total"]["n"], &with["apart"]["n"]),
            (&json!(0), &json!(40))
        );
        // Three at a third point would follow from the others: the next smallest goes with them.
        let (_, few) = point(app, NHON_PHU, "Nhà văn hóa");
        for n in 40..43 {
            rates(app, &few, n, "satisfied");
        }
        let shown = |place: &str| {
            let points = without(&town, place)["points"]
                .as_array()
                .expect("a list")
                .clone();
            points
                .iter()
                .map(|one| one["n"].clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(shown(NHON_PHU), [json!(null), json!(null)]);
        assert_eq!(shown(QUY_NHON), [json!(30), json!(null), json!(null)]);
        // Nor is anything said of a part of them alone.
        let third = without(&town, NHON_PHU)["points"].clone();
        let third = third
            .as_array()
            .expect("a list")
            .iter()
            .find(|one| one["name"] == "Nhà văn hóa")
            .expect("it")
            .clone();
        let key = third["key"].as_str().expect("an id");
        let alone = results(
            &town,
            &format!("place={NHON_PHU}&without_ticket=true&point={key}"),
        );
        assert_eq!(
            (&alone["total"]["n"], &alone["points"]),
            (&json!(null), &json!([]))
        );
        app.officer(AN_NHON)
            .get(&format!(
                "{RATINGS}/results?place={QUY_NHON}&from=2024-10-01&to=2024-10-31"
            ))
            .refused(404, "not_found");
    });
}

#[test]
fn comments_are_read_by_the_points_officers_until_they_let_them_through() {
    with_app(|app| {
        let (province, officer) = (app.province(), app.officer(NHON_PHU));
        let (_, code) = point(app, NHON_PHU, "Một cửa");
        let path = format!("/danh-gia/diem/{code}");
        rates(app, &code, 1, "very_satisfied");
        sends(
            &resident(app, 1),
            &path,
            "comment=%3Db%E1%BA%A1n+tr%E1%BB%B1c+nhi%E1%BB%87t+t%C3%ACnh",
        );
        let comments = |who: &User| {
            let list = who
                .get(&format!(
                    "{RATINGS}/comments?place={NHON_PHU}&from=2024-10-01&to=2024-10-31"
                ))
                .ok();
            list["comments"].as_array().expect("a list").clone()
        };
        let own = comments(&officer);
        assert_eq!(
            (&own[0]["text"], &own[0]["state"]),
            (&json!("=bạn trực nhiệt tình"), &json!("waiting"))
        );
        assert_eq!(comments(&province), [] as [Value; 0]);
        let file = |form: &str| {
            officer.get(&format!(
                "{RATINGS}/export.{form}?place={NHON_PHU}&from=2024-10-01&to=2024-10-31"
            ))
        };
        assert!(!file("csv").text().contains("nhiệt tình"));

        let state = format!(
            "{RATINGS}/{}/comment",
            own[0]["id"].as_str().expect("an id")
        );
        province
            .put(&state, &json!({"state": "shown"}))
            .refused(404, "not_found");
        assert_eq!(officer.put(&state, &json!({"state": "shown"})).status, 204);
        assert_eq!(comments(&province)[0]["may_moderate"], false);
        let text = file("csv").text();
        assert!(
            text.contains("'=bạn trực nhiệt tình") && text.contains("Không gắn số"),
            "{text}"
        );
        // Its hour, not its minute.
        assert!(text.contains(":00:00"), "{text}");
        assert_eq!(file("xlsx").status, 200);
        let noted =
            app.count("select count(*) from file_taken where what = 'ratings' and lines = 1");
        assert_eq!(noted, 3);
        // What is written anew, nobody has looked at.
        sends(&resident(app, 1), &path, "comment=Xin+ch%C3%A0o");
        assert_eq!(comments(&province), [] as [Value; 0]);
    });
}

/// Somebody served at a counter for a birth certificate: the ticket, and where it is rated.
fn served(app: &TestApp, desk: &Desk, counter: &str) -> (Value, String) {
    desk.take(app, json!([{"procedure": "1.001193"}]), None);
    let ticket = desk.next(app, counter);
    desk.done(app, &ticket, "start");
    desk.done(app, &ticket, "finish");
    let code = ticket["code"].as_str().expect("a code");
    (ticket.clone(), format!("/danh-gia/{code}"))
}

#[test]
fn a_ticket_is_rated_once_and_leads_from_one_to_the_other() {
    with_app(|app| {
        let (desk, officer) = (Desk::open(app), app.officer(NHON_PHU));
        let (ticket, path) = served(app, &desk, "1");
        let who = resident(app, 1);
        let text = who.get(&format!("{path}?tieng=km")).text();
        assert!(text.contains("lang=\"km\"") && text.contains("chưa kiểm duyệt"));
        assert!(who.get(&path).text().contains("Phiếu A001"));
        let first = app.clock.new_id();
        tap(&who, &path, first, "overall", "dissatisfied");
        tap(&who, &path, first, "overall", "dissatisfied");
        // Whoever else has the link changes the same rating.
        tap(
            &resident(app, 2),
            &path,
            app.clock.new_id(),
            "staff",
            "satisfied",
        );
        assert_eq!(app.count("select count(*) from rating"), 1);
        assert_eq!(app.count("select count(*) from rating_tap"), 2);

        let whole = format!(
            "/api/v1/desk/tickets/{}",
            ticket["id"].as_str().expect("an id")
        );
        let rating = officer.get(&whole).ok()["rating"].clone();
        assert_eq!(
            (
                &rating["answers"][0]["step"],
                &rating["answers"][1]["topic"]
            ),
            (&json!("dissatisfied"), &json!("staff"))
        );
        assert_eq!(
            rating["answers"][0]["action"],
            actions(&officer, NHON_PHU)[0]["id"]
        );
        // The steps name who served: beside them only officers see what was thought of it.
        assert_eq!(desk.worker.get(&whole).ok()["rating"], Value::Null);
        app.clock.advance(Duration::minutes(16));
        tap(&who, &path, app.clock.new_id(), "overall", "satisfied");
        assert_eq!(officer.get(&whole).ok()["rating"], rating);
        assert_eq!(who.get("/danh-gia/ABCDEFGH12").status, 404);
        assert_eq!(who.get("/danh-gia/diem").status, 404);
        assert_eq!(
            tap(&who, "/danh-gia/ABCDEFGH12", first, "overall", "satisfied").status,
            404
        );
    });
}

#[test]
fn taps_on_one_ticket_at_the_same_instant_are_one_rating() {
    with_app(|app| {
        let (desk, officer) = (Desk::open(app), app.officer(NHON_PHU));
        for round in 0..3_u32 {
            let (_, path) = served(app, &desk, "1");
            std::thread::scope(|scope| {
                for n in 0..4 {
                    let (path, who) = (&path, resident(app, 10 * round + n));
                    let id = app.clock.new_id();
                    let step = ["very_satisfied", "dissatisfied"][n as usize % 2];
                    scope.spawn(move || {
                        assert_eq!(tap(&who, path, id, "overall", step).status, 303);
                        assert_eq!(tap(&who, path, id, "attitude", "dissatisfied").status, 303);
                    });
                }
            });
        }
        assert_eq!(app.count("select count(*) from rating"), 3);
        assert_eq!(app.count("select count(*) from rating_tap"), 24);
        let open = actions(&officer, NHON_PHU);
        let attitude = open.iter().filter(|one| one["topic"] == "attitude");
        let low: Vec<&Value> = attitude.map(|one| &one["low"]).collect();
        assert_eq!(low, [&json!(3)]);
    });
}

#[test]
fn answers_are_counted_by_counter_and_procedure_and_a_counter_has_a_poster() {
    with_app(|app| {
        let (desk, officer) = (Desk::open(app), app.officer(NHON_PHU));
        for n in 0..6 {
            let (_, path) = served(app, &desk, "1");
            let form = format!(
                "id={}&topic=overall&step=satisfied&handed={}",
                app.clock.new_id(),
                n % 2 == 0
            );
            assert_eq!(sends(&resident(app, n), &path, &form).status, 303);
        }
        let found = results(&officer, &format!("place={NHON_PHU}"));
        assert_eq!(found["counters"][0]["n"], 6);
        let procedure = &found["procedures"][0];
        assert_eq!(
            (&procedure["key"], &procedure["n"]),
            (&json!("1.001193"), &json!(6))
        );
        assert!(
            procedure["name"]
                .as_str()
                .is_some_and(|name| name.contains("khai sinh"))
        );
        let of = |more: &str| {
            results(&officer, &format!("place={NHON_PHU}&{more}"))["total"]["n"].clone()
        };
        assert_eq!((of("counter=1"), of("counter=2")), (json!(6), json!(0)));
        assert_eq!(
            (of("procedure=1.001193"), of("procedure=2.000815")),
            (json!(6), json!(0))
        );
        assert_eq!(
            app.count("select count(*) from rating where source = 'handed'"),
            3
        );

        let asks = officer
            .get(&format!("{RATINGS}/points/{}", desk.point))
            .ok();
        let set_up = officer.get(&desk.url("")).ok();
        assert_eq!(asks["code"], set_up["code"], "one code for a point");
        let code = asks["code"].as_str().expect("a code");
        rates(app, &format!("{code}-3"), 20, "neutral");
        let noted =
            app.count("select count(*) from rating where counter = '3' and ticket_id is null");
        assert_eq!(noted, 1);
        assert_eq!(
            resident(app, 21)
                .get(&format!("/danh-gia/diem/{code}-9"))
                .status,
            404
        );
        let file = officer
            .get(&format!(
                "{RATINGS}/export.csv?place={NHON_PHU}&from=2024-10-01&to=2024-10-31"
            ))
            .text();
        // Six alike at counter 1 say so; the one at counter 3 does not.
        assert_eq!(
            (
                file.matches("1.001193").count(),
                file.matches("(dưới 5)").count()
            ),
            (6, 1),
            "{file}"
        );
    });
}
