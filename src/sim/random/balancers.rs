//! The calls that share ports of public addresses out among virtual machines, and what the model
//! says of them.

use super::calls::{id, row_of};
use super::model::{Code, INVALID, Model};
use super::{Call, Run};
use crate::model::EntityKind;
use std::collections::BTreeMap;

/// A rule says something about the same traffic.
const CONFLICT: Code = 537;
/// Rules at most.
const MOST: usize = 12;

/// A load balancer rule.
#[derive(Clone, Debug)]
pub(super) struct Balancer {
    pub(super) ip: u32,
    port: &'static str,
    network: i64,
    /// The virtual machines with their addresses.
    pub(super) members: BTreeMap<i64, u32>,
}

impl Model {
    /// Whether an address has rules that share it out.
    pub(super) fn is_balanced(&self, ip: u32) -> bool {
        self.balancers.values().any(|one| one.ip == ip)
    }

    /// Rules go with their addresses, and their guests with themselves.
    pub(super) fn forget_balancers(&mut self) {
        let (held, machines) = (&self.held, &self.machines);
        self.balancers.retain(|_, one| {
            held.get(&one.ip).is_some_and(|held| held.home == Some((false, one.network)))
        });
        for one in self.balancers.values_mut() {
            one.members.retain(|vm, _| machines.contains_key(vm));
        }
    }

    fn balance(&self, ip: u32, port: &'static str) -> Result<Balancer, Code> {
        self.range_of(ip).ok_or(INVALID)?;
        let home = self.held.get(&ip).and_then(|held| held.home).ok_or(INVALID)?;
        if self.nats.contains_key(&ip) {
            return Err(CONFLICT);
        }
        let (false, network) = home else { return Err(INVALID) };
        if self.balancers.values().any(|one| one.ip == ip && one.port == port) {
            return Err(CONFLICT);
        }
        Ok(Balancer { ip, port, network, members: BTreeMap::new() })
    }

    fn join(&self, rule: i64, vm: i64) -> Result<u32, Code> {
        let balancer = self.balancers.get(&rule).ok_or(INVALID)?;
        let machine = self.machines.get(&vm).ok_or(INVALID)?;
        let fits = machine.network == balancer.network && !machine.is_destroyed;
        let is_new = !balancer.members.contains_key(&vm);
        if fits && is_new { Ok(machine.ip) } else { Err(INVALID) }
    }
}

impl Run {
    /// One random call about load balancers.
    pub(super) fn change_balancers(&mut self) {
        match self.rng.below(8) {
            0..3 if self.model.balancers.len() < MOST => self.balance(),
            0..5 => self.join(),
            5 | 6 => self.leave(),
            _ => self.end_balancer(),
        }
    }

    fn some_balancer(&mut self) -> i64 {
        let ids: Vec<i64> = self.model.balancers.keys().copied().collect();
        self.rng.pick(&ids).copied().unwrap_or(4711)
    }

    fn balance(&mut self) {
        let (ip, port) = (self.some_ip(), self.rng.one_of(&["80", "81"]));
        let address = self.address_id(ip);
        let words = [
            ("publicipid", address.as_str()),
            ("name", "some"),
            ("algorithm", "roundrobin"),
            ("publicport", port),
            ("privateport", "8080"),
        ];
        let made = self.model.balance(ip, port);
        let expected = made.as_ref().map(|_| None).map_err(|code| *code);
        let command = "createLoadBalancerRule";
        let Some(body) = self.call(Call { command, words: &words, expected }) else { return };
        let shown = body["loadbalancer"]["id"].as_str().expect("an id");
        let row = row_of(EntityKind::LoadBalancerRule, shown);
        if let Ok(made) = made {
            self.model.balancers.insert(row, made);
        }
    }

    fn join(&mut self) {
        let (rule, vm) = (self.some_balancer(), self.some_machine());
        let (rule_id, vm_id) = (id(EntityKind::LoadBalancerRule, rule), id(EntityKind::Vm, vm));
        let joined = self.model.join(rule, vm);
        if let (Some(one), Ok(ip)) = (self.model.balancers.get_mut(&rule), joined) {
            one.members.insert(vm, ip);
        }
        let words = [("id", rule_id.as_str()), ("virtualmachineids", &vm_id)];
        let expected = joined.map(|_| None);
        self.call(Call { command: "assignToLoadBalancerRule", words: &words, expected });
    }

    fn leave(&mut self) {
        let (rule, vm) = (self.some_balancer(), self.some_machine());
        let (rule_id, vm_id) = (id(EntityKind::LoadBalancerRule, rule), id(EntityKind::Vm, vm));
        let one = self.model.balancers.get_mut(&rule);
        let left = one.and_then(|one| one.members.remove(&vm));
        let words = [("id", rule_id.as_str()), ("virtualmachineids", &vm_id)];
        let expected = left.map(|_| None).ok_or(INVALID);
        self.call(Call { command: "removeFromLoadBalancerRule", words: &words, expected });
    }

    fn end_balancer(&mut self) {
        let rule = self.some_balancer();
        let rule_id = id(EntityKind::LoadBalancerRule, rule);
        let expected = self.model.balancers.remove(&rule).map(|_| None).ok_or(INVALID);
        let words = [("id", rule_id.as_str())];
        self.call(Call { command: "deleteLoadBalancerRule", words: &words, expected });
    }
}
