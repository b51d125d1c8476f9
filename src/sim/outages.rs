//! The database goes away and comes back: calls in flight succeed or fail with a clear text, never
//! half, and afterwards all works, with the same stores.

mod limits;
mod proxy;

use crate::api::Engine;
use crate::engine::{Content, seed};
use crate::schema::Fault;
use crate::sim::databases::{MariaServer, server};
use crate::sim::{EPOCH, KEY, World, clock, invariants};
use crate::store::{Open, Place, Retry, Server, Store, StoreError};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// Callers at one time.
const CALLERS: usize = 8;

/// A world in a database of a server, with the connections that `place` allows.
fn world(place: &Server) -> World {
    let open = Open {
        place: &Place::Server(place.clone()),
        fresh_key: KEY,
        fill: &mut |tx| seed(tx, EPOCH, Content::Sandbox),
    };
    World { engine: Engine::new(Arc::new(Store::open(open).expect("a store")), clock()) }
}

/// A database for a user who is no administrator.
fn database(maria: &MariaServer, name: &str) -> Server {
    maria.tell(&format!("CREATE DATABASE {name}"));
    maria.tell(&format!("GRANT ALL ON {name}.* TO {name}@localhost IDENTIFIED BY ''"));
    Server { user: name.into(), ..server(&maria.socket(), name) }
}

fn reads(world: &World) -> Result<(), Fault> {
    world.call("listZones", &[]).map(drop)
}

fn writes(world: &World) -> Result<(), Fault> {
    world.call("createZone", &zone(&format!("z{}", next()))).map(drop)
}

fn next() -> usize {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    COUNT.fetch_add(1, Ordering::Relaxed)
}

fn zone(name: &str) -> [(&str, &str); 4] {
    [
        ("name", name),
        ("networktype", "Advanced"),
        ("dns1", "192.0.2.1"),
        ("internaldns1", "192.0.2.1"),
    ]
}

/// A new network.
fn network(world: &World) -> String {
    let offering = "DefaultIsolatedNetworkOfferingWithSourceNatService";
    let offering = world.id("listNetworkOfferings", &[("name", offering)]);
    let zone = world.id("listZones", &[("name", "sandbox")]);
    let words = [("name", "n"), ("zoneid", &*zone), ("networkofferingid", &*offering)];
    let made = world.ok("createNetwork", &words);
    made["network"]["id"].as_str().unwrap().to_owned()
}

/// Fills the shelf of readers, and makes the writer.
fn warm(world: &World) {
    std::thread::scope(|scope| {
        for _ in 0..CALLERS {
            scope.spawn(|| (0..20).for_each(|_| reads(world).unwrap()));
        }
    });
    writes(world).unwrap();
    assert!(world.engine.store().connections().open > 1);
}

/// All works as if nothing had been.
#[track_caller]
fn all_is_well(world: &World) {
    for _ in 0..3 {
        assert_eq!(reads(world), Ok(()));
        assert_eq!(writes(world), Ok(()));
    }
    invariants::check(world.engine.store());
}

/// A failure says that the store is to blame, and how.
#[track_caller]
fn is_clear(fault: &Fault) {
    assert!(matches!(fault.code(), 530 | 534), "{fault:?}");
    assert!(fault.text.starts_with("The store failed: "), "{fault:?}");
}

#[test]
fn connections_that_broke_unseen_are_replaced_unseen() {
    let mut maria = MariaServer::start(&["--innodb-flush-log-at-trx-commit=2"]);
    let world = world(&database(&maria, "alpha"));
    warm(&world);
    maria.kill();
    let (read, write) = (reads(&world).unwrap_err(), writes(&world).unwrap_err());
    for fault in [&read, &write] {
        is_clear(fault);
        assert_eq!(fault.code(), 534);
        assert!(fault.text.contains("cannot be reached"), "{fault}");
    }
    let away = Store::open(Open {
        place: &Place::Server(server(&maria.socket(), "alpha")),
        fresh_key: KEY,
        fill: &mut |_| Ok(()),
    });
    assert!(matches!(away.err(), Some(StoreError::Gone(_))), "one that starts meanwhile says so");
    maria.restart();
    all_is_well(&world);
    // Restarted while nobody looks: all connections are stale, and nobody learns of it.
    warm(&world);
    maria.kill();
    maria.restart();
    all_is_well(&world);
    // What is sent as a whole is not sent over a connection that broke.
    let network = network(&world);
    let take = || world.call("associateIpAddress", &[("networkid", &network)]).map(drop);
    assert_eq!([take(), take(), take()], [Ok(()), Ok(()), Ok(())]);
    maria.kill();
    maria.restart();
    assert_eq!(reads(&world), Ok(()));
    assert_eq!([take(), take()], [Ok(()), Ok(())]);
    // As an administrator does it, or a limit on idle connections.
    warm(&world);
    maria.tell("KILL USER alpha@localhost");
    all_is_well(&world);
}

