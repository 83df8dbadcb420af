//! Every kind of id, one distinct type each, so that a team is never taken for a member.

use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

macro_rules! uuid_ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

uuid_ids! {
    /// A fact, minted on the device that recorded it (UUIDv7).
    FactId;
    /// A person of the movement, who may or may not sign in.
    MemberId;
    /// A team or squad.
    TeamId;
    /// A phone or browser.
    DeviceId;
    /// A campaign with its indicators.
    CampaignId;
    /// One indicator of a campaign.
    IndicatorId;
    /// A service point: a desk, a market stand.
    PointId;
    /// Something planned, once or again and again.
    ActivityId;
    /// A stretch of time at a point that people are needed for.
    ShiftId;
    /// A commune's request for an expert.
    RequestId;
    /// Something a team is to do.
    TaskId;
    /// What an office asks the teams below it.
    DirectiveId;
    /// A report of a suspected scam.
    ScamReportId;
    /// A ticket of a desk's queue: the id of the step that took it.
    TicketId;
    /// A kiosk or a board of a desk.
    DeskDeviceId;
}

impl TeamId {
    /// Stands in a tally's key where a fact names no team.
    pub const NONE: TeamId = TeamId(Uuid::nil());
}

/// A measure that is tallied: an indicator's count, numerator or denominator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MeasureId(pub i64);

/// A place: `VN`, an official unit (`63-…`, `34-…`, see `vn::units`) or a local
/// hamlet (`l-<uuid>`). One to [`PlaceId::BYTES_MAX`] ASCII letters, digits and hyphens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PlaceId(String);

/// The text is not a place id.
#[derive(Debug, thiserror::Error)]
#[error("not a place id")]
pub struct NotAPlaceId;

impl PlaceId {
    /// Longest id, in bytes: `l-` and a UUID, with room to spare.
    pub const BYTES_MAX: usize = 48;

    /// Accepts a well-formed id; whether such a place exists is the register's business.
    pub fn parse(raw: &str) -> Result<Self, NotAPlaceId> {
        let fits = (1..=Self::BYTES_MAX).contains(&raw.len());
        let plain = raw.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if fits && plain {
            Ok(Self(raw.to_owned()))
        } else {
            Err(NotAPlaceId)
        }
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for PlaceId {
    type Error = NotAPlaceId;
    fn try_from(raw: String) -> Result<Self, NotAPlaceId> {
        Self::parse(&raw)
    }
}

impl From<PlaceId> for String {
    fn from(id: PlaceId) -> String {
        id.0
    }
}

impl fmt::Display for PlaceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
