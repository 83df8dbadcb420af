//! One installation: its database file, its secret, and copies of both.

use super::clock::{Clock, random};
use super::db::{Access, Address, Conn, DbError, Tx, connect, read_alone, write_alone};
use super::migrate;
use super::problem::{AppError, AppResult};
use crate::args;
use domain::refusal::Refusal;
use domain::subjects::{Pseudonymiser, hex};
use rusqlite::backup::{Backup, StepResult};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// An open, migrated installation.
#[derive(Debug)]
pub struct Deployment {
    /// The database.
    pub address: Address,
    /// A connection for the command line; the server opens its own.
    pub conn: Conn,
    /// The secret behind the pseudonyms.
    pub secret: [u8; 32],
}

impl Deployment {
    /// Opens the installation at a database URL; `create` makes it when it is not there.
    ///
    /// # Errors
    /// A `cli.…` refusal, or the storage's.
    pub fn open(url: &str, create: bool) -> AppResult<Self> {
        Self::at(migrate::address_of(url)?, create)
    }

    /// The same where it is known already.
    ///
    /// # Errors
    /// As [`Deployment::open`].
    pub fn at(address: Address, create: bool) -> AppResult<Self> {
        let conn = migrate::open(&address, create)?;
        let secret = secret(&secret_path(&address), &conn)?;
        Ok(Self {
            address,
            conn,
            secret,
        })
    }

    /// Pseudonyms under this installation's secret.
    pub fn keys(&self) -> Pseudonymiser {
        Pseudonymiser::new(&self.secret)
    }

    /// The clock this installation runs on: shifted for a demonstration.
    ///
    /// # Errors
    /// The storage's.
    pub fn clock(&self) -> AppResult<Clock> {
        let shift_ms = self.demo_shift_ms()?.unwrap_or(0);
        Ok(Clock::machine(time::Duration::milliseconds(shift_ms)))
    }

    /// How far a demonstration's clock is shifted; `None` = this is no demonstration.
    ///
    /// # Errors
    /// The storage's.
    pub fn demo_shift_ms(&self) -> AppResult<Option<i64>> {
        let raw = read_alone(&self.conn, |tx| setting(tx, "demo_shift_ms"))?;
        Ok(raw.and_then(|raw| raw.parse().ok()))
    }

    /// The seed of a simulated nation; `None` = what is in here is not simulated.
    ///
    /// # Errors
    /// The storage's.
    pub fn simulated_seed(&self) -> AppResult<Option<u64>> {
        let raw = read_alone(&self.conn, |tx| setting(tx, "simulated_seed"))?;
        Ok(raw.and_then(|raw| raw.parse().ok()))
    }
}

/// A setting's value.
///
/// # Errors
/// The storage's.
pub fn setting(tx: &Tx<'_>, key: &str) -> AppResult<Option<String>> {
    Ok(tx.one(
        "select value from setting where key = $1",
        args![key],
        |row| row.get(0),
    )?)
}

/// Keeps a setting.
///
/// # Errors
/// The storage's.
pub fn set(tx: &mut Tx<'_>, key: &str, value: &str) -> AppResult<()> {
    tx.execute(
        "insert into setting (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value",
        args![key, value],
    )?;
    Ok(())
}

/// The secret lies beside the database, not in it: whoever copies the database alone
/// cannot try out identities against the pseudonyms. Before a database server, it lies
/// where `CAUSO_KEY` says, the same on every node.
fn secret_path(address: &Address) -> PathBuf {
    match address {
        Address::Sqlite(path) => beside(path, ".key"),
        Address::Postgres(_) => {
            let named = std::env::var_os("CAUSO_KEY").map(PathBuf::from);
            named.unwrap_or_else(|| PathBuf::from("data/causo.key"))
        }
    }
}

/// Lays a secret where an installation that is made now will look for its own; one
/// that is there already stays.
///
/// # Errors
/// `cli.database_url`, or the disk's.
pub fn lay_secret(url: &str, secret: &[u8; 32]) -> AppResult<()> {
    let path = secret_path(&migrate::address_of(url)?);
    match write_private(&path, secret) {
        Err(fault) if fault.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(AppError::Internal(fault.to_string()))
        }
        _ => Ok(()),
    }
}

/// The file next to `path` whose name goes on with `end`.
fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

