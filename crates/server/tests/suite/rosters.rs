//! Rosters: rules make shifts, people come and go, gaps are suggested for and filled.

use crate::harness::facts::{Fact, assist, presence, step, void};
use crate::harness::people::User;
use crate::harness::{AN_NHON, DONG_DA, NHON_PHU, TestApp, with_app};
use causo::args;
use domain::ids::{MemberId, PlaceId, TeamId};
use serde_json::{Value, json};
use time::Duration;
use uuid::Uuid;

const OFFICE: &str = r#"[{"from": "07:00", "to": "11:30"}, {"from": "13:30", "to": "17:00"}]"#;
/// The agreement between the university and the centre.
fn agreement() -> Value {
    json!({"title": "Thỏa thuận hợp tác Đoàn trường Đại học Quy Nhơn", "number": "12-TT/ĐTN", "signed_on": "2024-03-26"})
}

/// A desk open in office hours.
fn desk(app: &TestApp, place: &str) -> Uuid {
    let id = app.clock.new_id();
    let place = PlaceId::parse(place).expect("a place id");
    let days = ["mon", "tue", "wed", "thu", "fri"].map(|day| format!("\"{day}\": {OFFICE}"));
    let hours = format!("{{{}}}", days.join(", "));
    app.write(move |tx| {
        tx.execute(
            "insert into service_point (id, place_id, name, fold, kind, address, hours, secret, rev)
             values ($1, $2, 'Trung tâm Phục vụ hành chính công', $3, 'one_stop', '', $4, $5, 1)",
            args![id, &place, &id.to_string(), &hours, &[0_u8; 32][..]],
        )?;
        Ok(())
    })
    .expect("it is made");
    id
}

/// Two members a day in office hours, as agreed.
fn agreed(point: Uuid) -> Value {
    json!({"point": point, "source": agreement(), "valid_from": "2024-03-26", "valid_to": null, "rule": {
        "weekdays": [1, 2, 3, 4, 5], "halves": ["morning", "afternoon"], "people_min": 2, "people_max": 3}})
}

fn put_rule(app: &TestApp, officer: &User, rule: &Value) -> String {
    let url = format!("/api/v1/rosters/rules/{}", app.clock.new_id());
    officer.put(&url, rule).ok();
    url
}

fn generated(user: &User, place: &str) -> [i64; 4] {
    let month = json!({"place": place, "month": "2024-10-13"});
    let done = user.post("/api/v1/rosters/generate", &month).ok();
    ["made", "changed", "cancelled", "kept"].map(|what| done[what].as_i64().expect("a number"))
}

fn shifts(user: &User, place: &str) -> Vec<Value> {
    let url = format!("/api/v1/rosters/shifts?place={place}&from=2024-10-01&to=2024-10-31");
    user.get(&url).ok()["shifts"]
        .as_array()
        .expect("a list")
        .clone()
}

fn id(value: &Value) -> &str {
    value["id"].as_str().expect("an id")
}

fn names(shift: &Value) -> Vec<String> {
    let people = shift["people"].as_array().expect("a list").iter();
    people
        .map(|one| one["member"]["id"].as_str().expect("an id").to_owned())
        .collect()
}

/// A desk in a commune with its month of shifts, and the officer who made it.
fn rostered(app: &TestApp) -> (Uuid, User, Vec<Value>) {
    let (point, officer) = (desk(app, NHON_PHU), app.officer(NHON_PHU));
    put_rule(app, &officer, &agreed(point));
    generated(&officer, NHON_PHU);
    let shifts = shifts(&officer, NHON_PHU);
    (point, officer, shifts)
}

fn put_on(user: &User, shift: &Value, member: Uuid, stands: bool) -> crate::harness::client::Reply {
    let url = format!("/api/v1/rosters/shifts/{}/people", id(shift));
    user.put(&url, &json!({"member": member, "stands": stands}))
}

