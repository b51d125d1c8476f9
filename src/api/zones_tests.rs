//! Zones from the outside.

use crate::engine::Content;
use crate::model::Column;
use crate::schema::Fault;
use crate::sim::World;
use serde_json::json;

const WEST: [(&str, &str); 5] = [
    ("name", "west"),
    ("networktype", "Advanced"),
    ("dns1", "192.0.2.53"),
    ("internaldns1", "192.0.2.54"),
    ("guestcidraddress", "10.1.1.0/24"),
];

/// What makes the zone `west`, with these words instead of or besides the usual ones.
fn west<'w>(words: &[(&'w str, &'w str)]) -> Vec<(&'w str, &'w str)> {
    WEST.iter().chain(words).copied().collect()
}

#[test]
fn a_new_zone_is_disabled_and_shows_what_it_was_made_with() {
    let world = World::new(Content::Defaults);
    let body = world.ok(
        "createZone",
        &west(&[("dns2", "192.0.2.55"), ("ip6dns1", "2001:db8::53"), ("domain", "west.example")]),
    );
    let zone = &body["zone"];
    assert_eq!(zone["name"], "west");
    assert_eq!(zone["allocationstate"], "Disabled");
    assert_eq!(zone["guestcidraddress"], "10.1.1.0/24");
    assert_eq!((&zone["dns1"], &zone["dns2"]), (&json!("192.0.2.53"), &json!("192.0.2.55")));
    assert_eq!(zone["ip6dns1"], "2001:db8::53");
    assert_eq!(zone["internaldns1"], "192.0.2.54");
    assert_eq!(zone["domain"], "west.example");
    assert_eq!(zone["dhcpprovider"], "VirtualRouter");
    assert_eq!(zone["securitygroupsenabled"], false);
    assert_eq!(zone["routerpublicinterfacemaxmtu"], 1500);
    assert_eq!(zone["type"], "Core");
    assert_eq!(zone.get("internaldns2"), None);
    assert_eq!(world.ok("listZones", &[])["zone"], json!([zone]));
}

#[test]
fn a_zone_may_be_dedicated_to_a_domain_and_opened_again() {
    let world = World::new(Content::Defaults);
    let root = world.id("listDomains", &[]);
    let body = world.ok("createZone", &west(&[("domainid", &root)]));
    assert_eq!(
        (&body["zone"]["domainid"], &body["zone"]["domainname"]),
        (&json!(root), &json!("ROOT"))
    );
    let id = body["zone"]["id"].as_str().unwrap();
    assert_eq!(world.ok("listZones", &[("domainid", &root)])["count"], 1);
    let body = world.ok("updateZone", &[("id", id), ("ispublic", "true")]);
    assert_eq!(body["zone"].get("domainid"), None);
    assert_eq!(world.ok("listZones", &[("domainid", &root)]), json!({}));
}

#[test]
fn a_basic_zone_has_security_groups() {
    let world = World::new(Content::Defaults);
    let words = [
        ("name", "flat"),
        ("networktype", "basic"),
        ("dns1", "192.0.2.53"),
        ("internaldns1", "192.0.2.53"),
    ];
    let body = world.ok("createZone", &words);
    assert_eq!(body["zone"]["networktype"], "Basic");
    assert_eq!(body["zone"]["securitygroupsenabled"], true);
}

