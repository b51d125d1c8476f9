//! Ranges of addresses, and the addresses in them that somebody holds.

use crate::model::{Cell, CellRef, Column, Corrupt, Entity, EntityKind, Time, choice, record};
use crate::net::Range4;
use std::net::Ipv4Addr;

choice! {
    /// Whether the addresses of a range are public or stand on guests' interfaces
    /// (`Vlan.VlanType`).
    VlanType {
        /// Public: acquired, and translated by a router.
        VirtualNetwork = "VirtualNetwork",
        /// On the interfaces of guests in a shared network.
        DirectAttached = "DirectAttached",
    }
}

record! {
    /// A range of addresses in a VLAN. Its row number is that of its pool.
    VlanRange in "vlan_range" {
        /// The zone.
        zone_id: i64,
        /// The physical network.
        physical_network_id: i64,
        /// The network that owns the range: the zone's public network, or a shared one.
        network_id: i64,
        /// The pod, in basic zones.
        pod_id: Option<i64>,
        /// Public or direct.
        kind as "type": VlanType,
        /// `vlan://100` or `vlan://untagged`.
        vlan: String,
        /// The gateway.
        gateway: Option<Ipv4Addr>,
        /// The netmask.
        netmask: Option<Ipv4Addr>,
        /// The first address, inclusive.
        first: Option<Ipv4Addr>,
        /// The last address, inclusive.
        last: Option<Ipv4Addr>,
        /// The IPv6 gateway.
        ip6_gateway: Option<String>,
        /// The IPv6 CIDR.
        ip6_cidr: Option<String>,
        /// The first IPv6 address.
        ip6_first: Option<String>,
        /// The last IPv6 address.
        ip6_last: Option<String>,
        /// The account that it is dedicated to.
        account_id: Option<i64>,
        /// The domain that it is dedicated to.
        domain_id: Option<i64>,
        /// Whether it is kept for system VMs.
        for_system_vms: bool,
        /// Whether it stands for one portable address.
        portable: bool,
        /// When it was made.
        created: Time,
        /// When it was removed.
        removed: Option<Time>,
    }
}

impl VlanRange {
    /// Its IPv4 addresses; none for a range of IPv6 only.
    pub(crate) fn range(&self) -> Option<Range4> {
        Range4::new(self.first?, self.last?).ok()
    }

    /// How many IPv4 addresses it has.
    pub(crate) fn size(&self) -> u64 {
        self.range().map_or(0, Range4::len)
    }

    /// The place of an address of the range: its offset in the subnet, not in the range. So it
    /// stays, and with it the id made of it, when the range grows or shrinks at either end.
    pub(crate) fn place_of(&self, ip: Ipv4Addr) -> Option<i64> {
        let inside = self.range()?.contains(ip);
        inside.then(|| i64::from(ip.to_bits() & !self.netmask.map_or(0, Ipv4Addr::to_bits)))
    }

    /// The address at a place, if the range has it.
    pub(crate) fn ip_at(&self, place: i64) -> Option<Ipv4Addr> {
        let base = self.gateway?.to_bits() & self.netmask?.to_bits();
        let ip = Ipv4Addr::from_bits(base.checked_add(u32::try_from(place).ok()?)?);
        self.range()?.contains(ip).then_some(ip)
    }

    /// The places of its first and its last address.
    pub(crate) fn span(&self) -> Option<(u64, u64)> {
        let place = |ip: Option<Ipv4Addr>| Some(self.place_of(ip?)?.unsigned_abs());
        place(self.first).zip(place(self.last))
    }
}

record! {
    /// A range of portable addresses of a region. Its row number is that of its pool.
    PortableRange in "portable_range" {
        /// The region.
        region_id: i64,
        /// `vlan://100` or `vlan://untagged`.
        vlan: String,
        /// The gateway.
        gateway: Ipv4Addr,
        /// The netmask.
        netmask: Ipv4Addr,
        /// The first address, inclusive.
        first: Ipv4Addr,
        /// The last address, inclusive.
        last: Ipv4Addr,
        /// When it was made.
        created: Time,
        /// When it was removed.
        removed: Option<Time>,
    }
}

choice! {
    /// The state of a public address (`IpAddress.State`).
    AddressState {
        /// Nobody holds it; it has no row.
        Free = "Free",
        /// It is taken, and not yet associated with a network.
        Allocating = "Allocating",
        /// It is held.
        Allocated = "Allocated",
        /// It is being given up.
        Releasing = "Releasing",
        /// It is kept for an account that will name it.
        Reserved = "Reserved",
    }
}

choice! {
    /// What happens to a public address.
    AddressEvent {
        /// Somebody takes the next one.
        Take = "Take",
        /// What took it is associated with a network or VPC.
        Associate = "Associate",
        /// It is kept for an account.
        Reserve = "Reserve",
        /// It is to be given up.
        Release = "Release",
        /// It is given up, or the taking failed.
        Unassign = "Unassign",
    }
}

impl AddressState {
    /// The state after `event`; `None` where there is no such transition. CloudStack has no state
    /// machine for addresses; these are the transitions that its code makes.
    pub(crate) const fn next(self, event: AddressEvent) -> Option<Self> {
        use AddressEvent::*;
        use AddressState::*;
        match (self, event) {
            (Free, Take) => Some(Allocating),
            (Free | Allocating | Reserved, Associate) => Some(Allocated),
            (Free, Reserve) => Some(Reserved),
            (Allocating | Allocated | Reserved, Release) => Some(Releasing),
            (Releasing | Allocating | Reserved, Unassign) => Some(Free),
            _ => None,
        }
    }

