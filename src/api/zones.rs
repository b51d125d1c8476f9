//! Zones.

use crate::api::capacity::{CapacityView, capacities};
use crate::api::paging::Paged;
use crate::api::{Rows, api};
use crate::engine::{Cx, zones};
use crate::model::{Allocation, Cell, Domain, Uid, Zone, ZoneType};
use crate::net::{Cidr4, parse4, parse6};
use crate::schema::{Fault, Id, List, Text, choices, view};
use std::net::{Ipv4Addr, Ipv6Addr};

choices! { Allocation, ZoneType }

view! {
    /// A zone, as `listZones` shows it.
    ZoneView in "ZoneResponse" shows ["name", "id", "networktype", "allocationstate",
        "guestcidraddress"]
        root ["dns1", "dns2", "ip6dns1", "ip6dns2", "internaldns1", "internaldns2",
            "guestcidraddress", "capacity"] {
        /// the id of the zone
        id: Uid,
        /// the name of the zone
        name: String,
        /// `Basic` or `Advanced`
        networktype: &'static str,
        /// whether the zone takes new things: `Enabled` or `Disabled`
        allocationstate: &'static str,
        /// the CIDR of isolated networks for which none is given
        guestcidraddress: Option<String>,
        /// the first name server for guests
        dns1: String,
        /// the second name server for guests
        dns2: Option<String>,
        /// the first IPv6 name server for guests
        ip6dns1: Option<String>,
        /// the second IPv6 name server for guests
        ip6dns2: Option<String>,
        /// the first name server for system VMs
        internaldns1: String,
        /// the second name server for system VMs
        internaldns2: Option<String>,
        /// the DNS domain of the zone's guests
        domain: Option<String>,
        /// the id of the domain to which the zone is dedicated
        domainid: Option<Uid>,
        /// the name of the domain to which the zone is dedicated
        domainname: Option<String>,
        /// what gives addresses to guests
        dhcpprovider: String,
        /// whether local storage is used
        localstorageenabled: bool,
        /// whether security groups are used
        securitygroupsenabled: bool,
        /// the largest MTU of a router's public interface, in bytes
        routerpublicinterfacemaxmtu: u32,
        /// the largest MTU of a router's guest interfaces, in bytes
        routerprivateinterfacemaxmtu: u32,
        /// whether users may choose the MTU of their routers
        allowuserspecifyvrmtu: bool,
        /// the kind of zone; always `Core`
        kind as "type": &'static str,
        /// how much there is of what the zone hands out, and how much is taken
        capacity: Option<Vec<CapacityView>>,
    }
}

api! {
    /// Lists zones.
    now list "listZones" { key: "zone", example: "list zones name=sandbox" } => list -> ZoneView;
    ListZones {
        /// the id of the zone
        id: Option<Id<Zone>>,
        /// the ids of zones, separated by commas
        ids: Option<List<Id<Zone>>>,
        /// the name of the zone
        name: Option<Text>,
        /// the id of the domain to which the zone is dedicated
        domainid: Option<Id<Domain>>,
        /// `Basic` or `Advanced`
        networktype: Option<ZoneType>,
        /// false for only those zones in which the caller has a network that is implemented
        available: Option<bool>,
        /// true to show how much of what each zone hands out is taken
        showcapacities: Option<bool>,
        ..paged: Paged,
    }
}

api! {
    /// Makes a zone and the networks of the system in it.
    now object "createZone" { key: "zone", event: "ZONE.CREATE", example: "create zone name=west \
        networktype=Advanced dns1=192.0.2.53 internaldns1=192.0.2.53 guestcidraddress=10.1.1.0/24"
    } => create -> ZoneView;
    CreateZone {
        /// the name of the zone
        name: Text,
        /// `Basic` for one flat network, `Advanced` for networks of their own
        networktype: ZoneType,
        /// the first name server for guests
        dns1: Ipv4Addr,
        /// the second name server for guests
        dns2: Option<Ipv4Addr>,
        /// the first IPv6 name server for guests
        ip6dns1: Option<Ipv6Addr>,
        /// the second IPv6 name server for guests
        ip6dns2: Option<Ipv6Addr>,
        /// the first name server for system VMs
        internaldns1: Ipv4Addr,
        /// the second name server for system VMs
        internaldns2: Option<Ipv4Addr>,
        /// the CIDR of isolated networks for which none is given
        guestcidraddress: Option<Cidr4>,
        /// the DNS domain of the zone's guests
        domain: Option<Text>,
        /// the id of the domain to which the zone is dedicated
        domainid: Option<Id<Domain>>,
        /// whether local storage is used
        localstorageenabled: Option<bool>,
        /// whether security groups are used; always so in a basic zone
        securitygroupenabled: Option<bool>,
        /// `Enabled` or `Disabled`; without it the zone is disabled, and can get physical networks
        allocationstate: Option<Allocation>,
    }
}

