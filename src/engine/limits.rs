//! Limits: how many of something an account and its domains may have, counted in the transaction
//! that makes it.

use crate::engine::{Cx, Guard, Owner};
use crate::model::{Account, Domain};
use crate::schema::{Exception, Fault};
use crate::store::{Counter, StoreError};
use std::sync::Arc;

/// What is limited (`Resource.ResourceType`).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Resource {
    /// Public addresses.
    PublicIp,
    /// Guest networks.
    Network,
    /// VPCs.
    Vpc,
    /// Projects that an account administers.
    Project,
    /// Virtual machines.
    UserVm,
}

impl Resource {
    /// All of them.
    pub(crate) const ALL: &'static [Self] =
        &[Self::PublicIp, Self::Network, Self::Vpc, Self::Project, Self::UserVm];

    /// CloudStack's name for it.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::PublicIp => "public_ip",
            Self::Network => "network",
            Self::Vpc => "vpc",
            Self::Project => "project",
            Self::UserVm => "user_vm",
        }
    }

    /// The ending of the settings `max.account.*`, `max.domain.*` and `max.project.*`.
    const fn setting(self) -> &'static str {
        match self {
            Self::PublicIp => "public.ips",
            Self::Network => "networks",
            Self::Vpc => "vpcs",
            Self::Project => "projects",
            Self::UserVm => "user.vms",
        }
    }
}

/// The row of the domain ROOT, which has no limits.
const ROOT: i64 = 1;
/// The limit that is none.
const UNLIMITED: i64 = -1;

impl Cx<'_> {
    /// Counts `change` more of a resource for the owner and all domains above it.
    pub(crate) fn count(
        &mut self,
        owner: Owner,
        resource: Resource,
        change: i64,
    ) -> Result<(), Fault> {
        let what = resource.word();
        self.tx.tally(Counter { owner: "account", id: owner.account_id, what }, change)?;
        for domain in self.domains_up(owner.domain_id)?.iter().copied() {
            self.tx.tally(Counter { owner: "domain", id: domain, what }, change)?;
        }
        Ok(())
    }

    /// How many of a resource an account has.
    pub(crate) fn counted(&mut self, account_id: i64, resource: Resource) -> Result<i64, Fault> {
        let what = resource.word();
        Ok(self.tx.counter(Counter { owner: "account", id: account_id, what })?)
    }

    /// Refuses what would give the owner, or a domain above it, more than its limit
    /// (`ResourceLimitManagerImpl.checkResourceLimit`): `ResourceAllocationException`, 535.
    pub(crate) fn check_limit(
        &mut self,
        owner: Owner,
        resource: Resource,
        more: i64,
    ) -> Result<(), Fault> {
        let account: Account = self.must(owner.account_id)?;
        if account.is_root() {
            return Ok(());
        }
        let scope = if account.is_project() { "project" } else { "account" };
        let max = self.limit("account", scope, account.id, resource)?;
        // Who has no limit needs not be counted: that would keep others from counting.
        if max != UNLIMITED {
            let counter = Counter { owner: "account", id: account.id, what: resource.word() };
            let have = self.tx.counter_below(counter, max)?;
            refuse_over(max, have, more, resource, &format!("account {}", account.name))?;
        }
        for domain in self.domains_up(owner.domain_id)?.iter().copied() {
            self.check_domain_limit(domain, resource, more)?;
        }
        Ok(())
    }

    /// The same for one domain.
    pub(crate) fn check_domain_limit(
        &mut self,
        domain: i64,
        resource: Resource,
        more: i64,
    ) -> Result<(), Fault> {
        if domain == ROOT {
            return Ok(());
        }
        let what = resource.word();
        let max = self.limit("domain", "domain", domain, resource)?;
        if max == UNLIMITED {
            return Ok(());
        }
        let have = self.tx.counter_below(Counter { owner: "domain", id: domain, what }, max)?;
        let path = self.must::<Domain>(domain)?.path;
        let fault = refuse_over(max, have, more, resource, &format!("domain {path}"));
        if fault.is_err() && !self.may_count(domain)? {
            return Err(full(resource));
        }
        fault
    }

    /// Whether the caller may learn how much the accounts of a domain have together.
    fn may_count(&mut self, domain: i64) -> Result<bool, Fault> {
        let admin = self.caller.is_root() || self.caller.is_domain_admin();
        Ok(admin && self.may_use(Guard::Domain(domain))?)
    }

    /// The limit that was set for an owner, else the default of its kind; -1 for none.
    pub(crate) fn limit(
        &mut self,
        owner: &'static str,
        scope: &str,
        id: i64,
        resource: Resource,
    ) -> Result<i64, Fault> {
        let what = resource.word();
        let known = self.tx.memo((owner, what, id), |tx| {
            tx.one::<i64>(
                "SELECT max FROM resource_limit WHERE owner = ? AND owner_id = ? AND what = ?",
                &[owner.into(), id.into(), what.into()],
            )
        })?;
        match *known {
            Some(max) => Ok(max),
            // There are no projects of projects.
            None if scope == "project" && resource == Resource::Project => Ok(UNLIMITED),
            None => self.setting_int(&format!("max.{scope}.{}", resource.setting())),
        }
    }

    /// A domain and all above it, the nearest first.
    pub(crate) fn domains_up(&mut self, domain_id: i64) -> Result<Arc<Vec<i64>>, Fault> {
        Ok(self.tx.memo(("domains up", "", domain_id), |tx| {
            let mut path = vec![domain_id];
            let mut at = domain_id;
            while at != ROOT {
                let sql = "SELECT parent_id FROM domain WHERE id = ?";
                match tx.one::<Option<i64>>(sql, &[at.into()])?.flatten() {
                    Some(parent) if !path.contains(&parent) => {
                        path.push(parent);
                        at = parent;
                    }
                    _ => break,
                }
            }
            Ok::<_, StoreError>(path)
        })?)
    }
}

/// The refusal for those who may not know how much others have.
fn full(resource: Resource) -> Fault {
    let what = resource.word();
    let text = format!(
        "Maximum number of {what} for the domain would be exceeded; ask an admin of the domain"
    );
    Fault::new(Exception::ResourceAllocation, text)
}

fn refuse_over(
    max: i64,
    have: i64,
    more: i64,
    resource: Resource,
    whose: &str,
) -> Result<(), Fault> {
    if have.saturating_add(more) <= max {
        return Ok(());
    }
    let what = resource.word();
    Err(Fault::new(
        Exception::ResourceAllocation,
        format!(
            "Maximum number of {what} for the {whose} would be exceeded: {have} in use, \
                 {more} more wanted, {max} allowed"
        ),
    ))
}
