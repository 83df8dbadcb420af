//! Visits at the door: whether people agree to be helped, alone or with somebody they trust along.

use crate::catalogue::{Catalogue, Stage};
use crate::facts::Setting;
use crate::people::Office;
use serde::{Deserialize, Serialize};

/// Visits below which a share says nothing.
pub const VISITS_MIN: u64 = 30;

/// Who may go along: *người có uy tín*, *trưởng thôn*, *bí thư chi bộ*.
pub const COMPANIONS: &[Office] = &[Office::TrustedPerson, Office::HamletHead, Office::PartyCell];

/// What of a stored assist says how a visit went.
#[derive(Debug, Deserialize)]
pub struct Visit {
    setting: Setting,
    #[serde(default)]
    accompanied_by: Option<Office>,
    items: Vec<Offer>,
}

#[derive(Debug, Deserialize)]
struct Offer {
    service: String,
    outcome: String,
}

impl Visit {
    /// Who went along, and whether anything offered was agreed to; `None` = not at a door.
    /// What was tried and failed was agreed to.
    pub fn told(&self, catalogue: &Catalogue) -> Option<(Option<Office>, bool)> {
        if self.setting != Setting::Door {
            return None;
        }
        let declined = |offer: &Offer| {
            let service = catalogue.service(&offer.service);
            let outcome = service.and_then(|service| service.outcome(&offer.outcome));
            outcome.is_some_and(|outcome| outcome.stage == Stage::Declined)
        };
        let agreed = self.items.iter().any(|offer| !declined(offer));
        Some((self.accompanied_by, agreed))
    }
}

/// How many visits there were, and at how many people agreed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Acceptance {
    /// Visits.
    pub visits: u64,
    /// Those at which something was agreed to.
    pub agreed: u64,
}

impl Acceptance {
    /// One more visit.
    pub fn add(&mut self, agreed: bool) {
        self.visits += 1;
        self.agreed += u64::from(agreed);
    }

    /// Thousandths of the visits; `None` below [`VISITS_MIN`].
    pub fn permille(&self) -> Option<u64> {
        (self.visits >= VISITS_MIN).then(|| (self.agreed * 1000 + self.visits / 2) / self.visits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(body: &str) -> Option<(Option<Office>, bool)> {
        let visit: Visit = serde_json::from_str(body).unwrap();
        visit.told(&Catalogue::bundled())
    }

    #[test]
    fn a_visit_was_agreed_to_when_anything_was_not_declined() {
        let declined = r#"{"service":"vneid_l2","outcome":"declined"}"#;
        let failed = r#"{"service":"vneid_l1","outcome":"failed"}"#;
        let with = |companion: &str, items: &str| {
            told(&format!(
                r#"{{"setting":"door",{companion}"items":[{items}]}}"#
            ))
        };
        assert_eq!(with("", declined), Some((None, false)));
        assert_eq!(with("", failed), Some((None, true)));
        let headed = r#""accompanied_by":"hamlet_head","#;
        let both = format!("{declined},{failed}");
        assert_eq!(with(headed, &both), Some((Some(Office::HamletHead), true)));
        let desk = format!(r#"{{"setting":"desk","items":[{declined}]}}"#);
        assert_eq!(told(&desk), None);
    }

    #[test]
    fn a_share_of_few_visits_is_not_said() {
        let few = Acceptance {
            visits: 29,
            agreed: 29,
        };
        assert_eq!(few.permille(), None);
        let enough = Acceptance {
            visits: 30,
            agreed: 20,
        };
        assert_eq!(enough.permille(), Some(667));
    }
}
