//! VPC offerings.

use crate::api::network_offerings::{ServiceView, services, show_services};
use crate::api::paging::Paged;
use crate::api::{Rows, api};
use crate::engine::Cx;
use crate::engine::services::Asked;
use crate::engine::vpc_offerings::{
    NewVpcOffering, VpcOfferingChange, create_vpc_offering, delete_vpc_offering,
    update_vpc_offering,
};
use crate::model::{
    Domain, InternetProtocol, NetworkMode, OfferingState, RoutingMode, Time, Uid, VpcOffering, Zone,
};
use crate::schema::{Fault, Id, List, Map, Text, view};

view! {
    /// A VPC offering, as `listVPCOfferings` shows it.
    VpcOfferingView in "VpcOfferingResponse" shows ["name", "id", "state", "isdefault",
        "displaytext"] {
        /// the id of the VPC offering
        id: Uid,
        /// the name of the VPC offering
        name: String,
        /// what it is
        displaytext: String,
        /// when it was made
        created: Time,
        /// whether it came with the installation
        isdefault: bool,
        /// whether it may be used: `Enabled` or `Disabled`
        state: &'static str,
        /// its services
        service: Vec<ServiceView>,
        /// whether its VPCs have a distributed router
        distributedvpcrouter: bool,
        /// whether its VPCs span the zones of a region
        supports_region_level_vpc as "supportsregionLevelvpc": bool,
        /// whether it is for VPCs of NSX
        fornsx: bool,
        /// its protocols: `IPv4`, `IPv6` or `DualStack`
        internetprotocol: String,
        /// how traffic leaves its VPCs: `NATTED` or `ROUTED`
        networkmode: Option<String>,
        /// `Static` or `Dynamic`: how the world learns routes to them in the mode ROUTED
        routingmode: Option<&'static str>,
        /// whether the AS number is given when a VPC is made
        specifyasnumber: bool,
    }
}

api! {
    /// Lists VPC offerings.
    now list "listVPCOfferings" {
        key: "vpcoffering",
        example: "list vpc offerings isdefault=true",
    } => list -> VpcOfferingView;
    ListVpcOfferings {
        /// the id of the VPC offering
        id: Option<Id<VpcOffering>>,
        /// a part of the name
        name: Option<Text>,
        /// a part of the display text
        displaytext: Option<Text>,
        /// true for those that came with the installation, false for the others
        isdefault: Option<bool>,
        /// whether it may be used
        state: Option<OfferingState>,
        /// services that it must have, all of them
        supportedservices: Option<List<String>>,
        /// a zone in which it can be used
        zoneid: Option<Id<Zone>>,
        /// a domain whose accounts can use it
        domainid: Option<Id<Domain>>,
        ..paged: Paged,
    }
}

fn list(cx: &mut Cx<'_>, args: &ListVpcOfferings) -> Result<Rows<VpcOfferingView>, Fault> {
    cx.find_opt(args.domainid.as_ref())?;
    cx.find_opt(args.zoneid.as_ref())?;
    let mut filter = args.paged.filter();
    filter.is("id", cx.row_opt(args.id.as_ref())?);
    filter.contains("name", args.name.as_deref());
    filter.contains("display_text", args.displaytext.as_deref());
    filter.is("is_default", args.isdefault);
    filter.is("state", args.state);
    filter.keyword(&["display_text", "name"]);
    services(&mut filter, args.supportedservices.as_ref())?;
    let (offerings, total) = filter.living::<VpcOffering>(cx, "sort_key, id")?;
    Ok(Rows { rows: offerings.into_iter().map(|one| show(cx, one)).collect(), total })
}

api! {
    /// Creates a VPC offering.
    create object "createVPCOffering" {
        key: "vpcoffering",
        event: "VPC.OFFERING.CREATE",
        example: "create vpc offering name=plain supportedservices=Dhcp,Dns,SourceNat enable=true",
    } => create -> VpcOfferingView;
    CreateVpcOffering {
        /// the name of the VPC offering, which no other has
        name: Text,
        /// what it is; the name where nothing is said
        displaytext: Option<Text>,
        /// the protocols of its VPCs
        internetprotocol: Option<InternetProtocol>,
        /// how traffic leaves its VPCs
        networkmode: Option<NetworkMode>,
        /// how the world learns routes to VPCs in the mode ROUTED
        routingmode: Option<RoutingMode>,
        /// whether their AS number is named when they are made
        specifyasnumber: Option<bool>,
        /// its services; `SourceNat`, `NetworkACL` and `Gateway` come by themselves
        supportedservices: Option<List<String>>,
        /// who provides what: `serviceproviderlist[0].service=Dhcp` and
        /// `serviceproviderlist[0].provider=VpcVirtualRouter`
        serviceproviderlist: Option<Map>,
        /// varieties of services: `servicecapabilitylist[0].service=SourceNat`, then
        /// `.capabilitytype=RedundantRouter` and `.capabilityvalue=true`
        servicecapabilitylist: Option<Map>,
        /// whether it may be used at once; false unless said
        enable: Option<bool>,
    }
}

