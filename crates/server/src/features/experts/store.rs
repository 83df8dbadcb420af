//! The only SQL about experts, requests for them, and their work logs.

use crate::args;
use crate::features::members::Role;
use crate::features::places::store::{self as places, COLUMNS, NAMED, Place, path_range};
use crate::platform::db::{DbError, Row, Tx, json};
use domain::experts::ranking::Candidate;
use domain::experts::{CommuneWord, Deed, ExpertWork, RequestAct, RequestStage, Standing, Urgency};
use domain::ids::{FactId, MemberId, PlaceId, PointId, RequestId};
use domain::rosters::fit::Availability;
use domain::skills::{SkillGroup, Skills};
use std::collections::HashMap;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

/// A person's id and name.
pub type Named = (MemberId, String);

/// Somebody in the register of experts.
#[derive(Clone, Debug)]
pub struct Expert {
    /// Who.
    pub member: Named,
    /// The office that lends them.
    pub office: String,
    /// Codes of fields.
    pub fields: Vec<String>,
    /// They go there and below.
    pub area: PlaceId,
    /// Its name with the kind.
    pub area_name: String,
    /// Hours a month that their office lends them.
    pub hours_per_month: u32,
    /// Whether they may be sent.
    pub active: bool,
}

/// Experts whose area lies at or below a path, in the order of people.
///
/// # Errors
/// The storage's.
pub fn experts(tx: &Tx<'_>, path: &str, on: Date) -> Result<Vec<Expert>, DbError> {
    let (from, to) = path_range(path);
    let sql = format!(
        "select e.member_id, m.name, e.office, e.fields, p.id, n.full_name, e.hours_per_month, e.active
           from {NAMED} join expert e on e.area_id = p.id join member m on m.id = e.member_id
          where p.path >= $2 and p.path < $3 order by m.order_key, m.id"
    );
    tx.all(&sql, args![on, from, &to], |row| {
        Ok(Expert {
            member: (row.get(0)?, row.get(1)?),
            office: row.get(2)?,
            fields: row.json(3)?,
            area: row.get(4)?,
            area_name: row.get(5)?,
            hours_per_month: row.get(6)?,
            active: row.get(7)?,
        })
    })
}

/// The area of an expert, unless they are no longer one.
///
/// # Errors
/// The storage's.
pub fn area_of(tx: &Tx<'_>, member: MemberId) -> Result<Option<PlaceId>, DbError> {
    let sql = "select area_id from expert where member_id = $1 and active";
    tx.one(sql, args![member], |row| row.get(0))
}

/// Writes somebody into the register of experts, anew or over what it said.
///
/// # Errors
/// The storage's.
pub fn put_expert(tx: &mut Tx<'_>, expert: &Expert) -> Result<(), DbError> {
    tx.execute(
        "insert into expert (member_id, office, fields, area_id, hours_per_month, active) values ($1, $2, $3, $4, $5, $6)
         on conflict (member_id) do update set office = excluded.office, fields = excluded.fields,
           area_id = excluded.area_id, hours_per_month = excluded.hours_per_month, active = excluded.active",
        args![
            expert.member.0,
            &expert.office,
            &json(&expert.fields),
            &expert.area,
            expert.hours_per_month,
            expert.active
        ],
    )?;
    Ok(())
}

