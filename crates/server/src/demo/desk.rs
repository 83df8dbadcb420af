//! Desks at work: two weeks of tickets with believable times, Thursdays quicker than other days,
//! and a queue that stands open at the moment the story wakes up at.

use super::life::fact_id;
use crate::args;
use crate::features::desk::{By, Take, act, next, put_setup, take};
use crate::platform::clock::Clock;
use crate::platform::db::Tx;
use crate::platform::problem::AppResult;
use domain::days::{VIETNAM, day_of};
use domain::desk::ticket::{Deed, Ticket, TicketAct, TicketStage};
use domain::desk::{Counter, Language, OfferedGroup, PriorityClass, Setup, TicketSource, Wanted};
use domain::ids::{MemberId, PointId, TicketId};
use domain::procedures::{ProcedureGroup, Procedures};
use fastrand::Rng;
use time::{Date, Duration, OffsetDateTime, Time, Weekday};

/// Days that are remembered.
const DAYS: i64 = 12;
/// Chance of a new ticket in a minute, by the hour from seven, in percent.
const COMING: [u32; 10] = [14, 21, 24, 18, 7, 0, 13, 19, 13, 4];
/// What people come for, how often.
const ERRANDS: [(&str, u32); 6] = [
    ("2.000815", 34),
    ("1.001193", 18),
    ("1.004873", 12),
    ("2.000635", 12),
    ("1.004194", 14),
    ("1.004222", 10),
];

fn setup(languages: &[Language]) -> Setup {
    use ProcedureGroup::{
        Business, Certification, CivilStatus, Identity, Land, Other, Residence, Social,
    };
    let counter = |code: &str, name: &str, groups: &[ProcedureGroup], quick| Counter {
        code: code.to_owned(),
        name: name.to_owned(),
        groups: groups.to_vec(),
        quick,
    };
    let offered = |(group, expected_min)| OfferedGroup {
        group,
        letter: Procedures::bundled()
            .group(group)
            .map_or('K', |known| known.letter),
        expected_min,
    };
    Setup {
        counters: vec![
            counter("1", "Hộ tịch", &[CivilStatus, Certification], false),
            counter("2", "Cư trú, định danh", &[Residence, Identity], false),
            counter(
                "3",
                "Đất đai, kinh doanh",
                &[Land, Business, Social, Other],
                false,
            ),
            counter("4", "Quầy nhanh", &[Certification], true),
        ],
        groups: [
            (CivilStatus, 12),
            (Certification, 5),
            (Residence, 12),
            (Land, 20),
            (Social, 15),
            (Business, 15),
            (Identity, 8),
            (Other, 10),
        ]
        .map(offered)
        .to_vec(),
        priority: PriorityClass::ALL.to_vec(),
        priority_run: 2,
        quick_min: 8,
        calls: 3,
        languages: languages.to_vec(),
        voice: true,
    }
}

/// Somebody at a counter: with a ticket until a moment.
struct Seat {
    code: String,
    by: MemberId,
    ticket: Option<Ticket>,
    until: OffsetDateTime,
}

/// Sets a desk up, and plays its last days and its morning up to `now`.
///
/// # Errors
/// The storage's.
pub fn build(
    tx: &mut Tx<'_>,
    rng: &mut Rng,
    (point, officer): (PointId, MemberId),
    languages: &[Language],
    now: OffsetDateTime,
) -> AppResult<()> {
    let setup = setup(languages);
    put_setup(tx, officer, point, &setup)?;
    // Those of the place sit at its counters, those who sign in first.
    let mut people: Vec<MemberId> = tx.all(
        "select m.id from member m join service_point s on s.place_id = m.place_id where s.id = $1
          order by m.login like 'bd%' or m.login like 'ag%', m.login limit 4",
        args![point],
        |row| row.get(0),
    )?;
    people.push(officer);
    let today = day_of(now);
    for back in (0..=DAYS).rev() {
        let day = today - Duration::days(back);
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        // The story may wake up on a Sunday, when the desk is open for those who work all week.
        if back == 0 || !weekend {
            one_day(tx, rng, (point, &people), &setup, (day, now))?;
        }
    }
    Ok(())
}

