//! Tests of network offerings through their APIs.

use crate::model::{Event, Network, NetworkOffering};
use crate::schema::Fault;
use crate::sim::World;
use serde_json::Value as Json;

pub(super) const LIST: &str = "listNetworkOfferings";
pub(super) const CREATE: &str = "createNetworkOffering";
pub(super) const SOURCE_NAT: &str = "DefaultIsolatedNetworkOfferingWithSourceNatService";
const PLAIN: &[(&str, &str)] =
    &[("name", "plain"), ("guestiptype", "Isolated"), ("traffictype", "Guest")];

fn rows(world: &World, words: &[(&str, &str)]) -> Vec<Json> {
    world.ok(LIST, words)["networkoffering"].as_array().cloned().unwrap_or_default()
}

fn names(world: &World, words: &[(&str, &str)]) -> Vec<String> {
    let rows = rows(world, words);
    rows.iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
}

fn service<'r>(row: &'r Json, name: &str) -> &'r Json {
    let all = row["service"].as_array().unwrap();
    all.iter().find(|service| service["name"] == name).unwrap_or(&Json::Null)
}

fn providers(row: &Json, name: &str) -> Vec<String> {
    let all = service(row, name)["provider"].as_array().cloned().unwrap_or_default();
    all.iter().map(|provider| provider["name"].as_str().unwrap().to_owned()).collect()
}

fn capability(row: &Json, name: &str, wanted: &str) -> Option<String> {
    let all = service(row, name)["capability"].as_array()?;
    let found = all.iter().find(|capability| capability["name"] == wanted)?;
    found["value"].as_str().map(str::to_owned)
}

/// The parameters of a plain offering and these; of two with one name the later counts.
pub(super) fn create(world: &World, more: &[(&str, &str)]) -> Result<Json, Fault> {
    let words: Vec<_> = PLAIN.iter().chain(more).copied().collect();
    world.call(CREATE, &words).map(|mut body| body["networkoffering"].take())
}

fn made(world: &World, more: &[(&str, &str)]) -> Json {
    create(world, more).unwrap_or_else(|fault| panic!("{more:?}: {fault}"))
}

#[test]
fn the_defaults_are_there_under_the_names_and_texts_that_clients_look_for() {
    let world = World::sandbox();
    for (name, text, kind) in [
        (SOURCE_NAT, "Offering for Isolated networks with Source Nat service enabled", "Isolated"),
        (
            "DefaultIsolatedNetworkOffering",
            "Offering for Isolated networks with no Source Nat service",
            "Isolated",
        ),
        ("DefaultSharedNetworkOffering", "Offering for Shared networks", "Shared"),
        (
            "DefaultSharedNetworkOfferingWithSGService",
            "Offering for Shared Security group enabled networks",
            "Shared",
        ),
        (
            "DefaultIsolatedNetworkOfferingForVpcNetworks",
            "Offering for Isolated Vpc networks with Source Nat service enabled",
            "Isolated",
        ),
        (
            "DefaultIsolatedNetworkOfferingForVpcNetworksNoLB",
            "Offering for Isolated Vpc networks with Source Nat service enabled and LB service \
             Disabled",
            "Isolated",
        ),
        (
            "DefaultIsolatedNetworkOfferingForVpcNetworksWithInternalLB",
            "Offering for Isolated Vpc networks with Internal LB support",
            "Isolated",
        ),
        ("DefaultL2NetworkOffering", "Offering for L2 networks", "L2"),
    ] {
        let rows = rows(&world, &[("name", name)]);
        assert_eq!(rows.len(), 1, "{name}");
        assert_eq!(rows[0]["displaytext"], text);
        assert_eq!(rows[0]["guestiptype"], kind);
        assert_eq!(rows[0]["state"], "Enabled");
        assert_eq!(rows[0]["isdefault"], true);
    }
    assert_eq!(names(&world, &[("availability", "required")]), [SOURCE_NAT]);
    assert_eq!(names(&world, &[("guestiptype", "l2")]).len(), 4);
}

