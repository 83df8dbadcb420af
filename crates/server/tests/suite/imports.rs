//! Lists of members as branches keep them, taken in whole or not at all.

use crate::harness::people::User;
use crate::harness::{DONG_DA, NHON_PHU, with_app};
use rust_xlsxwriter::{Format, Workbook};
use serde_json::{Value, json};
use uuid::Uuid;

const PREVIEW: &str = "/api/v1/imports/members/preview";
const TAKE: &str = "/api/v1/imports/members";

fn send(by: &User, path: &str, query: &str, file: &[u8]) -> crate::harness::client::Reply {
    by.send_bytes(
        "POST",
        &format!("{path}?place={NHON_PHU}{query}"),
        Some(file),
    )
}

fn lines(preview: &Value) -> &Vec<Value> {
    preview["lines"].as_array().expect("a list")
}

fn states(preview: &Value) -> Vec<(i64, &str)> {
    let line = |one: &'_ Value| one["line"].as_i64().expect("a number");
    lines(preview)
        .iter()
        .map(|one| (line(one), one["state"].as_str().expect("a word")))
        .collect()
}

/// A list as a branch in Nhơn Phú might keep it.
fn workbook() -> Vec<u8> {
    let mut book = Workbook::new();
    book.add_worksheet()
        .write(0, 0, "Bìa")
        .expect("it is written");
    let sheet = book.add_worksheet();
    let day = Format::new().set_num_format("dd/mm/yyyy");
    let title = Format::new();
    sheet
        .merge_range(0, 0, 0, 6, "ĐOÀN PHƯỜNG NHƠN PHÚ", &title)
        .expect("it merges");
    sheet
        .merge_range(1, 0, 1, 6, "DANH SÁCH ĐOÀN VIÊN NĂM 2024", &title)
        .expect("it merges");
    for (column, head) in [
        "STT",
        "Họ và tên",
        "",
        "Ngày sinh",
        "SĐT",
        "Chức vụ",
        "Chi đoàn",
    ]
    .iter()
    .enumerate()
    {
        sheet.write(3, column as u16, *head).expect("it is written");
    }
    for (column, head) in ["", "Họ", "Tên"].iter().enumerate() {
        sheet.write(4, column as u16, *head).expect("it is written");
    }
    sheet
        .merge_range(5, 6, 7, 6, "Tổ CNSTN khu phố 1", &title)
        .expect("it merges");
    let people = [
        ("NGUYỄN THỊ", "HẠNH", "Bí thư"),
        ("Trần Văn", "Đạt", "Đoàn viên"),
        ("Lê", "Minh", "UV BCH"),
        ("Phạm", "Hòa", "Tổ trưởng"),
    ];
    for (n, (family, given, position)) in people.iter().enumerate() {
        let row = 5 + n as u32;
        sheet.write(row, 0, n as u32 + 1).expect("it is written");
        sheet.write(row, 1, *family).expect("it is written");
        sheet.write(row, 2, *given).expect("it is written");
        sheet.write(row, 5, *position).expect("it is written");
    }
    // A day, a year as a number, a year as text, and the other style.
    sheet
        .write_with_format(5, 3, 37_047, &day)
        .expect("it is written");
    sheet.write(6, 3, 1999).expect("it is written");
    sheet.write(7, 3, "2000").expect("it is written");
    sheet.write(8, 3, "2001-06-05").expect("it is written");
    // As people type it, without its zero, of before 2018, and none.
    sheet.write(5, 4, "0912.345.678").expect("it is written");
    sheet.write(6, 4, 912_345_679).expect("it is written");
    sheet.write(7, 4, "01686 123 456").expect("it is written");
    sheet
        .write(10, 1, "Tổng cộng: 4 đồng chí")
        .expect("it is written");
    sheet.write(12, 5, "NGƯỜI LẬP").expect("it is written");
    book.save_to_buffer().expect("it is written")
}

#[test]
fn a_messy_workbook_is_shown_as_it_will_be_stored_and_stored_once() {
    with_app(|app| {
        let officer = app.officer(NHON_PHU);
        let team = app.team(NHON_PHU, "Tổ CNSTN khu phố 1");
        let file = workbook();
        let shown = send(&officer, PREVIEW, "", &file).ok();
        assert_eq!(
            app.count("select count(*) from member where login is null"),
            0
        );
        let columns: Vec<&str> = shown["columns"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|one| one["column"].as_str().expect("a word"))
            .collect();
        assert_eq!(
            columns,
            [
                "skip", "family", "given", "birth", "phone", "position", "unit"
            ]
        );
        let wanted = [
            (
                "Nguyễn Thị Hạnh",
                json!(2001),
                json!("0912 345 678"),
                json!([]),
                json!(team),
            ),
            (
                "Trần Văn Đạt",
                json!(1999),
                json!("0912 345 679"),
                json!(["zero_added"]),
                json!(team),
            ),
            (
                "Lê Minh",
                json!(2000),
                json!("0386 123 456"),
                json!(["old_prefix"]),
                json!(team),
            ),
            ("Phạm Hòa", json!(2001), Value::Null, json!([]), Value::Null),
        ];
        assert_eq!(lines(&shown).len(), wanted.len());
        for (line, (name, year, phone, doubts, team)) in lines(&shown).iter().zip(wanted) {
            assert_eq!((&line["name"], &line["birth_year"]), (&json!(name), &year));
            assert_eq!(
                (&line["phone"], &line["doubts"]),
                (&phone, &doubts),
                "{name}"
            );
            assert_eq!(line["team"]["id"], team, "{name}");
            assert_eq!(line["state"], "new");
        }
        assert_eq!(lines(&shown)[0]["office"], "secretary");
        assert_eq!(lines(&shown)[3]["position"], "leader");
        let taken = send(&officer, TAKE, "", &file).ok();
        assert_eq!(taken, json!({"taken": 4, "known": 0, "left_out": 0}));
        for _ in 0..2 {
            let again = send(&officer, TAKE, "", &file).ok();
            assert_eq!(again, json!({"taken": 0, "known": 4, "left_out": 0}));
        }
        let page = officer.get(&format!("/api/v1/members?team={team}")).ok();
        let names: Vec<_> = page["members"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|one| &one["name"])
            .collect();
        assert_eq!(names, ["Trần Văn Đạt", "Nguyễn Thị Hạnh", "Lê Minh"]);
        let found = officer.get("/api/v1/members?q=hanh+nguyen").ok();
        assert_eq!(found["members"][0]["offices"], json!(["secretary"]));
    });
}

