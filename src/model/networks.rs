//! Networks, VPCs and what they are made by.

use crate::model::{RoutingMode, Services, Time, TrafficKind, choice, record};
use crate::net::Cidr4;
use std::net::Ipv4Addr;

choice! {
    /// What kind of guest network (`Network.GuestType`).
    GuestType {
        /// Of one account, behind a router of its own.
        Isolated = "Isolated",
        /// For several accounts, on addresses of the data center.
        Shared = "Shared",
        /// Without addresses.
        L2 = "L2",
    }
}

choice! {
    /// Whether an offering may be used.
    OfferingState {
        /// It may.
        Enabled = "Enabled",
        /// It may not.
        Disabled = "Disabled",
        /// It may not, and has never been enabled.
        Inactive = "Inactive",
    }
}

choice! {
    /// Whether a network offering is the one that must be there (`NetworkOffering.Availability`).
    Availability {
        /// It is.
        Required = "Required",
        /// It may be there or not.
        Optional = "Optional",
    }
}

choice! {
    /// How traffic leaves networks made by an offering (`NetworkOffering.NetworkMode`).
    NetworkMode {
        /// Behind an address of the router.
        Natted = "NATTED",
        /// With the guest's own address.
        Routed = "ROUTED",
    }
}

choice! {
    /// The protocols of networks made by an offering (`NetUtils.InternetProtocol`).
    InternetProtocol {
        /// IPv4 alone.
        IPv4 = "IPv4",
        /// IPv6 alone.
        IPv6 = "IPv6",
        /// Both.
        DualStack = "DualStack",
    }
}

record! {
    /// A network offering: what a network made with it can do.
    NetworkOffering in "network_offering" {
        /// Its name, unique.
        name: String,
        /// What it is.
        display_text: String,
        /// The traffic of its networks.
        traffic_type: TrafficKind,
        /// What kind of guest network.
        guest_type: GuestType,
        /// Whether it came with the installation.
        is_default: bool,
        /// Whether it must be there.
        availability: Availability,
        /// Whether it may be used.
        state: OfferingState,
        /// Whether the VLAN is given when a network is made.
        specify_vlan: bool,
        /// Whether address ranges are given to its networks.
        specify_ip_ranges: bool,
        /// Whether one public address may serve several kinds of rules.
        conserve_mode: bool,
        /// Whether its networks are implemented without any VM.
        persistent: bool,
        /// Whether its networks are tiers of VPCs.
        for_vpc: bool,
        /// Whether outgoing traffic is allowed unless a rule forbids it.
        egress_allow: bool,
        /// Mbit/s; none for the zone's setting.
        network_rate: Option<i64>,
        /// Its tags, separated by commas.
        tags: Option<String>,
        /// The most connections of its load balancer.
        max_connections: Option<i64>,
        /// Its services as JSON: `[{"name":"Dhcp","providers":["VirtualRouter"],
        /// "capabilities":{"Name":"value"}}]`.
        services: Services,
        /// `IPv4`, `IPv6` or `DualStack`.
        internet_protocol: String,
        /// `NATTED` or `ROUTED`; none for networks without a router.
        network_mode: Option<String>,
        /// How the world learns routes to its routed networks: `Static` or `Dynamic`.
        routing_mode: Option<RoutingMode>,
        /// Whether the AS number is named when a network is made.
        specify_as_number: bool,
        /// Its place in lists.
        sort_key: i64,
        /// When it was made.
        created: Time,
        /// When it was removed.
        removed: Option<Time>,
    }
}

record! {
    /// A VPC offering: what a VPC made with it can do.
    VpcOffering in "vpc_offering" {
        /// Its name, unique.
        name: String,
        /// What it is.
        display_text: String,
        /// Whether it came with the installation.
        is_default: bool,
        /// Whether it may be used.
        state: OfferingState,
        /// Whether its VPCs have two routers.
        redundant: bool,
        /// Whether its VPCs have a distributed router.
        distributed: bool,
        /// Whether its VPCs span the zones of a region.
        region_level: bool,
        /// Its services as JSON, as in [`NetworkOffering`].
        services: Services,
        /// `IPv4`, `IPv6` or `DualStack`.
        internet_protocol: String,
        /// `NATTED` or `ROUTED`.
        network_mode: Option<String>,
        /// How the world learns routes to its routed VPCs: `Static` or `Dynamic`.
        routing_mode: Option<RoutingMode>,
        /// Whether the AS number is named when a VPC is made.
        specify_as_number: bool,
        /// Its place in lists.
        sort_key: i64,
        /// When it was made.
        created: Time,
        /// When it was removed.
        removed: Option<Time>,
    }
}

choice! {
    /// The state of a VPC (`Vpc.State`).
    VpcState {
        /// It can be used.
        Enabled = "Enabled",
        /// It is being deleted.
        Inactive = "Inactive",
    }
}

record! {
    /// A VPC: a router with several networks, its tiers.
    Vpc in "vpc" {
        /// Its name.
        name: String,
        /// What it is.
        display_text: String,
        /// The zone.
        zone_id: i64,
        /// The owner.
        account_id: i64,
        /// The owner's domain.
        domain_id: i64,
        /// The offering.
        offering_id: i64,
        /// The CIDR as it was given; host bits are kept, as CloudStack does.
        cidr: String,
        /// Its state.
        state: VpcState,
        /// The DNS domain of its tiers.
        network_domain: Option<String>,
        /// Whether it must be restarted before changes take effect.
        restart_required: bool,
        /// Whether it has two routers.
        redundant: bool,
        /// Whether its owner sees it.
        display: bool,
        /// The MTU of its public interface, in bytes.
        public_mtu: i64,
        /// The first name server.
        dns1: Option<String>,
        /// The second one.
        dns2: Option<String>,
        /// The first IPv6 name server.
        ip6_dns1: Option<String>,
        /// The second one.
        ip6_dns2: Option<String>,
        /// When it was made.
        created: Time,
        /// When it was removed.
        removed: Option<Time>,
    }
}

