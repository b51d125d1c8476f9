//! Each kind of damage is found, and nothing but it.

use super::{advice, audit, is_mended, repair};
use crate::schema::Fault;
use crate::sim::{EPOCH, Tenants, World};
use std::collections::BTreeSet;

const ISOLATED: &str = "DefaultIsolatedNetworkOfferingWithSourceNatService";

/// A world in which everybody has something: alice a network with addresses, bea one without,
/// bob a VPC, ada a reserved address, amir keys; there are a project and the empty domain `c`.
fn world() -> World {
    let (world, Tenants { alice, ada, bob, bea, .. }) = World::tenants();
    let zone = world.id("listZones", &[]);
    let offering = world.id("listNetworkOfferings", &[("name", ISOLATED)]);
    let place = [("zoneid", zone.as_str()), ("networkofferingid", &offering), ("name", "web")];
    let network = world.ok_as(&alice, "createNetwork", &place)["network"]["id"].clone();
    let network = [("networkid", network.as_str().unwrap())];
    for _ in 0..3 {
        world.ok_as(&alice, "associateIpAddress", &network);
    }
    world.ok_as(&bea, "createNetwork", &place);
    let offering = world.id("listVPCOfferings", &[]);
    let vpc = [("zoneid", zone.as_str()), ("vpcofferingid", &offering), ("name", "v")];
    world.ok_as(&bob, "createVPC", &[&vpc[..], &[("displaytext", "v")]].concat());
    let free = world.id("listPublicIpAddresses", &[("state", "Free"), ("allocatedonly", "false")]);
    world.ok_as(&ada, "reserveIpAddress", &[("id", &free)]);
    let amir = world.id("listUsers", &[("username", "amir"), ("listall", "true")]);
    world.ok("registerUserKeys", &[("id", &amir)]);
    world.ok_as(&alice, "createProject", &[("name", "p"), ("displaytext", "p")]);
    world.ok("createDomain", &[("name", "c")]);
    world
}

fn broken(world: &World) -> BTreeSet<&'static str> {
    let found = world.engine.store().read(audit).unwrap();
    found.into_iter().map(|finding| finding.rule).collect()
}

/// What is done behind the engine's back, and the rules that are broken then.
type Case = (&'static [&'static str], &'static [&'static str]);