fn create(cx: &mut Cx<'_>, args: &CreateVpcOffering) -> Result<VpcOfferingView, Fault> {
    let new = NewVpcOffering {
        name: &args.name,
        display_text: args.displaytext.as_deref(),
        internet_protocol: args.internetprotocol,
        network_mode: args.networkmode,
        routing_mode: args.routingmode,
        specify_as_number: args.specifyasnumber == Some(true),
        services: Asked {
            services: args.supportedservices.as_ref(),
            providers: args.serviceproviderlist.as_ref(),
            capabilities: args.servicecapabilitylist.as_ref(),
        },
        enable: args.enable.unwrap_or(false),
    };
    let offering = create_vpc_offering(cx, &new)?;
    Ok(show(cx, offering))
}

api! {
    /// Changes a VPC offering.
    job object "updateVPCOffering" {
        key: "vpcoffering",
        event: "VPC.OFFERING.UPDATE",
        example: "update vpc offering id=\"Redundant VPC offering\" state=Disabled",
    } => update -> VpcOfferingView;
    UpdateVpcOffering {
        /// the id of the VPC offering
        id: Id<VpcOffering>,
        /// its new name, which no other has
        name: Option<Text>,
        /// what it is
        displaytext: Option<Text>,
        /// whether it may be used
        state: Option<OfferingState>,
        /// its place in lists: lower ones come first
        sortkey: Option<i32>,
    }
}

fn update(cx: &mut Cx<'_>, args: &UpdateVpcOffering) -> Result<VpcOfferingView, Fault> {
    let offering = cx.find(&args.id)?;
    let change = VpcOfferingChange {
        name: args.name.as_deref(),
        display_text: args.displaytext.as_deref(),
        state: args.state,
        sort_key: args.sortkey.map(i64::from),
    };
    let offering = update_vpc_offering(cx, offering, &change).map_err(Fault::in_job)?;
    Ok(show(cx, offering))
}

api! {
    /// Deletes a VPC offering that no VPC uses.
    job success "deleteVPCOffering" {
        event: "VPC.OFFERING.DELETE",
        example: "delete vpc offering id=plain",
    } => delete;
    DeleteVpcOffering {
        /// the id of the VPC offering
        id: Id<VpcOffering>,
    }
}

fn delete(cx: &mut Cx<'_>, args: &DeleteVpcOffering) -> Result<(), Fault> {
    let offering = cx.find(&args.id)?;
    delete_vpc_offering(cx, offering).map_err(Fault::in_job)
}

fn show(cx: &Cx<'_>, offering: VpcOffering) -> VpcOfferingView {
    VpcOfferingView {
        id: cx.uid::<VpcOffering>(offering.id),
        created: offering.created,
        isdefault: offering.is_default,
        state: offering.state.word(),
        service: show_services(&offering.services),
        distributedvpcrouter: offering.distributed,
        supports_region_level_vpc: offering.region_level,
        fornsx: false,
        routingmode: offering.routing_mode.map(RoutingMode::word),
        specifyasnumber: offering.specify_as_number,
        name: offering.name,
        displaytext: offering.display_text,
        internetprotocol: offering.internet_protocol,
        networkmode: offering.network_mode,
    }
}

#[cfg(test)]
mod tests {
    use crate::model::{Time, Vpc, VpcOffering, VpcState};
    use crate::schema::Fault;
    use crate::sim::World;
    use serde_json::{Value as Json, json};

    const LIST: &str = "listVPCOfferings";
    const CREATE: &str = "createVPCOffering";

    fn row(world: &World, name: &str) -> Json {
        world.ok(LIST, &[("name", name)])["vpcoffering"][0].take()
    }

