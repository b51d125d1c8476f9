//! Limits that were set, and counters that are counted anew (`ResourceLimitManagerImpl`).

use crate::engine::owners::domains::BELOW;
use crate::engine::{Cx, Resource};
use crate::model::{Account, Cell, Domain, EntityKind, RoleKind};
use crate::schema::{Exception, Fault};
use crate::store::Counter;
use crate::text::quoted;

/// A kind of thing that CloudStack limits (`Resource.ResourceType`).
#[derive(Clone, Copy, Debug)]
pub(crate) struct ResourceType {
    /// Its number on the wire.
    pub(crate) number: u32,
    /// Its name on the wire.
    pub(crate) name: &'static str,
}

impl ResourceType {
    /// What is counted under this name; none of what there is not here.
    pub(crate) fn counted(&self) -> Option<Resource> {
        Resource::ALL.iter().copied().find(|resource| resource.word() == self.name)
    }

    /// The one that a parameter means.
    pub(crate) fn of(number: u32) -> Result<&'static Self, Fault> {
        TYPES.iter().find(|one| one.number == number).ok_or_else(|| {
            let most = TYPES.len().saturating_sub(1);
            Fault::invalid(format!(
                "Invalid parameter resourcetype: there is no type {number}; they go from 0 to \
                 {most}, public_ip is 1, network 6 and vpc 7"
            ))
        })
    }
}

/// All of them, by number.
pub(crate) const TYPES: &[ResourceType] = &[
    ResourceType { number: 0, name: "user_vm" },
    ResourceType { number: 1, name: "public_ip" },
    ResourceType { number: 2, name: "volume" },
    ResourceType { number: 3, name: "snapshot" },
    ResourceType { number: 4, name: "template" },
    ResourceType { number: 5, name: "project" },
    ResourceType { number: 6, name: "network" },
    ResourceType { number: 7, name: "vpc" },
    ResourceType { number: 8, name: "cpu" },
    ResourceType { number: 9, name: "memory" },
    ResourceType { number: 10, name: "primary_storage" },
    ResourceType { number: 11, name: "secondary_storage" },
    ResourceType { number: 12, name: "backup" },
    ResourceType { number: 13, name: "backup_storage" },
    ResourceType { number: 14, name: "bucket" },
    ResourceType { number: 15, name: "object_storage" },
    ResourceType { number: 16, name: "gpu" },
];

/// The limit that is none.
const UNLIMITED: i64 = -1;

/// Whose limit it is.
#[derive(Clone, Debug)]
pub(crate) enum LimitOf {
    /// An account's, or a project's.
    Account(Account),
    /// A domain's.
    Domain(Domain),
}

impl LimitOf {
    const fn key(&self) -> (&'static str, i64) {
        match self {
            Self::Account(account) => ("account", account.id),
            Self::Domain(domain) => ("domain", domain.id),
        }
    }

    /// What a person calls it.
    fn name(&self) -> String {
        match self {
            Self::Account(account) => format!("the account {}", account.name),
            Self::Domain(domain) => format!("the domain {}", domain.path),
        }
    }
}

/// How much an owner may have: what was set, else the default; -1 for any amount.
pub(crate) fn shown_limit(
    cx: &mut Cx<'_>,
    of: &LimitOf,
    kind: &ResourceType,
) -> Result<i64, Fault> {
    let (owner, id) = of.key();
    let scope = match of {
        LimitOf::Account(account) if account.is_root() => return Ok(UNLIMITED),
        LimitOf::Account(account) if account.is_project() => "project",
        LimitOf::Account(_) => "account",
        LimitOf::Domain(domain) if domain.parent_id.is_none() => return Ok(UNLIMITED),
        LimitOf::Domain(_) => "domain",
    };
    match kind.counted() {
        Some(resource) => cx.limit(owner, scope, id, resource),
        None => Ok(cx
            .tx
            .one(
                "SELECT max FROM resource_limit WHERE owner = ? AND owner_id = ? AND what = ?",
                &[owner.into(), id.into(), kind.name.into()],
            )?
            .unwrap_or(UNLIMITED)),
    }
}

