//! What residents see: asking without a name, what became of it, and answers for everybody.
//! Nothing here needs a script.

use super::commands::{self, Asking};
use super::faq::{self, FaqBody, Wanted};
use super::store::{self, Contact, Question};
use super::words::{Said, WORDS};
use crate::App;
use crate::features::places::store::{self as places, Place, Search};
use crate::platform::pages::{Asker, Page, TONGUE_FIELD, Tongue};
use crate::platform::problem::{AppError, AppResult};
use crate::platform::wire::{Form, Path, Query};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use domain::days::{VIETNAM, day_of};
use domain::ids::{FaqId, PlaceId, QuestionId};
use domain::questions::{
    QUESTION_CHARS_MAX, QuestionCode, QuestionSource, QuestionStage, Topics, WithholdReason,
};
use maud::{Markup, html};
use serde::Deserialize;
use std::sync::Arc;
use time::{Date, Duration, OffsetDateTime};
use uuid::Uuid;

/// Questions an hour from one address, at most: a ward's free Wi-Fi, but no machine.
const ASKED_MAX: u32 = 20;
/// Looks a minute from one address, at most.
const LOOKS_MAX: u32 = 240;
/// Places, and answers while asking, that are offered.
const OFFERED: i64 = 20;
const KNOWN: i64 = 3;
/// Answers on a page.
const PAGE: i64 = 10;
/// Languages these pages speak.
const TONGUES: &[Tongue] = &Tongue::ALL;
/// Everywhere.
const ROOT: &str = "VN/";

/// Where they ask.
#[derive(Debug, Deserialize)]
pub struct Where {
    /// Id of a place.
    noi: Option<String>,
    /// A part of its name.
    tim: Option<String>,
}

/// What they ask.
#[derive(Debug, Deserialize)]
pub struct Asked {
    noi: String,
    cau_hoi: String,
    #[serde(default)]
    dien_thoai: String,
    /// Consent to keep the number.
    dong_y: Option<String>,
    /// Nobody sees this field: what fills it in is a machine.
    #[serde(default)]
    trang_web: String,
    /// None of the answers there are is what they look for.
    van_gui: Option<String>,
}

/// The answer that was theirs.
#[derive(Debug, Deserialize)]
pub struct Spared {
    muc: Uuid,
    noi: String,
}

/// What they look for.
#[derive(Debug, Deserialize)]
pub struct Looked {
    #[serde(default)]
    q: String,
    #[serde(rename = "chu-de", default)]
    topic: String,
    trang: Option<u16>,
    noi: Option<String>,
}

struct Shown<'a> {
    asker: &'a Asker,
    tongue: Tongue,
    said: &'static Said,
}

impl<'a> Shown<'a> {
    fn to(asker: &'a Asker) -> Self {
        let (tongue, said) = WORDS.within(asker.tongue);
        Self {
            asker,
            tongue,
            said,
        }
    }

    /// An address of ours in the same language.
    fn link(&self, path: &str) -> String {
        if self.tongue == Tongue::Vi {
            return path.to_owned();
        }
        let joint = if path.contains('?') { '&' } else { '?' };
        format!("{path}{joint}{TONGUE_FIELD}={}", self.tongue.tag())
    }

    fn answer(&self, status: StatusCode, (mark, title): (&str, &str), body: &Markup) -> Response {
        let whole = format!("{title} – {}", self.said.title);
        let header = format!("{} · {}", self.said.app, self.said.title);
        let page = Page {
            mark,
            tongues: TONGUES,
            path: &self.asker.path,
            ..Page::new(self.tongue, &whole, &header)
        };
        page.answer(status, body)
    }

    fn topic(&self, code: &str) -> String {
        let topics = Topics::bundled();
        topics.find(code).map_or_else(String::new, |topic| {
            let name = &topic.name;
            match self.tongue {
                Tongue::En => name.en.clone(),
                Tongue::Vi | Tongue::Km => name.vi.clone(),
            }
        })
    }
}

