//! Which numbers of a pool are taken: one bit each, in chunks that are read when first needed.
//!
//! A pool is the offsets of an address range, or the VNIs of a physical network. The rows of what
//! was taken are the truth; the bits only say where to look, are written in the same transaction
//! as the rows, and a bit that is wrong costs one refused insert (see `Tx::take_lowest`). The
//! lowest free number is found in the same time in a pool of 256 and of 16 million, empty or full.

use crate::model::{Cell, Column};
use crate::store::chunk::{CHUNK, Chunk, Runs};
use crate::store::dialect::Dialect;
use crate::store::{Bulk, Db, StoreError};
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// The row number of a pool.
pub(crate) type PoolId = i64;

/// Chunks kept in memory, about 2 MB of bits: a whole /8. Beyond that memory starts afresh.
const KEPT: usize = 4096;

/// Which chunk of which pool.
type Place = (PoolId, u64);

/// What memory knows of pools, and what of it is not written yet.
#[derive(Default)]
pub(crate) struct Pools {
    full: HashMap<PoolId, Runs>,
    chunks: HashMap<Place, Chunk>,
    dirty: BTreeSet<Place>,
    how: How,
    /// Chunks that this transaction has read and locked.
    locked: HashSet<Place>,
    /// What chunks were, as memory has it, that were changed without a look at the store.
    before: BTreeMap<Place, Chunk>,
    /// Single numbers that are taken or given back, whatever else there is in their chunks.
    singles: BTreeMap<(PoolId, u64), bool>,
    /// Pools of which this transaction takes numbers.
    taking: BTreeSet<PoolId>,
    /// Pools of which others take numbers too, and at which of the places this writer starts.
    seats: HashMap<PoolId, u64>,
    /// Transactions since what is full was last forgotten.
    age: u32,
}

/// How a transaction stands to others that take numbers.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum How {
    /// There are none: what memory knows is so.
    #[default]
    Alone,
    /// Each chunk is read anew and locked, and that one is full is a hint: before a pool is called
    /// exhausted it is looked at anew.
    Beside,
    /// What memory knows is a guess, which is compared with the store when it is written.
    Guessing,
}

/// Transactions after which a writer beside others looks anew which chunks are full: so long may
/// it go past a number that another one gave back.
const FRESH: u32 = 64;
/// Places where a writer may start to look, spread over the pool.
const SEATS: u64 = 64;

impl Pools {
    /// Says that a transaction begins, and how it stands to others.
    pub(super) fn begin(&mut self, dialect: &Dialect, how: How) {
        self.how = how;
        if !dialect.is_shared {
            return;
        }
        self.locked.clear();
        self.before.clear();
        self.singles.clear();
        self.taking.clear();
        self.dirty.clear();
        self.age += 1;
        if how != How::Guessing {
            self.chunks.clear();
        }
        if how == How::Alone || self.age >= FRESH {
            self.full.clear();
            self.age = 0;
        }
    }

    /// Says that another writer took numbers where this one did: from now on it starts to look
    /// elsewhere, at one of 64 places.
    pub(super) fn move_away(&mut self, seat: u64) {
        for pool in &self.taking {
            let moved = self.seats.get(pool).map_or(seat, |old| old + 1);
            self.seats.insert(*pool, moved % SEATS);
        }
    }

    /// Takes the lowest free number within `spans` (inclusive, ascending, disjoint); where others
    /// take numbers too and `anywhere` will do, the lowest from this writer's start on.
    pub(crate) fn take_lowest(
        &mut self,
        db: &mut dyn Db,
        pool: PoolId,
        spans: &[(u64, u64)],
        anywhere: bool,
    ) -> Result<Option<u64>, StoreError> {
        self.taking.insert(pool);
        if let (true, &[span]) = (anywhere, spans)
            && let Some(start) = self.start(pool, span)
            && let Some(found) = self.find_lowest(db, pool, &[(start, span.1)])?
        {
            return Ok(Some(found));
        }
        let found = self.find_lowest(db, pool, spans)?;
        if found.is_some() || self.how == How::Alone {
            return Ok(found);
        }
        self.full.remove(&pool);
        self.find_lowest(db, pool, spans)
    }

