//! The desk of a point: tickets taken, called, served, held, transferred, and never twice.

use crate::commands::{TODAY, signed_in};
use crate::harness::client::Client;
use crate::harness::facts::{Fact, assist, new_id, ticket_step, void};
use crate::harness::folder::Folder;
use crate::harness::people::User;
use crate::harness::process::{Server, causo};
use crate::harness::{DONG_DA, NHON_PHU, TestApp, fresh_database, with_app};
use causo::args;
use causo::features::members::Role;
use serde_json::{Value, json};
use std::collections::BTreeSet;
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
        "quick_min": 8,
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

#[test]
fn whoever_chooses_where_they_work_is_shown_points_with_a_desk_and_their_roster_of_today() {
    with_app(|app| {
        let desk = Desk::open(app);
        let officer = app.officer(NHON_PHU);
        let about = json!({"place_id": NHON_PHU, "name": "Điểm chưa mở bàn", "kind": "one_stop"});
        let bare = format!("/api/v1/points/{}", app.clock.new_id());
        officer.put(&bare, &about).ok();
        let seen = |user: &User| {
            let points = user.get("/api/v1/desk/points").ok()["points"].clone();
            let points = points.as_array().expect("a list").iter();
            let seen = points.map(|one| (one["id"].clone(), one["rostered"].clone()));
            seen.collect::<Vec<_>>()
        };
        let here = json!(desk.point);
        assert_eq!(seen(&desk.worker), [(here.clone(), json!(false))]);
        assert_eq!(seen(&app.volunteer(DONG_DA)), []);

        let (point, shift, now) = (desk.point, app.clock.new_id(), app.clock.now());
        app.write(move |tx| {
            let day = domain::days::day_of(now);
            tx.execute(
                "insert into shift (id, point_id, day, starts_at, ends_at, people_min, people_max, skills, rev)
                 values ($1, $2, $3, $4, $5, 1, 2, '[]', 1)",
                args![shift, point, day, now + Duration::HOUR, now + 2 * Duration::HOUR],
            )?;
            Ok(())
        })
        .expect("it is made");
        let stands = json!({"member": desk.worker.id, "stands": true});
        let people = format!("/api/v1/rosters/shifts/{shift}/people");
        officer.put(&people, &stands).ok();
        assert_eq!(seen(&desk.worker), [(here.clone(), json!(true))]);
        assert_eq!(seen(&officer), [(here, json!(false))]);
        app.clock.advance(Duration::DAY);
        assert_eq!(seen(&desk.worker)[0].1, json!(false));
    });
}

#[test]
fn several_errands_hold_transfer_and_not_being_there() {
    with_app(|app| {
        let desk = Desk::open(app);
        let both = json!([{"procedure": "1.001193"}, {"procedure": "1.004222"}]);
        let both = desk.take(app, both, None);
        let other = desk.take(app, procedure("1.001193"), None);
        desk.next(app, "1");
        desk.done(app, &both, "start");
        // A counter has one ticket at a time.
        let again = json!({"id": app.clock.new_id(), "counter": "1"});
        desk.worker
            .post(&desk.url("/next"), &again)
            .refused(409, "desk.counter_busy");
        let held = desk.done(app, &both, "hold");
        assert_eq!(
            (&held["stage"], &held["counter"]),
            (&json!("held"), &Value::Null)
        );
        assert_eq!(desk.next(app, "1")["id"], other["id"]);

        // Called as often as the desk wants it, and no more, before it counts as not there.
        desk.act(app, &other, json!({"act": "no_show"}))
            .refused(409, "desk.call_again");
        desk.done(app, &other, "recall");
        desk.act(app, &other, json!({"act": "recall"}))
            .refused(409, "desk.called_enough");
        desk.done(app, &other, "no_show");
        desk.act(app, &other, json!({"act": "start"}))
            .refused(409, "desk.not_now");

        desk.act(app, &both, json!({"act": "resume", "counter": "1"}))
            .ok();
        // The second errand is counter 2's: back in line, at the place it had.
        let onward = desk.done(app, &both, "finish");
        assert_eq!(
            (&onward["stage"], &onward["since"]),
            (&json!("waiting"), &both["arrived_at"])
        );
        assert_eq!(desk.next(app, "2")["id"], both["id"]);
        desk.done(app, &both, "start");
        let moved = json!({"act": "transfer", "group": "land"});
        assert_eq!(
            desk.act(app, &both, moved).ok()["errands"][1]["group"],
            "land"
        );
        assert_eq!(desk.next(app, "2")["id"], both["id"]);
        desk.done(app, &both, "start");
        assert_eq!(desk.done(app, &both, "finish")["stage"], "done");
        assert!(desk.done(app, &both, "deliver")["returned_at"].is_string());

        app.clock.advance(Duration::minutes(9));
        let back = desk.done(app, &other, "return");
        assert_ne!(back["since"], other["since"]);
        assert_eq!(desk.done(app, &other, "leave")["stage"], "left");
        let nowhere = json!({"act": "transfer", "group": "business"});
        desk.act(app, &other, nowhere)
            .refused(422, "request.validation");
    });
}