/// Everybody who may be sent to a path, as [`domain::experts::ranking`] looks at them, with name and office.
///
/// # Errors
/// The storage's.
pub fn candidates(
    tx: &Tx<'_>,
    path: &str,
    since: Date,
) -> Result<Vec<(Candidate, String, String)>, DbError> {
    let these = "e.active and m.active and substr($1, 1, length(a.path)) = a.path";
    let from = "expert e join member m on m.id = e.member_id join place h on h.id = m.place_id
                  join place a on a.id = e.area_id";
    let sql = format!(
        "select m.id, h.path, a.path, e.fields, e.hours_per_month, v.definition, m.name, e.office,
                (select cast(coalesce(sum(w.minutes), 0) as bigint) from expert_work w
                  where w.member_id = m.id and w.day > $2)
           from {from} left join availability v on v.member_id = m.id where {these} order by m.order_key, m.id"
    );
    let mut found = tx.all(&sql, args![path, since], |row| {
        let away = match row.get::<Option<String>>(5)? {
            Some(_) => row.json::<Availability>(5)?.away,
            None => Vec::new(),
        };
        let candidate = Candidate {
            member: row.get(0)?,
            path: row.get(1)?,
            area: row.get(2)?,
            fields: row.json(3)?,
            languages: Vec::new(),
            hours_per_month: row.get(4)?,
            minutes: row.get(8)?,
            open: 0,
            away,
            visits: Vec::new(),
        };
        Ok((candidate, row.get(6)?, row.get(7)?))
    })?;
    let at: HashMap<MemberId, usize> = (found.iter().enumerate())
        .map(|(at, (one, ..))| (one.member, at))
        .collect();
    let languages = languages();
    let sql = format!(
        "select k.member_id, k.skill from member_skill k join expert e on e.member_id = k.member_id
           join member m on m.id = e.member_id join place a on a.id = e.area_id where {these}"
    );
    tx.each(&sql, args![path], |row| {
        let skill: String = row.get(1)?;
        if let Some(at) = at.get(&row.get(0)?)
            && languages.contains(&skill)
        {
            found[*at].0.languages.push(skill);
        }
        Ok::<(), DbError>(())
    })?;
    tx.each(
        "select expert_id, visit_from, visit_to from expert_request where stage in ($1, $2, $3)",
        args![
            RequestStage::Offered,
            RequestStage::Accepted,
            RequestStage::Dispatched
        ],
        |row| {
            let expert: Option<MemberId> = row.get(0)?;
            if let Some(at) = expert.and_then(|expert| at.get(&expert)) {
                let one = &mut found[*at].0;
                one.open += 1;
                let visit: (Option<Date>, Option<Date>) = (row.get(1)?, row.get(2)?);
                one.visits.extend(visit.0.zip(visit.1));
            }
            Ok::<(), DbError>(())
        },
    )?;
    Ok(found)
}

/// Codes of languages.
pub fn languages() -> Vec<String> {
    let all = Skills::bundled().skills.into_iter();
    let languages = all.filter(|skill| skill.group == SkillGroup::Language);
    languages.map(|skill| skill.code).collect()
}

/// What a commune asks for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Minted by who asks.
    pub id: RequestId,
    /// For which commune.
    pub place: PlaceId,
    /// At which point.
    pub point: Option<PointId>,
    /// Code of the field.
    pub field: String,
    /// What for, in words that point at nobody.
    pub purpose: String,
    /// How soon.
    pub urgency: Urgency,
    /// A language that would help, by code.
    pub language: Option<String>,
    /// Days wished for, both included.
    pub wish: (Date, Date),
}

/// A request, as it stands.
#[derive(Clone, Debug)]
pub struct Request {
    /// What was asked.
    pub asked: Asked,
    /// Its place.
    pub place: Place,
    /// The point's name.
    pub point_name: Option<String>,
    /// Who asked.
    pub asked_by: Named,
    /// When.
    pub asked_at: OffsetDateTime,
    /// How it stands.
    pub stands: Standing,
    /// Name of the expert whose it is.
    pub expert_name: Option<String>,
    /// Minutes logged.
    pub minutes: u32,
}

const REQUEST: &str = "r.id, r.point_id, q.name, r.field, r.purpose, r.urgency, r.language, r.wish_from, r.wish_to,
    r.asked_by, b.name, r.asked_at, r.stage, r.expert_id, e.name, r.visit_from, r.visit_to, r.word,
    (select cast(coalesce(sum(w.minutes), 0) as bigint) from expert_work w where w.request_id = r.id)";

fn requests_from() -> String {
    format!(
        "select {COLUMNS}, {REQUEST} from {NAMED} join expert_request r on r.place_id = p.id
           join member b on b.id = r.asked_by left join member e on e.id = r.expert_id
           left join service_point q on q.id = r.point_id"
    )
}

fn request(row: &Row<'_, '_>) -> Result<Request, DbError> {
    let place = places::read(row)?;
    let visit: (Option<Date>, Option<Date>) = (row.get(24)?, row.get(25)?);
    Ok(Request {
        asked: Asked {
            id: row.get(9)?,
            place: place.id.clone(),
            point: row.get(10)?,
            field: row.get(12)?,
            purpose: row.get(13)?,
            urgency: row.get(14)?,
            language: row.get(15)?,
            wish: (row.get(16)?, row.get(17)?),
        },
        place,
        point_name: row.get(11)?,
        asked_by: (row.get(18)?, row.get(19)?),
        asked_at: row.get(20)?,
        stands: Standing {
            stage: row.get(21)?,
            expert: row.get(22)?,
            visit: visit.0.zip(visit.1),
            word: row.get(26)?,
        },
        expert_name: row.get(23)?,
        minutes: row.get(27)?,
    })
}

