//! Owners, roles, regions and ACL lists from the outside.

use crate::engine::{Caller, Cx, Owner, Resource};
use crate::model::{Account, Domain, User};
use crate::schema::Fault;
use crate::sim::{EPOCH, World};
use serde_json::{Value as Json, json};

/// The sandbox with the domain `dev`, `dev/qa` below it, and the account `alice` in `qa`, who has
/// two public addresses.
fn world() -> World {
    let world = World::sandbox();
    let done = world.engine.store().write(|tx| {
        let mut cx = Cx::new(tx, EPOCH, &Caller::ADMIN, "createAccount");
        let root: Domain = cx.must(1)?;
        let dev = Domain {
            id: 0,
            parent_id: Some(1),
            name: "dev".into(),
            path: "/dev/".into(),
            level: 1,
            ..root
        };
        let dev = Domain { id: cx.tx.insert(&dev)?, ..dev };
        let qa = Domain {
            id: 0,
            parent_id: Some(dev.id),
            name: "qa".into(),
            path: "/dev/qa/".into(),
            level: 2,
            ..dev
        };
        let domain_id = cx.tx.insert(&qa)?;
        let admin: Account = cx.must(2)?;
        let name = "alice".to_owned();
        let account = Account { id: 0, name, kind: 0, domain_id, role_id: 4, ..admin };
        let account_id = cx.tx.insert(&account)?;
        let user: User = cx.must(2)?;
        cx.tx.insert(&User { id: 0, account_id, username: "alice".into(), ..user })?;
        cx.count(Owner { account_id, domain_id }, Resource::PublicIp, 2)
    });
    done.map_err(|fault: Fault| fault.text).unwrap();
    world
}

