//! Places, teams, members and how busy each of them was: the nation before its facts.

use super::fill::Order;
use super::life::{Again, Phone};
use crate::demo::life::Record;
use crate::demo::names;
use crate::features::places::store as places;
use crate::features::places::store::Place;
use crate::platform::db::Tx;
use crate::platform::problem::AppResult;
use domain::days::VIETNAM;
use domain::facts::{Body, Setting, Street, StreetStatus};
use domain::ids::{MemberId, TeamId};
use domain::people::TeamKind;
use domain::subjects::{Pseudonymiser, SubjectKey, hex};
use domain::targets::{Share, split};
use fastrand::Rng;
use time::macros::{date, time};
use time::{Date, Duration, OffsetDateTime, Weekday};
use uuid::Uuid;

/// A Sunday after the country went over to two levels: the launch ceremony.
pub const STARTS_ON: Date = date!(2025 - 07 - 13);
/// The campaign's last day.
pub const ENDS_ON: Date = date!(2025 - 12 - 31);

/// Days on which more happens, and how much more.
const PEAKS: &[(Date, f64)] = &[
    (STARTS_ON, 2.5),
    (date!(2025 - 08 - 19), 3.0),
    (date!(2025 - 10 - 10), 6.0),
    (date!(2025 - 10 - 12), 2.0),
];

/// A team and who works in it.
#[derive(Debug)]
pub struct Team {
    /// Id.
    pub id: TeamId,
    /// `cnstn` (Sundays, doors), `dvctt` (weekdays, desk) or `cnscd`.
    pub kind: TeamKind,
    /// Its members, the leader first.
    pub members: Vec<MemberId>,
}

/// A commune.
#[derive(Debug)]
pub struct Commune {
    /// The place.
    pub place: Place,
    /// How many live there.
    pub people: u32,
    /// Its teams.
    pub teams: Vec<Team>,
    /// How many of its facts lie before each day of each team; one more at the end.
    before: Vec<u32>,
}

/// The nation.
#[derive(Debug)]
pub struct Nation {
    /// What it is drawn from.
    pub seed: u64,
    /// When the installation wakes up.
    pub now: OffsetDateTime,
    /// Provinces by code, each with the positions of its communes.
    pub provinces: Vec<(Place, std::ops::Range<usize>)>,
    /// Communes by province and code.
    pub communes: Vec<Commune>,
    /// Days that have passed.
    pub days: usize,
}

impl Nation {
    /// Draws it for the places in force.
    ///
    /// # Errors
    /// The storage's.
    pub fn draw(tx: &Tx<'_>, order: &Order) -> AppResult<Self> {
        let mut rng = Rng::with_seed(order.seed);
        let root = super::nation_id()?;
        let days = usize::try_from((order.until - STARTS_ON).whole_days()).unwrap_or(0);
        let (mut provinces, mut communes) = (Vec::new(), Vec::new());
        let mut weights = Vec::new();
        let all = places::children(tx, &root, STARTS_ON)?;
        for province in all.into_iter().take(order.provinces) {
            let strength = 0.6 + 0.8 * rng.f64();
            let first = communes.len();
            for place in places::children(tx, &province.id, STARTS_ON)? {
                let people = rng.u32(12_000..50_000);
                let teams: Vec<Team> = (0..order.teams_per_commune)
                    .map(|n| team(&mut rng, n))
                    .collect();
                let size = (f64::from(people) / 30_000.0).powf(0.8);
                weights.push(busy(&mut rng, &teams, days, strength * size));
                communes.push(Commune {
                    place,
                    people,
                    teams,
                    before: Vec::new(),
                });
            }
            provinces.push((province, first..communes.len()));
        }
        let sums = weights.iter().map(|slots| slots.iter().sum());
        let shares = shared(u64::from(order.facts), sums)?;
        for ((commune, slots), share) in communes.iter_mut().zip(weights).zip(shares) {
            commune.before = drawn(&mut rng, &slots, share);
        }
        Ok(Self {
            seed: order.seed,
            now: order.until.with_time(time!(08:00)).assume_offset(VIETNAM),
            provinces,
            communes,
            days,
        })
    }

    /// Eight o'clock on a day, counted from the first.
    pub fn morning_of(&self, day: usize) -> OffsetDateTime {
        let date = STARTS_ON + Duration::days(i64::try_from(day).unwrap_or(0));
        date.with_time(time!(08:00)).assume_offset(VIETNAM)
    }

    /// When a day is over; the last one when the installation wakes up.
    pub fn end_of(&self, day: usize) -> OffsetDateTime {
        if day + 1 == self.days {
            return self.now;
        }
        self.morning_of(day + 1) - Duration::hours(8)
    }

