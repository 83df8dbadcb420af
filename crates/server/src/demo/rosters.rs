//! The desk that the university's members stand at two by two, who is free for it, and how
//! its last weeks went.

use super::NOW;
use super::life::Record;
use super::world::World;
use crate::args;
use crate::features::points::{self, PointBody};
use crate::features::rosters::{
    self, Ruling, Wanted, generate, put_availability, put_person, put_rule,
};
use crate::platform::clock::{Clock, random};
use crate::platform::db::Tx;
use crate::platform::problem::{AppError, AppResult};
use domain::attendance::Direction;
use domain::facts::{Attendance, Body, Fact, Way};
use domain::ids::{DeviceId, FactId, MemberId, PlaceId, PointId, ShiftId, TeamId};
use domain::points::{Hours, PointKind, Span};
use domain::rosters::fit::{Availability, Part};
use domain::rosters::{ALERTS_H, Document, Half, Rule, month_of};
use time::macros::{date, datetime};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// Where the university's members stand.
pub const DESK: PointId = PointId(Uuid::from_u128(0x0bd2_0240_0000_7000_8000_00d0_0000_0001));
const RULE: Uuid = Uuid::from_u128(0x0bd2_0240_0000_7000_8000_00d1_0000_0001);
const FACTS: u128 = 0x0bd2_0240_0000_7000_8000_00d2_0000_0000;
/// "≥ 2 đoàn viên mỗi ngày theo giờ hành chính" (S0-19).
const AGREEMENT: &str =
    "Thỏa thuận giữa Đoàn trường Đại học Quy Nhơn và Trung tâm Phục vụ hành chính công";
/// From when on shifts are remembered.
const SINCE: OffsetDateTime = datetime!(2024-09-15 18:00 +7);

/// Makes the desk at the home of those who sign in, its rule and the shifts still to come
/// this month; the volunteer stands at the first of a Wednesday.
///
/// # Errors
/// The storage's.
pub fn build(tx: &mut Tx<'_>, world: &World) -> AppResult<()> {
    let volunteer = tx.one(
        "select m.id, m.place_id, p.path from member m join place p on p.id = m.place_id where m.login = 'tnv'",
        args![],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    let (volunteer, place, path): (MemberId, PlaceId, String) =
        volunteer.ok_or_else(AppError::not_found)?;
    desk(tx, &place)?;
    let officer = world.province_officer;
    let ruling = Ruling {
        id: RULE,
        point: DESK,
        rule: Rule {
            weekdays: (1..=5).collect(),
            halves: vec![Half::Morning, Half::Afternoon],
            times: Vec::new(),
            people_min: 2,
            people_max: 3,
            skills: Vec::new(),
            on_holidays: false,
            alerts_h: ALERTS_H.to_vec(),
        },
        source: Document {
            title: AGREEMENT.to_owned(),
            number: String::new(),
            signed_on: Some(date!(2024 - 03 - 26)),
        },
        valid_from: date!(2024 - 03 - 26),
        valid_to: None,
    };
    put_rule(tx, officer, &ruling)?;
    let people = free(tx, &place)?;
    let number = std::cell::Cell::new(RULE.as_u128());
    let new_id = || {
        number.set(number.get() + 1);
        Uuid::from_u128(number.get())
    };
    let desks = rosters::points(tx, &path, Some(DESK))?;
    for day in [SINCE, NOW] {
        let month = month_of(day.date());
        generate(tx, &desks, &path, month, SINCE, &new_id)?;
    }
    past(tx, officer, &people)?;
    let first = tx.one(
        "select id from shift where point_id = $1 and day = $2 order by starts_at",
        args![DESK, date!(2024 - 10 - 16)],
        |row| row.get::<ShiftId>(0),
    )?;
    let first = first.ok_or_else(AppError::not_found)?;
    let clock = Clock::still(NOW);
    put_person(tx, &clock, officer, (first, volunteer), Wanted::On)
}

/// Who stood at the desk in the last weeks: mostly two, now and then one too few.
fn past(tx: &mut Tx<'_>, officer: MemberId, people: &[MemberId]) -> AppResult<()> {
    let shifts: Vec<(ShiftId, OffsetDateTime)> = tx.all(
        "select id, starts_at from shift where point_id = $1 and starts_at < $2 order by starts_at",
        args![DESK, NOW],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    for (at, (shift, starts_at)) in shifts.into_iter().enumerate() {
        let clock = Clock::still(starts_at - Duration::days(7));
        let mut wanted = if at % 13 == 5 { 1 } else { 2 };
        let first = at * 3 % people.len().max(1);
        for one in people.iter().cycle().skip(first).take(people.len()) {
            if wanted == 0 {
                break;
            }
            match put_person(tx, &clock, officer, (shift, *one), Wanted::On) {
                Ok(()) => wanted -= 1,
                // They stand too often already, or somewhere else.
                Err(AppError::Refused(_)) => {}
                Err(fault) => return Err(fault),
            }
        }
    }
    Ok(())
}

/// Their comings and goings, but for a few who did not come.
///
/// # Errors
/// The storage's.
pub fn came(tx: &Tx<'_>) -> AppResult<Vec<Record>> {
    let stood: Vec<(MemberId, TeamId, PlaceId, [OffsetDateTime; 2])> = tx.all(
        "select a.member_id, t.team_id, q.place_id, s.starts_at, s.ends_at from assignment a
           join shift s on s.id = a.shift_id join service_point q on q.id = s.point_id
           join team_member t on t.id = (select f.id from team_member f
             where f.member_id = a.member_id and f.until is null order by f.since, f.id limit 1)
          where s.point_id = $1 and s.ends_at < $2 order by s.starts_at, a.member_id",
        args![DESK, NOW],
        |row| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                [row.get(3)?, row.get(4)?],
            ))
        },
    )?;
    let here = stood.into_iter().enumerate().filter(|(at, _)| at % 17 != 9);
    let records = here.flat_map(|(at, (member, team, place, [from, to]))| {
        let early = Duration::minutes(i64::try_from(at % 7).unwrap_or(0));
        let ways = [(Direction::In, from - early), (Direction::Out, to + early)];
        ways.map(|(direction, happened_at)| {
            let number =
                2 * u32::try_from(at).unwrap_or(0) + u32::from(direction == Direction::Out);
            Record {
                fact: Fact {
                    id: FactId(Uuid::from_u128(FACTS + u128::from(number))),
                    happened_at,
                    place: place.clone(),
                    team: Some(team),
                    device: DeviceId(Uuid::from_u128(member.0.as_u128() ^ 1)),
                    seq: number,
                    corrects: None,
                    body: Body::Attendance(Attendance {
                        member,
                        point: Some(DESK),
                        activity: None,
                        direction,
                        way: Way::Own,
                        near: None,
                    }),
                },
                actor: member,
                received_at: happened_at + Duration::MINUTE,
            }
        })
    });
    Ok(records.collect())
}

