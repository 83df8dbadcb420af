//! The only SQL about campaigns and indicators.

use crate::args;
use crate::features::facts::measures;
use crate::features::facts::verify::backfill;
use crate::platform::db::{DbError, Effect, Row, Tx};
use crate::platform::problem::{AppError, AppResult};
use domain::catalogue::Catalogue;
use domain::ids::{CampaignId, IndicatorId, MeasureId, PlaceId};
use domain::indicators::{Definition, Part};
use domain::refusal::Refusal;
use domain::subjects::Pseudonymiser;
use serde::{Deserialize, Serialize};
use time::Date;
use utoipa::ToSchema;

/// The paper a campaign stands on.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct IssuingDocument {
    /// For example `225-KH/TWĐTN-CTTN`.
    pub number: String,
    /// Its date, `yyyy-mm-dd`; null when it is not known.
    pub issued_on: Option<crate::platform::wire::Day>,
    /// Who issued it.
    pub issuer: String,
    /// What it is called.
    pub title: String,
}

/// A campaign.
#[derive(Clone, Debug)]
pub struct Campaign {
    /// Id.
    pub id: CampaignId,
    /// Short code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Theme of the period.
    pub theme: String,
    /// The paper it stands on.
    pub issuing_document: IssuingDocument,
    /// Where it runs.
    pub place: PlaceId,
    /// First day.
    pub starts_on: Date,
    /// Last day.
    pub ends_on: Date,
}

/// An indicator of a campaign, with the keys of its tallies.
#[derive(Clone, Debug)]
pub struct Indicator {
    /// Id.
    pub id: IndicatorId,
    /// Code, unique in the campaign.
    pub code: String,
    /// Name, as in the issuing document.
    pub name: String,
    /// Fits on a card.
    pub short_name: String,
    /// Order in the campaign.
    pub position: i64,
    /// Its rule.
    pub definition: Definition,
    /// Facts after this day are late and shown apart.
    pub deadline: Option<Date>,
    /// Its numerator's tally.
    pub numerator: MeasureId,
    /// Its denominator's tally, where that is a measure.
    pub denominator: Option<MeasureId>,
}

const CAMPAIGN: &str =
    "c.id, c.code, c.name, c.theme, c.issuing_document, c.place_id, c.starts_on, c.ends_on";

fn campaign(row: &Row<'_, '_>) -> Result<Campaign, DbError> {
    let document: String = row.get(4)?;
    let issuing_document = serde_json::from_str(&document).map_err(|fault| DbError::BadData {
        column: 4,
        why: fault.to_string(),
    })?;
    Ok(Campaign {
        id: row.get(0)?,
        code: row.get(1)?,
        name: row.get(2)?,
        theme: row.get(3)?,
        issuing_document,
        place: row.get(5)?,
        starts_on: row.get(6)?,
        ends_on: row.get(7)?,
    })
}

/// The campaign with this id.
///
/// # Errors
/// The storage's.
pub fn find(tx: &Tx<'_>, id: CampaignId) -> Result<Option<Campaign>, DbError> {
    tx.one(
        &format!("select {CAMPAIGN} from campaign c where c.id = $1"),
        args![id],
        |row| campaign(&row),
    )
}

/// Campaigns that touch a place: those that run at, above or below it, newest first.
///
/// # Errors
/// The storage's.
pub fn touching(tx: &Tx<'_>, path: &str) -> Result<Vec<Campaign>, DbError> {
    let sql = format!(
        "select {CAMPAIGN}
           from (select *, (select p.path from place p where p.id = place_id) as path from campaign) c
          where substr($1, 1, length(c.path)) = c.path or substr(c.path, 1, length($1)) = $1
          order by c.starts_on desc, c.code"
    );
    tx.all(&sql, args![path], |row| campaign(&row))
}

