//! What a resident sees: a slip by its code, and what to bring, which is all in the address.

use super::calendar::{self, Entry};
use super::commands::CODE_LETTERS;
use super::store::{self, Slip};
use crate::App;
use crate::platform::http::origin;
use crate::platform::pages::{Asker, Page, Tongue, Words};
use crate::platform::problem::{AppError, AppResult};
use crate::platform::wire::Path;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::codes;
use domain::procedures::{Procedure, Procedures, Regulated};
use domain::slips::{PROCEDURES_MAX, SlipAct, SlipStage};
use maud::{Markup, html};
use serde::Deserialize;
use std::sync::{Arc, LazyLock};
use time::{Date, Duration, OffsetDateTime};

/// Looks a minute from one address, at most.
const PER_MINUTE_MAX: u32 = 240;
const TONGUES: &[Tongue] = &Tongue::ALL;
/// Where the result of a dossier is looked up.
const LOOKUP: &str = "https://dichvucong.gov.vn";

/// See `messages/slips.vi.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    app: String,
    slip: String,
    slip_note: String,
    open: String,
    late: String,
    late_text: String,
    apology: String,
    sent_back: String,
    sent_back_text: String,
    done: String,
    cancelled: String,
    day: String,
    place: String,
    for_what: String,
    dossier: String,
    bring: String,
    bring_slip: String,
    look_up: String,
    look_up_text: String,
    checklist: String,
    checklist_text: String,
    minutes: String,
    working_days: String,
    unconfirmed: String,
    official: String,
    checked: String,
    calendar: String,
    calendar_title: String,
}

static WORDS: LazyLock<Words<Said>> = LazyLock::new(|| {
    Words::read(
        include_str!("../../../messages/slips.vi.json"),
        include_str!("../../../messages/slips.en.json"),
        Some(include_str!("../../../messages/slips.km.json")),
    )
});

/// The slip with a code; under the code with `.ics` its day, for the calendar of a phone.
pub async fn slip(
    asker: Asker,
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(named): Path<String>,
) -> AppResult<Response> {
    asker.need_patience(&app, "slip", PER_MINUTE_MAX, Duration::MINUTE)?;
    let bare = named.strip_suffix(".ics");
    let code = bare.unwrap_or(&named);
    let code = codes::parse(code, CODE_LETTERS).ok_or_else(AppError::not_found)?;
    let today = app.clock.today();
    let found = app
        .db
        .read(move |tx| {
            let Some(slip) = store::by_code(tx, &code, today)? else {
                return Ok(None);
            };
            let act = match slip.stands.stage {
                SlipStage::SentBack => SlipAct::SendBack,
                _ => SlipAct::NewDay,
            };
            let why = store::last_note(tx, slip.id, act)?;
            Ok(Some((slip, why.unwrap_or_default())))
        })
        .await?;
    let (slip, why) = found.ok_or_else(AppError::not_found)?;
    let (tongue, said) = WORDS.within(asker.tongue);
    if bare.is_some() {
        let page = format!("{}/hen/{}", origin(&headers), slip.code);
        return day(said, &slip, &page, app.clock.now());
    }
    let (mark, verdict) = verdict(said, &slip, today);
    let page = Page {
        mark,
        tongues: TONGUES,
        path: &asker.path,
        ..Page::new(tongue, &said.slip, &said.app)
    };
    let body = html! {
        p { strong { (said.slip) } }
        h1 { (verdict) }
        @if slip.stands.is_late(today) { p { (said.late_text) } }
        @if slip.stands.apologies > 0 && slip.stands.stage == SlipStage::Open {
            p { (said.apology) " " (why) }
        }
        @if slip.stands.stage == SlipStage::SentBack { p { (said.sent_back_text) " " (why) } }
        dl {
            @if slip.stands.stage == SlipStage::Open {
                dt { (said.day) } dd { (vn::number::date(slip.stands.due)) }
            }
            dt { (said.place) }
            dd { (slip.point_name) @if !slip.point_address.is_empty() { ", " (slip.point_address) } ", " (slip.place_name) }
            dt { (said.for_what) }
            dd { @for one in procedures(&slip.procedures) { div { (name(one, tongue)) } } }
            @if let Some(dossier) = &slip.dossier { dt { (said.dossier) } dd { (dossier) } }
            dt { (said.bring) }
            dd { (said.bring_slip) @if !slip.note.is_empty() { div { (slip.note) } } }
        }
        @if slip.stands.stage == SlipStage::Open {
            p { a href={ "/hen/" (slip.code) ".ics?tieng=" (tongue.tag()) } { (said.calendar) } }
        }
        @if slip.dossier.is_some() {
            p { (said.look_up_text) " " a href=(LOOKUP) rel="noreferrer" { (said.look_up) } }
        }
        p { small { (said.slip_note) } }
    };
    Ok(page.answer(StatusCode::OK, &body))
}

