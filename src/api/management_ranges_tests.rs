//! Management and storage addresses of pods: ranges apart from everything else, and the lowest free
//! address for who asks.

use crate::schema::Fault;
use crate::sim::{World, check};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::sync::Barrier;

/// The sandbox, with the id of its pod, whose only range is 172.16.0.2 to 172.16.0.20.
fn world() -> (World, String) {
    let world = World::sandbox();
    let pod = world.id("listPods", &[]);
    world.ok("updatePod", &[("id", &pod), ("endip", "172.16.0.20")]);
    (world, pod)
}

/// The words of a call with one of them given another value.
fn with<'w>(
    words: &[(&'w str, &'w str)],
    name: &'w str,
    value: &'w str,
) -> Vec<(&'w str, &'w str)> {
    let others = words.iter().filter(|(other, _)| *other != name).copied();
    others.chain([(name, value)]).collect()
}

const RANGE: [(&str, &str); 4] = [
    ("gateway", "172.16.0.1"),
    ("netmask", "255.255.255.0"),
    ("startip", "172.16.0.100"),
    ("endip", "172.16.0.110"),
];

#[test]
fn a_pod_has_several_ranges() {
    let (world, pod) = world();
    let words = [&RANGE[..], &[("podid", pod.as_str()), ("forsystemvms", "true"), ("vlan", "9")]];
    let shown = world.ok("createManagementNetworkIpRange", &words.concat())["pod"].clone();
    assert_eq!(shown["startip"], json!(["172.16.0.2", "172.16.0.100"]));
    assert_eq!(shown["endip"], json!(["172.16.0.20", "172.16.0.110"]));
    assert_eq!(shown["forsystemvms"], json!(["0", "1"]));
    assert_eq!(shown["vlanid"], json!(["vlan://untagged", "vlan://9"]));
    assert_eq!(shown["ipranges"][1]["cidr"], "172.16.0.0/24");
    let capacity = world.ok("listCapacity", &[("type", "5")])["capacity"][0].clone();
    assert_eq!((&capacity["capacitytotal"], &capacity["capacityused"]), (&json!(30), &json!(0)));
    // Which of two ranges is meant by its ends is not to be guessed.
    let (code, text) = world.unmoved("updatePod", &[("id", &pod), ("endip", "172.16.0.30")]);
    assert!(code == 431 && text.contains("updatePodManagementNetworkIpRange"), "{text}");
    let ends = [("podid", pod.as_str()), ("startip", "172.16.0.100"), ("endip", "172.16.0.110")];
    let (code, text) = world.unmoved("deleteManagementNetworkIpRange", &with(&ends, "vlan", "8"));
    assert!(code == 431 && text.contains("172.16.0.100-172.16.0.110 in vlan://9"), "{text}");
    world.ok("deleteManagementNetworkIpRange", &with(&ends, "vlan", "9"));
    assert_eq!(world.ok("listPods", &[])["pod"][0]["startip"], json!(["172.16.0.2"]));
}

#[test]
fn a_range_is_refused_in_order() {
    let (world, pod) = world();
    let zone = world.id("listZones", &[]);
    let words = [
        ("zoneid", zone.as_str()),
        ("vlan", "300"),
        ("gateway", "172.16.0.201"),
        ("netmask", "255.255.255.248"),
        ("startip", "172.16.0.202"),
        ("endip", "172.16.0.204"),
    ];
    world.ok("createVlanIpRange", &words);
    let words = [
        ("podid", pod.as_str()),
        ("gateway", "172.16.0.1"),
        ("netmask", "255.255.255.0"),
        ("startip", "172.16.0.50"),
        ("endip", "172.16.0.59"),
    ];
    world.ok("createStorageNetworkIpRange", &words);
    let mut words = vec![
        ("podid", "x"),
        ("vlan", "9999"),
        ("gateway", "172.16.0.9"),
        ("netmask", "255.255.0.0"),
        ("startip", "172.16.1.1"),
        ("endip", "172.16.1.2"),
    ];
    let steps: &[(&str, &[(&str, &str)])] = &[
        ("parameter podid value=x", &[("podid", &pod)]),
        ("Invalid parameter vlan", &[("vlan", "9")]),
        ("Invalid parameter gateway: `172.16.0.9` is not", &[("gateway", "172.16.0.1")]),
        ("Invalid parameter netmask: `255.255.0.0` is not", &[("netmask", "255.255.255.0")]),
        ("Invalid parameter startip: `172.16.1.1` does not lie", &[("startip", "172.16.0.204")]),
        ("Invalid parameter endip: `172.16.1.2` does not lie", &[("endip", "172.16.0.203")]),
        ("Invalid parameter endip", &[("startip", "172.16.0.200"), ("endip", "172.16.0.204")]),
        ("the public VLAN IP range", &[("startip", "172.16.0.1"), ("endip", "172.16.0.1")]),
        ("the gateway of the pod", &[("startip", "172.16.0.20"), ("endip", "172.16.0.55")]),
        ("another range of the pod", &[("startip", "172.16.0.30")]),
        ("storage addresses of the pod", &[("startip", "172.16.0.30"), ("endip", "172.16.0.49")]),
    ];
    for (says, better) in steps {
        let (code, text) = world.unmoved("createManagementNetworkIpRange", &words);
        assert!(code == 431 && text.contains(says), "{says}: {text}");
        for (name, value) in *better {
            words = with(&words, name, value);
        }
    }
    world.ok("createManagementNetworkIpRange", &words);
    // Nor may a public range lie in any range of a pod.
    let words = [
        ("zoneid", zone.as_str()),
        ("vlan", "301"),
        ("gateway", "172.16.0.41"),
        ("netmask", "255.255.255.248"),
        ("startip", "172.16.0.42"),
    ];
    let (code, text) = world.unmoved("createVlanIpRange", &words);
    assert!(code == 431 && text.contains("172.16.0.30-172.16.0.49, the management"), "{text}");
}

