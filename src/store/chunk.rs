//! Bits of a chunk of a pool, and which chunks are full.

use crate::model::{Cell, CellRef};
use crate::store::StoreError;
use std::collections::BTreeMap;

/// Numbers in a chunk: 512 bytes of bits, read in a few microseconds.
pub(crate) const CHUNK: u64 = 4096;
const WORDS: usize = 64;

/// The bits of one chunk; one that is set is a number that is taken.
#[derive(Clone)]
pub(super) struct Chunk([u64; WORDS]);

impl Chunk {
    /// One with all numbers free.
    pub(super) fn empty() -> Self {
        Self([0; WORDS])
    }

    /// Takes a free number of the chunk, or gives one back.
    pub(super) fn flip(&mut self, number: u64) {
        let (word, bit) = self.slot(number);
        *word ^= bit;
    }

    /// All its bytes: where they start, and how many there are.
    pub(super) const WHOLE: (i64, i64) = (0, CHUNK.cast_signed() / 8);

    /// The bytes from the first to the last word in which another one differs: where they start,
    /// and how many there are.
    pub(super) fn difference(&self, other: &Self) -> Option<(i64, i64)> {
        let mut differ = (0i64..).zip(self.0.iter().zip(other.0)).filter(|(_, (a, b))| *a != b);
        let (first, _) = differ.next()?;
        let last = differ.last().map_or(first, |(at, _)| at);
        Some((first * 8, (last - first + 1) * 8))
    }

    /// So many bytes from so many on.
    pub(super) fn bytes(&self, start: i64, length: i64) -> Cell {
        let at = |n: i64| usize::try_from(n).unwrap_or(0);
        let all = self.0.iter().flat_map(|word| word.to_le_bytes());
        Cell::Blob(all.skip(at(start)).take(at(length)).collect())
    }

    /// The lowest number from `low` to `high` (inclusive, within the chunk) that is free.
    pub(super) fn lowest_free(&self, low: u64, high: u64) -> Option<u64> {
        let first = usize::try_from(low / 64).ok()?;
        for (at, word) in self.0.iter().enumerate().skip(first) {
            let base = at as u64 * 64;
            if base > high {
                return None;
            }
            let below = if base < low { (1u64 << (low - base)) - 1 } else { 0 };
            let free = !(word | below);
            if free != 0 {
                let found = base + u64::from(free.trailing_zeros());
                return (found <= high).then_some(found);
            }
        }
        None
    }

    pub(super) fn slot(&mut self, number: u64) -> (&mut u64, u64) {
        let word = usize::try_from(number / 64 % WORDS as u64).unwrap_or(0);
        (&mut self.0[word], 1 << (number % 64))
    }

    pub(super) fn is_free(&self, number: u64) -> bool {
        let word = usize::try_from(number / 64).ok().and_then(|at| self.0.get(at));
        word.is_some_and(|word| word & 1 << (number % 64) == 0)
    }

    /// How many of the first `size` numbers are free.
    pub(super) fn count_free(&self, size: u64) -> u64 {
        (0..size.div_ceil(64))
            .zip(self.0)
            .map(|(at, word)| {
                let valid = (size - at * 64).min(64);
                let beyond = if valid == 64 { 0 } else { u64::MAX << valid };
                u64::from((word | beyond).count_zeros())
            })
            .sum()
    }

    pub(super) fn is_full(&self) -> bool {
        self.0.iter().all(|word| *word == u64::MAX)
    }

    pub(super) fn read(cell: CellRef<'_>) -> Result<Self, StoreError> {
        let damaged = || StoreError::Damaged("a chunk of a pool has another size".into());
        let CellRef::Blob(bytes) = cell else { return Err(damaged()) };
        let mut words = [0; WORDS];
        let (parts, rest) = bytes.as_chunks::<8>();
        if parts.len() != WORDS || !rest.is_empty() {
            return Err(damaged());
        }
        for (word, part) in words.iter_mut().zip(parts) {
            *word = u64::from_le_bytes(*part);
        }
        Ok(Self(words))
    }

    pub(super) fn write(&self) -> Cell {
        Cell::Blob(self.0.iter().flat_map(|word| word.to_le_bytes()).collect())
    }
}

/// A set of numbers that mostly come in runs: start to end, inclusive.
#[derive(Default)]
pub(super) struct Runs(BTreeMap<u64, u64>);

impl Runs {
    /// The lowest number from `from` on that is not in the set.
    pub(super) fn first_outside(&self, from: u64) -> u64 {
        match self.0.range(..=from).next_back() {
            Some((_, end)) if *end >= from => end.saturating_add(1),
            _ => from,
        }
    }

    pub(super) fn insert(&mut self, number: u64) {
        if self.first_outside(number) != number {
            return;
        }
        let end = match self.0.remove(&(number + 1)) {
            Some(end) => end,
            None => number,
        };
        match self.0.range_mut(..number).next_back() {
            Some((_, before)) if *before + 1 == number => *before = end,
            _ => {
                self.0.insert(number, end);
            }
        }
    }

    pub(super) fn remove(&mut self, number: u64) {
        let Some((&start, &end)) = self.0.range(..=number).next_back() else { return };
        if end < number {
            return;
        }
        self.0.remove(&start);
        if start < number {
            self.0.insert(start, number - 1);
        }
        if number < end {
            self.0.insert(number + 1, end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn runs_are_a_set(changes in prop::collection::vec((any::<bool>(), 0u64..40), 0..200)) {
            let mut runs = Runs::default();
            let mut oracle = BTreeSet::new();
            for (put, number) in changes {
                if put {
                    runs.insert(number);
                    oracle.insert(number);
                } else {
                    runs.remove(number);
                    oracle.remove(&number);
                }
                for from in 0..42 {
                    let want = (from..=100).find(|n| !oracle.contains(n)).unwrap();
                    prop_assert_eq!(runs.first_outside(from), want);
                }
            }
        }

        #[test]
        fn the_lowest_free_bit_is_found(
            taken in prop::collection::btree_set(0u64..CHUNK, 0..300), low in 0..CHUNK,
            span in 0..CHUNK,
        ) {
            let mut chunk = Chunk([0; WORDS]);
            for number in &taken {
                let (word, bit) = chunk.slot(*number);
                *word |= bit;
            }
            let high = (low + span).min(CHUNK - 1);
            let want = (low..=high).find(|number| !taken.contains(number));
            prop_assert_eq!(chunk.lowest_free(low, high), want);
            let free = (0..span).filter(|number| !taken.contains(number)).count();
            prop_assert_eq!(chunk.count_free(span), free as u64);
        }
    }
}