/// Lines of a text, as they were written.
fn lines(text: &str) -> Markup {
    html! { @for (at, line) in text.lines().enumerate() { @if at > 0 { br; } (line) } }
}

fn moment(at: OffsetDateTime) -> String {
    let local = at.to_offset(VIETNAM);
    format!(
        "{:02}:{:02} {}",
        local.hour(),
        local.minute(),
        vn::number::date(local.date())
    )
}

async fn place_named(app: &App, id: &str) -> AppResult<Place> {
    let id = PlaceId::parse(id).map_err(|_| AppError::not_found())?;
    let today = app.clock.today();
    let found = app
        .db
        .glance(move |tx| Ok(places::find(tx, &id, today)?))
        .await?;
    found
        .filter(|place| place.in_force(today) && place.level != "nation")
        .ok_or_else(AppError::not_found)
}

/// Asks where somebody lives, then what they want to know.
pub async fn form(
    asker: Asker,
    State(app): State<Arc<App>>,
    Query(at): Query<Where>,
) -> AppResult<Response> {
    asker.need_patience(&app, "question", LOOKS_MAX, Duration::MINUTE)?;
    let shown = Shown::to(&asker);
    let said = shown.said;
    if let Some(id) = at.noi.filter(|id| !id.is_empty()) {
        let place = place_named(&app, &id).await?;
        let body = ask_form(&shown, &place);
        return Ok(shown.answer(StatusCode::OK, ("plain", &said.ask_title), &body));
    }
    let wanted = at.tim.unwrap_or_default();
    let fold = vn::text::fold(&wanted);
    let today = app.clock.today();
    let found = match fold.is_empty() {
        true => Vec::new(),
        false => {
            app.db
                .read(move |tx| Ok(communes(tx, &fold, today)?))
                .await?
        }
    };
    let body = html! {
        h1 { (said.where_title) }
        p { (said.ask_lead) }
        form action="/hoi" {
            @if shown.tongue != Tongue::Vi { input type="hidden" name=(TONGUE_FIELD) value=(shown.tongue.tag()); }
            label for="tim" { (said.where_label) }
            input id="tim" name="tim" value=(wanted) required maxlength="80" autocomplete="address-level3";
            button { (said.where_find) }
        }
        @if !wanted.is_empty() {
            @if found.is_empty() { p { (said.where_none) } }
            @for (place, above) in &found {
                a class="button quiet" href=(shown.link(&format!("/hoi?noi={}", place.id))) { (place.full_name) ", " (above) }
            }
        }
        h2 { (said.code_label) }
        (code_form(&shown))
        p { a href=(shown.link("/hoi-dap")) { (said.faq_title) } }
    };
    Ok(shown.answer(StatusCode::OK, ("plain", &said.where_title), &body))
}

/// Communes by a part of their name, each with the name of what it lies in.
fn communes(
    tx: &crate::platform::db::Tx<'_>,
    fold: &str,
    today: Date,
) -> Result<Vec<(Place, String)>, crate::platform::db::DbError> {
    let search = Search {
        fold,
        on: today,
        parent: None,
        level: Some("commune"),
        limit: OFFERED,
    };
    let mut found = Vec::new();
    for place in places::search(tx, &search)? {
        let mut above = Vec::new();
        for id in places::ids_of(&place.path).iter().skip(1).rev().skip(1) {
            above.extend(places::find(tx, id, today)?.map(|one| one.full_name));
        }
        found.push((place, above.join(", ")));
    }
    Ok(found)
}

fn code_form(shown: &Shown<'_>) -> Markup {
    html! {
        form action="/hoi/xem" {
            @if shown.tongue != Tongue::Vi { input type="hidden" name=(TONGUE_FIELD) value=(shown.tongue.tag()); }
            label for="ma" { (shown.said.code) }
            input id="ma" name="ma" required maxlength="20" autocomplete="off" autocapitalize="characters";
            button.quiet { (shown.said.look) }
        }
    }
}

