//! Virtual machines as records: what they are made of and by, and the interfaces with which they
//! stand in guest networks.

use crate::model::{Cell, CellRef, Column, Corrupt, Entity, EntityKind, Time, choice, record};
use std::net::Ipv4Addr;

choice! {
    /// Whether VMs may be made by a service offering.
    ServiceOfferingState {
        /// They may.
        Active = "Active",
        /// It was deleted.
        Inactive = "Inactive",
    }
}

record! {
    /// How big VMs are.
    ServiceOffering in "service_offering" {
        /// Its name.
        name: String,
        /// What it is.
        display_text: String,
        /// How many processors; none where each VM says so itself.
        cpu_number: Option<i64>,
        /// How fast each of them is, in MHz.
        cpu_speed: Option<i64>,
        /// How much memory, in MB.
        memory: Option<i64>,
        /// `shared` or `local`.
        storage_type: String,
        /// The tags of the hosts that it needs.
        host_tags: Option<String>,
        /// The data rate, in MBit/s.
        network_rate: Option<i64>,
        /// Whether it is for system VMs.
        is_system: bool,
        /// Whether VMs are started anew elsewhere when their host fails.
        offer_ha: bool,
        /// Whether VMs get no more of a processor than is said.
        limit_cpu: bool,
        /// Whether VMs may be made by it.
        state: ServiceOfferingState,
        /// When it was made.
        created: Time,
        /// When it was removed.
        removed: Option<Time>,
    }
}

record! {
    /// What VMs begin with.
    Template in "template" {
        /// Its name.
        name: String,
        /// What it is.
        display_text: String,
        /// The number of the type of its operating system.
        os_type: i64,
        /// The hypervisor that it is for.
        hypervisor: String,
        /// The format of its image.
        format: String,
        /// The size of its disk, in bytes.
        size: i64,
        /// The account that owns it.
        account_id: i64,
        /// The account's domain.
        domain_id: i64,
        /// Whether everybody may use it.
        is_public: bool,
        /// Whether it is shown first.
        is_featured: bool,
        /// When it was made.
        created: Time,
        /// When it was removed.
        removed: Option<Time>,
    }
}

/// A type of operating systems; those that there are stand in a table of the program.
#[derive(Clone, Debug)]
pub(crate) struct OsType;

impl Entity for OsType {
    const KIND: EntityKind = EntityKind::OsType;
}

record! {
    /// How big disks may be. There are no disks: it is kept for those who ask for it.
    DiskOffering in "disk_offering" {
        /// Its name.
        name: String,
        /// What it is.
        display_text: String,
        /// The size of its disks, in GB; none where each disk says its own.
        size: Option<i64>,
        /// `shared` or `local`.
        storage_type: String,
        /// The tags of the stores that its disks need.
        tags: Option<String>,
        /// Whether everybody sees it.
        display: bool,
        /// When it was made.
        created: Time,
        /// When it was removed.
        removed: Option<Time>,
    }
}

choice! {
    /// Which templates a list shows (`TemplateFilter`).
    TemplateFilter {
        /// Those that are shown first.
        Featured = "featured",
        /// The caller's own.
        Own = "self",
        /// The caller's own from which VMs can be made.
        SelfExecutable = "selfexecutable",
        /// Those that others have given to the caller.
        SharedExecutable = "sharedexecutable",
        /// All from which the caller can make VMs.
        Executable = "executable",
        /// Public ones that are not shown first.
        Community = "community",
        /// All; for root admins.
        All = "all",
    }
}

choice! {
    /// The state of a VM (`VirtualMachine.State`).
    VmState {
        /// It does not run.
        Stopped = "Stopped",
        /// It is being started.
        Starting = "Starting",
        /// It runs.
        Running = "Running",
        /// It is being stopped.
        Stopping = "Stopping",
        /// Its owner has deleted it, and may still have it back.
        Destroyed = "Destroyed",
        /// It is being removed for good.
        Expunging = "Expunging",
        /// It could not be made.
        Error = "Error",
    }
}

