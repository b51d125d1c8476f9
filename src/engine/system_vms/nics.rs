//! The interfaces of a system VM: which addresses it has in which networks, its own and those of
//! its networks.

use crate::engine::addresses::Found;
use crate::engine::pod_addresses;
use crate::engine::system_vms::holder;
use crate::engine::{Cx, pods, zones};
use crate::model::{
    Column, EntityKind, Network, NetworkState, Pod, PodAddress, RouterNic, SystemVm, TrafficKind,
    Uid, control_mac,
};
use crate::net::Cidr4;
use crate::schema::Fault;
use crate::store::StoreError;
use std::net::Ipv4Addr;

/// An interface.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    /// Its id.
    pub(crate) id: Uid,
    /// The network in which it stands.
    pub(crate) network: Network,
    /// What it carries.
    pub(crate) traffic: TrafficKind,
    /// Its address.
    pub(crate) ip: Ipv4Addr,
    /// The netmask.
    pub(crate) netmask: Option<Ipv4Addr>,
    /// The gateway to which it leads.
    pub(crate) gateway: Option<Ipv4Addr>,
    /// Its MAC address.
    pub(crate) mac: String,
    /// Its VLAN, as `vlan://100`.
    pub(crate) vlan: Option<String>,
}

/// Which of the interfaces of a system VM one is: the second number of its id.
const CONTROL: u64 = 1;
const PUBLIC: u64 = 2;
const MANAGEMENT: u64 = 3;
const STORAGE: u64 = 4;
/// Those in guest networks have the number of the network above this one.
const GUEST: u64 = 16;

/// The interfaces of a system VM, in the order in which it has them: a router of a network begins
/// with the guests', all others with the link-local one.
pub(crate) fn links_of(cx: &mut Cx<'_>, vm: &SystemVm) -> Result<Vec<Link>, Fault> {
    let mut links = Vec::new();
    if vm.network_id.is_some() {
        guest(cx, vm, &mut links)?;
    }
    for address in pod_addresses::of(cx, holder(vm))? {
        let link = of_pod(cx, vm, &address, links.len())?;
        links.push(link);
    }
    public(cx, vm, &mut links)?;
    if vm.vpc_id.is_some() {
        guest(cx, vm, &mut links)?;
    }
    Ok(links)
}

fn id(cx: &Cx<'_>, vm: &SystemVm, which: u64) -> Uid {
    cx.tx.key().encode(EntityKind::RouterNic, vm.id.unsigned_abs(), which)
}

fn mac(vm: &SystemVm, device: usize) -> String {
    vm.mac(u8::try_from(device).unwrap_or(u8::MAX))
}

/// The interface with an address of the pod. A second management address serves storage traffic.
fn of_pod(
    cx: &mut Cx<'_>,
    vm: &SystemVm,
    address: &PodAddress,
    device: usize,
) -> Result<Link, Fault> {
    let network = zones::system_network_of(cx, vm.zone_id, address.traffic)?;
    let pod: Pod = cx.must(address.pod_id)?;
    let cidr = match address.traffic {
        TrafficKind::Control => Cidr4::parse(&cx.setting("control.cidr")?).ok(),
        _ => pods::cidr_of(&pod),
    };
    let (which, gateway) = match address.traffic {
        TrafficKind::Control => (CONTROL, cx.setting("control.gateway")?.trim().parse().ok()),
        TrafficKind::Storage => (STORAGE, None),
        _ if device > 1 => (STORAGE, Some(pod.gateway)),
        _ => (MANAGEMENT, Some(pod.gateway)),
    };
    let is_control = address.traffic == TrafficKind::Control;
    Ok(Link {
        id: id(cx, vm, which),
        network,
        traffic: address.traffic,
        ip: address.ip,
        netmask: cidr.map(Cidr4::netmask),
        gateway,
        mac: if is_control { control_mac(address.ip) } else { mac(vm, device) },
        vlan: None,
    })
}

/// The public address: a router's is the source NAT of its network or VPC.
fn public(cx: &mut Cx<'_>, vm: &SystemVm, links: &mut Vec<Link>) -> Result<(), Fault> {
    let mut at = vm.public_range_id.zip(vm.public_place);
    let of = vm.network_id.map(|id| ("network_id", id)).or(vm.vpc_id.map(|id| ("vpc_id", id)));
    if let Some((column, id)) = of {
        let sql = format!(
            "SELECT range_id, place FROM address WHERE {column} = ? AND source_nat = 1 LIMIT 1"
        );
        cx.tx.each(&sql, &[id.into()], |cell| {
            at = Some((i64::from_cell(cell(0))?, i64::from_cell(cell(1))?));
            Ok(false)
        })?;
    }
    let Some((range_id, place)) = at else { return Ok(()) };
    let Some(found) = Found::at(cx, range_id, place)? else { return Ok(()) };
    let network = zones::system_network_of(cx, vm.zone_id, TrafficKind::Public)?;
    links.push(Link {
        id: id(cx, vm, PUBLIC),
        network,
        traffic: TrafficKind::Public,
        ip: found.place.ip,
        netmask: found.place.range.netmask,
        gateway: found.place.range.gateway,
        mac: mac(vm, links.len()),
        vlan: Some(found.place.range.vlan),
    });
    Ok(())
}

/// The interfaces in guest networks: one of two routers has an address of its own there, a single
/// one that of the gateway.
fn guest(cx: &mut Cx<'_>, vm: &SystemVm, links: &mut Vec<Link>) -> Result<(), Fault> {
    let (column, owner) = match (vm.network_id, vm.vpc_id) {
        (Some(id), _) => ("id", id),
        (None, Some(id)) => ("vpc_id", id),
        (None, None) => return Ok(()),
    };
    let tail = format!(
        "WHERE {column} = ? AND removed IS NULL AND traffic_type = 'Guest' AND state = ? \
         ORDER BY id"
    );
    let args = [owner.into(), NetworkState::Implemented.into()];
    let own: Vec<RouterNic> = cx.tx.select("WHERE router_id = ? ORDER BY id", &[vm.id.into()])?;
    for network in cx.tx.select::<Network>(&tail, &args)? {
        let ip = own.iter().find(|nic| nic.network_id == network.id).map(|nic| nic.ip);
        let Some(ip) = ip.or(network.gateway) else { continue };
        let cidr = network.network_cidr.or(network.cidr);
        let row = u64::try_from(network.id)
            .map_err(|_| StoreError::Damaged("a network has a negative number".into()))?;
        links.push(Link {
            id: id(cx, vm, GUEST + row),
            traffic: TrafficKind::Guest,
            ip,
            netmask: cidr.map(Cidr4::netmask),
            gateway: network.gateway,
            mac: mac(vm, links.len()),
            vlan: network.broadcast_uri.clone(),
            network,
        });
    }
    Ok(())
}
