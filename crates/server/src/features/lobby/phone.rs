//! Taking a ticket on one's own phone, and the sheet at the door that leads there.

use super::choose::{Choosing, Chosen, Taken};
use super::hours;
use super::kiosk::{page, qr, verdict};
use super::words::{WORDS, filled, tongue_of};
use crate::App;
use crate::features::desk::{self, By, store};
use crate::platform::http::origin;
use crate::platform::pages::{Asker, Page, TONGUE_FIELD, Tongue};
use crate::platform::problem::{AppError, AppResult};
use crate::platform::wire::{Form, Path, Query};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use domain::codes;
use domain::desk::ticket::TicketStage;
use domain::desk::{POINT_CODE_LETTERS, TicketSource};
use domain::ids::PointId;
use maud::html;
use std::sync::Arc;
use time::Duration;

/// Tickets from one address: a hall behind one router on a busy morning.
const TICKETS_MAX: u32 = 30;
const TICKETS_WITHIN: Duration = Duration::minutes(15);
/// Points looked for from one address in a minute.
const WRONG_PER_MINUTE_MAX: u32 = 60;
/// Holds the code of the ticket that a browser has.
const COOKIE: &str = "causo_phieu";

async fn point(app: &Arc<App>, asker: &Asker, code: &str) -> AppResult<Result<PointId, Response>> {
    let found = match codes::parse(code, POINT_CODE_LETTERS) {
        Some(code) => {
            app.db
                .glance(move |tx| Ok(store::find_by_code(tx, &code)?))
                .await?
        }
        None => None,
    };
    if let Some(desk) = found {
        return Ok(Ok(desk.point));
    }
    asker.need_patience(app, "desk", WRONG_PER_MINUTE_MAX, Duration::MINUTE)?;
    let (tongue, words) = WORDS.within(asker.tongue);
    let page = Page {
        mark: "no",
        ..Page::new(tongue, &words.no_point.title, "Cầu Số")
    };
    Ok(Err(
        page.answer(StatusCode::NOT_FOUND, &verdict(&words.no_point))
    ))
}

/// The number and code of the ticket that a browser has here, while it is of use.
async fn has(
    app: &Arc<App>,
    headers: &HeaderMap,
    point: PointId,
) -> AppResult<Option<(String, String)>> {
    let lines = headers.get_all(header::COOKIE).iter();
    let mut pairs = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let Some((_, code)) = pairs.find(|(name, _)| *name == COOKIE) else {
        return Ok(None);
    };
    let found = desk::by_code(app, code, |queue, ticket| {
        use TicketStage::{Called, Held, Serving, Waiting};
        let of_use = matches!(ticket.stage, Waiting | Called | Held | Serving);
        (queue.is_some() && of_use && ticket.point == point)
            .then(|| (ticket.number.clone(), ticket.code.clone()))
    });
    match found.await {
        Err(AppError::Refused(refusal)) if refusal.code == "not_found" => Ok(None),
        other => other,
    }
}

/// The next question on a phone, or the ticket it has.
pub async fn ask(
    State(app): State<Arc<App>>,
    asker: Asker,
    Path(code): Path<String>,
    Query(chosen): Query<Chosen>,
    headers: HeaderMap,
) -> AppResult<Response> {
    let point = match point(&app, &asker, &code).await? {
        Ok(point) => point,
        Err(page) => return Ok(page),
    };
    let (tongue, words) = WORDS.within(asker.tongue);
    let (name, setup) = desk::read(&app, point, |queue| {
        (queue.desk.name.clone(), queue.desk.setup.clone())
    })
    .await?;
    let tongues: Vec<Tongue> = setup.languages.iter().map(|one| tongue_of(*one)).collect();
    let page = Page {
        tongues: if chosen.is_start() { &tongues } else { &[] },
        path: &asker.path,
        ..page(tongue, &words.phone_title, &name)
    };
    if let Some((number, code)) = has(&app, &headers, point).await? {
        let body = html! {
            h1 { (filled(&words.phone_have, "number", number)) }
            a.button href={ "/phieu/" (code) "?" (TONGUE_FIELD) "=" (tongue.tag()) } { (words.phone_open) }
        };
        return Ok(page.answer(StatusCode::OK, &body));
    }
    if let Some(closed) = hours::closed(&app, point, Duration::ZERO, tongue).await? {
        return Ok(page.answer(StatusCode::OK, &closed));
    }
    let choosing = Choosing {
        setup: &setup,
        on: app.clock.today(),
        tongue,
        words,
        voice: &app.voice,
        home: &asker.path,
        origin: None,
        id: app.clock.new_id(),
    };
    Ok(page.answer(StatusCode::OK, &choosing.screen(&chosen)?))
}

