//! Wire types and the handler for changes.

use super::snapshots::{Key, Snapshot};
use crate::App;
use crate::args;
use crate::features::activities::ActivityBody;
use crate::features::branch::{self, DirectiveBody, TaskBody};
use crate::features::campaigns::{self, CampaignBrief};
use crate::features::cards::{self, CardBody};
use crate::features::experts::{self, ExpertRequestBody};
use crate::features::members::{self, Me, Role};
use crate::features::places::{self, PlaceRef};
use crate::features::points::{self, PointBody};
use crate::features::questions::{FaqBody, faq};
use crate::features::rosters::{self, ShiftBody};
use crate::features::teams::{self, TeamBody};
use crate::platform::db::Tx;
use crate::platform::gzip::{self, Part};
use crate::platform::http::{Anyone, Caller, origin};
use crate::platform::problem::{AppError, AppResult};
use crate::platform::wire::{Day, Query};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use domain::catalogue::Catalogue;
use domain::holidays::{self, Commemoration, Holiday};
use domain::ids::{MemberId, TeamId};
use domain::refusal::Refusal;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Since when.
#[derive(Debug, Deserialize, IntoParams)]
pub struct ChangesQuery {
    /// The cursor of the answer before; absent for a first sync.
    since: Option<String>,
}

/// A place in scope.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScopePlace {
    #[serde(flatten)]
    place: PlaceRef,
    valid_from: Option<Day>,
    valid_to: Option<Day>,
}

/// What is each member's own in an answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnChanges {
    /// Give it back next time.
    cursor: String,
    /// Forget all registers first: the scope or the catalogue changed.
    reset: bool,
    /// Ask again at once: what can wait until the first screen stands is still to come.
    more: bool,
    me: Me,
    campaigns: Vec<CampaignBrief>,
    /// Requests for experts that are the member's own and not over yet, all of them.
    expert_jobs: Vec<ExpertRequestBody>,
    /// The member's shifts from yesterday on at points outside their places, all of them.
    away_shifts: Vec<ShiftBody>,
    /// The member's card; null while they have none.
    card: Option<CardBody>,
}

/// Places, teams, service points, activities, shifts, tasks, directives and published answers
/// that are new or changed.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct ScopeChanges {
    places: Vec<ScopePlace>,
    teams: Vec<TeamBody>,
    points: Vec<PointBody>,
    activities: Vec<ActivityBody>,
    /// From yesterday on.
    shifts: Vec<ShiftBody>,
    /// Open ones, and those that were so lately.
    tasks: Vec<TaskBody>,
    /// One for each team they reached.
    directives: Vec<DirectiveBody>,
    /// Published answers.
    faq: Vec<FaqBody>,
}

/// Services, guides, objections and the days of the year, all of them when the catalogue changed.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct CatalogueChanges<'a> {
    #[schema(value_type = Vec<domain::catalogue::Service>)]
    services: &'a [domain::catalogue::Service],
    /// In the answer after.
    #[schema(value_type = Vec<domain::catalogue::Guide>)]
    guides: &'a [domain::catalogue::Guide],
    /// In the answer after.
    #[schema(value_type = Vec<domain::catalogue::Objection>)]
    objections: &'a [domain::catalogue::Objection],
    /// In the answer after.
    #[schema(value_type = Vec<domain::holidays::Holiday>)]
    holidays: &'a [&'static Holiday],
    /// In the answer after.
    #[schema(value_type = Vec<domain::holidays::Commemoration>)]
    commemorations: &'a [Commemoration],
}

/// Registers that are new or changed.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it describes what is put together from parts")]
pub struct ChangesBody {
    #[serde(flatten)]
    own: OwnChanges,
    #[serde(flatten)]
    scope: ScopeChanges,
    #[serde(flatten)]
    catalogue: CatalogueChanges<'static>,
}

/// Which subtrees a member's registers come from, and whether with all below or only
/// the next level: officers browse the tree online, phones carry what they record in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scope(Vec<(String, bool)>);

impl Scope {
    fn of(me: &Me) -> Self {
        let grants = me.grants.iter();
        let mut paths: Vec<_> = grants
            .map(|grant| (grant.place.path.clone(), grant.role <= Role::CommuneOfficer))
            .collect();
        paths.sort_unstable();
        paths.dedup();
        Self(paths)
    }

