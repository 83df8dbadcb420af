//! Places by date: names, parents, what became of them, hamlets.

use crate::harness::facts::assist;
use crate::harness::folder::Folder;
use crate::harness::process::causo;
use crate::harness::{DONG_DA, NHON_PHU, QUY_NHON, count, fresh_database, with_app};
use causo::args;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

fn ids(found: &Value) -> Vec<&str> {
    found["places"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| one["id"].as_str().expect("an id"))
        .collect()
}

#[test]
fn a_search_finds_with_and_without_tone_marks_as_of_a_day() {
    with_app(|app| {
        let user = app.volunteer(NHON_PHU);
        let find = |question: &str| user.get(&format!("/api/v1/places?{question}")).ok();
        for words in [
            "truc bach",
            "Trúc Bạch",
            "TRÚC BẠCH",
            "phuong truc bach",
            "tru\u{301}c ba\u{323}ch",
        ] {
            assert_eq!(
                ids(&find(&format!("q={words}&on=2025-06-30"))),
                ["63-00004"],
                "{words}"
            );
            assert_eq!(
                ids(&find(&format!("q={words}&on=2025-07-01"))),
                [] as [&str; 0],
                "{words}"
            );
        }
        let new = find("q=ba đình&on=2025-07-01&level=commune");
        assert_eq!(ids(&new)[0], "34-00004");
        assert_eq!(
            new["places"][0]["parent_names"],
            json!(["Thành phố Hà Nội"])
        );
        let old = find("q=ba dinh&on=2025-06-30&level=district");
        assert_eq!(ids(&old), ["63-001"]);
        assert_eq!(old["on"], "2025-06-30");
        assert_eq!(
            find("q=00004&on=2025-07-01")["places"][0]["full_name"],
            "Phường Ba Đình"
        );
        assert_eq!(
            ids(&find(&format!("parent={QUY_NHON}&on=2024-10-13"))).len(),
            17
        );
        assert_eq!(
            ids(&find(&format!("parent={QUY_NHON}&on=2025-07-01"))),
            [] as [&str; 0]
        );
        // Without a day it is today's, by the clock.
        assert_eq!(find("q=truc bach")["on"], "2024-10-13");
        assert_eq!(ids(&find("q=nhon&limit=3")).len(), 3);
        assert_eq!(ids(&find("q=khong co noi nay")), [] as [&str; 0]);
        assert_eq!(ids(&find("q=%25")), [] as [&str; 0]);
    });
}

#[test]
fn the_country_has_its_provinces_and_communes_on_each_side_of_the_reform() {
    with_app(|app| {
        let (old, new) = ("2025-06-30", "2025-07-01");
        let user = app.volunteer(NHON_PHU);
        let many = |level: &str, on: &str| {
            ids(&user
                .get(&format!("/api/v1/places?level={level}&on={on}&limit=500"))
                .ok())
            .len()
        };
        assert_eq!((many("province", old), many("province", new)), (63, 34));
        assert_eq!(many("district", new), 0);
        let communes = app.write(|tx| {
            Ok(tx.one(
                "select count(*) from place where level = 'commune' and (valid_from is null or valid_from <= $1)
                    and (valid_to is null or valid_to > $1)",
                args![time::macros::date!(2025 - 07 - 01)],
                |row| row.get::<i64>(0),
            )?)
        });
        assert_eq!(communes.unwrap(), Some(3321));
    });
}

