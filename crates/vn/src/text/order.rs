//! Vietnamese dictionary order, as ICU `vi` has it: letters first (a ă â b c d đ e ê …), then
//! tones (ngang < huyền < hỏi < ngã < sắc < nặng), then lower before upper case. Differs from
//! ICU in one deliberate way: a run of digits is compared as a number, so that Phường 2 comes
//! before Phường 10.

use super::normalise;
use unicode_normalization::UnicodeNormalization;

const ALPHABET: &str = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz";
/// Weights stay above the separators 0 and 1.
const FIELD_END: u8 = 0;
const LEVEL_END: u8 = 1;
const SPACE: u8 = 2;
const PUNCTUATION: u8 = 3;
const DIGITS: u8 = 4;
const LETTERS: u8 = 5;
const OTHER_SCRIPT: u8 = 250;
const LOWER: u8 = 2;
const UPPER: u8 = 3;
const NO_TONE: u8 = 2;
const RUN_LENGTH_MAX: usize = 200;

/// Bytes whose plain comparison gives Vietnamese dictionary order. The key has no other
/// meaning and may change between versions; never store it.
#[must_use]
pub fn collation_key(text: &str) -> Vec<u8> {
    let text = normalise(text);
    let mut letters = Vec::with_capacity(text.len() * 2);
    let mut tones = Vec::with_capacity(text.len());
    let mut cases = Vec::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_ascii_digit() {
            let mut run = String::from(c);
            while let Some(digit) = chars.next_if(char::is_ascii_digit) {
                run.push(digit);
            }
            push_number(&run, &mut letters);
            tones.push(length_weight(run.len()));
            cases.push(LOWER);
        } else {
            push_letter(c, &mut letters, &mut tones);
            cases.push(if c.is_uppercase() { UPPER } else { LOWER });
        }
    }
    letters.push(LEVEL_END);
    letters.append(&mut tones);
    letters.push(LEVEL_END);
    letters.append(&mut cases);
    letters
}

/// The order of a list of people: by given name (the last word), then by the rest.
#[must_use]
pub fn person_order_key(full_name: &str) -> Vec<u8> {
    let name = normalise(full_name);
    let (rest, given) = name.rsplit_once(' ').unwrap_or(("", &name));
    let mut key = collation_key(given);
    key.push(FIELD_END);
    key.append(&mut collation_key(rest));
    key
}

fn push_number(run: &str, letters: &mut Vec<u8>) {
    let value = run.trim_start_matches('0');
    letters.push(DIGITS);
    letters.push(length_weight(value.len()));
    letters.extend(value.bytes());
}

fn length_weight(len: usize) -> u8 {
    u8::try_from(len.min(RUN_LENGTH_MAX)).map_or(u8::MAX, |len| len + 2)
}

fn push_letter(c: char, letters: &mut Vec<u8>, tones: &mut Vec<u8>) {
    let lower: Vec<char> = c.to_lowercase().nfd().collect();
    let Some((&base, marks)) = lower.split_first() else {
        return;
    };
    let mut letter = base;
    let mut tone = NO_TONE;
    for &mark in marks {
        match (letter, mark) {
            ('a', '\u{306}') => letter = 'ă',
            ('a', '\u{302}') => letter = 'â',
            ('e', '\u{302}') => letter = 'ê',
            ('o', '\u{302}') => letter = 'ô',
            ('o', '\u{31B}') => letter = 'ơ',
            ('u', '\u{31B}') => letter = 'ư',
            (_, other) => tone = tone_weight(other),
        }
    }
    tones.push(tone);
    let place = ALPHABET.chars().position(|known| known == letter);
    if let Some(place) = place.and_then(|place| u8::try_from(place).ok()) {
        letters.push(LETTERS + place);
    } else if letter.is_whitespace() {
        letters.push(SPACE);
    } else {
        let is_letter = letter.is_alphabetic();
        letters.push(if is_letter { OTHER_SCRIPT } else { PUNCTUATION });
        let mut utf8 = [0; 4];
        let bytes = letter.encode_utf8(&mut utf8).bytes();
        letters.extend(bytes.map(|byte| byte.max(SPACE)));
    }
}

fn tone_weight(mark: char) -> u8 {
    match mark {
        '\u{300}' => 3,
        '\u{309}' => 4,
        '\u{303}' => 5,
        '\u{301}' => 6,
        '\u{323}' => 7,
        _ => 8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sorted(mut words: Vec<&str>, key: fn(&str) -> Vec<u8>) -> Vec<&str> {
        words.sort_by_key(|word| key(word));
        words
    }

    #[test]
    fn tones_follow_the_dictionary() {
        let right = vec!["ba", "bà", "bả", "bã", "bá", "bạ"];
        let mixed = vec!["bạ", "bá", "ba", "bã", "bà", "bả"];
        assert_eq!(sorted(mixed, collation_key), right);
    }

    #[test]
    fn letters_with_hooks_come_after_their_plain_letter() {
        let right = vec![
            "an", "ăn", "ân", "ba", "da", "đa", "em", "êm", "ong", "ông", "ơn", "tu", "tư", "va",
        ];
        let mut mixed = right.clone();
        mixed.reverse();
        assert_eq!(sorted(mixed, collation_key), right);
    }

    #[test]
    fn a_tone_never_outweighs_a_later_letter() {
        assert!(collation_key("bạ") < collation_key("bác"));
        assert!(collation_key("Hà Nội") < collation_key("Hải Phòng"));
        assert!(collation_key("hòa") < collation_key("hoan"));
        assert!(collation_key("Phường 2") < collation_key("Phường 10"));
    }

    #[test]
    fn people_are_listed_by_given_name() {
        let right = vec![
            "Nguyễn Thị An",
            "Trần Văn An",
            "Lê Văn Ân",
            "Đỗ Bình",
            "Phạm Minh Đức",
        ];
        let mut mixed = right.clone();
        mixed.reverse();
        assert_eq!(sorted(mixed, person_order_key), right);
        assert_eq!(sorted(vec!["Bé", "An"], person_order_key), ["An", "Bé"]);
    }

    proptest! {
        #[test]
        fn the_six_tones_keep_their_order_inside_any_syllable(
            onset in "[bcdhlmnt]", coda in "(|n|ng|t)", before in "[a-z ]{0,4}"
        ) {
            let words: Vec<Vec<u8>> = ["a", "à", "ả", "ã", "á", "ạ"]
                .iter()
                .map(|vowel| collation_key(&format!("{before}{onset}{vowel}{coda}")))
                .collect();
            prop_assert!(words.is_sorted_by(|a, b| a < b));
        }

        #[test]
        fn different_words_never_share_a_place(a in "[aàáăâbd đ]{0,6}", b in "[aàáăâbd đ]{0,6}") {
            if normalise(&a) != normalise(&b) {
                prop_assert_ne!(collation_key(&a), collation_key(&b));
            }
        }
    }
}
