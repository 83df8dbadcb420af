//! The national campaign: ten indicators of every kind, targets down to the communes.

use super::nation::{ENDS_ON, Nation, STARTS_ON, figure, shared};
use super::{CAMPAIGN, nation_id};
use crate::args;
use crate::features::campaigns::store::{self, Campaign, IssuingDocument, NewIndicator};
use crate::platform::db::{Insert, Tx, Value};
use crate::platform::problem::{AppError, AppResult};
use domain::catalogue::Catalogue;
use domain::ids::{IndicatorId, MemberId, PlaceId, TeamId};
use domain::indicators::Definition;
use domain::subjects::Pseudonymiser;
use serde_json::{Value as Json, json};
use uuid::Uuid;

struct Row {
    code: &'static str,
    name: &'static str,
    definition: Json,
    /// So many for every hundred of a figure.
    target: Option<(i64, &'static str)>,
}

fn count(measure: Json) -> Json {
    json!({"kind": "count", "measure": measure})
}

fn rows() -> Vec<Row> {
    let distinct =
        |unit: &str, all_of: Json| json!({"unit": unit, "count": "distinct", "all_of": all_of});
    let dossiers = json!([{"services": ["dvc_dossier"], "outcomes": ["submitted"]}]);
    let online =
        json!([{"services": ["dvc_dossier"], "outcomes": ["submitted"], "channel": "online"}]);
    let row = |code, name, definition, target| Row {
        code,
        name,
        definition,
        target,
    };
    vec![
        row(
            "visits",
            "Lượt hỗ trợ người dân",
            count(json!({"unit": "assist", "count": "sum", "all_of": [{"kinds": ["assist.v1"]}]})),
            Some((12, "population")),
        ),
        row(
            "people",
            "Người dân được hỗ trợ",
            count(distinct("person", json!([{"kinds": ["assist.v1"]}]))),
            Some((10, "population")),
        ),
        row(
            "vneid",
            "Người dân được hỗ trợ kích hoạt VNeID",
            count(distinct(
                "person",
                json!([{"services": ["vneid_l1", "vneid_l2"], "outcomes": ["activated"]}]),
            )),
            Some((6, "population")),
        ),
        row(
            "payment",
            "Người dân được hỗ trợ mở tài khoản thanh toán",
            count(distinct(
                "person",
                json!([{"services": ["payment_account"], "outcomes": ["opened"]}]),
            )),
            None,
        ),
        row(
            "households",
            "Hộ có VNeID và biết dịch vụ công trực tuyến",
            count(distinct(
                "household",
                json!([{"services": ["vneid_l1", "vneid_l2"], "outcomes": ["activated", "registered"]},
                       {"services": ["dvc_outreach"], "stages": ["informed", "self_service", "referred"]}]),
            )),
            Some((20, "households")),
        ),
        row(
            "dossiers",
            "Hồ sơ nộp trực tuyến",
            count(distinct("dossier", online.clone())),
            Some((1, "population")),
        ),
        row(
            "dossiers_online",
            "Tỷ lệ hồ sơ nộp trực tuyến",
            json!({"kind": "ratio", "numerator": distinct("dossier", online), "target_permille": 800,
                "denominator": {"kind": "measure", "measure": distinct("dossier", dossiers)}}),
            None,
        ),
        row(
            "dsig",
            "Tỷ lệ người từ 14 tuổi có chữ ký số",
            json!({"kind": "ratio", "target_permille": 100,
                "numerator": distinct("person", json!([{"services": ["dsig"], "outcomes": ["issued"], "age_14_plus": true}])),
                "denominator": {"kind": "figure", "figure": "population_14"}}),
            None,
        ),
        row(
            "posts",
            "Mỗi xã có ít nhất 6 tin, bài",
            json!({"kind": "per_unit", "unit_level": "commune", "minimum": 6,
                "measure": distinct("post", json!([{"kinds": ["post.v1"]}]))}),
            None,
        ),
        row(
            "streets",
            "Mỗi xã có một tuyến đường không tiền mặt",
            json!({"kind": "per_unit", "unit_level": "commune", "minimum": 1,
                "measure": distinct("street", json!([{"statuses": ["operating"]}]))}),
            None,
        ),
    ]
}

/// Makes the campaign and its targets.
///
/// # Errors
/// The storage's.
pub fn make(
    tx: &mut Tx<'_>,
    nation: &Nation,
    catalogue: &Catalogue,
    keys: &Pseudonymiser,
    by: MemberId,
) -> AppResult<()> {
    let campaign = Campaign {
        id: CAMPAIGN,
        code: "mo-phong-2025".to_owned(),
        name: "Cả nước bình dân học vụ số (mô phỏng)".to_owned(),
        theme: "Tuổi trẻ tiên phong chuyển đổi số".to_owned(),
        issuing_document: IssuingDocument {
            number: "Kế hoạch mô phỏng".to_owned(),
            issued_on: None,
            issuer: "Mô phỏng".to_owned(),
            title: "Dữ liệu mô phỏng để thử tải".to_owned(),
        },
        place: nation_id()?,
        starts_on: STARTS_ON,
        ends_on: ENDS_ON,
    };
    let rows = rows();
    let mut indicators = Vec::new();
    for (n, row) in (1_u128..).zip(&rows) {
        let definition: Definition = serde_json::from_value(row.definition.clone())
            .map_err(|fault| AppError::Internal(fault.to_string()))?;
        indicators.push(NewIndicator {
            id: IndicatorId(Uuid::from_u128(CAMPAIGN.0.as_u128() + n)),
            code: row.code.to_owned(),
            name: row.name.to_owned(),
            short_name: row.name.to_owned(),
            definition,
            deadline: None,
        });
    }
    store::create(tx, &campaign, &indicators, catalogue, keys)?;
    for (row, indicator) in rows.iter().zip(&indicators) {
        if let Some((percent, name)) = row.target {
            let people = nation.communes.iter().map(|commune| commune.people).sum();
            let total = figure(people, name) * percent / 100;
            give(tx, nation, indicator.id, (total, name), by)?;
        }
    }
    Ok(())
}

/// Splits a target by a figure, exactly, and writes it with its history.
fn give(
    tx: &mut Tx<'_>,
    nation: &Nation,
    indicator: IndicatorId,
    (total, by_figure): (i64, &str),
    by: MemberId,
) -> AppResult<()> {
    const TARGETS: Insert = Insert {
        into: "target",
        columns: &[
            ("indicator_id", "{uuid}"),
            ("place_id", "{text}"),
            ("team_id", "{uuid}"),
            ("value", "{int}"),
            ("locked", "{bool}"),
            ("source", "{text}"),
        ],
        then: "",
    };
    const CHANGES: Insert = Insert {
        into: "target_change",
        columns: &[
            ("indicator_id", "{uuid}"),
            ("place_id", "{text}"),
            ("team_id", "{uuid}"),
            ("at", "{instant}"),
            ("member_id", "{uuid}"),
            ("after", "{int}"),
            ("locked", "{bool}"),
            ("method", "{text}"),
            ("reason", "{text}"),
        ],
        then: "",
    };
    let root = nation_id()?;
    let weigh = |people: u32| figure(people, by_figure).unsigned_abs();
    let people = |communes: &std::ops::Range<usize>| {
        let communes = &nation.communes[communes.clone()];
        communes.iter().map(|commune| commune.people).sum()
    };
    let mut given: Vec<(&PlaceId, i64)> = vec![(&root, total)];
    let provinces = nation.provinces.iter().map(|(_, of)| weigh(people(of)));
    let provinces = shared(total.unsigned_abs(), provinces)?;
    for ((province, range), value) in nation.provinces.iter().zip(provinces) {
        given.push((&province.id, i64::try_from(value).unwrap_or(i64::MAX)));
        let communes = &nation.communes[range.clone()];
        let values = shared(value, communes.iter().map(|commune| weigh(commune.people)))?;
        for (commune, value) in communes.iter().zip(values) {
            given.push((&commune.place.id, i64::try_from(value).unwrap_or(i64::MAX)));
        }
    }
    let at = nation.morning_of(0);
    let (mut targets, mut changes) = (Vec::new(), Vec::new());
    for (place, value) in given {
        let issued = *place == root;
        let (source, method) = if issued {
            ("override", "issued")
        } else {
            ("split", by_figure)
        };
        let target = args![indicator, place, TeamId::NONE, value, false, source];
        let change: Vec<Value<'_>> = args![
            indicator,
            place,
            TeamId::NONE,
            at,
            by,
            value,
            false,
            method,
            "Phân bổ mô phỏng"
        ]
        .to_vec();
        targets.push(target.to_vec());
        changes.push(change);
    }
    tx.insert(&TARGETS, &targets)?;
    Ok(tx.insert(&CHANGES, &changes)?)
}
