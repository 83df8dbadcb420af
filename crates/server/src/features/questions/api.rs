//! Wire types and handlers for officers and volunteers.

use super::carrier;
use super::commands::{self, Doing};
use super::faq::{self, FaqBody, FaqUse, Signed, Wanted};
use super::store::{self, Contact, NamedStep, Question, View};
use crate::App;
use crate::features::facts::NameRef;
use crate::features::members::Role;
use crate::features::places::{self, PlaceRef};
use crate::platform::db::Tx;
use crate::platform::http::{Anyone, Caller, OfficerUp};
use crate::platform::problem::{AppError, AppResult};
use crate::platform::wire::{Day, Instant, Json, Path, Query};
use axum::extract::State;
use axum::http::StatusCode;
use domain::ids::{FaqId, MemberId, PlaceId, QuestionId};
use domain::questions::{
    AnswerTemplate, QuestionAct, QuestionSource, QuestionStage, Topic, Topics, WithholdReason,
    answer_words, days_late, question_words, templates,
};
use domain::refusal::Refusal;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use time::Date;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Questions in one list, at most.
const LISTED_MAX: i64 = 200;
/// Published answers beside a question.
const SIMILAR: i64 = 4;

/// What questions are about, and answers to start from.
#[derive(Debug, Serialize, ToSchema)]
pub struct TopicsBody {
    topics: Vec<Topic>,
    templates: Vec<AnswerTemplate>,
}

/// What questions are about, and answers to start from.
#[utoipa::path(get, path = "/api/v1/question-topics", operation_id = "get_question_topics", tag = "questions",
    responses((status = 200, body = TopicsBody)))]
pub async fn get_topics(_: Caller<Anyone>) -> Json<TopicsBody> {
    Json(TopicsBody {
        topics: Topics::bundled().all().to_vec(),
        templates: templates(),
    })
}

/// A question as it stands. How its asker is reached is asked for by itself.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuestionBody {
    id: Uuid,
    /// What the asker finds it by.
    code: String,
    source: QuestionSource,
    /// Where it is asked about.
    place: PlaceRef,
    /// What points at people is masked; nothing once it is forgotten.
    text: Option<String>,
    asked_at: Instant,
    /// How often it was asked again on the same day.
    repeats: u32,
    /// `sms` or `zalo`, when the asker wants to be told there.
    told_by: Option<String>,
    stage: QuestionStage,
    /// Code of the topic.
    topic: String,
    /// The topic that the words suggest.
    suggested: Option<String>,
    due_on: Day,
    /// Days the answer was late, or is by now.
    late_days: i32,
    /// How often it climbed.
    climbs: u32,
    /// The unit that has it.
    holder: String,
    holder_name: String,
    /// Who wrote the answer.
    writer: Option<NameRef>,
    /// The answer that waits or went out.
    answer: Option<String>,
    answered_at: Option<Instant>,
    withheld: Option<WithholdReason>,
    /// What it was published as.
    faq: Option<Uuid>,
}

impl QuestionBody {
    fn of(question: Question, today: Date) -> Self {
        let stands = question.stands;
        let ended = question.answered_at.map_or(today, domain::days::day_of);
        let withheld = stands.stage == QuestionStage::Withheld;
        let topics = Topics::bundled();
        let suggested = question
            .text
            .as_deref()
            .and_then(|text| topics.suggest(text));
        let writer = stands.writer.zip(question.writer_name);
        Self {
            id: question.id.0,
            code: question.code,
            source: question.source,
            place: question.place.into(),
            suggested: suggested.map(|topic| topic.code.clone()),
            text: question.text,
            asked_at: Instant(question.asked_at),
            repeats: question.repeats,
            told_by: question.contact_kind,
            stage: stands.stage,
            topic: stands.topic,
            due_on: Day(stands.due_on),
            late_days: if withheld {
                0
            } else {
                days_late(stands.due_on, ended)
            },
            climbs: stands.climbs,
            holder: stands.holder.to_string(),
            holder_name: question.holder_name,
            writer: writer.map(|(id, name)| NameRef { id: id.0, name }),
            answer: question.answer,
            answered_at: question.answered_at.map(Instant),
            withheld: question.withheld,
            faq: question.faq.map(|id| id.0),
        }
    }
}

/// Which questions.
#[derive(Debug, Deserialize, IntoParams)]
pub struct QuestionsQuery {
    /// Asked about there or below, or held there.
    #[param(value_type = String)]
    place: PlaceId,
    /// `mine` (with a unit of the caller's), `late`, `climbed`, `review`, `ended` or `all`.
    view: String,
}

/// Questions, those due first.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuestionsBody {
    questions: Vec<QuestionBody>,
}

/// Questions of an officer's.
#[utoipa::path(get, path = "/api/v1/questions", operation_id = "list_questions", tag = "questions",
    params(QuestionsQuery), responses((status = 200, body = QuestionsBody)))]
