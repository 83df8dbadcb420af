//! What residents told of calls, links and loans: a wave in the commune of those who sign in,
//! one report that the police have, one that is over.

use super::world::World;
use crate::args;
use crate::features::scams::commands::{Act, New, act, contact, report};
use crate::platform::clock::Clock;
use crate::platform::db::Tx;
use crate::platform::problem::{AppError, AppResult};
use domain::catalogue::Catalogue;
use domain::days::day_of;
use domain::facts::{Body, Fact};
use domain::ids::{DeviceId, FactId, MemberId, PlaceId, ScamReportId};
use domain::scams::{
    Handing, HandingWay, Loss, ScamAct, ScamChannel, ScamDeed, ScamReport, ScamResult,
};
use domain::subjects::Pseudonymiser;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// How far a report went.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Until {
    Reported,
    Handed,
    Closed,
}

/// What was told, when, by a volunteer or else on the public page.
struct Told {
    scam: &'static str,
    channel: ScamChannel,
    trace: &'static str,
    loss: Loss,
    note: &'static str,
    at: OffsetDateTime,
    in_app: bool,
    until: Until,
}

const ALL: &[Told] = &[
    Told {
        scam: "loan_app",
        channel: ScamChannel::Chat,
        trace: "https://vaynhanh24h.example/dk",
        loss: Loss::Yes,
        note: "Thu phí bảo hiểm khoản vay trước rồi chặn liên lạc",
        at: datetime!(2024-09-18 10:20 +7),
        in_app: true,
        until: Until::Closed,
    },
    Told {
        scam: "fake_app",
        channel: ScamChannel::Sms,
        trace: "http://dichvucong-vneid.example/tai.apk",
        loss: Loss::No,
        note: "Tin nhắn kèm tệp .apk bảo cài để nhận trợ cấp",
        at: datetime!(2024-10-02 15:05 +7),
        in_app: true,
        until: Until::Handed,
    },
    Told {
        scam: "fake_police",
        channel: ScamChannel::Call,
        trace: "0900 000 113",
        loss: Loss::No,
        note: "Xưng công an phường, bảo cập nhật định danh mức 2 qua điện thoại",
        at: datetime!(2024-10-10 08:40 +7),
        in_app: true,
        until: Until::Reported,
    },
    Told {
        scam: "fake_police",
        channel: ScamChannel::Call,
        trace: "0900 000 114",
        loss: Loss::Unknown,
        note: "Bảo đọc mã gửi về máy để giữ tài khoản VNeID",
        at: datetime!(2024-10-11 19:30 +7),
        in_app: false,
        until: Until::Reported,
    },
    Told {
        scam: "fake_police",
        channel: ScamChannel::Chat,
        trace: "0900 000 113",
        loss: Loss::No,
        note: "Kết bạn Zalo, gửi giấy mời có dấu đỏ giả",
        at: datetime!(2024-10-12 16:15 +7),
        in_app: true,
        until: Until::Reported,
    },
];

fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0bd2_0240_0000_7000_8000_0a11_0000_0000 + number)
}

/// Tells it all, and does what officers did.
///
/// # Errors
/// The storage's.
pub fn build(tx: &mut Tx<'_>, world: &World, with: (&Catalogue, &Pseudonymiser)) -> AppResult<()> {
    let (officer, home) = tx
        .one(
            "select g.member_id, g.place_id from member_grant g join member m on m.id = g.member_id where m.login = 'canboxa'",
            args![],
            |row| Ok((row.get::<MemberId>(0)?, row.get::<PlaceId>(1)?)),
        )?
        .ok_or_else(AppError::not_found)?;
    for (number, told) in (1..).zip(ALL) {
        let clock = Clock::still(told.at);
        let said = ScamReport {
            scam: told.scam.to_owned(),
            channel: told.channel,
            trace: Some(told.trace.to_owned()),
            loss: told.loss,
            happened_on: day_of(told.at),
            note: Some(told.note.to_owned()),
        };
        let report_id = if told.in_app {
            let fact = Fact {
                id: FactId(super::fact_id(told.at, number)),
                happened_at: told.at,
                place: home.clone(),
                team: None,
                device: DeviceId(id(0)),
                seq: number.into(),
                corrects: None,
                body: Body::ScamReport(said),
            };
            let report_id = ScamReportId(fact.id.0);
            super::take(tx, with, world.volunteer, fact)?;
            report_id
        } else {
            let new = New {
                id: ScamReportId(id(number.into())),
                place: home.clone(),
                report: said,
                contact: contact("Cô Sáu", "0900 000 006")?,
            };
            let report_id = new.id;
            report(tx, &clock, new)?;
            report_id
        };
        deal(tx, officer, report_id, (number, told))?;
    }
    Ok(())
}

/// What the commune's officer did about a report.
fn deal(
    tx: &mut Tx<'_>,
    officer: MemberId,
    report: ScamReportId,
    (number, told): (u8, &Told),
) -> AppResult<()> {
    let handed = ScamDeed {
        handing: Some(Handing {
            to: "Công an phường, trực ban".to_owned(),
            way: HandingWay::InPerson,
            reference: format!("{number:02}/TN-CAP"),
        }),
        ..ScamDeed::of(ScamAct::HandOver)
    };
    let closed = ScamDeed {
        result: Some(ScamResult::Handled),
        ..ScamDeed::of(ScamAct::Close)
    };
    let deeds = [
        (Until::Handed, 1, ScamDeed::of(ScamAct::Take), ""),
        (
            Until::Handed,
            3,
            handed,
            "Kèm ảnh chụp màn hình người dân đưa",
        ),
        (Until::Closed, 96, closed, "Đã xác minh, đã nhắc các tổ"),
    ];
    for (step, (until, hours, deed, note)) in (0..).zip(deeds) {
        if until > told.until {
            break;
        }
        let clock = Clock::still(told.at + Duration::hours(hours));
        let what = Act {
            id: id(0x1000 + u128::from(number) * 0x10 + step),
            deed,
            note: note.to_owned(),
        };
        act(tx, &clock, officer, report, what)?;
    }
    Ok(())
}
