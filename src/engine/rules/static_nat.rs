//! Static NAT: a public address that is one guest's, port for port (`RulesManagerImpl`).

use crate::engine::addresses::{Found, save, transfer, use_of};
use crate::engine::rules::conflict::{self, Claim};
use crate::engine::rules::firewall::{self, NewIngressRule};
use crate::engine::rules::targets::{
    check_place, check_service, close_firewall, guest_address, held, network_of, nic_in,
    open_firewall,
};
use crate::engine::rules::traffic::Traffic;
use crate::engine::vms::nics_of;
use crate::engine::{Cx, Owner};
use crate::model::{Address, EntityKind, Network, StaticNatRule, Vm, address_columns};
use crate::schema::{Exception, Fault};
use crate::text::quoted;
use std::net::Ipv4Addr;

/// Translates an address to a guest (`enableStaticNat`). Without a network it is that of the
/// address; without an address of the guest its first one.
pub(crate) fn enable(
    cx: &mut Cx<'_>,
    found: &Found,
    vm: &Vm,
    network: Option<Network>,
    guest_ip: Option<Ipv4Addr>,
) -> Result<(), Fault> {
    let ip = found.place.ip;
    let mut address = held(found)?;
    let network = match network {
        // A portable address goes where it is wanted.
        Some(named) if found.place.range.portable => named,
        named => network_of(cx, found, &address, named)?,
    };
    let nic = nic_in(cx, vm, &network)?;
    check_service(cx, &network, "StaticNat")?;
    let moves = moves(found, &address, &network);
    if moves {
        check_transfer(cx, found, &address, &network, vm)?;
    } else {
        check_place(found, &address, &network, vm)?;
    }
    let to = guest_address(cx, &nic, guest_ip)?;
    check_ready(cx, ip, &address, vm, to)?;
    if moves {
        transfer(cx, found, &mut address, &network)?;
    }
    address.network_id = Some(network.id);
    (address.static_nat, address.vm_id, address.vm_ip) = (true, Some(vm.id), Some(to));
    let what = format!("translating {ip} to {to} of the virtual machine {}", vm.name);
    let id = (address.range_id, address.place);
    cx.concerns(EntityKind::Address, id, Owner::from(&address), what);
    save(cx, &address)
}

/// Whether a portable address has to leave its network or VPC for another network.
fn moves(found: &Found, address: &Address, network: &Network) -> bool {
    let is_tiers = address.vpc_id.is_some() && address.vpc_id == network.vpc_id;
    found.place.range.portable
        && address.network_id != Some(network.id)
        && !(address.network_id.is_none() && is_tiers)
}

/// A portable address moves to networks of its holder, and only while nothing uses it
/// (`isPortableIpTransferableFromNetwork`).
fn check_transfer(
    cx: &mut Cx<'_>,
    found: &Found,
    address: &Address,
    network: &Network,
    vm: &Vm,
) -> Result<(), Fault> {
    let (ip, name) = (found.place.ip, quoted(&network.name));
    if let Some(why) = use_of(cx, address)? {
        return Err(Fault::invalid(format!(
            "Invalid parameter networkid: {ip} {why} where it is, so it cannot be moved to the \
             network {name}"
        )));
    }
    if network.account_id == address.account_id && vm.account_id == address.account_id {
        return Ok(());
    }
    Err(Fault::invalid(format!(
        "Invalid parameter networkid: the network {name} or the virtual machine has another owner \
         than the address {ip}"
    )))
}

/// Whether an address may be translated to a guest now (`isIpReadyForStaticNat`).
fn check_ready(
    cx: &mut Cx<'_>,
    ip: Ipv4Addr,
    address: &Address,
    vm: &Vm,
    to: Ipv4Addr,
) -> Result<(), Fault> {
    if address.source_nat {
        let text = format!("Invalid parameter ipaddressid: {ip} is a source NAT address");
        return Err(Fault::invalid(text));
    }
    if !address.static_nat {
        // An address with other rules than the firewall's cannot be one guest's alone.
        let network_id = address.network_id.unwrap_or_default();
        let all = Claim::of_static_nat(network_id);
        conflict::refuse(cx, (address.range_id, address.place), &all)?;
    } else if address.vm_id.is_some_and(|other| other != vm.id) {
        let other: Vm = cx.must(address.vm_id.unwrap_or_default())?;
        let id = cx.uid::<Vm>(other.id);
        let text = format!("{ip} is translated to another virtual machine, {} ({id})", other.name);
        return Err(Fault::new(Exception::NetworkRuleConflict, text).about(id, "vmId"));
    }
    for nic in nics_of(cx, vm.id)? {
        let of_vm = of_vm(cx, nic.network_id, vm.id)?;
        if let Some(other) = of_vm.into_iter().find(|other| other.vm_ip == Some(to)) {
            let place = Found::at(cx, other.range_id, other.place)?.map(|found| found.place.ip);
            let (by, name) = (place.unwrap_or(ip), quoted(&vm.name));
            return Err(Fault::invalid(format!(
                "Invalid parameter virtualmachineid: {to} of the virtual machine {name} is \
                 translated from {by} already"
            )));
        }
    }
    Ok(())
}

