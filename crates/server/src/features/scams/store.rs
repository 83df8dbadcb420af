//! The only SQL about reports of scams.

use crate::args;
use crate::features::members::Role;
use crate::features::places::store::{self as places, COLUMNS, NAMED, Place, path_range};
use crate::platform::db::{DbError, Row, Tx};
use domain::ids::{MemberId, PlaceId, ScamReportId, TeamId};
use domain::scams::{Handing, HandingWay, ScamAct, ScamDeed, ScamReport, ScamResult, ScamStanding};
use time::{Date, Duration, OffsetDateTime};
use uuid::Uuid;

/// A contact is erased so long after its report was closed.
const CONTACT_KEPT_CLOSED: Duration = Duration::days(30);
/// However its report stands, it is erased so long after it was given.
const CONTACT_KEPT_MAX: Duration = Duration::days(180);

/// A report as it was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Made {
    /// Id.
    pub id: ScamReportId,
    /// Whether by a fact; else on the public page.
    pub by_fact: bool,
    /// The commune.
    pub place: PlaceId,
    /// For which team.
    pub team: Option<TeamId>,
    /// What it says.
    pub report: ScamReport,
    /// On which day.
    pub made_on: Date,
    /// Who, in the app.
    pub by: Option<MemberId>,
}

/// A report as it stands.
#[derive(Clone, Debug)]
pub struct Kept {
    /// What was reported.
    pub made: Made,
    /// Its commune.
    pub place: Place,
    /// How it stands.
    pub stands: ScamStanding,
    /// The name of who reported it in the app.
    pub by_name: Option<String>,
    /// The name of the officer who has it in hand.
    pub officer_name: Option<String>,
    /// Whether there is a contact still.
    pub has_contact: bool,
}

/// Columns of [`made`] and [`standing`].
const REPORT: &str = "r.id, r.by_fact, r.place_id, r.team_id, r.scam, r.channel, r.trace, r.loss, r.happened_on, r.note,
       r.made_on, r.by_id, r.stage, r.officer_id, r.result";
const REPORT_COLUMNS: usize = 15;
/// Columns of [`COLUMNS`].
const PLACE_COLUMNS: usize = 9;

/// Reads [`REPORT`] from `first` on.
fn made(row: &Row<'_, '_>, first: usize) -> Result<Made, DbError> {
    let at = |column| first + column;
    Ok(Made {
        id: row.get(at(0))?,
        by_fact: row.get(at(1))?,
        place: row.get(at(2))?,
        team: row.get(at(3))?,
        report: ScamReport {
            scam: row.get(at(4))?,
            channel: row.get(at(5))?,
            trace: row.get(at(6))?,
            loss: row.get(at(7))?,
            happened_on: row.get(at(8))?,
            note: row.get(at(9))?,
        },
        made_on: row.get(at(10))?,
        by: row.get(at(11))?,
    })
}

fn standing(row: &Row<'_, '_>, first: usize) -> Result<ScamStanding, DbError> {
    Ok(ScamStanding {
        stage: row.get(first + 12)?,
        officer: row.get(first + 13)?,
        result: row.get(first + 14)?,
    })
}

fn kept(row: &Row<'_, '_>) -> Result<Kept, DbError> {
    let names = PLACE_COLUMNS + REPORT_COLUMNS;
    Ok(Kept {
        place: places::read(row)?,
        made: made(row, PLACE_COLUMNS)?,
        stands: standing(row, PLACE_COLUMNS)?,
        by_name: row.get(names)?,
        officer_name: row.get(names + 1)?,
        has_contact: row.get(names + 2)?,
    })
}

fn select() -> String {
    format!(
        "select {COLUMNS}, {REPORT}, b.name, o.name, exists (select 1 from scam_contact c where c.report_id = r.id)
           from {NAMED} join scam_report r on r.place_id = p.id left join member b on b.id = r.by_id
           left join member o on o.id = r.officer_id"
    )
}

/// The report with this id.
///
/// # Errors
/// The storage's.
pub fn find(tx: &Tx<'_>, id: ScamReportId, on: Date) -> Result<Option<Kept>, DbError> {
    let sql = format!("{} where r.id = $2", select());
    tx.one(&sql, args![on, id], |row| kept(&row))
}