#[test]
fn every_row_has_what_clients_read_without_asking() {
    let world = World::sandbox();
    let rows = rows(&world, &[]);
    for row in &rows {
        for field in ["name", "displaytext", "guestiptype", "id", "serviceofferingid"] {
            assert!(row[field].is_string(), "{field} of {row}");
        }
        assert!(row["forvpc"].is_boolean() && row["created"].is_string());
        assert_eq!(row["serviceofferingid"], rows[0]["serviceofferingid"]);
        assert_eq!(row["networkrate"], 200);
    }
}

#[test]
fn services_show_who_provides_them_in_which_variety() {
    let world = World::sandbox();
    let row = &rows(&world, &[("name", SOURCE_NAT)])[0];
    assert_eq!(providers(row, "SourceNat"), ["VirtualRouter"]);
    let shown = |name, wanted| capability(row, name, wanted);
    assert_eq!(shown("SourceNat", "SupportedSourceNatTypes").as_deref(), Some("peraccount"));
    assert_eq!(shown("SourceNat", "RedundantRouter").as_deref(), Some("false"));
    assert_eq!(shown("Lb", "SupportedLBIsolation").as_deref(), Some("dedicated"));
    assert_eq!(shown("StaticNat", "ElasticIp").as_deref(), Some("false"));
    let chosen = &service(row, "SourceNat")["capability"][0]["canchooseservicecapability"];
    assert_eq!(*chosen, Json::Bool(false));
}

#[test]
fn filters_leave_what_they_say() {
    let world = World::sandbox();
    let count = |words: &[(&str, &str)]| rows(&world, words).len();
    let all = count(&[]);
    assert_eq!(count(&[("forvpc", "true")]), 3);
    assert_eq!(count(&[("forvpc", "false")]), all - 3);
    let with = count(&[("sourcenatsupported", "true")]);
    assert_eq!((with, count(&[("sourcenatsupported", "false")])), (4, all - 4));
    assert_eq!(count(&[("supportedservices", "sourcenat,networkacl")]), 3);
    assert_eq!(count(&[("supportedservices", "Lb,Firewall")]), 1);
    assert_eq!(count(&[("displaytext", "internal lb")]), 1);
    assert_eq!(count(&[("keyword", "netscaler")]), 1);
    assert_eq!(count(&[("isdefault", "false")]), 0);
    assert_eq!(count(&[("state", "disabled")]), 0);
    assert_eq!(count(&[("traffictype", "public")]), 0);
    assert_eq!(count(&[("istagged", "true")]), 0);
    assert_eq!(count(&[("specifyvlan", "true"), ("guestiptype", "Isolated")]), 1);
    assert_eq!(count(&[("specifyipranges", "true")]), count(&[("guestiptype", "Shared")]) + 1);
    assert_eq!(count(&[("page", "2"), ("pagesize", "5")]), 5);
    assert_eq!(world.ok(LIST, &[("name", "no such")]), serde_json::json!({}));
    let (code, text) = world.refused(LIST, &[("supportedservices", "Dchp")]);
    assert_eq!(code, 431);
    assert!(text.contains("`Dchp` is not a service, did you mean `Dhcp`?"), "{text}");
}

#[test]
fn a_zone_leaves_the_offerings_with_tags_of_its_physical_networks() {
    let world = World::sandbox();
    made(&world, &[("tags", " fast , red")]);
    let zone = world.id("listZones", &[]);
    let all = rows(&world, &[]).len();
    assert_eq!(names(&world, &[("istagged", "true"), ("tags", "fast,red")]), ["plain"]);
    assert_eq!(rows(&world, &[("zoneid", &zone)]).len(), all - 1);
    set(&world, "UPDATE physical_network SET tags = 'blue,fast,red'");
    assert_eq!(names(&world, &[("zoneid", &zone)]), Vec::<String>::new());
    set(&world, "UPDATE network_offering SET tags = 'fast' WHERE name = 'plain'");
    assert_eq!(names(&world, &[("zoneid", &zone)]), ["plain"]);
    set(&world, "UPDATE zone SET network_type = 'Basic'");
    assert_eq!(rows(&world, &[("zoneid", &zone)]).len(), 0);
}

