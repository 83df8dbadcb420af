//! The table.

/// A heading and the names of the columns.
pub fn section(title: &str) {
    println!("\n{title}");
    println!(
        "{:<44}{:>12}{:>12}{:>9}  bar",
        "", "measured", "floor", "ratio"
    );
}

/// A line: what was measured, its floor, and (ratio or figure, bar, whether it is met).
pub fn row(what: &str, measured: f64, floor: Option<f64>, bar: Option<(f64, &str, bool)>) {
    let floor = floor.map_or_else(String::new, number);
    let (ratio, bar) = match bar {
        Some((ratio, bar, met)) => (format!("{ratio:.2}"), format!("{bar} {}", verdict(met))),
        None => (String::new(), String::new()),
    };
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
