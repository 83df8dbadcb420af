//! What boards and kiosks say aloud. A desk may have recordings of its own; else a browser
//! that has a voice speaks, and one that has none plays the clips that come with the program
//! (`voice/`, made by `scripts/voice`), one word after the other.

use super::words::WORDS;
use crate::platform::pages::Tongue;
use crate::platform::problem::{AppError, AppResult};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use rust_embed::RustEmbed;
use std::collections::HashMap;
use std::path::Path;
use std::sync::LazyLock;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/voice"]
struct Bundled;

/// What kinds of recording a folder may hold, by the ends of their names.
const KINDS: [(&str, &str); 4] = [
    ("mp3", "audio/mpeg"),
    ("m4a", "audio/mp4"),
    ("ogg", "audio/ogg"),
    ("wav", "audio/wav"),
];
/// Bytes of one recording, at most.
const RECORDING_BYTES_MAX: u64 = 1 << 20;

/// Names of clips by language and what they say.
static NAMES: LazyLock<HashMap<(&str, &str), &str>> = LazyLock::new(|| {
    let lists = [
        ("vi", include_str!("../../../voice/vi.tsv")),
        ("en", include_str!("../../../voice/en.tsv")),
        ("km", include_str!("../../../voice/km.tsv")),
    ];
    let mut names = HashMap::new();
    for (tag, list) in lists {
        for line in list.lines() {
            let mut parts = line.split('\t');
            if let (Some(name), Some(text)) = (parts.next(), parts.next()) {
                names.insert((tag, text), name);
            }
        }
    }
    names
});

/// A desk's recordings, by language and name.
#[derive(Debug, Default)]
pub struct Voice(HashMap<(&'static str, String), (&'static str, Vec<u8>)>);

impl Voice {
    /// Reads the recordings in a folder: `vi/call.mp3`, `km/7.ogg`.
    ///
    /// # Errors
    /// `cli.failed` when the folder cannot be read.
    pub fn open(folder: &Path) -> AppResult<Self> {
        let failed = |fault: std::io::Error| {
            tracing::error!(%fault, "the recordings cannot be read");
            AppError::problem("cli.voice")
        };
        let mut recordings = HashMap::new();
        for tongue in Tongue::ALL {
            let tag = tongue.tag();
            let inside = folder.join(tag);
            if !inside.is_dir() {
                continue;
            }
            for entry in inside.read_dir().map_err(failed)? {
                let path = entry.map_err(failed)?.path();
                let end = path.extension().and_then(|end| end.to_str());
                let kind = KINDS.iter().find(|(known, _)| Some(*known) == end);
                let name = path.file_stem().and_then(|name| name.to_str());
                if let (Some((_, kind)), Some(name)) = (kind, name)
                    && path.metadata().map_err(failed)?.len() <= RECORDING_BYTES_MAX
                {
                    let bytes = std::fs::read(&path).map_err(failed)?;
                    recordings.insert((tag, name.to_owned()), (*kind, bytes));
                }
            }
        }
        if !folder.is_dir() {
            return Err(AppError::problem("cli.voice"));
        }
        Ok(Self(recordings))
    }

    fn has(&self, tag: &'static str, name: &str) -> bool {
        self.0.contains_key(&(tag, name.to_owned())) || Bundled::get(&file(tag, name)).is_some()
    }

    /// A clip, as its address is asked for.
    ///
    /// # Errors
    /// `not_found`.
    pub fn clip(&self, tongue: Tongue, name: &str) -> AppResult<Response> {
        let tag = tongue.tag();
        let recorded = self.0.get(&(tag, name.to_owned()));
        let (kind, bytes) = match recorded {
            Some((kind, bytes)) => (*kind, bytes.clone()),
            None => {
                let found = Bundled::get(&file(tag, name)).ok_or_else(AppError::not_found)?;
                ("audio/mpeg", found.data.into_owned())
            }
        };
        let head = [
            (header::CONTENT_TYPE, kind),
            (header::CACHE_CONTROL, "public, max-age=86400"),
        ];
        Ok((head, bytes).into_response())
    }

    /// Something to say, in parts that each have a clip if the whole shall have clips.
    pub fn say(&self, tongue: Tongue, parts: &[String]) -> Spoken {
        let tag = tongue.tag();
        let name = |part: &String| {
            let name = NAMES.get(&(tag, part.as_str())).copied();
            name.filter(|name| self.has(tag, name))
        };
        let names: Option<Vec<&str>> = parts.iter().map(name).collect();
        let names = names.unwrap_or_default();
        let recorded = |name: &&str| self.0.contains_key(&(tag, (*name).to_owned()));
        Spoken {
            tongue,
            text: parts.join(" "),
            recorded: names.iter().any(recorded),
            clips: names
                .iter()
                .map(|name| format!("/giong-noi/{tag}/{name}"))
                .collect(),
        }
    }

    /// `Mời số A không một hai đến quầy ba`.
    pub fn call(&self, tongue: Tongue, number: &str, counter: &str) -> Spoken {
        let (tongue, words) = WORDS.within(tongue);
        let (before, rest) = words.call.split_once("{number}").unwrap_or_default();
        let between = rest.replace("{counter}", "");
        let mut parts = vec![tidy(before)];
        parts.extend(spelled(tongue, number));
        parts.push(tidy(&between));
        parts.extend(counted(tongue, counter));
        self.say(tongue, &parts)
    }
}

