//! What a fact lets us count: one [`Observation`] for each service of an assist,
//! one for a post, one for a street.

use crate::catalogue::{Catalogue, Stage};
use crate::facts::{
    AgeBand, BeneficiaryKind, Body, Channel, Fact, Item, Kind, Post, Setting, Street, StreetStatus,
};
use crate::ids::PlaceId;
use crate::subjects::{Pseudonymiser, SubjectKey};
use serde::{Deserialize, Serialize};

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
}

impl Unit {
    /// Whether one fact counts at most once in this unit, however many services it held.
    pub fn once_per_fact(self) -> bool {
        matches!(self, Self::Assist | Self::Person | Self::Household)
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
    subjects: Subjects,
}

#[derive(Clone, Debug, Default)]
struct Subjects {
    assist: Option<SubjectKey>,
    person: Option<SubjectKey>,
    household: Option<SubjectKey>,
    account: Option<SubjectKey>,
    thing: Option<SubjectKey>,
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
            (Kind::Post, Unit::Post) | (Kind::Street, Unit::Street) => known(self.subjects.thing),
            _ => Counted::Not,
        }
    }
}

/// Whom and what `fact` is about, each once: two facts can be about the same subject
/// in some [`Unit`] only if they share one of these. No measure has a part in it.
pub fn subjects(fact: &Fact, keys: &Pseudonymiser) -> Vec<SubjectKey> {
    let mut found = match &fact.body {
        Body::Void(_) | Body::Roster(_) => Vec::new(),
        Body::Post(post) => vec![post_key(post, keys)],
        Body::Street(street) => vec![street_key(&fact.place, street, keys)],
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

fn dossier_key(item: &Item, keys: &Pseudonymiser) -> Option<SubjectKey> {
    let code = item.dossier_code.as_ref()?;
    Some(keys.key("dossier", &[code.as_bytes()]))
}

/// Everything `fact` lets us count. A void says nothing of its own, a
/// step on a roster nothing that counts.
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
        subjects: Subjects::default(),
    };
    match &fact.body {
        Body::Void(_) | Body::Roster(_) => Vec::new(),
        Body::Post(post) => vec![Observation {
            subjects: Subjects::thing(post_key(post, keys)),
            ..blank(Kind::Post)
        }],
        Body::Street(street) => vec![Observation {
            status: Some(street.status),
            subjects: Subjects::thing(street_key(&fact.place, street, keys)),
            ..blank(Kind::Street)
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
                    },
                    ..blank(Kind::Assist)
                }
            };
            assist.items.iter().map(seen).collect()
        }
    }
}
