//! Splitting a target down the tree, exactly.

use crate::refusal::Refusal;

/// One child in a split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Its weight: population, households, or 1.
    pub weight: u64,
    /// A value it keeps whatever the others get.
    pub locked: Option<i64>,
}

/// Splits `total` over the children so that the values add up to it exactly:
/// locked children keep theirs, the rest is shared by weight with the largest
/// remainders rounded up (ties go to the earlier child).
///
/// # Errors
/// `target.negative`, `target.no_children`, `target.locked_exceed`, or
/// `target.no_weights` when something is left to share and nobody weighs anything.
pub fn split(total: i64, children: &[Share]) -> Result<Vec<i64>, Refusal> {
    if total < 0
        || children
            .iter()
            .any(|child| child.locked.is_some_and(|value| value < 0))
    {
        return Err(Refusal::new("target.negative"));
    }
    if children.is_empty() {
        return Err(Refusal::new("target.no_children"));
    }
    let locked_sum: i64 = children.iter().filter_map(|child| child.locked).sum();
    let rest = total - locked_sum;
    let open_weight: u128 = children
        .iter()
        .filter(|c| c.locked.is_none())
        .map(|c| u128::from(c.weight))
        .sum();
    if rest < 0 || (rest > 0 && children.iter().all(|child| child.locked.is_some())) {
        return Err(Refusal::new("target.locked_exceed")
            .with("locked_sum", locked_sum)
            .with("total", total));
    }
    if rest > 0 && open_weight == 0 {
        return Err(Refusal::new("target.no_weights"));
    }
    let rest = rest.unsigned_abs();
    let mut values = Vec::with_capacity(children.len());
    let mut remainders = Vec::new();
    let mut given = 0_u64;
    for (at, child) in children.iter().enumerate() {
        let value = match child.locked {
            Some(value) => value,
            None if open_weight == 0 => 0,
            None => {
                let product = u128::from(rest) * u128::from(child.weight);
                let floor = u64::try_from(product / open_weight).unwrap_or(u64::MAX);
                remainders.push((product % open_weight, at));
                given += floor;
                i64::try_from(floor).unwrap_or(i64::MAX)
            }
        };
        values.push(value);
    }
    remainders.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let short = usize::try_from(rest - given).unwrap_or(usize::MAX);
    for &(_, at) in remainders.iter().take(short) {
        values[at] += 1;
    }
    assert_eq!(
        values.iter().sum::<i64>(),
        total,
        "a split adds up to the unit"
    );
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn open(weight: u64) -> Share {
        Share {
            weight,
            locked: None,
        }
    }

    #[test]
    fn the_largest_remainders_are_rounded_up() {
        assert_eq!(split(10, &[open(1), open(1), open(1)]).unwrap(), [4, 3, 3]);
        assert_eq!(
            split(7, &[open(50), open(30), open(20)]).unwrap(),
            [4, 2, 1]
        );
    }

    #[test]
    fn a_locked_child_keeps_its_value_and_the_rest_is_shared() {
        let children = [
            open(1),
            Share {
                weight: 9,
                locked: Some(2),
            },
            open(1),
        ];
        assert_eq!(split(7, &children).unwrap(), [3, 2, 2]);
    }

    #[test]
    fn what_cannot_be_split_is_refused_with_its_code() {
        assert_eq!(split(5, &[]).unwrap_err().code, "target.no_children");
        assert_eq!(split(-1, &[open(1)]).unwrap_err().code, "target.negative");
        assert_eq!(
            split(
                5,
                &[Share {
                    weight: 1,
                    locked: Some(6)
                }]
            )
            .unwrap_err()
            .code,
            "target.locked_exceed"
        );
        assert_eq!(split(5, &[open(0)]).unwrap_err().code, "target.no_weights");
    }

    proptest! {
        #[test]
        fn every_split_is_exact_and_close_to_proportional(
            total in 0_i64..10_000_000,
            weights in prop::collection::vec(0_u64..2_000_000, 1..200),
        ) {
            prop_assume!(weights.iter().any(|w| *w > 0));
            let children: Vec<Share> = weights.iter().copied().map(open).collect();
            let values = split(total, &children).unwrap();
            prop_assert_eq!(values.iter().sum::<i64>(), total);
            let all: u128 = weights.iter().map(|w| u128::from(*w)).sum();
            for (value, weight) in values.iter().zip(&weights) {
                let floor = (u128::try_from(total).unwrap() * u128::from(*weight) / all) as i64;
                prop_assert!(*value == floor || *value == floor + 1);
            }
        }

        #[test]
        fn a_heavier_child_never_gets_less(
            total in 0_i64..1_000_000,
            weights in prop::collection::vec(1_u64..100_000, 2..40),
        ) {
            let children: Vec<Share> = weights.iter().copied().map(open).collect();
            let values = split(total, &children).unwrap();
            for (i, a) in weights.iter().enumerate() {
                for (j, b) in weights.iter().enumerate() {
                    if a > b { prop_assert!(values[i] >= values[j]); }
                }
            }
        }
    }
}
