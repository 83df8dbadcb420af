//! Where residents rate: big faces with words, one tap, no login, no script needed. The first
//! tap counts; all that follows is asked for and may be left out.

use super::commands::{self, About};
use super::store::{self, Point, Rating, Tap};
use super::words::{Said, WORDS};
use crate::App;
use crate::features::desk::store as desk;
use crate::platform::clock::random;
use crate::platform::db::Tx;
use crate::platform::http::cookie_named;
use crate::platform::pages::{Asker, Page, TONGUE_FIELD, Tongue, kept};
use crate::platform::problem::{AppError, AppResult};
use crate::platform::wire::{Form, Path};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use domain::codes;
use domain::days::{day_of, iso};
use domain::desk::TICKET_CODE_LETTERS;
use domain::ratings::{RatingScale, RatingSource, RatingStep, RatingTopic, is_open};
use maud::{Markup, html};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::sync::{Arc, LazyLock};
use time::{Date, Duration, OffsetDateTime};
use uuid::Uuid;

/// Looks and taps a minute from one address, at most.
const PER_MINUTE_MAX: u32 = 240;
/// Ratings without a ticket in ten minutes from one address, at most.
const WITHOUT_TICKET_MAX: u32 = 30;
/// Tells browsers apart for a day, where there is no ticket.
const COOKIE: &str = "causo_danh_gia";
const COOKIE_S: u32 = 24 * 60 * 60;

const STYLE: &str = include_str!("page/style.css");
const SCRIPT: &str = include_str!("page/send.js");
static STYLE_ADDRESS: LazyLock<String> = LazyLock::new(|| address("css", STYLE));
static SCRIPT_ADDRESS: LazyLock<String> = LazyLock::new(|| address("js", SCRIPT));

fn address(ending: &str, text: &str) -> String {
    let print = crc32fast::hash(text.as_bytes());
    format!("/danh-gia.{ending}?v={print:08x}")
}

/// How the pages look.
pub async fn style() -> Response {
    kept("text/css; charset=utf-8", STYLE)
}

/// What keeps a tap until there is a network.
pub async fn script() -> Response {
    kept("text/javascript; charset=utf-8", SCRIPT)
}

/// What a form sends: a tap, or a comment.
#[derive(Debug, Deserialize)]
pub struct Sent {
    /// Minted with the page.
    id: Option<Uuid>,
    topic: Option<RatingTopic>,
    step: Option<RatingStep>,
    comment: Option<String>,
    /// On a device that somebody at the desk handed over.
    #[serde(default)]
    handed: bool,
}

/// What is rated, and how it is asked for.
struct Subject {
    point: Point,
    scale: RatingScale,
    about: About,
    /// The ticket's number for people.
    number: Option<String>,
}

impl Subject {
    /// A poster of a point, or of one of its counters when its code follows a hyphen.
    fn of_poster(tx: &Tx<'_>, code: &str, visitor: Vec<u8>, on: Date) -> AppResult<Self> {
        let (code, counter) = match code.split_once('-') {
            Some((code, counter)) => (code, Some(counter)),
            None => (code, None),
        };
        let point = store::point_by_code(tx, code, on)?.ok_or_else(AppError::not_found)?;
        let desk = desk::find(tx, point.id)?;
        let there = |code| {
            desk.as_ref()
                .is_some_and(|desk| desk.setup.counter(code).is_some())
        };
        if !counter.is_none_or(there) {
            return Err(AppError::not_found());
        }
        let about = About {
            point: point.id,
            ticket: None,
            visitor: Some(visitor),
            source: RatingSource::Point,
            counter: counter.map(str::to_owned),
            procedures: Vec::new(),
        };
        Ok(Self {
            scale: scale_of(&point),
            point,
            about,
            number: None,
        })
    }