const CASES: &[Case] = &[
    (
        &["UPDATE vlan_range SET first = first + 1 WHERE type = 'VirtualNetwork'"],
        &["address-in-range"],
    ),
    (&["UPDATE vlan_range SET removed = 1"], &["range-of-addresses"]),
    (
        &["UPDATE address SET network_id = 999 WHERE source_nat = 0 AND state <> 4"],
        &["network-of-address"],
    ),
    (&["UPDATE address SET vpc_id = 999 WHERE source_nat = 1"], &["vpc-of-address"]),
    (&["UPDATE address SET source_nat = 1 WHERE network_id IS NOT NULL"], &["one-source-nat"]),
    (
        &["INSERT INTO vnet (physical_network_id, vnet, network_id, account_id, taken) \
           SELECT id, 200, 999, 2, 0 FROM physical_network"],
        &["bits", "network-of-vnet"],
    ),
    (
        &["UPDATE address SET account_id = 999 WHERE source_nat = 1"],
        &["account-of-addresses", "counters"],
    ),
    (
        &[
            "UPDATE account SET removed = 1 WHERE name = 'ada'",
            "UPDATE user SET removed = 1 WHERE username = 'ada'",
        ],
        &["account-of-addresses"],
    ),
    (
        &[
            "UPDATE account SET removed = 1 WHERE name = 'bea'",
            "UPDATE user SET removed = 1 WHERE username = 'bea'",
        ],
        &["account-of-network"],
    ),
    (
        &[
            "UPDATE account SET removed = 1 WHERE name = 'bob'",
            "UPDATE user SET removed = 1 WHERE username = 'bob'",
        ],
        &["account-of-addresses", "account-of-vpc"],
    ),
    (&["UPDATE account SET removed = 1 WHERE name = 'sam'"], &["account-of-user"]),
    (&["UPDATE user SET removed = 1 WHERE username = 'amir'"], &["secrets-of-user"]),
    (
        &["UPDATE account SET removed = 1 WHERE id = (SELECT account_id FROM project)"],
        &["account-of-project"],
    ),
    (
        &[
            "INSERT INTO project_member (project_id, account_id, role) \
             SELECT p.id, a.id, 'Regular' FROM project p JOIN account a ON a.name = 'amir'",
            "UPDATE account SET removed = 1 WHERE name = 'amir'",
            "UPDATE user SET account_id = 2 WHERE username = 'amir'",
        ],
        &["account-of-member"],
    ),
    (
        &[
            "UPDATE vlan_range SET account_id = (SELECT id FROM account WHERE name = 'sam') \
             WHERE type = 'VirtualNetwork'",
            "UPDATE account SET removed = 1 WHERE name = 'sam'",
            "UPDATE user SET removed = 1 WHERE username = 'sam'",
        ],
        &["account-of-range", "counters"],
    ),
    (&["UPDATE domain SET removed = 1 WHERE path = '/b/'"], &["domain-of-account"]),
    (
        &["UPDATE domain SET removed = 1 WHERE path = '/a/'"],
        &["domain-of-account", "domain-of-domain", "domain-of-project"],
    ),
    (
        &[
            "UPDATE zone SET domain_id = (SELECT id FROM domain WHERE path = '/c/')",
            "UPDATE domain SET removed = 1 WHERE path = '/c/'",
        ],
        &["domain-of-zone"],
    ),
    (
        &[
            "UPDATE vlan_range SET domain_id = (SELECT id FROM domain WHERE path = '/c/')",
            "UPDATE domain SET removed = 1 WHERE path = '/c/'",
        ],
        &["domain-of-range"],
    ),
    (&["UPDATE domain SET path = '/x/' WHERE path = '/c/'"], &["path-of-domain"]),
    (&["UPDATE domain SET level = 7 WHERE path = '/c/'"], &["path-of-domain"]),
    (&["UPDATE user SET username = 'Amir' WHERE username = 'ada'"], &["name-of-user"]),
    (&[POOL, SECOND_RANGE], &["ranges-apart"]),
    (
        &[POOL, SECOND_RANGE, SECOND_HOLDER],
        &["bits", "counters", "one-holder", "one-source-nat", "ranges-apart"],
    ),
    (
        &["UPDATE counter SET n = n + 1 WHERE owner = 'account' AND what = 'public_ip'"],
        &["counters"],
    ),
    (&["UPDATE counter SET n = n + 1 WHERE owner = 'domain' AND what = 'vpc'"], &["counters"]),
    (&["UPDATE counter SET n = 0 WHERE owner = 'range' AND what = 'reserved'"], &["counters"]),
    (&["DELETE FROM counter WHERE owner = 'range' AND what = 'used'"], &["counters"]),
    (
        &["INSERT INTO counter (owner, owner_id, what, n) VALUES ('domain', 77, 'vpc', 1)"],
        &["counters"],
    ),
    (&["UPDATE counter SET n = 5 WHERE what = 'project' AND owner = 'account'"], &["counters"]),
    (&["DELETE FROM chunk"], &["bits"]),
    (&["UPDATE chunk SET bits = 'x'"], &["bits"]),
    (&["UPDATE chunk SET open = 0"], &["open-chunks"]),
    (&["UPDATE address SET state = 1"], &["counters", "state-of-address"]),
    (&["UPDATE address SET state = 3 WHERE source_nat = 1"], &["state-of-address"]),
    (&[RULE, "DELETE FROM address WHERE source_nat = 0"], &["address-of-rule", "bits", "counters"]),
    (&[RULE, "UPDATE firewall_rule SET network_id = 999"], &["network-of-rule"]),
    (
        &[
            "UPDATE address SET network_id = NULL, source_nat = 0, state = 2 \
             WHERE vpc_id IS NULL",
            "UPDATE vlan_range SET first = last WHERE type = 'VirtualNetwork'",
        ],
        &["address-in-range", "counters"],
    ),
];

const POOL: &str = "INSERT INTO pool (kind) VALUES ('address')";

const SECOND_RANGE: &str = "INSERT INTO vlan_range (id, zone_id, physical_network_id, network_id, \
     type, vlan, gateway, netmask, first, last, for_system_vms, portable, created) \
     SELECT (SELECT MAX(id) FROM pool), zone_id, physical_network_id, network_id, type, vlan, \
     gateway, netmask, first, last, for_system_vms, portable, created FROM vlan_range \
     WHERE type = 'VirtualNetwork'";

const RULE: &str = "INSERT INTO firewall_rule (direction, range_id, place, network_id, account_id, \
     domain_id, protocol, sources, display, created) SELECT 'Ingress', range_id, place, \
     network_id, account_id, domain_id, 'tcp', '', 1, 0 FROM address WHERE network_id IS NOT NULL \
     AND source_nat = 0";

