//! Ten months of life: Sundays of 176 teams, weekday desks, evenings at doors, peak
//! days, failures, corrections, records sent twice and people met twice.

use super::calendar::SUNDAYS;
use super::campaign::STARTS_ON;
use super::visit::Visit;
use super::world::{Team, World};
use super::{NOW, names};
use domain::attendance::Direction;
use domain::days::VIETNAM;
use domain::facts::{
    Assist, Attendance, Body, Fact, Post, PostChannel, Setting, Street, StreetStatus, Void, Way,
};
use domain::ids::{DeviceId, FactId, MemberId};
use domain::people::TeamKind;
use domain::subjects::{Pseudonymiser, SubjectKey};
use fastrand::Rng;
use std::collections::VecDeque;
use time::macros::date;
use time::{Date, Duration, OffsetDateTime, Time, Weekday};
use uuid::Uuid;

/// A fact on its way to the server.
#[derive(Clone, Debug)]
pub struct Record {
    /// What happened.
    pub fact: Fact,
    /// Who recorded it.
    pub actor: MemberId,
    /// When the server had it: minutes to a night later.
    pub received_at: OffsetDateTime,
}

impl Record {
    /// See [`wire`].
    pub fn wire(&self) -> serde_json::Value {
        wire(&self.fact)
    }
}

/// A fact as a phone would send it; its pseudonyms stand in for identities.
pub fn wire(fact: &Fact) -> serde_json::Value {
    let body = serde_json::value::RawValue::from_string(fact.body.stored());
    serde_json::json!({
        "id": fact.id,
        "kind": fact.body.kind(),
        "happened_at": domain::facts::rfc3339(fact.happened_at),
        "place": fact.place,
        "team": fact.team,
        "device": fact.device,
        "seq": fact.seq,
        "corrects": fact.corrects,
        "body": body.ok(),
    })
}

/// The launch, the union's anniversary, Uncle Ho's birthday, the last days before the
/// VNeID deadline, and the summer campaign's opening and closing.
const PEAKS: &[(Date, f64)] = &[
    (date!(2024 - 03 - 03), 2.5),
    (date!(2024 - 03 - 24), 2.0),
    (date!(2024 - 03 - 26), 6.0),
    (date!(2024 - 05 - 19), 1.8),
    (date!(2024 - 06 - 02), 1.6),
    (date!(2024 - 06 - 23), 2.0),
    (date!(2024 - 06 - 29), 9.0),
    (date!(2024 - 06 - 30), 2.2),
    (date!(2024 - 08 - 11), 1.5),
    (date!(2024 - 10 - 10), 5.0),
];

/// Days before [`NOW`] whose Sundays people checked in on.
const ROLLS_DAYS: f64 = 56.0;

/// How much a district does, and since when it stands still.
fn strength(district: &str) -> (f64, Option<Date>) {
    match district {
        "An Nhơn" => (1.35, None),
        "Hoài Nhơn" => (1.2, None),
        "Hoài Ân" => (1.15, None),
        "Quy Nhơn" => (1.05, None),
        "An Lão" => (0.65, None),
        "Vân Canh" => (0.5, Some(date!(2024 - 08 - 18))),
        "Vĩnh Thạnh" => (0.6, None),
        "Phù Cát" => (0.8, None),
        _ => (1.0, None),
    }
}

/// Draws the records day by day.
#[derive(Debug)]
pub struct Life<'a> {
    world: &'a World,
    keys: &'a Pseudonymiser,
    rng: Rng,
    scale: f64,
    day: Date,
    ready: VecDeque<Record>,
    /// Each team's own zeal.
    zeal: Vec<f64>,
    /// People met so far, each commune.
    met: Vec<Vec<u64>>,
    people: u64,
    dossiers: u32,
    seq: u32,
    /// For what was added to the story later, so that the rest of it stays as it was.
    aside: Rng,
    /// Sundays on which people were counted begin here.
    rolls_from: Date,
}

