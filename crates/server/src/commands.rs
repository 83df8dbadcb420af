//! What the commands do, but for `serve`.

use super::{Simulate, say};
use causo::features::members::{NewMember, Role, create, password};
use causo::features::places::import;
use causo::features::{facts, members};
use causo::platform::clock::Clock;
use causo::platform::db::{Address, read_alone, write_alone};
use causo::platform::deployment::Deployment;
use causo::platform::problem::{AppError, AppResult};
use causo::platform::{migrate, moving};
use causo::{demo, simulate};
use domain::catalogue::Catalogue;
use domain::ids::{MemberId, PlaceId};
use domain::refusal::Refusal;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{BufRead, IsTerminal};
use std::path::PathBuf;

/// Makes the demonstration.
pub fn make_demo(url: &str, story: demo::Story, scale: f64) -> AppResult<()> {
    make(url, |deployment| {
        demo::load(deployment, story, scale, &mut |line| say(line))
    })?;
    say(demo::LOGINS);
    Ok(())
}

/// Fills, plays and checks a simulated nation.
pub fn simulated(url: &str, what: Simulate) -> AppResult<()> {
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
pub fn open_with_units(url: &str) -> AppResult<Deployment> {
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

/// Brings an official list of units in.
pub fn import_units(url: &str, file: &std::path::Path) -> AppResult<()> {
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

/// Moves a file over to a server, with a bar that says how far it is.
pub fn move_over(from: &str, to: &str) -> AppResult<()> {
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

/// Recounts everything from the ledger.
pub fn verify(url: &str) -> AppResult<()> {
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

/// Makes an administrator; the password comes from standard input.
pub fn admin(url: &str, login: &str, name: &str, place: &str) -> AppResult<()> {
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
