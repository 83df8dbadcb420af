//! Codes of the public-service portals: the dossier (mã hồ sơ) and the procedure (mã thủ tục).
//!
//! Thông tư 01/2018/TT-VPCP article 19 writes a dossier as `V1V2V3.Z1Z2.Y1Y2.MX1X2-YYMMDD-XXXX`;
//! newer systems print `MX1X2.Y1Y2-YYMMDD-XXXX`. Both are accepted and neither is ever required.

use time::{Date, Month};

const SERIAL_DIGITS_MIN: usize = 4;
const SERIAL_DIGITS_MAX: usize = 6;

/// A dossier code in its normal form: upper case, no spaces.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DossierCode {
    text: String,
    received_on: Date,
}

/// A procedure code, `1.001193`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProcedureCode(String);

/// Why a text is not such a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum CodeError {
    /// Not `agency-YYMMDD-number`.
    #[error("a dossier code has three parts: agency, date (YYMMDD), number")]
    Parts,
    /// The agency part has neither the long nor the short form.
    #[error("the agency part looks like 000.00.12.H08 or H08.12")]
    Agency,
    /// The middle part is not a date.
    #[error("the middle part is a date, YYMMDD")]
    Date,
    /// The last part is not a number of 4 to 6 digits.
    #[error("the last part is a number of 4 to 6 digits")]
    Serial,
    /// Not one digit, a dot, six digits.
    #[error("a procedure code looks like 1.001193")]
    Procedure,
}

impl DossierCode {
    /// Reads either format; case and spaces do not matter.
    ///
    /// # Errors
    /// [`CodeError`], naming the part that is wrong.
    pub fn parse(raw: &str) -> Result<Self, CodeError> {
        let text = compact(raw).replace(['–', '—'], "-");
        let mut parts = text.split('-');
        let (Some(agency), Some(date), Some(serial), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(CodeError::Parts);
        };
        if !is_agency(agency) {
            return Err(CodeError::Agency);
        }
        let received_on = short_date(date).ok_or(CodeError::Date)?;
        if !is_digits(serial) || !(SERIAL_DIGITS_MIN..=SERIAL_DIGITS_MAX).contains(&serial.len()) {
            return Err(CodeError::Serial);
        }
        Ok(Self { text, received_on })
    }

    /// The normal form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The day the dossier was received, as the code says.
    #[must_use]
    pub fn received_on(&self) -> Date {
        self.received_on
    }
}

impl ProcedureCode {
    /// Reads one digit, a dot and six digits; spaces do not matter.
    ///
    /// # Errors
    /// [`CodeError::Procedure`].
    pub fn parse(raw: &str) -> Result<Self, CodeError> {
        let text = compact(raw);
        match text.split_once('.') {
            Some((group, number))
                if group.len() == 1
                    && number.len() == 6
                    && is_digits(group)
                    && is_digits(number) =>
            {
                Ok(Self(text))
            }
            _ => Err(CodeError::Procedure),
        }
    }

    /// `1.001193`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn compact(raw: &str) -> String {
    crate::text::normalise(raw).replace(' ', "").to_uppercase()
}

fn is_agency(text: &str) -> bool {
    let groups: Vec<&str> = text.split('.').collect();
    match groups.as_slice() {
        [v, z, y, m] if v.len() == 3 && z.len() == 2 && y.len() == 2 => {
            [v, z, y].iter().all(|group| is_digits(group)) && is_ministry(m)
        }
        [m, rest @ ..] => {
            is_ministry(m)
                && rest.len() <= 3
                && rest
                    .iter()
                    .all(|group| is_digits(group) && group.len() <= 3)
        }
        [] => false,
    }
}

/// A letter and two digits: `H08`, `G22`.
fn is_ministry(text: &str) -> bool {
    text.len() == 3
        && text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.get(1..).is_some_and(is_digits)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn short_date(text: &str) -> Option<Date> {
    if text.len() != 6 || !is_digits(text) {
        return None;
    }
    let pair = |at: usize| text.get(at..at + 2)?.parse::<u8>().ok();
    let month = Month::try_from(pair(2)?).ok()?;
    Date::from_calendar_date(2000 + i32::from(pair(0)?), month, pair(4)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn both_formats_are_read_and_normalised() {
        let long = DossierCode::parse(" 000.00.12.h08-240310-0007 ").unwrap();
        assert_eq!(
            (long.as_str(), long.received_on()),
            ("000.00.12.H08-240310-0007", date!(2024 - 03 - 10))
        );
        let short = DossierCode::parse("h08.12 – 240310 – 0007").unwrap();
        assert_eq!(short.as_str(), "H08.12-240310-0007");
    }

    #[test]
    fn the_wrong_part_is_named() {
        for (raw, fault) in [
            ("0007", CodeError::Parts),
            ("H08.12-240310-0007-1", CodeError::Parts),
            ("8H8.12-240310-0007", CodeError::Agency),
            ("000.00.12-240310-0007", CodeError::Agency),
            ("H08.12-241310-0007", CodeError::Date),
            ("H08.12-240310-07", CodeError::Serial),
        ] {
            assert_eq!(DossierCode::parse(raw), Err(fault), "{raw}");
        }
    }

    #[test]
    fn procedure_codes_have_one_digit_and_six() {
        for code in ["1.001193", "1.004222", "2.000815"] {
            assert_eq!(ProcedureCode::parse(code).unwrap().as_str(), code);
        }
        assert_eq!(
            ProcedureCode::parse(" 1. 001193").unwrap().as_str(),
            "1.001193"
        );
        for raw in ["1001193", "1.00119", "a.001193", "1.0011934"] {
            assert_eq!(
                ProcedureCode::parse(raw),
                Err(CodeError::Procedure),
                "{raw}"
            );
        }
    }
}