/// The same, for officers at or above its commune.
///
/// # Errors
/// The storage's.
pub fn find_in_scope(
    tx: &Tx<'_>,
    id: ScamReportId,
    officer: MemberId,
    on: Date,
) -> Result<Option<Kept>, DbError> {
    let sql = format!(
        "{} where r.id = $2 and exists (
           select 1 from member_grant g join place s on s.id = g.place_id
            where g.member_id = $3 and g.role in ({}) and substr(p.path, 1, length(s.path)) = s.path)",
        select(),
        Role::CommuneOfficer.and_above()
    );
    tx.one(&sql, args![on, id, officer], |row| kept(&row))
}

/// Reports made in a period at or below a path, and those before it that are not over; the
/// newest first.
///
/// # Errors
/// The storage's.
pub fn below(
    tx: &Tx<'_>,
    path: &str,
    (first, last): (Date, Date),
    on: Date,
    limit: i64,
) -> Result<Vec<Kept>, DbError> {
    let (from, to) = path_range(path);
    let sql = format!(
        "{} where p.path >= $2 and p.path < $3 and r.made_on <= $5 and (r.made_on >= $4 or r.stage <> 'closed')
          order by r.made_on desc, r.id desc limit $6",
        select()
    );
    tx.all(&sql, args![on, from, &to, first, last, limit], |row| {
        kept(&row)
    })
}

/// Reports that stand, made in a period at or below a path: commune, kind and day of each.
///
/// # Errors
/// The storage's.
pub fn days(
    tx: &Tx<'_>,
    path: &str,
    (first, last): (Date, Date),
) -> Result<Vec<(PlaceId, String, Date)>, DbError> {
    let (from, to) = path_range(path);
    let sql = format!(
        "select r.place_id, r.scam, r.made_on from place p join scam_report r on r.place_id = p.id
          where p.path >= $1 and p.path < $2 and r.made_on >= $3 and r.made_on <= $4
            and (r.result is null or r.result in ({})) order by r.made_on, r.id",
        standing_results()
    );
    tx.all(&sql, args![from, &to, first, last], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
    })
}

/// Results of reports that stand, as SQL literals; all are constants of ours.
fn standing_results() -> String {
    let all = ScamResult::ALL.iter().filter(|result| result.stands());
    let words: Vec<String> = all.map(|one| format!("'{}'", one.as_str())).collect();
    words.join(", ")
}

/// The commune that a place is or lies in; the place itself above communes.
///
/// # Errors
/// The storage's.
pub fn commune_of(tx: &Tx<'_>, place: &PlaceId) -> Result<Option<PlaceId>, DbError> {
    tx.one(
        "select c.id from place p join place c on substr(p.path, 1, length(c.path)) = c.path
          where p.id = $1 and (c.level = 'commune' or c.id = p.id) order by length(c.path) limit 1",
        args![place],
        |row| row.get(0),
    )
}

/// Keeps a new report, as it stands after its first step; `false` when it was there before.
///
/// # Errors
/// The storage's.
pub fn add(tx: &mut Tx<'_>, made: &Made, stands: &ScamStanding) -> Result<bool, DbError> {
    let report = &made.report;
    let added = tx.execute(
        "insert into scam_report (id, by_fact, place_id, team_id, scam, channel, trace, loss, happened_on, note,
           made_on, by_id, stage, officer_id, result)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) on conflict (id) do nothing",
        args![
            made.id,
            made.by_fact,
            &made.place,
            made.team,
            &report.scam,
            report.channel,
            report.trace.as_deref(),
            report.loss,
            report.happened_on,
            report.note.as_deref(),
            made.made_on,
            made.by,
            stands.stage,
            stands.officer,
            stands.result
        ],
    )?;
    Ok(added == 1)
}

/// A row of `scam_step`.
#[derive(Clone, Debug)]
pub struct Step {
    /// Minted by who did it.
    pub id: Uuid,
    /// About which report.
    pub report: ScamReportId,
    /// What.
    pub deed: ScamDeed,
    /// In words.
    pub note: String,
    /// When.
    pub at: OffsetDateTime,
    /// Who; nobody for one from the public page.
    pub by: Option<MemberId>,
}

