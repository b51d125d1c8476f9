//! Calls that name themselves by a word of their caller's are made once, however often they are
//! repeated.

use crate::api::{APIS, Reply};
use crate::engine::end_old_tokens;
use crate::schema::Mode;
use crate::sim::scratch::{self, Scratch};
use crate::sim::{EPOCH, World, check};
use crate::store::StoreError;
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::sync::Barrier;

const PARALLEL: usize = 32;

/// What creating a network takes, with these words more.
fn network<'w>(
    world: &World,
    name: &'w str,
    more: &[(&'w str, &'w str)],
) -> Vec<(&'w str, &'w str)> {
    let offering = [("name", "DefaultIsolatedNetworkOfferingWithSourceNatService")];
    let offering: &str = world.id("listNetworkOfferings", &offering).leak();
    let zone: &str = world.id("listZones", &[]).leak();
    let words = [("name", name), ("networkofferingid", offering), ("zoneid", zone)];
    words.into_iter().chain(more.iter().copied()).collect()
}

/// How many jobs and events there are.
fn logs(world: &World) -> i64 {
    let sql = "SELECT (SELECT COUNT(*) FROM job) + (SELECT COUNT(*) FROM event)";
    let count: Result<Option<i64>, StoreError> = world.engine.store().read(|tx| tx.one(sql, &[]));
    count.unwrap().unwrap()
}

#[test]
fn what_makes_something_takes_a_word() {
    let takes = |name: &str| APIS.iter().find(|api| api.spec.name == name).unwrap().spec.token;
    for api in APIS {
        let spec = &api.spec;
        assert_eq!(spec.token, spec.param("clienttoken").is_some(), "{}", spec.name);
        assert!(!spec.token || !spec.event.is_empty(), "{} changes nothing", spec.name);
        if spec.name.starts_with("create") || spec.mode == Mode::Create {
            assert!(spec.token, "{}", spec.name);
        }
    }
    assert!(takes("associateIpAddress") && takes("reserveIpAddress") && takes("createVPC"));
    assert!(!takes("listZones") && !takes("deleteNetwork") && !takes("updateZone"));
}

#[test]
fn a_repeated_call_is_answered_as_the_first_and_makes_nothing() {
    let world = World::sandbox();
    let first =
        world.reply("createNetwork", &network(&world, "a", &[("clienttoken", "run 1")])).unwrap();
    let id = first.body["network"]["id"].as_str().unwrap().to_owned();
    let calls = [
        ("createNetwork", network(&world, "a", &[("clienttoken", "run 1")])),
        ("associateIpAddress", vec![("networkid", id.as_str()), ("clienttoken", "run 2")]),
    ];
    for (command, words) in calls {
        let one = world.reply(command, &words).unwrap();
        let (before, logs_before) = (world.dump(), logs(&world));
        for _ in 0..3 {
            let two = world.reply(command, &words).unwrap();
            assert_eq!(one.body, two.body);
            let job =
                |reply: &Reply| reply.job.as_ref().map(|job| (job.id.clone(), job.made.clone()));
            assert_eq!(job(&one), job(&two));
        }
        assert!(world.dump() == before && logs(&world) == logs_before, "{command}");
    }
    check(world.engine.store());
}

#[test]
fn the_difference_to_the_first_call_is_named() {
    let world = World::sandbox();
    world.ok("createNetwork", &network(&world, "a", &[("clienttoken", "w"), ("displaytext", "x")]));
    let wrong = [
        (
            "createNetwork",
            network(&world, "b", &[("clienttoken", "w"), ("displaytext", "x")]),
            "with another value of the parameter name",
        ),
        (
            "createNetwork",
            network(&world, "a", &[("clienttoken", "w")]),
            "with the parameter displaytext, which is missing now",
        ),
        (
            "createNetwork",
            network(&world, "a", &[("clienttoken", "w"), ("displaytext", "x"), ("vlan", "77")]),
            "without the parameter vlan",
        ),
        ("associateIpAddress", vec![("clienttoken", "w")], "and this is associateIpAddress"),
    ];
    for (command, words, says) in wrong {
        let (code, text) = world.unmoved(command, &words);
        assert_eq!(code, 431, "{text}");
        assert!(text.contains("parameter clienttoken: `w` was used by createNetwork at"), "{text}");
        assert!(text.contains(says), "{text}");
    }
    // What the API does not know counts for nothing, neither now nor then.
    world.ok(
        "createNetwork",
        &network(&world, "a", &[("clienttoken", "w"), ("displaytext", "x"), ("signature", "y")]),
    );
}

#[test]
fn words_that_are_none_are_refused() {
    let world = World::sandbox();
    let long = "x".repeat(129);
    for (word, says) in [("", "clienttoken (it is empty)"), (&long, "parameter clienttoken")] {
        let (code, text) =
            world.unmoved("createNetwork", &network(&world, "a", &[("clienttoken", word)]));
        assert!(code == 431 && text.contains(says), "{text}");
    }
    world.ok("createNetwork", &network(&world, "a", &[("clienttoken", &long[1..])]));
}

