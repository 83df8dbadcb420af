//! The only SQL about exports: who took what, of facts and of anything else.

use super::lines::Written;
use super::queries::Format;
use crate::args;
use crate::platform::db::{DbError, Tx};
use domain::ids::{CampaignId, MemberId, PlaceId, TeamId};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

/// What somebody takes out, of when.
#[derive(Clone, Copy, Debug)]
pub enum Of<'a> {
    /// Facts of a campaign up to a day: of a team, behind a number.
    Facts(CampaignId, Option<TeamId>, Option<&'a str>, Date),
    /// Ratings of these days, and how many.
    Ratings((Date, Date), usize),
}

/// Notes that `by` takes something of a place out, before they get any.
///
/// # Errors
/// The storage's.
pub fn note(
    tx: &mut Tx<'_>,
    (id, by, at): (Uuid, MemberId, OffsetDateTime),
    (format, place): (Format, &PlaceId),
    of: Of<'_>,
) -> Result<(), DbError> {
    let (campaign, team, indicator, first_day, last_day, lines) = match of {
        Of::Facts(campaign, team, indicator, last) => {
            (Some(campaign), team, indicator, None, last, None)
        }
        Of::Ratings((first, last), lines) => {
            let lines = i64::try_from(lines).unwrap_or(i64::MAX);
            (None, None, None, Some(first), last, Some(lines))
        }
    };
    let what = if campaign.is_some() {
        "facts"
    } else {
        "ratings"
    };
    tx.execute(
        "insert into file_taken (id, at, member_id, what, format, place_id, campaign_id, team_id, indicator, first_day, last_day, lines)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        args![
            id,
            at,
            by,
            what,
            format.as_str(),
            place,
            campaign,
            team,
            indicator,
            first_day,
            last_day,
            lines
        ],
    )?;
    Ok(())
}

/// Notes how many facts they were, and lines.
///
/// # Errors
/// The storage's.
pub fn note_ended(tx: &mut Tx<'_>, id: Uuid, written: Written) -> Result<(), DbError> {
    tx.execute(
        "update file_taken set facts = $2, lines = $3 where id = $1",
        args![id, written.facts, written.lines],
    )?;
    Ok(())
}