api! {
    /// Changes a zone.
    now object "updateZone" { key: "zone", event: "ZONE.EDIT",
        example: "update zone id=sandbox allocationstate=Disabled" } => update -> ZoneView;
    UpdateZone {
        /// the id of the zone
        id: Id<Zone>,
        /// the new name of the zone
        name: Option<Text>,
        /// the first name server for guests
        dns1: Option<Ipv4Addr>,
        /// the second name server for guests; empty for none
        dns2: Option<String>,
        /// the first IPv6 name server for guests; empty for none
        ip6dns1: Option<String>,
        /// the second IPv6 name server for guests; empty for none
        ip6dns2: Option<String>,
        /// the first name server for system VMs
        internaldns1: Option<Ipv4Addr>,
        /// the second name server for system VMs; empty for none
        internaldns2: Option<String>,
        /// the CIDR of isolated networks for which none is given
        guestcidraddress: Option<Cidr4>,
        /// the DNS domain of the zone's guests; empty for none
        domain: Option<String>,
        /// true for a zone that is no longer dedicated to a domain
        ispublic: Option<bool>,
        /// what gives addresses to guests
        dhcpprovider: Option<Text>,
        /// whether local storage is used
        localstorageenabled: Option<bool>,
        /// `Enabled` or `Disabled`
        allocationstate: Option<Allocation>,
    }
}

api! {
    /// Deletes a zone that nothing is left in.
    now success "deleteZone" { event: "ZONE.DELETE", example: "delete zone id=west" } => delete;
    DeleteZone {
        /// the id of the zone
        id: Id<Zone>,
    }
}

fn list(cx: &mut Cx<'_>, args: &ListZones) -> Result<Rows<ZoneView>, Fault> {
    let mut filter = args.paged.filter();
    filter.is("id", cx.row_opt(args.id.as_ref())?);
    if let Some(List(ids)) = &args.ids {
        let rows = ids.iter().map(|id| cx.row(id)).collect::<Result<Vec<_>, _>>()?;
        let marks = vec!["?"; rows.len()].join(", ");
        filter.holds(&format!("id IN ({marks})"), rows.into_iter().map(Into::into));
    }
    filter.is("name", args.name.as_deref().map(str::to_owned));
    filter.is("domain_id", cx.row_opt(args.domainid.as_ref())?);
    filter.is("network_type", args.networktype);
    if !cx.caller.is_root() {
        let (sql, values) = for_domain(cx)?;
        filter.holds(&sql, values);
    }
    if args.available == Some(false) {
        let sql = "EXISTS (SELECT 1 FROM network WHERE account_id = ? AND zone_id = zone.id \
                   AND state = 'Implemented' AND removed IS NULL)";
        filter.holds(sql, [cx.caller.account_id.into()]);
    }
    filter.keyword(&["name"]);
    let (found, total) = filter.living::<Zone>(cx, "id")?;
    let mut rows = Vec::with_capacity(found.len());
    for zone in found {
        let wanted = args.showcapacities == Some(true);
        let capacity = wanted.then(|| capacities(cx, &zone, None)).transpose()?;
        rows.push(ZoneView { capacity, ..show(cx, zone)? });
    }
    Ok(Rows { rows, total })
}

/// Zones that are dedicated to a domain are seen by those in it and below it, and by the admins
/// above it.
fn for_domain(cx: &mut Cx<'_>) -> Result<(String, Vec<Cell>), Fault> {
    let own: Domain = cx.must(cx.caller.domain_id)?;
    let path = own.path.as_str();
    let mut sql = "SELECT id FROM domain WHERE substr(?, 1, length(path)) = path".to_owned();
    let mut values: Vec<Cell> = vec![path.into()];
    if cx.caller.is_domain_admin() {
        sql += " OR substr(path, 1, length(?)) = ?";
        values.extend([path.into(), path.into()]);
    }
    Ok((format!("(domain_id IS NULL OR domain_id IN ({sql}))"), values))
}

fn create(cx: &mut Cx<'_>, args: &CreateZone) -> Result<ZoneView, Fault> {
    let domain = cx.find_opt(args.domainid.as_ref())?;
    let zone = Zone {
        id: 0,
        name: args.name.to_string(),
        network_type: args.networktype,
        dns1: args.dns1.to_string(),
        dns2: args.dns2.map(|address| address.to_string()),
        ip6_dns1: args.ip6dns1.map(|address| address.to_string()),
        ip6_dns2: args.ip6dns2.map(|address| address.to_string()),
        internal_dns1: args.internaldns1.to_string(),
        internal_dns2: args.internaldns2.map(|address| address.to_string()),
        guest_cidr: args.guestcidraddress,
        network_domain: args.domain.as_deref().map(str::to_owned),
        domain_id: domain.map(|domain| domain.id),
        state: args.allocationstate.unwrap_or(Allocation::Disabled),
        dhcp_provider: "VirtualRouter".to_owned(),
        local_storage: args.localstorageenabled.unwrap_or(false),
        security_groups: args.securitygroupenabled.unwrap_or(false),
        created: cx.now,
        removed: None,
    };
    let zone = zones::create_zone(cx, zone)?;
    show(cx, zone)
}

