//! Which numbers of a pool are taken: one bit each, in chunks that are read when first needed.
//!
//! A pool is the offsets of an address range, or the VNIs of a physical network. The rows of what
//! was taken are the truth; the bits only say where to look, are written in the same transaction
//! as the rows, and a bit that is wrong costs one refused insert (see `Tx::take_lowest`). The
//! lowest free number is found in the same time in a pool of 256 and of 16 million, empty or full.

use crate::model::{Cell, CellRef, Column};
use crate::store::dialect::Dialect;
use crate::store::{Bulk, Db, StoreError};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The row number of a pool.
pub(crate) type PoolId = i64;

/// Numbers in a chunk: 512 bytes of bits, read in a few microseconds.
pub(crate) const CHUNK: u64 = 4096;
const WORDS: usize = 64;
/// Chunks kept in memory, about 2 MB of bits: a whole /8. Beyond that memory starts afresh.
const KEPT: usize = 4096;

/// What memory knows of pools, and what of it is not written yet.
#[derive(Default)]
pub(crate) struct Pools {
    full: HashMap<PoolId, Runs>,
    chunks: HashMap<(PoolId, u64), Chunk>,
    dirty: BTreeSet<(PoolId, u64)>,
    /// Whether others take numbers at the same time: see [`Pools::begin`].
    beside: bool,
    /// Transactions since what is full was last forgotten.
    age: u32,
}

/// Transactions after which a writer beside others looks anew which chunks are full: so long may
/// it go past a number that another one gave back.
const FRESH: u32 = 64;

struct Chunk([u64; WORDS]);

impl Chunk {
    /// The lowest number from `low` to `high` (inclusive, within the chunk) that is free.
    fn lowest_free(&self, low: u64, high: u64) -> Option<u64> {
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

    fn slot(&mut self, number: u64) -> (&mut u64, u64) {
        let word = usize::try_from(number / 64 % WORDS as u64).unwrap_or(0);
        (&mut self.0[word], 1 << (number % 64))
    }

    fn is_free(&self, number: u64) -> bool {
        let word = usize::try_from(number / 64).ok().and_then(|at| self.0.get(at));
        word.is_some_and(|word| word & 1 << (number % 64) == 0)
    }

    /// How many of the first `size` numbers are free.
    fn count_free(&self, size: u64) -> u64 {
        (0..size.div_ceil(64))
            .zip(self.0)
            .map(|(at, word)| {
                let valid = (size - at * 64).min(64);
                let beyond = if valid == 64 { 0 } else { u64::MAX << valid };
                u64::from((word | beyond).count_zeros())
            })
            .sum()
    }

    fn is_full(&self) -> bool {
        self.0.iter().all(|word| *word == u64::MAX)
    }

    fn read(cell: CellRef<'_>) -> Result<Self, StoreError> {
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

    fn write(&self) -> Cell {
        Cell::Blob(self.0.iter().flat_map(|word| word.to_le_bytes()).collect())
    }
}

impl Pools {
    /// Says that a transaction begins, and whether others take numbers at the same time. Then
    /// each chunk is read anew and locked, and that one is full is a hint: before a pool is
    /// called exhausted it is looked at anew.
    pub(super) fn begin(&mut self, dialect: &Dialect, beside: bool) {
        if dialect.is_shared {
            self.chunks.clear();
            self.dirty.clear();
            self.age += 1;
            if !beside || self.age >= FRESH {
                self.full.clear();
                self.age = 0;
            }
        }
        self.beside = beside;
    }

    /// Takes the lowest free number within `spans` (inclusive, ascending, disjoint).
    pub(crate) fn take_lowest(
        &mut self,
        db: &mut dyn Db,
        pool: PoolId,
        spans: &[(u64, u64)],
    ) -> Result<Option<u64>, StoreError> {
        let found = self.find_lowest(db, pool, spans)?;
        if found.is_some() || !self.beside {
            return Ok(found);
        }
        self.full.remove(&pool);
        self.find_lowest(db, pool, spans)
    }

    fn find_lowest(
        &mut self,
        db: &mut dyn Db,
        pool: PoolId,
        spans: &[(u64, u64)],
    ) -> Result<Option<u64>, StoreError> {
        for &(low, high) in spans {
            let mut from = low;
            while from <= high {
                let chunk = self.full(db, pool)?.first_outside(from / CHUNK);
                let start = (chunk.saturating_mul(CHUNK)).max(from);
                if start > high {
                    break;
                }
                let end = (chunk * CHUNK + (CHUNK - 1)).min(high);
                let (least, most) = (start % CHUNK, end % CHUNK);
                if let Some(found) = self.chunk(db, pool, chunk)?.lowest_free(least, most) {
                    let number = chunk * CHUNK + found;
                    self.set(db, pool, number, true)?;
                    return Ok(Some(number));
                }
                match end.checked_add(1) {
                    Some(next) => from = next,
                    None => break,
                }
            }
        }
        Ok(None)
    }

    /// The free numbers within `span` (inclusive) in ascending order, without the first `skip`,
    /// `take` of them at most. What is full is passed over at once.
    pub(crate) fn free_numbers(
        &mut self,
        db: &mut dyn Db,
        pool: PoolId,
        (low, high): (u64, u64),
        mut skip: u64,
        take: u64,
    ) -> Result<Vec<u64>, StoreError> {
        let mut found = Vec::new();
        let mut at = low / CHUNK;
        while (found.len() as u64) < take {
            at = self.full(db, pool)?.first_outside(at);
            let start = at.saturating_mul(CHUNK);
            if start > high {
                break;
            }
            let (least, most) = (low.max(start) - start, (high - start).min(CHUNK - 1));
            let chunk = self.chunk(db, pool, at)?;
            let free = chunk.count_free(most + 1) - chunk.count_free(least);
            if free <= skip {
                skip -= free;
            } else {
                let wanted = usize::try_from(take - found.len() as u64).unwrap_or(usize::MAX);
                let skipped = usize::try_from(skip).unwrap_or(usize::MAX);
                let numbers = (least..=most).filter(|number| chunk.is_free(*number));
                found.extend(numbers.map(|number| start + number).skip(skipped).take(wanted));
                skip = 0;
            }
            at += 1;
        }
        Ok(found)
    }

    /// Marks a number as taken or free; returns whether that changed anything.
    pub(crate) fn set(
        &mut self,
        db: &mut dyn Db,
        pool: PoolId,
        number: u64,
        taken: bool,
    ) -> Result<bool, StoreError> {
        let at = number / CHUNK;
        let chunk = self.chunk(db, pool, at)?;
        let was_full = chunk.is_full();
        let (word, bit) = chunk.slot(number % CHUNK);
        if (*word & bit != 0) == taken {
            return Ok(false);
        }
        *word ^= bit;
        let is_full = chunk.is_full();
        self.dirty.insert((pool, at));
        if was_full != is_full {
            let runs = self.full(db, pool)?;
            if is_full { runs.insert(at) } else { runs.remove(at) }
        }
        Ok(true)
    }

    /// What has changed, in a fixed order so that several servers cannot deadlock.
    pub(crate) fn take_changed(&mut self, dialect: &Dialect) -> Option<Bulk> {
        let row = |(pool, at)| {
            let chunk = self.chunks.get(&(pool, at))?;
            let open = (!chunk.is_full()).to_cell();
            Some(vec![pool.into(), number_cell(at), open, chunk.write()])
        };
        let rows: Vec<_> = std::mem::take(&mut self.dirty).into_iter().filter_map(row).collect();
        if self.chunks.len() > KEPT {
            self.chunks.clear();
        }
        (!rows.is_empty()).then_some((dialect.upsert_chunk, rows))
    }

    /// Forgets everything, as after a rollback or when another process has written.
    pub(crate) fn clear(&mut self) {
        self.full.clear();
        self.chunks.clear();
        self.dirty.clear();
    }

    fn chunk(&mut self, db: &mut dyn Db, pool: PoolId, at: u64) -> Result<&mut Chunk, StoreError> {
        use std::collections::hash_map::Entry;
        match self.chunks.entry((pool, at)) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(unknown) => Ok(unknown.insert(read_chunk(db, pool, at, self.beside)?)),
        }
    }

    fn full(&mut self, db: &mut dyn Db, pool: PoolId) -> Result<&mut Runs, StoreError> {
        use std::collections::hash_map::Entry;
        match self.full.entry(pool) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(unknown) => {
                let mut runs = Runs::default();
                db.each(
                    "SELECT chunk FROM chunk WHERE pool_id = ? AND open = 0 ORDER BY chunk",
                    &[pool.into()],
                    &mut |cell| {
                        runs.insert(u64::try_from(i64::from_cell(cell(0))?).unwrap_or(0));
                        Ok(true)
                    },
                )?;
                Ok(unknown.insert(runs))
            }
        }
    }
}

