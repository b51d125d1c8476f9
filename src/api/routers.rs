//! Virtual routers.

use crate::api::owned::Owned;
use crate::api::paging::Paged;
use crate::api::router_view::{RouterView, show};
use crate::api::{Rows, api};
use crate::engine::{Cx, system_vms as engine};
use crate::model::{
    Network, Pod, Router, ServiceOffering, SystemVm, SystemVmKind, VmState, Vpc, Zone,
};
use crate::schema::{Fault, Id, Text};

/// The name of a system VM of a kind, as it is made of its row.
pub(super) fn name_of(kind: SystemVmKind) -> &'static str {
    match kind {
        SystemVmKind::DomainRouter => "('r-' || id || '-VM')",
        SystemVmKind::ConsoleProxy => "('v-' || id || '-VM')",
        SystemVmKind::SecondaryStorageVm => "('s-' || id || '-VM')",
    }
}

api! {
    /// Lists the virtual routers of networks and VPCs, with their addresses.
    now list "listRouters" { key: "router", example: "list routers networkid=web" }
        => list -> RouterView;
    ListRouters {
        /// the id of the router
        id: Option<Id<Router>>,
        /// the name of the router
        name: Option<Text>,
        /// `Running`, `Stopped` and others
        state: Option<VmState>,
        /// the id of a network in which it stands
        networkid: Option<Id<Network>>,
        /// the id of the VPC that it routes
        vpcid: Option<Id<Vpc>>,
        /// true for those of VPCs, false for those of networks
        forvpc: Option<bool>,
        /// the id of the zone
        zoneid: Option<Id<Zone>>,
        /// the id of the pod in which it ran last
        podid: Option<Id<Pod>>,
        /// true for those of which a check of their health failed: none
        healthchecksfailed: Option<bool>,
        /// accepted for other clients; there are no checks of health
        _fetchhealthcheckresults as "fetchhealthcheckresults": Option<bool>,
        /// the version of the template
        version: Option<Text>,
        ..owned: Owned,
        ..paged: Paged,
    }
}

api! {
    /// Starts a router; it takes a link-local address. Its network is implemented if it is not.
    job object "startRouter" { key: "router", event: "ROUTER.START",
        example: "start router id=r-1-VM" } => start -> RouterView;
    StartRouter {
        /// the id of the router
        id: Id<Router>,
    }
}

api! {
    /// Stops a router; it gives its link-local address back, its network keeps its own ones.
    job object "stopRouter" { key: "router", event: "ROUTER.STOP",
        example: "stop router id=r-1-VM" } => stop -> RouterView;
    StopRouter {
        /// the id of the router
        id: Id<Router>,
        /// accepted for other clients; stopping always succeeds
        _forced as "forced": Option<bool>,
    }
}

api! {
    /// Reboots a router that runs; it keeps its addresses.
    job object "rebootRouter" { key: "router", event: "ROUTER.REBOOT",
        example: "reboot router id=r-1-VM" } => reboot -> RouterView;
    RebootRouter {
        /// the id of the router
        id: Id<Router>,
        /// accepted for other clients; rebooting always succeeds
        _forced as "forced": Option<bool>,
    }
}

api! {
    /// Deletes a router; the next guest that starts in its network, or a restart of it, makes a
    /// new one.
    job object "destroyRouter" { key: "router", event: "ROUTER.DESTROY",
        example: "destroy router id=r-1-VM" } => destroy -> RouterView;
    DestroyRouter {
        /// the id of the router
        id: Id<Router>,
    }
}

api! {
    /// Gives a router that is stopped another service offering of the system's.
    now object "changeServiceForRouter" { key: "router", event: "ROUTER.UPGRADE",
        example: "change service for router id=r-1-VM serviceofferingid=ID"
    } => change -> RouterView;
    ChangeServiceForRouter {
        /// the id of the router
        id: Id<Router>,
        /// the id of the service offering
        serviceofferingid: Id<ServiceOffering>,
    }
}

fn list(cx: &mut Cx<'_>, args: &ListRouters) -> Result<Rows<RouterView>, Fault> {
    let name = name_of(SystemVmKind::DomainRouter);
    let mut filter = args.paged.filter();
    filter.is("kind", Some(SystemVmKind::DomainRouter));
    let id = cx.row_opt(args.id.as_ref())?;
    args.owned.narrow(cx, &mut filter, "account_id", id.is_some())?;
    filter.is("id", id);
    filter.is(name, args.name.as_deref().map(str::to_owned));
    filter.is("state", args.state);
    if let Some(network) = cx.find_opt(args.networkid.as_ref())? {
        let ids = [network.id.into(), network.vpc_id.into()];
        filter.holds("(network_id = ? OR vpc_id = ?)", ids);
    }
    if let Some(vpc) = cx.find_opt(args.vpcid.as_ref())? {
        filter.is("vpc_id", Some(vpc.id));
    }
    match args.forvpc {
        Some(true) => filter.holds("vpc_id IS NOT NULL", []),
        Some(false) => filter.holds("vpc_id IS NULL", []),
        None => {}
    }
    filter.is("zone_id", cx.row_opt(args.zoneid.as_ref())?);
    filter.is("pod_id", cx.row_opt(args.podid.as_ref())?);
    let other = args.version.as_deref().is_some_and(|version| version != crate::api::VERSION);
    if other || args.healthchecksfailed == Some(true) {
        filter.holds("1 = 0", []);
    }
    filter.keyword(&[name]);
    let (found, total) = filter.living::<SystemVm>(cx, "id")?;
    let rows = found.iter().map(|vm| show(cx, vm)).collect::<Result<_, _>>()?;
    Ok(Rows { rows, total })
}

fn start(cx: &mut Cx<'_>, args: &StartRouter) -> Result<RouterView, Fault> {
    let vm = engine::router(cx, &args.id)?;
    let vm = engine::start(cx, vm)?;
    show(cx, &vm)
}

fn stop(cx: &mut Cx<'_>, args: &StopRouter) -> Result<RouterView, Fault> {
    let vm = engine::router(cx, &args.id)?;
    let vm = engine::stop(cx, vm)?;
    show(cx, &vm)
}

fn reboot(cx: &mut Cx<'_>, args: &RebootRouter) -> Result<RouterView, Fault> {
    let vm = engine::router(cx, &args.id)?;
    let vm = engine::reboot(cx, vm)?;
    show(cx, &vm)
}

fn destroy(cx: &mut Cx<'_>, args: &DestroyRouter) -> Result<RouterView, Fault> {
    let vm = engine::router(cx, &args.id)?;
    let vm = engine::destroy(cx, vm)?;
    show(cx, &vm)
}

fn change(cx: &mut Cx<'_>, args: &ChangeServiceForRouter) -> Result<RouterView, Fault> {
    let vm = engine::router(cx, &args.id)?;
    let offering = cx.find(&args.serviceofferingid)?;
    let vm = engine::change_offering(cx, vm, &offering)?;
    show(cx, &vm)
}
