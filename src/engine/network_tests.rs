//! New networks as callers see them: what they become, and what is refused.

use crate::engine::Caller;
use crate::model::{Account, NetworkOffering, PhysicalNetwork, Record, Uid, Zone};
use crate::model::{Entity, RoleKind, Time};
use crate::schema::{Fault, Words};
use crate::sim::World;
use serde_json::{Value as Json, json};

/// Words of a call beside those that it always has.
pub(super) type More<'m> = &'m [(&'static str, &'m str)];

/// The offering of ordinary isolated networks.
pub(super) const ISOLATED: &str = "DefaultIsolatedNetworkOfferingWithSourceNatService";
const NO_NAT: &str = "DefaultIsolatedNetworkOffering";
/// The offering of ordinary tiers.
pub(super) const TIER: &str = "DefaultIsolatedNetworkOfferingForVpcNetworks";
/// The offering of L2 networks.
pub(super) const L2: &str = "DefaultL2NetworkOffering";
const L2_VLAN: &str = "DefaultL2NetworkOfferingVlan";

/// The id of the thing of this name.
pub(super) fn id<E: Entity + Record>(world: &World, name: &str) -> String {
    let name = name.to_owned();
    let uid: Result<Uid, Fault> = world.engine.store().read(|tx| {
        let sql = format!("SELECT MAX(id) FROM {} WHERE name = ?", E::TABLE);
        let id: Option<i64> = tx.one(&sql, &[name.as_str().into()])?;
        Ok(tx.uid(E::KIND, id.unwrap()))
    });
    uid.unwrap().to_string()
}

/// Runs a statement behind the engine's back.
pub(super) fn sql(world: &World, sql: &'static str) {
    let done: Result<u64, Fault> = world.engine.store().write(move |tx| Ok(tx.run(sql, &[])?));
    done.unwrap();
}

/// A number that a statement answers.
pub(super) fn number(world: &World, sql: &'static str) -> i64 {
    let n: Result<Option<i64>, Fault> = world.engine.store().read(|tx| Ok(tx.one(sql, &[])?));
    n.unwrap().unwrap()
}

/// What tells whether a refused call changed anything.
pub(super) fn traces(world: &World) -> [i64; 6] {
    [
        number(world, "SELECT COUNT(*) FROM network"),
        number(world, "SELECT COUNT(*) FROM vpc"),
        number(world, "SELECT COUNT(*) FROM vnet"),
        number(world, "SELECT COUNT(*) FROM address"),
        number(world, "SELECT COALESCE(SUM(n), 0) FROM counter"),
        number(world, "SELECT COUNT(*) FROM event WHERE level = 'INFO' AND state = 'Completed'"),
    ]
}

