//! Answers published for everybody: found by words whatever marks they are typed with, on a page
//! and on phones. Plain tables of words, which both databases have.

use crate::args;
use crate::features::places::store::path_range;
use crate::platform::db::{DbError, Insert, Row, Tx, Value};
use crate::platform::wire::Instant;
use domain::ids::{FaqId, MemberId, PlaceId};
use domain::questions::search_words;
use serde::Serialize;
use std::collections::BTreeMap;
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// What a word of the question weighs; one of the answer weighs 1.
const QUESTION_WEIGHT: i64 = 3;

/// An answer for everybody.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FaqBody {
    #[schema(value_type = Uuid)]
    pub(crate) id: FaqId,
    /// For those who live there, below and above.
    #[schema(value_type = String)]
    pub(crate) place: PlaceId,
    /// Code of its topic.
    pub(crate) topic: String,
    pub(crate) question: String,
    pub(crate) answer: String,
    pub(crate) published_at: Instant,
    /// It is no longer one.
    pub(crate) withdrawn: bool,
}

const FAQ: &str = "f.id, f.place_id, f.topic, f.question, f.answer, f.published_at, f.withdrawn_at";

fn read(row: &Row<'_, '_>) -> Result<FaqBody, DbError> {
    Ok(FaqBody {
        id: row.get(0)?,
        place: row.get(1)?,
        topic: row.get(2)?,
        question: row.get(3)?,
        answer: row.get(4)?,
        published_at: Instant(row.get(5)?),
        withdrawn: row.get::<Option<OffsetDateTime>>(6)?.is_some(),
    })
}

/// That an answer is for a path: published there, above or below.
const AROUND: &str = "((p.path >= $1 and p.path < $2) or substr($1, 1, length(p.path)) = p.path)";

/// Answers around a path with a revision above `since`; with `deep` also those below it.
///
/// # Errors
/// The storage's.
pub fn around(tx: &Tx<'_>, path: &str, since: i64, deep: bool) -> Result<Vec<FaqBody>, DbError> {
    let (from, to) = path_range(path);
    let sql = format!(
        "select {FAQ} from faq f join place p on p.id = f.place_id
          where {AROUND} and f.rev > $3 and ($4 or length(p.path) <= length($1)) and ($3 >= 0 or f.withdrawn_at is null)
          order by f.id"
    );
    tx.all(&sql, args![from, &to, since, deep], |row| read(&row))
}

/// One answer.
///
/// # Errors
/// The storage's.
pub fn find(tx: &Tx<'_>, id: FaqId) -> Result<Option<FaqBody>, DbError> {
    let sql = format!("select {FAQ} from faq f where f.id = $1");
    tx.one(&sql, args![id], |row| read(&row))
}

/// What is looked for.
#[derive(Debug)]
pub struct Wanted<'a> {
    /// Words; blank for the newest.
    pub text: &'a str,
    /// Around this path.
    pub path: &'a str,
    /// Only this topic.
    pub topic: Option<&'a str>,
    /// So many at most.
    pub limit: i64,
    /// Without the first so many.
    pub skip: i64,
}

/// Answers that have more than half of the words that say something, those with the rarest
/// words first, and how many there are.
///
/// # Errors
/// The storage's.
pub fn search(tx: &Tx<'_>, wanted: &Wanted<'_>) -> Result<(Vec<FaqBody>, i64), DbError> {
    let words: Vec<String> = search_words(wanted.text).into_iter().collect();
    let blank = wanted.text.trim().is_empty();
    if words.is_empty() && !blank {
        return Ok((Vec::new(), 0));
    }
    let (from, to) = path_range(wanted.path);
    let mut args = args![from, &to, wanted.topic].to_vec();
    let mut these: Vec<String> = Vec::new();
    for word in &words {
        args.push(Value::from(word));
        these.push(format!("${}", args.len()));
    }
    let live = format!(
        "f.withdrawn_at is null and {AROUND} and (f.topic = $3 or cast($3 as text) is null)"
    );
    let found = if blank {
        format!(
            "select f.id as faq_id, cast(0 as bigint) as score from faq f join place p on p.id = f.place_id where {live}"
        )
    } else {
        // A word that many answers have says little of one.
        format!(
            "select h.faq_id, cast(sum(h.weight * 1000 / d.n) as bigint) as score
               from faq_word h join (select word, count(*) as n from faq_word where word in ({these}) group by word) d on d.word = h.word
               join faq f on f.id = h.faq_id join place p on p.id = f.place_id
              where {live} group by h.faq_id having count(*) * 2 > {of}",
            these = these.join(", "),
            of = words.len()
        )
    };
    let count = tx.one(&format!("select count(*) from ({found}) k"), &args, |row| {
        row.get(0)
    })?;
    args.extend(args![wanted.limit, wanted.skip].iter().cloned());
    let sql = format!(
        "select {FAQ} from ({found}) k join faq f on f.id = k.faq_id
          order by k.score desc, f.published_at desc, f.id limit ${} offset ${}",
        args.len() - 1,
        args.len()
    );
    let page = tx.all(&sql, &args, |row| read(&row))?;
    Ok((page, count.unwrap_or(0)))
}

