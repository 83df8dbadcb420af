//! A squad of young officials of the province's offices, and what communes asked them for:
//! one request at least at every stage.

use super::names;
use super::world::World;
use crate::args;
use crate::features::experts::store::{Asked, Expert};
use crate::features::experts::{act, ask, put_expert};
use crate::features::members::{NewMember, NewPerson, Role, create, enrol, password};
use crate::features::places::store::Place;
use crate::platform::clock::Clock;
use crate::platform::db::{Tx, unix_ms};
use crate::platform::problem::{AppError, AppResult};
use domain::catalogue::Catalogue;
use domain::days::day_of;
use domain::experts::{
    CommuneWord, Deed, ExpertAction, ExpertStep, ExpertWork, RequestAct, RequestStage, Urgency,
};
use domain::facts::{Body, Fact};
use domain::ids::{DeviceId, FactId, MemberId, RequestId};
use domain::people::Origin;
use domain::subjects::Pseudonymiser;
use fastrand::Rng;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// Who signs in as an expert.
const LOGIN: &str = "chuyengia";

/// Offices, the field each lends people for, and how many.
const OFFICES: &[(&str, &str, usize)] = &[
    ("Sở Tài nguyên và Môi trường", "environment", 3),
    ("Sở Nội vụ", "home_affairs", 2),
    ("Sở Tư pháp", "justice", 2),
    ("Sở Xây dựng", "construction", 2),
    ("Sở Nông nghiệp và Phát triển nông thôn", "agriculture", 2),
    ("Sở Khoa học và Công nghệ", "science", 2),
    ("Sở Thông tin và Truyền thông", "information", 2),
    ("Sở Công Thương", "trade", 1),
    ("Sở Văn hóa và Thể thao", "culture", 1),
    ("Sở Kế hoạch và Đầu tư", "investment", 1),
    ("Sở Lao động - Thương binh và Xã hội", "labour", 1),
    ("Sở Ngoại vụ", "foreign_affairs", 1),
];

/// What a commune asked for, and how far it went.
struct Play {
    /// At home of those who sign in, or the nth commune otherwise.
    at: Option<usize>,
    field: &'static str,
    purpose: &'static str,
    urgency: Urgency,
    asked_at: OffsetDateTime,
    until: RequestStage,
    /// Minutes and what was done, a day each.
    work: &'static [(u32, &'static str)],
}

const PLAYS: &[Play] = &[
    Play {
        at: None,
        field: "environment",
        purpose: "Hơn 120 hồ sơ cấp giấy chứng nhận quyền sử dụng đất chờ rà soát; cần người hướng dẫn phân loại và trả lời bà con.",
        urgency: Urgency::Soon,
        asked_at: datetime!(2024-10-07 08:20 +7),
        until: RequestStage::Dispatched,
        work: &[(
            210,
            "Phân loại 64 hồ sơ, hướng dẫn hai cán bộ địa chính cách tra bản đồ số",
        )],
    },
    Play {
        at: None,
        field: "justice",
        purpose: "Số hóa sổ hộ tịch bị vướng dữ liệu trùng, cần hướng dẫn cách đối chiếu.",
        urgency: Urgency::Planned,
        asked_at: datetime!(2024-09-16 09:05 +7),
        until: RequestStage::Done,
        work: &[
            (
                180,
                "Rà soát 3 quyển sổ khai sinh, lập danh sách bản ghi trùng",
            ),
            (150, "Hướng dẫn đối chiếu và sửa 41 bản ghi"),
        ],
    },
    Play {
        at: None,
        field: "information",
        purpose: "Mạng và máy quét ở Bộ phận Một cửa hay hỏng, tiếp nhận trực tuyến chậm.",
        urgency: Urgency::Now,
        asked_at: datetime!(2024-08-12 07:50 +7),
        until: RequestStage::Closed,
        work: &[(
            240,
            "Cài lại hai máy quét, chỉnh mạng nội bộ, hướng dẫn cách tự kiểm tra",
        )],
    },
    Play {
        at: Some(11),
        field: "construction",
        purpose: "Cần người cùng xem 15 hồ sơ cấp phép xây dựng nhà ở còn vướng quy hoạch.",
        urgency: Urgency::Soon,
        asked_at: datetime!(2024-10-11 15:10 +7),
        until: RequestStage::Asked,
        work: &[],
    },
    Play {
        at: Some(42),
        field: "labour",
        purpose: "Rà soát danh sách hộ nghèo trước khi chi trả không dùng tiền mặt.",
        urgency: Urgency::Now,
        asked_at: datetime!(2024-10-12 08:00 +7),
        until: RequestStage::Asked,
        work: &[],
    },
    Play {
        at: Some(27),
        field: "environment",
        purpose: "Hướng dẫn bà con kê khai đất đai trên Cổng Dịch vụ công.",
        urgency: Urgency::Planned,
        asked_at: datetime!(2024-10-10 10:30 +7),
        until: RequestStage::Offered,
        work: &[],
    },
    Play {
        at: Some(63),
        field: "science",
        purpose: "Giúp hợp tác xã làm mã truy xuất nguồn gốc cho sản phẩm OCOP.",
        urgency: Urgency::Planned,
        asked_at: datetime!(2024-10-08 14:00 +7),
        until: RequestStage::Accepted,
        work: &[],
    },
    Play {
        at: Some(80),
        field: "agriculture",
        purpose: "Tập huấn ghi nhật ký mùa vụ điện tử cho tổ hợp tác.",
        urgency: Urgency::Planned,
        asked_at: datetime!(2024-09-02 09:00 +7),
        until: RequestStage::Closed,
        work: &[
            (240, "Tập huấn 32 hộ dùng nhật ký điện tử"),
            (120, "Kiểm tra tại ruộng, sửa lỗi nhập liệu"),
        ],
    },
    Play {
        at: Some(101),
        field: "trade",
        purpose: "Đưa 10 tiểu thương lên sàn thương mại điện tử.",
        urgency: Urgency::Soon,
        asked_at: datetime!(2024-09-20 08:40 +7),
        until: RequestStage::Cancelled,
        work: &[],
    },
    Play {
        at: Some(120),
        field: "foreign_affairs",
        purpose: "Dịch bộ hướng dẫn thủ tục sang tiếng Anh cho người nước ngoài tạm trú.",
        urgency: Urgency::Planned,
        asked_at: datetime!(2024-09-25 10:15 +7),
        until: RequestStage::Refused,
        work: &[],
    },
];

fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0bd2_0240_0000_7000_8000_00e5_0000_0000 + number)
}

/// What playing a request takes.
struct Stage<'a> {
    world: &'a World,
    keys: &'a Pseudonymiser,
    catalogue: &'a Catalogue,
    /// Experts with the field of their office; the first of them signs in.
    experts: Vec<(MemberId, &'static str)>,
}

/// Makes the squad and plays what it was asked for.
///
/// # Errors
/// The storage's.
pub fn build(
    tx: &mut Tx<'_>,
    world: &World,
    catalogue: &Catalogue,
    keys: &Pseudonymiser,
) -> AppResult<()> {
    // Drawn apart, so that what happens in the campaign stays as it is.
    let mut rng = Rng::with_seed(304);
    let stage = Stage {
        experts: squad(tx, &mut rng, world)?,
        world,
        keys,
        catalogue,
    };
    let (officer, home) = tx
        .one(
            "select g.member_id, g.place_id from member_grant g join member m on m.id = g.member_id where m.login = 'canboxa'",
            args![],
            |row| Ok((row.get::<MemberId>(0)?, row.get(1)?)),
        )?
        .ok_or_else(AppError::not_found)?;
    let home = world.communes.iter().find(|commune| commune.id == home);
    for (number, play) in (0..).zip(PLAYS) {
        let (by, place) = match play.at {
            Some(at) => (world.province_officer, world.communes.get(at)),
            None => (officer, home),
        };
        let place = place.ok_or_else(AppError::not_found)?;
        stage.play(tx, play, number, (by, place))?;
    }
    Ok(())
}

fn squad(
    tx: &mut Tx<'_>,
    rng: &mut Rng,
    world: &World,
) -> AppResult<Vec<(MemberId, &'static str)>> {
    let clock = Clock::still(datetime!(2024-03-20 08:00 +7));
    let town: Vec<&Place> = (world.communes.iter().zip(&world.district_of))
        .filter(|(_, district)| world.districts[**district].name == "Quy Nhơn")
        .map(|(commune, _)| commune)
        .collect();
    let mut found = Vec::new();
    for &(office, field, count) in OFFICES {
        for _ in 0..count {
            let member = MemberId(id(0x100 + u128::try_from(found.len()).unwrap_or(0)));
            // Most live in the town of the offices, some elsewhere.
            let away = found.len() % 5 == 4;
            let place = match away {
                true => rng.choice(&world.communes),
                false => rng.choice(&town).copied(),
            };
            let place = &place.ok_or_else(AppError::not_found)?.id;
            let name = names::person(rng);
            if found.is_empty() {
                let hash = password::hash("260324")?;
                let new = NewMember {
                    id: member,
                    login: LOGIN,
                    name: "Đặng Quốc Bảo",
                    password_hash: &hash,
                    role: Role::Volunteer,
                    place,
                    team: None,
                    now: clock.now(),
                };
                create(tx, &new)?;
                tx.execute(
                    "update member set origin = $2, organisation = $3 where id = $1",
                    args![member, Origin::Official, office],
                )?;
            } else {
                let new = NewPerson {
                    id: member,
                    name: &name,
                    place,
                    origin: Origin::Official,
                    organisation: office,
                    phone: None,
                    birth_year: Some(rng.i64(1989..2000)),
                    now: clock.now(),
                };
                enrol(tx, &new)?;
            }
            let expert = Expert {
                member: (member, String::new()),
                office: office.to_owned(),
                fields: vec![field.to_owned()],
                area: world.province.id.clone(),
                area_name: String::new(),
                hours_per_month: [12, 16, 24][rng.usize(..3)],
                active: true,
            };
            put_expert(tx, &clock, world.province_officer, &expert)?;
            found.push((member, field));
        }
    }
    Ok(found)
}

