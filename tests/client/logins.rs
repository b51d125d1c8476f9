//! Logging in with a password, and the session that is kept.

use super::script::{Reply, Script, json as body, with_header};
use super::zones;
use crate::harness::{Capuchin, Run};
use rexpect::session::spawn_with_options;
use serde_json::json;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

const PASSWORD: &str = "hunter2 &=";

fn welcome(key: &str) -> Reply {
    let login = json!({"loginresponse": {"username": "u", "timeout": 1800, "sessionkey": key}});
    let id = format!("set-cookie: JSESSIONID=id-{key}; Path=/client; HttpOnly");
    let key = format!("set-cookie: sessionkey={key}; HttpOnly; SameSite=Lax");
    with_header(&id, with_header(&key, body(200, login)))
}

fn listed() -> Reply {
    body(200, zones())
}

fn unknown() -> Reply {
    body(401, json!({"listzonesresponse": {"errorcode": 401, "errortext": "who are you"}}))
}

fn second_factor() -> Reply {
    let login = json!({"loginresponse": {"timeout": "1800", "sessionkey": "s", "is2faenabled":
        "true", "is2faverified": "false"}});
    with_header("set-cookie: JSESSIONID=i", body(200, login))
}

/// A run as a user with a password.
fn as_user<'c>(capuchin: &'c Capuchin, server: &Script, line: &str) -> Run<'c> {
    capuchin
        .run(line)
        .env("CAPUCHIN_URL", server.url())
        .env("CAPUCHIN_USERNAME", "u")
        .env("CAPUCHIN_PASSWORD", PASSWORD)
}

fn commands(server: &Script) -> Vec<String> {
    server.requests().iter().map(|request| request.param("command")).collect()
}

fn sessions(capuchin: &Capuchin) -> Vec<PathBuf> {
    let dir = capuchin.dir().join("home/.local/state/capuchin/sessions");
    let files = fs::read_dir(dir).into_iter().flatten().map(|file| file.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|end| end == "session")).collect()
}

#[test]
fn a_session_serves_many_commands() {
    let capuchin = Capuchin::new();
    let server = Script::new([welcome("s1"), listed(), listed(), listed()]);
    as_user(&capuchin, &server, "--get list zones").env("CAPUCHIN_DOMAIN", "/a/b").json();
    as_user(&capuchin, &server, "list zones").env("CAPUCHIN_DOMAIN", "/a/b").json();
    let none = as_user(&capuchin, &server, "list zones").env("CAPUCHIN_PASSWORD", "");
    none.env("CAPUCHIN_DOMAIN", "/a/b").json();
    assert_eq!(commands(&server), ["login", "listZones", "listZones", "listZones"]);
    let requests = server.requests();
    assert!(requests[0].line.starts_with("POST /client/api HTTP"), "{}", requests[0].line);
    for (name, value) in [("username", "u"), ("password", PASSWORD), ("domain", "/a/b")] {
        assert_eq!(requests[0].param(name), value);
    }
    assert!(requests[1].line.starts_with("GET "), "{}", requests[1].line);
    for request in &requests[1..] {
        assert_eq!(request.param("sessionkey"), "s1");
        let cookies: Vec<_> = request.head.lines().filter(|l| l.starts_with("cookie")).collect();
        assert_eq!(cookies.len(), 1);
        assert!(cookies[0].contains("jsessionid=id-s1") && cookies[0].contains("sessionkey=s1"));
        assert!(request.param("apiKey").is_empty() && request.param("signature").is_empty());
    }
    let files = sessions(&capuchin);
    assert_eq!(files.len(), 1);
    assert_eq!(fs::metadata(&files[0]).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!fs::read_to_string(&files[0]).unwrap().contains("hunter2"));
}

#[test]
fn a_session_is_of_one_user_at_one_address_and_ends() {
    let capuchin = Capuchin::new();
    let again = || [welcome("s"), listed()];
    let server = Script::new([again(), again(), again(), again()].concat());
    let at = |time: &str| as_user(&capuchin, &server, "list zones").env("CAPUCHIN_CLOCK", time);
    at("2026-01-02T03:00:00Z").json();
    at("2026-01-02T03:30:00Z").json();
    at("2026-01-02T03:31:00Z").env("CAPUCHIN_USERNAME", "v").json();
    at("2026-01-02T03:32:00Z").env("CAPUCHIN_DOMAIN", "d").json();
    let names = ["login", "listZones"].repeat(4);
    assert_eq!(commands(&server), names);
}

