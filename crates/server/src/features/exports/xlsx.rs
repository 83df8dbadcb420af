//! Lines as a workbook that leaves as it is written: sheets in a zip, which tells the
//! sizes of what it holds afterwards.

use super::lines::{Cell, Form, Lines};
use super::ooxml;
use crate::platform::problem::{AppError, AppResult};
use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

/// What a sheet may hold.
#[derive(Clone, Copy, Debug)]
pub struct SheetMax {
    /// The headings' too.
    pub rows: u32,
    /// Of XML, about.
    pub bytes: usize,
}

/// Excel's limit, and nearly what a zip holds without an extension of the format that
/// not every program expects.
pub const SHEET_MAX: SheetMax = SheetMax {
    rows: 1_048_576,
    bytes: 4_000_000_000,
};

/// Packing tighter would take longer than all the rest.
const LEVEL: i64 = 2;
/// XML packed at a time.
const XML_BYTES: usize = 32 << 10;

/// A workbook that goes to `W` as it is written.
pub struct Xlsx<W: Write> {
    to: W,
    zip: ZipWriter<StreamWriter<Packed>>,
    packed: Packed,
    xml: String,
    form: &'static Form,
    max: SheetMax,
    /// Of the sheet being written.
    rows: u32,
    bytes: usize,
    /// Rows of the sheets before it.
    full: Vec<u32>,
}

/// What is ready to leave. A zip dropped halfway still writes an end, which goes no
/// further than this.
#[derive(Clone, Default)]
struct Packed(Rc<RefCell<Vec<u8>>>);

impl Packed {
    fn leave(&self, to: &mut impl Write) -> io::Result<()> {
        let mut bytes = self.0.borrow_mut();
        to.write_all(&bytes)?;
        bytes.clear();
        Ok(())
    }
}

impl Write for Packed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<W: Write> Xlsx<W> {
    /// Begins with the headings. What does not fit into a sheet goes on in another.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn begin(form: &'static Form, max: SheetMax, to: W) -> AppResult<Self> {
        let packed = Packed::default();
        let mut book = Self {
            to,
            zip: ZipWriter::new_stream(packed.clone()),
            packed,
            xml: String::with_capacity(2 * XML_BYTES),
            form,
            max,
            rows: 0,
            bytes: 0,
            full: Vec::new(),
        };
        book.begin_parts().map_err(broken)?;
        Ok(book)
    }

    /// Adds a sheet of facts about the file, and what holds the sheets together.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self, about: &[(&str, Cell<'_>)]) -> AppResult<()> {
        self.end_parts(about).map_err(broken)?;
        self.zip.finish().map_err(|fault| broken(fault.into()))?;
        self.packed.leave(&mut self.to).map_err(broken)?;
        self.to.flush().map_err(broken)
    }

    fn begin_parts(&mut self) -> io::Result<()> {
        self.part("[Content_Types].xml", ooxml::CONTENT_TYPES)?;
        self.part("_rels/.rels", ooxml::RELATIONSHIPS)?;
        self.part("xl/styles.xml", ooxml::STYLES)?;
        self.begin_sheet()
    }

    fn end_parts(&mut self, about: &[(&str, Cell<'_>)]) -> io::Result<()> {
        self.end_sheet()?;
        let sheets = self.full.len() + 1;
        self.part(&ooxml::sheet_path(sheets), &ooxml::about(self.form, about))?;
        let parts = ooxml::workbook_relationships(sheets);
        self.part("xl/_rels/workbook.xml.rels", &parts)?;
        self.part("xl/workbook.xml", &ooxml::workbook(self.form, &self.full))
    }

    fn part(&mut self, path: &str, xml: &str) -> io::Result<()> {
        self.begin_part(path)?;
        self.xml.push_str(xml);
        self.pack()
    }

    fn begin_part(&mut self, path: &str) -> io::Result<()> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(LEVEL));
        Ok(self.zip.start_file(path, options)?)
    }

    fn begin_sheet(&mut self) -> io::Result<()> {
        let number = self.full.len() + 1;
        self.begin_part(&ooxml::sheet_path(number))?;
        ooxml::begin_sheet(&mut self.xml, self.form, number);
        (self.rows, self.bytes) = (1, 0);
        Ok(())
    }

    fn end_sheet(&mut self) -> io::Result<()> {
        ooxml::end_sheet(&mut self.xml, self.form, self.rows);
        self.full.push(self.rows);
        self.pack()
    }

    fn row(&mut self, line: &[Cell<'_>]) -> io::Result<()> {
        if self.rows >= self.max.rows || self.bytes >= self.max.bytes {
            self.end_sheet()?;
            self.begin_sheet()?;
        }
        self.rows += 1;
        ooxml::row(&mut self.xml, self.rows, line);
        if self.xml.len() >= XML_BYTES {
            self.pack()?;
        }
        Ok(())
    }

    fn pack(&mut self) -> io::Result<()> {
        self.zip.write_all(self.xml.as_bytes())?;
        self.bytes += self.xml.len();
        self.xml.clear();
        self.packed.leave(&mut self.to)
    }
}

