//! How a place stands on a day, who is stuck, and the facts behind every number.

use crate::harness::campaigns::Campaign;
use crate::harness::client::Client;
use crate::harness::facts::{Fact, assist, news, street, void};
use crate::harness::people::User;
use crate::harness::{AN_NHON, DONG_DA, NHON_PHU, PROVINCE, QUY_NHON, TestApp, with_app};
use serde_json::{Value, json};
use std::collections::HashSet;

fn on(fact: Fact, day: &str) -> Fact {
    fact.at(&format!("{day}T08:00:00+07:00"))
}

fn give(campaign: Campaign, by: &User, place: &str, indicator: &str, value: i64) {
    let body = json!({"indicator": indicator, "place": place, "team": null, "value": value, "locked": false, "reason": "giao"});
    by.put(&campaign.path("targets"), &body).ok();
}

#[test]
fn percent_pace_and_forecast_follow_the_day_asked_about() {
    with_app(|app| {
        let province = app.province();
        let campaign = province.campaign();
        let user = app.volunteer(NHON_PHU);
        give(campaign, &province, NHON_PHU, "payment", 100);
        let mut facts = Vec::new();
        // Two a day over the last four weeks up to 13 October.
        for day in (16..=30)
            .map(|d| format!("2024-09-{d}"))
            .chain((1..=13).map(|d| format!("2024-10-{d:02}")))
        {
            facts.extend([on(assist(NHON_PHU), &day), on(assist(NHON_PHU), &day)]);
        }
        user.counts(&facts);
        let now = campaign.standing(&user, NHON_PHU, "payment");
        assert_eq!(
            (&now["result"], &now["target"], &now["percent"]),
            (&json!(56), &json!(100), &json!(56.0))
        );
        // 225 of 304 days are over; 44 are left at two a day.
        assert_eq!(now["expected_percent"], 74.0);
        assert_eq!(
            (&now["pace"], &now["forecast_on"]),
            (&json!("behind"), &json!("2024-11-04"))
        );
        let before = campaign.standing_on(&user, NHON_PHU, "payment", "2024-09-15");
        assert_eq!(
            (&before["result"], &before["pace"], &before["forecast_on"]),
            (&json!(0), &json!("stuck"), &json!(null))
        );
        let early = campaign.standing_on(&user, NHON_PHU, "payment", "2020-01-01");
        assert_eq!(early["result"], 0);
        give(campaign, &province, NHON_PHU, "payment", 50);
        let done = campaign.standing(&user, NHON_PHU, "payment");
        assert_eq!(
            (&done["pace"], &done["percent"], &done["forecast_on"]),
            (&json!("done"), &json!(112.0), &json!(null))
        );
        let untold = campaign.standing(&user, NHON_PHU, "visits");
        assert_eq!(
            (&untold["pace"], &untold["target"], &untold["percent"]),
            (&json!("no_target"), &json!(null), &json!(null))
        );
    });
}

#[test]
fn a_place_that_stood_still_for_four_weeks_is_stuck() {
    with_app(|app| {
        let province = app.province();
        let campaign = province.campaign();
        let user = app.volunteer(NHON_PHU);
        give(campaign, &province, NHON_PHU, "payment", 10);
        let facts: Vec<Fact> = (0..9).map(|_| on(assist(NHON_PHU), "2024-09-15")).collect();
        user.counts(&facts);
        let of = |day: &str| campaign.standing_on(&user, NHON_PHU, "payment", day)["pace"].clone();
        assert_eq!(
            (of("2024-10-12"), of("2024-10-13")),
            (json!("ahead"), json!("stuck"))
        );
    });
}

fn ranking(campaign: Campaign, by: &Client, place: &str) -> Vec<String> {
    let body = campaign.progress(by, place);
    let children = body["children"].as_array().unwrap();
    let name = |child: &Value| {
        let named = if child["place"].is_null() {
            &child["team"]["name"]
        } else {
            &child["place"]["id"]
        };
        named.as_str().unwrap().to_owned()
    };
    let scores: Vec<Option<f64>> = children
        .iter()
        .map(|child| child["score"].as_f64())
        .collect();
    let known: Vec<f64> = scores.iter().copied().flatten().collect();
    assert!(known.is_sorted(), "{scores:?}");
    children.iter().map(name).collect()
}

