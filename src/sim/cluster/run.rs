//! A run: rounds of calls and a fault each, and the judge after every round.

use crate::sim::check;
use crate::sim::cluster::clients::{Client, Scene, moment};
use crate::sim::cluster::door::{Doors, Said};
use crate::sim::cluster::history::{Anomaly, Judge, Outcome};
use crate::store::Store;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Accounts; the last one reserves addresses, and has one client.
const ACCOUNTS: usize = 4;
/// The addresses that there are.
const FIRST: u8 = 10;
const SIZE: u8 = 40;

/// What a run has counted.
#[derive(Debug, Default)]
pub(super) struct Counts {
    rounds: u64,
    pub(super) calls: u64,
    done: u64,
    over: u64,
    exhausted: u64,
    failed: u64,
    unknown: u64,
    moved: u64,
    pub(super) faults: BTreeMap<&'static str, u64>,
    /// The longest call, in milliseconds.
    longest: u64,
}

/// Clients at servers of one store, and the judge.
pub(super) struct Run<'d> {
    scene: Scene<'d>,
    clients: Vec<Client>,
    judge: Judge,
    pub(super) counts: Counts,
}

impl<'d> Run<'d> {
    /// Makes accounts and their networks, and a range that is small enough to be used up.
    pub(super) fn new(doors: &'d dyn Doors, clients: usize, seed: u64) -> Self {
        let scene = scene(doors);
        let client = |number: usize| {
            let reserves = number == ACCOUNTS - 1;
            let account = if number < ACCOUNTS { number } else { number % (ACCOUNTS - 1) };
            Client::new(number, account, reserves, seed)
        };
        let clients = (0..clients.max(ACCOUNTS)).map(client).collect();
        let judge = Judge::new(usize::from(SIZE));
        let mut this = Self { scene, clients, judge, counts: Counts::default() };
        for client in this.clients.iter_mut().take(ACCOUNTS) {
            client.set_limit(&this.scene, 9);
            if client.account < ACCOUNTS - 1 {
                client.settle(&this.scene);
            }
        }
        this
    }

    /// A round: all clients call while `fault` does what it does and says what it was; then they
    /// stop, and `store` and all servers are looked at.
    pub(super) fn round(
        &mut self,
        fault: impl FnOnce() -> &'static str,
        store: &dyn Fn() -> Store,
    ) -> Result<(), Anomaly> {
        let scene = &self.scene;
        scene.stop.store(false, Ordering::Relaxed);
        let clients = &mut self.clients;
        let what = std::thread::scope(|scope| {
            for client in &mut *clients {
                scope.spawn(move || client.live(scene));
            }
            let what = fault();
            scene.stop.store(true, Ordering::Relaxed);
            what
        });
        *self.counts.faults.entry(what).or_default() += 1;
        self.look(what, store)
    }

    fn look(&mut self, what: &str, store: &dyn Fn() -> Store) -> Result<(), Anomaly> {
        for server in 0..self.scene.doors.count() {
            self.scene.doors.quiet(server);
        }
        // Each of them can write again.
        for server in 0..self.scene.doors.count() {
            let words = [
                ("resourcetype", "6"),
                ("account", "a0"),
                ("domainid", &*self.scene.domain),
                ("max", "1000"),
            ];
            must(self.scene.doors, server, "updateResourceLimit", &words);
        }
        let mut found = Vec::new();
        for server in 0..self.scene.doors.count() {
            found.push(rows(self.scene.doors, server));
        }
        let now = moment(self.scene.begun, Instant::now());
        let Some(first) = found.first() else { return Ok(()) };
        if let Some(other) = found.iter().find(|one| *one != first) {
            return Err(Anomaly(format!("servers show different rows: {first:?} and {other:?}")));
        }
        let (mut accounts, mut networks) = (BTreeMap::new(), BTreeMap::new());
        for (ip, account, network) in first {
            accounts.insert(ip.clone(), *account);
            networks.insert(ip.clone(), network.clone());
        }
        let mut calls = Vec::new();
        for client in &mut self.clients {
            calls.append(&mut client.calls);
            if let Some(wrong) = &client.wrong {
                let (number, account) = (client.number, client.account);
                let text = format!("client {number} of account {account}: {wrong}");
                return Err(Anomaly(text));
            }
        }
        self.count(&calls);
        let judged = self.judge.judge(calls, &accounts, now);
        judged.map_err(|Anomaly(why)| Anomaly(format!("in a round with {what}: {why}")))?;
        for client in &mut self.clients {
            let own = self.judge.open().filter(|hold| hold.client == client.number);
            client.learn(own.map(|hold| hold.ip.clone()).collect(), &networks);
        }
        let sound = catch_unwind(AssertUnwindSafe(|| check(&store())));
        sound.map_err(|why| {
            let text = why.downcast_ref::<String>().cloned().unwrap_or_default();
            Anomaly(format!("the store is not sound after {what}: {text}"))
        })
    }

