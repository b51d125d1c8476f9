//! Whoever does not prove who he is: refused with 401, whatever is wrong, and nothing changes.

use super::http::{Answer, Connection, encode, signed};
use super::{Caller, Server};
use crate::harness::Capuchin;
use serde_json::{Value, json};

const COMMAND: &str = "associateIpAddress";
const NO_SIGNER: &str = "unable to verify user credentials and/or request signature";
const NO_SESSION: &str = "unable to verify user credentials";

/// What must not change: addresses, events, jobs, and what is used of the zone.
fn state(caller: &Caller) -> Vec<Value> {
    let lists = ["listPublicIpAddresses", "listEvents", "listAsyncJobs", "listCapacity"];
    lists.iter().map(|list| caller.ok(list, &[("listall", "true")])).collect()
}

fn post(connection: &mut Connection, cookies: &str, form: &str) -> Answer {
    connection.send(&format!(
        "POST /client/api HTTP/1.1\r\nHost: localhost\r\nCookie: {cookies}\r\n\
         Content-Length: {}\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n{form}",
        form.len()
    ));
    connection.answer().expect("an answer")
}

fn get(connection: &mut Connection, cookies: &str, query: &str) -> Answer {
    connection.send(&format!(
        "GET /client/api?{query} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookies}\r\n\r\n"
    ));
    connection.answer().expect("an answer")
}

/// The request is refused by GET and by POST, in CloudStack's words.
#[track_caller]
fn refused(connection: &mut Connection, query: &str, cookies: &str, text: &str) {
    for answer in [get(connection, cookies, query), post(connection, cookies, query)] {
        assert_eq!(answer.status, 401, "{query}: {}", answer.body);
        let body = json!({ "uuidList": [], "errorcode": 401, "errortext": text });
        assert_eq!(answer.json(), json!({ "associateipaddressresponse": body }), "{query}");
        assert_eq!(answer.header("x-description"), Some(text));
    }
}

/// A call whose signature is good, with these parameters instead of or beside the usual ones.
fn query(caller: &Caller, network: &str, more: &[(&str, &str)]) -> String {
    let usual = [
        ("apiKey", caller.key.as_str()),
        ("command", COMMAND),
        ("networkid", network),
        ("response", "json"),
    ];
    let is_new = |name: &str| !more.iter().any(|(other, _)| *other == name);
    let kept: Vec<_> = usual.into_iter().filter(|(name, _)| is_new(name)).collect();
    signed(&[&kept, more].concat(), &caller.secret)
}

#[test]
fn a_request_that_is_not_what_was_signed_is_refused() {
    let capuchin = Capuchin::new();
    let server = Server::new(&capuchin);
    let caller = &server.caller;
    let network = caller.network();
    let good = query(caller, &network, &[]);
    let (bare, signature) = good.split_once("&signature=").unwrap();
    let with = |signature: &str| format!("{bare}&signature={signature}");
    let stranger =
        Caller { address: String::new(), key: caller.key.clone(), secret: "x".repeat(86) };
    let before = state(caller);
    let mut connection = caller.connect();
    for query in [
        // A parameter that is another, that is new, and that is missing.
        good.replace(&network, &caller.id("listZones", &[])),
        format!("{good}&account=admin"),
        format!("isportable=false&{good}"),
        good.replace(&format!("networkid={network}&"), ""),
        good.replace("networkid=", "vpcid="),
        // Another key pair's halves.
        query(caller, &network, &[("apiKey", &"k".repeat(86))]),
        good.replace(&caller.key, &caller.key.to_uppercase()),
        query(&stranger, &network, &[]),
        // The user named in other ways, or not at all.
        query(caller, &network, &[("apiKey", "")]),
        format!("command={COMMAND}&networkid={network}&response=json"),
        format!("command={COMMAND}&networkid={network}&response=json&username=admin&password="),
        // A signature that is missing, empty, too short, of another hash, or none at all.
        bare.to_owned(),
        with(""),
        with("%20"),
        with("AAAA"),
        with(&encode(&"A".repeat(43))),
        with("%00%ff"),
        with(&signature.to_lowercase()),
        with(&format!("{signature}{signature}")),
        format!("{good}&signature=AAAA"),
    ] {
        refused(&mut connection, &query, "", NO_SIGNER);
    }
    assert_eq!(state(caller), before);
    assert_eq!(get(&mut connection, "", &good).status, 200);
    assert_ne!(state(caller), before);
}

