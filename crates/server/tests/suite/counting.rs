//! Who is counted, once, and where: persons, households, dossiers, accounts, streets.

use crate::harness::campaigns::{Campaign, indicator, plan};
use crate::harness::client::Client;
use crate::harness::facts::{Fact, assist, news, street, void};
use crate::harness::{AN_NHON, DAP_DA, DONG_DA, NHON_PHU, PROVINCE, QUY_NHON, with_app};
use serde_json::{Value, json};

fn codes(list: &Value) -> Vec<String> {
    let mut codes: Vec<String> = list
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| {
            one["indicator"]
                .as_str()
                .or(one.as_str())
                .expect("a code")
                .to_owned()
        })
        .collect();
    codes.sort();
    codes
}

fn results(campaign: Campaign, by: &Client, code: &str) -> [i64; 3] {
    [NHON_PHU, DONG_DA, PROVINCE].map(|place| campaign.result(by, place, code))
}

#[test]
fn anonymous_ones_each_count_and_are_shown_apart() {
    with_app(|app| {
        let province = app.province();
        let campaign = province.campaign();
        let user = app.volunteer(NHON_PHU);
        let outcomes = user.counts(&[
            assist(NHON_PHU),
            assist(NHON_PHU),
            assist(NHON_PHU).person("cccd:052191000123"),
        ]);
        assert_eq!(codes(&outcomes[0]["counted_in"]), ["payment", "visits"]);
        let standing = campaign.standing(&province, NHON_PHU, "payment");
        assert_eq!(
            (&standing["result"], &standing["anonymous"]),
            (&json!(3), &json!(2))
        );
        // A person at a company's counter is a person; a company is not.
        user.counts(&[assist(NHON_PHU).with("/body/beneficiary/kind", "organisation")]);
        assert_eq!(campaign.result(&province, NHON_PHU, "payment"), 3);
        assert_eq!(campaign.result(&province, NHON_PHU, "visits"), 4);
    });
}

#[test]
fn a_person_met_twice_counts_once_for_the_earliest_meeting() {
    with_app(|app| {
        let province = app.province();
        let campaign = province.campaign();
        let (first, second) = (app.volunteer(NHON_PHU), app.volunteer(DONG_DA));
        let whom = |fact: Fact| fact.person("cccd:052191000123");
        let later = whom(assist(DONG_DA)).at("2024-10-12T08:00:00+07:00");
        let earlier = whom(assist(NHON_PHU)).at("2024-10-11T08:00:00+07:00");
        let outcome = second.counts(std::slice::from_ref(&later)).remove(0);
        assert_eq!(codes(&outcome["counted_in"]), ["payment", "visits"]);
        assert_eq!(results(campaign, &province, "payment"), [0, 1, 1]);
        let outcome = first.counts(std::slice::from_ref(&earlier)).remove(0);
        assert_eq!(codes(&outcome["counted_in"]), ["payment", "visits"]);
        assert_eq!(results(campaign, &province, "payment"), [1, 0, 1]);
        let third = whom(assist(DONG_DA)).at("2024-10-13T08:00:00+07:00");
        let outcome = second.counts(std::slice::from_ref(&third)).remove(0);
        assert_eq!(codes(&outcome["counted_in"]), ["visits"]);
        assert_eq!(codes(&outcome["credited_before"]), ["payment"]);
        let again = second.send_facts(std::slice::from_ref(&third)).remove(0);
        assert_eq!(codes(&again["credited_before"]), ["payment"]);
        // Taken back, the credit moves on to the next meeting, and on.
        first.counts(&[void(&earlier)]);
        assert_eq!(results(campaign, &province, "payment"), [0, 1, 1]);
        assert_eq!(
            campaign.standing_on(&province, DONG_DA, "payment", "2024-10-12")["result"],
            1
        );
        second.counts(&[void(&later)]);
        assert_eq!(
            campaign.standing_on(&province, DONG_DA, "payment", "2024-10-12")["result"],
            0
        );
        assert_eq!(results(campaign, &province, "payment"), [0, 1, 1]);
        second.counts(&[void(&third)]);
        assert_eq!(results(campaign, &province, "payment"), [0, 0, 0]);
        assert_eq!(results(campaign, &province, "visits"), [0, 0, 0]);
    });
}

