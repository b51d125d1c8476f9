//! What clients learn from `listApis` and `listCapabilities`.

use crate::api::APIS;
use crate::sim::World;
use serde_json::{Value as Json, json};

fn find<'j>(rows: &'j Json, name: &str) -> &'j Json {
    rows.as_array().unwrap().iter().find(|row| row["name"] == name).unwrap()
}

#[test]
fn every_api_of_the_table_is_listed() {
    let world = World::sandbox();
    let body = world.ok("listApis", &[]);
    assert_eq!(body["count"], APIS.len());
    for (row, api) in body["api"].as_array().unwrap().iter().zip(APIS) {
        assert_eq!(row["name"], api.spec.name);
        assert_eq!(row["isasync"], api.spec.is_async());
        assert_eq!(row["params"].as_array().unwrap().len(), api.spec.params().count());
        assert!(row["description"].as_str().is_some_and(|about| !about.is_empty()));
        assert!(find(&row["response"], "jobid").is_object());
    }
}

#[test]
fn an_api_is_described_as_clients_expect() {
    let world = World::sandbox();
    let body = world.ok("listApis", &[("name", "updateConfiguration")]);
    assert_eq!(body["count"], 1);
    let api = &body["api"][0];
    assert_eq!(api["related"], "listConfigurations,resetConfiguration");
    assert_eq!(api["since"], Json::Null);
    let value = find(&api["params"], "value");
    assert_eq!(value["length"], 4096);
    assert_eq!((&value["type"], &value["required"]), (&json!("string"), &json!(false)));
    assert_eq!(find(&api["params"], "name")["required"], true);
    let zone = find(&api["params"], "zoneid");
    assert_eq!(zone["type"], "uuid");
    let related = zone["related"].as_str().unwrap();
    assert!(related.split(',').any(|name| name == "listZones"), "{related}");
    assert_eq!(find(&api["response"], "isdynamic")["type"], "boolean");
    let apis = world.ok("listApis", &[("name", "listApis")]);
    assert_eq!(apis["api"][0]["since"], "4.1.0");
    let delete = world.ok("listApis", &[("name", "deleteEvents")]);
    assert_eq!(delete["api"][0]["related"], Json::Null);
}

#[test]
fn an_unknown_api_is_refused_in_the_words_that_clients_know() {
    let world = World::sandbox();
    let (code, text) = world.refused("listApis", &[("name", "listzones")]);
    assert_eq!(code, 530);
    assert_eq!(
        text,
        "Api Discovery plugin was unable to find an api by that name or process any apis"
    );
}

#[test]
fn capabilities_follow_the_settings() {
    let world = World::sandbox();
    world.ok("updateConfiguration", &[("name", "project.invite.required"), ("value", "true")]);
    let body = world.ok("listCapabilities", &[]);
    let can = &body["capability"];
    assert_eq!(can["cloudstackversion"], "4.22.0.0");
    assert_eq!(can["supportELB"], "false");
    assert_eq!(can["dynamicrolesenabled"], true);
    assert_eq!(can["projectinviterequired"], true);
    assert_eq!(can["securitygroupsenabled"], false);
    assert_eq!(can["defaultuipagesize"], 20);
}

#[test]
fn every_api_is_found_by_its_name() {
    for api in APIS {
        let found = crate::api::find(api.spec.name).map(|found| found.spec.name);
        assert_eq!(found, Some(api.spec.name), "the table is sorted by name");
    }
}
