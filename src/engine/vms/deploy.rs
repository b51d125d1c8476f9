//! New VMs (`UserVmManagerImpl.createAdvancedVirtualMachine`).

use crate::engine::network_checks::check_zone;
use crate::engine::vms::choose::{check_each_once, check_network, default_network};
use crate::engine::vms::nics::attach;
use crate::engine::vms::{
    NewNic, Wanted, check_name, check_unique_name, concerns, life, nics_of, step,
};
use crate::engine::{Cx, Owner, Resource};
use crate::model::{ServiceOffering, ServiceOfferingState, Template, Vm, VmEvent, VmState, Zone};
use crate::schema::{Exception, Fault};
use crate::text::quoted;
use std::net::Ipv4Addr;

/// A VM that is to be made.
#[derive(Clone, Debug)]
pub(crate) struct NewVm {
    /// The zone.
    pub(crate) zone: Zone,
    /// How big it is.
    pub(crate) offering: ServiceOffering,
    /// What it begins with.
    pub(crate) template: Template,
    /// Who is to own it.
    pub(crate) owner: Owner,
    /// The name that it has as a host; one is made where none is given.
    pub(crate) name: Option<String>,
    /// The name that its owner calls it by.
    pub(crate) display_name: Option<String>,
    /// The group that its owner puts it into.
    pub(crate) group: Option<String>,
    /// The networks that it stands in, the default one first; none for the account's only one.
    pub(crate) networks: Vec<Wanted>,
    /// The address in the first of them, where it is not said there.
    pub(crate) ip: Option<Ipv4Addr>,
    /// The MAC address in the first of them.
    pub(crate) mac: Option<String>,
    /// Whether it is started at once.
    pub(crate) start: bool,
    /// Whether its owner sees it.
    pub(crate) display: bool,
}

/// Makes a VM with its interfaces, and starts it where that is wanted.
///
/// With the setting `simulate.vm.failure` at `Starting` it becomes what CloudStack leaves when a
/// hypervisor fails: a VM in the state Error that has its interfaces and addresses, and a job that
/// failed.
pub(crate) fn deploy(cx: &mut Cx<'_>, mut new: NewVm) -> Result<Vm, Fault> {
    check_zone(cx, &new.zone, new.owner)?;
    check_offering(&new.offering)?;
    if let Some(name) = &new.name {
        check_name(name)?;
    }
    cx.check_limit(new.owner, Resource::UserVm, 1)?;
    choose_networks(cx, &mut new)?;
    let mut vm = store(cx, &new)?;
    cx.count(new.owner, Resource::UserVm, 1)?;
    concerns(cx, &vm, "deploying");
    for (device, wanted) in (0..).zip(&new.networks) {
        let (ip, mac) = (wanted.ip, wanted.mac.clone());
        let nic = NewNic { network: wanted.network.clone(), ip, mac };
        attach(cx, &vm, &nic, device, device == 0)?;
    }
    if new.start {
        start_first(cx, &mut vm)?;
    }
    Ok(vm)
}

/// Whether VMs of users may be as big as a service offering says.
pub(super) fn check_offering(offering: &ServiceOffering) -> Result<(), Fault> {
    let name = quoted(&offering.name);
    if offering.is_system || offering.state != ServiceOfferingState::Active {
        return Err(Fault::invalid(format!(
            "Invalid parameter serviceofferingid: the service offering {name} is not for users' \
             virtual machines"
        )));
    }
    Ok(())
}

/// The networks that were named, checked; else the one that the account has.
fn choose_networks(cx: &mut Cx<'_>, new: &mut NewVm) -> Result<(), Fault> {
    if new.networks.is_empty() {
        let network = default_network(cx, &new.zone, new.owner)?;
        new.networks.push(Wanted { network, ip: None, mac: None });
    }
    check_each_once(&new.networks)?;
    for wanted in &new.networks {
        check_network(cx, &wanted.network, new.zone.id, new.owner)?;
        if let Some(name) = &new.name {
            check_unique_name(cx, name, &wanted.network, 0)?;
        }
    }
    if let Some(first) = new.networks.first_mut() {
        first.ip = first.ip.or(new.ip);
        first.mac = first.mac.take().or(new.mac.take());
    }
    Ok(())
}

fn store(cx: &mut Cx<'_>, new: &NewVm) -> Result<Vm, Fault> {
    let name = new.name.clone().unwrap_or_default();
    let mut vm = Vm {
        id: 0,
        display_name: new.display_name.clone().unwrap_or_else(|| name.clone()),
        name,
        account_id: new.owner.account_id,
        domain_id: new.owner.domain_id,
        user_id: cx.caller.user_id,
        zone_id: new.zone.id,
        service_offering_id: new.offering.id,
        template_id: new.template.id,
        state: VmState::Stopped,
        hypervisor: new.template.hypervisor.clone(),
        group_name: new.group.clone(),
        protected: false,
        display: new.display,
        created: cx.now,
        updated: cx.now,
        removed: None,
    };
    vm.id = cx.tx.insert(&vm)?;
    if new.name.is_none() {
        vm.name = format!("VM-{}", cx.uid::<Vm>(vm.id));
        if new.display_name.is_none() {
            vm.display_name.clone_from(&vm.name);
        }
        cx.tx.save(&vm)?;
    }
    Ok(vm)
}

/// Starts a VM that was just made.
fn start_first(cx: &mut Cx<'_>, vm: &mut Vm) -> Result<(), Fault> {
    step(cx, vm, VmEvent::StartRequested).map_err(Fault::in_job)?;
    for nic in nics_of(cx, vm.id)? {
        life::prepare(cx, nic.network_id).map_err(Fault::in_job)?;
    }
    let fails = life::fails(cx, VmState::Starting)?;
    let event = if fails { VmEvent::OperationFailedToError } else { VmEvent::OperationSucceeded };
    step(cx, vm, event).map_err(Fault::in_job)?;
    cx.tx.save(vm)?;
    if fails {
        // As in CloudStack a VM that never ran does not count; its addresses are still held.
        cx.count(Owner::from(&*vm), Resource::UserVm, -1)?;
        let text = format!(
            "Unable to start the virtual machine {}: the setting simulate.vm.failure says so",
            quoted(&vm.name)
        );
        cx.failed = Some(Fault::new(Exception::CloudRuntime, text).in_job());
    }
    Ok(())
}
