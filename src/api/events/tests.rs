//! The event log: what is listed, archived and deleted, and that its count stays right.

use crate::sim::World;
use serde_json::{Value as Json, json};

/// Writes `many` events; the n-th says `setting network.gc.wait to n`.
fn write(world: &World, many: usize) {
    for n in 1..=many {
        let value = n.to_string();
        world.ok("updateConfiguration", &[("name", "network.gc.wait"), ("value", &value)]);
    }
}

fn rows(world: &World, words: &[(&str, &str)]) -> Vec<Json> {
    let body = world.ok("listEvents", words);
    let rows = body["event"].as_array().cloned().unwrap_or_default();
    assert_eq!(body["count"].as_u64().unwrap_or(0), rows.len() as u64, "{words:?}: {body}");
    rows
}

fn said(world: &World, words: &[(&str, &str)]) -> Vec<String> {
    let text = |row: &Json| row["description"].as_str().unwrap().to_owned();
    rows(world, words).iter().map(text).collect()
}

#[test]
fn the_newest_comes_first_with_all_that_is_known() {
    let world = World::sandbox();
    assert_eq!(world.ok("listEvents", &[]), json!({}));
    write(&world, 3);
    assert_eq!(said(&world, &[]), [3, 2, 1].map(|n| format!("setting network.gc.wait to {n}")));
    let row = rows(&world, &[]).remove(0);
    for (field, want) in [
        ("type", "CONFIGURATION.VALUE.EDIT"),
        ("level", "INFO"),
        ("state", "Completed"),
        ("account", "admin"),
        ("username", "admin"),
        ("domain", "ROOT"),
        ("domainpath", "ROOT"),
    ] {
        assert_eq!(row[field], want, "{field}");
    }
    assert_eq!(row["archived"], false);
    let page = world.ok("listEvents", &[("page", "2"), ("pagesize", "2")]);
    assert_eq!(page["count"], 3);
    assert_eq!(page["event"].as_array().unwrap().len(), 1);
}

