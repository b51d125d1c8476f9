//! Clients by where they come from: networks, proxies, connections of one address; and accounts by
//! how often they ask.

use super::{Connection, Server, eventually};
use crate::harness::Capuchin;
use rusqlite::Connection as Store;

/// What a list of zones is answered with when the request came with these lines of a head.
fn list(server: &Server<'_>, lines: &str) -> u16 {
    let target = format!("/client/api?{}", server.query("listZones", &[]));
    server.connect().get_with(&target, lines).status
}

#[test]
fn from_elsewhere_a_right_signature_is_like_a_wrong_one() {
    let capuchin = Capuchin::new();
    let server = Server::with(&capuchin, "--allow-from 192.0.2.0/24 --allow-from ::1");
    let refused = server.get("listZones", &[]);
    assert_eq!(refused.status, 401);
    let text = "unable to verify user credentials and/or request signature";
    assert_eq!(refused.inner()["errortext"], text);
    assert!(server.running.stderr().contains("--allow-from does not name this address"));
    // What only asks whether the server is there is answered.
    assert_eq!(server.connect().get("/healthz").status, 200);
    let capuchin = Capuchin::new();
    let server = Server::with(&capuchin, "--allow-from 127.0.0.0/8");
    assert_eq!(list(&server, ""), 200);
    // Nobody is believed who says that he asks for somebody else.
    assert_eq!(list(&server, "X-Forwarded-For: 192.0.2.1\r\n"), 200);
}

#[test]
fn a_proxy_tells_for_whom_it_asks_and_its_clients_cannot() {
    let capuchin = Capuchin::new();
    let options = "--trusted-proxy 127.0.0.1 --trusted-proxy 10.0.0.0/8 --allow-from 192.0.2.0/24";
    let server = Server::with(&capuchin, options);
    for (lines, status) in [
        ("", 401),
        ("X-Forwarded-For: 192.0.2.1\r\n", 200),
        ("X-Forwarded-For: 192.0.2.1, 10.0.0.1\r\n", 200),
        ("X-Forwarded-For: 198.51.100.1\r\n", 401),
        ("X-Forwarded-For: 192.0.2.1, 198.51.100.1\r\n", 401),
        ("X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For: 198.51.100.1\r\n", 401),
        ("X-Forwarded-For: 192.0.2.1, nobody\r\n", 401),
        ("Forwarded: for=192.0.2.1\r\n", 401),
    ] {
        assert_eq!(list(&server, lines), status, "{lines}");
    }
    assert!(server.running.stderr().contains("client=198.51.100.1"));
}

#[test]
fn metrics_are_for_this_machine_and_not_for_what_comes_through_a_proxy() {
    let capuchin = Capuchin::new();
    let server = Server::new(&capuchin);
    let status = |lines: &str| server.connect().get_with("/metrics", lines).status;
    assert_eq!(status(""), 200);
    assert_eq!(status("X-Forwarded-For: 192.0.2.1\r\n"), 403);
    assert_eq!(status("Forwarded: for=192.0.2.1\r\n"), 403);
    let capuchin = Capuchin::new();
    let server = Server::with(&capuchin, "--metrics-from 192.0.2.1 --trusted-proxy 127.0.0.1");
    let status = |lines: &str| server.connect().get_with("/metrics", lines).status;
    assert_eq!(status(""), 403);
    assert_eq!(status("X-Forwarded-For: 192.0.2.1\r\n"), 200);
}

#[test]
fn an_address_has_so_many_connections() {
    let capuchin = Capuchin::new();
    let server = Server::with(&capuchin, "--max-connections-per-client 3");
    let ask = |connection: &mut Connection| {
        connection.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
        connection.answer().map(|answer| answer.status)
    };
    let mut open: Vec<_> = (0..3).map(|_| server.connect()).collect();
    assert!(open.iter_mut().all(|connection| ask(connection) == Some(200)));
    assert!(matches!(ask(&mut server.connect()), None | Some(503)));
    assert!(open.iter_mut().all(|connection| ask(connection) == Some(200)));
    drop(open);
    eventually("a place is free again", || ask(&mut server.connect()) == Some(200));
    eventually("those who were turned away are counted", || {
        let answer = server.connect().get_with("/metrics", "");
        answer.body.contains("capuchin_connections_refused_total{reason=\"client\"} ")
    });
}

