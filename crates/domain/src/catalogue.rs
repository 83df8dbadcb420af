//! What volunteers help with: services with their own outcomes and validity, and
//! the step guides. Data in `data/*.json`; retired services stay for old records.

use crate::days::iso;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use time::Date;

/// How far an outcome got, so that different services can be counted alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Stage {
    /// Told or shown.
    Informed,
    /// Signed up, not finished.
    Registered,
    /// Sent to somebody else (police, bank, office).
    Referred,
    /// Finished.
    Done,
    /// Really used since: a transaction took place.
    Transacted,
    /// The citizen can now do it alone.
    SelfService,
    /// Asked, did not want to.
    Declined,
    /// Tried, did not work.
    Failed,
}

/// What an outcome asks the volunteer for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Ask {
    /// Why it was declined or failed.
    Reason,
    /// When to come back.
    FollowUp,
    /// The dossier's code, when there is one.
    DossierCode,
    /// Online or on paper.
    Channel,
}

/// One way a service can end.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Outcome {
    /// Stable code, unique within the service.
    pub code: String,
    /// Vietnamese name.
    pub name: String,
    /// How far it got.
    pub stage: Stage,
    /// Preselected on the phone; exactly one a service.
    #[serde(default)]
    pub default: bool,
    /// What to ask for.
    #[serde(default)]
    pub asks: Vec<Ask>,
}

/// A service, app or procedure kind.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Service {
    /// Stable code.
    pub code: String,
    /// Vietnamese name.
    pub name: String,
    /// Fits on a tile.
    pub short_name: String,
    /// English name.
    pub name_en: String,
    /// Heading it stands under.
    pub group: String,
    /// What it counts as besides a *lượt*.
    pub unit: String,
    /// Icon name of the app's set.
    pub icon: String,
    /// 1 to 9 for the nine commonest.
    pub common_rank: Option<u8>,
    /// First day it can be recorded; `None` = since before our records.
    #[serde(with = "iso::option")]
    pub valid_from: Option<Date>,
    /// First day it can no longer be recorded.
    #[serde(with = "iso::option")]
    pub valid_to: Option<Date>,
    /// Whether a dossier may be named.
    #[serde(default)]
    pub dossier: bool,
    /// Its outcomes.
    pub outcomes: Vec<Outcome>,
    /// Its step guide.
    pub guide: Option<String>,
    /// Why it is retired, and the like.
    pub note: Option<String>,
    /// The rows of the seed inventory it answers.
    #[serde(default)]
    pub sources: Vec<String>,
}

impl Service {
    /// Whether it can be recorded for `day`.
    pub fn in_force(&self, day: Date) -> bool {
        self.valid_from.is_none_or(|from| from <= day) && self.valid_to.is_none_or(|to| day < to)
    }

    /// The outcome with this code.
    pub fn outcome(&self, code: &str) -> Option<&Outcome> {
        self.outcomes.iter().find(|outcome| outcome.code == code)
    }
}

/// One step of a guide.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Step {
    /// A few words.
    pub title: String,
    /// One action.
    pub text: String,
    /// A safety remark.
    pub warn: Option<String>,
    /// A drawing of the app's icon set.
    pub picture: Option<String>,
}

/// A step guide, read offline beside the citizen.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Guide {
    /// Stable code.
    pub code: String,
    /// Vietnamese title.
    pub title: String,
    /// The service it belongs to.
    pub service: Option<String>,
    /// How long it usually takes.
    pub minutes: u16,
    /// When it was last compared with the official page.
    #[serde(with = "iso")]
    pub checked_on: Date,
    /// The official page.
    pub source_url: String,
    /// What to have at hand.
    pub before: Vec<String>,
    /// The steps in order.
    pub steps: Vec<Step>,
    /// What to tell the citizen at the end.
    pub after: Vec<String>,
}

/// What people say when they would rather not, and what can truly be said to it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Objection {
    /// Stable code.
    pub code: String,
    /// In their words.
    pub question: String,
    /// To be said as it stands.
    pub answer: String,
    /// What to offer then.
    pub offer: String,
    /// The law or announcement behind it, where one is meant.
    pub source: Option<String>,
    /// Services at which it is heard.
    pub services: Vec<String>,
    /// The step guide that helps on.
    pub guide: Option<String>,
    /// Reasons of a record that mean it.
    pub reasons: Vec<String>,
}

/// The services, guides and objections this build knows.
#[derive(Debug)]
pub struct Catalogue {
    /// In the order of the data file.
    pub services: Vec<Service>,
    /// In the order of the data file.
    pub guides: Vec<Guide>,
    /// In the order of the data file.
    pub objections: Vec<Objection>,
    by_code: HashMap<String, usize>,
}

