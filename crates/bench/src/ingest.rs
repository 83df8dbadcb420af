//! Facts over HTTP, durable, idempotent and tallied, against bare inserts.

use crate::Done;
use crate::client::Client;
use crate::data::{self, BATCH, Batch};
use crate::report::{row, section};
use crate::server::{self, Server};
use causo::args;
use causo::platform::db::{Access, Value, connect};
use domain::ids::TeamId;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
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
    let batches = data::founded(&base, COUNT)?;
    let facts = batches.len() * BATCH;
    section(&format!(
        "Ingest: {facts} facts in batches of {BATCH}, synchronous=FULL, 10 indicators tallied"
    ));
    let rate = |taken: Duration| facts as f64 / taken.as_secs_f64();
    let cost = |cpu: Duration| cpu.as_secs_f64() * 1e6 / facts as f64;
    for &clients in clients {
        data::copy(&base, &bare)?;
        let floor = bare_inserts(&bare, &batches)?;
        data::copy(&base, &served)?;
        let server = Server::start(&served)?;
        let cookie = Client::sign_in(server.address, "canbotinh", "binhdinh-2024")?;
        let before = (server.cpu()?, server.writer_cpu()?);
        let (taken, counts) = send(server.address, &cookie, &batches, clients)?;
        let cpu = server.cpu()? - before.0;
        let writer = server.writer_cpu()? - before.1;
        drop(server);
        let ratio = rate(taken) / rate(floor.taken);
        row(
            &format!("facts/s, clients: {clients}"),
            rate(taken),
            Some(rate(floor.taken)),
            Some(ratio),
            Some((">= 0.50", ratio >= 0.5)),
        );
        let floor = cost(floor.cpu);
        for (what, cpu) in [
            ("  CPU of all threads, ms per 1,000 facts", cost(cpu)),
            ("  of it the writer's", cost(writer)),
        ] {
            row(what, cpu, Some(floor), Some(cpu / floor), None);
        }
        println!(
            "  counted {}, duplicate {}, held {}, refused {}; {}",
            counts[0],
            counts[1],
            counts[2],
            counts[3],
            verify(&served)?
        );
    }
    for path in [&base, &bare, &served] {
        data::remove(path);
    }
    Ok(())
}

/// The floor: one prepared statement, the same rows, the same batches, the same
/// table with the same indexes, no foreign keys to look up.
fn bare_inserts(path: &Path, batches: &[Batch]) -> Done<Spent> {
    let conn = connect(path, Access::Write)?;
    conn.pragma_update(None, "foreign_keys", false)?;
    let rows: Vec<Vec<Vec<Owned>>> = batches
        .iter()
        .map(|batch| batch.facts.iter().map(columns).collect())
        .collect();
    let (started, before) = (Instant::now(), server::cpu("self")?);
    let mut insert = conn.prepare(
        "insert into fact (id, kind, happened_at, day, received_at, place_id, team_id, actor_id, device_id, seq, corrects, root, body)
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do nothing",
    )?;
    for batch in &rows {
        conn.execute_batch("begin immediate")?;
        for row in batch {
            insert.execute(rusqlite::params_from_iter(row))?;
        }
        conn.execute_batch("commit")?;
    }
    Ok(Spent {
        taken: started.elapsed(),
        cpu: server::cpu("self")? - before,
    })
}

/// What a run took.
struct Spent {
    taken: Duration,
    cpu: Duration,
}

type Owned = rusqlite::types::Value;

fn columns(fact: &domain::facts::Fact) -> Vec<Owned> {
    use rusqlite::ToSql;
    use rusqlite::types::ToSqlOutput;
    let body = fact.body.stored();
    let values: &[Value<'_>] = args![
        fact.id,
        fact.body.kind().as_str(),
        fact.happened_at,
        fact.day(),
        fact.happened_at,
        &fact.place,
        fact.team.unwrap_or(TeamId::NONE),
        fact.device,
        fact.device,
        fact.seq,
        fact.corrects,
        fact.corrects,
        &body
    ];
    let owned = values.iter().map(|value| match value.to_sql() {
        Ok(ToSqlOutput::Borrowed(value)) => Owned::try_from(value).unwrap_or(Owned::Null),
        Ok(ToSqlOutput::Owned(value)) => value,
        _ => Owned::Null,
    });
    owned.collect()
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

fn verify(path: &Path) -> Done<String> {
    let done = Command::new(server::causo())
        .arg("--database")
        .arg(path)
        .arg("verify")
        .output()?;
    let said = String::from_utf8_lossy(&done.stdout).replace('\n', " ");
    Ok(format!("verify: {}", said.trim()))
}
