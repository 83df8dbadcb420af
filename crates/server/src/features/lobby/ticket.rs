//! What somebody sees who follows their ticket: a few kilobytes without a script, that ask
//! again by themselves, sooner the nearer their turn is. Answered from memory.

use super::kiosk::verdict;
use super::line::Place;
use super::words::{Said, WORDS, filled};
use super::{KHMER_STYLE, TICKET_STYLE};
use crate::App;
use crate::features::desk;
use crate::features::slips::code_of_ticket;
use crate::platform::pages::{Asker, Page, TONGUE_FIELD, Tongue};
use crate::platform::problem::{AppError, AppResult};
use crate::platform::wire::{Form, Path};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use domain::days::VIETNAM;
use domain::desk::ticket::{Deed, Ticket, TicketAct, TicketStage};
use maud::{Markup, html};
use serde::Deserialize;
use std::sync::Arc;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// Codes that lead nowhere, from one address in a minute: those that do cost nothing.
const WRONG_PER_MINUTE_MAX: u32 = 60;

/// A ticket as its holder sees it.
pub async fn follow(
    State(app): State<Arc<App>>,
    asker: Asker,
    Path(code): Path<String>,
) -> AppResult<Response> {
    let now = app.clock.now();
    let found = desk::by_code(&app, &code, |queue, ticket| {
        let name = queue.map(|queue| queue.desk.name.clone());
        (
            ticket.clone(),
            name,
            queue.map(|queue| Place::of(queue, ticket, now)),
        )
    });
    let (tongue, words) = WORDS.within(asker.tongue);
    let (ticket, name, place) = match found.await {
        Ok(found) => found,
        Err(AppError::Refused(refusal)) if refusal.code == "not_found" => {
            asker.need_patience(&app, "ticket", WRONG_PER_MINUTE_MAX, Duration::MINUTE)?;
            let page = Page {
                mark: "no",
                ..Page::new(tongue, &words.no_ticket.title, "Cầu Số")
            };
            return Ok(page.answer(StatusCode::NOT_FOUND, &verdict(&words.no_ticket)));
        }
        Err(other) => return Err(other),
    };
    // Most tickets have none, and only whoever was served may: those in line are answered from memory.
    let slip = if place.is_none() || ticket.stage == TicketStage::Done {
        let id = ticket.id;
        let found = app.db.glance(move |tx| Ok(code_of_ticket(tx, id)?));
        found.await?
    } else {
        None
    };
    let styles = [TICKET_STYLE.as_str(), KHMER_STYLE.as_str()];
    let follows = place.as_ref().map(|place| again_s(&ticket, place.ahead));
    let page = Page {
        mark: if ticket.stage == TicketStage::Called {
            "ticket called"
        } else {
            "ticket"
        },
        styles: if tongue == Tongue::Km {
            &styles
        } else {
            &styles[..1]
        },
        refresh_s: follows.flatten(),
        tongues: &Tongue::ALL,
        path: &asker.path,
        ..Page::new(tongue, &ticket.number, name.as_deref().unwrap_or("Cầu Số"))
    };
    let body = Shown {
        ticket: &ticket,
        place: place.as_ref(),
        slip: slip.as_deref(),
        words,
        tongue,
        act: app.clock.new_id(),
        now,
    };
    Ok(page.answer(StatusCode::OK, &body.markup()))
}

/// Seconds after which a page asks again; none when nothing more will happen.
fn again_s(ticket: &Ticket, ahead: usize) -> Option<u32> {
    match ticket.stage {
        TicketStage::Waiting => Some(match ahead {
            0..=2 => 15,
            3..=5 => 20,
            6..=10 => 30,
            _ => 60,
        }),
        TicketStage::Called => Some(15),
        TicketStage::Serving | TicketStage::Held => Some(30),
        TicketStage::NoShow => Some(60),
        TicketStage::Done | TicketStage::Left => None,
    }
}

struct Shown<'a> {
    ticket: &'a Ticket,
    /// None when its day is over.
    place: Option<&'a Place>,
    /// The code of the slip that was made for it.
    slip: Option<&'a str>,
    words: &'a Said,
    tongue: Tongue,
    /// The id of what the holder may do next.
    act: Uuid,
    now: OffsetDateTime,
}

