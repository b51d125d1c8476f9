//! The limits of a store on a server: time to connect, for a statement and for a locked row, and
//! the number of connections.

use super::{CALLERS, all_is_well, database, is_clear, reads, world, writes};
use crate::cli::clock::ticks;
use crate::sim::databases::{MariaServer, server};
use crate::store::{Db, MariaDb, Server, StoreError};
use std::net::TcpListener;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

fn since(begun: Duration) -> Duration {
    ticks().saturating_sub(begun)
}

#[test]
fn a_port_that_never_answers_is_given_up_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = Server {
        socket: None,
        host: "127.0.0.1".into(),
        port: listener.local_addr().unwrap().port(),
        connect_time: Duration::from_secs(1),
        ..server("/nowhere".as_ref(), "x")
    };
    let begun = ticks();
    let Some(why) = MariaDb::open(&place).err() else { panic!("a connection") };
    let took = since(begun);
    assert!(took > Duration::from_millis(900) && took < Duration::from_secs(4), "{took:?}");
    assert_eq!(why, StoreError::Gone("no answer within 1 s".into()));
}

#[test]
fn statements_and_locked_rows_are_waited_for_as_long_as_was_said() {
    let maria = MariaServer::fast();
    let place = database(&maria, "zeta");
    let place = Server { statement_time: Duration::from_secs(1), ..place };
    let mut db = MariaDb::open(&place).unwrap();
    let begun = ticks();
    let slept = db.each("SELECT SLEEP(30)", &[], &mut |_| Ok(true));
    assert!(matches!(slept, Err(StoreError::Slow(_))), "{slept:?}");
    assert!(since(begun) < Duration::from_secs(5));
    let world = world(&place);
    assert_eq!(writes(&world), Ok(()));
    let mut other = MariaDb::open(&server(&maria.socket(), "zeta")).unwrap();
    other.script("START TRANSACTION").unwrap();
    other.each("SELECT * FROM gate FOR UPDATE", &[], &mut |_| Ok(true)).unwrap();
    let begun = ticks();
    let fault = writes(&world).unwrap_err();
    is_clear(&fault);
    assert!(since(begun) < Duration::from_secs(10), "{:?}", since(begun));
    assert_eq!(reads(&world), Ok(()), "readers wait for nobody");
    other.script("ROLLBACK").unwrap();
    all_is_well(&world);
}

#[test]
fn there_are_never_more_connections_than_were_allowed() {
    let maria = MariaServer::fast();
    let most = 4;
    let patience = Duration::from_secs(20);
    let place = Server { most, idle: 2, patience, ..database(&maria, "eta") };
    let world = world(&place);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let callers: Vec<_> = (0..4 * CALLERS)
            .map(|caller| {
                let world = &world;
                scope.spawn(move || {
                    for _ in 0..5 {
                        let outcome = if caller % 4 == 0 { writes(world) } else { reads(world) };
                        assert_eq!(outcome, Ok(()));
                    }
                })
            })
            .collect();
        let watch = scope.spawn(|| {
            let mut watcher = MariaDb::open(&server(&maria.socket(), "mysql")).unwrap();
            let sql = "SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'eta'";
            while !done.load(Ordering::SeqCst) {
                let mut count = 0;
                watcher
                    .each(sql, &[], &mut |cell| {
                        if let crate::model::CellRef::Int(n) = cell(0) {
                            count = n;
                        }
                        Ok(false)
                    })
                    .unwrap();
                // One that is being closed may still be listed.
                assert!(count <= i64::try_from(most).unwrap() + 1, "{count} connections");
                assert!(world.engine.store().connections().open <= most);
            }
        });
        for caller in callers {
            caller.join().unwrap();
        }
        done.store(true, Ordering::SeqCst);
        watch.join().unwrap();
    });
    assert!(world.engine.store().connections().idle <= 2);
    assert!(world.engine.store().meter().counts().waits > 0);
}

#[test]
fn who_waits_for_a_connection_in_vain_is_told_which_limit_it_was() {
    let maria = MariaServer::fast();
    let patience = Duration::from_secs(1);
    let world = world(&Server { most: 4, patience, ..database(&maria, "theta") });
    writes(&world).unwrap();
    let (held, release) = (Barrier::new(3), Barrier::new(3));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let hold = world.engine.store().read(|_| {
                    held.wait();
                    release.wait();
                    Ok::<_, StoreError>(())
                });
                hold.unwrap();
            });
        }
        held.wait();
        let fault = reads(&world).unwrap_err();
        assert_eq!(fault.code(), 534);
        let wanted = "max-active of the store, which is 4 here";
        assert!(fault.text.contains(wanted) && fault.text.contains("within 1 s"), "{fault}");
        assert_eq!(writes(&world), Ok(()), "whoever writes has a connection of his own");
        release.wait();
    });
    all_is_well(&world);
    maria.tell("SET GLOBAL max_connections = 10");
    let crowd: Vec<_> =
        (0..20).map_while(|_| MariaDb::open(&server(&maria.socket(), "mysql")).ok()).collect();
    let place = Server { ..server(&maria.socket(), "theta") };
    let place = Server { user: "theta".into(), ..place };
    let Some(why) = MariaDb::open(&place).err() else { panic!("one more") };
    assert!(why.to_string().contains("raise its max_connections"), "{why}");
    drop(crowd);
}
