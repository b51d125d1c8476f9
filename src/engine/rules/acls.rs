//! ACL lists of VPCs (`NetworkACLServiceImpl`).

use crate::engine::{Cx, Owner, private_gateways};
use crate::model::{Acl, EntityKind, Network, PrivateGateway, Vpc};
use crate::schema::{Exception, Fault};
use crate::text::{Count, quoted};

/// What is to change of a list.
#[derive(Clone, Debug, Default)]
pub(crate) struct AclChanges {
    /// The name.
    pub(crate) name: Option<String>,
    /// What it is for.
    pub(crate) description: Option<String>,
    /// Whether its owner sees it.
    pub(crate) display: Option<bool>,
}

/// Makes an empty list for a VPC; root admins may make one for all VPCs.
pub(crate) fn create_acl(
    cx: &mut Cx<'_>,
    vpc: Option<&Vpc>,
    name: &str,
    description: Option<&str>,
    display: bool,
) -> Result<Acl, Fault> {
    if vpc.is_none() && !cx.caller.is_root() {
        return Err(Fault::new(
            Exception::PermissionDenied,
            "Parameter vpcid: only root admins may make ACL lists for all VPCs",
        ));
    }
    let acl = Acl {
        id: 0,
        name: name.to_owned(),
        description: description.unwrap_or(name).to_owned(),
        vpc_id: vpc.map(|vpc| vpc.id),
        display,
        removed: None,
    };
    let id = cx.tx.insert(&acl)?;
    let acl = Acl { id, ..acl };
    concerns(cx, &acl, "creating")?;
    Ok(acl)
}

/// Changes a list.
pub(crate) fn update_acl(cx: &mut Cx<'_>, mut acl: Acl, changes: AclChanges) -> Result<Acl, Fault> {
    concerns(cx, &acl, "changing")?;
    refuse_default(&acl).map_err(Fault::in_job)?;
    check_may_change(cx, &acl)?;
    acl.name = changes.name.unwrap_or(acl.name);
    acl.description = changes.description.unwrap_or(acl.description);
    acl.display = changes.display.unwrap_or(acl.display);
    cx.tx.save(&acl)?;
    Ok(acl)
}

/// Deletes a list that no tier and no private gateway uses, with its rules.
pub(crate) fn delete_acl(cx: &mut Cx<'_>, mut acl: Acl) -> Result<(), Fault> {
    concerns(cx, &acl, "deleting")?;
    refuse_default(&acl).map_err(Fault::in_job)?;
    check_may_change(cx, &acl)?;
    let users: Vec<Network> =
        cx.tx.select("WHERE acl_id = ? AND removed IS NULL ORDER BY id", &[acl.id.into()])?;
    if let Some(first) = users.first() {
        let tiers = Count::new(users.len() as u64, "tier", "tiers");
        let text = format!(
            "The ACL list {} is used by {tiers}, first {}; replace it there first",
            quoted(&acl.name),
            quoted(&first.name)
        );
        return Err(Fault::new(Exception::CloudRuntime, text).in_job());
    }
    refuse_used_by_gateways(cx, &acl).map_err(Fault::in_job)?;
    forget_tags(cx, "id = ?", acl.id)?;
    acl.removed = Some(cx.now);
    cx.tx.save(&acl)?;
    let sql = "UPDATE acl_item SET removed = ? WHERE acl_id = ? AND removed IS NULL";
    cx.tx.run(sql, &[cx.now.into(), acl.id.into()])?;
    Ok(())
}

fn refuse_used_by_gateways(cx: &mut Cx<'_>, acl: &Acl) -> Result<(), Fault> {
    let tail = "WHERE acl_id = ? AND removed IS NULL ORDER BY id";
    let users: Vec<PrivateGateway> = cx.tx.select(tail, &[acl.id.into()])?;
    let Some(first) = users.first() else { return Ok(()) };
    let gateways = Count::new(users.len() as u64, "private gateway", "private gateways");
    let text = format!(
        "The ACL list {} is used by {gateways}, first {}; replace it there first",
        quoted(&acl.name),
        first.ip
    );
    Err(Fault::new(Exception::CloudRuntime, text))
}

