//! Taking in the list of members a branch keeps in a spreadsheet: first shown as it will
//! be stored, then stored whole or not at all. The file is sent both times, so that nothing
//! is kept of a list that was only looked at.

use super::commands::{self, Act};
use super::sheet;
use crate::args;
use crate::features::members::{NewPerson, Role, enrol};
use crate::features::places::{self, store::path_range};
use crate::features::teams;
use crate::platform::db::{DbError, Tx};
use crate::platform::problem::{AppError, AppResult};
use domain::ids::{MemberId, PlaceId, TeamId};
use domain::member_list::{Cell, Column, Layout, Row, layout, people};
use domain::people::{Origin, Position};
use domain::refusal::Refusal;
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// What to do with a file.
#[derive(Debug)]
pub struct Order {
    /// Where its people are at home.
    pub place: PlaceId,
    /// Who sends them.
    pub origin: Origin,
    /// Into this team, all of them; otherwise into the one that their unit names.
    pub team: Option<TeamId>,
    /// What each column is about, where that is known better than from its header.
    pub columns: Option<Vec<Column>>,
    /// Lines that look like somebody who is there already, to be taken all the same.
    pub also: Vec<usize>,
}

/// What becomes of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Taken in.
    New,
    /// Taken in before.
    Known,
    /// Looks like this person; taken only when asked for.
    Likely(String),
    /// Cannot be taken.
    Faulty,
}

/// A line as it will be stored.
#[derive(Debug)]
pub struct Line {
    /// Its number in the file.
    pub line: usize,
    /// Its cells as written.
    pub cells: Vec<String>,
    /// What it tells.
    pub row: Row,
    /// The id its person has, or will have.
    pub id: MemberId,
    /// The team it leads into.
    pub team: Option<(TeamId, String)>,
    /// What becomes of it.
    pub fate: Fate,
}

/// A file as it was understood.
#[derive(Debug)]
pub struct Plan {
    /// How it is laid out.
    pub layout: Layout,
    /// Its people.
    pub lines: Vec<Line>,
}

/// Reads a file; it takes its time.
///
/// # Errors
/// `import.not_a_sheet`, `import.too_long`, `import.no_names`.
pub fn open(bytes: &[u8], order: &Order) -> AppResult<(Vec<Vec<Cell>>, Layout)> {
    let rows = sheet::read(bytes)?;
    let mut found = layout(&rows).unwrap_or_else(|| Layout {
        first_row: 0,
        titles: Vec::new(),
        columns: Vec::new(),
    });
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    found.titles.resize(width, String::new());
    found.columns.resize(width, Column::Skip);
    if let Some(columns) = &order.columns {
        for (column, wanted) in found.columns.iter_mut().zip(columns) {
            *column = *wanted;
        }
    }
    Ok((rows, found))
}

/// Compares the people of a file with the register.
///
/// # Errors
/// `not_found` where the caller does not lead, `fact.team_unknown`, or the storage's.
pub fn plan(
    tx: &Tx<'_>,
    act: Act,
    order: &Order,
    (rows, layout): (&[Vec<Cell>], Layout),
) -> AppResult<Plan> {
    let place = places::store::need_in_scope(tx, act.by, Role::Leader, &order.place, act.today)?;
    let teams: Vec<(TeamId, String, String)> = teams::below(tx, &place.path, 0)?
        .into_iter()
        .filter(|team| team.dissolved_on.is_none())
        .map(|team| (TeamId(team.id), vn::text::fold(&team.name), team.name))
        .collect();
    let chosen = match order.team {
        Some(id) => Some(
            teams
                .iter()
                .find(|(known, ..)| *known == id)
                .map(|(id, _, name)| (*id, name.clone()))
                .ok_or_else(|| Refusal::new("fact.team_unknown").with("team", id.to_string()))?,
        ),
        None => None,
    };
    let known = Known::at(tx, &place.path)?;
    let lines = people(rows, layout.first_row, &layout.columns, act.today)
        .into_iter()
        .map(|(line, row)| {
            let id = id_of(&order.place, &row);
            let unit = vn::text::fold(&row.unit);
            let named = teams
                .iter()
                .find(|(_, fold, _)| !unit.is_empty() && *fold == unit);
            let cells = rows.get(line - 1).into_iter().flatten();
            Line {
                line,
                cells: cells.map(Cell::text).collect(),
                team: chosen
                    .clone()
                    .or_else(|| named.map(|(id, _, name)| (*id, name.clone()))),
                fate: known.fate(id, &row),
                row,
                id,
            }
        })
        .collect();
    Ok(Plan { layout, lines })
}

