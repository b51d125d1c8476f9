//! Ways to a server: TLS, proxies, terminals, and more than one of us at a time.

use super::script::{Script, Wire, json as body};
use super::{ZONE, against, create_vpc, zones};
use crate::harness::Capuchin;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rexpect::session::spawn_with_options;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use serde_json::json;
use std::fs;
use std::sync::Arc;

/// Somebody who gives certificates.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// A certificate for this name, and its key.
    fn give(&self, name: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.signed_by(&key, &self.issuer).unwrap().pem(), key.serialize_pem())
    }
}

/// A server that shows this certificate and lets in who shows one of `clients`, if that is given.
fn server(certificate: (String, String), clients: Option<&Authority>) -> Script {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(Arc::clone(&provider));
    let config = config.with_safe_default_protocol_versions().unwrap();
    let config = match clients {
        None => config.with_no_client_auth(),
        Some(clients) => {
            let mut roots = RootCertStore::empty();
            roots.add(CertificateDer::from_pem_slice(clients.pem.as_bytes()).unwrap()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            config.with_client_cert_verifier(verifier.build().unwrap())
        }
    };
    let chain = vec![CertificateDer::from_pem_slice(certificate.0.as_bytes()).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(certificate.1.as_bytes()).unwrap();
    let config = Arc::new(config.with_single_cert(chain, key).unwrap());
    let replies = std::iter::repeat_n(body(200, zones()), 9);
    Script::over("https", replies, move |stream| -> Box<dyn Wire> {
        let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
        Box::new(StreamOwned::new(connection, stream))
    })
}

/// Adds a profile of the server with these settings more.
fn add(capuchin: &Capuchin, server: &Script, settings: &[&str]) {
    let url = format!("url={}", server.url());
    let words = ["profile", "add", "p", &url, "apikey=K", "secretkey=S"];
    let words = words.into_iter().chain(settings.iter().copied());
    capuchin.args(words).stderr_has("Added").check();
}

#[test]
fn a_server_must_prove_who_it_is() {
    let (ours, other) = (Authority::new(), Authority::new());
    let right = || server(ours.give("127.0.0.1"), None);
    let elsewhere = || server(ours.give("cloud.example"), None);
    for (server, settings, accepted) in [
        (right(), &["cacert=$DIR/ours.pem"][..], true),
        (right(), &[], false),
        (right(), &["cacert=$DIR/other.pem"], false),
        (elsewhere(), &["cacert=$DIR/ours.pem"], false),
    ] {
        let capuchin = Capuchin::new();
        fs::write(capuchin.dir().join("ours.pem"), &ours.pem).unwrap();
        fs::write(capuchin.dir().join("other.pem"), &other.pem).unwrap();
        add(&capuchin, &server, settings);
        if accepted {
            capuchin.run("list zones").stdout_has(ZONE).check();
        } else {
            capuchin.run("list zones").stderr_has("certificate").status(4).check();
            assert_eq!(server.requests().len(), 0);
        }
    }
}

#[test]
fn who_does_not_verify_is_warned() {
    let (capuchin, server) = (Capuchin::new(), server(Authority::new().give("x.example"), None));
    add(&capuchin, &server, &["verifycert=false"]);
    let warning = "warning: verifycert=false: anybody may pose as the server\n";
    capuchin.run("list zones").stdout_has(ZONE).stderr(warning).check();
}

#[test]
fn a_server_may_want_to_know_who_we_are() {
    let (authority, clients) = (Authority::new(), Authority::new());
    let server = server(authority.give("127.0.0.1"), Some(&clients));
    let capuchin = Capuchin::new();
    let (certificate, key) = clients.give("us");
    let write = |name: &str, text: &str| fs::write(capuchin.dir().join(name), text).unwrap();
    write("ca.pem", &authority.pem);
    write("us.pem", &certificate);
    write("us.key", &key);
    write("both.pem", &(certificate.clone() + &key));
    add(&capuchin, &server, &["cacert=$DIR/ca.pem"]);
    capuchin.run(&create_vpc()).stderr_has(server.url()).status(4).check();
    assert_eq!(server.requests().len(), 0);
    let edit = |settings: &str| {
        capuchin.run(&format!("profile edit p {settings}")).stderr_has("Changed").check();
    };
    edit("clientcert=$DIR/us.pem");
    capuchin.run("list zones").stderr_has("does `clientkey` name its key?").status(4).check();
    edit("clientkey=$DIR/us.key");
    capuchin.run("list zones").stdout_has(ZONE).check();
    edit("clientcert=$DIR/both.pem clientkey=");
    capuchin.run("list zones").stdout_has(ZONE).check();
    edit("clientcert=$DIR/none.pem");
    capuchin.run("list zones").stderr_has("clientcert: $DIR/none.pem: No such").status(4).check();
}

#[test]
fn a_proxy_is_gone_through() {
    let (capuchin, proxy) = (Capuchin::new(), Script::new(vec![body(200, zones()); 2]));
    let proxy_url = proxy.url().trim_end_matches("/client/api").to_owned();
    let url = "http://cloud.invalid/client/api";
    let run = || capuchin.run(&format!("-u {url} -k K -s S list zones"));
    run().env("http_proxy", &proxy_url).stdout_has(ZONE).check();
    assert!(proxy.requests()[0].line.starts_with(&format!("POST {url} HTTP")));
    let setting = format!("proxy={proxy_url}");
    capuchin
        .args([
            "profile",
            "add",
            "p",
            "url=http://cloud.invalid",
            &setting,
            "apikey=K",
            "secretkey=S",
        ])
        .stderr_has("Added")
        .check();
    capuchin.run("list zones").stdout_has(ZONE).check();
    assert_eq!(proxy.requests().len(), 2);
    let refused = capuchin.run("profile edit p proxy=http://u:hunter2@h");
    refused.stderr_has("proxy: a URL must have no user and password").status(2).check();
}

#[test]
fn what_is_waited_for_is_shown_on_a_terminal_only() {
    let capuchin = Capuchin::new();
    let started = json!({"createvpcresponse": {"id": ZONE, "jobid": "job-1"}});
    let query = |json: serde_json::Value| body(200, json!({"queryasyncjobresultresponse": json}));
    let pending = std::iter::repeat_n(query(json!({"jobstatus": 0})), 3);
    let done = query(json!({"jobstatus": 1, "jobresult": {"vpc": {"id": ZONE}}}));
    let replies = [body(200, started)].into_iter().chain(pending).chain([done]);
    let replies: Vec<_> = replies.collect();
    let server = Script::new(replies.clone());
    let mut command = against(&capuchin, &server, &create_vpc()).command();
    command.env("TERM", "xterm");
    let options = rexpect::reader::Options::new().timeout_ms(Some(30_000));
    let mut terminal = spawn_with_options(command, options).unwrap();
    terminal.exp_string("job job-1").unwrap();
    terminal.exp_string(ZONE).unwrap();
    // Without one, nothing at all is said.
    let server = Script::new(replies);
    against(&capuchin, &server, &create_vpc()).stdout_has(ZONE).check();
}

fn apis(names: &[&str]) -> super::script::Reply {
    let apis: Vec<_> = names
        .iter()
        .map(|name| {
            json!({"name": name, "description": "Lists widgets.", "isasync": false, "params": [],
                "response": [{"name": "id", "type": "string", "description": "its id"}]})
        })
        .collect();
    body(200, json!({"listapisresponse": {"count": apis.len(), "api": apis}}))
}

#[test]
fn a_shell_learns_the_apis_and_has_them_at_once() {
    let capuchin = Capuchin::new();
    let widgets = json!({"listwidgetsresponse": {"count": 1, "widget": [{"id": "7"}]}});
    let server = Script::new([apis(&["listWidgets"]), body(200, widgets)]);
    against(&capuchin, &server, "-o csv")
        .stdin("sync\nlist widgets\n")
        .stdout("id\n7\n")
        .stderr("The server has 1 API.\n")
        .check();
    capuchin.run("").stdin("sync\n").stderr_has("no server to learn from").status(2).check();
}

#[test]
fn two_who_learn_at_once_tear_nothing() {
    let capuchin = Capuchin::new();
    let names: Vec<_> = (0..400).map(|n| format!("list{}s", "X".repeat(1 + n % 40))).collect();
    let names: Vec<_> = names.iter().map(String::as_str).chain(["listWidgets"]).collect();
    for _ in 0..5 {
        let server = Script::new(vec![apis(&names); 4]);
        let run = || against(&capuchin, &server, "sync").spawn();
        for mut running in [run(), run(), run(), run()] {
            assert_eq!(running.wait(), Some(0), "{}", running.stderr());
        }
        against(&capuchin, &server, "help list widgets").stdout_has("Lists widgets").check();
    }
}
