//! Load balancers of public addresses from the outside.

use crate::engine::network_tests::{ISOLATED, TIER, make};
use crate::engine::vms::scene::{Scene, id};
use crate::sim::World;
use serde_json::{Value as Json, json};

/// A scene with an address of its network that is no source NAT; its id.
fn scene() -> (Scene, String) {
    let scene = Scene::new();
    let words = [("networkid", scene.network.as_str())];
    scene.world.ok("associateIpAddress", &words);
    let made = scene.world.ok("associateIpAddress", &words);
    (scene, id(&made["ipaddress"]).to_owned())
}

/// The words of a rule for the web, of which some say something else.
fn words<'w>(address: &'w str, other: &[(&'w str, &'w str)]) -> Vec<(&'w str, &'w str)> {
    let mut words = vec![
        ("publicipid", address),
        ("name", "web"),
        ("algorithm", "roundrobin"),
        ("publicport", "80"),
        ("privateport", "8080"),
    ];
    words.retain(|(name, _)| other.iter().all(|(said, _)| said != name));
    words.extend(other.iter().filter(|(_, value)| !value.is_empty()));
    words
}

fn create(scene: &Scene, address: &str, other: &[(&str, &str)]) -> Json {
    scene.world.ok("createLoadBalancerRule", &words(address, other))["loadbalancer"].clone()
}

fn shown(scene: &Scene, rule: &str) -> Json {
    let body = scene.world.ok("listLoadBalancerRules", &[("id", rule)]);
    body["loadbalancerrule"][0].clone()
}

#[test]
fn a_rule_lives_with_its_guests_and_its_firewall_rule() {
    let (scene, address) = scene();
    let (one, two) = (scene.deploy(&[("name", "web1")]), scene.deploy(&[("name", "web2")]));
    let rule = create(&scene, &address, &[("description", "the web"), ("algorithm", "LeastConn")]);
    assert_eq!((&rule["publicport"], &rule["privateport"]), (&json!("80"), &json!("8080")));
    assert_eq!((&rule["protocol"], &rule["algorithm"]), (&json!("tcp"), &json!("leastconn")));
    assert_eq!((&rule["publicipid"], &rule["publicip"]), (&json!(address), &json!("203.0.113.3")));
    assert_eq!((&rule["networkid"], &rule["state"]), (&json!(scene.network), &json!("Add")));
    assert_eq!((&rule["account"], &rule["zonename"]), (&json!("admin"), &json!("sandbox")));
    let of = [("ipaddressid", address.as_str())];
    assert_eq!(scene.count("listFirewallRules", &of), 1);
    let both = [id(&one), id(&two)].join(",");
    let with = [("id", id(&rule)), ("virtualmachineids", both.as_str())];
    assert_eq!(scene.world.ok("assignToLoadBalancerRule", &with), json!({ "success": true }));
    assert_eq!(shown(&scene, id(&rule))["state"], "Active");
    let guests = |more: &[(&str, &str)]| {
        let words: Vec<_> = [("id", id(&rule))].iter().chain(more).copied().collect();
        scene.world.ok("listLoadBalancerRuleInstances", &words)
    };
    let listed = guests(&[("lbvmips", "true")]);
    assert_eq!(listed["count"], 2);
    assert_eq!(listed["loadbalancerruleinstance"][0]["name"], "web1");
    assert_eq!(listed["loadbalancerruleinstance"][0]["lbvmipaddresses"], json!(["10.1.1.2"]));
    assert_eq!(guests(&[("applied", "false")]), json!({}));
    let without = [("id", id(&rule)), ("virtualmachineids", id(&one))];
    scene.world.ok("removeFromLoadBalancerRule", &without);
    assert_eq!(guests(&[])["count"], 1);
    assert_eq!(guests(&[("applied", "false")])["loadbalancerruleinstance"][0]["name"], "web1");
    for words in [vec![], vec![("publicipid", address.as_str())], vec![("name", "web")]] {
        assert_eq!(scene.count("listLoadBalancerRules", &words), 1, "{words:?}");
    }
    assert_eq!(scene.count("listLoadBalancerRules", &[("virtualmachineid", id(&one))]), 0);
    assert_eq!(scene.count("listLoadBalancerRules", &[("virtualmachineid", id(&two))]), 1);
    let word = [("id", id(&rule))];
    assert_eq!(scene.world.ok("deleteLoadBalancerRule", &word), json!({ "success": true }));
    assert_eq!(scene.count("listFirewallRules", &of), 0);
    assert_eq!(scene.count("listLoadBalancerRules", &[]), 0);
    assert_eq!(scene.world.unmoved("deleteLoadBalancerRule", &word).0, 431);
}

