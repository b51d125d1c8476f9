//! The zone `sandbox`: an advanced zone with addresses that nobody routes (RFC 5737), so that the
//! first command of a newcomer does something real.

use crate::engine::physical_networks::{self, NewPhysicalNetwork, PhysicalNetworkChange};
use crate::engine::pods::{self, PodSaid};
use crate::engine::{Caller, Cx, providers, traffic_types, zones};
use crate::model::{
    Allocation, PhysicalNetwork, PortableRange, Time, TrafficKind, TrafficType, VlanRange,
    VlanType, Zone, ZoneType,
};
use crate::net::Cidr4;
use crate::schema::Fault;
use crate::store::{StoreError, Tx};
use std::net::Ipv4Addr;

/// One million VNIs, from the first that leaves the lower ones to VLANs.
const VNIS: &str = "5000-1004999";
const NETMASK_24: Ipv4Addr = Ipv4Addr::new(255, 255, 255, 0);

/// Stores it.
pub(super) fn sandbox(tx: &mut Tx, now: Time) -> Result<(), StoreError> {
    let mut cx = Cx::new(tx, now, &Caller::ADMIN, "createZone");
    make(&mut cx).map_err(|fault| StoreError::Other(fault.text))
}

fn make(cx: &mut Cx<'_>) -> Result<(), Fault> {
    let zone = zone(cx)?;
    let physical = physical_network(cx, &zone)?;
    let said = PodSaid {
        name: Some("sandbox-pod".into()),
        gateway: Some(Ipv4Addr::new(172, 16, 0, 1)),
        netmask: Some(NETMASK_24),
        first: Some(Ipv4Addr::new(172, 16, 0, 2)),
        ..PodSaid::default()
    };
    pods::create_pod(cx, &zone, said)?;
    let enabled = Zone { state: Allocation::Enabled, ..zone.clone() };
    zones::update_zone(cx, &zone, &enabled)?;
    public_range(cx, &physical)?;
    portable_range(cx)
}

fn zone(cx: &mut Cx<'_>) -> Result<Zone, Fault> {
    let zone = Zone {
        id: 0,
        name: "sandbox".into(),
        network_type: ZoneType::Advanced,
        dns1: "192.0.2.53".into(),
        dns2: None,
        ip6_dns1: None,
        ip6_dns2: None,
        internal_dns1: "192.0.2.53".into(),
        internal_dns2: None,
        guest_cidr: Cidr4::new(Ipv4Addr::new(10, 1, 1, 0), 24),
        network_domain: None,
        domain_id: None,
        state: Allocation::Disabled,
        dhcp_provider: "VirtualRouter".into(),
        local_storage: false,
        security_groups: false,
        created: cx.now,
        removed: None,
    };
    zones::create_zone(cx, zone)
}

fn physical_network(cx: &mut Cx<'_>, zone: &Zone) -> Result<PhysicalNetwork, Fault> {
    let new = NewPhysicalNetwork {
        name: "sandbox-physical".into(),
        isolation: vec!["VXLAN".into()],
        tags: Vec::new(),
        vlan: Some(VNIS.into()),
        broadcast_domain: None,
        speed: None,
        domain_id: None,
    };
    let physical = physical_networks::create_physical_network(cx, zone, new)?;
    for (kind, label) in [
        (TrafficKind::Public, "cloudbr0"),
        (TrafficKind::Management, "cloudbr0"),
        (TrafficKind::Storage, "cloudbr0"),
        (TrafficKind::Guest, "cloudbr1"),
    ] {
        let new = TrafficType {
            id: 0,
            physical_network_id: physical.id,
            kind,
            xenserver: None,
            kvm: Some(label.into()),
            vmware: None,
            hyperv: None,
            ovm3: None,
            vlan: None,
            removed: None,
        };
        traffic_types::add_traffic_type(cx, &physical, new)?;
    }
    providers::enable_all(cx, &physical)?;
    let change = PhysicalNetworkChange {
        state: Some(Allocation::Enabled),
        ..PhysicalNetworkChange::default()
    };
    physical_networks::update_physical_network(cx, physical, change)
}

fn public_range(cx: &mut Cx<'_>, physical: &PhysicalNetwork) -> Result<(), Fault> {
    let public = zones::system_network_of(cx, physical.zone_id, TrafficKind::Public)?;
    let id = cx.tx.new_pool("address")?;
    cx.tx.insert(&VlanRange {
        id,
        zone_id: physical.zone_id,
        physical_network_id: physical.id,
        network_id: public.id,
        pod_id: None,
        kind: VlanType::VirtualNetwork,
        vlan: "vlan://100".into(),
        gateway: Some(Ipv4Addr::new(203, 0, 113, 1)),
        netmask: Some(NETMASK_24),
        first: Some(Ipv4Addr::new(203, 0, 113, 2)),
        last: Some(Ipv4Addr::new(203, 0, 113, 254)),
        ip6_gateway: None,
        ip6_cidr: None,
        ip6_first: None,
        ip6_last: None,
        account_id: None,
        domain_id: None,
        for_system_vms: false,
        portable: false,
        created: cx.now,
        removed: None,
    })?;
    Ok(())
}

fn portable_range(cx: &mut Cx<'_>) -> Result<(), Fault> {
    let id = cx.tx.new_pool("portable")?;
    cx.tx.insert(&PortableRange {
        id,
        region_id: 1,
        vlan: "vlan://101".into(),
        gateway: Ipv4Addr::new(198, 51, 100, 1),
        netmask: NETMASK_24,
        first: Ipv4Addr::new(198, 51, 100, 2),
        last: Ipv4Addr::new(198, 51, 100, 254),
        created: cx.now,
        removed: None,
    })?;
    cx.tx.run("UPDATE region SET portable = 1 WHERE id = 1", &[])?;
    Ok(())
}
