//! The network and VPC offerings that CloudStack comes with.

use crate::model::{
    GuestType, NetworkOffering, OfferingState, Services, Time, TrafficKind, VpcOffering,
};
use crate::store::{StoreError, Tx};

/// Stores them.
pub(super) fn offerings(tx: &mut Tx, now: Time) -> Result<(), StoreError> {
    tx.insert(&NetworkOffering {
        id: 0,
        name: "DefaultIsolatedNetworkOfferingWithSourceNatService".into(),
        display_text: "Offering for Isolated networks with Source Nat service enabled".into(),
        traffic_type: TrafficKind::Guest,
        guest_type: GuestType::Isolated,
        is_default: true,
        availability: "Required".into(),
        state: OfferingState::Enabled,
        specify_vlan: false,
        specify_ip_ranges: false,
        conserve_mode: true,
        persistent: false,
        for_vpc: false,
        egress_allow: false,
        network_rate: None,
        tags: None,
        max_connections: None,
        services: Services::default(),
        internet_protocol: "IPv4".into(),
        network_mode: Some("NATTED".into()),
        sort_key: 0,
        created: now,
        removed: None,
    })?;
    tx.insert(&VpcOffering {
        id: 0,
        name: "Default VPC offering".into(),
        display_text: "Default VPC offering".into(),
        is_default: true,
        state: OfferingState::Enabled,
        redundant: false,
        distributed: false,
        region_level: false,
        services: Services::default(),
        internet_protocol: "IPv4".into(),
        network_mode: Some("NATTED".into()),
        sort_key: 0,
        created: now,
        removed: None,
    })?;
    Ok(())
}