/// Writes what was done about a report.
///
/// # Errors
/// The storage's.
pub fn write(tx: &mut Tx<'_>, step: &Step) -> Result<(), DbError> {
    let handing = step.deed.handing.as_ref();
    tx.execute(
        "insert into scam_step (act_id, report_id, act, handed_to, way, reference, result, note, at, by_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        args![
            step.id,
            step.report,
            step.deed.act,
            handing.map(|handing| handing.to.as_str()),
            handing.map(|handing| handing.way),
            handing.map(|handing| handing.reference.as_str()),
            step.deed.result,
            &step.note,
            step.at,
            step.by
        ],
    )?;
    Ok(())
}

/// Writes how a report stands.
///
/// # Errors
/// The storage's.
pub fn move_on(tx: &mut Tx<'_>, id: ScamReportId, stands: &ScamStanding) -> Result<(), DbError> {
    tx.execute(
        "update scam_report set stage = $2, officer_id = $3, result = $4 where id = $1",
        args![id, stands.stage, stands.officer, stands.result],
    )?;
    Ok(())
}

/// About which report something was done before, by its id.
///
/// # Errors
/// The storage's.
pub fn done_before(tx: &Tx<'_>, act: Uuid) -> Result<Option<ScamReportId>, DbError> {
    let sql = "select report_id from scam_step where act_id = $1";
    tx.one(sql, args![act], |row| row.get(0))
}

const STEP: &str = "s.act_id, s.report_id, s.act, s.handed_to, s.way, s.reference, s.result, s.note, s.at, s.by_id";

fn step(row: &Row<'_, '_>) -> Result<Step, DbError> {
    let (to, reference): (Option<String>, Option<String>) = (row.get(3)?, row.get(5)?);
    let handing = |(to, way): (String, HandingWay)| Handing {
        to,
        way,
        reference: reference.unwrap_or_default(),
    };
    let act: ScamAct = row.get(2)?;
    Ok(Step {
        id: row.get(0)?,
        report: row.get(1)?,
        deed: ScamDeed {
            act,
            handing: to.zip(row.get(4)?).map(handing),
            result: row.get(6)?,
        },
        note: row.get(7)?,
        at: row.get(8)?,
        by: row.get(9)?,
    })
}

/// Everything that was done about a report, in order, with the names of who did it.
///
/// # Errors
/// The storage's.
pub fn steps(tx: &Tx<'_>, id: ScamReportId) -> Result<Vec<(Step, Option<String>)>, DbError> {
    let sql = format!(
        "select {STEP}, m.name from scam_step s left join member m on m.id = s.by_id
          where s.report_id = $1 order by s.id"
    );
    tx.all(&sql, args![id], |row| Ok((step(&row)?, row.get(10)?)))
}

/// Calls `each` for everything that was ever done, in order.
///
/// # Errors
/// The storage's.
pub fn each_step(tx: &Tx<'_>, mut each: impl FnMut(Step)) -> Result<(), DbError> {
    let sql = format!("select {STEP} from scam_step s order by s.id");
    tx.each(&sql, args![], |row| {
        each(step(&row)?);
        Ok(())
    })
}

/// Calls `each` for every report and how it stands.
///
/// # Errors
/// The storage's.
pub fn each(tx: &Tx<'_>, mut each: impl FnMut(Made, ScamStanding)) -> Result<(), DbError> {
    let sql = format!("select {REPORT} from scam_report r");
    tx.each(&sql, args![], |row| {
        each(made(&row, 0)?, standing(&row, 0)?);
        Ok(())
    })
}

/// How to reach whoever reported on the public page.
#[derive(Clone, Debug, PartialEq)]
pub struct Contact {
    /// What they want to be called.
    pub name: String,
    /// Their number, as E.164.
    pub phone: String,
}

/// Keeps a contact, with the version of the words that were consented to.
///
/// # Errors
/// The storage's.
pub fn keep_contact(
    tx: &mut Tx<'_>,
    id: ScamReportId,
    contact: &Contact,
    (consent, at): (&str, OffsetDateTime),
) -> Result<(), DbError> {
    tx.execute(
        "insert into scam_contact (report_id, name, phone, consent, at) values ($1, $2, $3, $4, $5)",
        args![id, &contact.name, &contact.phone, consent, at],
    )?;
    Ok(())
}

