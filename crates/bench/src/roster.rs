//! A month for forty points and six hundred people, filled at once.

use crate::Done;
use crate::report::{figure, section};
use crate::server;
use domain::ids::{MemberId, PointId};
use domain::points::{Hours, Minute, Span};
use domain::rosters::fit::{Availability, Candidate, Held, Limits, Need, Part};
use domain::rosters::month::fill;
use domain::rosters::{Half, Rule, slots};
use std::time::Instant;
use time::macros::date;
use uuid::Uuid;

/// Communes of a province, a few of them in each district.
const COMMUNES: usize = 24;

/// Prints how long it takes and how close to the bound it comes, with people enough and with
/// too few.
///
/// # Errors
/// When something cannot be run at all.
pub fn run() -> Done<()> {
    for people in [600, 200] {
        let (needs, candidates) = instance(40, people);
        let wanted: u32 = needs.iter().map(|need| need.missing).sum();
        section(&format!(
            "A month of {} shifts at 40 points that want {wanted} people, filled with {people}",
            needs.len()
        ));
        let (started, before) = (Instant::now(), server::cpu("self")?);
        let (roster, quality) = fill(&needs, &candidates, &Limits::USUAL);
        let cpu_s = (server::cpu("self")? - before).as_secs_f64();
        figure("time, s", started.elapsed().as_secs_f64(), "", true);
        figure("of the processor, s", cpu_s, "< 3", cpu_s < 3.0);
        let given = f64::from(u32::try_from(roster.given.len())?);
        figure("given", given, "", true);
        figure("missing", f64::from(quality.missing), "", true);
        let cost = |cost: i64| cost as f64;
        figure("value, gaps apart", cost(quality.value), "", true);
        figure("bound", cost(quality.bound), "", true);
        let over = cost(roster.value - roster.bound) / cost(quality.bound.max(1)) * 100.0;
        figure("above the bound, %", over, "< 0.1", over < 0.1);
        figure(
            "most shifts of one person",
            quality.shifts_most as f64,
            "",
            true,
        );
    }
    Ok(())
}

/// Points with office hours, some with evenings, and people with jobs and studies.
pub fn instance(points: u128, people: u128) -> (Vec<Need>, Vec<Candidate>) {
    let mut rng = fastrand::Rng::with_seed(2024);
    let span = |from: &str, to: &str| Span {
        from: Minute::parse(from).expect("a time"),
        to: Minute::parse(to).expect("a time"),
    };
    let place = |commune: usize| format!("VN/52/{}/{commune}/", commune / 6);
    let mut needs = Vec::new();
    for point in 0..points {
        let mut day = vec![span("07:00", "11:30"), span("13:30", "17:00")];
        if point % 4 == 0 {
            day.push(span("18:00", "21:30"));
        }
        let mut hours = Hours::weekdays(&day);
        day.remove(1);
        hours.sat = day;
        let rule = Rule {
            weekdays: (1..=6).collect(),
            halves: Half::ALL.to_vec(),
            times: Vec::new(),
            people_min: 2,
            people_max: 4,
            skills: Vec::new(),
            on_holidays: false,
            alerts_h: Vec::new(),
        };
        let path = place(rng.usize(..COMMUNES));
        let skills: &[&str] = if point % 3 == 0 {
            &["dvctt_basic"]
        } else {
            &[]
        };
        let month = (date!(2024 - 10 - 01), date!(2024 - 10 - 31));
        needs.extend(
            slots(&rule, &hours, month, &|_| false)
                .into_iter()
                .map(|slot| Need {
                    point: PointId(Uuid::from_u128(point)),
                    path: path.clone(),
                    at: Held {
                        starts_at: slot.starts_at,
                        ends_at: slot.ends_at,
                    },
                    skills: skills.iter().map(|skill| (*skill).to_owned()).collect(),
                    missing: rule.people_min,
                }),
        );
    }
    let candidates = (0..people).map(|person| {
        let weekdays = 1..=6_u8;
        let parts = weekdays.flat_map(|weekday| {
            Half::ALL.iter().map(move |half| Part {
                weekday,
                half: *half,
            })
        });
        let free: Vec<Part> = parts.filter(|_| rng.u32(..100) < 35).collect();
        let prefers = free
            .iter()
            .copied()
            .filter(|_| rng.u32(..100) < 30)
            .collect();
        let availability = Availability {
            free,
            prefers,
            away: Vec::new(),
            per_week_max: rng.u32(1..=4),
            per_month_max: rng.u32(4..=14),
        };
        Candidate {
            member: MemberId(Uuid::from_u128(person)),
            path: place(rng.usize(..COMMUNES)),
            skills: (0..1)
                .filter(|_| rng.u32(..100) < 70)
                .map(|_| "dvctt_basic".to_owned())
                .collect(),
            availability: Some(availability),
            holds: Vec::new(),
            knows: (0..2)
                .map(|_| PointId(Uuid::from_u128(rng.u128(..points))))
                .collect(),
        }
    });
    let candidates = candidates.collect();
    (needs, candidates)
}
