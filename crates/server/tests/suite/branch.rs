//! The branch workspace: directives from above, tasks, meetings and their minutes.

use crate::harness::facts::{Fact, new_id, presence, void};
use crate::harness::people::User;
use crate::harness::{DONG_DA, NHON_PHU, PROVINCE, TestApp, with_app};
use causo::features::members::Role;
use serde_json::{Value, json};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

const EIGHT: OffsetDateTime = datetime!(2024-10-13 08:00 +7);

fn fact(kind: &str, team: Uuid, place: &str, body: Value) -> Fact {
    Fact(json!({
        "id": new_id(), "kind": kind, "happened_at": "2024-10-13T08:00:00+07:00", "place": place, "team": team,
        "device": "01928000-0000-7000-8000-00000000d0d0", "seq": 1, "corrects": null, "body": body,
    }))
}

/// A team at home somewhere, with a leader and a volunteer.
struct Team {
    id: Uuid,
    place: &'static str,
    leader: User,
    volunteer: User,
}

impl Team {
    fn at(app: &TestApp, place: &'static str) -> Self {
        let id = app.team(place, &format!("Chi đoàn {}", new_id().simple()));
        Self {
            id,
            place,
            leader: app.in_team(Role::Leader, place, id),
            volunteer: app.in_team(Role::Volunteer, place, id),
        }
    }

    fn fact(&self, kind: &str, body: Value) -> Fact {
        fact(kind, self.id, self.place, body)
    }

    fn read(&self, directive: Uuid) -> Fact {
        let body = json!({"action": "read", "directive": directive});
        self.fact("directive.v1", body)
    }

    fn report(&self, directive: Uuid, text: &str, number: u32) -> Fact {
        let body =
            json!({"action": "report", "directive": directive, "text": text, "number": number});
        self.fact("directive.v1", body)
            .at("2024-10-13T08:10:00+07:00")
    }

    fn give(&self, task: Uuid, member: Option<Uuid>, due_on: &str) -> Fact {
        let what = json!({"title": "Dán mã QR ở chợ", "note": null, "member": member, "due_on": due_on, "source": null});
        let body = json!({"action": "give", "task": task, "what": what});
        self.fact("task.v1", body)
    }

    fn moves(&self, task: Uuid, to: &str, at: &str) -> Fact {
        let body = json!({"action": "move", "task": task, "to": to});
        self.fact("task.v1", body).at(at)
    }
}

fn directive(place: &str) -> Value {
    json!({
        "place_id": place, "title": "Rà soát mã QR tại chợ", "text": "Rà soát hết.\nBáo số liệu.",
        "number": "Số: 225-KH/TWĐTN-CTTN", "issued_on": "2024-10-10", "due_on": "2024-10-19",
        "asks_text": true, "asks_number": "mã QR đã dán",
    })
}

fn told(user: &User, register: &str) -> Vec<Value> {
    let changes = user.get("/api/v1/changes").ok();
    let cursor = changes["cursor"].as_str().expect("a cursor");
    // A snapshot may be a little old; the rest comes at once.
    let rest = user.get(&format!("/api/v1/changes?since={cursor}")).ok();
    let rows = |body: &Value| body[register].as_array().expect("a list").clone();
    let mut found: Vec<Value> = rows(&changes);
    for row in rows(&rest) {
        found.retain(|known| (&known["id"], &known["team_id"]) != (&row["id"], &row["team_id"]));
        found.push(row);
    }
    found
}

fn notices(user: &User, kind: &str) -> usize {
    let all = user.get("/api/v1/notifications").ok()["notifications"].clone();
    let all = all.as_array().expect("a list").iter();
    all.filter(|one| one["kind"] == kind).count()
}