/// One request.
///
/// # Errors
/// The storage's.
pub fn find(tx: &Tx<'_>, id: RequestId, on: Date) -> Result<Option<Request>, DbError> {
    let sql = format!("{} where r.id = $2", requests_from());
    tx.one(&sql, args![on, id], |row| request(&row))
}

/// The request, if `member` holds `role` or higher on or above its place.
///
/// # Errors
/// The storage's.
pub fn find_in_scope(
    tx: &Tx<'_>,
    id: RequestId,
    (member, least): (MemberId, Role),
    on: Date,
) -> Result<Option<Request>, DbError> {
    let sql = format!(
        "{} where r.id = $2 and exists (
           select 1 from member_grant g join place s on s.id = g.place_id
            where g.member_id = $3 and g.role in ({}) and substr(p.path, 1, length(s.path)) = s.path)",
        requests_from(),
        least.and_above()
    );
    tx.one(&sql, args![on, id, member], |row| request(&row))
}

/// Requests at or below a path that were asked for on the days `from` to `to`, or are not
/// over yet, the newest first.
///
/// # Errors
/// The storage's.
pub fn below(
    tx: &Tx<'_>,
    path: &str,
    (since, until): (OffsetDateTime, OffsetDateTime),
    on: Date,
) -> Result<Vec<Request>, DbError> {
    let (from, to) = path_range(path);
    let sql = format!(
        "{} where p.path >= $2 and p.path < $3 and r.asked_at < $5 and (r.asked_at >= $4 or r.stage in ($6, $7, $8, $9, $10))
          order by r.asked_at desc, r.id desc",
        requests_from()
    );
    use RequestStage::{Accepted, Asked, Dispatched, Done, Offered};
    let args = args![
        on, from, &to, since, until, Asked, Offered, Accepted, Dispatched, Done
    ];
    tx.all(&sql, args, |row| request(&row))
}

/// Requests at or below a path that were asked for in a period, or that time was given to on
/// its days.
///
/// # Errors
/// The storage's.
pub fn worked_on(
    tx: &Tx<'_>,
    path: &str,
    (since, until): (OffsetDateTime, OffsetDateTime),
    days: (Date, Date),
    on: Date,
) -> Result<Vec<Request>, DbError> {
    let (from, to) = path_range(path);
    let sql = format!(
        "{} where p.path >= $2 and p.path < $3 and (r.asked_at >= $4 and r.asked_at < $5
            or exists (select 1 from expert_work w where w.request_id = r.id and w.day >= $6 and w.day <= $7))",
        requests_from()
    );
    let args = args![on, from, &to, since, until, days.0, days.1];
    tx.all(&sql, args, |row| request(&row))
}

/// Requests that are, or were, an expert's, the newest first; only those in hand, if asked to.
///
/// # Errors
/// The storage's.
pub fn of_expert(
    tx: &Tx<'_>,
    member: MemberId,
    in_hand: bool,
    on: Date,
) -> Result<Vec<Request>, DbError> {
    let whose = if in_hand {
        "r.expert_id = $2 and r.stage in ($3, $4, $5, $6)"
    } else {
        "exists (select 1 from expert_change c where c.request_id = r.id and c.expert_id = $2)
           and $3 <> $4 and $5 <> $6"
    };
    let sql = format!(
        "{} where {whose} order by r.asked_at desc, r.id desc",
        requests_from()
    );
    use RequestStage::{Accepted, Dispatched, Done, Offered};
    let args = args![on, member, Offered, Accepted, Dispatched, Done];
    tx.all(&sql, args, |row| request(&row))
}

