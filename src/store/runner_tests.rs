//! The transaction runner: what is refused leaves nothing, what is acknowledged stays, and hot
//! statements find their rows by an index.

use crate::model::Column;
use crate::store::{Counter, Open, Place, Store, StoreError, Tx};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const COUNTER: Counter = Counter { owner: "test", id: 1, what: "kept" };

/// A folder that goes with its owner.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name =
            format!("runner-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn open(&self) -> Store {
        let path = self.0.join("store.db");
        let mut fill = |_: &mut Tx| Ok(());
        Store::open(Open { place: &Place::File(path), fresh_key: [7; 16], fill: &mut fill })
            .unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn kept(store: &Store) -> i64 {
    store.read(|tx| tx.counter(COUNTER)).unwrap()
}

/// Counts one, and then is refused if it is to be.
fn count(tx: &mut Tx, refuse: bool) -> Result<(), StoreError> {
    tx.tally(COUNTER, 1)?;
    tx.run("INSERT INTO pool (kind) VALUES (?)", &["test".into()])?;
    if refuse { Err(StoreError::Other("refused after writing".into())) } else { Ok(()) }
}

#[test]
fn a_use_case_that_is_refused_after_writing_leaves_nothing_and_takes_nobody_with_it() {
    let folder = Folder::new();
    let store = Arc::new(folder.open());
    let outcomes: Vec<bool> = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..48)
            .map(|caller| {
                let store = Arc::clone(&store);
                scope.spawn(move || {
                    (0..20)
                        .map(|call| {
                            let refuse = (caller + call) % 3 == 0;
                            let done = store.write(move |tx| count(tx, refuse));
                            assert_eq!(done.is_err(), refuse);
                            !refuse
                        })
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        callers.into_iter().flat_map(|caller| caller.join().unwrap()).collect()
    });
    let kept_calls = outcomes.iter().filter(|kept| **kept).count();
    assert_eq!(kept(&store), i64::try_from(kept_calls).unwrap());
    let rows: Option<i64> = store
        .read(|tx| tx.one("SELECT COUNT(*) FROM pool", &[]))
        .map_err(|e: StoreError| e)
        .unwrap();
    assert_eq!(rows, i64::try_from(kept_calls).ok());
    drop(store);
    assert_eq!(kept(&folder.open()), i64::try_from(kept_calls).unwrap());
}

#[test]
fn a_use_case_that_panics_is_refused_and_the_store_goes_on() {
    let folder = Folder::new();
    let store = folder.open();
    let done: Result<(), StoreError> = store.write(|tx| {
        count(tx, false)?;
        panic!("on purpose");
    });
    assert!(done.is_err());
    assert_eq!(kept(&store), 0);
    assert_eq!(store.write(|tx| count(tx, false)), Ok(()));
}

#[test]
fn a_reader_sees_one_state_and_writes_nothing() {
    let folder = Folder::new();
    let store = Arc::new(folder.open());
    let writer = Arc::clone(&store);
    store
        .read(|tx| {
            assert_eq!(tx.counter(COUNTER)?, 0);
            writer.write(|tx| count(tx, false))?;
            let seen: Option<i64> = tx.one("SELECT n FROM counter WHERE what = 'kept'", &[])?;
            assert_eq!(seen, None, "a snapshot does not change");
            assert!(count(tx, false).is_err(), "an old state cannot be written to");
            Ok::<_, StoreError>(())
        })
        .unwrap();
    assert_eq!(kept(&store), 1);
    let fresh = store.read(|tx| count(tx, false));
    assert_eq!((fresh, kept(&store)), (Ok(()), 1), "what a reader wrote is gone");
}

#[test]
fn numbers_are_taken_lowest_first_and_come_back() {
    let folder = Folder::new();
    let store = folder.open();
    let taken = store
        .write(|tx| {
            let pool = tx.new_pool("test")?;
            let all: Result<Vec<_>, _> =
                (0..5000).map(|_| tx.take_lowest(pool, &[(10, 20_000)])).collect();
            let all = all?;
            assert_eq!(all.first(), Some(&Some(10)));
            assert_eq!(all.last(), Some(&Some(5009)));
            assert!(tx.mark(pool, 4095, false)?);
            assert!(!tx.mark(pool, 4095, false)?, "it was free already");
            Ok::<_, StoreError>((pool, tx.take_lowest(pool, &[(10, 20_000)])?))
        })
        .unwrap();
    assert_eq!(taken.1, Some(4095));
    drop(store);
    let next = folder
        .open()
        .write(move |tx| {
            Ok::<_, StoreError>((
                tx.take_lowest(taken.0, &[(10, 20_000)])?,
                tx.take_lowest(taken.0, &[(0, 9)])?,
                tx.free_numbers(taken.0, (0, 5012), 8, 3)?,
                tx.take_lowest(taken.0, &[(20, 30)])?,
            ))
        })
        .unwrap();
    assert_eq!(next, (Some(5010), Some(0), vec![9, 5011, 5012], None));
}

#[test]
fn hot_statements_find_their_rows_by_an_index() {
    let folder = Folder::new();
    let store = folder.open();
    for sql in [
        "SELECT * FROM address WHERE range_id = 1 AND place = 1",
        "SELECT * FROM address WHERE network_id = 1",
        "SELECT 1 FROM address WHERE network_id = 1 AND source_nat = 1",
        "SELECT 1 FROM address WHERE vpc_id = 1 AND source_nat = 1",
        "SELECT * FROM address WHERE range_id = 1 ORDER BY place LIMIT 10",
        "SELECT * FROM vlan_range WHERE zone_id = 1 AND type = 'VirtualNetwork' \
         AND removed IS NULL ORDER BY id",
        "SELECT bits FROM chunk WHERE pool_id = 1 AND chunk = 1",
        "SELECT chunk FROM chunk WHERE pool_id = 1 AND open = 0 ORDER BY chunk",
        "SELECT n FROM counter WHERE owner = 'a' AND owner_id = 1 AND what = 'b'",
        "SELECT * FROM network WHERE vpc_id = 1",
        "SELECT * FROM network WHERE account_id = 1 AND zone_id = 1",
        "SELECT value FROM setting WHERE scope = 'global' AND scope_id = 0 AND name = 'x'",
    ] {
        let mut plan = Vec::new();
        store
            .read(|tx| {
                tx.each(&format!("EXPLAIN QUERY PLAN {sql}"), &[], |cell| {
                    plan.push(String::from_cell(cell(3))?);
                    Ok(true)
                })
            })
            .unwrap();
        let searched = plan.iter().all(|step| step.starts_with("SEARCH"));
        assert!(searched && !plan.is_empty(), "{sql}: {plan:?}");
    }
}
