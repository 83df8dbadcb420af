//! Ratings as a file, in which nobody is recognised: hours instead of minutes, no counter or
//! procedure that fewer than five were about, and only comments that were let through.

use super::store::{Asked, Line};
use super::words::step_name;
use crate::features::exports::csv::Csv;
use crate::features::exports::lines::{Cell, Form, Lines};
use crate::features::exports::xlsx::{SHEET_MAX, Xlsx};
use crate::platform::problem::AppResult;
use domain::days::VIETNAM;
use domain::ids::PointId;
use domain::ratings::{CommentState, RatingSource, RatingTopic, SHOWN_FROM};
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;
use time::{OffsetDateTime, Time};

/// See `messages/ratings_file.vi.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    file: String,
    sheet: String,
    columns: Vec<(String, f64)>,
    sources: BTreeMap<RatingSource, String>,
    few: String,
    about: About,
    note: String,
}

/// Names of what the sheet about the file says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    place: String,
    first_day: String,
    last_day: String,
    lines: String,
    by: String,
    at: String,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../messages/ratings_file.vi.json"))
        .expect("the words are checked by a test")
});

static FORM: LazyLock<Form> = LazyLock::new(|| Form {
    sheet: WORDS.sheet.clone(),
    columns: WORDS.columns.clone(),
    note: WORDS.note.clone(),
});

/// What a file says about itself.
#[derive(Debug)]
pub struct Taken {
    /// Of which place.
    pub place: String,
    /// By whom.
    pub by: String,
    /// When.
    pub at: OffsetDateTime,
}

/// What the file is called, without its ending.
pub fn name(taken: &Taken, asked: &Asked) -> String {
    let day = domain::days::iso::text;
    let (from, to) = (day(asked.days.0), day(asked.days.1));
    format!("{} – {} – {from} – {to}", WORDS.file, taken.place)
}

/// As CSV.
///
/// # Errors
/// When it cannot be written.
pub fn csv(lines: &[Line]) -> AppResult<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut out = Csv::begin(&FORM, &mut bytes)?;
    write(lines, &mut out)?;
    out.finish()?;
    Ok(bytes)
}

/// As a workbook, with a sheet that says what was taken, by whom and when.
///
/// # Errors
/// When it cannot be written.
pub fn xlsx(taken: &Taken, asked: &Asked, lines: &[Line]) -> AppResult<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut out = Xlsx::begin(&FORM, SHEET_MAX, &mut bytes)?;
    write(lines, &mut out)?;
    let (words, count) = (&WORDS.about, i64::try_from(lines.len()).unwrap_or(i64::MAX));
    out.finish(&[
        (&words.place, Cell::Text(&taken.place)),
        (&words.first_day, Cell::Day(asked.days.0)),
        (&words.last_day, Cell::Day(asked.days.1)),
        (&words.lines, Cell::Number(count)),
        (&words.by, Cell::Text(&taken.by)),
        (&words.at, Cell::moment(taken.at)),
    ])?;
    Ok(bytes)
}

/// What those who look for somebody would know: where, at which counter, what for.
type Crossing<'a> = (PointId, Option<&'a str>, &'a [String]);

fn crossing(line: &Line) -> Crossing<'_> {
    let of = &line.rating;
    (of.point, of.counter.as_deref(), &of.procedures)
}

/// The hour in which something was.
fn hour(at: OffsetDateTime) -> OffsetDateTime {
    let at = at.to_offset(VIETNAM);
    at.replace_time(Time::from_hms(at.hour(), 0, 0).unwrap_or(Time::MIDNIGHT))
}

fn write(lines: &[Line], out: &mut impl Lines) -> AppResult<()> {
    let mut alike: HashMap<Crossing<'_>, u32> = HashMap::new();
    for line in lines {
        *alike.entry(crossing(line)).or_default() += 1;
    }
    for line in lines {
        let of = &line.rating;
        let shown = alike[&crossing(line)] >= SHOWN_FROM;
        let procedures = of.procedures.join(", ");
        let text = |said: &Option<String>, shown: bool| match said {
            Some(_) if !shown => WORDS.few.clone(),
            Some(said) => said.clone(),
            None => String::new(),
        };
        let counter = text(&of.counter, shown);
        let procedures = text(&(!procedures.is_empty()).then_some(procedures), shown);
        let let_through = line.comment_state == Some(CommentState::Shown);
        let mut cells = vec![
            Cell::moment(hour(of.at)),
            Cell::Text(&line.point_name),
            Cell::Text(&counter),
            Cell::Text(&procedures),
            Cell::Text(&WORDS.sources[&of.source]),
        ];
        cells.extend(RatingTopic::ALL.iter().map(|topic| {
            let step = of.answers.get(topic);
            step.map_or(Cell::Empty, |step| Cell::Text(step_name(*step)))
        }));
        let comment = of.comment.as_deref().filter(|_| let_through);
        cells.push(comment.map_or(Cell::Empty, Cell::Text));
        out.line(&cells)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn the_words_of_the_file_are_there() {
        assert_eq!(WORDS.columns.len(), 6 + RatingTopic::ALL.len());
        assert!(
            RatingSource::ALL
                .iter()
                .all(|of| WORDS.sources.contains_key(of))
        );
    }

    #[test]
    fn moments_are_rounded_to_the_hour() {
        let at = datetime!(2024-10-13 01:59:59.5 UTC);
        assert_eq!(hour(at), datetime!(2024-10-13 08:00 +7));
    }
}
