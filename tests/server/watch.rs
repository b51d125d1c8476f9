//! What an operator sees: the log, the ids of requests, the metrics.

use super::{Server, eventually};
use crate::harness::Capuchin;
use serde_json::Value;

/// The log, each line an object.
fn log(server: &Server<'_>) -> Vec<Value> {
    let text = server.running.stderr();
    let line = |line: &str| {
        serde_json::from_str(line).unwrap_or_else(|why| panic!("{why}: {line}\n{text}"))
    };
    text.lines().map(line).collect()
}

/// The line of the request with this id; it comes after the answer.
fn line_of(server: &Server<'_>, id: &str) -> Value {
    let mut found = Value::Null;
    eventually("the line of a request", || {
        let line = log(server).into_iter().find(|line| line["request"] == id);
        found = line.unwrap_or_default();
        !found.is_null()
    });
    found
}

#[test]
fn every_request_is_a_line_with_its_id() {
    let capuchin = Capuchin::new();
    capuchin.run("passwd admin").stdin("s3cr3t-w0rd\n").stderr_has("").check();
    let server = Server::with(&capuchin, "--log-format json");
    let answer = server.get("listZones", &[]);
    let line = line_of(&server, answer.header("x-request-id").unwrap());
    assert_eq!((line["command"].as_str(), line["status"].as_i64()), (Some("listZones"), Some(200)));
    assert_eq!(
        (line["client"].as_str(), line["level"].as_str()),
        (Some("127.0.0.1"), Some("INFO"))
    );
    assert!(line["millis"].is_number() && line.get("error").is_none(), "{line}");
    let user = line["user"].as_str().unwrap().to_owned();

    let wrong = server.get("listZones", &[("id", "x\ny")]);
    let line = line_of(&server, wrong.header("x-request-id").unwrap());
    assert_eq!(line["status"], 431);
    assert!(line["error"].as_str().unwrap().contains("Invalid parameter id"), "{line}");

    let form = "command=login&username=admin&password=s3cr3t-w0rd&response=json";
    let mut connection = server.connect();
    let login = connection.post("/client/api", form);
    let line = line_of(&server, login.header("x-request-id").unwrap());
    assert_eq!((line["command"].as_str(), line["user"].as_str()), (Some("login"), Some(&*user)));
    assert_eq!(login.inner()["userid"], *user);
    let key = login.inner()["sessionkey"].as_str().unwrap().to_owned();
    let cookies: Vec<_> =
        login.head.lines().filter_map(|l| l.strip_prefix("set-cookie: ")).collect();
    let cookies: Vec<_> = cookies.iter().filter_map(|cookie| cookie.split(';').next()).collect();
    let target = format!("/client/api?command=logout&sessionkey={key}");
    let lines = format!("Cookie: {}\r\n", cookies.join("; "));
    let logout = connection.get_with(&target, &lines);
    let line = line_of(&server, logout.header("x-request-id").unwrap());
    assert_eq!((line["command"].as_str(), line["user"].as_str()), (Some("logout"), Some(&*user)));

    for target in ["/elsewhere", "/client/api?command=make%0ATea&signature=sig-na-ture"] {
        let answer = connection.get(target);
        let line = line_of(&server, answer.header("x-request-id").unwrap());
        assert_eq!(line["user"], "-", "{line}");
    }
    let text = server.running.stderr();
    for secret in ["s3cr3t-w0rd", &key, &server.secret, "sig-na-ture", cookies[0]] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[test]
fn what_runs_out_is_found_by_the_name_of_its_exception() {
    let capuchin = Capuchin::new();
    let server = Server::with(&capuchin, "--log-format json");
    let network = server.network();
    let zone = server.id("listZones", &[]);
    let limits = [("max.account.public.ips", "-1"), ("max.domain.public.ips", "-1")];
    for (name, value) in limits {
        server.ok("updateConfiguration", &[("name", name), ("value", value)]);
    }
    let taken = [("networkid", network.as_str()), ("zoneid", &zone)];
    let id = loop {
        let answer = server.get("associateIpAddress", &taken);
        if answer.status != 200 || answer.inner().get("id").is_none() {
            break answer.header("x-request-id").unwrap().to_owned();
        }
    };
    let lines = log(&server);
    let text = |line: &Value| line["message"].as_str().unwrap_or_default().to_owned();
    let warning = lines
        .iter()
        .find(|line| text(line).starts_with("InsufficientAddressCapacityException: "))
        .expect("a warning");
    assert_eq!((warning["level"].as_str(), warning["code"].as_i64()), (Some("WARN"), Some(533)));
    assert_eq!(warning["span"]["id"], id.as_str(), "{warning}");
}

#[test]
fn a_line_for_people_is_one_line() {
    let capuchin = Capuchin::new();
    let server = Server::new(&capuchin);
    let answer = server.get("listZones", &[("id", "x\nINFO forged")]);
    let id = answer.header("x-request-id").unwrap();
    eventually("the line of the request", || server.running.stderr().contains(id));
    let text = server.running.stderr();
    assert!(text.lines().all(|line| line.starts_with("2026-01-02T")), "{text}");
}

#[test]
fn a_proxy_gives_requests_their_ids() {
    let capuchin = Capuchin::new();
    let server = Server::with(&capuchin, "--trusted-proxy 127.0.0.1");
    let id = |lines: &str| {
        let answer = server.connect().get_with("/healthz", lines);
        answer.header("x-request-id").unwrap().trim().to_owned()
    };
    assert_eq!(id("X-Request-Id: a-1_B.2\r\n"), "a-1_B.2");
    let own = [id(""), id("X-Request-Id: a b\r\n"), id("X-Request-Id: \r\n")];
    let long = id(&format!("X-Request-Id: {}\r\n", "a".repeat(65)));
    for (at, given) in own.iter().chain([&long]).enumerate() {
        assert!(given.ends_with(&format!("-{:x}", at + 1)), "{given}");
    }
    let capuchin = Capuchin::new();
    let server = Server::new(&capuchin);
    let answer = server.connect().get_with("/healthz", "X-Request-Id: a-1\r\n");
    assert_ne!(answer.header("x-request-id").unwrap(), "a-1");
}

#[test]
fn the_metrics_count_what_was_answered() {
    let capuchin = Capuchin::new();
    let server = Server::new(&capuchin);
    for _ in 0..3 {
        server.ok("listZones", &[]);
    }
    let network = server.network();
    server.ok("associateIpAddress", &[("networkid", &network)]);
    let mut connection = server.connect();
    for target in ["/client/api?command=listZones", "/client/api?command=madeUp1", "/nowhere"] {
        connection.get(target);
    }
    connection.post("/client/api", "command=madeUp2&response=json");
    let text = server.metrics();
    for line in [
        "capuchin_requests_total{command=\"listZones\",status=\"401\"} 1",
        "capuchin_requests_total{command=\"associateIpAddress\",status=\"200\"} 1",
        "capuchin_requests_total{command=\"unknown\",status=\"401\"} 2",
        "capuchin_requests_total{command=\"none\",status=\"404\"} 1",
        "capuchin_request_duration_seconds_count{command=\"associateIpAddress\"} 1",
        "capuchin_requests_in_flight 0",
        "capuchin_sessions 0",
        "capuchin_capacity_used{zone=\"sandbox\",resource=\"VIRTUAL_NETWORK_PUBLIC_IP\"} 1",
        "# EOF",
    ] {
        assert!(text.lines().any(|given| given == line), "no {line} in\n{text}");
    }
    assert!(!text.contains("madeUp"), "{text}");
    let kind = server.connect().get("/metrics").header("content-type").unwrap().to_owned();
    assert!(kind.starts_with("application/openmetrics-text; version=1.0.0"), "{kind}");
}
