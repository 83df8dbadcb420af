//! Moving somebody from a quiet point to a crowded one nearby: only a proposal, which a person
//! decides.

use crate::ids::{MemberId, PlaceId, PointId};
use std::collections::BTreeSet;

/// Seconds that whoever comes now has to wait where it is crowded, at least.
pub const CROWDED_S: u32 = 30 * 60;
/// Tickets that wait where it is crowded, at least.
pub const CROWDED_WAITING: usize = 3;
/// Seconds that whoever comes now waits where it is quiet, at most.
pub const QUIET_S: u32 = 10 * 60;
/// Metres between two points that are near each other, at most.
pub const NEAR_M: u32 = 10_000;
/// Metres of a degree of latitude.
const DEGREE_M: f64 = 111_195.0;

/// Somebody on duty at a point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnDuty {
    /// Who.
    pub member: MemberId,
    /// What they can do, by code.
    pub skills: BTreeSet<String>,
    /// Whether they came, and not only stand on the roster.
    pub is_there: bool,
    /// Whether the roster has them here: who only came cannot be moved on it.
    pub is_rostered: bool,
}

/// A point at this moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PointNow {
    /// Which.
    pub point: PointId,
    /// Its commune or hamlet.
    pub place: PlaceId,
    /// Where on earth, in millionths of a degree.
    pub at_e6: Option<(i32, i32)>,
    /// Tickets in line.
    pub waiting: usize,
    /// Seconds that whoever comes now would wait.
    pub wait_s: u32,
    /// People that its shift needs.
    pub people_min: u32,
    /// Skills that its shift asks for, by code.
    pub skills: BTreeSet<String>,
    /// Who is on duty.
    pub on_duty: Vec<OnDuty>,
}

impl PointNow {
    /// Whether whoever comes now waits long behind others.
    pub fn is_crowded(&self) -> bool {
        self.wait_s >= CROWDED_S && self.waiting >= CROWDED_WAITING
    }

    /// Whether whoever comes now is soon called.
    pub fn is_quiet(&self) -> bool {
        self.wait_s <= QUIET_S
    }

    /// How many could leave without the point falling below what its shift needs; one stays
    /// where no shift says how many.
    fn spare(&self) -> usize {
        let stay = usize::try_from(self.people_min.max(1)).unwrap_or(usize::MAX);
        let spare = self.on_duty.len().saturating_sub(stay);
        if self.is_quiet() { spare } else { 0 }
    }

    /// Metres to another point, as the crow flies; none when one of them is not on the map.
    pub fn distance_m(&self, other: &Self) -> Option<u32> {
        let ((lat, lon), (lat2, lon2)) = (self.at_e6?, other.at_e6?);
        let degrees = |e6: i32| f64::from(e6) / 1e6;
        let north = degrees(lat) - degrees(lat2);
        let middle = f64::midpoint(degrees(lat), degrees(lat2)).to_radians();
        let east = (degrees(lon) - degrees(lon2)) * middle.cos();
        // Never negative, and nothing on earth is further than a u32 of metres.
        Some((north.hypot(east) * DEGREE_M).round() as u32)
    }

    /// How far somebody would go: points of one place are near each other even without a map.
    fn near(&self, other: &Self) -> Option<u32> {
        let same = self.place == other.place;
        let metres = self.distance_m(other).or(same.then_some(0))?;
        (metres <= NEAR_M).then_some(metres)
    }
}

/// Somebody who could go from a quiet point to a crowded one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The quiet one.
    pub from: PointId,
    /// The crowded one.
    pub to: PointId,
    /// Who.
    pub member: MemberId,
    /// Metres between them; 0 when they are in one place and not on the map.
    pub distance_m: u32,
}

