//! The `causo` command.

mod commands;
mod serve;

use causo::features::notifications::push::Reach;
use causo::platform::db::{Address, read_alone};
use causo::platform::deployment::{self, Deployment};
use causo::platform::migrate;
use causo::platform::problem::{AppError, AppResult, Language, Problem};
use causo::{demo, simulate};
use clap::{Parser, Subcommand};
use domain::refusal::Refusal;
use std::io::{IsTerminal, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
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
        /// Switches Web Push on: whom push services may ask, `mailto:…` or `https://…`.
        #[arg(long, env = "CAUSO_PUSH_CONTACT")]
        push_contact: Option<String>,
        /// A folder of recordings that boards and kiosks play in place of the voice built in.
        #[arg(long, env = "CAUSO_VOICE")]
        voice: Option<PathBuf>,
        /// Lets push services be on this machine: for tests.
        #[arg(long, hide = true)]
        push_loopback: bool,
    },
    /// Fills a new database with a demonstration.
    Demo {
        /// Which story it tells.
        #[arg(long, value_enum, default_value_t)]
        story: demo::Story,
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

/// A line on standard output.
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
            push_contact,
            voice,
            push_loopback,
        } => {
            let drain = Duration::from_secs(drain_s);
            let reach = if push_loopback {
                Reach::Loopback
            } else {
                Reach::World
            };
            let push = push_contact.as_deref().map(|contact| (contact, reach));
            let (replica, voice) = (replica.as_deref(), voice.as_deref());
            serve::serve(&cli.database, replica, push, voice, listen, drain)
        }
        Command::Demo {
            story,
            scale,
            if_new,
        } => {
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
            commands::make_demo(&cli.database, story, scale)
        }
        Command::Simulate { what } => commands::simulated(&cli.database, what),
        Command::Import {
            what: Import::Units { file },
        } => commands::import_units(&cli.database, &file),
        Command::Verify => commands::verify(&cli.database),
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
        Command::Migrate { from, to } => commands::move_over(&from, &to),
        Command::Admin {
            what: Admin::Create { login, name, place },
        } => commands::admin(&cli.database, &login, &name, &place),
        Command::Openapi => {
            // The text ends its own line.
            let _ = write!(std::io::stdout(), "{}", causo::openapi());
            Ok(())
        }
    }
}
