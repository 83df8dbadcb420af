//! Who hears that a shift lacks people, or that somebody looks for a substitute.

use super::store::{self, Deed, Gap, Shift, Who};
use super::suited::suited;
use crate::args;
use crate::features::notifications::{Notice, notify};
use crate::platform::clock::Clock;
use crate::platform::db::{DbError, Tx, unix_ms};
use domain::days::VIETNAM;
use domain::ids::MemberId;
use domain::notifications::NoticeKind;
use domain::rosters::{Change, alert_due};
use serde_json::{Map, Value};

/// Colleagues who are asked to take a shift over, at most.
const ASKED_MAX: usize = 20;

/// Gaps told in one go, at most: others wait for their writes meanwhile. The next go tells
/// the rest.
const TOLD_MAX: usize = 2000;

/// Tells leaders and commune officers of the gaps that have come near, once for each shift
/// and alert; how many gaps.
///
/// # Errors
/// The storage's.
pub fn tell_gaps(tx: &mut Tx<'_>, clock: &Clock) -> Result<usize, DbError> {
    let now = clock.now();
    let due = |gap: Gap| {
        let alert_h = alert_due(&gap.alerts_h, gap.shift.starts_at - now)?;
        let is_new = gap.alerted_h.is_none_or(|last| alert_h < last);
        is_new.then_some((gap, alert_h))
    };
    let gaps = store::gaps(tx, None, now)?.into_iter().filter_map(due);
    let mut told = 0;
    for (gap, alert_h) in gaps.take(TOLD_MAX) {
        let about = format!("{}:{alert_h}", gap.shift.id.0);
        tell_leaders(tx, clock, NoticeKind::ShiftShort, &gap, &about, None)?;
        store::note_alert(tx, gap.shift.id, alert_h)?;
        told += 1;
    }
    Ok(told)
}

/// Tells who has to know what somebody has just done.
///
/// # Errors
/// The storage's.
pub fn after(tx: &mut Tx<'_>, clock: &Clock, deed: &Deed) -> Result<(), DbError> {
    match deed.change {
        Change::Left | Change::Unassigned => tell_left(tx, clock, deed),
        Change::Offered => tell_colleagues(tx, clock, deed),
        _ => Ok(()),
    }
}

/// Whoever leaves when it is time for alerts leaves a gap that cannot wait for the next one.
fn tell_left(tx: &mut Tx<'_>, clock: &Clock, deed: &Deed) -> Result<(), DbError> {
    let Some(gap) = store::gaps(tx, Some(deed.shift), deed.at)?.pop() else {
        return Ok(());
    };
    let Some(alert_h) = alert_due(&gap.alerts_h, gap.shift.starts_at - deed.at) else {
        return Ok(());
    };
    let (shift, member, at_ms) = (deed.shift.0, deed.member, unix_ms(deed.at));
    let about = format!("{shift}:{member}:{at_ms}");
    tell_leaders(tx, clock, NoticeKind::ShiftLeft, &gap, &about, Some(deed))?;
    store::note_alert(tx, deed.shift, alert_h)
}

fn tell_leaders(
    tx: &mut Tx<'_>,
    clock: &Clock,
    kind: NoticeKind,
    gap: &Gap,
    about: &str,
    left: Option<&Deed>,
) -> Result<(), DbError> {
    let mut facts = facts(&gap.shift);
    facts.insert("missing".to_owned(), gap.missing.into());
    if let Some(deed) = left {
        facts.insert("name".to_owned(), name(tx, deed.member)?.into());
    }
    for to in store::leaders(tx, &gap.shift.path)? {
        // Whoever did it knows.
        if left.is_none_or(|deed| deed.by != to) {
            let link = "/ca-truc/thieu";
            notify(
                tx,
                clock,
                &Notice {
                    to,
                    kind,
                    about,
                    facts: &facts,
                    link,
                },
            )?;
        }
    }
    Ok(())
}

fn tell_colleagues(tx: &mut Tx<'_>, clock: &Clock, deed: &Deed) -> Result<(), DbError> {
    let Some(shift) = store::find(tx, deed.shift)? else {
        return Ok(());
    };
    let mut facts = facts(&shift);
    facts.insert("name".to_owned(), name(tx, deed.member)?.into());
    let about = format!("{}:{}:{}", deed.shift.0, deed.member, unix_ms(deed.at));
    let asked = suited(tx, Who::Colleagues(deed.member), &shift)?;
    for one in asked.into_iter().take(ASKED_MAX) {
        let notice = Notice {
            to: one.member,
            kind: NoticeKind::ShiftOffered,
            about: &about,
            facts: &facts,
            link: "/ca-truc",
        };
        notify(tx, clock, &notice)?;
    }
    Ok(())
}

/// Tells a member that they are wanted at another point now.
///
/// # Errors
/// The storage's.
pub fn tell_moved(
    tx: &mut Tx<'_>,
    clock: &Clock,
    member: MemberId,
    (from, to): (&Shift, &Shift),
) -> Result<(), DbError> {
    let mut facts = facts(to);
    facts.insert("from".to_owned(), from.point_name.as_str().into());
    let about = format!("{}:{}", to.id.0, unix_ms(clock.now()));
    let notice = Notice {
        to: member,
        kind: NoticeKind::ShiftMoved,
        about: &about,
        facts: &facts,
        link: "/quay",
    };
    notify(tx, clock, &notice).map(drop)
}

fn name(tx: &Tx<'_>, member: MemberId) -> Result<String, DbError> {
    let sql = "select name from member where id = $1";
    let found = tx.one(sql, args![member], |row| row.get(0))?;
    Ok(found.unwrap_or_default())
}

/// What a notice says of a shift.
fn facts(shift: &Shift) -> Map<String, Value> {
    let clock = |at: time::OffsetDateTime| {
        let at = at.to_offset(VIETNAM);
        format!("{:02}:{:02}", at.hour(), at.minute())
    };
    let time = format!("{}–{}", clock(shift.starts_at), clock(shift.ends_at));
    Map::from_iter([
        ("point".to_owned(), shift.point_name.as_str().into()),
        ("day".to_owned(), vn::number::date(shift.day).into()),
        ("time".to_owned(), time.into()),
    ])
}
