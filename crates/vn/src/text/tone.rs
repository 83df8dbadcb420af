//! Where the tone mark sits in `oa`, `oe`, `uy`: `hòa` (old style) and `hoà` (modern style) are
//! one word, and both are in use.

use unicode_normalization::UnicodeNormalization;

/// The same text with the modern tone placement: `Hòa` becomes `Hoà`, `Thủy` becomes `Thuỷ`.
///
/// Moves a mark only where `oa`, `oe` or `uy` ends the syllable, so `Hoài`, `Hoàng`, `toàn`
/// and `quý` stay as they are. Meant for comparing, never for rewriting someone's name.
/// The result is NFC. Idempotent.
#[must_use]
pub fn tone_style(raw: &str) -> String {
    let chars: Vec<char> = raw.nfc().collect();
    let mut out = String::with_capacity(raw.len());
    let mut at = 0;
    while let Some(&first) = chars.get(at) {
        let second = chars.get(at + 1).copied();
        if let Some(pair) = second.and_then(|second| moved(&chars, at, first, second)) {
            out.push_str(&pair);
            at += 2;
        } else {
            out.push(first);
            at += 1;
        }
    }
    out
}

/// The pair starting at `at` with its mark on the second letter, if it is one to be moved.
fn moved(chars: &[char], at: usize, first: char, second: char) -> Option<String> {
    let ends_syllable = chars.get(at + 2).is_none_or(|next| !next.is_alphabetic());
    if !ends_syllable {
        return None;
    }
    let (base, tone) = split_tone(first)?;
    let before = at.checked_sub(1).and_then(|before| chars.get(before));
    let after_q = before.is_some_and(|c| matches!(c, 'q' | 'Q'));
    let moves = match (base.to_ascii_lowercase(), second.to_ascii_lowercase()) {
        ('o', 'a' | 'e') => true,
        ('u', 'y') => !after_q,
        _ => false,
    };
    moves.then(|| [base, second, tone].into_iter().nfc().collect())
}

/// A plain `o` or `u` that carries a tone, taken apart.
fn split_tone(letter: char) -> Option<(char, char)> {
    let mut parts = std::iter::once(letter).nfd();
    let base = parts.next()?;
    let tone = parts.next()?;
    let is_tone = matches!(
        tone,
        '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}'
    );
    let is_vowel = matches!(base, 'o' | 'O' | 'u' | 'U');
    (parts.next().is_none() && is_tone && is_vowel).then_some((base, tone))
}

#[cfg(test)]
mod tests {
    use super::tone_style;

    #[test]
    fn marks_move_where_the_syllable_ends() {
        for (old, modern) in [
            ("Hòa Hiệp Bắc", "Hoà Hiệp Bắc"),
            ("thủy", "thuỷ"),
            ("khỏe", "khoẻ"),
            ("ỦY BAN", "UỶ BAN"),
            ("HÒA", "HOÀ"),
            ("Định Hóa, Thúy", "Định Hoá, Thuý"),
        ] {
            assert_eq!(tone_style(old), modern);
            assert_eq!(tone_style(modern), modern);
        }
    }

    #[test]
    fn other_words_are_left_alone() {
        for word in [
            "Hoài", "Hoàng", "toàn", "khoán", "quý", "Quý", "của", "tuần", "hoành",
        ] {
            assert_eq!(tone_style(word), word);
        }
    }
}
