//! Taking a batch of facts in: one outcome for each, one durable transaction for
//! all, and only what was really inserted is counted.

use super::circle::Circle;
use super::ledger::{self, New, Stored};
use super::measures::{self, Active, Counting, Measures, Parts};
use crate::args;
use crate::features::attendance::keeping;
use crate::features::branch::keeping as branch;
use crate::features::desk::{self, steps as desk_steps};
use crate::features::experts::{self, steps as expert_steps};
use crate::features::members::Role;
use crate::features::questions::keeping as questions;
use crate::features::rosters::steps;
use crate::features::scams::keeping as scams;
use crate::platform::clock::Clock;
use crate::platform::db::Tx;
use crate::platform::problem::{AppError, AppResult};
use domain::catalogue::Catalogue;
use domain::days::iso;
use domain::desk::offline::TicketStep;
use domain::experts::ExpertStep;
use domain::facts::{Body, Fact, Kind, Refused, RosterStep, untimely};
use domain::ids::{CampaignId, DeviceId, FactId, MemberId, PlaceId, TeamId};
use domain::indicators::{Contribution, Part};
use domain::observations::subjects;
use domain::refusal::Refusal;
use domain::rosters::Action;
use domain::subjects::{Pseudonymiser, SubjectKey};
use domain::tallies::{Deltas, standing};
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex};
use time::{Date, OffsetDateTime};

/// What became of one fact.
#[derive(Debug, PartialEq)]
pub enum Outcome {
    /// New and kept.
    Counted(Credit),
    /// It was there already, word for word.
    Duplicate(Credit),
    /// It needs a fact that has not arrived; send both again.
    Held {
        /// The fact it needs.
        needs: FactId,
    },
    /// Not kept.
    Refused(Refusal),
}

/// An indicator that a fact counts for.
#[derive(Clone, Debug, PartialEq)]
pub struct Counted {
    /// Its campaign.
    pub campaign: CampaignId,
    /// Its code.
    pub code: String,
    /// Its short name.
    pub short_name: String,
}

impl From<&Active> for Counted {
    fn from(active: &Active) -> Self {
        Self {
            campaign: active.campaign,
            code: active.code.clone(),
            short_name: active.short_name.clone(),
        }
    }
}

/// Which indicators a fact counts for.
#[derive(Debug, Default, PartialEq)]
pub struct Credit {
    /// Indicators that went up, or hold, because of this fact.
    pub counted_in: Vec<Counted>,
    /// Codes of indicators for which an earlier fact about the same subject is credited.
    pub credited_before: Vec<String>,
}

impl Credit {
    fn note(&mut self, active: &Active, ours: bool) {
        if active.part == Part::Denominator {
            return;
        }
        if ours {
            self.counted_in.push(Counted::from(active));
        } else {
            self.credited_before.push(active.code.clone());
        }
    }
}

/// What ingesting needs besides the transaction.
#[derive(Debug)]
pub struct Ingest<'a> {
    /// Services.
    pub catalogue: &'a Catalogue,
    /// Pseudonyms.
    pub keys: &'a Pseudonymiser,
    /// Measures compiled before, replaced when they are out of date.
    pub kept: &'a Mutex<Arc<Measures>>,
    /// Who sends.
    pub actor: MemberId,
    /// Now.
    pub now: OffsetDateTime,
    /// For the ids of what people are told.
    pub clock: &'a Clock,
}

/// What somebody does by themselves about a shift or a request, or a desk without a network
/// about a ticket: kept only if it can still be done.
#[derive(Clone, Debug)]
enum Step {
    Roster(RosterStep),
    Expert(ExpertStep),
    Ticket(Box<TicketStep>),
}

impl Step {
    fn of(fact: &Fact) -> Option<Self> {
        let expert = || expert_steps::step_of(fact).cloned().map(Self::Expert);
        let ticket = || {
            desk_steps::step_of(fact)
                .cloned()
                .map(Box::new)
                .map(Self::Ticket)
        };
        let roster = steps::step_of(fact).map(Self::Roster);
        roster.or_else(expert).or_else(ticket)
    }

