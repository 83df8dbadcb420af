//! Allowances: the list of a month from who was at work, nobody paid twice, locked for good.

use crate::harness::facts::{Fact, new_id, presence};
use crate::harness::people::User;
use crate::harness::{DONG_DA, NHON_PHU, PROVINCE, TestApp, with_app_at};
use calamine::{Reader, Xlsx, open_workbook_from_rs};
use causo::args;
use domain::ids::PlaceId;
use serde_json::{Value, json};
use std::io::Cursor;
use time::OffsetDateTime;
use time::macros::{date, datetime};
use uuid::Uuid;

/// The first of October: September is over.
const NOW: OffsetDateTime = datetime!(2024-10-01 08:00 +7);
const SEPTEMBER: &str = "2024-09-01";

/// Somebody of a team comes to its commune's desk on days of September.
fn was_there(app: &TestApp, team: Uuid, place: &str, who: &User, days: &[u8]) {
    let (member, home) = (who.id, PlaceId::parse(place).expect("a place id"));
    let point = app.write(move |tx| {
        tx.execute(
            "insert into team_member (id, team_id, member_id, position, since) values ($1, $2, $3, 'member', $4)",
            args![new_id(), team, member, date!(2024 - 01 - 01)],
        )?;
        tx.execute(
            "insert into member_grant (member_id, role, place_id, granted_at) values ($1, 'volunteer', $2, $3) on conflict do nothing",
            args![member, &home, NOW],
        )?;
        let point = new_id();
        tx.execute(
            "insert into service_point (id, place_id, name, fold, kind, address, hours, secret, rev)
             values ($1, $2, $3, $3, 'one_stop', '', '{}', $4, 1)",
            args![point, &home, &point.to_string(), &[7; 32][..]],
        )?;
        Ok(point)
    });
    let point = point.expect("they join");
    let come = |day: &u8| {
        let at = format!("2024-09-{day:02}T08:00:00+07:00");
        presence(place, point, who.id, "in").team(team).at(&at)
    };
    let facts: Vec<Fact> = days.iter().map(come).collect();
    who.counts(&facts);
}

fn policy(id: Uuid) -> Value {
    json!({
        "id": id, "place_id": PROVINCE, "name": "Hỗ trợ tổ công nghệ số", "source": "Nghị quyết trình diễn",
        "valid_from": "2024-01-01", "valid_to": null,
        "policy": {
            "team_kinds": ["cnstn"], "team_month_vnd": 300_000, "person_day_vnd": 50_000,
            "person_part": "Nước uống, xăng xe", "team_part": "Cước viễn thông, văn phòng phẩm",
            "top_up_permille_max": 2000, "excluded_by": ["an_ninh_co_so"],
        },
    })
}

fn made(app: &TestApp) -> Uuid {
    let id = new_id();
    app.province()
        .put("/api/v1/allowances/policies", &policy(id))
        .ok();
    id
}

fn sheet(by: &User, policy: Uuid, place: &str) -> Value {
    by.get(&format!(
        "/api/v1/allowances/sheet?policy={policy}&place={place}&month={SEPTEMBER}"
    ))
    .ok()
}

fn asked(policy: Uuid, place: &str, more: Value) -> Value {
    let mut body = json!({"policy": policy, "place": place, "month": SEPTEMBER});
    let fields = more.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(fields);
    body
}

