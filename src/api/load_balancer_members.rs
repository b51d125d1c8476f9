//! The guests among whom load balancers share their ports out.

use crate::api::paging::{Paged, cut};
use crate::api::vm_view::{VmView, show};
use crate::api::{Rows, api};
use crate::engine::Cx;
use crate::engine::rules::{Member, assign, members_of, release_members};
use crate::model::{LoadBalancerRule, Vm};
use crate::schema::{Fault, Id, List, Map, group, view};
use std::net::Ipv4Addr;

group! {
    /// Which guests are meant.
    Guests {
        /// the ids of the virtual machines, each with its first address
        virtualmachineids: Option<List<Id<Vm>>>,
        /// virtual machines with their addresses:
        /// `vmidipmap[0].vmid=web1 vmidipmap[0].vmip=10.1.1.9`
        vmidipmap: Option<Map>,
    }
}

impl Guests {
    fn read(&self, cx: &mut Cx<'_>) -> Result<Vec<Member>, Fault> {
        let ids = self.virtualmachineids.iter().flat_map(|list| &list.0);
        let mut members = ids
            .map(|id| {
                let vm = cx.find(&Id::new(id.text.clone(), "virtualmachineids"))?;
                Ok(Member { vm, ip: None })
            })
            .collect::<Result<Vec<_>, Fault>>()?;
        for entry in self.vmidipmap.iter().flat_map(|map| &map.0) {
            members.push(member(cx, entry)?);
        }
        Ok(members)
    }
}

/// An entry of `vmidipmap`.
fn member(cx: &mut Cx<'_>, entry: &[(String, String)]) -> Result<Member, Fault> {
    let param = "vmidipmap";
    let word = |names: [&str; 2]| {
        let is = |name: &str| names.iter().any(|known| known.eq_ignore_ascii_case(name));
        entry.iter().find(|(name, _)| is(name)).map(|(_, value)| value.clone())
    };
    let id = word(["vmid", "key"]).ok_or_else(|| {
        Fault::invalid(format!("Invalid parameter {param}: an entry has no vmid"))
    })?;
    let ip: Option<Ipv4Addr> = word(["vmip", "value"])
        .map(|ip| {
            let wrong =
                |_| Fault::invalid(format!("Invalid parameter {param}: {ip} is no IPv4 address"));
            ip.parse().map_err(wrong)
        })
        .transpose()?;
    Ok(Member { vm: cx.find(&Id::new(id, param))?, ip })
}

api! {
    /// Adds virtual machines to those among whom a load balancer shares its port out.
    job success "assignToLoadBalancerRule" { event: "LB.ASSIGN.TO.RULE",
        example: "assign to load balancer rule id=web virtualmachineids=web1,web2" } => add;
    AssignToLoadBalancerRule {
        /// the id of the rule
        id: Id<LoadBalancerRule>,
        ..guests: Guests,
    }
}

fn add(cx: &mut Cx<'_>, args: &AssignToLoadBalancerRule) -> Result<(), Fault> {
    let rule = cx.find(&args.id)?;
    let guests = args.guests.read(cx)?;
    assign(cx, &rule, &guests)
}

api! {
    /// Takes virtual machines from those among whom a load balancer shares its port out.
    job success "removeFromLoadBalancerRule" { event: "LB.REMOVE.FROM.RULE",
        example: "remove from load balancer rule id=web virtualmachineids=web2" } => remove;
    RemoveFromLoadBalancerRule {
        /// the id of the rule
        id: Id<LoadBalancerRule>,
        ..guests: Guests,
    }
}

fn remove(cx: &mut Cx<'_>, args: &RemoveFromLoadBalancerRule) -> Result<(), Fault> {
    let rule = cx.find(&args.id)?;
    let guests = args.guests.read(cx)?;
    release_members(cx, &rule, &guests)
}

view! {
    /// A guest of a load balancer.
    MemberView in "LoadBalancerRuleVmMapResponse" shows ["name", "state", "ipaddress", "id"] {
        /// the addresses to which traffic goes, where lbvmips=true asks for them
        lbvmipaddresses: Option<Vec<Ipv4Addr>>,
        ..vm: VmView,
    }
}

api! {
    /// Lists the virtual machines among whom a load balancer shares its port out, or those that
    /// could be added.
    now list "listLoadBalancerRuleInstances" { key: "loadbalancerruleinstance",
        example: "list load balancer rule instances id=web" } => list -> MemberView;
    ListLoadBalancerRuleInstances {
        /// the id of the rule
        id: Id<LoadBalancerRule>,
        /// false for those that could be added; true, where nothing is said
        applied: Option<bool>,
        /// whether the addresses to which traffic goes are shown
        lbvmips: Option<bool>,
        ..paged: Paged,
    }
}

fn list(cx: &mut Cx<'_>, args: &ListLoadBalancerRuleInstances) -> Result<Rows<MemberView>, Fault> {
    let rule: LoadBalancerRule = cx.find(&args.id)?;
    let members = members_of(cx, rule.id)?;
    let among = "SELECT vm_id FROM load_balancer_member WHERE rule_id = ? AND removed IS NULL";
    let tail = match args.applied {
        Some(false) => format!(
            "WHERE id NOT IN ({among}) AND account_id = ? AND id IN (SELECT vm_id FROM nic \
             WHERE network_id = ? AND removed IS NULL) AND state NOT IN ('Destroyed', \
             'Expunging', 'Error') AND removed IS NULL ORDER BY id"
        ),
        _ => format!("WHERE id IN ({among}) AND removed IS NULL ORDER BY id"),
    };
    let all = [rule.id.into(), rule.account_id.into(), rule.network_id.into()];
    let asked = if args.applied == Some(false) { &all[..] } else { &all[..1] };
    let mut vms: Vec<Vm> = cx.tx.select(&tail, asked)?;
    if let Some(part) = &args.paged.keyword {
        vms.retain(|vm| vm.name.to_lowercase().contains(&part.to_lowercase()));
    }
    let total = vms.len() as u64;
    let mut rows = Vec::new();
    for vm in cut(vms, args.paged.page()?) {
        let own = members.iter().filter(|member| member.vm_id == vm.id);
        let ips: Vec<Ipv4Addr> = own.map(|member| member.vm_ip).collect();
        let lbvmipaddresses = (args.lbvmips == Some(true)).then_some(ips);
        rows.push(MemberView { lbvmipaddresses, vm: show(cx, vm)? });
    }
    Ok(Rows { rows, total })
}
