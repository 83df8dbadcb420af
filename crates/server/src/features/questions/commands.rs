//! What residents, volunteers and officers do about questions.

use super::carrier;
use super::faq::{self, FaqUse, Signed};
use super::store::{self, Also, Contact, NewQuestion, Question, Step};
use super::telling;
use crate::App;
use crate::features::people::looks::{self, Looked};
use crate::features::places;
use crate::platform::clock::{Clock, random};
use crate::platform::db::Tx;
use crate::platform::problem::{AppError, AppResult};
use domain::days::day_of;
use domain::ids::{FaqId, MemberId, PlaceId, QuestionId};
use domain::questions::{
    self as rules, Deed, QuestionAct, QuestionCode, QuestionSource, Topics, WithholdReason,
};
use domain::refusal::Refusal;
use domain::subjects::Pseudonymiser;
use uuid::Uuid;

/// Late questions that climb in one go; the others follow ten minutes later.
const CLIMBING_MAX: i64 = 500;

fn invalid(field: &str) -> AppError {
    Refusal::new("request.validation")
        .with("field", field)
        .into()
}

/// What somebody asks, as it comes in.
#[derive(Debug)]
pub struct Asking<'a> {
    /// Minted by who sends it.
    pub id: QuestionId,
    /// What the asker finds it by, where they were given it already.
    pub code: Option<&'a QuestionCode>,
    /// Which way it came.
    pub source: QuestionSource,
    /// Where it is asked about.
    pub place: &'a PlaceId,
    /// In the asker's words.
    pub text: &'a str,
    /// Code of the topic they chose; suggested by the words otherwise.
    pub topic: Option<&'a str>,
    /// Who writes it down for them.
    pub entered_by: Option<MemberId>,
    /// How they want to be answered besides their page.
    pub contact: Option<Contact>,
    /// Who sends it: an address, a member, a user of Zalo. Only a digest of it is kept.
    pub from: &'a str,
}

/// Takes a question in; sent again, or asked again with the same words on the same day, it is
/// the one that is there.
///
/// # Errors
/// `not_found`, `question.…`, `request.validation`, or the storage's.
pub fn ask(
    tx: &mut Tx<'_>,
    clock: &Clock,
    keys: &Pseudonymiser,
    asking: &Asking<'_>,
) -> AppResult<Question> {
    let (now, today) = (clock.now(), clock.today());
    let found = places::store::find(tx, asking.place, today)?;
    let place = found.filter(|place| place.in_force(today) && place.level != "nation");
    let place = place.ok_or_else(AppError::not_found)?;
    let text = rules::question_words(asking.text)?;
    let topics = Topics::bundled();
    let topic = match asking.topic {
        Some(code) => topics.find(code).ok_or_else(|| invalid("topic"))?,
        None => (topics.suggest(&text))
            .or_else(|| topics.all().last())
            .ok_or_else(|| invalid("topic"))?,
    };
    let holder = store::unit_on(tx, &place.path, false)?;
    let due_on = rules::due_on(today, topic);
    let deed = Deed {
        act: QuestionAct::Ask,
        topic: Some(topic.code.clone()),
        // Where nobody is an officer yet, the question waits for the first.
        holder: Some(holder.unwrap_or_else(|| place.id.clone())),
        due_on: Some(due_on),
        climb_on: Some(due_on),
    };
    let stands = deed.after(None, None)?;
    let contact = asking.contact.as_ref().map_or("", |to| to.parts().1);
    let day = today.to_julian_day().to_le_bytes();
    let said = vn::text::fold(&text);
    let parts = [asking.from, contact, said.as_str(), place.id.as_str()].map(str::as_bytes);
    let new = NewQuestion {
        id: asking.id,
        code: (asking.code.cloned()).unwrap_or_else(|| QuestionCode::from_random(random())),
        repeat_key: keys.key("question", &[&parts[..], &[&day[..]]].concat()),
        source: asking.source,
        place: place.id,
        text,
        entered_by: asking.entered_by,
        contact: asking.contact.clone(),
    };
    if !store::add(tx, &new, &stands, now)? {
        let known = store::again(tx, &new, today)?;
        // Somebody else's id tells nothing.
        let ours = known.filter(|known| known.entered_by == asking.entered_by);
        return ours.ok_or_else(AppError::not_found);
    }
    let step = Step {
        id: asking.id.0,
        question: asking.id,
        deed,
        note: String::new(),
        at: now,
        by: asking.entered_by,
    };
    store::write(tx, &step, &stands, &Also::default())?;
    let made = store::find(tx, asking.id, today)?.ok_or_else(AppError::not_found)?;
    telling::tell(tx, clock, &step, &made)?;
    Ok(made)
}

