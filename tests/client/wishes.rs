//! What users of CloudMonkey asked for or complained about, as transcripts. What is shown elsewhere
//! is not repeated: all pages (`lists`), logins with a second factor (`logins`), certificates
//! (`ways`), secrets from commands and files (`profiles`), the history (`repl`).

use super::script::{Script, json as body};
use super::{ZONE, against, zones};
use crate::harness::Capuchin;
use serde_json::{Value, json};

fn zone_list(rows: Value) -> Script {
    Script::new([body(200, json!({"listzonesresponse": {"count": 1, "zone": rows}}))])
}

/// What completes the end of the line, without what is said about it.
fn completed(capuchin: &Capuchin, server: &Script, line: &str) -> Vec<String> {
    let run = capuchin.args(["complete", &format!("capuchin {line}")]);
    let run = run.env("CAPUCHIN_URL", server.url()).env("CAPUCHIN_KEY", "K");
    let text = run.env("CAPUCHIN_SECRET", "S").text();
    text.lines().map(|line| line.split('\t').next().unwrap().to_owned()).collect()
}

#[test]
fn filter_and_format_count_for_what_is_made() {
    let capuchin = Capuchin::new();
    let vpc = json!({"vpc": {"id": ZONE, "name": "a", "state": "Enabled"}});
    let started = json!({"createvpcresponse": {"id": ZONE, "jobid": "j"}});
    let done = json!({"queryasyncjobresultresponse": {"jobstatus": 1, "jobresult": vpc}});
    let server = Script::new([body(200, started), body(200, done)]);
    let line = format!("{} filter=name,state -o csv", super::create_vpc());
    against(&capuchin, &server, &line).stdout("name,state\na,Enabled\n").check();
    assert!(server.requests().iter().all(|request| request.param("filter").is_empty()));
}

#[test]
fn a_cell_of_a_piped_table_stays_on_its_line() {
    let capuchin = Capuchin::new();
    let long = "a name of many words ".repeat(12);
    let server = zone_list(json!([{"name": long.trim(), "id": ZONE}]));
    let text = against(&capuchin, &server, "list zones filter=name,id -o table").text();
    assert!(text.lines().any(|line| line.contains(long.trim()) && line.contains(ZONE)), "{text}");
}

#[test]
fn csv_is_quoted() {
    let capuchin = Capuchin::new();
    let server = zone_list(json!([{"name": "a, \"b\"\nc", "id": "1"}]));
    let run = against(&capuchin, &server, "list zones filter=id,name -o csv");
    run.stdout("id,name\n1,\"a, \"\"b\"\"\nc\"\n").check();
}

#[test]
fn maps_are_readable_as_text_and_can_be_typed_like_that() {
    let capuchin = Capuchin::new();
    let server = zone_list(json!([{"id": "1", "tags": [{"key": "env", "value": "prod"}]}]));
    let text = against(&capuchin, &server, "list zones -o text").text();
    assert!(text.contains("tags[0].key = env\ntags[0].value = prod\n"), "{text}");
    let server = Script::new([body(200, json!({"createtagsresponse": {"jobid": "j"}}))]);
    let line = "create tags resourceids=1 resourcetype=Vpc tags[0].key=env tags[0].value=prod";
    against(&capuchin, &server, &format!("{line} --no-wait")).stdout_has("\"j\"").check();
    assert_eq!(server.requests()[0].param("tags[0].key"), "env");
}

#[test]
fn values_with_blanks_come_from_scripts_whole() {
    let capuchin = Capuchin::new();
    let server = Script::new(std::iter::repeat_n(body(200, zones()), 3));
    against(&capuchin, &server, "cmk list zones 'name=a b'").stdout_has(ZONE).check();
    let script = "list zones name='a b'\nlist zones name=\"a b\"\n";
    against(&capuchin, &server, "").stdin(script).stdout_has(ZONE).check();
    for request in server.requests() {
        assert_eq!(request.param("name"), "a b");
    }
}

#[test]
fn passwords_and_user_data_are_never_in_an_address() {
    let capuchin = Capuchin::new();
    let made = json!({"createaccountresponse": {"account": {"id": ZONE}}});
    let server = Script::new([body(200, made)]);
    let line = "cmk create account password=hunter2 username=u email=e firstname=f lastname=l";
    against(&capuchin, &server, line).stdout_has(ZONE).check();
    let request = server.requests().remove(0);
    assert_eq!(request.line, "POST /client/api HTTP/1.1");
    assert_eq!(request.param("password"), "hunter2");
}