fn acquired(world: &World, words: &[(&str, &str)]) -> Json {
    world.ok("acquirePodIpAddress", words)["acquirepodipaddressresponse"].clone()
}

#[test]
fn the_lowest_free_address_is_taken_and_given_back() {
    let (world, pod) = world();
    let zone = world.id("listZones", &[]);
    let first = acquired(&world, &[("zoneid", &zone)]);
    assert_eq!(
        (&first["ipaddress"], &first["gateway"]),
        (&json!("172.16.0.2"), &json!("172.16.0.1"))
    );
    assert_eq!(first["cidr"], "172.16.0.0/24");
    assert!(first["podid"].is_number(), "{first}");
    assert_eq!(first["nicid"], 0);
    let second = acquired(&world, &[("zoneid", &zone), ("podid", &pod)]);
    assert_eq!(second["ipaddress"], "172.16.0.3");
    assert_ne!(first["hostmac"], second["hostmac"]);
    let capacity = world.ok("listCapacity", &[("type", "5")])["capacity"][0].clone();
    assert_eq!(capacity["capacityused"], 2);
    // What is taken stays in a range.
    for (command, words, code, says) in [
        ("updatePod", vec![("id", pod.as_str()), ("startip", "172.16.0.4")], 431, "is taken"),
        (
            "updatePodManagementNetworkIpRange",
            vec![
                ("podid", pod.as_str()),
                ("currentstartip", "172.16.0.2"),
                ("currentendip", "172.16.0.20"),
                ("newstartip", "172.16.0.3"),
            ],
            431,
            "the address 172.16.0.2",
        ),
        (
            "deleteManagementNetworkIpRange",
            vec![
                ("podid", pod.as_str()),
                ("startip", "172.16.0.2"),
                ("endip", "172.16.0.20"),
                ("vlan", "untagged"),
            ],
            530,
            "its address 172.16.0.2 is taken",
        ),
        ("deletePod", vec![("id", pod.as_str())], 530, "2 addresses that are taken"),
    ] {
        let refused = world.unmoved(command, &words);
        assert!(refused.0 == code && refused.1.contains(says), "{command}: {refused:?}");
    }
    let number = first["id"].to_string();
    world.ok("releasePodIpAddress", &[("id", &number)]);
    let (code, text) = world.unmoved("releasePodIpAddress", &[("id", &number)]);
    assert!(code == 530 && text.contains("taken under the number"), "{text}");
    assert_eq!(acquired(&world, &[("zoneid", &zone)])["ipaddress"], "172.16.0.2");
    check(world.engine.store());
}

#[test]
fn a_pod_that_is_full_or_is_not_there_gives_nothing() {
    let (world, pod) = world();
    let zone = world.id("listZones", &[]);
    world.ok("updatePod", &[("id", &pod), ("endip", "172.16.0.3")]);
    let words = [&RANGE[..], &[("podid", pod.as_str()), ("forsystemvms", "true")]];
    world.ok("createManagementNetworkIpRange", &words.concat());
    let words = [("zoneid", zone.as_str()), ("podid", "x")];
    assert_eq!(world.unmoved("acquirePodIpAddress", &words).0, 535);
    for _ in 0..2 {
        acquired(&world, &[("zoneid", &zone)]);
    }
    // What is kept for system VMs is nobody else's.
    let (code, text) = world.unmoved("acquirePodIpAddress", &[("zoneid", &zone)]);
    assert!(code == 535 && text.contains("No management address is free"), "{text}");
    world.ok("updatePod", &[("id", &pod), ("allocationstate", "Disabled")]);
    let words = [
        ("podid", pod.as_str()),
        ("currentstartip", "172.16.0.2"),
        ("currentendip", "172.16.0.3"),
        ("newendip", "172.16.0.4"),
    ];
    world.ok("updatePodManagementNetworkIpRange", &words);
    assert_eq!(world.unmoved("acquirePodIpAddress", &[("zoneid", &zone)]).0, 535);
    let (code, text) = world.unmoved("updatePodManagementNetworkIpRange", words.get(..3).unwrap());
    assert!(code == 431 && text.contains("newstartip and newendip"), "{text}");
    let (code, text) = world.unmoved("updatePodManagementNetworkIpRange", &words);
    assert!(code == 431 && text.contains("is no range of the pod"), "{text}");
}

