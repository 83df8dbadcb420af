//! The only SQL about facts, their subjects and tallies.

use crate::args;
use crate::platform::db::{DbError, Effect, Prepared, Row, Tx, unix_ms};
use crate::platform::problem::{AppError, AppResult};
use domain::facts::{Body, Fact, Kind};
use domain::ids::{DeviceId, FactId, MemberId, PlaceId, TeamId};
use domain::subjects::SubjectKey;
use domain::tallies::{Claim, Deltas};
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

/// Remembers that `id` no longer counts because of `by`.
///
/// # Errors
/// The storage's.
pub fn supersede(tx: &mut Tx<'_>, id: FactId, by: FactId) -> Result<(), DbError> {
    tx.execute(
        "insert into superseded (fact_id, by_id) values ($1, $2) on conflict (fact_id) do update set by_id = excluded.by_id",
        args![id, by],
    )?;
    Ok(())
}

const ABOUT: &str = "select fact_rev from fact_subject where subject = $1";

/// The facts that count and are about a subject, each with its place's path.
///
/// # Errors
/// The storage's.
pub fn about(tx: &Tx<'_>, subject: &SubjectKey) -> Result<Vec<(Stored, String)>, DbError> {
    located(tx, &tx.all(ABOUT, args![subject], |row| row.get(0))?)
}

/// The facts of some revisions, each with its place's path.
fn located(tx: &Tx<'_>, revs: &[i64]) -> Result<Vec<(Stored, String)>, DbError> {
    let sql = format!(
        "select {COLUMNS}, p.path from fact f join place p on p.id = f.place_id where f.rev = $1"
    );
    let mut found = Vec::with_capacity(revs.len());
    for rev in revs {
        let fact = tx.one(&sql, args![*rev], |row| Ok((read(&row)?, row.get(13)?)))?;
        found.extend(fact);
    }
    Ok(found)
}

/// The statements that nearly every new fact needs, prepared once for all of them.
pub struct Pen<'c> {
    fact: Prepared<'c>,
    subject: Prepared<'c>,
    about: Prepared<'c>,
}

impl<'c> Pen<'c> {
    /// Prepares them.
    ///
    /// # Errors
    /// The storage's.
    pub fn new(tx: &Tx<'c>) -> Result<Self, DbError> {
        Ok(Self {
            fact: tx.prepare(
                "insert into fact (id, kind, happened_at, day, received_at, place_id, team_id, actor_id, device_id, seq, corrects, root, body)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) on conflict (id) do nothing",
            )?,
            subject: tx.prepare("insert into fact_subject (subject, fact_rev) values ($1, $2)")?,
            about: tx.prepare(ABOUT)?,
        })
    }

    /// Appends a fact, whose body is stored as `body`; its place in the order of
    /// arrival, or `None` when its id is there already. The unique key decides, never a
    /// look beforehand.
    ///
    /// # Errors
    /// The storage's.
    pub fn append(
        &mut self,
        fact: &Fact,
        body: &str,
        root: Option<FactId>,
        actor: MemberId,
        now: OffsetDateTime,
    ) -> Result<Option<i64>, DbError> {
        self.fact.insert(args![
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
        ])
    }

    /// See [`about`].
    ///
    /// # Errors
    /// The storage's.
    pub fn about(
        &mut self,
        tx: &Tx<'_>,
        subject: &SubjectKey,
    ) -> Result<Vec<(Stored, String)>, DbError> {
        // Nearly always there are none: that is asked of one index alone.
        located(tx, &self.about.all(args![subject], |row| row.get(0))?)
    }

    /// Notes that the fact at `rev` counts and is about `subject`.
    ///
    /// # Errors
    /// The storage's.
    pub fn link(&mut self, subject: &SubjectKey, rev: i64) -> Result<(), DbError> {
        self.subject.execute(args![subject, rev])?;
        Ok(())
    }
}

/// Notes that the fact at `rev` no longer counts.
///
/// # Errors
/// The storage's.
pub fn unlink(tx: &mut Tx<'_>, subject: &SubjectKey, rev: i64) -> Result<(), DbError> {
    tx.execute(
        "delete from fact_subject where subject = $1 and fact_rev = $2",
        args![subject, rev],
    )?;
    Ok(())
}

/// Writes changes to the tallies, in key order, and tells the copies in memory.
///
/// # Errors
/// The storage's.
pub fn add_to_tallies(tx: &mut Tx<'_>, deltas: Deltas) -> Result<(), DbError> {
    let mut tally = tx.prepare(
        "insert into tally (measure_id, place_id, team_id, day, total, anonymous) values ($1, $2, $3, $4, $5, $6)
         on conflict (measure_id, place_id, team_id, day)
         do update set total = tally.total + excluded.total, anonymous = tally.anonymous + excluded.anonymous",
    )?;
    for (cell, quantity) in deltas.settled() {
        tally.execute(args![
            cell.measure,
            &cell.place,
            cell.team,
            cell.day,
            quantity.total,
            quantity.anonymous
        ])?;
        tx.effects.push(Effect::Tally(cell, quantity));
    }
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
