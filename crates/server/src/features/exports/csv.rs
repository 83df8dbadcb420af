//! Lines as CSV: RFC 4180, with a mark that tells Excel it is UTF-8.

use super::lines::{Cell, Form, Lines};
use crate::platform::problem::{AppError, AppResult};
use csv::{ByteRecord, Terminator, Writer, WriterBuilder};
use domain::days::iso;
use std::io::Write;
use time::Time;

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// A file that goes to `W` as it is written.
#[derive(Debug)]
pub struct Csv<W: Write> {
    out: Writer<W>,
    record: ByteRecord,
}

impl<W: Write> Csv<W> {
    /// Begins with the headings.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn begin(form: &Form, mut to: W) -> AppResult<Self> {
        to.write_all(BYTE_ORDER_MARK)
            .map_err(|fault| broken(&fault))?;
        let mut out = WriterBuilder::new()
            .terminator(Terminator::CRLF)
            .from_writer(to);
        let headings = form.columns.iter().map(|(heading, _)| heading);
        out.write_record(headings).map_err(|fault| broken(&fault))?;
        let record = ByteRecord::new();
        Ok(Self { out, record })
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self) -> AppResult<()> {
        self.out.flush().map_err(|fault| broken(&fault))
    }
}

impl<W: Write> Lines for Csv<W> {
    fn line(&mut self, line: &[Cell<'_>]) -> AppResult<()> {
        self.record.clear();
        for cell in line {
            match *cell {
                Cell::Empty => self.record.push_field(b""),
                Cell::Text(text) if runs(text) => {
                    self.record.push_field(format!("'{text}").as_bytes());
                }
                Cell::Text(text) => self.record.push_field(text.as_bytes()),
                Cell::Number(n) => self.record.push_field(n.to_string().as_bytes()),
                Cell::Day(day) => self.record.push_field(iso::text(day).as_bytes()),
                Cell::Time(time) => self.record.push_field(clock(time).as_bytes()),
                Cell::Moment(at) => {
                    let text = format!("{} {}", iso::text(at.date()), clock(at.time()));
                    self.record.push_field(text.as_bytes());
                }
            }
        }
        self.out
            .write_byte_record(&self.record)
            .map_err(|fault| broken(&fault))
    }
}

/// Whether a spreadsheet would run the text as a formula; an apostrophe keeps it from that.
fn runs(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

fn clock(time: Time) -> String {
    let (hour, minute, second) = time.as_hms();
    format!("{hour:02}:{minute:02}:{second:02}")
}

fn broken(fault: &dyn std::error::Error) -> AppError {
    AppError::Internal(fault.to_string())
}
