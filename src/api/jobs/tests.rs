//! Jobs as those see them who ask later.

use crate::sim::World;
use serde_json::{Value as Json, json};

const RANGE: [(&str, &str); 5] = [
    ("regionid", "1"),
    ("startip", "198.18.0.2"),
    ("endip", "198.18.0.9"),
    ("gateway", "198.18.0.1"),
    ("netmask", "255.255.255.0"),
];

fn job(world: &World, command: &str, words: &[(&str, &str)]) -> String {
    world.reply(command, words).unwrap().job.unwrap().id
}

#[test]
fn a_job_that_ended_well_shows_its_result() {
    let world = World::sandbox();
    let reply = world.reply("createPortableIpRange", &RANGE).unwrap();
    let made = reply.job.as_ref().and_then(|job| job.made.clone()).unwrap();
    let id = reply.job.unwrap().id;
    let shown = world.ok("queryAsyncJobResult", &[("jobid", &id)]);
    assert_eq!(shown["jobid"], id.as_str());
    assert_eq!(shown["cmd"], "createPortableIpRange");
    assert_eq!((&shown["jobstatus"], &shown["jobresultcode"]), (&json!(1), &json!(0)));
    assert_eq!(shown["jobprocstatus"], 0);
    assert_eq!(shown["jobresulttype"], "object");
    assert_eq!(shown["jobresult"]["portableiprange"]["id"], made.as_str());
    assert_eq!(shown["jobinstancetype"], "PortableIpAddress");
    assert_eq!(shown["jobinstanceid"], made.as_str());
    assert_eq!((&shown["account"], &shown["domainpath"]), (&json!("admin"), &json!("ROOT")));
    for field in ["accountid", "domainid", "userid", "created", "completed"] {
        assert!(shown[field].is_string(), "{field}");
    }
    let about = [("resourcetype", "PortableIpAddress"), ("resourceid", made.as_str())];
    assert_eq!(world.ok("queryAsyncJobResult", &about), shown);
}

#[test]
fn jobs_are_asked_for_by_an_id_that_is_known() {
    let world = World::sandbox();
    let (code, text) = world.refused("queryAsyncJobResult", &[("jobid", "x")]);
    assert!(code == 431 && text.contains("Invalid parameter jobid value=x"), "{text}");
    let zone = world.id("listZones", &[]);
    let (_, text) = world.refused("queryAsyncJobResult", &[("jobid", &zone)]);
    assert!(text.contains("It is the id of a zone"), "{text}");
    let (_, text) = world.refused("queryAsyncJobResult", &[]);
    assert!(text.contains("jobid: it must be given"), "{text}");
    let about = [("resourcetype", "Zone"), ("resourceid", zone.as_str())];
    let (_, text) = world.refused("queryAsyncJobResult", &about);
    assert!(text.contains("no job is about such a thing"), "{text}");
}

#[test]
fn lists_are_newest_first_and_filtered() {
    let world = World::sandbox();
    assert_eq!(world.ok("listAsyncJobs", &[]), json!({}));
    let first = job(&world, "createPortableIpRange", &RANGE);
    let id = world.ok("listPortableIpRanges", &[("page", "2"), ("pagesize", "1")]);
    let id = id["portableiprange"][0]["id"].as_str().unwrap();
    let second = job(&world, "deletePortableIpRange", &[("id", id)]);
    let ids = |words: &[(&str, &str)]| -> Vec<String> {
        let body = world.ok("listAsyncJobs", words);
        let rows = body["asyncjobs"].as_array().cloned().unwrap_or_default();
        assert_eq!(body["count"].as_u64().unwrap_or(0), rows.len() as u64, "{words:?}");
        rows.iter().filter_map(|row| row["jobid"].as_str()).map(str::to_owned).collect()
    };
    let both = [second.clone(), first.clone()];
    assert_eq!(ids(&[]), both);
    assert_eq!(ids(&[("listall", "true"), ("managementserverid", "x")]), both);
    assert_eq!(ids(&[("keyword", "createPortable")]), [first]);
    assert_eq!(ids(&[("account", "admin")]), both);
    assert_eq!(ids(&[("account", "system")]), [] as [&str; 0]);
    let root = world.ok("queryAsyncJobResult", &[("jobid", &second)])["domainid"].clone();
    let root = root.as_str().unwrap();
    assert_eq!(ids(&[("domainid", root)]), both);
    assert_eq!(ids(&[("domainid", root), ("isrecursive", "true")]), both);
    assert_eq!(ids(&[("startdate", "2027-01-01")]), [] as [&str; 0]);
    assert_eq!(ids(&[("resourceid", id), ("resourcetype", "PortableIpAddress")]), both);
    let page = world.ok("listAsyncJobs", &[("page", "2"), ("pagesize", "1")]);
    assert_eq!((&page["count"], &page["asyncjobs"][1]), (&json!(2), &Json::Null));
    let (code, text) = world.refused("listAsyncJobs", &[("account", "nobody")]);
    assert!(code == 431 && text.contains("no account `nobody` in the domain /"), "{text}");
}
