//! Domains: made, changed, moved and deleted.

use crate::api::domains::{DomainView, show};
use crate::api::paging::Paged;
use crate::api::{Rows, api};
use crate::engine::{Cx, owners};
use crate::model::{Domain, RoleKind};
use crate::schema::{Fault, Id, Text};

/// The row of the domain ROOT.
pub(crate) const ROOT: i64 = 1;
/// Who may make and delete domains.
const MAKERS: &[RoleKind] = &[RoleKind::Admin, RoleKind::DomainAdmin];

/// Refuses an id that somebody chose: they are the installation's.
pub(crate) fn refuse_chosen_id(given: Option<&Text>, param: &str) -> Result<(), Fault> {
    if given.is_none() {
        return Ok(());
    }
    let text = format!("Parameter {param} cannot be given: ids are made by the installation");
    Err(Fault::invalid(text))
}

api! {
    /// Makes a domain below another.
    now object "createDomain" {
        key: "domain", event: "DOMAIN.CREATE", roles: MAKERS,
        example: "create domain name=dev",
    } => create -> DomainView;
    CreateDomain {
        /// the name, which no other domain below the same one has
        name: Text,
        /// the domain above; ROOT when nothing is said
        parentdomainid: Option<Id<Domain>>,
        /// the DNS domain of its networks
        networkdomain: Option<String>,
        /// an id of one's own choice, which is refused
        domainid: Option<Text>,
    }
}

fn create(cx: &mut Cx<'_>, args: &CreateDomain) -> Result<DomainView, Fault> {
    refuse_chosen_id(args.domainid.as_ref(), "domainid")?;
    let parent = match &args.parentdomainid {
        Some(parent) => cx.find(parent)?,
        None => cx.must(ROOT)?,
    };
    cx.check_access(&parent)?;
    let made = owners::create_domain(cx, &parent, &args.name, args.networkdomain.as_deref())?;
    show(cx, made)
}

api! {
    /// Changes the name of a domain or the DNS domain of its networks.
    now object "updateDomain" {
        key: "domain", event: "DOMAIN.UPDATE", example: "update domain id=ROOT networkdomain=corp",
    } => update -> DomainView;
    UpdateDomain {
        /// the id of the domain
        id: Id<Domain>,
        /// the new name, which no other domain below the same one has
        name: Option<Text>,
        /// the DNS domain of its networks; empty for none
        networkdomain: Option<String>,
    }
}

fn update(cx: &mut Cx<'_>, args: &UpdateDomain) -> Result<DomainView, Fault> {
    let domain = cx.find(&args.id)?;
    let (name, dns) = (args.name.as_deref(), args.networkdomain.as_deref());
    let changed = owners::update_domain(cx, domain, name, dns)?;
    show(cx, changed)
}

api! {
    /// Moves a domain with all below it below another.
    now object "moveDomain" {
        key: "domain", event: "DOMAIN.MOVE", roles: &[RoleKind::Admin], since: "4.19.0",
        example: "move domain domainid=dev parentdomainid=ROOT",
    } => move_below -> DomainView;
    MoveDomain {
        /// the id of the domain that moves
        domainid: Id<Domain>,
        /// the domain that is above it from now on
        parentdomainid: Id<Domain>,
    }
}

fn move_below(cx: &mut Cx<'_>, args: &MoveDomain) -> Result<DomainView, Fault> {
    let domain = cx.find(&args.domainid)?;
    let parent = cx.find(&args.parentdomainid)?;
    let moved = owners::move_domain(cx, domain, &parent)?;
    show(cx, moved)
}

api! {
    /// Deletes a domain that is empty, or with all that it holds.
    job success "deleteDomain" {
        event: "DOMAIN.DELETE", roles: MAKERS, example: "delete domain id=dev cleanup=true",
    } => delete;
    DeleteDomain {
        /// the id of the domain
        id: Id<Domain>,
        /// true to delete its accounts, with all that they own, and the domains below too
        cleanup: Option<bool>,
    }
}

fn delete(cx: &mut Cx<'_>, args: &DeleteDomain) -> Result<(), Fault> {
    let domain = cx.find(&args.id)?;
    owners::delete_domain(cx, &domain, args.cleanup == Some(true))
}

api! {
    /// Lists the domains below a domain.
    now list "listDomainChildren" {
        key: "domain", example: "list domain children isrecursive=true",
    } => children -> DomainView;
    ListDomainChildren {
        /// the domain above; the caller's own when nothing is said
        id: Option<Id<Domain>>,
        /// the name of the domain
        name: Option<Text>,
        /// true for all levels below it, false for the first
        isrecursive: Option<bool>,
        /// true for all domains below that the caller may see
        listall: Option<bool>,
        ..paged: Paged,
    }
}

fn children(cx: &mut Cx<'_>, args: &ListDomainChildren) -> Result<Rows<DomainView>, Fault> {
    let top: Domain = match &args.id {
        Some(id) => cx.find(id)?,
        None => cx.must(cx.caller.domain_id)?,
    };
    let deep = args.isrecursive.unwrap_or(args.id.is_none() && args.listall == Some(true));
    let mut filter = args.paged.filter();
    if deep {
        let (below, values) = crate::engine::in_domain("id", &top, true);
        filter.holds(&below, values);
        filter.holds("id <> ?", [top.id.into()]);
    } else {
        filter.is("parent_id", Some(top.id));
    }
    filter.is("name", args.name.as_deref().map(str::to_owned));
    filter.keyword(&["name"]);
    let (found, total) = filter.living::<Domain>(cx, "path")?;
    let rows = found.into_iter().map(|domain| show(cx, domain)).collect::<Result<_, _>>()?;
    Ok(Rows { rows, total })
}

#[cfg(test)]
mod tests;
