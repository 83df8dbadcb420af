//! The kiosk: plain pages that print, for whatever stands in the hall.

use super::choose::{Choosing, Chosen, Taken, names};
use super::devices;
use super::hours::{self, EARLY};
use super::line::Place;
use super::store::Device;
use super::voice::Voice;
use super::words::{Said, Verdict, WORDS, filled, tongue_of};
use super::{KHMER_STYLE, KIOSK_STYLE, SCRIPT};
use crate::App;
use crate::features::desk::{self, By};
use crate::platform::http::origin;
use crate::platform::pages::{Page, TONGUE_FIELD, Tongue};
use crate::platform::problem::{AppError, AppResult};
use crate::platform::wire::{Form, Path, Query};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use domain::desk::ticket::Ticket;
use domain::desk::{DeskDeviceKind, Setup, TicketSource};
use maud::{Markup, PreEscaped, html};
use qrcode::QrCode;
use qrcode::render::svg;
use std::sync::{Arc, LazyLock};

/// Seconds after which a screen that somebody left with a question open begins anew.
const CHOOSING_S: u32 = 180;
/// Seconds that a ticket is shown.
const TAKEN_S: u32 = 30;
/// Seconds after which a closed kiosk looks whether it is time.
const CLOSED_S: u32 = 60;

/// What stands at a point.
struct Here {
    device: Device,
    name: String,
    setup: Setup,
    home: String,
}

async fn here(app: &Arc<App>, token: &str) -> AppResult<Option<Here>> {
    let Some(device) = devices::seen(app, token, DeskDeviceKind::Kiosk).await? else {
        return Ok(None);
    };
    let (name, setup) = desk::read(app, device.point, |queue| {
        (queue.desk.name.clone(), queue.desk.setup.clone())
    })
    .await?;
    let home = format!("/lay-so/{token}");
    Ok(Some(Here {
        device,
        name,
        setup,
        home,
    }))
}

/// The page of a kiosk or a phone.
pub fn page<'a>(tongue: Tongue, title: &'a str, header: &'a str) -> Page<'a> {
    static STYLES: LazyLock<[&str; 2]> = LazyLock::new(|| [&KIOSK_STYLE, &KHMER_STYLE]);
    static SCRIPTS: LazyLock<[&str; 1]> = LazyLock::new(|| [&SCRIPT]);
    Page {
        mark: "kiosk",
        styles: &*STYLES,
        scripts: &*SCRIPTS,
        ..Page::new(tongue, title, header)
    }
}

/// The next question of a kiosk.
pub async fn ask(
    State(app): State<Arc<App>>,
    Path(token): Path<String>,
    Query(chosen): Query<Chosen>,
    headers: HeaderMap,
) -> AppResult<Response> {
    let Some(here) = here(&app, &token).await? else {
        return Ok(devices::unknown());
    };
    let (tongue, words) = WORDS.within(chosen.tongue());
    let tongues: Vec<Tongue> = here
        .setup
        .languages
        .iter()
        .map(|one| tongue_of(*one))
        .collect();
    let start = format!("{}?{TONGUE_FIELD}=vi", here.home);
    if let Some(closed) = hours::closed(&app, here.device.point, EARLY, tongue).await? {
        let page = page(tongue, &words.closed.title, &here.name);
        return Ok(begins_anew(page, CLOSED_S, &start, &closed));
    }
    let origin = origin(&headers);
    let choosing = Choosing {
        setup: &here.setup,
        on: app.clock.today(),
        tongue,
        words,
        voice: &app.voice,
        home: &here.home,
        origin: Some(&origin),
        id: app.clock.new_id(),
    };
    let untouched = chosen.is_start() && tongue == Tongue::Vi;
    let page = Page {
        tongues: if chosen.is_start() { &tongues } else { &[] },
        path: &here.home,
        ..page(tongue, &words.ask_work, &here.name)
    };
    let screen = choosing.screen(&chosen)?;
    Ok(if untouched {
        page.answer(StatusCode::OK, &screen)
    } else {
        begins_anew(page, CHOOSING_S, &start, &screen)
    })
}

/// A screen that nobody touches for so long begins anew; a script counts, where there is one.
fn begins_anew<'a>(page: Page<'a>, after_s: u32, start: &'a str, body: &Markup) -> Response {
    let page = Page {
        refresh_s: Some(after_s),
        refresh_to: Some(start),
        scripted: true,
        ..page
    };
    let body = html! { div data-idle-s=(after_s) data-home=(start) { (body) } };
    page.answer(StatusCode::OK, &body)
}

