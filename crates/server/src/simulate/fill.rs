//! Months of a nation's facts, written straight into a new database: much faster than
//! taking them in, and with the same books at the end.

use super::nation::{ENDS_ON, Nation, People, STARTS_ON, figure};
use super::{campaign, derived, nation_id, need_within, token};
use crate::args;
use crate::demo::life::Record;
use crate::demo::names;
use crate::features::facts::ledger::{self, New};
use crate::features::facts::measures::{self, Counting};
use crate::features::members::store::SESSION_IDLE;
use crate::features::members::{NewMember, Role, WORDS, create, password, words_of};
use crate::platform::clock::Clock;
use crate::platform::db::{Effect, Insert, Tx, read_alone, unix_ms, write_alone};
use crate::platform::deployment::{self, Deployment, set};
use crate::platform::http::token_hash;
use crate::platform::migrate;
use crate::platform::problem::{AppError, AppResult};
use crate::platform::progress::Progress;
use domain::catalogue::Catalogue;
use domain::days::day_of;
use domain::ids::{FactId, MemberId, PlaceId, TeamId};
use domain::observations::subjects;
use domain::people::{Origin, Position, TeamKind};
use domain::refusal::Refusal;
use domain::subjects::{Pseudonymiser, SubjectKey};
use domain::tallies::{Deltas, Recount};
use std::collections::HashSet;
use std::sync::mpsc::{SyncSender, sync_channel};
use time::macros::date;
use time::{Date, Duration, OffsetDateTime};

/// Facts in one statement.
const CHUNK: usize = 10_000;
/// Communes whose tallies are added at once.
const COMMUNES: usize = 50;
/// The day before which facts end unless another is named: a Sunday.
const UNTIL: Date = date!(2025 - 11 - 30);

/// How much of a nation to make.
#[derive(clap::Args, Clone, Debug)]
pub struct Order {
    /// Facts, exactly.
    #[arg(long)]
    pub facts: u32,
    /// Only the first so many provinces, by code.
    #[arg(long, default_value_t = 34)]
    pub provinces: usize,
    /// Teams in each commune.
    #[arg(long, default_value_t = 2)]
    pub teams_per_commune: usize,
    /// Everything is drawn from this.
    #[arg(long, default_value_t = super::SEED)]
    pub seed: u64,
    /// The day on whose morning the installation wakes up: facts begin on 2025-07-13.
    #[arg(long, default_value_t = UNTIL, value_parser = day)]
    pub until: Date,
}

fn day(raw: &str) -> Result<Date, String> {
    domain::days::iso::parse(raw).ok_or_else(|| "yyyy-mm-dd".to_owned())
}

impl Order {
    /// So many facts of the whole nation, everything else as on the command line.
    pub fn new(facts: u32) -> Self {
        Self {
            facts,
            provinces: 34,
            teams_per_commune: 2,
            seed: super::SEED,
            until: UNTIL,
        }
    }

    /// Refuses what is out of bounds.
    ///
    /// # Errors
    /// `simulate.bounds`.
    pub fn check(&self) -> AppResult<()> {
        need_within("--facts", self.facts.into(), (1, 50_000_000))?;
        need_within("--provinces", self.provinces as u64, (1, 34))?;
        need_within(
            "--teams-per-commune",
            self.teams_per_commune as u64,
            (1, 40),
        )?;
        let (first, last) = (STARTS_ON + Duration::days(30), ENDS_ON);
        if (first..=last).contains(&self.until) {
            return Ok(());
        }
        Err(Refusal::new("simulate.bounds")
            .with("name", "--until")
            .with("value", domain::days::iso::text(self.until))
            .with("min", domain::days::iso::text(first))
            .with("max", domain::days::iso::text(last))
            .into())
    }
}

/// Lays a secret that follows from the seed where a new installation will look for its
/// own: then the same seed gives the same pseudonyms. One that is there stays.
///
/// # Errors
/// The disk's.
pub fn lay_key(url: &str, seed: u64) -> AppResult<()> {
    deployment::lay_secret(url, &derived(seed, "key"))
}

