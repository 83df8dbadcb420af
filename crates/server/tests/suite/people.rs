//! The register of people: found at any size, told to those who lead them, changed by them.

use crate::harness::people::User;
use crate::harness::{DONG_DA, NHON_PHU, QUY_NHON, TestApp, with_app};
use serde_json::{Value, json};
use uuid::Uuid;

fn told(name: &str, place: &str) -> Value {
    json!({"name": name, "place_id": place, "origin": "doan"})
}

/// Takes a person in; their id.
fn add(by: &User, app: &TestApp, name: &str, place: &str, more: &Value) -> Uuid {
    let id = app.clock.new_id();
    let mut body = told(name, place);
    body["id"] = json!(id);
    for (key, value) in more.as_object().expect("an object") {
        body[key] = value.clone();
    }
    by.post("/api/v1/members", &body).ok();
    id
}

fn names(page: &Value) -> Vec<&str> {
    let members = page["members"].as_array().expect("a list");
    members
        .iter()
        .map(|one| one["name"].as_str().expect("a name"))
        .collect()
}

fn found(by: &User, query: &str) -> Vec<String> {
    let page = by.get(&format!("/api/v1/members?{query}")).ok();
    names(&page).into_iter().map(str::to_owned).collect()
}

#[test]
fn everybody_at_home_is_listed_by_given_name_account_or_not() {
    with_app(|app| {
        let officer = app.officer(NHON_PHU);
        for name in ["Trần Văn Đạt", "Lê Thị Ân", "Nguyễn An", "Bùi Bình"] {
            add(&officer, app, name, NHON_PHU, &json!({}));
        }
        let elsewhere = app.officer(DONG_DA);
        add(&elsewhere, app, "Hồ Cường", DONG_DA, &json!({}));
        let wanted = ["Nguyễn An", "Lê Thị Ân", "Bùi Bình", "Trần Văn Đạt"];
        assert_eq!(found(&officer, "account=false"), wanted);
        assert_eq!(found(&officer, "account=true"), ["Nguyễn Thị Ánh"]);
        let first = officer.get("/api/v1/members?account=false&limit=3").ok();
        let next = first["next"].as_str().expect("there is more");
        assert_eq!(names(&first), wanted[..3]);
        assert_eq!(
            found(&officer, &format!("account=false&limit=3&after={next}")),
            wanted[3..]
        );
        let province = app.province();
        assert_eq!(found(&province, "account=false").len(), 5);
        assert_eq!(
            found(&province, &format!("account=false&place={DONG_DA}")),
            ["Hồ Cường"]
        );
        assert_eq!(found(&app.admin(), "account=false").len(), 5);
        assert_eq!(
            found(&officer, &format!("place={DONG_DA}")),
            [] as [&str; 0]
        );
        assert_eq!(
            found(&officer, &format!("account=false&place={QUY_NHON}")).len(),
            4
        );
    });
}

#[test]
fn people_are_found_by_any_words_a_login_or_the_end_of_a_phone_number() {
    with_app(|app| {
        let officer = app.officer(NHON_PHU);
        let phone = json!({"phone": "0912 345 678"});
        add(&officer, app, "Nguyễn Thị Hạnh", NHON_PHU, &phone);
        add(&officer, app, "Hạnh Nhân", NHON_PHU, &json!({}));
        add(&officer, app, "Nguyễn Văn Khánh", NHON_PHU, &json!({}));
        for (q, wanted) in [
            ("hanh nguyen", vec!["Nguyễn Thị Hạnh"]),
            ("Nguyễn Hạnh", vec!["Nguyễn Thị Hạnh"]),
            ("hanh", vec!["Nguyễn Thị Hạnh", "Hạnh Nhân"]),
            ("anh kha", vec![]),
            ("678", vec!["Nguyễn Thị Hạnh"]),
            ("0912345678", vec!["Nguyễn Thị Hạnh"]),
            ("345", vec![]),
            ("%", vec![]),
        ] {
            assert_eq!(
                found(&officer, &format!("account=false&q={q}")),
                wanted,
                "{q}"
            );
        }
        assert_eq!(found(&officer, &format!("q={}", officer.login)).len(), 1);
    });
}

