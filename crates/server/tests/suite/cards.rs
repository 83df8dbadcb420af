//! Cards of volunteers: what a stranger is told who scans one, and who makes and ends them.

use crate::harness::facts::{new_id, presence};
use crate::harness::people::User;
use crate::harness::{DONG_DA, NHON_PHU, TestApp, with_app};
use causo::args;
use causo::features::cards::duty;
use causo::features::members::Role;
use domain::cards::{Basis, Duty};
use domain::certificates::Code;
use domain::ids::PlaceId;
use serde_json::{Value, json};
use time::Duration;
use uuid::Uuid;

/// A volunteer in a team of [`NHON_PHU`].
fn member(app: &TestApp) -> (User, Uuid) {
    let team = app.team(NHON_PHU, "Tổ công nghệ số cộng đồng");
    (app.in_team(Role::Volunteer, NHON_PHU, team), team)
}

fn card(user: &User) -> Value {
    user.put("/api/v1/cards/own", &json!({})).ok()
}

fn end(user: &User, code: &str, renew: bool) -> crate::harness::client::Reply {
    user.post(
        &format!("/api/v1/cards/{code}/end"),
        &json!({"renew": renew}),
    )
}

fn code(card: &Value) -> String {
    card["code"].as_str().expect("a code").to_owned()
}

/// What a stranger is told of a code.
fn said(app: &TestApp, code: &str) -> Option<(Duty, Option<Basis>)> {
    let (code, now) = (Code::parse(code).expect("a code"), app.clock.now());
    let found = app.write(move |tx| duty::of_code(tx, &code, now));
    found.expect("it reads").map(|said| (said.duty, said.basis))
}

/// A desk with a shift from ten to twelve, and who stands at it.
fn shift(app: &TestApp, officer: &User, member: Uuid) -> Uuid {
    let (point, shift, now) = (app.clock.new_id(), app.clock.new_id(), app.clock.now());
    let place = PlaceId::parse(NHON_PHU).expect("a place id");
    let from = now + Duration::HOUR;
    app.write(move |tx| {
        tx.execute(
            "insert into service_point (id, place_id, name, fold, kind, address, hours, secret, rev)
             values ($1, $2, 'Một cửa', 'mot cua', 'one_stop', '', '{}', $3, 1)",
            args![point, &place, &[0_u8; 32][..]],
        )?;
        tx.execute(
            "insert into shift (id, point_id, day, starts_at, ends_at, people_min, people_max, skills, rev)
             values ($1, $2, $3, $4, $5, 1, 2, '[]', 1)",
            args![shift, point, domain::days::day_of(now), from, from + 2 * Duration::HOUR],
        )?;
        Ok(())
    })
    .expect("it is made");
    let url = format!("/api/v1/rosters/shifts/{shift}/people");
    officer
        .put(&url, &json!({"member": member, "stands": true}))
        .ok();
    point
}

#[test]
fn a_card_says_on_duty_by_shift_by_presence_and_by_what_the_team_has_planned() {
    with_app(|app| {
        let (user, team) = member(app);
        let own = card(&user);
        assert_eq!(own["teams"][0]["name"], "Tổ công nghệ số cộng đồng");
        let code = code(&own);
        assert_eq!(card(&user)["code"], *code);
        let link = own["url"].as_str().expect("a link");
        assert!(
            link.ends_with(&format!("/tinh-nguyen-vien/{code}")),
            "{link}"
        );
        assert_eq!(user.get("/api/v1/changes").ok()["card"]["code"], *code);
        assert_eq!(said(app, &code), Some((Duty::NoneToday, None)));

        let officer = app.officer(NHON_PHU);
        let activity = |kind: &str, at: &str| {
            json!({"kind": kind, "title": "Ra quân", "place_id": NHON_PHU, "starts_at": at, "duration_min": 60,
                "recurrence": "", "team_ids": [team], "details": {"category": "digital", "venue": "", "team_kinds": [],
                "host": "", "partners": [], "services": [], "note": "", "except": [], "steps": []}})
        };
        let put = |body: Value| {
            officer
                .put(&format!("/api/v1/activities/{}", new_id()), &body)
                .ok()
        };
        put(activity("meeting", "2024-10-13T08:30:00+07:00"));
        assert_eq!(said(app, &code), Some((Duty::NoneToday, None)));
        put(activity("launch", "2024-10-13T14:00:00+07:00"));
        assert_eq!(said(app, &code), Some((Duty::NotNow, None)));
        put(activity("launch", "2024-10-13T08:30:00+07:00"));
        assert_eq!(said(app, &code), Some((Duty::Now, Some(Basis::Activity))));

        let point = shift(app, &officer, user.id);
        app.clock.advance(Duration::minutes(90));
        assert_eq!(said(app, &code), Some((Duty::Now, Some(Basis::Roster))));
        let came = presence(NHON_PHU, point, user.id, "in").at("2024-10-13T10:20:00+07:00");
        user.counts(&[came]);
        assert_eq!(said(app, &code), Some((Duty::Now, Some(Basis::Attendance))));
        app.clock.advance(Duration::hours(3));
        assert_eq!(said(app, &code), Some((Duty::NotNow, None)));
        app.clock.advance(Duration::days(1));
        assert_eq!(said(app, &code), Some((Duty::NoneToday, None)));
    });
}