/// What a step on a shift of [`NHON_PHU`] is as a fact.
fn does(action: &str, shift: &Value) -> Fact {
    step(NHON_PHU, id(shift), action)
}

#[test]
fn an_agreement_makes_the_shifts_of_a_month_once() {
    with_app(|app| {
        let (point, officer) = (desk(app, NHON_PHU), app.officer(NHON_PHU));
        let rule = put_rule(app, &officer, &agreed(point));
        // From Monday the 14th on: fourteen working days, mornings and afternoons.
        assert_eq!(generated(&app.leader(NHON_PHU), NHON_PHU), [28, 0, 0, 0]);
        assert_eq!(generated(&officer, NHON_PHU), [0, 0, 0, 0]);
        let listed = shifts(&app.volunteer(NHON_PHU), NHON_PHU);
        assert_eq!(listed.len(), 28);
        assert_eq!(listed[0]["starts_at"], "2024-10-14T07:00:00+07:00");
        assert_eq!(
            (&listed[0]["missing"], &listed[0]["people"]),
            (&json!(2), &json!([]))
        );
        let rules = officer
            .get(&format!("/api/v1/rosters/rules?point={point}"))
            .ok();
        assert_eq!(rules["rules"][0]["source"], agreement());
        assert_eq!(rules["rules"][0]["rule"]["alerts_h"], json!([72, 24]));

        // A changed rule changes what nobody is on.
        let who = app.volunteer(NHON_PHU);
        put_on(&officer, &listed[0], who.id, true).ok();
        let mut mornings = agreed(point);
        mornings["rule"]["halves"] = json!(["morning"]);
        mornings["rule"]["people_min"] = json!(3);
        officer.put(&rule, &mornings).ok();
        assert_eq!(generated(&officer, NHON_PHU), [0, 13, 14, 1]);
        assert_eq!(generated(&officer, NHON_PHU), [0, 0, 0, 1]);
        officer.put(&rule, &agreed(point)).ok();
        assert_eq!(generated(&officer, NHON_PHU), [0, 27, 0, 0]);
    });
}

#[test]
fn rules_and_rosters_are_for_those_above_the_point() {
    with_app(|app| {
        let (point, officer, listed) = rostered(app);
        let url = format!("/api/v1/rosters/rules/{}", app.clock.new_id());
        app.officer(DONG_DA)
            .put(&url, &agreed(point))
            .refused(404, "not_found");
        app.leader(NHON_PHU)
            .put(&url, &agreed(point))
            .refused(403, "auth.forbidden");
        let mut nobody = agreed(point);
        nobody["rule"]["people_min"] = json!(0);
        officer.put(&url, &nobody).refused(422, "roster.rule");
        nobody = agreed(point);
        nobody["source"]["title"] = json!(" ");
        officer.put(&url, &nobody).refused(422, "roster.rule");
        let far = app.leader(DONG_DA);
        put_on(&far, &listed[0], far.id, true).refused(404, "not_found");
        let suggestions = format!("/api/v1/rosters/shifts/{}/suggestions", id(&listed[0]));
        far.get(&suggestions).refused(404, "not_found");
        for what in ["generate", "fill"] {
            let month = json!({"place": NHON_PHU, "month": "2024-10-01"});
            far.post(&format!("/api/v1/rosters/{what}"), &month)
                .refused(404, "not_found");
        }
        far.get(&format!(
            "/api/v1/rosters/shifts?place={NHON_PHU}&from=2024-10-01&to=2024-10-31"
        ))
        .refused(404, "not_found");
        officer
            .get(&format!(
                "/api/v1/rosters/shifts?place={NHON_PHU}&from=2024-10-01&to=2025-10-31"
            ))
            .refused(422, "roster.period");
        assert_eq!(app.count("select count(*) from staffing_rule"), 1);
    });
}

