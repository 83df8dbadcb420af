//! Wire types and handlers for targets.

use super::store::{self, Change, Target};
use crate::App;
use crate::args;
use crate::features::campaigns::{IndicatorBrief, store as campaigns};
use crate::features::facts::NameRef;
use crate::features::members::{Role, TeamRef};
use crate::features::places::store::Place;
use crate::features::places::{self, PlaceRef};
use crate::features::progress::atlas::Holder;
use crate::platform::db::Tx;
use crate::platform::http::{Anyone, Caller, OfficerUp};
use crate::platform::problem::{AppError, AppResult};
use crate::platform::wire::{Instant, Json, Path, Query};
use axum::extract::State;
use domain::ids::{CampaignId, MemberId, PlaceId, TeamId};
use domain::refusal::Refusal;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use time::Date;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Which place.
#[derive(Debug, Deserialize, IntoParams)]
pub struct TargetsQuery {
    /// The place whose target is split; the campaign's if absent.
    #[param(value_type = Option<String>)]
    place: Option<PlaceId>,
}

/// A place's own target.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnTarget {
    value: i64,
    locked: bool,
    /// `split` or `override`.
    source: String,
}

impl From<Target> for OwnTarget {
    fn from(target: Target) -> Self {
        Self {
            value: target.value,
            locked: target.locked,
            source: target.source,
        }
    }
}

/// A child's target.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChildTarget {
    place: Option<PlaceRef>,
    team: Option<TeamRef>,
    value: Option<i64>,
    locked: bool,
    source: Option<String>,
}

/// One indicator: the place's own target beside the sum of its children's.
#[derive(Debug, Serialize, ToSchema)]
pub struct TargetRow {
    indicator: IndicatorBrief,
    own: Option<OwnTarget>,
    children: Vec<ChildTarget>,
    children_sum: i64,
    /// Own minus sum of children; 0 when they agree, null without an own target.
    gap: Option<i64>,
}

/// Targets of a place and its children.
#[derive(Debug, Serialize, ToSchema)]
pub struct TargetsBody {
    place: PlaceRef,
    rows: Vec<TargetRow>,
}

fn campaign_day(app: &App, campaign: &campaigns::Campaign) -> Date {
    app.clock
        .today()
        .clamp(campaign.starts_on, campaign.ends_on)
}

fn find_campaign(tx: &Tx<'_>, id: Uuid) -> AppResult<campaigns::Campaign> {
    campaigns::find(tx, CampaignId(id))?.ok_or_else(AppError::not_found)
}

fn find_indicator(
    tx: &Tx<'_>,
    campaign: CampaignId,
    code: &str,
) -> AppResult<campaigns::Indicator> {
    let found = campaigns::indicators(tx, campaign)?
        .into_iter()
        .find(|indicator| indicator.code == code);
    found.ok_or_else(AppError::not_found)
}

/// Targets of a place and its children, for every indicator.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}/targets", operation_id = "get_targets", tag = "targets",
    params(("id" = Uuid, Path), TargetsQuery), responses((status = 200, body = TargetsBody)))]
pub async fn get_targets(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
    Query(query): Query<TargetsQuery>,
) -> AppResult<Json<TargetsBody>> {
    let whole = Arc::clone(&app);
    app.db
        .read(move |tx| {
            let campaign = find_campaign(tx, id)?;
            let on = campaign_day(&whole, &campaign);
            let place = query.place.unwrap_or_else(|| campaign.place.clone());
            let place = places::store::need_in_sight(tx, caller.member, &place, on)?;
            let holders = store::holders(tx, &place, on)?;
            let mut rows = Vec::new();
            for indicator in campaigns::indicators(tx, campaign.id)? {
                let own = store::find(tx, indicator.id, &place.id, TeamId::NONE)?;
                let mut children = Vec::new();
                for holder in &holders {
                    let (at, team) = holder.key();
                    children.push(child(holder, store::find(tx, indicator.id, at, team)?));
                }
                let children_sum = children.iter().filter_map(|child| child.value).sum();
                let gap = own.as_ref().map(|own| own.value - children_sum);
                rows.push(TargetRow {
                    indicator: IndicatorBrief::from(&indicator),
                    own: own.map(OwnTarget::from),
                    children,
                    children_sum,
                    gap,
                });
            }
            Ok(Json(TargetsBody {
                place: place.into(),
                rows,
            }))
        })
        .await
}

fn child(holder: &Holder, target: Option<Target>) -> ChildTarget {
    let (place, team) = match holder {
        Holder::Place(place) => (Some(PlaceRef::from(Place::clone(place))), None),
        Holder::Team { id, name, .. } => (
            None,
            Some(TeamRef {
                id: id.0,
                name: name.clone(),
            }),
        ),
    };
    ChildTarget {
        place,
        team,
        value: target.as_ref().map(|target| target.value),
        locked: target.as_ref().is_some_and(|target| target.locked),
        source: target.map(|target| target.source),
    }
}