/// As many counters as `clients` call until nobody is left; every ticket once.
fn race(clients: &[&Client], point: Uuid, tickets: usize) {
    let url = |rest: &str| format!("/api/v1/desk/points/{point}{rest}");
    let counter = |at: usize| json!({"code": at.to_string(), "name": "", "groups": ["certification"], "quick": false});
    let mut set = setup();
    set["counters"] = (0..clients.len()).map(counter).collect();
    set["groups"] = json!([{"group": "certification", "letter": "B", "expected_min": 5}]);
    clients[0].put(&url(""), &set).ok();
    for at in 0..tickets {
        let priority = if at % 3 == 0 {
            json!("elderly")
        } else {
            Value::Null
        };
        let body = json!({"id": new_id(), "wanted": procedure("2.000815"), "priority": priority,
            "language": "vi", "source": "kiosk", "triage": null});
        clients[at % clients.len()]
            .post(&url("/tickets"), &body)
            .ok();
    }
    let called: Vec<String> = std::thread::scope(|scope| {
        let call = |(at, client): (usize, &&Client)| {
            let (client, url) = ((*client).clone(), url("/next"));
            scope.spawn(move || {
                let mut called = Vec::new();
                loop {
                    let body = json!({"id": new_id(), "counter": at.to_string()});
                    let found = client.post(&url, &body).ok()["ticket"].clone();
                    let Some(id) = found["id"].as_str() else {
                        return called;
                    };
                    // A lost answer: asked again it is the same ticket.
                    assert_eq!(client.post(&url, &body).ok()["ticket"]["id"], found["id"]);
                    for act in ["start", "finish"] {
                        let step =
                            json!({"id": new_id(), "act": act, "counter": null, "group": null});
                        client
                            .post(&format!("/api/v1/desk/tickets/{id}/steps"), &step)
                            .ok();
                    }
                    called.push(id.to_owned());
                }
            })
        };
        let threads: Vec<_> = clients.iter().enumerate().map(call).collect();
        let joined = threads
            .into_iter()
            .flat_map(|thread| thread.join().expect("it ends"));
        joined.collect()
    });
    let once: BTreeSet<&String> = called.iter().collect();
    assert_eq!((called.len(), once.len()), (tickets, tickets));
}

#[test]
fn counters_that_press_next_at_once_never_get_the_same_ticket() {
    with_app(|app| {
        let (desk, officer) = (Desk::open(app), app.officer(NHON_PHU));
        let clients: Vec<Client> = (0..8).map(|_| (*officer).clone()).collect();
        race(&clients.iter().collect::<Vec<_>>(), desk.point, 40);
    });
}

