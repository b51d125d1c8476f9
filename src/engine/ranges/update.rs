//! Changing a range (`ConfigurationManagerImpl.updateVlanAndPublicIpRange`).
//!
//! CloudStack does not compare a changed range with the others, so that a range can be widened
//! over its neighbour and an address handed out twice. We do.

use crate::engine::ranges::create::{Six, Span, six, span};
use crate::engine::ranges::{named, overlap};
use crate::engine::{Cx, Owner, Resource, addresses, ip6};
use crate::model::{Account, Network, VlanRange, VlanType};
use crate::net::{Cidr6, Range4, VlanTag};
use crate::schema::Fault;
use crate::text::quoted;
use std::net::{Ipv4Addr, Ipv6Addr};

/// What is to become of a range; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub(crate) struct Change {
    /// The gateway.
    pub(crate) gateway: Option<Ipv4Addr>,
    /// The netmask.
    pub(crate) netmask: Option<Ipv4Addr>,
    /// The first address.
    pub(crate) first: Option<Ipv4Addr>,
    /// The last address.
    pub(crate) last: Option<Ipv4Addr>,
    /// The IPv6 gateway.
    pub(crate) ip6_gateway: Option<Ipv6Addr>,
    /// The IPv6 CIDR.
    pub(crate) ip6_cidr: Option<Cidr6>,
    /// The first IPv6 address.
    pub(crate) ip6_first: Option<Ipv6Addr>,
    /// The last IPv6 address.
    pub(crate) ip6_last: Option<Ipv6Addr>,
    /// Whether it is kept for system VMs.
    pub(crate) for_system_vms: Option<bool>,
}

impl Change {
    fn is_ip4(&self) -> bool {
        self.gateway.is_some()
            || self.netmask.is_some()
            || self.first.is_some()
            || self.last.is_some()
    }

    fn is_ip6(&self) -> bool {
        self.ip6_gateway.is_some()
            || self.ip6_cidr.is_some()
            || self.ip6_first.is_some()
            || self.ip6_last.is_some()
    }
}

/// Changes a range. Addresses that stay in it keep their ids.
pub(crate) fn update(
    cx: &mut Cx<'_>,
    range: VlanRange,
    change: &Change,
) -> Result<VlanRange, Fault> {
    if change.is_ip4() && range.gateway.is_none() {
        return Err(Fault::invalid("Invalid parameter startip: the range has no IPv4 addresses"));
    }
    if change.is_ip6() && range.ip6_gateway.is_none() {
        return Err(Fault::invalid("Invalid parameter startipv6: the range has no IPv6 addresses"));
    }
    let turns = change.for_system_vms.is_some_and(|wanted| wanted != range.for_system_vms);
    if turns {
        refuse_purpose(cx, &range)?;
    }
    let (old, new) = (range.range(), new_span(&range, change)?);
    if let Some(new) = &new {
        refuse_held(cx, &range, new, turns)?;
    }
    let six = new_six(&range, change)?;
    if let (Some(old), Some(new)) = (old, &new) {
        refuse_collisions(cx, &range, new)?;
        recount(cx, &range, old, new.range)?;
    }
    if let Some((gateway, cidr, ends)) = six.filter(|_| change.is_ip6()) {
        refuse_other_subnet(cx, &range, gateway, cidr)?;
        overlap::refuse_ranges6(cx, (range.zone_id, range.id), cidr, ends)?;
    }
    let ends = six.and_then(|(_, _, ends)| ends);
    let changed = VlanRange {
        gateway: new.map(|new| new.gateway),
        netmask: new.map(|new| new.netmask),
        first: new.map(|new| new.range.first()),
        last: new.map(|new| new.range.last()),
        ip6_gateway: six.map(|(gateway, ..)| gateway.to_string()),
        ip6_cidr: six.map(|(_, cidr, _)| cidr.to_string()),
        ip6_first: ends.map(|(first, _)| first.to_string()),
        ip6_last: ends.map(|(_, last)| last.to_string()),
        for_system_vms: change.for_system_vms.unwrap_or(range.for_system_vms),
        ..range.clone()
    };
    let same = changed.gateway == range.gateway && changed.netmask == range.netmask;
    addresses::leave(cx, changed.id, |place| same && changed.ip_at(place).is_some())?;
    cx.tx.save(&changed)?;
    Ok(changed)
}

/// The IPv4 addresses as they become, if the range has any.
fn new_span(range: &VlanRange, change: &Change) -> Result<Option<Span>, Fault> {
    let Some(old) = range.range() else { return Ok(None) };
    let (Some(gateway), Some(netmask)) = (range.gateway, range.netmask) else { return Ok(None) };
    span(
        change.gateway.unwrap_or(gateway),
        change.netmask.unwrap_or(netmask),
        change.first.unwrap_or(old.first()),
        change.last.unwrap_or(old.last()),
    )
    .map(Some)
}

