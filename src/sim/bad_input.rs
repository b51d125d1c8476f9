//! Everything wrong that can be written, in every parameter of every API: refused with a code of
//! CloudStack's and, where no value of the type looks like that, with the parameter's name; and
//! nothing changes.

use crate::api::{APIS, Api, Engine};
use crate::engine::{Content, seed};
use crate::schema::{Completes, Fault, Param};
use crate::sim::scratch::faulty;
use crate::sim::{EPOCH, Known, World, clock};
use crate::store::Faults;
use proptest::prelude::*;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Words of a call by name.
type Base = BTreeMap<String, String>;

/// A world that tells whether a call wrote anything.
struct Watched {
    world: World,
    faults: Faults,
}

impl Watched {
    fn new() -> Self {
        let faults = Faults::default();
        let store = faulty(&faults, &mut |tx| seed(tx, EPOCH, Content::Sandbox));
        Self {
            world: World {
                engine: Engine::new(Arc::new(store), clock()).with_secrets(Known::default()),
            },
            faults,
        }
    }

    /// Calls with one word changed. What is refused must be refused well, and what must be refused
    /// must be; returns a complaint when it is not so.
    fn call(
        &mut self,
        api: &Api,
        base: &Base,
        (name, value): (&str, &str),
        must: bool,
    ) -> Option<String> {
        let others = base.iter().filter(|(other, _)| *other != name);
        let mut words: Vec<(&str, &str)> =
            others.map(|(name, value)| (name.as_str(), value.as_str())).collect();
        words.push((name, value));
        let committed = self.faults.committed();
        let outcome = self.world.call(api.spec.name, &words);
        let wrote = self.faults.committed() != committed;
        if wrote && outcome.is_ok() {
            *self = Self::new();
        }
        let why = match &outcome {
            Err(fault) => wrong_with(fault, wrote, must.then_some(name))?,
            Ok(_) if must => "was accepted",
            Ok(_) => return None,
        };
        let (command, value) = (api.spec.name, crate::text::shorten(value, 60));
        Some(format!("{command} {name}={value:?} {why}: {outcome:.300?}"))
    }
}

/// What is wrong with the way in which a call was refused.
fn wrong_with(fault: &Fault, wrote: bool, name: Option<&str>) -> Option<&'static str> {
    let text = fault.text.to_lowercase();
    [
        (!(430..=537).contains(&fault.code()), "has no code of CloudStack's"),
        (fault.logged.is_some(), "is a failure of ours"),
        (wrote, "wrote something"),
        (name.is_some_and(|name| !text.contains(name)), "is not named"),
        (text.chars().count() > 1000, "has an endless text"),
    ]
    .iter()
    .find_map(|(is_wrong, what)| is_wrong.then_some(*what))
}

/// A call that is right as far as its example and the required parameters tell.
fn base(world: &World, api: &Api) -> Base {
    let pairs = api.spec.example.split_whitespace().filter_map(|word| word.split_once('='));
    let mut base: Base = pairs
        .filter(|(_, value)| !value.starts_with('"'))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    for param in api.spec.params() {
        // Maps stand in the example, entry by entry.
        let wanted = param.required && param.wire != "map" || base.contains_key(param.name);
        if wanted && (param.wire == "uuid" || !base.contains_key(param.name)) {
            base.insert(param.name.to_owned(), good(world, param));
        }
    }
    base
}

/// A value that the parameter may have.
fn good(world: &World, param: &Param) -> String {
    let text = match (param.wire, param.completes) {
        ("uuid", Completes::ListedBy(list)) => return first_id(world, list),
        (_, Completes::Choices([first, ..])) => first,
        ("boolean", _) => "true",
        ("integer" | "long", _) => "1",
        ("date", _) => "2026-12-31",
        _ => "word",
    };
    text.to_owned()
}

fn first_id(world: &World, list: &str) -> String {
    let words = [("allocatedonly", "false"), ("listall", "true")];
    let body = world.call(list, &words).unwrap_or_default();
    let rows = body.as_object().and_then(|body| body.values().find_map(Json::as_array));
    let id = rows.and_then(|rows| rows.first()).and_then(|row| row["id"].as_str());
    id.unwrap_or("6ba7b810-9dad-11d1-80b4-00c04fd430c8").to_owned()
}

const IPV4: &[&str] = &["gateway", "netmask", "startip", "endip", "ipaddress", "nexthop"];
const IPV6: &[&str] = &["ip6gateway", "ip6cidr", "startipv6", "endipv6"];

