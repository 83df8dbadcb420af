//! What residents asked the commune of those who sign in, how far each question came, and the
//! answers published for everybody.

use super::world::World;
use crate::args;
use crate::features::members::Role;
use crate::features::questions::{Asking, Contact, Doing, FaqUse, act, ask, climb, note_use};
use crate::platform::clock::{Clock, random};
use crate::platform::db::Tx;
use crate::platform::problem::{AppError, AppResult};
use domain::catalogue::Catalogue;
use domain::facts::{Body, Fact};
use domain::ids::{DeviceId, FactId, FaqId, MemberId, PlaceId, QuestionId};
use domain::questions::{AskedOnWire, QuestionAct, QuestionCode, QuestionSource, WithholdReason};
use domain::subjects::Pseudonymiser;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// Ids that nothing is drawn for, so that the life that follows stays as it was.
fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0bd2_0240_0000_7000_8000_c0a2_c400_0000 + number)
}

/// How far a question came.
enum Until {
    Asked,
    Written(&'static str),
    Withheld,
    Answered(&'static str),
    /// Published in these words.
    Published(&'static str, &'static str),
}

struct Play {
    at: OffsetDateTime,
    source: QuestionSource,
    text: &'static str,
    until: Until,
}

/// Those asked first come first.
const PLAYS: &[Play] = &[
    Play {
        at: datetime!(2024-09-09 08:40 +7),
        source: QuestionSource::Web,
        text: "Tôi thuê trọ ở phường để đi làm, muốn đăng ký tạm trú thì làm ở đâu, cần giấy tờ gì?",
        until: Until::Published(
            "Thuê trọ thì đăng ký tạm trú thế nào?",
            "Bà con mở VNeID, chọn Thủ tục hành chính, Đăng ký tạm trú, khai địa chỉ đang ở, đính kèm ảnh hợp đồng thuê hoặc xác nhận của chủ nhà rồi gửi. Công an phường trả kết quả trong 3 ngày làm việc. Chưa có VNeID thì mang thẻ căn cước đến Trung tâm Phục vụ hành chính công, các bạn tình nguyện giúp.",
        ),
    },
    Play {
        at: datetime!(2024-09-16 09:15 +7),
        source: QuestionSource::Counter,
        text: "Cháu tôi sinh được 4 tháng mà chưa làm khai sinh, giờ làm có bị phạt không?",
        until: Until::Published(
            "Làm khai sinh muộn có bị phạt không?",
            "Không bị phạt tiền. Mang giấy chứng sinh và thẻ căn cước của cha mẹ đến Bộ phận Một cửa, hoặc nộp trên Cổng Dịch vụ công quốc gia. Có kết quả trong ngày; phải xác minh thì không quá 5 ngày làm việc.",
        ),
    },
    Play {
        at: datetime!(2024-09-23 14:05 +7),
        source: QuestionSource::Web,
        text: "Nộp hồ sơ qua mạng rồi thì xem đã làm tới đâu ở chỗ nào?",
        until: Until::Published(
            "Nộp hồ sơ trực tuyến rồi thì xem kết quả ở đâu?",
            "Vào Cổng Dịch vụ công, mục Tra cứu hồ sơ, gõ mã hồ sơ trong tin nhắn hoặc giấy hẹn. Trạng thái và ngày trả kết quả hiện ngay; kết quả điện tử tải về được tại đó.",
        ),
    },
    Play {
        at: datetime!(2024-09-30 10:30 +7),
        source: QuestionSource::Paper,
        text: "Chứng thực bản sao bằng cấp hết bao nhiêu tiền, có phải photo trước không?",
        until: Until::Published(
            "Chứng thực bản sao hết bao nhiêu tiền?",
            "Không cần photo trước, chỉ mang bản chính. Phí 2.000 đồng một trang; từ trang thứ ba 1.000 đồng một trang, không quá 200.000 đồng một bản. Lấy ngay trong buổi.",
        ),
    },
    Play {
        at: datetime!(2024-10-01 15:20 +7),
        source: QuestionSource::Zalo,
        text: "Mẹ tôi 80 tuổi thì được trợ cấp người cao tuổi chưa, làm hồ sơ thế nào?",
        until: Until::Answered(
            "Từ 80 tuổi, không có lương hưu thì được trợ cấp hằng tháng. Gia đình nộp tờ khai tại Bộ phận Một cửa; phường xét và trình trong 7 ngày làm việc.",
        ),
    },
    Play {
        at: datetime!(2024-10-04 08:10 +7),
        source: QuestionSource::Web,
        text: "Làm giấy xác nhận tình trạng hôn nhân qua mạng được không?",
        until: Until::Asked,
    },
    Play {
        at: datetime!(2024-10-09 16:45 +7),
        source: QuestionSource::Counter,
        text: "Sổ đỏ nhà tôi ghi sai tên đệm thì sửa ở đâu?",
        until: Until::Written(
            "Bà con nộp đơn đề nghị đính chính kèm sổ gốc và thẻ căn cước tại Bộ phận Một cửa; Chi nhánh Văn phòng đăng ký đất đai sửa trong 10 ngày làm việc, không thu phí nếu lỗi do cơ quan.",
        ),
    },
    Play {
        at: datetime!(2024-10-10 19:30 +7),
        source: QuestionSource::Web,
        text: "Vay tiền nhanh, lãi thấp, gọi 0905123456 nhận tiền ngay!!!",
        until: Until::Withheld,
    },
    Play {
        at: datetime!(2024-10-11 09:25 +7),
        source: QuestionSource::Web,
        text: "Đường vào tổ 4 ngập sau mưa, rác tắc cống, bao giờ có người dọn?",
        until: Until::Asked,
    },
    Play {
        at: datetime!(2024-10-12 20:10 +7),
        source: QuestionSource::Web,
        text: "Điện thoại cũ không cài được VNeID thì nộp hồ sơ trực tuyến bằng cách nào?",
        until: Until::Asked,
    },
];

/// Plays everything, each at its own moment.
///
/// # Errors
/// The storage's.
pub fn build(tx: &mut Tx<'_>, world: &World, with: (&Catalogue, &Pseudonymiser)) -> AppResult<()> {
    let found = tx.one(
        "select m.id, g.place_id from member m join member_grant g on g.member_id = m.id where m.login = 'canboxa' and g.role = $1",
        args![Role::CommuneOfficer.as_str()],
        |row| Ok((row.get::<MemberId>(0)?, row.get::<PlaceId>(1)?)),
    )?;
    let (writer, place) = found.ok_or_else(AppError::not_found)?;
    for (nth, play) in (1_u8..).zip(PLAYS) {
        let number = u128::from(nth);
        let question = match play.source {
            QuestionSource::Counter | QuestionSource::Paper => {
                let fact = written_down(play, nth, &place, with.1)?;
                let question = QuestionId(fact.id.0);
                super::take(tx, with, world.volunteer, fact)?;
                question
            }
            QuestionSource::Web | QuestionSource::Zalo => {
                let asking = Asking {
                    id: QuestionId(id(number * 16)),
                    code: None,
                    source: play.source,
                    place: &place,
                    text: play.text,
                    topic: None,
                    entered_by: None,
                    contact: (number == 9).then(|| Contact::Sms("+84905123456".to_owned())),
                    from: "demo",
                };
                ask(tx, &Clock::still(play.at), with.1, &asking)?.id
            }
        };
        let mut step = 0_u32;
        let mut doing = |tx: &mut Tx<'_>, by: MemberId, act_is, note: &str, answer: &str| {
            step += 1;
            let clock = Clock::still(play.at + Duration::hours(3 * i64::from(step)));
            let doing = Doing {
                id: id(number * 16 + u128::from(step)),
                act: act_is,
                topic: None,
                place: None,
                note,
                answer,
                reason: (act_is == QuestionAct::Withhold).then_some(WithholdReason::Abuse),
            };
            act(tx, &clock, by, question, &doing)
        };
        let answer = match play.until {
            Until::Asked => continue,
            Until::Withheld => {
                doing(tx, writer, QuestionAct::Withhold, "Quảng cáo vay tiền", "")?;
                continue;
            }
            Until::Written(answer) | Until::Answered(answer) | Until::Published(_, answer) => {
                answer
            }
        };
        doing(tx, writer, QuestionAct::Draft, "", answer)?;
        if matches!(play.until, Until::Written(_)) {
            continue;
        }
        doing(tx, world.province_officer, QuestionAct::Approve, "", "")?;
        if let Until::Published(words, _) = play.until {
            doing(tx, writer, QuestionAct::Publish, words, answer)?;
            let faq = FaqId(id(number * 16 + 3));
            uses(tx, faq, &place, world.volunteer, play.at, number)?;
        }
    }
    climb(tx, &Clock::still(super::NOW))?;
    // What was told days ago was read.
    tx.execute(
        "delete from notification where kind like 'question%'",
        args![],
    )?;
    Ok(())
}

/// A question as the phone of whoever wrote it down sends it.
fn written_down(play: &Play, number: u8, place: &PlaceId, keys: &Pseudonymiser) -> AppResult<Fact> {
    let code = QuestionCode::from_random(random());
    let said =
        serde_json::json!({ "source": play.source, "code": code.as_str(), "text": play.text });
    let said: AskedOnWire = serde_json::from_value(said)
        .map_err(|fault| AppError::Internal(format!("the demonstration: {fault}")))?;
    Ok(Fact {
        id: FactId(super::fact_id(play.at, number)),
        happened_at: play.at,
        place: place.clone(),
        team: None,
        device: DeviceId(id(0)),
        seq: number.into(),
        corrects: None,
        body: Body::Question(said.parse(keys)?),
    })
}

/// Residents who found the answer while asking, and doors at which a volunteer knew it.
fn uses(
    tx: &mut Tx<'_>,
    faq: FaqId,
    place: &PlaceId,
    volunteer: MemberId,
    at: OffsetDateTime,
    number: u128,
) -> AppResult<()> {
    for n in 0..(9 - number) {
        let used = FaqUse {
            id: id(0x1000 + number * 16 + n),
            faq,
            place,
            member: (n % 3 == 0).then_some(volunteer),
            at: at + Duration::hours(20 + 31 * i64::try_from(n).unwrap_or(0)),
        };
        note_use(tx, &used)?;
    }
    Ok(())
}
