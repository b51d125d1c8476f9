//! A set of whole numbers kept as ranges: VLAN ids, VNIs, address offsets.

use std::fmt;
use std::ops::RangeInclusive;

use super::NetError;

/// A set of ids as sorted ranges that neither overlap nor touch.
///
/// A pool of sixteen million VNIs costs one pair of numbers. Ranges are inclusive at both ends;
/// a range whose start lies above its end holds nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct IdSet {
    runs: Vec<(u64, u64)>,
}

impl IdSet {
    /// Returns the empty set.
    pub(crate) const fn new() -> Self {
        Self { runs: Vec::new() }
    }

    /// Parses a comma separated list of `first-last` ranges and single ids.
    ///
    /// Ranges may overlap and come in any order; blanks around numbers do not count and a blank
    /// text is the empty set. A range that runs downwards is refused.
    pub(crate) fn parse(text: &str) -> Result<Self, NetError> {
        let mut set = Self::new();
        if text.trim().is_empty() {
            return Ok(set);
        }
        for token in text.split(',') {
            let (first, last) = token.split_once('-').unwrap_or((token, token));
            set.insert(id_range(text, first, last)?);
        }
        Ok(set)
    }

    /// Adds every id of the range.
    pub(crate) fn insert(&mut self, range: RangeInclusive<u64>) {
        let (mut first, mut last) = range.into_inner();
        if first > last {
            return;
        }
        // Runs that touch the new one melt into it, hence the one id of reach on both sides.
        let from = self.runs.partition_point(|run| run.1.saturating_add(1) < first);
        let to = self.runs.partition_point(|run| run.0 <= last.saturating_add(1));
        if let Some(run) = self.runs.get(from).filter(|_| from < to) {
            first = first.min(run.0);
        }
        if let Some(run) = self.runs[..to].last().filter(|_| from < to) {
            last = last.max(run.1);
        }
        self.runs.splice(from..to, [(first, last)]);
    }

    /// Takes out every id of the range.
    pub(crate) fn remove(&mut self, range: RangeInclusive<u64>) {
        let (first, last) = range.into_inner();
        if first > last {
            return;
        }
        let from = self.runs.partition_point(|run| run.1 < first);
        let to = self.runs.partition_point(|run| run.0 <= last);
        let left = self.runs.get(from).filter(|run| run.0 < first).map(|run| (run.0, first - 1));
        let right = self.runs[..to].last().filter(|run| run.1 > last).map(|run| (last + 1, run.1));
        if from < to {
            self.runs.splice(from..to, left.into_iter().chain(right));
        }
    }

    /// Tells whether the id is in the set.
    pub(crate) fn contains(&self, id: u64) -> bool {
        self.first_at_or_after(id) == Some(id)
    }

    /// Returns the number of ids; the full set of 2^64 ids counts as 2^64 - 1.
    pub(crate) fn len(&self) -> u64 {
        self.runs.iter().fold(0, |sum: u64, &(first, last)| {
            sum.saturating_add((last - first).saturating_add(1))
        })
    }

    /// Returns the lowest id of the set that is `id` or above.
    pub(crate) fn first_at_or_after(&self, id: u64) -> Option<u64> {
        let at = self.runs.partition_point(|run| run.1 < id);
        self.runs.get(at).map(|run| run.0.max(id))
    }

    /// Returns the ranges in rising order; they neither overlap nor touch.
    pub(crate) fn ranges(&self) -> impl Iterator<Item = RangeInclusive<u64>> + '_ {
        self.runs.iter().map(|&(first, last)| first..=last)
    }

    /// Returns the ids that are in this set and not in `other`.
    pub(crate) fn difference(&self, other: &Self) -> Self {
        let mut rest = self.clone();
        other.ranges().for_each(|range| rest.remove(range));
        rest
    }
}

impl FromIterator<RangeInclusive<u64>> for IdSet {
    fn from_iter<I: IntoIterator<Item = RangeInclusive<u64>>>(ranges: I) -> Self {
        let mut set = Self::new();
        ranges.into_iter().for_each(|range| set.insert(range));
        set
    }
}

