//! Jobs: a call that CloudStack makes asynchronous ends with us in the transaction that begins
//! it, and leaves a job with its result for those who ask later.

use crate::engine::Cx;
use crate::model::{Column, EntityKind, Job, Time, Uid};
use crate::schema::Fault;
use crate::store::{Counter, StoreError, Tx};

/// How a job ended.
#[derive(Clone, Debug)]
pub(crate) enum JobOutcome {
    /// With this result, as JSON.
    Done(String),
    /// With this error code, and its result as JSON.
    Failed(u16, String),
}

/// How many jobs were removed; see [`Cx::jobs`].
const GONE: Counter = Counter { owner: "log", id: 0, what: "jobs_gone" };

/// Jobs that are removed at one time.
const SWEPT: i64 = 500;

/// Removes jobs that ended before a time, so many at one time; how many. The last one stays, so
/// that its number is not given again.
pub(crate) fn end_old_jobs(tx: &mut Tx, until: Time) -> Result<usize, StoreError> {
    let sql = "SELECT id FROM job WHERE completed < ? AND id < (SELECT MAX(id) FROM job) \
               ORDER BY id LIMIT ?";
    let mut old: Vec<i64> = Vec::new();
    tx.each(sql, &[until.into(), SWEPT.into()], |cell| {
        old.push(i64::from_cell(cell(0))?);
        Ok(true)
    })?;
    for id in &old {
        tx.run("DELETE FROM job WHERE id = ?", &[(*id).into()])?;
    }
    let count = i64::try_from(old.len()).unwrap_or(i64::MAX);
    if count > 0 {
        tx.tally(GONE, count)?;
    }
    Ok(old.len())
}

impl Cx<'_> {
    /// Writes a job that has ended; returns its id.
    pub(crate) fn job_ended(&mut self, outcome: &JobOutcome) -> Result<Uid, Fault> {
        let instance = self.subject.as_ref().map(|about| (about.kind, about.a, about.b));
        let (status, result_code, result) = match outcome {
            JobOutcome::Done(result) => (1, 0, result),
            JobOutcome::Failed(code, result) => (2, i64::from(*code), result),
        };
        let key = self.tx.key();
        let job = Job {
            id: 0,
            cmd: self.command.to_owned(),
            user_id: self.caller.user_id,
            account_id: self.caller.account_id,
            status,
            result_code,
            result: Some(result.clone()),
            instance_type: instance.and_then(|(kind, ..)| resource_type(kind)).map(str::to_owned),
            instance: instance.map(|(kind, a, b)| {
                key.encode(kind, a.unsigned_abs(), b.unsigned_abs()).to_string()
            }),
            created: self.now,
            completed: Some(self.now),
        };
        let id = self.tx.append(&job)?;
        Ok(self.uid::<Job>(id))
    }

    /// How many jobs there are. Their rows are numbered without a gap where one at a time writes.
    pub(crate) fn jobs(&mut self) -> Result<u64, Fault> {
        if self.tx.is_shared() {
            return Ok(self.tx.count::<Job>("", &[])?);
        }
        let last: Option<i64> = self.tx.one("SELECT COALESCE(MAX(id), 0) FROM job", &[])?;
        let gone = self.tx.counter(GONE)?;
        Ok(last.unwrap_or(0).saturating_sub(gone).unsigned_abs())
    }

    /// The latest job about the thing of this kind with this id.
    pub(crate) fn job_about(&mut self, kind: &str, id: &str) -> Result<Option<Job>, Fault> {
        let tail = "WHERE instance = ? AND instance_type = ? ORDER BY id DESC";
        Ok(self.tx.first(tail, &[id.into(), kind.into()])?)
    }
}

/// What CloudStack calls the kind of thing that a job or an event is about
/// (`ApiCommandResourceType`).
pub(crate) const fn resource_type(kind: EntityKind) -> Option<&'static str> {
    Some(match kind {
        EntityKind::Account => "Account",
        EntityKind::Address | EntityKind::Quarantine => "IpAddress",
        EntityKind::Acl => "NetworkAcl",
        EntityKind::Domain => "Domain",
        EntityKind::Event
        | EntityKind::Job
        | EntityKind::Region
        | EntityKind::RoleRule
        | EntityKind::LoadBalancerMember
        | EntityKind::AddressUsage
        | EntityKind::UsageRecord
        | EntityKind::Alert
        | EntityKind::RouterNic
        | EntityKind::Tag => {
            return None;
        }
        EntityKind::Network => "Network",
        EntityKind::NetworkOffering => "NetworkOffering",
        EntityKind::PhysicalNetwork => "PhysicalNetwork",
        EntityKind::Pod => "Pod",
        EntityKind::PortableRange => "PortableIpAddress",
        EntityKind::FirewallRule | EntityKind::StaticNatRule => "FirewallRule",
        EntityKind::AclItem => "NetworkAclItem",
        EntityKind::GuestVlanRange => "GuestVlanRange",
        EntityKind::Role => "Role",
        EntityKind::TrafficType => "TrafficType",
        EntityKind::User => "User",
        EntityKind::VlanRange => "VlanIpRange",
        EntityKind::Vpc => "Vpc",
        EntityKind::VpcOffering => "VpcOffering",
        EntityKind::Zone => "Zone",
        EntityKind::Provider => "PhysicalNetworkServiceProvider",
        EntityKind::Project => "Project",
        EntityKind::ServiceOffering => "ServiceOffering",
        EntityKind::Template => "Template",
        EntityKind::Vm => "VirtualMachine",
        EntityKind::Nic => "Nic",
        EntityKind::SecondaryIp => "NicSecondaryIp",
        EntityKind::PortForwardingRule => "PortForwardingRule",
        EntityKind::LoadBalancerRule => "LoadBalancerRule",
        EntityKind::OsType => "GuestOs",
        EntityKind::DiskOffering => "DiskOffering",
        EntityKind::Element => "VirtualRouterProvider",
        EntityKind::PodRange | EntityKind::PodAddress => "Pod",
        EntityKind::StorageRange => "StorageNetworkIpRange",
        EntityKind::Router => "DomainRouter",
        EntityKind::SystemVm => "SystemVm",
        EntityKind::PrivateGateway => "PrivateGateway",
        EntityKind::StaticRoute => "StaticRoute",
        EntityKind::Ip6Prefix => "GuestNetworkIpv6Prefix",
        EntityKind::NetworkRule | EntityKind::RoutingRule => "FirewallRule",
        EntityKind::AsnRange | EntityKind::AsNumber => "ASNumberRange",
        EntityKind::BgpPeer => "BgpPeer",
        EntityKind::ZoneSubnet | EntityKind::NetworkSubnet => "DataCenterIpv4GuestSubnet",
    })
}
