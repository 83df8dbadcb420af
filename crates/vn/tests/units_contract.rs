//! What the bundled territory promises. The figures are those of Quyết định 19/2025/QĐ-TTg and
//! of the 2026 resolutions listed in `data/README.md`.

use std::collections::{BTreeMap, BTreeSet};
use time::Date;
use time::macros::date;
use vn::units::{Candidates, Kind, Level, Manner, PlaceId, TWO_TIER_FROM, Tree, Unit, bundled};

const NEWEST: Date = date!(2026 - 09 - 20);

fn id(text: &str) -> PlaceId {
    PlaceId::parse(text).expect("a place id in a test")
}

fn current_on(day: Date) -> Vec<&'static Unit> {
    bundled()
        .units_on(day)
        .filter(|unit| unit.id.tree() == Some(Tree::Current))
        .collect()
}

fn counts(day: Date) -> BTreeMap<Kind, usize> {
    let mut counts = BTreeMap::new();
    for unit in current_on(day) {
        *counts.entry(unit.kind).or_insert(0) += 1;
    }
    counts
}

#[test]
fn there_are_34_provinces_and_3321_communes_of_the_right_kinds() {
    for (day, provinces, cities, communes, wards) in [
        (TWO_TIER_FROM, 28, 6, 2_621, 687),
        (date!(2026 - 04 - 29), 28, 6, 2_621, 687),
        (date!(2026 - 05 - 01), 27, 7, 2_611, 697),
        (date!(2026 - 09 - 01), 26, 8, 2_611, 697),
        (NEWEST, 25, 9, 2_599, 709),
    ] {
        let expected = BTreeMap::from([
            (Kind::Tinh, provinces),
            (Kind::ThanhPho, cities),
            (Kind::Xa, communes),
            (Kind::Phuong, wards),
            (Kind::DacKhu, 13),
        ]);
        assert_eq!(counts(day), expected, "on {day}");
        assert_eq!(provinces + cities, 34);
        assert_eq!(communes + wards + 13, 3_321);
    }
}

#[test]
fn the_old_tree_had_63_provinces_and_696_districts_and_ended_with_june_2025() {
    let last_day = date!(2025 - 06 - 30);
    let of = |level: Level| {
        bundled()
            .units_on(last_day)
            .filter(|unit| unit.id.tree() == Some(Tree::Old) && unit.level() == level)
            .count()
    };
    assert_eq!((of(Level::Province), of(Level::District)), (63, 696));
    assert!(
        bundled()
            .units_on(TWO_TIER_FROM)
            .all(|unit| unit.id.tree() != Some(Tree::Old))
    );
    assert!(
        bundled()
            .units_on(last_day)
            .all(|unit| unit.id.tree() != Some(Tree::Current))
    );
}

#[test]
fn a_unit_has_one_version_on_any_day() {
    let unbounded = (date!(0001 - 01 - 01), date!(9999 - 12 - 31));
    let ids: BTreeSet<&PlaceId> = bundled().units().iter().map(|unit| &unit.id).collect();
    for id in ids {
        for pair in bundled().versions(id).windows(2) {
            let (earlier, later) = (&pair[0], &pair[1]);
            assert_eq!(
                earlier.valid_to.unwrap_or(unbounded.1),
                later.valid_from.unwrap_or(unbounded.0),
                "{id}"
            );
        }
    }
}

#[test]
fn every_commune_stands_under_its_province() {
    for unit in bundled().units() {
        let above: Vec<Level> = bundled()
            .ancestors(&unit.id)
            .iter()
            .map(|unit| unit.level())
            .collect();
        let expected: &[Level] = match (unit.id.tree(), unit.level()) {
            (None, _) => &[],
            (_, Level::Province) => &[Level::Country],
            (_, Level::District) => &[Level::Province, Level::Country],
            (Some(Tree::Old), _) => &[Level::District, Level::Province, Level::Country],
            (Some(Tree::Current), _) => &[Level::Province, Level::Country],
        };
        assert_eq!(above, expected, "{}", unit.id);
        let parent_tree = unit.parent.as_ref().and_then(PlaceId::tree);
        assert!(
            parent_tree.is_none() || parent_tree == unit.id.tree(),
            "{}",
            unit.id
        );
    }
}