/// How to split.
#[derive(Debug, Deserialize, ToSchema)]
pub struct SplitBody {
    /// Indicator code.
    indicator: String,
    /// The place whose target is split.
    #[schema(value_type = String)]
    place: PlaceId,
    /// `population`, `households` or `equal`.
    method: String,
    /// Why; needed unless this is a preview.
    #[serde(default)]
    reason: String,
    /// Only show what it would give.
    #[serde(default)]
    preview: bool,
}

/// One child's new value.
#[derive(Debug, Serialize, ToSchema)]
pub struct SplitValue {
    place: Option<PlaceRef>,
    team: Option<TeamRef>,
    value: i64,
    before: Option<i64>,
    locked: bool,
}

/// What a split gives; the values add up to the place's target exactly.
#[derive(Debug, Serialize, ToSchema)]
pub struct SplitDone {
    values: Vec<SplitValue>,
    sum: i64,
}

/// Splits a place's target over its children, exactly; locked children keep theirs.
#[utoipa::path(post, path = "/api/v1/campaigns/{id}/targets/split", operation_id = "split_target", tag = "targets",
    params(("id" = Uuid, Path)), request_body = SplitBody, responses((status = 200, body = SplitDone)))]
pub async fn split_target(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
    Json(body): Json<SplitBody>,
) -> AppResult<Json<SplitDone>> {
    let whole = Arc::clone(&app);
    let now = app.clock.now();
    app.db
        .write(move |tx| {
            let campaign = find_campaign(tx, id)?;
            let on = campaign_day(&whole, &campaign);
            let place = places::store::need_in_scope(
                tx,
                caller.member,
                Role::CommuneOfficer,
                &body.place,
                on,
            )?;
            let indicator = find_indicator(tx, campaign.id, &body.indicator)?;
            if !matches!(body.method.as_str(), "population" | "households" | "equal") {
                return Err(Refusal::new("request.validation")
                    .with("field", "method")
                    .into());
            }
            need_reason(&body.reason, body.preview)?;
            let own = store::find(tx, indicator.id, &place.id, TeamId::NONE)?;
            let total = own
                .map(|own| own.value)
                .ok_or_else(|| Refusal::new("request.validation").with("field", "target"))?;
            let holders = store::holders(tx, &place, on)?;
            let planned = store::plan(tx, indicator.id, &holders, total, &body.method)?;
            let mut values = Vec::new();
            for (holder, (value, old)) in holders.iter().zip(planned) {
                let locked = old.as_ref().is_some_and(|old| old.locked);
                let (at, team) = holder.key();
                if !body.preview && !locked {
                    let change = Change {
                        indicator: indicator.id,
                        place: at,
                        team,
                        value,
                        locked: false,
                        source: "split",
                        method: &body.method,
                        reason: &body.reason,
                        by: caller.member,
                        at: now,
                    };
                    store::set(tx, &change)?;
                }
                let shown = child(holder, None);
                values.push(SplitValue {
                    place: shown.place,
                    team: shown.team,
                    value,
                    before: old.map(|old| old.value),
                    locked,
                });
            }
            let sum = values.iter().map(|value| value.value).sum();
            Ok(Json(SplitDone { values, sum }))
        })
        .await
}

fn need_reason(reason: &str, preview: bool) -> AppResult<()> {
    if preview || !reason.trim().is_empty() {
        Ok(())
    } else {
        Err(AppError::problem("target.reason_missing"))
    }
}

/// A target to set by hand.
#[derive(Debug, Deserialize, ToSchema)]
pub struct TargetBody {
    /// Indicator code.
    indicator: String,
    /// For which place, or the team's place.
    #[schema(value_type = String)]
    place: PlaceId,
    /// For which team in it.
    team: Option<Uuid>,
    /// The number.
    value: i64,
    /// Whether splits leave it alone from now on.
    locked: bool,
    /// Why.
    reason: String,
}

/// Sets a target by hand. Whoever answers for the level above may: a target is given, not taken.
#[utoipa::path(put, path = "/api/v1/campaigns/{id}/targets", operation_id = "put_target", tag = "targets",
    params(("id" = Uuid, Path)), request_body = TargetBody, responses((status = 200, body = OwnTarget)))]
