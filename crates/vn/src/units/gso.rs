//! The commune list of the statistics office as exported before 07/2025.

use super::gather::Gathered;
use super::import::{ImportError, Imported, Report, Row, Warning, read_table};
use super::{PlaceId, TWO_TIER_FROM, Territory, Tree};
use crate::text::fold;

pub(super) const COLUMNS: [&str; 7] = [
    "Tỉnh Thành Phố",
    "Mã TP",
    "Quận Huyện",
    "Mã QH",
    "Phường Xã",
    "Mã PX",
    "Cấp",
];
const EXPECTED: &str =
    "the columns of a GSO list: Tỉnh Thành Phố, Mã TP, Quận Huyện, Mã QH, Phường Xã, Mã PX, Cấp";
// Places in `COLUMNS`.
const PROVINCE: usize = 0;
const PROVINCE_CODE: usize = 1;
const DISTRICT: usize = 2;
const DISTRICT_CODE: usize = 3;
const COMMUNE: usize = 4;
const COMMUNE_CODE: usize = 5;
const LEVEL: usize = 6;

/// Reads `Tỉnh Thành Phố, Mã TP, Quận Huyện, Mã QH, Phường Xã, Mã PX, Cấp, …` in any column
/// order, with or without BOM, composed or not.
///
/// A row without a commune is a district without communes (Hoàng Sa, Lý Sơn, …). All units
/// get ids of the old tree and end on 01/07/2025; when they began, the list does not say.
///
/// # Errors
/// [`ImportError`]: not this header, not CSV, or a code without its zeros, with the line.
pub fn parse_gso_list(text: &str) -> Result<Imported, ImportError> {
    let table = read_table(text, &COLUMNS, EXPECTED)?;
    let mut gathered = Gathered::default();
    for row in &table.rows {
        let cell = |column: usize| row.cell(table.columns.at(column));
        let province = old_id(row, "Mã TP", cell(PROVINCE_CODE), 2)?;
        let district = old_id(row, "Mã QH", cell(DISTRICT_CODE), 3)?;
        gathered.see(row.line, &province, cell(PROVINCE), &PlaceId::country());
        gathered.see(row.line, &district, cell(DISTRICT), &province);
        if cell(COMMUNE_CODE).is_empty() && cell(COMMUNE).is_empty() {
            continue;
        }
        let commune = old_id(row, "Mã PX", cell(COMMUNE_CODE), 5)?;
        gathered.see(row.line, &commune, cell(COMMUNE), &district);
        let level = cell(LEVEL);
        if !fold(cell(COMMUNE)).starts_with(&fold(level)) {
            let (line, level) = (row.line, level.to_owned());
            gathered.warnings.push(Warning::LevelDiffers {
                line,
                id: commune,
                level,
            });
        }
    }
    let (units, warnings) = gathered.into_units(None, Some(TWO_TIER_FROM));
    let report = Report {
        rows: table.rows.len(),
        titles: table.titles,
        notes_normalised: 0,
        warnings,
    };
    Ok(Imported {
        territory: Territory::new(units, Vec::new()),
        report,
    })
}

fn old_id(
    row: &Row,
    column: &'static str,
    code: &str,
    digits: usize,
) -> Result<PlaceId, ImportError> {
    code_id(row, Tree::Old, column, code, digits)
}

/// A code cell as an id; the number of digits is part of the check.
pub(super) fn code_id(
    row: &Row,
    tree: Tree,
    column: &'static str,
    code: &str,
    digits: usize,
) -> Result<PlaceId, ImportError> {
    PlaceId::new(tree, code)
        .ok()
        .filter(|_| code.len() == digits)
        .ok_or_else(|| ImportError::Code {
            line: row.line,
            column,
            value: code.to_owned(),
            digits,
        })
}