    /// The ticket with this code.
    fn of_ticket(tx: &Tx<'_>, code: &str, source: RatingSource, on: Date) -> AppResult<Self> {
        let code = codes::parse(code, TICKET_CODE_LETTERS).ok_or_else(AppError::not_found)?;
        let found = desk::find_ticket_by_code(tx, &code)?;
        let ticket = found.ok_or_else(AppError::not_found)?;
        let point = store::point(tx, ticket.point, on)?.ok_or_else(AppError::not_found)?;
        let served = ticket.errands.iter().rev();
        let counter = served.clone().find_map(|errand| errand.counter.clone());
        let about = About {
            point: point.id,
            ticket: Some(ticket.id),
            visitor: None,
            source,
            counter: ticket.counter.or(counter),
            procedures: ticket
                .errands
                .into_iter()
                .filter_map(|errand| errand.procedure)
                .collect(),
        };
        Ok(Self {
            scale: scale_of(&point),
            point,
            about,
            number: Some(ticket.number),
        })
    }
}

fn scale_of(point: &Point) -> RatingScale {
    point
        .asks
        .as_ref()
        .map_or(RatingScale::Five, |asks| asks.scale)
}

/// Asks the holder of a ticket, or says what they answered.
pub async fn ask(
    asker: Asker,
    State(app): State<Arc<App>>,
    Path(code): Path<String>,
) -> AppResult<Response> {
    asker.need_patience(&app, "rating", PER_MINUTE_MAX, Duration::MINUTE)?;
    let (now, new_id) = (app.clock.now(), app.clock.new_id());
    let found = app.db.read(move |tx| {
        let subject = Subject::of_ticket(tx, &code, RatingSource::Ticket, day_of(now))?;
        let rating = subject.about.rating(tx)?;
        Ok((subject, rating))
    });
    let (subject, rating) = found.await?;
    Ok(show(&asker, &subject, rating.as_ref(), (new_id, now)))
}

/// Takes in what the holder of a ticket tapped, on their own phone or on one handed to them.
pub async fn rate(
    asker: Asker,
    State(app): State<Arc<App>>,
    Path(code): Path<String>,
    Form(sent): Form<Sent>,
) -> AppResult<Response> {
    asker.need_patience(&app, "rating", PER_MINUTE_MAX, Duration::MINUTE)?;
    let today = app.clock.today();
    let source = match sent.handed {
        true => RatingSource::Handed,
        false => RatingSource::Ticket,
    };
    take(&app, sent, move |tx| {
        Subject::of_ticket(tx, &code, source, today)
    })
    .await?;
    Ok(back(&asker))
}

/// What keeps a browser from rating a point twice a day, and tells nothing on the next.
fn visitor(cookie: &str, code: &str, on: Date) -> Vec<u8> {
    let point = code.split('-').next().unwrap_or_default();
    let said = format!("{cookie} {point} {}", iso::text(on));
    Sha256::digest(said.as_bytes()).to_vec()
}