impl<W: Write> Lines for Xlsx<W> {
    fn line(&mut self, line: &[Cell<'_>]) -> AppResult<()> {
        self.row(line).map_err(broken)
    }
}

fn broken(fault: io::Error) -> AppError {
    AppError::Internal(fault.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::lines::{COLUMNS, FORM};
    use super::*;
    use calamine::{Reader, open_workbook_from_rs};
    use std::io::Cursor;

    fn book_of(lines: i64, max: SheetMax) -> calamine::Xlsx<Cursor<Vec<u8>>> {
        let mut packed = Vec::new();
        let mut book = Xlsx::begin(&FORM, max, &mut packed).unwrap();
        for n in 0..lines {
            book.line(&[Cell::Number(n); COLUMNS.len()]).unwrap();
        }
        book.finish(&[("n", Cell::Number(lines))]).unwrap();
        open_workbook_from_rs(Cursor::new(packed)).unwrap()
    }

    fn numbers(book: &mut calamine::Xlsx<Cursor<Vec<u8>>>, sheet: &str) -> Vec<String> {
        let sheet = book.worksheet_range(sheet).unwrap();
        assert_eq!(sheet.get((0, 0)).unwrap().to_string(), "Ngày");
        let rows = sheet.rows().skip(1);
        rows.map(|row| row[0].to_string()).collect()
    }

    #[test]
    fn what_does_not_fit_goes_on_in_another_sheet() {
        let rows = 3;
        let mut book = book_of(5, SheetMax { rows, ..SHEET_MAX });
        let names = ["Dữ liệu", "Dữ liệu 2", "Dữ liệu 3", "Thông tin"];
        assert_eq!(book.sheet_names(), names);
        let firsts =
            ["Dữ liệu", "Dữ liệu 2", "Dữ liệu 3"].map(|name| numbers(&mut book, name).join(" "));
        assert_eq!(firsts, ["0 1", "2 3", "4"]);

        let bytes = 2 * XML_BYTES;
        let mut book = book_of(500, SheetMax { bytes, ..SHEET_MAX });
        let mut sheets = book.sheet_names();
        assert_eq!(sheets.pop().as_deref(), Some("Thông tin"));
        assert!(sheets.len() > 2, "{sheets:?}");
        let all = sheets.iter().flat_map(|name| numbers(&mut book, name));
        let wanted = (0..500).map(|n| n.to_string());
        assert!(all.eq(wanted));
    }

    /// Takes some bytes, then none.
    struct Leaves<'t> {
        taken: &'t mut Vec<u8>,
        max: usize,
    }

    impl Write for Leaves<'_> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.taken.len() >= self.max {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            self.taken.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn rows_leave_before_the_last_is_there_and_what_was_cut_short_gets_no_end() {
        let line = |n: i64| [Cell::Number(n); COLUMNS.len()];
        let mut taken = Vec::new();
        let (to, max) = (&mut taken, 100_000);
        let mut book = Xlsx::begin(&FORM, SHEET_MAX, Leaves { taken: to, max }).unwrap();
        let refused = (0..1_000_000).find(|n| book.line(&line(*n)).is_err());
        assert!(refused.is_some());
        drop(book);
        let broken = taken;

        let mut taken = Vec::new();
        let mut book = Xlsx::begin(&FORM, SHEET_MAX, &mut taken).unwrap();
        for n in 0..refused.unwrap() {
            book.line(&line(n)).unwrap();
        }
        drop(book);
        assert!(taken.len() > 90_000);
        for cut in [broken, taken] {
            assert!(!cut.windows(4).any(|four| four == b"PK\x05\x06"));
        }
    }
}
