//! One suite over all transports: in this process, and by our client to our server, which is a
//! process of its own. What is answered must be the same, times aside.

mod server;

use crate::api::APIS;
use crate::engine::Caller;
use crate::model::Time;
use crate::schema::{Param, Spec, Words};
use crate::shell::line::{Line, parse};
use crate::sim::World;
use crate::transport::{Answer, Failure, Local, Transport};
use serde_json::{Value as Json, json};
use server::Server;
use std::collections::BTreeMap;

/// What is called: see the head of the file.
const SCENARIOS: &str = include_str!("transports/scenarios.txt");

/// What came of a call, as far as every transport can tell.
#[derive(Clone, Debug, PartialEq)]
enum Outcome {
    Done { body: Json, made: Option<String>, job: bool },
    Refused { code: i64, cs_code: Option<i64>, text: String, job: bool },
    Odd(String),
}

fn outcome(spec: &Spec, result: Result<Answer, Failure>) -> Outcome {
    match result {
        Ok(Answer { mut body, job, made }) => {
            timeless(&mut body);
            // Outside of jobs CloudStack writes it as a text.
            if job.is_none() && body == json!({ "success": "true" }) {
                body = json!({ "success": true });
            }
            assert_eq!(job.is_some(), spec.is_async(), "{}", spec.name);
            Outcome::Done { body, made, job: job.is_some() }
        }
        Err(Failure::Refused { fault, job }) => {
            // What a job says of its failure has no second code.
            let cs_code = job.is_none().then(|| fault.exception.cs_code().into());
            Outcome::Refused {
                code: fault.code().into(),
                cs_code,
                text: timeless_text(&fault.text),
                job: job.is_some(),
            }
        }
        Err(Failure::Remote { code, cs_code, text, job }) => {
            let (text, job) = (timeless_text(&text), job.is_some());
            Outcome::Refused { code, cs_code, text, job }
        }
        Err(other) => Outcome::Odd(format!("{other:?}")),
    }
}

/// Puts a word in the place of every time: each transport has its own number of calls before.
fn timeless(json: &mut Json) {
    match json {
        Json::String(text) if text.contains('T') && Time::parse(text).is_some() => {
            "TIME".clone_into(text);
        }
        Json::Array(items) => items.iter_mut().for_each(timeless),
        Json::Object(fields) => fields.values_mut().for_each(timeless),
        _ => {}
    }
}

fn timeless_text(text: &str) -> String {
    let words = text.split(' ').map(|word| match Time::parse(word.trim_end_matches([',', ';'])) {
        Some(_) if word.contains('T') => "TIME",
        _ => word,
    });
    words.collect::<Vec<_>>().join(" ")
}

fn call(transport: &dyn Transport, command: &str, words: &Words) -> Outcome {
    let spec = transport.catalogue().find(command).unwrap_or_else(|| panic!("no {command}"));
    outcome(spec, transport.call(spec, words))
}

/// The first id in an answer.
fn id(json: &Json) -> Option<&str> {
    match json {
        Json::Object(fields) => {
            let own = fields.get("id").and_then(Json::as_str);
            own.or_else(|| fields.values().find_map(id))
        }
        Json::Array(items) => items.iter().find_map(id),
        _ => None,
    }
}

/// Calls what the scenarios say; what each line was answered.
fn play(transport: &dyn Transport) -> Vec<(String, Outcome)> {
    let mut ids = BTreeMap::new();
    let lines = parse(SCENARIOS).expect("scenarios that can be read");
    let mut complaints = Vec::new();
    let seen = lines.iter().map(|line| {
        let (line, outcome, expected) = step(transport, line, &mut ids);
        if !expected {
            complaints.push(format!("{line}: {outcome:?}"));
        }
        (line, outcome)
    });
    let seen = seen.collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    seen
}

/// Calls what a line says: the call, what came of it, and whether that was expected.
fn step(
    transport: &dyn Transport,
    line: &Line,
    ids: &mut BTreeMap<String, String>,
) -> (String, Outcome, bool) {
    let mut words = line.words.iter().map(|word| word.text.as_str()).peekable();
    let label = words.next_if(|word| word.ends_with(':')).map(|word| word.trim_end_matches(':'));
    let refused = words.next_if_eq(&"refused").and_then(|_| words.next());
    let command = words.next().expect("a command");
    let mut given = Words::default();
    for word in words {
        let (name, value) = word.split_once('=').expect("name=value");
        let known = value.strip_prefix('$').map(|label| ids.get(label).map(String::as_str));
        given.set(name, known.unwrap_or(Some(value)).unwrap_or("of what failed"));
    }
    let outcome = call(transport, command, &given);
    let said = match &outcome {
        Outcome::Done { .. } => None,
        Outcome::Refused { code, cs_code, .. } => {
            Some(format!("{code}/{}", cs_code.map_or_else(|| "job".to_owned(), |c| c.to_string())))
        }
        Outcome::Odd(text) => Some(text.clone()),
    };
    if let (Some(label), Outcome::Done { body, made, .. }) = (label, &outcome) {
        let found = made.as_deref().or_else(|| id(body)).expect("an id");
        ids.insert(label.to_owned(), found.to_owned());
    }
    (format!("{command} {given:?}"), outcome, said.as_deref() == refused)
}

fn local() -> Local {
    Local::new(World::sandbox().engine, Caller::ADMIN)
}

/// Plays on both sides what `play` plays, and compares it line by line.
fn compare(
    play: impl Fn(&dyn Transport) -> Vec<(String, Outcome)>,
    transports: &[(&str, &dyn Transport)],
) {
    let here = play(&local());
    for (name, transport) in transports {
        let there = play(*transport);
        assert_eq!(here.len(), there.len());
        for ((line, here), (_, there)) in here.iter().zip(&there) {
            assert_eq!(there, here, "over {name}: {line}");
        }
    }
}

#[test]
fn the_same_calls_are_answered_the_same() {
    let servers = [
        (false, Server::http()),
        (true, Server::http()),
        (false, Server::https()),
        (true, Server::https()),
    ];
    let clients = servers.each_ref().map(|(get, server)| server.client(*get));
    let names = ["HTTP by POST", "HTTP by GET", "HTTPS by POST", "HTTPS by GET"];
    let clients = names.into_iter().zip(clients.iter().map(|client| client as &dyn Transport));
    compare(play, &clients.collect::<Vec<_>>());
}

/// Every API without parameters, with those that are required, and with all.
fn every_api(transport: &dyn Transport) -> Vec<(String, Outcome)> {
    let mut seen = Vec::new();
    for spec in APIS.iter().map(|api| &api.spec) {
        let value = |param: &Param| match param.wire {
            "boolean" => "true",
            "integer" | "long" | "short" => "1",
            _ => "~a+b&c=d%\u{e9};",
        };
        let required = spec.params().filter(|param| param.required);
        let required = required.map(|param| (param.name, value(param))).collect();
        let all = spec.params().map(|param| (param.name, value(param))).collect();
        for words in [Words::default(), required, all] {
            seen.push((format!("{} {words:?}", spec.name), call(transport, spec.name, &words)));
        }
    }
    seen
}

#[test]
fn every_api_is_what_the_table_says_over_every_transport() {
    let (http, https) = (Server::http(), Server::https());
    compare(every_api, &[("HTTP", &http.client(false)), ("HTTPS", &https.client(false))]);
}
