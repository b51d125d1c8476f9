//! How much accounts, domains and projects may have, and how much they have.

use crate::api::names::shown_path;
use crate::api::owned::Owned;
use crate::api::owner_view::OwnerView;
use crate::api::paging::{Paged, cut};
use crate::api::{Rows, api};
use crate::engine::owners::{self, LimitOf, ResourceType, TYPES};
use crate::engine::{Cx, Guard, Owner};
use crate::model::{Account, Domain, Project};
use crate::schema::{Fault, Id, Text, view};

view! {
    /// How much of something an owner may have.
    LimitView in "ResourceLimitResponse" shows ["resourcetypename", "max", "account", "domain"] {
        /// the number of the type of resource
        resourcetype: String,
        /// the name of the type of resource
        resourcetypename: &'static str,
        /// how much there may be; -1 for any amount
        max: i64,
        ..owner: OwnerView,
    }
}

view! {
    /// How much of something an owner has.
    CountView in "ResourceCountResponse" shows ["resourcetypename", "resourcecount", "account",
        "domain"] {
        /// the number of the type of resource
        resourcetype: String,
        /// the name of the type of resource
        resourcetypename: &'static str,
        /// how much there is
        resourcecount: i64,
        ..owner: OwnerView,
    }
}

api! {
    /// Sets how much of something an account, a domain or a project may have.
    now object "updateResourceLimit" {
        key: "resourcelimit", event: "RESOURCE.LIMIT.UPDATE",
        example: "update resource limit domainid=dev resourcetype=1 max=100",
    } => update -> LimitView;
    UpdateResourceLimit {
        /// the type of resource: 1 public addresses, 5 projects, 6 networks, 7 VPCs; the others
        /// limit nothing here
        resourcetype: u32,
        /// how much there may be; -1, and nothing, for any amount
        max: Option<i64>,
        /// the name of the account; needs domainid
        account: Option<Text>,
        /// the domain, of the account or by itself
        domainid: Option<Id<Domain>>,
        /// the project
        projectid: Option<Id<Project>>,
    }
}

fn update(cx: &mut Cx<'_>, args: &UpdateResourceLimit) -> Result<LimitView, Fault> {
    let of = whose(cx, (args.account.as_ref(), args.domainid.as_ref(), args.projectid.as_ref()))?;
    let of = of.ok_or_else(|| {
        let text = "One of the parameters domainid, account with domainid, and projectid must be \
                    given";
        Fault::invalid(text)
    })?;
    if let Some(project) = &args.projectid {
        check_administers(cx, project)?;
    }
    let kind = ResourceType::of(args.resourcetype)?;
    owners::set_limit(cx, &of, kind, args.max.unwrap_or(-1))?;
    show_limit(cx, &of, kind)
}

/// Whose limits are meant, where anybody is named. The caller must have access.
fn whose(
    cx: &mut Cx<'_>,
    named: (Option<&Text>, Option<&Id<Domain>>, Option<&Id<Project>>),
) -> Result<Option<LimitOf>, Fault> {
    match named {
        (None, None, None) => Ok(None),
        (None, Some(domain), None) => Ok(Some(LimitOf::Domain(cx.find(domain)?))),
        (account, domain, project) => {
            let account = account.map(|account| &**account);
            let owner = match project {
                // Of a suspended project limits are shown and set too.
                Some(project) if account.is_none() && domain.is_none() => {
                    cx.find(project)?.account_id
                }
                _ => cx.owner(account, domain, project)?.account_id,
            };
            Ok(Some(LimitOf::Account(cx.must(owner)?)))
        }
    }
}

/// Members of a project do not set its limits.
fn check_administers(cx: &mut Cx<'_>, project: &Id<Project>) -> Result<(), Fault> {
    let project: Project = cx.find(project)?;
    let above = cx.caller.is_domain_admin() && cx.may_use(Guard::Domain(project.domain_id))?;
    if cx.caller.is_root() || above {
        return Ok(());
    }
    let own: Account = cx.must(cx.caller.account_id)?;
    Err(cx.denied(&own))
}

api! {
    /// Lists how much an account, a domain or a project may have.
    now list "listResourceLimits" {
        key: "resourcelimit", example: "list resource limits resourcetype=1",
    } => list -> LimitView;
    ListResourceLimits {
        /// the number of the type of resource
        resourcetype: Option<u32>,
        /// the name of the type of resource, as `public_ip`
        resourcetypename: Option<Text>,
        ..owned: Owned,
        ..paged: Paged,
    }
}

