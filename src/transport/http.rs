//! Requests to a server and its answers, as bytes. Only this file knows `reqwest` and `rustls`.

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use reqwest::blocking::Client;
use reqwest::tls::TlsInfo;
use reqwest::{Certificate, redirect};

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
    /// The longest time until the whole answer is there.
    pub(crate) timeout: Duration,
}

/// A connection, which is kept for further requests.
pub(crate) struct Wire {
    way: Way,
    client: Client,
}

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Raw {
    pub(crate) status: u16,
    /// How many seconds the server wants us to stay away.
    pub(crate) retry_after: Option<u64>,
    pub(crate) body: Vec<u8>,
}

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
        let client = client.tls_danger_accept_invalid_certs(!way.verify).build();
        let client = client.map_err(|why| format!("no connection can be made: {}", said(why)))?;
        Ok(Self { way, client })
    }

    /// Sends a request and reads the whole answer.
    pub(crate) fn send(&self, params: &[(String, String)]) -> Result<Raw, Lost> {
        let form: Vec<_> = params
            .iter()
            .map(|(name, value)| format!("{name}={}", super::sign::encode(value)))
            .collect();
        let form = form.join("&");
        let request = if self.way.get {
            self.client.get(format!("{}?{form}", self.way.url))
        } else {
            let kind = "application/x-www-form-urlencoded";
            self.client.post(&self.way.url).header("content-type", kind).body(form)
        };
        let answer = request.send().map_err(|why| Lost(said(why)))?;
        let status = answer.status().as_u16();
        let retry_after = answer.headers().get("retry-after");
        let retry_after = retry_after.and_then(|value| value.to_str().ok()?.parse().ok());
        let body = answer.bytes().map_err(|why| Lost(said(why)))?.to_vec();
        Ok(Raw { status, retry_after, body })
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

fn certificates(path: &PathBuf) -> Result<Vec<Certificate>, String> {
    let wrong = |why: String| format!("cacert: {}: {why}", path.display());
    let text = fs::read(path).map_err(|why| wrong(why.to_string()))?;
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
