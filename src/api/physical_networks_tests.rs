//! Physical networks and their traffic types from the outside.

use crate::engine::{Caller, Content, Cx, give_vnet, take_vnet};
use crate::schema::Fault;
use crate::sim::{EPOCH, World};
use serde_json::{Value as Json, json};

/// A world with a zone `west` that has no physical network, and the zone's id.
fn west(network_type: &str) -> (World, String) {
    let world = World::new(Content::Defaults);
    let zone = zone(&world, network_type);
    (world, zone)
}

fn zone(world: &World, network_type: &str) -> String {
    let words = [
        ("name", "west"),
        ("networktype", network_type),
        ("dns1", "192.0.2.53"),
        ("internaldns1", "192.0.2.53"),
    ];
    world.ok("createZone", &words)["zone"]["id"].as_str().unwrap().to_owned()
}

fn create(world: &World, words: &[(&str, &str)]) -> Json {
    world.ok("createPhysicalNetwork", words)["physicalnetwork"].clone()
}

/// Takes the next VNI of the sandbox, or gives one back.
fn vnet(world: &World, give: Option<u64>) -> u64 {
    let done = world.engine.store().write(move |tx| {
        let mut cx = Cx::new(tx, EPOCH, &Caller::ADMIN, "createNetwork");
        let physical = cx.must(1)?;
        match give {
            Some(vnet) => give_vnet(&mut cx, &physical, vnet).map(|()| vnet),
            None => take_vnet(&mut cx, &physical, 1, 2),
        }
    });
    done.unwrap()
}

#[test]
fn a_new_physical_network_is_disabled_and_its_vlans_are_put_in_order() {
    let (world, zone) = west("Advanced");
    let words = [
        ("zoneid", zone.as_str()),
        ("name", "core"),
        ("isolationmethods", "vlan"),
        ("vlan", "300-400,100-200,201-210"),
        ("tags", "fast"),
        ("broadcastdomainrange", "Zone"),
        ("networkspeed", "10G"),
    ];
    let reply = world.reply("createPhysicalNetwork", &words).unwrap();
    let made = reply.body["physicalnetwork"].clone();
    assert_eq!(reply.job.unwrap().made.as_deref(), made["id"].as_str());
    let want = json!({
        "id": made["id"], "name": "core", "zoneid": zone, "zonename": "west", "state": "Disabled",
        "isolationmethods": "VLAN", "vlan": "100-210,300-400", "broadcastdomainrange": "ZONE",
        "networkspeed": "10G", "tags": "fast",
    });
    assert_eq!(made, want);
    for filter in [("id", made["id"].as_str().unwrap()), ("zoneid", &zone), ("name", "core")] {
        let body = world.ok("listPhysicalNetworks", &[filter]);
        assert_eq!(body, json!({ "count": 1, "physicalnetwork": [want] }), "{filter:?}");
    }
    assert_eq!(world.ok("listPhysicalNetworks", &[("keyword", "x")]), json!({}));
}

#[test]
fn what_a_physical_network_cannot_be_made_with_is_refused() {
    let (world, zone) = west("Advanced");
    for (word, why) in [
        (("tags", "a,b"), "one tag at most"),
        (("isolationmethods", "VLAN,VXLAN"), "one isolation method at most"),
        (("isolationmethods", "ATM"), "`ATM` is not an isolation method"),
        (("broadcastdomainrange", "Pod"), "`Pod` is not `ZONE`"),
        (("vlan", "100"), "`100` is not a list of id ranges"),
        (("vlan", "200-100"), "`200` lies above `100`"),
        (("vlan", "4000-4096"), "0 to 4095 is allowed"),
        (("zoneid", "x"), "Invalid parameter zoneid value=x"),
        (("domainid", "x"), "Invalid parameter domainid value=x"),
    ] {
        let words = [("zoneid", zone.as_str()), ("name", "core"), word];
        let (code, text) = world.unmoved("createPhysicalNetwork", &words);
        assert_eq!(code, 431);
        assert!(text.contains(why), "{word:?}: {text}");
    }
}

