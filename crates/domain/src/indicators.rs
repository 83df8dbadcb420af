//! Indicators are data: which observations count, how, and against what.

use crate::attendance::Direction;
use crate::catalogue::Stage;
use crate::facts::{AgeBand, BeneficiaryKind, Channel, Kind, Setting, StreetStatus};
use crate::observations::{Counted, Observation, Unit};
use crate::refusal::Refusal;
use crate::subjects::SubjectKey;
use crate::tallies::Crediting;
use serde::{Deserialize, Serialize};

/// Conditions of one measure, at most.
pub const CONDITIONS_MAX: usize = 4;

/// Which observations count; an empty list means "any".
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Filter {
    /// Kinds of fact.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<Kind>,
    /// Service codes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<String>,
    /// Outcome codes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub outcomes: Vec<String>,
    /// How far the outcome got.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<Stage>,
    /// How the dossier was handed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// Where.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub setting: Vec<Setting>,
    /// For whom.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub beneficiary: Vec<BeneficiaryKind>,
    /// Leaves out those known to be under 14; unknown age passes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_14_plus: Option<bool>,
    /// A street's state.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub statuses: Vec<StreetStatus>,
}

impl Filter {
    /// Whether `seen` counts.
    pub fn matches(&self, seen: &Observation<'_>) -> bool {
        fn any<T: PartialEq>(wanted: &[T], found: Option<&T>) -> bool {
            wanted.is_empty() || found.is_some_and(|found| wanted.contains(found))
        }
        fn any_text(wanted: &[String], found: Option<&str>) -> bool {
            wanted.is_empty() || found.is_some_and(|found| wanted.iter().any(|w| w == found))
        }
        let young = seen.age_band == Some(AgeBand::Under14);
        any(&self.kinds, Some(&seen.kind))
            && any_text(&self.services, seen.service.map(|(service, _)| service))
            && any_text(&self.outcomes, seen.service.map(|(_, outcome)| outcome))
            && any(&self.stages, seen.stage.as_ref())
            && (self.channel.is_none() || self.channel == seen.channel)
            && any(&self.setting, seen.setting.as_ref())
            && any(&self.beneficiary, seen.beneficiary.as_ref())
            && !(self.age_14_plus == Some(true) && young)
            && any(&self.statuses, seen.status.as_ref())
    }
}

/// How matching observations are added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Count {
    /// Each counts.
    Sum,
    /// Each subject counts once; anonymous ones count each, shown apart.
    Distinct,
}

/// What is tallied: a unit, how to count, and which observations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Measure {
    /// What is counted.
    pub unit: Unit,
    /// How.
    pub count: Count,
    /// A subject counts when every one of these has matched for it, in one fact or in several.
    pub all_of: Vec<Filter>,
}

/// Condition of a part that begins somebody's time.
pub const COMING: u8 = 0;
/// Condition of a part that ends it.
pub const GOING: u8 = 1;

/// The part one fact plays in one measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Contribution {
    /// Adds to the sum.
    Plain,
    /// Adds one that nobody is known for.
    Anonymous,
    /// Fulfils a condition for a subject.
    Subject {
        /// Which of `all_of`; of hours [`COMING`] or [`GOING`].
        condition: u8,
        /// For whom.
        key: SubjectKey,
    },
}

