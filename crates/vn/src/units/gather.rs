//! Collects units from rows that repeat them, and notices where the rows disagree.

use super::import::Warning;
use super::{Kind, PlaceId, Unit, split_kind};
use crate::text::fold;
use std::collections::BTreeMap;
use time::Date;

/// Units by id, as the rows describe them.
#[derive(Default)]
pub(super) struct Gathered {
    units: BTreeMap<PlaceId, Seen>,
    pub warnings: Vec<Warning>,
}

struct Seen {
    named: Option<(Kind, String)>,
    /// Each parent, the line that first named it, how often it was named.
    parents: Vec<(PlaceId, u64, usize)>,
}

impl Gathered {
    /// Takes note of a unit under its full name.
    pub fn see(&mut self, line: u64, id: &PlaceId, full_name: &str, parent: &PlaceId) {
        let seen = self.units.entry(id.clone()).or_insert_with(|| Seen {
            named: None,
            parents: Vec::new(),
        });
        match seen
            .parents
            .iter_mut()
            .find(|(known, _, _)| known == parent)
        {
            Some((_, _, times)) => *times += 1,
            None => seen.parents.push((parent.clone(), line, 1)),
        }
        let split = split_kind(id.level(), full_name);
        if split.is_none() {
            self.warnings.push(Warning::NoKind {
                line,
                id: id.clone(),
                text: full_name.to_owned(),
            });
        }
        let Some((kept_kind, kept)) = &seen.named else {
            seen.named = split;
            return;
        };
        let (kind, other) = split.unwrap_or_else(|| (*kept_kind, full_name.to_owned()));
        let (id, kept) = (id.clone(), kept.clone());
        if kind != *kept_kind {
            let other = kind.full_name(&other);
            self.warnings.push(Warning::TwoKinds {
                line,
                id: id.clone(),
                other,
            });
        }
        if other == kept {
            return;
        }
        self.warnings.push(if fold(&other) == fold(&kept) {
            Warning::TwoSpellings {
                line,
                id,
                kept,
                other,
            }
        } else {
            Warning::TwoNames {
                line,
                id,
                kept,
                other,
            }
        });
    }

    /// The units, each under the parent named most often. A unit whose kind no row gave is
    /// left out: it was warned about.
    pub fn into_units(
        mut self,
        valid_from: Option<Date>,
        valid_to: Option<Date>,
    ) -> (Vec<Unit>, Vec<Warning>) {
        let mut units = Vec::with_capacity(self.units.len());
        for (id, seen) in self.units {
            let most = seen.parents.iter().map(|(_, _, times)| *times).max();
            let kept = seen
                .parents
                .iter()
                .find(|(_, _, times)| Some(*times) == most);
            let parent = kept.map(|(parent, _, _)| parent.clone());
            for (other, line, _) in &seen.parents {
                if let Some(kept) = parent.clone().filter(|kept| kept != other) {
                    let (id, other) = (id.clone(), other.clone());
                    self.warnings.push(Warning::TwoParents {
                        line: *line,
                        id,
                        kept,
                        other,
                    });
                }
            }
            if let Some((kind, name)) = seen.named {
                units.push(Unit {
                    id,
                    kind,
                    name,
                    parent,
                    valid_from,
                    valid_to,
                });
            }
        }
        (units, self.warnings)
    }
}