#[test]
fn a_list_is_made_from_who_was_there_locked_and_taken_out() {
    with_app_at(NOW, |app| {
        let policy = made(app);
        let (busy, quiet) = (app.team(NHON_PHU, "Tổ 1"), app.team(NHON_PHU, "Tổ 2"));
        let (an, binh) = (app.volunteer(NHON_PHU), app.volunteer(NHON_PHU));
        was_there(app, busy, NHON_PHU, &an, &[1, 8]);
        was_there(app, busy, NHON_PHU, &binh, &[8]);
        let officer = app.officer(NHON_PHU);
        let open = sheet(&officer, policy, NHON_PHU);
        assert_eq!(open["lines"].as_array().unwrap().len(), 1);
        let line = &open["lines"][0];
        assert_eq!(line["team"]["id"], busy.to_string());
        let days: Vec<&Value> = line["people"]
            .as_array()
            .unwrap()
            .iter()
            .map(|paid| &paid["days"])
            .collect();
        assert!(
            days.contains(&&json!(["2024-09-01", "2024-09-08"])),
            "{days:?}"
        );
        assert_eq!(line["team_part_vnd"], 150_000);
        assert_eq!(line["total_vnd"], 300_000);
        assert_eq!(open["silent"][0]["id"], quiet.to_string());
        assert_eq!(
            (&open["lockable"], &open["locked"]),
            (&json!(true), &json!(null))
        );
        let add = |vnd: i64| {
            let body = asked(policy, NHON_PHU, json!({"team": busy, "vnd": vnd}));
            officer.put("/api/v1/allowances/top_ups", &body)
        };
        add(600_001).refused(422, "allowance.top_up");
        let added = add(100_000).ok();
        assert_eq!(added["total_vnd"], 400_000);
        assert_eq!(added["total_in_words"], "Bốn trăm nghìn đồng");
        let lock = || {
            let body = asked(policy, NHON_PHU, json!({}));
            officer.post("/api/v1/allowances/sheet/lock", &body).ok()
        };
        let locked = lock();
        assert_eq!(locked["total_vnd"], 400_000);
        assert_eq!(lock(), locked);
        // What comes late changes nothing that was locked.
        was_there(app, quiet, NHON_PHU, &an, &[15]);
        assert_eq!(sheet(&officer, policy, NHON_PHU)["lines"], locked["lines"]);
        add(0).refused(409, "allowance.locked");
        let file = |form: &str| {
            officer.get(&format!(
                "/api/v1/allowances/sheet.{form}?policy={policy}&place={NHON_PHU}&month={SEPTEMBER}"
            ))
        };
        let csv = file("csv").text();
        assert_eq!(csv.lines().count(), 1 + 2 + 1 + 1 + 1);
        assert!(csv.contains("Nước uống, xăng xe") && csv.contains("400000"));
        let book = Cursor::new(file("xlsx").body);
        let mut book: Xlsx<_> = open_workbook_from_rs(book).expect("it opens");
        let listed = book.worksheet_range("Danh sách").expect("the list");
        assert_eq!(listed.height(), csv.lines().count());
        assert_eq!(listed.get((5, 6)).unwrap().to_string(), "400000");
        let about = book.worksheet_range("Thông tin").expect("what it is");
        assert_eq!(
            about.get((5, 1)).unwrap().to_string(),
            "Bốn trăm nghìn đồng"
        );
    });
}

#[test]
fn nobody_is_paid_twice() {
    with_app_at(NOW, |app| {
        let policy = made(app);
        let (here, there) = (app.team(NHON_PHU, "Tổ 1"), app.team(DONG_DA, "Tổ 9"));
        let (an, binh) = (app.volunteer(NHON_PHU), app.volunteer(NHON_PHU));
        was_there(app, here, NHON_PHU, &an, &[1, 8]);
        was_there(app, there, DONG_DA, &an, &[15]);
        was_there(app, here, NHON_PHU, &binh, &[1]);
        let officer = app.officer(NHON_PHU);
        let open = sheet(&officer, policy, NHON_PHU);
        assert_eq!(open["overlaps"][0]["member"]["id"], an.id.to_string());
        assert_eq!(open["overlaps"][0]["teams"].as_array().unwrap().len(), 2);
        let people = |sheet: &Value| sheet["lines"][0]["people"].as_array().unwrap().len();
        assert_eq!(people(&open), 1);
        let lock = asked(policy, NHON_PHU, json!({}));
        officer
            .post("/api/v1/allowances/sheet/lock", &lock)
            .refused(409, "allowance.overlap_open");
        let decide = |member: Uuid, team: Option<Uuid>| {
            let body = json!({"member": member, "team": team, "reason": "Làm ở đây nhiều hơn"});
            officer.put(
                "/api/v1/allowances/decisions",
                &asked(policy, NHON_PHU, body),
            )
        };
        decide(binh.id, Some(there)).refused(404, "not_found");
        let done = decide(an.id, Some(here)).ok();
        assert_eq!(people(&done), 2);
        let decided = &done["overlaps"][0]["decided"];
        assert_eq!(decided["team"], here.to_string());
        assert_eq!(decided["reason"], "Làm ở đây nhiều hơn");
        // Neither is somebody who has other support for it.
        let support = |has: bool| {
            let body = json!({"member": binh.id, "month": SEPTEMBER, "code": "an_ninh_co_so", "note": "", "has": has});
            officer.put("/api/v1/allowances/other_support", &body).ok();
        };
        support(true);
        let again = sheet(&officer, policy, NHON_PHU);
        assert_eq!(again["overlaps"][0]["support"], "an_ninh_co_so");
        assert_eq!(again["overlaps"][0]["decided"], Value::Null);
        assert_eq!(again["lockable"], false);
        support(false);
        officer.post("/api/v1/allowances/sheet/lock", &lock).ok();
        // Elsewhere nobody undoes what was counted on here.
        let other = app.officer(DONG_DA);
        let body = json!({"member": an.id, "team": there, "reason": "Đổi ý"});
        other
            .put(
                "/api/v1/allowances/decisions",
                &asked(policy, DONG_DA, body),
            )
            .refused(409, "allowance.locked");
    });
}

