//! What rules of public addresses lead to: a guest of the network that the address serves.

use crate::engine::Cx;
use crate::engine::addresses::{Found, save};
use crate::engine::rules::firewall::{self, NewIngressRule, has_rules};
use crate::engine::vms::{ips_of, nics_of};
use crate::model::{Address, FirewallRule, Network, NetworkOffering, Nic, RulePurpose, Vm};
use crate::schema::Fault;
use crate::text::quoted;
use std::net::Ipv4Addr;

/// The row of an address, which somebody must hold.
pub(super) fn held(found: &Found) -> Result<Address, Fault> {
    held_as(found, "ipaddressid")
}

/// The same, of an address that stands in the parameter `param`.
pub(super) fn held_as(found: &Found, param: &str) -> Result<Address, Fault> {
    found.row.clone().ok_or_else(|| {
        let text = format!("Invalid parameter {param}: {} is free", found.place.ip);
        Fault::invalid(text)
    })
}

/// The network whose guests an address serves: its own, else the tier that is named.
pub(super) fn network_of(
    cx: &mut Cx<'_>,
    found: &Found,
    address: &Address,
    named: Option<Network>,
) -> Result<Network, Fault> {
    match (address.network_id, named) {
        (Some(id), _) => cx.must(id),
        (None, Some(network)) => Ok(network),
        (None, None) => Err(Fault::invalid(format!(
            "Parameter networkid is needed: {} is not associated with a network",
            found.place.ip
        ))),
    }
}

/// The interface of a VM in a network.
pub(super) fn nic_in(cx: &mut Cx<'_>, vm: &Vm, network: &Network) -> Result<Nic, Fault> {
    let found = nics_of(cx, vm.id)?.into_iter().find(|nic| nic.network_id == network.id);
    found.ok_or_else(|| {
        let (vm, network) = (quoted(&vm.name), quoted(&network.name));
        Fault::invalid(format!(
            "Invalid parameter virtualmachineid: the virtual machine {vm} has no interface in the \
             network {network}"
        ))
    })
}

/// Whether the guests of a network have a service by its offering.
pub(super) fn check_service(
    cx: &mut Cx<'_>,
    network: &Network,
    service: &str,
) -> Result<(), Fault> {
    let offering: Option<NetworkOffering> =
        network.offering_id.map(|id| cx.must(id)).transpose()?;
    if offering.is_some_and(|offering| offering.has(service)) {
        return Ok(());
    }
    let name = quoted(&network.name);
    Err(Fault::invalid(format!(
        "Invalid parameter networkid: the offering of the network {name} has no service {service}"
    )))
}

/// An address of a network serves its guests, one of a VPC those of its tiers; both have one
/// owner.
pub(super) fn check_place(
    found: &Found,
    address: &Address,
    network: &Network,
    vm: &Vm,
) -> Result<(), Fault> {
    let ip = found.place.ip;
    if address.network_id.is_none()
        && (address.vpc_id.is_none() || address.vpc_id != network.vpc_id)
    {
        let name = quoted(&network.name);
        return Err(Fault::invalid(format!(
            "Invalid parameter networkid: {ip} belongs neither to the network {name} nor to its VPC"
        )));
    }
    if address.account_id != vm.account_id {
        return Err(Fault::invalid(format!(
            "Invalid parameter virtualmachineid: the virtual machine {} and the address {ip} have \
             different owners",
            quoted(&vm.name)
        )));
    }
    if found.place.range.zone_id != vm.zone_id {
        return Err(Fault::invalid(format!(
            "Invalid parameter virtualmachineid: the virtual machine {} is in another zone than \
             {ip}",
            quoted(&vm.name)
        )));
    }
    Ok(())
}