#[test]
fn storage_ranges_are_made_changed_and_deleted() {
    let (world, pod) = world();
    let words = [
        ("podid", pod.as_str()),
        ("gateway", "172.17.0.1"),
        ("netmask", "255.255.255.0"),
        ("startip", "172.17.0.2"),
        ("endip", "172.17.0.9"),
        ("vlan", "12"),
    ];
    let wrong: &[(&str, &str, u16, &str)] = &[
        ("podid", "x", 431, "podid value=x"),
        ("endip", "172.17.0.1", 530, "Invalid parameter endip"),
        ("startip", "172.16.255.9", 530, "does not lie in the subnet"),
        ("netmask", "255.0.255.0", 530, "Invalid parameter netmask"),
        ("gateway", "172.17.0.5", 530, "lies in the range"),
        ("vlan", "4095", 530, "is not from 0 to 4094"),
    ];
    for (name, value, code, says) in wrong {
        let refused = world.unmoved("createStorageNetworkIpRange", &with(&words, name, value));
        assert!(refused.0 == *code && refused.1.contains(says), "{name}={value}: {refused:?}");
    }
    let inside = with(&with(&words, "startip", "172.16.0.20"), "endip", "172.16.0.21");
    let refused = world.unmoved("createStorageNetworkIpRange", &inside);
    assert!(refused.0 == 431 && refused.1.contains("management"), "{refused:?}");
    let made = world.ok("createStorageNetworkIpRange", &words)["storagenetworkiprange"].clone();
    assert_eq!((&made["vlan"], &made["endip"]), (&json!(12), &json!("172.17.0.9")));
    assert_eq!(world.ok("listStorageNetworkIpRange", &[])["storagenetworkiprange"], json!([made]));
    let refused = world.unmoved("createStorageNetworkIpRange", &words);
    assert!(refused.0 == 431 && refused.1.contains("storage addresses"), "{refused:?}");
    let id = made["id"].as_str().unwrap();
    let changed = world.ok("updateStorageNetworkIpRange", &[("id", id), ("endip", "172.17.0.99")]);
    assert_eq!(changed["storagenetworkiprange"]["endip"], "172.17.0.99");
    world.ok("deleteStorageNetworkIpRange", &[("id", id)]);
    assert_eq!(world.ok("listStorageNetworkIpRange", &[]), json!({}));
    assert_eq!(world.unmoved("deleteStorageNetworkIpRange", &[("id", id)]).0, 431);
}

#[test]
fn many_who_ask_at_once_get_an_address_each() {
    const THREADS: usize = 32;
    let world = World::sandbox();
    let zone = world.id("listZones", &[]);
    let start = Barrier::new(THREADS);
    let ask = || {
        start.wait();
        let given = acquired(&world, &[("zoneid", &zone)]);
        given["ipaddress"].as_str().unwrap().to_owned()
    };
    let all: BTreeSet<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(ask)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(all.len(), THREADS, "{all:?}");
    check(world.engine.store());
}

/// What a store of before is shown to have, without what its rows are called.
fn shown(world: &World) -> Vec<Json> {
    let lists = [
        ("listNetworkServiceProviders", "networkserviceprovider"),
        ("listVirtualRouterElements", "virtualrouterelement"),
        ("listInternalLoadBalancerElements", "internalloadbalancerelement"),
        ("listPods", "pod"),
        ("listSystemVms", "systemvm"),
    ];
    let mut all = Vec::new();
    for (list, key) in lists {
        let body = world.ok(list, &[]);
        for row in body[key].as_array().unwrap() {
            let mut row = row.clone();
            let fields = row.as_object_mut().unwrap();
            fields.retain(|name, _| !["id", "nspid"].contains(&name.as_str()));
            if list == "listSystemVms" {
                fields.remove("name");
            }
            all.push(row);
        }
    }
    all
}

/// What the migration gives to stores that were made before is what new ones begin with; and it
/// may be run again.
#[test]
fn stores_that_were_made_before_get_the_same() {
    let sql = include_str!("../store/migrations/0014.sql");
    let plain: String = sql.split_inclusive('\n').filter(|l| !l.starts_with("--")).collect();
    let inserts = plain.split(';').map(str::trim).filter(|one| one.starts_with("INSERT"));
    let inserts: Vec<String> = inserts.map(str::to_owned).collect();
    assert_eq!(inserts.len(), 9);
    let world = World::sandbox();
    let wanted = shown(&world);
    for table in ["provider_element", "provider", "pod_range", "system_vm"] {
        let sql = format!("DELETE FROM {table}");
        let done = world.engine.store().write(move |tx| Ok::<_, Fault>(tx.run(&sql, &[])?));
        done.unwrap();
    }
    assert_eq!(world.ok("listSystemVms", &[]), json!({}));
    for _ in 0..2 {
        let inserts = inserts.clone();
        let done = world.engine.store().write(move |tx| {
            inserts.iter().try_for_each(|one| tx.run(one, &[]).map(drop))?;
            Ok::<_, Fault>(())
        });
        done.unwrap();
        assert_eq!(shown(&world), wanted);
    }
}
