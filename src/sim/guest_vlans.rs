//! Guest VLANs that are an account's own.

use crate::engine::Caller;
use crate::model::{GuestVlanRange, PhysicalNetwork, Uid};
use crate::sim::{World, check};
use serde_json::{Value as Json, json};

type Words<'w> = &'w [(&'w str, &'w str)];

fn physical(world: &World) -> String {
    world.id("listPhysicalNetworks", &[])
}

fn dedicate(world: &World, name: &str, domain: &str, vnets: &str) -> Json {
    let (domain, physical) = (world.id("listDomains", &[("name", domain)]), physical(world));
    let words = [
        ("physicalnetworkid", physical.as_str()),
        ("vlanrange", vnets),
        ("account", name),
        ("domainid", &domain),
    ];
    world.ok("dedicateGuestVlanRange", &words)["dedicatedguestvlanrange"].clone()
}

/// The VLAN or VNI of a new network of somebody's that is up.
fn implemented(world: &World, who: &Caller) -> Result<String, u16> {
    let vpc = vpc(world, who);
    let offering = "DefaultIsolatedNetworkOfferingForVpcNetworks";
    let offering = world.id("listNetworkOfferings", &[("name", offering)]);
    let zone = world.id("listZones", &[]);
    let words = [
        ("name", "tier"),
        ("zoneid", zone.as_str()),
        ("networkofferingid", &offering),
        ("vpcid", &vpc),
    ];
    match world.call_as(who, "createNetwork", &words) {
        Ok(body) => {
            let id = body["network"]["id"].as_str().unwrap();
            let shown = world.ok("listNetworks", &[("id", id)]);
            Ok(shown["network"][0]["vlan"].as_str().unwrap().to_owned())
        }
        Err(fault) => Err(fault.code()),
    }
}

fn vpc(world: &World, who: &Caller) -> String {
    let zone = world.id("listZones", &[]);
    let offering = world.id("listVPCOfferings", &[("name", "Default VPC offering")]);
    let words = [
        ("name", "v"),
        ("displaytext", "v"),
        ("zoneid", zone.as_str()),
        ("vpcofferingid", &offering),
        ("cidr", "10.0.0.0/16"),
    ];
    world.ok_as(who, "createVPC", &words)["vpc"]["id"].as_str().unwrap().to_owned()
}

#[test]
fn networks_of_an_account_get_its_own_vlans_first_and_others_none_of_them() {
    let (world, who) = World::tenants();
    let range = dedicate(&world, "alice", "a", "5000-5001");
    assert_eq!(range["guestvlanrange"], "5000-5001");
    assert_eq!(implemented(&world, &who.bob).as_deref(), Ok("5002"));
    assert_eq!(implemented(&world, &who.alice).as_deref(), Ok("5000"));
    assert_eq!(implemented(&world, &who.alice).as_deref(), Ok("5001"));
    assert_eq!(implemented(&world, &who.alice).as_deref(), Ok("5003"));
    let words = [("name", "use.system.guest.vlans"), ("value", "false")];
    world.ok("updateConfiguration", &words);
    assert_eq!(implemented(&world, &who.alice), Err(533));
    check(world.engine.store());
    // What is released is everybody's; the networks keep what they have.
    world.ok("releaseDedicatedGuestVlanRange", &[("id", range["id"].as_str().unwrap())]);
    assert_eq!(world.ok("listDedicatedGuestVlanRanges", &[]), json!({}));
    assert_eq!(implemented(&world, &who.bob).as_deref(), Ok("5004"));
    check(world.engine.store());
}

#[test]
fn subtlety_26_ranges_that_adjoin_become_one() {
    let (world, _) = World::tenants();
    let first = dedicate(&world, "alice", "a", "5010-5019");
    let third = dedicate(&world, "alice", "a", "5030-5039");
    dedicate(&world, "bob", "b", "5040-5049");
    assert_ne!(first["id"], third["id"]);
    let second = dedicate(&world, "alice", "a", "5020-5029");
    assert_eq!((&second["id"], &second["guestvlanrange"]), (&first["id"], &json!("5010-5039")));
    assert_eq!(world.ok("listDedicatedGuestVlanRanges", &[])["count"], 2);
    let alice = world.id("listDomains", &[("name", "a")]);
    let words = [("account", "alice"), ("domainid", alice.as_str())];
    assert_eq!(world.ok("listDedicatedGuestVlanRanges", &words)["count"], 1);
    let words = [("guestvlanrange", "5040-5049")];
    let listed = world.ok("listDedicatedGuestVlanRanges", &words);
    assert_eq!(listed["dedicatedguestvlanrange"][0]["account"], "bob");
    check(world.engine.store());
}

#[test]
fn what_cannot_be_dedicated_is_refused_in_cloudstacks_order() {
    let (world, who) = World::tenants();
    let (physical, b) = (physical(&world), world.id("listDomains", &[("name", "b")]));
    implemented(&world, &who.alice).unwrap();
    dedicate(&world, "alice", "a", "5010-5019");
    let owner = [("account", "bob"), ("domainid", b.as_str())];
    let cases: &[(Words<'_>, &str, &str)] = &[
        (&[], "5100-5109", "account, with domainid, and projectid"),
        (&owner, "5100", "is not like 100-200"),
        (&owner, "5109-5100", "5109 lies above 5100"),
        (&owner, "1-5", "1-5 lies in none of the ranges"),
        (&owner, "5000-5005", "of another account uses"),
        (&owner, "5015-5030", "overlaps 5010-5019, dedicated to the account alice"),
    ];
    for (owner, vnets, why) in cases {
        let words = [("physicalnetworkid", physical.as_str()), ("vlanrange", vnets)];
        let (code, text) = world.unmoved("dedicateGuestVlanRange", &[&words[..], owner].concat());
        assert!(code == 431 && text.contains(why), "{vnets}: {text}");
    }
    // The physical network keeps what is somebody's own.
    let words = [("id", physical.as_str()), ("vlan", "5000-5012")];
    let (code, text) = world.unmoved("updatePhysicalNetwork", &words);
    assert!(code == 431 && text.contains("5010-5019 are dedicated to an account"), "{text}");
    // With its account goes what it has.
    let a = world.id("listDomains", &[("name", "a")]);
    let alice = world.id("listAccounts", &[("name", "alice"), ("domainid", &a)]);
    world.ok("deleteAccount", &[("id", &alice)]);
    assert_eq!(world.ok("listDedicatedGuestVlanRanges", &[]), json!({}));
    check(world.engine.store());
}

#[test]
fn the_ids_are_those_of_this_installation() {
    let world = World::sandbox();
    let made = dedicate(&world, "admin", "ROOT", "5010-5019");
    let uid = Uid::parse(made["id"].as_str().unwrap()).unwrap();
    let rows = world.engine.store().read(|tx| {
        let range = tx.row_of::<GuestVlanRange>(uid);
        Ok::<_, crate::schema::Fault>((range, tx.row_of::<PhysicalNetwork>(uid)))
    });
    assert_eq!(rows.unwrap(), (Some(1), None));
}
