//! The life of a VM after it was made: started, stopped, deleted, had back and removed for good.

use crate::engine::network_life::implement;
use crate::engine::vms::deploy::check_offering;
use crate::engine::vms::nics::detach;
use crate::engine::vms::{check_name, check_unique_name, concerns, ips_of, nics_of, step};
use crate::engine::{Cx, Owner, Resource, rules, system_vms};
use crate::model::{
    Account, EntityKind, Network, NetworkState, ServiceOffering, Vm, VmEvent, VmState,
};
use crate::schema::{Exception, Fault};
use crate::text::quoted;
use std::net::Ipv4Addr;

/// Whether what is done to VMs now fails, for those who want to see what is left then.
pub(super) fn fails(cx: &mut Cx<'_>, at: VmState) -> Result<bool, Fault> {
    Ok(cx.setting("simulate.vm.failure")?.eq_ignore_ascii_case(at.word()))
}

/// Implements a network whose first guest starts.
pub(super) fn prepare(cx: &mut Cx<'_>, network_id: i64) -> Result<(), Fault> {
    let mut network: Network = cx.must(network_id)?;
    match network.state {
        NetworkState::Allocated => implement(cx, &mut network),
        NetworkState::Implemented => system_vms::ensure(cx, &network),
        NetworkState::Setup => Ok(()),
        state => {
            let name = quoted(&network.name);
            let text = format!("The network {name} is {state}, so that no guest can start in it");
            Err(Fault::new(Exception::ResourceUnavailable, text))
        }
    }
}

/// Starts a VM (`startVirtualMachine`).
pub(crate) fn start(cx: &mut Cx<'_>, mut vm: Vm) -> Result<Vm, Fault> {
    concerns(cx, &vm, "starting");
    if vm.state == VmState::Running {
        let name = quoted(&vm.name);
        let text = format!("Invalid parameter id: the virtual machine {name} is running already");
        return Err(Fault::invalid(text).in_job());
    }
    refuse_disabled_owner(cx, &vm).map_err(Fault::in_job)?;
    step(cx, &mut vm, VmEvent::StartRequested).map_err(Fault::in_job)?;
    for nic in nics_of(cx, vm.id)? {
        prepare(cx, nic.network_id).map_err(Fault::in_job)?;
    }
    if fails(cx, VmState::Starting)? {
        step(cx, &mut vm, VmEvent::OperationFailed).map_err(Fault::in_job)?;
        let text = format!(
            "Unable to start the virtual machine {}: the setting simulate.vm.failure says so",
            quoted(&vm.name)
        );
        cx.failed = Some(Fault::new(Exception::CloudRuntime, text).in_job());
    } else {
        step(cx, &mut vm, VmEvent::OperationSucceeded).map_err(Fault::in_job)?;
    }
    cx.tx.save(&vm)?;
    Ok(vm)
}

/// Nothing of a disabled account is started.
fn refuse_disabled_owner(cx: &mut Cx<'_>, vm: &Vm) -> Result<(), Fault> {
    let account: Account = cx.must(vm.account_id)?;
    if account.state != "disabled" {
        return Ok(());
    }
    let text =
        format!("The account {} is disabled, so its virtual machines stay off", account.name);
    Err(Fault::new(Exception::PermissionDenied, text))
}

/// Stops a VM; one that does not run stays as it is. Its addresses stay its own.
pub(crate) fn stop(cx: &mut Cx<'_>, mut vm: Vm) -> Result<Vm, Fault> {
    concerns(cx, &vm, "stopping");
    halt(cx, &mut vm).map_err(Fault::in_job)?;
    Ok(vm)
}

fn halt(cx: &mut Cx<'_>, vm: &mut Vm) -> Result<(), Fault> {
    if !matches!(vm.state, VmState::Running | VmState::Starting | VmState::Stopping) {
        return Ok(());
    }
    step(cx, vm, VmEvent::StopRequested)?;
    step(cx, vm, VmEvent::OperationSucceeded)?;
    cx.tx.save(vm)?;
    Ok(())
}

/// Restarts a VM, which must run.
pub(crate) fn reboot(cx: &mut Cx<'_>, vm: Vm) -> Result<Vm, Fault> {
    concerns(cx, &vm, "rebooting");
    if vm.state != VmState::Running {
        let (name, state) = (quoted(&vm.name), vm.state);
        let text = format!("The virtual machine {name} is {state}; only running ones can reboot");
        return Err(Fault::new(Exception::CloudRuntime, text).in_job());
    }
    Ok(vm)
}

