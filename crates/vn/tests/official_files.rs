//! The readers on excerpts that hold every oddity of the published files, and on the full files
//! when they are at hand: `CAUSO_SHARED=<folder>` or `../shared/data` beside the repository.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use unicode_normalization::UnicodeNormalization;
use vn::units::{
    Candidates, ImportError, Imported, Kind, Level, Manner, OfficialFile, PlaceId, Tree, Warning,
    bundled, detect, import, parse_conversion_table, parse_gso_list,
};

const GSO: &str = include_str!("fixtures/gso-excerpt.csv");
const TABLE: &str = include_str!("fixtures/conversion-excerpt.csv");

fn id(text: &str) -> PlaceId {
    PlaceId::parse(text).expect("a place id in a test")
}

fn name(imported: &Imported, text: &str) -> String {
    let versions = imported.territory.versions(&id(text));
    versions
        .first()
        .map(vn::units::Unit::full_name)
        .unwrap_or_default()
}

#[test]
fn a_file_is_known_by_its_header() {
    assert_eq!(detect(GSO), Ok(OfficialFile::GsoList));
    assert_eq!(detect(TABLE), Ok(OfficialFile::ConversionTable));
    let Err(ImportError::Header { expected, found }) = detect("Họ tên,Ngày sinh\nAn,1991")
    else {
        panic!("a list of people is not a list of units");
    };
    assert!(expected.contains("Mã PX") && expected.contains("Ghi chú"));
    assert_eq!(found, "Họ tên, Ngày sinh");
    assert!(matches!(detect(""), Err(ImportError::Header { .. })));
    assert!(matches!(
        parse_gso_list(TABLE),
        Err(ImportError::Header { .. })
    ));
    assert!(matches!(
        parse_conversion_table(GSO),
        Err(ImportError::Header { .. })
    ));
}

#[test]
fn the_gso_list_gives_the_old_tree() {
    let list = parse_gso_list(GSO).unwrap();
    assert_eq!((list.report.rows, list.report.titles), (31, 1));
    assert_eq!(name(&list, "63-00001"), "Phường Phúc Xá");
    assert_eq!(name(&list, "63-04138"), "Xã Cò Nòi");
    assert_eq!(name(&list, "63-03172"), "Thị trấn Mường Chà");
    assert_eq!(name(&list, "63-19780"), "Phường Phường Đúc");
    assert_eq!(name(&list, "63-498"), "Huyện Hoàng Sa");
    assert_eq!(name(&list, "63-024"), "Thành phố Hà Giang");
    assert_eq!(
        list.territory.versions(&id("63-024"))[0].kind,
        Kind::ThanhPhoThuocTinh
    );
    assert!(list.territory.children(&id("63-498")).is_empty());
    assert_eq!(
        list.report.warnings,
        [Warning::LevelDiffers {
            line: 31,
            id: id("63-27046"),
            level: "Xã".to_owned()
        }]
    );
}

#[test]
fn the_conversion_table_gives_both_trees_and_what_became_of_what() {
    let table = parse_conversion_table(TABLE).unwrap();
    assert_eq!((table.report.rows, table.report.titles), (64, 4));
    assert_eq!(table.territory.successions().len(), 63);
    assert_eq!(name(&table, "34-24496"), "Xã Ea Kly");
    assert_eq!(name(&table, "34-26732"), "Đặc khu Côn Đảo");
    assert_eq!(name(&table, "63-31843"), "Thị trấn Ngan Dừa");
    assert_eq!(name(&table, "63-14503"), "Xã Gia Tân");
    assert_eq!(name(&table, "63-27685"), "Phường 5");
    assert_eq!(name(&table, "63-543"), "Thị xã Hoài Nhơn");
    assert_eq!(
        table.territory.successors(&id("63-21673")),
        Candidates::One(id("34-21673"))
    );
    assert_eq!(
        table.territory.successors(&id("63-00859")),
        Candidates::Unchanged(id("34-00859"))
    );
    assert_eq!(
        table.territory.successors(&id("63-755")),
        Candidates::One(id("34-26732"))
    );
    assert_eq!(
        table.territory.successors(&id("63-27007")),
        Candidates::Several(vec![id("34-27004"), id("34-27007")])
    );
    let [land] = table.territory.successions_from(&id("63-11041")) else {
        panic!("one row for Lê Lợi");
    };
    assert_eq!(
        (land.manner, land.note.as_str()),
        (Manner::PartArea, "Nhâp một phần diện tích")
    );
}

