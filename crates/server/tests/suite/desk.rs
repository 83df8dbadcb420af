//! The desk of a point: tickets taken, called, served, held, transferred, and never twice.

use crate::harness::people::User;
use crate::harness::{DONG_DA, NHON_PHU, TestApp, with_app};
use serde_json::{Value, json};
use time::Duration;
use uuid::Uuid;

/// Three counters; the third is quick and takes in certification only.
pub fn setup() -> Value {
    json!({
        "counters": [
            {"code": "1", "name": "", "groups": ["civil_status", "certification"], "quick": false},
            {"code": "2", "name": "", "groups": ["residence", "land"], "quick": false},
            {"code": "3", "name": "Quầy nhanh", "groups": ["certification"], "quick": true},
        ],
        "groups": [
            {"group": "civil_status", "letter": "A", "expected_min": 12},
            {"group": "certification", "letter": "B", "expected_min": 5},
            {"group": "residence", "letter": "C", "expected_min": 10},
            {"group": "land", "letter": "D", "expected_min": 20},
        ],
        "priority": ["elderly", "with_child"],
        "priority_run": 2,
        "quick_min": 6,
        "calls": 2,
        "languages": ["vi", "km"],
        "voice": true,
    })
}

/// A desk in [`NHON_PHU`], and somebody who works at it.
pub struct Desk {
    pub point: Uuid,
    pub worker: User,
}

impl Desk {
    pub fn open(app: &TestApp) -> Self {
        Self::open_at(app, NHON_PHU)
    }

    pub fn open_at(app: &TestApp, place: &str) -> Self {
        let (point, officer) = (app.clock.new_id(), app.officer(place));
        let about = json!({"place_id": place, "name": "Trung tâm Phục vụ hành chính công", "kind": "commune_centre"});
        officer.put(&format!("/api/v1/points/{point}"), &about).ok();
        officer
            .put(&format!("/api/v1/desk/points/{point}"), &setup())
            .ok();
        let worker = app.volunteer(place);
        Self { point, worker }
    }

    pub fn url(&self, rest: &str) -> String {
        format!("/api/v1/desk/points/{}{rest}", self.point)
    }

    pub fn take(&self, app: &TestApp, wanted: Value, priority: Option<&str>) -> Value {
        let body = json!({"id": app.clock.new_id(), "wanted": wanted, "priority": priority,
            "language": "vi", "source": "volunteer", "triage": null});
        app.clock.advance(Duration::seconds(1));
        self.worker.post(&self.url("/tickets"), &body).ok()
    }

    pub fn next(&self, app: &TestApp, counter: &str) -> Value {
        let body = json!({"id": app.clock.new_id(), "counter": counter});
        self.worker.post(&self.url("/next"), &body).ok()["ticket"].clone()
    }

    pub fn act(&self, app: &TestApp, ticket: &Value, act: Value) -> crate::harness::client::Reply {
        let mut body = act;
        body["id"] = json!(app.clock.new_id());
        let id = ticket["id"].as_str().expect("an id");
        self.worker
            .post(&format!("/api/v1/desk/tickets/{id}/steps"), &body)
    }

    pub fn done(&self, app: &TestApp, ticket: &Value, act: &str) -> Value {
        self.act(app, ticket, json!({"act": act})).ok()
    }
}

fn procedure(code: &str) -> Value {
    json!([{"procedure": code}])
}

#[test]
fn a_ticket_is_taken_called_and_served_and_everybody_sees_the_queue() {
    with_app(|app| {
        let desk = Desk::open(app);
        let empty = desk.worker.get(&desk.url("/queue")).ok();
        let first = desk.take(app, procedure("1.001193"), None);
        assert_eq!(
            (&first["number"], &first["stage"]),
            (&json!("A001"), &json!("waiting"))
        );
        let second = desk.take(app, json!([{"group": "civil_status"}]), None);
        assert_eq!(second["number"], "A002");
        assert_eq!(
            desk.take(app, procedure("2.000815"), None)["number"],
            "B001"
        );

        let called = desk.next(app, "1");
        assert_eq!(
            (&called["id"], &called["stage"]),
            (&first["id"], &json!("called"))
        );
        desk.done(app, &called, "start");
        let done = desk.done(app, &called, "finish");
        assert_eq!(
            (&done["stage"], &done["counter"]),
            (&json!("done"), &json!("1"))
        );
        assert_eq!(desk.next(app, "2"), Value::Null);

        let queue = desk.worker.get(&desk.url("/queue")).ok();
        assert_ne!(queue["version"], empty["version"]);
        let numbers: Vec<&Value> = queue["queue"]["tickets"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|ticket| &ticket["number"])
            .collect();
        assert_eq!(numbers, ["A001", "A002", "B001"]);
        let version = queue["version"].as_i64().expect("a number");
        let same = desk
            .worker
            .get(&desk.url(&format!("/queue?version={version}")))
            .ok();
        assert_eq!(same, json!({"version": version, "queue": null}));

        let whole = format!(
            "/api/v1/desk/tickets/{}",
            first["id"].as_str().expect("an id")
        );
        let whole = desk.worker.get(&whole).ok();
        let acts: Vec<&Value> = whole["steps"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|step| &step["act"])
            .collect();
        assert_eq!(acts, ["take", "call", "start", "finish"]);
    });
}

#[test]
fn what_is_done_twice_under_one_id_is_done_once() {
    with_app(|app| {
        let desk = Desk::open(app);
        let take = json!({"id": app.clock.new_id(), "wanted": procedure("2.000815"), "priority": "elderly",
            "language": "km", "source": "kiosk", "triage": {"answers": ["copy"]}});
        let taken = desk.worker.post(&desk.url("/tickets"), &take).ok();
        assert_eq!(desk.worker.post(&desk.url("/tickets"), &take).ok(), taken);
        desk.take(app, procedure("2.000815"), None);
        let next = json!({"id": app.clock.new_id(), "counter": "3"});
        let called = desk.worker.post(&desk.url("/next"), &next).ok();
        assert_eq!(called["ticket"]["id"], taken["id"]);
        assert_eq!(desk.worker.post(&desk.url("/next"), &next).ok(), called);
        assert_eq!(app.count("select count(*) from ticket"), 2);
        assert_eq!(app.count("select count(*) from ticket_step"), 3);
    });
}

#[test]
fn a_desk_is_for_those_of_its_place_and_its_set_up_for_officers() {
    with_app(|app| {
        let desk = Desk::open(app);
        let ticket = desk.take(app, procedure("2.000815"), None);
        let id = ticket["id"].as_str().expect("an id").to_owned();
        let far = app.volunteer(DONG_DA);
        for path in [
            desk.url(""),
            desk.url("/queue"),
            format!("/api/v1/desk/tickets/{id}"),
        ] {
            far.get(&path).refused(404, "not_found");
        }
        let next = json!({"id": app.clock.new_id(), "counter": "1"});
        far.post(&desk.url("/next"), &next)
            .refused(404, "not_found");
        let step =
            json!({"id": app.clock.new_id(), "act": "leave", "counter": null, "group": null});
        far.post(&format!("/api/v1/desk/tickets/{id}/steps"), &step)
            .refused(404, "not_found");
        desk.worker
            .put(&desk.url(""), &setup())
            .refused(403, "auth.forbidden");
        app.officer(DONG_DA)
            .put(&desk.url(""), &setup())
            .refused(404, "not_found");
    });
}
