//! What residents read; see `messages/ratings.*.json`.

use domain::ratings::{RatingStep, RatingTopic};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The words of the pages.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    pub header: String,
    pub title: String,
    pub lead: String,
    pub at_point: String,
    pub ticket: String,
    pub steps: BTreeMap<RatingStep, String>,
    pub topics: BTreeMap<RatingTopic, String>,
    pub asks: BTreeMap<RatingTopic, String>,
    pub kept: String,
    pub kept_lead: String,
    pub change: String,
    pub more: String,
    pub more_lead: String,
    pub comment: String,
    pub comment_lead: String,
    pub send: String,
    pub comment_kept: String,
    pub thanks: String,
    pub thanks_lead: String,
    pub thanks_today: String,
    pub pending: String,
    pub without_ticket: String,
}

static VI: LazyLock<Words> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../messages/ratings.vi.json"))
        .expect("the words are checked by a test")
});

/// What is asked about, in short.
pub fn topic_name(topic: RatingTopic) -> &'static str {
    &VI.topics[&topic]
}

/// What an answer is called.
pub fn step_name(step: RatingStep) -> &'static str {
    &VI.steps[&step]
}