pub async fn put_target(
    caller: Caller<OfficerUp>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
    Json(body): Json<TargetBody>,
) -> AppResult<Json<OwnTarget>> {
    let whole = Arc::clone(&app);
    let now = app.clock.now();
    app.db
        .write(move |tx| {
            let campaign = find_campaign(tx, id)?;
            let on = campaign_day(&whole, &campaign);
            let team = body.team.map_or(TeamId::NONE, TeamId);
            let place = places::store::need_in_scope(
                tx,
                caller.member,
                Role::CommuneOfficer,
                &body.place,
                on,
            )?;
            need_giver(tx, caller.member, &place, team, on)?;
            need_reason(&body.reason, false)?;
            let indicator = find_indicator(tx, campaign.id, &body.indicator)?;
            let change = Change {
                indicator: indicator.id,
                place: &place.id,
                team,
                value: body.value,
                locked: body.locked,
                source: "override",
                method: "hand",
                reason: &body.reason,
                by: caller.member,
                at: now,
            };
            store::set(tx, &change)?;
            let set =
                store::find(tx, indicator.id, &place.id, team)?.ok_or_else(AppError::not_found)?;
            Ok(Json(set.into()))
        })
        .await
}

/// A place's own target is set from above it; a team's by its commune.
fn need_giver(
    tx: &Tx<'_>,
    member: MemberId,
    place: &Place,
    team: TeamId,
    on: Date,
) -> AppResult<()> {
    if team != TeamId::NONE {
        let home: Option<PlaceId> = tx.one(
            "select place_id from team where id = $1",
            args![team],
            |row| row.get(0),
        )?;
        return if home.as_ref() == Some(&place.id) {
            Ok(())
        } else {
            Err(AppError::not_found())
        };
    }
    if places::store::find_in_scope(tx, member, Role::ProvinceOfficer, &place.id, on)?.is_some() {
        return Ok(());
    }
    let parent = places::store::ids_of(&place.path)
        .into_iter()
        .rev()
        .nth(1)
        .ok_or_else(AppError::not_found)?;
    match places::store::find_in_scope(tx, member, Role::CommuneOfficer, &parent, on)? {
        Some(_) => Ok(()),
        None => Err(AppError::problem("auth.forbidden")),
    }
}

/// Which history.
#[derive(Debug, Deserialize, IntoParams)]
pub struct HistoryQuery {
    /// Of this place and its direct children.
    #[param(value_type = String)]
    place: PlaceId,
    /// Indicator code; all if absent.
    indicator: Option<String>,
}

/// One change.
#[derive(Debug, Serialize, ToSchema)]
pub struct TargetChange {
    at: Instant,
    member: NameRef,
    indicator: String,
    place: String,
    place_name: String,
    team: Option<TeamRef>,
    before: Option<i64>,
    after: i64,
    locked: bool,
    method: String,
    reason: String,
}

/// Changes, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct HistoryBody {
    changes: Vec<TargetChange>,
}

/// Who changed what, and why.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}/targets/history", operation_id = "target_history", tag = "targets",
    params(("id" = Uuid, Path), HistoryQuery), responses((status = 200, body = HistoryBody)))]
pub async fn target_history(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
    Query(query): Query<HistoryQuery>,
) -> AppResult<Json<HistoryBody>> {
    let whole = Arc::clone(&app);
    app.db
        .read(move |tx| {
            let campaign = find_campaign(tx, id)?;
            let on = campaign_day(&whole, &campaign);
            let place = places::store::need_in_sight(tx, caller.member, &query.place, on)?;
            let changes = tx.all(
                "select c.at, m.id, m.name, i.code, c.place_id, n.full_name, t.id, t.name, c.before, c.after, c.locked, c.method, c.reason
                   from target_change c join indicator i on i.id = c.indicator_id join member m on m.id = c.member_id
                   join place p on p.id = c.place_id join place_name n on n.place_id = p.id and n.position = 0
                   left join team t on t.id = c.team_id
                  where i.campaign_id = $1 and (p.id = $2 or p.parent_id = $2) and (i.code = $3 or $3 is null)
                  order by c.id desc limit 500",
                args![campaign.id, &place.id, query.indicator.as_ref()],
                |row| {
                    let team = row.get::<Option<Uuid>>(6)?.zip(row.get::<Option<String>>(7)?);
                    Ok(TargetChange {
                        at: Instant(row.get(0)?),
                        member: NameRef { id: row.get(1)?, name: row.get(2)? },
                        indicator: row.get(3)?,
                        place: row.get(4)?,
                        place_name: row.get(5)?,
                        team: team.map(|(id, name)| TeamRef { id, name }),
                        before: row.get(8)?,
                        after: row.get(9)?,
                        locked: row.get(10)?,
                        method: row.get(11)?,
                        reason: row.get(12)?,
                    })
                },
            )?;
            Ok(Json(HistoryBody { changes }))
        })
        .await
}
