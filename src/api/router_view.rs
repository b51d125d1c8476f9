//! Routers as the API shows them.

use crate::api::network_view::vlan_of;
use crate::api::owner_view::OwnerView;
use crate::api::vm_view::NicView;
use crate::engine::system_vms::{self, Link};
use crate::engine::{Cx, Owner, ip6};
use crate::model::{
    GuestType, Network, Pod, Router, ServiceOffering, SystemVm, Time, TrafficKind, Uid, Vpc, Zone,
};
use crate::schema::{Fault, view};
use std::net::{Ipv4Addr, Ipv6Addr};

view! {
    /// The addresses of a router, which are part of its own view.
    RouterAddressesView in "DomainRouterResponse" shows ["publicip"] {
        /// the public address, the source NAT of its network or VPC
        publicip: Option<Ipv4Addr>,
        /// the MAC address of the public interface
        publicmacaddress: Option<String>,
        /// the netmask of the public address
        publicnetmask: Option<Ipv4Addr>,
        /// the id of the zone's public network
        publicnetworkid: Option<Uid>,
        /// the gateway of the public address
        gateway: Option<Ipv4Addr>,
        /// the link-local address, as long as it runs
        linklocalip: Option<Ipv4Addr>,
        /// the MAC address of the link-local interface
        linklocalmacaddress: Option<String>,
        /// the netmask of the link-local address
        linklocalnetmask: Option<Ipv4Addr>,
        /// the id of the zone's network of link-local addresses
        linklocalnetworkid: Option<Uid>,
        /// the address in the guest network
        guestipaddress: Option<Ipv4Addr>,
        /// the MAC address of the interface in the guest network
        guestmacaddress: Option<String>,
        /// the netmask of the guest network
        guestnetmask: Option<Ipv4Addr>,
        /// the id of the guest network
        guestnetworkid: Option<Uid>,
        /// the name of the guest network
        guestnetworkname: Option<String>,
        /// the interfaces
        nic: Vec<NicView>,
    }
}

view! {
    /// A router.
    RouterView in "DomainRouterResponse" shows ["name", "state", "publicip", "guestipaddress",
        "linklocalip", "guestnetworkname", "vpcname", "redundantstate", "account", "zonename",
        "id"] root ["linklocalip", "linklocalmacaddress", "linklocalnetmask",
        "linklocalnetworkid", "podid", "podname"] {
        /// the id of the router
        id: Uid,
        /// the name of the router
        name: String,
        /// `Running`, `Stopped` and others
        state: &'static str,
        /// `VIRTUAL_ROUTER`
        role: &'static str,
        /// when it was made
        created: Time,
        /// the id of the zone
        zoneid: Uid,
        /// the name of the zone
        zonename: String,
        /// the id of the pod in which it ran last
        podid: Option<Uid>,
        /// the name of that pod
        podname: Option<String>,
        /// the first name server
        dns1: Option<String>,
        /// the second one
        dns2: Option<String>,
        /// the first IPv6 name server
        ip6dns1: Option<String>,
        /// the second one
        ip6dns2: Option<String>,
        /// the DNS domain of its network or VPC
        networkdomain: Option<String>,
        /// the hypervisor that it would run on
        hypervisor: &'static str,
        /// whether it is one of two
        isredundantrouter: bool,
        /// of two routers `PRIMARY` or `BACKUP`; `UNKNOWN` for one that does not run
        redundantstate: &'static str,
        /// the id of the service offering
        serviceofferingid: Option<Uid>,
        /// the name of the service offering
        serviceofferingname: Option<String>,
        /// the version of its template
        version: &'static str,
        /// whether it needs a newer template
        requiresupgrade: bool,
        /// whether a check of its health failed
        healthchecksfailed: bool,
        /// the id of the VPC that it routes
        vpcid: Option<Uid>,
        /// the name of that VPC
        vpcname: Option<String>,
        /// whether somebody left a comment
        hasannotations: bool,
        ..owner: OwnerView,
        ..addresses: RouterAddressesView,
    }
}

/// What of its network or VPC stands in the view of a router.
#[derive(Default)]
struct Served {
    dns: [Option<String>; 4],
    domain: Option<String>,
    redundant: bool,
    vpc: Option<Vpc>,
}

fn served(cx: &mut Cx<'_>, vm: &SystemVm, zone: &Zone) -> Result<Served, Fault> {
    let own = match (vm.network_id, vm.vpc_id) {
        (Some(id), _) => {
            let one: Network = cx.must(id)?;
            let dns = [one.dns1, one.dns2, one.ip6_dns1, one.ip6_dns2];
            Served { dns, domain: one.network_domain, redundant: one.redundant, vpc: None }
        }
        (None, Some(id)) => {
            let one: Vpc = cx.must(id)?;
            let dns = [&one.dns1, &one.dns2, &one.ip6_dns1, &one.ip6_dns2].map(Clone::clone);
            let domain = one.network_domain.clone();
            Served { dns, domain, redundant: one.redundant, vpc: Some(one) }
        }
        (None, None) => Served::default(),
    };
    if own.dns.iter().any(Option::is_some) {
        return Ok(own);
    }
    let dns =
        [Some(zone.dns1.clone()), zone.dns2.clone(), zone.ip6_dns1.clone(), zone.ip6_dns2.clone()];
    Ok(Served { dns, ..own })
}