#[test]
#[ignore = "needs scripts/with-postgres"]
fn counters_on_two_nodes_never_get_the_same_ticket_and_both_show_one_queue() {
    let database = fresh_database(&Folder::new());
    let cookie = signed_in(&database, Role::Admin, "VN");
    let servers = [Server::start(&database), Server::start(&database)];
    let nodes = [servers[0].client(&cookie), servers[1].client(&cookie)];
    let point = new_id();
    let about = json!({"place_id": TODAY, "name": "Trung tâm", "kind": "commune_centre"});
    nodes[0]
        .put(&format!("/api/v1/points/{point}"), &about)
        .ok();
    // Both have the queue in memory before anything is called.
    nodes[0]
        .put(&format!("/api/v1/desk/points/{point}"), &setup())
        .ok();
    let queue = format!("/api/v1/desk/points/{point}/queue");
    nodes.iter().for_each(|node| drop(node.get(&queue).ok()));
    let clients: Vec<&Client> = (0..8).map(|at| &nodes[at % 2]).collect();
    race(&clients, point, 60);
    let begun = std::time::Instant::now();
    loop {
        let [one, other] = [nodes[0].get(&queue).ok(), nodes[1].get(&queue).ok()];
        let same = ["version", "queue"].map(|of| match of {
            "queue" => one[of]["tickets"] == other[of]["tickets"],
            of => one[of] == other[of],
        });
        if same == [true, true] {
            break;
        }
        assert!(
            begun.elapsed() < std::time::Duration::from_secs(2),
            "the nodes differ"
        );
        std::thread::yield_now();
    }
    causo(&database, &["verify"]).fine();
}

/// What a device at a point without a network does, in its own order.
struct Device {
    place: &'static str,
    point: Uuid,
    seq: u32,
    at: time::OffsetDateTime,
}

impl Device {
    fn fact(&mut self, mut body: Value, after: Option<&Fact>) -> Fact {
        self.seq += 1;
        self.at += Duration::minutes(1);
        body["after"] = json!(after.map(Fact::id));
        ticket_step(self.place, body)
            .with("/seq", self.seq)
            .at(&domain::facts::rfc3339(self.at))
    }

    fn take(&mut self, number: &str, procedure: &str) -> Fact {
        let code = domain::codes::from_random(causo::platform::clock::random::<10>());
        let taken = json!({"point": self.point, "number": number, "code": code, "priority": null, "language": "vi",
            "source": "counter", "wanted": [{"group": null, "procedure": procedure}]});
        let mut fact = self.fact(json!({"ticket": null, "act": "take", "taken": taken}), None);
        fact = fact.clone().with("/body/ticket", fact.id());
        fact
    }

    fn act(&mut self, ticket: &str, act: &str, after: Option<&Fact>) -> Fact {
        let counter = (act == "call" || act == "resume").then_some("1");
        self.fact(
            json!({"ticket": ticket, "act": act, "counter": counter}),
            after,
        )
    }
}

fn device(app: &TestApp, desk: &Desk) -> Device {
    Device {
        place: NHON_PHU,
        point: desk.point,
        seq: 0,
        at: app.clock.now() - Duration::hours(1),
    }
}

fn outcomes(answers: &[Value]) -> Vec<&str> {
    let mut all = Vec::new();
    for answer in answers {
        all.push(answer["outcome"].as_str().expect("a word"));
    }
    all
}

#[test]
fn what_a_point_did_without_a_network_arrives_later_once_in_any_order() {
    with_app(|app| {
        let desk = Desk::open(app);
        let mut device = device(app, &desk);
        let take = device.take("B-N01", "2.000815");
        let call = device.act(take.id(), "call", Some(&take));
        let start = device.act(take.id(), "start", Some(&call));
        let finish = device.act(take.id(), "finish", Some(&start));
        // What needs something that has not arrived waits for it.
        let early = desk.worker.send_facts(std::slice::from_ref(&finish));
        assert_eq!(
            (&early[0]["outcome"], &early[0]["needs"]),
            (&json!("held"), &json!(take.id()))
        );
        desk.worker.counts(std::slice::from_ref(&take));
        let early = desk.worker.send_facts(&[finish.clone(), start.clone()]);
        assert_eq!(outcomes(&early), ["held", "held"]);
        assert_eq!(early[1]["needs"], call.id());
        // Together they may come in any order.
        let all = [finish.clone(), call.clone(), take.clone(), start.clone()];
        let answers = desk.worker.send_facts(&all);
        assert_eq!(
            outcomes(&answers),
            ["counted", "counted", "duplicate", "counted"]
        );
        assert_eq!(outcomes(&desk.worker.send_facts(&all)), ["duplicate"; 4]);

        let whole = desk
            .worker
            .get(&format!("/api/v1/desk/tickets/{}", take.id()))
            .ok();
        let ticket = &whole["ticket"];
        assert_eq!(
            (&ticket["number"], &ticket["stage"]),
            (&json!("B-N01"), &json!("done"))
        );
        assert_eq!(
            (&ticket["waited_s"], &ticket["errands"][0]["served_s"]),
            (&json!(60), &json!(60))
        );
        assert_eq!(ticket["arrived_at"], take.0["happened_at"]);
        assert_eq!(whole["steps"].as_array().map(Vec::len), Some(4));
        assert_eq!(whole["steps"][3]["offline"], true);
    });
}

