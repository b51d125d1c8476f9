//! The collector waits, shuts down what nobody uses, and nothing else.

use super::{Collected, Pass, collect, collect_if_due};
use crate::model::Time;
use crate::sim::{EPOCH, World, check};
use crate::store::StoreError;

const ISOLATED: &str = "DefaultIsolatedNetworkOfferingWithSourceNatService";

/// A world with so many isolated networks that are implemented and have no guests.
fn world(networks: usize) -> (World, Vec<String>) {
    let world = World::sandbox();
    let zone = world.id("listZones", &[]);
    let offering = world.id("listNetworkOfferings", &[("name", ISOLATED)]);
    let words = [("zoneid", zone.as_str()), ("networkofferingid", &offering), ("name", "web")];
    let made = (0..networks).map(|_| world.ok("createNetwork", &words));
    let ids = made.map(|made| made["network"]["id"].as_str().unwrap().to_owned()).collect();
    implement(&world);
    (world, ids)
}

/// Brings all networks up, as their first guests would.
fn implement(world: &World) {
    let implemented = world.engine.store().write(|tx| {
        let mut cx = crate::engine::Cx::new(tx, EPOCH, &crate::engine::Caller::SYSTEM, "test");
        let all = "WHERE state = 'Allocated' AND removed IS NULL ORDER BY id";
        for mut network in cx.tx.select(all, &[])? {
            crate::engine::network_life::implement(&mut cx, &mut network)?;
        }
        Ok::<_, crate::schema::Fault>(())
    });
    implemented.unwrap();
}

fn pass(world: &World, seconds: i64) -> Vec<Collected> {
    collect(world.engine.store(), Pass::default(), at(seconds)).unwrap()
}

fn at(seconds: i64) -> Time {
    EPOCH.plus_seconds(seconds)
}

/// The ids of the networks that were given back.
fn freed(collected: &[Collected]) -> Vec<&str> {
    collected.iter().filter(|one| one.freed).filter_map(|one| one.id.as_deref()).collect()
}

fn state(world: &World, id: &str) -> String {
    let found = world.ok("listNetworks", &[("id", id)]);
    found["network"][0]["state"].as_str().unwrap().to_owned()
}

fn count(world: &World, sql: &'static str) -> i64 {
    let count: Result<Option<i64>, StoreError> = world.engine.store().read(|tx| tx.one(sql, &[]));
    count.unwrap().unwrap()
}

#[test]
fn a_network_stays_up_while_a_guest_of_it_runs() {
    let (world, ids) = world(0);
    assert!(ids.is_empty());
    let zone = world.id("listZones", &[]);
    let offering = world.id("listNetworkOfferings", &[("name", ISOLATED)]);
    let words = [("zoneid", zone.as_str()), ("networkofferingid", &offering), ("name", "web")];
    let network = world.ok("createNetwork", &words)["network"]["id"].as_str().unwrap().to_owned();
    let (service, template) = (world.id("listServiceOfferings", &[]), template(&world));
    let words = [
        ("zoneid", zone.as_str()),
        ("serviceofferingid", &service),
        ("templateid", &template),
        ("networkids", &network),
    ];
    let vm = world.ok("deployVirtualMachine", &words);
    let vm = vm["virtualmachine"]["id"].as_str().unwrap().to_owned();
    pass(&world, 0);
    assert!(pass(&world, 10_000).is_empty());
    assert_eq!(state(&world, &network), "Implemented");
    world.ok("stopVirtualMachine", &[("id", &vm)]);
    pass(&world, 10_001);
    assert_eq!(freed(&pass(&world, 20_000)), [network.as_str()]);
    assert_eq!(state(&world, &network), "Allocated");
    world.ok("startVirtualMachine", &[("id", &vm)]);
    assert_eq!(state(&world, &network), "Implemented");
}

fn template(world: &World) -> String {
    world.id("listTemplates", &[("templatefilter", "featured")])
}

#[test]
fn a_network_is_shut_down_when_it_was_idle_for_long_enough() {
    let (world, ids) = world(2);
    world.ok("associateIpAddress", &[("networkid", &ids[0])]);
    let addresses = count(&world, "SELECT COUNT(*) FROM address");
    assert_eq!(freed(&pass(&world, 1000)), Vec::<&str>::new());
    assert_eq!(freed(&pass(&world, 1599)), Vec::<&str>::new());
    let told = collect(world.engine.store(), Pass { only_told: true, at_once: false }, at(1600));
    assert_eq!(told.unwrap().iter().filter(|one| one.says.contains("would be")).count(), 2);
    assert_eq!(state(&world, &ids[0]), "Implemented");
    assert_eq!(freed(&pass(&world, 1600)), [ids[0].as_str(), &ids[1]]);
    assert_eq!(state(&world, &ids[0]), "Allocated");
    assert_eq!(count(&world, "SELECT COUNT(*) FROM vnet"), 0);
    assert_eq!(count(&world, "SELECT COUNT(*) FROM address"), addresses, "addresses stay");
    assert_eq!(count(&world, "SELECT COUNT(*) FROM idle_network"), 0);
    check(world.engine.store());
    assert_eq!(freed(&pass(&world, 9000)), Vec::<&str>::new());
}

