//! Whatever is recorded, repeated, corrected and taken back, in whatever order it
//! arrives: the books balance, and the numbers are the same.

use crate::harness::campaigns::{Campaign, indicator, indicators, plan};
use crate::harness::facts::{Fact, assist, news, presence, street, void};
use crate::harness::folder::Folder;
use crate::harness::people::{Post, employ};
use crate::harness::{DAP_DA, DONG_DA, NHON_PHU, PROVINCE, QUY_NHON, START, with_app};
use causo::args;
use causo::features::campaigns::store::{self as campaigns, NewIndicator};
use causo::features::facts::ingest::{Ingest, Outcome, ingest};
use causo::features::facts::measures::Measures;
use causo::features::facts::verify::verify;
use causo::features::members::Role;
use causo::features::places::import;
use causo::platform::clock::Clock;
use causo::platform::db::{Address, Conn, DbError, Row, Tx, read_alone, write_alone};
use causo::platform::migrate;
use causo::platform::problem::{AppError, AppResult};
use domain::catalogue::Catalogue;
use domain::facts::Rules;
use domain::ids::{CampaignId, IndicatorId, MemberId, PlaceId, PointId};
use domain::subjects::Pseudonymiser;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};
use time::macros::date;
use uuid::Uuid;

const PLACES: [&str; 3] = [NHON_PHU, DONG_DA, DAP_DA];
const DEEDS: [&[(&str, &str)]; 6] = [
    &[("payment_account", "opened")],
    &[("vneid_l2", "activated"), ("dvc_outreach", "informed")],
    &[("vneid_l1", "registered")],
    &[
        ("dvc_outreach", "self_service"),
        ("payment_account", "opened"),
    ],
    &[("dvc_account", "registered"), ("dvc_account", "transacted")],
    &[("dvc_account", "guided"), ("dsig", "issued")],
];

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(Catalogue::bundled);
static KEYS: LazyLock<Pseudonymiser> = LazyLock::new(|| Pseudonymiser::new(&[7; 32]));

/// What one fact says, before it has an id.
#[derive(Clone, Debug)]
struct Deed {
    what: usize,
    place: usize,
    day: u8,
    person: Option<u8>,
    household: Option<u8>,
    dossier: Option<u8>,
}

#[derive(Clone, Debug)]
enum Step {
    Visit(Deed),
    News(usize, u8),
    Street(usize, u8, bool),
    Presence(usize, u8, bool),
    Recome(usize, usize, u8, bool),
    Correct(usize, Deed),
    Void(usize),
}

fn deed() -> impl Strategy<Value = Deed> {
    let known = || prop::option::weighted(0.7, 0_u8..4);
    (
        0..DEEDS.len(),
        0..PLACES.len(),
        1_u8..6,
        known(),
        prop::option::of(0_u8..3),
        prop::option::weighted(0.2, 0_u8..4),
    )
        .prop_map(|(what, place, day, person, household, dossier)| Deed {
            what,
            place,
            day,
            person,
            household,
            dossier,
        })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => deed().prop_map(Step::Visit),
        1 => (0..PLACES.len(), 0_u8..3).prop_map(|(place, n)| Step::News(place, n)),
        1 => (0..PLACES.len(), 0_u8..2, any::<bool>()).prop_map(|(place, n, on)| Step::Street(place, n, on)),
        3 => (any::<prop::sample::Index>(), deed()).prop_map(|(of, deed)| Step::Correct(of.index(usize::MAX), deed)),
        3 => (0..PLACES.len(), 0_u8..60, any::<bool>()).prop_map(|(at, minute, out)| Step::Presence(at, minute, out)),
        1 => (any::<prop::sample::Index>(), 0..PLACES.len(), 0_u8..60, any::<bool>())
            .prop_map(|(of, at, minute, out)| Step::Recome(of.index(usize::MAX), at, minute, out)),
        2 => any::<prop::sample::Index>().prop_map(|of| Step::Void(of.index(usize::MAX))),
    ]
}

