//! The server under load: clients that keep their connections and sign each request, against a
//! process of its own with its own store on the disk.

use crate::bench::callers::run;
use crate::bench::{Failed, Report, line};
use crate::text::Secret;
use crate::transport::sign::{Algorithm, encode, sign};
use serde_json::Value as Json;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

/// As many as the issue asks for.
const CLIENTS: usize = 64;
/// How long it runs before it is measured.
const WARMING: Duration = Duration::from_secs(2);
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server, killed when this value is dropped.
pub(super) struct Server {
    child: Child,
    address: String,
    keys: Arc<(String, Secret)>,
}

/// A connection of one client, kept for all its calls.
pub(super) struct Client {
    stream: BufReader<TcpStream>,
    keys: Arc<(String, Secret)>,
}

impl Server {
    /// Starts one with its files in `home`, and its store there or where `store` says.
    pub(super) fn start(program: &Path, home: &Path, store: Option<&str>) -> Result<Self, Failed> {
        let command = |args: &[&str]| {
            let mut command = Command::new(program);
            command.args(args).env_clear().env("HOME", home).stdin(Stdio::null());
            command.envs(store.map(|store| ("CAPUCHIN_STORE", store)));
            command
        };
        std::fs::create_dir_all(home)?;
        let keys = command(&["keys", "create", "--user", "admin", "--format", "json"]).output()?;
        let keys: Json = serde_json::from_slice(&keys.stdout)?;
        let text = |name: &str| keys.get(name).and_then(Json::as_str).ok_or("no keys");
        let keys = Arc::new((text("key")?.to_owned(), Secret::new(text("secret")?)));
        let mut serve = command(&["serve", "--listen", "127.0.0.1:0"]);
        // What it logs goes where logs go: to a file.
        let log = std::fs::File::create(home.join("log"))?;
        let mut child = serve.stdout(Stdio::piped()).stderr(log).spawn()?;
        let mut said = String::new();
        let stdout = child.stdout.take().ok_or("no standard output")?;
        BufReader::new(stdout).read_line(&mut said)?;
        let address = said.split('/').nth(2).unwrap_or_default().to_owned();
        Ok(Self { child, address, keys })
    }

    /// A new connection.
    pub(super) fn connect(&self) -> Result<Client, Failed> {
        let stream = TcpStream::connect(&self.address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Client { stream: BufReader::new(stream), keys: Arc::clone(&self.keys) })
    }

    /// The memory that it holds now, in MB.
    fn memory(&self) -> Result<f64, Failed> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes: f64 =
            line.and_then(|l| l.split_whitespace().next()?.parse().ok()).unwrap_or(0.0);
        Ok(kilobytes / 1024.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Client {
    /// Calls and returns the inner object of the answer. Any answer but 200 is a failure.
    pub(super) fn call(&mut self, command: &str, words: &[(&str, &str)]) -> Result<Json, Failed> {
        let (key, secret) = &*self.keys;
        let own = [("apiKey", key.as_str()), ("command", command), ("response", "json")];
        let params = own.iter().chain(words);
        let params: Vec<_> =
            params.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let signature = encode(&sign(&params, secret, Algorithm::Sha1));
        let parts = params.iter().map(|(name, value)| format!("{name}={}", encode(value)));
        let query = parts.collect::<Vec<_>>().join("&");
        write!(
            self.stream.get_mut(),
            "GET /client/api?{query}&signature={signature} HTTP/1.1\r\nHost: localhost\r\n\r\n"
        )?;
        let (status, body) = self.answer()?;
        let outer: Json = serde_json::from_slice(&body)?;
        let inner = outer.as_object().and_then(|outer| outer.values().next());
        match inner.filter(|_| status == 200) {
            Some(inner) => Ok(inner.clone()),
            None => Err(format!("{command} was answered with {status}: {outer}").into()),
        }
    }

    fn answer(&mut self) -> Result<(u16, Vec<u8>), Failed> {
        let (mut line, mut status, mut length) = (String::new(), 0, 0);
        loop {
            line.clear();
            if self.stream.read_line(&mut line)? == 0 {
                return Err("the server hung up".into());
            }
            let lower = line.trim_end().to_ascii_lowercase();
            if lower.is_empty() {
                break;
            }
            if let Some(rest) = lower.strip_prefix("http/1.1 ") {
                status = rest.split(' ').next().unwrap_or_default().parse()?;
            } else if let Some(rest) = lower.strip_prefix("content-length: ") {
                length = rest.parse()?;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok((status, body))
    }

    /// The id of the first row of a list.
    fn id(&mut self, list: &str, words: &[(&str, &str)]) -> Result<String, Failed> {
        let body = self.call(list, words)?;
        let rows = body.as_object().and_then(|body| body.values().find_map(Json::as_array));
        let id = rows.and_then(|rows| rows.first()?.get("id")?.as_str());
        Ok(id.ok_or_else(|| format!("{list} has no row"))?.to_owned())
    }
}

/// A network of which no address that is taken is the source NAT address any more.
pub(super) fn network(client: &mut Client) -> Result<String, Failed> {
    let zone = client.id("listZones", &[])?;
    let offering = [("name", "DefaultIsolatedNetworkOfferingWithSourceNatService")];
    let offering = client.id("listNetworkOfferings", &offering)?;
    let words = [
        ("name", "n"),
        ("displaytext", "n"),
        ("zoneid", &*zone),
        ("networkofferingid", &*offering),
    ];
    let made = client.call("createNetwork", &words)?;
    let id = made.get("network").and_then(|network| network.get("id")?.as_str());
    let id = id.ok_or("no network was made")?.to_owned();
    client.call("associateIpAddress", &[("networkid", &id)])?;
    Ok(id)
}

/// Durable associations and disassociations beside an empty list, over the same connections.
pub(super) fn server(report: &mut Report) -> Result<(), Failed> {
    line(&format!("\ncapuchin serve, {CLIENTS} clients that sign and keep their connections"))?;
    let server = Server::start(&report.program, &report.folder.join("server"), None)?;
    let network = network(&mut server.connect()?)?;
    let listing = |_| {
        let mut client = server.connect()?;
        Ok(move || client.call("listVPCs", &[]).map(drop))
    };
    let changing = |_| {
        let (mut client, network) = (server.connect()?, network.clone());
        let mut held: Option<String> = None;
        Ok(move || {
            // In turns; each call is counted by itself.
            if let Some(id) = held.take() {
                return client.call("disassociateIpAddress", &[("id", &id)]).map(drop);
            }
            let taken = client.call("associateIpAddress", &[("networkid", &network)])?;
            held = Some(taken.get("id").and_then(Json::as_str).ok_or("no id")?.to_owned());
            Ok(())
        })
    };
    // Threads, caches and connections of both kinds are there before memory is looked at.
    run(CLIENTS, WARMING, listing)?;
    run(CLIENTS, WARMING, changing)?;
    let before = server.memory()?;
    let lists = run(CLIENTS, report.load, listing)?;
    // In halves: caches fill at first, and after that memory must not grow.
    let mut changes = run(CLIENTS, report.load / 2, changing)?;
    let halfway = server.memory()?;
    changes = changes.and(run(CLIENTS, report.load / 2, changing)?);
    let after = server.memory()?;
    line(&format!("lists without rows         {}", lists.show()))?;
    line(&format!("associate and disassociate {}", changes.show()))?;
    line(&format!(
        "{:.2} of the lists; no errors in {} requests; memory {before:.1} MB before, \
         {halfway:.1} MB halfway, {after:.1} MB after",
        changes.rate / lists.rate,
        lists.taken.len() + changes.taken.len()
    ))
}
