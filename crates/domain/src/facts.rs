//! Facts: what happened, said once, never changed.
//!
//! A phone sends a fact as JSON; [`parse`] turns it into a [`Fact`] or a refusal
//! with a code. Everything that can be known without a database is decided here;
//! whether the place and the team exist and lie in the member's scope is decided
//! where they are kept. Identities are replaced by keyed pseudonyms on the way in,
//! so that no later code ever sees them.

use crate::attendance::{CODE_DIGITS, Direction};
use crate::branch::{DirectiveStep, Minutes, TaskStep};
use crate::catalogue::Catalogue;
use crate::days::{VIETNAM, day_of, iso};
use crate::desk::offline::TicketStep;
use crate::experts::{self, ExpertStep, ExpertWork};
use crate::ids::{
    ActivityId, DeviceId, FactId, MemberId, PlaceId, PointId, ShiftId, TeamId, TicketId,
};
use crate::people::Office;
use crate::questions::{Asked, AskedOnWire};
use crate::refusal::Refusal;
use crate::rosters::Action;
use crate::scams::ScamReport;
use crate::subjects::{Pseudonymiser, SubjectKey, from_hex, hex};
use crate::visits::COMPANIONS;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use time::{Date, Duration, OffsetDateTime, format_description::well_known::Rfc3339};

/// Services in one assist, at most.
pub const ITEMS_MAX: usize = 12;
/// Characters of a note, at most.
pub const NOTE_CHARS_MAX: usize = 500;
/// Characters of a reason, a title or an identity, at most.
pub const TEXT_CHARS_MAX: usize = 300;
/// Characters of a language or the version of a text, at most.
pub const CODE_CHARS_MAX: usize = 40;
/// Purposes of one consent, at most.
pub const PURPOSES_MAX: usize = 4;
/// How far a phone's corrected clock may run ahead of the server's.
pub const AHEAD_MAX: Duration = Duration::minutes(10);
/// Facts older than this are taken for a wrong clock.
pub const AGE_MAX: Duration = Duration::days(400);

/// Kinds of fact this build understands; versioned, never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Kind {
    /// A *lượt hỗ trợ*.
    #[serde(rename = "assist.v1")]
    Assist,
    /// Takes an earlier fact back.
    #[serde(rename = "void.v1")]
    Void,
    /// A news item or post with evidence.
    #[serde(rename = "post.v1")]
    Post,
    /// The state of a cashless street.
    #[serde(rename = "street.v1")]
    Street,
    /// Somebody's coming or going.
    #[serde(rename = "attendance.v1")]
    Attendance,
    /// A step of an activity's playbook was done.
    #[serde(rename = "step.v1")]
    Step,
    /// A step of the sender's own on a roster.
    #[serde(rename = "roster.v1")]
    Roster,
    /// A step of an expert's own on a commune's request.
    #[serde(rename = "expert_step.v1")]
    ExpertStep,
    /// Time that an expert gave to a request.
    #[serde(rename = "expert_work.v1")]
    ExpertWork,
    /// A task was given, or went on.
    #[serde(rename = "task.v1")]
    Task,
    /// A directive was read, or its result reported.
    #[serde(rename = "directive.v1")]
    Directive,
    /// Minutes of a meeting, signed.
    #[serde(rename = "minutes.v1")]
    Minutes,
    /// Something done about a ticket of a desk that had no network.
    #[serde(rename = "ticket.v1")]
    Ticket,
    /// A suspected scam that a resident told of.
    #[serde(rename = "scam_report.v1")]
    ScamReport,
    /// A resident's question, written down for them.
    #[serde(rename = "question.v1")]
    Question,
}

