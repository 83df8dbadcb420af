//! Signing in and out, and who may invite, see and stop whom.

use crate::harness::people::PASSWORD;
use crate::harness::{DONG_DA, NHON_PHU, PROVINCE, QUY_NHON, TestApp, with_app};
use serde_json::{Value, json};
use time::Duration;
use uuid::Uuid;

fn sign_in(app: &TestApp, login: &str, password: &str) -> crate::harness::client::Reply {
    let body = json!({"login": login, "password": password, "device_id": Uuid::from_u128(7)});
    app.stranger().post("/api/v1/session", &body)
}

fn cookie_of(reply: &crate::harness::client::Reply) -> String {
    let set = reply.header("set-cookie").expect("a cookie is set");
    let value = set.split(';').next().and_then(|pair| pair.split_once('='));
    value.expect("it has a value").1.to_owned()
}

#[test]
fn the_right_password_signs_in_and_the_session_lasts() {
    with_app(|app| {
        let user = app.with_password(NHON_PHU);
        let reply = sign_in(app, &user.login, PASSWORD);
        let me = reply.ok();
        assert_eq!(me["member"]["id"], user.id.to_string());
        assert_eq!(me["grants"][0]["role"], "volunteer");
        assert_eq!(me["grants"][0]["place"]["id"], NHON_PHU);
        assert_eq!(
            me["grants"][0]["place"]["path"],
            "VN/63-52/63-540/63-21553/"
        );
        assert_eq!(me["server_time"], "2024-10-13T09:00:00+07:00");
        let phone = app.stranger().with_cookie(&cookie_of(&reply));
        assert_eq!(phone.get("/api/v1/session").ok()["member"], me["member"]);
        app.clock.advance(Duration::days(100));
        phone.get("/api/v1/session").ok();
        app.clock.advance(Duration::days(100));
        phone.get("/api/v1/session").ok();
    });
}

#[test]
fn the_cookie_is_out_of_reach_of_scripts_and_foreign_pages() {
    with_app(|app| {
        let user = app.with_password(NHON_PHU);
        let set = sign_in(app, &user.login, PASSWORD);
        let set = set.header("set-cookie").expect("a cookie is set");
        for flag in ["; Path=/", "; HttpOnly", "; SameSite=Strict", "; Max-Age="] {
            assert!(set.contains(flag), "{set}");
        }
        assert!(
            !set.contains("Secure"),
            "plain HTTP on one's own machine: {set}"
        );
        let body =
            json!({"login": user.login, "password": PASSWORD, "device_id": Uuid::from_u128(8)});
        let behind_tls = app.stranger().with_header("x-forwarded-proto", "https");
        let set = behind_tls.post("/api/v1/session", &body);
        assert!(
            set.header("set-cookie")
                .is_some_and(|set| set.contains("; Secure"))
        );
    });
}

#[test]
fn a_login_name_is_known_however_it_is_typed_and_a_wrong_one_tells_nothing() {
    with_app(|app| {
        let user = app.with_password(NHON_PHU);
        sign_in(app, &format!(" {} ", user.login.to_uppercase()), PASSWORD).ok();
        let wrong = sign_in(app, &user.login, "sai mật khẩu").refused(401, "auth.wrong");
        let nobody = sign_in(app, "khongcoai", PASSWORD).refused(401, "auth.wrong");
        let odd = sign_in(app, "';--", PASSWORD).refused(401, "auth.wrong");
        assert_eq!(wrong, nobody);
        assert_eq!(wrong, odd);
    });
}

#[test]
fn five_failures_lock_a_login_until_its_time_has_passed() {
    with_app(|app| {
        let user = app.with_password(NHON_PHU);
        for _ in 0..5 {
            sign_in(app, &user.login, "sai").refused(401, "auth.wrong");
        }
        let reply = sign_in(app, &user.login, PASSWORD);
        let locked = reply.refused(429, "auth.locked");
        assert_eq!(locked["facts"]["retry_after_s"], 60);
        assert_eq!(locked["retryable"], true);
        assert_eq!(reply.header("retry-after"), Some("60"));
        app.clock.advance(Duration::seconds(61));
        sign_in(app, &user.login, PASSWORD).ok();
        sign_in(app, &user.login, "sai").refused(401, "auth.wrong");
    });
}