/// A router as the admin sees it.
pub(crate) fn show(cx: &mut Cx<'_>, vm: &SystemVm) -> Result<RouterView, Fault> {
    let zone: Zone = cx.must(vm.zone_id)?;
    let pod: Option<Pod> = vm.pod_id.map(|id| cx.must(id)).transpose()?;
    let offering: Option<ServiceOffering> =
        vm.service_offering_id.map(|id| cx.must(id)).transpose()?;
    let served = served(cx, vm, &zone)?;
    let [dns1, dns2, ip6dns1, ip6dns2] = served.dns;
    let owner = Owner { account_id: vm.account_id, domain_id: vm.domain_id };
    Ok(RouterView {
        id: cx.uid::<Router>(vm.id),
        name: vm.name(),
        state: vm.state.word(),
        role: "VIRTUAL_ROUTER",
        created: vm.created,
        zoneid: cx.uid::<Zone>(zone.id),
        zonename: zone.name,
        podid: cx.uid_opt::<Pod>(vm.pod_id),
        podname: pod.map(|pod| pod.name),
        dns1,
        dns2,
        ip6dns1,
        ip6dns2,
        networkdomain: served.domain,
        hypervisor: "Simulator",
        isredundantrouter: served.redundant,
        redundantstate: match (served.redundant && vm.is_up(), vm.is_primary) {
            (false, _) => "UNKNOWN",
            (true, true) => "PRIMARY",
            (true, false) => "BACKUP",
        },
        serviceofferingid: cx.uid_opt::<ServiceOffering>(vm.service_offering_id),
        serviceofferingname: offering.map(|offering| offering.name),
        version: crate::api::VERSION,
        requiresupgrade: false,
        healthchecksfailed: false,
        vpcid: cx.uid_opt::<Vpc>(vm.vpc_id),
        vpcname: served.vpc.map(|vpc| vpc.name),
        hasannotations: false,
        owner: OwnerView::of(cx, owner)?,
        addresses: addresses(cx, vm)?,
    })
}

fn addresses(cx: &mut Cx<'_>, vm: &SystemVm) -> Result<RouterAddressesView, Fault> {
    let links = system_vms::links_of(cx, vm)?;
    let public6 = ip6::router_at(cx, vm.network_id, vm.vpc_id)?;
    let first = |kind: TrafficKind| links.iter().find(|link| link.traffic == kind);
    let public = first(TrafficKind::Public);
    let control = first(TrafficKind::Control);
    // A router of a VPC stands in many guest networks.
    let guest = first(TrafficKind::Guest).filter(|_| vm.network_id.is_some());
    let id = |link: Option<&Link>| link.map(|link| cx.uid::<Network>(link.network.id));
    Ok(RouterAddressesView {
        publicip: public.map(|link| link.ip),
        publicmacaddress: public.map(|link| link.mac.clone()),
        publicnetmask: public.and_then(|link| link.netmask),
        publicnetworkid: id(public),
        gateway: public.and_then(|link| link.gateway),
        linklocalip: control.map(|link| link.ip),
        linklocalmacaddress: control.map(|link| link.mac.clone()),
        linklocalnetmask: control.and_then(|link| link.netmask),
        linklocalnetworkid: id(control),
        guestipaddress: guest.map(|link| link.ip),
        guestmacaddress: guest.map(|link| link.mac.clone()),
        guestnetmask: guest.and_then(|link| link.netmask),
        guestnetworkid: id(guest),
        guestnetworkname: guest.map(|link| link.network.name.clone()),
        nic: nics(cx, vm, links, public6),
    })
}

fn nics(cx: &Cx<'_>, vm: &SystemVm, links: Vec<Link>, public6: Option<Ipv6Addr>) -> Vec<NicView> {
    let root = cx.caller.is_root();
    // What the system has for itself is the root admin's to know.
    let seen = links.into_iter().enumerate();
    let seen = seen.filter(|(_, link)| root || link.traffic != TrafficKind::Control);
    let nic = |(device, link): (usize, Link)| NicView {
        id: link.id,
        networkid: cx.uid::<Network>(link.network.id),
        virtualmachineid: cx.uid::<Router>(vm.id),
        ipaddress: Some(link.ip),
        netmask: link.netmask,
        gateway: link.gateway,
        ip6address: match link.traffic {
            TrafficKind::Public => public6,
            _ => link.network.ip6_gateway.as_deref().and_then(|ip| ip.parse().ok()),
        },
        ip6gateway: None,
        ip6cidr: link.network.ip6_cidr.clone(),
        deviceid: device.to_string(),
        isdefault: link.traffic == TrafficKind::Public,
        guesttype: link.network.guest_type.map(GuestType::word),
        traffictype: link.traffic.word(),
        isolationuri: link.vlan.clone(),
        vlanid: link.vlan.as_deref().and_then(vlan_of).and_then(|vlan| vlan.parse().ok()),
        mtu: match link.traffic {
            TrafficKind::Guest => link.network.private_mtu,
            _ => None,
        },
        secondaryip: None,
        publicip: None,
        publicipid: None,
        vpcid: cx.uid_opt::<Vpc>(link.network.vpc_id),
        vpcname: None,
        macaddress: Some(link.mac),
        networkname: link.network.name,
        broadcasturi: link.vlan,
    };
    seen.map(nic).collect()
}
