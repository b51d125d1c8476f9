//! What is in the made-up cloud.

use serde_json::{Value as Json, json};

use super::cloud::Cloud;
use crate::model::Time;

/// The id of the address that changed hands.
pub(super) const ADDRESS: &str = "00000000-0000-8000-8000-000000000021";

/// The time it is there.
pub(super) fn now() -> Time {
    Time::parse("2026-11-23T17:00:00Z").unwrap()
}

/// Two zones, a VPC with three tiers, a network with rules, and a month of events.
pub(super) fn cloud() -> Cloud {
    places(networks(addresses(Cloud::new())))
        .with("listCapacity", capacities())
        .with(
            "listConfigurations",
            json!([{
                "name": "zone.virtualnetwork.publicip.capacity.notificationthreshold",
                "value": "0.5"
            }]),
        )
        .with("listEvents", events())
}

fn places(cloud: Cloud) -> Cloud {
    cloud
        .with(
            "listZones",
            json!([
                {"id": "z1", "name": "east", "networktype": "Advanced",
                    "allocationstate": "Enabled"},
                {"id": "z2", "name": "west <lab>", "networktype": "Advanced",
                    "allocationstate": "Disabled"},
            ]),
        )
        .with(
            "listPhysicalNetworks",
            json!([{"id": "p1", "name": "core", "zoneid": "z1", "isolationmethods": "VLAN",
                "vlan": "1000-1999", "state": "Enabled"}]),
        )
        .with(
            "listTrafficTypes",
            json!([
                {"physicalnetworkid": "p1", "traffictype": "Guest", "kvmnetworklabel": "br1"},
                {"physicalnetworkid": "p1", "traffictype": "Public"},
            ]),
        )
        .with(
            "listPods",
            json!([{"id": "pod1", "name": "rack-1", "zoneid": "z1", "allocationstate": "Enabled",
                "ipranges": [{"startip": "172.16.0.2", "endip": "172.16.0.99"}]}]),
        )
}

fn networks(cloud: Cloud) -> Cloud {
    let tier = |id: &str, name: &str, cidr: &str, gateway: &str| {
        json!({"id": id, "name": name, "zoneid": "z1", "vpcid": "v1", "cidr": cidr,
            "gateway": gateway, "aclname": "default_allow", "state": "Implemented"})
    };
    cloud
        .with(
            "listVPCs",
            json!([{"id": "v1", "name": "Production_VPC", "zoneid": "z1", "cidr": "10.0.0.0/20",
                "vpcofferingname": "Default VPC offering", "state": "Enabled"}]),
        )
        .with(
            "listNetworks",
            json!([
                tier("n1", "web", "10.0.0.0/24", "10.0.0.1"),
                tier("n2", "app", "10.0.2.0/23", "10.0.2.1"),
                tier("n3", "db", "10.0.8.0/25", "10.0.8.1"),
                {"id": "n4", "name": "office", "zoneid": "z1", "cidr": "10.1.1.0/26",
                    "networkcidr": "10.1.1.0/25", "type": "Isolated", "gateway": "10.1.1.1",
                    "netmask": "255.255.255.128", "state": "Implemented",
                    "ip6cidr": "2001:db8:0:5::/64"},
            ]),
        )
        .with(
            "listGuestNetworkIpv6Prefixes",
            json!([{"id": "x1", "prefix": "2001:db8::/56", "zoneid": "z1"}]),
        )
        .with(
            "listRouters",
            json!([
                {"id": "r1", "name": "r-7-VM", "networkid": "n4", "guestnetworkid": "n4",
                    "guestipaddress": "10.1.1.1", "publicip": "192.0.2.10",
                    "role": "VIRTUAL_ROUTER", "state": "Running"},
                {"id": "r2", "name": "r-8-VM", "vpcid": "v1", "publicip": "192.0.2.2",
                    "role": "VIRTUAL_ROUTER", "state": "Running"},
            ]),
        )
        .with(
            "listVirtualMachines",
            json!([{"id": "m1", "displayname": "mail", "networkid": "n4", "nic": [
                {"networkid": "n4", "ipaddress": "10.1.1.20",
                    "secondaryip": [{"ipaddress": "10.1.1.21"}]},
                {"networkid": "n9", "ipaddress": "10.9.9.9"}]}]),
        )
        .with(
            "listPrivateGateways",
            json!([{"id": "g1", "vpcid": "v1", "ipaddress": "10.200.0.2",
                "gateway": "10.200.0.1", "vlan": "vlan://77", "state": "Ready"}]),
        )
}

