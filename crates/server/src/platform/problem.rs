//! Errors at the edge: a stable code, typed facts, a sentence in the reader's
//! language that says what to do next, and whether trying again can help.

use super::db::DbError;
use super::pages;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::refusal::Refusal;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::sync::LazyLock;

/// A problem code: dotted, stable, a key of the message catalogue.
pub type Code = &'static str;

/// Every code the program can answer with, its HTTP status, and whether the same
/// request may succeed later. A test holds this list against both catalogues.
pub const CODES: &[(Code, u16, bool)] = &[
    ("activity.no_such_day", 422, false),
    ("activity.period", 422, false),
    ("activity.recurrence", 422, false),
    ("allowance.commune_only", 409, false),
    ("allowance.locked", 409, false),
    ("allowance.month_open", 409, false),
    ("allowance.overlap_open", 409, false),
    ("allowance.policy", 422, false),
    ("allowance.top_up", 422, false),
    ("attendance.not_leader", 403, false),
    ("attendance.nowhere", 422, false),
    ("attendance.other_team", 422, false),
    ("auth.forbidden", 403, false),
    ("auth.invitation_expired", 410, false),
    ("auth.invitation_used", 410, false),
    ("auth.locked", 429, true),
    ("auth.login_taken", 409, false),
    ("auth.password_short", 422, false),
    ("auth.required", 401, true),
    ("auth.wrong", 401, false),
    ("branch.not_leader", 403, false),
    ("campaign.code_taken", 409, false),
    ("campaign.deadline", 422, false),
    ("campaign.definition", 422, false),
    ("campaign.period", 422, false),
    ("card.no_team", 409, false),
    ("certificate.nothing", 422, false),
    ("cli.address_in_use", 0, false),
    ("cli.database_corrupt", 0, false),
    ("cli.database_newer", 0, false),
    ("cli.database_unreachable", 0, true),
    ("cli.database_url", 0, false),
    ("cli.failed", 0, true),
    ("cli.file_exists", 0, false),
    ("cli.file_missing", 0, false),
    ("cli.replica", 0, false),
    ("cli.secret_mismatch", 0, false),
    ("cli.server_copy", 0, false),
    ("cli.verify_failed", 0, false),
    ("cli.voice", 0, false),
    ("cli.zalo", 0, false),
    ("demo.not_empty", 0, false),
    ("desk.call_again", 409, false),
    ("desk.called_enough", 409, false),
    ("desk.counter_busy", 409, false),
    ("desk.not_now", 409, false),
    ("desk.unknown", 404, false),
    ("directive.no_teams", 422, false),
    ("directive.number", 422, false),
    ("directive.report_empty", 422, false),
    ("directive.sent", 409, false),
    ("directive.unknown", 404, false),
    ("directive.withdrawn", 409, false),
    ("expert.days", 422, false),
    ("expert.not_now", 409, false),
    ("expert.not_yours", 403, false),
    ("expert.personal_data", 422, false),
    ("expert.unknown", 404, false),
    ("export.busy", 503, true),
    ("export.too_long", 422, false),
    ("fact.activity_unknown", 422, false),
    ("fact.before_campaign", 422, false),
    ("fact.conflict", 409, false),
    ("fact.consent_missing", 422, false),
    ("fact.correction_kind", 422, false),
    ("fact.dossier_code_malformed", 422, false),
    ("fact.future", 422, false),
    ("fact.items_count", 422, false),
    ("fact.kind_unknown", 422, false),
    ("fact.malformed", 422, false),
    ("fact.not_yours", 403, false),
    ("fact.out_of_scope", 403, false),
    ("fact.outcome_unknown", 422, false),
    ("fact.place_not_in_force", 422, false),
    ("fact.place_unknown", 422, false),
    ("fact.service_not_in_force", 422, false),
    ("fact.service_unknown", 422, false),
    ("fact.team_unknown", 422, false),
    ("fact.text_too_long", 422, false),
    ("fact.too_old", 422, false),
    ("feed.too_many", 422, false),
    ("figure.malformed", 422, false),
    ("import.line", 422, false),
    ("import.no_names", 422, false),
    ("import.not_a_sheet", 422, false),
    ("import.not_utf8", 422, false),
    ("import.too_long", 422, false),
    ("import.unknown_format", 422, false),
    ("internal", 500, true),
    ("member.has_account", 409, false),
    ("member.last_admin", 409, false),
    ("migrate.differs", 0, false),
    ("migrate.direction", 0, false),
    ("migrate.other_source", 0, false),
    ("migrate.source_open", 0, true),
    ("migrate.target_not_empty", 0, false),
    ("migrate.unfinished", 0, false),
    ("minutes.no_meeting", 422, false),
    ("minutes.signed", 409, false),
    ("minutes.why", 422, false),
    ("not_found", 404, false),
    ("notification.channel_off", 409, false),
    ("place.name_taken", 409, false),
    ("place.parent_level", 422, false),
    ("place.period", 422, false),
    ("point.name_taken", 409, false),
    ("question.consent", 422, false),
    ("question.length", 422, false),
    ("question.nobody_there", 422, false),
    ("question.not_now", 409, false),
    ("question.phone", 422, false),
    ("question.published", 409, false),
    ("question.second_person", 403, false),
    ("rating.action_not_now", 409, false),
    ("rating.closed", 409, false),
    ("request.batch_too_long", 413, false),
    ("request.csrf", 403, false),
    ("request.malformed", 400, false),
    ("request.method", 405, false),
    ("request.too_large", 413, false),
    ("request.too_often", 429, true),
    ("request.unsupported_media", 415, false),
    ("request.validation", 422, false),
    ("roster.already", 409, false),
    ("roster.busy", 409, false),
    ("roster.cancelled", 409, false),
    ("roster.filling", 503, true),
    ("roster.full", 409, false),
    ("roster.no_rest", 409, false),
    ("roster.not_on_it", 409, false),
    ("roster.not_qualified", 422, false),
    ("roster.not_running", 409, false),
    ("roster.not_there", 409, false),
    ("roster.period", 422, false),
    ("roster.rule", 422, false),
    ("roster.stale", 409, false),
    ("roster.started", 409, false),
    ("roster.taken", 409, false),
    ("roster.too_many", 409, false),
    ("roster.unknown", 404, false),
    ("scam.not_in_hand", 409, false),
    ("scam.not_now", 409, false),
    ("scam.personal_data", 422, false),
    ("scam.unknown", 422, false),
    ("server.draining", 503, true),
    ("simulate.address", 0, false),
    ("simulate.bounds", 0, false),
    ("simulate.differs", 0, false),
    ("simulate.not_signed_in", 0, false),
    ("simulate.not_simulated", 0, false),
    ("simulate.not_whole", 0, true),
    ("simulate.remote", 0, false),
    ("slip.due", 422, false),
    ("slip.not_now", 409, false),
    ("storage.busy", 503, true),
    ("storage.failed", 503, true),
    ("storage.full", 507, true),
    ("target.locked", 409, false),
    ("target.locked_exceed", 422, false),
    ("target.negative", 422, false),
    ("target.no_children", 422, false),
    ("target.no_weights", 422, false),
    ("target.reason_missing", 422, false),
    ("task.not_yours", 403, false),
    ("task.unknown", 404, false),
    ("team.decision_order", 422, false),
    ("team.dissolved", 409, false),
    ("team.empty", 422, false),
    ("team.founded_already", 409, false),
    ("team.leaders", 422, false),
    ("team.member_twice", 422, false),
    ("team.name_taken", 409, false),
    ("zalo.signature", 401, false),
];