pub async fn list_questions(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Query(query): Query<QuestionsQuery>,
) -> AppResult<Json<QuestionsBody>> {
    let today = app.clock.today();
    app.db
        .read(move |tx| {
            let view = match query.view.as_str() {
                "mine" => View::Mine,
                "late" => View::Late,
                "climbed" => View::Climbed,
                "review" => View::Review,
                "ended" => View::Ended,
                "all" => View::All,
                _ => {
                    let refusal = Refusal::new("request.validation").with("field", "view");
                    return Err(refusal.into());
                }
            };
            let (member, least) = (caller.member, Role::CommuneOfficer);
            let place = places::store::need_in_scope(tx, member, least, &query.place, today)?;
            let found = store::list(tx, member, (&place.path, view), today, LISTED_MAX)?;
            let questions = found.into_iter().map(|one| QuestionBody::of(one, today));
            Ok(Json(QuestionsBody {
                questions: questions.collect(),
            }))
        })
        .await
}

/// Something that was done about a question.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuestionStepBody {
    act: QuestionAct,
    at: Instant,
    /// Nobody for what askers do, and for what happens by itself.
    by: Option<NameRef>,
    /// The topic it has then.
    topic: Option<String>,
    /// Name of the unit that has it then.
    holder_name: Option<String>,
    /// The day it is due then.
    due_on: Option<Day>,
    /// In words: a reason, an answer.
    note: String,
}

impl From<NamedStep> for QuestionStepBody {
    fn from((step, by, holder_name): NamedStep) -> Self {
        let by = step.by.zip(by);
        Self {
            act: step.deed.act,
            at: Instant(step.at),
            by: by.map(|(id, name)| NameRef { id: id.0, name }),
            topic: step.deed.topic,
            holder_name,
            due_on: step.deed.due_on.map(Day),
            note: step.note,
        }
    }
}

/// An answer on its way to a phone.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuestionMessageBody {
    /// `sms` or `zalo`.
    channel: String,
    /// `waiting`, `sent`, `window` (Zalo takes none until its user writes again), `failed`, or
    /// `told` by other means.
    state: String,
    made_at: Instant,
}

/// A question with everything about it.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuestionPageBody {
    question: QuestionBody,
    /// In order.
    steps: Vec<QuestionStepBody>,
    /// In order.
    messages: Vec<QuestionMessageBody>,
    /// Published answers that may fit.
    similar: Vec<FaqBody>,
    /// Whether the caller may do anything about it.
    acts: bool,
    /// Whether the caller may see how the asker is reached.
    reaches: bool,
    /// Whether somebody else than the caller must approve.
    second: bool,
}

fn page(tx: &Tx<'_>, member: MemberId, id: QuestionId, today: Date) -> AppResult<QuestionPageBody> {
    let found = store::find_in_scope(tx, id, (member, false), today)?;
    let question = found.ok_or_else(AppError::not_found)?;
    let wanted = Wanted {
        text: question.text.as_deref().unwrap_or_default(),
        path: &question.place.path,
        topic: None,
        limit: SIMILAR,
        skip: 0,
    };
    let similar = match question.text {
        Some(_) => faq::search(tx, &wanted)?.0,
        None => Vec::new(),
    };
    let officers = store::officers_of(tx, &question.stands.holder)?;
    let others = officers.iter().any(|officer| *officer != member);
    let steps = store::steps(tx, id, today)?.into_iter();
    let messages = carrier::messages_of(tx, id)?.into_iter();
    Ok(QuestionPageBody {
        steps: steps.map(QuestionStepBody::from).collect(),
        messages: messages
            .map(|(channel, state, at)| QuestionMessageBody {
                channel,
                state,
                made_at: Instant(at),
            })
            .collect(),
        similar,
        acts: store::find_in_scope(tx, id, (member, true), today)?.is_some(),
        reaches: store::contact_for(tx, id, member)?.is_some(),
        second: question.stands.writer == Some(member) && others,
        question: QuestionBody::of(question, today),
    })
}

/// A question with everything about it, for officers of the unit that has it, of the place it is
/// asked about, and above.
#[utoipa::path(get, path = "/api/v1/questions/{id}", operation_id = "get_question", tag = "questions",
    params(("id" = Uuid, Path)), responses((status = 200, body = QuestionPageBody)))]
pub async fn get_question(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
) -> AppResult<Json<QuestionPageBody>> {
    let today = app.clock.today();
    app.db
        .read(move |tx| Ok(Json(page(tx, caller.member, QuestionId(id), today)?)))
        .await
}

/// Something to do about a question.
#[derive(Debug, Deserialize, ToSchema)]
pub struct QuestionActBody {
    /// Made by the caller: sent twice, it is done once.
    id: Uuid,
    act: QuestionAct,
    /// To which topic it goes.
    topic: Option<String>,
    /// To which unit it goes.
    #[schema(value_type = Option<String>)]
    place: Option<PlaceId>,
    /// A reason; the words of the question, when they are masked or published.
    #[serde(default)]
    note: String,
    /// The answer that is written or published.
    #[serde(default)]
    answer: String,
    /// Why it is not shown.
    reason: Option<WithholdReason>,
}

