//! What a decision may do to a team: found it, consolidate it (*kiện toàn*), dissolve it.

use crate::ids::MemberId;
use crate::people::{Position, RevisionKind};
use crate::refusal::Refusal;
use std::collections::{BTreeMap, BTreeSet};
use time::Date;

/// A team as it stands before the decision.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// By decision.
    pub founded_on: Option<Date>,
    /// By decision.
    pub dissolved_on: Option<Date>,
    /// Day of the last decision about it.
    pub last_decided_on: Option<Date>,
    /// Who is in it, and as what.
    pub members: BTreeMap<MemberId, Position>,
}

/// What is decided.
#[derive(Clone, Debug)]
pub struct Decision {
    /// What it does.
    pub kind: RevisionKind,
    /// From this day.
    pub on: Date,
    /// Who is in the team from then on, and as what; nobody after a dissolution.
    pub members: Vec<(MemberId, Position)>,
}

/// What changes: who changes position both leaves and joins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Whose membership ends.
    pub leave: Vec<MemberId>,
    /// Whose begins.
    pub join: Vec<(MemberId, Position)>,
}

/// Works out who leaves and who joins.
///
/// # Errors
/// `team.dissolved`, `team.founded_already`, `team.decision_order` with `last`,
/// `team.member_twice`, `team.leaders` or `team.empty`.
pub fn decide(standing: &Standing, decision: &Decision) -> Result<Changes, Refusal> {
    if standing.dissolved_on.is_some() {
        return Err(Refusal::new("team.dissolved"));
    }
    if decision.kind == RevisionKind::Founding && standing.founded_on.is_some() {
        return Err(Refusal::new("team.founded_already"));
    }
    if let Some(last) = standing.last_decided_on.filter(|last| decision.on < *last) {
        return Err(Refusal::new("team.decision_order").with("last", vn::number::date(last)));
    }
    let people: BTreeSet<MemberId> = decision.members.iter().map(|(member, _)| *member).collect();
    if people.len() < decision.members.len() {
        return Err(Refusal::new("team.member_twice"));
    }
    let leaders = decision.members.iter().map(|(_, position)| *position);
    if leaders.filter(|one| *one == Position::Leader).count() > 1 {
        return Err(Refusal::new("team.leaders"));
    }
    let ends = decision.kind == RevisionKind::Dissolution;
    if decision.kind == RevisionKind::Consolidation && people.is_empty() {
        return Err(Refusal::new("team.empty"));
    }
    let wanted: BTreeMap<MemberId, Position> =
        decision.members.iter().copied().filter(|_| !ends).collect();
    let other = |a: &BTreeMap<_, _>, b: &BTreeMap<_, _>| -> Vec<(MemberId, Position)> {
        let all = a.iter().map(|(member, position)| (*member, *position));
        all.filter(|(member, position)| b.get(member) != Some(position))
            .collect()
    };
    Ok(Changes {
        leave: other(&standing.members, &wanted)
            .into_iter()
            .map(|(member, _)| member)
            .collect(),
        join: other(&wanted, &standing.members),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;
    use uuid::Uuid;

    fn person(n: u128) -> MemberId {
        MemberId(Uuid::from_u128(n))
    }

    fn standing(members: &[(u128, Position)]) -> Standing {
        Standing {
            founded_on: Some(date!(2022 - 05 - 19)),
            last_decided_on: Some(date!(2022 - 05 - 19)),
            members: members.iter().map(|(n, as_)| (person(*n), *as_)).collect(),
            ..Standing::default()
        }
    }

    fn decision(kind: RevisionKind, on: Date, members: &[(u128, Position)]) -> Decision {
        let members = members.iter().map(|(n, as_)| (person(*n), *as_)).collect();
        Decision { kind, on, members }
    }

    use Position::{Deputy, Leader, Member};
    use RevisionKind::{Consolidation, Dissolution, Founding};

    #[test]
    fn a_consolidation_ends_and_begins_only_what_differs() {
        let before = standing(&[(1, Leader), (2, Deputy), (3, Member)]);
        let wanted = [(2, Leader), (3, Member), (4, Deputy)];
        let done = decide(
            &before,
            &decision(Consolidation, date!(2024 - 03 - 26), &wanted),
        );
        let done = done.unwrap();
        assert_eq!(done.leave, [person(1), person(2)]);
        assert_eq!(done.join, [(person(2), Leader), (person(4), Deputy)]);
    }

    #[test]
    fn the_same_people_again_change_nothing() {
        let before = standing(&[(1, Leader), (2, Member)]);
        let same = decision(
            Consolidation,
            date!(2024 - 03 - 26),
            &[(2, Member), (1, Leader)],
        );
        assert_eq!(decide(&before, &same).unwrap(), Changes::default());
    }

    #[test]
    fn a_dissolution_lets_everybody_go() {
        let before = standing(&[(1, Leader), (2, Member)]);
        let end = decision(Dissolution, date!(2025 - 07 - 01), &[(1, Leader)]);
        let done = decide(&before, &end).unwrap();
        assert_eq!(done.leave, [person(1), person(2)]);
        assert_eq!(done.join, []);
    }

    #[test]
    fn what_cannot_be_decided_is_refused() {
        let before = standing(&[(1, Leader)]);
        let code = |standing: &Standing, kind, on, members: &[(u128, Position)]| {
            decide(standing, &decision(kind, on, members))
                .unwrap_err()
                .code
        };
        let day = date!(2024 - 03 - 26);
        let early = date!(2022 - 05 - 18);
        assert_eq!(code(&before, Founding, day, &[]), "team.founded_already");
        assert_eq!(code(&before, Consolidation, day, &[]), "team.empty");
        assert_eq!(
            code(&before, Consolidation, early, &[(1, Leader)]),
            "team.decision_order"
        );
        let twice = [(1, Leader), (1, Member)];
        assert_eq!(
            code(&before, Consolidation, day, &twice),
            "team.member_twice"
        );
        let two = [(1, Leader), (2, Leader)];
        assert_eq!(code(&before, Consolidation, day, &two), "team.leaders");
        let gone = Standing {
            dissolved_on: Some(day),
            ..standing(&[])
        };
        assert_eq!(
            code(&gone, Consolidation, day, &[(1, Leader)]),
            "team.dissolved"
        );
    }
}
