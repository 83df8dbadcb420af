//! Places, teams and people of the demonstration.

use super::names;
use crate::args;
use crate::features::members::{NewMember, Role, create, password};
use crate::features::places::store as places;
use crate::features::places::store::Place;
use crate::features::teams::{self, Paper};
use crate::platform::clock::Clock;
use crate::platform::db::Tx;
use crate::platform::problem::{AppError, AppResult};
use domain::days::VIETNAM;
use domain::ids::{MemberId, PlaceId, TeamId};
use domain::people::{Office, Position, RevisionKind, TeamKind};
use domain::teams::Decision;
use fastrand::Rng;
use std::collections::HashMap;
use time::macros::{date, datetime, time};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

/// Tỉnh Bình Định before the merger.
pub const PROVINCE: &str = "63-52";
/// "176 Tổ công nghệ số thanh niên" (Báo Bình Định, 26/03/2024).
pub const YOUTH_TEAMS: usize = 176;
/// People in thousands by district, rounded after the 2019 census, for a demonstration.
const PEOPLE_THOUSANDS: &[(&str, u32)] = &[
    ("Quy Nhơn", 290),
    ("An Lão", 28),
    ("Hoài Nhơn", 208),
    ("Hoài Ân", 86),
    ("Phù Mỹ", 162),
    ("Vĩnh Thạnh", 31),
    ("Tây Sơn", 116),
    ("Phù Cát", 183),
    ("An Nhơn", 176),
    ("Tuy Phước", 180),
    ("Vân Canh", 28),
];
/// Where a demonstration figure comes from.
pub const FIGURE_SOURCE: &str = "Số trình diễn, làm tròn theo Tổng điều tra 2019";

/// A team and who works in it.
#[derive(Debug)]
pub struct Team {
    /// Id.
    pub id: TeamId,
    /// Youth teams go from door to door on Sundays, desk teams stand at a desk on weekdays.
    pub kind: TeamKind,
    /// Its commune's position in [`World::communes`].
    pub commune: usize,
    /// Its members, the leader first.
    pub members: Vec<MemberId>,
}

/// The demonstration's places, teams and people.
#[derive(Debug)]
pub struct World {
    /// The province.
    pub province: Place,
    /// Districts by code.
    pub districts: Vec<Place>,
    /// Communes by path.
    pub communes: Vec<Place>,
    /// People of each commune.
    pub people: Vec<u32>,
    /// District of each commune, as position.
    pub district_of: Vec<usize>,
    /// All teams.
    pub teams: Vec<Team>,
    /// Who signs in as `canbotinh`.
    pub province_officer: MemberId,
}

/// An id drawn from a seed.
pub fn id(rng: &mut Rng) -> Uuid {
    // Version and variant bits as of a random UUID, drawn from the seed.
    uuid::Builder::from_random_bytes(rng.u128(..).to_le_bytes()).into_uuid()
}

/// Makes figures, teams and members in the bundled territory.
///
/// # Errors
/// The storage's.
pub fn build(tx: &mut Tx<'_>, rng: &mut Rng) -> AppResult<World> {
    let on = date!(2024 - 03 - 03);
    let root = PlaceId::parse(PROVINCE).map_err(|fault| AppError::Internal(fault.to_string()))?;
    let province = places::find(tx, &root, on)?.ok_or_else(AppError::not_found)?;
    let districts = places::children(tx, &root, on)?;
    let mut communes = Vec::new();
    let mut district_of = Vec::new();
    for (at, district) in districts.iter().enumerate() {
        for commune in places::children(tx, &district.id, on)? {
            communes.push(commune);
            district_of.push(at);
        }
    }
    let people = figures(tx, rng, &province, &districts, &communes, &district_of)?;
    let mut world = World {
        province,
        districts,
        communes,
        people,
        district_of,
        teams: Vec::new(),
        province_officer: MemberId(id(rng)),
    };
    youth_teams(tx, rng, &mut world)?;
    desk_teams(tx, rng, &mut world)?;
    // In An Nhơn twelve of fifteen communes have a street.
    let an_nhon = |district: &usize| world.districts[*district].name == "An Nhơn";
    let home = world
        .teams
        .iter()
        .position(|team| an_nhon(&world.district_of[team.commune]));
    logins(tx, rng, &world, home.unwrap_or(0), date!(2024 - 03 - 01))?;
    founding(tx, &world)?;
    Ok(world)
}

