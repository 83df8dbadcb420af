//! The only SQL about facts, their subjects and tallies.

use crate::args;
use crate::platform::db::{DbError, Effect, Insert, Row, Tx, Value, unix_ms};
use crate::platform::problem::{AppError, AppResult};
use domain::facts::{Body, Fact, Kind};
use domain::ids::{ActivityId, DeviceId, FactId, MeasureId, MemberId, PlaceId, TeamId};
use domain::subjects::SubjectKey;
use domain::tallies::{Cell, Claim, Deltas, Quantity};
use std::collections::{BTreeSet, HashSet};
use time::{Date, OffsetDateTime};

/// A fact as it stands in the ledger.
#[derive(Debug)]
pub struct Stored {
    /// Order of arrival.
    pub rev: i64,
    /// The fact.
    pub fact: Fact,
    /// When the server had it.
    pub received_at: OffsetDateTime,
    /// Who recorded it.
    pub actor: MemberId,
    /// The original of its chain of corrections.
    pub root: Option<FactId>,
}

/// Columns of [`read`], from `fact f`.
pub const COLUMNS: &str = "f.rev, f.id, f.kind, f.happened_at, f.received_at, f.place_id, f.team_id, f.actor_id, f.device_id, f.seq, f.corrects, f.root, f.body";

/// Reads [`COLUMNS`].
///
/// # Errors
/// [`DbError::BadData`] when a stored fact cannot be read back.
pub fn read(row: &Row<'_, '_>) -> Result<Stored, DbError> {
    let bad = |column, why: String| DbError::BadData { column, why };
    let kind: String = row.get(2)?;
    let kind = Kind::parse(&kind).ok_or_else(|| bad(2, kind))?;
    let body: String = row.get(12)?;
    let body = Body::from_stored(kind, &body).map_err(|fault| bad(12, fault.to_string()))?;
    let team: TeamId = row.get(6)?;
    Ok(Stored {
        rev: row.get(0)?,
        fact: Fact {
            id: row.get(1)?,
            happened_at: row.get(3)?,
            place: row.get(5)?,
            team: Some(team).filter(|team| *team != TeamId::NONE),
            device: row.get::<DeviceId>(8)?,
            seq: row.get(9)?,
            corrects: row.get(10)?,
            body,
        },
        received_at: row.get(4)?,
        actor: row.get(7)?,
        root: row.get(11)?,
    })
}

/// The fact with this id.
///
/// # Errors
/// The storage's.
pub fn find(tx: &Tx<'_>, id: FactId) -> Result<Option<Stored>, DbError> {
    tx.one(
        &format!("select {COLUMNS} from fact f where f.id = $1"),
        args![id],
        |row| read(&row),
    )
}

/// The corrections of a chain: id, whether it is a void.
///
/// # Errors
/// The storage's.
pub fn corrections(tx: &Tx<'_>, root: FactId) -> Result<Vec<(FactId, bool)>, DbError> {
    tx.all(
        "select id, kind from fact where root = $1",
        args![root],
        |row| Ok((row.get(0)?, row.get::<String>(1)? == Kind::Void.as_str())),
    )
}

/// What stands instead of a fact, if it no longer counts.
///
/// # Errors
/// The storage's.
pub fn superseded_by(tx: &Tx<'_>, id: FactId) -> Result<Option<FactId>, DbError> {
    tx.one(
        "select by_id from superseded where fact_id = $1",
        args![id],
        |row| row.get(0),
    )
}

/// Those of these facts that nothing stands instead of.
///
/// # Errors
/// The storage's.
pub fn standing_of(tx: &Tx<'_>, facts: &[FactId]) -> Result<Vec<Stored>, DbError> {
    let sql = format!(
        "select {COLUMNS} from {{keys}} join fact f on f.id = k.key
          where not exists (select 1 from superseded s where s.fact_id = f.id)"
    );
    let keys: Vec<Value<'_>> = facts.iter().map(|fact| Value::from(*fact)).collect();
    let mut found = Vec::new();
    tx.each_of(&sql, &keys, |row| {
        found.push(read(&row)?);
        Ok::<(), DbError>(())
    })?;
    Ok(found)
}

