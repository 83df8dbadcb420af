//! Who was there: codes, doubts, hours and what is counted from them.

use crate::harness::campaigns::{indicator, plan};
use crate::harness::facts::{Fact, presence, void};
use crate::harness::people::User;
use crate::harness::{DONG_DA, NHON_PHU, PROVINCE, TestApp, with_app};
use causo::args;
use causo::features::members::Role;
use domain::days::day_of;
use domain::ids::{ActivityId, MemberId, PlaceId, PointId, ShiftId, TeamId};
use serde_json::{Value, json};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

const SECRET: &[u8] = b"the secret of a point in a test.";
/// When facts happen unless they say otherwise.
const EIGHT: OffsetDateTime = datetime!(2024-10-13 08:00 +7);

fn point(app: &TestApp, place: &str, name: &str, hours: &str) -> Uuid {
    let id = app.clock.new_id();
    let place = PlaceId::parse(place).expect("a place id");
    let (name, hours) = (name.to_owned(), hours.to_owned());
    app.write(move |tx| {
        tx.execute(
            "insert into service_point (id, place_id, name, fold, kind, address, hours, secret, rev)
             values ($1, $2, $3, $3, 'one_stop', '', $4, $5, 1)",
            args![PointId(id), &place, &name, &hours, SECRET],
        )?;
        Ok(())
    })
    .expect("it is made");
    id
}

fn shift(app: &TestApp, point: Uuid, member: Uuid, from: OffsetDateTime, hours: i64) {
    let id = ShiftId(app.clock.new_id());
    app.write(move |tx| {
        let until = from + Duration::hours(hours);
        tx.execute(
            "insert into shift (id, point_id, day, starts_at, ends_at, people_min, people_max, skills, rev)
             values ($1, $2, $3, $4, $5, 1, 4, '[]', 1)",
            args![id, PointId(point), day_of(from), from, until],
        )?;
        tx.execute(
            "insert into assignment (shift_id, member_id, source, at, by_id) values ($1, $2, 'assigned', $3, $2)",
            args![id, MemberId(member), from],
        )?;
        tx.execute(
            "insert into assignment_change (shift_id, member_id, change, at, by_id) values ($1, $2, 'assigned', $3, $2)",
            args![id, MemberId(member), from],
        )?;
        Ok(())
    })
    .expect("it is made");
}

fn activity(app: &TestApp, place: &str, by: Uuid) -> Uuid {
    let id = app.clock.new_id();
    let place = PlaceId::parse(place).expect("a place id");
    app.write(move |tx| {
        tx.execute(
            "insert into activity (id, kind, title, place_id, starts_at, duration_min, recurrence, on_holidays, details, created_by, rev)
             values ($1, 'launch', 'Ra quân', $2, $3, 180, '', false, '{}', $4, 1)",
            args![ActivityId(id), &place, EIGHT, MemberId(by)],
        )?;
        Ok(())
    })
    .expect("it is made");
    id
}

fn join(app: &TestApp, team: Uuid, member: &User, role: Role, place: &str) {
    let (member, place) = (member.id, PlaceId::parse(place).expect("a place id"));
    app.write(move |tx| {
        tx.execute(
            "update member_grant set team_id = $1 where member_id = $2 and role = $3 and place_id = $4",
            args![TeamId(team), MemberId(member), role.as_str(), &place],
        )?;
        Ok(())
    })
    .expect("they join");
}

fn own(user: &User) -> Value {
    user.get("/api/v1/attendance").ok()
}

/// Standing and doubts of the newest stay.
fn newest(user: &User) -> (String, Value) {
    let stay = own(user)["stays"][0].clone();
    let standing = stay["standing"]
        .as_str()
        .expect("it stands somehow")
        .to_owned();
    (standing, stay["doubts"].clone())
}

