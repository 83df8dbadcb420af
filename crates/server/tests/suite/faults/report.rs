//! What each fault did, as a table that a person can read: `target/faults-….md`.

use super::phones::Heard;
use std::path::Path;
use std::sync::Mutex;

const HEAD: &str = "| fault | facts sent | acknowledged | stored | refused for good | repeats | answers by code | no answer | longest silence | checksum | verdict |
|---|--:|--:|--:|--:|--:|---|--:|--:|---|---|";

static ROWS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// One line more.
pub fn add(fault: &str, heard: &Heard, proved: &Result<(usize, String), String>) {
    let codes = heard.refusals.iter();
    let codes: Vec<String> = codes
        .map(|(code, times)| format!("{code} {times}"))
        .collect();
    let (stored, checksum, verdict) = match proved {
        Ok((stored, checksum)) => (stored.to_string(), checksum.as_str(), "balanced"),
        Err(why) => ("?".to_owned(), "", why.as_str()),
    };
    line(format!(
        "| {fault} | {} | {} | {stored} | {} | {} | {} | {} | {:.1} s | {checksum} | {verdict} |",
        heard.sent.len(),
        heard.acknowledged.len(),
        heard.refused.len(),
        heard.repeats,
        codes.join(", "),
        heard.unanswered,
        heard.silence_max.as_secs_f64(),
    ));
}

/// A fault that cannot be made here.
pub fn left_out(fault: &str, why: &str) {
    line(format!(
        "| {fault} | | | | | | | | | | **left out**: {why} |"
    ));
}

fn line(line: String) {
    println!("{line}");
    let mut rows = ROWS.lock().unwrap();
    rows.push(line);
    rows.sort();
    let database = match crate::harness::postgres() {
        Some(_) => "PostgreSQL",
        None => "SQLite",
    };
    let text = format!("# Faults, on {database}\n\n{HEAD}\n{}\n", rows.join("\n"));
    let file = format!("../faults-{}.md", database.to_lowercase());
    std::fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join(file), text).expect("it is written");
}