    /// Tickets come after everything else, and what a device did about them in the order in
    /// which it did it, whatever the order in which it says so.
    fn order(&self, fact: &Fact) -> Option<(DeviceId, u32)> {
        matches!(self, Self::Ticket(_)).then_some((fact.device, fact.seq))
    }
}

/// A place as this batch sees it.
struct Seen {
    path: String,
    valid_from: Option<Date>,
    valid_to: Option<Date>,
    in_scope: bool,
    /// First day of the earliest campaign here; `None` = no campaign.
    first_day: Option<Date>,
}

/// A fact made ready before its transaction, which others wait for.
#[derive(Debug)]
pub struct Ready {
    fact: Fact,
    /// Its body as it will be stored.
    body: String,
}

impl From<Fact> for Ready {
    fn from(fact: Fact) -> Self {
        let body = fact.body.stored();
        Self { fact, body }
    }
}

/// What a step comes to.
enum Decided {
    Roster(Vec<steps::Deed>),
    Expert((experts::store::Change, domain::experts::Standing)),
    Ticket(Box<desk_steps::Decided>),
}

struct Batch<'a, 't, 'c> {
    tx: &'t mut Tx<'c>,
    with: &'a Ingest<'a>,
    counting: Counting<'a>,
    places: HashMap<PlaceId, Option<Seen>>,
    teams: HashMap<TeamId, Option<String>>,
    deltas: Deltas,
}

/// Takes in parsed facts and refusals; the outcomes come in the same order.
///
/// # Errors
/// The storage's: then nothing of the batch was kept.
pub fn ingest(
    tx: &mut Tx<'_>,
    with: &Ingest<'_>,
    facts: Vec<Result<impl Into<Ready>, Refused>>,
) -> AppResult<Vec<Outcome>> {
    let measures = measures::current_shared(tx, with.kept)?;
    let counting = Counting {
        measures: &measures.all,
        catalogue: with.catalogue,
        keys: with.keys,
    };
    let mut batch = Batch {
        tx,
        with,
        counting,
        places: HashMap::new(),
        teams: HashMap::new(),
        deltas: Deltas::default(),
    };
    let mut outcomes: Vec<Option<Outcome>> = facts.iter().map(|_| None).collect();
    let (mut originals, mut waiting) = (Vec::new(), Vec::new());
    let (mut taken, mut last) = (Vec::new(), Vec::new());
    for (at, fact) in facts.into_iter().enumerate() {
        let ready: Ready = match fact {
            Ok(fact) => fact.into(),
            Err((_, refusal)) => {
                outcomes[at] = Some(Outcome::Refused(refusal));
                continue;
            }
        };
        if let Some(refusal) = batch.refuse(&ready.fact)? {
            outcomes[at] = Some(batch.refused(&ready.fact, refusal)?);
        } else if let Some(step) = Step::of(&ready.fact) {
            taken.push((at, ready, step));
        } else if [branch::comes_last, scams::comes_last, questions::comes_last]
            .iter()
            .any(|comes_last| comes_last(&ready.fact))
        {
            last.push((at, ready));
        } else if ready.fact.corrects.is_none() {
            originals.push((at, ready));
        } else {
            waiting.push((at, ready));
        }
    }
    taken.sort_by_key(|(_, ready, step): &(usize, Ready, Step)| step.order(&ready.fact));
    batch.hold_all(originals.iter().chain(&waiting).chain(&last), &taken)?;
    for (at, outcome) in batch.take(&originals)? {
        outcomes[at] = Some(outcome);
    }
    for (at, outcome) in batch.take_corrections(waiting)? {
        outcomes[at] = Some(outcome);
    }
    let deltas = std::mem::take(&mut batch.deltas);
    ledger::add_to_tallies(batch.tx, deltas)?;
    // Last, for they take the registers' revision, and others wait for that.
    for (at, ready, step) in taken {
        outcomes[at] = Some(batch.take_step(&ready, &step)?);
    }
    for (at, ready) in last {
        outcomes[at] = Some(batch.take_last(&ready)?);
    }
    outcomes
        .into_iter()
        .map(|outcome| outcome.ok_or_else(AppError::panicked))
        .collect()
}

