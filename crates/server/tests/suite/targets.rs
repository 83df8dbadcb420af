//! Campaigns and their targets: made, split exactly, overridden, remembered.

use crate::harness::campaigns::{Campaign, indicator, indicators, plan};
use crate::harness::people::User;
use crate::harness::{AN_NHON, DONG_DA, NHON_PHU, PROVINCE, QUY_NHON, TestApp, with_app};
use serde_json::{Value, json};

#[test]
fn a_campaign_keeps_everything_it_was_made_with() {
    with_app(|app| {
        let province = app.province();
        let wanted = plan(PROVINCE, &indicators());
        let made = province.post("/api/v1/campaigns", &wanted).ok();
        let shown = app
            .volunteer(NHON_PHU)
            .get(&format!(
                "/api/v1/campaigns/{}",
                made["id"].as_str().unwrap()
            ))
            .ok();
        assert_eq!(made, shown);
        for field in ["code", "name", "starts_on", "ends_on", "issuing_document"] {
            assert_eq!(made[field], wanted[field]);
        }
        assert_eq!(made["place"]["full_name"], "Tỉnh Bình Định");
        let (made_list, wanted_list) = (
            made["indicators"].as_array().unwrap(),
            wanted["indicators"].as_array().unwrap(),
        );
        assert_eq!(made_list.len(), wanted_list.len());
        for (order, (made, wanted)) in (1..).zip(made_list.iter().zip(wanted_list)) {
            for field in ["code", "name", "definition", "target"] {
                assert_eq!(made[field], wanted[field]);
            }
            assert_eq!(made["order"], order);
        }
        assert_eq!(made_list[6]["deadline"], "2024-06-30");
        let listed = app.volunteer(NHON_PHU).get("/api/v1/campaigns").ok();
        assert_eq!(listed["campaigns"][0]["code"], wanted["code"]);
        let hanoi = app.volunteer("63-00004");
        assert_eq!(hanoi.get("/api/v1/campaigns").ok()["campaigns"], json!([]));
        hanoi
            .get(&format!(
                "/api/v1/campaigns/{}",
                made["id"].as_str().unwrap()
            ))
            .refused(404, "not_found");
    });
}

#[test]
fn a_rule_that_could_never_be_counted_is_refused() {
    with_app(|app| {
        let province = app.province();
        let person =
            |filters: Value| json!({"unit": "person", "count": "distinct", "all_of": filters});
        let try_rule = |definition: Value| {
            province.post(
                "/api/v1/campaigns",
                &plan(PROVINCE, &[indicator("x", definition, None)]),
            )
        };
        let measure = person(json!([{}]));
        let undefined = [
            json!({"kind": "count", "measure": person(json!([]))}),
            json!({"kind": "count", "measure": person(json!([{}, {}, {}, {}, {}]))}),
            json!({"kind": "count", "measure": {"unit": "assist", "count": "sum", "all_of": [{}, {}]}}),
            json!({"kind": "count", "measure": person(json!([{"services": ["no_such"]}]))}),
            json!({"kind": "per_unit", "measure": measure, "unit_level": "street", "minimum": 1}),
            json!({"kind": "per_unit", "measure": measure, "unit_level": "commune", "minimum": -1}),
            json!({"kind": "ratio", "numerator": measure, "denominator": {"kind": "figure", "figure": "population"}, "target_permille": 1001}),
        ];
        for definition in undefined {
            try_rule(definition).refused(422, "campaign.definition");
        }
        let unreadable = [
            json!({"kind": "sql", "query": "select 1"}),
            json!({"kind": "count", "measure": {"unit": "cow", "count": "sum", "all_of": [{}]}}),
            json!({"kind": "count", "measure": person(json!([{"place": "63-52"}]))}),
        ];
        for definition in unreadable {
            try_rule(definition).refused(400, "request.malformed");
        }
        assert_eq!(app.count("select count(*) from campaign"), 0);
    });
}