/// Each breaks one check and all that come after it.
#[test]
fn the_first_check_that_fails_decides() {
    let (scene, address) = scene();
    let vm = scene.deploy(&[]);
    let (nat_words, other) =
        ([("networkid", scene.network.as_str())], make(&scene.world, ISOLATED, &[("name", "b")]));
    let translated = scene.world.ok("associateIpAddress", &nat_words);
    let translated = id(&translated["ipaddress"]).to_owned();
    let enable = [("ipaddressid", translated.as_str()), ("virtualmachineid", id(&vm))];
    scene.world.ok("enableStaticNat", &enable);
    let free = scene.world.id("listPublicIpAddresses", &[("state", "Free")]);
    let wrong = [
        ("privateport", "0"),
        ("algorithm", "fair"),
        ("publicport", "70000"),
        ("protocol", "icmp"),
        ("cidrlist", "nonsense"),
    ];
    let cases = [
        (free.as_str(), wrong.to_vec(), 431, "publicipid: 203.0.113"),
        (&translated, wrong.to_vec(), 537, "has static NAT"),
        (
            &address,
            [&wrong[..], &[("networkid", id(&other))]].concat(),
            431,
            "networkid: 203.0.113.3 serves the network",
        ),
        (&address, wrong.to_vec(), 431, "privateport: 0"),
        (&address, wrong[1..].to_vec(), 431, "algorithm: `fair` is none of"),
        (&address, wrong[2..].to_vec(), 431, "publicport: 70000"),
        (&address, wrong[3..].to_vec(), 431, "protocol: `icmp` is none of"),
        (&address, wrong[4..].to_vec(), 431, "cidrlist"),
        ("", vec![("publicipid", "")], 431, "publicipid, networkid and zoneid must be given"),
    ];
    for (address, more, code, part) in cases {
        let (got, text) = scene.world.unmoved("createLoadBalancerRule", &words(address, &more));
        assert!(got == code && text.contains(part), "{more:?}: {got} {text}");
    }
    let none = [("publicipid", ""), ("networkid", scene.network.as_str())];
    let (code, text) = scene.world.unmoved("createLoadBalancerRule", &words("", &none));
    assert!(code == 431 && text.contains("has no elastic load balancing"), "{code} {text}");
}

#[test]
fn dns_at_its_source_nat_is_the_routers_own() {
    let (scene, address) = scene();
    scene.deploy(&[]);
    let nat = [("associatednetworkid", scene.network.as_str()), ("issourcenat", "true")];
    let nat = scene.world.id("listPublicIpAddresses", &nat);
    let dns = [("publicport", "53"), ("protocol", "udp")];
    let (code, text) = scene.world.unmoved("createLoadBalancerRule", &words(&nat, &dns));
    assert!(code == 431 && text.contains("answers DNS on port 53"), "{code} {text}");
    create(&scene, &nat, &[]);
    let rule = create(&scene, &address, &dns);
    let rules = scene.world.ok("listFirewallRules", &[("ipaddressid", &address)]);
    let opened = &rules["firewallrule"][0];
    assert_eq!((&opened["protocol"], &opened["startport"]), (&json!("udp"), &json!(53)));
    assert_eq!(rule["protocol"], "udp");
}