impl Shown<'_> {
    fn markup(&self) -> Markup {
        let (w, ticket) = (self.words, self.ticket);
        let stage = match self.place {
            Some(_) => &w.stage[&ticket.stage],
            None if ticket.stage == TicketStage::Done => &w.stage[&TicketStage::Done],
            None => &w.over,
        };
        let now = self.now.to_offset(VIETNAM);
        let now = format!("{:02}:{:02}", now.hour(), now.minute());
        html! {
            p.soft { (w.your_number) }
            p.number { (ticket.number) }
            h1 { (stage.title) }
            @if let Some(counter) = &ticket.counter {
                p.where { (filled(&w.counter, "counter", counter)) }
            }
            @if let Some(place) = self.place.filter(|_| ticket.stage == TicketStage::Waiting) {
                p.facts { (place.said(w)) }
                @if place.wait_min.is_some() { p.soft { (w.estimate) } }
                p { (filled(&w.go_to, "counters", place.counters_said(w))) }
            }
            p { (stage.text) }
            @if let Some(slip) = self.slip {
                a.button href={ "/hen/" (slip) "?" (TONGUE_FIELD) "=" (self.tongue.tag()) } { (w.slip) }
            }
            @if ticket.stage == TicketStage::Done {
                a.button.quiet[self.slip.is_some()] href={ "/danh-gia/" (ticket.code) "?" (TONGUE_FIELD) "=" (self.tongue.tag()) } { (w.rate) }
            }
            @if self.place.is_some() { (self.buttons()) }
            p.soft { (filled(&w.seen_at, "time", now)) }
        }
    }

    /// What the holder may do by themselves.
    fn buttons(&self) -> Markup {
        use TicketStage::{Called, Held, Left, NoShow, Waiting};
        let (w, stage) = (self.words, self.ticket.stage);
        html! {
            @if stage == Called { (self.button("hold", &w.more_time, true)) }
            @if stage == Held { (self.button("ready", &w.ready, false)) }
            @if matches!(stage, NoShow | Left) { (self.button("return", &w.rejoin, false)) }
            @if matches!(stage, Waiting | Called | Held) {
                details { summary { (w.give_up) } (self.button("leave", &w.give_up_sure, true)) }
            }
        }
    }

    fn button(&self, wish: &str, label: &str, quiet: bool) -> Markup {
        html! {
            form method="post" action={ "/phieu/" (self.ticket.code) "?" (TONGUE_FIELD) "=" (self.tongue.tag()) } {
                input type="hidden" name="ma" value=(self.act);
                button.quiet[quiet] name="viec" value=(wish) { (label) }
            }
        }
    }
}

/// What a holder wishes.
#[derive(Debug, Deserialize)]
pub struct Wish {
    /// Made when the page was shown: sent twice, it is done once.
    ma: Uuid,
    viec: String,
}

/// Does what the holder wishes, as far as it is still time for it, and shows the ticket again.
pub async fn wish(
    State(app): State<Arc<App>>,
    asker: Asker,
    Path(code): Path<String>,
    Form(wish): Form<Wish>,
) -> AppResult<Response> {
    let act = match wish.viec.as_str() {
        "hold" => TicketAct::Hold,
        // Back in line where it was, which is before all who came later.
        "ready" => TicketAct::Transfer,
        "return" => TicketAct::Return,
        "leave" => TicketAct::Leave,
        _ => return Err(AppError::not_found()),
    };
    let ticket = desk::by_code(&app, &code, |queue, ticket| {
        queue.map(|_| (ticket.id, ticket.code.clone(), ticket.errand().group))
    });
    let (id, code, group) = ticket.await?.ok_or_else(AppError::not_found)?;
    let clock = app.clock.clone();
    let deed = Deed {
        group: (act == TicketAct::Transfer).then_some(group),
        ..Deed::of(act, clock.now())
    };
    let done = app
        .db
        .write(move |tx| desk::act_for_holder(tx, &clock, id, (wish.ma, deed)))
        .await;
    match done {
        // Called, or gone, meanwhile: the page says how it stands.
        Err(AppError::Refused(refusal)) if refusal.code == "desk.not_now" => {}
        other => drop(other?),
    }
    let address = format!("/phieu/{code}?{TONGUE_FIELD}={}", asker.tongue.tag());
    Ok(Redirect::to(&address).into_response())
}
