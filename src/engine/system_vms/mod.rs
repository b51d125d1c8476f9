//! Virtual machines of the system's own, as records: routers of networks and VPCs, console proxies
//! and secondary storage VMs. What matters of them is which addresses they have.
//!
//! A router has the gateway's address in its networks and the source NAT address of its network or
//! VPC, which are not its own: those belong to the network. Its own are a link-local address while
//! it runs, and where there are two routers, an address of its own in each network.

mod life;
mod nics;
mod routers;
#[cfg(test)]
mod tests;
mod zone_vms;

pub(crate) use life::{reboot, router, start, stop, system_vm};
pub(crate) use nics::{Link, links_of};
pub(crate) use routers::{
    change_offering, destroy, ensure, ensure_for_vpc, make_anew, remove_for_network,
    remove_for_vpc, shut_down,
};
pub(crate) use zone_vms::{destroy_zone_vm, make_for_zone, remove_for_zone};

use crate::engine::Cx;
use crate::engine::pod_addresses::For;
use crate::model::{PodHolder, SystemVm, VmEvent};
use crate::schema::{Exception, Fault};

/// Under which name a system VM has addresses of its pod.
const fn holder(vm: &SystemVm) -> For {
    For { kind: PodHolder::SystemVm, id: vm.id }
}

/// Takes a system VM one step through its states.
fn step(vm: &mut SystemVm, event: VmEvent) -> Result<(), Fault> {
    let (name, state) = (vm.name(), vm.state);
    vm.state = state.next(event).ok_or_else(|| {
        let text = format!("{name} is {state}, which does not go with {event}");
        Fault::new(Exception::CloudRuntime, text)
    })?;
    Ok(())
}

/// Says that the call is about a system VM.
fn concerns(cx: &mut Cx<'_>, vm: &SystemVm, doing: &str) {
    let owner = crate::engine::Owner { account_id: vm.account_id, domain_id: vm.domain_id };
    cx.concerns(vm.entity(), (0, vm.id), owner, format!("{doing} {}", vm.name()));
}
