//! What a fact lets us count: one [`Observation`] for each service of an assist,
//! one for a post, one for a street, one for a coming or going, none for a step of an activity,
//! on a roster or of a branch's work.

use crate::attendance::Direction;
use crate::catalogue::{Catalogue, Stage};
use crate::days::VIETNAM;
use crate::facts::{
    AgeBand, Attendance, BeneficiaryKind, Body, Channel, Fact, Item, Kind, Post, Setting, Street,
    StreetStatus,
};
use crate::ids::{ActivityId, DirectiveId, PlaceId, TaskId, TeamId};
use crate::subjects::{Pseudonymiser, SubjectKey};
use serde::{Deserialize, Serialize};
use time::Date;

/// What is counted. These are never converted into one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Unit {
    /// *Lượt*: times helped.
    Assist,
    /// *Người*.
    Person,
    /// *Hộ*.
    Household,
    /// *Tài khoản*: one service's account of one person.
    Account,
    /// *Hồ sơ*.
    Dossier,
    /// *Tin, bài*.
    Post,
    /// *Tuyến đường*.
    Street,
    /// *Ca trực*: one member at one point or activity in one half of a day.
    Shift,
    /// *Tình nguyện viên*: those who were there.
    Volunteer,
    /// *Tổ*: those of which somebody was there.
    Team,
    /// *Giờ*: from coming to going. Tallied in minutes.
    Hour,
}

impl Unit {
    /// Whether one fact counts at most once in this unit, however many services it held.
    pub fn once_per_fact(self) -> bool {
        matches!(self, Self::Assist | Self::Person | Self::Household)
    }

    /// How much of what is tallied makes one of this unit.
    pub fn tallied_per_one(self) -> i64 {
        if self == Self::Hour { 60 } else { 1 }
    }
}

/// One countable thing that a fact says.
#[derive(Clone, Debug)]
pub struct Observation<'a> {
    /// The fact's kind.
    pub kind: Kind,
    /// Service and outcome of an assist.
    pub service: Option<(&'a str, &'a str)>,
    /// How far that outcome got.
    pub stage: Option<Stage>,
    /// How a dossier was handed in.
    pub channel: Option<Channel>,
    /// Where.
    pub setting: Option<Setting>,
    /// For whom.
    pub beneficiary: Option<BeneficiaryKind>,
    /// How old.
    pub age_band: Option<AgeBand>,
    /// A street's state.
    pub status: Option<StreetStatus>,
    /// Coming or going.
    pub direction: Option<Direction>,
    subjects: Subjects,
}

#[derive(Clone, Debug, Default)]
struct Subjects {
    assist: Option<SubjectKey>,
    person: Option<SubjectKey>,
    household: Option<SubjectKey>,
    account: Option<SubjectKey>,
    thing: Option<SubjectKey>,
    shift: Option<SubjectKey>,
    volunteer: Option<SubjectKey>,
    team: Option<SubjectKey>,
    time: Option<SubjectKey>,
}

impl Subjects {
    fn thing(key: SubjectKey) -> Self {
        Self {
            thing: Some(key),
            ..Self::default()
        }
    }
}

/// Whether an observation can be counted in a unit, and as whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// It says nothing in this unit.
    Not,
    /// It counts, nobody knows for whom.
    Anonymous,
    /// It counts for this subject.
    As(SubjectKey),
}

impl Observation<'_> {
    /// How this counts in `unit`.
    pub fn counted(&self, unit: Unit) -> Counted {
        let known = |key: Option<SubjectKey>| key.map_or(Counted::Anonymous, Counted::As);
        let ours = |key: Option<SubjectKey>| key.map_or(Counted::Not, Counted::As);
        match (self.kind, unit) {
            (Kind::Assist, Unit::Assist) => known(self.subjects.assist),
            (Kind::Assist, Unit::Person) => match self.beneficiary {
                Some(BeneficiaryKind::Organisation) => Counted::Not,
                _ => known(self.subjects.person),
            },
            (Kind::Assist, Unit::Household) => match (self.subjects.household, self.beneficiary) {
                (Some(key), _) => Counted::As(key),
                (None, Some(BeneficiaryKind::Household)) => Counted::Anonymous,
                (None, _) => Counted::Not,
            },
            (Kind::Assist, Unit::Account) => known(self.subjects.account),
            (Kind::Assist, Unit::Dossier) => known(self.subjects.thing),
            (Kind::Attendance, Unit::Shift) => ours(self.subjects.shift),
            (Kind::Attendance, Unit::Volunteer) => ours(self.subjects.volunteer),
            (Kind::Attendance, Unit::Team) => ours(self.subjects.team),
            (Kind::Attendance, Unit::Hour) => ours(self.subjects.time),
            (Kind::Post, Unit::Post) | (Kind::Street, Unit::Street) => known(self.subjects.thing),
            _ => Counted::Not,
        }
    }
}