#[test]
fn a_session_lives_on_while_it_is_used() {
    let capuchin = Capuchin::new();
    let server = Script::new([welcome("s"), listed(), listed(), listed()]);
    for time in ["03:00", "03:20", "03:40"] {
        let run = as_user(&capuchin, &server, "list zones");
        run.env("CAPUCHIN_CLOCK", format!("2026-01-02T{time}:00Z")).json();
    }
    assert_eq!(commands(&server), ["login", "listZones", "listZones", "listZones"]);
}

#[test]
fn a_session_that_is_over_is_begun_anew_once() {
    let capuchin = Capuchin::new();
    let server = Script::new([welcome("s1"), listed(), unknown(), welcome("s2"), listed()]);
    as_user(&capuchin, &server, "list zones").json();
    as_user(&capuchin, &server, "list zones").json();
    let names = ["login", "listZones", "listZones", "login", "listZones"];
    assert_eq!(commands(&server), names);
    assert_eq!(server.requests()[4].param("sessionkey"), "s2");
    let server = Script::new([welcome("s1"), listed(), unknown(), welcome("s2"), unknown()]);
    as_user(&capuchin, &server, "list zones").json();
    let run = as_user(&capuchin, &server, "list zones").stderr_has("who are you");
    run.status(3).check();
    assert_eq!(commands(&server), names);
    let server = Script::new([welcome("s1"), unknown()]);
    as_user(&capuchin, &server, "list zones").stderr_has("who are you").status(3).check();
    assert_eq!(commands(&server), ["login", "listZones"]);
}

#[test]
fn a_wrong_password_is_tried_once() {
    let capuchin = Capuchin::new();
    let no = json!({"loginresponse": {"uuidList": [], "errorcode": 531, "errortext": "bad"}});
    let server = Script::new([body(531, no)]);
    as_user(&capuchin, &server, "list zones")
        .stderr(
            "error: the server does not accept the user u or the password (531): bad\n\
             `capuchin doctor` checks the credentials\n",
        )
        .status(3)
        .check();
    assert_eq!(commands(&server), ["login"]);
    assert!(sessions(&capuchin).is_empty());
    let run = as_user(&capuchin, &server, "list zones").env("CAPUCHIN_PASSWORD", "");
    run.stderr_has("there is no password of u").status(3).check();
    assert_eq!(commands(&server), ["login"]);
}

#[test]
fn a_wrong_key_is_not_made_up_for_by_a_password() {
    let (capuchin, server) = (Capuchin::new(), Script::new([unknown(), welcome("s")]));
    let url = format!("url={}", server.url());
    let words = ["profile", "add", "both", &url, "apikey=K", "secretkey=S", "username=u"];
    capuchin
        .args(words.into_iter().chain(["password=-"]))
        .stdin(PASSWORD)
        .stderr_has("Added")
        .check();
    let shown = capuchin.run("profile show both").json();
    assert_eq!((&shown["password"], &shown["username"]), (&json!("(redacted)"), &json!("u")));
    capuchin.run("list zones").stderr_has("(401)").status(3).check();
    assert_eq!(commands(&server), ["listZones"]);
    assert_eq!(server.requests()[0].param("apiKey"), "K");
}

#[test]
fn a_second_factor_is_shown() {
    let capuchin = Capuchin::new();
    let right = json!({"validateusertwofactorauthenticationcoderesponse": {"success": "true"}});
    let server = Script::new([second_factor(), body(200, right), listed()]);
    as_user(&capuchin, &server, "--get list zones").env("CAPUCHIN_2FA_CODE", "123456").json();
    let request = &server.requests()[1];
    assert_eq!(request.param("command"), "validateUserTwoFactorAuthenticationCode");
    assert_eq!(
        (request.param("codefor2fa"), request.param("sessionkey")),
        ("123456".into(), "s".into())
    );
    assert!(request.line.starts_with("POST ") && request.head.contains("cookie: jsessionid=i"));
    let capuchin = Capuchin::new();
    let wrong = json!({"errorresponse": {"errorcode": 531, "errortext": "wrong code"}});
    let server = Script::new([second_factor(), body(531, wrong), second_factor()]);
    let run = as_user(&capuchin, &server, "list zones").env("CAPUCHIN_2FA_CODE", "1");
    let told = "error: the server does not accept the code (531): wrong code\n\
                `capuchin doctor` checks the credentials\n";
    run.stderr(told).status(3).check();
    as_user(&capuchin, &server, "list zones").stderr_has("CAPUCHIN_2FA_CODE").status(3).check();
    assert!(sessions(&capuchin).is_empty());
}

#[test]
fn a_server_that_wants_the_code_now_gets_it() {
    let capuchin = Capuchin::new();
    let wanted = json!({"errorresponse": {"errorcode": 511, "errortext": "2FA"}});
    let right = json!({"validateusertwofactorauthenticationcoderesponse": {"success": "true"}});
    let server = Script::new([
        welcome("s1"),
        listed(),
        body(511, wanted),
        second_factor(),
        body(200, right),
        listed(),
    ]);
    as_user(&capuchin, &server, "list zones").json();
    as_user(&capuchin, &server, "list zones").env("CAPUCHIN_2FA_CODE", "1").json();
    assert_eq!(server.requests().len(), 6);
}

