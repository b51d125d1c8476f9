//! HTTPS: the certificate that is served, who trusts it, and how it is changed.

use super::http::{Connection, stream_to};
use super::{Server, eventually};
use crate::harness::{Capuchin, Running};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

type Tls = StreamOwned<ClientConnection, TcpStream>;

/// Makes a certificate of its own and its key in a folder; the certificate's text.
fn make(dir: &Path) -> String {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    fs::write(dir.join("cert.pem"), made.cert.pem()).unwrap();
    fs::write(dir.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    fs::set_permissions(dir.join("key.pem"), fs::Permissions::from_mode(0o600)).unwrap();
    made.cert.pem()
}

const FILES: &str = "--tls-listen 127.0.0.1:0 --tls-cert $DIR/cert.pem --tls-key $DIR/key.pem";

/// The address after `serving https://`.
fn https(running: &mut Running<'_>) -> String {
    let line = running.line();
    let address = line.strip_prefix("serving https://").and_then(|rest| rest.split_once('/'));
    address.unwrap_or_else(|| panic!("{line}")).0.to_owned()
}

/// A client that trusts this certificate and no other.
fn config(trusted: &str) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(trusted.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    Arc::new(config.unwrap().with_root_certificates(roots).with_no_client_auth())
}

/// A connection over TLS, or why there is none.
fn connect(address: &str, trusted: &str) -> Result<Connection<Tls>, String> {
    let name = ServerName::try_from("localhost").unwrap();
    let mut client = ClientConnection::new(config(trusted), name).unwrap();
    let mut stream = stream_to(address);
    client.complete_io(&mut stream).map_err(|why| why.to_string())?;
    Ok(Connection::over(StreamOwned::new(client, stream)))
}

#[test]
fn https_is_served_beside_http_to_those_who_trust_the_certificate() {
    let capuchin = Capuchin::new();
    let pem = make(capuchin.dir());
    let mut server = Server::with(&capuchin, FILES);
    let address = https(&mut server.running);
    let query = server.query("listZones", &[]);
    let mut connection = connect(&address, &pem).unwrap();
    for _ in 0..2 {
        assert_eq!(connection.get(&format!("/client/api?{query}")).status, 200);
    }
    assert_eq!(server.get("listZones", &[]).status, 200);

    let port = address.rsplit_once(':').unwrap().1;
    let add = |name: &str, url: &str, ca: &str| {
        let (url, key) = (format!("url={url}"), format!("apikey={}", server.key));
        let ca = format!("cacert=$DIR/{ca}");
        let words = ["profile", "add", name, &url, &key, "secretkey=-", &ca];
        capuchin.args(words).stdin(&server.secret).stderr_has("").check();
    };
    add("right", &format!("https://localhost:{port}"), "cert.pem");
    let listed = capuchin.run("-p right list zones filter=name -o csv");
    listed.stdout("name\nsandbox\n").check();
    let other = capuchin.dir().join("other");
    fs::create_dir(&other).unwrap();
    make(&other);
    add("wrong", &format!("https://localhost:{port}"), "other/cert.pem");
    capuchin.run("-p wrong list zones").stderr_has("certificate").status(4).check();
    add("name", &format!("https://127.0.0.1:{port}"), "cert.pem");
    capuchin.run("-p name list zones").stderr_has("certificate").status(4).check();
    let text = server.metrics();
    assert!(text.contains("capuchin_connections_refused_total{reason=\"handshake\"} "), "{text}");
}

#[test]
fn cookies_are_secure_where_the_connection_is() {
    let capuchin = Capuchin::new();
    let pem = make(capuchin.dir());
    capuchin.run("passwd admin").stdin("word\n").stderr_has("").check();
    let mut server = Server::with(&capuchin, &format!("{FILES} --trusted-proxy 127.0.0.1"));
    let address = https(&mut server.running);
    let form = "command=login&username=admin&password=word&response=json";
    let cookies = |head: &str| -> Vec<String> {
        head.lines()
            .filter_map(|line| line.strip_prefix("set-cookie: "))
            .map(String::from)
            .collect()
    };
    let login = connect(&address, &pem).unwrap().post("/client/api", form);
    let over_tls = cookies(&login.head);
    assert!(over_tls.len() == 2 && over_tls.iter().all(|c| c.ends_with("; Secure")), "{login:?}");
    let login = server.connect().post("/client/api", form);
    assert!(cookies(&login.head).iter().all(|cookie| !cookie.contains("Secure")), "{login:?}");
    let login = server.connect().post_with("/client/api", form, "X-Forwarded-Proto: https\r\n");
    assert!(cookies(&login.head).iter().all(|cookie| cookie.ends_with("; Secure")), "{login:?}");
}

#[test]
fn a_signal_has_the_certificate_read_anew_and_a_wrong_one_changes_nothing() {
    let capuchin = Capuchin::new();
    let old = make(capuchin.dir());
    let mut server = Server::with(&capuchin, FILES);
    let address = https(&mut server.running);
    let mut before = connect(&address, &old).unwrap();
    assert_eq!(before.get("/healthz").status, 200);

    fs::write(capuchin.dir().join("cert.pem"), "nonsense").unwrap();
    server.running.signal("HUP");
    let said =
        "the certificate stays as it was: --tls-cert: $DIR/cert.pem: there is no certificate";
    eventually("the log says what is wrong", || server.running.stderr().contains(said));
    assert_eq!(connect(&address, &old).unwrap().get("/healthz").status, 200);

    let new = make(capuchin.dir());
    server.running.signal("HUP");
    eventually("the new certificate", || connect(&address, &new).is_ok());
    assert!(connect(&address, &old).is_err());
    assert_eq!(before.get("/healthz").status, 200);
    server.running.signal("TERM");
    assert_eq!(server.running.wait(), Some(0));
}

#[test]
fn a_server_without_certificate_survives_the_signal() {
    let capuchin = Capuchin::new();
    let server = Server::new(&capuchin);
    server.running.signal("HUP");
    let said = "there is no certificate to read anew";
    eventually("the log says so", || server.running.stderr().contains(said));
    assert_eq!(server.get("listZones", &[]).status, 200);
}

#[test]
fn a_certificate_for_trying_out_is_made_once() {
    let capuchin = Capuchin::new();
    let mut seen = Vec::new();
    for _ in 0..2 {
        let options = "--listen none --self-signed --tls-listen 127.0.0.1:0";
        let mut running = capuchin.run(&format!("serve {options}")).spawn();
        let address = https(&mut running);
        let dir = capuchin.dir().join("data/capuchin");
        for name in ["tls-cert.pem", "tls-key.pem"] {
            let mode = fs::metadata(dir.join(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
        let pem = fs::read_to_string(dir.join("tls-cert.pem")).unwrap();
        assert_eq!(connect(&address, &pem).unwrap().get("/healthz").status, 200);
        let log = running.stderr();
        assert!(log.contains("cacert=$DIR/data/capuchin/tls-cert.pem"), "{log}");
        let digest = log.split("sha256=\"").nth(1).and_then(|rest| rest.split('"').next());
        assert_eq!(digest.unwrap().len(), 32 * 3 - 1, "{log}");
        seen.push((pem, digest.unwrap().to_owned()));
        running.signal("TERM");
        assert_eq!(running.wait(), Some(0));
    }
    assert_eq!(seen[0], seen[1]);
}

#[test]
fn who_does_not_shake_hands_keeps_nobody_waiting() {
    let capuchin = Capuchin::new();
    let pem = make(capuchin.dir());
    let mut server = Server::with(&capuchin, FILES);
    let address = https(&mut server.running);
    let silent: Vec<_> = (0..100).map(|_| stream_to(&address)).collect();
    let mut plain = Connection::over(stream_to(&address));
    plain.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert!(plain.answer().is_none());
    for _ in 0..5 {
        assert_eq!(connect(&address, &pem).unwrap().get("/healthz").status, 200);
    }
    drop(silent);
    server.running.signal("TERM");
    assert_eq!(server.running.wait(), Some(0));
}

#[test]
fn what_is_wrong_with_the_files_is_said() {
    let capuchin = Capuchin::new();
    let dir = capuchin.dir();
    make(dir);
    let fails = |line: &str, said: &str| {
        let line = format!("serve --listen none --tls-listen 127.0.0.1:0 {line}");
        capuchin.run(&line).stderr_has(said).status(4).check();
    };
    fails("--tls-cert $DIR/no --tls-key $DIR/key.pem", "--tls-cert: $DIR/no: No such file");
    fails("--tls-cert $DIR/cert.pem --tls-key $DIR/no", "--tls-key: $DIR/no: No such file");
    fails("--tls-cert $DIR/key.pem --tls-key $DIR/key.pem", "there is no certificate in PEM");
    fails("--tls-cert $DIR/cert.pem --tls-key $DIR/cert.pem", "there is no private key in PEM");
    fs::create_dir(dir.join("other")).unwrap();
    make(&dir.join("other"));
    let said = "--tls-key: $DIR/other/key.pem is not the key of the certificate in $DIR/cert.pem";
    fails("--tls-cert $DIR/cert.pem --tls-key $DIR/other/key.pem", said);
    let sealed =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    fs::write(dir.join("sealed.pem"), sealed).unwrap();
    fails("--tls-cert $DIR/cert.pem --tls-key $DIR/sealed.pem", "the key is encrypted");
    let line = "serve --listen none";
    capuchin.run(line).stderr_has("add --tls-cert and --tls-key").status(2).check();

    fs::set_permissions(dir.join("key.pem"), fs::Permissions::from_mode(0o644)).unwrap();
    let server = Server::with(&capuchin, FILES);
    let said = "everybody on this machine can read the key $DIR/key.pem";
    assert!(server.running.stderr().contains(said), "{}", server.running.stderr());
}
