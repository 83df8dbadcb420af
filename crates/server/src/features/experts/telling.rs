//! Whom each step of a request is told to.

use super::store::{self, Change, Request};
use crate::features::notifications::{Notice, notify};
use crate::platform::clock::Clock;
use crate::platform::db::Tx;
use crate::platform::problem::{AppError, AppResult};
use domain::experts::{Fields, RequestAct};
use domain::ids::MemberId;
use domain::notifications::NoticeKind;
use serde_json::{Map, Value};

/// Tells those whom it concerns what was done, once the transaction is committed; never the
/// one who did it.
///
/// # Errors
/// `not_found` when the request is gone, or the storage's.
pub fn tell(tx: &mut Tx<'_>, clock: &Clock, change: &Change) -> AppResult<()> {
    let found = store::find(tx, change.request, clock.today())?;
    let request = found.ok_or_else(AppError::not_found)?;
    let (kind, mut whom) = audience(tx, change, &request)?;
    whom.retain(|to| *to != change.by);
    let fields = Fields::bundled();
    let field = fields.find(&request.asked.field);
    let day = |day| vn::number::date(day);
    let visit = request.stands.visit;
    let facts: Map<String, Value> = [
        ("place", request.place.full_name.clone()),
        (
            "field",
            field.map_or(String::new(), |field| field.name.vi.clone()),
        ),
        ("name", request.expert_name.clone().unwrap_or_default()),
        ("from", visit.map_or(String::new(), |visit| day(visit.0))),
        ("to", visit.map_or(String::new(), |visit| day(visit.1))),
        ("note", change.note.clone()),
    ]
    .map(|(name, value)| (name.to_owned(), value.into()))
    .into_iter()
    .collect();
    let link = format!("/chuyen-gia/yeu-cau/{}", change.request);
    for to in whom {
        let notice = Notice {
            to,
            kind,
            about: &change.id.to_string(),
            facts: &facts,
            link: &link,
        };
        notify(tx, clock, &notice)?;
    }
    Ok(())
}

fn audience(
    tx: &Tx<'_>,
    change: &Change,
    request: &Request,
) -> AppResult<(NoticeKind, Vec<MemberId>)> {
    let province = || store::assigners(tx, &request.place.path);
    let commune = request.asked_by.0;
    let expert: Vec<MemberId> = change.deed.expert.into_iter().collect();
    Ok(match change.deed.act {
        RequestAct::Ask => (NoticeKind::ExpertAsked, province()?),
        RequestAct::Offer => (NoticeKind::ExpertOffered, expert),
        RequestAct::Accept | RequestAct::Decline => (NoticeKind::ExpertAnswered, province()?),
        RequestAct::Dispatch => {
            let both = expert.into_iter().chain([commune]).collect();
            (NoticeKind::ExpertDispatched, both)
        }
        RequestAct::Finish => (NoticeKind::ExpertDone, vec![commune]),
        RequestAct::Close => (NoticeKind::ExpertClosed, expert),
        RequestAct::Withdraw | RequestAct::Cancel => (NoticeKind::ExpertEnded, expert),
        RequestAct::Refuse => (NoticeKind::ExpertEnded, vec![commune]),
    })
}
