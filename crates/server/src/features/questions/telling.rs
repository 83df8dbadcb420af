//! Whom each step of a question is told to.

use super::store::{self, Question, Step};
use crate::features::notifications::{Notice, notify};
use crate::platform::clock::Clock;
use crate::platform::db::Tx;
use crate::platform::problem::AppResult;
use domain::ids::MemberId;
use domain::notifications::NoticeKind;
use domain::questions::{QuestionAct, Topics};
use serde_json::{Map, Value};

/// Tells those whom it concerns what was done, once the transaction is committed; never the
/// one who did it.
///
/// # Errors
/// The storage's.
pub fn tell(tx: &mut Tx<'_>, clock: &Clock, step: &Step, question: &Question) -> AppResult<()> {
    let unit = |tx: &Tx<'_>| store::officers_of(tx, &question.stands.holder);
    let (kind, whom) = match step.deed.act {
        QuestionAct::Ask => (NoticeKind::QuestionAsked, unit(tx)?),
        QuestionAct::Route if step.deed.holder.is_some() => (NoticeKind::QuestionAsked, unit(tx)?),
        QuestionAct::Climb => (NoticeKind::QuestionClimbed, unit(tx)?),
        QuestionAct::Draft => (NoticeKind::QuestionReview, unit(tx)?),
        QuestionAct::Return => {
            let steps = store::steps(tx, question.id, clock.today())?;
            let mut writers = steps.iter().rev().map(|(step, ..)| step);
            let writer = writers.find(|step| step.deed.act == QuestionAct::Draft);
            let writer = writer.and_then(|step| step.by).into_iter().collect();
            (NoticeKind::QuestionReturned, writer)
        }
        _ => return Ok(()),
    };
    say(tx, clock, step, question, (kind, whom))
}

/// Tells the unit that had a question that it climbed.
///
/// # Errors
/// The storage's.
pub fn tell_left_behind(
    tx: &mut Tx<'_>,
    clock: &Clock,
    step: &Step,
    before: &Question,
) -> AppResult<()> {
    let whom = store::officers_of(tx, &before.stands.holder)?;
    say(tx, clock, step, before, (NoticeKind::QuestionClimbed, whom))
}

/// Tells who let an answer go that it could not be sent the way the question came.
///
/// # Errors
/// The storage's.
pub fn tell_unsent(tx: &mut Tx<'_>, clock: &Clock, question: &Question) -> AppResult<()> {
    let steps = store::steps(tx, question.id, clock.today())?;
    let mut approved = steps.into_iter().map(|(step, ..)| step);
    let Some(step) = approved.rfind(|step| step.deed.act == QuestionAct::Approve) else {
        return Ok(());
    };
    let whom = step.by.into_iter().collect();
    let own = Step { by: None, ..step };
    say(
        tx,
        clock,
        &own,
        question,
        (NoticeKind::QuestionUnsent, whom),
    )
}

fn say(
    tx: &mut Tx<'_>,
    clock: &Clock,
    step: &Step,
    question: &Question,
    (kind, whom): (NoticeKind, Vec<MemberId>),
) -> AppResult<()> {
    let topics = Topics::bundled();
    let topic = topics.find(&question.stands.topic);
    let facts: Map<String, Value> = [
        ("place", question.place.full_name.clone()),
        ("unit", question.holder_name.clone()),
        (
            "topic",
            topic.map_or(String::new(), |topic| topic.name.vi.clone()),
        ),
        ("due", vn::number::date(question.stands.due_on)),
        ("code", question.code.clone()),
        ("note", step.note.clone()),
    ]
    .map(|(name, value)| (name.to_owned(), value.into()))
    .into_iter()
    .collect();
    let link = format!("/dan-hoi/{}", question.id);
    for to in whom.into_iter().filter(|to| Some(*to) != step.by) {
        let notice = Notice {
            to,
            kind,
            about: &step.id.to_string(),
            facts: &facts,
            link: &link,
        };
        notify(tx, clock, &notice)?;
    }
    Ok(())
}
