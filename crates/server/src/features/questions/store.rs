//! The only SQL about questions and what was done about them.

use crate::args;
use crate::features::members::Role;
use crate::features::places::store::{self as places, COLUMNS, NAMED, Place, path_range};
use crate::platform::db::{DbError, Row, Tx, Value};
use domain::ids::{FaqId, MemberId, PlaceId, QuestionId};
use domain::questions::{
    Deed, QuestionAct, QuestionCode, QuestionSource, QuestionStage, Standing, WithholdReason,
};
use domain::subjects::SubjectKey;
use std::collections::BTreeMap;
use time::{Date, Duration, OffsetDateTime};
use uuid::Uuid;

/// How an asker wants to be answered besides their page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contact {
    /// By text message, to this number (E.164).
    Sms(String),
    /// On Zalo, as this user of the official account.
    Zalo(String),
}

impl Contact {
    /// As it is kept: the kind and the address.
    pub fn parts(&self) -> (&'static str, &str) {
        match self {
            Self::Sms(to) => ("sms", to),
            Self::Zalo(to) => ("zalo", to),
        }
    }

    /// Reads [`Contact::parts`] back.
    pub fn read(kind: &str, to: &str) -> Option<Self> {
        match kind {
            "sms" => Some(Self::Sms(to.to_owned())),
            "zalo" => Some(Self::Zalo(to.to_owned())),
            _ => None,
        }
    }
}

/// What somebody asks.
#[derive(Clone, Debug)]
pub struct NewQuestion {
    /// Minted by who sends it.
    pub id: QuestionId,
    /// What the asker finds it by.
    pub code: QuestionCode,
    /// The same words from the same source on the same day have the same.
    pub repeat_key: SubjectKey,
    /// Which way it came.
    pub source: QuestionSource,
    /// Where it is asked about.
    pub place: PlaceId,
    /// What, with what points at people masked.
    pub text: String,
    /// Who wrote it down for the asker.
    pub entered_by: Option<MemberId>,
    /// How they want to be answered besides their page.
    pub contact: Option<Contact>,
}

/// A question as it stands, all but how its asker is reached.
#[derive(Clone, Debug)]
pub struct Question {
    /// Its id.
    pub id: QuestionId,
    /// What the asker finds it by.
    pub code: String,
    /// Which way it came.
    pub source: QuestionSource,
    /// Where it is asked about.
    pub place: Place,
    /// What; nothing once it is forgotten.
    pub text: Option<String>,
    /// When.
    pub asked_at: OffsetDateTime,
    /// Who wrote it down for the asker.
    pub entered_by: Option<MemberId>,
    /// How often it was asked again on the same day.
    pub repeats: u32,
    /// `sms` or `zalo`, when they want to be told there.
    pub contact_kind: Option<String>,
    /// How it stands.
    pub stands: Standing,
    /// Name of the unit that has it, with its kind.
    pub holder_name: String,
    /// Name of who wrote the answer.
    pub writer_name: Option<String>,
    /// The answer that waits or went out.
    pub answer: Option<String>,
    /// When it went out.
    pub answered_at: Option<OffsetDateTime>,
    /// Why it is not shown.
    pub withheld: Option<WithholdReason>,
    /// What it was published as.
    pub faq: Option<FaqId>,
}

const QUESTION: &str = "q.id, q.code, q.source, q.text, q.asked_at, q.entered_by, q.repeats, q.contact_kind,
    q.stage, q.topic, q.holder_id, q.due_on, q.climb_on, q.climbs, q.writer_id,
    (select x.full_name from place_name x where x.place_id = q.holder_id
        and (x.valid_from is null or x.valid_from <= $1 or x.position = 0) order by x.position desc limit 1),
    w.name, q.answer, q.answered_at, q.withheld, q.faq_id";

fn questions_from() -> String {
    format!(
        "select {COLUMNS}, {QUESTION} from {NAMED} join question q on q.place_id = p.id
           join place h on h.id = q.holder_id left join member w on w.id = q.writer_id"
    )
}