#[test]
fn lists_are_for_officers_of_the_place_and_months_that_are_over() {
    with_app_at(NOW, |app| {
        let policy = made(app);
        let officer = app.officer(NHON_PHU);
        officer
            .get(&format!(
                "/api/v1/allowances/sheet?policy={policy}&place={DONG_DA}&month={SEPTEMBER}"
            ))
            .refused(404, "not_found");
        officer
            .get(&format!(
                "/api/v1/allowances/sheet?policy={policy}&place={NHON_PHU}&month=2024-09-02"
            ))
            .refused(422, "request.validation");
        let october = json!({"policy": policy, "place": NHON_PHU, "month": "2024-10-01"});
        officer
            .post("/api/v1/allowances/sheet/lock", &october)
            .refused(409, "allowance.month_open");
        let province = app.province();
        province
            .post(
                "/api/v1/allowances/sheet/lock",
                &asked(policy, PROVINCE, json!({})),
            )
            .refused(409, "allowance.commune_only");
        let mut wrong = super::allowances::policy(new_id());
        wrong["policy"]["team_month_vnd"] = json!(0);
        province
            .put("/api/v1/allowances/policies", &wrong)
            .refused(422, "allowance.policy");
        let listed = officer
            .get(&format!("/api/v1/allowances/policies?place={NHON_PHU}"))
            .ok();
        assert_eq!(listed["policies"][0]["id"], policy.to_string());
    });
}

#[test]
fn a_leader_sees_their_team_and_everybody_what_they_are_paid() {
    with_app_at(NOW, |app| {
        let policy = made(app);
        let (one, two) = (app.team(NHON_PHU, "Tổ 1"), app.team(NHON_PHU, "Tổ 2"));
        let (an, binh) = (app.volunteer(NHON_PHU), app.volunteer(NHON_PHU));
        was_there(app, one, NHON_PHU, &an, &[1, 8]);
        was_there(app, two, NHON_PHU, &binh, &[1]);
        was_there(app, two, NHON_PHU, &an, &[15]);
        let leader = app.leader(NHON_PHU);
        let id = leader.id;
        app.write(move |tx| {
            tx.execute(
                "update member_grant set team_id = $1 where member_id = $2",
                args![one, id],
            )?;
            Ok(())
        })
        .expect("they lead");
        let seen = sheet(&leader, policy, NHON_PHU);
        let teams: Vec<&Value> = seen["lines"]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| &line["team"]["id"])
            .collect();
        assert_eq!(teams, [&json!(one)]);
        assert_eq!(seen["overlaps"][0]["member"]["id"], an.id.to_string());
        assert_eq!(
            (&seen["may_change"], &seen["lockable"]),
            (&json!(false), &json!(false))
        );
        let own = |who: &User| {
            let path = format!("/api/v1/allowances/own?month={SEPTEMBER}");
            who.get(&path).ok()["lists"].clone()
        };
        assert_eq!(own(&binh)[0]["paid"][0]["vnd"], 50_000);
        assert_eq!(own(&binh)[0]["overlap"], Value::Null);
        assert_eq!(own(&an)[0]["paid"], json!([]));
        assert_eq!(own(&an)[0]["overlap"]["teams"].as_array().unwrap().len(), 2);
        assert_eq!(own(&leader), json!([]));
        let listed = binh
            .get(&format!("/api/v1/allowances/policies?place={NHON_PHU}"))
            .ok();
        assert_eq!(listed["policies"].as_array().unwrap().len(), 1);
    });
}
