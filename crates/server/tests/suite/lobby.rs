//! What residents see of a desk: kiosk, board, ticket page, own phone; and its devices.

use crate::desk::Desk;
use crate::harness::client::{Client, Reply};
use crate::harness::facts::new_id;
use crate::harness::{DONG_DA, NHON_PHU, TestApp, with_app};
use serde_json::{Value, json};
use time::Duration;
use uuid::Uuid;

/// Makes a device, and says where it is and by what code it is paired.
fn device(app: &TestApp, desk: &Desk, kind: &str) -> (Uuid, String, String) {
    let id = new_id();
    let body = json!({"id": id, "kind": kind, "name": "Ở cửa"});
    let keys = app
        .officer(NHON_PHU)
        .post(&desk.url("/devices"), &body)
        .ok();
    (
        id,
        path_of(&keys),
        keys["pairing_code"].as_str().expect("a code").to_owned(),
    )
}

fn path_of(keys: &Value) -> String {
    let url = keys["url"].as_str().expect("an address");
    let path = url.splitn(4, '/').nth(3).expect("a path");
    format!("/{path}")
}

/// Somebody at a browser without a script.
fn browser(app: &TestApp) -> Client {
    let own = format!("http://{}", app.address);
    let form = app.stranger().without_header("x-causo");
    form.with_header("origin", &own)
        .with_header("content-type", "application/x-www-form-urlencoded")
        .with_header("accept", "text/html")
}

fn send(who: &Client, path: &str, form: &str) -> Reply {
    who.send_bytes("POST", path, Some(form.as_bytes()))
}

fn attribute(page: &str, before: &str) -> String {
    let at = page
        .find(before)
        .unwrap_or_else(|| panic!("{before}: {page}"));
    let rest = &page[at + before.len()..];
    rest[..rest.find('"').expect("it ends")].to_owned()
}

fn hidden(page: &str, name: &str) -> String {
    attribute(page, &format!("name=\"{name}\" value=\""))
}

fn location(reply: &Reply) -> String {
    assert_eq!(reply.status, 303, "{}", reply.text());
    reply.header("location").expect("a way on").to_owned()
}

/// Takes a ticket at a kiosk, and gives its page's path and its code.
fn take(who: &Client, kiosk: &str, groups: &str) -> (String, String) {
    let page = who.get(&format!("{kiosk}?viec={groups}")).text();
    let form = format!("phieu={}&viec={groups}&uu_tien=", hidden(&page, "phieu"));
    let shown = location(&send(who, kiosk, &form));
    let code = shown.split(['/', '?']).nth(3).expect("a code").to_owned();
    (shown, code)
}

#[test]
fn a_kiosk_asks_one_thing_at_a_time_and_gives_one_ticket_however_often_it_is_tapped() {
    with_app(|app| {
        let desk = Desk::open(app);
        let (_, kiosk, _) = device(app, &desk, "kiosk");
        let who = browser(app);
        let start = who.get(&kiosk).text();
        for word in [
            "đến làm việc gì",
            "Hộ tịch",
            "Cư trú",
            "viec=land",
            "tieng=km",
            "Trung tâm",
        ] {
            assert!(start.contains(word), "{word}: {start}");
        }
        // Nothing this desk does not do, no language it does not speak.
        assert!(!start.contains("viec=social") && !start.contains("tieng=en"));
        let next = who.get(&format!("{kiosk}?viec=land")).text();
        for word in [
            "được mời sớm",
            "60 tuổi",
            "có em nhỏ",
            "Thêm việc khác",
            "Đất đai",
        ] {
            assert!(next.contains(word), "{word}: {next}");
        }
        assert!(!next.contains("mang thai"), "not a class of this desk");
        let more = who.get(&format!("{kiosk}?viec=land&them=1")).text();
        assert!(more.contains("viec=land,civil_status") && !more.contains("viec=land,land"));

        let id = hidden(&next, "phieu");
        let form = format!("phieu={id}&viec=land,civil_status&uu_tien=elderly");
        let shown = location(&send(&who, &kiosk, &form));
        assert_eq!(location(&send(&who, &kiosk, &form)), shown);
        assert_eq!(app.count("select count(*) from ticket"), 1);
        assert_eq!(
            app.count("select count(*) from ticket_step where device_id is not null"),
            1
        );
        let ticket = who.get(&shown).text();
        for word in [
            "D001",
            "Đất đai",
            "Hộ tịch",
            "Sắp đến lượt",
            "Quầy 2",
            "<svg",
            "data-print",
        ] {
            assert!(ticket.contains(word), "{word}: {ticket}");
        }
        let queue = desk.worker.get(&desk.url("/queue")).ok();
        let kept = &queue["queue"]["tickets"][0];
        assert_eq!(
            (&kept["priority"], &kept["source"], &kept["language"]),
            (&json!("elderly"), &json!("kiosk"), &json!("vi"))
        );
        // The ticket of one point is nothing to another's kiosk.
        let other = Desk::open_at(app, DONG_DA);
        let keys = json!({"id": new_id(), "kind": "kiosk", "name": "Ở cửa"});
        let keys = app
            .officer(DONG_DA)
            .post(&other.url("/devices"), &keys)
            .ok();
        let foreign = shown.replace(&kiosk, &path_of(&keys));
        assert_ne!(foreign, shown);
        assert_eq!(who.get(&foreign).status, 404);
        assert_eq!(send(&who, &path_of(&keys), &form).status, 404);
    });
}