/// The words for a network of the sandbox, and more.
pub(super) fn words(
    world: &World,
    offering: &str,
    more: &[(&'static str, &str)],
) -> Vec<(&'static str, String)> {
    let mut words = vec![
        ("zoneid", id::<Zone>(world, "sandbox")),
        ("networkofferingid", id::<NetworkOffering>(world, offering)),
    ];
    if more.iter().all(|(name, _)| *name != "name") {
        words.push(("name", "net".to_owned()));
    }
    words.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
    words
}

fn pairs<'a>(words: &'a [(&'static str, String)]) -> Vec<(&'static str, &'a str)> {
    words.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

/// Makes a network.
pub(super) fn make(world: &World, offering: &str, more: &[(&'static str, &str)]) -> Json {
    let words = words(world, offering, more);
    world.ok("createNetwork", &pairs(&words))["network"].clone()
}

/// Tries to make one; the refusal, after which nothing has changed.
pub(super) fn refused(
    world: &World,
    offering: &str,
    more: &[(&'static str, &str)],
) -> (u16, String) {
    let (words, before) = (words(world, offering, more), traces(world));
    let refusal = world.refused("createNetwork", &pairs(&words));
    assert_eq!(traces(world), before, "{more:?}");
    refusal
}

/// Tries each of these; code and part of the text.
fn table(world: &World, cases: &[(&str, More<'_>, u16, &str)]) {
    for (offering, more, code, part) in cases {
        let (got, text) = refused(world, offering, more);
        assert!(got == *code && text.contains(part), "{more:?}: {got} {text}");
    }
}

/// A user of an account of its own in ROOT.
pub(super) fn user(world: &World) -> Caller {
    let id: Result<i64, Fault> = world.engine.store().write(|tx| {
        Ok(tx.insert(&Account {
            id: 0,
            name: "ann".into(),
            kind: 0,
            domain_id: 1,
            role_id: 4,
            state: "enabled".into(),
            network_domain: None,
            is_default: false,
            created: Time::from_millis(0),
            removed: None,
        })?)
    });
    Caller { user_id: 2, account_id: id.unwrap(), domain_id: 1, role_id: 4, kind: RoleKind::User }
}

/// Tries to make a network as somebody else.
fn refused_as(
    world: &World,
    who: &Caller,
    offering: &str,
    more: &[(&'static str, &str)],
) -> (u16, String) {
    let words: Words = words(world, offering, more).into_iter().collect();
    let fault = world.engine.call(who, "createNetwork", &words).unwrap_err();
    (fault.code(), fault.text)
}

#[test]
fn an_isolated_network_is_allocated_on_the_guest_cidr_of_its_zone() {
    let world = World::sandbox();
    let net = make(&world, ISOLATED, &[("name", "web")]);
    for (field, want) in [
        ("name", json!("web")),
        ("displaytext", json!("web")),
        ("state", json!("Allocated")),
        ("type", json!("Isolated")),
        ("acltype", json!("Account")),
        ("gateway", json!("10.1.1.1")),
        ("netmask", json!("255.255.255.0")),
        ("cidr", json!("10.1.1.0/24")),
        ("broadcastdomaintype", json!("Vxlan")),
        ("networkdomain", json!("cs2cloud.internal")),
        ("networkofferingname", json!(ISOLATED)),
        ("account", json!("admin")),
        ("domainpath", json!("ROOT")),
        ("dns1", json!("192.0.2.53")),
        ("publicmtu", json!(1500)),
        ("privatemtu", json!(1500)),
        ("canusefordeploy", json!(true)),
        ("issystem", json!(false)),
        ("restartrequired", json!(false)),
        ("broadcasturi", Json::Null),
        ("vpcid", Json::Null),
        ("aclid", Json::Null),
    ] {
        assert_eq!(net[field], want, "{field}");
    }
    let services = net["service"].as_array().unwrap();
    let nat = services.iter().find(|service| service["name"] == "SourceNat").unwrap();
    assert_eq!(nat["provider"][0]["name"], "VirtualRouter");
    assert_eq!(number(&world, "SELECT COUNT(*) FROM vnet"), 0);
    // Isolated networks may overlap: they never meet.
    assert_eq!(make(&world, ISOLATED, &[])["cidr"], "10.1.1.0/24");
    assert_eq!(world.ok("listNetworks", &[])["count"], 2);
}

#[test]
fn gateway_and_netmask_make_the_cidr() {
    let world = World::sandbox();
    let given = [("gateway", "10.5.4.9"), ("netmask", "255.255.254.0")];
    let net = make(&world, ISOLATED, &given);
    assert_eq!(net["cidr"], "10.5.4.0/23");
    assert_eq!(net["gateway"], "10.5.4.9");
    // Clients send a range with every kind of network; it has no meaning here.
    let more = [given[0], given[1], ("startip", "10.5.4.10"), ("endip", "10.5.4.20")];
    assert_eq!(make(&world, ISOLATED, &more)["cidr"], "10.5.4.0/23");
}

#[test]
fn what_a_network_cannot_be_is_refused() {
    let world = World::sandbox();
    let (gw, mask) = (("gateway", "10.5.0.1"), ("netmask", "255.255.255.0"));
    table(
        &world,
        &[
            (ISOLATED, &[("zoneid", "x")], 431, "Invalid parameter zoneid value=x"),
            (ISOLATED, &[("networkofferingid", "x")], 431, "networkofferingid value=x"),
            (TIER, &[], 431, "tiers of VPCs only, so vpcid is needed"),
            (ISOLATED, &[("acltype", "Domain")], 431, "only Account is allowed"),
            (ISOLATED, &[("acltype", "Nobody")], 431, "`Nobody`"),
            (ISOLATED, &[gw], 431, "gateway is given without netmask"),
            (ISOLATED, &[mask], 431, "netmask is given without gateway"),
            (ISOLATED, &[gw, ("netmask", "255.0.255.0")], 431, "not a netmask"),
            (ISOLATED, &[("gateway", "10.5.0.0"), mask], 431, "is the network address"),
            (ISOLATED, &[("gateway", "10.5.0.255"), mask], 431, "is the broadcast address"),
            (ISOLATED, &[("gateway", "8.8.8.1"), mask], 431, "8.8.8.0/24 is not private"),
            (ISOLATED, &[("cidrsize", "24")], 431, "cidrsize is for tiers"),
            (ISOLATED, &[("cidrsize", "24"), gw, mask], 431, "cidrsize is given with gateway"),
            (ISOLATED, &[("networkdomain", "a..b")], 431, "networkdomain"),
            (ISOLATED, &[("dns2", "192.0.2.1")], 431, "dns2: it is given without dns1"),
            (ISOLATED, &[("dns1", "192.0.2.1"), ("dns2", "192.0.2.1")], 431, "same as dns1"),
            (ISOLATED, &[("vlan", "100")], 431, "vlan is not for the offering"),
            (ISOLATED, &[("routerip", "10.1.1.2")], 431, "routerip is for shared networks"),
            (ISOLATED, &[("ip6cidr", "2001:db8::/64")], 431, "ip6cidr is for shared"),
            (ISOLATED, &[("startip", "10.1.1.2")], 431, "startip needs gateway and netmask"),
            (ISOLATED, &[("endip", "10.1.1.2")], 431, "endip is given without startip"),
            (ISOLATED, &[("account", "admin")], 431, "domainid"),
            (L2, &[gw, mask], 431, "an L2 network has no addresses"),
            (L2, &[("dns1", "192.0.2.1")], 431, "has no service Dns"),
            (L2, &[("networkdomain", "a.example")], 431, "has no service Dns"),
            (L2, &[("sourcenatipaddress", "203.0.113.9")], 431, "have one, not those of"),
            (NO_NAT, &[], 431, "Parameter vlan is needed"),
        ],
    );
}

#[test]
fn offerings_zones_and_physical_networks_must_be_open() {
    let world = World::sandbox();
    sql(&world, "UPDATE network_offering SET state = 'Disabled'");
    table(&world, &[(ISOLATED, &[], 431, "is Disabled, not Enabled")]);
    sql(&world, "UPDATE network_offering SET state = 'Enabled', tags = 'fast'");
    table(&world, &[(ISOLATED, &[], 431, "no physical network with the tags fast")]);
    sql(&world, "UPDATE network_offering SET tags = NULL, network_mode = 'ROUTED'");
    table(&world, &[(ISOLATED, &[], 431, "cidrsize is needed for a routed network")]);
    sql(&world, "UPDATE network_offering SET network_mode = 'NATTED'");
    sql(&world, "UPDATE physical_network SET state = 'Disabled'");
    table(&world, &[(ISOLATED, &[], 431, "is Disabled, not Enabled")]);
    sql(&world, "UPDATE physical_network SET state = 'Enabled'");
    sql(&world, "UPDATE zone SET network_type = 'Basic'");
    table(&world, &[(ISOLATED, &[], 431, "is Basic")]);
    sql(&world, "UPDATE zone SET network_type = 'Advanced', guest_cidr = NULL");
    table(&world, &[(ISOLATED, &[], 530, "has no guest CIDR")]);
    sql(&world, "UPDATE zone SET guest_cidr = '10.1.1.0/24', state = 'Disabled'");
    let ann = user(&world);
    assert_eq!(refused_as(&world, &ann, ISOLATED, &[]).0, 531);
    make(&world, ISOLATED, &[]);
}

#[test]
fn users_may_not_name_vlans_or_take_large_cidrs() {
    let world = World::sandbox();
    let ann = user(&world);
    let large = [("gateway", "10.5.0.1"), ("netmask", "255.255.0.0")];
    let (code, text) = refused_as(&world, &ann, ISOLATED, &large);
    assert!(code == 431 && text.contains("network.guest.cidr.limit"), "{text}");
    assert_eq!(refused_as(&world, &ann, L2_VLAN, &[("vlan", "77")]).0, 531);
    make(&world, ISOLATED, &large);
}

#[test]
fn one_of_several_physical_networks_must_be_named() {
    let world = World::sandbox();
    sql(
        &world,
        "INSERT INTO physical_network (zone_id, name, state, isolation, vnets, vnet_pool, \
         broadcast_domain, tags, created) \
         SELECT zone_id, 'second', state, '', '7-9', vnet_pool, 'ZONE', 'slow', 0 \
         FROM physical_network",
    );
    sql(&world, "INSERT INTO traffic_type (physical_network_id, type) VALUES (2, 'Guest')");
    table(&world, &[(ISOLATED, &[], 431, "physicalnetworkid is needed")]);
    let second = id::<PhysicalNetwork>(&world, "second");
    let net = make(&world, ISOLATED, &[("physicalnetworkid", &second)]);
    assert_eq!(net["broadcastdomaintype"], "Vlan");
    sql(&world, "UPDATE network_offering SET tags = 'slow'");
    assert_eq!(make(&world, ISOLATED, &[])["physicalnetworkid"], second.as_str());
}

#[test]
fn names_are_unique_where_the_setting_says_so() {
    let world = World::sandbox();
    let first = make(&world, ISOLATED, &[]);
    make(&world, ISOLATED, &[]);
    sql(&world, "INSERT INTO setting VALUES ('global', 0, 'allow.duplicate.networkname', 'false')");
    let (code, text) = refused(&world, ISOLATED, &[]);
    assert!(code == 431 && text.contains(first["id"].as_str().unwrap()), "{text}");
    make(&world, ISOLATED, &[("name", "other")]);
}

#[test]
fn limits_hold_for_users() {
    let world = World::sandbox();
    let ann = user(&world);
    sql(&world, "INSERT INTO setting VALUES ('global', 0, 'max.account.networks', '1')");
    let words: Words = words(&world, ISOLATED, &[]).into_iter().collect();
    world.engine.call(&ann, "createNetwork", &words).unwrap();
    let fault = world.engine.call(&ann, "createNetwork", &words).unwrap_err();
    assert_eq!((fault.code(), fault.exception.cs_code()), (535, 4370));
    let listed = world.engine.call(&ann, "listNetworks", &Words::default()).unwrap().body;
    assert_eq!(listed["count"], 1);
    let root = world.id("listDomains", &[]);
    let mine = [("account", "admin"), ("domainid", root.as_str())];
    assert_eq!(world.ok("listNetworks", &mine), json!({}));
    let all = world.ok("listNetworks", &[("listall", "true")]);
    assert_eq!(all["network"][0]["account"], "ann");
    let gone = all["network"][0]["id"].as_str().unwrap();
    world.ok("deleteNetwork", &[("id", gone)]);
    world.engine.call(&ann, "createNetwork", &words).unwrap();
}

#[test]
fn mtus_are_drawn_into_the_bounds_of_the_zone() {
    let world = World::sandbox();
    let wide = [("publicmtu", "9000"), ("privatemtu", "60")];
    assert_eq!(make(&world, ISOLATED, &wide)["publicmtu"], 1500);
    sql(
        &world,
        "INSERT INTO setting VALUES ('global', 0, 'allow.end.users.to.specify.vr.mtu', 'true')",
    );
    let net = make(&world, ISOLATED, &wide);
    assert_eq!((&net["publicmtu"], &net["privatemtu"]), (&json!(1500), &json!(68)));
    let net = make(&world, ISOLATED, &[("publicmtu", "1400")]);
    assert_eq!((&net["publicmtu"], &net["privatemtu"]), (&json!(1400), &json!(1500)));
}

#[test]
fn a_persistent_network_is_implemented_at_once_with_vni_and_source_nat() {
    let world = World::sandbox();
    sql(&world, "UPDATE network_offering SET persistent = 1");
    let net = make(&world, ISOLATED, &[]);
    assert_eq!(net["state"], "Implemented");
    assert_eq!(net["broadcasturi"], "vxlan://5000");
    assert_eq!(net["vlan"], "5000");
    assert_eq!(net["ispersistent"], true);
    let nat = "SELECT COUNT(*) FROM address WHERE source_nat = 1 AND network_id IS NOT NULL";
    assert_eq!(number(&world, nat), 1);
    assert_eq!(make(&world, ISOLATED, &[])["broadcasturi"], "vxlan://5001");
    for vlan in ["5001", "vxlan://5001"] {
        assert_eq!(world.ok("listNetworks", &[("vlan", vlan)])["count"], 1);
    }
    let gone = net["id"].as_str().unwrap();
    assert_eq!(world.ok("deleteNetwork", &[("id", gone)]), json!({ "success": true }));
    assert_eq!(number(&world, nat), 1);
    assert_eq!(make(&world, ISOLATED, &[])["broadcasturi"], "vxlan://5000");
}

#[test]
fn when_no_vni_is_left_nothing_is_made() {
    let world = World::sandbox();
    sql(&world, "UPDATE network_offering SET persistent = 1");
    sql(&world, "UPDATE physical_network SET vnets = '5000-5000'");
    make(&world, ISOLATED, &[]);
    assert_eq!(refused(&world, ISOLATED, &[]).0, 533);
}

#[test]
fn a_source_nat_that_is_named_is_taken_at_once() {
    let world = World::sandbox();
    let wanted = [("sourcenatipaddress", "203.0.113.77")];
    let net = make(&world, ISOLATED, &wanted);
    assert_eq!(net["state"], "Allocated");
    let named = world.ok("listPublicIpAddresses", &[("ipaddress", "203.0.113.77")]);
    assert_eq!(named["publicipaddress"][0]["issourcenat"], true);
    assert_eq!(named["publicipaddress"][0]["associatednetworkid"], net["id"]);
    refused(&world, ISOLATED, &wanted);
    let (code, text) = world.refused(
        "updateNetwork",
        &[("id", net["id"].as_str().unwrap()), ("sourcenatipaddress", "203.0.113.9")],
    );
    assert!(code == 431 && text.contains("is not an address of the network"), "{text}");
}

#[test]
fn l2_networks_have_no_addresses() {
    let world = World::sandbox();
    let net = make(&world, L2, &[]);
    assert_eq!((&net["type"], &net["state"]), (&json!("L2"), &json!("Allocated")));
    for field in ["cidr", "gateway", "netmask", "networkdomain", "publicmtu"] {
        assert_eq!(net[field], Json::Null, "{field}");
    }
}

#[test]
fn a_vlan_that_is_named_is_free_and_not_one_of_the_pool() {
    let world = World::sandbox();
    let net = make(&world, L2_VLAN, &[("vlan", "77")]);
    assert_eq!((&net["state"], &net["broadcasturi"]), (&json!("Setup"), &json!("vxlan://77")));
    table(
        &world,
        &[
            (L2_VLAN, &[], 431, "Parameter vlan is needed"),
            (L2_VLAN, &[("vlan", "77")], 431, "vxlan://77 is that of the network `net`"),
            (L2_VLAN, &[("vlan", "5000")], 431, "hands out by itself"),
            (L2_VLAN, &[("vlan", "99999999")], 431, "Invalid parameter vlan"),
        ],
    );
    make(&world, L2_VLAN, &[("vlan", "77"), ("bypassvlanoverlapcheck", "true")]);
    let gone = net["id"].as_str().unwrap();
    world.ok("deleteNetwork", &[("id", gone)]);
    assert_eq!(world.ok("listNetworks", &[("id", gone)]), json!({}));
}

#[test]
fn making_a_network_looks_nothing_up_by_reading_a_whole_table() {
    let world = World::sandbox();
    for sql in [
        "SELECT id FROM network WHERE name = 'a' AND account_id = 2 AND removed IS NULL",
        "SELECT id FROM network WHERE broadcast_uri = 'a' AND zone_id = 1 AND removed IS NULL",
        "SELECT COUNT(*) FROM network WHERE vpc_id = 1 AND removed IS NULL",
        "SELECT COALESCE(network_cidr, cidr) FROM network \
         WHERE vpc_id = 1 AND removed IS NULL AND cidr IS NOT NULL",
        "SELECT cidr FROM vpc WHERE zone_id = 1 AND removed IS NULL",
        "SELECT place FROM address WHERE network_id = 1 AND source_nat = 1",
        "SELECT place FROM address WHERE vpc_id = 1 AND source_nat = 1",
        "UPDATE acl SET removed = 1 WHERE vpc_id = 1 AND removed IS NULL",
    ] {
        let plan: Result<Vec<String>, Fault> = world.engine.store().write(move |tx| {
            let mut plan = Vec::new();
            // MariaDB may well read all of a table of three rows; it says which keys it could use.
            let (explain, at) = match tx.is_shared() {
                true => ("EXPLAIN", 4),
                false => ("EXPLAIN QUERY PLAN", 3),
            };
            let shared = tx.is_shared();
            tx.each(&format!("{explain} {sql}"), &[], |cell| {
                let found: Option<String> = crate::model::Column::from_cell(cell(at))?;
                let keys = found.map_or("SCAN".into(), |keys| match shared {
                    true => format!("SEARCH USING {keys}"),
                    false => keys,
                });
                plan.push(keys);
                Ok(true)
            })?;
            Ok(plan)
        });
        let plan = plan.unwrap().join("; ");
        assert!(plan.contains("SEARCH") && plan.contains("USING"), "{sql}: {plan}");
        assert!(!plan.contains("SCAN"), "{sql}: {plan}");
    }
}

#[test]
fn ids_of_other_kinds_are_told_apart() {
    let world = World::sandbox();
    let zone = id::<Zone>(&world, "sandbox");
    let (code, text) = refused(&world, ISOLATED, &[("vpcid", &zone)]);
    assert!(code == 431 && text.contains("It is the id of a zone, not of a VPC"), "{text}");
}