    /// Members in the order of their sessions: spread over the country, the leaders of
    /// first teams before others. With each, whether it is a leader's.
    pub fn phones(&self) -> Vec<(Phone, bool)> {
        let mut order: Vec<usize> = (0..self.communes.len()).collect();
        Rng::with_seed(self.seed).shuffle(&mut order);
        let mut phones: Vec<((usize, usize, usize), Phone)> = Vec::new();
        for (turn, commune) in order.iter().map(|at| &self.communes[*at]).enumerate() {
            for (n, team) in commune.teams.iter().enumerate() {
                for (position, member) in team.members.iter().enumerate() {
                    phones.push(((position, n, turn), commune.phone(team, *member)));
                }
            }
        }
        phones.sort_by_key(|(turn, _)| *turn);
        phones
            .into_iter()
            .map(|((position, ..), phone)| (phone, position == 0))
            .collect()
    }

    /// What was recorded in a commune on a day, in no particular order. The same
    /// however often and in whatever order it is asked.
    pub fn lived(&self, commune: usize, day: usize, people: &People<'_>) -> Vec<Record> {
        let here = &self.communes[commune];
        let mark = ((commune as u64) << 32) | day as u64;
        let mut rng = Rng::with_seed(self.seed.rotate_left(17) ^ mark.wrapping_mul(0x9e37_79b9));
        let mut records = Vec::new();
        for (n, team) in here.teams.iter().enumerate() {
            let slot = day * here.teams.len() + n;
            let (mut number, to) = (here.before[slot], here.before[slot + 1]);
            while number < to {
                let made = self.hour(&mut rng, here, team, day, number..to, people);
                number += u32::try_from(made.len()).unwrap_or(u32::MAX);
                records.extend(made);
            }
        }
        records
    }

    /// One visit and what the same hand made of it afterwards: one or two facts.
    fn hour(
        &self,
        rng: &mut Rng,
        here: &Commune,
        team: &Team,
        day: usize,
        numbers: std::ops::Range<u32>,
        people: &People<'_>,
    ) -> Vec<Record> {
        let date = STARTS_ON + Duration::days(i64::try_from(day).unwrap_or(0));
        let (setting, from_minute, to_minute) = occasion(team.kind, date);
        let at = date.midnight().assume_offset(VIETNAM)
            + Duration::minutes(rng.i64(from_minute..to_minute))
            + Duration::seconds(rng.i64(0..60));
        let member = team.members[rng.usize(..team.members.len())];
        let phone = here.phone(team, member);
        let number = numbers.start;
        let body = match team.kind {
            TeamKind::Youth if day == 0 && number == 0 && rng.u32(0..10) < 3 => {
                Body::Street(Street {
                    name: names::street(rng),
                    status: StreetStatus::Operating,
                    merchants: Some(rng.u32(8..60)),
                })
            }
            TeamKind::Youth if date.weekday() != Weekday::Sunday && rng.u32(0..100) < 3 => {
                phone.post(number)
            }
            _ => {
                // Now and then somebody whom a team of this commune has met before.
                let whom = if number > 0 && rng.u32(0..1000) < 35 {
                    rng.u32(0..number)
                } else {
                    number
                };
                let identity = |realm| people.of(realm, &here.place.code, u64::from(whom));
                Body::Assist(phone.visit(rng, at, number, setting, identity))
            }
        };
        let fact = phone.fact(rng, at, number, body);
        let mut made = vec![self.arrived(rng, phone.member, at, fact)];
        if let Body::Assist(assist) = &made[0].fact.body
            && numbers.len() > 1
            && let Some(again) = Again::draw(rng)
        {
            let (body, corrects) = again.body(made[0].fact.id, assist.clone());
            let later = at + Duration::minutes(rng.i64(2..8));
            let mut fact = phone.fact(rng, later, number + 1, body);
            fact.corrects = corrects;
            let mut record = self.arrived(rng, phone.member, later, fact);
            // A phone sends in order.
            record.received_at = record.received_at.max(made[0].received_at);
            made.push(record);
        }
        made
    }

    /// Most facts come at once, some in the evening, a few weeks later.
    fn arrived(
        &self,
        rng: &mut Rng,
        actor: MemberId,
        at: OffsetDateTime,
        fact: domain::facts::Fact,
    ) -> Record {
        let delay = match rng.u32(0..100) {
            0..70 => Duration::seconds(rng.i64(2..60)),
            70..95 => Duration::minutes(rng.i64(60..600)),
            _ => Duration::minutes(rng.i64(1440..28_800)),
        };
        let received_at = (at + delay).min(self.now - Duration::SECOND);
        Record {
            fact,
            actor,
            received_at,
        }
    }
}

impl Commune {
    fn phone(&self, team: &Team, member: MemberId) -> Phone {
        Phone {
            member,
            place: self.place.id.clone(),
            code: self.place.code.clone(),
            team: team.id,
        }
    }
}

/// Who the people are to phones and, with the installation's keys, in its database.
#[derive(Debug)]
pub struct People<'a> {
    told: Pseudonymiser,
    kept: Option<&'a Pseudonymiser>,
}

