//! An Giang in July 2025, three weeks after communes and provinces became the only two levels:
//! a team at the public-service centre of each of its 102 communes, wards and the special zone.

use super::life::{Record, dossier_code, fact_id};
use super::visit::Visit;
use super::world::{self, Team, World};
use crate::args;
use crate::features::campaigns::store::{
    self as campaigns, Campaign, IssuingDocument, NewIndicator,
};
use crate::features::places::store as places;
use crate::features::points::{PointBody, store as points};
use crate::features::rosters::{self, Ruling, Wanted, generate, put_person, put_rule};
use crate::platform::clock::{Clock, random};
use crate::platform::db::Tx;
use crate::platform::problem::{AppError, AppResult};
use domain::catalogue::Catalogue;
use domain::days::{VIETNAM, day_of};
use domain::desk::Language;
use domain::facts::{Body, Fact, Setting};
use domain::ids::{CampaignId, DeviceId, IndicatorId, MemberId, PlaceId, PointId, ShiftId};
use domain::people::TeamKind;
use domain::points::PointKind;
use domain::rosters::{ALERTS_H, Document, Half, Rule};
use domain::subjects::Pseudonymiser;
use fastrand::Rng;
use serde_json::json;
use std::collections::HashMap;
use time::macros::{date, datetime};
use time::{Date, Duration, OffsetDateTime, Time, Weekday};
use uuid::Uuid;

/// The moment this story wakes up at.
pub const NOW: OffsetDateTime = datetime!(2025-07-22 09:00 +7);
/// The first day of the two levels.
const STARTS_ON: Date = date!(2025 - 07 - 01);
/// Tỉnh An Giang since then.
const PROVINCE: &str = "34-91";
/// "1.353 tình nguyện viên" at "102/102" (S1-02, S1-03).
const PEOPLE: usize = 1353;
/// "Khoảng 20.000 lượt" in three weeks (S1-04).
const ASSISTS: f64 = 20_000.0;

/// When the shifts of July were planned.
const PLANNED: OffsetDateTime = datetime!(2025-07-18 17:00 +7);
/// The ids of rules begin here.
const RULES: u128 = 0x2000;

/// Ids that nothing is drawn for.
fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0a61_2025_0000_7000_8000_0000_0000_0000 + number)
}

/// Builds the centres, their teams and what is counted there.
///
/// # Errors
/// The storage's.
pub fn build(
    tx: &mut Tx<'_>,
    rng: &mut Rng,
    catalogue: &Catalogue,
    keys: &Pseudonymiser,
) -> AppResult<World> {
    let root = PlaceId::parse(PROVINCE).map_err(|fault| AppError::Internal(fault.to_string()))?;
    let province = places::find(tx, &root, STARTS_ON)?.ok_or_else(AppError::not_found)?;
    let communes = places::children(tx, &root, STARTS_ON)?;
    let mut world = World {
        people: vec![0; communes.len()],
        district_of: vec![0; communes.len()],
        districts: Vec::new(),
        teams: Vec::new(),
        province_officer: MemberId(world::id(rng)),
        volunteer: MemberId(world::id(rng)),
        home: 0,
        province,
        communes,
    };
    // Two of them are those who sign in.
    let mut left = PEOPLE - 2;
    for commune in 0..world.communes.len() {
        let size = left.div_ceil(world.communes.len() - commune);
        left -= size;
        let place = &world.communes[commune].full_name;
        let name = format!("Đội thanh niên tình nguyện {place}");
        let made = world::NewTeam {
            commune,
            kind: TeamKind::Desk,
            name: &name,
            logins: "ag",
            since: STARTS_ON,
        };
        world::team(tx, rng, &mut world, &made, size)?;
        centre(tx, &world, commune)?;
    }
    // A team a commune, in the same order.
    let home = world
        .communes
        .iter()
        .position(|commune| commune.name == "Rạch Giá");
    world::logins(tx, rng, &mut world, home.unwrap_or(0), STARTS_ON)?;
    campaign(tx, &world, catalogue, keys)?;
    staff(tx, &world)?;
    desks(tx, rng, &world)?;
    Ok(world)
}