/// Takes the ticket, and leads to it.
pub async fn take(
    State(app): State<Arc<App>>,
    Path(token): Path<String>,
    Query(chosen): Query<Chosen>,
    Form(taken): Form<Taken>,
) -> AppResult<Response> {
    let Some(here) = here(&app, &token).await? else {
        return Ok(devices::unknown());
    };
    let tongue = chosen.tongue();
    let home = format!("{}?{TONGUE_FIELD}={}", here.home, tongue.tag());
    if hours::closed(&app, here.device.point, EARLY, tongue)
        .await?
        .is_some()
    {
        return Ok(Redirect::to(&home).into_response());
    }
    let (clock, device) = (app.clock.clone(), here.device.id);
    let take = taken.wanted(
        here.device.point,
        (&here.setup, app.clock.today()),
        tongue,
        TicketSource::Kiosk,
    );
    let by = By {
        member: None,
        device: Some(device),
    };
    let ticket = app
        .db
        .write(move |tx| desk::take(tx, &clock, by, &take))
        .await?;
    let address = format!(
        "{}/{}?{TONGUE_FIELD}={}",
        here.home,
        ticket.code,
        tongue.tag()
    );
    Ok(Redirect::to(&address).into_response())
}

/// The ticket that was taken: it prints at once.
pub async fn taken(
    State(app): State<Arc<App>>,
    Path((token, code)): Path<(String, String)>,
    Query(chosen): Query<Chosen>,
    headers: HeaderMap,
) -> AppResult<Response> {
    let Some(here) = here(&app, &token).await? else {
        return Ok(devices::unknown());
    };
    let now = app.clock.now();
    let found = desk::by_code(&app, &code, |queue, ticket| {
        (
            ticket.clone(),
            queue.map(|queue| Place::of(queue, ticket, now)),
        )
    });
    let (ticket, place) = found.await?;
    if ticket.point != here.device.point {
        return Err(AppError::not_found());
    }
    let (tongue, words) = WORDS.within(chosen.tongue());
    let mut address = format!("{}/phieu/{}", origin(&headers), ticket.code);
    if tongue != Tongue::Vi {
        // The phone's own language may be another.
        address.push_str(&format!("?{TONGUE_FIELD}={}", tongue.tag()));
    }
    let start = format!("{}?{TONGUE_FIELD}=vi", here.home);
    let page = Page {
        mark: "taken",
        ..page(tongue, &words.your_number, &here.name)
    };
    let body = paper(
        &ticket,
        place.as_ref(),
        &here.name,
        words,
        tongue,
        (&address, &app.voice),
    )?;
    let body = html! {
        div data-print=(ticket.code) data-home=(start) { (body) }
        div.more {
            button.quiet.listen type="button" hidden { (words.listen) }
            button.quiet.again type="button" hidden { (words.print) }
            a.button href=(start) { (words.done) }
        }
    };
    Ok(begins_anew(page, TAKEN_S, &start, &body))
}

/// What stands on the screen, and less of it on paper.
fn paper(
    ticket: &Ticket,
    place: Option<&Place>,
    point: &str,
    words: &Said,
    tongue: Tongue,
    (address, voice): (&str, &Voice),
) -> AppResult<Markup> {
    let groups: Vec<_> = ticket.errands.iter().map(|errand| errand.group).collect();
    let at = ticket.arrived_at.to_offset(domain::days::VIETNAM);
    let taken = format!(
        "{:02}:{:02} {}",
        at.hour(),
        at.minute(),
        vn::number::date(at.date())
    );
    let say = |text: &String| voice.say(tongue, std::slice::from_ref(text)).mark();
    Ok(html! {
        p.on-paper { strong { (point) } br; (taken) }
        div.sheet {
            div {
                h1 { (words.your_number) (say(&words.ticket_taken)) }
                p.number { (ticket.number) }
                p.facts { (names(&groups, tongue).join(", ")) }
                @if let Some(place) = place {
                    p.facts { (place.said(words)) }
                    @if !place.counters.is_empty() {
                        p.facts { (filled(&words.go_to, "counters", place.counters_said(words))) }
                    }
                }
            }
            div { div.qr { (qr(address)?) } p { (words.scan) } }
        }
        p { (words.keep) (say(&words.keep)) }
    })
}

/// A QR code that leads to an address.
pub fn qr(address: &str) -> AppResult<Markup> {
    let code = QrCode::new(address).map_err(|fault| AppError::Internal(fault.to_string()))?;
    let drawn = code.render::<svg::Color<'_>>().quiet_zone(true).build();
    // Nothing but its own shapes, behind a declaration that HTML does not want.
    let begins = drawn.find("<svg").unwrap_or(0);
    Ok(PreEscaped(drawn[begins..].to_owned()))
}

/// A page that says one thing.
pub fn verdict(verdict: &Verdict) -> Markup {
    html! { h1 { (verdict.title) } p { (verdict.text) } }
}