#[test]
fn a_correction_replaces_the_whole_of_what_was_said() {
    with_app(|app| {
        let province = app.province();
        let campaign = province.campaign();
        let user = app.volunteer(QUY_NHON);
        let wrong = assist(NHON_PHU).person("cccd:052191000123");
        user.counts(std::slice::from_ref(&wrong));
        let right = assist(DONG_DA)
            .did("dsig", "issued")
            .person("cccd:052191000124")
            .corrects(&wrong);
        user.counts(std::slice::from_ref(&right));
        assert_eq!(results(campaign, &province, "payment"), [0, 0, 0]);
        assert_eq!(results(campaign, &province, "visits"), [0, 1, 1]);
        assert_eq!(
            campaign.standing(&province, DONG_DA, "dsig_rate")["numerator"],
            1
        );
        let shown = user.get(&format!("/api/v1/facts/{}", wrong.id())).ok();
        assert_eq!(
            (&shown["state"], &shown["superseded_by"]),
            (&json!("superseded"), &right.0["id"])
        );
        assert_eq!(shown["counted_in"], json!([]));
    });
}

#[test]
fn a_household_counts_when_both_conditions_are_met_in_one_visit_or_two() {
    with_app(|app| {
        let province = app.province();
        let campaign = province.campaign();
        let user = app.volunteer(NHON_PHU);
        let (vneid, told) = (("vneid_l2", "activated"), ("dvc_outreach", "informed"));
        let house = |n: u32| format!("house:{n} tây sơn/{NHON_PHU}");
        let at = |fact: Fact, day: u32| fact.at(&format!("2024-10-{day:02}T08:00:00+07:00"));
        user.counts(&[
            at(
                assist(NHON_PHU).items(&[vneid, told]).household(&house(1)),
                1,
            ),
            at(assist(NHON_PHU).items(&[vneid]).household(&house(2)), 1),
            at(assist(NHON_PHU).items(&[told]).household(&house(3)), 1),
        ]);
        assert_eq!(campaign.result(&province, NHON_PHU, "households"), 1);
        let second = at(assist(NHON_PHU).items(&[told]).household(&house(2)), 5);
        user.counts(std::slice::from_ref(&second));
        assert_eq!(campaign.result(&province, NHON_PHU, "households"), 2);
        // Counted on the day the second condition was met.
        let on = |day: &str| {
            campaign.standing_on(&province, NHON_PHU, "households", day)["result"].clone()
        };
        assert_eq!((on("2024-10-04"), on("2024-10-05")), (json!(1), json!(2)));
        user.counts(&[void(&second)]);
        assert_eq!(campaign.result(&province, NHON_PHU, "households"), 1);
        // Nobody can be followed from visit to visit anonymously.
        let nobody = |fact: Fact| fact.with("/body/beneficiary/kind", "household");
        user.counts(&[
            nobody(assist(NHON_PHU).items(&[vneid])),
            nobody(assist(NHON_PHU).items(&[told])),
        ]);
        assert_eq!(campaign.result(&province, NHON_PHU, "households"), 1);
        user.counts(&[nobody(assist(NHON_PHU).items(&[vneid, told]))]);
        assert_eq!(campaign.result(&province, NHON_PHU, "households"), 2);
        // Declining to listen is not being told.
        let declined = ("dvc_outreach", "declined");
        user.counts(&[assist(NHON_PHU)
            .items(&[vneid, declined])
            .household(&house(4))]);
        assert_eq!(campaign.result(&province, NHON_PHU, "households"), 2);
    });
}

