//! Networks: isolated ones, tiers of VPCs, and L2.

use crate::api::network_view::{NetworkView, show};
use crate::api::owned::{ForOwner, Owned};
use crate::api::paging::{Filter, Paged};
use crate::api::{Rows, api, bgp_peers};
use crate::engine::services::services_named;
use crate::engine::{self, Cx, NameServers, NetworkChanges, NewNetwork, Shared};
use crate::model::{
    Acl, AclType, BgpPeer, EntityKind, GuestType, Network, NetworkOffering, PhysicalNetwork,
    TrafficKind, Vpc, Zone,
};
use crate::net::{Cidr6, VlanTag};
use crate::schema::{Exception, Fault, Id, List, Map, Text};
use crate::text::quoted;
use std::net::{Ipv4Addr, Ipv6Addr};

api! {
    /// Creates a network.
    now object "createNetwork" { key: "network", event: "NETWORK.CREATE",
        root_params: &["displaynetwork"],
        example: "create network name=web zoneid=sandbox \
            networkofferingid=DefaultIsolatedNetworkOfferingWithSourceNatService" }
        => create -> NetworkView;
    CreateNetwork {
        /// the name of the network
        name: Text,
        /// the zone of the network
        zoneid: Id<Zone>,
        /// the offering, which says what the network can do
        networkofferingid: Id<NetworkOffering>,
        /// what the network is; its name when nothing is said
        displaytext: Option<Text>,
        /// who may use the network
        acltype: Option<AclType>,
        /// the ACL list of a tier
        aclid: Option<Id<Acl>>,
        /// the VPC whose tier the network is to be
        vpcid: Option<Id<Vpc>>,
        /// the physical network under it, where the zone has several
        physicalnetworkid: Option<Id<PhysicalNetwork>>,
        /// the gateway of its guests; without it an isolated network gets the guest CIDR of its
        /// zone, and a tier the next free block of its VPC
        gateway: Option<Ipv4Addr>,
        /// the netmask of its guests
        netmask: Option<Ipv4Addr>,
        /// the prefix length of the block that is carved for a tier or a routed network
        cidrsize: Option<u8>,
        /// the AS number, where the offering asks for one
        asnumber: Option<i64>,
        /// the BGP peers of a routed network; else those of its owner
        bgppeerids: Option<List<Id<BgpPeer>>>,
        /// the first address of its guests; for shared networks, others take no notice
        startip: Option<Ipv4Addr>,
        /// the last address of its guests; for shared networks, others take no notice
        endip: Option<Ipv4Addr>,
        /// the VLAN, where the offering asks for one
        vlan: Option<Text>,
        /// whether another network of the zone may have the same VLAN
        bypassvlanoverlapcheck: Option<bool>,
        /// the DNS domain of its guests
        networkdomain: Option<Text>,
        /// the first name server of its guests
        dns1: Option<Ipv4Addr>,
        /// the second name server of its guests
        dns2: Option<Ipv4Addr>,
        /// the first IPv6 name server of its guests
        ip6dns1: Option<Ipv6Addr>,
        /// the second IPv6 name server of its guests
        ip6dns2: Option<Ipv6Addr>,
        /// the MTU of the router's public interface, in bytes
        publicmtu: Option<u32>,
        /// the MTU of the router's guest interface, in bytes
        privatemtu: Option<u32>,
        /// the public address that is to be the source NAT of the network
        sourcenatipaddress: Option<Ipv4Addr>,
        /// whether the owner sees the network
        displaynetwork: Option<bool>,
        /// whether the domains below that of a network with acltype=Domain may use it too
        subdomainaccess: Option<bool>,
        /// the router's address; for shared networks only
        routerip: Option<Text>,
        /// the router's IPv6 address; for shared networks only
        routeripv6: Option<Text>,
        /// the IPv6 gateway; for shared networks only
        ip6gateway: Option<Ipv6Addr>,
        /// the IPv6 CIDR; for shared networks only
        ip6cidr: Option<Cidr6>,
        /// the first IPv6 address; for shared networks only
        startipv6: Option<Ipv6Addr>,
        /// the last IPv6 address; for shared networks only
        endipv6: Option<Ipv6Addr>,
        /// the secondary VLAN of a private VLAN; for shared networks only
        isolatedpvlan: Option<Text>,
        /// the network that this one is to be associated with; for shared networks only
        associatednetworkid: Option<Text>,
        ..owner: ForOwner,
    }
}

