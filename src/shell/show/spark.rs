//! A small curve in a line of text: how much was used, day by day.

use super::scene::grouped;

/// Characters that a curve takes at most; two days stand in each.
const WIDE: usize = 30;
/// The dots of a column of a braille character, from the lowest up: left, then right.
const DOTS: [[u32; 4]; 2] = [[0x40, 0x04, 0x02, 0x01], [0x80, 0x20, 0x10, 0x08]];
/// The first braille character, which has no dots.
const BLANK: u32 = 0x2800;
/// How high, where there is nothing but ASCII.
const PLAIN: [char; 4] = ['_', '.', '-', '^'];

/// The curve as text, in braille or in ASCII; none if nothing moved.
pub(super) fn line(past: &[u64], ascii: bool) -> Option<String> {
    moved(past)?;
    let levels = levels(&gathered(past, 2 * WIDE));
    let text = levels.chunks(2).map(|pair| {
        if ascii {
            let level = pair.iter().copied().max().unwrap_or(0);
            return PLAIN.get(level).copied().unwrap_or('^');
        }
        let columns = pair.iter().zip(DOTS);
        let dots = columns.flat_map(|(level, dots)| dots.into_iter().take(level + 1));
        char::from_u32(BLANK + dots.sum::<u32>()).unwrap_or(' ')
    });
    Some(text.collect())
}

/// What is to be known of the curve: `from 18 to 41 in 25 days`.
pub(super) fn said(past: &[u64]) -> Option<String> {
    let (low, high) = moved(past)?;
    Some(format!("{} to {} used in {} days", grouped(low), grouped(high), past.len()))
}

/// The curve as points in an area of this size, from its top left.
pub(super) fn points(past: &[u64], (wide, high): (usize, usize)) -> Option<Vec<(usize, usize)>> {
    let (low, most) = moved(past)?;
    let last = past.len().saturating_sub(1).max(1);
    let point = |(at, used): (usize, &u64)| {
        let (over, range) = (u128::from(used - low), u128::from(most - low).max(1));
        let up = usize::try_from(over * high as u128 / range).unwrap_or(high);
        (at * wide / last, high - up)
    };
    Some(past.iter().enumerate().map(point).collect())
}

/// The least and the most, if they differ.
fn moved(past: &[u64]) -> Option<(u64, u64)> {
    let (low, high) = (*past.iter().min()?, *past.iter().max()?);
    (low < high).then_some((low, high))
}

/// So many values at most: of those that share a place the highest.
fn gathered(past: &[u64], most: usize) -> Vec<u64> {
    let each = past.len().div_ceil(most).max(1);
    past.chunks(each).filter_map(|some| some.iter().copied().max()).collect()
}

/// How high each is, of four levels.
fn levels(values: &[u64]) -> Vec<usize> {
    let (low, high) = moved(values).unwrap_or((0, 0));
    let range = u128::from(high - low).max(1);
    let level = |value: &u64| {
        let over = u128::from(value - low) * 3 + range / 2;
        usize::try_from(over / range).unwrap_or(3)
    };
    values.iter().map(level).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_grows_rises() {
        let past: Vec<u64> = (0..8).map(|day| 100 + day).collect();
        assert_eq!(line(&past, false).unwrap(), "\u{28c0}\u{28e4}\u{28f6}\u{28ff}");
        assert_eq!(line(&past, true).unwrap(), "_.-^");
        assert_eq!(said(&past).unwrap(), "100 to 107 used in 8 days");
    }

    #[test]
    fn what_stays_has_no_curve() {
        assert_eq!(line(&[], false), None);
        assert_eq!(line(&[7], false), None);
        assert_eq!(said(&[7, 7, 7]), None);
        assert_eq!(points(&[7, 7], (10, 10)), None);
    }

    #[test]
    fn a_curve_begins_low_and_ends_high() {
        assert_eq!(points(&[0, 5, 10], (100, 20)).unwrap(), [(0, 20), (50, 10), (100, 0)]);
    }

    proptest! {
        #[test]
        fn any_past_fits(past in prop::collection::vec(any::<u64>(), 0..400), ascii: bool) {
            if let Some(text) = line(&past, ascii) {
                prop_assert!(text.chars().count() <= WIDE);
                prop_assert!(!ascii || text.is_ascii());
                let braille = |c: char| ('\u{2801}'..='\u{28ff}').contains(&c);
                prop_assert!(ascii || text.chars().all(braille));
            }
            for (x, y) in points(&past, (360, 24)).unwrap_or_default() {
                prop_assert!(x <= 360 && y <= 24);
            }
        }
    }
}