/// All facts of the chains that these are in.
///
/// # Errors
/// The storage's.
pub fn chains(tx: &Tx<'_>, ids: &[FactId]) -> Result<Vec<Stored>, DbError> {
    let keys = |ids: &[FactId]| ids.iter().copied().map(Value::from).collect::<Vec<_>>();
    let mut roots: Vec<FactId> = Vec::new();
    let sql = "select coalesce(f.root, f.id) from {keys} join fact f on f.id = k.key";
    tx.each_of(sql, &keys(ids), |row| {
        roots.push(row.get(0)?);
        Ok::<(), DbError>(())
    })?;
    let mut found = Vec::new();
    // Two questions that an index answers each; asked as one, PostgreSQL calls for helpers.
    for column in ["id", "root"] {
        let sql = format!("select {COLUMNS} from {{keys}} join fact f on f.{column} = k.key");
        tx.each_of(&sql, &keys(&roots), |row| {
            found.push(read(&row)?);
            Ok::<(), DbError>(())
        })?;
    }
    Ok(found)
}

/// Whether an activity is planned at, above or below the place with this path.
///
/// # Errors
/// The storage's.
pub fn is_planned_around(tx: &Tx<'_>, activity: ActivityId, path: &str) -> Result<bool, DbError> {
    let found = tx.one(
        "select 1 from activity a join place p on p.id = a.place_id
          where a.id = $1 and (substr($2, 1, length(p.path)) = p.path or substr(p.path, 1, length($2)) = $2)",
        args![activity, path],
        |row| row.get::<i64>(0),
    )?;
    Ok(found.is_some())
}

const SUPERSEDED: Insert = Insert {
    into: "superseded",
    columns: &[("fact_id", "{uuid}"), ("by_id", "{uuid}")],
    then: "on conflict (fact_id) do update set by_id = excluded.by_id",
};

/// Remembers that `winner` stands instead of these facts.
///
/// # Errors
/// The storage's.
pub fn supersede(tx: &mut Tx<'_>, losers: &[FactId], winner: FactId) -> Result<(), DbError> {
    let row = |loser: &FactId| vec![Value::from(*loser), Value::from(winner)];
    let rows: Vec<Vec<Value<'_>>> = losers.iter().map(row).collect();
    tx.insert(&SUPERSEDED, &rows)
}

/// The facts that count and are about some of `subjects`: which of them, the fact, and
/// its place's path.
///
/// # Errors
/// The storage's.
pub fn about(
    tx: &Tx<'_>,
    subjects: &[SubjectKey],
) -> Result<Vec<(Vec<SubjectKey>, Stored, String)>, DbError> {
    let keys: Vec<Value<'_>> = subjects.iter().map(Value::from).collect();
    let mut links: Vec<(SubjectKey, FactId)> = Vec::new();
    // Nearly always there are none: that is asked of one index alone.
    tx.each_of(
        "select l.subject, l.fact_id from {keys} join fact_subject l on l.subject = k.key",
        &keys,
        |row| {
            links.push((row.get(0)?, row.get(1)?));
            Ok::<(), DbError>(())
        },
    )?;
    let facts: BTreeSet<FactId> = links.iter().map(|(_, fact)| *fact).collect();
    let facts: Vec<Value<'_>> = facts.into_iter().map(Value::from).collect();
    let sql = format!(
        "select {COLUMNS}, (select p.path from place p where p.id = f.place_id)
           from {{keys}} join fact f on f.id = k.key"
    );
    let mut found = Vec::with_capacity(facts.len());
    tx.each_of(&sql, &facts, |row| {
        let stored = read(&row)?;
        let about = links.iter().filter(|(_, fact)| *fact == stored.fact.id);
        let about = about.map(|(subject, _)| *subject).collect();
        found.push((about, stored, row.get(13)?));
        Ok::<(), DbError>(())
    })?;
    Ok(found)
}

/// Rows of `fact`, as [`New::row`] gives them.
pub const FACTS: Insert = Insert {
    into: "fact",
    columns: &[
        ("id", "{uuid}"),
        ("kind", "{text}"),
        ("happened_at", "{instant}"),
        ("day", "{day}"),
        ("received_at", "{instant}"),
        ("place_id", "{text}"),
        ("team_id", "{uuid}"),
        ("actor_id", "{uuid}"),
        ("device_id", "{uuid}"),
        ("seq", "{int}"),
        ("corrects", "{uuid}"),
        ("root", "{uuid}"),
        ("body", "{json}"),
    ],
    then: "on conflict (id) do nothing",
};

/// A fact to append.
#[derive(Clone, Copy, Debug)]
pub struct New<'a> {
    /// The fact.
    pub fact: &'a Fact,
    /// Its body as it will be stored.
    pub body: &'a str,
    /// The original of its chain of corrections.
    pub root: Option<FactId>,
}

