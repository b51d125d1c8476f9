//! `MariaDB` servers that are killed, stopped and cut off, alone or as the nodes of a cluster.

use crate::sim::cluster::processes::send;
use crate::sim::databases::server;
use crate::sim::scratch::Scratch;
use crate::store::{Db, MariaDb, Server, StoreError};
use rustix::process::Signal;
use std::fs::File;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The database of the store.
pub(super) const DATABASE: &str = "capuchin";

/// Servers with one content: one, or a Galera cluster of several.
pub(super) struct Nodes {
    nodes: Vec<Node>,
    scratch: Scratch,
}

struct Node {
    child: Option<Child>,
    /// Where the others of the cluster find it, where they send it what it lacks, and where all.
    ports: Option<[u16; 3]>,
}

/// How long a node may take to start, with the content of another one.
const PATIENCE: Duration = Duration::from_mins(1);

impl Nodes {
    /// Starts so many; more than one are a cluster.
    pub(super) fn start(count: usize) -> Self {
        let scratch = Scratch::new();
        let ports = |_| (count > 1).then(free_ports);
        let nodes = (0..count).map(|at| Node { child: None, ports: ports(at) }).collect();
        let mut this = Self { nodes, scratch };
        for node in 0..count {
            this.install(node);
            this.launch(node, node == 0);
            this.ready(node);
        }
        this.tell(0, "mysql", &format!("CREATE DATABASE {DATABASE}")).expect("a database");
        this
    }

    pub(super) fn count(&self) -> usize {
        self.nodes.len()
    }

    /// The store as the program is told of it.
    pub(super) fn store(&self, node: usize) -> String {
        let socket = self.socket(node).display().to_string();
        format!("mysql://root@localhost/{DATABASE}?socket={socket}&connect-timeout=2")
    }

    /// The same as the driver knows it.
    pub(super) fn server(&self, node: usize) -> Server {
        server(&self.socket(node), DATABASE)
    }