fn set(world: &World, sql: &'static str) {
    let done = world.engine.store().write(move |tx| {
        tx.run(sql, &[])?;
        Ok::<_, Fault>(())
    });
    done.unwrap();
}

/// Makes a network of an offering; returns its id.
fn network(world: &World, offering: &'static str) -> String {
    let id = world.engine.store().write(move |tx| {
        let args = [offering.into()];
        let offering: NetworkOffering = tx.first("WHERE name = ?", &args)?.unwrap();
        let other: Network = tx.first("", &[])?.unwrap();
        let offering_id = Some(offering.id);
        let id = tx.insert(&Network { id: 0, offering_id, name: "n".into(), ..other })?;
        Ok::<_, Fault>(tx.uid(crate::model::EntityKind::Network, id).to_string())
    });
    id.unwrap()
}

#[test]
fn a_network_can_change_to_offerings_of_its_kind() {
    let world = World::sandbox();
    made(&world, &[("supportedservices", "Dhcp"), ("enable", "true")]);
    made(&world, &[("name", "off"), ("supportedservices", "Dhcp")]);
    let id = network(&world, SOURCE_NAT);
    assert_eq!(names(&world, &[("networkid", &id)]), ["plain"]);
    let id = network(&world, "DefaultSharedNetworkOffering");
    assert_eq!(names(&world, &[("networkid", &id)]), ["QuickCloudNoServices"]);
}

#[test]
fn an_offering_is_made_disabled_with_cloudstacks_defaults() {
    let world = World::sandbox();
    let row = made(&world, &[("supportedservices", "Dhcp,dns,SourceNat,PortForwarding,Dhcp")]);
    assert_eq!(row["displaytext"], "plain");
    assert_eq!(row["state"], "Disabled");
    assert_eq!(row["availability"], "Optional");
    assert_eq!(row["conservemode"], true);
    assert_eq!(row["egressdefaultpolicy"], true);
    assert_eq!((&row["forvpc"], &row["isdefault"]), (&Json::Bool(false), &Json::Bool(false)));
    assert_eq!(row["networkmode"], "NATTED");
    assert_eq!(row["maxconnections"], Json::Null);
    for name in ["Dhcp", "Dns", "SourceNat", "PortForwarding", "Firewall"] {
        assert_eq!(providers(&row, name), ["VirtualRouter"], "{name}");
    }
    assert_eq!(row["service"].as_array().unwrap().len(), 5);
    assert_eq!(rows(&world, &[("name", "plain")])[0], row);
    let event = world.engine.store().read(|tx| {
        let tail = "WHERE type = 'NETWORK.OFFERING.CREATE'";
        Ok::<_, Fault>(tx.first::<Event>(tail, &[])?.unwrap())
    });
    assert_eq!(event.unwrap().description, "creating network offering plain");
}

#[test]
fn what_is_asked_for_is_kept() {
    let world = World::sandbox();
    let row = made(
        &world,
        &[
            ("displaytext", "All of it"),
            ("supportedservices", "SourceNat,Lb,StaticNat"),
            ("serviceproviderlist[0].service", "Lb"),
            ("serviceproviderlist[0].provider", "Netscaler"),
            ("serviceproviderlist[1].service", "Lb"),
            ("serviceproviderlist[1].provider", "virtualrouter"),
            ("serviceCapabilityList[0].service", "SourceNat"),
            ("serviceCapabilityList[0].capabilitytype", "redundantrouter"),
            ("serviceCapabilityList[0].capabilityvalue", "TRUE"),
            ("serviceCapabilityList[1].service", "Lb"),
            ("serviceCapabilityList[1].capabilitytype", "SupportedLbIsolation"),
            ("serviceCapabilityList[1].capabilityvalue", "dedicated"),
            ("networkrate", "-1"),
            ("conservemode", "false"),
            ("egressdefaultpolicy", "false"),
            ("enable", "true"),
        ],
    );
    assert_eq!(providers(&row, "Lb"), ["Netscaler", "VirtualRouter"]);
    assert_eq!(capability(&row, "SourceNat", "RedundantRouter").as_deref(), Some("true"));
    assert_eq!((&row["networkrate"], &row["maxconnections"]), (&(-1).into(), &4096.into()));
    assert_eq!((&row["state"], &row["conservemode"]), (&"Enabled".into(), &false.into()));
    assert_eq!(row["egressdefaultpolicy"], false);
}