#[test]
fn names_are_stored_without_their_kind_and_codes_with_their_zeros() {
    let unit = |text: &str| {
        bundled()
            .versions(&id(text))
            .last()
            .expect("a unit in a test")
    };
    assert_eq!(unit("34-00004").full_name(), "Phường Ba Đình");
    assert_eq!(
        (unit("34-00004").name.as_str(), unit("34-00004").code()),
        ("Ba Đình", "00004")
    );
    assert_eq!(
        (unit("34-01").code(), unit("34-01").full_name()),
        ("01", "Thành phố Hà Nội".to_owned())
    );
    assert_eq!(
        (unit("63-27067").name.as_str(), unit("63-27067").full_name()),
        ("15", "Phường 15".to_owned())
    );
    assert_eq!(unit("63-19780").full_name(), "Phường Phường Đúc");
    assert_eq!(unit("34-24496").full_name(), "Xã Ea Kly");
    for unit in bundled().units() {
        assert_eq!(vn::text::normalise(&unit.name), unit.name, "{}", unit.id);
        assert!(!unit.name.is_empty(), "{}", unit.id);
    }
}

#[test]
fn districts_without_communes_are_there_and_lead_to_their_special_zone() {
    for (district, name, now) in [
        ("63-318", "Huyện Bạch Long Vĩ", "34-11948"),
        ("63-471", "Huyện Cồn Cỏ", "34-19742"),
        ("63-498", "Huyện Hoàng Sa", "34-20333"),
        ("63-536", "Huyện Lý Sơn", "34-21548"),
        ("63-755", "Huyện Côn Đảo", "34-26732"),
    ] {
        assert_eq!(bundled().versions(&id(district))[0].full_name(), name);
        assert!(bundled().children(&id(district)).is_empty());
        assert_eq!(
            bundled().successors(&id(district)),
            Candidates::One(id(now))
        );
        assert_eq!(bundled().versions(&id(now))[0].kind, Kind::DacKhu);
    }
    assert_eq!(bundled().ancestors(&id("63-471"))[0].name, "Quảng Trị");
}

#[test]
fn dong_nai_has_ten_new_wards_since_30_april_2026() {
    let kind = |text: &str, day: Date| bundled().unit_on(&id(text), day).map(|unit| unit.kind);
    let (before, after) = (date!(2026 - 04 - 29), date!(2026 - 04 - 30));
    assert_eq!(
        (kind("34-75", before), kind("34-75", after)),
        (Some(Kind::Tinh), Some(Kind::ThanhPho))
    );
    for code in [
        "25270", "25357", "25363", "26116", "26170", "26248", "26326", "26368", "26425", "26485",
    ] {
        let commune = format!("34-{code}");
        assert_eq!(
            bundled().versions(&id(&commune))[0].parent,
            Some(id("34-75"))
        );
        assert_eq!(
            (kind(&commune, before), kind(&commune, after)),
            (Some(Kind::Xa), Some(Kind::Phuong)),
            "{code}"
        );
    }
}

#[test]
fn every_current_commune_says_what_it_was_made_of() {
    for unit in current_on(TWO_TIER_FROM)
        .into_iter()
        .filter(|unit| unit.level() == Level::Commune)
    {
        assert!(!bundled().predecessors(&unit.id).is_empty(), "{}", unit.id);
    }
    for row in bundled().successions() {
        assert!(
            !bundled().versions(&row.old_id).is_empty(),
            "{}",
            row.old_id
        );
        assert!(
            !bundled().versions(&row.new_id).is_empty(),
            "{}",
            row.new_id
        );
        assert!(!row.note.is_empty());
    }
}

