//! One visit: for whom, which services, and how each of them went.

use domain::facts::{
    AgeBand, Assist, Beneficiary, BeneficiaryKind, Channel, Consent, ConsentMethod, Item, Purpose,
    Setting,
};
use domain::visits::COMPANIONS;
use fastrand::Rng;
use time::{Date, Duration, OffsetDateTime};

/// What a visit is drawn from.
pub struct Visit<'a> {
    /// Chance.
    pub rng: &'a mut Rng,
    /// The day.
    pub day: Date,
    /// Whether VNeID is what everyone is asked about first.
    pub vneid_first: bool,
    /// Dossiers handed in so far.
    pub dossiers: &'a mut u32,
    /// The code of a dossier handed in on a day, and how many there are by then.
    pub dossier_code: &'a dyn Fn(&mut Rng, Date, u32) -> String,
}

impl Visit<'_> {
    fn chance(&mut self, p: f64) -> bool {
        self.rng.f64() < p
    }

    /// What is recorded of it; `identity` says who is there, by realm.
    pub fn assist<I>(
        &mut self,
        setting: Setting,
        at: OffsetDateTime,
        identity: impl Fn(&'static str) -> I,
    ) -> Assist<I> {
        let companion = (setting == Setting::Door && self.chance(0.2))
            .then(|| COMPANIONS[self.rng.usize(..COMPANIONS.len())]);
        let doors_shut = if companion.is_some() { 0.03 } else { 0.08 };
        let refused = setting == Setting::Door && self.chance(doors_shut);
        let consented = self.chance(0.72);
        let at_home = matches!(setting, Setting::Door | Setting::Event);
        let items = if refused {
            vec![self.refusal()]
        } else if at_home {
            self.door_items()
        } else {
            self.desk_items()
        };
        let age_band = match self.rng.u32(0..100) {
            0..8 => AgeBand::From14To17,
            8..74 => AgeBand::From18To59,
            74..98 => AgeBand::From60,
            _ => AgeBand::Under14,
        };
        let kind = match self.rng.u32(0..100) {
            _ if at_home => BeneficiaryKind::Person,
            0..6 => BeneficiaryKind::Organisation,
            6..10 => BeneficiaryKind::Official,
            _ => BeneficiaryKind::Person,
        };
        let identified = consented && kind == BeneficiaryKind::Person;
        // At a door the household is seen even when nobody is named.
        let kind = if !identified && setting == Setting::Door {
            BeneficiaryKind::Household
        } else {
            kind
        };
        Assist {
            beneficiary: Beneficiary {
                kind,
                age_band: Some(age_band),
                person: identified.then(|| identity("person")),
                household: (identified && at_home).then(|| identity("household")),
                organisation: None,
            },
            consent: identified.then(|| Consent {
                text_version: "2024-03".to_owned(),
                method: ConsentMethod::ReadAloud,
                purposes: vec![Purpose::CountOnce],
                at,
            }),
            setting,
            accompanied_by: companion,
            language: None,
            items,
            note: None,
            ticket: None,
        }
    }

    /// One service with a believable outcome.
    fn item(&mut self, service: &str, success: &str, p: f64) -> Item {
        let (outcome, reason, follow_up) = if self.chance(p) {
            (success, None, None)
        } else {
            match self.rng.u32(0..10) {
                0..5 => ("guided", None, None),
                5..8 => (
                    "declined",
                    Some(
                        [
                            "Chưa có nhu cầu",
                            "Muốn hỏi con cháu",
                            "Chưa có điện thoại thông minh",
                        ][self.rng.usize(..3)],
                    ),
                    Some(7),
                ),
                _ => (
                    "failed",
                    Some(
                        [
                            "Mạng chậm",
                            "Quên mật khẩu",
                            "Hệ thống báo lỗi",
                            "Sim không chính chủ",
                        ][self.rng.usize(..4)],
                    ),
                    None,
                ),
            }
        };
        Item {
            service: service.to_owned(),
            outcome: outcome.to_owned(),
            reason: reason.map(str::to_owned),
            follow_up_on: follow_up.map(|days| self.day + Duration::days(days)),
            dossier_code: None,
            channel: None,
        }
    }

    /// Somebody who wanted none of it this time.
    fn refusal(&mut self) -> Item {
        let reason = ["Muốn hỏi con cháu", "Sợ bị lừa", "Đang bận"][self.rng.usize(..3)];
        Item {
            outcome: "declined".to_owned(),
            reason: Some(reason.to_owned()),
            follow_up_on: Some(self.day + Duration::days(7)),
            ..self.item("payment_account", "opened", 1.0)
        }
    }

    fn door_items(&mut self) -> Vec<Item> {
        let mut items = Vec::with_capacity(4);
        if self.chance(if self.vneid_first { 0.93 } else { 0.16 }) {
            let level = if self.chance(0.9) {
                "vneid_l2"
            } else {
                "vneid_l1"
            };
            items.push(self.item(level, "activated", 0.93));
        }
        if self.chance(0.8) {
            items.push(self.item("payment_account", "opened", 0.9));
        }
        if self.chance(0.7) {
            let outcome = if self.chance(0.9) {
                "informed"
            } else {
                "wants_help"
            };
            items.push(Item {
                outcome: outcome.to_owned(),
                reason: None,
                follow_up_on: None,
                ..self.item("dvc_outreach", "informed", 1.0)
            });
        }
        if self.chance(if self.vneid_first { 0.12 } else { 0.35 }) {
            items.push(self.item("dsig", "issued", 0.85));
        }
        if self.chance(0.3) {
            let service = if self.chance(0.5) {
                "dvc_signin"
            } else {
                "dvc_account"
            };
            let used = if service == "dvc_signin" {
                "linked"
            } else {
                "registered"
            };
            items.push(self.item(service, used, 0.88));
            if self.chance(0.36) {
                items.push(self.item(service, "transacted", 1.0));
            }
        }
        if self.chance(0.06) {
            items.push(self.item("vssid", "signed_in", 0.85));
        }
        if items.is_empty() || self.chance(0.08) {
            items.push(Item {
                outcome: "informed".to_owned(),
                reason: None,
                follow_up_on: None,
                ..self.item("scam_safety", "informed", 1.0)
            });
        }
        items
    }

    fn desk_items(&mut self) -> Vec<Item> {
        let mut items = Vec::with_capacity(3);
        let dossiers = if self.chance(0.12) { 2 } else { 1 };
        for _ in 0..dossiers {
            let item = self.item("dvc_dossier", "submitted", 0.9);
            if item.outcome == "submitted" {
                *self.dossiers += 1;
                let online = self.chance(0.84);
                let code = online.then(|| (self.dossier_code)(self.rng, self.day, *self.dossiers));
                let channel = Some(if online {
                    Channel::Online
                } else {
                    Channel::Paper
                });
                items.push(Item {
                    dossier_code: code,
                    channel,
                    ..item
                });
            } else {
                items.push(item);
            }
        }
        if self.chance(0.4) {
            items.push(self.item("dvc_signin", "transacted", 0.8));
        }
        if self.chance(0.3) {
            let outcome = if self.chance(0.8) { "paid" } else { "guided" };
            items.push(Item {
                outcome: outcome.to_owned(),
                reason: None,
                follow_up_on: None,
                ..self.item("dvc_fee", "paid", 1.0)
            });
        }
        items
    }
}
