//! A little life in the branch workspace of those who sign in: what the province and the
//! commune ask, what came of it, a meeting with its minutes, and tasks.

use super::world::World;
use crate::args;
use crate::features::activities::{NewActivityBody, plan};
use crate::features::branch::{NewDirectiveBody, send};
use crate::features::facts::ingest::{Ingest, Outcome, ingest};
use crate::features::facts::measures::Measures;
use crate::features::places::store::Place;
use crate::platform::clock::Clock;
use crate::platform::db::Tx;
use crate::platform::problem::{AppError, AppResult};
use crate::platform::wire::{Day, Instant};
use domain::activities::{ActivityKind, Category, Details, Evidence, PlaybookStep};
use domain::branch::{
    Absent, DirectiveStep, Giving, Minutes, Point, TaskSource, TaskState, TaskStep,
};
use domain::catalogue::Catalogue;
use domain::facts::{Body, Fact};
use domain::ids::{ActivityId, DeviceId, DirectiveId, FactId, MemberId, PlaceId, TaskId, TeamId};
use domain::people::TeamKind;
use domain::subjects::Pseudonymiser;
use std::sync::{Arc, Mutex};
use time::macros::{date, datetime};
use time::{Date, Duration, OffsetDateTime};
use uuid::Uuid;

/// Ids that nothing is drawn for, so that the life that follows stays as it was.
fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0bd2_0240_0000_7000_8000_b0a2_c400_0000 + number)
}

const OF_PROVINCE: u128 = 1;
const OF_COMMUNE: u128 = 2;
const LAST_MEETING: u128 = 3;
const NEXT_MEETING: u128 = 4;
const DECISION: &str = "Hoàn thành bảng mã QR ở chợ trước ngày 16/10";
const LAST_MET: Date = date!(2024 - 09 - 28);

/// Somebody who signs in.
struct Login {
    member: MemberId,
    team: Option<TeamId>,
    place: PlaceId,
}

fn login(tx: &Tx<'_>, name: &str) -> AppResult<Login> {
    let found = tx.one(
        "select m.id, g.team_id, g.place_id from member m join member_grant g on g.member_id = m.id where m.login = $1",
        args![name],
        |row| {
            Ok(Login {
                member: row.get(0)?,
                team: row.get(1)?,
                place: row.get(2)?,
            })
        },
    )?;
    found.ok_or_else(AppError::not_found)
}

/// Says facts one after the other, each at its own moment.
struct Saying<'a, 't, 'c> {
    tx: &'t mut Tx<'c>,
    catalogue: &'a Catalogue,
    keys: &'a Pseudonymiser,
    kept: Mutex<Arc<Measures>>,
    number: u128,
}

impl Saying<'_, '_, '_> {
    fn say(
        &mut self,
        actor: MemberId,
        (team, place): (TeamId, &PlaceId),
        at: OffsetDateTime,
        body: Body,
    ) -> AppResult<()> {
        self.number += 1;
        let fact = Fact {
            id: FactId(id(0x1_0000 + self.number)),
            happened_at: at,
            place: place.clone(),
            team: Some(team),
            device: DeviceId(id(0x1_0000)),
            seq: u32::try_from(self.number).unwrap_or(u32::MAX),
            corrects: None,
            body,
        };
        let with = Ingest {
            catalogue: self.catalogue,
            keys: self.keys,
            kept: &self.kept,
            actor,
            now: at,
            clock: &Clock::still(at),
        };
        match ingest(self.tx, &with, vec![Ok(fact)])?.pop() {
            Some(Outcome::Counted(_)) => Ok(()),
            other => Err(AppError::Internal(format!("the demonstration: {other:?}"))),
        }
    }
}