/// The day of a slip as a file; of one that is over there is none.
fn day(said: &Said, slip: &Slip, page: &str, now: OffsetDateTime) -> AppResult<Response> {
    if slip.stands.stage != SlipStage::Open {
        return Err(AppError::not_found());
    }
    let lines = [&said.bring_slip, &slip.note, &said.slip_note];
    let lines = lines.into_iter().map(String::as_str);
    let entry = Entry {
        title: &said.calendar_title,
        lines: lines.filter(|line| !line.is_empty()).collect(),
        page,
    };
    let head = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (header::CACHE_CONTROL, "private, no-store"),
    ];
    Ok((head, calendar::write(slip, &entry, now)).into_response())
}

fn verdict<'a>(said: &'a Said, slip: &Slip, today: Date) -> (&'static str, &'a str) {
    match slip.stands.stage {
        SlipStage::Open if slip.stands.is_late(today) => ("wait", &said.late),
        SlipStage::Open => ("plain", &said.open),
        SlipStage::SentBack => ("wait", &said.sent_back),
        SlipStage::Done => ("yes", &said.done),
        SlipStage::Cancelled => ("no", &said.cancelled),
    }
}

fn procedures(codes: &[String]) -> impl Iterator<Item = &'static Procedure> {
    let all = Procedures::bundled();
    codes.iter().filter_map(|code| all.find(code))
}

fn name(one: &Procedure, tongue: Tongue) -> &str {
    match tongue {
        Tongue::En => &one.name_en,
        Tongue::Km => one.name_km.as_deref().unwrap_or(&one.name),
        Tongue::Vi => &one.name,
    }
}

/// What to bring for procedures, `1.001193+2.000815`. It is about nobody: all is in the address.
pub async fn checklist(asker: Asker, Path(codes): Path<String>) -> AppResult<Response> {
    let codes: Vec<String> = codes
        .split(['+', ' ', ','])
        .filter(|code| !code.is_empty())
        .take(PROCEDURES_MAX)
        .map(str::to_owned)
        .collect();
    let found: Vec<&Procedure> = procedures(&codes).collect();
    if found.is_empty() {
        return Err(AppError::not_found());
    }
    let (tongue, said) = WORDS.within(asker.tongue);
    let page = Page {
        tongues: TONGUES,
        path: &asker.path,
        ..Page::new(tongue, &said.checklist, &said.app)
    };
    let body = html! {
        h1 { (said.checklist) }
        p { (said.checklist_text) }
        @for one in &found {
            h2 { (name(one, tongue)) }
            // Papers are called what is printed on them, whatever the language of the page.
            ul lang="vi" { @for paper in &one.checklist { li { (paper) } } }
            p { small { (time(said, one)) " · " a href=(one.link) rel="noreferrer" { (said.official) } } }
        }
        @if let Some(oldest) = found.iter().map(|one| one.checked_on).min() {
            p { small { (said.checked) " " (vn::number::date(oldest)) } }
        }
    };
    Ok(page.answer(StatusCode::OK, &body))
}

fn time(said: &Said, one: &Procedure) -> Markup {
    let text = match one.regulated {
        Some(Regulated::Minutes(n)) => said.minutes.replace("{n}", &n.to_string()),
        Some(Regulated::WorkingDays(n)) => said.working_days.replace("{n}", &n.to_string()),
        None => said.unconfirmed.clone(),
    };
    html! { (text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_all_words() {
        let title = |tongue| &WORDS.within(tongue).1.slip;
        assert_ne!(title(Tongue::Vi), title(Tongue::En));
        assert_ne!(title(Tongue::En), title(Tongue::Km));
    }
}
