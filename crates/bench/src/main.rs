//! Measures the server against floors of the same machine, disk and run, and prints
//! figures and ratios. `bench` alone measures everything; `bench ingest`, with numbers
//! of clients, and `bench progress` a part.

mod data;
mod floor;
mod ingest;
mod progress;
mod report;
mod server;

use std::path::Path;

/// What went wrong is only ever printed.
type Done<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Done<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["static", database, text] => progress::serve_static(Path::new(database), Path::new(text)),
        ["ingest"] => ingest::run(&[1, 4, 16]),
        ["ingest", ref clients @ ..] => {
            let clients: Result<Vec<usize>, _> = clients.iter().map(|n| n.parse()).collect();
            ingest::run(&clients?)
        }
        ["progress"] => progress::run(),
        [] => {
            ingest::run(&[1, 4, 16])?;
            progress::run()
        }
        _ => Err("bench [ingest [CLIENTS…] | progress]".into()),
    }
}
