//! Teams by decision: founded, consolidated, dissolved, and counted.

use crate::harness::people::User;
use crate::harness::{AN_NHON, DAP_DA, DONG_DA, NHON_PHU, PROVINCE, QUY_NHON, TestApp, with_app};
use serde_json::{Value, json};
use uuid::Uuid;

fn add(by: &User, app: &TestApp, name: &str, place: &str) -> Uuid {
    let id = app.clock.new_id();
    let body = json!({"id": id, "name": name, "place_id": place, "origin": "doan"});
    by.post("/api/v1/members", &body).ok();
    id
}

fn decision(kind: &str, day: &str, members: &[(Uuid, &str)]) -> Value {
    let seats = members.iter();
    let seats = seats.map(|(id, position)| json!({"member_id": id, "position": position}));
    json!({"kind": kind, "decided_on": day, "decision_no": "15-QĐ/ĐTN", "issuer": "Phường đoàn",
           "note": "", "members": seats.collect::<Vec<_>>()})
}

fn names(list: &Value) -> Vec<&str> {
    let list = list.as_array().expect("a list");
    list.iter()
        .map(|one| one["name"].as_str().expect("a name"))
        .collect()
}

#[test]
fn a_consolidation_ends_and_begins_memberships_in_one_go_and_history_stays() {
    with_app(|app| {
        let officer = app.officer(NHON_PHU);
        let new = json!({"name": "Tổ CNSTN 1", "kind": "cnstn", "place_id": NHON_PHU, "founding": {
            "decided_on": "2022-05-19", "decision_no": "01-QĐ/ĐTN", "issuer": "Phường đoàn"}});
        let team = officer.post("/api/v1/teams", &new).ok();
        assert_eq!(team["founded_on"], "2022-05-19");
        let path = format!("/api/v1/teams/{}", team["id"].as_str().expect("an id"));
        let [an, binh, chi] = ["An", "Bình", "Chi"].map(|name| add(&officer, app, name, NHON_PHU));
        let decide =
            |by: &User, id: Uuid, body: &Value| by.put(&format!("{path}/decisions/{id}"), body);
        let id = app.clock.new_id();
        let first = decision(
            "consolidation",
            "2023-03-26",
            &[(an, "leader"), (binh, "member")],
        );
        let page = decide(&officer, id, &first).ok();
        assert_eq!(names(&page["members"]), ["An", "Bình"]);
        // Sent again it changes nothing.
        assert_eq!(decide(&officer, id, &first).ok(), page);
        let second = decision(
            "consolidation",
            "2024-03-26",
            &[(binh, "leader"), (chi, "member")],
        );
        let page = decide(&officer, app.clock.new_id(), &second).ok();
        assert_eq!(names(&page["members"]), ["Bình", "Chi"]);
        assert_eq!(page["people_ever"], 3);
        let history = page["revisions"].as_array().expect("a list");
        assert_eq!(history.len(), 3);
        assert_eq!(names(&history[0]["left"]), ["An", "Bình"]);
        assert_eq!(names(&history[0]["joined"]), ["Bình", "Chi"]);
        assert_eq!(names(&history[1]["joined"]), ["An", "Bình"]);
        assert_eq!(history[2]["kind"], "founding");
        assert_eq!(history[2]["decision_no"], "01-QĐ/ĐTN");
        let person = officer.get(&format!("/api/v1/members/{binh}")).ok();
        let times = person["teams"].as_array().expect("a list");
        assert_eq!(times.len(), 2);
        assert_eq!(
            (&times[0]["position"], &times[0]["since"]),
            (&json!("leader"), &json!("2024-03-26"))
        );
        assert_eq!(times[1]["until"], "2024-03-26");

        // Refused, and nothing of it kept.
        let early = decision("consolidation", "2024-03-25", &[(an, "leader")]);
        decide(&officer, app.clock.new_id(), &early).refused(422, "team.decision_order");
        let empty = decision("consolidation", "2024-04-01", &[]);
        decide(&officer, app.clock.new_id(), &empty).refused(422, "team.empty");
        let two = decision(
            "consolidation",
            "2024-04-01",
            &[(an, "leader"), (chi, "leader")],
        );
        decide(&officer, app.clock.new_id(), &two).refused(422, "team.leaders");
        let twice = decision(
            "consolidation",
            "2024-04-01",
            &[(an, "member"), (an, "deputy")],
        );
        decide(&officer, app.clock.new_id(), &twice).refused(422, "team.member_twice");
        let again = decision("founding", "2024-04-01", &[]);
        decide(&officer, app.clock.new_id(), &again).refused(409, "team.founded_already");
        let stranger = app.volunteer(DONG_DA).id;
        let foreign = decision("consolidation", "2024-04-01", &[(stranger, "member")]);
        decide(&officer, app.clock.new_id(), &foreign).refused(422, "request.validation");
        let mut unsigned = decision("consolidation", "2024-04-01", &[(an, "leader")]);
        unsigned["decision_no"] = json!(" ");
        decide(&officer, app.clock.new_id(), &unsigned).refused(422, "request.validation");
        assert_eq!(names(&officer.get(&path).ok()["members"]), ["Bình", "Chi"]);

        let beside = app.officer(DONG_DA);
        beside.get(&path).refused(404, "not_found");
        let fine = decision("consolidation", "2024-04-01", &[(an, "leader")]);
        decide(&beside, app.clock.new_id(), &fine).refused(404, "not_found");
        let leader = app.leader(NHON_PHU);
        assert_eq!(leader.get(&path).ok()["may_decide"], false);
        decide(&leader, app.clock.new_id(), &fine).refused(403, "auth.forbidden");

        let end = decision("dissolution", "2024-06-30", &[]);
        let page = decide(&officer, app.clock.new_id(), &end).ok();
        assert_eq!(page["dissolved_on"], "2024-06-30");
        assert_eq!(page["members"], json!([]));
        decide(&officer, app.clock.new_id(), &fine).refused(409, "team.dissolved");
    });
}

