//! Tenants over HTTP: what changes for them holds from the next request on.

use super::{Caller, Server};
use crate::harness::Capuchin;

/// Makes a domain with an account of its own; the ids of the domain, the account and the user.
fn tenant(server: &Server<'_>, domain: &str, username: &str) -> [String; 3] {
    let made = server.ok("createDomain", &[("name", domain)]);
    let domain = made["domain"]["id"].as_str().expect("an id").to_owned();
    let words = [
        ("username", username),
        ("firstname", "Ann"),
        ("lastname", "Lee"),
        ("email", "ann@example.com"),
        ("password", "correct-horse"),
        ("accounttype", "0"),
        ("domainid", domain.as_str()),
    ];
    let made = server.ok("createAccount", &words);
    let text = |value: &serde_json::Value| value.as_str().expect("an id").to_owned();
    [domain, text(&made["account"]["id"]), text(&made["account"]["user"][0]["id"])]
}

fn keys(server: &Server<'_>, user: &str) -> Caller {
    let made = server.ok("registerUserKeys", &[("id", user)]);
    let text = |name: &str| made["userkeys"][name].as_str().expect("a key").to_owned();
    Caller { address: server.address.clone(), key: text("apikey"), secret: text("secretkey") }
}

#[test]
fn a_tenant_calls_as_long_as_user_and_account_may() {
    let capuchin = Capuchin::new();
    let server = Server::new(&capuchin);
    let [domain, account, user] = tenant(&server, "a", "ann");
    let ann = keys(&server, &user);
    let status = || ann.get("listNetworks", &[]).status;
    assert_eq!(status(), 200);
    assert_eq!(ann.get("createDomain", &[("name", "x")]).status, 432);
    let login = format!(
        "command=login&response=json&username=ann&domainId={domain}&password=correct-horse"
    );
    let may_log_in = || server.connect().post("/client/api", &login).status;
    assert_eq!(may_log_in(), 200);
    for (off, on, id) in [
        ("disableUser", "enableUser", user.as_str()),
        ("lockUser", "enableUser", &user),
        ("disableAccount", "enableAccount", &account),
    ] {
        server.ok(off, &[("id", id), ("lock", "false")]);
        assert_eq!((status(), may_log_in()), (401, 531), "{off}");
        server.ok(on, &[("id", id)]);
        assert_eq!((status(), may_log_in()), (200, 200), "{on}");
    }
    let newer = keys(&server, &user);
    assert_eq!((status(), newer.get("listNetworks", &[]).status), (401, 200));
    server.ok("deleteAccount", &[("id", &account)]);
    assert_eq!((newer.get("listNetworks", &[]).status, may_log_in()), (401, 531));
    let log = server.running.stderr();
    assert!(!log.contains("horse") && !log.contains(&newer.secret), "{log}");
}

#[test]
fn the_operator_says_which_of_two_users_of_one_name_is_meant() {
    let capuchin = Capuchin::new();
    let server = Server::new(&capuchin);
    let [.., user] = tenant(&server, "a", "ann");
    tenant(&server, "b", "ann");
    for line in ["keys create --user ann", "passwd ann"] {
        let run = capuchin.run(line).stdin("x\n").status(1);
        run.stderr_has("the domains `/a/` and `/b/` each have a user `ann`").check();
    }
    let nowhere = capuchin.run("keys create --user ann --domain c").status(1);
    nowhere.stderr_has("there is no domain `c`").check();
    let made = capuchin.run("keys create --user ann --domain ROOT/a --format json").json();
    let shown = server.ok("getUserKeys", &[("id", &user)]);
    assert_eq!(shown["userkeys"]["apikey"], made["key"]);
    capuchin.run("passwd ann --domain b").stdin("other\n").check();
}
