//! Expert squads: a commune asks, the province assigns, the expert works where there is no
//! signal, the commune says its word; and desks that have too much to do.

use crate::harness::campaigns::{indicator, plan};
use crate::harness::facts::{assist, expert_step, expert_work, presence, void};
use crate::harness::people::User;
use crate::harness::{AN_NHON, DONG_DA, NHON_PHU, PROVINCE, QUY_NHON, TestApp, with_app};
use causo::args;
use domain::ids::{MemberId, PlaceId};
use serde_json::{Value, json};
use time::Duration;
use uuid::Uuid;

const REQUESTS: &str = "/api/v1/experts/requests";

/// What the commune of [`NHON_PHU`] asks for.
fn wish() -> Value {
    json!({"place": NHON_PHU, "point": null, "field": "environment", "purpose": "120 hồ sơ đất đai chờ rà soát",
        "urgency": "soon", "language": null, "wish_from": "2024-10-14", "wish_to": "2024-10-18"})
}

fn asked(app: &TestApp, officer: &User) -> Uuid {
    let id = app.clock.new_id();
    officer.put(&format!("{REQUESTS}/{id}"), &wish()).ok();
    id
}

fn about() -> Value {
    json!({"office": "Sở Tài nguyên và Môi trường", "fields": ["environment"], "area": PROVINCE,
        "hours_per_month": 16, "active": true})
}

/// Somebody of an office in [`DONG_DA`] whom the province takes into the register.
fn expert(app: &TestApp, province: &User) -> User {
    let user = app.volunteer(DONG_DA);
    register(province, &user, &about());
    user
}

fn register(province: &User, user: &User, about: &Value) {
    let url = format!("/api/v1/experts/members/{}", user.id);
    assert_eq!(province.put(&url, about).status, 204);
}

fn acts(app: &TestApp, act: Value) -> Value {
    let mut body = act;
    body["id"] = json!(app.clock.new_id());
    body
}

fn act(user: &User, request: Uuid, body: &Value) -> crate::harness::client::Reply {
    user.post(&format!("{REQUESTS}/{request}/acts"), body)
}

fn page(user: &User, request: Uuid) -> Value {
    user.get(&format!("{REQUESTS}/{request}")).ok()
}

fn stage(user: &User, request: Uuid) -> String {
    let page = page(user, request);
    page["request"]["stage"]
        .as_str()
        .expect("a word")
        .to_owned()
}

fn offer(app: &TestApp, to: &User) -> Value {
    acts(app, json!({"act": "offer", "expert": to.id}))
}

fn dispatch(app: &TestApp) -> Value {
    acts(
        app,
        json!({"act": "dispatch", "visit_from": "2024-10-14", "visit_to": "2024-10-15",
            "note": "Gặp ở Bộ phận Một cửa, 7 giờ 30"}),
    )
}

