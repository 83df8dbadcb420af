//! What stands in a file: a line for each service of each fact.
//!
//! A line a service is what a pivot table wants; the fact's first line counts it, so
//! that a sum gives the number of facts. Nobody helped can be told from it: it says
//! whether there is an identity, never which, and no free words about people.

use super::queries::Export;
use super::words::{WORDS, said};
use crate::App;
use crate::features::facts::circle;
use crate::features::facts::ledger::{self, Stored};
use crate::features::places::store::ids_of;
use crate::features::progress::atlas::Atlas;
use crate::platform::db::{DbError, Tx, Value};
use crate::platform::problem::AppResult;
use domain::catalogue::Catalogue;
use domain::days::VIETNAM;
use domain::facts::{Assist, Body};
use domain::ids::{MemberId, PlaceId, TeamId};
use domain::subjects::SubjectKey;
use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::sync::LazyLock;
use time::{Date, OffsetDateTime, PrimitiveDateTime, Time};

/// Facts read at a time.
const PAGE: i64 = 1000;

/// Headings by their names in `Words`, and widths in characters.
pub const COLUMNS: [(&str, f64); 26] = [
    ("day", 11.0),
    ("time", 7.0),
    ("received", 16.0),
    ("province", 20.0),
    ("district", 20.0),
    ("commune", 20.0),
    ("hamlet", 18.0),
    ("code", 11.0),
    ("team", 26.0),
    ("actor", 22.0),
    ("kind", 14.0),
    ("first", 10.0),
    ("service", 26.0),
    ("outcome", 24.0),
    ("title", 26.0),
    ("url", 26.0),
    ("merchants", 14.0),
    ("channel", 14.0),
    ("follow_up", 12.0),
    ("setting", 13.0),
    ("accompanied_by", 17.0),
    ("beneficiary", 13.0),
    ("age", 9.0),
    ("identified", 12.0),
    ("corrected", 8.0),
    ("id", 37.0),
];

/// One cell.
#[derive(Clone, Copy, Debug)]
pub enum Cell<'a> {
    /// Nothing.
    Empty,
    /// Words.
    Text(&'a str),
    /// A whole number.
    Number(i64),
    /// A day.
    Day(Date),
    /// A time of day in Viet Nam.
    Time(Time),
    /// Both.
    Moment(PrimitiveDateTime),
}

impl<'a> Cell<'a> {
    fn text(text: &'a str) -> Self {
        if text.is_empty() {
            Self::Empty
        } else {
            Self::Text(text)
        }
    }

    fn said(yes: bool) -> Self {
        Self::Text(if yes { &WORDS.yes } else { &WORDS.no })
    }

    /// A moment by the clocks of Viet Nam.
    pub fn moment(at: OffsetDateTime) -> Self {
        let at = at.to_offset(VIETNAM);
        Self::Moment(PrimitiveDateTime::new(at.date(), at.time()))
    }
}

/// A line, in the order of [`COLUMNS`].
type Line<'a> = [Cell<'a>; COLUMNS.len()];

/// What files of one sort look like.
#[derive(Debug)]
pub struct Form {
    /// Name of a sheet of lines.
    pub sheet: String,
    /// Headings, and widths in characters; at most 26.
    pub columns: Vec<(String, f64)>,
    /// What the sheet about the file says below.
    pub note: String,
}

/// Of files of facts.
pub static FORM: LazyLock<Form> = LazyLock::new(|| Form {
    sheet: WORDS.sheet.clone(),
    columns: COLUMNS
        .iter()
        .map(|(key, width)| (WORDS.columns[*key].clone(), *width))
        .collect(),
    note: WORDS.about.note.clone(),
});

