//! Many threads on one store: nobody gets what another has.

use crate::sim::scratch::{self, Scratch};
use crate::sim::{World, invariants};
use std::collections::BTreeSet;
use std::sync::{Barrier, Mutex};

const THREADS: usize = 64;
/// The addresses of the zone `sandbox`.
const SIZE: usize = 253;

/// Acquires addresses until there are none; returns them.
fn take_all(world: &World, network: &str) -> Vec<String> {
    let mut taken = Vec::new();
    loop {
        match world.call("associateIpAddress", &[("networkid", network)]) {
            Ok(body) => taken.push(body["ipaddress"]["ipaddress"].as_str().unwrap().to_owned()),
            Err(fault) => {
                let codes = (fault.code(), fault.exception.cs_code());
                assert_eq!(codes, (533, 4320), "{fault}");
                return taken;
            }
        }
    }
}

#[test]
fn sixty_four_threads_get_each_address_once() {
    let scratch = Scratch::new();
    let world = scratch::world(&scratch.file("store"));
    let network = scratch::network(&world);
    let start = Barrier::new(THREADS);
    let taken: Vec<Vec<String>> = std::thread::scope(|scope| {
        let fight = || {
            start.wait();
            take_all(&world, &network)
        };
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(fight)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let all: Vec<&String> = taken.iter().flatten().collect();
    let different: BTreeSet<_> = all.iter().collect();
    assert_eq!((all.len(), different.len()), (SIZE, SIZE));
    invariants::check(world.engine.store());
}

#[test]
fn one_address_named_by_all_threads_goes_to_one() {
    let scratch = Scratch::new();
    let world = scratch::world(&scratch.file("store"));
    let network = scratch::network(&world);
    let start = Barrier::new(THREADS);
    let won: usize = std::thread::scope(|scope| {
        let fight = || {
            start.wait();
            let words = [("networkid", network.as_str()), ("ipaddress", "203.0.113.99")];
            usize::from(world.call("associateIpAddress", &words).is_ok())
        };
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(fight)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(won, 1);
    invariants::check(world.engine.store());
}

#[test]
fn threads_of_two_servers_get_each_address_once() {
    let scratch = Scratch::new();
    let worlds = scratch::two_worlds(&scratch.file("store"));
    let network = scratch::network(&worlds[0]);
    let start = Barrier::new(THREADS);
    let fight = |at: usize| {
        start.wait();
        take_all(&worlds[at % 2], &network)
    };
    let taken: Vec<Vec<String>> = std::thread::scope(|scope| {
        let fight = &fight;
        let threads: Vec<_> = (0..THREADS).map(|at| scope.spawn(move || fight(at))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let all: Vec<&String> = taken.iter().flatten().collect();
    let different: BTreeSet<_> = all.iter().collect();
    assert_eq!((all.len(), different.len()), (SIZE, SIZE));
    for world in &worlds {
        invariants::check(world.engine.store());
    }
}

/// Each thread takes an address, knows that nobody else has it, and gives it back.
#[test]
fn threads_of_two_servers_take_and_give_back() {
    let scratch = Scratch::new();
    let worlds = scratch::two_worlds(&scratch.file("store"));
    let network = scratch::network(&worlds[0]);
    // The first one becomes the source NAT and stays.
    worlds[0].call("associateIpAddress", &[("networkid", &network)]).unwrap();
    let held = Mutex::new(BTreeSet::new());
    let turn = |world: &World| {
        let body = world.call("associateIpAddress", &[("networkid", &network)]).unwrap();
        let id = body["ipaddress"]["id"].as_str().unwrap().to_owned();
        assert!(held.lock().unwrap().insert(id.clone()), "{id} has two holders");
        assert!(held.lock().unwrap().remove(&id));
        world.call("disassociateIpAddress", &[("id", &id)]).unwrap();
    };
    std::thread::scope(|scope| {
        for at in 0..THREADS / 2 {
            let (world, turn) = (&worlds[at % 2], &turn);
            scope.spawn(move || (0..10).for_each(|_| turn(world)));
        }
    });
    for world in &worlds {
        invariants::check(world.engine.store());
    }
}