impl Catalogue {
    /// The catalogue compiled into this build.
    ///
    /// # Panics
    /// When the data files are malformed, which a test of this crate rules out.
    pub fn bundled() -> Self {
        let services: Vec<Service> = serde_json::from_str(include_str!("../data/services.json"))
            .expect("services.json is checked by a test");
        let guides = serde_json::from_str(include_str!("../data/guides.json"))
            .expect("guides.json is checked by a test");
        let objections = serde_json::from_str(include_str!("../data/objections.json"))
            .expect("objections.json is checked by a test");
        let by_code = services
            .iter()
            .enumerate()
            .map(|(at, service)| (service.code.clone(), at))
            .collect();
        Self {
            services,
            guides,
            objections,
            by_code,
        }
    }

    /// The service with this code.
    pub fn service(&self, code: &str) -> Option<&Service> {
        self.by_code.get(code).map(|&at| &self.services[at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_service_has_a_unique_code_and_one_default_outcome() {
        let catalogue = Catalogue::bundled();
        let codes: HashSet<_> = catalogue.services.iter().map(|s| &s.code).collect();
        assert_eq!(codes.len(), catalogue.services.len());
        for service in &catalogue.services {
            let defaults = service.outcomes.iter().filter(|o| o.default).count();
            assert_eq!(defaults, 1, "{}", service.code);
            let outcomes: HashSet<_> = service.outcomes.iter().map(|o| &o.code).collect();
            assert_eq!(outcomes.len(), service.outcomes.len(), "{}", service.code);
        }
    }

    #[test]
    fn the_nine_commonest_have_guides_and_every_reference_resolves() {
        let catalogue = Catalogue::bundled();
        assert_eq!(catalogue.guides.len(), 9);
        let guides: HashSet<_> = catalogue.guides.iter().map(|g| &g.code).collect();
        for service in &catalogue.services {
            if let Some(guide) = &service.guide {
                assert!(
                    guides.contains(guide),
                    "{} names guide {guide}",
                    service.code
                );
            }
        }
        for guide in &catalogue.guides {
            assert!(guide.steps.len() >= 4, "{}", guide.code);
            if let Some(service) = &guide.service {
                assert!(
                    catalogue.service(service).is_some(),
                    "{} names service {service}",
                    guide.code
                );
            }
        }
        assert_eq!(
            catalogue
                .services
                .iter()
                .filter(|s| s.common_rank.is_some())
                .count(),
            9
        );
    }

    #[test]
    fn objections_are_short_enough_to_say_and_lead_on() {
        let catalogue = Catalogue::bundled();
        assert!((12..=20).contains(&catalogue.objections.len()));
        let guides: HashSet<_> = catalogue.guides.iter().map(|g| &g.code).collect();
        let mut codes = HashSet::new();
        for one in &catalogue.objections {
            assert!(codes.insert(&one.code), "{} stands twice", one.code);
            assert!(!one.services.is_empty(), "{}", one.code);
            for service in &one.services {
                assert!(
                    catalogue.service(service).is_some(),
                    "{} names {service}",
                    one.code
                );
            }
            assert!(
                one.guide.iter().all(|guide| guides.contains(guide)),
                "{}",
                one.code
            );
            for (text, chars_max) in [(&one.question, 90), (&one.answer, 260), (&one.offer, 130)] {
                assert!(text.chars().count() <= chars_max, "{}: {text}", one.code);
            }
            // A law that is named is named where readers look for it.
            let names_one = ["Luật ", "Nghị định ", "Quyết định "]
                .iter()
                .any(|law| one.answer.contains(law));
            assert!(!names_one || one.source.is_some(), "{}", one.code);
        }
    }

    #[test]
    fn all_text_is_composed_and_uses_the_vietnamese_letter_d() {
        for text in [
            include_str!("../data/services.json"),
            include_str!("../data/guides.json"),
            include_str!("../data/objections.json"),
        ] {
            assert!(
                !text.contains('\u{D0}'),
                "U+00D0 stands where Đ U+0110 belongs"
            );
            for line in text.lines() {
                assert_eq!(
                    vn::text::normalise(line),
                    line.split_whitespace().collect::<Vec<_>>().join(" ")
                );
            }
        }
    }

    #[test]
    fn the_portal_account_is_retired_when_only_the_e_identity_signs_in() {
        let catalogue = Catalogue::bundled();
        let account = catalogue.service("dvc_account").unwrap();
        assert!(account.in_force(time::macros::date!(2024 - 10 - 13)));
        assert!(!account.in_force(time::macros::date!(2026 - 07 - 20)));
    }
}
