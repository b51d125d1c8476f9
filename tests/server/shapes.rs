//! Answers and refusals on the wire.

use super::{Connection, Server};
use crate::harness::Capuchin;
use std::fs;
use std::os::unix::fs::PermissionsExt;

const REFUSED: &str = "unable to verify user credentials and/or request signature";

#[test]
fn lists_objects_jobs_and_errors_have_their_shapes() {
    let capuchin = Capuchin::new();
    let server = Server::new(&capuchin);
    let zones = server.get("listZones", &[]);
    assert_eq!(zones.header("content-type"), Some("application/json; charset=UTF-8"));
    assert_eq!(zones.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(zones.json()["listzonesresponse"]["count"], 1);
    let none = server.get("listZones", &[("name", "nothing")]);
    assert_eq!(none.body, r#"{"listzonesresponse":{}}"#);
    let past = server.get("listZones", &[("page", "9"), ("pagesize", "5")]);
    assert_eq!(past.body, r#"{"listzonesresponse":{"count":1}}"#);

    let network = server.network();
    let made = server.get("associateIpAddress", &[("networkid", &network)]);
    let made = made.json()["associateipaddressresponse"].clone();
    assert_eq!(made.as_object().expect("an object").len(), 2, "{made}");
    let job = server.ok("queryAsyncJobResult", &[("jobid", made["jobid"].as_str().unwrap())]);
    assert_eq!((&job["jobstatus"], &job["jobresultcode"]), (&1.into(), &0.into()), "{job}");
    assert_eq!(job["jobresult"]["ipaddress"]["id"], made["id"]);

    let wrong = server.get("listZones", &[("id", "x")]);
    assert_eq!(wrong.status, 431);
    let error = &wrong.json()["listzonesresponse"];
    assert_eq!((&error["errorcode"], &error["cserrorcode"]), (&431.into(), &9999.into()));
    assert_eq!(wrong.header("x-description"), error["errortext"].as_str());
}

#[test]
fn requests_come_in_every_form_that_clients_send() {
    let capuchin = Capuchin::new();
    let server = Server::new(&capuchin);
    let mut connection = server.connect();
    let query = server.query("listZones", &[("available", "True"), ("name", "sandbox")]);
    for target in ["/client/api?", "/client/api/?"] {
        assert_eq!(connection.get(&format!("{target}{query}")).status, 200);
    }
    for target in ["/client/api", "/client/api/", "/client/api?response=xml"] {
        let answer = connection.post(target, &query);
        assert_eq!((answer.status, answer.body.starts_with('{')), (200, true), "{target}");
    }
    let xml = super::http::signed(
        &[("apikey", &server.key), ("command", "listZones"), ("page", ""), ("pagesize", "")],
        &server.secret,
    );
    let xml = connection.get(&format!("/client/api?{xml}"));
    assert_eq!(xml.header("content-type"), Some("text/xml; charset=UTF-8"));
    let start = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><listzonesresponse \
                 cloud-stack-version=\"4.22.0.0\"><count>1</count><zone><id>";
    assert!(xml.body.starts_with(start), "{}", xml.body);
    assert_eq!(connection.get("/healthz").body, "ok\n");
    assert_eq!(connection.get("/").status, 404);
    connection.send("PUT /client/api HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(connection.answer().expect("an answer").status, 405);
}

#[test]
fn whoever_does_not_sign_rightly_is_refused() {
    let capuchin = Capuchin::new();
    let server = Server::new(&capuchin);
    let network = server.network();
    let before = server.get("listPublicIpAddresses", &[]).body;
    let good = server.query("associateIpAddress", &[("networkid", &network)]);
    let expired = [("signatureVersion", "3"), ("expires", "2026-01-01T00:00:00+0000")];
    let mut connection = server.connect();
    for query in [
        "command=associateIpAddress&response=json".to_owned(),
        good.replace(&network, "other"),
        good.replace("networkid", "vpcid"),
        good.replace(&server.key, "nobody"),
        good.replace("signature=", "signature=x"),
        good.clone() + "&account=x",
        server.query("associateIpAddress", &[&expired[..], &[("networkid", &network)]].concat()),
        super::http::signed(
            &[("apiKey", &server.key), ("command", "associateIpAddress"), ("response", "json")],
            "another secret",
        ),
    ] {
        let answer = connection.get(&format!("/client/api?{query}"));
        assert_eq!(answer.status, 401, "{query}");
        let error = &answer.json()["associateipaddressresponse"];
        assert_eq!(error["errortext"], REFUSED);
        assert!(error.get("cserrorcode").is_none(), "{error}");
    }
    let unknown = server.get("makeTea", &[]);
    assert_eq!(
        (unknown.status, &unknown.json()["errorresponse"]["errortext"]),
        (401, &REFUSED.into())
    );
    assert_eq!(server.get("listPublicIpAddresses", &[]).body, before);
}

#[test]
fn new_keys_void_the_old_and_secrets_stay_sealed() {
    let capuchin = Capuchin::new();
    let server = Server::new(&capuchin);
    assert_eq!(server.get("listZones", &[]).status, 200);
    let again = capuchin.run("keys create --user admin --format env");
    let again = again.stderr("The keys that the user had are void.\n").text();
    assert!(again.starts_with("export CLOUDSTACK_ENDPOINT=http://127.0.0.1:8080/client/api\n"));
    assert_eq!(server.get("listZones", &[]).status, 401);
    let key_file = capuchin.dir().join("data/capuchin/keys.bin");
    assert_eq!(fs::metadata(&key_file).unwrap().permissions().mode() & 0o777, 0o600);
    let secret = again.lines().find_map(|line| line.strip_prefix("export CLOUDSTACK_SECRET="));
    let secret = secret.expect("a secret").as_bytes();
    for path in ["store.db", "store.db-wal"] {
        let path = capuchin.dir().join("data/capuchin").join(path);
        let bytes = fs::read(path).unwrap_or_default();
        assert!(!bytes.windows(secret.len()).any(|part| part == secret));
    }
    assert!(!server.running.stderr().contains(&server.secret));
    let nobody = capuchin.run("keys create --user nobody");
    let text = "error: there is no enabled user `nobody`\n";
    nobody.stderr(text).status(1).check();
}

#[test]
fn the_integration_port_serves_programs_on_this_machine() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let capuchin = Capuchin::new();
    let line = format!("serve --listen 127.0.0.1:0 --integration-port {}", free.port());
    let mut running = capuchin.run(&line).spawn();
    running.line();
    assert_eq!(running.line(), format!("serving http://{free}/client/api without signatures"));
    let mut connection = Connection::to(&free.to_string());
    let target = "/client/api?command=listZones&response=json";
    assert_eq!(connection.get(target).json()["listzonesresponse"]["count"], 1);
    let unknown = connection.get("/client/api?command=makeTea&response=json");
    assert_eq!(unknown.status, 432);
    assert_eq!(unknown.json()["errorresponse"]["errorcode"], 432);
    for headers in ["Host: evil.example", "Host: localhost\r\nOrigin: http://evil.example"] {
        connection.send(&format!("GET {target} HTTP/1.1\r\n{headers}\r\n\r\n"));
        assert_eq!(connection.answer().expect("an answer").status, 401, "{headers}");
    }
}

#[test]
fn a_user_with_a_password_logs_in_and_out() {
    let capuchin = Capuchin::new();
    capuchin.run("passwd admin").stdin("correct horse\n").check();
    capuchin.run("passwd nobody").stdin("x\n").stderr_has("`nobody`").status(1).check();
    capuchin.run("passwd admin").stderr_has("the password is empty").status(2).check();
    let server = Server::new(&capuchin);
    let mut connection = server.connect();
    let login = "command=login&response=json&username=admin&domain=%2F&password=";
    assert_eq!(connection.post("/client/api", &format!("{login}wrong")).status, 531);
    let answer = connection.post("/client/api", &format!("{login}correct+horse"));
    assert_eq!(answer.status, 200, "{}", answer.body);
    let inner = answer.inner();
    assert_eq!((&inner["account"], &inner["type"]), (&"admin".into(), &"1".into()));
    assert_eq!(inner["timeout"], 1800);
    let lines = answer.head.lines().filter_map(|line| line.strip_prefix("set-cookie: "));
    let cookies: Vec<_> = lines.filter_map(|line| line.split(';').next()).collect();
    let key = inner["sessionkey"].as_str().expect("a key");
    let mut call = |command: &str| {
        connection.send(&format!(
            "GET /client/api?command={command}&response=json&sessionkey={key} HTTP/1.1\r\n\
             Host: localhost\r\nCookie: {}\r\n\r\n",
            cookies.join("; ")
        ));
        connection.answer().expect("an answer").status
    };
    assert_eq!((call("listZones"), call("logout"), call("listZones")), (200, 200, 401));
    assert!(!server.running.stderr().contains("horse"));
}
