//! What holds in every store, whoever wrote it and however it ended.

use crate::engine::audit;
use crate::store::Store;

/// Checks everything that `capuchin store check` does.
#[track_caller]
pub(crate) fn check(store: &Store) {
    let found = store.read(audit).expect("a store that can be read");
    assert!(found.is_empty(), "{found:#?}");
}
