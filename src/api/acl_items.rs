//! Rules of network ACL lists.

use crate::api::owned::Owned;
use crate::api::paging::Paged;
use crate::api::tags::{self, TagPair};
use crate::api::{Rows, api};
use crate::engine::Cx;
use crate::engine::rules::{self, AclItemChanges, Neighbours, NewAclItem, Traffic};
use crate::model::{Acl, AclAction, AclItem, EntityKind, Network, TrafficDirection, Uid};
use crate::schema::{Fault, Id, List, Map, Text, choices, view};

choices! { AclAction, TrafficDirection }

view! {
    /// A rule of an ACL list.
    AclItemView in "NetworkACLItemResponse" shows ["number", "action", "traffictype", "protocol",
        "startport", "endport", "cidrlist", "aclname", "id"] root ["fordisplay"] {
        /// the id of the rule
        id: Uid,
        /// the number of the rule in its list; the lowest is tried first
        number: i64,
        /// `Allow` or `Deny`
        action: &'static str,
        /// `Ingress` for traffic to the guests, `Egress` for traffic from them
        traffictype: &'static str,
        /// the protocol: tcp, udp, icmp, all or a number
        protocol: String,
        /// the first port
        startport: Option<String>,
        /// the last port
        endport: Option<String>,
        /// the type of ICMP messages; -1 for all
        icmptype: Option<i64>,
        /// the code of ICMP messages; -1 for all
        icmpcode: Option<i64>,
        /// where the traffic comes from, or goes to: CIDRs, separated by commas
        cidrlist: String,
        /// the id of the list
        aclid: Uid,
        /// the name of the list
        aclname: String,
        /// why there is this rule
        reason: Option<String>,
        /// `Active`
        state: &'static str,
        /// the rule's tags
        tags: Vec<TagPair>,
        /// whether its owner sees the rule
        fordisplay: bool,
    }
}

api! {
    /// Makes a rule of an ACL list.
    create object "createNetworkACL" { key: "networkacl", event: "NETWORK.ACL.ITEM.CREATE",
        root_params: &["fordisplay"],
        example: "create network acl aclid=web protocol=tcp startport=80 action=allow" }
        => create -> AclItemView;
    CreateNetworkAcl {
        /// the id of the list
        aclid: Option<Id<Acl>>,
        /// the id of the tier whose list it is for, instead of aclid
        networkid: Option<Id<Network>>,
        /// tcp, udp, icmp, all or a number
        protocol: Text,
        /// the first port; all ports, where nothing is said
        startport: Option<i64>,
        /// the last port; the first one, where nothing is said
        endport: Option<i64>,
        /// the type of ICMP messages; -1 for all
        icmptype: Option<i64>,
        /// the code of ICMP messages; -1 for all
        icmpcode: Option<i64>,
        /// where the traffic comes from, or goes to, CIDRs; anywhere, where nothing is said
        cidrlist: Option<List<String>>,
        /// the number of the rule; the next one, where nothing is said
        number: Option<i64>,
        /// whether the traffic is let through, Allow unless said
        action: Option<AclAction>,
        /// which way the traffic goes, Ingress unless said
        traffictype: Option<TrafficDirection>,
        /// why there is this rule
        reason: Option<Text<2500>>,
        /// whether the owner sees the rule
        fordisplay: Option<bool>,
    }
}

fn create(cx: &mut Cx<'_>, args: &CreateNetworkAcl) -> Result<AclItemView, Fault> {
    let new = NewAclItem {
        acl: cx.find_opt(args.aclid.as_ref())?,
        tier: cx.find_opt(args.networkid.as_ref())?,
        number: args.number,
        action: args.action.unwrap_or(AclAction::Allow),
        direction: args.traffictype.unwrap_or(TrafficDirection::Ingress),
        traffic: Traffic {
            protocol: args.protocol.to_string(),
            first_port: args.startport,
            last_port: args.endport,
            icmp_type: args.icmptype,
            icmp_code: args.icmpcode,
        },
        cidrs: args.cidrlist.as_ref().map(|list| list.0.clone()),
        reason: args.reason.as_deref().map(str::to_owned),
        display: args.fordisplay.unwrap_or(true),
    };
    let item = rules::create_acl_item(cx, new)?;
    show(cx, item)
}

