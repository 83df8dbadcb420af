//! The floors of ingest: a bare loop of inserts, the same rows in the same batches into
//! the same tables with the same indexes, over as many connections as send to the server.

use crate::Done;
use crate::data::Batch;
use crate::stage::Stage;
use causo::features::facts::ledger::{self, FACTS, LINKS, New, TALLIES};
use causo::features::facts::measures::{self, Counting};
use causo::platform::db::{Access, Conn, Value, read_alone, write_alone};
use domain::catalogue::Catalogue;
use domain::ids::{FactId, MemberId, TeamId};
use domain::observations::subjects;
use domain::subjects::{Pseudonymiser, SubjectKey};
use domain::tallies::{Cell, Quantity};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::{Duration, Instant};

/// What a batch writes, worked out before any clock runs.
#[derive(Debug)]
pub struct Written<'b> {
    batch: &'b Batch,
    bodies: Vec<String>,
    links: Vec<(SubjectKey, FactId)>,
    tallies: Vec<(Cell, Quantity)>,
}

/// What a run took.
#[derive(Clone, Copy, Debug)]
pub struct Spent {
    /// On the clock.
    pub taken: Duration,
    /// On the processors, the database server's included.
    pub cpu: Duration,
}

/// The rows that the server would write for batches.
///
/// # Errors
/// The storage's.
pub fn written<'b>(
    conn: &Conn,
    keys: &Pseudonymiser,
    batches: &'b [Batch],
) -> Done<Vec<Written<'b>>> {
    let catalogue = Catalogue::bundled();
    let measures = read_alone(conn, measures::load)?;
    let counting = Counting {
        measures: &measures,
        catalogue: &catalogue,
        keys,
    };
    let mut paths = HashMap::new();
    let mut seen: HashSet<FactId> = HashSet::new();
    let mut all = Vec::new();
    for batch in batches {
        let mut links = Vec::new();
        let mut cells: BTreeMap<Cell, Quantity> = BTreeMap::new();
        for fact in batch.facts.iter().filter(|fact| seen.insert(fact.id)) {
            let path = match paths.get(&fact.place) {
                Some(path) => path,
                None => {
                    let found = read_alone(conn, |tx| ledger::path_of(tx, &fact.place))?;
                    paths.entry(fact.place.clone()).or_insert(found)
                }
            };
            links.extend(
                subjects(fact, keys)
                    .into_iter()
                    .map(|subject| (subject, fact.id)),
            );
            for (active, parts) in counting.parts(fact, path) {
                let cell = Cell {
                    measure: active.id,
                    place: fact.place.clone(),
                    team: fact.team.unwrap_or(TeamId::NONE),
                    day: fact.day(),
                };
                for _ in parts {
                    *cells.entry(cell.clone()).or_default() += Quantity::ONE;
                }
            }
        }
        all.push(Written {
            batch,
            bodies: batch.facts.iter().map(|fact| fact.body.stored()).collect(),
            links,
            tallies: cells.into_iter().collect(),
        });
    }
    Ok(all)
}

/// Which of the rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Those of `fact`.
    FactsAlone,
    /// Also whom they are about, and their tallies.
    Everything,
}

/// Writes the rows, each batch in one durable transaction.
///
/// # Errors
/// The storage's.
pub fn run(stage: &Stage, written: &[Written<'_>], lanes: usize, which: Which) -> Done<Spent> {
    // Somebody who is there, so that references hold.
    let actor = stage.somebody()?;
    let before = stage.cpu()?;
    let started = Instant::now();
    std::thread::scope(|scope| -> Done<()> {
        let lanes: Vec<_> = (0..lanes)
            .map(|lane| {
                scope.spawn(move || -> Result<(), String> {
                    let own = |one: &&Written<'_>| one.batch.lane % lanes == lane;
                    let conn = Conn::open(&stage.address, Access::Write)
                        .map_err(|fault| fault.to_string())?;
                    if conn.is_sqlite() {
                        conn.script("pragma foreign_keys = off")
                            .map_err(|fault| fault.to_string())?;
                    }
                    for one in written.iter().filter(own) {
                        write(&conn, one, actor, which)?;
                    }
                    Ok(())
                })
            })
            .collect();
        for lane in lanes {
            lane.join().map_err(|_| "a lane failed")??;
        }
        Ok(())
    })?;
    Ok(Spent {
        taken: started.elapsed(),
        cpu: stage.cpu()? - before,
    })
}

fn write(conn: &Conn, one: &Written<'_>, actor: MemberId, which: Which) -> Result<(), String> {
    let done = write_alone(conn, |tx| {
        let facts = one.batch.facts.iter().zip(&one.bodies);
        let facts: Vec<Vec<Value<'_>>> = facts
            .map(|(fact, body)| {
                let root = fact.corrects;
                New { fact, body, root }.row(actor, fact.happened_at)
            })
            .collect();
        tx.insert(&FACTS, &facts)?;
        if which == Which::Everything {
            let links = one.links.iter();
            let links: Vec<Vec<Value<'_>>> = links
                .map(|(subject, fact)| vec![Value::from(subject), Value::from(*fact)])
                .collect();
            tx.insert(&LINKS, &links)?;
            let tallies = one.tallies.iter();
            let tallies: Vec<Vec<Value<'_>>> = tallies
                .map(|(cell, quantity)| ledger::tally_row(cell, *quantity))
                .collect();
            tx.insert(&TALLIES, &tallies)?;
        }
        Ok(())
    });
    done.map_err(|fault| fault.to_string())
}