#[test]
fn a_changed_profile_has_no_session() {
    let capuchin = Capuchin::new();
    let server = Script::new([welcome("s"), listed(), welcome("s"), listed()]);
    fs::write(capuchin.dir().join("password"), format!("{PASSWORD}\n")).unwrap();
    let url = format!("url={}", server.url());
    let words = ["profile", "add", "p", &url, "username=u", "password_file=$DIR/password"];
    capuchin.args(words).stderr_has("Added").check();
    capuchin.run("list zones").json();
    assert_eq!(sessions(&capuchin).len(), 1);
    capuchin.run("profile edit p domain=/d").stderr_has("Changed").check();
    assert_eq!(sessions(&capuchin).len(), 0);
    capuchin.run("list zones").json();
    assert_eq!(server.requests()[2].param("domain"), "/d");
    capuchin.run("profile remove p").stderr_has("Removed").check();
    assert_eq!(sessions(&capuchin).len(), 0);
}

#[test]
fn nothing_that_opens_a_session_is_shown() {
    let (capuchin, server) = (Capuchin::new(), Script::new([second_factor(), unknown()]));
    let run = as_user(&capuchin, &server, "--debug list zones").env("CAPUCHIN_2FA_CODE", "987654");
    let mut running = run.spawn();
    assert_eq!(running.wait(), Some(3));
    let log = running.stderr();
    assert!(log.contains("command=login") && log.contains("username=u"), "{log}");
    for secret in ["hunter2", "987654", "sessionkey=s", "JSESSIONID"] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
    let shown = as_user(&capuchin, &server, "list zones --dry-run").text();
    assert!(shown.contains("'command=login'") && shown.contains("$CAPUCHIN_PASSWORD"), "{shown}");
    assert!(!shown.contains("hunter2"), "{shown}");
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_password_that_is_typed_is_not_seen() {
    let (capuchin, server) = (Capuchin::new(), Script::new([second_factor(), listed(), listed()]));
    let run = as_user(&capuchin, &server, "list zones -o csv").env("CAPUCHIN_PASSWORD", "");
    let options = rexpect::reader::Options::new().timeout_ms(Some(30_000));
    let mut terminal = spawn_with_options(run.command(), options).unwrap();
    terminal.exp_string("Password of u at 127.0.0.1").unwrap();
    terminal.exp_string(": ").unwrap();
    terminal.send_line("hunter3").unwrap();
    let before = terminal.exp_string("Code of the second factor: ").unwrap();
    assert!(!before.contains("hunter3"), "{before}");
    terminal.send_line("31337").unwrap();
    let rest = terminal.exp_eof().unwrap();
    assert!(rest.contains("id,name") && !rest.contains("31337"), "{rest}");
    let requests = server.requests();
    assert_eq!(requests[0].param("password"), "hunter3");
    assert_eq!(requests[1].param("codefor2fa"), "31337");
}

#[test]
fn our_own_server_lets_users_in_and_knows_them_after_a_restart() {
    let capuchin = Capuchin::new();
    capuchin.run("passwd admin").stdin(PASSWORD).check();
    let serve = || {
        let mut serving = capuchin.run("serve --listen 127.0.0.1:0").spawn();
        let line = serving.line();
        let url = line.split(' ').find(|word| word.starts_with("http://")).unwrap().to_owned();
        (serving, url)
    };
    let (mut serving, url) = serve();
    let run = |url: &str, password: &str, line: &str| {
        let run = capuchin.run(line).env("CAPUCHIN_URL", url).env("CAPUCHIN_USERNAME", "admin");
        run.env("CAPUCHIN_PASSWORD", password)
    };
    run(&url, "", "list zones").stderr_has("there is no password of admin").status(3).check();
    run(&url, "wrong", "list zones").stderr_has("or the password (531)").status(3).check();
    run(&url, PASSWORD, "list zones -o csv filter=name").stdout("name\nsandbox\n").check();
    run(&url, "", "list zones -o csv filter=name").stdout("name\nsandbox\n").check();
    serving.signal("TERM");
    assert_eq!(serving.wait(), Some(0));
    let listen = url.trim_start_matches("http://").split('/').next().unwrap().to_owned();
    let mut serving = capuchin.run(&format!("serve --listen {listen}")).spawn();
    serving.line();
    run(&url, "", "list zones -o csv filter=name").stdout("name\nsandbox\n").check();
}