#[test]
fn what_was_done_meanwhile_stands_and_the_device_is_told() {
    with_app(|app| {
        let desk = Desk::open(app);
        let waiting = desk.take(app, procedure("2.000815"), None);
        let id = waiting["id"].as_str().expect("an id");
        let mut device = device(app, &desk);
        let call = device.act(id, "call", None);
        assert_eq!(desk.next(app, "3")["id"], waiting["id"]);
        let refused = desk.worker.send_facts(std::slice::from_ref(&call));
        assert_eq!(refused[0]["problem"]["code"], "desk.not_now", "{refused:?}");
        assert_eq!(app.count("select count(*) from fact"), 0);
        // Nor is a ticket taken at a desk of somewhere else, or one that is another's.
        let far = app.volunteer(DONG_DA);
        let take = device.take("B-N01", "2.000815");
        let mut there = take.clone();
        there.0["place"] = json!(DONG_DA);
        assert_eq!(
            far.send_facts(&[there])[0]["problem"]["code"],
            "desk.unknown"
        );
        desk.worker.counts(std::slice::from_ref(&take));
        let mut twin = device.take("B-N02", "2.000815");
        twin.0["body"]["taken"]["code"] = take.0["body"]["taken"]["code"].clone();
        assert_eq!(
            desk.worker.send_facts(&[twin])[0]["problem"]["code"],
            "fact.conflict"
        );
        let malformed = device.take("B-N03", "2.000815").with("/body/ticket", id);
        assert_eq!(
            desk.worker.send_facts(&[malformed])[0]["problem"]["code"],
            "fact.malformed"
        );
    });
}

#[test]
fn an_assist_says_which_ticket_it_was_for_and_can_be_followed_from_it() {
    with_app(|app| {
        let desk = Desk::open(app);
        let ticket = desk.take(app, procedure("2.000815"), None);
        let id = ticket["id"].as_str().expect("an id");
        let helped = assist(NHON_PHU)
            .did("dvc_dossier", "submitted")
            .with("/body/ticket", id);
        desk.worker.counts(std::slice::from_ref(&helped));
        let whole =
            || desk.worker.get(&format!("/api/v1/desk/tickets/{id}")).ok()["assists"].clone();
        assert_eq!(whole()[0]["id"], helped.id());
        let item = json!({"service": "dvc_dossier", "outcome": "submitted"});
        assert_eq!(whole()[0]["items"], json!([item]));
        desk.worker.counts(&[void(&helped)]);
        assert_eq!(whole(), json!([]));
    });
}

