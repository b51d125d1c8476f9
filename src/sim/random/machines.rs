//! The calls that make virtual machines, give them addresses and lead public ones to them; and
//! what the model says of them.

use super::calls::{id, row_of, text};
use super::model::{Code, EXHAUSTED, Held, IN_JOB, INVALID, Model};
use super::{Call, Run};
use crate::model::{Column, EntityKind};
use crate::sim::cast::person;
use crate::store::StoreError;
use std::collections::BTreeMap;

/// Virtual machines at most; so no limit of them is ever met.
const MOST: usize = 16;
/// The guests' block of every network, whose first host is the gateway.
const GATEWAY: u32 = u32::from_be_bytes([10, 1, 1, 1]);
const BLOCK: u32 = GATEWAY - 1;
const LAST: u32 = GATEWAY + 253;
/// A rule says something about the same traffic.
const CONFLICT: Code = 537;

/// A virtual machine with its one interface.
#[derive(Clone, Debug)]
pub(super) struct Machine {
    pub(super) network: i64,
    pub(super) nic: i64,
    pub(super) ip: u32,
    /// The further addresses by their rows.
    pub(super) more: BTreeMap<i64, u32>,
    pub(super) is_destroyed: bool,
}

impl Model {
    /// The addresses of a network that somebody has.
    fn guests(&self, network: i64) -> impl Iterator<Item = u32> {
        let here = self.machines.values().filter(move |one| one.network == network);
        here.flat_map(|one| std::iter::once(one.ip).chain(one.more.values().copied()))
    }

    fn guest_ip(&self, network: i64, wish: Option<u32>, code: Code) -> Result<u32, Code> {
        let is_free = |ip: &u32| self.guests(network).all(|other| other != *ip);
        match wish {
            None => (GATEWAY + 1..=LAST).find(is_free).ok_or(code),
            Some(ip) => Some(ip).filter(|ip| *ip > GATEWAY && is_free(ip)).ok_or(code),
        }
    }

    /// The first guest of a network brings it up, and with it its source NAT address.
    fn bring_up(&mut self, network: i64) -> Result<(), Code> {
        let Some(at) = self.homes.iter().position(|home| !home.is_vpc && home.id == network) else {
            return Err(INVALID);
        };
        let home = self.homes[at].clone();
        let mut held = self.held.values().filter(|held| held.home == Some((false, network)));
        if !home.is_up && !held.any(|held| held.source_nat) {
            let (range, ip) = self.next_free(person(home.account), None).map_err(|_| IN_JOB)?;
            let home = Some((false, network));
            self.held.insert(
                ip,
                Held { range, account: self.homes[at].account, home, source_nat: true },
            );
        }
        self.homes[at].is_up = true;
        Ok(())
    }

    /// What leads to public addresses that nobody holds any more leads nowhere.
    pub(super) fn forget_nats(&mut self) {
        let (held, machines) = (&self.held, &self.machines);
        self.nats.retain(|ip, (vm, _)| held.contains_key(ip) && machines.contains_key(vm));
        self.forget_balancers();
    }

    fn translate(&self, ip: u32, vm: i64, guest: Option<u32>) -> Result<u32, Code> {
        self.range_of(ip).ok_or(INVALID)?;
        let machine = self.machines.get(&vm).ok_or(INVALID)?;
        let held = self.held.get(&ip).ok_or(INVALID)?;
        if held.home != Some((false, machine.network)) {
            return Err(INVALID);
        }
        let to = guest.unwrap_or(machine.ip);
        if to != machine.ip && machine.more.values().all(|other| *other != to) || held.source_nat {
            return Err(INVALID);
        }
        if self.is_balanced(ip) || self.nats.get(&ip).is_some_and(|(other, _)| *other != vm) {
            return Err(CONFLICT);
        }
        let is_led = self.nats.values().any(|led| *led == (vm, to));
        if is_led { Err(INVALID) } else { Ok(to) }
    }
}

impl Run {
    /// One random call about virtual machines.
    pub(super) fn change_machines(&mut self) {
        match self.rng.below(15) {
            0..3 if self.model.machines.len() < MOST => self.deploy(),
            0..5 => self.expunge(),
            5 => self.destroy(),
            6 | 7 => self.add_ip(),
            8 => self.remove_ip(),
            9 | 10 => self.enable_static_nat(),
            12.. => self.change_balancers(),
            _ => self.disable_static_nat(),
        }
    }