#[test]
fn who_leaves_a_team_records_for_it_no_longer_and_who_joins_does() {
    with_app(|app| {
        let officer = app.officer(NHON_PHU);
        let team = app.team(NHON_PHU, "Tổ CNSTN 1");
        let volunteer = app.volunteer(NHON_PHU);
        let team_of = |user: &User| user.get("/api/v1/session").ok()["grants"][0]["team"].clone();
        assert_eq!(team_of(&volunteer), Value::Null);
        let decide = |body: &Value| {
            let id = app.clock.new_id();
            officer
                .put(&format!("/api/v1/teams/{team}/decisions/{id}"), body)
                .ok()
        };
        let other = add(&officer, app, "An", NHON_PHU);
        decide(&decision(
            "founding",
            "2024-01-01",
            &[(volunteer.id, "member")],
        ));
        assert_eq!(team_of(&volunteer)["id"], team.to_string());
        decide(&decision(
            "consolidation",
            "2024-02-01",
            &[(other, "leader")],
        ));
        assert_eq!(team_of(&volunteer), Value::Null);
        // Today's newcomer cannot have left in February: they were never in.
        let late = app.clock.new_id();
        let new = json!({"id": late, "name": "Chi", "place_id": NHON_PHU, "origin": "doan", "team_id": team});
        officer.post("/api/v1/members", &new).ok();
        decide(&decision(
            "consolidation",
            "2024-02-02",
            &[(other, "leader")],
        ));
        let page = officer.get(&format!("/api/v1/members/{late}")).ok();
        assert_eq!(page["teams"][0]["until"], page["teams"][0]["since"]);
    });
}

