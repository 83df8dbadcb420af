//! Measures the server against floors of the same machine, disk and run, and prints
//! figures and ratios. `bench` alone measures everything; `bench ingest`, with numbers
//! of clients, and `bench progress` a part. `bench burst [SECONDS]`, `bench lag
//! [SECONDS]` and `bench race` play a simulated nation over two nodes on a durable
//! PostgreSQL.

mod burst;
mod data;
mod floor;
mod ingest;
mod lag;
mod nation;
mod progress;
mod race;
mod report;
mod server;

use std::path::Path;

/// What went wrong is only ever printed.
type Done<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Done<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    run(&words)
}

fn run(words: &[&str]) -> Done<()> {
    match words[..] {
        ["static", database, text] => progress::serve_static(Path::new(database), Path::new(text)),
        ["ingest"] => ingest::run(&[1, 4, 16]),
        ["ingest", ref clients @ ..] => {
            let clients: Result<Vec<usize>, _> = clients.iter().map(|n| n.parse()).collect();
            ingest::run(&clients?)
        }
        ["progress"] => progress::run(),
        ["burst" | "lag" | "race", ..] if nation::beside_postgres(words)? => Ok(()),
        ["burst"] => burst::run(600),
        ["burst", for_s] => burst::run(for_s.parse()?),
        ["lag"] => lag::run(60),
        ["lag", for_s] => lag::run(for_s.parse()?),
        ["race"] => race::run(),
        [] => {
            ingest::run(&[1, 4, 16])?;
            progress::run()?;
            run(&["burst", "60"])?;
            run(&["lag"])?;
            run(&["race"])
        }
        _ => Err(
            "bench [ingest [CLIENTS…] | progress | burst [SECONDS] | lag [SECONDS] | race]".into(),
        ),
    }
}
