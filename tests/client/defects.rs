//! Defects that CloudMonkey is known to have; here each of them is shown not to be.

use super::script::{Script, answer, cut_off, delayed, json as body};
use super::{ZONE, against, create_vpc, refusal, zones};
use crate::harness::Capuchin;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::time::{Duration, Instant};

fn listed(rows: Value) -> Value {
    let count = rows.as_array().map(Vec::len);
    json!({"listzonesresponse": {"count": count, "zone": rows}})
}

/// What one line shows of these rows.
fn shown(rows: &str, line: &str) -> String {
    let capuchin = Capuchin::new();
    let rows: Value = serde_json::from_str(rows).unwrap();
    let server = Script::new([body(200, listed(rows))]);
    against(&capuchin, &server, line).text()
}

#[test]
fn numbers_show_the_digits_that_came() {
    let rows = r#"[{"name": "a", "bytes": 9223372036854775807, "cpu": 2.75}]"#;
    for format in ["json", "jsonl", "text", "table", "csv", "column"] {
        let text = shown(rows, &format!("list zones filter=name,bytes,cpu -o {format}"));
        assert!(text.contains("9223372036854775807") && text.contains("2.75"), "{text}");
    }
}

#[test]
fn fields_that_only_later_rows_have_are_shown() {
    let rows = r#"[{"name": "a"}, {"name": "b", "extra": "late"}]"#;
    for format in ["csv", "column", "jsonl"] {
        let text = shown(rows, &format!("list zones -o {format}"));
        assert!(text.contains("late"), "{format}: {text}");
    }
}

#[test]
fn an_answer_of_one_object_is_shown_in_every_format() {
    let capuchin = Capuchin::new();
    let vpc = || {
        let vpc = json!({"vpc": {"id": ZONE, "name": "web", "tags": [{"key": "a"}]}});
        body(200, json!({"queryasyncjobresultresponse": {"jobstatus": 1, "jobresult": vpc}}))
    };
    for format in ["json", "jsonl", "text", "table", "csv", "column"] {
        let server = Script::new([vpc()]);
        let text = against(&capuchin, &server, &format!("wait j -o {format}")).text();
        assert!(text.contains("web") && text.contains(ZONE), "{format}: {text}");
        assert!(!text.contains("map["), "{format}: {text}");
    }
}

#[test]
fn an_empty_list_is_valid_in_every_format() {
    let capuchin = Capuchin::new();
    let empty = || Script::new([body(200, json!({"listzonesresponse": {}}))]);
    let json = against(&capuchin, &empty(), "list zones -o json").json();
    assert_eq!(json, json!({"count": 0, "zone": []}));
    against(&capuchin, &empty(), "list zones filter=name,id -o csv").stdout("name,id\n").check();
    against(&capuchin, &empty(), "list zones -o table").stdout("no zones\n").check();
    against(&capuchin, &empty(), "list zones -o text").stdout("count = 0\n").check();
}

#[test]
fn text_has_the_same_order_every_time() {
    let rows = r#"[{"id": "1", "name": "a", "zeta": "z", "alpha": "x"}]"#;
    let first = shown(rows, "list zones -o text");
    assert_eq!(first, "count = 1\nid = 1\nname = a\nzeta = z\nalpha = x\n");
    assert_eq!(shown(rows, "list zones -o text"), first);
}

#[test]
fn errors_go_to_standard_error_and_have_a_status() {
    let capuchin = Capuchin::new();
    let server = Script::new([body(431, refusal(431, 4350, "no"))]);
    let refused = against(&capuchin, &server, &create_vpc()).stdout("");
    refused.stderr_has("no").status(1).check();
    let server = Script::new([]);
    let run = |line| against(&capuchin, &server, line).stdout("").status(2);
    run("create vpc name=a").stderr_has("`create vpc` needs").check();
    run("set output xml").stderr_has("`set` is for a session").check();
    run("cmk set foo bar").stderr_has("there is no option `foo`").check();
    run("cmk set output xml").stderr_has("unknown output format").check();
    run("cmk set timeout abc").stderr_has("must be a number of seconds").check();
    let asked = server.requests();
    assert!(asked.iter().all(|request| request.param("command").starts_with("list")));
}

#[test]
fn an_interrupted_request_has_a_status_of_its_own() {
    let capuchin = Capuchin::new();
    let server = Script::new([delayed(60_000, body(200, zones()))]);
    let mut running = against(&capuchin, &server, "list zones").spawn();
    server.await_requests(1);
    running.signal("INT");
    assert_eq!(running.wait(), Some(130));
}

#[test]
fn nothing_is_said_that_nobody_asked_for() {
    let capuchin = Capuchin::new();
    let server = Script::new([body(200, zones()), body(200, zones())]);
    against(&capuchin, &server, "list zones").stderr("").stdout_has(ZONE).check();
    let script = against(&capuchin, &server, "").stdin("list zones filter=name -o csv\n");
    script.stdout("name\na\n").stderr("").check();
}

