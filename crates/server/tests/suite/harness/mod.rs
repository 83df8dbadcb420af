//! The stage: the real router over real HTTP on a real database file, a clock that
//! stands still, people with roles, and `verify` after every play.

pub mod campaigns;
pub mod client;
pub mod facts;
pub mod folder;
pub mod people;
pub mod process;

use causo::App;
use causo::args;
use causo::features::desk;
use causo::features::facts::verify::verify;
use causo::features::lobby::Voice;
use causo::features::notifications::channels::Channels;
use causo::features::notifications::push::{Reach, WebPush};
use causo::features::notifications::sender;
use causo::features::questions::{carrier, zalo};
use causo::features::slips::telling;
use causo::platform::chores;
use causo::platform::clock::Clock;
use causo::platform::db::{Access, Address, Conn, Tx, read_alone};
use causo::platform::deployment::Deployment;
use causo::platform::problem::AppResult;
use client::{Client, Reply};
use domain::catalogue::Catalogue;
use folder::Folder;
use std::ffi::OsStr;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use time::OffsetDateTime;
use time::macros::datetime;
use tokio::runtime::Runtime;

/// When every play begins: a Sunday morning in the campaign.
pub const START: OffsetDateTime = datetime!(2024-10-13 09:00 +7);

/// Tỉnh Bình Định and some of its units until 1 July 2025.
pub const PROVINCE: &str = "63-52";
pub const QUY_NHON: &str = "63-540";
pub const AN_NHON: &str = "63-549";
pub const NHON_PHU: &str = "63-21553";
pub const DONG_DA: &str = "63-21556";
pub const DAP_DA: &str = "63-21910";

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime starts")
});

/// A running server with its database.
pub struct TestApp {
    pub app: Arc<App>,
    pub clock: Clock,
    pub folder: Folder,
    pub database: String,
    pub address: SocketAddr,
}

/// Plays on a fresh server that starts at [`START`]; afterwards the books must balance.
pub fn with_app(play: impl FnOnce(&TestApp)) {
    with_app_at(START, play);
}

/// The same at another moment.
pub fn with_app_at(start: OffsetDateTime, play: impl FnOnce(&TestApp)) {
    with_zalo(start, None, play);
}

/// The same with an official account on Zalo.
pub fn with_zalo(start: OffsetDateTime, zalo: Option<zalo::Config>, play: impl FnOnce(&TestApp)) {
    let folder = Folder::new();
    let database = fresh_database(&folder);
    let clock = Clock::still(start);
    let deployment = Deployment::open(&database, false).expect("it opens");
    let push = WebPush::open(
        &deployment.conn,
        &deployment.secret,
        "mailto:it@example.vn",
        Reach::Loopback,
    )
    .expect("it has a key");
    let app = App::start(
        &deployment.address.clone().into(),
        clock.clone(),
        &deployment.secret,
        false,
        Channels {
            push: Some(push),
            simulated: true,
            zalo,
        },
        Voice::default(),
    )
    .expect("it starts");
    drop(deployment);
    let router =
        causo::router(Arc::clone(&app)).into_make_service_with_connect_info::<SocketAddr>();
    let listener = RUNTIME
        .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
        .expect("there is a free port");
    let address = listener.local_addr().expect("the port is known");
    let server = RUNTIME.spawn(async move { axum::serve(listener, router).await });
    let test = TestApp {
        app,
        clock,
        folder,
        database,
        address,
    };
    play(&test);
    server.abort();
    need_balanced(&test.database);
}

/// Fails unless a recount of the whole ledger agrees with everything derived from it.
pub fn need_balanced(database: impl AsRef<OsStr>) {
    let deployment = deployment(database);
    let (catalogue, keys) = (Catalogue::bundled(), deployment.keys());
    let found = read_alone(&deployment.conn, |tx| verify(tx, &catalogue, &keys)).expect("it reads");
    assert_eq!(found.differences, [] as [String; 0]);
}

impl TestApp {
    /// A client that nobody signed in on.
    pub fn stranger(&self) -> Client {
        Client::new(self.address)
    }

    pub fn get(&self, path: &str) -> Reply {
        self.stranger().get(path)
    }

    /// Runs a command like a handler would.
    pub fn write<T: Send + 'static>(
        &self,
        command: impl FnOnce(&mut Tx<'_>) -> AppResult<T> + Send + 'static,
    ) -> AppResult<T> {
        RUNTIME.block_on(self.app.db.write(command))
    }

    /// Does what is done every ten minutes, if it is due; which chores were.
    pub fn chores(&self) -> Vec<&'static str> {
        RUNTIME.block_on(chores::look(&self.app, Duration::from_secs(600)))
    }

    /// Sends what is due besides the app; how many messages went out.
    pub fn send_due(&self) -> usize {
        RUNTIME
            .block_on(sender::send_due(&self.app))
            .expect("the outbox is read")
    }

    /// Takes in what was written on Zalo, and sends answers that are due; how many went out.
    pub fn carry(&self) -> usize {
        carry(&self.app)
    }

    /// Sends what is due to phones of residents; how many messages went out.
    pub fn send_slips(&self) -> usize {
        RUNTIME
            .block_on(telling::send_due(&self.app))
            .expect("the outbox is read")
    }

    /// Tells of crowded desks; how many moves were proposed anew.
    pub fn tell_crowded(&self) -> usize {
        RUNTIME
            .block_on(desk::tell_crowded(&self.app))
            .expect("the desks are read")
    }

    /// A number out of the database.
    pub fn count(&self, sql: &'static str) -> i64 {
        count(&self.database, sql)
    }
}

