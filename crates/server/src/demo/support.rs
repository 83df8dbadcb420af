//! What teams are paid for a month, and who was at the desk in September: one of them for two
//! teams, and one on an evening when it was closed.

use super::life::{Record, fact_id};
use super::rosters::DESK;
use super::world::{Team, World};
use crate::args;
use crate::features::allowances::store::{self, Stored};
use crate::platform::db::Tx;
use crate::platform::problem::AppResult;
use domain::allowances::Policy;
use domain::attendance::Direction;
use domain::days::VIETNAM;
use domain::facts::{Attendance, Body, Fact, Way};
use domain::ids::{DeviceId, MemberId};
use domain::people::{Position, TeamKind};
use fastrand::Rng;
use time::macros::{date, time};
use time::{Date, Duration, Time};
use uuid::Uuid;

const POLICY: Uuid = Uuid::from_u128(0x0bd2_0240_0000_7000_8000_00e0_0000_0001);
const SECOND_TEAM: Uuid = Uuid::from_u128(0x0bd2_0240_0000_7000_8000_00e0_0000_0002);
const DEVICE: DeviceId = DeviceId(Uuid::from_u128(0x0bd2_0240_0000_7000_8000_00e0_0000_0003));

/// Mornings at the desk.
const DAYS: [Date; 9] = [
    date!(2024 - 09 - 04),
    date!(2024 - 09 - 06),
    date!(2024 - 09 - 11),
    date!(2024 - 09 - 13),
    date!(2024 - 09 - 18),
    date!(2024 - 09 - 20),
    date!(2024 - 09 - 25),
    date!(2024 - 09 - 27),
    date!(2024 - 10 - 09),
];

/// Two teams of the neighbourhood: the one of those who sign in, and the next.
fn teams(world: &World) -> Option<[&Team; 2]> {
    let next = (world.home + 1) % world.teams.len();
    Some([world.teams.get(world.home)?, world.teams.get(next)?])
}

/// Enters a policy, and lets somebody be in two teams.
///
/// # Errors
/// The storage's.
pub fn build(tx: &mut Tx<'_>, world: &World) -> AppResult<()> {
    let policy = Policy {
        team_kinds: vec![TeamKind::Community, TeamKind::Youth],
        team_month_vnd: 300_000,
        person_day_vnd: 50_000,
        person_part: "Nước uống, xăng xe".to_owned(),
        team_part: "Cước viễn thông, văn phòng phẩm".to_owned(),
        top_up_permille_max: 2000,
        excluded_by: vec!["Lực lượng tham gia bảo vệ an ninh, trật tự ở cơ sở".to_owned()],
    };
    let stored = Stored {
        id: POLICY,
        place: world.province.id.clone(),
        path: world.province.path.clone(),
        name: "Hỗ trợ tổ công nghệ số".to_owned(),
        source: "Minh họa theo mức của Nghị quyết 26/2025/NQ-HĐND thành phố Đà Nẵng".to_owned(),
        policy,
        valid_from: date!(2024 - 03 - 01),
        valid_to: None,
    };
    store::put(tx, &stored)?;
    if let Some([home, next]) = teams(world) {
        tx.execute(
            "insert into team_member (id, team_id, member_id, position, since) values ($1, $2, $3, $4, $5)",
            args![SECOND_TEAM, next.id, home.members.get(1).copied(), Position::Member, date!(2024 - 08 - 01)],
        )?;
    }
    Ok(())
}

/// Who came and went.
pub fn records(world: &World) -> Vec<Record> {
    let mut rng = Rng::with_seed(300_000);
    let Some([home, next]) = teams(world) else {
        return Vec::new();
    };
    let place = world.communes[home.commune].id.clone();
    let mut found: Vec<Record> = Vec::new();
    let mut say = |team: &Team, member: MemberId, (day, at): (Date, Time), said| {
        let (direction, way) = said;
        let minute = Duration::minutes(rng.i64(0..20));
        let happened_at = day.with_time(at).assume_offset(VIETNAM) + minute;
        let actor = match way {
            Way::ByLeader => world.province_officer,
            _ => member,
        };
        let body = Attendance {
            member,
            point: Some(DESK),
            activity: None,
            direction,
            way,
            near: None,
        };
        found.push(Record {
            fact: Fact {
                id: fact_id(&mut rng, happened_at),
                happened_at,
                place: place.clone(),
                team: Some(team.id),
                device: DEVICE,
                seq: u32::try_from(found.len() + 1).unwrap_or(u32::MAX),
                corrects: None,
                body: Body::Attendance(body),
            },
            actor,
            received_at: happened_at + Duration::minutes(5),
        });
    };
    for (n, day) in DAYS.into_iter().enumerate() {
        // Whoever tries the demonstration out begins without hours in the last four weeks.
        let volunteer = (n < 4).then_some(world.volunteer);
        let those = home.members.iter().skip(1 + n % 2).take(2).copied();
        let mut those: Vec<(&Team, MemberId)> =
            those.chain(volunteer).map(|who| (home, who)).collect();
        // One of them also helps the neighbours out.
        let neighbour = match n % 4 {
            3 => home.members.get(1),
            _ => next.members.get(1),
        };
        those.extend(neighbour.map(|who| (next, *who)));
        for (team, who) in those {
            say(
                team,
                who,
                (day, time!(07:20)),
                (Direction::In, Way::ByLeader),
            );
            say(
                team,
                who,
                (day, time!(11:00)),
                (Direction::Out, Way::ByLeader),
            );
        }
    }
    if let Some(who) = home.members.last() {
        let evening = (date!(2024 - 10 - 09), time!(20:40));
        say(home, *who, evening, (Direction::In, Way::Own));
    }
    found
}
