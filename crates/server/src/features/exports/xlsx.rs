//! Lines as a workbook, written to disk row by row: memory holds one row.

use super::lines::{COLUMNS, Cell, Line, Lines};
use super::words::WORDS;
use crate::platform::db::DbError;
use crate::platform::problem::{AppError, AppResult};
use rust_xlsxwriter::{ColNum, Format, RowNum, Workbook, Worksheet, XlsxError};
use std::error::Error;
use std::io::{self, Write};
use std::path::Path;
use time::{Date, Time};

/// Rows of a sheet, by Excel's limit.
pub const ROWS_MAX: RowNum = 1_048_576;

/// A workbook being written.
pub struct Xlsx<'w> {
    book: Workbook,
    sheet: Worksheet,
    row: RowNum,
    rows_max: RowNum,
    sheets: usize,
    looks: Looks,
    is_wanted: &'w (dyn Fn() -> bool + Sync),
}

struct Looks {
    heading: Format,
    day: Format,
    time: Format,
    moment: Format,
}

impl<'w> Xlsx<'w> {
    /// Begins with the headings. What does not fit into `rows_max` goes on in another
    /// sheet. Rows lie in `folder` until they are packed, in a file without a name.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn begin(
        folder: &Path,
        rows_max: RowNum,
        is_wanted: &'w (dyn Fn() -> bool + Sync),
    ) -> AppResult<Self> {
        let mut book = Workbook::new();
        book.set_tempdir(folder).map_err(fault)?;
        // Packing tighter would take longer than all the rest.
        book.set_zip_compression_level(2);
        let looks = Looks {
            heading: Format::new().set_bold(),
            day: Format::new().set_num_format("dd/mm/yyyy"),
            time: Format::new().set_num_format("hh:mm"),
            moment: Format::new().set_num_format("dd/mm/yyyy hh:mm"),
        };
        let sheet = begin_sheet(&mut book, &looks, &WORDS.sheet).map_err(fault)?;
        Ok(Self {
            book,
            sheet,
            row: 1,
            rows_max,
            sheets: 1,
            looks,
            is_wanted,
        })
    }

    /// Adds a sheet of facts about the file and packs all of it into `to`.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self, about: &[(&str, Cell<'_>)], to: impl Write + Send) -> AppResult<()> {
        end_sheet(&mut self.sheet, self.row).map_err(fault)?;
        self.book.push_worksheet(self.sheet);
        let sheet = self.book.add_worksheet();
        let described = (|| {
            sheet.set_name(&WORDS.about.sheet)?;
            sheet.set_column_width(0, 18)?;
            sheet.set_column_width(1, 60)?;
            for (row, (name, cell)) in (0..).zip(about) {
                sheet.write_string_with_format(row, 0, *name, &self.looks.heading)?;
                put(sheet, &self.looks, (row, 1), *cell)?;
            }
            let note = RowNum::try_from(about.len()).unwrap_or(0) + 1;
            sheet.write_string(note, 0, &WORDS.about.note)?;
            Ok(())
        })();
        described.map_err(fault)?;
        let is_wanted = self.is_wanted;
        let to = Attended { to, is_wanted };
        let mut to = io::BufWriter::with_capacity(64 << 10, to);
        self.book.save_to_writer(&mut to).map_err(fault)?;
        to.flush().map_err(|io| fault(io.into()))
    }

    fn turn_over(&mut self) -> Result<(), XlsxError> {
        end_sheet(&mut self.sheet, self.row)?;
        self.sheets += 1;
        let name = format!("{} {}", WORDS.sheet, self.sheets);
        let next = begin_sheet(&mut self.book, &self.looks, &name)?;
        let full = std::mem::replace(&mut self.sheet, next);
        self.book.push_worksheet(full);
        self.row = 1;
        Ok(())
    }
}

impl Lines for Xlsx<'_> {
    fn line(&mut self, line: &Line<'_>) -> AppResult<()> {
        if self.row == self.rows_max {
            self.turn_over().map_err(fault)?;
        }
        for (column, cell) in (0..).zip(line) {
            let at = (self.row, column);
            put(&mut self.sheet, &self.looks, at, *cell).map_err(fault)?;
        }
        self.row += 1;
        Ok(())
    }

    fn is_wanted(&self) -> bool {
        (self.is_wanted)()
    }
}

/// Packing takes a while: it stops when nobody waits for it any more.
struct Attended<'w, W> {
    to: W,
    is_wanted: &'w (dyn Fn() -> bool + Sync),
}

