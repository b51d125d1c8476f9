//! `capuchin serve` as others see it: raw HTTP to the real binary.

mod access;
pub(crate) mod clients;
mod http;
mod limits;
mod refusals;
mod shapes;
mod shared;
mod storm;
mod tenants;
mod tls;
mod watch;

use crate::harness::{Capuchin, Running};
use http::{Answer, Connection};
use serde_json::Value;
use std::time::{Duration, Instant};

/// A server in a world of its own.
struct Server<'a> {
    running: Running<'a>,
    caller: Caller,
}

/// The admin with the keys of the admin.
struct Caller {
    address: String,
    key: String,
    secret: String,
}

impl std::ops::Deref for Server<'_> {
    type Target = Caller;
    fn deref(&self) -> &Caller {
        &self.caller
    }
}

impl<'a> Server<'a> {
    fn new(capuchin: &'a Capuchin) -> Self {
        Self::with(capuchin, "")
    }

    /// With further options.
    fn with(capuchin: &'a Capuchin, options: &str) -> Self {
        let keys = capuchin.run("keys create --user admin --format json").json();
        let text = |name: &str| keys[name].as_str().expect("a text").to_owned();
        Self::start(capuchin, options, text("key"), text("secret"))
    }

    fn start(capuchin: &'a Capuchin, options: &str, key: String, secret: String) -> Self {
        let mut running = capuchin.run(&format!("serve --listen 127.0.0.1:0 {options}")).spawn();
        let line = running.line();
        let address = line.strip_prefix("serving http://").and_then(|url| url.split_once('/'));
        let address = address.expect("an address").0.to_owned();
        Self { running, caller: Caller { address, key, secret } }
    }
}

/// Waits until something is so; the test fails if it is not in a minute.
#[track_caller]
fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_mins(1);
    while !is_so() {
        assert!(Instant::now() < end, "{what}: not in a minute");
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

impl Caller {
    fn connect(&self) -> Connection {
        Connection::to(&self.address)
    }

    /// The query string of a call, signed.
    fn query(&self, command: &str, params: &[(&str, &str)]) -> String {
        let own = [("apiKey", self.key.as_str()), ("command", command), ("response", "json")];
        http::signed(&[params, &own].concat(), &self.secret)
    }

    fn get(&self, command: &str, params: &[(&str, &str)]) -> Answer {
        self.connect().get(&format!("/client/api?{}", self.query(command, params)))
    }

    /// The inner object of a call that succeeds.
    #[track_caller]
    fn ok(&self, command: &str, params: &[(&str, &str)]) -> Value {
        let answer = self.get(command, params);
        assert_eq!(answer.status, 200, "{command}: {}", answer.body);
        answer.inner()
    }

    /// The id of the first row of a list.
    #[track_caller]
    fn id(&self, list: &str, params: &[(&str, &str)]) -> String {
        let inner = self.ok(list, params);
        let rows = inner.as_object().expect("an object").values().find_map(Value::as_array);
        rows.expect("rows")[0]["id"].as_str().expect("an id").to_owned()
    }

    /// The metrics.
    #[track_caller]
    fn metrics(&self) -> String {
        let answer = self.connect().get("/metrics");
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }

    /// A network that addresses can be associated with.
    fn network(&self) -> String {
        let zone = self.id("listZones", &[]);
        let offering = [("name", "DefaultIsolatedNetworkOfferingWithSourceNatService")];
        let offering = self.id("listNetworkOfferings", &offering);
        let params = [
            ("name", "n"),
            ("displaytext", "n"),
            ("zoneid", zone.as_str()),
            ("networkofferingid", offering.as_str()),
        ];
        let made = self.ok("createNetwork", &params);
        made["network"]["id"].as_str().expect("an id").to_owned()
    }
}
