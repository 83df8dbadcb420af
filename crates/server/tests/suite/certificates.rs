//! Certificates: what they say, that anybody can check them, and that they outlive the account.

use crate::harness::facts::{Fact, assist, new_id, presence, void};
use crate::harness::people::User;
use crate::harness::{DONG_DA, NHON_PHU, TestApp, with_app};
use causo::args;
use domain::ids::PlaceId;
use serde_json::{Value, json};
use uuid::Uuid;

fn point(app: &TestApp) -> Uuid {
    let (id, place) = (new_id(), PlaceId::parse(NHON_PHU).expect("a place id"));
    app.write(move |tx| {
        tx.execute(
            "insert into service_point (id, place_id, name, fold, kind, address, hours, secret, rev)
             values ($1, $2, 'Một cửa', 'mot cua', 'one_stop', '', '{}', $3, 1)",
            args![id, &place, &[7; 32][..]],
        )?;
        Ok(())
    })
    .expect("it is made");
    id
}

/// Somebody is there for so many hours of a morning of October.
fn was_there(who: &User, point: Uuid, day: u8, hours: u8) {
    let at = |hour: u8| format!("2024-10-{day:02}T{hour:02}:00:00+07:00");
    who.counts(&[
        presence(NHON_PHU, point, who.id, "in").at(&at(7)),
        presence(NHON_PHU, point, who.id, "out").at(&at(7 + hours)),
    ]);
}

fn order(id: Uuid) -> Value {
    json!({"id": id, "first": "2024-10-01", "last": "2024-10-13"})
}

fn issued(who: &User) -> Value {
    who.post("/api/v1/certificates", &order(new_id())).ok()
}

/// The page's address without the server's.
fn page_of(certificate: &Value) -> String {
    let url = certificate["url"].as_str().expect("an address");
    let at = url.find("/xac-nhan/").expect("the public page");
    url[at..].to_owned()
}

#[test]
fn a_member_certifies_their_hours_and_anybody_can_check_the_paper() {
    with_app(|app| {
        let (user, point) = (app.volunteer(NHON_PHU), point(app));
        let nothing = user.post("/api/v1/certificates", &order(new_id()));
        nothing.refused(422, "certificate.nothing");
        was_there(&user, point, 6, 4);
        was_there(&user, point, 12, 2);
        // Nobody said when they left: those hours are assumed, and not certified.
        let came: Fact = presence(NHON_PHU, point, user.id, "in").at("2024-10-13T07:30:00+07:00");
        let (kept, taken_back) = (assist(NHON_PHU), assist(NHON_PHU));
        user.counts(&[came, kept, taken_back.clone(), void(&taken_back)]);
        let preview = user
            .get("/api/v1/certificates/preview?first=2024-10-01&last=2024-10-13")
            .ok();
        let id = new_id();
        let made = user.post("/api/v1/certificates", &order(id)).ok();
        assert_eq!(made["certificate"], preview);
        assert_eq!(preview["minutes"], 360);
        assert_eq!(
            (&preview["days"], &preview["assists"]),
            (&json!(2), &json!(1))
        );
        let again = user.post("/api/v1/certificates", &order(id)).ok();
        assert_eq!(again, made);
        let other = issued(&user);
        assert_ne!(other["code"], made["code"]);

        let reply = app.get(&page_of(&made));
        assert_eq!(reply.status, 200);
        assert!(reply.body.len() < 4096, "{}", reply.body.len());
        let page = reply.text();
        let name = preview["name"].as_str().unwrap();
        for word in [
            "có thật",
            name,
            "6,0",
            "01/10/2024 – 13/10/2024",
            made["seal"].as_str().unwrap(),
        ] {
            assert!(page.contains(word), "{word}: {page}");
        }
        assert!(!page.contains("<script") && !page.contains(&user.id.to_string()));
        let style = page
            .split('"')
            .find(|word| word.starts_with("/trang.css?v="));
        let style = app.get(style.expect("a stylesheet"));
        assert_eq!(style.status, 200);
        assert!(style.header("cache-control").unwrap().contains("immutable"));
        let english = app.stranger().with_header("accept-language", "en");
        assert!(english.get(&page_of(&made)).text().contains("is real"));
    });
}

