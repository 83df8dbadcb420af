//! The only SQL about notifications.

use super::Notice;
use super::push::Subscription;
use crate::args;
use crate::platform::db::{DbError, Row, Tx};
use domain::ids::MemberId;
use domain::notifications::{NoticeChannel, NoticeKind};
use serde_json::{Map, Value};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// How long a notification is kept.
const KEPT_FOR: Duration = Duration::days(180);

fn facts(row: &Row<'_, '_>, column: usize) -> Result<Map<String, Value>, DbError> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|fault| DbError::BadData {
        column,
        why: fault.to_string(),
    })
}

/// Keeps a notification; `false` when it was there before.
///
/// # Errors
/// The storage's.
pub fn add(
    tx: &mut Tx<'_>,
    id: Uuid,
    notice: &Notice<'_>,
    now: OffsetDateTime,
) -> Result<bool, DbError> {
    let key = format!("{}:{}", notice.kind.as_str(), notice.about);
    let facts = Value::Object(notice.facts.clone()).to_string();
    let made = tx.execute(
        "insert into notification (id, member_id, key, kind, facts, link, at) values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (member_id, key) do nothing",
        args![id, notice.to, &key, notice.kind, &facts, notice.link, now],
    )?;
    Ok(made == 1)
}

/// A notification as it is kept.
#[derive(Debug)]
pub struct Stored {
    /// Id; sorts by time.
    pub id: Uuid,
    /// About what.
    pub kind: NoticeKind,
    /// For its words.
    pub facts: Map<String, Value>,
    /// Which screen it leads to.
    pub link: String,
    /// When.
    pub at: OffsetDateTime,
    /// When it was read.
    pub read_at: Option<OffsetDateTime>,
}

/// Somebody's notifications before `before`, the newest first.
///
/// # Errors
/// The storage's.
pub fn list(
    tx: &Tx<'_>,
    member: MemberId,
    before: Uuid,
    limit: i64,
) -> Result<Vec<Stored>, DbError> {
    tx.all(
        "select id, kind, facts, link, at, read_at from notification
          where member_id = $1 and id < $2 order by id desc limit $3",
        args![member, before, limit],
        |row| {
            Ok(Stored {
                id: row.get(0)?,
                kind: row.get(1)?,
                facts: facts(&row, 2)?,
                link: row.get(3)?,
                at: row.get(4)?,
                read_at: row.get(5)?,
            })
        },
    )
}

/// How many they have not read.
///
/// # Errors
/// The storage's.
pub fn unread(tx: &Tx<'_>, member: MemberId) -> Result<i64, DbError> {
    let sql = "select count(*) from notification where member_id = $1 and read_at is null";
    let found = tx.one(sql, args![member], |row| row.get(0))?;
    Ok(found.unwrap_or(0))
}

/// Marks one of theirs read; `false` = they have none with this id.
///
/// # Errors
/// The storage's.
pub fn read(
    tx: &mut Tx<'_>,
    member: MemberId,
    id: Uuid,
    now: OffsetDateTime,
) -> Result<bool, DbError> {
    let found = tx.execute(
        "update notification set read_at = coalesce(read_at, $3) where member_id = $1 and id = $2",
        args![member, id, now],
    )?;
    Ok(found == 1)
}

/// Marks `through` and all before it read.
///
/// # Errors
/// The storage's.
pub fn read_through(
    tx: &mut Tx<'_>,
    member: MemberId,
    through: Uuid,
    now: OffsetDateTime,
) -> Result<(), DbError> {
    tx.execute(
        "update notification set read_at = $3 where member_id = $1 and id <= $2 and read_at is null",
        args![member, through, now],
    )?;
    Ok(())
}