#[test]
fn who_is_not_sure_is_asked_in_plain_words_and_the_ticket_carries_what_was_answered() {
    with_app(|app| {
        let desk = Desk::open(app);
        let (_, kiosk, _) = device(app, &desk, "kiosk");
        let who = browser(app);
        let get = |rest: &str| who.get(&format!("{kiosk}?tieng=vi&{rest}")).text();
        let needs = |page: &str, words: &[&str]| {
            for word in words {
                assert!(page.contains(word), "{word}: {page}");
            }
        };
        needs(&get(""), &["nhờ hướng dẫn", "hoi=nhom"]);
        let plain = get("viec=&hoi=nhom");
        needs(&plain, &["Khai sinh, kết hôn, khai tử", "hoi=civil_status"]);
        // Only what this desk takes in.
        assert!(!plain.contains("hoi=social"));
        let which = get("viec=&hoi=civil_status");
        needs(
            &which,
            &[
                "Đăng ký khai sinh",
                "viec=1.001193&amp;hoi=co",
                "viec=civil_status\"",
            ],
        );
        let holds = get("viec=1.001193&hoi=co");
        needs(
            &holds,
            &[
                "Thẻ căn cước gắn chip",
                "Giấy chứng sinh",
                "name=\"sim\"",
                "checked",
            ],
        );

        // With everything at hand it is done at home; a number is there for whoever wants one.
        let home = get("viec=1.001193&hoi=ra&card=1&papers=1&phone=1&sim=1");
        needs(
            &home,
            &[
                "làm ở nhà được",
                "<svg",
                "Vẫn lấy số",
                "co=card,papers,phone,sim",
            ],
        );
        let lacks = get("viec=1.001193&hoi=ra&card=1");
        needs(&lacks, &["còn thiếu", "Đủ giấy tờ cần mang", "co=card"]);
        let counter = get("viec=1.001193&hoi=ra&card=1&papers=1");
        needs(
            &counter,
            &["được mời sớm", "Đăng ký khai sinh", "name=\"co\""],
        );

        let form = format!(
            "phieu={}&viec=1.001193&uu_tien=&co=card,papers",
            hidden(&counter, "phieu")
        );
        send(&who, &kiosk, &form);
        let queue = desk.worker.get(&desk.url("/queue")).ok();
        let ticket = &queue["queue"]["tickets"][0];
        assert_eq!(ticket["errands"][0]["procedure"], "1.001193");
        let id = ticket["id"].as_str().expect("an id");
        let whole = desk.worker.get(&format!("/api/v1/desk/tickets/{id}")).ok();
        assert_eq!(
            whole["triage"],
            json!({"held": ["card", "papers"], "now": false, "outcomes": {"1.001193": "counter"}})
        );
        // Whoever asks for what is not theirs to ask is asked from the beginning.
        needs(&get("viec=9.999999&hoi=co"), &["đến làm việc gì"]);
        let khmer = who.get(&format!("{kiosk}?tieng=km&viec=x&hoi=nhom")).text();
        needs(&khmer, &["តើលោកអ្នកមកដោយសារកិច្ចការអ្វី?"]);
    });
}

