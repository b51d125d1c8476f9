//! Interfaces and their addresses.

use crate::engine::network_tests::{ISOLATED, L2, make, number};
use crate::engine::vms::scene::{Scene, id};
use serde_json::{Value as Json, json};

/// The interfaces of a VM as they are listed.
fn nics(scene: &Scene, vm: &str) -> Vec<Json> {
    let body = scene.world.ok("listNics", &[("virtualmachineid", vm)]);
    body["nic"].as_array().cloned().unwrap_or_default()
}

#[test]
fn interfaces_come_and_go() {
    let scene = Scene::new();
    let db = make(&scene.world, ISOLATED, &[("name", "db")]);
    let vm = scene.deploy(&[("name", "web1")]);
    let vm = id(&vm);
    let add = |network: &str, ip| {
        let words = [("virtualmachineid", vm), ("networkid", network), ("ipaddress", ip)];
        scene.world.call("addNicToVirtualMachine", &words)
    };
    let fault = add(&scene.network, "10.1.1.3").unwrap_err();
    assert!(fault.code() == 530 && fault.text.contains("has an interface in"), "{fault}");
    assert_eq!(add(id(&db), "10.1.1.1").unwrap_err().code(), 530);
    let made = add(id(&db), "10.1.1.8").unwrap();
    assert_eq!(made["virtualmachine"]["nic"][1]["ipaddress"], "10.1.1.8");
    let up = scene.world.ok("listNetworks", &[("id", id(&db))]);
    assert_eq!(up["network"][0]["state"], "Implemented");
    let both = nics(&scene, vm);
    assert_eq!((both.len(), &both[1]["deviceid"]), (2, &json!("1")));
    let word = |nic: &Json| [("virtualmachineid", vm.to_owned()), ("nicid", id(nic).to_owned())];
    let call = |command, nic: &Json| {
        let words = word(nic);
        let pairs: Vec<_> = words.iter().map(|(name, value)| (*name, value.as_str())).collect();
        scene.world.call(command, &pairs)
    };
    let fault = call("removeNicFromVirtualMachine", &both[0]).unwrap_err();
    assert!(fault.code() == 431 && fault.text.contains("is the default"), "{fault}");
    let fault = call("updateDefaultNicForVirtualMachine", &both[0]).unwrap_err();
    assert!(fault.code() == 530 && fault.text.contains("already"), "{fault}");
    let vm_shown = call("updateDefaultNicForVirtualMachine", &both[1]).unwrap();
    assert_eq!(vm_shown["virtualmachine"]["ipaddress"], "10.1.1.8");
    call("removeNicFromVirtualMachine", &both[0]).unwrap();
    assert_eq!(nics(&scene, vm).len(), 1);
    assert_eq!(scene.deploy(&[])["ipaddress"], "10.1.1.2");
    let other = scene.deploy(&[]);
    let foreign = &nics(&scene, id(&other))[0];
    let fault = call("removeNicFromVirtualMachine", foreign).unwrap_err();
    assert!(fault.code() == 431 && fault.text.contains("is not one of"), "{fault}");
    // The number of an interface that is gone is given again.
    let made = add(&scene.network, "10.1.1.99").unwrap();
    assert_eq!(made["virtualmachine"]["nic"][0]["ipaddress"], "10.1.1.99");
    scene.world.ok("destroyVirtualMachine", &[("id", vm)]);
    assert!(add(&scene.network, "10.1.1.98").unwrap_err().text.contains("must be Running or"));
}

#[test]
fn further_addresses_are_unique_too() {
    let scene = Scene::new();
    let vm = scene.deploy(&[]);
    let nic = vm["nic"][0].clone();
    let add = |ip: Option<&str>| {
        let mut words = vec![("nicid", id(&nic))];
        words.extend(ip.map(|ip| ("ipaddress", ip)));
        scene.world.call("addIpToNic", &words)
    };
    let made = add(None).unwrap()["nicsecondaryip"].clone();
    assert_eq!((&made["ipaddress"], &made["nicid"]), (&json!("10.1.1.3"), &nic["id"]));
    assert_eq!(made["virtualmachineid"], vm["id"]);
    assert_eq!(add(Some("10.1.1.50")).unwrap()["nicsecondaryip"]["ipaddress"], "10.1.1.50");
    for ip in ["10.1.1.50", "10.1.1.2", "10.1.1.1", "10.1.1.255", "10.2.2.2"] {
        let fault = add(Some(ip)).unwrap_err();
        assert!(fault.code() == 431 && fault.text.contains("ipaddress"), "{ip}: {fault}");
    }
    let shown = scene.shown(id(&vm));
    assert_eq!(shown["nic"][0]["secondaryip"][1]["ipaddress"], "10.1.1.50");
    assert_eq!(scene.refused(&[("ipaddress", "10.1.1.50")]).0, 533);
    scene.world.ok("removeIpFromNic", &[("id", id(&made))]);
    assert_eq!(scene.world.refused("removeIpFromNic", &[("id", id(&made))]).0, 431);
    assert_eq!(scene.deploy(&[])["ipaddress"], "10.1.1.3");
    let setting = [("name", "vm.network.nic.max.secondary.ipaddresses"), ("value", "2")];
    scene.world.ok("updateConfiguration", &setting);
    add(None).unwrap();
    let fault = add(None).unwrap_err();
    assert!(fault.code() == 431 && fault.text.contains("vm.network.nic.max"), "{fault}");
    let expunge = [("id", id(&vm)), ("expunge", "true")];
    scene.world.ok("destroyVirtualMachine", &expunge);
    assert_eq!(number(&scene.world, "SELECT COUNT(*) FROM guest_address"), 1);
}

