//! Registers coming down: everything once, then only what changed, within one's scope.

use crate::harness::people::User;
use crate::harness::{DONG_DA, NHON_PHU, QUY_NHON, TestApp, with_app};
use causo::args;
use serde_json::{Value, json};
use std::io::Read;

fn sync(user: &User, since: &str) -> Value {
    user.get(&format!("/api/v1/changes?since={since}")).ok()
}

fn ids(list: &Value) -> Vec<&str> {
    list.as_array()
        .expect("a list")
        .iter()
        .map(|one| one["id"].as_str().expect("an id"))
        .collect()
}

fn cursor(body: &Value) -> &str {
    body["cursor"].as_str().expect("a cursor")
}

#[test]
fn the_first_sync_brings_everything_in_scope_and_nothing_else() {
    with_app(|app| {
        let team = app.team(NHON_PHU, "Tổ 1");
        app.team(DONG_DA, "Tổ khác");
        app.province().campaign();
        let user = app.volunteer(NHON_PHU);
        let first = user.get("/api/v1/changes").ok();
        assert_eq!(first["reset"], true);
        assert_eq!(first["me"]["member"]["id"], user.id.to_string());
        assert_eq!(ids(&first["places"]), [NHON_PHU]);
        assert_eq!(ids(&first["teams"]), [team.to_string()]);
        assert_eq!(
            first["campaigns"][0]["indicators"].as_array().map(Vec::len),
            Some(10)
        );
        assert!(
            first["services"]
                .as_array()
                .is_some_and(|all| all.len() > 30)
        );
        // What can wait until the first screen stands comes in the answer after.
        assert_eq!(
            (&first["guides"], &first["more"]),
            (&json!([]), &json!(true))
        );
        let rest = sync(&user, cursor(&first));
        assert_eq!(rest["guides"].as_array().map(Vec::len), Some(9));
        assert_eq!(first["objections"], json!([]));
        assert_eq!(rest["objections"].as_array().map(Vec::len), Some(20));
        assert_eq!(
            (&rest["reset"], &rest["more"]),
            (&json!(false), &json!(false))
        );
        let hanoi = app.volunteer("63-00004");
        assert_eq!(hanoi.get("/api/v1/changes").ok()["campaigns"], json!([]));
    });
}

#[test]
fn the_next_sync_brings_only_what_changed() {
    with_app(|app| {
        let user = app.volunteer(NHON_PHU);
        let first = sync(&user, "");
        let first = sync(&user, cursor(&first));
        let second = sync(&user, cursor(&first));
        assert_eq!(second["reset"], false);
        for register in ["places", "teams", "services", "guides"] {
            assert_eq!(second[register], json!([]), "{register}");
        }
        let hamlet = json!({"parent_id": NHON_PHU, "name": "Tổ dân phố 7", "kind": "to_dan_pho"});
        let hamlet = app.officer(NHON_PHU).post("/api/v1/places", &hamlet).ok();
        let elsewhere = json!({"parent_id": DONG_DA, "name": "Tổ dân phố 8", "kind": "to_dan_pho"});
        app.officer(DONG_DA).post("/api/v1/places", &elsewhere).ok();
        let team = app.team(NHON_PHU, "Tổ mới");
        let third = sync(&user, cursor(&second));
        assert_eq!(ids(&third["places"]), [hamlet["id"].as_str().unwrap()]);
        assert_eq!(ids(&third["teams"]), [team.to_string()]);
        // An answer that got lost can be asked for again.
        assert_eq!(sync(&user, cursor(&second))["places"], third["places"]);
        assert_eq!(sync(&user, cursor(&third))["places"], json!([]));
    });
}

