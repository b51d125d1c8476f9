//! Virtual machines as records: there is no hypervisor, so that whatever is asked of one happens
//! at once. What is real are their interfaces and the addresses that those have.

mod choose;
mod deploy;
mod life;
mod nics;
#[cfg(test)]
pub(crate) mod scene;
mod secondary;
#[cfg(test)]
mod tests;

pub(crate) use choose::Wanted;
pub(crate) use deploy::{NewVm, deploy};
pub(crate) use life::{
    VmChanges, addresses_of, change_offering, destroy, expunge, expunge_all_of_account,
    expunge_all_of_network, expunge_old, reboot, recover, start, stop, update,
};
pub(crate) use nics::{NewNic, add_nic, change_ip, nics_of, remove_nic, set_default_nic};
pub(crate) use secondary::{add_ip, ips_of, remove_ip};

use crate::engine::{Cx, Owner};
use crate::model::{EntityKind, Network, Vm, VmEvent};
use crate::schema::{Exception, Fault};
use crate::text::{quoted, shorten};

/// Takes a VM one step through its states; it is not stored yet.
fn step(cx: &Cx<'_>, vm: &mut Vm, event: VmEvent) -> Result<(), Fault> {
    let (name, state) = (quoted(&vm.name), vm.state);
    vm.state = state.next(event).ok_or_else(|| {
        let text = format!("The virtual machine {name} is {state}, which does not go with {event}");
        Fault::new(Exception::CloudRuntime, text)
    })?;
    vm.updated = cx.now;
    Ok(())
}

/// Says that the call does something with a VM.
fn concerns(cx: &mut Cx<'_>, vm: &Vm, doing: &str) {
    let what = format!("{doing} the virtual machine {}", vm.name);
    cx.concerns(EntityKind::Vm, (0, vm.id), Owner::from(vm), what);
}

/// Host names are labels of a DNS name that begin with a letter (RFC 1123, section 2.1).
fn check_name(name: &str) -> Result<(), Fault> {
    let inside = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let whole = name.len() <= 63
        && name.bytes().all(inside)
        && name.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic())
        && name.bytes().last().is_some_and(|byte| byte.is_ascii_alphanumeric());
    if whole {
        return Ok(());
    }
    Err(Fault::invalid(format!(
        "Invalid parameter name: {} is no host name; those have letters, digits and hyphens, 63 at \
         most, begin with a letter and do not end with a hyphen",
        quoted(&shorten(name, 80))
    )))
}

/// No two VMs of a network may be called the same: guests find each other by their names.
fn check_unique_name(
    cx: &mut Cx<'_>,
    name: &str,
    network: &Network,
    but: i64,
) -> Result<(), Fault> {
    let tail = "WHERE name = ? AND removed IS NULL AND id <> ?";
    let alike: Vec<Vm> = cx.tx.select(tail, &[name.into(), but.into()])?;
    for vm in alike {
        let sql = "SELECT 1 FROM nic WHERE vm_id = ? AND removed IS NULL AND network_id + 0 = ?";
        if cx.tx.one::<i64>(sql, &[vm.id.into(), network.id.into()])?.is_some() {
            let id = cx.uid::<Vm>(vm.id);
            let (name, network) = (quoted(name), quoted(&network.name));
            let text = format!(
                "Invalid parameter name: the network {network} has a virtual machine {name} \
                 already ({id})"
            );
            return Err(Fault::invalid(text).about(id, "vmId"));
        }
    }
    Ok(())
}