fn create(cx: &mut Cx<'_>, args: &CreateNetwork) -> Result<NetworkView, Fault> {
    let new = NewNetwork {
        name: args.name.to_string(),
        display_text: text(args.displaytext.as_ref()),
        zone: cx.find(&args.zoneid)?,
        offering: cx.find(&args.networkofferingid)?,
        physical: cx.find_opt(args.physicalnetworkid.as_ref())?,
        vpc: cx.find_opt(args.vpcid.as_ref())?,
        acl: cx.find_opt(args.aclid.as_ref())?,
        owner: args.owner.owner(cx)?,
        acl_type: args.acltype,
        gateway: args.gateway,
        netmask: args.netmask,
        cidr_size: args.cidrsize,
        vlan: text(args.vlan.as_ref()),
        shares_vlan: args.bypassvlanoverlapcheck == Some(true),
        domain_name: text(args.networkdomain.as_ref()),
        dns: NameServers {
            dns1: args.dns1,
            dns2: args.dns2,
            ip6_dns1: args.ip6dns1,
            ip6_dns2: args.ip6dns2,
        },
        public_mtu: args.publicmtu.map(i64::from),
        private_mtu: args.privatemtu.map(i64::from),
        source_nat: args.sourcenatipaddress,
        display: args.displaynetwork.unwrap_or(true),
        routes: bgp_peers::routes(cx, args.asnumber, args.bgppeerids.as_ref())?,
        shared: Shared {
            first: args.startip,
            last: args.endip,
            ip6_gateway: args.ip6gateway,
            ip6_cidr: args.ip6cidr,
            ip6_first: args.startipv6,
            ip6_last: args.endipv6,
            domain: cx.find_opt(args.owner.domainid.as_ref())?,
            subdomains: args.subdomainaccess,
            has_owner: args.owner.account.is_some() || args.owner.projectid.is_some(),
        },
    };
    if new.offering.guest_type == GuestType::Shared {
        refuse_later(args)?;
    } else {
        refuse_shared_only(args)?;
    }
    let network = engine::create_network(cx, &new)?;
    show(cx, network)
}

/// What a later version gives to shared networks.
fn refuse_later(args: &CreateNetwork) -> Result<(), Fault> {
    let given = [
        ("routerip", &args.routerip),
        ("routeripv6", &args.routeripv6),
        ("isolatedpvlan", &args.isolatedpvlan),
        ("associatednetworkid", &args.associatednetworkid),
    ];
    match given.iter().find(|(_, value)| value.is_some()) {
        Some((name, _)) => {
            let text = format!("Parameter {name} cannot be given yet; leave it out");
            Err(Fault::new(Exception::UnsupportedAction, text))
        }
        None => Ok(()),
    }
}

/// What only shared networks can have is refused; their range of addresses is not, as clients
/// send it with every kind of network.
fn refuse_shared_only(args: &CreateNetwork) -> Result<(), Fault> {
    let given = [
        ("routerip", args.routerip.is_some()),
        ("routeripv6", args.routeripv6.is_some()),
        ("ip6gateway", args.ip6gateway.is_some()),
        ("ip6cidr", args.ip6cidr.is_some()),
        ("startipv6", args.startipv6.is_some()),
        ("endipv6", args.endipv6.is_some()),
        ("isolatedpvlan", args.isolatedpvlan.is_some()),
        ("associatednetworkid", args.associatednetworkid.is_some()),
    ];
    if let Some((name, _)) = given.iter().find(|(_, given)| *given) {
        return Err(Fault::invalid(format!("Parameter {name} is for shared networks only")));
    }
    match (args.startip, args.endip) {
        (None, Some(_)) => Err(Fault::invalid("Parameter endip is given without startip")),
        (Some(_), _) if args.gateway.is_none() || args.netmask.is_none() => {
            Err(Fault::invalid("Parameter startip needs gateway and netmask"))
        }
        (Some(first), Some(last)) if first > last => Err(Fault::invalid(format!(
            "Invalid parameter endip: {last} is lower than startip, {first}"
        ))),
        _ => Ok(()),
    }
}

