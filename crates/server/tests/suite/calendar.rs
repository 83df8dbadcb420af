//! Service points, activities with their days, steps of playbooks, and calendars that
//! other programs fetch.

use crate::harness::facts::{Fact, new_id, void};
use crate::harness::people::User;
use crate::harness::{DONG_DA, NHON_PHU, PROVINCE, TestApp, with_app};
use calcard::icalendar::{ICalendar, ICalendarComponent, ICalendarProperty};
use serde_json::{Value, json};
use uuid::Uuid;

fn point(place: &str) -> Value {
    json!({
        "place_id": place, "name": "Bộ phận Một cửa phường", "kind": "one_stop", "address": "97 Hoàng Văn Thụ",
        "lat_e6": 13_760_000, "lon_e6": 109_210_000,
        "hours": {"mon": [{"from": "07:30", "to": "11:30"}, {"from": "13:30", "to": "17:00"}]},
        "valid_from": "2024-03-01",
        "agreement": {"parties": ["Đoàn Trường", "Trung tâm"], "signed_on": "2024-03-20", "number": "01/TTPH", "text": "Ít nhất 2 bạn mỗi ngày"},
    })
}

/// Sundays of all youth teams of the province until the end of 2024.
fn sundays() -> Value {
    json!({
        "kind": "sunday", "title": "Chủ nhật chuyển đổi số", "place_id": PROVINCE,
        "starts_at": "2024-03-03T07:30:00+07:00", "duration_min": 240,
        "recurrence": "FREQ=WEEKLY;BYDAY=SU;UNTIL=20241229T165959Z",
        "details": {
            "category": "digital", "venue": "Nhà văn hóa thôn; mang theo áo xanh, và điện thoại", "team_kinds": ["cnstn"], "host": "",
            "partners": ["Công an xã"], "services": ["payment_account"], "note": "", "except": ["2024-03-10"],
            "steps": [
                {"code": "parade", "title": "Diễu hành", "evidence": "tick"},
                {"code": "leaflets", "title": "Phát tờ rơi", "evidence": "note"},
                {"code": "work", "title": "Bắt tay vào việc", "evidence": "tick"},
            ],
        },
    })
}

fn plan(user: &User, body: &Value) -> Uuid {
    let id = new_id();
    user.put(&format!("/api/v1/activities/{id}"), body).ok();
    id
}

fn changes(user: &User) -> Value {
    user.get("/api/v1/changes").ok()
}

fn step(activity: Uuid, team: Uuid, code: &str, at: &str) -> Fact {
    let body = json!({"activity": activity, "day": "2024-10-13", "step": code});
    Fact(json!({
        "id": new_id(), "kind": "step.v1", "happened_at": at, "place": NHON_PHU, "team": team,
        "device": "01928000-0000-7000-8000-00000000d0d0", "seq": 1, "corrects": null, "body": body,
    }))
}

#[test]
fn a_point_is_kept_by_officers_of_its_place_and_reaches_phones_without_its_secret() {
    with_app(|app| {
        let officer = app.officer(NHON_PHU);
        let path = format!("/api/v1/points/{}", new_id());
        let made = officer.put(&path, &point(NHON_PHU)).ok();
        assert_eq!(made["agreement"]["parties"][1], "Trung tâm");
        assert_eq!(
            officer.put(&path, &point(NHON_PHU)).ok(),
            made,
            "asked again"
        );
        let secret = "select count(distinct secret) from service_point where length(secret) = 32";
        assert_eq!(app.count(secret), 1);
        // One name a place, and nothing outside one's own.
        let twin = officer.put(&format!("/api/v1/points/{}", new_id()), &point(NHON_PHU));
        assert_eq!(twin.problem(), (409, "point.name_taken".to_owned()));
        let foreign = app.officer(DONG_DA);
        assert_eq!(foreign.put(&path, &point(DONG_DA)).status, 404);
        assert_eq!(foreign.put(&path, &point(NHON_PHU)).status, 404);
        let mut crossed = point(NHON_PHU);
        crossed["hours"]["mon"][0]["to"] = json!("14:00");
        assert_eq!(officer.put(&path, &crossed).problem().0, 422);
        // Down to phones, changed rows again.
        let volunteer = app.volunteer(NHON_PHU);
        let first = changes(&volunteer);
        assert_eq!(first["points"], json!([made]));
        assert!(!first.to_string().contains("secret"));
        let cursor = first["cursor"].as_str().expect("a cursor");
        let mut moved = point(NHON_PHU);
        moved["address"] = json!("01 Trần Phú");
        officer.put(&path, &moved).ok();
        let second = volunteer
            .get(&format!("/api/v1/changes?since={cursor}"))
            .ok();
        assert_eq!(second["points"][0]["address"], "01 Trần Phú");
        assert_eq!(changes(&app.volunteer(DONG_DA))["points"], json!([]));
        let listed = volunteer
            .get(&format!("/api/v1/points?place={NHON_PHU}"))
            .ok();
        assert_eq!(listed["points"].as_array().map(Vec::len), Some(1));
    });
}

