//! The words in a file. Officers everywhere work on the same files, so they are
//! Vietnamese whoever asks.

use domain::attendance::Direction;
use domain::facts::{AgeBand, BeneficiaryKind, Channel, Kind, PostChannel, Setting, StreetStatus};
use domain::people::Office;
use serde::Deserialize;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::LazyLock;

/// See `messages/export.vi.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// Headings, by the names in `lines::COLUMNS`.
    pub columns: HashMap<String, String>,
    /// True.
    pub yes: String,
    /// Not true.
    pub no: String,
    /// Of facts that can count.
    pub kind: HashMap<Kind, String>,
    /// Of assists.
    pub setting: HashMap<Setting, String>,
    /// Of assists.
    pub companion: HashMap<Office, String>,
    /// Of assists.
    pub beneficiary: HashMap<BeneficiaryKind, String>,
    /// Of assists.
    pub age: HashMap<AgeBand, String>,
    /// Of dossiers.
    pub channel: HashMap<Channel, String>,
    /// Of posts.
    pub outlet: HashMap<PostChannel, String>,
    /// Of streets.
    pub street: HashMap<StreetStatus, String>,
    /// Of comings and goings.
    pub direction: HashMap<Direction, String>,
    /// Name of a sheet of lines.
    pub sheet: String,
    /// The sheet that says what the file is.
    pub about: About,
    /// Beginning of the file's name.
    pub file: String,
}

/// Of the sheet that says what the file is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    pub sheet: String,
    pub campaign: String,
    pub place: String,
    pub team: String,
    pub indicator: String,
    pub first_day: String,
    pub last_day: String,
    pub by: String,
    pub at: String,
    pub facts: String,
    pub lines: String,
    pub all: String,
    pub note: String,
}

/// The words.
pub static WORDS: LazyLock<Words> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../messages/export.vi.json"))
        .expect("the words are checked by a test")
});

/// The word for something; nothing for what has none, which a test rules out.
pub fn said<K: Eq + Hash>(words: &'static HashMap<K, String>, what: K) -> &'static str {
    words.get(&what).map_or("", String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_can_stand_in_a_line_has_a_word() {
        let w = &*WORDS;
        for (key, _) in super::super::lines::COLUMNS {
            assert!(w.columns.contains_key(key), "{key}");
        }
        assert_eq!(w.columns.len(), super::super::lines::COLUMNS.len());
        use AgeBand::{From14To17, From18To59, From60, Under14};
        use BeneficiaryKind::{Household, Official, Organisation, Person};
        use domain::visits::COMPANIONS;
        let whole = [
            [Kind::Assist, Kind::Post, Kind::Street, Kind::Attendance]
                .iter()
                .all(|key| w.kind.contains_key(key)),
            [
                Setting::Door,
                Setting::Desk,
                Setting::Event,
                Setting::Remote,
            ]
            .iter()
            .all(|key| w.setting.contains_key(key)),
            [Person, Household, Organisation, Official]
                .iter()
                .all(|key| w.beneficiary.contains_key(key)),
            [Under14, From14To17, From18To59, From60]
                .iter()
                .all(|key| w.age.contains_key(key)),
            COMPANIONS.iter().all(|key| w.companion.contains_key(key)),
            w.channel.len() == 2,
            w.outlet.len() == 4,
            w.street.len() == 3,
        ];
        assert_eq!(whole, [true; 8]);
    }
}
