//! Databases and batches to measure with.

use crate::stage::Stage;
use crate::{Done, server};
use causo::demo::{self, Life};
use causo::features::places::import;
use causo::platform::db::write_alone;
use causo::platform::deployment::Deployment;
use domain::catalogue::Catalogue;
use domain::facts::{Fact, Rules, parse};
use domain::ids::MemberId;
use domain::subjects::Pseudonymiser;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Facts in one batch.
pub const BATCH: usize = 50;
/// Goes up when kept databases have to be made again.
const VERSION: u32 = 3;

/// A phone's batch, ready to send, and the rows it comes to.
#[derive(Debug)]
pub struct Batch {
    /// The request's body.
    pub body: Vec<u8>,
    /// The same facts as the server reads them.
    pub facts: Vec<Fact>,
    /// Which of the clients sends it: one person's facts stay in order.
    pub lane: usize,
}

/// Files of a database.
fn files(path: &Path) -> [PathBuf; 4] {
    ["", ".key", "-wal", "-shm"].map(|end| PathBuf::from(format!("{}{end}", path.display())))
}

/// Removes a database.
pub fn remove(path: &Path) {
    for file in files(path) {
        // It need not be there.
        let _ = fs::remove_file(file);
    }
}

/// Copies a closed database with its key.
///
/// # Errors
/// The disk's.
pub fn copy(from: &Path, to: &Path) -> Done<()> {
    remove(to);
    for (from, to) in files(from).iter().zip(files(to)).take(2) {
        fs::copy(from, &to)?;
        fs::File::open(&to)?.sync_all()?;
    }
    Ok(())
}

/// The folder databases are kept in, on the disk of the repository.
///
/// # Errors
/// The disk's.
pub fn folder() -> Done<PathBuf> {
    let folder = PathBuf::from(".cache/bench");
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// The campaign with its people and targets and nothing recorded, and `count` batches
/// of what they are about to send, with the keys of its pseudonyms.
///
/// # Errors
/// The storage's.
pub fn founded(stage: &Stage, count: usize) -> Done<(Vec<Batch>, Pseudonymiser)> {
    stage.clear()?;
    let deployment = Deployment::open(&stage.url, true)?;
    let territory = vn::units::bundled();
    write_alone(&deployment.conn, |tx| {
        import::bring_in(tx, territory.units(), territory.successions())
    })?;
    let mut rng = fastrand::Rng::with_seed(demo::SEED);
    let world = demo::found(&deployment, &mut rng)?;
    if deployment.conn.is_sqlite() {
        deployment.conn.script("pragma wal_checkpoint(truncate)")?;
    }
    let (keys, catalogue) = (deployment.keys(), Catalogue::bundled());
    let rules = Rules {
        catalogue: &catalogue,
        keys: &keys,
    };
    let mut queues: HashMap<MemberId, Vec<serde_json::Value>> = HashMap::new();
    let mut batches = Vec::new();
    for record in Life::new(&world, &keys, rng, 1.0) {
        let queue = queues.entry(record.actor).or_default();
        queue.push(record.wire());
        if queue.len() == BATCH {
            let facts = queue.iter().map(|fact| parse(&fact.to_string(), &rules));
            let facts = facts
                .collect::<Result<_, _>>()
                .map_err(|(_, refusal)| format!("{refusal:?}"))?;
            let body = serde_json::json!({ "facts": queue })
                .to_string()
                .into_bytes();
            let lane = usize::from(record.actor.0.as_bytes()[0]);
            batches.push(Batch { body, facts, lane });
            queue.clear();
        }
        if batches.len() == count {
            break;
        }
    }
    Ok((batches, keys))
}

/// The demonstration at a scale, made once and kept.
///
/// # Errors
/// When it cannot be made.
pub fn demonstration(name: &str, scale: f64) -> Done<PathBuf> {
    let path = folder()?.join(format!("{name}-v{VERSION}.db"));
    if !path.exists() {
        println!("(making {} once…)", path.display());
        let mut command = Command::new(server::causo());
        command.arg("--database").arg(&path);
        let done = command
            .args(["demo", "--scale", &scale.to_string()])
            .output()?;
        if !done.status.success() {
            return Err(String::from_utf8_lossy(&done.stderr).into());
        }
    }
    Ok(path)
}
