//! The `causo` command.

use causo::features::members::{NewMember, Role, create, password};
use causo::features::places::import;
use causo::features::{facts, members};
use causo::platform::chores;
use causo::platform::clock::Clock;
use causo::platform::db::{Address, Databases, read_alone, write_alone};
use causo::platform::deployment::{self, Deployment};
use causo::platform::problem::{AppError, AppResult, Language, Problem};
use causo::platform::{migrate, moving};
use causo::{App, demo, simulate};
use clap::{Parser, Subcommand};
use domain::catalogue::Catalogue;
use domain::ids::{MemberId, PlaceId};
use domain::refusal::Refusal;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{BufRead, IsTerminal, Write};
use std::net::SocketAddr;
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tracing::Level;

/// Cầu Số: nền tảng điều hành các tổ công nghệ số cộng đồng.
#[derive(Parser)]
#[command(name = "causo", version, about, propagate_version = true)]
struct Cli {
    /// Database file, or `sqlite:PATH`.
    #[arg(
        long,
        global = true,
        env = "CAUSO_DATABASE",
        default_value = "data/causo.db"
    )]
    database: String,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the server; makes the database on first use.
    Serve {
        /// Address to listen on.
        #[arg(long, env = "CAUSO_LISTEN", default_value = "127.0.0.1:8080")]
        listen: SocketAddr,
        /// Seconds to go on serving when asked to end, while proxies turn to other nodes.
        #[arg(long, env = "CAUSO_DRAIN_S", default_value_t = 0)]
        drain_s: u64,
        /// A streaming replica (`postgres://…`) to take exports from.
        #[arg(long, env = "CAUSO_REPLICA")]
        replica: Option<String>,
    },
    /// Fills a new database with the Bình Định 2024 demonstration.
    Demo {
        /// Size of the world: 1 is the whole campaign, 0.01 a hundredth of its assists.
        #[arg(long, default_value_t = 1.0)]
        scale: f64,
        /// Says nothing when the demonstration is there already.
        #[arg(long)]
        if_new: bool,
    },
    /// A made-up nation, to try a deployment on and to measure with.
    Simulate {
        #[command(subcommand)]
        what: Simulate,
    },
    /// Brings official lists in.
    Import {
        #[command(subcommand)]
        what: Import,
    },
    /// Recounts everything from the ledger and compares.
    Verify,
    /// Copies the running database to a new file.
    Backup {
        /// Where to; must not exist.
        file: PathBuf,
    },
    /// Makes the database from a backup; refuses to overwrite.
    Restore {
        /// The backup.
        file: PathBuf,
    },
    /// Moves everything from a SQLite file to a new PostgreSQL database; an interrupted
    /// move goes on where it stopped.
    Migrate {
        /// The file, as `sqlite:PATH`.
        #[arg(long)]
        from: String,
        /// The server's empty database, as `postgres://…`.
        #[arg(long)]
        to: String,
    },
    /// Administrators.
    Admin {
        #[command(subcommand)]
        what: Admin,
    },
    /// Prints the description of the interface.
    Openapi,
}

#[derive(Subcommand)]
enum Simulate {
    /// Fills a new database with the months behind it.
    Fill(simulate::Order),
    /// Plays its traffic over HTTP against one or more servers.
    Play(simulate::play::Plan),
    /// Sends the same facts many times at once, in every order; each must count once.
    Race(simulate::race::Race),
    /// Compares what `play` and `race` noted with the database, and adds the database up.
    Check {
        /// Files that `--ledger-out` wrote.
        #[arg(long)]
        sent: Vec<PathBuf>,
    },
}

#[derive(Subcommand)]
enum Import {
    /// A list of administrative units, exactly as published.
    Units {
        /// The CSV file.
        file: PathBuf,
    },
}

#[derive(Subcommand)]
enum Admin {
    /// Makes an administrator; the password is read from standard input.
    Create {
        /// Login name.
        #[arg(long)]
        login: String,
        /// Full name.
        #[arg(long)]
        name: String,
        /// The place to administer: the whole country if absent.
        #[arg(long, default_value = "VN")]
        place: String,
    },
}