/// A parameter as its own text.
pub(crate) fn text(given: Option<&Text>) -> Option<String> {
    given.map(|given| given.to_string())
}

api! {
    /// Lists networks.
    now list "listNetworks" { key: "network", root_params: &["displaynetwork"],
        example: "list networks type=Isolated" }
        => list -> NetworkView;
    ListNetworks {
        /// the id of the network
        id: Option<Id<Network>>,
        /// the name of the network
        name: Option<Text>,
        /// only networks of this zone
        zoneid: Option<Id<Zone>>,
        /// only networks on this physical network
        physicalnetworkid: Option<Id<PhysicalNetwork>>,
        /// only networks of this offering
        networkofferingid: Option<Id<NetworkOffering>>,
        /// only tiers of this VPC
        vpcid: Option<Id<Vpc>>,
        /// only tiers of VPCs, or only networks that are none
        forvpc: Option<bool>,
        /// only this kind of network
        kind as "type": Option<GuestType>,
        /// only networks with this traffic
        traffictype: Option<TrafficKind>,
        /// only networks for an account, or for a domain
        acltype: Option<AclType>,
        /// `account`, `domain`, `accountdomain`, `shared` or `all`: for whom the networks are
        networkfilter: Option<Text>,
        /// the system's own networks instead of guests'
        issystem: Option<bool>,
        /// only networks that must be restarted, or need not
        restartrequired: Option<bool>,
        /// only networks that are given ranges of addresses, or are not
        specifyipranges: Option<bool>,
        /// only networks with all these services
        supportedservices: Option<List<String>>,
        /// only networks that new guests can be put into, or cannot
        canusefordeploy: Option<bool>,
        /// only networks that their owner sees, or does not
        displaynetwork: Option<bool>,
        /// only the network with this VLAN or VNI, as `100` or `vxlan://5000`
        vlan: Option<Text>,
        /// only networks with these tags
        tags: Option<Map>,
        /// only count them
        retrieveonlyresourcecount: Option<bool>,
        ..owned: Owned,
        ..paged: Paged,
    }
}

fn list(cx: &mut Cx<'_>, args: &ListNetworks) -> Result<Rows<NetworkView>, Fault> {
    let mut filter = args.paged.filter();
    filter.is("id", cx.row_opt(args.id.as_ref())?);
    filter.is("name", text(args.name.as_ref()));
    filter.is("zone_id", cx.row_opt(args.zoneid.as_ref())?);
    filter.is("physical_network_id", cx.row_opt(args.physicalnetworkid.as_ref())?);
    filter.is("offering_id", cx.row_opt(args.networkofferingid.as_ref())?);
    filter.is("vpc_id", cx.row_opt(args.vpcid.as_ref())?);
    filter.is("guest_type", args.kind);
    filter.is("traffic_type", args.traffictype);
    filter.is("acl_type", args.acltype);
    filter.is("restart_required", args.restartrequired);
    filter.is("display", args.displaynetwork);
    filter.keyword(&["name", "display_text"]);
    narrow_by_owner(cx, args, &mut filter)?;
    narrow_by_kind(cx, args, &mut filter)?;
    let (networks, total) = filter.living::<Network>(cx, "id")?;
    if args.retrieveonlyresourcecount == Some(true) {
        return Ok(Rows { rows: Vec::new(), total });
    }
    let rows = networks.into_iter().map(|network| show(cx, network)).collect::<Result<_, _>>()?;
    Ok(Rows { rows, total })
}

/// The system's own networks are nobody's; without a word about them only guests' are shown.
fn narrow_by_owner(
    cx: &mut Cx<'_>,
    args: &ListNetworks,
    filter: &mut Filter<'_>,
) -> Result<(), Fault> {
    let asked = if cx.caller.is_root() { args.issystem } else { None };
    let system = asked.or_else(|| args.id.is_none().then_some(false));
    filter.is("system", system);
    if system != Some(true) {
        narrow_by_use(cx, args, filter)?;
    }
    Ok(())
}