#[test]
fn the_stuck_ones_head_the_list_at_every_level() {
    with_app(|app| {
        let province = app.province();
        let campaign = province.campaign();
        let (user, team) = (app.volunteer(QUY_NHON), app.team(NHON_PHU, "Tổ chăm"));
        app.team(NHON_PHU, "Tổ im");
        let split = |place: &str| {
            let body = json!({"indicator": "payment", "place": place, "method": "equal", "reason": "chia đều", "preview": false});
            province.post(&campaign.path("targets/split"), &body).ok();
        };
        for place in [PROVINCE, QUY_NHON, NHON_PHU] {
            split(place);
        }
        let facts: Vec<Fact> = (0..3)
            .map(|_| assist(NHON_PHU).team(team))
            .chain([assist(DONG_DA)])
            .collect();
        user.counts(&facts);
        let districts = ranking(campaign, &user, PROVINCE);
        assert_eq!(
            (districts.len(), districts.last().unwrap().as_str()),
            (11, QUY_NHON)
        );
        let communes = ranking(campaign, &user, QUY_NHON);
        assert_eq!(
            (communes.len(), &communes[communes.len() - 2..]),
            (17, &[DONG_DA.to_owned(), NHON_PHU.to_owned()][..])
        );
        assert_eq!(ranking(campaign, &user, NHON_PHU), ["Tổ im", "Tổ chăm"]);
        let sum = |place: &str| -> i64 {
            let body = campaign.progress(&user, place);
            let at = body["indicators"]
                .as_array()
                .unwrap()
                .iter()
                .position(|one| one["code"] == "payment")
                .unwrap();
            body["children"]
                .as_array()
                .unwrap()
                .iter()
                .map(|child| child["indicators"][at]["result"].as_i64().unwrap())
                .sum()
        };
        assert_eq!((sum(PROVINCE), sum(QUY_NHON), sum(NHON_PHU)), (4, 4, 3));
    });
}

#[test]
fn members_see_the_sums_above_them_and_not_beside_them() {
    with_app(|app| {
        let campaign = app.province().campaign();
        let user = app.volunteer(NHON_PHU);
        for place in [PROVINCE, QUY_NHON, NHON_PHU] {
            campaign.progress(&user, place);
        }
        for place in ["VN", DONG_DA, AN_NHON, "63-01", "no-such"] {
            user.get(&campaign.path(&format!("progress?place={place}")))
                .refused(404, "not_found");
            user.get(&campaign.path(&format!("series?indicator=visits&place={place}")))
                .refused(404, "not_found");
        }
        user.get(&Campaign(uuid::Uuid::from_u128(1)).path("progress"))
            .refused(404, "not_found");
        let hanoi = app.volunteer("63-00004");
        hanoi
            .get(&campaign.path("progress"))
            .refused(404, "not_found");
        user.get(&campaign.path(&format!("facts?indicator=visits&place={NHON_PHU}")))
            .refused(404, "not_found");
        app.leader(NHON_PHU)
            .get(&campaign.path(&format!("facts?indicator=visits&place={QUY_NHON}")))
            .refused(404, "not_found");
    });
}

#[test]
fn a_line_over_time_ends_at_the_result() {
    with_app(|app| {
        let province = app.province();
        let campaign = province.campaign();
        let user = app.volunteer(NHON_PHU);
        user.counts(&[
            on(assist(NHON_PHU), "2024-03-03"),
            on(assist(NHON_PHU), "2024-03-09"),
            on(assist(NHON_PHU), "2024-03-10"),
            assist(NHON_PHU),
        ]);
        let series = user.get(&campaign.path("series?indicator=payment")).ok();
        let (days, sums) = (
            series["days"].as_array().unwrap(),
            series["cumulative"].as_array().unwrap(),
        );
        let expected = series["expected"].as_array().unwrap();
        assert_eq!((days.len(), sums.len(), expected.len()), (33, 33, 33));
        assert_eq!(
            (&days[0], &sums[0], &sums[1]),
            (&json!("2024-03-09"), &json!(2), &json!(3))
        );
        assert_eq!((&days[32], &sums[32]), (&json!("2024-10-13"), &json!(4)));
        assert_eq!(expected[32], 740.1);
        user.get(&campaign.path("series?indicator=no-such"))
            .refused(404, "not_found");
    });
}

/// A bit of everything, with two teams, repeats, corrections and voids.
pub fn life(app: &TestApp, campaign: Campaign) -> Vec<uuid::Uuid> {
    let (first, second) = (app.volunteer(NHON_PHU), app.volunteer(DONG_DA));
    let teams = vec![app.team(NHON_PHU, "Tổ 1"), app.team(DONG_DA, "Tổ 2")];
    let mut ours = Vec::new();
    let mut theirs = Vec::new();
    for n in 0..70_u32 {
        let who = format!("cccd:0521910{:05}", n % 23);
        let day = format!("2024-{:02}-{:02}", 5 + n % 5, 1 + n % 28);
        let (place, list, team) = if n % 3 == 0 {
            (DONG_DA, &mut theirs, teams[1])
        } else {
            (NHON_PHU, &mut ours, teams[0])
        };
        let fact = match n % 7 {
            0 => assist(place),
            1 => assist(place).did("vneid_l2", "activated").person(&who),
            2 => assist(place)
                .items(&[("vneid_l1", "registered"), ("dvc_outreach", "informed")])
                .household(&format!("house:{}", n % 9)),
            3 => assist(place)
                .did(
                    "dvc_account",
                    if n % 2 == 0 {
                        "transacted"
                    } else {
                        "registered"
                    },
                )
                .person(&who),
            4 => assist(place).dossier(Some(&format!("H08.12-240512-{:04}", n % 11)), "online"),
            5 => news(place, &format!("https://example.vn/{}", n % 4)),
            _ => street(place, &format!("Đường {}", n % 3), "operating"),
        };
        list.push(on(fact, &day).team(team));
    }
    first.counts(&ours);
    second.counts(&theirs);
    first.counts(&[
        void(&ours[3]),
        void(&ours[8]),
        ours[5]
            .clone()
            .anew()
            .corrects(&ours[4])
            .with("/kind", ours[4].0["kind"].clone())
            .with("/body", ours[4].0["body"].clone()),
    ]);
    assert!(campaign.result(&first, PROVINCE, "visits") > 30);
    teams
}

