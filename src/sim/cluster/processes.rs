//! Real servers: this very binary again, each time as the program with arguments of its own.

use crate::sim::cluster::door::{Doors, Said, refused};
use crate::text::Secret;
use crate::transport::sign::{Algorithm, encode, sign};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value as Json;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The arguments of the program, a line each; without them the worker has nothing to do.
const ARGUMENTS: &str = "CAPUCHIN_SIM_ARGUMENTS";

/// Is the program.
#[test]
fn worker() {
    let Some(lines) = std::env::var_os(ARGUMENTS) else { return };
    let lines = lines.to_str().expect("text");
    let words = ["capuchin"].into_iter().chain(lines.lines());
    let code = crate::cli::run_as(words.map(Into::into).collect());
    std::process::exit(i32::from(code != std::process::ExitCode::SUCCESS));
}

/// Starts the program.
fn start(home: &Path, words: &[&str]) -> Child {
    let mut command = Command::new(std::env::current_exe().expect("this binary"));
    let worker = "sim::cluster::processes::worker";
    command.args(["--exact", worker, "--nocapture", "--test-threads=1"]);
    command.env(ARGUMENTS, words.join("\n")).env("XDG_DATA_HOME", home);
    command.env("XDG_CONFIG_HOME", home).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    command.spawn().expect("a process")
}

/// The first line of the program that has `part` in it, and what follows the part.
fn line(child: &mut Child, part: &str) -> String {
    let output = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut lines = output.lines().map_while(Result::ok);
    let found = lines.find_map(|line| line.split_once(part).map(|(_, rest)| rest.to_owned()));
    // What comes later must have somewhere to go.
    std::thread::spawn(move || lines.for_each(drop));
    found.unwrap_or_else(|| panic!("the program ended without {part}"))
}

/// A process that ends with this value.
struct Guarded(Child);

impl Drop for Guarded {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct Running {
    child: Guarded,
    address: SocketAddr,
}

/// Servers of one store.
pub(super) struct Servers {
    home: PathBuf,
    stores: Vec<String>,
    running: Vec<Mutex<Option<Running>>>,
    key: String,
    secret: Secret,
}

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

impl Servers {
    /// Starts a server on each of these addresses of the same store.
    pub(super) fn start(home: &Path, stores: Vec<String>) -> Self {
        let words =
            ["--store", &stores[0], "keys", "create", "--user", "admin", "--format", "json"];
        let mut child = Guarded(start(home, &words));
        let mut text = String::new();
        let mut output = child.0.stdout.take().expect("a pipe");
        output.read_to_string(&mut text).expect("text");
        let json = text.find('{').and_then(|from| text.rfind('}').map(|to| &text[from..=to]));
        let keys: Json = serde_json::from_str(json.unwrap_or_default()).expect("keys");
        let word = |name: &str| keys[name].as_str().expect("a text").to_owned();
        let (key, secret) = (word("key"), Secret::new(&*word("secret")));
        let running = stores.iter().map(|_| Mutex::new(None)).collect();
        let this = Self { home: home.to_owned(), stores, running, key, secret };
        (0..this.stores.len()).for_each(|server| this.again(server));
        this
    }

    fn at(&self, server: usize) -> MutexGuard<'_, Option<Running>> {
        self.running[server].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Kills a server.
    pub(super) fn kill(&self, server: usize) {
        *self.at(server) = None;
    }

    /// Starts a server that was killed.
    pub(super) fn again(&self, server: usize) {
        let store = &self.stores[server];
        let words = ["--store", store, "serve", "--listen", "127.0.0.1:0"];
        let mut child = Guarded(start(&self.home, &words));
        let rest = line(&mut child.0, "serving http://");
        let address = rest.split_once('/').and_then(|(address, _)| address.parse().ok());
        let address = address.expect("an address");
        *self.at(server) = Some(Running { child, address });
    }

    /// Sends a signal to a server.
    pub(super) fn signal(&self, server: usize, signal: Signal) {
        if let Some(running) = &*self.at(server) {
            send(&running.child.0, signal);
        }
    }

    fn query(&self, command: &str, words: &[(&str, &str)]) -> String {
        let own = [("apiKey", self.key.as_str()), ("command", command), ("response", "json")];
        let all = words.iter().chain(&own).map(|(name, word)| ((*name).into(), (*word).into()));
        let all: Vec<(String, String)> = all.collect();
        let signature = sign(&all, &self.secret, Algorithm::Sha1);
        let parts = all.iter().map(|(name, word)| format!("{name}={}", encode(word)));
        let mut parts: Vec<String> = parts.collect();
        parts.push(format!("signature={}", encode(&signature)));
        parts.join("&")
    }

