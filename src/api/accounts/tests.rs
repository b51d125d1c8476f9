//! Making, changing, disabling and deleting accounts; and who may.

use crate::engine::{Caller, caller_of};
use crate::model::RoleKind;
use crate::sim::{Tenants, World};
use serde_json::Value as Json;

const OFFERING: &str = "DefaultIsolatedNetworkOfferingWithSourceNatService";

/// The words of a new account with the user `username`.
fn person<'w>(username: &'w str, more: &[(&'w str, &'w str)]) -> Vec<(&'w str, &'w str)> {
    let mut words = vec![
        ("username", username),
        ("firstname", "Ann"),
        ("lastname", "Lee"),
        ("email", "ann@example.com"),
        ("password", "hunter2"),
    ];
    words.retain(|(name, _)| more.iter().all(|(other, _)| other != name));
    words.extend_from_slice(more);
    words
}

fn domain(world: &World, name: &str) -> String {
    world.id("listDomains", &[("name", name)])
}

fn account(world: &World, name: &str) -> String {
    world.id("listAccounts", &[("name", name)])
}

/// The caller that a user is, who may call.
fn admitted(world: &World, caller: &Caller) -> bool {
    let id = caller.user_id;
    world.engine.store().read(move |tx| caller_of(tx, id)).unwrap().is_some()
}

#[test]
fn an_account_is_made_with_its_first_user() {
    let world = World::sandbox();
    let dev = world.ok("createDomain", &[("name", "dev")])["domain"]["id"].clone();
    let dev = dev.as_str().unwrap();
    let more = [
        ("domainid", dev),
        ("accounttype", "2"),
        ("timezone", "UTC"),
        ("networkdomain", "n.example"),
    ];
    let body = world.ok("createAccount", &person("ann", &more));
    let made = &body["account"];
    assert_eq!((&made["name"], &made["accounttype"]), (&"ann".into(), &2.into()));
    assert_eq!(
        (&made["roletype"], &made["domainpath"]),
        (&"DomainAdmin".into(), &"ROOT/dev".into())
    );
    assert_eq!((&made["state"], &made["isdefault"]), (&"enabled".into(), &false.into()));
    assert_eq!(made["networkdomain"], "n.example");
    let user = &made["user"][0];
    assert_eq!((&user["username"], &user["timezone"]), (&"ann".into(), &"UTC".into()));
    assert!(!body.to_string().contains("hunter2"), "{body}");
    let more = [("account", "ops"), ("accounttype", "0"), ("domainid", dev)];
    let body = world.ok("createAccount", &person("bob", &more));
    assert_eq!(
        (&body["account"]["name"], &body["account"]["rolename"]),
        (&"ops".into(), &"User".into())
    );
    // Another domain has names of its own.
    let body = world.ok("createAccount", &person("ann", &[("accounttype", "1")]));
    assert_eq!(body["account"]["roletype"], "Admin");
    let events = world.ok("listEvents", &[("type", "ACCOUNT.CREATE"), ("listall", "true")]);
    assert_eq!((&events["count"], &events["event"][0]["resourcename"]), (&3.into(), &"ann".into()));
    assert!(!events.to_string().contains("hunter2"));
}

#[test]
fn an_account_that_cannot_be_is_not_made() {
    let (world, _) = World::tenants();
    let a = domain(&world, "a");
    let uuid = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
    let a = a.as_str();
    for (more, part) in [
        (vec![], "accounttype"),
        (vec![("accounttype", "9")], "accounttype"),
        (vec![("accounttype", "5")], "accounttype"),
        (vec![("accounttype", "0"), ("domainid", a), ("account", "ALICE")], "account"),
        (vec![("accounttype", "0"), ("domainid", a), ("username", "Alice")], "username"),
        (
            vec![("accounttype", "0"), ("domainid", a), ("username", "Alice"), ("account", "new")],
            "a user `Alice`",
        ),
        (vec![("accounttype", "1"), ("domainid", a)], "domainid"),
        (vec![("accounttype", "0"), ("email", "nowhere")], "email"),
        (vec![("accounttype", "0"), ("email", "a@b@c")], "email"),
        (vec![("accounttype", "0"), ("password", " ")], "password"),
        (vec![("accounttype", "0"), ("networkdomain", "-")], "networkdomain"),
        (vec![("accounttype", "0"), ("accountid", uuid)], "accountid"),
        (vec![("accounttype", "0"), ("userid", uuid)], "userid"),
        (vec![("accounttype", "0"), ("domainid", uuid)], "domainid"),
        (vec![("roleid", uuid)], "roleid"),
    ] {
        let (code, text) = world.unmoved("createAccount", &person("ann", &more));
        assert_eq!(code, 431, "{text}");
        assert!(text.contains(part) && !text.contains("hunter2"), "{text}");
    }
}