/// Deletes a VM (`destroyVm`). Its owner may still have it back, with its addresses, unless it is
/// expunged as well.
pub(crate) fn destroy(cx: &mut Cx<'_>, mut vm: Vm, expunges: bool) -> Result<Vm, Fault> {
    concerns(cx, &vm, "destroying");
    if vm.protected {
        let name = quoted(&vm.name);
        let text = format!(
            "Invalid parameter id: the virtual machine {name} is protected; updateVirtualMachine \
             deleteprotection=false ends that"
        );
        return Err(Fault::invalid(text).in_job());
    }
    if expunges {
        check_may_expunge(cx, "Parameter expunge").map_err(Fault::in_job)?;
    }
    put_away(cx, &mut vm).map_err(Fault::in_job)?;
    if expunges && vm.removed.is_none() {
        remove(cx, &mut vm).map_err(Fault::in_job)?;
    }
    Ok(vm)
}

/// Stops a VM and puts it where its owner may still have it back. One that never ran goes at once.
fn put_away(cx: &mut Cx<'_>, vm: &mut Vm) -> Result<(), Fault> {
    if matches!(vm.state, VmState::Destroyed | VmState::Expunging) {
        return Ok(());
    }
    halt(cx, vm)?;
    let counted = vm.state.is_counted();
    step(cx, vm, VmEvent::DestroyRequested)?;
    cx.tx.save(vm)?;
    if counted {
        cx.count(Owner::from(&*vm), Resource::UserVm, -1)?;
    }
    if vm.state == VmState::Expunging { remove(cx, vm) } else { Ok(()) }
}

/// Expunging and recovering are for admins, and for users where a setting says so.
fn check_may_expunge(cx: &mut Cx<'_>, what: &str) -> Result<(), Fault> {
    let setting = "allow.user.expunge.recover.vm";
    let account = cx.caller.account_id;
    if cx.caller.is_root()
        || cx.caller.is_domain_admin()
        || cx.setting_at(setting, "account", account)?.eq_ignore_ascii_case("true")
    {
        return Ok(());
    }
    let text = format!("{what} is for admins only, as the setting {setting} is false");
    Err(Fault::new(Exception::PermissionDenied, text))
}

/// Removes a VM for good, with its interfaces, its addresses and the rules that lead to it.
pub(crate) fn expunge(cx: &mut Cx<'_>, mut vm: Vm) -> Result<(), Fault> {
    concerns(cx, &vm, "expunging");
    check_may_expunge(cx, "expungeVirtualMachine").map_err(Fault::in_job)?;
    if !matches!(vm.state, VmState::Destroyed | VmState::Expunging | VmState::Error) {
        let (name, state) = (quoted(&vm.name), vm.state);
        let text = format!(
            "Invalid parameter id: the virtual machine {name} is {state}; destroy it before it is \
             expunged"
        );
        return Err(Fault::invalid(text).in_job());
    }
    remove(cx, &mut vm).map_err(Fault::in_job)
}

/// Expunges a VM whose time is over.
pub(crate) fn expunge_old(cx: &mut Cx<'_>, mut vm: Vm) -> Result<(), Fault> {
    concerns(cx, &vm, "expunging");
    remove(cx, &mut vm)
}

/// The guest addresses that a VM holds.
pub(crate) fn addresses_of(cx: &mut Cx<'_>, vm_id: i64) -> Result<Vec<Ipv4Addr>, Fault> {
    let mut all = Vec::new();
    for nic in nics_of(cx, vm_id)? {
        all.extend(nic.ip);
        all.extend(ips_of(cx, nic.id)?.iter().map(|further| further.ip));
    }
    Ok(all)
}

fn remove(cx: &mut Cx<'_>, vm: &mut Vm) -> Result<(), Fault> {
    step(cx, vm, VmEvent::ExpungeOperation)?;
    let nics = nics_of(cx, vm.id)?;
    rules::forget_vm(cx, vm, &nics)?;
    for nic in nics {
        detach(cx, nic)?;
    }
    vm.removed = Some(cx.now);
    cx.tx.save(vm)?;
    cx.forget_tags((EntityKind::Vm, 0, vm.id))
}