#[test]
fn people_are_given_shifts_within_the_hard_rules() {
    with_app(|app| {
        let (_, officer, listed) = rostered(app);
        let [one, two, three, four] = [(); 4].map(|()| app.volunteer(NHON_PHU));
        let given = put_on(&officer, &listed[0], one.id, true).ok();
        assert_eq!(given["missing"], 1);
        // Doing it again changes nothing.
        assert_eq!(put_on(&officer, &listed[0], one.id, true).ok(), given);
        assert_eq!(app.count("select count(*) from assignment_change"), 1);
        put_on(&officer, &listed[0], two.id, true).ok();
        put_on(&officer, &listed[0], three.id, true).ok();
        put_on(&officer, &listed[0], four.id, true).refused(409, "roster.full");
        put_on(&officer, &listed[1], app.clock.new_id(), true).refused(404, "not_found");
        put_on(&officer, &listed[0], three.id, false).ok();
        put_on(&officer, &listed[0], three.id, false).ok();
        assert_eq!(app.count("select count(*) from assignment_change"), 4);

        // Another desk at the same time, and skills.
        let market = desk(app, NHON_PHU);
        let mut able = agreed(market);
        able["rule"]["skills"] = json!(["dvctt_basic"]);
        put_rule(app, &officer, &able);
        generated(&officer, NHON_PHU);
        let there = |day: &str| {
            let all = shifts(&officer, NHON_PHU);
            let found = all.into_iter().find(|shift| {
                shift["point"]["id"] == market.to_string()
                    && shift["starts_at"] == format!("{day}T07:00:00+07:00")
            });
            found.expect("it is there")
        };
        put_on(&officer, &there("2024-10-15"), one.id, true).refused(422, "roster.not_qualified");
        let skilled = MemberId(one.id);
        app.write(move |tx| {
            let since = time::macros::date!(2024 - 01 - 01);
            tx.execute("insert into member_skill (member_id, skill, level, since) values ($1, 'dvctt_basic', 1, $2)",
                args![skilled, since])?;
            Ok(())
        })
        .expect("it is noted");
        put_on(&officer, &there("2024-10-14"), one.id, true).refused(409, "roster.busy");
        put_on(&officer, &there("2024-10-15"), one.id, true).ok();
        // Six a week are enough.
        for shift in listed
            .iter()
            .filter(|shift| ["2024-10-16", "2024-10-17"].contains(&shift["day"].as_str().unwrap()))
        {
            put_on(&officer, shift, one.id, true).ok();
        }
        put_on(&officer, &there("2024-10-18"), one.id, true).refused(409, "roster.too_many");
        app.clock.advance(Duration::hours(24));
        put_on(&officer, &listed[0], one.id, false).refused(409, "roster.started");
    });
}

