//! A campaign's places and teams in memory: their dated names and who is below whom.

use crate::args;
use crate::features::places::store::{Place, in_force, path_range};
use crate::features::teams::{self, TeamBody};
use crate::platform::db::{DbError, Tx};
use crate::platform::problem::AppResult;
use domain::cube::{Cube, Node, Position};
use domain::ids::{PlaceId, TeamId};
use std::collections::HashMap;
use time::Date;

/// Places below a campaign's, and the teams at home in them.
#[derive(Debug, Default)]
pub struct Atlas {
    places: HashMap<PlaceId, Known>,
    children: HashMap<PlaceId, Vec<PlaceId>>,
    teams: HashMap<PlaceId, Vec<TeamBody>>,
    /// Places of each level by path: those at or below a place lie side by side.
    levels: HashMap<String, Vec<Unit>>,
}

/// A place as one of its level.
#[derive(Debug)]
pub struct Unit {
    /// Its id.
    pub id: PlaceId,
    /// Where its totals are found.
    pub position: Option<Position>,
    path: String,
    /// First day in force, first day no longer.
    valid: (Option<Date>, Option<Date>),
}

#[derive(Debug)]
struct Known {
    place: Place,
    /// From when, kind, name, full name, in order of time.
    names: Vec<(Option<Date>, String, String, String)>,
}

/// A place or team that has children's rank below a place.
#[derive(Clone, Debug)]
pub enum Holder {
    /// A child place.
    Place(Box<Place>),
    /// A team at home in the place.
    Team {
        /// Its id.
        id: TeamId,
        /// Its name.
        name: String,
        /// Its commune.
        place: PlaceId,
    },
}

impl Holder {
    /// The key of its target.
    pub fn key(&self) -> (&PlaceId, TeamId) {
        match self {
            Self::Place(place) => (&place.id, TeamId::NONE),
            Self::Team { id, place, .. } => (place, *id),
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Self::Place(place) => &place.full_name,
            Self::Team { name, .. } => name,
        }
    }
}

impl Atlas {
    /// The subtree of `root`.
    ///
    /// # Errors
    /// The storage's.
    pub fn load(tx: &Tx<'_>, root: &PlaceId) -> AppResult<Self> {
        let (mut atlas, root) = Self::of_places(tx, root)?;
        for Known { place, .. } in atlas.places.values() {
            let unit = Unit {
                id: place.id.clone(),
                position: None,
                path: place.path.clone(),
                valid: (place.valid_from, place.valid_to),
            };
            let level = atlas.levels.entry(place.level.clone()).or_default();
            level.push(unit);
        }
        for level in atlas.levels.values_mut() {
            level.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        }
        for team in teams::below(tx, &root, 0)? {
            if let Ok(home) = PlaceId::parse(&team.place_id) {
                atlas.teams.entry(home).or_default().push(team);
            }
        }
        Ok(atlas)
    }

    /// The subtree of `root` without its teams, and its path.
    ///
    /// # Errors
    /// The storage's.
    pub fn of_places(tx: &Tx<'_>, root: &PlaceId) -> AppResult<(Self, String)> {
        let mut atlas = Self::default();
        let root: Option<String> =
            tx.one("select path from place where id = $1", args![root], |row| {
                row.get(0)
            })?;
        let root = root.unwrap_or_default();
        let (from, to) = path_range(&root);
        tx.each(
            "select p.id, p.code, p.level, n.kind, n.name, n.full_name, p.path, p.valid_from, p.valid_to, p.parent_id, n.valid_from
               from place p join place_name n on n.place_id = p.id
              where p.path >= $1 and p.path < $2 order by p.code, p.id, n.position",
            args![from, &to],
            |row| {
                let place = crate::features::places::store::read(&row)?;
                let name = (row.get(10)?, place.kind.clone(), place.name.clone(), place.full_name.clone());
                let id = place.id.clone();
                if !atlas.places.contains_key(&id)
                    && let Some(parent) = row.get::<Option<PlaceId>>(9)?
                {
                    atlas.children.entry(parent).or_default().push(id.clone());
                }
                atlas.places.entry(id).or_insert_with(|| Known { place, names: Vec::new() }).names.push(name);
                Ok::<(), DbError>(())
            },
        )?;
        Ok((atlas, root))
    }

    /// Finds all units in a cube that has learnt their paths.
    pub fn find_in(&mut self, cube: &Cube) {
        for unit in self.levels.values_mut().flatten() {
            unit.position = cube.find(&Node::Place(unit.id.clone()));
        }
    }

    /// The paths of all places.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.places.values().map(|known| known.place.path.as_str())
    }

    /// Whether the place lies in it.
    pub fn knows(&self, id: &PlaceId) -> bool {
        self.places.contains_key(id)
    }

    /// A place as it was called on a day.
    pub fn place(&self, id: &PlaceId, on: Date) -> Option<Place> {
        let known = self.places.get(id)?;
        let named = known
            .names
            .iter()
            .rev()
            .find(|(from, ..)| from.is_none_or(|from| from <= on));
        let (_, kind, name, full_name) = named.or_else(|| known.names.first())?;
        let (kind, name, full_name) = (kind.clone(), name.clone(), full_name.clone());
        Some(Place {
            kind,
            name,
            full_name,
            ..known.place.clone()
        })
    }

    /// Child places in force on a day, by code; of a commune, its teams.
    pub fn holders(&self, place: &Place, on: Date) -> Vec<Holder> {
        if matches!(place.level.as_str(), "commune" | "hamlet") {
            let teams = self.teams.get(&place.id).into_iter().flatten();
            return teams
                .map(|team| Holder::Team {
                    id: TeamId(team.id),
                    name: team.name.clone(),
                    place: place.id.clone(),
                })
                .collect();
        }
        self.children_on(&place.id, on)
            .filter_map(|id| self.place(id, on))
            .map(|child| Holder::Place(Box::new(child)))
            .collect()
    }

    fn children_on(&self, id: &PlaceId, on: Date) -> impl Iterator<Item = &PlaceId> {
        let children = self.children.get(id).into_iter().flatten();
        children.filter(move |id| {
            self.places
                .get(*id)
                .is_some_and(|known| known.place.in_force(on))
        })
    }

    /// The units of a level at or below a place, in force on a day.
    pub fn units(&self, id: &PlaceId, level: &str, on: Date) -> impl Iterator<Item = &Unit> {
        let path = self.places.get(id).map(|known| known.place.path.as_str());
        let all = self.levels.get(level).map_or(&[][..], Vec::as_slice);
        let below = path.map_or(&[][..], |path| {
            let start = all.partition_point(|unit| unit.path.as_str() < path);
            let rest = &all[start..];
            let end = rest.partition_point(|unit| unit.path.starts_with(path));
            &rest[..end]
        });
        below.iter().filter(move |unit| in_force(unit.valid, on))
    }
}