fn secret(path: &Path, conn: &Conn) -> AppResult<[u8; 32]> {
    let mismatch = || {
        AppError::from(Refusal::new("cli.secret_mismatch").with("path", path.display().to_string()))
    };
    let mark = |secret: &[u8; 32]| hex(Pseudonymiser::new(secret).key("check", &[]));
    let read = || fs::read(path).ok().map(|bytes| bytes.try_into());
    let known = match read_alone(conn, |tx| setting(tx, "secret_check"))? {
        Some(known) => known,
        None => write_alone(conn, |tx| {
            migrate::take_turn(tx)?;
            if let Some(known) = setting(tx, "secret_check")? {
                return Ok(known);
            }
            let secret = match read() {
                Some(secret) => secret.map_err(|_| mismatch())?,
                None => {
                    let fresh = random::<32>();
                    write_private(path, &fresh)
                        .map_err(|fault| AppError::Internal(fault.to_string()))?;
                    fresh
                }
            };
            set(tx, "secret_check", &mark(&secret))?;
            Ok(mark(&secret))
        })?,
    };
    match read() {
        Some(Ok(secret)) if mark(&secret) == known => Ok(secret),
        _ => Err(mismatch()),
    }
}

/// Puts the secret where the nodes of another database look for it.
///
/// # Errors
/// `cli.secret_mismatch` where another one lies, or the disk's.
pub fn hand_over(secret: &[u8; 32], to: &Address) -> AppResult<()> {
    let path = secret_path(to);
    match fs::read(&path) {
        Ok(held) if held == secret => Ok(()),
        Ok(_) => Err(refuse("cli.secret_mismatch", &path)),
        Err(_) => {
            write_private(&path, secret).map_err(|fault| AppError::Internal(fault.to_string()))
        }
    }
}

/// Whole or not at all, however the program ends, and never over another.
fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let part = beside(path, &format!(".{}", std::process::id()));
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    let placed = fs::hard_link(&part, path);
    fs::remove_file(part)?;
    placed
}

fn refuse(code: &'static str, path: &Path) -> AppError {
    Refusal::new(code)
        .with("path", path.display().to_string())
        .into()
}

/// Copies a running installation to a new file, with its secret beside it.
///
/// # Errors
/// `cli.file_exists`, `cli.file_missing`, or the storage's.
pub fn backup(url: &str, to: &Path) -> AppResult<()> {
    let from = file_of(url)?;
    if !from.exists() {
        return Err(refuse("cli.file_missing", &from));
    }
    copy(&from, to)
}

/// Makes an installation from a backup; refuses where there is one already.
///
/// # Errors
/// `cli.file_exists`, `cli.file_missing`, `cli.database_corrupt`, or the storage's.
pub fn restore(from: &Path, url: &str) -> AppResult<()> {
    let to = file_of(url)?;
    if !from.exists() {
        return Err(refuse("cli.file_missing", from));
    }
    copy(from, &to)
}

/// A database server is copied with its own tools.
fn file_of(url: &str) -> AppResult<PathBuf> {
    match migrate::address_of(url)? {
        Address::Sqlite(path) => Ok(path),
        Address::Postgres(_) => Err(AppError::problem("cli.server_copy")),
    }
}

fn copy(from: &Path, to: &Path) -> AppResult<()> {
    // A log left behind by another database would be replayed into this one.
    let taken = ["", ".key", "-wal"].map(|end| beside(to, end));
    if let Some(taken) = taken.iter().find(|file| file.exists()) {
        return Err(refuse("cli.file_exists", taken));
    }
    let damaged = |fault: DbError| match fault {
        DbError::Corrupt(_) => refuse("cli.database_corrupt", from),
        other => AppError::Db(other),
    };
    // Under another name until it is whole, so that no half copy is ever taken for a backup.
    let part = beside(to, ".part");
    let source = connect(from, Access::Read).map_err(damaged)?;
    {
        let mut target = connect(&part, Access::Create)?;
        let backup = Backup::new(&source, &mut target).map_err(DbError::from)?;
        // In one step, so under one snapshot: between two steps a write would start it afresh.
        while backup.step(-1).map_err(|fault| damaged(fault.into()))? != StepResult::Done {
            // Somebody is opening or folding the log.
            std::thread::sleep(Duration::from_millis(2));
        }
    }
    let target = connect(&part, Access::Write)?;
    let sound: String = target
        .query_row("pragma integrity_check(1)", [], |row| row.get(0))
        .map_err(|fault| damaged(fault.into()))?;
    if sound != "ok" {
        return Err(refuse("cli.database_corrupt", from));
    }
    target
        .execute_batch("pragma wal_checkpoint(truncate)")
        .map_err(DbError::from)?;
    drop(target);
    let io = |fault: std::io::Error| AppError::Internal(fault.to_string());
    fs::File::open(&part)
        .and_then(|file| file.sync_all())
        .map_err(io)?;
    if let Ok(secret) = fs::read(beside(from, ".key")) {
        write_private(&beside(to, ".key"), &secret).map_err(io)?;
    }
    for leftover in ["-wal", "-shm"] {
        let leftover = beside(&part, leftover);
        if leftover.exists() {
            fs::remove_file(&leftover).map_err(io)?;
        }
    }
    fs::rename(&part, to).map_err(io)
}
