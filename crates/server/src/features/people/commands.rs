//! What changes people.

use super::looks::{self, Looked};
use super::page;
use crate::args;
use crate::features::members::{NewPerson, Role, enrol, index_words, need_over, person_name};
use crate::features::places;
use crate::platform::clock::Clock;
use crate::platform::db::Tx;
use crate::platform::problem::{AppError, AppResult};
use domain::ids::{MemberId, PlaceId, TeamId};
use domain::people::{Office, Origin, Position};
use domain::refusal::Refusal;
use domain::skills::Skills;
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use vn::phone::Phone;

/// Longest name of an organisation or decision number, in characters.
const TEXT_CHARS_MAX: usize = 120;

/// Who acts, and when.
#[derive(Clone, Copy, Debug)]
pub struct Act {
    /// Who.
    pub by: MemberId,
    /// The moment.
    pub now: OffsetDateTime,
    /// Its day.
    pub today: Date,
}

/// What the register says of a person, as it is to be.
#[derive(Debug)]
pub struct Told {
    /// Full name.
    pub name: String,
    /// Where they are at home.
    pub place: PlaceId,
    /// Who sends them.
    pub origin: Origin,
    /// Which school, enterprise or office that is; may be empty.
    pub organisation: String,
    /// As typed: empty for none, absent to leave it as it is.
    pub phone: Option<String>,
    /// Year of birth.
    pub birth_year: Option<i64>,
    /// Who guides them.
    pub mentor: Option<MemberId>,
}

fn invalid(field: &str) -> AppError {
    Refusal::new("request.validation")
        .with("field", field)
        .into()
}

fn fits(field: &str, text: &str) -> AppResult<String> {
    let text = vn::text::normalise(text);
    if text.chars().count() > TEXT_CHARS_MAX {
        return Err(invalid(field));
    }
    Ok(text)
}

fn phone(raw: &str) -> AppResult<Option<Phone>> {
    if raw.trim().is_empty() {
        return Ok(None);
    }
    let phone = Phone::parse(raw).map_err(|_| invalid("phone"))?;
    Ok(Some(phone))
}

fn born(year: Option<i64>, today: Date) -> AppResult<Option<i64>> {
    match year {
        Some(year) if !(1900..=i64::from(today.year())).contains(&year) => {
            Err(invalid("birth_year"))
        }
        year => Ok(year),
    }
}

/// Takes a person in, and into a team if one is named. Doing it again changes nothing.
///
/// # Errors
/// `not_found`, `fact.team_unknown`, `request.validation`, or the storage's.
pub fn add(
    tx: &mut Tx<'_>,
    act: Act,
    id: MemberId,
    told: &Told,
    team: Option<(TeamId, Position)>,
) -> AppResult<()> {
    places::store::need_in_scope(tx, act.by, Role::Leader, &told.place, act.today)?;
    if page::person(tx, id)?.is_some() {
        need_over(tx, act.by, Role::Leader, id)?;
        return Ok(());
    }
    let phone = phone(told.phone.as_deref().unwrap_or_default())?;
    let organisation = fits("organisation", &told.organisation)?;
    enrol(
        tx,
        &NewPerson {
            id,
            name: &told.name,
            place: &told.place,
            origin: told.origin,
            organisation: &organisation,
            phone: phone.as_ref(),
            birth_year: born(told.birth_year, act.today)?,
            now: act.now,
        },
    )?;
    if let Some((team, position)) = team {
        need_team(tx, act, team)?;
        join(tx, act, id, team, position)?;
    }
    Ok(())
}

/// Puts a new person into their first team: the row takes their id.
///
/// # Errors
/// The storage's.
pub fn join(
    tx: &mut Tx<'_>,
    act: Act,
    id: MemberId,
    team: TeamId,
    position: Position,
) -> AppResult<()> {
    tx.execute(
        "insert into team_member (id, team_id, member_id, position, since) values ($1, $2, $1, $3, $4)",
        args![id, team, position, act.today],
    )?;
    Ok(())
}

/// A team that still exists, at home where the caller leads.
fn need_team(tx: &Tx<'_>, act: Act, team: TeamId) -> AppResult<()> {
    let unknown = || Refusal::new("fact.team_unknown").with("team", team.to_string());
    let home = tx.one(
        "select place_id from team where id = $1 and dissolved_on is null",
        args![team],
        |row| row.get::<PlaceId>(0),
    )?;
    let home = home.ok_or_else(unknown)?;
    places::store::find_in_scope(tx, act.by, Role::Leader, &home, act.today)?
        .ok_or_else(unknown)?;
    Ok(())
}

