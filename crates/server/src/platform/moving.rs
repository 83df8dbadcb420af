//! Moving an installation from a file to a server, when a commune or a province has
//! outgrown its file. Tables go in the order of their references, a piece at a time;
//! with each piece the target keeps how far it got, so that a move that was cut short
//! goes on where it ended. Until the last piece is in, nobody may open the target.

use super::db::{Access, Address, Conn, DbError, Row, Tx, Value, read_alone, write_alone};
use super::deployment::{Deployment, hand_over};
use super::migrate;
use super::problem::{AppError, AppResult};
use crate::args;
use domain::refusal::Refusal;
use rusqlite::Connection;
use sha2::{Digest, Sha256};

/// Rows that travel in one transaction.
const ROWS_MAX: i64 = 2_000;

/// How far it got, for those who wait: what it is doing, and rows done of all.
pub type Told<'a> = dyn FnMut(&str, i64, i64) + 'a;

/// A table of the source.
#[derive(Debug)]
struct Table {
    name: String,
    /// Comma between them, in the order of the source.
    columns: String,
    columns_count: usize,
    /// What its rows are ordered by.
    key: String,
    /// Its rows refer to one another, so they travel in one piece.
    whole: bool,
    rows: i64,
}

impl Table {
    fn select(&self) -> String {
        let Self {
            name, columns, key, ..
        } = self;
        format!("select {columns} from {name} order by {key}")
    }
}

/// Moves everything from a SQLite file to a new PostgreSQL database, and the key to
/// where `CAUSO_KEY` says; the number of rows. The source stays as it is, and nobody
/// else can open it meanwhile.
///
/// # Errors
/// A `migrate.…` or `cli.…` refusal, or the storage's.
pub fn migrate(from: &str, to: &str, told: &mut Told<'_>) -> AppResult<i64> {
    let (from, to) = (migrate::address_of(from)?, migrate::address_of(to)?);
    let (Address::Sqlite(_), Address::Postgres(_)) = (&from, &to) else {
        return Err(AppError::problem("migrate.direction"));
    };
    let source = Deployment::at(from, false)?;
    let Conn::Sqlite(file) = &source.conn else {
        return Err(AppError::problem("migrate.direction"));
    };
    hold(&source.conn)?;
    let tables = tables(file)?;
    let all = tables.iter().map(|table| table.rows).sum();
    let print = fingerprint(file, &tables, &mut |table, done| {
        told(&format!("đọc {table}"), done, all);
    })?;
    let target = migrate::connect(&to, Access::Write)?;
    if !read_alone(&target, |tx| Ok(migrate::half_moved(tx)?))? {
        migrate::migrate(&target)?;
    }
    let moved = write_alone(&target, |tx| {
        let moved = begin(tx, &tables, &print)?;
        hand_over(&source.secret, &to)?;
        Ok(moved)
    })?;
    let mut done = 0;
    for (table, moved) in tables.iter().zip(moved) {
        let doing = format!("chuyển {}", table.name);
        let mut told = |moved| told(&doing, done + moved, all);
        copy(file, &target, table, moved, &mut told)?;
        done += table.rows;
    }
    target.script("analyze")?;
    write_alone(&target, |tx| end(tx, &tables))?;
    Ok(all)
}

/// Keeps everybody else from the file until the connection closes; a server that has it
/// open must be stopped first, or it would go on writing to what has moved away.
fn hold(source: &Conn) -> AppResult<()> {
    let held = source.script("pragma locking_mode = exclusive; begin immediate");
    held.map_err(|fault| match fault {
        DbError::Busy(_) => AppError::problem("migrate.source_open"),
        other => AppError::Db(other),
    })
}

/// The source's tables, referred ones first: none could be made before what it refers to.
fn tables(source: &Connection) -> Result<Vec<Table>, DbError> {
    let mut names = source.prepare(
        "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by rowid",
    )?;
    let names = names.query_map([], |row| row.get::<_, String>(0))?;
    names.map(|name| table(source, name?)).collect()
}

fn table(source: &Connection, name: String) -> Result<Table, DbError> {
    let mut shape = source.prepare("select name, pk from pragma_table_info(?1)")?;
    let shape = shape.query_map([&name], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let columns: Vec<(String, i64)> = shape.collect::<Result<_, _>>()?;
    let mut key: Vec<&(String, i64)> = columns.iter().filter(|(_, pk)| *pk > 0).collect();
    key.sort_by_key(|(_, pk)| *pk);
    let listed = |columns: &mut dyn Iterator<Item = &(String, i64)>| {
        let names: Vec<&str> = columns.map(|(name, _)| name.as_str()).collect();
        names.join(", ")
    };
    let key = match key.is_empty() {
        true => "rowid".to_owned(),
        false => listed(&mut key.into_iter()),
    };
    let whole = source.query_row(
        "select exists (select 1 from pragma_foreign_key_list(?1) where \"table\" = ?1)",
        [&name],
        |row| row.get(0),
    )?;
    let rows = source.query_row(&format!("select count(*) from {name}"), [], |row| {
        row.get(0)
    })?;
    Ok(Table {
        columns: listed(&mut columns.iter()),
        columns_count: columns.len(),
        key,
        whole,
        rows,
        name,
    })
}

/// Stands for all the source holds: a move that was cut short goes on only from the
/// very same.
fn fingerprint(
    source: &Connection,
    tables: &[Table],
    told: &mut dyn FnMut(&str, i64),
) -> Result<Vec<u8>, DbError> {
    let (mut print, mut done) = (Sha256::new(), 0);
    for table in tables {
        print.update(&table.name);
        told(&table.name, done);
        let mut statement = source.prepare(&table.select())?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            for column in 0..table.columns_count {
                put(&mut print, &Row::Sqlite(row).raw(column)?);
            }
            done += 1;
        }
    }
    Ok(print.finalize().to_vec())
}