fn visit(deed: &Deed) -> Fact {
    let mut fact = assist(PLACES[deed.place]).items(DEEDS[deed.what]);
    if let Some(n) = deed.dossier {
        fact = fact.dossier(
            Some(&format!("H08.12-241001-000{n}")),
            if n == 0 { "paper" } else { "online" },
        );
    }
    if let Some(n) = deed.household {
        fact = fact.household(&format!("house:{n}"));
    }
    if let Some(n) = deed.person {
        fact = fact.person(&format!("cccd:05219100000{n}"));
    }
    fact.at(&format!("2024-10-{:02}T08:00:00+07:00", deed.day))
}

/// The facts of the steps; a correction may name any other fact, later ones and
/// other corrections too.
fn facts(steps: &[Step]) -> Vec<Fact> {
    let mut facts: Vec<Fact> = steps
        .iter()
        .map(|step| match step {
            Step::Visit(deed) | Step::Correct(_, deed) => visit(deed),
            Step::News(place, n) => news(PLACES[*place], &format!("https://example.vn/{n}")),
            Step::Street(place, n, on) => street(
                PLACES[*place],
                &format!("Đường {n}"),
                if *on { "operating" } else { "stalled" },
            ),
            Step::Presence(at, minute, out) | Step::Recome(_, at, minute, out) => {
                let way = if *out { "out" } else { "in" };
                presence(PLACES[*at], point(*at).0, BASE.1, way)
                    .at(&format!("2024-10-13T07:{minute:02}:00+07:00"))
            }
            Step::Void(_) => void(&assist(NHON_PHU)),
        })
        .collect();
    for (at, step) in steps.iter().enumerate() {
        let (Step::Correct(of, _) | Step::Void(of) | Step::Recome(of, ..)) = step else {
            continue;
        };
        let of = of % steps.len();
        let target = if of == at { (of + 1) % steps.len() } else { of };
        facts[at] = facts[at].clone().corrects(&facts[target].clone());
    }
    facts
}

/// The service point of each place.
fn point(at: usize) -> PointId {
    PointId(Uuid::from_u128(0x900 + at as u128))
}

/// The small world all databases of the properties begin with: the province's
/// places with a service point each, one recorder, no campaign.
static BASE: LazyLock<(Vec<u8>, Uuid)> = LazyLock::new(|| {
    let folder = Folder::new();
    let path = folder.path("base.db");
    let conn = migrate::open(&Address::Sqlite(path.clone()), true).expect("it opens");
    let territory = vn::units::bundled();
    let mut wanted: HashSet<&str> = HashSet::from(["VN", PROVINCE]);
    // Parents do not always come first.
    for _level in ["district", "commune"] {
        for unit in territory.units() {
            let parent = unit.parent.as_ref().map(|parent| parent.as_str());
            if parent.is_some_and(|parent| parent != "VN" && wanted.contains(parent)) {
                wanted.insert(unit.id.as_str());
            }
        }
    }
    let units: Vec<_> = territory
        .units()
        .iter()
        .filter(|unit| wanted.contains(unit.id.as_str()))
        .cloned()
        .collect();
    let member = write_alone(&conn, |tx| {
        import::bring_in(tx, &units, &[])?;
        let post = Post {
            role: Role::Leader,
            place: PROVINCE.to_owned(),
            team: None,
        };
        for (at, place) in PLACES.into_iter().enumerate() {
            tx.execute(
                "insert into service_point (id, place_id, name, fold, kind, address, hours, secret, rev)
                 values ($1, $2, 'Một cửa', 'mot cua', 'one_stop', '', '{}', $3, 1)",
                args![point(at), place, &[7_u8; 32][..]],
            )?;
        }
        Ok(employ(tx, &Clock::still(START), &post, "no password")?.0)
    });
    conn.script("pragma wal_checkpoint(truncate); pragma journal_mode = delete")
        .expect("it is one file");
    drop(conn);
    (
        std::fs::read(&path).expect("it reads"),
        member.expect("it is made"),
    )
});

struct Books {
    conn: Conn,
    kept: Mutex<Arc<Measures>>,
}

