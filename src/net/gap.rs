//! The lowest free aligned block between taken ones.

/// Returns the first value of the lowest block of `size` values that lies inside the inclusive
/// `pool`, starts at a multiple of `size` and touches none of the inclusive `taken` ranges.
///
/// `size` is a power of two. `taken` may be unsorted, overlapping and partly outside the pool.
/// One sort and one sweep: time n log n, or n when `taken` comes sorted.
pub(super) fn lowest_gap(
    pool: (u128, u128),
    size: u128,
    mut taken: Vec<(u128, u128)>,
) -> Option<u128> {
    taken.retain(|&(first, last)| first <= pool.1 && last >= pool.0);
    taken.sort_unstable();
    let mut lowest = pool.0;
    for (first, last) in taken {
        let end = block_end(lowest, size)?;
        if end < first {
            break;
        }
        // Past the last address of the family nothing is left.
        lowest = lowest.max(last.checked_add(1)?);
    }
    let end = block_end(lowest, size)?;
    (end <= pool.1).then(|| end - (size - 1))
}

/// Returns the last value of the lowest aligned block that starts at or after `lowest`.
fn block_end(lowest: u128, size: u128) -> Option<u128> {
    lowest.checked_next_multiple_of(size)?.checked_add(size - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_the_number_line_do_not_overflow() {
        assert_eq!(lowest_gap((0, u128::MAX), 1 << 127, vec![(0, 0)]), Some(1 << 127));
        assert_eq!(lowest_gap((0, u128::MAX), 1, vec![(0, u128::MAX)]), None);
        assert_eq!(lowest_gap((0, u128::MAX), 1 << 127, vec![(1 << 127, u128::MAX)]), Some(0));
        assert_eq!(lowest_gap((u128::MAX, u128::MAX), 1, vec![]), Some(u128::MAX));
    }
}