/// The same line of the same place always means the same person.
fn id_of(place: &PlaceId, row: &Row) -> MemberId {
    let phone = row.phone.as_ref().map(vn::phone::Phone::e164);
    let year = row.birth_year.unwrap_or_default();
    let told = format!(
        "member list\n{place}\n{}\n{year}\n{}",
        vn::text::normalise(&row.name).to_lowercase(),
        phone.unwrap_or_default()
    );
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&Sha256::digest(told.as_bytes())[..16]);
    MemberId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

/// Who is at home where the list belongs.
#[derive(Debug, Default)]
struct Known {
    names: HashMap<MemberId, String>,
    by_name: HashMap<String, Vec<(Option<i64>, MemberId)>>,
    by_phone: HashMap<String, Vec<MemberId>>,
}

impl Known {
    fn at(tx: &Tx<'_>, path: &str) -> AppResult<Self> {
        let (from, to) = path_range(path);
        let mut known = Self::default();
        tx.each(
            "select m.id, m.name, m.fold, m.birth_year, m.phone from member m join place p on p.id = m.place_id
              where p.path >= $1 and p.path < $2",
            args![from, &to],
            |row| {
                let id: MemberId = row.get(0)?;
                known.names.insert(id, row.get(1)?);
                let same_name = known.by_name.entry(row.get(2)?).or_default();
                same_name.push((row.get(3)?, id));
                if let Some(phone) = row.get::<Option<String>>(4)? {
                    known.by_phone.entry(phone).or_default().push(id);
                }
                Ok::<(), DbError>(())
            },
        )?;
        Ok(known)
    }

    fn fate(&self, id: MemberId, row: &Row) -> Fate {
        if row.fault.is_some() {
            return Fate::Faulty;
        }
        if self.names.contains_key(&id) {
            return Fate::Known;
        }
        let same_name = self.by_name.get(&vn::text::fold(&row.name));
        let named = same_name.into_iter().flatten();
        // Unknown years may be the same.
        let alike = |year: &Option<i64>| {
            year.is_none() || row.birth_year.is_none() || *year == row.birth_year
        };
        let named = named.filter(|(year, _)| alike(year)).map(|(_, id)| *id);
        let phone = row.phone.as_ref().map(vn::phone::Phone::e164);
        let phoned = phone.and_then(|phone| self.by_phone.get(&phone));
        let mut likely = named.chain(phoned.into_iter().flatten().copied());
        match likely.next().and_then(|id| self.names.get(&id)) {
            Some(name) => Fate::Likely(name.clone()),
            None => Fate::New,
        }
    }
}

impl Plan {
    /// Which lines are taken in.
    pub fn taken<'p>(&'p self, also: &'p [usize]) -> impl Iterator<Item = &'p Line> {
        self.lines.iter().filter(|line| match line.fate {
            Fate::New => true,
            Fate::Likely(_) => also.contains(&line.line),
            Fate::Known | Fate::Faulty => false,
        })
    }
}

/// Stores what a plan says, all of it or nothing; how many people are new.
///
/// # Errors
/// `import.no_names`, or the storage's.
pub fn take(tx: &mut Tx<'_>, act: Act, order: &Order, plan: &Plan) -> AppResult<usize> {
    if plan.lines.is_empty() {
        return Err(AppError::problem("import.no_names"));
    }
    let mut count = 0;
    for line in plan.taken(&order.also) {
        let row = &line.row;
        // A unit that is no team of ours is kept as it was written.
        let organisation = if line.team.is_none() {
            row.unit.as_str()
        } else {
            ""
        };
        enrol(
            tx,
            &NewPerson {
                id: line.id,
                name: &row.name,
                place: &order.place,
                origin: order.origin,
                organisation: &organisation.chars().take(120).collect::<String>(),
                phone: row.phone.as_ref(),
                birth_year: row.birth_year,
                now: act.now,
            },
        )?;
        if let Some((team, _)) = &line.team {
            let position = row.position.unwrap_or(Position::Member);
            commands::join(tx, act, line.id, *team, position)?;
        }
        if let Some(office) = row.office {
            tx.execute(
                "insert into office_term (id, member_id, office, place_id, since, decision_no) values ($1, $1, $2, $3, $4, '')",
                args![line.id, office, &order.place, act.today],
            )?;
        }
        count += 1;
    }
    Ok(count)
}

/// Numbers and words joined by commas, as a query carries them.
///
/// # Errors
/// `request.malformed`.
pub fn listed<T>(raw: Option<&str>, read: impl Fn(&str) -> Option<T>) -> AppResult<Vec<T>> {
    let words = raw
        .unwrap_or_default()
        .split(',')
        .filter(|word| !word.is_empty());
    let all: Option<Vec<T>> = words.map(read).collect();
    let malformed = || Refusal::new("request.malformed").with("why", "a list");
    Ok(all.ok_or_else(malformed)?)
}
