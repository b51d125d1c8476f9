//! The zone `sandbox`: an advanced zone with addresses that nobody routes (RFC 5737), so that the
//! first command of a newcomer does something real.

use crate::model::{
    Allocation, Network, NetworkState, PhysicalNetwork, Pod, PortableRange, Time, TrafficKind,
    TrafficType, VlanRange, VlanType, Zone, ZoneType,
};
use crate::net::Cidr4;
use crate::store::{StoreError, Tx};
use std::net::Ipv4Addr;

/// One million VNIs, from the first that leaves the lower ones to VLANs.
const VNIS: &str = "5000-1004999";
const NETMASK_24: Ipv4Addr = Ipv4Addr::new(255, 255, 255, 0);

/// Stores it.
pub(super) fn sandbox(tx: &mut Tx, now: Time) -> Result<(), StoreError> {
    let zone = tx.insert(&Zone {
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
        state: Allocation::Enabled,
        dhcp_provider: "VirtualRouter".into(),
        local_storage: false,
        security_groups: false,
        created: now,
        removed: None,
    })?;
    let physical = physical_network(tx, now, zone)?;
    let public = system_networks(tx, now, zone, physical)?;
    pod(tx, now, zone)?;
    public_range(tx, now, zone, physical, public)?;
    portable_range(tx, now)
}

fn physical_network(tx: &mut Tx, now: Time, zone_id: i64) -> Result<i64, StoreError> {
    let vnet_pool = tx.new_pool("vnet")?;
    let id = tx.insert(&PhysicalNetwork {
        id: 0,
        zone_id,
        name: "sandbox-physical".into(),
        state: Allocation::Enabled,
        isolation: "VXLAN".into(),
        vnets: VNIS.into(),
        vnet_pool,
        broadcast_domain: "ZONE".into(),
        speed: None,
        tags: String::new(),
        domain_id: None,
        created: now,
        removed: None,
    })?;
    for (kind, label) in [
        (TrafficKind::Public, "cloudbr0"),
        (TrafficKind::Management, "cloudbr0"),
        (TrafficKind::Storage, "cloudbr0"),
        (TrafficKind::Guest, "cloudbr1"),
    ] {
        tx.insert(&TrafficType {
            id: 0,
            physical_network_id: id,
            kind,
            xenserver: None,
            kvm: Some(label.into()),
            vmware: None,
            hyperv: None,
            ovm3: None,
            vlan: None,
            removed: None,
        })?;
    }
    Ok(id)
}

/// The networks that every zone has for the system's own traffic; returns the public one.
fn system_networks(tx: &mut Tx, now: Time, zone_id: i64, physical: i64) -> Result<i64, StoreError> {
    let mut public = 0;
    for kind in
        [TrafficKind::Public, TrafficKind::Management, TrafficKind::Control, TrafficKind::Storage]
    {
        let id = tx.insert(&Network {
            id: 0,
            name: String::new(),
            display_text: String::new(),
            zone_id,
            physical_network_id: Some(physical),
            offering_id: None,
            vpc_id: None,
            acl_id: None,
            account_id: 1,
            domain_id: 1,
            traffic_type: kind,
            guest_type: None,
            state: NetworkState::Setup,
            gateway: None,
            cidr: None,
            network_cidr: None,
            ip6_gateway: None,
            ip6_cidr: None,
            broadcast_uri: None,
            network_domain: None,
            acl_type: None,
            restart_required: false,
            display: true,
            dns1: None,
            dns2: None,
            ip6_dns1: None,
            ip6_dns2: None,
            public_mtu: None,
            private_mtu: None,
            system: true,
            redundant: false,
            created: now,
            removed: None,
        })?;
        if kind == TrafficKind::Public {
            public = id;
        }
    }
    Ok(public)
}

fn pod(tx: &mut Tx, now: Time, zone_id: i64) -> Result<(), StoreError> {
    let pool_id = tx.new_pool("pod")?;
    tx.insert(&Pod {
        id: 0,
        zone_id,
        name: "sandbox-pod".into(),
        gateway: Ipv4Addr::new(172, 16, 0, 1),
        netmask: NETMASK_24,
        first: Ipv4Addr::new(172, 16, 0, 2),
        last: Ipv4Addr::new(172, 16, 0, 254),
        state: Allocation::Enabled,
        pool_id,
        created: now,
        removed: None,
    })?;
    Ok(())
}

fn public_range(
    tx: &mut Tx,
    now: Time,
    zone_id: i64,
    physical_network_id: i64,
    network_id: i64,
) -> Result<(), StoreError> {
    let id = tx.new_pool("address")?;
    tx.insert(&VlanRange {
        id,
        zone_id,
        physical_network_id,
        network_id,
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
        created: now,
        removed: None,
    })?;
    Ok(())
}

fn portable_range(tx: &mut Tx, now: Time) -> Result<(), StoreError> {
    let id = tx.new_pool("portable")?;
    tx.insert(&PortableRange {
        id,
        region_id: 1,
        vlan: "vlan://101".into(),
        gateway: Ipv4Addr::new(198, 51, 100, 1),
        netmask: NETMASK_24,
        first: Ipv4Addr::new(198, 51, 100, 2),
        last: Ipv4Addr::new(198, 51, 100, 254),
        created: now,
        removed: None,
    })?;
    tx.run("UPDATE region SET portable = 1 WHERE id = 1", &[])?;
    Ok(())
}