impl Batch<'_, '_, '_> {
    /// Holds everybody these facts are about, and the chains they correct with everybody
    /// those are about, in one go: whoever held some and waited for others could be
    /// waited for by them.
    fn hold_all<'f>(
        &mut self,
        facts: impl Iterator<Item = &'f (usize, Ready)> + Clone,
        taken: &[(usize, Ready, Step)],
    ) -> AppResult<()> {
        if self.tx.is_sqlite() {
            return Ok(());
        }
        let corrected: Vec<FactId> = facts
            .clone()
            .filter_map(|(_, ready)| ready.fact.corrects)
            .collect();
        let chains = ledger::chains(self.tx, &corrected)?;
        let mut keys: Vec<[u8; 16]> = corrected.iter().map(|id| *id.0.as_bytes()).collect();
        let roster = taken.iter().filter_map(|(_, _, step)| match step {
            Step::Roster(step) => Some(step),
            Step::Expert(_) | Step::Ticket(_) => None,
        });
        keys.extend(steps::keys(roster, self.with.actor));
        keys.extend(taken.iter().filter_map(|(_, _, step)| match step {
            Step::Expert(step) => Some(expert_steps::hold_key(step.request)),
            Step::Roster(_) | Step::Ticket(_) => None,
        }));
        let tickets = taken.iter().filter_map(|(_, _, step)| match step {
            Step::Ticket(step) => Some(&**step),
            Step::Roster(_) | Step::Expert(_) => None,
        });
        keys.extend(desk_steps::keys(self.tx, tickets)?);
        for stored in &chains {
            let root = stored.root.unwrap_or(stored.fact.id);
            keys.push(*root.0.as_bytes());
        }
        let facts = facts.map(|(_, ready)| &ready.fact);
        for fact in facts.chain(chains.iter().map(|stored| &stored.fact)) {
            keys.extend(
                subjects(fact, self.with.keys)
                    .iter()
                    .map(|subject| subject.0),
            );
        }
        Ok(self.tx.hold(&keys)?)
    }

    /// Takes in facts that correct nothing, all at once.
    fn take(&mut self, originals: &[(usize, Ready)]) -> AppResult<Vec<(usize, Outcome)>> {
        let about: Vec<Vec<SubjectKey>> = originals
            .iter()
            .map(|(_, ready)| subjects(&ready.fact, self.with.keys))
            .collect();
        let mut parts = VecDeque::with_capacity(originals.len());
        let mut all: Vec<SubjectKey> = Vec::new();
        for ((_, Ready { fact, .. }), about) in originals.iter().zip(&about) {
            let path = self.path(&fact.place)?;
            let of_fact = self.counting.parts(fact, &path);
            match keeping::of(fact) {
                None => all.extend(about),
                // A team's arrivals are many; they are read only where something counts them.
                Some(_) => all.extend(keys_of(&of_fact)),
            }
            parts.push_back(of_fact);
        }
        all.sort_unstable();
        all.dedup();
        let rows: Vec<New<'_>> = originals
            .iter()
            .map(|(_, ready)| New {
                fact: &ready.fact,
                body: &ready.body,
                root: None,
            })
            .collect();
        let (actor, now) = (self.with.actor, self.with.now);
        let mut new = ledger::append(self.tx, &rows, actor, now)?;
        let mut circle = Circle::around(self.tx, &self.counting, &all)?;
        let mut links = Vec::new();
        let mut outcomes = Vec::with_capacity(originals.len());
        for ((at, Ready { fact, .. }), about) in originals.iter().zip(&about) {
            let parts = parts.pop_front().unwrap_or_default();
            // The same id twice in one batch is new once.
            if !new.remove(&fact.id) {
                outcomes.push((*at, None));
                continue;
            }
            self.keep(fact)?;
            let credit = give(&mut self.deltas, &circle, fact, about, &parts);
            circle.admit(fact, about, parts);
            links.extend(about.iter().map(|subject| (*subject, fact.id)));
            outcomes.push((*at, Some(Outcome::Counted(credit))));
        }
        ledger::link(self.tx, &links)?;
        let outcome = |((at, outcome), (_, ready)): ((usize, Option<Outcome>), &(usize, Ready))| {
            let outcome = match outcome {
                Some(counted) => counted,
                None => self.repeated(&ready.fact)?,
            };
            Ok((at, outcome))
        };
        outcomes.into_iter().zip(originals).map(outcome).collect()
    }

    /// Takes in a step: kept only if it can still be done.
    fn take_step(&mut self, ready: &Ready, step: &Step) -> AppResult<Outcome> {
        let Ready { fact, body } = ready;
        let (actor, now) = (self.with.actor, self.with.now);
        let decided = match step {
            Step::Roster(step) => {
                steps::decide(self.tx, actor, fact, *step, now)?.map(Decided::Roster)
            }
            Step::Expert(step) => {
                expert_steps::decide(self.tx, actor, fact, step, now)?.map(Decided::Expert)
            }
            Step::Ticket(step) => match desk_steps::decide(self.tx, actor, fact, step, now)? {
                Ok(decided) => Ok(Decided::Ticket(Box::new(decided))),
                Err(desk_steps::No::Held(needs)) => return Ok(Outcome::Held { needs }),
                Err(desk_steps::No::Refused(refusal)) => Err(refusal),
            },
        };
        let decided = match decided {
            Ok(decided) => decided,
            Err(refusal) => return self.refused(fact, refusal),
        };
        let row = New {
            fact,
            body,
            root: None,
        };
        if ledger::append(self.tx, &[row], actor, now)?.is_empty() {
            return self.repeated(fact);
        }
        match decided {
            Decided::Roster(deeds) => steps::apply(self.tx, self.with.clock, &deeds)?,
            Decided::Expert(done) => expert_steps::apply(self.tx, self.with.clock, &done)?,
            Decided::Ticket(done) => desk_steps::apply(self.tx, *done)?,
        }
        Ok(Outcome::Counted(Credit::default()))
    }

    /// Takes in what a branch does about a task or a directive, a report of a scam or a
    /// resident's question, after what came before it.
    fn take_last(&mut self, ready: &Ready) -> AppResult<Outcome> {
        let Ready { fact, body } = ready;
        let (actor, now, keys) = (self.with.actor, self.with.now, self.with.keys);
        if branch::comes_last(fact)
            && let Some(refusal) = branch::refuse(self.tx, actor, fact)?
        {
            return self.refused(fact, refusal);
        }
        if let Some(refusal) = questions::refuse(self.tx, fact)? {
            return self.refused(fact, refusal);
        }
        let row = New {
            fact,
            body,
            root: None,
        };
        if ledger::append(self.tx, &[row], actor, now)?.is_empty() {
            return self.repeated(fact);
        }
        let about = subjects(fact, keys);
        let links: Vec<_> = about.iter().map(|subject| (*subject, fact.id)).collect();
        ledger::link(self.tx, &links)?;
        branch::keep(self.tx, keys, fact, now)?;
        scams::keep(self.tx, self.with.clock, fact, actor)?;
        questions::keep(self.tx, (self.with.clock, keys), fact, actor)?;
        Ok(Outcome::Counted(Credit::default()))
    }

    /// Takes in corrections, each after the one it corrects, however they are ordered;
    /// then lets one fact of each chain stand.
    fn take_corrections(&mut self, all: Vec<(usize, Ready)>) -> AppResult<Vec<(usize, Outcome)>> {
        let here: HashSet<FactId> = all.iter().map(|(_, ready)| ready.fact.id).collect();
        let mut behind: HashMap<FactId, Vec<(usize, Ready)>> = HashMap::new();
        let mut next = VecDeque::new();
        for (at, ready) in all {
            match ready.fact.corrects.filter(|target| here.contains(target)) {
                Some(target) => behind.entry(target).or_default().push((at, ready)),
                None => next.push_back((at, ready)),
            }
        }
        let mut outcomes = Vec::new();
        let mut chains: BTreeMap<FactId, Vec<(usize, Fact)>> = BTreeMap::new();
        while let Some((at, ready)) = next.pop_front() {
            let appended = self.append_correction(&ready)?;
            if !matches!(appended, Err(Outcome::Held { .. })) {
                next.extend(behind.remove(&ready.fact.id).unwrap_or_default());
            }
            match appended {
                Ok(root) => chains.entry(root).or_default().push((at, ready.fact)),
                Err(outcome) => outcomes.push((at, outcome)),
            }
        }
        for (root, new) in chains {
            let (winner, mut credit) = self.settle(root, &new)?;
            for (at, fact) in new {
                let credit = if fact.id == winner {
                    std::mem::take(&mut credit)
                } else {
                    Credit::default()
                };
                outcomes.push((at, Outcome::Counted(credit)));
            }
        }
        // What is left waits for one that is held itself.
        for (needs, left) in behind {
            outcomes.extend(
                left.into_iter()
                    .map(|(at, _)| (at, Outcome::Held { needs })),
            );
        }
        Ok(outcomes)
    }

    /// Appends a correction; the root of its chain, or what else became of it.
    fn append_correction(&mut self, ready: &Ready) -> AppResult<Result<FactId, Outcome>> {
        let fact = &ready.fact;
        let Some(target) = fact.corrects else {
            return Err(AppError::Internal("a correction of nothing".to_owned()));
        };
        let Some(original) = ledger::find(self.tx, target)? else {
            return Ok(Err(Outcome::Held { needs: target }));
        };
        if let Some(refusal) = self.refuse_correction(fact, &original)? {
            return Ok(Err(self.refused(fact, refusal)?));
        }
        let root = original.root.unwrap_or(original.fact.id);
        self.tx.hold(&[*root.0.as_bytes()])?;
        let row = New {
            fact,
            body: &ready.body,
            root: Some(root),
        };
        let (actor, now) = (self.with.actor, self.with.now);
        if ledger::append(self.tx, &[row], actor, now)?.is_empty() {
            return Ok(Err(self.repeated(fact)?));
        }
        Ok(Ok(root))
    }

    fn hold(&mut self, subjects: &[SubjectKey]) -> AppResult<()> {
        let keys: Vec<[u8; 16]> = subjects.iter().map(|subject| subject.0).collect();
        Ok(self.tx.hold(&keys)?)
    }

    /// What was taken in before stays so, though it would not be taken now: the first
    /// answer may have been lost, and scopes and campaigns have changed since.
    fn refused(&mut self, fact: &Fact, refusal: Refusal) -> AppResult<Outcome> {
        match ledger::find(self.tx, fact.id)? {
            Some(stored) if stored.actor == self.with.actor && stored.fact == *fact => {
                Ok(Outcome::Duplicate(self.credit(&stored.fact)?))
            }
            _ => Ok(Outcome::Refused(refusal)),
        }
    }

    /// The same id again: the first one stays, whatever this one says.
    fn repeated(&mut self, fact: &Fact) -> AppResult<Outcome> {
        let Some(stored) = ledger::find(self.tx, fact.id)? else {
            return Err(AppError::Internal(
                "a fact that conflicts is not there".to_owned(),
            ));
        };
        if stored.actor != self.with.actor || stored.fact != *fact {
            return Ok(Outcome::Refused(Refusal::new("fact.conflict")));
        }
        Ok(Outcome::Duplicate(self.credit(&stored.fact)?))
    }

    fn refuse(&mut self, fact: &Fact) -> AppResult<Option<Refusal>> {
        if let Some(refusal) = untimely(fact.happened_at, self.with.now) {
            return Ok(Some(refusal));
        }
        let day = fact.day();
        let actor = self.with.actor;
        let Some(place) = self.place(&fact.place, actor)? else {
            return Ok(Some(
                Refusal::new("fact.place_unknown").with("place", fact.place.as_str()),
            ));
        };
        let no = |code| {
            Ok(Some(
                Refusal::new(code)
                    .with("place", fact.place.as_str())
                    .with("day", iso::text(day)),
            ))
        };
        let attendance = keeping::of(fact);
        let (in_scope, valid_from, valid_to) = (place.in_scope, place.valid_from, place.valid_to);
        let (first_day, path) = (place.first_day, place.path.clone());
        if !in_scope && !self.helps_elsewhere(fact)? {
            return no("fact.out_of_scope");
        }
        if valid_from.is_some_and(|from| day < from) || valid_to.is_some_and(|to| day >= to) {
            return no("fact.place_not_in_force");
        }
        // Steps, work and minutes count for nothing, and are made before a campaign begins, too.
        let kind = fact.body.kind();
        let uncounted = [Kind::Step, Kind::ExpertWork, Kind::Minutes];
        let counts = !kind.is_step() && !uncounted.contains(&kind);
        if let Some(first) = first_day.filter(|first| counts && day < *first) {
            let starts_on = vn::number::date(first);
            return Ok(Some(
                Refusal::new("fact.before_campaign").with("starts_on", starts_on),
            ));
        }
        if let Some(attendance) = attendance {
            return match self.restates(fact)? {
                true => Ok(None),
                false => keeping::refuse(self.tx, actor, fact, attendance),
            };
        }
        if let Some(work) = expert_steps::work_of(fact) {
            let refusal = expert_steps::refuse_work(self.tx, actor, fact, work, self.with.now)?;
            if refusal.is_some() {
                return Ok(refusal);
            }
        }
        if let Some(team) = fact.team {
            let home = self.team(team)?;
            // The place is the team's commune, or a hamlet in it, or an ancestor for officers' facts.
            if !home.is_some_and(|home| path.starts_with(&home) || home.starts_with(&path)) {
                return Ok(Some(
                    Refusal::new("fact.team_unknown").with("team", team.to_string()),
                ));
            }
        }
        if let Body::Step(step) = &fact.body
            && !ledger::is_planned_around(self.tx, step.activity, &path)?
        {
            return Ok(Some(Refusal::new("fact.activity_unknown")));
        }
        if let Body::Minutes(minutes) = &fact.body {
            return branch::refuse_minutes(self.tx, self.with.keys, actor, fact, minutes);
        }
        Ok(None)
    }

    /// Whether somebody may say this of a place that is not theirs: who comes to help is there all
    /// the same, may leave the shift they have there, and what they did at its desk is its place's.
    /// What they may take back is decided with the fact it was.
    fn helps_elsewhere(&self, fact: &Fact) -> AppResult<bool> {
        Ok(match &fact.body {
            Body::Attendance(_) | Body::ExpertStep(_) | Body::ExpertWork(_) | Body::Void(_) => true,
            Body::Roster(step) => {
                matches!(step.action, Action::Leave | Action::Offer | Action::Keep)
            }
            Body::Assist(_) => match desk_steps::served(fact) {
                Some(ticket) => {
                    let at = (&fact.place, fact.day());
                    desk::store::may_serve(self.tx, ticket, self.with.actor, at)?
                }
                None => false,
            },
            _ => false,
        })
    }

    /// Whether a correction says word for word what it corrects, as when somebody's coming was
    /// taken back and counts again after all.
    fn restates(&self, fact: &Fact) -> AppResult<bool> {
        let original = match fact.corrects {
            Some(target) => ledger::find(self.tx, target)?,
            None => None,
        };
        let said = |fact: &Fact| (fact.happened_at, fact.place.clone(), fact.team);
        Ok(original.is_some_and(|Stored { fact: first, .. }| {
            said(&first) == said(fact) && first.body == fact.body
        }))
    }

    /// Only who recorded a fact, or a leader or officer above its place, may correct it.
    fn refuse_correction(&mut self, fact: &Fact, original: &Stored) -> AppResult<Option<Refusal>> {
        let fits = match &fact.body {
            Body::Void(_) => {
                let kind = original.fact.body.kind();
                !kind.is_step() && ![Kind::Void, Kind::Minutes].contains(&kind)
            }
            Body::Minutes(new) => match &original.fact.body {
                Body::Minutes(old) => {
                    let same = (old.activity, old.day) == (new.activity, new.day);
                    same && original.fact.team == fact.team
                }
                _ => false,
            },
            other => other.kind() == original.fact.body.kind(),
        };
        if !fits {
            return Ok(Some(Refusal::new("fact.correction_kind")));
        }
        if original.actor == self.with.actor {
            return Ok(None);
        }
        let today = domain::days::day_of(self.with.now);
        let above = crate::features::places::store::find_in_scope(
            self.tx,
            self.with.actor,
            Role::Leader,
            &original.fact.place,
            today,
        )?;
        Ok(above.is_none().then(|| Refusal::new("fact.not_yours")))
    }

    /// Lets the latest correction of a chain stand and everything before it fall, after
    /// some `new` ones were appended; which stands, and where it is credited if it is new.
    fn settle(&mut self, root: FactId, new: &[(usize, Fact)]) -> AppResult<(FactId, Credit)> {
        let chain = ledger::corrections(self.tx, root)?;
        let Some((winner, is_void)) = standing(chain.iter().copied()) else {
            return Err(AppError::Internal("a chain without corrections".to_owned()));
        };
        let losers = chain.iter().map(|(id, _)| *id).chain([root]);
        let losers: Vec<FactId> = losers.filter(|id| *id != winner).collect();
        let stood = ledger::standing_of(self.tx, &losers)?;
        ledger::supersede(self.tx, &losers, winner)?;
        let is_new = |id: FactId| new.iter().any(|(_, fact)| fact.id == id);
        for stored in stood.iter().filter(|stored| !is_new(stored.fact.id)) {
            self.take_back(&stored.fact)?;
        }
        let credit = match new.iter().find(|(_, fact)| fact.id == winner) {
            Some((_, fact)) if !is_void => self.count(fact)?,
            _ => Credit::default(),
        };
        Ok((winner, credit))
    }

    /// Keeps what a fact that counts from now on says of comings, goings, work and tickets.
    fn keep(&mut self, fact: &Fact) -> AppResult<()> {
        if let Some(attendance) = keeping::of(fact) {
            keeping::keep(self.tx, fact, attendance)?;
        }
        if let Some(work) = expert_steps::work_of(fact) {
            experts::store::keep_work(self.tx, fact.id, (self.with.actor, fact.day()), work)?;
        }
        if let Some(ticket) = desk_steps::served(fact) {
            desk::store::link(self.tx, fact.id, ticket)?;
        }
        Ok(())
    }

    /// Counts one fact.
    fn count(&mut self, fact: &Fact) -> AppResult<Credit> {
        let about = subjects(fact, self.with.keys);
        self.hold(&about)?;
        let circle = Circle::around(self.tx, &self.counting, &about)?;
        let path = self.path(&fact.place)?;
        let parts = self.counting.parts(fact, &path);
        let links: Vec<_> = about.iter().map(|subject| (*subject, fact.id)).collect();
        ledger::link(self.tx, &links)?;
        self.keep(fact)?;
        Ok(give(&mut self.deltas, &circle, fact, &about, &parts))
    }

    /// Takes the count of one fact back.
    fn take_back(&mut self, fact: &Fact) -> AppResult<()> {
        let about = subjects(fact, self.with.keys);
        self.hold(&about)?;
        ledger::unlink(self.tx, fact.id, &about)?;
        if keeping::of(fact).is_some() {
            keeping::drop(self.tx, fact.id)?;
        }
        if expert_steps::work_of(fact).is_some() {
            experts::store::drop_work(self.tx, fact.id)?;
        }
        if desk_steps::served(fact).is_some() {
            desk::store::unlink(self.tx, fact.id)?;
        }
        let circle = Circle::around(self.tx, &self.counting, &about)?;
        let path = self.path(&fact.place)?;
        for (active, parts) in self.counting.parts(fact, &path) {
            let own = ledger::claim_of(fact).cell(active.id);
            let share = circle.share(fact, &about, active, &parts);
            share.take_back(own, &mut self.deltas);
        }
        Ok(())
    }

    /// Where a fact is credited as things stand.
    fn credit(&mut self, fact: &Fact) -> AppResult<Credit> {
        let mut credit = Credit::default();
        if ledger::superseded_by(self.tx, fact.id)?.is_some() {
            return Ok(credit);
        }
        let path = self.path(&fact.place)?;
        let about = subjects(fact, self.with.keys);
        let circle = Circle::around(self.tx, &self.counting, &about)?;
        for (active, parts) in self.counting.parts(fact, &path) {
            let share = circle.share(fact, &about, active, &parts);
            credit.note(active, share.credited);
        }
        Ok(credit)
    }

    fn path(&mut self, place: &PlaceId) -> AppResult<String> {
        match self.places.get(place) {
            Some(Some(seen)) => Ok(seen.path.clone()),
            _ => ledger::path_of(self.tx, place),
        }
    }

    fn place(&mut self, id: &PlaceId, actor: MemberId) -> AppResult<Option<&Seen>> {
        if !self.places.contains_key(id) {
            let seen = self.look_up(id, actor)?;
            self.places.insert(id.clone(), seen);
        }
        Ok(self.places.get(id).and_then(Option::as_ref))
    }

    fn look_up(&self, id: &PlaceId, actor: MemberId) -> AppResult<Option<Seen>> {
        let found = self.tx.one(
            "select p.path, p.valid_from, p.valid_to, exists (
               select 1 from member_grant g join place s on s.id = g.place_id
                where g.member_id = $2 and substr(p.path, 1, length(s.path)) = s.path)
               from place p where p.id = $1",
            args![id, actor],
            |row| {
                Ok((
                    row.get::<String>(0)?,
                    row.get(1)?,
                    row.get(2)?,
                    row.get::<bool>(3)?,
                ))
            },
        )?;
        let Some((path, valid_from, valid_to, in_scope)) = found else {
            return Ok(None);
        };
        let here = |active: &&Active| path.starts_with(&active.path);
        let first_day = self
            .counting
            .measures
            .iter()
            .filter(here)
            .map(|active| active.starts_on)
            .min();
        Ok(Some(Seen {
            path,
            valid_from,
            valid_to,
            in_scope,
            first_day,
        }))
    }

    /// The path of a team's home.
    fn team(&mut self, id: TeamId) -> AppResult<Option<String>> {
        if !self.teams.contains_key(&id) {
            let home = self.tx.one(
                "select p.path from team t join place p on p.id = t.place_id where t.id = $1",
                args![id],
                |row| row.get(0),
            )?;
            self.teams.insert(id, home);
        }
        Ok(self.teams.get(&id).cloned().flatten())
    }
}

/// The subjects that a fact's parts in some measures name.
fn keys_of<'p>(parts: &'p Parts<'_>) -> impl Iterator<Item = SubjectKey> + 'p {
    let all = parts.iter().flat_map(|(_, parts)| parts);
    all.filter_map(|part| match part {
        Contribution::Subject { key, .. } => Some(*key),
        _ => None,
    })
}

/// Adds a fact's shares to the tallies; where it is credited.
fn give(
    deltas: &mut Deltas,
    circle: &Circle<'_>,
    fact: &Fact,
    about: &[SubjectKey],
    parts: &Parts<'_>,
) -> Credit {
    let at = ledger::claim_of(fact);
    let mut credit = Credit::default();
    for (active, parts) in parts {
        let share = circle.share(fact, about, active, parts);
        credit.note(active, share.credited);
        share.give(at.cell(active.id), deltas);
    }
    credit
}