impl Measure {
    /// What a fact with these observations contributes, each part once.
    pub fn contributions(&self, seen: &[Observation<'_>]) -> Vec<Contribution> {
        let mut parts = Vec::new();
        let mut anonymous = vec![0_usize; self.all_of.len()];
        for (condition, filter) in self.all_of.iter().enumerate() {
            for observation in seen
                .iter()
                .filter(|observation| filter.matches(observation))
            {
                match observation.counted(self.unit) {
                    Counted::Not => {}
                    Counted::Anonymous => anonymous[condition] += 1,
                    Counted::As(key) if self.unit == Unit::Hour => {
                        let going = observation.direction == Some(Direction::Out);
                        let condition = if going { GOING } else { COMING };
                        parts.push(Contribution::Subject { condition, key });
                    }
                    Counted::As(_) if self.count == Count::Sum => anonymous[condition] += 1,
                    Counted::As(key) => {
                        parts.push(Contribution::Subject {
                            condition: u8::try_from(condition).unwrap_or(u8::MAX),
                            key,
                        });
                    }
                }
            }
        }
        parts.sort_unstable();
        parts.dedup();
        // Nobody can be followed from fact to fact anonymously: all conditions must meet within this one.
        let mut whole = anonymous.iter().copied().min().unwrap_or(0);
        if self.unit.once_per_fact() {
            whole = whole.min(1);
            // One visit cannot be both somebody's and nobody's.
            if !parts.is_empty() {
                whole = 0;
            }
        }
        let loose = match self.count {
            Count::Sum => Contribution::Plain,
            Count::Distinct => Contribution::Anonymous,
        };
        parts.extend(std::iter::repeat_n(loose, whole));
        parts
    }

    /// How what several facts claim of one subject is counted.
    pub fn crediting(&self) -> Crediting {
        match self.unit {
            Unit::Hour => Crediting::Minutes,
            _ => Crediting::Once {
                conditions: self.all_of.len(),
            },
        }
    }

    /// Refuses what could never be tallied.
    ///
    /// # Errors
    /// `campaign.definition` with the reason.
    pub fn check(&self) -> Result<(), Refusal> {
        let no = |why: &str| Err(Refusal::new("campaign.definition").with("why", why));
        if self.all_of.is_empty() || self.all_of.len() > CONDITIONS_MAX {
            return no("all_of");
        }
        if self.all_of.len() > 1 && self.count == Count::Sum {
            return no("several conditions need count = distinct");
        }
        if self.unit == Unit::Hour && self.count != Count::Sum {
            return no("hours need count = sum");
        }
        Ok(())
    }
}

/// What a ratio is measured against.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Denominator {
    /// Another tally.
    Measure {
        /// Which.
        measure: Measure,
    },
    /// A figure entered for each place with its date and source.
    Figure {
        /// Its name, for example `population_14`.
        figure: String,
    },
}

/// An indicator's rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Definition {
    /// A number to reach.
    Count {
        /// What is counted.
        measure: Measure,
    },
    /// A share to reach; never summed or averaged, always numerator over denominator.
    Ratio {
        /// Above the line.
        numerator: Measure,
        /// Below it.
        denominator: Denominator,
        /// The share to reach, in thousandths.
        target_permille: u32,
    },
    /// A number that every unit of a level has to reach by itself.
    PerUnit {
        /// What is counted.
        measure: Measure,
        /// `district` or `commune`.
        unit_level: String,
        /// For units without a target of their own.
        minimum: i64,
    },
}

/// Which part of an indicator a measure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The count, or above the line.
    Numerator,
    /// Below the line.
    Denominator,
}

impl Part {
    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Numerator => "numerator",
            Self::Denominator => "denominator",
        }
    }
}

impl Definition {
    /// The measures to tally, each with its part.
    pub fn measures(&self) -> Vec<(Part, &Measure)> {
        match self {
            Self::Count { measure } | Self::PerUnit { measure, .. } => {
                vec![(Part::Numerator, measure)]
            }
            Self::Ratio {
                numerator,
                denominator: Denominator::Measure { measure },
                ..
            } => {
                vec![(Part::Numerator, numerator), (Part::Denominator, measure)]
            }
            Self::Ratio { numerator, .. } => vec![(Part::Numerator, numerator)],
        }
    }

    /// The unit its result is said in.
    pub fn unit(&self) -> Unit {
        match self {
            Self::Count { measure } | Self::PerUnit { measure, .. } => measure.unit,
            Self::Ratio { numerator, .. } => numerator.unit,
        }
    }

    /// `count`, `ratio` or `per_unit`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Count { .. } => "count",
            Self::Ratio { .. } => "ratio",
            Self::PerUnit { .. } => "per_unit",
        }
    }

    /// Refuses a rule that could never be tallied.
    ///
    /// # Errors
    /// `campaign.definition` with the reason.
    pub fn check(&self) -> Result<(), Refusal> {
        for (_, measure) in self.measures() {
            measure.check()?;
        }
        let no = |why: &str| Err(Refusal::new("campaign.definition").with("why", why));
        match self {
            Self::PerUnit {
                unit_level,
                minimum,
                ..
            } => {
                if !matches!(unit_level.as_str(), "district" | "commune") {
                    return no("unit_level");
                }
                if *minimum < 0 {
                    return no("minimum");
                }
                Ok(())
            }
            Self::Ratio {
                target_permille, ..
            } if *target_permille > 1000 => no("target_permille"),
            // A share of people's time says nothing that a share of people does not say better.
            Self::Ratio { .. } if self.measures().iter().any(|(_, of)| of.unit == Unit::Hour) => {
                no("hours are no share")
            }
            _ => Ok(()),
        }
    }
}