#[test]
fn an_l2_network_gives_no_addresses() {
    let scene = Scene::new();
    let l2 = make(&scene.world, L2, &[]);
    let vm = scene.deploy(&[("networkids", id(&l2)), ("startvm", "false")]);
    let nic = id(&vm["nic"][0]).to_owned();
    assert_eq!(vm["nic"][0]["ipaddress"], Json::Null);
    let (code, text) = scene.world.unmoved("addIpToNic", &[("nicid", &nic)]);
    assert!(code == 530 && text.contains("no addresses of its own"), "{code} {text}");
    let (code, text) = scene.world.unmoved("updateVmNicIp", &[("nicid", &nic)]);
    assert!(code == 431 && text.contains("no addresses of its own"), "{code} {text}");
}

#[test]
fn the_first_address_changes_while_the_vm_is_off() {
    let scene = Scene::new();
    let vm = scene.deploy(&[]);
    let nic = id(&vm["nic"][0]).to_owned();
    let change = |ip: Option<&str>| {
        let mut words = vec![("nicid", nic.as_str())];
        words.extend(ip.map(|ip| ("ipaddress", ip)));
        scene.world.call("updateVmNicIp", &words)
    };
    let fault = change(Some("10.1.1.20")).unwrap_err();
    assert!(fault.code() == 431 && fault.text.contains("must be Stopped"), "{fault}");
    scene.world.ok("stopVirtualMachine", &[("id", id(&vm))]);
    for ip in ["10.1.1.1", "10.1.1.2", "10.1.2.2"] {
        assert_eq!(change(Some(ip)).unwrap_err().code(), 431, "{ip}");
    }
    let shown = |body: Json| body["virtualmachine"]["ipaddress"].clone();
    assert_eq!(shown(change(Some("10.1.1.20")).unwrap()), "10.1.1.20");
    assert_eq!(shown(change(None).unwrap()), "10.1.1.2");
    assert_eq!(shown(change(None).unwrap()), "10.1.1.3", "another one is wanted");
}

#[test]
fn a_reservation_leaves_no_guest_outside_and_gives_none_there() {
    let scene = Scene::new();
    scene.deploy(&[("ipaddress", "10.1.1.200")]);
    let vm = scene.deploy(&[]);
    let nic = id(&vm["nic"][0]).to_owned();
    let reserve = |cidr| [("id", scene.network.as_str()), ("guestvmcidr", cidr)];
    let (code, text) = scene.world.unmoved("updateNetwork", &reserve("10.1.1.0/25"));
    assert!(code == 431 && text.contains("leaves out 10.1.1.200"), "{code} {text}");
    let added = scene.world.ok("addIpToNic", &[("nicid", &nic), ("ipaddress", "10.1.1.131")]);
    let (_, text) = scene.world.unmoved("updateNetwork", &reserve("10.1.1.192/26"));
    assert!(text.contains("leaves out 10.1.1.2"), "{text}");
    scene.world.ok("removeIpFromNic", &[("id", id(&added["nicsecondaryip"]))]);
    let word = [("id", id(&vm)), ("expunge", "true")];
    scene.world.ok("destroyVirtualMachine", &word);
    scene.world.ok("updateNetwork", &reserve("10.1.1.192/26"));
    let vm = scene.deploy(&[]);
    assert_eq!(vm["ipaddress"], "10.1.1.193");
    assert_eq!(vm["nic"][0]["netmask"], "255.255.255.0", "subtlety 24: that of the whole network");
    assert_eq!(scene.refused(&[("ipaddress", "10.1.1.9")]).0, 533);
}
