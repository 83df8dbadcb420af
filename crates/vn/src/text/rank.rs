//! How well a candidate answers what somebody typed. Marks help when they are typed and never
//! hinder when they are not.

use super::{fold, normalise, tone_style};

/// How a candidate matched; the smaller, the better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rank {
    /// The same text, marks included; case aside.
    Exact,
    /// The same word written in another accepted way: `hoà`/`hòa`, `kỷ`/`kỉ`.
    OtherSpelling,
    /// Equal once marks are dropped.
    Folded,
    /// The candidate starts with what was typed, marks dropped.
    Prefix,
    /// A word of the candidate starts with what was typed, marks dropped.
    WordPrefix,
    /// What was typed occurs somewhere inside, marks dropped.
    Contains,
}

/// Ranks `candidate` for `query`; `None` when it does not match or the query is blank.
#[must_use]
pub fn search_rank(query: &str, candidate: &str) -> Option<Rank> {
    let wanted = normalise(query).to_lowercase();
    let found = normalise(candidate).to_lowercase();
    if wanted.is_empty() {
        return None;
    }
    if wanted == found {
        return Some(Rank::Exact);
    }
    let (wanted_spelling, found_spelling) = (spelling_key(&wanted), spelling_key(&found));
    if wanted_spelling == found_spelling {
        return Some(Rank::OtherSpelling);
    }
    let (wanted, found) = (fold(&wanted), fold(&found));
    if wanted == found || fold(&wanted_spelling) == fold(&found_spelling) {
        return Some(Rank::Folded);
    }
    if wanted.is_empty() || !found.contains(&wanted) {
        return None;
    }
    if found.starts_with(&wanted) {
        return Some(Rank::Prefix);
    }
    let starts_word = found.match_indices(&wanted).any(|(start, _)| {
        let before = found.get(..start).and_then(|head| head.chars().next_back());
        before.is_none_or(|c| !c.is_alphanumeric())
    });
    Some(if starts_word {
        Rank::WordPrefix
    } else {
        Rank::Contains
    })
}

/// One spelling per word: modern tone placement, and `i` for the `y` that is the whole vowel of
/// a syllable after h, k, l, m, s or t. For comparison only.
fn spelling_key(lower: &str) -> String {
    let words: Vec<String> = tone_style(lower).split(' ').map(y_as_i).collect();
    words.join(" ")
}

fn y_as_i(word: &str) -> String {
    let mut letters = word.chars();
    let (Some(onset), Some(vowel), None) = (letters.next(), letters.next(), letters.next()) else {
        return word.to_owned();
    };
    let plain = match vowel {
        'y' => 'i',
        'ỳ' => 'ì',
        'ỷ' => 'ỉ',
        'ỹ' => 'ĩ',
        'ý' => 'í',
        'ỵ' => 'ị',
        _ => return word.to_owned(),
    };
    if matches!(onset, 'h' | 'k' | 'l' | 'm' | 's' | 't') {
        [onset, plain].iter().collect()
    } else {
        word.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closer_spellings_rank_higher() {
        for (query, candidate, rank) in [
            ("hòa tiến", "Hòa Tiến", Some(Rank::Exact)),
            ("Hoà Tiến", "Hòa Tiến", Some(Rank::OtherSpelling)),
            ("Kỉ", "Kỷ", Some(Rank::OtherSpelling)),
            ("hoa tien", "Hòa Tiến", Some(Rank::Folded)),
            ("mi hoa", "Mỹ Hòa", Some(Rank::Folded)),
            ("hoa", "Hòa Tiến", Some(Rank::Prefix)),
            ("tie", "Hòa Tiến", Some(Rank::WordPrefix)),
            ("ien", "Hòa Tiến", Some(Rank::Contains)),
            ("lap", "Hòa Tiến", None),
            ("  ", "Hòa Tiến", None),
        ] {
            assert_eq!(search_rank(query, candidate), rank, "{query}");
        }
        assert!(Rank::Exact < Rank::Contains);
    }
}
