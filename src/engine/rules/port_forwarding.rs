//! Port forwarding: ports of a public address that go to one guest (`RulesManagerImpl`).

use crate::engine::addresses::{Found, save};
use crate::engine::rules::conflict::{self, Claim};
use crate::engine::rules::firewall::NewIngressRule;
use crate::engine::rules::targets::{
    check_place, check_service, close_firewall, guest_address, held, network_of, nic_in,
    open_firewall, opens, refuse_other_services, unbind,
};
use crate::engine::rules::traffic::{ANYWHERE, Traffic, cidrs};
use crate::engine::{Cx, Owner};
use crate::model::{Address, EntityKind, Network, PortForwardingRule, RulePurpose, Vm, VmState};
use crate::schema::Fault;
use crate::text::quoted;
use std::net::Ipv4Addr;

/// A rule that is to be made.
#[derive(Clone, Debug)]
pub(crate) struct NewPortForwarding {
    /// The public address.
    pub(crate) address: Found,
    /// The tier of the guest, where the address belongs to a VPC.
    pub(crate) network: Option<Network>,
    /// The protocol and the public ports.
    pub(crate) traffic: Traffic,
    /// The ports of the guest; the last one may be left out.
    pub(crate) private: (i64, Option<i64>),
    /// The guest.
    pub(crate) vm: Vm,
    /// Which of its addresses; the first one of its interface, where nothing is said.
    pub(crate) guest_ip: Option<Ipv4Addr>,
    /// Where the traffic may come from; from anywhere, where nothing is said.
    pub(crate) sources: Option<Vec<String>>,
    /// Whether the firewall lets it in as well; it does, where nothing is said.
    pub(crate) opens: Option<bool>,
    /// Whether its owner sees it.
    pub(crate) display: bool,
}

/// Makes a rule (`createPortForwardingRule`).
pub(crate) fn create(
    cx: &mut Cx<'_>,
    new: &NewPortForwarding,
) -> Result<PortForwardingRule, Fault> {
    let mut address = held(&new.address)?;
    let opens = opens(&address, new.opens)?;
    let network = network_of(cx, &new.address, &address, new.network.clone())?;
    let traffic = ports(&new.traffic)?;
    check_service(cx, &network, "PortForwarding")?;
    check_place(&new.address, &address, &network, &new.vm)?;
    refuse_static_nat(&new.address, &address)?;
    let vm_ip = target(cx, &new.vm, &network, new.guest_ip)?;
    let mut rule = row(cx, new, &address, &network, &traffic)?;
    rule.vm_ip = vm_ip;
    check_private(&rule)?;
    refuse_other_services(cx, &new.address, &network, RulePurpose::PortForwarding)?;
    refuse_conflict(cx, &rule)?;
    if address.network_id.is_none() {
        address.network_id = Some(network.id);
        save(cx, &address)?;
    }
    if opens {
        let address = Found { row: Some(address), ..new.address.clone() };
        let sources = new.sources.clone();
        let opened = NewIngressRule { address, traffic, sources, display: new.display };
        rule.firewall_id = open_firewall(cx, &network, &opened)?;
    }
    rule.id = cx.tx.insert(&rule)?;
    concerns(cx, &rule, "creating");
    Ok(rule)
}

/// Only tcp and udp have ports that can be led elsewhere.
fn ports(traffic: &Traffic) -> Result<Traffic, Fault> {
    let traffic = traffic.clone().checked().map_err(|fault| {
        let text =
            fault.text.replace("startport", "publicport").replace("endport", "publicendport");
        Fault { text, ..fault }
    })?;
    match traffic.first_port {
        Some(_) => Ok(traffic),
        None => {
            let protocol = &traffic.protocol;
            Err(Fault::invalid(format!(
                "Invalid parameter protocol: ports of {protocol} cannot be forwarded, only those \
                 of tcp and udp"
            )))
        }
    }
}

fn refuse_static_nat(found: &Found, address: &Address) -> Result<(), Fault> {
    if !address.static_nat {
        return Ok(());
    }
    let text = format!("Invalid parameter ipaddressid: {} has static NAT", found.place.ip);
    Err(Fault::invalid(text))
}

/// The address of a guest that a rule may lead to.
fn target(
    cx: &mut Cx<'_>,
    vm: &Vm,
    network: &Network,
    wanted: Option<Ipv4Addr>,
) -> Result<Ipv4Addr, Fault> {
    if matches!(vm.state, VmState::Destroyed | VmState::Expunging) {
        let (name, state) = (quoted(&vm.name), vm.state);
        return Err(Fault::invalid(format!(
            "Invalid parameter virtualmachineid: the virtual machine {name} is {state}"
        )));
    }
    let nic = nic_in(cx, vm, network)?;
    guest_address(cx, &nic, wanted)
}

