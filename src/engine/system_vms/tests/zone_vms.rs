//! System VMs of zones, and what is found when something of them or of routers is damaged.

use super::{ISOLATED, Stage, text};
use crate::engine::{audit, is_mended, repair};
use crate::sim::{EPOCH, check};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

fn zone_vm(stage: &Stage, kind: &str) -> Json {
    let words = [("systemvmtype", kind), ("zoneid", stage.zone.as_str())];
    let all = stage.world.ok("listSystemVms", &words);
    assert_eq!(all["count"], 1, "{all}");
    all["systemvm"][0].clone()
}

#[test]
fn a_system_vm_holds_its_addresses_while_it_runs() {
    let stage = Stage::new();
    let proxy = zone_vm(&stage, "consoleproxy");
    let is = |vm: &Json, letter: &str| text(&vm["name"]).starts_with(letter);
    assert!(is(&proxy, "v-"), "{proxy}");
    assert_eq!(proxy["state"], "Stopped");
    assert_eq!(proxy["publicip"], Json::Null);
    let proxy = stage.call("startSystemVm", &proxy);
    assert_eq!(proxy["publicip"], "203.0.113.2");
    assert_eq!(proxy["privateip"], "172.16.0.2");
    assert_eq!(proxy["linklocalip"], "169.254.0.2");
    let storage = stage.call("startSystemVm", &zone_vm(&stage, "secondarystoragevm"));
    assert!(is(&storage, "s-"), "{storage}");
    assert_eq!(storage["privateip"], "172.16.0.3");
    // Without storage ranges it has a second management address.
    let capacity = stage.world.ok("listCapacity", &[("type", "5")]);
    assert_eq!(capacity["capacity"][0]["capacityused"], 3);
    let shown = stage
        .world
        .ok("listPublicIpAddresses", &[("ipaddress", "203.0.113.2"), ("listall", "true")]);
    let shown = &shown["publicipaddress"][0];
    assert_eq!((&shown["issystem"], &shown["account"]), (&json!(true), &json!("system")));
    let (code, why) =
        stage.world.unmoved("disassociateIpAddress", &[("id", shown["id"].as_str().unwrap())]);
    assert!(code == 431 && why.contains("belongs to the system"), "{why}");
    check(stage.world.engine.store());
    assert_eq!(stage.call("rebootSystemVm", &proxy)["publicip"], "203.0.113.2");
    // Another one takes the place of one that is deleted.
    let gone = stage.call("destroySystemVm", &proxy);
    assert_eq!(gone["state"], "Expunging");
    let next = zone_vm(&stage, "consoleproxy");
    assert!(is(&next, "v-") && next["id"] != proxy["id"], "{next}");
    assert_eq!(next["state"], "Running");
    assert_eq!(next["publicip"], "203.0.113.2");
    for vm in [&next, &storage] {
        assert_eq!(stage.call("stopSystemVm", vm)["publicip"], Json::Null);
    }
    let capacity = stage.world.ok("listCapacity", &[("type", "5")]);
    assert_eq!(capacity["capacity"][0]["capacityused"], 0);
    let (code, why) =
        stage.world.unmoved("rebootSystemVm", &[("id", next["id"].as_str().unwrap())]);
    assert!(code == 530 && why.contains("is Stopped"), "{why}");
    stage.end();
}

#[test]
fn system_vms_take_first_what_is_kept_for_them() {
    let stage = Stage::new();
    let pod = stage.world.id("listPods", &[]);
    stage.world.ok("updatePod", &[("id", &pod), ("endip", "172.16.0.20")]);
    let words = [
        ("podid", pod.as_str()),
        ("gateway", "172.16.0.1"),
        ("netmask", "255.255.255.0"),
        ("startip", "172.16.0.100"),
        ("forsystemvms", "true"),
    ];
    stage.world.ok("createManagementNetworkIpRange", &words);
    let words = [
        ("podid", pod.as_str()),
        ("gateway", "172.17.0.1"),
        ("netmask", "255.255.255.0"),
        ("startip", "172.17.0.2"),
    ];
    let range = stage.world.ok("createStorageNetworkIpRange", &words);
    let range = text(&range["storagenetworkiprange"]["id"]);
    let words = [
        ("zoneid", stage.zone.as_str()),
        ("vlan", "400"),
        ("gateway", "192.0.2.1"),
        ("netmask", "255.255.255.0"),
        ("startip", "192.0.2.10"),
        ("forsystemvms", "true"),
    ];
    stage.world.ok("createVlanIpRange", &words);
    let storage = stage.call("startSystemVm", &zone_vm(&stage, "secondarystoragevm"));
    assert_eq!(storage["privateip"], "172.16.0.100");
    assert_eq!(storage["publicip"], "192.0.2.10");
    for (command, words) in [
        ("deleteStorageNetworkIpRange", vec![("id", range.as_str())]),
        ("updateStorageNetworkIpRange", vec![("id", range.as_str()), ("endip", "172.17.0.9")]),
    ] {
        let (code, why) = stage.world.unmoved(command, &words);
        assert!(code == 530 && why.contains("172.17.0.2 is taken"), "{command}: {why}");
    }
    // Those that are kept are all taken: others follow, unless that is forbidden.
    let proxy = zone_vm(&stage, "consoleproxy");
    let strict = "system.vm.management.ip.reservation.mode.strictness";
    stage.world.ok("updateConfiguration", &[("name", strict), ("value", "true")]);
    let id = [("id", proxy["id"].as_str().unwrap())];
    let (code, why) = stage.world.unmoved("startSystemVm", &id);
    assert!(code == 530 && why.contains("no management address of the pod"), "{why}");
    stage.world.ok("updateConfiguration", &[("name", strict), ("value", "false")]);
    assert_eq!(stage.call("startSystemVm", &proxy)["privateip"], "172.16.0.2");
    stage.end();
}

