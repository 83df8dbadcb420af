//! Counting every tap again, playing everything done about low answers again, and comparing.

use super::store;
use crate::args;
use crate::platform::db::{DbError, Tx};
use crate::platform::problem::AppResult;
use domain::ids::{ActionId, PointId, RatingId};
use domain::ratings::{ActionStanding, Answers, RatingStep, RatingTopic};
use std::collections::{BTreeMap, HashMap};

/// Compares ratings with their taps, actions with their history, and low answers with the
/// actions that collect them; what differs is added to `differences`.
///
/// # Errors
/// The storage's.
pub fn verify(tx: &Tx<'_>, differences: &mut Vec<String>) -> AppResult<()> {
    let low = ratings(tx, differences)?;
    let actions = actions(tx, differences)?;
    links(tx, low, &actions, differences)
}

/// Low answers and the points they are of.
type Low = BTreeMap<(RatingId, RatingTopic), PointId>;

fn ratings(tx: &Tx<'_>, differences: &mut Vec<String>) -> AppResult<Low> {
    let mut taps: HashMap<RatingId, Answers> = HashMap::new();
    tx.each(
        "select rating_id, topic, step from rating_tap order by id",
        args![],
        |row| {
            let answers = taps.entry(row.get(0)?).or_default();
            answers.insert(row.get::<RatingTopic>(1)?, row.get::<RatingStep>(2)?);
            Ok::<(), DbError>(())
        },
    )?;
    let mut low = Low::new();
    tx.each("select id, point_id, answers from rating", args![], |row| {
        let (id, point): (RatingId, PointId) = (row.get(0)?, row.get(1)?);
        let (held, tapped): (Answers, _) = (row.json(2)?, taps.remove(&id).unwrap_or_default());
        if held != tapped || !held.contains_key(&RatingTopic::Overall) {
            differences.push(format!(
                "rating {id}: its taps say {tapped:?}, it holds {held:?}"
            ));
        }
        let found = held.iter().filter(|(_, step)| step.is_low());
        low.extend(found.map(|(topic, _)| ((id, *topic), point)));
        Ok::<(), DbError>(())
    })?;
    Ok(low)
}

/// Actions with what they are about.
type Actions = HashMap<ActionId, (PointId, RatingTopic, ActionStanding)>;

fn actions(tx: &Tx<'_>, differences: &mut Vec<String>) -> AppResult<Actions> {
    let mut stands: HashMap<ActionId, ActionStanding> = HashMap::new();
    store::each_done(tx, |done| {
        let before = stands.get(&done.action).copied();
        match done.act.after(before, done.owner) {
            Ok(after) => drop(stands.insert(done.action, after)),
            Err(_) => differences.push(format!(
                "rating action {}: {:?} cannot be",
                done.action, done.act
            )),
        }
    })?;
    let mut found = Actions::new();
    tx.each(
        "select id, point_id, topic, stage, owner_id from rating_action",
        args![],
        |row| {
            let id: ActionId = row.get(0)?;
            let held = ActionStanding {
                stage: row.get(3)?,
                owner: row.get(4)?,
            };
            let wanted = stands.remove(&id);
            if wanted != Some(held) {
                differences.push(format!(
                    "rating action {id}: its history gives {wanted:?}, it holds {held:?}"
                ));
            }
            found.insert(id, (row.get(1)?, row.get(2)?, held));
            Ok::<(), DbError>(())
        },
    )?;
    Ok(found)
}

fn links(
    tx: &Tx<'_>,
    mut low: Low,
    actions: &Actions,
    differences: &mut Vec<String>,
) -> AppResult<()> {
    tx.each(
        "select l.rating_id, l.topic, l.action_id, r.point_id from rating_low l join rating r on r.id = l.rating_id",
        args![],
        |row| {
            let (rating, topic): (RatingId, RatingTopic) = (row.get(0)?, row.get(1)?);
            let action: ActionId = row.get(2)?;
            let is_low = low.remove(&(rating, topic)).is_some();
            let sound = actions.get(&action).is_some_and(|(point, about, stands)| {
                row.get::<PointId>(3).is_ok_and(|of| of == *point)
                    && *about == topic
                    // Once an action is over, it keeps what it was about.
                    && (is_low || !stands.stage.is_open())
            });
            if !sound {
                differences.push(format!(
                    "rating {rating}: its answer about {topic:?} is not for action {action}"
                ));
            }
            Ok::<(), DbError>(())
        },
    )?;
    for (rating, topic) in low.into_keys() {
        differences.push(format!("rating {rating}: nobody puts {topic:?} right"));
    }
    Ok(())
}