/// 441 codes are split in the published table. Two of them are misprints (one code printed for
/// two communes) and a third misprint hides a split; one split ward has two codes.
#[test]
fn a_split_commune_gives_candidates_and_never_one_answer() {
    let mut rows: BTreeMap<&PlaceId, BTreeSet<&PlaceId>> = BTreeMap::new();
    for row in bundled().successions() {
        rows.entry(&row.old_id).or_default().insert(&row.new_id);
    }
    let mut split = 0;
    for (old, new) in &rows {
        match bundled().successors(old) {
            Candidates::Several(ids) => {
                split += 1;
                assert_eq!(ids.iter().collect::<BTreeSet<_>>(), *new, "{old}");
            }
            Candidates::One(only) | Candidates::Unchanged(only) => {
                assert_eq!(BTreeSet::from([&only]), *new, "{old}")
            }
            Candidates::Unknown => panic!("{old} has rows"),
        }
    }
    assert_eq!(split, 441);
    assert_eq!(
        bundled().successors(&id("63-21997")),
        Candidates::Several(vec![id("34-21997"), id("34-22006")])
    );
}

#[test]
fn unchanged_and_unknown_are_said_plainly() {
    assert_eq!(
        bundled().successors(&id("63-00859")),
        Candidates::Unchanged(id("34-00859"))
    );
    for ended_earlier in ["63-03898", "63-07693", "63-25174"] {
        assert_eq!(
            bundled().successors(&id(ended_earlier)),
            Candidates::Unknown
        );
        assert!(!bundled().versions(&id(ended_earlier)).is_empty());
    }
    assert_eq!(bundled().successors(&id("34-00004")), Candidates::Unknown);
    assert_eq!(bundled().successors(&id("63-99999")), Candidates::Unknown);
}

#[test]
fn misprinted_codes_lead_where_the_name_says() {
    let one = |old: &str| bundled().successors(&id(old));
    assert_eq!(one("63-01651"), Candidates::One(id("34-01648"))); // Mỹ Hưng
    assert_eq!(one("63-01615"), Candidates::One(id("34-01636"))); // Hồng Quang
    assert_eq!(one("63-02482"), Candidates::One(id("34-02494"))); // Phú Thịnh
    assert_eq!(
        one("63-00556"),
        Candidates::Several(vec![id("34-00541"), id("34-00562")])
    ); // Đặng Xá
    assert_eq!(one("63-26935"), one("63-26929")); // Phường 14, Bình Thạnh, under two codes
    assert_eq!(one("63-27067"), one("63-27076")); // Phường 15, Phú Nhuận, under two codes
}

#[test]
fn changes_inside_the_old_tree_are_dated() {
    let name = |text: &str, day: Date| bundled().unit_on(&id(text), day).map(Unit::full_name);
    assert_eq!(
        name("63-754", date!(2025 - 02 - 28)).as_deref(),
        Some("Thị xã Phú Mỹ")
    );
    assert_eq!(
        name("63-754", date!(2025 - 03 - 01)).as_deref(),
        Some("Thành phố Phú Mỹ")
    );
    assert_eq!(
        name("63-03979", date!(2025 - 01 - 31)).as_deref(),
        Some("Thị trấn Mộc Châu")
    );
    assert_eq!(
        name("63-03979", date!(2025 - 02 - 01)).as_deref(),
        Some("Phường Mộc Sơn")
    );
    assert_eq!(name("63-03984", date!(2025 - 01 - 31)), None);
    assert_eq!(name("63-03898", date!(2025 - 02 - 01)), None);
}

