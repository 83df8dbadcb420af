//! A simulated nation on servers of its own: a durable PostgreSQL with two nodes, or a
//! file with one.

use crate::Done;
use crate::report::figure;
use crate::server::{self, Server};
use crate::stage::{Kind, Stage};
use causo::platform::db::read_alone;
use causo::platform::deployment::Deployment;
use causo::simulate::client::Client;
use causo::simulate::{CAMPAIGN, Ledger, Order, SEED, check, line};
use std::net::SocketAddr;
use std::process::Command;

/// Facts that are there before anything is measured.
pub const HISTORY: u32 = 200_000;
/// Goes up when kept databases have to be made again.
const VERSION: u32 = 2;

/// Servers and their database.
#[derive(Debug)]
pub struct Nation {
    /// What it runs on, in words.
    pub name: String,
    /// Its nodes.
    pub servers: Vec<Server>,
    stage: Stage,
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

/// A simulated nation, made once and kept.
///
/// # Errors
/// When it cannot be made.
pub fn kept(kind: &Kind, order: &Order) -> Done<Stage> {
    let Order {
        facts,
        provinces,
        teams_per_commune,
        ..
    } = order;
    let name = format!("nation_{facts}_{provinces}_{teams_per_commune}_v{VERSION}");
    let stage = kind.stage(&name)?;
    if stage.exists()? {
        return Ok(stage);
    }
    stage.clear()?;
    println!("(filling with {facts} facts once…)");
    let done = Command::new(server::causo())
        .args(["--database", &stage.url])
        .args(["simulate", "fill", "--facts", &facts.to_string()])
        .args(["--provinces", &provinces.to_string()])
        .args(["--teams-per-commune", &teams_per_commune.to_string()])
        .output()?;
    if done.status.success() {
        Ok(stage)
    } else {
        stage.remove()?;
        Err(String::from_utf8_lossy(&done.stderr).into())
    }
}

impl Nation {
    /// Two nodes on a server, or one on a file: each on a copy of the same nation.
    ///
    /// # Errors
    /// When they do not come up.
    pub fn on(kind: &Kind) -> Done<Self> {
        let kept = kept(kind, &Order::new(HISTORY))?;
        let stage = kind.stage("nation")?;
        stage.copy_of(&kept)?;
        let (name, nodes) = match kind {
            Kind::File => ("SQLite, one node".to_owned(), 1),
            Kind::Server(_) => (format!("PostgreSQL ({}), two nodes", stage.durable()?), 2),
        };
        let servers = (0..nodes).map(|_| Server::start(&stage.url));
        Ok(Self {
            name,
            servers: servers.collect::<Done<_>>()?,
            stage,
        })
    }

    /// Two nodes on the server that the environment names.
    ///
    /// # Errors
    /// When there is none, or they do not come up.
    pub fn on_server() -> Done<Self> {
        Self::on(&Kind::Server(std::env::var("CAUSO_TEST_POSTGRES")?))
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

    /// Stops the nodes and prints whether the ledger holds what was played, and balances.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn settle(mut self, played: &Ledger) -> Done<()> {
        self.servers.clear();
        let deployment = Deployment::open(&self.stage.url, false)?;
        let found = read_alone(&deployment.conn, |tx| check(tx, played))?;
        println!("  stored: {}", found.stored);
        println!("  {}", server::verify(&self.stage.url)?);
        for (what, count) in [
            ("facts lost", found.lost.len()),
            (
                "facts doubled or unknown",
                found.doubled.len() + found.strange.len(),
            ),
        ] {
            figure(what, count as f64, "= 0", count == 0);
        }
        Ok(())
    }
}

impl Drop for Nation {
    fn drop(&mut self) {
        self.servers.clear();
        // What is left over is removed before the next run.
        let _ = self.stage.remove();
    }
}
