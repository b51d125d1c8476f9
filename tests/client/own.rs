//! Our client and our server, each a process of its own.

use crate::harness::Capuchin;
use serde_json::Value;

/// The program and a server of its store; what is run with the profile goes through the server.
pub(crate) fn with_server(test: impl FnOnce(&Capuchin)) {
    let capuchin = Capuchin::new();
    let keys = capuchin.run("keys create --user admin --format json").json();
    let mut serving = capuchin.run("serve --listen 127.0.0.1:0").spawn();
    let line = serving.line();
    let url = line.split(' ').find(|word| word.starts_with("http://")).expect("an address");
    let text = |name: &str| keys[name].as_str().expect("a text").to_owned();
    let (key, secret) = (format!("apikey={}", text("key")), text("secret"));
    capuchin
        .args(["profile", "add", "own", &format!("url={url}"), &key, "secretkey=-"])
        .stdin(&secret)
        .stderr_has("It is in use")
        .check();
    test(&capuchin);
    serving.signal("TERM");
    assert_eq!(serving.wait(), Some(0));
}

#[test]
fn what_the_server_answers_is_what_the_store_answers() {
    with_server(|capuchin| {
        capuchin.run("sync").stderr_has("APIs.").check();
        for line in [
            "list zones",
            "list configurations name=network.gc.wait",
            "list vpc offerings",
            "list network offerings --all pagesize=3",
        ] {
            let remote = capuchin.run(line).json();
            let local = capuchin.run(&format!("-p embedded {line}")).json();
            assert_eq!(remote, local, "{line}");
        }
        let wrong = capuchin.run("list zones page=0 pagesize=10").status(1);
        wrong.stderr_has("error (431/4350) InvalidParameterValueException: Invalid value").check();
        capuchin.run("-s wrong list zones").stderr_has("(401)").status(3).check();
    });
}

#[test]
fn a_job_of_the_server_is_waited_for_now_or_later() {
    with_server(|capuchin| {
        let create = |name: &str| {
            format!("create vpc name={name} zoneid=sandbox vpcofferingid='Default VPC offering'")
        };
        let made = capuchin.run(&create("a")).json();
        assert_eq!(made["vpc"]["name"], "a");
        let job = capuchin.run(&format!("{} --no-wait", create("b"))).json();
        let id = |json: &Value, key: &str| json[key].as_str().expect("an id").to_owned();
        let waited = capuchin.run(&format!("wait {}", id(&job, "jobid"))).json();
        assert_eq!(waited["vpc"]["id"], job["id"]);
        let names = "name\na\nb\n";
        capuchin.run("-p embedded list vpcs filter=name -o csv").stdout(names).check();
    });
}