record! {
    /// A list of network ACL rules.
    Acl in "acl" {
        /// Its name.
        name: String,
        /// What it is.
        description: String,
        /// The VPC; none for the two that everybody has.
        vpc_id: Option<i64>,
        /// Whether its owner sees it.
        display: bool,
        /// When it was removed.
        removed: Option<Time>,
    }
}

choice! {
    /// The state of a network (`Network.State`).
    NetworkState {
        /// It exists, but has no VLAN and no router.
        Allocated = "Allocated",
        /// It was made with everything it needs and is never implemented.
        Setup = "Setup",
        /// Its VLAN and router are being made.
        Implementing = "Implementing",
        /// It can be used.
        Implemented = "Implemented",
        /// Its router and VLAN are being given up.
        Shutdown = "Shutdown",
        /// It is gone.
        Destroy = "Destroy",
    }
}

choice! {
    /// What happens to a network (`Network.Event`).
    NetworkEvent {
        /// Its VLAN and router are wanted.
        ImplementNetwork = "ImplementNetwork",
        /// It is to be shut down or destroyed.
        DestroyNetwork = "DestroyNetwork",
        /// What was begun succeeded.
        OperationSucceeded = "OperationSucceeded",
        /// What was begun failed.
        OperationFailed = "OperationFailed",
    }
}

impl NetworkState {
    /// The state after `event`; `None` where CloudStack's state machine has no such transition.
    pub(crate) const fn next(self, event: NetworkEvent) -> Option<Self> {
        use NetworkEvent::*;
        use NetworkState::*;
        match (self, event) {
            (Allocated, ImplementNetwork) => Some(Implementing),
            (Implementing, OperationSucceeded) => Some(Implemented),
            (Implementing, OperationFailed) => Some(Shutdown),
            (Implemented, DestroyNetwork) => Some(Shutdown),
            (Shutdown, OperationSucceeded) => Some(Allocated),
            (Shutdown, OperationFailed) => Some(Shutdown),
            (Setup | Allocated, DestroyNetwork) => Some(Destroy),
            _ => None,
        }
    }
}

choice! {
    /// Who may use a network (`ControlledEntity.ACLType`).
    AclType {
        /// The account that owns it.
        Account = "Account",
        /// Everybody in a domain.
        Domain = "Domain",
    }
}

record! {
    /// A network: of guests, or one of the system's own.
    Network in "network" {
        /// Its name.
        name: String,
        /// What it is.
        display_text: String,
        /// The zone.
        zone_id: i64,
        /// The physical network under it.
        physical_network_id: Option<i64>,
        /// The offering; none for the system's own.
        offering_id: Option<i64>,
        /// The VPC whose tier it is.
        vpc_id: Option<i64>,
        /// The ACL list of a tier.
        acl_id: Option<i64>,
        /// The owner.
        account_id: i64,
        /// The owner's domain.
        domain_id: i64,
        /// What travels over it.
        traffic_type: TrafficKind,
        /// What kind of guest network.
        guest_type: Option<GuestType>,
        /// Its state.
        state: NetworkState,
        /// The gateway of its guests.
        gateway: Option<Ipv4Addr>,
        /// The CIDR that its guests get addresses from.
        cidr: Option<Cidr4>,
        /// The whole CIDR, when a part of it is reserved for others.
        network_cidr: Option<Cidr4>,
        /// The IPv6 gateway.
        ip6_gateway: Option<String>,
        /// The IPv6 CIDR.
        ip6_cidr: Option<String>,
        /// `vlan://100`, `vxlan://5000`; none while it is not implemented.
        broadcast_uri: Option<String>,
        /// The DNS domain of its guests.
        network_domain: Option<String>,
        /// `Account` or `Domain`: who may use it.
        acl_type: Option<String>,
        /// Whether it must be restarted before changes take effect.
        restart_required: bool,
        /// Whether its owner sees it.
        display: bool,
        /// The first name server.
        dns1: Option<String>,
        /// The second one.
        dns2: Option<String>,
        /// The first IPv6 name server.
        ip6_dns1: Option<String>,
        /// The second one.
        ip6_dns2: Option<String>,
        /// The MTU of the router's public interface, in bytes.
        public_mtu: Option<i64>,
        /// The MTU of the router's guest interface, in bytes.
        private_mtu: Option<i64>,
        /// Whether it is one of the system's own.
        system: bool,
        /// Whether it has two routers.
        redundant: bool,
        /// When it was made.
        created: Time,
        /// When it was removed.
        removed: Option<Time>,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_machine_is_cloudstacks() {
        use NetworkEvent::*;
        use NetworkState::*;
        let known = [
            (Allocated, ImplementNetwork, Implementing),
            (Implementing, OperationSucceeded, Implemented),
            (Implementing, OperationFailed, Shutdown),
            (Implemented, DestroyNetwork, Shutdown),
            (Shutdown, OperationSucceeded, Allocated),
            (Shutdown, OperationFailed, Shutdown),
            (Setup, DestroyNetwork, Destroy),
            (Allocated, DestroyNetwork, Destroy),
        ];
        for state in NetworkState::ALL {
            for event in NetworkEvent::ALL {
                let want = known.iter().find(|(from, on, _)| from == state && on == event);
                assert_eq!(state.next(*event), want.map(|(_, _, to)| *to), "{state} on {event}");
            }
        }
    }
}