/// What is counted of comings and goings.
fn of_presence() -> impl Iterator<Item = Value> {
    [
        ("shift", "distinct"),
        ("volunteer", "distinct"),
        ("hour", "sum"),
    ]
    .map(|(unit, count)| {
        let measure = json!({"unit": unit, "count": count, "all_of": [{}]});
        indicator(unit, json!({"kind": "count", "measure": measure}), None)
    })
    .into_iter()
}

fn new_campaign(tx: &mut Tx<'_>, number: u128, place: &str) -> AppResult<()> {
    let plan = plan(place, &[]);
    let campaign = campaigns::Campaign {
        id: CampaignId(Uuid::from_u128(number)),
        code: format!("k{number}"),
        name: "Kế hoạch".to_owned(),
        theme: String::new(),
        issuing_document: serde_json::from_value(plan["issuing_document"].clone())
            .expect("a document"),
        place: PlaceId::parse(place).expect("a place id"),
        starts_on: date!(2024 - 03 - 03),
        ends_on: if place == PROVINCE {
            date!(2024 - 12 - 31)
        } else {
            date!(2024 - 10 - 03)
        },
    };
    let new: Vec<NewIndicator> = (1_u128..)
        .zip(indicators().into_iter().chain(of_presence()))
        .map(|(n, indicator)| NewIndicator {
            id: IndicatorId(Uuid::from_u128(number * 100 + n)),
            code: indicator["code"].as_str().expect("a code").to_owned(),
            name: "Chỉ tiêu".to_owned(),
            short_name: "Chỉ tiêu".to_owned(),
            definition: serde_json::from_value(indicator["definition"].clone()).expect("a rule"),
            deadline: None,
        })
        .collect();
    campaigns::create(tx, &campaign, &new, &CATALOGUE, &KEYS)
}

impl Books {
    fn open(path: &Path) -> Self {
        std::fs::write(path, &BASE.0).expect("it writes");
        let conn = migrate::open(&Address::Sqlite(path.to_owned()), false).expect("it opens");
        conn.script("pragma synchronous = off").expect("it obeys");
        Self {
            conn,
            kept: Mutex::default(),
        }
    }

    fn campaigns(&self) {
        write_alone(&self.conn, |tx| {
            new_campaign(tx, 1, PROVINCE)?;
            new_campaign(tx, 2, QUY_NHON)
        })
        .expect("they are made");
    }