#[test]
fn the_list_behind_every_number_is_as_long_as_the_number() {
    with_app(|app| {
        let province = app.province();
        let campaign = province.campaign();
        let teams = life(app, campaign);
        for code in [
            "active_rate",
            "dossiers",
            "news",
            "households",
            "payment",
            "dsig_rate",
            "vneid",
            "streets",
            "street_cover",
            "visits",
        ] {
            for place in [PROVINCE, QUY_NHON, NHON_PHU, DONG_DA] {
                let standing = campaign.standing(&province, place, code);
                let shown = standing["numerator"]
                    .as_i64()
                    .or(standing["result"].as_i64())
                    .unwrap()
                    + standing["late"].as_i64().unwrap();
                let (facts, total) =
                    campaign.facts(&province, &format!("indicator={code}&place={place}"));
                assert_eq!(
                    (facts.len(), total),
                    (usize::try_from(shown).unwrap(), shown),
                    "{code} in {place}"
                );
                let ids: HashSet<&str> = facts
                    .iter()
                    .map(|fact| fact["id"].as_str().unwrap())
                    .collect();
                assert_eq!(ids.len(), facts.len(), "each fact stands once in the list");
                assert!(facts.iter().all(|fact| fact["state"] == "live"));
                let says_so = |fact: &Value| {
                    fact["counted_in"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .any(|one| one["indicator"] == code)
                };
                assert!(facts.iter().all(says_so), "{code} in {place}");
            }
            let sums: Vec<i64> = teams
                .iter()
                .map(|team| {
                    let (facts, total) = campaign.facts(
                        &province,
                        &format!("indicator={code}&place={PROVINCE}&team={team}"),
                    );
                    assert_eq!(
                        i64::try_from(facts.len()).unwrap(),
                        total,
                        "{code} of {team}"
                    );
                    assert!(
                        facts
                            .iter()
                            .all(|fact| fact["team"]["id"] == team.to_string())
                    );
                    total
                })
                .collect();
            let (_, whole) =
                campaign.facts(&province, &format!("indicator={code}&place={PROVINCE}"));
            assert_eq!(sums.iter().sum::<i64>(), whole, "{code}");
        }
    });
}

#[test]
fn what_is_in_memory_is_what_a_fresh_start_reads_from_the_file() {
    with_app(|app| {
        let province = app.province();
        let campaign = province.campaign();
        campaign.progress(&province, PROVINCE);
        life(app, campaign);
        give(campaign, &province, QUY_NHON, "payment", 300);
        let hamlet = json!({"parent_id": NHON_PHU, "name": "Tổ dân phố 5", "kind": "to_dan_pho"});
        let hamlet = province.post("/api/v1/places", &hamlet).ok()["id"]
            .as_str()
            .unwrap()
            .to_owned();
        province.counts(&[assist(&hamlet).at("2024-10-13T08:30:00+07:00")]);
        let ask = |by: &Client| {
            [PROVINCE, QUY_NHON, NHON_PHU, DONG_DA].map(|place| {
                let mut body = campaign.progress(by, place);
                body["rev"] = Value::Null;
                body
            })
        };
        let live = ask(&province);
        app.app
            .boards
            .apply(vec![causo::platform::db::Effect::Shape]);
        assert_eq!(live, ask(&province));
    });
}

#[test]
fn an_open_screen_hears_of_a_fact() {
    with_app(|app| {
        let province = app.province();
        let campaign = province.campaign();
        let user = app.volunteer(NHON_PHU);
        let mut events = province.events(&campaign.path("live"));
        let first = events.tally();
        let begun = std::time::Instant::now();
        user.counts(&[assist(NHON_PHU)]);
        let second = events.tally();
        assert!(second > first, "{first} {second}");
        assert!(begun.elapsed() < std::time::Duration::from_secs(2));
        // A campaign made meanwhile in between changes the shape; the screen goes on hearing.
        province.campaign();
        user.counts(&[assist(NHON_PHU)]);
        assert_ne!(events.tally(), second);
        assert_eq!(campaign.result(&user, NHON_PHU, "payment"), 2);
        app.volunteer("63-00004")
            .get(&campaign.path("live"))
            .refused(404, "not_found");
    });
}
