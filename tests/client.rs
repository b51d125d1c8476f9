//! The program against a server that answers from a script, and its profiles.

mod cmk;
mod completion;
mod defects;
mod doctor;
mod explain;
mod lists;
mod logins;
mod output;
pub(crate) mod own;
mod profiles;
mod script;
mod upkeep;
mod ways;
mod wishes;
mod zones;

use crate::harness::{Capuchin, Run};
use script::{Script, answer, delayed, json as body, with_header};
use serde_json::{Value, json};

const ZONE: &str = "6f6c2d5e-0000-4000-8000-000000000001";
const OFFERING: &str = "6f6c2d5e-0000-4000-8000-000000000002";
const KEY: &str = "Key-1";
const SECRET: &str = "s3cr3t/+=";

/// A run against the server, with its keys.
fn against<'c>(capuchin: &'c Capuchin, server: &Script, line: &str) -> Run<'c> {
    capuchin
        .run(line)
        .env("CAPUCHIN_URL", server.url())
        .env("CAPUCHIN_KEY", KEY)
        .env("CAPUCHIN_SECRET", SECRET)
}

fn zones() -> Value {
    json!({"listzonesresponse": {"count": 1, "zone": [{"id": ZONE, "name": "a"}]}})
}

fn refusal(code: u16, cs_code: u16, text: &str) -> Value {
    json!({"errorresponse": {"uuidList": [], "errorcode": code, "cserrorcode": cs_code,
        "errortext": text}})
}

fn create_vpc() -> String {
    format!("create vpc name=a zoneid={ZONE} vpcofferingid={OFFERING}")
}

#[test]
fn a_call_is_a_signed_post_that_ends_in_a_quarter_of_an_hour() {
    let (capuchin, server) = (Capuchin::new(), Script::new([body(200, zones())]));
    against(&capuchin, &server, "list zones 'name=a b*~&=' filter=name -o csv")
        .env("CAPUCHIN_CLOCK", "2026-01-02T03:00:00Z")
        .stdout("name\na\n")
        .check();
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    let request = &requests[0];
    assert_eq!(request.line, "POST /client/api HTTP/1.1");
    assert!(request.head.contains("content-type: application/x-www-form-urlencoded"));
    let expected = [
        ("apiKey", KEY),
        ("command", "listZones"),
        ("expires", "2026-01-02T03:15:00+0000"),
        ("response", "json"),
        ("signatureversion", "3"),
        ("name", "a b*~&="),
    ];
    let mut expected: Vec<_> = expected.map(|(k, v)| (k.to_owned(), v.to_owned())).into();
    expected.push(("signature".to_owned(), script::signature(&expected, SECRET)));
    assert_eq!(request.params(), expected);
    assert!(!request.text().contains(SECRET));
}

#[test]
fn a_call_can_be_a_get() {
    let (capuchin, server) = (Capuchin::new(), Script::new([body(200, zones())]));
    against(&capuchin, &server, "--get list zones").stdout_has("\"count\": 1").check();
    let request = server.requests().remove(0);
    assert!(request.line.starts_with("GET /client/api?apiKey=Key-1&command=listZones&"));
    let mut params = request.params();
    let (name, signature) = params.pop().unwrap();
    assert_eq!((name.as_str(), signature), ("signature", script::signature(&params, SECRET)));
}

#[test]
fn a_refusal_has_the_codes_of_the_server() {
    let capuchin = Capuchin::new();
    let server = Script::new([
        body(533, refusal(533, 4320, "none \u{1b}[2J left")),
        body(530, json!({"x": {"errorcode": 530, "errortext": "odd"}})),
    ]);
    let line = create_vpc();
    against(&capuchin, &server, &line)
        .stderr(
            "error (533/4320) InsufficientAddressCapacityException: none \\x1b[2J left\n\
             `show capacity` shows what is left\n",
        )
        .status(1)
        .check();
    against(&capuchin, &server, &line).stderr("error (530): odd\n").status(1).check();
}

