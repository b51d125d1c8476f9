//! The interfaces of VMs and their first addresses.

use crate::engine::guests::{self, Holder};
use crate::engine::vms::choose::check_network;
use crate::engine::vms::life::prepare;
use crate::engine::vms::secondary::drop_all;
use crate::engine::vms::{check_unique_name, concerns};
use crate::engine::{Cx, Owner, rules};
use crate::model::{
    EntityKind, GuestKind, GuestType, Network, NetworkOffering, NetworkState, Nic, Vm, VmState,
};
use crate::schema::{Exception, Fault};
use crate::store::StoreError;
use crate::text::quoted;
use std::net::Ipv4Addr;

/// An interface that is to be made.
#[derive(Clone, Debug)]
pub(crate) struct NewNic {
    /// The network.
    pub(crate) network: Network,
    /// The address that it must be.
    pub(crate) ip: Option<Ipv4Addr>,
    /// The MAC address that it must be.
    pub(crate) mac: Option<String>,
}

/// The interfaces of a VM, in their order.
pub(crate) fn nics_of(cx: &mut Cx<'_>, vm_id: i64) -> Result<Vec<Nic>, Fault> {
    let tail = "WHERE vm_id = ? AND removed IS NULL ORDER BY device";
    Ok(cx.tx.select(tail, &[vm_id.into()])?)
}

/// Whether guests of a network have IPv4 addresses.
fn has_addresses(network: &Network) -> bool {
    network.guest_type != Some(GuestType::L2) && network.cidr.is_some()
}

/// Gives a VM an interface in a network that was checked.
pub(super) fn attach(
    cx: &mut Cx<'_>,
    vm: &Vm,
    new: &NewNic,
    device: i64,
    is_default: bool,
) -> Result<Nic, Fault> {
    let network = &new.network;
    let mac = new.mac.as_deref().map(|mac| read_mac(cx, mac, network)).transpose()?;
    let mut nic = Nic {
        id: 0,
        vm_id: vm.id,
        network_id: network.id,
        ip: None,
        mac,
        device,
        is_default,
        created: cx.now,
        removed: None,
    };
    nic.id = cx.tx.insert(&nic)?;
    if has_addresses(network) {
        let holder = Holder { kind: GuestKind::Nic, id: nic.id, owner: Owner::from(vm) };
        nic.ip = Some(guests::acquire(cx, network, new.ip, holder)?);
    } else if let Some(ip) = new.ip {
        let name = quoted(&network.name);
        let text = format!(
            "Invalid parameter ipaddress: the network {name} has no addresses of its own, so {ip} \
             cannot be given in it"
        );
        return Err(Fault::invalid(text));
    }
    store_with_mac(cx, &mut nic)?;
    Ok(nic)
}

/// The first bytes of MAC addresses that are given out, all of them locally administered
/// (IEEE 802); the first one unless somebody has chosen such an address.
const PREFIXES: [u8; 4] = [0x1e, 0x1a, 0x16, 0x12];

/// Stores an interface; without a MAC address it gets the one that its row number makes.
fn store_with_mac(cx: &mut Cx<'_>, nic: &mut Nic) -> Result<(), Fault> {
    if nic.mac.is_some() {
        return Ok(cx.tx.save(nic)?);
    }
    for prefix in PREFIXES {
        let [_, _, _, bytes @ ..] = nic.id.to_be_bytes();
        let bytes: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        nic.mac = Some(format!("{prefix:02x}:{}", bytes.join(":")));
        match cx.tx.save(nic) {
            Err(StoreError::Unique(_)) => {}
            stored => return Ok(stored?),
        }
    }
    Err(Fault::new(Exception::CloudRuntime, "No MAC address is free in the network"))
}

