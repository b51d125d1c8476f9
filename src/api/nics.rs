//! Interfaces of virtual machines and their addresses.

use crate::api::paging::Paged;
use crate::api::vm_view::{NicView, SecondaryIpView, VmView, show, show_ips, show_nic};
use crate::api::{Rows, api};
use crate::engine::Cx;
use crate::engine::vms::{self, NewNic};
use crate::model::{Network, Nic, SecondaryIp, Uid, Vm};
use crate::schema::{Fault, Id, Text, view};
use std::net::Ipv4Addr;

api! {
    /// Gives a virtual machine one more interface.
    job object "addNicToVirtualMachine" { key: "virtualmachine", event: "NIC.CREATE",
        example: "add nic to virtual machine virtualmachineid=web1 networkid=db" } => add -> VmView;
    AddNicToVirtualMachine {
        /// the id of the virtual machine
        virtualmachineid: Id<Vm>,
        /// the id of the network
        networkid: Id<Network>,
        /// the address; the lowest free one, where nothing is said
        ipaddress: Option<Ipv4Addr>,
        /// the MAC address
        macaddress: Option<Text>,
    }
}

fn add(cx: &mut Cx<'_>, args: &AddNicToVirtualMachine) -> Result<VmView, Fault> {
    let vm = cx.find(&args.virtualmachineid)?;
    let mac = args.macaddress.as_ref().map(|mac| mac.0.clone());
    let network = cx.usable_network(&args.networkid)?;
    let new = NewNic { network, ip: args.ipaddress, mac };
    vms::add_nic(cx, &vm, &new)?;
    show(cx, vm)
}

api! {
    /// Takes an interface from a virtual machine, with its addresses.
    job object "removeNicFromVirtualMachine" { key: "virtualmachine", event: "NIC.DELETE",
        example: "remove nic from virtual machine virtualmachineid=web1 nicid=..." }
        => remove -> VmView;
    RemoveNicFromVirtualMachine {
        /// the id of the virtual machine
        virtualmachineid: Id<Vm>,
        /// the id of the interface
        nicid: Id<Nic>,
    }
}

fn remove(cx: &mut Cx<'_>, args: &RemoveNicFromVirtualMachine) -> Result<VmView, Fault> {
    let (vm, nic) = (cx.find(&args.virtualmachineid)?, cx.find(&args.nicid)?);
    vms::remove_nic(cx, &vm, nic)?;
    show(cx, vm)
}

api! {
    /// Makes another interface of a virtual machine the default one.
    job object "updateDefaultNicForVirtualMachine" { key: "virtualmachine", event: "NIC.UPDATE",
        example: "update default nic for virtual machine virtualmachineid=web1 nicid=..." }
        => set_default -> VmView;
    UpdateDefaultNicForVirtualMachine {
        /// the id of the virtual machine
        virtualmachineid: Id<Vm>,
        /// the id of the interface
        nicid: Id<Nic>,
    }
}

fn set_default(cx: &mut Cx<'_>, args: &UpdateDefaultNicForVirtualMachine) -> Result<VmView, Fault> {
    let (vm, nic) = (cx.find(&args.virtualmachineid)?, cx.find(&args.nicid)?);
    vms::set_default_nic(cx, &vm, nic)?;
    show(cx, vm)
}

api! {
    /// Gives an interface another first address; the rules that lead to the old one follow.
    job object "updateVmNicIp" { key: "virtualmachine", event: "NIC.SECONDARY.IP.CONFIGURE",
        example: "update vm nic ip nicid=... ipaddress=10.1.1.20" } => change_ip -> VmView;
    UpdateVmNicIp {
        /// the id of the interface
        nicid: Id<Nic>,
        /// the new address; the lowest free one, where nothing is said
        ipaddress: Option<Ipv4Addr>,
    }
}

fn change_ip(cx: &mut Cx<'_>, args: &UpdateVmNicIp) -> Result<VmView, Fault> {
    let nic = cx.find(&args.nicid)?;
    let vm = vms::change_ip(cx, nic, args.ipaddress)?;
    show(cx, vm)
}

api! {
    /// Lists the interfaces of a virtual machine.
    now list "listNics" { key: "nic", root_params: &["fordisplay"],
        example: "list nics virtualmachineid=web1" } => list -> NicView;
    ListNics {
        /// the id of the virtual machine
        virtualmachineid: Id<Vm>,
        /// the id of the interface
        nicid: Option<Id<Nic>>,
        /// the id of the network
        networkid: Option<Id<Network>>,
        /// accepted for other clients; all interfaces are seen
        _fordisplay as "fordisplay": Option<bool>,
        ..paged: Paged,
    }
}

fn list(cx: &mut Cx<'_>, args: &ListNics) -> Result<Rows<NicView>, Fault> {
    let vm = cx.find(&args.virtualmachineid)?;
    let mut filter = args.paged.filter();
    filter.is("vm_id", Some(vm.id));
    filter.is("id", cx.row_opt(args.nicid.as_ref())?);
    filter.is("network_id", cx.row_opt(args.networkid.as_ref())?);
    filter.keyword(&["mac"]);
    let (found, total) = filter.living::<Nic>(cx, "device")?;
    let rows = found.into_iter().map(|nic| show_nic(cx, nic)).collect::<Result<_, _>>()?;
    Ok(Rows { rows, total })
}

view! {
    /// A further address that an interface was given.
    NicIpView in "NicSecondaryIpResponse" shows ["ipaddress", "networkid", "nicid", "id"] {
        /// the id of the further address
        id: Uid,
        /// the further address
        ipaddress: Ipv4Addr,
        /// the id of the interface
        nicid: Uid,
        /// the id of the network
        networkid: Uid,
        /// the id of the virtual machine
        virtualmachineid: Uid,
        /// all further addresses of the interface
        secondaryip: Option<Vec<SecondaryIpView>>,
    }
}

api! {
    /// Gives an interface one more address of its network.
    create object "addIpToNic" { key: "nicsecondaryip", event: "NIC.SECONDARY.IP.ASSIGN",
        example: "add ip to nic nicid=... ipaddress=10.1.1.30" } => add_ip -> NicIpView;
    AddIpToNic {
        /// the id of the interface
        nicid: Id<Nic>,
        /// the address; the lowest free one, where nothing is said
        ipaddress: Option<Ipv4Addr>,
    }
}

fn add_ip(cx: &mut Cx<'_>, args: &AddIpToNic) -> Result<NicIpView, Fault> {
    let nic = cx.find(&args.nicid)?;
    let ip = vms::add_ip(cx, &nic, args.ipaddress)?;
    Ok(NicIpView {
        id: cx.uid::<SecondaryIp>(ip.id),
        ipaddress: ip.ip,
        nicid: cx.uid::<Nic>(nic.id),
        networkid: cx.uid::<Network>(nic.network_id),
        virtualmachineid: cx.uid::<Vm>(nic.vm_id),
        secondaryip: show_ips(cx, nic.id)?,
    })
}

api! {
    /// Takes a further address from an interface.
    job success "removeIpFromNic" { event: "NIC.SECONDARY.IP.UNASSIGN",
        example: "remove ip from nic id=..." } => remove_ip;
    RemoveIpFromNic {
        /// the id of the further address
        id: Id<SecondaryIp>,
    }
}

fn remove_ip(cx: &mut Cx<'_>, args: &RemoveIpFromNic) -> Result<(), Fault> {
    let ip = cx.find(&args.id)?;
    vms::remove_ip(cx, ip)
}