/// The rule, not stored yet and without the guest's address.
fn row(
    cx: &Cx<'_>,
    new: &NewPortForwarding,
    address: &Address,
    network: &Network,
    traffic: &Traffic,
) -> Result<PortForwardingRule, Fault> {
    let first_port = traffic.first_port.unwrap_or_default();
    let sources = match new.sources.as_deref() {
        None | Some([]) => None,
        given => Some(cidrs("cidrlist", given, ANYWHERE, false)?),
    };
    Ok(PortForwardingRule {
        id: 0,
        range_id: address.range_id,
        place: address.place,
        network_id: network.id,
        account_id: address.account_id,
        domain_id: address.domain_id,
        protocol: traffic.protocol.clone(),
        first_port,
        last_port: traffic.last_port.unwrap_or(first_port),
        private_first: new.private.0,
        private_last: new.private.1.unwrap_or(new.private.0),
        vm_id: new.vm.id,
        vm_ip: Ipv4Addr::UNSPECIFIED,
        sources,
        firewall_id: None,
        display: new.display,
        created: cx.now,
        removed: None,
    })
}

/// One port goes to any other; several go to the same ones.
fn check_private(rule: &PortForwardingRule) -> Result<(), Fault> {
    let (public, private) =
        ((rule.first_port, rule.last_port), (rule.private_first, rule.private_last));
    for (param, port) in [("privateport", private.0), ("privateendport", private.1)] {
        if !(1..=65_535).contains(&port) {
            let text = format!("Invalid parameter {param}: {port} is not a port from 1 to 65535");
            return Err(Fault::invalid(text));
        }
    }
    let is_one = public.0 == public.1 && private.0 == private.1;
    if is_one || public == private {
        return Ok(());
    }
    Err(Fault::invalid(format!(
        "Invalid parameter privateendport: the ports {}-{} of the public address go to the same \
         ports of the guest, not to {}-{}",
        public.0, public.1, private.0, private.1
    )))
}

/// Refuses a rule whose ports another one leads elsewhere already.
fn refuse_conflict(cx: &mut Cx<'_>, rule: &PortForwardingRule) -> Result<(), Fault> {
    conflict::refuse(cx, (rule.range_id, rule.place), &Claim::from(rule))
}

fn text(rule: &PortForwardingRule) -> String {
    let (protocol, first, last) = (&rule.protocol, rule.first_port, rule.last_port);
    if first == last { format!("{protocol} {first}") } else { format!("{protocol} {first}-{last}") }
}

fn concerns(cx: &mut Cx<'_>, rule: &PortForwardingRule, doing: &str) {
    let owner = Owner { account_id: rule.account_id, domain_id: rule.domain_id };
    let what = format!("{doing} the forwarding of {} to {}", text(rule), rule.vm_ip);
    cx.concerns(EntityKind::PortForwardingRule, (0, rule.id), owner, what);
}

/// What of a rule is to change.
#[derive(Clone, Debug, Default)]
pub(crate) struct PortForwardingChanges {
    /// The ports of the guest.
    pub(crate) private: (Option<i64>, Option<i64>),
    /// Another guest.
    pub(crate) vm: Option<Vm>,
    /// Another of its addresses.
    pub(crate) guest_ip: Option<Ipv4Addr>,
    /// Where the traffic may come from.
    pub(crate) sources: Option<Vec<String>>,
    /// Whether its owner sees it.
    pub(crate) display: Option<bool>,
}

/// Changes a rule (`updatePortForwardingRule`).
pub(crate) fn update(
    cx: &mut Cx<'_>,
    rule: PortForwardingRule,
    to: &PortForwardingChanges,
) -> Result<PortForwardingRule, Fault> {
    concerns(cx, &rule, "changing");
    change(cx, rule, to).map_err(Fault::in_job)
}

fn change(
    cx: &mut Cx<'_>,
    mut rule: PortForwardingRule,
    to: &PortForwardingChanges,
) -> Result<PortForwardingRule, Fault> {
    if let (Some(first), last) = to.private {
        (rule.private_first, rule.private_last) = (first, last.unwrap_or(first));
    } else if let Some(last) = to.private.1 {
        rule.private_last = last;
    }
    check_private(&rule)?;
    if to.vm.is_some() || to.guest_ip.is_some() {
        let vm = match &to.vm {
            Some(vm) => vm.clone(),
            None => cx.must(rule.vm_id)?,
        };
        if vm.account_id != rule.account_id {
            let name = quoted(&vm.name);
            return Err(Fault::invalid(format!(
                "Invalid parameter virtualmachineid: the virtual machine {name} has another owner"
            )));
        }
        let network: Network = cx.must(rule.network_id)?;
        rule.vm_ip = target(cx, &vm, &network, to.guest_ip)?;
        rule.vm_id = vm.id;
    }
    if let Some(sources) = &to.sources {
        rule.sources = Some(cidrs("cidrlist", Some(sources), ANYWHERE, false)?);
        refuse_conflict(cx, &rule)?;
    }
    rule.display = to.display.unwrap_or(rule.display);
    cx.tx.save(&rule)?;
    Ok(rule)
}

/// Takes a rule away, with the firewall rule that was made with it. An address of a VPC without
/// rules belongs to none of its tiers.
pub(crate) fn delete(cx: &mut Cx<'_>, mut rule: PortForwardingRule) -> Result<(), Fault> {
    conflict::end(conflict::state(true))?;
    rule.removed = Some(cx.now);
    cx.tx.save(&rule)?;
    cx.forget_tags((EntityKind::PortForwardingRule, 0, rule.id))?;
    close_firewall(cx, rule.firewall_id)?;
    unbind(cx, rule.range_id, rule.place)?;
    concerns(cx, &rule, "ending");
    Ok(())
}
