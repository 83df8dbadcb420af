//! What grows with the ledger and what does not: progress of every level and memory, at
//! a hundred thousand facts, at a million in one province, and at ten million.

use crate::nation::kept;
use crate::report::{figure, section};
use crate::server::Server;
use crate::stage::Kind;
use crate::{Done, quantile};
use causo::args;
use causo::platform::db::{Access, Conn, read_alone};
use causo::simulate::client::Client;
use causo::simulate::{CAMPAIGN, Order};
use std::time::{Duration, Instant};
use time::macros::date;

/// Requests measured at each level.
const COUNT: usize = 1000;

/// Prints how progress and memory stand.
///
/// # Errors
/// When something cannot be run at all.
pub fn run() -> Done<()> {
    let small = progress(&Order::new(100_000))?;
    let large = progress(&Order::new(10_000_000))?;
    section("Ten million facts beside a hundred thousand, times as slow");
    for ((level, small), (_, large)) in small.iter().zip(&large) {
        let ratio = large / small;
        figure(level, ratio, "<= 1.5", ratio <= 1.5);
    }
    // One province as large as they get: about a hundred communes.
    province(&Order {
        provinces: 1,
        teams_per_commune: 32,
        ..Order::new(1_000_000)
    })
}

/// The p95 of each level's progress, in milliseconds.
fn progress(order: &Order) -> Done<Vec<(&'static str, f64)>> {
    let stage = kept(&Kind::File, order)?;
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
        "Progress over {} facts on SQLite, one connection, {COUNT} requests for random places and days",
        order.facts
    ));
    let server = Server::start(&stage.url)?;
    let cookie = Client::sign_in(server.address, "trunguong", "mophong-2025")?;
    let mut client = Client::connect(server.address, &cookie)?;
    client.gzip = true;
    let mut rng = fastrand::Rng::with_seed(11);
    let started = Instant::now();
    client.get(&format!(
        "/api/v1/campaigns/{}/progress?place=VN",
        CAMPAIGN.0
    ))?;
    figure(
        "the first after a start, s",
        started.elapsed().as_secs_f64(),
        "",
        true,
    );
    let mut all = Vec::new();
    for (level, places) in levels {
        let mut took = Vec::new();
        for _ in 0..COUNT {
            let place = &places[rng.usize(..places.len())];
            let day = date!(2025 - 07 - 14) + time::Duration::days(rng.i64(0..140));
            let started = Instant::now();
            client.get(&format!(
                "/api/v1/campaigns/{}/progress?place={place}&on={day}",
                CAMPAIGN.0
            ))?;
            took.push(started.elapsed());
        }
        let ms = |took: &[Duration], share| quantile(took, share) / 1e3;
        let p95 = ms(&took, 0.95);
        figure(&format!("{level}, p50, ms"), ms(&took, 0.5), "", true);
        figure(&format!("{level}, p95, ms"), p95, "< 20", p95 < 20.0);
        all.push((level, p95));
    }
    figure(
        "memory of the node, MB",
        server.memory_mb("VmRSS:")?,
        "",
        true,
    );
    Ok(all)
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
