//! The campaign's eight indicators to the letter, its street quota, and the targets
//! split down to the teams.

use super::world::World;
use crate::features::campaigns::store::{self, Campaign, IssuingDocument, NewIndicator};
use crate::features::places::store::Place;
use crate::features::progress::atlas::Holder;
use crate::features::targets::store::{self as targets, Change};
use crate::platform::db::Tx;
use crate::platform::problem::{AppError, AppResult};
use domain::catalogue::Catalogue;
use domain::ids::{CampaignId, IndicatorId, PlaceId, TeamId};
use domain::indicators::Definition;
use domain::subjects::Pseudonymiser;
use serde_json::{Value, json};
use time::Date;
use time::macros::{date, datetime};
use uuid::Uuid;

/// Its code.
pub const CODE: &str = "binh-dinh-2024";
/// Its id; those of its indicators follow.
pub const CAMPAIGN: Uuid = Uuid::from_u128(0x0bd2_0240_0000_7000_8000_0000_0000_0000);
/// "Ngày 3.3 … Tỉnh đoàn tổ chức ra quân phát động" (Báo Bình Định, 26/03/2024).
pub const STARTS_ON: Date = date!(2024 - 03 - 03);
/// End of the year.
pub const ENDS_ON: Date = date!(2024 - 12 - 31);

