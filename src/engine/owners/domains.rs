//! Domains: a tree of groups of accounts. Whoever moves or renames one moves all below it.

use crate::engine::obstacles::Obstacles;
use crate::engine::owners::cleanup::remove_tree;
use crate::engine::owners::network_domain;
use crate::engine::{Cx, Resource};
use crate::model::{Account, Cell, Domain, EntityKind, Project, Zone};
use crate::schema::{Exception, Fault};
use crate::store::Counter;
use crate::text::quoted;

/// Makes a domain below another (`createDomain`).
pub(crate) fn create_domain(
    cx: &mut Cx<'_>,
    parent: &Domain,
    name: &str,
    dns: Option<&str>,
) -> Result<Domain, Fault> {
    check_name(cx, name, parent, 0, "name")?;
    let domain = Domain {
        id: 0,
        parent_id: Some(parent.id),
        name: name.to_owned(),
        path: format!("{}{name}/", parent.path),
        level: parent.level + 1,
        state: "Active".into(),
        network_domain: dns.map(network_domain).transpose()?.flatten(),
        created: cx.now,
        removed: None,
    };
    let domain = Domain { id: cx.tx.insert(&domain)?, ..domain };
    concerns(cx, &domain, "creating");
    Ok(domain)
}

/// Changes the name of a domain, and with it the paths of all below, or its DNS domain.
pub(crate) fn update_domain(
    cx: &mut Cx<'_>,
    domain: Domain,
    name: Option<&str>,
    dns: Option<&str>,
) -> Result<Domain, Fault> {
    let mut changed = domain.clone();
    if let Some(name) = name {
        let Some(parent) = domain.parent_id else {
            return Err(Fault::invalid("Invalid parameter name: ROOT cannot be renamed"));
        };
        let parent: Domain = cx.must(parent)?;
        check_name(cx, name, &parent, domain.id, "name")?;
        name.clone_into(&mut changed.name);
        changed.path = format!("{}{name}/", parent.path);
    }
    if let Some(dns) = dns {
        changed.network_domain = network_domain(dns)?;
    }
    carry_below(cx, &domain, &changed)?;
    cx.tx.save(&changed)?;
    concerns(cx, &changed, "updating");
    Ok(changed)
}

/// Moves a domain, with all below it, below another (`moveDomain`).
pub(crate) fn move_domain(
    cx: &mut Cx<'_>,
    domain: Domain,
    parent: &Domain,
) -> Result<Domain, Fault> {
    let path = quoted(&domain.path);
    let Some(old_parent) = domain.parent_id else {
        return Err(Fault::invalid("Invalid parameter domainid: ROOT cannot be moved"));
    };
    let wrong = |why: String| Fault::invalid(format!("Invalid parameter parentdomainid: {why}"));
    if parent.id == old_parent {
        return Err(wrong(format!("{path} is there already")));
    }
    if parent.path.starts_with(&domain.path) {
        return Err(wrong(format!("{} is the domain itself or below it", quoted(&parent.path))));
    }
    check_name(cx, &domain.name, parent, domain.id, "parentdomainid")?;
    let moved = Domain {
        parent_id: Some(parent.id),
        path: format!("{}{}/", parent.path, domain.name),
        level: parent.level + 1,
        ..domain.clone()
    };
    refuse_lost(cx, &domain, &moved)?;
    move_counts(cx, &domain, (old_parent, parent.id))?;
    carry_below(cx, &domain, &moved)?;
    cx.tx.save(&moved)?;
    concerns(cx, &moved, "moving");
    Ok(moved)
}

/// Deletes a domain (`deleteDomain`): an empty one, or with `cleanup` with all that it holds.
pub(crate) fn delete_domain(cx: &mut Cx<'_>, domain: &Domain, cleanup: bool) -> Result<(), Fault> {
    let denied = |text| Fault::new(Exception::PermissionDenied, text).in_job();
    concerns(cx, domain, "deleting");
    if domain.parent_id.is_none() {
        return Err(denied("The domain ROOT cannot be deleted"));
    }
    let own: Domain = cx.must(cx.caller.domain_id)?;
    if own.path.starts_with(&domain.path) {
        return Err(denied("Nobody can delete the domain of one's own account"));
    }
    let under = [domain.path.as_str().into(), domain.path.as_str().into()];
    let mut found = Obstacles::default();
    if !cleanup {
        let below = &[domain.id.into()];
        let domains = ("domain", "domains");
        found.look::<Domain>(cx, domains, "name", "parent_id = ? AND removed IS NULL", below)?;
        let accounts =
            format!("type <> {} AND domain_id = ? AND removed IS NULL", Account::PROJECT);
        found.look::<Account>(cx, ("account", "accounts"), "name", &accounts, below)?;
        let held = "domain_id = ? AND removed IS NULL";
        found.look::<Project>(cx, ("project", "projects"), "name", held, below)?;
    }
    // A zone that is for this domain would be everybody's without it.
    let zones = format!("domain_id IN ({BELOW}) AND removed IS NULL");
    found.look::<Zone>(cx, ("zone of its own", "zones of its own"), "name", &zones, &under)?;
    found.refuse(&format!("domain {}", domain.path)).map_err(|fault| {
        let hint = if cleanup { "" } else { "; cleanup=true deletes accounts and domains with it" };
        Fault { text: fault.text + hint, ..fault }.in_job()
    })?;
    remove_tree(cx, domain).map_err(Fault::in_job)?;
    concerns(cx, domain, "deleting");
    Ok(())
}

