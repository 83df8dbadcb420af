//! Where a benchmark plays: a fresh copy of a database, on a file or on a server.

use crate::{Done, data, server};
use causo::args;
use causo::platform::db::{Access, Address, Conn, read_alone};
use domain::ids::MemberId;
use std::path::PathBuf;
use std::time::Duration;

/// A database made once and copied for every run.
#[derive(Debug)]
pub struct Stage {
    /// Where it is.
    pub address: Address,
    /// The same, as the command line takes it.
    pub url: String,
}

/// Which kind of database.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A file in the folder of benchmarks.
    File,
    /// A database on this server, as `scripts/with-postgres` names it.
    Server(String),
}

impl Kind {
    /// The kinds there are on this machine: a file, and a server where one is named.
    pub fn all() -> Vec<Self> {
        let server = std::env::var("CAUSO_TEST_POSTGRES").ok().map(Self::Server);
        [Some(Self::File), server].into_iter().flatten().collect()
    }

    /// How it is called in the table.
    pub fn name(&self) -> &'static str {
        match self {
            Self::File => "SQLite",
            Self::Server(_) => "PostgreSQL",
        }
    }

    /// The stage of this name.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn stage(&self, name: &str) -> Done<Stage> {
        Ok(match self {
            Self::File => {
                let path = data::folder()?.join(format!("{name}.db"));
                let url = path.display().to_string();
                let address = Address::Sqlite(path);
                Stage { address, url }
            }
            Self::Server(server) => {
                let url = format!("{server}/bench_{name}");
                let address = Address::Postgres(url.clone());
                Stage { address, url }
            }
        })
    }
}

impl Stage {
    /// Removes whatever is there, and leaves nothing or an empty database.
    ///
    /// # Errors
    /// The server's.
    pub fn clear(&self) -> Done<()> {
        self.make("")
    }

    /// Makes it a copy of another.
    ///
    /// # Errors
    /// The disk's or the server's.
    pub fn copy_of(&self, other: &Self) -> Done<()> {
        match (&self.address, &other.address) {
            (Address::Sqlite(to), Address::Sqlite(from)) => data::copy(from, to),
            _ => self.make(&format!("template {}", other.name())),
        }
    }

    fn make(&self, like: &str) -> Done<()> {
        self.remove()?;
        if let Address::Postgres(_) = self.address {
            self.on_server(&format!("create database {} {like}", self.name()))?;
            // What the copying left to be written must not fall into what is measured.
            self.on_server("checkpoint")?;
        }
        Ok(())
    }

    /// Removes it.
    ///
    /// # Errors
    /// The server's.
    pub fn remove(&self) -> Done<()> {
        match &self.address {
            Address::Sqlite(path) => data::remove(path),
            Address::Postgres(_) => {
                self.on_server(&format!(
                    "drop database if exists {} with (force)",
                    self.name()
                ))?;
            }
        }
        Ok(())
    }

    /// Whether it is there.
    ///
    /// # Errors
    /// The server's.
    pub fn exists(&self) -> Done<bool> {
        let Address::Postgres(url) = &self.address else {
            return Ok(std::path::Path::new(&self.url).exists());
        };
        let (server, name) = url.rsplit_once('/').ok_or("no server")?;
        let address = Address::Postgres(format!("{server}/postgres"));
        let found = read_alone(&Conn::open(&address, Access::Read)?, |tx| {
            let sql = "select 1 from pg_database where datname = $1";
            Ok(tx.one(sql, args![name], |row| row.get::<i64>(0))?)
        })?;
        Ok(found.is_some())
    }

    /// What its server says about keeping its promises.
    ///
    /// # Errors
    /// The server's.
    pub fn durable(&self) -> Done<String> {
        let conn = Conn::open(&self.address, Access::Read)?;
        let found = read_alone(&conn, |tx| {
            let sql = "select 'fsync ' || current_setting('fsync')";
            Ok(tx.one(sql, args![], |row| row.get(0))?)
        })?;
        Ok(found.ok_or("no server")?)
    }

    fn name(&self) -> &str {
        self.url.rsplit_once('/').map_or("", |(_, name)| name)
    }

    fn on_server(&self, sql: &str) -> Done<()> {
        let (server, _) = self.url.rsplit_once('/').ok_or("no server")?;
        let address = Address::Postgres(format!("{server}/postgres"));
        Ok(Conn::open(&address, Access::Write)?.script(sql)?)
    }

    /// A member.
    ///
    /// # Errors
    /// The storage's.
    pub fn somebody(&self) -> Done<MemberId> {
        let conn = Conn::open(&self.address, Access::Read)?;
        let found = read_alone(&conn, |tx| {
            Ok(tx.one("select id from member limit 1", args![], |row| row.get(0))?)
        })?;
        Ok(found.ok_or("there is nobody")?)
    }

    /// CPU time of this process and of the database server, all its processes.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn cpu(&self) -> Done<Duration> {
        Ok(server::cpu("self")? + self.server_cpu()?)
    }

    /// CPU time of the database server; none of a file.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn server_cpu(&self) -> Done<Duration> {
        let Address::Postgres(url) = &self.address else {
            return Ok(Duration::ZERO);
        };
        let conn = Conn::open(&Address::Postgres(url.clone()), Access::Read)?;
        let parent = read_alone(&conn, |tx| {
            Ok(tx.one(
                "select split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::bigint",
                args![],
                |row| row.get::<i64>(0),
            )?)
        })?;
        let parent = parent.ok_or("no server")?.to_string();
        let mut all = server::cpu_with_children(&parent)?;
        for process in std::fs::read_dir("/proc")? {
            let process: PathBuf = process?.path();
            // Processes come and go.
            let Ok(stat) = std::fs::read_to_string(process.join("stat")) else {
                continue;
            };
            let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
            if fields.split_whitespace().nth(1) == Some(parent.as_str()) {
                all += server::cpu_of(fields, 11..13);
            }
        }
        Ok(all)
    }
}
