//! What serves the networks of a zone: the providers on its physical networks, the addresses of
//! its pods, and the system's own virtual machines, which routers are too.

use crate::model::{Entity, EntityKind, Time, TrafficKind, VmState, choice, record};
use std::net::Ipv4Addr;

choice! {
    /// Whether a provider serves networks (`PhysicalNetworkServiceProvider.State`).
    ProviderState {
        /// Not yet, or not any more.
        Disabled = "Disabled",
        /// It does.
        Enabled = "Enabled",
        /// It was deleted.
        Shutdown = "Shutdown",
    }
}

choice! {
    /// What happens to a provider.
    ProviderEvent {
        /// Networks are to be served by it.
        Enable = "Enable",
        /// Networks are no longer to be served by it.
        Disable = "Disable",
        /// It is deleted.
        Delete = "Delete",
    }
}

impl ProviderState {
    /// The state after `event`; `None` for a provider that was deleted.
    pub(crate) const fn next(self, event: ProviderEvent) -> Option<Self> {
        match (self, event) {
            (Self::Shutdown, _) => None,
            (_, ProviderEvent::Enable) => Some(Self::Enabled),
            (_, ProviderEvent::Disable) => Some(Self::Disabled),
            (_, ProviderEvent::Delete) => Some(Self::Shutdown),
        }
    }
}

record! {
    /// A provider of network services on a physical network.
    Provider in "provider" {
        /// The physical network.
        physical_network_id: i64,
        /// Its name, as `VirtualRouter`.
        name: String,
        /// Whether it serves networks.
        state: ProviderState,
        /// The services that it provides, separated by commas.
        services: String,
        /// The physical network to which it leads.
        destination_id: Option<i64>,
        /// When it was added.
        created: Time,
        /// When it was removed.
        removed: Option<Time>,
    }
}

choice! {
    /// What an element makes (`VirtualRouterProvider.Type`).
    ElementKind {
        /// Routers of networks.
        VirtualRouter = "VirtualRouter",
        /// Routers of VPCs.
        VpcVirtualRouter = "VPCVirtualRouter",
        /// Load balancers within networks.
        InternalLb = "InternalLbVm",
        /// Switches.
        Ovs = "Ovs",
    }
}

record! {
    /// What makes the appliances of a provider; without one that is enabled it serves nobody.
    Element in "provider_element" {
        /// The provider.
        provider_id: i64,
        /// What it makes.
        kind: ElementKind,
        /// Whether it does.
        enabled: bool,
        /// When it was made.
        created: Time,
        /// When it was removed.
        removed: Option<Time>,
    }
}

/// An [`Element`] that makes load balancers within networks.
#[derive(Clone, Debug)]
pub(crate) struct LbElement;

impl Entity for LbElement {
    const KIND: EntityKind = EntityKind::Element;
}

record! {
    /// A range of management addresses of a pod.
    PodRange in "pod_range" {
        /// The pod.
        pod_id: i64,
        /// The first address.
        first: Ipv4Addr,
        /// The last one.
        last: Ipv4Addr,
        /// Whether it is kept for system VMs.
        for_system_vms: bool,
        /// Its VLAN, as `vlan://untagged`.
        vlan: String,
        /// When it was made.
        created: Time,
        /// When it was removed.
        removed: Option<Time>,
    }
}

record! {
    /// A range of addresses of a pod for the traffic to secondary storage.
    StorageRange in "storage_range" {
        /// The zone.
        zone_id: i64,
        /// The pod.
        pod_id: i64,
        /// The gateway.
        gateway: Ipv4Addr,
        /// The netmask.
        netmask: Ipv4Addr,
        /// The first address.
        first: Ipv4Addr,
        /// The last one.
        last: Ipv4Addr,
        /// The VLAN; none for untagged traffic.
        vlan: Option<i64>,
        /// When it was made.
        created: Time,
        /// When it was removed.
        removed: Option<Time>,
    }
}

choice! {
    /// What has an address of a pod.
    PodHolder {
        /// An account, that asked for it.
        Account = "Account",
        /// A system VM or a router.
        SystemVm = "SystemVm",
    }
}

record! {
    /// An address of a pod that somebody has; a free one has no row.
    PodAddress in "pod_address" {
        /// The pod.
        pod_id: i64,
        /// The address.
        ip: Ipv4Addr,
        /// What it is for: `Management`, `Storage` or `Control` traffic.
        traffic: TrafficKind,
        /// What has it.
        kind: PodHolder,
        /// The row of what has it.
        holder_id: i64,
        /// When it was taken.
        taken: Time,
    }
}