fn update(cx: &mut Cx<'_>, args: &UpdateZone) -> Result<ZoneView, Fault> {
    let old = cx.find(&args.id)?;
    let mut new: Zone = old.clone();
    set(&mut new.name, args.name.as_deref().map(str::to_owned));
    set(&mut new.dns1, args.dns1.map(|address| address.to_string()));
    new.dns2 = server4("dns2", args.dns2.as_deref(), new.dns2)?;
    new.ip6_dns1 = server6("ip6dns1", args.ip6dns1.as_deref(), new.ip6_dns1)?;
    new.ip6_dns2 = server6("ip6dns2", args.ip6dns2.as_deref(), new.ip6_dns2)?;
    set(&mut new.internal_dns1, args.internaldns1.map(|address| address.to_string()));
    new.internal_dns2 = server4("internaldns2", args.internaldns2.as_deref(), new.internal_dns2)?;
    new.guest_cidr = args.guestcidraddress.or(new.guest_cidr);
    if let Some(domain) = &args.domain {
        new.network_domain = Some(domain.clone()).filter(|domain| !domain.trim().is_empty());
    }
    if args.ispublic == Some(true) {
        new.domain_id = None;
    }
    set(&mut new.dhcp_provider, args.dhcpprovider.as_deref().map(str::to_owned));
    set(&mut new.local_storage, args.localstorageenabled);
    set(&mut new.state, args.allocationstate);
    zones::update_zone(cx, &old, &new)?;
    show(cx, new)
}

fn delete(cx: &mut Cx<'_>, args: &DeleteZone) -> Result<(), Fault> {
    let zone = cx.find(&args.id)?;
    zones::delete_zone(cx, zone)
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

/// A name server as it is after the call: the one given, none when it is blank, else the old one.
fn server4(param: &str, given: Option<&str>, old: Option<String>) -> Result<Option<String>, Fault> {
    match given {
        None => Ok(old),
        Some(blank) if blank.trim().is_empty() => Ok(None),
        Some(text) => match parse4(text) {
            Ok(address) => Ok(Some(address.to_string())),
            Err(why) => Err(Fault::invalid(format!("Invalid parameter {param}: {why}"))),
        },
    }
}

fn server6(param: &str, given: Option<&str>, old: Option<String>) -> Result<Option<String>, Fault> {
    match given {
        None => Ok(old),
        Some(blank) if blank.trim().is_empty() => Ok(None),
        Some(text) => match parse6(text) {
            Ok(address) => Ok(Some(address.to_string())),
            Err(why) => Err(Fault::invalid(format!("Invalid parameter {param}: {why}"))),
        },
    }
}

fn show(cx: &mut Cx<'_>, zone: Zone) -> Result<ZoneView, Fault> {
    let domain: Option<Domain> = zone.domain_id.map(|id| cx.must(id)).transpose()?;
    Ok(ZoneView {
        id: cx.uid::<Zone>(zone.id),
        name: zone.name,
        networktype: zone.network_type.word(),
        allocationstate: zone.state.word(),
        guestcidraddress: zone.guest_cidr.map(|cidr| cidr.to_string()),
        dns1: zone.dns1,
        dns2: zone.dns2,
        ip6dns1: zone.ip6_dns1,
        ip6dns2: zone.ip6_dns2,
        internaldns1: zone.internal_dns1,
        internaldns2: zone.internal_dns2,
        domain: zone.network_domain,
        domainid: cx.uid_opt::<Domain>(zone.domain_id),
        domainname: domain.map(|domain| domain.name),
        dhcpprovider: zone.dhcp_provider,
        localstorageenabled: zone.local_storage,
        securitygroupsenabled: zone.security_groups,
        routerpublicinterfacemaxmtu: mtu(cx, "vr.public.interface.max.mtu", zone.id)?,
        routerprivateinterfacemaxmtu: mtu(cx, "vr.private.interface.max.mtu", zone.id)?,
        allowuserspecifyvrmtu: cx
            .setting_at("allow.end.users.to.specify.vr.mtu", "zone", zone.id)?
            .eq_ignore_ascii_case("true"),
        kind: "Core",
        capacity: None,
    })
}

fn mtu(cx: &mut Cx<'_>, setting: &str, zone_id: i64) -> Result<u32, Fault> {
    Ok(cx.setting_at(setting, "zone", zone_id)?.trim().parse().unwrap_or(1500))
}