/// Fills a new installation, in one transaction.
///
/// # Errors
/// `demo.not_empty` where there are members already, `simulate.bounds`, or the storage's.
pub fn fill(deployment: &Deployment, order: &Order) -> AppResult<()> {
    order.check()?;
    if !read_alone(&deployment.conn, migrate::is_new)? {
        return Err(AppError::problem("demo.not_empty"));
    }
    let (keys, catalogue) = (deployment.keys(), Catalogue::bundled());
    write_alone(&deployment.conn, |tx| {
        let nation = Nation::draw(tx, order)?;
        found(tx, &nation, &catalogue, &keys)?;
        let people = People::new(nation.seed, Some(&keys));
        record(tx, &nation, &people, order.facts)?;
        let all = measures::load(tx)?;
        let counting = Counting {
            measures: &all,
            catalogue: &catalogue,
            keys: &keys,
        };
        count(tx, &nation, &people, counting)?;
        set(tx, "simulated_seed", &nation.seed.to_string())?;
        set(tx, "simulated_now_ms", &unix_ms(nation.now).to_string())?;
        let shift = nation.now - Clock::machine(Duration::ZERO).now();
        let shift_ms = unix_ms(OffsetDateTime::UNIX_EPOCH + shift);
        set(tx, "demo_shift_ms", &shift_ms.to_string())?;
        tx.effects = vec![Effect::Shape];
        Ok(())
    })?;
    if !deployment.conn.is_sqlite() {
        // Or its planner would take the tables for empty.
        deployment.conn.script("analyze")?;
    }
    Ok(())
}

/// Writes the facts, as they arrived.
fn record(tx: &mut Tx<'_>, nation: &Nation, people: &People<'_>, facts: u32) -> AppResult<()> {
    let mut progress = Progress::start("Ghi sự kiện", facts.into());
    std::thread::scope(|scope| {
        let (send, chunks) = sync_channel(4);
        scope.spawn(move || live(nation, people, &send));
        for chunk in chunks {
            let chunk: Vec<(Record, String)> = chunk;
            let new = chunk.iter().map(|(record, body)| {
                let new = New {
                    fact: &record.fact,
                    body,
                    root: record.fact.corrects,
                };
                (new, record.actor, record.received_at)
            });
            ledger::load(tx, new)?;
            progress.advance(chunk.len() as u64);
        }
        Ok(())
    })
}

/// Draws day after day, and passes on what has arrived by the end of each.
fn live(nation: &Nation, people: &People<'_>, send: &SyncSender<Vec<(Record, String)>>) {
    let mut waiting: Vec<Record> = Vec::new();
    for day in 0..nation.days {
        for commune in 0..nation.communes.len() {
            waiting.extend(nation.lived(commune, day, people));
        }
        let evening = nation.end_of(day);
        waiting.sort_unstable_by_key(|record| (record.received_at, record.fact.id));
        let arrived = waiting.partition_point(|record| record.received_at < evening);
        let mut rest = waiting.drain(..arrived).peekable();
        while rest.peek().is_some() {
            let chunk = rest.by_ref().take(CHUNK);
            let chunk = chunk.map(|record| {
                let body = record.fact.body.stored();
                (record, body)
            });
            if send.send(chunk.collect()).is_err() {
                // Writing has failed, and says why itself.
                return;
            }
        }
    }
}

/// Writes what follows from the facts.
fn count(
    tx: &mut Tx<'_>,
    nation: &Nation,
    people: &People<'_>,
    counting: Counting<'_>,
) -> AppResult<()> {
    let all = nation.communes.len();
    let mut progress = Progress::start("Đếm theo xã", all as u64);
    let mut links = Vec::new();
    std::thread::scope(|scope| {
        let (send, counted) = sync_channel(4);
        scope.spawn(move || {
            for first in (0..all).step_by(COMMUNES) {
                let some = first..all.min(first + COMMUNES);
                if send
                    .send(Counted::of(nation, people, counting, some))
                    .is_err()
                {
                    // Writing has failed, and says why itself.
                    return;
                }
            }
        });
        for counted in counted {
            ledger::add_to_tallies(tx, counted.deltas)?;
            // Nobody keeps a copy of a new database; millions of changes need no telling.
            tx.effects.clear();
            ledger::load_superseded(tx, &counted.superseded)?;
            links.extend(counted.links);
            progress.advance(counted.communes);
        }
        AppResult::Ok(())
    })?;
    // In the order of their key, each page is written once.
    links.sort_unstable();
    let mut progress = Progress::start("Ghi liên kết", links.len() as u64);
    for some in links.chunks(CHUNK) {
        ledger::link(tx, some)?;
        progress.advance(some.len() as u64);
    }
    Ok(())
}

/// What follows from the facts of some communes.
#[derive(Default)]
struct Counted {
    communes: u64,
    deltas: Deltas,
    superseded: Vec<(FactId, FactId)>,
    links: Vec<(SubjectKey, FactId)>,
}

