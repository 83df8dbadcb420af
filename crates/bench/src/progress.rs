//! Progress of any place on any day over a million facts, against static replies of
//! the same sizes through the same layers; memory and restarts on the way.

use crate::data;
use crate::report::{figure, row, section};
use crate::server::Server;
use crate::{Done, quantile};
use axum::Router;
use axum::body::Bytes;
use axum::extract::Path as Param;
use axum::http::header;
use axum::routing::get;
use causo::features::lobby::Voice;
use causo::features::notifications::channels::Channels;
use causo::platform::clock::Clock;
use causo::platform::db::{Access, connect};
use causo::platform::migrate::address_of;
use causo::simulate::client::Client;
use causo::{App, layered};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;
use time::macros::date;

/// Requests measured.
const COUNT: usize = 3000;

/// Prints how progress, memory and restarts stand.
///
/// # Errors
/// When something cannot be run at all.
pub fn run() -> Done<()> {
    let demo = data::demonstration("demo", 1.0)?;
    let million = data::demonstration("million", 2.95)?;
    latency(&million)?;
    restart("demonstration", &demo, true)?;
    restart("1,000,000 facts", &million, false)
}

/// Paths to ask for, drawn anew for every run from the same seed.
fn questions(path: &Path) -> Done<Vec<String>> {
    let conn = connect(path, Access::Read)?;
    let campaign: uuid::Uuid = conn.query_row("select id from campaign", [], |row| {
        row.get(0).map(uuid::Uuid::from_bytes)
    })?;
    let mut places = conn.prepare(
        "select id from place where path like 'VN/63-52/%' and level in ('province', 'district', 'commune')
           and (valid_from is null or valid_from <= 2460373) order by id",
    )?;
    let places: Vec<String> = places
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut rng = fastrand::Rng::with_seed(7);
    let question = |_| {
        let place = &places[rng.usize(..places.len())];
        let day = date!(2024 - 03 - 03) + time::Duration::days(rng.i64(0..224));
        format!("/api/v1/campaigns/{campaign}/progress?place={place}&on={day}")
    };
    Ok((0..COUNT).map(question).collect())
}

fn latency(path: &Path) -> Done<()> {
    let conn = connect(path, Access::Read)?;
    let facts: i64 = conn.query_row("select count(*) from fact", [], |row| row.get(0))?;
    let questions = questions(path)?;
    let server = Server::start(path)?;
    let cookie = Client::sign_in(server.address, "canbotinh", "binhdinh-2024")?;
    let mut asked = Client::connect(server.address, &cookie)?;
    // The static replies are stretches of a real answer, so that they shrink like one.
    let mut sizes = Vec::new();
    let mut longest = Vec::new();
    for question in &questions {
        asked.get(question)?;
        sizes.push(asked.body.len());
        if asked.body.len() > longest.len() {
            longest.clone_from(&asked.body);
        }
    }
    let sample = data::folder()?.join("answer.json");
    std::fs::write(&sample, &longest)?;
    let mut command = Command::new(std::env::current_exe()?);
    let floor = Server::spawn(command.arg("static").arg(path).arg(&sample))?;
    let mut still = Client::connect(floor.address, &cookie)?;
    section(&format!(
        "Progress over {facts} facts: {} requests for random places and days, one connection, microseconds",
        COUNT
    ));
    for (name, gzip) in [("plain", false), ("gzip, as browsers ask", true)] {
        (asked.gzip, still.gzip) = (gzip, gzip);
        let (mut measured, mut floors) = (Vec::new(), Vec::new());
        // One after the other, so that whatever else the machine does falls on both.
        for (question, bytes) in questions.iter().zip(&sizes) {
            let started = Instant::now();
            asked.get(question)?;
            measured.push(started.elapsed());
            let same = format!("/api/v1/static/{bytes}");
            let started = Instant::now();
            still.get(&same)?;
            floors.push(started.elapsed());
        }
        for (quantile_name, share) in [("p50", 0.50), ("p95", 0.95), ("p99", 0.99)] {
            let (measured, floor) = (quantile(&measured, share), quantile(&floors, share));
            let ratio = measured / floor;
            let what = format!("{quantile_name}, {name}");
            let bar = (quantile_name == "p95").then_some(("<= 3.00", ratio <= 3.0));
            row(&what, measured, Some(floor), Some(ratio), bar);
        }
    }
    sizes.sort_unstable();
    println!(
        "  answers of {} to {} bytes, half of them below {}",
        sizes[0],
        sizes[sizes.len() - 1],
        sizes[sizes.len() / 2]
    );
    Ok(())
}

fn restart(name: &str, path: &Path, is_demo: bool) -> Done<()> {
    section(&format!("Server with {name}"));
    let questions = questions(path)?;
    let cookie = {
        let server = Server::start(path)?;
        Client::sign_in(server.address, "canbotinh", "binhdinh-2024")?
    };
    let started = Instant::now();
    let server = Server::start(path)?;
    let answer_s = server.first_answer.as_secs_f64();
    let mut client = Client::connect(server.address, &cookie)?;
    client.get(&questions[0])?;
    let progress_s = started.elapsed().as_secs_f64();
    figure(
        "restart to first answer, s",
        answer_s,
        "< 1",
        answer_s < 1.0,
    );
    figure(
        "restart to first progress, s",
        progress_s,
        "< 1",
        progress_s < 1.0,
    );
    for question in questions.iter().take(200) {
        client.get(question)?;
    }
    let bar = if is_demo { "< 150" } else { "" };
    for (what, field) in [
        ("memory after 200 progress requests, MB", "VmRSS:"),
        ("  at its highest, MB", "VmHWM:"),
    ] {
        let mb = server.memory_mb(field)?;
        figure(what, mb, bar, mb < 150.0);
    }
    Ok(())
}

/// The floor as a process of its own: the beginning of a text, as long as is asked
/// for, from memory, behind the same layers as the real routes.
///
/// # Errors
/// When it cannot listen.
pub fn serve_static(database: &str, text: &Path) -> Done<()> {
    let app = App::start(
        &address_of(database)?.into(),
        Clock::machine(time::Duration::ZERO),
        &[0; 32],
        false,
        Channels::default(),
        Voice::default(),
    )?;
    let whole = Bytes::from(std::fs::read(text)?);
    let sized = move |Param(bytes): Param<usize>| {
        let body = whole.slice(..bytes.min(whole.len()));
        async move { ([(header::CONTENT_TYPE, "application/json")], body) }
    };
    let routes = Router::<Arc<App>>::new()
        .route("/api/v1/static/{bytes}", get(sized))
        .route("/healthz", get(|| async { "ok\n" }));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("http://{}", listener.local_addr()?);
        axum::serve(listener, layered(routes, app)).await?;
        Ok(())
    })
}
