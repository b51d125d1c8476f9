//! Tests of what network offerings cannot be.

use crate::api::network_offerings_tests::{CREATE, LIST, SOURCE_NAT, create};
use crate::model::{
    GuestType, KnownProvider, KnownService, NetworkOffering, PROVIDERS, SERVICES, Worded,
    known_provider,
};
use crate::schema::{Exception, Fault};
use crate::sim::World;
use proptest::prelude::*;

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

/// Services with a provider each, or none; a service may come twice.
fn provided() -> impl Strategy<Value = Vec<(&'static KnownService, Option<&'static KnownProvider>)>>
{
    let service = prop::sample::select(SERVICES.iter().collect::<Vec<_>>());
    let able = service.prop_flat_map(|service| {
        let able = PROVIDERS.iter().filter(|known| known.services.contains(&service.name));
        let some = prop::sample::select(able.collect::<Vec<_>>());
        (Just(service), prop::option::of(some))
    });
    prop::collection::vec(able, 0..6)
}

/// What must hold for every offering, however it was made.
fn check(offering: &NetworkOffering) -> Result<(), TestCaseError> {
    for (at, service) in offering.services.0.iter().enumerate() {
        for provider in &service.providers {
            let able = known_provider(provider).unwrap().services;
            prop_assert!(able.contains(&service.name.as_str()), "{service:?}");
        }
        let again = offering.services.0.iter().skip(at + 1).any(|one| one.name == service.name);
        prop_assert!(!again, "{service:?} is there twice");
        prop_assert!(service.name == "Lb" || service.providers.len() < 2, "{service:?}");
        let mut providers = service.providers.clone();
        providers.sort_unstable();
        providers.dedup();
        prop_assert_eq!(providers.len(), service.providers.len(), "{:?}", service);
    }
    match offering.guest_type {
        GuestType::Shared => prop_assert!(offering.specify_ip_ranges && !offering.persistent),
        GuestType::Isolated => {
            prop_assert!(!offering.specify_ip_ranges || !offering.has("SourceNat"));
            prop_assert!(!offering.has("SecurityGroup"));
        }
        GuestType::L2 => prop_assert!(!offering.has("SecurityGroup")),
    }
    prop_assert!(!offering.for_vpc || !offering.services.is_empty());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_is_asked_for_makes_a_sound_offering_or_none(
        wanted in provided(),
        guest_type in prop::sample::select(GuestType::WORDS),
        flags in any::<[bool; 3]>(),
        for_vpc: Option<bool>,
    ) {
        let world = World::sandbox();
        let names: Vec<_> = wanted.iter().map(|(service, _)| service.name).collect();
        let mut words = vec![
            ("guestiptype".to_owned(), guest_type.to_owned()),
            ("supportedservices".to_owned(), names.join(",")),
        ];
        for (at, (service, provider)) in wanted.iter().enumerate() {
            if let Some(provider) = provider {
                let key = |key| format!("serviceproviderlist[{at}].{key}");
                words.push((key("service"), service.name.to_owned()));
                words.push((key("provider"), provider.name.to_owned()));
            }
        }
        let flag = |name: &str, is: bool| (name.to_owned(), is.to_string());
        let named = ["specifyipranges", "ispersistent", "specifyvlan"];
        words.extend(named.into_iter().zip(flags).map(|(name, is)| flag(name, is)));
        words.extend(for_vpc.map(|is| flag("forvpc", is)));
        let words: Vec<_> = words.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let outcome = create(&world, &words);
        let stored = world.engine.store().read(|tx| {
            Ok::<_, Fault>(tx.first::<NetworkOffering>("WHERE is_default = 0", &[])?)
        });
        match (outcome, stored.unwrap()) {
            (Ok(_), Some(offering)) => check(&offering)?,
            (Err(fault), None) => {
                prop_assert_eq!(fault.exception, Exception::InvalidParameterValue, "{}", fault);
            }
            (outcome, stored) => prop_assert!(false, "{outcome:?} left {stored:?}"),
        }
    }
}