/// At most one person for each crowded point, the longest wait first: from a quiet point that
/// stays above what it needs, of the same place before others and then the nearest; on the
/// roster there, and able to do what the crowded one asks for; those who came before those who
/// did not yet.
pub fn proposals(points: &[PointNow]) -> Vec<Proposal> {
    let mut crowded: Vec<&PointNow> = points.iter().filter(|point| point.is_crowded()).collect();
    crowded.sort_by_key(|point| (std::cmp::Reverse(point.wait_s), point.point));
    let mut found: Vec<Proposal> = Vec::new();
    for to in crowded {
        let quiet = points.iter().filter(|from| {
            let given = found.iter().filter(|one| one.from == from.point).count();
            from.point != to.point && from.spare() > given
        });
        let mut near: Vec<(u32, &PointNow)> = quiet
            .filter_map(|from| Some((from.near(to)?, from)))
            .collect();
        near.sort_by_key(|(metres, from)| (from.place != to.place, *metres, from.point));
        let able = |from: &PointNow| {
            let all = from.on_duty.iter().filter(|one| {
                let free = !found.iter().any(|given| given.member == one.member);
                let there = to.on_duty.iter().any(|known| known.member == one.member);
                one.is_rostered && free && !there && to.skills.is_subset(&one.skills)
            });
            all.min_by_key(|one| (!one.is_there, one.skills.len(), one.member))
                .map(|one| one.member)
        };
        let first = near.into_iter().find_map(|(distance_m, from)| {
            Some(Proposal {
                from: from.point,
                to: to.point,
                member: able(from)?,
                distance_m,
            })
        });
        found.extend(first);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn point(number: u128, wait_min: u32, people: &[(u128, &[&str])]) -> PointNow {
        let on_duty = |(id, skills): &(u128, &[&str])| OnDuty {
            member: MemberId(Uuid::from_u128(*id)),
            skills: skills.iter().map(|code| (*code).to_owned()).collect(),
            is_there: true,
            is_rostered: true,
        };
        PointNow {
            point: PointId(Uuid::from_u128(number)),
            place: PlaceId::parse("63-21553").unwrap(),
            // A hundredth of a degree of latitude is some eleven hundred metres.
            at_e6: Some((
                13_760_000 + i32::try_from(number).unwrap() * 10_000,
                109_210_000,
            )),
            waiting: usize::from(wait_min > 10) * 8,
            wait_s: wait_min * 60,
            people_min: 1,
            skills: BTreeSet::new(),
            on_duty: people.iter().map(on_duty).collect(),
        }
    }

    fn said(points: &[PointNow]) -> Vec<(u128, u128, u128)> {
        let all = proposals(points).into_iter();
        all.map(|one| {
            (
                one.from.0.as_u128(),
                one.to.0.as_u128(),
                one.member.0.as_u128(),
            )
        })
        .collect()
    }

    #[test]
    fn somebody_goes_from_the_nearest_quiet_point_to_a_crowded_one() {
        let far = point(9, 0, &[(1, &[]), (2, &[])]);
        let near = point(4, 5, &[(3, &[]), (4, &[])]);
        let crowded = point(5, 45, &[(5, &[])]);
        assert_eq!(
            said(&[far.clone(), near.clone(), crowded.clone()]),
            [(4, 5, 3)]
        );
        let metres = near.distance_m(&crowded).unwrap();
        assert!((1_100..1_125).contains(&metres), "{metres}");
        assert_eq!(said(&[far, near]), []);
    }

    #[test]
    fn a_quiet_point_keeps_what_its_shift_needs_and_gives_each_person_once() {
        let mut quiet = point(4, 0, &[(1, &[]), (2, &[]), (3, &[])]);
        let crowded = [point(5, 40, &[]), point(6, 50, &[]), point(3, 60, &[])];
        let all = |quiet: &PointNow| [vec![quiet.clone()], crowded.to_vec()].concat();
        assert_eq!(said(&all(&quiet)), [(4, 3, 1), (4, 6, 2)]);
        quiet.people_min = 2;
        assert_eq!(said(&all(&quiet)), [(4, 3, 1)]);
        quiet.people_min = 3;
        assert_eq!(said(&all(&quiet)), []);
        quiet.people_min = 0;
        quiet.on_duty.truncate(1);
        assert_eq!(said(&all(&quiet)), []);
    }

    #[test]
    fn whoever_goes_can_do_what_is_asked_for_there_and_it_is_near() {
        let quiet = point(4, 0, &[(1, &[]), (2, &["km", "scanner"]), (3, &["km"])]);
        let mut crowded = point(5, 45, &[]);
        crowded.skills = BTreeSet::from(["km".to_owned()]);
        assert_eq!(said(&[quiet.clone(), crowded.clone()]), [(4, 5, 3)]);
        crowded.skills.insert("sign".to_owned());
        assert_eq!(said(&[quiet.clone(), crowded.clone()]), []);
        crowded.skills.clear();
        crowded.at_e6 = Some((14_760_000, 109_210_000));
        assert_eq!(said(&[quiet.clone(), crowded.clone()]), []);
        crowded.at_e6 = None;
        assert_eq!(said(&[quiet.clone(), crowded.clone()]), [(4, 5, 1)]);
        crowded.place = PlaceId::parse("63-21556").unwrap();
        assert_eq!(said(&[quiet, crowded]), []);
    }

    #[test]
    fn one_place_helps_itself_first_and_only_who_is_on_the_roster_is_moved_on_it() {
        let mut next_door = point(6, 0, &[(1, &[]), (2, &[])]);
        next_door.place = PlaceId::parse("63-21556").unwrap();
        let mut own = point(9, 0, &[(3, &[]), (4, &[])]);
        let crowded = point(5, 45, &[]);
        let all = |own: &PointNow| [next_door.clone(), own.clone(), crowded.clone()];
        assert_eq!(said(&all(&own)), [(9, 5, 3)]);
        own.on_duty[0].is_rostered = false;
        assert_eq!(said(&all(&own)), [(9, 5, 4)]);
        own.on_duty[1].is_rostered = false;
        assert_eq!(said(&all(&own)), [(6, 5, 1)]);
    }

    #[test]
    fn a_short_line_or_a_middling_wait_moves_nobody() {
        let quiet = point(4, 0, &[(1, &[]), (2, &[])]);
        let mut crowded = point(5, 45, &[]);
        crowded.waiting = 2;
        assert_eq!(said(&[quiet.clone(), crowded]), []);
        assert_eq!(said(&[quiet, point(5, 29, &[])]), []);
        let busy = point(4, 11, &[(1, &[]), (2, &[])]);
        assert_eq!(said(&[busy, point(5, 45, &[])]), []);
    }
}