#[test]
fn a_ticket_that_is_not_what_its_steps_say_is_found() {
    with_app(|app| {
        let desk = Desk::open(app);
        let ticket = desk.take(app, procedure("2.000815"), Some("elderly"));
        desk.next(app, "3");
        let id = Uuid::parse_str(ticket["id"].as_str().expect("an id")).expect("an id");
        for (spoil, mend) in [
            (
                "update ticket set stage = 'done' where id = $1",
                "update ticket set stage = 'called' where id = $1",
            ),
            (
                "update ticket set waited_s = waited_s + 9 where id = $1",
                "update ticket set waited_s = waited_s - 9 where id = $1",
            ),
            (
                "update ticket_step set act = 'recall' where ticket_id = $1 and act = 'call'",
                "update ticket_step set act = 'call' where ticket_id = $1 and act = 'recall'",
            ),
        ] {
            let found = |sql: &'static str| {
                app.write(move |tx| {
                    tx.execute(sql, args![id])?;
                    let mut found = Vec::new();
                    causo::features::desk::verify::verify(tx, &mut found)?;
                    Ok(found)
                })
                .expect("it is read")
            };
            assert!(!found(spoil).is_empty(), "{spoil}");
            assert_eq!(found(mend), Vec::<String>::new());
        }
    });
}

/// One of the counters of a busy day.
#[derive(Default)]
struct Seat {
    ticket: Option<String>,
    /// Minute at which it is over, or called again.
    until: u32,
    here: bool,
}

/// A day at a point: what people do is drawn, what becomes of them is the desk's.
struct Day<'a> {
    app: &'a TestApp,
    desk: Desk,
    rng: fastrand::Rng,
    minute: u32,
    seats: Vec<Seat>,
    /// Held tickets, and when their holders are back.
    held: Vec<(String, u32)>,
    absent: Vec<(String, u32)>,
    /// The device while there is no network, with what it keeps: the queue as it was, and
    /// what it did since.
    device: Option<Local>,
}

/// What one device at the point knows and does without a network, by the rules of `domain`.
struct Local {
    device: Device,
    tickets: Vec<domain::desk::ticket::Ticket>,
    last: std::collections::HashMap<String, Fact>,
    facts: Vec<Fact>,
    runs: std::collections::BTreeMap<String, u32>,
    setup: domain::desk::Setup,
}

impl Local {
    fn step(
        &mut self,
        ticket: &str,
        act: &str,
        counter: Option<&str>,
        at: time::OffsetDateTime,
    ) -> bool {
        use domain::desk::ticket::{Deed, TicketAct};
        let place = self
            .tickets
            .iter()
            .position(|one| one.id.to_string() == ticket);
        let known = &self.tickets[place.expect("it knows the ticket")];
        let act_of = TicketAct::parse(act).expect("an act");
        let group = match act_of {
            TicketAct::Finish => self.setup.onward(known),
            _ => None,
        };
        let deed = Deed {
            act: act_of,
            counter: counter.map(str::to_owned),
            group,
            at,
        };
        let Ok(after) = known.after(&deed) else {
            return false;
        };
        let (over, priority) = (
            after.stage == domain::desk::ticket::TicketStage::Done,
            after.priority,
        );
        self.tickets[place.expect("it is there")] = after;
        if let Some(counter) = counter.filter(|_| act == "call") {
            let run = self.runs.entry(counter.to_owned()).or_default();
            *run = domain::desk::line::run_after(*run, priority.is_some());
        }
        let body = json!({"ticket": ticket, "act": act, "counter": counter, "group": group});
        self.device.at = at - Duration::minutes(1);
        let fact = self.device.fact(body, self.last.get(ticket));
        self.last.insert(ticket.to_owned(), fact.clone());
        self.facts.push(fact);
        over
    }
}

const COUNTERS: [&str; 9] = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];

fn busy_setup() -> Value {
    let counter = |code: &&str| {
        let groups = match code.parse::<u32>().expect("a number") {
            1..=3 => json!(["civil_status", "certification"]),
            4..=6 => json!(["residence", "land"]),
            7 => json!(["certification"]),
            _ => json!(["civil_status", "certification", "residence", "land"]),
        };
        json!({"code": code, "name": "", "groups": groups, "quick": *code == "7"})
    };
    let mut set = setup();
    set["counters"] = COUNTERS.iter().map(counter).collect();
    set
}

const PROCEDURES: [&str; 5] = ["1.001193", "2.000815", "2.000635", "1.004222", "1.004194"];

