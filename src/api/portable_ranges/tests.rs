//! Portable ranges: every check, in its order, and that a refused call changes nothing.

use crate::schema::Fault;
use crate::sim::World;
use serde_json::{Value as Json, json};

type Given<'w> = Vec<(&'w str, &'w str)>;

/// A range that is fine, with some parameters given another value.
fn range<'w>(other: &[(&'w str, &'w str)]) -> Given<'w> {
    let mut words = vec![
        ("regionid", "1"),
        ("startip", "198.18.0.2"),
        ("endip", "198.18.0.9"),
        ("gateway", "198.18.0.1"),
        ("netmask", "255.255.255.0"),
    ];
    words.retain(|(name, _)| other.iter().all(|(given, _)| given != name));
    words.extend(other);
    words
}

fn portable(world: &World) -> i64 {
    let sql = "SELECT portable FROM region WHERE id = 1";
    world.engine.store().read(|tx| Ok::<_, Fault>(tx.one(sql, &[])?.unwrap())).unwrap()
}

#[test]
fn a_range_is_made_listed_and_removed() {
    let world = World::sandbox();
    let made = world.ok("createPortableIpRange", &range(&[("vlan", "300")]));
    let made = &made["portableiprange"];
    assert_eq!((&made["vlan"], &made["regionid"]), (&json!("vlan://300"), &json!(1)));
    assert_eq!(made["portableipaddress"], Json::Null);
    let id = made["id"].as_str().unwrap();
    let listed = world.ok("listPortableIpRanges", &[("id", id)]);
    assert_eq!(listed["count"], 1);
    let row = &listed["portableiprange"][0];
    assert_eq!((&row["startip"], &row["endip"]), (&json!("198.18.0.2"), &json!("198.18.0.9")));
    let addresses = row["portableipaddress"].as_array().unwrap();
    assert_eq!(addresses.len(), 8);
    let last = json!({ "ipaddress": "198.18.0.9", "state": "Free", "regionid": 1 });
    assert_eq!(addresses[7], last);
    assert_eq!(world.ok("deletePortableIpRange", &[("id", id)]), json!({ "success": true }));
    assert_eq!(world.ok("listPortableIpRanges", &[("id", id)]), json!({}));
    let (code, text) = world.refused("deletePortableIpRange", &[("id", id)]);
    assert!(code == 431 && text.contains("Invalid parameter id value="), "{text}");
}

#[test]
fn the_id_of_the_range_is_answered_at_once() {
    let world = World::sandbox();
    let reply = world.reply("createPortableIpRange", &range(&[])).unwrap();
    assert_eq!(reply.body["portableiprange"]["vlan"], "vlan://untagged");
    assert_eq!(reply.body["portableiprange"]["id"], reply.job.unwrap().made.unwrap());
}

#[test]
fn the_region_knows_whether_it_has_ranges() {
    let world = World::sandbox();
    assert_eq!(portable(&world), 1);
    let id = world.id("listPortableIpRanges", &[]);
    world.ok("deletePortableIpRange", &[("id", &id)]);
    assert_eq!(portable(&world), 0);
    world.ok("createPortableIpRange", &range(&[]));
    assert_eq!(portable(&world), 1);
}

#[test]
fn lists_are_filtered_by_region() {
    let world = World::sandbox();
    assert_eq!(world.ok("listPortableIpRanges", &[("regionid", "1")])["count"], 1);
    assert_eq!(world.ok("listPortableIpRanges", &[("regionid", "2")]), json!({}));
    let huge = range(&[("endip", "198.18.255.254"), ("netmask", "255.254.0.0")]);
    let made = world.ok("createPortableIpRange", &huge);
    let id = made["portableiprange"]["id"].as_str().unwrap();
    let row = &world.ok("listPortableIpRanges", &[("id", id)])["portableiprange"][0];
    assert_eq!(row["portableipaddress"], Json::Null);
}

#[test]
fn wrong_ranges_are_refused_and_leave_nothing() {
    let world = World::sandbox();
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("regionid", "7")], "regionid: there is no region 7"),
        (&[("regionid", "x")], "regionid"),
        (&[("startip", "198.18.0.300")], "startip: `198.18.0.300` is not an IPv4 address"),
        (&[("startip", "198.18.0.10")], "startip and endip: `198.18.0.10` lies above"),
        (&[("netmask", "255.0.255.0")], "netmask: 255.0.255.0 is not a netmask"),
        (&[("gateway", "198.18.7.1")], "startip: 198.18.0.2 is not in the subnet 198.18.7.0/24"),
        (&[("endip", "198.18.1.9")], "endip: 198.18.1.9 is not in the subnet"),
        (
            &[("gateway", "198.51.100.1"), ("startip", "198.51.100.9"), ("endip", "198.51.100.9")],
            "overlaps the portable IP range 198.51.100.2-198.51.100.254 of the region",
        ),
        (&[("vlan", "0")], "vlan: `0` is not a VLAN id from 1 to 4094"),
        (&[("vlan", "4095")], "vlan: `4095` is not a VLAN id"),
        (&[("vlan", "untagged")], "leave it out for untagged"),
        (&[("vlan", "vxlan://7")], "vlan: `vxlan://7` is not a VLAN id"),
        (&[("vlan", "100")], "vlan: vlan://100 is already used by the VLAN IP range"),
        (
            &[("gateway", "203.0.113.1"), ("startip", "203.0.113.9"), ("endip", "203.0.113.9")],
            "overlaps the VLAN IP range 203.0.113.2-203.0.113.254",
        ),
    ];
    for (other, want) in cases {
        let (code, text) = world.refused("createPortableIpRange", &range(other));
        assert!(code == 431 && text.contains(want), "{other:?}: {text}");
    }
    assert_eq!(world.ok("listPortableIpRanges", &[])["count"], 1);
    assert_eq!(world.ok("listEvents", &[]), json!({}));
    assert_eq!(world.ok("listAsyncJobs", &[]), json!({}));
}

#[test]
fn a_range_of_which_an_address_is_held_stays() {
    let world = World::sandbox();
    let id = world.id("listPortableIpRanges", &[]);
    let network = world.network_of(&crate::engine::Caller::ADMIN);
    let words = [("networkid", network.as_str()), ("isportable", "true")];
    world.ok("associateIpAddress", &[&words[..], &[("ipaddress", "198.51.100.3")]].concat());
    let row = &world.ok("listPortableIpRanges", &[("id", &id)])["portableiprange"][0];
    assert_eq!(row["portableipaddress"][1]["state"], "Allocated");
    assert!(row["portableipaddress"][1]["accountid"].is_string());
    let (code, text) = world.refused("deletePortableIpRange", &[("id", &id)]);
    assert!(code == 431 && text.contains("there are IP's assigned: 1"), "{text}");
    assert_eq!(world.ok("listPortableIpRanges", &[])["count"], 1);
    let jobs = world.ok("listAsyncJobs", &[]);
    assert_eq!(jobs["asyncjobs"][0]["jobstatus"], 2);
    assert_eq!(jobs["asyncjobs"][0]["jobresult"]["errorcode"], 431);
}