    fn some_guest_ip(&mut self) -> u32 {
        BLOCK + u32::try_from(self.rng.below(12)).unwrap_or(0)
    }

    pub(super) fn some_machine(&mut self) -> i64 {
        let ids: Vec<i64> = self.model.machines.keys().copied().collect();
        self.rng.pick(&ids).copied().unwrap_or(4711)
    }

    fn deploy(&mut self) {
        let networks: Vec<_> =
            self.model.homes.iter().filter(|home| !home.is_vpc).cloned().collect();
        let Some(home) = self.rng.pick(&networks).cloned() else { return };
        let owner = person(home.account);
        let (network, domain) =
            (id(EntityKind::Network, home.id), id(EntityKind::Domain, owner.domain));
        let wish = self.rng.chance(40).then(|| self.some_guest_ip());
        let (written, starts) = (wish.map(text).unwrap_or_default(), self.rng.chance(60));
        let [zone, ..] = self.ids.clone();
        let (offering, template) =
            (id(EntityKind::ServiceOffering, 2), id(EntityKind::Template, 1));
        let mut words = vec![
            ("zoneid", zone.as_str()),
            ("serviceofferingid", &offering),
            ("templateid", &template),
            ("networkids", &network),
            ("account", owner.name),
            ("domainid", &domain),
            ("startvm", if starts { "true" } else { "false" }),
        ];
        if wish.is_some() {
            words.push(("ipaddress", &written));
        }
        let ip = self.model.guest_ip(home.id, wish, EXHAUSTED);
        let expected = ip.and_then(|ip| match starts {
            true => self.model.bring_up(home.id).map(|()| ip),
            false => Ok(ip),
        });
        let call = Call {
            command: "deployVirtualMachine",
            words: &words,
            expected: expected.map(|_| None),
        };
        let Some(body) = self.call(call) else { return };
        let vm = &body["virtualmachine"];
        let nic = &vm["nic"][0];
        assert_eq!(nic["ipaddress"].as_str(), expected.ok().map(text).as_deref(), "{body}");
        let row = |kind, shown: &serde_json::Value| row_of(kind, shown.as_str().expect("an id"));
        let machine = Machine {
            network: home.id,
            nic: row(EntityKind::Nic, &nic["id"]),
            ip: expected.unwrap_or_default(),
            more: BTreeMap::new(),
            is_destroyed: false,
        };
        self.model.machines.insert(row(EntityKind::Vm, &vm["id"]), machine);
    }

    fn destroy(&mut self) {
        let vm = self.some_machine();
        let uuid = id(EntityKind::Vm, vm);
        let machine = self.model.machines.get_mut(&vm).ok_or(INVALID);
        let expected = machine.map(|machine| machine.is_destroyed = true).map(|()| None);
        let words = [("id", uuid.as_str())];
        self.call(Call { command: "destroyVirtualMachine", words: &words, expected });
    }

    fn expunge(&mut self) {
        let vm = self.some_machine();
        let uuid = id(EntityKind::Vm, vm);
        let at_once = self.rng.chance(60);
        let may = self.model.machines.get(&vm).is_some_and(|one| at_once || one.is_destroyed);
        if may {
            self.model.machines.remove(&vm);
            self.model.forget_nats();
        }
        let expected = if may { Ok(None) } else { Err(INVALID) };
        let words = [("id", uuid.as_str()), ("expunge", "true")];
        match at_once {
            true => self.call(Call { command: "destroyVirtualMachine", words: &words, expected }),
            false => {
                let words = &words[..1];
                self.call(Call { command: "expungeVirtualMachine", words, expected })
            }
        };
    }

    fn add_ip(&mut self) {
        let vm = self.some_machine();
        let machine = self.model.machines.get(&vm).cloned();
        let uuid = id(EntityKind::Nic, machine.as_ref().map_or(4711, |machine| machine.nic));
        let wish = self.rng.chance(50).then(|| self.some_guest_ip());
        let written = wish.map(text).unwrap_or_default();
        let mut words = vec![("nicid", uuid.as_str())];
        if wish.is_some() {
            words.push(("ipaddress", &written));
        }
        let found = machine.ok_or(INVALID);
        let found = found.and_then(|one| self.model.guest_ip(one.network, wish, INVALID));
        let expected = found.map(|_| None);
        let Some(body) = self.call(Call { command: "addIpToNic", words: &words, expected }) else {
            return;
        };
        let made = &body["nicsecondaryip"];
        assert_eq!(made["ipaddress"].as_str(), found.ok().map(text).as_deref(), "{body}");
        let row = row_of(EntityKind::SecondaryIp, made["id"].as_str().expect("an id"));
        if let (Some(machine), Ok(ip)) = (self.model.machines.get_mut(&vm), found) {
            machine.more.insert(row, ip);
        }
    }

