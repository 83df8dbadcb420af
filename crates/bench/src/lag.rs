//! How soon one node shows what another has acknowledged, while both are busy.

use crate::Done;
use crate::nation::{HISTORY, Nation};
use crate::report::{figure, row, section};
use causo::simulate::client::Client;
use causo::simulate::life::Phone;
use causo::simulate::line::{self, Line, Reply};
use causo::simulate::play::{self, Plan};
use causo::simulate::{CAMPAIGN, Ledger, People, SEED};
use domain::facts::{Body, Fact, Setting};
use fastrand::Rng;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use time::OffsetDateTime;

/// Facts a second meanwhile.
const FACTS_PER_S: u32 = 500;
/// The phone that is watched: its commune has none of those that send meanwhile.
const WATCHED: usize = 3000;
/// Longest wait for a number to go up.
const WAIT_MAX: Duration = Duration::from_secs(30);

/// Prints how far behind a node was.
///
/// # Errors
/// When something cannot be run at all.
pub fn run(for_s: u32) -> Done<()> {
    let nation = Nation::on_server()?.watched()?;
    let nodes = nation.addresses();
    let plan = Plan::new(&nodes, FACTS_PER_S, for_s);
    section(&format!(
        "Lag, {}: {FACTS_PER_S} facts/s for {for_s} s over {HISTORY} facts, from an acknowledgement until the other node shows it",
        nation.name
    ));
    let over = AtomicBool::new(false);
    let (played, watched) = std::thread::scope(|scope| {
        let watching = scope.spawn(|| watch(&nodes, &over).map_err(|fault| fault.to_string()));
        let played = play::run(&plan);
        over.store(true, Ordering::Relaxed);
        (played, watching.join())
    });
    let (mut lags, facts) = watched.map_err(|_| "watching failed")??;
    let played = played?;
    lags.sort_unstable();
    let lag_s = |share: f64| {
        let at = (lags.len().saturating_sub(1) as f64 * share).round() as usize;
        lags.get(at).map_or(f64::INFINITY, Duration::as_secs_f64)
    };
    row("p50, s", lag_s(0.50), None, None, None);
    figure("p95, s", lag_s(0.95), "<= 1", lag_s(0.95) <= 1.0);
    figure("longest, s", lag_s(1.0), "<= 1", lag_s(1.0) <= 1.0);
    println!(
        "  {} facts watched; meanwhile {:.0} facts/s acknowledged, upload p95 {:.0} ms",
        lags.len(),
        played.facts_per_s(),
        played.wait_ms(0.95)
    );
    let mut ledger: Ledger = played.ledger;
    ledger.acknowledged.extend(facts.iter().map(|fact| fact.id));
    nation.settle(&ledger)
}

/// Sends a fact to one node and waits for the other to show it, by turns, until the
/// rest is over.
fn watch(nodes: &[SocketAddr], over: &AtomicBool) -> Done<(Vec<Duration>, Vec<Fact>)> {
    let (phones, woken) = line::sign_in(nodes, SEED, WATCHED..WATCHED + 1)?;
    let phone = phones.first().ok_or("no phone")?;
    let (begun, cookie) = (Instant::now(), line::cookie(SEED, WATCHED));
    let mut line = Line::new(nodes);
    let mut screens = nodes
        .iter()
        .map(|node| Client::connect(*node, &cookie))
        .collect::<Result<Vec<_>, _>>()?;
    let (mut lags, mut facts) = (Vec::new(), Vec::new());
    let mut shown = visits(&mut screens[0], phone)?;
    while !over.load(Ordering::Relaxed) {
        let turn = facts.len();
        let fact = visit(phone, turn, woken + begun.elapsed());
        let body = line::body(std::slice::from_ref(&fact));
        match line.post(turn, &cookie, &body, 1) {
            Reply::Done(outcomes) if outcomes.iter().all(|one| one.outcome == "counted") => {}
            other => return Err(format!("not counted: {other:?}").into()),
        }
        let acknowledged = Instant::now();
        facts.push(fact);
        shown += 1;
        let other = (turn + 1) % screens.len();
        while visits(&mut screens[other], phone)? < shown {
            if acknowledged.elapsed() > WAIT_MAX {
                return Err("it was never shown".into());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        lags.push(acknowledged.elapsed());
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok((lags, facts))
}

fn visit(phone: &Phone, number: usize, at: OffsetDateTime) -> Fact {
    let mut rng = Rng::with_seed(at.unix_timestamp_nanos() as u64);
    let people = People::new(SEED, None);
    let whom = rng.u64(1 << 40..);
    let number = u32::try_from(number).unwrap_or(0);
    let identity = |realm| people.of(realm, "lag", whom);
    let assist = phone.visit(&mut rng, at, number, Setting::Door, identity);
    phone.fact(&mut rng, at, number, Body::Assist(assist))
}

/// How many visits a screen shows for the phone's commune.
fn visits(screen: &mut Client, phone: &Phone) -> Done<i64> {
    let place = &phone.place;
    screen.get(&format!(
        "/api/v1/campaigns/{}/progress?place={place}",
        CAMPAIGN.0
    ))?;
    let progress: serde_json::Value = serde_json::from_slice(&screen.body)?;
    let all = progress["indicators"].as_array().ok_or("no indicators")?;
    let visits = all.iter().find(|one| one["code"] == "visits");
    Ok(visits
        .and_then(|one| one["result"].as_i64())
        .ok_or("no result")?)
}