impl Kind {
    /// The name on the wire and in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Assist => "assist.v1",
            Self::Void => "void.v1",
            Self::Post => "post.v1",
            Self::Street => "street.v1",
            Self::Attendance => "attendance.v1",
            Self::Step => "step.v1",
            Self::Roster => "roster.v1",
            Self::ExpertStep => "expert_step.v1",
            Self::ExpertWork => "expert_work.v1",
            Self::Task => "task.v1",
            Self::Directive => "directive.v1",
            Self::Minutes => "minutes.v1",
            Self::Ticket => "ticket.v1",
            Self::ScamReport => "scam_report.v1",
            Self::Question => "question.v1",
        }
    }

    /// Reads [`Kind::as_str`] back.
    pub fn parse(raw: &str) -> Option<Self> {
        [
            Self::Assist,
            Self::Void,
            Self::Post,
            Self::Street,
            Self::Attendance,
            Self::Step,
            Self::Roster,
            Self::ExpertStep,
            Self::ExpertWork,
            Self::Task,
            Self::Directive,
            Self::Minutes,
            Self::Ticket,
            Self::ScamReport,
            Self::Question,
        ]
        .into_iter()
        .find(|kind| kind.as_str() == raw)
    }

    /// Whether one of this kind is neither taken back nor corrected: a step is undone by
    /// another step, a report closed or a question answered by whoever has it in hand.
    pub fn is_step(self) -> bool {
        matches!(
            self,
            Self::Roster
                | Self::ExpertStep
                | Self::Task
                | Self::Directive
                | Self::Ticket
                | Self::ScamReport
                | Self::Question
        )
    }
}

/// Whom an assist was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum BeneficiaryKind {
    /// One citizen.
    Person,
    /// A family.
    Household,
    /// An enterprise or other organisation.
    Organisation,
    /// An official at a service point.
    Official,
}

/// Age in bands: enough for the indicators, too little to point at anyone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AgeBand {
    /// Below 14.
    #[serde(rename = "under_14")]
    Under14,
    /// 14 to 17.
    #[serde(rename = "14_17")]
    From14To17,
    /// 18 to 59.
    #[serde(rename = "18_59")]
    From18To59,
    /// 60 and over, the age of the Law on the Elderly.
    #[serde(rename = "60_plus")]
    From60,
}

/// Whom an assist was for. `I` is an identity as typed on the wire, a
/// [`SubjectKey`] everywhere else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beneficiary<I> {
    /// What kind of beneficiary.
    pub kind: BeneficiaryKind,
    /// Age band, when known.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub age_band: Option<AgeBand>,
    /// The person, when they consented to be counted once.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub person: Option<I>,
    /// Their household, likewise.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub household: Option<I>,
    /// The organisation.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub organisation: Option<I>,
}

fn none<T>() -> Option<T> {
    None
}

/// What consent may be given for; each is asked singly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// To be recognised under a pseudonym and counted once.
    CountOnce,
    /// To be visited or called again.
    FollowUp,
}

/// How consent was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentMethod {
    /// The text was read aloud and agreed to.
    ReadAloud,
    /// Signed on paper.
    Signed,
    /// Ticked by the citizen.
    Electronic,
}

/// A recorded consent (Law 91/2025/QH15: voluntary, informed, by purpose, provable).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// Which wording was read or shown.
    pub text_version: String,
    /// How it was given.
    pub method: ConsentMethod,
    /// What for.
    pub purposes: Vec<Purpose>,
    /// When, by the phone's corrected clock.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
}

/// Where it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Setting {
    /// At the door.
    Door,
    /// At a public-service desk.
    Desk,
    /// At an event, market or enterprise.
    Event,
    /// By phone or chat.
    Remote,
}

/// How a dossier was handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Channel {
    /// Through a portal.
    Online,
    /// On paper at the desk.
    Paper,
}

/// One service within an assist.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Service code of the catalogue.
    pub service: String,
    /// Outcome code of that service.
    pub outcome: String,
    /// Why it was declined or failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When to come back.
    #[serde(default, with = "iso::option", skip_serializing_if = "Option::is_none")]
    pub follow_up_on: Option<Date>,
    /// Dossier code in either official form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dossier_code: Option<String>,
    /// Online or on paper.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
}

/// A *lượt hỗ trợ*: one visit, one or more services.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "I: Deserialize<'de>"))]
pub struct Assist<I> {
    /// Whom it was for.
    pub beneficiary: Beneficiary<I>,
    /// Needed as soon as anyone is identified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<Consent>,
    /// Where.
    pub setting: Setting,
    /// Whom people trust and who went along: one of [`COMPANIONS`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accompanied_by: Option<Office>,
    /// Language that was needed, if not Vietnamese.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The services, 1 to [`ITEMS_MAX`].
    pub items: Vec<Item>,
    /// Free words without personal data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The ticket of a desk that it was for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<TicketId>,
}

