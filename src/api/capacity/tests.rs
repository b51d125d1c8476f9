//! Capacities: totals from the ranges, what is taken from counters.

use super::{hundredths, percent};
use crate::engine::{Capacity, CapacityKind};
use crate::schema::Fault;
use crate::sim::World;
use crate::store::Counter;
use serde_json::{Value as Json, json};

fn rows(world: &World, words: &[(&str, &str)]) -> Vec<Json> {
    let body = world.ok("listCapacity", words);
    let rows = body["capacity"].as_array().cloned().unwrap_or_default();
    assert_eq!(body["count"].as_u64().unwrap_or(0), rows.len() as u64);
    rows
}

/// Takes 64 addresses of the sandbox's public range, 2 of its pod, and a VNI.
fn take(world: &World) {
    let written = world.engine.store().write(|tx| {
        let range: Option<i64> = tx.one("SELECT MIN(id) FROM vlan_range", &[])?;
        tx.tally(Counter { owner: "range", id: range.unwrap(), what: "used" }, 64)?;
        tx.tally(Counter { owner: "pod", id: 1, what: "used" }, 2)?;
        tx.run("INSERT INTO vnet VALUES (1, 5000, 1, 2, 0)", &[])?;
        Ok::<_, Fault>(())
    });
    written.unwrap();
}

#[test]
fn a_zone_shows_all_kinds() {
    let world = World::sandbox();
    take(&world);
    let found: Vec<_> = rows(&world, &[])
        .iter()
        .map(|row| json!([row["type"], row["capacitytotal"], row["capacityused"]]))
        .collect();
    let want = [[4, 253, 64], [5, 253, 2], [7, 1_000_000, 1], [8, 0, 0], [10, 0, 0]];
    assert_eq!(found, want.map(|row| json!(row)));
    let public = rows(&world, &[("type", "4")]).remove(0);
    assert_eq!(public["name"], "VIRTUAL_NETWORK_PUBLIC_IP");
    assert_eq!(public["zonename"], "sandbox");
    assert_eq!(public["percentused"], "25.3");
    assert_eq!(public["podid"], Json::Null);
}

#[test]
fn lists_are_filtered_sorted_and_paged() {
    let world = World::sandbox();
    take(&world);
    let types = |words: &[(&str, &str)]| -> Vec<u64> {
        rows(&world, words).iter().filter_map(|row| row["type"].as_u64()).collect()
    };
    let zone = world.id("listZones", &[]);
    assert_eq!(types(&[("zoneid", &zone), ("fetchlatest", "true")]), [4, 5, 7, 8, 10]);
    assert_eq!(types(&[("sortby", "usage")]), [4, 5, 7, 8, 10]);
    assert_eq!(types(&[("type", "0")]), [] as [u64; 0]);
    let pod = rows(&world, &[("type", "5")])[0]["podid"].as_str().unwrap().to_owned();
    assert_eq!(types(&[("podid", &pod)]), [5]);
    let page = world.ok("listCapacity", &[("page", "2"), ("pagesize", "4")]);
    assert_eq!((&page["count"], &page["capacity"][0]["type"]), (&json!(5), &json!(10)));
    for (words, want) in [
        (("sortby", "name"), "`name` is none of `usage`"),
        (("type", "-1"), "parameter type"),
        (("zoneid", "x"), "Invalid parameter zoneid value=x"),
        (("podid", &zone), "It is the id of a zone, not of a pod"),
    ] {
        let (code, text) = world.refused("listCapacity", &[words]);
        assert!(code == 431 && text.contains(want), "{text}");
    }
}

#[test]
fn parts_are_shown_with_the_digits_they_need() {
    let part = |used, total| {
        percent(hundredths(&Capacity { kind: CapacityKind::Vlan, pod: None, total, used }))
    };
    assert_eq!(part(0, 0), "0");
    assert_eq!(part(0, 5), "0");
    assert_eq!(part(1, 8), "12.5");
    assert_eq!(part(1, 200), "0.5");
    assert_eq!(part(2, 3), "66.67");
    assert_eq!(part(5, 5), "100");
    assert_eq!(part(u64::MAX, u64::MAX), "100");
}

#[test]
fn what_is_reserved_is_taken_until_it_is_released() {
    let world = World::sandbox();
    let used = || rows(&world, &[("type", "4")])[0]["capacityused"].clone();
    let id = world.id("listPublicIpAddresses", &[("state", "Free"), ("listall", "true")]);
    world.ok("reserveIpAddress", &[("id", &id)]);
    assert_eq!(used(), 1);
    world.ok("releaseIpAddress", &[("id", &id)]);
    assert_eq!(used(), 0);
}
