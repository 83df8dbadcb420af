//! The QR on an identity card: `number|old number|name|birth|sex|address|issued`.
//!
//! Cards of 2021 carry these seven fields (the second may be empty). Those of 2024 carry more;
//! the order of what follows is not confirmed and it may name relatives, so only the first
//! seven are looked at and the rest is dropped unread. Readers that type what they scan may
//! mangle Vietnamese letters: what can be put right is, and the reading says that it must be
//! compared with the card.
//!
//! The app reads cards on the phone by the same rules (`web/src/features/thursday/card.ts`);
//! `data/cards.json` holds both to the same answers.

use crate::citizen::{CitizenNumber, OldIdNumber, Sex, Warning};
use crate::text::normalise;
use time::{Date, Month};

/// Fields that are looked at.
const FIELDS_READ: usize = 7;
/// Without these it is no card.
const FIELDS_MIN: usize = 6;
/// Characters of a name or an address, at most.
const CHARS_MAX: usize = 200;

/// What a card says. Personal data: kept nowhere, logged nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// Twelve digits.
    pub number: CitizenNumber,
    /// Number of the card before this one.
    pub old_number: Option<OldIdNumber>,
    /// Family name first.
    pub name: String,
    /// Date of birth.
    pub born_on: Date,
    /// `None` when the word is neither *Nam* nor *Nữ*.
    pub sex: Option<Sex>,
    /// Where they are registered, as printed.
    pub address: String,
    /// When the card was issued, if it says so.
    pub issued_on: Option<Date>,
    /// What to compare with the card itself.
    pub doubts: Vec<Doubt>,
}

/// What to ask about; never a reason to refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Doubt {
    /// Letters arrived mangled, put right or not.
    Letters,
    /// The sex could not be read.
    Sex,
    /// The number says something else, or something strange.
    Number(Warning),
}

/// Why a text is not a card's; then people type (*nhập tay*).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum CardError {
    /// Fewer than six fields.
    #[error("a card has at least six fields, this has {0}")]
    Fields(usize),
    /// The first field is no citizen number.
    #[error("the first field is no citizen number")]
    Number,
    /// The third field is no name.
    #[error("the third field is no name")]
    Name,
    /// The fourth field is no date.
    #[error("the fourth field is no date of birth")]
    Born,
}

impl Card {
    /// Reads what a camera or a typing reader found.
    ///
    /// # Errors
    /// [`CardError`], naming the first field that is wrong.
    pub fn parse(raw: &str) -> Result<Self, CardError> {
        let fields: Vec<&str> = raw.trim().split('|').take(FIELDS_READ).collect();
        let [number, old, name, born, sex, address, rest @ ..] = fields.as_slice() else {
            return Err(CardError::Fields(fields.len()));
        };
        debug_assert!(fields.len() >= FIELDS_MIN);
        let number = CitizenNumber::parse(number).map_err(|_| CardError::Number)?;
        let (name, sex, address) = (mended(name), mended(sex), mended(address));
        let letters = [&name, &sex, &address].iter().any(|field| field.doubtful);
        let born_on = date(born).ok_or(CardError::Born)?;
        if !is_name(&name.text) {
            return Err(CardError::Name);
        }
        let sex = sex_of(&sex.text);
        let mut doubts = Vec::new();
        if letters {
            doubts.push(Doubt::Letters);
        }
        if sex.is_none() {
            doubts.push(Doubt::Sex);
        }
        let warnings = number.warnings(sex, Some(born_on.year()));
        doubts.extend(warnings.into_iter().map(Doubt::Number));
        Ok(Self {
            number,
            old_number: OldIdNumber::parse(old).ok(),
            name: name.text,
            born_on,
            sex,
            address: address.text.chars().take(CHARS_MAX).collect(),
            issued_on: rest.first().and_then(|issued| date(issued)),
            doubts,
        })
    }
}

/// A field, and whether its letters want comparing with the card.
struct Mended {
    text: String,
    doubtful: bool,
}

/// Puts right what was UTF-8 and was read as Windows-1252, a byte a letter.
fn mended(raw: &str) -> Mended {
    let bytes: Option<Vec<u8>> = raw.chars().map(byte_in_1252).collect();
    let undone = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    let (text, doubtful) = match undone {
        Some(text) if text != raw => (text, true),
        _ => (raw.to_owned(), raw.contains(is_wreckage)),
    };
    Mended {
        text: normalise(&text),
        doubtful,
    }
}

