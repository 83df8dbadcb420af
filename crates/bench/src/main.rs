//! Measures the server against floors of the same machine, disk and run, and prints
//! figures and ratios. `bench` alone measures everything; with the name of a part, only
//! that. `bench ingest 1 4` also takes numbers of clients, `bench burst 60` and
//! `bench lag 60` seconds.

mod burst;
mod data;
mod desk;
mod export;
mod floor;
mod ingest;
mod lag;
mod nation;
mod people;
mod progress;
mod race;
mod report;
mod roster;
mod server;
mod size;
mod stage;
mod sync;

use std::path::Path;
use std::time::Duration;

/// What went wrong is only ever printed.
type Done<T> = Result<T, Box<dyn std::error::Error>>;

/// What can be measured by itself, and how it is called.
type Part = (&'static str, fn() -> Done<()>);

/// The parts in their order.
const PARTS: &[Part] = &[
    ("ingest", || ingest::run(&[1, 4, 16])),
    ("progress", progress::run),
    ("sync", sync::run),
    ("people", people::run),
    ("export", export::run),
    ("burst", || burst::run(600)),
    ("lag", || lag::run(60)),
    ("race", race::run),
    ("roster", roster::run),
    ("desk", desk::run),
    ("size", size::run),
];

fn main() -> Done<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    run(&words)
}

fn run(words: &[&str]) -> Done<()> {
    match words[..] {
        ["static", database, text] => progress::serve_static(database, Path::new(text)),
        ["ingest" | "sync" | "burst" | "lag" | "race", ..] if nation::beside_postgres(words)? => {
            Ok(())
        }
        ["ingest", _, ..] => {
            let clients: Result<Vec<usize>, _> = words[1..].iter().map(|n| n.parse()).collect();
            ingest::run(&clients?)
        }
        ["burst", for_s] => burst::run(for_s.parse()?),
        ["lag", for_s] => lag::run(for_s.parse()?),
        [] => PARTS.iter().try_for_each(|(name, _)| run(&[name])),
        [asked] => {
            let part = PARTS.iter().find(|(name, _)| *name == asked);
            let names: Vec<&str> = PARTS.iter().map(|(name, _)| *name).collect();
            let (_, run) = part.ok_or_else(|| format!("bench [{}]", names.join(" | ")))?;
            run()
        }
        _ => Err("bench [PART]".into()),
    }
}

/// In microseconds.
fn quantile(taken: &[Duration], share: f64) -> f64 {
    let mut sorted = taken.to_vec();
    sorted.sort_unstable();
    sorted[((sorted.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e6
}
