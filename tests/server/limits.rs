//! Requests that are slow, cut off, too large or no requests at all, and the end of the server.

use super::{Server, eventually};
use crate::harness::Capuchin;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::fs;
use std::net::{Shutdown, TcpStream};

#[test]
fn a_client_that_misbehaves_keeps_nobody_waiting() {
    let capuchin = Capuchin::new();
    let server = Server::new(&capuchin);
    // Some say nothing, some stop in the head or in the body, some never read their answer.
    let slow: Vec<_> = (0..200)
        .map(|number| {
            let mut connection = server.connect();
            // The server need not be there any more.
            let _sent = match number % 4 {
                0 => true,
                1 => connection.send("GET /client/api?comm"),
                2 => connection.send(
                    "POST /client/api HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\ncommand",
                ),
                _ => {
                    let query = server.query("listApis", &[]);
                    let request =
                        format!("GET /client/api?{query} HTTP/1.1\r\nHost: localhost\r\n\r\n");
                    connection.send(&request.repeat(5))
                }
            };
            connection
        })
        .collect();
    for _ in 0..20 {
        assert_eq!(server.get("listZones", &[]).status, 200);
    }
    drop(slow);
    assert_eq!(server.get("listZones", &[]).status, 200);
}

#[test]
fn a_client_that_has_said_all_is_still_answered() {
    let capuchin = Capuchin::new();
    let server = Server::new(&capuchin);
    let mut connection = server.connect();
    let query = server.query("listZones", &[]);
    connection.send(&format!("GET /client/api?{query} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    connection.stream().shutdown(Shutdown::Write).unwrap();
    assert_eq!(connection.answer().expect("an answer").status, 200);
}

#[test]
fn what_is_too_large_is_refused() {
    let capuchin = Capuchin::new();
    let server = Server::new(&capuchin);
    let mut connection = server.connect();
    connection.send("POST /client/api HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n");
    assert_eq!(connection.answer().expect("an answer").status, 413);
    let chunk = format!("{:x}\r\n{}\r\n", 65536, "x".repeat(65536));
    let mut connection = server.connect();
    connection.send("POST /client/api HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    let sent = (0..64).take_while(|_| connection.send(&chunk)).count();
    assert!(sent < 64 || connection.answer().is_some_and(|answer| answer.status == 413));
    let many = server.connect().post("/client/api", &"a=1&".repeat(5000));
    assert_eq!(many.status, 431);
    let mut connection = server.connect();
    connection.send(&format!("GET /client/api?{} HTTP/1.1\r\n\r\n", "a".repeat(200_000)));
    assert!(connection.answer().is_none_or(|answer| answer.status == 414 || answer.status == 431));
    let mut connection = server.connect();
    connection.send("\u{16}\u{3}\u{1} no HTTP at all\r\n\r\n");
    assert!(connection.answer().is_none_or(|answer| answer.status == 400));
    assert_eq!(server.get("listZones", &[]).status, 200);
}

#[test]
fn a_signal_ends_the_server_and_frees_the_address() {
    for signal in ["TERM", "INT"] {
        let capuchin = Capuchin::new();
        let mut server = Server::new(&capuchin);
        let mut idle = server.connect();
        assert_eq!(idle.get("/healthz").status, 200);
        server.running.signal(signal);
        assert_eq!(server.running.wait(), Some(0), "{signal}");
        assert!(idle.answer().is_none());
        assert!(std::net::TcpStream::connect(&server.address).is_err());
    }
}

#[test]
fn an_address_that_is_taken_is_said() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let capuchin = Capuchin::new();
    let run = capuchin.run(&format!("serve --listen {address}"));
    run.stderr_has("cannot listen on").stderr_has(&address).status(4).check();
}

/// How many connections do nothing.
const IDLE: usize = 10_000;

/// Lets this process, and those that it starts, have as many files open as are needed.
fn raise_open_files() {
    let limit = getrlimit(Resource::Nofile);
    let wanted = IDLE as u64 + 1000;
    let maximum = limit.maximum.map(|most| most.max(wanted));
    let raised = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    let text = format!("{wanted} open files are needed; {limit:?} is too low: ulimit -Hn {wanted}");
    raised.expect(&text);
}

#[test]
fn idle_connections_are_no_burden() {
    raise_open_files();
    let capuchin = Capuchin::new();
    let server = Server::with(&capuchin, "--max-connections-per-client 20000");
    let mut idle = Vec::new();
    while idle.len() < IDLE {
        idle.extend((0..500).map(|_| TcpStream::connect(&server.address).unwrap()));
        // Who is answered now was taken after all of them.
        assert_eq!(server.connect().get("/healthz").status, 200);
    }
    let open = || {
        let text = server.metrics();
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix("capuchin_connections_open{listener=\"http\"} "));
        line.and_then(|count| count.parse().ok()).unwrap_or(0_usize)
    };
    assert!(open() > IDLE, "{} are open", open());
    for _ in 0..50 {
        assert_eq!(server.get("listZones", &[]).status, 200);
    }
    let status = fs::read_to_string(format!("/proc/{}/status", server.running.id())).unwrap();
    let memory = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let memory: u64 = memory.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(memory < 300_000, "{memory} kB for {IDLE} idle connections");
    drop(idle);
    eventually("all have left", || open() < 100);
}