#[test]
fn a_days_quiet_forgets_failures() {
    with_app(|app| {
        let user = app.with_password(NHON_PHU);
        for _ in 0..2 {
            for _ in 0..4 {
                sign_in(app, &user.login, "sai").refused(401, "auth.wrong");
            }
            app.clock.advance(Duration::hours(25));
        }
        sign_in(app, &user.login, PASSWORD).ok();
    });
}

#[test]
fn guessing_from_many_connections_at_once_gets_no_more_tries() {
    with_app(|app| {
        let user = app.with_password(NHON_PHU);
        let codes: Vec<String> = std::thread::scope(|scope| {
            let tries: Vec<_> = (0..16)
                .map(|_| scope.spawn(|| sign_in(app, &user.login, "sai").problem().1))
                .collect();
            tries.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let tried = codes.iter().filter(|code| *code == "auth.wrong").count();
        assert!(tried <= 5, "{codes:?}");
    });
}

#[test]
fn guessing_at_many_logins_from_one_address_locks_the_address_and_no_other() {
    with_app(|app| {
        let user = app.with_password(NHON_PHU);
        std::thread::scope(|scope| {
            for sender in 0..5 {
                scope.spawn(move || {
                    for n in 0..10 {
                        sign_in(app, &format!("khongco{sender}{n}"), "sai")
                            .refused(401, "auth.wrong");
                    }
                });
            }
        });
        sign_in(app, &user.login, PASSWORD).refused(429, "auth.locked");
        let body =
            json!({"login": user.login, "password": PASSWORD, "device_id": Uuid::from_u128(7)});
        let elsewhere = app.stranger().with_header("x-forwarded-for", "203.0.113.9");
        elsewhere.post("/api/v1/session", &body).ok();
        app.clock.advance(Duration::minutes(16));
        sign_in(app, &user.login, PASSWORD).ok();
    });
}

#[test]
fn signing_out_ends_the_session_on_the_server() {
    with_app(|app| {
        let user = app.volunteer(NHON_PHU);
        let other = app.again(&user);
        let reply = user.delete("/api/v1/session");
        assert_eq!(reply.status, 204);
        assert!(
            reply
                .header("set-cookie")
                .is_some_and(|set| set.contains("Max-Age=0"))
        );
        user.get("/api/v1/session").refused(401, "auth.required");
        other.get("/api/v1/session").ok();
    });
}

#[test]
fn an_unused_session_ends_after_its_time() {
    with_app(|app| {
        let user = app.volunteer(NHON_PHU);
        app.clock.advance(Duration::days(121));
        user.get("/api/v1/session").refused(401, "auth.required");
        user.post_facts(&[]).refused(401, "auth.required");
    });
}

#[test]
fn stopping_a_member_ends_all_sessions_at_once() {
    with_app(|app| {
        let user = app.with_password(NHON_PHU);
        let other = app.again(&user);
        let officer = app.officer(NHON_PHU);
        let path = format!("/api/v1/members/{}", user.id);
        assert_eq!(
            officer.post(&format!("{path}/disable"), &json!({})).status,
            204
        );
        for device in [&user, &other] {
            device.get("/api/v1/session").refused(401, "auth.required");
        }
        sign_in(app, &user.login, PASSWORD).refused(401, "auth.wrong");
        assert_eq!(
            officer.post(&format!("{path}/enable"), &json!({})).status,
            204
        );
        user.get("/api/v1/session").refused(401, "auth.required");
        sign_in(app, &user.login, PASSWORD).ok();
    });
}

#[test]
fn nobody_stops_members_outside_their_place_or_above_themselves() {
    with_app(|app| {
        let officer = app.officer(NHON_PHU);
        let stop = |id: Uuid| officer.post(&format!("/api/v1/members/{id}/disable"), &json!({}));
        stop(app.volunteer(DONG_DA).id).refused(404, "not_found");
        stop(app.province().id).refused(404, "not_found");
        stop(Uuid::from_u128(1)).refused(404, "not_found");
        let admin_here = app.admin_of(NHON_PHU);
        stop(admin_here.id).refused(403, "auth.forbidden");
        admin_here.get("/api/v1/session").ok();
    });
}

#[test]
fn the_last_administrator_cannot_be_stopped() {
    with_app(|app| {
        let admin = app.admin();
        let stop = |id: Uuid| admin.post(&format!("/api/v1/members/{id}/disable"), &json!({}));
        stop(admin.id).refused(409, "member.last_admin");
        let second = app.admin();
        assert_eq!(stop(second.id).status, 204);
        stop(admin.id).refused(409, "member.last_admin");
    });
}

fn invitation(role: &str, place: &str, team: Option<Uuid>) -> Value {
    json!({"name": "Trần Văn Đạt", "role": role, "place_id": place, "team_id": team})
}

#[test]
fn an_invited_person_sets_a_pin_and_is_in() {
    with_app(|app| {
        let leader = app.leader(NHON_PHU);
        let team = app.team(NHON_PHU, "Tổ CNSTN 1");
        let invited = leader
            .post(
                "/api/v1/invitations",
                &invitation("volunteer", NHON_PHU, Some(team)),
            )
            .ok();
        let token = invited["token"].as_str().unwrap();
        assert_eq!(
            invited["url"],
            format!("http://{}/moi/{token}", app.address)
        );
        assert!(invited["qr_svg"].as_str().unwrap().contains("<svg"));
        assert_eq!(invited["expires_at"], "2024-10-20T09:00:00+07:00");
        let path = format!("/api/v1/invitations/{token}");
        let shown = app.get(&path).ok();
        assert_eq!(shown["name"], "Trần Văn Đạt");
        assert_eq!(shown["role"], "volunteer");
        assert_eq!(shown["team"]["name"], "Tổ CNSTN 1");
        assert_eq!(shown["password_chars_min"], 6);
        let accept =
            json!({"login": "Đạt Trần", "password": "260324", "device_id": Uuid::from_u128(3)});
        let reply = app.stranger().post(&format!("{path}/accept"), &accept);
        let me = reply.ok();
        assert_eq!(me["member"]["login"], "dattran");
        assert_eq!(me["grants"][0]["team"]["id"], team.to_string());
        app.stranger()
            .with_cookie(&cookie_of(&reply))
            .get("/api/v1/session")
            .ok();
        sign_in(app, "dattran", "260324").ok();
        app.get(&path).refused(410, "auth.invitation_used");
        app.stranger()
            .post(&format!("{path}/accept"), &accept)
            .refused(410, "auth.invitation_used");
    });
}

#[test]
fn an_invitation_is_good_for_a_week_and_only_with_its_token() {
    with_app(|app| {
        let officer = app.officer(NHON_PHU);
        let invited = officer
            .post("/api/v1/invitations", &invitation("leader", NHON_PHU, None))
            .ok();
        let path = format!("/api/v1/invitations/{}", invited["token"].as_str().unwrap());
        app.get("/api/v1/invitations/khong-co")
            .refused(404, "not_found");
        app.clock.advance(Duration::days(7));
        app.get(&path).refused(410, "auth.invitation_expired");
        let accept =
            json!({"login": "muon", "password": "260324", "device_id": Uuid::from_u128(3)});
        app.stranger()
            .post(&format!("{path}/accept"), &accept)
            .refused(410, "auth.invitation_expired");
    });
}

#[test]
fn a_short_password_or_a_taken_login_leaves_the_invitation_open() {
    with_app(|app| {
        let province = app.province();
        let taken = app.volunteer(NHON_PHU).login;
        let invited = province
            .post(
                "/api/v1/invitations",
                &invitation("commune_officer", NHON_PHU, None),
            )
            .ok();
        let path = format!(
            "/api/v1/invitations/{}/accept",
            invited["token"].as_str().unwrap()
        );
        let accept = |login: &str, password: &str| {
            app.stranger().post(
                &path,
                &json!({"login": login, "password": password, "device_id": Uuid::from_u128(3)}),
            )
        };
        let short = accept("canbo", "260324").refused(422, "auth.password_short");
        assert_eq!(short["facts"]["min"], 10);
        accept(&taken, PASSWORD).refused(409, "auth.login_taken");
        accept("ab", PASSWORD).refused(422, "request.validation");
        accept("canbo", PASSWORD).ok();
    });
}

#[test]
fn people_invite_below_their_own_role_inside_their_own_place() {
    with_app(|app| {
        let (leader, officer) = (app.leader(NHON_PHU), app.officer(NHON_PHU));
        let (province, admin) = (app.province(), app.admin());
        let invite = |by: &crate::harness::people::User, role: &str, place: &str| {
            let reply = by.post("/api/v1/invitations", &invitation(role, place, None));
            if reply.status == 200 {
                "ok".to_owned()
            } else {
                reply.problem().1
            }
        };
        let table = [
            (&leader, "volunteer", NHON_PHU, "ok"),
            (&leader, "leader", NHON_PHU, "auth.forbidden"),
            (&leader, "commune_officer", NHON_PHU, "auth.forbidden"),
            (&leader, "volunteer", DONG_DA, "not_found"),
            (&leader, "volunteer", QUY_NHON, "auth.forbidden"),
            (&officer, "leader", NHON_PHU, "ok"),
            (&officer, "commune_officer", NHON_PHU, "auth.forbidden"),
            (&officer, "volunteer", DONG_DA, "not_found"),
            (&province, "commune_officer", DONG_DA, "ok"),
            (&province, "province_officer", PROVINCE, "auth.forbidden"),
            (&province, "volunteer", "63-01", "not_found"),
            (&province, "volunteer", "no-such", "not_found"),
            (&admin, "province_officer", PROVINCE, "ok"),
        ];
        for (by, role, place, wanted) in table {
            assert_eq!(invite(by, role, place), wanted, "{role} on {place}");
        }
        let volunteer = app.volunteer(NHON_PHU);
        assert_eq!(invite(&volunteer, "volunteer", NHON_PHU), "auth.forbidden");
        let elsewhere = app.team(DONG_DA, "Tổ khác");
        let wrong = leader.post(
            "/api/v1/invitations",
            &invitation("volunteer", NHON_PHU, Some(elsewhere)),
        );
        wrong.refused(422, "fact.team_unknown");
    });
}

#[test]
fn several_people_share_one_phone_without_signing_each_other_out() {
    with_app(|app| {
        let people = [app.with_password(NHON_PHU), app.with_password(NHON_PHU)];
        let cookies = people.each_ref().map(|user| {
            // The same device id for both: see `sign_in`.
            cookie_of(&sign_in(app, &user.login, PASSWORD))
        });
        for (user, cookie) in people.iter().zip(&cookies) {
            let me = app
                .stranger()
                .with_cookie(cookie)
                .get("/api/v1/session")
                .ok();
            assert_eq!(me["member"]["id"], user.id.to_string());
        }
        // Signing in again on the same phone replaces the old session.
        sign_in(app, &people[0].login, PASSWORD).ok();
        let old = app.stranger().with_cookie(&cookies[0]);
        old.get("/api/v1/session").refused(401, "auth.required");
    });
}

#[test]
fn leaders_list_the_members_of_their_place_page_by_page() {
    with_app(|app| {
        let leader = app.leader(NHON_PHU);
        for _ in 0..3 {
            app.volunteer(NHON_PHU);
        }
        let stranger = app.volunteer(DONG_DA);
        let mut logins = Vec::new();
        let mut more = String::new();
        loop {
            let page = leader
                .get(&format!("/api/v1/members?q=nguyen thi anh&limit=2{more}"))
                .ok();
            let members = page["members"].as_array().unwrap();
            assert!(members.len() <= 2);
            logins.extend(
                members
                    .iter()
                    .map(|one| one["login"].as_str().unwrap().to_owned()),
            );
            match page["next"].as_str() {
                Some(next) => more = format!("&after={next}"),
                None => break,
            }
        }
        assert_eq!(logins.len(), 4);
        assert!(!logins.contains(&stranger.login));
        let beyond = leader.get(&format!("/api/v1/members?place={DONG_DA}")).ok();
        assert_eq!(beyond["members"], json!([]));
    });
}