#[test]
fn what_a_zone_cannot_be_made_with_is_refused() {
    let world = World::sandbox();
    for (word, why) in [
        (("name", "sandbox"), "there is already a zone `sandbox`"),
        (("networktype", "Flat"), "`Flat` is none of `Basic` or `Advanced`"),
        (("networktype", "Basic"), "a zone of the network type Basic has no guest CIDR"),
        (("guestcidraddress", "192.0.2.0/24"), "is not private as RFC 1918 says"),
        (("guestcidraddress", "10.1.1.0"), "guestcidraddress"),
        (("dns1", "192.0.2"), "not an IPv4 address"),
        (("domain", "west_coast.example"), "is not a DNS domain"),
        (("domain", "-west.example"), "is not a DNS domain"),
        (("domain", "west..example"), "is not a DNS domain"),
        (("domainid", "nobody"), "Invalid parameter domainid value=nobody"),
        (("allocationstate", "Open"), "`Open` is none of `Enabled` or `Disabled`"),
    ] {
        let (code, text) = world.unmoved("createZone", &west(&[word]));
        assert_eq!(code, 431, "{word:?}: {text}");
        assert!(text.contains(why), "{word:?}: {text}");
    }
    for missing in ["name", "networktype", "dns1", "internaldns1"] {
        let words: Vec<_> = WEST.into_iter().filter(|(word, _)| *word != missing).collect();
        let (code, text) = world.unmoved("createZone", &words);
        assert_eq!(code, 431);
        assert!(text.ends_with(&format!("missing parameter {missing}")), "{text}");
    }
}

#[test]
fn zones_are_found_by_every_filter() {
    let world = World::sandbox();
    let west_id = world.ok("createZone", &WEST)["zone"]["id"].as_str().unwrap().to_owned();
    let id = world.id("listZones", &[("name", "sandbox")]);
    let both = format!("{id},{west_id}");
    for (word, count) in [
        (("id", id.as_str()), 1),
        (("ids", &both), 2),
        (("ids", &west_id), 1),
        (("keyword", "es"), 1),
        (("networktype", "Advanced"), 2),
        (("available", "true"), 2),
    ] {
        assert_eq!(world.ok("listZones", &[word])["count"], count, "{word:?}");
    }
    assert_eq!(world.ok("listZones", &[("networktype", "Basic")]), json!({}));
    assert_eq!(world.refused("listZones", &[("ids", "x")]).0, 431);
}

#[test]
fn a_zone_keeps_what_an_update_does_not_name() {
    let world = World::new(Content::Defaults);
    let words =
        west(&[("dns2", "192.0.2.55"), ("domain", "a.example"), ("ip6dns2", "2001:db8::1")]);
    let made = world.ok("createZone", &words);
    let id = made["zone"]["id"].as_str().unwrap();
    assert_eq!(world.ok("updateZone", &[("id", id)]), made);
    let changes = [
        ("id", id),
        ("name", "east"),
        ("dns1", "192.0.2.1"),
        ("dns2", ""),
        ("ip6dns1", "2001:db8::2"),
        ("ip6dns2", " "),
        ("internaldns1", "192.0.2.3"),
        ("internaldns2", "192.0.2.4"),
        ("guestcidraddress", "192.168.0.0/16"),
        ("domain", ""),
        ("dhcpprovider", "ExternalDhcpServer"),
        ("localstorageenabled", "true"),
    ];
    let zone = world.ok("updateZone", &changes)["zone"].clone();
    for (field, value) in &changes[1..] {
        match *value {
            "" | " " => assert_eq!(zone.get(*field), None, "{field}"),
            "true" => assert_eq!(zone[*field], true, "{field}"),
            value => assert_eq!(zone[*field], value, "{field}"),
        }
    }
    assert_eq!(world.ok("listZones", &[])["zone"][0], zone);
}

#[test]
fn what_a_zone_cannot_become_is_refused() {
    let world = World::sandbox();
    let id = world.id("listZones", &[]);
    world.ok("createZone", &WEST);
    for (word, why) in [
        (("name", "west"), "there is already a zone `west`"),
        (("guestcidraddress", "11.0.0.0/8"), "is not private"),
        (("guestcidraddress", "172.16.0.0/12"), "the subnet of the pod `sandbox-pod`"),
        (("dns2", "x"), "Invalid parameter dns2: `x` is not an IPv4 address"),
        (("ip6dns1", "x"), "Invalid parameter ip6dns1: `x` is not an IPv6 address"),
        (("domain", "a b"), "`a b` is not a DNS domain"),
        (("id", "x"), "Invalid parameter id value=x"),
    ] {
        let (code, text) = world.unmoved("updateZone", &[("id", &id), word]);
        assert_eq!(code, 431);
        assert!(text.contains(why), "{word:?}: {text}");
    }
}

