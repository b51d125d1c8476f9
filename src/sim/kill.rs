//! Processes that are killed while they write: what they were told stands, and the store is sound.

use crate::sim::processes::{STORE, hear, spawn, tell};
use crate::sim::rng::{Rng, fresh_seed, given_seed};
use crate::sim::scratch::{self, Scratch};
use crate::sim::{World, invariants};
use std::collections::{BTreeMap, BTreeSet};
use std::io::BufReader;
use std::path::Path;

const ROUNDS: u64 = 30;

/// Takes addresses and gives some back, for ever, and tells each step when it is acknowledged.
#[test]
fn worker() {
    let Some(path) = std::env::var_os(STORE) else { return };
    let world = scratch::world(Path::new(&path));
    let network = scratch::network(&world);
    for step in 1_u64.. {
        let Ok(body) = world.call("associateIpAddress", &[("networkid", &network)]) else {
            give_all(&world);
            continue;
        };
        let ip = body["ipaddress"]["ipaddress"].as_str().unwrap();
        tell("took", ip);
        if step % 3 == 0 {
            give(&world, ip);
        }
    }
}

fn give_all(world: &World) {
    let body = world.ok("listPublicIpAddresses", &[]);
    for row in body["publicipaddress"].as_array().unwrap() {
        give(world, row["ipaddress"].as_str().unwrap());
    }
}

/// Gives an address back; says so before as well: in between nobody can know.
fn give(world: &World, ip: &str) {
    tell("giving", ip);
    if world.call("disassociateIpAddress", &[("ipaddress", ip)]).is_ok() {
        tell("gave", ip);
    } else {
        tell("kept", ip);
    }
}

/// What is known of an address.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Known {
    Held,
    Free,
    Unknown,
}

#[test]
fn what_was_acknowledged_outlives_a_kill() {
    let seed = given_seed().unwrap_or_else(fresh_seed);
    println!("make this run again with SIM_SEED={seed} cargo nextest run sim::kill");
    let (scratch, mut rng) = (Scratch::new(), Rng::new(seed));
    let path = scratch.file("store");
    let mut known = BTreeMap::new();
    let mut acknowledged = 0;
    for round in 0..ROUNDS {
        acknowledged += live_and_die(&path, &mut known, 1 + rng.below(60));
        let store = scratch::open(&path).expect("a store that outlives its writer");
        invariants::check(&store);
        let held = held(&path);
        let mut came_back = Vec::new();
        for (ip, known) in &mut known {
            match (*known, held.contains(ip)) {
                (Known::Unknown, now) => *known = if now { Known::Held } else { Known::Free },
                (Known::Held, now) => assert!(now, "{ip} was lost in round {round}"),
                (Known::Free, true) => came_back.push(ip.clone()),
                (Known::Free, false) => {}
            }
        }
        // One may have been taken again, and its taker killed before it could tell.
        assert!(came_back.len() <= 1, "{came_back:?} came back in round {round}");
        known.extend(held.into_iter().map(|ip| (ip, Known::Held)));
    }
    assert!(acknowledged > ROUNDS, "{acknowledged}");
}

/// Lets a worker run until it has told so many things, kills it, and notes all that it told.
fn live_and_die(path: &Path, known: &mut BTreeMap<String, Known>, lines: u64) -> u64 {
    let mut child = spawn("sim::kill::worker", path);
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut count = 0;
    // The one that was taken when it died was told to nobody: every address that nobody told of
    // is unknown.
    known.retain(|_, known| *known == Known::Held);
    while let Some((word, ip)) = hear(&mut output) {
        let now = match word.as_str() {
            "took" | "kept" => Known::Held,
            "gave" => Known::Free,
            _ => Known::Unknown,
        };
        let before = known.insert(ip.clone(), now);
        assert!(word != "took" || before != Some(Known::Held), "{ip} was given twice");
        count += 1;
        if count == lines {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    count
}

fn held(path: &Path) -> BTreeSet<String> {
    let body = scratch::world(path).ok("listPublicIpAddresses", &[]);
    let rows = body["publicipaddress"].as_array().into_iter().flatten();
    rows.map(|row| row["ipaddress"].as_str().unwrap().to_owned()).collect()
}
