//! Where somebody is best served, from what they came for and what they hold. Kiosks and phones ask
//! here; the app, which must be able to without a network, has the same rule
//! (`web/src/features/triage/triage.ts`), and both are held to `triage_cases.json`.

use crate::vocabulary::vocabulary;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::LazyLock;

vocabulary! {
    /// What somebody may hold.
    Held {
        /// A chip card.
        Card = "card",
        /// The papers that the checklist names.
        Papers = "papers",
        /// A smartphone.
        Phone = "phone",
        /// A SIM in their own name.
        Sim = "sim",
    }
}

vocabulary! {
    /// Where something is best done.
    OutcomeKind {
        /// At the point, on the resident's own phone.
        Here = "here",
        /// At a counter.
        Counter = "counter",
        /// From home.
        Online = "online",
        /// Not today: something is missing.
        ComeBack = "come_back",
    }
}

/// What it takes to sign in to the national portal by VNeID at home.
const FOR_ONLINE: [Held; 3] = [Held::Card, Held::Phone, Held::Sim];

/// What was asked, and what somebody said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answers {
    /// What they hold.
    pub held: Vec<Held>,
    /// Whether they want it done today, whatever could be done from home.
    pub now: bool,
}

/// What to tell somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Where.
    pub kind: OutcomeKind,
    /// What they have to come back with.
    pub missing: Vec<Held>,
}

#[derive(Debug, Deserialize)]
struct Rules {
    procedures: HashMap<String, Rule>,
}

#[derive(Debug, Deserialize)]
struct Rule {
    way: OutcomeKind,
    /// Nobody can do anything about it without these.
    needs: Vec<Held>,
}

static RULES: LazyLock<Rules> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../data/triage.json")).expect("the bundled rules are sound")
});

/// Where a procedure is best done; what nothing is known about is for the counter.
///
/// # Panics
/// When the bundled data is malformed, which tests exclude.
pub fn triage(code: &str, answers: &Answers) -> Outcome {
    let rule = RULES.procedures.get(code);
    let lacks = |wanted: &[Held]| -> Vec<Held> {
        let missing = wanted.iter().filter(|one| !answers.held.contains(one));
        missing.copied().collect()
    };
    let come_back = |missing| Outcome {
        kind: OutcomeKind::ComeBack,
        missing,
    };
    let to = |kind| Outcome {
        kind,
        missing: Vec::new(),
    };
    let missing = rule.map(|rule| lacks(&rule.needs)).unwrap_or_default();
    if !missing.is_empty() {
        return come_back(missing);
    }
    let way = rule.map_or(OutcomeKind::Counter, |rule| rule.way);
    if way == OutcomeKind::Online && !answers.now && lacks(&FOR_ONLINE).is_empty() {
        return to(OutcomeKind::Online);
    }
    if way == OutcomeKind::Here {
        return to(OutcomeKind::Here);
    }
    match lacks(&[Held::Papers]) {
        missing if missing.is_empty() => to(OutcomeKind::Counter),
        missing => come_back(missing),
    }
}

/// What goes onto the ticket: what was asked and answered, and nothing about who.
pub fn answered<'a>(codes: impl IntoIterator<Item = &'a str>, answers: &Answers) -> Value {
    let outcomes = codes.into_iter().map(|code| {
        let kind = triage(code, answers).kind;
        (code.to_owned(), Value::from(kind.as_str()))
    });
    let held: Vec<&str> = answers.held.iter().map(|one| one.as_str()).collect();
    let outcomes: serde_json::Map<String, Value> = outcomes.collect();
    json!({ "held": held, "now": answers.now, "outcomes": outcomes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Case {
        name: String,
        code: String,
        held: Vec<Held>,
        now: bool,
        outcome: OutcomeKind,
        missing: Vec<Held>,
    }

    #[test]
    fn everybody_is_told_one_thing_as_the_app_tells_it() {
        let cases: Vec<Case> =
            serde_json::from_str(include_str!("../data/triage_cases.json")).unwrap();
        for case in cases {
            let answers = Answers {
                held: case.held,
                now: case.now,
            };
            let wanted = Outcome {
                kind: case.outcome,
                missing: case.missing,
            };
            assert_eq!(triage(&case.code, &answers), wanted, "{}", case.name);
        }
    }

    #[test]
    fn a_ticket_carries_what_was_answered() {
        let answers = Answers {
            held: vec![Held::Card, Held::Papers],
            now: true,
        };
        let said = answered(["1.001193", "2.000815"], &answers);
        let outcomes = json!({"1.001193": "counter", "2.000815": "counter"});
        let wanted = json!({"held": ["card", "papers"], "now": true, "outcomes": outcomes});
        assert_eq!(said, wanted);
    }
}
