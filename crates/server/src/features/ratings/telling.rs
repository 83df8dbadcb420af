//! Whom low ratings are told to.

use super::store::{self, Action, Done};
use super::words::topic_name;
use crate::features::notifications::{Notice, notify};
use crate::platform::clock::Clock;
use crate::platform::db::{DbError, Tx};
use crate::platform::problem::{AppError, AppResult};
use domain::days::VIETNAM;
use domain::notifications::NoticeKind;
use serde_json::{Map, Value};

/// Nobody is told of what is late before this hour.
const MORNING: u8 = 7;

fn facts(action: &Action) -> Map<String, Value> {
    [
        ("point", action.point.1.clone()),
        ("place", action.place.1.clone()),
        ("topic", topic_name(action.topic).to_owned()),
        ("due", vn::number::date(action.due_on)),
    ]
    .map(|(name, value)| (name.to_owned(), value.into()))
    .into_iter()
    .collect()
}

fn link(action: &Action) -> String {
    format!("/hai-long/viec/{}", action.id)
}

/// Tells whoever an action is opened for or given to, unless they took it themselves.
///
/// # Errors
/// `not_found` when the action is gone, or the storage's.
pub fn given(tx: &mut Tx<'_>, clock: &Clock, done: &Done) -> AppResult<()> {
    let Some(to) = done.owner.filter(|owner| Some(*owner) != done.by) else {
        return Ok(());
    };
    let found = store::action(tx, done.action, clock.today())?;
    let action = found.ok_or_else(AppError::not_found)?;
    let notice = Notice {
        to,
        kind: NoticeKind::ActionGiven,
        about: &done.id.to_string(),
        facts: &facts(&action),
        link: &link(&action),
    };
    notify(tx, clock, &notice)?;
    Ok(())
}

/// Tells owners, and officers of the levels above, of actions that are late, once; how many
/// were told.
///
/// # Errors
/// The storage's.
pub fn late(tx: &mut Tx<'_>, clock: &Clock) -> Result<usize, DbError> {
    if clock.now().to_offset(VIETNAM).hour() < MORNING {
        return Ok(0);
    }
    let mut told = 0;
    for action in store::late(tx, clock.today())? {
        let above = store::above(tx, &action.place.2)?;
        for to in action.stands.owner.into_iter().chain(above) {
            let notice = Notice {
                to,
                kind: NoticeKind::ActionLate,
                about: &action.id.to_string(),
                facts: &facts(&action),
                link: &link(&action),
            };
            told += usize::from(notify(tx, clock, &notice)?);
        }
    }
    Ok(told)
}
