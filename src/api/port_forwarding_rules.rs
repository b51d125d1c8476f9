//! Port forwarding rules: ports of public addresses that go to one guest.

use crate::api::owned::Owned;
use crate::api::paging::Paged;
use crate::api::tags::{self, TagPair};
use crate::api::{Rows, api};
use crate::engine::Cx;
use crate::engine::addresses::{self, Found};
use crate::engine::rules::Traffic;
use crate::engine::rules::port_forwarding::{self, NewPortForwarding, PortForwardingChanges};
use crate::model::{Address, EntityKind, Network, PortForwardingRule, Uid, Vm};
use crate::schema::{Fault, Id, List, Map, Text, view};
use std::net::Ipv4Addr;

view! {
    /// A port forwarding rule.
    PortForwardingView in "FirewallRuleResponse" shows ["protocol", "publicport", "publicendport",
        "ipaddress", "privateport", "vmguestip", "virtualmachinename", "state", "id"]
        root ["fordisplay"] {
        /// the id of the rule
        id: Uid,
        /// the protocol, tcp or udp
        protocol: String,
        /// the first port of the public address
        publicport: String,
        /// the last port of the public address
        publicendport: String,
        /// the first port of the guest
        privateport: String,
        /// the last port of the guest
        privateendport: String,
        /// the id of the public address
        ipaddressid: Option<Uid>,
        /// the public address
        ipaddress: Option<Ipv4Addr>,
        /// the id of the virtual machine
        virtualmachineid: Uid,
        /// the name of the virtual machine
        virtualmachinename: String,
        /// the name that its owner calls it by
        virtualmachinedisplayname: String,
        /// which of its addresses
        vmguestip: Ipv4Addr,
        /// the id of the network
        networkid: Uid,
        /// where the traffic may come from: CIDRs, separated by commas
        cidrlist: String,
        /// `Active`
        state: &'static str,
        /// the rule's tags
        tags: Vec<TagPair>,
        /// whether its owner sees the rule
        fordisplay: bool,
    }
}

api! {
    /// Leads ports of a public address to a virtual machine.
    create object "createPortForwardingRule" { key: "portforwardingrule", event: "NET.RULEADD",
        root_params: &["fordisplay"],
        example: "create port forwarding rule ipaddressid=203.0.113.3 protocol=tcp \
            publicport=2222 privateport=22 virtualmachineid=web1" }
        => create -> PortForwardingView;
    CreatePortForwardingRule {
        /// the id of the public address
        ipaddressid: Id<Address>,
        /// the protocol, tcp or udp
        protocol: Text,
        /// the first port of the public address
        publicport: u32,
        /// the last port of the public address; the first one, where nothing is said
        publicendport: Option<u32>,
        /// the first port of the guest
        privateport: u32,
        /// the last port of the guest; the first one, where nothing is said
        privateendport: Option<u32>,
        /// the id of the virtual machine
        virtualmachineid: Id<Vm>,
        /// which of its addresses; the first one of its interface, where nothing is said
        vmguestip: Option<Ipv4Addr>,
        /// the tier of the guest, where the address belongs to a VPC
        networkid: Option<Id<Network>>,
        /// where the traffic may come from, CIDRs; from anywhere, where nothing is said
        cidrlist: Option<List<String>>,
        /// whether the firewall lets it in as well; yes, where nothing is said
        openfirewall: Option<bool>,
        /// whether the owner sees the rule
        fordisplay: Option<bool>,
    }
}

fn create(cx: &mut Cx<'_>, args: &CreatePortForwardingRule) -> Result<PortForwardingView, Fault> {
    let last = args.publicendport.unwrap_or(args.publicport);
    let private = args.privateport;
    let new = NewPortForwarding {
        address: Found::by_id(cx, &args.ipaddressid)?,
        network: cx.find_opt(args.networkid.as_ref())?,
        traffic: Traffic {
            protocol: args.protocol.to_string(),
            first_port: Some(args.publicport.into()),
            last_port: Some(last.into()),
            ..Traffic::default()
        },
        private: (private.into(), args.privateendport.map(i64::from)),
        vm: cx.find(&args.virtualmachineid)?,
        guest_ip: args.vmguestip,
        sources: args.cidrlist.as_ref().map(|list| list.0.clone()),
        opens: args.openfirewall,
        display: args.fordisplay.unwrap_or(true),
    };
    let rule = port_forwarding::create(cx, &new)?;
    show(cx, rule)
}