    /// Kills a node.
    pub(super) fn kill(&mut self, node: usize) {
        if let Some(mut child) = self.nodes[node].child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Starts a node that was killed.
    pub(super) fn again(&mut self, node: usize) {
        self.launch(node, false);
        self.ready(node);
    }

    /// Stops a node, or lets it go on.
    pub(super) fn signal(&self, node: usize, signal: Signal) {
        if let Some(child) = &self.nodes[node].child {
            send(child, signal);
        }
    }

    /// Cuts a node off from the others, or joins it again: Galera then drops all that it would
    /// send to them or hears from them, without closing anything.
    pub(super) fn cut(&self, node: usize, is_cut: bool) {
        let sql =
            format!("SET GLOBAL wsrep_provider_options = 'gmcast.isolate={}'", i32::from(is_cut));
        let begun = Instant::now();
        // A node that is joining again may make it wait.
        while let Err(why) = self.tell(node, "mysql", &sql) {
            assert!(begun.elapsed() < PATIENCE, "node {node} does not listen: {why}");
            std::thread::park_timeout(Duration::from_millis(50));
        }
    }

    /// Waits until a node takes part.
    pub(super) fn ready(&self, node: usize) {
        let begun = Instant::now();
        loop {
            let why = match self.state(node) {
                Ok(true) => return,
                Ok(false) => "it does not take part".to_owned(),
                Err(why) => why.to_string(),
            };
            if begun.elapsed() > PATIENCE {
                let log = std::fs::read_to_string(self.file(node, "log")).unwrap_or_default();
                let lines: Vec<_> = log.lines().rev().take(40).collect();
                panic!("node {node} does not start: {why}: {lines:#?}");
            }
            std::thread::park_timeout(Duration::from_millis(50));
        }
    }

    fn state(&self, node: usize) -> Result<bool, StoreError> {
        let mut db = MariaDb::open(&server(&self.socket(node), "mysql"))?;
        if self.nodes[node].ports.is_none() {
            return db.script("SELECT 1").map(|()| true);
        }
        let mut all = 0;
        for sql in [
            "SHOW STATUS WHERE Variable_name = 'wsrep_local_state_comment' AND Value = 'Synced'",
            "SHOW STATUS WHERE Variable_name = 'wsrep_cluster_status' AND Value = 'Primary'",
        ] {
            db.each(sql, &[], &mut |_| {
                all += 1;
                Ok(true)
            })?;
        }
        Ok(all == 2)
    }

    fn tell(&self, node: usize, database: &str, sql: &str) -> Result<(), StoreError> {
        MariaDb::open(&server(&self.socket(node), database))?.script(sql)
    }

    fn socket(&self, node: usize) -> PathBuf {
        self.file(node, "socket")
    }

    fn file(&self, node: usize, name: &str) -> PathBuf {
        self.scratch.file(&format!("{name}{node}"))
    }

    fn install(&self, node: usize) {
        let data = self.file(node, "data");
        // Servers remove each other's temporary tables where they share a directory for them.
        std::fs::create_dir_all(self.file(node, "tmp")).expect("a directory");
        if let Some(user) = as_whom() {
            let all = self.scratch.file("");
            let mut own = Command::new("chown");
            let status = own.arg("-R").arg(user).arg(all).status().expect("chown");
            assert!(status.success(), "the user {user} of the package mariadb-server");
        }
        let mut install = Command::new("mariadb-install-db");
        install.args(["--no-defaults", "--auth-root-authentication-method=normal"]);
        install.env("TMPDIR", self.file(node, "tmp"));
        install.arg("--skip-test-db").arg(format!("--datadir={}", data.display()));
        install.args(as_whom().map(|user| format!("--user={user}")));
        let output = install.output().expect("mariadb-install-db of the package mariadb-server");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn launch(&mut self, node: usize, is_first: bool) {
        let log = File::options().append(true).create(true).open(self.file(node, "log"));
        let mut server = Command::new("mariadbd");
        server.args(["--no-defaults", "--skip-networking", "--max-connections=1000"]);
        server.args(["--innodb-buffer-pool-size=32M", "--innodb-log-file-size=16M"]);
        server.args(as_whom().map(|user| format!("--user={user}")));
        server.arg(format!("--datadir={}", self.file(node, "data").display()));
        server.arg(format!("--socket={}", self.socket(node).display()));
        server.arg(format!("--pid-file={}", self.file(node, "pid").display()));
        server.env("TMPDIR", self.file(node, "tmp")).args(self.in_cluster(node, is_first));
        server.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log.expect("a log"));
        let child = server.spawn().expect("mariadbd of the package mariadb-server");
        self.nodes[node].child = Some(child);
    }

    /// What makes a server a node: it names the others, and gives up on silent ones soon.
    fn in_cluster(&self, node: usize, is_first: bool) -> Vec<String> {
        let Some([group, missing, all]) = self.nodes[node].ports else { return Vec::new() };
        let others = self.nodes.iter().enumerate().filter(|(at, _)| *at != node && !is_first);
        let others = others.filter_map(|(_, node)| Some(format!("127.0.0.1:{}", node.ports?[0])));
        let others: Vec<String> = others.collect();
        let mut options = vec![
            "--binlog-format=ROW".into(),
            "--innodb-autoinc-lock-mode=2".into(),
            "--wsrep-on=ON".into(),
            "--wsrep-provider=/usr/lib/galera/libgalera_smm.so".into(),
            "--wsrep-cluster-name=capuchin".into(),
            "--wsrep-sst-method=rsync".into(),
            format!("--wsrep-node-address=127.0.0.1:{group}"),
            format!("--wsrep-cluster-address=gcomm://{}", others.join(",")),
            format!("--wsrep-sst-receive-address=127.0.0.1:{all}"),
            format!(
                "--wsrep-provider-options=gmcast.listen_addr=tcp://127.0.0.1:{group};\
                 ist.recv_addr=127.0.0.1:{missing};gcache.size=16M;evs.keepalive_period=PT0.3S;\
                 evs.suspect_timeout=PT1S;evs.inactive_timeout=PT2S;\
                 evs.inactive_check_period=PT0.2S;evs.install_timeout=PT2S"
            ),
        ];
        options.extend(is_first.then(|| "--wsrep-new-cluster".into()));
        options
    }
}

impl Drop for Nodes {
    fn drop(&mut self) {
        (0..self.nodes.len()).for_each(|node| self.kill(node));
    }
}

/// Ports that nobody listens on.
fn free_ports() -> [u16; 3] {
    let listeners = [(); 3].map(|()| TcpListener::bind("127.0.0.1:0").expect("a port"));
    listeners.map(|listener| listener.local_addr().expect("an address").port())
}

/// A server does not run as root, and what fetches the content of another one cannot.
fn as_whom() -> Option<&'static str> {
    rustix::process::getuid().is_root().then_some("mysql")
}