choice! {
    /// What a system VM does (`VirtualMachine.Type`).
    SystemVmKind {
        /// It routes the traffic of a network or a VPC.
        DomainRouter = "DomainRouter",
        /// It shows the consoles of guests.
        ConsoleProxy = "ConsoleProxy",
        /// It brings templates and volumes in and out.
        SecondaryStorageVm = "SecondaryStorageVm",
    }
}

choice! {
    /// The kinds of system VMs that are no routers, as parameters have them.
    ZoneVmKind {
        /// It shows the consoles of guests.
        ConsoleProxy = "consoleproxy",
        /// It brings templates and volumes in and out.
        SecondaryStorageVm = "secondarystoragevm",
    }
}

impl ZoneVmKind {
    /// The kind of the system VM.
    pub(crate) const fn kind(self) -> SystemVmKind {
        match self {
            Self::ConsoleProxy => SystemVmKind::ConsoleProxy,
            Self::SecondaryStorageVm => SystemVmKind::SecondaryStorageVm,
        }
    }
}

record! {
    /// A virtual machine of the system's own, or a router; there is no hypervisor, it is what it
    /// says it is.
    SystemVm in "system_vm" {
        /// What it does.
        kind: SystemVmKind,
        /// The zone.
        zone_id: i64,
        /// The pod in which it ran last.
        pod_id: Option<i64>,
        /// The account that owns it: of a router the owner of the network or VPC.
        account_id: i64,
        /// The account's domain.
        domain_id: i64,
        /// The network that it routes.
        network_id: Option<i64>,
        /// The VPC that it routes.
        vpc_id: Option<i64>,
        /// Which of two routers it is, from 0.
        place: i64,
        /// Whether it is the one of two routers that does the work.
        is_primary: bool,
        /// What it does now.
        state: VmState,
        /// How big it is; none for the system's usual size.
        service_offering_id: Option<i64>,
        /// The range of its public address; none of a router, which has those of its network.
        public_range_id: Option<i64>,
        /// The place of that address.
        public_place: Option<i64>,
        /// When it was made.
        created: Time,
        /// When it was removed.
        removed: Option<Time>,
    }
}

impl SystemVm {
    /// The name that everybody knows it by.
    pub(crate) fn name(&self) -> String {
        let letter = match self.kind {
            SystemVmKind::DomainRouter => 'r',
            SystemVmKind::ConsoleProxy => 'v',
            SystemVmKind::SecondaryStorageVm => 's',
        };
        format!("{letter}-{}-VM", self.id)
    }

    /// Whether it has addresses of its own now.
    pub(crate) const fn is_up(&self) -> bool {
        matches!(self.state, VmState::Running | VmState::Starting | VmState::Stopping)
    }

    /// The kind of thing that its id stands for.
    pub(crate) const fn entity(&self) -> EntityKind {
        match self.kind {
            SystemVmKind::DomainRouter => EntityKind::Router,
            _ => EntityKind::SystemVm,
        }
    }

    /// The MAC address of one of its interfaces that has none by its address.
    pub(crate) fn mac(&self, device: u8) -> String {
        let [.., a, b, c, d] = self.id.to_be_bytes();
        format!("06:{a:02x}:{b:02x}:{c:02x}:{d:02x}:{device:02x}")
    }
}

/// The MAC address of an interface with a link-local address, which follows from it.
pub(crate) fn control_mac(ip: Ipv4Addr) -> String {
    let [a, b, c, d] = ip.octets();
    format!("0e:00:{a:02x}:{b:02x}:{c:02x}:{d:02x}")
}

/// A [`SystemVm`] that routes.
#[derive(Clone, Debug)]
pub(crate) struct Router;

impl Entity for Router {
    const KIND: EntityKind = EntityKind::Router;
}

record! {
    /// An address of its own that one of two routers has in a guest network.
    RouterNic in "router_nic" {
        /// The router.
        router_id: i64,
        /// The network.
        network_id: i64,
        /// The address.
        ip: Ipv4Addr,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_moves_until_it_is_deleted() {
        use ProviderEvent::*;
        use ProviderState::*;
        let known = [
            (Disabled, Enable, Enabled),
            (Disabled, Disable, Disabled),
            (Disabled, Delete, Shutdown),
            (Enabled, Enable, Enabled),
            (Enabled, Disable, Disabled),
            (Enabled, Delete, Shutdown),
        ];
        for state in ProviderState::ALL {
            for event in ProviderEvent::ALL {
                let want = known.iter().find(|(from, on, _)| from == state && on == event);
                assert_eq!(state.next(*event), want.map(|(_, _, to)| *to), "{state} on {event}");
            }
        }
    }

    #[test]
    fn link_local_addresses_make_their_mac_addresses() {
        assert_eq!(control_mac(Ipv4Addr::new(169, 254, 3, 254)), "0e:00:a9:fe:03:fe");
    }
}
