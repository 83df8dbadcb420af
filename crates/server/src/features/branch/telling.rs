//! Telling people what they have to do.

use super::store;
use crate::features::notifications::{Notice, notify};
use crate::platform::clock::Clock;
use crate::platform::db::{DbError, Tx};
use domain::branch::{Task, due_day, is_due_soon};
use domain::days::{VIETNAM, day_of};
use domain::ids::{DirectiveId, MemberId, TaskId, TeamId};
use domain::notifications::NoticeKind;
use serde_json::{Map, Value};
use time::{Date, OffsetDateTime};

/// Nobody is told of a day that comes before this hour.
const MORNING: u8 = 7;

fn facts(title: &str, due_on: Option<Date>) -> Map<String, Value> {
    let due = due_on.map_or_else(|| "…".to_owned(), vn::number::date);
    Map::from_iter([
        ("title".to_owned(), title.into()),
        ("due".to_owned(), due.into()),
    ])
}

/// Tells those who are to do a task, but not whoever gives it.
///
/// # Errors
/// The storage's.
pub fn task_given(
    tx: &mut Tx<'_>,
    id: TaskId,
    team: TeamId,
    task: &Task,
    now: OffsetDateTime,
) -> Result<(), DbError> {
    let clock = Clock::still(now);
    for to in store::doers(tx, team, task.what.member)? {
        if to == task.given.1 {
            continue;
        }
        let notice = Notice {
            to,
            kind: NoticeKind::TaskGiven,
            about: &id.to_string(),
            facts: &facts(&task.what.title, task.what.due_on.map(due_day)),
            link: "/chi-doan",
        };
        notify(tx, &clock, &notice)?;
    }
    Ok(())
}

/// Tells of tasks that are due on the next working day, once for each day a task is due on;
/// how many were told.
///
/// # Errors
/// The storage's.
pub fn tasks_due(tx: &mut Tx<'_>, now: OffsetDateTime) -> Result<usize, DbError> {
    if now.to_offset(VIETNAM).hour() < MORNING {
        return Ok(0);
    }
    let (clock, today) = (Clock::still(now), day_of(now));
    let mut told = 0;
    for (id, team, member, title, due_on) in store::open_tasks_due(tx, today)? {
        let due_on = due_day(due_on);
        if !is_due_soon(due_on, today) {
            continue;
        }
        for to in store::doers(tx, team, member)? {
            let notice = Notice {
                to,
                kind: NoticeKind::TaskDue,
                about: &format!("{id}:{due_on}"),
                facts: &facts(&title, Some(due_on)),
                link: "/chi-doan",
            };
            told += usize::from(notify(tx, &clock, &notice)?);
        }
    }
    Ok(told)
}

/// A directive, as far as its notices need it.
#[derive(Debug)]
pub struct Sent<'a> {
    /// Which.
    pub id: DirectiveId,
    /// What tells this notice from others about the same directive.
    pub about: &'a str,
    /// Its title.
    pub title: &'a str,
    /// Who sends it, or passes it on.
    pub from: &'a str,
    /// Until when.
    pub due_on: Option<Date>,
}

/// Tells the leaders of a team of a directive.
///
/// # Errors
/// The storage's.
pub fn directive(
    tx: &mut Tx<'_>,
    team: TeamId,
    kind: NoticeKind,
    sent: &Sent<'_>,
    now: OffsetDateTime,
) -> Result<(), DbError> {
    let mut facts = facts(sent.title, sent.due_on);
    facts.insert("from".to_owned(), sent.from.into());
    let leaders: Vec<MemberId> = store::leaders(tx, team)?;
    for to in leaders {
        let notice = Notice {
            to,
            kind,
            about: sent.about,
            facts: &facts,
            link: &format!("/chi-doan/chi-dao/{}", sent.id),
        };
        notify(tx, &Clock::still(now), &notice)?;
    }
    Ok(())
}