#[test]
fn a_lost_card_is_ended_by_its_member_or_their_leader_and_the_old_code_holds_no_more() {
    with_app(|app| {
        let (user, team) = member(app);
        let first = code(&card(&user));
        let second = end(&user, &first, true).ok()["card"].clone();
        assert_ne!(second["code"], *first);
        assert_eq!(said(app, &first), Some((Duty::Ended, None)));
        // Asked again, as after a lost answer, no third card is made.
        assert_eq!(end(&user, &first, true).ok()["card"], second);

        let second = code(&second);
        let leader = app.in_team(Role::Leader, NHON_PHU, team);
        end(&app.leader(DONG_DA), &second, false).refused(404, "not_found");
        end(&app.volunteer(NHON_PHU), &second, false).refused(404, "not_found");
        assert_eq!(end(&leader, &second, false).ok()["card"], Value::Null);
        assert_eq!(said(app, &second), Some((Duty::Ended, None)));
        assert_eq!(user.get("/api/v1/changes").ok()["card"], Value::Null);
        let printed = leader.post(&format!("/api/v1/teams/{team}/cards"), &json!({}));
        let printed = printed.ok();
        assert_eq!(printed["cards"].as_array().map(Vec::len), Some(2));
        app.leader(DONG_DA)
            .post(&format!("/api/v1/teams/{team}/cards"), &json!({}))
            .refused(404, "not_found");
    });
}

#[test]
fn who_left_the_team_or_may_not_sign_in_has_no_card_that_holds() {
    with_app(|app| {
        let (user, _) = member(app);
        let code = code(&card(&user));
        app.volunteer(NHON_PHU)
            .put("/api/v1/cards/own", &json!({}))
            .refused(409, "card.no_team");
        let officer = app.officer(NHON_PHU);
        officer.post(&format!("/api/v1/members/{}/disable", user.id), &json!({}));
        assert_eq!(said(app, &code), Some((Duty::Ended, None)));
        officer.post(&format!("/api/v1/members/{}/enable", user.id), &json!({}));
        assert_eq!(said(app, &code), Some((Duty::NoneToday, None)));
        let id = user.id;
        app.write(move |tx| {
            tx.execute(
                "update member_grant set team_id = null where member_id = $1",
                args![id],
            )?;
            Ok(tx.execute("delete from team_member where member_id = $1", args![id])?)
        })
        .expect("they leave");
        assert_eq!(said(app, &code), Some((Duty::Ended, None)));
        let never = Code::from_random([7; 12]).to_string();
        assert_eq!(said(app, &never), None);
    });
}

#[test]
fn the_page_says_no_more_than_name_team_and_duty() {
    with_app(|app| {
        let (user, _) = member(app);
        let code = code(&card(&user));
        let page = app.get(&format!("/tinh-nguyen-vien/{code}"));
        let text = page.text();
        assert_eq!(page.status, 200);
        assert!(text.contains("hôm nay không có ca") && text.contains("Phường Nhơn Phú"));
        assert!(text.contains(&format!("/bao-lua-dao/{NHON_PHU}")));
        assert!(
            !text.contains("<script") && text.len() < 10_000,
            "{}",
            text.len()
        );
        let english = app.get(&format!(
            "/tinh-nguyen-vien/{}?tieng=en",
            code.replace('-', "")
        ));
        assert!(english.text().contains("no duty today"));
        let khmer = app
            .get(&format!("/tinh-nguyen-vien/{code}?tieng=km"))
            .text();
        assert!(khmer.contains("chưa kiểm duyệt"));
        assert!(khmer.len() < 10_000, "{}", khmer.len());

        end(&user, &code, false).ok();
        let name = user.get("/api/v1/session").ok()["member"]["name"].clone();
        let name = name.as_str().expect("a name");
        assert!(text.contains(name));
        let ended = app.get(&format!("/tinh-nguyen-vien/{code}")).text();
        assert!(ended.contains("không còn hiệu lực") && !ended.contains(name));
        let never = Code::from_random([7; 12]);
        let unknown = app.get(&format!("/tinh-nguyen-vien/{never}"));
        assert_eq!(unknown.status, 404);
        assert!(unknown.text().contains("đừng đọc mã OTP"));
        let mistyped = app.get("/tinh-nguyen-vien?ma=7QK2M");
        assert!(mistyped.text().contains("gõ sai"));
        for _ in 0..120 {
            app.get(&format!("/tinh-nguyen-vien/{never}"));
        }
        let often = app.get(&format!("/tinh-nguyen-vien/{code}"));
        assert_eq!(often.status, 429);
    });
}
