//! Forward-only migrations, one text for both databases, each in one transaction.

use super::db::{Access, Address, Conn, DbError, Tx, write_alone};
use super::problem::{AppError, AppResult};
use crate::args;
use domain::refusal::Refusal;
use std::path::{Path, PathBuf};

/// What both databases have, and what only PostgreSQL needs besides.
const MIGRATIONS: &[(&str, &str)] = &[
    (
        include_str!("../../migrations/0001_ground.sql"),
        include_str!("../../migrations/0001_ground.postgres.sql"),
    ),
    (include_str!("../../migrations/0002_people.sql"), ""),
    (include_str!("../../migrations/0003_time.sql"), ""),
    (include_str!("../../migrations/0004_support.sql"), ""),
    (include_str!("../../migrations/0005_notifications.sql"), ""),
    (include_str!("../../migrations/0006_experts.sql"), ""),
    (include_str!("../../migrations/0007_branch.sql"), ""),
    (include_str!("../../migrations/0008_desk.sql"), ""),
    (include_str!("../../migrations/0009_questions.sql"), ""),
    (include_str!("../../migrations/0010_ratings.sql"), ""),
    (include_str!("../../migrations/0011_safety.sql"), ""),
    (include_str!("../../migrations/0012_slips.sql"), ""),
    (include_str!("../../migrations/0013_logs.sql"), ""),
];

/// Nodes that start at once set their database up one after the other: they hold this.
const TURN: [u8; 16] = *b"setting it up.  ";

/// The database named by a URL: `postgres://…`, `sqlite:PATH`, or a plain path.
///
/// # Errors
/// `cli.database_url` for any other scheme or a missing folder: a mistyped URL must
/// not quietly make an empty database elsewhere.
pub fn address_of(url: &str) -> AppResult<Address> {
    let refuse =
        || AppError::Refused(Refusal::new("cli.database_url").with("url", without_password(url)));
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok(Address::Postgres(url.to_owned()));
    }
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
    if sound {
        Ok(Address::Sqlite(path))
    } else {
        Err(refuse())
    }
}

fn without_password(url: &str) -> String {
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, rest))) => format!("{scheme}://…@{rest}"),
        _ => url.to_owned(),
    }
}

/// Connects for writing, makes the file when asked to, checks the database and brings
/// it up to this build's schema.
///
/// # Errors
/// `cli.file_missing`, `cli.database_corrupt`, `cli.database_newer`,
/// `cli.database_unreachable`, `migrate.unfinished`, or the storage's.
pub fn open(address: &Address, create: bool) -> AppResult<Conn> {
    let access = if create {
        Access::Create
    } else {
        Access::Write
    };
    let conn = connect(address, access)?;
    migrate(&conn)?;
    Ok(conn)
}

/// Connects, and no more than looks whether there is a sound database.
///
/// # Errors
/// As [`open`].
pub fn connect(address: &Address, access: Access) -> AppResult<Conn> {
    let shown = match address {
        Address::Sqlite(path) => path.display().to_string(),
        Address::Postgres(url) => without_password(url),
    };
    let refuse = |code| AppError::Refused(Refusal::new(code).with("path", shown.as_str()));
    if let Address::Sqlite(path) = address
        && access != Access::Create
        && !path.exists()
    {
        return Err(refuse("cli.file_missing"));
    }
    let soundly = |fault: DbError| match (fault, address) {
        (DbError::Corrupt(_), _) => refuse("cli.database_corrupt"),
        (fault, Address::Postgres(_)) => {
            tracing::error!(?fault, "no connection");
            refuse("cli.database_unreachable")
        }
        (other, _) => AppError::Db(other),
    };
    let conn = Conn::open(address, access).map_err(soundly)?;
    // Reads the first page: a file that is something else, or cut short, shows here.
    super::db::read_alone(&conn, |tx| version(tx).map_err(soundly))?;
    Ok(conn)
}

/// Which migration the database has, 0 for none.
fn version(tx: &Tx<'_>) -> Result<i64, DbError> {
    let sql = if tx.is_sqlite() {
        "select user_version from pragma_user_version"
    } else {
        // A comment on the database's own schema: there is no table before the first migration.
        "select coalesce(nullif(obj_description('public'::regnamespace, 'pg_namespace'), 'standard public schema'), '0')::bigint"
    };
    Ok(tx.one(sql, args![], |row| row.get(0))?.unwrap_or(0))
}