/// Moves a question on.
#[utoipa::path(post, path = "/api/v1/questions/{id}/acts", operation_id = "act_on_question", tag = "questions",
    params(("id" = Uuid, Path)), request_body = QuestionActBody, responses((status = 200, body = QuestionPageBody)))]
pub async fn act(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
    Json(body): Json<QuestionActBody>,
) -> AppResult<Json<QuestionPageBody>> {
    let clock = app.clock.clone();
    app.db
        .write(move |tx| {
            let (id, member) = (QuestionId(id), caller.member);
            let doing = Doing {
                id: body.id,
                act: body.act,
                topic: body.topic.as_deref(),
                place: body.place.as_ref(),
                note: &body.note,
                answer: &body.answer,
                reason: body.reason,
            };
            commands::act(tx, &clock, member, id, &doing)?;
            Ok(Json(page(tx, member, id, clock.today())?))
        })
        .await
}

/// How an asker is reached.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuestionContactBody {
    /// `sms` or `zalo`.
    kind: String,
    /// A phone number as people read it; nothing for Zalo, which gives none.
    phone: Option<String>,
}

/// How the asker is reached, for officers of the very unit that has the question. That it was
/// looked at is noted.
#[utoipa::path(post, path = "/api/v1/questions/{id}/contact", operation_id = "show_question_contact", tag = "questions",
    params(("id" = Uuid, Path)), responses((status = 200, body = QuestionContactBody)))]
pub async fn show_contact(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
) -> AppResult<Json<QuestionContactBody>> {
    let clock = app.clock.clone();
    app.db
        .write(move |tx| {
            let contact = commands::show_contact(tx, &clock, caller.member, QuestionId(id))?;
            let phone = match &contact {
                Contact::Sms(number) => vn::phone::Phone::parse(number).ok(),
                Contact::Zalo(_) => None,
            };
            Ok(Json(QuestionContactBody {
                kind: contact.parts().0.to_owned(),
                phone: phone.map(|phone| phone.display()),
            }))
        })
        .await
}

/// A published answer as it is to be.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PutFaqBody {
    /// Where it is published; of one that is there it stays as it is.
    #[schema(value_type = String)]
    place: PlaceId,
    /// Code of its topic.
    topic: String,
    question: String,
    answer: String,
    /// Takes it back.
    #[serde(default)]
    withdrawn: bool,
}

/// Publishes an answer that nobody asked for yet, changes one, or takes it back.
#[utoipa::path(put, path = "/api/v1/faq/{id}", operation_id = "put_faq", tag = "questions",
    params(("id" = Uuid, Path)), request_body = PutFaqBody, responses((status = 200, body = FaqBody)))]
pub async fn put_faq(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
    Json(body): Json<PutFaqBody>,
) -> AppResult<Json<FaqBody>> {
    let clock = app.clock.clone();
    app.db
        .write(move |tx| {
            let (now, member, id) = (clock.now(), caller.member, FaqId(id));
            let place = faq::find(tx, id)?.map_or(body.place, |known| known.place);
            let least = Role::CommuneOfficer;
            let place = places::store::need_in_scope(tx, member, least, &place, clock.today())?;
            if body.withdrawn {
                faq::withdraw(tx, id, now)?;
            } else {
                let unknown = || Refusal::new("request.validation").with("field", "topic");
                Topics::bundled().find(&body.topic).ok_or_else(unknown)?;
                let (question, answer) =
                    (question_words(&body.question)?, answer_words(&body.answer)?);
                let signed = Signed {
                    by: member,
                    writer: None,
                    at: now,
                };
                let about = (&place.id, body.topic.as_str());
                faq::put(tx, id, about, (&question, &answer), signed)?;
            }
            Ok(Json(faq::find(tx, id)?.ok_or_else(AppError::not_found)?))
        })
        .await
}

/// That somebody was answered with a published answer.
#[derive(Debug, Deserialize, ToSchema)]
pub struct FaqUseBody {
    /// Made by the caller: sent twice, it is noted once.
    id: Uuid,
    /// Where.
    #[schema(value_type = String)]
    place: PlaceId,
}

/// Notes that the caller answered a resident with a published answer.
#[utoipa::path(post, path = "/api/v1/faq/{id}/uses", operation_id = "note_faq_use", tag = "questions",
    params(("id" = Uuid, Path)), request_body = FaqUseBody, responses((status = 204)))]
pub async fn note_use(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
    Json(body): Json<FaqUseBody>,
) -> AppResult<StatusCode> {
    let clock = app.clock.clone();
    app.db
        .write(move |tx| {
            let member = caller.member;
            let least = Role::Volunteer;
            let place =
                places::store::need_in_scope(tx, member, least, &body.place, clock.today())?;
            let known = faq::find(tx, FaqId(id))?.ok_or_else(AppError::not_found)?;
            let used = FaqUse {
                id: body.id,
                faq: known.id,
                place: &place.id,
                member: Some(member),
                at: clock.now(),
            };
            faq::note_use(tx, &used)?;
            Ok(StatusCode::NO_CONTENT)
        })
        .await
}