choice! {
    /// What happens to a VM (`VirtualMachine.Event`).
    VmEvent {
        /// Somebody starts it.
        StartRequested = "StartRequested",
        /// Somebody stops it.
        StopRequested = "StopRequested",
        /// Its owner deletes it.
        DestroyRequested = "DestroyRequested",
        /// Its owner wants it back.
        RecoveryRequested = "RecoveryRequested",
        /// It is removed for good.
        ExpungeOperation = "ExpungeOperation",
        /// What was begun is done.
        OperationSucceeded = "OperationSucceeded",
        /// What was begun failed.
        OperationFailed = "OperationFailed",
        /// It failed before the VM ever ran.
        OperationFailedToError = "OperationFailedToError",
    }
}

impl VmState {
    /// The state after `event`; `None` where there is no such transition.
    pub(crate) const fn next(self, event: VmEvent) -> Option<Self> {
        use VmEvent::*;
        use VmState::*;
        match (self, event) {
            (Stopped, StartRequested) => Some(Starting),
            (Starting, OperationSucceeded) | (Stopping, OperationFailed) => Some(Running),
            (Starting, OperationFailed)
            | (Stopping, OperationSucceeded)
            | (Stopped, StopRequested)
            | (Destroyed, RecoveryRequested) => Some(Stopped),
            (Starting | Stopped, OperationFailedToError) => Some(Error),
            (Running | Starting | Stopping, StopRequested) => Some(Stopping),
            (Stopped, DestroyRequested) => Some(Destroyed),
            (Error, DestroyRequested)
            | (Stopped | Destroyed | Error | Expunging, ExpungeOperation)
            | (Expunging, OperationFailed) => Some(Expunging),
            _ => None,
        }
    }

    /// Whether a VM in this state counts against the limit of its owner.
    pub(crate) const fn is_counted(self) -> bool {
        !matches!(self, Self::Destroyed | Self::Expunging | Self::Error)
    }
}

record! {
    /// A virtual machine of a user. There is no hypervisor: it is what it says it is.
    Vm in "vm" {
        /// The name that it has as a host.
        name: String,
        /// The name that its owner calls it by.
        display_name: String,
        /// The account that owns it.
        account_id: i64,
        /// The account's domain.
        domain_id: i64,
        /// The user who made it.
        user_id: i64,
        /// The zone.
        zone_id: i64,
        /// How big it is.
        service_offering_id: i64,
        /// What it began with.
        template_id: i64,
        /// What it does.
        state: VmState,
        /// The hypervisor that it would run on.
        hypervisor: String,
        /// The group that its owner has put it into.
        group_name: Option<String>,
        /// Whether it must not be deleted.
        protected: bool,
        /// Whether its owner sees it.
        display: bool,
        /// When it was made.
        created: Time,
        /// When its state changed last.
        updated: Time,
        /// When it was removed for good.
        removed: Option<Time>,
    }
}

impl Vm {
    /// The name that hypervisors know it by.
    pub(crate) fn instance_name(&self) -> String {
        format!("i-{}-{}-VM", self.account_id, self.id)
    }
}

record! {
    /// An interface of a VM in a guest network.
    Nic in "nic" {
        /// The VM.
        vm_id: i64,
        /// The network.
        network_id: i64,
        /// Its first IPv4 address; none in an L2 network.
        ip: Option<Ipv4Addr>,
        /// Its MAC address; none only while it is being made.
        mac: Option<String>,
        /// Its place in the VM, from 0.
        device: i64,
        /// Whether the VM's traffic to elsewhere goes through it.
        is_default: bool,
        /// When it was made.
        created: Time,
        /// When it was removed.
        removed: Option<Time>,
    }
}