#[test]
fn a_campaign_needs_a_place_of_ones_own_a_period_and_a_free_code() {
    with_app(|app| {
        let province = app.province();
        let visits = || indicators().split_off(9);
        let with = |field: &str, value: Value| {
            let mut new = plan(PROVINCE, &visits());
            new[field] = value;
            province.post("/api/v1/campaigns", &new)
        };
        with("place_id", json!("63-01")).refused(404, "not_found");
        with("place_id", json!("no-such")).refused(404, "not_found");
        with("ends_on", json!("2024-03-02")).refused(422, "campaign.period");
        with("ends_on", json!("2044-03-02")).refused(422, "campaign.period");
        let due = |day: &str| {
            let mut late = visits();
            late[0]["deadline"] = json!(day);
            with("indicators", json!(late))
        };
        for day in ["2024-03-02", "2025-01-01"] {
            let refused = due(day).refused(422, "campaign.deadline");
            assert_eq!(refused["facts"]["indicator"], visits()[0]["code"]);
        }
        with("code", json!(" ")).refused(422, "request.validation");
        with("name", json!("x".repeat(201))).refused(422, "request.validation");
        with("indicators", json!([])).refused(422, "request.validation");
        let twice = [visits(), visits()].concat();
        with("indicators", json!(twice)).refused(409, "campaign.code_taken");
        let negative = [indicator("x", visits()[0]["definition"].clone(), Some(-1))];
        with("indicators", json!(negative)).refused(422, "target.negative");
        with("code", json!("mot-lan")).ok();
        with("code", json!("mot-lan")).refused(409, "campaign.code_taken");
        assert_eq!(app.count("select count(*) from campaign"), 1);
        assert_eq!(app.count("select count(*) from target"), 0);
    });
}

/// Figures for the eleven districts: 100, 200, … people and households.
fn figures(app: &TestApp, by: &User, of: &[&str]) -> Vec<String> {
    let found = by
        .get(&format!("/api/v1/places?parent={PROVINCE}&on=2024-10-13"))
        .ok();
    let ids: Vec<String> = found["places"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), 11);
    for figure in of {
        for (n, place) in (1..).zip(&ids) {
            let body = json!({"place": place, "figure": figure, "value": n * 100, "as_of": "2024-04-01", "source": "Tổng điều tra"});
            app.province().put("/api/v1/figures", &body).ok();
        }
    }
    ids
}

fn split(
    campaign: Campaign,
    by: &User,
    place: &str,
    method: &str,
    preview: bool,
) -> crate::harness::client::Reply {
    let body = json!({"indicator": "payment", "place": place, "method": method, "reason": "Phân bổ đầu năm", "preview": preview});
    by.post(&campaign.path("targets/split"), &body)
}

fn values(split: &Value) -> Vec<i64> {
    split["values"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["value"].as_i64().unwrap())
        .collect()
}

#[test]
fn a_target_is_split_to_the_unit_by_people_households_or_equally() {
    with_app(|app| {
        let province = app.province();
        let campaign = province.campaign();
        let missing = split(campaign, &province, PROVINCE, "population", true)
            .refused(422, "target.no_weights");
        assert!(
            missing["facts"]["missing"]
                .as_str()
                .unwrap()
                .contains("Thành phố Quy Nhơn"),
            "{missing}"
        );
        let children = figures(app, &province, &["population"]);
        split(campaign, &province, PROVINCE, "households", true).refused(422, "target.no_weights");
        for child in &children {
            let none = json!({"place": child, "figure": "households", "value": 0, "as_of": "2024-01-01", "source": "Thử"});
            province.put("/api/v1/figures", &none).ok();
        }
        let nobody = split(campaign, &province, PROVINCE, "households", true)
            .refused(422, "target.no_weights");
        assert_eq!(nobody["facts"]["figure"], "households");
        figures(app, &province, &["households"]);
        let before = province.get(&campaign.path("targets")).ok();
        for method in ["population", "households", "equal"] {
            let previewed = split(campaign, &province, PROVINCE, method, true).ok();
            assert_eq!(
                (previewed["sum"].as_i64(), values(&previewed).iter().sum()),
                (Some(1000), 1000)
            );
        }
        assert_eq!(
            province.get(&campaign.path("targets")).ok(),
            before,
            "a preview changes nothing"
        );
        let done = split(campaign, &province, PROVINCE, "population", false).ok();
        // 1000 over 6600 in hundreds: 15.15, 30.30, … with the largest remainders rounded up.
        assert_eq!(
            values(&done),
            [15, 30, 45, 61, 76, 91, 106, 121, 136, 152, 167]
        );
        let equal = split(campaign, &province, PROVINCE, "equal", true).ok();
        assert_eq!(values(&equal).iter().max(), Some(&91));
        split(campaign, &province, PROVINCE, "by-mood", true).refused(422, "request.validation");
        split(campaign, &province, QUY_NHON, "equal", true).ok();
        split(campaign, &province, NHON_PHU, "equal", true).refused(422, "request.validation");
    });
}