/// The contact of a report.
///
/// # Errors
/// The storage's.
pub fn contact_of(tx: &Tx<'_>, id: ScamReportId) -> Result<Option<Contact>, DbError> {
    let sql = "select name, phone from scam_contact where report_id = $1";
    tx.one(sql, args![id], |row| {
        Ok(Contact {
            name: row.get(0)?,
            phone: row.get(1)?,
        })
    })
}

/// Erases contacts that have been kept long enough; how many.
///
/// # Errors
/// The storage's.
pub fn forget_contacts(tx: &mut Tx<'_>, now: OffsetDateTime) -> Result<usize, DbError> {
    tx.execute(
        "delete from scam_contact where at < $1 or report_id in (
           select s.report_id from scam_step s where s.act = $2 and s.at < $3)",
        args![
            now - CONTACT_KEPT_MAX,
            ScamAct::Close,
            now - CONTACT_KEPT_CLOSED
        ],
    )
}

/// Active officers nearest to a path: of the commune, or of what lies above it when it has
/// none.
///
/// # Errors
/// The storage's.
pub fn officers(tx: &Tx<'_>, path: &str) -> Result<Vec<MemberId>, DbError> {
    let sql = format!(
        "select distinct m.id, length(s.path) from member_grant g join place s on s.id = g.place_id
           join member m on m.id = g.member_id
          where g.role in ({}) and m.active and substr($1, 1, length(s.path)) = s.path
          order by length(s.path) desc, m.id",
        Role::CommuneOfficer.and_above()
    );
    let all: Vec<(MemberId, i64)> =
        tx.all(&sql, args![path], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let nearest = all.first().map(|(_, length)| *length);
    let near = all
        .into_iter()
        .filter(|(_, length)| Some(*length) == nearest);
    Ok(near.map(|(member, _)| member).collect())
}

/// Active leaders of teams at or below a path.
///
/// # Errors
/// The storage's.
pub fn leaders(tx: &Tx<'_>, path: &str) -> Result<Vec<MemberId>, DbError> {
    let (from, to) = path_range(path);
    tx.all(
        "select distinct m.id from place p join team t on t.place_id = p.id
           join member_grant g on g.team_id = t.id join member m on m.id = g.member_id
          where p.path >= $1 and p.path < $2 and t.dissolved_on is null and g.role = $3 and m.active order by m.id",
        args![from, &to, Role::Leader.as_str()],
        |row| row.get(0),
    )
}

/// An alert to the teams of a commune.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// Minted by who sends it.
    pub id: Uuid,
    /// The commune.
    pub place: PlaceId,
    /// Code of the kind.
    pub scam: String,
    /// What teams are told.
    pub text: String,
}

/// Keeps an alert; `false` when it was there before.
///
/// # Errors
/// The storage's.
pub fn add_alert(
    tx: &mut Tx<'_>,
    alert: &Alert,
    by: (MemberId, OffsetDateTime),
) -> Result<bool, DbError> {
    let added = tx.execute(
        "insert into scam_alert (id, place_id, scam, text, at, by_id) values ($1, $2, $3, $4, $5, $6)
         on conflict (id) do nothing",
        args![
            alert.id,
            &alert.place,
            &alert.scam,
            &alert.text,
            by.1,
            by.0
        ],
    )?;
    Ok(added == 1)
}

/// Alerts sent since a moment at or below a path, the newest first, each with when.
///
/// # Errors
/// The storage's.
pub fn alerts(
    tx: &Tx<'_>,
    path: &str,
    since: OffsetDateTime,
) -> Result<Vec<(Alert, OffsetDateTime)>, DbError> {
    let (from, to) = path_range(path);
    tx.all(
        "select a.id, a.place_id, a.scam, a.text, a.at from place p join scam_alert a on a.place_id = p.id
          where p.path >= $1 and p.path < $2 and a.at >= $3 order by a.at desc, a.id",
        args![from, &to, since],
        |row| {
            let alert = Alert {
                id: row.get(0)?,
                place: row.get(1)?,
                scam: row.get(2)?,
                text: row.get(3)?,
            };
            Ok((alert, row.get(4)?))
        },
    )
}