/// Sets how much an owner may have (`updateResourceLimit`); -1 for any amount.
pub(crate) fn set_limit(
    cx: &mut Cx<'_>,
    of: &LimitOf,
    kind: &ResourceType,
    max: i64,
) -> Result<(), Fault> {
    if max < UNLIMITED {
        return Err(Fault::invalid(
            "Invalid parameter max: a limit is at least 0, or -1 for any amount",
        ));
    }
    let above = match of {
        LimitOf::Account(account) => check_account(cx, account, max)?,
        LimitOf::Domain(domain) => check_domain(cx, domain)?,
    };
    if let Some(above) = above {
        let most = shown_limit(cx, &LimitOf::Domain(above.clone()), kind)?;
        if most >= 0 && max > most {
            let (what, path) = (kind.name, quoted(&above.path));
            return Err(Fault::invalid(format!(
                "Invalid parameter max: the domain {path} may have {most} of {what}, so give at \
                 most {most}"
            )));
        }
    }
    let (owner, id) = of.key();
    let args: [Cell; 3] = [owner.into(), id.into(), kind.name.into()];
    let sql = "DELETE FROM resource_limit WHERE owner = ? AND owner_id = ? AND what = ?";
    cx.tx.run(sql, &args)?;
    let [owner, id, what] = args;
    let sql = "INSERT INTO resource_limit (owner, owner_id, what, max) VALUES (?, ?, ?, ?)";
    cx.tx.run(sql, &[owner, id, what, max.into()])?;
    concerns(cx, of, &format!("limiting {} to {max} for {}", kind.name, of.name()));
    Ok(())
}

fn denied(text: String) -> Fault {
    Fault::new(Exception::PermissionDenied, text)
}

/// The domain whose limit an account's may not exceed. Nobody but root sets one's own limits.
fn check_account(cx: &mut Cx<'_>, account: &Account, max: i64) -> Result<Option<Domain>, Fault> {
    if account.id == Account::SYSTEM {
        return Err(Fault::invalid("Invalid parameter account: `system` has no limits"));
    }
    if account.is_root() && max != UNLIMITED {
        let name = quoted(&account.name);
        let text = format!("Invalid parameter max: {name} is a root admin, whose limit is -1");
        return Err(Fault::invalid(text));
    }
    if account.id == cx.caller.account_id && cx.caller.kind != RoleKind::Admin {
        let text = format!("The account {} cannot change its own limits", account.name);
        return Err(denied(text));
    }
    let domain: Domain = cx.must(account.domain_id)?;
    Ok(Some(domain))
}

/// The domain above, whose limit a domain's may not exceed. ROOT has no limits, and admins of a
/// domain do not set its own.
fn check_domain(cx: &mut Cx<'_>, domain: &Domain) -> Result<Option<Domain>, Fault> {
    let Some(parent) = domain.parent_id else {
        return Err(denied("The domain ROOT has no limits".into()));
    };
    if !cx.caller.is_root() && domain.id == cx.caller.domain_id {
        let text = format!("The limits of {} are set by the admins above it", domain.path);
        return Err(denied(text));
    }
    cx.must(parent).map(Some)
}

fn concerns(cx: &mut Cx<'_>, of: &LimitOf, what: &str) {
    let owner = cx.caller_owner();
    let kind = match of {
        LimitOf::Account(_) => EntityKind::Account,
        LimitOf::Domain(_) => EntityKind::Domain,
    };
    cx.concerns(kind, (0, of.key().1), owner, what);
}