/// Founding decisions of the youth teams, with numbers that nobody takes for real ones, and
/// their leaders as core persons in most communes.
fn founding(tx: &mut Tx<'_>, world: &World) -> AppResult<()> {
    // Where a login leads the team, whoever was drawn for it is their deputy.
    tx.execute(
        "update team_member set position = $1 where position = $2 and exists (
           select 1 from team_member o join member m on m.id = o.member_id
            where o.team_id = team_member.team_id and o.position = $2 and m.login = 'totruong' and o.id <> team_member.id)",
        args![Position::Deputy, Position::Leader],
    )?;
    // Drawn apart, so that what happens in the campaign stays as it is.
    let mut rng = Rng::with_seed(176);
    let clock = Clock::still(datetime!(2024-03-02 08:00 +7));
    let youth = world
        .teams
        .iter()
        .filter(|team| team.kind == TeamKind::Youth);
    for (n, team) in youth.enumerate() {
        let found = teams::store::find(tx, team.id)?.ok_or_else(AppError::not_found)?;
        let paper = Paper {
            id: id(&mut rng),
            decision_no: format!("MH-{:03}/QĐ-MINHHOA", n + 1),
            issuer: "Tỉnh đoàn Bình Định (minh họa)".to_owned(),
            note: String::new(),
        };
        let decision = Decision {
            kind: RevisionKind::Founding,
            on: date!(2022 - 04 - 01) + time::Duration::days(rng.i64(0..600)),
            members: teams::store::standing(tx, &found)?
                .members
                .into_iter()
                .collect(),
        };
        teams::decide(
            tx,
            &clock,
            world.province_officer,
            team.id,
            &paper,
            &decision,
        )?;
        if rng.u32(..100) < 85 {
            tx.execute(
                "insert into office_term (id, member_id, office, place_id, since, decision_no) values ($1, $2, $3, $4, $5, '')",
                args![id(&mut rng), team.members.first().copied(), Office::CorePerson, &world.communes[team.commune].id, date!(2024 - 03 - 01)],
            )?;
        }
    }
    Ok(())
}

fn figures(
    tx: &mut Tx<'_>,
    rng: &mut Rng,
    province: &Place,
    districts: &[Place],
    communes: &[Place],
    district_of: &[usize],
) -> AppResult<Vec<u32>> {
    let mut people = vec![0_u32; communes.len()];
    let mut whole = 0;
    for (at, district) in districts.iter().enumerate() {
        let thousands = PEOPLE_THOUSANDS
            .iter()
            .find(|(name, _)| *name == district.name)
            .map_or(50, |(_, n)| *n);
        let inside: Vec<usize> = (0..communes.len())
            .filter(|commune| district_of[*commune] == at)
            .collect();
        let weights: Vec<u32> = inside.iter().map(|_| rng.u32(60..140)).collect();
        let all: u32 = weights.iter().sum();
        let mut sum = 0;
        for (commune, weight) in inside.iter().zip(&weights) {
            people[*commune] = thousands * 1000 / all.max(1) * weight;
            sum += people[*commune];
            figure(tx, &communes[*commune], people[*commune])?;
        }
        figure(tx, district, sum)?;
        whole += sum;
    }
    figure(tx, province, whole)?;
    Ok(people)
}

fn figure(tx: &mut Tx<'_>, place: &Place, people: u32) -> AppResult<()> {
    // Shares of those 14 and older and people a household, as in the census.
    for (name, value) in [
        ("population", people),
        ("population_14", people * 78 / 100),
        ("households", people * 10 / 34),
    ] {
        tx.execute(
            "insert into figure (place_id, figure, value, as_of, source) values ($1, $2, $3, $4, $5)",
            args![&place.id, name, value, date!(2023 - 12 - 31), FIGURE_SOURCE],
        )?;
    }
    Ok(())
}

/// One team a commune, the rest in the communes with the most people.
fn youth_teams(tx: &mut Tx<'_>, rng: &mut Rng, world: &mut World) -> AppResult<()> {
    let mut by_size: Vec<usize> = (0..world.communes.len()).collect();
    by_size.sort_by_key(|commune| std::cmp::Reverse(world.people[*commune]));
    let extra = YOUTH_TEAMS - world.communes.len();
    let homes: Vec<usize> = (0..world.communes.len())
        .chain(by_size.into_iter().take(extra))
        .collect();
    let mut number: HashMap<usize, usize> = HashMap::new();
    for commune in homes {
        let n = number.entry(commune).or_default();
        *n += 1;
        let suffix = if *n > 1 {
            format!(" số {n}")
        } else {
            String::new()
        };
        let name = format!(
            "Tổ công nghệ số thanh niên {}{suffix}",
            world.communes[commune].full_name.to_lowercase_first()
        );
        let made = campaign_team(commune, TeamKind::Youth, &name);
        let size = rng.usize(4..8);
        team(tx, rng, world, &made, size)?;
    }
    Ok(())
}

