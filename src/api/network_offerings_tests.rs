//! Tests of network offerings through their APIs.

use crate::model::{Event, Network, NetworkOffering};
use crate::schema::Fault;
use crate::sim::World;
use serde_json::Value as Json;

const LIST: &str = "listNetworkOfferings";
const CREATE: &str = "createNetworkOffering";
const SOURCE_NAT: &str = "DefaultIsolatedNetworkOfferingWithSourceNatService";
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
fn create(world: &World, more: &[(&str, &str)]) -> Result<Json, Fault> {
    let words: Vec<_> = PLAIN.iter().chain(more).copied().collect();
    world.call(CREATE, &words).map(|mut body| body["networkoffering"].take())
}

fn made(world: &World, more: &[(&str, &str)]) -> Json {
    create(world, more).unwrap_or_else(|fault| panic!("{more:?}: {fault}"))
}

#[track_caller]
fn refused(more: &[(&str, &str)], code: u16, text: &str) {
    let world = World::sandbox();
    let before = world.ok(LIST, &[]);
    let fault = create(&world, more).unwrap_err();
    assert_eq!(fault.text, text);
    assert_eq!(fault.code(), code);
    assert_eq!(world.ok(LIST, &[]), before, "a refused call changed something");
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
fn an_offering_that_cannot_be_is_refused() {
    refused(
        &[("traffictype", "Public")],
        431,
        "Invalid parameter traffictype: offerings are made for `Guest` traffic only, not for \
         `Public`",
    );
    refused(
        &[("guestiptype", "Isolate")],
        431,
        "Unable to execute API command createnetworkoffering due to invalid value for parameter \
         guestiptype: `Isolate` is none of `Isolated`, `Shared` or `L2`",
    );
    refused(
        &[("guestiptype", "Shared"), ("internetprotocol", "IPv4")],
        431,
        "Invalid parameter internetprotocol: it is for guestiptype `Isolated` only, not for \
         `Shared`",
    );
    refused(
        &[("internetprotocol", "DualStack")],
        431,
        "Invalid parameter internetprotocol: `DualStack` needs the setting ipv6.offering.enabled \
         to be true",
    );
    refused(
        &[("guestiptype", "L2"), ("networkmode", "NATTED")],
        431,
        "Invalid parameter networkmode: it is for guestiptype `Isolated` only, not for `L2`",
    );
    refused(
        &[("guestiptype", "Shared")],
        431,
        "Invalid parameter specifyipranges: it must be true for guestiptype `Shared`",
    );
    refused(
        &[("specifyipranges", "true"), ("supportedservices", "SourceNat")],
        431,
        "Invalid parameter specifyipranges: it can only be true for guestiptype `Shared`, and for \
         `Isolated` without the service `SourceNat`",
    );
    refused(
        &[("guestiptype", "Shared"), ("specifyipranges", "true"), ("ispersistent", "true")],
        431,
        "Invalid parameter ispersistent: it must be false for guestiptype `Shared`",
    );
    let (_, text) = World::sandbox().refused(CREATE, &[("name", "x"), ("guestiptype", "L2")]);
    assert!(text.ends_with("due to missing parameter traffictype"), "{text}");
}

#[test]
fn services_that_do_not_fit_are_refused() {
    let world = World::sandbox();
    let fault = create(&world, &[("supportedservices", "Dhcp,SourceNAT,Balancer")]).unwrap_err();
    let want = "Invalid parameter supportedservices: `Balancer` is not a service. There are `Dhcp`";
    assert!(fault.text.starts_with(want), "{fault}");
    refused(
        &[("supportedservices", "Gateway")],
        431,
        "Invalid parameter supportedservices: `Gateway` comes with `SourceNat`; it is asked for \
         only with networkmode `ROUTED`",
    );
    refused(
        &[("supportedservices", "SecurityGroup")],
        431,
        "Invalid parameter supportedservices: `SecurityGroup` is for guestiptype `Shared` only, \
         not for `Isolated`",
    );
}

/// One provider for one service, of an offering with these services.
fn with_provider(services: &str, service: &str, provider: &str) -> Vec<(String, String)> {
    [
        ("supportedservices", services),
        ("serviceproviderlist[0].service", service),
        ("serviceproviderlist[0].provider", provider),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

#[track_caller]
fn provider_refused(services: &str, service: &str, provider: &str, code: u16, text: &str) {
    let words = with_provider(services, service, provider);
    let words: Vec<_> = words.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    refused(&words, code, &format!("Invalid parameter serviceproviderlist: {text}"));
}

#[test]
fn providers_that_do_not_fit_are_refused() {
    provider_refused(
        "Dns",
        "Dhcp",
        "VirtualRouter",
        431,
        "`VirtualRouter` is named for the service `Dhcp`, which is not among the supportedservices",
    );
    provider_refused(
        "Dhcp",
        "Dhcp",
        "Netscaler",
        530,
        "`Netscaler` does not provide the service `Dhcp`, only `Lb` and `StaticNat`",
    );
    provider_refused(
        "UserData",
        "UserData",
        "VirtualRouter",
        431,
        "`VirtualRouter` can provide `UserData` only where it provides `Dhcp` too",
    );
    provider_refused(
        "Dhcp,SourceNat,NetworkACL,Lb",
        "Lb",
        "VirtualRouter",
        431,
        "`VirtualRouter` does not serve the tiers of VPCs, only `VpcVirtualRouter`, \
         `InternalLbVm`, `ConfigDrive`, `Netscaler`, `NiciraNvp`, `Ovs`, `BigSwitchBcf`, \
         `JuniperContrailVpcRouter`, `Nsx` and `Netris` do",
    );
    let world = World::sandbox();
    let words = [("supportedservices", "Dhcp"), ("serviceproviderlist[0].service", "Dhcp")];
    let fault = create(&world, &words).unwrap_err();
    assert_eq!(fault.text, "Invalid parameter serviceproviderlist: an entry has no `provider`");
    let mut words = with_provider("Dhcp", "Dhcp", "VirtalRouter");
    words.push(("serviceproviderlist[1].service".into(), "Dhcp".into()));
    let words: Vec<_> = words.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let fault = create(&world, &words).unwrap_err();
    assert!(fault.text.contains("is not a provider, did you mean `VirtualRouter`?"), "{fault}");
}

#[test]
fn only_load_balancers_have_several_providers() {
    refused(
        &[
            ("supportedservices", "Dhcp"),
            ("serviceproviderlist[0].service", "Dhcp"),
            ("serviceproviderlist[0].provider", "VirtualRouter"),
            ("serviceproviderlist[1].service", "Dhcp"),
            ("serviceproviderlist[1].provider", "ConfigDrive"),
        ],
        431,
        "Invalid parameter serviceproviderlist: only `Lb` may have several providers, not `Dhcp`",
    );
}

#[track_caller]
fn capability_refused(capability: [&str; 3], code: u16, why: &str) {
    let [service, name, value] = capability;
    let words = [
        ("supportedservices", "SourceNat,StaticNat,Lb,Connectivity"),
        ("servicecapabilitylist[0].service", service),
        ("servicecapabilitylist[0].capabilitytype", name),
        ("servicecapabilitylist[0].capabilityvalue", value),
    ];
    refused(&words, code, &format!("Invalid parameter servicecapabilitylist: {why}"));
}

#[test]
fn capabilities_that_do_not_fit_are_refused() {
    let world = World::sandbox();
    let entry = |service, value| {
        [
            ("supportedservices", "SourceNat"),
            ("servicecapabilitylist[0].service", service),
            ("servicecapabilitylist[0].capabilitytype", "RedundantRouter"),
            ("servicecapabilitylist[0].capabilityvalue", value),
        ]
    };
    let fault = create(&world, &entry("SourceNat", "yes")).unwrap_err();
    let want = "`yes` is not a value of `RedundantRouter`. There are `false` and `true`";
    assert!(fault.text.ends_with(want), "{fault}");
    let fault = create(&world, &entry("StaticNat", "true")).unwrap_err();
    let want = "`RedundantRouter` is not a capability of `StaticNat`. There are \
                `AssociatePublicIP` and `ElasticIp`";
    assert!(fault.text.ends_with(want), "{fault}");
    let fault = create(&world, &entry("Gateway", "true")).unwrap_err();
    assert!(fault.text.ends_with("needs `Gateway` among the supportedservices"), "{fault}");
    capability_refused(
        ["Lb", "ElasticLb", "true"],
        431,
        "`ElasticLb` = `true` of the service `Lb` is given without `SupportedLBIsolation`, which \
         must come with it",
    );
    capability_refused(
        ["StaticNat", "AssociatePublicIP", "true"],
        431,
        "`AssociatePublicIP` = `true` of the service `StaticNat` needs `ElasticIp` = `true`",
    );
    capability_refused(
        ["Connectivity", "RegionLevelVpc", "true"],
        431,
        "`RegionLevelVpc` = `true` of the service `Connectivity` is not for network offerings",
    );
    capability_refused(
        ["Connectivity", "PublicAccess", "true"],
        431,
        "`PublicAccess` = `true` of the service `Connectivity` is for guestiptype `Shared` only",
    );
    capability_refused(
        ["Lb", "SupportedLBIsolation", "shared"],
        530,
        "`SupportedLBIsolation` = `shared` of the service `Lb` is not for the provider \
         `VirtualRouter`, only `dedicated`",
    );
}

#[test]
fn tiers_are_isolated_and_have_source_nat() {
    refused(
        &[("supportedservices", "Dhcp,NetworkACL")],
        431,
        "Invalid parameter forvpc: tiers of VPCs need guestiptype `Isolated` and the service \
         `SourceNat`",
    );
    refused(
        &[("supportedservices", "SourceNat,Firewall"), ("forvpc", "true")],
        431,
        "Invalid parameter supportedservices: `Firewall` is not for the tiers of VPCs",
    );
}

#[test]
fn one_offering_is_required_and_no_two_have_one_name() {
    let world = World::sandbox();
    let other = world.id(LIST, &[("name", SOURCE_NAT)]);
    let name = [("name", SOURCE_NAT)];
    let fault = create(&world, &name).unwrap_err();
    assert_eq!(
        fault.text,
        format!(
            "Invalid parameter name: there is a network offering `{SOURCE_NAT}` already \
                 ({other})"
        )
    );
    let words = [("availability", "Required"), ("supportedservices", "SourceNat")];
    let fault = create(&world, &words).unwrap_err();
    assert_eq!(
        fault.text,
        format!(
            "Invalid parameter availability: only one network offering can be `Required`, \
                 and `{SOURCE_NAT}` is ({other})"
        )
    );
    let fault = create(&world, &words[..1]).unwrap_err();
    assert!(fault.text.contains("`Required` is for guestiptype `Isolated` with"), "{fault}");
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