#[test]
fn an_enabled_zone_gets_no_physical_network() {
    let world = World::sandbox();
    let zone = world.id("listZones", &[]);
    let words = [("zoneid", zone.as_str()), ("name", "core")];
    let (code, text) = world.unmoved("createPhysicalNetwork", &words);
    assert_eq!(code, 531);
    assert!(text.contains("the zone `sandbox`") && text.contains("is enabled"), "{text}");
}

#[test]
fn a_basic_zone_has_one_physical_network_without_vlans() {
    let (world, zone) = west("Basic");
    let words = [("zoneid", zone.as_str()), ("name", "core")];
    let (code, text) =
        world.unmoved("createPhysicalNetwork", &[words[0], words[1], ("vlan", "1-2")]);
    assert_eq!(code, 431);
    assert!(text.contains("because the zone is Basic with security groups"), "{text}");
    let made = create(&world, &words);
    assert_eq!(made["broadcastdomainrange"], "POD");
    let (code, text) = world.unmoved("createPhysicalNetwork", &words);
    assert_eq!(code, 530);
    assert!(text.contains("has one already"), "{text}");
    let update = [("id", made["id"].as_str().unwrap()), ("vlan", "1-2")];
    assert_eq!(world.unmoved("updatePhysicalNetwork", &update).0, 431);
}

#[test]
fn ends_of_vni_ranges_are_on_one_physical_network_of_a_zone_only() {
    let (world, zone) = west("Advanced");
    let make = |name, method, vlan| {
        [("zoneid", zone.as_str()), ("name", name), ("isolationmethods", method), ("vlan", vlan)]
    };
    create(&world, &make("one", "VXLAN", "5000-5999"));
    for vlan in ["5999-6000", "4000-5000", "1-2,5500-5600"] {
        let (code, text) = world.unmoved("createPhysicalNetwork", &make("two", "VXLAN", vlan));
        assert_eq!(code, 431);
        assert!(text.contains("belongs to the physical network `one`"), "{vlan}: {text}");
    }
    create(&world, &make("around", "VXLAN", "4000-7000"));
    create(&world, &make("tags", "VLAN", "1-4000"));
    create(&world, &make("more tags", "VLAN", "1-4000"));
}

#[test]
fn the_vlan_list_replaces_the_pool_and_what_is_in_use_stays() {
    let world = World::sandbox();
    let id = world.id("listPhysicalNetworks", &[]);
    let update = |vlan| [("id", id.as_str()), ("vlan", vlan)];
    assert_eq!(vnet(&world, None), 5000);
    for vlan in ["", "5001-6000", "1-4999"] {
        let (code, text) = world.unmoved("updatePhysicalNetwork", &update(vlan));
        assert_eq!(code, 431);
        assert!(text.starts_with("Invalid parameter vlan: `5000` cannot be removed"), "{text}");
    }
    let body = world.ok("updatePhysicalNetwork", &update("5000-5001,7000-7000"));
    assert_eq!(body["physicalnetwork"]["vlan"], "5000-5001,7000-7000");
    assert_eq!([vnet(&world, None), vnet(&world, None)], [5001, 7000]);
    for taken in [5000, 5001, 7000] {
        vnet(&world, Some(taken));
    }
    let body = world.ok("updatePhysicalNetwork", &update(""));
    assert_eq!(body["physicalnetwork"].get("vlan"), None);
}

