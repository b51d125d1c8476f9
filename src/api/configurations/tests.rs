//! Settings: what lists show, which values and places are refused, which value holds where.

use crate::engine::{Caller, Cx, Place};
use crate::model::setting_table::SETTINGS;
use crate::model::{Account, Domain, EntityKind, Uid};
use crate::schema::Fault;
use crate::sim::{EPOCH, World};
use serde_json::{Value as Json, json};

fn value(world: &World, words: &[(&str, &str)]) -> Json {
    world.ok("listConfigurations", words)["configuration"][0]["value"].clone()
}

fn set(world: &World, words: &[(&str, &str)]) {
    world.ok("updateConfiguration", words);
}

/// Adds a domain below ROOT with an account in it, and one more domain below that; their ids.
fn tree(world: &World) -> (String, String, String) {
    let ids = world.engine.store().write(|tx| {
        let root: Domain = tx.get(1)?.unwrap();
        let path = "/a/".to_owned();
        let upper = Domain { id: 0, parent_id: Some(1), name: "a".into(), path, ..root };
        let upper_id = tx.insert(&upper)?;
        let (name, path) = ("b".to_owned(), "/a/b/".to_owned());
        let lower = Domain { id: 0, parent_id: Some(upper_id), name, path, ..upper };
        let lower_id = tx.insert(&lower)?;
        let admin: Account = tx.get(2)?.unwrap();
        let account = Account { id: 0, name: "eve".into(), domain_id: lower_id, ..admin };
        let account_id = tx.insert(&account)?;
        Ok::<_, Fault>((upper_id, lower_id, account_id))
    });
    let (upper, lower, account) = ids.unwrap();
    let key = world.engine.store().key();
    let shown = |kind, id: i64| -> Uid { key.encode(kind, 0, id.unsigned_abs()) };
    let domain = |id| shown(EntityKind::Domain, id).to_string();
    (domain(upper), domain(lower), shown(EntityKind::Account, account).to_string())
}

#[test]
fn a_setting_is_shown_whole() {
    let world = World::sandbox();
    let body = world.ok("listConfigurations", &[("name", "vrouter.redundant.tiers.placement")]);
    assert_eq!(body["count"], 1);
    let row = &body["configuration"][0];
    for (field, want) in [
        ("value", json!("random")),
        ("defaultvalue", json!("random")),
        ("type", json!("Select")),
        ("options", json!("first,last,random")),
        ("scope", json!("Account")),
        ("isdynamic", json!(true)),
        ("displaytext", json!("Vrouter redundant tiers placement")),
        ("group", json!("System VMs")),
        ("id", Json::Null),
    ] {
        assert_eq!(row[field], want, "{field}");
    }
}

#[test]
fn lists_are_filtered_and_paged() {
    let world = World::sandbox();
    let count = |words: &[(&str, &str)]| world.ok("listConfigurations", words)["count"].clone();
    assert_eq!(count(&[]), SETTINGS.len());
    assert_eq!(count(&[("keyword", "NETWORK.GC")]), 2);
    assert_eq!(count(&[("name", "network.gc")]), Json::Null);
    assert_eq!(count(&[("category", "project defaults")]), 6);
    assert_eq!(count(&[("group", "Network"), ("subgroup", "VPC"), ("keyword", "max")]), 2);
    assert_eq!(count(&[("parent", "x")]), Json::Null);
    let page = world.ok("listConfigurations", &[("page", "2"), ("pagesize", "3")]);
    assert_eq!(page["count"], SETTINGS.len());
    assert_eq!(page["configuration"][0]["name"], SETTINGS[3].name);
    assert_eq!(page["configuration"].as_array().unwrap().len(), 3);
}

#[test]
fn only_settings_of_a_place_are_listed_for_it() {
    let world = World::sandbox();
    let zone = world.id("listZones", &[]);
    let body = world.ok("listConfigurations", &[("zoneid", &zone)]);
    let rows = body["configuration"].as_array().unwrap();
    assert!(!rows.is_empty() && rows.iter().all(|row| row["scope"] == "Zone" && row["id"] == 1));
}

