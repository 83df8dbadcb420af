//! What phones record, in the months behind and while it is played.

use crate::demo::life::fact_id;
use crate::demo::visit::Visit;
use domain::days::day_of;
use domain::facts::{Assist, Body, Fact, Post, PostChannel, Setting, Void};
use domain::ids::{DeviceId, FactId, MemberId, PlaceId, TeamId};
use domain::subjects::SubjectKey;
use fastrand::Rng;
use time::macros::date;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// A member's phone.
#[derive(Clone, Debug)]
pub struct Phone {
    /// Whose.
    pub member: MemberId,
    /// Where its team is at home.
    pub place: PlaceId,
    /// The official code of that commune.
    pub code: String,
    /// Its team.
    pub team: TeamId,
}

/// A device follows from its owner.
pub fn device_of(member: MemberId) -> DeviceId {
    DeviceId(Uuid::from_u128(member.0.as_u128() ^ 1))
}

impl Phone {
    /// How far its clock is off: most by seconds, some by hours behind or minutes
    /// ahead; further ahead would be refused.
    pub fn skew(&self) -> Duration {
        let mark = i64::try_from(self.member.0.as_u128() >> 8 & 0xffff).unwrap_or(0);
        match mark % 100 {
            0..4 => -Duration::minutes(mark % 180),
            4..8 => Duration::minutes(mark % 9),
            _ => Duration::seconds(mark % 61 - 30),
        }
    }

    /// A fact of the true time `at`, told by this phone's clock.
    pub fn fact(&self, rng: &mut Rng, at: OffsetDateTime, seq: u32, body: Body) -> Fact {
        let happened_at = at + self.skew();
        Fact {
            id: fact_id(rng, happened_at),
            happened_at,
            place: self.place.clone(),
            team: Some(self.team),
            device: device_of(self.member),
            seq,
            corrects: None,
            body,
        }
    }

    /// What is recorded of a visit, the commune's `number`th.
    pub fn visit(
        &self,
        rng: &mut Rng,
        at: OffsetDateTime,
        number: u32,
        setting: Setting,
        identity: impl Fn(&'static str) -> SubjectKey,
    ) -> Assist<SubjectKey> {
        let day = day_of(at);
        let mut dossiers = number.wrapping_mul(2);
        // The commune's code is the agency's, so no two communes share a dossier.
        let dossier_code = |rng: &mut Rng, day: time::Date, dossier: u32| {
            format!(
                "{}.{}.{:02}.H{:02}-{:02}{:02}{:02}-{:06}",
                self.code.get(..3).unwrap_or("000"),
                self.code.get(3..5).unwrap_or("00"),
                rng.u32(1..20),
                rng.u32(10..40),
                day.year() % 100,
                day.month() as u8,
                day.day(),
                dossier % 1_000_000
            )
        };
        let mut visit = Visit {
            rng,
            day,
            vneid_first: day < date!(2025 - 10 - 01),
            dossiers: &mut dossiers,
            dossier_code: &dossier_code,
        };
        visit.assist(setting, at, identity)
    }

    /// A post about the commune's work.
    pub fn post(&self, number: u32) -> Body {
        Body::Post(Post {
            title: format!("Ngày hội chuyển đổi số, tin thứ {number}"),
            url: format!("https://tuoitre.example/{}/{number}", self.code),
            channel: if number.is_multiple_of(3) {
                PostChannel::Website
            } else {
                PostChannel::Facebook
            },
        })
    }
}

/// How a record is taken up again by the hand that made it.
#[derive(Clone, Copy, Debug)]
pub enum Again {
    /// The same person and services once more, as another fact.
    Twin,
    /// It was a mistake.
    Void,
    /// Only the first service was right.
    Correction,
}

impl Again {
    /// Mostly not at all.
    pub fn draw(rng: &mut Rng) -> Option<Self> {
        match rng.u32(0..1000) {
            0..12 => Some(Self::Twin),
            12..19 => Some(Self::Void),
            19..24 => Some(Self::Correction),
            _ => None,
        }
    }

    /// What it says about an assist, and the fact it corrects.
    pub fn body(self, of: FactId, assist: Assist<SubjectKey>) -> (Body, Option<FactId>) {
        match self {
            Self::Twin => (Body::Assist(assist), None),
            Self::Void => {
                let reason = Some("Ghi nhầm".to_owned());
                (Body::Void(Void { reason }), Some(of))
            }
            Self::Correction => {
                let mut assist = assist;
                assist.items.truncate(1);
                (Body::Assist(assist), Some(of))
            }
        }
    }
}
