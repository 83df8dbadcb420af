//! Bringing official unit lists into the register. Idempotent: importing the same
//! list again changes nothing.

use crate::args;
use crate::platform::db::{Effect, Tx};
use crate::platform::problem::AppResult;
use std::collections::HashMap;
use time::Date;
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

/// Brings in units (parents before or after their children) and successions.
/// A list never takes validity away that the register knows better.
///
/// # Errors
/// The storage's.
pub fn bring_in(tx: &mut Tx<'_>, units: &[Unit], successions: &[Succession]) -> AppResult<Done> {
    let mut done = Done::default();
    let mut by_id: HashMap<&str, Vec<&Unit>> = HashMap::new();
    for unit in units {
        by_id.entry(unit.id.as_str()).or_default().push(unit);
    }
    let rev = tx.next_rev()?;
    let mut ids: Vec<&str> = by_id.keys().copied().collect();
    ids.sort_by_key(|id| {
        (
            by_id
                .get(id)
                .and_then(|v| v.first())
                .map(|u| depth(u.level())),
            *id,
        )
    });
    for id in ids {
        let Some(versions) = by_id.get(id) else {
            continue;
        };
        let (Some(first), Some(last)) = (versions.first(), versions.last()) else {
            continue;
        };
        let parent = last.parent.as_ref().map(PlaceId::as_str);
        let parent_path: Option<String> = match parent {
            Some(parent) => tx.one(
                "select path from place where id = $1",
                args![parent],
                |row| row.get(0),
            )?,
            None => None,
        };
        let path = format!("{}{id}/", parent_path.unwrap_or_default());
        let added = tx.execute(
            "insert into place (id, code, level, parent_id, path, valid_from, valid_to, local, rev)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (id) do nothing",
            args![
                id,
                last.code(),
                level_name(last.level()),
                parent,
                &path,
                first.valid_from,
                last.valid_to,
                false,
                rev
            ],
        )?;
        done.places_added += added;
        if added == 0 {
            continue; // the register already tells this unit's names, with their dates
        }
        for (position, unit) in (0_i64..).zip(versions.iter()) {
            done.names_changed += name(tx, id, position, unit)?;
        }
    }
    for succession in successions {
        done.successions_added += tx.execute(
            "insert into succession (old_id, new_id, manner, note) values ($1, $2, $3, $4) on conflict (old_id, new_id) do nothing",
            args![succession.old_id.as_str(), succession.new_id.as_str(), succession.manner.as_str(), &succession.note],
        )?;
    }
    if !done.is_nothing() {
        tx.effects.push(Effect::Shape);
    }
    Ok(done)
}

fn name(tx: &mut Tx<'_>, id: &str, position: i64, unit: &Unit) -> AppResult<usize> {
    let full_name = unit.full_name();
    let fold = vn::text::fold(&full_name);
    let (from, to): (Option<Date>, Option<Date>) = (unit.valid_from, unit.valid_to);
    Ok(tx.execute(
        "insert into place_name (place_id, position, kind, name, full_name, fold, valid_from, valid_to)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        args![id, position, unit.kind.as_str(), &unit.name, &full_name, &fold, from, to],
    )?)
}

fn depth(level: Level) -> u8 {
    match level {
        Level::Country => 0,
        Level::Province => 1,
        Level::District => 2,
        Level::Commune => 3,
    }
}
