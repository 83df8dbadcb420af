//! Vietnamese phone numbers, kept as E.164 and shown as people write them.
//!
//! Patterns follow libphonenumber's metadata for +84; prefixes of the eleven-digit mobile
//! numbers that ended in 2018 are converted by the published table.
//! One phone may serve a whole household, so a number is never a person's key.

use std::fmt;

/// A mobile or fixed-line number in Vietnam.
///
/// Holds the national part without the leading 0: 9 digits for a mobile, 10 for a fixed line.
/// `Debug` shows the masked form, so that a log line never spells a number out.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phone {
    national: String,
}

/// Which kind of line a [`Phone`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Line {
    /// Can receive SMS and Zalo.
    Mobile,
    /// A landline with an area code.
    Fixed,
}

/// What [`Phone::parse_noting`] had to repair; worth showing to the person who typed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Repair {
    /// An eleven-digit number from before 2018 got today's prefix.
    OldPrefixConverted,
    /// The leading 0 was missing, as spreadsheets like to do.
    LeadingZeroAdded,
}

/// Why a text is not a person's phone number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum PhoneError {
    /// Nothing was typed.
    #[error("the phone number is empty")]
    Empty,
    /// Something other than digits, spaces, dots, dashes, brackets and one leading `+`.
    #[error("{0:?} does not belong in a phone number")]
    Character(char),
    /// A number of another country.
    #[error("only Vietnamese numbers (+84) are accepted")]
    Foreign,
    /// 1800/1900 lines belong to organisations, not to people.
    #[error("1800 and 1900 lines are not a person's number")]
    Hotline,
    /// Too few or too many digits.
    #[error("a phone number has 10 or 11 digits, this one has {digits}")]
    Length {
        /// How many digits were read, country code included.
        digits: usize,
    },
    /// The right length, but no operator has such a prefix.
    #[error("no mobile or fixed line starts like this")]
    Prefix,
}

impl Phone {
    /// Reads `0912 345 678`, `+84912345678`, `84…`, with dots, dashes or brackets.
    ///
    /// # Errors
    /// [`PhoneError`]; hotlines and foreign numbers are refused with their own reason.
    pub fn parse(raw: &str) -> Result<Self, PhoneError> {
        Self::parse_noting(raw).map(|(phone, _)| phone)
    }

    /// Like [`Phone::parse`], and says what was repaired on the way.
    ///
    /// # Errors
    /// The same as [`Phone::parse`].
    pub fn parse_noting(raw: &str) -> Result<(Self, Option<Repair>), PhoneError> {
        let (digits, has_plus) = digits_of(raw)?;
        let count = digits.len();
        if is_hotline(&digits) {
            return Err(PhoneError::Hotline);
        }
        let (national, had_prefix) = match (has_plus, digits.strip_prefix("84")) {
            (true, Some(rest)) => (rest.strip_prefix('0').unwrap_or(rest), true),
            (true, None) => return Err(PhoneError::Foreign),
            (false, Some(rest)) if rest.len() >= 9 => {
                (rest.strip_prefix('0').unwrap_or(rest), true)
            }
            (false, _) => match digits.strip_prefix('0') {
                Some(rest) => (rest, true),
                None => (digits.as_str(), false),
            },
        };
        if is_hotline(national) {
            return Err(PhoneError::Hotline);
        }
        let zero_added = (!had_prefix).then_some(Repair::LeadingZeroAdded);
        if is_mobile(national) || (had_prefix && is_fixed(national)) {
            return Ok((
                Self {
                    national: national.to_owned(),
                },
                zero_added,
            ));
        }
        if let Some(today) = convert_old_mobile(national) {
            return Ok((Self { national: today }, Some(Repair::OldPrefixConverted)));
        }
        Err(match national.len() {
            9 | 10 => PhoneError::Prefix,
            _ => PhoneError::Length { digits: count },
        })
    }

    /// `+84912345678`.
    #[must_use]
    pub fn e164(&self) -> String {
        format!("+84{}", self.national)
    }

    /// `0912 345 678`, `024 3825 1234`, `0256 3822 294`.
    #[must_use]
    pub fn display(&self) -> String {
        self.groups().join(" ")
    }

    /// `0912 ••• 678`: enough to recognise, not enough to call.
    #[must_use]
    pub fn masked(&self) -> String {
        let [head, middle, tail] = self.groups();
        format!("{head} {} {tail}", "•".repeat(middle.len()))
    }

    /// Whether it is a mobile or a fixed line.
    #[must_use]
    pub fn line(&self) -> Line {
        if is_mobile(&self.national) {
            Line::Mobile
        } else {
            Line::Fixed
        }
    }

    fn groups(&self) -> [String; 3] {
        let (head, middle) = match self.line() {
            Line::Mobile => (3, 3),
            // Hà Nội and TP.HCM have two-digit area codes, all others three.
            Line::Fixed if self.national.starts_with("24") || self.national.starts_with("28") => {
                (2, 4)
            }
            Line::Fixed => (3, 4),
        };
        let digits =
            |from: usize, to: usize| self.national.get(from..to).unwrap_or_default().to_owned();
        [
            format!("0{}", digits(0, head)),
            digits(head, head + middle),
            digits(head + middle, self.national.len()),
        ]
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Phone({})", self.masked())
    }
}

