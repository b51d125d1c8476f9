//! The reference: what the engine should do, said a second time and as simply as possible. Maps
//! are scanned from end to end, nothing is counted ahead, and there are neither bits nor rows.

use super::balancers::Balancer;
use super::machines::Machine;
use super::ways::Ways;
use crate::sim::cast::{BELOW, Home, PEOPLE, Person, ROOT, person};
use std::collections::BTreeMap;

/// The error code of a call that is to be refused.
pub(super) type Code = u16;

pub(super) const INVALID: Code = 431;
pub(super) const IN_JOB: Code = 530;
pub(super) const OVER_ACCOUNT_LIMIT: Code = 532;
pub(super) const EXHAUSTED: Code = 533;
pub(super) const OVER_LIMIT: Code = 535;

/// How many addresses the people of a domain and of those below it have.
pub(super) fn in_domain(counts: &BTreeMap<i64, u64>, domain: i64) -> u64 {
    let inside = |account: i64| domain == ROOT || person(account).domain == domain;
    counts.iter().filter(|(account, _)| inside(**account)).map(|(_, count)| count).sum()
}

/// A range; all numbers are addresses.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Range {
    pub(super) vlan: &'static str,
    pub(super) gateway: u32,
    pub(super) prefix: u32,
    pub(super) first: u32,
    pub(super) last: u32,
    pub(super) account: Option<i64>,
    pub(super) domain: Option<i64>,
    pub(super) system: bool,
}

impl Range {
    pub(super) const fn mask(&self) -> u32 {
        u32::MAX << (32 - self.prefix)
    }

    pub(super) const fn has(&self, ip: u32) -> bool {
        self.first <= ip && ip <= self.last
    }

    pub(super) const fn size(&self) -> u64 {
        (self.last - self.first) as u64 + 1
    }

    pub(super) const fn place(&self, ip: u32) -> u64 {
        (ip & !self.mask()) as u64
    }

    pub(super) const fn is_dedicated(&self) -> bool {
        self.account.is_some() || self.domain.is_some()
    }

    fn is_for(&self, who: &Person) -> bool {
        match self.account {
            Some(account) => account == who.id,
            None => self.domain == Some(who.domain),
        }
    }

    const fn is_sound(&self) -> bool {
        let subnet = self.gateway & self.mask();
        subnet == self.first & self.mask()
            && subnet == self.last & self.mask()
            && self.first <= self.last
            && (!self.has(self.gateway) || self.prefix == 31)
    }

    /// Whether both may live in one zone.
    fn fits(&self, other: &Self) -> bool {
        let mask = self.mask() & other.mask();
        if self.gateway & mask != other.gateway & mask {
            return true;
        }
        let one_vlan = self.vlan == other.vlan || self.vlan == "untagged";
        let one_subnet = (self.gateway, self.prefix) == (other.gateway, other.prefix);
        one_vlan && one_subnet && (self.last < other.first || other.last < self.first)
    }
}

/// A held address.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Held {
    pub(super) range: i64,
    pub(super) account: i64,
    /// What it is used for; nothing while it is reserved. True for a VPC.
    pub(super) home: Option<(bool, i64)>,
    pub(super) source_nat: bool,
}

/// All that should be in the store.
#[derive(Clone, Debug, Default)]
pub(super) struct Model {
    pub(super) ranges: BTreeMap<i64, Range>,
    pub(super) held: BTreeMap<u32, Held>,
    pub(super) homes: Vec<Home>,
    /// The tiers: networks, each with its VPC and its block there.
    pub(super) tiers: BTreeMap<i64, (i64, u64)>,
    /// The virtual machines by their rows.
    pub(super) machines: BTreeMap<i64, Machine>,
    /// Static NAT: public addresses, each with the virtual machine and which of its addresses.
    pub(super) nats: BTreeMap<u32, (i64, u32)>,
    /// The load balancer rules by their rows.
    pub(super) balancers: BTreeMap<i64, Balancer>,
    /// Private gateways, static routes and tags.
    pub(super) ways: Ways,
    /// Management addresses of the pod that were taken, by their numbers.
    pub(super) pods: BTreeMap<i64, u32>,
}

