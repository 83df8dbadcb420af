//! Crowded desks beside quiet ones: who could go where, who is told, who is moved, and that
//! whoever stands at a shift works at its desk that day.

use crate::desk::{Desk, setup};
use crate::harness::client::Reply;
use crate::harness::facts::{assist, new_id, presence, step, void};
use crate::harness::people::User;
use crate::harness::{DONG_DA, NHON_PHU, PROVINCE, QUY_NHON, TestApp, with_app_at};
use serde_json::{Value, json};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// A Monday, before anybody is at work.
const EARLY: OffsetDateTime = datetime!(2024-10-14 06:00 +7);

/// A desk with its shift of Monday morning, and the officer of its place.
struct Post {
    desk: Desk,
    officer: User,
    shift: Value,
}

impl Post {
    fn open(app: &TestApp, place: &str, name: &str, people: (u32, u32)) -> Self {
        let (point, officer) = (app.clock.new_id(), app.officer(place));
        let hours = json!({"mon": [{"from": "07:00", "to": "11:30"}]});
        let about =
            json!({"place_id": place, "name": name, "kind": "commune_centre", "hours": hours});
        officer.put(&format!("/api/v1/points/{point}"), &about).ok();
        officer
            .put(&format!("/api/v1/desk/points/{point}"), &setup())
            .ok();
        let rule = json!({"point": point, "valid_from": "2024-10-01", "valid_to": null,
            "source": {"title": "Kế hoạch trực", "number": "1", "signed_on": "2024-09-30"},
            "rule": {"weekdays": [1], "halves": ["morning"], "people_min": people.0, "people_max": people.1}});
        let url = format!("/api/v1/rosters/rules/{}", app.clock.new_id());
        officer.put(&url, &rule).ok();
        let month = json!({"place": place, "month": "2024-10-14"});
        officer.post("/api/v1/rosters/generate", &month).ok();
        let url = format!(
            "/api/v1/rosters/shifts?place={place}&point={point}&from=2024-10-14&to=2024-10-14"
        );
        let shift = officer.get(&url).ok()["shifts"][0].clone();
        let worker = app.volunteer(place);
        Self {
            desk: Desk { point, worker },
            officer,
            shift,
        }
    }

    fn shift(&self) -> &str {
        self.shift["id"].as_str().expect("an id")
    }

    fn put_on(&self, member: &User) {
        let url = format!("/api/v1/rosters/shifts/{}/people", self.shift());
        let body = json!({"member": member.id, "stands": true});
        self.officer.put(&url, &body).ok();
    }

    /// Eight people come, for something that one counter takes in.
    fn crowd(&self, app: &TestApp) {
        for _ in 0..8 {
            self.desk
                .take(app, json!([{"group": "civil_status"}]), None);
        }
    }
}

fn load(user: &User, place: &str) -> Value {
    user.get(&format!("/api/v1/desk/load?place={place}")).ok()
}

fn moves(user: &User, member: &User, from: &Post, to: &Post) -> Reply {
    let body = json!({"member": member.id, "from": from.shift(), "to": to.shift()});
    user.post("/api/v1/rosters/moves", &body)
}

fn told(user: &User, kind: &str) -> Vec<Value> {
    let all = user.get("/api/v1/notifications").ok();
    let all = all["notifications"].as_array().expect("a list").clone();
    all.into_iter().filter(|one| one["kind"] == kind).collect()
}

/// Half past seven on Monday: a crowded desk, and a quiet one whose shift needs one and has two.
fn morning(app: &TestApp, quiet_at: &str) -> (Post, Post, [User; 2]) {
    let crowded = Post::open(app, NHON_PHU, "Trung tâm hành chính công", (1, 2));
    let quiet = Post::open(app, quiet_at, "Nhà văn hóa khu phố 2", (1, 2));
    let two = [app.volunteer(quiet_at), app.volunteer(quiet_at)];
    two.iter().for_each(|one| quiet.put_on(one));
    app.clock.advance(Duration::minutes(90));
    crowded.crowd(app);
    (crowded, quiet, two)
}

