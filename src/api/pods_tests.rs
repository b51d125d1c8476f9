//! Pods from the outside.

use crate::sim::World;
use serde_json::json;

const RACK: [(&str, &str); 5] = [
    ("name", "rack2"),
    ("gateway", "172.16.1.1"),
    ("netmask", "255.255.255.0"),
    ("startip", "172.16.1.10"),
    ("endip", "172.16.1.20"),
];

#[test]
fn a_pod_shows_what_it_was_made_with() {
    let world = World::sandbox();
    let zone = world.id("listZones", &[]);
    let words: Vec<_> = RACK.into_iter().chain([("zoneid", zone.as_str())]).collect();
    let pod = world.ok("createPod", &words)["pod"].clone();
    let want = json!({
        "id": pod["id"], "name": "rack2", "zoneid": zone, "zonename": "sandbox",
        "gateway": "172.16.1.1", "netmask": "255.255.255.0", "startip": ["172.16.1.10"],
        "endip": ["172.16.1.20"], "forsystemvms": ["0"], "vlanid": ["vlan://untagged"],
        "ipranges": [{
            "startip": "172.16.1.10", "endip": "172.16.1.20", "forsystemvms": "0",
            "vlanid": "vlan://untagged", "gateway": "172.16.1.1", "cidr": "172.16.1.0/24",
        }],
        "allocationstate": "Enabled",
    });
    assert_eq!(pod, want);
    let id = pod["id"].as_str().unwrap();
    for filter in [("id", id), ("name", "rack2"), ("keyword", "rack")] {
        assert_eq!(world.ok("listPods", &[filter])["pod"], json!([want]), "{filter:?}");
    }
    assert_eq!(world.ok("listPods", &[("zoneid", &zone)])["count"], 2);
    assert_eq!(world.ok("listPods", &[("allocationstate", "Disabled")]), json!({}));
}

#[test]
fn without_a_last_address_the_range_goes_to_the_end_of_the_subnet() {
    let world = World::sandbox();
    let zone = world.id("listZones", &[]);
    let words: Vec<_> = RACK[..4].iter().copied().chain([("zoneid", zone.as_str())]).collect();
    assert_eq!(world.ok("createPod", &words)["pod"]["endip"], json!(["172.16.1.254"]));
}

/// Words with which a pod of the sandbox cannot be, and why.
const WRONG: &[(&[(&str, &str)], &str)] = &[
    (&[("name", "other")], "there is already a pod `other`"),
    (&[("netmask", "255.0.255.0")], "Invalid parameter netmask"),
    (&[("gateway", "10.1.1.1")], "overlaps `10.1.1.0/24`, the guest CIDR of the zone `sandbox`"),
    (&[("gateway", "172.16.9.1")], "overlaps `172.16.9.0/24`, the subnet of the pod `other`"),
    (&[("netmask", "255.255.0.0")], "the subnet of the pod `sandbox-pod`"),
    (&[("startip", "172.16.2.10")], "startip: `172.16.2.10` does not lie in the subnet"),
    (&[("endip", "172.16.2.10")], "endip: `172.16.2.10` does not lie in the subnet"),
    (&[("endip", "172.16.1.9")], "`172.16.1.10` lies above `172.16.1.9`"),
    (&[("startip", "172.16.1.1")], "gateway: `172.16.1.1` lies in the range"),
    (
        &[("gateway", "203.0.113.1"), ("startip", "203.0.113.254"), ("endip", "203.0.113.254")],
        "overlaps `203.0.113.2-203.0.113.254`, the public VLAN IP range",
    ),
    (&[("gateway", "172.16.1")], "`172.16.1` is not an IPv4 address"),
    (&[("allocationstate", "Open")], "`Open` is none of"),
];

fn other(world: &World, zone: &str) {
    let words = [
        ("name", "other"),
        ("gateway", "172.16.9.1"),
        ("netmask", "255.255.255.0"),
        ("startip", "172.16.9.2"),
        ("zoneid", zone),
    ];
    world.ok("createPod", &words);
}

#[test]
fn what_a_pod_cannot_be_made_with_is_refused() {
    let world = World::sandbox();
    let zone = world.id("listZones", &[]);
    other(&world, &zone);
    let usual: Vec<_> = RACK.into_iter().chain([("zoneid", zone.as_str())]).collect();
    let unknown: (&[(&str, &str)], &str) = (&[("zoneid", "x")], "parameter zoneid value=x");
    for (words, why) in WRONG.iter().chain([&unknown]) {
        let all: Vec<_> = usual.iter().chain(*words).copied().collect();
        let (code, text) = world.unmoved("createPod", &all);
        assert_eq!(code, 431);
        assert!(text.contains(why), "{words:?}: {text}");
    }
    for missing in ["name", "zoneid", "gateway", "netmask", "startip"] {
        let words: Vec<_> = usual.iter().copied().filter(|(word, _)| *word != missing).collect();
        let (code, text) = world.unmoved("createPod", &words);
        assert_eq!(code, 431);
        assert!(text.contains(missing), "{missing}: {text}");
    }
}

#[test]
fn what_a_pod_cannot_become_is_refused() {
    let world = World::sandbox();
    let zone = world.id("listZones", &[]);
    other(&world, &zone);
    let words: Vec<_> = RACK.into_iter().chain([("zoneid", zone.as_str())]).collect();
    let made = world.ok("createPod", &words);
    let id = made["pod"]["id"].as_str().unwrap();
    for (words, why) in WRONG {
        let all: Vec<_> = [("id", id)].iter().chain(*words).copied().collect();
        let (code, text) = world.unmoved("updatePod", &all);
        assert_eq!(code, 431);
        assert!(text.contains(why), "{words:?}: {text}");
    }
    assert_eq!(world.unmoved("updatePod", &[("id", "x")]).0, 431);
}

#[test]
fn a_pod_keeps_what_an_update_does_not_name() {
    let world = World::sandbox();
    let body = world.ok("listPods", &[]);
    let id = body["pod"][0]["id"].as_str().unwrap();
    assert_eq!(world.ok("updatePod", &[("id", id)])["pod"], body["pod"][0]);
    let words = [
        ("id", id),
        ("name", "rack1"),
        ("startip", "172.16.0.100"),
        ("endip", "172.16.0.200"),
        ("allocationstate", "Disabled"),
    ];
    let pod = world.ok("updatePod", &words)["pod"].clone();
    assert_eq!((&pod["name"], &pod["allocationstate"]), (&json!("rack1"), &json!("Disabled")));
    assert_eq!(pod["startip"], json!(["172.16.0.100"]));
    assert_eq!(pod["endip"], json!(["172.16.0.200"]));
    assert_eq!(pod["gateway"], "172.16.0.1");
    assert_eq!(world.ok("listPods", &[])["pod"], json!([pod]));
}

#[test]
fn a_pod_is_deleted_unless_a_range_belongs_to_it() {
    let world = World::sandbox();
    let id = world.id("listPods", &[]);
    world.tell("UPDATE vlan_range SET pod_id = (SELECT MAX(id) FROM pod)");
    let (code, text) = world.unmoved("deletePod", &[("id", &id)]);
    assert_eq!(code, 530);
    assert!(text.ends_with("it still has 1 VLAN IP range (`vlan://100`)"), "{text}");
    world.tell("UPDATE vlan_range SET pod_id = NULL");
    assert_eq!(world.ok("deletePod", &[("id", &id)])["success"], true);
    assert_eq!(world.ok("listPods", &[]), json!({}));
    assert_eq!(world.unmoved("deletePod", &[("id", &id)]).0, 431);
}