/// A campaign's indicators in their order.
///
/// # Errors
/// The storage's, or bad data when a rule cannot be read.
pub fn indicators(tx: &Tx<'_>, campaign: CampaignId) -> Result<Vec<Indicator>, DbError> {
    tx.all(
        "select i.id, i.code, i.name, i.short_name, i.position, i.definition, i.deadline,
                (select id from measure where indicator_id = i.id and part = 'numerator'),
                (select id from measure where indicator_id = i.id and part = 'denominator')
           from indicator i where i.campaign_id = $1 order by i.position",
        args![campaign],
        |row| {
            let definition: String = row.get(5)?;
            let definition =
                serde_json::from_str(&definition).map_err(|fault| DbError::BadData {
                    column: 5,
                    why: fault.to_string(),
                })?;
            Ok(Indicator {
                id: row.get(0)?,
                code: row.get(1)?,
                name: row.get(2)?,
                short_name: row.get(3)?,
                position: row.get(4)?,
                definition,
                deadline: row.get(6)?,
                numerator: row.get(7)?,
                denominator: row.get(8)?,
            })
        },
    )
}

/// An indicator to make.
#[derive(Clone, Debug)]
pub struct NewIndicator {
    /// Fresh id.
    pub id: IndicatorId,
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Short name.
    pub short_name: String,
    /// Rule.
    pub definition: Definition,
    /// Last day that counts in time.
    pub deadline: Option<Date>,
}

/// Makes a campaign and counts what the ledger already holds for it.
///
/// # Errors
/// `campaign.code_taken`, `campaign.period`, `campaign.deadline`, `campaign.definition`, or the storage's.
pub fn create(
    tx: &mut Tx<'_>,
    new: &Campaign,
    indicators: &[NewIndicator],
    catalogue: &Catalogue,
    keys: &Pseudonymiser,
) -> AppResult<()> {
    if new.starts_on > new.ends_on || domain::days::days_between(new.starts_on, new.ends_on) > 3660
    {
        return Err(AppError::problem("campaign.period"));
    }
    // Facts that are being counted now are counted under the rules before; the rest waits.
    measures::hold(tx)?;
    let whole = new.starts_on..=new.ends_on;
    for indicator in indicators {
        if indicator.deadline.is_some_and(|day| !whole.contains(&day)) {
            return Err(Refusal::new("campaign.deadline")
                .with("indicator", indicator.code.as_str())
                .with("name", indicator.short_name.as_str())
                .with("starts_on", vn::number::date(new.starts_on))
                .with("ends_on", vn::number::date(new.ends_on))
                .into());
        }
        indicator.definition.check()?;
        let unknown = indicator
            .definition
            .measures()
            .into_iter()
            .flat_map(|(_, measure)| &measure.all_of)
            .flat_map(|filter| &filter.services)
            .find(|code| catalogue.service(code).is_none());
        if let Some(code) = unknown {
            return Err(Refusal::new("campaign.definition")
                .with("why", code.as_str())
                .into());
        }
    }
    let rev = tx.next_rev()?;
    let document = serde_json::to_string(&new.issuing_document)
        .map_err(|fault| AppError::Internal(fault.to_string()))?;
    let made = tx.execute(
        "insert into campaign (id, code, name, theme, issuing_document, place_id, starts_on, ends_on, rev)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (code) do nothing",
        args![new.id, &new.code, &new.name, &new.theme, &document, &new.place, new.starts_on, new.ends_on, rev],
    )?;
    if made == 0 {
        return Err(AppError::problem("campaign.code_taken"));
    }
    for (position, indicator) in (1_i64..).zip(indicators) {
        let definition = serde_json::to_string(&indicator.definition)
            .map_err(|fault| AppError::Internal(fault.to_string()))?;
        let made = tx.execute(
            "insert into indicator (id, campaign_id, code, name, short_name, position, definition, deadline)
             values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (campaign_id, code) do nothing",
            args![
                indicator.id,
                new.id,
                &indicator.code,
                &indicator.name,
                &indicator.short_name,
                position,
                &definition,
                indicator.deadline
            ],
        )?;
        if made == 0 {
            return Err(AppError::problem("campaign.code_taken"));
        }
        for (part, _) in indicator.definition.measures() {
            add_measure(tx, indicator.id, part)?;
        }
    }
    tx.effects.push(Effect::Shape);
    backfill(tx, new.id, catalogue, keys)
}

fn add_measure(tx: &mut Tx<'_>, indicator: IndicatorId, part: Part) -> Result<(), DbError> {
    tx.execute(
        "insert into measure (indicator_id, part) values ($1, $2)",
        args![indicator, part.as_str()],
    )?;
    Ok(())
}