/// The rows of a domain and of those below it; both arguments are its path.
pub(super) const BELOW: &str = "SELECT id FROM domain WHERE substr(path, 1, length(?)) = ?";

fn concerns(cx: &mut Cx<'_>, domain: &Domain, doing: &str) {
    let owner = cx.caller_owner();
    let what = format!("{doing} the domain {}", domain.path);
    cx.concerns(EntityKind::Domain, (0, domain.id), owner, what);
}

/// Refuses a name that another domain below the same one has, whatever the letter case, or that
/// would look like a path.
fn check_name(
    cx: &mut Cx<'_>,
    name: &str,
    parent: &Domain,
    own: i64,
    param: &str,
) -> Result<(), Fault> {
    if parent.state != "Active" {
        let text = format!("The domain {} is being deleted; nothing goes below it", parent.path);
        return Err(Fault::new(Exception::CloudRuntime, text));
    }
    if name.contains('/') {
        let name = quoted(name);
        let text = format!("Invalid parameter {param}: {name} has a slash, which parts domains");
        return Err(Fault::invalid(text));
    }
    let sql = "SELECT 1 FROM domain WHERE parent_id = ? AND LOWER(name) = LOWER(?) AND id <> ? \
               AND removed IS NULL";
    let args: [Cell; 3] = [parent.id.into(), name.into(), own.into()];
    if cx.tx.one::<i64>(sql, &args)?.is_some() {
        let (name, path) = (quoted(name), quoted(&parent.path));
        return Err(Fault::invalid(format!(
            "Invalid parameter {param}: there is a domain {name} below {path} already"
        )));
    }
    Ok(())
}

/// Gives the domains below a domain the path and the level that go with its new ones.
fn carry_below(cx: &mut Cx<'_>, old: &Domain, new: &Domain) -> Result<(), Fault> {
    if old.path == new.path {
        return Ok(());
    }
    let path: Cell = old.path.as_str().into();
    let args = [
        new.path.as_str().into(),
        path.clone(),
        (new.level - old.level).into(),
        path.clone(),
        path,
        old.id.into(),
    ];
    cx.tx.run(
        "UPDATE domain SET path = ? || substr(path, length(?) + 1), level = level + ? \
         WHERE substr(path, 1, length(?)) = ? AND id <> ?",
        &args,
    )?;
    Ok(())
}

/// Refuses a move that would take zones and ranges from those who use them, which are for the
/// accounts of a domain above only.
fn refuse_lost(cx: &mut Cx<'_>, old: &Domain, new: &Domain) -> Result<(), Fault> {
    let path: Cell = old.path.as_str().into();
    let lost = "d.id IS NOT NULL AND substr(?, 1, length(d.path)) <> d.path \
                AND substr(d.path, 1, length(?)) <> ?";
    for (what, used) in [
        (
            "a network in the zone",
            "network n JOIN zone z ON z.id = n.zone_id JOIN domain d ON d.id = z.domain_id \
             WHERE n.removed IS NULL AND n.domain_id",
        ),
        (
            "a VPC in the zone",
            "vpc v JOIN zone z ON z.id = v.zone_id JOIN domain d ON d.id = z.domain_id \
             WHERE v.removed IS NULL AND v.domain_id",
        ),
        (
            "an address of a range",
            "address a JOIN vlan_range z ON z.id = a.range_id JOIN domain d ON d.id = z.domain_id \
             WHERE a.domain_id",
        ),
    ] {
        let sql = format!("SELECT d.path FROM {used} IN ({BELOW}) AND {lost} LIMIT 1");
        let args =
            [path.clone(), path.clone(), new.path.as_str().into(), path.clone(), path.clone()];
        if let Some(whose) = cx.tx.one::<String>(&sql, &args)? {
            return Err(Fault::invalid(format!(
                "Invalid parameter domainid: {} has {what} that is for the domain {} only, which \
                 it would leave",
                quoted(&old.path),
                quoted(&whose)
            )));
        }
    }
    Ok(())
}

/// Counts what a domain has for the domains that are above it from now on, and no longer for
/// those that were. Their limits hold.
fn move_counts(cx: &mut Cx<'_>, domain: &Domain, (old, new): (i64, i64)) -> Result<(), Fault> {
    let (old, new) = (cx.domains_up(old)?, cx.domains_up(new)?);
    for resource in Resource::ALL {
        let what = resource.word();
        let count = cx.tx.counter(Counter { owner: "domain", id: domain.id, what })?;
        if count == 0 {
            continue;
        }
        for id in new.iter().filter(|id| !old.contains(id)) {
            cx.check_domain_limit(*id, *resource, count)?;
        }
        for id in new.iter().filter(|id| !old.contains(id)) {
            cx.tx.tally(Counter { owner: "domain", id: *id, what }, count)?;
        }
        for id in old.iter().filter(|id| !new.contains(id)) {
            cx.tx.tally(Counter { owner: "domain", id: *id, what }, -count)?;
        }
    }
    Ok(())
}
