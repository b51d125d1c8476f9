//! What is easily got wrong of networks, guests and VPCs, each under its number.

use crate::engine::{Caller, Pass, collect};
use crate::model::Time;
use crate::sim::{EPOCH, World, check};
use serde_json::{Value as Json, json};

const ADMIN: &Caller = &Caller::ADMIN;

fn deploy(world: &World, caller: &Caller, network: &str, more: &[(&str, &str)]) -> Json {
    let done = try_deploy(world, caller, network, more);
    done.unwrap_or_else(|fault| panic!("{fault}"))
}

fn try_deploy(
    world: &World,
    caller: &Caller,
    network: &str,
    more: &[(&str, &str)],
) -> Result<Json, crate::schema::Fault> {
    let zone = world.id("listZones", &[]);
    let (offering, template) = (
        world.id("listServiceOfferings", &[]),
        world.id("listTemplates", &[("templatefilter", "executable")]),
    );
    let words = [
        ("zoneid", zone.as_str()),
        ("serviceofferingid", &offering),
        ("templateid", &template),
        ("networkids", network),
    ];
    let made = world.call_as(caller, "deployVirtualMachine", &[&words[..], more].concat())?;
    Ok(made["virtualmachine"].clone())
}

fn id(thing: &Json) -> String {
    thing["id"].as_str().unwrap().to_owned()
}

fn expunge(world: &World, vm: &Json) {
    world.ok("destroyVirtualMachine", &[("id", &id(vm)), ("expunge", "true")]);
}

fn at(seconds: i64) -> Time {
    EPOCH.plus_seconds(1_000_000 + seconds)
}

/// Makes a pass of the collector; how many networks it shut down.
fn pass(world: &World, seconds: i64) -> usize {
    let done = collect(world.engine.store(), Pass::default(), at(seconds)).unwrap();
    done.iter().filter(|one| one.what == "network" && one.freed).count()
}

fn network(world: &World, id: &str) -> Json {
    world.ok("listNetworks", &[("id", id)])["network"][0].clone()
}

#[test]
fn subtlety_09_the_source_nat_comes_with_the_first_guest_and_outlives_the_collector() {
    let world = World::sandbox();
    let web = world.network_of(ADMIN);
    let source_nat = || {
        let words = [("associatednetworkid", web.as_str()), ("issourcenat", "true")];
        world.ok("listPublicIpAddresses", &words)["publicipaddress"][0]["ipaddress"].clone()
    };
    assert_eq!(
        (source_nat(), network(&world, &web)["state"].clone()),
        (Json::Null, json!("Allocated"))
    );
    let vm = deploy(&world, ADMIN, &web, &[]);
    assert_eq!(source_nat(), "203.0.113.2");
    let vlan = network(&world, &web)["broadcasturi"].clone();
    assert!(vlan.is_string());
    expunge(&world, &vm);
    pass(&world, 0);
    assert_eq!(pass(&world, 10_000), 1);
    // The VLAN is given back, the address is not.
    let idle = network(&world, &web);
    assert_eq!((&idle["state"], &idle["broadcasturi"]), (&json!("Allocated"), &Json::Null));
    assert_eq!(source_nat(), "203.0.113.2");
    deploy(&world, ADMIN, &web, &[]);
    assert_eq!(source_nat(), "203.0.113.2");
    check(world.engine.store());
}