impl Counted {
    /// Counts each commune by itself: nobody is met in two, so no memory of the whole
    /// nation is needed.
    fn of(
        nation: &Nation,
        people: &People<'_>,
        counting: Counting<'_>,
        communes: std::ops::Range<usize>,
    ) -> Self {
        let mut counted = Self::default();
        for commune in communes {
            counted.communes += 1;
            let path = &nation.communes[commune].place.path;
            let lived = (0..nation.days).flat_map(|day| nation.lived(commune, day, people));
            let records: Vec<Record> = lived.collect();
            let corrected: HashSet<FactId> = records
                .iter()
                .filter_map(|record| record.fact.corrects)
                .collect();
            let mut recount = Recount::default();
            for Record { fact, .. } in &records {
                let correction = fact.corrects.map(|original| (original, fact.id));
                counted.superseded.extend(correction);
                if corrected.contains(&fact.id) {
                    continue;
                }
                let about = subjects(fact, counting.keys).into_iter();
                counted
                    .links
                    .extend(about.map(|subject| (subject, fact.id)));
                let at = ledger::claim_of(fact);
                for (active, parts) in counting.parts(fact, path) {
                    for part in parts {
                        recount.add(active.id, active.rule.crediting(), part, &at);
                    }
                }
            }
            for (cell, quantity) in recount.deltas().0 {
                counted.deltas.add(cell, quantity);
            }
        }
        counted
    }
}

/// Makes what is there before any fact: figures, teams, members, sessions, campaign.
fn found(
    tx: &mut Tx<'_>,
    nation: &Nation,
    catalogue: &Catalogue,
    keys: &Pseudonymiser,
) -> AppResult<()> {
    figures(tx, nation)?;
    teams(tx, nation)?;
    members(tx, nation)?;
    let officer = logins(tx, nation)?;
    campaign::make(tx, nation, catalogue, keys, officer)
}

fn figures(tx: &mut Tx<'_>, nation: &Nation) -> AppResult<()> {
    const INSERT: Insert = Insert {
        into: "figure",
        columns: &[
            ("place_id", "{text}"),
            ("figure", "{text}"),
            ("value", "{int}"),
            ("as_of", "{day}"),
            ("source", "{text}"),
        ],
        then: "",
    };
    let root = nation_id()?;
    let mut people: Vec<(&PlaceId, u32)> = Vec::new();
    for (province, communes) in &nation.provinces {
        let communes = &nation.communes[communes.clone()];
        people.push((&province.id, communes.iter().map(|c| c.people).sum()));
        people.extend(communes.iter().map(|c| (&c.place.id, c.people)));
    }
    people.push((&root, nation.communes.iter().map(|c| c.people).sum()));
    let mut rows = Vec::new();
    for (place, people) in people {
        for name in ["population", "population_14", "households"] {
            let value = figure(people, name);
            rows.push(args![place, name, value, STARTS_ON, "Số mô phỏng"].to_vec());
        }
    }
    Ok(tx.insert(&INSERT, &rows)?)
}

fn teams(tx: &mut Tx<'_>, nation: &Nation) -> AppResult<()> {
    const INSERT: Insert = Insert {
        into: "team",
        columns: &[
            ("id", "{uuid}"),
            ("name", "{text}"),
            ("fold", "{text}"),
            ("kind", "{text}"),
            ("place_id", "{text}"),
            ("rev", "{int}"),
        ],
        then: "",
    };
    let rev = tx.next_rev()?;
    let mut named = Vec::new();
    for commune in &nation.communes {
        for (n, team) in commune.teams.iter().enumerate() {
            let kind = match team.kind {
                TeamKind::Youth => "Tổ công nghệ số thanh niên",
                TeamKind::Desk => "Đội thanh niên tình nguyện dịch vụ công",
                _ => "Tổ công nghệ số cộng đồng",
            };
            let number = if n > 2 {
                format!(" số {}", n - 1)
            } else {
                String::new()
            };
            let name = format!("{kind} {}{number}", commune.place.full_name);
            let fold = vn::text::fold(&name);
            named.push((team, &commune.place.id, name, fold));
        }
    }
    let mut rows = Vec::new();
    for (team, place, name, fold) in &named {
        rows.push(args![team.id, name, fold, team.kind, *place, rev].to_vec());
    }
    Ok(tx.insert(&INSERT, &rows)?)
}

