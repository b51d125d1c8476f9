//! Capacity: how much of what a zone can hand out is taken. Computed from the counters of ranges,
//! in a time that grows with the number of ranges, not with that of addresses.

use crate::engine::{Cx, ip6, pod_addresses, pod_ranges};
use crate::model::{Column, PhysicalNetwork, Pod, PodRange, VlanType, Zone};
use crate::net::{IdSet, Range4};
use crate::schema::Fault;
use crate::store::StoreError;

/// What is handed out (`Capacity` in CloudStack's API).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum CapacityKind {
    /// Public addresses.
    PublicIp,
    /// Management addresses of pods.
    PrivateIp,
    /// VLANs and VNIs.
    Vlan,
    /// Addresses of shared networks.
    DirectIp,
    /// IPv6 subnets for guest networks.
    Ip6Subnet,
}

impl CapacityKind {
    /// All of them, in the order of their numbers.
    pub(crate) const ALL: [Self; 5] =
        [Self::PublicIp, Self::PrivateIp, Self::Vlan, Self::DirectIp, Self::Ip6Subnet];

    /// CloudStack's number for it.
    pub(crate) const fn number(self) -> u16 {
        match self {
            Self::PublicIp => 4,
            Self::PrivateIp => 5,
            Self::Vlan => 7,
            Self::DirectIp => 8,
            Self::Ip6Subnet => 10,
        }
    }

    /// What people call what is handed out.
    pub(crate) const fn noun(self) -> &'static str {
        match self {
            Self::PublicIp => "public addresses",
            Self::PrivateIp => "management addresses",
            Self::Vlan => "VLANs or VNIs",
            Self::DirectIp => "addresses of shared networks",
            Self::Ip6Subnet => "IPv6 subnets",
        }
    }

    /// CloudStack's name for it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::PublicIp => "VIRTUAL_NETWORK_PUBLIC_IP",
            Self::PrivateIp => "PRIVATE_IP",
            Self::Vlan => "VLAN",
            Self::DirectIp => "DIRECT_ATTACHED_PUBLIC_IP",
            Self::Ip6Subnet => "VIRTUAL_NETWORK_IPV6_SUBNET",
        }
    }
}

/// How much of something a zone, or one of its pods, has.
#[derive(Clone, Debug)]
pub(crate) struct Capacity {
    /// Of what.
    pub(crate) kind: CapacityKind,
    /// The pod, of management addresses.
    pub(crate) pod: Option<Pod>,
    /// How many there are.
    pub(crate) total: u64,
    /// How many of them are taken.
    pub(crate) used: u64,
}

/// Sizes and used addresses of a zone's ranges. What stands for one portable address belongs to
/// the region, not to the zone.
const RANGES: &str = "SELECT COALESCE(SUM(r.last - r.first + 1), 0), COALESCE(SUM(c.n), 0) \
     FROM vlan_range r LEFT JOIN counter c \
     ON c.owner = 'range' AND c.owner_id = r.id AND c.what = 'used' \
     WHERE r.zone_id = ? AND r.type = ? AND r.removed IS NULL AND r.portable = 0 \
     AND r.first IS NOT NULL";

impl Cx<'_> {
    /// How much a zone has of a kind: one entry, or one for each pod.
    pub(crate) fn capacity(
        &mut self,
        zone: &Zone,
        kind: CapacityKind,
    ) -> Result<Vec<Capacity>, Fault> {
        let (total, used) = match kind {
            CapacityKind::PublicIp => self.addresses(zone.id, VlanType::VirtualNetwork)?,
            CapacityKind::DirectIp => self.addresses(zone.id, VlanType::DirectAttached)?,
            CapacityKind::Vlan => self.vnets(zone.id)?,
            CapacityKind::Ip6Subnet => ip6::count_subnets(self, zone.id)?,
            CapacityKind::PrivateIp => return self.pods(zone.id),
        };
        Ok(vec![Capacity { kind, pod: None, total, used }])
    }

    fn addresses(&mut self, zone_id: i64, kind: VlanType) -> Result<(u64, u64), Fault> {
        let mut sums = (0, 0);
        self.tx.each(RANGES, &[zone_id.into(), kind.into()], |cell| {
            sums = (i64::from_cell(cell(0))?, i64::from_cell(cell(1))?);
            Ok(false)
        })?;
        Ok((sums.0.unsigned_abs(), sums.1.unsigned_abs()))
    }

    fn vnets(&mut self, zone_id: i64) -> Result<(u64, u64), Fault> {
        let (mut total, mut used) = (0, 0);
        let tail = "WHERE zone_id = ? AND removed IS NULL";
        for physical in self.tx.select::<PhysicalNetwork>(tail, &[zone_id.into()])? {
            let damaged = |why| StoreError::Damaged(format!("a list of VLANs: {why}"));
            total += IdSet::parse(&physical.vnets).map_err(damaged)?.len();
            let sql = "SELECT COUNT(*) FROM vnet WHERE physical_network_id = ?";
            let taken: Option<i64> = self.tx.one(sql, &[physical.id.into()])?;
            used += taken.map_or(0, i64::unsigned_abs);
        }
        Ok((total, used))
    }

    fn pods(&mut self, zone_id: i64) -> Result<Vec<Capacity>, Fault> {
        let tail = "WHERE zone_id = ? AND removed IS NULL ORDER BY id";
        let pods: Vec<Pod> = self.tx.select(tail, &[zone_id.into()])?;
        let one = |pod: Pod| {
            let ranges = pod_ranges::of(self, pod.id)?;
            let total = ranges.iter().filter_map(PodRange::range).map(Range4::len).sum();
            let used = self.tx.counter(pod_addresses::used(pod.id))?;
            let used = used.unsigned_abs();
            Ok(Capacity { kind: CapacityKind::PrivateIp, pod: Some(pod), total, used })
        };
        pods.into_iter().map(one).collect()
    }
}