/// Networks are shown to their owners, to those of the domain that may use them, and to those who
/// were permitted to; `networkfilter` says which of these are meant.
fn narrow_by_use(
    cx: &mut Cx<'_>,
    args: &ListNetworks,
    filter: &mut Filter<'_>,
) -> Result<(), Fault> {
    let whose = args.networkfilter.as_deref().unwrap_or("all").to_ascii_lowercase();
    let (account, domain, permitted) = match whose.as_str() {
        "account" => (true, false, false),
        "domain" => (false, true, false),
        "accountdomain" => (true, true, false),
        "shared" => (false, false, true),
        "all" => (true, true, true),
        _ => {
            return Err(Fault::invalid(format!(
                "Invalid parameter networkfilter: {} is none of account, domain, accountdomain, \
                 shared and all",
                quoted(&whose)
            )));
        }
    };
    let scope = args.owned.scope(cx, args.id.is_some())?;
    let own = scope.condition("account_id");
    if own.is_none() && whose == "all" {
        return Ok(());
    }
    let (mut ways, mut values) = (Vec::new(), Vec::new());
    if account {
        let (holds, more) = own.unwrap_or_else(|| ("1 = 1".into(), Vec::new()));
        ways.push(format!("(acl_type = 'Account' AND {holds})"));
        values.extend(more);
    }
    if domain {
        let of = match cx.find_opt(args.owned.domainid.as_ref())? {
            Some(domain) => domain,
            None => cx.must(cx.caller.domain_id)?,
        };
        let admin = cx.caller.is_root() || cx.caller.is_domain_admin();
        let below = args.owned.listall == Some(true) || args.owned.isrecursive == Some(true);
        let below = admin && (below || args.id.is_some());
        let (holds, more) = engine::of_domain(cx, &of, below)?;
        ways.push(holds);
        values.extend(more);
    }
    if permitted {
        let (holds, more) =
            scope.condition("account_id").unwrap_or_else(|| ("1 = 1".into(), Vec::new()));
        ways.push(engine::of_permitted(&holds));
        values.extend(more);
    }
    filter.holds(&format!("({})", ways.join(" OR ")), values);
    Ok(())
}

fn narrow_by_kind(
    cx: &mut Cx<'_>,
    args: &ListNetworks,
    filter: &mut Filter<'_>,
) -> Result<(), Fault> {
    if let Some(tier) = args.forvpc {
        filter.holds(if tier { "vpc_id IS NOT NULL" } else { "vpc_id IS NULL" }, []);
    }
    if let Some(usable) = args.canusefordeploy {
        let room = "(traffic_type = 'Guest' AND (cidr IS NULL OR \
                    (cidr NOT LIKE '%/31' AND cidr NOT LIKE '%/32')))";
        filter.holds(&if usable { room.to_owned() } else { format!("NOT {room}") }, []);
    }
    if let Some(ranges) = args.specifyipranges {
        let known = "SELECT id FROM network_offering WHERE specify_ip_ranges = ?";
        filter.holds(&format!("offering_id IN ({known})"), [ranges.into()]);
    }
    if let Some(vlan) = args.vlan.as_deref() {
        narrow_by_vlan(vlan, filter);
    }
    if let Some(wanted) = &args.supportedservices {
        let wanted = services_named(&wanted.0, "supportedservices")?;
        let offerings: Vec<NetworkOffering> = cx.tx.select("", &[])?;
        let has_all = |one: &&NetworkOffering| wanted.iter().all(|known| one.has(known.name));
        let ids: Vec<_> = offerings.iter().filter(has_all).map(|one| one.id.to_string()).collect();
        filter.holds(&format!("offering_id IN ({})", ids.join(", ")), []);
    }
    filter.tagged(EntityKind::Network, args.tags.as_ref())?;
    Ok(())
}

/// A bare number is a VLAN as well as a VNI.
fn narrow_by_vlan(vlan: &str, filter: &mut Filter<'_>) {
    let uri = |text: &str| VlanTag::parse(text).map_or_else(|_| text.into(), |tag| tag.to_string());
    if vlan.contains("://") {
        filter.is("broadcast_uri", Some(uri(vlan)));
    } else {
        let both = [uri(vlan), format!("vxlan://{vlan}")].map(Into::into);
        filter.holds("broadcast_uri IN (?, ?)", both);
    }
}

