//! What faults are made of: a preloaded disk and clock, a small disk, a line to the
//! database that can be cut, and a database server of one's own.

use crate::harness::folder::Folder;
use crate::harness::process::{Server, command};
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

pub const EIO: i64 = 5;
pub const EROFS: i64 = 30;

fn works(command: &mut Command) -> bool {
    let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|itself| itself.uid() == 0)
}

/// The library that is preloaded; none without a C compiler.
static PRELOAD: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/faults/preload.c");
    let made = Path::new(env!("CARGO_TARGET_TMPDIR")).join("preload.so");
    let part = made.with_extension(std::process::id().to_string());
    let flags = ["-shared", "-fPIC", "-O1", "-o"];
    let compiled = works(
        Command::new("cc")
            .args(flags)
            .arg(&part)
            .arg(source)
            .arg("-ldl"),
    );
    (compiled && std::fs::rename(part, &made).is_ok()).then_some(made)
});

/// Disk and clock of the processes that it is preloaded into.
pub struct Weather {
    library: PathBuf,
    told: PathBuf,
}

impl Weather {
    /// Calm; none without a C compiler.
    pub fn new(folder: &Folder) -> Option<Self> {
        let library = folder.path("preload.so");
        std::fs::copy(PRELOAD.as_ref()?, &library).expect("it copies");
        let told = folder.path("faults");
        std::fs::write(&told, [0; 24]).expect("it is written");
        Some(Self { library, told })
    }

    fn tell(&self, at: u64, number: i64) {
        let file = std::fs::OpenOptions::new().write(true).open(&self.told);
        let written = file.and_then(|file| file.write_all_at(&number.to_ne_bytes(), at * 8));
        written.expect("it is written");
    }

    pub fn syncs_take(&self, time: Duration) {
        self.tell(0, i64::try_from(time.as_millis()).expect("a short time"));
    }

    /// With this number; 0 = they do not.
    pub fn writes_fail(&self, errno: i64) {
        self.tell(1, errno);
    }

    pub fn clock_off(&self, seconds: i64) {
        self.tell(2, seconds);
    }

    fn over(&self) -> [(&'static str, &Path); 2] {
        [("LD_PRELOAD", &self.library), ("CAUSO_FAULTS", &self.told)]
    }

    /// A server in this weather.
    pub fn serve(&self, database: &str) -> Server {
        let mut command = command(database);
        Server::from_command(
            command
                .envs(self.over())
                .args(["serve", "--listen", "127.0.0.1:0"]),
        )
    }
}

/// A small disk.
pub struct Disk(PathBuf);

impl Disk {
    /// Only root may.
    pub fn new(at: &Path, size_mb: usize) -> Option<Self> {
        std::fs::create_dir(at).expect("a folder");
        let size = format!("size={size_mb}m,mode=0777");
        let mounted = works(
            Command::new("mount")
                .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
                .arg(at),
        );
        mounted.then(|| Self(at.to_owned()))
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Leaves nothing free.
    pub fn fill(&self) {
        let mut ballast = std::fs::File::create(self.path("ballast")).expect("it is made");
        while ballast.write_all(&[0; 4096]).is_ok() {}
    }

    pub fn free(&self) {
        std::fs::remove_file(self.path("ballast")).expect("it is there");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        works(Command::new("umount").arg("-l").arg(&self.0));
    }
}

/// What happens to what is sent along a [`Line`].
#[derive(Clone, Copy, PartialEq)]
pub enum Course {
    Through,
    /// Each piece takes 20 ms.
    Slow,
    /// Nothing arrives, and nobody is told.
    Hangs,
    Cut,
}

/// A line to the database server that passes through here.
pub struct Line {
    folder: PathBuf,
    course: Arc<AtomicU8>,
    ends: Arc<Mutex<Vec<UnixStream>>>,
}

const SOCKET: &str = ".s.PGSQL.5432";

impl Line {
    /// To the server that the suite runs on.
    pub fn new(folder: &Folder) -> Self {
        let server = crate::harness::postgres().expect("scripts/with-postgres names it");
        let (_, socket) = server.rsplit_once('@').expect("it is reached by a socket");
        let there = PathBuf::from(socket.replace("%2F", "/")).join(SOCKET);
        let folder = folder.path("line");
        std::fs::create_dir(&folder).expect("a folder");
        let here = UnixListener::bind(folder.join(SOCKET)).expect("it listens");
        let (course, ends) = (Arc::new(AtomicU8::new(0)), Arc::new(Mutex::new(Vec::new())));
        let line = Self {
            folder,
            course: Arc::clone(&course),
            ends: Arc::clone(&ends),
        };
        std::thread::spawn(move || {
            for near in here.incoming().flatten() {
                if course.load(Ordering::SeqCst) == Course::Cut as u8 {
                    continue;
                }
                let Ok(far) = UnixStream::connect(&there) else {
                    continue;
                };
                let copies = [near.try_clone(), far.try_clone()].map(|end| end.expect("a copy"));
                ends.lock().unwrap().extend(copies);
                for (mut from, mut to) in [
                    (
                        near.try_clone().expect("a copy"),
                        far.try_clone().expect("a copy"),
                    ),
                    (far, near),
                ] {
                    let course = Arc::clone(&course);
                    std::thread::spawn(move || carry(&mut from, &mut to, &course));
                }
            }
        });
        line
    }

