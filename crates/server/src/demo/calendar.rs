//! The year's activities and two service points, as the articles tell of them.

use super::campaign::CAMPAIGN;
use super::world::World;
use crate::features::activities::{NewActivityBody, plan};
use crate::features::places::store::Place;
use crate::features::points::{PointBody, store as points};
use crate::platform::clock::random;
use crate::platform::db::Tx;
use crate::platform::problem::{AppError, AppResult};
use crate::platform::wire::Instant;
use domain::activities::{ActivityKind, Category, Details, Evidence, PlaybookStep};
use domain::ids::ActivityId;
use domain::people::TeamKind;
use domain::points::{Agreement, Hours, Minute, PointKind, Span};
use time::OffsetDateTime;
use time::macros::{date, datetime};
use uuid::Uuid;

/// Weekdays, half past seven to five.
const OFFICE_MIN: u32 = 570;
/// A morning.
const MORNING_MIN: u32 = 240;

/// The Sundays of all youth teams: the second line of the calendar.
pub const SUNDAYS: ActivityId = ActivityId(id(2));

/// Ids that nothing is drawn for, so that the life that follows stays as it was.
const fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0bd2_0240_0000_7000_8000_0000_ca1e_0000 + number)
}

/// One line of the calendar.
struct Line<'a> {
    kind: ActivityKind,
    title: &'a str,
    place: &'a Place,
    starts_at: OffsetDateTime,
    duration_min: u32,
    recurrence: &'a str,
    details: Details,
    point: Option<Uuid>,
}

/// Puts points and activities in.
///
/// # Errors
/// The storage's.
pub fn build(tx: &mut Tx<'_>, world: &World) -> AppResult<()> {
    let district = |name: &str| {
        let found = world
            .districts
            .iter()
            .find(|district| district.name == name);
        found.ok_or_else(AppError::not_found)
    };
    let quy_nhon = district("Quy Nhơn")?;
    let launch = world
        .communes
        .iter()
        .find(|commune| commune.name == "Tam Quan Bắc");
    let launch = launch.ok_or_else(AppError::not_found)?;
    let centre = centre(quy_nhon);
    points::put(tx, &centre, &random::<32>())?;
    one_stop(tx, world)?;
    let lines = [
        Line {
            kind: ActivityKind::Launch,
            title: "Lễ ra quân Tổ công nghệ số thanh niên",
            place: launch,
            starts_at: datetime!(2024-03-03 07:00 +7),
            duration_min: MORNING_MIN,
            recurrence: "",
            details: Details {
                venue: "Phường Tam Quan Bắc, thị xã Hoài Nhơn".to_owned(),
                partners: named(&["Tỉnh đoàn Bình Định", "Thị đoàn Hoài Nhơn"]),
                ..details()
            },
            point: None,
        },
        Line {
            kind: ActivityKind::Sunday,
            title: "Chủ nhật chuyển đổi số",
            place: &world.province,
            starts_at: datetime!(2024-03-10 07:30 +7),
            duration_min: MORNING_MIN,
            recurrence: "FREQ=WEEKLY;BYDAY=SU;UNTIL=20241229T165959Z",
            details: Details {
                venue: "Từng thôn, khu phố".to_owned(),
                team_kinds: vec![TeamKind::Youth],
                services: named(&["payment_account", "vneid_2"]),
                steps: parade(),
                ..details()
            },
            point: None,
        },
        Line {
            kind: ActivityKind::Saturday,
            title: "Ngày thứ Bảy tình nguyện vì dân",
            place: &world.province,
            starts_at: datetime!(2024-03-09 07:30 +7),
            duration_min: MORNING_MIN,
            recurrence: "FREQ=WEEKLY;BYDAY=SA;UNTIL=20241228T165959Z",
            details: Details {
                venue: "Bộ phận Một cửa".to_owned(),
                team_kinds: vec![TeamKind::Desk],
                ..details()
            },
            point: None,
        },
        Line {
            kind: ActivityKind::Enterprise,
            title: "Ngày đoàn viên: hướng dẫn định danh điện tử mức 2",
            place: quy_nhon,
            starts_at: datetime!(2024-03-24 07:30 +7),
            duration_min: MORNING_MIN,
            recurrence: "",
            details: Details {
                host: "Công ty CP Đầu tư và Xây dựng Bình Định".to_owned(),
                partners: named(&["Đoàn Thanh niên Công an tỉnh"]),
                services: named(&["vneid_2"]),
                note: "Công an cấp tài khoản mức 2; đoàn viên hướng dẫn và kích hoạt.".to_owned(),
                ..details()
            },
            point: None,
        },
        Line {
            kind: ActivityKind::Desk,
            title: "Sinh viên Trường ĐH Quy Nhơn trực tại Trung tâm",
            place: quy_nhon,
            starts_at: datetime!(2024-03-25 07:30 +7),
            duration_min: OFFICE_MIN,
            recurrence: "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;UNTIL=20241231T165959Z",
            details: Details {
                partners: named(&["Đoàn Trường Đại học Quy Nhơn"]),
                note: "Mỗi ngày ít nhất hai đoàn viên, theo giờ hành chính.".to_owned(),
                ..details()
            },
            point: Some(centre.id),
        },
        Line {
            kind: ActivityKind::PeakDay,
            title: "Ngày cao điểm mừng 26/3",
            place: &world.province,
            starts_at: datetime!(2024-03-26 07:30 +7),
            duration_min: OFFICE_MIN,
            recurrence: "",
            details: details(),
            point: None,
        },
        Line {
            kind: ActivityKind::PeakDay,
            title: "Ngày cao điểm Chuyển đổi số quốc gia",
            place: &world.province,
            starts_at: datetime!(2024-10-10 07:30 +7),
            duration_min: OFFICE_MIN,
            recurrence: "",
            details: details(),
            point: None,
        },
    ];
    for (number, line) in (1..).zip(lines) {
        let body = NewActivityBody {
            kind: line.kind,
            title: line.title.to_owned(),
            place_id: line.place.id.clone(),
            point_id: line.point,
            campaign_id: Some(CAMPAIGN),
            starts_at: Instant(line.starts_at),
            duration_min: line.duration_min,
            recurrence: line.recurrence.to_owned(),
            on_holidays: false,
            details: line.details,
            team_ids: Vec::new(),
        };
        let by = world.province_officer;
        plan(tx, by, ActivityId(id(number)), line.place, body)?;
    }
    Ok(())
}

