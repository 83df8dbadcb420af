//! Wire types and handlers for campaigns.

use super::store::{self, Campaign, Indicator, IssuingDocument, NewIndicator};
use crate::App;
use crate::args;
use crate::features::members::Role;
use crate::features::places::{self, PlaceRef};
use crate::platform::db::Tx;
use crate::platform::http::{Anyone, Caller, ProvinceUp};
use crate::platform::problem::{AppError, AppResult};
use crate::platform::wire::{Day, Json, Path};
use axum::extract::State;
use domain::ids::{CampaignId, IndicatorId, MemberId, PlaceId, TeamId};
use domain::indicators::Definition;
use domain::observations::Unit;
use domain::refusal::Refusal;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;
use uuid::Uuid;

/// An indicator, as cards and lists name it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IndicatorBrief {
    /// Id.
    pub id: Uuid,
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Short name.
    pub short_name: String,
    /// What its result is said in.
    pub unit: Unit,
    /// `count`, `ratio` or `per_unit`.
    pub kind: &'static str,
    /// Order in the campaign.
    pub order: i64,
}

impl From<&Indicator> for IndicatorBrief {
    fn from(indicator: &Indicator) -> Self {
        Self {
            id: indicator.id.0,
            code: indicator.code.clone(),
            name: indicator.name.clone(),
            short_name: indicator.short_name.clone(),
            unit: indicator.definition.unit(),
            kind: indicator.definition.kind(),
            order: indicator.position,
        }
    }
}

/// A campaign, as lists name it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CampaignBrief {
    /// Id.
    pub id: Uuid,
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Theme.
    pub theme: String,
    /// First day.
    pub starts_on: Day,
    /// Last day.
    pub ends_on: Day,
    /// Where it runs.
    pub place_id: String,
    /// Its indicators.
    pub indicators: Vec<IndicatorBrief>,
}

/// Campaigns that touch any place of a member's.
///
/// # Errors
/// The storage's.
pub fn briefs(tx: &Tx<'_>, member: MemberId) -> AppResult<Vec<CampaignBrief>> {
    let paths: Vec<String> = tx.all(
        "select p.path from member_grant g join place p on p.id = g.place_id where g.member_id = $1 order by p.path",
        args![member],
        |row| row.get(0),
    )?;
    let mut found: Vec<CampaignBrief> = Vec::new();
    for path in paths {
        for campaign in store::touching(tx, &path)? {
            if found.iter().any(|known| known.id == campaign.id.0) {
                continue;
            }
            let indicators = store::indicators(tx, campaign.id)?
                .iter()
                .map(IndicatorBrief::from)
                .collect();
            found.push(CampaignBrief {
                id: campaign.id.0,
                code: campaign.code,
                name: campaign.name,
                theme: campaign.theme,
                starts_on: Day(campaign.starts_on),
                ends_on: Day(campaign.ends_on),
                place_id: campaign.place.to_string(),
                indicators,
            });
        }
    }
    Ok(found)
}

/// Campaigns found.
#[derive(Debug, Serialize, ToSchema)]
pub struct CampaignsBody {
    campaigns: Vec<CampaignBrief>,
}

/// Campaigns that touch the caller's places.
#[utoipa::path(get, path = "/api/v1/campaigns", operation_id = "list_campaigns", tag = "campaigns",
    responses((status = 200, body = CampaignsBody)))]
pub async fn list_campaigns(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
) -> AppResult<Json<CampaignsBody>> {
    app.db
        .read(move |tx| {
            Ok(Json(CampaignsBody {
                campaigns: briefs(tx, caller.member)?,
            }))
        })
        .await
}

/// An indicator with its rule and the campaign's own target.
#[derive(Debug, Serialize, ToSchema)]
pub struct IndicatorBody {
    #[serde(flatten)]
    brief: IndicatorBrief,
    /// Its rule, as data.
    definition: Definition,
    /// Facts after this day are late.
    deadline: Option<Day>,
    /// Target of the campaign's place.
    target: Option<i64>,
}

/// A campaign with everything about it.
#[derive(Debug, Serialize, ToSchema)]
pub struct CampaignBody {
    id: Uuid,
    code: String,
    name: String,
    theme: String,
    issuing_document: IssuingDocument,
    place: PlaceRef,
    starts_on: Day,
    ends_on: Day,
    indicators: Vec<IndicatorBody>,
}