#[test]
fn a_refused_call_leaves_its_word_free() {
    let (world, who) = World::tenants();
    let account =
        [("account", "alice"), ("domainid", world.id("listDomains", &[("name", "a")]).leak())];
    let limit = |max| [("resourcetype", "1"), ("max", max), account[0], account[1]];
    let network = world.call_as(&who.alice, "createNetwork", &network(&world, "a", &[])).unwrap();
    let network = network["network"]["id"].as_str().unwrap();
    let words = [("networkid", network), ("clienttoken", "w")];
    world.ok("updateResourceLimit", &limit("0"));
    let dump = world.dump();
    let refused = world.call_as(&who.alice, "associateIpAddress", &words).unwrap_err();
    assert!(refused.code() == 532 && world.dump() == dump, "{refused}");
    world.ok("updateResourceLimit", &limit("5"));
    let made = world.call_as(&who.alice, "associateIpAddress", &words).unwrap();
    assert_eq!(world.call_as(&who.alice, "associateIpAddress", &words).unwrap(), made);
}

#[test]
fn accounts_do_not_meet_in_their_words() {
    let (world, who) = World::tenants();
    let words = network(&world, "a", &[("clienttoken", "w")]);
    let made: BTreeSet<String> = [&who.alice, &who.amir, &who.bob]
        .iter()
        .map(|caller| {
            let made = world.call_as(caller, "createNetwork", &words).unwrap();
            assert_eq!(world.call_as(caller, "createNetwork", &words).unwrap(), made);
            made["network"]["id"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(made.len(), 3);
}

#[test]
fn a_word_is_forgotten_when_its_time_is_over() {
    let world = World::sandbox();
    // The clock of the world ticks a second with each call.
    world.ok("updateConfiguration", &[("name", "client.token.lifetime"), ("value", "3")]);
    let words = network(&world, "a", &[("clienttoken", "w")]);
    let id = |body: &Json| body["network"]["id"].as_str().unwrap().to_owned();
    let one = id(&world.ok("createNetwork", &words));
    assert_eq!(id(&world.ok("createNetwork", &words)), one);
    assert_eq!(id(&world.ok("createNetwork", &words)), one);
    let two = id(&world.ok("createNetwork", &words));
    assert_ne!(two, one);
    world.ok("createNetwork", &network(&world, "b", &[("clienttoken", "v")]));
    let later = EPOCH.plus_seconds(1000);
    let swept = |now| world.engine.store().write(move |tx| end_old_tokens(tx, now)).unwrap();
    assert_eq!((swept(EPOCH), swept(later), swept(later)), (0, 1, 0));
}

#[test]
fn secrets_are_told_apart_and_not_kept() {
    let world = World::sandbox();
    let account = |password| {
        let words = [
            ("username", "eve"),
            ("email", "e@example.org"),
            ("firstname", "e"),
            ("lastname", "v"),
            ("accounttype", "0"),
            ("clienttoken", "w"),
        ];
        words.into_iter().chain([("password", password)]).collect::<Vec<_>>()
    };
    let one = world.ok("createAccount", &account("correct horse"));
    assert_eq!(world.ok("createAccount", &account("correct horse")), one);
    let (_, text) = world.unmoved("createAccount", &account("battery staple"));
    assert!(text.contains("another value of the parameter password"), "{text}");
    assert!(!text.contains("battery"), "{text}");
    assert!(!world.dump().contains("correct horse"));
}

#[test]
fn many_repeats_at_once_on_two_servers_take_one_address() {
    let scratch = Scratch::new();
    let worlds = scratch::two_worlds(&scratch.file("store"));
    let network = scratch::network(&worlds[0]);
    let start = Barrier::new(PARALLEL);
    let take = |at: usize| {
        start.wait();
        let words = [("networkid", network.as_str()), ("clienttoken", "once")];
        let reply = worlds[at % 2].reply("associateIpAddress", &words).unwrap();
        let job = reply.job.unwrap();
        assert!(job.failed.is_none(), "{:?}", job.failed);
        (job.id, job.made, reply.body["ipaddress"]["ipaddress"].as_str().unwrap().to_owned())
    };
    let taken: BTreeSet<_> = std::thread::scope(|scope| {
        let take = &take;
        let threads: Vec<_> = (0..PARALLEL).map(|at| scope.spawn(move || take(at))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(taken.len(), 1, "{taken:?}");
    check(worlds[0].engine.store());
}

#[test]
fn a_word_outlives_the_server() {
    let scratch = Scratch::new();
    let file = scratch.file("store");
    let take = || {
        let world = scratch::world(&file);
        let network = scratch::network(&world);
        let words = [("networkid", network.as_str()), ("clienttoken", "once")];
        world.reply("associateIpAddress", &words).unwrap().job.unwrap().id
    };
    assert_eq!(take(), take());
}