#[test]
fn nobody_makes_an_account_with_more_rights_than_one_has() {
    let (world, who) = World::tenants();
    let [root, a, sub, b] = ["ROOT", "a", "sub", "b"].map(|name| domain(&world, name));
    let role = |kind: RoleKind| world.id("listRoles", &[("type", kind.word())]);
    for (domain, kind, code) in [
        (&a, "0", 0),
        (&sub, "2", 0),
        (&a, "3", 531),
        (&a, "1", 531),
        (&root, "0", 531),
        (&root, "1", 531),
        (&b, "0", 531),
    ] {
        let name = format!("new{domain}{kind}");
        let words = person(&name, &[("domainid", domain), ("accounttype", kind)]);
        let done = world.call_as(&who.ada, "createAccount", &words);
        assert_eq!(done.err().map_or(0, |fault| fault.code()), code, "{words:?}");
    }
    for kind in [RoleKind::Admin, RoleKind::ResourceAdmin] {
        let role = role(kind);
        let words = person("new", &[("domainid", &a), ("roleid", &role), ("accounttype", "0")]);
        assert_eq!(world.refused_as(&who.ada, "createAccount", &words).0, 531);
    }
    let words = person("new", &[("domainid", &a), ("accounttype", "0")]);
    assert_eq!(world.refused_as(&who.alice, "createAccount", &words).0, 432);
}

#[test]
fn a_role_that_may_more_is_not_given_by_who_may_less() {
    let (world, who) = World::tenants();
    let a = domain(&world, "a");
    let created =
        "INSERT INTO role VALUES (20, 'less', 'DomainAdmin', '', 0, 1, 'enabled', 0, NULL),
        (21, 'other', 'DomainAdmin', '', 0, 1, 'enabled', 0, NULL)";
    world.tell(created);
    world.tell(
        "INSERT INTO role_rule (role_id, place, rule, allow) VALUES (20, 1, 'createAccount', 1),
         (20, 2, 'updateAccount', 1), (20, 3, '*', 0),
         (21, 1, 'createAccount', 1), (21, 2, 'listZones', 1), (21, 3, '*', 0)",
    );
    world.tell("UPDATE account SET role_id = 20 WHERE name = 'ada'");
    let ada = Caller { role_id: 20, ..who.ada.clone() };
    for (role, code) in [("less", 0), ("other", 531), ("Domain Admin", 531), ("User", 531)] {
        let id = world.id("listRoles", &[("name", role)]);
        let words = person(role, &[("domainid", &a), ("roleid", &id)]);
        let done = world.call_as(&ada, "createAccount", &words);
        assert_eq!(done.err().map_or(0, |fault| fault.code()), code, "{role}");
    }
    // Nor is anything done to those who may more.
    let bea = account(&world, "alice");
    let words = [("id", bea.as_str()), ("newname", "x")];
    assert_eq!(world.refused_as(&ada, "updateAccount", &words).0, 531);
    world.tell("UPDATE role SET state = 'disabled' WHERE id = 21");
    let id = world.id("listRoles", &[("name", "other")]);
    let words = person("new", &[("domainid", &a), ("roleid", &id)]);
    let (code, text) = world.unmoved("createAccount", &words);
    assert!(code == 431 && text.contains("disabled"), "{text}");
}

#[test]
fn an_account_changes_its_name_its_role_and_its_dns_domain() {
    let (world, who) = World::tenants();
    let (alice, a) = (account(&world, "alice"), domain(&world, "a"));
    let role = world.id("listRoles", &[("name", "Domain Admin")]);
    let words =
        [("account", "alice"), ("domainid", &a), ("newname", "Alice"), ("networkdomain", "x.y")];
    let body = world.ok("updateAccount", &words);
    assert_eq!(
        (&body["account"]["name"], &body["account"]["networkdomain"]),
        (&"Alice".into(), &"x.y".into())
    );
    let body = world.ok_as(&who.ada, "updateAccount", &[("id", &alice), ("roleid", &role)]);
    assert_eq!(
        (&body["account"]["roletype"], &body["account"]["accounttype"]),
        (&"DomainAdmin".into(), &2.into())
    );
    let id = who.alice.user_id;
    let now = world.engine.store().read(move |tx| caller_of(tx, id)).unwrap().unwrap();
    assert_eq!(now.kind, RoleKind::DomainAdmin);
    let root = world.id("listRoles", &[("name", "Root Admin")]);
    for (words, code) in [
        (vec![("newname", "AMIR")], 431),
        (vec![("networkdomain", "-")], 431),
        (vec![("roleid", root.as_str())], 431),
    ] {
        let words: Vec<_> = words.into_iter().chain([("id", alice.as_str())]).collect();
        let (got, text) = world.unmoved("updateAccount", &words);
        assert_eq!(got, code, "{text}");
    }
    for words in [vec![], vec![("account", "alice")], vec![("domainid", a.as_str())]] {
        assert_eq!(world.unmoved("updateAccount", &words).0, 431);
    }
    let admin = account(&world, "admin");
    let (code, text) = world.unmoved("updateAccount", &[("id", &admin), ("roleid", &role)]);
    assert!(code == 431 && text.contains("default"), "{text}");
}