    fn changes(&self, tx: &Tx<'_>, since: i64, on: time::Date) -> AppResult<ScopeChanges> {
        let mut changes = ScopeChanges::default();
        for (path, deep) in &self.0 {
            scope_places(tx, path, since, *deep, on, &mut changes.places)?;
            if *deep {
                changes.teams.extend(teams::below(tx, path, since)?);
                let from = on.previous_day().unwrap_or(on);
                let shifts = rosters::shifts_below(tx, path, since, from)?;
                changes.shifts.extend(shifts);
                changes
                    .tasks
                    .extend(branch::tasks_below(tx, path, since, on)?);
                let directives = branch::directives_below(tx, path, since, on)?;
                changes.directives.extend(directives);
            }
            let points = points::store::below(tx, path, since, *deep)?;
            changes.points.extend(points);
            for answer in faq::around(tx, path, since, *deep)? {
                // One above two of their places.
                if changes.faq.iter().all(|known| known.id != answer.id) {
                    changes.faq.push(answer);
                }
            }
            for activity in ActivityBody::around(tx, path, since, *deep, on)? {
                // One above two of their places.
                if changes
                    .activities
                    .iter()
                    .all(|known| known.id != activity.id)
                {
                    changes.activities.push(activity);
                }
            }
        }
        Ok(changes)
    }
}

/// The fields of an object, each after a comma, to go on from others.
fn fields(of: &impl Serialize) -> AppResult<Vec<u8>> {
    let text = serde_json::to_string(of).map_err(|fault| AppError::Internal(fault.to_string()))?;
    let inner = text
        .strip_prefix('{')
        .and_then(|text| text.strip_suffix('}'));
    Ok(format!(",{}", inner.unwrap_or_default()).into_bytes())
}

/// The catalogue as first, second and later answers carry it, and its mark.
#[derive(Debug)]
pub struct CatalogueParts {
    first: Part,
    second: Part,
    later: Part,
    mark: [u8; 32],
}

impl CatalogueParts {
    /// Compresses a catalogue.
    ///
    /// # Errors
    /// Never in practice: a catalogue is plain data.
    pub fn new(catalogue: &Catalogue) -> AppResult<Self> {
        let holidays: Vec<&Holiday> = holidays::all().collect();
        let nothing = CatalogueChanges {
            services: &[],
            guides: &[],
            objections: &[],
            holidays: &[],
            commemorations: &[],
        };
        let first = CatalogueChanges {
            services: &catalogue.services,
            ..nothing
        };
        let second = CatalogueChanges {
            guides: &catalogue.guides,
            objections: &catalogue.objections,
            holidays: &holidays,
            commemorations: holidays::commemorations(),
            ..nothing
        };
        let part = |changes: &CatalogueChanges<'_>| {
            let mut text = fields(changes)?;
            text.push(b'}');
            Ok::<_, AppError>(Part::kept(text))
        };
        let mut mark = Sha256::new();
        mark.update(fields(&first)?);
        mark.update(fields(&second)?);
        Ok(Self {
            first: part(&first)?,
            second: part(&second)?,
            later: part(&nothing)?,
            mark: mark.finalize().into(),
        })
    }
}

/// What a cursor says: the registers' revision, and marks of the scope and of the
/// catalogue it was given under. Another mark means starting afresh.
struct Cursor {
    rev: i64,
    mark: String,
    /// The guides were not sent yet.
    more: bool,
}

/// How a cursor ends whose guides are still to come.
const MORE: &str = ".more";

impl Cursor {
    fn parse(raw: &str) -> Option<Self> {
        let (rev, mark) = raw.split_once('.')?;
        let first = mark.strip_suffix(MORE);
        Some(Self {
            rev: rev.parse().ok()?,
            mark: first.unwrap_or(mark).to_owned(),
            more: first.is_some(),
        })
    }
}

/// A mark of everything that, when it changes, makes old copies wrong as a whole.
fn mark(tx: &Tx<'_>, app: &App, member: MemberId) -> AppResult<String> {
    let mut digest = Sha256::new();
    tx.each(
        "select role, place_id, team_id from member_grant where member_id = $1 order by role, place_id",
        args![member],
        |row| {
            digest.update(row.get::<String>(0)?);
            digest.update(row.get::<String>(1)?);
            let team: Option<TeamId> = row.get(2)?;
            digest.update(team.unwrap_or(TeamId::NONE).0);
            Ok::<(), crate::platform::db::DbError>(())
        },
    )?;
    digest.update(app.catalogue_parts.mark);
    Ok(digest
        .finalize()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

fn rev(tx: &Tx<'_>) -> AppResult<i64> {
    Ok(tx
        .one("select value from rev", args![], |row| row.get(0))?
        .unwrap_or(0))
}

/// Registers of the member's scope that changed since the cursor.
#[utoipa::path(get, path = "/api/v1/changes", operation_id = "get_changes", tag = "changes", params(ChangesQuery),
    responses((status = 200, body = ChangesBody)))]
