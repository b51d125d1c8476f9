//! `capuchin doctor`: what is wrong is found, and how to mend it is said.

use super::script::{Script, answer, json as body, with_header};
use super::{refusal, zones};
use crate::harness::Capuchin;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// State and finding of all checks of this name.
fn found(answer: &Value, check: &str) -> Vec<(String, String)> {
    let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    let rows = answer["check"].as_array().unwrap().iter();
    let rows = rows.filter(|row| row["check"] == check);
    rows.map(|row| (text(row, "state"), text(row, "finding"))).collect()
}

#[track_caller]
fn finds(answer: &Value, check: &str, state: &str, part: &str) {
    let found = found(answer, check);
    let hit = found.iter().any(|(is, says)| is == state && says.contains(part));
    assert!(hit, "{check}: {found:?}");
}

#[test]
fn a_new_machine_is_in_order_and_stays_as_it_is() {
    let capuchin = Capuchin::new();
    let text = capuchin.run("doctor").text();
    assert!(text.contains("ok      store          there is none"), "{text}");
    assert!(!capuchin.store_path().exists());
    capuchin.run("list zones").text();
    let json = capuchin.run("doctor -o json").json();
    finds(&json, "store", "ok", "is sound, schema version");
    finds(&json, "files", "ok", "nobody else");
    finds(&json, "configuration", "ok", "there is no");
}

#[test]
fn open_files_and_unread_settings_are_found() {
    let capuchin = Capuchin::new();
    capuchin.run("list zones").text();
    let add = "profile add lab store=lab.db";
    capuchin.run(add).stderr_has("Added").check();
    let file = capuchin.dir().join("config/capuchin/config.toml");
    let text = format!("prompt = \"x\"\n{}", fs::read_to_string(&file).unwrap());
    fs::write(&file, text).unwrap();
    for path in [&file, &capuchin.store_path()] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
    }
    let json = capuchin.run("doctor -o json").status(1).json();
    finds(&json, "configuration", "advice", "nobody reads `prompt`");
    finds(&json, "files", "wrong", "config.toml can be used by others (644)");
    finds(&json, "files", "wrong", "store.db can be used by others (644)");
    let text = capuchin.run("doctor").status(1).text();
    assert!(text.contains("to mend it: chmod 600 '$DIR") || text.contains("chmod 600 '"), "{text}");
}

#[test]
fn a_damaged_store_and_a_broken_configuration_are_found() {
    let capuchin = Capuchin::new();
    fs::write(capuchin.dir().join("odd.db"), "no database ".repeat(1000)).unwrap();
    let json = capuchin.run("--store $DIR/odd.db doctor -o json").status(1).json();
    finds(&json, "store", "wrong", "the store is damaged");
    fs::write(capuchin.dir().join("c.toml"), "[profiles\nsecretkey = hunter2").unwrap();
    let text = capuchin.run("-c $DIR/c.toml doctor -o json").status(1).text();
    finds(&serde_json::from_str(&text).unwrap(), "configuration", "wrong", "is not TOML");
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn a_server_that_answers_and_knows_us_is_in_order() {
    let capuchin = Capuchin::new();
    let date = "date: Fri, 02 Jan 2026 03:00:01 GMT";
    let replies = [with_header(date, answer(401, "text/plain", "")), body(200, zones())];
    let server = Script::new(replies);
    let add = format!("profile add prod url={} apikey=K secretkey=S", server.url());
    capuchin.run(&add).stderr_has("Added").check();
    let json = capuchin.run("doctor -o json").json();
    finds(&json, "server", "ok", "answers (HTTP 401)");
    finds(&json, "tls", "ok", "on this machine");
    finds(&json, "clock", "ok", "agree");
    finds(&json, "credentials", "ok", "knows them");
    finds(&json, "catalogue", "advice", "CloudStack 4.22");
    assert_eq!(server.requests()[1].param("command"), "listApis");
}

#[test]
fn clocks_and_credentials_that_are_wrong_are_found() {
    let capuchin = Capuchin::new();
    let date = "date: Fri, 02 Jan 2026 04:00:00 GMT";
    let denied = body(401, refusal(401, 9999, "unable to verify user credentials"));
    let server = Script::new([with_header(date, answer(401, "text/plain", "")), denied]);
    let add = format!("profile add prod url={} apikey=K secretkey=S", server.url());
    capuchin.run(&add).stderr_has("Added").check();
    let json = capuchin.run("doctor -o json").status(1).json();
    finds(&json, "clock", "wrong", "s behind the server");
    finds(&json, "credentials", "wrong", "unable to verify");
}

#[test]
fn a_server_that_is_not_there_is_found() {
    let capuchin = Capuchin::new();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let add = format!("profile add prod url=http://{free} apikey=K secretkey=S");
    capuchin.run(&add).stderr_has("Added").check();
    let json = capuchin.run("doctor -o json").status(1).json();
    finds(&json, "server", "wrong", "Connection refused");
    assert!(found(&json, "credentials").is_empty());
}