#[test]
fn a_physical_network_keeps_what_an_update_does_not_name() {
    let (world, zone) = west("Advanced");
    let words = [("zoneid", zone.as_str()), ("name", "core"), ("vlan", "1-9"), ("tags", "a")];
    let made = create(&world, &words);
    let id = made["id"].as_str().unwrap();
    let same = world.ok("updatePhysicalNetwork", &[("id", id)]);
    assert_eq!(same["physicalnetwork"], made);
    let words = [("id", id), ("state", "enabled"), ("networkspeed", "1G"), ("tags", "b")];
    let body = world.ok("updatePhysicalNetwork", &words);
    let now = &body["physicalnetwork"];
    assert_eq!((&now["state"], &now["networkspeed"]), (&json!("Enabled"), &json!("1G")));
    assert_eq!((&now["tags"], &now["vlan"]), (&json!("b"), &json!("1-9")));
    for (word, why) in [
        (("tags", "a,b"), "one tag at most"),
        (("vlan", "x"), "is not a list of id ranges"),
        (("state", "Open"), "`Open` is none of"),
    ] {
        let (code, text) = world.unmoved("updatePhysicalNetwork", &[("id", id), word]);
        assert_eq!(code, 431);
        assert!(text.contains(why), "{text}");
    }
}

#[test]
fn a_refused_change_is_a_failed_job_and_a_wrong_id_is_none() {
    let (world, zone) = west("Advanced");
    let made = create(&world, &[("zoneid", zone.as_str()), ("name", "core")]);
    let words = [("id", made["id"].as_str().unwrap()), ("tags", "a,b")];
    let reply = world.reply("updatePhysicalNetwork", &words).unwrap();
    assert_eq!(reply.body["errorcode"], 431);
    assert!(reply.job.unwrap().failed.is_some());
    assert!(world.reply("updatePhysicalNetwork", &[("id", "x")]).is_err());
}

#[test]
fn a_physical_network_is_deleted_with_its_traffic_types_when_nothing_needs_it() {
    let (world, zone) = west("Advanced");
    let made = create(&world, &[("zoneid", zone.as_str()), ("name", "core")]);
    let id = made["id"].as_str().unwrap();
    world.ok("addTrafficType", &[("physicalnetworkid", id), ("traffictype", "Public")]);
    assert_eq!(world.ok("deletePhysicalNetwork", &[("id", id)])["success"], true);
    assert_eq!(world.ok("listPhysicalNetworks", &[]), json!({}));
    assert_eq!(world.ok("listTrafficTypes", &[("physicalnetworkid", id)]), json!({}));
    world.ok("deleteZone", &[("id", &zone)]);

    let world = World::sandbox();
    let id = world.id("listPhysicalNetworks", &[]);
    let (code, text) = world.unmoved("deletePhysicalNetwork", &[("id", &id)]);
    assert_eq!(code, 530);
    assert!(text.ends_with("it still has 1 VLAN IP range (`vlan://100`)"), "{text}");
}

#[test]
fn a_physical_network_whose_vnis_are_in_use_is_not_deleted() {
    let world = World::sandbox();
    let id = world.id("listPhysicalNetworks", &[]);
    vnet(&world, None);
    let gone = world.engine.store().write(|tx| {
        tx.run("UPDATE vlan_range SET removed = 1", &[])?;
        Ok::<_, Fault>(())
    });
    gone.unwrap();
    let (code, text) = world.unmoved("deletePhysicalNetwork", &[("id", &id)]);
    assert_eq!(code, 530);
    assert!(
        text.contains("because `5000` of its VLANs or VNIs is in use by the network"),
        "{text}"
    );
    vnet(&world, Some(5000));
    world.ok("deletePhysicalNetwork", &[("id", &id)]);
}

