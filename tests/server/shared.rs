//! Servers that share a database of a real MariaDB: how they get in, and what one tells the other.

use super::{Server, eventually};
use crate::harness::{Capuchin, Run};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A MariaDB in a folder of the test. Its database `ipam` is for the user `cloud`, whose password
/// is `s3cret pass`.
struct Maria {
    child: Child,
    dir: PathBuf,
    port: u16,
}

const PASSWORD: &str = "s3cret pass";

impl Maria {
    /// Starts it, with TLS where there are certificates in the folder.
    fn start(dir: &Path, tls: bool) -> Self {
        let data = format!("--datadir={}", dir.join("maria").display());
        let root = rustix::process::getuid().is_root().then_some("--user=root");
        let mut install = Command::new("mariadb-install-db");
        install.args(["--no-defaults", &data, "--skip-test-db"]).args(root).env("TMPDIR", dir);
        install.arg("--auth-root-authentication-method=normal");
        assert!(install.output().expect("mariadb-install-db").status.success());
        let init = dir.join("init.sql");
        let sql = format!(
            "CREATE DATABASE IF NOT EXISTS ipam;\n\
             GRANT ALL ON ipam.* TO cloud@'%' IDENTIFIED BY '{PASSWORD}';\n\
             GRANT ALL ON ipam.* TO cloud@localhost IDENTIFIED BY '{PASSWORD}';\n"
        );
        fs::write(&init, sql).expect("a file");
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        let file = |name: &str, path: &str| format!("--{name}={}", dir.join(path).display());
        let mut server = Command::new("mariadbd");
        server.args(["--no-defaults", &data, "--bind-address=127.0.0.1"]).args(root);
        server.args([&file("socket", "socket"), &file("init-file", "init.sql")]);
        server.args([&format!("--port={port}"), "--innodb-flush-log-at-trx-commit=0"]);
        if tls {
            server.args([&file("ssl-cert", "cert.pem"), &file("ssl-key", "key.pem")]);
            server.arg("--require-secure-transport=ON");
        }
        server.env("TMPDIR", dir).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = server.spawn().expect("mariadbd of the package mariadb-server");
        let this = Self { child, dir: dir.to_owned(), port };
        eventually("MariaDB starts", || {
            // The socket is there before the statements of the start have been run.
            std::os::unix::net::UnixStream::connect(this.dir.join("socket")).is_ok()
        });
        this
    }

    /// The store by its socket.
    fn store(&self) -> String {
        format!("mysql://cloud@localhost/ipam?socket={}", self.dir.join("socket").display())
    }
}

impl Drop for Maria {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A run on the store that lists the names of zones.
fn zones<'a>(capuchin: &'a Capuchin, store: &str) -> Run<'a> {
    capuchin.args(["--store", store, "list", "zones", "filter=name", "-o", "csv"])
}

const ZONES: &str = "name\nsandbox\n";

#[test]
fn a_password_comes_from_a_file_a_command_the_environment_or_a_profile() {
    let capuchin = Capuchin::new();
    let maria = Maria::start(capuchin.dir(), false);
    let store = maria.store();
    fs::write(capuchin.dir().join("pass"), format!("{PASSWORD}\n")).unwrap();
    let with = |more: &str| zones(&capuchin, &format!("{store}{more}"));
    with("&password-file=$DIR/pass").stdout(ZONES).stderr_has("").check();
    with("&password-command=echo s3cret pass").stdout(ZONES).check();
    with("").env("CAPUCHIN_STORE_PASSWORD", PASSWORD).stdout(ZONES).check();
    capuchin
        .args(["profile", "add", "db", &format!("store={store}"), "password_file=$DIR/pass"])
        .stderr_has("")
        .check();
    capuchin.run("-p db list zones filter=name -o csv").stdout(ZONES).check();
    let refused = with("").env("CAPUCHIN_STORE_PASSWORD", "hunter2").status(4);
    refused.stderr_has("the database server does not let us in").check();
    with("").status(4).stderr_has("check user, password and database").check();
    with("&password-file=$DIR/nope").status(4).stderr_has("password_file: $DIR/nope").check();
    drop(maria);
    let away = "error: the database server cannot be reached";
    with("&password-file=$DIR/pass").status(4).stderr_has(away).check();
    let serve = ["--store", &store, "serve", "--listen", "127.0.0.1:0"];
    capuchin.args(serve).status(4).stderr_has(away).check();
}