impl<'a> Life<'a> {
    /// From the campaign's first day to [`NOW`].
    pub fn new(world: &'a World, keys: &'a Pseudonymiser, mut rng: Rng, scale: f64) -> Self {
        let zeal = world.teams.iter().map(|_| 0.55 + 0.9 * rng.f64()).collect();
        let met = vec![Vec::new(); world.communes.len()];
        Self {
            world,
            keys,
            rng,
            scale,
            day: STARTS_ON,
            ready: VecDeque::new(),
            zeal,
            met,
            people: 0,
            dossiers: 0,
            seq: 0,
            aside: Rng::with_seed(1310),
            rolls_from: NOW.date() - Duration::days((ROLLS_DAYS * scale) as i64),
        }
    }

    fn chance(&mut self, p: f64) -> bool {
        self.rng.f64() < p
    }

    fn live_a_day(&mut self) {
        if self.day == STARTS_ON {
            self.open_streets();
        }
        let world = self.world;
        for (at, team) in world.teams.iter().enumerate() {
            self.team_day(at, team);
        }
        if self.day.weekday() == Weekday::Monday {
            self.write_posts();
        }
        self.day += Duration::DAY;
    }

    /// How many visits a team makes today, and where.
    fn plan(&mut self, at: usize, team: &Team) -> Option<(f64, Setting)> {
        let district = &self.world.districts[self.world.district_of[team.commune]].name;
        let (strength, silent_since) = strength(district);
        if silent_since.is_some_and(|since| self.day >= since && team.kind == TeamKind::Youth) {
            return None;
        }
        // Bigger communes have more doors to knock at, and more people at the desk.
        let size = (f64::from(self.world.people[team.commune]) / 9_500.0).powf(0.8);
        let zeal = strength * self.zeal[at] * size;
        let peak = PEAKS
            .iter()
            .find(|(day, _)| *day == self.day)
            .map_or(1.0, |(_, times)| *times);
        let holiday = matches!(
            (self.day.month() as u8, self.day.day()),
            (4, 18 | 30) | (5, 1) | (9, 2 | 3)
        );
        match (team.kind, self.day.weekday()) {
            _ if holiday && peak <= 1.0 => None,
            (TeamKind::Desk, Weekday::Saturday | Weekday::Sunday) => None,
            (TeamKind::Desk, _) => Some((2.6 * strength * size, Setting::Desk)),
            (_, Weekday::Sunday) => self
                .chance(0.86)
                .then_some((28.0 * zeal * peak, Setting::Door)),
            (_, Weekday::Saturday) => self
                .chance(0.35)
                .then_some((12.0 * zeal * peak, Setting::Event)),
            _ if peak > 1.0 => Some((6.0 * peak, Setting::Event)),
            _ => self.chance(0.22).then_some((9.0 * zeal, Setting::Door)),
        }
    }

    fn team_day(&mut self, at: usize, team: &Team) {
        let Some((visits, setting)) = self.plan(at, team) else {
            return;
        };
        let wanted = visits * self.scale * (0.7 + 0.6 * self.rng.f64());
        let mut left = wanted.floor() as usize + usize::from(self.chance(wanted.fract()));
        let active = self.rng.usize(2..=team.members.len());
        if self.day.weekday() == Weekday::Sunday && self.day >= self.rolls_from {
            std::mem::swap(&mut self.rng, &mut self.aside);
            self.roll(team, active);
            std::mem::swap(&mut self.rng, &mut self.aside);
        }
        for (n, member) in team.members.iter().take(active).enumerate() {
            let share = left.div_ceil(active - n);
            left -= share;
            let mut minute = if setting == Setting::Desk {
                7 * 60 + 30
            } else {
                8 * 60
            } + self.rng.u32(0..40);
            for _ in 0..share {
                minute += self.rng.u32(3..14);
                self.visit(team, *member, minute.min(21 * 60), setting);
            }
        }
    }