    /// The database of this name, along this line.
    pub fn to(&self, database: &str) -> String {
        let (_, name) = database.rsplit_once('/').expect("it has a name");
        let folder = self.folder.display().to_string().replace('/', "%2F");
        format!("postgres://causo@{folder}/{name}")
    }

    pub fn set(&self, course: Course) {
        self.course.store(course as u8, Ordering::SeqCst);
        if course == Course::Cut {
            for end in self.ends.lock().unwrap().drain(..) {
                // It may have ended by itself.
                let _ = end.shutdown(Shutdown::Both);
            }
        }
    }
}

fn carry(from: &mut UnixStream, to: &mut UnixStream, course: &AtomicU8) {
    let mut piece = [0; 8192];
    while let Ok(length @ 1..) = from.read(&mut piece) {
        while course.load(Ordering::SeqCst) == Course::Hangs as u8 {
            std::thread::sleep(Duration::from_millis(5));
        }
        if course.load(Ordering::SeqCst) == Course::Slow as u8 {
            std::thread::sleep(Duration::from_millis(20));
        }
        if to.write_all(&piece[..length]).is_err() {
            break;
        }
    }
    // The other end may be gone already.
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}

/// A network of its own, for a machine that can vanish.
pub struct Island(u32);

impl Island {
    /// Only root may make one.
    pub fn new() -> Option<Self> {
        let island = Self(std::process::id());
        let (name, ours, theirs) = (island.name(), island.end('a'), island.end('b'));
        let made = island.ip(&["netns", "add", &name])
            && island.ip(&[
                "link", "add", &ours, "type", "veth", "peer", "name", &theirs,
            ])
            && island.ip(&["link", "set", &theirs, "netns", &name])
            && island.ip(&[
                "addr",
                "add",
                &format!("{}/30", island.address(1)),
                "dev",
                &ours,
            ])
            && island.ip(&["link", "set", &ours, "up"])
            && island.ip(&[
                "-n",
                &name,
                "addr",
                "add",
                &format!("{}/30", island.address(2)),
                "dev",
                &theirs,
            ])
            && island.ip(&["-n", &name, "link", "set", &theirs, "up"]);
        made.then_some(island)
    }

    fn name(&self) -> String {
        format!("causo_{}", self.0)
    }

    fn end(&self, which: char) -> String {
        format!("cs{}{which}", self.0)
    }