#[test]
fn the_address_of_a_system_vm_is_not_released_by_hand() {
    let stage = Stage::new();
    stage.call("startSystemVm", &zone_vm(&stage, "consoleproxy"));
    let store = stage.world.engine.store();
    let sql = "SELECT id FROM pod_address WHERE traffic = 'Management'";
    let id: i64 = store.read(|tx| tx.one(sql, &[])).unwrap().unwrap();
    let (code, why) = stage.world.unmoved("releasePodIpAddress", &[("id", &id.to_string())]);
    assert!(code == 530 && why.contains("is that of v-"), "{why}");
    stage.end();
}

/// What is done behind the engine's back, the rules that are broken then, and those that are left
/// when what has one right answer is mended.
const DAMAGE: &[(&str, &[&str], &[&str])] = &[
    ("UPDATE pod_range SET first = last", &["range-of-pod-address"], &["range-of-pod-address"]),
    (
        "UPDATE system_vm SET state = 'Stopped' WHERE kind = 'DomainRouter'",
        &["holder-of-pod-address"],
        &[],
    ),
    (
        "UPDATE system_vm SET state = 'Starting' WHERE kind = 'DomainRouter'",
        &["state-of-system-vm"],
        &["state-of-system-vm"],
    ),
    (
        "DELETE FROM pod_address WHERE traffic = 'Control'",
        &["address-of-system-vm", "bits"],
        &["address-of-system-vm"],
    ),
    (
        "DELETE FROM address WHERE system = 1",
        &["bits", "counters", "public-address-of-system-vm"],
        &["public-address-of-system-vm"],
    ),
    ("DELETE FROM router_nic", &["router-of-guest-address"], &[]),
    (
        "DELETE FROM guest_address WHERE kind = 'Router'",
        &["bits", "guest-address-of-router"],
        &["guest-address-of-router"],
    ),
    (
        "UPDATE system_vm SET is_primary = 1 WHERE kind = 'DomainRouter'",
        &["primary-router"],
        &["primary-router"],
    ),
    (
        "UPDATE system_vm SET network_id = 99 WHERE kind = 'DomainRouter'",
        &["network-of-router"],
        &[],
    ),
    (
        "INSERT INTO pod_range (pod_id, first, last, for_system_vms, vlan, created) \
         SELECT pod_id, last, last, 1, vlan, created FROM pod_range",
        &["ranges-of-pod"],
        &["ranges-of-pod"],
    ),
    ("UPDATE counter SET n = 9 WHERE owner = 'pod'", &["counters"], &[]),
    (
        "UPDATE provider SET physical_network_id = (SELECT MAX(id) FROM physical_network) \
         WHERE name = 'ConfigDrive'",
        &["network-of-provider"],
        &[],
    ),
];

#[test]
fn damage_is_found_and_mended() {
    for (damage, found, left) in DAMAGE {
        let stage = Stage::new();
        let network = stage.network("web", ISOLATED, &[]);
        stage.guest(&network);
        stage.world.ok("restartNetwork", &[("id", &network), ("makeredundant", "true")]);
        stage.call("startSystemVm", &zone_vm(&stage, "consoleproxy"));
        let world = &stage.world;
        world.tell(
            "INSERT INTO physical_network (zone_id, name, state, isolation, vnets, vnet_pool, \
             broadcast_domain, tags, created, removed) SELECT zone_id, 'gone', 'Enabled', \
             'VXLAN', '', vnet_pool, 'ZONE', '', 0, 1 FROM physical_network",
        );
        check(world.engine.store());
        world.tell(damage);
        let rules = |all: Vec<crate::engine::Finding>| {
            all.into_iter().map(|one| one.rule).collect::<BTreeSet<_>>()
        };
        let seen = rules(world.engine.store().read(audit).unwrap());
        assert_eq!(seen, found.iter().copied().collect(), "{damage}");
        let now = EPOCH.plus_seconds(1000);
        let repaired = world.engine.store().write(move |tx| repair(tx, now)).unwrap();
        assert!(repaired.done.iter().all(|one| is_mended(one.rule)), "{repaired:?}");
        let told = repaired.left.iter().all(|one| crate::engine::advice(one.rule).is_some());
        assert!(told, "{:?}", repaired.left);
        assert_eq!(rules(repaired.left), left.iter().copied().collect(), "{damage}");
    }
}
