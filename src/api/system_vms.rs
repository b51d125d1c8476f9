//! System VMs: console proxies and secondary storage VMs.

use crate::api::paging::Paged;
use crate::api::routers::name_of;
use crate::api::{Rows, api};
use crate::engine::Cx;
use crate::engine::system_vms::{self as engine, Link};
use crate::model::{
    Pod, SystemVm, SystemVmKind, Time, TrafficKind, Uid, VmState, Zone, ZoneVmKind,
};
use crate::schema::{Fault, Id, Text, view};
use std::net::Ipv4Addr;

view! {
    /// A system VM, as `listSystemVms` shows it.
    SystemVmView in "SystemVmResponse" shows ["name", "systemvmtype", "state", "publicip",
        "privateip", "linklocalip", "podname", "zonename", "id"] {
        /// the id of the system VM
        id: Uid,
        /// the name of the system VM
        name: String,
        /// `consoleproxy` or `secondarystoragevm`
        systemvmtype: &'static str,
        /// `Running`, `Stopped` and others
        state: &'static str,
        /// when it was made
        created: Time,
        /// the id of the zone
        zoneid: Uid,
        /// the name of the zone
        zonename: String,
        /// the id of the pod in which it ran last
        podid: Option<Uid>,
        /// the name of that pod
        podname: Option<String>,
        /// the first name server
        dns1: String,
        /// the second one
        dns2: Option<String>,
        /// the DNS domain of the zone
        networkdomain: Option<String>,
        /// the hypervisor that it would run on
        hypervisor: &'static str,
        /// the public address, as long as it runs
        publicip: Option<Ipv4Addr>,
        /// the MAC address of the public interface
        publicmacaddress: Option<String>,
        /// the netmask of the public address
        publicnetmask: Option<Ipv4Addr>,
        /// the gateway of the public address
        gateway: Option<Ipv4Addr>,
        /// the management address, as long as it runs
        privateip: Option<Ipv4Addr>,
        /// the MAC address of the management interface
        privatemacaddress: Option<String>,
        /// the netmask of the management address
        privatenetmask: Option<Ipv4Addr>,
        /// the link-local address, as long as it runs
        linklocalip: Option<Ipv4Addr>,
        /// the MAC address of the link-local interface
        linklocalmacaddress: Option<String>,
        /// the netmask of the link-local address
        linklocalnetmask: Option<Ipv4Addr>,
        /// the VLAN of the public address
        publicvlan: Option<Vec<String>>,
        /// how many consoles it shows
        activeviewersessions: u32,
        /// whether it may change its size while it runs
        isdynamicallyscalable: bool,
        /// whether somebody left a comment
        hasannotations: bool,
    }
}

api! {
    /// Lists the system VMs of zones: console proxies and secondary storage VMs.
    now list "listSystemVms" { key: "systemvm", example: "list system vms zoneid=sandbox" }
        => list -> SystemVmView;
    ListSystemVms {
        /// the id of the system VM
        id: Option<Id<SystemVm>>,
        /// the name of the system VM
        name: Option<Text>,
        /// `consoleproxy` or `secondarystoragevm`
        systemvmtype: Option<ZoneVmKind>,
        /// `Running`, `Stopped` and others
        state: Option<VmState>,
        /// the id of the zone
        zoneid: Option<Id<Zone>>,
        /// the id of the pod in which it ran last
        podid: Option<Id<Pod>>,
        ..paged: Paged,
    }
}

api! {
    /// Starts a system VM; it takes a public, a management and a link-local address.
    job object "startSystemVm" { key: "systemvm", event: "SSVM.START",
        example: "start system vm id=v-1-VM" } => start -> SystemVmView;
    StartSystemVm {
        /// the id of the system VM
        id: Id<SystemVm>,
    }
}

api! {
    /// Stops a system VM; it gives its addresses back.
    job object "stopSystemVm" { key: "systemvm", event: "SSVM.STOP",
        example: "stop system vm id=v-1-VM" } => stop -> SystemVmView;
    StopSystemVm {
        /// the id of the system VM
        id: Id<SystemVm>,
        /// accepted for other clients; stopping always succeeds
        _forced as "forced": Option<bool>,
    }
}

api! {
    /// Reboots a system VM that runs; it keeps its addresses.
    job object "rebootSystemVm" { key: "systemvm", event: "SSVM.REBOOT",
        example: "reboot system vm id=v-1-VM" } => reboot -> SystemVmView;
    RebootSystemVm {
        /// the id of the system VM
        id: Id<SystemVm>,
        /// accepted for other clients; rebooting always succeeds
        _forced as "forced": Option<bool>,
    }
}

api! {
    /// Deletes a system VM; another one takes its place at once, and runs if it did.
    job object "destroySystemVm" { key: "systemvm", event: "SSVM.DESTROY",
        example: "destroy system vm id=v-1-VM" } => destroy -> SystemVmView;
    DestroySystemVm {
        /// the id of the system VM
        id: Id<SystemVm>,
    }
}