const SECOND_HOLDER: &str = "INSERT INTO address (range_id, place, state, account_id, domain_id, \
     network_id, vpc_id, allocated, source_nat, static_nat, system, display) \
     SELECT (SELECT MAX(id) FROM vlan_range), place, state, account_id, domain_id, network_id, \
     vpc_id, allocated, source_nat, static_nat, system, display FROM address";

/// What a person must decide, among what was found before.
const DECIDED: &[&str] = &[
    "account-of-network",
    "account-of-project",
    "account-of-vpc",
    "address-in-range",
    "domain-of-account",
    "domain-of-domain",
    "domain-of-project",
    "domain-of-zone",
    "name-of-user",
    "one-holder",
    "one-source-nat",
    "ranges-apart",
];

/// What is left of what was found. The addresses of a VPC go with it, and not before.
fn left_of(rules: &[&'static str]) -> BTreeSet<&'static str> {
    let is_left = |rule: &&str| {
        DECIDED.contains(rule)
            || *rule == "account-of-addresses" && rules.contains(&"account-of-vpc")
    };
    rules.iter().copied().filter(is_left).collect()
}

#[test]
fn each_kind_of_damage_is_found_and_what_has_one_right_answer_is_mended() {
    let mut wrong = Vec::new();
    for (damage, rules) in CASES {
        let world = world();
        assert_eq!(broken(&world), BTreeSet::new(), "before {damage:?}");
        for sql in *damage {
            world.tell(sql);
        }
        let found = broken(&world);
        if !found.iter().eq(rules.iter()) {
            wrong.push((damage, "found", found));
        }
        let left = mended(&world, left_of(rules).len() < rules.len());
        if left != left_of(rules) {
            wrong.push((damage, "left", left));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Mends what can be; what is left.
fn mended(world: &World, is_some: bool) -> BTreeSet<&'static str> {
    let now = EPOCH.plus_seconds(1000);
    let repaired = world.engine.store().write(move |tx| repair(tx, now)).unwrap();
    assert_eq!(!repaired.done.is_empty(), is_some, "{repaired:?}");
    let left: BTreeSet<_> = repaired.left.iter().map(|finding| finding.rule).collect();
    assert_eq!(left, broken(world), "what is told is what there is");
    assert!(left.iter().all(|rule| advice(rule).is_some()), "{left:?}");
    assert!(repaired.done.iter().all(|finding| is_mended(finding.rule)), "{repaired:?}");
    let again = world.engine.store().write(move |tx| repair(tx, now)).unwrap();
    assert_eq!((again.done, again.left), (vec![], repaired.left));
    left
}

#[test]
fn a_number_that_is_marked_and_not_held_is_named() {
    let world = world();
    let mark = "SELECT MAX(id) FROM vlan_range WHERE type = 'VirtualNetwork'";
    world
        .engine
        .store()
        .write(move |tx| {
            let pool: i64 = tx.one(mark, &[])?.unwrap();
            Ok::<_, Fault>(tx.mark(pool, 77, true)?)
        })
        .unwrap();
    let found = world.engine.store().read(audit).unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    let text = &found[0].says;
    let range = world.id("listVlanIpRanges", &[]);
    assert!(text.contains(".77 of the range") && text.contains(&range), "{text}");
    assert!(text.contains("should be marked as free"), "{text}");
}

#[test]
fn findings_name_what_people_know_it_by() {
    let world = world();
    world.tell("UPDATE counter SET n = n + 4 WHERE owner = 'account' AND what = 'public_ip'");
    world.tell("UPDATE vlan_range SET first = first + 1 WHERE type = 'VirtualNetwork'");
    let found = world.engine.store().read(audit).unwrap();
    let text = format!("{found:?}");
    let alice = world.id("listAccounts", &[("name", "alice"), ("listall", "true")]);
    let wanted =
        format!("the account alice ({alice}) has 3 public addresses, and its counter says 7");
    assert!(text.contains(&wanted), "{text}");
    assert!(text.contains("lies outside its range"), "{text}");
}

#[test]
fn many_findings_of_a_kind_are_counted() {
    let world = world();
    world.tell("UPDATE chunk SET open = 0");
    let sql = "INSERT INTO counter (owner, owner_id, what, n) VALUES ('domain', ?, 'vpc', 1)";
    world
        .engine
        .store()
        .write(move |tx| {
            (1000..1250i64).try_for_each(|id| tx.run(sql, &[id.into()]).map(drop))?;
            Ok::<_, Fault>(())
        })
        .unwrap();
    let found = world.engine.store().read(audit).unwrap();
    let counters: Vec<_> = found.iter().filter(|one| one.rule == "counters").collect();
    assert_eq!(counters.len(), 101);
    assert_eq!(counters[100].says, "and 150 more like these");
}

/// The damage to ways out of VPCs and to tags: what is done, what is found, and what is left when
/// it was mended.
const WAYS: &[(&[&str], &[&str], &[&str])] = &[
    (
        &["UPDATE vpc SET removed = 1", "UPDATE address SET vpc_id = NULL, source_nat = 0"],
        &["counters", "network-of-router", "thing-of-tag", "vpc-of-gateway", "vpc-of-route"],
        &[],
    ),
    (
        &[
            "UPDATE private_gateway SET removed = 1",
            "DELETE FROM guest_address WHERE kind = 'PrivateGateway'",
        ],
        &["bits", "gateway-of-route", "thing-of-tag"],
        &[],
    ),
    (
        &["UPDATE private_gateway SET ip = ip + 1"],
        &["gateway-of-guest-address", "guest-address-of-gateway"],
        &["guest-address-of-gateway"],
    ),
    (
        &["UPDATE private_gateway SET state = 'Creating'"],
        &["state-of-gateway"],
        &["state-of-gateway"],
    ),
    (&["UPDATE static_route SET state = 'Staged'"], &["state-of-route"], &["state-of-route"]),
    (&["UPDATE acl SET removed = 1 WHERE id = 1"], &["acl-of-gateway"], &["acl-of-gateway"]),
    (
        &["UPDATE private_gateway SET associated_id = 999"],
        &["gateway-of-guest-address", "network-of-gateway"],
        &["network-of-gateway"],
    ),
    (
        &["INSERT INTO static_route (vpc_id, gateway_id, cidr, account_id, domain_id, state, \
           created) SELECT vpc_id, gateway_id, '192.168.0.128/25', account_id, domain_id, state, \
           created FROM static_route"],
        &["routes-apart"],
        &["routes-apart"],
    ),
    (&["UPDATE static_route SET cidr = 'nowhere'"], &["routes-apart"], &["routes-apart"]),
    (
        &[
            "UPDATE network SET vpc_id = (SELECT MAX(id) FROM vpc) WHERE name = 'n'",
            "UPDATE address SET network_id = (SELECT id FROM network WHERE name = 'n') \
             WHERE vpc_id IS NOT NULL",
        ],
        &["tier-of-address"],
        &[],
    ),
    (&["UPDATE tag SET b = 999"], &["thing-of-tag"], &[]),
    (&["UPDATE static_route SET removed = 1"], &["thing-of-tag"], &[]),
];

/// A world with a private gateway in another network, a route to it, and tags on both.
fn world_with_ways() -> World {
    let world = World::sandbox();
    let shop = world.network_of(&crate::engine::Caller::ADMIN);
    let (zone, offering) = (world.id("listZones", &[]), world.id("listVPCOfferings", &[]));
    let words = [("name", "v"), ("zoneid", &*zone), ("vpcofferingid", &*offering)];
    let vpc = world.ok("createVPC", &words)["vpc"]["id"].as_str().unwrap().to_owned();
    let words = [
        ("vpcid", vpc.as_str()),
        ("associatednetworkid", &shop),
        ("ipaddress", "10.1.1.9"),
        ("gateway", "10.1.1.1"),
        ("netmask", "255.255.255.0"),
    ];
    let made = world.ok("createPrivateGateway", &words);
    let gateway = made["privategateway"]["id"].as_str().unwrap().to_owned();
    let words = [("cidr", "192.168.0.0/24"), ("gatewayid", gateway.as_str())];
    let made = world.ok("createStaticRoute", &words);
    let route = made["staticroute"]["id"].as_str().unwrap().to_owned();
    for (kind, id) in [("Vpc", &vpc), ("PrivateGateway", &gateway), ("StaticRoute", &route)] {
        let words = [
            ("resourcetype", kind),
            ("resourceids", id),
            ("tags[0].key", "k"),
            ("tags[0].value", "v"),
        ];
        world.ok("createTags", &words);
    }
    world
}

#[test]
fn damage_to_ways_out_and_to_tags_is_found_and_mended() {
    for (damage, rules, left) in WAYS {
        let world = world_with_ways();
        assert_eq!(broken(&world), BTreeSet::new(), "before {damage:?}");
        for sql in *damage {
            world.tell(sql);
        }
        let found = broken(&world);
        assert!(found.iter().eq(rules.iter()), "{damage:?}: {found:?}");
        let after = mended(&world, left.len() < rules.len());
        assert!(after.iter().eq(left.iter()), "{damage:?}: {after:?}");
    }
}