#[test]
fn filters_pick_by_team_origin_office_skill_and_whether_still_active() {
    with_app(|app| {
        let officer = app.officer(NHON_PHU);
        let team = app.team(NHON_PHU, "Tổ CNSTN 1");
        let a = add(
            &officer,
            app,
            "An",
            NHON_PHU,
            &json!({"team_id": team, "position": "deputy"}),
        );
        let b = add(
            &officer,
            app,
            "Bình",
            NHON_PHU,
            &json!({"origin": "enterprise", "organisation": "VNPT"}),
        );
        let term = app.clock.new_id();
        let office = json!({"office": "trusted_person", "place_id": NHON_PHU, "since": "2024-01-01", "until": null, "decision_no": ""});
        let put = |path: &str, body: &Value| officer.put(path, body).status;
        assert_eq!(
            put(&format!("/api/v1/members/{b}/offices/{term}"), &office),
            204
        );
        let skill = json!({"level": 2, "since": "2024-01-01", "until": null});
        assert_eq!(
            put(&format!("/api/v1/members/{b}/skills/ba_na"), &skill),
            204
        );
        assert_eq!(
            put(&format!("/api/v1/members/{a}/skills/ba_na"), &skill),
            204
        );
        officer.post(&format!("/api/v1/members/{a}/disable"), &json!({}));
        for (query, wanted) in [
            (format!("team={team}"), vec!["An"]),
            ("origin=enterprise".to_owned(), vec!["Bình"]),
            ("office=trusted_person".to_owned(), vec!["Bình"]),
            ("skill=ba_na".to_owned(), vec!["An", "Bình"]),
            ("skill=ba_na&office=trusted_person".to_owned(), vec!["Bình"]),
            ("active=false".to_owned(), vec!["An"]),
            (format!("team={team}&active=true"), vec![]),
        ] {
            assert_eq!(found(&officer, &query), wanted, "{query}");
        }
        let page = officer.get(&format!("/api/v1/members?team={team}")).ok();
        assert_eq!(page["members"][0]["teams"][0]["position"], "deputy");
        let page = officer.get("/api/v1/members?origin=enterprise").ok();
        assert_eq!(page["members"][0]["offices"], json!(["trusted_person"]));
        assert_eq!(page["members"][0]["organisation"], "VNPT");
        // Nobody elsewhere finds them by what they are.
        let beside = app.officer(DONG_DA);
        assert_eq!(found(&beside, "skill=ba_na"), [] as [&str; 0]);
        // A term that has ended is history.
        let ended = json!({"office": "trusted_person", "place_id": NHON_PHU, "since": "2024-01-01", "until": "2024-10-01", "decision_no": "12-QĐ/ĐU"});
        assert_eq!(
            put(&format!("/api/v1/members/{b}/offices/{term}"), &ended),
            204
        );
        assert_eq!(found(&officer, "office=trusted_person"), [] as [&str; 0]);
        let page = officer.get(&format!("/api/v1/members/{b}")).ok();
        assert_eq!(page["offices"][0]["decision_no"], "12-QĐ/ĐU");
        assert_eq!(page["offices"].as_array().expect("a list").len(), 1);
    });
}

#[test]
fn a_phone_number_is_hidden_until_a_leader_asks_and_asking_is_noted() {
    with_app(|app| {
        let leader = app.leader(NHON_PHU);
        let phone = json!({"phone": "+84 912 345 678", "birth_year": 2001});
        let id = add(&leader, app, "Nguyễn Thị Hạnh", NHON_PHU, &phone);
        let path = format!("/api/v1/members/{id}");
        let page = leader.get(&path).ok();
        assert_eq!(page["phone"], "0912 ••• 678");
        assert_eq!(page["birth_year"], 2001);
        assert_eq!(app.count("select count(*) from contact_look"), 0);
        let whole = leader.post(&format!("{path}/phone"), &json!({})).ok();
        assert_eq!(whole["phone"], "0912 345 678");
        assert_eq!(
            app.count("select count(*) from contact_look where person_id is not null"),
            1
        );
        let volunteer = app.volunteer(NHON_PHU);
        volunteer.get(&path).refused(404, "not_found");
        volunteer
            .post(&format!("{path}/phone"), &json!({}))
            .refused(403, "auth.forbidden");
        let beside = app.leader(DONG_DA);
        beside.get(&path).refused(404, "not_found");
        beside
            .post(&format!("{path}/phone"), &json!({}))
            .refused(404, "not_found");
        assert_eq!(app.count("select count(*) from contact_look"), 1);
        let own = volunteer
            .get(&format!("/api/v1/members/{}", volunteer.id))
            .ok();
        assert_eq!(own["may_change"], false);
    });
}

