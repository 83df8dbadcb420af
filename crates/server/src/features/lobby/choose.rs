//! Taking a ticket, one question on a screen: what for, then whether somebody goes before
//! others. Who is not sure is asked in plain words what for and what they hold, and told where
//! that is best done. Kiosks and people's own phones ask the same. What is chosen stands in the
//! address, and the last tap sends the ticket's id, so that nothing is taken twice.

use super::kiosk::qr;
use super::line::takers;
use super::voice::Voice;
use super::words::{Said, filled, group_name, language_of};
use crate::features::desk::{Take, Wanted};
use crate::platform::pages::{TONGUE_FIELD, Tongue};
use crate::platform::problem::AppResult;
use domain::desk::{ERRANDS_MAX, PriorityClass, Setup, TicketSource};
use domain::ids::{PointId, TicketId};
use domain::procedures::{Group, Procedure, ProcedureGroup, Procedures};
use domain::triage::{Answers, Held, OutcomeKind, answered, triage};
use maud::{Markup, html};
use serde::Deserialize;
use time::Date;
use uuid::Uuid;

/// What was chosen so far, in the address.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Chosen {
    /// The language; a kiosk's browser has none of the resident's own.
    #[serde(default)]
    tieng: String,
    /// Groups and codes of procedures, with commas between.
    #[serde(default)]
    viec: String,
    /// Whether another is to be added.
    #[serde(default)]
    them: u8,
    /// How far whoever is not sure has come: `nhom`, a group, `co`, `ra`.
    #[serde(default)]
    hoi: String,
    /// What they hold, once that was asked.
    #[serde(default)]
    co: Option<String>,
    #[serde(default)]
    card: u8,
    #[serde(default)]
    papers: u8,
    #[serde(default)]
    phone: u8,
    #[serde(default)]
    sim: u8,
    #[serde(default)]
    now: u8,
}

impl Chosen {
    /// The language that was chosen, Vietnamese before that.
    pub fn tongue(&self) -> Tongue {
        Tongue::tagged(&self.tieng).unwrap_or(Tongue::Vi)
    }

    /// Whether nothing was chosen yet.
    pub fn is_start(&self) -> bool {
        self.viec.is_empty() && self.hoi.is_empty()
    }

    /// What was ticked.
    fn ticked(&self) -> Answers {
        let ticks = [self.card, self.papers, self.phone, self.sim];
        let held = Held::ALL.iter().zip(ticks);
        Answers {
            held: held
                .filter(|(_, tick)| *tick > 0)
                .map(|(one, _)| *one)
                .collect(),
            now: self.now > 0,
        }
    }

    fn answers(&self) -> Option<Answers> {
        if self.hoi == RESULT {
            return Some(self.ticked());
        }
        self.co.as_deref().map(read)
    }
}

const PLAIN: &str = "nhom";
const HOLDS: &str = "co";
const RESULT: &str = "ra";
/// Beside what somebody holds: they want it done today.
const NOW: &str = "now";

fn read(text: &str) -> Answers {
    Answers {
        held: text.split(',').filter_map(Held::parse).collect(),
        now: text.split(',').any(|one| one == NOW),
    }
}

fn written(answers: &Answers) -> String {
    let mut all: Vec<&str> = answers.held.iter().map(|one| one.as_str()).collect();
    all.extend(answers.now.then_some(NOW));
    all.join(",")
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
    /// As in [`Chosen`].
    #[serde(default)]
    pub co: Option<String>,
}

/// One thing that was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pick {
    Group(ProcedureGroup),
    Procedure(&'static Procedure),
}

impl Pick {
    fn group(self) -> ProcedureGroup {
        match self {
            Self::Group(group) => group,
            Self::Procedure(one) => one.group,
        }
    }

    fn code(self) -> &'static str {
        match self {
            Self::Group(group) => group.as_str(),
            Self::Procedure(one) => &one.code,
        }
    }

    fn name(self, tongue: Tongue) -> &'static str {
        match self {
            Self::Group(code) => group(code).map_or(code.as_str(), |one| group_name(one, tongue)),
            Self::Procedure(one) => procedure_name(one, tongue),
        }
    }

    fn procedure(self) -> Option<&'static Procedure> {
        match self {
            Self::Group(_) => None,
            Self::Procedure(one) => Some(one),
        }
    }
}