/// A request with somebody sent to it: the commune's officer, the province's, the expert.
fn sent(app: &TestApp) -> (Uuid, User, User, User) {
    let (officer, province) = (app.officer(NHON_PHU), app.province());
    let helper = expert(app, &province);
    let id = asked(app, &officer);
    act(&province, id, &offer(app, &helper)).ok();
    helper.counts(&[expert_step(NHON_PHU, id, "accept", None)]);
    act(&province, id, &dispatch(app)).ok();
    (id, officer, province, helper)
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

#[test]
fn a_request_goes_from_the_commune_to_an_expert_and_back() {
    with_app(|app| {
        let (officer, province) = (app.officer(NHON_PHU), app.province());
        let helper = expert(app, &province);
        let id = asked(app, &officer);
        // Asked again, as after a lost answer, it is asked once.
        officer.put(&format!("{REQUESTS}/{id}"), &wish()).ok();
        assert_eq!(told(&province), ["expert_asked"]);

        let found = province.get(&format!("{REQUESTS}/{id}/suggestions")).ok();
        assert_eq!(found["fits"][0]["member"]["id"], helper.id.to_string());
        assert_eq!(found["fits"][0]["common"], "Thành phố Quy Nhơn");
        assert_eq!(
            (&found["fits"][0]["minutes_left"], &found["of"]),
            (&json!(960), &json!(1))
        );

        let offered = offer(app, &helper);
        act(&province, id, &offered).ok();
        act(&province, id, &offered).ok();
        assert_eq!(told(&helper), ["expert_offered"]);
        let jobs = helper.get("/api/v1/changes").ok()["expert_jobs"].clone();
        assert_eq!(jobs[0]["id"], id.to_string());
        assert_eq!(jobs[0]["place"]["id"], NHON_PHU);

        let accept = expert_step(NHON_PHU, id, "accept", None);
        helper.counts(std::slice::from_ref(&accept));
        assert_eq!(helper.send_facts(&[accept])[0]["outcome"], "duplicate");
        assert_eq!(told(&province), ["expert_answered", "expert_asked"]);
        let done = act(&province, id, &dispatch(app)).ok();
        assert_eq!(
            (&done["visit_from"], &done["stage"]),
            (&json!("2024-10-14"), &json!("dispatched"))
        );
        assert_eq!(told(&officer), ["expert_dispatched"]);

        helper.counts(&[
            expert_work(NHON_PHU, id, 180),
            expert_work(NHON_PHU, id, 60).at("2024-10-13T08:30:00+07:00"),
            expert_step(
                NHON_PHU,
                id,
                "finish",
                Some("Xong 110 hồ sơ, 10 hồ sơ chờ bổ sung"),
            ),
        ]);
        assert_eq!(told(&officer), ["expert_dispatched", "expert_done"]);
        let word = acts(
            app,
            json!({"act": "close", "word": "solved", "note": "Cảm ơn anh chị"}),
        );
        act(&officer, id, &word).ok();
        assert_eq!(
            told(&helper),
            ["expert_closed", "expert_dispatched", "expert_offered"]
        );

        let page = page(&officer, id);
        let whole: Vec<&str> = page["changes"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|one| one["act"].as_str().expect("a word"))
            .collect();
        assert_eq!(
            whole,
            ["ask", "offer", "accept", "dispatch", "finish", "close"]
        );
        assert_eq!(page["request"]["minutes"], 240);
        assert_eq!(page["request"]["word"], "solved");
        assert_eq!(page["work"].as_array().map(Vec::len), Some(2));
        assert_eq!(
            (&page["asks"], &page["assigns"]),
            (&json!(true), &json!(false))
        );
        assert_eq!(helper.get("/api/v1/changes").ok()["expert_jobs"], json!([]));
        let own = helper.get(&format!("{REQUESTS}/own")).ok();
        assert_eq!(own["requests"][0]["stage"], "closed");
    });
}

#[test]
fn each_does_only_what_is_theirs() {
    with_app(|app| {
        let (id, officer, province, helper) = sent(app);
        let url = format!("{REQUESTS}/{}", app.clock.new_id());
        app.officer(DONG_DA)
            .put(&url, &wish())
            .refused(404, "not_found");
        app.leader(NHON_PHU)
            .put(&url, &wish())
            .refused(403, "auth.forbidden");
        // Another's request is not there.
        app.officer(AN_NHON)
            .get(&format!("{REQUESTS}/{id}"))
            .refused(404, "not_found");
        app.volunteer(NHON_PHU)
            .get(&format!("{REQUESTS}/{id}"))
            .refused(404, "not_found");
        assert_eq!(stage(&app.leader(NHON_PHU), id), "dispatched");
        assert_eq!(stage(&helper, id), "dispatched");
        // The commune does not assign, the province does not speak for what it is not above.
        act(&officer, id, &offer(app, &helper)).refused(404, "not_found");
        let cancel = acts(app, json!({"act": "cancel", "note": "Đã tự xong"}));
        act(&app.officer(DONG_DA), id, &cancel).refused(404, "not_found");
        act(
            &province,
            id,
            &acts(app, json!({"act": "finish", "note": "x"})),
        )
        .refused(422, "request.validation");
        // Who does not come here cannot be offered it.
        let far = app.volunteer(AN_NHON);
        let mut elsewhere = about();
        elsewhere["area"] = json!(AN_NHON);
        register(&province, &far, &elsewhere);
        let next = asked(app, &officer);
        act(&province, next, &offer(app, &far)).refused(404, "not_found");
        act(&province, next, &offer(app, &app.volunteer(NHON_PHU))).refused(404, "not_found");
        // The register is the province's.
        let url = format!("/api/v1/experts/members/{}", far.id);
        officer.put(&url, &about()).refused(403, "auth.forbidden");
        let mut wrong = about();
        wrong["fields"] = json!(["magic"]);
        province
            .put(&url, &wrong)
            .refused(422, "request.validation");
        let listed = province
            .get(&format!("/api/v1/experts?place={PROVINCE}"))
            .ok();
        assert_eq!(listed["experts"].as_array().map(Vec::len), Some(2));
        let listed = format!("{REQUESTS}?place={QUY_NHON}&from=2024-10-01&to=2024-10-13");
        assert_eq!(
            province.get(&listed).ok()["requests"]
                .as_array()
                .map(Vec::len),
            Some(2)
        );
        officer.get(&listed).refused(404, "not_found");
    });
}

#[test]
fn what_comes_too_late_or_says_too_much_is_refused() {
    with_app(|app| {
        let (officer, province) = (app.officer(NHON_PHU), app.province());
        let helper = expert(app, &province);
        let id = asked(app, &officer);
        let url = format!("{REQUESTS}/{}", app.clock.new_id());
        for (field, value, code) in [
            (
                "purpose",
                json!("Gọi 0905 123 456 để hẹn"),
                "expert.personal_data",
            ),
            ("purpose", json!(" "), "request.validation"),
            (
                "field",
                json!("agriculture_environment"),
                "request.validation",
            ),
            ("language", json!("vneid"), "request.validation"),
            ("wish_to", json!("2024-10-01"), "expert.days"),
        ] {
            let mut body = wish();
            body[field] = value;
            officer.put(&url, &body).refused(422, code);
        }
        let accept = expert_step(NHON_PHU, id, "accept", None);
        helper.refuses(&accept, "expert.not_yours");
        helper.refuses(&expert_work(NHON_PHU, id, 30), "expert.not_yours");
        act(&province, id, &offer(app, &helper)).ok();
        helper.refuses(&expert_step(DONG_DA, id, "accept", None), "expert.unknown");
        helper.refuses(
            &expert_step(NHON_PHU, id, "decline", None),
            "request.validation",
        );
        helper.refuses(
            &expert_step(NHON_PHU, id, "finish", Some("Xong")),
            "expert.not_now",
        );
        helper.refuses(&expert_work(NHON_PHU, id, 721), "request.validation");
        act(&province, id, &dispatch(app)).refused(409, "expert.not_now");
        // Withdrawn while the phone had no signal.
        act(&province, id, &acts(app, json!({"act": "withdraw"}))).ok();
        helper.refuses(&accept, "expert.not_yours");
        act(&province, id, &offer(app, &helper)).ok();
        helper.counts(&[expert_step(NHON_PHU, id, "decline", Some("Bận họp tỉnh"))]);
        assert_eq!(stage(&officer, id), "asked");
        act(&province, id, &acts(app, json!({"act": "refuse"}))).refused(422, "request.validation");
        act(
            &province,
            id,
            &acts(app, json!({"act": "refuse", "note": "Sở đang kiểm kê"})),
        )
        .ok();
        assert_eq!(told(&officer), ["expert_ended"]);
        act(&province, id, &offer(app, &helper)).refused(409, "expert.not_now");
    });
}

#[test]
fn work_is_kept_once_whatever_became_of_the_request() {
    with_app(|app| {
        let (id, officer, _, helper) = sent(app);
        let log = expert_work(NHON_PHU, id, 120);
        helper.counts(std::slice::from_ref(&log));
        assert_eq!(
            helper.send_facts(std::slice::from_ref(&log))[0]["outcome"],
            "duplicate"
        );
        act(
            &officer,
            id,
            &acts(app, json!({"act": "cancel", "note": "Đã tự xong"})),
        )
        .ok();
        assert_eq!(
            told(&helper),
            ["expert_dispatched", "expert_ended", "expert_offered"]
        );
        // Done before that, sent after it.
        let late = expert_work(NHON_PHU, id, 45);
        helper.counts(std::slice::from_ref(&late));
        helper.refuses(
            &expert_step(NHON_PHU, id, "finish", Some("Xong")),
            "expert.not_now",
        );
        assert_eq!(page(&officer, id)["request"]["minutes"], 165);
        // Put right and taken back, by themselves although they hold no role there.
        let right = expert_work(NHON_PHU, id, 90).corrects(&log);
        helper.counts(&[right]);
        helper.counts(&[void(&late)]);
        assert_eq!(page(&officer, id)["request"]["minutes"], 90);
        let other = app.volunteer(AN_NHON);
        other.refuses(&void(&log), "fact.not_yours");
        assert_eq!(app.count("select count(*) from expert_work"), 1);
    });
}

#[test]
fn hours_of_a_work_log_are_not_counted_beside_attendance() {
    with_app(|app| {
        let (id, officer, _, helper) = sent(app);
        let point = desk(app);
        let hours =
            json!({"kind": "count", "measure": {"unit": "hour", "count": "sum", "all_of": [{}]}});
        let plan = plan(PROVINCE, &[indicator("hours", hours, Some(10))]);
        app.province().post("/api/v1/campaigns", &plan).ok();
        let at = |hour: &str| format!("2024-10-13T{hour}:00+07:00");
        helper.counts(&[
            presence(NHON_PHU, point, helper.id, "in").at(&at("06:00")),
            presence(NHON_PHU, point, helper.id, "out").at(&at("08:00")),
            expert_work(NHON_PHU, id, 120).at(&at("08:00")),
        ]);
        let tallied = "select cast(coalesce(sum(total), 0) as bigint) from tally";
        assert_eq!(app.count(tallied), 120);
        let url = format!("/api/v1/experts/report?place={NHON_PHU}&from=2024-10-01&to=2024-10-31");
        assert_eq!(officer.get(&url).ok()["total"]["minutes"], 120);
    });
}

#[test]
fn verify_sees_a_request_that_its_history_does_not_lead_to() {
    with_app(|app| {
        let (id, ..) = sent(app);
        let change = |sql: &'static str| {
            app.write(move |tx| {
                tx.execute(sql, args![id])?;
                Ok(())
            })
            .expect("it is changed");
        };
        let broken = || {
            let found = app.write(|tx| {
                let mut found = Vec::new();
                causo::features::experts::verify::verify(tx, &mut found)?;
                Ok(found)
            });
            !found.expect("it reads").is_empty()
        };
        assert!(!broken());
        change("update expert_request set stage = 'done' where id = $1");
        assert!(broken());
        change("update expert_request set stage = 'dispatched' where id = $1");
        change("delete from expert_change where request_id = $1 and act = 'accept'");
        assert!(broken());
        // Nothing of it may be left for the end of the play.
        change("delete from expert_change where request_id = $1");
        change("delete from expert_request where id = $1");
        change("delete from fact where kind = 'expert_step.v1' and id <> $1");
        assert!(!broken());
    });
}

