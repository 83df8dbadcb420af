//! What both official files share: telling them apart, faults with line numbers, the report.

use super::{PlaceId, Territory, parse_conversion_table, parse_gso_list};
use crate::text::{fold, normalise};

/// A national list has some 10.600 rows; more than this is another kind of file.
const ROWS_MAX: usize = 50_000;
/// The header stands within the first lines, or the file is not one of ours.
const HEADER_WITHIN: usize = 10;

/// The official files that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfficialFile {
    /// The GSO/NSO commune list as exported before 07/2025.
    GsoList,
    /// `BangChuyendoiĐVHCmoi_cu`, the conversion table of 07/2025.
    ConversionTable,
}

/// What a file held: the territory it describes and the report for the person who imported it.
#[derive(Clone, Debug)]
pub struct Imported {
    /// Units (and successions, from the conversion table).
    pub territory: Territory,
    /// What was read, skipped and repaired.
    pub report: Report,
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Rows that described units.
    pub rows: usize,
    /// Title rows, headers included, that were skipped.
    pub titles: usize,
    /// Cells of `Ghi chú` that needed repair (spaces, line breaks, missing marks).
    pub notes_normalised: usize,
    /// What a person should look at, in the order of the lines.
    pub warnings: Vec<Warning>,
}

/// Something odd that did not stop the import. `line` counts from 1 in the file as published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// One code, two different names; the first one is kept.
    TwoNames {
        /// The line with the second name.
        line: u64,
        /// The unit.
        id: PlaceId,
        /// The name kept.
        kept: String,
        /// The name on this line.
        other: String,
    },
    /// One code, one name, two spellings (case, tone style, apostrophe); the first is kept.
    TwoSpellings {
        /// The line with the second spelling.
        line: u64,
        /// The unit.
        id: PlaceId,
        /// The spelling kept.
        kept: String,
        /// The spelling on this line.
        other: String,
    },
    /// One code, two kinds; the first is kept.
    TwoKinds {
        /// The line with the second kind.
        line: u64,
        /// The unit.
        id: PlaceId,
        /// The name on this line, with its kind.
        other: String,
    },
    /// One unit under two parents; the one named most often is kept.
    TwoParents {
        /// Where the other parent was first named.
        line: u64,
        /// The unit.
        id: PlaceId,
        /// The parent kept.
        kept: PlaceId,
        /// The parent that was not.
        other: PlaceId,
    },
    /// A name without `Xã`, `Phường`, …; the unit is kept only if another line has its kind.
    NoKind {
        /// The line.
        line: u64,
        /// The unit.
        id: PlaceId,
        /// The text of the cell.
        text: String,
    },
    /// The column `Cấp` says another kind than the name; the name is believed.
    LevelDiffers {
        /// The line.
        line: u64,
        /// The unit.
        id: PlaceId,
        /// The text of `Cấp`.
        level: String,
    },
    /// An old area that is no unit and has no code; no succession is recorded for it.
    NoCode {
        /// The line.
        line: u64,
        /// The text of the cell.
        text: String,
        /// The new unit it went to.
        new_id: PlaceId,
    },
}

impl Warning {
    /// The line it is about.
    #[must_use]
    pub fn line(&self) -> u64 {
        match self {
            Self::TwoNames { line, .. }
            | Self::TwoSpellings { line, .. }
            | Self::TwoKinds { line, .. }
            | Self::TwoParents { line, .. }
            | Self::NoKind { line, .. }
            | Self::LevelDiffers { line, .. }
            | Self::NoCode { line, .. } => *line,
        }
    }
}

/// Why a file cannot be imported. Lines count from 1 in the file as published.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// The header is not that of an official file.
    #[error("expected {expected}, but the file begins with {found:?}")]
    Header {
        /// The columns that were looked for.
        expected: &'static str,
        /// The first line with text.
        found: String,
    },
    /// Not CSV.
    #[error("line {line}: not readable as CSV")]
    Csv {
        /// Where reading stopped.
        line: u64,
    },
    /// A code that is not made of the right number of digits; often a spreadsheet ate the zeros.
    #[error("line {line}: {column} {value:?} is not a code of {digits} digits")]
    Code {
        /// The line.
        line: u64,
        /// The column.
        column: &'static str,
        /// The cell.
        value: String,
        /// How many digits such a code has.
        digits: usize,
    },
    /// A cell that should read `Tỉnh Gia Lai (52)`.
    #[error("line {line}: {column} {value:?} has no code in brackets")]
    Label {
        /// The line.
        line: u64,
        /// The column.
        column: &'static str,
        /// The cell.
        value: String,
    },
    /// A `Ghi chú` nobody has seen before; guessing what became of a commune is not allowed.
    #[error("line {line}: unknown note {note:?}")]
    Note {
        /// The line.
        line: u64,
        /// The cell.
        note: String,
    },
    /// A header and no rows.
    #[error("the file has no rows")]
    NoRows,
    /// More rows than any official list.
    #[error("more than {rows_max} rows: this is not a list of administrative units")]
    TooManyRows {
        /// The limit.
        rows_max: usize,
    },
}