#[test]
fn who_looks_like_somebody_waits_for_a_word_and_faults_are_left_out() {
    with_app(|app| {
        let officer = app.officer(NHON_PHU);
        let known = json!({"id": app.clock.new_id(), "name": "Nguyễn Thị Hạnh", "place_id": NHON_PHU,
                           "origin": "doan", "phone": "0912345678", "birth_year": 2001});
        officer.post("/api/v1/members", &known).ok();
        let file = "Họ tên;Năm sinh;SĐT\nNguyen Thi Hanh;2001;\nAi khác;1990;0912 345 678\nNguyễn Thị Hạnh;1985;\nLê An;abc;\nLê An;2000;123\n";
        let shown = send(&officer, PREVIEW, "", file.as_bytes()).ok();
        let wanted = [
            (2, "likely"),
            (3, "likely"),
            (4, "new"),
            (5, "faulty"),
            (6, "faulty"),
        ];
        assert_eq!(states(&shown), wanted);
        assert_eq!(lines(&shown)[0]["likely"], "Nguyễn Thị Hạnh");
        assert_eq!(lines(&shown)[3]["fault"], "birth");
        assert_eq!(lines(&shown)[4]["fault"], "phone");
        assert_eq!(lines(&shown)[4]["cells"], json!(["Lê An", "2000", "123"]));
        let taken = send(&officer, TAKE, "&also=3", file.as_bytes()).ok();
        assert_eq!(taken, json!({"taken": 2, "known": 0, "left_out": 3}));
    });
}

#[test]
fn columns_can_be_told_and_old_encodings_are_read() {
    with_app(|app| {
        let officer = app.officer(NHON_PHU);
        let nameless = "Nguyễn Thị Hạnh,2001,0912345678\nTrần Đạt,1999,\n";
        let shown = send(&officer, PREVIEW, "", nameless.as_bytes()).ok();
        assert_eq!(states(&shown), [(1, "faulty"), (2, "faulty")]);
        let told = "&columns=name,birth,phone";
        let shown = send(&officer, PREVIEW, told, nameless.as_bytes()).ok();
        assert_eq!(states(&shown), [(1, "new"), (2, "new")]);
        let text = "Họ tên,Năm sinh\r\nTrần Văn Đạt,1999\r\n";
        let utf16: Vec<u8> = "\u{feff}"
            .encode_utf16()
            .chain(text.encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        // Windows-1258 writes tones as marks of their own.
        let apart: String = "Ho\u{323} te\u{302}n,Na\u{306}m sinh\r\nTra\u{302}\u{300}n Va\u{306}n Đa\u{323}t,1999\r\n".replace("a\u{302}", "â").replace("e\u{302}", "ê").replace("a\u{306}", "ă");
        let (windows, _, lost) = encoding_rs::WINDOWS_1258.encode(&apart);
        assert!(!lost);
        for file in [
            text.as_bytes(),
            format!("\u{feff}{text}").as_bytes(),
            &utf16,
            &windows,
        ] {
            let shown = send(&officer, PREVIEW, "", file).ok();
            assert_eq!(lines(&shown)[0]["name"], "Trần Văn Đạt");
        }
    });
}

#[test]
fn what_is_no_list_is_refused_and_nobody_takes_people_in_elsewhere() {
    with_app(|app| {
        let officer = app.officer(NHON_PHU);
        send(&officer, PREVIEW, "", b"PK\x03\x04 nothing").refused(422, "import.not_a_sheet");
        send(&officer, PREVIEW, "", &[0xD0, 0xCF, 0x11, 0xE0, 1, 2])
            .refused(422, "import.not_a_sheet");
        send(&officer, PREVIEW, "", b"").refused(422, "import.not_a_sheet");
        let long = "Lê An\n".repeat(5001);
        send(&officer, PREVIEW, "", long.as_bytes()).refused(422, "import.too_long");
        let large = vec![b'a'; (8 << 20) + 1];
        send(&officer, PREVIEW, "", &large).refused(413, "request.too_large");
        send(&officer, TAKE, "", "Họ tên\n".as_bytes()).refused(422, "import.no_names");
        let list = "Họ tên\nLê An Nhiên\n".as_bytes();
        send(&app.officer(DONG_DA), TAKE, "", list).refused(404, "not_found");
        send(
            &officer,
            TAKE,
            &format!("&team={}", Uuid::from_u128(5)),
            list,
        )
        .refused(422, "fact.team_unknown");
        send(&officer, TAKE, "&columns=ten", list).refused(400, "request.malformed");
        // Pictures make files large; lists of a megabyte and more are read.
        let mut wide = "Họ tên,Ghi chú\n".to_owned();
        for n in 0..1200 {
            wide.push_str(&format!("Người Số {n},{}\n", "x".repeat(1000)));
        }
        assert!(wide.len() > 1 << 20);
        assert_eq!(
            send(&officer, TAKE, "", wide.as_bytes()).ok()["taken"],
            1200
        );
    });
}
