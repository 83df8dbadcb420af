//! Facts over HTTP, durable, idempotent and tallied, against bare inserts.

use crate::Done;
use crate::data::{self, BATCH, Batch};
use crate::floor::{self, Which};
use crate::report::{row, section};
use crate::server::{self, Server};
use crate::stage::Kind;
use causo::platform::db::{Access, Conn};
use causo::simulate::client::Client;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Batches in one run.
const COUNT: usize = 1000;

/// Prints how ingest stands, on each kind of database.
///
/// # Errors
/// When something cannot be run at all.
pub fn run(clients: &[usize]) -> Done<()> {
    for kind in Kind::all() {
        run_on(&kind, clients)?;
    }
    Ok(())
}

fn run_on(kind: &Kind, clients: &[usize]) -> Done<()> {
    let (base, bare, served) = (
        kind.stage("base")?,
        kind.stage("bare")?,
        kind.stage("served")?,
    );
    let (batches, keys) = data::founded(&base, COUNT)?;
    let written = {
        let conn = Conn::open(&base.address, Access::Read)?;
        floor::written(&conn, &keys, &batches)?
    };
    let facts = batches.len() * BATCH;
    section(&format!(
        "Ingest on {}: {facts} facts in batches of {BATCH}, each durable, 10 indicators tallied",
        kind.name()
    ));
    let (bar, least) = match kind {
        Kind::File => (">= 0.50", 0.5),
        Kind::Server(_) => (">= 0.40", 0.4),
    };
    let rate = |taken: Duration| facts as f64 / taken.as_secs_f64();
    let cost = |cpu: Duration| cpu.as_secs_f64() * 1e6 / facts as f64;
    for &clients in clients {
        // One file has one writer.
        let lanes = if matches!(kind, Kind::File) {
            1
        } else {
            clients
        };
        bare.copy_of(&base)?;
        let facts_alone = floor::run(&bare, &written, lanes, Which::FactsAlone)?;
        bare.copy_of(&base)?;
        let everything = floor::run(&bare, &written, lanes, Which::Everything)?;
        bare.remove()?;
        served.copy_of(&base)?;
        let server = Server::start(&served.url)?;
        let cookie = Client::sign_in(server.address, "canbotinh", "binhdinh-2024")?;
        let before = (server.cpu()?, served.server_cpu()?);
        let (taken, counts) = send(server.address, &cookie, &batches, clients)?;
        let node = server.cpu()? - before.0;
        let database = served.server_cpu()? - before.1;
        drop(server);
        println!("clients: {clients}");
        for (what, spent) in [
            ("  facts/s; floor: rows of facts alone", facts_alone),
            ("  facts/s; floor: all rows it writes", everything),
        ] {
            let (rate, floor) = (rate(taken), rate(spent.taken));
            let bar = Some((bar, rate / floor >= least));
            row(what, rate, Some(floor), Some(rate / floor), bar);
        }
        for (what, floor) in [
            ("  facts a CPU second; rows of facts alone", facts_alone),
            ("  facts a CPU second; all rows it writes", everything),
        ] {
            let (rate, floor) = (rate(node + database), rate(floor.cpu));
            row(what, rate, Some(floor), Some(rate / floor), None);
        }
        println!(
            "  CPU ms per 1,000 facts: node {:.0}, database server {:.0}",
            cost(node),
            cost(database)
        );
        println!(
            "  counted {}, duplicate {}, held {}, refused {}; {}",
            counts[0],
            counts[1],
            counts[2],
            counts[3],
            server::verify(&served.url)?
        );
    }
    for stage in [&base, &bare, &served] {
        stage.remove()?;
    }
    Ok(())
}

/// Sends everything; how long it took, and how many were counted, duplicate, held, refused.
fn send(
    address: SocketAddr,
    cookie: &str,
    batches: &[Batch],
    clients: usize,
) -> Done<(Duration, [usize; 4])> {
    let started = Instant::now();
    let counts = std::thread::scope(|scope| {
        let work = |client: usize| {
            move || -> Result<[usize; 4], String> {
                let mut connection =
                    Client::connect(address, cookie).map_err(|fault| fault.to_string())?;
                let mut counts = [0; 4];
                for batch in batches
                    .iter()
                    .filter(|batch| batch.lane % clients == client)
                {
                    connection
                        .post("/api/v1/facts", &batch.body)
                        .map_err(|fault| fault.to_string())?;
                    let said = String::from_utf8_lossy(&connection.body);
                    for (count, outcome) in
                        counts
                            .iter_mut()
                            .zip(["counted", "duplicate", "held", "refused"])
                    {
                        *count += said.matches(&format!("\"outcome\":\"{outcome}\"")).count();
                    }
                }
                Ok(counts)
            }
        };
        let threads: Vec<_> = (0..clients)
            .map(|client| scope.spawn(work(client)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().map_err(|_| "a client failed".to_owned())?)
            .collect::<Result<Vec<_>, _>>()
    })?;
    let taken = started.elapsed();
    let sum = counts.iter().fold([0; 4], |sum, counts| {
        std::array::from_fn(|at| sum[at] + counts[at])
    });
    Ok((taken, sum))
}
