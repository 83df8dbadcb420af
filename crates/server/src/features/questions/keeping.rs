//! What ingesting does about a question that was written down for a resident.

use super::commands::{self, Asking};
use super::store::{self, Contact};
use crate::platform::clock::Clock;
use crate::platform::db::Tx;
use crate::platform::problem::{AppError, AppResult};
use domain::facts::{Body, Fact};
use domain::ids::{MemberId, QuestionId};
use domain::questions::{Asked, AskedWords};
use domain::refusal::Refusal;
use domain::subjects::Pseudonymiser;

fn asked(fact: &Fact) -> Option<&Asked> {
    match &fact.body {
        Body::Question(asked) => Some(asked),
        _ => None,
    }
}

/// Whether a fact is a question: decided after everything else in its batch, for officers are
/// told of it.
pub fn comes_last(fact: &Fact) -> bool {
    asked(fact).is_some()
}

/// Why a question cannot be taken in, though its place may be written about.
///
/// # Errors
/// The storage's.
pub fn refuse(tx: &Tx<'_>, fact: &Fact) -> AppResult<Option<Refusal>> {
    let Some(AskedWords { code, .. }) = asked(fact).and_then(|asked| asked.words.as_ref()) else {
        return Ok(None);
    };
    if store::is_taken(tx, QuestionId(fact.id.0), code)? {
        return Ok(Some(Refusal::new("fact.conflict")));
    }
    let somebody = store::is_asked_about(tx, &fact.place)?;
    Ok((!somebody).then(|| Refusal::new("question.nobody_there")))
}

/// Takes in the question that a fact is. Its days begin now, when somebody can read it.
///
/// # Errors
/// The storage's.
pub fn keep(
    tx: &mut Tx<'_>,
    (clock, keys): (&Clock, &Pseudonymiser),
    fact: &Fact,
    actor: MemberId,
) -> AppResult<()> {
    let Some(asked) = asked(fact) else {
        return Ok(());
    };
    let words = asked.words.as_ref();
    let words = words.ok_or_else(|| AppError::Internal("a question without words".to_owned()))?;
    let asking = Asking {
        id: QuestionId(fact.id.0),
        code: Some(&words.code),
        source: asked.source,
        place: &fact.place,
        text: &words.text,
        topic: None,
        entered_by: Some(actor),
        contact: words.phone.clone().map(Contact::Sms),
        // Two residents who ask the same have a code each.
        from: words.code.as_str(),
    };
    commands::ask(tx, clock, keys, &asking).map(drop)
}