api! {
    /// Changes a network.
    job object "updateNetwork" { key: "network", event: "NETWORK.UPDATE",
        root_params: &["customid", "displaynetwork", "forced"],
        example: "update network id=web displaytext=\"The web\"" } => update -> NetworkView;
    UpdateNetwork {
        /// the id of the network
        id: Id<Network>,
        /// the new name
        name: Option<Text>,
        /// what the network is
        displaytext: Option<Text>,
        /// another offering
        networkofferingid: Option<Id<NetworkOffering>>,
        /// the part of its CIDR that guests get addresses from; the whole CIDR ends a reservation
        guestvmcidr: Option<Text>,
        /// the DNS domain of its guests
        networkdomain: Option<Text>,
        /// the first name server of its guests
        dns1: Option<Ipv4Addr>,
        /// the second name server of its guests
        dns2: Option<Ipv4Addr>,
        /// the first IPv6 name server of its guests
        ip6dns1: Option<Ipv6Addr>,
        /// the second IPv6 name server of its guests
        ip6dns2: Option<Ipv6Addr>,
        /// the MTU of the router's public interface, in bytes
        publicmtu: Option<u32>,
        /// the MTU of the router's guest interface, in bytes
        privatemtu: Option<u32>,
        /// the address of the network that becomes its source NAT
        sourcenatipaddress: Option<Ipv4Addr>,
        /// whether the owner sees the network
        displaynetwork: Option<bool>,
        /// another id for it, a UUID
        customid: Option<Text>,
    }
}

fn update(cx: &mut Cx<'_>, args: &UpdateNetwork) -> Result<NetworkView, Fault> {
    let network = cx.find(&args.id)?;
    let changes = NetworkChanges {
        name: text(args.name.as_ref()),
        display_text: text(args.displaytext.as_ref()),
        display: args.displaynetwork,
        domain_name: text(args.networkdomain.as_ref()),
        offering: cx.find_opt(args.networkofferingid.as_ref())?,
        guest_cidr: text(args.guestvmcidr.as_ref()),
        dns: NameServers {
            dns1: args.dns1,
            dns2: args.dns2,
            ip6_dns1: args.ip6dns1,
            ip6_dns2: args.ip6dns2,
        },
        public_mtu: args.publicmtu.map(i64::from),
        private_mtu: args.privatemtu.map(i64::from),
        source_nat: args.sourcenatipaddress,
    };
    let network = engine::update_network(cx, network, &changes)?;
    let (id, wanted) = ((0, network.id), args.customid.as_deref());
    cx.rename(EntityKind::Network, id, wanted).map_err(Fault::in_job)?;
    show(cx, network)
}

api! {
    /// Deletes a network and gives back its addresses and its VLAN.
    job success "deleteNetwork" { event: "NETWORK.DELETE", example: "delete network id=web" }
        => delete;
    DeleteNetwork {
        /// the id of the network
        id: Id<Network>,
        /// whether it is deleted even if its router cannot be reached; for root admins
        forced: Option<bool>,
    }
}

fn delete(cx: &mut Cx<'_>, args: &DeleteNetwork) -> Result<(), Fault> {
    let network = cx.find(&args.id)?;
    engine::delete_network(cx, network, args.forced == Some(true))
}

api! {
    /// Restarts a network; its addresses stay.
    job success "restartNetwork" { event: "NETWORK.RESTART", example: "restart network id=web" }
        => restart;
    RestartNetwork {
        /// the id of the network
        id: Id<Network>,
        /// whether its routers are made anew
        cleanup: Option<bool>,
        /// whether it is to have two routers from now on
        makeredundant: Option<bool>,
        /// whether its routers are patched while they run, which excludes cleanup
        livepatch: Option<bool>,
    }
}

fn restart(cx: &mut Cx<'_>, args: &RestartNetwork) -> Result<(), Fault> {
    let network = cx.find(&args.id)?;
    let (cleanup, live) = (args.cleanup == Some(true), args.livepatch == Some(true));
    refuse_both(cleanup, live)?;
    engine::restart_network(cx, network, cleanup, args.makeredundant == Some(true))
}

/// Routers cannot be patched while they run and be made anew at the same time.
pub(crate) fn refuse_both(cleanup: bool, live_patch: bool) -> Result<(), Fault> {
    if cleanup && live_patch {
        return Err(Fault::invalid("Parameters cleanup and livepatch exclude each other").in_job());
    }
    Ok(())
}
