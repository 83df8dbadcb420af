//! What is done about reports: making one on the public page, and what officers do.

use super::store::{self, Alert, Contact, Kept, Made, Step};
use super::telling;
use crate::features::members::Role;
use crate::features::people::looks::{self, Looked};
use crate::features::places;
use crate::platform::clock::Clock;
use crate::platform::db::Tx;
use crate::platform::problem::{AppError, AppResult};
use domain::days::day_of;
use domain::facts::clean;
use domain::ids::{MemberId, PlaceId, ScamReportId};
use domain::refusal::Refusal;
use domain::scams::{
    HANDING_CHARS_MAX, Handing, NOTE_CHARS_MAX, ScamAct, ScamDeed, ScamReport, Scams, WAVE_DAYS,
};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// Characters of the name in a contact, at most.
const NAME_CHARS_MAX: usize = 80;
/// Version of the words with which residents consent to be called.
pub const CONSENT: &str = "scam-2026-11";

fn invalid(field: &str) -> AppError {
    Refusal::new("request.validation")
        .with("field", field)
        .into()
}

/// What to hold before deciding about a report.
pub fn hold_key(id: ScamReportId) -> [u8; 16] {
    *id.0.as_bytes()
}

/// How to reach a resident, if they want to be called: both or neither.
///
/// # Errors
/// `person.phone`, or `request.validation` with the field.
pub fn contact(name: &str, phone: &str) -> AppResult<Option<Contact>> {
    if name.trim().is_empty() && phone.trim().is_empty() {
        return Ok(None);
    }
    let phone = vn::phone::Phone::parse(phone).map_err(|_| invalid("phone"))?;
    Ok(Some(Contact {
        name: clean("name", name, NAME_CHARS_MAX).map_err(|_| invalid("name"))?,
        phone: phone.e164(),
    }))
}

/// A report from the public page.
#[derive(Clone, Debug)]
pub struct New {
    /// Made with the form: sent twice, it is made once.
    pub id: ScamReportId,
    /// The commune.
    pub place: PlaceId,
    /// What it says.
    pub report: ScamReport,
    /// How to reach them, with their consent.
    pub contact: Option<Contact>,
}

/// Makes a report from the public page.
///
/// # Errors
/// `scam.…`, `request.validation`, or the storage's.
pub fn report(tx: &mut Tx<'_>, clock: &Clock, new: New) -> AppResult<()> {
    let now = clock.now();
    let today = day_of(now);
    tx.hold(&[hold_key(new.id)])?;
    let place = places::store::find(tx, &new.place, today)?;
    let commune = place.filter(|place| place.level == "commune" && place.in_force(today));
    let commune = commune.ok_or_else(|| invalid("place"))?;
    let made = Made {
        id: new.id,
        by_fact: false,
        place: commune.id,
        team: None,
        report: new.report.tidied(today)?,
        made_on: today,
        by: None,
    };
    if make(tx, clock, &made)?
        && let Some(contact) = &new.contact
    {
        store::keep_contact(tx, new.id, contact, (CONSENT, now))?;
    }
    Ok(())
}

/// Keeps a new report with its first step, and tells officers; `false` when it was there
/// before.
///
/// # Errors
/// The storage's.
pub fn make(tx: &mut Tx<'_>, clock: &Clock, made: &Made) -> AppResult<bool> {
    let step = Step {
        id: made.id.0,
        report: made.id,
        deed: ScamDeed::of(ScamAct::Report),
        note: String::new(),
        at: clock.now(),
        by: made.by,
    };
    let stands = step.deed.after(None, made.by)?;
    if !store::add(tx, made, &stands)? {
        return Ok(false);
    }
    store::write(tx, &step)?;
    telling::reported(tx, clock, made)?;
    Ok(true)
}

/// Something for an officer to do about a report.
#[derive(Clone, Debug)]
pub struct Act {
    /// Minted by the officer's device: sent twice, it is done once.
    pub id: Uuid,
    /// What.
    pub deed: ScamDeed,
    /// In words.
    pub note: String,
}