#[test]
fn a_right_code_is_verified_a_wrong_one_is_kept_and_doubtful() {
    with_app(|app| {
        let user = app.volunteer(NHON_PHU);
        let point = point(app, NHON_PHU, "Bộ phận Một cửa", "{}");
        let come = || presence(NHON_PHU, point, user.id, "in");
        user.counts(&[come().scanned(SECRET, EIGHT + Duration::seconds(70))]);
        assert_eq!(newest(&user), ("verified".to_owned(), json!([])));
        let late = come().at("2024-10-13T08:20:00+07:00");
        user.counts(&[late.scanned(SECRET, EIGHT)]);
        assert_eq!(newest(&user), ("doubtful".to_owned(), json!(["code_time"])));
        let wrong = come().at("2024-10-13T08:30:00+07:00");
        user.counts(&[wrong.scanned(b"somewhere else", EIGHT + Duration::minutes(30))]);
        assert_eq!(
            newest(&user),
            ("doubtful".to_owned(), json!(["code_wrong"]))
        );
        let far = come()
            .at("2024-10-13T08:40:00+07:00")
            .with("/body/near", false);
        user.counts(std::slice::from_ref(&far));
        assert_eq!(newest(&user), ("doubtful".to_owned(), json!(["far"])));
        assert_eq!(app.count("select count(*) from attendance"), 4);
        // Taken back, put right, sent again: the table follows.
        user.counts(&[void(&far)]);
        assert_eq!(newest(&user).1, json!(["code_wrong"]));
        let right = come()
            .at("2024-10-13T08:31:00+07:00")
            .corrects(&wrong_of(&user));
        user.counts(std::slice::from_ref(&right));
        assert_eq!(
            user.send_facts(std::slice::from_ref(&right))[0]["outcome"],
            "duplicate"
        );
        assert_eq!(newest(&user), ("plausible".to_owned(), json!([])));
        assert_eq!(app.count("select count(*) from attendance"), 3);
    });
}

#[test]
fn a_leader_takes_back_what_is_doubtful_and_lets_it_count_again_as_it_was() {
    with_app(|app| {
        let user = app.volunteer(NHON_PHU);
        let point = point(app, NHON_PHU, "Bộ phận Một cửa", "{}");
        let came = presence(NHON_PHU, point, user.id, "in").scanned(b"somewhere else", EIGHT);
        user.counts(std::slice::from_ref(&came));
        let leader = app.leader(NHON_PHU);
        let doubtful = || {
            let path = format!("/api/v1/attendance/doubtful?place={NHON_PHU}");
            leader.get(&path).ok()["rows"].clone()
        };
        assert_eq!(doubtful()[0]["fact"], came.0["id"]);
        assert_eq!(doubtful()[0]["doubts"], json!(["code_wrong"]));
        app.leader(DONG_DA)
            .get(&format!("/api/v1/attendance/doubtful?place={NHON_PHU}"))
            .refused(404, "not_found");
        leader.counts(&[void(&came)]);
        assert_eq!(
            (doubtful(), own(&user)["stays_count"].clone()),
            (json!([]), json!(0))
        );
        // Word for word as the fact's page gives it.
        let path = format!("/api/v1/facts/{}", came.0["id"].as_str().expect("an id"));
        let told = leader.get(&path).ok();
        let again = presence(NHON_PHU, point, user.id, "in")
            .at(told["happened_at"].as_str().expect("a moment"))
            .with("/body", told["body"].clone())
            .corrects(&came);
        leader.refuses(
            &again.clone().with("/body/direction", "out"),
            "attendance.not_leader",
        );
        app.leader(DONG_DA).refuses(&again, "fact.not_yours");
        leader.counts(&[again]);
        assert_eq!(
            newest(&user),
            ("doubtful".to_owned(), json!(["code_wrong"]))
        );
    });
}

/// The fact that the newest stay began with.
fn wrong_of(user: &User) -> Fact {
    Fact(json!({"id": own(user)["stays"][0]["fact"]}))
}