#[test]
fn volunteers_sign_up_offer_take_and_leave_by_facts_in_the_order_of_arrival() {
    with_app(|app| {
        let (_, officer, listed) = rostered(app);
        let [hanh, binh, chi, dung] = [(); 4].map(|()| app.volunteer(NHON_PHU));
        let first = &listed[0];
        let sign_up = does("sign_up", first);
        let outcome = hanh.counts(std::slice::from_ref(&sign_up)).remove(0);
        assert_eq!(outcome["counted_in"], json!([]));
        hanh.refuses(&does("sign_up", first), "roster.already");
        // A phone that lost the answer says the same again.
        let again = hanh.send_facts(std::slice::from_ref(&sign_up)).remove(0);
        assert_eq!(again["outcome"], "duplicate");
        binh.counts(&[does("sign_up", first)]);
        binh.refuses(&does("take", first), "roster.already");
        chi.refuses(&does("take", first), "roster.taken");
        chi.refuses(&does("offer", first), "roster.not_on_it");

        // One offers, two would take; whoever comes first has it.
        hanh.counts(&[does("offer", first)]);
        let shown = &shifts(&officer, NHON_PHU)[0];
        let offered = shown["people"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["offered"] == true);
        assert_eq!(offered.count(), 1);
        chi.counts(&[does("take", first)]);
        dung.refuses(&does("take", first), "roster.taken");
        let mut there = names(&shifts(&officer, NHON_PHU)[0]);
        there.sort();
        let mut wanted = vec![binh.id.to_string(), chi.id.to_string()];
        wanted.sort();
        assert_eq!(there, wanted);

        // All in one batch, each as things stand after the one before.
        let outcomes = dung.send_facts(&[
            does("sign_up", first),
            assist(NHON_PHU),
            does("offer", first),
            does("keep", first),
            does("leave", first),
            does("leave", first),
        ]);
        let told: Vec<&str> = outcomes
            .iter()
            .map(|one| one["outcome"].as_str().unwrap())
            .collect();
        assert_eq!(
            told,
            [
                "counted", "counted", "counted", "counted", "counted", "refused"
            ]
        );
        hanh.counts(&[does("sign_up", first)]);
        dung.refuses(&does("sign_up", first), "roster.full");

        // A first answer that was lost stays true, whatever has happened since.
        let again = hanh.send_facts(std::slice::from_ref(&sign_up)).remove(0);
        assert_eq!(again["outcome"], "duplicate");
        dung.refuses(
            &step(NHON_PHU, &app.clock.new_id().to_string(), "sign_up"),
            "roster.unknown",
        );
        dung.refuses(&void(&sign_up), "fact.correction_kind");
        app.volunteer(DONG_DA)
            .refuses(&does("sign_up", first), "fact.out_of_scope");
        app.clock.advance(Duration::hours(22));
        hanh.refuses(&does("leave", first), "roster.started");
        assert_eq!(
            app.count("select count(*) from fact where kind = 'roster.v1'"),
            9
        );
        assert_eq!(app.count("select count(*) from assignment_change"), 10);
    });
}

#[test]
fn phones_carry_the_shifts_of_their_scope_and_hear_of_every_change() {
    with_app(|app| {
        let (_, officer, listed) = rostered(app);
        let phone = app.volunteer(NHON_PHU);
        let first = phone.get("/api/v1/changes").ok();
        assert_eq!(first["shifts"].as_array().unwrap().len(), 28);
        let after = |cursor: &Value| {
            phone
                .get(&format!(
                    "/api/v1/changes?since={}",
                    cursor.as_str().unwrap()
                ))
                .ok()
        };
        let second = after(&first["cursor"]);
        assert_eq!(second["shifts"], json!([]));
        phone.counts(&[does("sign_up", &listed[3])]);
        let third = after(&second["cursor"]);
        assert_eq!(third["shifts"].as_array().unwrap().len(), 1);
        assert_eq!(names(&third["shifts"][0]), [phone.id.to_string()]);
        put_on(&officer, &listed[3], phone.id, false).ok();
        assert_eq!(
            names(&after(&third["cursor"])["shifts"][0]),
            [] as [String; 0]
        );
        assert_eq!(
            app.volunteer(DONG_DA).get("/api/v1/changes").ok()["shifts"],
            json!([])
        );
    });
}

/// Says when somebody is free: mornings of these weekdays.
fn free(user: &User, weekdays: &[u8]) {
    let parts: Vec<Value> = (weekdays.iter())
        .map(|day| json!({"weekday": day, "half": "morning"}))
        .collect();
    let said = json!({"free": parts, "prefers": parts, "per_week_max": 2, "per_month_max": 5});
    let kept = user.put("/api/v1/rosters/availability", &said).ok();
    assert_eq!(kept, user.get("/api/v1/rosters/availability").ok());
}