fn details() -> Details {
    Details {
        category: Category::Digital,
        venue: String::new(),
        team_kinds: Vec::new(),
        host: String::new(),
        partners: Vec::new(),
        services: Vec::new(),
        note: String::new(),
        steps: Vec::new(),
        except: Vec::new(),
    }
}

fn named(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// The order that the teams found to work.
fn parade() -> Vec<PlaybookStep> {
    let step = |(code, title, evidence): (&str, &str, Evidence)| PlaybookStep {
        code: code.to_owned(),
        title: title.to_owned(),
        evidence,
    };
    let steps = [
        ("parade", "Diễu hành", Evidence::Tick),
        ("leaflets", "Phát tờ rơi", Evidence::Tick),
        (
            "questions",
            "Giải thích thắc mắc thông thường",
            Evidence::Note,
        ),
        ("work", "Bắt tay vào việc", Evidence::Tick),
    ];
    steps.map(step).to_vec()
}

/// Office hours.
pub fn office() -> Hours {
    let span = |from, to| Span {
        from: Minute(from),
        to: Minute(to),
    };
    Hours::weekdays(&[span(7 * 60 + 30, 11 * 60 + 30), span(13 * 60 + 30, 17 * 60)])
}

fn centre(quy_nhon: &Place) -> PointBody {
    PointBody {
        id: id(0x100),
        place_id: quy_nhon.id.to_string(),
        name: "Trung tâm Phục vụ hành chính công tỉnh Bình Định".to_owned(),
        kind: PointKind::OneStop,
        address: "Thành phố Quy Nhơn".to_owned(),
        lat_e6: None,
        lon_e6: None,
        hours: office(),
        valid_from: None,
        valid_to: None,
        agreement: Some(Agreement {
            parties: named(&[
                "Đoàn Trường Đại học Quy Nhơn",
                "Trung tâm Phục vụ hành chính công tỉnh",
            ]),
            signed_on: date!(2024 - 03 - 20),
            number: String::new(),
            text: "Mỗi ngày ít nhất hai đoàn viên trực theo giờ hành chính.".to_owned(),
        }),
    }
}

/// The one-stop office of the commune where the demonstration's people work.
fn one_stop(tx: &mut Tx<'_>, world: &World) -> AppResult<()> {
    let home = world.teams.iter().find(|team| {
        let district = world.district_of[team.commune];
        world.districts[district].name == "An Nhơn"
    });
    let Some(home) = home else { return Ok(()) };
    let place = &world.communes[home.commune];
    let point = PointBody {
        id: id(0x101),
        place_id: place.id.to_string(),
        name: format!("Bộ phận Một cửa {}", place.full_name),
        kind: PointKind::OneStop,
        address: String::new(),
        lat_e6: None,
        lon_e6: None,
        hours: office(),
        valid_from: None,
        valid_to: None,
        agreement: None,
    };
    points::put(tx, &point, &random::<32>())
}
