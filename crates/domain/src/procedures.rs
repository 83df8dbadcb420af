//! Administrative procedures that desks take in, and the groups they are called in. Data, so
//! that one can be corrected without a program; the words of the law stay on its official page.

use crate::days::iso;
use crate::vocabulary::vocabulary;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use time::Date;

vocabulary! {
    /// What procedures are grouped by: a letter on tickets, a counter that takes them.
    ProcedureGroup {
        /// *Hộ tịch*.
        CivilStatus = "civil_status",
        /// *Chứng thực*.
        Certification = "certification",
        /// *Cư trú*.
        Residence = "residence",
        /// *Đất đai*.
        Land = "land",
        /// *Bảo trợ xã hội*.
        Social = "social",
        /// *Kinh doanh*.
        Business = "business",
        /// *Định danh điện tử*.
        Identity = "identity",
        /// Anything else.
        Other = "other",
    }
}

/// A group, as people are shown it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Group {
    /// Which.
    pub code: ProcedureGroup,
    /// The letter its tickets begin with, where a desk chooses no other.
    pub letter: char,
    /// Vietnamese.
    pub name: String,
    /// English.
    pub name_en: String,
    /// Khmer, which no native reader has reviewed.
    pub name_km: Option<String>,
}

/// How long the regulations give for a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Regulated {
    /// Minutes, for what is done while people wait.
    Minutes(u32),
    /// Working days.
    WorkingDays(u32),
}

impl Regulated {
    /// In minutes at work: a working day has eight hours.
    pub fn minutes(self) -> u32 {
        match self {
            Self::Minutes(minutes) => minutes,
            Self::WorkingDays(days) => days * 8 * 60,
        }
    }
}

/// An administrative procedure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Procedure {
    /// The national code, `1.001193`; where none is confirmed, one of our own, `x-…`.
    pub code: String,
    /// Vietnamese.
    pub name: String,
    /// English.
    pub name_en: String,
    /// Khmer, which no native reader has reviewed.
    pub name_km: Option<String>,
    /// Where it is taken in.
    pub group: ProcedureGroup,
    /// Code of the service that helping with it is recorded as.
    pub service: String,
    /// How long the regulations give, where that is confirmed.
    pub regulated: Option<Regulated>,
    /// Minutes at the counter, as a rule.
    pub expected_min: u32,
    /// Whether the result can be had the same day: what the Thursday is for.
    pub same_day: bool,
    /// What to bring.
    pub checklist: Vec<String>,
    /// Its official page.
    pub link: String,
    /// When the text here was last held against it.
    #[serde(with = "iso")]
    #[cfg_attr(feature = "schema", schema(value_type = String, format = Date))]
    pub checked_on: Date,
    /// First day, when it is known.
    #[serde(with = "iso::option")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, format = Date))]
    pub valid_from: Option<Date>,
    /// First day no longer.
    #[serde(with = "iso::option")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, format = Date))]
    pub valid_to: Option<Date>,
}

impl Procedure {
    /// Whether it can be asked for on a day.
    pub fn in_force(&self, on: Date) -> bool {
        self.valid_from.is_none_or(|from| from <= on) && self.valid_to.is_none_or(|to| on < to)
    }
}

/// All groups and procedures, in the order in which they are shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Procedures {
    /// Groups.
    pub groups: Vec<Group>,
    /// Procedures.
    pub procedures: Vec<Procedure>,
}

static BUNDLED: LazyLock<Procedures> = LazyLock::new(|| {
    let text = include_str!("../data/procedures.json");
    serde_json::from_str(text).expect("the bundled procedures are sound")
});

impl Procedures {
    /// Those that come with the program.
    ///
    /// # Panics
    /// When the bundled data is malformed, which tests exclude.
    pub fn bundled() -> &'static Self {
        &BUNDLED
    }

    /// The procedure with this code, in force or not.
    pub fn find(&self, code: &str) -> Option<&Procedure> {
        self.procedures.iter().find(|known| known.code == code)
    }

    /// How a group is shown; every one is there.
    pub fn group(&self, code: ProcedureGroup) -> Option<&Group> {
        self.groups.iter().find(|known| known.code == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Catalogue;
    use std::collections::BTreeSet;

    #[test]
    fn every_procedure_names_a_service_that_can_be_recorded_and_a_code() {
        let (all, catalogue) = (Procedures::bundled(), Catalogue::bundled());
        let mut codes = BTreeSet::new();
        for one in &all.procedures {
            let digits = one.code.split_once('.').is_some_and(|(level, number)| {
                let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
                level.len() == 1 && number.len() == 6 && plain(level) && plain(number)
            });
            assert!(digits || one.code.starts_with("x-"), "{}", one.code);
            assert!(codes.insert(&one.code), "{} twice", one.code);
            let service = catalogue.service(&one.service);
            assert!(
                service.is_some_and(|service| service.valid_to.is_none()),
                "{}",
                one.service
            );
            assert!((1..=120).contains(&one.expected_min), "{}", one.code);
            assert!(!one.checklist.is_empty() && one.link.starts_with("https://"));
            assert!(
                !one.same_day || one.regulated.is_none_or(|given| given.minutes() <= 480),
                "{}",
                one.code
            );
        }
    }

    #[test]
    fn triage_and_forms_speak_of_these_procedures_alone() {
        let all = Procedures::bundled();
        let triage: serde_json::Value =
            serde_json::from_str(include_str!("../data/triage.json")).unwrap();
        let rules = triage["procedures"].as_object().unwrap();
        let codes: BTreeSet<&str> = all.procedures.iter().map(|one| one.code.as_str()).collect();
        assert_eq!(
            rules.keys().map(String::as_str).collect::<BTreeSet<_>>(),
            codes
        );
        let catalogue = Catalogue::bundled();
        for (code, rule) in rules {
            let guide = rule["guide"].as_str();
            let known = |guide| catalogue.guides.iter().any(|one| one.code == guide);
            assert!(guide.is_none_or(known), "{code}");
        }
        let forms: serde_json::Value =
            serde_json::from_str(include_str!("../data/forms.json")).unwrap();
        let mut asked = BTreeSet::new();
        for form in forms.as_array().unwrap() {
            for code in form["procedures"].as_array().unwrap() {
                let code = code.as_str().unwrap();
                assert!(codes.contains(code) && asked.insert(code), "{code}");
            }
        }
    }

    #[test]
    fn every_group_is_shown_once_under_a_letter_of_its_own() {
        let all = Procedures::bundled();
        let codes: Vec<_> = all.groups.iter().map(|group| group.code).collect();
        assert_eq!(codes, ProcedureGroup::ALL);
        let letters: BTreeSet<_> = all.groups.iter().map(|group| group.letter).collect();
        assert_eq!(letters.len(), all.groups.len());
        assert!(letters.iter().all(char::is_ascii_uppercase));
    }
}