#[test]
fn a_leader_sees_desks_side_by_side_and_moves_somebody_who_is_to_spare_and_back() {
    with_app_at(EARLY, |app| {
        let (crowded, quiet, two) = morning(app, NHON_PHU);
        let came =
            presence(NHON_PHU, quiet.desk.point, two[1].id, "in").at("2024-10-14T07:00:00+07:00");
        two[1].counts(&[came]);
        let leader = app.leader(NHON_PHU);
        let seen = load(&leader, NHON_PHU);
        let [first, second] = [&seen["points"][0], &seen["points"][1]];
        assert_eq!(first["id"], json!(crowded.desk.point));
        assert_eq!(
            (&first["waiting"], &first["wait_s"], &first["is_crowded"]),
            (&json!(8), &json!(8 * 12 * 60), &json!(true))
        );
        assert_eq!(
            (&first["counters_open"], &first["counters"]),
            (&json!(0), &json!(3))
        );
        assert_eq!(
            (&first["people"], &first["shift"]["people_min"]),
            (&json!([]), &json!(1))
        );
        assert_eq!(
            (&second["wait_s"], &second["is_quiet"]),
            (&json!(0), &json!(true))
        );
        assert_eq!(second["people"].as_array().map(Vec::len), Some(2));
        // Of two who could go, the one who came.
        let proposals = json!([{"member": {"id": two[1].id, "name": seen["proposals"][0]["member"]["name"]},
            "from": quiet.desk.point, "to": crowded.desk.point, "from_shift": quiet.shift(),
            "to_shift": crowded.shift(), "distance_m": 0}]);
        assert_eq!(seen["proposals"], proposals);

        let after = moves(&leader, &two[1], &quiet, &crowded).ok();
        assert_eq!(after["people"][0]["member"]["id"], json!(two[1].id));
        // Sent twice, it is done once.
        assert_eq!(moves(&leader, &two[1], &quiet, &crowded).ok(), after);
        let wanted = told(&two[1], "shift_moved");
        assert_eq!((wanted.len(), &wanted[0]["link"]), (1, &json!("/quay")));
        let seen = load(&leader, NHON_PHU);
        assert_eq!(seen["proposals"], json!([]));
        assert_eq!(
            seen["points"][0]["people"][0]["member"]["id"],
            json!(two[1].id)
        );
        // The other stays: its shift needs one.
        assert_eq!(
            seen["points"][1]["people"].as_array().map(Vec::len),
            Some(1)
        );

        moves(&leader, &two[1], &crowded, &quiet).ok();
        assert_eq!(load(&leader, NHON_PHU)["proposals"], proposals);
        assert_eq!(app.count("select count(*) from assignment_change"), 6);
    });
}

#[test]
fn who_does_not_lead_both_shifts_or_asks_for_what_cannot_be_moves_nobody() {
    with_app_at(EARLY, |app| {
        let (crowded, quiet, two) = morning(app, DONG_DA);
        app.volunteer(NHON_PHU)
            .get(&format!("/api/v1/desk/load?place={NHON_PHU}"))
            .refused(403, "auth.forbidden");
        crowded
            .officer
            .get(&format!("/api/v1/desk/load?place={DONG_DA}"))
            .refused(404, "not_found");
        // Neither ward takes people from the other; the province does.
        assert_eq!(load(&crowded.officer, NHON_PHU)["proposals"], json!([]));
        for one in [&crowded.officer, &quiet.officer] {
            moves(one, &two[0], &quiet, &crowded).refused(404, "not_found");
        }
        let province = app.province();
        assert_eq!(
            load(&province, QUY_NHON)["proposals"]
                .as_array()
                .map(Vec::len),
            Some(0)
        );
        // They are there already.
        moves(&province, &two[0], &crowded, &quiet).ok();
        moves(&province, &two[0], &crowded, &crowded).refused(422, "request.validation");
        for one in [app.volunteer(NHON_PHU), app.volunteer(NHON_PHU)] {
            let body = json!({"member": one.id, "from": quiet.shift(), "to": crowded.shift()});
            province
                .post("/api/v1/rosters/moves", &body)
                .refused(409, "roster.not_there");
        }
        moves(&province, &two[0], &quiet, &crowded).ok();
        app.clock.advance(Duration::hours(5));
        moves(&province, &two[1], &quiet, &crowded).refused(409, "roster.not_running");
    });
}

#[test]
fn a_shift_that_is_full_or_asks_for_a_skill_takes_nobody_more() {
    with_app_at(EARLY, |app| {
        let crowded = Post::open(app, NHON_PHU, "Trung tâm hành chính công", (1, 1));
        let quiet = Post::open(app, NHON_PHU, "Nhà văn hóa khu phố 2", (1, 3));
        let three = [(); 3].map(|()| app.volunteer(NHON_PHU));
        crowded.put_on(&three[0]);
        three[1..].iter().for_each(|one| quiet.put_on(one));
        app.clock.advance(Duration::minutes(90));
        crowded.crowd(app);
        let seen = load(&crowded.officer, NHON_PHU);
        assert_eq!(
            (&seen["points"][0]["is_crowded"], &seen["proposals"]),
            (&json!(true), &json!([]))
        );
        moves(&crowded.officer, &three[1], &quiet, &crowded).refused(409, "roster.full");
        assert_eq!(app.tell_crowded(), 0);
    });
}

