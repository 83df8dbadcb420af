//! The desks that somebody looks after, side by side as they stand, with who is on duty, and
//! who could go from a quiet one to a crowded one: for a screen, and as a notice.

use super::queues;
use super::store::{self, DeskPoint};
use crate::App;
use crate::features::attendance::present;
use crate::features::attendance::store::Site;
use crate::features::facts::NameRef;
use crate::features::members::Role;
use crate::features::notifications::{Notice, notify};
use crate::features::places;
use crate::features::rosters::{Shift, Standing, running};
use crate::platform::chores::claim;
use crate::platform::clock::Clock;
use crate::platform::db::Tx;
use crate::platform::http::{Caller, LeaderUp};
use crate::platform::problem::AppResult;
use crate::platform::wire::{Instant, Json, Query};
use axum::extract::State;
use domain::attendance::Standing as Belief;
use domain::days::day_of;
use domain::desk::moving::{OnDuty, PointNow, Proposal, proposals};
use domain::ids::{MemberId, PlaceId, PointId};
use domain::notifications::NoticeKind;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// The same move is told no oftener.
const TOLD_EVERY: Duration = Duration::from_secs(3600);

/// Points of which place.
#[derive(Debug, Deserialize, IntoParams)]
pub struct DesksNowQuery {
    /// Its own and those below.
    #[param(value_type = String)]
    place: PlaceId,
}

/// Somebody on duty at a point.
#[derive(Debug, Serialize, ToSchema)]
pub struct OnDutyBody {
    member: NameRef,
    /// Whether they came.
    is_there: bool,
    /// Whether they stand at the shift that goes on.
    is_rostered: bool,
}

/// The shift that goes on at a point.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShiftNowBody {
    id: Uuid,
    ends_at: Instant,
    people_min: u32,
    people_max: u32,
}

/// A point's desk as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeskNowBody {
    id: Uuid,
    name: String,
    #[schema(value_type = String)]
    place: PlaceId,
    /// Tickets in line.
    waiting: usize,
    /// Seconds that whoever comes now waits.
    wait_s: u32,
    /// Counters that called or served somebody lately.
    counters_open: usize,
    /// All its counters.
    counters: usize,
    is_crowded: bool,
    is_quiet: bool,
    /// Null when nobody is planned now.
    shift: Option<ShiftNowBody>,
    people: Vec<OnDutyBody>,
}

/// Somebody who could go from a quiet point to a crowded one: a person decides.
#[derive(Debug, Serialize, ToSchema)]
pub struct MoveProposalBody {
    member: NameRef,
    /// The quiet point.
    from: Uuid,
    /// The crowded one.
    to: Uuid,
    /// The shift they stand at.
    from_shift: Uuid,
    /// The one they are to stand at.
    to_shift: Uuid,
    /// Metres between both; 0 when they are in one place and not on the map.
    distance_m: u32,
}

/// Desks side by side.
#[derive(Debug, Serialize, ToSchema)]
pub struct DesksNowBody {
    /// The longest wait first.
    points: Vec<DeskNowBody>,
    /// The longest wait first.
    proposals: Vec<MoveProposalBody>,
}

/// The desks of a place and below as they stand, with who is on duty, and who could go from a
/// quiet one to a crowded one.
#[utoipa::path(get, path = "/api/v1/desk/load", operation_id = "get_desks_now", tag = "desk",
    params(DesksNowQuery), responses((status = 200, body = DesksNowBody)))]
pub async fn get_desks_now(
    caller: Caller<LeaderUp>,
    State(app): State<Arc<App>>,
    Query(query): Query<DesksNowQuery>,
) -> AppResult<Json<DesksNowBody>> {
    let now = app.clock.now();
    let crews = app.db.read(move |tx| {
        let (member, place) = (caller.member, &query.place);
        let place = places::store::need_in_scope(tx, member, Role::Leader, place, day_of(now))?;
        crews(tx, &place.path, now)
    });
    Ok(Json(body(&now_at(&app, crews.await?, now).await?)))
}

/// A point's desk with who is on duty.
#[derive(Debug)]
struct Crew {
    at: DeskPoint,
    shift: Option<Shift>,
    on_duty: Vec<OnDuty>,
    /// Names of those on duty.
    names: HashMap<MemberId, String>,
}