/// Changes what the register says of a person.
///
/// # Errors
/// `not_found`, `auth.forbidden`, `request.validation`, or the storage's.
pub fn change(tx: &mut Tx<'_>, act: Act, id: MemberId, told: &Told) -> AppResult<()> {
    need_over(tx, act.by, Role::Leader, id)?;
    let before = page::person(tx, id)?.ok_or_else(AppError::not_found)?;
    if before.place != told.place {
        places::store::need_in_scope(tx, act.by, Role::Leader, &told.place, act.today)?;
    }
    if let Some(mentor) = told.mentor
        && before.mentor.map(|(id, _)| id) != Some(mentor.0)
    {
        if mentor == id || page::person(tx, mentor)?.is_none() {
            return Err(invalid("mentor_id"));
        }
        // Whoever may not be looked up may not be named either.
        super::super::members::store::roles_over(tx, act.by, Role::Leader, mentor)?
            .first()
            .ok_or_else(|| invalid("mentor_id"))?;
    }
    let name = person_name(&told.name)?;
    let organisation = fits("organisation", &told.organisation)?;
    let phone = match &told.phone {
        Some(raw) => phone(raw)?.map(|phone| phone.e164()),
        None => before.phone,
    };
    let rev = tx.next_rev()?;
    tx.execute(
        "update member set name = $2, fold = $3, order_key = $4, place_id = $5, origin = $6, organisation = $7,
           phone = $8, birth_year = $9, mentor_id = $10, rev = $11 where id = $1",
        args![
            id,
            &name,
            &vn::text::fold(&name),
            &vn::text::person_order_key(&name)[..],
            &told.place,
            told.origin,
            &organisation,
            phone.as_deref(),
            born(told.birth_year, act.today)?,
            told.mentor,
            rev
        ],
    )?;
    index_words(tx, id)
}

/// A person's whole phone number; that it was looked at is noted.
///
/// # Errors
/// `not_found`, or the storage's.
pub fn show_phone(tx: &mut Tx<'_>, clock: &Clock, by: MemberId, id: MemberId) -> AppResult<String> {
    need_over(tx, by, Role::Leader, id)?;
    let person = page::person(tx, id)?;
    let phone = person
        .and_then(|person| person.phone)
        .ok_or_else(AppError::not_found)?;
    looks::note(tx, clock, by, Looked::Person(id))?;
    Ok(phone)
}

/// A term of office to begin, change or end.
#[derive(Debug)]
pub struct NewTerm {
    /// Made by who asks: sent again, it changes nothing.
    pub id: Uuid,
    /// Which office.
    pub office: Office,
    /// Where.
    pub place: PlaceId,
    /// First day.
    pub since: Date,
    /// First day no longer.
    pub until: Option<Date>,
    /// By which decision; may be empty.
    pub decision_no: String,
}

/// Begins, changes or ends a term of office.
///
/// # Errors
/// `not_found`, `auth.forbidden`, `request.validation`, or the storage's.
pub fn set_office(tx: &mut Tx<'_>, act: Act, id: MemberId, term: &NewTerm) -> AppResult<()> {
    need_over(tx, act.by, Role::Leader, id)?;
    places::store::need_in_scope(tx, act.by, Role::Leader, &term.place, act.today)?;
    if term.until.is_some_and(|until| until < term.since) {
        return Err(invalid("until"));
    }
    let decision_no = fits("decision_no", &term.decision_no)?;
    let set = tx.execute(
        "insert into office_term (id, member_id, office, place_id, since, until, decision_no) values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (id) do update set office = excluded.office, place_id = excluded.place_id, since = excluded.since,
           until = excluded.until, decision_no = excluded.decision_no where office_term.member_id = excluded.member_id",
        args![term.id, id, term.office, &term.place, term.since, term.until, &decision_no],
    )?;
    // The id is another person's.
    if set == 0 {
        return Err(AppError::not_found());
    }
    Ok(())
}

/// Notes a skill at a level, or that it has ended.
///
/// # Errors
/// `not_found`, `auth.forbidden`, `request.validation`, or the storage's.
pub fn set_skill(
    tx: &mut Tx<'_>,
    act: Act,
    id: MemberId,
    skill: &str,
    (level, since, until): (i64, Date, Option<Date>),
) -> AppResult<()> {
    need_over(tx, act.by, Role::Leader, id)?;
    if !Skills::bundled().has_skill(skill) {
        return Err(AppError::not_found());
    }
    if !Skills::LEVELS.contains(&level) {
        return Err(invalid("level"));
    }
    if until.is_some_and(|until| until < since) {
        return Err(invalid("until"));
    }
    tx.execute(
        "insert into member_skill (member_id, skill, level, since, until) values ($1, $2, $3, $4, $5)
         on conflict (member_id, skill) do update set level = excluded.level, since = excluded.since, until = excluded.until",
        args![id, skill, level, since, until],
    )?;
    Ok(())
}

/// Forgets a skill that was noted by mistake.
///
/// # Errors
/// `not_found`, `auth.forbidden`, or the storage's.
pub fn drop_skill(tx: &mut Tx<'_>, act: Act, id: MemberId, skill: &str) -> AppResult<()> {
    need_over(tx, act.by, Role::Leader, id)?;
    tx.execute(
        "delete from member_skill where member_id = $1 and skill = $2",
        args![id, skill],
    )?;
    Ok(())
}

/// Ticks a line of one's own readiness list, or takes the tick away.
///
/// # Errors
/// `not_found` where there is no such line, or the storage's.
pub fn tick(tx: &mut Tx<'_>, act: Act, item: &str, done: bool) -> AppResult<()> {
    if !Skills::bundled().has_item(item) {
        return Err(AppError::not_found());
    }
    if done {
        tx.execute(
            "insert into readiness (member_id, item, done_at) values ($1, $2, $3) on conflict (member_id, item) do nothing",
            args![act.by, item, act.now],
        )?;
    } else {
        tx.execute(
            "delete from readiness where member_id = $1 and item = $2",
            args![act.by, item],
        )?;
    }
    Ok(())
}
