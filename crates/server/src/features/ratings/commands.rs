//! Rating, changing one's mind, and what is done about low answers.

use super::store::{self, Action, Asks, Done, Point, Rating, Tap};
use super::telling;
use crate::features::desk::store as desk;
use crate::features::members::Role;
use crate::features::places;
use crate::platform::clock::Clock;
use crate::platform::db::Tx;
use crate::platform::problem::{AppError, AppResult};
use domain::days::day_of;
use domain::holidays::working_days_after;
use domain::ids::{ActionId, MemberId, PointId, RatingId, TicketId};
use domain::ratings::{
    ActionAct, ActionStage, Answers, CommentState, DUE_WORKING_DAYS_MAX, RatingScale, RatingSource,
    RatingTopic, comment as tidied, is_open,
};
use domain::refusal::Refusal;
use time::OffsetDateTime;
use uuid::Uuid;

/// Working days within which an action is due where nobody said otherwise.
const DUE_WORKING_DAYS: u32 = 5;
/// Sets what is held for the ratings of a point apart from what is held for the point.
const HELD: u128 = u128::from_be_bytes(*b"ratings at point");

fn invalid(field: &str) -> AppError {
    Refusal::new("request.validation")
        .with("field", field)
        .into()
}

/// Holds off everybody else who rates at a point or does something about its ratings.
fn hold(tx: &mut Tx<'_>, point: PointId) -> AppResult<()> {
    Ok(tx.hold(&[(point.0.as_u128() ^ HELD).to_be_bytes()])?)
}

/// How a point asks, made with the defaults where nobody has said so yet. Its poster has the code
/// of its desk, or `fresh` where there is none.
///
/// # Errors
/// The storage's.
pub fn asks(tx: &mut Tx<'_>, point: &Point, fresh: String) -> AppResult<Asks> {
    if let Some(asks) = &point.asks {
        return Ok(asks.clone());
    }
    let asks = Asks {
        code: desk::find(tx, point.id)?.map_or(fresh, |desk| desk.code),
        scale: RatingScale::Five,
        due_working_days: DUE_WORKING_DAYS,
    };
    store::put_asks(tx, point.id, &asks)?;
    Ok(asks)
}

/// Says how a point asks.
///
/// # Errors
/// `request.validation`, or the storage's.
pub fn put_asks(tx: &mut Tx<'_>, point: PointId, asks: &Asks) -> AppResult<()> {
    if !(1..=DUE_WORKING_DAYS_MAX).contains(&asks.due_working_days) {
        return Err(invalid("due_working_days"));
    }
    Ok(store::put_asks(tx, point, asks)?)
}

/// What a rating is about.
#[derive(Clone, Debug)]
pub struct About {
    /// Of which point.
    pub point: PointId,
    /// Which ticket.
    pub ticket: Option<TicketId>,
    /// Without a ticket: what keeps a browser from rating the point twice a day.
    pub visitor: Option<Vec<u8>>,
    /// Where it comes from.
    pub source: RatingSource,
    /// At which counter.
    pub counter: Option<String>,
    /// Codes of what the resident came for.
    pub procedures: Vec<String>,
}

impl About {
    /// The rating there is already.
    ///
    /// # Errors
    /// The storage's.
    pub fn rating(&self, tx: &Tx<'_>) -> AppResult<Option<Rating>> {
        Ok(match (self.ticket, &self.visitor) {
            (Some(ticket), _) => store::of_ticket(tx, ticket)?,
            (None, Some(visitor)) => store::of_visitor(tx, visitor)?,
            (None, None) => None,
        })
    }
}

