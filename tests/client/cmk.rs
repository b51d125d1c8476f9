//! The program in the manner of CloudMonkey: what its scripts rely on.

use super::script::{Script, json as body};
use super::{ZONE, zones};
use crate::harness::Capuchin;
use serde_json::{Value, json};
use std::fs;
use std::process::Command;

/// A configuration of CloudMonkey's for the server.
fn config(capuchin: &Capuchin, core: &str, sections: &[(&str, &str)]) -> String {
    let dir = capuchin.dir().join("home/.cmk");
    fs::create_dir_all(&dir).unwrap();
    let sections: Vec<_> = sections
        .iter()
        .map(|(name, url)| {
            format!(
                "[{name}]\nurl = {url}\nusername = admin\npassword = password\n\
                     domain = /\napikey = K-{name}\nsecretkey = S\n"
            )
        })
        .collect();
    let text = format!("prompt       = \u{1f431}\n{core}\n{}", sections.join("\n"));
    fs::write(dir.join("config"), &text).unwrap();
    text
}

fn theirs(capuchin: &Capuchin) -> String {
    fs::read_to_string(capuchin.dir().join("home/.cmk/config")).unwrap()
}

fn many() -> Script {
    Script::new(std::iter::repeat_n(body(200, zones()), 20))
}

fn keys(server: &Script) -> Vec<String> {
    server.requests().iter().map(|request| request.param("apiKey")).collect()
}

#[test]
fn a_link_named_cmk_reads_the_configuration_of_cloudmonkey() {
    let (capuchin, server) = (Capuchin::new(), many());
    let before = config(&capuchin, "profile = prod", &[("prod", server.url())]);
    let link = capuchin.dir().join("cmk");
    let run = capuchin.run("").command();
    std::os::unix::fs::symlink(run.get_program(), &link).unwrap();
    let mut cmk = Command::new(&link);
    cmk.env_clear().current_dir(capuchin.dir()).args(["-o", "csv", "list", "zones"]);
    cmk.envs(run.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = cmk.output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), format!("id,name\n{ZONE},a\n"));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(keys(&server), ["K-prod"]);
    assert_eq!(theirs(&capuchin), before);
    assert!(!capuchin.dir().join("config/capuchin/config.toml").exists());
}

#[test]
fn flags_are_taken_in_the_spellings_of_go() {
    let (capuchin, server) = (Capuchin::new(), many());
    config(&capuchin, "profile = prod", &[("prod", server.url()), ("lab", server.url())]);
    for flags in ["-p lab -o csv", "-p=lab -o=csv", "--p lab --o csv", "-o csv -p lab -d=false"] {
        let run = capuchin.run(&format!("cmk {flags} list zones filter=name"));
        run.stdout("name\na\n").check();
    }
    assert!(keys(&server).iter().all(|key| key == "K-lab"));
    capuchin.run("cmk -o default list zones filter=name").stdout_has("\"name\": \"a\"").check();
    capuchin.run("cmk -h").stdout_has("Usage: cmk").check();
    capuchin.run("cmk -v").stdout_has("capuchin ").check();
    capuchin.run("cmk -Z").stderr_has("there is no flag -Z").status(2).check();
    capuchin.run("cmk -p prdo list zones").stderr_has("did you mean `prod`").status(2).check();
    capuchin.run("cmk list zones").env("CMK_OUTPUT", "csv").stdout_has("id,name\n").check();
}

#[test]
fn json_is_the_format_and_its_keys_are_sorted() {
    let capuchin = Capuchin::new();
    let rows = json!([{"name": "a", "id": ZONE, "allocationstate": "Enabled"}]);
    let answer = json!({"listzonesresponse": {"count": 1, "zone": rows}});
    let server = Script::new([body(200, answer)]);
    config(&capuchin, "profile = prod\noutput = json", &[("prod", server.url())]);
    let zone = format!("\"allocationstate\": \"Enabled\",\n      \"id\": \"{ZONE}\"");
    let list = format!("[\n    {{\n      {zone},\n      \"name\": \"a\"\n    }}\n  ]");
    let wanted = format!("{{\n  \"count\": 1,\n  \"zone\": {list}\n}}\n");
    capuchin.run("cmk list zones").stdout(&wanted).check();
}