fn file(tag: &str, name: &str) -> String {
    format!("{tag}/{name}.mp3")
}

fn tidy(text: &str) -> String {
    text.trim_matches([' ', ',']).to_owned()
}

/// Letter by letter, as a ticket's number is called.
fn spelled(tongue: Tongue, number: &str) -> Vec<String> {
    let said = number.chars().filter(char::is_ascii_alphanumeric);
    said.map(|one| match (tongue, one.to_digit(10)) {
        (Tongue::Vi, Some(digit)) => vn::number::in_words(digit.into()),
        (Tongue::En, Some(digit)) => ENGLISH_DIGITS[digit as usize].to_owned(),
        (Tongue::Km, Some(digit)) => KHMER_DIGITS[digit as usize].to_owned(),
        _ => one.to_string(),
    })
    .collect()
}

const ENGLISH_DIGITS: [&str; 10] = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
];
const KHMER_DIGITS: [&str; 10] = [
    "សូន្យ",
    "មួយ",
    "ពីរ",
    "បី",
    "បួន",
    "ប្រាំ",
    "ប្រាំមួយ",
    "ប្រាំពីរ",
    "ប្រាំបី",
    "ប្រាំបួន",
];

/// As the number that it is, where people say it so.
fn counted(tongue: Tongue, counter: &str) -> Vec<String> {
    match (tongue, counter.parse()) {
        (Tongue::Vi, Ok(number)) => {
            let words = vn::number::in_words(number);
            words.split(' ').map(str::to_owned).collect()
        }
        _ => spelled(tongue, counter),
    }
}

/// Something to say, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spoken {
    tongue: Tongue,
    text: String,
    /// Addresses of the clips, one after the other; none if one is missing.
    clips: Vec<String>,
    /// Whether a person of the desk's own speaks in one of them.
    recorded: bool,
}

impl Spoken {
    /// What a script reads aloud; nobody sees it.
    pub fn mark(&self) -> Markup {
        let recorded = self.recorded.then_some("");
        html! {
            span hidden data-say=(self.text) data-language=(self.tongue.tag())
                data-clips=(self.clips.join(" ")) data-recorded=[recorded] {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::procedures::Procedures;
    use std::collections::BTreeSet;

    #[test]
    fn everything_that_a_kiosk_or_board_says_has_a_clip_in_every_language_that_is_built_in() {
        let voice = Voice::default();
        for tongue in [Tongue::Vi, Tongue::En] {
            let (_, w) = WORDS.within(tongue);
            let mut texts = vec![
                &w.ask_work,
                &w.ask_more,
                &w.ask_priority,
                &w.priority_hint,
                &w.unsure,
                &w.skip,
                &w.ticket_taken,
                &w.keep,
            ];
            texts.extend(w.priority.values());
            let t = &w.triage;
            texts.extend([&t.plain, &t.other, &t.which, &t.not_here, &t.holds, &t.now]);
            texts.extend(t.held.values().chain(w.groups.values()));
            let verdicts = t.kinds.values();
            let verdicts = verdicts.flat_map(|verdict| [&verdict.title, &verdict.text]);
            texts.extend(verdicts.filter(|text| !text.is_empty()));
            let groups = Procedures::bundled().groups.iter();
            let groups = groups.map(|group| super::super::words::group_name(group, tongue));
            for text in texts.into_iter().map(String::as_str).chain(groups) {
                let spoken = voice.say(tongue, &[text.to_owned()]);
                assert_eq!(spoken.clips.len(), 1, "run scripts/voice: {text}");
            }
            for counter in (1..=99).map(|number| number.to_string()) {
                let spoken = voice.call(tongue, "A-N03", &counter);
                assert!(!spoken.clips.is_empty(), "{}", spoken.text);
            }
        }
    }

    #[test]
    fn clips_and_lists_of_them_agree() {
        let listed: BTreeSet<String> = NAMES
            .iter()
            .filter(|((tag, _), _)| *tag != "km")
            .map(|((tag, _), name)| file(tag, name))
            .collect();
        let spoken: BTreeSet<String> = Bundled::iter()
            .filter(|path| path.ends_with(".mp3"))
            .map(|path| path.to_string())
            .collect();
        assert_eq!(listed, spoken);
    }

    #[test]
    fn a_call_is_said_as_people_say_it() {
        let voice = Voice::default();
        let text = |tongue, number, counter| voice.call(tongue, number, counter).text;
        assert_eq!(
            text(Tongue::Vi, "A012", "3"),
            "Mời số A không một hai đến quầy ba"
        );
        assert_eq!(
            text(Tongue::Vi, "B-N105", "21"),
            "Mời số B N một không năm đến quầy hai mươi mốt"
        );
        assert_eq!(
            text(Tongue::En, "A012", "12"),
            "Number A zero one two please go to counter one two"
        );
        let khmer = voice.call(Tongue::Km, "A012", "3");
        assert!(khmer.text.contains("សូន្យ មួយ ពីរ") && khmer.clips.is_empty());
    }
}