    /// Who of a team came to the Sunday, and when they left; a few forget to say so.
    fn roll(&mut self, team: &Team, active: usize) {
        let leader = team.members.first().copied();
        for member in team.members.iter().take(active).copied() {
            let led = leader.filter(|leader| *leader != member && self.rng.u32(..10) < 3);
            let say = |life: &mut Self, minute: u32, direction: Direction| {
                let at = life.at(minute);
                if at > NOW {
                    return;
                }
                let body = Body::Attendance(Attendance {
                    member,
                    point: None,
                    activity: Some(SUNDAYS),
                    direction,
                    way: led.map_or(Way::Own, |_| Way::ByLeader),
                    near: None,
                });
                let record = life.record(team, led.unwrap_or(member), at, body);
                life.ready.push_back(record);
            };
            let comes = 7 * 60 + 5 + self.rng.u32(0..50);
            say(self, comes, Direction::In);
            if self.chance(0.94) {
                let goes = 11 * 60 + self.rng.u32(0..45);
                say(self, goes, Direction::Out);
            }
        }
    }

    fn visit(&mut self, team: &Team, actor: MemberId, minute: u32, setting: Setting) {
        let at = self.at(minute);
        if at > NOW {
            return;
        }
        let person = if self.chance(0.035) && !self.met[team.commune].is_empty() {
            let known = &self.met[team.commune];
            known[self.rng.usize(..known.len())]
        } else {
            self.people += 1;
            self.met[team.commune].push(self.people);
            self.people
        };
        let body = self.assist(person, setting, at);
        let record = self.record(team, actor, at, Body::Assist(body));
        self.ready.push_back(record.clone());
        if self.chance(0.01) {
            // The answer got lost: the phone sends it again.
            self.ready.push_back(record.clone());
        }
        if self.chance(0.012) {
            // Recorded twice by hand: another fact about the same person and services.
            let later = at + Duration::minutes(2);
            let twin = Record {
                fact: Fact {
                    id: fact_id(&mut self.rng, later),
                    happened_at: later,
                    ..record.fact.clone()
                },
                ..record.clone()
            };
            self.ready.push_back(twin);
        }
        if self.chance(0.007) {
            let later = at + Duration::minutes(4);
            let void = Body::Void(Void {
                reason: Some("Ghi nhầm".to_owned()),
            });
            let mut undo = self.record(team, actor, later, void);
            undo.fact.corrects = Some(record.fact.id);
            self.ready.push_back(undo);
        } else if self.chance(0.005) {
            let later = at + Duration::minutes(6);
            let mut body = match &record.fact.body {
                Body::Assist(body) => body.clone(),
                _ => return,
            };
            body.items.truncate(1);
            let mut better = self.record(team, actor, later, Body::Assist(body));
            better.fact.corrects = Some(record.fact.id);
            self.ready.push_back(better);
        }
    }

    fn at(&self, minute: u32) -> OffsetDateTime {
        self.day.with_time(Time::MIDNIGHT).assume_offset(VIETNAM)
            + Duration::minutes(i64::from(minute))
    }

    fn record(&mut self, team: &Team, actor: MemberId, at: OffsetDateTime, body: Body) -> Record {
        self.seq += 1;
        let delay = if self.chance(0.3) {
            self.rng.i64(60..600)
        } else {
            self.rng.i64(1..20)
        };
        let fact = Fact {
            id: fact_id(&mut self.rng, at),
            happened_at: at,
            place: self.world.communes[team.commune].id.clone(),
            team: Some(team.id),
            device: DeviceId(Uuid::from_u128(actor.0.as_u128() ^ 1)),
            seq: self.seq,
            corrects: None,
            body,
        };
        Record {
            fact,
            actor,
            received_at: at + Duration::minutes(delay),
        }
    }