/// What each of the four calls does to an account, or to a user, in each state.
#[test]
fn an_account_goes_through_its_states() {
    let (world, who) = World::tenants();
    let (alice, a) = (account(&world, "alice"), domain(&world, "a"));
    let by_id = ("id", alice.as_str());
    let by_name = [("account", "alice"), ("domainid", a.as_str())];
    for (from, enable, disable, lock) in [
        ("enabled", Some("enabled"), Some("disabled"), Some("locked")),
        ("disabled", Some("enabled"), Some("disabled"), None),
        ("locked", Some("enabled"), Some("disabled"), Some("locked")),
    ] {
        let calls = [
            ("enableAccount", vec![by_id], enable),
            ("disableAccount", vec![by_id, ("lock", "false")], disable),
            ("disableAccount", vec![by_id, ("lock", "true")], lock),
            ("lockAccount", by_name.to_vec(), lock),
        ];
        for (command, words, to) in calls {
            world.tell(match from {
                "enabled" => "UPDATE account SET state = 'enabled' WHERE name = 'alice'",
                "disabled" => "UPDATE account SET state = 'disabled' WHERE name = 'alice'",
                _ => "UPDATE account SET state = 'locked' WHERE name = 'alice'",
            });
            let Some(to) = to else {
                assert_eq!(world.unmoved(command, &words).0, 530, "{command} {from}");
                continue;
            };
            let body = world.ok_as(&who.ada, command, &words);
            assert_eq!(body["account"]["state"], to, "{command} {from}");
            assert_eq!(admitted(&world, &who.alice), to == "enabled", "{command} {from}");
        }
    }
    assert_eq!(world.unmoved("disableAccount", &[by_id]).0, 431);
}

/// Gives a tenant a VPC with a tier, a network and addresses of all kinds.
fn settle(world: &World, who: &Caller, domain: &str, name: &str) {
    let zone = world.id("listZones", &[]);
    let offering = world.id("listNetworkOfferings", &[("name", OFFERING)]);
    let tiers = world.id("listNetworkOfferings", &[("forvpc", "true")]);
    let vpcs = world.id("listVPCOfferings", &[]);
    let words = [("name", "net"), ("zoneid", &zone), ("networkofferingid", &offering)];
    let net = world.ok_as(who, "createNetwork", &words)["network"]["id"].clone();
    world.ok_as(who, "associateIpAddress", &[("networkid", net.as_str().unwrap())]);
    let words =
        [("name", "vpc"), ("zoneid", &zone), ("vpcofferingid", &vpcs), ("cidr", "10.1.0.0/16")];
    let vpc = world.ok_as(who, "createVPC", &words)["vpc"]["id"].clone();
    let vpc = vpc.as_str().unwrap();
    world.ok_as(who, "associateIpAddress", &[("vpcid", vpc)]);
    let words = [
        ("name", "tier"),
        ("zoneid", &zone),
        ("networkofferingid", &tiers),
        ("vpcid", vpc),
        ("gateway", "10.1.1.1"),
        ("netmask", "255.255.255.0"),
    ];
    world.ok_as(who, "createNetwork", &words);
    let free = world.ok("listPublicIpAddresses", &[("state", "Free"), ("allocatedonly", "false")]);
    let free = free["publicipaddress"][0]["id"].as_str().unwrap();
    let words = [("id", free), ("account", name), ("domainid", domain)];
    world.ok("reserveIpAddress", &words);
    let range = [
        ("zoneid", zone.as_str()),
        ("vlan", "300"),
        ("gateway", "10.222.0.1"),
        ("netmask", "255.255.255.0"),
        ("startip", "10.222.0.10"),
        ("endip", "10.222.0.14"),
        ("account", name),
        ("domainid", domain),
    ];
    world.ok("createVlanIpRange", &range);
}

