//! The only SQL about targets.

use crate::args;
use crate::features::places::store::Place;
use crate::features::progress::atlas::Holder;
use crate::features::{places, teams};
use crate::platform::db::{DbError, Effect, Tx};
use crate::platform::problem::{AppError, AppResult};
use domain::ids::{IndicatorId, MemberId, PlaceId, TeamId};
use domain::refusal::Refusal;
use domain::targets::{Share, split};
use time::{Date, OffsetDateTime};

/// A target as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Place or the team's place.
    pub place: PlaceId,
    /// The team, or none.
    pub team: TeamId,
    /// The number.
    pub value: i64,
    /// Kept by splits.
    pub locked: bool,
    /// `split` or `override`.
    pub source: String,
}

/// A change to a target, and why.
#[derive(Debug)]
pub struct Change<'a> {
    /// Of which indicator.
    pub indicator: IndicatorId,
    /// For which place.
    pub place: &'a PlaceId,
    /// For which team in it.
    pub team: TeamId,
    /// The new number.
    pub value: i64,
    /// Whether splits leave it alone from now on.
    pub locked: bool,
    /// `split` or `override`.
    pub source: &'a str,
    /// How it was found: `issued`, `hand`, `population`, `households` or `equal`.
    pub method: &'a str,
    /// Why, in words.
    pub reason: &'a str,
    /// Who.
    pub by: MemberId,
    /// When.
    pub at: OffsetDateTime,
}

/// The target of a place or team.
///
/// # Errors
/// The storage's.
pub fn find(
    tx: &Tx<'_>,
    indicator: IndicatorId,
    place: &PlaceId,
    team: TeamId,
) -> Result<Option<Target>, DbError> {
    tx.one(
        "select place_id, team_id, value, locked, source from target where indicator_id = $1 and place_id = $2 and team_id = $3",
        args![indicator, place, team],
        |row| Ok(Target { place: row.get(0)?, team: row.get(1)?, value: row.get(2)?, locked: row.get(3)?, source: row.get(4)? }),
    )
}

/// Sets a target and remembers the change.
///
/// # Errors
/// `target.negative`, or the storage's.
pub fn set(tx: &mut Tx<'_>, change: &Change<'_>) -> AppResult<()> {
    if change.value < 0 {
        return Err(AppError::problem("target.negative"));
    }
    let before = find(tx, change.indicator, change.place, change.team)?;
    if before
        .as_ref()
        .is_some_and(|old| old.value == change.value && old.locked == change.locked)
    {
        return Ok(());
    }
    tx.execute(
        "insert into target (indicator_id, place_id, team_id, value, locked, source) values ($1, $2, $3, $4, $5, $6)
         on conflict (indicator_id, place_id, team_id)
         do update set value = excluded.value, locked = excluded.locked, source = excluded.source",
        args![change.indicator, change.place, change.team, change.value, change.locked, change.source],
    )?;
    tx.execute(
        "insert into target_change (indicator_id, place_id, team_id, at, member_id, before, after, locked, method, reason)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        args![
            change.indicator,
            change.place,
            change.team,
            change.at,
            change.by,
            before.map(|old| old.value),
            change.value,
            change.locked,
            change.method,
            change.reason
        ],
    )?;
    let place = change.place.clone();
    tx.effects.push(Effect::Target {
        indicator: change.indicator,
        place,
        team: change.team,
        value: change.value,
    });
    Ok(())
}

/// The holders directly below a place on a day.
///
/// # Errors
/// The storage's.
pub fn holders(tx: &Tx<'_>, place: &Place, on: Date) -> Result<Vec<Holder>, DbError> {
    if place.level == "commune" || place.level == "hamlet" {
        let teams = teams::below(tx, &place.path, 0)?;
        return Ok(teams
            .into_iter()
            .filter(|team| team.place_id == place.id.as_str())
            .map(|team| Holder::Team {
                id: TeamId(team.id),
                name: team.name,
                place: place.id.clone(),
            })
            .collect());
    }
    let children = places::store::children(tx, &place.id, on)?;
    Ok(children
        .into_iter()
        .map(|child| Holder::Place(Box::new(child)))
        .collect())
}

/// The values a split of `total` gives, one for each holder.
///
/// # Errors
/// `target.no_weights` when a figure is missing, the split's own refusals, or the storage's.
pub fn plan(
    tx: &Tx<'_>,
    indicator: IndicatorId,
    holders: &[Holder],
    total: i64,
    method: &str,
) -> AppResult<Vec<(i64, Option<Target>)>> {
    let mut shares = Vec::with_capacity(holders.len());
    let mut standing = Vec::with_capacity(holders.len());
    let mut missing = Vec::new();
    for holder in holders {
        let (place, team) = holder.key();
        let old = find(tx, indicator, place, team)?;
        let weight = match holder {
            Holder::Place(child) if method != "equal" => {
                let found = tx.one(
                    "select value from figure where place_id = $1 and figure = $2",
                    args![place, method],
                    |row| row.get::<i64>(0),
                )?;
                if found.is_none() {
                    missing.push(child.full_name.clone());
                }
                found.unwrap_or(0)
            }
            _ => 1,
        };
        let locked = old.as_ref().filter(|old| old.locked).map(|old| old.value);
        shares.push(Share {
            weight: u64::try_from(weight).unwrap_or(0),
            locked,
        });
        standing.push(old);
    }
    if !missing.is_empty() {
        return Err(no_weights(method, missing).into());
    }
    // Figures may all be there and all be nought: then these are the ones to look at.
    let values = split(total, &shares).map_err(|refusal| match refusal.code {
        "target.no_weights" => {
            let open = holders
                .iter()
                .zip(&shares)
                .filter(|(_, share)| share.locked.is_none());
            no_weights(
                method,
                open.map(|(holder, _)| holder.name().to_owned()).collect(),
            )
        }
        _ => refusal,
    })?;
    Ok(values.into_iter().zip(standing).collect())
}

/// Names only the first few: the sentence is read on a phone.
fn no_weights(figure: &str, mut missing: Vec<String>) -> Refusal {
    missing.truncate(5);
    Refusal::new("target.no_weights")
        .with("figure", figure)
        .with("missing", missing.join(", "))
}