/// A desk team at the one-stop point of each commune.
fn desk_teams(tx: &mut Tx<'_>, rng: &mut Rng, world: &mut World) -> AppResult<()> {
    for commune in 0..world.communes.len() {
        let place = world.communes[commune].full_name.to_lowercase_first();
        let name = format!("Đội thanh niên tình nguyện dịch vụ công {place}");
        let made = campaign_team(commune, TeamKind::Desk, &name);
        let size = rng.usize(4..8);
        team(tx, rng, world, &made, size)?;
    }
    Ok(())
}

trait LowercaseFirst {
    fn to_lowercase_first(&self) -> String;
}

impl LowercaseFirst for String {
    /// "Phường Bình Định" in the middle of a sentence.
    fn to_lowercase_first(&self) -> String {
        let mut letters = self.chars();
        letters.next().map_or_else(String::new, |first| {
            first.to_lowercase().chain(letters).collect()
        })
    }
}

/// A team to be made.
pub struct NewTeam<'a> {
    /// Its commune's position in [`World::communes`].
    pub commune: usize,
    /// Its kind.
    pub kind: TeamKind,
    /// Its name.
    pub name: &'a str,
    /// What the logins of its members begin with.
    pub logins: &'a str,
    /// Since when they are there.
    pub since: Date,
}

fn campaign_team(commune: usize, kind: TeamKind, name: &str) -> NewTeam<'_> {
    NewTeam {
        commune,
        kind,
        name,
        logins: "bd",
        since: date!(2024 - 03 - 01),
    }
}

/// Makes a team of so many people.
///
/// # Errors
/// The storage's.
pub fn team(
    tx: &mut Tx<'_>,
    rng: &mut Rng,
    world: &mut World,
    made: &NewTeam<'_>,
    size: usize,
) -> AppResult<()> {
    let team = TeamId(id(rng));
    let (commune, kind) = (made.commune, made.kind);
    let place = world.communes[commune].id.clone();
    teams::create(tx, team, made.name, kind, &place)?;
    let mut members = Vec::new();
    for n in 0..size {
        let member = MemberId(id(rng));
        let role = if n == 0 {
            Role::Leader
        } else {
            Role::Volunteer
        };
        let login = format!("{}{:04}{n}", made.logins, world.teams.len() + 1);
        let name = names::person(rng);
        // No password opens these: they are people of the past, not logins.
        let new = NewMember {
            id: member,
            login: &login,
            name: &name,
            password_hash: "!",
            role,
            place: &place,
            team: Some(team),
            now: morning(made.since),
        };
        create(tx, &new)?;
        members.push(member);
    }
    world.teams.push(Team {
        id: team,
        kind,
        commune,
        members,
    });
    Ok(())
}

fn morning(day: Date) -> OffsetDateTime {
    day.with_time(time!(8:00)).assume_offset(VIETNAM)
}

/// Makes one login a role, all at the commune with the team at this position.
///
/// # Errors
/// The storage's.
pub fn logins(
    tx: &mut Tx<'_>,
    rng: &mut Rng,
    world: &World,
    home: usize,
    since: Date,
) -> AppResult<()> {
    let home = world.teams.get(home).ok_or_else(AppError::not_found)?;
    let (team, commune) = (home.id, world.communes[home.commune].id.clone());
    let pin = password::hash("260324")?;
    let long = password::hash("binhdinh-2024")?;
    let province = world.province.id.clone();
    let nation = PlaceId::parse("VN").map_err(|fault| AppError::Internal(fault.to_string()))?;
    let now = morning(since);
    let rows = [
        (
            "tnv",
            "Nguyễn Thị Hạnh",
            &pin,
            Role::Volunteer,
            &commune,
            Some(team),
        ),
        (
            "totruong",
            "Trần Minh Quân",
            &pin,
            Role::Leader,
            &commune,
            Some(team),
        ),
        (
            "canboxa",
            "Võ Ngọc Trinh",
            &long,
            Role::CommuneOfficer,
            &commune,
            None,
        ),
        (
            "canbotinh",
            "Lê Hoàng Phúc",
            &long,
            Role::ProvinceOfficer,
            &province,
            None,
        ),
        ("quantri", "Phan Đức Duy", &long, Role::Admin, &nation, None),
    ];
    for (login, name, password_hash, role, place, team) in rows {
        let member = if login == "canbotinh" {
            world.province_officer
        } else {
            MemberId(id(rng))
        };
        create(
            tx,
            &NewMember {
                id: member,
                login,
                name,
                password_hash,
                role,
                place,
                team,
                now,
            },
        )?;
    }
    Ok(())
}