impl Model {
    /// How many addresses everybody has, by the rule of limits: what is used or reserved counts
    /// singly, unless it lies in a range of somebody's own, which counts whole.
    pub(super) fn counts(&self) -> BTreeMap<i64, u64> {
        let mut counts: BTreeMap<i64, u64> = PEOPLE.iter().map(|one| (one.id, 0)).collect();
        let mut add = |account, more| *counts.entry(account).or_default() += more;
        for (id, range) in &self.ranges {
            match range.account {
                Some(account) => add(account, range.size()),
                None => self.held_in(*id).for_each(|(_, held)| add(held.account, 1)),
            }
        }
        counts
    }

    fn may_have(&self, who: &Person, more: i128) -> bool {
        let Some(max) = who.max else { return true };
        let counts = self.counts();
        let within = |count: u64, max: u64| i128::from(count) + more <= i128::from(max);
        within(counts[&who.id], max)
            && (who.domain == ROOT || within(in_domain(&counts, who.domain), BELOW.1))
    }

    pub(super) fn range_of(&self, ip: u32) -> Option<i64> {
        self.ranges.iter().find(|(_, range)| range.has(ip)).map(|(id, _)| *id)
    }

    pub(super) fn held_in(&self, id: i64) -> impl Iterator<Item = (u32, &Held)> {
        let ends = self.ranges.get(&id).map_or(0..=0, |range| range.first..=range.last);
        self.held.range(ends).map(|(ip, held)| (*ip, held))
    }

    pub(super) fn may_create(&self, range: &Range) -> Result<(), Code> {
        if range.system && range.account.is_some() || !range.is_sound() {
            return Err(INVALID);
        }
        if let Some(account) = range.account
            && !self.may_have(person(account), range.size().into())
        {
            return Err(OVER_LIMIT);
        }
        if self.ranges.values().all(|other| range.fits(other)) { Ok(()) } else { Err(INVALID) }
    }

    pub(super) fn update(&mut self, id: i64, new: &Range) -> Result<(), Code> {
        let Some(old) = self.ranges.get(&id) else { return Err(INVALID) };
        let turned = new.system != old.system;
        let moved = (new.gateway, new.prefix) != (old.gateway, old.prefix);
        let in_use = self.held_in(id).next().is_some();
        let left_out = self.held_in(id).any(|(ip, _)| !new.has(ip));
        let mut others = self.ranges.iter().filter(|(other, _)| **other != id);
        if !new.is_sound()
            || turned && (old.is_dedicated() || in_use)
            || moved && in_use
            || left_out
            || !others.all(|(_, other)| new.fits(other))
        {
            return Err(INVALID);
        }
        let more = i128::from(new.size()) - i128::from(old.size());
        if let Some(account) = old.account
            && more > 0
            && !self.may_have(person(account), more)
        {
            return Err(OVER_LIMIT);
        }
        self.ranges.insert(id, new.clone());
        Ok(())
    }

    pub(super) fn delete(&mut self, id: i64) -> Result<(), Code> {
        let Some(range) = self.ranges.get(&id) else { return Err(INVALID) };
        let refused = match range.account {
            Some(_) => {
                let is_used = |(ip, held): (u32, &Held)| {
                    held.source_nat || self.nats.contains_key(&ip) || self.is_balanced(ip)
                };
                self.held_in(id).any(is_used)
            }
            None => self.held_in(id).next().is_some(),
        };
        if refused {
            return Err(INVALID);
        }
        self.release_unused(id);
        self.ranges.remove(&id);
        Ok(())
    }

    pub(super) fn dedicate(
        &mut self,
        id: i64,
        domain: i64,
        account: Option<i64>,
    ) -> Result<(), Code> {
        let Some(range) = self.ranges.get(&id) else { return Err(INVALID) };
        let foreign = self.held_in(id).any(|(_, held)| match account {
            Some(account) => held.account != account,
            None => person(held.account).domain != domain,
        });
        if range.is_dedicated() || range.system || foreign {
            return Err(INVALID);
        }
        if let Some(account) = account {
            let singly = self.held_in(id).count() as u64;
            if !self.may_have(person(account), i128::from(range.size()) - i128::from(singly)) {
                return Err(OVER_LIMIT);
            }
        }
        let range = self.ranges.get_mut(&id).ok_or(INVALID)?;
        (range.account, range.domain) = (account, Some(domain));
        Ok(())
    }

