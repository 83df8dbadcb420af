//! First syncs: a phone of a commune with two thousand rows in scope, alone and in a
//! storm of phones from every commune.

use crate::data;
use crate::report::{figure, section};
use crate::server::Server;
use crate::stage::{Kind, Stage};
use crate::{Done, quantile};
use causo::args;
use causo::features::members::store::open_session;
use causo::features::places::store as places;
use causo::platform::db::{Access, Conn, Tx, read_alone, write_alone};
use causo::platform::http::token_hash;
use causo::platform::problem::{AppError, AppResult};
use causo::simulate::client::Client;
use causo::{demo, platform::http::COOKIE};
use domain::ids::{DeviceId, MemberId, PlaceId};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Rows below the big commune: as many as it has households.
const ROWS: u128 = 2000;
/// First syncs in the storm.
const STORM: usize = 5000;
/// Connections they come over.
const LANES: usize = 8;

/// Prints how first syncs stand, on each kind of database.
///
/// # Errors
/// When something cannot be run at all.
pub fn run() -> Done<()> {
    for kind in Kind::all() {
        run_on(&kind)?;
    }
    Ok(())
}

fn run_on(kind: &Kind) -> Done<()> {
    let stage = kind.stage("sync")?;
    data::founded(&stage, 0)?;
    let (big, everyone) = prepare(&stage)?;
    section(&format!(
        "First sync on {}: {ROWS} rows in scope, and {STORM} first syncs from {} communes, gzip",
        kind.name(),
        everyone.1
    ));
    let server = Server::start(&stage.url)?;
    let mut took = Vec::new();
    let mut size_bytes = 0;
    for _ in 0..200 {
        took.push(sync(server.address, &big)?.0);
        size_bytes = sync(server.address, &big)?.1;
    }
    let ms = |taken: Duration| taken.as_secs_f64() * 1e3;
    let cold = ms(took[0]);
    figure("the first of its scope, ms", cold, "< 50", cold < 50.0);
    let p95 = quantile(&took[1..], 0.95) / 1e3;
    figure("those after it, p95, ms", p95, "< 50", p95 < 50.0);
    println!("  {size_bytes} bytes");
    let before = server.cpu()? + stage.server_cpu()?;
    let started = Instant::now();
    let took = storm(server.address, &everyone.0)?;
    let taken = started.elapsed();
    let cpu = server.cpu()? + stage.server_cpu()? - before;
    figure(
        "the storm at full speed, s",
        taken.as_secs_f64(),
        "< 600",
        taken < Duration::from_secs(600),
    );
    figure("  p95 of one, ms", quantile(&took, 0.95) / 1e3, "", true);
    figure(
        "  CPU of node and database, ms each",
        ms(cpu) / STORM as f64,
        "",
        true,
    );
    figure(
        "  memory of the node, MB",
        server.memory_mb("VmHWM:")?,
        "",
        true,
    );
    drop(server);
    stage.remove()
}

/// Sessions: one of somebody in the big commune, and those of everybody with how many
/// communes they come from.
type Sessions = (String, (Vec<String>, usize));

fn prepare(stage: &Stage) -> Done<Sessions> {
    let conn = Conn::open(&stage.address, Access::Write)?;
    let members: Vec<(MemberId, PlaceId)> = read_alone(&conn, |tx| {
        Ok(tx.all(
            "select member_id, place_id from member_grant where role = 'volunteer' order by member_id",
            args![],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?)
    })?;
    let mut communes: Vec<&PlaceId> = members.iter().map(|(_, place)| place).collect();
    communes.sort_unstable();
    communes.dedup();
    let (somebody, home) = members.first().ok_or("there is nobody")?;
    write_alone(&conn, |tx| crowd(tx, home))?;
    let token = |member: &MemberId| format!("{:x}", member.0.as_u128());
    write_alone(&conn, |tx| {
        for (member, _) in &members {
            let device = DeviceId(Uuid::from_u128(7));
            open_session(tx, &token_hash(&token(member)), *member, device, demo::NOW)?;
        }
        Ok(())
    })?;
    let cookie = |member| format!("{COOKIE}={}", token(member));
    let everyone = members.iter().map(|(member, _)| cookie(member)).collect();
    Ok((cookie(somebody), (everyone, communes.len())))
}

/// Adds places below a commune until it has as many rows as one with that many households.
fn crowd(tx: &mut Tx<'_>, home: &PlaceId) -> AppResult<()> {
    let parent = places::find(tx, home, domain::days::day_of(demo::NOW))?;
    let parent = parent.ok_or_else(AppError::not_found)?;
    for n in 0..ROWS {
        let (id, name) = (format!("l-{}", Uuid::from_u128(n)), format!("Xóm số {n}"));
        let path = format!("{}{id}/", parent.path);
        tx.execute(
            "insert into place (id, code, level, parent_id, path, local, rev) values ($1, '', 'hamlet', $2, $3, $4, 1)",
            args![&id, &parent.id, &path, true],
        )?;
        tx.execute(
            "insert into place_name (place_id, position, kind, name, full_name, fold) values ($1, 0, 'xom', $2, $2, $2)",
            args![&id, &name],
        )?;
    }
    Ok(())
}

/// One phone's first sync over a connection of its own: how long it took, and its size.
fn sync(address: SocketAddr, cookie: &str) -> Done<(Duration, usize)> {
    let mut client = Client::connect(address, cookie)?;
    client.gzip = true;
    let started = Instant::now();
    client.get("/api/v1/changes")?;
    Ok((started.elapsed(), client.body.len()))
}

fn storm(address: SocketAddr, cookies: &[String]) -> Done<Vec<Duration>> {
    std::thread::scope(|scope| {
        let lanes: Vec<_> = (0..LANES)
            .map(|lane| {
                scope.spawn(move || -> Result<Vec<Duration>, String> {
                    (lane..STORM)
                        .step_by(LANES)
                        .map(|n| {
                            let cookie = &cookies[n % cookies.len()];
                            sync(address, cookie)
                                .map(|(taken, _)| taken)
                                .map_err(|fault| fault.to_string())
                        })
                        .collect()
                })
            })
            .collect();
        let mut all = Vec::new();
        for lane in lanes {
            all.extend(lane.join().map_err(|_| "a lane failed")??);
        }
        Ok(all)
    })
}