fn list(cx: &mut Cx<'_>, args: &ListSystemVms) -> Result<Rows<SystemVmView>, Fault> {
    let (proxy, storage) =
        (name_of(SystemVmKind::ConsoleProxy), name_of(SystemVmKind::SecondaryStorageVm));
    let name = format!("(CASE kind WHEN 'ConsoleProxy' THEN {proxy} ELSE {storage} END)");
    let mut filter = args.paged.filter();
    filter.holds("kind <> ?", [SystemVmKind::DomainRouter.into()]);
    filter.is("id", cx.row_opt(args.id.as_ref())?);
    filter.is(&name, args.name.as_deref().map(str::to_owned));
    filter.is("kind", args.systemvmtype.map(ZoneVmKind::kind));
    filter.is("state", args.state);
    filter.is("zone_id", cx.row_opt(args.zoneid.as_ref())?);
    filter.is("pod_id", cx.row_opt(args.podid.as_ref())?);
    filter.keyword(&[&name]);
    let (found, total) = filter.living::<SystemVm>(cx, "id")?;
    let rows = found.iter().map(|vm| show(cx, vm)).collect::<Result<_, _>>()?;
    Ok(Rows { rows, total })
}

/// Events about console proxies have types of their own.
fn tell(cx: &mut Cx<'_>, vm: &SystemVm, of_proxy: &'static str) {
    if vm.kind == SystemVmKind::ConsoleProxy {
        cx.event_kind = Some(of_proxy);
    }
}

fn start(cx: &mut Cx<'_>, args: &StartSystemVm) -> Result<SystemVmView, Fault> {
    let vm = engine::system_vm(cx, &args.id)?;
    tell(cx, &vm, "PROXY.START");
    let vm = engine::start(cx, vm)?;
    show(cx, &vm)
}

fn stop(cx: &mut Cx<'_>, args: &StopSystemVm) -> Result<SystemVmView, Fault> {
    let vm = engine::system_vm(cx, &args.id)?;
    tell(cx, &vm, "PROXY.STOP");
    let vm = engine::stop(cx, vm)?;
    show(cx, &vm)
}

fn reboot(cx: &mut Cx<'_>, args: &RebootSystemVm) -> Result<SystemVmView, Fault> {
    let vm = engine::system_vm(cx, &args.id)?;
    tell(cx, &vm, "PROXY.REBOOT");
    let vm = engine::reboot(cx, vm)?;
    show(cx, &vm)
}

fn destroy(cx: &mut Cx<'_>, args: &DestroySystemVm) -> Result<SystemVmView, Fault> {
    let vm = engine::system_vm(cx, &args.id)?;
    tell(cx, &vm, "PROXY.DESTROY");
    let vm = engine::destroy_zone_vm(cx, vm)?;
    show(cx, &vm)
}

fn show(cx: &mut Cx<'_>, vm: &SystemVm) -> Result<SystemVmView, Fault> {
    let zone: Zone = cx.must(vm.zone_id)?;
    let pod: Option<Pod> = vm.pod_id.map(|id| cx.must(id)).transpose()?;
    let links = engine::links_of(cx, vm)?;
    let first = |kind: TrafficKind| links.iter().find(|link| link.traffic == kind);
    let public = first(TrafficKind::Public);
    let private = first(TrafficKind::Management);
    let control = first(TrafficKind::Control);
    let mac = |link: Option<&Link>| link.map(|link| link.mac.clone());
    Ok(SystemVmView {
        id: cx.uid::<SystemVm>(vm.id),
        name: vm.name(),
        systemvmtype: match vm.kind {
            SystemVmKind::ConsoleProxy => ZoneVmKind::ConsoleProxy.word(),
            _ => ZoneVmKind::SecondaryStorageVm.word(),
        },
        state: vm.state.word(),
        created: vm.created,
        zoneid: cx.uid::<Zone>(zone.id),
        zonename: zone.name,
        podid: cx.uid_opt::<Pod>(vm.pod_id),
        podname: pod.map(|pod| pod.name),
        dns1: zone.internal_dns1,
        dns2: zone.internal_dns2,
        networkdomain: zone.network_domain,
        hypervisor: "Simulator",
        publicip: public.map(|link| link.ip),
        publicmacaddress: mac(public),
        publicnetmask: public.and_then(|link| link.netmask),
        gateway: public.and_then(|link| link.gateway),
        privateip: private.map(|link| link.ip),
        privatemacaddress: mac(private),
        privatenetmask: private.and_then(|link| link.netmask),
        linklocalip: control.map(|link| link.ip),
        linklocalmacaddress: mac(control),
        linklocalnetmask: control.and_then(|link| link.netmask),
        publicvlan: public.and_then(|link| link.vlan.clone()).map(|vlan| vec![vlan]),
        activeviewersessions: 0,
        isdynamicallyscalable: false,
        hasannotations: false,
    })
}