/// Takes a fact back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Void {
    /// Why.
    #[serde(default)]
    pub reason: Option<String>,
}

/// A news item or post.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Post {
    /// Headline.
    pub title: String,
    /// Where it can be read; counted once by this.
    pub url: String,
    /// Kind of outlet.
    pub channel: PostChannel,
}

/// Kind of outlet of a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PostChannel {
    /// The unit's site.
    Website,
    /// Facebook page.
    Facebook,
    /// Zalo page.
    Zalo,
    /// Anything else.
    Other,
}

/// State of a cashless street, as seen on a day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Street {
    /// The street's name; counted once by place and name.
    pub name: String,
    /// How it is doing.
    pub status: StreetStatus,
    /// Shops and stalls taking part.
    #[serde(default)]
    pub merchants: Option<u32>,
}

/// How a cashless street is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum StreetStatus {
    /// Payments are being made.
    Operating,
    /// Started, not going.
    Stalled,
    /// Given up.
    Closed,
}

/// How somebody says that they are there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Way {
    /// By the code that the point shows, scanned or typed.
    Qr {
        /// The step it was shown in, or typed in.
        step: i64,
        /// Its digits.
        code: String,
    },
    /// A leader says it of somebody in their team.
    ByLeader,
    /// They say it themselves.
    #[serde(rename = "self")]
    Own,
}

/// Somebody's coming to a point or an activity, or leaving it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attendance {
    /// Who.
    pub member: MemberId,
    /// At which point; this or an activity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub point: Option<PointId>,
    /// At which activity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activity: Option<ActivityId>,
    /// Coming or going.
    pub direction: Direction,
    /// How it is said.
    pub way: Way,
    /// Whether their phone found itself near the point, when it was allowed to look. The
    /// phone alone knows where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub near: Option<bool>,
}

/// A step of an activity's playbook, done on one of its days; counts for no indicator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The activity.
    pub activity: ActivityId,
    /// Which of its days, by the recurrence.
    #[serde(with = "iso")]
    pub day: Date,
    /// Code of the step.
    pub step: String,
    /// Evidence in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Evidence that was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// A step of the sender's own on a roster: it holds from when it arrives, not from when it
/// was taken, and counts for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RosterStep {
    /// Which shift.
    pub shift: ShiftId,
    /// What they do.
    pub action: Action,
    /// Whose place they take, when they take one over; the longest on offer if it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<MemberId>,
}

/// What a fact says, by kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// See [`Assist`].
    Assist(Assist<SubjectKey>),
    /// See [`Void`].
    Void(Void),
    /// See [`Post`].
    Post(Post),
    /// See [`Street`].
    Street(Street),
    /// See [`Attendance`].
    Attendance(Attendance),
    /// See [`Step`].
    Step(Step),
    /// See [`RosterStep`].
    Roster(RosterStep),
    /// See [`ExpertStep`].
    ExpertStep(ExpertStep),
    /// See [`ExpertWork`].
    ExpertWork(ExpertWork),
    /// See [`TaskStep`].
    Task(TaskStep),
    /// See [`DirectiveStep`].
    Directive(DirectiveStep),
    /// See [`Minutes`].
    Minutes(Minutes),
    /// See [`TicketStep`].
    Ticket(TicketStep),
    /// See [`ScamReport`].
    ScamReport(ScamReport),
    /// See [`Asked`].
    Question(Asked),
}