impl Day<'_> {
    fn arrives(&mut self) {
        let (first, second) = (self.rng.usize(..5), self.rng.usize(..5));
        let mut wanted = vec![json!({"procedure": PROCEDURES[first]})];
        if self.rng.u32(..100) < 12 {
            wanted.push(json!({"procedure": PROCEDURES[second]}));
        }
        let priority = (self.rng.u32(..100) < 15).then_some("elderly");
        let source = ["kiosk", "volunteer", "phone", "counter"][self.rng.usize(..4)];
        if let Some(local) = self.device.as_mut().filter(|_| source != "phone") {
            let number = format!("N{:03}", local.tickets.len());
            local.device.at = self.app.clock.now() - Duration::minutes(1);
            let mut fact = local.device.take(&number, PROCEDURES[first]);
            fact.0["body"]["taken"]["wanted"] = json!(wanted);
            fact.0["body"]["taken"]["priority"] = json!(priority);
            let said: domain::desk::offline::TicketTaken =
                serde_json::from_value(fact.0["body"]["taken"].clone()).expect("it is sound");
            let id = domain::ids::TicketId(Uuid::parse_str(fact.id()).expect("an id"));
            let (now, today) = (self.app.clock.now(), self.app.clock.today());
            let taken = said.taken(id, today).expect("it is known");
            local
                .tickets
                .push(domain::desk::ticket::Ticket::new(taken, now));
            local.last.insert(fact.id().to_owned(), fact.clone());
            local.facts.push(fact);
            return;
        }
        let body = json!({"id": new_id(), "wanted": wanted, "priority": priority, "language": "vi",
            "source": source, "triage": null});
        self.desk
            .worker
            .post(&self.desk.url("/tickets"), &body)
            .ok();
    }

    /// Does something about a ticket; whether it is over.
    fn act(&mut self, ticket: &str, act: &str, counter: Option<&str>) -> bool {
        let now = self.app.clock.now();
        if let Some(local) = &mut self.device {
            return local.step(ticket, act, counter, now);
        }
        let body = json!({"id": new_id(), "act": act, "counter": counter, "group": null});
        let url = format!("/api/v1/desk/tickets/{ticket}/steps");
        let after = self.desk.worker.post(&url, &body).ok();
        // A lost answer now and then: the same once more changes nothing.
        if self.rng.u32(..20) == 0 {
            assert_eq!(self.desk.worker.post(&url, &body).ok(), after);
        }
        after["stage"] == "done"
    }

    fn next(&mut self, counter: &str) -> Option<String> {
        use domain::desk::line::{InLine, next};
        let Some(local) = &mut self.device else {
            let body = json!({"id": new_id(), "counter": counter});
            let called = self.desk.worker.post(&self.desk.url("/next"), &body).ok();
            return called["ticket"]["id"].as_str().map(str::to_owned);
        };
        let tickets = local.tickets.iter();
        let line: Vec<InLine> = tickets
            .filter_map(|one| InLine::of(one, &local.setup))
            .collect();
        let at = local.setup.counter(counter).expect("it is there");
        let run = local.runs.get(counter).copied().unwrap_or(0);
        let id = next(&line, at, &local.setup, run)?.id.to_string();
        let now = self.app.clock.now();
        local.step(&id, "call", Some(counter), now);
        Some(id)
    }

    fn seat(&mut self, at: usize) {
        let counter = COUNTERS[at];
        if self.seats[at].ticket.is_none() {
            let Some(id) = self.next(counter) else { return };
            let comes = self.rng.u32(..100) < 93;
            self.seats[at] = Seat {
                ticket: Some(id),
                until: self.minute + 1,
                here: comes,
            };
            return;
        }
        let Some(id) = self.seats[at]
            .ticket
            .clone()
            .filter(|_| self.minute >= self.seats[at].until)
        else {
            return;
        };
        if !self.seats[at].here {
            self.act(&id, "recall", None);
            self.act(&id, "no_show", None);
            if self.rng.bool() {
                self.absent.push((id, self.minute + 15));
            }
            self.seats[at].ticket = None;
            return;
        }
        let takes = self.rng.u32(3..8);
        if self.seats[at].until != u32::MAX && !self.served(&id) {
            self.act(&id, "start", None);
            self.seats[at].until = self.minute + takes;
            return;
        }
        if self.rng.u32(..100) < 5 {
            self.act(&id, "hold", None);
            self.held.push((id, self.minute + 20));
            self.seats[at].ticket = None;
            return;
        }
        let over = self.act(&id, "finish", None);
        // Another errand at the same counter goes on there.
        self.seats[at].until = self.minute + takes;
        if over || !self.serves(&id, counter) {
            self.seats[at].ticket = None;
        }
    }

    fn look(&self, id: &str) -> (String, Option<String>) {
        if let Some(local) = &self.device {
            let found = local.tickets.iter().find(|one| one.id.to_string() == id);
            let found = found.expect("it knows the ticket");
            return (found.stage.as_str().to_owned(), found.counter.clone());
        }
        let ticket = self
            .desk
            .worker
            .get(&format!("/api/v1/desk/tickets/{id}"))
            .ok()["ticket"]
            .clone();
        let stage = ticket["stage"].as_str().expect("a word").to_owned();
        (stage, ticket["counter"].as_str().map(str::to_owned))
    }

    fn served(&self, id: &str) -> bool {
        self.look(id).0 == "serving"
    }

    fn serves(&self, id: &str, counter: &str) -> bool {
        self.look(id) == ("serving".to_owned(), Some(counter.to_owned()))
    }

    /// Those who are back from fetching something, or after not having been there.
    fn come_back(&mut self) {
        let minute = self.minute;
        let (back, absent): (Vec<_>, Vec<_>) =
            self.absent.drain(..).partition(|(_, at)| *at <= minute);
        self.absent = absent;
        for (id, _) in back {
            self.act(&id, "return", None);
        }
        let (back, held): (Vec<_>, Vec<_>) = self.held.drain(..).partition(|(_, at)| *at <= minute);
        self.held = held;
        for (id, at) in back {
            match self.seats.iter().position(|seat| seat.ticket.is_none()) {
                Some(free) => {
                    self.act(&id, "resume", Some(COUNTERS[free]));
                    self.seats[free] = Seat {
                        ticket: Some(id),
                        until: minute + 2,
                        here: true,
                    };
                }
                None => self.held.push((id, at)),
            }
        }
    }

    fn network_goes(&mut self) {
        let point = domain::ids::PointId(self.desk.point);
        let today = self.app.clock.today();
        let (tickets, desk) = self
            .app
            .write(move |tx| {
                let desk = causo::features::desk::store::find(tx, point)?;
                Ok((
                    causo::features::desk::store::of_day(tx, point, today)?,
                    desk,
                ))
            })
            .expect("they are read");
        let desk = desk.expect("it is set up");
        self.device = Some(Local {
            device: device(self.app, &self.desk),
            tickets,
            last: std::collections::HashMap::new(),
            facts: Vec::new(),
            runs: desk.runs,
            setup: desk.setup,
        });
    }

    /// Everything arrives, in pieces, in no order, some of it twice.
    fn network_comes(&mut self) {
        let Some(mut local) = self.device.take() else {
            return;
        };
        assert!(local.facts.len() > 200, "{}", local.facts.len());
        self.rng.shuffle(&mut local.facts);
        let mut left = local.facts;
        while !left.is_empty() {
            let mut again = Vec::new();
            for piece in left.chunks(40) {
                for (fact, outcome) in piece.iter().zip(self.desk.worker.send_facts(piece)) {
                    match outcome["outcome"].as_str() {
                        Some("held") => again.push(fact.clone()),
                        Some("counted" | "duplicate") if self.rng.u32(..10) > 0 => {}
                        // Its answer was lost.
                        Some("counted") => again.push(fact.clone()),
                        Some("duplicate") => {}
                        _ => panic!("{outcome}"),
                    }
                }
            }
            left = again;
        }
    }
}