/// Letters that no Vietnamese word has, and that stand where one was lost.
fn is_wreckage(letter: char) -> bool {
    matches!(letter, '\u{fffd}' | '?' | '\u{80}'..='\u{9f}' | '¡'..='¿' | 'Ä' | 'Å' | 'Æ')
}

/// The byte that Windows-1252 shows as this letter; the five bytes it leaves out show themselves.
fn byte_in_1252(letter: char) -> Option<u8> {
    const HIGH: [char; 27] = [
        '€', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 'Ž', '‘', '’', '“', '”', '•',
        '–', '—', '˜', '™', 'š', '›', 'œ', 'ž', 'Ÿ',
    ];
    const BYTES: [u8; 27] = [
        0x80, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8b, 0x8c, 0x8e, 0x91, 0x92,
        0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9a, 0x9b, 0x9c, 0x9e, 0x9f,
    ];
    let high = HIGH.iter().position(|known| *known == letter);
    match high {
        Some(at) => BYTES.get(at).copied(),
        None => u8::try_from(u32::from(letter)).ok(),
    }
}

fn is_name(text: &str) -> bool {
    let letters = text.chars().any(char::is_alphabetic);
    letters && !text.contains(|c: char| c.is_ascii_digit()) && text.chars().count() <= CHARS_MAX
}

fn sex_of(text: &str) -> Option<Sex> {
    match text.to_lowercase().as_str() {
        "nam" => Some(Sex::Male),
        "nữ" => Some(Sex::Female),
        _ => None,
    }
}

/// `ddMMyyyy` or `dd/mm/yyyy`.
fn date(raw: &str) -> Option<Date> {
    let text = raw.trim();
    let (day, month, year) = match text.split('/').collect::<Vec<_>>().as_slice() {
        [day, month, year] => (*day, *month, *year),
        [whole] if whole.len() == 8 => (whole.get(..2)?, whole.get(2..4)?, whole.get(4..)?),
        _ => return None,
    };
    if year.len() != 4 || ![day, month, year].iter().all(|part| is_digits(part)) {
        return None;
    }
    let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
    Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?).ok()
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Vector {
        about: String,
        raw: String,
        #[serde(default)]
        card: Option<Said>,
        #[serde(default)]
        fault: Option<String>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Said {
        number: String,
        old_number: Option<String>,
        name: String,
        born_on: String,
        sex: Option<String>,
        address: String,
        issued_on: Option<String>,
        doubts: Vec<String>,
    }

    fn word(doubt: &Doubt) -> &'static str {
        match doubt {
            Doubt::Letters => "letters",
            Doubt::Sex => "sex",
            Doubt::Number(Warning::SexDiffers { .. }) => "number_sex",
            Doubt::Number(Warning::BirthYearDiffers { .. }) => "number_year",
            Doubt::Number(Warning::UnknownBirthplace { .. }) => "number_place",
        }
    }

    fn said(card: &Card) -> Said {
        Said {
            number: card.number.as_str().to_owned(),
            old_number: card.old_number.as_ref().map(|old| old.as_str().to_owned()),
            name: card.name.clone(),
            born_on: card.born_on.to_string(),
            sex: card.sex.map(|sex| {
                let word = match sex {
                    Sex::Male => "male",
                    Sex::Female => "female",
                };
                word.to_owned()
            }),
            address: card.address.clone(),
            issued_on: card.issued_on.map(|day| day.to_string()),
            doubts: card
                .doubts
                .iter()
                .map(|doubt| word(doubt).to_owned())
                .collect(),
        }
    }

    fn fault(error: CardError) -> &'static str {
        match error {
            CardError::Fields(_) => "fields",
            CardError::Number => "number",
            CardError::Name => "name",
            CardError::Born => "born",
        }
    }

    #[test]
    fn cards_are_read_as_the_vectors_say() {
        let vectors: Vec<Vector> =
            serde_json::from_str(include_str!("../data/cards.json")).unwrap();
        assert!(vectors.len() >= 12);
        for vector in vectors {
            match Card::parse(&vector.raw) {
                Ok(card) => assert_eq!(Some(said(&card)), vector.card, "{}", vector.about),
                Err(error) => {
                    let told = Some(fault(error).to_owned());
                    assert_eq!(told, vector.fault, "{}", vector.about);
                }
            }
        }
    }

    #[test]
    fn what_follows_the_seventh_field_is_not_looked_at() {
        let seven = "052191000123||Nguyễn Thị An|05031991|Nữ|An Tân|10052021";
        let more = format!("{seven}|Nguyễn Văn Cha|052160000001|\u{fffd}");
        assert_eq!(Card::parse(&more), Card::parse(seven));
    }
}
