//! What people are told, in words; see `messages/notifications.*.json`.

use crate::platform::problem::{Language, fill};
use domain::notifications::NoticeKind;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The words of a kind, with `{placeholders}` for facts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    label: String,
    title: String,
    text: String,
}

type Catalogue = BTreeMap<NoticeKind, Words>;

static VI: LazyLock<Catalogue> =
    LazyLock::new(|| catalogue(include_str!("../../../messages/notifications.vi.json")));
static EN: LazyLock<Catalogue> =
    LazyLock::new(|| catalogue(include_str!("../../../messages/notifications.en.json")));

fn catalogue(text: &str) -> Catalogue {
    serde_json::from_str(text).expect("the words are checked by a test")
}

fn words(kind: NoticeKind, language: Language) -> &'static Words {
    let catalogue = match language {
        Language::Vi => &VI,
        Language::En => &EN,
    };
    &catalogue[&kind]
}

/// What a kind is called.
pub fn label(kind: NoticeKind, language: Language) -> String {
    words(kind, language).label.clone()
}

/// Its title and its text.
pub fn said(kind: NoticeKind, facts: &Map<String, Value>, language: Language) -> (String, String) {
    let words = words(kind, language);
    (fill(&words.title, facts), fill(&words.text, facts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_words_in_every_language() {
        for catalogue in [&*VI, &*EN] {
            let kinds: Vec<NoticeKind> = catalogue.keys().copied().collect();
            assert_eq!(kinds, NoticeKind::ALL);
        }
    }
}
