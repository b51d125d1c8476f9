//! Static NAT: public addresses that are one guest's, and the rules of what they let through.

use crate::api::owned::Owned;
use crate::api::paging::Paged;
use crate::api::tags::{self, TagPair};
use crate::api::{Rows, api};
use crate::engine::Cx;
use crate::engine::addresses::{self, Found};
use crate::engine::rules::Traffic;
use crate::engine::rules::static_nat::{self, NewStaticNatRule};
use crate::model::{Address, EntityKind, Network, StaticNatRule, Uid, Vm};
use crate::schema::{Fault, Id, List, Text, view};
use std::net::Ipv4Addr;

api! {
    /// Makes a public address one guest's, port for port.
    now success "enableStaticNat" { event: "STATICNAT.ENABLE",
        example: "enable static nat ipaddressid=203.0.113.3 virtualmachineid=web1" } => enable;
    EnableStaticNat {
        /// the id of the public address
        ipaddressid: Id<Address>,
        /// the id of the virtual machine
        virtualmachineid: Id<Vm>,
        /// the network of the guest, where the address belongs to a VPC
        networkid: Option<Id<Network>>,
        /// which of its addresses; the first one of its interface, where nothing is said
        vmguestip: Option<Ipv4Addr>,
    }
}

fn enable(cx: &mut Cx<'_>, args: &EnableStaticNat) -> Result<(), Fault> {
    let found = Found::by_id(cx, &args.ipaddressid)?;
    let network = cx.find_opt(args.networkid.as_ref())?;
    let vm = cx.find(&args.virtualmachineid)?;
    static_nat::enable(cx, &found, &vm, network, args.vmguestip)
}

api! {
    /// Ends the static NAT of a public address, with its firewall rules.
    job success "disableStaticNat" { event: "STATICNAT.DISABLE",
        example: "disable static nat ipaddressid=203.0.113.3" } => disable;
    DisableStaticNat {
        /// the id of the public address
        ipaddressid: Id<Address>,
    }
}

fn disable(cx: &mut Cx<'_>, args: &DisableStaticNat) -> Result<(), Fault> {
    let found = Found::by_id(cx, &args.ipaddressid)?;
    static_nat::disable(cx, &found)
}

view! {
    /// A rule of what an address with static NAT lets through.
    StaticNatRuleView in "FirewallResponse" shows ["protocol", "startport", "endport",
        "ipaddress", "virtualmachinename", "state", "id"] {
        /// the id of the rule
        id: Uid,
        /// the protocol, tcp or udp
        protocol: String,
        /// the first port
        startport: i64,
        /// the last port
        endport: i64,
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
        /// the id of the network
        networkid: Uid,
        /// `Active`
        state: &'static str,
        /// the rule's tags
        tags: Vec<TagPair>,
    }
}

api! {
    /// Lets traffic through an address with static NAT.
    create object "createIpForwardingRule" { key: "ipforwardingrule", event: "NET.RULEADD",
        example: "create ip forwarding rule ipaddressid=203.0.113.3 protocol=tcp startport=22" }
        => create -> StaticNatRuleView;
    CreateIpForwardingRule {
        /// the id of the public address
        ipaddressid: Id<Address>,
        /// the protocol, tcp or udp
        protocol: Text,
        /// the first port
        startport: u32,
        /// the last port; the first one, where nothing is said
        endport: Option<u32>,
        /// where the traffic may come from, CIDRs; from anywhere, where nothing is said
        cidrlist: Option<List<String>>,
        /// whether the firewall lets it in as well; yes, where nothing is said
        openfirewall: Option<bool>,
    }
}

fn create(cx: &mut Cx<'_>, args: &CreateIpForwardingRule) -> Result<StaticNatRuleView, Fault> {
    let new = NewStaticNatRule {
        address: Found::by_id(cx, &args.ipaddressid)?,
        traffic: Traffic {
            protocol: args.protocol.to_string(),
            first_port: Some(args.startport.into()),
            last_port: args.endport.map(i64::from),
            ..Traffic::default()
        },
        sources: args.cidrlist.as_ref().map(|list| list.0.clone()),
        opens: args.openfirewall.unwrap_or(true),
    };
    let rule = static_nat::create_rule(cx, &new)?;
    show(cx, rule)
}

api! {
    /// Takes a rule of an address with static NAT away.
    job success "deleteIpForwardingRule" { event: "NET.RULEDELETE",
        example: "delete ip forwarding rule id=..." } => delete;
    DeleteIpForwardingRule {
        /// the id of the rule
        id: Id<StaticNatRule>,
    }
}

fn delete(cx: &mut Cx<'_>, args: &DeleteIpForwardingRule) -> Result<(), Fault> {
    let rule = cx.find(&args.id)?;
    static_nat::delete_rule(cx, rule)
}

api! {
    /// Lists the rules of addresses with static NAT.
    now list "listIpForwardingRules" { key: "ipforwardingrule",
        example: "list ip forwarding rules ipaddressid=203.0.113.3" } => list -> StaticNatRuleView;
    ListIpForwardingRules {
        /// the id of the rule
        id: Option<Id<StaticNatRule>>,
        /// the id of the public address
        ipaddressid: Option<Id<Address>>,
        /// the id of the virtual machine
        virtualmachineid: Option<Id<Vm>>,
        ..owned: Owned,
        ..paged: Paged,
    }
}

fn list(cx: &mut Cx<'_>, args: &ListIpForwardingRules) -> Result<Rows<StaticNatRuleView>, Fault> {
    let mut filter = args.paged.filter();
    filter.is("id", cx.row_opt(args.id.as_ref())?);
    filter.is("vm_id", cx.row_opt(args.virtualmachineid.as_ref())?);
    filter.keyword(&["protocol"]);
    if let Some(id) = &args.ipaddressid {
        let Some((range, place)) = Found::place_of(cx, id)? else { return Err(cx.unknown(id)) };
        filter.is("range_id", Some(range));
        filter.is("place", Some(place));
    }
    let named = args.id.is_some() || args.ipaddressid.is_some() || args.virtualmachineid.is_some();
    args.owned.narrow(cx, &mut filter, "account_id", named)?;
    let (found, total) = filter.living::<StaticNatRule>(cx, "id")?;
    let rows = found.into_iter().map(|rule| show(cx, rule)).collect::<Result<_, _>>()?;
    Ok(Rows { rows, total })
}

fn show(cx: &mut Cx<'_>, rule: StaticNatRule) -> Result<StaticNatRuleView, Fault> {
    let address = Found::at(cx, rule.range_id, rule.place)?;
    let uid = address.as_ref().map(|found| addresses::uid(cx, &found.place)).transpose()?;
    let vm: Vm = cx.must(rule.vm_id)?;
    Ok(StaticNatRuleView {
        id: cx.uid::<StaticNatRule>(rule.id),
        protocol: rule.protocol,
        startport: rule.first_port,
        endport: rule.last_port,
        ipaddressid: uid,
        ipaddress: address.map(|found| found.place.ip),
        virtualmachineid: cx.uid::<Vm>(vm.id),
        virtualmachinename: vm.name,
        virtualmachinedisplayname: vm.display_name,
        networkid: cx.uid::<Network>(rule.network_id),
        state: "Active",
        tags: tags::pairs(cx, (EntityKind::StaticNatRule, 0, rule.id))?,
    })
}