fn desk(tx: &mut Tx<'_>, place: &PlaceId) -> AppResult<()> {
    let open = r#"[{"from": "07:00", "to": "11:30"}, {"from": "13:30", "to": "17:00"}]"#;
    let open: Vec<Span> =
        serde_json::from_str(open).map_err(|fault| AppError::Internal(fault.to_string()))?;
    let point = PointBody {
        id: DESK.0,
        place_id: place.to_string(),
        name: "Trung tâm Phục vụ hành chính công".to_owned(),
        kind: PointKind::OneStop,
        address: String::new(),
        lat_e6: None,
        lon_e6: None,
        // On Sundays for those who work all week.
        hours: Hours {
            sun: open.clone(),
            ..Hours::weekdays(&open)
        },
        valid_from: None,
        valid_to: None,
        agreement: None,
    };
    points::store::put(tx, &point, &random::<32>())
}

/// Everybody of the teams there is free two days a week, each on days of their own.
fn free(tx: &mut Tx<'_>, place: &PlaceId) -> AppResult<Vec<MemberId>> {
    let members: Vec<MemberId> = tx.all(
        "select id from member where place_id = $1 and login like 'bd%' order by login",
        args![place],
        |row| row.get(0),
    )?;
    for (weekday, member) in (0..5).cycle().zip(&members) {
        let both = |weekday: u8| {
            [Half::Morning, Half::Afternoon].map(|half| Part {
                weekday: weekday + 1,
                half,
            })
        };
        let said = Availability {
            free: [both(weekday), both((weekday + 2) % 5)].concat(),
            prefers: both(weekday).to_vec(),
            away: Vec::new(),
            per_week_max: 2,
            per_month_max: 12,
        };
        put_availability(tx, *member, &said)?;
    }
    Ok(members)
}