impl Body {
    /// The kind this is the body of.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Assist(_) => Kind::Assist,
            Self::Void(_) => Kind::Void,
            Self::Post(_) => Kind::Post,
            Self::Street(_) => Kind::Street,
            Self::Attendance(_) => Kind::Attendance,
            Self::Step(_) => Kind::Step,
            Self::Roster(_) => Kind::Roster,
            Self::ExpertStep(_) => Kind::ExpertStep,
            Self::ExpertWork(_) => Kind::ExpertWork,
            Self::Task(_) => Kind::Task,
            Self::Directive(_) => Kind::Directive,
            Self::Minutes(_) => Kind::Minutes,
            Self::Ticket(_) => Kind::Ticket,
            Self::ScamReport(_) => Kind::ScamReport,
            Self::Question(_) => Kind::Question,
        }
    }

    /// The form kept in the ledger.
    pub fn stored(&self) -> String {
        let text = match self {
            Self::Assist(body) => serde_json::to_string(body),
            Self::Void(body) => serde_json::to_string(body),
            Self::Post(body) => serde_json::to_string(body),
            Self::Street(body) => serde_json::to_string(body),
            Self::Attendance(body) => serde_json::to_string(body),
            Self::Step(body) => serde_json::to_string(body),
            Self::Roster(body) => serde_json::to_string(body),
            Self::ExpertStep(body) => serde_json::to_string(body),
            Self::ExpertWork(body) => serde_json::to_string(body),
            Self::Task(body) => serde_json::to_string(body),
            Self::Directive(body) => serde_json::to_string(body),
            Self::Minutes(body) => serde_json::to_string(body),
            Self::Ticket(body) => serde_json::to_string(body),
            Self::ScamReport(body) => serde_json::to_string(body),
            Self::Question(body) => serde_json::to_string(body),
        };
        text.expect("bodies hold nothing that JSON cannot say")
    }

    /// Reads [`Body::stored`] back.
    ///
    /// # Errors
    /// When the stored text is not a body of this kind: the ledger is damaged.
    pub fn from_stored(kind: Kind, text: &str) -> Result<Self, serde_json::Error> {
        Ok(match kind {
            Kind::Assist => Self::Assist(serde_json::from_str(text)?),
            Kind::Void => Self::Void(serde_json::from_str(text)?),
            Kind::Post => Self::Post(serde_json::from_str(text)?),
            Kind::Street => Self::Street(serde_json::from_str(text)?),
            Kind::Attendance => Self::Attendance(serde_json::from_str(text)?),
            Kind::Step => Self::Step(serde_json::from_str(text)?),
            Kind::Roster => Self::Roster(serde_json::from_str(text)?),
            Kind::ExpertStep => Self::ExpertStep(serde_json::from_str(text)?),
            Kind::ExpertWork => Self::ExpertWork(serde_json::from_str(text)?),
            Kind::Task => Self::Task(serde_json::from_str(text)?),
            Kind::Directive => Self::Directive(serde_json::from_str(text)?),
            Kind::Minutes => Self::Minutes(serde_json::from_str(text)?),
            Kind::Ticket => Self::Ticket(serde_json::from_str(text)?),
            Kind::ScamReport => Self::ScamReport(serde_json::from_str(text)?),
            Kind::Question => Self::Question(serde_json::from_str(text)?),
        })
    }
}

/// What happened, when, where, said by whose device.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// Minted on the device.
    pub id: FactId,
    /// Millisecond precision.
    pub happened_at: OffsetDateTime,
    /// Where.
    pub place: PlaceId,
    /// Credited team.
    pub team: Option<TeamId>,
    /// Recording device.
    pub device: DeviceId,
    /// The device's own running number.
    pub seq: u32,
    /// The fact this one corrects or takes back.
    pub corrects: Option<FactId>,
    /// What.
    pub body: Body,
}

impl Fact {
    /// The civil day it counts for.
    pub fn day(&self) -> Date {
        day_of(self.happened_at)
    }
}

/// What [`parse`] must know of the world.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// Services and outcomes.
    pub catalogue: &'a Catalogue,
    /// For pseudonyms.
    pub keys: &'a Pseudonymiser,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope<'a> {
    id: FactId,
    kind: String,
    #[serde(with = "time::serde::rfc3339")]
    happened_at: OffsetDateTime,
    place: String,
    #[serde(default)]
    team: Option<TeamId>,
    device: DeviceId,
    seq: u32,
    #[serde(default)]
    corrects: Option<FactId>,
    #[serde(borrow)]
    body: &'a RawValue,
}

/// Just enough of a malformed fact to answer for it.
#[derive(Deserialize)]
struct IdOnly {
    id: FactId,
}