struct Row {
    code: &'static str,
    name: &'static str,
    short_name: &'static str,
    definition: Value,
    deadline: Option<Date>,
    /// The province's target, split by this figure.
    target: Option<(i64, &'static str)>,
}

/// The eight indicators as printed, and the two about cashless streets.
fn rows() -> Vec<Row> {
    // An account is supported once it was made, linked or used with help.
    let supported = ["registered", "linked", "transacted"];
    vec![
        Row {
            code: "ind_active_account_rate",
            name: "Mỗi năm có 40% tổng số tài khoản sử dụng dịch vụ công có phát sinh giao dịch thực tế",
            short_name: "Tài khoản có giao dịch",
            definition: json!({"kind": "ratio",
                "numerator": {"unit": "account", "count": "distinct", "all_of": [{"services": ["dvc_account", "dvc_signin"], "outcomes": ["transacted"]}]},
                "denominator": {"kind": "measure", "measure": {"unit": "account", "count": "distinct",
                    "all_of": [{"services": ["dvc_account", "dvc_signin"], "outcomes": supported}]}},
                "target_permille": 400}),
            deadline: None,
            target: None,
        },
        Row {
            code: "ind_online_dossier_rate",
            name: "80% hồ sơ TTHC do ĐVTN thực hiện được giao dịch bằng hình thức trực tuyến",
            short_name: "Hồ sơ trực tuyến",
            definition: json!({"kind": "ratio",
                "numerator": {"unit": "dossier", "count": "distinct", "all_of": [{"services": ["dvc_dossier"], "outcomes": ["submitted"], "channel": "online"}]},
                "denominator": {"kind": "measure", "measure": {"unit": "dossier", "count": "distinct",
                    "all_of": [{"services": ["dvc_dossier"], "outcomes": ["submitted"]}]}},
                "target_permille": 800}),
            deadline: None,
            target: None,
        },
        Row {
            code: "ind_dossier_count",
            name: "66.000 hồ sơ dịch vụ công trực tuyến do ĐVTN hỗ trợ thực hiện trong năm 2024",
            short_name: "Hồ sơ DVC trực tuyến",
            definition: json!({"kind": "count", "measure": {"unit": "dossier", "count": "distinct",
                "all_of": [{"services": ["dvc_dossier"], "outcomes": ["submitted"], "channel": "online"}]}}),
            deadline: None,
            target: Some((66_000, "population")),
        },
        Row {
            code: "ind_news_count",
            name: "Ít nhất 6 tin, bài viết đăng trên trang thông tin điện tử, mạng xã hội của đơn vị",
            short_name: "Tin, bài mỗi đơn vị",
            definition: json!({"kind": "per_unit", "measure": {"unit": "post", "count": "distinct", "all_of": [{"kinds": ["post.v1"]}]},
                "unit_level": "commune", "minimum": 6}),
            deadline: None,
            target: None,
        },
        Row {
            code: "ind_household_count",
            name: "Ít nhất 160 nghìn gia đình được hướng dẫn, hỗ trợ mở tài khoản VNeID và được thông tin, tuyên truyền về dịch vụ công trực tuyến",
            short_name: "Hộ có VNeID và biết DVC",
            definition: json!({"kind": "count", "measure": {"unit": "household", "count": "distinct", "all_of": [
                {"services": ["vneid_l1", "vneid_l2"], "outcomes": ["activated", "registered"]},
                {"services": ["dvc_outreach"], "stages": ["informed", "self_service", "referred"]}]}}),
            deadline: None,
            target: Some((160_000, "households")),
        },
        Row {
            code: "ind_payment_account_count",
            name: "Ít nhất 294.021 công dân được ĐVTN hỗ trợ mở tài khoản thanh toán điện tử",
            short_name: "Tài khoản thanh toán",
            definition: json!({"kind": "count", "measure": {"unit": "person", "count": "distinct",
                "all_of": [{"services": ["payment_account"], "outcomes": ["opened"]}]}}),
            deadline: None,
            target: Some((294_021, "population")),
        },
        Row {
            code: "ind_dsig_rate",
            name: "Hỗ trợ 10% công dân từ 14 tuổi trở lên có chữ ký số cá nhân",
            short_name: "Chữ ký số cá nhân",
            definition: json!({"kind": "ratio",
                "numerator": {"unit": "person", "count": "distinct", "all_of": [{"services": ["dsig"], "outcomes": ["issued"], "age_14_plus": true}]},
                "denominator": {"kind": "figure", "figure": "population_14"},
                "target_permille": 100}),
            deadline: None,
            target: None,
        },
        Row {
            code: "ind_vneid_activation_count",
            name: "190.759 công dân được ĐVTN hỗ trợ kích hoạt tài khoản VNeID trước ngày 1/7",
            short_name: "Kích hoạt VNeID",
            definition: json!({"kind": "count", "measure": {"unit": "person", "count": "distinct",
                "all_of": [{"services": ["vneid_l1", "vneid_l2"], "outcomes": ["activated"]}]}}),
            deadline: Some(date!(2024 - 06 - 30)),
            target: Some((190_759, "population")),
        },
        Row {
            code: "quota_cashless_street",
            name: "Thành đoàn Quy Nhơn 2 tuyến đường, mỗi huyện, thị đoàn ít nhất 1 tuyến đường không dùng tiền mặt",
            short_name: "Tuyến đường theo huyện",
            definition: json!({"kind": "per_unit", "measure": {"unit": "street", "count": "distinct", "all_of": [{"statuses": ["operating"]}]},
                "unit_level": "district", "minimum": 1}),
            deadline: None,
            target: None,
        },
        Row {
            code: "coverage_cashless_street",
            name: "Xã, phường có tuyến đường thanh toán không tiền mặt đang hoạt động",
            short_name: "Xã có tuyến đường",
            definition: json!({"kind": "per_unit", "measure": {"unit": "street", "count": "distinct", "all_of": [{"statuses": ["operating"]}]},
                "unit_level": "commune", "minimum": 1}),
            deadline: None,
            target: None,
        },
    ]
}

/// Makes the campaign and splits its targets: by people or households to districts
/// and communes, equally to the teams.
///
/// # Errors
/// The storage's.
pub fn build(
    tx: &mut Tx<'_>,
    world: &World,
    catalogue: &Catalogue,
    keys: &Pseudonymiser,
) -> AppResult<()> {
    let fixed = |n: u128| Uuid::from_u128(CAMPAIGN.as_u128() + n);
    let campaign = Campaign {
        id: CampaignId(fixed(0)),
        code: CODE.to_owned(),
        name: "Tuổi trẻ Bình Định tiên phong chuyển đổi số năm 2024".to_owned(),
        theme: "Công trình thanh niên cấp tỉnh".to_owned(),
        issuing_document: IssuingDocument {
            number: "Kế hoạch công trình thanh niên 2024 (số trình diễn)".to_owned(),
            issued_on: None,
            issuer: "Tỉnh đoàn Bình Định".to_owned(),
            title: "Tuổi trẻ Bình Định tiên phong chuyển đổi số".to_owned(),
        },
        place: world.province.id.clone(),
        starts_on: STARTS_ON,
        ends_on: ENDS_ON,
    };
    let rows = rows();
    let mut indicators = Vec::new();
    for (n, row) in (1_u128..).zip(&rows) {
        let definition: Definition = serde_json::from_value(row.definition.clone())
            .map_err(|fault| AppError::Internal(fault.to_string()))?;
        indicators.push(NewIndicator {
            id: IndicatorId(fixed(n)),
            code: row.code.to_owned(),
            name: row.name.to_owned(),
            short_name: row.short_name.to_owned(),
            definition,
            deadline: row.deadline,
        });
    }
    store::create(tx, &campaign, &indicators, catalogue, keys)?;
    for (row, indicator) in rows.iter().zip(&indicators) {
        if let Some((total, figure)) = row.target {
            give(
                tx,
                world,
                indicator.id,
                &world.province.id,
                TeamId::NONE,
                total,
                "issued",
                "Chỉ tiêu của kế hoạch",
            )?;
            split_below(tx, world, indicator.id, figure)?;
        }
        if row.code == "quota_cashless_street"
            && let Some(quy_nhon) = world
                .districts
                .iter()
                .find(|district| district.name == "Quy Nhơn")
        {
            give(
                tx,
                world,
                indicator.id,
                &quy_nhon.id,
                TeamId::NONE,
                2,
                "hand",
                "Tỉnh đoàn giao Thành đoàn Quy Nhơn 2 tuyến đường",
            )?;
        }
    }
    Ok(())
}

#[expect(
    clippy::too_many_arguments,
    reason = "one call shape for every target of the demonstration"
)]
fn give(
    tx: &mut Tx<'_>,
    world: &World,
    indicator: IndicatorId,
    place: &PlaceId,
    team: TeamId,
    value: i64,
    method: &str,
    reason: &str,
) -> AppResult<()> {
    let source = if matches!(method, "issued" | "hand") {
        "override"
    } else {
        "split"
    };
    let change = Change {
        indicator,
        place,
        team,
        value,
        locked: method == "hand",
        source,
        method,
        reason,
        by: world.province_officer,
        at: datetime!(2024-03-03 10:00 +7),
    };
    targets::set(tx, &change)
}

fn split_below(
    tx: &mut Tx<'_>,
    world: &World,
    indicator: IndicatorId,
    figure: &str,
) -> AppResult<()> {
    let mut above = vec![world.province.clone()];
    while let Some(place) = above.pop() {
        let holders = targets::holders(tx, &place, STARTS_ON)?;
        let own = targets::find(tx, indicator, &place.id, TeamId::NONE)?;
        let Some(own) = own.filter(|_| !holders.is_empty()) else {
            continue;
        };
        let method = if matches!(holders.first(), Some(Holder::Team { .. })) {
            "equal"
        } else {
            figure
        };
        let planned = targets::plan(tx, indicator, &holders, own.value, method)?;
        for (holder, (value, _)) in holders.iter().zip(planned) {
            let (at, team) = holder.key();
            give(
                tx,
                world,
                indicator,
                at,
                team,
                value,
                method,
                "Phân bổ theo kế hoạch",
            )?;
            if let Holder::Place(child) = holder {
                above.push(Place::clone(child));
            }
        }
    }
    Ok(())
}