#[test]
fn a_dossier_is_counted_once_by_its_code_whoever_records_it() {
    with_app(|app| {
        let province = app.province();
        let campaign = province.campaign();
        let (user, desk) = (app.volunteer(NHON_PHU), app.volunteer(DONG_DA));
        let code = "H08.12-241012-0001";
        user.counts(&[assist(NHON_PHU)
            .dossier(Some(code), "online")
            .at("2024-10-12T08:00:00+07:00")]);
        desk.counts(&[assist(DONG_DA).dossier(Some(" h08.12-241012-0001"), "online")]);
        assert_eq!(results(campaign, &province, "dossiers"), [1, 0, 1]);
        user.counts(&[
            assist(NHON_PHU).dossier(None, "online"),
            assist(NHON_PHU).dossier(None, "paper"),
        ]);
        let standing = campaign.standing(&province, NHON_PHU, "dossiers");
        assert_eq!(
            (&standing["result"], &standing["anonymous"]),
            (&json!(2), &json!(1))
        );
    });
}

#[test]
fn the_same_service_for_the_same_person_on_the_same_day_is_one_visit() {
    with_app(|app| {
        let visits = indicator(
            "visits",
            json!({"kind": "count", "measure": {"unit": "assist", "count": "distinct", "all_of": [{"services": ["payment_account"]}]}}),
            None,
        );
        let province = app.province();
        let made = province
            .post("/api/v1/campaigns", &plan(PROVINCE, &[visits]))
            .ok();
        let campaign = Campaign(made["id"].as_str().unwrap().parse().unwrap());
        let user = app.volunteer(NHON_PHU);
        let same = || assist(NHON_PHU).person("cccd:052191000123");
        let outcomes = user.counts(&[same(), same(), same().at("2024-10-12T08:00:00+07:00")]);
        assert_eq!(codes(&outcomes[1]["credited_before"]), ["visits"]);
        assert_eq!(campaign.result(&province, NHON_PHU, "visits"), 2);
    });
}

#[test]
fn an_account_rate_is_accounts_in_use_over_accounts_helped_with() {
    with_app(|app| {
        let province = app.province();
        let campaign = province.campaign();
        let user = app.volunteer(NHON_PHU);
        let account = |n: u32, service: &str, outcome: &str| {
            assist(NHON_PHU)
                .did(service, outcome)
                .person(&format!("cccd:05219100{n:04}"))
        };
        let nothing = campaign.standing(&province, NHON_PHU, "active_rate");
        assert_eq!(
            (&nothing["result"], &nothing["percent"]),
            (&json!(null), &json!(null))
        );
        user.counts(&[
            account(1, "dvc_account", "registered"),
            account(1, "dvc_account", "transacted"),
            account(2, "dvc_account", "registered"),
            account(3, "dvc_signin", "linked"),
            account(3, "dvc_signin", "guided"),
        ]);
        let standing = campaign.standing(&province, NHON_PHU, "active_rate");
        assert_eq!(
            (&standing["numerator"], &standing["denominator"]["value"]),
            (&json!(1), &json!(3))
        );
        assert_eq!(
            (&standing["result"], &standing["target"]),
            (&json!(333), &json!(400))
        );
        assert_eq!(standing["percent"], 83.3);
        assert_eq!(standing["denominator"]["source"], json!(null));
    });
}