/// The digits, and whether the number was written with an international prefix.
fn digits_of(raw: &str) -> Result<(String, bool), PhoneError> {
    let text = crate::text::normalise(raw);
    let (body, mut has_plus) = text
        .strip_prefix('+')
        .map_or((text.as_str(), false), |rest| (rest, true));
    let mut digits = String::with_capacity(body.len());
    for c in body.chars() {
        match c {
            '0'..='9' => digits.push(c),
            ' ' | '.' | '-' | '–' | '(' | ')' => {}
            other => return Err(PhoneError::Character(other)),
        }
    }
    if digits.is_empty() {
        return Err(PhoneError::Empty);
    }
    if let Some(rest) = digits.strip_prefix("00").filter(|_| !has_plus) {
        digits = rest.to_owned();
        has_plus = true;
    }
    Ok((digits, has_plus))
}

fn is_hotline(digits: &str) -> bool {
    (digits.starts_with("1800") || digits.starts_with("1900")) && (8..=10).contains(&digits.len())
}

/// Prefixes are data and change; this is the plan of 2026.
fn is_mobile(national: &str) -> bool {
    let &[a, b, c, ref rest @ ..] = national.as_bytes() else {
        return false;
    };
    let known = match a {
        b'3' => true,
        b'5' => matches!(
            (b, c),
            (b'1' | b'6' | b'8' | b'9', _) | (b'2', b'2' | b'3' | b'8') | (b'5', b'9')
        ),
        b'7' => matches!(b, b'0' | b'6'..=b'9'),
        b'8' => matches!((b, c), (b'1'..=b'8', _) | (b'9', b'6'..=b'9')),
        b'9' => matches!((b, c), (b'0'..=b'8', _) | (b'9', b'0' | b'1' | b'3'..=b'9')),
        _ => false,
    };
    known && rest.len() == 6
}

fn is_fixed(national: &str) -> bool {
    national.len() == 10 && national.starts_with('2')
}

/// Today's number for an eleven-digit one (0120…, 0162…, 0199…), by the 2018 table.
fn convert_old_mobile(national: &str) -> Option<String> {
    let (prefix, rest) = national.split_at_checked(3)?;
    let today = match prefix {
        "120" => "70",
        "121" => "79",
        "122" => "77",
        "126" => "76",
        "128" => "78",
        "123" => "83",
        "124" => "84",
        "125" => "85",
        "127" => "81",
        "129" => "82",
        "162" => "32",
        "163" => "33",
        "164" => "34",
        "165" => "35",
        "166" => "36",
        "167" => "37",
        "168" => "38",
        "169" => "39",
        "186" => "56",
        "188" => "58",
        "199" => "59",
        _ => return None,
    };
    (rest.len() == 7).then(|| format!("{today}{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_usual_way_of_writing_gives_one_number() {
        for raw in [
            "0912 345 678",
            "+84912345678",
            "84912345678",
            "0912.345.678",
            "0912-345-678",
            "+84 (0)912 345 678",
            "0084912345678",
        ] {
            assert_eq!(Phone::parse(raw).unwrap().e164(), "+84912345678", "{raw}");
        }
        assert_eq!(
            Phone::parse("0912345678").unwrap().display(),
            "0912 345 678"
        );
        assert_eq!(Phone::parse("0912345678").unwrap().masked(), "0912 ••• 678");
    }

    #[test]
    fn numbers_from_before_2018_are_converted_and_said_so() {
        let (phone, repair) = Phone::parse_noting("0169 123 4567").unwrap();
        assert_eq!(phone.display(), "0391 234 567");
        assert_eq!(repair, Some(Repair::OldPrefixConverted));
        assert_eq!(Phone::parse("01201234567").unwrap().e164(), "+84701234567");
        assert_eq!(
            Phone::parse("+841991234567").unwrap().e164(),
            "+84591234567"
        );
        assert_eq!(Phone::parse("01601234567"), Err(PhoneError::Prefix));
    }

    #[test]
    fn a_zero_eaten_by_a_spreadsheet_is_put_back() {
        let (phone, repair) = Phone::parse_noting("912345678").unwrap();
        assert_eq!(phone.e164(), "+84912345678");
        assert_eq!(repair, Some(Repair::LeadingZeroAdded));
    }

    #[test]
    fn fixed_lines_keep_their_area_code() {
        let phone = Phone::parse("024 3825 1234").unwrap();
        assert_eq!(
            (phone.line(), phone.display().as_str()),
            (Line::Fixed, "024 3825 1234")
        );
        assert_eq!(
            Phone::parse("02563822294").unwrap().display(),
            "0256 3822 294"
        );
    }

    #[test]
    fn what_is_not_a_persons_number_is_refused_with_its_reason() {
        for (raw, fault) in [
            ("", PhoneError::Empty),
            (" . ", PhoneError::Empty),
            ("1900 1234", PhoneError::Hotline),
            ("18001090", PhoneError::Hotline),
            ("1900 123456", PhoneError::Hotline),
            ("+1 202 555 0100", PhoneError::Foreign),
            ("113", PhoneError::Length { digits: 3 }),
            ("0912 345 67", PhoneError::Length { digits: 9 }),
            ("0612 345 678", PhoneError::Prefix),
            ("0992 345 678", PhoneError::Prefix),
            ("0912 345 67a", PhoneError::Character('a')),
        ] {
            assert_eq!(Phone::parse(raw), Err(fault), "{raw}");
        }
    }

    #[test]
    fn debug_output_does_not_give_the_number_away() {
        let shown = format!("{:?}", Phone::parse("0912345678").unwrap());
        assert!(!shown.contains("345"), "{shown}");
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_its_output_parses_again(raw in "[0-9+ .()-]{0,16}") {
            if let Ok(phone) = Phone::parse(&raw) {
                prop_assert_eq!(Phone::parse(&phone.e164()).unwrap(), phone.clone());
                prop_assert_eq!(Phone::parse(&phone.display()).unwrap(), phone);
            }
        }
    }
}
