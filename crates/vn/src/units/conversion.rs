//! The official conversion table `BangChuyendoiĐVHCmoi_cu`: every commune of 01/07/2025 with
//! the old communes it was made of.

use super::gather::Gathered;
use super::gso::code_id;
use super::import::{ImportError, Imported, Report, Row, Warning, read_table};
use super::{Manner, PlaceId, Succession, TWO_TIER_FROM, Territory, Tree};

pub(super) const COLUMNS: [&str; 8] = [
    "Tỉnh, thành phố",
    "Tên Xã mới",
    "Mã Xã mới",
    "Tên Xã cũ",
    "Mã Xã cũ",
    "Ghi chú",
    "Quận/huyện",
    "Tỉnh cũ",
];
const EXPECTED: &str = "the columns of the conversion table: Tỉnh, thành phố, Tên Xã mới, \
                        Mã Xã mới, Tên Xã cũ, Mã Xã cũ, Ghi chú, Quận/huyện, Tỉnh cũ";
// Places in `COLUMNS`.
const PROVINCE: usize = 0;
const COMMUNE: usize = 1;
const COMMUNE_CODE: usize = 2;
const OLD_COMMUNE: usize = 3;
const OLD_COMMUNE_CODE: usize = 4;
const NOTE: usize = 5;
const OLD_DISTRICT: usize = 6;
const OLD_PROVINCE: usize = 7;

/// Reads the table as published: two header rows, a title row before each province, typos,
/// line breaks and double spaces in names and notes, BOM or not, composed or not.
///
/// Gives both trees (the old one ends and the new one begins on 01/07/2025) and one succession
/// per row. Where the old side names only a district (an island district without communes),
/// the succession starts at the district. An area that is no unit is warned about and skipped.
///
/// # Errors
/// [`ImportError`]: not this header, not CSV, a code without its zeros, a label without its
/// code, or an unknown note, each with its line.
pub fn parse_conversion_table(text: &str) -> Result<Imported, ImportError> {
    let table = read_table(text, &COLUMNS, EXPECTED)?;
    let mut report = Report {
        titles: table.titles,
        ..Report::default()
    };
    let mut old = Gathered::default();
    let mut current = Gathered::default();
    let mut successions = Vec::with_capacity(table.rows.len());
    for row in &table.rows {
        if row.filled() == 1 {
            report.titles += 1;
            continue;
        }
        report.rows += 1;
        let cell = |column: usize| row.cell(table.columns.at(column));
        let new_id = see_new_side(&mut current, row, cell)?;
        let old_id = see_old_side(&mut old, row, cell)?;
        let note = cell(NOTE);
        let manner = Manner::from_note(note).ok_or_else(|| ImportError::Note {
            line: row.line,
            note: note.to_owned(),
        })?;
        let raw_note = row.raw_cell(table.columns.at(NOTE));
        let as_usual = crate::text::fold(note) == crate::text::fold(manner.usual_note());
        if raw_note != note || (as_usual && note != manner.usual_note()) {
            report.notes_normalised += 1;
        }
        match old_id {
            Some(old_id) => successions.push(Succession {
                old_id,
                new_id,
                manner,
                note: note.to_owned(),
            }),
            None => {
                let (line, text) = (row.line, cell(OLD_COMMUNE).to_owned());
                report.warnings.push(Warning::NoCode { line, text, new_id });
            }
        }
    }
    if report.rows == 0 {
        return Err(ImportError::NoRows);
    }
    let (mut units, mut warnings) = old.into_units(None, Some(TWO_TIER_FROM));
    report.warnings.append(&mut warnings);
    let (mut current_units, mut warnings) = current.into_units(Some(TWO_TIER_FROM), None);
    report.warnings.append(&mut warnings);
    units.append(&mut current_units);
    report.warnings.sort_by_key(Warning::line);
    Ok(Imported {
        territory: Territory::new(units, successions),
        report,
    })
}

fn see_new_side<'a>(
    current: &mut Gathered,
    row: &Row,
    cell: impl Fn(usize) -> &'a str,
) -> Result<PlaceId, ImportError> {
    let (name, code) = label(row, "Tỉnh, thành phố", cell(PROVINCE))?;
    let province = code_id(row, Tree::Current, "Tỉnh, thành phố", code, 2)?;
    let commune = code_id(row, Tree::Current, "Mã Xã mới", cell(COMMUNE_CODE), 5)?;
    current.see(row.line, &province, name, &PlaceId::country());
    current.see(row.line, &commune, cell(COMMUNE), &province);
    Ok(commune)
}

/// The old commune, or the district if the row names no commune, or nothing for an area that
/// is neither.
fn see_old_side<'a>(
    old: &mut Gathered,
    row: &Row,
    cell: impl Fn(usize) -> &'a str,
) -> Result<Option<PlaceId>, ImportError> {
    let (name, code) = label(row, "Tỉnh cũ", cell(OLD_PROVINCE))?;
    let province = code_id(row, Tree::Old, "Tỉnh cũ", code, 2)?;
    old.see(row.line, &province, name, &PlaceId::country());
    let (name, code) = label(row, "Quận/huyện", cell(OLD_DISTRICT))?;
    let district = code_id(row, Tree::Old, "Quận/huyện", code, 3)?;
    old.see(row.line, &district, name, &province);
    match (cell(OLD_COMMUNE_CODE), cell(OLD_COMMUNE)) {
        ("", "") => Ok(Some(district)),
        ("", _) => Ok(None),
        (code, name) => {
            let commune = code_id(row, Tree::Old, "Mã Xã cũ", code, 5)?;
            old.see(row.line, &commune, name, &district);
            Ok(Some(commune))
        }
    }
}

/// `Tỉnh Gia Lai (52)` as its name and its code.
fn label<'a>(
    row: &Row,
    column: &'static str,
    text: &'a str,
) -> Result<(&'a str, &'a str), ImportError> {
    text.strip_suffix(')')
        .and_then(|text| text.rsplit_once('('))
        .map(|(name, code)| (name.trim(), code.trim()))
        .ok_or_else(|| ImportError::Label {
            line: row.line,
            column,
            value: text.to_owned(),
        })
}