/// How long requests that have begun may take when the server stops listening.
const DRAIN_MAX: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    let cli = Cli::parse();
    start_log();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            let refusal = match &fault {
                AppError::Refused(refusal) => refusal.clone(),
                other => {
                    tracing::error!(fault = %other, cause = ?other, "failed");
                    match other.code() {
                        "internal" => Refusal::new("cli.failed"),
                        code => Refusal::new(code),
                    }
                }
            };
            let problem = Problem::of(&refusal, Language::Vi);
            // Nothing can be done when even standard error is closed.
            let _ = writeln!(
                std::io::stderr(),
                "{}\n{}\n[{}]",
                problem.title,
                problem.next,
                problem.code
            );
            ExitCode::FAILURE
        }
    }
}

/// Logs to standard error: lines for people, or with `CAUSO_LOG_FORMAT=json` an object each.
fn start_log() {
    let named = |name| std::env::var(name).ok();
    let level = named("CAUSO_LOG").and_then(|level| level.parse().ok());
    let log = tracing_subscriber::fmt()
        .with_max_level(level.unwrap_or(Level::INFO))
        .with_writer(std::io::stderr);
    if named("CAUSO_LOG_FORMAT").is_some_and(|format| format == "json") {
        log.json().flatten_event(true).with_span_list(false).init();
    } else {
        log.with_ansi(std::io::stderr().is_terminal()).init();
    }
    // What a panic says may quote what it choked on; where it happened is enough.
    std::panic::set_hook(Box::new(|panic| {
        let at = panic.location().map(ToString::to_string);
        tracing::error!(at, "panicked");
    }));
}

fn say(line: &str) {
    // Nothing can be done when standard output is closed.
    let _ = writeln!(std::io::stdout(), "{line}");
}

fn run(cli: Cli) -> AppResult<()> {
    match cli.command {
        Command::Serve {
            listen,
            drain_s,
            replica,
        } => {
            let drain = Duration::from_secs(drain_s);
            serve(&cli.database, replica.as_deref(), listen, drain)
        }
        Command::Demo { scale, if_new } => {
            let there = match migrate::address_of(&cli.database)? {
                Address::Sqlite(path) => path.exists(),
                Address::Postgres(_) => {
                    let deployment = Deployment::open(&cli.database, true)?;
                    !read_alone(&deployment.conn, migrate::is_new)?
                }
            };
            if if_new && there {
                return Ok(());
            }
            make_demo(&cli.database, scale)
        }
        Command::Simulate { what } => simulated(&cli.database, what),
        Command::Import {
            what: Import::Units { file },
        } => import_units(&cli.database, &file),
        Command::Verify => verify(&cli.database),
        Command::Backup { file } => {
            deployment::backup(&cli.database, &file)?;
            say(&format!(
                "Đã sao lưu vào {} (và tệp khóa {}.key).",
                file.display(),
                file.display()
            ));
            Ok(())
        }
        Command::Restore { file } => {
            deployment::restore(&file, &cli.database)?;
            say(&format!(
                "Đã phục hồi từ {}. Hãy chạy `causo verify`.",
                file.display()
            ));
            Ok(())
        }
        Command::Migrate { from, to } => move_over(&from, &to),
        Command::Admin {
            what: Admin::Create { login, name, place },
        } => admin(&cli.database, &login, &name, &place),
        Command::Openapi => {
            // The text ends its own line.
            let _ = write!(std::io::stdout(), "{}", causo::openapi());
            Ok(())
        }
    }
}

fn make_demo(url: &str, scale: f64) -> AppResult<()> {
    make(url, |deployment| {
        demo::load(deployment, scale, &mut |line| say(line))
    })?;
    say(demo::LOGINS);
    Ok(())
}