    fn services(row: &Json) -> Vec<String> {
        let all = row["service"].as_array().unwrap();
        all.iter().map(|service| service["name"].as_str().unwrap().to_owned()).collect()
    }

    #[track_caller]
    fn refused(words: &[(&str, &str)], code: u16, text: &str) {
        let world = World::sandbox();
        let before = world.ok(LIST, &[]);
        let words: Vec<_> = [("name", "x")].iter().chain(words).copied().collect();
        assert_eq!(world.refused(CREATE, &words), (code, text.to_owned()));
        assert_eq!(world.ok(LIST, &[]), before, "a refused call changed something");
    }

    #[test]
    fn the_defaults_are_there() {
        let world = World::sandbox();
        let list = world.ok(LIST, &[("isdefault", "true")]);
        let rows = list["vpcoffering"].as_array().unwrap();
        let names: Vec<_> = rows.iter().map(|row| row["name"].as_str().unwrap()).collect();
        let want = [
            "Default VPC offering",
            "Default VPC  offering with Netscaler",
            "Redundant VPC offering",
        ];
        assert_eq!(names, want);
        for row in rows {
            assert_eq!((&row["displaytext"], &row["state"]), (&row["name"], &"Enabled".into()));
            assert_eq!(services(row).len(), 10, "{row}");
            assert_eq!(row["supportsregionLevelvpc"], false);
        }
        assert_eq!(world.ok(LIST, &[("supportedservices", "Firewall")]), json!({}));
        assert_eq!(world.ok(LIST, &[("keyword", "redundant")])["count"], 1);
        assert_eq!(world.refused(LIST, &[("supportedservices", "X")]).0, 431);
    }

    #[test]
    fn an_offering_gets_what_every_vpc_needs() {
        let world = World::sandbox();
        let words = [
            ("name", "x"),
            ("supportedservices", "Dhcp,Lb"),
            ("serviceproviderlist[0].service", "Lb"),
            ("serviceproviderlist[0].provider", "VpcVirtualRouter"),
            ("serviceproviderlist[1].service", "Lb"),
            ("serviceproviderlist[1].provider", "InternalLbVm"),
            ("servicecapabilitylist[0].service", "SourceNat"),
            ("servicecapabilitylist[0].capabilitytype", "RedundantRouter"),
            ("servicecapabilitylist[0].capabilityvalue", "true"),
        ];
        let reply = world.reply(CREATE, &words).unwrap();
        let made = &reply.body["vpcoffering"];
        assert_eq!(services(made), ["Dhcp", "NetworkACL", "Gateway", "SourceNat", "Lb"]);
        assert_eq!(made["service"][4]["provider"].as_array().unwrap().len(), 2);
        assert_eq!((&made["displaytext"], &made["state"]), (&"x".into(), &"Disabled".into()));
        assert_eq!(reply.job.unwrap().made.as_deref(), made["id"].as_str());
        assert_eq!(row(&world, "x"), *made);
        let stored = world
            .engine
            .store()
            .read(|tx| Ok::<_, Fault>(tx.first::<VpcOffering>("WHERE name = 'x'", &[])?.unwrap()));
        assert!(stored.unwrap().redundant);
    }

    #[test]
    fn a_routed_vpc_translates_no_addresses() {
        let world = World::sandbox();
        let words = [("name", "x"), ("supportedservices", "Dhcp"), ("networkmode", "ROUTED")];
        let made = world.ok(CREATE, &words)["vpcoffering"].take();
        assert_eq!(services(&made), ["Dhcp", "NetworkACL", "Gateway"]);
        refused(
            &[
                ("supportedservices", "Dhcp,Lb"),
                ("networkmode", "ROUTED"),
                ("serviceproviderlist[0].service", "Lb"),
                ("serviceproviderlist[0].provider", "VpcVirtualRouter"),
            ],
            431,
            "Invalid parameter serviceproviderlist: with networkmode `ROUTED` `VpcVirtualRouter` \
             does not provide `Lb`",
        );
    }