/// Takes a tap in: the first makes the rating, later ones add to it or change it. The same
/// tap again changes nothing.
///
/// # Errors
/// `rating.closed` when it may no longer be changed, `request.validation` when something else
/// is answered before the whole, or the storage's.
pub fn tap(tx: &mut Tx<'_>, clock: &Clock, about: &About, tap: Tap) -> AppResult<Rating> {
    hold(tx, about.point)?;
    let (now, found) = (clock.now(), about.rating(tx)?);
    if store::is_known(tx, tap)? {
        return found.ok_or_else(AppError::not_found);
    }
    let mut rating = match found {
        Some(rating) if is_open(rating.at, now) => rating,
        Some(_) => return Err(AppError::problem("rating.closed")),
        None if tap.topic == RatingTopic::Overall => begin(tx, clock, about, now)?,
        None => return Err(invalid("topic")),
    };
    store::add_tap(tx, rating.id, tap, now)?;
    rating.answers.insert(tap.topic, tap.step);
    store::put_answers(tx, rating.id, &rating.answers)?;
    follow(tx, clock, &rating, tap)?;
    Ok(rating)
}

fn begin(tx: &mut Tx<'_>, clock: &Clock, about: &About, now: OffsetDateTime) -> AppResult<Rating> {
    let new = Rating {
        id: RatingId(clock.new_id()),
        point: about.point,
        ticket: about.ticket,
        visitor: about.visitor.clone(),
        source: about.source,
        counter: about.counter.clone(),
        procedures: about.procedures.clone(),
        at: now,
        answers: Answers::new(),
        comment: None,
    };
    store::add(tx, &new, day_of(now))?;
    Ok(new)
}