/// A file of some form that takes lines. Who left shows when it is written to.
pub trait Lines {
    /// Takes one.
    ///
    /// # Errors
    /// When it cannot be written.
    fn line(&mut self, line: &[Cell<'_>]) -> AppResult<()>;
}

/// How much was written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Written {
    /// Facts.
    pub facts: i64,
    /// Lines.
    pub lines: i64,
}

/// Writes the facts of an export, place by place, in order of day and arrival.
///
/// # Errors
/// The storage's, or the file's.
pub fn write(tx: &Tx<'_>, app: &App, export: &Export, out: &mut impl Lines) -> AppResult<Written> {
    let above = ids_of(&export.place.path);
    let root = above.first().unwrap_or(&export.place.id);
    let (atlas, _) = Atlas::of_places(tx, root)?;
    let mut paths: Vec<&str> = atlas.paths().collect();
    paths.retain(|path| path.starts_with(&export.place.path));
    paths.sort_unstable();
    let mut walk = Walk {
        tx,
        app,
        export,
        atlas: &atlas,
        teams: Names::of("select t.id, t.name from {keys} join team t on t.id = k.key"),
        actors: Names::of("select m.id, m.name from {keys} join member m on m.id = k.key"),
        written: Written::default(),
    };
    for path in paths {
        walk.place(path, out)?;
    }
    Ok(walk.written)
}

struct Walk<'w> {
    tx: &'w Tx<'w>,
    app: &'w App,
    export: &'w Export,
    atlas: &'w Atlas,
    teams: Names<TeamId>,
    actors: Names<MemberId>,
    written: Written,
}

impl Walk<'_> {
    fn place(&mut self, path: &str, out: &mut impl Lines) -> AppResult<()> {
        let ids = ids_of(path);
        let Some(id) = ids.last() else {
            return Ok(());
        };
        let (period, team) = (self.export.period, self.export.team);
        let mut after = (period.from, 0);
        let mut whereabouts: Option<Whereabouts> = None;
        loop {
            let found = ledger::standing_at(self.tx, id, period.on, team, after, PAGE)?;
            let full = i64::try_from(found.len()).is_ok_and(|count| count == PAGE);
            if let Some(last) = found.last() {
                after = (last.fact.day(), last.rev);
            }
            let kept = match &self.export.measure {
                None => found,
                Some(active) => {
                    let counting = self.app.counting(std::slice::from_ref(active));
                    circle::counted(self.tx, &counting, path, found)?
                }
            };
            let credited = kept.iter().filter_map(|stored| stored.fact.team);
            self.teams.learn(self.tx, credited)?;
            let actors = kept.iter().map(|stored| stored.actor);
            self.actors.learn(self.tx, actors)?;
            for stored in &kept {
                let day = stored.fact.day();
                let whereabouts = match &mut whereabouts {
                    Some(known) if known.day == day => known,
                    other => other.insert(Whereabouts::on(day, self.atlas, &ids)),
                };
                let said = Said {
                    stored,
                    whereabouts,
                    team: stored.fact.team.map_or("", |team| self.teams.get(team)),
                    actor: self.actors.get(stored.actor),
                    id: &stored.fact.id.to_string(),
                };
                self.written.facts += 1;
                self.written.lines += said.lines(&self.app.catalogue, out)?;
            }
            if !full {
                return Ok(());
            }
        }
    }
}

/// Names looked up when they are first met.
struct Names<I> {
    sql: &'static str,
    known: HashMap<I, String>,
}

impl<I> Names<I>
where
    I: Copy + Eq + Ord + Hash + crate::platform::db::Column,
    Value<'static>: From<I>,
{
    fn of(sql: &'static str) -> Self {
        let known = HashMap::new();
        Self { sql, known }
    }

    fn learn(&mut self, tx: &Tx<'_>, met: impl Iterator<Item = I>) -> Result<(), DbError> {
        let new: BTreeSet<I> = met.filter(|id| !self.known.contains_key(id)).collect();
        let new: Vec<Value<'_>> = new.into_iter().map(Value::from).collect();
        tx.each_of(self.sql, &new, |row| {
            self.known.insert(row.get(0)?, row.get(1)?);
            Ok(())
        })
    }

    fn get(&self, id: I) -> &str {
        self.known.get(&id).map_or("", String::as_str)
    }
}

/// A place and what is above it, as they were called on a day.
struct Whereabouts {
    day: Date,
    code: String,
    province: String,
    district: String,
    commune: String,
    hamlet: String,
}

impl Whereabouts {
    fn on(day: Date, atlas: &Atlas, ids: &[PlaceId]) -> Self {
        let mut found = Self {
            day,
            code: String::new(),
            province: String::new(),
            district: String::new(),
            commune: String::new(),
            hamlet: String::new(),
        };
        for place in ids.iter().filter_map(|id| atlas.place(id, day)) {
            found.code = place.code;
            match place.level.as_str() {
                "province" => found.province = place.full_name,
                "district" => found.district = place.full_name,
                "commune" => found.commune = place.full_name,
                "hamlet" => found.hamlet = place.full_name,
                _ => {}
            }
        }
        found
    }
}