#[test]
fn a_series_reaches_every_commune_and_one_day_is_moved_or_called_off() {
    with_app(|app| {
        let province = app.province();
        let id = plan(&province, &sundays());
        let volunteer = app.volunteer(NHON_PHU);
        let first = changes(&volunteer);
        let days = |body: &Value| -> Vec<String> {
            let days = body["occurrences"].as_array().expect("days").iter();
            days.map(|one| one["day"].as_str().expect("a day").to_owned())
                .collect()
        };
        // Since the clock's today, 13 October, and a month before: no holiday on a Sunday there.
        let there = days(&first["activities"][0]);
        assert_eq!((there.len(), &*there[0]), (16, "2024-09-15"));
        let off = json!({"cancelled": true, "note": "Bão số 6"});
        let path = |day: &str| format!("/api/v1/activities/{id}/days/{day}");
        province.put(&path("2024-10-20"), &off).ok();
        let moved = json!({"starts_at": "2024-10-26T07:30:00+07:00", "note": "Dời sang thứ Bảy"});
        let body = province.put(&path("2024-10-27"), &moved).ok();
        assert_eq!(days(&body).len(), 43);
        let cursor = first["cursor"].as_str().expect("a cursor");
        let second = volunteer
            .get(&format!("/api/v1/changes?since={cursor}"))
            .ok();
        let told = &second["activities"][0]["occurrences"];
        assert_eq!(
            (&told[5]["day"], &told[5]["cancelled"]),
            (&json!("2024-10-20"), &json!(true))
        );
        assert_eq!(told[6]["starts_at"], "2024-10-26T07:30:00+07:00");
        // Days that are none of it.
        for day in ["2024-10-21", "2024-03-10"] {
            assert_eq!(
                province.put(&path(day), &off).problem().1,
                "activity.no_such_day",
                "{day}"
            );
        }
        // A window, asked online.
        let asked = format!("/api/v1/activities?place={NHON_PHU}&from=2024-10-25&to=2024-10-27");
        let found = volunteer.get(&asked).ok();
        assert_eq!(days(&found["activities"][0]), ["2024-10-27"]);
        // Officers of a commune do not plan for the province, and see it all the same.
        let officer = app.officer(NHON_PHU);
        let whole = format!("/api/v1/activities/{id}");
        assert_eq!(officer.put(&whole, &sundays()).status, 404);
        assert_eq!(officer.delete(&whole).status, 404);
        province.delete(&whole).ok();
        province.delete(&whole).ok();
        let cursor = second["cursor"].as_str().expect("a cursor");
        let third = volunteer
            .get(&format!("/api/v1/changes?since={cursor}"))
            .ok();
        assert_eq!(third["activities"][0]["cancelled"], true);
        let endless = sundays().as_object().map(|body| {
            let mut body = body.clone();
            body.insert("recurrence".to_owned(), json!("FREQ=WEEKLY;BYDAY=SU"));
            Value::Object(body)
        });
        let refused = province.put(
            &format!("/api/v1/activities/{}", new_id()),
            &endless.unwrap(),
        );
        assert_eq!(refused.problem(), (422, "activity.recurrence".to_owned()));
    });
}

