//! Units with dates, successions between the trees, and the questions asked of them.

use super::{Kind, Level, Manner, PlaceId};
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use time::Date;

/// One dated version of a unit. Valid on `valid_from <= day < valid_to`; `None` is unbounded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Shared by all versions of the unit.
    pub id: PlaceId,
    /// What it was called by law in this version.
    pub kind: Kind,
    /// The name without the kind: `Ba Đình`, `15`.
    pub name: String,
    /// The unit above; `None` only for the country.
    pub parent: Option<PlaceId>,
    /// First day of this version.
    pub valid_from: Option<Date>,
    /// First day on which it no longer holds.
    pub valid_to: Option<Date>,
}

/// One row of the conversion: an old unit, or a part of it, went to a new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Succession {
    /// The unit of the old tree; a district where it had no communes.
    pub old_id: PlaceId,
    /// The commune of the current tree.
    pub new_id: PlaceId,
    /// How much of it went there.
    pub manner: Manner,
    /// `Ghi chú` as published, spaces repaired.
    pub note: String,
}

/// What became of an old unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Candidates {
    /// It lives on as it was.
    Unchanged(PlaceId),
    /// All of it belongs to one unit today.
    One(PlaceId),
    /// It was split. Somebody who knows the address has to choose; in the order of the ids.
    Several(Vec<PlaceId>),
    /// Nothing is recorded: not an old unit, or one that ended before the conversion table.
    Unknown,
}

/// Units and successions, indexed. Built once, then only read.
#[derive(Clone, Debug, Default)]
pub struct Territory {
    units: Vec<Unit>,
    versions: HashMap<PlaceId, Range<usize>>,
    children: HashMap<PlaceId, Vec<PlaceId>>,
    successions: Vec<Succession>,
    by_old: HashMap<PlaceId, Range<usize>>,
    by_new: HashMap<PlaceId, Vec<usize>>,
}

impl Unit {
    /// The official code, leading zeros kept.
    #[must_use]
    pub fn code(&self) -> &str {
        self.id.code()
    }

    /// The level its kind belongs to.
    #[must_use]
    pub fn level(&self) -> Level {
        self.kind.level()
    }

    /// `Phường Ba Đình`.
    #[must_use]
    pub fn full_name(&self) -> String {
        self.kind.full_name(&self.name)
    }

    /// Whether this version holds on a day.
    #[must_use]
    pub fn is_valid_on(&self, day: Date) -> bool {
        self.valid_from.is_none_or(|from| from <= day) && self.valid_to.is_none_or(|to| day < to)
    }
}

impl Candidates {
    /// All ids named, none for [`Candidates::Unknown`].
    #[must_use]
    pub fn ids(&self) -> &[PlaceId] {
        match self {
            Self::Unchanged(id) | Self::One(id) => std::slice::from_ref(id),
            Self::Several(ids) => ids,
            Self::Unknown => &[],
        }
    }

    fn from_ids(ids: BTreeSet<PlaceId>) -> Self {
        let mut ids: Vec<PlaceId> = ids.into_iter().collect();
        match ids.len() {
            0 => Self::Unknown,
            1 => ids.pop().map_or(Self::Unknown, Self::One),
            _ => Self::Several(ids),
        }
    }
}

impl Territory {
    /// Indexes units and successions; exact repetitions are dropped.
    #[must_use]
    pub fn new(mut units: Vec<Unit>, mut successions: Vec<Succession>) -> Self {
        units.sort_by(|a, b| (&a.id, a.valid_from).cmp(&(&b.id, b.valid_from)));
        units.dedup();
        successions.sort_by(|a, b| (&a.old_id, &a.new_id).cmp(&(&b.old_id, &b.new_id)));
        successions.dedup();
        let mut children: HashMap<PlaceId, Vec<PlaceId>> = HashMap::new();
        for unit in &units {
            if let Some(parent) = &unit.parent {
                let siblings = children.entry(parent.clone()).or_default();
                if siblings.last() != Some(&unit.id) {
                    siblings.push(unit.id.clone());
                }
            }
        }
        let mut by_new: HashMap<PlaceId, Vec<usize>> = HashMap::new();
        for (at, succession) in successions.iter().enumerate() {
            by_new
                .entry(succession.new_id.clone())
                .or_default()
                .push(at);
        }
        let versions = runs(&units, |unit| &unit.id);
        let by_old = runs(&successions, |succession| &succession.old_id);
        Self {
            units,
            versions,
            children,
            successions,
            by_old,
            by_new,
        }
    }