/// What a text names and the desk offers on a day, each once.
fn picks(text: &str, setup: &Setup, on: Date) -> Vec<Pick> {
    let mut picks = Vec::new();
    for token in text.split(',') {
        let procedure = || {
            Procedures::bundled()
                .find(token)
                .filter(|one| one.in_force(on))
        };
        let group = ProcedureGroup::parse(token).map(Pick::Group);
        let Some(pick) = group.or_else(|| procedure().map(Pick::Procedure)) else {
            continue;
        };
        if setup.offered(pick.group()).is_some() && !picks.contains(&pick) {
            picks.push(pick);
        }
    }
    picks.truncate(ERRANDS_MAX);
    picks
}

impl Taken {
    /// What to take.
    pub fn wanted(
        &self,
        point: PointId,
        (setup, on): (&Setup, Date),
        tongue: Tongue,
        source: TicketSource,
    ) -> Take {
        let picks = picks(&self.viec, setup, on);
        let procedures = picks.iter().filter_map(|pick| pick.procedure());
        let codes = procedures.map(|one| one.code.as_str());
        let triage = self.co.as_deref().map(|co| answered(codes, &read(co)));
        let wanted = picks.iter().map(|pick| match pick {
            Pick::Group(group) => Wanted {
                group: Some(*group),
                procedure: None,
            },
            Pick::Procedure(one) => Wanted {
                group: None,
                procedure: Some(one.code.clone()),
            },
        });
        Take {
            id: TicketId(self.phieu),
            point,
            wanted: wanted.collect(),
            priority: PriorityClass::parse(&self.uu_tien)
                .filter(|class| setup.priority.contains(class)),
            language: language_of(tongue),
            source,
            triage,
        }
    }
}

/// What a screen is made from.
#[derive(Clone, Copy, Debug)]
pub struct Choosing<'a> {
    pub setup: &'a Setup,
    pub on: Date,
    pub tongue: Tongue,
    pub words: &'a Said,
    pub voice: &'a Voice,
    /// Where it begins.
    pub home: &'a str,
    /// Before paths that somebody scans; none on a phone, which follows links.
    pub origin: Option<&'a str>,
    /// The id of the ticket that may come of it.
    pub id: Uuid,
}