fn body(tx: &Tx<'_>, campaign: Campaign) -> AppResult<CampaignBody> {
    let place = places::store::find(tx, &campaign.place, campaign.starts_on)?
        .ok_or_else(AppError::not_found)?;
    let mut indicators = Vec::new();
    for indicator in store::indicators(tx, campaign.id)? {
        let target = tx.one(
            "select value from target where indicator_id = $1 and place_id = $2 and team_id = $3",
            args![indicator.id, &campaign.place, TeamId::NONE],
            |row| row.get(0),
        )?;
        indicators.push(IndicatorBody {
            brief: IndicatorBrief::from(&indicator),
            definition: indicator.definition,
            deadline: indicator.deadline.map(Day),
            target,
        });
    }
    Ok(CampaignBody {
        id: campaign.id.0,
        code: campaign.code,
        name: campaign.name,
        theme: campaign.theme,
        issuing_document: campaign.issuing_document,
        place: place.into(),
        starts_on: Day(campaign.starts_on),
        ends_on: Day(campaign.ends_on),
        indicators,
    })
}

/// One campaign.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}", operation_id = "get_campaign", tag = "campaigns",
    params(("id" = Uuid, Path)), responses((status = 200, body = CampaignBody)))]
pub async fn get_campaign(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
) -> AppResult<Json<CampaignBody>> {
    app.db
        .read(move |tx| {
            let campaign = store::find(tx, CampaignId(id))?.ok_or_else(AppError::not_found)?;
            places::store::need_in_sight(tx, caller.member, &campaign.place, campaign.starts_on)?;
            Ok(Json(body(tx, campaign)?))
        })
        .await
}

/// An indicator to make.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewIndicatorBody {
    code: String,
    name: String,
    short_name: String,
    /// Its rule, as data.
    definition: Definition,
    deadline: Option<Day>,
    /// Target of the campaign's place.
    target: Option<i64>,
}

/// A campaign to make.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewCampaignBody {
    code: String,
    name: String,
    #[serde(default)]
    theme: String,
    issuing_document: IssuingDocument,
    #[schema(value_type = String)]
    place_id: PlaceId,
    starts_on: Day,
    ends_on: Day,
    indicators: Vec<NewIndicatorBody>,
}

/// Makes a campaign with its indicators and their targets.
#[utoipa::path(post, path = "/api/v1/campaigns", operation_id = "create_campaign", tag = "campaigns",
    request_body = NewCampaignBody, responses((status = 200, body = CampaignBody)))]
pub async fn create_campaign(
    caller: Caller<ProvinceUp>,
    State(app): State<Arc<App>>,
    Json(new): Json<NewCampaignBody>,
) -> AppResult<Json<CampaignBody>> {
    let whole = Arc::clone(&app);
    let now = app.clock.now();
    app.db
        .write(move |tx| {
            places::store::need_in_scope(
                tx,
                caller.member,
                Role::ProvinceOfficer,
                &new.place_id,
                new.starts_on.0,
            )?;
            let text = |field: &'static str, raw: &str, max: usize| {
                let text = vn::text::normalise(raw);
                let fits = (1..=max).contains(&text.chars().count());
                if fits {
                    Ok(text)
                } else {
                    Err(AppError::from(
                        Refusal::new("request.validation").with("field", field),
                    ))
                }
            };
            let campaign = Campaign {
                id: CampaignId(whole.clock.new_id()),
                code: text("code", &new.code, 40)?,
                name: text("name", &new.name, 200)?,
                theme: vn::text::normalise(&new.theme),
                issuing_document: new.issuing_document,
                place: new.place_id,
                starts_on: new.starts_on.0,
                ends_on: new.ends_on.0,
            };
            if new.indicators.is_empty() || new.indicators.len() > 50 {
                return Err(Refusal::new("request.validation")
                    .with("field", "indicators")
                    .into());
            }
            let mut indicators = Vec::new();
            let mut targets = Vec::new();
            for body in new.indicators {
                let id = IndicatorId(whole.clock.new_id());
                targets.extend(body.target.map(|target| (id, target)));
                indicators.push(NewIndicator {
                    id,
                    code: text("indicators.code", &body.code, 60)?,
                    name: text("indicators.name", &body.name, 300)?,
                    short_name: text("indicators.short_name", &body.short_name, 40)?,
                    definition: body.definition,
                    deadline: body.deadline.map(|day| day.0),
                });
            }
            let (id, place) = (campaign.id, campaign.place.clone());
            store::create(tx, &campaign, &indicators, &whole.catalogue, &whole.keys)?;
            for (indicator, value) in targets {
                let change = crate::features::targets::store::Change {
                    indicator,
                    place: &place,
                    team: TeamId::NONE,
                    value,
                    locked: false,
                    source: "override",
                    method: "issued",
                    reason: &campaign.issuing_document.number,
                    by: caller.member,
                    at: now,
                };
                crate::features::targets::store::set(tx, &change)?;
            }
            let made = store::find(tx, id)?.ok_or_else(AppError::not_found)?;
            Ok(Json(body(tx, made)?))
        })
        .await
}