fn question(row: &Row<'_, '_>) -> Result<Question, DbError> {
    Ok(Question {
        place: places::read(row)?,
        id: row.get(9)?,
        code: row.get(10)?,
        source: row.get(11)?,
        text: row.get(12)?,
        asked_at: row.get(13)?,
        entered_by: row.get(14)?,
        repeats: row.get(15)?,
        contact_kind: row.get(16)?,
        stands: Standing {
            stage: row.get(17)?,
            topic: row.get(18)?,
            holder: row.get(19)?,
            due_on: row.get(20)?,
            climb_on: row.get(21)?,
            climbs: row.get(22)?,
            writer: row.get(23)?,
        },
        holder_name: row.get::<Option<String>>(24)?.unwrap_or_default(),
        writer_name: row.get(25)?,
        answer: row.get(26)?,
        answered_at: row.get(27)?,
        withheld: row.get(28)?,
        faq: row.get(29)?,
    })
}

/// One question.
///
/// # Errors
/// The storage's.
pub fn find(tx: &Tx<'_>, id: QuestionId, on: Date) -> Result<Option<Question>, DbError> {
    let sql = format!("{} where q.id = $2", questions_from());
    tx.one(&sql, args![on, id], |row| question(&row))
}

/// The question an asker has the code of.
///
/// # Errors
/// The storage's.
pub fn find_by_code(
    tx: &Tx<'_>,
    code: &QuestionCode,
    on: Date,
) -> Result<Option<Question>, DbError> {
    let sql = format!("{} where q.code = $2", questions_from());
    tx.one(&sql, args![on, code.as_str()], |row| question(&row))
}

/// Officers at or above one of these places.
fn officer_over(member: &str, paths: &[&str]) -> String {
    let over = paths
        .iter()
        .map(|path| format!("substr({path}, 1, length(s.path)) = s.path"));
    format!(
        "exists (select 1 from member_grant g join place s on s.id = g.place_id
            where g.member_id = {member} and g.role in ({}) and ({}))",
        Role::CommuneOfficer.and_above(),
        over.collect::<Vec<_>>().join(" or ")
    )
}

/// The question, if `member` is an officer at or above the unit that has it, or (unless
/// `to_act`) the place it is asked about, or did something about it: who saw it go on sees what
/// becomes of it.
///
/// # Errors
/// The storage's.
pub fn find_in_scope(
    tx: &Tx<'_>,
    id: QuestionId,
    (member, to_act): (MemberId, bool),
    on: Date,
) -> Result<Option<Question>, DbError> {
    let who = match to_act {
        true => officer_over("$3", &["h.path"]),
        false => format!(
            "({} or exists (select 1 from question_step c where c.question_id = q.id and c.by_id = $3 and c.act <> 'ask'))",
            officer_over("$3", &["h.path", "p.path"])
        ),
    };
    let sql = format!("{} where q.id = $2 and {who}", questions_from());
    tx.one(&sql, args![on, id, member], |row| question(&row))
}

/// Which questions to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// With a unit of the caller's, to be answered.
    Mine,
    /// Open after the day they were due.
    Late,
    /// Open, and climbed at least once.
    Climbed,
    /// Their answers wait for a second person.
    Review,
    /// Answered or withheld.
    Ended,
    /// All of them.
    All,
}

