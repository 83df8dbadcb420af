//! The same thousand facts by sixty-four at once, in every order, over two nodes.

use crate::Done;
use crate::nation::Nation;
use crate::report::{figure, row, section};
use causo::simulate::Ledger;
use causo::simulate::race::{self, Race};

/// Prints whether each was counted once.
///
/// # Errors
/// When something cannot be run at all.
pub fn run() -> Done<()> {
    let nation = Nation::on_server()?;
    let nodes = nation.addresses();
    let race = Race {
        nodes: nodes.iter().map(ToString::to_string).collect(),
        copies: 64,
        facts: 1000,
        batch: 20,
        seed: causo::simulate::SEED,
        ledger_out: None,
        allow_remote: false,
    };
    section(&format!(
        "Race, {}: {} facts sent by {} at once, in every order",
        nation.name, race.facts, race.copies
    ));
    let report = race::run(&race)?;
    for fault in &report.faults {
        println!("  fault: {fault}");
    }
    let wrong = report.wrong.len();
    figure(
        "facts not counted exactly once",
        wrong as f64,
        "= 0",
        report.is_right(),
    );
    row("seconds", report.lasted.as_secs_f64(), None, None, None);
    row(
        "requests tried again",
        report.retries as f64,
        None,
        None,
        None,
    );
    let played = Ledger {
        acknowledged: report.answers.keys().copied().collect(),
        ..Ledger::default()
    };
    nation.settle(&played)
}