/// Asks whoever saw a poster, or says what they answered today.
pub async fn ask_at_point(
    asker: Asker,
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(code): Path<String>,
) -> AppResult<Response> {
    asker.need_patience(&app, "rating", PER_MINUTE_MAX, Duration::MINUTE)?;
    let held = cookie_named(&headers, COOKIE);
    let (now, new_id) = (app.clock.now(), app.clock.new_id());
    let today = day_of(now);
    let visitor = visitor(held.as_deref().unwrap_or_default(), &code, today);
    let is_new = held.is_none();
    let found = app.db.read(move |tx| {
        let subject = Subject::of_poster(tx, &code, visitor, today)?;
        let rating = match is_new {
            true => None,
            false => subject.about.rating(tx)?,
        };
        Ok((subject, rating))
    });
    let (subject, rating) = found.await?;
    let mut response = show(&asker, &subject, rating.as_ref(), (new_id, now));
    if is_new {
        let cookie = cookie_of(&headers).parse();
        let cookie = cookie.map_err(|_| AppError::Internal("no cookie".to_owned()))?;
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

fn cookie_of(headers: &HeaderMap) -> String {
    let mut token = String::with_capacity(32);
    for byte in random::<16>() {
        // Memory takes it.
        let _ = write!(token, "{byte:02x}");
    }
    let secure = headers
        .get("x-forwarded-proto")
        .is_some_and(|proto| proto == "https");
    let secure = if secure { "; Secure" } else { "" };
    format!(
        "{COOKIE}={token}; Path=/danh-gia/diem; HttpOnly; SameSite=Lax; Max-Age={COOKIE_S}{secure}"
    )
}

/// Takes in what somebody tapped who saw a poster.
pub async fn rate_at_point(
    asker: Asker,
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(code): Path<String>,
    Form(sent): Form<Sent>,
) -> AppResult<Response> {
    asker.need_patience(&app, "rating", PER_MINUTE_MAX, Duration::MINUTE)?;
    if sent.topic == Some(RatingTopic::Overall) {
        let span = Duration::minutes(10);
        asker.need_patience(&app, "rating without ticket", WITHOUT_TICKET_MAX, span)?;
    }
    let today = app.clock.today();
    // A browser that keeps no cookie rates by single taps.
    let held = cookie_named(&headers, COOKIE).or(sent.id.map(|id| id.to_string()));
    let visitor = visitor(&held.unwrap_or_default(), &code, today);
    take(&app, sent, move |tx| {
        Subject::of_poster(tx, &code, visitor, today)
    })
    .await?;
    Ok(back(&asker))
}

/// Takes in a tap or a comment. That a rating may be changed no more is said by its page.
async fn take(
    app: &App,
    sent: Sent,
    subject: impl FnOnce(&Tx<'_>) -> AppResult<Subject> + Send + 'static,
) -> AppResult<()> {
    let clock = app.clock.clone();
    let taken = app.db.write(move |tx| {
        let about = subject(tx)?.about;
        match sent {
            Sent {
                comment: Some(said),
                ..
            } => commands::comment(tx, &clock, &about, &said),
            Sent {
                id: Some(id),
                topic: Some(topic),
                step: Some(step),
                ..
            } => commands::tap(tx, &clock, &about, Tap { id, topic, step }).map(drop),
            _ => Err(domain::refusal::Refusal::new("request.validation")
                .with("field", "step")
                .into()),
        }
    });
    match taken.await {
        Err(fault) if fault.code() == "rating.closed" => Ok(()),
        other => other,
    }
}

/// To the page that says what was kept, in the same language.
fn back(asker: &Asker) -> Response {
    let to = format!("{}?{TONGUE_FIELD}={}", asker.path, asker.tongue.tag());
    Redirect::to(&to).into_response()
}

fn show(
    asker: &Asker,
    subject: &Subject,
    rating: Option<&Rating>,
    (id, now): (Uuid, OffsetDateTime),
) -> Response {
    let (tongue, said) = WORDS.within(asker.tongue);
    let ask = Ask {
        said,
        subject,
        to: format!("{}?{TONGUE_FIELD}={}", asker.path, tongue.tag()),
        id,
    };
    let (mark, body) = match rating {
        None => ("plain", ask.first()),
        Some(rating) if is_open(rating.at, now) => ("yes", ask.more(rating)),
        Some(rating) => ("yes", ask.thanks(rating)),
    };
    let page = Page {
        mark,
        styles: &[&STYLE_ADDRESS],
        scripts: &[&SCRIPT_ADDRESS],
        tongues: &Tongue::ALL,
        path: &asker.path,
        ..Page::new(tongue, &said.title, &said.header)
    };
    page.answer(StatusCode::OK, &body)
}

/// A page of questions.
struct Ask<'a> {
    said: &'a Said,
    subject: &'a Subject,
    /// Where its forms are sent.
    to: String,
    /// Of the next tap.
    id: Uuid,
}

impl Ask<'_> {
    fn place(&self) -> Markup {
        html! {
            p.soft {
                (self.said.at_point.replace("{point}", &self.subject.point.name))
                @if let Some(number) = &self.subject.number {
                    " · " (self.said.ticket.replace("{number}", number))
                }
            }
        }
    }

    fn first(&self) -> Markup {
        html! {
            h1 { (self.said.title) }
            (self.place())
            p { (self.said.lead) }
            (self.pending())
            (self.faces(RatingTopic::Overall, None))
        }
    }

    fn more(&self, rating: &Rating) -> Markup {
        let chosen = |topic| rating.answers.get(&topic).copied();
        let overall = chosen(RatingTopic::Overall);
        let more = RatingTopic::ALL.iter().skip(1).copied();
        html! {
            @if let Some(step) = overall {
                h1.kept { (face(step)) span { (self.said.kept.replace("{step}", &self.said.steps[&step])) } }
            }
            (self.place())
            p { (self.said.kept_lead) }
            (self.pending())
            (self.fold(RatingTopic::Overall, &self.said.change, None, overall))
            h2 { (self.said.more) }
            p.soft { (self.said.more_lead) }
            @for topic in more {
                @let step = chosen(topic);
                (self.fold(topic, &self.said.asks[&topic], step, step))
            }
            (self.comment(rating.comment.as_deref()))
        }
    }

    fn thanks(&self, rating: &Rating) -> Markup {
        html! {
            h1 { (self.said.thanks) }
            (self.place())
            p { (self.said.thanks_lead) }
            @if rating.ticket.is_none() { p { (self.said.thanks_today) } }
        }
    }

    /// Shown by the script alone.
    fn pending(&self) -> Markup {
        html! { p.pending role="status" hidden { (self.said.pending) } }
    }

    /// A question that opens when it is touched.
    fn fold(
        &self,
        topic: RatingTopic,
        title: &str,
        told: Option<RatingStep>,
        chosen: Option<RatingStep>,
    ) -> Markup {
        html! {
            details {
                summary {
                    (title)
                    @if let Some(step) = told { small { "✓ " (self.said.steps[&step]) } }
                }
                (self.faces(topic, chosen))
            }
        }
    }

    fn faces(&self, topic: RatingTopic, chosen: Option<RatingStep>) -> Markup {
        html! {
            form method="post" action=(self.to) {
                input type="hidden" name="id" value=(self.id);
                input type="hidden" name="topic" value=(topic.as_str());
                fieldset.faces {
                    legend { (self.said.asks[&topic]) }
                    @for step in self.subject.scale.steps() {
                        @let pressed = chosen.map(|chosen| (chosen == *step).to_string());
                        button name="step" value=(step.as_str()) aria-pressed=[pressed] {
                            (face(*step)) span { (self.said.steps[step]) }
                        }
                    }
                }
            }
        }
    }

    fn comment(&self, kept: Option<&str>) -> Markup {
        html! {
            details open[kept.is_some()] {
                summary { (self.said.comment) @if kept.is_some() { small { "✓ " (self.said.comment_kept) } } }
                form method="post" action=(self.to) {
                    label for="comment" { (self.said.comment_lead) }
                    textarea id="comment" name="comment" maxlength="500" rows="4" { (kept.unwrap_or_default()) }
                    button { (self.said.send) }
                }
            }
        }
    }
}

/// A face; its name stands beside it.
fn face(step: RatingStep) -> Markup {
    let mouth = match step {
        RatingStep::VerySatisfied => "M14 27q10 14 20 0z",
        RatingStep::Satisfied => "M15 29q9 8 18 0",
        RatingStep::Neutral => "M15 31h18",
        RatingStep::Dissatisfied => "M15 34q9-8 18 0",
        RatingStep::VeryDissatisfied => "M14 36q10-14 20 0M12 15l6 3M36 15l-6 3",
    };
    html! {
        svg viewBox="0 0 48 48" aria-hidden="true" {
            circle cx="24" cy="24" r="21" {}
            path d="M17 18v3M31 18v3" {}
            path d=(mouth) {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn every_language_asks_everything() {
        for tongue in Tongue::ALL {
            let (spoken, said) = WORDS.within(tongue);
            assert_eq!(spoken, tongue);
            let topics = RatingTopic::ALL.iter();
            assert!(topics.clone().all(|one| said.asks.contains_key(one)));
            assert!(topics.clone().all(|one| said.topics.contains_key(one)));
            let mut steps = RatingStep::ALL.iter();
            assert!(steps.all(|one| said.steps.contains_key(one)));
        }
    }

    #[test]
    fn a_browser_is_known_for_one_day_at_one_point() {
        let (one, next) = (date!(2024 - 10 - 13), date!(2024 - 10 - 14));
        let known = visitor("c", "POINT", one);
        assert_eq!(known, visitor("c", "POINT-3", one));
        for other in [
            visitor("c", "POINT", next),
            visitor("c", "OTHER", one),
            visitor("d", "POINT", one),
        ] {
            assert_ne!(known, other);
        }
    }
}