#[test]
fn another_secret_ends_the_old_codes_but_not_what_was_recorded_before() {
    with_app(|app| {
        let (user, leader) = (app.volunteer(NHON_PHU), app.leader(NHON_PHU));
        let point = point(app, NHON_PHU, "Chợ", "{}");
        let path = format!("/api/v1/points/{point}/code");
        user.post(&path, &json!({})).refused(403, "auth.forbidden");
        app.leader(DONG_DA)
            .post(&path, &json!({}))
            .refused(404, "not_found");
        let handed = leader.post(&path, &json!({})).ok();
        assert_eq!(
            (&handed["step_s"], &handed["digits"]),
            (&json!(30), &json!(6))
        );
        let text = handed["secret"].as_str().expect("a secret");
        let secret: Vec<u8> = (0..text.len() / 2)
            .map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).expect("hexadecimal"))
            .collect();
        assert_eq!(secret.len(), 32);
        let come = || presence(NHON_PHU, point, user.id, "in");
        // Recorded at eight, when the old secret still was the point's; sent after nine.
        user.counts(&[come().scanned(SECRET, EIGHT)]);
        assert_eq!(newest(&user).0, "verified");
        app.clock.advance(Duration::minutes(30));
        let after = datetime!(2024-10-13 09:20 +7);
        let at = |fact: Fact| fact.at("2024-10-13T09:20:00+07:00");
        user.counts(&[at(come()).scanned(SECRET, after)]);
        assert_eq!(newest(&user).1, json!(["code_wrong"]));
        user.counts(&[at(come()).scanned(&secret, after)]);
        assert_eq!(
            own(&user)["stays"]
                .as_array()
                .expect("stays")
                .iter()
                .filter(|stay| stay["standing"] == "verified")
                .count(),
            2
        );
    });
}

#[test]
fn what_cannot_be_is_refused_and_leaders_check_in_their_own_team() {
    with_app(|app| {
        let (user, leader) = (app.volunteer(NHON_PHU), app.leader(NHON_PHU));
        let (team, other) = (app.team(NHON_PHU, "Tổ 1"), app.team(NHON_PHU, "Tổ 2"));
        join(app, team, &user, Role::Volunteer, NHON_PHU);
        join(app, team, &leader, Role::Leader, NHON_PHU);
        let stranger = app.volunteer(NHON_PHU);
        join(app, other, &stranger, Role::Volunteer, NHON_PHU);
        let point = point(app, NHON_PHU, "Một cửa", "{}");
        let come = |member: Uuid| presence(NHON_PHU, point, member, "in");
        user.refuses(
            &presence(NHON_PHU, Uuid::nil(), user.id, "in"),
            "attendance.nowhere",
        );
        user.refuses(
            &presence(DONG_DA, point, user.id, "in"),
            "attendance.nowhere",
        );
        user.refuses(&come(stranger.id), "attendance.not_leader");
        user.refuses(&come(user.id).team(other), "attendance.other_team");
        user.refuses(
            &come(user.id).at("2024-10-13T09:30:00+07:00"),
            "fact.future",
        );
        user.refuses(
            &come(user.id).with("/body/activity", Uuid::nil().to_string()),
            "fact.malformed",
        );
        user.refuses(
            &come(user.id).with(
                "/body/way",
                json!({"kind": "qr", "step": 1, "code": "12a456"}),
            ),
            "fact.malformed",
        );
        let by_leader = |member: Uuid, team: Uuid| {
            come(member)
                .team(team)
                .with("/body/way", json!({"kind": "by_leader"}))
        };
        user.refuses(&by_leader(user.id, team), "attendance.not_leader");
        leader.refuses(&by_leader(stranger.id, other), "attendance.not_leader");
        leader.refuses(&by_leader(stranger.id, team), "attendance.other_team");
        let said = by_leader(user.id, team);
        leader.counts(std::slice::from_ref(&said));
        assert_eq!(newest(&user), ("verified".to_owned(), json!([])));
        // Somewhere else a minute later: kept, and doubtful.
        let event = activity(app, PROVINCE, leader.id);
        let twice = presence(DONG_DA, point, user.id, "in").at("2024-10-13T08:01:00+07:00");
        let twice = twice
            .with("/body/point", Value::Null)
            .with("/body/activity", event.to_string());
        user.counts(&[twice]);
        assert_eq!(newest(&user).1, json!(["two_places"]));
        leader.counts(&[void(&said)]);
        let roll = leader.get("/api/v1/check-in").ok();
        assert_eq!(
            roll["teams"][0]["members"]
                .as_array()
                .expect("people")
                .len(),
            2
        );
        assert_eq!(roll["sites"][0]["name"], "Một cửa");
        let event = &roll["sites"][1];
        assert_eq!(
            (&event["name"], &event["place_id"]),
            (&json!("Ra quân"), &json!(NHON_PHU))
        );
        assert_eq!(user.get("/api/v1/check-in").ok()["teams"], json!([]));
        // Other people's hours are a leader's to see.
        let theirs = format!("/api/v1/attendance?member={}", user.id);
        stranger.get(&theirs).refused(404, "not_found");
        assert_eq!(leader.get(&theirs).ok()["stays_count"], 1);
        app.leader(DONG_DA)
            .get(&format!("/api/v1/attendance?team={team}"))
            .refused(404, "not_found");
        assert_eq!(
            leader.get(&format!("/api/v1/attendance?team={team}")).ok()["people"],
            json!([])
        );
    });
}