/// Values with whether no value of the parameter's type looks like that.
fn bad_values(api: &Api, param: &Param) -> Vec<(String, bool)> {
    let is_number = matches!(param.wire, "integer" | "long");
    let is_read = is_number || matches!(param.wire, "boolean" | "date");
    // Of shared networks, which cannot be made yet, nothing is read.
    let is_read6 = IPV6.contains(&param.name) && api.spec.name != "createNetwork";
    let is_address = IPV4.contains(&param.name) || is_read6;
    let never = is_read || is_address;
    // Ids of things that there are not here may be blank, like what was not given.
    let is_id = param.wire == "uuid" && param.completes != Completes::Nothing;
    let mut values = vec![
        ("x".repeat(param.length.max(9_999) + 1), true),
        ("bell\u{7}".to_owned(), true),
        ("nul\0".to_owned(), true),
        (String::new(), never || is_id),
        (" ".to_owned(), never || is_id),
    ];
    let words = [
        "perhaps",
        "99999999999999999999999999",
        "-99999999999999999999999999",
        "1e3",
        "0x10",
        "' OR '1'='1",
        "1; DROP TABLE network; --",
        "%",
        "../../etc/passwd",
        "\u{65e5}\u{672c}\u{8a9e}\u{1f310}",
        "\u{202e}evil",
        "10.0.0.256",
        "1.2.3",
        "10.0.0.0/33",
        "2001:db8::g",
        "-1.5",
        "{}",
        "[0]",
        ",",
    ];
    values.extend(words.map(|word| (word.to_owned(), never)));
    let other = if IPV4.contains(&param.name) { "2001:db8::1" } else { "192.0.2.1" };
    values.push((other.to_owned(), never));
    values.push(("-1".to_owned(), never && !is_number));
    values.push(("0".to_owned(), never && !is_number));
    values
}

/// Every so many-th API, so that several tests share the work.
fn walk(part: usize, parts: usize) {
    let (mut watched, mut complaints) = (Watched::new(), Vec::new());
    for api in APIS.iter().skip(part).step_by(parts) {
        let base = base(&watched.world, api);
        for param in api.spec.params() {
            for (value, must) in bad_values(api, param) {
                complaints.extend(watched.call(api, &base, (param.name, &value), must));
            }
        }
    }
    assert!(complaints.is_empty(), "{} complaints:\n{}", complaints.len(), complaints.join("\n"));
}

#[test]
fn no_parameter_of_any_api_takes_nonsense_1() {
    walk(0, 4);
}

#[test]
fn no_parameter_of_any_api_takes_nonsense_2() {
    walk(1, 4);
}

#[test]
fn no_parameter_of_any_api_takes_nonsense_3() {
    walk(2, 4);
}

#[test]
fn no_parameter_of_any_api_takes_nonsense_4() {
    walk(3, 4);
}

#[test]
fn names_of_parameters_and_commands_may_be_nonsense_too() {
    let watched = Watched::new();
    for command in ["", "listzones", "list\u{0}Zones", "' OR 1", &"x".repeat(10_000)] {
        let fault = watched.world.call(command, &[]).expect_err(command);
        assert_eq!(fault.code(), 432, "{fault}");
        assert!(fault.text.len() < 200, "{fault}");
    }
    for name in ["", "\u{1f310}", "id[", "id[0", "id[0].", "[].", "details[99999999999].x", "."] {
        let _ = watched.world.call("createZone", &[(name, "x")]).expect_err(name);
        let _ = watched.world.call("listZones", &[(name, "x")]);
    }
}

#[test]
fn addresses_that_do_not_fit_each_other_are_refused() {
    for command in ["createPod", "createPortableIpRange", "createVlanIpRange"] {
        let mut watched = Watched::new();
        let api = crate::api::find(command).expect("an API");
        let mut base = base(&watched.world, api);
        let wanted = [
            ("gateway", "10.77.0.1"),
            ("netmask", "255.255.255.0"),
            ("startip", "10.77.0.20"),
            ("endip", "10.77.0.30"),
            ("vlan", "700"),
        ];
        for (name, value) in wanted.iter().filter(|(name, _)| api.spec.param(name).is_some()) {
            base.insert((*name).to_owned(), (*value).to_owned());
        }
        for (name, value) in [
            ("endip", "10.77.0.19"),
            ("startip", "10.77.0.31"),
            ("startip", "10.76.0.20"),
            ("endip", "10.78.0.30"),
            ("endip", "255.255.255.255"),
            ("startip", "0.0.0.0"),
            ("gateway", "10.77.0.20"),
            ("gateway", "10.77.1.1"),
            ("netmask", "255.0.255.0"),
            ("netmask", "0.0.0.0"),
            ("netmask", "255.255.255.255"),
            ("netmask", "0.0.0.255"),
        ] {
            if command == "createPortableIpRange" && value == "10.77.0.20" {
                continue; // CloudStack lets portable ranges contain their gateway.
            }
            let others = base.iter().filter(|(other, _)| *other != name);
            let mut words: Vec<(&str, &str)> =
                others.map(|(name, value)| (name.as_str(), value.as_str())).collect();
            words.push((name, value));
            let committed = watched.faults.committed();
            let (code, text) = watched.world.refused(command, &words);
            assert_eq!((code, watched.faults.committed()), (431, committed), "{text}");
            let named = wanted.iter().any(|(name, _)| text.contains(name));
            assert!(named, "{command} {name}={value}: {text}");
        }
        assert_eq!(watched.call(api, &base, ("endip", "10.77.0.30"), false), None);
        let words: Vec<_> = base.iter().map(|(name, it)| (name.as_str(), it.as_str())).collect();
        watched.world.ok(command, &words);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn no_text_at_all_breaks_a_call(
        api in 0..APIS.len(),
        param in any::<prop::sample::Index>(),
        value in prop_oneof!["\\PC{0,80}", "[0-9./:,x-]{0,40}", any::<String>()],
    ) {
        let mut watched = Watched::new();
        let params: Vec<&Param> = APIS[api].spec.params().collect();
        prop_assume!(!params.is_empty());
        let base = base(&watched.world, APIS[api]);
        let name = params[param.index(params.len())].name;
        prop_assert_eq!(watched.call(APIS[api], &base, (name, &value), false), None);
    }
}
