//! Our server on a world of its own: this very binary again as a worker.

use crate::cli::self_signed::certificate;
use crate::engine::{KeyPair, Vault, give_key, user_for_key};
use crate::model::Time;
use crate::schema::Fault;
use crate::sim::processes::{STORE, hear, spawn, tell};
use crate::sim::scratch::Scratch;
use crate::sim::{EPOCH, World};
use crate::text::Secret;
use crate::transport::front::Front;
use crate::transport::server::{Bound, Bounds, Clocks, Listen, serve};
use crate::transport::sign::Algorithm;
use crate::transport::{Attend, Remote, Server as There, Way};
use std::io::{BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::Duration;

const API_KEY: &str = "KEY";
const SECRET: &str = "s3cr3t ~+/";

/// A server that ends with this value.
pub(super) struct Server {
    child: Child,
    url: String,
    certificate: Option<PathBuf>,
    _scratch: Scratch,
}

impl Server {
    pub(super) fn http() -> Self {
        Self::start("http")
    }

    /// One that has a certificate of its own, which the client trusts.
    pub(super) fn https() -> Self {
        Self::start("https")
    }

    fn start(scheme: &str) -> Self {
        let scratch = Scratch::new();
        let mut child = spawn("sim::transports::server::worker", &scratch.file(scheme));
        let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
        let (word, address) = hear(&mut output).expect("an address");
        assert_eq!(word, "serving");
        let url = format!("{scheme}://{address}/client/api");
        let certificate = (scheme == "https").then(|| scratch.file("capuchin/tls-cert.pem"));
        Self { child, url, certificate, _scratch: scratch }
    }

    /// Our client to it.
    pub(super) fn client(&self, get: bool) -> Remote {
        let way = Way {
            url: self.url.clone(),
            get,
            verify: true,
            ca_cert: self.certificate.clone(),
            client_cert: None,
            client_key: None,
            proxy: None,
            timeout: Duration::from_mins(1),
        };
        let server = There {
            way,
            api_key: Some(API_KEY.to_owned()),
            login: None,
            algorithm: Algorithm::Sha1,
            job_limit: Duration::from_mins(1),
        };
        Remote::new(server, None, Box::new(Nobody))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have failed by itself, which the test has noticed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn now() -> Time {
    EPOCH
}

/// Serves until nobody holds the other end of standard input.
#[test]
fn worker() {
    let Some(path) = std::env::var_os(STORE) else { return };
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let world = World::sandbox();
    let vault = Vault::new([3; 32]);
    let sealed = vault.seal([4; 24], &Secret::new(SECRET), API_KEY).expect("a sealed secret");
    let key = KeyPair { api_key: API_KEY.to_owned(), secret: sealed };
    let give = move |tx: &mut crate::store::Tx| {
        let user = user_for_key(tx, "admin", None)?;
        give_key(tx, &user, &key, EPOCH).map_err(Fault::from)
    };
    world.engine.store().write(give).expect("keys for the admin");
    let front = Front::new(world.engine.clone(), vault, now, || Some([9; 64]));
    let here: SocketAddr = ([127, 0, 0, 1], 0).into();
    let is_https = Path::new(&path).ends_with("https");
    let listen = Listen {
        http: Some(here).filter(|_| !is_https),
        https: is_https.then(|| (here, certificate(here.ip()).expect("a certificate"))),
        integration: None,
    };
    let bounds = Bounds { connections: 64, per_client: 64 };
    let clocks = Clocks { started: EPOCH, ticks: || Duration::ZERO };
    let ready = |bound: Bound| {
        let address = bound.https.or(bound.http).expect("an address");
        tell("serving", &address.to_string());
    };
    serve(front, listen, bounds, clocks, ready).expect("a server");
}

/// Whoever does not mind to wait.
struct Nobody;

impl Attend for Nobody {
    fn now(&self) -> Time {
        EPOCH
    }

    fn secret_key(&self) -> Result<Secret, String> {
        Ok(Secret::new(SECRET))
    }

    fn password(&self) -> Result<Secret, String> {
        Err("nobody logs in here".to_owned())
    }

    fn code(&self) -> Result<Secret, String> {
        Err("nobody logs in here".to_owned())
    }

    fn session(&self) -> Option<String> {
        None
    }

    fn keep_session(&self, _session: Option<&str>) -> Result<(), String> {
        Ok(())
    }

    fn keep_apis(&self, _text: &str) -> Result<(), String> {
        Ok(())
    }

    fn interrupted(&self) -> bool {
        false
    }

    fn waiting(&self, _what: &str) {}

    fn waited(&self) {}
}
