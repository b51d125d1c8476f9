//! What only shared networks have: ranges of addresses of their own, and users other than their
//! owner.

use crate::engine::network_access::Access;
use crate::engine::networks::{NewNetwork, Subnet};
use crate::engine::ranges::{self, NewRange};
use crate::engine::{Cx, Owner, addresses};
use crate::model::{AclType, Domain, GuestType, Network, VlanRange, ZoneType};
use crate::net::{Cidr6, VlanTag};
use crate::schema::{Exception, Fault};
use crate::text::{Count, quoted};
use std::net::{Ipv4Addr, Ipv6Addr};

/// The account that owns the networks of domains, and its domain.
const SYSTEM: Owner = Owner { account_id: 1, domain_id: 1 };

/// What is asked for of a network that is to be shared.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shared {
    /// The first address of its guests.
    pub(crate) first: Option<Ipv4Addr>,
    /// The last one; default: the first one.
    pub(crate) last: Option<Ipv4Addr>,
    /// The IPv6 gateway.
    pub(crate) ip6_gateway: Option<Ipv6Addr>,
    /// The IPv6 CIDR.
    pub(crate) ip6_cidr: Option<Cidr6>,
    /// The first IPv6 address.
    pub(crate) ip6_first: Option<Ipv6Addr>,
    /// The last IPv6 address.
    pub(crate) ip6_last: Option<Ipv6Addr>,
    /// The domain whose network it is to be.
    pub(crate) domain: Option<Domain>,
    /// Whether the domains below may use it.
    pub(crate) subdomains: Option<bool>,
    /// Whether the account that is to own it was named.
    pub(crate) has_owner: bool,
}

/// Who is to own a network and who may use it, checked.
pub(super) fn access_of(cx: &mut Cx<'_>, new: &NewNetwork) -> Result<(Owner, Access), Fault> {
    let kind = new.offering.guest_type;
    let by_default = match kind {
        GuestType::Shared if !new.shared.has_owner && cx.caller.is_root() => AclType::Domain,
        _ => AclType::Account,
    };
    let acl = new.acl_type.unwrap_or(by_default);
    if acl == AclType::Account {
        if new.shared.subdomains.is_some() {
            let text = "Parameter subdomainaccess is for networks with acltype=Domain only";
            return Err(Fault::invalid(text));
        }
        return Ok((new.owner, Access::Account));
    }
    if kind == GuestType::Isolated {
        return Err(Fault::invalid(
            "Invalid parameter acltype: an isolated network belongs to one account, so only \
             Account is allowed",
        ));
    }
    if !cx.caller.is_root() && !cx.caller.is_domain_admin() {
        let text = "Only admins may make networks for a domain (acltype=Domain)";
        return Err(Fault::new(Exception::PermissionDenied, text));
    }
    let domain_id = match &new.shared.domain {
        Some(domain) => domain.id,
        None if cx.caller.is_root() => SYSTEM.domain_id,
        None => cx.caller.domain_id,
    };
    let subdomains = match new.shared.subdomains {
        Some(given) => given,
        None => cx.setting_flag("allow.subdomain.network.access")?,
    };
    Ok((SYSTEM, Access::Domain { domain_id, subdomains }))
}

/// The checks of addresses of a network that is to be shared; the subnet is checked already.
pub(super) fn check(
    cx: &mut Cx<'_>,
    new: &NewNetwork,
    subnet: Option<Subnet>,
) -> Result<(), Fault> {
    let shared = &new.shared;
    if new.zone.network_type == ZoneType::Basic {
        return Err(Fault::invalid(
            "Invalid parameter zoneid: a Basic zone has one shared network for all",
        ));
    }
    if shared.first.is_none() && shared.ip6_first.is_none() {
        let setting = "allow.empty.start.end.ipaddress";
        let may = cx.setting_at(setting, "account", new.owner.account_id)?;
        if !may.eq_ignore_ascii_case("true") {
            return Err(Fault::invalid(format!(
                "Parameters startip and endip, or startipv6 and endipv6, are needed: the setting \
                 {setting} is false"
            )));
        }
    }
    if shared.first.is_none() && shared.last.is_some() {
        return Err(Fault::invalid("Parameter endip is given without startip"));
    }
    if shared.first.is_some() && subnet.is_none() {
        return Err(Fault::invalid("Parameter startip needs gateway and netmask"));
    }
    if subnet.is_none() && shared.ip6_cidr.is_some() && new.offering.has("Dhcp") {
        return Err(Fault::invalid(
            "Parameter gateway is needed: a shared network with a router has IPv4 addresses too",
        ));
    }
    if shared.ip6_gateway.is_some() != shared.ip6_cidr.is_some() {
        return Err(Fault::invalid("Parameters ip6gateway and ip6cidr go together"));
    }
    ranges::six(shared.ip6_gateway, shared.ip6_cidr, shared.ip6_first, shared.ip6_last)?;
    if shared.ip6_cidr.is_some() && new.zone.ip6_dns1.is_none() && new.dns.ip6_dns1.is_none() {
        return Err(Fault::invalid(format!(
            "Parameter ip6dns1 is needed: the zone {} has no IPv6 name server",
            quoted(&new.zone.name)
        )));
    }
    if !new.offering.specify_ip_ranges && (shared.first.is_some() || shared.ip6_first.is_some()) {
        return Err(Fault::invalid(format!(
            "Parameter startip is not for the offering {}: its networks get no ranges",
            quoted(&new.offering.name)
        )));
    }
    if new.offering.specify_vlan && !cx.caller.is_root() {
        return Err(Fault::invalid(format!(
            "Invalid parameter networkofferingid: only root admins make networks of the offering \
             {}, which asks for a VLAN",
            quoted(&new.offering.name)
        )));
    }
    Ok(())
}