#[test]
fn what_happens_elsewhere_stays_off_the_phone() {
    with_app(|app| {
        let mut meeting = sundays();
        meeting["place_id"] = json!(DONG_DA);
        plan(&app.officer(DONG_DA), &meeting);
        assert_eq!(changes(&app.volunteer(NHON_PHU))["activities"], json!([]));
        let mut over = sundays();
        over["place_id"] = json!(NHON_PHU);
        over["recurrence"] = json!("FREQ=WEEKLY;BYDAY=SU;COUNT=4");
        plan(&app.officer(NHON_PHU), &over);
        assert_eq!(
            changes(&app.volunteer(NHON_PHU))["activities"],
            json!([]),
            "long over"
        );
    });
}

#[test]
fn the_days_of_the_year_come_down_once() {
    with_app(|app| {
        let user = app.volunteer(NHON_PHU);
        let first = changes(&user);
        assert_eq!(first["holidays"], json!([]));
        let cursor = first["cursor"].as_str().expect("a cursor");
        let rest = user.get(&format!("/api/v1/changes?since={cursor}")).ok();
        let tet = json!({"day": "2024-02-10", "name": "Tết Âm lịch", "kind": "holiday", "expected": false});
        assert!(
            rest["holidays"]
                .as_array()
                .is_some_and(|all| all.contains(&tet))
        );
        let union = json!({"name": "Ngày thành lập Đoàn TNCS Hồ Chí Minh", "month": 3, "day": 26, "founded": 1931});
        assert!(
            rest["commemorations"]
                .as_array()
                .is_some_and(|all| all.contains(&union))
        );
    });
}

#[test]
fn steps_are_facts_that_count_for_nothing_and_tell_what_was_out_of_turn() {
    with_app(|app| {
        app.province().campaign();
        let team = app.team(NHON_PHU, "Tổ 1");
        app.team(DONG_DA, "Tổ 2");
        let id = plan(&app.province(), &sundays());
        let user = app.volunteer(NHON_PHU);
        let parade = step(id, team, "parade", "2024-10-13T07:40:00+07:00");
        let work = step(id, team, "work", "2024-10-13T08:10:00+07:00");
        let leaflets = step(id, team, "leaflets", "2024-10-13T08:20:00+07:00");
        for outcome in user.send_facts(&[parade.clone(), work, leaflets]) {
            assert_eq!(
                (&outcome["outcome"], &outcome["counted_in"]),
                (&json!("counted"), &json!([]))
            );
        }
        assert_eq!(
            user.send_facts(std::slice::from_ref(&parade))[0]["outcome"],
            "duplicate"
        );
        let day = |user: &User| {
            user.get(&format!("/api/v1/activities/{id}/days/2024-10-13"))
                .ok()
        };
        let told = day(&user);
        assert_eq!(told["teams"], 1);
        let said: Vec<_> = told["steps"]
            .as_array()
            .expect("steps")
            .iter()
            .map(|one| {
                (
                    one["step"].as_str().unwrap_or(""),
                    one["before_its_turn"].as_str(),
                )
            })
            .collect();
        assert_eq!(
            said,
            [
                ("parade", None),
                ("work", Some("leaflets")),
                ("leaflets", None)
            ]
        );
        // Taken back, it is as if it never was.
        user.send_facts(&[void(&parade)]);
        assert_eq!(day(&user)["steps"].as_array().map(Vec::len), Some(2));
        // The province sees both teams, a commune beside it none of this.
        assert_eq!(day(&app.province())["teams"], 2);
        assert_eq!(day(&app.officer(DONG_DA))["steps"], json!([]));
        // An activity that nobody planned around here.
        let unknown = step(new_id(), team, "parade", "2024-10-13T08:30:00+07:00");
        let outcome = &user.send_facts(&[unknown])[0];
        assert_eq!(outcome["problem"]["code"], "fact.activity_unknown");
    });
}