#[test]
fn a_zone_is_enabled_when_it_has_its_management_and_public_networks() {
    let world = World::new(Content::Defaults);
    let zone = world.ok("createZone", &WEST)["zone"]["id"].as_str().unwrap().to_owned();
    let words = [("zoneid", zone.as_str()), ("name", "core")];
    let body = world.ok("createPhysicalNetwork", &words);
    let core = body["physicalnetwork"]["id"].as_str().unwrap();
    let enable = [("id", zone.as_str()), ("allocationstate", "Enabled")];
    for kind in ["Management", "Public"] {
        let (code, text) = world.unmoved("updateZone", &enable);
        assert_eq!(code, 431);
        assert!(text.contains(&format!("has the traffic type {kind};")), "{text}");
        world.ok("addTrafficType", &[("physicalnetworkid", core), ("traffictype", kind)]);
    }
    assert_eq!(world.ok("updateZone", &enable)["zone"]["allocationstate"], "Enabled");
    let disable = [("id", zone.as_str()), ("allocationstate", "disabled")];
    assert_eq!(world.ok("updateZone", &disable)["zone"]["allocationstate"], "Disabled");
}

#[test]
fn guests_do_not_get_the_addresses_of_the_public_network() {
    let world = World::sandbox();
    let set = world.engine.store().write(|tx| {
        let sql = "INSERT INTO setting (scope, scope_id, name, value) \
                   VALUES ('global', 0, 'allow.non.rfc1918.compliant.ips', 'true')";
        tx.run(sql, &[]).map_err(Fault::from)
    });
    set.unwrap();
    let id = world.id("listZones", &[]);
    let words = [("id", id.as_str()), ("guestcidraddress", "203.0.113.128/25")];
    let (code, text) = world.unmoved("updateZone", &words);
    assert_eq!(code, 431);
    assert!(text.contains("overlaps `203.0.113.0/24`, the subnet of the public VLAN"), "{text}");
    world.ok("updateZone", &[("id", &id), ("guestcidraddress", "198.51.100.0/24")]);
}

#[test]
fn only_zones_with_a_network_of_the_caller_are_listed_when_asked() {
    let world = World::sandbox();
    let used = [("available", "false")];
    assert_eq!(world.ok("listZones", &used), json!({}));
    let implemented = world.engine.store().write(|tx| {
        let sql = "UPDATE network SET account_id = 2, state = 'Implemented' WHERE id = 1";
        tx.run(sql, &[]).map_err(Fault::from)
    });
    implemented.unwrap();
    assert_eq!(world.ok("listZones", &used)["count"], 1);
}

#[test]
fn a_zone_made_by_hand_hands_out_addresses() {
    let world = World::new(Content::Defaults);
    let zone = world.ok("createZone", &WEST)["zone"]["id"].as_str().unwrap().to_owned();
    let words = [("zoneid", zone.as_str()), ("name", "core"), ("vlan", "200-300")];
    let body = world.ok("createPhysicalNetwork", &words);
    let core = body["physicalnetwork"]["id"].as_str().unwrap();
    for kind in ["Public", "Management", "Guest"] {
        world.ok("addTrafficType", &[("physicalnetworkid", core), ("traffictype", kind)]);
    }
    let words = [
        ("zoneid", zone.as_str()),
        ("name", "rack1"),
        ("gateway", "172.16.0.1"),
        ("netmask", "255.255.255.0"),
        ("startip", "172.16.0.2"),
    ];
    world.ok("createPod", &words);
    let words = [
        ("zoneid", zone.as_str()),
        ("forvirtualnetwork", "true"),
        ("vlan", "100"),
        ("gateway", "192.0.2.1"),
        ("netmask", "255.255.255.0"),
        ("startip", "192.0.2.10"),
        ("endip", "192.0.2.20"),
    ];
    let range = world.ok("createVlanIpRange", &words);
    assert_eq!(range["vlan"]["physicalnetworkid"], core);
    world.ok("updatePhysicalNetwork", &[("id", core), ("state", "Enabled")]);
    world.ok("updateZone", &[("id", &zone), ("allocationstate", "Enabled")]);
    let free = [("zoneid", zone.as_str()), ("allocatedonly", "false"), ("state", "Free")];
    assert_eq!(world.ok("listPublicIpAddresses", &free)["count"], 11);
}