#[test]
fn a_kiosk_speaks_khmer_and_says_that_nobody_reviewed_it() {
    with_app(|app| {
        let desk = Desk::open(app);
        let (_, kiosk, _) = device(app, &desk, "kiosk");
        let who = browser(app);
        let page = who.get(&format!("{kiosk}?tieng=km&viec=residence")).text();
        assert!(page.contains("<html lang=\"km\">") && page.contains("chưa kiểm duyệt"));
        assert!(page.contains("តើលោកអ្នក"), "{page}");
        let font = attribute(&page, "href=\"/hang-doi/khmer.css");
        let style = who.get(&format!("/hang-doi/khmer.css{font}")).text();
        assert!(style.contains("/hang-doi/khmer-400.woff2"));
        let font = who.get("/hang-doi/khmer-400.woff2");
        assert_eq!(font.header("content-type"), Some("font/woff2"));
        assert_eq!(font.body.get(..4), Some(&b"wOF2"[..]));
        let form = format!("phieu={}&viec=residence", hidden(&page, "phieu"));
        location(&send(&who, &format!("{kiosk}?tieng=km"), &form));
        let queue = desk.worker.get(&desk.url("/queue")).ok();
        assert_eq!(queue["queue"]["tickets"][0]["language"], "km");
    });
}

#[test]
fn a_device_is_paired_by_a_code_once_and_gone_when_it_is_revoked() {
    with_app(|app| {
        let desk = Desk::open(app);
        let officer = app.officer(NHON_PHU);
        let (id, first, code) = device(app, &desk, "board");
        let who = browser(app);
        assert!(who.get("/bang").text().contains("name=\"ma\""));
        let typed = format!("ma={}+{}", &code[..3].to_lowercase(), &code[3..]);
        let paired = location(&send(&who, "/lay-so", &typed));
        assert!(paired.starts_with("/bang/") && paired != first);
        assert_eq!(who.get(&paired).status, 200);
        // Its first address ended, and the code is used up.
        assert_eq!(who.get(&first).status, 404);
        assert_eq!(send(&who, "/lay-so", &typed).status, 404);
        // A board's address is no kiosk's.
        assert_eq!(who.get(&paired.replace("/bang/", "/lay-so/")).status, 404);

        let listed = officer.get(&desk.url("/devices")).ok();
        let listed = listed["devices"].as_array().expect("a list");
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0]["id"], id.to_string());
        assert_ne!(listed[0]["seen_at"], Value::Null);
        assert_eq!(app.officer(DONG_DA).get(&desk.url("/devices")).status, 404);
        let revoke = format!("/api/v1/desk/devices/{id}/revoke");
        app.officer(DONG_DA)
            .post(&revoke, &json!({}))
            .refused(404, "not_found");
        officer.post(&revoke, &json!({})).ok();
        assert_eq!(who.get(&paired).status, 404);
        assert_eq!(
            officer.get(&desk.url("/devices")).ok()["devices"],
            json!([])
        );
        // A device that was ended stays so.
        let again = json!({"id": id, "kind": "board", "name": "Ở cửa"});
        officer
            .post(&desk.url("/devices"), &again)
            .refused(404, "not_found");

        let (_, _, code) = device(app, &desk, "kiosk");
        app.clock.advance(Duration::minutes(16));
        assert_eq!(send(&who, "/lay-so", &format!("ma={code}")).status, 404);
        let tried = (0..20).map(|_| send(&who, "/lay-so", "ma=000000").status);
        assert_eq!(tried.max(), Some(429));
    });
}

