//! What is around a desk and hangs on its tickets: the devices in the hall, what people thought of
//! those who served them, and the days on which they were told to come back.

use crate::args;
use crate::features::lobby::{Device, make_device, note_seen};
use crate::features::ratings::{About, Tap, tap};
use crate::features::slips::{Asked, Deed, act, make};
use crate::platform::clock::Clock;
use crate::platform::db::Tx;
use crate::platform::problem::AppResult;
use domain::days::{VIETNAM, day_of};
use domain::desk::DeskDeviceKind;
use domain::desk::ticket::Errand;
use domain::holidays::working_days_after;
use domain::ids::{DeskDeviceId, MemberId, PointId, TicketId};
use domain::procedures::{Procedures, Regulated};
use domain::ratings::{RatingSource, RatingStep, RatingTopic};
use domain::slips::SlipAct;
use fastrand::Rng;
use time::{Date, Duration, OffsetDateTime};
use uuid::Uuid;

/// Of those served, how many in a hundred rate.
const RATE: u32 = 30;

/// Somebody who was served.
struct Served {
    ticket: TicketId,
    errands: Vec<Errand>,
    at: OffsetDateTime,
}

/// Puts the hall of a point's desk together, as it stands at `now`.
///
/// # Errors
/// The storage's.
pub fn build(
    tx: &mut Tx<'_>,
    rng: &mut Rng,
    (point, officer): (PointId, MemberId),
    now: OffsetDateTime,
) -> AppResult<()> {
    devices(tx, rng, (point, officer), now)?;
    let served = tx.all(
        "select id, errands, finished_at from ticket where point_id = $1 and stage = 'done' order by finished_at, id",
        args![point],
        |row| {
            Ok(Served {
                ticket: row.get(0)?,
                errands: row.json(1)?,
                at: row.get(2)?,
            })
        },
    )?;
    for one in &served {
        if rng.u32(..100) < RATE && one.at + Duration::minutes(4) < now {
            rate(tx, rng, point, one)?;
        }
    }
    slips(tx, rng, (point, officer), &served, now)
}

fn devices(
    tx: &mut Tx<'_>,
    rng: &mut Rng,
    (point, officer): (PointId, MemberId),
    now: OffsetDateTime,
) -> AppResult<()> {
    let made = day_of(now) - Duration::days(20);
    let made = made
        .with_hms(7, 30, 0)
        .map_or(now, |at| at.assume_offset(VIETNAM));
    for (kind, name) in [
        (DeskDeviceKind::Kiosk, "Máy lấy số ở cửa chính"),
        (DeskDeviceKind::Board, "Màn hình sảnh chờ"),
    ] {
        let device = Device {
            id: DeskDeviceId(Uuid::from_u128(rng.u128(..))),
            point,
            kind,
            name: name.to_owned(),
            seen_at: None,
        };
        make_device(tx, &device, (officer, made))?;
        note_seen(tx, device.id, now - Duration::minutes(2))?;
    }
    Ok(())
}

/// A few minutes after they were served, on the page of their ticket or a device handed over.
fn rate(tx: &mut Tx<'_>, rng: &mut Rng, point: PointId, served: &Served) -> AppResult<()> {
    use RatingStep::{Dissatisfied, Neutral, Satisfied, VerySatisfied};
    let clock = Clock::still(served.at + Duration::minutes(3));
    let handed = rng.u8(..3) == 0;
    let about = About {
        point,
        ticket: Some(served.ticket),
        visitor: None,
        source: if handed {
            RatingSource::Handed
        } else {
            RatingSource::Ticket
        },
        counter: served
            .errands
            .last()
            .and_then(|errand| errand.counter.clone()),
        procedures: codes(&served.errands),
    };
    let more = [RatingTopic::Attitude].into_iter().filter(|_| !handed);
    for topic in [RatingTopic::Overall].into_iter().chain(more) {
        let step = match rng.u8(..100) {
            0..3 => Dissatisfied,
            3..12 => Neutral,
            12..50 => Satisfied,
            _ => VerySatisfied,
        };
        let id = Uuid::from_u128(rng.u128(..));
        tap(tx, &clock, &about, Tap { id, topic, step })?;
    }
    Ok(())
}