#[test]
fn a_snapshot_made_for_others_misses_nothing_that_changed_since() {
    with_app(|app| {
        let (early, late) = (app.volunteer(NHON_PHU), app.volunteer(NHON_PHU));
        let first = sync(&early, "");
        assert_eq!(ids(&first["places"]), [NHON_PHU]);
        let hamlet = json!({"parent_id": NHON_PHU, "name": "Tổ dân phố 7", "kind": "to_dan_pho"});
        let hamlet = app.officer(NHON_PHU).post("/api/v1/places", &hamlet).ok();
        let hamlet = hamlet["id"].as_str().expect("an id");
        // What was made for the first is given to the second, who is told to ask on.
        let first = sync(&late, "");
        assert_eq!(first["me"]["member"]["id"], late.id.to_string());
        assert_eq!(first["more"], true);
        let rest = sync(&late, cursor(&first));
        let both = [ids(&first["places"]), ids(&rest["places"])].concat();
        assert_eq!(both, [NHON_PHU, hamlet]);
        assert_eq!(sync(&late, cursor(&rest))["places"], json!([]));
    });
}

#[test]
fn a_compressed_answer_says_the_same() {
    with_app(|app| {
        app.province().campaign();
        let user = app.volunteer(NHON_PHU);
        for since in ["", cursor(&sync(&user, ""))] {
            let path = format!("/api/v1/changes?since={since}");
            let plain = user.get(&path);
            let packed = user.with_header("accept-encoding", "gzip, br").get(&path);
            assert_eq!(plain.header("content-encoding"), None);
            assert_eq!(packed.header("content-encoding"), Some("gzip"));
            assert_eq!(packed.header("vary"), Some("accept-encoding"));
            let mut text = String::new();
            flate2::bufread::GzDecoder::new(&packed.body[..])
                .read_to_string(&mut text)
                .expect("it is sound gzip");
            let (plain, packed) = (plain.json(), serde_json::from_str::<Value>(&text));
            assert_eq!(packed.expect("it is JSON"), plain);
        }
    });
}

fn move_to(app: &TestApp, user: &User, place: &'static str) {
    let id = user.id;
    app.write(move |tx| {
        Ok(tx.execute(
            "update member_grant set place_id = $2 where member_id = $1",
            args![id, place],
        )?)
    })
    .expect("it moves");
}

#[test]
fn a_change_of_scope_starts_afresh() {
    with_app(|app| {
        let user = app.volunteer(NHON_PHU);
        let first = sync(&user, "");
        move_to(app, &user, DONG_DA);
        let second = sync(&user, cursor(&first));
        assert_eq!(second["reset"], true);
        assert_eq!(ids(&second["places"]), [DONG_DA]);
        assert_eq!(sync(&user, cursor(&second))["reset"], false);
    });
}

#[test]
fn a_cursor_of_somebody_else_or_of_another_server_starts_afresh_and_nonsense_is_refused() {
    with_app(|app| {
        let (user, other) = (app.volunteer(NHON_PHU), app.volunteer(DONG_DA));
        let theirs = sync(&other, "");
        let answer = sync(&user, cursor(&theirs));
        assert_eq!(
            (&answer["reset"], ids(&answer["places"])),
            (&json!(true), vec![NHON_PHU])
        );
        let own = sync(&user, "");
        let (_, mark) = cursor(&own).split_once('.').unwrap();
        // A database restored from an older copy knows fewer revisions.
        assert_eq!(sync(&user, &format!("999999.{mark}"))["reset"], true);
        for raw in [
            "nonsense",
            "1",
            "x.y",
            "-.",
            "99999999999999999999.aa",
            "1;drop",
        ] {
            user.get(&format!("/api/v1/changes?since={raw}"))
                .refused(400, "request.malformed");
        }
    });
}

#[test]
fn officers_get_the_upper_levels_and_browse_the_rest() {
    with_app(|app| {
        let district = app.officer(QUY_NHON).get("/api/v1/changes").ok();
        assert_eq!(district["places"].as_array().map(Vec::len), Some(18));
        let province = app.province().get("/api/v1/changes").ok();
        let levels: Vec<&str> = province["places"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["level"].as_str().unwrap())
            .collect();
        assert!(levels.contains(&"district"));
        assert!(levels.len() < 400, "{}", levels.len());
    });
}
