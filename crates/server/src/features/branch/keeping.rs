//! What ingesting does about the facts of a branch: whether they can be, and what they
//! leave behind.

use super::store;
use super::telling;
use crate::features::activities::store as activities;
use crate::features::attendance::store as attendance;
use crate::features::facts::ledger::{self, Stored};
use crate::platform::db::Tx;
use crate::platform::problem::AppResult;
use domain::activities::ActivityKind;
use domain::branch::{
    Ask, DirectiveStep, Minutes, Receipt, Taken, Task, TaskState, TaskStep, receipt_after,
    task_after,
};
use domain::facts::{Body, Fact};
use domain::ids::{MemberId, TeamId};
use domain::observations::{directive_key, minutes_key, task_key};
use domain::refusal::Refusal;
use domain::subjects::Pseudonymiser;
use time::OffsetDateTime;

/// Whether a fact is decided after everything else in its batch: it may go on from another
/// one there, and it takes the registers' revision.
pub fn comes_last(fact: &Fact) -> bool {
    matches!(fact.body, Body::Task(_) | Body::Directive(_))
}

/// Why a step cannot be taken as things stand.
///
/// # Errors
/// The storage's.
pub fn refuse(tx: &Tx<'_>, actor: MemberId, fact: &Fact) -> AppResult<Option<Refusal>> {
    let Some(team) = fact.team else {
        return no("fact.team_unknown");
    };
    match &fact.body {
        Body::Task(step) => refuse_task(tx, actor, fact, team, step),
        Body::Directive(step) => refuse_directive(tx, actor, team, step),
        _ => Ok(None),
    }
}

fn no(code: &'static str) -> AppResult<Option<Refusal>> {
    Ok(Some(Refusal::new(code)))
}

fn refuse_task(
    tx: &Tx<'_>,
    actor: MemberId,
    fact: &Fact,
    team: TeamId,
    step: &TaskStep,
) -> AppResult<Option<Refusal>> {
    let known = store::task_owner(tx, step.task())?;
    if known.is_some_and(|(owner, _)| owner != team) {
        return no("task.unknown");
    }
    let leads = attendance::leads(tx, actor, team)?;
    match step {
        TaskStep::Give { .. } if !leads => no("branch.not_leader"),
        TaskStep::Give { what, .. } => match what.member {
            Some(member) if !attendance::is_in_team(tx, member, team, fact.day())? => {
                no("attendance.other_team")
            }
            _ => Ok(None),
        },
        TaskStep::Move { to, .. } => {
            let Some((_, whose)) = known else {
                return no("task.unknown");
            };
            if leads {
                return Ok(None);
            }
            let theirs = whose.is_none_or(|whose| whose == actor)
                && attendance::is_in_team(tx, actor, team, fact.day())?;
            if theirs && *to != TaskState::Cancelled {
                return Ok(None);
            }
            no("task.not_yours")
        }
    }
}

fn refuse_directive(
    tx: &Tx<'_>,
    actor: MemberId,
    team: TeamId,
    step: &DirectiveStep,
) -> AppResult<Option<Refusal>> {
    let Some((ask, withdrawn)) = store::asked_of(tx, step.directive(), team)? else {
        return no("directive.unknown");
    };
    if withdrawn {
        return no("directive.withdrawn");
    }
    if !attendance::leads(tx, actor, team)? {
        return no("branch.not_leader");
    }
    match step {
        DirectiveStep::Report { text, number, .. } if !is_told(&ask, text.as_deref(), *number) => {
            no("directive.report_empty")
        }
        _ => Ok(None),
    }
}

fn is_told(ask: &Ask, text: Option<&str>, number: Option<u32>) -> bool {
    ask.is_met(text, number) && (text.is_some() || number.is_some())
}

/// Why minutes cannot be signed: not by its leader, not of a meeting of the team, or signed
/// already.
///
/// # Errors
/// The storage's.
pub fn refuse_minutes(
    tx: &Tx<'_>,
    keys: &Pseudonymiser,
    actor: MemberId,
    fact: &Fact,
    minutes: &Minutes,
) -> AppResult<Option<Refusal>> {
    let Some(team) = fact.team else {
        return no("fact.team_unknown");
    };
    if !attendance::leads(tx, actor, team)? {
        return no("branch.not_leader");
    }
    let meeting = activities::find(tx, minutes.activity)?.filter(|activity| {
        let days = activity.plan.days().unwrap_or_default();
        activity.kind == ActivityKind::Meeting
            && activity.teams.contains(&team)
            && days.contains(&minutes.day)
    });
    if meeting.is_none() {
        return no("minutes.no_meeting");
    }
    let key = minutes_key(minutes.activity, minutes.day, fact.team, keys);
    let signed = ledger::about(tx, &[key])?;
    match fact.corrects {
        None if !signed.is_empty() => no("minutes.signed"),
        _ => Ok(None),
    }
}

/// What facts of one kind of step say, in the order in which they happened.
fn in_order<S>(facts: &mut [Stored], step: impl Fn(&Body) -> Option<&S>) -> Vec<Taken<'_, S>> {
    facts.sort_by_key(|stored| (stored.fact.happened_at, stored.fact.id));
    let taken = facts.iter().filter_map(|stored| {
        Some(Taken {
            step: step(&stored.fact.body)?,
            by: stored.actor,
            at: stored.fact.happened_at,
        })
    });
    taken.collect()
}

/// Everything that was done about a task, in order.
pub fn task_steps(facts: &mut [Stored]) -> Vec<Taken<'_, TaskStep>> {
    in_order(facts, |body| match body {
        Body::Task(step) => Some(step),
        _ => None,
    })
}

/// How a task stands after all that was done about it.
pub fn task(facts: &mut [Stored]) -> Option<Task> {
    task_after(&task_steps(facts))
}

/// What came of a directive in a team.
pub fn receipt(facts: &mut [Stored]) -> Receipt {
    receipt_after(&in_order(facts, |body| match body {
        Body::Directive(step) => Some(step),
        _ => None,
    }))
}

/// Writes how a task or a directive stands after a fact about it, and tells who is given
/// something to do.
///
/// # Errors
/// The storage's.
pub fn keep(
    tx: &mut Tx<'_>,
    keys: &Pseudonymiser,
    fact: &Fact,
    now: OffsetDateTime,
) -> AppResult<()> {
    let team = fact.team.unwrap_or(TeamId::NONE);
    match &fact.body {
        Body::Task(step) => {
            let mut facts = facts_about(tx, task_key(step.task(), keys))?;
            if let Some(task) = task(&mut facts) {
                store::put_task(tx, step.task(), team, &task)?;
                if let TaskStep::Give { .. } = step {
                    telling::task_given(tx, step.task(), team, &task, now)?;
                }
            }
        }
        Body::Directive(step) => {
            let key = directive_key(step.directive(), fact.team, keys);
            let receipt = receipt(&mut facts_about(tx, key)?);
            store::put_receipt(tx, step.directive(), team, &receipt)?;
        }
        _ => {}
    }
    Ok(())
}

/// Everything that stands about a task, a directive or a meeting's minutes.
///
/// # Errors
/// The storage's.
pub fn facts_about(tx: &Tx<'_>, key: domain::subjects::SubjectKey) -> AppResult<Vec<Stored>> {
    let found = ledger::about(tx, &[key])?.into_iter();
    Ok(found.map(|(_, stored, _)| stored).collect())
}