/// A refusal, with the fact's id when even that could be read.
pub type Refused = (Option<FactId>, Refusal);

/// Reads one fact from its JSON and replaces identities by pseudonyms.
///
/// # Errors
/// A refusal whose code says what to mend; nothing of a refused fact is kept.
pub fn parse(raw: &str, rules: &Rules<'_>) -> Result<Fact, Refused> {
    let envelope: Envelope = serde_json::from_str(raw).map_err(|fault| {
        let id = serde_json::from_str::<IdOnly>(raw).ok().map(|only| only.id);
        (id, malformed(&fault))
    })?;
    let id = envelope.id;
    open(envelope, rules).map_err(|refusal| (Some(id), refusal))
}

/// Why a fact that is new cannot have happened then, by the clock of whoever takes it in.
/// One that was taken in before stays, whatever the clock says since.
pub fn untimely(happened_at: OffsetDateTime, now: OffsetDateTime) -> Option<Refusal> {
    let ahead = happened_at - now;
    if ahead > AHEAD_MAX {
        return Some(Refusal::new("fact.future").with("skew_s", ahead.whole_seconds()));
    }
    (-ahead > AGE_MAX).then(|| Refusal::new("fact.too_old").with("days_max", AGE_MAX.whole_days()))
}

fn open(envelope: Envelope<'_>, rules: &Rules<'_>) -> Result<Fact, Refusal> {
    let kind = Kind::parse(&envelope.kind)
        .ok_or_else(|| Refusal::new("fact.kind_unknown").with("kind", envelope.kind.clone()))?;
    let place = PlaceId::parse(&envelope.place)
        .map_err(|_| Refusal::new("fact.place_unknown").with("place", envelope.place.clone()))?;
    // The calendar ends with the year 9999, and begins its last day earlier in Viet Nam.
    let day = envelope.happened_at.checked_to_offset(VIETNAM);
    let day = day.ok_or_else(|| Refusal::new("fact.malformed").with("why", "happened_at"))?;
    let day = day.date();
    let (id, raw) = (envelope.id, envelope.body.get());
    let body = match kind {
        Kind::Assist => Body::Assist(assist(read(raw)?, day, rules)?),
        Kind::Void => {
            let body: Void = read(raw)?;
            Body::Void(Void {
                reason: clean_option("reason", body.reason, TEXT_CHARS_MAX)?,
            })
        }
        Kind::Post => Body::Post(post(read(raw)?)?),
        Kind::Street => {
            let body: Street = read(raw)?;
            Body::Street(Street {
                name: clean("name", &body.name, TEXT_CHARS_MAX)?,
                ..body
            })
        }
        Kind::Attendance => Body::Attendance(attendance(read(raw)?)?),
        Kind::Step => Body::Step(step(read(raw)?)?),
        Kind::Roster => Body::Roster(read(raw)?),
        Kind::ExpertStep => Body::ExpertStep(expert_step(read(raw)?)?),
        Kind::ExpertWork => Body::ExpertWork(expert_work(read(raw)?)?),
        Kind::Task => Body::Task(read::<TaskStep>(raw)?.tidied()?),
        Kind::Directive => Body::Directive(read::<DirectiveStep>(raw)?.tidied()?),
        Kind::Minutes => {
            let corrects = envelope.corrects.is_some();
            Body::Minutes(read::<Minutes>(raw)?.tidied(corrects)?)
        }
        Kind::Ticket => Body::Ticket(read::<TicketStep>(raw)?.tidied(id, day)?),
        Kind::ScamReport => Body::ScamReport(read::<ScamReport>(raw)?.tidied(day)?),
        Kind::Question => Body::Question(read::<AskedOnWire>(raw)?.parse(rules.keys)?),
    };
    match (kind, envelope.corrects) {
        (kind, Some(_)) if kind.is_step() => return Err(Refusal::new("fact.correction_kind")),
        (Kind::Void, None) => return Err(Refusal::new("fact.correction_kind")),
        (_, Some(target)) if target == envelope.id => {
            return Err(Refusal::new("fact.correction_kind"));
        }
        _ => {}
    }
    Ok(Fact {
        id: envelope.id,
        happened_at: to_millisecond(envelope.happened_at),
        place,
        team: envelope.team.filter(|team| *team != TeamId::NONE),
        device: envelope.device,
        seq: envelope.seq,
        corrects: envelope.corrects,
        body,
    })
}