api! {
    /// Changes a rule of an ACL list.
    job object "updateNetworkACLItem" { key: "networkacl", event: "NETWORK.ACL.ITEM.UPDATE",
        root_params: &["customid", "fordisplay"],
        example: "update network acl item id=... action=deny" }
        => update -> AclItemView;
    UpdateNetworkAclItem {
        /// the id of the rule
        id: Id<AclItem>,
        /// tcp, udp, icmp, all or a number
        protocol: Option<Text>,
        /// the first port
        startport: Option<i64>,
        /// the last port
        endport: Option<i64>,
        /// the type of ICMP messages; -1 for all
        icmptype: Option<i64>,
        /// the code of ICMP messages; -1 for all
        icmpcode: Option<i64>,
        /// where the traffic comes from, or goes to, CIDRs
        cidrlist: Option<List<String>>,
        /// the number of the rule
        number: Option<i64>,
        /// whether the traffic is let through
        action: Option<AclAction>,
        /// which way the traffic goes
        traffictype: Option<TrafficDirection>,
        /// why there is this rule
        reason: Option<Text<2500>>,
        /// whether what is left out stays as it is; true when nothing is said
        partialupgrade: Option<bool>,
        /// whether the owner sees the rule
        fordisplay: Option<bool>,
        /// another id for it, a UUID
        customid: Option<Text>,
    }
}

fn update(cx: &mut Cx<'_>, args: &UpdateNetworkAclItem) -> Result<AclItemView, Fault> {
    let item = cx.find(&args.id)?;
    let changes = AclItemChanges {
        number: args.number,
        action: args.action,
        direction: args.traffictype,
        protocol: args.protocol.as_deref().map(str::to_owned),
        traffic: Traffic {
            protocol: String::new(),
            first_port: args.startport,
            last_port: args.endport,
            icmp_type: args.icmptype,
            icmp_code: args.icmpcode,
        },
        cidrs: args.cidrlist.as_ref().map(|list| list.0.clone()),
        reason: args.reason.as_deref().map(str::to_owned),
        display: args.fordisplay,
        partial: args.partialupgrade.unwrap_or(true),
    };
    let item = rules::update_acl_item(cx, item, changes)?;
    let (id, wanted) = ((0, item.id), args.customid.as_deref());
    cx.rename(EntityKind::AclItem, id, wanted).map_err(Fault::in_job)?;
    show(cx, item)
}

api! {
    /// Deletes a rule of an ACL list.
    job success "deleteNetworkACL" { event: "NETWORK.ACL.ITEM.DELETE",
        example: "delete network acl id=..." } => delete;
    DeleteNetworkAcl {
        /// the id of the rule
        id: Id<AclItem>,
    }
}

fn delete(cx: &mut Cx<'_>, args: &DeleteNetworkAcl) -> Result<(), Fault> {
    let item = cx.find(&args.id)?;
    rules::delete_acl_item(cx, item)
}

api! {
    /// Moves a rule of an ACL list between two others.
    job object "moveNetworkAclItem" { key: "networkacl", event: "NETWORK.ACL.ITEM.UPDATE",
        since: "4.12", root_params: &["customid"],
        example: "move network acl item id=... previousaclruleid=..." }
        => move_item -> AclItemView;
    MoveNetworkAclItem {
        /// the id of the rule
        id: Id<AclItem>,
        /// the id of the rule that it is to stand behind; none for the first place
        previousaclruleid: Option<Id<AclItem>>,
        /// the id of the rule that it is to stand before; none for the last place
        nextaclruleid: Option<Id<AclItem>>,
        /// the MD5 hash of the ids of all rules of the list in their order, as the caller knows
        /// it: if the list was changed meanwhile nothing is moved
        aclconsistencyhash: Option<Text>,
        /// another id for it, a UUID
        customid: Option<Text>,
    }
}