/// Tells which official file a text is, by its header.
///
/// # Errors
/// [`ImportError::Header`], naming both headers that were expected.
pub fn detect(text: &str) -> Result<OfficialFile, ImportError> {
    let rows = read_rows(text, HEADER_WITHIN)?;
    let has = |columns: &[&str]| rows.iter().any(|row| Columns::find(row, columns).is_some());
    if has(&super::conversion::COLUMNS) {
        Ok(OfficialFile::ConversionTable)
    } else if has(&super::gso::COLUMNS) {
        Ok(OfficialFile::GsoList)
    } else {
        Err(header_error(
            "the columns of a GSO list (Tỉnh Thành Phố, Mã TP, …, Mã PX, Cấp) \
             or of the conversion table (Tên Xã mới, Mã Xã mới, Tên Xã cũ, Mã Xã cũ, Ghi chú, …)",
            &rows,
        ))
    }
}

/// Detects the file and reads it.
///
/// # Errors
/// Those of [`detect`] and of the reader it leads to.
pub fn import(text: &str) -> Result<Imported, ImportError> {
    match detect(text)? {
        OfficialFile::GsoList => parse_gso_list(text),
        OfficialFile::ConversionTable => parse_conversion_table(text),
    }
}

/// One line of the file, cells normalised.
pub(super) struct Row {
    pub line: u64,
    pub cells: Vec<String>,
    /// The cells as published, for counting repairs.
    pub raw: Vec<String>,
}

impl Row {
    pub fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }

    pub fn raw_cell(&self, column: usize) -> &str {
        self.raw.get(column).map_or("", String::as_str)
    }

    pub fn filled(&self) -> usize {
        self.cells.iter().filter(|cell| !cell.is_empty()).count()
    }
}

/// Where each wanted column stands.
pub(super) struct Columns(Vec<usize>);

impl Columns {
    /// `None` unless the row is a header with all of them. Names are compared folded.
    pub fn find(row: &Row, wanted: &[&str]) -> Option<Self> {
        let header: Vec<String> = row.cells.iter().map(|cell| fold(cell)).collect();
        let place = |name: &&str| header.iter().position(|cell| *cell == fold(name));
        wanted
            .iter()
            .map(place)
            .collect::<Option<Vec<_>>>()
            .map(Self)
    }

    pub fn at(&self, column: usize) -> usize {
        self.0.get(column).copied().unwrap_or(usize::MAX)
    }
}

/// The rows after the header, the header's columns, and how many lines came before.
pub(super) struct Table {
    pub columns: Columns,
    pub titles: usize,
    pub rows: Vec<Row>,
}

pub(super) fn read_table(
    text: &str,
    wanted: &[&str],
    expected: &'static str,
) -> Result<Table, ImportError> {
    let mut rows = read_rows(text, usize::MAX)?;
    let header = rows
        .iter()
        .take(HEADER_WITHIN)
        .enumerate()
        .find_map(|(at, row)| Some((at, Columns::find(row, wanted)?)));
    let Some((at, columns)) = header else {
        return Err(header_error(expected, &rows));
    };
    rows.drain(..=at);
    if rows.is_empty() {
        return Err(ImportError::NoRows);
    }
    Ok(Table {
        columns,
        titles: at + 1,
        rows,
    })
}

/// Every line that has text in it, up to `limit`.
fn read_rows(text: &str, limit: usize) -> Result<Vec<Row>, ImportError> {
    // One kind of line end, so that lines are counted as an editor counts them.
    let text = text.trim_start_matches('\u{FEFF}').replace("\r\n", "\n");
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    let mut last_line = 0;
    for record in reader.records().take(limit) {
        let record = record.map_err(|_| ImportError::Csv {
            line: last_line + 1,
        })?;
        let line = record.position().map_or(0, csv::Position::line);
        last_line = line;
        let raw: Vec<String> = record.iter().map(str::to_owned).collect();
        let row = Row {
            line,
            cells: raw.iter().map(|cell| normalise(cell)).collect(),
            raw,
        };
        if row.filled() > 0 {
            rows.push(row);
        }
        if rows.len() > ROWS_MAX {
            return Err(ImportError::TooManyRows { rows_max: ROWS_MAX });
        }
    }
    Ok(rows)
}

fn header_error(expected: &'static str, rows: &[Row]) -> ImportError {
    let found = rows
        .first()
        .map(|row| row.cells.join(", "))
        .unwrap_or_default();
    ImportError::Header {
        expected,
        found: found.chars().take(120).collect(),
    }
}