#[test]
fn a_traffic_type_has_a_label_for_each_hypervisor() {
    let (world, zone) = west("Advanced");
    let made = create(&world, &[("zoneid", zone.as_str()), ("name", "core")]);
    let core = made["id"].as_str().unwrap();
    let labels = [
        ("physicalnetworkid", core),
        ("traffictype", "guest"),
        ("hypervnetworklabel", "h"),
        ("kvmnetworklabel", "k"),
        ("ovm3networklabel", "o"),
        ("vmwarenetworklabel", "v"),
        ("xennetworklabel", "x"),
    ];
    let extra = [("vlan", "100"), ("isolationmethod", "VXLAN")];
    let words: Vec<_> = labels.into_iter().chain(extra).collect();
    let body = world.ok("addTrafficType", &words);
    let id = body["traffictype"]["id"].as_str().unwrap();
    let want = json!({
        "id": id, "physicalnetworkid": core, "traffictype": "Guest", "hypervnetworklabel": "h",
        "kvmnetworklabel": "k", "ovm3networklabel": "o", "vmwarenetworklabel": "v",
        "xennetworklabel": "x",
    });
    let list = [("physicalnetworkid", core)];
    assert_eq!(world.ok("listTrafficTypes", &list)["traffictype"], json!([want]));
    let words = [("id", id), ("kvmnetworklabel", ""), ("xennetworklabel", "y")];
    let body = world.ok("updateTrafficType", &words);
    assert_eq!(body["traffictype"].get("kvmnetworklabel"), None);
    assert_eq!(body["traffictype"]["xennetworklabel"], "y");
    assert_eq!(body["traffictype"]["vmwarenetworklabel"], "v");
    world.ok("deleteTrafficType", &[("id", id)]);
    assert_eq!(world.ok("listTrafficTypes", &list), json!({}));
    world.ok("addTrafficType", &labels);
}

#[test]
fn a_traffic_type_is_refused_where_it_is_already() {
    let (world, zone) = west("Advanced");
    let make = |name| {
        let made = create(&world, &[("zoneid", zone.as_str()), ("name", name)]);
        made["id"].as_str().unwrap().to_owned()
    };
    let (one, two) = (make("one"), make("two"));
    let words = |physical, kind| [("physicalnetworkid", physical), ("traffictype", kind)];
    for kind in ["Public", "Management", "Storage", "Guest"] {
        world.ok("addTrafficType", &words(one.as_str(), kind));
        let (code, text) = world.unmoved("addTrafficType", &words(one.as_str(), kind));
        assert_eq!(code, 530);
        assert!(text.contains("`one` has the traffic type"), "{text}");
        if kind == "Guest" {
            world.ok("addTrafficType", &words(two.as_str(), kind));
        } else {
            let (code, text) = world.unmoved("addTrafficType", &words(two.as_str(), kind));
            assert_eq!(code, 530);
            assert!(text.contains("`one` of the same zone has it already"), "{text}");
        }
    }
    for (word, why) in [
        (("traffictype", "Control"), "`Control` cannot be added"),
        (("traffictype", "Vpn"), "`Vpn` is none of"),
        (("vlan", "4096"), "Invalid parameter vlan: `4096` is out of bounds"),
        (("isolationmethod", "GRE"), "`GRE` is neither `vlan` nor `vxlan`"),
        (("physicalnetworkid", "x"), "Invalid parameter physicalnetworkid value=x"),
    ] {
        let usual = words(two.as_str(), "Public");
        let (code, text) = world.unmoved("addTrafficType", &[usual[0], usual[1], word]);
        assert_eq!(code, 431);
        assert!(text.contains(why), "{text}");
    }
}

#[test]
fn a_traffic_type_that_something_needs_is_not_deleted() {
    let world = World::sandbox();
    let physical = world.id("listPhysicalNetworks", &[]);
    let guest = world.engine.store().write(|tx| {
        let sql = "UPDATE network SET traffic_type = 'Guest', name = 'web' \
                   WHERE traffic_type = 'Storage'";
        tx.run(sql, &[])?;
        Ok::<_, Fault>(())
    });
    guest.unwrap();
    let body = world.ok("listTrafficTypes", &[("physicalnetworkid", &physical)]);
    for row in body["traffictype"].as_array().unwrap() {
        let words = [("id", row["id"].as_str().unwrap())];
        let why = match row["traffictype"].as_str().unwrap() {
            "Public" => "it still has 1 public VLAN IP range (`vlan://100`)",
            "Guest" => "it still has 1 guest network (`web`)",
            _ => {
                world.ok("deleteTrafficType", &words);
                continue;
            }
        };
        let (code, text) = world.unmoved("deleteTrafficType", &words);
        assert_eq!(code, 530);
        assert!(text.ends_with(why), "{text}");
    }
}