fn move_item(cx: &mut Cx<'_>, args: &MoveNetworkAclItem) -> Result<AclItemView, Fault> {
    let item = cx.find(&args.id)?;
    let to = Neighbours {
        previous: cx.find_opt(args.previousaclruleid.as_ref())?,
        next: cx.find_opt(args.nextaclruleid.as_ref())?,
        hash: args.aclconsistencyhash.as_deref().map(str::to_owned),
    };
    let item = rules::move_acl_item(cx, item, &to)?;
    let (id, wanted) = ((0, item.id), args.customid.as_deref());
    cx.rename(EntityKind::AclItem, id, wanted).map_err(Fault::in_job)?;
    show(cx, item)
}

api! {
    /// Lists rules of ACL lists, in the order of their numbers.
    now list "listNetworkACLs" { key: "networkacl", root_params: &["fordisplay"],
        example: "list network acls aclid=web" } => list -> AclItemView;
    ListNetworkAcls {
        /// the id of the rule
        id: Option<Id<AclItem>>,
        /// the id of the list
        aclid: Option<Id<Acl>>,
        /// the id of the tier whose list's rules to show
        networkid: Option<Id<Network>>,
        /// only rules that let through, or drop
        action: Option<AclAction>,
        /// only rules about traffic that goes this way
        traffictype: Option<TrafficDirection>,
        /// only rules about this protocol
        protocol: Option<Text>,
        /// whether the owner sees the rules
        fordisplay: Option<bool>,
        /// only rules with these tags
        tags: Option<Map>,
        ..owned: Owned,
        ..paged: Paged,
    }
}

fn list(cx: &mut Cx<'_>, args: &ListNetworkAcls) -> Result<Rows<AclItemView>, Fault> {
    let mut filter = args.paged.filter();
    filter.is("id", cx.row_opt(args.id.as_ref())?);
    filter.is("acl_id", cx.row_opt(args.aclid.as_ref())?);
    filter.is("action", args.action);
    filter.is("direction", args.traffictype);
    filter.is("protocol", args.protocol.as_deref().map(str::to_ascii_lowercase));
    filter.is("display", args.fordisplay);
    filter.keyword(&["protocol", "reason"]);
    if let Some(network) = cx.find_opt(args.networkid.as_ref())? {
        filter.holds("acl_id = (SELECT acl_id FROM network WHERE id = ?)", [network.id.into()]);
    }
    filter.tagged(EntityKind::AclItem, args.tags.as_ref())?;
    let named = args.id.is_some() || args.aclid.is_some() || args.networkid.is_some();
    if let Some((whose, values)) = args.owned.scope(cx, named)?.condition("account_id") {
        let lists = format!(
            "SELECT id FROM acl WHERE vpc_id IS NULL \
             OR vpc_id IN (SELECT id FROM vpc WHERE {whose})"
        );
        filter.holds(&format!("acl_id IN ({lists})"), values);
    }
    let (found, total) = filter.living::<AclItem>(cx, "acl_id, number")?;
    let rows = found.into_iter().map(|item| show(cx, item)).collect::<Result<_, _>>()?;
    Ok(Rows { rows, total })
}

fn show(cx: &mut Cx<'_>, item: AclItem) -> Result<AclItemView, Fault> {
    let acl: Acl = cx.must(item.acl_id)?;
    Ok(AclItemView {
        id: cx.uid::<AclItem>(item.id),
        number: item.number,
        action: item.action.word(),
        traffictype: item.direction.word(),
        protocol: item.protocol,
        startport: item.first_port.map(|port| port.to_string()),
        endport: item.last_port.map(|port| port.to_string()),
        icmptype: item.icmp_type,
        icmpcode: item.icmp_code,
        cidrlist: item.cidrs,
        aclid: cx.uid::<Acl>(acl.id),
        aclname: acl.name,
        reason: item.reason,
        state: "Active",
        tags: tags::pairs(cx, (EntityKind::AclItem, 0, item.id))?,
        fordisplay: item.display,
    })
}