/// Writes `first-last,first-last` with a single id as `id-id`, the only form CloudStack reads.
impl fmt::Display for IdSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (first, last)) in self.runs.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            write!(f, "{comma}{first}-{last}")?;
        }
        Ok(())
    }
}

/// Parses the two ends of one range of the list `text`.
pub(super) fn id_range(
    text: &str,
    first: &str,
    last: &str,
) -> Result<RangeInclusive<u64>, NetError> {
    let (low, high) = (id(text, first)?, id(text, last)?);
    if low > high {
        let (first, last) = (first.trim().to_owned(), last.trim().to_owned());
        return Err(NetError::Order { first, last });
    }
    Ok(low..=high)
}

/// Parses one id, digits only: `u64::from_str` alone would let a plus sign through.
fn id(text: &str, digits: &str) -> Result<u64, NetError> {
    let digits = digits.trim();
    let plain = digits.bytes().all(|b| b.is_ascii_digit());
    let parsed = if plain { digits.parse().ok() } else { None };
    parsed.ok_or_else(|| NetError::Ids { text: text.to_owned() })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn ranges() -> impl Strategy<Value = Vec<(bool, u64, u64)>> {
        prop::collection::vec((any::<bool>(), 0_u64..120, 0_u64..12), 0..40)
    }

    /// Builds the same set twice: ours and the standard one.
    fn both(steps: &[(bool, u64, u64)]) -> (IdSet, BTreeSet<u64>) {
        let (mut set, mut model) = (IdSet::new(), BTreeSet::new());
        for &(add, first, extra) in steps {
            let range = first..=first + extra;
            if add {
                set.insert(range.clone());
                model.extend(range);
            } else {
                set.remove(range.clone());
                model.retain(|id| !range.contains(id));
            }
        }
        (set, model)
    }

    fn ids(set: &IdSet) -> BTreeSet<u64> {
        set.ranges().flatten().collect()
    }

    #[test]
    fn text_is_normalised() {
        let normal = |text| IdSet::parse(text).map(|set| set.to_string());
        assert_eq!(normal("300-400, 100-200").as_deref(), Ok("100-200,300-400"));
        assert_eq!(normal("1-2,3-4,4-9").as_deref(), Ok("1-9"));
        assert_eq!(normal("7").as_deref(), Ok("7-7"));
        assert_eq!(normal("").as_deref(), Ok(""));
        for text in ["a", "1-", "-1", "1,,2", "5-4", "+1", "1-2-3", "18446744073709551616"] {
            assert!(IdSet::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_ends_of_the_number_line_do_not_overflow() {
        let mut set = IdSet::parse("0-18446744073709551615").unwrap();
        assert_eq!(set.len(), u64::MAX);
        set.insert(u64::MAX..=u64::MAX);
        set.remove(0..=0);
        set.remove(u64::MAX..=u64::MAX);
        assert_eq!(set.to_string(), format!("1-{}", u64::MAX - 1));
        set.remove(0..=u64::MAX);
        assert_eq!((set.first_at_or_after(0), set.len()), (None, 0));
    }

    proptest! {
        #[test]
        fn behaves_like_a_set(steps in ranges(), probe in 0_u64..140) {
            let (set, model) = both(&steps);
            prop_assert_eq!(&ids(&set), &model);
            prop_assert_eq!(set.len(), model.len() as u64);
            prop_assert_eq!(set.contains(probe), model.contains(&probe));
            prop_assert_eq!(set.first_at_or_after(probe), model.range(probe..).next().copied());
            prop_assert_eq!(IdSet::parse(&set.to_string()), Ok(set.clone()));
            let apart = set.runs.windows(2).all(|pair| pair[0].1 + 1 < pair[1].0);
            prop_assert!(apart, "runs touch: {}", set);
        }

        #[test]
        fn subtracts_like_sets(left in ranges(), right in ranges()) {
            let ((a, left), (b, right)) = (both(&left), both(&right));
            prop_assert_eq!(ids(&a.difference(&b)), left.difference(&right).copied().collect());
        }
    }
}
