//! From deployment to expunging.

use crate::engine::network_tests::{ISOLATED, L2, make, number};
use crate::engine::vms::scene::{Scene, id};
use crate::sim::World;
use serde_json::json;

#[test]
fn a_vm_starts_with_an_address_and_its_network_comes_up() {
    let scene = Scene::new();
    assert_eq!(scene.network_state(), "Allocated");
    let vm = scene.deploy(&[("name", "web1"), ("displayname", "The web"), ("group", "g")]);
    assert_eq!((&vm["name"], &vm["displayname"]), (&json!("web1"), &json!("The web")));
    assert_eq!((&vm["state"], &vm["ipaddress"]), (&json!("Running"), &json!("10.1.1.2")));
    assert_eq!((&vm["cpunumber"], &vm["memory"]), (&json!(1), &json!(512)));
    assert_eq!((&vm["templatename"], &vm["hypervisor"]), (&json!("builtin"), &json!("Simulator")));
    let nic = &vm["nic"][0];
    assert_eq!((&nic["gateway"], &nic["netmask"]), (&json!("10.1.1.1"), &json!("255.255.255.0")));
    assert_eq!((&nic["isdefault"], &nic["deviceid"]), (&json!(true), &json!("0")));
    assert_eq!((&nic["networkid"], &nic["type"]), (&json!(scene.network), &json!("Isolated")));
    assert_eq!(nic["macaddress"], "1e:00:00:00:00:01");
    assert_eq!((&nic["broadcasturi"], &nic["vlanid"]), (&json!("vxlan://5000"), &json!(5000)));
    assert_eq!(scene.network_state(), "Implemented");
    let nat = [("associatednetworkid", scene.network.as_str()), ("issourcenat", "true")];
    assert_eq!(scene.count("listPublicIpAddresses", &nat), 1);
    assert_eq!(scene.shown(id(&vm)), vm);
}

#[test]
fn a_vm_that_is_not_started_has_its_address_and_its_network_stays_down() {
    let scene = Scene::new();
    let vm = scene.deploy(&[("startvm", "false"), ("ipaddress", "10.1.1.77")]);
    assert_eq!((&vm["state"], &vm["ipaddress"]), (&json!("Stopped"), &json!("10.1.1.77")));
    assert!(vm["name"].as_str().unwrap().starts_with("VM-"));
    assert_eq!(scene.network_state(), "Allocated");
    let vm = scene.world.ok("startVirtualMachine", &[("id", id(&vm))])["virtualmachine"].clone();
    assert_eq!((&vm["state"], &vm["ipaddress"]), (&json!("Running"), &json!("10.1.1.77")));
    assert_eq!(scene.network_state(), "Implemented");
}

#[test]
fn what_cannot_be_deployed_is_refused_and_changes_nothing() {
    let scene = Scene::new();
    let l2 = make(&scene.world, L2, &[("name", "l2")]);
    let system = scene.world.id("listServiceOfferings", &[("issystem", "true")]);
    let taken = scene.deploy(&[("name", "taken"), ("ipaddress", "10.1.1.9")]);
    let twice = format!("{0},{0}", scene.network);
    let public = scene.world.id("listNetworks", &[("issystem", "true"), ("traffictype", "Public")]);
    for (more, code, part) in [
        (vec![("serviceofferingid", system.as_str())], 431, "is not for users'"),
        (vec![("templateid", "nonsense")], 431, "templateid"),
        (vec![("name", "no name")], 431, "is no host name"),
        (vec![("name", "9lives")], 431, "begin with a letter"),
        (vec![("name", "taken")], 431, id(&taken)),
        (vec![("networkids", &twice)], 431, "is named twice"),
        (vec![("networkids", &public)], 431, "is not for guests"),
        (vec![("ipaddress", "10.1.1.9")], 533, "is that of a virtual machine"),
        (vec![("ipaddress", "10.1.1.1")], 533, "is the gateway"),
        (vec![("ipaddress", "10.9.9.9")], 533, "is not in 10.1.1.0/24"),
        (vec![("networkids", id(&l2)), ("ipaddress", "10.1.1.9")], 431, "has no addresses"),
        (vec![("macaddress", "1e:00:00:00:00:01")], 431, "is that of another guest"),
        (vec![("macaddress", "01:00:00:00:00:01")], 431, "unicast"),
        (vec![("macaddress", "1e:00")], 431, "is no MAC address"),
        (
            vec![("iptonetworklist[0].networkid", id(&l2)), ("ipaddress", "10.1.1.3")],
            431,
            "excludes networkids and ipaddress",
        ),
        (vec![("iptonetworklist[0].ip", "10.1.1.3")], 431, "has no networkid"),
    ] {
        let mut words = scene.words(&more);
        // The later one of two words of one name counts.
        let later: Vec<_> = more.iter().map(|(name, _)| *name).collect();
        let first = words.len() - more.len();
        let mut at = 0;
        words.retain(|(name, _)| {
            at += 1;
            at > first || !later.contains(name)
        });
        let (got, text) = scene.world.unmoved("deployVirtualMachine", &words);
        assert!(got == code && text.contains(part), "{more:?}: {got} {text}");
    }
    let mut words = scene.words(&[]);
    words.retain(|(name, _)| *name != "templateid");
    assert!(scene.world.refused("deployVirtualMachine", &words).1.contains("templateid"));
}