/// Whether a request is, or was, an expert's; with `sent`, whether they were sent to it.
///
/// # Errors
/// The storage's.
pub fn was_with(tx: &Tx<'_>, id: RequestId, expert: MemberId, sent: bool) -> Result<bool, DbError> {
    let found = tx.one(
        "select 1 from expert_change where request_id = $1 and expert_id = $2 and (act = $3 or not $4) limit 1",
        args![id, expert, RequestAct::Dispatch, sent],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// Writes a request that nobody has made yet; whether it was new.
///
/// # Errors
/// The storage's.
pub fn add(
    tx: &mut Tx<'_>,
    asked: &Asked,
    by: MemberId,
    at: OffsetDateTime,
) -> Result<bool, DbError> {
    let made = tx.execute(
        "insert into expert_request (id, place_id, point_id, field, purpose, urgency, language, wish_from, wish_to,
           asked_by, asked_at, stage) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         on conflict (id) do nothing",
        args![
            asked.id,
            &asked.place,
            asked.point,
            &asked.field,
            &asked.purpose,
            asked.urgency,
            asked.language.as_deref(),
            asked.wish.0,
            asked.wish.1,
            by,
            at,
            RequestStage::Asked
        ],
    )?;
    Ok(made == 1)
}

/// A row of `expert_change`.
#[derive(Clone, Debug)]
pub struct Change {
    /// Minted by who did it; the fact's, where it was one.
    pub id: Uuid,
    /// To which request.
    pub request: RequestId,
    /// What.
    pub deed: Deed,
    /// In words: a reason, a result, where to meet.
    pub note: String,
    /// When.
    pub at: OffsetDateTime,
    /// Who.
    pub by: MemberId,
    /// Whether by a fact.
    pub by_fact: bool,
}

/// Writes what was done about a request, and how it stands after it.
///
/// # Errors
/// The storage's.
pub fn write(tx: &mut Tx<'_>, change: &Change, stands: &Standing) -> Result<(), DbError> {
    let Deed {
        act,
        expert,
        visit,
        word,
    } = change.deed;
    tx.execute(
        "insert into expert_change (act_id, request_id, act, expert_id, visit_from, visit_to, word, note, at, by_id, by_fact)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        args![
            change.id,
            change.request,
            act,
            expert,
            visit.map(|visit| visit.0),
            visit.map(|visit| visit.1),
            word,
            &change.note,
            change.at,
            change.by,
            change.by_fact
        ],
    )?;
    tx.execute(
        "update expert_request set stage = $2, expert_id = $3, visit_from = $4, visit_to = $5, word = $6 where id = $1",
        args![
            change.request,
            stands.stage,
            stands.expert,
            stands.visit.map(|visit| visit.0),
            stands.visit.map(|visit| visit.1),
            stands.word
        ],
    )?;
    Ok(())
}

/// Which request something was done about before, by its id.
///
/// # Errors
/// The storage's.
pub fn done_before(tx: &Tx<'_>, act: Uuid) -> Result<Option<RequestId>, DbError> {
    let sql = "select request_id from expert_change where act_id = $1";
    tx.one(sql, args![act], |row| row.get(0))
}

const CHANGE: &str = "c.act_id, c.request_id, c.act, c.expert_id, c.visit_from, c.visit_to, c.word, c.note, c.at, c.by_id, c.by_fact";

fn change(row: &Row<'_, '_>) -> Result<Change, DbError> {
    let visit: (Option<Date>, Option<Date>) = (row.get(4)?, row.get(5)?);
    Ok(Change {
        id: row.get(0)?,
        request: row.get(1)?,
        deed: Deed {
            act: row.get(2)?,
            expert: row.get(3)?,
            visit: visit.0.zip(visit.1),
            word: row.get::<Option<CommuneWord>>(6)?,
        },
        note: row.get(7)?,
        at: row.get(8)?,
        by: row.get(9)?,
        by_fact: row.get(10)?,
    })
}

/// Everything that was done about a request, in order, with the names of who did it and of
/// the expert.
///
/// # Errors
/// The storage's.
pub fn changes(
    tx: &Tx<'_>,
    id: RequestId,
) -> Result<Vec<(Change, String, Option<String>)>, DbError> {
    let sql = format!(
        "select {CHANGE}, b.name, e.name from expert_change c join member b on b.id = c.by_id
           left join member e on e.id = c.expert_id where c.request_id = $1 order by c.id"
    );
    tx.all(&sql, args![id], |row| {
        Ok((change(&row)?, row.get(11)?, row.get(12)?))
    })
}