#[test]
fn a_directive_reaches_all_teams_below_is_passed_on_and_comes_back_as_one_table() {
    with_app(|app| {
        let (province, officer) = (app.province(), app.officer(NHON_PHU));
        let (ours, theirs) = (Team::at(app, NHON_PHU), Team::at(app, DONG_DA));
        let id = new_id();
        let path = format!("/api/v1/directives/{id}");
        let page = province.put(&path, &directive(PROVINCE)).ok();
        assert_eq!(page["results"].as_array().map(Vec::len), Some(2));
        assert_eq!(page["number"], "225-KH/TWĐTN-CTTN");
        // A Saturday; the offices work on the Monday.
        assert_eq!(page["due_on"], "2024-10-21");
        assert_eq!(
            province.put(&path, &directive(PROVINCE)).ok(),
            page,
            "again"
        );
        assert_eq!(officer.put(&path, &directive(PROVINCE)).status, 404);
        let taken = officer.put(&path, &directive(NHON_PHU)).problem();
        assert_eq!(taken, (409, "directive.sent".to_owned()));
        let other = format!("/api/v1/directives/{}", new_id());
        let mut bad = directive(NHON_PHU);
        bad["number"] = json!("hai hai lăm");
        assert_eq!(officer.put(&other, &bad).problem().1, "directive.number");
        let mut nobody = directive(NHON_PHU);
        nobody["team_kind"] = json!("expert_squad");
        assert_eq!(
            officer.put(&other, &nobody).problem().1,
            "directive.no_teams"
        );

        // Down to the leader's phone, with the commune's own words.
        assert_eq!(notices(&ours.leader, "directive_sent"), 1);
        let passing = format!("{path}/passings/{}", new_id());
        let words = json!({"place_id": NHON_PHU, "text": "Làm trước chợ Nhơn Phú nhé.", "due_on": "2024-10-17"});
        let passed = officer.put(&passing, &words).ok();
        assert_eq!(
            passed["results"].as_array().map(Vec::len),
            Some(1),
            "own teams only"
        );
        officer.put(&passing, &words).ok();
        let mut late = words.clone();
        late["due_on"] = json!("2024-10-30");
        let again = format!("{path}/passings/{}", new_id());
        assert_eq!(officer.put(&again, &late).problem().0, 422);
        assert_eq!(notices(&ours.leader, "directive_sent"), 2);
        assert_eq!(notices(&theirs.leader, "directive_sent"), 1);
        let kept = told(&ours.leader, "directives");
        assert_eq!(kept.len(), 1);
        assert_eq!(kept[0]["due_on"], "2024-10-17");
        assert_eq!(
            kept[0]["passings"][0]["text"],
            "Làm trước chợ Nhơn Phú nhé."
        );
        assert_eq!(
            told(&theirs.leader, "directives")[0]["due_on"],
            "2024-10-21"
        );

        // Read and reported without a network, sent twice; nobody else may, and not less than was asked.
        let steps = [ours.read(id), ours.report(id, "Xong cả chợ", 37)];
        ours.volunteer.refuses(&ours.read(id), "branch.not_leader");
        theirs.leader.refuses(&ours.read(id), "fact.out_of_scope");
        let mut less = ours.report(id, "Xong", 1);
        less.0["body"]["number"] = Value::Null;
        ours.leader.refuses(&less, "directive.report_empty");
        ours.leader
            .refuses(&ours.read(new_id()), "directive.unknown");
        ours.leader.counts(&steps);
        let repeated = ours.leader.send_facts(&steps);
        assert!(repeated.iter().all(|one| one["outcome"] == "duplicate"));
        ours.leader
            .refuses(&void(&steps[1]), "fact.correction_kind");
        let page = province.get(&path).ok();
        let of = |team: &Team| {
            let rows = page["results"].as_array().expect("a list").iter();
            rows.clone()
                .find(|row| row["team_id"] == json!(team.id))
                .expect("a row")
                .clone()
        };
        assert_eq!(of(&ours)["result_number"], 37);
        assert_eq!(of(&theirs)["read_at"], Value::Null);
        assert_eq!(
            (&page["number_sum"], &page["to_remind"]),
            (&json!(37), &json!(1))
        );

        // The silent one is reminded, once a day.
        let reminders = format!("{path}/reminders");
        for _ in 0..2 {
            assert_eq!(province.post(&reminders, &json!({})).ok()["to_remind"], 0);
        }
        assert_eq!(notices(&theirs.leader, "directive_reminder"), 1);
        assert_eq!(notices(&ours.leader, "directive_reminder"), 0);
        app.clock.advance(Duration::DAY);
        province.post(&reminders, &json!({})).ok();
        assert_eq!(notices(&theirs.leader, "directive_reminder"), 2);
        app.clock.advance(Duration::days(8));
        let late = province.get(&path).ok()["results"].clone();
        let late: Vec<bool> = late
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["late"] == true)
            .collect();
        assert_eq!(late.iter().filter(|late| **late).count(), 1);

        let lines = officer
            .get(&format!("/api/v1/directives?place={NHON_PHU}"))
            .ok();
        assert_eq!(lines["directives"][0]["teams"], 1);
        assert_eq!(
            officer
                .get(&format!("/api/v1/directives?place={DONG_DA}"))
                .status,
            404
        );
        assert_eq!(officer.delete(&path).status, 404);
        assert_eq!(province.delete(&path).status, 204);
        let after = theirs.read(id).at("2024-10-22T08:00:00+07:00");
        theirs.leader.refuses(&after, "directive.withdrawn");
    });
}