/// Something an officer does about a question.
#[derive(Debug)]
pub struct Doing<'a> {
    /// Minted by the officer's device.
    pub id: Uuid,
    /// What.
    pub act: QuestionAct,
    /// To which topic it goes.
    pub topic: Option<&'a str>,
    /// To which unit it goes.
    pub place: Option<&'a PlaceId>,
    /// A reason; the words of the question, when they are masked or published.
    pub note: &'a str,
    /// The answer that is written or published.
    pub answer: &'a str,
    /// Why it is not shown.
    pub reason: Option<WithholdReason>,
}

/// What to hold before deciding, so that nobody else decides about it meanwhile.
fn hold_key(id: QuestionId) -> [u8; 16] {
    *id.0.as_bytes()
}

/// Does something about a question under an id of the officer's; done twice, it is done once.
///
/// # Errors
/// `not_found`, `question.…`, `request.validation`, or the storage's.
pub fn act(
    tx: &mut Tx<'_>,
    clock: &Clock,
    by: MemberId,
    id: QuestionId,
    doing: &Doing<'_>,
) -> AppResult<()> {
    let (now, today) = (clock.now(), clock.today());
    tx.hold(&[hold_key(id)])?;
    match store::done_before(tx, doing.id)? {
        // What they did may have taken it out of their hands.
        Some(same) if same == id => {
            let seen = store::find_in_scope(tx, id, (by, false), today)?;
            return seen.map(drop).ok_or_else(AppError::not_found);
        }
        Some(_) => return Err(AppError::not_found()),
        None => {}
    }
    let found = store::find_in_scope(tx, id, (by, true), today)?;
    let question = found.ok_or_else(AppError::not_found)?;
    let (deed, note, also) = decided(tx, by, &question, doing, today)?;
    let stands = deed.after(Some(&question.stands), Some(by))?;
    let step = Step {
        id: doing.id,
        question: id,
        deed,
        note,
        at: now,
        by: Some(by),
    };
    if doing.act == QuestionAct::Publish {
        let signed = Signed {
            by,
            writer: question.stands.writer,
            at: now,
        };
        let (asked, answer) = (
            step.note.as_str(),
            also.answer.as_deref().unwrap_or_default(),
        );
        let about = (&question.stands.holder, stands.topic.as_str());
        faq::put(tx, FaqId(doing.id), about, (asked, answer), signed)?;
    }
    let set = Also {
        text: also.text.as_deref(),
        // What the asker was told stays what they were told.
        answer: (doing.act == QuestionAct::Draft)
            .then_some(also.answer.as_deref())
            .flatten(),
        withheld: also.withheld,
        faq: (doing.act == QuestionAct::Publish).then_some(FaqId(doing.id)),
    };
    store::write(tx, &step, &stands, &set)?;
    let after = store::find(tx, id, today)?.ok_or_else(AppError::not_found)?;
    match doing.act {
        QuestionAct::Approve => carrier::post(tx, clock, &after)?,
        QuestionAct::Tell => carrier::settle(tx, id)?,
        _ => {}
    }
    telling::tell(tx, clock, &step, &after)
}

/// Words that a step sets.
#[derive(Debug, Default)]
struct Set {
    text: Option<String>,
    answer: Option<String>,
    withheld: Option<WithholdReason>,
}

/// What somebody's doing comes to: the deed, its note, what it sets.
fn decided(
    tx: &Tx<'_>,
    by: MemberId,
    question: &Question,
    doing: &Doing<'_>,
    today: time::Date,
) -> AppResult<(Deed, String, Set)> {
    let mut deed = Deed::of(doing.act);
    let mut note = rules::note_words(doing.note)?;
    let mut set = Set {
        withheld: question.withheld,
        ..Set::default()
    };
    match doing.act {
        QuestionAct::Ask | QuestionAct::Climb => return Err(invalid("act")),
        QuestionAct::Route => route(tx, question, doing, today, &mut deed)?,
        QuestionAct::Draft => {
            let answer = rules::answer_words(doing.answer)?;
            note = answer.clone();
            set.answer = Some(answer);
        }
        QuestionAct::Approve => need_second(tx, by, question)?,
        QuestionAct::Withhold => {
            set.withheld = Some(doing.reason.ok_or_else(|| invalid("reason"))?);
        }
        QuestionAct::Reopen => set.withheld = None,
        QuestionAct::Mask => {
            let text = rules::question_words(doing.note)?;
            note = text.clone();
            set.text = Some(text);
        }
        QuestionAct::Publish => {
            if question.faq.is_some() {
                return Err(Refusal::new("question.published").into());
            }
            note = rules::question_words(doing.note)?;
            set.answer = Some(rules::answer_words(doing.answer)?);
        }
        QuestionAct::Return | QuestionAct::Tell => {}
    }
    if note.is_empty() && doing.act.needs_words() {
        return Err(invalid("note"));
    }
    Ok((deed, note, set))
}