#[test]
fn help_that_is_piped_has_no_colours() {
    let capuchin = Capuchin::new();
    for line in ["help", "help create vpc", "list zones -h", "cmk -h", "help vpc"] {
        let text = capuchin.run(line).text();
        assert!(!text.contains('\u{1b}') && !text.is_empty(), "{line}: {text}");
    }
}

#[test]
fn a_script_ends_with_the_status_of_what_failed() {
    let capuchin = Capuchin::new();
    let server = Script::new([body(431, refusal(431, 4350, "no")), body(200, zones())]);
    let script = against(&capuchin, &server, "").stdin("list zones\nlist zones\n");
    script.stdout("").stderr_has("no").status(1).check();
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn reading_leaves_the_configuration_alone() {
    let capuchin = Capuchin::new();
    capuchin.run("profile add prod url=http://127.0.0.1:1 apikey=K").stderr_has("Added").check();
    let file = capuchin.dir().join("config/capuchin/config.toml");
    let state = || {
        let found = fs::metadata(&file).unwrap();
        (found.ino(), found.mtime_nsec(), found.permissions().mode() & 0o777)
    };
    let before = state();
    for line in ["-v", "version", "help", "cmk -v", "cmk help", "cmk profile list"] {
        capuchin.run(line).text();
    }
    assert_eq!(state(), before);
    assert_eq!(before.2, 0o600);
}

#[test]
fn whatever_a_configuration_leaves_out_certificates_are_verified() {
    let capuchin = Capuchin::new();
    let cmk = capuchin.dir().join("home/.cmk");
    fs::create_dir_all(&cmk).unwrap();
    fs::write(cmk.join("config"), "profile = a\n[a]\nurl = https://127.0.0.1:1\n").unwrap();
    capuchin.run("cmk").stdin("set\n").stdout_has("verifycert       true\n").check();
    capuchin.run("profile add b url=https://127.0.0.1:1").stderr_has("Added").check();
    capuchin.run("").stdin("set\n").stdout_has("verifycert       true\n").check();
}

#[test]
fn errors_show_no_keys_and_no_signature() {
    let capuchin = Capuchin::new();
    let server = Script::new([cut_off(), cut_off(), cut_off(), cut_off()]);
    let mut running = against(&capuchin, &server, "--get --debug list zones").spawn();
    assert_eq!(running.wait(), Some(4));
    let said = running.stderr();
    let signature = server.requests()[0].param("signature");
    assert!(said.contains("/client/api"), "{said}");
    for secret in [super::KEY, super::SECRET, &signature] {
        assert!(!said.contains(secret), "{said}");
    }
}

#[test]
fn a_signature_does_not_last_for_ever() {
    let capuchin = Capuchin::new();
    let server = Script::new([body(200, zones())]);
    against(&capuchin, &server, "cmk list zones").text();
    let request = server.requests().remove(0);
    assert_eq!(request.param("signatureversion"), "3");
    assert!(!request.param("expires").is_empty());
}

#[test]
fn refused_keys_are_not_made_up_for_by_a_default_user() {
    let capuchin = Capuchin::new();
    let denied = || body(401, refusal(401, 9999, "unable to verify user credentials"));
    let server = Script::new([denied(), body(200, zones())]);
    let line = "cmk list zones";
    against(&capuchin, &server, line).stderr_has("unable to verify").status(3).check();
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn what_flags_say_is_not_kept_by_set() {
    let capuchin = Capuchin::new();
    let add = "profile add prod url=http://127.0.0.1:1 apikey=K secretkey=S";
    capuchin.run(add).stderr_has("Added").check();
    capuchin.run("cmk -k leaked -s leaked2 -o csv set timeout 100").check();
    let text = fs::read_to_string(capuchin.dir().join("config/capuchin/config.toml")).unwrap();
    assert!(text.contains("timeout = 100"), "{text}");
    assert!(!text.contains("leaked") && !text.contains("csv"), "{text}");
    capuchin.run("profile add other url=http://127.0.0.1:1").stderr_has("Added").check();
    capuchin.run("cmk -p other set apikey L").check();
    assert_eq!(capuchin.run("-o json profile show").json()["name"], "prod");
}

#[test]
fn a_flag_goes_before_the_profile() {
    let capuchin = Capuchin::new();
    let server = Script::new([body(200, zones()), body(200, zones())]);
    let add = "profile add prod url=http://127.0.0.1:1 apikey=K secretkey=S";
    capuchin.run(add).stderr_has("Added").check();
    for line in ["-u URL -p prod", "-p prod -u URL -k other -s o"] {
        let line = format!("cmk {} list zones", line.replace("URL", server.url()));
        capuchin.run(&line).stdout_has(ZONE).check();
    }
    let keys: Vec<_> = server.requests().iter().map(|request| request.param("apiKey")).collect();
    assert_eq!(keys, ["K", "other"]);
}

#[test]
fn nothing_that_is_typed_or_damaged_ends_the_program() {
    let capuchin = Capuchin::new();
    let server = Script::new([body(200, zones()), body(200, zones())]);
    against(&capuchin, &server, "list zones name='\"'").stdout_has(ZONE).check();
    let cache = capuchin.dir().join("home/.cache/capuchin");
    fs::create_dir_all(&cache).unwrap();
    fs::write(cache.join("prod.apis"), "!\t{\"url\":\u{0}\nnonsense").unwrap();
    let add = format!("profile add prod url={} apikey=K secretkey=S", server.url());
    capuchin.run(&add).stderr_has("Added").check();
    capuchin.run("list zones").stdout_has(ZONE).check();
}

#[test]
fn answers_of_other_kinds_than_expected_are_survived() {
    let capuchin = Capuchin::new();
    let rows = json!([{"id": 5, "name": null}, {"id": {"a": 1}, "name": ["x"]},
        {"id": ZONE, "name": "good"}]);
    let server = Script::new([body(200, listed(rows))]);
    let run = against(&capuchin, &server, "complete 'capuchin create vpc zoneid='");
    run.stdout_has(&format!("zoneid=good \t{ZONE}")).check();
    let apis = json!([{"name": "listWidgets"}, {"name": 7},
        {"name": "listZones", "params": null, "response": "x"}]);
    let apis = json!({"listapisresponse": {"count": 1, "api": apis}});
    let server = Script::new([body(200, apis), body(200, zones())]);
    let script = "sync\nhelp list widgets\nlist zones filter=id -o csv\n";
    let run = against(&capuchin, &server, "").stdin(script);
    run.stdout_has(ZONE).stderr("The server has 2 APIs.\n").check();
}

#[test]
fn a_job_that_is_not_waited_for_any_more_is_named() {
    let capuchin = Capuchin::new();
    let started = json!({"createvpcresponse": {"id": ZONE, "jobid": "job-1"}});
    let pending = json!({"queryasyncjobresultresponse": {"jobstatus": 0}});
    let answers = [body(200, started)].into_iter();
    let server = Script::new(answers.chain(std::iter::repeat_n(body(200, pending), 100)));
    let add = format!("profile add prod url={} apikey=K secretkey=S timeout=1", server.url());
    capuchin.run(&add).stderr_has("Added").check();
    let run = capuchin.run(&create_vpc()).status(4);
    run.stderr_has("job job-1 goes on; `capuchin wait job-1` waits for it").check();
}

#[test]
fn a_short_job_is_not_waited_for_long() {
    let capuchin = Capuchin::new();
    let started = json!({"createvpcresponse": {"id": ZONE, "jobid": "job-1"}});
    let query = |fields| body(200, json!({"queryasyncjobresultresponse": fields}));
    let pending = || query(json!({"jobstatus": 0}));
    let done = query(json!({"jobstatus": 1, "jobresult": {"vpc": {"id": ZONE}}}));
    let server = Script::new([body(200, started), pending(), pending(), pending(), done]);
    let begun = Instant::now();
    against(&capuchin, &server, &create_vpc()).stdout_has(ZONE).check();
    // Four questions, two seconds before each of them, would be eight.
    assert!(begun.elapsed() < Duration::from_secs(6), "{:?}", begun.elapsed());
}

#[test]
fn an_answer_that_is_no_json_is_shown_with_its_status() {
    let capuchin = Capuchin::new();
    let server = Script::new([answer(502, "text/html", "<html>Bad Gateway")]);
    let run = against(&capuchin, &server, "cmk create vpc zoneid=1 vpcofferingid=2 name=a");
    run.stderr_has("HTTP 502").stderr_has("<html>Bad Gateway").status(4).check();
}

#[test]
fn words_and_parameters_that_mean_nothing_are_refused() {
    let capuchin = Capuchin::new();
    let server = Script::new([]);
    for (line, why) in [
        ("list zones banana", "`banana` is not of the form name=value"),
        ("list zones nmae=x", "did you mean `name`?"),
        ("list zones name=a name=b", "`name` is given twice"),
        ("list zones ; list vpcs", "`;` is not of the form"),
        ("create vpc name=a zoneid=1 vpcofferingidx=2", "no parameter `vpcofferingidx`"),
        ("lsit zones", "did you mean `list zones`"),
    ] {
        for line in [line.to_owned(), format!("cmk {line}")] {
            against(&capuchin, &server, &line).stderr_has(why).status(2).check();
        }
    }
    assert_eq!(server.requests().len(), 0);
}
