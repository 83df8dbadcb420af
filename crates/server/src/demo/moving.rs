//! A Sunday morning at two small points of the home commune: a long line at the market, and a
//! culture house where three wait for people.

use super::NOW;
use super::life::Record;
use super::rosters::DESK;
use crate::args;
use crate::features::desk::{By, Take, Wanted as For, act, next, put_setup, take};
use crate::features::points::{self, PointBody};
use crate::features::rosters::{self, Ruling, Wanted, generate, put_person, put_rule};
use crate::platform::clock::{Clock, random};
use crate::platform::db::Tx;
use crate::platform::problem::{AppError, AppResult};
use domain::attendance::Direction;
use domain::desk::ticket::{Deed, TicketAct};
use domain::desk::{Counter, Language, OfferedGroup, PriorityClass, Setup, TicketSource};
use domain::facts::{Attendance, Body, Fact, Way};
use domain::ids::{DeviceId, FactId, MemberId, PlaceId, PointId, ShiftId, TeamId, TicketId};
use domain::points::{Hours, PointKind, Span};
use domain::procedures::ProcedureGroup::{CivilStatus, Identity, Residence};
use domain::rosters::{ALERTS_H, Document, Rule, month_of};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// Ids of what is made here begin with this.
const IDS: u128 = 0x0bd2_0240_0000_7000_8000_00d9_0000_0000;
/// The long line.
const MARKET: PointId = PointId(Uuid::from_u128(IDS + 1));
/// The quiet point.
const HOUSE: PointId = PointId(Uuid::from_u128(IDS + 2));
const FACTS: u128 = IDS + 0x1000;
const TICKETS: u128 = IDS + 0x2000;
/// People who stand at both.
const AT_MARKET: usize = 1;
const AT_HOUSE: usize = 3;
/// What people at the market come for: most want a level-2 account or a residence paper.
const LINE: usize = 9;