#[test]
fn a_task_is_given_and_ticked_off_by_facts_in_any_order() {
    with_app(|app| {
        let team = Team::at(app, NHON_PHU);
        let task = new_id();
        let give = team.give(task, Some(team.volunteer.id), "2024-10-19");
        let done = team.moves(task, "done", "2024-10-13T08:30:00+07:00");
        team.volunteer.refuses(&give, "branch.not_leader");
        team.volunteer.refuses(&done, "task.unknown");
        let stranger = app.volunteer(NHON_PHU);
        let foreign = team.give(new_id(), Some(stranger.id), "2024-10-19");
        team.leader.refuses(&foreign, "attendance.other_team");
        team.leader.counts(std::slice::from_ref(&give));
        assert_eq!(notices(&team.volunteer, "task_given"), 1);
        stranger.refuses(&done, "task.not_yours");
        let off = team.moves(task, "cancelled", "2024-10-13T08:20:00+07:00");
        team.volunteer.refuses(&off, "task.not_yours");
        // The later step counts, whichever arrives first.
        team.volunteer.counts(std::slice::from_ref(&done));
        team.volunteer
            .counts(&[team.moves(task, "doing", "2024-10-13T08:10:00+07:00")]);
        let kept = told(&team.volunteer, "tasks");
        assert_eq!(kept.len(), 1);
        assert_eq!(
            (&kept[0]["state"], &kept[0]["due_on"]),
            (&json!("done"), &json!("2024-10-21"))
        );
        assert_eq!(kept[0]["assignee"]["id"], json!(team.volunteer.id));
        let steps = stranger.get(&format!("/api/v1/tasks/{task}")).ok()["steps"].clone();
        let states: Vec<&Value> = steps
            .as_array()
            .unwrap()
            .iter()
            .map(|step| &step["state"])
            .collect();
        assert_eq!(states, [&Value::Null, &json!("doing"), &json!("done")]);
        assert_eq!(
            app.volunteer(DONG_DA)
                .get(&format!("/api/v1/tasks/{task}"))
                .status,
            404
        );
        assert_eq!(told(&app.volunteer(DONG_DA), "tasks").len(), 0);

        // Given and taken up in one batch, by the whole team; told the working day before.
        let all = new_id();
        let up = team.moves(all, "doing", "2024-10-13T08:05:00+07:00");
        team.leader
            .counts(&[team.give(all, None, "2024-10-14"), up]);
        app.chores();
        assert_eq!(
            notices(&team.volunteer, "task_due"),
            1,
            "due on Monday, told on Sunday"
        );
        app.clock.advance(Duration::hours(1));
        app.chores();
        assert_eq!(notices(&team.volunteer, "task_due"), 1);
        assert_eq!(notices(&team.leader, "task_due"), 1);
        assert_eq!(notices(&stranger, "task_due"), 0);
    });
}

fn meeting(team: &Team) -> Value {
    let step = |code: &str, title: &str| json!({"code": code, "title": title, "evidence": "tick"});
    json!({
        "kind": "meeting", "title": "Sinh hoạt chi đoàn tháng 10", "place_id": team.place, "starts_at": "2024-10-13T08:00:00+07:00",
        "duration_min": 90, "team_ids": [team.id],
        "details": {
            "category": "digital", "venue": "Nhà văn hóa", "team_kinds": [], "host": "", "partners": [], "services": [], "note": "",
            "steps": [step("b1", "Đánh giá tháng 9"), step("b2", "Việc tháng 10")], "except": [],
        },
    })
}

fn minutes(team: &Team, activity: Uuid, decision: &str) -> Fact {
    let body = json!({
        "activity": activity, "day": "2024-10-13", "chair": "Nguyễn Thị Ánh", "secretary": "", "attending": [team.leader.id],
        "absent": [{"member": team.volunteer.id, "reason": "ốm"}], "points": [{"title": "Đánh giá tháng 9", "text": "Tốt.\nCần nhanh hơn."}],
        "decisions": [decision],
    });
    team.fact("minutes.v1", body)
}

