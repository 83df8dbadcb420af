//! Leftovers of the Telex and VNI typing methods: `Nguyeenx`, `D9a85ng`. A warning, never a
//! correction: English words and brand names can look the same.

/// Longest first, so that `ng` is not read as `n`.
const ONSETS: [&str; 28] = [
    "ngh", "ng", "nh", "gh", "gi", "kh", "ph", "th", "tr", "ch", "qu", "dd", "b", "c", "d", "g",
    "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "x", "",
];
const CODAS: [&str; 9] = ["ng", "nh", "ch", "c", "m", "n", "p", "t", ""];
const MODIFIERS: [&str; 6] = ["aa", "ee", "oo", "aw", "ow", "uw"];
const VOWELS_MAX: usize = 5;
/// Two weak signs in one text count as one strong sign.
const WEAK_SIGNS_NEEDED: usize = 2;

enum Evidence {
    None,
    /// One typing mark that an ordinary word could also contain.
    Weak,
    /// Hardly anything but an unfinished syllable.
    Strong,
}

/// Whether the text seems to hold keystrokes that the typing method never turned into letters.
///
/// True when one word is clearly unfinished (`Nguyeenx`, `DDaof`, `Nguye6n4`), or when at
/// least two words look a little like it (`Trans Vawn`).
#[must_use]
pub fn looks_like_telex(text: &str) -> bool {
    let text = super::normalise(text).to_lowercase();
    let mut weak = 0;
    for word in text.split(|c: char| !c.is_alphanumeric()) {
        match evidence(word) {
            Evidence::Strong => return true,
            Evidence::Weak => weak += 1,
            Evidence::None => {}
        }
    }
    weak >= WEAK_SIGNS_NEEDED
}

fn evidence(word: &str) -> Evidence {
    if word.bytes().any(|byte| byte.is_ascii_digit()) {
        return vni_evidence(word);
    }
    match telex_marks(word) {
        0 => Evidence::None,
        1 => Evidence::Weak,
        _ => Evidence::Strong,
    }
}

/// How many typing marks the word holds, if it is a syllable typed in Telex; otherwise 0.
fn telex_marks(word: &str) -> u8 {
    ONSETS
        .iter()
        .filter_map(|onset| marks_after_onset(onset, word.strip_prefix(onset)?))
        .max()
        .unwrap_or(0)
}

/// Counts the marks if the rest of the word is `vowels [tone] [coda] [tone]`.
fn marks_after_onset(onset: &str, rest: &str) -> Option<u8> {
    let is_vowel = |c| matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'y' | 'w');
    let vowels_end = rest.find(|c| !is_vowel(c)).unwrap_or(rest.len());
    let (vowels, tail) = rest.split_at_checked(vowels_end)?;
    if vowels.is_empty() || vowels.len() > VOWELS_MAX || vowels.starts_with('w') {
        return None;
    }
    let (early_tone, tail) = take_tone(tail);
    let late_tone = CODAS.iter().find_map(|coda| {
        let after = tail.strip_prefix(coda)?;
        match take_tone(after) {
            (tone, "") => Some(tone),
            _ => None,
        }
    })?;
    if early_tone && late_tone {
        return None;
    }
    let has_tone = early_tone || late_tone;
    let has_modifier = MODIFIERS.iter().any(|modifier| vowels.contains(modifier));
    let starts_dd = onset == "dd";
    Some(
        u8::from(has_tone)
            + u8::from(has_modifier)
            + u8::from(vowels.contains("uw") || vowels.contains("uow"))
            + 2 * u8::from(starts_dd),
    )
}

fn take_tone(tail: &str) -> (bool, &str) {
    tail.strip_prefix(['s', 'f', 'r', 'x', 'j'])
        .map_or((false, tail), |rest| (true, rest))
}

/// VNI types digits after the letter they change (6 ^, 7 horn, 8 breve, 9 đ, 1 to 5 tones).
fn vni_evidence(word: &str) -> Evidence {
    let letters: String = word.chars().filter(|c| !c.is_ascii_digit()).collect();
    let is_syllable = letters.len() >= 2
        && letters.is_ascii()
        && letters.contains(['a', 'e', 'i', 'o', 'u', 'y'])
        && ONSETS.iter().any(|onset| {
            letters
                .strip_prefix(onset)
                .and_then(|rest| marks_after_onset(onset, rest))
                == Some(0)
        });
    let starts_with_digit = word.starts_with(|c: char| c.is_ascii_digit());
    if !is_syllable || starts_with_digit || word.contains('0') {
        return Evidence::None;
    }
    let stem = word.trim_end_matches(|c: char| c.is_ascii_digit());
    if stem.bytes().any(|byte| byte.is_ascii_digit()) {
        Evidence::Strong
    } else if word.len() - stem.len() <= 2 {
        Evidence::Weak
    } else {
        Evidence::None
    }
}

#[cfg(test)]
mod tests {
    use super::looks_like_telex;

    #[test]
    fn unfinished_typing_is_noticed() {
        for text in [
            "Nguyeenx An",
            "Ddawngj",
            "DDaof",
            "Tooif",
            "Traanf",
            "Nguye6n4 Van",
            "D9a8ng5",
            "Luwu",
            "Trans Vawn",
            "Nguyễn Vawnj An",
        ] {
            assert!(looks_like_telex(text), "{text}");
        }
    }

    #[test]
    fn ordinary_text_is_not() {
        for text in [
            "Nguyễn Thị An",
            "Nguyen Thi An",
            "Tam Quan Bac",
            "Phường 15",
            "Zalo",
            "Google Maps",
            "Tổ 23B",
            "Quý",
            "Xoan",
            "DaNang Smart City",
            "VssID",
            "A1",
        ] {
            assert!(!looks_like_telex(text), "{text}");
        }
    }
}