/// Gives a low answer to the action that collects such, and takes one back that is low no more.
fn follow(tx: &mut Tx<'_>, clock: &Clock, rating: &Rating, tap: Tap) -> AppResult<()> {
    let linked = store::action_of(tx, rating.id, tap.topic)?;
    match (tap.step.is_low(), linked) {
        (true, None) => {
            let action = match store::open_action(tx, rating.point, tap.topic)? {
                Some(action) => action,
                None => open(tx, clock, rating.point, tap.topic)?,
            };
            store::link(tx, (rating.id, tap.topic), action)?;
        }
        (false, Some(action)) => {
            let found = store::action(tx, action, clock.today())?;
            let action = found.ok_or_else(AppError::not_found)?;
            if action.stands.stage.is_open() {
                store::unlink(tx, rating.id, tap.topic)?;
            }
            if action.stands.stage == ActionStage::Opened && action.low == 1 {
                let drop = done(clock, action.id, ActionAct::Drop);
                store::write(tx, &drop, drop.act.after(Some(action.stands), None)?)?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// Something that a rating does by itself.
fn done(clock: &Clock, action: ActionId, act: ActionAct) -> Done {
    Done {
        id: clock.new_id(),
        action,
        act,
        owner: None,
        note: String::new(),
        at: clock.now(),
        by: None,
    }
}

/// Opens an action, for the nearest commune officer who has least to put right.
fn open(tx: &mut Tx<'_>, clock: &Clock, point: PointId, topic: RatingTopic) -> AppResult<ActionId> {
    let today = clock.today();
    let found = store::point(tx, point, today)?.ok_or_else(AppError::not_found)?;
    let days = found
        .asks
        .map_or(DUE_WORKING_DAYS, |asks| asks.due_working_days);
    let owners = store::owners(tx, &found.path)?;
    let id = ActionId(clock.new_id());
    let due_on = working_days_after(today, days);
    store::add_action(tx, id, (point, topic), (today, due_on))?;
    let open = Done {
        owner: owners.first().map(|(owner, _)| *owner),
        ..done(clock, id, ActionAct::Open)
    };
    store::write(tx, &open, open.act.after(None, open.owner)?)?;
    telling::given(tx, clock, &open)?;
    Ok(id)
}

/// Writes what a resident says in words, over what they said before.
///
/// # Errors
/// `not_found` before the first tap, `rating.closed`, or the storage's.
pub fn comment(tx: &mut Tx<'_>, clock: &Clock, about: &About, raw: &str) -> AppResult<()> {
    hold(tx, about.point)?;
    let rating = about.rating(tx)?.ok_or_else(AppError::not_found)?;
    let said = tidied(raw);
    if said == rating.comment {
        return Ok(());
    }
    if !is_open(rating.at, clock.now()) {
        return Err(AppError::problem("rating.closed"));
    }
    Ok(store::put_comment(tx, rating.id, said.as_ref())?)
}

/// The point, for officers of its place.
///
/// # Errors
/// `not_found`, or the storage's.
pub fn need_point(tx: &Tx<'_>, by: MemberId, id: PointId, now: OffsetDateTime) -> AppResult<Point> {
    let today = day_of(now);
    let point = store::point(tx, id, today)?.ok_or_else(AppError::not_found)?;
    places::store::need_in_scope(tx, by, Role::CommuneOfficer, &point.place, today)?;
    Ok(point)
}

/// Says who may read a comment.
///
/// # Errors
/// `not_found`, `request.validation`, or the storage's.
pub fn moderate(
    tx: &mut Tx<'_>,
    clock: &Clock,
    by: MemberId,
    id: RatingId,
    state: CommentState,
) -> AppResult<()> {
    let rating = store::find(tx, id)?.filter(|rating| rating.comment.is_some());
    let rating = rating.ok_or_else(AppError::not_found)?;
    let point = need_point(tx, by, rating.point, clock.now())?;
    let own = store::own_paths(tx, by)?;
    if !own.iter().any(|own| point.path.starts_with(own)) {
        return Err(AppError::not_found());
    }
    if state == CommentState::Waiting {
        return Err(invalid("state"));
    }
    Ok(store::moderate(tx, id, state, (by, clock.now()))?)
}

/// The action, for officers of its point's place and above.
///
/// # Errors
/// `not_found`, or the storage's.
pub fn need_action(
    tx: &Tx<'_>,
    by: MemberId,
    id: ActionId,
    now: OffsetDateTime,
) -> AppResult<Action> {
    let today = day_of(now);
    let action = store::action(tx, id, today)?.ok_or_else(AppError::not_found)?;
    places::store::need_in_scope(tx, by, Role::CommuneOfficer, &action.place.0, today)?;
    Ok(action)
}

/// What an officer does about an action.
#[derive(Debug)]
pub struct Deed {
    /// Minted by who does it.
    pub id: Uuid,
    /// What.
    pub act: ActionAct,
    /// Whom it is given to.
    pub owner: Option<MemberId>,
    /// In words.
    pub note: Option<String>,
}

/// Does something about an action; done twice, it is done once.
///
/// # Errors
/// `not_found`, `request.validation`, `rating.action_not_now`, or the storage's.
pub fn act(
    tx: &mut Tx<'_>,
    clock: &Clock,
    by: MemberId,
    id: ActionId,
    deed: &Deed,
) -> AppResult<()> {
    let point = need_action(tx, by, id, clock.now())?.point.0;
    hold(tx, point)?;
    let action = need_action(tx, by, id, clock.now())?;
    match store::done_before(tx, deed.id)? {
        Some(same) if same == id => return Ok(()),
        Some(_) => return Err(AppError::not_found()),
        None => {}
    }
    let note = deed.note.as_deref().and_then(tidied);
    if note.is_none() && deed.act.needs_words() {
        return Err(invalid("note"));
    }
    let owner = match deed.act {
        ActionAct::Assign => {
            let owners = store::owners(tx, &action.place.2)?;
            let may = |owner: &MemberId| owners.iter().any(|(one, _)| one == owner);
            Some(deed.owner.filter(may).ok_or_else(|| invalid("owner"))?)
        }
        ActionAct::FindCause | ActionAct::Do | ActionAct::Close => None,
        ActionAct::Open | ActionAct::Drop => return Err(invalid("act")),
    };
    let done = Done {
        id: deed.id,
        action: id,
        act: deed.act,
        owner,
        note: note.unwrap_or_default(),
        at: clock.now(),
        by: Some(by),
    };
    let stands = deed.act.after(Some(action.stands), owner)?;
    store::write(tx, &done, stands)?;
    telling::given(tx, clock, &done)
}
