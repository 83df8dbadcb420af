//! A million facts as files, against a bare `select` whose rows go through the `csv`
//! crate to nowhere; the server's memory on the way.

use crate::Done;
use crate::data;
use crate::report::{figure, row, section};
use crate::server::Server;
use causo::platform::db::{Access, connect};
use causo::simulate::client::Client;
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use std::io;
use std::path::Path;
use std::time::Instant;

/// Fields of a row.
const FIELDS: usize = 25;
/// What most of a row comes to.
const ROW_BYTES: usize = 240;

/// Prints how exports stand.
///
/// # Errors
/// When something cannot be run at all.
pub fn run() -> Done<()> {
    exports(&data::demonstration("demo", 1.0)?)?;
    exports(&data::demonstration("million", 2.95)?)
}

fn exports(database: &Path) -> Done<()> {
    let conn = connect(database, Access::Read)?;
    let facts: i64 = conn.query_row("select count(*) from fact", [], |row| row.get(0))?;
    let campaign: uuid::Uuid = conn.query_row("select id from campaign", [], |row| {
        row.get(0).map(uuid::Uuid::from_bytes)
    })?;
    section(&format!("Exports of {facts} facts"));
    for (what, form, gzip) in [
        ("CSV", "csv", false),
        ("CSV, gzip, as browsers ask", "csv", true),
        ("XLSX", "xlsx", true),
    ] {
        let path = format!("/api/v1/campaigns/{campaign}/export.{form}");
        measure(database, &conn, what, &path, gzip)?;
    }
    Ok(())
}

/// One form on a server started afresh, so that its peak of memory is this export's.
fn measure(database: &Path, conn: &Connection, what: &str, path: &str, gzip: bool) -> Done<()> {
    let started = Instant::now();
    let rows = bare_loop(conn)?;
    let floor_s = started.elapsed().as_secs_f64();
    let server = Server::start(database)?;
    let cookie = Client::sign_in(server.address, "canbotinh", "binhdinh-2024")?;
    let mut client = Client::connect(server.address, &cookie)?;
    client.gzip = gzip;
    client.get(&path.replace(".csv", "").replace(".xlsx", ""))?;
    let before_mb = server.memory_mb("VmHWM:")?;
    let (started, cpu_before) = (Instant::now(), server.cpu()?);
    client.get(path)?;
    let taken_s = started.elapsed().as_secs_f64();
    let begun = client.begun_at.ok_or("no answer")? - started;
    let cpu_s = (server.cpu()? - cpu_before).as_secs_f64();
    let after_mb = server.memory_mb("VmHWM:")?;
    let per_s = rows as f64 / taken_s;
    let share = per_s / (rows as f64 / floor_s);
    row(
        &format!("{what}, rows/s"),
        per_s,
        Some(rows as f64 / floor_s),
        Some(share),
        None,
    );
    // The wish is for a million rows: what one sheet holds.
    let bar = (rows < 1_048_576).then_some(("< 60", taken_s < 60.0));
    row(&format!("{what}, {rows} rows, s"), taken_s, None, None, bar);
    figure(
        "  the server's memory at its highest, MB",
        after_mb,
        "< 200",
        after_mb < 200.0,
    );
    println!(
        "  begun after {:.2} s; {before_mb:.1} MB of memory before; {cpu_s:.1} s on the processor; an answer of {:.1} MB",
        begun.as_secs_f64(),
        client.body.len() as f64 / 1e6
    );
    Ok(())
}

/// As many rows as an export has, about as long and with as many fields, of what stands
/// in the ledger as it is: no order, no names, nothing read out of the JSON.
fn bare_loop(conn: &Connection) -> Done<u64> {
    let mut statement = conn.prepare(
        "select f.body, f.day, f.happened_at, f.received_at, f.place_id, f.kind, f.seq from fact f
          where f.kind <> 'void.v1' and not exists (select 1 from superseded s where s.fact_id = f.id)",
    )?;
    let mut out = csv::Writer::from_writer(io::sink());
    let mut rows = statement.raw_query();
    let mut count = 0;
    while let Some(row) = rows.next()? {
        let body = row.get_ref(0)?.as_str()?;
        for _ in 0..body.matches("\"service\"").count().max(1) {
            out.write_field(body.get(..ROW_BYTES).unwrap_or(body))?;
            for column in 1..7 {
                match row.get_ref(column)? {
                    ValueRef::Integer(n) => out.write_field(n.to_string())?,
                    other => out.write_field(other.as_str()?)?,
                }
            }
            for _ in 7..FIELDS {
                out.write_field("")?;
            }
            out.write_record(None::<&[u8]>)?;
            count += 1;
        }
    }
    Ok(count)
}