#[test]
fn a_rate_over_a_figure_says_the_figure_its_day_and_its_source() {
    with_app(|app| {
        let province = app.province();
        let campaign = province.campaign();
        let user = app.volunteer(NHON_PHU);
        let signed = |n: u32| {
            assist(NHON_PHU)
                .did("dsig", "issued")
                .person(&format!("cccd:05219100{n:04}"))
        };
        user.counts(&[
            signed(1),
            signed(2),
            signed(3).with("/body/beneficiary/age_band", "under_14"),
        ]);
        let without = campaign.standing(&province, NHON_PHU, "dsig_rate");
        assert_eq!(
            (&without["numerator"], &without["denominator"]),
            (&json!(2), &json!(null))
        );
        let figure = json!({"place": NHON_PHU, "figure": "population_14", "value": 80, "as_of": "2024-04-01", "source": "Tổng điều tra"});
        province.put("/api/v1/figures", &figure).ok();
        let standing = campaign.standing(&province, NHON_PHU, "dsig_rate");
        assert_eq!(
            (&standing["result"], &standing["percent"]),
            (&json!(25), &json!(25.0))
        );
        assert_eq!(
            standing["denominator"],
            json!({"value": 80, "as_of": "2024-04-01", "source": "Tổng điều tra"})
        );
        assert_eq!(
            province
                .get(&format!("/api/v1/figures?place={NHON_PHU}"))
                .ok()["figures"],
            json!([figure])
        );
        for (field, value) in [
            ("value", json!(-1)),
            ("source", json!(" ")),
            ("figure", json!("dân số")),
            ("as_of", json!("2025-01-01")),
        ] {
            let mut wrong = figure.clone();
            wrong[field] = value;
            province
                .put("/api/v1/figures", &wrong)
                .refused(422, "figure.malformed");
        }
        let elsewhere = json!({"place": "63-01", "figure": "population", "value": 1, "as_of": "2024-04-01", "source": "x"});
        province
            .put("/api/v1/figures", &elsewhere)
            .refused(404, "not_found");
    });
}

#[test]
fn what_happens_after_the_deadline_is_shown_apart() {
    with_app(|app| {
        let province = app.province();
        let campaign = province.campaign();
        let user = app.volunteer(NHON_PHU);
        let activated = |n: u32, day: &str| {
            let fact = assist(NHON_PHU)
                .did("vneid_l2", "activated")
                .person(&format!("cccd:05219100{n:04}"));
            fact.at(&format!("{day}T23:59:59+07:00"))
        };
        user.counts(&[
            activated(1, "2024-06-29"),
            activated(2, "2024-06-30"),
            activated(3, "2024-07-01"),
            activated(2, "2024-08-01"),
        ]);
        let standing = campaign.standing(&province, PROVINCE, "vneid");
        assert_eq!(
            (&standing["result"], &standing["late"]),
            (&json!(2), &json!(1))
        );
        assert_eq!(
            (&standing["percent"], &standing["expected_percent"]),
            (&json!(2.0), &json!(100.0))
        );
        let in_time = campaign.standing_on(&province, PROVINCE, "vneid", "2024-06-30");
        assert_eq!(
            (&in_time["result"], &in_time["late"]),
            (&json!(2), &json!(0))
        );
    });
}

#[test]
fn every_unit_has_to_reach_its_own_number_of_streets() {
    with_app(|app| {
        let province = app.province();
        let campaign = province.campaign();
        let of = |place: &str, code: &str| campaign.standing(&province, place, code);
        let target = json!({"indicator": "streets", "place": QUY_NHON, "team": null, "value": 2, "locked": true, "reason": "Tỉnh đoàn giao"});
        province.put(&campaign.path("targets"), &target).ok();
        province.counts(&[
            street(NHON_PHU, "Đường Tây Sơn", "operating"),
            street(NHON_PHU, "đường tây sơn", "operating"),
            street(DONG_DA, "Đường Hoa Lư", "stalled"),
            street(DAP_DA, "Đường Ngô Gia Tự", "operating"),
        ]);
        assert_eq!(
            (
                of(QUY_NHON, "streets")["result"].clone(),
                of(QUY_NHON, "streets")["target"].clone()
            ),
            (json!(1), json!(2))
        );
        assert_eq!(of(QUY_NHON, "streets")["percent"], 50.0);
        assert_eq!(
            (
                of(AN_NHON, "streets")["result"].clone(),
                of(AN_NHON, "streets")["percent"].clone()
            ),
            (json!(1), json!(100.0))
        );
        assert_eq!(
            (
                of(PROVINCE, "streets")["units_met"].clone(),
                of(PROVINCE, "streets")["units_total"].clone()
            ),
            (json!(1), json!(11))
        );
        province.counts(&[street(DONG_DA, "Đường Trần Hưng Đạo", "operating")]);
        assert_eq!(of(PROVINCE, "streets")["units_met"], 2);
        assert_eq!(of(QUY_NHON, "streets")["percent"], 100.0);
    });
}

