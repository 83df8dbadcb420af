//! Wire types and the handler for changes.

use crate::App;
use crate::args;
use crate::features::campaigns::{self, CampaignBrief};
use crate::features::members::{self, Me, Role};
use crate::features::places::{self, PlaceRef};
use crate::features::teams::{self, TeamBody};
use crate::platform::db::Tx;
use crate::platform::http::{Anyone, Caller};
use crate::platform::problem::AppResult;
use crate::platform::wire::{Day, Json, Query};
use axum::extract::State;
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

/// Registers that are new or changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangesBody {
    /// Give it back next time.
    cursor: String,
    /// Forget all registers first: the scope or the catalogue changed.
    reset: bool,
    /// Ask again at once: what can wait until the first screen stands is still to come.
    more: bool,
    me: Me,
    places: Vec<ScopePlace>,
    teams: Vec<TeamBody>,
    /// All services, when the catalogue changed.
    services: Vec<domain::catalogue::Service>,
    /// All guides, in the answer after.
    guides: Vec<domain::catalogue::Guide>,
    campaigns: Vec<CampaignBrief>,
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
    let catalogue =
        serde_json::to_vec(&(&app.catalogue.services, &app.catalogue.guides)).unwrap_or_default();
    digest.update(catalogue);
    Ok(digest
        .finalize()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

/// Registers of the member's scope that changed since the cursor.
#[utoipa::path(get, path = "/api/v1/changes", operation_id = "get_changes", tag = "changes", params(ChangesQuery),
    responses((status = 200, body = ChangesBody)))]
pub async fn get_changes(
    caller: Caller<Anyone>,
    State(app): State<Arc<App>>,
    Query(query): Query<ChangesQuery>,
) -> AppResult<Json<ChangesBody>> {
    let whole = Arc::clone(&app);
    app.db
        .read(move |tx| {
            let me = members::me(tx, &whole, caller.member)?;
            let rev = tx
                .one("select value from rev", args![], |row| row.get::<i64>(0))?
                .unwrap_or(0);
            let mark = mark(tx, &whole, caller.member)?;
            let since = match query.since.as_deref() {
                None | Some("") => None,
                Some(raw) => Some(
                    Cursor::parse(raw)
                        .ok_or_else(|| Refusal::new("request.malformed").with("why", "since"))?,
                ),
            };
            let known = since.filter(|cursor| cursor.mark == mark && cursor.rev <= rev);
            let reset = known.is_none();
            let from = known.as_ref().map_or(0, |cursor| cursor.rev);
            let rest = known.is_some_and(|cursor| cursor.more);
            let today = whole.clock.today();
            let mut places = Vec::new();
            let mut teams = Vec::new();
            for grant in &me.grants {
                // Officers browse the tree online; phones carry what they record in.
                let path = &grant.place.path;
                let deep = grant.role <= Role::CommuneOfficer;
                scope_places(tx, path, from, deep, today, &mut places)?;
                if deep {
                    teams.extend(teams::below(tx, path, from)?);
                }
            }
            let campaigns = campaigns::briefs(tx, caller.member)?;
            let catalogue = &whole.catalogue;
            let all = |wanted: bool| wanted.then_some(catalogue);
            let services = all(reset).map_or_else(Vec::new, |all| all.services.clone());
            let guides = all(rest).map_or_else(Vec::new, |all| all.guides.clone());
            let end = if reset { MORE } else { "" };
            let cursor = format!("{rev}.{mark}{end}");
            Ok(Json(ChangesBody {
                cursor,
                reset,
                more: reset,
                me,
                places,
                teams,
                services,
                guides,
                campaigns,
            }))
        })
        .await
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
