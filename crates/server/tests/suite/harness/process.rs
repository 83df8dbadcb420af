//! The real program as a process of its own.

use super::client::Client;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;

/// What a command did.
#[derive(Debug)]
pub struct Done {
    pub ok: bool,
    pub said: String,
    pub complained: String,
}

impl Done {
    /// Fails unless it refused in Vietnamese, with this code.
    #[track_caller]
    pub fn refused(&self, code: &str) {
        assert!(!self.ok, "{self:?}");
        assert!(self.complained.contains(&format!("[{code}]")), "{self:?}");
        let vietnamese = self
            .complained
            .chars()
            .any(|c| "ạảấầậẩếềệểốồộổớờợởứừựửịỉọỏụủđăâêôơư".contains(c));
        assert!(
            vietnamese && !self.complained.contains("panicked"),
            "{self:?}"
        );
    }

    #[track_caller]
    pub fn fine(&self) -> &str {
        assert!(self.ok, "{self:?}");
        &self.said
    }
}

/// The program, about to do something with a database.
pub fn command(database: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_causo"));
    command
        .env_remove("CAUSO_DATABASE")
        .env_remove("CAUSO_DRAIN_S")
        .env_remove("CAUSO_LISTEN")
        .env_remove("CAUSO_LOG")
        .env_remove("CAUSO_LOG_FORMAT")
        .arg("--database")
        .arg(database);
    command
}

/// Runs a command to its end.
pub fn causo(database: impl AsRef<OsStr>, args: &[&str]) -> Done {
    causo_typing(database, args, "")
}

/// The same with words on its standard input.
pub fn causo_typing(database: impl AsRef<OsStr>, args: &[&str], typed: &str) -> Done {
    done(command(database).args(args), typed)
}

/// Runs a command as it is to its end.
pub fn done(command: &mut Command, typed: &str) -> Done {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    // A command that reads nothing may be gone already.
    let _ = child
        .stdin
        .take()
        .expect("a pipe")
        .write_all(typed.as_bytes());
    let out = child.wait_with_output().expect("it ends");
    Done {
        ok: out.status.success(),
        said: String::from_utf8_lossy(&out.stdout).into_owned(),
        complained: String::from_utf8_lossy(&out.stderr).into_owned(),
    }
}

/// A server.
pub struct Server {
    child: Mutex<Child>,
    pub address: SocketAddr,
}

impl Server {
    /// Starts on a port of its own and waits until it says where it listens.
    pub fn start(database: impl AsRef<OsStr>) -> Self {
        Self::start_at("127.0.0.1:0", database, &[])
    }

    /// The same on an address, with more on its command line.
    pub fn start_at(address: &str, database: impl AsRef<OsStr>, more: &[&str]) -> Self {
        let mut command = command(database);
        Self::from_command(command.args(["serve", "--listen", address]).args(more))
    }

    /// The same, after `before` in a shell and with `after` on its command line.
    pub fn in_shell(before: &str, database: &str, after: &str) -> Self {
        let line = format!(
            "{before} exec {} --database {database} serve --listen 127.0.0.1:0 {after}",
            env!("CARGO_BIN_EXE_causo"),
        );
        Self::from_command(Command::new("sh").args(["-c", &line]))
    }

    pub fn from_command(command: &mut Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut said = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut first = String::new();
        said.read_line(&mut first).expect("it says something");
        let Some((_, address)) = first.trim().rsplit_once("http://") else {
            let mut complained = String::new();
            let _ = child
                .stderr
                .take()
                .expect("a pipe")
                .read_to_string(&mut complained);
            panic!("it did not start: {first} {complained}");
        };
        let address = address.parse().expect("an address");
        let (mut out, mut err) = (said, child.stderr.take().expect("a pipe"));
        // Full pipes would stop it.
        std::thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()));
        std::thread::spawn(move || std::io::copy(&mut err, &mut std::io::sink()));
        Self {
            child: Mutex::new(child),
            address,
        }
    }

    pub fn client(&self, cookie: &str) -> Client {
        Client::new(self.address).with_cookie(cookie)
    }

    /// kill -9.
    pub fn kill(&self) {
        let mut child = self.child.lock().expect("nobody panicked");
        child.kill().expect("it can be killed");
        child.wait().expect("it is gone");
    }

    /// Asks it politely to end.
    pub fn terminate(&self) {
        let id = self.child.lock().expect("nobody panicked").id().to_string();
        let sent = Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .expect("kill is there");
        assert!(sent.success());
    }

    pub fn wait(&self) -> ExitStatus {
        self.child
            .lock()
            .expect("nobody panicked")
            .wait()
            .expect("it ends")
    }

    pub fn is_up(&self) -> bool {
        matches!(
            self.child.lock().expect("nobody panicked").try_wait(),
            Ok(None)
        )
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Ok(mut child) = self.child.lock() {
            // It may have ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
