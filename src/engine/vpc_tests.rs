//! VPCs and tiers as callers see them.

use crate::engine::network_tests::{
    ISOLATED, More, TIER, id, make, number, refused, sql, traces, user, words,
};
use crate::model::{Acl, NetworkOffering, VpcOffering, Zone};
use crate::net::{Cidr4, next_free};
use crate::schema::Words;
use crate::sim::World;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

const VPC: &str = "Default VPC offering";
const NO_LB: &str = "DefaultIsolatedNetworkOfferingForVpcNetworksNoLB";

fn vpc_words(world: &World, more: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    let mut words = vec![
        ("name", "v".to_owned()),
        ("zoneid", id::<Zone>(world, "sandbox")),
        ("vpcofferingid", id::<VpcOffering>(world, VPC)),
    ];
    words.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
    words
}

fn vpc(world: &World, more: &[(&'static str, &str)]) -> Json {
    let words = vpc_words(world, more);
    let words: Vec<_> = words.iter().map(|(name, value)| (*name, value.as_str())).collect();
    world.ok("createVPC", &words)["vpc"].clone()
}

fn vpc_refused(world: &World, more: &[(&'static str, &str)]) -> (u16, String) {
    let (words, before) = (vpc_words(world, more), traces(world));
    let words: Vec<_> = words.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let refusal = world.refused("createVPC", &words);
    assert_eq!(traces(world), before, "{more:?}");
    refusal
}

fn text<'a>(json: &'a Json, field: &str) -> &'a str {
    json[field].as_str().unwrap_or_default()
}

#[test]
fn a_vpc_comes_with_its_source_nat() {
    let world = World::sandbox();
    let made = vpc(&world, &[("cidr", "10.10.111.0/16")]);
    for (field, want) in [
        ("state", json!("Enabled")),
        ("cidr", json!("10.10.111.0/16")),
        ("displaytext", json!("v")),
        ("networkdomain", json!("cs2cloud.internal")),
        ("network", json!([])),
        ("vpcofferingname", json!(VPC)),
        ("redundantvpcrouter", json!(false)),
        ("account", json!("admin")),
        ("zonename", json!("sandbox")),
        ("publicmtu", json!(1500)),
    ] {
        assert_eq!(made[field], want, "{field}");
    }
    let nat = "SELECT COUNT(*) FROM address WHERE source_nat = 1 AND vpc_id = 1 \
               AND network_id IS NULL";
    assert_eq!(number(&world, nat), 1);
    // Blocks that were given may overlap each other, as in CloudStack.
    vpc(&world, &[("cidr", "10.10.0.0/16"), ("start", "false")]);
    assert_eq!(number(&world, "SELECT COUNT(*) FROM address"), 1);
    let third = vpc(&world, &[("cidr", "10.11.0.0/16"), ("sourcenatipaddress", "203.0.113.77")]);
    let named = world.ok("listPublicIpAddresses", &[("ipaddress", "203.0.113.77")]);
    assert_eq!(named["publicipaddress"][0]["issourcenat"], true);
    assert_eq!(named["publicipaddress"][0]["vpcid"], third["id"]);
    assert_eq!(number(&world, "SELECT COUNT(*) FROM address"), 2);
}

#[test]
fn the_answer_to_create_holds_the_id_at_once() {
    let world = World::sandbox();
    let words = vpc_words(&world, &[]);
    let words: Vec<_> = words.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let reply = world.reply("createVPC", &words).unwrap();
    assert_eq!(reply.job.unwrap().made.as_deref(), Some(text(&reply.body["vpc"], "id")));
}

#[test]
fn what_a_vpc_cannot_be_is_refused() {
    let world = World::sandbox();
    let cases: &[(More<'_>, u16, &str)] = &[
        (&[("zoneid", "x")], 431, "zoneid value=x"),
        (&[("vpcofferingid", "x")], 431, "vpcofferingid value=x"),
        (&[("cidr", "10.0.0.0")], 431, "Invalid parameter cidr"),
        (&[("cidr", "8.8.0.0/16")], 431, "is not private"),
        (&[("cidr", "10.0.0.0/16"), ("cidrsize", "16")], 431, "exclude each other"),
        (&[("cidrsize", "7")], 431, "/8 to /29"),
        (&[("cidrsize", "30")], 431, "/8 to /29"),
        (&[("networkdomain", "-")], 431, "networkdomain"),
        (&[("dns2", "192.0.2.1")], 431, "dns2"),
        (&[("sourcenatipaddress", "192.0.2.1")], 431, "192.0.2.1"),
    ];
    for (more, code, part) in cases {
        let (got, text) = vpc_refused(&world, more);
        assert!((got == *code || *part == "192.0.2.1") && text.contains(part), "{got} {text}");
    }
    sql(&world, "UPDATE vpc_offering SET region_level = 1");
    assert!(vpc_refused(&world, &[]).1.contains("networkdomain is needed"));
    sql(&world, "UPDATE vpc_offering SET region_level = 0, network_mode = 'ROUTED'");
    assert!(vpc_refused(&world, &[]).1.contains("cidr or cidrsize is needed"));
    sql(&world, "UPDATE vpc_offering SET state = 'Disabled'");
    assert!(vpc_refused(&world, &[]).1.contains("is Disabled"));
}

#[test]
fn without_a_free_address_the_job_fails_and_no_vpc_is_left() {
    let world = World::sandbox();
    sql(&world, "UPDATE vlan_range SET last = first");
    vpc(&world, &[]);
    let before = traces(&world);
    let words = vpc_words(&world, &[]);
    let words: Vec<_> = words.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let failed = world.reply("createVPC", &words).unwrap().job.unwrap().failed.unwrap();
    assert_eq!(failed.code(), 530);
    assert_eq!(traces(&world), before);
}

#[test]
fn limits_of_vpcs_hold() {
    let world = World::sandbox();
    let ann = user(&world);
    sql(&world, "INSERT INTO setting VALUES ('global', 0, 'max.account.vpcs', '1')");
    let words: Words = vpc_words(&world, &[]).into_iter().collect();
    world.engine.call(&ann, "createVPC", &words).unwrap();
    assert_eq!(world.engine.call(&ann, "createVPC", &words).unwrap_err().code(), 535);
}

#[test]
fn vpcs_and_tiers_are_carved_lowest_first() {
    let world = World::sandbox();
    let first = vpc(&world, &[]);
    assert_eq!(first["cidr"], "10.0.0.0/16");
    assert_eq!(vpc(&world, &[("cidrsize", "20")])["cidr"], "10.1.0.0/20");
    assert_eq!(vpc(&world, &[])["cidr"], "10.2.0.0/16");
    assert_eq!(vpc(&world, &[("cidrsize", "20")])["cidr"], "10.1.16.0/20");
    let id = text(&first, "id");
    let a = make(&world, NO_LB, &[("vpcid", id), ("name", "a")]);
    assert_eq!((text(&a, "cidr"), text(&a, "gateway")), ("10.0.0.0/24", "10.0.0.1"));
    let b = make(&world, NO_LB, &[("vpcid", id), ("cidrsize", "28")]);
    assert_eq!(b["cidr"], "10.0.1.0/28");
    assert_eq!(make(&world, NO_LB, &[("vpcid", id)])["cidr"], "10.0.2.0/24");
    world.ok("deleteNetwork", &[("id", text(&a, "id"))]);
    assert_eq!(make(&world, NO_LB, &[("vpcid", id)])["cidr"], "10.0.0.0/24");
}

#[test]
fn when_nothing_can_be_carved_the_fault_says_from_what() {
    let world = World::sandbox();
    sql(&world, "INSERT INTO setting VALUES ('global', 0, 'vpc.cidr.pool', '10.8.0.0/15')");
    let first = vpc(&world, &[]);
    vpc(&world, &[]);
    let (code, why) = vpc_refused(&world, &[]);
    assert_eq!(code, 533);
    for part in ["/16", "vpc.cidr.pool, 10.8.0.0/15", "2 of", "10.8.0.0/16, 10.9.0.0/16"] {
        assert!(why.contains(part), "{why}");
    }
    let id = text(&first, "id");
    make(&world, NO_LB, &[("vpcid", id), ("cidrsize", "16")]);
    let (code, why) = refused(&world, NO_LB, &[("vpcid", id)]);
    assert!(code == 533 && why.contains("the VPC's 10.8.0.0/16: 1 of its tiers"), "{why}");
    assert_eq!(refused(&world, NO_LB, &[("vpcid", id), ("cidrsize", "15")]).0, 431);
}

#[test]
fn a_tier_is_implemented_at_once() {
    let world = World::sandbox();
    let made = vpc(&world, &[("cidr", "10.10.0.0/16")]);
    let id = text(&made, "id");
    let tier = make(
        &world,
        TIER,
        &[("vpcid", id), ("gateway", "10.10.3.1"), ("netmask", "255.255.255.0")],
    );
    assert_eq!(tier["state"], "Implemented");
    assert_eq!(tier["broadcasturi"], "vxlan://5000");
    assert_eq!((text(&tier, "vpcid"), text(&tier, "vpcname")), (id, "v"));
    assert_eq!(tier["networkdomain"], made["networkdomain"]);
    assert_eq!(tier["aclid"], Json::Null);
    assert_eq!(number(&world, "SELECT COUNT(*) FROM address"), 1);
    let listed = world.ok("listVPCs", &[("id", id)]);
    assert_eq!(listed["vpc"][0]["network"][0]["id"], tier["id"]);
    assert_eq!(world.ok("listNetworks", &[("vpcid", id)])["count"], 1);
    assert_eq!(world.ok("listNetworks", &[("forvpc", "true")])["count"], 1);
    let acl = self::id::<Acl>(&world, "default_allow");
    let with = make(&world, TIER, &[("vpcid", id), ("aclid", &acl)]);
    assert_eq!((text(&with, "aclid"), text(&with, "aclname")), (acl.as_str(), "default_allow"));
    sql(&world, "INSERT INTO setting VALUES ('global', 0, 'vpc.tier.name.prepend', 'true')");
    let listed = world.ok("listNetworks", &[("id", text(&with, "id"))]);
    assert_eq!(listed["network"][0]["name"], "v net");
}

#[test]
fn what_a_tier_cannot_be_is_refused() {
    let world = World::sandbox();
    let made = vpc(&world, &[("cidr", "10.10.0.0/16")]);
    let vpc_id = ("vpcid", text(&made, "id"));
    let mask = ("netmask", "255.255.255.0");
    make(&world, TIER, &[vpc_id, ("gateway", "10.10.3.1"), mask]);
    let acl = id::<Acl>(&world, "default_allow");
    let cases: &[(&str, More<'_>, u16, &str)] = &[
        (ISOLATED, &[vpc_id], 431, "is not for tiers"),
        (TIER, &[vpc_id, ("gateway", "10.11.3.1"), mask], 431, "is not within 10.10.0.0/16"),
        (TIER, &[vpc_id, ("gateway", "10.10.3.9"), mask], 431, "overlaps 10.10.3.0/24"),
        (TIER, &[vpc_id, ("gateway", "10.10.2.9"), ("netmask", "255.255.0.0")], 431, "overlaps"),
        (TIER, &[vpc_id, ("gateway", "10.10.3.0"), mask], 431, "is the network address"),
        (TIER, &[vpc_id, ("gateway", "10.10.4.1")], 431, "without netmask"),
        (TIER, &[vpc_id, ("networkdomain", "a.example")], 431, "is not that of the VPC"),
        (TIER, &[vpc_id, ("dns1", "192.0.2.1")], 431, "dns1 is not for tiers"),
        (TIER, &[vpc_id, ("sourcenatipaddress", "203.0.113.9")], 431, "sourcenatipaddress"),
        (ISOLATED, &[("aclid", &acl)], 431, "aclid is for tiers"),
    ];
    for (offering, more, code, part) in cases {
        let (got, text) = refused(&world, offering, more);
        assert!(got == *code && text.contains(part), "{more:?}: {got} {text}");
    }
    sql(&world, "UPDATE acl SET vpc_id = 99");
    assert!(refused(&world, TIER, &[vpc_id, ("aclid", &acl)]).1.contains("another VPC"));
    let ann = user(&world);
    let words: Words = words(&world, TIER, &[vpc_id]).into_iter().collect();
    assert_eq!(world.engine.call(&ann, "createNetwork", &words).unwrap_err().code(), 531);
    sql(&world, "UPDATE vpc SET state = 'Inactive'");
    assert!(refused(&world, TIER, &[vpc_id]).1.contains("is Inactive"));
}

#[test]
fn a_tiers_offering_fits_its_vpc() {
    let world = World::sandbox();
    let made = vpc(&world, &[]);
    let vpc_id = ("vpcid", text(&made, "id"));
    make(&world, TIER, &[vpc_id]);
    make(&world, NO_LB, &[vpc_id]);
    sql(
        &world,
        "INSERT INTO network_offering (name, display_text, traffic_type, guest_type, is_default, \
         availability, state, specify_vlan, specify_ip_ranges, conserve_mode, persistent, for_vpc, \
         egress_allow, services, internet_protocol, sort_key, created) SELECT 'other', '', \
         traffic_type, guest_type, 0, availability, state, specify_vlan, specify_ip_ranges, \
         conserve_mode, persistent, for_vpc, egress_allow, services, internet_protocol, 0, 0 \
         FROM network_offering WHERE name = 'DefaultIsolatedNetworkOfferingForVpcNetworks'",
    );
    assert!(refused(&world, "other", &[vpc_id]).1.contains("a VPC has one"));
    sql(
        &world,
        "UPDATE network_offering SET services = '[{\"name\":\"SourceNat\",\"providers\":[\"X\"]}]' \
         WHERE name = 'other'",
    );
    assert!(refused(&world, "other", &[vpc_id]).1.contains("has SourceNat by X"));
    sql(&world, "UPDATE network_offering SET services = '[]' WHERE name = 'other'");
    assert!(refused(&world, "other", &[vpc_id]).1.contains("neither the service SourceNat"));
    sql(&world, "UPDATE network_offering SET guest_type = 'L2' WHERE name = 'other'");
    assert!(refused(&world, "other", &[vpc_id]).1.contains("tiers are Isolated"));
}

#[test]
fn a_vpc_has_so_many_tiers_and_no_more() {
    let world = World::sandbox();
    let made = vpc(&world, &[]);
    let vpc_id = ("vpcid", text(&made, "id"));
    for _ in 0..3 {
        make(&world, TIER, &[vpc_id]);
    }
    let (code, text) = refused(&world, TIER, &[vpc_id]);
    assert!(code == 530 && text.contains("vpc.max.networks allows 3"), "{text}");
}

#[test]
fn what_a_tier_keeps_from_guests_is_no_place_for_another() {
    let world = World::sandbox();
    let made = vpc(&world, &[("cidr", "10.10.0.0/16")]);
    let vpc_id = ("vpcid", text(&made, "id"));
    let tier = make(&world, TIER, &[vpc_id]);
    world.ok("updateNetwork", &[("id", text(&tier, "id")), ("guestvmcidr", "10.10.0.0/26")]);
    let more = [vpc_id, ("gateway", "10.10.0.129"), ("netmask", "255.255.255.128")];
    assert!(refused(&world, TIER, &more).1.contains("overlaps 10.10.0.0/24"));
    assert_eq!(make(&world, TIER, &[vpc_id])["cidr"], "10.10.1.0/24");
}

#[test]
fn a_vpc_is_changed_restarted_and_deleted() {
    let world = World::sandbox();
    let made = vpc(&world, &[]);
    let id = text(&made, "id");
    let tier = make(&world, TIER, &[("vpcid", id)]);
    let words = [("id", id), ("name", "w"), ("displaytext", "W"), ("fordisplay", "false")];
    let body = world.ok("updateVPC", &words);
    let now = &body["vpc"];
    assert_eq!((text(now, "name"), text(now, "displaytext")), ("w", "W"));
    assert_eq!(now["fordisplay"], false);
    let other = [("id", id), ("sourcenatipaddress", "203.0.113.9")];
    assert!(world.refused("updateVPC", &other).1.contains("is not an address of the VPC"));
    let same = [("id", id), ("sourcenatipaddress", "203.0.113.2")];
    world.ok("updateVPC", &same);

    sql(&world, "UPDATE vpc SET restart_required = 1");
    assert_eq!(world.ok("listVPCs", &[("restartrequired", "true")])["count"], 1);
    assert_eq!(world.ok("restartVPC", &[("id", id)])["success"], true);
    assert_eq!(world.ok("listVPCs", &[("restartrequired", "true")]), json!({}));
    world.ok("restartVPC", &[("id", id), ("makeredundant", "true"), ("cleanup", "true")]);
    let listed = world.ok("listVPCs", &[]);
    assert_eq!(text(&listed["vpc"][0], "vpcofferingname"), "Redundant VPC offering");
    assert_eq!(listed["vpc"][0]["network"][0]["redundantrouter"], true);

    let failed = world.reply("deleteVPC", &[("id", id)]).unwrap().job.unwrap().failed.unwrap();
    assert!(failed.text.contains("still has a tier, first `net`"), "{failed}");
    assert_eq!(text(&world.ok("listVPCs", &[])["vpc"][0], "state"), "Enabled");
    world.ok("deleteNetwork", &[("id", text(&tier, "id"))]);
    assert_eq!(number(&world, "SELECT COUNT(*) FROM vnet"), 0);
    assert_eq!(number(&world, "SELECT COUNT(*) FROM address"), 1);
    world.ok("deleteVPC", &[("id", id)]);
    assert_eq!(world.ok("listVPCs", &[("id", id)]), json!({}));
    assert_eq!(number(&world, "SELECT COUNT(*) FROM address"), 0);
    assert_eq!(number(&world, "SELECT SUM(n) FROM counter"), 0);
    assert_eq!(number(&world, "SELECT COUNT(*) FROM vpc WHERE state = 'Inactive'"), 1);
}

#[test]
fn lists_of_vpcs_are_narrowed() {
    let world = World::sandbox();
    vpc(&world, &[("cidr", "10.9.0.0/16"), ("displaytext", "first one")]);
    vpc(&world, &[("cidr", "10.8.0.0/16")]);
    let offering = id::<VpcOffering>(&world, VPC);
    let zone = id::<Zone>(&world, "sandbox");
    for (words, want) in [
        (vec![], 2),
        (vec![("name", "v")], 2),
        (vec![("cidr", "10.8.0.0/16")], 1),
        (vec![("displaytext", "first")], 1),
        (vec![("keyword", "one")], 1),
        (vec![("zoneid", &zone)], 2),
        (vec![("vpcofferingid", &offering)], 2),
        (vec![("state", "Enabled")], 2),
        (vec![("state", "inactive")], 0),
        (vec![("fordisplay", "true")], 2),
        (vec![("supportedservices", "SourceNat")], 2),
    ] {
        let got = world.ok("listVPCs", &words);
        assert_eq!(got["count"].as_i64().unwrap_or(0), want, "{words:?}");
    }
    for word in ["state", "supportedservices", "zoneid"] {
        assert_eq!(world.refused("listVPCs", &[(word, "x")]).0, 431, "{word}");
    }
}

#[test]
fn a_tier_changes_to_an_offering_that_fits() {
    let world = World::sandbox();
    let made = vpc(&world, &[]);
    let tier = make(&world, TIER, &[("vpcid", text(&made, "id"))]);
    let to = id::<NetworkOffering>(&world, NO_LB);
    let body = world.ok("updateNetwork", &[("id", text(&tier, "id")), ("networkofferingid", &to)]);
    assert_eq!(text(&body["network"], "networkofferingname"), NO_LB);
    assert_eq!(body["network"]["restartrequired"], true);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    /// Whatever was made and deleted before, a carved tier is the lowest block that fits.
    #[test]
    fn carved_tiers_never_overlap_and_are_the_lowest(
        steps in prop::collection::vec((24_u8..=28, any::<bool>()), 1..14),
    ) {
        let world = World::sandbox();
        sql(&world, "INSERT INTO setting VALUES ('global', 0, 'vpc.max.networks', '99')");
        let made = vpc(&world, &[("cidr", "10.10.0.0/20")]);
        let (id, pool) = (text(&made, "id"), Cidr4::parse("10.10.0.0/20").unwrap());
        let mut living: Vec<(String, Cidr4)> = Vec::new();
        for (size, gone) in steps {
            let taken: Vec<Cidr4> = living.iter().map(|(_, cidr)| *cidr).collect();
            let tier = make(&world, NO_LB, &[("vpcid", id), ("cidrsize", &size.to_string())]);
            let cidr = Cidr4::parse(text(&tier, "cidr")).unwrap();
            prop_assert!(taken.iter().all(|other| !other.overlaps(cidr)));
            prop_assert_eq!(next_free(pool, size, &taken), Some(cidr));
            living.push((text(&tier, "id").to_owned(), cidr));
            if gone {
                let (first, _) = living.remove(0);
                world.ok("deleteNetwork", &[("id", &first)]);
            }
        }
    }
}
