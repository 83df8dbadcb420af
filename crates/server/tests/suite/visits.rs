//! Visits at the door: who went along, and whether people agreed.

use crate::harness::facts::{Fact, assist, void};
use crate::harness::people::User;
use crate::harness::{DONG_DA, NHON_PHU, PROVINCE, with_app};
use serde_json::{Value, json};

fn visit(place: &str, companion: Option<&str>, outcome: &str) -> Fact {
    let mut fact = assist(place);
    fact.0["body"]["accompanied_by"] = json!(companion);
    fact.0["body"]["items"][0]["outcome"] = json!(outcome);
    fact
}

#[test]
fn acceptance_is_told_with_and_without_a_companion() {
    with_app(|app| {
        let there = app.volunteer(NHON_PHU);
        let beside = app.volunteer(DONG_DA);
        let headed = |outcome| visit(NHON_PHU, Some("hamlet_head"), outcome);
        let alone = |outcome| visit(NHON_PHU, None, outcome);
        let mistaken = headed("declined");
        let mut seen = vec![headed("declined"), alone("declined"), mistaken.clone()];
        seen.extend((0..29).map(|_| headed("opened")));
        seen.extend((0..10).map(|_| alone("opened")));
        let mut desk = alone("declined");
        desk.0["body"]["setting"] = json!("desk");
        seen.push(desk);
        there.counts(&seen);
        there.counts(&[void(&mistaken)]);
        beside.counts(&[visit(DONG_DA, Some("trusted_person"), "failed")]);

        let ask = |user: &User, place: &str| {
            user.get(&format!("/api/v1/visits/acceptance?place={place}"))
        };
        let officer = app.province();
        let all = ask(&officer, PROVINCE).ok();
        let counted = |visits: u32, agreed: u32, permille: Value| json!({"visits": visits, "agreed": agreed, "permille": permille});
        assert_eq!(all["alone"], counted(11, 10, Value::Null));
        assert_eq!(all["accompanied"], counted(31, 30, json!(968)));
        let headed = &all["companions"][1];
        assert_eq!(
            (&headed["companion"], &headed["permille"]),
            (&json!("hamlet_head"), &json!(967))
        );
        let leader = app.leader(NHON_PHU);
        assert_eq!(ask(&leader, NHON_PHU).ok()["accompanied"]["visits"], 30);
        ask(&leader, DONG_DA).refused(404, "not_found");
        ask(&there, NHON_PHU).refused(403, "auth.forbidden");
        let long = format!("/api/v1/visits/acceptance?place={NHON_PHU}&from=2023-01-01");
        leader.get(&long).refused(422, "request.validation");
    });
}

#[test]
fn only_those_people_trust_go_along() {
    with_app(|app| {
        let user = app.volunteer(NHON_PHU);
        let known = visit(NHON_PHU, Some("core_person"), "opened");
        user.refuses(&known, "fact.malformed");
    });
}