/// Puts it in.
///
/// # Errors
/// The storage's.
pub fn build(
    tx: &mut Tx<'_>,
    world: &World,
    catalogue: &Catalogue,
    keys: &Pseudonymiser,
) -> AppResult<()> {
    let (leader, volunteer, officer) = (
        login(tx, "totruong")?,
        login(tx, "tnv")?,
        login(tx, "canboxa")?,
    );
    let team = leader.team.ok_or_else(AppError::not_found)?;
    let commune = world.communes.iter().find(|one| one.id == officer.place);
    let commune = commune.ok_or_else(AppError::not_found)?;
    directives(tx, world, commune, officer.member)?;
    meetings(tx, commune, team, leader.member)?;
    let mut saying = Saying {
        tx,
        catalogue,
        keys,
        kept: Mutex::default(),
        number: 0,
    };
    answers(&mut saying, world, team)?;
    minutes(&mut saying, world, team, &leader, &volunteer)?;
    tasks(&mut saying, team, &leader, &volunteer)
}

fn directives(tx: &mut Tx<'_>, world: &World, commune: &Place, officer: MemberId) -> AppResult<()> {
    let of_province = NewDirectiveBody {
        place_id: world.province.id.clone(),
        team_kind: Some(TeamKind::Youth),
        title: "Rà soát, dán mã QR thanh toán tại chợ và cửa hàng".to_owned(),
        text: "Mỗi tổ rà soát một chợ hoặc một tuyến đường trên địa bàn.\nHộ nào chưa có mã QR, hướng dẫn mở và dán ngay tại quầy."
            .to_owned(),
        number: "118-CV/TĐTN-PT".to_owned(),
        issued_on: Some(Day(date!(2024 - 10 - 07))),
        due_on: Some(Day(date!(2024 - 10 - 18))),
        asks_text: true,
        asks_number: "mã QR đã dán".to_owned(),
    };
    let sent = |number| DirectiveId(id(number));
    send(
        tx,
        sent(OF_PROVINCE),
        &world.province,
        world.province_officer,
        of_province,
        datetime!(2024-10-07 08:30 +7),
    )?;
    let of_commune = NewDirectiveBody {
        place_id: commune.id.clone(),
        team_kind: None,
        title: "Đăng ký trực Bộ phận Một cửa tuần tới".to_owned(),
        text: "Mỗi tổ, đội cử hai bạn một buổi. Báo số bạn tham gia.".to_owned(),
        number: String::new(),
        issued_on: None,
        due_on: Some(Day(date!(2024 - 10 - 16))),
        asks_text: false,
        asks_number: "bạn tham gia".to_owned(),
    };
    let at = datetime!(2024-10-11 15:00 +7);
    send(tx, sent(OF_COMMUNE), commune, officer, of_commune, at)
}

/// Two of three teams have read what the province asks, one of three reported; the team of
/// those who sign in has not yet.
fn answers(saying: &mut Saying<'_, '_, '_>, world: &World, own: TeamId) -> AppResult<()> {
    let directive = DirectiveId(id(OF_PROVINCE));
    let others = world.teams.iter().filter(|team| team.id != own);
    let youth = others.filter(|team| team.kind == TeamKind::Youth);
    for (n, team) in (0_u32..).zip(youth) {
        let Some(leader) = team.members.first().copied() else {
            continue;
        };
        let at = datetime!(2024-10-08 07:00 +7) + Duration::minutes(i64::from(n) * 7);
        let place = &world.communes[team.commune].id;
        let step = match n % 3 {
            0 => DirectiveStep::Report {
                directive,
                text: Some("Đã đi hết các quầy, bà con hưởng ứng.".to_owned()),
                number: Some(8 + n % 23),
            },
            1 => DirectiveStep::Read { directive },
            _ => continue,
        };
        saying.say(leader, (team.id, place), at, Body::Directive(step))?;
    }
    Ok(())
}