#[test]
fn shifts_volunteers_teams_and_hours_are_indicators() {
    with_app(|app| {
        let province = app.province();
        let came = json!([{"kinds": ["attendance.v1"], "setting": ["desk"]}]);
        let counted = |unit: &str, count: &str| json!({"kind": "count", "measure": {"unit": unit, "count": count, "all_of": came}});
        let plan = plan(
            PROVINCE,
            &[
                indicator("shifts", counted("shift", "distinct"), Some(10)),
                indicator("volunteers", counted("volunteer", "distinct"), Some(4)),
                indicator("teams", counted("team", "distinct"), Some(176)),
                indicator("hours", counted("hour", "sum"), Some(10)),
            ],
        );
        let mut wrong = plan.clone();
        wrong["indicators"][3]["definition"] = counted("hour", "distinct");
        province
            .post("/api/v1/campaigns", &wrong)
            .refused(422, "campaign.definition");
        let (a, b) = (app.volunteer(NHON_PHU), app.volunteer(NHON_PHU));
        let team = app.team(NHON_PHU, "Tổ 1");
        join(app, team, &a, Role::Volunteer, NHON_PHU);
        let point = point(app, NHON_PHU, "Một cửa", "{}");
        let said = |user: &User, direction: &str, at: &str| {
            presence(NHON_PHU, point, user.id, direction).at(&format!("2024-10-13T{at}:00+07:00"))
        };
        // Before the campaign is made: it counts what was recorded already.
        let arrival = said(&a, "in", "07:00").team(team);
        a.counts(&[arrival.clone(), said(&a, "out", "08:30").team(team)]);
        let campaign = province.design(&plan);
        let results = || {
            ["shifts", "volunteers", "teams", "hours"]
                .map(|code| campaign.result(&province, NHON_PHU, code))
        };
        assert_eq!(results(), [1, 1, 1, 1]);
        // Half an hour more of another makes two hours of both; out before in, as phones send.
        let leaving = said(&b, "out", "07:45");
        b.counts(std::slice::from_ref(&leaving));
        assert_eq!(results(), [1, 1, 1, 1]);
        b.counts(&[said(&b, "in", "07:15")]);
        assert_eq!(results(), [2, 2, 1, 2]);
        assert_eq!(
            campaign.standing(&province, PROVINCE, "hours")["percent"],
            20.0
        );
        let behind = format!("/api/v1/campaigns/{}/facts?indicator=hours", campaign.0);
        let behind = province.get(&behind).ok();
        assert_eq!(
            (behind["facts"].as_array().map(Vec::len), &behind["total"]),
            (Some(4), &json!(2))
        );
        // A later arrival is another's stretch; the same half of the day is the same shift.
        a.counts(&[said(&a, "in", "08:45").team(team)]);
        assert_eq!(results(), [2, 2, 1, 2]);
        let afternoon = said(&a, "in", "08:50").at("2024-10-12T14:00:00+07:00");
        a.counts(&[afternoon]);
        assert_eq!(results(), [3, 2, 1, 2]);
        // Taken back, its hours and its team go with it; and come back with a correction.
        a.counts(&[void(&arrival)]);
        assert_eq!(results(), [3, 2, 1, 0]);
        b.counts(&[said(&b, "out", "08:15").corrects(&leaving)]);
        assert_eq!(results(), [3, 2, 1, 1]);
        let export = province.get(&format!(
            "/api/v1/campaigns/{}/export.csv?indicator=hours",
            campaign.0
        ));
        assert!(export.text().contains("Điểm danh"), "{}", export.text());
    });
}