#[test]
fn what_is_acknowledged_while_the_server_is_killed_is_there_afterwards() {
    let mut maria = MariaServer::start(&["--innodb-flush-log-at-trx-commit=2"]);
    let world = world(&database(&maria, "beta"));
    warm(&world);
    let (stop, failed) = (AtomicBool::new(false), AtomicUsize::new(0));
    let kept: Vec<String> = std::thread::scope(|scope| {
        let (world, stop, failed) = (&world, &stop, &failed);
        let call = move |caller: usize| {
            let mut kept = Vec::new();
            for number in 0.. {
                if stop.load(Ordering::SeqCst) {
                    break;
                }
                let name = format!("b{caller}x{number}");
                match world.call("createZone", &zone(&name)) {
                    Ok(_) => kept.push(name),
                    Err(fault) => {
                        is_clear(&fault);
                        failed.fetch_add(1, Ordering::SeqCst);
                        std::thread::park_timeout(Duration::from_millis(20));
                    }
                }
                if let Err(fault) = reads(world) {
                    is_clear(&fault);
                }
            }
            kept
        };
        let callers: Vec<_> =
            (0..CALLERS).map(|caller| scope.spawn(move || call(caller))).collect();
        for _ in 0..2 {
            std::thread::park_timeout(Duration::from_millis(500));
            maria.kill();
            std::thread::park_timeout(Duration::from_millis(200));
            maria.restart();
        }
        std::thread::park_timeout(Duration::from_millis(300));
        stop.store(true, Ordering::SeqCst);
        callers.into_iter().flat_map(|caller| caller.join().unwrap()).collect()
    });
    assert!(kept.len() > CALLERS && failed.into_inner() > 0, "{} kept", kept.len());
    all_is_well(&world);
    for name in &kept {
        let found = world.ok("listZones", &[("name", name)]);
        assert_eq!(found["count"], 1, "{name} was acknowledged");
    }
    let counts = world.engine.store().meter().counts();
    let broken = Retry::ALL.iter().position(|why| *why == Retry::Connection).unwrap();
    assert!(counts.retried[broken] > 0, "{counts:?}");
}

#[test]
fn a_server_that_takes_no_changes_is_read_from() {
    let maria = MariaServer::fast();
    let world = world(&database(&maria, "gamma"));
    warm(&world);
    maria.tell("SET GLOBAL read_only = 1");
    let before = world.dump();
    let fault = writes(&world).unwrap_err();
    is_clear(&fault);
    assert!(fault.text.contains("takes no changes") && fault.code() == 534, "{fault}");
    assert_eq!((reads(&world), world.dump() == before), (Ok(()), true));
    maria.tell("SET GLOBAL read_only = 0");
    all_is_well(&world);
}

#[test]
fn a_disk_that_is_full_is_told_and_nothing_is_half() {
    let small = "--innodb-data-file-path=ibdata1:12M:autoextend:max:64M";
    let large = "--innodb-data-file-path=ibdata1:12M:autoextend:max:256M";
    let fast = "--innodb-flush-log-at-trx-commit=2";
    let mut maria = MariaServer::start(&["--innodb-file-per-table=0", small, fast]);
    let world = world(&database(&maria, "delta"));
    warm(&world);
    maria.tell("CREATE TABLE mysql.ballast (text LONGTEXT) ENGINE = InnoDB");
    let mut length = 1_000_000;
    while length > 100 {
        let sql = format!("INSERT INTO mysql.ballast VALUES (REPEAT('x', {length}))");
        if maria.try_tell(&sql).is_err() {
            length /= 4;
        }
    }
    let full = (0..500).find_map(|number| {
        let name = format!("d{number}");
        world.call("createZone", &zone(&name)).err()
    });
    let fault = full.expect("a disk that is full");
    is_clear(&fault);
    assert!(fault.text.contains("the disk is full") && fault.code() == 534, "{fault}");
    let before = world.dump();
    assert_eq!((reads(&world), world.dump() == before), (Ok(()), true));
    invariants::check(world.engine.store());
    // Somebody makes room.
    maria.kill();
    maria.restart_with(small, large);
    all_is_well(&world);
}