#[test]
fn a_leader_plans_a_meeting_takes_attendance_and_signs_minutes_that_only_a_correction_changes() {
    with_app(|app| {
        let (team, other) = (Team::at(app, NHON_PHU), Team::at(app, NHON_PHU));
        let activity = new_id();
        let path = format!("/api/v1/activities/{activity}");
        let planned = team.leader.put(&path, &meeting(&team)).ok();
        assert_eq!(
            team.leader.put(&path, &meeting(&team)).ok(),
            planned,
            "again"
        );
        assert_eq!(team.volunteer.put(&path, &meeting(&team)).status, 403);
        assert_eq!(other.leader.put(&path, &meeting(&team)).status, 404);
        // Nothing but the meetings of one's own team.
        let free = format!("/api/v1/activities/{}", new_id());
        assert_eq!(team.leader.put(&free, &meeting(&other)).status, 404);
        let mut launch = meeting(&team);
        launch["kind"] = json!("launch");
        assert_eq!(team.leader.put(&free, &launch).status, 404);
        let mut wide = meeting(&team);
        wide["details"]["team_kinds"] = json!(["cnstn"]);
        assert_eq!(team.leader.put(&free, &wide).status, 404);
        assert_eq!(other.leader.delete(&path).status, 404);

        // The leader's phone shows the code, also without a network; the volunteer's scans it.
        let code = team.leader.post(&format!("{path}/code"), &json!({})).ok();
        assert_eq!(code["site"]["kind"], "activity");
        let hex = code["secret"].as_str().expect("a secret");
        let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("two digits");
        let secret: Vec<u8> = (0..hex.len()).step_by(2).map(byte).collect();
        let come = |user: &User| {
            let mut come = presence(NHON_PHU, activity, user.id, "in").team(team.id);
            let body = come.0["body"].as_object_mut().expect("a body");
            let site = body.remove("point").expect("a point");
            body.insert("activity".to_owned(), site);
            come
        };
        team.volunteer
            .counts(&[come(&team.volunteer).scanned(&secret, EIGHT)]);
        team.leader
            .counts(&[come(&team.leader).scanned(b"another one", EIGHT)]);
        let standing =
            |user: &User| user.get("/api/v1/attendance").ok()["stays"][0]["standing"].clone();
        assert_eq!(
            (standing(&team.volunteer), standing(&team.leader)),
            (json!("verified"), json!("doubtful"))
        );
        let sites = team.volunteer.get("/api/v1/check-in").ok()["sites"].clone();
        let coded = sites
            .as_array()
            .unwrap()
            .iter()
            .any(|site| site["id"] == json!(activity) && site["coded"] == true);
        assert!(coded, "{sites}");

        let signed = minutes(&team, activity, "Dán mã QR ở chợ");
        team.volunteer.refuses(&signed, "branch.not_leader");
        let mut elsewhere = minutes(&team, activity, "x");
        elsewhere.0["body"]["day"] = json!("2024-10-14");
        team.leader.refuses(&elsewhere, "minutes.no_meeting");
        team.leader.counts(std::slice::from_ref(&signed));
        assert_eq!(
            team.leader.send_facts(std::slice::from_ref(&signed))[0]["outcome"],
            "duplicate"
        );
        team.leader
            .refuses(&minutes(&team, activity, "khác"), "minutes.signed");
        team.leader.refuses(&void(&signed), "fact.correction_kind");
        let mut corrected = minutes(&team, activity, "Dán mã QR ở hai chợ")
            .corrects(&signed)
            .at("2024-10-13T08:40:00+07:00");
        team.leader.refuses(&corrected, "minutes.why");
        corrected.0["body"]["why"] = json!("ghi thiếu một chợ");
        team.leader.counts(&[corrected]);
        let shown = format!("/api/v1/teams/{}/meetings/{activity}/2024-10-13", team.id);
        let shown = team.volunteer.get(&shown).ok();
        assert_eq!(shown["came"].as_array().map(Vec::len), Some(2));
        let kept = shown["minutes"].as_array().expect("a list");
        assert_eq!(kept.len(), 2, "what was corrected is kept");
        assert_eq!(kept[0]["minutes"]["decisions"][0], "Dán mã QR ở hai chợ");
        assert_eq!(
            kept[1]["minutes"]["points"][0]["text"],
            "Tốt.\nCần nhanh hơn."
        );
        let page = team
            .volunteer
            .get(&format!("/api/v1/teams/{}/branch", team.id))
            .ok();
        assert_eq!(page["meetings"][0]["signed"], true);
        assert_eq!(
            page["meetings"][0]["agenda"],
            json!(["Đánh giá tháng 9", "Việc tháng 10"])
        );
        assert_eq!(
            (&page["may_lead"], page["members"].as_array().map(Vec::len)),
            (&json!(false), Some(2))
        );
        let stranger = app.volunteer(DONG_DA);
        assert_eq!(
            stranger
                .get(&format!("/api/v1/teams/{}/branch", team.id))
                .status,
            404
        );
    });
}