#[test]
fn a_province_that_became_a_city_is_named_by_the_day() {
    with_app(|app| {
        let user = app.volunteer(NHON_PHU);
        let name =
            |on: &str| user.get(&format!("/api/v1/places/34-75?on={on}")).ok()["full_name"].clone();
        assert_eq!(
            (name("2026-04-29"), name("2026-04-30")),
            (json!("Tỉnh Đồng Nai"), json!("Thành phố Đồng Nai"))
        );
        let names = user.get("/api/v1/places/34-75").ok()["names"].clone();
        assert_eq!(names.as_array().map(Vec::len), Some(2));
        let place = user.get(&format!("/api/v1/places/{NHON_PHU}")).ok();
        let above: Vec<&str> = place["ancestors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["id"].as_str().unwrap())
            .collect();
        assert_eq!(above, ["VN", "63-52", QUY_NHON]);
        user.get("/api/v1/places/no-such").refused(404, "not_found");
        user.get("/api/v1/places/%27%27").refused(404, "not_found");
    });
}

#[test]
fn a_split_commune_answers_with_candidates_and_never_with_a_guess() {
    with_app(|app| {
        let user = app.volunteer(NHON_PHU);
        let of = |id: &str| user.get(&format!("/api/v1/places/{id}/succession")).ok();
        let whole = of("63-00004");
        assert_eq!(
            (
                &whole["successors"]["answer"],
                &whole["successors"]["places"][0]["place"]["id"]
            ),
            (&json!("one"), &json!("34-00004"))
        );
        assert_eq!(whole["predecessors"]["answer"], "none");
        let split = of("63-00016");
        assert_eq!(split["successors"]["answer"], "candidates");
        let parts = split["successors"]["places"].as_array().unwrap();
        assert!(
            parts.len() > 1 && parts.iter().all(|part| part["manner"] == "part"),
            "{split}"
        );
        let merged = of("34-00004");
        assert_eq!(
            (
                &merged["successors"]["answer"],
                &merged["predecessors"]["answer"]
            ),
            (&json!("none"), &json!("candidates"))
        );
        user.get("/api/v1/places/no-such/succession")
            .refused(404, "not_found");
    });
}

/// The places of the five articles (seed-inventory.md, PLC): found on their day.
#[test]
fn the_places_of_the_articles_are_there_on_their_days() {
    with_app(|app| {
        let user = app.volunteer(NHON_PHU);
        let table = [
            ("Tỉnh Bình Định", "2024-03-26"),
            ("Thành phố Quy Nhơn", "2024-03-26"),
            ("Thị xã An Nhơn", "2024-03-26"),
            ("Thành phố Đà Nẵng", "2025-06-30"),
            ("Thành phố Đà Nẵng", "2025-07-01"),
            ("Thành phố Hồ Chí Minh", "2022-01-01"),
            ("Tỉnh Gia Lai", "2025-07-01"),
        ];
        for (name, on) in table {
            let found = user
                .get(&format!("/api/v1/places?q={name}&on={on}&limit=1"))
                .ok();
            assert_eq!(found["places"][0]["full_name"], name, "{on}");
        }
    });
}

#[test]
fn a_hamlet_is_added_below_a_commune_and_facts_count_there() {
    with_app(|app| {
        let officer = app.officer(NHON_PHU);
        let campaign = app.province().campaign();
        let add = |parent: &str, name: &str, kind: &str| {
            officer.post(
                "/api/v1/places",
                &json!({"parent_id": parent, "name": name, "kind": kind}),
            )
        };
        let made = add(NHON_PHU, "Tổ dân phố  7", "to_dan_pho").ok();
        assert_eq!(
            (&made["level"], &made["full_name"], &made["code"]),
            (&json!("hamlet"), &json!("Tổ dân phố 7"), &json!(""))
        );
        let id = made["id"].as_str().unwrap();
        assert_eq!(made["path"], format!("VN/63-52/63-540/{NHON_PHU}/{id}/"));
        add(NHON_PHU, "tổ dân phố 7", "to_dan_pho").refused(409, "place.name_taken");
        add(QUY_NHON, "Thôn 1", "thon").refused(404, "not_found");
        add(DONG_DA, "Thôn 1", "thon").refused(404, "not_found");
        add(id, "Thôn 1", "thon").refused(422, "place.parent_level");
        add(NHON_PHU, "Thôn 1", "huyen").refused(422, "place.parent_level");
        add(NHON_PHU, " ", "thon").refused(422, "request.validation");
        let after = json!({"parent_id": NHON_PHU, "name": "Thôn 2", "kind": "thon", "valid_from": "2025-07-01"});
        officer
            .post("/api/v1/places", &after)
            .refused(422, "place.period");
        app.province()
            .post(
                "/api/v1/places",
                &json!({"parent_id": QUY_NHON, "name": "Thôn 1", "kind": "thon"}),
            )
            .refused(422, "place.parent_level");
        let user = app.volunteer(NHON_PHU);
        user.counts(&[assist(id)]);
        user.refuses(
            &assist(id).at("2024-10-12T08:00:00+07:00"),
            "fact.place_not_in_force",
        );
        assert_eq!(campaign.result(&user, NHON_PHU, "payment"), 1);
        let own = app.volunteer(id);
        own.counts(&[assist(id)]);
        own.refuses(&assist(NHON_PHU), "fact.out_of_scope");
    });
}

#[test]
fn teams_are_added_and_listed_within_ones_place() {
    with_app(|app| {
        let officer = app.officer(NHON_PHU);
        let add = |place: &str, name: &str, kind: &str| {
            officer.post(
                "/api/v1/teams",
                &json!({"place_id": place, "name": name, "kind": kind}),
            )
        };
        let made = add(NHON_PHU, "Tổ công nghệ số 1", "cnscd").ok();
        add(NHON_PHU, "TỔ CÔNG NGHỆ SỐ 1", "cnscd").refused(409, "team.name_taken");
        add(DONG_DA, "Tổ 1", "cnscd").refused(404, "not_found");
        add(NHON_PHU, "Tổ 2", "club").refused(400, "request.malformed");
        let user = app.volunteer(NHON_PHU);
        let mut line = made.clone();
        (line["people"], line["leader"]) = (json!(0), Value::Null);
        assert_eq!(
            user.get(&format!("/api/v1/teams?place={NHON_PHU}")).ok()["teams"],
            json!([line])
        );
        user.get(&format!("/api/v1/teams?place={QUY_NHON}"))
            .refused(404, "not_found");
        let team = made["id"].as_str().unwrap().parse().unwrap();
        user.counts(&[assist(NHON_PHU).team(team)]);
    });
}

fn import(database: &str, file: &Path) -> crate::harness::process::Done {
    causo(database, &["import", "units", &file.display().to_string()])
}

#[test]
fn official_lists_are_read_as_published_and_a_second_time_changes_nothing() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vn/tests/fixtures");
    let published = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let mut files: Vec<PathBuf> = ["gso-excerpt.csv", "conversion-excerpt.csv"]
        .map(|name| fixtures.join(name))
        .to_vec();
    let whole =
        ["Xa_2025-01-04.csv", "BangChuyendoiDVHCmoi_cu.csv"].map(|name| published.join(name));
    files.extend(whole.into_iter().filter(|file| file.exists()));
    let folder = Folder::new();
    let database = fresh_database(&folder);
    let sizes = || {
        ["place", "place_name", "succession"]
            .map(|table| count(&database, &format!("select count(*) from {table}")))
    };
    for file in &files {
        let first = import(&database, file);
        assert!(first.fine().contains("dòng dữ liệu"), "{first:?}");
        let before = sizes();
        let second = import(&database, file);
        assert!(second.fine().contains("không thay đổi gì"), "{second:?}");
        assert_eq!(sizes(), before);
    }
    let mappings = count(&database, "select count(*) from succession");
    assert!(mappings >= 10_571, "{mappings}");
}