impl<'a> New<'a> {
    /// The row of [`FACTS`] it comes to.
    pub fn row(&self, actor: MemberId, now: OffsetDateTime) -> Vec<Value<'a>> {
        let Self { fact, body, root } = *self;
        args![
            fact.id,
            fact.body.kind().as_str(),
            fact.happened_at,
            fact.day(),
            now,
            &fact.place,
            fact.team.unwrap_or(TeamId::NONE),
            actor,
            fact.device,
            fact.seq,
            fact.corrects,
            root,
            body
        ]
        .to_vec()
    }
}

/// Appends facts; which of them were not there yet. The unique key decides, never a
/// look beforehand.
///
/// # Errors
/// The storage's.
pub fn append(
    tx: &mut Tx<'_>,
    facts: &[New<'_>],
    actor: MemberId,
    now: OffsetDateTime,
) -> Result<HashSet<FactId>, DbError> {
    // In one order for everyone: two who send the same facts otherwise wait for each other.
    let mut facts: Vec<&New<'_>> = facts.iter().collect();
    facts.sort_unstable_by_key(|new| new.fact.id);
    let rows: Vec<Vec<Value<'_>>> = facts.iter().map(|new| new.row(actor, now)).collect();
    let new = tx.insert_new(&FACTS, &rows)?;
    Ok(new.into_iter().map(FactId).collect())
}

/// Writes facts of many senders into a database that nobody else writes to, in the
/// order in which they arrived.
///
/// # Errors
/// The storage's.
pub fn load<'a>(
    tx: &mut Tx<'_>,
    facts: impl Iterator<Item = (New<'a>, MemberId, OffsetDateTime)>,
) -> Result<(), DbError> {
    let rows: Vec<_> = facts
        .map(|(new, actor, received_at)| new.row(actor, received_at))
        .collect();
    tx.insert(&FACTS, &rows)
}

/// Writes which facts no longer count, and what stands instead of each.
///
/// # Errors
/// The storage's.
pub fn load_superseded(tx: &mut Tx<'_>, pairs: &[(FactId, FactId)]) -> Result<(), DbError> {
    const SUPERSEDED: Insert = Insert {
        into: "superseded",
        columns: &[("fact_id", "{uuid}"), ("by_id", "{uuid}")],
        then: "",
    };
    let row = |(fact, by): &(FactId, FactId)| vec![Value::from(*fact), Value::from(*by)];
    let rows: Vec<_> = pairs.iter().map(row).collect();
    tx.insert(&SUPERSEDED, &rows)
}

/// Rows of `fact_subject`.
pub const LINKS: Insert = Insert {
    into: "fact_subject",
    columns: &[("subject", "{bytes}"), ("fact_id", "{uuid}")],
    then: "",
};

/// Notes that facts count and whom they are about.
///
/// # Errors
/// The storage's.
pub fn link(tx: &mut Tx<'_>, links: &[(SubjectKey, FactId)]) -> Result<(), DbError> {
    let mut rows = Vec::with_capacity(links.len());
    for (subject, fact) in links {
        rows.push(vec![Value::from(subject), Value::from(*fact)]);
    }
    tx.insert(&LINKS, &rows)
}

/// Notes that a fact no longer counts.
///
/// # Errors
/// The storage's.
pub fn unlink(tx: &mut Tx<'_>, fact: FactId, subjects: &[SubjectKey]) -> Result<(), DbError> {
    for subject in subjects {
        tx.execute(
            "delete from fact_subject where subject = $1 and fact_id = $2",
            args![subject, fact],
        )?;
    }
    Ok(())
}

/// Rows of `tally`; they add to what is there.
pub const TALLIES: Insert = Insert {
    into: "tally",
    columns: &[
        ("measure_id", "{int}"),
        ("place_id", "{text}"),
        ("team_id", "{uuid}"),
        ("day", "{day}"),
        ("total", "{int}"),
        ("anonymous", "{int}"),
    ],
    then: "on conflict (measure_id, place_id, team_id, day) do update
             set total = tally.total + excluded.total, anonymous = tally.anonymous + excluded.anonymous",
};

/// The row of [`TALLIES`] that a change of a cell comes to.
pub fn tally_row(cell: &Cell, quantity: Quantity) -> Vec<Value<'_>> {
    args![
        cell.measure,
        &cell.place,
        cell.team,
        cell.day,
        quantity.total,
        quantity.anonymous
    ]
    .to_vec()
}

/// Writes changes to the tallies, in key order, and tells the copies in memory.
///
/// # Errors
/// The storage's.
pub fn add_to_tallies(tx: &mut Tx<'_>, deltas: Deltas) -> Result<(), DbError> {
    let settled: Vec<(Cell, Quantity)> = deltas.settled().collect();
    let rows: Vec<Vec<Value<'_>>> = settled
        .iter()
        .map(|(cell, quantity)| tally_row(cell, *quantity))
        .collect();
    tx.insert(&TALLIES, &rows)?;
    let effects = settled
        .into_iter()
        .map(|(cell, quantity)| Effect::Tally(cell, quantity));
    tx.effects.extend(effects);
    Ok(())
}

