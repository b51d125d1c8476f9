//! The life of a system VM: what it holds while it runs, and what it gives back when it stops.

use crate::engine::addresses::{self, Use, Wish};
use crate::engine::network_life::implement;
use crate::engine::system_vms::routers::{Routed, choose_primary};
use crate::engine::system_vms::{concerns, holder, step};
use crate::engine::{Cx, Guard, Owner, pod_addresses};
use crate::model::{Network, NetworkState, Pod, Router, SystemVm, SystemVmKind, VmEvent, VmState};
use crate::schema::{Exception, Fault, Id};

/// The living router that an id names, if the caller may use it.
pub(crate) fn router(cx: &mut Cx<'_>, id: &Id<Router>) -> Result<SystemVm, Fault> {
    let row = cx.row(id)?;
    let found = cx.tx.living::<SystemVm>(row)?;
    let found = found.filter(|vm| vm.kind == SystemVmKind::DomainRouter);
    let found = found.ok_or_else(|| cx.unknown(id))?;
    cx.check_guard(Guard::Account(found.account_id))?;
    Ok(found)
}

/// The living system VM that an id names, which is no router.
pub(crate) fn system_vm(cx: &mut Cx<'_>, id: &Id<SystemVm>) -> Result<SystemVm, Fault> {
    let row = cx.row(id)?;
    let found = cx.tx.living::<SystemVm>(row)?;
    let found = found.filter(|vm| vm.kind != SystemVmKind::DomainRouter);
    let found = found.ok_or_else(|| cx.unknown(id))?;
    cx.check_guard(Guard::Account(found.account_id))?;
    Ok(found)
}

/// Gives a system VM that is being started its addresses.
pub(super) fn take_addresses(cx: &mut Cx<'_>, vm: &mut SystemVm) -> Result<(), Fault> {
    let control = pod_addresses::take_control(cx, vm.zone_id, holder(vm))?;
    vm.pod_id = Some(control.pod_id);
    if vm.kind == SystemVmKind::DomainRouter {
        return Ok(());
    }
    let pod: Pod = cx.must(control.pod_id)?;
    pod_addresses::take_management(cx, &pod, holder(vm))?;
    if vm.kind == SystemVmKind::SecondaryStorageVm {
        pod_addresses::take_storage(cx, &pod, holder(vm))?;
    }
    let owner = Owner { account_id: vm.account_id, domain_id: vm.domain_id };
    let wish = Wish { zone_id: vm.zone_id, owner, address: None, with_ip6: false };
    let found = addresses::acquire(cx, &wish, Use::System)?;
    vm.public_range_id = Some(found.place.range.id);
    vm.public_place = found.row.map(|row| row.place);
    Ok(())
}

/// Starts a system VM that does not run.
pub(super) fn bring_up(cx: &mut Cx<'_>, vm: &mut SystemVm) -> Result<(), Fault> {
    step(vm, VmEvent::StartRequested)?;
    take_addresses(cx, vm)?;
    step(vm, VmEvent::OperationSucceeded)?;
    cx.tx.save(vm)?;
    Ok(())
}

/// Stops a system VM that runs, and gives back what it held by itself.
pub(super) fn bring_down(cx: &mut Cx<'_>, vm: &mut SystemVm) -> Result<(), Fault> {
    if !vm.is_up() {
        return Ok(());
    }
    step(vm, VmEvent::StopRequested)?;
    pod_addresses::release_all(cx, holder(vm))?;
    if let (Some(range), Some(place)) = (vm.public_range_id.take(), vm.public_place.take()) {
        addresses::release_system(cx, range, place)?;
    }
    step(vm, VmEvent::OperationSucceeded)?;
    vm.is_primary = false;
    cx.tx.save(vm)?;
    Ok(())
}

/// Starts a system VM or a router: in a job. One that runs stays as it is; with the router of a
/// network that is shut down the network is implemented again.
pub(crate) fn start(cx: &mut Cx<'_>, vm: SystemVm) -> Result<SystemVm, Fault> {
    concerns(cx, &vm, "starting");
    started(cx, vm).map_err(Fault::in_job)
}

fn started(cx: &mut Cx<'_>, mut vm: SystemVm) -> Result<SystemVm, Fault> {
    if vm.is_up() {
        return Ok(vm);
    }
    if let Some(network_id) = vm.network_id {
        let mut network: Network = cx.must(network_id)?;
        if network.state == NetworkState::Allocated {
            implement(cx, &mut network)?;
            return cx.must(vm.id);
        }
    }
    bring_up(cx, &mut vm)?;
    after_change(cx, vm)
}

/// Stops a system VM or a router: in a job. One that does not run stays as it is.
pub(crate) fn stop(cx: &mut Cx<'_>, mut vm: SystemVm) -> Result<SystemVm, Fault> {
    concerns(cx, &vm, "stopping");
    bring_down(cx, &mut vm).map_err(Fault::in_job)?;
    after_change(cx, vm).map_err(Fault::in_job)
}

/// Starts one that runs anew: in a job. It keeps its addresses.
pub(crate) fn reboot(cx: &mut Cx<'_>, vm: SystemVm) -> Result<SystemVm, Fault> {
    concerns(cx, &vm, "rebooting");
    if vm.state != VmState::Running {
        let text = format!("{} is {}; only what runs can be rebooted", vm.name(), vm.state);
        return Err(Fault::new(Exception::ResourceUnavailable, text).in_job());
    }
    Ok(vm)
}

/// What follows for the other one of two routers.
fn after_change(cx: &mut Cx<'_>, vm: SystemVm) -> Result<SystemVm, Fault> {
    let Some(routed) = Routed::by(&vm) else { return Ok(vm) };
    choose_primary(cx, routed)?;
    cx.must(vm.id)
}