/// Fetches a calendar by its whole address, as a program that nobody signed in.
fn fetch(app: &TestApp, url: &Value) -> (u16, String) {
    let path = url
        .as_str()
        .and_then(|url| url.find("/ical/").map(|at| &url[at..]));
    let reply = app.get(path.expect("an address"));
    (reply.status, reply.text())
}

fn text<'a>(event: &'a ICalendarComponent, name: &ICalendarProperty) -> Option<&'a str> {
    event.property(name)?.values.first()?.as_text()
}

#[test]
fn a_calendar_read_by_another_library_has_the_same_days() {
    with_app(|app| {
        let province = app.province();
        let mut body = sundays();
        body["recurrence"] = json!("FREQ=DAILY;COUNT=22");
        body["starts_at"] = json!("2024-04-16T19:00:00+07:00");
        let id = plan(&province, &body);
        let path = |day: &str| format!("/api/v1/activities/{id}/days/{day}");
        province
            .put(
                &path("2024-04-20"),
                &json!({"cancelled": true, "note": "Mưa; nghỉ, hẹn sau"}),
            )
            .ok();
        province
            .put(
                &path("2024-04-22"),
                &json!({"starts_at": "2024-04-22T08:00:00+07:00"}),
            )
            .ok();
        let team = app.team(NHON_PHU, "Tổ 1");
        let user = app.volunteer(NHON_PHU);
        let made = user
            .post("/api/v1/feeds", &json!({"kind": "team", "about_id": team}))
            .ok();
        let (status, written) = fetch(app, &made["url"]);
        assert_eq!(status, 200);
        assert!(
            written.lines().all(|line| line.len() <= 75),
            "lines are folded"
        );
        let calendar = ICalendar::parse(&written).expect("it is a calendar");
        let events: Vec<_> = calendar
            .components
            .iter()
            .filter(|one| one.component_type.is_event())
            .collect();
        assert_eq!(events.len(), 3, "the series and two days that differ");
        for event in &events {
            assert_eq!(event.uid(), Some(&*format!("{id}@causo")));
            assert_eq!(
                text(event, &ICalendarProperty::Summary),
                Some("Chủ nhật chuyển đổi số")
            );
            assert_eq!(
                text(event, &ICalendarProperty::Location),
                Some("Nhà văn hóa thôn; mang theo áo xanh, và điện thoại, Tỉnh Bình Định")
            );
        }
        let off = events
            .iter()
            .find(|one| one.status() == Some(&calcard::icalendar::ICalendarStatus::Cancelled));
        let off = off.expect("the day called off");
        assert!(
            text(off, &ICalendarProperty::Description)
                .is_some_and(|said| said.starts_with("Mưa; nghỉ, hẹn sau\n"))
        );
        // Every day of three weeks in Viet Nam's time, but two holidays; the server's own account of it.
        let expanded = calendar.expand_dates(chrono_tz(), 500);
        assert!(expanded.errors.is_empty(), "{:?}", expanded.errors);
        let mut read: Vec<i64> = expanded
            .events
            .iter()
            .map(|event| event.start.timestamp())
            .collect();
        read.sort_unstable();
        let ours = province
            .put(&path("2024-04-20"), &json!({"cancelled": true}))
            .ok();
        let mut ours: Vec<i64> = ours["occurrences"]
            .as_array()
            .expect("days")
            .iter()
            .map(|one| seconds(one["starts_at"].as_str().expect("a time")))
            .collect();
        ours.sort_unstable();
        assert_eq!(read, ours);
        assert_eq!(ours.len(), 19);
    });
}

/// No zone of its own: what a calendar program falls back to must not matter.
fn chrono_tz() -> calcard::common::timezone::Tz {
    calcard::common::timezone::Tz::UTC
}

fn seconds(wire: &str) -> i64 {
    let format = &time::format_description::well_known::Rfc3339;
    time::OffsetDateTime::parse(wire, format)
        .expect("a time")
        .unix_timestamp()
}