/// Calls `each` for every fact that counts (neither corrected nor taken back) at or
/// below a path, of days from the first to the last, with its place's path.
///
/// # Errors
/// The storage's, or `each`'s.
pub fn each_standing(
    tx: &Tx<'_>,
    below: &str,
    (first, last): (Date, Date),
    mut each: impl FnMut(Stored, &str) -> AppResult<()>,
) -> AppResult<()> {
    let (from, to) = crate::features::places::store::path_range(below);
    let sql = format!(
        "select {COLUMNS}, p.path from fact f join place p on p.id = f.place_id
          where p.path >= $1 and p.path < $2 and f.day >= $3 and f.day <= $4 and f.kind <> 'void.v1'
            and not exists (select 1 from superseded s where s.fact_id = f.id)"
    );
    tx.each(&sql, args![from, &to, first, last], |row| {
        let path: String = row.get(13)?;
        each(read(&row)?, &path)
    })
}

/// Facts that count, of one place and its days from the first to the last, in order of
/// day and arrival: at most `limit`, beginning after the one of this day and `rev`.
///
/// # Errors
/// The storage's.
pub fn standing_at(
    tx: &Tx<'_>,
    place: &PlaceId,
    last: Date,
    team: Option<TeamId>,
    (day, rev): (Date, i64),
    limit: i64,
) -> Result<Vec<Stored>, DbError> {
    let sql = format!(
        "select {COLUMNS} from fact f
          where f.place_id = $1 and f.day >= $2 and f.day <= $3 and (f.day > $2 or f.rev > $4)
            and (f.team_id = $5 or $5 is null) and f.kind <> 'void.v1'
            and not exists (select 1 from superseded s where s.fact_id = f.id)
          order by f.day, f.rev limit $6"
    );
    let args = args![place, day, last, rev, team, limit];
    tx.all(&sql, args, |row| read(&row))
}

/// How many facts there are at or below a path, of days from the first to the last:
/// as many as count, and those that were corrected or taken back since.
///
/// # Errors
/// The storage's.
pub fn number_below(
    tx: &Tx<'_>,
    below: &str,
    (first, last): (Date, Date),
    team: Option<TeamId>,
) -> Result<i64, DbError> {
    let (from, to) = crate::features::places::store::path_range(below);
    // Without a team the index alone answers.
    let of_team = team.map_or("", |_| "and f.team_id = $5");
    let sql = format!(
        "select count(*) from place p join fact f on f.place_id = p.id
          where p.path >= $1 and p.path < $2 and f.day >= $3 and f.day <= $4 {of_team}"
    );
    let found = match team {
        Some(team) => tx.one(&sql, args![from, &to, first, last, team], |row| row.get(0)),
        None => tx.one(&sql, args![from, &to, first, last], |row| row.get(0)),
    };
    Ok(found?.unwrap_or(0))
}

/// What a measure's tallies at or below a path add up to, of days from the first to the
/// last.
///
/// # Errors
/// The storage's.
pub fn tally_below(
    tx: &Tx<'_>,
    measure: MeasureId,
    below: &str,
    (first, last): (Date, Date),
    team: Option<TeamId>,
) -> Result<i64, DbError> {
    let (from, to) = crate::features::places::store::path_range(below);
    let found = tx.one(
        "select cast(coalesce(sum(t.total), 0) as bigint) from place p join tally t on t.place_id = p.id
          where t.measure_id = $1 and p.path >= $2 and p.path < $3 and t.day >= $4 and t.day <= $5
            and (t.team_id = $6 or $6 is null)",
        args![measure, from, &to, first, last, team],
        |row| row.get(0),
    )?;
    Ok(found.unwrap_or(0))
}

/// The claim of a fact, for condition 0.
pub fn claim_of(fact: &Fact) -> Claim {
    Claim {
        condition: 0,
        at_ms: unix_ms(fact.happened_at),
        fact: fact.id,
        place: fact.place.clone(),
        team: fact.team.unwrap_or(TeamId::NONE),
        day: fact.day(),
    }
}

/// The path of a place.
///
/// # Errors
/// Internal when it is gone, or the storage's.
pub fn path_of(tx: &Tx<'_>, place: &PlaceId) -> AppResult<String> {
    tx.one(
        "select path from place where id = $1",
        args![place],
        |row| row.get(0),
    )?
    .ok_or_else(|| AppError::Internal(format!("place {place} is gone")))
}