#[test]
fn twelve_of_fifteen_communes_of_an_nhon_have_a_street() {
    with_app(|app| {
        let province = app.province();
        let campaign = province.campaign();
        let found = province
            .get(&format!(
                "/api/v1/places?parent={AN_NHON}&level=commune&on=2024-10-13"
            ))
            .ok();
        let communes: Vec<&str> = found["places"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["id"].as_str().unwrap())
            .collect();
        assert_eq!(communes.len(), 15);
        let streets: Vec<Fact> = communes[..12]
            .iter()
            .map(|id| street(id, "Đường trung tâm", "operating"))
            .collect();
        province.counts(&streets);
        let standing = campaign.standing(&province, AN_NHON, "street_cover");
        assert_eq!(
            (&standing["units_met"], &standing["units_total"]),
            (&json!(12), &json!(15))
        );
        assert_eq!(
            (&standing["result"], &standing["percent"]),
            (&json!(12), &json!(80.0))
        );
        assert_eq!(
            campaign.standing(&province, communes[14], "street_cover")["result"],
            0
        );
    });
}

#[test]
fn each_unit_publishes_its_own_six_posts() {
    with_app(|app| {
        let province = app.province();
        let campaign = province.campaign();
        let posts: Vec<Fact> = (0..7)
            .map(|n| news(NHON_PHU, &format!("https://facebook.com/nhonphu/{n}")))
            .collect();
        province.counts(&posts);
        // The same address again, written a little differently.
        province.counts(&[news(NHON_PHU, "HTTPS://facebook.com/NhonPhu/3/")]);
        let standing = campaign.standing(&province, NHON_PHU, "news");
        assert_eq!(
            (&standing["result"], &standing["target"]),
            (&json!(7), &json!(6))
        );
        let above = campaign.standing(&province, QUY_NHON, "news");
        assert_eq!(
            (&above["units_met"], &above["units_total"]),
            (&json!(1), &json!(17))
        );
    });
}

#[test]
fn a_campaign_made_after_the_facts_counts_them_from_the_start() {
    with_app(|app| {
        let province = app.province();
        let first = province.campaign();
        let user = app.volunteer(NHON_PHU);
        let whom = |fact: Fact| fact.person("cccd:052191000123");
        let mistaken = assist(NHON_PHU);
        user.counts(&[
            whom(assist(NHON_PHU)).at("2024-10-10T08:00:00+07:00"),
            whom(assist(NHON_PHU)),
            assist(NHON_PHU),
            mistaken.clone(),
            void(&mistaken),
            news(NHON_PHU, "https://example.vn/1"),
        ]);
        let second = province.campaign();
        assert_eq!(
            first.progress(&province, PROVINCE)["indicators"]
                .as_array()
                .unwrap()
                .len(),
            10
        );
        for code in ["payment", "visits", "news", "active_rate"] {
            assert_eq!(
                first.standing(&province, NHON_PHU, code)["result"],
                second.standing(&province, NHON_PHU, code)["result"]
            );
        }
        assert_eq!(second.result(&province, NHON_PHU, "payment"), 2);
        // From now on both count.
        user.counts(&[assist(NHON_PHU)]);
        assert_eq!(
            (
                first.result(&province, PROVINCE, "payment"),
                second.result(&province, PROVINCE, "payment")
            ),
            (3, 3)
        );
    });
}
