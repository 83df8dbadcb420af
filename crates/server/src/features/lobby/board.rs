//! The board in the hall: who is called to which counter, who was, and how long it takes.
//! A script asks every two seconds whether anything changed, and says aloud who is called; a
//! browser without one asks for the whole page.

use super::choose::{Chosen, names};
use super::devices;
use super::line::wait_min;
use super::voice::Voice;
use super::words::{Said, WORDS, filled, tongue_of};
use super::{BOARD_STYLE, KHMER_STYLE, SCRIPT};
use crate::App;
use crate::features::desk::{self, Queue};
use crate::platform::pages::{Page, Tongue};
use crate::platform::problem::AppResult;
use crate::platform::wire::{Path, Query};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::desk::DeskDeviceKind;
use domain::desk::ticket::{Ticket, TicketStage};
use maud::{Markup, html};
use std::cmp::Reverse;
use std::sync::Arc;
use time::OffsetDateTime;

/// Numbers shown large, at most.
const CALLING_MAX: usize = 5;
/// Numbers that were called before, at most.
const RECENT_MAX: usize = 8;
/// Seconds after which a browser without scripts asks again.
const PLAIN_S: u32 = 5;

/// The board, or that nothing has changed on it.
pub async fn show(
    State(app): State<Arc<App>>,
    Path(token): Path<String>,
    Query(chosen): Query<Chosen>,
    headers: HeaderMap,
) -> AppResult<Response> {
    let Some(device) = devices::seen(&app, &token, DeskDeviceKind::Board).await? else {
        return Ok(devices::unknown());
    };
    let (tongue, words) = WORDS.within(chosen.tongue());
    // What is estimated changes by itself, too.
    let now = app.clock.now();
    let minute = now.unix_timestamp() / 60;
    let version = SCRIPT.as_str();
    let known = headers.get(header::IF_NONE_MATCH).cloned();
    let seen = desk::read(&app, device.point, |queue| {
        let tag = format!(
            "W/\"{}.{minute}.{}.{version}\"",
            queue.desk.rev,
            tongue.tag()
        );
        let news = known.is_none_or(|known| known != tag.as_str());
        let name = queue.desk.name.clone();
        (
            tag,
            name,
            news.then(|| body(queue, &app.voice, words, tongue, now)),
        )
    });
    let (tag, name, body) = seen.await?;
    let styles = [BOARD_STYLE.as_str(), KHMER_STYLE.as_str()];
    let page = Page {
        mark: "board",
        styles: &styles,
        scripts: &[version],
        refresh_s: Some(PLAIN_S),
        scripted: true,
        ..Page::new(tongue, &words.board_calling, &name)
    };
    let mut answer = match body {
        Some(body) => page.answer(StatusCode::OK, &body),
        None => StatusCode::NOT_MODIFIED.into_response(),
    };
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        answer.headers_mut().insert(header::ETAG, tag);
    }
    Ok(answer)
}

/// Tickets at a stage, the latest first.
fn at(queue: &Queue, stage: TicketStage, most: usize) -> Vec<&Ticket> {
    let there = queue.tickets.values();
    let mut there: Vec<&Ticket> = there.filter(|ticket| ticket.stage == stage).collect();
    there.sort_unstable_by_key(|ticket| (Reverse(ticket.stage_at), ticket.id));
    there.truncate(most);
    there
}

fn body(queue: &Queue, voice: &Voice, words: &Said, tongue: Tongue, now: OffsetDateTime) -> Markup {
    let calling = at(queue, TicketStage::Called, CALLING_MAX);
    let recent = at(queue, TicketStage::Serving, RECENT_MAX);
    let waiting = |group| {
        let line = queue.tickets.values();
        let line = line.filter(|ticket| ticket.stage == TicketStage::Waiting);
        line.filter(|ticket| ticket.errand().group == group).count()
    };
    html! {
        section.calling aria-live="polite" {
            h1 { (words.board_calling) }
            ul { @for ticket in &calling { (called(queue, ticket, voice, words)) } }
            @if calling.is_empty() { p { (words.board_none) } }
        }
        section.side {
            @if !recent.is_empty() {
                h2 { (words.board_recent) }
                ul { @for ticket in &recent {
                    li { strong { (ticket.number) } " " span { (counter(ticket, words)) } }
                } }
            }
            div.waits {
                h2 { (words.board_waiting) }
                ul { @for offered in &queue.desk.setup.groups {
                    li {
                        span { (offered.letter) ". " (names(&[offered.group], tongue).join(", ")) }
                        " " strong {
                            (filled(&words.board_people, "n", waiting(offered.group)))
                            @if let Some(minutes) = wait_min(queue.outlook_of_newcomer(offered.group, now)) {
                                ", " (filled(&words.board_wait, "n", minutes))
                            }
                        }
                    }
                } }
            }
        }
        p.notice hidden role="status" data-text=(words.board_offline) {}
        @if queue.desk.setup.voice { button.sound type="button" hidden { (words.board_sound) } }
    }
}

fn counter(ticket: &Ticket, words: &Said) -> String {
    let code = ticket.counter.as_deref().unwrap_or_default();
    filled(&words.counter, "counter", code)
}

/// A number that is called; called again, it is another call.
fn called(queue: &Queue, ticket: &Ticket, voice: &Voice, words: &Said) -> Markup {
    let at_ms = ticket.stage_at.unix_timestamp_nanos() / 1_000_000;
    let call = format!("{}.{at_ms}.{}", ticket.number, ticket.calls);
    let code = ticket.counter.as_deref().unwrap_or_default();
    let mut tongues = vec![Tongue::Vi, tongue_of(ticket.language)];
    tongues.dedup();
    html! {
        li data-call=(call) {
            span.number { (ticket.number) } " " span.counter { (counter(ticket, words)) }
            @if queue.desk.setup.voice {
                @for tongue in tongues { (voice.call(tongue, &ticket.number, code).mark()) }
            }
        }
    }
}