#[test]
fn a_changed_activity_takes_a_higher_sequence_under_the_same_name() {
    with_app(|app| {
        let officer = app.officer(NHON_PHU);
        let mut body = sundays();
        body["place_id"] = json!(NHON_PHU);
        let id = plan(&officer, &body);
        let made = officer
            .post(
                "/api/v1/feeds",
                &json!({"kind": "activity", "about_id": id}),
            )
            .ok();
        let line = |start: &str| {
            let (_, written) = fetch(app, &made["url"]);
            let found = written
                .lines()
                .find_map(|line| line.strip_prefix(start).map(str::to_owned));
            found.expect("a line")
        };
        let before: i64 = line("SEQUENCE:").parse().expect("a number");
        officer.delete(&format!("/api/v1/activities/{id}")).ok();
        assert!(line("SEQUENCE:").parse::<i64>().expect("a number") > before);
        assert_eq!(line("STATUS:"), "CANCELLED");
        assert_eq!(line("UID:"), format!("{id}@causo"));
    });
}

#[test]
fn a_calendars_address_is_secret_revocable_and_dies_with_its_account() {
    with_app(|app| {
        let team = app.team(NHON_PHU, "Tổ 1");
        plan(&app.province(), &sundays());
        let user = app.volunteer(NHON_PHU);
        let other = app.volunteer(DONG_DA);
        assert_eq!(
            other
                .post("/api/v1/feeds", &json!({"kind": "team", "about_id": team}))
                .status,
            404
        );
        let make = || {
            user.post("/api/v1/feeds", &json!({"kind": "team", "about_id": team}))
                .ok()
        };
        let (first, second) = (make(), make());
        assert!(
            first["qr_svg"]
                .as_str()
                .is_some_and(|svg| svg.contains("<svg"))
        );
        assert_eq!(app.get("/ical/none.ics").status, 404);
        let listed = user.get("/api/v1/feeds").ok();
        assert_eq!(listed["feeds"].as_array().map(Vec::len), Some(2));
        assert!(!listed.to_string().contains("/ical/"), "shown once");
        let revoke = format!("/api/v1/feeds/{}", first["id"].as_str().expect("an id"));
        assert_eq!(other.delete(&revoke).status, 404);
        user.delete(&revoke).ok();
        assert_eq!(fetch(app, &first["url"]).0, 404);
        assert!(fetch(app, &second["url"]).1.contains("RRULE:FREQ=WEEKLY"));
        app.province()
            .post(&format!("/api/v1/members/{}/disable", user.id), &json!({}))
            .ok();
        assert_eq!(fetch(app, &second["url"]).0, 404);
    });
}

#[test]
fn a_members_calendar_holds_what_concerns_them() {
    with_app(|app| {
        let province = app.province();
        plan(&province, &sundays());
        let mut desk = sundays();
        desk["title"] = json!("Trực Một cửa");
        desk["details"]["team_kinds"] = json!(["dvctt"]);
        plan(&province, &desk);
        let mut open = sundays();
        open["title"] = json!("Lễ ra quân");
        open["recurrence"] = json!("");
        open["details"]["team_kinds"] = json!([]);
        plan(&province, &open);
        let team = app.team(NHON_PHU, "Tổ 1");
        let titles = |user: &User| {
            let made = user.post("/api/v1/feeds", &json!({"kind": "member"})).ok();
            let (_, written) = fetch(app, &made["url"]);
            let mut titles: Vec<_> = written
                .lines()
                .filter_map(|line| line.strip_prefix("SUMMARY:"))
                .map(str::to_owned)
                .collect();
            titles.sort();
            titles
        };
        let alone = app.volunteer(NHON_PHU);
        assert_eq!(titles(&alone), ["Lễ ra quân"]);
        let member = alone.id;
        app.write(move |tx| {
            tx.execute(
                "update member_grant set team_id = $2 where member_id = $1",
                causo::args![member, team],
            )?;
            Ok(())
        })
        .expect("it joins");
        assert_eq!(titles(&alone), ["Chủ nhật chuyển đổi số", "Lễ ra quân"]);
        assert_eq!(titles(&province).len(), 3);
    });
}