    /// Takes a batch in; those that are held come back.
    fn take<'f>(&self, batch: &[&'f Fact]) -> Vec<&'f Fact> {
        let rules = Rules {
            catalogue: &CATALOGUE,
            keys: &KEYS,
        };
        let with = Ingest {
            catalogue: &CATALOGUE,
            keys: &KEYS,
            kept: &self.kept,
            actor: MemberId(BASE.1),
            now: START,
            clock: &Clock::still(START),
        };
        let parsed = batch
            .iter()
            .map(|fact| domain::facts::parse(&fact.0.to_string(), &rules))
            .collect();
        let outcomes =
            write_alone(&self.conn, |tx| ingest(tx, &with, parsed)).expect("it is stored");
        let held = |outcome: &Outcome| matches!(outcome, Outcome::Held { .. });
        batch
            .iter()
            .zip(outcomes)
            .filter(|(_, outcome)| held(outcome))
            .map(|(fact, _)| *fact)
            .collect()
    }

    /// Takes everything in, in batches; what is held is sent again while that helps.
    fn take_all(&self, facts: &[&Fact], size: usize) {
        let mut left: Vec<&Fact> = facts.to_vec();
        loop {
            let before = left.len();
            left = left
                .chunks(size)
                .flat_map(|batch| self.take(batch))
                .collect();
            if left.is_empty() || left.len() == before {
                return;
            }
        }
    }

    /// Everything that must not depend on the order, after checking that it balances.
    fn balance(&self) -> Vec<String> {
        let found = read_alone(&self.conn, |tx| verify(tx, &CATALOGUE, &KEYS)).expect("it reads");
        assert_eq!(found.differences, [] as [String; 0]);
        let mut lines = Vec::new();
        for sql in [
            "select 'tally', cast(measure_id as text), place_id, cast(day as text), cast(total as text), cast(anonymous as text) from tally where total <> 0 or anonymous <> 0 order by 2, 3, 4",
            "select 'came', hex(fact_id), place_id, cast(day as text), direction, cast(at as text) from attendance order by 2",
            "select 'fact', hex(id), kind, cast(day as text), '', '' from fact order by 2",
            "select 'superseded', hex(fact_id), hex(by_id), '', '', '' from superseded order by 2",
        ] {
            let line = |row: Row<'_, '_>| {
                let cells: Result<Vec<String>, DbError> = (0..6).map(|at| row.get(at)).collect();
                Ok(cells?.join(" "))
            };
            let found = read_alone(&self.conn, |tx| Ok(tx.all(sql, args![], line)?));
            lines.extend(found.expect("it reads"));
        }
        lines
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_gives_the_same_books(
        steps in prop::collection::vec(step(), 1..40),
        order in prop::collection::vec((any::<u16>(), 1_usize..3), 40),
        sizes in (1_usize..8, 1_usize..40),
    ) {
        let folder = Folder::new();
        let facts = facts(&steps);
        let in_order: Vec<&Fact> = facts.iter().collect();
        // Shuffled, and some of them sent twice.
        let mut shuffled: Vec<(u16, &Fact)> = facts
            .iter()
            .zip(&order)
            .flat_map(|(fact, (key, copies))| (0..*copies).map(move |copy| (key.rotate_left(u32::try_from(copy).unwrap_or(0) * 5), fact)))
            .collect();
        shuffled.sort_by_key(|(key, _)| *key);
        let shuffled: Vec<&Fact> = shuffled.into_iter().map(|(_, fact)| fact).collect();

        let first = Books::open(&folder.path("first.db"));
        first.campaigns();
        first.take_all(&in_order, sizes.1);
        let books = first.balance();

        let second = Books::open(&folder.path("second.db"));
        second.campaigns();
        second.take_all(&shuffled, sizes.0);
        prop_assert_eq!(&books, &second.balance());

        // Counted afterwards rather than on arrival, and everything sent once more.
        let third = Books::open(&folder.path("third.db"));
        third.take_all(&shuffled, sizes.1);
        third.campaigns();
        third.take_all(&in_order, sizes.0);
        prop_assert_eq!(&books, &third.balance());
    }
}

#[test]
fn a_campaign_that_was_given_up_leaves_no_rules_behind() {
    with_app(|app| {
        let (user, province) = (app.volunteer(NHON_PHU), app.province());
        let (whole, actor) = (Arc::clone(&app.app), MemberId(user.id));
        let fact = assist(NHON_PHU).0.to_string();
        // A group of writes that fails at its commit does just this.
        let given_up = app.write(move |tx| -> AppResult<()> {
            new_campaign(tx, 1, PROVINCE)?;
            let rules = Rules {
                catalogue: &whole.catalogue,
                keys: &whole.keys,
            };
            let with = Ingest {
                catalogue: &whole.catalogue,
                keys: &whole.keys,
                kept: &whole.measures,
                actor,
                now: START,
                clock: &Clock::still(START),
            };
            ingest(tx, &with, vec![domain::facts::parse(&fact, &rules)])?;
            Err(AppError::problem("storage.full"))
        });
        assert!(given_up.is_err());
        let only_news: Vec<Value> = indicators()
            .into_iter()
            .filter(|one| one["code"] == "news")
            .collect();
        let made = province
            .post("/api/v1/campaigns", &plan(PROVINCE, &only_news))
            .ok();
        let campaign = Campaign(made["id"].as_str().unwrap().parse().unwrap());
        let outcome = user.counts(&[assist(NHON_PHU)]).remove(0);
        assert_eq!(outcome["counted_in"], serde_json::json!([]));
        user.counts(&[news(NHON_PHU, "https://example.vn/1")]);
        assert_eq!(campaign.result(&province, NHON_PHU, "news"), 1);
    });
}