/// Whom and what `fact` is about, each once: two facts can be about the same subject
/// in some [`Unit`] only if they share one of these. No measure has a part in it.
pub fn subjects(fact: &Fact, keys: &Pseudonymiser) -> Vec<SubjectKey> {
    let mut found = match &fact.body {
        Body::Void(_)
        | Body::Roster(_)
        | Body::ExpertStep(_)
        | Body::ExpertWork(_)
        | Body::Ticket(_)
        | Body::ScamReport(_)
        | Body::Question(_) => Vec::new(),
        Body::Post(post) => vec![post_key(post, keys)],
        Body::Street(street) => vec![street_key(&fact.place, street, keys)],
        Body::Attendance(attendance) => {
            let Subjects {
                shift,
                volunteer,
                team,
                time,
                ..
            } = attended(fact, attendance, keys);
            [shift, volunteer, team, time]
                .into_iter()
                .flatten()
                .collect()
        }
        Body::Step(step) => vec![steps_key(step.activity, step.day, fact.team, keys)],
        Body::Task(step) => vec![task_key(step.task(), keys)],
        Body::Directive(step) => vec![directive_key(step.directive(), fact.team, keys)],
        Body::Minutes(minutes) => {
            vec![minutes_key(minutes.activity, minutes.day, fact.team, keys)]
        }
        Body::Assist(assist) => {
            let named = &assist.beneficiary;
            let dossiers = assist
                .items
                .iter()
                .filter_map(|item| dossier_key(item, keys));
            let whom = named.person.into_iter().chain(named.household);
            whom.chain(dossiers).collect()
        }
    };
    found.sort_unstable();
    found.dedup();
    found
}

fn post_key(post: &Post, keys: &Pseudonymiser) -> SubjectKey {
    let url = post.url.trim_end_matches('/').to_lowercase();
    keys.key("post", &[url.as_bytes()])
}

fn street_key(place: &PlaceId, street: &Street, keys: &Pseudonymiser) -> SubjectKey {
    let name = vn::text::fold(&street.name);
    keys.key("street", &[place.as_str().as_bytes(), name.as_bytes()])
}

/// What a team did on one day of an activity: not counted, but found again by this.
pub fn steps_key(
    activity: ActivityId,
    day: Date,
    team: Option<TeamId>,
    keys: &Pseudonymiser,
) -> SubjectKey {
    let day = day.to_julian_day().to_le_bytes();
    let team = team.unwrap_or(TeamId::NONE);
    keys.key("steps", &[activity.0.as_bytes(), &day, team.0.as_bytes()])
}

/// What was done about a task: not counted, but found again by this.
pub fn task_key(task: TaskId, keys: &Pseudonymiser) -> SubjectKey {
    keys.key("task", &[task.0.as_bytes()])
}

/// What a team did about a directive.
pub fn directive_key(
    directive: DirectiveId,
    team: Option<TeamId>,
    keys: &Pseudonymiser,
) -> SubjectKey {
    let team = team.unwrap_or(TeamId::NONE);
    keys.key("directive", &[directive.0.as_bytes(), team.0.as_bytes()])
}

/// A team's minutes of one day of a meeting.
pub fn minutes_key(
    activity: ActivityId,
    day: Date,
    team: Option<TeamId>,
    keys: &Pseudonymiser,
) -> SubjectKey {
    let day = day.to_julian_day().to_le_bytes();
    let team = team.unwrap_or(TeamId::NONE);
    keys.key("minutes", &[activity.0.as_bytes(), &day, team.0.as_bytes()])
}

