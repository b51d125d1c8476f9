//! Routers: there when their network is implemented, or with their VPC; stopped when it is shut
//! down; gone with it.

use crate::engine::guests::{self, Holder};
use crate::engine::system_vms::life::{bring_down, bring_up};
use crate::engine::system_vms::{concerns, step};
use crate::engine::{Cx, Owner};
use crate::model::{
    GuestKind, GuestType, Network, NetworkOffering, NetworkState, RouterNic, ServiceOffering,
    SystemVm, SystemVmKind, VmEvent, VmState, Vpc, VpcOffering,
};
use crate::schema::Fault;
use crate::text::quoted;

/// The service offering of new routers, which every store begins with.
const OFFERING: i64 = 1;
/// The provider of routers of networks.
const OF_NETWORKS: &str = "VirtualRouter";
/// The provider of routers of VPCs.
const OF_VPCS: &str = "VpcVirtualRouter";

/// What routers route.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Routed {
    /// A network that is no tier.
    Network(i64),
    /// A VPC with its tiers.
    Vpc(i64),
}

impl Routed {
    /// What a router routes; nothing for another system VM.
    pub(super) fn by(vm: &SystemVm) -> Option<Self> {
        vm.network_id.map(Self::Network).or(vm.vpc_id.map(Self::Vpc))
    }

    const fn column(self) -> (&'static str, i64) {
        match self {
            Self::Network(id) => ("network_id", id),
            Self::Vpc(id) => ("vpc_id", id),
        }
    }

    /// Its routers.
    fn routers(self, cx: &mut Cx<'_>) -> Result<Vec<SystemVm>, Fault> {
        let (column, id) = self.column();
        let tail = format!("WHERE {column} = ? AND removed IS NULL ORDER BY place");
        Ok(cx.tx.select(&tail, &[id.into()])?)
    }

    /// The networks in which its routers stand: those that are implemented.
    fn networks(self, cx: &mut Cx<'_>) -> Result<Vec<Network>, Fault> {
        let column = if matches!(self, Self::Vpc(_)) { "vpc_id" } else { "id" };
        let (_, id) = self.column();
        let tail = format!(
            "WHERE {column} = ? AND removed IS NULL AND system = 0 AND state = ? ORDER BY id"
        );
        Ok(cx.tx.select(&tail, &[id.into(), NetworkState::Implemented.into()])?)
    }
}

/// What is known of those routers that there should be.
struct Wanted {
    routed: Routed,
    owner: Owner,
    zone_id: i64,
    redundant: bool,
}

/// What routes a network, if routers of ours do.
fn wanted(cx: &mut Cx<'_>, network: &Network) -> Result<Option<Wanted>, Fault> {
    if network.guest_type != Some(GuestType::Isolated) {
        return Ok(None);
    }
    let Some(offering_id) = network.offering_id else { return Ok(None) };
    let offering: NetworkOffering = cx.must(offering_id)?;
    let provider = if network.vpc_id.is_some() { OF_VPCS } else { OF_NETWORKS };
    let services = &offering.services().0;
    if !services.iter().any(|one| one.providers.iter().any(|name| name == provider)) {
        return Ok(None);
    }
    let Some(vpc_id) = network.vpc_id else {
        return Ok(Some(Wanted {
            routed: Routed::Network(network.id),
            owner: Owner::from(network),
            zone_id: network.zone_id,
            redundant: network.redundant,
        }));
    };
    let vpc: Vpc = cx.must(vpc_id)?;
    Ok(Some(of_vpc(&vpc)))
}

fn of_vpc(vpc: &Vpc) -> Wanted {
    Wanted {
        routed: Routed::Vpc(vpc.id),
        owner: Owner::from(vpc),
        zone_id: vpc.zone_id,
        redundant: vpc.redundant,
    }
}

/// Sees to it that the routers of a network that is implemented are there and run.
pub(crate) fn ensure(cx: &mut Cx<'_>, network: &Network) -> Result<(), Fault> {
    match wanted(cx, network)? {
        Some(wanted) => ensure_all(cx, &wanted, Some(network)),
        None => Ok(()),
    }
}

