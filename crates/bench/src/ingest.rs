//! Facts over HTTP, durable, idempotent and tallied, against bare inserts.

use crate::Done;
use crate::data::{self, BATCH, Batch};
use crate::floor;
use crate::report::{row, section};
use crate::server::{self, Server};
use causo::simulate::client::Client;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Batches in one run.
const COUNT: usize = 1000;

/// Prints how ingest stands.
///
/// # Errors
/// When something cannot be run at all.
pub fn run(clients: &[usize]) -> Done<()> {
    let folder = data::folder()?;
    let (base, bare, served) = (
        folder.join("base.db"),
        folder.join("bare.db"),
        folder.join("served.db"),
    );
    let (batches, keys) = data::founded(&base, COUNT)?;
    let rows = floor::rows(&base, &keys, &batches)?;
    let facts = batches.len() * BATCH;
    section(&format!(
        "Ingest: {facts} facts in batches of {BATCH}, synchronous=FULL, 10 indicators tallied"
    ));
    let rate = |taken: Duration| facts as f64 / taken.as_secs_f64();
    let cost = |cpu: Duration| cpu.as_secs_f64() * 1e6 / facts as f64;
    for &clients in clients {
        data::copy(&base, &bare)?;
        let facts_alone = floor::facts(&bare, &rows)?;
        data::copy(&base, &bare)?;
        let everything = floor::everything(&bare, &rows)?;
        data::copy(&base, &served)?;
        let server = Server::start(&served)?;
        let cookie = Client::sign_in(server.address, "canbotinh", "binhdinh-2024")?;
        let before = (server.cpu()?, server.writer_cpu()?);
        let (taken, counts) = send(server.address, &cookie, &batches, clients)?;
        let cpu = server.cpu()? - before.0;
        let writer = server.writer_cpu()? - before.1;
        drop(server);
        println!("clients: {clients}");
        for (what, spent) in [
            ("  facts/s; floor: rows of facts alone", facts_alone),
            ("  facts/s; floor: all rows it writes", everything),
        ] {
            let (rate, floor) = (rate(taken), rate(spent.taken));
            let bar = Some((">= 0.50", rate / floor >= 0.5));
            row(what, rate, Some(floor), Some(rate / floor), bar);
        }
        let floor = cost(everything.cpu);
        for (what, cpu) in [
            ("  CPU ms per 1,000 facts, all threads", cost(cpu)),
            ("  CPU ms per 1,000 facts, writer", cost(writer)),
        ] {
            row(what, cpu, Some(floor), Some(cpu / floor), None);
        }
        println!(
            "  counted {}, duplicate {}, held {}, refused {}; {}",
            counts[0],
            counts[1],
            counts[2],
            counts[3],
            server::verify(&served)?
        );
    }
    for path in [&base, &bare, &served] {
        data::remove(path);
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