record! {
    /// A further address of an interface.
    SecondaryIp in "secondary_ip" {
        /// The interface.
        nic_id: i64,
        /// Its VM.
        vm_id: i64,
        /// Its network.
        network_id: i64,
        /// The address.
        ip: Ipv4Addr,
        /// The account that owns the VM.
        account_id: i64,
        /// The account's domain.
        domain_id: i64,
        /// When it was taken.
        created: Time,
        /// When it was given back.
        removed: Option<Time>,
    }
}

choice! {
    /// What has an address of a guest network.
    GuestKind {
        /// An interface of a VM: its first address.
        Nic = "Nic",
        /// An interface of a VM: a further one.
        SecondaryIp = "SecondaryIp",
        /// A router, besides the gateway.
        Router = "Router",
        /// Rules of an internal load balancer: their source.
        LoadBalancer = "LoadBalancer",
        /// A private gateway of a VPC.
        PrivateGateway = "PrivateGateway",
    }
}

/// An address of a guest network that somebody has: one row.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct GuestAddress {
    /// The network.
    pub(crate) network_id: i64,
    /// The address.
    pub(crate) ip: Ipv4Addr,
    /// What has it.
    pub(crate) kind: GuestKind,
    /// Its row: of an interface, of a [`SecondaryIp`], ...
    pub(crate) holder_id: i64,
}

impl GuestAddress {
    /// The columns of a row, in the order of [`GuestAddress::from_row`].
    pub(crate) const SELECT: &'static str =
        "SELECT network_id, ip, kind, holder_id FROM guest_address ";
    /// `INSERT` of [`GuestAddress::cells`].
    pub(crate) const INSERT: &'static str =
        "INSERT INTO guest_address (network_id, ip, kind, holder_id) VALUES (?, ?, ?, ?)";

    /// Reads a row.
    pub(crate) fn from_row<'r>(cell: &dyn Fn(usize) -> CellRef<'r>) -> Result<Self, Corrupt> {
        Ok(Self {
            network_id: Column::from_cell(cell(0))?,
            ip: Column::from_cell(cell(1))?,
            kind: Column::from_cell(cell(2))?,
            holder_id: Column::from_cell(cell(3))?,
        })
    }

    /// The values of all columns.
    pub(crate) fn cells(&self) -> [Cell; 4] {
        [self.network_id.into(), self.ip.into(), self.kind.into(), self.holder_id.into()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vm_moves_only_as_cloudstack_moves_it() {
        use VmEvent::*;
        use VmState::*;
        let known = [
            (Stopped, StartRequested, Starting),
            (Stopped, StopRequested, Stopped),
            (Stopped, DestroyRequested, Destroyed),
            (Stopped, ExpungeOperation, Expunging),
            (Stopped, OperationFailedToError, Error),
            (Starting, OperationSucceeded, Running),
            (Starting, OperationFailed, Stopped),
            (Starting, OperationFailedToError, Error),
            (Starting, StopRequested, Stopping),
            (Running, StopRequested, Stopping),
            (Stopping, StopRequested, Stopping),
            (Stopping, OperationSucceeded, Stopped),
            (Stopping, OperationFailed, Running),
            (Destroyed, RecoveryRequested, Stopped),
            (Destroyed, ExpungeOperation, Expunging),
            (Error, DestroyRequested, Expunging),
            (Error, ExpungeOperation, Expunging),
            (Expunging, ExpungeOperation, Expunging),
            (Expunging, OperationFailed, Expunging),
        ];
        for state in VmState::ALL {
            for event in VmEvent::ALL {
                let want = known.iter().find(|(from, on, _)| from == state && on == event);
                assert_eq!(state.next(*event), want.map(|(_, _, to)| *to), "{state} on {event}");
            }
        }
    }

    #[test]
    fn what_is_gone_or_never_was_does_not_count() {
        let counted = VmState::ALL.iter().filter(|state| state.is_counted());
        let words: Vec<_> = counted.map(|state| state.word()).collect();
        assert_eq!(words, ["Stopped", "Starting", "Running", "Stopping"]);
    }
}
