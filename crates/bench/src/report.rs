//! The table.

/// A heading and the names of the columns.
pub fn section(title: &str) {
    println!("\n{title}");
    println!(
        "{:<44}{:>12}{:>12}{:>9}  bar",
        "", "measured", "floor", "ratio"
    );
}

/// A line: what was measured, its floor, their ratio, and the bar with whether it is met.
pub fn row(
    what: &str,
    measured: f64,
    floor: Option<f64>,
    ratio: Option<f64>,
    bar: Option<(&str, bool)>,
) {
    let floor = floor.map_or_else(String::new, number);
    let ratio = ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}"));
    let bar = bar.map_or_else(String::new, |(bar, met)| format!("{bar} {}", verdict(met)));
    println!(
        "{what:<44}{:>12}{floor:>12}{ratio:>9}  {bar}",
        number(measured)
    );
}

/// A line without a floor.
pub fn figure(what: &str, measured: f64, bar: &str, met: bool) {
    println!(
        "{what:<44}{:>12}{:>12}{:>9}  {bar} {}",
        number(measured),
        "",
        "",
        verdict(met)
    );
}

fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "MISSED" }
}

fn number(value: f64) -> String {
    if value >= 1000.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.2}")
    }
}