fn simulated(url: &str, what: Simulate) -> AppResult<()> {
    match what {
        Simulate::Fill(order) => {
            order.check()?;
            ensure_folder(url)?;
            simulate::lay_key(url, order.seed)?;
            make(url, |deployment| simulate::fill(deployment, &order))?;
            say(simulate::LOGINS);
            Ok(())
        }
        Simulate::Play(plan) => {
            let report = simulate::play::run(&plan)?;
            say(&report.to_string());
            report.need_whole()
        }
        Simulate::Race(race) => {
            let report = simulate::race::run(&race)?;
            say(&report.to_string());
            report.need_right()
        }
        Simulate::Check { sent } => {
            let mut played = simulate::Ledger::default();
            for file in &sent {
                played.read(file)?;
            }
            let deployment = Deployment::open(url, false)?;
            let (found, sum) = read_alone(&deployment.conn, |tx| {
                Ok((simulate::check(tx, &played)?, simulate::checksum(tx)?))
            })?;
            say(&sum.to_string());
            say(&format!(
                "Đã báo nhận: {}. Có trong sổ: {}. Chưa rõ: {}.",
                played.sum(),
                found.stored,
                played.unsure.len()
            ));
            found.need_right()?;
            say("Khớp: mỗi sự kiện đã báo nhận có đúng một lần, không có sự kiện lạ.");
            Ok(())
        }
    }
}

/// Makes an installation and fills it. A file is made under another name and moved into
/// place when it is whole, so that an interrupted one is simply made again.
fn make(url: &str, fill: impl FnOnce(&Deployment) -> AppResult<()>) -> AppResult<()> {
    ensure_folder(url)?;
    let path = match migrate::address_of(url)? {
        Address::Sqlite(path) => path,
        Address::Postgres(_) => return fill(&open_with_units(url)?),
    };
    if path.exists() {
        return Err(AppError::problem("demo.not_empty"));
    }
    let io = |fault: std::io::Error| AppError::Internal(fault.to_string());
    let part = path.with_extension("part");
    let files = |path: &std::path::Path| {
        ["", "-wal", "-shm", ".key"].map(|end| PathBuf::from(format!("{}{end}", path.display())))
    };
    for leftover in files(&part).iter().filter(|file| file.exists()) {
        std::fs::remove_file(leftover).map_err(io)?;
    }
    let ([_, _, _, part_key], [_, _, _, key]) = (files(&part), files(&path));
    if key.exists() {
        std::fs::copy(&key, &part_key).map_err(io)?;
    }
    let deployment = open_with_units(&part.display().to_string())?;
    // Nothing of it outlives an interruption, so nothing needs to be undone or on disk
    // before the end; and pages that are written again and again stay in memory.
    deployment.conn.script(
        "pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -400000",
    )?;
    fill(&deployment)?;
    deployment.conn.script(
        "pragma synchronous = full; pragma journal_mode = wal; pragma wal_checkpoint(truncate)",
    )?;
    drop(deployment);
    std::fs::File::open(&part)
        .and_then(|file| file.sync_all())
        .map_err(io)?;
    std::fs::rename(part_key, key).map_err(io)?;
    std::fs::rename(&part, &path).map_err(io)?;
    Ok(())
}

/// The default folder is ours to make; any other must be there already, so that a
/// mistyped path does not make a new database somewhere.
fn ensure_folder(url: &str) -> AppResult<()> {
    let path = PathBuf::from(url.strip_prefix("sqlite:").unwrap_or(url));
    match path.parent().filter(|folder| folder.as_os_str() == "data") {
        Some(folder) => {
            std::fs::create_dir_all(folder).map_err(|fault| AppError::Internal(fault.to_string()))
        }
        None => Ok(()),
    }
}

/// Opens the installation, makes it when it is new, and gives it the territory.
fn open_with_units(url: &str) -> AppResult<Deployment> {
    ensure_folder(url)?;
    let deployment = Deployment::open(url, true)?;
    write_alone(&deployment.conn, |tx| {
        migrate::take_turn(tx)?;
        let empty = tx
            .one("select 1 from place limit 1", causo::args![], |row| {
                row.get::<i64>(0)
            })?
            .is_none();
        if empty {
            let territory = vn::units::bundled();
            import::bring_in(tx, territory.units(), territory.successions())?;
        }
        Ok(())
    })?;
    Ok(deployment)
}