#[test]
fn several_networks_make_several_interfaces() {
    let scene = Scene::new();
    let (db, l2) = (make(&scene.world, ISOLATED, &[("name", "db")]), make(&scene.world, L2, &[]));
    let vm = scene.deploy(&[
        ("iptonetworklist[0].networkid", id(&db)),
        ("iptonetworklist[0].ip", "10.1.1.50"),
        ("iptonetworklist[0].mac", "02-00-00-00-00-AA"),
        ("iptonetworklist[1].networkid", &scene.network),
        ("iptonetworklist[2].networkid", id(&l2)),
    ]);
    let nics = vm["nic"].as_array().unwrap();
    let shown: Vec<_> = nics.iter().map(|nic| (&nic["ipaddress"], &nic["isdefault"])).collect();
    let (none, first, second) = (json!(null), json!("10.1.1.50"), json!("10.1.1.2"));
    let (yes, no) = (json!(true), json!(false));
    assert_eq!(shown, [(&first, &yes), (&second, &no), (&none, &no)]);
    assert_eq!(nics[0]["macaddress"], "02:00:00:00:00:aa");
    for (words, want) in [
        (vec![("networkid", id(&db))], 1),
        (vec![("state", "running")], 1),
        (vec![("state", "Present")], 1),
        (vec![("state", "nonsense")], 0),
        (vec![("name", "VM")], 1),
        (vec![("ids", id(&vm))], 1),
        (vec![("ids", id(&vm)), ("state", "Stopped")], 0),
        (vec![("keyword", "vm-")], 1),
    ] {
        assert_eq!(scene.count("listVirtualMachines", &words), want, "{words:?}");
    }
}

#[test]
fn who_names_no_network_gets_the_only_one_or_a_new_one() {
    let world = World::sandbox();
    let scene = Scene::of(world, "none");
    let deploy = || {
        let mut words = scene.words(&[]);
        words.retain(|(name, _)| *name != "networkids");
        scene.world.call("deployVirtualMachine", &words)
    };
    let first = deploy().unwrap()["virtualmachine"].clone();
    assert_eq!(first["nic"][0]["networkname"], "admin-network");
    let second = deploy().unwrap()["virtualmachine"].clone();
    assert_eq!(second["nic"][0]["networkid"], first["nic"][0]["networkid"]);
    make(&scene.world, ISOLATED, &[]);
    let fault = deploy().unwrap_err();
    assert!(fault.code() == 431 && fault.text.contains("several networks"), "{fault}");
}