#[test]
fn a_locked_child_keeps_its_target_and_the_sum_still_agrees() {
    with_app(|app| {
        let province = app.province();
        let campaign = province.campaign();
        let put = |place: &str, value: i64, locked: bool| {
            let body = json!({"indicator": "payment", "place": place, "team": null, "value": value, "locked": locked, "reason": "Thỏa thuận riêng"});
            province.put(&campaign.path("targets"), &body)
        };
        put(AN_NHON, 500, true).ok();
        let done = split(campaign, &province, PROVINCE, "equal", false).ok();
        assert_eq!(values(&done).iter().sum::<i64>(), 1000);
        let row = |place: &str| {
            let body = province
                .get(&campaign.path(&format!("targets?place={place}")))
                .ok();
            body["rows"]
                .as_array()
                .unwrap()
                .iter()
                .find(|row| row["indicator"]["code"] == "payment")
                .unwrap()
                .clone()
        };
        let children = row(PROVINCE)["children"].clone();
        let of = |id: &str| {
            children
                .as_array()
                .unwrap()
                .iter()
                .find(|child| child["place"]["id"] == id)
                .unwrap()
                .clone()
        };
        assert_eq!(
            (
                &of(AN_NHON)["value"],
                &of(AN_NHON)["locked"],
                &of(AN_NHON)["source"]
            ),
            (&json!(500), &json!(true), &json!("override"))
        );
        assert_eq!(
            (&of(QUY_NHON)["value"], &of(QUY_NHON)["source"]),
            (&json!(50), &json!("split"))
        );
        assert_eq!(
            (&row(PROVINCE)["children_sum"], &row(PROVINCE)["gap"]),
            (&json!(1000), &json!(0))
        );
        put(QUY_NHON, 40, false).ok();
        assert_eq!(
            (&row(PROVINCE)["children_sum"], &row(PROVINCE)["gap"]),
            (&json!(990), &json!(10))
        );
        put(AN_NHON, 1001, true).ok();
        split(campaign, &province, PROVINCE, "equal", false).refused(422, "target.locked_exceed");
        put(AN_NHON, -1, true).refused(422, "target.negative");
    });
}