    /// The number that stands in the row; `Free` has no row.
    const fn number(self) -> i64 {
        match self {
            Self::Free => 0,
            Self::Allocating => 1,
            Self::Allocated => 2,
            Self::Releasing => 3,
            Self::Reserved => 4,
        }
    }
}

/// A public address that somebody holds: one row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Address {
    /// The range.
    pub(crate) range_id: i64,
    /// Its place in the range, from 0.
    pub(crate) place: i64,
    /// Its state, never `Free`.
    pub(crate) state: AddressState,
    /// The holder.
    pub(crate) account_id: i64,
    /// The holder's domain.
    pub(crate) domain_id: i64,
    /// The network that it is associated with.
    pub(crate) network_id: Option<i64>,
    /// The VPC that it belongs to.
    pub(crate) vpc_id: Option<i64>,
    /// When it was taken.
    pub(crate) allocated: Time,
    /// Whether its network's or VPC's outgoing traffic carries it.
    pub(crate) source_nat: bool,
    /// Whether it is translated to one guest, port for port.
    pub(crate) static_nat: bool,
    /// Whether the system took it for itself.
    pub(crate) system: bool,
    /// Whether its holder sees it.
    pub(crate) display: bool,
    /// The VM of the static NAT.
    pub(crate) vm_id: Option<i64>,
    /// That VM's address.
    pub(crate) vm_ip: Option<Ipv4Addr>,
}

impl Address {
    /// An address that has just been taken and is used for nothing yet.
    pub(crate) fn taken(
        (range_id, place): (i64, i64),
        state: AddressState,
        (account_id, domain_id): (i64, i64),
        allocated: Time,
    ) -> Self {
        Self {
            range_id,
            place,
            state,
            account_id,
            domain_id,
            network_id: None,
            vpc_id: None,
            allocated,
            source_nat: false,
            static_nat: false,
            system: false,
            display: true,
            vm_id: None,
            vm_ip: None,
        }
    }
}

impl Entity for Address {
    const KIND: EntityKind = EntityKind::Address;
}

/// The columns of an address's row, in the order of [`Address::from_row`] and [`Address::cells`].
macro_rules! address_columns {
    () => {
        "range_id, place, state, account_id, domain_id, network_id, vpc_id, allocated, \
         source_nat, static_nat, system, display, vm_id, vm_ip"
    };
}
pub(crate) use address_columns;

impl Address {
    /// Reads a row whose columns are [`address_columns!`].
    pub(crate) fn from_row<'r>(cell: &dyn Fn(usize) -> CellRef<'r>) -> Result<Self, Corrupt> {
        Ok(Self {
            range_id: Column::from_cell(cell(0))?,
            place: Column::from_cell(cell(1))?,
            state: Column::from_cell(cell(2)).and_then(state_of)?,
            account_id: Column::from_cell(cell(3))?,
            domain_id: Column::from_cell(cell(4))?,
            network_id: Column::from_cell(cell(5))?,
            vpc_id: Column::from_cell(cell(6))?,
            allocated: Column::from_cell(cell(7))?,
            source_nat: Column::from_cell(cell(8))?,
            static_nat: Column::from_cell(cell(9))?,
            system: Column::from_cell(cell(10))?,
            display: Column::from_cell(cell(11))?,
            vm_id: Column::from_cell(cell(12))?,
            vm_ip: Column::from_cell(cell(13))?,
        })
    }

    /// The values of all columns.
    pub(crate) fn cells(&self) -> [Cell; 14] {
        [
            self.range_id.into(),
            self.place.into(),
            self.state.number().into(),
            self.account_id.into(),
            self.domain_id.into(),
            self.network_id.into(),
            self.vpc_id.into(),
            self.allocated.into(),
            self.source_nat.into(),
            self.static_nat.into(),
            self.system.into(),
            self.display.into(),
            self.vm_id.into(),
            self.vm_ip.into(),
        ]
    }
}

fn state_of(number: i64) -> Result<AddressState, Corrupt> {
    AddressState::ALL
        .iter()
        .copied()
        .find(|state| *state != AddressState::Free && state.number() == number)
        .ok_or_else(|| Corrupt::new("the state of an address", CellRef::Int(number)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_moves_only_as_cloudstack_moves_it() {
        use AddressEvent::*;
        use AddressState::*;
        let known = [
            (Free, Take, Allocating),
            (Free, Associate, Allocated),
            (Allocating, Associate, Allocated),
            (Reserved, Associate, Allocated),
            (Free, Reserve, Reserved),
            (Allocating, Release, Releasing),
            (Allocated, Release, Releasing),
            (Reserved, Release, Releasing),
            (Releasing, Unassign, Free),
            (Allocating, Unassign, Free),
            (Reserved, Unassign, Free),
        ];
        for state in AddressState::ALL {
            for event in AddressEvent::ALL {
                let want = known.iter().find(|(from, on, _)| from == state && on == event);
                assert_eq!(state.next(*event), want.map(|(_, _, to)| *to), "{state} on {event}");
            }
        }
    }

    #[test]
    fn every_state_but_free_stands_in_a_row() {
        for state in AddressState::ALL {
            let read = state_of(state.number());
            assert_eq!(read.ok(), (*state != AddressState::Free).then_some(*state));
        }
    }
}
