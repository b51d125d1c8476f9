//! Clients that take, give, look and count, at whichever server answers.

use crate::sim::cluster::door::{Doors, Said};
use crate::sim::cluster::history::{Ask, Call, Moment, Outcome};
use crate::sim::rng::Rng;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What all clients of a run share.
pub(super) struct Scene<'d> {
    pub(super) doors: &'d dyn Doors,
    pub(super) begun: Instant,
    /// Whether clients are to stop after the call that they are at.
    pub(super) stop: AtomicBool,
    /// Times that a client went on to another server.
    pub(super) moved: AtomicU64,
    /// The addresses, by number.
    pub(super) ips: Vec<String>,
    pub(super) zone: String,
    pub(super) offering: String,
    pub(super) domain: String,
    /// The network of each account.
    pub(super) networks: Vec<String>,
    /// The ids of the addresses.
    pub(super) ids: Vec<String>,
}

impl Scene<'_> {
    fn id_of(&self, ip: &str) -> String {
        let at = self.ips.iter().position(|one| one == ip);
        at.and_then(|at| self.ids.get(at)).cloned().unwrap_or_default()
    }
}

/// A network that a client made for a while.
struct Errand {
    network: String,
    ips: Vec<String>,
    /// Whether somebody told it to go, and nobody knows whether it went.
    doubtful: bool,
}

/// One client.
pub(super) struct Client {
    pub(super) number: usize,
    pub(super) account: usize,
    pub(super) rng: Rng,
    /// The server that answered last.
    server: usize,
    /// What it holds and may give back.
    pub(super) held: Vec<String>,
    /// Whether it reserves addresses instead of acquiring them.
    reserves: bool,
    errands: Vec<Errand>,
    /// The source NAT address of the account's network.
    pinned: Option<String>,
    pub(super) calls: Vec<Call>,
    /// What no server may say.
    pub(super) wrong: Option<String>,
}

/// Limits that come and go.
const LIMITS: [u64; 4] = [4, 7, 9, 14];

impl Client {
    pub(super) fn new(number: usize, account: usize, reserves: bool, seed: u64) -> Self {
        let rng = Rng::new(seed ^ (number as u64 + 1).wrapping_mul(0x9e37_79b9));
        let (held, errands, calls) = (Vec::new(), Vec::new(), Vec::new());
        let (pinned, wrong) = (None, None);
        Self { number, account, rng, server: number, held, reserves, errands, pinned, calls, wrong }
    }

    /// Learns what is there while nobody calls: what it may give back, and what goes with its
    /// networks.
    pub(super) fn learn(&mut self, own: Vec<String>, networks: &BTreeMap<String, String>) {
        let of = |ip: &String| networks.get(ip);
        for errand in &mut self.errands {
            let here = own.iter().filter(|ip| of(ip) == Some(&errand.network));
            errand.ips = here.cloned().collect();
        }
        let goes = |ip: &String| self.errands.iter().any(|errand| errand.ips.contains(ip));
        self.held = own
            .iter()
            .filter(|ip| !goes(ip) && Some(*ip) != self.pinned.as_ref())
            .cloned()
            .collect();
    }

    /// Acquires the first address of the account's network, which stays as its source NAT.
    pub(super) fn settle(&mut self, scene: &Scene<'_>) {
        let network = scene.networks[self.account].clone();
        self.pinned = self.take_for(scene, &network, None);
    }

    /// Calls until it is told to stop, or something is wrong.
    pub(super) fn live(&mut self, scene: &Scene<'_>) {
        while !scene.stop.load(Ordering::Relaxed) && self.wrong.is_none() {
            // Clients of one account meet at different servers.
            if self.rng.chance(10) {
                self.server = self.number + usize::try_from(self.rng.below(8)).unwrap_or(0);
            }
            match self.rng.below(100) {
                0..45 if self.reserves => self.reserve(scene),
                0..45 => self.take(scene),
                45..80 => self.give(scene),
                80..93 => self.look(scene),
                93..96 if self.number < scene.networks.len() => self.limit(scene),
                _ if !self.reserves => self.errand(scene),
                _ => {}
            }
        }
    }