    /// One request: the inner object of the answer, or what was said instead.
    fn ask(&self, server: usize, command: &str, words: &[(&str, &str)]) -> Said {
        let address = self.at(server).as_ref().map(|running| running.address);
        let Some(address) = address else { return Said::Away("it was killed".into()) };
        let stream = match TcpStream::connect_timeout(&address, Duration::from_secs(2)) {
            Ok(stream) => stream,
            Err(why) => return Said::Away(why.to_string()),
        };
        let path = format!("/client/api?{}", self.query(command, words));
        match exchange(stream, &path) {
            Ok((status, body)) => read(status, &body),
            Err(why) => Said::Unknown(why.to_string()),
        }
    }

    /// What became of a job, as any of the servers says. That it ended was known when the call
    /// was answered.
    fn job(&self, first: usize, id: &str) -> Said {
        let begun = Instant::now();
        let mut last = Said::Away("nobody was asked".into());
        for server in first.. {
            let server = server % self.stores.len();
            last = self.ask(server, "queryAsyncJobResult", &[("jobid", id)]);
            match &last {
                Said::Done(job) => return outcome(job),
                Said::Refused(_, text) if !text.contains("The store failed") => {
                    let again: Vec<_> = (0..self.stores.len())
                        .map(|other| self.ask(other, "queryAsyncJobResult", &[("jobid", id)]))
                        .map(|said| matches!(said, Said::Done(_)))
                        .collect();
                    let text = format!(
                        "the job {id} of server {first} is lost at server {server}, then there \
                         {again:?}: {text}"
                    );
                    return Said::Refused(431, text);
                }
                _ if begun.elapsed() > PATIENCE * 2 => break,
                _ => std::thread::park_timeout(Duration::from_millis(20)),
            }
        }
        last
    }
}

/// Sends a signal.
pub(super) fn send(child: &Child, signal: Signal) {
    let id = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    kill_process(id.expect("a process"), signal).expect("a process of ours");
}

impl Doors for Servers {
    fn count(&self) -> usize {
        self.stores.len()
    }

    fn call(&self, server: usize, command: &str, words: &[(&str, &str)]) -> (Said, Instant) {
        let said = self.ask(server, command, words);
        let end = Instant::now();
        let job = match &said {
            Said::Done(body) => body["jobid"].as_str().map(str::to_owned),
            _ => None,
        };
        (job.map_or(said, |id| self.job(server, &id)), end)
    }

    fn quiet(&self, server: usize) {
        let begun = Instant::now();
        let address = self.at(server).as_ref().map(|running| running.address);
        let is_quiet = |address: &SocketAddr| {
            let (_, text) = exchange(TcpStream::connect(address).ok()?, "/metrics").ok()?;
            text.lines().any(|line| line == "capuchin_requests_in_flight 0").then_some(())
        };
        while address.as_ref().and_then(is_quiet).is_none() {
            assert!(begun.elapsed() < PATIENCE * 2, "server {server} still does what it was told");
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }
}

fn exchange(mut stream: TcpStream, path: &str) -> std::io::Result<(u16, String)> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let broken = || std::io::Error::other(format!("half an answer: {answer:?}"));
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(broken)?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    Ok((status.ok_or_else(broken)?, body.to_owned()))
}

fn read(status: u16, body: &str) -> Said {
    let json = serde_json::from_str::<Json>(body).ok();
    let Some(inner) = json.as_ref().and_then(|json| json.as_object()?.values().next()) else {
        return Said::Unknown(format!("{status} and half an answer: {body}"));
    };
    if status == 200 {
        return Said::Done(inner.clone());
    }
    refused(status, inner["errortext"].as_str().unwrap_or_default().to_owned())
}

/// The outcome of a job that has ended.
fn outcome(job: &Json) -> Said {
    let result = &job["jobresult"];
    match job["jobstatus"].as_u64() {
        Some(1) => Said::Done(result.clone()),
        _ => {
            let code = result["errorcode"].as_u64().and_then(|code| u16::try_from(code).ok());
            let text = result["errortext"].as_str().unwrap_or_default();
            refused(code.unwrap_or_default(), text.to_owned())
        }
    }
}