/// Counts the rows anew that an owner has of something, and puts right its counter and those of
/// all domains that count them too; returns how many there are.
pub(crate) fn recount(cx: &mut Cx<'_>, of: &LimitOf, resource: Resource) -> Result<i64, Fault> {
    let (accounts, lowest): (Vec<Account>, i64) = match of {
        LimitOf::Account(account) => (vec![account.clone()], account.domain_id),
        LimitOf::Domain(domain) => {
            let path: Cell = domain.path.as_str().into();
            let inside = format!("WHERE domain_id IN ({BELOW}) ORDER BY id");
            (cx.tx.select(&inside, &[path.clone(), path])?, domain.id)
        }
    };
    for account in &accounts {
        let rows = rows(cx, resource, "= ?", &[account.id.into()])?;
        put_right(cx, Counter { owner: "account", id: account.id, what: resource.word() }, rows)?;
    }
    let mut domains: Vec<i64> = cx.domains_up(lowest)?.to_vec();
    if let LimitOf::Domain(domain) = of {
        let path: Cell = domain.path.as_str().into();
        let inside = format!("WHERE id IN ({BELOW})");
        let below: Vec<Domain> = cx.tx.select(&inside, &[path.clone(), path])?;
        domains.extend(below.iter().map(|below| below.id).filter(|id| *id != lowest));
    }
    for id in domains {
        let path: Cell = cx.must::<Domain>(id)?.path.as_str().into();
        let inside = format!("IN (SELECT id FROM account WHERE domain_id IN ({BELOW}))");
        let rows = rows(cx, resource, &inside, &[path.clone(), path])?;
        put_right(cx, Counter { owner: "domain", id, what: resource.word() }, rows)?;
    }
    concerns(cx, of, &format!("counting {} of {}", resource.word(), of.name()));
    let (owner, id) = of.key();
    Ok(cx.tx.counter(Counter { owner, id, what: resource.word() })?)
}

fn put_right(cx: &mut Cx<'_>, counter: Counter, rows: i64) -> Result<(), Fault> {
    let known = cx.tx.counter(counter)?;
    if known != rows {
        cx.tx.tally(counter, rows - known)?;
    }
    Ok(())
}

/// How many rows of something belong to the accounts for which the condition holds.
fn rows(cx: &mut Cx<'_>, what: Resource, whose: &str, args: &[Cell]) -> Result<i64, Fault> {
    let mut sum = 0;
    for sql in counted_rows(what) {
        let found: Option<i64> = cx.tx.one(&sql.replace("{whose}", whose), args)?;
        sum += found.unwrap_or(0);
    }
    Ok(sum)
}

/// The statements that count rows as the counters do: a range that is dedicated to an account
/// counts as a whole, and its addresses do not count one by one.
const fn counted_rows(what: Resource) -> &'static [&'static str] {
    match what {
        Resource::PublicIp => &[
            "SELECT COUNT(*) FROM address a JOIN vlan_range r ON r.id = a.range_id \
             WHERE r.account_id IS NULL AND r.portable = 0 AND (a.network_id IS NOT NULL \
             OR a.vpc_id IS NOT NULL OR a.state = 4) AND a.account_id {whose}",
            "SELECT COALESCE(SUM(last - first + 1), 0) FROM vlan_range \
             WHERE removed IS NULL AND account_id {whose}",
        ],
        Resource::Network => {
            &["SELECT COUNT(*) FROM network WHERE traffic_type = 'Guest' AND removed IS NULL \
             AND account_id {whose}"]
        }
        Resource::Vpc => &["SELECT COUNT(*) FROM vpc WHERE removed IS NULL AND account_id {whose}"],
        Resource::Project => &["SELECT COUNT(*) FROM project_member m \
             JOIN project p ON p.id = m.project_id \
             WHERE p.removed IS NULL AND m.role = 'Admin' AND m.account_id {whose}"],
        Resource::UserVm => &["SELECT COUNT(*) FROM vm WHERE removed IS NULL \
             AND state NOT IN ('Destroyed', 'Expunging', 'Error') AND account_id {whose}"],
    }
}