impl<'a> People<'a> {
    /// Made up from a seed. A phone says a number that stands for an identity; with
    /// `kept`, what the server makes of that.
    pub fn new(seed: u64, kept: Option<&'a Pseudonymiser>) -> Self {
        let told = Pseudonymiser::new(&super::derived(seed, "people"));
        Self { told, kept }
    }

    /// The person or household with a number among those of `group`.
    pub fn of(&self, realm: &str, group: &str, number: u64) -> SubjectKey {
        let told = self
            .told
            .key(realm, &[group.as_bytes(), &number.to_le_bytes()]);
        match self.kept {
            Some(keys) => keys.key(realm, &[hex(told).as_bytes()]),
            None => told,
        }
    }
}

fn team(rng: &mut Rng, n: usize) -> Team {
    let kind = [TeamKind::Youth, TeamKind::Desk, TeamKind::Community][n.min(2)];
    // Version and variant bits as of a random UUID, drawn from the seed.
    let id =
        |rng: &mut Rng| uuid::Builder::from_random_bytes(rng.u128(..).to_le_bytes()).into_uuid();
    let members = (0..rng.usize(4..8)).map(|_| MemberId(id(rng))).collect();
    let id: Uuid = id(rng);
    Team {
        id: TeamId(id),
        kind,
        members,
    }
}

/// How much each team does on each day, day after day, in thousandths of a visit.
fn busy(rng: &mut Rng, teams: &[Team], days: usize, strength: f64) -> Vec<u64> {
    let zeal: Vec<f64> = teams.iter().map(|_| 0.55 + 0.9 * rng.f64()).collect();
    let mut weights = Vec::with_capacity(days * teams.len());
    for day in 0..days {
        let date = STARTS_ON + Duration::days(i64::try_from(day).unwrap_or(0));
        for (team, zeal) in teams.iter().zip(&zeal) {
            let peak = PEAKS.iter().find(|(day, _)| *day == date);
            let peak = peak.map_or(1.0, |(_, times)| *times);
            let visits = match (team.kind, date.weekday()) {
                (TeamKind::Desk, Weekday::Saturday | Weekday::Sunday) => 0.0,
                (TeamKind::Desk, _) => 2.6,
                (_, Weekday::Sunday) if rng.f64() < 0.86 => 28.0 * peak,
                (_, Weekday::Saturday) if rng.f64() < 0.35 => 12.0 * peak,
                (_, Weekday::Saturday | Weekday::Sunday) => 0.0,
                _ if peak > 1.0 => 6.0 * peak,
                _ if rng.f64() < 0.22 => 9.0,
                _ => 0.0,
            };
            weights.push((visits * strength * zeal * (300.0 + 1400.0 * rng.f64())) as u64);
        }
    }
    weights
}

/// How many of so many facts lie before each slot, each fact drawn by weight.
fn drawn(rng: &mut Rng, weights: &[u64], facts: u64) -> Vec<u32> {
    let sums: Vec<u64> = weights
        .iter()
        .scan(0, |sum, weight| {
            *sum += weight;
            Some(*sum)
        })
        .collect();
    let mut before = vec![0; weights.len() + 1];
    for _ in 0..facts {
        let mark = rng.u64(..sums.last().copied().unwrap_or(0));
        before[sums.partition_point(|sum| *sum <= mark) + 1] += 1;
    }
    for slot in 1..before.len() {
        before[slot] += before[slot - 1];
    }
    before
}

/// Where a team is met on a day, and between which minutes.
fn occasion(kind: TeamKind, date: Date) -> (Setting, i64, i64) {
    match (kind, date.weekday()) {
        (TeamKind::Desk, _) => (Setting::Desk, 7 * 60 + 30, 16 * 60 + 30),
        _ if date == STARTS_ON => (Setting::Event, 8 * 60, 11 * 60),
        (_, Weekday::Sunday) => (Setting::Door, 8 * 60, 19 * 60),
        (_, Weekday::Saturday) => (Setting::Event, 8 * 60, 17 * 60),
        _ => (Setting::Door, 18 * 60, 21 * 60),
    }
}

/// A figure of a place where so many people live, in the shares of the 2019 census.
pub fn figure(people: u32, name: &str) -> i64 {
    let people = i64::from(people);
    match name {
        "population_14" => people * 78 / 100,
        "households" => people * 10 / 34,
        _ => people,
    }
}

/// A number shared out by weight, exactly.
pub fn shared(total: u64, weights: impl Iterator<Item = u64>) -> AppResult<Vec<u64>> {
    let shares: Vec<Share> = weights
        .map(|weight| Share {
            weight,
            locked: None,
        })
        .collect();
    let values = split(i64::try_from(total).unwrap_or(i64::MAX), &shares)?;
    Ok(values.into_iter().map(i64::unsigned_abs).collect())
}
