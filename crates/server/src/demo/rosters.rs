//! The desk that the university's members stand at two by two, and who is free for it.

use super::NOW;
use super::world::World;
use crate::args;
use crate::features::rosters::{Ruling, generate, points, put_availability, put_person, put_rule};
use crate::platform::db::Tx;
use crate::platform::problem::{AppError, AppResult};
use domain::ids::{MemberId, PlaceId, PointId, ShiftId};
use domain::rosters::fit::{Availability, Part};
use domain::rosters::{Half, Rule, month_of};
use time::macros::date;
use uuid::Uuid;

/// Where the university's members stand.
pub const DESK: PointId = PointId(Uuid::from_u128(0x0bd2_0240_0000_7000_8000_00d0_0000_0001));
const RULE: Uuid = Uuid::from_u128(0x0bd2_0240_0000_7000_8000_00d1_0000_0001);
/// "≥ 2 đoàn viên mỗi ngày theo giờ hành chính" (S0-19).
const AGREEMENT: &str =
    "Thỏa thuận giữa Đoàn trường Đại học Quy Nhơn và Trung tâm Phục vụ hành chính công, 26/3/2024";

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
        },
        source: AGREEMENT.to_owned(),
        valid_from: date!(2024 - 03 - 26),
        valid_to: None,
    };
    put_rule(tx, officer, &ruling)?;
    free(tx, &place)?;
    let number = std::cell::Cell::new(RULE.as_u128());
    let new_id = || {
        number.set(number.get() + 1);
        Uuid::from_u128(number.get())
    };
    let month = month_of(NOW.date());
    let desks = points(tx, &path, Some(DESK))?;
    generate(tx, &desks, &path, month, NOW, &new_id)?;
    let first = tx.one(
        "select id from shift where point_id = $1 and day = $2 order by starts_at",
        args![DESK, date!(2024 - 10 - 16)],
        |row| row.get::<ShiftId>(0),
    )?;
    let first = first.ok_or_else(AppError::not_found)?;
    put_person(tx, officer, (first, volunteer), true, NOW)
}

fn desk(tx: &mut Tx<'_>, place: &PlaceId) -> AppResult<()> {
    let name = "Trung tâm Phục vụ hành chính công";
    let spans = r#"[{"from": "07:00", "to": "11:30"}, {"from": "13:30", "to": "17:00"}]"#;
    let days = ["mon", "tue", "wed", "thu", "fri"].map(|day| format!("\"{day}\": {spans}"));
    let hours = format!("{{{}}}", days.join(", "));
    let rev = tx.next_rev()?;
    tx.execute(
        "insert into service_point (id, place_id, name, fold, kind, address, hours, secret, rev)
         values ($1, $2, $3, $4, 'one_stop', '', $5, $6, $7)",
        args![
            DESK,
            place,
            name,
            &vn::text::fold(name),
            &hours,
            &DESK.0.as_bytes()[..],
            rev
        ],
    )?;
    Ok(())
}

/// Everybody of the teams there is free two days a week, each on days of their own.
fn free(tx: &mut Tx<'_>, place: &PlaceId) -> AppResult<()> {
    let members: Vec<MemberId> = tx.all(
        "select id from member where place_id = $1 and login like 'bd%' order by login",
        args![place],
        |row| row.get(0),
    )?;
    for (weekday, member) in (0..5).cycle().zip(members) {
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
            per_month_max: 6,
        };
        put_availability(tx, member, &said)?;
    }
    Ok(())
}
