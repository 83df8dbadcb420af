//! Bytes of a spreadsheet as rows of cells: Excel old and new, OpenDocument, CSV in any of
//! the encodings Vietnamese files come in. What is larger than a list of members is refused.

use crate::platform::problem::{AppError, AppResult};
use calamine::{Data, DataType, Ods, Reader, Xls, Xlsx};
use domain::member_list::{Cell, layout};
use domain::refusal::Refusal;
use std::io::Cursor;
use time::{Date, Month};
use zip::ZipArchive;

/// Rows and columns that are looked at.
const ROWS_MAX: usize = 5000;
const COLUMNS_MAX: usize = 40;
/// Largest workbook once unpacked.
const UNPACKED_BYTES_MAX: u64 = 64 << 20;

type Rows = Vec<Vec<Cell>>;

/// The rows of the first sheet that looks like a list of members, or of the first at all.
///
/// # Errors
/// `import.not_a_sheet` or `import.too_long`.
pub fn read(bytes: &[u8]) -> AppResult<Rows> {
    let sheets = match bytes {
        [b'P', b'K', ..] => packed(bytes)?,
        [0xD0, 0xCF, 0x11, 0xE0, ..] => {
            let mut book = Xls::new(Cursor::new(bytes)).map_err(|_| unreadable())?;
            ranges(&mut book)?
        }
        _ => vec![text(bytes)?],
    };
    let at = sheets.iter().position(|rows| layout(rows).is_some());
    let rows = sheets.into_iter().nth(at.unwrap_or(0));
    rows.filter(|rows| !rows.is_empty()).ok_or_else(unreadable)
}

fn unreadable() -> AppError {
    AppError::problem("import.not_a_sheet")
}

fn too_long() -> AppError {
    Refusal::new("import.too_long")
        .with("rows_max", ROWS_MAX)
        .into()
}

/// Excel's or OpenDocument's, whichever it is.
fn packed(bytes: &[u8]) -> AppResult<Vec<Rows>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| unreadable())?;
    let mut unpacked_bytes = 0;
    for at in 0..archive.len() {
        unpacked_bytes += archive.by_index_raw(at).map_err(|_| unreadable())?.size();
    }
    if unpacked_bytes > UNPACKED_BYTES_MAX {
        return Err(too_long());
    }
    if archive.index_for_name("content.xml").is_some() {
        let mut book = Ods::new(Cursor::new(bytes)).map_err(|_| unreadable())?;
        return ranges(&mut book);
    }
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(|_| unreadable())?;
    let mut sheets = Vec::new();
    for name in book.sheet_names() {
        sheets.push(sheet(&mut book, &name)?);
    }
    Ok(sheets)
}

/// A sheet of Excel's, cell by cell: what is far off to the right costs nothing.
fn sheet(book: &mut Xlsx<Cursor<&[u8]>>, name: &str) -> AppResult<Rows> {
    let mut rows = Rows::new();
    let mut cells = book
        .worksheet_cells_reader(name)
        .map_err(|_| unreadable())?;
    while let Some(found) = cells.next_cell().map_err(|_| unreadable())? {
        let (row, column) = found.get_position();
        let value = cell(found.get_value());
        let (Ok(row), Ok(column)) = (usize::try_from(row), usize::try_from(column)) else {
            continue;
        };
        if value == Cell::Empty || column >= COLUMNS_MAX {
            continue;
        }
        if row >= ROWS_MAX {
            return Err(too_long());
        }
        if rows.len() <= row {
            rows.resize(row + 1, Vec::new());
        }
        if let Some(cells) = rows.get_mut(row) {
            if cells.len() <= column {
                cells.resize(column + 1, Cell::Empty);
            }
            if let Some(place) = cells.get_mut(column) {
                *place = value;
            }
        }
    }
    drop(cells);
    let merged = book.merge_cells_by_sheet_name(name).unwrap_or_default();
    for area in merged {
        fill_down(&mut rows, area.start, area.end);
    }
    Ok(rows)
}

