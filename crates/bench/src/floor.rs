//! The floors of ingest: prepared statements in a bare loop, the same rows in the same
//! batches into the same tables with the same indexes, no foreign keys to look up.

use crate::Done;
use crate::data::Batch;
use crate::server;
use causo::args;
use causo::features::facts::ledger;
use causo::features::facts::measures::{self, Counting};
use causo::platform::db::{Access, Address, Conn, Value, connect, read_alone};
use domain::catalogue::Catalogue;
use domain::facts::Fact;
use domain::ids::{FactId, TeamId};
use domain::observations::subjects;
use domain::subjects::Pseudonymiser;
use rusqlite::types::{ToSqlOutput, Value as Owned};
use rusqlite::{Connection, Statement, ToSql, params_from_iter};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::time::{Duration, Instant};

type Row = Vec<Owned>;

/// What a batch writes.
#[derive(Debug, Default)]
pub struct Rows {
    facts: Vec<Row>,
    links: Vec<Row>,
    tallies: Vec<Row>,
}

/// What a run took.
#[derive(Clone, Copy, Debug)]
pub struct Spent {
    /// On the clock.
    pub taken: Duration,
    /// On the processor.
    pub cpu: Duration,
}

/// Works out, before any clock runs, the rows that the server would write for batches.
///
/// # Errors
/// The storage's.
pub fn rows(path: &Path, keys: &Pseudonymiser, batches: &[Batch]) -> Done<Vec<Rows>> {
    let conn = Conn::open(&Address::Sqlite(path.to_owned()), Access::Read)?;
    let catalogue = Catalogue::bundled();
    let measures = read_alone(&conn, measures::load)?;
    let counting = Counting {
        measures: &measures,
        catalogue: &catalogue,
        keys,
    };
    let mut paths = HashMap::new();
    let mut seen: HashSet<FactId> = HashSet::new();
    let mut written = Vec::new();
    for batch in batches {
        let mut rows = Rows::default();
        let mut cells: BTreeMap<_, i64> = BTreeMap::new();
        for fact in &batch.facts {
            rows.facts.push(fact_row(fact));
            if !seen.insert(fact.id) {
                continue;
            }
            let path = match paths.get(&fact.place) {
                Some(path) => path,
                None => {
                    let found = read_alone(&conn, |tx| ledger::path_of(tx, &fact.place))?;
                    paths.entry(fact.place.clone()).or_insert(found)
                }
            };
            for subject in subjects(fact, keys) {
                rows.links.push(owned(args![&subject, fact.id]));
            }
            for (active, parts) in counting.parts(fact, path) {
                let team = fact.team.unwrap_or(TeamId::NONE);
                let cell = (active.id, fact.place.clone(), team, fact.day());
                *cells.entry(cell).or_default() += i64::try_from(parts.len())?;
            }
        }
        for ((measure, place, team, day), total) in cells {
            let tally = args![measure, &place, team, day, total, 0_i64];
            rows.tallies.push(owned(tally));
        }
        written.push(rows);
    }
    Ok(written)
}

fn fact_row(fact: &Fact) -> Row {
    let body = fact.body.stored();
    owned(args![
        fact.id,
        fact.body.kind().as_str(),
        fact.happened_at,
        fact.day(),
        fact.happened_at,
        &fact.place,
        fact.team.unwrap_or(TeamId::NONE),
        fact.device,
        fact.device,
        fact.seq,
        fact.corrects,
        fact.corrects,
        &body
    ])
}

fn owned(values: &[Value<'_>]) -> Row {
    let owned = values.iter().map(|value| match value.to_sql() {
        Ok(ToSqlOutput::Borrowed(value)) => Owned::try_from(value).unwrap_or(Owned::Null),
        Ok(ToSqlOutput::Owned(value)) => value,
        _ => Owned::Null,
    });
    owned.collect()
}

/// Inserts the facts alone.
///
/// # Errors
/// The storage's.
pub fn facts(path: &Path, batches: &[Rows]) -> Done<Spent> {
    let conn = open(path)?;
    let mut fact = fact_statement(&conn)?;
    timed(&conn, batches, |rows| run(&mut fact, &rows.facts))
}

/// Inserts the facts, whom they are about, and their tallies.
///
/// # Errors
/// The storage's.
pub fn everything(path: &Path, batches: &[Rows]) -> Done<Spent> {
    let conn = open(path)?;
    let mut fact = fact_statement(&conn)?;
    let mut link = conn.prepare("insert into fact_subject (subject, fact_id) values (?, ?)")?;
    let mut tally = conn.prepare(
        "insert into tally (measure_id, place_id, team_id, day, total, anonymous) values (?, ?, ?, ?, ?, ?)
         on conflict do update set total = total + excluded.total, anonymous = anonymous + excluded.anonymous",
    )?;
    timed(&conn, batches, |rows| {
        run(&mut fact, &rows.facts)?;
        run(&mut link, &rows.links)?;
        run(&mut tally, &rows.tallies)
    })
}

fn open(path: &Path) -> Done<Connection> {
    let conn = connect(path, Access::Write)?;
    conn.pragma_update(None, "foreign_keys", false)?;
    Ok(conn)
}

fn fact_statement(conn: &Connection) -> Done<Statement<'_>> {
    Ok(conn.prepare(
        "insert into fact (id, kind, happened_at, day, received_at, place_id, team_id, actor_id, device_id, seq, corrects, root, body)
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do nothing",
    )?)
}

fn run(statement: &mut Statement<'_>, rows: &[Row]) -> Done<()> {
    for row in rows {
        statement.execute(params_from_iter(row))?;
    }
    Ok(())
}

/// One transaction for each batch.
fn timed(
    conn: &Connection,
    batches: &[Rows],
    mut write: impl FnMut(&Rows) -> Done<()>,
) -> Done<Spent> {
    let (started, before) = (Instant::now(), server::cpu("self")?);
    for rows in batches {
        conn.execute_batch("begin immediate")?;
        write(rows)?;
        conn.execute_batch("commit")?;
    }
    Ok(Spent {
        taken: started.elapsed(),
        cpu: server::cpu("self")? - before,
    })
}