fn tidied(act: Act) -> AppResult<Act> {
    let text = |field: &'static str, raw: &str, chars_max: usize| match raw.trim() {
        "" => Ok(String::new()),
        raw => clean(field, raw, chars_max),
    };
    let handing = match act.deed.handing {
        Some(Handing { to, way, reference }) => Some(Handing {
            to: clean("to", &to, HANDING_CHARS_MAX).map_err(|_| invalid("to"))?,
            way,
            reference: text("reference", &reference, HANDING_CHARS_MAX)?,
        }),
        None => None,
    };
    Ok(Act {
        note: text("note", &act.note, NOTE_CHARS_MAX)?,
        deed: ScamDeed {
            handing,
            ..act.deed
        },
        ..act
    })
}

/// Does something about a report; done twice, it is done once.
///
/// # Errors
/// `not_found`, `scam.not_now`, `scam.not_in_hand`, `request.validation`, or the storage's.
pub fn act(
    tx: &mut Tx<'_>,
    clock: &Clock,
    by: MemberId,
    id: ScamReportId,
    act: Act,
) -> AppResult<Kept> {
    let now = clock.now();
    tx.hold(&[hold_key(id)])?;
    let kept = need_in_scope(tx, id, by, now)?;
    match store::done_before(tx, act.id)? {
        Some(same) if same == id => return Ok(kept),
        Some(_) => return Err(AppError::not_found()),
        None => {}
    }
    if act.deed.act == ScamAct::Report {
        return Err(invalid("act"));
    }
    let act = tidied(act)?;
    let stands = act.deed.after(Some(kept.stands), Some(by))?;
    if act.deed.act != ScamAct::Take {
        need_in_hand(&kept, by)?;
    }
    let step = Step {
        id: act.id,
        report: id,
        deed: act.deed,
        note: act.note,
        at: now,
        by: Some(by),
    };
    store::write(tx, &step)?;
    store::move_on(tx, id, &stands)?;
    if step.deed.act == ScamAct::Close {
        telling::closed(tx, clock, &kept.made)?;
    }
    let after = store::find(tx, id, day_of(now))?;
    after.ok_or_else(AppError::not_found)
}

fn need_in_scope(
    tx: &Tx<'_>,
    id: ScamReportId,
    by: MemberId,
    now: OffsetDateTime,
) -> AppResult<Kept> {
    let found = store::find_in_scope(tx, id, by, day_of(now))?;
    found.ok_or_else(AppError::not_found)
}

/// One officer at a time handles a report, so that the police are told once; whoever takes it
/// in hand may.
fn need_in_hand(kept: &Kept, by: MemberId) -> AppResult<()> {
    match kept.stands.officer == Some(by) {
        true => Ok(()),
        false => Err(AppError::problem("scam.not_in_hand")),
    }
}

/// The contact of a report, for the officer who has it in hand; the look is noted.
///
/// # Errors
/// `not_found`, `scam.not_in_hand`, or the storage's.
pub fn look_at_contact(
    tx: &mut Tx<'_>,
    clock: &Clock,
    by: MemberId,
    id: ScamReportId,
) -> AppResult<Contact> {
    let now = clock.now();
    let kept = need_in_scope(tx, id, by, now)?;
    need_in_hand(&kept, by)?;
    let contact = store::contact_of(tx, id)?.ok_or_else(AppError::not_found)?;
    looks::note(tx, clock, by, Looked::ScamReport(id))?;
    Ok(contact)
}

/// Tells the leaders of all teams of a commune of a wave; sent twice, they hear of it once.
/// How many they are.
///
/// # Errors
/// `not_found`, `scam.unknown`, `request.validation`, or the storage's.
pub fn alert(tx: &mut Tx<'_>, clock: &Clock, by: MemberId, alert: Alert) -> AppResult<usize> {
    let now = clock.now();
    let least = Role::CommuneOfficer;
    let place = places::store::need_in_scope(tx, by, least, &alert.place, day_of(now))?;
    if Scams::bundled().find(&alert.scam).is_none() {
        return Err(Refusal::new("scam.unknown").with("scam", alert.scam).into());
    }
    let alert = Alert {
        text: clean("text", &alert.text, NOTE_CHARS_MAX)?,
        ..alert
    };
    store::add_alert(tx, &alert, (by, now))?;
    Ok(telling::alert(tx, clock, &alert, &place)?)
}

/// Since when alerts say that a wave was told of already.
pub fn told_since(now: OffsetDateTime) -> OffsetDateTime {
    now - Duration::days(i64::from(WAVE_DAYS))
}
