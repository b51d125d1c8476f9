//! Network ACL lists.

use crate::api::owned::in_domain;
use crate::api::paging::Paged;
use crate::api::{Rows, api};
use crate::engine::Cx;
use crate::model::{Acl, Domain, Network, Uid, Vpc};
use crate::schema::{Fault, Id, Text, view};

view! {
    /// A list of network ACL rules, as `listNetworkACLLists` shows it.
    AclView in "NetworkACLResponse" shows ["name", "id", "description", "vpcname"] {
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
    now list "listNetworkACLLists" { key: "networkacllist",
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
        /// the account that owns the VPC, with domainid
        account: Option<Text>,
        /// the id of the domain that owns the VPC
        domainid: Option<Id<Domain>>,
        /// true for the domains below domainid too
        isrecursive: Option<bool>,
        /// true for the lists of all VPCs; without it, and with no owner asked for, the caller's
        listall: Option<bool>,
        ..paged: Paged,
    }
}

fn list(cx: &mut Cx<'_>, args: &ListNetworkAclLists) -> Result<Rows<AclView>, Fault> {
    let mut filter = args.paged.filter();
    filter.is("id", cx.row_opt(args.id.as_ref())?);
    filter.is("name", args.name.as_deref().map(str::to_owned));
    filter.is("display", args.fordisplay);
    if let Some(network) = cx.row_opt(args.networkid.as_ref())? {
        let sql = "id = (SELECT acl_id FROM network WHERE id = ?)";
        filter.holds(sql, [network.into()]);
    }
    if let Some(vpc) = cx.row_opt(args.vpcid.as_ref())? {
        filter.holds("(vpc_id = ? OR vpc_id IS NULL)", [vpc.into()]);
    }
    let owned =
        |whose: &str| format!("(vpc_id IS NULL OR vpc_id IN (SELECT id FROM vpc WHERE {whose}))");
    if args.account.is_some() {
        let owner = cx.owner(args.account.as_deref(), args.domainid.as_ref())?;
        filter.holds(&owned("account_id = ?"), [owner.account_id.into()]);
    } else if let Some(domain) = cx.find_opt(args.domainid.as_ref())? {
        let (holds, values) = in_domain("domain_id", &domain, args.isrecursive);
        filter.holds(&owned(&holds), values);
    } else if args.listall != Some(true) && args.id.is_none() && args.vpcid.is_none() {
        filter.holds(&owned("account_id = ?"), [cx.caller.account_id.into()]);
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