/// Who stands for an answer, and when.
#[derive(Clone, Copy, Debug)]
pub struct Signed {
    /// Who publishes it.
    pub by: MemberId,
    /// Who wrote it, if somebody else.
    pub writer: Option<MemberId>,
    /// When.
    pub at: OffsetDateTime,
}

/// Publishes an answer, or writes it anew.
///
/// # Errors
/// The storage's.
pub fn put(
    tx: &mut Tx<'_>,
    id: FaqId,
    (place, topic): (&PlaceId, &str),
    (question, answer): (&str, &str),
    signed: Signed,
) -> Result<(), DbError> {
    let rev = tx.next_rev()?;
    tx.execute(
        "insert into faq (id, place_id, topic, question, answer, published_at, published_by, checked_by, rev)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (id) do update set topic = excluded.topic, question = excluded.question, answer = excluded.answer,
           published_by = excluded.published_by, withdrawn_at = null, rev = excluded.rev",
        args![
            id,
            place,
            topic,
            question,
            answer,
            signed.at,
            signed.by,
            signed.writer,
            rev
        ],
    )?;
    let sql = "delete from faq_word where faq_id = $1";
    tx.execute(sql, args![id])?;
    let weighed: BTreeMap<String, i64> = (search_words(answer).into_iter().map(|word| (word, 1)))
        .chain(
            search_words(question)
                .into_iter()
                .map(|word| (word, QUESTION_WEIGHT)),
        )
        .collect();
    let rows: Vec<_> = weighed
        .iter()
        .map(|(word, weight)| args![word, id, *weight].to_vec())
        .collect();
    tx.insert(&WORDS, &rows)
}

const WORDS: Insert = Insert {
    into: "faq_word",
    columns: &[
        ("word", "{text}"),
        ("faq_id", "{uuid}"),
        ("weight", "{int}"),
    ],
    then: "",
};

/// Takes an answer back; phones let go of it.
///
/// # Errors
/// The storage's.
pub fn withdraw(tx: &mut Tx<'_>, id: FaqId, at: OffsetDateTime) -> Result<(), DbError> {
    let rev = tx.next_rev()?;
    tx.execute(
        "update faq set withdrawn_at = $2, rev = $3 where id = $1 and withdrawn_at is null",
        args![id, at, rev],
    )?;
    tx.execute("delete from faq_word where faq_id = $1", args![id])?;
    Ok(())
}

/// A question that an answer spared.
#[derive(Debug)]
pub struct FaqUse<'a> {
    /// Minted by who says so.
    pub id: Uuid,
    /// Which answer.
    pub faq: FaqId,
    /// Where.
    pub place: &'a PlaceId,
    /// Who answered a resident with it; nobody where a resident found it.
    pub member: Option<MemberId>,
    /// When.
    pub at: OffsetDateTime,
}

/// Notes that an answer spared a question; sent twice, it is noted once.
///
/// # Errors
/// The storage's.
pub fn note_use(tx: &mut Tx<'_>, used: &FaqUse<'_>) -> Result<(), DbError> {
    tx.execute(
        "insert into faq_use (id, faq_id, place_id, at, member_id) values ($1, $2, $3, $4, $5) on conflict (id) do nothing",
        args![used.id, used.faq, used.place, used.at, used.member],
    )?;
    Ok(())
}

/// How many questions answers spared at or below a path in a period: residents who found
/// them, and volunteers who answered with them.
///
/// # Errors
/// The storage's.
pub fn uses(
    tx: &Tx<'_>,
    path: &str,
    (since, until): (OffsetDateTime, OffsetDateTime),
) -> Result<(i64, i64), DbError> {
    let (from, to) = path_range(path);
    let found = tx.one(
        "select count(*), count(u.member_id) from faq_use u join place p on p.id = u.place_id
          where p.path >= $1 and p.path < $2 and u.at >= $3 and u.at < $4",
        args![from, &to, since, until],
        |row| Ok((row.get::<i64>(0)?, row.get::<i64>(1)?)),
    )?;
    let (all, volunteers) = found.unwrap_or_default();
    Ok((all - volunteers, volunteers))
}
