//! What happens to servers and databases while clients call.

use crate::sim::cluster::nodes::Nodes;
use crate::sim::cluster::processes::Servers;
use crate::sim::rng::Rng;
use rustix::process::Signal;
use std::time::Duration;

/// Strikes servers and databases, one at a time, and heals them again.
pub(super) struct Faults<'s> {
    nodes: Nodes,
    servers: &'s Servers,
    rng: Rng,
    /// What is struck next; each kind comes once before any comes again.
    next: Vec<Fault>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    ServerKilled,
    ServerStopped,
    DatabaseKilled,
    DatabaseStopped,
    Cut,
    Nothing,
}

const ALONE: &[Fault] = &[
    Fault::ServerKilled,
    Fault::ServerStopped,
    Fault::DatabaseKilled,
    Fault::DatabaseStopped,
    Fault::Nothing,
];
const CLUSTER: &[Fault] = &[
    Fault::ServerKilled,
    Fault::DatabaseKilled,
    Fault::DatabaseStopped,
    Fault::Cut,
    Fault::Nothing,
];

impl<'s> Faults<'s> {
    pub(super) fn new(nodes: Nodes, servers: &'s Servers, rng: Rng) -> Self {
        Self { nodes, servers, rng, next: Vec::new() }
    }

    /// Lets clients call, strikes, heals, and lets them call on; returns what it was.
    pub(super) fn strike(&mut self) -> &'static str {
        let before = 200 + self.rng.below(400);
        pause(before);
        let fault = self.pick();
        let lasts = 300 + self.rng.below(if self.nodes.count() > 1 { 3000 } else { 1200 });
        let node = usize::try_from(self.rng.below(self.nodes.count() as u64)).unwrap_or(0);
        let server = usize::try_from(self.rng.below(crate::sim::cluster::SERVERS as u64));
        let name = self.cause(fault, node, server.unwrap_or(0), lasts);
        pause(400);
        name
    }

    fn pick(&mut self) -> Fault {
        if self.next.is_empty() {
            self.next = if self.nodes.count() > 1 { CLUSTER } else { ALONE }.to_vec();
        }
        let at = self.rng.below(self.next.len() as u64);
        self.next.swap_remove(usize::try_from(at).unwrap_or(0))
    }

    fn cause(&mut self, fault: Fault, node: usize, server: usize, lasts: u64) -> &'static str {
        match fault {
            Fault::Nothing => {
                pause(lasts);
                "nothing"
            }
            Fault::ServerKilled => {
                self.servers.kill(server);
                pause(lasts / 2);
                self.servers.again(server);
                "a server killed"
            }
            Fault::ServerStopped => {
                self.servers.signal(server, Signal::STOP);
                pause(lasts);
                self.servers.signal(server, Signal::CONT);
                "a server stopped"
            }
            Fault::DatabaseKilled => {
                self.nodes.kill(node);
                pause(lasts);
                self.nodes.again(node);
                "a database killed"
            }
            Fault::DatabaseStopped => {
                self.nodes.signal(node, Signal::STOP);
                pause(lasts);
                self.nodes.signal(node, Signal::CONT);
                self.nodes.ready(node);
                "a database stopped"
            }
            Fault::Cut => {
                self.nodes.cut(node, true);
                pause(lasts + 1500);
                self.nodes.cut(node, false);
                self.nodes.ready(node);
                "a node cut off"
            }
        }
    }
}

fn pause(millis: u64) {
    std::thread::park_timeout(Duration::from_millis(millis));
}