#[test]
fn the_events_of_a_job_hang_together() {
    let world = World::sandbox();
    let range = world.id("listPortableIpRanges", &[]);
    write(&world, 1);
    world.ok("deletePortableIpRange", &[("id", &range)]);
    write(&world, 1);
    let of_job = rows(&world, &[("type", "portable.ip.range.delete")]);
    let states: Vec<_> = of_job.iter().map(|row| row["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["Completed", "Started", "Scheduled"]);
    let start = of_job[2]["id"].as_str().unwrap();
    assert!(of_job[..2].iter().all(|row| row["parentid"] == start));
    assert_eq!(rows(&world, &[("startid", start)]), of_job);
    assert_eq!(rows(&world, &[("resourceid", &range)]), of_job);
    assert_eq!(of_job[0]["resourcetype"], "PortableIpAddress");
    assert_eq!(rows(&world, &[("resourcetype", "portableipaddress")]), of_job);
    let one = rows(&world, &[("id", start), ("startid", start)]);
    assert_eq!(one, of_job[2..]);
}

#[test]
fn lists_are_filtered() {
    let world = World::sandbox();
    write(&world, 4);
    let many = |words: &[(&str, &str)]| rows(&world, words).len();
    assert_eq!(many(&[("level", "info"), ("state", "completed")]), 4);
    assert_eq!(many(&[("level", "ERROR")]), 0);
    assert_eq!(many(&[("keyword", "wait to 4")]), 1);
    assert_eq!(many(&[("startdate", "2026-01-03")]), 0);
    assert_eq!(many(&[("enddate", "2026-01-02"), ("startdate", "2026-01-02")]), 4);
    assert_eq!(many(&[("enddate", "2026-01-02T03:00:01+0000")]), 2);
    assert_eq!(many(&[("duration", "3600")]), 0);
    assert_eq!(many(&[("entrytime", "3600"), ("duration", "1")]), 4);
    assert_eq!(many(&[("account", "system")]), 0);
    assert_eq!(many(&[("archived", "true")]), 0);
    for (words, want) in [
        ([("entrytime", "5"), ("duration", "5")], "5 is not greater than duration, 5"),
        ([("listall", "true"), ("resourceid", "x")], "resourceid: `x` names nothing"),
        ([("listall", "true"), ("resourcetype", "x")], "`x` is none of `Account`"),
        ([("listall", "true"), ("startid", "x")], "Invalid parameter startid value=x"),
    ] {
        let (code, text) = world.refused("listEvents", &words);
        assert!(code == 431 && text.contains(want), "{text}");
    }
}

#[test]
fn archived_events_are_hidden_and_counted_once() {
    let world = World::sandbox();
    write(&world, 3);
    let ids: Vec<_> = rows(&world, &[]).iter().map(|row| row["id"].clone()).collect();
    let two = format!("{},{}", ids[0].as_str().unwrap(), ids[1].as_str().unwrap());
    assert_eq!(world.ok("archiveEvents", &[("ids", &two)]), json!({ "success": true }));
    assert_eq!(said(&world, &[]), ["archiving 2 events", "setting network.gc.wait to 1"]);
    world.ok("archiveEvents", &[("ids", &two)]);
    assert_eq!(said(&world, &[])[0], "archiving 0 events");
    assert_eq!(rows(&world, &[("archived", "true")]).len(), 2);
    world.ok("deleteEvents", &[("ids", &two)]);
    assert_eq!(rows(&world, &[("archived", "true")]).len(), 0);
    assert_eq!(rows(&world, &[]).len(), 5);
}

#[test]
fn deleted_events_are_gone_and_their_ids_are_never_given_again() {
    let world = World::sandbox();
    write(&world, 3);
    let newest = rows(&world, &[])[0]["id"].as_str().unwrap().to_owned();
    world.ok("deleteEvents", &[("type", "configuration.value.edit"), ("enddate", "2027-01-01")]);
    assert_eq!(said(&world, &[]), ["deleting 3 events", "deleting events"]);
    write(&world, 5);
    assert_eq!(rows(&world, &[]).len(), 7);
    let (code, text) = world.refused("deleteEvents", &[("ids", &newest)]);
    assert!(code == 431 && text.contains("Invalid parameter ids value="), "{text}");
    assert_eq!(rows(&world, &[("id", &newest)]).len(), 0);
}

#[test]
fn what_is_to_go_must_be_said() {
    let world = World::sandbox();
    write(&world, 1);
    let end = ("enddate", "2026-01-01");
    for command in ["archiveEvents", "deleteEvents"] {
        for (words, want) in [
            (&[][..], "either ids, type or enddate must be specified"),
            (&[("startdate", "2026-01-02")], "either ids, type or enddate must be specified"),
            (
                &[("startdate", "2026-01-02"), ("type", "X")],
                "startdate must be specified with enddate",
            ),
            (&[("startdate", "2026-01-02"), end], "enddate: it lies before startdate"),
            (&[("ids", ",")], "ids: it is empty"),
            (&[("ids", "x")], "Invalid parameter ids value=x"),
        ] {
            let (code, text) = world.refused(command, words);
            assert!(code == 431 && text.contains(want), "{text}");
        }
    }
    assert_eq!(rows(&world, &[]).len(), 1);
}

#[test]
fn every_type_of_the_table_is_listed_once() {
    let world = World::sandbox();
    let body = world.ok("listEventTypes", &[]);
    let types: Vec<_> = body["eventtype"].as_array().unwrap().iter().collect();
    assert_eq!(body["count"], types.len());
    let edits = types.iter().filter(|row| row["name"] == "CONFIGURATION.VALUE.EDIT");
    assert_eq!(edits.count(), 1);
    assert!(types.iter().all(|row| row["name"] != ""));
}
