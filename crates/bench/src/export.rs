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

/// Prints how exports stand.
///
/// # Errors
/// When something cannot be run at all.
pub fn run() -> Done<()> {
    let million = data::demonstration("million", 2.95)?;
    let conn = connect(&million, Access::Read)?;
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
        measure(&million, &conn, what, &path, gzip)?;
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
    let started = Instant::now();
    client.get(path)?;
    let taken_s = started.elapsed().as_secs_f64();
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
    figure(
        &format!("{what}, {rows} rows, s"),
        taken_s,
        "< 60",
        taken_s < 60.0,
    );
    figure("  memory before, at its highest, MB", before_mb, "", true);
    figure(
        "  memory after, at its highest, MB",
        after_mb,
        "< 200",
        after_mb < 200.0,
    );
    println!("  {:.1} MB of answer", client.body.len() as f64 / 1e6);
    Ok(())
}

/// The rows that an export has, with codes where it has words.
fn bare_loop(conn: &Connection) -> Done<u64> {
    let mut statement = conn.prepare(
        "select f.day, f.happened_at, f.received_at, v.full_name, d.full_name, n.full_name, null, p.code, t.name, m.name, f.kind, j.key = 0,
                j.value ->> 'service', j.value ->> 'outcome', f.body ->> 'title', f.body ->> 'url', f.body ->> 'merchants',
                j.value ->> 'channel', j.value ->> 'follow_up_on', f.body ->> 'setting', f.body -> 'beneficiary' ->> 'kind',
                f.body -> 'beneficiary' ->> 'age_band', f.body -> 'beneficiary' ->> 'person' is not null, f.corrects is not null, hex(f.id)
           from fact f join place p on p.id = f.place_id join place_name n on n.place_id = p.id and n.position = 0
           join place_name d on d.place_id = p.parent_id and d.position = 0
           join place q on q.id = p.parent_id join place_name v on v.place_id = q.parent_id and v.position = 0
           join member m on m.id = f.actor_id left join team t on t.id = f.team_id left join json_each(f.body, '$.items') j
          where f.kind <> 'void.v1' and not exists (select 1 from superseded s where s.fact_id = f.id)",
    )?;
    let mut out = csv::Writer::from_writer(io::sink());
    let mut rows = statement.raw_query();
    let mut count = 0;
    while let Some(row) = rows.next()? {
        for column in 0..25 {
            match row.get_ref(column)? {
                ValueRef::Text(text) => out.write_field(text)?,
                ValueRef::Integer(n) => out.write_field(n.to_string())?,
                _ => out.write_field("")?,
            }
        }
        out.write_record(None::<&[u8]>)?;
        count += 1;
    }
    Ok(count)
}