#[test]
fn capacities_are_shown_when_asked_for() {
    let world = World::sandbox();
    let shown = [("showcapacities", "true")];
    let zone = world.ok("listZones", &shown)["zone"][0].clone();
    let find = |number| {
        let all = zone["capacity"].as_array().unwrap();
        all.iter().find(|one| one["type"] == number).unwrap()["capacitytotal"].clone()
    };
    assert_eq!([find(4), find(5), find(7)], [json!(253), json!(253), json!(1_000_000)]);
    let pod = world.ok("listPods", &shown)["pod"][0].clone();
    assert_eq!(pod["capacity"].as_array().unwrap().len(), 1);
    assert_eq!(pod["capacity"][0]["podname"], "sandbox-pod");
    assert_eq!(world.ok("listPods", &[])["pod"][0].get("capacity"), None);
}

#[test]
fn every_change_leaves_its_events() {
    let world = World::new(Content::Defaults);
    let zone = world.ok("createZone", &WEST)["zone"]["id"].as_str().unwrap().to_owned();
    world.ok("updateZone", &[("id", &zone), ("name", "east")]);
    let words = [("zoneid", zone.as_str()), ("name", "core")];
    let body = world.ok("createPhysicalNetwork", &words);
    let core = body["physicalnetwork"]["id"].as_str().unwrap();
    world.ok("deletePhysicalNetwork", &[("id", core)]);
    world.ok("deleteZone", &[("id", &zone)]);
    let events = world.engine.store().read(|tx| {
        let mut found = Vec::new();
        let sql = "SELECT type || ' ' || state || ' ' || description FROM event ORDER BY id";
        tx.each(sql, &[], |cell| {
            found.push(String::from_cell(cell(0))?);
            Ok(true)
        })?;
        Ok::<_, Fault>(found)
    });
    let want = [
        "ZONE.CREATE Completed creating zone west",
        "ZONE.EDIT Completed updating zone east",
        "PHYSICAL.NETWORK.CREATE Scheduled creating physical network core",
        "PHYSICAL.NETWORK.CREATE Started creating physical network core",
        "PHYSICAL.NETWORK.CREATE Completed creating physical network core",
        "PHYSICAL.NETWORK.DELETE Scheduled deleting physical network core",
        "PHYSICAL.NETWORK.DELETE Started deleting physical network core",
        "PHYSICAL.NETWORK.DELETE Completed deleting physical network core",
        "ZONE.DELETE Completed deleting zone east",
    ];
    assert_eq!(events.unwrap(), want);
}

#[test]
fn an_empty_zone_is_deleted_and_its_name_is_free_again() {
    let world = World::new(Content::Defaults);
    for _ in 0..2 {
        let id = world.ok("createZone", &WEST)["zone"]["id"].as_str().unwrap().to_owned();
        assert_eq!(world.ok("deleteZone", &[("id", &id)])["success"], true);
        assert_eq!(world.ok("listZones", &[("id", &id)]), json!({}));
        let (code, text) = world.unmoved("deleteZone", &[("id", &id)]);
        assert_eq!(code, 431);
        assert!(text.contains("entity does not exist"), "{text}");
    }
}

#[test]
fn a_zone_in_use_is_not_deleted_and_what_is_in_the_way_is_named() {
    let world = World::sandbox();
    let id = world.id("listZones", &[]);
    let (code, text) = world.unmoved("deleteZone", &[("id", &id)]);
    assert_eq!(code, 530);
    assert_eq!(
        text,
        "The zone `sandbox` cannot be deleted because it still has 1 pod (`sandbox-pod`), 1 \
         physical network (`sandbox-physical`), 1 VLAN IP range (`vlan://100`)"
    );
}