#[test]
fn subtlety_29_how_long_a_network_is_idle_is_in_the_store_and_begins_anew_when_it_is_used() {
    // In CloudStack it is in the memory of one server, which forgets it when it restarts.
    let world = World::sandbox();
    let web = world.network_of(ADMIN);
    let vm = deploy(&world, ADMIN, &web, &[]);
    world.ok("stopVirtualMachine", &[("id", &id(&vm))]);
    assert_eq!((pass(&world, 0), pass(&world, 599)), (0, 0));
    world.ok("startVirtualMachine", &[("id", &id(&vm))]);
    assert_eq!(pass(&world, 700), 0);
    world.ok("stopVirtualMachine", &[("id", &id(&vm))]);
    assert_eq!((pass(&world, 800), pass(&world, 1_399)), (0, 0));
    // The wait counts at once when it is changed.
    world.ok("updateConfiguration", &[("name", "network.gc.wait"), ("value", "10000")]);
    assert_eq!(pass(&world, 5_000), 0);
    world.ok("updateConfiguration", &[("name", "network.gc.wait"), ("value", "600")]);
    assert_eq!(pass(&world, 5_001), 1);
    assert_eq!(network(&world, &web)["state"], "Allocated");
    check(world.engine.store());
}

#[test]
fn subtlety_31_a_guest_address_has_one_holder_whatever_it_is_for() {
    let world = World::sandbox();
    let web = world.network_of(ADMIN);
    let words = [("ipaddress", "10.1.1.9")];
    let vm = deploy(&world, ADMIN, &web, &words);
    let fault = try_deploy(&world, ADMIN, &web, &words).unwrap_err();
    assert_eq!((fault.code(), fault.exception.cs_code()), (533, 4331), "{fault}");
    // One that is not named is another one.
    let other = deploy(&world, ADMIN, &web, &[]);
    assert_eq!(other["nic"][0]["ipaddress"], "10.1.1.2");
    // Further addresses are checked too, which CloudStack forgets.
    let nic = id(&other["nic"][0]);
    let words = [("nicid", nic.as_str()), ("ipaddress", "10.1.1.9")];
    assert_eq!(world.unmoved("addIpToNic", &words).0, 431);
    let words = [("nicid", nic.as_str()), ("ipaddress", "10.1.1.10")];
    world.ok("addIpToNic", &words);
    let fault = try_deploy(&world, ADMIN, &web, &[("ipaddress", "10.1.1.10")]).unwrap_err();
    assert_eq!(fault.code(), 533, "{fault}");
    let twice = "INSERT INTO guest_address (network_id, ip, kind, holder_id) \
                 SELECT network_id, ip, kind, holder_id + 1000 FROM guest_address";
    let done = world.engine.store().write(move |tx| tx.run(twice, &[]));
    assert!(done.is_err(), "the store itself refuses a second holder");
    expunge(&world, &vm);
    deploy(&world, ADMIN, &web, &[("ipaddress", "10.1.1.9")]);
    check(world.engine.store());
}

#[test]
fn subtlety_32_nobody_mixes_owners_not_even_root() {
    let (world, who) = World::tenants();
    let (hers, his) = (world.network_of(&who.alice), world.network_of(&who.bob));
    let get = |network: &str| {
        world.ok("associateIpAddress", &[("networkid", network)]);
        id(&world.ok("associateIpAddress", &[("networkid", network)])["ipaddress"])
    };
    let (of_hers, of_his) = (get(&hers), get(&his));
    let (her_vm, his_vm) =
        (deploy(&world, &who.alice, &hers, &[]), deploy(&world, &who.bob, &his, &[]));
    for (address, vm) in [(&of_hers, &his_vm), (&of_his, &her_vm)] {
        let to = [("ipaddressid", address.as_str()), ("virtualmachineid", &*id(vm))];
        assert_eq!(world.unmoved("enableStaticNat", &to).0, 431);
        let ports = [("protocol", "tcp"), ("publicport", "22"), ("privateport", "22")];
        let words = [&to[..], &ports].concat();
        assert_eq!(world.unmoved("createPortForwardingRule", &words).0, 431);
    }
    let b = world.id("listDomains", &[("name", "b")]);
    let words = [("networkid", hers.as_str()), ("account", "bob"), ("domainid", &b)];
    assert_eq!(world.unmoved("associateIpAddress", &words).0, 431);
    let fault = try_deploy(&world, &who.bob, &hers, &[]).unwrap_err();
    assert_eq!(fault.code(), 531, "{fault}");
    check(world.engine.store());
}