    fn assist(&mut self, person: u64, setting: Setting, at: OffsetDateTime) -> Assist<SubjectKey> {
        let mut visit = Visit {
            rng: &mut self.rng,
            day: self.day,
            vneid_first: self.day <= date!(2024 - 06 - 30),
            dossiers: &mut self.dossiers,
            dossier_code: &dossier_code,
        };
        let keys = self.keys;
        visit.assist(setting, at, |realm| {
            keys.key(realm, &[b"demo", &person.to_le_bytes()])
        })
    }

    /// Leaders write about their communes: some every month, some hardly ever.
    fn write_posts(&mut self) {
        let world = self.world;
        let firsts: Vec<&Team> = world.teams.iter().take(world.communes.len()).collect();
        for (at, team) in firsts.into_iter().enumerate() {
            let (strength, _) = strength(&world.districts[world.district_of[team.commune]].name);
            let p = 0.22 * strength * self.zeal[at];
            let (Some(leader), true) = (team.members.first().copied(), self.chance(p)) else {
                continue;
            };
            let minute = 19 * 60 + self.rng.u32(0..90);
            let at = self.at(minute);
            if at > NOW {
                continue;
            }
            let n = self.rng.u32(..);
            let place = &world.communes[team.commune];
            let body = Body::Post(Post {
                title: format!("Chủ nhật số tại {}", place.full_name),
                url: format!("https://tuoitre.example/{}/{n}", place.code),
                channel: if self.chance(0.7) {
                    PostChannel::Facebook
                } else {
                    PostChannel::Website
                },
            });
            let record = self.record(team, leader, at, body);
            self.ready.push_back(record);
        }
    }

    /// An Nhơn has a street in twelve of its fifteen communes, Quy Nhơn two, most
    /// other districts one, and Vân Canh's has stalled.
    fn open_streets(&mut self) {
        let world = self.world;
        for (district, place) in world.districts.iter().enumerate() {
            let count = match place.name.as_str() {
                "An Nhơn" => 12,
                "Quy Nhơn" => 2,
                _ => 1,
            };
            let homes: Vec<&Team> = world
                .teams
                .iter()
                .take(world.communes.len())
                .filter(|team| world.district_of[team.commune] == district)
                .take(count)
                .collect();
            for team in homes {
                let Some(leader) = team.members.first().copied() else {
                    continue;
                };
                let status = if place.name == "Vân Canh" {
                    StreetStatus::Stalled
                } else {
                    StreetStatus::Operating
                };
                let name = names::street(&mut self.rng);
                let merchants = Some(self.rng.u32(8..60));
                let minute = 9 * 60 + self.rng.u32(0..120);
                let at = self.at(minute);
                let record = self.record(
                    team,
                    leader,
                    at,
                    Body::Street(Street {
                        name,
                        status,
                        merchants,
                    }),
                );
                self.ready.push_back(record);
            }
        }
    }
}

/// An id as a phone mints it at that time, from a seed.
pub fn fact_id(rng: &mut Rng, at: OffsetDateTime) -> FactId {
    let ms = u64::try_from(at.unix_timestamp() * 1000).unwrap_or(0) + rng.u64(0..1000);
    let mut random = [0; 10];
    rng.fill(&mut random);
    FactId(uuid::Builder::from_unix_timestamp_millis(ms, &random).into_uuid())
}

/// A made-up code of that day.
pub fn dossier_code(rng: &mut Rng, day: Date, number: u32) -> String {
    format!(
        "H08.{:02}-{:02}{:02}{:02}-{:04}",
        rng.u32(10..40),
        day.year() % 100,
        day.month() as u8,
        day.day(),
        number % 10_000
    )
}

impl Iterator for Life<'_> {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        while self.ready.is_empty() {
            if self.day > NOW.date() {
                return None;
            }
            self.live_a_day();
        }
        self.ready.pop_front()
    }
}