fn serve(url: &str, replica: Option<&str>, listen: SocketAddr, drain: Duration) -> AppResult<()> {
    let deployment = open_with_units(url)?;
    let (clock, demo) = (deployment.clock()?, deployment.demo_shift_ms()?.is_some());
    let simulated = deployment.simulated_seed()?.is_some();
    let new = read_alone(&deployment.conn, migrate::is_new)?;
    let replica = replica.map(migrate::address_of).transpose()?;
    if replica.as_ref().is_some_and(Address::is_file) {
        return Err(AppError::problem("cli.replica"));
    }
    let databases = Databases {
        primary: deployment.address.clone(),
        replica,
    };
    let app = App::start(&databases, clock, &deployment.secret, demo)?;
    drop(deployment);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(32)
        .build()
        .map_err(|fault| AppError::Internal(fault.to_string()))?;
    runtime.block_on(async move {
        let listener = tokio::net::TcpListener::bind(listen)
            .await
            .map_err(|_| Refusal::new("cli.address_in_use").with("address", listen.to_string()))?;
        let listening = listener
            .local_addr()
            .map_err(|fault| AppError::Internal(fault.to_string()))?;
        say(&format!("Cầu Số đang chạy: http://{listening}"));
        if simulated {
            say(simulate::LOGINS);
        } else if demo {
            say(demo::LOGINS);
        } else if new {
            say("Chưa có ai đăng nhập được. Tạo quản trị viên: causo admin create --login … --name …");
        }
        tell_supervisor("READY=1");
        tokio::spawn(chores::keep(Arc::clone(&app)));
        let service =
            causo::router(Arc::clone(&app)).into_make_service_with_connect_info::<SocketAddr>();
        // An answer's last part must not wait for the phone's word that it has the rest.
        let listener = axum::serve::ListenerExt::tap_io(listener, |stream| {
            if let Err(fault) = stream.set_nodelay(true) {
                tracing::debug!(%fault, "no TCP_NODELAY");
            }
        });
        let (closing, closed) = oneshot::channel();
        let until = async move {
            drained(&app, drain).await;
            // Nobody waits for it when serving has ended by itself.
            let _ = closing.send(());
        };
        let served = axum::serve(listener, service).with_graceful_shutdown(until);
        let patience_over = async {
            let _ = closed.await;
            tokio::time::sleep(DRAIN_MAX).await;
        };
        tokio::select! {
            done = served.into_future() => done.map_err(|fault| AppError::Internal(fault.to_string())),
            // Who has not finished by now would stay for ever.
            () = patience_over => Ok(()),
        }
    })
}

/// Waits until it is time to stop listening: asked to end, and nobody sent here any more,
/// or asked again.
async fn drained(app: &App, drain: Duration) {
    stopped().await;
    app.begin_to_end();
    tell_supervisor("STOPPING=1");
    tokio::select! {
        () = tokio::time::sleep(drain) => {}
        () = stopped() => {}
    }
}

/// Tells systemd, if it asks (`Type=notify`).
fn tell_supervisor(state: &str) {
    if let Some(socket) = std::env::var_os("NOTIFY_SOCKET") {
        let sent = UnixDatagram::unbound().and_then(|our| our.send_to(state.as_bytes(), socket));
        if let Err(fault) = sent {
            tracing::warn!(%fault, state, "the supervisor cannot be told");
        }
    }
}

/// Waits for Ctrl-C or SIGTERM.
async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