/// Removes all VMs of an account that is being deleted, whatever they do.
pub(crate) fn expunge_all_of_account(cx: &mut Cx<'_>, account_id: i64) -> Result<(), Fault> {
    expunge_all(cx, "account_id = ?", account_id)
}

/// Removes all VMs of a network that is being deleted with its owner.
pub(crate) fn expunge_all_of_network(cx: &mut Cx<'_>, network_id: i64) -> Result<(), Fault> {
    expunge_all(
        cx,
        "id IN (SELECT vm_id FROM nic WHERE network_id = ? AND removed IS NULL)",
        network_id,
    )
}

fn expunge_all(cx: &mut Cx<'_>, which: &str, id: i64) -> Result<(), Fault> {
    let tail = format!("WHERE {which} AND removed IS NULL ORDER BY id");
    let all: Vec<Vm> = cx.tx.select(&tail, &[id.into()])?;
    for mut vm in all {
        put_away(cx, &mut vm)?;
        if vm.removed.is_none() {
            remove(cx, &mut vm)?;
        }
    }
    Ok(())
}

/// Gives a destroyed VM back to its owner; it is stopped, and has its addresses.
pub(crate) fn recover(cx: &mut Cx<'_>, mut vm: Vm) -> Result<Vm, Fault> {
    concerns(cx, &vm, "recovering");
    check_may_expunge(cx, "recoverVirtualMachine")?;
    if vm.state != VmState::Destroyed {
        let (name, state) = (quoted(&vm.name), vm.state);
        let text = format!(
            "Invalid parameter id: the virtual machine {name} is {state}; only destroyed ones can \
             be recovered"
        );
        return Err(Fault::invalid(text));
    }
    let owner = Owner::from(&vm);
    cx.check_limit(owner, Resource::UserVm, 1)?;
    step(cx, &mut vm, VmEvent::RecoveryRequested)?;
    cx.tx.save(&vm)?;
    cx.count(owner, Resource::UserVm, 1)?;
    Ok(vm)
}

/// What of a VM is to change.
#[derive(Clone, Debug, Default)]
pub(crate) struct VmChanges {
    /// The name that it has as a host.
    pub(crate) name: Option<String>,
    /// The name that its owner calls it by.
    pub(crate) display_name: Option<String>,
    /// The group that its owner puts it into.
    pub(crate) group: Option<String>,
    /// Whether its owner sees it.
    pub(crate) display: Option<bool>,
    /// Whether it must not be deleted.
    pub(crate) protected: Option<bool>,
}

/// Changes what is known of a VM.
pub(crate) fn update(cx: &mut Cx<'_>, mut vm: Vm, to: VmChanges) -> Result<Vm, Fault> {
    concerns(cx, &vm, "updating");
    if let Some(name) = to.name.filter(|name| *name != vm.name) {
        check_name(&name)?;
        for nic in nics_of(cx, vm.id)? {
            let network: Network = cx.must(nic.network_id)?;
            check_unique_name(cx, &name, &network, vm.id)?;
        }
        vm.name = name;
    }
    vm.display_name = to.display_name.unwrap_or(vm.display_name);
    vm.group_name = to.group.or(vm.group_name);
    vm.display = to.display.unwrap_or(vm.display);
    vm.protected = to.protected.unwrap_or(vm.protected);
    vm.updated = cx.now;
    cx.tx.save(&vm)?;
    Ok(vm)
}

/// Makes a VM as big as another service offering says (`changeServiceForVirtualMachine`). It must
/// be stopped, as nothing here could change its size while it runs.
pub(crate) fn change_offering(
    cx: &mut Cx<'_>,
    mut vm: Vm,
    offering: &ServiceOffering,
) -> Result<Vm, Fault> {
    concerns(cx, &vm, "changing the service offering of");
    check_offering(offering)?;
    if vm.state != VmState::Stopped {
        let (name, state) = (quoted(&vm.name), vm.state);
        return Err(Fault::invalid(format!(
            "Invalid parameter id: the virtual machine {name} is {state}; stop it before its \
             service offering is changed"
        )));
    }
    if vm.service_offering_id == offering.id {
        let name = quoted(&offering.name);
        return Err(Fault::invalid(format!(
            "Invalid parameter serviceofferingid: the virtual machine has the service offering \
             {name} already"
        )));
    }
    vm.service_offering_id = offering.id;
    vm.updated = cx.now;
    cx.tx.save(&vm)?;
    Ok(vm)
}
