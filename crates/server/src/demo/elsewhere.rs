//! The teams that the other articles of 2024 and before tell of: Đà Nẵng's in every hamlet and
//! street group, so that lists and searches are seen at size, Hoài Ân's and Bình Chánh's.

use super::names;
use crate::args;
use crate::features::members::{NewMember, NewPerson, Role, create, enrol, password};
use crate::features::places::store::{self as places, Place};
use crate::features::teams::{self, Paper};
use crate::platform::clock::Clock;
use crate::platform::db::Tx;
use crate::platform::problem::{AppError, AppResult};
use domain::ids::{MemberId, PlaceId, TeamId};
use domain::people::{Origin, Position, RevisionKind, TeamKind};
use domain::teams::Decision;
use fastrand::Rng;
use time::Date;
use time::macros::{date, datetime};
use uuid::Uuid;

/// Thành phố Đà Nẵng before the merger.
const CITY: &str = "63-48";
/// Huyện Hoài Ân.
const HOAI_AN: &str = "63-544";
/// Huyện Bình Chánh, Thành phố Hồ Chí Minh.
const BINH_CHANH: &str = "63-785";
/// "Khoảng 2.500 tổ" (S4-19).
const TEAMS: usize = 2500;
/// "Khoảng 14.000 thành viên" (S4-19).
const PEOPLE: usize = 14_000;
/// "113 tổ" in huyện Hòa Vang (S4-07).
const HOA_VANG_TEAMS: usize = 113;
/// Since when the teams are there in this demonstration.
const SINCE: Date = date!(2022 - 09 - 01);

/// Puts the teams in, `scale` of Đà Nẵng's, and the city's officer, who signs in as `danang`.
///
/// # Errors
/// The storage's.
pub fn build(tx: &mut Tx<'_>, scale: f64) -> AppResult<()> {
    // Drawn apart, so that what happens in the campaign stays as it is.
    let mut rng = Rng::with_seed(0xda_2500);
    let rng = &mut rng;
    da_nang(tx, rng, scale)?;
    // "≈ 20 tổ" with "≈ 150 ĐVTN" at 15 communes (S2-03).
    let hoai_an = communes_of(tx, HOAI_AN)?;
    spread(tx, rng, &hoai_an, TeamKind::Community, (20, 150))?;
    // "17 tổ thanh niên xung kích" (S3-07); how many people is made up.
    let binh_chanh = communes_of(tx, BINH_CHANH)?;
    spread(tx, rng, &binh_chanh, TeamKind::Shock, (17, 102))
}

fn communes_of(tx: &Tx<'_>, district: &str) -> AppResult<Vec<Place>> {
    let id = PlaceId::parse(district).map_err(|fault| AppError::Internal(fault.to_string()))?;
    Ok(places::children(tx, &id, SINCE)?)
}

/// So many teams of so many people in all, one commune after the other.
fn spread(
    tx: &mut Tx<'_>,
    rng: &mut Rng,
    communes: &[Place],
    kind: TeamKind,
    (teams, mut people): (usize, usize),
) -> AppResult<()> {
    for (n, commune) in (0..teams).zip(communes.iter().cycle()) {
        let size = people.div_ceil(teams - n);
        people -= size;
        team(tx, rng, (commune, kind), n / communes.len() + 1, size)?;
    }
    Ok(())
}

fn da_nang(tx: &mut Tx<'_>, rng: &mut Rng, scale: f64) -> AppResult<()> {
    let id = PlaceId::parse(CITY).map_err(|fault| AppError::Internal(fault.to_string()))?;
    let city = places::find(tx, &id, SINCE)?.ok_or_else(AppError::not_found)?;
    let (mut rural, mut urban) = (Vec::new(), Vec::new());
    for district in places::children(tx, &id, SINCE)? {
        let communes = places::children(tx, &district.id, SINCE)?;
        if district.name == "Hòa Vang" {
            rural = communes;
        } else {
            urban.extend(communes);
        }
    }
    let sized = |whole: usize| (whole as f64 * scale).ceil() as usize;
    let (teams, people) = (sized(TEAMS), sized(PEOPLE));
    let outside = sized(HOA_VANG_TEAMS).min(teams);
    let share = people * outside / teams;
    let kind = TeamKind::Community;
    spread(tx, rng, &rural, kind, (outside, share))?;
    spread(tx, rng, &urban, kind, (teams - outside, people - share))?;
    let officer = officer(tx, rng, &city)?;
    first(tx, rng, officer, &urban)
}

