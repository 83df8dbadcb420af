//! What ingesting does about a report that is a fact.

use super::commands;
use super::store::{self, Made};
use crate::platform::clock::Clock;
use crate::platform::db::{DbError, Tx};
use crate::platform::problem::AppResult;
use domain::facts::{Body, Fact};
use domain::ids::{MemberId, ScamReportId};

/// Whether a fact is a report: decided after everything else in its batch, for officers are
/// told of it.
pub fn comes_last(fact: &Fact) -> bool {
    matches!(fact.body, Body::ScamReport(_))
}

/// The report that a fact is.
///
/// # Errors
/// The storage's.
pub fn made(tx: &Tx<'_>, fact: &Fact, actor: MemberId) -> Result<Option<Made>, DbError> {
    let Body::ScamReport(report) = &fact.body else {
        return Ok(None);
    };
    let commune = store::commune_of(tx, &fact.place)?;
    Ok(commune.map(|place| Made {
        id: ScamReportId(fact.id.0),
        by_fact: true,
        place,
        team: fact.team,
        report: report.clone(),
        made_on: fact.day(),
        by: Some(actor),
    }))
}

/// Keeps the report that a fact is, and tells officers.
///
/// # Errors
/// The storage's.
pub fn keep(tx: &mut Tx<'_>, clock: &Clock, fact: &Fact, actor: MemberId) -> AppResult<()> {
    if let Some(made) = made(tx, fact, actor)? {
        commands::make(tx, clock, &made)?;
    }
    Ok(())
}
