//! What residents read; see `messages/ratings.*.json`.

use crate::platform::pages::{Tongue, Words};
use domain::ratings::{RatingStep, RatingTopic};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The words of the pages.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    /// The line above everything.
    pub header: String,
    /// What is asked.
    pub title: String,
    /// That one touch is enough.
    pub lead: String,
    /// Where, with `{point}`.
    pub at_point: String,
    /// Which ticket, with `{number}`.
    pub ticket: String,
    /// Answers.
    pub steps: BTreeMap<RatingStep, String>,
    /// What is asked about, in short.
    pub topics: BTreeMap<RatingTopic, String>,
    /// What is asked about, as a question.
    pub asks: BTreeMap<RatingTopic, String>,
    /// That an answer was kept, with `{step}`.
    pub kept: String,
    /// That it may be changed.
    pub kept_lead: String,
    /// To change it.
    pub change: String,
    /// Above what may be left out.
    pub more: String,
    /// That it may be left out.
    pub more_lead: String,
    /// Above one's own words.
    pub comment: String,
    /// That they should name nobody.
    pub comment_lead: String,
    /// To send them.
    pub send: String,
    /// That they were kept.
    pub comment_kept: String,
    /// When nothing more is asked.
    pub thanks: String,
    /// Why.
    pub thanks_lead: String,
    /// Why not, without a ticket.
    pub thanks_today: String,
    /// That a tap waits for a network.
    pub pending: String,
}

/// In every language.
pub static WORDS: LazyLock<Words<Said>> = LazyLock::new(|| {
    Words::read(
        include_str!("../../../messages/ratings.vi.json"),
        include_str!("../../../messages/ratings.en.json"),
        Some(include_str!("../../../messages/ratings.km.json")),
    )
});

fn vietnamese() -> &'static Said {
    WORDS.within(Tongue::Vi).1
}

/// What is asked about, in short.
pub fn topic_name(topic: RatingTopic) -> &'static str {
    &vietnamese().topics[&topic]
}

/// What an answer is called.
pub fn step_name(step: RatingStep) -> &'static str {
    &vietnamese().steps[&step]
}