fn one_day(
    tx: &mut Tx<'_>,
    rng: &mut Rng,
    (point, people): (PointId, &[MemberId]),
    setup: &Setup,
    (day, now): (Date, OffsetDateTime),
) -> AppResult<()> {
    let mut at = day.with_time(Time::MIDNIGHT).assume_offset(VIETNAM) + Duration::hours(7);
    // Whoever came before five is served.
    let ends = (at + Duration::hours(12)).min(now);
    let mut seats: Vec<Seat> = setup
        .counters
        .iter()
        .zip(people.iter().cycle())
        .map(|(counter, by)| Seat {
            code: counter.code.clone(),
            by: *by,
            ticket: None,
            until: at,
        })
        .collect();
    while at <= ends {
        let clock = Clock::still(at);
        let hour = usize::from(at.hour()).saturating_sub(7);
        if rng.u32(..100) < COMING.get(hour).copied().unwrap_or(0) {
            take(tx, &clock, By::default(), &comes(rng, point, setup, at))?;
        }
        for seat in &mut seats {
            serve(tx, rng, point, (&clock, at), seat)?;
        }
        at += Duration::minutes(1);
    }
    Ok(())
}

fn comes(rng: &mut Rng, point: PointId, setup: &Setup, at: OffsetDateTime) -> Take {
    let wanted = |rng: &mut Rng| {
        let mut drawn = rng.u32(..100);
        let procedure = ERRANDS.iter().find(|(_, often)| {
            let found = drawn < *often;
            drawn = drawn.saturating_sub(*often);
            found
        });
        Wanted {
            group: None,
            procedure: Some(procedure.unwrap_or(&ERRANDS[0]).0.to_owned()),
        }
    };
    let mut all = vec![wanted(rng)];
    if rng.u32(..100) < 10 {
        all.push(wanted(rng));
    }
    let priority = (rng.u32(..100) < 16).then(|| setup.priority[rng.usize(..setup.priority.len())]);
    let language = match rng.u32(..100) {
        0..8 => setup.languages[setup.languages.len() - 1],
        _ => Language::Vi,
    };
    Take {
        id: TicketId(fact_id(rng, at).0),
        point,
        wanted: all,
        priority,
        language,
        source: TicketSource::ALL[rng.usize(..TicketSource::ALL.len())],
        triage: None,
    }
}

/// A minute at a counter.
fn serve(
    tx: &mut Tx<'_>,
    rng: &mut Rng,
    point: PointId,
    (clock, at): (&Clock, OffsetDateTime),
    seat: &mut Seat,
) -> AppResult<()> {
    if at < seat.until {
        return Ok(());
    }
    let by = seat.by;
    let done = |tx: &mut Tx<'_>, rng: &mut Rng, ticket: &Ticket, what: TicketAct| {
        let id = fact_id(rng, at).0;
        act(tx, clock, by, ticket.id, (id, Deed::of(what, at)))
    };
    match seat.ticket.take() {
        None => {
            let id = fact_id(rng, at).0;
            seat.ticket = next(tx, clock, by, (point, &seat.code), id)?;
            seat.until = at + Duration::minutes(1);
        }
        Some(ticket) if ticket.stage == TicketStage::Called => {
            if rng.u32(..100) < 4 {
                for what in [TicketAct::Recall, TicketAct::Recall, TicketAct::NoShow] {
                    done(tx, rng, &ticket, what)?;
                }
                return Ok(());
            }
            let ticket = done(tx, rng, &ticket, TicketAct::Start)?;
            seat.until = at + takes(rng, &ticket, at);
            seat.ticket = Some(ticket);
        }
        Some(ticket) => {
            let after = done(tx, rng, &ticket, TicketAct::Finish)?;
            match after.stage {
                TicketStage::Serving => {
                    seat.until = at + takes(rng, &after, at);
                    seat.ticket = Some(after);
                }
                TicketStage::Done if rng.u32(..100) < 60 => {
                    let procedure = after.errand().procedure.as_deref();
                    let known = procedure.and_then(|code| Procedures::bundled().find(code));
                    if known.is_some_and(|known| known.same_day) {
                        done(tx, rng, &after, TicketAct::Deliver)?;
                    }
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// Thursdays, when nobody writes by hand, go quicker.
fn takes(rng: &mut Rng, ticket: &Ticket, at: OffsetDateTime) -> Duration {
    let procedure = ticket.errand().procedure.as_deref();
    let known = procedure.and_then(|code| Procedures::bundled().find(code));
    let expected_s = i64::from(known.map_or(10, |known| known.expected_min)) * 60;
    let thursday = at.to_offset(VIETNAM).weekday() == Weekday::Thursday;
    let percent = rng.i64(55..125) * if thursday { 65 } else { 100 } / 100;
    Duration::seconds(expected_s * percent / 100)
}
