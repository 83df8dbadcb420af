//! Which communes have teams of each kind and a core person, and which have none.

use crate::App;
use crate::args;
use crate::features::members::TeamRef;
use crate::features::places::{self, PlaceRef, store as place_store};
use crate::platform::db::{DbError, Tx};
use crate::platform::http::{Anyone, Caller};
use crate::platform::problem::AppResult;
use crate::platform::wire::{Day, Json, Query};
use axum::extract::State;
use domain::ids::PlaceId;
use domain::people::TeamKind;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use time::Date;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Of what, and when.
#[derive(Debug, Deserialize, IntoParams)]
pub struct CoverageQuery {
    /// In this subtree.
    #[param(value_type = String)]
    place: PlaceId,
    /// As of this day; today if absent.
    on: Option<Day>,
}

/// The earliest founding decision among teams of a kind.
#[derive(Debug, Serialize, ToSchema)]
pub struct FirstBody {
    team: TeamRef,
    founded_on: Day,
}

/// How far teams of a kind cover a place.
#[derive(Debug, Serialize, ToSchema)]
pub struct KindCoverage {
    kind: TeamKind,
    /// How many teams.
    teams: usize,
    /// Different people in them.
    people: usize,
    /// Communes that have one or more.
    units_with: usize,
    /// Communes that have none.
    missing: Vec<PlaceRef>,
    /// Which was first, by founding decisions.
    first: Option<FirstBody>,
}

/// How far core persons cover a place.
#[derive(Debug, Serialize, ToSchema)]
pub struct CoreCoverage {
    /// Different people.
    people: usize,
    /// Communes that have one or more.
    units_with: usize,
    /// Communes that have none.
    missing: Vec<PlaceRef>,
}

/// A unit below, with its teams and the people in them.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnitBody {
    place: PlaceRef,
    /// How many teams.
    teams: usize,
    /// Different people in them.
    people: usize,
}

/// How far teams and core persons cover a place.
#[derive(Debug, Serialize, ToSchema)]
pub struct CoverageBody {
    place: PlaceRef,
    on: Day,
    /// Communes in force.
    units: usize,
    /// Different people in teams of any kind.
    people: usize,
    /// Their memberships: somebody in two teams has two.
    memberships: usize,
    /// Kinds of which there are teams.
    kinds: Vec<KindCoverage>,
    /// Core persons.
    core: CoreCoverage,
    /// Units right below.
    children: Vec<UnitBody>,
}

/// Coverage of a place, commune by commune.
#[utoipa::path(get, path = "/api/v1/coverage", operation_id = "get_coverage", tag = "teams", params(CoverageQuery),
    responses((status = 200, body = CoverageBody)))]
pub async fn get_coverage(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Query(query): Query<CoverageQuery>,
) -> AppResult<Json<CoverageBody>> {
    let on = query.on.map_or_else(|| app.clock.today(), |day| day.0);
    app.db
        .read(move |tx| {
            let place = place_store::need_in_sight(tx, caller.member, &query.place, on)?;
            Ok(Json(coverage(tx, place, on)?))
        })
        .await
}

/// A team that exists on the day.
struct Team {
    id: Uuid,
    name: String,
    kind: TeamKind,
    founded_on: Option<Date>,
    path: String,
}

fn coverage(tx: &Tx<'_>, place: places::store::Place, on: Date) -> AppResult<CoverageBody> {
    let units = units(tx, &place.path, on)?;
    let teams = teams(tx, &place.path, on)?;
    let members = members(tx, &place.path, on)?;
    let mut by_kind: BTreeMap<TeamKind, Vec<&Team>> = BTreeMap::new();
    for team in &teams {
        by_kind.entry(team.kind).or_default().push(team);
    }
    let people_of = |teams: &[&Team]| {
        let all = teams.iter().filter_map(|team| members.get(&team.id));
        all.flatten().collect::<HashSet<_>>().len()
    };
    let kinds = by_kind
        .into_iter()
        .map(|(kind, teams)| {
            let (units_with, missing) = split(&units, teams.iter().map(|team| &*team.path));
            KindCoverage {
                kind,
                people: people_of(&teams),
                units_with,
                missing,
                first: first(&teams),
                teams: teams.len(),
            }
        })
        .collect();
    let (core_people, core_paths) = core_persons(tx, &place.path, on)?;
    let (units_with, missing) = split(&units, core_paths.iter().map(String::as_str));
    let children = place_store::children(tx, &place.id, on)?
        .into_iter()
        .map(|child| {
            let inside = teams
                .iter()
                .filter(|team| team.path.starts_with(&child.path));
            let inside: Vec<&Team> = inside.collect();
            UnitBody {
                people: people_of(&inside),
                teams: inside.len(),
                place: child.into(),
            }
        })
        .collect();
    Ok(CoverageBody {
        place: place.into(),
        on: Day(on),
        units: units.len(),
        people: people_of(&teams.iter().collect::<Vec<_>>()),
        memberships: members.values().map(Vec::len).sum(),
        kinds,
        core: CoreCoverage {
            people: core_people,
            units_with,
            missing,
        },
        children,
    })
}

