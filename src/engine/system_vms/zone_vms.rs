//! The system VMs of a zone: a console proxy and a secondary storage VM. They are there from the
//! moment when the zone is enabled, stopped: an administrator starts them, and only then they take
//! addresses.

use crate::engine::Cx;
use crate::engine::system_vms::life::{bring_down, bring_up};
use crate::engine::system_vms::{concerns, step};
use crate::model::{SystemVm, SystemVmKind, VmEvent, VmState, Zone};
use crate::schema::Fault;

/// The account `system` in the domain ROOT, whose they are.
const SYSTEM: i64 = 1;
/// Those that every zone has.
const KINDS: [SystemVmKind; 2] = [SystemVmKind::ConsoleProxy, SystemVmKind::SecondaryStorageVm];

/// Makes the system VMs of a zone that is being enabled, unless they are there.
pub(crate) fn make_for_zone(cx: &mut Cx<'_>, zone: &Zone) -> Result<(), Fault> {
    for kind in KINDS {
        let here = "WHERE zone_id = ? AND kind = ? AND removed IS NULL";
        if cx.tx.count::<SystemVm>(here, &[zone.id.into(), kind.into()])? == 0 {
            make(cx, zone.id, kind)?;
        }
    }
    Ok(())
}

fn make(cx: &mut Cx<'_>, zone_id: i64, kind: SystemVmKind) -> Result<SystemVm, Fault> {
    let mut vm = SystemVm {
        id: 0,
        kind,
        zone_id,
        pod_id: None,
        account_id: SYSTEM,
        domain_id: SYSTEM,
        network_id: None,
        vpc_id: None,
        place: 0,
        is_primary: false,
        state: VmState::Stopped,
        service_offering_id: None,
        public_range_id: None,
        public_place: None,
        created: cx.now,
        removed: None,
    };
    vm.id = cx.tx.insert(&vm)?;
    Ok(vm)
}

fn remove(cx: &mut Cx<'_>, vm: &mut SystemVm) -> Result<(), Fault> {
    bring_down(cx, vm)?;
    step(vm, VmEvent::ExpungeOperation)?;
    vm.removed = Some(cx.now);
    cx.tx.save(vm)?;
    Ok(())
}

/// Removes the system VMs of a zone that is being deleted.
pub(crate) fn remove_for_zone(cx: &mut Cx<'_>, zone_id: i64) -> Result<(), Fault> {
    let here = "WHERE zone_id = ? AND kind <> ? AND removed IS NULL ORDER BY id";
    let args = [zone_id.into(), SystemVmKind::DomainRouter.into()];
    for mut vm in cx.tx.select::<SystemVm>(here, &args)? {
        remove(cx, &mut vm)?;
    }
    Ok(())
}

/// Deletes a system VM: in a job. Another one takes its place at once, and runs if it did.
pub(crate) fn destroy_zone_vm(cx: &mut Cx<'_>, mut vm: SystemVm) -> Result<SystemVm, Fault> {
    concerns(cx, &vm, "destroying");
    let ran = vm.is_up();
    remove(cx, &mut vm).map_err(Fault::in_job)?;
    let mut next = make(cx, vm.zone_id, vm.kind)?;
    if ran {
        bring_up(cx, &mut next).map_err(Fault::in_job)?;
    }
    Ok(vm)
}