#[test]
fn the_services_and_providers_tell_whether_it_is_for_tiers() {
    let world = World::sandbox();
    let tier = made(&world, &[("supportedservices", "Dhcp,SourceNat,NetworkACL")]);
    assert_eq!(tier["forvpc"], true);
    assert_eq!(providers(&tier, "NetworkACL"), ["VpcVirtualRouter"]);
    assert_eq!(service(&tier, "Firewall"), &Json::Null);
    let tier = made(
        &world,
        &[
            ("name", "tier"),
            ("supportedservices", "Dhcp,SourceNat"),
            ("serviceproviderlist[0].service", "Dhcp"),
            ("serviceproviderlist[0].provider", "VpcVirtualRouter"),
        ],
    );
    assert_eq!(tier["forvpc"], true);
    let other = made(&world, &[("name", "other"), ("supportedservices", "Firewall,NetworkACL")]);
    assert_eq!(other["forvpc"], false);
}

#[test]
fn an_offering_can_be_changed() {
    let world = World::sandbox();
    let row = made(&world, &[("supportedservices", "Lb"), ("tags", "a")]);
    let id = row["id"].as_str().unwrap();
    let words = [
        ("id", id),
        ("name", "better"),
        ("displaytext", "Better"),
        ("state", "enabled"),
        ("sortkey", "-1"),
        ("maxconnections", "10"),
        ("tags", ""),
    ];
    let changed = world.ok("updateNetworkOffering", &words)["networkoffering"].take();
    assert_eq!(changed["name"], "better");
    assert_eq!(changed["displaytext"], "Better");
    assert_eq!(changed["state"], "Enabled");
    assert_eq!(changed["maxconnections"], 10);
    assert_eq!(changed["tags"], Json::Null);
    assert_eq!(rows(&world, &[])[0], changed, "the lowest sort key comes first");
    let (code, text) = world.refused("updateNetworkOffering", &[("id", id), ("name", SOURCE_NAT)]);
    assert_eq!(code, 431);
    assert!(text.contains("already"), "{text}");
    let inactive = [("id", id), ("state", "Inactive")];
    assert_eq!(world.refused("updateNetworkOffering", &inactive).0, 431);
    let required = [("id", id), ("availability", "Required")];
    assert_eq!(world.refused("updateNetworkOffering", &required).0, 431);
    let (code, text) = world.refused("updateNetworkOffering", &[("name", "x")]);
    assert_eq!((code, text.ends_with("due to missing parameter id")), (431, true));
    assert_eq!(rows(&world, &[])[0], changed);
}

#[test]
fn an_offering_can_be_deleted_unless_it_is_a_default_or_used() {
    let world = World::sandbox();
    let default = world.id(LIST, &[("name", SOURCE_NAT)]);
    let (code, text) = world.refused("deleteNetworkOffering", &[("id", &default)]);
    assert_eq!(code, 431);
    assert!(text.contains("can't be deleted; to make it unavailable, disable it"), "{text}");
    let row = made(&world, &[]);
    let id = row["id"].as_str().unwrap();
    let used = network(&world, "plain");
    let (code, text) = world.refused("deleteNetworkOffering", &[("id", id)]);
    assert_eq!(code, 431);
    assert!(text.contains("`plain` as it is used by 1 network; "), "{text}");
    assert_eq!(names(&world, &[("id", id)]), ["plain"], "{used} still uses it");
    set(&world, "UPDATE network SET removed = 1 WHERE name = 'n'");
    assert_eq!(world.ok("deleteNetworkOffering", &[("id", id)])["success"], true);
    assert_eq!(world.ok(LIST, &[("id", id)]), serde_json::json!({}));
    assert_eq!(world.refused("deleteNetworkOffering", &[("id", id)]).0, 431);
    made(&world, &[]);
}