fn members(tx: &mut Tx<'_>, nation: &Nation) -> AppResult<()> {
    const MEMBERS: Insert = Insert {
        into: "member",
        columns: &[
            ("id", "{uuid}"),
            ("login", "{text}"),
            ("name", "{text}"),
            ("fold", "{text}"),
            ("order_key", "{bytes}"),
            ("place_id", "{text}"),
            ("origin", "{text}"),
            ("organisation", "{text}"),
            ("active", "{bool}"),
            ("created_at", "{instant}"),
            ("rev", "{int}"),
        ],
        then: "",
    };
    const GRANTS: Insert = Insert {
        into: "member_grant",
        columns: &[
            ("member_id", "{uuid}"),
            ("role", "{text}"),
            ("place_id", "{text}"),
            ("team_id", "{uuid}"),
            ("granted_at", "{instant}"),
        ],
        then: "",
    };
    const MEMBERSHIPS: Insert = Insert {
        into: "team_member",
        columns: &[
            ("id", "{uuid}"),
            ("team_id", "{uuid}"),
            ("member_id", "{uuid}"),
            ("position", "{text}"),
            ("since", "{day}"),
        ],
        then: "",
    };
    const SESSIONS: Insert = Insert {
        into: "session",
        columns: &[
            ("token_hash", "{bytes}"),
            ("member_id", "{uuid}"),
            ("device_id", "{uuid}"),
            ("created_at", "{instant}"),
            ("seen_at", "{instant}"),
            ("expires_at", "{instant}"),
        ],
        then: "",
    };
    let rev = tx.next_rev()?;
    let (made_at, now) = (nation.morning_of(0), nation.now);
    let mut rng = fastrand::Rng::with_seed(nation.seed);
    for (some, phones) in nation.phones().chunks(CHUNK).enumerate() {
        let mut named = Vec::with_capacity(phones.len());
        for (n, (phone, leads)) in phones.iter().enumerate() {
            let number = some * CHUNK + n;
            let name = names::person(&mut rng);
            let fold = vn::text::fold(&name);
            let hash = token_hash(&token(nation.seed, number));
            let order_key = vn::text::person_order_key(&name);
            let login = format!("mp{number:06}");
            named.push((phone, *leads, login, name, fold, order_key, hash));
        }
        let (mut members, mut grants, mut sessions) = (Vec::new(), Vec::new(), Vec::new());
        let mut memberships = Vec::new();
        for (phone, leads, login, name, fold, order_key, hash) in &named {
            let (role, position) = if *leads {
                (Role::Leader, Position::Leader)
            } else {
                (Role::Volunteer, Position::Member)
            };
            // No password opens these: they have none.
            let member = args![
                phone.member,
                login,
                name,
                fold,
                &order_key[..],
                &phone.place,
                Origin::Doan,
                "",
                true,
                made_at,
                rev
            ];
            let membership = args![
                phone.member,
                phone.team,
                phone.member,
                position,
                day_of(made_at)
            ];
            let grant = args![
                phone.member,
                role.as_str(),
                &phone.place,
                phone.team,
                made_at
            ];
            let device = super::life::device_of(phone.member);
            let session = args![
                &hash[..],
                phone.member,
                device,
                now,
                now,
                now + SESSION_IDLE
            ];
            members.push(member.to_vec());
            grants.push(grant.to_vec());
            memberships.push(membership.to_vec());
            sessions.push(session.to_vec());
        }
        let words: Vec<(String, MemberId)> = named
            .iter()
            .flat_map(|(phone, _, login, _, fold, ..)| {
                let words = words_of(fold, Some(login), None).into_iter();
                words.map(|word| (word, phone.member))
            })
            .collect();
        let words: Vec<_> = words
            .iter()
            .map(|(word, member)| args![word, *member].to_vec())
            .collect();
        tx.insert(&MEMBERS, &members)?;
        tx.insert(&WORDS, &words)?;
        tx.insert(&GRANTS, &grants)?;
        tx.insert(&MEMBERSHIPS, &memberships)?;
        tx.insert(&SESSIONS, &sessions)?;
    }
    Ok(())
}

/// One login for each level, all along one branch; the national officer's id.
fn logins(tx: &mut Tx<'_>, nation: &Nation) -> AppResult<MemberId> {
    let root = nation_id()?;
    let first = nation.communes.first().ok_or_else(AppError::not_found)?;
    let province = nation.provinces.first().ok_or_else(AppError::not_found)?;
    let team = first.teams.first().map(|team| team.id);
    let (pin, long) = (password::hash("130725")?, password::hash("mophong-2025")?);
    let id = |n: u128| {
        let seed = u128::from(nation.seed);
        MemberId(uuid::Builder::from_random_bytes((seed << 8 | n).to_le_bytes()).into_uuid())
    };
    let rows: [(_, _, _, _, &PlaceId, Option<TeamId>); 4] = [
        (
            "trunguong",
            "Phan Đức Duy",
            &long,
            Role::ProvinceOfficer,
            &root,
            None,
        ),
        (
            "canbotinh",
            "Lê Hoàng Phúc",
            &long,
            Role::ProvinceOfficer,
            &province.0.id,
            None,
        ),
        (
            "canboxa",
            "Võ Ngọc Trinh",
            &long,
            Role::CommuneOfficer,
            &first.place.id,
            None,
        ),
        (
            "tnv",
            "Nguyễn Thị Hạnh",
            &pin,
            Role::Volunteer,
            &first.place.id,
            team,
        ),
    ];
    for (n, (login, name, password_hash, role, place, team)) in (0..).zip(rows) {
        let new = NewMember {
            id: id(n),
            login,
            name,
            password_hash,
            role,
            place,
            team,
            now: nation.morning_of(0),
        };
        create(tx, &new)?;
    }
    Ok(id(0))
}