    fn address(&self, host: u8) -> String {
        format!("10.{}.{}.{host}", 64 + self.0 / 256 % 128, self.0 % 256)
    }

    fn ip(&self, args: &[&str]) -> bool {
        works(Command::new("ip").args(args))
    }

    /// No packet arrives any more, and nobody is told.
    pub fn vanish(&self) {
        assert!(self.ip(&["link", "set", &self.end('a'), "down"]));
    }

    pub fn appear(&self) {
        assert!(self.ip(&["link", "set", &self.end('a'), "up"]));
    }
}

impl Drop for Island {
    fn drop(&mut self) {
        self.ip(&["link", "del", &self.end('a')]);
        self.ip(&["netns", "del", &self.name()]);
    }
}

/// A PostgreSQL whose disk, network and end are in our hands.
pub struct OwnServer {
    home: PathBuf,
    weather: Option<Weather>,
    pub island: Option<Island>,
}

impl OwnServer {
    /// Makes one under `home`, on an island where there can be one.
    pub fn start(folder: &Folder, home: PathBuf) -> Self {
        let server = Self {
            home,
            weather: Weather::new(folder),
            island: Island::new(),
        };
        if is_root() {
            works(Command::new("chown").arg("postgres").arg(&server.home));
        }
        let flags = [
            "-U",
            "causo",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
        ];
        let mut made = server.tool("initdb");
        let made = works(
            made.args(flags)
                .args(["-N", "--wal-segsize=1", "-D"])
                .arg(server.data()),
        );
        assert!(made, "initdb");
        let hosts = std::fs::OpenOptions::new()
            .append(true)
            .open(server.data().join("pg_hba.conf"));
        let opened = hosts.and_then(|mut file| file.write_all(b"host all all 10.0.0.0/8 trust\n"));
        opened.expect("it is written");
        server.begin();
        server
    }

    fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    /// One of its programs, as the user it insists on.
    fn tool(&self, name: &str) -> Command {
        let mut words = vec![name];
        if is_root() {
            words.splice(..0, ["runuser", "-u", "postgres", "--"]);
        }
        let island = self.island.as_ref().map(Island::name);
        if let Some(island) = &island {
            words.splice(..0, ["ip", "netns", "exec", island]);
        }
        let mut command = Command::new(words[0]);
        command.args(&words[1..]);
        command.current_dir(&self.home);
        command
    }

    /// Starts it, unless it runs.
    pub fn begin(&self) {
        let weather = self.weather.iter().flat_map(Weather::over);
        let options = format!(
            "-k {} -c listen_addresses={} -c max_locks_per_transaction=256 -c shared_buffers=32MB -c max_wal_size=8MB -c min_wal_size=2MB -c restart_after_crash=on",
            self.home.display(),
            self.island
                .as_ref()
                .map_or(String::new(), |island| island.address(2)),
        );
        let log = self.home.join("log");
        works(
            self.tool("pg_ctl")
                .envs(weather)
                .arg("-D")
                .arg(self.data())
                .arg("-l")
                .arg(log)
                .args(["-w", "-o", &options, "start"]),
        );
    }

    /// As if the machine's power were gone.
    pub fn kill(&self) {
        works(
            self.tool("pg_ctl")
                .arg("-D")
                .arg(self.data())
                .args(["-m", "immediate", "stop"]),
        );
    }

    pub fn weather(&self) -> Option<&Weather> {
        self.weather.as_ref()
    }

    pub fn url(&self, database: &str) -> String {
        match &self.island {
            Some(island) => format!("postgres://causo@{}/{database}", island.address(2)),
            None => self.near(database),
        }
    }

    /// On its own machine, whatever becomes of the network.
    pub fn near(&self, database: &str) -> String {
        let host = self.home.display().to_string().replace('/', "%2F");
        format!("postgres://causo@{host}/{database}")
    }
}

impl Drop for OwnServer {
    fn drop(&mut self) {
        self.kill();
    }
}