/// What goes wrong on the way from a request to its answer.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// A "no" with a code.
    #[error("refused: {}", .0.code)]
    Refused(Refusal),
    /// The storage.
    #[error(transparent)]
    Db(#[from] DbError),
    /// Our own mistake; the cause is logged, never sent.
    #[error("internal error: {0}")]
    Internal(String),
}

/// What handlers, commands and queries return.
pub type AppResult<T> = Result<T, AppError>;

impl AppError {
    /// A problem without facts.
    pub fn problem(code: Code) -> Self {
        Self::Refused(Refusal::new(code))
    }

    /// A handler or command panicked.
    pub fn panicked() -> Self {
        Self::Internal("panicked".to_owned())
    }

    /// Absent, or out of the caller's scope, which must look the same.
    pub fn not_found() -> Self {
        Self::problem("not_found")
    }

    /// The code it is told with.
    pub fn code(&self) -> Code {
        match self {
            Self::Refused(refusal) => refusal.code,
            Self::Db(fault) => fault.code(),
            Self::Internal(_) => "internal",
        }
    }
}

impl From<Refusal> for AppError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Languages of the messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Vietnamese, the default.
    Vi,
    /// English.
    En,
}

impl Language {
    /// Its tag.
    pub fn name(self) -> &'static str {
        match self {
            Self::Vi => "vi",
            Self::En => "en",
        }
    }

    /// The language of a tag; Vietnamese for any other.
    pub fn named(tag: &str) -> Self {
        if tag == "en" { Self::En } else { Self::Vi }
    }

    /// From `Accept-Language`: English only when it is asked for first.
    pub fn of(headers: &HeaderMap) -> Self {
        let wanted = headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        if wanted.trim_start().to_ascii_lowercase().starts_with("en") {
            Self::En
        } else {
            Self::Vi
        }
    }
}

