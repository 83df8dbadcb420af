//! What is to be exported, and whether the member may have it.

use crate::features::campaigns::store::{self as campaigns, Campaign};
use crate::features::facts::ledger;
use crate::features::facts::measures::{self, Active};
use crate::features::members::Role;
use crate::features::places;
use crate::features::places::store::Place;
use crate::features::progress::Period;
use crate::platform::db::Tx;
use crate::platform::problem::{AppError, AppResult};
use domain::ids::{CampaignId, MemberId, PlaceId, TeamId};
use domain::indicators::Part;
use time::Date;

/// The forms of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For programs.
    Csv,
    /// For people.
    Xlsx,
}

impl Format {
    /// Name, and ending of the file's.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }
}

/// Which facts are asked for.
#[derive(Debug)]
pub struct Question {
    /// At or below which place; the campaign's if absent.
    pub place: Option<PlaceId>,
    /// Behind which indicator's number; every fact if absent.
    pub indicator: Option<String>,
    /// By which team.
    pub team: Option<TeamId>,
    /// Up to which day; today if absent.
    pub on: Option<Date>,
}

/// What is to be exported, after the member's right to it was checked.
#[derive(Debug)]
pub struct Export {
    /// Of which campaign.
    pub campaign: Campaign,
    /// At or below which place.
    pub place: Place,
    /// By which team.
    pub team: Option<TeamId>,
    /// Counted by which measure.
    pub measure: Option<Active>,
    /// On which days.
    pub period: Period,
}

impl Export {
    /// Works out what is asked for. A number of a place opens to its leaders, all that
    /// was recorded there to its officers.
    ///
    /// # Errors
    /// `not_found`, or the storage's.
    pub fn open(
        tx: &Tx<'_>,
        id: CampaignId,
        asked: Question,
        (member, today): (MemberId, Date),
    ) -> AppResult<Self> {
        let campaign = campaigns::find(tx, id)?.ok_or_else(AppError::not_found)?;
        let period = Period::of(&campaign, asked.on, today);
        let least = match asked.indicator {
            Some(_) => Role::Leader,
            None => Role::CommuneOfficer,
        };
        let place = asked.place.as_ref().unwrap_or(&campaign.place);
        let place = places::store::need_in_scope(tx, member, least, place, period.on)?;
        if !place
            .path
            .starts_with(&ledger::path_of(tx, &campaign.place)?)
        {
            return Err(AppError::not_found());
        }
        let measure = match asked.indicator {
            Some(code) => {
                let found = measures::load(tx)?.into_iter().find(|active| {
                    active.campaign == id && active.code == code && active.part == Part::Numerator
                });
                Some(found.ok_or_else(AppError::not_found)?)
            }
            None => None,
        };
        Ok(Self {
            campaign,
            place,
            team: asked.team,
            measure,
            period,
        })
    }

    /// How many facts there are, about.
    ///
    /// # Errors
    /// The storage's.
    pub fn size(&self, tx: &Tx<'_>) -> AppResult<i64> {
        let (below, days) = (&self.place.path, (self.period.from, self.period.on));
        Ok(match &self.measure {
            Some(active) if active.rule.unit.tallied_per_one() == 1 => {
                ledger::tally_below(tx, active.id, below, days, self.team)?
            }
            _ => ledger::number_below(tx, below, days, self.team)?,
        })
    }
}