fn ask_form(shown: &Shown<'_>, place: &Place) -> Markup {
    let said = shown.said;
    html! {
        h1 { (said.ask_title) }
        p { (said.at.replace("{place}", &place.full_name)) " · " a href=(shown.link("/hoi")) { (said.other_place) } }
        p.soft { (said.ask_lead) }
        form action=(shown.link("/hoi")) method="post" {
            input type="hidden" name="noi" value=(place.id);
            label for="cau_hoi" { (said.words_label) }
            textarea id="cau_hoi" name="cau_hoi" rows="6" required minlength="8" maxlength=(QUESTION_CHARS_MAX) aria-describedby="goi_y" {}
            p.soft id="goi_y" { (said.words_hint) }
            label for="dien_thoai" { (said.phone_label) }
            input id="dien_thoai" name="dien_thoai" type="tel" inputmode="tel" maxlength="20" autocomplete="tel";
            p { label { input type="checkbox" name="dong_y" value="1"; (said.consent) } }
            div hidden { label for="trang_web" { (said.trap) } input id="trang_web" name="trang_web" tabindex="-1" autocomplete="off"; }
            button { (said.send) }
        }
        p { a href=(shown.link(&format!("/hoi-dap?noi={}", place.id))) { (said.faq_title) } }
    }
}

/// Takes a question in, unless an answer that is there already may spare it.
pub async fn ask(
    asker: Asker,
    State(app): State<Arc<App>>,
    Form(asked): Form<Asked>,
) -> AppResult<Response> {
    asker.need_patience(&app, "asking", ASKED_MAX, Duration::HOUR)?;
    let shown = Shown::to(&asker);
    if !asked.trang_web.is_empty() {
        return Ok(Redirect::to("/hoi-dap").into_response());
    }
    let place = place_named(&app, &asked.noi).await?;
    let contact = domain::questions::phone(&asked.dien_thoai, asked.dong_y.is_some())?;
    let contact = contact.map(Contact::Sms);
    domain::questions::question_words(&asked.cau_hoi)?;
    if asked.van_gui.is_none() {
        let (text, path) = (asked.cau_hoi.clone(), place.path.clone());
        let known = app
            .db
            .read(move |tx| {
                let wanted = Wanted {
                    text: &text,
                    path: &path,
                    topic: None,
                    limit: KNOWN,
                    skip: 0,
                };
                Ok(faq::search(tx, &wanted)?.0)
            })
            .await?;
        if !known.is_empty() {
            let body = known_answers(&shown, &asked, &known);
            let title = ("plain", shown.said.known_title.as_str());
            return Ok(shown.answer(StatusCode::OK, title, &body));
        }
    }
    let id = QuestionId(app.clock.new_id());
    let from = asker.address.map_or_else(String::new, |ip| ip.to_string());
    let whole = Arc::clone(&app);
    let made = app
        .db
        .write(move |tx| {
            let asking = Asking {
                id,
                code: None,
                source: QuestionSource::Web,
                place: &place.id,
                text: &asked.cau_hoi,
                topic: None,
                entered_by: None,
                contact,
                from: &from,
            };
            commands::ask(tx, &whole.clock, &whole.keys, &asking)
        })
        .await?;
    Ok(Redirect::to(&shown.link(&format!("/hoi/{}", made.code))).into_response())
}

fn known_answers(shown: &Shown<'_>, asked: &Asked, known: &[FaqBody]) -> Markup {
    let said = shown.said;
    html! {
        h1 { (said.known_title) }
        p { (said.known_lead) }
        @for one in known {
            section {
                h2 { (lines(&one.question)) }
                p { (lines(&one.answer)) }
                form action=(shown.link("/hoi/co-san")) method="post" {
                    input type="hidden" name="muc" value=(one.id);
                    input type="hidden" name="noi" value=(asked.noi);
                    button { (said.known_yes) }
                }
            }
        }
        form action=(shown.link("/hoi")) method="post" {
            input type="hidden" name="noi" value=(asked.noi);
            input type="hidden" name="cau_hoi" value=(asked.cau_hoi);
            input type="hidden" name="dien_thoai" value=(asked.dien_thoai);
            @if asked.dong_y.is_some() { input type="hidden" name="dong_y" value="1"; }
            input type="hidden" name="van_gui" value="1";
            button.quiet { (said.known_no) }
        }
    }
}