/// The same for a VPC, whose offering says whether it has routers.
pub(crate) fn ensure_for_vpc(cx: &mut Cx<'_>, vpc: &Vpc) -> Result<(), Fault> {
    let offering: VpcOffering = cx.must(vpc.offering_id)?;
    let services = &offering.services().0;
    if !services.iter().any(|one| one.providers.iter().any(|name| name == OF_VPCS)) {
        return Ok(());
    }
    ensure_all(cx, &of_vpc(vpc), None)
}

/// `network` is one that is being implemented: its state is not stored yet.
fn ensure_all(cx: &mut Cx<'_>, wanted: &Wanted, network: Option<&Network>) -> Result<(), Fault> {
    let known = wanted.routed.routers(cx)?;
    let count = if wanted.redundant { 2 } else { 1 };
    let mut all = Vec::new();
    for place in 0..count {
        let mut vm = match known.iter().find(|vm| vm.place == place) {
            Some(vm) => vm.clone(),
            None => store(cx, wanted, place)?,
        };
        if !vm.is_up() {
            bring_up(cx, &mut vm)?;
        }
        all.push(vm);
    }
    if !wanted.redundant {
        return Ok(());
    }
    let mut networks = wanted.routed.networks(cx)?;
    if let Some(network) = network.filter(|one| !networks.iter().any(|other| other.id == one.id)) {
        networks.push(network.clone());
    }
    for network in &networks {
        for vm in &all {
            join(cx, vm, network)?;
        }
    }
    choose_primary(cx, wanted.routed)
}

/// Stores a router that does not run yet.
fn store(cx: &mut Cx<'_>, wanted: &Wanted, place: i64) -> Result<SystemVm, Fault> {
    let (network_id, vpc_id) = match wanted.routed {
        Routed::Network(id) => (Some(id), None),
        Routed::Vpc(id) => (None, Some(id)),
    };
    let mut vm = SystemVm {
        id: 0,
        kind: SystemVmKind::DomainRouter,
        zone_id: wanted.zone_id,
        pod_id: None,
        account_id: wanted.owner.account_id,
        domain_id: wanted.owner.domain_id,
        network_id,
        vpc_id,
        place,
        is_primary: false,
        state: VmState::Stopped,
        service_offering_id: Some(OFFERING),
        public_range_id: None,
        public_place: None,
        created: cx.now,
        removed: None,
    };
    vm.id = cx.tx.insert(&vm)?;
    Ok(vm)
}

/// Gives one of two routers an address of its own in a network, unless it has one.
fn join(cx: &mut Cx<'_>, vm: &SystemVm, network: &Network) -> Result<(), Fault> {
    let here = "WHERE router_id = ? AND network_id = ?";
    if network.cidr.is_none()
        || cx.tx.count::<RouterNic>(here, &[vm.id.into(), network.id.into()])? > 0
    {
        return Ok(());
    }
    // The row is the holder of the address, so it comes first.
    let unknown = std::net::Ipv4Addr::UNSPECIFIED;
    let mut nic = RouterNic { id: 0, router_id: vm.id, network_id: network.id, ip: unknown };
    nic.id = cx.tx.insert(&nic)?;
    let owner = Owner { account_id: vm.account_id, domain_id: vm.domain_id };
    let holder = Holder { kind: GuestKind::Router, id: nic.id, owner };
    nic.ip = guests::acquire(cx, network, None, holder)?;
    cx.tx.save(&nic)?;
    Ok(())
}

/// Takes the addresses of their own from routers: `column` says of which router or network.
fn part(cx: &mut Cx<'_>, column: &str, id: i64) -> Result<(), Fault> {
    let nics: Vec<RouterNic> =
        cx.tx.select(&format!("WHERE {column} = ? ORDER BY id"), &[id.into()])?;
    for nic in nics {
        guests::release(cx, nic.network_id, nic.ip)?;
        cx.tx.run("DELETE FROM router_nic WHERE id = ?", &[nic.id.into()])?;
    }
    Ok(())
}

