//! Where things are: zones, physical networks and pods.

use crate::model::{Time, choice, record};
use crate::net::Cidr4;
use std::net::Ipv4Addr;

choice! {
    /// Whether new things may be made in a zone, a pod or with a physical network.
    Allocation {
        /// They may.
        Enabled = "Enabled",
        /// Only the root admin may.
        Disabled = "Disabled",
    }
}

choice! {
    /// How a zone's networks are built (`DataCenter.NetworkType`).
    ZoneType {
        /// One flat network for everybody.
        Basic = "Basic",
        /// Networks of their own, VLANs or an overlay.
        Advanced = "Advanced",
    }
}

record! {
    /// A zone: one data center.
    Zone in "zone" {
        /// Its name, unique among zones.
        name: String,
        /// Basic or advanced.
        network_type: ZoneType,
        /// The first name server for guests.
        dns1: String,
        /// The second one.
        dns2: Option<String>,
        /// The first IPv6 name server for guests.
        ip6_dns1: Option<String>,
        /// The second one.
        ip6_dns2: Option<String>,
        /// The first name server for system VMs.
        internal_dns1: String,
        /// The second one.
        internal_dns2: Option<String>,
        /// The CIDR that isolated networks get when none is asked for.
        guest_cidr: Option<Cidr4>,
        /// The DNS domain of its guests.
        network_domain: Option<String>,
        /// The domain that it is dedicated to.
        domain_id: Option<i64>,
        /// Whether it takes new things.
        state: Allocation,
        /// The provider of DHCP.
        dhcp_provider: String,
        /// Whether local storage is used.
        local_storage: bool,
        /// Whether security groups are used.
        security_groups: bool,
        /// When it was made.
        created: Time,
        /// When it was removed.
        removed: Option<Time>,
    }
}

choice! {
    /// What travels over a physical network (`Networks.TrafficType`).
    TrafficKind {
        /// Between guests and the world.
        Public = "Public",
        /// Between hosts, system VMs and the management server.
        Management = "Management",
        /// Between secondary storage and those who use it.
        Storage = "Storage",
        /// Between guests.
        Guest = "Guest",
        /// Between hosts and system VMs on link-local addresses.
        Control = "Control",
    }
}

record! {
    /// A physical network of a zone.
    PhysicalNetwork in "physical_network" {
        /// The zone.
        zone_id: i64,
        /// Its name.
        name: String,
        /// Whether networks may be made on it.
        state: Allocation,
        /// The isolation method: `VLAN`, `VXLAN`, `GRE`, ...; empty when none was given.
        isolation: String,
        /// The VLANs or VNIs that it has for guest networks, as `100-200,300-400`.
        vnets: String,
        /// The pool of the numbers among them that are taken.
        vnet_pool: i64,
        /// `ZONE` or `POD`.
        broadcast_domain: String,
        /// The speed, as it was given.
        speed: Option<String>,
        /// Its tags, separated by commas.
        tags: String,
        /// The domain that it belongs to.
        domain_id: Option<i64>,
        /// When it was made.
        created: Time,
        /// When it was removed.
        removed: Option<Time>,
    }
}

record! {
    /// A kind of traffic on a physical network, with the label of its bridge on each hypervisor.
    TrafficType in "traffic_type" {
        /// The physical network.
        physical_network_id: i64,
        /// The kind of traffic.
        kind as "type": TrafficKind,
        /// The label on XenServer.
        xenserver: Option<String>,
        /// The label on KVM.
        kvm: Option<String>,
        /// The label on VMware.
        vmware: Option<String>,
        /// The label on Hyper-V.
        hyperv: Option<String>,
        /// The label on OVM3.
        ovm3: Option<String>,
        /// The VLAN of management traffic on VMware.
        vlan: Option<String>,
        /// When it was removed.
        removed: Option<Time>,
    }
}

record! {
    /// A pod: racks of a zone that share a management subnet.
    Pod in "pod" {
        /// The zone.
        zone_id: i64,
        /// Its name, unique in the zone.
        name: String,
        /// The gateway of the management subnet.
        gateway: Ipv4Addr,
        /// Its netmask.
        netmask: Ipv4Addr,
        /// The first management address that it was made with; its ranges say which it has now.
        first: Ipv4Addr,
        /// The last one.
        last: Ipv4Addr,
        /// Whether it takes new things.
        state: Allocation,
        /// The pool of its addresses, whose numbers are the addresses themselves.
        pool_id: i64,
        /// When it was made.
        created: Time,
        /// When it was removed.
        removed: Option<Time>,
    }
}