fn codes(errands: &[Errand]) -> Vec<String> {
    errands
        .iter()
        .filter_map(|errand| errand.procedure.clone())
        .collect()
}

/// Working days the regulations give for a procedure that is not done the same day.
fn days_of(code: &str) -> Option<u32> {
    let known = Procedures::bundled().find(code)?;
    match known.regulated {
        Some(Regulated::WorkingDays(days)) if !known.same_day => Some(days),
        _ => None,
    }
}

/// Of the last who were served some await their result today or on the next working day, one was
/// late and was told why, another is late, and the others have it by now.
fn slips(
    tx: &mut Tx<'_>,
    rng: &mut Rng,
    (point, officer): (PointId, MemberId),
    served: &[Served],
    now: OffsetDateTime,
) -> AppResult<()> {
    let today = day_of(now);
    let mut play = |one, fate| {
        let of = SlipOf {
            point,
            officer,
            one,
            now,
        };
        of.play(tx, rng, fate)
    };
    let latest = served.iter().rev();
    // Who came this morning takes the result along in the afternoon.
    let here = latest
        .clone()
        .filter(|one| day_of(one.at) == today && !codes(&one.errands).is_empty());
    for one in here.take(2) {
        play(one, Fate::On(today))?;
    }
    let coming = Fate::On(working_days_after(today, 1));
    let fates = [
        coming,
        coming,
        Fate::Late { told: true },
        Fate::Late { told: false },
    ];
    let fates = fates.into_iter().chain([Fate::Fetched; 4]);
    let awaits = |one: &&Served| {
        codes(&one.errands)
            .iter()
            .any(|code| days_of(code).is_some())
    };
    let before = latest
        .filter(|one| day_of(one.at) < today - Duration::DAY)
        .filter(awaits);
    for (one, fate) in before.zip(fates) {
        play(one, fate)?;
    }
    Ok(())
}

/// What becomes of a promise.
#[derive(Clone, Copy)]
enum Fate {
    /// It is for a day to come.
    On(Date),
    /// Its day has passed; whether they were told why, and a new day.
    Late { told: bool },
    /// The result was fetched.
    Fetched,
}

struct SlipOf<'a> {
    point: PointId,
    officer: MemberId,
    one: &'a Served,
    now: OffsetDateTime,
}

impl SlipOf<'_> {
    fn play(&self, tx: &mut Tx<'_>, rng: &mut Rng, fate: Fate) -> AppResult<()> {
        let made = self.one.at;
        let day = day_of(made);
        let due = match fate {
            Fate::On(promised) => promised,
            Fate::Late { .. } | Fate::Fetched => working_days_after(day, 1),
        };
        let codes = codes(&self.one.errands);
        let asked = Asked {
            id: Uuid::from_u128(rng.u128(..)),
            point: self.point,
            ticket: Some(self.one.ticket.0),
            procedures: codes,
            dossier: None,
            note: String::new(),
            due,
            phone: None,
        };
        make(tx, &Clock::still(made), self.officer, &asked)?;
        let (at, kind, due, note) = match fate {
            Fate::Late { told: true } => (
                self.now - Duration::minutes(40),
                SlipAct::NewDay,
                Some(working_days_after(day_of(self.now), 1)),
                "Chờ nơi ở cũ xác minh",
            ),
            Fate::Fetched => (made + Duration::DAY, SlipAct::HandOver, None, ""),
            Fate::On(_) | Fate::Late { told: false } => return Ok(()),
        };
        let deed = Deed {
            id: Uuid::from_u128(rng.u128(..)),
            act: kind,
            due,
            note: note.to_owned(),
        };
        act(tx, &Clock::still(at), self.officer, (asked.id, &deed)).map(drop)
    }
}
