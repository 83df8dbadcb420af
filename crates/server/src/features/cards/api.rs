//! Wire types and handlers for cards.

use super::commands;
use super::store::{self, Card};
use crate::App;
use crate::platform::db::Tx;
use crate::platform::http::{Anyone, Caller, LeaderUp, origin};
use crate::platform::problem::{AppError, AppResult};
use crate::platform::wire::{Instant, Json, Path};
use axum::extract::State;
use axum::http::HeaderMap;
use domain::certificates::Code;
use domain::ids::{MemberId, TeamId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use time::Date;
use utoipa::ToSchema;
use uuid::Uuid;

/// A team as a card names it.
#[derive(Debug, Serialize, ToSchema)]
pub struct CardTeamBody {
    name: String,
    /// Where it is at home, with the kind.
    place: String,
}

/// A volunteer's card.
#[derive(Debug, Serialize, ToSchema)]
pub struct CardBody {
    /// In groups of five.
    code: String,
    /// What its QR says: where anybody can check it.
    url: String,
    /// Whose it is.
    member: Uuid,
    /// The name on it.
    name: String,
    /// Teams they are in today.
    teams: Vec<CardTeamBody>,
    /// Since when it holds.
    issued_at: Instant,
}

fn body(tx: &Tx<'_>, card: Card, on: Date, home: &str) -> AppResult<CardBody> {
    let teams = store::teams(tx, card.member, on)?.into_iter();
    Ok(CardBody {
        url: format!("{home}/tinh-nguyen-vien/{}", card.code),
        code: card.code.to_string(),
        member: card.member.0,
        name: card.name,
        teams: teams
            .map(|team| CardTeamBody {
                name: team.name,
                place: team.place,
            })
            .collect(),
        issued_at: Instant(card.issued_at),
    })
}

/// A member's card that holds, as their phone carries it.
///
/// # Errors
/// The storage's.
pub fn own(tx: &Tx<'_>, member: MemberId, on: Date, home: &str) -> AppResult<Option<CardBody>> {
    let card = store::of_member(tx, member)?;
    card.map(|card| body(tx, card, on, home)).transpose()
}

/// The caller's card, made if there is none.
#[utoipa::path(put, path = "/api/v1/cards/own", operation_id = "make_own_card", tag = "cards",
    responses((status = 200, body = CardBody)))]
pub async fn make_own_card(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> AppResult<Json<CardBody>> {
    let (home, now) = (origin(&headers), app.clock.now());
    app.db
        .write(move |tx| {
            let card = commands::make_own(tx, (caller.member, now))?;
            Ok(Json(body(tx, card, domain::days::day_of(now), &home)?))
        })
        .await
}

/// What becomes of a card.
#[derive(Debug, Deserialize, ToSchema)]
pub struct EndCardBody {
    /// Whether another is made at once.
    renew: bool,
}

/// The card that holds now.
#[derive(Debug, Serialize, ToSchema)]
pub struct CardAnswer {
    /// Null when there is none.
    card: Option<CardBody>,
}

/// Ends a card, one's own or of somebody one leads: whoever scans it is told that it holds no
/// more.
#[utoipa::path(post, path = "/api/v1/cards/{code}/end", operation_id = "end_card", tag = "cards",
    params(("code" = String, Path)), request_body = EndCardBody, responses((status = 200, body = CardAnswer)))]
pub async fn end_card(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(code): Path<String>,
    Json(asked): Json<EndCardBody>,
) -> AppResult<Json<CardAnswer>> {
    let code = Code::parse(&code).ok_or_else(AppError::not_found)?;
    let (home, now) = (origin(&headers), app.clock.now());
    app.db
        .write(move |tx| {
            let card = commands::end(tx, &code, asked.renew, (caller.member, now))?;
            let on = domain::days::day_of(now);
            let card = card.map(|card| body(tx, card, on, &home)).transpose()?;
            Ok(Json(CardAnswer { card }))
        })
        .await
}

/// Cards of a team.
#[derive(Debug, Serialize, ToSchema)]
pub struct CardsBody {
    /// In the order of people.
    cards: Vec<CardBody>,
}

/// The cards of everybody in a team, to print; made where there is none.
#[utoipa::path(post, path = "/api/v1/teams/{id}/cards", operation_id = "make_team_cards", tag = "cards",
    params(("id" = Uuid, Path)), responses((status = 200, body = CardsBody)))]
pub async fn make_team_cards(
    caller: Caller<LeaderUp>,
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
) -> AppResult<Json<CardsBody>> {
    let (home, now) = (origin(&headers), app.clock.now());
    app.db
        .write(move |tx| {
            let on = domain::days::day_of(now);
            let cards = commands::of_team(tx, TeamId(id), (caller.member, now))?.into_iter();
            let cards = cards.map(|card| body(tx, card, on, &home));
            Ok(Json(CardsBody {
                cards: cards.collect::<AppResult<_>>()?,
            }))
        })
        .await
}