/// Notes that an answer spared a question.
pub async fn spared(
    asker: Asker,
    State(app): State<Arc<App>>,
    Form(spared): Form<Spared>,
) -> AppResult<Response> {
    asker.need_patience(&app, "asking", ASKED_MAX, Duration::HOUR)?;
    let shown = Shown::to(&asker);
    let place = place_named(&app, &spared.noi).await?;
    let from = asker.address.map_or_else(String::new, |ip| ip.to_string());
    commands::spared(&app, FaqId(spared.muc), place.id.clone(), from).await?;
    let said = shown.said;
    let body = html! {
        h1 { (said.thanks_title) }
        p { (said.thanks) }
        a.button href=(shown.link(&format!("/hoi?noi={}", place.id))) { (said.ask_again) }
    };
    Ok(shown.answer(StatusCode::OK, ("yes", &said.thanks_title), &body))
}

/// A code that somebody typed.
#[derive(Debug, Deserialize)]
pub struct Typed {
    ma: Option<String>,
}

/// What became of a question.
pub async fn look(
    asker: Asker,
    State(app): State<Arc<App>>,
    Path(code): Path<String>,
    Query(typed): Query<Typed>,
) -> AppResult<Response> {
    asker.need_patience(&app, "question", LOOKS_MAX, Duration::MINUTE)?;
    let shown = Shown::to(&asker);
    let today = app.clock.today();
    let found = match QuestionCode::parse(&typed.ma.unwrap_or(code)) {
        None => None,
        Some(code) => {
            app.db
                .read(move |tx| Ok(store::find_by_code(tx, &code, today)?))
                .await?
        }
    };
    let said = shown.said;
    let Some(question) = found else {
        let body = html! { h1 { (said.unknown_title) } p { (said.unknown) } (code_form(&shown)) };
        let status = StatusCode::NOT_FOUND;
        return Ok(shown.answer(status, ("no", &said.unknown_title), &body));
    };
    let (mark, title, lead) = verdict(said, &question, today);
    let body = html! {
        h1 { (title) }
        @if let Some(lead) = lead { p { (lead) } }
        @if question.stands.stage == QuestionStage::Answered {
            @if let Some(answer) = &question.answer { h2 { (said.answer) } p { (lines(answer)) } }
        }
        (facts(&shown, &question))
        a class="button quiet" href=(shown.link(&format!("/hoi?noi={}", question.place.id))) { (said.ask_again) }
    };
    Ok(shown.answer(StatusCode::OK, (mark, title), &body))
}

/// How the page looks, what it is called and what it says first.
fn verdict<'a>(
    said: &'a Said,
    question: &Question,
    today: Date,
) -> (&'static str, &'a str, Option<&'a str>) {
    match question.stands.stage {
        QuestionStage::Open | QuestionStage::Review if question.stands.due_on < today => {
            ("wait", &said.page_late_title, Some(&said.page_late))
        }
        QuestionStage::Open | QuestionStage::Review => {
            ("wait", &said.page_open_title, Some(&said.page_open))
        }
        QuestionStage::Answered => {
            let forgotten = question
                .text
                .is_none()
                .then_some(said.page_forgotten.as_str());
            ("yes", &said.page_answered_title, forgotten)
        }
        QuestionStage::Withheld => {
            let why = match question.withheld {
                Some(WithholdReason::Abuse) => &said.page_abuse,
                _ => &said.page_not_a_question,
            };
            ("no", &said.page_withheld_title, Some(why))
        }
    }
}

