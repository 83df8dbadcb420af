//! Forward-only migrations, each in one transaction, remembered in `user_version`.

use super::db::{Access, DbError, Tx, connect, write_alone};
use super::problem::{AppError, AppResult};
use crate::args;
use domain::refusal::Refusal;
use rusqlite::Connection;
use std::path::{Path, PathBuf};

const MIGRATIONS: &[&str] = &[include_str!("../../migrations/0001_ground.sql")];

/// The file named by a database URL: `sqlite:PATH`, or a plain path.
///
/// # Errors
/// `cli.database_url` for any other scheme or a missing folder: a mistyped URL must
/// not quietly make an empty database elsewhere.
pub fn file_of(url: &str) -> AppResult<PathBuf> {
    let refuse =
        || AppError::Refused(Refusal::new("cli.database_url").with("url", without_password(url)));
    let path = match url.strip_prefix("sqlite:") {
        Some(rest) => rest.strip_prefix("//").unwrap_or(rest),
        None if url.contains(':') => return Err(refuse()),
        None => url,
    };
    let path = PathBuf::from(path);
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let sound = path.file_name().is_some() && folder.is_none_or(Path::is_dir) && !path.is_dir();
    if sound { Ok(path) } else { Err(refuse()) }
}

fn without_password(url: &str) -> String {
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, rest))) => format!("{scheme}://…@{rest}"),
        _ => url.to_owned(),
    }
}

/// Opens the file for writing, makes it when asked to, checks it and brings it up
/// to this build's schema.
///
/// # Errors
/// `cli.file_missing`, `cli.database_corrupt`, `cli.database_newer`, or the storage's.
pub fn open(path: &Path, create: bool) -> AppResult<Connection> {
    let refuse =
        |code| AppError::Refused(Refusal::new(code).with("path", path.display().to_string()));
    if !create && !path.exists() {
        return Err(refuse("cli.file_missing"));
    }
    let soundly = |fault: DbError| match fault {
        DbError::Corrupt(_) => refuse("cli.database_corrupt"),
        other => AppError::Db(other),
    };
    let conn = connect(
        path,
        if create {
            Access::Create
        } else {
            Access::Write
        },
    )
    .map_err(soundly)?;
    // Reads the first page: a file that is something else, or cut short, shows here.
    conn.query_row("pragma schema_version", [], |row| row.get::<_, i64>(0))
        .map_err(|fault| soundly(fault.into()))?;
    migrate(&conn)?;
    Ok(conn)
}

fn migrate(conn: &Connection) -> AppResult<()> {
    let version: i64 = conn
        .query_row("pragma user_version", [], |row| row.get(0))
        .map_err(DbError::from)?;
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    if version > known {
        return Err(Refusal::new("cli.database_newer")
            .with("found", version)
            .with("known", known)
            .into());
    }
    for (number, sql) in (1_i64..)
        .zip(MIGRATIONS)
        .filter(|(number, _)| *number > version)
    {
        write_alone(conn, |tx: &mut Tx<'_>| {
            tx.script(&for_sqlite(sql))?;
            tx.script(&format!("pragma user_version = {number}"))?;
            Ok(())
        })?;
    }
    Ok(())
}

fn for_sqlite(sql: &str) -> String {
    const TYPES: &[(&str, &str)] = &[
        ("{int}", "integer"),
        ("{bool}", "integer"),
        ("{serial}", "integer primary key autoincrement"),
        ("{day}", "integer"),
        ("{instant}", "integer"),
        ("{uuid}", "blob"),
        ("{bytes}", "blob"),
        ("{json}", "text"),
        ("{clustered}", "without rowid"),
    ];
    TYPES
        .iter()
        .fold(sql.to_owned(), |sql, (name, kind)| sql.replace(name, kind))
}

/// Whether the database holds no members yet.
///
/// # Errors
/// The storage's.
pub fn is_new(tx: &Tx<'_>) -> AppResult<bool> {
    Ok(tx
        .one("select 1 from member limit 1", args![], |row| {
            row.get::<i64>(0)
        })?
        .is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_url_is_refused_and_shows_no_password() {
        for url in [
            "postgress://u:secret@host/db",
            "sqlite:/no/such/folder/x.db",
            "sqlite:",
            "http://x",
        ] {
            let fault = file_of(url).unwrap_err();
            assert_eq!(fault.code(), "cli.database_url");
            assert!(!format!("{fault:?}").contains("secret"));
        }
        assert_eq!(file_of("sqlite:x.db").unwrap(), PathBuf::from("x.db"));
    }

    #[test]
    fn a_file_that_is_no_database_is_refused_and_left_alone() {
        let path = std::env::temp_dir().join(format!("causo-corrupt-{}", std::process::id()));
        std::fs::write(&path, vec![b'x'; 8192]).unwrap();
        assert_eq!(
            open(&path, true).unwrap_err().code(),
            "cli.database_corrupt"
        );
        assert_eq!(std::fs::read(&path).unwrap(), vec![b'x'; 8192]);
        std::fs::remove_file(&path).unwrap();
    }
}