#[test]
fn a_pipe_asks_once_and_the_server_that_was_named() {
    let capuchin = Capuchin::new();
    let (prod, lab) = (Script::new([]), Script::new([body(200, zones())]));
    for (name, server) in [("prod", &prod), ("lab", &lab)] {
        let add = format!("profile add {name} url={} apikey=K secretkey=S", server.url());
        capuchin.run(&add).stderr_has("Added").check();
    }
    let script = "list zones filter=name -o csv | tail -n 1\n";
    capuchin.run("-p lab").stdin(script).stdout("a\n").check();
    assert_eq!((prod.requests().len(), lab.requests().len()), (0, 1));
    capuchin.run("-p lab").stdin("version | exit 3\n").status(3).check();
}

#[test]
fn each_profile_has_the_commands_of_its_own_server() {
    let capuchin = Capuchin::new();
    let apis = json!({"listapisresponse": {"count": 1, "api": [{"name": "listWidgets",
        "description": "Lists widgets.", "isasync": false, "params": [], "response": []}]}});
    let (prod, lab) = (Script::new([body(200, apis)]), Script::new([]));
    for (name, server) in [("prod", &prod), ("lab", &lab)] {
        let add = format!("profile add {name} url={} apikey=K secretkey=S", server.url());
        capuchin.run(&add).stderr_has("Added").check();
    }
    capuchin.run("cmk -p prod sync").stderr("The server has 1 API.\n").check();
    capuchin.run("cmk -p prod help list widgets").stdout_has("Lists widgets.").check();
    capuchin.run("cmk -p lab help list widgets").stderr_has("unknown command").status(2).check();
}

#[test]
fn names_complete_and_come_from_the_rows_alone() {
    let capuchin = Capuchin::new();
    let nested = json!([{"deploymentplanner": [{"id": 7, "name": "odd"}], "name": "Small one",
        "id": ZONE}]);
    let answer = json!({"listserviceofferingsresponse": {"count": 1, "serviceoffering": nested}});
    let server = Script::new([body(200, answer)]);
    let line = "deploy virtual machine serviceofferingid=S";
    let found = completed(&capuchin, &server, line);
    assert_eq!(found, ["serviceofferingid='Small one' "]);
}

#[test]
fn each_parameter_is_completed_from_its_own_list() {
    let capuchin = Capuchin::new();
    for (line, wanted) in [
        ("update storage capabilities id=", "listStoragePools"),
        ("migrate system vm virtualmachineid=", "listSystemVms"),
        ("create network associatednetworkid=", "listNetworks"),
    ] {
        let server = Script::new([]);
        completed(&capuchin, &server, line);
        let requests = server.requests();
        let asked: Vec<_> = requests.iter().map(|request| request.param("command")).collect();
        assert!(asked.iter().all(|command| command == wanted) && !asked.is_empty(), "{asked:?}");
    }
    let server = Script::new([]);
    assert!(completed(&capuchin, &server, "list hosts version=").is_empty());
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn values_of_which_there_are_few_complete() {
    let capuchin = Capuchin::new();
    let ask = |line: &str| capuchin.args(["complete", &format!("capuchin {line}")]).text();
    assert!(ask("create zone networktype=").contains("networktype=Advanced "));
    assert!(ask("list zones available=").contains("available=true "));
}

#[test]
fn why_a_login_failed_is_said() {
    let capuchin = Capuchin::new();
    let text = "Failed to authenticate user admin in domain 1; please provide valid credentials";
    let server = Script::new([body(
        531,
        json!({"loginresponse": {"errorcode": 531, "errortext": text, "uuidList": []}}),
    )]);
    let run = capuchin.run("list zones").env("CAPUCHIN_URL", server.url());
    let run = run.env("CAPUCHIN_USERNAME", "admin").env("CAPUCHIN_PASSWORD", "wrong");
    run.stderr_has(text).status(3).check();
}

#[test]
fn a_stronger_signature_is_a_setting() {
    let capuchin = Capuchin::new();
    let server = Script::new([body(200, zones())]);
    let add = format!("profile add prod url={} apikey=K secretkey=S", server.url());
    capuchin.run(&add).stderr_has("Added").check();
    capuchin.run("cmk set signaturealgorithm HmacSHA512").check();
    capuchin.run("list zones").stdout_has(ZONE).check();
    // 64 bytes in base64.
    assert_eq!(server.requests()[0].param("signature").len(), 88);
}

#[test]
fn help_needs_no_exact_spelling_and_says_what_is_required() {
    let capuchin = Capuchin::new();
    for line in ["help list zones", "help listZones", "cmk help LISTZONES", "cmk list zones -h"] {
        capuchin.run(line).stdout_has("list zones (listZones)\n").check();
    }
    let text = capuchin.run("cmk help create vpc").text();
    let required = text.find("Required parameters:").unwrap();
    assert!(required < text.find("Optional parameters:").unwrap(), "{text}");
    assert!(text.contains("\nExample:\n") && text.contains("\nRelated:"), "{text}");
}
