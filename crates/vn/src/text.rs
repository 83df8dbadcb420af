//! Vietnamese text: one stored form, one search key, one order.
//!
//! Stored text is NFC (TCVN 6909:2001 is Unicode). Searching folds away marks, ordering never
//! does: `đ` is a letter of its own, so a folded key must not be used to sort a list.

mod order;
mod rank;
mod telex;
mod tone;

pub use order::{collation_key, person_order_key};
pub use rank::{Rank, search_rank};
pub use telex::looks_like_telex;
pub use tone::tone_style;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// The form in which text is stored: NFC, one space between words, none at the ends.
///
/// Repairs what keyboards and office files leave behind: `Ð` (U+00D0) and `Ɖ` (U+0189) become
/// `Đ`, curly apostrophes become `'`, every kind of space becomes one space, zero-width
/// characters go. Idempotent. Line breaks count as spaces, so do not use it on long texts.
#[must_use]
pub fn normalise(raw: &str) -> String {
    let repaired = raw.chars().filter_map(repair);
    let composed: String = match is_nfc_quick(repaired.clone()) {
        IsNormalized::Yes => repaired.collect(),
        _ => repaired.nfc().collect(),
    };
    collapse_spaces(&composed)
}

/// The search key: [`normalise`], lower case, `đ` as `d`, without Latin diacritics.
///
/// `Hòa Hiệp Bắc` and `Hoà Hiệp Bắc` both give `hoa hiep bac`. Only the combining marks of
/// Latin letters are dropped, so Khmer vowel signs survive. Idempotent.
#[must_use]
pub fn fold(raw: &str) -> String {
    let stripped: String = normalise(raw)
        .to_lowercase()
        .nfd()
        .filter(|c| !is_latin_mark(*c))
        .map(|c| if c == 'đ' { 'd' } else { c })
        .collect();
    collapse_spaces(&stripped)
}

fn repair(c: char) -> Option<char> {
    match c {
        '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{00AD}' => None,
        'Ð' | 'Ɖ' => Some('Đ'),
        'ð' => Some('đ'),
        '\u{2018}' | '\u{2019}' | '\u{02BC}' => Some('\''),
        other => Some(other),
    }
}

fn is_latin_mark(c: char) -> bool {
    matches!(c, '\u{0300}'..='\u{036F}')
}

fn collapse_spaces(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn stored_text_is_nfc_with_the_vietnamese_d_and_plain_spaces() {
        assert_eq!(
            normalise("  ÐOÀN\u{00A0}\u{200B}TNCS \n Hồ "),
            "ĐOÀN TNCS Hồ"
        );
        assert_eq!(normalise("Bắc Ninh"), "Bắc Ninh");
        assert_eq!(normalise("Cư M’gar"), "Cư M'gar");
    }

    #[test]
    fn the_search_key_ignores_marks_case_and_apostrophe_style() {
        assert_eq!(fold("Hòa Hiệp Bắc"), "hoa hiep bac");
        assert_eq!(fold("Hoà Hiệp Bắc"), "hoa hiep bac");
        assert_eq!(fold("Đặng Thị Ðào"), "dang thi dao");
        assert_eq!(fold("Cư M’gar"), "cu m'gar");
        assert_eq!(fold("Cư M'gar"), "cu m'gar");
    }

    #[test]
    fn khmer_vowel_signs_are_letters_to_the_search_key() {
        assert_eq!(fold("ខ្មែរ"), "ខ្មែរ");
    }

    proptest! {
        #[test]
        fn normalise_is_idempotent(raw in any::<String>()) {
            let once = normalise(&raw);
            prop_assert_eq!(normalise(&once), once);
        }

        #[test]
        fn fold_is_idempotent(raw in any::<String>()) {
            let once = fold(&raw);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn vietnamese_words_are_idempotent_too(raw in "[ÐđĐaăâeêioôơuưyàảãáạ\u{300}\u{301}\u{323}\u{306}\u{31B}\u{A0} ’h]{0,12}") {
            let once = fold(&raw);
            prop_assert_eq!(fold(&once), once.clone());
            prop_assert_eq!(fold(&normalise(&raw)), once);
        }
    }
}
