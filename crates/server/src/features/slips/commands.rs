//! What is done about slips.

use super::store::{self, Deed, Slip};
use super::telling;
use crate::features::members::Role;
use crate::features::{desk, places, points};
use crate::platform::clock::{Clock, random};
use crate::platform::db::Tx;
use crate::platform::problem::{AppError, AppResult};
use domain::codes;
use domain::days::day_of;
use domain::ids::{MemberId, PointId};
use domain::procedures::Procedures;
use domain::refusal::Refusal;
use domain::slips::{self, PROCEDURES_MAX, SlipAct, WORDS_CHARS_MAX};
use time::Date;
use uuid::Uuid;
use vn::dossier::DossierCode;
use vn::phone::Phone;

/// Letters of a resident's code: fifty bits, as on tickets.
pub const CODE_LETTERS: usize = 10;

/// A slip to make.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Minted by whoever asks; asked again, it is the same slip.
    pub id: Uuid,
    /// Where the result is fetched.
    pub point: PointId,
    /// The ticket it is made for.
    pub ticket: Option<Uuid>,
    /// Codes of procedures.
    pub procedures: Vec<String>,
    /// The portal's code of the dossier, either shape.
    pub dossier: Option<String>,
    /// What else to bring.
    pub note: String,
    /// The day promised.
    pub due: Date,
    /// For a reminder, with consent.
    pub phone: Option<String>,
}

fn invalid(field: &str) -> AppError {
    Refusal::new("request.validation")
        .with("field", field)
        .into()
}

fn words(field: &str, raw: &str) -> AppResult<String> {
    let text = vn::text::normalise(raw);
    match text.chars().count() <= WORDS_CHARS_MAX {
        true => Ok(text),
        false => Err(invalid(field)),
    }
}

/// The point, if `member` holds `least` on its place or above it.
///
/// # Errors
/// `not_found`, or the storage's.
pub fn need_point(
    tx: &Tx<'_>,
    member: MemberId,
    least: Role,
    (point, today): (PointId, Date),
) -> AppResult<()> {
    let home = points::store::home(tx, point)?.ok_or_else(AppError::not_found)?;
    places::store::need_in_scope(tx, member, least, &home, today)?;
    Ok(())
}

/// Makes a slip.
///
/// # Errors
/// `not_found`, `request.validation`, `slip.due`, `fact.dossier_code_malformed`, or the storage's.
pub fn make(tx: &mut Tx<'_>, clock: &Clock, by: MemberId, asked: &Asked) -> AppResult<Slip> {
    let (now, today) = (clock.now(), clock.today());
    tx.hold(&[*asked.id.as_bytes()])?;
    desk::need_worker(tx, asked.point, by, Some(today))?;
    if store::is_known(tx, asked.id)? {
        let same = store::find_in_scope(tx, asked.id, by, today)?;
        return same
            .filter(|same| same.point == asked.point)
            .ok_or_else(AppError::not_found);
    }
    let known = |code: &String| Procedures::bundled().find(code).is_some();
    let count = asked.procedures.len();
    if !(1..=PROCEDURES_MAX).contains(&count) || !asked.procedures.iter().all(known) {
        return Err(invalid("procedures"));
    }
    slips::check_due(asked.due, today)?;
    let dossier = asked
        .dossier
        .as_deref()
        .filter(|raw| !raw.trim().is_empty());
    let dossier = dossier
        .map(|raw| DossierCode::parse(raw).map(|code| code.as_str().to_owned()))
        .transpose()
        .map_err(|_| Refusal::new("fact.dossier_code_malformed"))?;
    let phone = asked.phone.as_deref().filter(|raw| !raw.trim().is_empty());
    let phone = phone
        .map(|raw| Phone::parse(raw).map(|phone| phone.e164()))
        .transpose()
        .map_err(|_| invalid("phone"))?;
    let deed = Deed {
        id: asked.id,
        act: SlipAct::Make,
        due: Some(asked.due),
        note: String::new(),
    };
    let stands = slips::Deed {
        act: deed.act,
        on: today,
        due: deed.due,
    }
    .after(None)?;
    let slip = Slip {
        id: asked.id,
        code: codes::from_random(random::<CODE_LETTERS>()),
        point: asked.point,
        point_name: String::new(),
        point_address: String::new(),
        place_name: String::new(),
        ticket: asked.ticket,
        procedures: asked.procedures.clone(),
        dossier,
        note: words("note", &asked.note)?,
        made_on: today,
        made_by: (by, String::new()),
        stands,
        phone,
    };
    store::insert(tx, &slip, now)?;
    store::write(tx, slip.id, &deed, &stands, (by, now))?;
    need(tx, slip.id, by, today)
}

/// The slip, if `member` may see it.
///
/// # Errors
/// `not_found`, or the storage's.
pub fn need(tx: &Tx<'_>, id: Uuid, member: MemberId, today: Date) -> AppResult<Slip> {
    store::find_in_scope(tx, id, member, today)?.ok_or_else(AppError::not_found)
}

/// Does something about a slip under an id of the caller's; done twice, it is done once.
///
/// # Errors
/// `not_found`, `request.validation`, `slip.…`, or the storage's.
pub fn act(
    tx: &mut Tx<'_>,
    clock: &Clock,
    by: MemberId,
    (id, deed): (Uuid, &Deed),
) -> AppResult<Slip> {
    let now = clock.now();
    let today = day_of(now);
    tx.hold(&[*id.as_bytes()])?;
    let slip = need(tx, id, by, today)?;
    match store::done_before(tx, deed.id)? {
        Some(same) if same == id => return Ok(slip),
        Some(_) => return Err(AppError::not_found()),
        None => {}
    }
    let note = words("note", &deed.note)?;
    let says_why =
        matches!(deed.act, SlipAct::SendBack | SlipAct::Cancel) || is_apology(&slip, deed);
    if says_why && note.is_empty() {
        return Err(invalid("note"));
    }
    if deed.act == SlipAct::NewDay {
        slips::check_due(deed.due.ok_or_else(|| invalid("due"))?, today)?;
    }
    let stands = slips::Deed {
        act: deed.act,
        on: today,
        due: deed.due.filter(|_| deed.act == SlipAct::NewDay),
    }
    .after(Some(slip.stands))?;
    let deed = Deed {
        note,
        due: (deed.act == SlipAct::NewDay).then_some(stands.due),
        ..deed.clone()
    };
    store::write(tx, id, &deed, &stands, (by, now))?;
    let after = need(tx, id, by, today)?;
    if stands.apologies > slip.stands.apologies {
        telling::apologise(tx, clock, &after)?;
    }
    Ok(after)
}

fn is_apology(slip: &Slip, deed: &Deed) -> bool {
    deed.act == SlipAct::NewDay && slip.stands.stage == domain::slips::SlipStage::Open
}