/// Brings a database up to this build's schema.
///
/// # Errors
/// `cli.database_newer`, `migrate.unfinished`, or the storage's.
pub fn migrate(conn: &Conn) -> AppResult<()> {
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    for (number, (both, postgres)) in (1_i64..).zip(MIGRATIONS) {
        write_alone(conn, |tx: &mut Tx<'_>| {
            take_turn(tx)?;
            let version = version(tx)?;
            if version > known {
                return Err(Refusal::new("cli.database_newer")
                    .with("found", version)
                    .with("known", known)
                    .into());
            }
            if number <= version {
                return Ok(());
            }
            let sqlite = tx.is_sqlite();
            tx.script(&typed(both, sqlite))?;
            if sqlite {
                tx.script(&format!("pragma user_version = {number}"))?;
            } else {
                tx.script(postgres)?;
                tx.script(&format!("comment on schema public is '{number}'"))?;
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// Waits until nobody else sets this database up, until the transaction ends.
///
/// # Errors
/// `migrate.unfinished` where only a part of an installation is, or the storage's.
pub fn take_turn(tx: &mut Tx<'_>) -> AppResult<()> {
    wait_turn(tx)?;
    if half_moved(tx)? {
        return Err(AppError::problem("migrate.unfinished"));
    }
    Ok(())
}

/// Whether a move into this database has begun and not ended (`platform::moving`).
///
/// # Errors
/// The storage's.
pub fn half_moved(tx: &Tx<'_>) -> Result<bool, DbError> {
    if tx.is_sqlite() {
        return Ok(false);
    }
    let sql = "select to_regclass('moving') is not null";
    Ok(tx.one(sql, args![], |row| row.get(0))?.unwrap_or(false))
}

/// [`take_turn`], for the move itself.
///
/// # Errors
/// The storage's.
pub fn wait_turn(tx: &mut Tx<'_>) -> Result<(), DbError> {
    if !tx.is_sqlite() {
        // Whoever is at it loads a whole country: that takes longer than a write may.
        tx.script("set local lock_timeout = '5min'")?;
    }
    tx.hold(&[TURN])
}

/// The types that migrations name in braces, in SQLite and in PostgreSQL.
const TYPES: &[(&str, &str, &str)] = &[
    ("{int}", "integer", "bigint"),
    ("{bool}", "integer", "boolean"),
    (
        "{serial}",
        "integer primary key autoincrement",
        "bigint generated always as identity primary key",
    ),
    // Counted like a serial, but no key: of a partitioned table.
    (
        "{arrival}",
        "integer primary key autoincrement",
        "bigint generated always as identity",
    ),
    ("{day}", "integer", "date"),
    ("{instant}", "integer", "timestamptz"),
    ("{uuid}", "blob", "uuid"),
    ("{bytes}", "blob", "bytea"),
    ("{json}", "text", "jsonb"),
    // Compared byte by byte, like SQLite does: a subtree is a range of paths.
    ("{text}", "text", "text collate \"C\""),
    ("{clustered}", "without rowid", ""),
    ("{partitioned}", "", "partition by range (id)"),
];

fn typed(sql: &str, sqlite: bool) -> String {
    TYPES
        .iter()
        .fold(sql.to_owned(), |sql, (name, ours, theirs)| {
            sql.replace(name, if sqlite { ours } else { theirs })
        })
}

/// PostgreSQL's name of a type in braces, for a cast.
pub fn type_name(kind: &str) -> &'static str {
    let known = TYPES.iter().find(|(name, ..)| *name == kind);
    known.map_or("text", |(_, _, theirs)| match *theirs {
        "text collate \"C\"" => "text",
        plain => plain,
    })
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
            let fault = address_of(url).unwrap_err();
            assert_eq!(fault.code(), "cli.database_url");
            assert!(!format!("{fault:?}").contains("secret"));
        }
        let file = Address::Sqlite(PathBuf::from("x.db"));
        assert_eq!(address_of("sqlite:x.db").unwrap(), file);
    }

    #[test]
    fn a_file_that_is_no_database_is_refused_and_left_alone() {
        let path = std::env::temp_dir().join(format!("causo-corrupt-{}", std::process::id()));
        std::fs::write(&path, vec![b'x'; 8192]).unwrap();
        assert_eq!(
            open(&Address::Sqlite(path.clone()), true)
                .unwrap_err()
                .code(),
            "cli.database_corrupt"
        );
        assert_eq!(std::fs::read(&path).unwrap(), vec![b'x'; 8192]);
        std::fs::remove_file(&path).unwrap();
    }
}