/// What [`TestApp::carry`] does, on another node.
pub fn carry(node: &Arc<App>) -> usize {
    RUNTIME
        .block_on(carrier::work(node))
        .expect("the messages are read")
}

/// A database opened like a command does.
pub fn deployment(database: impl AsRef<OsStr>) -> Deployment {
    let url = database.as_ref().to_str().expect("it is text");
    Deployment::open(url, false).expect("it opens")
}

/// A number out of a database.
pub fn count(database: impl AsRef<OsStr>, sql: &str) -> i64 {
    let found = read_alone(&deployment(database).conn, |tx| {
        Ok(tx.one(sql, args![], |row| row.get(0))?)
    });
    found.expect("it reads").expect("it counts")
}

/// The PostgreSQL this suite runs on, as `scripts/with-postgres` names it; on SQLite
/// without one.
pub fn postgres() -> Option<String> {
    std::env::var("CAUSO_TEST_POSTGRES").ok()
}

/// A migrated database with the whole territory, copied from one made before: loading
/// fourteen thousand places takes longer than most plays.
pub fn fresh_database(folder: &Folder) -> String {
    match postgres() {
        Some(server) => fresh_on_server(&server),
        None => fresh_file(folder),
    }
}

fn fresh_on_server(server: &str) -> String {
    static TEMPLATE: LazyLock<String> = LazyLock::new(|| {
        let server = postgres().expect("it is named");
        let name = format!("template_{}", std::process::id());
        let there = format!("{server}/{name}");
        on_server(&format!("create database {name}"));
        territory_only(&there);
        name
    });
    made_on_server(server, &format!("template {}", *TEMPLATE))
}

/// A database with nothing in it.
pub fn empty_on_server() -> String {
    made_on_server(&postgres().expect("scripts/with-postgres names it"), "")
}

fn made_on_server(server: &str, like: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("play_{}_{number}", std::process::id());
    on_server(&format!("create database {name} {like}"));
    format!("{server}/{name}")
}

/// Does something on the server, outside the plays' databases.
pub fn on_server(sql: &str) {
    let server = postgres().expect("it is named");
    let conn = Conn::open(
        &Address::Postgres(format!("{server}/postgres")),
        Access::Write,
    );
    conn.and_then(|conn| conn.script(sql))
        .expect("the server does it");
}

/// Makes a database by the real command, and forgets the administrator it made.
pub fn territory_only(database: &str) {
    let typed = "một mật khẩu đủ dài\n";
    let out = process::causo_typing(
        database,
        &["admin", "create", "--login", "x1x", "--name", "X"],
        typed,
    );
    assert!(out.ok, "{out:?}");
    deployment(database)
        .conn
        .script("delete from member_word; delete from member_grant; delete from member; update rev set value = 1")
        .expect("it forgets its administrator");
}

fn fresh_file(folder: &Folder) -> String {
    static TEMPLATE: LazyLock<PathBuf> = LazyLock::new(template);
    let database = folder.path("causo.db");
    for end in ["", ".key"] {
        let from = format!("{}{end}", TEMPLATE.display());
        std::fs::copy(from, format!("{}{end}", database.display())).expect("the template is there");
    }
    database.display().to_string()
}

/// Made once for each build of this suite, whatever runs its tests (one process or
/// one for each test), by the real command.
fn template() -> PathBuf {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let binary = std::fs::metadata(env!("CARGO_BIN_EXE_causo")).expect("the binary is there");
    let built = binary
        .modified()
        .ok()
        .and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    let mark = built.map_or(0, |at| at.as_millis());
    let done = home.join(format!("template-{mark}.db"));
    if done.exists() {
        return done;
    }
    let ours = format!("template-{mark}");
    for old in std::fs::read_dir(home).expect("it lists").flatten() {
        let name = old.file_name().to_string_lossy().into_owned();
        if name.starts_with("template-") && !name.starts_with(&ours) {
            // Another process may have been quicker.
            let _ = std::fs::remove_file(old.path());
        }
    }
    let folder = Folder::new();
    let made = folder.path("made.db");
    territory_only(&made.display().to_string());
    let conn = deployment(&made).conn;
    conn.script("vacuum; pragma wal_checkpoint(truncate)")
        .expect("it is one file");
    drop(conn);
    for end in [".key", ""] {
        let part = home.join(format!("part-{}{end}", std::process::id()));
        std::fs::copy(format!("{}{end}", made.display()), &part).expect("it copies");
        std::fs::rename(&part, format!("{}{end}", done.display())).expect("it renames");
    }
    done
}