/// Questions of an officer's at or below a path, those due first; ended ones the newest first.
///
/// # Errors
/// The storage's.
pub fn list(
    tx: &Tx<'_>,
    member: MemberId,
    (path, view): (&str, View),
    on: Date,
    limit: i64,
) -> Result<Vec<Question>, DbError> {
    let open = "q.stage in ('open', 'review')";
    let which = match view {
        View::Mine => format!("{open} and {}", holds_exactly("$4")),
        View::Late => format!("{open} and q.due_on < $1"),
        View::Climbed => format!("{open} and q.climbs > 0"),
        View::Review => "q.stage = 'review'".to_owned(),
        View::Ended => "q.stage in ('answered', 'withheld')".to_owned(),
        View::All => "1 = 1".to_owned(),
    };
    let order = match view {
        View::Ended | View::All => "q.asked_at desc",
        _ => "q.due_on",
    };
    let (from, to) = path_range(path);
    let sql = format!(
        "{} where ((p.path >= $2 and p.path < $3) or (h.path >= $2 and h.path < $3)) and {which} and {}
          order by {order}, q.id desc limit $5",
        questions_from(),
        officer_over("$4", &["h.path", "p.path"])
    );
    tx.all(&sql, args![on, from, &to, member, limit], |row| {
        question(&row)
    })
}

/// That somebody is an officer of the very unit that has the question.
fn holds_exactly(member: &str) -> String {
    format!(
        "exists (select 1 from member_grant g where g.member_id = {member} and g.place_id = q.holder_id and g.role in ({}))",
        Role::CommuneOfficer.and_above()
    )
}

/// How the asker of a question is reached, for officers of the very unit that has it.
///
/// # Errors
/// The storage's.
pub fn contact_for(
    tx: &Tx<'_>,
    id: QuestionId,
    member: MemberId,
) -> Result<Option<Contact>, DbError> {
    let sql = format!(
        "select q.contact_kind, q.contact from question q where q.id = $1 and q.contact is not null and {}",
        holds_exactly("$2")
    );
    contact(tx, &sql, args![id, member])
}

/// How the asker of a question is reached.
///
/// # Errors
/// The storage's.
pub fn contact_of(tx: &Tx<'_>, id: QuestionId) -> Result<Option<Contact>, DbError> {
    let sql = "select contact_kind, contact from question where id = $1 and contact is not null";
    contact(tx, sql, args![id])
}

fn contact(tx: &Tx<'_>, sql: &str, args: &[Value<'_>]) -> Result<Option<Contact>, DbError> {
    let found = tx.one(sql, args, |row| {
        Ok((row.get::<String>(0)?, row.get::<String>(1)?))
    })?;
    Ok(found.and_then(|(kind, to)| Contact::read(&kind, &to)))
}

/// Whether an officer holds a grant on the very place.
fn staffed(place: &str) -> String {
    format!(
        "exists (select 1 from member_grant g join member m on m.id = g.member_id
            where g.place_id = {place} and m.active and g.role in ({}))",
        Role::CommuneOfficer.and_above()
    )
}

/// The unit for a path: the nearest place on it, a commune or above, that has officers; with
/// `above`, none that is at the end of the path itself.
///
/// # Errors
/// The storage's.
pub fn unit_on(tx: &Tx<'_>, path: &str, above: bool) -> Result<Option<PlaceId>, DbError> {
    let sql = format!(
        "select p.id from place p where substr($1, 1, length(p.path)) = p.path and p.level <> 'hamlet'
            and (not $2 or length(p.path) < length($1)) and {}
          order by length(p.path) desc limit 1",
        staffed("p.id")
    );
    tx.one(&sql, args![path, above], |row| row.get(0))
}

/// Officers of the very place, in the order of people.
///
/// # Errors
/// The storage's.
pub fn officers_of(tx: &Tx<'_>, place: &PlaceId) -> Result<Vec<MemberId>, DbError> {
    let sql = format!(
        "select distinct m.id from member_grant g join member m on m.id = g.member_id
          where g.place_id = $1 and m.active and g.role in ({}) order by m.id",
        Role::CommuneOfficer.and_above()
    );
    tx.all(&sql, args![place], |row| row.get(0))
}

/// Whether there is a question by this id or with this code.
///
/// # Errors
/// The storage's.
pub fn is_taken(tx: &Tx<'_>, id: QuestionId, code: &QuestionCode) -> Result<bool, DbError> {
    let sql = "select exists (select 1 from question where id = $1 or code = $2)";
    let found = tx.one(sql, args![id, code.as_str()], |row| row.get(0))?;
    Ok(found.unwrap_or(false))
}