#[test]
fn a_new_value_holds_in_canonical_form_and_can_be_taken_back() {
    let world = World::sandbox();
    let name = ("name", "use.system.public.ips");
    let made = world.ok("updateConfiguration", &[name, ("value", " FALSE ")]);
    assert_eq!(made["configuration"]["value"], "false");
    assert_eq!(made["configuration"]["defaultvalue"], "true");
    assert_eq!(value(&world, &[name]), "false");
    let back = world.ok("resetConfiguration", &[name]);
    assert_eq!(back["configuration"]["value"], "true");
    assert_eq!(value(&world, &[name]), "true");
    set(&world, &[("name", "denied.routes"), ("value", "10.0.0.0/8")]);
    set(&world, &[("name", "denied.routes"), ("value", "")]);
    assert_eq!(value(&world, &[("name", "denied.routes")]), "");
}

#[test]
fn what_is_changed_is_told_by_an_event() {
    let world = World::sandbox();
    let zone = world.id("listZones", &[]);
    set(&world, &[("name", "network.gc.wait"), ("value", "5")]);
    set(&world, &[("name", "guest.domain.suffix"), ("value", "x.org"), ("zoneid", &zone)]);
    let events = world.ok("listEvents", &[("type", "CONFIGURATION.VALUE.EDIT")]);
    let row = &events["event"][0];
    assert_eq!(row["description"], "setting guest.domain.suffix to x.org for the zone sandbox");
    assert_eq!(row["resourceid"], zone.as_str());
    assert_eq!(events["event"][1]["description"], "setting network.gc.wait to 5");
    assert_eq!(events["event"][1]["resourceid"], Json::Null);
}

#[test]
fn wrong_calls_are_refused_and_change_nothing() {
    let world = World::sandbox();
    let zone = world.id("listZones", &[]);
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("value", "1")], "due to missing parameter name"),
        (&[("name", "network.gc.wiat"), ("value", "1")], "did you mean `network.gc.wait`"),
        (&[("name", "banana"), ("value", "1")], "there is no setting `banana`"),
        (&[("name", "network.gc.wait")], "parameter value: it is missing"),
        (&[("name", "network.gc.wait"), ("value", "soon")], "`soon` is not a whole number"),
        (&[("name", "use.system.public.ips"), ("value", "yes")], "`yes` is not `true`"),
        (
            &[("name", "network.gc.wait"), ("value", "1"), ("zoneid", &zone)],
            "zoneid: network.gc.wait can be set only globally",
        ),
        (
            &[("name", "use.system.public.ips"), ("value", "false"), ("zoneid", &zone)],
            "can be set globally and per account (`accountid`)",
        ),
        (
            &[("name", "use.external.dns"), ("value", "true"), ("zoneid", "x")],
            "Invalid parameter zoneid value=x",
        ),
        (
            &[("name", "use.external.dns"), ("value", "true"), ("clusterid", "x")],
            "Invalid parameter clusterid: there is nothing of the kind here",
        ),
        (
            &[("name", "use.external.dns"), ("zoneid", &zone), ("storageid", "x")],
            "provide only one ID",
        ),
    ];
    for (words, want) in cases {
        let (code, text) = world.refused("updateConfiguration", words);
        assert_eq!(code, 431, "{text}");
        assert!(text.contains(want), "{text}");
    }
    assert_eq!(world.ok("listEvents", &[]), json!({}));
    let long = "x".repeat(4097);
    let (_, text) =
        world.refused("updateConfiguration", &[("name", "denied.routes"), ("value", &long)]);
    assert!(text.contains("4096"), "{text}");
    let (_, text) = world.refused("resetConfiguration", &[("name", "vpc.max.network")]);
    assert!(text.contains("did you mean `vpc.max.networks`"), "{text}");
    let root = world.refused("listConfigurations", &[("zoneid", &zone), ("domainid", "x")]);
    assert_eq!(root.0, 431);
}