#[test]
fn hours_of_a_member_keep_assumed_ones_apart() {
    with_app(|app| {
        let user = app.volunteer(NHON_PHU);
        let point = point(app, NHON_PHU, "Một cửa", "{}");
        let said = |direction: &str, at: &str| presence(NHON_PHU, point, user.id, direction).at(at);
        shift(app, point, user.id, datetime!(2024-10-12 08:00 +7), 3);
        user.counts(&[
            said("in", "2024-10-06T08:00:00+07:00"),
            said("out", "2024-10-06T10:30:00+07:00"),
            said("in", "2024-10-12T08:30:00+07:00"),
            said("in", "2024-09-29T08:00:00+07:00"),
        ]);
        let answer = own(&user);
        let hours = &answer["people"][0];
        assert_eq!(hours["minutes"], 150);
        // To the end of the shift, and four hours without one.
        assert_eq!(hours["assumed_minutes"], 150 + 240);
        assert_eq!(
            (&hours["days"], &hours["weeks_in_a_row"]),
            (&json!(3), &json!(3))
        );
        let few = user
            .get("/api/v1/attendance?from=2024-10-06&to=2024-10-06")
            .ok();
        assert_eq!(
            (&few["stays_count"], &few["people"][0]["weeks_in_a_row"]),
            (&json!(1), &json!(3))
        );
        user.get("/api/v1/attendance?from=2020-10-06&to=2024-10-06")
            .refused(422, "request.validation");
    });
}

#[test]
fn the_board_says_who_is_there_who_is_missing_and_which_teams_are_silent() {
    with_app(|app| {
        let (a, b, officer) = (
            app.volunteer(NHON_PHU),
            app.volunteer(NHON_PHU),
            app.officer(NHON_PHU),
        );
        let (first, second) = (app.team(NHON_PHU, "Tổ 1"), app.team(NHON_PHU, "Tổ 2"));
        app.team(DONG_DA, "Tổ 3");
        join(app, first, &a, Role::Volunteer, NHON_PHU);
        join(app, second, &b, Role::Volunteer, NHON_PHU);
        let point = point(app, NHON_PHU, "Một cửa", "{}");
        for user in [&a, &b] {
            shift(
                app,
                point,
                user.id,
                datetime!(2024-10-13 08:00 +7) + Duration::minutes(i64::from(user.id == b.id)),
                3,
            );
        }
        let come = |user: &User, team: Uuid| presence(NHON_PHU, point, user.id, "in").team(team);
        a.counts(&[
            come(&a, first),
            come(&a, first).at("2024-10-06T08:00:00+07:00"),
        ]);
        b.counts(&[come(&b, second).at("2024-10-06T08:00:00+07:00")]);
        let board = "/api/v1/attendance/present?place=";
        a.get(&format!("{board}{NHON_PHU}"))
            .refused(403, "auth.forbidden");
        officer
            .get(&format!("{board}{DONG_DA}"))
            .refused(404, "not_found");
        let seen = officer.get(&format!("{board}{NHON_PHU}")).ok();
        assert_eq!((&seen["here"], &seen["missing"]), (&json!(1), &json!(1)));
        assert_eq!(
            seen["sites"][0]["here"][0]["member"]["id"],
            a.id.to_string()
        );
        assert_eq!(
            seen["sites"][0]["missing"][0]["member"]["id"],
            b.id.to_string()
        );
        a.counts(&[presence(NHON_PHU, point, a.id, "out")
            .team(first)
            .at("2024-10-13T08:40:00+07:00")]);
        assert_eq!(officer.get(&format!("{board}{NHON_PHU}")).ok()["here"], 0);
        let province = app.province();
        let teams = province
            .get(&format!("/api/v1/attendance/teams?place={PROVINCE}"))
            .ok();
        assert_eq!(
            (&teams["day"], &teams["active"], &teams["all"]),
            (&json!("2024-10-13"), &json!(1), &json!(3))
        );
        let lines: Vec<(&str, i64, i64)> = teams["teams"]
            .as_array()
            .expect("teams")
            .iter()
            .map(|one| {
                (
                    one["name"].as_str().expect("a name"),
                    one["people"].as_i64().expect("a number"),
                    one["weeks_in_a_row"].as_i64().expect("a number"),
                )
            })
            .collect();
        assert_eq!(lines, [("Tổ 3", 0, 0), ("Tổ 2", 0, 1), ("Tổ 1", 1, 2)]);
        assert_eq!(
            (&teams["places"][0]["active"], &teams["places"][0]["all"]),
            (&json!(1), &json!(3))
        );
    });
}