#[test]
fn adding_again_changes_nothing_and_changing_keeps_what_is_not_told() {
    with_app(|app| {
        let leader = app.leader(NHON_PHU);
        let id = app.clock.new_id();
        let mut body = told("Nguyễn Thị Hạnh", NHON_PHU);
        body["id"] = json!(id);
        body["phone"] = json!("0912345678");
        let first = leader.post("/api/v1/members", &body).ok();
        assert_eq!(leader.post("/api/v1/members", &body).ok(), first);
        let path = format!("/api/v1/members/{id}");
        let mentor = add(&leader, app, "Lê Minh", NHON_PHU, &json!({}));
        let mut change = told("Nguyễn Thị Mỹ Hạnh", NHON_PHU);
        change["mentor_id"] = json!(mentor);
        let after = leader.put(&path, &change).ok();
        assert_eq!(after["name"], "Nguyễn Thị Mỹ Hạnh");
        assert_eq!(after["phone"], "0912 ••• 678");
        assert_eq!(after["mentor"]["name"], "Lê Minh");
        change["phone"] = json!("");
        change["mentor_id"] = json!(null);
        let after = leader.put(&path, &change).ok();
        assert_eq!(
            (&after["phone"], &after["mentor"]),
            (&Value::Null, &Value::Null)
        );
        for (field, value) in [
            ("phone", json!("19001234")),
            ("name", json!("  ")),
            ("birth_year", json!(1850)),
            ("mentor_id", json!(id)),
            ("mentor_id", json!(app.volunteer(DONG_DA).id)),
            ("organisation", json!("x".repeat(200))),
        ] {
            let mut wrong = change.clone();
            wrong[field] = value;
            let refused = leader.put(&path, &wrong).refused(422, "request.validation");
            assert_eq!(refused["facts"]["field"], field);
        }
        change["place_id"] = json!(DONG_DA);
        leader.put(&path, &change).refused(404, "not_found");
        let officer = app.officer(NHON_PHU);
        let above = format!("/api/v1/members/{}", officer.id);
        leader
            .put(&above, &told("Ai đó", NHON_PHU))
            .refused(403, "auth.forbidden");
    });
}

#[test]
fn everybody_ticks_their_own_readiness_once() {
    with_app(|app| {
        let volunteer = app.volunteer(NHON_PHU);
        let list = volunteer.get("/api/v1/skills").ok();
        let item = list["readiness"][0]["code"].as_str().expect("a code");
        let path = format!("/api/v1/readiness/{item}");
        for _ in 0..2 {
            assert_eq!(volunteer.put(&path, &json!({})).status, 204);
        }
        let own = format!("/api/v1/members/{}", volunteer.id);
        let ticked = volunteer.get(&own).ok()["readiness"].clone();
        assert_eq!(ticked[0]["item"], item);
        assert_eq!(ticked.as_array().expect("a list").len(), 1);
        for _ in 0..2 {
            assert_eq!(volunteer.delete(&path).status, 204);
        }
        assert_eq!(volunteer.get(&own).ok()["readiness"], json!([]));
        let unknown = volunteer.put("/api/v1/readiness/khong_co", &json!({}));
        unknown.refused(404, "not_found");
    });
}

#[test]
fn a_person_of_the_register_accepts_an_invitation_and_stays_one_person() {
    with_app(|app| {
        let leader = app.leader(NHON_PHU);
        let team = app.team(NHON_PHU, "Tổ CNSTN 1");
        let id = add(
            &leader,
            app,
            "Nguyễn Thị Hạnh",
            NHON_PHU,
            &json!({"team_id": team}),
        );
        let invitation = json!({"name": "", "role": "volunteer", "place_id": NHON_PHU, "team_id": team, "member_id": id});
        let invite = || leader.post("/api/v1/invitations", &invitation);
        let (invited, second) = (invite().ok(), invite().ok());
        let path = |invited: &Value| {
            let token = invited["token"].as_str().expect("a token");
            format!("/api/v1/invitations/{token}")
        };
        assert_eq!(app.get(&path(&invited)).ok()["name"], "Nguyễn Thị Hạnh");
        let accept = |invited: &Value, login: &str| {
            let body =
                json!({"login": login, "password": "260324", "device_id": Uuid::from_u128(3)});
            app.stranger()
                .post(&format!("{}/accept", path(invited)), &body)
        };
        accept(&invited, &leader.login).refused(409, "auth.login_taken");
        let me = accept(&invited, "hanh").ok();
        assert_eq!(me["member"]["id"], id.to_string());
        assert_eq!(me["grants"][0]["team"]["id"], team.to_string());
        accept(&second, "hanh2").refused(410, "auth.invitation_used");
        invite().refused(409, "member.has_account");
        assert_eq!(found(&leader, "q=hanh"), ["Nguyễn Thị Hạnh"]);
        let page = leader.get(&format!("/api/v1/members/{id}")).ok();
        assert_eq!(page["teams"].as_array().expect("a list").len(), 1);
        let beside = app.leader(DONG_DA);
        let foreign = json!({"name": "", "role": "volunteer", "place_id": DONG_DA, "team_id": null, "member_id": id});
        beside
            .post("/api/v1/invitations", &foreign)
            .refused(404, "not_found");
    });
}