fn drawn(rng: &mut Rng) -> Uuid {
    uuid::Builder::from_random_bytes(rng.u128(..).to_le_bytes()).into_uuid()
}

/// A team of a hamlet or street group: members of the youth union, people of technology
/// enterprises, and those who live there.
fn team(
    tx: &mut Tx<'_>,
    rng: &mut Rng,
    (commune, kind): (&Place, TeamKind),
    number: usize,
    size: usize,
) -> AppResult<()> {
    let id = TeamId(drawn(rng));
    let group = if commune.full_name.starts_with("Xã") {
        "thôn"
    } else {
        "tổ dân phố"
    };
    let what = match kind {
        TeamKind::Shock => "Tổ thanh niên xung kích".to_owned(),
        _ => format!("Tổ công nghệ số cộng đồng {group}"),
    };
    teams::create(tx, id, &format!("{what} số {number}"), kind, &commune.id)?;
    for n in 0..size {
        let member = MemberId(drawn(rng));
        let (origin, organisation) = match rng.u32(..10) {
            0..2 => (Origin::Enterprise, "Doanh nghiệp công nghệ số (minh họa)"),
            2..4 => (Origin::Front, ""),
            4..5 => (Origin::Official, ""),
            _ => (Origin::Doan, ""),
        };
        let person = NewPerson {
            id: member,
            name: &names::person(rng),
            place: &commune.id,
            origin,
            organisation,
            phone: None,
            birth_year: None,
            now: datetime!(2022-09-01 08:00 +7),
        };
        enrol(tx, &person)?;
        let position = if n == 0 {
            Position::Leader
        } else {
            Position::Member
        };
        tx.execute(
            "insert into team_member (id, team_id, member_id, position, since) values ($1, $2, $3, $4, $5)",
            args![drawn(rng), id, member, position, SINCE],
        )?;
    }
    Ok(())
}

fn officer(tx: &mut Tx<'_>, rng: &mut Rng, city: &Place) -> AppResult<MemberId> {
    let id = MemberId(drawn(rng));
    let officer = NewMember {
        id,
        login: "danang",
        name: "Nguyễn Hoài Thương",
        password_hash: &password::hash("binhdinh-2024")?,
        role: Role::ProvinceOfficer,
        place: &city.id,
        team: None,
        now: datetime!(2024-03-01 08:00 +7),
    };
    create(tx, &officer)?;
    Ok(id)
}

/// The first of its district (S4-01), as its founding decision says.
fn first(tx: &mut Tx<'_>, rng: &mut Rng, by: MemberId, communes: &[Place]) -> AppResult<()> {
    let home = communes
        .iter()
        .find(|commune| commune.name == "Hòa Hiệp Bắc");
    let home = home.ok_or_else(AppError::not_found)?;
    let id = TeamId(drawn(rng));
    let name = "Đội thanh niên tình nguyện chuyển đổi số cộng đồng phường Hòa Hiệp Bắc";
    teams::create(tx, id, name, TeamKind::Youth, &home.id)?;
    let found = teams::store::find(tx, id)?.ok_or_else(AppError::not_found)?;
    let paper = Paper {
        id: drawn(rng),
        decision_no: "MH-001/QĐ-MINHHOA".to_owned(),
        issuer: "Đoàn phường Hòa Hiệp Bắc (minh họa)".to_owned(),
        note: String::new(),
    };
    let decision = Decision {
        kind: RevisionKind::Founding,
        on: date!(2022 - 03 - 20),
        members: teams::store::standing(tx, &found)?
            .members
            .into_iter()
            .collect(),
    };
    let clock = Clock::still(datetime!(2024-03-02 08:00 +7));
    teams::decide(tx, &clock, by, id, &paper, &decision)?;
    Ok(())
}