#[test]
fn a_network_that_is_used_in_between_loses_its_time() {
    let (world, ids) = world(1);
    pass(&world, 0);
    world.tell("UPDATE network SET state = 'Implementing' WHERE state = 'Implemented'");
    pass(&world, 500);
    world.tell("UPDATE network SET state = 'Implemented' WHERE state = 'Implementing'");
    assert_eq!(freed(&pass(&world, 700)), Vec::<&str>::new());
    let told = pass(&world, 1299);
    assert!(told[0].says.contains("stays until 2026-01-02T03:21:40+0000"), "{told:?}");
    assert_eq!(freed(&pass(&world, 1300)), [ids[0].as_str()]);
}

#[test]
fn what_is_persistent_shared_or_gone_stays() {
    let (world, ids) = world(2);
    world.tell("UPDATE network_offering SET persistent = 1");
    assert_eq!(pass(&world, 0), []);
    world.tell("UPDATE network_offering SET persistent = 0");
    world.tell("UPDATE network SET guest_type = 'L2' WHERE traffic_type = 'Guest'");
    assert_eq!(pass(&world, 0), []);
    world.tell("UPDATE network SET guest_type = 'Isolated' WHERE traffic_type = 'Guest'");
    world.ok("deleteNetwork", &[("id", &ids[0])]);
    let told = pass(&world, 0);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].id.as_deref(), Some(ids[1].as_str()));
}

#[test]
fn at_once_means_at_once() {
    let (world, ids) = world(1);
    let now = Pass { at_once: true, only_told: false };
    let collected = collect(world.engine.store(), now, at(0)).unwrap();
    assert_eq!(freed(&collected), [ids[0].as_str()]);
    assert!(collected[0].says.starts_with("the network web shut down: "), "{collected:?}");
}

#[test]
fn one_server_makes_a_pass_in_an_interval() {
    let (world, _) = world(1);
    let store = world.engine.store();
    let passes = |holder, seconds| collect_if_due(store, holder, at(seconds)).unwrap().is_some();
    assert!(passes("a", 0));
    assert!(!passes("a", 599) && !passes("b", 599));
    assert!(passes("b", 600), "whoever comes first");
    assert!(!passes("a", 601) && !passes("a", 1199) && passes("a", 1200));
    assert_eq!(count(&world, "SELECT COUNT(*) FROM vnet"), 0, "idle since the first pass");
}

#[test]
fn jobs_and_words_go_when_their_time_is_over() {
    let world = World::sandbox();
    let zone = world.id("listZones", &[]);
    let offering = world.id("listNetworkOfferings", &[("name", ISOLATED)]);
    let words = [("zoneid", zone.as_str()), ("networkofferingid", &offering), ("name", "web")];
    let words = [&words[..], &[("clienttoken", "w")]].concat();
    let id = world.ok("createNetwork", &words)["network"]["id"].as_str().unwrap().to_owned();
    for _ in 0..3 {
        world.ok("associateIpAddress", &[("networkid", &id)]);
    }
    let listed = || world.ok("listAsyncJobs", &[])["count"].as_u64();
    assert_eq!(listed(), Some(3));
    assert_eq!(pass(&world, 24 * 3600 - 1), []);
    let told = pass(&world, 24 * 3600 + 60);
    let says: Vec<_> = told.iter().map(|one| (one.what, one.says.as_str())).collect();
    let over = "removed: their time is over";
    let wanted = [("client tokens", format!("1 {over}")), ("jobs", format!("2 {over}"))];
    assert!(says.iter().copied().eq(wanted.iter().map(|(a, b)| (*a, b.as_str()))), "{says:?}");
    assert_eq!(listed(), Some(1), "the last one keeps its number from being given again");
    world.ok("associateIpAddress", &[("networkid", &id)]);
    assert_eq!(listed(), Some(2));
    assert_eq!(world.ok("listAsyncJobs", &[])["asyncjobs"].as_array().unwrap().len(), 2);
}

#[test]
fn quarantines_end_when_their_time_is_over() {
    let (world, ids) = world(1);
    let setting = "public.ip.address.quarantine.duration";
    world.ok("updateConfiguration", &[("name", setting), ("value", "1")]);
    let taken = world.ok("associateIpAddress", &[("networkid", &ids[0])]);
    world.ok("disassociateIpAddress", &[("id", taken["ipaddress"]["id"].as_str().unwrap())]);
    let kept = "SELECT COUNT(*) FROM quarantine WHERE removed IS NULL";
    assert_eq!(count(&world, kept), 1);
    let quarantines = |told: Vec<Collected>| told.iter().any(|one| one.what == "quarantines");
    assert!(!quarantines(pass(&world, 30)));
    assert!(quarantines(pass(&world, 600)));
    assert_eq!(count(&world, kept), 0);
    check(world.engine.store());
}