/// Whether there is such a place and somebody answers for it: nobody does for a whole nation.
///
/// # Errors
/// The storage's.
pub fn is_asked_about(tx: &Tx<'_>, place: &PlaceId) -> Result<bool, DbError> {
    let sql = "select level <> 'nation' from place where id = $1";
    Ok(tx
        .one(sql, args![place], |row| row.get(0))?
        .unwrap_or(false))
}

/// A question that somebody wrote down: where, which way it came, and who.
pub type WrittenDown = (PlaceId, QuestionSource, MemberId);

/// Every question that somebody wrote down.
///
/// # Errors
/// The storage's.
pub fn written_down(tx: &Tx<'_>) -> Result<BTreeMap<QuestionId, WrittenDown>, DbError> {
    let sql = "select id, place_id, source, entered_by from question where entered_by is not null";
    let all = tx.all(sql, args![], |row| {
        Ok((row.get(0)?, (row.get(1)?, row.get(2)?, row.get(3)?)))
    })?;
    Ok(all.into_iter().collect())
}

/// Writes a question that nobody has sent yet; `false` when it was there by its id, or the same
/// words came from the same source today.
///
/// # Errors
/// The storage's.
pub fn add(
    tx: &mut Tx<'_>,
    new: &NewQuestion,
    stands: &Standing,
    at: OffsetDateTime,
) -> Result<bool, DbError> {
    let contact = new.contact.as_ref().map(Contact::parts);
    let made = tx.execute(
        "insert into question (id, code, repeat_key, source, place_id, text, asked_at, entered_by, repeats,
           contact_kind, contact, stage, topic, holder_id, due_on, climb_on, climbs)
         values ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10, $11, $12, $13, $14, $15, 0) on conflict do nothing",
        args![
            new.id,
            new.code.as_str(),
            &new.repeat_key,
            new.source,
            &new.place,
            &new.text,
            at,
            new.entered_by,
            contact.map(|contact| contact.0),
            contact.map(|contact| contact.1),
            stands.stage,
            &stands.topic,
            &stands.holder,
            stands.due_on,
            stands.climb_on
        ],
    )?;
    Ok(made == 1)
}

/// The question that [`add`] found instead: by its id, or counted once more by its words.
///
/// # Errors
/// The storage's.
pub fn again(tx: &mut Tx<'_>, new: &NewQuestion, on: Date) -> Result<Option<Question>, DbError> {
    if let Some(same) = find(tx, new.id, on)? {
        return Ok(Some(same));
    }
    let found: Option<QuestionId> = tx.one(
        "update question set repeats = repeats + 1 where repeat_key = $1 returning id",
        args![&new.repeat_key],
        |row| row.get(0),
    )?;
    found.map_or(Ok(None), |id| find(tx, id, on))
}

/// A row of `question_step`.
#[derive(Clone, Debug)]
pub struct Step {
    /// Minted by who did it.
    pub id: Uuid,
    /// About which question.
    pub question: QuestionId,
    /// What.
    pub deed: Deed,
    /// In words: a reason, an answer.
    pub note: String,
    /// When.
    pub at: OffsetDateTime,
    /// Who; nobody for askers, and for what happens by itself.
    pub by: Option<MemberId>,
}

/// What a step sets besides how the question stands.
#[derive(Debug, Default)]
pub struct Also<'a> {
    /// Its words from now on.
    pub text: Option<&'a str>,
    /// Its answer from now on.
    pub answer: Option<&'a str>,
    /// Why it is not shown.
    pub withheld: Option<WithholdReason>,
    /// What it is published as.
    pub faq: Option<FaqId>,
}