/// Calls `each` for everything that was ever done, in order.
///
/// # Errors
/// The storage's, or `each`'s.
pub fn each_change(tx: &Tx<'_>, mut each: impl FnMut(Change)) -> Result<(), DbError> {
    let sql = format!("select {CHANGE} from expert_change c order by c.id");
    tx.each(&sql, args![], |row| {
        each(change(&row)?);
        Ok(())
    })
}

/// When requests asked for since a moment were done, by request.
///
/// # Errors
/// The storage's.
pub fn done_at(
    tx: &Tx<'_>,
    since: OffsetDateTime,
) -> Result<HashMap<RequestId, OffsetDateTime>, DbError> {
    let found = tx.all(
        "select c.request_id, c.at from expert_change c where c.act = $1 and c.at >= $2",
        args![RequestAct::Finish, since],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    Ok(found.into_iter().collect())
}

/// Keeps what an entry of a work log says.
///
/// # Errors
/// The storage's.
pub fn keep_work(
    tx: &mut Tx<'_>,
    fact: FactId,
    (member, day): (MemberId, Date),
    work: &ExpertWork,
) -> Result<(), DbError> {
    tx.execute(
        "insert into expert_work (fact_id, request_id, member_id, day, minutes) values ($1, $2, $3, $4, $5)",
        args![fact, work.request, member, day, work.minutes],
    )?;
    Ok(())
}

/// Lets an entry go.
///
/// # Errors
/// The storage's.
pub fn drop_work(tx: &mut Tx<'_>, fact: FactId) -> Result<(), DbError> {
    let sql = "delete from expert_work where fact_id = $1";
    tx.execute(sql, args![fact])?;
    Ok(())
}

/// Calls `each` for every entry there is.
///
/// # Errors
/// The storage's.
pub fn each_work(
    tx: &Tx<'_>,
    mut each: impl FnMut(FactId, MemberId, Date, RequestId, u32),
) -> Result<(), DbError> {
    tx.each(
        "select fact_id, member_id, day, request_id, minutes from expert_work",
        args![],
        |row| {
            each(
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
            );
            Ok(())
        },
    )
}

/// An entry of a work log.
#[derive(Debug)]
pub struct Entry {
    /// The fact's id.
    pub fact: FactId,
    /// Who.
    pub member: Named,
    /// The civil day.
    pub day: Date,
    /// When it was written.
    pub at: OffsetDateTime,
    /// What it says.
    pub work: ExpertWork,
}

/// The entries of a request, in order of time.
///
/// # Errors
/// The storage's.
pub fn work_of(tx: &Tx<'_>, id: RequestId) -> Result<Vec<Entry>, DbError> {
    tx.all(
        "select w.fact_id, w.member_id, m.name, w.day, f.happened_at, f.body from expert_work w
           join fact f on f.id = w.fact_id join member m on m.id = w.member_id
          where w.request_id = $1 order by f.happened_at, f.id",
        args![id],
        |row| {
            Ok(Entry {
                fact: row.get(0)?,
                member: (row.get(1)?, row.get(2)?),
                day: row.get(3)?,
                at: row.get(4)?,
                work: row.json(5)?,
            })
        },
    )
}

/// Minutes logged on the days `from` to `to` at or below a path, by request.
///
/// # Errors
/// The storage's.
pub fn minutes_below(
    tx: &Tx<'_>,
    path: &str,
    days: (Date, Date),
) -> Result<Vec<(RequestId, u32)>, DbError> {
    let (from, to) = path_range(path);
    tx.all(
        "select w.request_id, cast(sum(w.minutes) as bigint) from expert_work w
           join expert_request r on r.id = w.request_id join place p on p.id = r.place_id
          where p.path >= $1 and p.path < $2 and w.day >= $3 and w.day <= $4 group by w.request_id",
        args![from, &to, days.0, days.1],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Those who assign at a path: province officers of a place above it.
///
/// # Errors
/// The storage's.
pub fn assigners(tx: &Tx<'_>, path: &str) -> Result<Vec<MemberId>, DbError> {
    tx.all(
        "select distinct m.id from member_grant g join place s on s.id = g.place_id join member m on m.id = g.member_id
          where g.role = $2 and m.active and substr($1, 1, length(s.path)) = s.path order by m.id",
        args![path, Role::ProvinceOfficer.as_str()],
        |row| row.get(0),
    )
}
