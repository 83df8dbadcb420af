//! What residents thought of two desks since July, and what was put right: a morning with too
//! few people, found out and mended, and two things that still wait.

use super::rosters::DESK;
use super::world::World;
use crate::args;
use crate::features::ratings::{About, Deed, Tap, act, comment, tap};
use crate::platform::clock::Clock;
use crate::platform::db::Tx;
use crate::platform::problem::AppResult;
use domain::holidays::is_working_day;
use domain::ids::{ActionId, MemberId, PointId};
use domain::ratings::{ActionAct, RatingSource, RatingStep, RatingTopic};
use fastrand::Rng;
use time::macros::{date, time};
use time::{Date, Duration, OffsetDateTime};
use uuid::Uuid;

const FIRST: Date = date!(2024 - 07 - 15);
const LAST: Date = date!(2024 - 10 - 11);
/// What some of them said in words.
const SAID: [&str; 6] = [
    "Các cháu thanh niên chỉ cách nộp hồ sơ rất dễ hiểu.",
    "Chờ hơi lâu đầu giờ sáng, chỉ có một người hướng dẫn.",
    "Được in đơn sẵn, không phải viết tay. Cảm ơn!",
    "Bảng chỉ dẫn ở cổng nhỏ quá, người già khó đọc.",
    "Làm nhanh, nói năng nhẹ nhàng.",
    "Hỏi giấy tờ thiếu gì mà mỗi người nói một kiểu.",
];

/// How likely each answer is, of twenty: mornings of the summer had too few people.
fn step(rng: &mut Rng, day: Date, topic: RatingTopic) -> RatingStep {
    use RatingStep::{Dissatisfied, Neutral, Satisfied, VeryDissatisfied, VerySatisfied};
    let hard = day < date!(2024 - 08 - 20) && topic != RatingTopic::Attitude;
    match rng.u8(0..if hard { 17 } else { 20 }) {
        0 if hard => VeryDissatisfied,
        0 | 1 if hard || topic == RatingTopic::Access => Dissatisfied,
        0..=3 => Neutral,
        4..=11 => Satisfied,
        _ => VerySatisfied,
    }
}

/// Lets residents rate, and officers put right what they say.
///
/// # Errors
/// The storage's.
pub fn build(tx: &mut Tx<'_>, world: &World) -> AppResult<()> {
    let mut rng = Rng::with_seed(super::SEED ^ 0x5a7);
    let officer = tx.one(
        "select id from member where login = 'canboxa'",
        args![],
        |row| row.get(0),
    )?;
    let Some(officer) = officer else {
        return Ok(());
    };
    let other = tx.one(
        "select q.id from service_point q join place p on p.id = q.place_id
          where q.id <> $1 and substr(p.path, 1, length($2)) = $2 order by q.id limit 1",
        args![DESK, world.province.path.as_str()],
        |row| row.get(0),
    )?;
    let points = [(Some(DESK), 3), (other, 1)];
    let mut day = FIRST;
    while day <= LAST {
        for (point, most) in points {
            if let Some(point) = point.filter(|_| is_working_day(day)) {
                (0..rng.u32(0..=most)).try_for_each(|_| rate(tx, &mut rng, point, day))?;
            }
        }
        if day == date!(2024 - 08 - 16) {
            mend(tx, officer)?;
        }
        day += Duration::DAY;
    }
    // They were told long ago.
    tx.execute(
        "update notification set read_at = at where kind = 'action_given'",
        args![],
    )?;
    Ok(())
}

/// A resident at the poster.
fn rate(tx: &mut Tx<'_>, rng: &mut Rng, point: PointId, day: Date) -> AppResult<()> {
    let minute = Duration::minutes(i64::from(rng.u16(0..200)));
    let at = day
        .with_time(time!(7:40))
        .assume_offset(super::NOW.offset())
        + minute;
    let (clock, id) = (Clock::still(at), |rng: &mut Rng| {
        Uuid::from_u128(rng.u128(..))
    });
    let about = About {
        point,
        ticket: None,
        visitor: Some(id(rng).as_bytes().to_vec()),
        source: RatingSource::Point,
        counter: None,
        procedures: Vec::new(),
    };
    let more = RatingTopic::ALL.iter().skip(1);
    let asked = more
        .filter(|_| rng.u8(0..3) == 0)
        .copied()
        .collect::<Vec<_>>();
    for topic in [RatingTopic::Overall].into_iter().chain(asked) {
        let step = step(rng, day, topic);
        let id = id(rng);
        tap(tx, &clock, &about, Tap { id, topic, step })?;
    }
    if rng.u8(0..9) == 0 {
        comment(tx, &clock, &about, SAID[rng.usize(0..SAID.len())])?;
    }
    Ok(())
}

/// What the officer found out, did and closed about waiting.
fn mend(tx: &mut Tx<'_>, officer: MemberId) -> AppResult<()> {
    let open: Option<Uuid> = tx.one(
        "select id from rating_action where point_id = $1 and topic = $2 and stage = 'opened'",
        args![DESK, RatingTopic::Overall],
        |row| row.get(0),
    )?;
    let Some(id) = open else { return Ok(()) };
    let at = |day: Date| -> OffsetDateTime {
        day.with_time(time!(9:00))
            .assume_offset(super::NOW.offset())
    };
    for (on, act_is, note) in [
        (
            date!(2024 - 08 - 14),
            ActionAct::FindCause,
            "Đầu giờ sáng chỉ có một bạn trực, bà con đứng chờ ở cửa.",
        ),
        (
            date!(2024 - 08 - 16),
            ActionAct::Do,
            "Thêm một ca 7 giờ đến 9 giờ cho tổ công nghệ số cộng đồng.",
        ),
        (
            date!(2024 - 08 - 20),
            ActionAct::Close,
            "Một tuần nay không còn ai phải đứng chờ quá 10 phút.",
        ),
    ] {
        let deed = Deed {
            id: Uuid::from_u128(id.as_u128() ^ u128::from(on.to_julian_day().unsigned_abs())),
            act: act_is,
            owner: None,
            note: Some(note.to_owned()),
        };
        act(tx, &Clock::still(at(on)), officer, ActionId(id), &deed)?;
    }
    Ok(())
}
