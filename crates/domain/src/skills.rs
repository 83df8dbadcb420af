//! What people can do (skills, languages, courses) and what they have done for themselves
//! before they help others. Both are data, so that a course can be added without a program.

use crate::vocabulary::vocabulary;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

vocabulary! {
    /// Groups in which skills are shown.
    SkillGroup {
        /// A language spoken with people.
        Language = "language",
        /// Something digital.
        Digital = "digital",
        /// A course passed.
        Course = "course",
    }
}

/// A name in each of our languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Named {
    /// Vietnamese.
    pub vi: String,
    /// English.
    pub en: String,
}

/// A skill, a language or a course.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Skill {
    /// Stable; never reused.
    pub code: String,
    /// Where it is shown.
    pub group: SkillGroup,
    /// Its name.
    pub name: Named,
}

/// One line of the list that members tick for themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ReadinessItem {
    /// Stable; never reused.
    pub code: String,
    /// What it says.
    pub name: Named,
}

/// All skills and the readiness list, in the order in which they are shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Skills {
    /// Skills, languages and courses.
    pub skills: Vec<Skill>,
    /// The readiness list.
    pub readiness: Vec<ReadinessItem>,
}

impl Skills {
    /// Levels of a skill: can help, works alone, teaches others.
    pub const LEVELS: std::ops::RangeInclusive<i64> = 1..=3;

    /// Those that come with the program.
    pub fn bundled() -> Self {
        let all: Self = serde_json::from_str(include_str!("../data/skills.json"))
            .expect("the bundled skills are checked by a test");
        let codes: BTreeSet<&str> = all.skills.iter().map(|one| one.code.as_str()).collect();
        assert_eq!(codes.len(), all.skills.len(), "codes of skills are unique");
        all
    }

    /// Whether there is such a skill.
    pub fn has_skill(&self, code: &str) -> bool {
        self.skills.iter().any(|skill| skill.code == code)
    }

    /// Whether there is such a line in the readiness list.
    pub fn has_item(&self, code: &str) -> bool {
        self.readiness.iter().any(|item| item.code == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_skills_are_sound_and_every_group_has_some() {
        let all = Skills::bundled();
        for group in SkillGroup::ALL {
            assert!(all.skills.iter().any(|skill| skill.group == *group));
        }
        assert!(all.has_skill("ba_na") && !all.has_skill("vneid_2"));
        assert!(all.has_item("vneid_2") && !all.has_item("ba_na"));
        for named in all
            .skills
            .iter()
            .map(|skill| &skill.name)
            .chain(all.readiness.iter().map(|item| &item.name))
        {
            assert!(!named.vi.is_empty() && !named.en.is_empty());
        }
    }
}