/// Writes what was done about a question, and how it stands after it.
///
/// # Errors
/// The storage's.
pub fn write(
    tx: &mut Tx<'_>,
    step: &Step,
    stands: &Standing,
    also: &Also<'_>,
) -> Result<(), DbError> {
    let Deed {
        act,
        topic,
        holder,
        due_on,
        climb_on,
    } = &step.deed;
    tx.execute(
        "insert into question_step (act_id, question_id, act, topic, holder_id, due_on, climb_on, note, at, by_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        args![
            step.id,
            step.question,
            *act,
            topic.as_deref(),
            holder.as_ref(),
            *due_on,
            *climb_on,
            &step.note,
            step.at,
            step.by
        ],
    )?;
    let approved = (*act == QuestionAct::Approve).then_some(step.at);
    let ended = [QuestionStage::Answered, QuestionStage::Withheld].contains(&stands.stage);
    tx.execute(
        "update question set stage = $2, topic = $3, holder_id = $4, due_on = $5, climb_on = $6, climbs = $7,
            writer_id = $8, text = coalesce($9, text), answer = coalesce($10, answer),
            answered_at = coalesce($11, answered_at), withheld = $12, faq_id = coalesce($13, faq_id),
            ended_at = case when $14 then coalesce(ended_at, $15) else null end
          where id = $1",
        args![
            step.question,
            stands.stage,
            &stands.topic,
            &stands.holder,
            stands.due_on,
            stands.climb_on,
            stands.climbs,
            stands.writer,
            also.text,
            also.answer,
            approved,
            also.withheld,
            also.faq,
            ended,
            step.at
        ],
    )?;
    Ok(())
}

/// Which question something was done about before, by its id.
///
/// # Errors
/// The storage's.
pub fn done_before(tx: &Tx<'_>, act: Uuid) -> Result<Option<QuestionId>, DbError> {
    let sql = "select question_id from question_step where act_id = $1";
    tx.one(sql, args![act], |row| row.get(0))
}

const STEP: &str = "c.act_id, c.question_id, c.act, c.topic, c.holder_id, c.due_on, c.climb_on, c.note, c.at, c.by_id";

fn step(row: &Row<'_, '_>) -> Result<Step, DbError> {
    Ok(Step {
        id: row.get(0)?,
        question: row.get(1)?,
        deed: Deed {
            act: row.get(2)?,
            topic: row.get(3)?,
            holder: row.get(4)?,
            due_on: row.get(5)?,
            climb_on: row.get(6)?,
        },
        note: row.get(7)?,
        at: row.get(8)?,
        by: row.get(9)?,
    })
}

/// A step, the name of who did it, and that of the unit it went to.
pub type NamedStep = (Step, Option<String>, Option<String>);

/// Everything that was done about a question, in order, with the names of who did it and of
/// the unit it went to.
///
/// # Errors
/// The storage's.
pub fn steps(tx: &Tx<'_>, id: QuestionId, on: Date) -> Result<Vec<NamedStep>, DbError> {
    let sql = format!(
        "select {STEP}, m.name, (select x.full_name from place_name x where x.place_id = c.holder_id
            and (x.valid_from is null or x.valid_from <= $2 or x.position = 0) order by x.position desc limit 1)
           from question_step c left join member m on m.id = c.by_id where c.question_id = $1 order by c.id"
    );
    tx.all(&sql, args![id, on], |row| {
        Ok((step(&row)?, row.get(10)?, row.get(11)?))
    })
}

/// Calls `each` for everything that was ever done, in order.
///
/// # Errors
/// The storage's, or `each`'s.
pub fn each_step(tx: &Tx<'_>, mut each: impl FnMut(Step)) -> Result<(), DbError> {
    let sql = format!("select {STEP} from question_step c order by c.id");
    tx.each(&sql, args![], |row| {
        each(step(&row)?);
        Ok(())
    })
}

