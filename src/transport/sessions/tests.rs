//! Sessions in the store: how long they live, how many there are, and who removes them.

use super::*;
use crate::engine::{MOST_SESSIONS, Vault};
use crate::sim::World;

const NOW: i64 = 1_767_322_800_000;

fn at(seconds: i64) -> Time {
    Time::from_millis(NOW).plus_seconds(seconds)
}

fn ticket(id: &str) -> Ticket {
    Ticket { id: id.into(), key: format!("key of {id}") }
}

/// Whether the session is known, and whether its caller is.
fn found(store: &Store, id: &str, seconds: i64) -> (bool, bool) {
    let key = ticket(id).key;
    let found = find(store, id, [Some(&key), Some(&key)], at(seconds)).unwrap();
    (!matches!(found, Asker::Nobody), matches!(found, Asker::User(_)))
}

fn rows(store: &Store) -> Vec<(String, i64)> {
    let mut rows = Vec::new();
    let read = store.read(|tx: &mut Tx| {
        rows.clear();
        tx.each("SELECT hash, key_hash, ends FROM session ORDER BY hash", &[], |cell| {
            use crate::model::Column;
            let text = String::from_cell(cell(0))? + &String::from_cell(cell(1))?;
            rows.push((text, i64::from_cell(cell(2))?));
            Ok(true)
        })
    });
    read.unwrap_or_else(|why: StoreError| panic!("{why}"));
    rows
}

#[test]
fn a_session_lives_as_long_as_it_is_used() {
    let world = World::sandbox();
    let store = world.engine.store();
    begin(store, &ticket("a"), 2, at(0)).unwrap();
    assert_eq!(found(store, "a", TIMEOUT), (true, true));
    assert_eq!(found(store, "a", 2 * TIMEOUT), (true, true));
    assert_eq!(found(store, "a", 3 * TIMEOUT + SLACK + 1), (false, false));
    assert_eq!(found(store, "b", 0), (false, false));
    assert_eq!((end_of(store, "a"), end_of(store, "a")), (Ok(true), Ok(false)));
}

#[test]
fn only_the_right_keys_open_it_and_none_of_them_is_in_the_store() {
    let world = World::sandbox();
    let store = world.engine.store();
    begin(store, &ticket("id"), 2, at(0)).unwrap();
    let key = ticket("id").key;
    for keys in [[None, Some(&*key)], [Some(&key), None], [Some(&key), Some("x")], [None, None]] {
        let caller = find(store, "id", keys, at(1)).unwrap();
        assert!(matches!(caller, Asker::Stranger), "{keys:?}");
    }
    let dump = world.dump();
    assert!(dump.contains("session:") && !dump.contains(&key) && !dump.contains("\"id\""));
    assert_eq!(rows(store)[0].0, digest("id") + &digest(&key));
    assert_eq!(digest("abc"), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
}

#[test]
fn its_end_is_written_once_a_minute_at_most() {
    let world = World::sandbox();
    let store = world.engine.store();
    begin(store, &ticket("a"), 2, at(0)).unwrap();
    let ends = || rows(store)[0].1 - NOW;
    let whole = (TIMEOUT + SLACK) * 1000;
    for (seconds, wanted) in [(1, 0), (60, 0), (61, 61), (121, 61), (122, 122)] {
        assert_eq!(found(store, "a", seconds), (true, true));
        assert_eq!(ends(), whole + wanted * 1000, "after {seconds} s");
    }
}

#[test]
fn there_is_an_end_to_sessions() {
    let world = World::sandbox();
    let store = world.engine.store();
    let fill = move |tx: &mut Tx| {
        for number in 0..MOST_SESSIONS {
            let ends = at(10 + i64::try_from(number).unwrap());
            let session = engine::Session { key_hash: String::new(), user_id: 2, ends };
            begin_session(tx, &number.to_string(), &session, at(0))?;
        }
        Ok::<_, StoreError>(())
    };
    store.write(fill).unwrap();
    begin(store, &ticket("a"), 2, at(0)).unwrap();
    let is_there = |hash: &'static str, seconds| {
        store.read(|tx| find_session(tx, hash, at(seconds))).unwrap().is_some()
    };
    assert!(!is_there("0", 0) && is_there("1", 0) && found(store, "a", 0).1);
    // Those that have ended go first.
    begin(store, &ticket("b"), 2, at(100)).unwrap();
    assert!(!is_there("50", 0) && is_there("90", 0) && found(store, "a", 100).1);
}

#[test]
fn one_server_removes_what_has_ended_and_another_when_it_is_gone() {
    let world = World::sandbox();
    let front = |clock| Front::new(world.engine.clone(), Vault::new([0; 32]), clock, || None);
    let store = world.engine.store();
    let begin_at = |id: &str, seconds| begin(store, &ticket(id), 2, at(seconds)).unwrap();
    let early = front(|| at(TIMEOUT + SLACK + 1));
    begin_at("a", 0);
    begin_at("b", 10);
    assert_eq!(early.sessions(), Ok(1));
    assert_eq!((early.keep_house("one"), rows(store).len()), (Ok(1), 1));
    // The other one does not, while the first has the lease.
    let soon = front(|| at(TIMEOUT + SLACK + 20));
    assert_eq!((soon.keep_house("two"), rows(store).len()), (Ok(0), 1));
    let late = front(|| at(TIMEOUT + SLACK + 1 + SWEEPING_FOR));
    assert_eq!((late.keep_house("two"), rows(store).len()), (Ok(1), 0));
    assert_eq!(early.leave_house("two"), Ok(()));
    begin_at("c", 0);
    assert_eq!(early.keep_house("one"), Ok(1));
}

#[test]
fn cookies_are_told_apart() {
    let header = "xJSESSIONID=1; JSESSIONID=2;sessionkey=\"a=b\"; c";
    assert_eq!(cookie(header, "JSESSIONID"), Some("2"));
    assert_eq!(cookie(header, "sessionkey"), Some("a=b"));
    assert_eq!(cookie(header, "c"), None);
}