#[test]
fn wrong_credentials_are_tried_once_and_nothing_else_is() {
    let capuchin = Capuchin::new();
    let text = "unable to verify user credentials and/or request signature";
    let server = Script::new([body(
        401,
        json!({"listzonesresponse": {"uuidList": [],
        "errorcode": 401, "errortext": text}}),
    )]);
    against(&capuchin, &server, "list zones").stderr_has(text).status(3).check();
    assert_eq!(server.requests().len(), 1);
    let server = Script::new([]);
    let run = against(&capuchin, &server, "list zones").env("CAPUCHIN_KEY", "");
    run.stderr_has("there is no API key").status(3).check();
    let run = against(&capuchin, &server, "list zones").env("CAPUCHIN_SECRET", "");
    run.stderr_has("there is no secret key").status(3).check();
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn only_reading_is_repeated() {
    let capuchin = Capuchin::new();
    let busy = |code| body(code, refusal(code, 9999, "later"));
    let server = Script::new([busy(429), busy(503), body(200, zones())]);
    against(&capuchin, &server, "list zones").stdout_has(ZONE).check();
    assert_eq!(server.requests().len(), 3);
    for code in [429, 503] {
        let server = Script::new([busy(code), body(200, zones())]);
        let error = format!("error ({code}/9999) ServerApiException: later\n");
        against(&capuchin, &server, &create_vpc()).stderr(&error).status(1).check();
        assert_eq!(server.requests().len(), 1);
    }
    let gone = Script::new([script::cut_off(), script::cut_off(), body(200, zones())]);
    against(&capuchin, &gone, "list zones").stdout_has(ZONE).check();
    let gone = Script::new([script::cut_off(), body(200, zones())]);
    against(&capuchin, &gone, &create_vpc()).stderr_has(gone.url()).status(4).check();
    assert_eq!(gone.requests().len(), 1);
}

#[test]
fn what_a_server_makes_once_is_repeated() {
    let capuchin = Capuchin::new();
    let line = format!("{} clienttoken=run-1", create_vpc());
    let server = Script::new([]);
    against(&capuchin, &server, &line).stderr_has("`capuchin sync` learns it").status(2).check();
    let params = ["name", "zoneid", "vpcofferingid", "clienttoken"]
        .map(|name| json!({"name": name, "type": "string", "required": false}));
    let apis = json!({"listapisresponse": {"count": 1, "api": [{"name": "createVPC",
        "description": "Makes one.", "isasync": true, "params": params, "response": []}]}});
    let started = || body(200, json!({"createvpcresponse": {"id": ZONE, "jobid": "job-1"}}));
    let server = Script::new([
        body(200, apis),
        script::cut_off(),
        body(503, refusal(503, 9999, "later")),
        started(),
        script::cut_off(),
    ]);
    against(&capuchin, &server, "sync").stderr("The server has 1 API.\n").check();
    let found = against(&capuchin, &server, &format!("--no-wait {line}")).json();
    assert_eq!(found, json!({"id": ZONE, "jobid": "job-1"}));
    let requests = server.requests();
    assert_eq!(requests.len(), 4);
    assert!(requests[1..].iter().all(|request| request.param("clienttoken") == "run-1"));
    against(&capuchin, &server, &create_vpc()).stderr_has("connection closed").status(4).check();
    assert_eq!(server.requests().len(), 5, "without a word it is sent once");
}

#[test]
fn what_is_no_cloudstack_is_named() {
    let capuchin = Capuchin::new();
    let server = Script::new([
        answer(502, "text/html", "<html>Bad \u{1b}[31mGateway"),
        with_header("location: http://127.0.0.1:9/", answer(302, "text/html", "")),
    ]);
    against(&capuchin, &server, "list zones")
        .stderr_has("HTTP 502 and no JSON of CloudStack: `<html>Bad \\x1b[31mGateway`")
        .status(4)
        .check();
    against(&capuchin, &server, "list zones").stderr_has("HTTP 302").status(4).check();
}

#[test]
fn nobody_there_and_no_answer_in_time_are_status_four() {
    let capuchin = Capuchin::new();
    let server = Script::new([delayed(30_000, body(200, zones()))]);
    let add =
        format!("profile add slow url={} apikey=K secretkey=S request_timeout=1", server.url());
    capuchin.run(&add).stderr_has("Added").check();
    let line = create_vpc();
    capuchin.run(&line).stderr_has("no answer in time").status(4).check();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let line = format!("-u http://{free} -k K -s S {line}");
    capuchin.run(&line).stderr_has("Connection refused").status(4).check();
}

#[test]
fn a_job_is_waited_for() {
    let capuchin = Capuchin::new();
    let started = body(200, json!({"createvpcresponse": {"id": ZONE, "jobid": "job-1"}}));
    let query = |json: Value| body(200, json!({"queryasyncjobresultresponse": json}));
    let vpc = json!({"vpc": {"id": ZONE, "name": "a"}});
    let done = || query(json!({"jobid": "job-1", "jobstatus": 1, "jobresult": vpc}));
    let server = Script::new([started.clone(), query(json!({"jobstatus": 0})), done()]);
    let found = against(&capuchin, &server, &create_vpc()).json();
    assert_eq!(found, vpc);
    let requests = server.requests();
    assert_eq!(requests.len(), 3);
    assert!(requests[1].text().contains("command=queryAsyncJobResult"));
    assert!(requests[2].text().contains("jobid=job-1"));

    let server = Script::new([done()]);
    assert_eq!(against(&capuchin, &server, "wait job-1").json(), vpc);

    let failed = json!({"jobstatus": 2, "jobresultcode": 530,
        "jobresult": {"errorcode": 533, "errortext": "full"}});
    let server = Script::new([started.clone(), query(failed)]);
    let run = against(&capuchin, &server, &create_vpc());
    let told = "error (533): full\njob job-1\n`show capacity` shows what is left\n";
    run.stderr(told).status(1).check();

    for line in
        [format!("--no-wait {}", create_vpc()), format!("{} asyncblock=false", create_vpc())]
    {
        let server = Script::new([started.clone()]);
        let found = against(&capuchin, &server, &line).json();
        assert_eq!(found, json!({"id": ZONE, "jobid": "job-1"}));
        assert_eq!(server.requests().len(), 1);
    }
}

#[test]
fn an_interrupt_ends_the_waiting_and_not_the_job() {
    let capuchin = Capuchin::new();
    let started = json!({"createvpcresponse": {"id": ZONE, "jobid": "job-1"}});
    let pending = json!({"queryasyncjobresultresponse": {"jobstatus": 0}});
    let answers = [body(200, started)].into_iter();
    let server = Script::new(answers.chain(std::iter::repeat_n(body(200, pending), 500)));
    let mut running = against(&capuchin, &server, &create_vpc()).spawn();
    server.await_requests(3);
    running.signal("INT");
    assert_eq!(running.wait(), Some(130));
    assert_eq!(running.stderr(), "job job-1 goes on; `capuchin wait job-1` waits for it\n");
}

#[test]
fn the_apis_of_a_server_are_learned_once() {
    let capuchin = Capuchin::new();
    let apis = json!({"listapisresponse": {"count": 1, "api": [{"name": "listWidgets",
        "description": "Lists widgets.", "isasync": false, "params": [{"name": "colour",
        "type": "string", "required": false, "description": "the colour"}],
        "response": [{"name": "id", "type": "string", "description": "its id"}]}]}});
    let widgets = json!({"listwidgetsresponse": {"count": 1, "widget": [{"id": "7"}]}});
    let server = Script::new([body(200, apis), body(200, widgets)]);
    against(&capuchin, &server, "help deploy virtual machine").stdout_has("zoneid").check();
    against(&capuchin, &server, "sync").stderr("The server has 1 API.\n").check();
    against(&capuchin, &server, "help list widgets").stdout_has("the colour").check();
    against(&capuchin, &server, "list widgets -o csv").stdout("id\n7\n").check();
    against(&capuchin, &server, "list zones").stderr_has("unknown command").status(2).check();
    assert_eq!(server.requests().len(), 2);
    let other = Script::new([body(200, zones())]);
    against(&capuchin, &other, "list zones").stdout_has(ZONE).check();
    capuchin.run("sync").stderr_has("no server to learn from").status(2).check();
}

#[test]
fn secrets_are_neither_logged_nor_shown() {
    let (capuchin, server) = (Capuchin::new(), Script::new([body(200, zones())]));
    let line = "create account password=hunter2 username=u email=e firstname=f lastname=l";
    let shown = against(&capuchin, &server, &format!("{line} --dry-run")).text();
    assert!(shown.starts_with("curl -sS 'http://127.0.0.1:"), "{shown}");
    assert!(shown.contains("'username=u'") && shown.contains("$CAPUCHIN_SECRET"), "{shown}");
    assert!(!shown.contains("hunter2") && !shown.contains(SECRET), "{shown}");
    assert_eq!(server.requests().len(), 0);
    let mut running = against(&capuchin, &server, &format!("--debug {line}")).spawn();
    assert_eq!(running.wait(), Some(0));
    let log = running.stderr();
    assert!(log.contains("command=createAccount") && log.contains("password=********"), "{log}");
    let signature = server.requests()[0].param("signature");
    for secret in ["hunter2", SECRET, KEY, &signature] {
        assert!(!log.contains(secret), "{log}");
    }
    capuchin.run("list zones --dry-run").stderr_has("there is none here").status(2).check();
}