/// A cell merged over several rows of people counts for each: their unit, mostly.
fn fill_down(rows: &mut Rows, from: (u32, u32), to: (u32, u32)) {
    let [Ok(top), Ok(left), Ok(bottom)] = [from.0, from.1, to.0].map(usize::try_from) else {
        return;
    };
    let value = rows.get(top).and_then(|cells| cells.get(left)).cloned();
    let Some(value) = value.filter(|value| *value != Cell::Empty) else {
        return;
    };
    for cells in rows.iter_mut().take(bottom + 1).skip(top + 1) {
        // An empty row stays empty.
        if cells.iter().all(|cell| *cell == Cell::Empty) {
            continue;
        }
        if cells.len() <= left {
            cells.resize(left + 1, Cell::Empty);
        }
        if let Some(place) = cells.get_mut(left) {
            *place = value.clone();
        }
    }
}

/// All sheets of a book that is read whole.
fn ranges<R: Reader<Cursor<B>>, B: AsRef<[u8]>>(book: &mut R) -> AppResult<Vec<Rows>> {
    let mut sheets = Vec::new();
    for name in book.sheet_names() {
        let Ok(range) = book.worksheet_range(&name) else {
            return Err(unreadable());
        };
        if range.height() > ROWS_MAX {
            return Err(too_long());
        }
        let row = |cells: &[Data]| cells.iter().take(COLUMNS_MAX).map(cell).collect();
        sheets.push(range.rows().map(row).collect());
    }
    Ok(sheets)
}

fn cell(value: &impl DataType) -> Cell {
    if let Some(text) = value.get_string() {
        return match text.trim().is_empty() {
            true => Cell::Empty,
            false => Cell::Text(text.to_owned()),
        };
    }
    if let Some(at) = value.get_datetime() {
        let (year, month, day, ..) = at.to_ymd_hms_milli();
        let month = Month::try_from(month).ok();
        let date =
            month.and_then(|month| Date::from_calendar_date(i32::from(year), month, day).ok());
        return date.map_or(Cell::Number(at.as_f64()), Cell::Day);
    }
    if let Some(text) = value.get_datetime_iso() {
        return Cell::Text(text.split('T').next().unwrap_or_default().to_owned());
    }
    match (value.get_float(), value.get_int()) {
        (Some(n), _) => Cell::Number(n),
        (_, Some(n)) => Cell::Text(n.to_string()),
        _ => Cell::Empty,
    }
}

/// CSV: with a mark, as UTF-8, or else as Windows writes Vietnamese; whichever of comma,
/// semicolon and tabulator parts it most.
fn text(bytes: &[u8]) -> AppResult<Rows> {
    let (encoding, bytes) = match encoding_rs::Encoding::for_bom(bytes) {
        Some((encoding, length)) => (encoding, bytes.get(length..).unwrap_or_default()),
        None if std::str::from_utf8(bytes).is_ok() => (encoding_rs::UTF_8, bytes),
        None => (encoding_rs::WINDOWS_1258, bytes),
    };
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    if text.contains('\0') {
        return Err(unreadable());
    }
    let count = |mark: &u8| text.bytes().filter(|byte| byte == mark).count();
    let delimiter = [b',', b';', b'\t'].into_iter().max_by_key(count);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter.unwrap_or(b','))
        .from_reader(text.as_bytes());
    let mut rows = Rows::new();
    for record in reader.records() {
        let record = record.map_err(|_| unreadable())?;
        // The reader skips empty lines; their numbers must not be lost.
        let line = record.position().map_or(0, csv::Position::line);
        let line = usize::try_from(line).unwrap_or(0);
        if line > ROWS_MAX {
            return Err(too_long());
        }
        if rows.len() + 1 < line {
            rows.resize(line - 1, Vec::new());
        }
        let cells = record.iter().take(COLUMNS_MAX);
        rows.push(cells.map(typed).collect());
    }
    Ok(rows)
}

fn typed(raw: &str) -> Cell {
    match raw.trim() {
        "" => Cell::Empty,
        text => Cell::Text(text.to_owned()),
    }
}