/// Gives a new shared network the range that was asked for with it.
pub(super) fn first_range(
    cx: &mut Cx<'_>,
    new: &NewNetwork,
    network: &Network,
) -> Result<(), Fault> {
    let shared = &new.shared;
    if shared.first.is_none() && shared.ip6_cidr.is_none() {
        return Ok(());
    }
    let ask = NewRange {
        network: Some(network.clone()),
        gateway: new.gateway.filter(|_| shared.first.is_some()),
        netmask: new.netmask.filter(|_| shared.first.is_some()),
        first: shared.first,
        last: shared.last,
        ip6_gateway: shared.ip6_gateway,
        ip6_cidr: shared.ip6_cidr,
        ip6_first: shared.ip6_first,
        ip6_last: shared.ip6_last,
        bypass: new.shares_vlan,
        ..NewRange::default()
    };
    ranges::create(cx, &ask).map(drop)
}

/// Removes the ranges of a shared network that is being deleted; none of their addresses may be
/// held.
pub(super) fn remove_ranges(cx: &mut Cx<'_>, network: &Network) -> Result<(), Fault> {
    for range in ranges_of(cx, network.id)? {
        ranges::remove(cx, range)?;
    }
    Ok(())
}

/// Refuses to delete a shared network of whose addresses somebody holds some.
pub(super) fn refuse_held(cx: &mut Cx<'_>, network: &Network) -> Result<(), Fault> {
    for range in ranges_of(cx, network.id)? {
        let held = cx.tx.counter(addresses::used(range.id))?;
        if held > 0 {
            let range = ranges::named(cx, &range)?;
            let text = format!(
                "The network {} cannot be deleted: {} of {range} held",
                quoted(&network.name),
                Count::new(held.unsigned_abs(), "address", "addresses")
            );
            return Err(Fault::new(Exception::CloudRuntime, text).in_job());
        }
    }
    Ok(())
}

/// The ranges of a network, the oldest first.
pub(crate) fn ranges_of(cx: &mut Cx<'_>, network_id: i64) -> Result<Vec<VlanRange>, Fault> {
    Ok(cx
        .tx
        .select("WHERE network_id = ? AND removed IS NULL ORDER BY id", &[network_id.into()])?)
}

/// The gateways and the CIDRs of a shared network: with ranges in several subnets it has several.
pub(crate) fn subnets_of(cx: &mut Cx<'_>, network: &Network) -> Result<Vec<Subnet>, Fault> {
    let own = network.gateway.zip(network.cidr).map(|(gateway, cidr)| Subnet { gateway, cidr });
    let mut all: Vec<Subnet> = own.into_iter().collect();
    for range in ranges_of(cx, network.id)? {
        let Some(subnet) = ranges::subnet(&range) else { continue };
        if !all.contains(&subnet) {
            all.push(subnet);
        }
    }
    Ok(all)
}

/// The VLAN of a network as its ranges have it.
pub(super) fn tag_of(network: &Network) -> Option<VlanTag> {
    network.broadcast_uri.as_deref().and_then(|uri| VlanTag::parse(uri).ok())
}

/// Whether addresses of this kind of range are shown to the caller while nobody holds them.
pub(crate) fn shows_free_direct(cx: &mut Cx<'_>) -> Result<bool, Fault> {
    Ok(cx.caller.is_root() || cx.setting_flag("allow.user.list.available.ips.on.shared.network")?)
}