#[test]
fn a_request_without_a_time_limit_that_can_be_read_is_refused() {
    let capuchin = Capuchin::new();
    let server = Server::new(&capuchin);
    let caller = &server.caller;
    let network = caller.network();
    let before = state(caller);
    let mut connection = caller.connect();
    let version = ("signatureversion", "3");
    refused(&mut connection, &query(caller, &network, &[version]), "", NO_SIGNER);
    for expires in [
        "",
        " ",
        "soon",
        "0",
        "4102444800",
        "2099-01-01",
        "2099-01-01 00:00:00",
        "2099-01-01T00:00:00",
        "2099-13-01T00:00:00Z",
        "2099-01-01T25:00:00+0000",
        "01/01/2099",
        "Thu, 01 Jan 2099 00:00:00 GMT",
        "2026-01-01T00:00:00+0000",
        "2026-01-01T00:00:00Z",
        "1969-12-31T23:59:59Z",
        "-2099-01-01T00:00:00Z",
    ] {
        for version in ["signatureversion", "signatureVersion"] {
            let more = [(version, "3"), ("expires", expires)];
            refused(&mut connection, &query(caller, &network, &more), "", NO_SIGNER);
        }
    }
    assert_eq!(state(caller), before);
    let more = [version, ("expires", "2099-01-01T00:00:00+0000")];
    assert_eq!(get(&mut connection, "", &query(caller, &network, &more)).status, 200);
}

/// A server on the same store, at another time.
fn at<'a>(capuchin: &'a Capuchin, keys: &Value, clock: &str) -> Server<'a> {
    let serve = capuchin.run("serve --listen 127.0.0.1:0").env("CAPUCHIN_CLOCK", clock);
    let text = |name: &str| keys[name].as_str().expect("a text").to_owned();
    let mut running = serve.spawn();
    let line = running.line();
    let address = line.strip_prefix("serving http://").and_then(|url| url.split_once('/'));
    let address = address.expect("an address").0.to_owned();
    Server { running, caller: Caller { address, key: text("key"), secret: text("secret") } }
}

#[test]
fn a_request_that_was_overheard_is_worth_nothing_once_it_expired() {
    let capuchin = Capuchin::new();
    let keys = capuchin.run("keys create --user admin --format json").json();
    let server = at(&capuchin, &keys, "2026-01-02T03:00:00Z");
    let network = server.network();
    let limit = [("signatureversion", "3"), ("expires", "2026-01-02T03:15:00+0000")];
    let overheard = query(&server.caller, &network, &limit);
    assert_eq!(get(&mut server.connect(), "", &overheard).status, 200);
    drop(server);
    let server = at(&capuchin, &keys, "2026-01-02T03:15:00.001Z");
    let before = state(&server.caller);
    refused(&mut server.connect(), &overheard, "", NO_SIGNER);
    assert_eq!(state(&server.caller), before);
}

#[test]
fn half_a_session_is_none() {
    let capuchin = Capuchin::new();
    capuchin.run("passwd admin").stdin("correct horse\n").check();
    let server = Server::new(&capuchin);
    let caller = &server.caller;
    let network = caller.network();
    let mut connection = caller.connect();
    let mut log_in = || {
        let form = "command=login&response=json&username=admin&password=correct+horse";
        let answer = post(&mut connection, "", form);
        assert_eq!(answer.status, 200, "{}", answer.body);
        let lines = answer.head.lines().filter_map(|line| line.strip_prefix("set-cookie: "));
        let cookies = lines.filter_map(|line| line.split(';').next().map(str::to_owned));
        let cookies: Vec<_> = cookies.collect();
        let key = answer.inner()["sessionkey"].as_str().expect("a key").to_owned();
        (cookies, key)
    };
    let call =
        |key: &str| format!("command={COMMAND}&networkid={network}&response=json&sessionkey={key}");
    let (one, one_key) = log_in();
    let sessions: Vec<_> = (0..6).map(|_| log_in()).collect();
    let before = state(caller);
    let mut connection = caller.connect();
    // No cookie at all: nobody knows of a session, so it is one without a signature.
    refused(&mut connection, &call(&one_key), "", NO_SIGNER);
    refused(&mut connection, &call(&one_key), "JSESSIONID=unknown", NO_SIGNER);
    let key_cookie = |key: &str| format!("sessionkey={key}");
    for (number, (cookies, key)) in sessions.iter().enumerate() {
        let both = cookies.join("; ");
        let (query, sent) = match number {
            0 => (format!("command={COMMAND}&networkid={network}&response=json"), both.clone()),
            1 => (call(""), both.clone()),
            2 => (call(&one_key), both.clone()),
            3 => (call(key), cookies[0].clone()),
            4 => (call(key), format!("{}; {}", cookies[0], key_cookie(&one_key))),
            _ => (call(&format!("{key}x")), both.clone()),
        };
        let answer = get(&mut connection, &sent, &query);
        assert_eq!(answer.status, 401, "{number}: {}", answer.body);
        let body = json!({ "uuidList": [], "errorcode": 401, "errortext": NO_SESSION });
        assert_eq!(answer.inner(), body, "{number}");
        // Whoever tried has ended the session.
        refused(&mut connection, &call(key), &both, NO_SIGNER);
    }
    assert_eq!(state(caller), before);
    let answer = get(&mut connection, &one.join("; "), &call(&one_key));
    assert_eq!(answer.status, 200, "{}", answer.body);
}
