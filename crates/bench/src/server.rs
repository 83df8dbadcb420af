//! The real server as a process of its own, and what the system says about it.

use crate::Done;
use causo::simulate::client::Client;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::ops::Range;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A running process that said where it listens.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// From its start to its first answer.
    pub first_answer: Duration,
}

/// The release build.
pub fn causo() -> PathBuf {
    std::env::var_os("CAUSO_BIN").map_or_else(|| "target/release/causo".into(), PathBuf::from)
}

/// CPU time a process has used, user and system; `self` is this one.
///
/// # Errors
/// When the process is gone.
pub fn cpu(process: &str) -> Done<Duration> {
    Ok(cpu_of(&stat(process)?, 11..13))
}

/// The same with the time of its children that ended.
///
/// # Errors
/// When the process is gone.
pub fn cpu_with_children(process: &str) -> Done<Duration> {
    Ok(cpu_of(&stat(process)?, 11..15))
}

/// The fields of a process's `stat` after its name.
fn stat(process: &str) -> Done<String> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    let (_, fields) = stat.rsplit_once(')').ok_or("no stat")?;
    Ok(fields.to_owned())
}

/// Time in some of these fields: user and system, then those of ended children, in
/// ticks of 10 ms.
pub fn cpu_of(fields: &str, which: Range<usize>) -> Duration {
    let fields = fields
        .split_whitespace()
        .skip(which.start)
        .take(which.len());
    let ticks: u64 = fields.flat_map(str::parse::<u64>).sum();
    Duration::from_millis(ticks * 10)
}

/// What `causo verify` says of a database.
///
/// # Errors
/// When it cannot be run.
pub fn verify(database: impl AsRef<OsStr>) -> Done<String> {
    let mut command = Command::new(causo());
    let done = command
        .arg("--database")
        .arg(database)
        .arg("verify")
        .output()?;
    let said = String::from_utf8_lossy(&done.stdout).replace('\n', " ");
    Ok(format!("verify: {}", said.trim()))
}

impl Server {
    /// `causo serve` on a database.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn start(database: impl AsRef<OsStr>) -> Done<Self> {
        let mut command = Command::new(causo());
        command.arg("--database").arg(database);
        Self::spawn(command.args(["serve", "--listen", "127.0.0.1:0"]))
    }

    /// Any command whose first line ends in `http://ADDRESS`.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn spawn(command: &mut Command) -> Done<Self> {
        let started = Instant::now();
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        let out = child.stdout.take().ok_or("no standard output")?;
        BufReader::new(out).read_line(&mut line)?;
        let (_, address) = line
            .trim()
            .split_once("http://")
            .ok_or("it did not start")?;
        let address = address.parse()?;
        Client::connect(address, "")?.get("/healthz")?;
        Ok(Self {
            child,
            address,
            first_answer: started.elapsed(),
        })
    }

    /// CPU time used so far, user and system.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn cpu(&self) -> Done<Duration> {
        cpu(&self.child.id().to_string())
    }

    /// A field of `/proc/PID/status` in megabytes.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn memory_mb(&self, field: &str) -> Done<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(field));
        let kb = line
            .and_then(|line| line.split_whitespace().next())
            .ok_or("no such field")?;
        Ok(kb.parse::<f64>()? / 1024.0)
    }
}

impl Drop for Server {
    /// Kills it: what it acknowledged is on disk.
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