#[test]
fn a_zone_has_its_own_value_and_else_the_global_one() {
    let world = World::sandbox();
    let zone = world.id("listZones", &[]);
    let name = ("name", "guest.domain.suffix");
    let at = [name, ("zoneid", zone.as_str())];
    set(&world, &[name, ("value", "global.org")]);
    assert_eq!(value(&world, &at), "global.org");
    set(&world, &[name, ("value", "zone.org"), ("zoneid", &zone)]);
    assert_eq!(
        (value(&world, &at), value(&world, &[name])),
        ("zone.org".into(), "global.org".into())
    );
    let back = world.ok("resetConfiguration", &at);
    assert_eq!(back["configuration"]["value"], "global.org");
}

#[test]
fn domains_follow_those_above_only_when_told_to() {
    let world = World::sandbox();
    let (upper, lower, _) = tree(&world);
    let name = ("name", "public.ip.address.quarantine.duration");
    let below = [name, ("domainid", lower.as_str())];
    set(&world, &[name, ("value", "7"), ("domainid", &upper)]);
    assert_eq!(value(&world, &below), "0");
    set(&world, &[("name", "enable.domain.settings.for.child.domain"), ("value", "true")]);
    assert_eq!(value(&world, &below), "7");
    set(&world, &[name, ("value", "9"), ("domainid", &lower)]);
    assert_eq!(value(&world, &below), "9");
    assert_eq!(value(&world, &[name]), "0");
}

#[test]
fn accounts_follow_their_domain_only_when_told_to() {
    let world = World::sandbox();
    let (upper, lower, account) = tree(&world);
    let name = ("name", "use.system.public.ips");
    let own = [name, ("accountid", account.as_str())];
    let of_domain = [name, ("value", "false"), ("domainid", lower.as_str())];
    let (_, text) = world.refused("updateConfiguration", &of_domain);
    assert!(text.contains("domainid"), "{text}");
    set(&world, &[("name", "enable.account.settings.for.domain"), ("value", "true")]);
    set(&world, &of_domain);
    assert_eq!(value(&world, &own), "false");
    set(&world, &[name, ("value", "true"), ("accountid", &account)]);
    assert_eq!(value(&world, &own), "true");
    world.ok("resetConfiguration", &own);
    world.ok("resetConfiguration", &[name, ("domainid", &lower)]);
    set(&world, &[name, ("value", "false"), ("domainid", &upper)]);
    assert_eq!(value(&world, &own), "true");
    set(&world, &[("name", "enable.domain.settings.for.child.domain"), ("value", "true")]);
    assert_eq!(value(&world, &own), "false");
    set(&world, &[("name", "enable.account.settings.for.domain"), ("value", "false")]);
    assert_eq!(value(&world, &own), "true");
}

#[test]
fn the_engine_reads_at_a_place() {
    let world = World::sandbox();
    let zone = world.id("listZones", &[]);
    set(&world, &[("name", "use.external.dns"), ("value", "true"), ("zoneid", &zone)]);
    let read = world.engine.store().read(|tx| {
        let mut cx = Cx::new(tx, EPOCH, &Caller::ADMIN, "test");
        let flags = (
            cx.setting_in("use.external.dns", Place::Zone(1))? == "true",
            cx.setting_in("use.external.dns", Place::Account(2))? == "true",
            cx.setting_flag("use.external.dns")?,
        );
        let words = ["zone", "global"].map(|scope| cx.setting_at("use.external.dns", scope, 1));
        Ok::<_, Fault>((flags, words))
    });
    let (flags, words) = read.unwrap();
    assert_eq!(flags, (true, false, false));
    assert_eq!(words, [Ok("true".to_owned()), Ok("false".to_owned())]);
}