#[test]
fn a_vm_stops_starts_and_reboots() {
    let scene = Scene::new();
    let vm = scene.deploy(&[]);
    let word = [("id", id(&vm))];
    let state = |command| scene.world.ok(command, &word)["virtualmachine"]["state"].clone();
    assert!(scene.world.unmoved("startVirtualMachine", &word).1.contains("is running already"));
    assert_eq!(state("rebootVirtualMachine"), "Running");
    assert_eq!(state("stopVirtualMachine"), "Stopped");
    assert_eq!(state("stopVirtualMachine"), "Stopped");
    let (code, text) = scene.world.unmoved("rebootVirtualMachine", &word);
    assert!(code == 530 && text.contains("is Stopped"), "{code} {text}");
    assert_eq!(state("startVirtualMachine"), "Running");
    assert_eq!(scene.shown(id(&vm))["ipaddress"], vm["ipaddress"]);
}

#[test]
fn a_destroyed_vm_keeps_its_address_until_it_is_expunged() {
    let scene = Scene::new();
    let vm = scene.deploy(&[("name", "web1")]);
    let word = [("id", id(&vm))];
    let counted = || number(&scene.world, "SELECT n FROM counter WHERE what = 'user_vm' LIMIT 1");
    assert_eq!(counted(), 1);
    assert!(scene.world.unmoved("expungeVirtualMachine", &word).1.contains("destroy it before"));
    assert!(scene.world.unmoved("recoverVirtualMachine", &word).1.contains("only destroyed ones"));
    let gone = scene.world.ok("destroyVirtualMachine", &word)["virtualmachine"].clone();
    assert_eq!((&gone["state"], &gone["ipaddress"]), (&json!("Destroyed"), &vm["ipaddress"]));
    assert_eq!(counted(), 0);
    let (code, text) = scene.world.unmoved("startVirtualMachine", &word);
    assert!(code == 530 && text.contains("is Destroyed"), "{text}");
    assert_eq!(scene.deploy(&[])["ipaddress"], "10.1.1.3");
    let back = scene.world.ok("recoverVirtualMachine", &word)["virtualmachine"].clone();
    assert_eq!((&back["state"], &back["ipaddress"]), (&json!("Stopped"), &vm["ipaddress"]));
    assert_eq!(counted(), 2);
    scene.world.ok("destroyVirtualMachine", &word);
    assert_eq!(scene.world.ok("expungeVirtualMachine", &word), json!({ "success": true }));
    assert_eq!(scene.count("listVirtualMachines", &word), 0);
    assert_eq!(scene.deploy(&[("name", "web1")])["ipaddress"], "10.1.1.2");
}

#[test]
fn a_vm_may_be_expunged_at_once_unless_it_is_protected() {
    let scene = Scene::new();
    let vm = scene.deploy(&[]);
    let word = [("id", id(&vm)), ("expunge", "true")];
    scene.world.ok("updateVirtualMachine", &[("id", id(&vm)), ("deleteprotection", "true")]);
    assert!(scene.world.unmoved("destroyVirtualMachine", &word).1.contains("is protected"));
    scene.world.ok("updateVirtualMachine", &[("id", id(&vm)), ("deleteprotection", "false")]);
    scene.world.ok("destroyVirtualMachine", &word);
    assert_eq!(scene.count("listVirtualMachines", &[]), 0);
    assert_eq!(number(&scene.world, "SELECT COUNT(*) FROM guest_address"), 0);
}

