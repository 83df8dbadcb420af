//! What communes and the province do about requests and the register of experts.

use super::steps::hold_key;
use super::store::{self, Asked, Change, Expert, Request};
use super::telling;
use crate::args;
use crate::features::members::{Role, need_over};
use crate::features::places;
use crate::platform::clock::Clock;
use crate::platform::db::Tx;
use crate::platform::problem::{AppError, AppResult};
use domain::days::day_of;
use domain::experts::{Deed, Fields, RequestAct, check_visit, check_wish, words, words_option};
use domain::ids::{MemberId, RequestId};
use domain::refusal::Refusal;
use uuid::Uuid;

/// Hours a month that anybody can be lent for, at most.
const HOURS_MAX: u32 = 176;
/// Fields of one expert, at most.
const FIELDS_MAX: usize = 8;
/// Characters of an office's name, at most.
const OFFICE_CHARS_MAX: usize = 120;

fn invalid(field: &str) -> AppError {
    Refusal::new("request.validation")
        .with("field", field)
        .into()
}

/// Writes somebody into the register of experts.
///
/// # Errors
/// `not_found`, `request.validation`, or the storage's.
pub fn put_expert(tx: &mut Tx<'_>, clock: &Clock, by: MemberId, expert: &Expert) -> AppResult<()> {
    let (fields, today) = (Fields::bundled(), clock.today());
    places::store::need_in_scope(tx, by, Role::ProvinceOfficer, &expert.area, today)?;
    // Whose area is elsewhere already is for the officers of that place to change.
    let known = store::area_of(tx, expert.member.0)?;
    match known {
        Some(area) => {
            places::store::need_in_scope(tx, by, Role::ProvinceOfficer, &area, today)?;
        }
        None => {
            need_over(tx, by, Role::ProvinceOfficer, expert.member.0)?;
        }
    }
    let office = expert.office.chars().count();
    if !(1..=OFFICE_CHARS_MAX).contains(&office) {
        return Err(invalid("office"));
    }
    let codes = &expert.fields;
    let known = codes.iter().all(|code| fields.find(code).is_some());
    if !known || !(1..=FIELDS_MAX).contains(&codes.len()) {
        return Err(invalid("fields"));
    }
    if !(1..=HOURS_MAX).contains(&expert.hours_per_month) {
        return Err(invalid("hours_per_month"));
    }
    Ok(store::put_expert(tx, expert)?)
}

/// Makes a commune's request; asked again with the same id, it is made once.
///
/// # Errors
/// `not_found`, `request.validation`, `expert.…`, or the storage's.
pub fn ask(tx: &mut Tx<'_>, clock: &Clock, by: MemberId, asked: &Asked) -> AppResult<()> {
    let (now, today) = (clock.now(), clock.today());
    tx.hold(&[hold_key(asked.id)])?;
    let place = places::store::need_in_scope(tx, by, Role::CommuneOfficer, &asked.place, today)?;
    if let Some(before) = store::find(tx, asked.id, today)? {
        let same = before.asked_by.0 == by && before.place.id == asked.place;
        return if same {
            Ok(())
        } else {
            Err(AppError::not_found())
        };
    }
    let purpose = words("purpose", &asked.purpose)?;
    check_wish(asked.wish, today)?;
    let fields = Fields::bundled();
    let field = fields.find(&asked.field);
    if !field.is_some_and(|field| field.in_force(today)) {
        return Err(invalid("field"));
    }
    let speaks = |code: &String| store::languages().contains(code);
    if !asked.language.as_ref().is_none_or(speaks) {
        return Err(invalid("language"));
    }
    if let Some(point) = asked.point {
        let there = tx.one(
            "select 1 from service_point q join place p on p.id = q.place_id
              where q.id = $1 and substr(p.path, 1, length($2)) = $2",
            args![point, place.path.as_str()],
            |_| Ok(()),
        )?;
        there.ok_or_else(|| invalid("point"))?;
    }
    let asked = Asked {
        purpose,
        ..asked.clone()
    };
    store::add(tx, &asked, by, now)?;
    let change = Change {
        id: asked.id.0,
        request: asked.id,
        deed: Deed::of(RequestAct::Ask),
        note: String::new(),
        at: now,
        by,
        by_fact: false,
    };
    let stands = change.deed.after(None)?;
    store::write(tx, &change, &stands)?;
    telling::tell(tx, clock, &change)
}

/// Who may do what by themselves about a request, besides its expert.
fn least(act: RequestAct) -> Option<Role> {
    match act {
        RequestAct::Close | RequestAct::Cancel => Some(Role::CommuneOfficer),
        RequestAct::Offer | RequestAct::Withdraw | RequestAct::Dispatch | RequestAct::Refuse => {
            Some(Role::ProvinceOfficer)
        }
        RequestAct::Ask | RequestAct::Accept | RequestAct::Decline | RequestAct::Finish => None,
    }
}

/// Does something about a request under an id of the caller's; done twice, it is done once.
///
/// # Errors
/// `not_found`, `request.validation`, `expert.…`, or the storage's.
pub fn act(
    tx: &mut Tx<'_>,
    clock: &Clock,
    by: MemberId,
    id: RequestId,
    (act_id, deed, note): (Uuid, Deed, Option<&str>),
) -> AppResult<Request> {
    let today = clock.today();
    tx.hold(&[hold_key(id)])?;
    let role = least(deed.act).ok_or_else(|| invalid("act"))?;
    let found = store::find_in_scope(tx, id, (by, role), today)?;
    let request = found.ok_or_else(AppError::not_found)?;
    match store::done_before(tx, act_id)? {
        Some(same) if same == id => return Ok(request),
        Some(_) => return Err(AppError::not_found()),
        None => {}
    }
    let note = words_option("note", note)?;
    if note.is_none() && deed.act.needs_words() {
        return Err(invalid("note"));
    }
    let deed = match deed.act {
        RequestAct::Offer => {
            let expert = deed.expert.ok_or_else(|| invalid("expert"))?;
            let area = store::area_of(tx, expert)?.ok_or_else(AppError::not_found)?;
            let area = places::store::find(tx, &area, today)?;
            // The province may send whom it likes of those who come here at all.
            let comes = area.is_some_and(|area| request.place.path.starts_with(&area.path));
            comes.then_some(deed).ok_or_else(AppError::not_found)?
        }
        RequestAct::Dispatch => {
            check_visit(deed.visit.ok_or_else(|| invalid("visit"))?)?;
            deed
        }
        RequestAct::Close => {
            deed.word.ok_or_else(|| invalid("word"))?;
            deed
        }
        _ => deed,
    };
    let stands = deed.after(Some(request.stands))?;
    let change = Change {
        id: act_id,
        request: id,
        deed: Deed {
            expert: deed.expert.or(request.stands.expert),
            ..deed
        },
        note: note.unwrap_or_default(),
        at: clock.now(),
        by,
        by_fact: false,
    };
    store::write(tx, &change, &stands)?;
    telling::tell(tx, clock, &change)?;
    let after = store::find(tx, id, day_of(change.at))?;
    after.ok_or_else(AppError::not_found)
}