    fn count(&mut self, calls: &[crate::sim::cluster::history::Call]) {
        let counts = &mut self.counts;
        counts.rounds += 1;
        counts.calls += calls.len() as u64;
        counts.moved = self.scene.moved.load(Ordering::Relaxed);
        for call in calls {
            counts.longest = counts.longest.max((call.to - call.from) / 1000);
            *match call.outcome {
                Outcome::Done(_) => &mut counts.done,
                Outcome::Over => &mut counts.over,
                Outcome::Exhausted => &mut counts.exhausted,
                Outcome::Failed(_) => &mut counts.failed,
                Outcome::Unknown(_) => &mut counts.unknown,
            } += 1;
        }
    }
}

/// What must succeed, while nothing is wrong with the servers.
fn must(doors: &dyn Doors, server: usize, command: &str, words: &[(&str, &str)]) -> Json {
    let begun = Instant::now();
    loop {
        match doors.call(server, command, words).0 {
            Said::Done(body) => return body,
            said if begun.elapsed() > Duration::from_secs(30) => {
                panic!("{command} {words:?} at server {server}: {said:?}")
            }
            // A server may not have noticed yet that its database is back.
            _ => std::thread::park_timeout(Duration::from_millis(50)),
        }
    }
}

fn id(doors: &dyn Doors, list: &str, words: &[(&str, &str)], key: &str) -> String {
    let body = must(doors, 0, list, words);
    body[key][0]["id"].as_str().unwrap_or_else(|| panic!("{list}: {body}")).to_owned()
}

/// Makes what clients need.
fn scene(doors: &dyn Doors) -> Scene<'_> {
    let zone = id(doors, "listZones", &[], "zone");
    let named = [("name", "DefaultIsolatedNetworkOfferingWithSourceNatService")];
    let offering = id(doors, "listNetworkOfferings", &named, "networkoffering");
    let domain = id(doors, "listDomains", &[], "domain");
    let range = id(doors, "listVlanIpRanges", &[], "vlaniprange");
    let ip = |at: u8| format!("203.0.113.{at}");
    let (first, last) = (ip(FIRST), ip(FIRST + SIZE - 1));
    let words = [("id", &*range), ("startip", &*first), ("endip", &*last)];
    must(doors, 0, "updateVlanIpRange", &words);
    let networks = (0..ACCOUNTS).map(|at| account(doors, at, &domain, &zone, &offering)).collect();
    let words = [("allocatedonly", "false"), ("listall", "true"), ("pagesize", "-1")];
    let body = must(doors, 0, "listPublicIpAddresses", &words);
    let (mut ips, mut ids) = (Vec::new(), Vec::new());
    for row in body["publicipaddress"].as_array().expect("addresses") {
        ips.push(row["ipaddress"].as_str().expect("an address").to_owned());
        ids.push(row["id"].as_str().expect("an id").to_owned());
    }
    assert_eq!(ips.len(), usize::from(SIZE));
    let (stop, moved) = (AtomicBool::new(false), AtomicU64::new(0));
    let begun = Instant::now();
    Scene { doors, begun, stop, moved, ips, zone, offering, domain, networks, ids }
}

fn account(doors: &dyn Doors, at: usize, domain: &str, zone: &str, offering: &str) -> String {
    let name = format!("a{at}");
    let words = [
        ("account", &*name),
        ("username", &*name),
        ("accounttype", "0"),
        ("domainid", domain),
        ("email", "a@example.org"),
        ("firstname", "a"),
        ("lastname", "b"),
        ("password", "long enough 7"),
    ];
    must(doors, 0, "createAccount", &words);
    let words = [
        ("name", &*name),
        ("displaytext", &*name),
        ("zoneid", zone),
        ("networkofferingid", offering),
        ("account", &*name),
        ("domainid", domain),
    ];
    let made = must(doors, 0, "createNetwork", &words);
    made["network"]["id"].as_str().expect("an id").to_owned()
}

/// The rows as a server shows them: address, account, network.
fn rows(doors: &dyn Doors, server: usize) -> Vec<(String, usize, String)> {
    let words = [("allocatedonly", "false"), ("listall", "true"), ("pagesize", "-1")];
    let body = must(doors, server, "listPublicIpAddresses", &words);
    let all = body["publicipaddress"].as_array().cloned().unwrap_or_default();
    let row = |row: &Json| {
        let account = row["account"].as_str()?.strip_prefix('a')?.parse().ok()?;
        let network = row["associatednetworkid"].as_str().unwrap_or_default().to_owned();
        Some((row["ipaddress"].as_str()?.to_owned(), account, network))
    };
    all.iter().filter_map(row).collect()
}