#[test]
fn the_server_has_so_many_connections_and_a_proxy_as_many_as_it_likes() {
    let capuchin = Capuchin::new();
    let options = "--max-connections 5 --max-connections-per-client 1 --trusted-proxy 127.0.0.1";
    let server = Server::with(&capuchin, options);
    let mut open: Vec<_> = (0..5).map(|_| server.connect()).collect();
    for connection in &mut open {
        assert_eq!(connection.get("/healthz").status, 200);
    }
    let mut late = server.connect();
    late.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert!(late.answer().is_none_or(|answer| answer.status == 503));
}

/// A user of an account that is not the root administrators', with keys; key and secret.
fn tenant(capuchin: &Capuchin) -> (String, String) {
    capuchin.run("list zones filter=name -o csv").stdout("name\nsandbox\n").check();
    let store = Store::open(capuchin.store_path()).unwrap();
    store
        .execute_batch(
            "INSERT INTO account \
             (id, name, type, domain_id, role_id, state, is_default, created) \
             VALUES (50, 'tenant', 0, 1, 4, 'enabled', 0, 0); \
             INSERT INTO user \
             (id, account_id, username, firstname, lastname, state, is_default, created) \
             VALUES (50, 50, 'tenant', 'a', 'b', 'enabled', 0, 0);",
        )
        .unwrap();
    let keys = capuchin.run("keys create --user tenant --format json").json();
    let text = |name: &str| keys[name].as_str().unwrap().to_owned();
    (text("key"), text("secret"))
}

#[test]
fn an_account_that_asks_too_often_is_told_when_to_come_again() {
    let capuchin = Capuchin::new();
    let (key, secret) = tenant(&capuchin);
    for (name, value) in [("enabled", "true"), ("interval", "60"), ("max", "3")] {
        let line = format!("update configuration name=api.throttling.{name} value={value}");
        capuchin.run(&format!("{line} filter=value -o csv")).stdout_has(value).check();
    }
    let mut server = Server::new(&capuchin);
    // The root administrators ask as often as they like.
    for _ in 0..5 {
        server.ok("listZones", &[]);
    }
    server.caller.key = key;
    server.caller.secret = secret;
    for _ in 0..3 {
        server.ok("listZones", &[]);
    }
    let refused = server.get("listZones", &[]);
    assert_eq!((refused.status, refused.header("retry-after")), (429, Some("60")));
    let inner = refused.inner();
    let text = "The given user has reached his/her account api limit, please retry after 60000 ms.";
    assert_eq!((&inner["errorcode"], &inner["cserrorcode"]), (&429.into(), &9999.into()));
    assert_eq!(inner["errortext"], text);
    let counted = "capuchin_requests_total{command=\"listZones\",status=\"429\"} 1";
    assert!(server.metrics().lines().any(|line| line == counted));
    // The log says who it was.
    eventually("the line of the request", || {
        let log = server.running.stderr();
        log.lines().any(|line| line.contains("status=429") && !line.contains("user=\"-\""))
    });
}

#[test]
fn an_account_calls_from_where_its_setting_says() {
    let capuchin = Capuchin::new();
    let server = Server::with(&capuchin, "--trusted-proxy 127.0.0.1");
    let from = |client: &str| list(&server, &format!("X-Forwarded-For: {client}\r\n"));
    assert_eq!((from("192.0.2.1"), from("2001:db8::1")), (200, 200));
    let setting =
        [("name", "api.allowed.source.cidr.list"), ("value", "192.0.2.0/24,127.0.0.1/32")];
    server.ok("updateConfiguration", &setting);
    assert_eq!((from("192.0.2.1"), from("2001:db8::1"), from("198.51.100.1")), (200, 401, 401));
}