#[test]
fn a_gap_is_suggested_for_with_reasons() {
    with_app(|app| {
        let (_, officer, listed) = rostered(app);
        let monday = &listed[0];
        let [near, busy, far, silent, away] =
            [NHON_PHU, NHON_PHU, DONG_DA, NHON_PHU, AN_NHON].map(|place| app.volunteer(place));
        free(&near, &[1, 2]);
        free(&busy, &[1]);
        free(&far, &[1]);
        free(&away, &[2]);
        put_on(&officer, &listed[1], busy.id, true).ok();
        let suggested = |shift: &Value| {
            let url = format!("/api/v1/rosters/shifts/{}/suggestions", id(shift));
            officer.get(&url).ok()["suggestions"]
                .as_array()
                .unwrap()
                .clone()
        };
        let told = suggested(monday);
        let who: Vec<&str> = told
            .iter()
            .map(|one| one["member"]["id"].as_str().unwrap())
            .collect();
        assert_eq!(who[0], near.id.to_string(), "{told:?}");
        assert_eq!(
            told[0]["reasons"],
            json!(["near", "prefers", "rested", "fair"])
        );
        assert_eq!(who[1], busy.id.to_string(), "who had one before: {told:?}");
        assert_eq!(told[1]["reasons"], json!(["near", "knows", "prefers"]));
        let at = |user: &User| who.iter().position(|one| *one == user.id.to_string());
        assert!(at(&far) > at(&near) && at(&silent) > at(&near), "{told:?}");
        assert_eq!(at(&away), None);
        put_on(&officer, monday, near.id, true).ok();
        assert!(
            suggested(monday)
                .iter()
                .all(|one| one["member"]["id"] != near.id.to_string())
        );
        near.put(
            "/api/v1/rosters/availability",
            &json!({"free": [{"weekday": 8, "half": "morning"}],
            "per_week_max": 1, "per_month_max": 1}),
        )
        .refused(422, "request.validation");
    });
}