#[test]
fn those_who_can_move_people_are_told_once_an_hour() {
    with_app_at(EARLY, |app| {
        let leader = app.leader(NHON_PHU);
        let (crowded, ..) = morning(app, NHON_PHU);
        let far = app.leader(DONG_DA);
        assert_eq!((app.tell_crowded(), app.tell_crowded()), (1, 0));
        let notices = told(&leader, "desk_crowded");
        assert_eq!(notices.len(), 1);
        assert_eq!(notices[0]["link"], "/quay/dieu-phoi");
        let title = notices[0]["title"].as_str().expect("words");
        assert_eq!(title, "Trung tâm hành chính công đang đông: chờ 96 phút");
        assert_eq!(told(&crowded.officer, "desk_crowded").len(), 1);
        assert_eq!(told(&far, "desk_crowded").len(), 0);
        app.clock.advance(Duration::minutes(59));
        assert_eq!(app.tell_crowded(), 0);
        app.clock.advance(Duration::minutes(1));
        assert_eq!(app.tell_crowded(), 1);
        assert_eq!(told(&leader, "desk_crowded").len(), 2);
    });
}

#[test]
fn between_two_wards_the_province_is_told() {
    with_app_at(EARLY, |app| {
        let province = app.province();
        let (crowded, quiet, two) = morning(app, DONG_DA);
        for (post, lat_e6) in [(&crowded, 13_760_000), (&quiet, 13_770_000)] {
            let place = if post.desk.point == crowded.desk.point {
                NHON_PHU
            } else {
                DONG_DA
            };
            let hours = json!({"mon": [{"from": "07:00", "to": "11:30"}]});
            let about = json!({"place_id": place, "name": "Điểm hỗ trợ", "kind": "commune_centre",
                "hours": hours, "lat_e6": lat_e6, "lon_e6": 109_210_000});
            let url = format!("/api/v1/points/{}", post.desk.point);
            post.officer.put(&url, &about).ok();
        }
        let seen = load(&province, PROVINCE);
        assert_eq!(seen["proposals"][0]["distance_m"], 1112);
        assert_eq!(app.tell_crowded(), 1);
        assert_eq!(told(&province, "desk_crowded").len(), 1);
        assert_eq!(told(&crowded.officer, "desk_crowded").len(), 0);
        moves(&province, &two[0], &quiet, &crowded).ok();
        // Who came from next door works at the desk.
        let posts = two[0].get("/api/v1/desk/points").ok();
        let post = posts["points"].as_array().expect("a list").iter();
        let mut post = post.filter(|one| one["guest"] == true);
        assert_eq!(post.next().expect("one")["id"], json!(crowded.desk.point));
        two[0].get(&crowded.desk.url("/queue")).ok();
    });
}

/// What whoever works at a desk does there, by an outsider.
fn tries(app: &TestApp, who: &User, desk: &Desk, ticket: &Value) -> Vec<Reply> {
    let id = ticket["id"].as_str().expect("an id");
    let new_id = || -> Uuid { app.clock.new_id() };
    let take = json!({"id": new_id(), "wanted": [{"group": "civil_status"}], "priority": null,
        "language": "vi", "source": "counter", "triage": null});
    let leave = json!({"id": new_id(), "act": "leave", "counter": null, "group": null});
    vec![
        who.get(&desk.url("")),
        who.get(&desk.url("/queue")),
        who.get(&desk.url("/load")),
        who.get(&format!("/api/v1/desk/tickets/{id}")),
        who.post(&desk.url("/tickets"), &take),
        who.post(&desk.url("/next"), &json!({"id": new_id(), "counter": "1"})),
        who.post(&format!("/api/v1/desk/tickets/{id}/steps"), &leave),
    ]
}

#[test]
fn who_stands_at_a_shift_elsewhere_works_at_its_desk_that_day_and_nothing_more() {
    with_app_at(EARLY - Duration::days(1), |app| {
        let post = Post::open(app, NHON_PHU, "Trung tâm hành chính công", (1, 3));
        let (guest, neighbour) = (app.volunteer(DONG_DA), app.volunteer(DONG_DA));
        let leads_elsewhere = app.leader(DONG_DA);
        post.put_on(&guest);
        post.put_on(&leads_elsewhere);
        let refused = |who: &User, ticket: &Value| {
            for reply in tries(app, who, &post.desk, ticket) {
                reply.refused(404, "not_found");
            }
        };
        let sunday = post.desk.take(app, json!([{"group": "land"}]), None);
        refused(&guest, &sunday);
        assert_eq!(guest.get("/api/v1/desk/points").ok()["points"], json!([]));

        app.clock.advance(Duration::days(1));
        let monday = post.desk.take(app, json!([{"group": "land"}]), None);
        refused(&neighbour, &monday);
        for reply in tries(app, &guest, &post.desk, &monday) {
            reply.ok();
        }
        let posts = guest.get("/api/v1/desk/points").ok();
        assert_eq!(posts["points"][0]["name"], "Trung tâm hành chính công");
        assert_eq!(guest.get(&post.desk.url("")).ok()["may_change"], false);
        // Its tickets of other days, its load then, its times and its set-up are not theirs.
        let old = format!(
            "/api/v1/desk/tickets/{}",
            sunday["id"].as_str().expect("an id")
        );
        guest.get(&old).refused(404, "not_found");
        guest
            .get(&post.desk.url("/load?day=2024-10-13"))
            .refused(404, "not_found");
        let times = post.desk.url("/times?from=2024-10-14&to=2024-10-14");
        leads_elsewhere.get(&times).refused(404, "not_found");
        app.officer(DONG_DA)
            .put(&post.desk.url(""), &setup())
            .refused(404, "not_found");

        app.clock.advance(Duration::days(1));
        refused(&guest, &monday);
        assert_eq!(guest.get("/api/v1/desk/points").ok()["points"], json!([]));
    });
}

