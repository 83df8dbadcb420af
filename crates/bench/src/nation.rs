//! A simulated nation on servers of its own: a durable PostgreSQL with two nodes, or a
//! file with one.

use crate::server::{self, Server};
use crate::{Done, data};
use causo::platform::db::{Access, Address, Conn, read_alone};
use causo::platform::deployment::Deployment;
use causo::simulate::client::Client;
use causo::simulate::{CAMPAIGN, Ledger, SEED, check, line};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;

/// Facts that are there before anything is measured.
pub const HISTORY: u32 = 200_000;
/// Goes up when kept databases have to be made again.
const VERSION: u32 = 1;

/// Servers and their database.
#[derive(Debug)]
pub struct Nation {
    /// What it runs on, in words.
    pub name: &'static str,
    /// Its nodes.
    pub servers: Vec<Server>,
    database: String,
    /// A file that goes with it.
    file: Option<PathBuf>,
}

/// Runs this program again beside a durable PostgreSQL, unless it is already; whether
/// the work was done there.
///
/// # Errors
/// When it could not be run, or failed.
pub fn beside_postgres(words: &[&str]) -> Done<bool> {
    if std::env::var_os("CAUSO_TEST_POSTGRES").is_some() {
        return Ok(false);
    }
    let done = Command::new("scripts/with-postgres")
        .env("CAUSO_POSTGRES_DURABLE", "1")
        .arg(std::env::current_exe()?)
        .args(words)
        .status()?;
    if done.success() {
        Ok(true)
    } else {
        Err("it failed beside PostgreSQL".into())
    }
}

fn filled(database: &str) -> Done<()> {
    println!("(filling with {HISTORY} facts…)");
    let done = Command::new(server::causo())
        .args(["--database", database])
        .args(["simulate", "fill", "--facts", &HISTORY.to_string()])
        .output()?;
    if done.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&done.stderr).into())
    }
}

impl Nation {
    /// Two nodes on a database of their own on the server.
    ///
    /// # Errors
    /// When they do not come up.
    pub fn on_server(name: &str) -> Done<Self> {
        let server = std::env::var("CAUSO_TEST_POSTGRES")?;
        let all = Address::Postgres(format!("{server}/postgres"));
        Conn::open(&all, Access::Write)?.script(&format!("create database {name}"))?;
        let database = format!("{server}/{name}");
        filled(&database)?;
        // What was only just written is not what is measured.
        Conn::open(&all, Access::Write)?.script("checkpoint")?;
        Ok(Self {
            name: "PostgreSQL, two nodes",
            servers: vec![Server::start(&database)?, Server::start(&database)?],
            database,
            file: None,
        })
    }

    /// One node on a file.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn on_file() -> Done<Self> {
        let kept = data::folder()?.join(format!("nation-{HISTORY}-v{VERSION}.db"));
        if !kept.exists() {
            filled(&kept.display().to_string())?;
        }
        let file = data::folder()?.join("nation.db");
        data::copy(&kept, &file)?;
        let database = file.display().to_string();
        Ok(Self {
            name: "SQLite, one node",
            servers: vec![Server::start(&database)?],
            database,
            file: Some(file),
        })
    }

    /// Asks every node for the nation's progress, so that it keeps the campaign in memory
    /// and follows what is counted, as when officers watch.
    ///
    /// # Errors
    /// When one does not answer.
    pub fn watched(self) -> Done<Self> {
        for address in self.addresses() {
            let mut screen = Client::connect(address, &line::cookie(SEED, 0))?;
            screen.get(&format!(
                "/api/v1/campaigns/{}/progress?place=VN",
                CAMPAIGN.0
            ))?;
        }
        Ok(self)
    }

    /// Where its nodes listen.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.servers.iter().map(|server| server.address).collect()
    }

    /// Memory of all nodes, in megabytes.
    ///
    /// # Errors
    /// When one is gone.
    pub fn memory_mb(&self) -> Done<f64> {
        let each = self.servers.iter().map(|node| node.memory_mb("VmRSS:"));
        each.sum()
    }

    /// Stops the nodes and says whether the ledger holds what was played, and balances:
    /// how many facts were lost, and how many there should not be.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn settle(mut self, played: &Ledger) -> Done<(usize, usize)> {
        self.servers.clear();
        let deployment = Deployment::open(&self.database, false)?;
        let found = read_alone(&deployment.conn, |tx| check(tx, played))?;
        println!("  stored: {}", found.stored);
        println!("  {}", server::verify(&self.database)?);
        Ok((found.lost.len(), found.doubled.len() + found.strange.len()))
    }
}

impl Drop for Nation {
    fn drop(&mut self) {
        self.servers.clear();
        if let Some(file) = &self.file {
            data::remove(file);
        }
    }
}