#[test]
fn the_report_says_what_was_served_how_fast_and_in_how_many_hours() {
    with_app(|app| {
        let (id, officer, province, helper) = sent(app);
        asked(app, &officer);
        app.clock.advance(Duration::days(3));
        helper.counts(&[
            expert_work(NHON_PHU, id, 200).at("2024-10-15T09:00:00+07:00"),
            expert_step(NHON_PHU, id, "finish", Some("Xong")).at("2024-10-15T10:00:00+07:00"),
        ]);
        let url =
            |place| format!("/api/v1/experts/report?place={place}&from=2024-10-01&to=2024-10-31");
        let report = province.get(&url(PROVINCE)).ok();
        let total = &report["total"];
        let of = |line: &Value| {
            ["requests", "served", "open", "minutes"]
                .map(|what| line[what].as_i64().expect("a number"))
        };
        assert_eq!(of(total), [2, 1, 1, 200]);
        assert_eq!(total["median_days"], 3.0);
        assert_eq!(report["fields"][0]["key"], "environment");
        assert_eq!(report["fields"][0]["name"]["vi"], "Tài nguyên, môi trường");
        assert_eq!(report["units"][0]["key"], NHON_PHU);
        assert_eq!(of(&report["units"][0]), [2, 1, 1, 200]);
        app.leader(AN_NHON)
            .get(&url(PROVINCE))
            .refused(404, "not_found");
        let long = format!("/api/v1/experts/report?place={PROVINCE}&from=2020-01-01&to=2024-10-31");
        province.get(&long).refused(422, "expert.days");
    });
}

