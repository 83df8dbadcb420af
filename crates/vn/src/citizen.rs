//! The citizen number (số định danh cá nhân, số CCCD) and the older nine-digit CMND number.
//!
//! Twelve digits `PPP C YY NNNNNN`: place of birth registration, century and sex, year of birth,
//! six random digits (Nghị định 137/2015/NĐ-CP, Thông tư 59/2021/TT-BCA). There is no check
//! digit. PPP keeps the pre-merger province codes for life and is **not** today's province:
//! never join it to the unit table. Sex and year are for consistency warnings only, never for
//! filling in a form.

use std::fmt;

/// PPP of the 63 provinces that registered births until 30/06/2025.
const BIRTHPLACES: [u16; 63] = [
    1, 2, 4, 6, 8, 10, 11, 12, 14, 15, 17, 19, 20, 22, 24, 25, 26, 27, 30, 31, 33, 34, 35, 36, 37,
    38, 40, 42, 44, 45, 46, 48, 49, 51, 52, 54, 56, 58, 60, 62, 64, 66, 67, 68, 70, 72, 74, 75, 77,
    79, 80, 82, 83, 84, 86, 87, 89, 91, 92, 93, 94, 95, 96,
];
/// From here on PPP is the code of a country of birth.
const ABROAD_FROM: u16 = 100;

/// Sex as the number encodes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sex {
    /// Even century digit.
    Male,
    /// Odd century digit.
    Female,
}

/// Twelve digits. `Debug` shows the masked form.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CitizenNumber(String);

/// Nine digits of the old CMND. `Debug` shows the masked form.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OldIdNumber(String);

/// Either number, as found on papers people still carry.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum IdNumber {
    /// Twelve digits.
    Citizen(CitizenNumber),
    /// Nine digits.
    Old(OldIdNumber),
}

/// Why a text is not the number it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum IdNumberError {
    /// Something other than digits and separators.
    #[error("{0:?} does not belong in an identity number")]
    Character(char),
    /// Not the number of digits asked for.
    #[error("an identity number has {expected} digits, this one has {digits}")]
    Length {
        /// How many digits were read.
        digits: usize,
        /// How many the type wants: `12`, `9` or `12 or 9`.
        expected: &'static str,
    },
}

/// Something to ask about; never a reason to refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Warning {
    /// PPP is below 100 and belongs to none of the 63 provinces.
    UnknownBirthplace {
        /// The three digits as a number.
        code: u16,
    },
    /// The form says another sex than the number.
    SexDiffers {
        /// What the number says.
        in_number: Sex,
    },
    /// The form says another year of birth than the number.
    BirthYearDiffers {
        /// What the number says.
        in_number: i32,
    },
}

impl CitizenNumber {
    /// Reads twelve digits; spaces, dots and dashes between them are ignored.
    ///
    /// # Errors
    /// [`IdNumberError`]: a strange character, or not twelve digits.
    pub fn parse(raw: &str) -> Result<Self, IdNumberError> {
        let digits = digits_of(raw)?;
        match digits.len() {
            12 => Ok(Self(digits)),
            count => Err(IdNumberError::Length {
                digits: count,
                expected: "12",
            }),
        }
    }

    /// The twelve digits. Handle as personal data: consent, purpose, no logs.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `052•••••0123`.
    #[must_use]
    pub fn masked(&self) -> String {
        masked(&self.0, 3, 4)
    }

    /// PPP: where the birth was registered, in pre-2025 codes.
    #[must_use]
    pub fn birthplace_code(&self) -> u16 {
        self.0
            .bytes()
            .take(3)
            .fold(0, |code, digit| code * 10 + u16::from(digit - b'0'))
    }

    /// The sex the number encodes.
    #[must_use]
    pub fn sex(&self) -> Sex {
        if self.digit(3).is_multiple_of(2) {
            Sex::Male
        } else {
            Sex::Female
        }
    }

    /// The year of birth the number encodes, 1900 to 2399.
    #[must_use]
    pub fn birth_year(&self) -> i32 {
        let century = 1900 + 100 * i32::from(self.digit(3) / 2);
        century + 10 * i32::from(self.digit(4)) + i32::from(self.digit(5))
    }

    /// What to ask about, given the sex and year of birth on the form, where known.
    #[must_use]
    pub fn warnings(&self, sex: Option<Sex>, birth_year: Option<i32>) -> Vec<Warning> {
        let mut warnings = Vec::new();
        let code = self.birthplace_code();
        if code < ABROAD_FROM && !BIRTHPLACES.contains(&code) {
            warnings.push(Warning::UnknownBirthplace { code });
        }
        if sex.is_some_and(|given| given != self.sex()) {
            warnings.push(Warning::SexDiffers {
                in_number: self.sex(),
            });
        }
        if birth_year.is_some_and(|given| given != self.birth_year()) {
            warnings.push(Warning::BirthYearDiffers {
                in_number: self.birth_year(),
            });
        }
        warnings
    }

