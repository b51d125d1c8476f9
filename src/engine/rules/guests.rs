//! Rules that lead to a guest, seen from the guest: what goes with it, and what follows it.

use crate::engine::Cx;
use crate::engine::rules::static_nat;
use crate::engine::rules::targets::unbind;
use crate::model::{Column, EntityKind, LoadBalancerMember, Nic, Vm};
use crate::schema::Fault;
use std::net::Ipv4Addr;

/// Takes away all rules that lead to a VM that goes.
pub(crate) fn forget_vm(cx: &mut Cx<'_>, vm: &Vm, nics: &[Nic]) -> Result<(), Fault> {
    for nic in nics {
        static_nat::disable_of_vm(cx, nic.network_id, vm.id)?;
    }
    let bound = bound_by(cx, vm)?;
    for (table, kind) in [
        ("port_forwarding_rule", EntityKind::PortForwardingRule),
        ("static_nat_rule", EntityKind::StaticNatRule),
    ] {
        let gone = format!("SELECT id FROM {table} WHERE vm_id = ? AND removed IS NULL");
        cx.forget_tags_of_all(kind, &gone, &[vm.id.into()])?;
        let sql = format!("UPDATE {table} SET removed = ? WHERE vm_id = ? AND removed IS NULL");
        cx.tx.run(&sql, &[cx.now.into(), vm.id.into()])?;
    }
    for (range, place) in bound {
        unbind(cx, range, place)?;
    }
    let tail = "WHERE vm_id = ? AND removed IS NULL ORDER BY id";
    let members: Vec<LoadBalancerMember> = cx.tx.select(tail, &[vm.id.into()])?;
    for member in members {
        cx.tx.save(&LoadBalancerMember { removed: Some(cx.now), ..member })?;
    }
    Ok(())
}

/// The addresses with port forwarding rules that lead to a VM.
fn bound_by(cx: &mut Cx<'_>, vm: &Vm) -> Result<Vec<(i64, i64)>, Fault> {
    let mut bound = Vec::new();
    let sql = "SELECT DISTINCT range_id, place FROM port_forwarding_rule WHERE vm_id = ? \
               AND removed IS NULL ORDER BY range_id, place";
    cx.tx.each(sql, &[vm.id.into()], |cell| {
        bound.push((i64::from_cell(cell(0))?, i64::from_cell(cell(1))?));
        Ok(true)
    })?;
    Ok(bound)
}

/// What leads to an interface, or to one of its addresses: the first such rule, in words.
pub(crate) fn leading_to(
    cx: &mut Cx<'_>,
    nic: &Nic,
    ip: Option<Ipv4Addr>,
) -> Result<Option<&'static str>, Fault> {
    for (what, sql) in [
        ("static NAT", "SELECT 1 FROM address WHERE network_id = ? AND vm_id = ?"),
        (
            "a port forwarding rule",
            "SELECT 1 FROM port_forwarding_rule WHERE network_id = ? AND vm_id = ? \
             AND removed IS NULL",
        ),
        (
            "a load balancer rule",
            "SELECT 1 FROM load_balancer_member m JOIN load_balancer_rule r ON r.id = m.rule_id \
             WHERE r.network_id = ? AND m.vm_id = ? AND m.removed IS NULL AND r.removed IS NULL",
        ),
    ] {
        let sql = format!("{sql} AND (? IS NULL OR vm_ip = ?) LIMIT 1");
        let args = [nic.network_id.into(), nic.vm_id.into(), ip.into(), ip.into()];
        if cx.tx.one::<i64>(&sql, &args)?.is_some() {
            return Ok(Some(what));
        }
    }
    Ok(None)
}

/// Leads all rules to another address of a VM.
pub(crate) fn lead_to(
    cx: &mut Cx<'_>,
    (vm_id, network_id): (i64, i64),
    old: Ipv4Addr,
    new: Ipv4Addr,
) -> Result<(), Fault> {
    for which in [
        "address SET vm_ip = ? WHERE network_id = ?",
        "port_forwarding_rule SET vm_ip = ? WHERE network_id = ? AND removed IS NULL",
        "load_balancer_member SET vm_ip = ? WHERE rule_id IN \
         (SELECT id FROM load_balancer_rule WHERE network_id = ?) AND removed IS NULL",
    ] {
        let sql = format!("UPDATE {which} AND vm_id = ? AND vm_ip = ?");
        cx.tx.run(&sql, &[new.into(), network_id.into(), vm_id.into(), old.into()])?;
    }
    Ok(())
}