impl Choosing<'_> {
    /// The next question.
    ///
    /// # Errors
    /// When a QR code cannot be drawn.
    pub fn screen(&self, chosen: &Chosen) -> AppResult<Markup> {
        let picks = picks(&chosen.viec, self.setup, self.on);
        let answers = chosen.answers();
        if chosen.hoi == PLAIN {
            return Ok(self.ask_plain(&picks));
        }
        if let Some(group) = ProcedureGroup::parse(&chosen.hoi) {
            return Ok(self.ask_procedure(&picks, group));
        }
        if picks.is_empty() || chosen.them > 0 {
            return Ok(self.ask_work(&picks));
        }
        match (chosen.hoi.as_str(), &answers) {
            (HOLDS, _) => Ok(self.ask_holds(&picks)),
            (RESULT, Some(answers)) => self.tell(&picks, answers),
            (_, answers) => Ok(self.ask_priority(&picks, answers.as_ref())),
        }
    }

    fn address(&self, picks: &[Pick], more: &str) -> String {
        let (home, tag) = (self.home, self.tongue.tag());
        let picks: Vec<&str> = picks.iter().map(|pick| pick.code()).collect();
        format!("{home}?{TONGUE_FIELD}={tag}&viec={}{more}", picks.join(","))
    }

    fn ask_work(&self, chosen: &[Pick]) -> Markup {
        let w = self.words;
        let question = if chosen.is_empty() {
            &w.ask_work
        } else {
            &w.ask_more
        };
        let with = |group| self.address(&[chosen, &[Pick::Group(group)]].concat(), "");
        let open = |one: &&Group| !chosen.contains(&Pick::Group(one.code));
        html! {
            h1 { (question) (self.say(question)) }
            ul.choices {
                @for group in offered(self.setup).filter(open).filter(|one| one.code != ProcedureGroup::Other) {
                    li { a.choice href=(with(group.code)) {
                        (icon(group.code))
                        span {
                            (group_name(group, self.tongue)) (self.say(group_name(group, self.tongue)))
                            @if let Some(hint) = w.groups.get(&group.code) { small { (hint) } }
                        }
                    } }
                }
                li.wide { a.choice href=(self.address(chosen, "&hoi=nhom")) {
                    (icon(ProcedureGroup::Other))
                    span { (w.unsure) (self.say(&w.unsure)) }
                } }
            }
            div.more {
                (self.listen())
                @if !chosen.is_empty() { a.button.quiet href=(self.address(chosen, "")) { (w.back) } }
            }
        }
    }

    /// What for, in the words of whoever comes.
    fn ask_plain(&self, chosen: &[Pick]) -> Markup {
        let (w, t) = (self.words, &self.words.triage);
        let words = |group: &Group| w.groups.get(&group.code).unwrap_or(&t.other);
        html! {
            h1 { (t.plain) (self.say(&t.plain)) }
            ul.choices {
                @for group in offered(self.setup) {
                    li { a.choice href=(self.address(chosen, &format!("&hoi={}", group.code.as_str()))) {
                        (icon(group.code))
                        span { (words(group)) (self.say(words(group))) }
                    } }
                }
            }
            (self.ways_out())
        }
    }

    fn ask_procedure(&self, chosen: &[Pick], group: ProcedureGroup) -> Markup {
        let t = &self.words.triage;
        let all = Procedures::bundled().procedures.iter();
        let here = all.filter(|one| one.group == group && one.in_force(self.on));
        let offers = self.setup.offered(group).is_some();
        let with = |pick| [chosen, &[pick]].concat();
        html! {
            h1 { (t.which) (self.say(&t.which)) }
            ul.choices {
                @for one in here.filter(|_| offers) {
                    li { a.choice href=(self.address(&with(Pick::Procedure(one)), "&hoi=co")) {
                        span { (procedure_name(one, self.tongue)) (self.say(procedure_name(one, self.tongue))) }
                    } }
                }
                @if offers {
                    li.wide { a.choice href=(self.address(&with(Pick::Group(group)), "")) {
                        (icon(ProcedureGroup::Other)) span { (t.not_here) (self.say(&t.not_here)) }
                    } }
                }
            }
            (self.ways_out())
        }
    }

    /// One tick each; the card and the papers are what most people have.
    fn ask_holds(&self, chosen: &[Pick]) -> Markup {
        let t = &self.words.triage;
        let papers = chosen.iter().filter_map(|pick| pick.procedure());
        let papers = papers.flat_map(|one| &one.checklist);
        html! {
            form method="get" action=(self.home) {
                input type="hidden" name=(TONGUE_FIELD) value=(self.tongue.tag());
                input type="hidden" name="viec" value=(codes(chosen));
                input type="hidden" name="hoi" value=(RESULT);
                h1 { (t.holds) (self.say(&t.holds)) }
                ul.choices {
                    @for one in Held::ALL {
                        li { label.choice.tick {
                            input type="checkbox" name=(one.as_str()) value="1" checked[matches!(one, Held::Card | Held::Papers)];
                            span {
                                (t.held[one]) (self.say(&t.held[one]))
                                // Papers are called what is printed on them, whatever the language of the page.
                                @if *one == Held::Papers { @for paper in papers.clone() { small lang="vi" { (paper) } } }
                            }
                        } }
                    }
                    li { label.choice.tick {
                        input type="checkbox" name=(NOW) value="1";
                        span { (t.now) (self.say(&t.now)) }
                    } }
                }
                button.choice.main { (t.next) }
            }
            (self.ways_out())
        }
    }

    /// Where each is best done, and the ticket.
    fn tell(&self, chosen: &[Pick], answers: &Answers) -> AppResult<Markup> {
        let (w, t) = (self.words, &self.words.triage);
        let procedures = || chosen.iter().filter_map(|pick| pick.procedure());
        let told: Vec<_> = procedures()
            .map(|one| (one, triage(&one.code, answers)))
            .collect();
        if told
            .iter()
            .all(|(_, outcome)| outcome.kind == OutcomeKind::Counter)
        {
            return Ok(self.ask_priority(chosen, Some(answers)));
        }
        let codes: Vec<&str> = procedures().map(|one| one.code.as_str()).collect();
        let list = format!(
            "/chuan-bi/{}?{TONGUE_FIELD}={}",
            codes.join("+"),
            self.tongue.tag()
        );
        let still = format!("&co={}", written(answers));
        Ok(html! {
            @for (one, outcome) in &told {
                @let verdict = &t.kinds[&outcome.kind];
                section.told {
                    p { (procedure_name(one, self.tongue)) }
                    h1 { (verdict.title) (self.say(&verdict.title)) }
                    @if outcome.kind == OutcomeKind::Counter { p { (self.goes_to(one.group)) } }
                    @if !outcome.missing.is_empty() {
                        ul { @for one in &outcome.missing { li { (t.held[one]) } } }
                    }
                    @if !verdict.text.is_empty() { p { (verdict.text) (self.say(&verdict.text)) } }
                }
            }
            @match self.origin {
                Some(origin) => div.sheet {
                    div.qr { (qr(&format!("{origin}{list}"))?) }
                    div { p { (t.scan) } }
                },
                None => p { a href=(list) { (t.open) } },
            }
            div.more {
                (self.listen())
                a.button href=(self.address(chosen, &still)) { (t.still) }
                a.button.quiet href={ (self.home) "?" (TONGUE_FIELD) "=" (self.tongue.tag()) } { (w.done) }
            }
        })
    }

    fn goes_to(&self, group: ProcedureGroup) -> String {
        let counters =
            takers(self.setup, group).map(|code| filled(&self.words.counter, "counter", code));
        let counters: Vec<String> = counters.collect();
        filled(&self.words.go_to, "counters", counters.join(", "))
    }

    fn ask_priority(&self, chosen: &[Pick], answers: Option<&Answers>) -> Markup {
        let w = self.words;
        let names: Vec<&str> = chosen.iter().map(|pick| pick.name(self.tongue)).collect();
        let more = chosen.len() < self.setup.groups.len().min(ERRANDS_MAX);
        html! {
            p.chosen { (w.chosen) ": " strong { (names.join(", ")) } }
            form method="post" action={ (self.home) "?" (TONGUE_FIELD) "=" (self.tongue.tag()) } {
                input type="hidden" name="phieu" value=(self.id);
                input type="hidden" name="viec" value=(codes(chosen));
                @if let Some(answers) = answers { input type="hidden" name="co" value=(written(answers)); }
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
                @if more { a.button.quiet href=(self.address(chosen, "&them=1")) { (w.add) } }
                a.button.quiet href={ (self.home) "?" (TONGUE_FIELD) "=" (self.tongue.tag()) } { (w.restart) }
            }
        }
    }

    fn ways_out(&self) -> Markup {
        html! { div.more {
            (self.listen())
            a.button.quiet href={ (self.home) "?" (TONGUE_FIELD) "=" (self.tongue.tag()) } { (self.words.restart) }
        } }
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

/// As an address or a form holds them.
fn codes(picks: &[Pick]) -> String {
    let codes: Vec<&str> = picks.iter().map(|pick| pick.code()).collect();
    codes.join(",")
}

/// A procedure's name, in Vietnamese where it has none in the language.
fn procedure_name(one: &Procedure, tongue: Tongue) -> &str {
    match tongue {
        Tongue::Vi => &one.name,
        Tongue::En => &one.name_en,
        Tongue::Km => one.name_km.as_ref().unwrap_or(&one.name),
    }
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