fn assist(
    body: Assist<String>,
    day: Date,
    rules: &Rules<'_>,
) -> Result<Assist<SubjectKey>, Refusal> {
    if body.items.is_empty() || body.items.len() > ITEMS_MAX {
        return Err(Refusal::new("fact.items_count").with("max", ITEMS_MAX));
    }
    let companion = body.accompanied_by;
    if companion.is_some_and(|office| !COMPANIONS.contains(&office)) {
        return Err(Refusal::new("fact.malformed").with("why", "accompanied_by"));
    }
    let named = &body.beneficiary;
    let identified = named.person.is_some() || named.household.is_some();
    let consented = body
        .consent
        .as_ref()
        .is_some_and(|consent| consent.purposes.contains(&Purpose::CountOnce));
    if identified && !consented {
        return Err(Refusal::new("fact.consent_missing"));
    }
    let key = |realm: &str, identity: Option<String>| -> Result<Option<SubjectKey>, Refusal> {
        let Some(identity) = identity else {
            return Ok(None);
        };
        let identity = vn::text::fold(&clean(realm, &identity, TEXT_CHARS_MAX)?);
        Ok(Some(rules.keys.key(realm, &[identity.as_bytes()])))
    };
    let beneficiary = Beneficiary {
        kind: body.beneficiary.kind,
        age_band: body.beneficiary.age_band,
        person: key("person", body.beneficiary.person)?,
        household: key("household", body.beneficiary.household)?,
        organisation: key("organisation", body.beneficiary.organisation)?,
    };
    let items = body
        .items
        .into_iter()
        .map(|entry| item(entry, day, rules))
        .collect::<Result<_, _>>()?;
    Ok(Assist {
        beneficiary,
        consent: body.consent.map(consent).transpose()?,
        setting: body.setting,
        accompanied_by: body.accompanied_by,
        language: clean_option("language", body.language, CODE_CHARS_MAX)?,
        items,
        note: clean_option("note", body.note, NOTE_CHARS_MAX)?,
        ticket: body.ticket,
    })
}

fn consent(consent: Consent) -> Result<Consent, Refusal> {
    if consent.purposes.len() > PURPOSES_MAX {
        return Err(Refusal::new("fact.malformed").with("why", "purposes"));
    }
    Ok(Consent {
        text_version: clean("text_version", &consent.text_version, CODE_CHARS_MAX)?,
        ..consent
    })
}

fn item(item: Item, day: Date, rules: &Rules<'_>) -> Result<Item, Refusal> {
    let Some(service) = rules.catalogue.service(&item.service) else {
        return Err(Refusal::new("fact.service_unknown").with("service", item.service));
    };
    if !service.in_force(day) {
        return Err(Refusal::new("fact.service_not_in_force")
            .with("service", service.name.clone())
            .with("day", iso::text(day)));
    }
    if service.outcome(&item.outcome).is_none() {
        return Err(Refusal::new("fact.outcome_unknown")
            .with("service", service.name.clone())
            .with("outcome", item.outcome));
    }
    let dossier_code = match item.dossier_code {
        Some(raw) => {
            let code = vn::dossier::DossierCode::parse(&raw).map_err(|_| {
                Refusal::new("fact.dossier_code_malformed").with("dossier_code", raw)
            })?;
            Some(code.as_str().to_owned())
        }
        None => None,
    };
    Ok(Item {
        reason: clean_option("reason", item.reason, TEXT_CHARS_MAX)?,
        dossier_code,
        ..item
    })
}

fn step(body: Step) -> Result<Step, Refusal> {
    if !crate::activities::is_code(&body.step) {
        return Err(Refusal::new("fact.malformed").with("why", "step"));
    }
    Ok(Step {
        note: clean_option("note", body.note, NOTE_CHARS_MAX)?,
        url: body.url.map(|raw| web_address(&raw)).transpose()?,
        ..body
    })
}