fn import_units(url: &str, file: &std::path::Path) -> AppResult<()> {
    let bytes = std::fs::read(file)
        .map_err(|_| Refusal::new("cli.file_missing").with("path", file.display().to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| AppError::problem("import.not_utf8"))?;
    let imported = vn::units::import(&text).map_err(|fault| match fault {
        vn::units::ImportError::Header { .. } => AppError::from(
            Refusal::new("import.unknown_format").with("expected", fault.to_string()),
        ),
        other => {
            use vn::units::ImportError::{Code, Csv, Label, Note};
            let line = match &other {
                Csv { line } | Code { line, .. } | Label { line, .. } | Note { line, .. } => *line,
                _ => 1,
            };
            Refusal::new("import.line")
                .with("line", line)
                .with("why", other.to_string())
                .into()
        }
    })?;
    let deployment = open_with_units(url)?;
    let done = write_alone(&deployment.conn, |tx| {
        import::bring_in(
            tx,
            imported.territory.units(),
            imported.territory.successions(),
        )
    })?;
    let report = &imported.report;
    say(&format!(
        "Đọc {} dòng dữ liệu; bỏ qua {} dòng tiêu đề; sửa {} ghi chú.",
        report.rows, report.titles, report.notes_normalised
    ));
    for warning in &report.warnings {
        say(&format!(
            "Cần xem lại, dòng {}: {warning:?}",
            warning.line()
        ));
    }
    if done.is_nothing() {
        say("Danh mục đã có đủ, không thay đổi gì.");
    } else {
        say(&format!(
            "Thêm {} đơn vị, {} tên gọi theo thời gian, {} quan hệ chuyển đổi.",
            done.places_added, done.names_changed, done.successions_added
        ));
    }
    Ok(())
}

fn move_over(from: &str, to: &str) -> AppResult<()> {
    let style = ProgressStyle::with_template("{bar:30} {percent} % · còn {eta} · {msg}");
    // Draws nothing where nobody watches.
    let bar =
        ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let rows = moving::migrate(from, to, &mut |doing, done, all| {
        bar.set_length(all.unsigned_abs());
        if done.unsigned_abs() < bar.position() {
            // It has read everything once, and begins to move it.
            bar.reset();
        }
        bar.set_position(done.unsigned_abs());
        bar.set_message(doing.to_owned());
    });
    bar.finish_and_clear();
    say(&format!(
        "Đã chuyển {} dòng, mọi bảng đủ số dòng. Hãy chạy `causo verify` ở nơi mới rồi mới cho máy chủ chạy, và cất tệp cũ đi.",
        vn::number::integer(rows?)
    ));
    Ok(())
}

fn verify(url: &str) -> AppResult<()> {
    let deployment = Deployment::open(url, false)?;
    let (catalogue, keys) = (Catalogue::bundled(), deployment.keys());
    let found = read_alone(&deployment.conn, |tx| {
        facts::verify::verify(tx, &catalogue, &keys)
    })?;
    say(&format!(
        "{} sự kiện, {} còn hiệu lực; {} ô số liệu và {} liên kết theo người, hộ, hồ sơ được đếm lại.",
        found.facts, found.standing, found.cells, found.links
    ));
    for difference in found.differences.iter().take(50) {
        say(&format!("Khác: {difference}"));
    }
    if found.differences.is_empty() {
        say("Sổ khớp.");
        Ok(())
    } else {
        Err(Refusal::new("cli.verify_failed")
            .with("differences", found.differences.len())
            .into())
    }
}

fn admin(url: &str, login: &str, name: &str, place: &str) -> AppResult<()> {
    let place = PlaceId::parse(place)
        .map_err(|_| Refusal::new("fact.place_unknown").with("place", place))?;
    let deployment = open_with_units(url)?;
    if std::io::stdin().is_terminal() {
        say("Mật khẩu (ít nhất 10 ký tự):");
    }
    let mut typed = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut typed)
        .map_err(|fault| AppError::Internal(fault.to_string()))?;
    let typed = typed.trim_end_matches(['\r', '\n']);
    let min = members::Role::Admin.password_chars_min();
    if typed.chars().count() < min {
        return Err(Refusal::new("auth.password_short").with("min", min).into());
    }
    let password_hash = password::hash(typed)?;
    let clock: Clock = deployment.clock()?;
    write_alone(&deployment.conn, |tx| {
        let known = tx.one(
            "select 1 from place where id = $1",
            causo::args![&place],
            |row| row.get::<i64>(0),
        )?;
        if known.is_none() {
            return Err(Refusal::new("fact.place_unknown")
                .with("place", place.as_str())
                .into());
        }
        let id = MemberId(clock.new_id());
        create(
            tx,
            &NewMember {
                id,
                login,
                name,
                password_hash: &password_hash,
                role: Role::Admin,
                place: &place,
                team: None,
                now: clock.now(),
            },
        )
    })?;
    say(&format!("Đã tạo quản trị viên {login}."));
    Ok(())
}