#[derive(serde::Deserialize)]
struct Message {
    title: String,
    next: String,
}

type Messages = HashMap<String, Message>;

static VI: LazyLock<Messages> = LazyLock::new(|| catalogue(include_str!("../../messages/vi.json")));
static EN: LazyLock<Messages> = LazyLock::new(|| catalogue(include_str!("../../messages/en.json")));

fn catalogue(text: &str) -> Messages {
    serde_json::from_str(text).expect("the message catalogues are checked by a test")
}

/// What a client gets instead of what it asked for.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// Stable code, read out over the phone when someone asks for help.
    pub code: String,
    /// HTTP status.
    pub status: u16,
    /// What happened.
    pub title: String,
    /// What to do next.
    pub next: String,
    /// What the sentence is about.
    #[schema(value_type = Object)]
    pub facts: Map<String, Value>,
    /// Whether the same request may succeed later.
    pub retryable: bool,
}

impl Problem {
    /// As an answer in JSON.
    fn answer(&self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        (status, kind, axum::Json(self)).into_response()
    }

    /// In words.
    pub fn of(refusal: &Refusal, language: Language) -> Self {
        let (status, retryable) = CODES
            .iter()
            .find(|(code, ..)| *code == refusal.code)
            .map_or((500, true), |(_, status, retry)| (*status, *retry));
        let messages: &Messages = match language {
            Language::Vi => &VI,
            Language::En => &EN,
        };
        let (title, next) = match messages.get(refusal.code) {
            Some(message) => (
                fill(&message.title, &refusal.facts),
                fill(&message.next, &refusal.facts),
            ),
            None => (refusal.code.to_owned(), String::new()),
        };
        Self {
            code: refusal.code.to_owned(),
            status,
            title,
            next,
            facts: refusal.facts.clone(),
            retryable,
        }
    }
}

/// Puts facts into `{placeholders}`; whole numbers get Vietnamese grouping.
pub fn fill(text: &str, facts: &Map<String, Value>) -> String {
    let mut filled = text.to_owned();
    for (name, value) in facts {
        let said = match value {
            Value::String(said) => said.clone(),
            Value::Number(n) => n
                .as_i64()
                .map_or_else(|| n.to_string(), vn::number::integer),
            other => other.to_string(),
        };
        filled = filled.replace(&format!("{{{name}}}"), &said);
    }
    filled
}

/// Carried from [`AppError`] to the layer that knows the reader's language.
#[derive(Clone, Debug)]
pub struct Unworded(pub Refusal);

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        let refusal = match self {
            Self::Refused(refusal) => refusal,
            Self::Db(fault) => {
                tracing::error!(%fault, cause = ?fault, "storage");
                Refusal::new(fault.code())
            }
            Self::Internal(cause) => {
                tracing::error!(%cause, "internal");
                Refusal::new("internal")
            }
        };
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(Unworded(refusal));
        response
    }
}

/// The final form of a refused request: a [`Problem`], or a page that says the same.
pub fn worded(refusal: &Refusal, language: Language, page: bool) -> Response {
    let problem = Problem::of(refusal, language);
    let mut response = match page {
        true => pages::refused(&problem, language),
        false => problem.answer(),
    };
    if let Some(wait_s) = problem.facts.get("retry_after_s").and_then(Value::as_u64) {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, wait_s.into());
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_code_is_worded_in_every_language_and_no_message_is_left_over() {
        let codes: BTreeSet<&str> = CODES.iter().map(|(code, ..)| *code).collect();
        assert_eq!(codes.len(), CODES.len(), "codes are unique");
        for messages in [&*VI, &*EN] {
            let keys: BTreeSet<&str> = messages.keys().map(String::as_str).collect();
            assert_eq!(codes, keys);
            assert!(
                messages
                    .values()
                    .all(|m| !m.title.is_empty() && !m.next.is_empty())
            );
        }
    }

    #[test]
    fn facts_are_put_into_the_sentence() {
        let refusal = Refusal::new("auth.password_short").with("min", 10);
        let problem = Problem::of(&refusal, Language::Vi);
        assert!(
            problem.title.contains("10") || problem.next.contains("10"),
            "{problem:?}"
        );
        assert!(!problem.next.contains('{'));
    }
}