    #[test]
    fn an_offering_that_cannot_be_is_refused() {
        refused(
            &[],
            431,
            "Invalid parameter supportedservices: a VPC offering needs at least one service",
        );
        refused(
            &[("supportedservices", "Firewall")],
            431,
            "Invalid parameter supportedservices: `Firewall` is not for VPCs, which have \
             `NetworkACL`",
        );
        refused(
            &[("supportedservices", "Dhcp"), ("internetprotocol", "IPv6")],
            431,
            "Invalid parameter internetprotocol: `IPv6` needs the setting ipv6.offering.enabled \
             to be true",
        );
        let capability = |service, name| {
            [
                ("supportedservices", "Dhcp,Lb,Connectivity"),
                ("servicecapabilitylist[0].service", service),
                ("servicecapabilitylist[0].capabilitytype", name),
                ("servicecapabilitylist[0].capabilityvalue", "true"),
            ]
        };
        let start = "Invalid parameter servicecapabilitylist: ";
        let why = "`ElasticLb` = `true` of the service `Lb` is not for VPC offerings";
        refused(&capability("Lb", "ElasticLb"), 431, &format!("{start}{why}"));
        let why = "`RedundantRouter` = `true` of the service `Gateway` is for the service \
                   `SourceNat`";
        refused(&capability("Gateway", "RedundantRouter"), 431, &format!("{start}{why}"));
        let world = World::sandbox();
        let taken = [("name", "Redundant VPC offering"), ("supportedservices", "Dhcp")];
        let (code, text) = world.refused(CREATE, &taken);
        assert_eq!(code, 431);
        assert!(text.contains("there is a VPC offering `Redundant VPC offering` already"));
    }

    #[test]
    fn an_offering_can_be_changed() {
        let world = World::sandbox();
        let id = world.id(LIST, &[("name", "Redundant")]);
        let words =
            [("id", id.as_str()), ("name", "two"), ("state", "disabled"), ("sortkey", "-1")];
        let changed = world.ok("updateVPCOffering", &words)["vpcoffering"].take();
        assert_eq!((&changed["name"], &changed["state"]), (&"two".into(), &"Disabled".into()));
        assert_eq!(world.ok(LIST, &[])["vpcoffering"][0], changed);
        for (name, value) in [("name", "Default VPC offering"), ("state", "Inactive")] {
            let (code, text) = world.refused("updateVPCOffering", &[("id", &id), (name, value)]);
            assert_eq!(code, 431, "{text}");
        }
        assert_eq!(row(&world, "two"), changed);
    }

    fn vpc(world: &World, offering: &'static str) {
        let made = world.engine.store().write(move |tx| {
            let args = [offering.into()];
            let offering: VpcOffering = tx.first("WHERE name = ?", &args)?.unwrap();
            tx.insert(&Vpc {
                id: 0,
                name: "v".into(),
                display_text: "v".into(),
                zone_id: 1,
                account_id: 2,
                domain_id: 1,
                offering_id: offering.id,
                cidr: "10.0.0.0/16".into(),
                state: VpcState::Enabled,
                network_domain: None,
                restart_required: false,
                redundant: false,
                display: true,
                public_mtu: 1500,
                dns1: None,
                dns2: None,
                ip6_dns1: None,
                ip6_dns2: None,
                created: Time::from_millis(0),
                removed: None,
            })?;
            Ok::<_, Fault>(())
        });
        made.unwrap();
    }

    #[test]
    fn an_offering_can_be_deleted_unless_it_is_a_default_or_used() {
        let world = World::sandbox();
        let default = world.id(LIST, &[("name", "Redundant")]);
        let reply = world.reply("deleteVPCOffering", &[("id", &default)]).unwrap();
        let failed = reply.job.unwrap().failed.unwrap();
        assert_eq!(failed.code(), 431);
        assert!(failed.text.contains("can't be deleted"), "{failed}");
        for name in ["x", "y"] {
            world.ok(CREATE, &[("name", name), ("supportedservices", "Dhcp")]);
        }
        vpc(&world, "x");
        let id = row(&world, "x")["id"].as_str().unwrap().to_owned();
        let (code, text) = world.refused("deleteVPCOffering", &[("id", &id)]);
        assert_eq!(code, 431);
        assert!(text.contains("`x` as it is used by 1 VPC; "), "{text}");
        let id = row(&world, "y")["id"].as_str().unwrap().to_owned();
        assert_eq!(world.ok("deleteVPCOffering", &[("id", &id)])["success"], true);
        assert_eq!(world.ok(LIST, &[("id", &id)]), json!({}));
        assert_eq!(world.refused("deleteVPCOffering", &[("id", &id)]).0, 431);
    }
}