/// Which of the units hold one of the paths: how many, and those that hold none.
fn split<'a>(units: &[PlaceRef], paths: impl Iterator<Item = &'a str>) -> (usize, Vec<PlaceRef>) {
    let held: BTreeSet<&str> = paths.flat_map(|path| path.split('/')).collect();
    let missing = units.iter().filter(|unit| !held.contains(&*unit.id));
    let missing: Vec<PlaceRef> = missing.cloned().collect();
    (units.len() - missing.len(), missing)
}

fn first(teams: &[&Team]) -> Option<FirstBody> {
    let dated = teams
        .iter()
        .filter_map(|team| Some((team.founded_on?, team)));
    let (day, team) = dated.min_by_key(|(day, team)| (*day, &team.name))?;
    let (id, name) = (team.id, team.name.clone());
    Some(FirstBody {
        team: TeamRef { id, name },
        founded_on: Day(day),
    })
}

/// Communes in force, by path.
fn units(tx: &Tx<'_>, path: &str, on: Date) -> Result<Vec<PlaceRef>, DbError> {
    let (from, to) = place_store::path_range(path);
    let sql = format!(
        "select {} from {} where p.path >= $2 and p.path < $3 and p.level = 'commune'
           and (p.valid_from is null or p.valid_from <= $1) and (p.valid_to is null or p.valid_to > $1) order by p.path",
        place_store::COLUMNS,
        place_store::NAMED
    );
    tx.all(&sql, args![on, from, &to], |row| {
        place_store::read(&row).map(PlaceRef::from)
    })
}

fn teams(tx: &Tx<'_>, path: &str, on: Date) -> Result<Vec<Team>, DbError> {
    let (from, to) = place_store::path_range(path);
    tx.all(
        "select t.id, t.name, t.kind, t.founded_on, p.path from team t join place p on p.id = t.place_id
          where p.path >= $1 and p.path < $2 and (t.founded_on is null or t.founded_on <= $3)
            and (t.dissolved_on is null or t.dissolved_on > $3)",
        args![from, &to, on],
        |row| {
            Ok(Team {
                id: row.get(0)?,
                name: row.get(1)?,
                kind: row.get(2)?,
                founded_on: row.get(3)?,
                path: row.get(4)?,
            })
        },
    )
}

/// Who is in each team on the day.
fn members(tx: &Tx<'_>, path: &str, on: Date) -> Result<HashMap<Uuid, Vec<Uuid>>, DbError> {
    let (from, to) = place_store::path_range(path);
    let mut members: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    tx.each(
        "select distinct x.team_id, x.member_id from team_member x join team t on t.id = x.team_id join place p on p.id = t.place_id
          where p.path >= $1 and p.path < $2 and (t.founded_on is null or t.founded_on <= $3)
            and (t.dissolved_on is null or t.dissolved_on > $3) and x.since <= $3 and (x.until is null or x.until > $3)",
        args![from, &to, on],
        |row| {
            members.entry(row.get(0)?).or_default().push(row.get(1)?);
            Ok::<(), DbError>(())
        },
    )?;
    Ok(members)
}

/// How many core persons there are on the day, and the paths of where they are.
fn core_persons(tx: &Tx<'_>, path: &str, on: Date) -> Result<(usize, Vec<String>), DbError> {
    let (from, to) = place_store::path_range(path);
    let rows: Vec<(Uuid, String)> = tx.all(
        "select o.member_id, p.path from office_term o join place p on p.id = o.place_id join member m on m.id = o.member_id
          where o.office = 'core_person' and p.path >= $1 and p.path < $2 and m.active
            and o.since <= $3 and (o.until is null or o.until > $3)",
        args![from, &to, on],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let people: HashSet<Uuid> = rows.iter().map(|(member, _)| *member).collect();
    Ok((
        people.len(),
        rows.into_iter().map(|(_, path)| path).collect(),
    ))
}
