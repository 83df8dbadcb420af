//! A month's list as a file to print and sign.

use super::queries::{Asked, Found};
use crate::features::exports::csv::Csv;
use crate::features::exports::lines::{Cell, Form, Lines};
use crate::features::exports::xlsx::{SHEET_MAX, Xlsx};
use crate::platform::problem::AppResult;
use domain::days::VIETNAM;
use serde::Deserialize;
use std::sync::LazyLock;
use time::OffsetDateTime;

/// The words of the file; see `messages/allowances.vi.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    file: String,
    sheet: String,
    columns: Vec<(String, f64)>,
    top_up: String,
    total: String,
    about: About,
    open: String,
    note: String,
}

/// Names of what the sheet about the file says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    policy: String,
    source: String,
    place: String,
    month: String,
    total: String,
    in_words: String,
    locked_at: String,
    locked_by: String,
    taken_at: String,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../messages/allowances.vi.json"))
        .expect("the words are checked by a test")
});

static FORM: LazyLock<Form> = LazyLock::new(|| Form {
    sheet: WORDS.sheet.clone(),
    columns: WORDS.columns.clone(),
    note: WORDS.note.clone(),
});

/// What the file is called, without its ending.
pub fn name(asked: &Asked) -> String {
    let first = asked.month.first;
    let (month, year) = (u8::from(first.month()), first.year());
    let place = &asked.place.full_name;
    format!("{} – {place} – {year}-{month:02}", WORDS.file)
}

/// As CSV.
///
/// # Errors
/// When it cannot be written.
pub fn csv(asked: &Asked, found: &Found) -> AppResult<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut out = Csv::begin(&FORM, &mut bytes)?;
    write(asked, found, &mut out)?;
    out.finish()?;
    Ok(bytes)
}

/// As a workbook, with a sheet that says whose list it is and whether it is locked.
///
/// # Errors
/// When it cannot be written.
pub fn xlsx(asked: &Asked, found: &Found, now: OffsetDateTime) -> AppResult<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut out = Xlsx::begin(&FORM, SHEET_MAX, &mut bytes)?;
    write(asked, found, &mut out)?;
    let (words, first) = (&WORDS.about, asked.month.first);
    let month = format!("{:02}/{}", u8::from(first.month()), first.year());
    let spelt = in_words(found.total_vnd());
    let locked = found.locked.as_ref();
    out.finish(&[
        (&words.policy, Cell::Text(&asked.of.name)),
        (&words.source, Cell::Text(&asked.of.source)),
        (&words.place, Cell::Text(&asked.place.full_name)),
        (&words.month, Cell::Text(&month)),
        (&words.total, Cell::Number(found.total_vnd())),
        (&words.in_words, Cell::Text(&spelt)),
        (
            &words.locked_at,
            locked.map_or(Cell::Text(&WORDS.open), |locked| Cell::moment(locked.at.0)),
        ),
        (
            &words.locked_by,
            locked.map_or(Cell::Empty, |locked| Cell::Text(&locked.by)),
        ),
        (&words.taken_at, Cell::moment(now.to_offset(VIETNAM))),
    ])?;
    Ok(bytes)
}

/// `Bốn trăm nghìn đồng`.
pub fn in_words(vnd: i64) -> String {
    let said = vn::number::in_words(vnd);
    let mut letters = said.chars();
    let first = letters.next().map(char::to_uppercase);
    first
        .into_iter()
        .flatten()
        .chain(letters)
        .collect::<String>()
        + " đồng"
}

fn write(asked: &Asked, found: &Found, out: &mut impl Lines) -> AppResult<()> {
    let policy = &asked.of.policy;
    for (line, number) in found.kept.lines.iter().zip(1..) {
        let head = [Cell::Number(number), Cell::Text(&line.team.name)];
        for paid in &line.people {
            let on: Vec<String> = paid
                .days
                .iter()
                .map(|day| day.0.day().to_string())
                .collect();
            let on = on.join(", ");
            let days = i64::try_from(paid.days.len()).unwrap_or(i64::MAX);
            let rest = [
                Cell::Text(&policy.person_part),
                Cell::Text(&paid.member.name),
                Cell::Number(days),
                Cell::Text(&on),
                Cell::Number(paid.vnd),
                Cell::Empty,
            ];
            out.line(&[&head[..], &rest].concat())?;
        }
        for (what, vnd) in [
            (&policy.team_part, line.team_part_vnd),
            (&WORDS.top_up, line.top_up_vnd),
        ] {
            let none = Cell::Empty;
            let rest = [Cell::Text(what), none, none, none, Cell::Number(vnd), none];
            if vnd > 0 {
                out.line(&[&head[..], &rest].concat())?;
            }
        }
    }
    let mut total = [Cell::Empty; 8];
    (total[0], total[6]) = (Cell::Text(&WORDS.total), Cell::Number(found.total_vnd()));
    out.line(&total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_file_are_there() {
        assert_eq!(WORDS.columns.len(), 8);
        assert_eq!(in_words(400_000), "Bốn trăm nghìn đồng");
        assert_eq!(in_words(0), "Không đồng");
    }
}