/// The table "Where the seed places are now".
#[test]
fn the_places_of_the_articles_are_found_today() {
    for (old, old_name, new, new_name, province) in [
        (
            "63-21673",
            "Phường Hoài Tân",
            "34-21673",
            "Phường Hoài Nhơn Nam",
            "34-52",
        ),
        (
            "63-21655",
            "Phường Tam Quan Bắc",
            "34-21655",
            "Phường Hoài Nhơn Bắc",
            "34-52",
        ),
        ("63-21625", "Xã An Tân", "34-21609", "Xã An Lão", "34-52"),
        (
            "63-30958",
            "Xã Định Hòa",
            "34-30958",
            "Xã Định Hòa",
            "34-91",
        ),
        (
            "63-20194",
            "Phường Hòa Hiệp Bắc",
            "34-20194",
            "Phường Hải Vân",
            "34-48",
        ),
        (
            "63-20326",
            "Xã Hòa Tiến",
            "34-20332",
            "Xã Hòa Tiến",
            "34-48",
        ),
    ] {
        assert_eq!(bundled().versions(&id(old))[0].full_name(), old_name);
        assert!(
            bundled().successors(&id(old)).ids().contains(&id(new)),
            "{old_name}"
        );
        let unit = &bundled().versions(&id(new))[0];
        assert_eq!(
            (unit.full_name().as_str(), unit.parent.clone()),
            (new_name, Some(id(province)))
        );
    }
}

#[test]
fn the_districts_of_the_articles_are_these_communes_today() {
    for (district, units, now) in [
        (
            "63-549",
            15,
            &[
                "34-21907", "34-21910", "34-21925", "34-21934", "34-21940", "34-21943",
            ][..],
        ), // An Nhơn
        (
            "63-544",
            15,
            &["34-21688", "34-21697", "34-21703", "34-21715", "34-21727"],
        ), // Hoài Ân
    ] {
        assert_eq!(bundled().children(&id(district)).len(), units);
        let expected: Vec<PlaceId> = now.iter().map(|text| id(text)).collect();
        assert_eq!(
            bundled().successors(&id(district)),
            Candidates::Several(expected)
        );
    }
    let quy_nhon = bundled().successors(&id("63-540"));
    for code in ["21583", "21553", "21589", "21592", "21601", "21607"] {
        assert!(
            quy_nhon.ids().contains(&id(&format!("34-{code}"))),
            "{code}"
        );
    }
    let rach_gia = bundled().predecessors(&id("34-30742"));
    assert_eq!(rach_gia.len(), 9);
    for row in rach_gia {
        assert_eq!(bundled().ancestors(&row.old_id)[0].name, "Rạch Giá");
    }
}

#[test]
fn merged_provinces_hold_as_many_communes_as_the_law_says() {
    for (now, communes, before) in [
        ("34-91", 102, &["63-89", "63-91"][..]),
        ("34-48", 94, &["63-48", "63-49"]),
        ("34-79", 168, &["63-74", "63-77", "63-79"]),
        ("34-52", 135, &["63-52", "63-64"]),
    ] {
        assert_eq!(bundled().children(&id(now)).len(), communes, "{now}");
        for old in before {
            assert_eq!(
                bundled().successors(&id(old)),
                Candidates::One(id(now)),
                "{old}"
            );
        }
    }
    let provinces: Vec<&Unit> = bundled()
        .units()
        .iter()
        .filter(|unit| unit.id.tree() == Some(Tree::Old) && unit.level() == Level::Province)
        .collect();
    assert!(
        provinces
            .iter()
            .all(|unit| matches!(bundled().successors(&unit.id), Candidates::One(_)))
    );
}

#[test]
fn most_old_communes_went_over_whole() {
    let of = |manner: Manner| {
        bundled()
            .successions()
            .iter()
            .filter(|row| row.manner == manner)
            .count()
    };
    assert_eq!(
        (
            of(Manner::Unchanged),
            of(Manner::Renamed),
            of(Manner::Retyped)
        ),
        (127, 2, 2)
    );
    assert_eq!(
        (
            of(Manner::PartArea),
            of(Manner::PartAreaWholePopulation),
            of(Manner::PartPopulation)
        ),
        (83, 58, 2)
    );
}
