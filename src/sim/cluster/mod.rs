//! Several servers on one `MariaDB`, or on the nodes of a Galera cluster: whatever is killed,
//! stopped or cut off, no address has two holders and nothing is lost.
//!
//! `CLUSTER_MINUTES=10 cargo nextest run sim::cluster` runs for so long instead of some seconds,
//! and `SIM_SEED` names the seed of an earlier run.

mod clients;
mod door;
mod faults;
mod history;
mod mutants;
mod nodes;
mod processes;
mod run;

use crate::api::Engine;
use crate::engine::{Content, seed};
use crate::sim::cluster::door::Engines;
use crate::sim::cluster::faults::Faults;
use crate::sim::cluster::history::Anomaly;
use crate::sim::cluster::mutants::{Mistake, Mutant};
use crate::sim::cluster::nodes::Nodes;
use crate::sim::cluster::processes::Servers;
use crate::sim::cluster::run::Run;
use crate::sim::rng::{Rng, fresh_seed, given_seed};
use crate::sim::scratch::Scratch;
use crate::sim::{EPOCH, KEY, Known, clock};
use crate::store::{Db, MariaDb, Server, Store};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Clients of a run.
const CLIENTS: usize = 12;
/// Servers of a run.
const SERVERS: usize = 3;

/// How long a run goes on that nobody asked to go on longer.
fn length(short: Duration) -> Duration {
    let minutes = std::env::var_os("CLUSTER_MINUTES");
    let minutes = minutes.and_then(|text| text.to_str()?.parse().ok());
    minutes.map_or(short, |minutes: u64| Duration::from_mins(minutes))
}

fn fresh(name: &str) -> u64 {
    let seed = given_seed().unwrap_or_else(fresh_seed);
    println!("make this run again with SIM_SEED={seed} cargo nextest run sim::cluster::{name}");
    seed
}

/// A store on a server; with `mistake` its connections make one.
fn store(server: Server, mistake: Option<Mistake>) -> Store {
    let connect = move || {
        let db = MariaDb::open(&server)?;
        Ok(match mistake {
            Some(mistake) => Box::new(Mutant::new(db, mistake)) as Box<dyn Db>,
            None => Box::new(db),
        })
    };
    let fill = &mut |tx: &mut crate::store::Tx| seed(tx, EPOCH, Content::Sandbox);
    Store::with(Box::new(connect), None, KEY, fill).expect("a store")
}

/// Real servers, and faults, for a while.
fn survive(nodes: Nodes, seed: u64, time: Duration) {
    let begun = Instant::now();
    let home = Scratch::new();
    let stores = (0..SERVERS).map(|at| nodes.store(at % nodes.count())).collect();
    let servers = Servers::start(&home.file("home"), stores);
    let server = nodes.server(0);
    let open = || store(server.clone(), None);
    let mut faults = Faults::new(nodes, &servers, Rng::new(seed));
    let mut run = Run::new(&servers, CLIENTS, seed);
    println!("started after {:?}", begun.elapsed());
    let end = Instant::now() + time;
    while Instant::now() < end {
        if let Err(Anomaly(why)) = run.round(|| faults.strike(), &open) {
            panic!("seed {seed}: {why}\n{:?}", run.counts);
        }
    }
    println!("seed {seed}: {:?}", run.counts);
    assert!(run.counts.calls > 100, "too little was done: {:?}", run.counts);
}

#[test]
fn three_servers_on_one_database_lose_nothing() {
    let seed = fresh("three_servers_on_one_database");
    survive(Nodes::start(1), seed, length(Duration::from_secs(20)));
}

#[test]
fn three_servers_on_three_nodes_lose_nothing() {
    let seed = fresh("three_servers_on_three_nodes");
    survive(Nodes::start(3), seed, length(Duration::from_secs(20)));
}

/// Engines in this process, each replaced now and then, until something is wrong or for a while.
fn until_wrong(mistake: Option<Mistake>, time: Duration) -> Option<String> {
    let nodes = Nodes::start(1);
    let seed = fresh("mistake");
    let server = nodes.server(0);
    let again = server.clone();
    let open = move || {
        let store = Arc::new(store(server.clone(), mistake));
        Engine::new(store, clock()).with_secrets(Known::default())
    };
    let engines = Engines::new(SERVERS, open);
    let mut run = Run::new(&engines, CLIENTS, seed);
    let mut rng = Rng::new(seed);
    let end = Instant::now() + time;
    while Instant::now() < end {
        let fault = || {
            std::thread::park_timeout(Duration::from_millis(200));
            engines.replace(usize::try_from(rng.below(SERVERS as u64)).unwrap_or(0));
            std::thread::park_timeout(Duration::from_millis(100));
            "a new engine"
        };
        if let Err(Anomaly(why)) = run.round(fault, &|| store(again.clone(), None)) {
            println!("{:?}\n{why}", run.counts);
            return Some(why);
        }
    }
    println!("{:?}", run.counts);
    None
}

#[test]
fn what_is_right_is_found_right() {
    assert_eq!(until_wrong(None, Duration::from_secs(4)), None);
}

#[test]
fn an_answer_before_the_commit_is_noticed() {
    let wrong = until_wrong(Some(Mistake::AnswersFirst), Duration::from_mins(1));
    assert!(wrong.is_some());
}

#[test]
fn trusting_the_hint_is_noticed() {
    let wrong = until_wrong(Some(Mistake::TrustsTheHint), Duration::from_mins(1)).expect("two");
    assert!(wrong.contains("two holders") || wrong.contains("is lost"), "{wrong}");
}

#[test]
fn counting_apart_is_noticed() {
    let wrong = until_wrong(Some(Mistake::CountsApart), Duration::from_mins(1)).expect("more");
    assert!(wrong.contains("and may have"), "{wrong}");
}
