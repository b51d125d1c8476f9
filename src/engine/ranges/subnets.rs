//! Ranges of shared networks: how the subnet of a new one stands to those that the network has
//! (`ConfigurationManagerImpl.validateIpRange`, `hasSameSubnet`).

use crate::engine::Cx;
use crate::engine::networks::Subnet;
use crate::engine::ranges::named;
use crate::model::{Network, NetworkOffering, VlanRange};
use crate::net::Cidr4;
use crate::schema::Fault;
use std::net::Ipv4Addr;

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub(super) gateway: Option<Ipv4Addr>,
    pub(super) netmask: Option<Ipv4Addr>,
    pub(super) first: Ipv4Addr,
    pub(super) last: Ipv4Addr,
}

/// The subnet of a range with IPv4 addresses.
pub(crate) fn subnet(range: &VlanRange) -> Option<Subnet> {
    let gateway = range.gateway?;
    let cidr = Cidr4::from_gateway_netmask(gateway, range.netmask?).ok()?;
    Some(Subnet { gateway, cidr })
}

/// The gateway and the netmask of a new range of a shared network. Without any given they are
/// those of the subnet that the addresses lie in.
pub(super) fn of_new_range(
    cx: &mut Cx<'_>,
    network: &Network,
    known: &[VlanRange],
    asked: &Asked,
) -> Result<(Ipv4Addr, Ipv4Addr), Fault> {
    let (gateway, netmask) = match (asked.gateway, asked.netmask) {
        (Some(gateway), Some(netmask)) => (gateway, netmask),
        (None, None) => return of_addresses(network, known, asked),
        (Some(_), None) => {
            return Err(Fault::invalid("Parameter gateway is given without netmask"));
        }
        (None, Some(_)) => {
            return Err(Fault::invalid("Parameter netmask is given without gateway"));
        }
    };
    let cidr = Cidr4::from_gateway_netmask(gateway, netmask)
        .map_err(|why| Fault::invalid(format!("Invalid parameter netmask: {why}")))?;
    for (name, address) in [("startip", asked.first), ("endip", asked.last)] {
        if !cidr.contains(address) {
            return Err(Fault::invalid(format!(
                "Invalid parameter {name}: {address} is not in {cidr}, the subnet of gateway \
                 {gateway} and netmask {netmask}"
            )));
        }
    }
    if (asked.first..=asked.last).contains(&gateway) && cidr.len() != 31 {
        return Err(Fault::invalid(format!(
            "Invalid parameter gateway: {gateway} is one of the addresses {}-{} of the range",
            asked.first, asked.last
        )));
    }
    let subnet = Subnet { gateway, cidr };
    if extends(cx, known, subnet)? || known.is_empty() || spans_subnets(cx, network)? {
        return Ok((gateway, netmask));
    }
    Err(Fault::invalid(format!(
        "Invalid parameter gateway: {cidr} is another subnet than those of the network {}, whose \
         DHCP serves one subnet only",
        network.name
    )))
}

/// Whether the subnet is one that the network has. Subnets that contain each other, and the same
/// one with another gateway, are refused.
fn extends(cx: &mut Cx<'_>, known: &[VlanRange], new: Subnet) -> Result<bool, Fault> {
    for range in known {
        let Some(old) = subnet(range) else { continue };
        let (param, why) = if old == new {
            return Ok(true);
        } else if old.cidr == new.cidr {
            ("gateway", format!("has the gateway {} in the same subnet", old.gateway))
        } else if new.cidr.contains_cidr(old.cidr) {
            ("netmask", format!("is in {}, a part of {}", old.cidr, new.cidr))
        } else if old.cidr.contains_cidr(new.cidr) {
            ("netmask", format!("is in {}, of which {} is a part", old.cidr, new.cidr))
        } else {
            continue;
        };
        let id = cx.uid::<VlanRange>(range.id);
        let text = format!("Invalid parameter {param}: {} {why}", named(cx, range)?);
        return Err(Fault::invalid(text).about(id, "VLAN IP range"));
    }
    Ok(false)
}

/// The subnet of the network that the addresses lie in.
fn of_addresses(
    network: &Network,
    known: &[VlanRange],
    asked: &Asked,
) -> Result<(Ipv4Addr, Ipv4Addr), Fault> {
    let own = network.gateway.zip(network.cidr).map(|(gateway, cidr)| Subnet { gateway, cidr });
    let mut subnets = known.iter().filter_map(subnet).chain(own);
    let fits = |one: &Subnet| one.cidr.contains(asked.first) && one.cidr.contains(asked.last);
    let found = subnets.find(fits).ok_or_else(|| {
        Fault::invalid(format!(
            "Parameters gateway and netmask are needed: {}-{} lies in no subnet of the network {}",
            asked.first, asked.last, network.name
        ))
    })?;
    Ok((found.gateway, found.cidr.netmask()))
}

/// Whether the DHCP of a network serves several subnets: that of a virtual router does.
fn spans_subnets(cx: &mut Cx<'_>, network: &Network) -> Result<bool, Fault> {
    let Some(id) = network.offering_id else { return Ok(false) };
    let offering: NetworkOffering = cx.must(id)?;
    Ok(!offering.has("Dhcp") || offering.services().provided("Dhcp", "VirtualRouter"))
}