    /// Every version of every unit, by id and then by date.
    #[must_use]
    pub fn units(&self) -> &[Unit] {
        &self.units
    }

    /// Every succession, by old id and then by new id.
    #[must_use]
    pub fn successions(&self) -> &[Succession] {
        &self.successions
    }

    /// All versions of a unit, oldest first; empty if there is no such unit.
    #[must_use]
    pub fn versions(&self, id: &PlaceId) -> &[Unit] {
        let range = self.versions.get(id).cloned().unwrap_or_default();
        self.units.get(range).unwrap_or_default()
    }

    /// The unit as it was on a day.
    #[must_use]
    pub fn unit_on(&self, id: &PlaceId, day: Date) -> Option<&Unit> {
        self.versions(id).iter().find(|unit| unit.is_valid_on(day))
    }

    /// All units in force on a day.
    pub fn units_on(&self, day: Date) -> impl Iterator<Item = &Unit> {
        self.units.iter().filter(move |unit| unit.is_valid_on(day))
    }

    /// Ids of the units directly below, whenever they were in force, in the order of codes.
    #[must_use]
    pub fn children(&self, id: &PlaceId) -> &[PlaceId] {
        self.children.get(id).map_or(&[], Vec::as_slice)
    }

    /// The units above, nearest first, each in its newest version; the country comes last.
    #[must_use]
    pub fn ancestors(&self, id: &PlaceId) -> Vec<&Unit> {
        let mut above = Vec::new();
        let mut next = self.newest(id).and_then(|unit| unit.parent.as_ref());
        while let Some(unit) = next.and_then(|parent| self.newest(parent)) {
            assert!(
                above.len() < 4,
                "no tree is deeper than commune, district, province, country"
            );
            above.push(unit);
            next = unit.parent.as_ref();
        }
        above
    }

    /// What became of an old unit.
    ///
    /// A commune that was split gives [`Candidates::Several`]. A district gives all communes
    /// its communes went to, a province all provinces they are in now.
    #[must_use]
    pub fn successors(&self, old_id: &PlaceId) -> Candidates {
        let direct = self.successions_from(old_id);
        match direct {
            [] if self.children(old_id).is_empty() => Candidates::Unknown,
            [] => Candidates::from_ids(self.successors_of_children(old_id)),
            [only] if only.manner == Manner::Unchanged => {
                Candidates::Unchanged(only.new_id.clone())
            }
            several => Candidates::from_ids(several.iter().map(|one| one.new_id.clone()).collect()),
        }
    }

    /// The rows that say what became of an old commune, with manner and note.
    #[must_use]
    pub fn successions_from(&self, old_id: &PlaceId) -> &[Succession] {
        let range = self.by_old.get(old_id).cloned().unwrap_or_default();
        self.successions.get(range).unwrap_or_default()
    }

    /// The rows that say what a commune of today was made of, in the order of old ids.
    #[must_use]
    pub fn predecessors(&self, new_id: &PlaceId) -> Vec<&Succession> {
        let rows = self.by_new.get(new_id).map_or(&[][..], Vec::as_slice);
        rows.iter()
            .filter_map(|&at| self.successions.get(at))
            .collect()
    }

    fn newest(&self, id: &PlaceId) -> Option<&Unit> {
        self.versions(id).last()
    }

    fn successors_of_children(&self, id: &PlaceId) -> BTreeSet<PlaceId> {
        let mut found = BTreeSet::new();
        if id.tree().is_none() {
            return found;
        }
        for child in self.children(id) {
            let after = self.successors(child);
            match id.level() {
                Level::Province => found.extend(
                    after
                        .ids()
                        .iter()
                        .filter_map(|new| self.newest(new)?.parent.clone()),
                ),
                _ => found.extend(after.ids().iter().cloned()),
            }
        }
        found
    }
}

/// Where each key's run begins and ends in a list sorted by that key.
fn runs<T>(sorted: &[T], key: impl Fn(&T) -> &PlaceId) -> HashMap<PlaceId, Range<usize>> {
    let mut runs: HashMap<PlaceId, Range<usize>> = HashMap::new();
    for (at, item) in sorted.iter().enumerate() {
        runs.entry(key(item).clone()).or_insert(at..at).end = at + 1;
    }
    runs
}
