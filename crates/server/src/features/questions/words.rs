//! What residents read, in words; see `messages/questions.*.json`.

use crate::platform::pages::{Tongue, Words};
use serde::Deserialize;
use std::sync::LazyLock;

/// What the pages say.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Said {
    pub(super) app: String,
    pub(super) title: String,
    pub(super) ask_title: String,
    pub(super) ask_lead: String,
    pub(super) where_title: String,
    pub(super) where_label: String,
    pub(super) where_find: String,
    pub(super) where_none: String,
    pub(super) at: String,
    pub(super) other_place: String,
    pub(super) words_label: String,
    pub(super) words_hint: String,
    pub(super) phone_label: String,
    pub(super) consent: String,
    pub(super) trap: String,
    pub(super) send: String,
    pub(super) known_title: String,
    pub(super) known_lead: String,
    pub(super) known_yes: String,
    pub(super) known_no: String,
    pub(super) thanks_title: String,
    pub(super) thanks: String,
    pub(super) ask_again: String,
    pub(super) page_open_title: String,
    pub(super) page_open: String,
    pub(super) page_late_title: String,
    pub(super) page_late: String,
    pub(super) page_answered_title: String,
    pub(super) page_withheld_title: String,
    pub(super) page_abuse: String,
    pub(super) page_not_a_question: String,
    pub(super) page_forgotten: String,
    pub(super) unknown_title: String,
    pub(super) unknown: String,
    pub(super) question: String,
    pub(super) code: String,
    pub(super) received: String,
    pub(super) with: String,
    pub(super) topic: String,
    pub(super) due: String,
    pub(super) answered_on: String,
    pub(super) answer: String,
    pub(super) climbed: String,
    pub(super) code_label: String,
    pub(super) look: String,
    pub(super) faq_title: String,
    pub(super) faq_lead: String,
    pub(super) faq_label: String,
    pub(super) faq_topic: String,
    pub(super) faq_all: String,
    pub(super) faq_find: String,
    pub(super) faq_none: String,
    pub(super) faq_count: String,
    pub(super) faq_next: String,
    pub(super) faq_back: String,
    pub(super) sent: Sent,
}

/// What goes out to phones, with `{placeholders}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sent {
    /// Whose message it is.
    pub(super) title: String,
    /// That a question came in.
    pub(super) received: String,
    /// Its answer.
    pub(super) answered: String,
}

/// All of them.
pub(super) static WORDS: LazyLock<Words<Said>> = LazyLock::new(|| {
    Words::read(
        include_str!("../../../messages/questions.vi.json"),
        include_str!("../../../messages/questions.en.json"),
        Some(include_str!("../../../messages/questions.km.json")),
    )
});

/// What goes out to phones; we know no language of theirs.
pub(super) fn sent_words() -> &'static Sent {
    &WORDS.within(Tongue::Vi).1.sent
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_all_words() {
        let title = |tongue| &WORDS.within(tongue).1.title;
        assert_ne!(title(Tongue::Vi), title(Tongue::En));
        assert_ne!(title(Tongue::En), title(Tongue::Km));
        assert!(sent_words().answered.contains("{answer}"));
    }
}
