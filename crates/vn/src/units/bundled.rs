//! The territory that ships with the crate: `data/places.csv` and `data/successions.csv`.

use super::{Kind, Manner, PlaceId, Succession, Territory, Unit};
use std::sync::LazyLock;
use time::{Date, Month};

/// The bundled territory answers like any imported one.
pub type Bundled = Territory;

const PLACES: &str = include_str!("../../data/places.csv");
const SUCCESSIONS: &str = include_str!("../../data/successions.csv");

static BUNDLED: LazyLock<Bundled> = LazyLock::new(|| {
    read_compiled(PLACES, SUCCESSIONS)
        .expect("the bundled files are compiled by examples/compile_units.rs")
});

/// The official lists as of the date in `data/README.md`, read on first use.
#[must_use]
pub fn bundled() -> &'static Bundled {
    &BUNDLED
}

/// Why a compiled file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}: {problem}")]
pub struct CompiledError {
    /// `places` or `successions`.
    pub file: &'static str,
    /// The line, counted from 1.
    pub line: u64,
    /// What is wrong with it.
    pub problem: &'static str,
}

/// Reads the two compiled files: `id,code,level,kind,name,parent,valid_from,valid_to` and
/// `old_id,new_id,manner,note`. Dates are `yyyy-mm-dd` or empty; an empty note is the usual
/// one of its manner.
///
/// # Errors
/// [`CompiledError`] at the first line that does not hold together.
pub fn read_compiled(places: &str, successions: &str) -> Result<Territory, CompiledError> {
    Ok(Territory::new(
        read_lines("places", places, read_unit)?,
        read_lines("successions", successions, read_succession)?,
    ))
}

fn read_lines<T>(
    file: &'static str,
    text: &str,
    read: fn(&csv::StringRecord) -> Result<T, &'static str>,
) -> Result<Vec<T>, CompiledError> {
    let mut items = Vec::new();
    for (at, record) in (2..).zip(csv::Reader::from_reader(text.as_bytes()).records()) {
        let item = record
            .map_err(|_| "not CSV")
            .and_then(|record| read(&record));
        items.push(item.map_err(|problem| CompiledError {
            file,
            line: at,
            problem,
        })?);
    }
    Ok(items)
}

fn read_unit(record: &csv::StringRecord) -> Result<Unit, &'static str> {
    let cell = |at: usize| record.get(at).ok_or("a column is missing");
    let id = PlaceId::parse(cell(0)?).map_err(|_| "not a place id")?;
    let kind = Kind::parse(cell(3)?).ok_or("unknown kind")?;
    if id.code() != cell(1)? || kind.level() != id.level() || kind.level().as_str() != cell(2)? {
        return Err("id, code, level and kind disagree");
    }
    let parent = match cell(5)? {
        "" => None,
        parent => Some(PlaceId::parse(parent).map_err(|_| "not a parent id")?),
    };
    Ok(Unit {
        id,
        kind,
        name: cell(4)?.to_owned(),
        parent,
        valid_from: read_day(cell(6)?)?,
        valid_to: read_day(cell(7)?)?,
    })
}

fn read_succession(record: &csv::StringRecord) -> Result<Succession, &'static str> {
    let cell = |at: usize| record.get(at).ok_or("a column is missing");
    let manner = Manner::parse(cell(2)?).ok_or("unknown manner")?;
    let note = match cell(3)? {
        "" => manner.usual_note(),
        note => note,
    };
    Ok(Succession {
        old_id: PlaceId::parse(cell(0)?).map_err(|_| "not an old id")?,
        new_id: PlaceId::parse(cell(1)?).map_err(|_| "not a new id")?,
        manner,
        note: note.to_owned(),
    })
}

fn read_day(text: &str) -> Result<Option<Date>, &'static str> {
    if text.is_empty() {
        return Ok(None);
    }
    let parts: Vec<&str> = text.split('-').collect();
    let &[year, month, day] = parts.as_slice() else {
        return Err("not a date yyyy-mm-dd");
    };
    let date = || {
        let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
        Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?).ok()
    };
    date().map(Some).ok_or("not a date yyyy-mm-dd")
}
