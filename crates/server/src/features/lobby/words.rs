//! The words of what residents see of the queue.

use crate::platform::pages::{Tongue, Words};
use domain::desk::ticket::TicketStage;
use domain::desk::{Language, PriorityClass};
use domain::procedures::{Group, ProcedureGroup};
use domain::triage::{Held, OutcomeKind};
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::LazyLock;

/// See `messages/desk.vi.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    pub ask_work: String,
    pub unsure: String,
    pub triage: Triage,
    pub chosen: String,
    pub add: String,
    pub ask_more: String,
    pub ask_priority: String,
    pub priority_hint: String,
    pub skip: String,
    pub take: String,
    pub back: String,
    pub restart: String,
    pub listen: String,
    pub done: String,
    pub print: String,
    pub your_number: String,
    pub scan: String,
    pub keep: String,
    pub ticket_taken: String,
    pub groups: HashMap<ProcedureGroup, String>,
    pub priority: HashMap<PriorityClass, String>,
    pub counter: String,
    pub go_to: String,
    pub next: String,
    pub ahead: String,
    pub wait: String,
    pub estimate: String,
    pub stage: HashMap<TicketStage, Verdict>,
    pub over: Verdict,
    pub more_time: String,
    pub ready: String,
    pub rejoin: String,
    pub give_up: String,
    pub give_up_sure: String,
    pub rate: String,
    pub slip: String,
    pub seen_at: String,
    pub board_calling: String,
    pub board_none: String,
    pub board_recent: String,
    pub board_waiting: String,
    pub board_people: String,
    pub board_wait: String,
    pub board_offline: String,
    pub board_sound: String,
    pub call: String,
    pub phone_title: String,
    pub phone_have: String,
    pub phone_open: String,
    pub closed: Verdict,
    pub closed_long: Verdict,
    pub no_ticket: Verdict,
    pub no_point: Verdict,
    pub no_device: Verdict,
    pub pair: String,
    pub pair_do: String,
    pub pair_wrong: String,
    pub poster: Poster,
    pub at: String,
    pub days: [String; 7],
    pub today: String,
}

/// What whoever is not sure is asked and told.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Triage {
    pub plain: String,
    pub other: String,
    pub which: String,
    pub not_here: String,
    pub holds: String,
    pub held: HashMap<Held, String>,
    pub now: String,
    pub next: String,
    pub kinds: HashMap<OutcomeKind, Verdict>,
    pub scan: String,
    pub open: String,
    pub still: String,
}

/// What is so, and what to do.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    pub title: String,
    pub text: String,
}

/// The sheet at the door.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Poster {
    pub title: String,
    pub text: String,
    pub steps: [String; 3],
    pub no_phone: String,
    pub print: String,
}

/// In every language.
pub static WORDS: LazyLock<Words<Said>> = LazyLock::new(|| {
    Words::read(
        include_str!("../../../messages/desk.vi.json"),
        include_str!("../../../messages/desk.en.json"),
        Some(include_str!("../../../messages/desk.km.json")),
    )
});

/// A text with what its braces name.
pub fn filled(text: &str, name: &str, value: impl ToString) -> String {
    text.replace(&format!("{{{name}}}"), &value.to_string())
}

/// A group's name, in Vietnamese where it has none in the language.
pub fn group_name(group: &Group, tongue: Tongue) -> &str {
    match tongue {
        Tongue::Vi => &group.name,
        Tongue::En => &group.name_en,
        Tongue::Km => group.name_km.as_ref().unwrap_or(&group.name),
    }
}

/// A desk's language, as pages speak it.
pub fn tongue_of(language: Language) -> Tongue {
    match language {
        Language::Vi => Tongue::Vi,
        Language::En => Tongue::En,
        Language::Km => Tongue::Km,
    }
}

/// A page's language, as a ticket keeps it.
pub fn language_of(tongue: Tongue) -> Language {
    match tongue {
        Tongue::Vi => Language::Vi,
        Tongue::En => Language::En,
        Tongue::Km => Language::Km,
    }
}
