//! Making and ending cards.

use super::store::{self, Card};
use crate::features::attendance::store as attendance;
use crate::features::members::{Role, need_over};
use crate::platform::clock::random;
use crate::platform::db::{DbError, Tx};
use crate::platform::problem::{AppError, AppResult};
use domain::certificates::Code;
use domain::days::day_of;
use domain::ids::{MemberId, TeamId};
use time::OffsetDateTime;

/// Who does it, and when.
pub type Act = (MemberId, OffsetDateTime);

/// The card of a member that holds, made if there is none.
///
/// # Errors
/// The storage's.
pub fn make(tx: &mut Tx<'_>, member: MemberId, act: Act) -> AppResult<Card> {
    store::insert(tx, &Code::from_random(random()), member, act)?;
    store::of_member(tx, member)?.ok_or_else(AppError::not_found)
}

/// The first card of somebody who is in a team: made when they sign in, so that it comes down
/// to their phone with everything else. Whoever ended theirs makes the next by themselves.
///
/// # Errors
/// The storage's.
pub fn begin(tx: &mut Tx<'_>, member: MemberId, now: OffsetDateTime) -> Result<(), DbError> {
    if !store::had_one(tx, member)? && !store::teams(tx, member, day_of(now))?.is_empty() {
        store::insert(tx, &Code::from_random(random()), member, (member, now))?;
    }
    Ok(())
}

/// Makes one's own card; only who is in a team has one.
///
/// # Errors
/// `card.no_team`, or the storage's.
pub fn make_own(tx: &mut Tx<'_>, act: Act) -> AppResult<Card> {
    if store::teams(tx, act.0, day_of(act.1))?.is_empty() {
        return Err(AppError::problem("card.no_team"));
    }
    make(tx, act.0, act)
}

/// Ends a card, and makes the next at once if that is wished for: by its member, or by who
/// leads them. Ended again, the card that holds now is the answer.
///
/// # Errors
/// `not_found`, `auth.forbidden`, or the storage's.
pub fn end(tx: &mut Tx<'_>, code: &Code, renew: bool, act: Act) -> AppResult<Option<Card>> {
    let card = store::by_code(tx, code)?.ok_or_else(AppError::not_found)?;
    if card.member != act.0 {
        need_over(tx, act.0, Role::Leader, card.member)?;
    }
    tx.hold(&[*card.member.0.as_bytes()])?;
    if !card.ended {
        store::end(tx, code, act)?;
        if renew {
            return make(tx, card.member, act).map(Some);
        }
    }
    Ok(store::of_member(tx, card.member)?)
}

/// The cards of everybody in a team, made where there is none, in the order of people.
///
/// # Errors
/// `not_found` for who does not lead it, or the storage's.
pub fn of_team(tx: &mut Tx<'_>, team: TeamId, act: Act) -> AppResult<Vec<Card>> {
    if !attendance::leads(tx, act.0, team)? {
        return Err(AppError::not_found());
    }
    let people = store::people(tx, team, day_of(act.1))?;
    let cards = people.into_iter().map(|member| make(tx, member, act));
    cards.collect()
}