/// The address of the interface that is meant: its first, or one of the further ones.
pub(super) fn guest_address(
    cx: &mut Cx<'_>,
    nic: &Nic,
    wanted: Option<Ipv4Addr>,
) -> Result<Ipv4Addr, Fault> {
    let Some(wanted) = wanted.or(nic.ip) else {
        let text = "Invalid parameter virtualmachineid: its interface has no IPv4 address";
        return Err(Fault::invalid(text));
    };
    if nic.ip == Some(wanted) || ips_of(cx, nic.id)?.iter().any(|one| one.ip == wanted) {
        return Ok(wanted);
    }
    Err(Fault::invalid(format!(
        "Invalid parameter vmguestip: {wanted} is no address of the interface in the network"
    )))
}

/// Whether the firewall lets in what a rule leads on: it does where nothing is said, and never in
/// a VPC, whose tiers have ACL lists instead.
pub(super) fn opens(address: &Address, asked: Option<bool>) -> Result<bool, Fault> {
    match (address.vpc_id, asked) {
        (Some(_), Some(true)) => Err(Fault::invalid(
            "Invalid parameter openfirewall: the address belongs to a VPC, where network ACLs take \
             the place of firewall rules",
        )),
        (Some(_), _) => Ok(false),
        (None, asked) => Ok(asked != Some(false)),
    }
}

/// Where the offering says so, an address serves one kind of rules only, besides the firewall's.
pub(super) fn refuse_other_services(
    cx: &mut Cx<'_>,
    found: &Found,
    network: &Network,
    purpose: RulePurpose,
) -> Result<(), Fault> {
    let offering: Option<NetworkOffering> =
        network.offering_id.map(|id| cx.must(id)).transpose()?;
    if offering.is_none_or(|offering| offering.conserve_mode) {
        return Ok(());
    }
    let (param, other, table) = match purpose {
        RulePurpose::LoadBalancing => ("publicipid", "port forwarding", "port_forwarding_rule"),
        _ => ("ipaddressid", "load balancer", "load_balancer_rule"),
    };
    let sql = format!(
        "SELECT 1 FROM {table} WHERE range_id = ? AND place = ? AND removed IS NULL LIMIT 1"
    );
    let args = [found.place.range.id.into(), found.place.place.into()];
    if cx.tx.one::<i64>(&sql, &args)?.is_none() {
        return Ok(());
    }
    let (ip, name) = (found.place.ip, quoted(&network.name));
    Err(Fault::invalid(format!(
        "Invalid parameter {param}: {ip} has {other} rules, and an address of the network \
         {name} serves one kind of rules only"
    )))
}

/// Takes an address of a VPC from its tier when no rule holds it there any more; it stays the
/// VPC's.
pub(super) fn unbind(cx: &mut Cx<'_>, range_id: i64, place: i64) -> Result<(), Fault> {
    let found = Found::at(cx, range_id, place)?;
    let Some(mut address) = found.and_then(|found| found.row) else { return Ok(()) };
    if address.vpc_id.is_none()
        || address.network_id.is_none()
        || address.static_nat
        || has_rules(cx, &address)?
    {
        return Ok(());
    }
    address.network_id = None;
    save(cx, &address)
}

/// Opens the firewall for a rule, where there is one: tiers have ACL lists instead. The number of
/// the rule that was made.
pub(super) fn open_firewall(
    cx: &mut Cx<'_>,
    network: &Network,
    rule: &NewIngressRule,
) -> Result<Option<i64>, Fault> {
    if network.vpc_id.is_some() || check_service(cx, network, "Firewall").is_err() {
        return Ok(None);
    }
    Ok(Some(firewall::create_ingress(cx, rule)?.id))
}

/// Takes the firewall rule away that was made with another rule.
pub(super) fn close_firewall(cx: &mut Cx<'_>, id: Option<i64>) -> Result<(), Fault> {
    let Some(id) = id else { return Ok(()) };
    let rule: FirewallRule = cx.must(id)?;
    match rule.removed {
        None => firewall::close(cx, rule),
        Some(_) => Ok(()),
    }
}
