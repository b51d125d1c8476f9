//! Many clients at once, and a server that is killed among them.

use super::{Caller, Connection, Server};
use crate::harness::Capuchin;
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

const CLIENTS: usize = 64;

/// Associates an address; its id and its text, or none once the server is gone.
fn associate(connection: &mut Connection, query: &str) -> Option<String> {
    connection.send(&format!("GET /client/api?{query} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    let answer = connection.answer()?;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.inner()["id"].as_str().map(str::to_owned)
}

fn held(server: &Caller) -> Vec<Value> {
    let inner = server.ok("listPublicIpAddresses", &[("pagesize", "-1")]);
    inner["publicipaddress"].as_array().cloned().unwrap_or_default()
}

#[test]
fn no_two_clients_are_given_one_address() {
    let capuchin = Capuchin::new();
    let server = Server::new(&capuchin);
    let caller = &server.caller;
    let network = caller.network();
    let query = caller.query("associateIpAddress", &[("networkid", &network)]);
    let holding = Mutex::new(HashSet::new());
    thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                let mut connection = caller.connect();
                for round in 0..4 {
                    let id = associate(&mut connection, &query).expect("an answer");
                    assert!(holding.lock().unwrap().insert(id.clone()), "{id} was given twice");
                    if round == 3 {
                        continue;
                    }
                    // The source NAT address stays: it cannot be given back.
                    holding.lock().unwrap().remove(&id);
                    let back = caller.query("disassociateIpAddress", &[("id", &id)]);
                    let back = connection.get(&format!("/client/api?{back}"));
                    assert_eq!(back.status, 200, "{}", back.body);
                }
            });
        }
    });
    let rows = held(&server);
    let addresses: HashSet<_> = rows.iter().map(|row| row["ipaddress"].to_string()).collect();
    assert_eq!(addresses.len(), rows.len());
    for id in holding.lock().unwrap().iter() {
        assert!(rows.iter().any(|row| row["id"] == id.as_str()), "{id} is lost");
    }
}

/// What is known of an address by those who were answered.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Known {
    Held,
    /// Given back, but nobody said yet that it is.
    Giving,
    Free,
}

/// Takes addresses and gives most of them back until the server is gone; tells of each answer.
fn live(caller: &Caller, network: &str, known: &Mutex<HashMap<String, Known>>, told: &Sender<()>) {
    let mut connection = caller.connect();
    for round in 1.. {
        let query = caller.query("associateIpAddress", &[("networkid", network)]);
        let Some(id) = associate(&mut connection, &query) else { return };
        let before = known.lock().unwrap().insert(id.clone(), Known::Held);
        assert_ne!(before, Some(Known::Held), "{id} was given twice");
        // Nobody counts any more once the server was killed.
        let _ = told.send(());
        // A few are kept, so that there is something to lose.
        if round % 3 == 0 {
            continue;
        }
        known.lock().unwrap().insert(id.clone(), Known::Giving);
        let query = caller.query("disassociateIpAddress", &[("id", &id)]);
        connection.send(&format!("GET /client/api?{query} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        let Some(answer) = connection.answer() else { return };
        assert_eq!(answer.status, 200, "{}", answer.body);
        // Somebody else may have been given it before this answer came.
        if let Some(known @ Known::Giving) = known.lock().unwrap().get_mut(&id) {
            *known = Known::Free;
        }
        let _ = told.send(());
    }
}

#[test]
fn what_was_answered_survives_a_kill() {
    let capuchin = Capuchin::new();
    let server = Server::new(&capuchin);
    let caller = &server.caller;
    let network = caller.network();
    // The source NAT address cannot be given back.
    let query = caller.query("associateIpAddress", &[("networkid", &network)]);
    associate(&mut caller.connect(), &query).expect("an answer");
    let known = Mutex::new(HashMap::new());
    let (sender, told) = channel();
    thread::scope(|scope| {
        for _ in 0..CLIENTS {
            let (sender, known, network) = (sender.clone(), &known, &network);
            scope.spawn(move || live(caller, network, known, &sender));
        }
        for _ in 0..600 {
            told.recv_timeout(Duration::from_mins(1)).expect("an answer");
        }
        server.running.signal("KILL");
    });
    let (key, secret) = (server.key.clone(), server.secret.clone());
    drop(server);
    let server = Server::start(&capuchin, "", key, secret);
    let rows = held(&server);
    let addresses: HashSet<_> = rows.iter().map(|row| row["ipaddress"].to_string()).collect();
    assert_eq!(addresses.len(), rows.len());
    let there: HashSet<_> = rows.iter().filter_map(|row| row["id"].as_str()).collect();
    let known = known.into_inner().unwrap();
    assert!(known.values().filter(|known| **known == Known::Held).count() >= 10);
    for (id, known) in &known {
        assert!(*known != Known::Held || there.contains(&**id), "{id} was answered and is lost");
    }
    // A client may have been given one of these, and not have been told.
    let back = |(id, known): &(&String, &Known)| **known == Known::Free && there.contains(&***id);
    assert!(known.iter().filter(back).count() <= CLIENTS, "given back, and there again");
}