/// A desk of [`NHON_PHU`] in office hours.
fn desk(app: &TestApp) -> Uuid {
    let id = app.clock.new_id();
    let place = PlaceId::parse(NHON_PHU).expect("a place id");
    let spans = r#"[{"from": "07:00", "to": "11:30"}, {"from": "13:30", "to": "17:00"}]"#;
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let hours = format!(
        "{{{}}}",
        days.map(|day| format!("\"{day}\": {spans}")).join(", ")
    );
    app.write(move |tx| {
        tx.execute(
            "insert into service_point (id, place_id, name, fold, kind, address, hours, secret, rev)
             values ($1, $2, 'Bộ phận Một cửa', $3, 'one_stop', '', $4, $5, 1)",
            args![id, &place, &id.to_string(), &hours, &[0_u8; 32][..]],
        )?;
        Ok(())
    })
    .expect("it is made");
    id
}

#[test]
fn a_desk_is_overloaded_by_gaps_by_work_and_by_those_who_did_not_come() {
    with_app(|app| {
        let (point, officer) = (desk(app), app.officer(NHON_PHU));
        let url = format!("/api/v1/experts/desks?place={NHON_PHU}");
        let desks = || officer.get(&url).ok()["desks"].clone();
        assert_eq!(desks()[0]["overloaded"], false);
        assert_eq!(desks()[0]["signals"], json!([]));

        let rule = json!({"point": point, "source": {"title": "Thỏa thuận", "number": "", "signed_on": null}, "valid_from": "2024-01-01", "valid_to": null, "rule": {
            "weekdays": [1, 2, 3, 4, 5], "halves": ["morning"], "people_min": 1, "people_max": 3}});
        officer
            .put(
                &format!("/api/v1/rosters/rules/{}", app.clock.new_id()),
                &rule,
            )
            .ok();
        let month = json!({"place": NHON_PHU, "month": "2024-10-13"});
        officer.post("/api/v1/rosters/generate", &month).ok();
        // Five mornings up to the 20th, and nobody at any of them.
        let gaps = json!({"pressure": "gaps", "value_permille": 1000, "threshold_permille": 333, "over": true});
        assert_eq!(desks()[0]["signals"], json!([gaps]));
        let shifts =
            format!("/api/v1/rosters/shifts?place={NHON_PHU}&from=2024-10-14&to=2024-10-20");
        let shifts = officer.get(&shifts).ok()["shifts"]
            .as_array()
            .expect("a list")
            .clone();
        let who = app.volunteer(NHON_PHU);
        for shift in &shifts[..2] {
            let url = format!(
                "/api/v1/rosters/shifts/{}/people",
                shift["id"].as_str().expect("an id")
            );
            officer
                .put(&url, &json!({"member": who.id, "stands": true}))
                .ok();
        }
        // Three of five are missing: a third and more, but only three people.
        assert_eq!(desks()[0]["overloaded"], false);

        // Two weeks on: nobody came on eight of ten days; one person worked for eight hours.
        app.clock.advance(Duration::days(17));
        let mut facts = Vec::new();
        for day in [14, 15] {
            let at = |hour: &str| format!("2024-10-{day}T{hour}:00+07:00");
            facts.push(presence(NHON_PHU, point, who.id, "in").at(&at("07:00")));
            facts.push(presence(NHON_PHU, point, who.id, "out").at(&at("11:30")));
            for _ in 0..30 {
                facts.push(
                    assist(NHON_PHU)
                        .with("/body/setting", "desk")
                        .at(&at("09:00")),
                );
            }
        }
        who.counts(&facts);
        let found = desks()[0]["signals"].clone();
        let over = |what: &str| {
            let one = found
                .as_array()
                .expect("a list")
                .iter()
                .find(|one| one["pressure"] == what);
            one.map(|one| {
                (
                    one["value_permille"].as_i64().expect("a number"),
                    one["over"].clone(),
                )
            })
        };
        assert_eq!(over("load"), Some((6_666, json!(true))));
        assert_eq!(over("came"), Some((166, json!(true))));
        app.leader(DONG_DA).get(&url).refused(404, "not_found");
        let wide = format!("/api/v1/experts/desks?place={QUY_NHON}");
        app.province().get(&wide).refused(422, "request.validation");
    });
}