/// Sees to it that one of two routers does the work, if any of them runs.
pub(super) fn choose_primary(cx: &mut Cx<'_>, routed: Routed) -> Result<(), Fault> {
    let mut all = routed.routers(cx)?;
    if all.iter().any(|vm| vm.is_primary && vm.is_up()) {
        return Ok(());
    }
    if let Some(first) = all.iter_mut().find(|vm| vm.is_up()) {
        first.is_primary = true;
        cx.tx.save(first)?;
    }
    Ok(())
}

/// Stops the routers of a network that is being shut down; of a tier those of its VPC only leave
/// it.
pub(crate) fn shut_down(cx: &mut Cx<'_>, network: &Network) -> Result<(), Fault> {
    leave(cx, network.id)?;
    if network.vpc_id.is_some() {
        return Ok(());
    }
    for mut vm in Routed::Network(network.id).routers(cx)? {
        bring_down(cx, &mut vm)?;
    }
    Ok(())
}

/// Takes the addresses that routers have of their own in a network.
fn leave(cx: &mut Cx<'_>, network_id: i64) -> Result<(), Fault> {
    part(cx, "network_id", network_id)
}

/// Removes the routers of a network that is being deleted.
pub(crate) fn remove_for_network(cx: &mut Cx<'_>, network: &Network) -> Result<(), Fault> {
    leave(cx, network.id)?;
    remove_all(cx, Routed::Network(network.id))
}

/// Removes the routers of a VPC that is being deleted.
pub(crate) fn remove_for_vpc(cx: &mut Cx<'_>, vpc_id: i64) -> Result<(), Fault> {
    remove_all(cx, Routed::Vpc(vpc_id))
}

fn remove_all(cx: &mut Cx<'_>, routed: Routed) -> Result<(), Fault> {
    for mut vm in routed.routers(cx)? {
        remove(cx, &mut vm)?;
    }
    Ok(())
}

fn remove(cx: &mut Cx<'_>, vm: &mut SystemVm) -> Result<(), Fault> {
    bring_down(cx, vm)?;
    part(cx, "router_id", vm.id)?;
    step(vm, VmEvent::ExpungeOperation)?;
    vm.removed = Some(cx.now);
    cx.tx.save(vm)?;
    Ok(())
}

/// Makes the routers of a network that is implemented anew; those of VPCs stay.
pub(crate) fn make_anew(cx: &mut Cx<'_>, network: &Network) -> Result<(), Fault> {
    remove_all(cx, Routed::Network(network.id))?;
    ensure(cx, network)
}

/// Deletes a router: in a job. Its network stays as it is; the next guest that starts there, or a
/// restart of the network, makes a new one.
pub(crate) fn destroy(cx: &mut Cx<'_>, mut vm: SystemVm) -> Result<SystemVm, Fault> {
    concerns(cx, &vm, "destroying");
    remove(cx, &mut vm).map_err(Fault::in_job)?;
    if let Some(routed) = Routed::by(&vm) {
        choose_primary(cx, routed).map_err(Fault::in_job)?;
    }
    Ok(vm)
}

/// Gives a router that is stopped another size.
pub(crate) fn change_offering(
    cx: &mut Cx<'_>,
    mut vm: SystemVm,
    offering: &ServiceOffering,
) -> Result<SystemVm, Fault> {
    concerns(cx, &vm, "changing the service offering of");
    if vm.service_offering_id == Some(offering.id) {
        return Ok(vm);
    }
    let name = quoted(&offering.name);
    if !offering.is_system {
        return Err(Fault::invalid(format!(
            "Invalid parameter serviceofferingid: the service offering {name} is not for the \
             system's own virtual machines; `list service offerings issystem=true` shows those"
        )));
    }
    if vm.state != VmState::Stopped {
        return Err(Fault::invalid(format!(
            "Invalid parameter id: {} is {}; stop it first",
            vm.name(),
            vm.state
        )));
    }
    if offering.storage_type != "shared" {
        return Err(Fault::invalid(format!(
            "Invalid parameter serviceofferingid: the service offering {name} is for {} storage, \
             that of {} for shared storage",
            offering.storage_type,
            vm.name()
        )));
    }
    vm.service_offering_id = Some(offering.id);
    cx.tx.save(&vm)?;
    Ok(vm)
}
