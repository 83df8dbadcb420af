//! Who looked at how somebody is reached: the one log of it.

use crate::args;
use crate::platform::clock::Clock;
use crate::platform::db::{DbError, Tx};
use domain::ids::{MemberId, QuestionId, ScamReportId};

/// Whose number somebody looked at.
#[derive(Clone, Copy, Debug)]
pub enum Looked {
    /// Somebody's of the register.
    Person(MemberId),
    /// That of who asked a question.
    Question(QuestionId),
    /// That of who reported a scam.
    ScamReport(ScamReportId),
}

/// Notes that `by` looks.
///
/// # Errors
/// The storage's.
pub fn note(tx: &mut Tx<'_>, clock: &Clock, by: MemberId, at: Looked) -> Result<(), DbError> {
    let (person, question, report) = match at {
        Looked::Person(id) => (Some(id), None, None),
        Looked::Question(id) => (None, Some(id), None),
        Looked::ScamReport(id) => (None, None, Some(id)),
    };
    tx.execute(
        "insert into contact_look (id, at, member_id, person_id, question_id, scam_report_id) values ($1, $2, $3, $4, $5, $6)",
        args![clock.new_id(), clock.now(), by, person, question, report],
    )?;
    Ok(())
}