    fn take(&mut self, scene: &Scene<'_>) {
        let network = scene.networks[self.account].clone();
        let named = self.rng.chance(30).then(|| self.any(&scene.ips));
        if let Some(ip) = self.take_for(scene, &network, named) {
            self.held.push(ip);
        }
    }

    fn take_for(
        &mut self,
        scene: &Scene<'_>,
        network: &str,
        named: Option<String>,
    ) -> Option<String> {
        let mut words = vec![("networkid", network)];
        words.extend(named.as_deref().map(|ip| ("ipaddress", ip)));
        let ask = Ask::Take(named.clone());
        let given = |body: &Json| body["ipaddress"]["ipaddress"].as_str().map(str::to_owned);
        self.ask(scene, ask, "associateIpAddress", &words, &given)
    }

    fn reserve(&mut self, scene: &Scene<'_>) {
        let ip = self.any(&scene.ips);
        let id = scene.id_of(&ip);
        let account = format!("a{}", self.account);
        let words = [("id", &*id), ("account", &*account), ("domainid", &*scene.domain)];
        if self.held.contains(&ip) {
            return;
        }
        let given = |body: &Json| body["ipaddress"]["ipaddress"].as_str().map(str::to_owned);
        let ask = Ask::Take(Some(ip));
        let reserved = self.ask(scene, ask, "reserveIpAddress", &words, &given);
        self.held.extend(reserved);
    }

    fn give(&mut self, scene: &Scene<'_>) {
        if self.held.is_empty() {
            return;
        }
        let at = usize::try_from(self.rng.below(self.held.len() as u64)).unwrap_or(0);
        let ip = self.held.swap_remove(at);
        let id = scene.id_of(&ip);
        let command = if self.reserves { "releaseIpAddress" } else { "disassociateIpAddress" };
        let ask = Ask::Give(vec![ip.clone()]);
        self.ask(scene, ask, command, &[("id", &id)], &|_| None);
        if self.calls.last().is_some_and(|call| matches!(call.outcome, Outcome::Failed(_))) {
            self.held.push(ip);
        }
    }

    fn look(&mut self, scene: &Scene<'_>) {
        let ip = match self.rng.pick(&self.held).filter(|_| self.number.is_multiple_of(2)) {
            Some(own) => own.clone(),
            None => self.any(&scene.ips),
        };
        let words = [("ipaddress", &*ip), ("listall", "true"), ("allocatedonly", "false")];
        let holder = |body: &Json| {
            let row = &body["publicipaddress"][0];
            row["account"].as_str().map(str::to_owned)
        };
        self.ask(scene, Ask::Look(ip.clone()), "listPublicIpAddresses", &words, &holder);
    }

    /// Only the first client of each account changes its limit, one change after another.
    fn limit(&mut self, scene: &Scene<'_>) {
        let max = self.rng.one_of(&LIMITS);
        self.set_limit(scene, max);
    }

    /// Sets the limit of the account.
    pub(super) fn set_limit(&mut self, scene: &Scene<'_>, max: u64) {
        let (account, text) = (format!("a{}", self.account), max.to_string());
        let words = [
            ("resourcetype", "1"),
            ("account", &*account),
            ("domainid", &*scene.domain),
            ("max", &*text),
        ];
        self.ask(scene, Ask::Limit(max), "updateResourceLimit", &words, &|_| None);
    }

    /// Makes a network with addresses, and removes it, perhaps later.
    fn errand(&mut self, scene: &Scene<'_>) {
        if let Some(errand) = self.errands.pop() {
            return self.end(scene, errand);
        }
        let account = format!("a{}", self.account);
        let words = [
            ("name", "errand"),
            ("displaytext", "errand"),
            ("zoneid", &*scene.zone),
            ("networkofferingid", &*scene.offering),
            ("account", &*account),
            ("domainid", &*scene.domain),
        ];
        let id = |body: &Json| body["network"]["id"].as_str().map(str::to_owned);
        let made = self.ask(scene, Ask::Other("network"), "createNetwork", &words, &id);
        let Some(network) = made else { return };
        let ips = (0..2).filter_map(|_| self.take_for(scene, &network, None)).collect();
        self.errands.push(Errand { network, ips, doubtful: false });
    }