fn meetings(tx: &mut Tx<'_>, commune: &Place, team: TeamId, by: MemberId) -> AppResult<()> {
    let last = datetime!(2024-09-28 19:30 +7);
    let next = datetime!(2024-10-19 19:30 +7);
    for (number, title, starts_at, agenda) in [
        (
            LAST_MEETING,
            "Sinh hoạt tháng 9",
            last,
            ["Đánh giá tháng 9", "Phân công tháng 10"],
        ),
        (
            NEXT_MEETING,
            "Sinh hoạt tháng 10",
            next,
            ["Đánh giá Ngày Chuyển đổi số", "Việc tháng 11"],
        ),
    ] {
        let steps = ["b1", "b2"].into_iter().zip(agenda);
        let step = |(code, title): (&str, &str)| PlaybookStep {
            code: code.to_owned(),
            title: title.to_owned(),
            evidence: Evidence::Tick,
        };
        let body = NewActivityBody {
            kind: ActivityKind::Meeting,
            title: title.to_owned(),
            place_id: commune.id.clone(),
            point_id: None,
            campaign_id: None,
            starts_at: Instant(starts_at),
            duration_min: 90,
            recurrence: String::new(),
            on_holidays: true,
            details: Details {
                category: Category::Digital,
                venue: "Nhà văn hóa khu vực".to_owned(),
                team_kinds: Vec::new(),
                host: String::new(),
                partners: Vec::new(),
                services: Vec::new(),
                note: String::new(),
                steps: steps.map(step).collect(),
                except: Vec::new(),
            },
            team_ids: vec![team.0],
        };
        plan(tx, by, ActivityId(id(number)), commune, body)?;
    }
    Ok(())
}

fn minutes(
    saying: &mut Saying<'_, '_, '_>,
    world: &World,
    team: TeamId,
    leader: &Login,
    volunteer: &Login,
) -> AppResult<()> {
    let members = world.teams.iter().find(|one| one.id == team);
    let mut attending: Vec<MemberId> = members.map_or_else(Vec::new, |one| one.members.clone());
    let absent = attending.pop();
    attending.extend([leader.member, volunteer.member]);
    let point = |title: &str, text: &str| Point {
        title: title.to_owned(),
        text: text.to_owned(),
    };
    let minutes = Minutes {
        activity: ActivityId(id(LAST_MEETING)),
        day: LAST_MET,
        chair: "Tổ trưởng".to_owned(),
        secretary: "Nguyễn Thị Hạnh".to_owned(),
        attending,
        absent: absent
            .map(|member| Absent {
                member,
                reason: "đi học xa".to_owned(),
            })
            .into_iter()
            .collect(),
        points: vec![
            point(
                "Đánh giá tháng 9",
                "Cả tổ đi đủ bốn Chủ nhật.\nCòn thiếu người buổi chiều thứ Tư.",
            ),
            point(
                "Phân công tháng 10",
                "Tập trung chợ và tuyến đường không tiền mặt.",
            ),
        ],
        decisions: vec![DECISION.to_owned()],
        why: None,
    };
    let at = datetime!(2024-09-28 21:00 +7);
    let home = (team, &leader.place);
    saying.say(leader.member, home, at, Body::Minutes(minutes))
}

fn tasks(
    saying: &mut Saying<'_, '_, '_>,
    team: TeamId,
    leader: &Login,
    volunteer: &Login,
) -> AppResult<()> {
    let from_meeting = TaskSource::Meeting {
        activity: ActivityId(id(LAST_MEETING)),
        day: LAST_MET,
    };
    let from_directive = TaskSource::Directive {
        directive: DirectiveId(id(OF_PROVINCE)),
    };
    let hers = Some(volunteer.member);
    let at = datetime!(2024-09-28 21:05 +7);
    for (number, title, member, due_on, source, state) in [
        (
            0x10,
            DECISION,
            hers,
            date!(2024 - 10 - 16),
            Some(from_meeting),
            TaskState::Open,
        ),
        (
            0x11,
            "Gọi loa thôn về tài khoản VNeID mức 2",
            None,
            date!(2024 - 10 - 11),
            None,
            TaskState::Doing,
        ),
        (
            0x12,
            "Chụp ảnh tuyến đường không tiền mặt",
            hers,
            date!(2024 - 10 - 10),
            Some(from_directive),
            TaskState::Done,
        ),
    ] {
        let task = TaskId(id(number));
        let what = Giving {
            title: title.to_owned(),
            note: None,
            member,
            due_on: Some(due_on),
            source,
        };
        let home = (team, &leader.place);
        let give = Body::Task(TaskStep::Give { task, what });
        saying.say(leader.member, home, at, give)?;
        if state != TaskState::Open {
            let moved = Body::Task(TaskStep::Move { task, to: state });
            let later = at + Duration::days(9);
            saying.say(volunteer.member, home, later, moved)?;
        }
    }
    Ok(())
}