pub async fn get_changes(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Query(query): Query<ChangesQuery>,
    headers: HeaderMap,
) -> AppResult<Response> {
    let today = app.clock.today();
    let (whole, home) = (Arc::clone(&app), origin(&headers));
    let (mut own, known, mark, changes) = app
        .db
        .read(move |tx| {
            let me = members::me(tx, &whole, caller.member)?;
            let rev = rev(tx)?;
            let mark = mark(tx, &whole, caller.member)?;
            let since = match query.since.as_deref() {
                None | Some("") => None,
                Some(raw) => Some(
                    Cursor::parse(raw)
                        .ok_or_else(|| Refusal::new("request.malformed").with("why", "since"))?,
                ),
            };
            let known = since.filter(|cursor| cursor.mark == mark && cursor.rev <= rev);
            let changes = match &known {
                Some(cursor) => Some(Scope::of(&me).changes(tx, cursor.rev, today)?),
                None => None,
            };
            let homes: Vec<&str> = me.grants.iter().map(|grant| &*grant.place.path).collect();
            let from = today.previous_day().unwrap_or(today);
            let own = OwnChanges {
                away_shifts: rosters::shifts_away(tx, caller.member, &homes, from)?,
                cursor: format!("{rev}.{mark}"),
                reset: known.is_none(),
                more: known.is_none(),
                me,
                campaigns: campaigns::briefs(tx, caller.member)?,
                expert_jobs: experts::in_hand(tx, caller.member, today)?,
                card: cards::own(tx, caller.member, today, &home)?,
            };
            Ok((own, known, mark, changes))
        })
        .await?;
    let parts = &app.catalogue_parts;
    if let (Some(known), Some(changes)) = (known, changes) {
        let (own, changes) = (head(&own)?, Part::passing(fields(&changes)?));
        let catalogue = if known.more {
            &parts.second
        } else {
            &parts.later
        };
        return Ok(gzip::json(&headers, &[&own, &changes, catalogue]));
    }
    let snapshot = snapshot(&app, Scope::of(&own.me), today).await?;
    own.cursor = format!("{}.{mark}{MORE}", snapshot.rev);
    Ok(gzip::json(
        &headers,
        &[&head(&own)?, &snapshot.part, &parts.first],
    ))
}

/// The beginning of an answer, left open.
fn head(own: &OwnChanges) -> AppResult<Part> {
    let mut text = fields(own)?;
    text[0] = b'{';
    Ok(Part::passing(text))
}

async fn snapshot(app: &Arc<App>, scope: Scope, on: time::Date) -> AppResult<Arc<Snapshot>> {
    let key = Key {
        scope: scope.clone(),
        on,
    };
    let make = async || {
        let work = move |tx: &Tx<'_>| {
            let part = Part::kept(fields(&scope.changes(tx, -1, on)?)?);
            Ok(Snapshot {
                rev: rev(tx)?,
                part,
            })
        };
        app.db.read(work).await
    };
    app.snapshots.of(key, make).await
}

fn scope_places(
    tx: &Tx<'_>,
    path: &str,
    since: i64,
    deep: bool,
    on: time::Date,
    found: &mut Vec<ScopePlace>,
) -> AppResult<()> {
    let (from, to) = places::store::path_range(path);
    let depth = i64::try_from(path.matches('/').count()).unwrap_or(0) + 2;
    let sql = format!(
        "select {} from {} where p.path >= $2 and p.path < $3 and p.rev > $4
           and ($5 or length(p.path) - length(replace(p.path, '/', '')) <= $6) order by p.path",
        places::store::COLUMNS,
        places::store::NAMED
    );
    let rows = tx.all(&sql, args![on, from, &to, since, deep, depth], |row| {
        places::store::read(&row)
    })?;
    for place in rows {
        if found
            .iter()
            .any(|known| known.place.id == place.id.as_str())
        {
            continue;
        }
        let (valid_from, valid_to) = (place.valid_from.map(Day), place.valid_to.map(Day));
        found.push(ScopePlace {
            place: place.into(),
            valid_from,
            valid_to,
        });
    }
    Ok(())
}