    fn end(&mut self, scene: &Scene<'_>, errand: Errand) {
        let words = [("id", &*errand.network)];
        let was_doubtful = errand.doubtful;
        let ask = Ask::Give(errand.ips.clone());
        self.ask(scene, ask, "deleteNetwork", &words, &|_| None);
        let Some(call) = self.calls.last_mut() else { return };
        if was_doubtful && self.wrong.as_ref().is_some_and(|why| why.contains("with 431")) {
            // It went when nobody knew.
            (call.outcome, self.wrong) = (Outcome::Unknown("it is gone".into()), None);
            return;
        }
        match call.outcome {
            Outcome::Failed(_) => self.errands.push(errand),
            Outcome::Unknown(_) => self.errands.push(Errand { doubtful: true, ..errand }),
            _ => {}
        }
    }

    fn any(&mut self, all: &[String]) -> String {
        self.rng.pick(all).cloned().unwrap_or_default()
    }

    /// Makes a call at the server that answered last, or at the next one that is there, and notes
    /// what became of it; returns what `given` finds in the answer.
    fn ask(
        &mut self,
        scene: &Scene<'_>,
        ask: Ask,
        command: &str,
        words: &[(&str, &str)],
        given: &dyn Fn(&Json) -> Option<String>,
    ) -> Option<String> {
        let count = scene.doors.count();
        let from = moment(scene.begun, Instant::now());
        let (mut said, mut end) = (Said::Away("nobody was asked".into()), Instant::now());
        for _ in 0..count {
            self.server %= count;
            (said, end) = scene.doors.call(self.server, command, words);
            let moves = match &said {
                Said::Away(_) | Said::Unknown(_) => true,
                Said::Refused(code, text) => is_failure(*code, text),
                Said::Done(_) => false,
            };
            if !moves {
                break;
            }
            self.server += 1;
            scene.moved.fetch_add(1, Ordering::Relaxed);
            if !matches!(said, Said::Away(_)) {
                break;
            }
        }
        let server = self.server % count;
        let outcome = match said {
            Said::Done(body) => Outcome::Done(given(&body)),
            Said::Away(why) => Outcome::Failed(why),
            Said::Unknown(why) => {
                if why.contains("ended unnoticed") {
                    self.wrong = Some(why.clone());
                }
                Outcome::Unknown(why)
            }
            Said::Refused(code, text) => self.refused(&ask, code, text),
        };
        if matches!(outcome, Outcome::Failed(_) | Outcome::Unknown(_)) {
            std::thread::park_timeout(Duration::from_millis(20));
        }
        let (client, account, to) = (self.number, self.account, moment(scene.begun, end));
        let back = match &outcome {
            Outcome::Done(back) => back.clone(),
            _ => None,
        };
        self.calls.push(Call { client, account, server, ask, from, to, outcome });
        back
    }

    fn refused(&mut self, ask: &Ask, code: u16, text: String) -> Outcome {
        let takes = matches!(ask, Ask::Take(_));
        match code {
            // What ends a call in the database's words, or before it was looked at.
            _ if is_failure(code, &text) => Outcome::Failed(text),
            _ if takes && text.contains("Maximum number of public_ip") => Outcome::Over,
            _ if text.contains("Maximum number of") => Outcome::Failed(text),
            533 if takes => Outcome::Exhausted,
            _ if takes && text.contains("cannot be reserved: it is") => Outcome::Exhausted,
            _ => {
                self.wrong = Some(format!("{ask:?} was refused with {code}: {text}"));
                Outcome::Failed(text)
            }
        }
    }
}

/// Whether a refusal says that the store or the server could not do it.
fn is_failure(_code: u16, text: &str) -> bool {
    text.contains("The store failed")
}

/// The time since the run began.
pub(super) fn moment(begun: Instant, at: Instant) -> Moment {
    Moment::try_from(at.duration_since(begun).as_micros()).unwrap_or(Moment::MAX)
}