/// Calls `each` with how every question stands.
///
/// # Errors
/// The storage's.
pub fn each_standing(
    tx: &Tx<'_>,
    mut each: impl FnMut(QuestionId, Standing),
) -> Result<(), DbError> {
    tx.each(
        "select id, stage, topic, holder_id, due_on, climb_on, climbs, writer_id from question",
        args![],
        |row| {
            let stands = Standing {
                stage: row.get(1)?,
                topic: row.get(2)?,
                holder: row.get(3)?,
                due_on: row.get(4)?,
                climb_on: row.get(5)?,
                climbs: row.get(6)?,
                writer: row.get(7)?,
            };
            each(row.get(0)?, stands);
            Ok(())
        },
    )
}

/// Questions whose day is over without an answer, with the path of the unit that has each.
///
/// # Errors
/// The storage's.
pub fn overdue(tx: &Tx<'_>, today: Date, limit: i64) -> Result<Vec<(QuestionId, String)>, DbError> {
    tx.all(
        "select q.id, h.path from question q join place h on h.id = q.holder_id
          where q.stage in ('open', 'review') and q.climb_on < $1 order by q.climb_on, q.id limit $2",
        args![today, limit],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Takes away how askers of questions that ended long ago are reached, and the words of older
/// ones; of how many.
///
/// # Errors
/// The storage's.
pub fn forget(
    tx: &mut Tx<'_>,
    now: OffsetDateTime,
    (contact_days, words_days): (i64, i64),
) -> Result<usize, DbError> {
    let before = now - Duration::days(contact_days);
    tx.execute(
        "delete from question_message where question_id in
           (select id from question where ended_at <= $1 and (contact is not null or repeat_key is not null))",
        args![before],
    )?;
    let contacts = tx.execute(
        "update question set contact = null, contact_kind = null, repeat_key = null
          where ended_at <= $1 and (contact is not null or repeat_key is not null)",
        args![before],
    )?;
    let before = now - Duration::days(words_days);
    tx.execute(
        "update question_step set note = '' where note <> '' and question_id in
           (select id from question where ended_at <= $1 and text is not null)",
        args![before],
    )?;
    let words = tx.execute(
        "update question set text = null, answer = null where ended_at <= $1 and text is not null",
        args![before],
    )?;
    tx.execute(
        "delete from zalo_event where at <= $1",
        args![now - Duration::days(contact_days)],
    )?;
    tx.execute(
        "delete from zalo_user where acted_at <= $1",
        args![now - Duration::days(contact_days)],
    )?;
    Ok(contacts + words)
}

/// A question as figures need it.
#[derive(Debug)]
pub struct Counted {
    /// Code of its topic.
    pub topic: String,
    /// The commune it was asked about, named.
    pub place: (PlaceId, String),
    /// How far it has come.
    pub stage: QuestionStage,
    /// The day it was due.
    pub due_on: Date,
    /// When it was asked.
    pub asked_at: OffsetDateTime,
    /// When the answer went out.
    pub answered_at: Option<OffsetDateTime>,
    /// How often it climbed.
    pub climbs: u32,
}

/// Questions asked in a period at or below a path.
///
/// # Errors
/// The storage's.
pub fn counted(
    tx: &Tx<'_>,
    path: &str,
    (since, until): (OffsetDateTime, OffsetDateTime),
    on: Date,
) -> Result<Vec<Counted>, DbError> {
    let (from, to) = path_range(path);
    let sql = format!(
        "select q.topic, p.id, n.full_name, q.stage, q.due_on, q.asked_at, q.answered_at, q.climbs
           from {NAMED} join question q on q.place_id = p.id
          where p.path >= $2 and p.path < $3 and q.asked_at >= $4 and q.asked_at < $5 order by q.asked_at, q.id"
    );
    tx.all(&sql, args![on, from, &to, since, until], |row| {
        Ok(Counted {
            topic: row.get(0)?,
            place: (row.get(1)?, row.get(2)?),
            stage: row.get(3)?,
            due_on: row.get(4)?,
            asked_at: row.get(5)?,
            answered_at: row.get(6)?,
            climbs: row.get(7)?,
        })
    })
}