/// A MAC address as it was given: of one interface, and not of two in a network.
fn read_mac(cx: &mut Cx<'_>, text: &str, network: &Network) -> Result<String, Fault> {
    let refuse = |why: String| {
        Err(Fault::invalid(format!("Invalid parameter macaddress: {} {why}", quoted(text))))
    };
    let mac = text.to_ascii_lowercase().replace('-', ":");
    let bytes: Vec<_> =
        mac.split(':').map(|byte| (byte.len(), u8::from_str_radix(byte, 16))).collect();
    let whole = bytes.len() == 6 && bytes.iter().all(|(length, byte)| *length == 2 && byte.is_ok());
    let Some((_, Ok(first))) = bytes.first().filter(|_| whole) else {
        return refuse("is no MAC address such as 02:00:00:00:00:01".into());
    };
    if first & 1 == 1 {
        return refuse("is that of a group; an interface needs a unicast address".into());
    }
    let sql = "SELECT id FROM nic WHERE network_id = ? AND mac = ? AND removed IS NULL";
    let args = [network.id.into(), mac.as_str().into()];
    match cx.tx.one::<i64>(sql, &args)? {
        Some(_) => {
            refuse(format!("is that of another guest of the network {}", quoted(&network.name)))
        }
        None => Ok(mac),
    }
}

/// Takes an interface away, with its addresses.
pub(super) fn detach(cx: &mut Cx<'_>, mut nic: Nic) -> Result<(), Fault> {
    drop_all(cx, nic.id)?;
    if let Some(ip) = nic.ip {
        guests::release(cx, nic.network_id, ip)?;
    }
    nic.removed = Some(cx.now);
    cx.tx.save(&nic)?;
    cx.forget_tags((EntityKind::Nic, 0, nic.id))
}

/// Whether the interfaces of a VM may change (`UserVmManagerImpl.addNicToVirtualMachine`).
fn check_state(vm: &Vm) -> Result<(), Fault> {
    if matches!(vm.state, VmState::Running | VmState::Stopped) {
        return Ok(());
    }
    let (name, state) = (quoted(&vm.name), vm.state);
    Err(Fault::invalid(format!(
        "Invalid parameter virtualmachineid: the virtual machine {name} is {state}; it must be \
         Running or Stopped"
    )))
}

/// Gives a VM one more interface.
pub(crate) fn add_nic(cx: &mut Cx<'_>, vm: &Vm, new: &NewNic) -> Result<(), Fault> {
    concerns(cx, vm, "adding an interface to");
    check_state(vm).map_err(Fault::in_job)?;
    let network = &new.network;
    check_network(cx, network, vm.zone_id, Owner::from(vm)).map_err(Fault::in_job)?;
    let nics = nics_of(cx, vm.id)?;
    if nics.iter().any(|nic| nic.network_id == network.id) {
        let (vm, network) = (quoted(&vm.name), quoted(&network.name));
        let text = format!("The virtual machine {vm} has an interface in the network {network}");
        return Err(Fault::new(Exception::CloudRuntime, text).in_job());
    }
    check_unique_name(cx, &vm.name, network, vm.id).map_err(Fault::in_job)?;
    // Numbers of interfaces that were taken away are given again.
    let taken = (0..).zip(&nics).take_while(|(place, nic)| *place == nic.device);
    let device = taken.count();
    let device = i64::try_from(device).unwrap_or(i64::MAX);
    attach(cx, vm, new, device, nics.is_empty()).map_err(Fault::in_job)?;
    if vm.state == VmState::Running {
        prepare(cx, network.id).map_err(Fault::in_job)?;
    }
    Ok(())
}

/// The interface, which must be one of the VM's.
fn of_vm(vm: &Vm, nic: &Nic) -> Result<(), Fault> {
    if nic.vm_id == vm.id {
        return Ok(());
    }
    let name = quoted(&vm.name);
    let text = format!("Invalid parameter nicid: it is not one of the virtual machine {name}");
    Err(Fault::invalid(text).in_job())
}