#[test]
fn users_expunge_and_recover_only_where_the_setting_says_so() {
    let (world, who) = World::tenants();
    let words = |more: &[(&'static str, String)]| -> Vec<(&'static str, String)> {
        let id = |list, words: &[(&str, &str)]| world.id(list, words);
        let mut words = vec![
            ("zoneid", id("listZones", &[])),
            ("serviceofferingid", id("listServiceOfferings", &[])),
            ("templateid", id("listTemplates", &[("templatefilter", "executable")])),
        ];
        words.extend_from_slice(more);
        words
    };
    let deployed = words(&[]);
    let pairs: Vec<_> = deployed.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let made = world.ok_as(&who.alice, "deployVirtualMachine", &pairs);
    let id = made["virtualmachine"]["id"].as_str().unwrap();
    assert_eq!(world.refused_as(&who.bob, "startVirtualMachine", &[("id", id)]).0, 531);
    assert_eq!(world.ok_as(&who.bob, "listVirtualMachines", &[("listall", "true")]), json!({}));
    let expunge = [("id", id), ("expunge", "true")];
    let (code, text) = world.refused_as(&who.alice, "destroyVirtualMachine", &expunge);
    assert!(code == 530 && text.contains("allow.user.expunge.recover.vm"), "{code} {text}");
    world.ok_as(&who.alice, "destroyVirtualMachine", &[("id", id)]);
    assert_eq!(world.ok_as(&who.alice, "listVirtualMachines", &[("id", id)]), json!({}));
    assert_eq!(world.ok_as(&who.ada, "listVirtualMachines", &[("id", id)])["count"], 1);
    assert_eq!(world.refused_as(&who.alice, "recoverVirtualMachine", &[("id", id)]).0, 531);
    let setting = ("name", "allow.user.expunge.recover.vm");
    world.ok("updateConfiguration", &[setting, ("value", "true")]);
    world.ok_as(&who.alice, "recoverVirtualMachine", &[("id", id)]);
    // What belongs to an account goes with it.
    let account = world.id("listAccounts", &[("name", "alice"), ("listall", "true")]);
    world.ok("deleteAccount", &[("id", &account)]);
    assert_eq!(number(&world, "SELECT COUNT(*) FROM guest_address"), 0);
    assert_eq!(number(&world, "SELECT COUNT(*) FROM vm WHERE removed IS NULL"), 0);
    crate::sim::check(world.engine.store());
}

#[test]
fn a_failure_that_is_simulated_leaves_what_a_failed_deployment_leaves() {
    let scene = Scene::new();
    let fails = |value| {
        let words = [("name", "simulate.vm.failure"), ("value", value)];
        scene.world.ok("updateConfiguration", &words);
    };
    fails("Starting");
    let reply = scene.world.reply("deployVirtualMachine", &scene.words(&[])).unwrap();
    let job = reply.job.unwrap();
    let fault = job.failed.unwrap();
    assert!(fault.code() == 530 && fault.text.contains("simulate.vm.failure"), "{fault}");
    let vm = scene.shown(&job.made.unwrap());
    assert_eq!((&vm["state"], &vm["ipaddress"]), (&json!("Error"), &json!("10.1.1.2")));
    assert_eq!(scene.network_state(), "Implemented");
    let result = scene.world.ok("queryAsyncJobResult", &[("jobid", &job.id)]);
    assert_eq!((&result["jobstatus"], &result["jobresultcode"]), (&json!(2), &json!(530)));
    assert_eq!(result["jobinstanceid"], vm["id"]);
    let events = [("type", "VM.CREATE"), ("level", "ERROR")];
    assert_eq!(scene.count("listEvents", &events), 1);
    fails("none");
    assert_eq!(scene.deploy(&[])["ipaddress"], "10.1.1.3");
    scene.world.ok("destroyVirtualMachine", &[("id", id(&vm))]);
    assert_eq!(scene.count("listVirtualMachines", &[]), 1);
    assert_eq!(scene.deploy(&[])["ipaddress"], "10.1.1.2");
}

#[test]
fn a_vm_that_does_not_start_stays_stopped() {
    let scene = Scene::new();
    let vm = scene.deploy(&[("startvm", "false")]);
    let words = [("name", "simulate.vm.failure"), ("value", "Starting")];
    scene.world.ok("updateConfiguration", &words);
    let (code, text) = scene.world.refused("startVirtualMachine", &[("id", id(&vm))]);
    assert!(code == 530 && text.contains("simulate.vm.failure"), "{code} {text}");
    assert_eq!(scene.shown(id(&vm))["state"], "Stopped");
}

#[test]
fn an_account_has_no_more_vms_than_its_limit_allows() {
    let (world, _) = World::tenants();
    let network = make(&world, ISOLATED, &[("account", "alice"), ("domainid", &domain(&world))]);
    let scene = Scene::of(world, id(&network));
    let domain = domain(&scene.world);
    let owner = [("account", "alice"), ("domainid", domain.as_str())];
    let limit = [("account", "alice"), ("domainid", &domain), ("resourcetype", "0"), ("max", "1")];
    scene.world.ok("updateResourceLimit", &limit);
    let vm = scene.deploy(&owner);
    assert_eq!(vm["account"], "alice");
    let (code, text) = scene.refused(&owner);
    assert!(code == 535 && text.contains("user_vm"), "{code} {text}");
    scene.world.ok("destroyVirtualMachine", &[("id", id(&vm))]);
    let other = scene.deploy(&owner);
    assert_eq!(scene.world.unmoved("recoverVirtualMachine", &[("id", id(&vm))]).0, 535);
    scene.world.ok("updateResourceCount", &owner);
    scene.world.ok("destroyVirtualMachine", &[("id", id(&other)), ("expunge", "true")]);
    let foreign = scene.refused(&[]);
    assert!(foreign.0 == 531, "the admin's VM stands in no network of alice: {foreign:?}");
}

fn domain(world: &World) -> String {
    world.id("listDomains", &[("name", "a")])
}

#[test]
fn a_network_is_not_deleted_while_a_vm_stands_in_it() {
    let scene = Scene::new();
    let vm = scene.deploy(&[("name", "web1")]);
    let network = [("id", scene.network.as_str())];
    for command in ["stopVirtualMachine", "destroyVirtualMachine"] {
        let (code, text) = scene.world.unmoved("deleteNetwork", &network);
        assert!(code == 530 && text.contains("1 virtual machine (`web1`)"), "{code} {text}");
        scene.world.ok(command, &[("id", id(&vm))]);
    }
    assert_eq!(scene.world.unmoved("deleteNetwork", &network).0, 530);
    scene.world.ok("expungeVirtualMachine", &[("id", id(&vm))]);
    scene.world.ok("deleteNetwork", &network);
}

#[test]
fn names_are_unique_in_a_network() {
    let scene = Scene::new();
    let (one, two) = (scene.deploy(&[("name", "one")]), scene.deploy(&[("name", "two")]));
    let rename = |name| [("id", id(&two)), ("name", name), ("displayname", "Two"), ("group", "g")];
    assert!(scene.world.unmoved("updateVirtualMachine", &rename("one")).1.contains(id(&one)));
    let vm = scene.world.ok("updateVirtualMachine", &rename("three"))["virtualmachine"].clone();
    let shown = (&vm["name"], &vm["displayname"], &vm["group"]);
    assert_eq!(shown, (&json!("three"), &json!("Two"), &json!("g")));
    let other = make(&scene.world, ISOLATED, &[("name", "other")]);
    let elsewhere = scene.deploy(&[("name", "one"), ("networkids", id(&other))]);
    let words = [("virtualmachineid", id(&elsewhere)), ("networkid", scene.network.as_str())];
    assert!(scene.world.unmoved("addNicToVirtualMachine", &words).1.contains(id(&one)));
}

#[test]
fn a_stopped_machine_becomes_as_big_as_another_offering_says() {
    let scene = Scene::new();
    let vm = scene.deploy(&[]);
    let bigger = scene.world.id("listServiceOfferings", &[("name", "Medium Instance")]);
    let system = scene.world.id("listServiceOfferings", &[("issystem", "true")]);
    let change = |offering: &str| {
        let words = [("id", id(&vm)), ("serviceofferingid", offering)];
        scene.world.unmoved("changeServiceForVirtualMachine", &words)
    };
    let (code, text) = change(&system);
    assert!(code == 431 && text.contains("is not for users'"), "{code} {text}");
    let (code, text) = change(&bigger);
    assert!(code == 431 && text.contains("stop it before"), "{code} {text}");
    scene.world.ok("stopVirtualMachine", &[("id", id(&vm))]);
    let words = [("id", id(&vm)), ("serviceofferingid", bigger.as_str())];
    let now = scene.world.ok("changeServiceForVirtualMachine", &words);
    assert_eq!(now["virtualmachine"]["serviceofferingname"], "Medium Instance");
    assert_eq!(now["virtualmachine"]["memory"], 1024);
    let (code, text) = change(&bigger);
    assert!(code == 431 && text.contains("already"), "{code} {text}");
}