    /// Where to start within a span, if not with its first number: with the first bit of a word, so
    /// that no two writers have the same word; the places are spread over a large pool.
    fn start(&self, pool: PoolId, (low, high): (u64, u64)) -> Option<u64> {
        if self.how == How::Alone {
            return None;
        }
        let (first, words) = (low / 64, high / 64 - low / 64 + 1);
        let apart = (words / SEATS).max(1);
        let start = (first + self.seats.get(&pool)? * apart % words) * 64;
        Some(start.max(low))
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
    pub(crate) fn mark(
        &mut self,
        db: &mut dyn Db,
        pool: PoolId,
        number: u64,
        taken: bool,
    ) -> Result<bool, StoreError> {
        let place = (pool, number / CHUNK);
        if self.how != How::Guessing || self.locked.contains(&place) {
            return self.set(db, pool, number, taken);
        }
        let guess = self.chunks.get(&place).map(|chunk| !chunk.is_free(number % CHUNK));
        match guess {
            Some(was) if was != taken => self.set(db, pool, number, taken),
            // Memory is wrong or knows nothing. The number's row was looked at: the bit follows.
            Some(_) => {
                self.singles.insert((pool, number), taken);
                Ok(!taken)
            }
            None if !taken => {
                self.singles.insert((pool, number), false);
                Ok(true)
            }
            None => self.set(db, pool, number, true),
        }
    }

    fn set(
        &mut self,
        db: &mut dyn Db,
        pool: PoolId,
        number: u64,
        taken: bool,
    ) -> Result<bool, StoreError> {
        let place = (pool, number / CHUNK);
        self.chunk(db, pool, place.1)?;
        let guesses = self.how == How::Guessing && !self.locked.contains(&place);
        let Some(chunk) = self.chunks.get_mut(&place) else { return Ok(false) };
        if chunk.is_free(number % CHUNK) != taken {
            return Ok(false);
        }
        if guesses {
            self.before.entry(place).or_insert_with(|| chunk.clone());
        }
        let was_full = chunk.is_full();
        chunk.flip(number % CHUNK);
        let is_full = chunk.is_full();
        self.dirty.insert(place);
        if was_full != is_full {
            let runs = self.full(db, pool)?;
            if is_full { runs.insert(place.1) } else { runs.remove(place.1) }
        }
        Ok(true)
    }

    /// What has changed, in a fixed order so that several servers cannot deadlock.
    pub(crate) fn take_changed(&mut self, dialect: &Dialect) -> Vec<Bulk> {
        let (mut whole, mut guessed) = (Vec::new(), Vec::new());
        for place in std::mem::take(&mut self.dirty) {
            let Some(chunk) = self.chunks.get(&place) else { continue };
            let (pool, at) = (place.0.into(), number_cell(place.1));
            match self.before.get(&place) {
                None => whole.push(vec![pool, at, (!chunk.is_full()).to_cell(), chunk.write()]),
                Some(before) => guessed.extend(compared(before, chunk, [pool, at])),
            }
        }
        let (freed, taken): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.singles).into_iter().partition(|(_, taken)| !taken);
        if self.chunks.len() > KEPT {
            self.chunks.clear();
        }
        let changed = [
            (COMPARED, guessed),
            (dialect.upsert_chunk, whole),
            (FREED, freed.into_iter().map(|(number, _)| single(number, false)).collect()),
            (TAKEN, taken.into_iter().map(|(number, _)| single(number, true)).collect()),
        ];
        changed.into_iter().filter(|(_, rows)| !rows.is_empty()).collect()
    }

    /// Forgets everything, as after a rollback or when another process has written.
    pub(crate) fn clear(&mut self) {
        self.full.clear();
        self.chunks.clear();
        self.dirty.clear();
        self.before.clear();
        self.singles.clear();
    }

    fn chunk(&mut self, db: &mut dyn Db, pool: PoolId, at: u64) -> Result<&mut Chunk, StoreError> {
        match self.chunks.entry((pool, at)) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(unknown) => {
                let beside = self.how != How::Alone;
                let mut chunk = read_chunk(db, pool, at, beside)?;
                self.locked.insert((pool, at));
                // What was said of single numbers before it was read is part of it now.
                let span = (pool, at * CHUNK)..=(pool, at * CHUNK + (CHUNK - 1));
                let singles: Vec<_> =
                    self.singles.range(span).map(|(number, taken)| (*number, *taken)).collect();
                for (number, taken) in singles {
                    self.singles.remove(&number);
                    if chunk.is_free(number.1 % CHUNK) == taken {
                        chunk.flip(number.1 % CHUNK);
                        self.dirty.insert((pool, at));
                    }
                }
                Ok(unknown.insert(chunk))
            }
        }
    }

    fn full(&mut self, db: &mut dyn Db, pool: PoolId) -> Result<&mut Runs, StoreError> {
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

/// Changes the bytes from the first to the last word that a guess has changed, if they are what
/// they were taken for; `NULL` is refused otherwise. The chunk is open: it had a free number.
const COMPARED: &str = "UPDATE chunk SET open = ?, \
                        bits = IF(SUBSTR(bits, ?, ?) = ?, INSERT(bits, ?, ?, ?), NULL) \
                        WHERE pool_id = ? AND chunk = ?";
/// Gives a number back.
const FREED: &str = "UPDATE chunk SET open = 1, \
                     bits = INSERT(bits, ?, 1, CHAR(ASCII(SUBSTR(bits, ?, 1)) & ?)) \
                     WHERE pool_id = ? AND chunk = ?";
/// Takes a number.
const TAKEN: &str = "UPDATE chunk SET \
                     bits = INSERT(bits, ?, 1, CHAR(ASCII(SUBSTR(bits, ?, 1)) | ?)) \
                     WHERE pool_id = ? AND chunk = ?";

/// The arguments of [`COMPARED`]; none where nothing is left of the changes. What makes a chunk
/// full, or ends that, is compared as a whole.
fn compared(before: &Chunk, after: &Chunk, [pool, at]: [Cell; 2]) -> Option<Vec<Cell>> {
    let is_full = after.is_full();
    let (start, length) = match before.is_full() != is_full {
        true => Chunk::WHOLE,
        false => before.difference(after)?,
    };
    let (from, count) = (Cell::Int(start + 1), Cell::Int(length));
    let (old, new) = (before.bytes(start, length), after.bytes(start, length));
    let open = (!is_full).to_cell();
    Some(vec![open, from.clone(), count.clone(), old, from, count, new, pool, at])
}

/// The arguments of [`FREED`] and of [`TAKEN`].
fn single((pool, number): (PoolId, u64), taken: bool) -> Vec<Cell> {
    let inside = number % CHUNK;
    let bit = 1u8 << (inside % 8);
    let mask = if taken { bit } else { !bit };
    let byte = Cell::Int(i64::try_from(inside / 8 + 1).unwrap_or(1));
    let mask = Cell::Int(i64::from(mask));
    vec![byte.clone(), byte, mask, pool.into(), number_cell(number / CHUNK)]
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
    if let Some(found) = take(db)? {
        return Ok(found);
    }
    let empty = Chunk::empty();
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