/// The table of all pairs, from the outside: what may come after what at one address.
#[test]
fn what_excludes_what_at_one_address() {
    let (scene, address) = scene();
    let vm = scene.deploy(&[]);
    let call = |command: &str, more: &[(&str, &str)]| {
        let param = match command {
            "createLoadBalancerRule" => "publicipid",
            _ => "ipaddressid",
        };
        let words: Vec<_> = [(param, address.as_str())].iter().chain(more).copied().collect();
        scene.world.call(command, &words).map_err(|fault| (fault.code(), fault.text))
    };
    let balance = |port: &str, protocol: &str| {
        let closed = [("openfirewall", "false"), ("publicport", port), ("protocol", protocol)];
        let all: Vec<_> = words(&address, &closed).into_iter().skip(1).collect();
        call("createLoadBalancerRule", &all)
    };
    let forward = |port: &str, protocol: &str| {
        call(
            "createPortForwardingRule",
            &[
                ("virtualmachineid", id(&vm)),
                ("publicport", port),
                ("privateport", port),
                ("protocol", protocol),
                ("openfirewall", "false"),
            ],
        )
    };
    balance("80", "tcp").unwrap();
    for (outcome, code) in [
        (balance("80", "tcp"), 537),
        (balance("80", "udp"), 537),
        (forward("80", "tcp"), 537),
        (forward("80", "udp"), 537),
        (call("enableStaticNat", &[("virtualmachineid", id(&vm))]), 537),
    ] {
        let (got, text) = outcome.unwrap_err();
        assert!(got == code && text.contains("load balancer rule"), "{got} {text}");
    }
    forward("22", "tcp").unwrap();
    forward("22", "udp").unwrap();
    let (code, text) = balance("22", "tcp").unwrap_err();
    assert!(code == 537 && text.contains("port forwarding rule"), "{code} {text}");
    balance("81", "tcp").unwrap();
    // The firewall lets in what it likes.
    for port in ["22", "80"] {
        let words = [("protocol", "tcp"), ("startport", port)];
        call("createFirewallRule", &words).unwrap();
        let (code, text) = call("createFirewallRule", &words).unwrap_err();
        assert!(code == 537 && text.contains("firewall rule"), "{code} {text}");
    }
    let icmp = [("protocol", "icmp"), ("icmptype", "8"), ("icmpcode", "0")];
    call("createFirewallRule", &icmp).unwrap();
    let (code, text) = call("createFirewallRule", &icmp).unwrap_err();
    assert!(code == 431 && text.contains("icmp 8/0"), "{code} {text}");
}

#[test]
fn only_guests_of_the_network_that_are_there_take_part() {
    let (scene, address) = scene();
    let rule = create(&scene, &address, &[]);
    let (vm, gone) = (scene.deploy(&[]), scene.deploy(&[]));
    scene.world.ok("destroyVirtualMachine", &[("id", id(&gone))]);
    let other = make(&scene.world, ISOLATED, &[("name", "b")]);
    let far = scene.deploy(&[("networkids", id(&other))]);
    let assign = |more: &[(&str, &str)]| {
        let words: Vec<_> = [("id", id(&rule))].iter().chain(more).copied().collect();
        scene.world.unmoved("assignToLoadBalancerRule", &words)
    };
    let pair = |vm, ip| [("vmidipmap[0].vmid", vm), ("vmidipmap[0].vmip", ip)];
    let both = [id(&vm), id(&far)].join(",");
    for (more, part) in [
        (vec![], "virtualmachineids or vmidipmap is needed"),
        (vec![("virtualmachineids", id(&gone))], "is Destroyed"),
        (vec![("virtualmachineids", id(&far))], "has no interface in"),
        (vec![("virtualmachineids", both.as_str())], "has no interface in"),
        (pair(id(&vm), "10.1.1.77").to_vec(), "vmidipmap: 10.1.1.77 is no address"),
        (pair(id(&vm), "ten").to_vec(), "ten is no IPv4 address"),
        (vec![("vmidipmap[0].vmip", "10.1.1.2")], "an entry has no vmid"),
    ] {
        let (code, text) = assign(&more);
        assert!(code == 431 && text.contains(part), "{more:?}: {code} {text}");
    }
    assert_eq!(shown(&scene, id(&rule))["state"], "Add", "it was never told of a guest");
    let nic = vm["nic"][0]["id"].as_str().unwrap();
    let more = scene.world.ok("addIpToNic", &[("nicid", nic), ("ipaddress", "10.1.1.50")]);
    let with = [&[("id", id(&rule))][..], &pair(id(&vm), "10.1.1.50")].concat();
    scene.world.ok("assignToLoadBalancerRule", &with);
    let (code, text) = assign(&pair(id(&vm), "10.1.1.50"));
    assert!(code == 431 && text.contains("is among the guests"), "{code} {text}");
    // The first address is another one.
    let first = [("id", id(&rule)), ("virtualmachineids", id(&vm))];
    scene.world.ok("assignToLoadBalancerRule", &first);
    let word = [("id", id(&more["nicsecondaryip"]))];
    let (code, text) = scene.world.unmoved("removeIpFromNic", &word);
    assert!(code == 431 && text.contains("a load balancer rule leads to"), "{code} {text}");
    scene.world.ok("removeFromLoadBalancerRule", &with);
    scene.world.ok("removeIpFromNic", &word);
    let (code, text) = scene.world.unmoved("removeFromLoadBalancerRule", &with);
    assert!(code == 431 && text.contains("is not among the guests"), "{code} {text}");
    // What goes takes its place with it; until then a destroyed guest keeps it.
    scene.world.ok("destroyVirtualMachine", &[("id", id(&vm))]);
    assert_eq!(scene.count("listLoadBalancerRuleInstances", &[("id", id(&rule))]), 1);
    scene.world.ok("expungeVirtualMachine", &[("id", id(&vm))]);
    assert_eq!(scene.count("listLoadBalancerRuleInstances", &[("id", id(&rule))]), 0);
}