/// Takes the ticket, and leads to the page on which it is followed.
pub async fn take(
    State(app): State<Arc<App>>,
    asker: Asker,
    Path(code): Path<String>,
    headers: HeaderMap,
    Form(taken): Form<Taken>,
) -> AppResult<Response> {
    let point = match point(&app, &asker, &code).await? {
        Ok(point) => point,
        Err(page) => return Ok(page),
    };
    let home = format!("{}?{TONGUE_FIELD}={}", asker.path, asker.tongue.tag());
    let shut = hours::closed(&app, point, Duration::ZERO, asker.tongue).await?;
    if shut.is_some() || has(&app, &headers, point).await?.is_some() {
        return Ok(Redirect::to(&home).into_response());
    }
    asker.need_patience(&app, "own ticket", TICKETS_MAX, TICKETS_WITHIN)?;
    let setup = desk::read(&app, point, |queue| queue.desk.setup.clone()).await?;
    let take = taken.wanted(
        point,
        (&setup, app.clock.today()),
        asker.tongue,
        TicketSource::Phone,
    );
    let clock = app.clock.clone();
    let ticket = app
        .db
        .write(move |tx| desk::take(tx, &clock, By::default(), &take))
        .await?;
    let cookie = format!(
        "{COOKIE}={}; Path=/xep-hang; Max-Age=43200; HttpOnly; SameSite=Lax",
        ticket.code
    );
    let address = format!(
        "/phieu/{}?{TONGUE_FIELD}={}",
        ticket.code,
        asker.tongue.tag()
    );
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(&address)).into_response())
}

/// The sheet at the door, to print on A4 or A5.
pub async fn poster(
    State(app): State<Arc<App>>,
    asker: Asker,
    Path(code): Path<String>,
    headers: HeaderMap,
) -> AppResult<Response> {
    let point = match point(&app, &asker, &code).await? {
        Ok(point) => point,
        Err(page) => return Ok(page),
    };
    let (name, code, setup) = desk::read(&app, point, |queue| {
        let desk = &queue.desk;
        (desk.name.clone(), desk.code.clone(), desk.setup.clone())
    })
    .await?;
    let address = format!("{}/xep-hang/{code}", origin(&headers));
    let (tongue, words) = WORDS.within(Tongue::Vi);
    let others = setup.languages.iter().map(|one| tongue_of(*one));
    let others: Vec<_> = others.filter(|one| *one != Tongue::Vi).collect();
    let body = html! {
        h1 { (words.poster.title) }
        p.facts { (words.poster.text) }
        div.qr { (qr(&address)?) }
        p { strong { (address.trim_start_matches("https://").trim_start_matches("http://")) } }
        ol { @for step in &words.poster.steps { li { (step) } } }
        p { (words.poster.no_phone) }
        @for other in others {
            @let (tongue, words) = WORDS.within(other);
            p lang=(tongue.tag()) { strong { (words.poster.title) } ". " (words.poster.text) }
        }
        button.print type="button" hidden { (words.poster.print) }
    };
    let page = Page {
        mark: "poster",
        ..page(tongue, &words.poster.title, &name)
    };
    Ok(page.answer(StatusCode::OK, &body))
}
