//! Who may do what to whose things (`AccountManagerImpl.checkAccess`, `DomainChecker`).
//!
//! Looking a thing up by its id is asking for access to it: [`Cx::find`] refuses what the caller
//! may not use, so no use case can forget to ask.

mod default_rules;
mod roles;
mod scope;

pub(crate) use roles::{default_rules, may_call};
pub(crate) use scope::{Asked, Scope, in_domain};

use crate::engine::{Cx, Owner};
use crate::model::{
    Account, Acl, AclItem, AsnRange, BgpPeer, DiskOffering, Domain, Element, Event, FirewallRule,
    GuestVlanRange, Ip6Prefix, Job, LoadBalancerRule, Network, NetworkOffering, NetworkRule,
    NetworkSubnet, Nic, PhysicalNetwork, Pod, PortForwardingRule, PortableRange, PrivateGateway,
    Project, Provider, Quarantine, Role, RoleKind, RoleRule, SecondaryIp, ServiceOffering,
    StaticNatRule, StaticRoute, StorageRange, Template, TrafficType, User, VlanRange, Vm, Vpc,
    VpcOffering, Zone, ZoneSubnet,
};
use crate::schema::{Exception, Fault};

/// Who may use a thing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Guard {
    /// Whoever may call what uses it.
    Everybody,
    /// An account, the members of the project whose account it is, and the admins above.
    Account(i64),
    /// The same, of a VPC.
    Vpc(i64),
    /// The same, of an ACL list.
    Acl(i64),
    /// The same, of a virtual machine.
    Vm(i64),
    /// A domain's accounts, and the admins of the domains above.
    Domain(i64),
    /// A domain's accounts, those of the domains below, and the admins of the domains above.
    Below(i64),
    /// Root admins only.
    Root,
}

/// A thing of which is known who may use it.
pub(crate) trait Guarded {
    /// Who may use it.
    fn guard(&self) -> Guard;
}

macro_rules! guarded {
    ($( $entity:ty: |$thing:ident| $guard:expr; )+) => { $( impl Guarded for $entity {
        fn guard(&self) -> Guard {
            let $thing = self;
            $guard
        }
    } )+ };
}
guarded! {
    Account: |account| Guard::Account(account.id);
    AclItem: |item| Guard::Acl(item.acl_id);
    AsnRange: |_range| Guard::Everybody;
    BgpPeer: |_peer| Guard::Everybody;
    Ip6Prefix: |_prefix| Guard::Everybody;
    NetworkRule: |rule| Guard::Account(rule.account_id);
    NetworkSubnet: |_subnet| Guard::Everybody;
    ZoneSubnet: |_subnet| Guard::Everybody;
    FirewallRule: |rule| Guard::Account(rule.account_id);
    Acl: |acl| acl.vpc_id.map_or(Guard::Everybody, Guard::Vpc);
    DiskOffering: |_offering| Guard::Everybody;
    Domain: |domain| Guard::Domain(domain.id);
    Element: |_element| Guard::Everybody;
    Event: |event| Guard::Account(event.account_id);
    Job: |job| Guard::Account(job.account_id);
    LoadBalancerRule: |rule| Guard::Account(rule.account_id);
    Network: |network| match network.system {
        true => Guard::Everybody,
        false => Guard::Account(network.account_id),
    };
    NetworkOffering: |_offering| Guard::Everybody;
    Nic: |nic| Guard::Vm(nic.vm_id);
    PhysicalNetwork: |_physical| Guard::Everybody;
    Pod: |_pod| Guard::Everybody;
    PortForwardingRule: |rule| Guard::Account(rule.account_id);
    PortableRange: |_range| Guard::Everybody;
    PrivateGateway: |gateway| Guard::Account(gateway.account_id);
    Project: |project| Guard::Account(project.account_id);
    Provider: |_provider| Guard::Everybody;
    Role: |role| match role.kind != RoleKind::Admin && role.is_public {
        true => Guard::Everybody,
        false => Guard::Root,
    };
    RoleRule: |_rule| Guard::Everybody;
    SecondaryIp: |ip| Guard::Account(ip.account_id);
    ServiceOffering: |_offering| Guard::Everybody;
    StaticRoute: |route| Guard::Account(route.account_id);
    StaticNatRule: |rule| Guard::Account(rule.account_id);
    StorageRange: |_range| Guard::Everybody;
    Template: |template| match template.is_public {
        true => Guard::Everybody,
        false => Guard::Account(template.account_id),
    };
    TrafficType: |_traffic| Guard::Everybody;
    User: |user| Guard::Account(user.account_id);
    Quarantine: |kept| Guard::Account(kept.account_id);
    GuestVlanRange: |range| Guard::Account(range.account_id);
    VlanRange: |range| range.guard();
    Vm: |vm| Guard::Account(vm.account_id);
    Vpc: |vpc| Guard::Account(vpc.account_id);
    VpcOffering: |_offering| Guard::Everybody;
    Zone: |zone| zone.domain_id.map_or(Guard::Everybody, Guard::Below);
}

