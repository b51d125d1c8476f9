//! Network ACL lists.

use crate::api::owned::Owned;
use crate::api::paging::Paged;
use crate::api::{Rows, api};
use crate::engine::Cx;
use crate::model::{Acl, Network, Uid, Vpc};
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
        example: "list networkacllists name=default_allow" } => list -> AclView;
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
    if let Some(vpc) = cx.row_opt(args.vpcid.as_ref())? {
        filter.holds("(vpc_id = ? OR vpc_id IS NULL)", [vpc.into()]);
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
