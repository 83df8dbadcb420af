//! A "no" with a stable code and typed facts. The sentence a person reads is made
//! from both by the message catalogue at the edge, never here.

use serde_json::{Map, Value};

/// Why the domain said no.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// Dotted and stable: the message key, and what can be read out over the phone.
    pub code: &'static str,
    /// What the message needs: limits, dates, names.
    pub facts: Map<String, Value>,
}

impl Refusal {
    /// A refusal without facts.
    pub fn new(code: &'static str) -> Self {
        Self {
            code,
            facts: Map::new(),
        }
    }

    /// Adds a fact.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.facts.insert(name.to_owned(), value.into());
        self
    }
}
