//! Network ACL lists.

use crate::api::owned::Owned;
use crate::api::paging::Paged;
use crate::api::{Rows, api};
use crate::engine::Cx;
use crate::engine::rules::{self, AclChanges};
use crate::model::{Acl, EntityKind, Network, PrivateGateway, Uid, Vpc};
use crate::schema::{Fault, Id, Text, view};

view! {
    /// A list of network ACL rules, as `listNetworkACLLists` shows it.
    AclView in "NetworkACLResponse" shows ["name", "id", "description", "vpcname"]
        root ["fordisplay"] {
        /// the id of the list
        id: Uid,
        /// the name of the list
        name: String,
        /// what the list is for
        description: String,
        /// the id of the VPC; none for the two lists that every VPC has
        vpcid: Option<Uid>,
        /// the name of the VPC
        vpcname: Option<String>,
        /// whether the owner sees the list
        fordisplay: bool,
    }
}

api! {
    /// Lists network ACL lists.
    now list "listNetworkACLLists" { key: "networkacllist", root_params: &["fordisplay"],
        example: "list network acl lists name=default_allow" } => list -> AclView;
    ListNetworkAclLists {
        /// the id of the list
        id: Option<Id<Acl>>,
        /// the name of the list
        name: Option<Text>,
        /// the id of the network that the list is for
        networkid: Option<Id<Network>>,
        /// the id of the VPC; the two lists that every VPC has are shown too
        vpcid: Option<Id<Vpc>>,
        /// whether the owner sees the list
        fordisplay: Option<bool>,
        ..owned: Owned,
        ..paged: Paged,
    }
}

fn list(cx: &mut Cx<'_>, args: &ListNetworkAclLists) -> Result<Rows<AclView>, Fault> {
    let mut filter = args.paged.filter();
    filter.is("id", cx.row_opt(args.id.as_ref())?);
    filter.is("name", args.name.as_deref().map(str::to_owned));
    filter.is("display", args.fordisplay);
    if let Some(network) = cx.find_opt(args.networkid.as_ref())? {
        let sql = "id = (SELECT acl_id FROM network WHERE id = ?)";
        filter.holds(sql, [network.id.into()]);
    }
    if let Some(vpc) = cx.find_opt(args.vpcid.as_ref())? {
        filter.holds("(vpc_id = ? OR vpc_id IS NULL)", [vpc.id.into()]);
    }
    let named = args.id.is_some() || args.vpcid.is_some();
    if let Some((whose, values)) = args.owned.scope(cx, named)?.condition("account_id") {
        let vpcs = format!("SELECT id FROM vpc WHERE {whose}");
        filter.holds(&format!("(vpc_id IS NULL OR vpc_id IN ({vpcs}))"), values);
    }
    filter.keyword(&["name", "description"]);
    let (found, total) = filter.living::<Acl>(cx, "id")?;
    let rows = found.into_iter().map(|acl| show(cx, acl)).collect::<Result<_, _>>()?;
    Ok(Rows { rows, total })
}

api! {
    /// Makes an ACL list, empty at first, for the tiers of a VPC.
    create object "createNetworkACLList" { key: "networkacllist", event: "NETWORK.ACL.CREATE",
        root_params: &["fordisplay"], example: "create network acl list name=web vpcid=shop" }
        => create -> AclView;
    CreateNetworkAclList {
        /// the name of the list
        name: Text,
        /// what the list is for
        description: Option<String>,
        /// the id of the VPC; root admins may leave it out, for a list that all VPCs have
        vpcid: Option<Id<Vpc>>,
        /// whether the owner sees the list
        fordisplay: Option<bool>,
    }
}

fn create(cx: &mut Cx<'_>, args: &CreateNetworkAclList) -> Result<AclView, Fault> {
    let vpc = cx.find_opt(args.vpcid.as_ref())?;
    let (description, display) = (args.description.as_deref(), args.fordisplay.unwrap_or(true));
    let acl = rules::create_acl(cx, vpc.as_ref(), &args.name, description, display)?;
    show(cx, acl)
}

api! {
    /// Changes an ACL list.
    job object "updateNetworkACLList" { key: "networkacllist", event: "NETWORK.ACL.UPDATE",
        since: "4.4", root_params: &["customid", "fordisplay"],
        example: "update network acl list id=web description=\"The web\"" } => update -> AclView;
    UpdateNetworkAclList {
        /// the id of the list
        id: Id<Acl>,
        /// the name of the list
        name: Option<Text>,
        /// what the list is for
        description: Option<String>,
        /// whether the owner sees the list
        fordisplay: Option<bool>,
        /// another id for it, a UUID
        customid: Option<Text>,
    }
}

fn update(cx: &mut Cx<'_>, args: &UpdateNetworkAclList) -> Result<AclView, Fault> {
    let acl = cx.find(&args.id)?;
    let changes = AclChanges {
        name: args.name.as_deref().map(str::to_owned),
        description: args.description.clone(),
        display: args.fordisplay,
    };
    let acl = rules::update_acl(cx, acl, changes)?;
    let (id, wanted) = ((0, acl.id), args.customid.as_deref());
    cx.rename(EntityKind::Acl, id, wanted).map_err(Fault::in_job)?;
    show(cx, acl)
}

api! {
    /// Deletes an ACL list that no tier uses, with its rules.
    job success "deleteNetworkACLList" { event: "NETWORK.ACL.DELETE",
        example: "delete network acl list id=web" } => delete;
    DeleteNetworkAclList {
        /// the id of the list
        id: Id<Acl>,
    }
}

fn delete(cx: &mut Cx<'_>, args: &DeleteNetworkAclList) -> Result<(), Fault> {
    let acl = cx.find(&args.id)?;
    rules::delete_acl(cx, acl)
}

api! {
    /// Gives a tier or a private gateway another ACL list.
    job success "replaceNetworkACLList" { event: "NETWORK.ACL.REPLACE",
        example: "replace network acl list aclid=default_deny networkid=web" } => replace;
    ReplaceNetworkAclList {
        /// the id of the list
        aclid: Id<Acl>,
        /// the id of the tier
        networkid: Option<Id<Network>>,
        /// the id of a private gateway, instead of networkid
        gatewayid: Option<Id<PrivateGateway>>,
    }
}

fn replace(cx: &mut Cx<'_>, args: &ReplaceNetworkAclList) -> Result<(), Fault> {
    let acl = cx.find(&args.aclid)?;
    let tier = cx.find_opt(args.networkid.as_ref())?;
    let gateway = cx.find_opt(args.gatewayid.as_ref())?;
    let done = match (tier, gateway) {
        (Some(tier), None) => rules::replace_acl(cx, tier, &acl),
        (None, Some(gateway)) => rules::replace_acl_of_gateway(cx, gateway, &acl),
        (None, None) => {
            Err(Fault::invalid("One of the parameters networkid and gatewayid must be given"))
        }
        (Some(_), Some(_)) => {
            Err(Fault::invalid("Parameters networkid and gatewayid exclude each other"))
        }
    };
    done.map_err(Fault::in_job)
}

fn show(cx: &mut Cx<'_>, acl: Acl) -> Result<AclView, Fault> {
    let vpc: Option<Vpc> = acl.vpc_id.map(|id| cx.must(id)).transpose()?;
    Ok(AclView {
        id: cx.uid::<Acl>(acl.id),
        name: acl.name,
        description: acl.description,
        vpcid: cx.uid_opt::<Vpc>(acl.vpc_id),
        vpcname: vpc.map(|vpc| vpc.name),
        fordisplay: acl.display,
    })
}