#[test]
fn the_busy_and_the_away_come_later_or_not_at_all() {
    with_app(|app| {
        let (officer, province) = (app.officer(NHON_PHU), app.province());
        let (near, far, away) = (
            expert(app, &province),
            app.volunteer(AN_NHON),
            expert(app, &province),
        );
        register(&province, &far, &about());
        let gone = json!({"free": [], "away": [{"from": "2024-10-14", "to": "2024-10-18"}], "per_week_max": 1, "per_month_max": 1});
        away.put("/api/v1/rosters/availability", &gone).ok();
        let ranked = |request: Uuid| {
            let found = province
                .get(&format!("{REQUESTS}/{request}/suggestions"))
                .ok();
            let fits = found["fits"].as_array().expect("a list").clone();
            let ids: Vec<String> = fits
                .iter()
                .map(|one| one["member"]["id"].as_str().expect("an id").to_owned())
                .collect();
            ids
        };
        let first = asked(app, &officer);
        assert_eq!(ranked(first), [near.id.to_string(), far.id.to_string()]);
        // Two in hand outweigh a level of distance.
        for request in [first, asked(app, &officer)] {
            act(&province, request, &offer(app, &near)).ok();
        }
        let third = asked(app, &officer);
        assert_eq!(ranked(third), [far.id.to_string(), near.id.to_string()]);
        // A language outweighs both.
        let speaker = MemberId(near.id);
        app.write(move |tx| {
            tx.execute("insert into member_skill (member_id, skill, level, since) values ($1, 'ba_na', 1, $2)",
                args![speaker, time::macros::date!(2024 - 01 - 01)])?;
            Ok(())
        })
        .expect("it is noted");
        let mut spoken = wish();
        spoken["language"] = json!("ba_na");
        let fourth = app.clock.new_id();
        officer.put(&format!("{REQUESTS}/{fourth}"), &spoken).ok();
        assert_eq!(ranked(fourth), [near.id.to_string(), far.id.to_string()]);
    });
}
