//! What changes teams.

use super::{TeamBody, store};
use crate::args;
use crate::features::members::{Role, store as members};
use crate::features::places;
use crate::platform::clock::Clock;
use crate::platform::db::{Effect, Tx};
use crate::platform::problem::{AppError, AppResult};
use crate::platform::wire::Day;
use domain::ids::{MemberId, PlaceId, TeamId};
use domain::people::{RevisionKind, TeamKind};
use domain::refusal::Refusal;
use domain::teams::{self, Decision};
use uuid::Uuid;

/// Longest name, number or note, in characters.
const NAME_CHARS_MAX: usize = 120;
const NOTE_CHARS_MAX: usize = 500;

/// Makes a team.
///
/// # Errors
/// `team.name_taken`, `request.validation`, or the storage's.
pub fn create(
    tx: &mut Tx<'_>,
    id: TeamId,
    name: &str,
    kind: TeamKind,
    place: &PlaceId,
) -> AppResult<TeamBody> {
    let name = text("name", name, 1, NAME_CHARS_MAX)?;
    let rev = tx.next_rev()?;
    let made = tx.execute(
        "insert into team (id, name, fold, kind, place_id, rev) values ($1, $2, $3, $4, $5, $6)
         on conflict (place_id, fold) do nothing",
        args![id, &name, &vn::text::fold(&name), kind, place, rev],
    )?;
    if made == 0 {
        return Err(AppError::problem("team.name_taken"));
    }
    tx.effects.push(Effect::Shape);
    Ok(TeamBody {
        id: id.0,
        name,
        kind,
        place_id: place.to_string(),
        founded_on: None,
        dissolved_on: None,
    })
}

fn text(field: &str, raw: &str, chars_min: usize, chars_max: usize) -> AppResult<String> {
    let text = vn::text::normalise(raw);
    if (chars_min..=chars_max).contains(&text.chars().count()) {
        return Ok(text);
    }
    Err(Refusal::new("request.validation")
        .with("field", field)
        .into())
}

/// The paper a decision stands on.
#[derive(Clone, Debug)]
pub struct Paper {
    /// Made by who enters it: sent again, it changes nothing.
    pub id: Uuid,
    /// Its number.
    pub decision_no: String,
    /// Who decided.
    pub issuer: String,
    /// What there is to say; may be empty.
    pub note: String,
}

/// Carries a decision out: memberships end and begin in one go, and the paper is kept.
///
/// # Errors
/// `not_found`, `request.validation`, a refusal of [`teams::decide`], or the storage's.
pub fn decide(
    tx: &mut Tx<'_>,
    clock: &Clock,
    by: MemberId,
    team: TeamId,
    paper: &Paper,
    decision: &Decision,
) -> AppResult<()> {
    // Two decisions about one team take turns.
    tx.hold(&[team.0.into_bytes()])?;
    let found = store::find(tx, team)?.ok_or_else(AppError::not_found)?;
    let place = PlaceId::parse(&found.place_id).map_err(|_| AppError::not_found())?;
    places::store::need_in_scope(tx, by, Role::CommuneOfficer, &place, clock.today())?;
    match store::decided(tx, paper.id)? {
        Some(same) if same == team.0 => return Ok(()),
        Some(_) => return Err(AppError::not_found()),
        None => {}
    }
    let standing = store::standing(tx, &found)?;
    let changes = teams::decide(&standing, decision)?;
    for (member, _) in &changes.join {
        let known = standing.members.contains_key(member)
            || !members::roles_over(tx, by, Role::CommuneOfficer, *member)?.is_empty();
        if !known {
            return Err(Refusal::new("request.validation")
                .with("field", "members")
                .into());
        }
    }
    write_down(tx, clock, by, team, paper, decision)?;
    for member in &changes.leave {
        // Who joined without a decision after the day of this one was never in.
        tx.execute(
            "update team_member set until = case when since > $3 then since else $3 end, ended_by = $4 where team_id = $1 and member_id = $2 and until is null",
            args![team, *member, decision.on, paper.id],
        )?;
        // What they record from now on is no longer this team's.
        tx.execute(
            "update member_grant set team_id = null where team_id = $1 and member_id = $2",
            args![team, *member],
        )?;
    }
    for (member, position) in &changes.join {
        tx.execute(
            "insert into team_member (id, team_id, member_id, position, since, began_by) values ($1, $2, $3, $4, $5, $6)",
            args![clock.new_id(), team, *member, *position, decision.on, paper.id],
        )?;
        tx.execute(
            "update member_grant set team_id = $1 where member_id = $2 and place_id = $3 and team_id is null
               and role in ('volunteer', 'leader')",
            args![team, *member, &place],
        )?;
    }
    Ok(())
}

fn write_down(
    tx: &mut Tx<'_>,
    clock: &Clock,
    by: MemberId,
    team: TeamId,
    paper: &Paper,
    decision: &Decision,
) -> AppResult<()> {
    let decision_no = text("decision_no", &paper.decision_no, 1, NAME_CHARS_MAX)?;
    let issuer = text("issuer", &paper.issuer, 1, NAME_CHARS_MAX)?;
    let note = text("note", &paper.note, 0, NOTE_CHARS_MAX)?;
    tx.execute(
        "insert into team_revision (id, team_id, kind, decided_on, decision_no, issuer, note, at, by_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        args![paper.id, team, decision.kind, decision.on, &decision_no, &issuer, &note, clock.now(), by],
    )?;
    let day = match decision.kind {
        RevisionKind::Founding => "founded_on",
        RevisionKind::Dissolution => "dissolved_on",
        RevisionKind::Consolidation => return Ok(()),
    };
    let rev = tx.next_rev()?;
    tx.execute(
        &format!("update team set {day} = $2, rev = $3 where id = $1"),
        args![team, decision.on, rev],
    )?;
    tx.effects.push(Effect::Shape);
    Ok(())
}

/// The day a founding paper gives a new team.
pub fn founded(mut team: TeamBody, on: Option<Day>) -> TeamBody {
    team.founded_on = on;
    team
}