/// Reads a chunk; one without a row has no number taken. Beside others the row is locked, and
/// made if there is none, so that there is something to lock.
fn read_chunk(db: &mut dyn Db, pool: PoolId, at: u64, beside: bool) -> Result<Chunk, StoreError> {
    let sql = "SELECT bits FROM chunk WHERE pool_id = ? AND chunk = ?";
    let sql = if beside { [sql, db.dialect().lock].concat() } else { sql.to_owned() };
    let args = [pool.into(), number_cell(at)];
    let mut chunk = None;
    let mut take = |db: &mut dyn Db| {
        db.each(&sql, &args, &mut |cell| {
            chunk = Some(Chunk::read(cell(0))?);
            Ok(false)
        })?;
        Ok::<_, StoreError>(chunk.take())
    };
    let empty = Chunk([0; WORDS]);
    if let Some(found) = take(db)? {
        return Ok(found);
    }
    if beside {
        let row = [args[0].clone(), args[1].clone(), true.to_cell(), empty.write()];
        db.run(MAKE_CHUNK, &row)?;
        return Ok(take(db)?.unwrap_or(empty));
    }
    Ok(empty)
}

/// Makes a chunk unless another one has just made it.
const MAKE_CHUNK: &str = "INSERT INTO chunk (pool_id, chunk, open, bits) VALUES (?, ?, ?, ?) \
                          ON DUPLICATE KEY UPDATE open = open";

/// A chunk's number as a cell; there are at most 2^52 chunks.
fn number_cell(at: u64) -> Cell {
    Cell::Int(i64::try_from(at).unwrap_or(i64::MAX))
}

/// A set of numbers that mostly come in runs: start to end, inclusive.
#[derive(Default)]
struct Runs(BTreeMap<u64, u64>);

impl Runs {
    /// The lowest number from `from` on that is not in the set.
    fn first_outside(&self, from: u64) -> u64 {
        match self.0.range(..=from).next_back() {
            Some((_, end)) if *end >= from => end.saturating_add(1),
            _ => from,
        }
    }

    fn insert(&mut self, number: u64) {
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

    fn remove(&mut self, number: u64) {
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
