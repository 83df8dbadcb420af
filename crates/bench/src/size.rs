//! What grows with the ledger and what does not: progress of every level and memory, at
//! a hundred thousand facts, at a million in one province, and at ten million.

use crate::nation::kept;
use crate::report::{figure, row, section};
use crate::server::Server;
use crate::stage::Kind;
use crate::{Done, quantile};
use causo::args;
use causo::platform::db::{Access, Conn, read_alone};
use causo::simulate::client::Client;
use causo::simulate::{CAMPAIGN, Order};
use std::time::{Duration, Instant};
use time::Date;
use time::macros::date;

/// Requests measured at each level.
const COUNT: usize = 1000;

/// Prints how progress and memory stand.
///
/// # Errors
/// When something cannot be run at all.
pub fn run() -> Done<()> {
    progress(&Order::new(100_000), &Order::new(10_000_000))?;
    // One province as large as they get: about a hundred communes.
    province(&Order {
        provinces: 1,
        teams_per_commune: 32,
        ..Order::new(1_000_000)
    })
}

/// A server over a kept nation, with its national officer signed in.
struct Watched {
    server: Server,
    client: Client,
}

impl Watched {
    fn start(order: &Order) -> Done<Self> {
        let stage = kept(&Kind::File, order)?;
        let server = Server::start(&stage.url)?;
        let cookie = Client::sign_in(server.address, "trunguong", "mophong-2025")?;
        let mut client = Client::connect(server.address, &cookie)?;
        client.gzip = true;
        let mut watched = Self { server, client };
        let first = watched.ask("VN", date!(2025 - 11 - 30))?;
        let what = format!("{} facts: the first after a start, s", order.facts);
        figure(&what, first.as_secs_f64(), "", true);
        Ok(watched)
    }

    fn ask(&mut self, place: &str, on: Date) -> Done<Duration> {
        let on = domain::days::iso::text(on);
        let path = format!(
            "/api/v1/campaigns/{}/progress?place={place}&on={on}",
            CAMPAIGN.0
        );
        let started = Instant::now();
        self.client.get(&path)?;
        Ok(started.elapsed())
    }
}

/// Progress of a large nation beside a small one, asked in turn.
fn progress(small: &Order, large: &Order) -> Done<()> {
    let stage = kept(&Kind::File, large)?;
    let conn = Conn::open(&stage.address, Access::Read)?;
    let places = |level: &str| -> Done<Vec<String>> {
        let sql = "select distinct t.place_id from target t join place p on p.id = t.place_id
                    where p.level = $1 order by t.place_id";
        let found = read_alone(&conn, |tx| {
            Ok(tx.all(sql, args![level], |row| row.get::<String>(0))?)
        })?;
        Ok(found)
    };
    let levels = [
        ("nation", vec!["VN".to_owned()]),
        ("provinces", places("province")?),
        ("communes", places("commune")?),
    ];
    section(&format!(
        "Progress over {} facts, floor: over {}; SQLite, {COUNT} random places and days, gzip, milliseconds",
        large.facts, small.facts
    ));
    let (mut small, mut large) = (Watched::start(small)?, Watched::start(large)?);
    let mut rng = fastrand::Rng::with_seed(11);
    for (level, places) in levels {
        let (mut floors, mut took) = (Vec::new(), Vec::new());
        for _ in 0..COUNT {
            let place = &places[rng.usize(..places.len())];
            let day = date!(2025 - 07 - 14) + time::Duration::days(rng.i64(0..140));
            floors.push(small.ask(place, day)?);
            took.push(large.ask(place, day)?);
        }
        for (name, share) in [("p50", 0.5), ("p95", 0.95)] {
            let ms = |took: &[Duration]| quantile(took, share) / 1e3;
            let (floor, measured) = (ms(&floors), ms(&took));
            let ratio = measured / floor;
            let met = ratio <= 1.5 && measured < 20.0;
            let bar = (name == "p95").then_some(("< 20, <= 1.50", met));
            let what = format!("{level}, {name}");
            row(&what, measured, Some(floor), Some(ratio), bar);
        }
    }
    for (what, watched) in [("small", &small), ("large", &large)] {
        let mb = watched.server.memory_mb("VmRSS:")?;
        figure(&format!("memory, {what}, MB"), mb, "", true);
    }
    Ok(())
}

fn province(order: &Order) -> Done<()> {
    let stage = kept(&Kind::File, order)?;
    let conn = Conn::open(&stage.address, Access::Read)?;
    let teams = read_alone(&conn, |tx| {
        Ok(tx.one("select count(*) from team", args![], |row| {
            row.get::<i64>(0)
        })?)
    })?;
    section(&format!(
        "A province of {} teams and {} facts on SQLite",
        teams.unwrap_or(0),
        order.facts
    ));
    let server = Server::start(&stage.url)?;
    let cookie = Client::sign_in(server.address, "trunguong", "mophong-2025")?;
    let mut client = Client::connect(server.address, &cookie)?;
    for _ in 0..200 {
        client.get(&format!("/api/v1/campaigns/{}/progress", CAMPAIGN.0))?;
    }
    client.get("/api/v1/changes")?;
    for (what, field) in [("memory, MB", "VmRSS:"), ("  at its highest, MB", "VmHWM:")] {
        let mb = server.memory_mb(field)?;
        figure(what, mb, "< 300", mb < 300.0);
    }
    Ok(())
}
