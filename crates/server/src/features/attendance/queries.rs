//! What comings and goings add up to: who is there, for how long, and which teams.

use super::store::{self, Row, Site};
use crate::platform::db::{Tx, from_unix_ms, unix_ms};
use crate::platform::problem::AppResult;
use domain::attendance::{Doubt, Event, Standing, pair, weeks_in_a_row};
use domain::ids::{FactId, MemberId, TeamId};
use domain::people::TeamKind;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use time::{Date, Duration, OffsetDateTime};

/// How far back weeks in a row are looked for.
const STREAK_DAYS: Duration = Duration::days(371);

/// A time that somebody was somewhere.
#[derive(Debug)]
pub struct Stay {
    /// Who.
    pub member: MemberId,
    /// Where.
    pub site: Site,
    /// The civil day.
    pub day: Date,
    /// Since when.
    pub from: OffsetDateTime,
    /// Until when, said or assumed.
    pub to: OffsetDateTime,
    /// Whether nobody said that they left.
    pub assumed: bool,
    /// Whole minutes from one to the other.
    pub minutes: i64,
    /// How far it is believed: as far as the less believed of both ends.
    pub standing: Standing,
    /// What speaks against it.
    pub doubts: Vec<Doubt>,
    /// The fact that it began with.
    pub fact: FactId,
}

/// Turns rows into stays, a member's day at a time; `shifts` says when those who never
/// left were to.
fn stays(rows: &[Row], shifts: &[(Site, OffsetDateTime, OffsetDateTime)]) -> Vec<Stay> {
    let mut by_day: BTreeMap<(Date, MemberId), Vec<Event<FactId>>> = BTreeMap::new();
    let by_fact: HashMap<FactId, &Row> = rows.iter().map(|row| (row.fact, row)).collect();
    for row in rows {
        by_day
            .entry((row.day, row.member))
            .or_default()
            .push(Event {
                at_ms: unix_ms(row.at),
                direction: row.direction,
                of: row.fact,
            });
    }
    let mut found = Vec::new();
    for ((day, member), events) in by_day {
        for stretch in pair(events) {
            let Some(from) = by_fact.get(&stretch.from.of) else {
                continue;
            };
            let to = stretch.to.and_then(|to| by_fact.get(&to.of));
            let shift = shifts
                .iter()
                .filter(|(site, _, ends)| *site == from.site && *ends > from.at)
                .map(|(_, _, ends)| unix_ms(*ends))
                .min();
            let to_ms = stretch
                .to
                .map_or_else(|| stretch.assumed_end_ms(shift), |to| to.at_ms);
            let assumed_minutes = (to_ms - stretch.from.at_ms) / 60_000;
            let mut doubts = from.doubts.clone();
            doubts.extend(to.iter().flat_map(|to| to.doubts.iter().copied()));
            found.push(Stay {
                member,
                site: from.site,
                day,
                from: from.at,
                to: from_unix_ms(to_ms).unwrap_or(from.at),
                assumed: to.is_none(),
                minutes: to.map_or(assumed_minutes, |_| stretch.minutes()),
                standing: to.map_or(from.standing, |to| to.standing.max(from.standing)),
                doubts,
                fact: from.fact,
            });
        }
    }
    found
}

/// A member's stays on the days from the first to the last.
///
/// # Errors
/// The storage's.
pub fn stays_of(tx: &Tx<'_>, member: MemberId, days: (Date, Date)) -> AppResult<Vec<Stay>> {
    let rows = store::of_member(tx, member, days)?;
    Ok(stays(&rows, &store::shift_ends(tx, member, days)?))
}

/// What somebody's stays add up to.
#[derive(Debug)]
pub struct Hours {
    /// Who.
    pub member: MemberId,
    /// Minutes from coming to going.
    pub minutes: i64,
    /// Minutes of stays that nobody said the end of, on top.
    pub assumed_minutes: i64,
    /// Days on which they came.
    pub days: usize,
    /// Weeks in a row up to now.
    pub weeks_in_a_row: u32,
    /// Stays that are doubtful.
    pub doubtful: usize,
}

/// Whose hours.
#[derive(Clone, Copy, Debug)]
pub enum Whose {
    /// One member's.
    Member(MemberId),
    /// Those of everybody who came for a team.
    Team(TeamId),
    /// One member's for a team.
    MemberFor(MemberId, TeamId),
}