fn post(body: Post) -> Result<Post, Refusal> {
    Ok(Post {
        title: clean("title", &body.title, TEXT_CHARS_MAX)?,
        url: web_address(&body.url)?,
        channel: body.channel,
    })
}

fn web_address(raw: &str) -> Result<String, Refusal> {
    let url = clean("url", raw, TEXT_CHARS_MAX)?;
    // Phones begin what is typed with a capital.
    let scheme = url.split_once("://").map(|(scheme, _)| scheme);
    if !scheme.is_some_and(|scheme| ["http", "https"].contains(&scheme.to_lowercase().as_str())) {
        return Err(Refusal::new("fact.malformed").with("why", "url"));
    }
    Ok(url)
}

fn attendance(body: Attendance) -> Result<Attendance, Refusal> {
    let no = |why: &str| Err(Refusal::new("fact.malformed").with("why", why));
    if body.point.is_some() == body.activity.is_some() {
        return no("point or activity");
    }
    match &body.way {
        Way::Qr { code, .. }
            if code.len() != CODE_DIGITS || !code.bytes().all(|b| b.is_ascii_digit()) =>
        {
            no("code")
        }
        _ => Ok(body),
    }
}

fn expert_step(body: ExpertStep) -> Result<ExpertStep, Refusal> {
    let note = experts::words_option("note", body.note.as_deref())?;
    if note.is_none() && body.action.act().needs_words() {
        return Err(Refusal::new("request.validation").with("field", "note"));
    }
    Ok(ExpertStep { note, ..body })
}

fn expert_work(body: ExpertWork) -> Result<ExpertWork, Refusal> {
    if !(1..=experts::WORK_MINUTES_MAX).contains(&body.minutes) {
        return Err(Refusal::new("request.validation").with("field", "minutes"));
    }
    Ok(ExpertWork {
        done: experts::words("done", &body.done)?,
        next: experts::words_option("next", body.next.as_deref())?,
        ..body
    })
}

fn read<'a, T: Deserialize<'a>>(raw: &'a str) -> Result<T, Refusal> {
    serde_json::from_str(raw).map_err(|fault| malformed(&fault))
}

/// Says what was expected where, never what was found there: that may be somebody's
/// identity in the wrong field.
fn malformed(fault: &serde_json::Error) -> Refusal {
    let why = fault.to_string();
    let why = match why.rsplit_once(", expected") {
        Some((found, wanted)) => {
            let kind = found.split([':', '`']).next().unwrap_or_default();
            format!("{}, expected{wanted}", kind.trim_end())
        }
        None => why,
    };
    Refusal::new("fact.malformed").with("why", why)
}

/// A text that must be there, tidied.
pub fn clean(field: &str, raw: &str, chars_max: usize) -> Result<String, Refusal> {
    let text = vn::text::normalise(raw);
    match text.chars().count() {
        0 => Err(Refusal::new("fact.malformed").with("why", format!("{field} is empty"))),
        chars if chars > chars_max => Err(Refusal::new("fact.text_too_long")
            .with("field", field)
            .with("chars_max", chars_max)),
        _ => Ok(text),
    }
}

/// Absent and blank are the same for a free-text field.
pub(crate) fn clean_option(
    field: &str,
    raw: Option<String>,
    chars_max: usize,
) -> Result<Option<String>, Refusal> {
    match raw {
        Some(raw) if !raw.trim().is_empty() => clean(field, &raw, chars_max).map(Some),
        _ => Ok(None),
    }
}

fn to_millisecond(at: OffsetDateTime) -> OffsetDateTime {
    at.replace_millisecond(at.millisecond()).unwrap_or(at)
}

/// RFC 3339 in Vietnamese time, as facts carry it.
pub fn rfc3339(at: OffsetDateTime) -> String {
    at.to_offset(crate::days::VIETNAM)
        .format(&Rfc3339)
        .unwrap_or_default()
}

impl Serialize for SubjectKey {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(&hex(*self))
    }
}

impl<'de> Deserialize<'de> for SubjectKey {
    fn deserialize<D: Deserializer<'de>>(raw: D) -> Result<Self, D::Error> {
        let text = String::deserialize(raw)?;
        from_hex(&text).ok_or_else(|| serde::de::Error::custom("not a subject key"))
    }
}