/// The IPv6 addresses as they become, if the range has any.
fn new_six(range: &VlanRange, change: &Change) -> Result<Option<Six>, Fault> {
    let known = |text: &Option<String>| text.as_deref().and_then(|text| text.parse().ok());
    let cidr = range.ip6_cidr.as_deref().and_then(|text| Cidr6::parse(text).ok());
    six(
        change.ip6_gateway.or(known(&range.ip6_gateway)),
        change.ip6_cidr.or(cidr),
        change.ip6_first.or(known(&range.ip6_first)),
        change.ip6_last.or(known(&range.ip6_last)),
    )
}

/// The IPv6 subnet of a shared network is that of the network, and one of whose addresses somebody
/// has one stays as it is.
fn refuse_other_subnet(
    cx: &mut Cx<'_>,
    range: &VlanRange,
    gateway: Ipv6Addr,
    cidr: Cidr6,
) -> Result<(), Fault> {
    let same = range.ip6_cidr == Some(cidr.to_string());
    if same && range.ip6_gateway == Some(gateway.to_string()) {
        return Ok(());
    }
    let param = if same { "ip6gateway" } else { "ip6cidr" };
    if range.kind == VlanType::DirectAttached {
        let network: Network = cx.must(range.network_id)?;
        return Err(Fault::invalid(format!(
            "Invalid parameter {param}: the network {} has {} with the gateway {}, which stay",
            quoted(&network.name),
            network.ip6_cidr.as_deref().unwrap_or("-"),
            network.ip6_gateway.as_deref().unwrap_or("-")
        )));
    }
    if same { Ok(()) } else { ip6::refuse_used(cx, range, param) }
}

/// Held addresses stay inside, keep gateway and netmask, and keep their purpose.
fn refuse_held(cx: &mut Cx<'_>, range: &VlanRange, new: &Span, turns: bool) -> Result<(), Fault> {
    let sql = "SELECT MIN(place) FROM address WHERE range_id = ?";
    let lowest: Option<i64> = cx.tx.one(sql, &[range.id.into()])?.flatten();
    let sql = "SELECT MAX(place) FROM address WHERE range_id = ?";
    let highest: Option<i64> = cx.tx.one(sql, &[range.id.into()])?.flatten();
    let at = |place: i64| range.ip_at(place);
    let (Some(lowest), Some(highest)) = (lowest.and_then(at), highest.and_then(at)) else {
        return Ok(());
    };
    if Some(new.gateway) != range.gateway || Some(new.netmask) != range.netmask {
        return Err(Fault::invalid(
            "Invalid parameter gateway: gateway and netmask stay while addresses are held",
        ));
    }
    if turns {
        return Err(Fault::invalid(
            "Invalid parameter forsystemvms: addresses of the range are held",
        ));
    }
    if !new.range.contains(lowest) || !new.range.contains(highest) {
        return Err(Fault::invalid(format!(
            "Invalid parameter startip or endip: {} leaves out addresses that are held, which lie \
             from {lowest} to {highest}",
            new.range
        )));
    }
    Ok(())
}

/// What stands on interfaces, or is somebody's own, is not for system VMs.
fn refuse_purpose(cx: &mut Cx<'_>, range: &VlanRange) -> Result<(), Fault> {
    let why = match range.kind {
        VlanType::DirectAttached => "belongs to a shared network",
        VlanType::VirtualNetwork if range.is_dedicated() => "is dedicated",
        VlanType::VirtualNetwork => return Ok(()),
    };
    let range = named(cx, range)?;
    Err(Fault::invalid(format!("Invalid parameter forsystemvms: {range} {why}")))
}

fn refuse_collisions(cx: &mut Cx<'_>, range: &VlanRange, new: &Span) -> Result<(), Fault> {
    let tag = VlanTag::parse(&range.vlan)
        .map_err(|why| Fault::internal("The range's VLAN cannot be read", why.to_string()))?;
    overlap::refuse_pods(cx, range.zone_id, new.range)?;
    overlap::refuse_portable(cx, &tag, new.range)?;
    overlap::refuse_other_ranges(cx, range, &tag, new)
}

/// A range dedicated to an account counts as a whole.
fn recount(cx: &mut Cx<'_>, range: &VlanRange, old: Range4, new: Range4) -> Result<(), Fault> {
    let Some(account_id) = range.account_id else { return Ok(()) };
    let account: Account = cx.must(account_id)?;
    let owner = Owner { account_id, domain_id: account.domain_id };
    let size = |range: Range4| i64::try_from(range.len()).unwrap_or(i64::MAX);
    let more = size(new).saturating_sub(size(old));
    if more > 0 {
        cx.check_limit(owner, Resource::PublicIp, more)?;
    }
    cx.count(owner, Resource::PublicIp, more)
}