    fn digit(&self, at: usize) -> u8 {
        self.0.as_bytes().get(at).map_or(0, |byte| byte - b'0')
    }
}

impl OldIdNumber {
    /// Reads nine digits; spaces, dots and dashes between them are ignored.
    ///
    /// # Errors
    /// [`IdNumberError`]: a strange character, or not nine digits.
    pub fn parse(raw: &str) -> Result<Self, IdNumberError> {
        let digits = digits_of(raw)?;
        match digits.len() {
            9 => Ok(Self(digits)),
            count => Err(IdNumberError::Length {
                digits: count,
                expected: "9",
            }),
        }
    }

    /// The nine digits. Handle as personal data.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `215•••111`.
    #[must_use]
    pub fn masked(&self) -> String {
        masked(&self.0, 3, 3)
    }
}

impl IdNumber {
    /// Reads either kind, by its length.
    ///
    /// # Errors
    /// [`IdNumberError`]: a strange character, or neither twelve nor nine digits.
    pub fn parse(raw: &str) -> Result<Self, IdNumberError> {
        let digits = digits_of(raw)?;
        match digits.len() {
            12 => Ok(Self::Citizen(CitizenNumber(digits))),
            9 => Ok(Self::Old(OldIdNumber(digits))),
            count => Err(IdNumberError::Length {
                digits: count,
                expected: "12 or 9",
            }),
        }
    }
}

impl fmt::Debug for CitizenNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CitizenNumber({})", self.masked())
    }
}

impl fmt::Debug for OldIdNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OldIdNumber({})", self.masked())
    }
}

fn digits_of(raw: &str) -> Result<String, IdNumberError> {
    let mut digits = String::with_capacity(12);
    for c in crate::text::normalise(raw).chars() {
        match c {
            '0'..='9' => digits.push(c),
            ' ' | '.' | '-' => {}
            other => return Err(IdNumberError::Character(other)),
        }
    }
    Ok(digits)
}

/// Digits are ASCII, so byte positions are characters.
fn masked(digits: &str, head: usize, tail: usize) -> String {
    let hidden = digits.len().saturating_sub(head + tail);
    let start = digits.get(..head).unwrap_or_default();
    let end = digits.get(head + hidden..).unwrap_or_default();
    format!("{start}{}{end}", "•".repeat(hidden))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_are_read_from_the_digits() {
        let number = CitizenNumber::parse("052191000123").unwrap();
        assert_eq!(
            (number.birthplace_code(), number.sex(), number.birth_year()),
            (52, Sex::Female, 1991)
        );
        let child = CitizenNumber::parse("091 215 000 456").unwrap();
        assert_eq!((child.sex(), child.birth_year()), (Sex::Male, 2015));
    }

    #[test]
    fn shown_and_debugged_it_is_masked() {
        let number = CitizenNumber::parse("052191000123").unwrap();
        assert_eq!(number.masked(), "052•••••0123");
        assert_eq!(format!("{number:?}"), "CitizenNumber(052•••••0123)");
    }

    #[test]
    fn disagreement_warns_and_never_refuses() {
        let number = CitizenNumber::parse("052191000123").unwrap();
        assert!(number.warnings(Some(Sex::Female), Some(1991)).is_empty());
        assert!(number.warnings(None, None).is_empty());
        assert_eq!(
            number.warnings(Some(Sex::Male), Some(1990)),
            [
                Warning::SexDiffers {
                    in_number: Sex::Female
                },
                Warning::BirthYearDiffers { in_number: 1991 }
            ]
        );
        let odd = CitizenNumber::parse("003191000123").unwrap();
        assert_eq!(
            odd.warnings(None, None),
            [Warning::UnknownBirthplace { code: 3 }]
        );
        let abroad = CitizenNumber::parse("100191000123").unwrap();
        assert!(abroad.warnings(None, None).is_empty());
    }

    #[test]
    fn old_numbers_are_a_type_of_their_own() {
        assert_eq!(
            OldIdNumber::parse("215000111").unwrap().masked(),
            "215•••111"
        );
        assert!(matches!(IdNumber::parse("215000111"), Ok(IdNumber::Old(_))));
        assert!(matches!(
            IdNumber::parse("052191000123"),
            Ok(IdNumber::Citizen(_))
        ));
        assert_eq!(
            CitizenNumber::parse("215000111"),
            Err(IdNumberError::Length {
                digits: 9,
                expected: "12"
            })
        );
        assert_eq!(
            IdNumber::parse("05219100012x"),
            Err(IdNumberError::Character('x'))
        );
    }
}