/// Takes an interface from a VM: not the default one, and none that rules lead to.
pub(crate) fn remove_nic(cx: &mut Cx<'_>, vm: &Vm, nic: Nic) -> Result<(), Fault> {
    concerns(cx, vm, "taking an interface from");
    check_state(vm).map_err(Fault::in_job)?;
    of_vm(vm, &nic)?;
    let refuse =
        |why: &str| Err(Fault::invalid(format!("Invalid parameter nicid: {why}")).in_job());
    if nic.is_default {
        return refuse("it is the default interface; choose another one before");
    }
    if let Some(rule) = rules::leading_to(cx, &nic, None)? {
        return refuse(&format!("{rule} leads to it; remove that before"));
    }
    detach(cx, nic).map_err(Fault::in_job)
}

/// Makes another interface of a VM the default one.
pub(crate) fn set_default_nic(cx: &mut Cx<'_>, vm: &Vm, mut nic: Nic) -> Result<(), Fault> {
    concerns(cx, vm, "choosing another default interface for");
    check_state(vm).map_err(Fault::in_job)?;
    of_vm(vm, &nic)?;
    if nic.is_default {
        let text = "The interface is the default one already";
        return Err(Fault::new(Exception::CloudRuntime, text).in_job());
    }
    for mut old in nics_of(cx, vm.id)? {
        if old.is_default {
            old.is_default = false;
            cx.tx.save(&old)?;
        }
    }
    nic.is_default = true;
    cx.tx.save(&nic)?;
    Ok(())
}

/// Gives an interface another first address (`updateNicIpForVirtualMachine`), and leads the rules
/// of the old one there.
pub(crate) fn change_ip(
    cx: &mut Cx<'_>,
    mut nic: Nic,
    wanted: Option<Ipv4Addr>,
) -> Result<Vm, Fault> {
    let vm: Vm = cx.must(nic.vm_id)?;
    concerns(cx, &vm, "changing an address of");
    let network: Network = cx.must(nic.network_id)?;
    check_change(cx, &vm, &network).map_err(Fault::in_job)?;
    let invalid = guests::as_invalid("ipaddress");
    // The row of the old address must be gone before this interface has another one.
    if let Some(old) = nic.ip {
        if Some(old) == wanted {
            let text = format!("Invalid parameter ipaddress: the interface has {old} already");
            return Err(Fault::invalid(text).in_job());
        }
        guests::release(cx, network.id, old)?;
    }
    let holder = Holder { kind: GuestKind::Nic, id: nic.id, owner: Owner::from(&vm) };
    let new = match (wanted, nic.ip) {
        // Without a wish another address is wanted, so that the old one is passed over.
        (None, Some(old)) => guests::acquire_but(cx, &network, old, holder),
        _ => guests::acquire(cx, &network, wanted, holder),
    };
    let new = new.map_err(|fault| invalid(fault).in_job())?;
    if let Some(old) = nic.ip {
        rules::lead_to(cx, (vm.id, network.id), old, new)?;
    }
    nic.ip = Some(new);
    cx.tx.save(&nic)?;
    Ok(vm)
}

fn check_change(cx: &mut Cx<'_>, vm: &Vm, network: &Network) -> Result<(), Fault> {
    use NetworkState::{Allocated, Implemented, Setup};
    let name = quoted(&network.name);
    let refuse = |why: String| Err(Fault::invalid(format!("Invalid parameter nicid: {why}")));
    if !matches!(network.state, Allocated | Implemented | Setup) {
        return refuse(format!("its network {name} is {}", network.state));
    }
    let offering: Option<NetworkOffering> =
        network.offering_id.map(|id| cx.must(id)).transpose()?;
    let serves = offering.is_some_and(|offering| !offering.services().is_empty());
    if serves && vm.state != VmState::Stopped {
        let vm = quoted(&vm.name);
        return refuse(format!("its virtual machine {vm} must be Stopped"));
    }
    if !has_addresses(network) {
        return refuse(format!("its network {name} has no addresses of its own"));
    }
    Ok(())
}
