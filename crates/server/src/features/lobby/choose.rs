//! Taking a ticket, one question on a screen: what for, then whether somebody goes before
//! others. Kiosks and people's own phones ask the same. What is chosen stands in the address,
//! and the last tap sends the ticket's id, so that nothing is taken twice.

use super::voice::Voice;
use super::words::{Said, group_name, language_of};
use crate::features::desk::{Take, Wanted};
use crate::platform::pages::{TONGUE_FIELD, Tongue};
use domain::desk::{ERRANDS_MAX, PriorityClass, Setup, TicketSource};
use domain::ids::{PointId, TicketId};
use domain::procedures::{Group, ProcedureGroup, Procedures};
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;

/// What was chosen so far, in the address.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Chosen {
    /// The language; a kiosk's browser has none of the resident's own.
    #[serde(default)]
    tieng: String,
    /// Groups, with commas between.
    #[serde(default)]
    viec: String,
    /// Whether another is to be added.
    #[serde(default)]
    them: u8,
}

impl Chosen {
    /// The language that was chosen, Vietnamese before that.
    pub fn tongue(&self) -> Tongue {
        Tongue::tagged(&self.tieng).unwrap_or(Tongue::Vi)
    }

    /// Whether nothing was chosen yet.
    pub fn is_start(&self) -> bool {
        self.viec.is_empty()
    }
}

/// The last tap.
#[derive(Clone, Debug, Deserialize)]
pub struct Taken {
    /// The ticket's id, made when the question was shown.
    pub phieu: Uuid,
    /// As in [`Chosen`].
    pub viec: String,
    /// A priority class; empty for none.
    #[serde(default)]
    pub uu_tien: String,
}

/// The groups that a text names and the desk offers, each once.
pub fn groups(text: &str, setup: &Setup) -> Vec<ProcedureGroup> {
    let mut groups = Vec::new();
    for group in text.split(',').filter_map(ProcedureGroup::parse) {
        if setup.offered(group).is_some() && !groups.contains(&group) {
            groups.push(group);
        }
    }
    groups.truncate(ERRANDS_MAX);
    groups
}

impl Taken {
    /// What to take.
    pub fn wanted(
        &self,
        point: PointId,
        setup: &Setup,
        tongue: Tongue,
        source: TicketSource,
    ) -> Take {
        let wanted = groups(&self.viec, setup).into_iter();
        Take {
            id: TicketId(self.phieu),
            point,
            wanted: wanted
                .map(|group| Wanted {
                    group: Some(group),
                    procedure: None,
                })
                .collect(),
            priority: PriorityClass::parse(&self.uu_tien)
                .filter(|class| setup.priority.contains(class)),
            language: language_of(tongue),
            source,
            triage: None,
        }
    }
}

/// What a screen is made from.
#[derive(Clone, Copy, Debug)]
pub struct Choosing<'a> {
    pub setup: &'a Setup,
    pub tongue: Tongue,
    pub words: &'a Said,
    pub voice: &'a Voice,
    /// Where it begins.
    pub home: &'a str,
    /// The id of the ticket that may come of it.
    pub id: Uuid,
}