#[test]
fn a_board_shows_and_says_who_is_called_and_answers_shortly_when_nothing_changed() {
    with_app(|app| {
        let desk = Desk::open(app);
        let (_, board, _) = device(app, &desk, "board");
        let who = browser(app);
        let empty = who.get(&board);
        assert!(empty.text().contains("Chưa gọi số nào") && empty.text().contains("<noscript>"));
        let same = |etag: &str| who.with_header("if-none-match", etag).get(&board);
        let etag = empty.header("etag").expect("a tag").to_owned();
        let still = same(&etag);
        assert_eq!((still.status, still.body.len()), (304, 0));

        let ticket = desk.take(app, json!([{"group": "civil_status"}]), None);
        desk.take(app, json!([{"group": "civil_status"}]), None);
        let called = desk.next(app, "1");
        assert_eq!(called["id"], ticket["id"]);
        let page = same(&etag);
        assert_eq!(page.status, 200);
        let page = page.text();
        for word in [
            "A001",
            "Quầy 1",
            "Mời số A không không một đến quầy một",
            "1 người",
        ] {
            assert!(page.contains(word), "{word}: {page}");
        }
        let clips = attribute(&page, "data-clips=\"");
        assert_eq!(clips.split(' ').count(), 7);
        for clip in clips.split(' ') {
            let clip = who.get(clip);
            assert_eq!(
                (clip.status, clip.header("content-type")),
                (200, Some("audio/mpeg"))
            );
            assert!(clip.body.len() > 500);
        }
        // Called once more, it is another call.
        let call = attribute(&page, "data-call=\"");
        desk.done(app, &called, "recall");
        let again = who.get(&board).text();
        assert_ne!(attribute(&again, "data-call=\""), call);
        desk.done(app, &called, "start");
        let later = who.get(&board).text();
        assert!(
            !later.contains("data-call") && later.contains("Vừa gọi"),
            "{later}"
        );
        // The next day begins with an empty board.
        app.clock.advance(Duration::DAY);
        let morning = who.get(&board).text();
        assert!(
            !morning.contains("A001") && morning.contains("0 người"),
            "{morning}"
        );
    });
}

#[test]
fn a_board_tells_whoever_comes_now_what_their_ticket_would_tell_them() {
    with_app(|app| {
        let desk = Desk::open(app);
        let (_, board, _) = device(app, &desk, "board");
        let take = |group: &str| desk.take(app, json!([{ "group": group }]), None);
        let first = take("civil_status");
        take("civil_status");
        take("certification");
        desk.next(app, "1");
        desk.done(app, &first, "start");
        app.clock.advance(Duration::minutes(5));
        let page = browser(app).get(&board).text();
        let said = |group: &str| {
            let line = page.split("<li>").find(|line| line.contains(group));
            let line = line.and_then(|line| line.split_once("khoảng "))?.1;
            line.split(' ').next()?.parse::<u64>().ok()
        };
        // Counter 1 has seven minutes to go, then one of twelve and one of five.
        assert_eq!(said("Hộ tịch"), Some(24));
        assert_eq!(said("Chứng thực"), Some(24));
        assert_eq!(said("Cư trú"), None, "nobody sits there yet");
        let told = take("civil_status")["forecast_s"]
            .as_u64()
            .expect("a forecast");
        assert_eq!(Some(told.div_ceil(60)), said("Hộ tịch"));
    });
}

#[test]
fn a_ticket_page_is_small_and_asks_again_the_sooner_the_nearer_it_is() {
    with_app(|app| {
        let desk = Desk::open(app);
        let who = browser(app);
        let first = desk.take(app, json!([{"group": "civil_status"}]), None);
        let take = |_| {
            app.clock.advance(Duration::SECOND);
            desk.take(app, json!([{"group": "civil_status"}]), None)
        };
        let many: Vec<Value> = (0..12).map(take).collect();
        let page = |ticket: &Value| {
            let path = format!("/phieu/{}", ticket["code"].as_str().expect("a code"));
            let reply = who.get(&path);
            assert_eq!(reply.status, 200);
            assert!(!reply.text().contains("<script"));
            reply.text()
        };
        let asks = |page: &str| attribute(page, "http-equiv=\"refresh\" content=\"");
        assert_eq!(asks(&page(&first)), "15");
        let last = page(&many[11]);
        assert_eq!(asks(&last), "60");
        assert!(last.contains("còn 12 người"), "{last}");
        // Priority goes before, and whoever follows sees it.
        desk.take(app, json!([{"group": "certification"}]), Some("elderly"));
        assert!(page(&many[11]).contains("còn 13 người"));

        let styles = last
            .match_indices("rel=\"stylesheet\" href=\"")
            .map(|(at, found)| {
                let rest = &last[at + found.len()..];
                rest[..rest.find('"').expect("it ends")].to_owned()
            });
        let styles: Vec<String> = styles.collect();
        assert_eq!(styles.len(), 2, "{last}");
        let squeezed = |path: &str| {
            let reply = who.with_header("accept-encoding", "gzip").get(path);
            reply.body.len()
        };
        let path = format!("/phieu/{}", many[11]["code"].as_str().expect("a code"));
        let plain: usize = styles.iter().map(|style| who.get(style).body.len()).sum();
        let gzip: usize = styles.iter().map(|style| squeezed(style)).sum();
        let (plain, gzip) = (plain + last.len(), gzip + squeezed(&path));
        println!("ticket page: {plain} bytes, {gzip} compressed");
        assert!(plain <= 10_000, "{plain} bytes");
        assert!(gzip <= 5_000, "{gzip} bytes");

        let nowhere = who.get("/phieu/0000000000");
        assert_eq!(nowhere.status, 404);
        assert!(nowhere.text().contains("Không tìm thấy phiếu"));
        let tried = (0..100).map(|_| who.get("/phieu/0000000001").status);
        assert_eq!(tried.max(), Some(429));
        assert_eq!(
            who.get(&path).status,
            200,
            "whoever has a ticket is not stopped"
        );
    });
}