    pub(super) fn take_back(&mut self, id: i64) -> Result<(), Code> {
        let range = self.ranges.get_mut(&id).filter(|range| range.is_dedicated());
        let range = range.ok_or(INVALID)?;
        (range.account, range.domain) = (None, None);
        self.release_unused(id);
        Ok(())
    }

    fn release_unused(&mut self, id: i64) {
        let (nats, balancers) = (&self.nats, &self.balancers);
        let is_led = |ip: &u32| {
            nats.contains_key(ip) || balancers.values().any(|balancer| balancer.ip == *ip)
        };
        self.held.retain(|ip, held| held.range != id || held.source_nat || is_led(ip));
    }

    /// The lowest free address of the oldest range that may be taken from.
    pub(super) fn next_free(&self, who: &Person, wish: Option<u32>) -> Result<(i64, u32), Code> {
        let open = || self.ranges.iter().filter(|(_, range)| !range.system);
        let mut own = open().filter(|(_, range)| range.is_dedicated() && range.is_for(who));
        if let Some(found) = own.find_map(|one| self.lowest(one, wish)) {
            return Ok(found);
        }
        let mut rest = open().filter(|(_, range)| !range.is_dedicated()).peekable();
        if rest.peek().is_some() && !self.may_have(who, 1) {
            return Err(OVER_ACCOUNT_LIMIT);
        }
        rest.find_map(|one| self.lowest(one, wish)).ok_or(EXHAUSTED)
    }

    fn lowest(&self, (id, range): (&i64, &Range), wish: Option<u32>) -> Option<(i64, u32)> {
        let free = |ip: &u32| !self.held.contains_key(ip) && wish.is_none_or(|wish| wish == *ip);
        (range.first..=range.last).find(free).map(|ip| (*id, ip))
    }

    pub(super) fn associate(
        &mut self,
        home: &Home,
        account: Option<i64>,
        wish: Option<u32>,
    ) -> Result<u32, Code> {
        let who = person(account.unwrap_or(home.account));
        if !home.is_vpc && who.id != home.account {
            return Err(INVALID);
        }
        let own = wish.filter(|ip| {
            self.held.get(ip).is_some_and(|held| held.home.is_none() && held.account == who.id)
        });
        let (range, ip) = match own {
            Some(ip) => (self.held[&ip].range, ip),
            None => self.next_free(who, wish)?,
        };
        let home = (home.is_vpc, home.id);
        let source_nat = !self.held.values().any(|held| held.home == Some(home) && held.source_nat);
        let taken = Held { range, account: who.id, home: Some(home), source_nat };
        let before = self.held.insert(ip, taken);
        assert!(before.is_none_or(|held| held.home.is_none()), "two holders");
        Ok(ip)
    }

    pub(super) fn reserve(&mut self, ip: u32, account: i64) -> Result<u32, Code> {
        let (id, who) = (self.range_of(ip).ok_or(INVALID)?, person(account));
        if let Some(held) = self.held.get(&ip) {
            let again = held.home.is_none() && held.account == account;
            return if again { Ok(ip) } else { Err(INVALID) };
        }
        let range = &self.ranges[&id];
        if range.is_dedicated() && !range.is_for(who) {
            return Err(INVALID);
        }
        if range.account.is_none() && !self.may_have(who, 1) {
            return Err(OVER_ACCOUNT_LIMIT);
        }
        self.held.insert(ip, Held { range: id, account, home: None, source_nat: false });
        Ok(ip)
    }

    /// Gives up a reservation.
    pub(super) fn release(&mut self, ip: u32) -> Result<(), Code> {
        self.range_of(ip).ok_or(INVALID)?;
        if self.held.get(&ip).is_some_and(|held| held.home.is_some()) {
            return Err(INVALID);
        }
        self.held.remove(&ip);
        Ok(())
    }

    /// Gives up an address that is named by its id, or else by itself.
    pub(super) fn disassociate(&mut self, ip: u32, by_id: bool) -> Result<(), Code> {
        self.range_of(ip).ok_or(INVALID)?;
        let Some(held) = self.held.get(&ip) else {
            return if by_id { Ok(()) } else { Err(INVALID) };
        };
        if held.source_nat {
            let home = self.homes.iter().find(|home| held.home == Some((home.is_vpc, home.id)));
            if home.is_some_and(|home| home.is_vpc || home.is_up) {
                return Err(IN_JOB);
            }
        }
        self.held.remove(&ip);
        self.forget_nats();
        Ok(())
    }
}