#[test]
fn what_looks_wrong_is_reported_with_its_line() {
    let report = parse_conversion_table(TABLE).unwrap().report;
    assert_eq!(report.notes_normalised, 8);
    let mut kinds: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for warning in &report.warnings {
        let kind = match warning {
            Warning::TwoNames { .. } => "two names",
            Warning::TwoSpellings { .. } => "two spellings",
            Warning::TwoKinds { .. } => "two kinds",
            Warning::TwoParents { .. } => "two parents",
            Warning::NoKind { .. } => "no kind",
            Warning::LevelDiffers { .. } => "level differs",
            Warning::NoCode { .. } => "no code",
        };
        kinds.entry(kind).or_default().push(warning.line());
    }
    let line_of = |text: &str| {
        let at = TABLE.find(text).unwrap();
        TABLE[..at].matches('\n').count() as u64 + 1
    };
    let lines = |texts: &[&str]| texts.iter().map(|text| line_of(text)).collect::<Vec<_>>();
    assert_eq!(
        kinds["two names"],
        lines(&[
            "Xã Đặng Xá,00553",
            "Xã Mỹ Hưng,01615",
            "Xã Phú Thịnh,02485",
            ",Quảng Trị (44)"
        ])
    );
    assert_eq!(kinds["no code"], lines(&["Khu vực bãi bồi"]));
    assert_eq!(
        kinds["no kind"],
        lines(&[",Quảng Trị (44)", ",Xuân Quang 3", ",Xuân Phước,22111"])
    );
    assert_eq!(kinds["two parents"], lines(&[" Phường 4 ,27691"]));
    assert_eq!(kinds["two spellings"].len(), 3);
    assert!(!kinds.contains_key("two kinds"));
}

#[test]
fn encodings_and_line_ends_do_not_matter() {
    for (text, read) in [
        (GSO, parse_gso_list as fn(&str) -> _),
        (TABLE, parse_conversion_table),
    ] {
        let plain = read(text).unwrap();
        let decomposed: String = text.nfd().collect();
        let spaced = text.replace("Phường ", "Phường\u{A0}\u{200B}");
        for variant in [
            format!("\u{FEFF}{text}"),
            text.replace('\n', "\r\n"),
            decomposed,
            spaced,
        ] {
            let other = read(&variant).unwrap();
            assert_eq!(other.territory.units(), plain.territory.units());
            assert_eq!(other.territory.successions(), plain.territory.successions());
            assert_eq!(other.report.warnings, plain.report.warnings);
        }
    }
}

#[test]
fn faults_name_the_line_and_the_column() {
    let lost_zeros = GSO.replace(",00004,", ",4,");
    assert_eq!(
        import(&lost_zeros).unwrap_err(),
        ImportError::Code {
            line: 3,
            column: "Mã PX",
            value: "4".to_owned(),
            digits: 5
        }
    );
    let new_note = TABLE.replacen("Nhập toàn bộ", "Chưa rõ", 1);
    assert_eq!(
        import(&new_note).unwrap_err(),
        ImportError::Note {
            line: 4,
            note: "Chưa rõ".to_owned()
        }
    );
    let no_code = TABLE.replacen("Quận Ba Đình (001)", "Quận Ba Đình", 1);
    assert_eq!(
        import(&no_code).unwrap_err(),
        ImportError::Label {
            line: 4,
            column: "Quận/huyện",
            value: "Quận Ba Đình".to_owned()
        }
    );
    let header_only = GSO.lines().next().unwrap();
    assert_eq!(import(header_only).unwrap_err(), ImportError::NoRows);
}

fn shared() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let named = std::env::var_os("CAUSO_SHARED").map(PathBuf::from);
    let folders = named
        .into_iter()
        .flat_map(|folder| [folder.join("data"), folder])
        .chain([beside]);
    folders
        .into_iter()
        .find(|folder| folder.join("Xa_2025-01-04.csv").exists())
}

#[test]
fn the_full_official_files_hold_what_is_bundled() {
    let Some(folder) = shared() else {
        println!("official files: not here, only the excerpts were read");
        return;
    };
    println!("official files: read from {}", folder.display());
    let read = |file: &str| std::fs::read_to_string(folder.join(file)).unwrap();

    let list = import(&read("Xa_2025-01-04.csv")).unwrap();
    let count = |imported: &Imported, tree: Tree, level: Level| {
        let units = imported.territory.units().iter();
        units
            .filter(|unit| unit.id.tree() == Some(tree) && unit.level() == level)
            .count()
    };
    let old = [Level::Province, Level::District, Level::Commune]
        .map(|level| count(&list, Tree::Old, level));
    assert_eq!((list.report.rows, old), (10_056, [63, 696, 10_051]));

    let table = import(&read("BangChuyendoiDVHCmoi_cu.csv")).unwrap();
    let report = &table.report;
    assert_eq!(
        (report.rows, report.titles, report.notes_normalised),
        (10_571, 36, 24)
    );
    assert_eq!(table.territory.successions().len(), 10_570);
    let current =
        [Level::Province, Level::Commune].map(|level| count(&table, Tree::Current, level));
    assert_eq!(current, [34, 3_321]);
    let old: BTreeSet<&PlaceId> = table
        .territory
        .successions()
        .iter()
        .map(|row| &row.old_id)
        .collect();
    let communes = old.iter().filter(|id| id.level() == Level::Commune).count();
    let split = old
        .iter()
        .filter(|id| matches!(table.territory.successors(id), Candidates::Several(_)))
        .count();
    assert_eq!((communes, split), (10_033, 441));

    for unit in list.territory.units().iter().chain(table.territory.units()) {
        assert!(
            !bundled().versions(&unit.id).is_empty(),
            "{} is missing from data/places.csv",
            unit.id
        );
    }
}