api! {
    /// Changes a port forwarding rule.
    job object "updatePortForwardingRule" { key: "portforwardingrule", event: "NET.RULEMODIFY",
        root_params: &["fordisplay"],
        example: "update port forwarding rule id=... privateport=8022" }
        => update -> PortForwardingView;
    UpdatePortForwardingRule {
        /// the id of the rule
        id: Id<PortForwardingRule>,
        /// the first port of the guest
        privateport: Option<u32>,
        /// the last port of the guest
        privateendport: Option<u32>,
        /// the id of another virtual machine
        virtualmachineid: Option<Id<Vm>>,
        /// which of its addresses
        vmguestip: Option<Ipv4Addr>,
        /// where the traffic may come from, CIDRs
        cidrlist: Option<List<String>>,
        /// whether the owner sees the rule
        fordisplay: Option<bool>,
    }
}

fn update(cx: &mut Cx<'_>, args: &UpdatePortForwardingRule) -> Result<PortForwardingView, Fault> {
    let rule = cx.find(&args.id)?;
    let changes = PortForwardingChanges {
        private: (args.privateport.map(i64::from), args.privateendport.map(i64::from)),
        vm: cx.find_opt(args.virtualmachineid.as_ref())?,
        guest_ip: args.vmguestip,
        sources: args.cidrlist.as_ref().map(|list| list.0.clone()),
        display: args.fordisplay,
    };
    let rule = port_forwarding::update(cx, rule, &changes)?;
    show(cx, rule)
}

api! {
    /// Takes a port forwarding rule away.
    job success "deletePortForwardingRule" { event: "NET.RULEDELETE",
        example: "delete port forwarding rule id=..." } => delete;
    DeletePortForwardingRule {
        /// the id of the rule
        id: Id<PortForwardingRule>,
    }
}

fn delete(cx: &mut Cx<'_>, args: &DeletePortForwardingRule) -> Result<(), Fault> {
    let rule = cx.find(&args.id)?;
    port_forwarding::delete(cx, rule)
}

api! {
    /// Lists port forwarding rules.
    now list "listPortForwardingRules" { key: "portforwardingrule", root_params: &["fordisplay"],
        example: "list port forwarding rules ipaddressid=203.0.113.3" }
        => list -> PortForwardingView;
    ListPortForwardingRules {
        /// the id of the rule
        id: Option<Id<PortForwardingRule>>,
        /// the id of the public address
        ipaddressid: Option<Id<Address>>,
        /// the id of the network
        networkid: Option<Id<Network>>,
        /// whether the owner sees the rules
        fordisplay: Option<bool>,
        /// only rules with these tags
        tags: Option<Map>,
        ..owned: Owned,
        ..paged: Paged,
    }
}

fn list(
    cx: &mut Cx<'_>,
    args: &ListPortForwardingRules,
) -> Result<Rows<PortForwardingView>, Fault> {
    let mut filter = args.paged.filter();
    filter.is("id", cx.row_opt(args.id.as_ref())?);
    filter.is("network_id", cx.row_opt(args.networkid.as_ref())?);
    filter.is("display", args.fordisplay);
    filter.keyword(&["protocol"]);
    filter.tagged(EntityKind::PortForwardingRule, args.tags.as_ref())?;
    if let Some(id) = &args.ipaddressid {
        let Some((range, place)) = Found::place_of(cx, id)? else { return Err(cx.unknown(id)) };
        filter.is("range_id", Some(range));
        filter.is("place", Some(place));
    }
    let named = args.id.is_some() || args.ipaddressid.is_some() || args.networkid.is_some();
    args.owned.narrow(cx, &mut filter, "account_id", named)?;
    let (found, total) = filter.living::<PortForwardingRule>(cx, "id")?;
    let rows = found.into_iter().map(|rule| show(cx, rule)).collect::<Result<_, _>>()?;
    Ok(Rows { rows, total })
}

fn show(cx: &mut Cx<'_>, rule: PortForwardingRule) -> Result<PortForwardingView, Fault> {
    let address = Found::at(cx, rule.range_id, rule.place)?;
    let uid = address.as_ref().map(|found| addresses::uid(cx, &found.place)).transpose()?;
    let vm: Vm = cx.must(rule.vm_id)?;
    Ok(PortForwardingView {
        id: cx.uid::<PortForwardingRule>(rule.id),
        protocol: rule.protocol,
        publicport: rule.first_port.to_string(),
        publicendport: rule.last_port.to_string(),
        privateport: rule.private_first.to_string(),
        privateendport: rule.private_last.to_string(),
        ipaddressid: uid,
        ipaddress: address.map(|found| found.place.ip),
        virtualmachineid: cx.uid::<Vm>(vm.id),
        virtualmachinename: vm.name,
        virtualmachinedisplayname: vm.display_name,
        vmguestip: rule.vm_ip,
        networkid: cx.uid::<Network>(rule.network_id),
        cidrlist: rule.sources.unwrap_or_default(),
        state: "Active",
        tags: tags::pairs(cx, (EntityKind::PortForwardingRule, 0, rule.id))?,
        fordisplay: rule.display,
    })
}