#[test]
fn a_month_is_filled_as_proposed_or_not_at_all() {
    with_app(|app| {
        let (_, officer, listed) = rostered(app);
        let leader = app.leader(NHON_PHU);
        let people: Vec<User> = (0..8).map(|_| app.volunteer(NHON_PHU)).collect();
        for (at, one) in people.iter().enumerate() {
            let day = u8::try_from(at % 5).unwrap() + 1;
            free(one, &[day, day % 5 + 1]);
        }
        put_on(&officer, &listed[0], people[0].id, true).ok();
        let month = |mark: Option<&Value>| match mark {
            None => json!({"place": NHON_PHU, "month": "2024-10-01"}),
            Some(mark) => json!({"place": NHON_PHU, "month": "2024-10-01", "mark": mark}),
        };
        let propose = || leader.post("/api/v1/rosters/fill", &month(None)).ok();
        let proposal = propose();
        assert_eq!(proposal, propose(), "the same question has the same answer");
        let given = proposal["given"].as_array().unwrap().clone();
        assert!(given.len() > 20, "{proposal}");
        assert!(proposal["bound"].as_i64() <= proposal["value"].as_i64());
        assert_eq!(
            app.count("select count(*) from assignment"),
            1,
            "a proposal writes nothing"
        );

        let accept = |proposal: &Value| {
            leader.post(
                "/api/v1/rosters/fill/accept",
                &month(Some(&proposal["mark"])),
            )
        };

        // While another month is being filled both are refused, and those who only look are served.
        let taken = app.app.fillings.try_acquire().unwrap();
        let refusal = leader.post("/api/v1/rosters/fill", &month(None));
        refusal.refused(503, "roster.filling");
        assert_eq!(refusal.header("retry-after"), Some("5"));
        accept(&proposal).refused(503, "roster.filling");
        assert_eq!(shifts(&officer, NHON_PHU).len(), listed.len());
        drop(taken);

        // Somebody signs up meanwhile: the proposal is not the same any more.
        people[1].counts(&[does("sign_up", &listed[5])]);
        accept(&proposal).refused(409, "roster.stale");
        assert_eq!(app.count("select count(*) from assignment"), 2);
        let proposal = propose();
        let given = proposal["given"].as_array().unwrap().len();
        assert_eq!(accept(&proposal).ok()["given"], given);
        accept(&proposal).refused(409, "roster.stale");
        let filled = shifts(&officer, NHON_PHU);
        let missing: i64 = filled
            .iter()
            .map(|shift| shift["missing"].as_i64().unwrap())
            .sum();
        assert_eq!(proposal["missing"], missing);
        assert_eq!(
            app.count("select count(*) from assignment where source = 'filled'"),
            i64::try_from(given).unwrap()
        );
        // Nobody twice at once, nor more often than they wished.
        assert_eq!(app.count("select count(*) from (select a.member_id from assignment a join shift s on s.id = a.shift_id
            where a.source = 'filled' group by a.member_id, s.starts_at having count(*) > 1) d"), 0);
        assert_eq!(propose()["given"], json!([]));
    });
}

/// What somebody was told, in order of the words: its kind and its title.
fn told(user: &User) -> Vec<(String, String)> {
    let all = user.get("/api/v1/notifications").ok();
    let all = all["notifications"].as_array().expect("a list").iter();
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let mut told: Vec<_> = all
        .map(|one| (text(&one["kind"]), text(&one["title"])))
        .collect();
    told.sort();
    told
}

fn short(missing: u32, time: &str, day: &str) -> (String, String) {
    (
        "shift_short".to_owned(),
        format!("Ca {time} ngày {day} thiếu {missing} người"),
    )
}

#[test]
fn a_gap_is_told_once_for_each_alert_and_shift() {
    with_app(|app| {
        let (_, officer, listed) = rostered(app);
        let (leader, volunteer) = (app.leader(NHON_PHU), app.volunteer(NHON_PHU));
        let (far, province) = (app.officer(DONG_DA), app.province());
        for shift in listed.iter().skip(2) {
            put_on(&officer, shift, volunteer.id, true);
        }
        // Sunday, nine o'clock: less than three days to five shifts, less than one to the first.
        app.chores();
        let (morning, afternoon) = ("07:00–11:30", "13:30–17:00");
        let mut heard = vec![
            short(2, morning, "14/10/2024"),
            short(2, afternoon, "14/10/2024"),
            short(1, morning, "15/10/2024"),
            short(1, afternoon, "15/10/2024"),
            short(1, morning, "16/10/2024"),
        ];
        heard.sort();
        assert_eq!(told(&officer), heard);
        assert_eq!(told(&leader), heard);
        for nobody in [&volunteer, &far, &province] {
            assert_eq!(told(nobody), []);
        }
        app.clock.advance(Duration::minutes(10));
        app.chores();
        assert_eq!(told(&officer), heard, "nothing is told twice");

        // A day later the next alert is due on Monday afternoon; Tuesday morning is full.
        put_on(&officer, &listed[2], leader.id, true).ok();
        app.clock.advance(Duration::hours(24));
        app.chores();
        heard.push(short(2, afternoon, "14/10/2024"));
        heard.push(short(1, afternoon, "16/10/2024"));
        heard.push(short(1, morning, "17/10/2024"));
        heard.sort();
        assert_eq!(told(&officer), heard);
    });
}

#[test]
fn alerts_are_the_rules_own_and_a_closed_gap_is_not_told() {
    with_app(|app| {
        let (point, officer) = (desk(app, NHON_PHU), app.officer(NHON_PHU));
        let mut rule = agreed(point);
        rule["rule"]["alerts_h"] = json!([2]);
        put_rule(app, &officer, &rule);
        generated(&officer, NHON_PHU);
        app.chores();
        assert_eq!(told(&officer), []);
        app.clock.advance(Duration::hours(21));
        app.chores();
        assert_eq!(told(&officer), [short(2, "07:00–11:30", "14/10/2024")]);
        let people = [(); 2].map(|()| app.volunteer(NHON_PHU));
        let afternoon = &shifts(&officer, NHON_PHU)[1];
        for one in &people {
            put_on(&officer, afternoon, one.id, true).ok();
        }
        app.clock.advance(Duration::hours(6));
        app.chores();
        assert_eq!(told(&officer).len(), 1);
    });
}

#[test]
fn whoever_leaves_a_shift_that_is_near_leaves_a_gap_told_at_once() {
    with_app(|app| {
        let (_, officer, listed) = rostered(app);
        let (leader, people) = (
            app.leader(NHON_PHU),
            [(); 3].map(|()| app.volunteer(NHON_PHU)),
        );
        let (near, far) = (&listed[0], &listed[20]);
        for one in &people {
            put_on(&officer, near, one.id, true).ok();
        }
        put_on(&officer, far, people[0].id, true).ok();
        // Three are one more than needed, and there is time enough for the other shift.
        people[0].counts(&[does("leave", near), does("leave", far)]);
        assert_eq!(told(&officer), []);
        let leaves = does("leave", near);
        people[1].counts(std::slice::from_ref(&leaves));
        people[1].send_facts(std::slice::from_ref(&leaves));
        let left = told(&officer);
        let gone = "Nguyễn Thị Ánh không trực ca 07:00–11:30 ngày 14/10/2024 nữa";
        assert_eq!(left, [("shift_left".to_owned(), gone.to_owned())]);
        assert_eq!(told(&leader), left);
        // The alert of the day before has nothing to add about this shift.
        app.chores();
        assert!(!told(&officer).contains(&short(1, "07:00–11:30", "14/10/2024")));

        // Who takes somebody off knows; the others hear of it, and the history says why.
        let before = (told(&leader).len(), told(&officer).len());
        let url = format!("/api/v1/rosters/shifts/{}/people", id(near));
        let off = json!({"member": people[2].id, "stands": false, "reason": " Bận  ôn thi "});
        leader.put(&url, &off).ok();
        leader.put(&url, &off).ok();
        let after = (told(&leader).len(), told(&officer).len());
        assert_eq!(after, (before.0, before.1 + 1));
        let history = format!("/api/v1/rosters/shifts/{}/changes", id(near));
        let changes = leader.get(&history).ok()["changes"].clone();
        let kinds: Vec<&str> = (changes.as_array().unwrap().iter())
            .map(|one| one["change"].as_str().unwrap())
            .collect();
        assert_eq!(
            kinds,
            [
                "unassigned",
                "left",
                "left",
                "assigned",
                "assigned",
                "assigned"
            ]
        );
        assert_eq!(changes[0]["reason"], "Bận ôn thi");
        assert_eq!(changes[0]["by"]["id"], leader.id.to_string());
        assert_eq!(changes[1]["reason"], Value::Null);
        app.officer(DONG_DA).get(&history).refused(404, "not_found");
        people[0].get(&history).refused(403, "auth.forbidden");
        let long = json!({"member": leader.id, "stands": false, "reason": "a".repeat(201)});
        put_on(&officer, near, leader.id, true).ok();
        officer.put(&url, &long).refused(422, "request.validation");
    });
}

#[test]
fn an_offer_is_told_to_colleagues_whom_the_shift_would_suit() {
    with_app(|app| {
        let (_, officer, listed) = rostered(app);
        let (team, other) = (app.team(NHON_PHU, "Tổ 1"), app.team(NHON_PHU, "Tổ 2"));
        let [who, free, busy, stranger] = [(); 4].map(|()| app.volunteer(NHON_PHU));
        for (team, member) in [
            (team, &who),
            (team, &free),
            (team, &busy),
            (other, &stranger),
        ] {
            let (team, member, new) = (TeamId(team), MemberId(member.id), app.clock.new_id());
            let since = time::macros::date!(2024 - 01 - 01);
            app.write(move |tx| {
                tx.execute(
                    "insert into team_member (id, team_id, member_id, position, since) values ($1, $2, $3, 'member', $4)",
                    args![new, team, member, since],
                )?;
                Ok(())
            })
            .expect("they are in it");
        }
        put_on(&officer, &listed[0], who.id, true).ok();
        put_on(&officer, &listed[0], busy.id, true).ok();
        let offer = does("offer", &listed[0]);
        who.counts(std::slice::from_ref(&offer));
        who.send_facts(std::slice::from_ref(&offer));
        let asked = "Nguyễn Thị Ánh đang tìm người trực thay";
        assert_eq!(
            told(&free),
            [("shift_offered".to_owned(), asked.to_owned())]
        );
        for nobody in [&who, &busy, &stranger, &officer] {
            assert_eq!(told(nobody), []);
        }
    });
}

#[test]
fn days_with_people_enough_are_counted_on_the_roster_and_there() {
    with_app(|app| {
        let (point, officer, listed) = rostered(app);
        let people = [(); 2].map(|()| app.volunteer(NHON_PHU));
        // Monday is full, Tuesday only in the morning.
        for shift in &listed[..3] {
            for one in &people {
                put_on(&officer, shift, one.id, true).ok();
            }
        }
        let coverage = |user: &User, point: Option<Uuid>| {
            let only = point.map_or_else(String::new, |point| format!("&point={point}"));
            let url = format!(
                "/api/v1/rosters/coverage?place={NHON_PHU}&from=2024-10-01&to=2024-10-31{only}"
            );
            user.get(&url)
        };
        let weeks = |point| coverage(&officer, point).ok()["weeks"].clone();
        let week = |monday: &str, [days, given, over, came]: [u32; 4]| {
            json!({"monday": monday, "days": days,
            "given": given, "over": over, "came": came})
        };
        let later = [
            week("2024-10-21", [5, 0, 0, 0]),
            week("2024-10-28", [4, 0, 0, 0]),
        ];
        let expected = |first: Value| json!([first, later[0], later[1]]);
        assert_eq!(
            weeks(Some(point)),
            expected(week("2024-10-14", [5, 1, 0, 0]))
        );
        assert_eq!(weeks(Some(app.clock.new_id())), json!([]));

        // Both come on Monday; one of them stays over noon, the other comes again.
        let at = |who: &User, time: &str, direction: &str| {
            presence(NHON_PHU, point, who.id, direction)
                .with("/happened_at", format!("2024-10-14T{time}:00+07:00"))
        };
        app.clock.advance(Duration::hours(34));
        people[0].counts(&[
            at(&people[0], "06:55", "in"),
            at(&people[0], "17:05", "out"),
        ]);
        people[1].counts(&[
            at(&people[1], "07:10", "in"),
            at(&people[1], "11:30", "out"),
            at(&people[1], "13:20", "in"),
        ]);
        assert_eq!(weeks(None), expected(week("2024-10-14", [5, 1, 1, 1])));
        app.clock.advance(Duration::hours(24));
        assert_eq!(weeks(None), expected(week("2024-10-14", [5, 1, 2, 1])));
        coverage(&app.officer(DONG_DA), None).refused(404, "not_found");
        coverage(&people[0], None).refused(403, "auth.forbidden");
    });
}

#[test]
fn verify_finds_an_assignment_without_its_history() {
    with_app(|app| {
        let (_, officer, listed) = rostered(app);
        let one = app.volunteer(NHON_PHU);
        put_on(&officer, &listed[0], one.id, true).ok();
        let found = || {
            let mut differences = Vec::new();
            let conn = crate::harness::deployment(&app.database).conn;
            causo::platform::db::read_alone(&conn, |tx| {
                causo::features::rosters::verify(tx, &mut differences)
            })
            .expect("it reads");
            differences.len()
        };
        assert_eq!(found(), 0);
        let spoil = |sql: &'static str| {
            app.write(move |tx| Ok(tx.execute(sql, args![])?))
                .expect("it is spoilt")
        };
        spoil("update assignment set offered_at = at");
        assert_eq!(found(), 1);
        spoil("delete from assignment");
        assert_eq!(found(), 1);
        spoil("delete from assignment_change");
        assert_eq!(found(), 0);
    });
}