fn addresses(cloud: Cloud) -> Cloud {
    let range = |id: &str, vlan: &str, gateway: &str, from: &str, to: &str| {
        json!({"id": id, "zoneid": "z1", "physicalnetworkid": "p1", "vlan": vlan,
            "forvirtualnetwork": true, "gateway": gateway, "netmask": "255.255.255.0",
            "startip": from, "endip": to})
    };
    let mut held: Vec<Json> = (0..40)
        .map(|n| {
            let ip = format!("192.0.2.{}", 10 + n * 7 % 120);
            json!({"id": format!("i{n}"), "ipaddress": ip, "vlanid": "l1", "zoneid": "z1",
                "state": if n % 9 == 4 { "Reserved" } else { "Allocated" }, "account": "dev",
                "issourcenat": n == 0, "isstaticnat": n == 3, "issystem": n == 5,
                "associatednetworkid": if n % 9 == 4 { "" } else { "n4" },
                "associatednetworkname": "office", "hasrules": n == 1})
        })
        .collect();
    held.push(json!({"id": ADDRESS, "ipaddress": "192.0.2.2", "vlanid": "l1", "zoneid": "z1",
        "state": "Allocated", "vpcid": "v1", "vpcname": "Production_VPC", "issourcenat": true,
        "account": "ops", "domainpath": "ROOT/core", "zonename": "east",
        "vlanname": "vlan://100", "allocated": "2026-11-12T09:30:00+0000"}));
    cloud
        .with(
            "listVlanIpRanges",
            json!([
                range("l1", "vlan://100", "192.0.2.1", "192.0.2.2", "192.0.2.200"),
                range("l2", "vlan://200", "198.51.100.1", "198.51.100.10", "198.51.100.19"),
                {"id": "l3", "zoneid": "z2", "vlan": "vlan://300", "forvirtualnetwork": true,
                    "gateway": "10.0.0.1", "netmask": "255.0.0.0", "startip": "10.0.0.2",
                    "endip": "10.255.255.254"},
            ]),
        )
        .with("listPublicIpAddresses", Json::Array(held))
        .with(
            "listPortForwardingRules",
            json!([{"id": "f1", "ipaddressid": "i1", "protocol": "tcp", "publicport": "8000",
                "publicendport": "8010", "privateport": 80, "privateendport": 90,
                "vmguestip": "10.1.1.20", "virtualmachinename": "mail", "state": "Active"}]),
        )
        .with(
            "listLoadBalancerRules",
            json!([{"id": "b1", "publicipid": "i1", "name": "www", "publicport": "443",
                "privateport": "8443", "algorithm": "roundrobin", "state": "Active"}]),
        )
        .with(
            "listFirewallRules",
            json!([{"id": "w1", "ipaddressid": "i1", "protocol": "tcp", "startport": 443,
                "endport": 443, "cidrlist": "0.0.0.0/0", "state": "Active"}]),
        )
}

fn capacities() -> Json {
    let pool = |kind: u32, zone: (&str, &str), pod: Option<&str>, used: u64, total: u64| {
        json!({"type": kind, "zoneid": zone.0, "zonename": zone.1, "podname": pod,
            "capacityused": used, "capacitytotal": total})
    };
    let (east, west) = (("z1", "east"), ("z2", "west <lab>"));
    json!([
        pool(4, east, None, 41, 209),
        pool(5, east, Some("rack-1"), 80, 98),
        pool(5, east, Some("rack-2"), 97, 98),
        pool(7, east, None, 12, 1000),
        pool(8, east, None, 0, 0),
        pool(1, east, None, 5, 10),
        pool(4, west, None, 1_000_000, 16_777_213),
        pool(10, west, None, 3, 256),
    ])
}

/// A month in which two addresses a day are taken and now and then one given back; and one
/// address that changed hands.
fn events() -> Json {
    let mut events = Vec::new();
    let mut tell = |kind: &str, at: String, ip: &str, who: &str| {
        let id = format!("e{}", events.len());
        events.push(json!({"id": id, "type": kind, "level": "INFO", "state": "Completed",
            "description": format!("Successfully completed {kind} of {ip}"), "created": at,
            "account": who, "domainpath": "ROOT/core", "username": who}));
    };
    tell("NET.IPASSIGN", "2026-10-30T10:00:00+0000".into(), "192.0.2.2", "dev");
    tell("NET.IPRELEASE", "2026-11-05T18:00:00+0000".into(), "192.0.2.2", "dev");
    for day in 1..=23 {
        let at = |hour: u32| format!("2026-11-{day:02}T{hour:02}:00:00+0000");
        tell("NET.IPASSIGN", at(8), "192.0.2.77", "dev");
        tell("NET.IPASSIGN", at(9), "192.0.2.78", "dev");
        if day % 5 == 0 {
            tell("NET.IPRELEASE", at(11), "192.0.2.20", "dev");
        }
    }
    tell("NET.IPASSIGN", "2026-11-12T09:30:00+0000".into(), "192.0.2.2", "ops");
    events.reverse();
    Json::Array(events)
}