    fn remove_ip(&mut self) {
        let vm = self.some_machine();
        let some = self.model.machines.get(&vm).and_then(|one| one.more.first_key_value());
        let (row, ip) = some.map_or((4711, 0), |(row, ip)| (*row, *ip));
        let uuid = id(EntityKind::SecondaryIp, row);
        let is_led = self.model.nats.values().any(|led| *led == (vm, ip));
        let machine = self.model.machines.get_mut(&vm).filter(|_| !is_led);
        let gone = machine.and_then(|machine| machine.more.remove(&row));
        let expected = gone.map(|_| None).ok_or(INVALID);
        let words = [("id", uuid.as_str())];
        self.call(Call { command: "removeIpFromNic", words: &words, expected });
    }

    fn enable_static_nat(&mut self) {
        let (ip, vm) = (self.some_ip(), self.some_machine());
        let (address, uuid) = (self.address_id(ip), id(EntityKind::Vm, vm));
        let guest = self.rng.chance(40).then(|| self.some_guest_ip());
        let written = guest.map(text).unwrap_or_default();
        let mut words = vec![("ipaddressid", address.as_str()), ("virtualmachineid", &uuid)];
        if guest.is_some() {
            words.push(("vmguestip", &written));
        }
        let to = self.model.translate(ip, vm, guest);
        if let Ok(to) = to {
            self.model.nats.insert(ip, (vm, to));
        }
        let expected = to.map(|_| None);
        self.call(Call { command: "enableStaticNat", words: &words, expected });
    }

    fn disable_static_nat(&mut self) {
        let led: Vec<u32> = self.model.nats.keys().copied().collect();
        let led = self.rng.pick(&led).copied();
        let ip = match led {
            Some(ip) if self.rng.chance(70) => ip,
            _ => self.some_ip(),
        };
        let address = self.address_id(ip);
        let expected = self.model.nats.remove(&ip).map(|_| None).ok_or(INVALID);
        let words = [("ipaddressid", address.as_str())];
        self.call(Call { command: "disableStaticNat", words: &words, expected });
    }

    /// Guests have the addresses that the model says, and those translated to them.
    pub(super) fn check_machines(&self) {
        let pairs = |sql: &'static str| {
            let mut found: Vec<(i64, i64)> = Vec::new();
            let read = self.world.engine.store().read(|tx| {
                tx.each(sql, &[], |cell| {
                    found.push((i64::from_cell(cell(0))?, i64::from_cell(cell(1))?));
                    Ok(true)
                })?;
                Ok::<_, StoreError>(())
            });
            read.expect("a store that can be read");
            found
        };
        let context = || self.log.lines().last().unwrap_or_default().to_owned();
        let mut wanted: Vec<(i64, i64)> = Vec::new();
        for machine in self.model.machines.values() {
            let all = std::iter::once(machine.ip).chain(machine.more.values().copied());
            wanted.extend(all.map(|ip| (machine.network, i64::from(ip))));
        }
        wanted.sort_unstable();
        let held = pairs("SELECT network_id, ip FROM guest_address ORDER BY network_id, ip");
        assert_eq!(held, wanted, "guests after {}", context());
        let mut wanted: Vec<(i64, i64)> =
            self.model.nats.values().map(|(vm, to)| (*vm, i64::from(*to))).collect();
        wanted.sort_unstable();
        let led = pairs("SELECT vm_id, vm_ip FROM address WHERE static_nat = 1 ORDER BY 1, 2");
        assert_eq!(led, wanted, "static NAT after {}", context());
        let members = self.model.balancers.values().flat_map(|one| &one.members);
        let mut wanted: Vec<(i64, i64)> = members.map(|(vm, ip)| (*vm, i64::from(*ip))).collect();
        wanted.sort_unstable();
        let sql = "SELECT vm_id, vm_ip FROM load_balancer_member WHERE removed IS NULL \
                   ORDER BY 1, 2";
        assert_eq!(pairs(sql), wanted, "load balancers after {}", context());
    }
}