fn put(print: &mut Sha256, value: &Value<'_>) {
    let number;
    let (kind, bytes): (u8, &[u8]) = match value {
        Value::Int(n) => {
            number = n.to_le_bytes();
            (1, &number)
        }
        Value::Text(text) => (2, text.as_bytes()),
        Value::Bytes(bytes) => (3, bytes),
        // SQLite gives back nothing else.
        _ => (0, &[]),
    };
    print.update([kind]);
    print.update(bytes.len().to_le_bytes());
    print.update(bytes);
}

/// Marks the target as half moved, or reads the mark of a move that was cut short; how
/// many rows of each table are there.
fn begin(tx: &mut Tx<'_>, tables: &[Table], print: &[u8]) -> AppResult<Vec<i64>> {
    migrate::wait_turn(tx)?;
    if !migrate::half_moved(tx)? {
        need_empty(tx, tables)?;
        // The migration's own row; the source's takes its place.
        tx.script(
            "delete from rev;
             create table moving (name text primary key, moved bigint not null, source bytea not null)",
        )?;
        for table in tables {
            tx.execute(
                "insert into moving (name, moved, source) values ($1, 0, $2)",
                args![&table.name, print],
            )?;
        }
    }
    let moved = |table: &Table| {
        let moved = tx.one(
            "select moved from moving where name = $1 and source = $2",
            args![&table.name, print],
            |row| row.get(0),
        )?;
        moved.ok_or_else(|| AppError::problem("migrate.other_source"))
    };
    tables.iter().map(moved).collect()
}

fn need_empty(tx: &Tx<'_>, tables: &[Table]) -> AppResult<()> {
    for table in tables.iter().filter(|table| table.name != "rev") {
        let sql = format!("select 1::bigint from {} limit 1", table.name);
        if tx.one(&sql, args![], |row| row.get::<i64>(0))?.is_some() {
            return Err(AppError::problem("migrate.target_not_empty"));
        }
    }
    Ok(())
}

/// Moves what is left of a table.
fn copy(
    source: &Connection,
    target: &Conn,
    table: &Table,
    mut moved: i64,
    told: &mut dyn FnMut(i64),
) -> AppResult<()> {
    let sql = format!("{} limit -1 offset ?1", table.select());
    let mut statement = source.prepare(&sql).map_err(DbError::from)?;
    let mut rows = statement.query([moved]).map_err(DbError::from)?;
    while moved < table.rows {
        let left = table.rows - moved;
        let piece = if table.whole {
            left
        } else {
            left.min(ROWS_MAX)
        };
        write_alone(target, |tx| {
            tx.copy_in(&table.name, &table.columns, |put| {
                for _ in 0..piece {
                    let Some(row) = rows.next()? else { break };
                    put(Row::Sqlite(row))?;
                }
                Ok(())
            })?;
            tx.execute(
                "update moving set moved = $1 where name = $2",
                args![moved + piece, &table.name],
            )?;
            Ok(())
        })?;
        moved += piece;
        told(moved);
    }
    Ok(())
}

/// Compares the counts, lets numbers go on after the last one given, and takes the mark
/// away.
fn end(tx: &mut Tx<'_>, tables: &[Table]) -> AppResult<()> {
    for table in tables {
        let name = &table.name;
        let sql = format!("select count(*) from {name}");
        let found: i64 = tx.one(&sql, args![], |row| row.get(0))?.unwrap_or(0);
        if found != table.rows {
            return Err(Refusal::new("migrate.differs")
                .with("table", name.as_str())
                .with("found", found)
                .with("wanted", table.rows)
                .into());
        }
        let numbered: Vec<String> = tx.all(
            "select attname::text from pg_attribute where attrelid = $1::text::regclass and attidentity <> ''",
            args![name],
            |row| row.get(0),
        )?;
        for column in numbered {
            let sql = format!(
                "select setval(pg_get_serial_sequence('{name}', '{column}'), coalesce(max({column}), 1), max({column}) is not null) from {name}"
            );
            tx.one(&sql, args![], |row| row.get::<i64>(0))?;
        }
    }
    Ok(tx.script("drop table moving")?)
}
