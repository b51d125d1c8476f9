//! Several servers on one database, each with a memory of its own: what one remembers is compared
//! with what is there before anything is kept.

use crate::engine::{Content, seed};
use crate::sim::databases::{Database, MariaServer};
use crate::sim::{EPOCH, KEY, World, check};
use crate::store::{Retry, Tx};
use serde_json::Value as Json;

fn take(world: &World, network: &str) -> (String, String) {
    let taken = &world.ok("associateIpAddress", &[("networkid", network)])["ipaddress"];
    let text = |name: &str| taken[name].as_str().unwrap().to_owned();
    (text("ipaddress"), text("id"))
}

/// The last part of an address.
fn last(ip: &str) -> u32 {
    ip.rsplit('.').next().unwrap().parse().unwrap()
}

fn retried(world: &World, why: Retry) -> u64 {
    let at = Retry::ALL.iter().position(|each| *each == why).unwrap();
    world.engine.store().meter().counts().retried[at]
}

/// A new network, of the owner who is named.
fn network(world: &World, owner: &[(&str, &str)]) -> String {
    let offering = "DefaultIsolatedNetworkOfferingWithSourceNatService";
    let offering = world.id("listNetworkOfferings", &[("name", offering)]);
    let zone = world.id("listZones", &[]);
    let words = [("name", "n"), ("zoneid", &*zone), ("networkofferingid", &*offering)];
    let made = world.ok("createNetwork", &[&words, owner].concat());
    made["network"]["id"].as_str().unwrap().to_owned()
}

/// Two servers with a network that has its source NAT.
fn two(maria: &MariaServer) -> (Vec<World>, String) {
    let fill = &mut |tx: &mut Tx| seed(tx, EPOCH, Content::Sandbox);
    let stores = Database::new(&maria.socket()).stores(2, KEY, fill).unwrap();
    let worlds: Vec<World> = stores.into_iter().map(World::with).collect();
    let id = network(&worlds[0], &[]);
    take(&worlds[0], &id);
    (worlds, id)
}

#[test]
fn who_meets_another_in_a_pool_goes_on_at_a_place_of_its_own() {
    let maria = MariaServer::fast();
    let (worlds, network) = two(&maria);
    let mut taken: Vec<Vec<u32>> = vec![Vec::new(); 2];
    for _ in 0..20 {
        for (world, taken) in worlds.iter().zip(&mut taken) {
            taken.push(last(&take(world, &network).0));
        }
    }
    let all: std::collections::BTreeSet<u32> = taken.iter().flatten().copied().collect();
    assert_eq!(all.len(), 40, "{taken:?}");
    let stale: u64 = worlds.iter().map(|world| retried(world, Retry::Stale)).sum();
    assert!((1..=6).contains(&stale), "{stale} guesses were wrong: {taken:?}");
    let apart = taken.iter().all(|own| own.windows(2).skip(4).all(|pair| pair[1] == pair[0] + 1));
    assert!(apart, "{taken:?}");
    check(worlds[0].engine.store());
}

#[test]
fn a_whole_call_reads_nothing_that_memory_knows() {
    let maria = MariaServer::fast();
    let (worlds, network) = two(&maria);
    let taken: Vec<String> = (0..20).map(|_| take(&worlds[0], &network).1).collect();
    let selects = maria.count("Com_select");
    let _more: Vec<_> = (0..20).map(|_| take(&worlds[0], &network)).collect();
    for id in &taken {
        worlds[0].ok("disassociateIpAddress", &[("id", id)]);
    }
    // One for the version in each call, and what this count takes itself.
    let selects = maria.count("Com_select") - selects;
    assert!(selects <= 45, "40 calls took {selects} looks at the database");
}

#[test]
fn the_lowest_comes_first_with_several_servers_where_that_is_wanted() {
    let maria = MariaServer::fast();
    let (worlds, network) = two(&maria);
    let strict = [("name", "public.ip.lowest.first"), ("value", "true")];
    worlds[0].ok("updateConfiguration", &strict);
    let first = last(&take(&worlds[1], &network).0);
    for number in 1..=20 {
        let world = &worlds[usize::try_from(number % 2).unwrap()];
        assert_eq!(last(&take(world, &network).0), first + number);
    }
    check(worlds[0].engine.store());
}

#[test]
fn what_another_server_changed_is_known_in_the_next_call() {
    let maria = MariaServer::fast();
    let (worlds, network) = two(&maria);
    let (_, id) = take(&worlds[1], &network);
    // Both remember the zone, the network and what is taken.
    worlds[0].ok("disassociateIpAddress", &[("id", &id)]);
    worlds[1].unmoved("disassociateIpAddress", &[("id", &network)]);
    let zone = worlds[0].id("listZones", &[]);
    worlds[0].ok("updateZone", &[("id", &zone), ("allocationstate", "Disabled")]);
    let account = [("account", "nobody"), ("domainid", "1")];
    let _ = worlds[1].call("listAccounts", &account);
    let found: Json = worlds[1].ok("listZones", &[("id", &zone)]);
    assert_eq!(found["zone"][0]["allocationstate"], "Disabled");
    worlds[0].ok("updateZone", &[("id", &zone), ("allocationstate", "Enabled")]);
    take(&worlds[1], &network);
    check(worlds[0].engine.store());
}

#[test]
fn a_limit_holds_for_all_servers_together() {
    let maria = MariaServer::fast();
    let (worlds, first) = two(&maria);
    let domain = worlds[0].id("listDomains", &[]);
    let words = [
        ("username", "amy"),
        ("password", "a long password"),
        ("email", "a@example.org"),
        ("firstname", "a"),
        ("lastname", "b"),
        ("accounttype", "0"),
        ("domainid", &domain),
    ];
    worlds[0].ok("createAccount", &words);
    let limit = [("resourcetype", "1"), ("max", "7"), ("account", "amy"), ("domainid", &domain)];
    worlds[0].ok("updateResourceLimit", &limit);
    let own = network(&worlds[0], &[("account", "amy"), ("domainid", &*domain)]);
    let mut done = 0;
    for number in 0..30 {
        let world = &worlds[number % 2];
        match world.call("associateIpAddress", &[("networkid", &own)]) {
            Ok(_) => done += 1,
            Err(fault) => assert_eq!(fault.code(), 532, "{fault}"),
        }
    }
    let held = worlds[0].ok("listPublicIpAddresses", &[("associatednetworkid", &own)]);
    assert_eq!((done, held["count"].as_u64()), (7, Some(7)));
    assert_ne!(own, first);
    check(worlds[0].engine.store());
}
