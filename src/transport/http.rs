//! Requests to a server and its answers, as bytes. Only this file knows `reqwest` and `rustls`.

use std::error::Error;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::blocking::{Client, ClientBuilder, Response};
use reqwest::header::HeaderMap;
use reqwest::tls::TlsInfo;
use reqwest::{Certificate, Identity, NoProxy, Proxy, redirect};

/// How much of an answer is read at a time.
const PIECE: usize = 64 * 1024;

/// Where requests go and how.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    /// The address of the API.
    pub(crate) url: String,
    /// Whether parameters stand in the address instead of the body.
    pub(crate) get: bool,
    /// Whether the server must prove who it is.
    pub(crate) verify: bool,
    /// Certificates to trust in place of the system's.
    pub(crate) ca_cert: Option<PathBuf>,
    /// A certificate that shows who we are, and its key where that is a file of its own.
    pub(crate) client_cert: Option<PathBuf>,
    pub(crate) client_key: Option<PathBuf>,
    /// The proxy, in place of the one that the environment names.
    pub(crate) proxy: Option<String>,
    /// The longest time until an answer begins, and until more of it comes.
    pub(crate) timeout: Duration,
}

/// A connection, which is kept for further requests.
pub(crate) struct Wire {
    way: Way,
    client: Client,
}

/// What is sent.
#[derive(Clone, Default)]
pub(crate) struct Request {
    pub(crate) params: Vec<(String, String)>,
    /// The cookies of a session, as a header has them.
    pub(crate) cookies: String,
    /// Whether parameters must not stand in the address, whatever the way is.
    pub(crate) post: bool,
}

/// What came back first.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) status: u16,
    /// How many seconds the server wants us to stay away.
    pub(crate) retry_after: Option<u64>,
    /// The names and values of cookies.
    pub(crate) cookies: Vec<(String, String)>,
}

/// The rest of what comes back.
pub(crate) struct Rest(Response);

/// Nothing, or nothing whole, came back.
#[derive(Clone, Debug)]
pub(crate) struct Lost(pub(crate) String);

impl Wire {
    /// Makes ready; nothing is sent yet.
    pub(crate) fn new(way: Way) -> Result<Self, String> {
        let agent = concat!("capuchin/", env!("CARGO_PKG_VERSION"));
        // A redirect would carry a signed request to somebody else.
        let mut client = Client::builder()
            .user_agent(agent)
            .redirect(redirect::Policy::none())
            .tls_info(true)
            .connect_timeout(Duration::from_secs(10).min(way.timeout))
            .timeout(way.timeout);
        // There is one already when this is not the first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        if let Some(path) = &way.ca_cert {
            client = client.tls_certs_only(certificates(path)?);
        } else if !way.url.starts_with("https:") || !way.verify {
            // To read all that the system trusts takes longer than a request.
            client = client.tls_certs_only([]);
        }
        let client = through(identified(client, &way)?, &way)?;
        let client = client.tls_danger_accept_invalid_certs(!way.verify).build();
        let client = client.map_err(|why| format!("no connection can be made: {}", said(why)))?;
        Ok(Self { way, client })
    }

    /// Sends a request and reads the head of the answer.
    pub(crate) fn send(&self, request: &Request) -> Result<(Head, Rest), Lost> {
        let form: Vec<_> = request
            .params
            .iter()
            .map(|(name, value)| format!("{name}={}", super::sign::encode(value)))
            .collect();
        let form = form.join("&");
        let mut sent = if self.way.get && !request.post {
            self.client.get(format!("{}?{form}", self.way.url))
        } else {
            let kind = "application/x-www-form-urlencoded";
            self.client.post(&self.way.url).header("content-type", kind).body(form)
        };
        if !request.cookies.is_empty() {
            sent = sent.header("cookie", &request.cookies);
        }
        let answer = sent.send().map_err(|why| Lost(said(why)))?;
        let retry_after = answer.headers().get("retry-after");
        let head = Head {
            status: answer.status().as_u16(),
            retry_after: retry_after.and_then(|value| value.to_str().ok()?.parse().ok()),
            cookies: cookies(answer.headers()),
        };
        Ok((head, Rest(answer)))
    }
}