/// Makes both points, their desks, their shifts of today, and the line at the market.
///
/// # Errors
/// The storage's.
pub fn build(tx: &mut Tx<'_>, officer: MemberId) -> AppResult<()> {
    let home = tx.one(
        "select q.place_id, p.path from service_point q join place p on p.id = q.place_id where q.id = $1",
        args![DESK],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let (place, path): (PlaceId, String) = home.ok_or_else(AppError::not_found)?;
    let people: Vec<MemberId> = tx.all(
        "select id from member where place_id = $1 and login like 'bd%' order by login desc",
        args![&place],
        |row| row.get(0),
    )?;
    let mut people = people.into_iter();
    for (point, kind, name, wanted) in [
        (MARKET, PointKind::Market, "Điểm hỗ trợ tại chợ", AT_MARKET),
        (HOUSE, PointKind::Other, "Nhà văn hóa khu phố", AT_HOUSE),
    ] {
        open(tx, point, &place, (kind, name))?;
        put_setup(tx, officer, point, &setup())?;
        put_rule(tx, officer, &ruling(point))?;
        let now = NOW - Duration::DAY;
        let here = rosters::points(tx, &path, Some(point))?;
        let new_id = || Uuid::from_u128(point.0.as_u128() + 0x100);
        generate(tx, &here, &path, month_of(NOW.date()), now, &new_id)?;
        let shift = ShiftId(new_id());
        let mut missing = wanted;
        for one in people.by_ref() {
            match put_person(tx, &Clock::still(now), officer, (shift, one), Wanted::On) {
                Ok(()) => missing -= 1,
                // Somebody who has enough shifts already.
                Err(AppError::Refused(_)) => {}
                Err(fault) => return Err(fault),
            }
            if missing == 0 {
                break;
            }
        }
    }
    line(tx, officer)
}

fn open(
    tx: &mut Tx<'_>,
    point: PointId,
    place: &PlaceId,
    (kind, name): (PointKind, &str),
) -> AppResult<()> {
    let open = r#"[{"from": "07:00", "to": "17:00"}]"#;
    let open: Vec<Span> =
        serde_json::from_str(open).map_err(|fault| AppError::Internal(fault.to_string()))?;
    let hours = Hours {
        sun: open.clone(),
        ..Hours::weekdays(&open)
    };
    let body = PointBody {
        id: point.0,
        place_id: place.to_string(),
        name: name.to_owned(),
        kind,
        address: String::new(),
        lat_e6: None,
        lon_e6: None,
        hours,
        valid_from: None,
        valid_to: None,
        agreement: None,
    };
    points::store::put(tx, &body, &random::<32>())
}

/// Two tables.
fn setup() -> Setup {
    let groups = [
        (Identity, 'A', 8),
        (Residence, 'B', 12),
        (CivilStatus, 'C', 12),
    ];
    let counter = |code: &str| Counter {
        code: code.to_owned(),
        name: String::new(),
        groups: groups.map(|(group, ..)| group).to_vec(),
        quick: false,
    };
    Setup {
        counters: vec![counter("1"), counter("2")],
        groups: groups
            .map(|(group, letter, expected_min)| OfferedGroup {
                group,
                letter,
                expected_min,
            })
            .to_vec(),
        priority: PriorityClass::ALL.to_vec(),
        priority_run: 2,
        quick_min: 8,
        calls: 3,
        languages: vec![Language::Vi],
        voice: true,
    }
}

/// One is enough, three find room; on this Sunday alone.
fn ruling(point: PointId) -> Ruling {
    Ruling {
        id: Uuid::from_u128(point.0.as_u128() + 0x200),
        point,
        rule: Rule {
            weekdays: vec![7],
            halves: Vec::new(),
            times: vec![Span {
                from: domain::points::Minute(7 * 60),
                to: domain::points::Minute(17 * 60),
            }],
            people_min: 1,
            people_max: 3,
            skills: Vec::new(),
            on_holidays: false,
            alerts_h: ALERTS_H.to_vec(),
        },
        source: Document {
            title: "Kế hoạch ra quân Ngày Chủ nhật".to_owned(),
            number: String::new(),
            signed_on: None,
        },
        valid_from: NOW.date(),
        valid_to: Some(NOW.date()),
    }
}

/// Nine come to the market in half an hour; one table has called the first.
fn line(tx: &mut Tx<'_>, officer: MemberId) -> AppResult<()> {
    let at = |minute: i64| Clock::still(NOW - Duration::minutes(40 - minute));
    let id = |number: usize| Uuid::from_u128(TICKETS + number as u128);
    for number in 0..LINE {
        let group = [Identity, Residence, Identity, CivilStatus][number % 4];
        let wanted = Take {
            id: TicketId(id(number)),
            point: MARKET,
            wanted: vec![For {
                group: Some(group),
                procedure: None,
            }],
            priority: (number == 4).then_some(PriorityClass::Elderly),
            language: Language::Vi,
            source: TicketSource::Volunteer,
            triage: None,
        };
        take(tx, &at(3 * number as i64), By::default(), &wanted)?;
    }
    let clock = at(30);
    let called = next(tx, &clock, officer, (MARKET, "1"), id(0x100))?;
    if let Some(ticket) = called {
        let deed = Deed::of(TicketAct::Start, clock.now());
        act(tx, &clock, officer, ticket.id, (id(0x101), deed))?;
    }
    Ok(())
}

/// Those of today's shifts who came: all but the last.
///
/// # Errors
/// The storage's.
pub fn came(tx: &Tx<'_>) -> AppResult<Vec<Record>> {
    type Stands = (MemberId, PointId, TeamId, PlaceId, OffsetDateTime);
    let stand: Vec<Stands> = tx.all(
        "select a.member_id, s.point_id, t.team_id, q.place_id, s.starts_at from assignment a
           join shift s on s.id = a.shift_id join service_point q on q.id = s.point_id
           join team_member t on t.id = (select f.id from team_member f
             where f.member_id = a.member_id and f.until is null order by f.since, f.id limit 1)
          where s.point_id in ($1, $2) order by s.point_id, a.member_id",
        args![MARKET, HOUSE],
        |row| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
            ))
        },
    )?;
    let all = stand.len();
    let record = |(at, (member, point, team, place, starts_at)): (usize, Stands)| {
        let happened_at = starts_at - Duration::minutes(5);
        Record {
            fact: Fact {
                id: FactId(Uuid::from_u128(FACTS + at as u128)),
                happened_at,
                place,
                team: Some(team),
                device: DeviceId(Uuid::from_u128(member.0.as_u128() ^ 1)),
                seq: 1000 + at as u32,
                corrects: None,
                body: Body::Attendance(Attendance {
                    member,
                    point: Some(point),
                    activity: None,
                    direction: Direction::In,
                    way: Way::Own,
                    near: None,
                }),
            },
            actor: member,
            received_at: happened_at + Duration::MINUTE,
        }
    };
    let came = stand.into_iter().enumerate().take(all.saturating_sub(1));
    Ok(came.map(record).collect())
}