#[test]
fn with_an_account_goes_all_that_it_owns() {
    let (world, who) = World::tenants();
    let a = domain(&world, "a");
    settle(&world, &who.alice, &a, "alice");
    let alice = account(&world, "alice");
    let total = |field: &str| world.ok("listDomains", &[("name", "a")])["domain"][0][field].clone();
    assert_eq!(
        (total("iptotal"), total("networktotal"), total("vpctotal")),
        (9.into(), 2.into(), 1.into())
    );
    let user = world.id("listUsers", &[("username", "alice")]);
    world.ok("registerUserKeys", &[("id", &user)]);
    world.ok("updateUser", &[("id", &user), ("password", "secret")]);
    world.ok(
        "updateResourceLimit",
        &[("account", "alice"), ("domainid", &a), ("resourcetype", "1"), ("max", "30")],
    );
    world.ok_as(&who.ada, "deleteAccount", &[("id", &alice)]);
    assert_eq!(
        (total("iptotal"), total("networktotal"), total("vpctotal")),
        (0.into(), 0.into(), 0.into())
    );
    crate::sim::check(world.engine.store());
    assert!(!admitted(&world, &who.alice));
    for (table, sql) in [
        ("keys", "SELECT COUNT(*) FROM user_key"),
        ("passwords", "SELECT COUNT(*) FROM user_password"),
        ("limits", "SELECT COUNT(*) FROM resource_limit"),
        ("users", "SELECT COUNT(*) FROM user WHERE username = 'alice' AND removed IS NULL"),
        ("addresses", "SELECT COUNT(*) FROM address"),
        ("ranges", "SELECT COUNT(*) FROM vlan_range WHERE account_id IS NOT NULL"),
    ] {
        let left = world.engine.store().read(|tx| tx.one::<i64>(sql, &[])).unwrap();
        assert_eq!(left, Some(0), "{table}");
    }
    assert_eq!(world.refused_as(&who.alice, "listNetworks", &[]).0, 531);
    assert_eq!(world.refused("deleteAccount", &[("id", &alice)]).0, 431);
    // The name is free again.
    world.ok("createAccount", &person("alice", &[("domainid", &a), ("accounttype", "0")]));
}

#[test]
fn accounts_that_must_stay_are_not_deleted() {
    let (world, who) = World::tenants();
    for name in ["admin", "ada"] {
        let id = account(&world, name);
        let caller = if name == "ada" { &who.ada } else { &Caller::ADMIN };
        let (code, text) = world.refused_as(caller, "deleteAccount", &[("id", &id)]);
        assert_eq!(code, 431, "{text}");
    }
    let system = world.engine.store().key().encode(crate::model::EntityKind::Account, 0, 1);
    for command in ["deleteAccount", "disableAccount", "enableAccount", "updateAccount"] {
        let words = [("id", system.to_string()), ("lock", "true".into()), ("newname", "x".into())];
        let words: Vec<_> = words.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(world.unmoved(command, &words).0, 531, "{command}");
    }
    world.ok_as(&who.alice, "createProject", &[("name", "web"), ("displaytext", "web")]);
    let alice = account(&world, "alice");
    let (code, text) = world.unmoved("deleteAccount", &[("id", &alice)]);
    assert!(code == 431 && text.contains("project `web`"), "{text}");
    let hidden = "SELECT account_id FROM project";
    let hidden = world.engine.store().read(|tx| tx.one::<i64>(hidden, &[])).unwrap().unwrap();
    let key = world.engine.store().key();
    let hidden = key.encode(crate::model::EntityKind::Account, 0, hidden.unsigned_abs());
    assert_eq!(world.unmoved("deleteAccount", &[("id", &hidden.to_string())]).0, 431);
    let a = domain(&world, "a");
    world.ok("deleteDomain", &[("id", &a), ("cleanup", "true")]);
    crate::sim::check(world.engine.store());
    let left =
        world.engine.store().read(|tx| tx.one::<i64>("SELECT COUNT(*) FROM project_member", &[]));
    assert_eq!(left.unwrap(), Some(0));
}