/// Desks at or below a path, with who is on duty. Whom the roster has at one desk is counted
/// there, wherever they came first today.
fn crews(tx: &Tx<'_>, path: &str, now: OffsetDateTime) -> AppResult<Vec<Crew>> {
    let today = day_of(now);
    let desks = store::desks_below(tx, path, today)?;
    let mut shifts: HashMap<PointId, (Shift, Vec<Standing>)> = HashMap::new();
    for (shift, people) in running(tx, path, now)? {
        shifts.entry(shift.point).or_insert((shift, people));
    }
    let rostered = desks.iter().filter_map(|desk| shifts.get(&desk.point));
    let rostered = rostered.flat_map(|(_, people)| people.iter().map(|one| one.member));
    let rostered: BTreeSet<MemberId> = rostered.collect();
    let mut present = present(tx, path, now)?;
    let mut here = |point| -> BTreeSet<MemberId> {
        let stays = present.remove(&Site::Point(point)).unwrap_or_default().here;
        let believed = stays
            .into_iter()
            .filter(|stay| stay.standing != Belief::Doubtful);
        believed.map(|stay| stay.member).collect()
    };
    let mut found = Vec::new();
    for at in desks {
        let (shift, people) = shifts.remove(&at.point).unzip();
        let on_it: BTreeSet<MemberId> = people.iter().flatten().map(|one| one.member).collect();
        let here = here(at.point);
        let besides = here.difference(&rostered);
        let able = store::able(tx, &on_it.iter().chain(besides).copied().collect(), today)?;
        let on_duty = |(member, (_, skills)): (&MemberId, &(String, BTreeSet<String>))| OnDuty {
            member: *member,
            skills: skills.clone(),
            is_there: here.contains(member),
            is_rostered: on_it.contains(member),
        };
        found.push(Crew {
            on_duty: able.iter().map(on_duty).collect(),
            names: able
                .into_iter()
                .map(|(member, (name, _))| (member, name))
                .collect(),
            at,
            shift,
        });
    }
    Ok(found)
}

/// A desk as it stands.
#[derive(Debug)]
struct DeskNow {
    crew: Crew,
    now: PointNow,
    counters_open: usize,
    counters: usize,
}

impl DeskNow {
    /// Whether one more could be given its shift.
    fn has_room(&self) -> bool {
        let rostered = self
            .now
            .on_duty
            .iter()
            .filter(|one| one.is_rostered)
            .count();
        let room =
            |shift: &Shift| rostered < usize::try_from(shift.people_max).unwrap_or(usize::MAX);
        self.crew.shift.as_ref().is_some_and(room)
    }

    fn named(&self, member: MemberId) -> NameRef {
        NameRef {
            id: member.0,
            name: self.crew.names.get(&member).cloned().unwrap_or_default(),
        }
    }
}

/// How desks stand, the longest wait first.
async fn now_at(app: &Arc<App>, crews: Vec<Crew>, now: OffsetDateTime) -> AppResult<Vec<DeskNow>> {
    let mut found = Vec::new();
    for crew in crews {
        let point = crew.at.point;
        let read = queues::read(app, point, |queue| {
            let (open, all) = (queue.counters_open(now), queue.desk.setup.counters.len());
            (queue.waiting(), queue.newcomer_s(now), open, all)
        });
        let (waiting, wait_s, counters_open, counters) = read.await?;
        let shift = crew.shift.as_ref();
        let now = PointNow {
            point,
            place: crew.at.place.clone(),
            at_e6: crew.at.at_e6,
            waiting,
            wait_s,
            people_min: shift.map_or(0, |shift| shift.people_min),
            skills: shift
                .into_iter()
                .flat_map(|shift| shift.skills.clone())
                .collect(),
            on_duty: crew.on_duty.clone(),
        };
        found.push(DeskNow {
            crew,
            now,
            counters_open,
            counters,
        });
    }
    found.sort_by_key(|desk| {
        (
            std::cmp::Reverse((desk.now.wait_s, desk.now.waiting)),
            desk.now.point,
        )
    });
    Ok(found)
}

/// Who could go where, with the desk they leave and the one they go to.
fn proposed(desks: &[DeskNow]) -> Vec<(Proposal, &DeskNow, &DeskNow)> {
    // Where no shift goes on that has room for one more, nobody can be sent.
    let asked = desks
        .iter()
        .filter(|desk| !desk.now.is_crowded() || desk.has_room());
    let points: Vec<PointNow> = asked.map(|desk| desk.now.clone()).collect();
    let desk = |point| desks.iter().find(|desk| desk.now.point == point);
    let both = |one: Proposal| Some((one, desk(one.from)?, desk(one.to)?));
    proposals(&points).into_iter().filter_map(both).collect()
}