#[test]
fn a_day_of_600_tickets_loses_none_calls_none_twice_and_starves_nobody() {
    let opens = time::macros::datetime!(2024-10-14 07:30 +7);
    crate::harness::with_app_at(opens, |app| {
        let desk = Desk::open(app);
        app.officer(NHON_PHU).put(&desk.url(""), &busy_setup()).ok();
        let mut day = Day {
            app,
            desk,
            rng: fastrand::Rng::with_seed(600),
            minute: 0,
            seats: COUNTERS.iter().map(|_| Seat::default()).collect(),
            held: Vec::new(),
            absent: Vec::new(),
            device: None,
        };
        let mut taken = 0;
        let idle = |day: &Day<'_>| {
            let free = day.seats.iter().all(|seat| seat.ticket.is_none());
            free && day.held.is_empty() && day.absent.is_empty()
        };
        loop {
            // Two come a minute at most, in waves.
            for _ in 0..day.rng.u32(..4) {
                if taken < 600 {
                    day.app.clock.advance(Duration::milliseconds(7));
                    day.arrives();
                    taken += 1;
                }
            }
            match day.minute {
                120 => day.network_goes(),
                200 => day.network_comes(),
                _ => {}
            }
            day.come_back();
            for at in 0..COUNTERS.len() {
                day.app.clock.advance(Duration::milliseconds(3));
                day.seat(at);
            }
            day.minute += 1;
            app.clock
                .advance(Duration::minutes(1) - Duration::milliseconds(48));
            let waiting = "select count(*) from ticket where stage in ('waiting', 'called', 'serving', 'held')";
            if taken == 600 && idle(&day) && app.count(waiting) == 0 {
                break;
            }
            assert!(day.minute < 720, "{} are still waiting", app.count(waiting));
        }
        assert_eq!(app.count("select count(*) from ticket"), 600);
        let over = "select count(*) from ticket where stage in ('done', 'no_show')";
        assert_eq!(app.count(over), 600);
        // Called again only after being put back in line.
        let calls = app.count("select count(*) from ticket_step where act = 'call'");
        let lines = app.count(
            "select count(*) from ticket_step where act in ('take', 'return', 'transfer') or (act = 'finish' and group_code is not null)",
        );
        assert_eq!(calls, lines, "called as often as in line");
        need_in_order(app, &day.desk);
        let times = "/times?from=2024-10-14&to=2024-10-14";
        let leader = app.leader(NHON_PHU);
        let times = leader.get(&day.desk.url(times)).ok();
        assert_eq!(times["taken"], 600);
        assert_eq!(times["all"]["waited"]["n"], 600);
        assert!(times["forecast"]["n"].as_u64().expect("a number") > 400);
        println!("forecast: {} all: {}", times["forecast"], times["all"]);
        let load = leader.get(&day.desk.url("/load?day=2024-10-14")).ok();
        assert_eq!(load["waiting"], 0);
        let hours = load["hours"].as_array().expect("a list");
        let taken: i64 = hours.iter().filter_map(|hour| hour["taken"].as_i64()).sum();
        assert_eq!(taken, 600);
    });
}

/// Nobody without priority was overtaken by somebody of the same kind who came later: among
/// tickets for one and the same procedure of usual counters, with a network all the time.
fn need_in_order(app: &TestApp, desk: &Desk) {
    let queue = desk.worker.get(&desk.url("/queue")).ok();
    let tickets = queue["queue"]["tickets"]
        .as_array()
        .expect("a list")
        .clone();
    let one = |ticket: &&Value| {
        let errands = ticket["errands"].as_array().expect("a list");
        errands.len() == 1
            && errands[0]["procedure"] == "1.001193"
            && ticket["priority"] == Value::Null
            && !ticket["number"]
                .as_str()
                .expect("a number")
                .starts_with('N')
    };
    let called: Vec<&str> = tickets
        .iter()
        .filter(one)
        .filter(|ticket| {
            let at = ticket["arrived_at"].as_str().expect("a moment");
            !("2024-10-14T09:20".."2024-10-14T10:55").contains(&at)
        })
        .map(|ticket| ticket["called_at"].as_str().expect("it was called"))
        .collect();
    assert!(called.len() > 40 && called.is_sorted(), "{called:?}");
    assert_eq!(app.count("select count(*) from desk"), 1);
}