/// The addresses of a network that are translated to a VM.
fn of_vm(cx: &mut Cx<'_>, network_id: i64, vm_id: i64) -> Result<Vec<Address>, Fault> {
    let sql = concat!(
        "SELECT ",
        address_columns!(),
        " FROM address WHERE network_id = ? AND vm_id = ? AND static_nat = 1"
    );
    let mut found = Vec::new();
    cx.tx.each(sql, &[network_id.into(), vm_id.into()], |cell| {
        found.push(Address::from_row(cell)?);
        Ok(true)
    })?;
    Ok(found)
}

/// Ends the translation of an address (`disableStaticNat`), with its firewall rules.
pub(crate) fn disable(cx: &mut Cx<'_>, found: &Found) -> Result<(), Fault> {
    let ip = found.place.ip;
    let address = held(found)?;
    let id = (address.range_id, address.place);
    let what = format!("ending the static NAT of {ip}");
    cx.concerns(EntityKind::Address, id, Owner::from(&address), what);
    if address.system {
        let text = format!("Invalid parameter ipaddressid: {ip} belongs to the system");
        return Err(Fault::invalid(text).in_job());
    }
    if !address.static_nat {
        let text = format!("Invalid parameter ipaddressid: {ip} has no static NAT");
        return Err(Fault::invalid(text).in_job());
    }
    end(cx, address)
}

/// Ends the translation to a VM that goes.
pub(super) fn disable_of_vm(cx: &mut Cx<'_>, network_id: i64, vm_id: i64) -> Result<(), Fault> {
    for address in of_vm(cx, network_id, vm_id)? {
        end(cx, address)?;
    }
    Ok(())
}

fn end(cx: &mut Cx<'_>, mut address: Address) -> Result<(), Fault> {
    firewall::revoke_of(cx, &address)?;
    (address.static_nat, address.vm_id, address.vm_ip) = (false, None, None);
    if address.vpc_id.is_some() {
        // Between rules an address of a VPC belongs to none of its tiers.
        address.network_id = None;
    }
    save(cx, &address)
}

/// A rule that an address with static NAT is to let through.
#[derive(Clone, Debug)]
pub(crate) struct NewStaticNatRule {
    /// The address.
    pub(crate) address: Found,
    /// The protocol and the ports.
    pub(crate) traffic: Traffic,
    /// Where the traffic may come from; from anywhere, where nothing is said.
    pub(crate) sources: Option<Vec<String>>,
    /// Whether the firewall lets it in as well.
    pub(crate) opens: bool,
}

/// Lets traffic through an address with static NAT (`createStaticNatRule`).
pub(crate) fn create_rule(cx: &mut Cx<'_>, new: &NewStaticNatRule) -> Result<StaticNatRule, Fault> {
    let ip = new.address.place.ip;
    let address = held(&new.address)?;
    let (Some(vm_id), Some(network_id), true) =
        (address.vm_id, address.network_id, address.static_nat)
    else {
        let text = format!("Invalid parameter ipaddressid: {ip} has no static NAT");
        return Err(Fault::invalid(text));
    };
    let traffic = new.traffic.clone().checked()?;
    let (Some(first), Some(last)) = (traffic.first_port, traffic.last_port) else {
        let text = "Invalid parameter protocol: only tcp and udp have ports that are let through";
        return Err(Fault::invalid(text));
    };
    let mut rule = StaticNatRule {
        id: 0,
        range_id: address.range_id,
        place: address.place,
        network_id,
        account_id: address.account_id,
        domain_id: address.domain_id,
        protocol: traffic.protocol.clone(),
        first_port: first,
        last_port: last,
        vm_id,
        firewall_id: None,
        created: cx.now,
        removed: None,
    };
    conflict::refuse(cx, (rule.range_id, rule.place), &Claim::from(&rule))?;
    if new.opens {
        let (address, sources) = (new.address.clone(), new.sources.clone());
        let opened = NewIngressRule { address, traffic, sources, display: true };
        let network = cx.must(network_id)?;
        rule.firewall_id = open_firewall(cx, &network, &opened)?;
    }
    rule.id = cx.tx.insert(&rule)?;
    concerns(cx, &rule, "creating");
    Ok(rule)
}

fn concerns(cx: &mut Cx<'_>, rule: &StaticNatRule, doing: &str) {
    let owner = Owner { account_id: rule.account_id, domain_id: rule.domain_id };
    let (protocol, first, last) = (&rule.protocol, rule.first_port, rule.last_port);
    let what = format!("{doing} the IP forwarding rule {protocol} {first}-{last}");
    cx.concerns(EntityKind::StaticNatRule, (0, rule.id), owner, what);
}

/// Takes a rule away, with the firewall rule that was made with it.
pub(crate) fn delete_rule(cx: &mut Cx<'_>, mut rule: StaticNatRule) -> Result<(), Fault> {
    conflict::end(conflict::state(true))?;
    rule.removed = Some(cx.now);
    cx.tx.save(&rule)?;
    cx.forget_tags((EntityKind::StaticNatRule, 0, rule.id))?;
    close_firewall(cx, rule.firewall_id)?;
    concerns(cx, &rule, "deleting");
    Ok(())
}
