//! Profiles: who is asked, and that none is ever lost.

use super::script::{Script, json as body};
use super::zones;
use crate::harness::Capuchin;
use serde_json::json;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::mpsc::channel;
use std::time::Duration;

fn text(capuchin: &Capuchin) -> String {
    fs::read_to_string(capuchin.dir().join("config/capuchin/config.toml")).unwrap()
}

#[test]
fn a_profile_is_added_used_changed_and_removed() {
    let capuchin = Capuchin::new();
    let in_use =
        "Added the profile prod.\nIt is in use; `capuchin profile use embedded` leaves it.\n";
    capuchin
        .args(["profile", "add", "prod", "url=https://h.example", "apikey=K", "secretkey=-"])
        .stdin("hunter2\n")
        .stderr(in_use)
        .check();
    let file = capuchin.dir().join("config/capuchin/config.toml");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let dir = fs::metadata(file.parent().unwrap()).unwrap();
    assert_eq!(dir.permissions().mode() & 0o777, 0o700);
    let shown = capuchin.run("profile show").json();
    assert_eq!(
        shown,
        json!({"name": "prod", "apikey": "K", "secretkey": "(redacted)",
            "url": "https://h.example"})
    );
    assert!(text(&capuchin).contains("hunter2"));
    capuchin.run("profile add lab store=lab.db").stderr("Added the profile lab.\n").check();
    let list = "name,inuse,store,url\nprod,true,,https://h.example\nlab,false,lab.db,\n";
    capuchin.run("-o csv profile list").stdout(list).check();
    capuchin.run("profile use lab").stderr("Commands go to the profile lab.\n").check();
    capuchin.run("list zones -o csv filter=name").stdout("name\nsandbox\n").check();
    assert!(capuchin.dir().join("config/capuchin/lab.db").exists());
    capuchin.run("profile edit prod apikey=L secretkey=").stderr_has("Changed").check();
    assert!(!text(&capuchin).contains("hunter2"));
    capuchin.run("profile remove lab").stderr_has("No profile is in use now").check();
    capuchin.run("profile show").stderr_has("no profile is in use").status(2).check();
}

#[test]
fn what_is_wrong_changes_nothing() {
    let capuchin = Capuchin::new();
    capuchin.run("profile add prod url=https://h").stderr_has("Added").check();
    let before = text(&capuchin);
    for (line, why) in [
        ("profile use prd", "there is no profile `prd`; did you mean `prod`?"),
        ("profile edit x url=http://h", "there is no profile `x`"),
        ("profile remove x", "there is no profile `x`"),
        ("profile show x", "there is no profile `x`"),
        ("profile add prod url=http://h", "there is a profile `prod` already"),
        ("profile add a b=c", "there is no setting `b`"),
        ("profile add a apikey=K", "needs `url` or `store`"),
        ("profile add a url=https://u:p@h/", "no user and password"),
        ("profile add ../a url=http://h", "cannot be called"),
        ("profile edit prod verifycert=maybe", "must be `true` or `false`"),
        ("-p prd list zones", "there is no profile `prd`"),
        ("--store x -p prod list zones", "choose one"),
    ] {
        capuchin.run(line).stderr_has(why).status(2).check();
        assert_eq!(text(&capuchin), before, "{line}");
    }
}

#[test]
fn what_profile_can_do_is_shown_to_whoever_asks_for_nothing() {
    let run = Capuchin::new();
    let run = run.run("profile").stderr_has("error: a subcommand is missing\n\nManage profiles");
    run.stderr_has("\n  import ").status(2).check();
}

#[test]
fn what_options_say_is_never_kept() {
    let (capuchin, server) =
        (Capuchin::new(), Script::new([body(200, zones()), body(200, zones())]));
    capuchin.run("profile add prod url=https://h.invalid apikey=K").stderr_has("Added").check();
    let before = text(&capuchin);
    let line = format!("-p prod -u {} -s S -o csv list zones filter=name", server.url());
    capuchin.run(&line).stdout("name\na\n").check();
    assert_eq!(server.requests()[0].param("apiKey"), "K");
    assert_eq!(text(&capuchin), before);
    capuchin
        .run("list zones filter=name -o csv")
        .env("CLOUDSTACK_ENDPOINT", server.url())
        .env("CLOUDSTACK_KEY", "C")
        .env("CLOUDSTACK_SECRET", "S")
        .stdout("name\na\n")
        .check();
    assert_eq!(server.requests()[1].param("apiKey"), "C");
}

#[test]
fn a_secret_comes_from_a_command_or_a_file() {
    let (capuchin, server) =
        (Capuchin::new(), Script::new([body(200, zones()), body(200, zones())]));
    fs::write(capuchin.dir().join("key"), "S\n").unwrap();
    let add = |name: &str, setting: &str| {
        let url = format!("url={}", server.url());
        let args = ["profile", "add", name, &url, "apikey=K", setting];
        capuchin.args(args).stderr_has("Added").check();
    };
    add("a", "secretkey_command=echo S");
    add("b", "secretkey_file=$DIR/key");
    add("c", "secretkey_command=exit 7");
    for name in ["a", "b"] {
        capuchin.run(&format!("-p {name} list zones")).stdout_has("\"count\": 1").check();
    }
    let requests = server.requests();
    for request in &requests {
        let mut params = request.params();
        let (_, signature) = params.pop().unwrap();
        assert_eq!(signature, super::script::signature(&params, "S"));
    }
    capuchin.run("-p c list zones").stderr_has("secretkey_command failed").status(3).check();
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn profiles_of_cloudmonkey_are_taken_over() {
    let capuchin = Capuchin::new();
    let dir = capuchin.dir().join("home/.cmk");
    fs::create_dir_all(&dir).unwrap();
    let cmk = "prompt = x\nverifycert = false\nprofile = lab\n\n\
               [lab]\nurl = http://lab:8080/client/api\nusername = admin\n\
               password = password\napikey =\nsecretkey =\n\n\
               [prod]\nurl = https://h/client/api\napikey = K\nsecretkey = hunter2\n";
    fs::write(dir.join("config"), cmk).unwrap();
    capuchin
        .run("profile import")
        .stderr(
            "
            Took over the profile lab; it has no keys; the certificate is not verified.
            Took over the profile prod; the certificate is not verified.
            Commands go to the profile lab.
            ",
        )
        .check();
    assert!(!text(&capuchin).contains("admin"));
    assert_eq!(capuchin.run("profile show prod").json()["verifycert"], "false");
    let again = capuchin.run("profile import").stderr_has("it was here before");
    again.check();
}

#[test]
fn whoever_is_killed_loses_no_profile() {
    let capuchin = Capuchin::new();
    capuchin.run("profile add a url=http://a apikey=0").stderr_has("Added").check();
    capuchin.run("profile add b url=http://b apikey=0").stderr_has("Added").check();
    let (_sender, never) = channel::<()>();
    for number in 0..120_u64 {
        let name = if number % 2 == 0 { "a" } else { "b" };
        let line = format!("profile edit {name} apikey={number}");
        let mut running = capuchin.run(&line).spawn();
        let _ = never.recv_timeout(Duration::from_micros(number * 150));
        running.signal("KILL");
        running.wait();
        let text = text(&capuchin);
        for whole in
            ["[profiles.a]\nurl = \"http://a\"\napikey = ", "[profiles.b]\nurl = \"http://b\""]
        {
            assert!(text.contains(whole), "{number}: {text}");
        }
    }
    capuchin.run("profile edit a apikey=last").stderr_has("Changed").check();
    assert_eq!(capuchin.run("profile show a").json()["apikey"], "last");
}
