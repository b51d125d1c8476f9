//! Many who deploy at once.

use crate::engine::vms::scene::Scene;
use crate::sim::{World, check};
use std::collections::BTreeSet;
use std::sync::Barrier;

const THREADS: usize = 32;

/// apache/cloudstack 7907: two virtual machines that were deployed at the same time had one
/// address.
#[test]
fn issue_7907_no_two_of_many_deployed_at_once_have_one_address() {
    let scene = Scene::new();
    let start = Barrier::new(THREADS);
    let deploy = |at: usize| {
        start.wait();
        let name = format!("vm{at}");
        // Every second one names an address: each of these is wanted by four.
        let ip = format!("10.1.1.{}", 2 + at / 8);
        let named = [("name", name.as_str()), ("ipaddress", &ip)];
        let words = scene.words(&named[..=at % 2]);
        let made = scene.world.call("deployVirtualMachine", &words).ok()?;
        made["virtualmachine"]["ipaddress"].as_str().map(str::to_owned)
    };
    let all: Vec<String> = std::thread::scope(|scope| {
        let deploy = &deploy;
        let threads: Vec<_> = (0..THREADS).map(|at| scope.spawn(move || deploy(at))).collect();
        threads.into_iter().filter_map(|thread| thread.join().unwrap()).collect()
    });
    let different: BTreeSet<_> = all.iter().collect();
    assert_eq!(all.len(), different.len(), "{all:?}");
    assert!(all.len() >= THREADS / 2, "those who name none get one: {all:?}");
    let macs = scene.world.ok("listVirtualMachines", &[]);
    let macs: BTreeSet<_> = macs["virtualmachine"]
        .as_array()
        .unwrap()
        .iter()
        .map(|vm| vm["nic"][0]["macaddress"].to_string())
        .collect();
    assert_eq!(macs.len(), all.len());
}

/// The same for further addresses, which CloudStack does not check at all.
#[test]
fn no_two_further_addresses_given_at_once_are_one() {
    let scene = Scene::new();
    let vm = scene.deploy(&[]);
    let nic = vm["nic"][0]["id"].as_str().unwrap().to_owned();
    let setting = [("name", "vm.network.nic.max.secondary.ipaddresses"), ("value", "100")];
    scene.world.ok("updateConfiguration", &setting);
    let start = Barrier::new(THREADS);
    let add = |world: &World| {
        start.wait();
        let made = world.ok("addIpToNic", &[("nicid", &nic)]);
        made["nicsecondaryip"]["ipaddress"].as_str().unwrap().to_owned()
    };
    let all: BTreeSet<String> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..THREADS).map(|_| scope.spawn(|| add(&scene_world(&scene)))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(all.len(), THREADS);
    check(scene.world.engine.store());
}

/// Another handle on the world of a scene.
fn scene_world(scene: &Scene) -> World {
    World { engine: scene.world.engine.clone() }
}