fn list(cx: &mut Cx<'_>, args: &ListResourceLimits) -> Result<Rows<LimitView>, Fault> {
    let owned = &args.owned;
    let named = (owned.account.as_ref(), owned.domainid.as_ref(), owned.projectid.as_ref());
    let of = match whose(cx, named)? {
        Some(of) => of,
        None => LimitOf::Account(cx.must(cx.caller.account_id)?),
    };
    let only = args.resourcetype.map(ResourceType::of).transpose()?.map(|kind| kind.number);
    let name = args.resourcetypename.as_deref();
    let wanted = |kind: &&ResourceType| {
        only.is_none_or(|number| number == kind.number)
            && name.is_none_or(|name| name.eq_ignore_ascii_case(kind.name))
            && args.paged.keyword.as_deref().is_none_or(|word| kind.name.contains(word))
    };
    let kinds: Vec<&ResourceType> = TYPES.iter().filter(wanted).collect();
    let total = kinds.len() as u64;
    let kinds = cut(kinds, args.paged.page()?).into_iter();
    let rows = kinds.map(|kind| show_limit(cx, &of, kind)).collect::<Result<_, _>>()?;
    Ok(Rows { rows, total })
}

api! {
    /// Counts anew how much an account, a domain or a project has.
    now list "updateResourceCount" {
        key: "resourcecount", event: "RESOURCE.COUNT.UPDATE",
        example: "update resource count domainid=ROOT",
    } => count -> CountView;
    UpdateResourceCount {
        /// the domain, of the account or by itself
        domainid: Id<Domain>,
        /// the name of the account
        account: Option<Text>,
        /// the project, instead of domain and account
        projectid: Option<Id<Project>>,
        /// the type of resource; all when nothing is said
        resourcetype: Option<u32>,
    }
}

fn count(cx: &mut Cx<'_>, args: &UpdateResourceCount) -> Result<Rows<CountView>, Fault> {
    let domain = cx.find(&args.domainid)?;
    let of = match (&args.account, &args.projectid) {
        (None, None) => LimitOf::Domain(domain),
        (account, None) => {
            let owner = cx.owner(account.as_deref(), Some(&args.domainid), None)?;
            LimitOf::Account(cx.must(owner.account_id)?)
        }
        (None, Some(project)) => {
            let owner = cx.find(project)?.account_id;
            LimitOf::Account(cx.must(owner)?)
        }
        (Some(_), Some(_)) => {
            return Err(Fault::invalid("Parameters account and projectid exclude each other"));
        }
    };
    let only = args.resourcetype.map(ResourceType::of).transpose()?.map(|kind| kind.number);
    let kinds = TYPES.iter().filter(|kind| only.is_none_or(|number| number == kind.number));
    let mut rows = Vec::new();
    for kind in kinds {
        let count = match kind.counted() {
            Some(resource) => owners::recount(cx, &of, resource)?,
            None => 0,
        };
        rows.push(CountView {
            resourcetype: kind.number.to_string(),
            resourcetypename: kind.name,
            resourcecount: count,
            owner: show_owner(cx, &of)?,
        });
    }
    let total = rows.len() as u64;
    Ok(Rows { rows, total })
}

fn show_limit(cx: &mut Cx<'_>, of: &LimitOf, kind: &ResourceType) -> Result<LimitView, Fault> {
    Ok(LimitView {
        resourcetype: kind.number.to_string(),
        resourcetypename: kind.name,
        max: owners::shown_limit(cx, of, kind)?,
        owner: show_owner(cx, of)?,
    })
}

fn show_owner(cx: &mut Cx<'_>, of: &LimitOf) -> Result<OwnerView, Fault> {
    match of {
        LimitOf::Account(account) => {
            let owner = Owner { account_id: account.id, domain_id: account.domain_id };
            OwnerView::of(cx, owner)
        }
        LimitOf::Domain(domain) => Ok(OwnerView {
            account: None,
            projectid: None,
            project: None,
            domainid: cx.uid::<Domain>(domain.id),
            domain: domain.name.clone(),
            domainpath: shown_path(&domain.path),
        }),
    }
}

#[cfg(test)]
mod tests;
