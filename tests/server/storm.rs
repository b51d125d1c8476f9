//! Many clients at once, and a server that is killed among them.

use super::{Caller, Connection, Server};
use crate::harness::Capuchin;
use serde_json::Value;
use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::mpsc::channel;
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

#[test]
fn what_was_answered_survives_a_kill() {
    let capuchin = Capuchin::new();
    let server = Server::new(&capuchin);
    let caller = &server.caller;
    let network = caller.network();
    let query = caller.query("associateIpAddress", &[("networkid", &network)]);
    let answered = Mutex::new(Vec::new());
    let (sender, seen) = channel();
    thread::scope(|scope| {
        for _ in 0..16 {
            let (sender, answered, query) = (sender.clone(), &answered, &query);
            scope.spawn(move || {
                let mut connection = caller.connect();
                for _ in 0..12 {
                    let Some(id) = associate(&mut connection, query) else { return };
                    answered.lock().unwrap().push(id);
                    // Nobody counts any more once the server was killed.
                    let _ = sender.send(());
                }
            });
        }
        for _ in 0..40 {
            seen.recv_timeout(Duration::from_mins(1)).expect("an answer");
        }
        server.running.signal("KILL");
    });
    let (key, secret) = (server.key.clone(), server.secret.clone());
    drop(server);
    let server = Server::start(&capuchin, "", key, secret);
    let rows = held(&server);
    let addresses: HashSet<_> = rows.iter().map(|row| row["ipaddress"].to_string()).collect();
    assert_eq!(addresses.len(), rows.len());
    let answered = answered.into_inner().unwrap();
    assert!(answered.len() >= 40);
    for id in answered {
        assert!(rows.iter().any(|row| row["id"] == id.as_str()), "{id} was answered and is lost");
    }
}