impl VlanRange {
    /// Whether it was dedicated to anybody.
    pub(crate) fn is_dedicated(&self) -> bool {
        self.account_id.is_some() || self.domain_id.is_some()
    }

    /// Whether it was dedicated to the account, or to exactly its domain.
    pub(crate) fn is_dedicated_to(&self, owner: Owner) -> bool {
        match self.account_id {
            Some(account) => account == owner.account_id,
            None => self.domain_id == Some(owner.domain_id),
        }
    }

    /// A range that was dedicated is for whom it was dedicated to.
    pub(crate) fn guard(&self) -> Guard {
        match (self.account_id, self.domain_id) {
            (Some(account), _) => Guard::Account(account),
            (None, Some(domain)) => Guard::Below(domain),
            (None, None) => Guard::Everybody,
        }
    }
}

impl Cx<'_> {
    /// Whether the caller may use what is guarded so.
    pub(crate) fn may_use(&mut self, guard: Guard) -> Result<bool, Fault> {
        if self.caller.is_root() {
            return Ok(true);
        }
        match guard {
            Guard::Everybody => Ok(true),
            Guard::Root => Ok(false),
            Guard::Account(id) => {
                let account: Account = self.must(id)?;
                self.may_use_account(&account)
            }
            Guard::Vpc(id) => {
                let vpc: Vpc = self.must(id)?;
                self.may_use(vpc.guard())
            }
            Guard::Acl(id) => {
                let acl: Acl = self.must(id)?;
                self.may_use(acl.guard())
            }
            Guard::Vm(id) => {
                let vm: Vm = self.must(id)?;
                self.may_use(vm.guard())
            }
            Guard::Domain(id) => self.may_use_domain(id),
            Guard::Below(id) => {
                let above = self.domains_up(self.caller.domain_id)?;
                Ok(above.contains(&id) || self.may_use_domain(id)?)
            }
        }
    }

    /// Refuses what the caller may not use: `PermissionDeniedException`, 531. What it is, or whose,
    /// is not told.
    pub(crate) fn check_guard(&mut self, guard: Guard) -> Result<(), Fault> {
        if self.may_use(guard)? {
            return Ok(());
        }
        let account: Account = self.must(self.caller.account_id)?;
        Err(self.denied(&account))
    }

    /// The fault of an account that wants what is not its own.
    pub(crate) fn denied(&self, account: &Account) -> Fault {
        let (name, command) = (&account.name, self.command);
        let text = format!("{command}: the account {name} has no permission for this resource");
        Fault::new(Exception::PermissionDenied, text)
    }

    /// The same for a thing that is at hand.
    pub(crate) fn check_access(&mut self, thing: &impl Guarded) -> Result<(), Fault> {
        self.check_guard(thing.guard())
    }

    /// Whether the caller is the account, a member of its project, or an admin above it.
    fn may_use_account(&mut self, account: &Account) -> Result<bool, Fault> {
        if account.id == self.caller.account_id {
            return Ok(true);
        }
        if self.caller.is_domain_admin() && self.is_above(account.domain_id)? {
            return Ok(true);
        }
        if !account.is_project() {
            return Ok(false);
        }
        Ok(self.tx.one::<i64>(
            "SELECT 1 FROM project_member JOIN project ON project.id = project_id \
             WHERE project.account_id = ? AND project_member.account_id = ?",
            &[account.id.into(), self.caller.account_id.into()],
        )? == Some(1))
    }

    /// Users use their own domain only, admins also those below theirs.
    fn may_use_domain(&mut self, domain_id: i64) -> Result<bool, Fault> {
        if domain_id == self.caller.domain_id {
            return Ok(true);
        }
        Ok(self.caller.is_domain_admin() && self.is_above(domain_id)?)
    }

    /// Whether the caller's domain is this one or above it.
    fn is_above(&mut self, domain_id: i64) -> Result<bool, Fault> {
        Ok(self.domains_up(domain_id)?.contains(&self.caller.domain_id))
    }

    /// Whether an owner is one of those for whom a range is.
    pub(crate) fn is_for(&mut self, guard: Guard, owner: Owner) -> Result<bool, Fault> {
        Ok(match guard {
            Guard::Account(id) => id == owner.account_id,
            Guard::Below(id) => self.domains_up(owner.domain_id)?.contains(&id),
            _ => true,
        })
    }
}

#[cfg(test)]
mod tests;