#[test]
fn a_server_proves_who_it_is_by_a_certificate() {
    let capuchin = Capuchin::new();
    let made = |name: &str| {
        let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        (made.cert.pem(), made.signing_key.serialize_pem())
    };
    let (cert, key) = made("localhost");
    for (name, text) in
        [("cert.pem", &cert), ("key.pem", &key), ("other.pem", &made("localhost").0)]
    {
        fs::write(capuchin.dir().join(name), text).unwrap();
    }
    let maria = Maria::start(capuchin.dir(), true);
    let by = |host: &str, more: &str| {
        let store = format!("mysql://cloud@{host}:{}/ipam{more}", maria.port);
        zones(&capuchin, &store).env("CAPUCHIN_STORE_PASSWORD", PASSWORD)
    };
    by("localhost", "?ca=$DIR/cert.pem").stdout(ZONES).stderr_has("").check();
    let refused = "error: the database server does not prove who it is";
    by("localhost", "?ca=$DIR/other.pem").status(4).stderr_has(refused).check();
    by("127.0.0.1", "?ca=$DIR/cert.pem").status(4).stderr_has(refused).check();
    by("localhost", "?ca=$DIR/nope.pem").status(4).stderr_has("nope.pem").check();
    by("localhost", "").status(4).stderr_has("error: ").check();
}

#[test]
fn what_one_server_is_told_the_others_know() {
    let capuchin = Capuchin::new();
    let maria = Maria::start(capuchin.dir(), false);
    fs::write(capuchin.dir().join("pass"), PASSWORD).unwrap();
    let store = format!("{}&password-file={}/pass", maria.store(), capuchin.dir().display());
    let run = |line: &str| capuchin.run(line).env("CAPUCHIN_STORE", &store);
    let keys = run("keys create --user admin --format json").stderr_has("").json();
    run("passwd admin").stdin("right\n").check();
    let text = |name: &str| keys[name].as_str().unwrap().to_owned();
    let start = || {
        let mut running = run("serve --listen 127.0.0.1:0").spawn();
        let line = running.line();
        let address = line.strip_prefix("serving http://").and_then(|url| url.split_once('/'));
        let address = address.unwrap().0.to_owned();
        let (key, secret) = (text("key"), text("secret"));
        Server { running, caller: super::Caller { address, key, secret } }
    };
    let (one, two) = (start(), start());
    // A session begins here and goes on there; it ends there, and is over here.
    let login = "/client/api?command=login&response=json";
    let body = "username=admin&password=right";
    let answer = one.connect().post(login, body);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let key = answer.inner()["sessionkey"].as_str().unwrap().to_owned();
    let cookies: Vec<_> =
        answer.head.lines().filter_map(|line| line.strip_prefix("set-cookie: ")).collect();
    let cookies: Vec<_> = cookies.iter().filter_map(|cookie| cookie.split(';').next()).collect();
    let lines = format!("Cookie: {}\r\n", cookies.join("; "));
    let call = |server: &Server<'_>, command: &str| {
        let target = format!("/client/api?command={command}&response=json&sessionkey={key}");
        server.connect().get_with(&target, &lines).status
    };
    assert_eq!((call(&one, "listZones"), call(&two, "listZones")), (200, 200));
    assert_eq!(call(&two, "logout"), 200);
    assert_eq!((call(&one, "listZones"), call(&two, "listZones")), (401, 401));
    // A job of one is known to the other, and so is what it made.
    let network = one.network();
    let job = one.ok("associateIpAddress", &[("networkid", &network)]);
    let job = job["jobid"].as_str().unwrap().to_owned();
    assert_eq!(two.ok("queryAsyncJobResult", &[("jobid", &job)])["jobstatus"], 1);
    assert_eq!(two.ok("listPublicIpAddresses", &[])["count"], 1);
    // A setting counts at the other one at once.
    let setting = [("name", "api.allowed.source.cidr.list"), ("value", "192.0.2.0/24")];
    two.ok("updateConfiguration", &setting);
    assert_eq!(one.get("listZones", &[]).status, 401);
    let metrics = two.metrics();
    assert!(metrics.contains("capuchin_store_connections{state=\"open\"}"), "{metrics}");
}