#[test]
fn a_rule_is_changed_by_what_makes_sense() {
    let (scene, address) = scene();
    let rule = create(&scene, &address, &[]);
    let change = |more: &[(&str, &str)]| {
        let words: Vec<_> = [("id", id(&rule))].iter().chain(more).copied().collect();
        scene.world.call("updateLoadBalancerRule", &words)
    };
    let more =
        [("name", "web2"), ("algorithm", "source"), ("protocol", "SSL"), ("description", "x")];
    let now = change(&more).unwrap()["loadbalancer"].clone();
    assert_eq!((&now["name"], &now["algorithm"]), (&json!("web2"), &json!("source")));
    assert_eq!((&now["protocol"], &now["description"]), (&json!("ssl"), &json!("x")));
    let now = change(&[("cidrlist", "192.0.2.0/24"), ("fordisplay", "false")]).unwrap();
    assert_eq!(now["loadbalancer"]["cidrlist"], "192.0.2.0/24");
    assert_eq!(now["loadbalancer"]["fordisplay"], false);
    for (more, part) in [
        (("algorithm", "fair"), "algorithm"),
        (("protocol", "icmp"), "protocol"),
        (("cidrlist", "x"), "cidrlist"),
    ] {
        let fault = change(&[more]).unwrap_err();
        assert!(fault.code() == 431 && fault.text.contains(part), "{fault}");
    }
}

/// Subtlety 11: an address with rules can be released, and they go with it.
#[test]
fn subtlety_11_releasing_an_address_revokes_its_load_balancers() {
    let (scene, address) = scene();
    let vm = scene.deploy(&[]);
    let rule = create(&scene, &address, &[]);
    let with = [("id", id(&rule)), ("virtualmachineids", id(&vm))];
    scene.world.ok("assignToLoadBalancerRule", &with);
    scene.world.ok("disassociateIpAddress", &[("id", &address)]);
    assert_eq!(scene.count("listLoadBalancerRules", &[]), 0);
    assert_eq!(scene.count("listFirewallRules", &[]), 0);
    // Nothing leads to the guest any more, so that its interface may go.
    let again = scene.world.ok("associateIpAddress", &[("networkid", &scene.network)]);
    assert_eq!(again["ipaddress"]["hasrules"], false);
    create(&scene, id(&again["ipaddress"]), &[]);
    scene.world.ok("destroyVirtualMachine", &[("id", id(&vm)), ("expunge", "true")]);
    scene.world.ok("deleteNetwork", &[("id", &scene.network)]);
    assert_eq!(scene.count("listLoadBalancerRules", &[]), 0);
}

/// A VPC with two tiers in a world, and an address of it: the ids of VPC, tiers and address.
fn vpc(world: &World) -> (String, Json, Json, String) {
    let offering = world.id("listVPCOfferings", &[("name", "Default VPC offering")]);
    let zone = world.id("listZones", &[]);
    let words =
        [("name", "vpc"), ("zoneid", &zone), ("vpcofferingid", &offering), ("cidr", "10.8.0.0/16")];
    let vpc = id(&world.ok("createVPC", &words)["vpc"]).to_owned();
    let mask = ("netmask", "255.255.255.0");
    let tier = make(world, TIER, &[("vpcid", &vpc), ("gateway", "10.8.1.1"), mask]);
    let other = make(world, TIER, &[("name", "b"), ("vpcid", &vpc), ("gateway", "10.8.2.1"), mask]);
    let made = world.ok("associateIpAddress", &[("vpcid", &vpc)]);
    let address = id(&made["ipaddress"]).to_owned();
    (vpc, tier, other, address)
}

