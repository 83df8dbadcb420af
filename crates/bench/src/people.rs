//! The first rows of lists of people, out of a hundred thousand of them.

use crate::report::{figure, section};
use crate::server::Server;
use crate::stage::{Kind, Stage};
use crate::{Done, data, quantile};
use causo::args;
use causo::demo::names;
use causo::features::members::{WORDS, words_of};
use causo::features::places::store as places;
use causo::platform::db::{Access, Conn, Insert, Tx, Value, write_alone};
use causo::platform::problem::{AppError, AppResult};
use causo::simulate::client::Client;
use domain::ids::PlaceId;
use domain::people::{Office, Origin};
use std::time::Instant;
use time::macros::{date, datetime};
use uuid::Uuid;

/// People beside those of the demonstration.
const PEOPLE: usize = 100_000;
/// Times each list is asked for.
const COUNT: usize = 20;
/// Longest that first rows may take.
const BAR_MS: f64 = 300.0;

/// Prints how lists of people stand, on each kind of database.
///
/// # Errors
/// When something cannot be run at all.
pub fn run() -> Done<()> {
    for kind in Kind::all() {
        let stage = kind.stage("people")?;
        data::founded(&stage, 0)?;
        fill(&stage)?;
        ask(&kind, &stage)?;
        stage.remove()?;
    }
    Ok(())
}

fn fill(stage: &Stage) -> Done<()> {
    let conn = Conn::open(&stage.address, Access::Write)?;
    write_alone(&conn, |tx| {
        let province =
            PlaceId::parse("63-52").map_err(|fault| AppError::Internal(fault.to_string()))?;
        let province = places::find(tx, &province, date!(2024 - 10 - 13))?;
        let path = province.ok_or_else(AppError::not_found)?.path;
        let homes: Vec<PlaceId> = places::subtree(tx, &path, date!(2024 - 10 - 13))?
            .into_iter()
            .filter(|place| place.level == "commune")
            .map(|place| place.id)
            .collect();
        people(tx, &homes)
    })?;
    // PostgreSQL does this by itself within a minute; SQLite is asked without.
    if !conn.is_sqlite() {
        conn.script("analyze")?;
    }
    Ok(())
}

/// People all over the province: one in twenty knows Bahnar, one in a hundred is trusted.
fn people(tx: &mut Tx<'_>, homes: &[PlaceId]) -> AppResult<()> {
    const MEMBER: Insert = Insert {
        into: "member",
        columns: &[
            ("id", "{uuid}"),
            ("name", "{text}"),
            ("fold", "{text}"),
            ("order_key", "{bytes}"),
            ("place_id", "{text}"),
            ("origin", "{text}"),
            ("organisation", "{text}"),
            ("phone", "{text}"),
            ("active", "{bool}"),
            ("created_at", "{instant}"),
            ("rev", "{int}"),
        ],
        then: "",
    };
    const SKILL: Insert = Insert {
        into: "member_skill",
        columns: &[
            ("member_id", "{uuid}"),
            ("skill", "{text}"),
            ("level", "{int}"),
            ("since", "{day}"),
        ],
        then: "",
    };
    const OFFICE: Insert = Insert {
        into: "office_term",
        columns: &[
            ("id", "{uuid}"),
            ("member_id", "{uuid}"),
            ("office", "{text}"),
            ("place_id", "{text}"),
            ("since", "{day}"),
            ("decision_no", "{text}"),
        ],
        then: "",
    };
    let mut rng = fastrand::Rng::with_seed(5);
    let (since, at) = (date!(2024 - 01 - 01), datetime!(2024-01-01 08:00 +7));
    let mut done = 0;
    while done < PEOPLE {
        let some: Vec<_> = (done..(done + 5000).min(PEOPLE))
            .map(|n| {
                let name = names::person(&mut rng);
                let fold = vn::text::fold(&name);
                let key = vn::text::person_order_key(&name);
                let id = Uuid::from_u128(0xbe0c_0000 << 96 | rng.u128(..) >> 32);
                let phone = format!("+849{:08}", n * 977 % 100_000_000);
                (
                    id,
                    name,
                    fold,
                    key,
                    &homes[rng.usize(..homes.len())],
                    phone,
                    n,
                )
            })
            .collect();
        let rows: Vec<Vec<Value<'_>>> = some
            .iter()
            .map(|(id, name, fold, key, home, phone, _)| {
                args![
                    *id,
                    name,
                    fold,
                    &key[..],
                    *home,
                    Origin::Doan,
                    "",
                    phone,
                    true,
                    at,
                    1_i64
                ]
                .to_vec()
            })
            .collect();
        tx.insert(&MEMBER, &rows)?;
        let words: Vec<(String, Uuid)> = some
            .iter()
            .flat_map(|(id, _, fold, _, _, phone, _)| {
                let words = words_of(fold, None, Some(phone)).into_iter();
                words.map(|word| (word, *id)).collect::<Vec<_>>()
            })
            .collect();
        let rows: Vec<_> = words
            .iter()
            .map(|(word, id)| args![word, *id].to_vec())
            .collect();
        tx.insert(&WORDS, &rows)?;
        let skilled = some.iter().filter(|(.., n)| n % 20 == 0);
        let rows: Vec<_> = skilled
            .map(|(id, ..)| args![*id, "ba_na", 2_i64, since].to_vec())
            .collect();
        tx.insert(&SKILL, &rows)?;
        let trusted = some.iter().filter(|(.., n)| n % 100 == 0);
        let rows: Vec<_> = trusted
            .map(|(id, _, _, _, home, ..)| {
                args![*id, *id, Office::TrustedPerson, *home, since, ""].to_vec()
            })
            .collect();
        tx.insert(&OFFICE, &rows)?;
        done += some.len();
    }
    Ok(())
}

fn ask(kind: &Kind, stage: &Stage) -> Done<()> {
    section(&format!(
        "First 50 of {PEOPLE} people on {}, {COUNT} times each, the longest, milliseconds",
        kind.name()
    ));
    let server = Server::start(&stage.url)?;
    for (who, login) in [("province", "canbotinh"), ("commune", "canboxa")] {
        let cookie = Client::sign_in(server.address, login, "binhdinh-2024")?;
        let mut client = Client::connect(server.address, &cookie)?;
        for (what, query) in [
            ("everybody", ""),
            ("a common name", "q=nguyen"),
            ("a name with two words", "q=trinh nguyen"),
            ("words no name has together", "q=thi van"),
            ("a rare name", "q=to thi thuy oanh"),
            ("nobody's name", "q=khong co ai"),
            ("the end of a phone number", "q=40123"),
            ("without an account", "account=false"),
            ("with an account", "account=true"),
            ("sent by the police", "origin=police"),
            ("those who left", "active=false"),
            ("who know Bahnar", "skill=ba_na"),
            ("trusted persons", "office=trusted_person"),
            ("in one district", "place=63-551"),
            (
                "a rare name in one district",
                "place=63-551&q=to thi thuy oanh",
            ),
        ] {
            let path = format!("/api/v1/members?{}", query.replace(' ', "+"));
            let mut took = Vec::new();
            for _ in 0..COUNT {
                let started = Instant::now();
                client.get(&path)?;
                took.push(started.elapsed());
            }
            let ms = quantile(&took, 1.0) / 1e3;
            figure(&format!("{who}: {what}"), ms, "< 300", ms < BAR_MS);
        }
    }
    Ok(())
}