/// Stays in a period, newest first, and what they add up to for each member.
///
/// # Errors
/// The storage's.
pub fn hours(
    tx: &Tx<'_>,
    whose: Whose,
    (first, last): (Date, Date),
    now: OffsetDateTime,
) -> AppResult<(Vec<Hours>, Vec<Stay>)> {
    let today = domain::days::day_of(now);
    let long = (first.min(today - STREAK_DAYS), last.max(today));
    let rows = match whose {
        Whose::Member(member) => store::of_member(tx, member, long)?,
        Whose::Team(team) => store::of_team(tx, team, long)?,
        Whose::MemberFor(member, team) => {
            let mut rows = store::of_member(tx, member, long)?;
            rows.retain(|row| row.team == Some(team));
            rows
        }
    };
    let members: BTreeSet<MemberId> = rows.iter().map(|row| row.member).collect();
    let (mut people, mut all) = (Vec::new(), Vec::new());
    for member in members {
        let own: Vec<Row> = rows
            .iter()
            .filter(|row| row.member == member)
            .cloned()
            .collect();
        let shifts = store::shift_ends(tx, member, (first, last))?;
        let came: BTreeSet<Date> = own.iter().map(|row| row.day).collect();
        let in_period: Vec<Row> = own
            .into_iter()
            .filter(|row| (first..=last).contains(&row.day))
            .collect();
        let stays = stays(&in_period, &shifts);
        if stays.is_empty() && matches!(whose, Whose::Team(_)) {
            continue;
        }
        // Who is still there has not stayed until the assumed end yet.
        let over = |stay: &&Stay| stay.assumed && stay.to <= now;
        people.push(Hours {
            member,
            minutes: stays
                .iter()
                .filter(|stay| !stay.assumed)
                .map(|stay| stay.minutes)
                .sum(),
            assumed_minutes: stays.iter().filter(over).map(|stay| stay.minutes).sum(),
            days: came.range(first..=last).count(),
            weeks_in_a_row: weeks_in_a_row(came, today),
            doubtful: stays
                .iter()
                .filter(|stay| stay.standing == Standing::Doubtful)
                .count(),
        });
        all.extend(stays);
    }
    all.sort_by_key(|stay| std::cmp::Reverse(stay.from));
    Ok((people, all))
}

/// What nobody doubts of somebody's comings and goings.
#[derive(Debug, Default)]
pub struct Verified {
    /// From coming to going, both of them said.
    pub minutes: i64,
    /// Days with such minutes.
    pub days: i64,
    /// The teams they came for.
    pub teams: BTreeSet<TeamId>,
}

/// What nobody doubts of a member's comings and goings in a period.
///
/// # Errors
/// The storage's.
pub fn verified(tx: &Tx<'_>, member: MemberId, period: (Date, Date)) -> AppResult<Verified> {
    let mut rows = store::of_member(tx, member, period)?;
    let stays = stays(&rows, &[]);
    let sure: Vec<&Stay> = stays
        .iter()
        .filter(|stay| stay.standing != Standing::Doubtful && !stay.assumed)
        .collect();
    let days: BTreeSet<Date> = sure.iter().map(|stay| stay.day).collect();
    let begun: BTreeSet<FactId> = sure.iter().map(|stay| stay.fact).collect();
    rows.retain(|row| begun.contains(&row.fact));
    Ok(Verified {
        minutes: sure.iter().map(|stay| stay.minutes).sum(),
        days: days.len() as i64,
        teams: rows.iter().filter_map(|row| row.team).collect(),
    })
}

/// Who is at a point or activity now, and who has a shift there and is not.
#[derive(Debug, Default)]
pub struct Present {
    /// There, since when.
    pub here: Vec<Stay>,
    /// Not there: who, from when, until when.
    pub missing: Vec<store::Due>,
}

/// Who is where at or below a path now.
///
/// # Errors
/// The storage's.
pub fn present(tx: &Tx<'_>, path: &str, now: OffsetDateTime) -> AppResult<BTreeMap<Site, Present>> {
    let day = domain::days::day_of(now);
    let rows = store::below(tx, path, day)?;
    let due = store::due_below(tx, path, day)?;
    let ends: Vec<_> = due
        .iter()
        .map(|due| (Site::Point(due.point), due.from, due.to))
        .collect();
    let mut found: BTreeMap<Site, Present> = BTreeMap::new();
    for stay in stays(&rows, &ends) {
        if stay.assumed && stay.from <= now && now < stay.to {
            found.entry(stay.site).or_default().here.push(stay);
        }
    }
    for due in due
        .into_iter()
        .filter(|due| due.from <= now && now < due.to)
    {
        let there = found.entry(Site::Point(due.point)).or_default();
        if !there.here.iter().any(|stay| stay.member == due.member) {
            there.missing.push(due);
        }
    }
    Ok(found)
}

/// How a team did on a day of the week.
#[derive(Debug)]
pub struct TeamDay {
    /// Which.
    pub team: store::TeamAt,
    /// How many of it came on the day.
    pub people: i64,
    /// Weeks in a row up to the day on which it came on this day of the week, the day
    /// itself left out while nobody has come yet.
    pub weeks_in_a_row: u32,
    /// When it last came before or on the day, on any day of the week.
    pub last_on: Option<Date>,
}

/// The teams at or below a path and whether they came on a day, silent ones first, the
/// longest silent among them before the others.
///
/// # Errors
/// The storage's.
pub fn teams_on(
    tx: &Tx<'_>,
    path: &str,
    kind: Option<TeamKind>,
    day: Date,
) -> AppResult<Vec<TeamDay>> {
    let mut came: HashMap<TeamId, Vec<(Date, i64)>> = HashMap::new();
    for (team, on, people) in store::team_days(tx, path, (day - STREAK_DAYS, day))? {
        came.entry(team).or_default().push((on, people));
    }
    let mut teams: Vec<TeamDay> = store::teams_below(tx, path, kind, day)?
        .into_iter()
        .map(|team| {
            let days = came.remove(&team.id).unwrap_or_default();
            let same = days
                .iter()
                .map(|(on, _)| *on)
                .filter(|on| on.weekday() == day.weekday());
            TeamDay {
                team,
                people: days
                    .last()
                    .filter(|(on, _)| *on == day)
                    .map_or(0, |(_, people)| *people),
                weeks_in_a_row: weeks_in_a_row(same, day),
                last_on: days.last().map(|(on, _)| *on),
            }
        })
        .collect();
    teams.sort_by_key(|one| (one.people > 0, one.last_on));
    Ok(teams)
}