/// A fact and what it takes to say it.
struct Said<'a> {
    stored: &'a Stored,
    whereabouts: &'a Whereabouts,
    team: &'a str,
    actor: &'a str,
    id: &'a str,
}

/// What differs from line to line of a fact, and from kind to kind.
#[derive(Default)]
struct Part<'a> {
    service: &'a str,
    outcome: &'a str,
    title: &'a str,
    url: &'a str,
    merchants: Option<u32>,
    channel: &'a str,
    follow_up_on: Option<Date>,
}

impl<'a> Said<'a> {
    /// Writes the lines of the fact, and says how many they were.
    fn lines(&self, catalogue: &'a Catalogue, out: &mut impl Lines) -> AppResult<i64> {
        let mut lines = 0;
        let mut write = |part: Part<'a>| {
            lines += 1;
            out.line(&self.line(lines == 1, &part))
        };
        match &self.stored.fact.body {
            Body::Void(_)
            | Body::Step(_)
            | Body::Roster(_)
            | Body::ExpertStep(_)
            | Body::ExpertWork(_)
            | Body::Task(_)
            | Body::Directive(_)
            | Body::Minutes(_)
            | Body::Ticket(_)
            | Body::ScamReport(_)
            | Body::Question(_) => {}
            Body::Assist(assist) => {
                for item in &assist.items {
                    let service = catalogue.service(&item.service);
                    let outcome = service.and_then(|service| service.outcome(&item.outcome));
                    write(Part {
                        service: service.map_or(&*item.service, |service| &service.name),
                        outcome: outcome.map_or(&*item.outcome, |outcome| &outcome.name),
                        channel: item.channel.map_or("", |how| said(&WORDS.channel, how)),
                        follow_up_on: item.follow_up_on,
                        ..Part::default()
                    })?;
                }
            }
            Body::Post(post) => write(Part {
                title: &post.title,
                url: &post.url,
                channel: said(&WORDS.outlet, post.channel),
                ..Part::default()
            })?,
            Body::Street(street) => write(Part {
                title: &street.name,
                outcome: said(&WORDS.street, street.status),
                merchants: street.merchants,
                ..Part::default()
            })?,
            Body::Attendance(attendance) => write(Part {
                outcome: said(&WORDS.direction, attendance.direction),
                ..Part::default()
            })?,
        }
        Ok(lines)
    }

    fn line(&self, first: bool, part: &Part<'a>) -> Line<'a> {
        let Stored {
            fact, received_at, ..
        } = self.stored;
        let happened_at = fact.happened_at.to_offset(VIETNAM);
        let place = self.whereabouts;
        let assist = match &fact.body {
            Body::Assist(assist) => Some(assist),
            _ => None,
        };
        let of = |word: fn(&Assist<SubjectKey>) -> &'static str| {
            assist.map_or(Cell::Empty, |assist| Cell::text(word(assist)))
        };
        let identified = |assist: &Assist<SubjectKey>| {
            let named = &assist.beneficiary;
            let any = named.person.or(named.household).or(named.organisation);
            Cell::said(any.is_some())
        };
        [
            Cell::Day(happened_at.date()),
            Cell::Time(happened_at.time()),
            Cell::moment(*received_at),
            Cell::text(&place.province),
            Cell::text(&place.district),
            Cell::text(&place.commune),
            Cell::text(&place.hamlet),
            Cell::text(&place.code),
            Cell::text(self.team),
            Cell::text(self.actor),
            Cell::text(said(&WORDS.kind, fact.body.kind())),
            Cell::Number(first.into()),
            Cell::text(part.service),
            Cell::text(part.outcome),
            Cell::text(part.title),
            Cell::text(part.url),
            part.merchants
                .map_or(Cell::Empty, |count| Cell::Number(count.into())),
            Cell::text(part.channel),
            part.follow_up_on.map_or(Cell::Empty, Cell::Day),
            of(|assist| said(&WORDS.setting, assist.setting)),
            of(|assist| {
                let office = assist.accompanied_by;
                office.map_or("", |office| said(&WORDS.companion, office))
            }),
            of(|assist| said(&WORDS.beneficiary, assist.beneficiary.kind)),
            of(|assist| {
                let band = assist.beneficiary.age_band;
                band.map_or("", |band| said(&WORDS.age, band))
            }),
            assist.map_or(Cell::Empty, identified),
            Cell::said(fact.corrects.is_some()),
            Cell::text(self.id),
        ]
    }
}