impl Stage<'_> {
    fn play(
        &self,
        tx: &mut Tx<'_>,
        play: &Play,
        number: u128,
        (by, place): (MemberId, &Place),
    ) -> AppResult<()> {
        use RequestStage::{Accepted, Asked as New, Cancelled, Closed, Dispatched, Done, Refused};
        let request = RequestId(id(0x1000 + number * 0x100));
        let day = day_of(play.asked_at);
        let asked = Asked {
            id: request,
            place: place.id.clone(),
            point: None,
            field: play.field.to_owned(),
            purpose: play.purpose.to_owned(),
            urgency: play.urgency,
            language: None,
            wish: (day + Duration::days(3), day + Duration::days(10)),
        };
        let clock = Clock::still(play.asked_at);
        ask(tx, &clock, by, &asked)?;
        let step = std::cell::Cell::new(0_u128);
        let next = |hours| {
            clock.advance(Duration::hours(hours));
            step.set(step.get() + 1);
            (request.0.as_u128() + step.get(), clock.now())
        };
        let moved = |tx: &mut Tx<'_>, who, deed, note: &str, hours| {
            let what = (Uuid::from_u128(next(hours).0), deed, Some(note));
            act(tx, &clock, who, request, what).map(drop)
        };
        let province = self.world.province_officer;
        let of = Deed::of;
        match play.until {
            New => return Ok(()),
            Cancelled => {
                let why = "Ban quản lý chợ đã tự làm được cùng ngân hàng.";
                return moved(tx, by, of(RequestAct::Cancel), why, 20);
            }
            Refused => {
                let why = "Đội hình chưa có người dịch; đề nghị liên hệ Khoa Ngoại ngữ, Trường Đại học Quy Nhơn.";
                return moved(tx, province, of(RequestAct::Refuse), why, 30);
            }
            _ => {}
        }
        let expert = self.experts.iter().find(|(_, field)| *field == play.field);
        let (expert, _) = *expert.ok_or_else(AppError::not_found)?;
        let offer = Deed {
            expert: Some(expert),
            ..of(RequestAct::Offer)
        };
        moved(tx, province, offer, "", 5)?;
        if play.until == RequestStage::Offered {
            return Ok(());
        }
        let own = |action, note: Option<&str>| {
            Body::ExpertStep(ExpertStep {
                request,
                action,
                note: note.map(str::to_owned),
            })
        };
        let accept = own(ExpertAction::Accept, None);
        self.say(tx, expert, place, next(4), accept)?;
        if play.until == Accepted {
            return Ok(());
        }
        let visit = Deed {
            visit: Some((asked.wish.0, asked.wish.0 + Duration::days(2))),
            ..of(RequestAct::Dispatch)
        };
        let meet = "Gặp ở Bộ phận Một cửa, 7 giờ 30.";
        moved(tx, province, visit, meet, 18)?;
        clock.advance(Duration::days(2));
        for (minutes, done) in play.work {
            let work = Body::ExpertWork(ExpertWork {
                request,
                minutes: *minutes,
                done: (*done).to_owned(),
                next: None,
            });
            self.say(tx, expert, place, next(24), work)?;
        }
        if play.until == Dispatched {
            return Ok(());
        }
        let result = "Đã xong phần việc chính; cán bộ địa phương tự làm tiếp được.";
        let finish = own(ExpertAction::Finish, Some(result));
        self.say(tx, expert, place, next(2), finish)?;
        if play.until == Done {
            return Ok(());
        }
        assert_eq!(play.until, Closed, "every other stage was left before");
        let word = Deed {
            word: Some(CommuneWord::Solved),
            ..of(RequestAct::Close)
        };
        moved(tx, by, word, "Rất đúng việc chúng tôi cần. Cảm ơn bạn!", 20)
    }

    /// Takes in what an expert says, as from their phone.
    fn say(
        &self,
        tx: &mut Tx<'_>,
        actor: MemberId,
        place: &Place,
        (number, at): (u128, OffsetDateTime),
        body: Body,
    ) -> AppResult<()> {
        let ms = u64::try_from(unix_ms(at)).unwrap_or(0);
        let tail: [u8; 10] = std::array::from_fn(|byte| number.to_be_bytes()[byte + 6]);
        let fact = Fact {
            id: FactId(uuid::Builder::from_unix_timestamp_millis(ms, &tail).into_uuid()),
            happened_at: at,
            place: place.id.clone(),
            team: None,
            device: DeviceId(id(0x10)),
            seq: 1,
            corrects: None,
            body,
        };
        super::take(tx, (self.catalogue, self.keys), actor, fact)
    }
}