fn names(body: &Json, key: &str, field: &str) -> Vec<String> {
    let rows = body[key].as_array().cloned().unwrap_or_default();
    rows.iter().map(|row| row[field].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_account_shows_its_limits_and_its_users() {
    let body = world().ok("listAccounts", &[("name", "alice")]);
    let alice = &body["account"][0];
    assert_eq!(alice["domainpath"], "ROOT/dev/qa");
    assert_eq!((&alice["domain"], &alice["rolename"]), (&json!("qa"), &json!("User")));
    assert_eq!((&alice["iptotal"], &alice["iplimit"]), (&json!(2), &json!("20")));
    assert_eq!(alice["ipavailable"], "18");
    assert_eq!((&alice["vpctotal"], &alice["vpcavailable"]), (&json!(0), &json!("20")));
    assert_eq!(names(alice, "user", "username"), ["alice"]);
    assert_eq!(alice["user"][0]["accountid"], alice["id"]);
}

#[test]
fn the_admin_has_no_limits() {
    let body = world().ok("listAccounts", &[]);
    assert_eq!(names(&body, "account", "name"), ["admin"]);
    let admin = &body["account"][0];
    for field in ["iplimit", "ipavailable", "networklimit", "networkavailable", "vpclimit"] {
        assert_eq!(admin[field], "Unlimited", "{field}");
    }
    assert_eq!(admin["domainpath"], "ROOT");
}

#[test]
fn accounts_are_found_by_every_filter() {
    let world = world();
    let list = |words: &[(&str, &str)]| names(&world.ok("listAccounts", words), "account", "name");
    let root = world.id("listDomains", &[]);
    let dev = world.id("listDomains", &[("name", "dev")]);
    let alice = world.id("listAccounts", &[("name", "alice")]);
    assert_eq!(list(&[("listall", "true")]), ["admin", "alice"]);
    assert_eq!(list(&[("id", &alice)]), ["alice"]);
    assert_eq!(list(&[("domainid", &root)]), ["admin"]);
    assert_eq!(list(&[("domainid", &root), ("isrecursive", "true")]), ["admin", "alice"]);
    assert!(list(&[("domainid", &dev)]).is_empty());
    assert_eq!(list(&[("domainid", &dev), ("isrecursive", "true")]), ["alice"]);
    assert_eq!(list(&[("listall", "true"), ("accounttype", "0")]), ["alice"]);
    assert_eq!(list(&[("listall", "true"), ("keyword", "lic")]), ["alice"]);
    assert!(list(&[("listall", "true"), ("state", "Locked")]).is_empty());
    assert!(list(&[("name", "system")]).is_empty());
}

#[test]
fn users_are_found_by_every_filter() {
    let world = world();
    let list = |words: &[(&str, &str)]| names(&world.ok("listUsers", words), "user", "username");
    let dev = world.id("listDomains", &[("name", "dev")]);
    let alice = world.id("listUsers", &[("username", "alice")]);
    assert_eq!(list(&[]), ["admin"]);
    assert_eq!(list(&[("listall", "true")]), ["admin", "alice"]);
    assert_eq!(list(&[("id", &alice)]), ["alice"]);
    assert_eq!(list(&[("account", "alice")]), ["alice"]);
    assert_eq!(list(&[("domainid", &dev), ("isrecursive", "true")]), ["alice"]);
    assert!(list(&[("domainid", &dev)]).is_empty());
    assert_eq!(list(&[("listall", "true"), ("accounttype", "1")]), ["admin"]);
    assert_eq!(list(&[("listall", "true"), ("state", "ENABLED"), ("keyword", "ali")]), ["alice"]);
}

#[test]
fn a_domain_shows_where_it_stands_and_what_is_below_counts() {
    let world = world();
    let body = world.ok("listDomains", &[("listall", "true")]);
    assert_eq!(names(&body, "domain", "path"), ["ROOT", "ROOT/dev", "ROOT/dev/qa"]);
    let (root, dev, qa) = (&body["domain"][0], &body["domain"][1], &body["domain"][2]);
    assert_eq!((&root["haschild"], &qa["haschild"]), (&json!(true), &json!(false)));
    assert_eq!((&root["iplimit"], &root["iptotal"]), (&json!("Unlimited"), &json!(2)));
    assert_eq!((&dev["iplimit"], &dev["ipavailable"]), (&json!("40"), &json!("38")));
    assert_eq!((&qa["parentdomainname"], &qa["parentdomainid"]), (&json!("dev"), &dev["id"]));
    assert_eq!(qa["level"], 2);
    let body = world.ok("listDomains", &[("level", "1")]);
    assert_eq!(names(&body, "domain", "name"), ["dev"]);
    assert_eq!(names(&world.ok("listDomains", &[]), "domain", "name"), ["ROOT"]);
}

#[test]
fn roles_and_regions_are_those_of_every_installation() {
    let world = World::sandbox();
    let body = world.ok("listRoles", &[]);
    let want = ["Root Admin", "Resource Admin", "Domain Admin", "User"];
    assert_eq!(names(&body, "role", "name"), want);
    let body = world.ok("listRoles", &[("type", "domainadmin"), ("state", "enabled")]);
    assert_eq!(names(&body, "role", "name"), ["Domain Admin"]);
    let body = world.ok("listRegions", &[("id", "1"), ("name", "Local")]);
    assert_eq!(
        (&body["region"][0]["id"], &body["region"][0]["name"]),
        (&json!(1), &json!("Local"))
    );
    assert_eq!(body["region"][0]["portableipserviceenabled"], true);
    assert_eq!(world.ok("listRegions", &[("id", "2")]), json!({}));
}

#[test]
fn acl_lists_are_found_by_every_filter() {
    let world = world();
    let list = |words: &[(&str, &str)]| {
        names(&world.ok("listNetworkACLLists", words), "networkacllist", "name")
    };
    let both = ["default_deny", "default_allow"];
    let root = world.id("listDomains", &[]);
    assert_eq!(list(&[]), both);
    assert_eq!(list(&[("listall", "true"), ("fordisplay", "true")]), both);
    assert_eq!(list(&[("name", "default_allow")]), ["default_allow"]);
    assert_eq!(list(&[("keyword", "deny")]), ["default_deny"]);
    assert_eq!(list(&[("domainid", &root), ("isrecursive", "true")]), both);
    assert_eq!(list(&[("domainid", &root), ("account", "admin")]), both);
    let id = world.id("listNetworkACLLists", &[("name", "default_allow")]);
    assert_eq!(list(&[("id", &id)]), ["default_allow"]);
    let (code, _) = world.refused("listNetworkACLLists", &[("vpcid", "x")]);
    assert_eq!(code, 431);
}