/// The desks of the story: Rạch Giá's and Định Hòa's, where Khmer is spoken, too.
fn desks(tx: &mut Tx<'_>, rng: &Rng, world: &World) -> AppResult<()> {
    let mut rng = rng.clone();
    let languages = [Language::Vi, Language::En, Language::Km];
    for (at, commune) in world.communes.iter().enumerate() {
        if ["Rạch Giá", "Định Hòa"].contains(&commune.name.as_str()) {
            let at_work = (point_of(at), world.province_officer);
            super::desk::build(tx, &mut rng, at_work, &languages, NOW)?;
            super::hall::build(tx, &mut rng, at_work, NOW)?;
        }
    }
    Ok(())
}

/// Two at every centre in office hours for the rest of the month; now and then one is missing.
fn staff(tx: &mut Tx<'_>, world: &World) -> AppResult<()> {
    let clock = Clock::still(PLANNED);
    let mut next = RULES;
    for commune in 0..world.communes.len() {
        next += 1;
        let ruling = Ruling {
            id: id(next),
            point: point_of(commune),
            rule: Rule {
                weekdays: (1..=5).collect(),
                halves: vec![Half::Morning, Half::Afternoon],
                times: Vec::new(),
                people_min: 2,
                people_max: 4,
                skills: Vec::new(),
                on_holidays: false,
                alerts_h: ALERTS_H.to_vec(),
            },
            source: Document {
                title: "Kế hoạch tình nguyện 2025 (minh họa)".to_owned(),
                number: String::new(),
                signed_on: None,
            },
            valid_from: STARTS_ON,
            valid_to: None,
        };
        put_rule(tx, world.province_officer, &ruling)?;
    }
    let number = std::cell::Cell::new(next);
    let new_id = || {
        number.set(number.get() + 1);
        id(number.get())
    };
    let path = &world.province.path;
    let centres = rosters::points(tx, path, None)?;
    let rest = (day_of(PLANNED), date!(2025 - 08 - 01));
    generate(tx, &centres, path, rest, PLANNED, &new_id)?;
    let shifts: Vec<(ShiftId, PlaceId)> = tx.all(
        "select s.id, q.place_id from shift s join service_point q on q.id = s.point_id order by s.starts_at, q.place_id",
        args![],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let teams: HashMap<&PlaceId, &Team> = world
        .teams
        .iter()
        .map(|team| (&world.communes[team.commune].id, team))
        .collect();
    let mut turns: HashMap<&PlaceId, usize> = HashMap::new();
    for (at, (shift, place)) in shifts.iter().enumerate() {
        let Some((place, team)) = teams.get_key_value(place) else {
            continue;
        };
        let turn = turns.entry(place).or_default();
        for _ in 0..if at % 17 == 5 { 1 } else { 2 } {
            let member = team.members[*turn % team.members.len()];
            *turn += 1;
            put_person(
                tx,
                &clock,
                world.province_officer,
                (*shift, member),
                Wanted::On,
            )?;
        }
    }
    Ok(())
}

fn centre(tx: &mut Tx<'_>, world: &World, commune: usize) -> AppResult<()> {
    let place = &world.communes[commune];
    let point = PointBody {
        id: point_of(commune).0,
        place_id: place.id.to_string(),
        name: format!("Trung tâm Phục vụ hành chính công {}", place.full_name),
        kind: PointKind::CommuneCentre,
        address: String::new(),
        lat_e6: None,
        lon_e6: None,
        hours: super::calendar::office(),
        valid_from: Some(crate::platform::wire::Day(STARTS_ON)),
        valid_to: None,
        agreement: None,
    };
    points::put(tx, &point, &random::<32>())
}

fn point_of(commune: usize) -> PointId {
    PointId(id(0x1000 + commune as u128))
}

fn campaign(
    tx: &mut Tx<'_>,
    world: &World,
    catalogue: &Catalogue,
    keys: &Pseudonymiser,
) -> AppResult<()> {
    let campaign = Campaign {
        id: CampaignId(id(0)),
        code: "an-giang-2025".to_owned(),
        name: "Tình nguyện hỗ trợ chính quyền địa phương hai cấp năm 2025".to_owned(),
        theme: "Tại 102 trung tâm phục vụ hành chính công".to_owned(),
        issuing_document: IssuingDocument {
            number: "Kế hoạch tình nguyện 2025 (số trình diễn)".to_owned(),
            issued_on: None,
            issuer: "Tỉnh đoàn An Giang".to_owned(),
            title: "Hỗ trợ chính quyền địa phương hai cấp".to_owned(),
        },
        place: world.province.id.clone(),
        starts_on: STARTS_ON,
        ends_on: date!(2025 - 12 - 31),
    };
    let indicator = |number: u128, (code, name, short): (&str, &str, &str), definition| {
        let definition = serde_json::from_value(definition)
            .map_err(|fault| AppError::Internal(fault.to_string()))?;
        Ok::<_, AppError>(NewIndicator {
            id: IndicatorId(id(number)),
            code: code.to_owned(),
            name: name.to_owned(),
            short_name: short.to_owned(),
            definition,
            deadline: None,
        })
    };
    let indicators = [
        indicator(
            1,
            (
                "desk_assists",
                "Lượt hỗ trợ người dân tại các trung tâm phục vụ hành chính công",
                "Lượt tại trung tâm",
            ),
            json!({"kind": "count", "measure": {"unit": "assist", "count": "sum", "all_of": [{"setting": ["desk"]}]}}),
        )?,
        indicator(
            2,
            (
                "desk_everywhere",
                "Mỗi xã, phường, đặc khu có ít nhất 100 lượt hỗ trợ",
                "Đơn vị có 100 lượt",
            ),
            json!({"kind": "per_unit", "measure": {"unit": "assist", "count": "sum", "all_of": [{"setting": ["desk"]}]},
                "unit_level": "commune", "minimum": 100}),
        )?,
        indicator(
            3,
            (
                "online_dossiers",
                "Hồ sơ nộp trực tuyến có tình nguyện viên hướng dẫn",
                "Hồ sơ trực tuyến",
            ),
            json!({"kind": "count", "measure": {"unit": "dossier", "count": "distinct",
                "all_of": [{"services": ["dvc_dossier"], "outcomes": ["submitted"], "channel": "online"}]}}),
        )?,
    ];
    campaigns::create(tx, &campaign, &indicators, catalogue, keys)
}

/// Three weeks at the desks, `scale` of them, a day after the other.
pub fn life<'a>(
    world: &'a World,
    keys: &'a Pseudonymiser,
    mut rng: Rng,
    scale: f64,
) -> impl Iterator<Item = Record> + 'a {
    let days = std::iter::successors(Some(STARTS_ON), |day| day.next_day())
        .take_while(|day| *day <= NOW.date())
        .filter(|day| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday));
    let days: Vec<Date> = days.collect();
    let a_day = ASSISTS * scale / (days.len() * world.teams.len()) as f64;
    let (mut person, mut dossiers, mut seq) = (0_u64, 0_u32, 0_u32);
    let pairs = days
        .into_iter()
        .flat_map(|day| world.teams.iter().map(move |team| (day, team)));
    pairs.flat_map(move |(day, team)| {
        let wanted = a_day * (0.5 + rng.f64());
        let visits = wanted.floor() as usize + usize::from(rng.f64() < wanted.fract());
        let mut records = Vec::with_capacity(visits);
        for n in 0..visits {
            let minute = 7 * 60 + 30 + rng.i64(0..8 * 60);
            let at =
                day.with_time(Time::MIDNIGHT).assume_offset(VIETNAM) + Duration::minutes(minute);
            if at > NOW {
                continue;
            }
            (person, seq) = (person + 1, seq + 1);
            let mut visit = Visit {
                rng: &mut rng,
                day,
                vneid_first: false,
                dossiers: &mut dossiers,
                dossier_code: &dossier_code,
            };
            let body = visit.assist(Setting::Desk, at, |realm| {
                keys.key(realm, &[b"an-giang", &person.to_le_bytes()])
            });
            records.push(record(
                world,
                &mut rng,
                (team, n),
                at,
                seq,
                Body::Assist(body),
            ));
        }
        records
    })
}

fn record(
    world: &World,
    rng: &mut Rng,
    (team, n): (&Team, usize),
    at: OffsetDateTime,
    seq: u32,
    body: Body,
) -> Record {
    let actor = team.members[n % team.members.len()];
    let fact = Fact {
        id: fact_id(rng, at),
        happened_at: at,
        place: world.communes[team.commune].id.clone(),
        team: Some(team.id),
        device: DeviceId(Uuid::from_u128(actor.0.as_u128() ^ 1)),
        seq,
        corrects: None,
        body,
    };
    Record {
        fact,
        actor,
        received_at: at + Duration::minutes(rng.i64(1..20)),
    }
}