/// Subtlety 28: between rules an address of a VPC belongs to none of its tiers.
#[test]
fn subtlety_28_load_balancers_bind_an_address_of_a_vpc_to_a_tier() {
    let world = World::sandbox();
    let (vpc, tier, other, address) = vpc(&world);
    let bound = || {
        let shown = world.ok("listPublicIpAddresses", &[("id", &address)]);
        let shown = &shown["publicipaddress"][0];
        (shown["associatednetworkid"].clone(), shown["vpcid"].clone())
    };
    let call = |tier: &Json, more: &[(&str, &str)]| {
        let more = [&[("networkid", id(tier))][..], more].concat();
        world.call("createLoadBalancerRule", &words(&address, &more))
    };
    let (code, text) = world.unmoved("createLoadBalancerRule", &words(&address, &[]));
    assert!(code == 431 && text.contains("networkid is needed"), "{code} {text}");
    let fault = call(&tier, &[("openfirewall", "true")]).unwrap_err();
    assert!(fault.code() == 431 && fault.text.contains("openfirewall"), "{fault}");
    assert_eq!(bound(), (Json::Null, json!(vpc)), "a refused rule binds nothing");
    let one = call(&tier, &[]).unwrap()["loadbalancer"].clone();
    let two = call(&tier, &[("publicport", "81")]).unwrap()["loadbalancer"].clone();
    assert_eq!(bound().0, tier["id"]);
    let fault = call(&other, &[("publicport", "82")]).unwrap_err();
    assert!(fault.code() == 431 && fault.text.contains("serves the network"), "{fault}");
    // A tier's offering does not let an address serve two kinds of rules.
    let scene = Scene::of(world, id(&tier));
    let vm = scene.deploy(&[]);
    let forward = [
        ("ipaddressid", address.as_str()),
        ("virtualmachineid", id(&vm)),
        ("protocol", "tcp"),
        ("publicport", "22"),
        ("privateport", "22"),
    ];
    let (code, text) = scene.world.unmoved("createPortForwardingRule", &forward);
    assert!(code == 431 && text.contains("serves one kind of rules only"), "{code} {text}");
    scene.world.ok("deleteLoadBalancerRule", &[("id", id(&one))]);
    scene.world.ok("deleteLoadBalancerRule", &[("id", id(&two))]);
    let made = scene.world.ok("listPublicIpAddresses", &[("id", &address)]);
    assert_eq!(made["publicipaddress"][0]["associatednetworkid"], Json::Null);
    assert_eq!(made["publicipaddress"][0]["vpcid"], json!(vpc));
    scene
        .world
        .ok("createPortForwardingRule", &[&forward[..], &[("networkid", id(&tier))]].concat());
    let balance = words(&address, &[("networkid", id(&tier))]);
    let (code, text) = scene.world.unmoved("createLoadBalancerRule", &balance);
    assert!(code == 431 && text.contains("publicipid: 203.0.113.3 has port forwarding"), "{text}");
}

#[test]
fn tenants_have_load_balancers_of_their_own() {
    let (world, who) = World::tenants();
    let network = world.network_of(&who.alice);
    let get = || {
        let made = world.ok_as(&who.alice, "associateIpAddress", &[("networkid", &network)]);
        id(&made["ipaddress"]).to_owned()
    };
    let address = get();
    let made = world.ok_as(&who.alice, "createLoadBalancerRule", &words(&address, &[]));
    let rule = made["loadbalancer"].clone();
    assert!(rule.get("fordisplay").is_none());
    assert_eq!(rule["account"], "alice");
    for caller in [&who.bob, &who.amir, &who.bea] {
        let (code, _) = world.refused_as(caller, "createLoadBalancerRule", &words(&address, &[]));
        assert_eq!(code, 531);
        let word = [("id", id(&rule))];
        assert_eq!(world.refused_as(caller, "deleteLoadBalancerRule", &word).0, 531);
        assert_eq!(world.refused_as(caller, "listLoadBalancerRuleInstances", &word).0, 531);
        assert_eq!(world.ok_as(caller, "listLoadBalancerRules", &[]), json!({}));
    }
    let all = [("listall", "true")];
    assert_eq!(world.ok_as(&who.ada, "listLoadBalancerRules", &all)["count"], 1);
}

/// Of many who want one port of one address at once, one gets it.
#[test]
fn one_port_of_an_address_is_given_once() {
    const THREADS: usize = 32;
    let (scene, address) = scene();
    let start = std::sync::Barrier::new(THREADS);
    let made = std::thread::scope(|scope| {
        let create = || {
            start.wait();
            scene.world.call("createLoadBalancerRule", &words(&address, &[])).is_ok()
        };
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(create)).collect();
        threads.into_iter().map(|one| one.join().unwrap()).filter(|ok| *ok).count()
    });
    assert_eq!(made, 1);
    assert_eq!(scene.count("listLoadBalancerRules", &[]), 1);
}
