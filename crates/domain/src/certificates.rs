//! Certificates of volunteer hours: what one says, the code it is found by, and the seal that
//! tells a forged paper.

use crate::codes::{ALPHABET, bits};
use crate::days::iso;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt::{self, Display, Write as _};
use time::Date;

/// What a certificate says: as things were when it was issued, whatever becomes of the
/// person's account and records later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Certificate {
    /// Full name, family name first.
    pub name: String,
    /// Where they were at home.
    pub place: String,
    /// The teams they worked with in the period.
    pub teams: Vec<String>,
    /// First day.
    #[serde(with = "iso")]
    #[cfg_attr(feature = "schema", schema(value_type = String, format = Date))]
    pub first: Date,
    /// Last day.
    #[serde(with = "iso")]
    #[cfg_attr(feature = "schema", schema(value_type = String, format = Date))]
    pub last: Date,
    /// Minutes from coming to going, neither doubtful nor assumed.
    pub minutes: i64,
    /// Days with such minutes.
    pub days: i64,
    /// Times they helped somebody, as recorded and not taken back.
    pub assists: i64,
    /// When it was issued.
    #[serde(with = "iso")]
    #[cfg_attr(feature = "schema", schema(value_type = String, format = Date))]
    pub issued_on: Date,
}

impl Certificate {
    /// Four groups of four hexadecimal digits that follow from the code and every word: printed
    /// on the paper and shown to whoever checks it.
    pub fn seal(&self, code: &Code) -> String {
        let mut digest = Sha256::new();
        let mut part = |bytes: &[u8]| {
            digest.update((bytes.len() as u64).to_le_bytes());
            digest.update(bytes);
        };
        part(code.0.as_bytes());
        for text in [&self.name, &self.place] {
            part(text.as_bytes());
        }
        part(&(self.teams.len() as u64).to_le_bytes());
        for team in &self.teams {
            part(team.as_bytes());
        }
        for day in [self.first, self.last, self.issued_on] {
            part(iso::text(day).as_bytes());
        }
        for number in [self.minutes, self.days, self.assists] {
            part(&number.to_le_bytes());
        }
        let mut seal = String::new();
        for (at, byte) in digest.finalize().iter().take(8).enumerate() {
            let gap = if at > 0 && at.is_multiple_of(2) {
                " "
            } else {
                ""
            };
            // Memory takes it.
            let _ = write!(seal, "{gap}{byte:02x}");
        }
        seal
    }
}

/// Of 90 random bits and ten that follow from them.
const LETTERS: usize = 20;
const GROUP: usize = 5;
/// The largest prime that ten bits hold: one wrong letter and two that changed places always
/// leave another remainder.
const PRIME: u128 = 1021;

/// What a certificate is found by: 20 letters of which nobody guesses one, and nobody copies
/// one wrongly without our noticing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Code(String);

impl Code {
    /// A code from chance; 90 of the bits are used.
    pub fn from_random(bytes: [u8; 12]) -> Self {
        let mut whole = [0; 16];
        whole[4..].copy_from_slice(&bytes);
        let number = u128::from_be_bytes(whole) >> 6;
        let whole = (number << 10) | (number % PRIME);
        let letter = |at: usize| {
            let bits = whole >> (5 * (LETTERS - 1 - at)) & 31;
            char::from(ALPHABET[bits as usize])
        };
        Self((0..LETTERS).map(letter).collect())
    }

    /// Reads a code as people write it: in capitals or not, with or without hyphens, a letter O
    /// for a zero and an I or L for a one; `None` when it was copied wrongly somewhere.
    pub fn parse(raw: &str) -> Option<Self> {
        let mut code = String::with_capacity(LETTERS);
        let mut whole: u128 = 0;
        for letter in raw.bytes().filter(|byte| !matches!(byte, b'-' | b' ')) {
            let bits = bits(letter)?;
            if code.len() == LETTERS {
                return None;
            }
            whole = whole << 5 | bits as u128;
            code.push(char::from(ALPHABET[bits]));
        }
        let sound = code.len() == LETTERS && (whole >> 10) % PRIME == whole & 1023;
        sound.then_some(Self(code))
    }

    /// As stored: without hyphens.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `7QK2M-9XW4T-C0RDA-3HZ5N`.
impl Display for Code {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, letter) in self.0.chars().enumerate() {
            if at > 0 && at.is_multiple_of(GROUP) {
                out.write_char('-')?;
            }
            out.write_char(letter)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use time::macros::date;

    fn certificate() -> Certificate {
        Certificate {
            name: "Nguyễn Thị Hạnh".to_owned(),
            place: "Phường Bình Định".to_owned(),
            teams: vec!["Tổ 1".to_owned()],
            first: date!(2024 - 03 - 01),
            last: date!(2024 - 10 - 13),
            minutes: 1230,
            days: 8,
            assists: 96,
            issued_on: date!(2024 - 10 - 13),
        }
    }

    #[test]
    fn the_seal_follows_from_every_word() {
        let code = Code::from_random([7; 12]);
        let seal = certificate().seal(&code);
        assert_eq!(seal.len(), 19);
        let others = [
            (|c| c.name.push('h')) as fn(&mut Certificate),
            |c| c.place.push('h'),
            |c| c.teams.push(String::new()),
            |c| c.first = date!(2024 - 03 - 02),
            |c| c.last = date!(2024 - 10 - 14),
            |c| c.minutes = 1231,
            |c| c.days = 9,
            |c| c.assists = 97,
            |c| c.issued_on = date!(2024 - 10 - 14),
        ];
        for change in others {
            let mut other = certificate();
            change(&mut other);
            assert_ne!(other.seal(&code), seal, "{other:?}");
        }
        assert_ne!(certificate().seal(&Code::from_random([8; 12])), seal);
    }

    #[test]
    fn a_code_reads_as_people_write_it() {
        let code = Code::from_random([0x10; 12]);
        let shown = code.to_string();
        assert_eq!(shown.len(), 23);
        for written in [
            shown.clone(),
            shown.to_lowercase(),
            shown.replace('-', " "),
            code.as_str().replace('0', "o").replace('1', "l"),
        ] {
            assert_eq!(Code::parse(&written), Some(code.clone()), "{written}");
        }
        for no in [
            "",
            "ABC",
            &format!("{shown}0"),
            &shown.replace('0', "U"),
            "ă",
        ] {
            assert_eq!(Code::parse(no), None, "{no}");
        }
    }

    proptest! {
        #[test]
        fn a_wrong_letter_is_noticed_and_two_that_changed_places(
            bytes in prop::array::uniform12(any::<u8>()), at in 0..LETTERS, by in 1..32_usize
        ) {
            let code = Code::from_random(bytes);
            prop_assert_eq!(Code::parse(&code.to_string()), Some(code.clone()));
            let mut letters = code.as_str().as_bytes().to_vec();
            let bits = ALPHABET.iter().position(|known| *known == letters[at]).unwrap();
            letters[at] = ALPHABET[(bits + by) % 32];
            let wrong = String::from_utf8(letters).unwrap();
            prop_assert_eq!(Code::parse(&wrong), None);
            let mut letters = code.as_str().as_bytes().to_vec();
            let next = (at + 1) % LETTERS;
            letters.swap(at, next);
            let swapped = String::from_utf8(letters).unwrap();
            // The first and the last are no neighbours.
            if swapped != code.as_str() && next > 0 {
                prop_assert_eq!(Code::parse(&swapped), None);
            }
        }
    }
}
