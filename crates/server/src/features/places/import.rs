//! Bringing official unit lists into the register. Idempotent: importing the same
//! list again changes nothing.

use crate::args;
use crate::platform::db::{Effect, Insert, Tx, Value};
use crate::platform::problem::AppResult;
use std::collections::{BTreeMap, HashMap, HashSet};
use vn::units::{Level, PlaceId, Succession, Unit};

/// What an import did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Units that were not there.
    pub places_added: usize,
    /// Dated names that were not there, or differed.
    pub names_changed: usize,
    /// Successions that were not there.
    pub successions_added: usize,
}

impl Done {
    /// Whether anything changed.
    pub fn is_nothing(self) -> bool {
        self == Self::default()
    }
}

fn level_name(level: Level) -> &'static str {
    match level {
        Level::Country => "nation",
        other => other.as_str(),
    }
}

const PLACES: Insert = Insert {
    into: "place",
    columns: &[
        ("id", "{text}"),
        ("code", "{text}"),
        ("level", "{text}"),
        ("parent_id", "{text}"),
        ("path", "{text}"),
        ("valid_from", "{day}"),
        ("valid_to", "{day}"),
        ("local", "{bool}"),
        ("rev", "{int}"),
    ],
    then: "",
};
const NAMES: Insert = Insert {
    into: "place_name",
    columns: &[
        ("place_id", "{text}"),
        ("position", "{int}"),
        ("kind", "{text}"),
        ("name", "{text}"),
        ("full_name", "{text}"),
        ("fold", "{text}"),
        ("valid_from", "{day}"),
        ("valid_to", "{day}"),
    ],
    then: "",
};
const SUCCESSIONS: Insert = Insert {
    into: "succession",
    columns: &[
        ("old_id", "{text}"),
        ("new_id", "{text}"),
        ("manner", "{text}"),
        ("note", "{text}"),
    ],
    then: "",
};

/// A unit that the register does not know: its versions, oldest first.
struct New<'u> {
    first: &'u Unit,
    last: &'u Unit,
    path: String,
    names: Vec<(&'u Unit, String, String)>,
}

/// Brings in units (parents before or after their children) and successions.
/// A list never takes validity away that the register knows better.
///
/// # Errors
/// The storage's.
pub fn bring_in(tx: &mut Tx<'_>, units: &[Unit], successions: &[Succession]) -> AppResult<Done> {
    let rev = tx.next_rev()?;
    let new = new_units(tx, units)?;
    let places: Vec<Vec<Value<'_>>> = new
        .iter()
        .map(|unit| {
            let (first, last) = (unit.first, unit.last);
            args![
                last.id.as_str(),
                last.code(),
                level_name(last.level()),
                last.parent.as_ref().map(PlaceId::as_str),
                &unit.path,
                first.valid_from,
                last.valid_to,
                false,
                rev
            ]
            .to_vec()
        })
        .collect();
    let mut names: Vec<Vec<Value<'_>>> = Vec::new();
    for unit in &new {
        for (position, (unit, full_name, fold)) in (0_i64..).zip(&unit.names) {
            let (from, to) = (unit.valid_from, unit.valid_to);
            let (id, kind) = (unit.id.as_str(), unit.kind.as_str());
            names.push(args![id, position, kind, &unit.name, full_name, fold, from, to].to_vec());
        }
    }
    let successions = new_successions(tx, successions)?;
    let successions: Vec<Vec<Value<'_>>> = successions
        .into_iter()
        .map(|one| {
            let (old, new) = (one.old_id.as_str(), one.new_id.as_str());
            args![old, new, one.manner.as_str(), &one.note].to_vec()
        })
        .collect();
    tx.insert(&PLACES, &places)?;
    tx.insert(&NAMES, &names)?;
    tx.insert(&SUCCESSIONS, &successions)?;
    let done = Done {
        places_added: places.len(),
        names_changed: names.len(),
        successions_added: successions.len(),
    };
    if !done.is_nothing() {
        tx.effects.push(Effect::Shape);
    }
    Ok(done)
}

/// Units that are not there yet, parents first. The register already tells the names
/// of the others, with their dates.
fn new_units<'u>(tx: &Tx<'_>, units: &'u [Unit]) -> AppResult<Vec<New<'u>>> {
    let mut by_id: BTreeMap<&str, Vec<&Unit>> = BTreeMap::new();
    for unit in units {
        by_id.entry(unit.id.as_str()).or_default().push(unit);
    }
    let mut by_depth: Vec<(&str, Vec<&Unit>)> = by_id.into_iter().collect();
    by_depth.sort_by_key(|(_, versions)| versions.first().map(|unit| depth(unit.level())));
    let mut paths: HashMap<String, String> = tx
        .all("select id, path from place", args![], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
        .into_iter()
        .collect();
    let mut new = Vec::new();
    for (id, versions) in by_depth {
        let (Some(first), Some(last)) = (versions.first(), versions.last()) else {
            continue;
        };
        if paths.contains_key(id) {
            continue;
        }
        let parent = last.parent.as_ref().and_then(|p| paths.get(p.as_str()));
        let path = format!("{}{id}/", parent.map_or("", String::as_str));
        paths.insert(id.to_owned(), path.clone());
        let names = versions.iter().map(|unit| {
            let full_name = unit.full_name();
            let fold = vn::text::fold(&full_name);
            (*unit, full_name, fold)
        });
        new.push(New {
            first,
            last,
            path,
            names: names.collect(),
        });
    }
    Ok(new)
}

/// Successions that are not there yet.
fn new_successions<'s>(
    tx: &Tx<'_>,
    successions: &'s [Succession],
) -> AppResult<Vec<&'s Succession>> {
    let mut known: HashSet<(String, String)> = tx
        .all("select old_id, new_id from succession", args![], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
        .into_iter()
        .collect();
    let is_new = |one: &&Succession| {
        known.insert((
            one.old_id.as_str().to_owned(),
            one.new_id.as_str().to_owned(),
        ))
    };
    Ok(successions.iter().filter(is_new).collect())
}

fn depth(level: Level) -> u8 {
    match level {
        Level::Country => 0,
        Level::Province => 1,
        Level::District => 2,
        Level::Commune => 3,
    }
}
