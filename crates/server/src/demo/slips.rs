//! Appointments of the desk in the volunteers' commune: kept promises, a late one, an apology,
//! a dossier that went back, and Thursdays on which people took the result home.

use super::NOW;
use super::rosters::DESK;
use super::world::World;
use crate::features::slips::{Asked, Deed, act, make};
use crate::platform::clock::Clock;
use crate::platform::db::Tx;
use crate::platform::problem::AppResult;
use domain::days::day_of;
use domain::holidays::{is_working_day, working_days_after};
use domain::ids::MemberId;
use domain::slips::SlipAct;
use time::macros::date;
use time::{Date, Duration, OffsetDateTime, Time, Weekday, macros::offset};
use uuid::Uuid;

const FIRST: Date = date!(2024 - 09 - 02);
/// With the working days the regulations give.
const PROCEDURES: [(&str, u32); 6] = [
    ("1.001193", 1),
    ("1.004222", 7),
    ("2.000815", 1),
    ("1.004859", 3),
    ("1.004194", 3),
    ("1.000894", 1),
];

fn id(number: usize) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_5115_0000_0000 + number as u128)
}

fn at(day: Date, hour: u8) -> OffsetDateTime {
    let time = Time::from_hms(hour, 0, 0).unwrap_or(Time::MIDNIGHT);
    day.with_time(time).assume_offset(offset!(+7))
}

/// One result, from the promise to the hands of whoever awaits it.
struct Play {
    number: usize,
    made: OffsetDateTime,
    /// The procedure and its working days.
    of: (&'static str, u32),
    by: MemberId,
}

impl Play {
    fn play(&self, tx: &mut Tx<'_>) -> AppResult<()> {
        let (number, day) = (self.number, day_of(self.made));
        let thursday = day.weekday() == Weekday::Thursday && self.of.1 == 1;
        let due = match thursday {
            true => day,
            false => working_days_after(day, self.of.1),
        };
        let asked = Asked {
            id: id(number * 16),
            point: DESK,
            ticket: None,
            procedures: vec![self.of.0.to_owned()],
            dossier: Some(format!(
                "H08.12-{:02}{:02}{:02}-{:04}",
                day.year() % 100,
                u8::from(day.month()),
                day.day(),
                number + 1
            )),
            note: String::new(),
            due,
            phone: None,
        };
        make(tx, &Clock::still(self.made), self.by, &asked)?;
        let mut done = 0;
        let mut next = |tx: &mut Tx<'_>, when, kind, due, note: &str| {
            done += 1;
            let deed = Deed {
                id: id(number * 16 + done),
                act: kind,
                due,
                note: note.to_owned(),
            };
            act(tx, &Clock::still(when), self.by, (asked.id, &deed)).map(drop)
        };
        if number % 11 == 5 {
            let back = at(working_days_after(day, 1), 10).min(NOW);
            let note = "Thiếu ý kiến đồng ý của chủ hộ";
            return next(tx, back, SlipAct::SendBack, None, note);
        }
        if thursday {
            let soon = self.made + Duration::minutes(35);
            return next(tx, soon, SlipAct::HandOver, None, "");
        }
        // The last that are due stay where they are: today's list and a late one.
        if due >= date!(2024 - 10 - 11) {
            return Ok(());
        }
        let mut ready = at(due, 9);
        if number % 13 == 3 {
            let sorry = at(working_days_after(due, 1), 8);
            let later = working_days_after(due, 3);
            next(
                tx,
                sorry,
                SlipAct::NewDay,
                Some(later),
                "Chờ xác minh nơi ở cũ",
            )?;
            ready = at(later, 9);
        }
        match ready < NOW {
            true => next(tx, ready, SlipAct::HandOver, None, ""),
            false => Ok(()),
        }
    }
}

/// Makes what became of six weeks of promises.
pub fn build(tx: &mut Tx<'_>, world: &World) -> AppResult<()> {
    let mut number = 0;
    let mut day = FIRST;
    while day <= day_of(NOW) {
        if is_working_day(day) {
            for hour in [8, 14] {
                let of = PROCEDURES[number % PROCEDURES.len()];
                let by = world.province_officer;
                let made = at(day, hour);
                Play {
                    number,
                    made,
                    of,
                    by,
                }
                .play(tx)?;
                number += 1;
            }
        }
        day += Duration::DAY;
    }
    Ok(())
}