/// A domain admin of ROOT, who is above everybody but root admins.
fn rick(world: &World) -> Caller {
    world.tell(
        "INSERT INTO account (id, name, type, domain_id, role_id, state, is_default, created) \
         VALUES (91, 'rick', 2, 1, 3, 'enabled', 0, 0)",
    );
    world.tell(
        "INSERT INTO user (id, account_id, username, firstname, lastname, state, is_default, \
         created) VALUES (91, 91, 'rick', 'r', 'r', 'enabled', 0, 0)",
    );
    let kind = RoleKind::DomainAdmin;
    Caller { user_id: 91, account_id: 91, domain_id: 1, role_id: 3, kind }
}

/// What a user may do to oneself.
const OWN: [&str; 3] = ["updateUser", "registerUserKeys", "getUserKeys"];

type Call<'w> = (&'static str, Vec<(&'w str, &'w str)>);

/// What nobody may do to somebody above, nor a user to anybody else.
fn acts<'w>(name: &'w str, id: &'w str, user: &'w str, domain: &'w str) -> Vec<Call<'w>> {
    vec![
        ("updateAccount", vec![("id", id), ("newname", "x")]),
        ("disableAccount", vec![("id", id), ("lock", "true")]),
        ("enableAccount", vec![("id", id)]),
        ("lockAccount", vec![("account", name), ("domainid", domain)]),
        ("createUser", person("new", &[("account", name), ("domainid", domain)])),
        ("disableUser", vec![("id", user)]),
        ("enableUser", vec![("id", user)]),
        ("lockUser", vec![("id", user)]),
        ("updateUser", vec![("id", user), ("password", "mine")]),
        ("updateUser", vec![("id", user), ("email", "a@b")]),
        ("registerUserKeys", vec![("id", user)]),
        ("getUserKeys", vec![("id", user)]),
    ]
}

/// Everything that would raise a user to a domain admin, or that to a root admin, is refused.
#[test]
fn nobody_rises() {
    let (world, who) = World::tenants();
    let rick = rick(&world);
    let Tenants { alice, ada, bea, .. } = &who;
    let [root, resource, admin] = ["Root Admin", "Resource Admin", "Domain Admin"]
        .map(|name| world.id("listRoles", &[("name", name)]));
    let top = domain(&world, "ROOT");
    let pairs = [
        (alice, "alice"),
        (alice, "ada"),
        (ada, "ada"),
        (bea, "alice"),
        (&rick, "admin"),
        (ada, "admin"),
    ];
    for (caller, target) in pairs {
        let id = account(&world, target);
        let user = world.id("listUsers", &[("username", target)]);
        let place = world.ok("listAccounts", &[("id", &id)])["account"][0]["domainid"].clone();
        let before = world.dump();
        let mut tried: Vec<Call<'_>> = vec![
            ("updateAccount", vec![("id", &id), ("roleid", &root)]),
            ("updateAccount", vec![("id", &id), ("roleid", &resource)]),
            ("deleteAccount", vec![("id", &id)]),
            ("deleteUser", vec![("id", &user)]),
            ("moveUser", vec![("id", &user), ("account", "admin")]),
            ("createAccount", person("n", &[("accounttype", "1"), ("domainid", &top)])),
        ];
        if caller.kind == RoleKind::User || target != "ada" {
            tried.push(("updateAccount", vec![("id", &id), ("roleid", &admin)]));
            let is_own = caller.kind == RoleKind::User && target == "alice";
            let acts = acts(target, &id, &user, place.as_str().unwrap());
            tried.extend(acts.into_iter().filter(|(command, _)| !is_own || !OWN.contains(command)));
        }
        for (command, words) in &tried {
            let (code, text) = world.refused_as(caller, command, words);
            assert!([431, 432, 530, 531].contains(&code), "{command} {words:?}: {code} {text}");
        }
        assert_eq!(world.dump(), before, "{target}");
    }
}

#[test]
fn secrets_of_a_call_are_in_no_answer_and_no_event() {
    let (world, _) = World::tenants();
    let user = world.id("listUsers", &[("username", "alice")]);
    world.ok("updateUser", &[("id", &user), ("password", "hunter2")]);
    let (_, text) = world.refused("updateUser", &[("id", &user), ("password", "hunter2\u{7}")]);
    assert!(!text.contains("hunter2"), "{text}");
    let long = "hunter2".repeat(100);
    let (_, text) = world.refused("updateUser", &[("id", &user), ("password", &long)]);
    assert!(!text.contains("hunter2"), "{text}");
    for body in
        [world.ok("listEvents", &[("listall", "true")]), world.ok("listUsers", &[("id", &user)])]
    {
        assert!(!body.to_string().contains("hunter2"), "{body}");
    }
    assert_ne!(world.ok("listAccounts", &[]), Json::Null);
}