/// Takes the tags from the lists for which a condition holds, and from their rules.
fn forget_tags(cx: &mut Cx<'_>, which: &str, id: i64) -> Result<(), Fault> {
    let lists = format!("SELECT id FROM acl WHERE {which} AND removed IS NULL");
    cx.forget_tags_of_all(EntityKind::Acl, &lists, &[id.into()])?;
    let items = format!("SELECT id FROM acl_item WHERE removed IS NULL AND acl_id IN ({lists})");
    cx.forget_tags_of_all(EntityKind::AclItem, &items, &[id.into()])
}

/// Gives a private gateway another list (`replaceNetworkACLonPrivateGw`).
pub(crate) fn replace_acl_of_gateway(
    cx: &mut Cx<'_>,
    gateway: PrivateGateway,
    acl: &Acl,
) -> Result<(), Fault> {
    concerns(cx, acl, "replacing")?;
    private_gateways::replace_acl(cx, gateway, acl)
}

/// Gives a tier another list: one of its VPC, or one that is for all.
pub(crate) fn replace_acl(cx: &mut Cx<'_>, mut tier: Network, acl: &Acl) -> Result<(), Fault> {
    concerns(cx, acl, "replacing")?;
    let name = quoted(&tier.name);
    let Some(vpc_id) = tier.vpc_id else {
        return Err(Fault::invalid(format!(
            "Invalid parameter networkid: {name} is no tier of a VPC, and only those have ACL lists"
        )));
    };
    if acl.vpc_id.is_some_and(|of| of != vpc_id) {
        let acl = quoted(&acl.name);
        return Err(Fault::invalid(format!(
            "Invalid parameter aclid: {acl} is a list of another VPC than that of {name}"
        )));
    }
    tier.acl_id = Some(acl.id);
    cx.tx.save(&tier)?;
    Ok(())
}

/// Takes away all lists of a VPC that is being deleted.
pub(crate) fn forget_acls_of_vpc(cx: &mut Cx<'_>, vpc_id: i64) -> Result<(), Fault> {
    forget_tags(cx, "vpc_id = ?", vpc_id)?;
    let args = [cx.now.into(), vpc_id.into()];
    cx.tx.run(
        "UPDATE acl_item SET removed = ? \
         WHERE removed IS NULL AND acl_id IN (SELECT id FROM acl WHERE vpc_id = ?)",
        &args,
    )?;
    cx.tx.run("UPDATE acl SET removed = ? WHERE vpc_id = ? AND removed IS NULL", &args)?;
    Ok(())
}

/// Whether a list came with the installation.
pub(super) const fn is_default(acl_id: i64) -> bool {
    acl_id <= 2
}

/// The lists that come with the installation stay as they are.
pub(super) fn refuse_default(acl: &Acl) -> Result<(), Fault> {
    if is_default(acl.id) {
        let text = format!("The default ACL list {} cannot be changed", quoted(&acl.name));
        return Err(Fault::invalid(text));
    }
    Ok(())
}

/// Lists that are for all VPCs are changed by root admins.
pub(super) fn check_may_change(cx: &Cx<'_>, acl: &Acl) -> Result<(), Fault> {
    if acl.vpc_id.is_none() && !cx.caller.is_root() {
        let text = "Only root admins may change ACL lists that are for all VPCs";
        return Err(Fault::new(Exception::PermissionDenied, text));
    }
    Ok(())
}

/// Says for events and jobs that the call is about this list.
fn concerns(cx: &mut Cx<'_>, acl: &Acl, doing: &str) -> Result<(), Fault> {
    let owner = owner(cx, acl)?;
    cx.concerns(EntityKind::Acl, (0, acl.id), owner, format!("{doing} ACL list {}", acl.name));
    Ok(())
}

/// Whose a list is: its VPC's owner's.
pub(super) fn owner(cx: &mut Cx<'_>, acl: &Acl) -> Result<Owner, Fault> {
    Ok(match acl.vpc_id {
        Some(vpc) => Owner::from(&cx.must::<Vpc>(vpc)?),
        None => cx.caller_owner(),
    })
}