#[test]
fn a_wrong_code_is_told_from_an_unknown_one_and_nobody_tries_many() {
    with_app(|app| {
        let (user, point) = (app.volunteer(NHON_PHU), point(app));
        was_there(&user, point, 6, 4);
        let code = issued(&user)["code"].as_str().unwrap().to_owned();
        let says = |path: &str| {
            let reply = app.get(path);
            (reply.status, reply.text())
        };
        let typed = code.to_lowercase().replace('-', "+");
        assert!(says(&format!("/xac-nhan?ma={typed}")).1.contains("có thật"));
        let last = if code.ends_with('7') { "8" } else { "7" };
        let wrong = format!("{}{last}", &code[..code.len() - 1]);
        let (status, page) = says(&format!("/xac-nhan/{wrong}"));
        assert_eq!(status, 404);
        assert!(page.contains("gõ sai") && page.contains("<form"), "{page}");
        let unknown = domain::certificates::Code::from_random([9; 12]);
        let (status, page) = says(&format!("/xac-nhan/{unknown}"));
        assert_eq!(status, 404);
        assert!(page.contains("Không có giấy chứng nhận nào"), "{page}");
        assert_eq!(says("/xac-nhan").0, 200);
        let busy = (0..300).find_map(|_| Some(app.get("/xac-nhan/x")).filter(|r| r.status == 429));
        let busy = busy.expect("at some point it is enough");
        assert_eq!(busy.header("retry-after"), Some("60"));
        app.clock.advance(time::Duration::MINUTE);
        assert_eq!(says(&format!("/xac-nhan/{code}")).0, 200);
    });
}

#[test]
fn a_certificate_outlives_the_account_and_an_officer_withdraws_it() {
    with_app(|app| {
        let (user, point) = (app.volunteer(NHON_PHU), point(app));
        was_there(&user, point, 6, 4);
        let officer = app.officer(NHON_PHU);
        let for_user =
            json!({"id": new_id(), "member": user.id, "first": "2024-10-01", "last": "2024-10-13"});
        let made = officer.post("/api/v1/certificates", &for_user).ok();
        let name = made["certificate"]["name"].as_str().unwrap().to_owned();
        let disable = format!("/api/v1/members/{}/disable", user.id);
        officer.post(&disable, &json!({})).ok();
        let id = user.id;
        app.write(move |tx| {
            let sql = "update member set name = 'Đã rời', login = null, password_hash = null, phone = null where id = $1";
            tx.execute(sql, args![id])?;
            Ok(())
        })
        .expect("they leave");
        assert!(app.get(&page_of(&made)).text().contains(&name));

        let path = format!("/api/v1/certificates/{}", made["id"].as_str().unwrap());
        let withdraw = format!("{path}/withdraw");
        let why = json!({"reason": "Cấp nhầm người"});
        app.officer(DONG_DA)
            .post(&withdraw, &why)
            .refused(404, "not_found");
        officer
            .post(&withdraw, &json!({"reason": " "}))
            .refused(422, "request.validation");
        let withdrawn = officer.post(&withdraw, &why).ok();
        assert_eq!(withdrawn["withdrawn"]["reason"], "Cấp nhầm người");
        let other = officer.post(&withdraw, &json!({"reason": "Khác"})).ok();
        assert_eq!(other["withdrawn"], withdrawn["withdrawn"]);
        let page = app.get(&page_of(&made)).text();
        assert!(page.contains("thu hồi") && page.contains(&name), "{page}");
        // Why is between the office and the member.
        assert!(!page.contains("nhầm người"), "{page}");
        let listed = officer
            .get(&format!("/api/v1/certificates?member={}", user.id))
            .ok();
        assert_eq!(listed["certificates"][0]["id"], made["id"]);
    });
}

#[test]
fn certificates_are_ones_own_or_an_officers_to_issue() {
    with_app(|app| {
        let (user, point) = (app.volunteer(NHON_PHU), point(app));
        was_there(&user, point, 6, 4);
        let of_user = |by: &User| {
            let body = json!({"id": new_id(), "member": user.id, "first": "2024-10-01", "last": "2024-10-13"});
            by.post("/api/v1/certificates", &body)
        };
        for stranger in [
            app.volunteer(NHON_PHU),
            app.leader(NHON_PHU),
            app.officer(DONG_DA),
        ] {
            of_user(&stranger).refused(404, "not_found");
        }
        let made = issued(&user);
        let path = format!("/api/v1/certificates/{}", made["id"].as_str().unwrap());
        app.volunteer(NHON_PHU).get(&path).refused(404, "not_found");
        assert_eq!(user.get(&path).ok(), made);
        assert_eq!(made["may_withdraw"], false);
        assert_eq!(app.officer(NHON_PHU).get(&path).ok()["may_withdraw"], true);
        let taken = json!({"id": made["id"], "first": "2024-10-01", "last": "2024-10-13"});
        let thief = app.volunteer(NHON_PHU);
        was_there(&thief, point, 7, 1);
        thief
            .post("/api/v1/certificates", &taken)
            .refused(404, "not_found");
        for (first, last) in [
            ("2024-10-13", "2024-10-01"),
            ("2024-10-01", "2024-10-14"),
            ("2023-10-01", "2024-10-13"),
        ] {
            let body = json!({"id": new_id(), "first": first, "last": last});
            user.post("/api/v1/certificates", &body)
                .refused(422, "request.validation");
        }
    });
}