impl Choosing<'_> {
    /// The next question.
    pub fn screen(&self, chosen: &Chosen) -> Markup {
        let groups = groups(&chosen.viec, self.setup);
        if groups.is_empty() || chosen.them > 0 {
            self.ask_work(&groups)
        } else {
            self.ask_priority(&groups)
        }
    }

    fn address(&self, groups: &[ProcedureGroup], more: bool) -> String {
        let (home, tag) = (self.home, self.tongue.tag());
        let groups: Vec<&str> = groups.iter().map(|group| group.as_str()).collect();
        let more = if more { "&them=1" } else { "" };
        format!(
            "{home}?{TONGUE_FIELD}={tag}&viec={}{more}",
            groups.join(",")
        )
    }

    fn ask_work(&self, chosen: &[ProcedureGroup]) -> Markup {
        let w = self.words;
        let question = if chosen.is_empty() {
            &w.ask_work
        } else {
            &w.ask_more
        };
        let with = |group| [chosen, &[group]].concat();
        let open = |one: &&Group| !chosen.contains(&one.code);
        let offered: Vec<&Group> = offered(self.setup).filter(open).collect();
        let unsure = offered.iter().any(|one| one.code == ProcedureGroup::Other);
        html! {
            h1 { (question) (self.say(question)) }
            ul.choices {
                @for group in offered.iter().filter(|one| one.code != ProcedureGroup::Other) {
                    li { a.choice href=(self.address(&with(group.code), false)) {
                        (icon(group.code))
                        span {
                            (group_name(group, self.tongue)) (self.say(group_name(group, self.tongue)))
                            @if let Some(hint) = w.groups.get(&group.code) { small { (hint) } }
                        }
                    } }
                }
                @if unsure {
                    li.wide { a.choice href=(self.address(&with(ProcedureGroup::Other), false)) {
                        (icon(ProcedureGroup::Other))
                        span { (w.unsure) (self.say(&w.unsure)) }
                    } }
                }
            }
            div.more {
                (self.listen())
                @if !chosen.is_empty() { a.button.quiet href=(self.address(chosen, false)) { (w.back) } }
            }
        }
    }

    fn ask_priority(&self, chosen: &[ProcedureGroup]) -> Markup {
        let w = self.words;
        let names: Vec<&str> = names(chosen, self.tongue);
        let codes: Vec<&str> = chosen.iter().map(|group| group.as_str()).collect();
        let more = chosen.len() < self.setup.groups.len().min(ERRANDS_MAX);
        html! {
            p.chosen { (w.chosen) ": " strong { (names.join(", ")) } }
            form method="post" action={ (self.home) "?" (TONGUE_FIELD) "=" (self.tongue.tag()) } {
                input type="hidden" name="phieu" value=(self.id);
                input type="hidden" name="viec" value=(codes.join(","));
                @if self.setup.priority.is_empty() {
                    button.choice.main name="uu_tien" value="" { (w.take) }
                } @else {
                    h1 { (w.ask_priority) (self.say(&w.ask_priority)) }
                    p { (w.priority_hint) (self.say(&w.priority_hint)) }
                    ul.choices {
                        @for class in &self.setup.priority {
                            @if let Some(label) = w.priority.get(class) {
                                li { button.choice name="uu_tien" value=(class.as_str()) { (label) (self.say(label)) } }
                            }
                        }
                    }
                    button.choice.main name="uu_tien" value="" { (w.skip) }
                }
            }
            div.more {
                (self.listen())
                @if more { a.button.quiet href=(self.address(chosen, true)) { (w.add) } }
                a.button.quiet href={ (self.home) "?" (TONGUE_FIELD) "=" (self.tongue.tag()) } { (w.restart) }
            }
        }
    }

    fn say(&self, text: &str) -> Markup {
        self.voice.say(self.tongue, &[text.to_owned()]).mark()
    }

    /// Shown by the script, if there is a voice.
    fn listen(&self) -> Markup {
        html! { button.quiet.listen type="button" hidden { (self.words.listen) } }
    }
}

/// Groups in the order in which the desk shows them.
fn offered(setup: &Setup) -> impl Iterator<Item = &'static Group> {
    let groups = setup.groups.iter();
    groups.filter_map(|one| group(one.group))
}

fn group(code: ProcedureGroup) -> Option<&'static Group> {
    let mut all = Procedures::bundled().groups.iter();
    all.find(|group| group.code == code)
}

/// What groups are called.
pub fn names(groups: &[ProcedureGroup], tongue: Tongue) -> Vec<&'static str> {
    let known = groups.iter().filter_map(|code| group(*code));
    known.map(|group| group_name(group, tongue)).collect()
}

/// A drawing of our own for each group, 24 × 24, beside its name.
fn icon(group: ProcedureGroup) -> Markup {
    let path = match group {
        ProcedureGroup::CivilStatus => {
            "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2 20c0-4 2.5-6 6-6s6 2 6 6M16 11a2.5 2.5 0 1 0 0-5M17 14c3 .3 5 2.3 5 6"
        }
        ProcedureGroup::Certification => "M6 2h8l5 5v15H6zM14 2v5h5M9 15l2.5 2.5L16 12.5",
        ProcedureGroup::Residence => "M3 11l9-8 9 8M5 9.5V21h14V9.5M10 21v-6h4v6",
        ProcedureGroup::Land => "M3 5l6-2 6 2 6-2v16l-6 2-6-2-6 2zM9 3v16M15 5v16",
        ProcedureGroup::Social => {
            "M12 20s-8-5-8-11a4.5 4.5 0 0 1 8-2.8A4.5 4.5 0 0 1 20 9c0 6-8 11-8 11z"
        }
        ProcedureGroup::Business => "M4 10v11h16V10M2 10l2-7h16l2 7zM9 21v-6h6v6",
        ProcedureGroup::Identity => {
            "M2 5h20v14H2zM8 13a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM5 16.5c.5-1.5 1.5-2 3-2s2.5.5 3 2M14 10h5M14 14h5"
        }
        ProcedureGroup::Other => {
            "M9 9a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.2-1.5 2.4M12 18h.01M12 22a10 10 0 1 0 0-20 10 10 0 0 0 0 20z"
        }
    };
    html! { svg viewBox="0 0 24 24" aria-hidden="true" { path d=(path) {} } }
}