#[test]
fn whoever_holds_a_ticket_asks_for_time_and_comes_back_or_goes() {
    with_app(|app| {
        let desk = Desk::open(app);
        let who = browser(app);
        let first = desk.take(app, json!([{"group": "land"}]), None);
        app.clock.advance(Duration::SECOND);
        let second = desk.take(app, json!([{"group": "land"}]), None);
        let path = |ticket: &Value| format!("/phieu/{}", ticket["code"].as_str().expect("a code"));
        let wish = |ticket: &Value, wish: &str| {
            let page = who.get(&path(ticket)).text();
            let form = format!("ma={}&viec={wish}", hidden(&page, "ma"));
            assert!(
                page.contains(&format!("value=\"{wish}\"")),
                "{wish}: {page}"
            );
            location(&send(&who, &path(ticket), &form));
            // A second tap changes nothing.
            location(&send(&who, &path(ticket), &form));
        };
        let stage = |ticket: &Value| {
            let id = ticket["id"].as_str().expect("an id");
            let whole = desk.worker.get(&format!("/api/v1/desk/tickets/{id}")).ok();
            whole["ticket"]["stage"]
                .as_str()
                .expect("a stage")
                .to_owned()
        };
        assert_eq!(desk.next(app, "2")["id"], first["id"]);
        let page = who.get(&path(&first)).text();
        assert!(
            page.contains("ticket called") && page.contains("Quầy 2"),
            "{page}"
        );
        wish(&first, "hold");
        assert_eq!(stage(&first), "held");
        assert_eq!(desk.next(app, "2")["id"], second["id"]);
        wish(&first, "ready");
        assert_eq!(stage(&first), "waiting");
        app.clock.advance(Duration::SECOND);
        let third = desk.take(app, json!([{"group": "land"}]), None);
        desk.done(app, &second, "start");
        desk.done(app, &second, "finish");
        // Before whoever came later.
        assert_eq!(desk.next(app, "2")["id"], first["id"]);
        assert!(who.get(&path(&second)).text().contains("/danh-gia/"));
        wish(&third, "leave");
        assert_eq!(stage(&third), "left");
        wish(&third, "return");
        assert_eq!(stage(&third), "waiting");
        // What is no longer possible is not done, and the page says how things stand.
        let page = who.get(&path(&third)).text();
        let form = format!("ma={}&viec=hold", hidden(&page, "ma"));
        assert!(location(&send(&who, &path(&third), &form)).starts_with("/phieu/"));
        assert_eq!(stage(&third), "waiting");
        app.clock.advance(Duration::DAY);
        let over = who.get(&path(&third)).text();
        assert!(
            over.contains("Phiếu của ngày khác") && !over.contains("<form"),
            "{over}"
        );
        let form = format!("ma={}&viec=leave", new_id());
        assert_eq!(send(&who, &path(&third), &form).status, 404);
    });
}

