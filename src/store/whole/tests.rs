//! The lock under which a store is made, in a cluster.

use crate::sim::{Database, MariaServer};
use crate::store::migrate_server::Lock;
use crate::store::{Db, StoreError};

#[test]
fn a_row_of_the_cluster_is_had_by_one_and_ends() {
    let server = MariaServer::fast();
    let database = Database::new(&server.socket());
    let (mut one, mut other) = (database.connect(), database.connect());
    let lock = Lock::of_cluster(&mut one).unwrap();
    lock.renew(&mut one).unwrap();
    let take = "UPDATE capuchin_lock SET holder = 'x', ends = UNIX_TIMESTAMP() + 9 \
                WHERE ends < UNIX_TIMESTAMP()";
    assert_eq!(other.run(take, &[]), Ok(0));
    // Its holder was not heard of for too long.
    other.script("UPDATE capuchin_lock SET ends = 1").unwrap();
    assert_eq!(other.run(take, &[]), Ok(1));
    assert_eq!(lock.renew(&mut one), Err(StoreError::Busy));
    lock.give_back(&mut one).unwrap();
    assert_eq!(other.run(take, &[]), Ok(0));
}