#[test]
fn a_file_that_is_no_official_list_is_refused_with_its_line() {
    let folder = Folder::new();
    let database = fresh_database(&folder);
    let before = count(&database, "select count(*) from place");
    let gso = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../vn/tests/fixtures/gso-excerpt.csv"),
    )
    .unwrap();
    let broken_code = gso.replacen("00001", "0000x", 1);
    let table: [(&str, &[u8], &str); 5] = [
        ("other.csv", b"name,age\nan,5\n", "import.unknown_format"),
        ("empty.csv", b"", "import.unknown_format"),
        ("latin.csv", b"T\xEAn,Ti\xEAu \xD0\xE8\n", "import.not_utf8"),
        ("code.csv", broken_code.as_bytes(), "import.line"),
        ("quote.csv", b"\"", "import."),
    ];
    for (name, bytes, code) in table {
        let file = folder.path(name);
        std::fs::write(&file, bytes).unwrap();
        let done = import(&database, &file);
        assert!(
            !done.ok && done.complained.contains(&format!("[{code}")),
            "{name}: {done:?}"
        );
        assert!(!done.complained.contains("panicked"), "{done:?}");
    }
    import(&database, &folder.path("no-such.csv")).refused("cli.file_missing");
    assert_eq!(count(&database, "select count(*) from place"), before);
}