impl<W: Write> Write for Attended<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if (self.is_wanted)() {
            self.to.write(bytes)
        } else {
            Err(io::ErrorKind::BrokenPipe.into())
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

fn begin_sheet(book: &mut Workbook, looks: &Looks, name: &str) -> Result<Worksheet, XlsxError> {
    let mut sheet = book.new_worksheet_with_constant_memory()?;
    sheet.set_name(name)?;
    sheet.set_freeze_panes(1, 0)?;
    for (column, (key, width)) in (0..).zip(COLUMNS) {
        sheet.set_column_width(column, width)?;
        sheet.write_string_with_format(0, column, &WORDS.columns[key], &looks.heading)?;
    }
    Ok(sheet)
}

fn end_sheet(sheet: &mut Worksheet, rows: RowNum) -> Result<(), XlsxError> {
    let last = ColNum::try_from(COLUMNS.len() - 1).unwrap_or(ColNum::MAX);
    sheet.autofilter(0, 0, rows - 1, last)?;
    Ok(())
}

fn put(
    sheet: &mut Worksheet,
    looks: &Looks,
    (row, column): (RowNum, ColNum),
    cell: Cell<'_>,
) -> Result<(), XlsxError> {
    match cell {
        Cell::Empty => return Ok(()),
        Cell::Text(text) => sheet.write_string(row, column, text)?,
        Cell::Number(n) => sheet.write_number(row, column, n as f64)?,
        Cell::Day(day) => sheet.write_number_with_format(row, column, days(day), &looks.day)?,
        Cell::Time(time) => {
            sheet.write_number_with_format(row, column, part_of_day(time), &looks.time)?
        }
        Cell::Moment(at) => {
            let serial = days(at.date()) + part_of_day(at.time());
            sheet.write_number_with_format(row, column, serial, &looks.moment)?
        }
    };
    Ok(())
}

/// Days as Excel counts them, from the end of 1899.
fn days(day: Date) -> f64 {
    f64::from(day.to_julian_day() - 2_415_019)
}

/// To the second.
fn part_of_day(time: Time) -> f64 {
    let (hour, minute, second) = time.as_hms();
    let seconds = (u32::from(hour) * 60 + u32::from(minute)) * 60 + u32::from(second);
    f64::from(seconds) / 86_400.0
}

fn fault(fault: XlsxError) -> AppError {
    let io: Option<&io::Error> = match &fault {
        XlsxError::IoError(io) | XlsxError::TempFileError(_, io) => Some(io),
        other => other.source().and_then(|cause| cause.downcast_ref()),
    };
    if io.is_some_and(|io| io.kind() == io::ErrorKind::StorageFull) {
        AppError::Db(DbError::Full(Box::new(fault)))
    } else {
        AppError::Internal(fault.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::{Reader, open_workbook_from_rs};
    use std::io::Cursor;

    #[test]
    fn what_does_not_fit_goes_on_in_another_sheet() {
        let mut book = Xlsx::begin(&std::env::temp_dir(), 3, &|| true).unwrap();
        for n in 0..5 {
            book.line(&[Cell::Number(n); COLUMNS.len()]).unwrap();
        }
        let mut packed = Vec::new();
        book.finish(&[("n", Cell::Number(5))], &mut packed).unwrap();
        let mut book: calamine::Xlsx<_> = open_workbook_from_rs(Cursor::new(packed)).unwrap();
        let names = ["Dữ liệu", "Dữ liệu 2", "Dữ liệu 3", "Thông tin"];
        assert_eq!(book.sheet_names(), names);
        let mut firsts = Vec::new();
        for name in names.iter().take(3) {
            let sheet = book.worksheet_range(name).unwrap();
            assert_eq!(sheet.get((0, 0)).unwrap().to_string(), "Ngày");
            let numbers = sheet.rows().skip(1).map(|row| row[0].to_string());
            firsts.push(numbers.collect::<Vec<_>>().join(" "));
        }
        assert_eq!(firsts, ["0 1", "2 3", "4"]);
    }

    #[test]
    fn packing_stops_when_nobody_waits_and_a_full_disk_is_told_as_one() {
        let gone = Xlsx::begin(&std::env::temp_dir(), 3, &|| false).unwrap();
        gone.finish(&[], Vec::new()).unwrap_err();
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let book = Xlsx::begin(&std::env::temp_dir(), 3, &|| true).unwrap();
        assert_eq!(book.finish(&[], Full).unwrap_err().code(), "storage.full");
    }
}