#[test]
fn targets_are_given_from_above_with_a_reason() {
    with_app(|app| {
        let province = app.province();
        let campaign = province.campaign();
        let (district, commune) = (app.officer(QUY_NHON), app.officer(NHON_PHU));
        let team = app.team(NHON_PHU, "Tổ 1");
        let put = |by: &User, place: &str, team: Option<uuid::Uuid>, reason: &str| {
            let body = json!({"indicator": "payment", "place": place, "team": team, "value": 5, "locked": false, "reason": reason});
            let reply = by.put(&campaign.path("targets"), &body);
            if reply.status == 200 {
                "ok".to_owned()
            } else {
                reply.problem().1
            }
        };
        let table = [
            (&province, PROVINCE, None, "lý do", "ok"),
            (&province, QUY_NHON, None, "lý do", "ok"),
            (&province, QUY_NHON, None, "  ", "target.reason_missing"),
            (&district, NHON_PHU, None, "lý do", "ok"),
            (&district, QUY_NHON, None, "lý do", "auth.forbidden"),
            (&district, AN_NHON, None, "lý do", "not_found"),
            (&commune, NHON_PHU, None, "lý do", "auth.forbidden"),
            (&commune, NHON_PHU, Some(team), "lý do", "ok"),
            (&commune, DONG_DA, None, "lý do", "not_found"),
            (&province, DONG_DA, Some(team), "lý do", "not_found"),
        ];
        for (by, place, team, reason, wanted) in table {
            assert_eq!(
                put(by, place, team, reason),
                wanted,
                "{place} {team:?} {reason}"
            );
        }
        let unknown = json!({"indicator": "no-such", "place": QUY_NHON, "value": 5, "locked": false, "reason": "x"});
        province
            .put(&campaign.path("targets"), &unknown)
            .refused(404, "not_found");
        split(campaign, &app.officer(AN_NHON), QUY_NHON, "equal", false).refused(404, "not_found");
    });
}

#[test]
fn the_history_says_who_changed_what_and_why() {
    with_app(|app| {
        let province = app.province();
        let campaign = province.campaign();
        app.clock.advance(time::Duration::HOUR);
        split(campaign, &province, PROVINCE, "equal", false).ok();
        let body = json!({"indicator": "payment", "place": QUY_NHON, "team": null, "value": 120, "locked": true, "reason": "Nhiều phường"});
        province.put(&campaign.path("targets"), &body).ok();
        // The same again is no change.
        province.put(&campaign.path("targets"), &body).ok();
        let history = app
            .volunteer(NHON_PHU)
            .get(&campaign.path(&format!(
                "targets/history?place={PROVINCE}&indicator=payment"
            )))
            .ok();
        let changes = history["changes"].as_array().unwrap();
        assert_eq!(changes.len(), 1 + 11 + 1);
        let newest = &changes[0];
        assert_eq!(newest["member"]["id"], province.id.to_string());
        assert_eq!(
            (&newest["before"], &newest["after"], &newest["locked"]),
            (&json!(91), &json!(120), &json!(true))
        );
        assert_eq!(
            (&newest["method"], &newest["reason"]),
            (&json!("hand"), &json!("Nhiều phường"))
        );
        assert_eq!(
            (&newest["place_name"], &newest["at"]),
            (
                &json!("Thành phố Quy Nhơn"),
                &json!("2024-10-13T10:00:00+07:00")
            )
        );
        assert_eq!(
            (&changes[5]["method"], &changes[5]["reason"]),
            (&json!("equal"), &json!("Phân bổ đầu năm"))
        );
        let issued = &changes[12];
        assert_eq!(
            (&issued["method"], &issued["after"], &issued["reason"]),
            (&json!("issued"), &json!(1000), &json!("225-KH/TWĐTN-CTTN"))
        );
    });
}

#[test]
fn a_commune_splits_over_its_teams() {
    with_app(|app| {
        let province = app.province();
        let campaign = province.campaign();
        let commune = app.officer(NHON_PHU);
        for name in ["Tổ 1", "Tổ 2", "Tổ 3"] {
            app.team(NHON_PHU, name);
        }
        let body = json!({"indicator": "payment", "place": NHON_PHU, "team": null, "value": 10, "locked": false, "reason": "x"});
        province.put(&campaign.path("targets"), &body).ok();
        let done = split(campaign, &commune, NHON_PHU, "equal", false).ok();
        assert_eq!(values(&done), [4, 3, 3]);
        assert_eq!(done["values"][0]["team"]["name"], "Tổ 1");
        let empty = json!({"indicator": "payment", "place": DONG_DA, "team": null, "value": 10, "locked": false, "reason": "x"});
        province.put(&campaign.path("targets"), &empty).ok();
        split(campaign, &province, DONG_DA, "equal", false).refused(422, "target.no_children");
    });
}