/// Where a question goes: another topic has other working days, counted from when it was asked;
/// another unit has at least as long as a level has when a question climbs to it.
fn route(
    tx: &Tx<'_>,
    question: &Question,
    doing: &Doing<'_>,
    today: time::Date,
    deed: &mut Deed,
) -> AppResult<()> {
    if let Some(code) = doing.topic {
        let topics = Topics::bundled();
        let topic = topics.find(code).ok_or_else(|| invalid("topic"))?;
        let due_on = rules::due_on(day_of(question.asked_at), topic);
        deed.topic = Some(code.to_owned());
        deed.due_on = Some(due_on);
        deed.climb_on = Some(due_on.max(question.stands.climb_on));
    }
    if let Some(place) = doing.place {
        let staffed = !store::officers_of(tx, place)?.is_empty();
        let place = places::store::find(tx, place, today)?;
        let place = place.filter(|place| staffed && place.in_force(today));
        let place = place.ok_or_else(|| AppError::problem("question.nobody_there"))?;
        let climb_on = deed.climb_on.unwrap_or(question.stands.climb_on);
        deed.climb_on = Some(climb_on.max(rules::climbs_again_on(today)));
        deed.holder = Some(place.id);
    }
    if deed.topic.is_none() && deed.holder.is_none() {
        return Err(invalid("place"));
    }
    Ok(())
}

/// An answer goes out when somebody else than its writer has read it. Only where the unit has
/// no other officer, the writer may let it go; the history shows that it was the same person.
fn need_second(tx: &Tx<'_>, by: MemberId, question: &Question) -> AppResult<()> {
    if question.stands.writer != Some(by) {
        return Ok(());
    }
    let officers = store::officers_of(tx, &question.stands.holder)?;
    match officers.iter().any(|officer| *officer != by) {
        true => Err(AppError::problem("question.second_person")),
        false => Ok(()),
    }
}

/// How the asker is reached, for officers of the very unit that has the question; that it was
/// looked at is noted.
///
/// # Errors
/// `not_found`, or the storage's.
pub fn show_contact(
    tx: &mut Tx<'_>,
    clock: &Clock,
    by: MemberId,
    id: QuestionId,
) -> AppResult<Contact> {
    let contact = store::contact_for(tx, id, by)?.ok_or_else(AppError::not_found)?;
    looks::note(tx, clock, by, Looked::Question(id))?;
    Ok(contact)
}

/// Has late questions climb to the next level that has officers; how many did.
///
/// # Errors
/// The storage's.
pub fn climb(tx: &mut Tx<'_>, clock: &Clock) -> AppResult<usize> {
    let (now, today) = (clock.now(), clock.today());
    let mut climbed = 0;
    for (id, path) in store::overdue(tx, today, CLIMBING_MAX)? {
        tx.hold(&[hold_key(id)])?;
        let Some(question) = store::find(tx, id, today)? else {
            continue;
        };
        // Somebody was quicker.
        let late = question.stands.climb_on < today
            && QuestionAct::Climb
                .leads(Some(question.stands.stage))
                .is_some();
        let Some(above) = store::unit_on(tx, &path, true)?.filter(|_| late) else {
            continue;
        };
        let deed = Deed {
            holder: Some(above),
            climb_on: Some(rules::climbs_again_on(today)),
            ..Deed::of(QuestionAct::Climb)
        };
        let stands = deed.after(Some(&question.stands), None)?;
        let step = Step {
            id: clock.new_id(),
            question: id,
            deed,
            note: String::new(),
            at: now,
            by: None,
        };
        store::write(tx, &step, &stands, &Also::default())?;
        let after = store::find(tx, id, today)?.ok_or_else(AppError::not_found)?;
        telling::tell(tx, clock, &step, &after)?;
        telling::tell_left_behind(tx, clock, &step, &question)?;
        climbed += 1;
    }
    Ok(climbed)
}

/// Notes that a published answer spared a question where a resident lives; the same answer for
/// the same address on the same day counts once.
///
/// # Errors
/// `not_found`, or the storage's.
pub async fn spared(app: &App, id: FaqId, place: PlaceId, from: String) -> AppResult<()> {
    let (now, today) = (app.clock.now(), app.clock.today());
    let day = today.to_julian_day().to_le_bytes();
    let parts = [from.as_bytes(), id.0.as_bytes(), &day[..]];
    let key = Uuid::from_bytes(app.keys.key("faq_use", &parts).0);
    app.db
        .write(move |tx| {
            let there = faq::find(tx, id)?.filter(|faq| !faq.withdrawn);
            let known = places::store::find(tx, &place, today)?;
            let (faq, place) = there.zip(known).ok_or_else(AppError::not_found)?;
            let used = FaqUse {
                id: key,
                faq: faq.id,
                place: &place.id,
                member: None,
                at: now,
            };
            Ok(faq::note_use(tx, &used)?)
        })
        .await
}