#[test]
fn a_phone_takes_one_ticket_and_not_too_many_come_from_one_address() {
    with_app(|app| {
        let desk = Desk::open(app);
        let code = desk.worker.get(&desk.url("")).ok()["code"]
            .as_str()
            .expect("a code")
            .to_owned();
        let door = format!("/xep-hang/{}", code.to_lowercase());
        let who = browser(app);
        let page = who.get(&format!("{door}?viec=land")).text();
        let form = format!("phieu={}&viec=land&uu_tien=", hidden(&page, "phieu"));
        let taken = send(&who, &door, &form);
        let followed = location(&taken);
        assert!(followed.starts_with("/phieu/"));
        let cookie = taken.header("set-cookie").expect("a cookie").to_owned();
        assert!(cookie.contains("HttpOnly") && cookie.contains("Path=/xep-hang"));
        let cookie = cookie.split(';').next().expect("its value").to_owned();
        let phone = who.with_header("cookie", &cookie);
        let again = phone.get(&door).text();
        assert!(again.contains("đã có số D001"), "{again}");
        let other = format!("phieu={}&viec=land&uu_tien=", new_id());
        assert!(location(&send(&phone, &door, &other)).starts_with(&door));
        assert_eq!(app.count("select count(*) from ticket"), 1);

        let taken = (0..40).map(|_| {
            let form = format!("phieu={}&viec=land&uu_tien=", new_id());
            send(&who, &door, &form).status
        });
        let taken: Vec<u16> = taken.collect();
        assert!(taken[..25].iter().all(|status| *status == 303), "{taken:?}");
        assert_eq!(taken.last(), Some(&429));
        app.clock.advance(Duration::minutes(16));
        assert_eq!(send(&who, &door, &form).status, 303);
        assert_eq!(who.get("/xep-hang/000000").status, 404);
        let poster = who.get(&format!("{door}/to-dan")).text();
        assert!(
            poster.contains("<svg") && poster.contains(&code) && poster.contains("lang=\"km\"")
        );
    });
}

#[test]
fn a_closed_point_says_when_it_opens_and_its_kiosk_is_early() {
    with_app(|app| {
        let desk = Desk::open(app);
        let spans = json!([{"from": "07:30", "to": "11:30"}, {"from": "13:30", "to": "17:00"}]);
        let hours = json!({"mon": spans, "tue": spans});
        let about = json!({"place_id": NHON_PHU, "name": "Trung tâm", "kind": "commune_centre", "hours": hours});
        app.officer(NHON_PHU)
            .put(&format!("/api/v1/points/{}", desk.point), &about)
            .ok();
        let code = desk.worker.get(&desk.url("")).ok()["code"]
            .as_str()
            .expect("a code")
            .to_owned();
        let door = format!("/xep-hang/{code}");
        let (_, kiosk, _) = device(app, &desk, "kiosk");
        let who = browser(app);
        // A Sunday.
        let closed = who.get(&door).text();
        assert!(
            closed.contains("07:30 thứ Hai") && !closed.contains("viec="),
            "{closed}"
        );
        assert!(who.get(&kiosk).text().contains("07:30 thứ Hai"));
        let form = format!("phieu={}&viec=land&uu_tien=", new_id());
        assert!(location(&send(&who, &door, &form)).starts_with(&door));
        assert!(location(&send(&who, &kiosk, &form)).starts_with(&kiosk));
        assert_eq!(app.count("select count(*) from ticket"), 0);
        let now = app.clock.now();
        let monday = time::macros::datetime!(2024-10-14 06:45 +7);
        app.clock.advance(monday - now);
        assert!(who.get(&door).text().contains("07:30 hôm nay"));
        assert!(who.get(&kiosk).text().contains("viec=land"));
        app.clock.advance(Duration::minutes(50));
        assert!(who.get(&door).text().contains("viec=land"));
        take(&who, &kiosk, "land");
        assert_eq!(app.count("select count(*) from ticket"), 1);
    });
}

#[test]
fn recordings_of_the_desks_own_go_before_the_voice_that_is_built_in() {
    let folder = crate::harness::folder::Folder::new();
    let inside = folder.path("km");
    std::fs::create_dir(&inside).expect("a folder");
    std::fs::create_dir(folder.path("vi")).expect("a folder");
    std::fs::write(folder.path("vi").join("call.ogg"), b"OggS").expect("a file");
    let voice = causo::features::lobby::Voice::open(folder.itself()).expect("it is read");
    let vi = causo::platform::pages::Tongue::Vi;
    let said = voice.call(vi, "A-N03", "12").mark().into_string();
    assert!(said.contains("data-recorded"), "{said}");
    assert!(
        said.contains("Mời số A N không ba đến quầy mười hai"),
        "{said}"
    );
    let km = causo::platform::pages::Tongue::Km;
    let silent = voice.call(km, "A012", "3").mark().into_string();
    assert!(silent.contains("data-clips=\"\""), "{silent}");
    std::fs::write(inside.join("call.mp3"), b"ID3").expect("a file");
    assert!(causo::features::lobby::Voice::open(&folder.path("none")).is_err());
}
