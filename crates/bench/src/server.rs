//! The real server as a process of its own, and what the system says about it.

use crate::Done;
use causo::simulate::client::Client;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
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
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    let (_, fields) = stat.rsplit_once(')').ok_or("no stat")?;
    // User and system time, in ticks of 10 ms.
    let fields = fields.split_whitespace().skip(11).take(2);
    let ticks: u64 = fields.flat_map(str::parse::<u64>).sum();
    Ok(Duration::from_millis(ticks * 10))
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

    /// CPU time of the thread that writes.
    ///
    /// # Errors
    /// When there is none.
    pub fn writer_cpu(&self) -> Done<Duration> {
        let tasks = format!("/proc/{}/task", self.child.id());
        for task in std::fs::read_dir(tasks)? {
            let task = task?.path();
            if std::fs::read_to_string(task.join("comm"))?.trim() == "writer" {
                let task = task.display().to_string();
                return cpu(task.trim_start_matches("/proc/"));
            }
        }
        Err("no writer".into())
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
