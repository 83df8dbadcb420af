//! A Sunday: a thousand facts a second from two thousand phones that do not wait for
//! one another, over two nodes on PostgreSQL, and over one on SQLite.

use crate::Done;
use crate::nation::{HISTORY, Nation};
use crate::report::{figure, row, section};
use crate::stage::Kind;
use causo::simulate::play::{self, Plan};

/// Facts a second.
const FACTS_PER_S: u32 = 1000;

/// Prints how the burst was borne.
///
/// # Errors
/// When something cannot be run at all.
pub fn run(for_s: u32) -> Done<()> {
    burst(Nation::on_server()?.watched()?, for_s)?;
    burst(Nation::on(&Kind::File)?.watched()?, for_s)
}

fn burst(nation: Nation, for_s: u32) -> Done<()> {
    let plan = Plan::new(&nation.addresses(), FACTS_PER_S, for_s);
    section(&format!(
        "Burst, {}: {} facts/s for {for_s} s in uploads of {} by {} phones, over {HISTORY} facts",
        nation.name, plan.facts_per_s, plan.batch, plan.members
    ));
    let report = play::run(&plan)?;
    let p95_ms = report.wait_ms(0.95);
    row("upload p50, ms", report.wait_ms(0.50), None, None, None);
    figure("upload p95, ms", p95_ms, "< 250", p95_ms < 250.0);
    row("upload p99, ms", report.wait_ms(0.99), None, None, None);
    row("upload longest, ms", report.wait_ms(1.0), None, None, None);
    row(
        "facts/s acknowledged",
        report.facts_per_s(),
        None,
        None,
        None,
    );
    row(
        "memory of the nodes, MB",
        nation.memory_mb()?,
        None,
        None,
        None,
    );
    println!(
        "  {} uploads, {} counted, {} duplicate, {} unanswered, {} retries, {} answers thrown away",
        report.uploads,
        report.counted,
        report.duplicate,
        report.ledger.unsure.len(),
        report.retries,
        report.repeated
    );
    for (code, count) in &report.refused {
        println!("  refused {count}: {code}");
    }
    for fault in &report.faults {
        println!("  fault: {fault}");
    }
    println!("  acknowledged: {}", report.ledger.sum());
    nation.settle(&report.ledger)
}
