//! The guests among whom a load balancer shares its port out.

use crate::engine::Cx;
use crate::engine::rules::load_balancer::concerns;
use crate::engine::rules::targets::guest_address;
use crate::engine::vms::nics_of;
use crate::model::{LoadBalancerMember, LoadBalancerRule, Network, Vm, VmState};
use crate::schema::Fault;
use crate::text::quoted;
use std::net::Ipv4Addr;

/// A guest, and which of its addresses is meant; its first one, where none is said.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    /// The guest.
    pub(crate) vm: Vm,
    /// Which of its addresses.
    pub(crate) ip: Option<Ipv4Addr>,
}

/// The guests of a rule, the oldest first.
pub(crate) fn members_of(cx: &mut Cx<'_>, rule_id: i64) -> Result<Vec<LoadBalancerMember>, Fault> {
    let tail = "WHERE rule_id = ? AND removed IS NULL ORDER BY id";
    Ok(cx.tx.select(tail, &[rule_id.into()])?)
}

/// Adds guests to a rule (`assignToLoadBalancerRule`): all of them or none.
pub(crate) fn assign(
    cx: &mut Cx<'_>,
    rule: &LoadBalancerRule,
    wanted: &[Member],
) -> Result<(), Fault> {
    concerns(cx, rule, "adding guests to");
    add(cx, rule, wanted).map_err(Fault::in_job)
}

fn add(cx: &mut Cx<'_>, rule: &LoadBalancerRule, wanted: &[Member]) -> Result<(), Fault> {
    check_any(wanted)?;
    let network: Network = cx.must(rule.network_id)?;
    let mut have: Vec<(i64, Ipv4Addr)> =
        members_of(cx, rule.id)?.iter().map(|member| (member.vm_id, member.vm_ip)).collect();
    let mut new = Vec::new();
    for one in wanted {
        check_vm(rule, &one.vm)?;
        let ip = address_in(cx, &one.vm, &network, one.ip)?;
        if have.contains(&(one.vm.id, ip)) {
            let name = quoted(&one.vm.name);
            return Err(Fault::invalid(format!(
                "Invalid parameter virtualmachineids: {ip} of the virtual machine {name} is among \
                 the guests of the load balancer already"
            )));
        }
        have.push((one.vm.id, ip));
        new.push((one.vm.id, ip));
    }
    for (vm_id, vm_ip) in new {
        let (rule_id, created) = (rule.id, cx.now);
        cx.tx.insert(&LoadBalancerMember {
            id: 0,
            rule_id,
            vm_id,
            vm_ip,
            created,
            removed: None,
        })?;
    }
    Ok(())
}

fn check_any(wanted: &[Member]) -> Result<(), Fault> {
    if wanted.is_empty() {
        let text = "Parameter virtualmachineids or vmidipmap is needed";
        return Err(Fault::invalid(text));
    }
    Ok(())
}

/// A guest must be there, and belong to whom the rule belongs.
fn check_vm(rule: &LoadBalancerRule, vm: &Vm) -> Result<(), Fault> {
    let name = quoted(&vm.name);
    let refuse = |why: String| {
        Err(Fault::invalid(format!(
            "Invalid parameter virtualmachineids: the virtual machine {name} {why}"
        )))
    };
    if matches!(vm.state, VmState::Destroyed | VmState::Expunging) {
        return refuse(format!("is {}", vm.state));
    }
    if vm.account_id != rule.account_id {
        return refuse("has another owner than the load balancer".to_owned());
    }
    Ok(())
}

/// The address of a guest in the network of the rule.
fn address_in(
    cx: &mut Cx<'_>,
    vm: &Vm,
    network: &Network,
    wanted: Option<Ipv4Addr>,
) -> Result<Ipv4Addr, Fault> {
    let found = nics_of(cx, vm.id)?.into_iter().find(|nic| nic.network_id == network.id);
    let Some(nic) = found else {
        let (vm, network) = (quoted(&vm.name), quoted(&network.name));
        return Err(Fault::invalid(format!(
            "Invalid parameter virtualmachineids: the virtual machine {vm} has no interface in \
             the network {network} of the load balancer"
        )));
    };
    guest_address(cx, &nic, wanted).map_err(|fault| {
        let text = fault.text.replace("vmguestip", "vmidipmap");
        Fault { text, ..fault }
    })
}

/// Takes guests from a rule (`removeFromLoadBalancerRule`): all of them or none. A guest without
/// an address is taken with all that it has there.
pub(crate) fn release_members(
    cx: &mut Cx<'_>,
    rule: &LoadBalancerRule,
    wanted: &[Member],
) -> Result<(), Fault> {
    concerns(cx, rule, "taking guests from");
    take(cx, rule, wanted).map_err(Fault::in_job)
}

fn take(cx: &mut Cx<'_>, rule: &LoadBalancerRule, wanted: &[Member]) -> Result<(), Fault> {
    check_any(wanted)?;
    let have = members_of(cx, rule.id)?;
    let is_meant = |member: &LoadBalancerMember, one: &Member| {
        member.vm_id == one.vm.id && one.ip.is_none_or(|ip| ip == member.vm_ip)
    };
    for one in wanted {
        if !have.iter().any(|member| is_meant(member, one)) {
            let name = quoted(&one.vm.name);
            let which = one.ip.map_or_else(String::new, |ip| format!("{ip} of "));
            return Err(Fault::invalid(format!(
                "Invalid parameter virtualmachineids: {which}the virtual machine {name} is not \
                 among the guests of the load balancer"
            )));
        }
    }
    for member in have {
        if wanted.iter().any(|one| is_meant(&member, one)) {
            cx.tx.save(&LoadBalancerMember { removed: Some(cx.now), ..member })?;
        }
    }
    Ok(())
}

/// Takes all guests from a rule that goes.
pub(super) fn forget_members(cx: &mut Cx<'_>, rule_id: i64) -> Result<(), Fault> {
    for member in members_of(cx, rule_id)? {
        cx.tx.save(&LoadBalancerMember { removed: Some(cx.now), ..member })?;
    }
    Ok(())
}