#[test]
fn options_of_cloudmonkey_are_kept_in_our_configuration() {
    let (capuchin, server) = (Capuchin::new(), many());
    let before = config(&capuchin, "profile = prod", &[("prod", server.url())]);
    capuchin.run("cmk set output csv").check();
    capuchin.run("cmk set asyncblock false").check();
    capuchin.run("cmk set timeout 60").check();
    capuchin.run("cmk set prompt \u{1f435}").stderr_has("changes nothing here").check();
    capuchin.run("cmk list zones").stdout_has("id,name\n").check();
    assert_eq!(theirs(&capuchin), before);
    let found = capuchin.run("-o json profile show").json();
    let settings = ["name", "output", "asyncblock", "timeout", "apikey"];
    let found: Vec<_> = settings.iter().map(|key| found[key].as_str().unwrap()).collect();
    assert_eq!(found, ["prod", "csv", "false", "60", "K-prod"]);
}

#[test]
fn a_profile_is_made_as_scripts_make_it() {
    let (capuchin, server) = (Capuchin::new(), many());
    let made = "Made the profile prod, for http://localhost:8080/client/api; `set url` changes";
    capuchin.run("cmk set profile prod").stderr_has(made).check();
    for line in ["url URL", "apikey K", "secretkey S", "output column", "display csv"] {
        capuchin.run(&format!("cmk set {}", line.replace("URL", server.url()))).check();
    }
    capuchin.run("cmk list zones filter=name").stdout("name\na\n").check();
    let typo = capuchin.run("cmk set profile prdo");
    typo.stderr_has("Made the profile prdo").stderr_has("Did you mean `prod`?").check();
}

#[test]
fn a_script_runs_with_its_comments_pipes_and_options() {
    let (capuchin, server) = (Capuchin::new(), many());
    config(&capuchin, "profile = prod", &[("prod", server.url()), ("lab", server.url())]);
    let script = "
        # zones
        set output csv
        list zones filter=name   # all of them
        list zones filter=name | tail -n 1
        set profile lab
        set display json
        listZones filter=name
    ";
    let text = capuchin.run("cmk").stdin(script).text();
    assert!(text.starts_with("name\na\na\n{\n"), "{text}");
    assert_eq!(keys(&server), ["K-prod", "K-prod", "K-lab"]);
    capuchin.run("cmk -o csv list zones filter=name | tail -n 1").stdout("a\n").check();
}

#[test]
fn a_session_of_ours_sets_options_for_itself_alone() {
    let (capuchin, server) = (Capuchin::new(), many());
    for name in ["prod", "lab"] {
        let add = format!("profile add {name} url={} apikey=K-{name} secretkey=S", server.url());
        capuchin.run(&add).stderr_has("Added").check();
    }
    let before = fs::read(capuchin.dir().join("config/capuchin/config.toml")).unwrap();
    let script = "
        set output csv
        list zones filter=name
        set profile lab; list zones filter=name -o csv
        set apikey=other
        list zones filter=name -o csv
        set
    ";
    let text = capuchin.run("").stdin(script).text();
    assert!(text.starts_with("name\na\nname\na\nname\na\n"), "{text}");
    assert!(text.contains("\nprofile          lab\n"), "{text}");
    assert!(text.contains("\nsecretkey        (redacted)\n"), "{text}");
    assert_eq!(keys(&server), ["K-prod", "K-lab", "other"]);
    let after = fs::read(capuchin.dir().join("config/capuchin/config.toml")).unwrap();
    assert_eq!(after, before);
    for (line, why) in [
        ("set outptu csv", "there is no setting `outptu`; did you mean `output`?"),
        ("set profile prdo", "there is no profile `prdo`; did you mean `prod`?"),
        ("set timeout abc", "must be a number of seconds"),
    ] {
        capuchin.run("").stdin(line).stderr_has(why).status(2).check();
    }
    capuchin
        .run("-p embedded")
        .stdin("set url http://h")
        .stderr_has("no such option")
        .status(2)
        .check();
}

#[test]
fn without_any_configuration_the_store_answers() {
    let capuchin = Capuchin::new();
    let zones: Value = capuchin.run("cmk list zones").json();
    assert_eq!(zones["zone"][0]["name"], "sandbox");
}