/// What a look at a server shows.
#[derive(Clone, Debug)]
pub(crate) struct Probe {
    pub(crate) status: u16,
    /// The time that the server says it is.
    pub(crate) date: Option<String>,
    /// Its certificate, in DER.
    pub(crate) certificate: Option<Vec<u8>>,
}

/// Asks a server for nothing, to see who answers.
pub(crate) fn probe(way: Way) -> Result<Probe, String> {
    let wire = Wire::new(way)?;
    let answer = wire.client.get(&wire.way.url).send().map_err(said)?;
    let date = answer.headers().get("date").and_then(|date| date.to_str().ok());
    let info = answer.extensions().get::<TlsInfo>();
    Ok(Probe {
        status: answer.status().as_u16(),
        date: date.map(str::to_owned),
        certificate: info.and_then(TlsInfo::peer_certificate).map(<[u8]>::to_vec),
    })
}

impl Rest {
    /// The next piece; nothing at the end.
    pub(crate) fn piece(&mut self) -> Result<Option<Vec<u8>>, Lost> {
        let mut piece = vec![0; PIECE];
        match self.0.read(&mut piece) {
            Ok(0) => Ok(None),
            Ok(length) => {
                piece.truncate(length);
                Ok(Some(piece))
            }
            Err(why) => match why.downcast::<reqwest::Error>() {
                Ok(why) => Err(Lost(said(why))),
                Err(why) => Err(Lost(why.to_string())),
            },
        }
    }
}

/// The cookies that an answer sets.
fn cookies(headers: &HeaderMap) -> Vec<(String, String)> {
    let lines = headers.get_all("set-cookie").into_iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.filter_map(|line| line.split(';').next()?.split_once('='));
    pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect()
}

/// Shows who we are, where a certificate says so.
fn identified(client: ClientBuilder, way: &Way) -> Result<ClientBuilder, String> {
    let Some(path) = &way.client_cert else { return Ok(client) };
    let mut text = contents("clientcert", path)?;
    if let Some(path) = &way.client_key {
        text.push(b'\n');
        text.append(&mut contents("clientkey", path)?);
    }
    let identity = Identity::from_pem(&text).map_err(|_| {
        let hint = if way.client_key.is_none() { "; does `clientkey` name its key?" } else { "" };
        format!(
            "clientcert: {} must be a certificate and its key in PEM, the key not \
             encrypted{hint}",
            path.display()
        )
    })?;
    Ok(client.identity(identity))
}

/// Goes through the proxy of the way; what the environment says of proxies counts else.
fn through(client: ClientBuilder, way: &Way) -> Result<ClientBuilder, String> {
    let Some(proxy) = &way.proxy else { return Ok(client) };
    let proxy = Proxy::all(proxy).map_err(|why| format!("proxy: {}", said(why)))?;
    Ok(client.proxy(proxy.no_proxy(NoProxy::from_env())))
}

fn contents(setting: &str, path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|why| format!("{setting}: {}: {why}", path.display()))
}

fn certificates(path: &Path) -> Result<Vec<Certificate>, String> {
    let wrong = |why: String| format!("cacert: {}: {why}", path.display());
    let text = contents("cacert", path)?;
    let found = Certificate::from_pem_bundle(&text).map_err(|why| wrong(why.to_string()))?;
    if found.is_empty() { Err(wrong("there is no certificate in it".into())) } else { Ok(found) }
}

/// What went wrong, without the address: parameters may stand in it.
fn said(why: reqwest::Error) -> String {
    if why.is_timeout() {
        return "no answer in time".to_owned();
    }
    let why = why.without_url();
    let mut deepest: &dyn Error = &why;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    let deepest = deepest.to_string();
    if why.is_connect() { format!("no connection: {deepest}") } else { deepest }
}
