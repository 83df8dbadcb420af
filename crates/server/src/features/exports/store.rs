//! The only SQL about exports: who took what.

use super::lines::Written;
use super::queries::{Export, Format};
use crate::args;
use crate::platform::db::{DbError, Tx};
use domain::ids::MemberId;
use time::OffsetDateTime;
use uuid::Uuid;

/// Notes that somebody takes facts out, before they get any.
///
/// # Errors
/// The storage's.
pub fn note_begun(
    tx: &mut Tx<'_>,
    id: Uuid,
    export: &Export,
    format: Format,
    (member, now): (MemberId, OffsetDateTime),
) -> Result<(), DbError> {
    tx.execute(
        "insert into export_log (id, at, member_id, format, campaign_id, place_id, team_id, indicator, last_day)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        args![
            id,
            now,
            member,
            format.as_str(),
            export.campaign.id,
            &export.place.id,
            export.team,
            export.measure.as_ref().map(|active| &active.code),
            export.period.on
        ],
    )?;
    Ok(())
}

/// Notes how many they were.
///
/// # Errors
/// The storage's.
pub fn note_ended(tx: &mut Tx<'_>, id: Uuid, written: Written) -> Result<(), DbError> {
    tx.execute(
        "update export_log set facts = $2, lines = $3 where id = $1",
        args![id, written.facts, written.lines],
    )?;
    Ok(())
}