#[test]
fn what_is_done_for_a_ticket_elsewhere_counts_there_and_for_nobody_elses_team() {
    with_app_at(EARLY, |app| {
        let post = Post::open(app, NHON_PHU, "Trung tâm hành chính công", (1, 3));
        let (guest, neighbour) = (app.volunteer(DONG_DA), app.volunteer(DONG_DA));
        post.put_on(&guest);
        app.clock.advance(Duration::minutes(90));
        let ticket = post.desk.take(app, json!([{"group": "land"}]), None);
        let ticket = ticket["id"].as_str().expect("an id");
        let helped = |place: &str| {
            assist(place)
                .did("dvc_dossier", "submitted")
                .with("/body/ticket", ticket)
                .at("2024-10-14T07:30:00+07:00")
        };
        let first = helped(NHON_PHU);
        guest.counts(std::slice::from_ref(&first));
        let seen = post
            .desk
            .worker
            .get(&format!("/api/v1/desk/tickets/{ticket}"));
        assert_eq!(seen.ok()["assists"][0]["id"], first.id());
        guest.counts(&[helped(NHON_PHU).corrects(&first), void(&first)]);

        // Not for their own team, not elsewhere, not without a ticket, not on another day, not by others.
        let team = app.team(DONG_DA, "Tổ công nghệ số");
        guest.refuses(&helped(NHON_PHU).team(team), "fact.team_unknown");
        guest.refuses(&helped(QUY_NHON), "fact.out_of_scope");
        guest.refuses(
            &assist(NHON_PHU).at("2024-10-14T07:30:00+07:00"),
            "fact.out_of_scope",
        );
        let sunday = helped(NHON_PHU).at("2024-10-13T07:30:00+07:00");
        guest.refuses(&sunday, "fact.out_of_scope");
        neighbour.refuses(&helped(NHON_PHU), "fact.out_of_scope");

        let wish = json!({"point": post.desk.point, "ticket": ticket, "procedures": ["1.004222"], "dossier": null,
            "note": "", "due": "2024-10-22", "phone": null});
        let slip = format!("/api/v1/slips/{}", new_id());
        neighbour.put(&slip, &wish).refused(404, "not_found");
        guest.put(&slip, &wish).ok();
        guest.get(&slip).ok();
        neighbour.get(&slip).refused(404, "not_found");
        app.clock.advance(Duration::days(1));
        guest.get(&slip).refused(404, "not_found");
        let late = format!("/api/v1/slips/{}", new_id());
        guest.put(&late, &wish).refused(404, "not_found");
    });
}

#[test]
fn a_shift_elsewhere_is_on_the_phone_of_whoever_stands_at_it_and_can_be_left() {
    with_app_at(EARLY - Duration::days(1), |app| {
        let post = Post::open(app, NHON_PHU, "Trung tâm hành chính công", (1, 3));
        let (guest, neighbour) = (app.volunteer(DONG_DA), app.volunteer(DONG_DA));
        let away = |who: &User| who.get("/api/v1/changes").ok()["away_shifts"].clone();
        assert_eq!(away(&guest), json!([]));
        post.put_on(&guest);
        post.put_on(&post.desk.worker);
        let there = away(&guest);
        assert_eq!(there[0]["id"], post.shift["id"]);
        assert_eq!(there[0]["point"]["name"], "Trung tâm hành chính công");
        assert_eq!(away(&neighbour), json!([]));
        assert_eq!(away(&post.desk.worker), json!([]));

        let shift = post.shift();
        let now = "2024-10-13T06:00:00+07:00";
        neighbour.refuses(
            &step(NHON_PHU, shift, "sign_up").at(now),
            "fact.out_of_scope",
        );
        neighbour.refuses(&step(NHON_PHU, shift, "leave").at(now), "roster.not_on_it");
        guest.counts(&[step(NHON_PHU, shift, "leave").at(now)]);
        assert_eq!(away(&guest), json!([]));
    });
}