fn facts(shown: &Shown<'_>, question: &Question) -> Markup {
    let said = shown.said;
    let stands = &question.stands;
    let code = QuestionCode::parse(&question.code);
    let withheld = stands.stage == QuestionStage::Withheld;
    html! {
        dl {
            dt { (said.code) }
            dd { @if let Some(code) = code { (code) } }
            @if let Some(text) = question.text.as_ref().filter(|_| !withheld) {
                dt { (said.question) }
                dd { (lines(text)) }
            }
            dt { (said.received) }
            dd { (moment(question.asked_at)) }
            dt { (said.with) }
            dd { (question.holder_name) @if stands.climbs > 0 { " (" (said.climbed) ")" } }
            dt { (said.topic) }
            dd { (shown.topic(&stands.topic)) }
            @match question.answered_at {
                Some(at) => { dt { (said.answered_on) } dd { (moment(at)) } }
                None if withheld => {}
                None => { dt { (said.due) } dd { (vn::number::date(stands.due_on)) } }
            }
        }
    }
}

/// Answers for everybody, by words, topic and page.
pub async fn faq(
    asker: Asker,
    State(app): State<Arc<App>>,
    Query(looked): Query<Looked>,
) -> AppResult<Response> {
    asker.need_patience(&app, "question", LOOKS_MAX, Duration::MINUTE)?;
    let shown = Shown::to(&asker);
    let place = match looked.noi.as_deref().filter(|id| !id.is_empty()) {
        Some(id) => Some(place_named(&app, id).await?),
        None => None,
    };
    let path = place.as_ref().map_or(ROOT, |place| &place.path).to_owned();
    let page = i64::from(looked.trang.unwrap_or(1).max(1));
    let (text, topic) = (looked.q.clone(), looked.topic.clone());
    let (found, count) = app
        .db
        .read(move |tx| {
            let wanted = Wanted {
                text: &text,
                path: &path,
                topic: Some(topic.as_str()).filter(|topic| !topic.is_empty()),
                limit: PAGE,
                skip: (page - 1) * PAGE,
            };
            Ok(faq::search(tx, &wanted)?)
        })
        .await?;
    let said = shown.said;
    let to_page = |page: i64| {
        let mut link = format!("/hoi-dap?trang={page}");
        let noi = looked.noi.clone().unwrap_or_default();
        for (name, value) in [("q", &looked.q), ("chu-de", &looked.topic), ("noi", &noi)] {
            if !value.is_empty() {
                link.push_str(&format!("&{name}={}", percent(value)));
            }
        }
        shown.link(&link)
    };
    let ask = place.as_ref().map_or_else(
        || "/hoi".to_owned(),
        |place| format!("/hoi?noi={}", place.id),
    );
    let body = html! {
        h1 { (said.faq_title) }
        p { (said.faq_lead) }
        form action="/hoi-dap" role="search" {
            @if shown.tongue != Tongue::Vi { input type="hidden" name=(TONGUE_FIELD) value=(shown.tongue.tag()); }
            @if let Some(place) = &place { input type="hidden" name="noi" value=(place.id); }
            label for="q" { (said.faq_label) }
            input id="q" name="q" type="search" value=(looked.q) maxlength="120";
            label for="chu-de" { (said.faq_topic) }
            select id="chu-de" name="chu-de" {
                option value="" { (said.faq_all) }
                @for topic in Topics::bundled().all() {
                    option value=(topic.code) selected[topic.code == looked.topic] { (shown.topic(&topic.code)) }
                }
            }
            button { (said.faq_find) }
        }
        @if found.is_empty() { p { (said.faq_none) } }
        @else { p.soft role="status" { (said.faq_count.replace("{count}", &vn::number::integer(count))) } }
        @for one in &found {
            details {
                summary { strong { (lines(&one.question)) } }
                p { (lines(&one.answer)) }
                p.soft { (shown.topic(&one.topic)) " · " (vn::number::date(day_of(one.published_at.0))) }
            }
        }
        @if page > 1 { a class="button quiet" href=(to_page(page - 1)) { (said.faq_back) } }
        @if page * PAGE < count { a class="button quiet" href=(to_page(page + 1)) { (said.faq_next) } }
        a.button href=(shown.link(&ask)) { (said.ask_title) }
    };
    Ok(shown.answer(StatusCode::OK, ("plain", &said.faq_title), &body))
}

/// As it may stand in an address.
fn percent(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