fn dossier_key(item: &Item, keys: &Pseudonymiser) -> Option<SubjectKey> {
    let code = item.dossier_code.as_ref()?;
    Some(keys.key("dossier", &[code.as_bytes()]))
}

/// As whom and what somebody's coming counts; their going only ends their time.
fn attended(fact: &Fact, attendance: &Attendance, keys: &Pseudonymiser) -> Subjects {
    let member = attendance.member.0.as_bytes();
    let day = fact.day().to_julian_day().to_le_bytes();
    let time = Some(keys.key("time", &[member, &day]));
    if attendance.direction == Direction::Out {
        return Subjects {
            time,
            ..Subjects::default()
        };
    }
    let site = attendance.point.map(|id| id.0);
    let site = site.or(attendance.activity.map(|id| id.0));
    let afternoon = fact.happened_at.to_offset(VIETNAM).hour() >= 12;
    let shift = |site: uuid::Uuid| {
        let half = [u8::from(afternoon)];
        keys.key("shift", &[member, site.as_bytes(), &day, &half])
    };
    let team = |team: TeamId| keys.key("team", &[team.0.as_bytes()]);
    Subjects {
        shift: site.map(shift),
        volunteer: Some(keys.key("volunteer", &[member])),
        team: fact.team.map(team),
        time,
        ..Subjects::default()
    }
}

/// Everything `fact` lets us count. A void says nothing of its own, steps of an activity, on a
/// roster or a request nothing that counts; an expert's hours come from their attendance.
pub fn observe<'a>(
    fact: &'a Fact,
    catalogue: &Catalogue,
    keys: &Pseudonymiser,
) -> Vec<Observation<'a>> {
    let blank = |kind| Observation {
        kind,
        service: None,
        stage: None,
        channel: None,
        setting: None,
        beneficiary: None,
        age_band: None,
        status: None,
        direction: None,
        subjects: Subjects::default(),
    };
    match &fact.body {
        Body::Void(_)
        | Body::Step(_)
        | Body::Roster(_)
        | Body::ExpertStep(_)
        | Body::ExpertWork(_)
        | Body::Task(_)
        | Body::Directive(_)
        | Body::Minutes(_)
        | Body::Ticket(_)
        | Body::ScamReport(_)
        | Body::Question(_) => Vec::new(),
        Body::Post(post) => vec![Observation {
            subjects: Subjects::thing(post_key(post, keys)),
            ..blank(Kind::Post)
        }],
        Body::Street(street) => vec![Observation {
            status: Some(street.status),
            subjects: Subjects::thing(street_key(&fact.place, street, keys)),
            ..blank(Kind::Street)
        }],
        Body::Attendance(attendance) => vec![Observation {
            setting: Some(match attendance.point {
                Some(_) => Setting::Desk,
                None => Setting::Event,
            }),
            direction: Some(attendance.direction),
            subjects: attended(fact, attendance, keys),
            ..blank(Kind::Attendance)
        }],
        Body::Assist(assist) => {
            let named = &assist.beneficiary;
            let day = fact.day().to_julian_day().to_le_bytes();
            let whom = named.person.or(named.household);
            let seen = |item: &'a Item| {
                let service = item.service.as_bytes();
                let stage = catalogue
                    .service(&item.service)
                    .and_then(|s| s.outcome(&item.outcome))
                    .map(|o| o.stage);
                Observation {
                    service: Some((item.service.as_str(), item.outcome.as_str())),
                    stage,
                    channel: item.channel,
                    setting: Some(assist.setting),
                    beneficiary: Some(named.kind),
                    age_band: named.age_band,
                    subjects: Subjects {
                        // The same service for the same person on the same day is one lượt.
                        assist: whom.map(|key| keys.key("assist", &[&key.0, service, &day])),
                        person: named.person,
                        household: named.household,
                        account: named
                            .person
                            .map(|key| keys.key("account", &[&key.0, service])),
                        thing: dossier_key(item, keys),
                        ..Subjects::default()
                    },
                    ..blank(Kind::Assist)
                }
            };
            assist.items.iter().map(seen).collect()
        }
    }
}