fn body(desks: &[DeskNow]) -> DesksNowBody {
    let proposal = |(one, from, to): (Proposal, &DeskNow, &DeskNow)| {
        Some(MoveProposalBody {
            member: from.named(one.member),
            from: one.from.0,
            to: one.to.0,
            from_shift: from.crew.shift.as_ref()?.id.0,
            to_shift: to.crew.shift.as_ref()?.id.0,
            distance_m: one.distance_m,
        })
    };
    DesksNowBody {
        proposals: proposed(desks).into_iter().filter_map(proposal).collect(),
        points: desks.iter().map(DeskNowBody::from).collect(),
    }
}

impl From<&DeskNow> for DeskNowBody {
    fn from(desk: &DeskNow) -> Self {
        let person = |one: &OnDuty| OnDutyBody {
            member: desk.named(one.member),
            is_there: one.is_there,
            is_rostered: one.is_rostered,
        };
        let mut people: Vec<OnDutyBody> = desk.now.on_duty.iter().map(person).collect();
        people.sort_by(|a, b| a.member.name.cmp(&b.member.name));
        let shift = desk.crew.shift.as_ref().map(|shift| ShiftNowBody {
            id: shift.id.0,
            ends_at: Instant(shift.ends_at),
            people_min: shift.people_min,
            people_max: shift.people_max,
        });
        Self {
            id: desk.now.point.0,
            name: desk.crew.at.name.clone(),
            place: desk.now.place.clone(),
            waiting: desk.now.waiting,
            wait_s: desk.now.wait_s,
            counters_open: desk.counters_open,
            counters: desk.counters,
            is_crowded: desk.now.is_crowded(),
            is_quiet: desk.now.is_quiet(),
            shift,
            people,
        }
    }
}

/// Tells those who can move people between two points that somebody could go from the quiet one
/// to the crowded one, once an hour at most for the same two; how many such moves.
///
/// # Errors
/// The storage's.
pub async fn tell_crowded(app: &Arc<App>) -> AppResult<usize> {
    let now = app.clock.now();
    let found = app.db.read(move |tx| {
        let mut found = Vec::new();
        for province in store::provinces_in_need(tx, day_of(now))? {
            found.push(crews(tx, &province, now)?);
        }
        Ok(found)
    });
    let mut told = 0;
    for crews in found.await? {
        let desks = now_at(app, crews, now).await?;
        for (one, from, to) in proposed(&desks) {
            let facts = Map::from_iter([
                ("point".to_owned(), Value::from(to.crew.at.name.as_str())),
                ("minutes".to_owned(), (to.now.wait_s / 60).into()),
                ("waiting".to_owned(), to.now.waiting.into()),
                ("name".to_owned(), from.named(one.member).name.into()),
                ("from".to_owned(), from.crew.at.name.as_str().into()),
            ]);
            let path = common(&from.crew.at.path, &to.crew.at.path);
            let clock = app.clock.clone();
            let write = app.db.write(move |tx| tell(tx, &clock, one, &path, &facts));
            told += usize::from(write.await?);
        }
    }
    Ok(told)
}

/// The path of the smallest place that two places are in.
fn common(one: &str, other: &str) -> String {
    let both = one.split_inclusive('/').zip(other.split_inclusive('/'));
    both.take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
}

fn tell(
    tx: &mut Tx<'_>,
    clock: &Clock,
    one: Proposal,
    path: &str,
    facts: &Map<String, Value>,
) -> AppResult<bool> {
    let pair = format!("{}:{}", one.from, one.to);
    if !claim(tx, &format!("desk_crowded:{pair}"), clock.now(), TOLD_EVERY)? {
        return Ok(false);
    }
    let about = format!("{pair}:{}", clock.now().unix_timestamp());
    for to in store::movers(tx, path)? {
        let notice = Notice {
            to,
            kind: NoticeKind::DeskCrowded,
            about: &about,
            facts,
            link: "/quay/dieu-phoi",
        };
        notify(tx, clock, &notice)?;
    }
    Ok(true)
}