#[test]
fn coverage_counts_communes_and_people_once_as_of_a_day() {
    with_app(|app| {
        let province = app.province();
        let team = |name: &str, kind: &str, place: &str, day: &str| {
            let founding = json!({"decided_on": day, "decision_no": "1", "issuer": "Tỉnh đoàn"});
            let new = json!({"name": name, "kind": kind, "place_id": place, "founding": founding});
            let made = province.post("/api/v1/teams", &new).ok();
            made["id"].as_str().expect("an id").to_owned()
        };
        let first = team("Tổ 1", "cnstn", NHON_PHU, "2022-05-19");
        let second = team("Tổ 2", "cnstn", NHON_PHU, "2023-01-01");
        let third = team("Tổ 3", "cnstn", DAP_DA, "2024-01-01");
        team("Đội", "dvctt", DONG_DA, "2024-01-01");
        let (an, binh) = (
            add(&province, app, "An", NHON_PHU),
            add(&province, app, "Bình", DAP_DA),
        );
        let decide = |team: &str, kind: &str, day: &str, members: &[(Uuid, &str)]| {
            let id = app.clock.new_id();
            let path = format!("/api/v1/teams/{team}/decisions/{id}");
            province.put(&path, &decision(kind, day, members)).ok();
        };
        decide(&first, "consolidation", "2024-02-01", &[(an, "leader")]);
        decide(
            &second,
            "consolidation",
            "2024-02-01",
            &[(an, "member"), (binh, "leader")],
        );
        let ask = |place: &str, on: &str| {
            province
                .get(&format!("/api/v1/coverage?place={place}&on={on}"))
                .ok()
        };
        let city = ask(QUY_NHON, "2024-10-13");
        let youth = &city["kinds"][0];
        assert_eq!(youth["kind"], "cnstn");
        assert_eq!(
            (&youth["teams"], &youth["units_with"]),
            (&json!(2), &json!(1))
        );
        assert_eq!(
            (&city["people"], &city["memberships"]),
            (&json!(2), &json!(3))
        );
        assert_eq!(youth["first"]["team"]["name"], "Tổ 1");
        let missing = youth["missing"].as_array().expect("a list");
        let units = city["units"].as_u64().expect("a number");
        assert_eq!(missing.len() as u64, units - 1);
        assert!(missing.iter().all(|place| place["id"] != NHON_PHU));
        let before = ask(PROVINCE, "2022-05-18");
        assert_eq!(before["kinds"], json!([]));
        let whole = ask(PROVINCE, "2024-10-13");
        assert_eq!(whole["kinds"][0]["units_with"], 2);
        assert_eq!(whole["kinds"][1]["units_with"], 1);
        let children = whole["children"].as_array().expect("a list");
        let child = |id: &str| {
            children
                .iter()
                .find(|one| one["place"]["id"] == id)
                .expect("it is below")
        };
        assert_eq!(
            (&child(QUY_NHON)["teams"], &child(QUY_NHON)["people"]),
            (&json!(3), &json!(2))
        );
        assert_eq!(
            (&child(AN_NHON)["teams"], &child(AN_NHON)["people"]),
            (&json!(1), &json!(0))
        );
        assert_eq!(whole["core"]["units_with"], 0);
        let term = app.clock.new_id();
        let core = json!({"office": "core_person", "place_id": NHON_PHU, "since": "2024-01-01"});
        let put = province.put(&format!("/api/v1/members/{an}/offices/{term}"), &core);
        assert_eq!(put.status, 204);
        assert_eq!(ask(PROVINCE, "2024-10-13")["core"]["units_with"], 1);
        assert_eq!(ask(PROVINCE, "2023-10-13")["core"]["units_with"], 0);

        // Sums may be seen in sight, not beside it.
        app.volunteer(NHON_PHU)
            .get(&format!("/api/v1/coverage?place={PROVINCE}"))
            .ok();
        let beside = app
            .volunteer(DAP_DA)
            .get(&format!("/api/v1/coverage?place={NHON_PHU}"));
        beside.refused(404, "not_found");
        // First of its kind, by founding decisions.
        let page = province.get(&format!("/api/v1/teams/{first}")).ok();
        assert_eq!(page["first_in"][0]["id"], "VN");
        let page = province.get(&format!("/api/v1/teams/{third}")).ok();
        assert_eq!(page["first_in"][0]["id"], AN_NHON);
        let page = province.get(&format!("/api/v1/teams/{second}")).ok();
        assert_eq!(page["first_in"], json!([]));
    });
}