/// What somebody chose.
///
/// # Errors
/// The storage's.
pub fn choices(
    tx: &Tx<'_>,
    member: MemberId,
) -> Result<Vec<(NoticeKind, NoticeChannel, bool)>, DbError> {
    tx.all(
        "select kind, channel, wanted from notification_choice where member_id = $1",
        args![member],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
}

/// The channels by which somebody wants to hear of a kind.
///
/// # Errors
/// The storage's.
pub fn wanted(
    tx: &Tx<'_>,
    member: MemberId,
    kind: NoticeKind,
) -> Result<Vec<NoticeChannel>, DbError> {
    let chosen = choices(tx, member)?;
    let wants = |channel: &NoticeChannel| {
        let choice = chosen.iter().find(|one| (one.0, one.1) == (kind, *channel));
        choice.map_or(channel.is_wanted_unless_declined(), |choice| choice.2)
    };
    Ok(NoticeChannel::ALL.iter().copied().filter(wants).collect())
}

/// Keeps a choice.
///
/// # Errors
/// The storage's.
pub fn choose(
    tx: &mut Tx<'_>,
    member: MemberId,
    kind: NoticeKind,
    channel: NoticeChannel,
    wanted: bool,
) -> Result<(), DbError> {
    tx.execute(
        "insert into notification_choice (member_id, kind, channel, wanted) values ($1, $2, $3, $4)
         on conflict (member_id, kind, channel) do update set wanted = excluded.wanted",
        args![member, kind, channel, wanted],
    )?;
    Ok(())
}

/// Lets the browser of a session take messages; it is nobody else's any more.
///
/// # Errors
/// The storage's.
pub fn subscribe(
    tx: &mut Tx<'_>,
    session: &[u8; 32],
    new: &Subscription,
    language: &str,
) -> Result<(), DbError> {
    tx.execute(
        "delete from push_subscription where endpoint = $1 and session <> $2",
        args![&new.endpoint, &session[..]],
    )?;
    tx.execute(
        "insert into push_subscription (session, endpoint, p256dh, auth, language) values ($1, $2, $3, $4, $5)
         on conflict (session) do update set endpoint = excluded.endpoint, p256dh = excluded.p256dh,
           auth = excluded.auth, language = excluded.language",
        args![&session[..], &new.endpoint, &new.p256dh[..], &new.auth[..], language],
    )?;
    Ok(())
}

/// Ends what [`subscribe`] began.
///
/// # Errors
/// The storage's.
pub fn unsubscribe(tx: &mut Tx<'_>, session: &[u8]) -> Result<(), DbError> {
    let sql = "delete from push_subscription where session = $1";
    tx.execute(sql, args![session])?;
    Ok(())
}

/// The browsers on which somebody takes messages, by session.
///
/// # Errors
/// The storage's.
pub fn browsers(tx: &Tx<'_>, member: MemberId) -> Result<Vec<Option<Vec<u8>>>, DbError> {
    tx.all(
        "select p.session from push_subscription p join session s on s.token_hash = p.session where s.member_id = $1",
        args![member],
        |row| row.get(0),
    )
}

/// Puts a message into the outbox.
///
/// # Errors
/// The storage's.
pub fn post(
    tx: &mut Tx<'_>,
    id: Uuid,
    notification: Uuid,
    channel: NoticeChannel,
    browser: Option<&[u8]>,
    now: OffsetDateTime,
) -> Result<(), DbError> {
    tx.execute(
        "insert into delivery (id, notification_id, channel, session, due_at, tries) values ($1, $2, $3, $4, $5, 0)",
        args![id, notification, channel, browser, now],
    )?;
    Ok(())
}

/// A message that is due.
#[derive(Debug)]
pub struct Due {
    /// The delivery's id.
    pub id: Uuid,
    /// The notification's.
    pub notification: Uuid,
    /// By which way.
    pub channel: NoticeChannel,
    /// How often it was tried before.
    pub tries: i64,
    /// About what.
    pub kind: NoticeKind,
    /// For its words.
    pub facts: Map<String, Value>,
    /// Which screen it leads to.
    pub link: String,
    /// When it was told.
    pub at: OffsetDateTime,
    /// The session of the browser, for a push.
    pub session: Option<Vec<u8>>,
    /// The browser, and its language.
    pub browser: Option<(Subscription, String)>,
    /// Their phone number, E.164.
    pub phone: Option<String>,
}

/// Whether any message is due.
///
/// # Errors
/// The storage's.
pub fn is_due(tx: &Tx<'_>, now: OffsetDateTime) -> Result<bool, DbError> {
    let sql = "select 1 from delivery where due_at <= $1 limit 1";
    Ok(tx.one(sql, args![now], |_| Ok(()))?.is_some())
}

/// Takes messages that are due, for as long as `until`: whoever dies with them leaves
/// them to be taken again. Another node takes others at the same time.
///
/// # Errors
/// The storage's.
pub fn take(
    tx: &mut Tx<'_>,
    now: OffsetDateTime,
    until: OffsetDateTime,
    limit: i64,
) -> Result<Vec<Due>, DbError> {
    let apart = if tx.is_sqlite() {
        ""
    } else {
        "for update of d skip locked"
    };
    let due = tx.all(
        &format!(
            "select d.id, n.id, d.channel, d.tries, n.kind, n.facts, n.link, n.at, d.session,
                    p.endpoint, p.p256dh, p.auth, p.language, m.phone
               from delivery d join notification n on n.id = d.notification_id join member m on m.id = n.member_id
               left join push_subscription p on p.session = d.session
              where d.due_at <= $1 order by d.due_at limit $2 {apart}"
        ),
        args![now, limit],
        |row| {
            let browser = match row.get(9)? {
                None => None,
                Some(endpoint) => {
                    let (p256dh, auth) = (row.get(10)?, row.get(11)?);
                    let of = Subscription { endpoint, p256dh, auth };
                    Some((of, row.get(12)?))
                }
            };
            Ok(Due {
                id: row.get(0)?,
                notification: row.get(1)?,
                channel: row.get(2)?,
                tries: row.get(3)?,
                kind: row.get(4)?,
                facts: facts(&row, 5)?,
                link: row.get(6)?,
                at: row.get(7)?,
                session: row.get(8)?,
                browser,
                phone: row.get(13)?,
            })
        },
    )?;
    for one in &due {
        tx.execute(
            "update delivery set due_at = $2, tries = tries + 1 where id = $1",
            args![one.id, until],
        )?;
    }
    Ok(due)
}

/// Has a message wait until `due_at`.
///
/// # Errors
/// The storage's.
pub fn postpone(tx: &mut Tx<'_>, id: Uuid, due_at: OffsetDateTime) -> Result<(), DbError> {
    let sql = "update delivery set due_at = $2 where id = $1";
    tx.execute(sql, args![id, due_at])?;
    Ok(())
}

/// Takes a message out of the outbox.
///
/// # Errors
/// The storage's.
pub fn close(tx: &mut Tx<'_>, id: Uuid) -> Result<(), DbError> {
    tx.execute("delete from delivery where id = $1", args![id])?;
    Ok(())
}

/// Forgets what is old; how many notifications.
///
/// # Errors
/// The storage's.
pub fn forget(tx: &mut Tx<'_>, now: OffsetDateTime) -> Result<usize, DbError> {
    let before = now - KEPT_FOR;
    tx.execute(
        "delete from simulated_message where at <= $1",
        args![before],
    )?;
    tx.execute("delete from notification where at <= $1", args![before])
}

/// What a simulated channel would have sent.
#[derive(Debug)]
pub struct Simulated {
    /// By which way.
    pub channel: NoticeChannel,
    /// To which number, E.164.
    pub phone: String,
    /// What it says.
    pub text: String,
    /// When.
    pub at: OffsetDateTime,
}

/// The last simulated messages, the newest first.
///
/// # Errors
/// The storage's.
pub fn simulated(tx: &Tx<'_>, limit: i64) -> Result<Vec<Simulated>, DbError> {
    tx.all(
        "select channel, phone, text, at from simulated_message order by id desc limit $1",
        args![limit],
        |row| {
            Ok(Simulated {
                channel: row.get(0)?,
                phone: row.get(1)?,
                text: row.get(2)?,
                at: row.get(3)?,
            })
        },
    )
}
